"""Chapter 5: its claims about random walks, each over at least twenty seeds or without chance."""

from itertools import combinations

import numpy as np
import pytest

from descent import data, linear, margin, optimize
from descent.experiments import chapter05 as experiments

TRIPS = data.commute()
X, Y = linear.design_matrix(TRIPS.features), TRIPS.minutes
PROBLEM = linear.LeastSquares(X, Y)
BEST = linear.normal_equation(X, Y)
LEAST = PROBLEM.cost(BEST)
START = np.zeros(3)


def drawing(b, rng, y=Y):
    """Return a gradient that draws b trips without replacement, anew for each member."""
    batches = np.array(list(combinations(range(5), b)))

    def gradient(w):
        B = batches[rng.integers(len(batches), size=w.shape[:-1])]
        misses = np.einsum("...bp,...p->...b", X[B], w) - y[B]
        return np.einsum("...b,...bp->...p", misses, X[B]) / b

    return gradient


def by_epochs(rng):
    """Return a gradient that goes through the trips in passes, shuffled for each member."""
    order, taken = None, 0

    def gradient(w):
        nonlocal order, taken
        if taken % 5 == 0:
            order = rng.permuted(np.tile(np.arange(5), (*w.shape[:-1], 1)), axis=-1)
        i, taken = order[..., taken % 5], taken + 1
        return ((w * X[i]).sum(axis=-1) - Y[i])[..., None] * X[i]

    return gradient


def growth(eta):
    """Return the factor of the mean square in a step on single trips without noise."""
    A = [np.eye(3) - eta * np.outer(x, x) for x in X]
    return np.abs(np.linalg.eigvals(np.mean([np.kron(a, a) for a in A], axis=0))).max()


def test_the_floor_of_one_direction_is_proportional_to_a_small_rate():
    rng, curvature, s = np.random.default_rng(0), 2.0, 3.0
    for eta in (0.02, 0.1, 0.5):
        walk = optimize.gradient_descent(
            lambda w: curvature * w + s * rng.standard_normal(w.shape),
            np.zeros((4000, 1)), eta, 600, every=50,
        )  # fmt: skip
        expected = eta * s**2 / (curvature * (2 - eta * curvature))
        assert np.var(walk.w[6:]) == pytest.approx(expected, rel=0.05)


def test_by_epochs_the_floor_is_lower_and_proportional_to_the_square_of_the_rate():
    rates = np.array([0.005, 0.01, 0.02])
    for gradient, low, high in (
        (by_epochs(np.random.default_rng(1)), 3.6, 4.6),
        (drawing(1, np.random.default_rng(1)), 1.8, 2.5),
    ):
        path = optimize.gradient_descent(gradient, np.tile(BEST, (3, 60, 1)), rates[:, None], 3000)
        excess = (PROBLEM.cost(path.w[1500:]) - LEAST).mean(axis=(0, 2))
        assert np.all((low < excess[1:] / excess[:-1]) & (excess[1:] / excess[:-1] < high))
        floors = [experiments.floor(experiments.noise(X, Y, 1), eta) for eta in rates]
        assert np.all(excess < 0.6 * np.array(floors)) == (low > 3)


@pytest.mark.full
def test_the_core_shuffles_epochs_to_the_lower_floor():
    for seed in range(20):
        path = optimize.stochastic_gradient_descent(
            PROBLEM.gradient, BEST, 0.01, 6000, n_samples=5, rng=np.random.default_rng(seed)
        )
        assert 0.04 < (PROBLEM.cost(path.w[1000:]) - LEAST).mean() < 0.07  # 0.208 by draws


def test_the_limit_is_one_of_the_mean_square():
    limit = experiments.noise_limit(experiments.noise(X, Y, 1))
    assert growth(0.999 * limit) < 1 < growth(1.001 * limit)


@pytest.mark.full
@pytest.mark.parametrize("seed", range(20))
def test_single_walks_without_noise_arrive_above_the_limit_up_to_about_an_eighth(seed):
    rates = np.array([0.06, 0.09, 0.105, 0.11, 0.125, 0.14, 0.16])
    path = optimize.gradient_descent(
        drawing(1, np.random.default_rng(seed), X @ BEST), np.zeros((7, 200, 3)),
        rates[:, None], 2000, every=2000,
    )  # fmt: skip
    there = np.sum(np.linalg.norm(path.w[-1] - BEST, axis=-1) < 1e-3, axis=1)
    assert np.all(there[:4] == 200)
    assert 80 < there[4] < 180
    assert np.all(there[5:] == 0)


@pytest.mark.full
def test_five_hundred_single_steps_end_lower_than_a_hundred_full_ones_in_nearly_every_run():
    full = optimize.gradient_descent(PROBLEM.gradient, START, 0.01, 100).w[-1]
    path = optimize.gradient_descent(
        drawing(1, np.random.default_rng(2)), np.zeros((500, 3)), 0.01, 500, every=500
    )
    seen = experiments.valley(X, Y, START)
    along = np.abs((path.w[-1] - BEST) @ seen.directions[:, 0])
    assert np.mean(along < abs((full - BEST) @ seen.directions[:, 0])) > 0.99
    assert np.mean(PROBLEM.cost(path.w[-1]) < PROBLEM.cost(full)) > 0.95


