"""Chapter 5: its exact noise formulas meet simulation, its figures show the runs they claim."""

from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from descent import data, linear, margin, optimize
from descent.experiments import chapter05 as experiments
from descent.figures import chapter05 as draw

TRIPS = data.commute()
X, Y = linear.design_matrix(TRIPS.features), TRIPS.minutes
PROBLEM = linear.LeastSquares(X, Y)
BEST = linear.normal_equation(X, Y)
START = np.zeros(3)
Z, _ = experiments.standardised_trips()


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


def drawing(b, rng):
    """Return a gradient that draws one batch without replacement for each member."""
    batches = np.array(list(combinations(range(5), b)))

    def gradient(w):
        B = batches[rng.integers(len(batches), size=w.shape[:-1])]
        misses = np.einsum("...bp,...p->...b", X[B], w) - Y[B]
        return np.einsum("...b,...bp->...p", misses, X[B]) / b

    return gradient


# Claims of the text -------------------------------------------------------------------------------


@pytest.mark.parametrize("b", range(1, 6))
def test_batches_are_unbiased_and_their_variance_has_the_factor(b):
    rng = np.random.default_rng(b)
    for w in (BEST, rng.standard_normal(3), START):
        full = PROBLEM.gradient(w)
        s2 = np.mean([np.sum((PROBLEM.gradient(w, [i]) - full) ** 2) for i in range(5)])
        guesses = np.array([PROBLEM.gradient(w, list(B)) for B in combinations(range(5), b)])
        np.testing.assert_allclose(guesses.mean(axis=0), full, atol=1e-10)
        variance = np.mean(np.sum((guesses - full) ** 2, axis=1))
        assert variance == pytest.approx(s2 / b * (5 - b) / 4, abs=1e-9)


def test_variance_with_replacement_has_no_factor():
    full = PROBLEM.gradient(BEST)
    guesses = [PROBLEM.gradient(BEST, [i, j]) for i in range(5) for j in range(5)]
    assert np.mean(np.sum((guesses - full) ** 2, axis=1)) == pytest.approx(74.83647879347821 / 2)


def test_the_last_batch_of_an_epoch_of_pairs_is_a_single_trip():
    sizes = []

    def gradient(w, batch):
        sizes.append(len(batch))
        return PROBLEM.gradient(w, batch)

    rng = np.random.default_rng(0)
    optimize.stochastic_gradient_descent(
        gradient, START, 0.01, 6, n_samples=5, batch_size=2, rng=rng
    )
    assert sizes == [2, 2, 1, 2, 2, 1]


@pytest.mark.parametrize(
    ("b", "eta", "away", "excess"),
    [
        (1, 0.005, 0.1939, 0.0985), (1, 0.01, 0.2798, 0.2081), (1, 0.02, 0.4139, 0.4689),
        (1, 0.03, 0.5343, 0.8055), (1, 0.06, 0.9589, 2.8649), (2, 0.005, 0.1178, 0.0365),
        (2, 0.01, 0.1686, 0.0762), (2, 0.02, 0.2448, 0.1666), (2, 0.03, 0.3089, 0.2757),
        (2, 0.06, 0.4938, 0.8013),
    ],
)  # fmt: skip
def test_noise_floor_is_the_reference(b, eta, away, excess):
    of = experiments.noise(X, Y, b)
    assert np.sqrt(np.trace(experiments.spread(of, eta))) == pytest.approx(away, abs=5e-5)
    assert experiments.floor(of, eta) == pytest.approx(excess, abs=5e-5)


def test_noise_floor_is_measured():
    for b, eta in ((1, 0.03), (2, 0.06)):
        start = np.tile(BEST, (400, 1))
        path = optimize.gradient_descent(
            drawing(b, np.random.default_rng(b)), start, eta, 1500, every=20
        )
        measured = np.mean(PROBLEM.cost(path.w[35:])) - PROBLEM.cost(BEST)
        assert measured == pytest.approx(
            experiments.floor(experiments.noise(X, Y, b), eta), rel=0.04
        )


@pytest.mark.parametrize(
    ("b", "limit"),
    [(1, 0.09829681069565244), (2, 0.12563488200183898), (3, 0.13823781680063246),
     (4, 0.1454646887386228), (5, 0.150145421057321)],
)  # fmt: skip
def test_limits_of_stability(b, limit):
    assert experiments.noise_limit(experiments.noise(X, Y, b)) == pytest.approx(limit, rel=1e-9)


def test_expected_excess_is_the_reference():
    t = np.arange(1, 1001.0)
    of = experiments.noise(X, Y, 2)
    excess = experiments.expected_excess(of, -BEST, 0.06 / np.sqrt(t))
    expected = [73.5168418817, 19.6493113642, 2.44284261093, 1.34681778931, 0.9629546331]
    np.testing.assert_allclose(excess[[1, 2, 5, 10, 100]], expected, rtol=1e-9)
    assert excess[1000] == pytest.approx(0.439018691358)
    assert experiments.expected_excess(of, -BEST, 0.06 / t)[1000] == pytest.approx(1.15272344814)
    one = experiments.expected_excess(experiments.noise(X, Y, 1), -BEST, 0.06 / np.sqrt(t))
    assert one[100] == pytest.approx(1.03537064876)


