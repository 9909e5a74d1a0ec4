"""The losses against loops, finite differences and limits."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descent import activations as act
from descent import losses
from descent.gradcheck import check_gradient

rng = np.random.default_rng(7)
A = rng.uniform(0.05, 0.95, (5, 3))
Z = rng.normal(size=(5, 3))
YES = (rng.random((5, 3)) < 0.5).astype(float)
SHARES = rng.dirichlet(np.ones(3), 5)
ONE_HOT = losses.one_hot([0, 2, 1, 1, 0], 3)
for frozen in (A, Z, YES, SHARES, ONE_HOT):
    frozen.flags.writeable = False

# The loss of a network as a function of its last weighted inputs, and the way back's first step.
CASES = [
    ("squared_error", "sigmoid", Z, A),
    ("squared_error", "tanh", Z, A),
    ("squared_error", "identity", Z, A),
    ("squared_error", "softmax", Z, SHARES),
    ("binary_cross_entropy", "sigmoid", 4 * Z, YES),
    ("binary_cross_entropy", "sigmoid", Z, SHARES),
    ("categorical_cross_entropy", "softmax", 4 * Z, SHARES),
    ("categorical_cross_entropy", "softmax", Z, ONE_HOT),
]
each = pytest.mark.parametrize(("loss", "activation", "z", "y"), CASES)


def cost_and_delta(loss, activation, z, y):
    """Return what a network takes for the loss behind an activation, and for BP1."""
    loss, sigma = losses.LOSSES[loss], act.ACTIVATIONS[activation]
    a = sigma.value(z)
    return loss.value(z if loss.partner else a, y), loss.delta(z, a, y, sigma)


def by_hand(loss, a, y):
    """One sample and one output at a time."""
    total = 0.0
    for outputs, targets in zip(np.atleast_2d(a.T).T, np.atleast_2d(y.T).T, strict=True):
        for p, t in zip(outputs, targets, strict=True):
            if loss is losses.squared_error:
                total += (p - t) ** 2 / 2
            elif loss is losses.binary_cross_entropy:
                total -= t * math.log(p) + (1 - t) * math.log(1 - p)
            else:
                total -= t * math.log(p)
    return total / len(a)


@pytest.mark.parametrize(
    ("loss", "y"),
    [
        (losses.squared_error, Z),
        (losses.binary_cross_entropy, YES),
        (losses.categorical_cross_entropy, SHARES),
    ],
)
def test_losses_against_a_loop(loss, y):
    """Sum over the outputs, mean over the samples, and 1/2 in the squared error only."""
    assert loss(A, y) == pytest.approx(by_hand(loss, A, y), rel=1e-14)
    if loss is not losses.categorical_cross_entropy:
        assert loss(A[:, 0], y[:, 0]) == pytest.approx(by_hand(loss, A[:, 0], y[:, 0]), rel=1e-14)


@each
def test_delta_is_the_gradient_with_respect_to_the_weighted_inputs(loss, activation, z, y):
    cost, delta = (lambda z, k=k: cost_and_delta(loss, activation, z, y)[k] for k in (0, 1))
    assert check_gradient(cost, delta, z).passed


@each
def test_leading_axes(loss, activation, z, y):
    family = np.stack([z, z / 2, z / 3])
    costs, deltas = cost_and_delta(loss, activation, family, y)
    for k, member in enumerate(family):
        cost, delta = cost_and_delta(loss, activation, member, y)
        np.testing.assert_allclose(costs[k], cost, rtol=1e-14)
        np.testing.assert_allclose(deltas[k], delta, rtol=1e-14)


@pytest.mark.parametrize(
    ("loss", "a", "y"),
    [
        (losses.squared_error, Z, A),
        (losses.binary_cross_entropy, A, YES),
        (losses.categorical_cross_entropy, A, SHARES),
    ],
)
def test_leading_axes_of_the_public_losses(loss, a, y):
    family = np.stack([a, a / 2, a / 3])
    np.testing.assert_allclose(loss(family, y), [loss(m, y) for m in family], rtol=1e-14)


def test_from_logits_agree_with_the_outputs():
    np.testing.assert_allclose(
        losses.binary_cross_entropy_from_logits(Z, YES),
        losses.binary_cross_entropy(act.sigmoid(Z), YES),
        rtol=1e-13,
    )
    np.testing.assert_allclose(
        losses.categorical_cross_entropy_from_logits(Z, SHARES),
        losses.categorical_cross_entropy(act.softmax(Z), SHARES),
        rtol=1e-13,
    )


def test_the_gradient_in_the_logits_is_output_minus_target():
    for loss, sigma, y in (
        ("binary_cross_entropy", act.sigmoid, YES),
        ("categorical_cross_entropy", act.softmax, SHARES),
    ):
        _, delta = cost_and_delta(loss, sigma.__name__, Z, y)
        np.testing.assert_allclose(delta, (sigma(Z) - y) / 5, atol=1e-15)


def test_logits_a_thousand_from_zero():
    z, y = np.array([-1000.0, 1000.0]), np.array([1.0, 1.0])
    assert losses.binary_cross_entropy_from_logits(z, y) == 500
    with np.errstate(over="ignore"):
        _, delta = cost_and_delta("binary_cross_entropy", "sigmoid", z[:, None], y[:, None])
    assert delta.ravel().tolist() == [-0.5, 0]
    assert losses.binary_cross_entropy_from_logits([np.inf, -np.inf], [1.0, 0]) == 0
    assert losses.binary_cross_entropy_from_logits([np.inf], [0.0]) == np.inf
    z, y = [[1000.0, 0.0, -1000.0]], [[0.0, 1.0, 0.0]]
    assert losses.categorical_cross_entropy_from_logits(z, y) == 1000
    _, delta = cost_and_delta("categorical_cross_entropy", "softmax", np.array(z), np.array(y))
    assert delta.tolist() == [[1, -1, 0]]
    assert losses.categorical_cross_entropy_from_logits([[np.inf, 0.0]], [[1.0, 0.0]]) == 0
    assert losses.categorical_cross_entropy_from_logits([[-np.inf, 0.0]], [[1.0, 0.0]]) == np.inf


def test_sure_outputs():
    """Sure and right costs nothing, sure and wrong costs infinity, and neither warns."""
    assert losses.binary_cross_entropy([0.0, 1.0], [0, 1]) == 0
    assert losses.binary_cross_entropy([0.0], [1]) == np.inf
    assert losses.categorical_cross_entropy([[0.0, 1.0]], [[0, 1]]) == 0
    assert losses.categorical_cross_entropy([[0.0, 1.0]], [[1, 0]]) == np.inf
    assert losses.squared_error([1e200], [0.0]) == np.inf
    assert np.isnan(losses.binary_cross_entropy([np.nan], [0.0]))
    assert np.isnan(losses.squared_error([np.nan, 1.0], [0.0, 1.0]))


@given(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4))
def test_two_classes_behind_a_softmax_are_one_sigmoid(z, other):
    """Softmax over (z, 0) is the sigmoid, so the two cross-entropies are one."""
    binary = losses.binary_cross_entropy_from_logits([z - other], [1.0])
    categorical = losses.categorical_cross_entropy_from_logits([[z, other]], [[1.0, 0.0]])
    assert categorical == pytest.approx(binary, rel=1e-12, abs=1e-14)


def test_one_hot():
    assert losses.one_hot([2, 0], 3).tolist() == [[0, 0, 1], [1, 0, 0]]
    for bad in ([3], [-1], [0.5]):
        with pytest.raises(ValueError, match="labels holds"):
            losses.one_hot(bad, 3)


def test_bad_input():
    with pytest.raises(ValueError, match=r"\(5, 2\).*k = 3 like y"):
        losses.squared_error(A[:, :2], A)
    with pytest.raises(ValueError, match=r"a has shape \(5, 1\).*n = 5 like y"):
        losses.squared_error(A[:, :1], A[:, 0])  # would broadcast to (5, 5)
    with pytest.raises(ValueError, match=r"a holds 1\.5"):
        losses.binary_cross_entropy([1.5], [1])
    with pytest.raises(ValueError, match="y holds -1"):
        losses.binary_cross_entropy([0.5], [-1])
    with pytest.raises(ValueError, match="sum to 1"):
        losses.categorical_cross_entropy(A, YES)
    with pytest.raises(ValueError, match="one_hot"):
        losses.categorical_cross_entropy_from_logits([[0.5, 1.0]], [[1, 1]])
    with pytest.raises(ValueError, match=r"y has shape \(2,\); it must be \(n, k\)"):
        losses.categorical_cross_entropy_from_logits([0.5, 1.0], [0, 1])
    with pytest.raises(ValueError, match="finite"):
        losses.squared_error([1.0], [np.nan])
