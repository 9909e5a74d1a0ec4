"""Chapter 5: what batches do to a step, by enumeration and by simulation."""

from itertools import combinations
from typing import NamedTuple

import numpy as np

from descent import data, linear, optimize
from descent.experiments.walks import Valley, excess, valley

# The three controls of the main figure.
CONSTANTS = np.array([0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0, 1.3])
SCHEDULES = ("fixed c", "c/√t", "c/t")
BATCHES = (1, 2, 5)
SEEDS = 7
BUDGET = 2000  # gradients of single samples that every run may use

# The slider of the noise ball.
BALL_RATES = np.array([0.005, 0.01, 0.015, 0.02, 0.025, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09])
BALL_POINTS = 250


class Noise(NamedTuple):
    """What the batches of one size do to a step of least squares, by enumeration of all batches."""

    hessians: np.ndarray  # (batches, p, p) the second derivatives of each batch's cost
    gradients: np.ndarray  # (batches, p) the gradient of each batch at the minimum
    mean: np.ndarray  # (p, p) the Hessian of the whole cost


def noise(X, y, batch_size):
    """Return the Noise of all batches of this size without replacement, each as likely."""
    batches = np.array(list(combinations(range(len(y)), batch_size)))
    rows, e = X[batches], (X @ linear.normal_equation(X, y) - y)[batches]
    hessians = np.einsum("kip,kiq->kpq", rows, rows) / batch_size
    return Noise(hessians, np.einsum("kip,ki->kp", rows, e) / batch_size, linear.hessian(X))


def _doubled(of, eta):
    """Return the matrix that takes E[u u^T], flattened, one step on, u the error of the weights."""
    p = len(of.mean)
    A = np.eye(p) - eta * of.hessians
    return np.einsum("kab,kcd->acbd", A, A).reshape(p * p, p * p) / len(A)


def spread(of, eta):
    """Return the stationary covariance (p, p) of the weights at a fixed rate: the noise ball."""
    p = len(of.mean)
    kicks = eta**2 * of.gradients.T @ of.gradients / len(of.gradients)
    return np.linalg.solve(np.eye(p * p) - _doubled(of, eta), kicks.ravel()).reshape(p, p)


def floor(of, eta):
    """Return the stationary expected excess cost at a fixed rate."""
    return np.trace(of.mean @ spread(of, eta)) / 2


def noise_limit(of):
    """Return the largest fixed rate below which the expected squared error stays bounded."""
    low, high = 0.0, 2 / np.linalg.eigvalsh(of.mean)[-1]
    for _ in range(60):
        middle = (low + high) / 2
        stable = np.abs(np.linalg.eigvals(_doubled(of, middle))).max() < 1
        low, high = (middle, high) if stable else (low, middle)
    return (low + high) / 2


def expected_excess(of, start, rates):
    """Return the exact expected excess cost after 0, 1, 2, ... steps at these rates.

    start : (p,) the start, measured from the minimum
    """
    p = len(start)
    moments = np.outer(np.append(start, 1.0), np.append(start, 1.0))
    excess = [start @ of.mean @ start / 2]
    for eta in rates:
        maps = np.zeros((len(of.hessians), p + 1, p + 1))
        maps[:, :p, :p] = np.eye(p) - eta * of.hessians
        maps[:, :p, p] = -eta * of.gradients
        maps[:, p, p] = 1
        moments = (maps @ moments @ maps.swapaxes(-1, -2)).mean(axis=0)
        excess.append(np.sum(of.mean * moments[:p, :p]) / 2)
    return np.array(excess)


# Runs at equal numbers of gradients ---------------------------------------------------------------


class Runs(NamedTuple):
    """Runs for every constant, schedule, batch size and seed, at equal numbers of gradients."""

    used: tuple  # per batch size: (rows,) gradients of single samples used, 0 first
    walks: tuple  # per batch size: (constants, schedules, seeds, rows, p)
    above: tuple  # per batch size: (constants, schedules, seeds, rows) excess cost, min squared
    seen: Valley  # of the standardised trips
    limits: tuple  # per batch size: the largest stable fixed rate
    floors: np.ndarray  # (constants, batch sizes) the exact excess that fixed rates leave
    directions: tuple  # the eigenvalues, and the start along their eigenvectors


def standardised_trips():
    """Return X and y of the five trips with standardised features."""
    commutes = data.commute()
    X = linear.design_matrix(linear.standardize(commutes.features).features)
    return X, commutes.minutes


def rates(t):
    """Return the learning rates of step t, (constants, schedules)."""
    return CONSTANTS[:, None] * np.array([1.0, t**-0.5, 1 / t])