def test_without_noise_at_the_minimum_a_fixed_rate_arrives():
    exact = linear.LeastSquares(X, X @ BEST)
    path = optimize.stochastic_gradient_descent(
        exact.gradient, START, 0.06, 6000, n_samples=5, sampling="with",
        rng=np.random.default_rng(1), every=6000,
    )  # fmt: skip
    np.testing.assert_allclose(path.w[-1], BEST, rtol=1e-9)


def test_the_bound_holds_on_average_for_several_constants_and_its_gradients_are_bounded():
    lengths = np.linalg.norm(X, axis=1)
    G = np.max(lengths * (10 * lengths + Y))
    rng = np.random.default_rng(0)
    inside = optimize.ball(10)(30 * rng.standard_normal((2000, 3)))
    for i in range(5):
        assert np.linalg.norm(PROBLEM.gradient(inside, [i]), axis=-1).max() <= G
    for c in (0.005, 0.0265, 0.06, 0.5):
        excess = []
        for seed in range(5):
            path = optimize.stochastic_gradient_descent(
                PROBLEM.gradient, START, optimize.inverse_sqrt(c), 1000, n_samples=5,
                sampling="with", project=optimize.ball(10), rng=np.random.default_rng(seed),
            )  # fmt: skip
            excess.append(PROBLEM.cost(optimize.average(path)[1:]) - PROBLEM.cost(BEST))
        bound = (400 / (2 * c) + c * G**2) / np.sqrt(np.arange(1, 1001))
        assert np.all(np.mean(excess, axis=0) <= bound)


def test_robbins_monro_sums():
    t = np.arange(1, 1_000_001)
    assert np.sum(1 / t) == pytest.approx(14.392726722865724)
    assert np.sum(1 / t) >= np.log(1_000_001)
    assert np.sum(0.06 / np.sqrt(t)) == pytest.approx(119.912, abs=1e-3)


def test_the_stopping_rule_stops_early_and_far_away():
    gradient = drawing(2, np.random.default_rng(11))
    path = optimize.gradient_descent(gradient, np.zeros((1000, 3)), optimize.inverse_sqrt(0.06), 80)
    stop = optimize.first_small_step(path, 0.02)
    cost = PROBLEM.cost(path.w[stop, np.arange(1000)])
    assert 11 <= np.median(stop) <= 15
    assert np.median(cost) == pytest.approx(3.724, abs=0.08)
    assert not np.any(cost < 1.05 * PROBLEM.cost(BEST))
    assert np.sum(cost < 1.25 * PROBLEM.cost(BEST)) <= 5


def test_iris_every_run_sorts_all_flowers():
    iris = data.iris_pair("setosa", "versicolor")
    flowers = margin.Margin(linear.design_matrix(iris.features[:, 2:]), iris.labels)
    for seed in range(5):
        path = optimize.stochastic_gradient_descent(
            flowers.gradient, START, optimize.inverse_sqrt(0.05), 2000, n_samples=100,
            rng=np.random.default_rng(seed), every=2000,
        )  # fmt: skip
        assert np.all(flowers.margin(path.w[-1]) > 0)
        assert flowers.cost(path.w[-1]) == pytest.approx(0.085, abs=0.007)


# The figure of the book ---------------------------------------------------------------------------

RUNS = experiments.runs()


def test_each_run_is_the_slow_loop():
    for c, s, k, seed in ((8, 0, 0, 0), (4, 1, 1, 3), (8, 2, 0, 6), (5, 1, 2, 0)):
        b, rng = experiments.BATCHES[k], np.random.default_rng(seed)
        w = START
        for t in range(1, 201):
            B = rng.choice(5, b, replace=False)
            eta = experiments.CONSTANTS[c] * (1, t**-0.5, 1 / t)[s]
            w = w - eta * (Z[B] @ w - Y[B]) @ Z[B] / b
        np.testing.assert_allclose(RUNS.walks[k][c, s, seed, 200], w, rtol=1e-8)
        excess = linear.cost(Z, Y, w) - linear.cost(Z, Y, linear.normal_equation(Z, Y))
        assert RUNS.above[k][c, s, seed, 200] == pytest.approx(excess, abs=1e-9)


def test_every_run_uses_the_same_number_of_gradients():
    assert [used[-1] for used in RUNS.used] == [experiments.BUDGET] * 3


