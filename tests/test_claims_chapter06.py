"""Chapter 6: its claims, with every method at its best rate and runs long enough to tell."""

import numpy as np
import pytest
from test_chapter06 import BEST, BOWL, LONG, PROBLEM, START, TURN, best_pair, on_bowl, stay

from descent import linear, optimize
from descent.experiments import chapter06 as experiments
from descent.figures import chapter06 as draw


def fewest(optimizer, name, curvature, turn=None, steps=13_000):
    """Return the fewest steps to a stay that any of the figure's rates takes."""
    turn = np.eye(2) if turn is None else turn
    H = turn @ np.diag(curvature) @ turn.T
    rates = np.array(draw.RATES[name], dtype=float)
    walks = optimize.gradient_descent(
        lambda w: w @ H, turn @ START, rates, steps, optimizer=optimizer
    ).w
    arrivals = [stay(walks[:, k])[0] for k in range(len(rates))]
    return min(first for first in arrivals if first is not None)


@pytest.mark.parametrize(
    ("optimizer", "name", "curvature", "as_it_was", "turned"),
    [
        (optimize.AdaGrad(), "AdaGrad", BOWL, 13, 240),
        (optimize.Adam(), "Adam", BOWL, 293, 295),
        (optimize.AdaGrad(), "AdaGrad", LONG, 13, 11_752),
        (optimize.Adam(), "Adam", LONG, 293, 729),
    ],
)
def test_the_turn_at_the_best_of_seventeen_rates(optimizer, name, curvature, as_it_was, turned):
    assert fewest(optimizer, name, curvature) == as_it_was
    assert fewest(optimizer, name, curvature, TURN) == turned


def test_the_errors_of_the_best_pair_carry_a_factor_that_grows_with_t():
    eta, beta = best_pair(*BOWL)
    walk = on_bowl(optimize.Momentum(beta), eta, 40)
    t = np.arange(41)
    straight = np.linalg.norm(walk, axis=1) / np.sqrt(beta) ** t / np.linalg.norm(START)
    np.testing.assert_allclose(straight[[1, 5, 10, 20, 40]], [1.5, 3.7, 6.5, 12.2, 23.6], atol=0.05)
    for j in range(2):  # exactly (a + b t) rho^t up to the signs of the root
        u = walk[:, j] / (np.sqrt(beta) * (1 if j == 0 else -1)) ** t
        np.testing.assert_allclose(np.diff(u, 2), 0, atol=1e-6)
    assert abs(walk[1, 1]) > abs(walk[0, 1])


def test_in_the_long_run_the_larger_root_is_the_factor_of_a_step():
    rng = np.random.default_rng(5)
    for _ in range(30):
        eta, beta = rng.uniform(0.05, 0.9), rng.uniform(0, 0.95)
        for j, value in enumerate(BOWL):
            rho = np.abs(experiments.roots(beta, eta * value)).max()
            u = np.abs(on_bowl(optimize.Momentum(beta), eta, 2000)[:, j])
            envelope = np.maximum.accumulate(u[::-1])[::-1]
            t = min(2000, int(np.log(1e-200) / np.log(rho)))
            assert (envelope[t] / u[0]) ** (1 / t) == pytest.approx(rho, rel=0.02)


def test_neighbours_of_the_best_pair_are_quicker_to_a_millionth():
    """On the bowl and on the commutes; the best pair has the smallest rho, not the fewest steps."""
    assert stay(on_bowl(optimize.Momentum(0.415), 1.31))[0] == 34

    def on_trips(eta, beta):
        walk = optimize.gradient_descent(
            PROBLEM.gradient, np.zeros(3), eta, 800, optimizer=optimize.Momentum(beta)
        ).w
        return stay(walk, BEST)[0]

    values = linear.spectrum(PROBLEM.X).eigenvalues
    assert on_trips(*best_pair(values[0], values[-1])) == 127
    assert on_trips(0.252, 0.72) == 104


def test_with_one_memory_more_standardising_is_still_better_by_the_cost():
    values = linear.spectrum(PROBLEM.X).eigenvalues
    eta, beta = best_pair(values[0], values[-1])
    walk = optimize.gradient_descent(
        PROBLEM.gradient, np.zeros(3), eta, 300, optimizer=optimize.Momentum(beta)
    ).w
    above = PROBLEM.cost(walk) - PROBLEM.cost(BEST)
    assert np.flatnonzero(above >= 1e-9)[-1] + 1 == 111  # chapter 4's standardised walk: 39


def test_on_a_smooth_cost_that_is_not_quadratic_the_best_pair_can_cycle_for_ever():
    def gradient(x):
        return np.where(x < 1, 25 * x, np.where(x < 2, x + 24, 25 * x - 24))

    points = np.linspace(-3, 5, 4001)
    slopes = np.diff(gradient(points)) / np.diff(points)
    assert np.all((slopes > 1 - 1e-6) & (slopes < 25 + 1e-6))
    eta, beta = best_pair(1, 25)
    walk = optimize.gradient_descent(
        gradient, [3.3], eta, 3000, optimizer=optimize.Momentum(beta)
    ).w
    np.testing.assert_allclose(walk[-3:, 0], walk[-6:-3, 0])
    assert np.abs(walk[-3:]).min() > 0.6
    assert abs(optimize.gradient_descent(gradient, [3.3], 2 / 26, 400).w[-1, 0]) < 1e-12


def test_adagrad_meets_the_commutes_between_adam_and_plain_descent():
    counts = {
        rate: stay(
            optimize.gradient_descent(
                PROBLEM.gradient, np.zeros(3), rate, 3000, optimizer=optimize.AdaGrad()
            ).w,
            BEST,
        )
        for rate in (5.0, 10.0, 20.0)
    }
    assert {rate: first for rate, (first, _) in counts.items()} == {5.0: 947, 10.0: 592, 20.0: 642}
    assert all(end == 3001 for _, end in counts.values())


def test_adam_bursts_again_and_again_at_uneven_gaps():
    away = np.linalg.norm(on_bowl(optimize.Adam(), 1.0, 20_000), axis=1)
    out = np.flatnonzero(away > 0.01)
    starts = out[1:][np.diff(out) > 100]  # a burst: 100 quiet steps before it
    gaps = np.diff(starts)
    assert len(starts) > 15
    assert gaps.max() > 1000 and np.median(gaps) < 700


def test_plain_descent_within_a_few_steps_of_its_best_at_0_149():
    rates = np.linspace(0.145, 0.1501, 400)
    walks = optimize.gradient_descent(PROBLEM.gradient, np.zeros(3), rates, 1500).w
    near = np.linalg.norm(walks - BEST, axis=-1) < 1e-6
    assert min(np.argmax(row) for row in near.T if row.any()) == 1041
