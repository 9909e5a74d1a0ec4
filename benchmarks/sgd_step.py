"""What one step costs as the data grow: the gradient of one sample against that of all.

    python benchmarks/sgd_step.py

Least squares with three weights, both runners of `descent.optimize`, the least of several runs. The
stochastic step should not depend on n; the full one grows with it. The time is the processor's.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy comes in
os.environ["OMP_NUM_THREADS"] = "1"

from time import process_time
from typing import NamedTuple

import numpy as np

from descent.data import linear_sample
from descent.linear import LeastSquares, design_matrix
from descent.optimize import gradient_descent, stochastic_gradient_descent

SIZES = (10**3, 10**5, 10**7)


class Row(NamedTuple):
    """One line of the table."""

    n_samples: int
    sgd_microseconds: float  # one step from one sample
    gd_microseconds: float  # one step from all samples
    ratio: float  # gd / sgd


def seconds_a_step(run, steps, repeats):
    """Return the least time of several runs over the number of steps."""
    times = []
    for _ in range(repeats):
        start = process_time()
        run(steps)
        times.append(process_time() - start)
    return min(times) / steps


def run(sizes=SIZES):
    """Return the table as a list of Row, one for each number of samples."""
    rows = []
    for n in sizes:
        sample = linear_sample(n, 2, rng=np.random.default_rng(0))
        problem = LeastSquares(design_matrix(sample.features), sample.targets)

        def stochastic(steps, gradient=problem.gradient, n=n):
            rng = np.random.default_rng(1)
            stochastic_gradient_descent(
                gradient, np.zeros(3), 0.01, steps, n_samples=n, sampling="with", rng=rng
            )

        def full(steps, gradient=problem.gradient):
            gradient_descent(gradient, np.zeros(3), 0.1, steps)

        sgd = seconds_a_step(stochastic, 500, 20)
        gd = seconds_a_step(full, min(500, max(2, 10**6 // n)), 5)
        rows.append(Row(n, 1e6 * sgd, 1e6 * gd, gd / sgd))
    return rows


if __name__ == "__main__":
    print(f"{'samples':>10}{'SGD µs':>10}{'GD µs':>12}{'GD / SGD':>10}")
    for row in run():
        print("{:10,}{:10.1f}{:12.1f}{:10.1f}".format(*row))
