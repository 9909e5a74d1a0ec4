"""Chapter 7: every update of Rosenblatt's rule on four gates."""

from typing import NamedTuple

import numpy as np

from descent import data, linear, perceptron

GATES = ("AND", "OR", "NAND", "XOR")
RATES = np.array([0.01, 0.1, 0.5, 1.0, 2.0, 10.0])
UPDATES = 18  # the longest of the runs that end; XOR is shown as far
# Separators of the widest margin, with the ones counted in; XOR has none.
WIDEST = {"AND": (-3.0, 2.0, 2.0), "OR": (-1.0, 2.0, 2.0), "NAND": (3.0, -2.0, -2.0)}


class Run(NamedTuple):
    """Rosenblatt's rule on one gate at rate 1; it is at any rate the same, scaled."""

    X: np.ndarray  # (4, 3)
    y: np.ndarray  # (4,)
    sample: np.ndarray  # (k,) the row each update corrected
    epoch: np.ndarray  # (k,)
    path: np.ndarray  # (k + 1, 3)
    converged: bool
    bound: float  # (R / gamma)^2; NaN where no line separates

    def held(self):
        """Return (UPDATES + 1, 3): the weights after each update, the last ones kept."""
        return self.path[np.minimum(np.arange(UPDATES + 1), len(self.path) - 1)]

    def case(self):
        """Return (UPDATES + 1, 2): the inputs that each update corrected; NaN where none."""
        rows = np.full((UPDATES + 1, 2), np.nan)
        rows[1 : len(self.sample) + 1] = self.X[self.sample, 1:]
        return rows

    def gamma(self):
        """Return the distance that the widest separator keeps; NaN for XOR. R^2 is 3."""
        return np.sqrt(3 / self.bound)


def run(gate):
    """Return the Run of one gate, XOR's cut off after `UPDATES` updates."""
    table = data.logic_gate(gate)
    X, y = linear.design_matrix(table.features), table.labels
    fit = perceptron.fit(X, y, max_epochs=20)
    bound = perceptron.mistake_bound(X, y, WIDEST[gate]).mistakes if gate in WIDEST else np.nan
    k = slice(UPDATES)
    path = fit.path[: UPDATES + 1]
    return Run(X, y, fit.sample[k], fit.epoch[k], path, fit.converged, bound)


def progress(gate, w):
    """Return the component of weights (..., 3) along the gate's widest separator; NaN for XOR."""
    u = np.array(WIDEST.get(gate, [np.nan] * 3))
    return w @ u / np.linalg.norm(u)
