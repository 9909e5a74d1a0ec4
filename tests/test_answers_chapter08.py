"""Chapter 8's exercises take every right answer and tell a wrong one what is wrong with it."""

import fractions
import math

import numpy as np
from exercise_tests import answer_tests

from descent.exercises import chapter08


def softplus(z):
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def by_loop(z, y):
    total = 0.0
    for z_i, y_i in zip(z, y, strict=True):
        m = z_i if y_i == 1 else -z_i
        total += math.log1p(math.exp(-m)) if m > 0 else -m + math.log1p(math.exp(m))
    return total / len(z)


def by_cases(z, y):
    with np.errstate(all="ignore"):
        a = 1 / (1 + np.exp(-z))
        return -np.mean(np.where(y == 1, np.log(a), np.log(1 - a)))


def count_by_loop(z, y):
    n = len(z)
    loss = sum(math.exp(z_i) - y_i * z_i for z_i, y_i in zip(z, y, strict=True)) / n
    return loss, [(math.exp(z_i) - y_i) / n for z_i, y_i in zip(z, y, strict=True)]


def count_by_mean(z, y):
    mu = np.exp(z)
    return (mu - y * np.log(mu)).mean(), np.divide(mu - y, z.size)


def count_measured(z, y):
    """Measured slopes: right to eight digits only if the nudge is a good one."""
    h, slopes = 1e-5, np.zeros_like(z)
    for i in range(len(z)):
        e = h * (np.arange(len(z)) == i)
        slopes[i] = (count_by_mean(z + e, y)[0] - count_by_mean(z - e, y)[0]) / (2 * h)
    return count_by_mean(z, y)[0], slopes


RIGHT = [
    ("8.1", 0.162),
    ("8.1", "0,162"),
    ("8.1", fractions.Fraction(81, 500)),
    ("8.1", np.float32(0.9 * 0.9 * 0.1 * 2)),
    ("8.2", "b"),
    ("8.2", "(B)"),
    ("8.2", "All answers go to nearly 1, the gradient to nearly 0, and the cost stays above "
            "417.3 min²."),
    ("8.3", 555),
    ("8.3", "555"),
    ("8.3", np.int64(555)),
    ("8.4", lambda z, y: np.mean(np.logaddexp(0, -(2 * y - 1) * z))),
    ("8.4", lambda z, y: np.mean(y * softplus(-z) + (1 - y) * softplus(z))),
    ("8.4", by_loop),
    ("8.4", lambda z, y: np.array(softplus(np.where(y == 1, -z, z)).mean())),
    ("8.5", "d"),
    ("8.5", "D."),
    ("8.5", "The cost goes to 0 without reaching it, and the weights grow without end."),
    ("8.6", count_by_loop),
    ("8.6", count_by_mean),
    ("8.6", lambda z, y: [np.mean(np.exp(z) - y * z), np.exp(z) / 7 - y / 7]),
]  # fmt: skip

WRONG = [
    ("8.1", 0.16, "rounded too early"),
    ("8.1", 1.8, "cross-entropy"),
    ("8.1", -0.162, "positive"),
    ("8.1", 0.081, "x is 2"),
    ("8.1", 0.324, "cancels"),
    ("8.1", 0.09, "middle of three links"),
    ("8.1", "a lot", "cannot be read"),
    ("8.2", "a", "bounded"),
    ("8.2", "c", "near 25"),
    ("8.2", "d", "raises the bias"),
    ("8.2", 2, '("a" to "d")'),
    ("8.3", 20, "cross-entropy"),
    ("8.3", 232, "z = 4"),
    ("8.3", 554, "One step more"),
    ("8.3", 556, "One too many"),
    ("8.3", 1108, "both move"),
    ("8.3", [555, 20], "2 numbers"),
    # agrees for every logit up to 30 and answers 0 for a sure answer that is right
    ("8.4", lambda z, y: np.mean(np.logaddexp(0, z) - y * z), "no difference of two large"),
    ("8.4", lambda z, y: np.mean(softplus(z) - y * z), "no difference of two large"),
    ("8.4", by_cases, "overflowed"),
    ("8.4", lambda z, y: by_cases(np.clip(z, -30, 30), y), "instead of"),
    ("8.4", lambda z, y: np.sum(np.logaddexp(0, -(2 * y - 1) * z)), "sum over the samples"),
    ("8.4", lambda z, y: np.mean(np.logaddexp(0, (2 * y - 1) * z)), "other class"),
    ("8.4", lambda z, y: np.logaddexp(0, -(2 * y - 1) * z), "the mean"),
    ("8.4", lambda z, y: np.mean((1 / (1 + np.exp(-z)) - y) ** 2) / 2, "instead of"),
    ("8.4", lambda z, y: None, "one number"),
    ("8.5", "a", "has neither"),
    ("8.5", "b", "wrong side"),
    ("8.5", "c", "every answer better"),
    ("8.5", "e", "none of the options"),
    ("8.6", lambda z, y: (np.mean(np.exp(z) - y * z), np.exp(z) - y), "lack the 1/n"),
    ("8.6", lambda z, y: (np.sum(np.exp(z) - y * z), (np.exp(z) - y) / len(y)), "take the mean"),
    ("8.6", lambda z, y: (np.mean(y * z - np.exp(z)), (y - np.exp(z)) / len(y)), "sign"),
    ("8.6", lambda z, y: (np.mean(z - y * np.log(np.abs(z))), (1 - y / z) / len(y)), "exp(z)"),
    # the squared error of the same unit: a loss with the same minimum for a single sample
    ("8.6", lambda z, y: (np.mean((np.exp(z) - y) ** 2) / 2, (np.exp(z) - y) / len(y)), "-ln p"),
    ("8.6", lambda z, y: np.mean(np.exp(z) - y * z), "a pair"),
    ("8.6", lambda z, y: count_measured(z, np.round(y) + 1e-7), "-ln p"),
]


test_right_answer, test_wrong_answer, test_every_exercise = answer_tests(chapter08, RIGHT, WRONG)
