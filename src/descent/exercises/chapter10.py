"""The answers of chapter 10, each computed by the core when it is asked for."""

import math

import numpy as np

from descent.exercises.kinds import Choice, Exercise, Function, Number, Vector, finite_vector
from descent.experiments import chapter10 as experiments
from descent.graph import Value


def _slope_by_hand():
    return experiments.linear_regression(w=3, x=2, b=1, y=4)["w"].grad


def _shares(t=2.0):
    """Return what the three paths contribute: by x, by y into the exponent, by y alone."""
    nodes = experiments.three_paths(t)
    x, y, g = (nodes[name].data for name in "xyg")
    return -math.sin(t) * y * g, 2 * t * x * g, 2 * t


def _overwritten():
    """Return what is left in x.grad for x * x + x at 3 if the last arrow wins."""
    x = Value(3.0)
    way = (x * x + x).backward()
    return [part for _, parent, part in way if parent is x][-1]


def _test_softplus(softplus):
    """Compare value and gradient with ln(1 + e^z) and sigmoid."""
    for start in (-1000.0, -30.0, -1.5, 0.0, 0.7, 40.0, 1000.0):
        z = Value(start)
        result = softplus(z)
        if not isinstance(result, Value):
            return "It must return a Value, made from z by the operations of the graph."
        result.backward()
        e = math.exp(-abs(start))
        value, slope = max(start, 0.0) + math.log1p(e), (1.0 if start >= 0 else e) / (1 + e)
        if not math.isclose(result.data, value, rel_tol=1e-9, abs_tol=1e-12):
            return f"At z = {start:g} the value is {result.data:.6g}; it should be {value:.6g}."
        if not math.isclose(z.grad, slope, rel_tol=1e-9, abs_tol=1e-12):
            return (
                f"At z = {start:g} the value is right but the gradient is {z.grad:.6g}; "
                f"it should be σ(z) = {slope:.6g}."
            )
    return None


def _test_curvature(curvature):
    """Compare with second derivatives that are known."""
    known = (
        ("v ** 4", lambda v: v**4, 1.5, 27.0),
        ("exp(v)", lambda v: v.exp(), 0.3, math.exp(0.3)),
        ("v log v", lambda v: v * v.log(), 2.0, 0.5),
        ("cos(v)", lambda v: v.cos(), 0.8, -math.cos(0.8)),
    )
    for name, f, x, exact in known:
        found = curvature(f, x)
        if isinstance(found, Value):
            return (
                "It returned a Value; it must return a plain number, such as a difference of .grad."
            )
        found = finite_vector(np.ravel(found), 1) if np.size(found) == 1 else None
        if found is None:
            return "It must return one finite number."
        off = abs(found[0] - exact) / abs(exact)
        if not off <= 1e-9:
            words = f"For {name} at {x:g} it returns {found[0]:.12g} instead of {exact:.12g}, "
            words += f"a relative error of {off:.0e}"
            if off <= 1e-3:
                words += ". Are these slopes from the graph, nudged both ways by about 1e-5?"
            elif math.isclose(found[0], -exact, rel_tol=1e-3):
                words += ": the sign is turned."
            elif any(math.isclose(found[0], k * exact, rel_tol=1e-3) for k in (0.5, 2)):
                words += ": the two places are 2h apart, so divide by 2h."
            else:
                words += "."
            return words
    return None


EXERCISES = (
    Exercise(
        "10.1",
        "There and back by hand",
        answer=Number(
            _slope_by_hand,
            rtol=0,
            atol=1e-6,
            mistakes=[
                (6.0, "That is the gradient at u; the last arrow, to w, multiplies it by x."),
                (-12.0, "The sign: e is wx + b − y here, and ∂e/∂ŷ is +1."),
                (9.0, "That is the cost itself."),
                (18.0, "That is ∂c/∂x: the local gradient of u = wx towards w is x, not w."),
                (3.0, "That is e; the slope of e² is 2e, and two arrows further comes x."),
                (
                    24.0,
                    "One factor 2 too many: e² gives 2e = 6, and the arrow to w multiplies by x.",
                ),
            ],
        ),
        hints=(
            "Forwards first: u, ŷ, e. Then 1 at c, and back arrow by arrow.",
            "e is 3, so 2e = 6 arrives at u; towards w it is multiplied by x = 2.",
        ),
    ),
    Exercise(
        "10.2",
        "Three paths at another place",
        answer=Vector(
            _shares,
            rtol=1e-3,
            atol=1e-4,
            mistakes=[
                (
                    lambda: (-_shares()[0], *_shares()[1:]),
                    "The slope of cos t is −sin t.",
                ),
                (
                    lambda: (_shares()[1], _shares()[0], _shares()[2]),
                    "The first two are the other way round: through x comes first.",
                ),
                (
                    lambda: (_shares()[0], _shares()[1] / 4, 1.0),
                    "Both paths through y begin with the arrow from t to y, with 2t on it.",
                ),
                (
                    lambda: (_shares()[0], _shares()[2], _shares()[1]),
                    "The last two are the other way round: through y directly comes last.",
                ),
                (
                    lambda: [round(share, 1) for share in _shares()],
                    "Right, but rounded too early: give four decimals.",
                ),
                (
                    lambda: [round(share, 2) for share in _shares()],
                    "Right, but rounded too early: give four decimals.",
                ),
            ],
        ),
        hints=(
            "Each contribution is the product of the local gradients along its path; use radians.",
            "(−sin t)·y·e^(xy), then 2t·x·e^(xy), then 2t, with x = cos 2 and y = 4.",
        ),
    ),
    Exercise(
        "10.3",
        "One character",
        answer=Number(
            _overwritten,
            rtol=0,
            atol=1e-6,
            mistakes=[
                (7.0, "That is the right gradient, which `+=` gives."),
                (1.0, "The sum hands over its 1 first; the product comes later and overwrites it."),
                (6.0, "The two arrows of the product do not add up either: `=` overwrites."),
                (4.0, "Nothing adds up here: `=` overwrites what was there."),
            ],
        ),
        hints=(
            "Three arrows end at x: one from the sum, two from the product. The last one wins.",
            "The product comes last, and each of its arrows hands over 3.",
        ),
    ),
    Exercise(
        "10.4",
        "Forwards or backwards?",
        answer=Choice(
            [
                "Three sweeps of forward mode.",
                "One sweep of reverse mode.",
                "5,000 sweeps of reverse mode.",
                "Six evaluations of the simulation with nudged settings.",
            ],
            correct=0,
            why={
                1: "One sweep backwards gives the slopes of one temperature only.",
                2: "That gives them all, but there is a way with far fewer sweeps.",
                3: "Six evaluations are few, but they give the slopes only approximately, and a "
                "sweep forwards costs no more than a few evaluations.",
            },
        ),
        hints=(
            "A sweep forwards starts at one input, a sweep backwards at one result. Count both.",
            "There are 3 inputs and 5,000 results.",
        ),
    ),
    Exercise(
        "10.5",
        "A formula that survives",
        answer=Function(_test_softplus),
        hints=(
            "For positive z take e^z out of the bracket: z + ln(1 + e^−z).",
            "For z.data > 0 return `z + ((-z).exp() + 1).log()`, else the plain formula.",
        ),
    ),
    Exercise(
        "10.6",
        "Curvature from slopes",
        answer=Function(_test_curvature),
        hints=(
            "The second derivative is the slope of the slope: measure .grad at x + h and x − h.",
            "`f(value).backward()` fills `value.grad`; divide the difference by 2h, with h = 1e-5.",
        ),
    ),
)
