"""Ways downhill: learning-rate schedules, update rules, and the runs that follow them.

The optimisers know no model. They take the gradient as a function and record where it leads. The
start may carry leading axes, and so may the learning rate: 61 rates are 61 runs in one.
"""

from typing import NamedTuple

import numpy as np

from descent import _checks


class Path(NamedTuple):
    """Where a run went. The first axis is time; the last holds the p parameters."""

    t: np.ndarray  # (rows,) the number of steps taken at each row, 0 first
    w: np.ndarray  # (rows, ..., p) the parameters there; NaN after overflow
    eta: np.ndarray  # (steps, ...) the learning rate of steps 1, 2, ...
    diverged_at: np.ndarray  # (...) the step whose result overflowed, -1 if none did


def constant(eta):
    """Return the schedule eta_t = eta.

    Parameters
    ----------
    eta : (...) rate > 0; an array is a family of runs
    """
    eta = _rate(eta, "eta")
    return lambda t: eta


def inverse_sqrt(c):
    """Return the schedule eta_t = c / sqrt(t), t = 1, 2, ...       (source 004, eq. 2.2)

    Parameters
    ----------
    c : (...) the first rate > 0
    """
    c = _rate(c, "c")
    return lambda t: c / np.sqrt(t)


def inverse(c):
    """Return the schedule eta_t = c / t, t = 1, 2, ...

    Parameters
    ----------
    c : (...) the first rate > 0
    """
    c = _rate(c, "c")
    return lambda t: c / t


def sgd():
    """Return the plain update rule: a step of eta against the gradient.

    w <- w - eta g                                                      (source 004, eq. 2.1)

    A rule is a function step(parameters, gradient, state, eta) -> (parameters, state); the state of
    the first step is None.
    """
    return lambda parameters, gradient, state, eta: (parameters - eta * gradient, state)


def gradient_descent(gradient, start, eta, steps, *, rule=None, every=1):
    """Follow the negative gradient for a fixed number of steps.

    w_t = w_{t-1} - eta_t grad C(w_{t-1}),  t = 1, ..., steps           (source 004, eq. 2.1)

    Parameters
    ----------
    gradient : function (..., p) -> (..., p)
    start : (..., p) array, w_0
    eta : rate > 0, an array of rates, or a schedule t -> rate with t = 1, 2, ...
    steps : int >= 1
    rule : an update rule such as `sgd()`, the default
    every : int >= 1, record each so many steps

    Returns
    -------
    Path(t, w, eta, diverged_at)

    A run that grows past the largest double is no error: its later rows are NaN, the others go on.
    """
    return _run(lambda w, t: gradient(w), start, eta, steps, rule, every)


def stochastic_gradient_descent(
    gradient, start, eta, steps, *, n_samples, batch_size=1, sampling="epoch", rng, rule=None, every=1
):
    """Follow gradients estimated from a few samples at a time.

    w_t = w_{t-1} - eta_t / b sum_{i in B_t} grad C_i(w_{t-1})          (source 004, eqs. 2.2, 2.3)

    Parameters
    ----------
    gradient : function (w, batch) -> (..., p), the mean gradient over the samples in `batch`
    start, eta, steps, rule, every : as in `gradient_descent`
    n_samples : int >= 1, how many samples there are
    batch_size : int, 1 to n_samples
    sampling : "epoch" shuffles all samples and walks through them, batch by batch, then shuffles
        again (the last batch of a pass may be smaller); "without" draws each batch afresh, no
        sample twice in it; "with" draws each sample of a batch afresh
    rng : numpy.random.Generator

    Returns
    -------
    Path(t, w, eta, diverged_at). All members of a family see the same batches.
    """
    batches = _batches(n_samples, batch_size, sampling, rng)
    return _run(lambda w, t: gradient(w, next(batches)), start, eta, steps, rule, every)


def _run(gradient, start, eta, steps, rule, every):
    """Take the steps that both runners share."""
    start = _checks.real_array(start, "start")
    if start.ndim == 0:
        raise ValueError("start is a single number; give the parameters as an array, such as [0.0].")
    steps = _checks.whole_number(steps, "steps", at_least=1)
    every = _checks.whole_number(every, "every", at_least=1)
    rates = _rates(eta, steps)
    step = sgd() if rule is None else rule
    family = np.broadcast_shapes(rates.shape[1:], start.shape[:-1])
    w = np.broadcast_to(start, family + start.shape[-1:]).copy()
    diverged_at = np.full(family, -1)
    rows = np.empty((steps // every + 1, *w.shape))
    rows[0], state = w, None
    for t in range(1, steps + 1):
        with np.errstate(over="ignore", invalid="ignore"):
            w, state = step(w, _slope(gradient(w, t), w), state, rates[t - 1][..., None])
        lost = ~np.isfinite(w).all(axis=-1)
        diverged_at[lost & (diverged_at < 0)] = t
        # A lost member idles at zero so that the gradient never sees a NaN; its rows are NaN.
        w[diverged_at >= 0] = 0.0
        if t % every == 0:
            rows[t // every] = np.where((diverged_at >= 0)[..., None], np.nan, w)
    return Path(np.arange(len(rows)) * every, rows, rates, diverged_at)


def _slope(g, w):
    """Return the gradient if it has the shape of the parameters, or raise."""
    if np.shape(g) != w.shape:
        raise ValueError(
            f"gradient returned shape {np.shape(g)} for parameters of shape {w.shape}; "
            "it must return one slope for each parameter."
        )
    return g


def _rate(value, name):
    return _checks.in_range(_checks.real_array(value, name), name, above=0)


def _rates(eta, steps):
    """Return the learning rates of steps 1, 2, ... as an array (steps, ...)."""
    if not callable(eta):
        eta = _rate(eta, "eta")
        return np.broadcast_to(eta, (steps, *eta.shape))
    return _rate([eta(t) for t in range(1, steps + 1)], "eta")


def _batches(n_samples, batch_size, sampling, rng):
    """Return an endless iterator over arrays of sample indices, checked before the first is drawn."""
    n_samples = _checks.whole_number(n_samples, "n_samples", at_least=1)
    batch_size = _checks.whole_number(batch_size, "batch_size", at_least=1)
    if batch_size > n_samples:
        raise ValueError(f"batch_size is {batch_size} but there are only {n_samples} samples.")
    rng = _checks.generator(rng)
    draws = {
        "epoch": lambda: np.split(rng.permutation(n_samples), range(batch_size, n_samples, batch_size)),
        "without": lambda: [rng.choice(n_samples, batch_size, replace=False)],
        "with": lambda: [rng.integers(n_samples, size=batch_size)],
    }
    if sampling not in draws:
        raise ValueError(f'sampling is {sampling!r}; it must be "epoch", "without" or "with".')
    draw = draws[sampling]
    return (batch for _ in iter(int, 1) for batch in draw())
