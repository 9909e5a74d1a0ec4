"""The data of the book. Each function returns a record that knows its units and its source."""

import gzip
from importlib.resources import files
from typing import NamedTuple

import numpy as np

from descent.checks import array, checked, choice, count, generator, number, targets
from descent.datasets.mnist import Digits, Mnist, mnist  # noqa: F401

not_negative, share = number(at_least=0), number(at_least=0, below=1)
DRAWN = {"n_samples": count(), "noise": not_negative, "rng": generator}


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
    table = read("commute.csv")
    return Commutes(features=table[:, :2].copy(), minutes=table[:, 2].copy())


class RushHour(NamedTuple):
    """Simulated commutes over one fixed distance at different hours of departure."""

    hour: np.ndarray  # (n,) departure, hours after midnight, ascending
    minutes: np.ndarray  # (n,) time on the way, with noise
    truth: np.ndarray  # (n,) the same without noise
    noise: float  # standard deviation of the noise, minutes
    source: str = "simulated by descent.data.rush_hour"


@checked(hour=array())
def rush_hour_truth(hour):
    """Return the noiseless time on the way: 22 minutes, and up to 16 more around eight o'clock.

    Parameters
    ----------
    hour : (...) departure, hours after midnight

    Returns
    -------
    minutes : (...) array
    """
    return 22 + 16 * np.exp(-(((hour - 8) / 0.7) ** 2))


@checked(**DRAWN)
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
    hour = np.sort(rng.uniform(6, 10, n_samples))
    truth = rush_hour_truth(hour)
    return RushHour(hour, truth + noise * rng.standard_normal(n_samples), truth, noise)


SPECIES = {name: name for name in ("setosa", "versicolor", "virginica")}
IRIS_SIZES = "sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"


class IrisPair(NamedTuple):
    """The flowers of two iris species, one row each."""

    features: np.ndarray  # (100, 4) lengths and widths in cm
    labels: np.ndarray  # (100,) -1 for the first species, +1 for the second
    species: tuple  # the names of the two, in that order
    feature_names: tuple = IRIS_SIZES
    source: str = "R. A. Fisher (1936); UCI Machine Learning Repository, CC BY 4.0"


def other_species(value, name, given):
    """A species that is not the first."""
    value = choice(SPECIES)(value, name)
    if value == given["negative"]:
        raise ValueError(f"{name} is {value!r} as well; the two species must be different.")
    return value


@checked(negative=choice(SPECIES), positive=other_species)
def iris_pair(negative="setosa", positive="versicolor"):
    """Return two of the three species of Fisher's irises, 50 flowers each.

    A plane separates setosa from versicolor; none separates versicolor from virginica.

    Parameters
    ----------
    negative : "setosa", "versicolor" or "virginica", the species with label -1
    positive : another of these, the species with label +1

    Returns
    -------
    IrisPair(features, labels, species, ...) with fresh arrays at every call
    """
    flowers, names = read("iris.csv", columns=range(4)), read("iris.csv", columns=4, dtype=str)
    rows = [flowers[names == name] for name in (negative, positive)]
    labels = np.repeat([-1.0, 1.0], [len(part) for part in rows])
    return IrisPair(np.concatenate(rows), labels, (negative, positive))


# What the gates answer to 00, 01, 10 and 11.
GATES = {"AND": "0001", "OR": "0111", "NAND": "1110", "NOR": "1000", "XOR": "0110"}


class LogicGate(NamedTuple):
    """The table of a logic gate with two inputs."""

    features: np.ndarray  # (4, 2): the inputs in the order 00, 01, 10, 11
    labels: np.ndarray  # (4,) +1 where the gate is on, -1 where it is off
    name: str


@checked(name=choice({name: name for name in GATES}), low=number(among=(-1, 0)))
def logic_gate(name, *, low=0):
    """Return the four cases of a logic gate as data for a classifier.

    Parameters
    ----------
    name : "AND", "OR", "NAND", "NOR" or "XOR"
    low : 0 or -1, the number that stands for an input that is off; on is 1

    Returns
    -------
    LogicGate(features, labels, name) with fresh arrays at every call
    """
    inputs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    labels = np.where([answer == "1" for answer in GATES[name]], 1.0, -1.0)
    return LogicGate(np.where(inputs == 1, 1.0, low), labels, name)


CLOUD = {"n_samples": count(2), "n_features": count(), "rng": generator}


class Clouds(NamedTuple):
    """Simulated points of two classes."""

    features: np.ndarray  # (n, d), no unit
    labels: np.ndarray  # (n,) each -1 or +1
    separator: np.ndarray  # (d + 1,) weights of the true boundary, bias first, normal of length 1
    source: str = "simulated by descent.data"


@checked(**CLOUD, distance=not_negative)
def two_clouds(n_samples=100, *, distance=2.0, n_features=2, rng):
    """Return two round clouds of points that overlap: normal, standard deviation 1.

    Parameters
    ----------
    n_samples : int >= 2; the labels -1 and +1 take turns
    distance : between the two centres, >= 0
    n_features : int >= 1
    rng : numpy.random.Generator, the same generator state gives the same data

    Returns
    -------
    Clouds(features, labels, separator, source)
        The best possible boundary, halfway between the centres, still gets a share of the points
        wrong.
    """
    labels, normal = sides(n_samples, n_features, rng)
    points = rng.standard_normal((n_samples, n_features))
    features = points + distance / 2 * labels[:, None] * normal
    return Clouds(features, labels, np.concatenate([[0.0], normal]))


