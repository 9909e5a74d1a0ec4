"""Chapter 9: networks written down by hand, fences around a place and curves made of pieces."""

from typing import NamedTuple

import numpy as np

from descent import network

FENCES = np.arange(1, 9)
SHARPNESS = np.array([1, 2, 3, 5, 10, 20])  # per km
DISTANCE = 1.05  # km from the bell to every fence

HIDDEN = np.array([2, 4, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64, 80, 96, 128])
TARGETS = {
    "wave": lambda x: 0.35 + 0.3 * x + 0.3 * np.sin(4 * np.pi * x),
    "narrow peak": lambda x: np.exp(-(((x - 0.6) / 0.06) ** 2)),
    "square root": np.sqrt,
    "jump": lambda x: np.where(x < 1 / np.pi, 0.2, 0.8),
}
NEURONS = ("step", "sigmoid", "relu")
GRID = np.linspace(0, 1, 1001)  # where the errors are measured, and on both sides of the jump
GRID = np.sort(np.append(GRID, 1 / np.pi + np.array([-1e-9, 1e-9])))


def fence(k, sharpness, distance=DISTANCE):
    """Return a 2-k-1 network whose hidden neurons fence in a place.

    Hidden neuron j is on where x lies within `distance` of the origin in direction j; the output is
    on where all of them are.
    """
    turn = -np.pi / 2 + 2 * np.pi / k * np.arange(k)
    W2 = -sharpness * np.column_stack([np.cos(turn), np.sin(turn)])
    b2 = np.full(k, sharpness * distance)
    return network.Network([(W2, b2), (np.full((1, k), 10.0), [-10 * (k - 0.5)])])


class Fenced(NamedTuple):
    """What the networks of all FENCES answer, at every SHARPNESS."""

    answers: np.ndarray  # (fences, sharpness, points) at the points of a map
    wrong: np.ndarray  # (fences, sharpness, people) bool: whose place is taken for the other kind


def fence_all(points, X, heard):
    """Return what every fence says of the points (p, 2), and of which people (n, 2) it is wrong."""
    answers, wrong = [], []
    for k in FENCES:
        for sharpness in SHARPNESS:
            net = fence(k, sharpness)
            answers.append(net.predict(points)[:, 0])
            wrong.append((net.predict(X)[:, 0] > 0.5) != heard)
    shape = len(FENCES), len(SHARPNESS), -1
    return Fenced(np.reshape(answers, shape), np.reshape(wrong, shape))


def approximator(target, hidden, neurons="step"):
    """Return a 1-hidden-1 network that follows a curve on [0, 1], its weights written down.

    "step" and "sigmoid": pairs of neurons, one up and one down, make hidden / 2 bumps as high as
    the curve in the middle of each. The first and last flank lie outside [0, 1]. "relu": straight
    pieces that meet the curve at 0, 1/hidden, 2/hidden, ..., 1.

    Parameters
    ----------
    target : function of an array, or a name out of `TARGETS`
    hidden : even number of hidden neurons
    neurons : "step", "sigmoid" or "relu"

    Returns
    -------
    network : Network
    """
    f = TARGETS[target] if isinstance(target, str) else target
    if neurons == "relu":
        knots = np.linspace(0, 1, hidden + 1)
        bends = np.diff(np.diff(f(knots)) * hidden, prepend=0.0)
        layers = (np.ones((hidden, 1)), -knots[:-1]), (bends[None], f(knots[:1]))
        return network.Network(layers, ["relu", "identity"])
    m = hidden // 2
    edges = np.linspace(0, 1, m + 1)
    heights = f((edges[1:] + edges[:-1]) / 2)
    edges[[0, -1]] += -0.5 / m, 0.5 / m
    places = np.column_stack([edges[:-1], edges[1:]]).ravel()  # up, down, up, down, ...
    sharpness = 20.0 * m if neurons == "sigmoid" else 1.0
    first = np.full((hidden, 1), sharpness), -sharpness * places
    second = np.column_stack([heights, -heights]).reshape(1, hidden)
    return network.Network([first, (second, [0.0])], [neurons, "identity"])


def errors(target, hidden, neurons):
    """Return the root mean square and the largest error of an approximator on [0, 1]."""
    net = approximator(target, hidden, neurons)
    miss = net.predict(GRID[:, None])[:, 0] - TARGETS[target](GRID)
    return np.sqrt(np.mean(miss**2)), np.abs(miss).max()


def approximate_all(x):
    """Return what every approximator answers at x (n,), and its two `errors`.

    Returns
    -------
    curves : (hidden, targets, neurons, n)
    off : (hidden, targets, neurons, 2)
    """
    shape = len(HIDDEN), len(TARGETS), len(NEURONS)
    curves, off = np.empty((*shape, len(x))), np.empty((*shape, 2))
    names = list(TARGETS)
    for state in np.ndindex(shape):
        which = names[state[1]], HIDDEN[state[0]], NEURONS[state[2]]
        curves[state] = approximator(*which).predict(x[:, None])[:, 0]
        off[state] = errors(*which)
    return curves, off
