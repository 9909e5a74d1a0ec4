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


def _test_feature(feature):
    table = data.logic_gate("XOR").features
    values = np.array([float(feature(a, b)) for a, b in table])
    if not np.isfinite(values).all():
        return "It returned a value that is no finite number for some of the four cases."
    if np.allclose(values, table.prod(axis=1)):
        return "That is the product again. It works; find another."
    X = linear.design_matrix(np.column_stack([table, values]))
    if np.linalg.matrix_rank(X) < 4:
        return (
            "On the four cases your feature is a weighted sum of 1, a and b, which the line had "
            "already. It must bend: try powers, products, absolute values."
        )
    return None


EXERCISES = (
    Exercise(
        "0.1",
        "Not all mistakes cost the same",
        answer=Number(
            lambda: best_threshold(10),
            rtol=0,
            atol=1e-6,
            mistakes=[
                (1.35, "That is best when both mistakes cost the same."),
                (1.40, "That is best when both mistakes cost the same."),
                (1.45, "That is best when both mistakes cost the same."),
                (0.0, "There no eight is missed, but the threes called 8 cost more than need be."),
                (lambda: best_threshold(0.1), "You priced them the other way round."),
                (0.95, "Close; but there one eight is missed, and that alone costs 10."),
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