@checked(**CLOUD, margin=number(above=0, below=1))
def separable_clouds(n_samples=100, *, margin=0.1, n_features=2, rng):
    """Return two classes of points that a plane through 0 separates, with room to spare.

    Parameters
    ----------
    n_samples : int >= 2; the labels -1 and +1 take turns
    margin : distance from the plane that every point keeps, 0 < margin < 1
    n_features : int >= 1
    rng : numpy.random.Generator, the same generator state gives the same data

    Returns
    -------
    Clouds(features, labels, separator, source)
        The bound on the perceptron's mistakes follows from this separator.
    """
    labels, normal = sides(n_samples, n_features, rng)
    points = rng.uniform(-1, 1, (n_samples, n_features))
    along = points @ normal
    wanted = labels * (margin + (1 - margin) * np.abs(along))
    features = points + (wanted - along)[:, None] * normal
    return Clouds(features, labels, np.concatenate([[0.0], normal]))


class Spirals(NamedTuple):
    """Simulated points on two spirals that wind around each other."""

    features: np.ndarray  # (n, 2), no unit
    labels: np.ndarray  # (n,) 0 on one spiral, 1 on the other
    source: str = "simulated by descent.data"


@checked(n_samples=count(2), turns=not_negative, noise=not_negative, rng=generator)
def two_spirals(n_samples=200, *, turns=1.25, noise=0.03, rng):
    """Return two spirals from the middle outwards: classes that no line and no circle separates.

    Parameters
    ----------
    n_samples : int >= 2; the first half lies on spiral 0, the rest, turned by 180 degrees, on 1
    turns : of each spiral on its way from radius 1/4 to radius 1, >= 0
    noise : standard deviation of both coordinates, >= 0
    rng : numpy.random.Generator, the same generator state gives the same data

    Returns
    -------
    Spirals(features, labels, source)
    """
    labels = np.repeat([0.0, 1.0], [n_samples // 2, n_samples - n_samples // 2])
    along = np.concatenate([np.linspace(0.25, 1, int(np.sum(labels == side))) for side in (0, 1)])
    angle = 2 * np.pi * turns * along + np.pi * labels
    curve = along[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return Spirals(curve + noise * rng.standard_normal((n_samples, 2)), labels)


class LinearSample(NamedTuple):
    """Simulated data for linear regression."""

    features: np.ndarray  # (n, d), no unit: standard normal
    targets: np.ndarray  # (n,), no unit
    truth: np.ndarray  # (d + 1,) the weights behind the targets, intercept first
    noise: float  # standard deviation of the noise
    source: str = "simulated by descent.data.linear_sample"


@checked(**DRAWN, n_features=count())
def linear_sample(n_samples, n_features, *, noise=1.0, rng):
    """Return samples of a noisy linear law, as many as asked for: data to measure steps with.

    Parameters
    ----------
    n_samples : int >= 1
    n_features : int >= 1
    noise : standard deviation, >= 0
    rng : numpy.random.Generator, the same generator state gives the same data

    Returns
    -------
    LinearSample(features, targets, truth, noise, source)
    """
    truth = rng.standard_normal(n_features + 1)
    features = rng.standard_normal((n_samples, n_features))
    targets = truth[0] + features @ truth[1:] + noise * rng.standard_normal(n_samples)
    return LinearSample(features, targets, truth, noise)


def digits():
    """Return 1797 handwritten digits of 8 by 8 pixels, by 13 writers.

    Each pixel counts the inked dots in a square of 4 by 4 of a scan; here it is their share.

    Returns
    -------
    Digits(images, labels, source) with fresh arrays at every call: images (1797, 64) in [0, 1]
    """
    with (files("descent") / "datasets" / "digits.csv.gz").open("rb") as packed:
        lines = gzip.decompress(packed.read()).decode().splitlines()
    table = np.loadtxt(lines, delimiter=",", skiprows=1)
    source = "E. Alpaydin, C. Kaynak (1998); UCI Machine Learning Repository, CC BY 4.0"
    return Digits(table[:, 1:] / 16, table[:, 0].astype(int), source)


class Split(NamedTuple):
    """Which samples are for training, for validation and for the test: indices, ascending."""

    training: np.ndarray
    validation: np.ndarray
    test: np.ndarray


@checked(labels=targets, validation=share, test=share, rng=generator)
def split(labels, *, validation=0.2, test=0.2, rng):
    """Divide samples at random in three parts, each with the same share of every class.

    Parameters
    ----------
    labels : (n,) class numbers
    validation, test : shares of the samples, >= 0, together less than 1; the rest is for training
    rng : numpy.random.Generator, the same generator state gives the same parts

    Returns
    -------
    Split(training, validation, test), three arrays of row numbers that hold each row once
    """
    parts = [], [], []
    for label in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == label))
        n_test, n_validation = round(test * len(rows)), round(validation * len(rows))
        if n_test + n_validation >= len(rows):
            words = "which leaves none for training; give more samples or smaller shares"
            raise ValueError(f"labels holds class {label:g} {len(rows)} times, {words}.")
        kept = np.split(rows, [n_test, n_test + n_validation])[::-1]
        for part, more in zip(parts, kept, strict=True):
            part.append(more)
    return Split(*(np.sort(np.concatenate(part)) for part in parts))


def sides(n_samples, n_features, rng):
    """Return labels that take turns and a random direction of length 1."""
    direction = rng.standard_normal(n_features)
    labels = np.where(np.arange(n_samples) % 2 == 0, -1.0, 1.0)
    return labels, direction / np.linalg.norm(direction)


def read(name, columns=None, dtype=float):
    with (files("descent") / "datasets" / name).open(encoding="utf-8") as lines:
        return np.loadtxt(lines, delimiter=",", skiprows=1, usecols=columns, dtype=dtype)
