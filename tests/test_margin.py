"""The losses of the margin against closed values, finite differences and loops."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from descent import margin as mg
from descent.linear import design_matrix

LOSSES = {
    mg.zero_one: mg.zero_one_derivative,
    mg.hinge: mg.hinge_derivative,
    mg.squared_hinge: mg.squared_hinge_derivative,
    mg.logistic: mg.logistic_derivative,
}
SMOOTH = [mg.squared_hinge, mg.logistic]
each_loss = pytest.mark.parametrize("loss", LOSSES, ids=lambda f: f.__name__)


@pytest.fixture
def data():
    rng = np.random.default_rng(3)
    X = design_matrix(rng.standard_normal((12, 2)))
    y = np.where(rng.random(12) < 0.5, -1.0, 1.0)
    X.flags.writeable = y.flags.writeable = False
    return X, y


def test_values_of_the_losses():
    m = [-1, 0, 0.5, 1, 2]
    assert mg.zero_one(m).tolist() == [1, 1, 0, 0, 0]
    assert mg.hinge(m).tolist() == [2, 1, 0.5, 0, 0]
    assert mg.squared_hinge(m).tolist() == [2, 0.5, 0.125, 0, 0]
    expected = [1.3132616875, 0.6931471806, 0.4740769842, 0.3132616875, 0.1269280110]
    np.testing.assert_allclose(mg.logistic(m), expected, atol=1e-10)


@settings(deadline=None)
@given(st.floats(-30, 30).filter(lambda m: abs(m) > 1e-3 and abs(m - 1) > 1e-3))
def test_derivatives_are_the_slopes(m):
    h = 1e-4
    for loss, slope in LOSSES.items():
        assert slope(m) == pytest.approx((loss(m + h) - loss(m - h)) / (2 * h), abs=1e-7)


def test_the_choices_at_the_kinks():
    assert mg.zero_one(0) == 1
    assert mg.zero_one_derivative([-1, 0, 1]).tolist() == [0, 0, 0]
    assert mg.hinge_derivative([np.nextafter(1, 0), 1, 2]).tolist() == [-1, 0, 0]
    assert mg.squared_hinge_derivative(1) == 0


@settings(deadline=None)
@given(st.floats(-50, 50))
def test_scaled_losses_bound_the_share_of_errors(m):
    errors = mg.zero_one(m)
    assert mg.hinge(m) >= errors
    assert 2 * mg.squared_hinge(m) >= errors
    assert mg.logistic(m) / math.log(2) >= errors


def test_unscaled_squared_hinge_and_logistic_do_not_bound_it():
    assert mg.squared_hinge(0) == 0.5 < mg.zero_one(0)
    assert mg.logistic(0) == pytest.approx(math.log(2))


def test_large_margins_are_exact():
    m = [-np.inf, -1000, 1000, np.inf]
    assert mg.zero_one(m).tolist() == [1, 1, 0, 0]
    assert mg.hinge(m).tolist() == [np.inf, 1001, 0, 0]
    assert mg.squared_hinge(m).tolist() == [np.inf, 1001**2 / 2, 0, 0]
    assert mg.logistic(m).tolist() == [np.inf, 1000, 0, 0]
    assert mg.hinge_derivative(m).tolist() == [-1, -1, 0, 0]
    assert mg.squared_hinge_derivative(m).tolist() == [-np.inf, -1001, 0, 0]
    assert mg.logistic_derivative(m).tolist() == [-1, -1, 0, 0]
    assert mg.squared_hinge(-1e200) == np.inf


def test_small_logistic_values_keep_their_digits():
    assert mg.logistic(700) == pytest.approx(math.exp(-700), rel=1e-12)
    assert mg.logistic_derivative(700) == pytest.approx(-math.exp(-700), rel=1e-12)


@each_loss
def test_nan_stays_nan(loss):
    assert np.isnan(loss([np.nan, 0.0])).tolist() == [True, False]
    assert np.isnan(LOSSES[loss]([np.nan, 0.0])).tolist() == [True, False]


@each_loss
def test_cost_and_gradient_agree_with_a_loop(data, loss):
    X, y = data
    w = np.random.default_rng(0).standard_normal((4, 2, 3))
    costs, gradients = np.empty((4, 2)), np.empty((4, 2, 3))
    for index in np.ndindex(4, 2):
        margins = [y[i] * sum(X[i, j] * w[*index, j] for j in range(3)) for i in range(12)]
        costs[index] = sum(loss(m) for m in margins) / 12
        pulls = [LOSSES[loss](m) * y[i] * X[i] for i, m in enumerate(margins)]
        gradients[index] = sum(pulls) / 12
    np.testing.assert_allclose(mg.cost(X, y, w, loss), costs, rtol=1e-13)
    np.testing.assert_allclose(mg.gradient(X, y, w, loss), gradients, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("loss", SMOOTH, ids=lambda f: f.__name__)
def test_gradient_is_the_slope_of_the_cost(data, loss):
    X, y = data
    w, h = np.array([0.2, -0.4, 0.7]), 1e-6
    slopes = [
        (mg.cost(X, y, w + h * e, loss) - mg.cost(X, y, w - h * e, loss)) / (2 * h)
        for e in np.eye(3)
    ]
    np.testing.assert_allclose(mg.gradient(X, y, w, loss), slopes, rtol=1e-7)


def test_gradient_is_equation_1_7(data):
    X, y = data
    w = np.array([0.2, -0.4, 0.7])
    terms = [(X[i] @ w - y[i]) * X[i] if y[i] * (X[i] @ w) < 1 else 0 * X[i] for i in range(12)]
    np.testing.assert_allclose(mg.gradient(X, y, w), np.mean(terms, axis=0), rtol=1e-12)


def test_batches_average_to_the_full_gradient(data):
    objective = mg.Margin(*data)
    w = np.ones((5, 3))
    parts = [objective.gradient(w, np.arange(i, i + 4)) for i in (0, 4, 8)]
    np.testing.assert_allclose(np.mean(parts, axis=0), objective.gradient(w), rtol=1e-12)


def test_margin_is_label_times_score(data):
    X, y = data
    w = np.random.default_rng(0).standard_normal((4, 3))
    np.testing.assert_allclose(mg.margin(X, y, w), y * (w @ X.T), rtol=1e-14)
    np.testing.assert_allclose(mg.margin(X, y, 2 * w), 2 * mg.margin(X, y, w), rtol=1e-14)


def test_on_the_boundary_every_label_is_wrong(data):
    X, y = data
    assert mg.cost(X, y, np.zeros(3), mg.zero_one) == 1
    assert mg.gradient(X, y, np.zeros(3), mg.zero_one).tolist() == [0, 0, 0]


def test_diverged_weights_stay_readable(data):
    w = np.array([[np.nan, 0, 0], [1e300, -1e300, 1e300], [0, 0, 0]])
    cost = mg.cost(*data, w)
    assert np.isnan(cost[0])
    assert cost[1] == np.inf
    assert cost[2] == 0.5


@pytest.mark.parametrize("labels", [[0, 1, 1], [1, 2, -1], [0.5, 1, 1]])
def test_labels_must_be_minus_one_or_one(labels):
    with pytest.raises(ValueError, match=r"y holds .*one of \(-1, 1\).*2 \* y - 1"):
        mg.Margin(np.ones((3, 1)), labels)


@pytest.mark.parametrize("loss", ["hinge", np.abs, None])
def test_an_unknown_loss_is_named(loss):
    with pytest.raises(ValueError, match="zero_one, hinge, squared_hinge, logistic"):
        mg.Margin(np.ones((2, 1)), [1, -1], loss)
