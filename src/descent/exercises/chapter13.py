"""The answers of chapter 13, each computed when it is asked for."""

import numpy as np

from descent.exercises.kinds import Choice, Exercise, Function, Number, Vector


def _width(w):
    """Return the length of the interval of activations where w sigma'(w a + b) >= 1."""
    r = np.sqrt(0.25 - 1 / w)
    return 2 / w * np.log((0.5 + r) / (0.5 - r))


def _widest():
    """Return the weight with the longest interval, found by halving the bracket."""
    low, high = 4.001, 20.0
    while high - low > 1e-9:
        third = (high - low) / 3
        if _width(low + third) < _width(high - third):
            low += third
        else:
            high -= third
    return (low + high) / 2


def _spread(n_in, alpha, p):
    return np.sqrt(2 * (1 - p) / ((1 + alpha**2) * n_in))


_SLIPS = (
    (lambda n, a, p: 2 * (1 - p) / ((1 + a**2) * n), "That is the variance; take its root."),
    (lambda n, a, p: np.sqrt(2 / n), "That is He's rule: neither alpha nor p comes in."),
    (
        lambda n, a, p: np.sqrt(2 / ((1 + a**2) * n)),
        "The slope is right; but dropout raises the mean square by 1/(1 − p).",
    ),
    (
        lambda n, a, p: np.sqrt(2 * (1 - p) / n),
        "Dropout is right; but negative z keep alpha² of their square.",
    ),
    (
        lambda n, a, p: np.sqrt(2 * (1 - p) / ((1 + a) * n)),
        "Squares are kept, so it is alpha², not alpha.",
    ),
    (
        lambda n, a, p: np.sqrt(2 / ((1 - p) * (1 + a**2) * n)),
        "Dropout makes the mean square larger, so the weights must be smaller, not larger.",
    ),
    (
        lambda n, a, p: np.sqrt(2 * (1 - p) ** 2 / ((1 + a**2) * n)),
        "The mean square grows by 1/(1 − p), not by its square: only 1 − p of them remain.",
    ),
)


def _test_spread(spread):
    cases = [(300, 0.1, 0.3), (50, 0.0, 0.0), (784, 0.0, 0.5), (20, 1.0, 0.0), (64, 0.25, 0.2)]
    given = [float(spread(*case)) for case in cases]
    if np.allclose(given, [_spread(*case) for case in cases], rtol=1e-6):
        return None
    for slip, sentence in _SLIPS:
        if np.allclose(given, [slip(*case) for case in cases], rtol=1e-6):
            return sentence
    n_in, alpha, p = cases[0]
    return (
        f"spread({n_in}, {alpha}, {p}) gives {given[0]:.4g}; weights of that spread multiply the "
        f"mean square by {(given[0] / _spread(*cases[0])) ** 2:.3g} in each layer."
    )


EXERCISES = (
    Exercise(
        "13.1",
        "What is left",
        answer=Number(
            lambda: (2 * 0.25) ** 6,
            rtol=0.03,  # 0.016 is right to three decimals
            mistakes=[
                (1.5625, "That is in per cent; give the share itself, a hundredth of it."),
                (64, "Those are the weights alone, 2⁶; each comes with a slope of at most ¼."),
                (0.02, "Rounded too early: give three decimals, or the fraction."),
                (lambda: 0.25**6, "Those are the slopes alone; each comes with a weight of 2."),
                (lambda: 0.5**5, "That is five factors; count once more."),
                (lambda: 0.5**7, "That is seven factors; count once more."),
                (lambda: 0.5, "That is one factor; there are six."),
            ],
        ),
        hints=(
            "The slope of a sigmoid is at most ¼, at z = 0.",
            "One factor is at most 2 · ¼; there are six of them.",
        ),
    ),
    Exercise(
        "13.2",
        "Two starts",
        answer=Vector(
            lambda: np.sqrt([2 / 784, 2 / 884]),
            rtol=5e-3,
            mistakes=[
                (lambda: [0.051, 0.048], "Right so far, but rounded too early: four decimals."),
                (lambda: [0.05, 0.048], "Right so far, but rounded too early: four decimals."),
                (lambda: [0.05, 0.05], "Right so far, but rounded too early: four decimals."),
                (lambda: [2 / 784, 2 / 884], "Those are the variances; take their roots."),
                (lambda: np.sqrt([2 / 884, 2 / 784]), "Right, in the other order: He's first."),
                (lambda: np.sqrt([2 / 100, 2 / 884]), "He's rule counts the inputs, not the rest."),
                (lambda: np.sqrt([1 / 784, 2 / 884]), "He's rule has a 2: ReLU loses half."),
                (lambda: np.sqrt([2 / 784, 1 / 884]), "Xavier's rule is 2 over the sum."),
            ],
        ),
        hints=(
            "Take s² from the two formulas; n on the way in is 784, n of the layer itself 100.",
            "√(2/784) and √(2/(784 + 100)).",
        ),
    ),
    Exercise(
        "13.3",
        "Which of them helps?",
        answer=Choice(
            [
                "a learning rate a hundred times as large",
                "momentum with β = 0.99",
                "batches ten times as large",
                "tanh in place of the sigmoid",
            ],
            correct=3,
            why={
                0: "The rate multiplies every layer's step; the errors stay what they are.",
                1: "Momentum adds up slopes that have already come out small.",
                2: "More samples are averaged, and each of their errors fades in the same way.",
            },
        ),
        hints=(
            "δ of a layer is (transposed W of the next layer times its δ) times the slope.",
            "Only one of the four touches a weight or a slope in that product.",
        ),
    ),
    Exercise(
        "13.4",
        "A start of your own",
        answer=Function(_test_spread),
        hints=(
            "Leaky ReLU keeps (1 + alpha²)/2 of the mean square of z.",
            "q is multiplied by (1 + alpha²)/2 · n s²/(1 − p); set that to 1 and solve for s.",
        ),
    ),
    Exercise(
        "13.5",
        "How narrow is the window?",
        answer=Number(
            lambda: _width(_widest()),
            rtol=1e-2,
            mistakes=[
                (lambda: _width(_widest()) / 2, "That is half of it: both sides count."),
                (_widest, "That is the best weight; the question asks for the length."),
                (0.44, "Close: the next digits are above 5, so round up."),
                (0.5, "Close, but rounded too early: give two decimals."),
                (
                    lambda: _width(_widest()) * _widest(),
                    "That is the length in z; divide by the weight to have it in a.",
                ),
            ],
        ),
        hints=(
            "σ(1 − σ) = 1/w has the solutions ½ ± √(¼ − 1/w), and z = ln(σ/(1 − σ)).",
            "The length is (2/w) ln((½ + r)/(½ − r)) with r = √(¼ − 1/w); try w between 4 and 20.",
        ),
    ),
)
