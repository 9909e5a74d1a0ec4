"""Chapter 4: its pictures show the runs they claim, its sentences about gradient descent hold."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest
from exercise_tests import exercise_tests

from descent import data, linear, optimize
from descent.exercises import chapter04 as exercises
from descent.experiments import chapter04 as experiments
from descent.experiments.walks import until_out
from descent.figures import chapter04 as draw

TRIPS = data.commute()
X, Y = linear.design_matrix(TRIPS.features), TRIPS.minutes
PROBLEM = linear.LeastSquares(X, Y)
START = np.zeros(3)
BEST = linear.normal_equation(X, Y)
H = linear.hessian(X)
FACTS = linear.spectrum(X)
LIMIT = FACTS.stability_limit


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


@pytest.fixture
def axes():
    figure, axes = plt.subplots(1, 2)
    yield axes
    plt.close(figure)


def problems(count):
    """Yield small random least-squares problems of full rank."""
    for seed in range(count):
        rng = np.random.default_rng(seed)
        n, columns = int(rng.integers(4, 12)), int(rng.integers(1, 4))
        M = rng.standard_normal((n, columns)) * rng.uniform(0.2, 3, columns)
        yield rng, M, rng.standard_normal(n)


def loop(X, y, eta, steps):
    """The slow twin: plain Python, one weight at a time."""
    n, p = X.shape
    w, rows = [0.0] * p, [[0.0] * p]
    for _ in range(steps):
        misses = [sum(X[i, j] * w[j] for j in range(p)) - y[i] for i in range(n)]
        slopes = [sum(misses[i] * X[i, k] for i in range(n)) / n for k in range(p)]
        w = [w[k] - eta * slopes[k] for k in range(p)]
        rows.append(w)
    return np.array(rows)


def steps_until(M, y, eta, steps, tol=1e-6):
    path = optimize.gradient_descent(
        linear.LeastSquares(M, y).gradient, np.zeros(M.shape[1]), eta, steps
    )
    return int(np.argmax(np.linalg.norm(path.w - linear.normal_equation(M, y), axis=-1) < tol))


# Claims of the text -------------------------------------------------------------------------------


def test_two_orders_are_exact_for_any_step():
    for rng, M, y in problems(20):
        w, eta = rng.standard_normal(M.shape[1]), rng.uniform(0, 5)
        g, Hessian = linear.gradient(M, y, w), linear.hessian(M)
        after = linear.cost(M, y, w) - eta * g @ g + eta**2 / 2 * g @ Hessian @ g
        np.testing.assert_allclose(linear.cost(M, y, w - eta * g), after, rtol=1e-9)


def test_every_step_below_the_limit_goes_down_as_far_as_guaranteed():
    for rng, M, y in problems(40):
        facts = linear.spectrum(M)
        w, eta = 3 * rng.standard_normal(M.shape[1]), rng.uniform(0, facts.stability_limit)
        g = linear.gradient(M, y, w)
        bound = eta * (1 - eta * facts.eigenvalues[-1] / 2) * g @ g
        assert bound > 0
        assert linear.cost(M, y, w - eta * g) <= linear.cost(M, y, w) - bound + 1e-9


def test_the_cost_never_rises_below_the_limit_and_always_rises_above_it():
    rates = np.linspace(0.01, 0.999, 40) * LIMIT
    path = optimize.gradient_descent(PROBLEM.gradient, START, rates, 300)
    assert np.all(np.diff(PROBLEM.cost(path.w), axis=0) < 1e-12)
    path = optimize.gradient_descent(PROBLEM.gradient, START, 0.16, 2000)
    costs = PROBLEM.cost(path.w[: 1 + np.flatnonzero(np.isfinite(path.w[:, 0]))[-1]])
    np.testing.assert_allclose(costs[:4], [444.8, 568.1377698611, 726.0028385967, 928.0535996140])
    assert np.all(np.diff(costs) > 0)


def test_descent_lemma_holds_for_a_cost_that_is_not_quadratic():
    """C(w) = log(1 + e^w) - w/3 is ¼-smooth: every step below 8 goes down, as far as promised."""
    C = lambda w: np.logaddexp(0, w) - w / 3  # noqa: E731
    slope = lambda w: 1 / (1 + np.exp(-w)) - 1 / 3  # noqa: E731
    w = np.linspace(-5, 5, 101)
    for eta in (0.1, 1.0, 4.0, 7.9):
        promised = eta * (1 - eta / 8) * slope(w) ** 2
        assert np.all(C(w - eta * slope(w)) <= C(w) - promised + 1e-12)


def test_errors_shrink_by_their_own_factors():
    eigenvalues, Q = np.linalg.eigh(H)
    walk = loop(X, Y, 0.1, 60)
    u = (walk - BEST) @ Q
    expected = (1 - 0.1 * eigenvalues) ** np.arange(61)[:, None] * u[0]
    np.testing.assert_allclose(u, expected, atol=1e-11)


def test_at_the_limit_the_steepest_error_stays():
    walk = optimize.gradient_descent(PROBLEM.gradient, START, LIMIT, 8000).w
    assert np.linalg.norm(walk[-1] - BEST) == pytest.approx(8.138, abs=1e-3)


def test_no_other_fixed_rate_has_a_smaller_factor():
    rates = np.linspace(0.001, LIMIT, 4001)
    rho = np.abs(1 - np.outer(rates, FACTS.eigenvalues)).max(axis=1)
    kappa = FACTS.condition_number
    assert rho.min() >= (kappa - 1) / (kappa + 1) - 1e-12
    assert rates[rho.argmin()] == pytest.approx(FACTS.best_rate, abs=1e-4)


@pytest.mark.parametrize(
    ("eta", "steps"), [(0.01, 15589), (0.05, 3112), (0.1, 1553), (0.149, 1061), (0.15, 8207)]
)
def test_iterations_on_the_raw_features(eta, steps):
    assert steps_until(X, Y, eta, 16000) == steps
    rho = np.abs(1 - eta * FACTS.eigenvalues).max()
    assert steps <= np.log(np.linalg.norm(BEST) / 1e-6) / np.log(1 / rho)


def test_iterations_on_the_standardised_features():
    Z = linear.design_matrix(linear.standardize(TRIPS.features).features)
    correlation = np.corrcoef(TRIPS.distance, TRIPS.weekday)[0, 1]
    facts = linear.spectrum(Z)
    np.testing.assert_allclose(facts.eigenvalues, [1 - correlation, 1, 1 + correlation])
    assert facts.best_rate == pytest.approx(1)
    assert (steps_until(Z, Y, 0.1, 1000), steps_until(Z, Y, 1.0, 1000)) == (560, 51)


def test_a_small_move_stops_far_away():
    for eta, t, distance in ((0.1, 75, 1.563), (0.01, 30, 4.059)):
        walk = loop(X, Y, eta, 200)
        moved = np.linalg.norm(np.diff(walk, axis=0), axis=1)
        assert int(np.argmax(moved < 0.02)) + 1 == t
        assert np.linalg.norm(walk[t] - BEST) == pytest.approx(distance, abs=1e-3)


def test_a_small_gradient_is_a_guarantee():
    for rng, M, y in problems(40):
        w = 5 * rng.standard_normal(M.shape[1])
        bound = np.linalg.norm(linear.gradient(M, y, w)) / linear.spectrum(M).eigenvalues[0]
        assert np.linalg.norm(w - linear.normal_equation(M, y)) <= bound * (1 + 1e-9)


def test_dropping_a_column_never_lowers_the_limit():
    for _, M, _ in problems(40):
        if M.shape[1] > 1:
            fewer = linear.spectrum(M[:, 1:]).stability_limit
            assert fewer >= linear.spectrum(M).stability_limit * (1 - 1e-12)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_three_rates_land_in_any_order(order):
    rates = 1 / FACTS.eigenvalues[list(order)]
    path = optimize.gradient_descent(PROBLEM.gradient, START, lambda t: rates[t - 1], 3)
    np.testing.assert_allclose(path.w[-1], BEST, rtol=1e-9)


def test_dependent_columns_lead_to_the_shortest_solution():
    flags = np.column_stack([X, 1 - TRIPS.weekday])
    path = optimize.gradient_descent(linear.LeastSquares(flags, Y).gradient, np.zeros(4), 0.1, 3000)
    expected = [4.761671335, 6.533613445, 3.437208217, 1.324463119]
    np.testing.assert_allclose(path.w[-1], expected, rtol=1e-8)


# The figure with the slider -----------------------------------------------------------------------

RUNS = experiments.runs()


def test_61_rates_resolve_the_limit():
    assert len(experiments.RATES) == 61
    assert np.all(np.diff(experiments.RATES) > 0)
    assert {0.1, 0.14, 0.149, 0.15, 0.16} <= set(experiments.RATES)
    near = experiments.RATES[np.abs(experiments.RATES - LIMIT) < 0.003]
    assert np.diff(near).max() < 0.0011
    assert near[0] < LIMIT < near[-1]


@pytest.mark.parametrize("row", range(0, 61, 6))
def test_each_run_is_the_slow_loop(row):
    walk = loop(X, Y, experiments.RATES[row], experiments.STEPS)
    np.testing.assert_allclose(RUNS.walks[row], walk, rtol=1e-6, atol=1e-10)
    above = np.array([linear.cost(X, Y, w) for w in walk]) - linear.cost(X, Y, BEST)
    np.testing.assert_allclose(RUNS.above[row], above, rtol=1e-5, atol=1e-11)


def test_the_contours_are_of_the_same_cost():
    rng = np.random.default_rng(0)
    along, across = rng.uniform(-5, 5, (2, 50))
    w = RUNS.seen.best + np.stack([along, across], axis=-1) @ RUNS.seen.directions.T
    excess = linear.cost(X, Y, w) - linear.cost(X, Y, BEST)
    np.testing.assert_allclose(RUNS.seen.cost(along, across), excess, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(RUNS.seen.place(w), np.stack([along, across], axis=-1), atol=1e-12)


def test_the_start_lies_up_and_to_the_left():
    np.testing.assert_allclose(RUNS.seen.place(START), [-2.707889, 8.138079], rtol=1e-6)


def test_the_readout_tells_the_truth():
    for eta, above, walk in zip(experiments.RATES, RUNS.above, RUNS.walks, strict=True):
        words = draw._verdict(eta, above, LIMIT)
        across = RUNS.seen.place(walk)[:8, 1]
        assert words.startswith(f"η = {eta:g}: ")
        assert ("diverges" in words) == (eta > LIMIT) == (above[-1] > above[0])
        swings = np.all(across[1:] * across[:-1] < 0)
        assert swings == (eta > LIMIT or ", no zig-zag" not in words)
        if eta < LIMIT:
            assert any(f" {above[-1]:{form}} min²" in words for form in (".1f", ".2f", ".4f"))
    assert "0.16: diverges, above 2/λmax = 0.1501" in draw._verdict(0.16, RUNS.above[57], LIMIT)


def test_the_prediction_is_answered_by_the_numbers():
    """0.14 comes nearest in 200 steps; at 0.15 a leap lands 0.998 times as far out."""
    after = dict(zip(experiments.RATES, RUNS.above[:, -1], strict=True))
    assert after[0.14] < after[0.05] < after[0.15]
    question = draw.learning_rate_figure().question
    assert question["choices"][question["answer"]].startswith("0.14")
    row = int(np.flatnonzero(experiments.RATES == 0.15)[0])
    across = RUNS.seen.place(RUNS.walks[row])[:, 1]
    np.testing.assert_allclose(across[1:] / across[:-1], -0.99806, atol=5e-6)
    assert across[-1] > 5


def test_the_copied_line_gives_the_curve():
    book = draw.learning_rate_figure()
    before, eta, after = book.code
    line = before + eta["texts"][50] + after
    names = {"problem": PROBLEM, "optimize": optimize, "w_star": BEST}
    np.testing.assert_allclose(eval(line, names), RUNS.above[50], atol=1e-9)
    curve = book.moves[0]
    shown = np.isfinite(curve.y[50])
    np.testing.assert_array_equal(curve.y[50][shown], RUNS.above[50][shown])


def test_the_figure_stays_under_200_kilobytes():
    assert len(draw.learning_rate_figure().data) < 200_000


def test_a_curve_ends_with_its_first_point_outside():
    points = np.array([[[0.0], [2.0], [-3.0], [0.5]], [[0.0], [1.0], [0.5], [0.1]]])
    cut = until_out(points, -1, 1)
    np.testing.assert_array_equal(cut[0, :, 0], [0, 2, np.nan, np.nan])
    np.testing.assert_array_equal(cut[1], points[1])


# Static pictures ----------------------------------------------------------------------------------


def test_first_lines_are_the_weekday_model(ax):
    w = loop(X, Y, 0.1, 3)
    draw.first_lines(TRIPS, w, ax)
    lines = [line for line in ax.lines if list(line.get_xdata()) == [0, 6]]
    assert len(lines) == 4
    for line, weights in zip(lines, w, strict=True):
        np.testing.assert_allclose(line.get_ydata(), [weights @ [1, 0, 1], weights @ [1, 6, 1]])


def test_one_step_marks_its_rates(ax):
    rates = np.linspace(0, 0.17, 50)
    g = PROBLEM.gradient(START)
    marked = {0.1: PROBLEM.cost(START - 0.1 * g)}
    draw.one_step(
        rates, PROBLEM.cost(START - rates[:, None] * g), 444.8 - rates * (g @ g), marked, ax
    )
    assert "η = 0.1" in {text.get_text() for text in ax.texts}
    assert ax.lines[0].get_ydata()[-1] > 444.8


def test_factors_cross_at_the_best_rate(axes):
    draw.factors(FACTS.eigenvalues, axes)
    for ax in axes:
        (point,) = (line for line in ax.lines if line.get_marker() == "o")
        assert point.get_xdata()[0] == pytest.approx(FACTS.best_rate)
        assert point.get_ydata()[0] == pytest.approx(0.98584, abs=1e-5)


def test_steps_needed_lie_below_the_formula(ax):
    rates = np.array([0.05, 0.1, 0.149])
    counts = np.array([3112, 1553, 1061])
    draw.steps_needed(rates, counts, FACTS.eigenvalues, np.linalg.norm(BEST), ax)
    fine, bound = ax.lines[0].get_data()
    assert np.all(np.interp(rates, fine, bound) > counts)


def test_valleys_have_one_scale(axes):
    Z = linear.design_matrix(linear.standardize(TRIPS.features).features)
    walks = [
        optimize.gradient_descent(linear.LeastSquares(M, Y).gradient, START, eta, 30)
        for M, eta in ((X, 0.14), (Z, 1.0))
    ]
    draw.valleys([(X, Y, walks[0]), (Z, Y, walks[1])], axes)
    assert axes[0].get_xlim() == axes[1].get_xlim() == axes[0].get_ylim() == axes[1].get_ylim()
    assert axes[1].lines[0].get_ydata()[0] == pytest.approx(7.29, abs=0.01)


# Exercises ----------------------------------------------------------------------------------------


def descend(gradient, start, smallest, largest, tol, rate=None, factor=1.0):
    w, g = start, gradient(start)
    while np.linalg.norm(g) > factor * smallest * tol and np.isfinite(g).all():
        w = w - (rate or 2 / (smallest + largest)) * g
        g = gradient(w)
    return w


X_LINE = linear.design_matrix(TRIPS.distance)

RIGHT = {
    "4.1": loop(X, Y, 0.05, 2)[-1],
    "4.2": 2 / np.linalg.eigvalsh(X_LINE.T @ X_LINE / 5)[-1],
    "4.3": "c",
    "4.4": descend,
    "4.5": [4.7617, 6.5336, 3.4372, 1.3245],
    "4.6": 1 / np.linalg.eigvalsh(H)[::-1],
}

WRONG = [
    ("4.1", loop(X, Y, 0.05, 1)[-1], "after one step"),
    ("4.1", loop(X, Y, 0.05, 3)[-1], "one step too many"),
    ("4.1", 2 * loop(X, Y, 0.05, 1)[-1], "gradient at w₁"),
    ("4.1", loop(X, Y, -0.05, 2)[-1], "climbs"),
    ("4.1", loop(X, Y, 0.25, 2)[-1], "divides by n"),
    ("4.1", loop(X, Y, 0.1, 2)[-1], "η = 0.1"),
    ("4.2", 0.07788, "half the limit"),
    ("4.2", 2 / np.linalg.eigvalsh(X_LINE.T @ X_LINE)[-1], "1/n"),
    ("4.2", 1 / np.linalg.eigvalsh(X_LINE.T @ X_LINE)[-1], "2/λmax, of XᵀX/5"),
    ("4.2", 0.15015, "both features"),
    ("4.2", 0.15389, "best rate"),
    ("4.2", 12.839, "λmax itself"),
    ("4.2", 3.0, "Hint 1"),
    ("4.3", "a", "units"),
    ("4.3", "b", "products of columns"),
    ("4.3", "d", "steeper"),
    ("4.4", lambda *given: descend(*given, rate=4 / given[3]), "diverged"),
    ("4.4", lambda *given: descend(*given, factor=1e4), "λmin times tol"),
    ("4.4", lambda *given: 0.0, "shape ()"),
    ("4.5", [*BEST, 0], "cost the same"),
    ("4.5", [0, BEST[1], BEST[0] + BEST[2], BEST[0]], "cost the same"),
    ("4.6", 1 / np.linalg.eigvalsh(H), "other order"),
    ("4.6", 2 / np.linalg.eigvalsh(H)[::-1], "keeps its error"),
    ("4.6", np.linalg.eigvalsh(H), "eigenvalues"),
]


test_right_answer, test_wrong_answer, test_every_exercise = exercise_tests(exercises, RIGHT, WRONG)


def test_some_problems_of_4_4_are_hard():
    ends = [np.linalg.eigvalsh(H)[[0, -1]] for H, *_ in exercises._bowls()]
    assert max(largest / smallest for smallest, largest in ends) > 20_000
