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
    return lambda t: c / np.sqrt(_from_one(t, c))


def inverse(c):
    """Return the schedule eta_t = c / t, t = 1, 2, ...

    Parameters
    ----------
    c : (...) the first rate > 0
    """
    c = _rate(c, "c")
    return lambda t: c / _from_one(t, c)


def sgd():
    """Return the plain update rule: a step of eta against the gradient.

    w <- w - eta g                                                      (source 004, eq. 2.1)

    A rule is a function step(parameters, gradient, state, eta) -> (parameters, state); the state of
    the first step is None.
    """
    return lambda parameters, gradient, state, eta: (parameters - eta * gradient, state)


def momentum(beta=0.9):
    """Return the rule that keeps part of its last step, as a ball keeps its speed.

    v <- beta v - eta g,  w <- w + v,  v = 0 at first                   (source 002, section 4)

    Steps that agree add up, to eta g / (1 - beta) on a constant slope; steps that alternate cancel.
    (PyTorch puts eta outside the sum, which differs only where eta changes on the way.)

    Parameters
    ----------
    beta : (...) share of the last step that is kept, 0 <= beta < 1; an array is a family of runs
    """
    beta = _share(beta, "beta")

    def step(parameters, gradient, state, eta):
        last = 0.0 if state is None else state
        velocity = beta * last - eta * gradient
        return parameters + velocity, velocity

    return step


def adagrad(epsilon=1e-8):
    """Return the rule that divides each parameter's rate by the slopes it has met so far.

    h <- h + g^2,  w <- w - eta g / (sqrt(h) + epsilon),  h = 0 at first    (source 002, section 4)

    Squares and roots are taken entry by entry. The first step is eta long in every parameter with a
    slope, however steep; since h only grows, later steps shrink.

    Parameters
    ----------
    epsilon : number > 0 that keeps a flat direction from 0 / 0
    """
    epsilon = _checks.real_number(epsilon, "epsilon", above=0)

    def step(parameters, gradient, state, eta):
        squares = gradient**2 + (0.0 if state is None else state)
        return parameters - eta * gradient / (np.sqrt(squares) + epsilon), squares

    return step


def adam(beta1=0.9, beta2=0.999, epsilon=1e-8):
    """Return the rule that divides an average slope by the root of an average squared slope.

    m <- beta1 m + (1 - beta1) g,    v <- beta2 v + (1 - beta2) g^2,    m = v = 0 at first
    w <- w - eta (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)  (source 002, section 4)

    Both averages start at 0 and are too small in early steps t = 1, 2, ...; dividing by 1 - beta^t,
    the sum of their weights, corrects that. Old slopes fade, unlike those of AdaGrad.

    Parameters
    ----------
    beta1 : (...) share of the average slope that is kept, 0 <= beta1 < 1
    beta2 : (...) the same for the squared slope
    epsilon : number > 0 that keeps a flat direction from 0 / 0
    """
    beta1, beta2 = _share(beta1, "beta1"), _share(beta2, "beta2")
    epsilon = _checks.real_number(epsilon, "epsilon", above=0)

    def step(parameters, gradient, state, eta):
        slope, square, t = (0.0, 0.0, 0) if state is None else state
        slope = beta1 * slope + (1 - beta1) * gradient
        square = beta2 * square + (1 - beta2) * gradient**2
        t += 1
        scale = np.sqrt(square / (1 - beta2**t)) + epsilon
        return parameters - eta * (slope / (1 - beta1**t)) / scale, (slope, square, t)

    return step


def ball(radius):
    """Return the projection onto a ball around 0: points outside move to its nearest point.

    P(w) = w min(1, radius / ||w||)

    Pass it to a runner as `project`. The promise O(1 / sqrt(T)) of stochastic gradient descent
    needs bounded gradients, and those of least squares are bounded on a ball only.

    Parameters
    ----------
    radius : number > 0
    """
    radius = _checks.real_number(radius, "radius", above=0)

    def project(w):
        w = _checks.real_array(w, "w", finite=False)
        if w.ndim == 0:
            raise ValueError("w is a single number; give the parameters as an array.")
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            length = np.hypot.reduce(w, axis=-1, keepdims=True)
            if np.isinf(length).any():  # longer than the largest double: halve, often enough
                length = np.hypot.reduce(np.ldexp(w, -512), axis=-1, keepdims=True)
                return np.ldexp(w, -512) * (radius / np.maximum(length, np.ldexp(radius, -512)))
            return w * (radius / np.maximum(length, radius))

    return project


