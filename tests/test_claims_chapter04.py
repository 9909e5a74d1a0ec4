"""Chapter 4: its claims, over many problems and with tuned set against tuned."""

import numpy as np
import pytest

from descent import data, linear, optimize

TRIPS = data.commute()
X, Y = linear.design_matrix(TRIPS.features), TRIPS.minutes
Z = linear.design_matrix(linear.standardize(TRIPS.features).features)


def problems(count):
    for seed in range(count):
        rng = np.random.default_rng(seed)
        M = rng.standard_normal((10, 3)) * rng.uniform(0.2, 3, 3)
        yield rng, linear.LeastSquares(M, rng.standard_normal(10)), M


def first_within(X, close, rates, steps):
    """Return the fewest steps that any of these rates takes until `close` holds."""
    problem, best = linear.LeastSquares(X, Y), linear.normal_equation(X, Y)
    walk = optimize.gradient_descent(problem.gradient, np.zeros(3), rates, steps).w
    return min(np.argmax(row) for row in close(problem, walk, best).T if row.any())


def test_no_short_move_of_equal_length_falls_further_than_the_one_against_the_gradient():
    for rng, problem, _ in problems(20):
        w = rng.standard_normal(3)
        g = problem.gradient(w)
        moves = rng.standard_normal((500, 3))
        moves *= 1e-6 / np.linalg.norm(moves, axis=1, keepdims=True)
        best = problem.cost(w - 1e-6 * g / np.linalg.norm(g))
        assert np.all(problem.cost(w + moves) >= best - 1e-10)


def test_the_step_makes_less_than_a_right_angle_with_the_way_to_the_minimum():
    widest = []
    for rng, problem, M in problems(20):
        best = linear.normal_equation(M, problem.y)
        w = best + rng.standard_normal((200, 3))
        down, ahead = -problem.gradient(w), best - w
        cosine = np.sum(down * ahead, axis=1)
        cosine /= np.linalg.norm(down, axis=1) * np.linalg.norm(ahead, axis=1)
        assert np.all(cosine > 0)
        fall = problem.cost(w) - problem.cost(best)
        assert np.all(np.sum(down * ahead, axis=1) >= fall)  # the tangent's inequality
        widest.append(np.degrees(np.arccos(cosine.min())))
    assert max(widest) > 75


def test_steepest_depends_on_the_units_of_the_weights():
    problem, units = linear.LeastSquares(X, Y), np.array([1, 1000, 1])
    in_metres = linear.LeastSquares(X * units, Y)
    down = problem.gradient(np.zeros(3))
    seen_in_km = units * in_metres.gradient(np.zeros(3))
    cosine = down @ seen_in_km / np.linalg.norm(down) / np.linalg.norm(seen_in_km)
    assert np.degrees(np.arccos(cosine)) > 10


@pytest.mark.parametrize(
    ("close", "raw", "standardised"),
    [
        (lambda p, w, best: np.linalg.norm(w - best, axis=-1) < 1e-6, 1041, 50),
        (lambda p, w, best: p.cost(w) < p.cost(best) + 1e-9, 693, 36),
    ],
)
def test_standardising_makes_the_tuned_walk_about_twenty_times_shorter(close, raw, standardised):
    long = first_within(X, close, np.linspace(0.145, 0.1501, 400), 1500)
    short = first_within(Z, close, np.linspace(0.8, 1.15, 400), 300)
    assert (long, short) == (raw, standardised)
    assert 18 < long / short < 22


def test_on_the_logistic_loss_the_walk_goes_on_for_ever_ever_more_slowly():
    walk = optimize.gradient_descent(lambda m: -1 / (1 + np.exp(m)), [0.0], 1.0, 20_000).w[:, 0]
    moves = np.diff(walk)
    assert np.all(moves > 0) and np.all(np.diff(moves) < 0)
    assert walk[-1] > 9.5 and moves[-1] < 1e-4


def test_above_the_limit_the_cost_rises_for_ever_once_it_has_risen():
    """The cost is a sum of powers r^t with weights >= 0, so its rises grow."""
    for rng, problem, M in problems(20):
        facts = linear.spectrum(M)
        eta = 1.07 * facts.stability_limit
        w = 3 * rng.standard_normal(3)
        costs = problem.cost(optimize.gradient_descent(problem.gradient, w, eta, 60).w)
        rises = np.diff(costs)
        first = np.argmax(rises > 0)
        assert rises[first] > 0 and np.all(rises[first:] > 0)
