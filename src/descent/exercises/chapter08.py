"""The answers of chapter 8, each computed by the core when it is asked for."""

import warnings

import numpy as np

from descent import losses
from descent.activations import sigmoid
from descent.exercises.kinds import Choice, Exercise, Function, Number


def _slope(a=0.9, x=2.0):
    return a * a * (1 - a) * x


def _steps(z, slope, eta=0.15, moved=2):
    """Return the steps until the answer is below one half; `moved` parameters take part."""
    steps = 0
    while z > 0:
        z, steps = z - moved * eta * slope(float(sigmoid(z))), steps + 1
    return steps


def _squared(a):
    return a * a * (1 - a)


def _entropies():
    """Yield logits and targets, mild ones first."""
    rng = np.random.default_rng(84)
    yield rng.standard_normal(20), (rng.random(20) < 0.5).astype(float)
    yield np.array([0.0]), np.array([1.0])
    yield np.array([40.0, -40.0, 40.0]), np.array([0.0, 1.0, 1.0])
    yield np.array([-1000.0, 1000.0, 1000.0, -1000.0]), np.array([1.0, 0.0, 1.0, 0.0])
    for z, y in ((20.0, 1.0), (-40.0, 0.0), (500.0, 1.0)):  # sure and right: a tiny loss
        yield np.array([z]), np.array([y])


def _test_entropy(entropy):
    """Compare with the core's loss from logits; a warning counts as a mistake."""
    for z, y in _entropies():
        right = float(losses.binary_cross_entropy_from_logits(z, y))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            given = entropy(z.copy(), y.copy())
        if given is None:
            return "It returned None; it must return one number, the mean."
        given = np.asarray(given, dtype=float)
        largest = f"logits up to {np.abs(z).max():.0f}"
        if given.shape != ():
            return f"It returned an array of shape {given.shape}; give one number, the mean."
        if not np.isfinite(given):
            return f"For {largest} it returned {given}; a power or a logarithm has overflowed."
        if caught:
            return f"For {largest} the value may be right, but NumPy warned: {caught[0].message}."
        if len(y) > 1 and np.isclose(given, right * len(y), 1e-9, 0):
            return "That is the sum over the samples; take the mean."
        if np.isclose(given, -right, 1e-9, 0):
            return "The sign is turned: the loss is never negative."
        flipped = float(losses.binary_cross_entropy_from_logits(-z, y))
        if np.isclose(given, flipped, 1e-9, 0) and not np.isclose(flipped, right):
            return "It answers for the other class: y and 1 - y have changed places."
        if right < 1e-6 and abs(given - right) < 1e-6 and not np.isclose(given, right, 1e-9, 0):
            return (
                f"At z = {z[0]:g}, y = {y[0]:g} it returned {given:.10g} instead of {right:.10g}. "
                "A small loss is no difference of two large numbers: take ln(1 + e^(−m)) with "
                "m = (2y − 1) z, and np.log1p."
            )
        if not np.isclose(given, right, 1e-9, 0):
            return f"For {largest} it returned {given:.10g} instead of {right:.10g}."
    return None


def _test_count_loss(count_loss):
    """Compare losses up to a constant, and the slopes."""
    rng = np.random.default_rng(86)
    z, y = rng.standard_normal(7), rng.poisson(2.0, 7).astype(float)
    try:
        pairs = [count_loss(at.copy(), y.copy()) for at in (z, z + 0.5, z - 0.3)]
        given = np.array([float(C) for C, _ in pairs])
        slopes = np.asarray(pairs[0][1], dtype=float)
    except (TypeError, ValueError):
        return "It must return a pair: the mean loss, and the array of its slopes, one for each z."
    if slopes.shape != z.shape:
        return f"The slopes have shape {slopes.shape}; give one for each z, {z.shape}."
    right = np.array([np.mean(np.exp(at) - y * at) for at in (z, z + 0.5, z - 0.3)])
    rise, expected = np.diff(given), np.diff(right)
    if np.allclose(rise, len(y) * expected):
        return "The loss is the sum over the samples; take the mean."
    if np.allclose(rise, -expected):
        return "The sign of the loss is turned: a likely count must be cheap."
    if not np.allclose(rise, expected, rtol=1e-8):
        return "The loss does not change with z as -ln p does. Is mu = exp(z)?"
    wanted = (np.exp(z) - y) / len(y)
    if np.allclose(slopes, len(y) * wanted):
        return "The loss is right. Its slopes lack the 1/n of the mean."
    if not np.allclose(slopes, wanted, rtol=1e-8, atol=1e-12):
        return "The loss is right; its slopes are not. What is the derivative of exp(z) - y z?"
    if not np.allclose(given, right, rtol=1e-8):
        return "Leave out the term ln y!, which does not depend on z; else all is right."
    return None


