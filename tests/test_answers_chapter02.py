"""Chapter 2's exercises take every right answer and tell a wrong one what is wrong with it."""

import fractions

import numpy as np
from exercise_tests import answer_tests

from descent import linear
from descent.exercises import chapter02


def back(features, v, ddof=0):
    """Weights for the original features, from those of standardised ones."""
    slopes = v[1:] / features.std(axis=0, ddof=ddof)
    return np.append(v[0] - slopes @ features.mean(axis=0), slopes)


def in_units(features, y, lam, ddof=0, **how):
    z = (features - features.mean(axis=0)) / features.std(axis=0, ddof=ddof)
    return back(features, linear.ridge(linear.design_matrix(z), y, lam, **how), ddof)


def by_equation(features, y, lam):
    """Without standardising: the penalty on slope j is the variance of feature j times λ."""
    X = linear.design_matrix(features)
    penalty = np.diag(np.append(0, lam * features.var(axis=0)))
    return np.linalg.solve(X.T @ X / len(y) + penalty, X.T @ y / len(y))


def by_rows(features, y, lam):
    X = linear.design_matrix(features)
    extra = np.diag(np.append(0, np.sqrt(len(y) * lam) * features.std(axis=0)))[1:]
    return np.linalg.lstsq(np.vstack([X, extra]), np.append(y, np.zeros(len(extra))))[0].tolist()


def hat(X, penalty, free=True):
    D = np.diag(np.append(0 if free else 1, np.ones(X.shape[1] - 1)))
    return X @ np.linalg.solve(X.T @ X + penalty * D, X.T)


def left_out(X, y, penalty, free=True):
    P = hat(X, penalty, free)
    return (y - P @ y) / (1 - P.diagonal())


def refitted(X, y, lam):
    rows = np.arange(len(y))
    return [y[i] - X[i] @ linear.ridge(X[rows != i], y[rows != i], lam) for i in rows]


def by_unit_vectors(X, y, lam):
    """The hat matrix from ridge itself, column by column."""
    n = len(y)
    P = np.column_stack([X @ linear.ridge(X, e, lam * (n - 1) / n) for e in np.eye(n)])
    return (y - P @ y) / (1 - P.diagonal())


def plain_leverage(X, y, lam):
    P = X @ np.linalg.pinv(X)
    return (y - X @ linear.ridge(X, y, lam)) / (1 - np.minimum(P.diagonal(), 0.9))


RIGHT = [
    ("2.1", 0.6),
    ("2.1", "3/5"),
    ("2.1", fractions.Fraction(6, 10)),
    ("2.1", 30 * 0.02),
    ("2.2", "b"),
    ("2.2", " B. "),
    ("2.2", "It never falls."),
    ("2.3", [7.14, 6.53, 1.06, -1.06]),
    ("2.3", "7.14; 6.53; 1.06; -1.06"),
    ("2.3", np.array([7.1425, 6.5336, 1.0564, -1.0564])),
    ("2.3", ("7.1425", "6.5336", "1.0564", "−1.0564")),
    ("2.4", in_units),
    ("2.4", by_equation),
    ("2.4", by_rows),
    ("2.5", "b"),
    ("2.5", "(b)"),
    ("2.5", "A held-out morning has copies among the rows of the fit, so it was not unseen."),
    ("2.6", lambda X, y, lam: left_out(X, y, (len(y) - 1) * lam)),
    ("2.6", refitted),
    ("2.6", by_unit_vectors),
]

WRONG = [
    ("2.1", 0.02, "numbers differ"),
    ("2.1", 0.02 / 30, "other way round"),
    ("2.1", 1.2, "½"),
    ("2.1", 0.58, "not over n − 1"),
    ("2.1", 0.01, "lose its 1/2n"),
    ("2.2", "a", "validation error"),
    ("2.2", "c", "At λ = 0"),
    ("2.2", "d", "for all data"),
    ("2.2", True, '("a" to "d")'),
    ("2.3", [4.76, 6.53, 3.44, 1.32], "leave it free"),
    ("2.3", [6.09, 6.53, 2.11, 0], "share the load"),
    ("2.3", [7.14, 6.53, -1.06, 1.06], "signs of the flags"),
    ("2.3", [6.09, 6.53, 1.06, -1.06], "what they gave away"),
    ("2.3", [7.14, 6.53, 1.06], "holds 3 numbers"),
    ("2.4", lambda f, y, lam: linear.ridge(linear.design_matrix(f), y, lam), "raw features"),
    ("2.4", lambda f, y, lam: in_units(f, y, lam, ddof=1), "divides by n − 1"),
    ("2.4", lambda f, y, lam: in_units(f, y, lam / len(y)), "sum of squares"),
    ("2.4", lambda f, y, lam: linear.normal_equation(linear.design_matrix(f), y), "any penalty"),
    ("2.4", lambda f, y, lam: in_units(f, y, lam, penalize_intercept=True), "stay free"),
    ("2.4", lambda f, y, lam: in_units(f, y, lam) - [1, 0, 0], "shift by the means"),
    ("2.4", lambda f, y, lam: in_units(f, y, 3 * lam), "a prediction is off by"),
    ("2.4", lambda f, y, lam: in_units(f, y, 0.1), "At λ = 2 a prediction is off"),  # deaf to lam
    ("2.5", "a", "ten"),
    ("2.5", "c", "both sides"),
    ("2.5", "d", "averages out"),
    ("2.5", 2, '("a" to "d")'),
    ("2.6", lambda X, y, lam: left_out(X, y, len(y) * lam), "(n − 1)λ"),
    ("2.6", lambda X, y, lam: left_out(X, y, (len(y) - 1) * lam, free=False), "stay free"),
    ("2.6", lambda X, y, lam: np.negative(refitted(X, y, lam)), "sign"),
    ("2.6", lambda X, y, lam: y - X @ linear.ridge(X, y, lam), "ordinary residuals"),
    ("2.6", plain_leverage, "ridge has its own P"),
    ("2.6", lambda X, y, lam: np.square(refitted(X, y, lam)), "For sample 0 of 12"),
    ("2.6", lambda X, y, lam: np.mean(np.square(refitted(X, y, lam))), "one residual for each"),
]


test_right_answer, test_wrong_answer, test_every_exercise = answer_tests(chapter02, RIGHT, WRONG)
