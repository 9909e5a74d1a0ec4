"""The answers of chapter 6, each computed by the core when it is asked for."""

from copy import deepcopy
from operator import is_not

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


def _walk(
    slopes, start, *, keep=0.9, add=0.1, first=0.0, corrected=False, root=0.5, eta=0.1,
    inside=0.0, outside=1e-8,
):  # fmt: skip
    """Return the parameters after each step of RMSProp, or of a mistake that looks like it."""
    w, s, rows = start, first * slopes[0] ** 2, []
    for t, g in enumerate(slopes, start=1):
        s = keep * s + add * g**2
        average = s / (1 - keep**t) if corrected else s
        with np.errstate(all="ignore"):
            w = w - eta * g / ((average + inside) ** root + outside)
        rows.append(w)
    return np.array(rows)


def _one_average(slopes, starts):
    """Return the same where several arrays take turns at one average."""
    turns, origin = [g for step in zip(*slopes, strict=True) for g in step], 0 * starts[0]
    moves = np.diff([origin, *_walk(turns, origin)], axis=0)
    n = len(starts)
    return [start + np.cumsum(moves[k::n], axis=0) for k, start in enumerate(starts)]


_MISTAKES = (
    ({"keep": 1.0, "add": 1.0}, "That is AdaGrad, which sums the squares; take their average."),
    ({"add": 1.0}, "The new square counts in full: an average takes 0.1 of it."),
    ({"corrected": True}, "The average starts at 0 and is not corrected."),
    ({"first": 1.0}, "The average starts at 0, not at the first square."),
    (
        {"keep": 0.1, "add": 0.9},
        "The shares are the other way round: 0.9 of the old, 0.1 of the new.",
    ),
    ({"keep": 0.999, "add": 0.001}, "That is Adam's share, 0.999; here 0.9 of the old is kept."),
    ({"keep": 0.0}, "It forgets the steps before: keep the averages in self."),
    ({"root": 1.0}, "You divide by the average of the squares; divide by its square root."),
    ({"eta": -0.1}, "It walks up the slope: subtract the step."),
    ({"inside": 1e-8, "outside": 0.0}, "Add 10⁻⁸ to the root, not to what stands below it."),
)


def _test_rmsprop(answer):
    """Let the answer walk with one array, twice, with two alike and with two of other shapes."""
    rng = np.random.default_rng(6)
    one, two = rng.standard_normal((2, 12, 4)) * [1e-6, 0.1, 1.0, 30.0]
    one[:2, 1] = 0.0  # a weight that is flat at first
    wide = rng.standard_normal((12, 2, 3))
    for run, slopes in enumerate(([one], [one], [one, two], [wide, two])):
        starts = [np.linspace(-2, 3, g[0].size).reshape(g[0].shape) for g in slopes]
        walked, trouble = _steps(answer, slopes, starts)
        if trouble:
            return trouble
        right = [_walk(*pair) for pair in zip(slopes, starts, strict=True)]
        if not _same(walked, right):
            if run == 1:
                return "A second run does not repeat the first: keep the averages in self alone."
            return _what_is_wrong(walked, right, slopes, starts)
    return None


def _steps(answer, slopes, starts):
    """Return where each array was after each step, or a sentence on how it was handled."""
    optimizer = answer() if isinstance(answer, type) else deepcopy(answer)
    parameters, walked = [start.copy() for start in starts], [[] for _ in starts]
    for gradients in zip(*slopes, strict=True):
        arrays, before = list(parameters), [W.copy() for W in parameters]
        given = [g.copy() for g in gradients]
        with np.errstate(all="ignore"):
            returned = optimizer.step(parameters, given, 0.1)
        if not all(map(np.array_equal, given, gradients)):
            return None, "It changed the gradients; only the parameters may change."
        if len(parameters) != len(arrays) or any(map(is_not, parameters, arrays)):
            return None, "It put new arrays into the list; change those in it, with W -= ..."
        for k, (W, old) in enumerate(zip(arrays, before, strict=True)):
            if np.array_equal(W, old):
                how = "It" if returned is None else "It returned new arrays and"
                return None, (
                    f"{how} left parameters[{k}] as it was: W = W - ... makes a new array, "
                    "W -= ... changes the one in the list."
                )
            walked[k].append(W.copy())
    return [np.array(rows) for rows in walked], None


def _same(ours, theirs):
    pairs = zip(ours, theirs, strict=True)
    return all(np.allclose(a, b, rtol=1e-9, atol=1e-9) for a, b in pairs)


def _what_is_wrong(walked, right, slopes, starts):
    """Say why these are not the steps of RMSProp."""
    if any(np.isnan(rows).any() for rows in walked):
        return "A weight whose slope is 0 became NaN: add 10⁻⁸ to the root before you divide."
    for changed, sentence in _MISTAKES:
        pairs = zip(slopes, starts, strict=True)
        if _same(walked, [_walk(*pair, **changed) for pair in pairs]):
            return sentence
    alike = len({start.shape for start in starts}) == 1 < len(starts)
    if alike and _same(walked, _one_average(slopes, starts)):
        return "It keeps one average for all arrays; keep a list of averages, one for each array."
    t = 1 + min(t for t in range(12) if not _same([a[t] for a in walked], [a[t] for a in right]))
    which = f" of {len(starts)} arrays" * (len(starts) > 1)
    return (
        f"Step {t}{which} is not that of RMSProp: s = 0.9 s + 0.1 g², then divide g by √s + 10⁻⁸."
    )


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
        answer=Function(_test_rmsprop, method="step"),
        hints=(
            "Keep a list of averages in self, one array for each array of parameters; make them "
            "zeros in the first step.",
            "For each array W, its gradient dW and its average h: h[...] = 0.9 * h + 0.1 * dW**2, "
            "then W -= eta * dW / (np.sqrt(h) + 1e-8).",
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
