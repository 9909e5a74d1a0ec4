"""The loop of training: steps, epochs, history. It knows no network, it takes functions of layers.

`gradient(layers, X, y, scale, masks)` is the mean gradient over the samples times `scale`, and
`cost(layers, X, y)` the mean loss. `descent.network` hands them over, with everything else checked.
"""

from collections.abc import Callable
from contextvars import copy_context
from typing import NamedTuple

import numpy as np

from descent import _checks
from descent.layers import Layer, flat, unflat


class Progress(NamedTuple):
    """Where a training run stands after a step."""

    step: int  # 1, 2, ...: updates so far
    epoch: int  # 1, 2, ...: the pass through the samples that this step belongs to
    ends_epoch: bool
    snapshot: Callable  # () -> a copy of the layers as they are now


class Training(NamedTuple):
    """What a training run returned. The first axis of the costs is time."""

    layers: tuple  # the trained parameters; with patience, those of the least validation cost
    epoch: np.ndarray  # (rows,) epochs done at each row, 0 first
    cost: np.ndarray  # (rows, ...) cost on the training samples, without penalty and dropout
    validation_cost: np.ndarray | None  # (rows, ...) the same on the validation samples
    best_epoch: np.ndarray  # (...) the epoch that `layers` are from
    diverged_at: np.ndarray  # (...) the epoch in which parameters overflowed, -1 if none did
    ended: str  # what ended the run: "epochs", "patience" or "callback"


class Moves(NamedTuple):
    """Everything that decides the steps of a run."""

    start: tuple  # the layers before the first step
    X: np.ndarray
    y: np.ndarray
    gradient: Callable
    rate: Callable  # t -> eta
    epochs: int
    batch_size: int
    dropout: float
    rule: Callable | None
    rng: np.random.Generator | None

    def take(self):
        """Yield (step, epoch, ends_epoch, layers) after each step; the layers change in place."""
        layers, state, step, n = copy_of(self.start), None, 0, len(self.X)
        quiet = copy_context()  # one for the run, as an errstate for each step is dear
        quiet.run(np.seterr, all="ignore")
        for epoch in range(1, self.epochs + 1):
            order = None if self.batch_size == n else self.rng.permutation(n)
            for first in range(0, n, self.batch_size):
                step += 1
                last = first + self.batch_size
                batch = None if order is None else order[first:last]
                layers, state = quiet.run(self._step, layers, state, self.rate(step), batch)
                if last >= n:
                    _bury(layers)
                yield step, epoch, last >= n, layers

    def _step(self, layers, state, eta, batch):
        """Return the layers and the rule's state after one step."""
        X, y = self.X, self.y
        if batch is not None:  # to gather one batch is faster than to shuffle all of X
            X, y = X.take(batch, axis=0), y.take(batch, axis=0)
        masks = _masks(layers, len(X), self.dropout, self.rng) if self.dropout else None
        if self.rule is None:  # in place, all slopes taken before the first change
            change = self.gradient(layers, X, y, eta, masks)
            for (W, b), (dW, db) in zip(layers, change, strict=True):
                W -= dW
                b -= db
            return layers, state
        slope = flat(self.gradient(layers, X, y, 1.0, masks))
        rate = eta[..., 0] if np.ndim(eta) else eta  # as the vector of parameters has one axis
        vector, state = _checks.moved(self.rule(flat(layers), slope, state, rate))
        return unflat(_checks.result_like(vector, slope, "rule", "one value"), layers), state


def follow(moves, history, callback):
    """Take the steps, keep the history, and return it as a Training."""
    ended = "epochs"
    for step, epoch, ends_epoch, layers in moves.take():
        stop = callback is not None and _says_stop(callback, step, epoch, ends_epoch, layers)
        if ends_epoch and history.done(epoch, layers):
            ended = "patience"
            break
        if stop:
            ended = "callback"
            break
    return history.training(epoch, layers, ended)


