"""The parameters of a network: layers of weights and biases, their start, their rearrangement.

Parameters may carry leading axes: W of shape (61, out, in) holds 61 networks of one shape, a
family. The layers are counted as in the source: layer 1 is the input and has no parameters; W^2 and
b^2 are the first. In code, layers[0] holds W^2 and b^2.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from descent import checks
from descent.checks import checked


class Layer(NamedTuple):
    """The parameters of one layer, or the gradient with respect to them."""

    W: np.ndarray  # (..., out, in), w_jk to neuron j from neuron k of the layer before
    b: np.ndarray  # (..., out)


def layers_of(value, name, given):
    """Pairs (W, b) that fit each other, as new arrays; NaN and infinity mark a run that diverged."""
    try:
        pairs = [(W, b) for W, b in value]
    except (TypeError, ValueError):
        raise TypeError(
            f"{name} is {checks.shown(value)}; it must be a sequence of pairs (W, b), one a layer."
        ) from None
    if not pairs:
        raise ValueError(f"{name} is empty; it must hold at least one pair (W, b).")
    layers, before = [], None
    for i, (W, b) in enumerate(pairs):
        W = checks.anything(W, f"{name}[{i}].W", given).copy()
        b = checks.anything(b, f"{name}[{i}].b", given).copy()
        if (
            W.ndim < 2
            or b.shape != W.shape[:-1]
            or before not in (None, (*b.shape[:-1], W.shape[-1]))
        ):
            follows = f" behind a layer of {before[-1]} neurons" if before else ""
            raise ValueError(
                f"{name}[{i}] has W of shape {W.shape} and b of shape {b.shape}{follows}; W must be "
                "(..., out, in), b (..., out), and the neurons before must be the inputs."
            )
        layers.append(Layer(W, b))
        before = b.shape
    return tuple(layers)


SCHEMES = {
    "xavier": lambda n_in, n_out: np.sqrt(2 / (n_in + n_out)),  # for tanh, whose slope is 1 at 0
    "he": lambda n_in, n_out: np.sqrt(2 / n_in),  # for relu, which passes half of its input
    "lecun": lambda n_in, n_out: np.sqrt(1 / n_in),  # keeps z as spread out as the inputs
    "normal": lambda n_in, n_out: 1.0,  # the plain start, which saturates wide layers
    "zeros": lambda n_in, n_out: 0.0,  # the start from which hidden neurons never learn to differ
}


def draw(sizes, rng, scheme, family):
    """Return new layers; rng is drawn from in the order W^2, b^2, W^3, ..."""
    layers, normal = [], np.zeros if scheme == "zeros" else rng.standard_normal
    for n_in, n_out in pairwise(sizes):
        W = SCHEMES[scheme](n_in, n_out) * normal((*family, n_out, n_in))
        b = normal((*family, n_out)) if scheme == "normal" else np.zeros((*family, n_out))
        layers.append(Layer(W, b))
    return layers


@checked(layers=layers_of)
def flatten(layers):
    """Return all parameters in one row: W^2 row by row, b^2, W^3, ...

    Parameters
    ----------
    layers : sequence of (W, b)
        The layers of a network or its gradient.

    Returns
    -------
    vector : (..., p) array
    """
    parts = [part.reshape(*b.shape[:-1], -1) for W, b in layers for part in (W, b)]
    return np.concatenate(parts, axis=-1)


def split(vector, layers):
    """Return the parameters in a (..., p) vector as layers of these shapes, each a copy."""
    sizes = [size for W, b in layers for size in (W.shape[-2] * W.shape[-1], W.shape[-2])]
    parts = iter(np.split(vector, np.cumsum(sizes)[:-1], axis=-1))
    family = vector.shape[:-1]
    return [
        Layer(next(parts).reshape(*family, *W.shape[-2:]).copy(), next(parts).copy())
        for W, b in layers
    ]
