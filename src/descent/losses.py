"""Losses: how far a network's outputs a are from the targets y.

One convention holds throughout: a loss sums over the outputs of a sample and is the mean over the
samples, and only the squared error carries a factor 1/2. (The source texts also write the cost
without 1/2 and as a plain sum.)

Targets y are (n,), one number a sample, or (n, k). Outputs a have the shape of y behind any leading
axes: (61, n, k) holds the outputs of 61 networks, and their losses are (61,).

The logits z are the weighted inputs of the output layer, before its sigmoid or softmax. Losses from
logits stay finite where that output has been rounded to 0 or 1.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from descent.activations import below_largest
from descent.checks import SIZES, array, checked, count

numbers, probabilities = array("n | n k"), array("n | n k", at_least=0, at_most=1)


def shares(value, name, given):
    """A row of class probabilities for each sample."""
    value = array("n k", at_least=0, at_most=1)(value, name, given)
    if np.abs(value.sum(axis=-1) - 1).max() > 1e-9:
        words = "they must be class probabilities, such as one_hot(labels, n_classes)"
        raise ValueError(f"{name} has rows that do not sum to 1; {words}.")
    return value


def outputs(**bounds):
    """Return the check of outputs or logits: the shape of y behind any leading axes."""

    def check(value, name, given):
        spec = "... n k" if "k" in given[SIZES] else "... n"
        return array(spec, finite=False, **bounds)(value, name, given)

    return check


def mean(entries, y):
    """Sum over the outputs of a sample, take the mean over the samples."""
    return entries.sum(axis=tuple(range(-y.ndim, 0))) / len(y)


def times(weight, values):
    """Return weight * values, 0 where the weight is 0 and the value infinite: 0 ln 0 = 0."""
    return np.where((weight == 0) & ~np.isnan(values), 0.0, weight * values)


@checked(y=numbers, a=outputs())
def squared_error(a, y):
    """Return half the squared distance from the targets, averaged over the samples.

    C = 1/(2n) sum_i ||a_i - y_i||^2                                    (source 004, eq. 3.2)

    Parameters
    ----------
    a : (..., n) or (..., n, k) outputs
        Infinite outputs cost infinity, NaN outputs cost NaN.
    y : (n,) or (n, k) targets

    Returns
    -------
    C : (...) array
        In the unit of y squared.
    """
    return mean((a - y) ** 2, y) / 2


def squared_error_delta(z, a, y, sigma):
    """Return the partial derivatives of the squared error with respect to the weighted inputs.

    dC/dz = (a - y) / n * sigma'(z),  for softmax, whose sigma' is a matrix, (a - y) / n J

    Parameters
    ----------
    z, a : (..., n, k) weighted inputs and outputs
    y : (n, k) targets
    sigma : Activation of the output layer

    Returns
    -------
    dC/dz : (..., n, k) array
    """
    error, derivative = (a - y) / len(y), sigma.derivative(z)
    if derivative.ndim > z.ndim:
        return (error[..., None, :] @ derivative)[..., 0, :]
    return error * derivative


@checked(y=probabilities, a=outputs(at_least=0, at_most=1))
def binary_cross_entropy(a, y):
    """Return the negative log-likelihood of yes-or-no targets: how surprised the model is by them.

    C = -1/n sum_i sum_k [y ln a + (1 - y) ln(1 - a)],  0 ln 0 = 0      (source 001, section 1.2.1)

    Parameters
    ----------
    a : (..., n) or (..., n, k) probabilities of yes, in [0, 1]
    y : (n,) or (n, k) targets in [0, 1]

    Returns
    -------
    C : (...) array
        In nats; infinity where a sure answer is wrong.
    """
    return mean(-times(y, np.log(a)) - times(1 - y, np.log1p(-a)), y)


@checked(y=probabilities, z=outputs())
def binary_cross_entropy_from_logits(z, y):
    """Return the binary cross-entropy of a = sigmoid(z), without forming a.

    C = 1/n sum_i sum_k [y ln(1 + e^-z) + (1 - y) ln(1 + e^z)]

    Parameters
    ----------
    z : (..., n) or (..., n, k) logits
    y : (n,) or (n, k) targets in [0, 1]

    Returns
    -------
    C : (...) array
        In nats.
    """
    return mean(times(y, np.logaddexp(0, -z)) + times(1 - y, np.logaddexp(0, z)), y)


@checked(y=shares, a=outputs(at_least=0, at_most=1))
def categorical_cross_entropy(a, y):
    """Return the negative log-likelihood of the right classes.

    C = -1/n sum_i sum_k y_k ln a_k,  0 ln 0 = 0                        (source 001, section 1.2.1)

    Parameters
    ----------
    a : (..., n, k) class probabilities, in [0, 1]
    y : (n, k) targets
        `one_hot` rows, or any rows of probabilities that sum to 1.

    Returns
    -------
    C : (...) array
        In nats; infinity where the right class has probability 0.
    """
    return mean(-times(y, np.log(a)), y)


@checked(y=shares, z=outputs())
def categorical_cross_entropy_from_logits(z, y):
    """Return the categorical cross-entropy of a = softmax(z), without forming a.

    C = 1/n sum_i sum_k y_k [ln(sum_j e^(z_j)) - z_k]

    Parameters
    ----------
    z : (..., n, k) logits
    y : (n, k) targets whose rows sum to 1

    Returns
    -------
    C : (...) array
        In nats.
    """
    z = below_largest(z)
    return mean(times(y, np.log(np.exp(z).sum(axis=-1, keepdims=True)) - z), y)


def cross_entropy_delta(z, a, y, sigma):
    """Return the partial derivatives of a cross-entropy with respect to the logits.

    dC/dz = (a - y) / n

    The same for a = sigmoid(z) with the binary and a = softmax(z) with the categorical one: the
    derivative of the activation has cancelled.

    Parameters
    ----------
    z, a, y, sigma
        As in `squared_error_delta`.

    Returns
    -------
    dC/dz : (..., n, k) array
    """
    return (a - y) / len(y)


class Loss(NamedTuple):
    """A loss as a network calls it: unchecked, for y and a of shape (..., n, k)."""

    name: str
    value: Callable  # (a, y) -> C, or (z, y) -> C where there is a partner
    delta: Callable  # (z, a, y, sigma) -> dC/dz, the start of the way back (BP1)
    targets: Callable  # the check of y
    partner: str | None = None  # the output activation whose logits z it takes


BINARY = binary_cross_entropy_from_logits.plain, cross_entropy_delta, probabilities, "sigmoid"
CATEGORICAL = categorical_cross_entropy_from_logits.plain, cross_entropy_delta, shares, "softmax"
LOSSES = {
    "squared_error": Loss("squared_error", squared_error.plain, squared_error_delta, numbers),
    "binary_cross_entropy": Loss("binary_cross_entropy", *BINARY),
    "categorical_cross_entropy": Loss("categorical_cross_entropy", *CATEGORICAL),
}


def classes(value, name, given):
    """Whole numbers from 0 to n_classes - 1."""
    value = array("n", at_least=0, below=given["n_classes"])(value, name, given)
    if (half := value[value % 1 != 0]).size:
        raise ValueError(f"{name} holds {half[0]:g}; it must hold whole numbers.")
    return value.astype(int)


@checked(n_classes=count(), labels=classes)
def one_hot(labels, n_classes):
    """Return class numbers as rows with a single 1.

    Parameters
    ----------
    labels : (n,) whole numbers from 0 to n_classes - 1
    n_classes : int >= 1

    Returns
    -------
    y : (n, n_classes) array of 0 and 1
    """
    return (labels[:, None] == np.arange(n_classes)).astype(float)
