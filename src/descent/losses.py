"""Losses: how far a network's outputs a are from the targets y, and its slope in each output.

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

from descent import _checks


def squared_error(a, y):
    """Return half the squared distance from the targets, averaged over the samples.

    C = 1/(2n) sum_i ||a_i - y_i||^2                                    (source 004, eq. 3.2)

    Parameters
    ----------
    a : (..., n) or (..., n, k) outputs; infinite outputs cost infinity, NaN outputs cost NaN
    y : (n,) or (n, k) targets

    Returns
    -------
    C : (...) array, in the unit of y squared
    """
    return _mean(_squared_error, *_pair(a, y))


def squared_error_gradient(a, y):
    """Return the slope of the squared error in each output.

    dC/da = (a - y) / n

    Parameters
    ----------
    a, y : as in `squared_error`

    Returns
    -------
    g : array of the shape of a
    """
    return _slope(_difference, *_pair(a, y))


def binary_cross_entropy(a, y):
    """Return the negative log-likelihood of yes-or-no targets: how surprised the model is by them.

    C = -1/n sum_i sum_k [y ln a + (1 - y) ln(1 - a)],  0 ln 0 = 0      (source 001, section 1.2.1)

    Parameters
    ----------
    a : (..., n) or (..., n, k) probabilities of yes, in [0, 1]
    y : (n,) or (n, k) targets in [0, 1]

    Returns
    -------
    C : (...) array, in nats; infinity where a sure answer is wrong
    """
    return _mean(_binary, *_probabilities(a, y, _chances))


def binary_cross_entropy_gradient(a, y):
    """Return the slope of the binary cross-entropy in each output.

    dC/da = [(1 - y) / (1 - a) - y / a] / n,  0 / 0 = 0

    Parameters
    ----------
    a, y : as in `binary_cross_entropy`

    Returns
    -------
    g : array of the shape of a; infinite where a sure answer is wrong
    """
    return _slope(_binary_slope, *_probabilities(a, y, _chances))


def binary_cross_entropy_from_logits(z, y):
    """Return the binary cross-entropy of a = sigmoid(z), without forming a.

    C = 1/n sum_i sum_k [y ln(1 + e^-z) + (1 - y) ln(1 + e^z)]

    Parameters
    ----------
    z : (..., n) or (..., n, k) logits
    y : (n,) or (n, k) targets in [0, 1]

    Returns
    -------
    C : (...) array, in nats
    """
    return _mean(_binary_from_logits, *_logits(z, y, _chances))


def binary_cross_entropy_from_logits_gradient(z, y):
    """Return the slope of the same cost in each logit.

    dC/dz = (sigmoid(z) - y) / n

    Parameters
    ----------
    z, y : as in `binary_cross_entropy_from_logits`

    Returns
    -------
    g : array of the shape of z
    """
    return _slope(lambda z, y: np.exp(-_softplus(-z)) - y, *_logits(z, y, _chances))


def categorical_cross_entropy(a, y):
    """Return the negative log-likelihood of the right classes.

    C = -1/n sum_i sum_k y_k ln a_k,  0 ln 0 = 0                        (source 001, section 1.2.1)

    Parameters
    ----------
    a : (..., n, k) class probabilities, in [0, 1]
    y : (n, k) targets: `one_hot` rows, or any rows of probabilities that sum to 1

    Returns
    -------
    C : (...) array, in nats; infinity where the right class has probability 0
    """
    return _mean(_categorical, *_probabilities(a, y, _shares))


def categorical_cross_entropy_gradient(a, y):
    """Return the slope of the categorical cross-entropy in each output.

    dC/da_k = -y_k / a_k / n,  0 / 0 = 0

    Parameters
    ----------
    a, y : as in `categorical_cross_entropy`

    Returns
    -------
    g : array of the shape of a
    """
    return _slope(_categorical_slope, *_probabilities(a, y, _shares))


def categorical_cross_entropy_from_logits(z, y):
    """Return the categorical cross-entropy of a = softmax(z), without forming a.

    C = 1/n sum_i sum_k y_k [ln(sum_j e^(z_j)) - z_k]

    Parameters
    ----------
    z : (..., n, k) logits
    y : (n, k) targets whose rows sum to 1

    Returns
    -------
    C : (...) array, in nats
    """
    return _mean(_categorical_from_logits, *_logits(z, y, _shares))


def categorical_cross_entropy_from_logits_gradient(z, y):
    """Return the slope of the same cost in each logit.

    dC/dz = (softmax(z) - y) / n

    Parameters
    ----------
    z, y : as in `categorical_cross_entropy_from_logits`

    Returns
    -------
    g : array of the shape of z
    """
    return _slope(lambda z, y: np.exp(_log_softmax(z)) - y, *_logits(z, y, _shares))


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
    n_classes = _checks.whole_number(n_classes, "n_classes", at_least=1)
    labels = _checks.real_array(labels, "labels", ndim=(1,))
    wrong = (labels != np.floor(labels)) | (labels < 0) | (labels >= n_classes)
    if wrong.any():
        raise ValueError(
            f"labels holds {labels[wrong][0]:g}; with {n_classes} classes the labels must be "
            f"the whole numbers 0 to {n_classes - 1}."
        )
    y = np.zeros((len(labels), n_classes))
    y[np.arange(len(labels)), labels.astype(int)] = 1.0
    return y


class Loss(NamedTuple):
    """What a network asks of a loss: unchecked functions of entries, before any sum or mean."""

    entries: Callable  # (a, y) -> the loss of each output
    slope: Callable  # (a, y) -> its derivative in a
    targets: Callable  # y -> y, or raises where y cannot be its target
    partner: str = ""  # the output activation with which dC/dz is simply a - y
    from_logits: Callable | None = None  # (z, y) -> the loss of each output under that activation


def _squared_error(a, y):
    return (a - y) ** 2 / 2


def _difference(a, y):
    return a - y


def _binary(a, y):
    return -_times(y, np.log(a)) - _times(1 - y, np.log1p(-a))


def _binary_slope(a, y):
    return _over(1 - y, 1 - a) - _over(y, a)


def _binary_from_logits(z, y):
    return _times(y, _softplus(-z)) + _times(1 - y, _softplus(z))


def _categorical(a, y):
    return -_times(y, np.log(a))


def _categorical_slope(a, y):
    return -_over(y, a)


def _categorical_from_logits(z, y):
    return -_times(y, _log_softmax(z))


def _softplus(z):
    return np.logaddexp(0.0, z)


def _log_softmax(z):
    top = z.max(axis=-1, keepdims=True)
    below = np.where(z == top, 0.0, z - top)
    return below - np.log(np.exp(below).sum(axis=-1, keepdims=True))


def _times(weight, values):
    """Return weight * values, 0 where the weight is 0 (and values may be infinite)."""
    return np.where((weight == 0) & ~np.isnan(values), 0.0, weight * values)


def _over(weight, values):
    """Return weight / values, 0 where the weight is 0 (and values may be 0)."""
    return np.where((weight == 0) & ~np.isnan(values), 0.0, weight / values)


def _mean(entries, a, y):
    """Sum over the outputs of a sample, take the mean over the samples."""
    with np.errstate(all="ignore"):
        return entries(a, y).sum(axis=tuple(range(-y.ndim, 0))) / len(y)


def _slope(slope, a, y):
    with np.errstate(all="ignore"):
        return slope(a, y) / len(y)


def _pair(a, y, name="a"):
    """Return outputs (NaN and infinity allowed) and targets as arrays that fit each other."""
    y = _checks.real_array(y, "y", ndim=(1, 2))
    a = _checks.real_array(a, name, finite=False)
    if a.shape[-y.ndim :] != y.shape:
        raise ValueError(
            f"{name} has shape {a.shape} and y has shape {y.shape}; behind any leading axes {name} "
            "must have the shape of y, one output for each target."
        )
    return a, y


def _probabilities(a, y, targets):
    a, y = _pair(a, y)
    return _chances(a, "a"), targets(y)


def _logits(z, y, targets):
    z, y = _pair(z, y, "z")
    return z, targets(y)


def _chances(values, name="y"):
    """Return the values if all lie in [0, 1] (NaN is let through), or raise."""
    outside = (values < 0) | (values > 1)
    if outside.any():
        raise ValueError(f"{name} holds {values[outside][0]:g}; probabilities lie in [0, 1].")
    return values


def _shares(y):
    """Return y if each row holds the probabilities of all classes, or raise."""
    if y.ndim < 2 or np.abs(_chances(y).sum(axis=-1) - 1).max() > 1e-9:
        raise ValueError(
            f"y of shape {y.shape} is not a row of class probabilities for each sample: each row "
            "must sum to 1. Make such rows from class numbers with one_hot(labels, n_classes)."
        )
    return y


LOSSES = {
    "squared_error": Loss(_squared_error, _difference, lambda y: y),
    "binary_cross_entropy": Loss(_binary, _binary_slope, _chances, "sigmoid", _binary_from_logits),
    "categorical_cross_entropy": Loss(
        _categorical, _categorical_slope, _shares, "softmax", _categorical_from_logits
    ),
}
