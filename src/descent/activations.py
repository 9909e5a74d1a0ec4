"""Activation functions: what a neuron answers to its weighted input z, and how the answer moves.

All but softmax work entry by entry on arrays of any shape. Plus and minus infinity are legal input
and give the limits; NaN, the mark of a run that diverged, gives NaN.
"""

from collections.abc import Callable
from functools import wraps
from typing import NamedTuple

import numpy as np

from descent import _checks


def _of_weighted_input(function):
    """Check z once; powers beyond a double are infinity or 0 without a warning."""

    @wraps(function)
    def checked(z):
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            return function(_checks.real_array(z, "z", finite=False))

    return checked


@_of_weighted_input
def step(z):
    """Return 1 where z > 0 and 0 elsewhere, at z = 0 too: the neuron that decides.

    Parameters
    ----------
    z : (...) weighted input

    Returns
    -------
    a : (...) array of 0 and 1
    """
    return np.heaviside(z, 0.0)


@_of_weighted_input
def step_derivative(z):
    """Return the slope of the step: 0 on both sides. At z = 0 it has none, and 0 stands there too.

    Parameters
    ----------
    z : (...) weighted input

    Returns
    -------
    da/dz : (...) array of zeros
    """
    return np.where(np.isnan(z), z, 0.0)[()]


@_of_weighted_input
def sigmoid(z):
    """Return a smooth step from 0 to 1.

    sigma(z) = 1 / (1 + e^-z)                                           (source 004, eq. 3.1)

    Where e^-z is too large for a double it is infinity, and the quotient is right: 0.

    Parameters
    ----------
    z : (...) weighted input

    Returns
    -------
    a : (...) array in [0, 1]; 1 itself only by rounding, from z = 37 upwards
    """
    return _sigmoid(z)[()]


@_of_weighted_input
def sigmoid_derivative(z):
    """Return the slope of the sigmoid.

    sigma'(z) = sigma(z) (1 - sigma(z)) = sigma(z) sigma(-z)            (source 004, section 3.2)

    The last form is the one computed: for large z, 1 - sigma(z) has lost all its digits.

    Parameters
    ----------
    z : (...) weighted input

    Returns
    -------
    da/dz : (...) array in [0, 1/4]
    """
    return _sigmoid(z) * _sigmoid(-z)


@_of_weighted_input
def tanh(z):
    """Return a smooth step from -1 to 1.

    tanh(z) = (e^z - e^-z) / (e^z + e^-z) = 2 sigma(2z) - 1             (source 004, section 3.4.1)

    Parameters
    ----------
    z : (...) weighted input

    Returns
    -------
    a : (...) array in [-1, 1]; the ends themselves only by rounding
    """
    return np.tanh(z)


@_of_weighted_input
def tanh_derivative(z):
    """Return the slope of tanh.

    tanh'(z) = 1 - tanh(z)^2 = 4 sigma(2z) sigma(-2z); the last form keeps its digits for large z.

    Parameters
    ----------
    z : (...) weighted input

    Returns
    -------
    da/dz : (...) array in [0, 1]
    """
    return 4 * _sigmoid(2 * z) * _sigmoid(-2 * z)


@_of_weighted_input
def relu(z):
    """Return z where it is positive and 0 elsewhere: the rectified linear unit.

    relu(z) = max(0, z)                                                 (source 004, section 3.4.1)

    Parameters
    ----------
    z : (...) weighted input

    Returns
    -------
    a : (...) array in [0, infinity]
    """
    return np.maximum(z, 0.0)


@_of_weighted_input
def relu_derivative(z):
    """Return the slope of relu: 1 where z > 0, 0 elsewhere. At the corner z = 0 the book takes 0.

    Parameters
    ----------
    z : (...) weighted input

    Returns
    -------
    da/dz : (...) array of 0 and 1
    """
    return np.heaviside(z, 0.0)


@_of_weighted_input
def identity(z):
    """Return z itself: the output unit of regression.

    Parameters
    ----------
    z : (...) weighted input

    Returns
    -------
    a : (...) array, a copy
    """
    return z[()]


@_of_weighted_input
def identity_derivative(z):
    """Return the slope of the identity: 1.

    Parameters
    ----------
    z : (...) weighted input

    Returns
    -------
    da/dz : (...) array of ones
    """
    return np.where(np.isnan(z), z, 1.0)[()]


@_of_weighted_input
def softmax(z):
    """Return k scores as k shares that sum to 1.

    p_i = e^(z_i) / sum_j e^(z_j)

    Taking the largest score from all of them first changes no share and lets no power overflow.
    Scores of +infinity share everything equally, and so do scores that are all -infinity.

    Parameters
    ----------
    z : (..., k) weighted inputs, one group along the last axis

    Returns
    -------
    p : (..., k) array in [0, 1], each group sums to 1
    """
    return _softmax(_group(z))


@_of_weighted_input
def softmax_derivative(z):
    """Return the Jacobian of softmax, for each share depends on every score.

    dp_i / dz_j = p_i (1[i = j] - p_j),  J = diag(p) - p p^T

    Parameters
    ----------
    z : (..., k) weighted inputs

    Returns
    -------
    J : (..., k, k) symmetric array; J[..., i, j] is the slope of share i in score j
    """
    p = _softmax(_group(z))
    return p[..., :, None] * (np.eye(p.shape[-1]) - p[..., None, :])


class Activation(NamedTuple):
    """What a network asks of an activation: two unchecked functions.

    Every slope here can be read off the answer a, so the way back does not need z:
    sigma' = a (1 - a), tanh' = 1 - a^2, relu' = 1 where a > 0.
    """

    apply: Callable  # z -> a, both (..., k)
    pull_back: Callable  # (v, a) -> dC/dz from v = dC/da: v a'(z); J v for softmax


_ONE = np.ones(())  # NumPy takes an array in less time than a float, and training counts that


def _sigmoid(z):
    power = np.asarray(-z)  # the rest in place: training calls nothing more often
    np.exp(power, out=power)
    power += _ONE
    return np.reciprocal(power, out=power)


def _sigmoid_back(v, a):
    slope = v * a
    slope *= _ONE - a
    return slope


def _softmax(z):
    top = z.max(axis=-1, keepdims=True)
    powers = np.exp(np.where(z == top, 0.0, z - top))  # infinity - infinity would be NaN
    return powers / powers.sum(axis=-1, keepdims=True)


def _group(z):
    if z.ndim == 0:
        raise ValueError("z is a single number; softmax needs several, such as [1.0, 2.0].")
    return z


ACTIVATIONS = {
    "step": Activation(lambda z: np.heaviside(z, 0.0), lambda v, a: 0.0 * v),
    "sigmoid": Activation(_sigmoid, _sigmoid_back),
    "tanh": Activation(np.tanh, lambda v, a: v * (1.0 - a * a)),
    "relu": Activation(lambda z: np.maximum(z, 0.0), lambda v, a: v * (a > 0)),
    "identity": Activation(np.positive, lambda v, a: v),
    "softmax": Activation(_softmax, lambda v, a: a * (v - (v * a).sum(axis=-1, keepdims=True))),
}

# The slopes by the names of their functions; each is a function of z, checked like the others.
DERIVATIVES = {
    "step": step_derivative,
    "sigmoid": sigmoid_derivative,
    "tanh": tanh_derivative,
    "relu": relu_derivative,
    "identity": identity_derivative,
    "softmax": softmax_derivative,
}
