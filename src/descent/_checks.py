"""What every public function asks of its input, said once and in plain words.

Each function returns the checked value or raises: TypeError for the wrong kind of thing, ValueError
for the right kind with a wrong shape or value. A message says what was given, what was expected and
what to do.
"""

import numbers
from itertools import pairwise

import numpy as np

MOST = 10**9  # of anything counted: steps, samples, powers; more is a slip of the keyboard


def real_array(value, name, *, ndim=None, finite=True):
    """Return `value` as a new float64 array.

    Parameters
    ----------
    value : array_like of real numbers
    name : str, how the caller calls it
    ndim : tuple of int, the allowed numbers of axes; None allows at least one
    finite : bool, whether NaN and infinity are refused

    Raises
    ------
    TypeError : strings, complex numbers, objects, ragged lists or masked entries
    ValueError : no entries, a wrong number of axes, NaN or infinity where `finite`
    """
    try:
        raw = np.asarray(value)
    except ValueError:
        raise TypeError(
            f"{name} has rows of different lengths; give each row as many numbers."
        ) from None
    if np.ma.is_masked(value):
        raise TypeError(f"{name} has masked entries; it must be complete. Leave their rows out.")
    if raw.dtype.kind not in "buif":
        raise TypeError(f"{name} holds {_kind(raw)}; it must hold real numbers (int or float).")
    if ndim is not None and raw.ndim not in ndim:
        raise ValueError(
            f"{name} has shape {raw.shape}; it must have {_axes(ndim)}. Reshape it before the call."
        )
    if raw.size == 0:
        raise ValueError(f"{name} is empty (shape {raw.shape}); give at least one number.")
    with np.errstate(over="ignore"):  # a longer float may not fit
        array = np.array(raw, dtype=float)
    if finite and not np.isfinite(array).all():
        where = np.argwhere(~np.isfinite(array))[0]
        at = ", ".join(map(str, where))
        place = f"{name}[{at}]" if at else name
        raise ValueError(
            f"{place} is {array[tuple(where)]}; every entry must be finite. "
            "Remove or replace NaN and infinity first."
        )
    return array


def real_number(value, name, *, above=None, at_least=None, below=None):
    """Return `value` as a float inside its allowed range, or raise."""
    array = real_array(value, name)
    if array.ndim != 0:
        raise ValueError(f"{name} has shape {array.shape}; it must be one number.")
    return float(in_range(array, name, above=above, at_least=at_least, below=below))


def in_range(array, name, *, above=None, at_least=None, below=None):
    """Return `array` if every entry keeps the bounds, or raise and show one that does not."""
    for bound, ok, words in (
        (above, lambda b: array > b, "greater than"),
        (at_least, lambda b: array >= b, "at least"),
        (below, lambda b: array < b, "less than"),
    ):
        if bound is not None and not np.all(ok(bound)):
            wrong = array[~ok(bound)].flat[0]
            raise ValueError(f"{name} is {wrong:g}; it must be {words} {bound:g}.")
    return array


def whole_number(value, name, *, at_least):
    """Return `value` as an int from `at_least` to MOST, or raise. A bool is not a count."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} is {shown(value)}; it must be a whole number.")
    if value < at_least:
        raise ValueError(f"{name} is {shown(value)}; it must be at least {at_least}.")
    if value > MOST:
        raise ValueError(f"{name} is {shown(value)}; it must be at most {MOST:,}.")
    return int(value)


def flag(value, name):
    """Return `value` as a bool, or raise. Neither 1 nor "yes" is one."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} is {shown(value)}; it must be True or False.")
    return bool(value)


def function(value, name, words):
    """Return `value` if it can be called, or raise; `words` shows what it must be, as f(x)."""
    if not callable(value):
        raise TypeError(f"{name} is {shown(value)}; it must be a function {words}.")
    return value


def generator(value, name="rng"):
    """Return a NumPy random generator or raise."""
    if not isinstance(value, np.random.Generator):
        raise TypeError(
            f"{name} is {type(value).__name__}; it must be a numpy.random.Generator. "
            "Make one with numpy.random.default_rng(0)."
        )
    return value


def matrix(value, name="X"):
    """Return a finite (n, p) array or raise."""
    return real_array(value, name, ndim=(2,))


def targets(value, n_samples, name="y"):
    """Return a finite (n,) array with one entry for each row of X, or raise."""
    y = real_array(value, name, ndim=(1,))
    if len(y) != n_samples:
        raise ValueError(f"X has {n_samples} rows but {name} has {len(y)}; they must match.")
    return y


