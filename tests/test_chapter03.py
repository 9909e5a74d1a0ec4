"""Chapter 3: its pictures show the numbers they claim, its exercises tell right from wrong."""

from fractions import Fraction

import matplotlib.pyplot as plt
import numpy as np
import pytest
from exercise_tests import exercise_tests

from descent import data, linear, margin, optimize
from descent.exercises import chapter03 as exercises
from descent.experiments import chapter03 as experiments
from descent.figures import chapter03 as draw

EASY = data.iris_pair("setosa", "versicolor")
HARD = data.iris_pair("versicolor", "virginica")
PETALS = linear.design_matrix(EASY.features[:, 2:])
SURROGATES = margin.hinge, margin.squared_hinge, margin.logistic

X, Y = linear.design_matrix(linear.standardize(HARD.features[:, 2:]).features), HARD.labels
LIPSCHITZ = linear.spectrum(X).eigenvalues[-1]
BEST = optimize.gradient_descent(
    margin.Margin(X, Y).gradient, np.zeros(3), 1 / LIPSCHITZ, 5000, every=5000
).w[-1]


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


# Pictures -----------------------------------------------------------------------------------------


def test_flowers_are_drawn_at_their_numbers(ax):
    assert draw.flowers(EASY, ax) is ax
    open_, filled = ax.lines
    assert open_.get_markerfacecolor() != filled.get_markerfacecolor()
    np.testing.assert_array_equal(open_.get_xydata(), EASY.features[:50, 2:])
    np.testing.assert_array_equal(filled.get_xydata(), EASY.features[50:, 2:])
    assert "cm" in ax.get_xlabel()
    assert "cm" in ax.get_ylabel()


def test_rings_mark_the_wrong_flowers(ax):
    wrong = np.arange(100) % 7 == 0
    draw.flowers(HARD, ax, wrong=wrong)
    np.testing.assert_array_equal(ax.lines[-1].get_xydata(), HARD.features[wrong, 2:])


def test_boundary_joins_points_of_its_score(ax):
    w = np.array([-3.3, 0.9, 1.4])
    draw.flowers(EASY, ax)
    before = ax.get_xlim(), ax.get_ylim(), len(ax.lines)
    draw.boundary(w, ax, "score 0")
    assert (ax.get_xlim(), ax.get_ylim()) == before[:2]
    for line, score in zip(ax.lines[before[2] :], (0, -1, 1), strict=True):
        points = linear.design_matrix(line.get_xydata())
        np.testing.assert_allclose(points @ w, score, atol=1e-12)


def test_growth_and_staircase_draw_what_they_are_given(ax):
    draw.growth(np.array([1, 10]), {"logistic": np.array([2.0, 3.0])}, ax)
    np.testing.assert_array_equal(ax.lines[0].get_xydata(), [[1, 2], [10, 3]])
    draw.staircase([1.0, 2.0], [0.5, 0.25], ax)
    np.testing.assert_array_equal(ax.lines[1].get_xydata(), [[1, 0.5], [2, 0.25]])


def test_losses_are_drawn_without_a_riser(ax):
    draw.losses(ax)
    wrong, right, *_ = ax.lines
    assert set(wrong.get_ydata()) == {1}
    assert set(right.get_ydata()) == {0}
    assert wrong.get_xdata().max() == 0 < right.get_xdata().min()


# The sliders --------------------------------------------------------------------------------------


def test_pull_is_measured_from_the_loss():
    h = 1e-6
    inside = experiments.MARGINS[experiments.MARGINS != 1]
    for name, (loss, slope, *_) in experiments.LOSSES.items():
        at = inside[inside != 0] if name == "0-1" else inside
        measured = (loss(at + h) - loss(at - h)) / (2 * h)
        np.testing.assert_allclose(measured, slope(at), atol=1e-8, err_msg=name)


def test_prediction_of_the_pulls_is_answered_by_the_numbers():
    book = draw.pulls()
    force = [-float(slope(-2.0)) for _, slope, *_ in experiments.LOSSES.values()]
    assert int(np.argmax(force)) == book.question["answer"]
    assert force[2] == 3


@pytest.mark.parametrize(
    ("m", "words"),
    [
        (-1.0, "margin −1.0, wrong side"),
        (0.0, "counted wrong"),
        (0.5, "not by enough"),
        (2.0, "only logistic"),
    ],
)
def test_readout_of_the_pulls_names_what_happens(m, words):
    book = draw.pulls()
    assert words in book.readout[list(experiments.MARGINS).index(m)]


