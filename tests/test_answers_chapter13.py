"""Chapter 13's exercises: right answers in several forms pass, wrong ones are told why."""

import fractions
import math

import numpy as np
import pytest
from exercise_tests import answer_tests

from descent import activations
from descent.exercises import chapter13 as exercises


def spread(n_in, alpha, p):
    return np.sqrt(2 * (1 - p) / ((1 + alpha**2) * n_in))


def by_math(n_in, alpha, p):
    return math.sqrt(2 / n_in * (1 - p) / (1 + alpha * alpha))


def as_an_array(n_in, alpha, p):
    """What a signal of mean square 1 is multiplied by, undone."""
    return np.array((n_in * (1 + alpha**2) / 2 / (1 - p)) ** -0.5)


def for_small_alpha(n_in, alpha, p):
    """Agrees with the right one to first order in alpha, and where alpha is 0."""
    return math.sqrt(2 * (1 - p) / n_in) * (1 - alpha**2 / 2)


RIGHT = {
    "13.1": ["1/64", 0.015625, 0.016, "0,0156", fractions.Fraction(1, 64)],
    "13.2": [(0.0505, 0.0476), np.sqrt([2 / 784, 2 / 884]), "0.0505; 0.0476", [0.05051, 0.04757]],
    "13.3": ["d", "D)", "tanh in place of the sigmoid"],
    "13.4": [spread, by_math, as_an_array],
    "13.5": [0.45, 0.448, "0.4477", "4.48e-1"],
}
WRONG = [
    ("13.1", 0.25**6, "slopes alone"),
    ("13.1", 64, "weights alone"),
    ("13.1", 1 / 32, "five factors"),
    ("13.1", 1 / 128, "seven factors"),
    ("13.1", 0.5, "one factor"),
    ("13.1", 1.5625, "per cent"),
    ("13.1", 0.02, "three decimals"),
    ("13.2", (2 / 784, 2 / 884), "variances"),
    ("13.2", (0.0476, 0.0505), "other order"),
    ("13.2", (0.1414, 0.0476), "counts the inputs"),
    ("13.2", (0.0357, 0.0476), "loses half"),
    ("13.2", (0.0505, 0.0336), "2 over the sum"),
    ("13.2", (0.051, 0.048), "four decimals"),
    ("13.2", (0.05, 0.05), "four decimals"),
    ("13.2", 0.0505, "one number"),
    ("13.3", "a", "multiplies every layer's step"),
    ("13.3", "b", "already come out small"),
    ("13.3", "c", "averaged"),
    ("13.3", ["d"], "none of the options"),
    ("13.4", lambda n, a, p: spread(n, a, p) ** 2, "variance"),
    ("13.4", lambda n, a, p: spread(n, 0, 0), "neither"),
    ("13.4", lambda n, a, p: spread(n, a, 0), "dropout raises"),
    ("13.4", lambda n, a, p: spread(n, 0, p), "negative z"),
    ("13.4", lambda n, a, p: spread(n, a**0.5, p), "not alpha"),
    ("13.4", lambda n, a, p: spread(n, a, 0) / (1 - p) ** 0.5, "smaller, not larger"),
    ("13.4", lambda n, a, p: spread(n, a, p) * (1 - p) ** 0.5, "not by its square"),
    ("13.4", lambda n, a, p: 2 * spread(n, a, p), "multiply the mean square by 4"),
    ("13.4", for_small_alpha, "in each layer"),
    ("13.4", spread(300, 0.1, 0.3), "give the function itself"),
    ("13.5", 0.2239, "half of it"),
    ("13.5", 6.894, "best weight"),
    ("13.5", 3.087, "length in z"),
    ("13.5", 0.44, "round up"),
    ("13.5", 0.5, "two decimals"),
    ("13.5", 0.7, "Hint 1"),
]


test_right_answer, test_wrong_answer, test_every_exercise = answer_tests(exercises, RIGHT, WRONG)


def test_tanh_raises_the_ratio_at_the_usual_start_and_not_at_every_one():
    """Nine factors w f'(z): from w = 1/2 tanh keeps more, from w = 4 less."""

    def kept(w, f, slope):
        product, a = 1.0, 1.0
        for _ in range(9):
            z = w * a
            product, a = product * w * slope(z), f(z)
        return product

    by_sigmoid, by_tanh = (
        [kept(w, f, slope) for w in (0.5, 4.0)]
        for f, slope in (
            (activations.sigmoid, activations.sigmoid_derivative),
            (activations.tanh, activations.tanh_derivative),
        )
    )
    assert by_tanh[0] > 10 * by_sigmoid[0] and by_tanh[1] < by_sigmoid[1] / 1e6


def test_the_spread_of_the_answer_keeps_the_signal():
    rng = np.random.default_rng(8)
    for alpha, p in ((0.1, 0.3), (0.0, 0.5), (1.0, 0.0)):
        a, growth = rng.standard_normal((100, 400)), []
        for _ in range(10):
            kept = a * (rng.random(a.shape) >= p) / (1 - p)
            z = kept @ (spread(400, alpha, p) * rng.standard_normal((400, 400)))
            growth.append(np.mean(np.where(z > 0, z, alpha * z) ** 2) / np.mean(a**2))
            a = np.where(z > 0, z, alpha * z)
        assert np.exp(np.mean(np.log(growth))) == pytest.approx(1, abs=0.08)
