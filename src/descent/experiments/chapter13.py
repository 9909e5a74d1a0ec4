"""Chapter 13: what signals, errors and gradients do from layer to layer before the first step."""

import numpy as np

from descent import network

ACTIVATIONS = ("sigmoid", "tanh", "relu")
# Networks of this width, on these inputs, started from one generator.
WIDTH, SAMPLES, STARTS = 32, 24, 4
DEPTHS = [1, 2, 3, 4, 6, 8, 10, 12, 15, 20]
SPREADS = 2.0 ** np.arange(-2, 2.75, 0.25)  # of the weights, times the root of the width


def layer_errors(net, X, y):
    """Return (z, a, errors delta^2 ... delta^L) of a network with one sigmoid output.

    The cost is binary cross-entropy, so that delta^L = a^L - y; leading axes are a family.
    """
    z, a = net.forward(X)
    errors = [a[-1] - y[:, None]]
    steps = zip(net.layers[:0:-1], net.activations[-2::-1], z[-2::-1], strict=True)
    for (W, _), sigma, z_before in steps:
        errors.insert(0, errors[0] @ W * sigma.derivative(z_before))
    return z, a, errors


def at_start(depth, spread, activation):
    """Return what a deep network does before its first step, by layer.

    Parameters
    ----------
    depth : hidden layers, all of one width
    spread : (...) standard deviation of the weights, times the root of the width
    activation : "sigmoid", "tanh" or "relu"

    Returns
    -------
    signal : (..., depth + 1) how far apart the samples are in layers 1 to L - 1: the standard
        deviation over the samples, as a root mean square over the neurons
    error : (..., depth + 1) root mean square of delta in layers 2 to L
    gradient : (..., depth + 1) length of dC/dW in layers 2 to L
        Each is the geometric mean over four starts.
    """
    rng = np.random.default_rng(13)
    X, y = rng.standard_normal((SAMPLES, WIDTH)), np.arange(SAMPLES) % 2.0
    sizes = (WIDTH,) * (depth + 1) + (1,)
    drawn = network.initialize(sizes, rng=rng, scheme="lecun", family=(STARTS,))
    times = np.asarray(spread)[..., None, None, None]
    layers = [(times * W, 0 * times[..., 0] * b) for W, b in drawn.layers]
    net = network.Network(layers, [activation] * depth + ["sigmoid"])
    _, a, errors = layer_errors(net, X, y)
    signal = [np.sqrt(entry.var(axis=-2).mean(axis=-1)) for entry in a[:-1]]
    error = [np.sqrt((entry**2).mean(axis=(-2, -1))) for entry in errors]
    gradient = [
        np.linalg.norm(delta.mT @ before / SAMPLES, axis=(-2, -1))
        for delta, before in zip(errors, a[:-1], strict=True)
    ]
    signal[0] = np.broadcast_to(signal[0], signal[1].shape)
    return tuple(_typical(np.stack(rows, axis=-1)) for rows in (signal, error, gradient))


def _typical(values):
    """Return the geometric mean over the starts, the axis before the last; 0 stays 0."""
    with np.errstate(divide="ignore"):
        return np.exp(np.log(values).mean(axis=-2))


def depth_runs():
    """Return {activation: (signal, error, gradient)}, each (depths, spreads, 22) by layer 1 to 22.

    Layers that a network does not have are NaN.
    """
    runs = {}
    for name in ACTIVATIONS:
        table = np.full((3, len(DEPTHS), len(SPREADS), DEPTHS[-1] + 2), np.nan)
        for i, depth in enumerate(DEPTHS):
            signal, error, gradient = at_start(depth, SPREADS, name)
            table[0, i, :, : depth + 1] = signal
            table[1, i, :, 1 : depth + 2] = error
            table[2, i, :, 1 : depth + 2] = gradient
        runs[name] = table
    return runs
