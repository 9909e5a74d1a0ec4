"""Chapter 1's exercises take every right answer and tell a wrong one what is wrong with it."""

import decimal
import fractions

import numpy as np
from exercise_tests import answer_tests

from descent import linear
from descent.exercises import chapter01


def by_rows(X, y, s):
    return np.linalg.lstsq(np.sqrt(s)[:, None] * X, np.sqrt(s) * y)[0]


def by_equation(X, y, s):
    return np.linalg.solve(X.T @ np.diag(s) @ X, X.T @ np.diag(s) @ y)


def by_loops(X, y, s):
    A, b = np.zeros((3, 3)), np.zeros(3)
    for row, target, trust in zip(X, y, s, strict=True):
        A += trust * np.outer(row, row)
        b += trust * target * row
    return np.linalg.solve(A, b).tolist()


def repeated(X, y, times):
    return np.linalg.lstsq(np.repeat(X, times, axis=0), np.repeat(y, times))[0]


def solve_qr(X, y):
    Q, R = np.linalg.qr(X)
    return np.linalg.solve(R, Q.T @ y)


def backwards(X, y):
    """Back substitution, as one would write it with a pencil."""
    Q, R = np.linalg.qr(X)
    b, w = Q.T @ y, np.zeros(X.shape[1])
    for j in reversed(range(len(w))):
        w[j] = (b[j] - R[j] @ w) / R[j, j]
    return w


def by_r_squared(X, y):
    _, R = np.linalg.qr(X)
    return np.linalg.solve(R.T @ R, X.T @ y)


RIGHT = [
    ("1.1", 31.1),
    ("1.1", "31.07 min"),
    ("1.1", "31,1"),
    ("1.1", decimal.Decimal("31.1")),
    ("1.1", 6.0861 + 6.5336 * 3.5 + 2.1127),
    ("1.2", 52.8),
    ("1.2", "528/10"),
    ("1.2", np.var([25, 33, 15, 45, 22]) / 2),
    ("1.2", fractions.Fraction(264, 5)),
    ("1.3", "b"),
    ("1.3", "B)"),
    ("1.3", "Only the distance weight becomes a thousand times smaller; the predictions stay."),
    ("1.4", by_rows),
    ("1.4", by_equation),
    ("1.4", by_loops),
    ("1.4", lambda X, y, s: by_equation(X, y, s / s.sum())),  # only the ratios count
    ("1.5", 36.1),
    ("1.5", "36.12 min²"),
    ("1.5", [36.1]),
    ("1.6", solve_qr),
    ("1.6", backwards),
    ("1.6", lambda X, y: np.linalg.lstsq(X, y)[0]),
    ("1.6", linear.normal_equation),
]

WRONG = [
    ("1.1", 31.0, "rounded too early"),
    ("1.1", 30.95, "rounded too early"),
    ("1.1", 28.95, "weekend trip"),
    ("1.1", 24.98, "intercept is missing"),
    ("1.1", 0.518, "in hours"),
    ("1.1", "about 31", "cannot be read"),
    ("1.2", 105.6, "half of it"),
    ("1.2", 528, "divides it by 2n"),
    ("1.2", 66, "2 (n − 1)"),
    ("1.2", 53, "one decimal"),
    ("1.2", 0, "Square each"),
    ("1.3", "a", "minutes"),
    ("1.3", "c", "min²"),
    ("1.3", "d", "same length"),
    ("1.3", 2, '("a" to "d")'),
    ("1.4", lambda X, y, s: repeated(X, y, s.astype(int)), "cut to whole numbers"),
    ("1.4", lambda X, y, s: repeated(X, y, np.rint(s).astype(int)), "rounded to whole"),
    ("1.4", lambda X, y, s: np.linalg.lstsq(X, y)[0], "without trust"),
    ("1.4", lambda X, y, s: np.linalg.lstsq(s[:, None] * X, s * y)[0], "√s"),
    ("1.4", lambda X, y, s: by_rows(X, y, np.sqrt(s)), "counts √s times"),
    ("1.4", lambda X, y, s: by_rows(X, y, 1 / s), "divide by s"),
    ("1.4", lambda X, y, s: np.linalg.lstsq(np.sqrt(s)[:, None] * X, y)[0], "y does not"),
    ("1.4", lambda X, y, s: np.linalg.lstsq(X, np.sqrt(s) * y)[0], "X does not"),
    ("1.4", lambda X, y, s: np.linalg.solve(X.T @ X, X.T @ (s * y)), "Xᵀ S X"),
    ("1.4", lambda X, y, s: by_rows(X, y, s) + 0.01, "zero product with each column"),
    ("1.4", lambda X, y, s: X @ by_rows(X, y, s), "shape (3,)"),
    ("1.5", 4.79, "ordinary residuals"),
    ("1.5", 6.0, "typical residual in minutes"),
    ("1.5", 36, "one decimal"),
    ("1.5", 180.6, "sum"),
    ("1.5", 22.98, "distance alone"),
    ("1.5", 18.06, "not half"),
    ("1.6", lambda X, y: np.linalg.solve(X.T @ X, X.T @ y), "10^6 your weights keep"),
    ("1.6", by_r_squared, "10^6 your weights keep"),
    ("1.6", lambda X, y: np.linalg.inv(X.T @ X) @ X.T @ y, "10^6 your weights keep"),
    ("1.6", lambda X, y: np.linalg.solve(X[:4], y[:4]), "not the weights of least cost"),
    ("1.6", lambda X, y: np.linalg.solve(np.linalg.qr(X)[1].T, np.linalg.qr(X)[0].T @ y), "zero"),
    ("1.6", lambda X, y: np.ones(4), "not the weights of least cost"),
    ("1.6", lambda X, y: np.linalg.qr(X), "shape (4,)"),
    ("1.6", lambda X: X, "stopped with TypeError"),
]


test_right_answer, test_wrong_answer, test_every_exercise = answer_tests(chapter01, RIGHT, WRONG)
