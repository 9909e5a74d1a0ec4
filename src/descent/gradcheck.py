"""The gradient check: compare slopes that were derived with slopes that were measured."""

from typing import NamedTuple

import numpy as np

from descent import _checks


def numerical_gradient(f, x, *, step=None):
    """Measure the slope of f in each entry of x by a small step to both sides.

    df/dx_i ~ (f(x + h e_i) - f(x - h e_i)) / (2h)

    The formula errs by about h^2 times the third derivative, and rounding f errs by about eps / h.
    The two balance at h = eps^(1/3) max(1, |x_i|), 6e-6 for x near 1, which leaves 10 to 11 digits.

    Parameters
    ----------
    f : function of an array of the shape of x, returning one number; it is called 2 x.size times
    x : (...) array
    step : h > 0, the same for all entries; by default the h above

    Returns
    -------
    g : array of the shape of x

    Raises
    ------
    ValueError : f returns NaN, infinity, or more than one number
    """
    x, h = _point(x, step)
    return _measure(f, x, h)


class GradientCheck(NamedTuple):
    """How well a gradient agrees with the measured one."""

    passed: bool
    relative_error: float  # largest difference / largest entry of either gradient; 0 if both are 0
    worst: tuple  # index of the entry with the largest difference
    derived: np.ndarray  # what `gradient` said
    measured: np.ndarray  # what `numerical_gradient` says


def check_gradient(f, gradient, x, *, tolerance=1e-7, step=None):
    """Compare a gradient with the slopes of the function it should belong to.

    A wrong sign, a forgotten factor or a missing term shows as a relative error near 1; right
    gradients end up near 1e-10. At a corner, such as relu's at 0, the two may differ rightly. Where
    the slopes are so flat that f's own rounding hides them, that rounding is allowed for.

    Parameters
    ----------
    f : function of an array of the shape of x, returning one number
    gradient : function x -> array of the shape of x, or that array itself
    x : (...) array, where to compare
    tolerance : largest relative error that passes, > 0
    step : h > 0 of `numerical_gradient`

    Returns
    -------
    GradientCheck(passed, relative_error, worst, derived, measured)
    """
    x, h = _point(x, step)
    tolerance = _checks.real_number(tolerance, "tolerance", above=0)
    derived = gradient(x.copy()) if callable(gradient) else gradient
    derived = _checks.real_array(derived, "gradient", finite=False)
    if derived.shape != x.shape:
        raise ValueError(
            f"gradient has shape {derived.shape} but x has shape {x.shape}; it must hold one slope "
            "for each entry of x."
        )
    measured = _measure(f, x, h)
    with np.errstate(over="ignore", invalid="ignore"):
        difference = np.abs(derived - measured)
    worst = np.unravel_index(np.argmax(difference), x.shape)  # the first NaN, if there is one
    error = float(difference[worst])
    size = float(max(np.abs(derived).max(), np.abs(measured).max()))
    with np.errstate(over="ignore"):
        rounding = 8 * np.finfo(float).eps * abs(_number(f, x)) / h[worst]
    passed = bool(np.isfinite(error) and error <= tolerance * size + rounding)
    relative_error = error / size if size != 0 else 0.0
    return GradientCheck(passed, relative_error, tuple(map(int, worst)), derived, measured)


def _point(x, step):
    """Return x and the step for each of its entries."""
    x = _checks.real_array(x, "x")
    if step is None:
        return x, np.cbrt(np.finfo(float).eps) * np.maximum(1.0, np.abs(x))
    return x, np.full(x.shape, _checks.real_number(step, "step", above=0))


def _measure(f, x, h):
    if not callable(f):
        raise TypeError(f"f is {type(f).__name__}; it must be a function of an array.")
    with np.errstate(over="ignore"):
        right, left = x + h, x - h
        taken = right - left  # not quite 2 h, for x + h is rounded
    if not (taken > 0).all() or np.isinf(taken).any():
        i = np.unravel_index(np.argmin((taken > 0) & np.isfinite(taken)), x.shape)
        raise ValueError(
            f"step is {h[i]:g}, which next to x = {x[i]:g} is lost in rounding or leaves the range "
            "of a double; leave it out or give one that fits x."
        )
    g = np.empty(x.shape)
    for i in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[i], below[i] = right[i], left[i]
        with np.errstate(over="ignore"):
            g[i] = np.float64(_number(f, above) - _number(f, below)) / taken[i]
    if not np.isfinite(g).all():
        raise ValueError("f has a slope here that leaves the range of a double; scale f first.")
    return g


def _number(f, x):
    """Return f(x) if it is one finite number, or raise. f gets a copy, so it cannot change x."""
    value = f(x.copy())
    if np.size(value) != 1:
        raise ValueError(f"f returned shape {np.shape(value)}; it must return one number.")
    return float(_checks.real_array(value, "f(x)").reshape(()))