def labels(value, n_samples, name="y"):
    """Return a (n,) float array of -1 and +1 with one entry for each row of X, or raise."""
    y = targets(value, n_samples, name)
    wrong = y[np.abs(y) != 1]
    if wrong.size:
        raise ValueError(
            f"{name} holds {wrong[0]:g}; every label must be -1 or +1. "
            f"Labels 0 and 1 become -1 and +1 as 2 * {name} - 1."
        )
    return y


def rows(X, y, batch):
    """Return the rows of X and y that `batch` picks, or raise; cheap, for it stands in loops."""
    try:
        X, y = X[batch], y[batch]
    except (IndexError, OverflowError, TypeError, ValueError):
        y = None
    if y is None or y.ndim != 1 or not y.size:
        raise ValueError(
            f"batch is {shown(batch)}; it must pick at least one row of X: an array of row "
            "numbers, a mask or a slice."
        )
    return X, y


def same_columns(w, X):
    """Return w as `weights` does, without a copy where it is right: cheap, for loops."""
    if type(w) is np.ndarray and w.dtype == np.float64 and w.shape[-1:] == X.shape[1:]:
        return w
    return weights(w, X.shape[1])


def result_like(value, w, name, words):
    """Return what the caller's function gave if it is real and has the shape of w, or raise."""
    if type(value) is not np.ndarray or value.dtype != np.float64:
        value = real_array(value, f"what {name} returned", finite=False)
    if value.shape != w.shape:
        raise ValueError(
            f"{name} returned shape {value.shape} for parameters of shape {w.shape}; "
            f"it must return {words} for each parameter."
        )
    return value


def moved(result):
    """Return the pair that an update rule gave, or raise."""
    if not isinstance(result, tuple) or len(result) != 2:
        raise TypeError(
            f"rule returned {shown(result)}; it must return a pair, the new parameters and the "
            "state for its next step."
        )
    return result


def in_reach(result, given, name):
    """Return what was computed, or raise where it left the range of a double."""
    if np.isfinite(result).all():
        return result
    raise ValueError(
        f"the entries of {name} reach {np.abs(given).max():g}, and what follows from them leaves "
        "the range of a double; scale them first, for instance by another unit."
    )


def weights(value, n_columns, name="w"):
    """Return a (..., p) float array, NaN and infinity allowed: a diverged run stays readable."""
    w = real_array(value, name, finite=False)
    if w.ndim == 0 or w.shape[-1] != n_columns:
        raise ValueError(
            f"X has {n_columns} columns but {name} has shape {w.shape}; "
            f"the last axis of {name} must have {n_columns} entries, one for each column."
        )
    return w


def choice(value, choices, name):
    """Return what `value` names among the choices (a dict), or raise."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(
            f"{name} is {shown(value)}; it must be one of {', '.join(map(repr, choices))}."
        )
    return choices[value]


def layers(value, name="layers"):
    """Return the (W, b) pairs of a network as new arrays that fit each other, or raise.

    NaN and infinity are allowed: a diverged run stays readable.
    """
    try:
        pairs = [(W, b) for W, b in value]
    except (TypeError, ValueError):
        raise TypeError(
            f"{name} is {type(value).__name__}; it must be a sequence of pairs (W, b), one a layer."
        ) from None
    if not pairs:
        raise ValueError("layers is empty; it must hold at least one pair (W, b).")
    for i, (W, b) in enumerate(pairs):
        W = real_array(W, f"{name}[{i}].W", finite=False)
        b = real_array(b, f"{name}[{i}].b", finite=False)
        if W.ndim < 2 or b.shape != W.shape[:-1]:
            raise ValueError(
                f"{name}[{i}] has W of shape {W.shape} and b of shape {b.shape}; "
                "W must be (..., out, in) and b (..., out)."
            )
        pairs[i] = W, b
    for i, ((before, _), (W, _)) in enumerate(pairwise(pairs), start=1):
        if (*W.shape[:-2], W.shape[-1]) != before.shape[:-1]:
            raise ValueError(
                f"{name}[{i}].W has shape {W.shape} behind a W of shape {before.shape}; "
                f"it must take {before.shape[-2]} inputs and have the same leading axes."
            )
    return pairs


def shown(value):
    """Return a value as a message shows it: by its type if it is long or only an address."""
    text = repr(value)
    short = len(text) <= 40 and " at 0x" not in text and "\n" not in text
    return text if short else f"of type {type(value).__name__}"


def _kind(array):
    kinds = {"c": "complex numbers", "U": "text", "S": "text", "O": "Python objects", "M": "dates"}
    return kinds.get(array.dtype.kind, f"entries of type {array.dtype}")


def _axes(ndim):
    words = " or ".join(str(k) for k in ndim)
    return f"{words} axis" if ndim == (1,) else f"{words} axes"
