"""Chapter 4: gradient descent on the five trips at one learning rate after another."""

from typing import NamedTuple

import numpy as np

from descent import data, linear, optimize
from descent.experiments.walks import Valley, excess, valley

# The slider's 61 rates: coarse where little changes, fine near 2 / lambda_max = 0.1501.
RATES = np.concatenate(
    [
        [0.001, 0.002, 0.004, 0.006, 0.008],
        np.arange(2, 20) * 0.005,  # 0.010 to 0.095
        np.arange(46, 66) * 0.002 + 0.008,  # 0.100 to 0.138
        np.arange(140, 154) * 0.001,  # 0.140 to 0.153
        [0.16, 0.17, 0.18, 0.2],
    ]
).round(3)
STEPS = 200


class Runs(NamedTuple):
    """Gradient descent on the five trips at each of the 61 rates, 200 steps from zero weights."""

    walks: np.ndarray  # (61, STEPS + 1, 3) the weights; NaN after overflow
    above: np.ndarray  # (61, STEPS + 1) the cost above its minimum, min squared
    seen: Valley
    limit: float  # 2 / lambda_max


def runs():
    """Return the Runs at all rates, from one batched call of the core."""
    commutes = data.commute()
    X, y = linear.design_matrix(commutes.features), commutes.minutes
    problem, start = linear.LeastSquares(X, y), np.zeros(X.shape[1])
    path = optimize.gradient_descent(problem.gradient, start, eta=RATES, steps=STEPS)
    walks, seen = np.moveaxis(path.w, 0, 1), valley(X, y, start)
    return Runs(walks, excess(X, walks, seen.best), seen, linear.spectrum(X).stability_limit)
