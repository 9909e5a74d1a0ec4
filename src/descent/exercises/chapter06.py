"""The answers of chapter 6, each computed by the core when it is asked for."""

import numpy as np

from descent import data, linear
from descent.exercises.kinds import Choice, Exercise, Function, Number, Vector


def _velocity(steps, sign=-1, beta=0.9):
    """Return the velocity after these steps on a slope of 2 at a rate of 0.1."""
    v = 0.0
    for _ in range(steps):
        v = beta * v + sign * 0.1 * 2
    return v


def _line():
    return linear.spectrum(linear.design_matrix(data.commute().distance))


def _best_pair(power=2):
    smallest, largest = np.sqrt(_line().eigenvalues)
    return 4 / (smallest + largest) ** 2, ((largest - smallest) / (largest + smallest)) ** power


def _pair_of_trips():
    values = linear.spectrum(linear.design_matrix(data.commute().features)).eigenvalues
    smallest, largest = np.sqrt(values[[0, -1]])
    return 4 / (smallest + largest) ** 2, ((largest - smallest) / (largest + smallest)) ** 2


def _rmsprop(slopes, eta, start):
    """Return the parameters after each step, entry by entry in plain loops."""
    w, s, rows = [float(x) for x in start], [0.0] * len(start), []
    for g in slopes:
        for j in range(len(w)):
            s[j] = 0.9 * s[j] + 0.1 * g[j] ** 2
            w[j] -= eta * g[j] / (s[j] ** 0.5 + 1e-8)
        rows.append(list(w))
    return np.array(rows)


def _test_rmsprop(rule):
    slopes = np.random.default_rng(6).standard_normal((12, 4)) * [1e-6, 0.1, 1.0, 30.0]
    slopes[:2, 1] = 0.0  # a weight that is flat at first
    start = np.array([0.5, 1.0, -2.0, 3.0])
    expected = _rmsprop(slopes, 0.1, start)
    for again in (False, True):
        w, state = start.copy(), None
        for t, g in enumerate(slopes, start=1):
            before, slope = w.copy(), g.copy()
            with np.errstate(divide="ignore", invalid="ignore"):
                result = rule(w, slope, state, 0.1)
            if not isinstance(result, tuple) or len(result) != 2:
                return "It must return two things: the new parameters and the new state."
            if not (np.array_equal(w, before) and np.array_equal(slope, g)):
                return "It changed the arrays it was given; make new ones, without += or -=."
            w, state = np.asarray(result[0], dtype=float), result[1]
            if w.shape != start.shape:
                return f"It returned shape {w.shape} for 4 parameters; return one value for each."
            if not np.allclose(w, expected[t - 1], rtol=1e-9, atol=1e-9):
                return _what_is_wrong(w, before, g, t, again)
    return None


def _what_is_wrong(w, before, g, t, again):
    """Say why this step is not RMSProp's."""
    if again:
        return (
            "A second run does not repeat the first: keep everything in the state, and nothing "
            "when the state is None."
        )
    if np.isnan(w).any():
        return "A weight whose slope is 0 became NaN: add 10⁻⁸ to the root before you divide."
    move, steep = w - before, np.abs(g) > 0.1
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = move[steep] / (-0.1 * np.sign(g[steep]))
    for factor, sentence in (
        (
            1.0,
            "The first step is eta long: that is AdaGrad, or a corrected average. The average "
            "starts at 0 and is not corrected.",
        ),
        (1 / np.sqrt(0.9), "The shares are the other way round: 0.9 of the old, 0.1 of the new."),
        (1 / np.sqrt(0.001), "That is Adam's share, 0.999; here 0.9 of the old is kept."),
        (-1 / np.sqrt(0.1), "It walks up the slope: subtract the step."),
    ):
        if t == 1 and np.allclose(ratio, factor, rtol=1e-3):
            return sentence
    return f"Step {t} is not that of RMSProp: s = 0.9 s + 0.1 g², then divide g by √s + 10⁻⁸."


