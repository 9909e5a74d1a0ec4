"""Chapter 1: its pictures show the numbers they claim, its exercises tell right from wrong."""

import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from exercise_tests import exercise_tests

from descent import data, linear
from descent.exercises import chapter01 as exercises
from descent.figures import chapter01 as draw

TRIPS = data.commute()
X, Y = linear.design_matrix(TRIPS.features), TRIPS.minutes
W = linear.normal_equation(X, Y)
E = Y - X @ W
P = X @ np.linalg.pinv(X)


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


def drawn_points(ax):
    """All points drawn as markers, as sorted pairs."""
    pairs = [line.get_xydata() for line in ax.lines if line.get_marker() == "o"]
    return sorted(map(tuple, np.concatenate(pairs)))


# Pictures -----------------------------------------------------------------------------------------


def test_trips_are_drawn_at_their_numbers(ax):
    assert draw.trips(TRIPS, ax) is ax
    assert drawn_points(ax) == sorted(zip(TRIPS.distance, Y, strict=True))
    assert "km" in ax.get_xlabel()
    assert "min" in ax.get_ylabel()


def test_weekend_trips_are_open(ax):
    draw.trips(TRIPS, ax)
    filled, open_ = (line for line in ax.lines if line.get_marker() == "o")
    assert filled.get_markerfacecolor() != open_.get_markerfacecolor()
    assert sorted(open_.get_xdata()) == sorted(TRIPS.distance[TRIPS.weekday == 0])


def test_fitted_lines_are_the_model(ax):
    draw.fitted_lines(TRIPS, W, ax)
    weekday, weekend = (line for line in ax.lines if list(line.get_xdata()) == [0, 6])
    np.testing.assert_allclose(weekday.get_ydata() - weekend.get_ydata(), W[2])
    np.testing.assert_allclose(np.diff(weekend.get_ydata()) / np.diff(weekend.get_xdata()), W[1])


def test_fitted_lines_write_the_residuals(ax):
    draw.fitted_lines(TRIPS, W, ax)
    written = {text.get_text().replace("−", "-") for text in ax.texts}
    assert {f"{e:+.1f}" for e in E} < written


def test_segments_join_measured_and_predicted():
    x, y = draw._segments(np.array([1.0, 2.0]), np.array([3.0, 4.0]), np.array([[5.0, 6.0]]))
    np.testing.assert_array_equal(x, [1, 1, 1, 2, 2, 2])
    np.testing.assert_array_equal(y, [[3, 5, np.nan, 4, 6, np.nan]])


def test_valley_is_level_and_bowl_is_not():
    flags = np.column_stack([X, 1 - TRIPS.weekday])
    w = np.array([*W, 0.0])
    along = np.array([1.0, 0.0, -1.0, -1.0])
    np.testing.assert_allclose(linear.cost(flags, Y, w + 5 * along), linear.cost(flags, Y, w))
    assert linear.cost(X, Y, W + [1, 0, -1]) > linear.cost(X, Y, W) + 0.1
    figure, axes = plt.subplots(1, 2)
    draw.bowl_and_valley(X, flags, Y, axes)
    line = axes[1].lines[-1]
    np.testing.assert_allclose(line.get_xdata() + line.get_ydata(), 0)
    plt.close(figure)


def test_projection_is_to_scale(ax):
    """In the picture the residual is upright, and its foot is the sum of the two parts."""
    draw.projection(TRIPS, W, ax)
    arrows = [text for text in ax.texts if text.arrow_patch is not None]
    heads = np.array([arrow.xy for arrow in arrows])
    tails = np.array([arrow.xyann for arrow in arrows])
    (distance, weekday, fitted, measured, residual) = heads - tails
    np.testing.assert_allclose(distance + weekday, fitted)
    np.testing.assert_allclose(fitted + residual, measured)
    np.testing.assert_allclose(
        residual, [0, np.linalg.norm(E) * np.cos(np.radians(30))], atol=1e-12
    )


def test_hat_matrix_writes_its_entries(ax):
    draw.hat_matrix(P, ax)
    written = [float(text.get_text().replace("−", "-")) for text in ax.texts]
    np.testing.assert_allclose(written, P.ravel(), atol=0.005001)


# The sliders --------------------------------------------------------------------------------------

X_LINE = linear.design_matrix(TRIPS.distance)
SETTINGS = np.stack(np.meshgrid(draw.INTERCEPTS, draw.SLOPES, indexing="ij"), axis=-1)
COST = linear.cost(X_LINE, Y, SETTINGS)
LEAST = linear.cost(X_LINE, Y, linear.normal_equation(X_LINE, Y))


def test_no_setting_beats_the_equation_and_one_comes_close():
    assert COST.size == 2401
    assert COST.min() > LEAST
    assert np.sum(COST - LEAST < 0.01) == 1


def test_prediction_is_answered_by_the_numbers():
    """At an intercept of 9 minutes the best slope is near 6, flatter than at 0."""
    best = dict(zip(draw.INTERCEPTS, draw.SLOPES[COST.argmin(axis=1)], strict=True))
    assert best[0] == 8.5
    assert best[9] == 6.25


@pytest.mark.parametrize(
    ("cost", "above", "words"),
    [(7.232, 4.581, "7.23 min², 4.58 above"), (2.7, 0.05, "hardly"), (2.655, 0.004, "0.004 above")],
)
def test_readout_names_what_happens(cost, above, words):
    assert words in draw._verdict(cost, above)


# Exercises ----------------------------------------------------------------------------------------


def leave_one_out(leverage_power):
    return np.mean(E**2 / (1 - P.diagonal()) ** leverage_power)