def test_no_flower_lies_on_a_boundary_of_the_slider():
    length = HARD.features[:, 2]
    assert np.abs(length[:, None] - experiments.BOUNDARIES).min() > 0.04


def test_scale_changes_all_costs_but_the_count():
    X1 = linear.design_matrix(HARD.features[:, 2])
    w = np.array([-4.05, 1.0])
    costs = {loss: margin.cost(X1, Y, experiments.SCALES[:, None] * w, loss) for loss in SURROGATES}
    counts = margin.cost(X1, Y, experiments.SCALES[:, None] * w, margin.zero_one)
    assert len(set(counts)) == 1
    assert all(len(set(cost.round(6))) == len(experiments.SCALES) for cost in costs.values())
    assert draw.moving_boundary(HARD).question["answer"] == 1


def test_fewest_errors_on_the_slider_are_seven_at_two_places():
    X1 = linear.design_matrix(HARD.features[:, 2])
    w = np.column_stack([-experiments.BOUNDARIES, np.ones_like(experiments.BOUNDARIES)])
    wrong = (100 * margin.cost(X1, Y, w, margin.zero_one)).round()
    assert wrong.min() == 7
    np.testing.assert_allclose(experiments.BOUNDARIES[wrong == 7], [4.75, 4.85])


def test_lowest_bowl_of_the_squared_hinge_is_where_the_text_says():
    X1 = linear.design_matrix(HARD.features[:, 2])
    place, scale = np.meshgrid(experiments.BOUNDARIES, experiments.SCALES, indexing="ij")
    cost = margin.cost(X1, Y, np.stack([-scale * place, scale], axis=-1))
    i, j = np.unravel_index(cost.argmin(), cost.shape)
    np.testing.assert_allclose([experiments.BOUNDARIES[i], experiments.SCALES[j]], [4.85, 3])


def test_readout_points_downhill():
    """A step to the side that the readout names costs less; “at the best” no step does."""
    X1, readout = linear.design_matrix(HARD.features[:, 2]), draw.moving_boundary(HARD).readout
    best = 0
    for i, j in np.ndindex(readout.shape):
        for name, loss in zip(("hinge", "squared hinge", "logistic"), SURROGATES, strict=True):
            said = readout[i, j].partition("; ")[2].split(", ")
            said = next(s for s in said if "all three" in s or name in _names(s))
            place, scale = experiments.BOUNDARIES[i], experiments.SCALES[j]
            here, right, left = (
                margin.cost(X1, Y, [-scale * (place + side), scale], loss)
                for side in (0, 1e-4, -1e-4)
            )
            assert (right < here) == ("right" in said), (place, scale, name)
            assert (left < here) == ("left" in said), (place, scale, name)
            best += "best" in said
    assert best > 0


def _names(said):
    return said.replace(" would", "|").replace(" at", "|").split("|")[0].split(" and ")


def test_stairs_hold_between_two_notches():
    values = np.arange(len(experiments.BOUNDARIES), dtype=float)[:, None]
    x, y = draw._stairs(values)
    np.testing.assert_allclose(x[:2], [3.0, 3.1])
    np.testing.assert_array_equal(y[:4, 0], [0, 0, 1, 1])


# Exercises ----------------------------------------------------------------------------------------


def by_sets(X, y, most=50):
    w = np.zeros(X.shape[1])
    for _ in range(most):
        lacks = y * (X @ w) < 1
        w = np.linalg.lstsq(X[lacks], y[lacks])[0]
    return w


def slope(m):
    return (np.tanh(m / 2) - 1) / 2


def logistic_gradient(X, y, w):
    return (slope(y * (X @ w)) * y) @ X / len(y)


RIGHT = {
    "3.1": 1.125,
    "3.2": "c",
    "3.3": [0.8, 1.12, 0.16],
    "3.4": 12,
    "3.5": logistic_gradient,
    "3.6": by_sets,
}

