"""The neuron that decides: Rosenblatt's rule, the bound on its mistakes, and gates set by hand.

Labels are -1 and +1; a score of exactly 0 is answered with -1. X is the design matrix with its
column of ones, so the bias is w_0, a weight like the others.
"""

from typing import NamedTuple

import numpy as np

from descent import _checks

AND = (-1.5, 1.0, 1.0)  # the weights of a `gate`: bias, first input, second input
OR = (-0.5, 1.0, 1.0)
NAND = (1.5, -1.0, -1.0)


def predict(X, w):
    """Return the perceptron's answers.

    y_hat = +1 if x . w > 0, else -1                                    (source 004, section 3.1)

    Parameters
    ----------
    X : (n, d + 1) design matrix
    w : (..., d + 1) weights

    Returns
    -------
    y_hat : (..., n) array of -1 and +1
    """
    X = _checks.matrix(X)
    w = _checks.weights(w, X.shape[1])
    with np.errstate(over="ignore", invalid="ignore"):
        return np.where(w @ X.T > 0, 1.0, -1.0)


class Fit(NamedTuple):
    """What a training run did, update by update. The mistake count is len(sample)."""

    w: np.ndarray  # (d + 1,) the last weights
    converged: bool  # whether the last epoch passed without a mistake
    epochs: int  # epochs walked, the one without a mistake included
    epoch: np.ndarray  # (k,) the epoch of each update, from 1
    sample: np.ndarray  # (k,) the row of X that each update corrected
    path: np.ndarray  # (k + 1, d + 1) the weights: path[j] before update j, path[j + 1] after it


def fit(X, y, *, eta=1.0, max_epochs=100, start=None, tie="wrong", record=True):
    """Train a perceptron by Rosenblatt's rule: go through the samples, correct each mistake.

    if y_i (x_i . w) <= 0:  w <- w + eta y_i x_i                        (source 004, section 3.1)

    It stops after the first epoch without a mistake. The source writes eta (y - y_hat) x, which on
    a mistake is 2 eta y x: its eta is half of this one. From w = 0 the rate only scales the
    weights, and this code counts in units of eta, so that it does so to the last digit.

    Parameters
    ----------
    X : (n, d + 1) design matrix, whose column of ones makes w_0 the bias
    y : (n,) labels, each -1 or +1
    eta : rate > 0
    max_epochs : int >= 1; data that no plane separates use all of them
    start : (d + 1,) first weights, by default 0
    tie : what a score of 0 is: "wrong" for both labels (y_i (x_i . w) <= 0), which ends with every
        sample strictly on its side; "negative", the answer -1 of `predict` (y_hat_i != y_i)
    record : bool, False leaves only the last weights in `path` and saves its memory

    Returns
    -------
    Fit(w, converged, epochs, epoch, sample, path)
    """
    signed = _checks.matrix(X)
    y = _checks.labels(y, len(signed))
    signed *= y[:, None]  # rows y_i x_i: their products with w are the margins
    eta = _checks.real_number(eta, "eta", above=0)
    max_epochs = _checks.whole_number(max_epochs, "max_epochs", at_least=1)
    right = _test_of_margins(tie)
    record = _checks.flag(record, "record")
    u = first = _start(start, signed.shape[1], eta)
    epoch, sample = [], []
    with np.errstate(over="ignore", invalid="ignore"):
        for epochs in range(1, max_epochs + 1):
            i = _next_mistake(signed, y, u, 0, right)
            converged = i == len(y)
            while i < len(y):
                u = u + signed[i]
                epoch.append(epochs)
                sample.append(i)
                i = _next_mistake(signed, y, u, i + 1, right)
            if converged:
                break
    epoch, sample = np.array(epoch, int), np.array(sample, int)
    walk = [first, *signed[sample]] if record else [u]
    with np.errstate(over="ignore", invalid="ignore"):
        path = _checks.in_reach(eta * np.cumsum(walk, axis=0), signed, "X")
    return Fit(path[-1].copy(), converged, epochs, epoch, sample, path)


def _next_mistake(signed, y, u, first, right):
    """Return the first row from `first` on that u gets wrong, or the number of rows.

    Between two mistakes the weights stand still, so a block of scores is one product. Blocks start
    short, where mistakes are dense, and double while there are none.
    """
    size = 32
    while first < len(y):
        block = slice(first, first + size)
        good = right(signed[block] @ u, y[block])
        k = good.argmin()
        if not good[k]:
            return first + int(k)
        first += size
        size = min(2 * size, 4096)
    return len(y)


def _test_of_margins(tie):
    """Return the function (margins, labels) -> whether each sample is right."""
    tests = {
        "wrong": lambda margin, y: margin > 0,
        "negative": lambda margin, y: (margin > 0) | ((margin == 0) & (y < 0)),
    }
    if not isinstance(tie, str) or tie not in tests:
        raise ValueError(f'tie is {_checks.shown(tie)}; it must be "wrong" or "negative".')
    return tests[tie]


def _start(start, columns, eta):
    """Return the first weights in units of eta."""
    start = np.zeros(columns) if start is None else _checks.real_array(start, "start", ndim=(1,))
    if len(start) != columns:
        raise ValueError(
            f"X has {columns} columns but start has {len(start)} entries; they must match."
        )
    with np.errstate(over="ignore"):
        return _checks.real_array(start / eta, "start / eta")


