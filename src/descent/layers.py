"""The parameters of a network: layers of weights and biases, their start, their rearrangement.

Parameters may carry leading axes: W of shape (61, out, in) holds 61 networks of one shape, a
family. The layers are counted as in the source: layer 1 is the input and has no parameters; W^2 and
b^2 are the first. In code, layers[0] holds W^2 and b^2.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from descent.checks import anything, checked, instance, pair


class Layer(NamedTuple):
    """The parameters of one layer, or the gradient with respect to them."""

    W: np.ndarray  # (..., out, in), w_jk to neuron j from neuron k of the layer before
    b: np.ndarray  # (..., out)


def layers_of(value, name, given):
    """Pairs (W, b) that fit each other, as new arrays; NaN and infinity mark a diverged run."""
    instance((tuple, list), "a sequence of pairs (W, b), one a layer")(value, name)
    if not value:
        raise ValueError(f"{name} is empty; it must hold at least one pair (W, b).")
    layers, look = [], anything
    for i, layer in enumerate(value):
        W, b = pair("(W, b)")(layer, f"{name}[{i}]")
        W, b = look(W, f"{name}[{i}].W").copy(), look(b, f"{name}[{i}].b").copy()
        before = layers[-1].b.shape if layers else (*b.shape[:-1], *W.shape[-1:])
        if W.ndim < 2 or b.shape != W.shape[:-1] or before != (*b.shape[:-1], W.shape[-1]):
            follows = f" behind a layer of {before[-1]} neurons" if layers else ""
            has = f"{name}[{i}] has W of shape {W.shape} and b of shape {b.shape}{follows}"
            words = "(..., out, in) and (..., out), with as many inputs as neurons before"
            raise ValueError(f"{has}; they must be {words}.")
        layers.append(Layer(W, b))
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
    shapes = [part.shape[-k:] for layer in layers for part, k in zip(layer, (2, 1), strict=True)]
    ends = np.cumsum([np.prod(shape) for shape in shapes])[:-1]
    parts = zip(np.split(vector, ends, axis=-1), shapes, strict=True)
    arrays = (part.reshape(*vector.shape[:-1], *shape).copy() for part, shape in parts)
    return [Layer(W, b) for W, b in zip(arrays, arrays, strict=True)]