WRONG = [
    ("3.1", 2.25, "half of it"),
    ("3.1", 1.5, "plain hinge"),
    ("3.1", 0.125, "more than 1"),
    ("3.1", -0.5, "What does it lack"),
    ("3.2", "a", "count never is"),
    ("3.2", "b", "margins' size"),
    ("3.2", "d", "become worse"),
    ("3.3", [-0.8, -1.12, -0.16], "pull"),
    ("3.3", [-1.2, -1.68, -0.24], "label −1"),
    ("3.3", [0, 0, 0], "still pulls"),
    ("3.3", [-0.2, -0.28, -0.04], "subtract the label"),
    ("3.4", 6, "Here it is 1/2"),
    ("3.4", 13, "at least 0.065"),
    ("3.4", 12.84, "round down"),
    ("3.5", lambda X, y, w: -logistic_gradient(X, y, w), "sign"),
    ("3.5", lambda X, y, w: 100 * logistic_gradient(X, y, w), "mean"),
    ("3.5", lambda X, y, w: slope(y * (X @ w)) @ X / len(y), "label y is missing"),
    ("3.5", lambda X, y, w: -(y / (1 + np.exp(y * (X @ w)))) @ X / len(y), "overflows"),
    ("3.5", lambda X, y, w: 1.0, "shape (3,)"),
    ("3.6", lambda X, y: by_sets(X, y, 1), "first fit"),
    ("3.6", lambda X, y: by_sets(X, y, 4), "still has length"),
    ("3.6", lambda X, y: None, "one weight for each column"),
]


test_right_answer, test_wrong_answer, test_every_exercise = exercise_tests(exercises, RIGHT, WRONG)


# Claims of the text -------------------------------------------------------------------------------


def exact_margins(w):
    rows = [[Fraction(1), *(Fraction(str(v)) for v in row[2:])] for row in EASY.features]
    scores = [sum(a * b for a, b in zip(row, w, strict=True)) for row in rows]
    return [int(label) * s for label, s in zip(EASY.labels, scores, strict=True)]


@pytest.mark.parametrize(
    "w",
    [
        (Fraction(-322, 85), Fraction(22, 17), Fraction(14, 17)),
        (Fraction(-143, 43), Fraction(40, 43), Fraction(60, 43)),
    ],
)
def test_both_minimisers_are_exact(w):
    """Every margin at least 1, one exactly 1: in fractions, so without any rounding."""
    assert min(exact_margins(w)) == 1


def test_no_separating_line_keeps_more_than_half_the_nearest_pair():
    first, second = EASY.features[:50, 2:], EASY.features[50:, 2:]
    apart = np.linalg.norm(first[:, None] - second, axis=-1).min()
    np.testing.assert_allclose(1 / np.hypot(22 / 17, 14 / 17), apart / 2, rtol=1e-12)


@pytest.mark.parametrize("eta", [1.0, 1.9])
def test_no_step_below_two_over_l_goes_up(eta):
    for pair in (EASY, HARD):
        M = margin.Margin(linear.design_matrix(pair.features), pair.labels)
        rate = eta / linear.spectrum(M.X).eigenvalues[-1]
        w = optimize.gradient_descent(M.gradient, np.zeros(5), rate, 1000).w
        cost, slope = M.cost(w), np.sum(M.gradient(w[:-1]) ** 2, axis=-1)
        assert np.all(np.diff(cost) <= -rate * (1 - eta / 2) * slope + 1e-12)


def test_gradient_changes_no_faster_than_the_largest_eigenvalue():
    M, rng = margin.Margin(X, Y), np.random.default_rng(1)
    w, v = rng.standard_normal((2, 500, 3))
    change = np.linalg.norm(M.gradient(w + v) - M.gradient(w), axis=-1)
    assert np.all(change <= LIPSCHITZ * np.linalg.norm(v, axis=-1) * (1 + 1e-12))


def test_logistic_slope_changes_a_quarter_as_fast():
    m = np.linspace(-8, 8, 4001)
    steepest = np.abs(np.diff(margin.logistic_derivative(m)) / np.diff(m)).max()
    np.testing.assert_allclose(steepest, 0.25, rtol=1e-4)


def test_minimum_of_the_harder_pair_is_the_only_one():
    """Near it the cost is quadratic; its Hessian, over the rows that lack margin, is definite."""
    lacks = Y * (X @ BEST) < 1
    assert np.linalg.norm(margin.gradient(X, Y, BEST)) < 1e-12
    assert np.linalg.eigvalsh(X[lacks].T @ X[lacks])[0] > 1
    assert np.abs(Y * (X @ BEST) - 1).min() > 1e-3


def test_weights_of_the_squared_hinge_keep_within_reach_of_a_minimiser():
    """Each step of gradient descent comes closer to every minimiser."""
    M = margin.Margin(PETALS, EASY.labels)
    rate = 1 / linear.spectrum(PETALS).eigenvalues[-1]
    w = optimize.gradient_descent(M.gradient, np.zeros(3), rate, 5000).w
    for best in ([-322 / 85, 22 / 17, 14 / 17], [-143 / 43, 40 / 43, 60 / 43]):
        assert np.all(np.diff(np.linalg.norm(w - best, axis=-1)) <= 1e-12)