class MistakeBound(NamedTuple):
    """How many updates Rosenblatt's rule can need, whatever the order of the samples."""

    radius: float  # R, the length of the longest row of X
    margin: float  # gamma, the smallest distance of a sample from the separating plane
    mistakes: float  # (R / gamma)^2, for a start at w = 0


def mistake_bound(X, y, separator):
    """Return Novikoff's bound on the number of mistakes from w = 0, for one known separator.

    mistakes <= (R / gamma)^2,  R = max ||x_i||,  gamma = min y_i (x_i . w) / ||w||

    The closer the separator comes to the widest margin, the sharper the bound. Rows of X are meant
    whole, ones included.

    Parameters
    ----------
    X : (n, d + 1) design matrix
    y : (n,) labels, each -1 or +1
    separator : (d + 1,) weights that put every sample on its side

    Returns
    -------
    MistakeBound(radius, margin, mistakes)

    Raises
    ------
    ValueError : a separator that leaves a sample on the plane or on the wrong side
    """
    X = _checks.matrix(X)
    y = _checks.labels(y, len(X))
    w = _checks.real_array(separator, "separator", ndim=(1,))
    _checks.weights(w, X.shape[1], "separator")
    exponent = np.frexp(np.abs(w).max())[1]
    with np.errstate(under="ignore"):
        w = np.ldexp(w, -exponent)  # near 1, so that its square is in reach
    with np.errstate(over="ignore", invalid="ignore"):
        margins = y * (X @ w) + 0.0  # no sample has the margin "-0"
    _checks.in_reach(margins, X, "X")
    worst = int(margins.argmin())
    if margins[worst] <= 0:
        margin = np.ldexp(margins[worst], exponent)
        raise ValueError(
            f"separator gives sample {worst} the margin {margin:g}; every margin must be "
            "greater than 0, or there is no bound. Use the weights of a fit that converged."
        )
    with np.errstate(all="ignore"):
        radius_squared = np.sum(X**2, axis=1).max()
        gap_squared = margins[worst] ** 2 / (w @ w)
        bound = radius_squared / gap_squared
    _checks.in_reach([radius_squared, gap_squared, bound], X, "X")
    return MistakeBound(float(np.sqrt(radius_squared)), float(np.sqrt(gap_squared)), float(bound))


def gate(w, *inputs):
    """Return the output of a threshold unit for inputs 0 and 1: one neuron as a logic gate.

    1 if w_0 + w_1 a + w_2 b + ... > 0, else 0                          (source 003, chapter 1)

    Parameters
    ----------
    w : (k + 1,) bias and one weight for each input, such as `AND`, `OR` or `NAND`
    inputs : k arrays of 0 and 1 that broadcast

    Returns
    -------
    output : (...) array of int, 0 or 1
    """
    w = _checks.real_array(w, "w", ndim=(1,))
    if len(w) != len(inputs) + 1:
        raise ValueError(
            f"w has {len(w)} entries for {len(inputs)} inputs; "
            f"it must have {len(inputs) + 1}, the bias first."
        )
    signals = [_bits(value, f"input {k + 1}") for k, value in enumerate(inputs)]
    score = sum((weight * signal for weight, signal in zip(w[1:], signals, strict=True)), w[0])
    return np.asarray(score > 0).astype(int)


def xor(a, b):
    """Return 1 where exactly one input is 1: three units in two layers do what one cannot.

    XOR(a, b) = AND(OR(a, b), NAND(a, b))

    Parameters
    ----------
    a, b : arrays of 0 and 1 that broadcast

    Returns
    -------
    output : (...) array of int, 0 or 1
    """
    return gate(AND, gate(OR, a, b), gate(NAND, a, b))


def mcculloch_pitts(excitatory, threshold, inhibitory=None):
    """Return the output of the neuron of 1943: it counts, and any inhibition silences it.

    1 if no inhibitory input is 1 and at least `threshold` excitatory inputs are, else 0
                                                                        (source 001, section 1.2)

    Its weights are all 1 and nothing is learned; a weighted unit is a `gate`.

    Parameters
    ----------
    excitatory : (..., k) array of 0 and 1
    threshold : int >= 0
    inhibitory : (..., j) array of 0 and 1, by default none

    Returns
    -------
    output : (...) array of int, 0 or 1
    """
    excitatory = _bits(excitatory, "excitatory", axes=1)
    threshold = _checks.whole_number(threshold, "threshold", at_least=0)
    fires = excitatory.sum(axis=-1) >= threshold
    if inhibitory is not None:
        fires = fires & ~_bits(inhibitory, "inhibitory", axes=1).any(axis=-1)
    return np.asarray(fires).astype(int)


def _bits(value, name, axes=0):
    """Return an array of 0 and 1, or raise."""
    bits = _checks.real_array(value, name)
    if bits.ndim < axes:
        raise ValueError(f"{name} is a single number; give the inputs as an array, such as [0, 1].")
    if not np.isin(bits, (0, 1)).all():
        wrong = bits[~np.isin(bits, (0, 1))][0]
        raise ValueError(f"{name} holds {wrong:g}; a logic signal must be 0 or 1.")
    return bits