EXERCISES = (
    Exercise(
        "8.1",
        "One link at a time",
        answer=Number(
            _slope,
            rtol=1e-3,
            mistakes=[
                (lambda: _slope() / 2, "The last link is ∂z/∂w = x, and x is 2."),
                (1.8, "That is by cross-entropy; the squared error has the link a(1 − a) too."),
                (0.9, "That is a − y alone, the first of three links."),
                (0.18, "That is σ′(z) times x; the error a − y = 0.9 is a link too."),
                (lambda: -_slope(), "a − y is positive: a larger weight would raise the cost."),
                (lambda: 2 * _slope(), "The ½ of the loss cancels the 2 of its derivative."),
                (0.16, "Right, but rounded too early: give three decimals."),
                (0.09, "That is σ′(z) alone, the middle of three links."),
            ],
        ),
        hints=(
            "Three links: dC/da = a − y, da/dz = a(1 − a), ∂z/∂w = x.",
            "0.9, then 0.9 · 0.1, then 2: multiply them.",
        ),
    ),
    Exercise(
        "8.2",
        "A sigmoid is asked for minutes",
        answer=Choice(
            [
                "The cost grows without end, because the residuals are so large.",
                "All answers go to nearly 1, the gradient to nearly 0, and the cost stays above "
                "417.3 min².",
                "It learns as the line does, only more slowly.",
                "All answers go to one half, as far from 0 as from 1.",
            ],
            correct=1,
            why={
                0: "An answer lies between 0 and 1, so the cost is bounded: it cannot grow on.",
                2: "Which answer could come near 25 minutes?",
                3: "Every answer is too low for every trip, ½ as well: every step raises the bias.",
            },
        ),
        hints=(
            "What sign has a − y here, whatever the weights?",
            "Every step raises the bias b. What happens to the answers, and what to σ′(z)?",
        ),
    ),
    Exercise(
        "8.3",
        "How late is very late?",
        answer=Number(
            lambda: _steps(5.0, _squared),
            rtol=0,
            atol=1e-9,
            mistakes=[
                (
                    lambda: _steps(5.0, lambda a: a),
                    "That is the cross-entropy; the squared error has the slope a²(1 − a).",
                ),
                (lambda: _steps(4.0, _squared), "That is from z = 4; here w + b is 5."),
                (lambda: _steps(2.5, _squared), "z is w + b, both 2.5."),
                (
                    lambda: _steps(5.0, _squared, moved=1),
                    "Weight and bias both move: z falls by 2η times the slope.",
                ),
                (lambda: _steps(5.0, _squared) - 1, "One step more: then the answer is below ½."),
                (
                    lambda: _steps(5.0, _squared) + 1,
                    "One too many: count the steps taken, not the answers looked at.",
                ),
                (
                    lambda: _steps(5.0, lambda a: a * (1 - a)),
                    "The slope has the factor a − y = a too: a²(1 − a).",
                ),
            ],
        ),
        hints=(
            "Repeat w ← w − 0.15 a²(1 − a), the same for b, and count while w + b > 0.",
            "This chapter printed such counts for the starts from 1 to 8; the fifth is yours.",
        ),
    ),
    Exercise(
        "8.4",
        "A loss that does not overflow",
        answer=Function(_test_entropy),
        hints=(
            "With m = (2y − 1) z the loss of a sample is ln(1 + e^(−m)), for both targets.",
            "ln(1 + e^(−m)) = max(−m, 0) + ln(1 + e^(−|m|)): np.maximum and np.log1p, or "
            "np.logaddexp(0, −m).",
        ),
    ),
    Exercise(
        "8.5",
        "The weights that never stop",
        answer=Choice(
            [
                "It reaches weights whose cost is exactly 0 and stops there.",
                "It settles at finite weights with a small cost, as on versicolor and virginica.",
                "The cost rises again when the weights have become too large.",
                "The cost goes to 0 without reaching it, and the weights grow without end.",
            ],
            correct=3,
            why={
                0: "A cost of 0 needs answers of exactly 0 and 1, and σ has neither.",
                1: "There some flowers are on the wrong side, and larger weights cost more. Here?",
                2: "If every flower is on its side, larger weights make every answer better.",
            },
        ),
        hints=(
            "Suppose every flower is on its side. What does doubling w and b do to each answer?",
            "Every answer moves closer to its target, whatever the weights were.",
        ),
    ),
    Exercise(
        "8.6",
        "A loss for counts",
        answer=Function(_test_count_loss),
        hints=(
            "−ln p = μ − y ln μ + ln y!; the last term does not depend on z.",
            "With μ = e^z the loss is the mean of e^z − y z. Differentiate that.",
        ),
    ),
)
