"""Chapter 12: the digits learnt at many rates and sizes, and the runs on MNIST."""

from importlib.resources import files
from typing import NamedTuple

import numpy as np

from descent import data, losses, network

SEED = 12  # of the split that chapter and figures share
ENTROPY = {"activations": ["sigmoid", "softmax"], "loss": "categorical_cross_entropy"}

RATES = np.array([0.01, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0])
HIDDEN = np.array([2, 5, 10, 30])
EPOCHS = 30
BATCH_SIZE = 20


class Family(NamedTuple):
    """Real runs at every rate and every number of hidden neurons."""

    cost: np.ndarray  # (rates, hidden, EPOCHS + 1) on the training samples
    validation_cost: np.ndarray  # (rates, hidden, EPOCHS + 1)
    wrong: np.ndarray  # (rates, hidden, EPOCHS + 1) share of wrong answers, validation


def rate_runs():
    """Train networks at all rates and sizes: one batched run for each number of hidden neurons."""
    digits = data.digits()
    parts = data.split(digits.labels, rng=np.random.default_rng(SEED))
    X, X_val = digits.images[parts.training], digits.images[parts.validation]
    y, y_val = (losses.one_hot(digits.labels[part], 10) for part in parts[:2])
    found = [_at_all_rates(hidden, X, y, X_val, y_val) for hidden in HIDDEN.tolist()]
    return Family(*(np.stack(part, axis=1) for part in zip(*found, strict=True)))


def _at_all_rates(hidden, X, y, X_val, y_val):
    """Train one size at all RATES; return its part of the Family: three (rates, EPOCHS + 1)."""
    start = network.initialize((64, hidden, 10), rng=np.random.default_rng(SEED), **ENTROPY)
    truth, wrong = y_val.argmax(axis=-1), []

    def note(net):
        answer = net.predict(X_val).argmax(axis=-1)
        wrong.append(np.broadcast_to((answer != truth).mean(axis=-1), RATES.shape))

    def note_epoch(now):
        if now.ends_epoch:
            note(now.snapshot())

    note(start)
    run = network.train(
        start,
        X,
        y,
        eta=RATES,
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        validation=(X_val, y_val),
        rng=np.random.default_rng(SEED),
        callback=note_epoch,
    )
    return run.cost.T, run.validation_cost.T, np.array(wrong).T


class Runs(NamedTuple):
    """The accuracies of the runs on MNIST in the book's data, by name."""

    epoch: dict  # name -> (rows,)
    share: dict  # name -> (seeds, rows, 3): training, validation and test accuracy


def mnist_runs():
    """Read the runs that benchmarks/mnist.py has written."""
    text = (files("descent") / "datasets" / "mnist_runs.csv").read_text(encoding="utf-8")
    names = [line.split(",")[0] for line in text.splitlines()[1:]]
    table = np.loadtxt(text.splitlines(), delimiter=",", skiprows=1, usecols=range(1, 6))
    epoch, share = {}, {}
    for name in dict.fromkeys(names):
        rows = table[np.array(names) == name]
        by_seed = [rows[rows[:, 0] == seed] for seed in np.unique(rows[:, 0])]
        epoch[name] = by_seed[0][:, 1].astype(int)
        share[name] = np.stack([part[:, 2:] for part in by_seed])
    return Runs(epoch, share)


def kept(share):
    """Return the accuracies of the epoch that validation would keep, for each seed: (seeds, 3)."""
    return share[np.arange(len(share)), share[..., 1].argmax(axis=1)]
