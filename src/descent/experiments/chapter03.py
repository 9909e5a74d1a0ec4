"""Chapter 3: a boundary moved along the petals, and what four losses say of every place."""

from typing import NamedTuple

import numpy as np

from descent import linear
from descent import margin as margins

# name -> (loss, its derivative): the order in which the chapter meets them
LOSSES = {
    "0-1": (margins.zero_one, margins.zero_one_derivative),
    "hinge": (margins.hinge, margins.hinge_derivative),
    "squared hinge": (margins.squared_hinge, margins.squared_hinge_derivative),
    "logistic": (margins.logistic, margins.logistic_derivative),
}
MARGINS = np.round(np.arange(-30, 31) / 10, 1)  # the first slider's positions
BOUNDARIES = np.arange(305, 700, 10) / 100  # cm; between two notches of the ruler, so never a tie
SCALES = np.array([0.5, 0.75, 1, 1.5, 2, 3, 4])  # score per cm


class Pulls(NamedTuple):
    """The four losses of one point at every margin, and their pulls, minus the derivatives."""

    values: np.ndarray  # (4, 61)
    forces: np.ndarray  # (4, 61)


def pulls():
    """Return the Pulls at all MARGINS."""
    values = [loss(MARGINS) for loss, _ in LOSSES.values()]
    slopes = [derivative(MARGINS) for _, derivative in LOSSES.values()]
    return Pulls(np.array(values), 0.0 - np.array(slopes))


class Places(NamedTuple):
    """The four costs of a boundary at every place and scale, and where each would move it."""

    cost: np.ndarray  # (4, places, scales)
    sides: np.ndarray  # (4, places, scales) +1 to the right, -1 to the left, 0 at its lowest place


def places(x, y):
    """Return the Places of petals x (n,) in cm and labels y (n,); score = scale (x - place)."""
    X = linear.design_matrix(x)
    w = np.stack(np.broadcast_arrays(-SCALES * BOUNDARIES[:, None], SCALES), axis=-1)
    nudge = np.stack(np.broadcast_arrays(SCALES * 1e-4, 0), axis=-1)  # 1 micrometre
    here, right, left = (
        np.array([margins.cost(X, y, v, loss) for loss, _ in LOSSES.values()])
        for v in (w, w - nudge, w + nudge)
    )
    return Places(here, (right < here) * 1 - (left < here))
