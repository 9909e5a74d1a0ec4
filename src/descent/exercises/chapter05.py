"""The answers of chapter 5, each computed by the core when it is asked for."""

import math

import numpy as np

from descent import data, linear
from descent.exercises.kinds import Choice, Exercise, Function, Number, Vector


def _trips():
    trips = data.commute()
    return linear.design_matrix(trips.features), trips.minutes


def _second_step(factor=1.0, t=2, batch=(0, 3), then=(1, 4), eta=0.06):
    """Return the weights after two mini-batch steps: one batch, then the other."""
    X, y = _trips()
    problem, w = linear.LeastSquares(X, y), np.zeros(3)
    w = w - factor * eta * problem.gradient(w, list(batch))
    return w - factor * eta / math.sqrt(t) * problem.gradient(w, list(then))


def _share():
    """Return a, where step t takes a share a/t of the slowest error."""
    return 0.06 * linear.spectrum(_trips()[0]).eigenvalues[0]


def _frozen(factor=2.0):
    """Return log10 of the number of steps c/t needs to divide the slowest error by `factor`."""
    a = _share()
    return (math.log10(factor) - math.lgamma(1 - a) / math.log(10)) / a


def _test_epoch(epoch):
    orders = []
    for n, b in ((5, 2), (6, 3), (7, 1), (4, 4), (10, 4)):
        parts = [np.asarray(part) for part in epoch(n, b, np.random.default_rng(n))]
        sizes = [part.size for part in parts]
        used = sorted(np.concatenate(parts).tolist())
        if used != list(range(n)):
            return (
                f"With n = {n} and b = {b} the indices used are {used}; "
                f"an epoch uses each of 0 to {n - 1} once."
            )
        if sizes != [min(b, n - start) for start in range(0, n, b)]:
            return (
                f"With n = {n} and b = {b} the batches have sizes {sizes}; only the last is short."
            )
    for seed in range(60):
        orders.append(np.concatenate(epoch(5, 2, np.random.default_rng(seed))).tolist())
    if len({tuple(order) for order in orders}) < 20:
        return (
            f"Sixty generators gave only {len({tuple(order) for order in orders})} orders; shuffle "
            "all samples with the generator."
        )
    for k, place in ((0, "first"), (4, "last")):
        missing = set(range(5)) - {order[k] for order in orders}
        if missing:
            return f"In sixty epochs sample {min(missing)} never came {place}; shuffle them all."
    first = np.concatenate(epoch(5, 2, np.random.default_rng(3))).tolist()
    if first != orders[3]:
        return "The same generator state gave two orders; draw from the generator alone."
    return None


EXERCISES = (
    Exercise(
        "5.1",
        "Two steps on pairs",
        answer=Vector(
            _second_step,
            rtol=2e-3,
            mistakes=[
                (
                    lambda: 0.03 * (_trips()[0][[0, 3]].T @ _trips()[1][[0, 3]]),
                    "That is w₁, after the first batch; the second step starts there.",
                ),
                (
                    lambda: _second_step(batch=(1, 4), then=(2, 0)),
                    "Trips 1 and 4 are rows 0 and 3 in code, trips 2 and 5 rows 1 and 4.",
                ),
                (lambda: np.round(_second_step(), 1), "Rounded too far: give three decimals."),
                (lambda: np.round(_second_step(), 2), "Rounded too far: give three decimals."),
                (lambda: _second_step(t=1), "The second rate is 0.06/√2, not 0.06 again."),
                (lambda: _second_step(t=4), "The second rate is c/√2; you divided by 2."),
                (lambda: _second_step(2.0), "Divide by the batch size b = 2: a mean, not a sum."),
                (lambda: _second_step(0.4), "Divide by b = 2, not by n = 5."),
                (lambda: _second_step(-1.0), "That walk climbs: step against the gradient."),
            ],
        ),
        hints=(
            "Each step needs only two trips; `problem.gradient(w, [0, 3])` is the mean over two.",
            "η₁ = 0.06 with trips 1 and 4; then η₂ = 0.06/√2 with trips 2 and 5, at w₁.",
        ),
    ),
    Exercise(
        "5.2",
        "Four of five",
        answer=Number(
            0.25,
            rtol=0,
            atol=1e-3,
            mistakes=[
                (0.5, "That is with replacement: 1/√4. Without it the noise is smaller still."),
                (1 / 16, "That is the ratio of the variances; take its root."),
                (4.0, "It is 4 times smaller: right; the question is the share that is left, 1/4."),
                (25.0, "That is in percent; give the share, between 0 and 1."),
                (0.75, "That is what has gone; give the share that is left."),
                (0.3, "Rounded too far: give two decimals."),
                (math.sqrt(3 / 16), "The factor is (n − b)/(n − 1) = 1/4 for n = 5 and b = 4."),
            ],
        ),
        hints=(
            "The variance is that of one sample, times (n − b)/(n − 1), divided by b.",
            "For n = 5 and b = 4 that makes (1/4)/4. A standard deviation is a root.",
        ),
        after="The error of four is minus that of the fifth, divided by four.",
    ),
    Exercise(
        "5.3",
        "A schedule for both conditions",
        answer=Choice(
            ["a fixed rate c", "c/√t", "c/t^0.6", "c/t²"],
            correct=2,
            why={
                0: "Its sum is infinite, but so is the sum of its squares.",
                1: "Its squares are c²/t, and their sum grows like ln T without end.",
                3: "Its sum is finite: the walk can only get so far.",
            },
        ),
        hints=(
            "The sum of 1/t^p is infinite for p ≤ 1 and finite for p > 1.",
            "You need p ≤ 1 for the rates and 2p > 1 for their squares.",
        ),
    ),
    Exercise(
        "5.4",
        "An epoch of your own",
        answer=Function(_test_epoch),
        hints=(
            "`rng.permutation(n)` is a shuffled order of all samples.",
            "Cut it: `[order[i : i + b] for i in range(0, n, b)]`.",
        ),
    ),
    Exercise(
        "5.5",
        "How frozen is c/t?",
        answer=Number(
            _frozen,
            rtol=1e-2,
            mistakes=[
                (lambda: _frozen() * math.log(10), "That is the natural logarithm; give log₁₀ T."),
                (
                    lambda: math.log10(2 / _share()),
                    "The product falls like a power of T, not like an exponential.",
                ),
                (
                    lambda: math.log10(math.log(2) / _share()),
                    "The product falls like a power of T, not like an exponential.",
                ),
                (lambda: 1 / _share(), "That is log₂ T; give log₁₀ T."),
                (
                    lambda: math.log10(2) / 0.06 / linear.spectrum(_trips()[0]).eigenvalues[-1],
                    "That is the steepest direction; take the flattest, λmin.",
                ),
                (
                    lambda: math.log10(2) / linear.spectrum(_trips()[0]).eigenvalues[0],
                    "You left out the constant: a = 0.06 · λmin.",
                ),
            ],
        ),
        hints=(
            "ln Π(1 − a/t) is about −a Σ 1/t, and Σ 1/t is about ln T; here a = cλmin.",
            "So T^(−a) = 1/2 with a = 0.06 · 0.09497: log₁₀ T = log₁₀ 2 / a, about.",
        ),
    ),
)
