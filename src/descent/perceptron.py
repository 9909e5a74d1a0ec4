"""The neuron that decides: Rosenblatt's rule, the bound on its mistakes, and gates set by hand.

Labels are -1 and +1; a score of exactly 0 is answered with -1. X is the design matrix with its
column of ones, so the bias is w_0, a weight like the others.
"""

from typing import NamedTuple

import numpy as np

from descent import checks
from descent.checks import checked

# The weights of a `gate`: bias, first input, second input.
AND, OR, NAND = (-1.5, 1.0, 1.0), (-0.5, 1.0, 1.0), (1.5, -1.0, -1.0)

# Whether a sample is right. A margin that rounding alone could have made is a tie.
TIES = {
    "wrong": lambda margin, rounding, y: margin > rounding,
    "negative": lambda margin, rounding, y: np.where(y < 0, margin >= -rounding, margin > rounding),
}


def score(X, w):
    """Return x . w for each row of X, the same on every processor and in every memory layout.

    A matrix product may round in any order, and at a tie the last digit decides.
    """
    return np.multiply(X, w[..., None, :], order="C").sum(axis=-1)


@checked(X=checks.matrix, w=checks.weights)
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
    return np.where(score(X, w) > 0, 1.0, -1.0)


class Fit(NamedTuple):
    """What a training run did, update by update. The mistake count is len(sample)."""

    w: np.ndarray  # (d + 1,) the last weights
    converged: bool  # whether the last epoch passed without a mistake: `predict` with w agrees
    epochs: int  # epochs walked, the one without a mistake included
    epoch: np.ndarray  # (k,) the epoch of each update, from 1
    sample: np.ndarray  # (k,) the row of X that each update corrected
    path: np.ndarray  # (k + 1, d + 1) the weights: path[j] before update j, path[j + 1] after it


RUN = {
    "eta": checks.positive,
    "max_epochs": checks.count(),
    "start": checks.optional(checks.array("p")),
    "tie": checks.choice(TIES),
    "record": checks.flag,
}


@checked(X=checks.matrix, y=checks.labels, **RUN)
def fit(X, y, *, eta=1.0, max_epochs=100, start=None, tie="wrong", record=True):
    """Train a perceptron by Rosenblatt's rule: go through the samples, correct each mistake.

    if y_i (x_i . w) <= 0:  w <- w + eta y_i x_i                        (source 004, section 3.1)

    It stops after the first epoch without a mistake. The source writes eta (y - y_hat) x, which on
    a mistake is 2 eta y x: its eta is half of this one. From w = 0 the rate only scales the
    weights, and this code counts in units of eta, so that it does so to the last digit.

    Parameters
    ----------
    X : (n, d + 1) design matrix
        Its column of ones makes w_0 the bias.
    y : (n,) labels, each -1 or +1
    eta : number > 0
        The rate.
    max_epochs : int >= 1
        Data that no plane separates use all of them.
    start : (d + 1,) array
        The first weights, by default 0.
    tie : "wrong" or "negative"
        What a score of 0 is: "wrong" for both labels (y_i (x_i . w) <= 0), which ends with every
        sample strictly on its side; "negative", the answer -1 of `predict` (y_hat_i != y_i).
    record : bool
        False leaves only the last weights in `path` and saves its memory.

    Returns
    -------
    Fit
        Where it converged (with ties wrong), `predict` with its weights gives every label.
    """
    signed = np.multiply(X, y[:, None], order="C")  # rows y_i x_i: their scores are the margins
    norms = np.linalg.norm(signed, axis=1)
    u = np.zeros(X.shape[1]) if start is None else start / eta  # the weights in units of eta
    first, epoch, sample = u, [], []
    for epochs in range(1, max_epochs + 1):
        i = next_mistake(signed, norms, y, u, 0, tie)
        converged = i == len(y)
        while i < len(y):
            u = u + signed[i]
            epoch.append(epochs)
            sample.append(i)
            i = next_mistake(signed, norms, y, u, i + 1, tie)
        if converged:
            break
    walk = [first, *signed[sample]] if record else [u]
    path, epoch, sample = eta * np.cumsum(walk, axis=0), np.array(epoch, int), np.array(sample, int)
    return Fit(path[-1].copy(), converged, epochs, epoch, sample, path)


