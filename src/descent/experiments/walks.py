"""Walks down a least-squares cost, seen from its minimum: for chapters 4, 5 and 6."""

from typing import NamedTuple

import numpy as np

from descent import linear


class Valley(NamedTuple):
    """A least-squares cost seen from its minimum, along its flattest and its steepest direction."""

    curvature: np.ndarray  # (2,) the eigenvalues: flattest, steepest
    directions: np.ndarray  # (p, 2) the eigenvectors, pointing from the start to the minimum
    best: np.ndarray  # (p,) the minimum

    def place(self, w):
        """Return where w lies, measured from the minimum: (..., 2)."""
        return (w - self.best) @ self.directions

    def cost(self, along, across):
        """Return the cost above the minimum, on this plane."""
        flat, steep = self.curvature
        return (flat * along**2 + steep * across**2) / 2


def valley(X, y, start):
    """Return the Valley of this least-squares problem; the start lies at the upper left."""
    best = linear.normal_equation(X, y)
    eigenvalues, vectors = np.linalg.eigh(linear.hessian(X))
    ends = vectors[:, [0, -1]]
    ends = ends * np.where((start - best) @ ends > 0, 1, -1) * [-1, 1]
    return Valley(eigenvalues[[0, -1]], ends, best)


def excess(X, w, best):
    """Return C(w) - C(best) without cancellation: (...,); inf where it overflows."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.mean(((w - best) @ X.T) ** 2, axis=-1) / 2


def until_out(points, low, high):
    """Return points (..., steps, axes) up to the first outside low to high; NaN after it."""
    out = ~((points >= low) & (points <= high)).all(axis=-1)
    before = np.cumsum(out, axis=-1) - out
    return np.where((before > 0)[..., None], np.nan, points)
