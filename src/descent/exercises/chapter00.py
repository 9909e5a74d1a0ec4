"""The answers of chapter 0, each computed by the core when it is asked for."""

import numpy as np

from descent import data, linear
from descent.exercises.kinds import Choice, Exercise, Function, Number


def threes_and_eights():
    """Return the ink in the frame and the labels of the digits that the chapter sees."""
    digits = data.digits()
    chosen = np.isin(digits.labels, (3, 8))
    labels = np.where(digits.labels[chosen] == 8, 1, -1)
    ink = digits.images[chosen].reshape(-1, 8, 8)[:, 2:6, 1:3].sum(axis=(1, 2))
    seen = data.split(labels, validation=0, test=0.5, rng=np.random.default_rng(0)).training
    return ink[seen], labels[seen]


def best_threshold(price):
    """Return the slider's least position of least cost, where a missed eight costs `price`."""
    ink, labels = threes_and_eights()
    thresholds = np.arange(81) / 20
    above = ink > thresholds[:, None]
    cost = (above & (labels < 0)).sum(axis=1) + price * (~above & (labels > 0)).sum(axis=1)
    return thresholds[cost.argmin()]


def _middle():
    """Return the middle of the thresholds that share the least cost, for a price of 10.

    The counts change only where a threshold meets a digit's ink: the answer is an interval.
    """
    ink, best = threes_and_eights()[0], best_threshold(10)
    return (ink[ink <= best].max() + ink[ink > best].min()) / 2


def _test_feature(feature):
    """Ask for the four cases in whole numbers, as a reader would; a line must then fit XOR."""
    table = data.logic_gate("XOR").features
    values = np.array([float(feature(int(a), int(b))) for a, b in table])
    said = ", ".join(f"{value:g}" for value in values)
    if not np.isfinite(values).all():
        return f"For 00, 01, 10, 11 it returned {said}; every value must be a finite number."
    if values[3] and np.allclose(values, values[3] * table.prod(axis=1)):
        return "That is the product again. It works; find another."
    X = linear.design_matrix(np.column_stack([table, values]))
    if np.linalg.matrix_rank(X) < 4:
        return (
            f"For 00, 01, 10, 11 it returned {said}, which is a weighted sum of 1, a and b, and "
            "the line had that already. It must bend: try powers or absolute values."
        )
    return None


EXERCISES = (
    Exercise(
        "0.1",
        "Not all mistakes cost the same",
        answer=Number(
            lambda: _middle() - 5e-5,  # 0.875 is as good as 0.9, 0.9375 is not
            rtol=0,
            atol=0.03125,
            mistakes=[
                (1.35, "That is best when both mistakes cost the same."),
                (1.40, "That is best when both mistakes cost the same."),
                (1.45, "That is best when both mistakes cost the same."),
                (0.0, "There no eight is missed, but the threes called 8 cost more than need be."),
                (0.8, "No eight is missed there, but a larger threshold spares some threes too."),
                (0.85, "No eight is missed there, but a larger threshold spares some threes too."),
                (lambda: best_threshold(0.1), "You priced them the other way round."),
                (0.95, "Close; but there one eight is missed, and that alone costs 10."),
                (2.0, "That is the rule as it was, with 22 eights missed, each at a price of 10."),
            ],
        ),
        hints=(
            "The figure's sentence counts both mistakes; take ten times the second and add.",
            "Missing even one eight costs more than a few threes: look for the largest threshold "
            "that misses none.",
        ),
    ),
    Exercise(
        "0.2",
        "Which part was it?",
        answer=Choice(
            ["the model", "the data", "the loss", "the optimiser"],
            correct=3,
            why={
                0: "Both runs fit a weighted sum of the same 65 numbers.",
                1: "Both runs saw the same digits.",
                2: "Both runs lower the same squared miss; one only gets lower in 300 steps.",
            },
        ),
        hints=(
            "Ask of each part whether the two runs differ in it.",
            "Both walk down the same cost over the same digits. What does the argument tell them?",
        ),
    ),
    Exercise(
        "0.3",
        "Another feature for XOR",
        answer=Function(_test_feature),
        hints=(
            "What do the cases 01 and 10 have in common that 00 and 11 do not?",
            "The two inputs differ. How far they are apart, or its square, says so in one number.",
        ),
    ),
)
