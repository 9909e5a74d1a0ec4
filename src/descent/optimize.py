"""Ways downhill: learning-rate schedules, optimisers, and the one loop that all training uses.

The loop knows no model. It takes the gradient as a function, asks the schedule for the rate and the
optimiser for the step, again and again. Parameters are a list of arrays; they may carry leading
axes, and so may the learning rate: 61 rates are 61 runs in one, a family.
"""

from copy import deepcopy
from itertools import chain, islice, repeat
from typing import NamedTuple

import numpy as np

from descent import checks
from descent.checks import checked

# Schedules: functions t -> eta for the steps t = 1, 2, ... of a run -------------------------------


@checked(eta=checks.rate)
def constant(eta):
    """Return the schedule eta_t = eta.

    Parameters
    ----------
    eta : (...) array > 0
        The rate; several are a family of runs.

    Returns
    -------
    schedule : function t -> eta
    """
    return lambda t: eta


@checked(C=checks.rate)
def inverse_sqrt(C):
    """Return the schedule eta_t = C / sqrt(t), t = 1, 2, ...       (source 004, eq. 2.2)

    Parameters
    ----------
    C : (...) array > 0
        The first rate.

    Returns
    -------
    schedule : function t -> eta
    """
    return checked(t=checks.array(at_least=1))(lambda t: C / np.sqrt(t))


@checked(C=checks.rate)
def inverse(C):
    """Return the schedule eta_t = C / t, t = 1, 2, ...

    Parameters
    ----------
    C : (...) array > 0
        The first rate.

    Returns
    -------
    schedule : function t -> eta
    """
    return checked(t=checks.array(at_least=1))(lambda t: C / t)


# Optimisers: how a gradient and a rate become a step ----------------------------------------------


class SGD:
    """Plain gradient descent: a step of eta against the gradient.

    w <- w - eta g                                                      (source 004, eq. 2.1)

    Every optimiser has the method `step(parameters, gradients, eta)`: two lists of arrays alike,
    of which the first changes in place. A family of rates has an axis for the parameters: (61, 1).
    """

    def step(self, parameters, gradients, eta):
        """Move each array of parameters by -eta times its gradient."""
        for W, dW in zip(parameters, gradients, strict=True):
            W -= eta * dW


class Momentum:
    """Gradient descent that keeps part of its last step, as a ball keeps its speed.

    v <- beta v - eta g,  w <- w + v,  v = 0 at first                   (source 002, section 4)

    Steps that agree add up, to eta g / (1 - beta) on a constant gradient; steps that alternate
    cancel. (PyTorch puts eta outside the sum, which differs only where eta changes on the way.)

    Parameters
    ----------
    beta : (...) array, 0 <= beta < 1
        The share of the last step that is kept; several are a family of runs.
    """

    @checked(beta=checks.share)
    def __init__(self, beta=0.9):
        self.beta, self.velocity, self.family = beta[..., None], None, beta.shape

    def step(self, parameters, gradients, eta):
        """Change the velocities, then move the parameters by them."""
        self.velocity = self.velocity or [np.zeros_like(W) for W in parameters]
        for W, dW, v in zip(parameters, gradients, self.velocity, strict=True):
            v[...] = self.beta * v - eta * dW
            W += v


class AdaGrad:
    """Gradient descent that divides each parameter's rate by the gradients it has met so far.

    h <- h + g^2,  w <- w - eta g / (sqrt(h) + epsilon),  h = 0 at first    (source 002, section 4)

    Squares and roots are taken entry by entry. The first step is eta long in every parameter whose
    gradient is not 0, however steep; since h only grows, later steps shrink.

    Parameters
    ----------
    epsilon : number > 0
        It keeps a flat direction from 0 / 0.
    """

    @checked(epsilon=checks.positive)
    def __init__(self, epsilon=1e-8):
        self.epsilon, self.squares = epsilon, None

    def step(self, parameters, gradients, eta):
        """Add to the sums of squares, then move the parameters."""
        self.squares = self.squares or [np.zeros_like(W) for W in parameters]
        for W, dW, h in zip(parameters, gradients, self.squares, strict=True):
            h += dW**2
            W -= eta * dW / (np.sqrt(h) + self.epsilon)


