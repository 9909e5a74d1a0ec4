"""Chapter 10's exercises take every right answer and tell a wrong one what is wrong with it."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
from exercise_tests import answer_tests

from descent.exercises import chapter10
from descent.graph import Value


def softplus(z):
    return z + ((-z).exp() + 1).log() if z.data > 0 else (z.exp() + 1).log()


def softplus_seam_elsewhere(z):
    return softplus(z) if z.data < 30 else z + (-z).exp()


def softplus_by_sigmoid(z):
    """-ln σ(-z), with the sigmoid's own care; its logarithm fails for large z, so mirror it."""
    if z.data > 0:
        return z - z.sigmoid().log()
    return -((-z).sigmoid().log()) if z.data > -700 else z.exp()


def cut_off(z):
    """Right to twelve decimals up to 30, and its value is right beyond."""
    return (z.exp() + 1).log() if z.data < 30 else Value(z.data)


def leaky(z):
    """Agrees wherever |z| is large."""
    return z.relu()


def slope_at(f, x):
    value = Value(x)
    f(value).backward()
    return value.grad


def curvature(f, x, h=1e-5):
    return (slope_at(f, x + h) - slope_at(f, x - h)) / (2 * h)


def five_point(f, x, h=1e-3):
    s = [slope_at(f, x + k * h) for k in (-2, -1, 1, 2)]
    return (s[0] - 8 * s[1] + 8 * s[2] - s[3]) / (12 * h)


def extrapolated(f, x):
    return np.array((4 * curvature(f, x, 1e-4) - curvature(f, x, 2e-4)) / 3)


def of_values(f, x, h=1e-4):
    a, b, c = (f(Value(x + k * h)).data for k in (-1, 0, 1))
    return (a - 2 * b + c) / h**2


def one_sided(f, x, h=1e-8):
    return (slope_at(f, x + h) - slope_at(f, x)) / h


def by_power(f, x):
    """Right for v ** 4 alone."""
    return 12 * x**2


G = math.exp(4 * math.cos(2))
SHARES = (-math.sin(2) * 4 * G, 4 * math.cos(2) * G, 4.0)

RIGHT = [
    ("10.1", 12),
    ("10.1", "12.0"),
    ("10.1", Fraction(24, 2)),
    ("10.1", np.float32(12)),
    ("10.2", SHARES),
    ("10.2", [-0.6884, -0.3151, 4]),
    ("10.2", "-0.6884; -0.3151; 4.0000"),
    ("10.2", np.array(SHARES, dtype=np.float32)),
    ("10.3", 3),
    ("10.3", "3"),
    ("10.3", Decimal(3)),
    ("10.4", "a"),
    ("10.4", "A"),
    ("10.4", "three sweeps of forward mode."),
    ("10.5", softplus),
    ("10.5", softplus_seam_elsewhere),
    ("10.5", softplus_by_sigmoid),
    ("10.6", curvature),
    ("10.6", five_point),
    ("10.6", extrapolated),
    ("10.6", lambda f, x: np.float64(curvature(f, x, 3e-6))),
]

WRONG = [
    ("10.1", 6, "multiplies it by x"),
    ("10.1", -12, "sign"),
    ("10.1", 9, "the cost itself"),
    ("10.1", 18, "∂c/∂x"),
    ("10.1", 24, "too many"),
    ("10.1", Value(12.0), "real numbers"),
    ("10.2", [0.6884, -0.3151, 4], "−sin t"),
    ("10.2", [-0.3151, -0.6884, 4], "other way round"),
    ("10.2", [-0.6884, 4, -0.3151], "comes last"),
    ("10.2", [-0.69, -0.32, 4.0], "rounded too early"),
    ("10.2", [-0.7, -0.3, 4], "rounded too early"),
    ("10.2", 2.9965, "one number"),
    ("10.3", 7, "right gradient"),
    ("10.3", 1, "product comes later"),
    ("10.3", 6, "do not add up"),
    ("10.3", 4, "Nothing adds up"),
    ("10.3", "x", "cannot be read"),
    ("10.4", "b", "one temperature only"),
    ("10.4", "c", "far fewer"),
    ("10.4", "d", "approximately"),
    ("10.4", "3", "none of the options"),
    ("10.5", lambda z: (z.exp() + 1).log(), "stopped with ValueError"),
    (
        "10.5",
        lambda z: math.log1p(math.exp(-abs(z.data))) + max(z.data, 0.0),
        "must return a Value",
    ),
    ("10.5", cut_off, "gradient"),
    ("10.5", leaky, "the value is"),
    ("10.5", lambda z: z.sigmoid(), "the value is"),
    ("10.5", lambda z: Value(softplus(z).data), "gradient is 0"),
    ("10.6", of_values, "slopes from the graph"),
    ("10.6", one_sided, "slopes from the graph"),
    ("10.6", lambda f, x: 2 * curvature(f, x), "divide by 2h"),
    ("10.6", lambda f, x: -curvature(f, x), "sign is turned"),
    ("10.6", by_power, "exp(v)"),
    ("10.6", slope_at, "instead of 27"),
    ("10.6", lambda f, x: f(Value(x)), "plain number"),
    ("10.6", lambda f, x: [curvature(f, x)] * 2, "one finite number"),
]


test_right_answer, test_wrong_answer, test_every_exercise = answer_tests(chapter10, RIGHT, WRONG)
