"""Chapter 2: what it claims beyond its thirty mornings, over other mornings and by proof."""

import numpy as np
import pytest

from descent import data, linear
from descent.figures.chapter02 import STRENGTHS

GRID = np.linspace(-1, 1, 401)
LAW = data.rush_hour_truth(8 + 2 * GRID)
SETS = range(1000, 1060)


def mornings(seed):
    """Thirty mornings: their powers up to 14, their times, and five folds."""
    rng = np.random.default_rng(seed)
    rush = data.rush_hour(30, rng=rng)
    X = linear.polynomial_features((rush.hour - 8) / 2, 14)
    return X, rush.minutes, rng.permutation(np.arange(30) % 5)


def validated(X, y, fold, fit):
    """The mean squared residual of each fold in turn, shape (5, ...)."""
    return np.array(
        [
            np.mean((fit(X[fold != k], y[fold != k]) @ X[fold == k].T - y[fold == k]) ** 2, axis=-1)
            for k in range(5)
        ]
    )


def by_degree(X, y, fold, degrees=range(1, 15)):
    fit = linear.normal_equation
    return np.array([validated(X[:, : m + 1], y, fold, fit).mean(axis=0) for m in degrees])


def by_strength(X, y, fold):
    return validated(X, y, fold, lambda X, y: linear.ridge(X, y, STRENGTHS))


def distance(w):
    return np.mean((linear.polynomial_features(GRID, len(w) - 1) @ w - LAW) ** 2)


def test_the_cost_never_rises_with_the_degree_and_may_stand_still():
    x = np.array([-1, -0.5, 0, 0.5, 1])
    costs = [
        linear.cost(X, x**2, linear.normal_equation(X, x**2))
        for X in (linear.polynomial_features(x, m) for m in range(5))
    ]
    np.testing.assert_allclose(costs[:2], 0.0875)
    assert np.all(np.diff(costs) <= 1e-15)


@pytest.mark.full
def test_the_validation_error_is_least_below_degree_14_and_far_higher_there():
    """In all sixty sets; but step by step, falling and then rising, in none of them."""
    for seed in SETS:
        errors = by_degree(*mornings(seed))
        assert 4 <= errors.argmin() + 1 <= 10
        assert errors[-1] > 2 * errors.min()
        least = errors.argmin()
        steps = np.diff(errors)
        assert not (np.all(steps[:least] < 0) and np.all(steps[least:] > 0))


@pytest.mark.full
def test_the_penalty_brings_degree_14_nearer_to_the_law_on_other_mornings():
    plain, ridge, chosen = [], [], []
    for seed in SETS:
        X, y, fold = mornings(seed)
        strength = STRENGTHS[by_strength(X, y, fold).mean(axis=0).argmin()]
        degree = by_degree(X, y, fold).argmin() + 1
        plain.append(distance(linear.normal_equation(X, y)))
        ridge.append(distance(linear.ridge(X, y, strength)))
        chosen.append(distance(linear.normal_equation(X[:, : degree + 1], y)))
    assert np.sum(np.less(ridge, plain)) >= 58
    assert np.median(plain) > 100 * np.median(ridge) > 100 * np.median(chosen)
    assert 30 < np.sum(np.less(chosen, ridge)) < 55


@pytest.mark.full
def test_with_its_own_best_strength_the_degree_matters_far_less_than_without():
    for seed in range(4000, 4020):
        X, y, fold = mornings(seed)
        held = [by_strength(X[:, : m + 1], y, fold).mean(axis=0).min() for m in range(7, 15)]
        free = by_degree(X, y, fold, range(7, 15))
        assert max(held) / min(held) < 3
        assert max(held) / min(held) < max(free) / min(free) / 2