class Adam:
    """Gradient descent by an average gradient over the root of an average squared gradient.

    m <- beta1 m + (1 - beta1) g,    v <- beta2 v + (1 - beta2) g^2,    m = v = 0 at first
    w <- w - eta (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)  (source 002, section 4)

    Both averages start at 0 and are too small in early steps t = 1, 2, ...; dividing by 1 - beta^t,
    the sum of their weights, corrects that. Old gradients fade, unlike those of AdaGrad.

    Parameters
    ----------
    beta1 : (...) array, 0 <= beta1 < 1
        The share of the average gradient that is kept.
    beta2 : (...) array, 0 <= beta2 < 1
        The same for the squared gradient.
    epsilon : number > 0
        It keeps a flat direction from 0 / 0.
    """

    @checked(beta1=checks.share, beta2=checks.share, epsilon=checks.positive)
    def __init__(self, beta1=0.9, beta2=0.999, epsilon=1e-8):
        self.beta1, self.beta2, self.epsilon = beta1[..., None], beta2[..., None], epsilon
        self.means, self.squares, self.t = None, None, 0
        self.family = np.broadcast_shapes(beta1.shape, beta2.shape)

    def step(self, parameters, gradients, eta):
        """Change both averages, correct them for their start at 0, then move the parameters."""
        self.means = self.means or [np.zeros_like(W) for W in parameters]
        self.squares = self.squares or [np.zeros_like(W) for W in parameters]
        self.t += 1
        for W, dW, m, v in zip(parameters, gradients, self.means, self.squares, strict=True):
            m[...] = self.beta1 * m + (1 - self.beta1) * dW
            v[...] = self.beta2 * v + (1 - self.beta2) * dW**2
            m_hat, v_hat = m / (1 - self.beta1**self.t), v / (1 - self.beta2**self.t)
            W -= eta * m_hat / (np.sqrt(v_hat) + self.epsilon)


# The loop -----------------------------------------------------------------------------------------


def descend(parameters, gradient, eta, epochs, optimizer, diverged_at, project=None):
    """Train: one step for each batch of each epoch. Nothing is checked here.

    Parameters
    ----------
    parameters : list of (..., p) arrays, changed in place; leading axes are a family
    gradient : function (parameters, batch) -> list of arrays alike
    eta : function t -> rate, a number or (..., 1), asked just before each step
    epochs : iterable of lists of batches
    optimizer : such as SGD(), of which the run takes a copy, or None: SGD()
    diverged_at : (...) array of int, changed in place: the epoch in which a run left the finite
        numbers; its parameters are NaN from then on
    project : function array -> array for each array of parameters after a step, or None

    Yields
    ------
    (step, epoch, ends_epoch) after each step, counted from 1
    """
    optimizer, step = deepcopy(optimizer or SGD()), 0
    for epoch, batches in enumerate(epochs, start=1):
        for k, batch in enumerate(batches, start=1):
            step += 1
            rate = eta(step)
            with np.errstate(all="ignore"):
                optimizer.step(parameters, gradient(parameters, batch), rate)
                for W in parameters if project else ():
                    W[...] = project(W)
            if k == len(batches):
                mark_diverged(parameters, epoch, diverged_at)
            yield step, epoch, k == len(batches)


def mark_diverged(parameters, epoch, diverged_at):
    """Turn runs that have left the finite numbers into NaN altogether, and note the epoch."""
    finite = np.logical_and.reduce([np.isfinite(W).all(axis=-1) for W in parameters])
    if not finite.all():
        diverged_at[~finite & (diverged_at < 0)] = epoch
        for W in parameters:
            W[~finite] = np.nan


class Patience:
    """The parameters of least cost so far; a run stops so many `epochs` after it met them.

    Parameters
    ----------
    epochs : int >= 1
    w : (..., p) array
        The parameters at the start; each member of a family is watched by itself.
    """

    def __init__(self, epochs, w):
        self.epochs, self.w, self.cost = epochs, w, np.full(w.shape[:-1], np.inf)
        self.epoch, self.stopped = np.zeros(w.shape[:-1], int), np.zeros(w.shape[:-1], bool)

    def look(self, epoch, cost, w):
        """Keep what is better than before; stop what has not been for so long."""
        better = (cost < self.cost) & ~self.stopped
        self.w = np.where(better[..., None], w, self.w)
        self.cost = np.where(better, cost, self.cost)
        self.epoch = np.where(better, epoch, self.epoch)
        self.stopped = self.stopped | (epoch - self.epoch >= self.epochs)


