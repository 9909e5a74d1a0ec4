"""Least squares on 10^6 x 20 to within 1 % of the best cost: mini-batches against SGDRegressor.

    python benchmarks/sgd_sklearn.py

Two contests. "from the features": everything from the raw arrays to the weights, the checks of the
input included; scikit-learn does one epoch, the least that `fit` can do. "steps alone":
scikit-learn sees chunks through `partial_fit` and may stop after any of them. Each stops as soon as
its cost is within 1 % of the optimum; looking at the cost is not timed. scikit-learn keeps its
default learning rate. The time is the processor's.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy comes in
os.environ["OMP_NUM_THREADS"] = "1"

from time import process_time
from typing import NamedTuple

import numpy as np

from descent.data import linear_sample
from descent.linear import LeastSquares, design_matrix, hessian
from descent.optimize import stochastic_gradient_descent

BATCH, ETA = 512, 0.4
CHUNK = 1000
TARGET = 1e-2


class Row(NamedTuple):
    """One line of the table."""

    contest: str
    who: str
    milliseconds: float
    samples: int  # how many gradients of one sample it took
    excess: float  # (C - C*) / C* at the end
    ratio: float  # to this core


def best_of(function, repeats=5):
    """Return the least time in milliseconds of several calls."""
    times = []
    for _ in range(repeats):
        start = process_time()
        function()
        times.append(process_time() - start)
    return 1e3 * min(times)


def descend(problem, steps):
    """Take mini-batch steps from zero and return the path."""
    return stochastic_gradient_descent(
        problem.gradient,
        np.zeros(problem.X.shape[1]),
        ETA,
        steps,
        n_samples=len(problem.y),
        batch_size=BATCH,
        sampling="with",
        rng=np.random.default_rng(1),
    )


def run(n_samples=10**6, n_features=20):
    """Return the table as a list of Row; without scikit-learn the core's own lines alone."""
    sample = linear_sample(n_samples, n_features, rng=np.random.default_rng(0))
    X = design_matrix(sample.features)
    problem = LeastSquares(X, sample.targets)
    H = hessian(X)
    best = np.linalg.solve(H, X.T @ sample.targets / n_samples)
    least = problem.cost(best)

    def excess(w):
        return ((w - best) @ H * (w - best)).sum(axis=-1) / 2 / least

    path = descend(problem, 200)
    steps = int(np.argmax(excess(path.w) <= TARGET))
    reached = excess(path.w[steps])
    whole = best_of(
        lambda: descend(LeastSquares(design_matrix(sample.features), sample.targets), steps)
    )
    alone = best_of(lambda: descend(problem, steps))
    rows = [
        Row("from the features", "this core", whole, steps * BATCH, reached, 1.0),
        Row("steps alone", "this core", alone, steps * BATCH, reached, 1.0),
    ]
    try:
        peers = sklearn_times(sample, excess)
    except ImportError:
        return rows
    for row, (milliseconds, samples, end) in zip(tuple(rows), peers, strict=True):
        ratio = milliseconds / row.milliseconds
        rows.append(Row(row.contest, "SGDRegressor", milliseconds, samples, end, ratio))
    return sorted(rows, key=lambda row: row.contest)


def sklearn_times(sample, excess):
    """Return (milliseconds, samples, excess) of one epoch and of chunks, by SGDRegressor."""
    from sklearn.linear_model import SGDRegressor

    X, y = sample.features, sample.targets

    def model():
        return SGDRegressor(penalty=None, max_iter=1, tol=None, random_state=1)

    def reached(model):
        return float(excess(np.append(model.intercept_, model.coef_)))

    def chunks(count):
        chunked = model()
        for i in range(count):
            chunked.partial_fit(X[i * CHUNK : (i + 1) * CHUNK], y[i * CHUNK : (i + 1) * CHUNK])
        return chunked

    epoch = best_of(lambda: model().fit(X, y), repeats=3)
    count = next(k for k in range(1, len(X) // CHUNK) if reached(chunks(k)) <= TARGET)
    return [
        (epoch, len(X), reached(model().fit(X, y))),
        (best_of(lambda: chunks(count)), count * CHUNK, reached(chunks(count))),
    ]


if __name__ == "__main__":
    print(f"{'contest':<19}{'who':<14}{'ms':>9}{'samples':>10}{'excess':>9}{'ratio':>8}")
    for row in run():
        print("{:<19}{:<14}{:9.1f}{:10,}{:9.4f}{:8.2f}".format(*row))
