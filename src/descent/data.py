"""The data of the book. Each function returns a named record that knows its units and its source."""

from importlib.resources import files
from typing import NamedTuple

import numpy as np

from descent import _checks


class Commutes(NamedTuple):
    """Five commutes, one row each."""

    features: np.ndarray  # (5, 2): distance in km; weekday, 1 or 0
    minutes: np.ndarray  # (5,) time on the way
    feature_names: tuple = ("distance (km)", "weekday (1) or weekend (0)")
    target_name: str = "time (min)"
    source: str = "Liu Junhong, 神经计算的数学原理, section 1.7"

    @property
    def distance(self):
        """Distance in km, (5,)."""
        return self.features[:, 0]

    @property
    def weekday(self):
        """1 on a weekday, 0 on the weekend, (5,)."""
        return self.features[:, 1]


def commute():
    """Return the five commutes that the first chapters fit.

    Returns
    -------
    Commutes(features, minutes, ...) with fresh arrays at every call
    """
    table = _read("commute.csv")
    return Commutes(features=table[:, :2].copy(), minutes=table[:, 2].copy())


class RushHour(NamedTuple):
    """Simulated commutes over one fixed distance at different hours of departure."""

    hour: np.ndarray  # (n,) departure, hours after midnight, ascending
    minutes: np.ndarray  # (n,) time on the way, with noise
    truth: np.ndarray  # (n,) the same without noise
    noise: float  # standard deviation of the noise, minutes
    source: str = "simulated by descent.data.rush_hour"


def rush_hour_truth(hour):
    """Return the noiseless time on the way: 22 minutes, and up to 16 more around eight o'clock.

    Parameters
    ----------
    hour : (...) departure, hours after midnight

    Returns
    -------
    minutes : (...) array
    """
    hour = _checks.real_array(hour, "hour")
    return 22 + 16 * np.exp(-(((hour - 8) / 0.7) ** 2))


def rush_hour(n_samples=30, *, noise=2.0, rng):
    """Return simulated commutes between six and ten in the morning.

    Parameters
    ----------
    n_samples : int >= 1
    noise : standard deviation in minutes, >= 0
    rng : numpy.random.Generator, the same generator state gives the same data

    Returns
    -------
    RushHour(hour, minutes, truth, noise, source)
    """
    n_samples = _checks.whole_number(n_samples, "n_samples", at_least=1)
    noise = _checks.real_number(noise, "noise", at_least=0)
    rng = _checks.generator(rng)
    hour = np.sort(rng.uniform(6, 10, n_samples))
    truth = rush_hour_truth(hour)
    return RushHour(hour, truth + noise * rng.standard_normal(n_samples), truth, noise)


def _read(name):
    with (files("descent") / "datasets" / name).open(encoding="utf-8") as lines:
        return np.loadtxt(lines, delimiter=",", skiprows=1)