# Runs on one vector of parameters -----------------------------------------------------------------


class Path(NamedTuple):
    """Where a run went. The first axis is time; the last holds the p parameters."""

    t: np.ndarray  # (rows,) the number of steps taken at each row, 0 first, all of them last
    w: np.ndarray  # (rows, ..., p) the parameters there; NaN after overflow
    eta: np.ndarray  # (steps, ...) the learning rate of steps 1, 2, ...
    diverged_at: np.ndarray  # (...) the step whose result overflowed, -1 if none did


RUN = {
    "start": checks.array("... p"),
    "eta": checks.schedule,
    "steps": checks.count(),
    "optimizer": checks.optimizer,
    "project": checks.optional(checks.function("of the parameters, such as ball(1.0)")),
    "every": checks.count(),
}


@checked(gradient=checks.function("of the parameters"), **RUN)
def gradient_descent(gradient, start, eta, steps, *, optimizer=None, project=None, every=1):
    """Follow the negative gradient for a fixed number of steps.

    w_t = w_{t-1} - eta_t grad C(w_{t-1}),  t = 1, ..., steps           (source 004, eq. 2.1)

    Parameters
    ----------
    gradient : function (..., p) -> (..., p)
    start : (..., p) array
        w_0; leading axes are a family of runs.
    eta : rate > 0, an array of rates, or a schedule t -> rate with t = 1, 2, ...
    steps : int >= 1
    optimizer : `SGD()`, `Momentum()`, `AdaGrad()` or `Adam()`
        By default SGD(). The run starts from a fresh copy.
    project : function (..., p) -> (..., p)
        Applied after each step, such as `ball(radius)`.
    every : int >= 1
        Record each so many steps, and the last.

    Returns
    -------
    Path
        A run that grows past the largest double is no error: its later rows are NaN, the others
        of its family go on.
    """
    batches = repeat(None, steps)
    return path(lambda w, _: gradient(w), start, eta, steps, batches, optimizer, project, every)


# How batches are drawn: each function yields the next ones, arrays of row numbers.
SAMPLING = {
    "epoch": lambda n, size, rng: cut(rng.permutation(n), size),
    "without": lambda n, size, rng: [rng.choice(n, size, replace=False)],
    "with": lambda n, size, rng: [rng.integers(n, size=size)],
}


def cut(order, size):
    """Yield an array in pieces of this size; the last may be smaller."""
    return (order[i : i + size] for i in range(0, len(order), size))


@checked(
    gradient=checks.function("of the parameters and the batch"),
    n_samples=checks.count(),
    batch_size=checks.batch_size,
    sampling=checks.choice(SAMPLING),
    rng=checks.generator,
    **RUN,
)
def stochastic_gradient_descent(
    gradient,
    start,
    eta,
    steps,
    *,
    n_samples,
    batch_size=1,
    sampling="epoch",
    rng,
    optimizer=None,
    project=None,
    every=1,
):
    """Follow gradients estimated from a few samples at a time.

    w_t = w_{t-1} - eta_t / b sum_{i in B_t} grad C_i(w_{t-1})          (source 004, eqs. 2.2, 2.3)

    Parameters
    ----------
    gradient : function (w, batch) -> (..., p)
        The mean gradient over the samples in `batch`, an array of row numbers.
    start, eta, steps, optimizer, project, every
        As in `gradient_descent`.
    n_samples : int >= 1
        How many samples there are.
    batch_size : int, 1 to n_samples
    sampling : "epoch", "without" or "with"
        "epoch" shuffles all samples and walks through them, batch by batch, then shuffles again
        (the last batch of a pass may be smaller); "without" draws each batch afresh, no sample
        twice in it; "with" draws each sample of a batch afresh.
    rng : numpy.random.Generator

    Returns
    -------
    Path
        All members of a family see the same batches.
    """
    passes = (sampling(n_samples, batch_size, rng) for _ in repeat(None))
    batches = islice(chain.from_iterable(passes), steps)
    return path(gradient, start, eta, steps, batches, optimizer, project, every)


