"""The answers of chapter 11, each computed by the core when it is asked for."""

from itertools import pairwise

import numpy as np

from descent import network
from descent.activations import sigmoid_derivative, softmax
from descent.exercises.kinds import Choice, Exercise, Function, Number
from descent.gradcheck import numerical_gradient


def _hidden_error():
    return float(np.array([2.0, -1.0]) @ [0.3, 0.5] * sigmoid_derivative(0.0))


def _multiplications(sizes, *, to_input=False):
    """Return the multiplications of both passes for one sample."""
    weights = [n_in * n_out for n_in, n_out in pairwise(sizes)]
    return 2 * sum(weights) + sum(weights if to_input else weights[1:])


_BILL = (10, 20, 20, 5)


def _test_tanh(answer):
    """Compare the answer's slopes with those of the core, which has passed the gradient check."""
    for sizes, n in (((2, 3, 1), 4), ((3, 4, 4, 2), 5), ((2, 2), 3)):
        rng = np.random.default_rng(5)
        names = ["tanh"] * (len(sizes) - 2) + ["identity"]
        net = network.initialize(sizes, rng=rng, scheme="normal", activations=names)
        X, y = rng.standard_normal((n, sizes[0])), rng.standard_normal((n, sizes[-1]))
        right = network.backpropagate(net, X, y)
        sentence = _compare(answer(net.layers, X.copy(), y.copy()), right, n)
        if sentence:
            return f"{sentence} (sizes {'-'.join(map(str, sizes))}, {n} samples)"
    return None


def _compare(found, right, n):
    """Return None if the slopes agree, else what is wrong with them."""
    try:
        found = [(np.asarray(dW, float), np.asarray(db, float)) for dW, db in found]
    except (TypeError, ValueError):
        return "It must return a list of pairs (dW, db)."
    if len(found) != len(right):
        return f"It returned {len(found)} pairs for {len(right)} layers."
    shapes = [(dW.shape, db.shape) for dW, db in found]
    wanted = [(dW.shape, db.shape) for dW, db in right]
    if shapes != wanted and shapes == wanted[::-1]:
        return "The pairs are in reverse order; begin with the first layer."
    if shapes != wanted:
        return (
            f"The shapes are {shapes}; a slope has the shape of what it is the slope in: {wanted}."
        )
    names = ("dW", "db")
    for at in reversed(range(len(right))):
        for name, ours, theirs in zip(names, found[at], right[at], strict=True):
            if np.allclose(ours, theirs, rtol=1e-8, atol=1e-12):
                continue
            if np.allclose(ours, n * theirs, rtol=1e-8, atol=1e-12):
                return "Every slope is the sum over the samples; divide by their number."
            where = "the last layer" if at == len(right) - 1 else f"layers[{at}]"
            return f"{name} of {where} differs from the measured slopes."
    return None


def _test_softmax(answer):
    rng = np.random.default_rng(6)
    for k in (3, 5, 2):
        z, y = rng.standard_normal(k), rng.standard_normal(k)  # not one-hot: y @ a is no entry
        a = softmax(z)
        right = a * (a - y - (a - y) @ a)
        found = np.asarray(answer(z.copy(), y.copy()), float)
        if found.shape != z.shape:
            return f"It returned shape {found.shape} for {k} outputs; one error for each is needed."
        if np.allclose(found, right, rtol=1e-8, atol=1e-12):
            continue
        if np.allclose(found, a - y):
            return "a − y belongs to the cross-entropy; here the cost is the squared error."
        if np.allclose(found, (a - y) * a * (1 - a)):
            return "That is the path through the neuron's own output alone; the others count too."
        if np.allclose(found, -right):
            return "The sign is reversed."
        if np.allclose(found, a * (a - y - (a @ a - a[y.argmax()]))):
            return "a[y.argmax()] is y @ a only where y is one-hot; here y may be anything."
        measured = numerical_gradient(lambda v, y=y: np.sum((softmax(v) - y) ** 2) / 2, z)
        return f"For z = {z.round(2)} the measured errors are {measured.round(4)}, not these."
    return None


