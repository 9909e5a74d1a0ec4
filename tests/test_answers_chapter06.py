"""Chapter 6's exercises take every right answer and tell a wrong one what is wrong with it."""

from collections import Counter
from fractions import Fraction

import numpy as np
import pytest

from descent import data, linear
from descent.exercises import chapter06, check

X_LINE = linear.design_matrix(data.commute().distance)
LOW, HIGH = np.linalg.eigvalsh(X_LINE.T @ X_LINE / 5)
ETA = 4 / (np.sqrt(LOW) + np.sqrt(HIGH)) ** 2
RHO = (np.sqrt(HIGH / LOW) - 1) / (np.sqrt(HIGH / LOW) + 1)


def rmsprop(parameters, gradient, state, eta):
    squares = 0.0 if state is None else state
    squares = 0.9 * squares + 0.1 * gradient**2
    return parameters - eta * gradient / (np.sqrt(squares) + 1e-8), squares


def rmsprop_by_loops(parameters, gradient, state, eta):
    state = [0.0] * len(parameters) if state is None else state
    squares = [0.9 * s + 0.1 * g * g for s, g in zip(state, gradient, strict=True)]
    moved = [
        w - eta * g / (s**0.5 + 1e-8) for w, g, s in zip(parameters, gradient, squares, strict=True)
    ]
    return moved, squares


def rmsprop_with_a_dictionary(parameters, gradient, state, eta):
    old = (state or {"squares": np.zeros_like(gradient)})["squares"]
    squares = old + 0.1 * (gradient * gradient - old)
    return parameters - eta / (np.sqrt(squares) + 1e-8) * gradient, {"squares": squares}


def adagrad(parameters, gradient, state, eta):
    squares = (0.0 if state is None else state) + gradient**2
    return parameters - eta * gradient / (np.sqrt(squares) + 1e-8), squares


def corrected(parameters, gradient, state, eta):
    t, squares = (0, 0.0) if state is None else state
    t, squares = t + 1, 0.9 * squares + 0.1 * gradient**2
    return parameters - eta * gradient / (np.sqrt(squares / (1 - 0.9**t)) + 1e-8), (t, squares)


def shares_swapped(parameters, gradient, state, eta):
    squares = 0.1 * (0.0 if state is None else state) + 0.9 * gradient**2
    return parameters - eta * gradient / (np.sqrt(squares) + 1e-8), squares


def shares_of_adam(parameters, gradient, state, eta):
    squares = 0.999 * (0.0 if state is None else state) + 0.001 * gradient**2
    return parameters - eta * gradient / (np.sqrt(squares) + 1e-8), squares


def starts_with_the_first_square(parameters, gradient, state, eta):
    """Agrees with RMSProp once the start is forgotten."""
    squares = gradient**2 if state is None else 0.9 * state + 0.1 * gradient**2
    return parameters - eta * gradient / (np.sqrt(squares) + 1e-8), squares


def small_number_under_the_root(parameters, gradient, state, eta):
    """Agrees with RMSProp on all but tiny slopes."""
    squares = 0.9 * (0.0 if state is None else state) + 0.1 * gradient**2
    return parameters - eta * gradient / np.sqrt(squares + 1e-8), squares


def no_small_number(parameters, gradient, state, eta):
    """Agrees with RMSProp wherever no slope is zero."""
    squares = 0.9 * (0.0 if state is None else state) + 0.1 * gradient**2
    return parameters - eta * gradient / np.sqrt(squares), squares


def forgets_its_state(parameters, gradient, state, eta):
    """Agrees in the first step."""
    squares = 0.1 * gradient**2
    return parameters - eta * gradient / (np.sqrt(squares) + 1e-8), squares


def returns_the_root(parameters, gradient, state, eta):
    squares = 0.9 * (0.0 if state is None else state) + 0.1 * gradient**2
    return parameters - eta * gradient / (np.sqrt(squares) + 1e-8), np.sqrt(squares)


def climbs(parameters, gradient, state, eta):
    moved, squares = rmsprop(parameters, gradient, state, -eta)
    return moved, squares


def in_place(parameters, gradient, state, eta):
    moved, squares = rmsprop(parameters, gradient, state, eta)
    parameters[:] = moved
    return parameters, squares


