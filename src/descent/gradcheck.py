"""The gradient check: compare slopes that were derived with slopes that were measured."""

from typing import NamedTuple

import numpy as np

from descent.checks import array, checked, floats, function, number, positive


def step_of(value, name, given):
    """The step of each entry of x: a number > 0, by default eps^(1/3) max(1, |x_i|)."""
    x = given["x"]
    if value is None:
        h = np.cbrt(np.finfo(float).eps) * np.maximum(1.0, np.abs(x))
    else:
        h = np.full(x.shape, positive(value, name, given))
    with np.errstate(over="ignore"):
        taken = (x + h) - (x - h)
    unfit = ~((taken > 0) & np.isfinite(taken))
    if unfit.any():
        raise ValueError(
            f"{name} is {h[unfit][0]:g}, which next to x = {x[unfit][0]:g} is lost in rounding or "
            "leaves the range of a double; leave it out or give one that fits x."
        )
    return h


MEASURED = {"f": function("of an array"), "x": array(), "step": step_of}


@checked(**MEASURED)
def numerical_gradient(f, x, *, step=None):
    """Measure the partial derivative of f with respect to each entry of x by two small steps.

    df/dx_i ~ (f(x + h e_i) - f(x - h e_i)) / (2h)

    The formula errs by about h^2 times the third derivative, and rounding f errs by about eps / h.
    The two balance at h = eps^(1/3) max(1, |x_i|), 6e-6 for x near 1, which leaves 10 to 11 digits.

    Parameters
    ----------
    f : function of an array of the shape of x, returning one number
        It is called 2 x.size times.
    x : (...) array
    step : h > 0
        The same for all entries; by default the h above.

    Returns
    -------
    g : array of the shape of x

    Raises
    ------
    ValueError
        f returns NaN, infinity, or more than one number.
    """
    g = np.empty(x.shape)
    for i in np.ndindex(x.shape):
        h = np.zeros(x.shape)
        h[i] = step[i]
        taken = (x + h)[i] - (x - h)[i]  # not quite 2 h, for x + h is rounded
        g[i] = (one_number(f, x + h) - one_number(f, x - h)) / taken
    return g


def one_number(f, x):
    """Return f(x), or raise where it is not one finite number. f gets a copy of x."""
    value = floats(f(x.copy()), "f(x)")
    return number()(value.item() if value.size == 1 else value, "what f returned")


class GradientCheck(NamedTuple):
    """How well a gradient agrees with the measured one."""

    passed: bool
    relative_error: float  # largest difference / largest entry of either gradient; 0 if both are 0
    worst: tuple  # index of the entry with the largest difference
    derived: np.ndarray  # what `gradient` said
    measured: np.ndarray  # what `numerical_gradient` says


def gradient_at_x(value, name, given):
    """An array of the shape of x, or a function that gives one."""
    x = given["x"]
    found = floats(value(x.copy()) if callable(value) else value, name).copy()
    if found.shape != x.shape:
        raise ValueError(f"{name} has shape {found.shape}; it must be {x.shape}, like x.")
    return found


@checked(**MEASURED, gradient=gradient_at_x, tolerance=positive)
def check_gradient(f, gradient, x, *, tolerance=1e-7, step=None):
    """Compare a gradient with the measured one of the function it should belong to.

    A wrong sign, a forgotten factor or a missing term shows as a relative error near 1; right
    gradients end up near 1e-10. At a corner, such as relu's at 0, the two may differ rightly. Where
    f is so flat that its own rounding hides the gradient, that rounding is allowed for.

    Parameters
    ----------
    f : function of an array of the shape of x, returning one number
    gradient : function x -> array of the shape of x, or that array itself
    x : (...) array
        Where to compare.
    tolerance : number > 0
        The largest relative error that passes.
    step : h > 0
        As in `numerical_gradient`.

    Returns
    -------
    GradientCheck
    """
    measured = numerical_gradient.plain(f, x, step=step)
    difference = np.abs(gradient - measured)
    worst = np.unravel_index(np.argmax(difference), x.shape)  # the first NaN, if there is one
    error = float(difference[worst])
    size = float(max(np.abs(gradient).max(), np.abs(measured).max()))
    rounding = 8 * np.finfo(float).eps * abs(one_number(f, x)) / step[worst]
    passed = bool(np.isfinite(error) and error <= tolerance * size + rounding)
    relative_error = error / size if size else 0.0
    return GradientCheck(passed, relative_error, tuple(map(int, worst)), gradient, measured)
