"""Chapter 0's exercises take every right answer and tell a wrong one what is wrong with it."""

import fractions

import numpy as np
from exercise_tests import answer_tests

from descent.exercises import chapter00

RIGHT = [
    ("0.1", 0.9),
    ("0.1", 0.875),  # the least ink that no eight has
    ("0.1", "0.93"),
    ("0.1", "0,90"),
    ("0.1", fractions.Fraction(7, 8)),
    ("0.1", np.float32(0.91)),
    ("0.2", "d"),
    ("0.2", "(D)"),
    ("0.2", "the optimiser"),
    ("0.3", lambda a, b: abs(a - b)),
    ("0.3", lambda a, b: (a - b) ** 2),
    ("0.3", lambda a, b: a ^ b),  # bits, which floats do not have
    ("0.3", lambda a, b: a | b),
    ("0.3", lambda a, b: a != b),
    ("0.3", lambda a, b: max(a, b)),
    ("0.3", lambda a, b: np.array(np.cos(np.pi * (a + b)))),
    ("0.3", lambda a, b: (a + b) % 2),
]

WRONG = [
    ("0.1", 1.35, "cost the same"),
    ("0.1", 2, "22 eights missed"),
    ("0.1", 0.85, "spares some threes"),
    ("0.1", 0.9375, "one eight is missed"),  # the first eight has just this ink
    ("0.1", 0.95, "one eight is missed"),
    ("0.1", 2.7, "the other way round"),
    ("0.1", 0, "more than need be"),
    ("0.1", "27 threes", "cannot be read"),
    ("0.1", True, "real numbers"),
    ("0.2", "a", "same 65 numbers"),
    ("0.2", "b", "same digits"),
    ("0.2", "c", "same squared miss"),
    ("0.2", 4, '("a" to "d")'),
    ("0.3", lambda a, b: a * b, "product again"),
    ("0.3", lambda a, b: 3.0 * (a and b), "product again"),
    ("0.3", lambda a, b: a + b, "returned 0, 1, 1, 2, which is a weighted sum"),
    ("0.3", lambda a, b: a**2 - b**2, "weighted sum"),  # bends, but not on 0 and 1
    ("0.3", lambda a, b: 1, "weighted sum"),
    ("0.3", lambda a, b: a / b if b else float("nan"), "finite number"),
    ("0.3", lambda a, b: None, "stopped with TypeError"),
    ("0.3", abs(1 - 0), "give the function itself"),
]


test_right_answer, test_wrong_answer, test_every_exercise = answer_tests(chapter00, RIGHT, WRONG)
