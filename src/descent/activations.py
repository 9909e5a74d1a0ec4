"""Activation functions: what a neuron answers to its weighted input z, and how the answer moves.

All but softmax work entry by entry on arrays of any shape. Plus and minus infinity are legal input
and give the limits; NaN, the mark of a run that diverged, gives NaN.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from descent.checks import anything, array, checked


@checked(z=anything)
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


@checked(z=anything)
def step_derivative(z):
    """Return the derivative of the step: 0. At z = 0 it has none, and 0 stands there too.

    Parameters
    ----------
    z : (...) weighted input

    Returns
    -------
    da/dz : (...) array of zeros
    """
    return np.where(np.isnan(z), z, 0.0)[()]


@checked(z=anything)
def sigmoid(z):
    """Return a smooth step from 0 to 1.

    sigma(z) = 1 / (1 + e^-z)                                           (source 004, eq. 3.1)

    Where e^-z is too large for a double it is infinity, and the quotient is right: 0.

    Parameters
    ----------
    z : (...) weighted input

    Returns
    -------
    a : (...) array in [0, 1]
        1 itself only by rounding, from z = 37 upwards.
    """
    return 1 / (1 + np.exp(-z))


@checked(z=anything)
def sigmoid_derivative(z):
    """Return the derivative of the sigmoid.

    sigma'(z) = sigma(z) (1 - sigma(z)) = e^-z / (1 + e^-z)^2           (source 004, section 3.2)

    It is the same for z and -z, so |z| can stand for z: then no power overflows, and no digits are
    lost to 1 - sigma(z) where sigma(z) is near 1.

    Parameters
    ----------
    z : (...) weighted input

    Returns
    -------
    da/dz : (...) array in [0, 1/4]
    """
    power = np.exp(-np.abs(z))
    return power / (1 + power) ** 2


@checked(z=anything)
def tanh(z):
    """Return a smooth step from -1 to 1.

    tanh(z) = (e^z - e^-z) / (e^z + e^-z) = 2 sigma(2z) - 1             (source 004, section 3.4.1)

    Parameters
    ----------
    z : (...) weighted input

    Returns
    -------
    a : (...) array in [-1, 1]
        The ends themselves only by rounding.
    """
    return np.tanh(z)


@checked(z=anything)
def tanh_derivative(z):
    """Return the derivative of tanh.

    tanh'(z) = 1 - tanh(z)^2 = 1 / cosh(z)^2

    The last form keeps its digits where tanh(z) is near 1 or -1.

    Parameters
    ----------
    z : (...) weighted input

    Returns
    -------
    da/dz : (...) array in [0, 1]
    """
    return 1 / np.cosh(z) ** 2


@checked(z=anything)
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


@checked(z=anything)
def relu_derivative(z):
    """Return the derivative of relu: 1 where z > 0, 0 elsewhere. At z = 0 the book takes 0.

    Parameters
    ----------
    z : (...) weighted input

    Returns
    -------
    da/dz : (...) array of 0 and 1
    """
    return np.heaviside(z, 0.0)


@checked(z=anything)
def identity(z):
    """Return z itself: the output unit of regression.

    Parameters
    ----------
    z : (...) weighted input

    Returns
    -------
    a : (...) array, a copy
    """
    return np.positive(z)


@checked(z=anything)
def identity_derivative(z):
    """Return the derivative of the identity: 1.

    Parameters
    ----------
    z : (...) weighted input

    Returns
    -------
    da/dz : (...) array of ones
    """
    return np.where(np.isnan(z), z, 1.0)[()]


@checked(z=array("... k", finite=False))
def softmax(z):
    """Return k scores as k shares that sum to 1.

    p_i = e^(z_i) / sum_j e^(z_j)

    Taking the largest score from all of them first changes no share and lets no power overflow.
    Scores of +infinity share everything equally, and so do scores that are all -infinity.

    Parameters
    ----------
    z : (..., k) weighted inputs
        One group along the last axis.

    Returns
    -------
    p : (..., k) array in [0, 1]
        Each group sums to 1.
    """
    powers = np.exp(below_largest(z))
    return powers / powers.sum(axis=-1, keepdims=True)


def below_largest(z):
    """Return z - max(z) along the last axis, 0 for the largest even where it is infinite."""
    largest = z.max(axis=-1, keepdims=True)
    return np.where(z == largest, 0.0, z - largest)


@checked(z=array("... k", finite=False))
def softmax_derivative(z):
    """Return the Jacobian of softmax, for each share depends on every score.

    dp_i / dz_j = p_i (1[i = j] - p_j),  J = diag(p) - p p^T

    Parameters
    ----------
    z : (..., k) weighted inputs

    Returns
    -------
    J : (..., k, k) array
        Symmetric; J[..., i, j] is the derivative of share i with respect to score j.
    """
    p = softmax.plain(z)
    return p[..., :, None] * (np.eye(p.shape[-1]) - p[..., None, :])


class Activation(NamedTuple):
    """An activation function and its derivative, as a network calls them: unchecked."""

    name: str
    value: Callable  # z -> a, both (..., k)
    derivative: Callable  # z -> da/dz, entry by entry (..., k); for softmax a matrix (..., k, k)


ACTIVATIONS = {
    value.__name__: Activation(value.__name__, value.plain, derivative.plain)
    for value, derivative in (
        (step, step_derivative),
        (sigmoid, sigmoid_derivative),
        (tanh, tanh_derivative),
        (relu, relu_derivative),
        (identity, identity_derivative),
        (softmax, softmax_derivative),
    )
}