RIGHT = {
    "1.1": np.array([1, 3.5, 1]) @ W,
    "1.2": np.mean((28 - Y) ** 2) / 2,
    "1.3": "b",
    "1.4": lambda X, y, s: np.linalg.solve(X.T * s @ X, X.T * s @ y),
    "1.5": leave_one_out(2),
    "1.6": lambda X, y: np.linalg.lstsq(X, y)[0],
}

WRONG = [
    ("1.1", np.array([1, 3.5, 0]) @ W, "weekday weight is missing"),
    ("1.1", np.array([0, 3.5, 1]) @ W, "intercept is missing"),
    ("1.1", np.array([0, 3.5, 0]) @ W, "distance part alone"),
    ("1.1", linear.normal_equation(X_LINE, Y) @ [1, 3.5], "line on distance alone"),
    ("1.1", 99.0, "Hint 1"),
    ("1.2", 105.6, "mean squared error"),
    ("1.2", 264, "did not divide by n"),
    ("1.2", 528, "sum of squares"),
    ("1.2", 0, "cancel"),
    ("1.3", "a", "minutes"),
    ("1.3", "c", "min²"),
    ("1.3", "d", "same length"),
    ("1.4", lambda X, y, s: linear.normal_equation(X, y), "without trust"),
    ("1.4", lambda X, y, s: np.linalg.lstsq(s[:, None] * X, s * y)[0], "√s"),
    ("1.4", lambda X, y, s: RIGHT["1.4"](X, y, 1 / s), "divide by s"),
    ("1.4", lambda X, y, s: np.zeros(3), "not those of least cost"),
    ("1.4", lambda X, y, s: None, "shape (3,)"),
    ("1.5", leave_one_out(0), "ordinary residuals"),
    ("1.5", leave_one_out(1), "squared too"),
    ("1.5", leave_one_out(2) / 2, "not half"),
    ("1.5", leave_one_out(2) * 5, "divide it by 5"),
    ("1.5", 22.98, "distance alone"),
    ("1.6", lambda X, y: np.linalg.solve(X.T @ X, X.T @ y), "XᵀX"),
    ("1.6", lambda X, y: np.linalg.inv(X.T @ X) @ X.T @ y, "XᵀX"),
    ("1.6", lambda X, y: np.zeros(4), "not the weights of least cost"),
    ("1.6", lambda X, y: np.linalg.lstsq(X, y)[0] * (1 + 1e-9), "10^2 your weights keep 9 digits"),
    ("1.6", lambda X, y: 1.0, "shape (4,)"),
]


test_right_answer, test_wrong_answer, test_every_exercise = exercise_tests(exercises, RIGHT, WRONG)


@pytest.mark.parametrize("power", [2, 6, 10])
def test_digits_follow_the_rule_of_thumb(power):
    """QR keeps about 16 - log10 κ digits, the normal equation about 16 - 2 log10 κ."""
    rng = np.random.default_rng(power)
    wrong = []
    for _ in range(40):
        M = exercises._ill_conditioned(rng, power)
        np.testing.assert_allclose(np.linalg.cond(M), 10.0**power, rtol=1e-3)
        y = M @ np.ones(4)
        Q, R = np.linalg.qr(M)
        found = [np.linalg.solve(R, Q.T @ y), linear.normal_equation(M, y)]
        try:
            found.append(np.linalg.solve(M.T @ M, M.T @ y))
        except np.linalg.LinAlgError:
            found.append(np.zeros(4))
        wrong.append(np.abs(np.array(found) - 1).max(axis=1))
    qr, core, normal = -np.log10(np.median(wrong, axis=0))
    assert abs(qr - (16 - power)) < 2
    assert abs(core - (16 - power)) < 2
    assert normal < qr - 0.6 * power


# Claims of the text -------------------------------------------------------------------------------


def test_core_inverts_no_matrix():
    core = Path(linear.__file__).parent
    files = [
        file for file in core.glob("*.py") if re.search(r"linalg\.p?inv\b", file.read_text("utf-8"))
    ]
    assert files == []


def test_gradient_from_components_and_from_the_chain_rule_agree():
    """Slow loops: ∂/∂w_k of the sums, and the sum over the misses."""
    w, n = np.array([6.0, 6.5, 2.0]), len(Y)
    A, b = X.T @ X, X.T @ Y
    components = [
        (sum(A[k, j] * w[j] for j in range(3)) + sum(w[i] * A[i, k] for i in range(3)) - 2 * b[k])
        / (2 * n)
        for k in range(3)
    ]
    misses = [sum(X[i, j] * w[j] for j in range(3)) - Y[i] for i in range(n)]
    chain = [sum(misses[i] / n * X[i, k] for i in range(n)) for k in range(3)]
    np.testing.assert_allclose(components, linear.gradient(X, Y, w), rtol=1e-12)
    np.testing.assert_allclose(chain, linear.gradient(X, Y, w), rtol=1e-12)


def test_two_degrees_of_freedom():
    """s² = SSE / 2 has the mean σ², over many worlds with σ = 1."""
    noise = np.random.default_rng(0).standard_normal((200_000, 5))
    np.testing.assert_allclose(np.sum((noise - noise @ P) ** 2, axis=1).mean() / 2, 1, atol=0.01)
    np.testing.assert_allclose(P.trace(), 3)


def test_weekday_looks_as_large_by_noise_in_69_of_100_worlds():
    """With 2 degrees of freedom P(|t| > a) = 1 - a / sqrt(2 + a²), here for a = 2.11 / 4.59."""
    s = np.sqrt(E @ E / 2)
    a = W[2] / (s * np.linalg.norm(np.linalg.pinv(X)[2]))
    np.testing.assert_allclose(1 - a / np.sqrt(2 + a * a), 0.6907, atol=5e-5)