@pytest.mark.full
def test_five_folds_scatter_less_than_one_split_on_twenty_sets():
    for seed in range(3000, 3020):
        X, y, _ = mornings(seed)
        rng = np.random.default_rng(seed)
        errors = [by_strength(X, y, rng.permutation(np.arange(30) % 5)) for _ in range(20)]
        one = [np.argmin(error[0]) for error in errors]
        five = [np.argmin(error.mean(axis=0)) for error in errors]
        assert np.ptp(np.percentile(five, [10, 90])) < np.ptp(np.percentile(one, [10, 90]))


def test_bias_and_variance_add_up_to_the_mean_squared_distance():
    """The chapter's formula against ten thousand drawn noises, for a degree and for ridge."""
    rush = data.rush_hour(30, rng=np.random.default_rng(7))
    x, law = (rush.hour - 8) / 2, data.rush_hour_truth(rush.hour)
    noise = 2 * np.random.default_rng(0).standard_normal((10_000, 30))
    held = np.diag([0.0] + 14 * [1.0])
    for m, lam in ((4, 0), (8, 0), (14, 0), (14, 2e-4)):
        X = linear.polynomial_features(x, m)
        recipe = np.linalg.pinv(X)
        if lam:
            recipe = np.linalg.solve(X.T @ X / 30 + lam * held, X.T / 30)
        M = linear.polynomial_features(GRID, m) @ recipe
        bias = np.mean((M @ law - LAW) ** 2)
        variance = 4 * np.mean(np.sum(M**2, axis=1))
        drawn = np.mean(((law + noise) @ M.T - LAW) ** 2)
        np.testing.assert_allclose(bias + variance, drawn, rtol=0.03)


def test_capacity_raises_the_variance_and_the_penalty_lowers_it():
    """The bias does the reverse: it falls on the whole with the degree, and rises with λ."""
    x = (data.rush_hour(30, rng=np.random.default_rng(7)).hour - 8) / 2
    law = data.rush_hour_truth(8 + 2 * x)
    powers = linear.polynomial_features(GRID, 14)

    def parts(M):
        return np.mean((M @ law - LAW) ** 2), np.mean(np.sum(M**2, axis=1))

    X = linear.polynomial_features(x, 14)
    by_degree = [parts(powers[:, : m + 1] @ np.linalg.pinv(X[:, : m + 1])) for m in range(1, 15)]
    bias, variance = np.transpose(by_degree)
    assert np.all(np.diff(variance) > 0)
    assert np.all(np.diff(bias[1::2]) < 0)  # the even degrees: the law is even in x
    held = np.diag([0.0] + 14 * [1.0])
    by_strength = [
        parts(powers @ np.linalg.solve(X.T @ X / 30 + lam * held, X.T / 30))
        for lam in np.logspace(-6, 1, 15)
    ]
    bias, variance = np.transpose(by_strength)
    assert np.all(np.diff(bias) > 0) and np.all(np.diff(variance) < 0)


def test_the_curve_swings_out_between_the_mornings():
    """There the difference of a power and its imitation is four times as large at most."""
    x = (data.rush_hour(30, rng=np.random.default_rng(7)).hour - 8) / 2
    X, G = linear.polynomial_features(x, 14), linear.polynomial_features(GRID, 14)
    recipe = linear.normal_equation(X[:, :14], X[:, 14])
    inside = (x.min() < GRID) & (x.max() > GRID)
    at = np.abs(X[:, 14] - X[:, :14] @ recipe).max()
    between = np.abs(G[:, 14] - G[:, :14] @ recipe)[inside].max()
    assert 4 * at < between < 5 * at


def test_the_trace_of_ridges_hat_matrix_is_one_plus_the_shares():
    rng = np.random.default_rng(5)
    X, lam = linear.design_matrix(rng.standard_normal((12, 4))), 0.3
    s = np.linalg.svd(X[:, 1:] - X[:, 1:].mean(axis=0), compute_uv=False)
    P = X @ np.linalg.solve(X.T @ X + 12 * lam * np.diag([0, 1, 1, 1, 1]), X.T)
    np.testing.assert_allclose(P.trace(), 1 + np.sum(s**2 / (s**2 + 12 * lam)))
