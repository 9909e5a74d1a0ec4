"""Learning-rate schedules: functions t -> eta for the steps t = 1, 2, ... of a run."""

import numpy as np

from descent import checks
from descent.checks import checked

step_number = checks.array(at_least=1)


@checks.factory
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


@checks.factory
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

    @checked(t=step_number)
    def schedule(t):
        return C / np.sqrt(t)

    return schedule


@checks.factory
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

    @checked(t=step_number)
    def schedule(t):
        return C / t

    return schedule


def schedule(value, name, given):
    """The check of eta: a rate, several, or a function t -> rate.

    It comes out as a number or (..., 1), or as a function that gives and checks one.
    """

    def checked_rate(value):
        if callable(value):
            raise TypeError(
                f"{name} is a function that returned a function; it must return a rate: call what "
                "makes the schedule first, as in inverse_sqrt(0.1)."
            )
        found = checks.rate(value, name)
        return found[..., None] if found.ndim else float(found)

    if not callable(value):
        return checked_rate(value)
    checks.function("t -> rate")(value, name)
    value = getattr(value, "plain", value)
    shape = np.shape(checked_rate(value(1)))

    def asked(t):
        found = checked_rate(value(t))
        if np.shape(found) != shape:
            raise ValueError(
                f"{name} has another shape at step {t} than at step 1; it must keep it."
            )
        return found

    asked.family = shape[:-1]
    return asked
