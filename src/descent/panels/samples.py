"""What the training panel is given and what is typed into it, checked."""

import re
from typing import NamedTuple

import numpy as np

from descent import checks, losses

_MOST_NEURONS = 2000


class Samples(NamedTuple):
    """Samples of a classification as the network and the picture want them."""

    X: np.ndarray  # (n, d)
    y: np.ndarray  # (n, 1) of 0 and 1 for two classes, (n, k) one-hot rows for k
    number: np.ndarray  # (n,) class number, 0 to k - 1


def samples_of(features, labels):
    """Return checked Samples and the classes, ascending."""
    features, labels = _pair(features, labels, "")
    classes = np.unique(labels)
    if len(classes) < 2:
        raise ValueError("labels holds one class; it must hold at least two to tell apart.")
    return _samples(features, labels, classes), classes


def _pair(features, labels, name):
    """Return both as arrays of as many rows, or raise."""
    given = {checks.SIZES: {}}
    features = checks.array("n d")(features, f"{name}features", given)
    return features.copy(), checks.array("n")(labels, f"{name}labels", given)


def _samples(features, labels, classes):
    number = np.searchsorted(classes, labels)
    y = number[:, None].astype(float) if len(classes) == 2 else losses.one_hot(number, len(classes))
    return Samples(features, y, number)


def held_out(validation, training, classes):
    """Return checked Samples of the same classes and as many features."""
    try:
        features, labels = validation
    except (TypeError, ValueError):
        raise TypeError(
            f"validation is {type(validation).__name__}; it must be a pair (features, labels)."
        ) from None
    features, labels = _pair(features, labels, "validation ")
    if features.shape[1] != training.X.shape[1]:
        raise ValueError(
            f"validation features has {features.shape[1]} columns but features has "
            f"{training.X.shape[1]}; they must match."
        )
    strange = np.setdiff1d(labels, classes)
    if strange.size:
        raise ValueError(
            f"validation labels holds {strange[0]:g}, a class that labels does not have."
        )
    return _samples(features, labels, classes)


def read_sizes(text):
    """Read the sizes of hidden layers: whole numbers, separated by commas or blanks.

    Parameters
    ----------
    text : str, empty for a network without a hidden layer

    Returns
    -------
    sizes : list of int

    Raises
    ------
    ValueError : what is wrong
    """
    words = [word for word in re.split(r"[,;\s]+", text.strip()) if word]
    for word in words:
        if not re.fullmatch(r"[0-9]{1,9}", word) or int(word) == 0:
            raise ValueError(
                f"Hidden units: “{word[:20]}” is not a whole number of at least 1. Write one "
                "number for each hidden layer, such as 3 or 30, 10; nothing for none."
            )
    sizes = [int(word) for word in words]
    if sum(sizes) > _MOST_NEURONS:
        raise ValueError(f"{sum(sizes)} hidden units; the panel takes {_MOST_NEURONS} in all.")
    return sizes
