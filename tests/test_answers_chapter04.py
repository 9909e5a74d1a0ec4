"""Chapter 4's exercises take every right answer and tell a wrong one what is wrong with it."""

import numpy as np
from exercise_tests import answer_tests

from descent import data, linear
from descent.exercises import chapter04

TRIPS = data.commute()
X, Y = linear.design_matrix(TRIPS.features), TRIPS.minutes
X_LINE = linear.design_matrix(TRIPS.distance)
EIGENVALUES = np.linalg.eigvalsh(X.T @ X / 5)


def walk(steps, eta):
    w = np.zeros(3)
    for _ in range(steps):
        w = w - eta * X.T @ (X @ w - Y) / 5
    return w


def descend(gradient, start, smallest, largest, tol):
    w, g = start, gradient(start)
    while np.linalg.norm(g) > smallest * tol:
        w = w - 2 / (smallest + largest) * g
        g = gradient(w)
    return w


def descend_at_half_the_limit(gradient, start, smallest, largest, tol):
    """Stop by the move, but by one that proves the distance: move/(η λmin)."""
    w, eta, move = list(start), 1 / largest, np.inf
    while np.linalg.norm(move) > eta * smallest * tol:
        move = -eta * gradient(w)
        w = [old + step for old, step in zip(w, move, strict=True)]
    return w


def descend_for_as_long_as_the_formula_says(gradient, start, smallest, largest, tol):
    """Count the steps beforehand, from ‖w₀ − w*‖ ≤ ‖∇C(w₀)‖/λmin."""
    rho, g = (largest - smallest) / (largest + smallest), gradient(start)
    for _ in range(int(np.ceil(np.log(np.linalg.norm(g) / smallest / tol) / -np.log(rho)))):
        start -= 2 / (smallest + largest) * gradient(start)
    return start


def descend_from_zero_with_care(gradient, start, smallest, largest, tol):
    return descend(gradient, 0 * start, smallest, largest, tol / 10)


def stops_on_a_short_move(factor):
    def descend(gradient, start, smallest, largest, tol):
        w, move = start, np.inf
        while np.linalg.norm(move) >= factor * tol:
            move = -2 / (smallest + largest) * gradient(w)
            w = w + move
        return w

    return descend


def stops_on_a_short_gradient(gradient, start, smallest, largest, tol):
    w = start
    while np.linalg.norm(gradient(w)) > tol:
        w = w - gradient(w) / largest
    return w


def stops_on_the_steep_end(gradient, start, smallest, largest, tol):
    return descend(gradient, start, smallest, largest, tol * largest / smallest)


def looks_at_one_entry(gradient, start, smallest, largest, tol):
    """Agrees with the right rule wherever the other entries are small."""
    w = start
    while abs(gradient(w)[0]) > smallest * tol:
        w = w - 2 / (smallest + largest) * gradient(w)
    return w


def never_looks_at_tol(gradient, start, smallest, largest, tol):
    w = start
    for _ in range(60_000):
        w = w - gradient(w) / largest
    return w


def solves_instead(gradient, start, smallest, largest, tol):
    zero = gradient(np.zeros(start.size))
    H = np.column_stack([gradient(e) - zero for e in np.eye(start.size)])
    return np.linalg.solve(H, -zero)


def with_the_rate_of_the_text(gradient, start, smallest, largest, tol):
    w = start
    for _ in range(5000):
        w = w - 0.1 * gradient(w)
    return w


def climbs(gradient, start, smallest, largest, tol):
    for _ in range(5000):
        start = start + 2 / (smallest + largest) * gradient(start)
    return start


def never_stops(gradient, start, smallest, largest, tol):
    while np.linalg.norm(gradient(start)) > 0:
        start = start - gradient(start) / largest
    return start