def test_c_over_root_t_is_never_far_behind_the_fixed_rate_after_its_first_steps():
    t = np.arange(1, 10_001.0)
    of = experiments.noise(X, Y, 2)
    fixed = experiments.expected_excess(of, START - BEST, 0.06 + 0 * t)
    root = experiments.expected_excess(of, START - BEST, 0.06 / np.sqrt(t))
    behind = np.flatnonzero(root > fixed)
    assert set(behind) == set(range(2, 7)) | set(range(45, 266))
    assert (root - fixed)[10:].max() < 0.14


def test_a_bounded_variance_is_not_enough_for_robbins_and_monro():
    w, seen = 3.0, []
    for t in range(1, 5):
        w = w - w**3 / t
        seen.append(w)
    np.testing.assert_allclose(seen[:2], [-24, 6888])
    assert abs(seen[3]) > 1e30


def test_the_bound_of_the_average_needs_the_start_in_the_set():
    far = np.array([1000.0, 0, 0])
    path = optimize.stochastic_gradient_descent(
        PROBLEM.gradient, far, optimize.inverse_sqrt(0.06), 1, n_samples=5, sampling="with",
        project=optimize.ball(10), rng=np.random.default_rng(0),
    )  # fmt: skip
    lengths = np.linalg.norm(X, axis=1)
    bound = 400 / 0.12 + 0.06 * np.max(lengths * (10 * lengths + Y)) ** 2
    np.testing.assert_array_equal(optimize.average(path)[1], far)
    assert PROBLEM.cost(optimize.average(path)[1]) - LEAST > 20 * bound


@pytest.mark.full
def test_the_stopping_rule_leaves_no_run_near_the_least_cost():
    for seed in range(20):
        path = optimize.gradient_descent(
            drawing(2, np.random.default_rng(seed)), np.zeros((1000, 3)),
            optimize.inverse_sqrt(0.06), 80,
        )  # fmt: skip
        stop = optimize.first_small_step(path, 0.02)
        cost = PROBLEM.cost(path.w[stop, np.arange(1000)])
        assert 12 <= np.median(stop) <= 14
        assert 1.5 < np.median(cost) / LEAST < 1.62
        assert cost.min() > 1.05 * LEAST


@pytest.mark.full
def test_mini_batches_are_the_better_buy_with_many_samples_and_not_with_few():
    """Within 1 %: full gradients are cheaper at n = 30, mini-batches at 10,000, in every run."""

    def needed(size, seed, within=0.01, steps=1000):
        sample = data.linear_sample(size, 5, rng=np.random.default_rng(seed))
        A = linear.design_matrix(sample.features)
        p, w0 = linear.LeastSquares(A, sample.targets), np.zeros(6)
        goal = (1 + within) * p.cost(linear.normal_equation(A, sample.targets))
        full = optimize.gradient_descent(p.gradient, w0, linear.spectrum(A).best_rate, 60)
        guess = optimize.stochastic_gradient_descent(
            p.gradient, w0, optimize.inverse_sqrt(0.3), steps, n_samples=size,
            batch_size=10, rng=np.random.default_rng(seed + 100), every=10,
        )  # fmt: skip
        hits = [p.cost(path.w) <= goal for path in (full, guess)]
        return [cost * np.argmax(hit) if hit.any() else None
                for cost, hit in zip((size, 100), hits, strict=True)]  # fmt: skip

    for seed in range(20):
        gd, sgd = needed(10_000, seed)
        assert sgd < gd / 4
        gd, sgd = needed(30, seed)
        assert sgd is None or gd < sgd
        gd, sgd = needed(1000, seed, 1e-6, 3000)
        assert gd <= 5000 and sgd is None


@pytest.mark.full
def test_every_stochastic_run_sorts_the_irises_and_twenty_full_steps_do_not():
    iris = data.iris_pair("setosa", "versicolor")
    flowers = margin.Margin(linear.design_matrix(iris.features[:, 2:]), iris.labels)
    schedule = optimize.inverse_sqrt(0.05)
    full = optimize.gradient_descent(flowers.gradient, START, schedule, 20).w[-1]
    assert np.sum(flowers.margin(full) <= 0) == 50
    for seed in range(20):
        rng = np.random.default_rng(seed)
        walk = optimize.stochastic_gradient_descent(
            flowers.gradient, START, schedule, 2000, n_samples=100, rng=rng
        ).w
        assert np.all(flowers.margin(walk[-1]) > 0)
        free = np.all(np.diff(walk, axis=0) == 0, axis=1)
        assert np.mean(free) < 0.1
        assert np.mean(free[:500]) < np.mean(free[-500:])


@pytest.mark.parametrize(("c", "way", "sinking"), [(0.06, 0.0492, 0.0042), (0.2, 0.0002, 0.0143)])
def test_c_over_root_t_reaches_its_sinking_floor_when_the_way_is_done(c, way, sinking):
    """After 10,000 steps c = 0.06 is still on its way, c = 0.2 is down to the floor."""
    values, Q = np.linalg.eigh(linear.hessian(X))
    eta, of = c / np.sqrt(np.arange(1, 10_001)), experiments.noise(X, Y, 2)
    left = np.prod(1 - np.outer(eta, values), axis=0) * ((START - BEST) @ Q)
    assert values @ left**2 / 2 == pytest.approx(way, abs=5e-5)
    assert experiments.floor(of, eta[-1]) == pytest.approx(sinking, abs=5e-5)
    excess = experiments.expected_excess(of, START - BEST, eta)[-1]
    assert excess == pytest.approx(way + sinking, rel=0.05)