EXERCISES = (
    Exercise(
        "11.1",
        "One error by hand",
        answer=Number(
            _hidden_error,
            rtol=1e-3,
            mistakes=[
                (0.1, "That is what comes back; BP2 multiplies it by σ′(0)."),
                (0.275, "One of the two weights is negative."),
                (0.05, "σ′(0) is σ(0)(1 − σ(0)), not σ(0)."),
                (0.2, "Each error goes with its own weight: 2·0.3 − 1·0.5."),
                (0.175, "The weights are exchanged: 2 goes with 0.3, and −1 with 0.5."),
                (-0.025, "The sign: 2·0.3 is larger than 1·0.5."),
                (0.03, "Rounded too early: give three decimals."),
                (0, "The errors nearly cancel, but 2·0.3 is more than 1·0.5."),
            ],
        ),
        hints=(
            "First the sum over the two followers, weight times error; then the factor σ′(z).",
            "(2·0.3 − 1·0.5)·σ′(0), and σ′(0) = 0.25.",
        ),
    ),
    Exercise(
        "11.2",
        "The transposition nobody missed",
        answer=Choice(
            ["784-30-10", "4-4-3", "6-5-5", "5-4-4-2"],
            correct=2,
            why={
                0: "There W³ is 10 × 30 and cannot be multiplied by 10 errors from the right.",
                1: "W² is square there, but BP2 never uses W²: the input has no errors.",
                3: "W³ is square there, but the errors must pass W⁴ first, which is 2 × 4.",
            },
        ),
        hints=(
            "BP2 starts with the matrix of the last layer and ends with W³.",
            "Every matrix but W² must be square.",
        ),
    ),
    Exercise(
        "11.3",
        "The bill",
        answer=Number(
            lambda: _multiplications(_BILL),
            rtol=0,
            atol=0.5,
            mistakes=[
                (
                    lambda: _multiplications(_BILL, to_input=True),
                    "The input needs no errors: BP2 never uses W².",
                ),
                (700, "That is the way forward alone."),
                (1200, "That is the way back; the way forward comes on top."),
                (1400, "BP2 is missing: the errors pass the last two layers' weights."),
                (745, "That is the number of weights and biases; biases are added."),
            ],
        ),
        hints=(
            "200, 400 and 100 weights. Each is used once forward and once by BP4.",
            "BP2 uses the 400 and the 100 once more.",
        ),
    ),
    Exercise(
        "11.4",
        "Which start is hopeless?",
        answer=Choice(
            [
                "W³ is zero",
                "all biases are zero",
                "the hidden neurons have the same incoming weights and the same bias",
                "as before, and their outgoing weights are the same, too",
            ],
            correct=3,
            why={
                0: "In the first step W³ moves, as its slopes are δ³ times different activations.",
                1: "Random weights already make the hidden neurons differ.",
                2: "Their outgoing weights differ, so BP2 hands them different errors.",
            },
        ),
        hints=(
            "What must two hidden neurons have in common to get the same slopes for ever?",
            "They need the same activation and the same error; the error comes over W³.",
        ),
    ),
    Exercise(
        "11.5",
        "Other neurons",
        answer=Function(_test_tanh),
        hints=(
            "The derivative of tanh is 1 − tanh², and that of the identity is 1.",
            "The last layer: delta = (a[-1] − y) / len(X). Hidden ones: times 1 − a[i]**2.",
        ),
    ),
    Exercise(
        "11.6",
        "Errors behind a softmax",
        answer=Function(_test_softmax),
        hints=(
            "δⱼ is a sum over all outputs k of (aₖ − yₖ) times the slope of aₖ in zⱼ.",
            "With v = a − y it is a * (v − v @ a).",
        ),
        after="Subtract the largest z before the exponential, and z = 1000 will not overflow.",
    ),
)