def next_mistake(signed, norms, y, u, first, right):
    """Return the first row from `first` on that u gets wrong, or the number of rows.

    Between two mistakes the weights stand still, so a block of scores is one product. Blocks start
    short, where mistakes are dense, and double while there are none. A product may round in any
    order, but by no more than `unit` times the two lengths (Cauchy and Schwarz).
    """
    size, unit = 32, 4 * len(u) * np.finfo(float).eps * np.linalg.norm(u)
    while first < len(y):
        block = slice(first, first + size)
        good = right(signed[block] @ u, unit * norms[block], y[block])
        k = good.argmin()
        if not good[k]:
            return first + int(k)
        first += size
        size = min(2 * size, 4096)
    return len(y)


class MistakeBound(NamedTuple):
    """How many updates Rosenblatt's rule can need, whatever the order of the samples."""

    radius: float  # R, the length of the longest row of X
    margin: float  # gamma, the smallest distance of a sample from the separating plane
    mistakes: float  # (R / gamma)^2, for a start at w = 0


def separating(value, name, given):
    """Weights that put every sample on its side."""
    w = checks.array("p")(value, name, given)
    margins = given["y"] * score(given["X"], w) + 0.0  # no sample has the margin "-0"
    worst = margins.argmin()
    if not margins[worst] > 0:
        words = "every margin must be greater than 0: use the weights of a fit that converged"
        raise ValueError(f"{name} gives sample {worst} the margin {margins[worst]:g}; {words}.")
    return w


@checked(X=checks.matrix, y=checks.labels, separator=separating)
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
    MistakeBound

    Raises
    ------
    ValueError
        A separator that leaves a sample on the plane or on the wrong side.
    """
    radius = np.linalg.norm(X, axis=1).max()
    margin = (y * score(X, separator)).min() / np.linalg.norm(separator)
    return MistakeBound(float(radius), float(margin), float((radius / margin) ** 2))


bits, excited, silencing = (checks.array(axes, among=(0, 1)) for axes in ("", "... k", "... j"))


def gate(w, *inputs):
    """Return the output of a threshold unit for inputs 0 and 1: one neuron as a logic gate.

    1 if w_0 + w_1 a + w_2 b + ... > 0, else 0                          (source 003, chapter 1)

    Parameters
    ----------
    w : (k + 1,) array
        Bias and one weight for each input, such as `AND`, `OR` or `NAND`.
    inputs : k arrays of 0 and 1 that broadcast

    Returns
    -------
    output : (...) array of int, 0 or 1
    """
    inputs = [bits(signal, f"input {k}") for k, signal in enumerate(inputs, start=1)]
    w = checks.array("k")(
        w, "w", {checks.SIZES: {"k": (len(inputs) + 1, "the bias and the inputs")}}
    )
    score = w[0] + sum(weight * signal for weight, signal in zip(w[1:], inputs, strict=True))
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


@checked(excitatory=excited, threshold=checks.count(0), inhibitory=checks.optional(silencing))
def mcculloch_pitts(excitatory, threshold, inhibitory=None):
    """Return the output of the neuron of 1943: it counts, and any inhibition silences it.

    1 if no inhibitory input is 1 and at least `threshold` excitatory inputs are, else 0
                                                                        (source 001, section 1.2)

    Its weights are all 1 and nothing is learned; a weighted unit is a `gate`.

    Parameters
    ----------
    excitatory : (..., k) array of 0 and 1
    threshold : int >= 0
    inhibitory : (..., j) array of 0 and 1
        By default none.

    Returns
    -------
    output : (...) array of int, 0 or 1
    """
    fires = excitatory.sum(axis=-1) >= threshold
    if inhibitory is not None:
        fires = fires & ~inhibitory.any(axis=-1)
    return np.asarray(fires).astype(int)
