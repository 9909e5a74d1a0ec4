"""Chapter 5's exercises take every right answer and tell a wrong one what is wrong with it."""

from fractions import Fraction

import numpy as np
from exercise_tests import answer_tests

from descent import data, linear
from descent.exercises import chapter05

TRIPS = data.commute()
X, Y = linear.design_matrix(TRIPS.features), TRIPS.minutes
A = 0.06 * np.linalg.eigvalsh(X.T @ X / 5)[0]
SECOND = 0.06 / np.sqrt(2)


def two_steps(rates=(0.06, SECOND), share=2, batches=((0, 3), (1, 4))):
    w = np.zeros(3)
    for eta, B in zip(rates, batches, strict=True):
        w = w - eta / share * X[list(B)].T @ (X[list(B)] @ w - Y[list(B)])
    return w


def epoch(n, b, rng):
    order = rng.permutation(n)
    return [order[i : i + b] for i in range(0, n, b)]


def epoch_of_lists(n, b, rng):
    order = list(range(n))
    rng.shuffle(order)
    batches = []
    while order:
        batches.append(order[:b])
        del order[:b]
    return batches


def epoch_by_splitting(n, b, rng):
    return np.array_split(rng.permutation(n), range(b, n, b))


def epoch_by_choosing(n, b, rng):
    left, batches = set(range(n)), []
    while left:
        batches.append(rng.choice(sorted(left), min(b, len(left)), replace=False))
        left -= set(batches[-1].tolist())
    return tuple(batches)


def parts_of_equal_size(n, b, rng):
    """Agrees wherever b divides n."""
    return np.array_split(rng.permutation(n), -(-n // b))


def drops_the_rest(n, b, rng):
    return [part for part in epoch(n, b, rng) if len(part) == b]


def with_replacement(n, b, rng):
    return [rng.integers(n, size=len(part)) for part in epoch(n, b, rng)]


def each_batch_anew(n, b, rng):
    return [rng.choice(n, len(part), replace=False) for part in epoch(n, b, rng)]


def starts_somewhere_and_goes_round(n, b, rng):
    order = np.roll(np.arange(n), rng.integers(n))
    return [order[i : i + b] for i in range(0, n, b)]


def leaves_the_last_sample_last(n, b, rng):
    order = np.append(rng.permutation(n - 1), n - 1)
    return [order[i : i + b] for i in range(0, n, b)]


def counts_from_one(n, b, rng):
    return [part + 1 for part in epoch(n, b, rng)]


RIGHT = [
    ("5.1", [1.809, 8.002, 1.924]),
    ("5.1", two_steps()),
    ("5.1", "1.809; 8.002; 1.924"),
    ("5.2", 0.25),
    ("5.2", "1/4"),
    ("5.2", Fraction(1, 4)),
    ("5.2", np.sqrt((5 - 4) / (5 - 1) / 4)),
    ("5.3", "c"),
    ("5.3", "C."),
    ("5.3", "c/t^0.6"),
    ("5.4", epoch),
    ("5.4", epoch_of_lists),
    ("5.4", epoch_by_splitting),
    ("5.4", epoch_by_choosing),
    ("5.5", 52.8),
    ("5.5", "53"),
    ("5.5", np.log10(2) / A),
    ("5.5", (np.log10(2) - np.euler_gamma * A / np.log(10)) / A),
]

WRONG = [
    ("5.1", two_steps((0.06, 0.06)), "0.06/√2"),
    ("5.1", two_steps((0.06, 0.03)), "divided by 2"),
    ("5.1", two_steps(share=1), "not a sum"),
    ("5.1", two_steps(share=5), "not by n"),
    ("5.1", two_steps((-0.06, -0.06 / np.sqrt(2))), "climbs"),
    ("5.1", two_steps(batches=((1, 4), (2, 0))), "rows 0 and 3"),
    ("5.1", [2.1, 9.045, 2.1], "That is w₁"),
    ("5.1", [1.81, 8.0, 1.92], "Rounded too far"),
    ("5.2", 4, "the share that is left, 1/4"),
    ("5.2", 25, "percent"),
    ("5.2", 0.5, "with replacement"),
    ("5.2", 0.0625, "root"),
    ("5.2", np.sqrt(3) / 4, "1/4 for n = 5"),
    ("5.2", 0.75, "what has gone"),
    ("5.2", 0.3, "Rounded too far"),
    ("5.3", "a", "infinite"),
    ("5.3", "b", "ln T"),
    ("5.3", "d", "finite"),
    ("5.3", 0.6, "none of the options"),
    ("5.4", parts_of_equal_size, "sizes"),
    ("5.4", drops_the_rest, "indices used"),
    ("5.4", with_replacement, "uses each"),
    ("5.4", each_batch_anew, "uses each"),
    ("5.4", starts_somewhere_and_goes_round, "only 5 orders"),
    ("5.4", leaves_the_last_sample_last, "never came"),
    ("5.4", counts_from_one, "uses each"),
    ("5.4", lambda n, b, rng: epoch(n, b, np.random.default_rng()), "generator alone"),
    ("5.4", lambda n, b, rng: epoch(n, b, np.random.default_rng(0)), "only 1 orders"),
    ("5.4", lambda n, b, rng: [rng.integers(n, size=b)], "each of 0"),
    ("5.4", lambda n, b, rng: [np.arange(n)], "sizes"),
    ("5.4", lambda n, b, rng: np.split(np.arange(n), range(b, n, b)), "only 1 orders"),
    ("5.4", epoch(5, 2, np.random.default_rng(0)), "give the function itself"),
    ("5.5", 52.8 * np.log(10), "natural logarithm"),
    ("5.5", 52.6 * np.log(10), "natural logarithm"),
    ("5.5", 2.545, "power of T"),
    ("5.5", 1 / A, "log₂"),
    ("5.5", np.log10(np.log(2) / A), "power of T"),
    ("5.5", np.log10(2 / A), "power of T"),
    ("5.5", 3.17, "constant"),
    ("5.5", 0.377, "flattest"),
]


test_right_answer, test_wrong_answer, test_every_exercise = answer_tests(chapter05, RIGHT, WRONG)
