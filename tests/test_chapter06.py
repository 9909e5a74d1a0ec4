"""Chapter 6: what it derives about momentum, AdaGrad and Adam holds, and its figures show it."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from exercise_tests import exercise_tests

from descent import data, linear, optimize
from descent.exercises import chapter06 as exercises
from descent.experiments import chapter06 as experiments
from descent.figures import chapter06 as draw

BOWL = np.array([0.1, 2.0])  # f = x^2/20 + y^2: its Hessian, condition number 20 (errata 2-11)
START = np.array([-7.0, 2.0])
TRIPS = data.commute()
X, Y = linear.design_matrix(TRIPS.features), TRIPS.minutes
PROBLEM = linear.LeastSquares(X, Y)
BEST = linear.normal_equation(X, Y)
EIGENVALUES = linear.spectrum(X).eigenvalues
TURN = np.array([[1, -1], [1, 1]]) / np.sqrt(2)


def best_pair(smallest, largest):
    rho = (np.sqrt(largest) - np.sqrt(smallest)) / (np.sqrt(largest) + np.sqrt(smallest))
    return 4 / (np.sqrt(smallest) + np.sqrt(largest)) ** 2, rho**2


def stay(walk, target=0.0, tol=1e-6, least=500):
    """Return the first row of a stay near the target of `least` rows or more, and its end."""
    near, first = np.linalg.norm(walk - target, axis=-1) < tol, None
    for row, inside in enumerate([*near, False]):
        if inside and first is None:
            first = row
        elif not inside and first is not None:
            if row - first >= least:
                return first, row
            first = None
    return None, None


def stays(walk, target=0.0):
    return stay(walk, target)[0]


def on_bowl(optimizer, eta, steps=5000, curvature=BOWL, turn=None):
    turn = np.eye(2) if turn is None else turn
    H = turn @ np.diag(curvature) @ turn.T
    run = optimize.gradient_descent(lambda w: w @ H, turn @ START, eta, steps, optimizer=optimizer)
    return run.w


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


# Claims of the text -------------------------------------------------------------------------------


def test_the_bowl_is_that_of_its_formula():
    w = np.random.default_rng(0).standard_normal((20, 2))
    np.testing.assert_allclose(experiments.bowl_cost(w), w[:, 0] ** 2 / 20 + w[:, 1] ** 2)
    np.testing.assert_allclose(experiments.bowl_gradient(w), w * [0.1, 2])
    assert linear.spectrum(np.diag(np.sqrt(2 * BOWL))).condition_number == pytest.approx(20)


def test_the_zigzag_needs_no_chance():
    """Every step of the full gradient changes sides (errata 2-11)."""
    across = on_bowl(None, 0.95, 40)[:, 1]
    np.testing.assert_allclose(across[1:] / across[:-1], -0.9)


def test_the_velocity_is_a_weighted_sum_of_slopes():
    walk = on_bowl(optimize.Momentum(0.7), 0.4, 30)
    slopes = walk[:-1] * BOWL
    for t in (1, 5, 30):
        total = sum(0.7 ** (t - k) * slopes[k - 1] for k in range(1, t + 1))
        np.testing.assert_allclose(walk[t] - walk[t - 1], -0.4 * total, atol=1e-13)


@pytest.mark.parametrize(("slope", "share"), [(1.0, 10.0), (-1.0, 1 / 1.9)])
def test_agreeing_slopes_add_up_and_alternating_ones_cancel(slope, share):
    v, g = 0.0, 1.0
    for _ in range(400):
        g *= slope
        v = 0.9 * v - g
    assert abs(v) == pytest.approx(share)


def test_each_direction_follows_its_two_by_two_matrix():
    rng = np.random.default_rng(1)
    for _ in range(20):
        eta, beta = rng.uniform(0.1, 1.5), rng.uniform(0, 0.95)
        walk = on_bowl(optimize.Momentum(beta), eta, 25)
        for j, value in enumerate(BOWL):
            M = np.array([[1 + beta - eta * value, -beta], [1, 0]])
            state = np.linalg.matrix_power(M, 25) @ [START[j], START[j]]
            assert walk[-1, j] == pytest.approx(state[0], rel=1e-8, abs=1e-10)
            found = np.sort_complex(experiments.roots(beta, eta * value))
            np.testing.assert_allclose(found, np.sort_complex(np.linalg.eigvals(M)), atol=1e-7)


def test_complex_roots_have_the_size_root_beta_and_real_ones_more():
    beta, x = np.meshgrid(np.linspace(0.01, 0.99, 50), np.linspace(0.005, 3.9, 300))
    size = np.abs(experiments.roots(beta, x)).max(axis=-1)
    inside = ((1 - np.sqrt(beta)) ** 2 < x) & (x < (1 + np.sqrt(beta)) ** 2)
    np.testing.assert_allclose(size[inside], np.sqrt(beta[inside]))
    assert np.all(size[~inside] > np.sqrt(beta[~inside]) - 1e-9)


def test_momentum_is_stable_up_to_its_limit():
    for beta in (0.0, 0.3, 0.9):
        limit = 2 * (1 + beta) / BOWL[1]
        assert np.abs(experiments.roots(beta, 0.999 * limit * BOWL)).max() < 1
        assert np.abs(experiments.roots(beta, 1.001 * limit * BOWL)).max() > 1


@pytest.mark.parametrize("kappa", [2.0, 20.0, 140.26, 1000.0])
def test_no_pair_keeps_less_than_the_best(kappa):
    eta, beta = best_pair(1.0, kappa)
    root = np.sqrt(kappa)
    rho = (root - 1) / (root + 1)
    assert np.abs(experiments.roots(beta, eta * np.array([1, kappa]))).max() == pytest.approx(
        rho, abs=1e-6
    )
    rates, betas = np.meshgrid(np.linspace(1e-3, 4 / kappa, 400), np.linspace(0, 0.995, 300))
    ends = np.stack([rates, rates * kappa])
    assert np.abs(experiments.roots(betas, ends)).max(axis=(0, -1)).min() >= rho - 1e-9


def test_the_two_inequalities_of_the_proof():
    rng = np.random.default_rng(2)
    rho, beta, x = rng.uniform(0.1, 1, 200), rng.uniform(0, 1, 200), rng.uniform(0, 4, 200)
    p = lambda z: z**2 - (1 + beta - x) * z + beta  # noqa: E731
    np.testing.assert_allclose(p(rho), rho * x - (1 - rho) * (rho - beta), atol=1e-12)
    np.testing.assert_allclose(p(-rho), (1 + rho) * (rho + beta) - rho * x, atol=1e-12)


def test_steps_on_the_bowl():
    eta, beta = best_pair(*BOWL)
    assert stays(on_bowl(None, 2 / BOWL.sum())) == 158
    assert stays(on_bowl(optimize.Momentum(beta), eta)) == 42
    assert stays(on_bowl(optimize.Momentum(0.9), 0.1)) == 298
    counts = [stays(on_bowl(optimize.AdaGrad(), rate)) for rate in (0.5, 1.5, 7.0)]
    assert counts == [890, 124, 13]
    assert stays(on_bowl(optimize.Momentum(0.415), 1.31)) == 34


@pytest.mark.parametrize(
    ("optimizer", "eta", "steps"),
    [
        (None, 0.1, 1553),
        (None, 0.149, 1061),
        (optimize.Momentum(0.9), 0.1, 303),
        (optimize.Momentum(best_pair(EIGENVALUES[0], EIGENVALUES[-1])[1]), None, 127),
        (optimize.Adam(), 1.0, 419),
        (optimize.Adam(), 3.0, 307),
        (optimize.AdaGrad(), 10.0, 592),
    ],
)
def test_steps_on_the_commutes(optimizer, eta, steps):
    eta = best_pair(EIGENVALUES[0], EIGENVALUES[-1])[0] if eta is None else eta
    walk = optimize.gradient_descent(
        PROBLEM.gradient, np.zeros(3), eta, 3000, optimizer=optimizer
    ).w
    assert stays(walk, BEST) == steps


def test_customary_adam_has_not_arrived_and_a_large_rate_does_not_stay():
    def run(eta):
        path = optimize.gradient_descent(
            PROBLEM.gradient, np.zeros(3), eta, 5000, optimizer=optimize.Adam()
        )
        return path.w

    tiny = run(0.001)
    assert np.abs(tiny[-1]).max() < 5.0
    assert PROBLEM.cost(tiny[-1]) > 10 * PROBLEM.cost(BEST)
    bold = np.linalg.norm(run(3.0) - BEST, axis=1)
    assert bold[:1000].min() < 1e-6 < 0.1 < bold[1000:].max()


def test_adagrad_on_a_constant_slope_follows_one_over_root_t():
    w = optimize.gradient_descent(
        lambda w: np.full_like(w, 5.0), [0.0], 0.1, 400, optimizer=optimize.AdaGrad()
    ).w[:, 0]
    np.testing.assert_allclose(-np.diff(w), 0.1 / np.sqrt(np.arange(1, 401)), rtol=1e-6)
    assert np.all(-w[1:] < 2 * 0.1 * np.sqrt(np.arange(1, 401)))


def test_the_expected_average_is_one_minus_beta_to_the_t():
    for beta in (0.5, 0.9, 0.999):
        for t in (1, 3, 40):
            weights = (1 - beta) * beta ** np.arange(t)
            assert weights.sum() == pytest.approx(1 - beta**t)


def test_no_step_of_adam_is_longer_than_its_bound():
    rng = np.random.default_rng(3)
    worst = 0.1 / np.sqrt(0.001 * (1 - 0.81 / 0.999))
    assert worst == pytest.approx(7.27, abs=5e-4)
    for power in (1, 3, 9):
        slopes = iter(rng.standard_normal((300, 50)) ** power)
        run = optimize.gradient_descent(
            lambda w, s=slopes: next(s), np.zeros(50), 1.0, 300, optimizer=optimize.Adam()
        )
        assert np.abs(np.diff(run.w, axis=0)).max() <= worst


def test_turning_the_bowl_matters_only_to_rates_for_single_weights():
    eta, beta = best_pair(*BOWL)
    for optimizer, rate in ((None, 0.95), (optimize.Momentum(beta), eta)):
        flat, turned = on_bowl(optimizer, rate, 100), on_bowl(optimizer, rate, 100, turn=TURN)
        np.testing.assert_allclose(turned, flat @ TURN.T, atol=1e-12)
    assert stays(on_bowl(optimize.Adam(), 0.1)) < stays(on_bowl(optimize.Adam(), 0.1, turn=TURN))
    best = min(
        stays(on_bowl(optimize.AdaGrad(), rate, 3000, turn=TURN)) or 3000
        for rate in experiments.RATES["AdaGrad"]
    )
    assert best == 240


LONG = np.array([0.002, 2.0])


@pytest.mark.parametrize("steps", [6000, 8500, 10_000])
def test_on_the_long_bowl_turned_adam_is_thirteen_times_slower_and_does_not_stay(steps):
    """Whatever the length of the run; where it leaves, the last digits depend on rounding."""
    assert stays(on_bowl(optimize.Adam(), 0.1, steps, LONG)) == 344
    first, left = stay(on_bowl(optimize.Adam(), 0.1, steps, LONG, TURN))
    assert first == 4539
    if steps > 8000:
        assert 3000 < left - first < 3400


def test_on_the_long_bowl_turned_adam_comes_between_momentum_and_plain_descent():
    eta, beta = best_pair(*LONG)
    momentum = stays(on_bowl(optimize.Momentum(beta), eta, 8500, LONG, TURN))
    plain = stays(on_bowl(None, 2 / LONG.sum(), 8500, LONG, TURN))
    fastest = min(
        stays(on_bowl(optimize.Adam(), rate, 2000, LONG, TURN)) or 2000
        for rate in experiments.RATES["Adam"]
        if rate >= 1
    )
    assert (momentum, fastest, plain) == (332, 729, 7901)


@pytest.mark.full
def test_adam_leaves_the_minimum_and_the_others_do_not():
    far = lambda walk: np.linalg.norm(walk[1000:], axis=1).max()  # noqa: E731
    assert far(on_bowl(None, 0.95, 20_000)) < 1e-40
    assert far(on_bowl(optimize.Momentum(0.9), 1.0, 20_000)) < 1e-20
    adam = on_bowl(optimize.Adam(), 1.0, 20_000)
    assert np.linalg.norm(adam[:1000], axis=1).min() < 1e-20
    assert far(adam) > 0.5


def test_only_momentum_can_diverge():
    assert not np.abs(on_bowl(optimize.Momentum(0.9), 2.0, 400)).max() < 1e6
    for optimizer, longest in ((optimize.AdaGrad(), 1), (optimize.Adam(), 7.27)):
        for eta in (20.0, 1000.0):
            walk = on_bowl(optimizer, eta, 2000)
            assert np.abs(walk).max() < 10 * eta
            assert np.abs(np.diff(walk, axis=0)).max() <= longest * eta


# The figures with sliders -------------------------------------------------------------------------


def loop(method, eta, steps, beta=0.9):
    """The slow twin: one weight at a time."""
    w, rows = [-7.0, 2.0], [[-7.0, 2.0]]
    m, s = [0.0, 0.0], [0.0, 0.0]
    for t in range(1, steps + 1):
        for j in range(2):
            g = BOWL[j] * w[j]
            if method == "momentum":
                m[j] = beta * m[j] - eta * g
                w[j] += m[j]
            elif method == "AdaGrad":
                s[j] += g * g
                w[j] -= eta * g / (s[j] ** 0.5 + 1e-8)
            else:
                m[j], s[j] = 0.9 * m[j] + 0.1 * g, 0.999 * s[j] + 0.001 * g * g
                w[j] -= eta * m[j] / (1 - 0.9**t) / ((s[j] / (1 - 0.999**t)) ** 0.5 + 1e-8)
        rows.append(list(w))
    return np.array(rows)


@pytest.mark.parametrize("method", experiments.RATES)
def test_each_run_of_the_methods_is_the_slow_loop(method):
    walks = experiments.method_runs()[method]
    assert list(experiments.RATES[method]) == sorted(set(experiments.RATES[method]))
    for row in (0, 4, 8, 13, 16):
        expected = loop(method, experiments.RATES[method][row], experiments.STEPS)
        np.testing.assert_allclose(walks[row], expected, rtol=1e-8, atol=1e-9)


def test_each_run_of_momentum_is_the_slow_loop():
    walks = experiments.momentum_runs()
    for i in range(0, len(experiments.ETAS), 5):
        for j in range(0, len(experiments.BETAS), 4):
            expected = loop(
                "momentum", experiments.ETAS[i], experiments.STEPS, experiments.BETAS[j]
            )
            np.testing.assert_allclose(walks[i, j], expected, rtol=1e-7, atol=1e-9)


def test_the_readout_of_momentum_tells_the_truth():
    costs = experiments.bowl_cost(experiments.momentum_runs())
    for i, eta in enumerate(experiments.ETAS):
        for j, beta in enumerate(experiments.BETAS):
            words = draw._verdict(eta, beta, costs[i, j])
            sizes = np.abs(experiments.roots(beta, eta * BOWL)).max()
            assert ("diverges" in words) == (sizes > 1 + 1e-9)
            assert ("for ever" in words) == (abs(sizes - 1) < 1e-9)
            if "from step" in words:
                t = int(words.split("step ")[1].split()[0])
                assert np.all(costs[i, j, t:] < 1e-3) and costs[i, j, t - 1] >= 1e-3
            complex_roots = np.abs(experiments.roots(beta, eta * BOWL).imag).max(axis=-1) > 1e-6
            if "rolls" in words:
                name = ("no direction", "one direction", "both directions")[complex_roots.sum()]
                assert name in words


def test_the_readout_of_the_methods_counts():
    walks = experiments.method_runs()
    walks.pop("gradient descent")
    words = draw.methods_figure().readout
    assert words.shape == (17, 17, 17)
    for index in ((4, 8, 6), (0, 0, 0), (16, 16, 16)):
        for name, k in zip(walks, index, strict=True):
            costs = experiments.bowl_cost(walks[name][k])
            below = np.flatnonzero(~(costs < 1e-3))[-1] + 1
            diverged = name == "momentum" and experiments.RATES[name][k] > 1.9
            said = "diverges" if diverged else str(below) if below <= 100 else "more than 100"
            assert f"{name} {said}" in words[index]


def test_the_predictions_are_answered_by_the_numbers():
    walks = experiments.method_runs()
    walks.pop("gradient descent")
    least = {
        name: min(t for t in map(experiments.arrival, experiments.bowl_cost(w)) if t >= 0)
        for name, w in walks.items()
    }
    assert min(least, key=least.get) == "AdaGrad"
    costs = experiments.bowl_cost(experiments.momentum_runs())[list(experiments.ETAS).index(0.95)]
    counts = [experiments.arrival(c) for c in costs]
    half = counts[list(experiments.BETAS).index(0.5)]
    assert 0 < half == min(t for t in counts if t >= 0) < counts[0]
    assert counts[list(experiments.BETAS).index(0.95)] == -1


def test_what_the_list_beside_the_figure_says():
    walks, counts = experiments.method_runs(), {}
    for name, rates in experiments.RATES.items():
        arrivals = map(experiments.arrival, experiments.bowl_cost(walks[name]))
        counts[name] = dict(zip(rates, arrivals, strict=True))
    swing = [t for eta, t in counts["momentum"].items() if 0.05 <= eta <= 1.2]
    assert max(swing) - min(swing) < 10
    assert all(0 < t <= 6 for eta, t in counts["AdaGrad"].items() if eta >= 5)
    assert counts["momentum"][0.01] == counts["AdaGrad"][0.1] == counts["Adam"][0.01] == -1
    assert walks["AdaGrad"][2, -1, 0] < -5
    assert walks["Adam"][1, -1, 0] < -5
    assert walks["Adam"][experiments.RATES["Adam"].index(5), :, 0].max() > 4


@pytest.mark.parametrize("make", [draw.momentum_figure, draw.methods_figure])
def test_a_figure_opens_on_its_story(make):
    assert make().question is not None


def test_the_copied_line_gives_the_curve():
    names = {"optimize": optimize, "gradient": experiments.bowl_gradient, "start": START}
    line = (
        "optimize.gradient_descent(gradient, start, 0.95, 100, optimizer=optimize.Momentum(0.50))"
    )
    i, j = list(experiments.ETAS).index(0.95), list(experiments.BETAS).index(0.5)
    np.testing.assert_allclose(eval(line, names).w, experiments.momentum_runs()[i, j])
    code = "".join(
        part if isinstance(part, str) else part["texts"][k]
        for part, k in zip(draw.momentum_figure().code, (0, i, 0, j, 0), strict=True)
    )
    assert code == line


# Static pictures ----------------------------------------------------------------------------------


def test_a_walk_is_drawn_where_it_went(ax):
    walk = on_bowl(None, 0.95, 10)
    draw.walk_on_bowl({"gradient descent": walk}, ax)
    np.testing.assert_allclose(ax.lines[0].get_xydata(), walk)


def test_velocity_parts_are_steps(axes):
    slopes, velocities = np.ones((16, 2)), np.full((16, 2), -3.0)
    draw.velocity_parts(slopes, velocities, 0.5, axes)
    for ax in axes:
        np.testing.assert_allclose(ax.lines[1].get_ydata(), -0.5)
        np.testing.assert_allclose(ax.lines[2].get_ydata(), -3.0)


def test_the_kept_shares_meet_at_the_best_beta(ax):
    draw.kept(np.linspace(0, 0.999, 1000), BOWL, 1.3358147, ax)
    low, high = (line.get_ydata() for line in ax.lines[:2])
    assert np.maximum(low, high).min() == pytest.approx(0.6345, abs=3e-3)


def test_averages_and_long_runs_are_drawn_as_given(ax):
    raw = 1 - 0.9 ** np.arange(1, 41)
    draw.averages(raw, np.ones(40), ax)
    np.testing.assert_allclose(ax.lines[1].get_ydata(), raw)
    draw.unsettled({"Adam": np.geomspace(1, 1e-40, 101)}, ax)
    assert ax.lines[-1].get_ydata().min() == 1e-30


# Exercises ----------------------------------------------------------------------------------------


class RMSProp:
    squares = None

    def step(self, parameters, gradients, eta):
        old = self.squares or [0.0] * len(gradients)
        self.squares = [0.9 * s + 0.1 * dW**2 for s, dW in zip(old, gradients, strict=True)]
        for W, dW, s in zip(parameters, gradients, self.squares, strict=True):
            W -= eta * dW / (np.sqrt(s) + 1e-8)


class NewArrays(RMSProp):
    def step(self, parameters, gradients, eta):
        moved = [W.copy() for W in parameters]
        super().step(moved, gradients, eta)
        return moved


LINE = linear.spectrum(linear.design_matrix(TRIPS.distance))
PAIR = best_pair(*LINE.eigenvalues)
RIGHT = {"6.1": -0.542, "6.2": PAIR, "6.3": "c", "6.4": RMSProp, "6.5": 38}
WRONG = [
    ("6.1", 0.542, "down the slope"),
    ("6.1", -0.38, "v₂"),
    ("6.1", -0.6878, "one step too many"),
    ("6.1", -0.2, "first step alone"),
    ("6.1", -2, "long run"),
    ("6.2", (PAIR[0], PAIR[1] ** 0.5), "its root"),
    ("6.2", PAIR[::-1], "other order"),
    ("6.2", (LINE.best_rate, PAIR[1]), "plain descent"),
    ("6.3", "a", "hundred times as long"),
    ("6.3", "b", "hundredfold"),
    ("6.3", "d", "fraction bar"),
    ("6.4", optimize.AdaGrad(), "sums the squares"),
    ("6.4", optimize.SGD(), "not that of RMSProp"),
    ("6.4", NewArrays, "returned new arrays"),
    ("6.4", lambda parameters, gradients, eta: None, "with its method step"),
    ("6.5", 3.8, "limit of momentum"),
    ("6.5", 2, "plain descent"),
    ("6.5", 0.38, "do not multiply"),
    ("6.5", 20, "2(1 + β)"),
    ("6.5", 7, "Hint 1"),
]


test_right_answer, test_wrong_answer, test_every_exercise = exercise_tests(exercises, RIGHT, WRONG)
