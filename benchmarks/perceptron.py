"""Perceptron epochs on 10^5 x 100: this core against scikit-learn's Perceptron and the plain loop.

    python benchmarks/perceptron.py

The samples come in the same order, every update is the same, and so are the weights at the end
(compared here). On the first two data sets a plane separates the classes, widely or barely; on the
third they overlap. The denser the mistakes, the less it pays to jump from one to the next. The time
is the processor's.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy comes in
os.environ["OMP_NUM_THREADS"] = "1"

from functools import partial
from importlib.util import find_spec
from time import process_time
from typing import NamedTuple

import numpy as np

from descent import data, perceptron
from descent.linear import design_matrix

EPOCHS = 20


class Row(NamedTuple):
    """One line of the table."""

    points: str
    who: str
    milliseconds: float  # an epoch
    updates: int  # an epoch, on average
    ratio: float  # to this core


def loop(X, y):
    """Rosenblatt's rule as it is told, sample by sample."""
    w = np.zeros(X.shape[1])
    for _ in range(EPOCHS):
        for x, label in zip(X, y, strict=True):
            if label * (x @ w) <= 0:
                w = w + label * x
    return w


def sklearn_fit(features, y):
    """scikit-learn's Perceptron, told to keep the order and not to stop early."""
    from sklearn.linear_model import Perceptron

    model = Perceptron(shuffle=False, max_iter=EPOCHS, tol=None).fit(features, y)
    return np.append(model.intercept_, model.coef_)


def core_fit(X, y):
    """This core, checks of the input included."""
    return perceptron.fit(X, y, max_epochs=EPOCHS, record=False).w


def contest(fits, repeats):
    """Time the functions in turns; return the least time of each in milliseconds and its answer."""
    best, answers = dict.fromkeys(fits, np.inf), {}
    for _ in range(repeats):
        for who, fit in fits.items():
            start = process_time()
            answers[who] = fit()
            best[who] = min(best[who], 1e3 * (process_time() - start))
    return best, answers


def run(n_samples=10**5, n_features=100, repeats=3):
    """Return the table as a list of Row; without scikit-learn its lines are missing."""
    shape = {"n_samples": n_samples, "n_features": n_features}
    sets = {
        "margin 0.1": data.separable_clouds(**shape, margin=0.1, rng=np.random.default_rng(0)),
        "margin 0.02": data.separable_clouds(**shape, margin=0.02, rng=np.random.default_rng(0)),
        "overlapping": data.two_clouds(**shape, distance=4.0, rng=np.random.default_rng(0)),
    }
    rows = []
    for name, clouds in sets.items():
        X, y = design_matrix(clouds.features), clouds.labels
        fits = {
            "this core": partial(core_fit, X, y),
            "scikit-learn": partial(sklearn_fit, clouds.features, y),
            "sample by sample": partial(loop, X, y),
        }
        if find_spec("sklearn") is None:
            del fits["scikit-learn"]
        best, answers = contest(fits, repeats)
        for w in answers.values():
            np.testing.assert_allclose(w, answers["this core"], rtol=1e-9, atol=1e-9)
        record = perceptron.fit(X, y, max_epochs=EPOCHS, record=False)
        updates = round(len(record.sample) / EPOCHS)
        core = best["this core"]
        rows += [Row(name, who, ms / EPOCHS, updates, ms / core) for who, ms in best.items()]
    return rows


if __name__ == "__main__":
    print(f"{'points':<13}{'who':<18}{'ms an epoch':>12}{'updates':>9}{'ratio':>8}")
    for row in run():
        print("{:<13}{:<18}{:12.1f}{:9,}{:8.2f}".format(*row))
