"""Chapter 3's exercises take every right answer and tell a wrong one what is wrong with it."""

import numpy as np
from exercise_tests import answer_tests

from descent import linear, margin, optimize
from descent.exercises import chapter03


def by_tanh(X, y, w):
    return (np.tanh(y * (X @ w) / 2) - 1) / 2 * y @ X / len(y)


def by_two_branches(X, y, w):
    m = y * (X @ w)
    small = np.exp(-np.abs(m))
    return -np.where(m > 0, small, 1) / (1 + small) * y @ X / len(y)


def by_loop(X, y, w):
    g = np.zeros(len(w))
    for row, label in zip(X, y, strict=True):
        g -= np.exp(-np.logaddexp(0, label * (row @ w))) * label * row
    return (g / len(y)).tolist()


def naive(X, y, w):
    return -1 / (1 + np.exp(y * (X @ w))) * y @ X / len(y)


def cut_off(X, y, w):
    """Right at small margins; at large ones on the wrong side it forgets that the pull is 1."""
    m = y * (X @ w)
    safe = np.clip(m, -30, 30)
    return np.where(np.abs(m) < 30, -1 / (1 + np.exp(safe)), 0) * y @ X / len(y)


def fit_by_sets(X, y, fits=50):
    w, before = np.zeros(X.shape[1]), None
    for _ in range(fits):
        lacks = y * (X @ w) < 1
        if before is not None and np.array_equal(lacks, before):
            break
        w, before = np.linalg.lstsq(X[lacks], y[lacks])[0], lacks
    return w


def by_weights(X, y):
    """Ones and zeros in place of rows left out, and the normal equation."""
    lacks = np.ones(len(y))
    for _ in range(30):
        w = np.linalg.solve((X.T * lacks) @ X, X.T @ (lacks * y))
        lacks = (y * (X @ w) < 1) * 1.0
    return list(w)


def never_back(X, y):
    lacks = np.full(len(y), True)
    for _ in range(50):
        w = np.linalg.lstsq(X[lacks], y[lacks])[0]
        lacks &= y * (X @ w) < 1
    return w


def short_walk(X, y):
    M = margin.Margin(X, y)
    eta = 1 / linear.spectrum(X).eigenvalues[-1]
    return optimize.gradient_descent(M.gradient, np.zeros(X.shape[1]), eta, 300).w[-1]


def on_the_wrong_side(X, y):
    """Keeps the flowers with margin below 0 in place of 1."""
    w = np.linalg.lstsq(X, y)[0]
    for _ in range(5):
        lacks = y * (X @ w) < 0
        w = np.linalg.lstsq(X[lacks], y[lacks])[0]
    return w


RIGHT = [
    ("3.1", 1.125),
    ("3.1", "9/8"),
    ("3.1", np.float32(1.125)),
    ("3.1", "1,125"),
    ("3.2", "c"),
    ("3.2", "C"),
    ("3.2", "The 0-1 cost stays; each of the other three may rise or fall."),
    ("3.3", [0.8, 1.12, 0.16]),
    ("3.3", "0.8, 1.12, 0.16"),
    ("3.3", 0.8 * np.array([1, 1.4, 0.2])),
    ("3.3", np.array([["4/5"], ["1.12"], ["0.16"]])),
    ("3.4", 12),
    ("3.4", "12"),
    ("3.4", 12.0),
    ("3.5", by_tanh),
    ("3.5", by_two_branches),
    ("3.5", by_loop),
    ("3.5", lambda X, y, w: margin.gradient(X, y, w, margin.logistic)),
    ("3.6", fit_by_sets),
    ("3.6", by_weights),
    ("3.6", lambda X, y: fit_by_sets(X, y, 1000)),
]

WRONG = [
    ("3.1", 2.25, "half of it"),
    ("3.1", 1.5, "plain hinge"),
    ("3.1", 0.125, "more than 1"),
    ("3.1", -0.5, "What does it lack"),
    ("3.1", 1.13, "three decimals"),
    ("3.2", "a", "count never is"),
    ("3.2", "b", "margins' size"),
    ("3.2", "d", "become worse"),
    ("3.2", 3, '("a" to "d")'),
    ("3.3", [-0.8, -1.12, -0.16], "pull"),
    ("3.3", [-1.2, -1.68, -0.24], "label −1"),
    ("3.3", [0, 0, 0], "still pulls"),
    ("3.3", [1, 1.4, 0.2], "plain hinge"),
    ("3.3", [1.6, 2.24, 0.32], "twice its slope"),
    ("3.3", 0.8, "holds one number"),
    ("3.4", 6, "Here it is 1/2"),
    ("3.4", 13, "at least 0.065"),
    ("3.4", 12.84, "round down"),
    ("3.4", 12.8, "round down"),
    ("3.4", 0.12, "a share"),
    ("3.4", 64, "sum to 6.42"),
    ("3.5", naive, "overflows"),
    ("3.5", cut_off, "margins of about 1000"),
    ("3.5", lambda X, y, w: -by_tanh(X, y, w), "sign"),
    ("3.5", lambda X, y, w: len(y) * by_tanh(X, y, w), "sum over the flowers"),
    ("3.5", lambda X, y, w: (np.tanh(y * (X @ w) / 2) - 1) / 2 @ X / len(y), "label y is missing"),
    ("3.5", lambda X, y, w: by_tanh(X, y, -w), "sign inside the power"),
    ("3.5", lambda X, y, w: by_tanh(X, y, w) / np.log(2), "base 2"),
    ("3.5", margin.gradient, "squared hinge"),
    ("3.5", lambda X, y, w: by_tanh(X, y, w).sum(), "shape (3,)"),
    ("3.6", lambda X, y: np.linalg.lstsq(X, y)[0], "first fit"),
    ("3.6", never_back, "must come back"),
    ("3.6", lambda X, y: fit_by_sets(X, y, 3), "still has length"),
    ("3.6", short_walk, "still has length"),
    ("3.6", on_the_wrong_side, "still has length"),
    ("3.6", lambda X, y: (fit_by_sets(X, y), 6), "one weight for each column"),
]


test_right_answer, test_wrong_answer, test_every_exercise = answer_tests(chapter03, RIGHT, WRONG)