def gradient_descent(gradient, start, eta, steps, *, rule=None, project=None, every=1):
    """Follow the negative gradient for a fixed number of steps.

    w_t = w_{t-1} - eta_t grad C(w_{t-1}),  t = 1, ..., steps           (source 004, eq. 2.1)

    Parameters
    ----------
    gradient : function (..., p) -> (..., p)
    start : (..., p) array, w_0
    eta : rate > 0, an array of rates, or a schedule t -> rate with t = 1, 2, ...
    steps : int >= 1
    rule : an update rule such as `sgd()`, the default
    project : function (..., p) -> (..., p) applied after each step, such as `ball(radius)`
    every : int >= 1, record each so many steps

    Returns
    -------
    Path(t, w, eta, diverged_at)

    A run that grows past the largest double is no error: its later rows are NaN, the others go on.
    """
    _checks.function(gradient, "gradient", "of the parameters")
    return _run(lambda w, t: gradient(w), start, eta, steps, rule, project, every)


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
    rule=None,
    project=None,
    every=1,
):
    """Follow gradients estimated from a few samples at a time.

    w_t = w_{t-1} - eta_t / b sum_{i in B_t} grad C_i(w_{t-1})          (source 004, eqs. 2.2, 2.3)

    Parameters
    ----------
    gradient : function (w, batch) -> (..., p), the mean gradient over the samples in `batch`
    start, eta, steps, rule, project, every : as in `gradient_descent`
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
    _checks.function(gradient, "gradient", "of the parameters and the batch")
    batches = _batches(n_samples, batch_size, sampling, rng)
    return _run(lambda w, t: gradient(w, next(batches)), start, eta, steps, rule, project, every)


def average(path):
    """Return the running mean of the iterates whose gradients the run has used.

    row t is (w_0 + ... + w_{t-1}) / t,  row 0 is w_0

    This average, not the last iterate, is what the bound O(1 / sqrt(T)) speaks of.

    Parameters
    ----------
    path : Path recorded at every step (every=1)

    Returns
    -------
    w : (rows, ..., p) array, NaN from the row after a run's first NaN
    """
    w = _each_step(path).w
    steps = path.t[1:].reshape(-1, *[1] * (w.ndim - 1))
    with np.errstate(over="ignore", invalid="ignore"):
        return np.concatenate([w[:1], np.cumsum(w[:-1], axis=0) / steps])


def first_small_step(path, tolerance):
    """Return when the rule "stop as soon as the step is short" would have stopped.

    the first t with ||w_t - w_{t-1}|| < tolerance                      (source 004, section 2.2.1)

    Parameters
    ----------
    path : Path recorded at every step (every=1)
    tolerance : number > 0, in the unit of w

    Returns
    -------
    t : (...) array of int, -1 where no step was short
    """
    tolerance = _checks.real_number(tolerance, "tolerance", above=0)
    with np.errstate(over="ignore"):
        short = np.hypot.reduce(np.diff(_each_step(path).w, axis=0), axis=-1) < tolerance
    return np.where(short.any(axis=0), short.argmax(axis=0) + 1, -1)


def _run(gradient, start, eta, steps, rule, project, every):
    """Take the steps that both runners share; `gradient` is called as gradient(w, t)."""
    start = _checks.real_array(start, "start")
    if start.ndim == 0:
        raise ValueError(
            "start is a single number; give the parameters as an array, such as [0.0]."
        )
    steps = _checks.whole_number(steps, "steps", at_least=1)
    every = _checks.whole_number(every, "every", at_least=1)
    rates = _rates(eta, steps)
    step = sgd() if rule is None else _checks.function(rule, "rule", "such as sgd()")
    if project is not None:
        _checks.function(project, "project", "of the parameters, such as ball(1.0)")
    family = _family(rates.shape[1:], start.shape[:-1])
    w = np.broadcast_to(start, family + start.shape[-1:]).copy()
    diverged_at, lost = np.full(family, -1), np.zeros(family, bool)
    rows = np.empty((steps // every + 1, *w.shape))
    rows[0], state, anyone_lost = w, None, False
    like = _checks.result_like
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(1, steps + 1):
            slope = like(gradient(w, t), w, "gradient", "one slope")
            moved, state = _checks.moved(step(w, slope, state, rates[t - 1][..., None]))
            w = like(moved, w, "rule", "one value")
            w = w if project is None else like(project(w), w, "project", "one value")
            finite = np.isfinite(w)
            if anyone_lost or not finite.all():
                lost |= ~finite.all(axis=-1)
                diverged_at[lost & (diverged_at < 0)] = t
                # A lost member idles at zero so that the gradient never sees a NaN.
                w, anyone_lost = np.where(lost[..., None], 0.0, w), True
            if t % every == 0:
                rows[t // every] = np.where(lost[..., None], np.nan, w) if anyone_lost else w
    return Path(np.arange(len(rows)) * every, rows, rates, diverged_at)


def _family(of_rates, of_starts):
    """Return the leading axes of a run whose rates and starts have these, or raise."""
    try:
        return np.broadcast_shapes(of_rates, of_starts)
    except ValueError:
        raise ValueError(
            f"eta is a family of shape {of_rates} and start one of shape {of_starts}; they must "
            "broadcast. Give start an axis of length 1 where eta varies."
        ) from None


def _each_step(path):
    """Return the path if it is a Path with a row for every step, or raise."""
    if not isinstance(path, Path):
        raise TypeError(
            f"path is {type(path).__name__}; it must be the Path that a runner returned."
        )
    if len(path.t) != len(path.eta) + 1:
        raise ValueError(
            f"path has {len(path.t)} rows for {len(path.eta)} steps; it must have one for each "
            "step and the start. Run it again with every=1."
        )
    return path


def _share(value, name):
    """Return the share of an average that is kept, with an axis for the parameters."""
    share = _checks.in_range(_checks.real_array(value, name), name, at_least=0, below=1)
    return share[..., None]


def _rate(value, name):
    return _checks.in_range(_checks.real_array(value, name), name, above=0)


def _from_one(t, c):
    """Return the step's number, or raise where it is not at least 1; arrays are for drawings."""
    if type(t) is int and 1 <= t <= _checks.MOST:
        return t
    t = _checks.in_range(_checks.real_array(t, "t"), "t", at_least=1)
    if t.ndim and c.ndim:
        raise ValueError(
            f"t has shape {t.shape}; for a family of rates it must be the number of one step."
        )
    return t