RIGHT = [
    ("4.1", [1.888, 6.844, 1.371]),
    ("4.1", walk(2, 0.05)),
    ("4.1", "1.888, 6.844, 1.371"),
    ("4.1", tuple(np.float32(walk(2, 0.05)))),
    ("4.2", 0.156),
    ("4.2", "0.1558"),
    ("4.2", 2 / np.linalg.eigvalsh(X_LINE.T @ X_LINE / 5)[-1]),
    ("4.2", np.array([0.15578])),
    ("4.3", "c"),
    ("4.3", "C)"),
    ("4.3", "about a million times smaller"),
    ("4.4", descend),
    ("4.4", descend_at_half_the_limit),
    ("4.4", descend_for_as_long_as_the_formula_says),
    ("4.4", descend_from_zero_with_care),
    ("4.5", [4.762, 6.534, 3.437, 1.324]),
    ("4.5", "(4.7617; 6.5336; 3.4372; 1.3245)"),
    ("4.5", np.linalg.lstsq(np.column_stack([X, 1 - X[:, 2]]), Y, rcond=None)[0]),
    ("4.6", [0.0751, 5.54, 10.5]),
    ("4.6", 1 / EIGENVALUES[::-1]),
    ("4.6", "0.07507 5.5368 10.5296"),
]

WRONG = [
    ("4.1", walk(1, 0.05), "after one step"),
    ("4.1", walk(3, 0.05), "one step too many"),
    ("4.1", 2 * walk(1, 0.05), "gradient at w₁"),
    ("4.1", walk(2, -0.05), "climbs"),
    ("4.1", walk(2, 0.25), "divides by n"),
    ("4.1", walk(2, 0.1), "η = 0.1"),
    ("4.1", [1.9, 6.8, 1.4], "rounded"),
    ("4.1", [1.888, 6.844], "holds 2 numbers"),
    ("4.2", 0.16, "Rounded too far"),
    ("4.2", 0.078, "half the limit"),
    ("4.2", 0.031, "1/n"),
    ("4.2", 0.15, "both features"),
    ("4.2", 0.154, "best rate"),
    ("4.2", 12.839, "λmax itself"),
    ("4.3", "a", "units"),
    ("4.3", "b", "products of columns"),
    ("4.3", "d", "steeper"),
    ("4.3", 1e6, "none of the options"),
    ("4.4", stops_on_a_short_move(1), "λmin times tol"),
    ("4.4", stops_on_a_short_move(1e-4), "λmin times tol"),
    ("4.4", stops_on_a_short_gradient, "λmin times tol"),
    ("4.4", stops_on_the_steep_end, "λmin times tol"),
    ("4.4", looks_at_one_entry, "λmin times tol"),
    ("4.4", never_looks_at_tol, "ends sooner for a larger tol"),
    ("4.4", solves_instead, "ends sooner for a larger tol"),
    ("4.4", with_the_rate_of_the_text, "ends sooner"),
    ("4.4", climbs, "diverged"),
    ("4.4", never_stops, "did not stop within"),
    ("4.4", lambda *given: None, "shape ()"),
    ("4.4", lambda X, y, tol: np.zeros(3), "stopped with TypeError"),
    ("4.5", [*linear.normal_equation(X, Y), 0], "cost the same"),
    ("4.5", [0, 6.534, 8.199, 6.086], "cost the same"),
    ("4.5", linear.normal_equation(X, Y), "holds 3 numbers"),
    ("4.5", [4.8, 6.5, 3.4, 1.3], "rounded"),
    ("4.5", [4.7617, 6.5336, 1.3245, 3.4372], "other way round"),
    ("4.6", 1 / EIGENVALUES, "other order"),
    ("4.6", 2 / EIGENVALUES[::-1], "keeps its error"),
    ("4.6", 2 / EIGENVALUES, "keeps its error"),
    ("4.6", EIGENVALUES, "eigenvalues"),
    ("4.6", [0.08, 5.54, 10.53], "rounded too far"),
    ("4.6", 1 / np.linalg.eigvalsh(X.T @ X)[::-1], "1/n"),
]


test_right_answer, test_wrong_answer, test_every_exercise = answer_tests(chapter04, RIGHT, WRONG)
