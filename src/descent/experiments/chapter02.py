"""Chapter 2: ridge fits of the thirty mornings, at every strength of the penalty and degree."""

from typing import NamedTuple

import numpy as np

from descent import linear

# The settings of the two sliders: three strengths a decade, and fourteen degrees.
STRENGTHS = np.logspace(-12, 1, 40)
DEGREES = np.arange(1, 15)
HOURS = np.linspace(6, 10, 121)  # the whole morning


class Ridges(NamedTuple):
    """Ridge fits at all strengths and degrees, with their errors as mean squared misses, min^2."""

    curve: np.ndarray  # (strengths, degrees, HOURS) min
    weights: np.ndarray  # (strengths, degrees, 15) NaN above the degree
    training: np.ndarray  # (strengths, degrees)
    validation: np.ndarray  # (strengths, degrees) of the fits that leave one fold out


def ridges(rush, fold):
    """Return the Ridges of the mornings; `fold` holds the number of each one's validation fold."""
    shape = (len(STRENGTHS), len(DEGREES))
    curves = np.empty((*shape, len(HOURS)))
    weights = np.full((*shape, DEGREES[-1] + 1), np.nan)
    training, held_out = np.empty(shape), np.empty(shape)
    for k, degree in enumerate(DEGREES):
        X = linear.polynomial_features((rush.hour - 8) / 2, degree)
        w = linear.ridge(X, rush.minutes, STRENGTHS)
        curves[:, k] = curve(w)
        weights[:, k, : degree + 1] = w
        training[:, k] = 2 * linear.cost(X, rush.minutes, w)
        held_out[:, k] = validation(X, rush.minutes, fold)
    return Ridges(curves, weights, training, held_out)


def curve(w):
    """Return the polynomial with weights w (..., m + 1) over the whole morning, at HOURS."""
    return w @ linear.polynomial_features((HOURS - 8) / 2, w.shape[-1] - 1).T


def validation(X, y, fold):
    """Return the mean squared miss on the mornings of each fold in turn, for every strength."""
    squares = [
        (linear.ridge(X[fold != k], y[fold != k], STRENGTHS) @ X[fold == k].T - y[fold == k]) ** 2
        for k in np.unique(fold)
    ]
    return np.concatenate(squares, axis=-1).mean(axis=-1)