def _rates(eta, steps):
    """Return the learning rates of steps 1, 2, ... as an array (steps, ...)."""
    if not callable(eta):
        eta = _rate(eta, "eta")
        return np.broadcast_to(eta, (steps, *eta.shape))
    return _rate([eta(t) for t in range(1, steps + 1)], "eta")


def _batches(n_samples, batch_size, sampling, rng):
    """Return an endless iterator over arrays of sample indices; what it is given is checked now."""
    n_samples = _checks.whole_number(n_samples, "n_samples", at_least=1)
    batch_size = _checks.whole_number(batch_size, "batch_size", at_least=1)
    if batch_size > n_samples:
        raise ValueError(
            f"batch_size is {batch_size} but there are only {n_samples} samples; "
            "it must not be more."
        )
    rng = _checks.generator(rng)
    draws = {
        "epoch": lambda: _cut(rng.permutation(n_samples), batch_size),
        "without": lambda: [rng.choice(n_samples, batch_size, replace=False)],
        "with": lambda: [rng.integers(n_samples, size=batch_size)],
    }
    if not isinstance(sampling, str) or sampling not in draws:
        raise ValueError(
            f'sampling is {_checks.shown(sampling)}; it must be "epoch", "without" or "with".'
        )
    draw = draws[sampling]
    return (batch for _ in iter(int, 1) for batch in draw())


def _cut(order, batch_size):
    """Cut an order into batches one by one: a list of all of them costs seconds at 10^7 samples."""
    return (order[i : i + batch_size] for i in range(0, len(order), batch_size))