def test_the_readout_tells_the_truth():
    said = draw.schedule_figure().readout
    for c, s, k in np.ndindex(said.shape):
        words, value = said[c, s, k], experiments.CONSTANTS[c]
        assert words.startswith(
            f"η = {value:g}{('', '/√t', '/t')[s]}, batch {experiments.BATCHES[k]}: "
        )
        assert "nan" not in words
        assert ("diverges" in words.split(";")[0]) == (s == 0 and value > RUNS.limits[k])
        if "walks end above their start" in words:
            above = RUNS.above[k][c, s]
            out = int(words.split("; ")[1].split(" of these 7")[0])
            assert out == np.sum(~(above[:, -1] < above[:, 0]))
        if "stalls" in words:
            assert experiments.level(RUNS, c, s, k) < 4 * RUNS.floors[c, k]
        if "noise dies away" in words:
            above = RUNS.above[k][c, s]
            n = above.shape[-1]
            early, late = (np.median(above[:, a:b].mean(-1)) for a, b in ((9, n // 8), (n // 2, n)))
            assert late < early, words
    assert "stalls at its noise floor (2.67 expected)" in said[8, 0, 0]
    assert "gradient descent" in said[8, 0, 2]


def test_the_prediction_is_answered_by_the_numbers():
    batch, root, inverse = (experiments.level(RUNS, 8, s, k) for s, k in ((0, 1), (1, 0), (2, 0)))
    assert experiments.CONSTANTS[8] == 0.3
    assert root < batch < experiments.level(RUNS, 8, 0, 0)
    assert root < inverse


def test_the_copied_line_gives_the_curve():
    book = draw.schedule_figure()
    schedules = {"fixed c": optimize.constant, "c/√t": optimize.inverse_sqrt}
    schedules["c/t"] = optimize.inverse
    at = {"c": 4, "schedule": 1, "b": 1}
    names = list(at)
    line = "".join(
        part if isinstance(part, str) else part["texts"][at[names[part["control"]]]]
        for part in book.code
    )
    known = {"optimize": optimize, "easy": linear.LeastSquares(Z, Y), "np": np}
    path = eval(line, known | {"SCHEDULES": schedules})
    np.testing.assert_allclose(path.w, RUNS.walks[1][4, 1, 0], rtol=1e-9)


def test_curves_are_those_of_the_runs():
    x, y = draw._lines(RUNS)["loss one"]
    shown = np.isfinite(y[8, 0, 0])
    rows = x[8, 0, 0][shown].astype(int)
    rows[0] = 0
    expected = RUNS.above[0][8, 0, 0]
    np.testing.assert_allclose(y[8, 0, 0][shown], expected[rows])


def test_the_cloud_lies_in_its_ellipse():
    of = experiments.noise(X, Y, 1)
    points = experiments.ball_points()
    for k in (5, 8):
        S = experiments.spread(of, experiments.BALL_RATES[k])
        np.testing.assert_allclose(np.trace(np.cov(points[k].T)), np.trace(S), rtol=0.25)


def test_halving_the_rate_halves_the_floor():
    of = experiments.noise(X, Y, 1)
    assert 0.35 < experiments.floor(of, 0.015) / experiments.floor(of, 0.03) < 0.55


# Static pictures ----------------------------------------------------------------------------------


def test_sample_steps_mark_their_mean(axes):
    rng = np.random.default_rng(0)
    singles, pairs = rng.standard_normal((2, 5, 2)), rng.standard_normal((2, 10, 2))
    draw.sample_steps(singles, pairs, axes)
    for ax, ones in zip(axes, singles, strict=True):
        (star,) = (line for line in ax.lines if line.get_marker() == "*")
        np.testing.assert_allclose(np.ravel(star.get_xydata()), ones.mean(axis=0))


def test_walks_of_both_kinds_share_a_valley(axes):
    walk = np.array([START, BEST])
    draw.two_walks(X, Y, (walk, walk), axes)
    for ax in axes:
        np.testing.assert_allclose(ax.lines[0].get_xydata()[1], [0, 0], atol=1e-12)


def test_points_lie_on_their_curves(ax):
    rates = np.array([0.01, 0.02])
    draw.noise_floors(rates, {1: [0.2, 0.4]}, {1: (rates, [0.2, 0.4])}, {1: 0.098}, ax)
    assert any(text.get_text() == "b = 1" for text in ax.texts)


def test_the_other_pictures_draw_what_they_are_given(ax, axes):
    draw.schedules({"c/t": np.array([5.0, 2.0, 1.0])}, ax)
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), [2, 1])
    T = np.arange(1, 5)
    draw.under_the_bound(T, np.ones((4, 2)), 9.0 / T, ax)
    assert ax.lines[-1].get_ydata()[0] == 9
    ax.clear()
    draw.price([10, 100], [1, 10], [3, 3], ax)
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), [1, 10])
    ax.clear()
    draw.flowers(([0, 1], [0, 1]), (np.ones(2), np.ones((2, 3))), ax)
    draw.stops(np.array([3, 4, 5]), np.array([3.0, 3.5, 4.0]), 2.4, axes)
    assert axes[1].get_xlim()[0] < 2.4
    assert sum(bar.get_height() for bar in axes[0].patches) == 3


# Exercises ----------------------------------------------------------------------------------------


def test_how_frozen_is_measured_for_a_faster_case():
    """Π (1 − a/t) = 1/2 at T = (2 / Γ(1 − a))^(1/a), seen where T can be reached."""
    a = 0.1
    left = np.cumprod(1 - a / np.arange(1, 3001.0))
    T = 1 + np.argmax(left <= 0.5)
    from math import gamma

    assert pytest.approx((2 / gamma(1 - a)) ** (1 / a), rel=0.01) == T