def path(gradient, start, eta, steps, batches, optimizer, project, every):
    """Take a step for each batch and return the Path; every step is an epoch of the loop."""
    family = np.broadcast_shapes(eta.family, getattr(optimizer, "family", ()), start.shape[:-1])
    w = np.broadcast_to(start, (*family, start.shape[-1])).copy()
    diverged_at, rates, times, rows = np.full(family, -1), [], [0], [w.copy()]

    def rate(t):
        rates.append(eta(t))
        return rates[-1]

    def slope(parameters, batch):
        at = np.where(diverged_at[..., None] < 0, w, 0.0)  # nobody is asked about a lost run
        return [alike(gradient(at, batch), w, "gradient")]

    def projected(w):
        return alike(project(w.copy()), w, "project")

    epochs, inside = ([batch] for batch in batches), project and projected
    for t, *_ in descend([w], slope, rate, epochs, optimizer, diverged_at, inside):
        if t % every == 0 or t == steps:
            times.append(t)
            rows.append(w.copy())
    taken = np.array(rates).reshape(steps, *eta.family)
    return Path(np.array(times), np.array(rows), taken, diverged_at)


def alike(value, w, name):
    """Return what a caller's function gave if it has the shape of w, or raise."""
    value = checks.floats(value, f"what {name} returned")
    if value.shape != w.shape:
        raise ValueError(f"{name} returned shape {value.shape}; it must be {w.shape}, like w.")
    return value


@checked(radius=checks.positive)
def ball(radius):
    """Return the projection onto a ball around 0: points outside move to its nearest point.

    P(w) = w min(1, radius / ||w||)

    Pass it to a runner as `project`. The promise O(1 / sqrt(T)) of stochastic gradient descent
    needs bounded gradients, and those of least squares are bounded on a ball only.

    Parameters
    ----------
    radius : number > 0

    Returns
    -------
    project : function (..., p) -> (..., p)
    """

    @checked(w=checks.array("... p", finite=False))
    def project(w):
        length = np.hypot.reduce(w, axis=-1, keepdims=True)
        return w * (radius / np.maximum(length, radius))

    return project


ball.makes = True  # what it returns is the projection


def each_step(value, name, given):
    """A Path with a row for every step."""
    checks.instance(Path, "the Path that a runner returned")(value, name)
    if len(value.t) != len(value.eta) + 1:
        words = f"{name} has {len(value.t)} rows for {len(value.eta)} steps"
        raise ValueError(f"{words}; it must have them all: run it again with every=1.")
    return value


@checked(path=each_step)
def average(path):
    """Return the running mean of the iterates whose gradients the run has used.

    row t is (w_0 + ... + w_{t-1}) / t,  row 0 is w_0

    This average, not the last iterate, is what the bound O(1 / sqrt(T)) speaks of.

    Parameters
    ----------
    path : Path
        Recorded at every step (every=1).

    Returns
    -------
    w : (rows, ..., p) array
        NaN from the row after a run's first NaN.
    """
    steps = path.t[1:].reshape(-1, *[1] * (path.w.ndim - 1))
    return np.concatenate([path.w[:1], np.cumsum(path.w[:-1], axis=0) / steps])


@checked(path=each_step, tolerance=checks.positive)
def first_small_step(path, tolerance):
    """Return when the rule "stop as soon as the step is short" would have stopped.

    the first t with ||w_t - w_{t-1}|| < tolerance                      (source 004, section 2.2.1)

    Parameters
    ----------
    path : Path
        Recorded at every step (every=1).
    tolerance : number > 0
        In the unit of w.

    Returns
    -------
    t : (...) array of int
        -1 where no step was short.
    """
    short = np.linalg.norm(np.diff(path.w, axis=0), axis=-1) < tolerance
    return np.where(short.any(axis=0), short.argmax(axis=0) + 1, -1)