def remembering():
    kept = [0.0]

    def rule(parameters, gradient, state, eta):
        kept[0] = 0.9 * kept[0] + 0.1 * gradient**2
        return parameters - eta * gradient / (np.sqrt(kept[0]) + 1e-8), True

    return rule


RIGHT = [
    ("6.1", -0.542),
    ("6.1", "−0.542"),
    ("6.1", Fraction(-542, 1000)),
    ("6.1", -0.2 * (1 + 0.9 + 0.81)),
    ("6.2", [0.253, 0.642]),
    ("6.2", (ETA, RHO**2)),
    ("6.2", "0.2527; 0.6418"),
    ("6.3", "c"),
    ("6.3", "(c)"),
    ("6.3", "AdaGrad and Adam"),
    ("6.4", rmsprop),
    ("6.4", rmsprop_by_loops),
    ("6.4", rmsprop_with_a_dictionary),
    ("6.5", 38),
    ("6.5", "38.0"),
    ("6.5", 2 * (1 + 0.9) / (1 - 0.9)),
]

WRONG = [
    ("6.1", 0.542, "down the slope"),
    ("6.1", -0.38, "That is v₂"),
    ("6.1", -0.6878, "one step too many"),
    ("6.1", -0.2, "first step alone"),
    ("6.1", -2, "in the long run"),
    ("6.1", -0.54, "rounded too far"),
    ("6.1", -5.42, "left out the rate"),
    ("6.1", -0.6, "keeps everything"),
    ("6.2", [ETA, RHO], "its root, ρ"),
    ("6.2", [RHO**2, ETA], "the rate first"),
    ("6.2", [2 / (LOW + HIGH), RHO**2], "plain descent"),
    ("6.2", [0.25, 0.64], "rounded too far"),
    ("6.2", [0.253, 0.64], "β is rounded too far"),
    ("6.2", [0.255, 0.713], "both features"),
    ("6.2", [ETA / 5, RHO**2], "1/n"),
    ("6.2", [ETA, ((HIGH - LOW) / (HIGH + LOW)) ** 2], "root of κ"),
    ("6.2", ETA, "one number"),
    ("6.3", "a", "hundred times as long"),
    ("6.3", "b", "gradient once"),
    ("6.3", "d", "above and below"),
    ("6.3", "e", "none of the options"),
    ("6.4", adagrad, "AdaGrad, or a corrected average"),
    ("6.4", corrected, "AdaGrad, or a corrected average"),
    ("6.4", starts_with_the_first_square, "starts at 0"),
    ("6.4", shares_swapped, "other way round"),
    ("6.4", shares_of_adam, "Adam's share"),
    ("6.4", small_number_under_the_root, "√s + 10⁻⁸"),
    ("6.4", no_small_number, "became NaN"),
    ("6.4", forgets_its_state, "Step 2 is not"),
    ("6.4", returns_the_root, "Step 2 is not"),
    ("6.4", climbs, "up the slope"),
    ("6.4", in_place, "changed the arrays"),
    ("6.4", remembering(), "does not repeat the first"),
    ("6.4", lambda w, g, state, eta: w - eta * g, "two things"),
    ("6.5", 3.8, "limit of momentum"),
    ("6.5", 2, "plain descent"),
    ("6.5", 0.38, "do not multiply"),
    ("6.5", 20, "2(1 + β)"),
]


@pytest.mark.parametrize(("number", "answer"), RIGHT)
def test_a_right_answer_passes_in_any_form(number, answer):
    assert check(number, answer).right is True, check(number, answer).text


@pytest.mark.parametrize(("number", "answer", "words"), WRONG)
def test_a_wrong_answer_hears_what_is_wrong_with_it(number, answer, words):
    verdict = check(number, answer)
    assert verdict.right is False
    assert words in verdict.text, verdict.text


def test_every_exercise_has_its_right_and_its_wrong_answers():
    numbers = {exercise.number for exercise in chapter06.EXERCISES}
    right = Counter(number for number, _ in RIGHT)
    wrong = Counter(number for number, *_ in WRONG)
    assert {number for number in numbers if right[number] >= 3} == numbers
    assert {number for number in numbers if wrong[number] >= 4} == numbers
