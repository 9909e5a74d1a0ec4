"""Chapter 11: a nudge on its way, both passes of one sample, and XOR learnt from many starts."""

from typing import NamedTuple

import numpy as np

from descent import network

CASES = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
XOR = np.array([0.0, 1.0, 1.0, 0.0])

# The network of the worked example, and the samples it is shown.
EXAMPLE = network.Network(
    [
        ([[0.1, -0.2], [0.4, 0.3], [-0.5, 0.6]], [0.05, -0.1, 0.2]),
        ([[0.7, -0.8, 0.9], [-0.6, 0.5, 0.4]], [-0.3, 0.1]),
    ]
)
SAMPLES = {
    "(0.5, −1.5) → (0, 1)": ((0.5, -1.5), (0.0, 1.0)),
    "(1, 0) → (1, 0)": ((1.0, 0.0), (1.0, 0.0)),
    "(−3, 4) → (1, 1)": ((-3.0, 4.0), (1.0, 1.0)),
}

RATES = np.array([0.3, 1.0, 3.0, 10.0, 30.0, 100.0])
EPOCHS = np.array([1, 10, 30, 100, 200, 300, 500, 700, 1000, 1500, 2000, 3000, 5000])
_DRAWN = {
    "Xavier 0": (0, "xavier", 1),
    "Xavier 1": (1, "xavier", 1),
    "normal 3": (3, "normal", 1),
    "normal 11": (11, "normal", 1),
    "wide 2": (2, "normal", 10),
}
STARTS = ("all 0", "all 0.5", *_DRAWN)


class Ripple(NamedTuple):
    """What a nudge of one weight does to everything behind it."""

    z2: float  # change of the weighted input it leads to
    a2: float
    z3: np.ndarray  # (2,)
    a3: np.ndarray  # (2,)
    cost: float


def ripple(j, k, nudge, x, y):
    """Return how everything changes when weight w_jk of layer 2 of the example is nudged.

    j and k count from 1, x is (2,) and y is (2,).
    """
    nudged = EXAMPLE.copy()
    nudged.layers[0].W[j - 1, k - 1] += nudge
    old, new = (net.forward([x]) for net in (EXAMPLE, nudged))
    z2, z3 = (p[0] - q[0] for p, q in zip(new.z, old.z, strict=True))
    _, a2, a3 = (p[0] - q[0] for p, q in zip(new.a, old.a, strict=True))
    cost = nudged.cost([x], [y]) - EXAMPLE.cost([x], [y])
    return Ripple(z2[j - 1], a2[j - 1], z3, a3, float(cost))


class Passes(NamedTuple):
    """Everything that one sample's two passes through the example compute."""

    z: tuple  # (3,), (2,)
    a: tuple  # (2,), (3,), (2,)
    delta: tuple  # of layer 2 and of layer 3
    slopes: tuple  # (3, 2), (2, 3)
    cost: float


def passes(x, y):
    """Return the Passes of one sample."""
    (z2, z3), a = EXAMPLE.forward([x])
    gradient = network.backpropagate(EXAMPLE, [x], [y])
    return Passes(
        (z2[0], z3[0]),
        tuple(part[0] for part in a),
        tuple(layer.b for layer in gradient),
        tuple(layer.W for layer in gradient),
        float(EXAMPLE.cost([x], [y])),
    )


def start(name):
    """Return the 2-3-1 network that a start's name stands for."""
    if name in _DRAWN:
        seed, scheme, scale = _DRAWN[name]
        drawn = network.initialize((2, 3, 1), rng=np.random.default_rng(seed), scheme=scheme)
        return drawn.unflatten(scale * drawn.flatten())
    zeros = network.initialize((2, 3, 1), scheme="zeros")
    return zeros.unflatten(zeros.flatten() + float(name.removeprefix("all ")))


class Family(NamedTuple):
    """All rates and all starts, trained on XOR in one run."""

    epochs: np.ndarray  # (rows,) when the costs were taken, 0 first
    cost: np.ndarray  # (rates, starts, rows)
    network: network.Network  # those at EPOCHS: W of shape (rates, starts, epochs, out, in)
    hidden: np.ndarray  # (rates, starts, epochs, 4, 3)
    outputs: np.ndarray  # (rates, starts, epochs, 4)


def family():
    """Train every start at every rate; return their Family."""
    starts = network.stack([start(name) for name in STARTS])
    rates = np.broadcast_to(RATES[:, None], (len(RATES), len(STARTS)))
    times = np.unique(
        np.concatenate([EPOCHS, np.geomspace(1, EPOCHS[-1], 110).round().astype(int)])
    )
    kept = [np.stack([starts.flatten()] * len(RATES))]
    wanted = set(times.tolist())

    def keep(progress):
        if progress.step in wanted:
            kept.append(progress.snapshot().flatten())

    network.train(starts, CASES, XOR, eta=rates, epochs=EPOCHS[-1], every=None, callback=keep)
    parameters = np.stack(kept, axis=2)
    epochs = np.concatenate([[0], times])
    shown = np.searchsorted(epochs, EPOCHS)
    cost = starts.unflatten(parameters).cost(CASES, XOR)
    net = starts.unflatten(parameters[:, :, shown])
    _, (_, hidden, outputs) = net.forward(CASES)
    return Family(epochs, cost, net, hidden, outputs[..., 0])