EXERCISES = (
    Exercise(
        "6.1",
        "Getting up to speed",
        answer=Number(
            lambda: _velocity(3),
            rtol=0,
            atol=6e-4,  # three decimals
            mistakes=[
                (lambda: _velocity(3, 1), "The right size; but the ball rolls down the slope."),
                (lambda: _velocity(2), "That is v₂; take one step more."),
                (lambda: _velocity(4), "That is v₄: one step too many."),
                (lambda: -0.2, "That is the first step alone; the ball keeps 0.9 of it."),
                (lambda: -2.0, "That is the velocity in the long run, not after three steps."),
                (-0.54, "Right, but rounded too far: give three decimals."),
                (-5.42, "You left out the rate: each step adds −0.1 · 2."),
                (-0.6, "That ball keeps everything: β = 0.9 leaves 0.9 of the velocity each time."),
            ],
        ),
        hints=(
            "Compute v₁, v₂ and v₃ one after the other, from v = 0.9 v − 0.1 · 2.",
            "v₁ = −0.2 and v₂ = −0.38.",
        ),
    ),
    Exercise(
        "6.2",
        "The best pair",
        answer=Vector(
            _best_pair,
            rtol=2.2e-3,  # three decimals
            mistakes=[
                (lambda: _best_pair(1), "The rate is right; your β is its root, ρ."),
                (lambda: _best_pair()[::-1], "Right, in the other order: the rate first."),
                (
                    lambda: (_line().best_rate, _best_pair()[1]),
                    "β is right; but that is the best rate of plain descent.",
                ),
                (
                    lambda: np.round(_best_pair(), 2),
                    "Right, but rounded too far: give three decimals.",
                ),
                (
                    lambda: (_best_pair()[0], np.round(_best_pair()[1], 2)),
                    "Right, but β is rounded too far: give three decimals.",
                ),
                (
                    _pair_of_trips,
                    "That is the pair with both features; leave the weekday column out.",
                ),
                (
                    lambda: (_best_pair()[0] / 5, _best_pair()[1]),
                    "β is right; for the rate you left out the 1/n: the Hessian is XᵀX/5.",
                ),
                (
                    lambda: (_best_pair()[0], ((82.0 - 1) / (82.0 + 1)) ** 2),
                    "The rate is right; β takes the root of κ.",
                ),
            ],
        ),
        hints=(
            "Take both eigenvalues from `linear.spectrum` and put them into the two formulas.",
            "η = 4/(√λmin + √λmax)² and β = ((√κ − 1)/(√κ + 1))².",
        ),
    ),
    Exercise(
        "6.3",
        "A cost in other units",
        answer=Choice(
            [
                "all four, since the minimum is the same",
                "gradient descent and momentum",
                "AdaGrad and Adam",
                "none",
            ],
            correct=2,
            why={
                0: "The minimum is the same, but plain steps become a hundred times as long.",
                1: "Their steps contain the gradient once, and that grows a hundredfold.",
                3: "In two of them the gradient stands above and below the fraction bar.",
            },
        ),
        hints=(
            "Every gradient becomes a hundred times as long. Follow that through each formula.",
            "g/√h does not change when g grows a hundredfold and h ten-thousandfold.",
        ),
    ),
    Exercise(
        "6.4",
        "AdaGrad that forgets",
        answer=Function(_test_rmsprop),
        hints=(
            "The state is the average of the squares; in the first step it is None, meaning 0.",
            "squares = 0.9 · old + 0.1 · gradient²; return the moved parameters and squares.",
        ),
    ),
    Exercise(
        "6.5",
        "When Adam leaves the minimum",
        answer=Number(
            lambda: 2 * (1 + 0.9) / (1 - 0.9),
            rtol=1e-3,
            mistakes=[
                (lambda: 3.8, "That is the limit of momentum; Adam's average has 1 − β₁ in front."),
                (lambda: 2.0, "That is the limit of plain descent; Adam keeps its velocity."),
                (lambda: 0.38, "Divide by 1 − β₁, do not multiply: the average weakens the slope."),
                (lambda: 20.0, "The limit of momentum is 2(1 + β), not 2."),
            ],
        ),
        hints=(
            "With v = −η m/√s, find the rate of the momentum that has the same velocity.",
            "That rate is (1 − β₁) η/√s, and the limit of momentum is 2(1 + β₁)/λ.",
        ),
    ),
)
