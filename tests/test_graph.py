"""The scalar graph against worked examples, finite differences and itself."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descent.experiments.chapter10 import linear_regression, neuron, three_paths
from descent.graph import Value


def gradients(nodes):
    return {name: node.grad for name, node in nodes.items()}


def test_linear_regression_with_the_sign_right():
    """Errata 4-74, reading (i): every number printed in the source, and those it leaves out."""
    nodes = linear_regression()
    values = {name: node.data for name, node in nodes.items()}
    assert values == {"x": 1, "w": 5, "b": 1, "y": 2, "u": 5, "y_hat": 6, "e": 4, "c": 16}
    expected = {"c": 1, "e": 8, "y_hat": 8, "u": 8, "w": 8, "b": 8, "x": 40, "y": -8}
    assert gradients(nodes) == expected
    assert linear_regression(w=5 - 0.1 * 8)["c"].data == pytest.approx(10.24)


def test_linear_regression_with_the_other_residual():
    """Errata 4-74, reading (ii): e = y - y_hat with y = 10 turns the signs."""
    w, x, b, y = Value(5), Value(1), Value(1), Value(10)
    e = y - (w * x + b)
    c = e**2
    c.backward()
    assert (e.data, c.data, e.grad) == (4, 16, 8)
    assert (w.grad, b.grad, x.grad, y.grad) == (-8, -8, -40, 8)
    assert (y.data - (5 + 0.1 * 8 + 1)) ** 2 == pytest.approx(10.24)
    assert (y.data - (5 - 0.1 * 8 + 1)) ** 2 == pytest.approx(23.04)


def test_one_neuron():
    """Source 004, section 4.1: dC/db carries no x (errata 4-70)."""
    w, b = Value(0.5), Value(-0.3)
    z = w * 2 + b
    a = z.sigmoid()
    C = 0.5 * (a - 1) ** 2
    C.backward()
    assert a.data == pytest.approx(0.66818777216816611, rel=1e-15)
    assert C.data == pytest.approx(0.055049677269362422, rel=1e-14)
    assert z.grad == b.grad == pytest.approx(-0.07356704242638362, rel=1e-14)
    assert w.grad == pytest.approx(-0.14713408485276724, rel=1e-14)


@pytest.mark.parametrize(
    ("t", "slope"),
    [
        (0.5, 1.9436145028373329),
        (1.0, 2.410479016248909),
        (2.0, 2.9965393143241246),
        (math.pi, 6.2828603208159902),
    ],
)
def test_two_paths_add_up(t, slope):
    """Source 004, section 3.3.2: f = y + e^(xy) with x = cos t, y = t^2."""
    nodes = three_paths(t)
    x, y, f = (nodes[name].data for name in "xyf")
    assert f == pytest.approx(t**2 + math.exp(t**2 * math.cos(t)), rel=1e-15)
    assert nodes["x"].grad == pytest.approx(y * math.exp(x * y), rel=1e-15)
    assert nodes["y"].grad == pytest.approx(1 + x * math.exp(x * y), rel=1e-15)
    assert nodes["t"].grad == pytest.approx(slope, rel=1e-14)


def test_the_neuron_as_one_dict():
    nodes = neuron()
    assert nodes["C"].data == pytest.approx(0.055049677269362422, rel=1e-14)
    assert nodes["z"].grad == nodes["b"].grad == pytest.approx(-0.07356704242638362, rel=1e-14)
    assert nodes["w"].grad == pytest.approx(-0.14713408485276724, rel=1e-14)
    assert all(node.name == name for name, node in nodes.items())


@given(st.lists(st.floats(0.2, 2.5), min_size=3, max_size=3), st.integers(-3, 3))
def test_every_operation_against_finite_differences(numbers, n):
    def formula(a, b, c):
        d = a * b - c / a + (-b) ** 2
        e = (d.sigmoid() + (a / 3).exp() + 1).log() * b.tanh() + 2 / c - (3 - a) ** n
        return e + (d * 0.3).relu() * d + (a + 1.5) ** 0.5 + (1 + e) * c.cos() - a

    inputs = [Value(number) for number in numbers]
    result = formula(*inputs)
    result.backward()
    for i, given_input in enumerate(inputs):
        h = 1e-5
        up, down = ([x + s * h * (j == i) for j, x in enumerate(numbers)] for s in (1, -1))
        measured = (formula(*map(Value, up)).data - formula(*map(Value, down)).data) / (2 * h)
        assert given_input.grad == pytest.approx(measured, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(
    ("formula", "result", "slope"),
    [
        (lambda v: 2 + v, 6, 1),
        (lambda v: 2 - v, -2, -1),
        (lambda v: 2 * v, 8, 2),
        (lambda v: 2 / v, 0.5, -0.125),
        (lambda v: np.float64(2) - v, -2, -1),
        (lambda v: v - 2, 2, 1),
        (lambda v: v / 2, 2, 0.5),
        (lambda v: -v, -4, -1),
    ],
)
def test_a_number_on_either_side(formula, result, slope):
    v = Value(4.0)
    found = formula(v)
    found.backward()
    assert (found.data, v.grad) == (result, slope)


def test_a_value_used_twice():
    x = Value(3.0)
    square = x * x
    (square + x).backward()
    assert x.grad == 7
    assert square.edges == ((x, 3.0), (x, 3.0))


def test_backward_twice_gives_the_same_and_elsewhere_starts_afresh():
    x = Value(2.0)
    y = x**3
    y.backward()
    y.backward()
    assert x.grad == 12
    (y * 2).backward()
    assert (x.grad, y.grad) == (24, 2)


def test_the_way_back_in_order():
    nodes = linear_regression()
    way = nodes["c"].backward()
    assert [(value.name, parent.name, part) for value, parent, part in way] == [
        ("c", "e", 8),
        ("e", "y_hat", 8),
        ("e", "y", -8),
        ("y_hat", "u", 8),
        ("y_hat", "b", 8),
        ("u", "w", 8),
        ("u", "x", 40),
    ]


def test_order_puts_parents_first():
    a = Value(1.0)
    b = a + 1
    c = (a * b + b).exp() * a
    order = c.order()
    assert order[-1] is c and len(order) == len({id(v) for v in order})
    place = {id(value): i for i, value in enumerate(order)}
    for value in order:
        assert all(place[id(parent)] < place[id(value)] for parent, _ in value.edges)


def test_a_chain_longer_than_the_recursion_limit():
    x = Value(1.0)
    y = x
    for _ in range(20_000):
        y = y + x
    y.backward()
    assert (y.data, x.grad) == (20_001, 20_001)


def test_a_ladder_of_paths_is_walked_once():
    """2^60 paths lead from y to x; summing them one by one would never end."""
    x = Value(1.0)
    y = x
    for _ in range(60):
        y = y + y
    y.backward()
    assert x.grad == 2**60 and len(y.order()) == 61


def test_saturation_and_corner():
    assert Value(1000).sigmoid().data == 1 and Value(-1000).sigmoid().data == 0
    corner = Value(0.0)
    corner.relu().backward()
    assert corner.grad == 0
    assert (Value(0.0) ** 0).edges[0][1] == 0


def test_numpy_numbers_on_the_left():
    v = Value(3.0)
    for result in (np.float64(2) * v, np.float64(6) / v, np.float64(2) - v, np.float64(2) + v):
        assert isinstance(result, Value)


def test_repr():
    assert repr(Value(2, "w")) == "Value(w = 2, grad=0)"
    assert repr(Value(2.5)) == "Value(2.5, grad=0)"


@pytest.mark.parametrize("bad", ["1", None, 1j, [1.0], True])
def test_a_value_holds_one_real_number(bad):
    with pytest.raises(TypeError, match="real number"):
        Value(bad)
    with pytest.raises(TypeError, match="real number"):
        Value(1.0) + bad


def test_outside_the_real_numbers():
    for formula in (
        lambda: Value(0).log(),
        lambda: Value(-1) ** 0.5,
        lambda: Value(1) / 0,
        lambda: Value(1000).exp(),
        lambda: Value(0) ** -1,
    ):
        with pytest.raises(ValueError, match="not a number that a double holds"):
            formula()
    with pytest.raises(TypeError, match=r"\(b \* a.log\(\)\).exp\(\)"):
        Value(2) ** Value(3)