def runs():
    """Return the Runs of the figure: one call of the core for a batch size and a seed."""
    X, y = standardised_trips()
    start = np.zeros(X.shape[1])
    seen, kinds = valley(X, y, start), [noise(X, y, b) for b in BATCHES]
    walks = tuple(_walks(X, y, start, b) for b in BATCHES)
    eigenvalues, Q = np.linalg.eigh(linear.hessian(X))
    return Runs(
        used=tuple(np.arange(BUDGET // b + 1) * b for b in BATCHES),
        walks=walks,
        above=tuple(excess(X, walk, seen.best) for walk in walks),
        seen=seen,
        limits=tuple(noise_limit(of) for of in kinds),
        floors=np.array([[floor(of, c) for of in kinds] for c in CONSTANTS]),
        directions=(eigenvalues, (start - seen.best) @ Q),
    )


def _walks(X, y, start, b):
    """Return the walks with batches of b: (constants, schedules, seeds, rows, p)."""
    problem = linear.LeastSquares(X, y)
    walk = np.stack(
        [
            optimize.stochastic_gradient_descent(
                problem.gradient, start, rates, BUDGET // b, n_samples=len(y), batch_size=b,
                sampling="without", rng=np.random.default_rng(seed),
            ).w
            for seed in range(SEEDS if b < len(y) else 1)
        ]
    )  # fmt: skip
    return np.moveaxis(walk, (0, 1), (2, 3))


def level(run, c, schedule, k):
    """Return the median over the seeds of the mean excess over a run's last quarter."""
    above = run.above[k][c, schedule]
    last = above[:, -(above.shape[-1] // 4) :]
    with np.errstate(over="ignore", invalid="ignore"):
        return np.median(last.mean(axis=-1))


def without_noise(run, c, s, k):
    """Return the excess that the walk of the mean ends at: what is left of the way, squared."""
    eigenvalues, start = run.directions
    t = np.arange(1, BUDGET // BATCHES[k] + 1)
    eta = CONSTANTS[c] * np.array([np.ones(t.size), t**-0.5, 1 / t])[s]
    with np.errstate(over="ignore", invalid="ignore"):
        left = np.prod(1 - eta[:, None] * eigenvalues, axis=0) * start
        return np.sum(eigenvalues * left**2) / 2


# The noise ball -----------------------------------------------------------------------------------


def ball_points(seed=5):
    """Return late weights of many runs on the trips at each rate, measured from the minimum.

    One run of the core: a family of rates and members, each member draws its own samples.
    """
    commutes = data.commute()
    X, y = linear.design_matrix(commutes.features), commutes.minutes
    rng, best = np.random.default_rng(seed), linear.normal_equation(X, y)

    def gradient(w):
        i = rng.integers(len(y), size=w.shape[:-1])
        return ((w * X[i]).sum(axis=-1) - y[i])[..., None] * X[i]

    start = np.broadcast_to(best, (1, BALL_POINTS, 3))
    path = optimize.gradient_descent(gradient, start, BALL_RATES[:, None], 2500, every=2500)
    return path.w[-1] - best


class Ball(NamedTuple):
    """Late weights at each of the BALL_RATES, in the valley's directions, and what is expected."""

    seen: Valley
    points: np.ndarray  # (rates, points, 2) late weights, from the minimum
    rings: np.ndarray  # (rates, 2, 61) the ellipses of two standard deviations
    sizes: np.ndarray  # (rates,) the expected distance from the minimum, its root mean square
    floors: np.ndarray  # (rates,) the expected excess cost, min squared
    curve: np.ndarray  # (2, 60) the expected excess cost over the rate


def ball():
    """Return the Ball of the five trips, one sample a step."""
    commutes = data.commute()
    X, y = linear.design_matrix(commutes.features), commutes.minutes
    seen, of = valley(X, y, np.zeros(3)), noise(X, y, 1)
    spreads = [spread(of, eta) for eta in BALL_RATES]
    angle = np.linspace(0, 2 * np.pi, 61)
    circle = np.stack([np.cos(angle), np.sin(angle)])
    roots = [np.linalg.cholesky(seen.directions.T @ S @ seen.directions) for S in spreads]
    fine = np.linspace(0.001, 0.092, 60)
    return Ball(
        seen,
        points=ball_points() @ seen.directions,
        rings=np.array([2 * root @ circle for root in roots]),
        sizes=np.sqrt([np.trace(S) for S in spreads]),
        floors=np.array([floor(of, eta) for eta in BALL_RATES]),
        curve=np.array([fine, [floor(of, eta) for eta in fine]]),
    )
