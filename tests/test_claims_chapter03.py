"""Chapter 3: what it claims of walks without an end, of flowers left out, and of lines tilted."""

import numpy as np
import pytest

from descent import data, linear, margin, optimize

EASY = data.iris_pair("setosa", "versicolor")
HARD = data.iris_pair("versicolor", "virginica")
PETALS = linear.design_matrix(EASY.features[:, 2:])
W_A, W_B = np.array([-322 / 85, 22 / 17, 14 / 17]), np.array([-143 / 43, 40 / 43, 60 / 43])


def exact(X, y):
    """The minimiser of the squared hinge cost, by Newton's method with shortened steps."""
    M, w = margin.Margin(X, y), np.zeros(X.shape[1])
    for _ in range(200):
        g = M.gradient(w)
        if np.linalg.norm(g) < 1e-14:
            break
        rows = X[M.margin(w) < 1]
        step = np.linalg.lstsq(rows.T @ rows / len(y), g)[0]
        t = 1.0
        while M.cost(w - t * step) > M.cost(w) - t / 4 * (g @ step) and t > 1e-12:
            t /= 2
        w = w - t * step
    np.testing.assert_allclose(M.gradient(w), 0, atol=1e-12)
    return w


def wrong_when_left_out(features):
    """The flowers that the exact minimiser of the other 99 gets wrong."""
    wrong = []
    for i in range(len(HARD.labels)):
        others = np.arange(len(HARD.labels)) != i
        Z, mean, scale = linear.standardize(features[others])
        w = exact(linear.design_matrix(Z), HARD.labels[others])
        if HARD.labels[i] * (w[0] + w[1:] @ ((features[i] - mean) / scale)) <= 0:
            wrong.append(i)
    return wrong


def test_left_out_exactly_petals_miss_seven_and_all_four_features_three():
    petals, four = wrong_when_left_out(HARD.features[:, 2:]), wrong_when_left_out(HARD.features)
    assert petals == [20, 27, 33, 56, 69, 83, 84]
    assert four == [20, 33, 83]  # so four become right and none wrong


def test_without_a_penalty_units_change_no_prediction():
    X = linear.design_matrix(linear.standardize(HARD.features[:, 2:]).features)
    metres = linear.design_matrix(HARD.features[:, 2:] / 100)
    np.testing.assert_allclose(
        X @ exact(X, HARD.labels), metres @ exact(metres, HARD.labels), rtol=1e-6
    )


def test_two_different_minimisers_are_minimisers_all_the_way_between():
    cost = margin.Margin(PETALS, EASY.labels).cost
    for share in np.linspace(0, 1, 11):
        assert cost(share * W_A + (1 - share) * W_B) < 1e-30


def tilted(w, angle, shift=0.0):
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.array([w[0] + shift, *(turn @ w[1:])])


@pytest.mark.parametrize("angle", [-0.01, 0.01])
def test_at_least_margin_one_a_tilt_costs_and_after_scaling_it_does_not(angle):
    """For the line of largest distance every tilt at equal length fails, with any offset."""
    M = margin.Margin(PETALS, EASY.labels)
    shifts = np.linspace(-0.1, 0.1, 2001)
    least = [M.margin(tilted(W_A, angle, shift)).min() for shift in shifts]
    assert max(least) < 1
    assert M.cost(tilted(W_A, angle)) > 0
    assert M.cost(tilted(1.05 * W_A, angle)) == 0


@pytest.mark.full
def test_the_logistic_weights_grow_like_the_logarithm_in_the_end():
    """Each decade adds more, towards ln 10 times the shortest weights of least margin 1."""
    M = margin.Margin(PETALS, EASY.labels, margin.logistic)
    eta = 4 / linear.spectrum(PETALS).eigenvalues[-1]
    path = optimize.gradient_descent(M.gradient, np.zeros(3), eta, 100_000, every=10)
    lengths = np.linalg.norm(path.w[[1, 10, 100, 1000, 10_000]], axis=-1)
    added = np.diff(lengths)
    assert np.all(np.diff(added) > 0)
    assert added[-1] < np.log(10) * np.linalg.norm(W_B)
    np.testing.assert_allclose(added, [3.0, 5.1, 5.7, 6.4], atol=0.1)


def test_w_b_is_the_shortest_of_least_margin_one():
    """It is a mean of rows with margin 1, with weights that are not negative (the dual)."""
    rows = EASY.labels[:, None] * PETALS
    tight = rows[np.abs(rows @ W_B - 1) < 1e-9]
    tight = np.unique(tight, axis=0)
    shares = np.linalg.lstsq(tight.T, W_B)[0]
    np.testing.assert_allclose(shares @ tight, W_B, atol=1e-9)
    assert np.all(shares > 0)


def test_squared_hinge_and_hinge_pull_equally_at_zero_and_from_one_on():
    m = np.linspace(-3, 3, 601).round(2)
    equal = m[np.isclose(margin.hinge_derivative(m), margin.squared_hinge_derivative(m))]
    assert set(equal) == {0.0, *m[m >= 1]}


def test_a_mislabelled_flower_drags_the_squared_hinge_farther_than_the_logistic_loss():
    """The longest petal of virginica with the label of versicolor: the boundary on the length."""
    x, y = HARD.features[:, 2], HARD.labels.copy()
    Z, mean, scale = linear.standardize(x)
    X = linear.design_matrix(Z)

    def boundary(loss, y):
        M = margin.Margin(X, y, loss)
        w = optimize.gradient_descent(M.gradient, np.zeros(2), 0.4, 20_000, every=20_000).w[-1]
        return mean - scale * w[0] / w[1]

    flipped = y.copy()
    flipped[np.argmax(x)] = -1
    moved = [boundary(f, flipped) - boundary(f, y) for f in (margin.squared_hinge, margin.logistic)]
    assert moved[0] > moved[1] > 0


def test_the_sets_go_in_circles_without_flower_33_or_83():
    X, y = linear.design_matrix(linear.standardize(HARD.features).features), HARD.labels
    circles = {}
    for i in range(100):
        others = np.arange(100) != i
        w, sets = np.zeros(5), []
        while (lacks := tuple(y[others] * (X[others] @ w) < 1)) not in sets:
            sets.append(lacks)
            keep = np.array(lacks)
            w = np.linalg.lstsq(X[others][keep], y[others][keep])[0]
        circles[i] = len(sets) - sets.index(lacks)
    assert {i: length for i, length in circles.items() if length > 1} == {33: 10, 83: 11}
