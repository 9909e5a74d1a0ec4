"""Chapter 8: flowers counted by their length, a nudged weight, a neuron that must unlearn a 1."""

from itertools import pairwise

import numpy as np

from descent import optimize
from descent.activations import sigmoid

# The nudge: one neuron over five petals.
FLOWERS = np.array([3.9, 4.5, 4.8, 5.1, 5.6])  # petal lengths, cm
NUDGES = np.round(np.arange(-30, 31) / 100, 2)
STEEPNESS = np.array([0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0])
WEIGHT, BIAS = 3.0, -14.7  # per cm; the boundary lies at 4.9 cm

# The neuron that must unlearn a 1: x = 1, y = 0.
RATES = np.array([0.02, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.0, 4.0])
STARTS = np.round(np.arange(2, 29) * 0.25, 2)  # z = w + b before the first step
EPOCHS = 300


def share_of_ones(length, y, edges):
    """Return the mean length and the share of ones in each range (low, high]."""
    inside = [(length > low) & (length <= high) for low, high in pairwise(edges)]
    return [np.array([values[rows].mean() for rows in inside]) for values in (length, y)]


def weighted_inputs(nudge, steepness, x=FLOWERS):
    """Return z of petals x under a nudged weight: steepness ((w + nudge) x + b)."""
    return steepness * ((WEIGHT + nudge) * x + BIAS)


def stairs():
    """Return the corners of the sum of five steps over the NUDGES: nudges (n,) and sums (n,)."""
    jumps = np.sort(-BIAS / FLOWERS - WEIGHT)  # where a flower's z passes 0
    jumps = jumps[(jumps > NUDGES[0]) & (jumps < NUDGES[-1])]
    corners = np.concatenate([NUDGES[:1], np.repeat(jumps, 2), NUDGES[-1:]])
    return corners, np.repeat(np.arange(len(jumps) + 1) + 1, 2)


def costs(z):
    """Return what a neuron pays at z for the target 0: by squared error, by cross-entropy."""
    return sigmoid(z) ** 2 / 2, np.logaddexp(0, z)


def slopes(z):
    """Return dC/dz for the target 0: of the squared error, of the cross-entropy."""
    a = sigmoid(z)
    return a * a * (1 - a), a


def lessons(rates=RATES, starts=STARTS, steps=EPOCHS):
    """Return z after 0, 1, ..., steps: (2 losses, rates, starts, steps + 1), x = 1 and y = 0.

    Weight and bias get the same gradient, as x = 1: only their sum z = w + b matters, so a start
    is given by z, half of it the weight and half the bias.
    """
    start = np.repeat(np.asarray(starts)[:, None] / 2, 2, axis=1)  # (starts, 2): w, b

    def descend(loss):
        def gradient(parameters):
            slope = slopes(parameters.sum(axis=-1))[loss]
            return np.repeat(slope[..., None], 2, axis=-1)

        path = optimize.gradient_descent(gradient, start, np.asarray(rates)[:, None], steps)
        return np.moveaxis(path.w.sum(axis=-1), 0, -1)

    return np.stack([descend(loss) for loss in (0, 1)])
