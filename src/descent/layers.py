"""The parameters of a network: layers of weights and biases, their start, their rearrangement.

A network is a sequence of layers (W, b). Parameters may carry leading axes: W of shape
(61, out, in) holds 61 networks of one shape, a family.

The layers are counted as in the source: layer 1 is the input and has no parameters; W^2 and b^2 are
the first. In code, layers[0] holds W^2 and b^2.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from descent import _checks


class Layer(NamedTuple):
    """The parameters of one layer, or the slopes of the cost in them."""

    W: np.ndarray  # (..., out, in), w_jk to neuron j from neuron k of the layer before
    b: np.ndarray  # (..., out)


SCHEMES = {
    "xavier": lambda n_in, n_out: np.sqrt(2 / (n_in + n_out)),  # for tanh, whose slope is 1 at 0
    "he": lambda n_in, n_out: np.sqrt(2 / n_in),  # for relu, which passes half of its input
    "lecun": lambda n_in, n_out: np.sqrt(1 / n_in),  # keeps z as spread out as the inputs
    "normal": lambda n_in, n_out: 1.0,  # the plain start, which saturates wide layers
    "zeros": lambda n_in, n_out: 0.0,  # the start from which hidden neurons never learn to differ
}


def initialize(sizes, *, rng=None, scheme="xavier", family=()):
    """Return the layers of a new network.

    w_jk ~ N(0, s^2) with s^2 = 2 / (in + out) for "xavier", 2 / in for "he", 1 / in for "lecun",
    1 for "normal" and 0 for "zeros". Biases start at 0, with "normal" at N(0, 1).

    Parameters
    ----------
    sizes : neurons in each layer, input first: (784, 30, 10)
    rng : numpy.random.Generator, drawn from in the order W^2, b^2, W^3, ...; "zeros" needs none
    scheme : str
    family : tuple of int, leading axes: (20,) starts 20 networks

    Returns
    -------
    layers : tuple of Layer
    """
    sizes = _sizes(sizes, "sizes")
    if len(sizes) < 2:
        raise ValueError(f"sizes is {sizes}; give at least an input and an output, such as (2, 1).")
    family = _sizes(family, "family")
    spread = _checks.choice(scheme, SCHEMES, "scheme")
    rng, layers = None if scheme == "zeros" else _checks.generator(rng), []
    for n_in, n_out in pairwise(sizes):
        draw = np.zeros if rng is None else rng.standard_normal
        W = spread(n_in, n_out) * draw((*family, n_out, n_in))
        b = draw((*family, n_out)) if scheme == "normal" else np.zeros((*family, n_out))
        layers.append(Layer(W, b))
    return tuple(layers)


def flatten(layers):
    """Return all parameters in one row: W^2 row by row, b^2, W^3, ...

    Parameters
    ----------
    layers : sequence of (W, b)

    Returns
    -------
    vector : (..., p) array
    """
    return flat(_checked(layers))


def unflatten(vector, layers):
    """Return the parameters in `vector` as layers: the way back from `flatten`.

    Parameters
    ----------
    vector : (..., p) array
    layers : sequence of (W, b) whose last axes give the shapes

    Returns
    -------
    layers : tuple of Layer
    """
    layers = _checked(layers)
    vector = _checks.real_array(vector, "vector", finite=False)
    p = flat(layers).shape[-1]
    if vector.ndim == 0 or vector.shape[-1] != p:
        raise ValueError(f"vector has shape {vector.shape}; its last axis must hold {p} numbers.")
    return unflat(vector, layers)


def stack(networks):
    """Return several networks of one shape as a family: a leading axis over the networks.

    Parameters
    ----------
    networks : sequence of networks, such as one for each seed

    Returns
    -------
    layers : tuple of Layer, W of shape (len(networks), ..., out, in)
    """
    try:
        networks = list(networks)
    except TypeError:
        raise TypeError(
            f"networks is {type(networks).__name__}; it must be a sequence of networks."
        ) from None
    networks = [_checked(one, f"networks[{i}]") for i, one in enumerate(networks)]
    if not networks or len({tuple(W.shape for W, _ in layers) for layers in networks}) > 1:
        raise ValueError(
            f"networks holds {len(networks)} networks; it must hold at least one, and all of the "
            "same shape."
        )
    alike = zip(*networks, strict=True)
    return tuple(Layer(np.stack([W for W, _ in a]), np.stack([b for _, b in a])) for a in alike)


def member(layers, index):
    """Return one network of a family.

    Parameters
    ----------
    layers : sequence of (W, b) with leading axes
    index : int, or tuple of int for several axes

    Returns
    -------
    layers : tuple of Layer
    """
    layers = _checked(layers)
    index = tuple(index) if isinstance(index, tuple) else (index,)
    family = layers[0].b.shape[:-1]
    index = tuple(_checks.whole_number(i, "index", at_least=0) for i in index)
    if len(index) > len(family) or any(i >= size for i, size in zip(index, family, strict=False)):
        raise ValueError(
            f"index is {index} but the family of networks has shape {family}; it must lie inside."
        )
    return tuple(Layer(W[index].copy(), b[index].copy()) for W, b in layers)


def flat(layers):
    """Return what `flatten` does, unchecked: what the training loop calls."""
    rows = [part for W, b in layers for part in (W.reshape(*W.shape[:-2], -1), b)]
    return np.concatenate(rows, axis=-1)


def unflat(vector, layers):
    """Return what `unflatten` does, unchecked, as views of the vector."""
    parts, start = [], 0
    for n_out, n_in in (W.shape[-2:] for W, _ in layers):
        middle, end = start + n_out * n_in, start + n_out * (n_in + 1)
        W = vector[..., start:middle].reshape(*vector.shape[:-1], n_out, n_in)
        parts.append(Layer(W, vector[..., middle:end]))
        start = end
    return tuple(parts)


def _checked(layers, name="layers"):
    return tuple(Layer(W, b) for W, b in _checks.layers(layers, name))


def _sizes(values, name):
    try:
        return [_checks.whole_number(size, f"each entry of {name}", at_least=1) for size in values]
    except TypeError:
        raise TypeError(
            f"{name} is {_checks.shown(values)}; it must be a sequence of whole numbers."
        ) from None