def progress(step, epoch, ends_epoch, layers):
    """Return where a run stands, for those who watch it."""
    return Progress(step, epoch, ends_epoch, lambda: copy_of(layers))


def _says_stop(callback, *standing):
    answer = callback(progress(*standing))
    return isinstance(answer, (bool, np.bool_)) and bool(answer)


class History:
    """The record of a run: its costs, and the best networks so far where there is patience."""

    def __init__(self, start, measures, patience, every):
        self.measures = measures  # cost on the training samples, and on those held out if there are
        self.patience, self.every = patience, every
        self.epochs, self.rows = [], []
        family = start[0].b.shape[:-1]
        self.diverged_at, self.best_epoch = np.full(family, -1), np.zeros(family, int)
        self.best_cost, self.stopped = np.full(family, np.inf), np.zeros(family, bool)
        self.best = copy_of(start)
        if every is not None:
            self._record(0, start)

    def done(self, epoch, layers):
        """Take note of an epoch's end; return whether all networks have run out of patience."""
        lost = np.isnan(layers[0].b[..., 0]) & (self.diverged_at < 0)
        self.diverged_at = np.where(lost, epoch, self.diverged_at)
        if self.every is not None and epoch % self.every == 0:
            self._record(epoch, layers)
        return self.patience is not None and bool(self.stopped.all())

    def _record(self, epoch, layers):
        self.epochs.append(epoch)
        self.rows.append([measure(layers) for measure in self.measures])
        if self.patience is None:
            return
        better = (self.rows[-1][1] < self.best_cost) & ~self.stopped
        self.best_cost = np.where(better, self.rows[-1][1], self.best_cost)
        self.best_epoch = np.where(better, epoch, self.best_epoch)
        for kept, now in zip(self.best, layers, strict=True):
            kept.W[better], kept.b[better] = now.W[better], now.b[better]
        self.stopped = self.stopped | (epoch - self.best_epoch >= self.patience)

    def training(self, epoch, layers, ended):
        """Return the record of the finished run."""
        family = self.diverged_at.shape
        costs = np.array(self.rows).reshape(-1, len(self.measures), *family)
        return Training(
            layers=copy_of(layers) if self.patience is None else self.best,
            epoch=np.array(self.epochs, dtype=int),
            cost=costs[:, 0].copy(),
            validation_cost=costs[:, 1].copy() if len(self.measures) > 1 else None,
            best_epoch=np.full(family, epoch) if self.patience is None else self.best_epoch,
            diverged_at=self.diverged_at,
            ended=ended,
        )


def schedule(eta):
    """Return a function t -> the rate of step t: a number, or for a family an array (..., 1, 1)."""

    def checked(value):
        rate = _checks.in_range(_checks.real_array(value, "eta"), "eta", above=0)
        return rate[..., None, None] if rate.ndim else float(rate)

    if not callable(eta):
        rate = checked(eta)
        return lambda t: rate
    shape = np.shape(checked(eta(1)))

    def asked(t):
        rate = checked(eta(t))
        if np.shape(rate) != shape:
            raise ValueError(f"eta has another shape at step {t} than at step 1; it must keep it.")
        return rate

    return asked


def copy_of(layers):
    """Return the layers with arrays of their own."""
    return tuple(Layer(W.copy(), b.copy()) for W, b in layers)


def _masks(layers, n, dropout, rng):
    """Return for each hidden layer which activations stay, and how much they are raised for it."""
    return [(rng.random((n, W.shape[-2])) >= dropout) / (1 - dropout) for W, _ in layers[:-1]]


def _bury(layers):
    """Turn networks that have left the finite numbers into NaN altogether."""
    finite = [np.isfinite(W).all(axis=(-2, -1)) & np.isfinite(b).all(axis=-1) for W, b in layers]
    lost = ~np.logical_and.reduce(finite)
    if lost.any():
        for W, b in layers:
            W[lost] = b[lost] = np.nan
