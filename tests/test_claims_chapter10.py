"""What chapter 10 says of the programs it prints, and of what they cost, holds for them."""

import math
import operator

import numpy as np
import pytest
from bookfiles import BOOK, cells, source

from descent import gradcheck
from descent.graph import Value


def program(*marks):
    """Run the chapter's own cells that hold these words, and return the names they define."""
    names = {"math": math, "np": np, "operator": operator}
    codes = [source(cell) for cell in cells(BOOK / "10-follow-the-chain.ipynb", "code")]
    for mark in marks:
        (code,) = [code for code in codes if mark in code]
        exec(code.split("\n\n\nnodes = ")[0].split("\n\n\nC, parameters = ")[0], names)
    return names


NODES = ("class Node:", "def operation(", "def in_order(")
BOOK_PROGRAM = program(
    *NODES, "def forward_slope(", "def neuron(", "class Counting(", "def counting_node("
)
Node, backward = BOOK_PROGRAM["Node"], BOOK_PROGRAM["backward"]
Counting, count = BOOK_PROGRAM["Counting"], BOOK_PROGRAM["count"]


def test_the_printed_program_walks_a_large_graph_without_searching_it():
    compared = 0

    class Seen(Node):
        __hash__ = object.__hash__

        def __eq__(self, other):
            nonlocal compared
            compared += 1
            return self is other

    leaves = parts = [Seen(1.0) for _ in range(1024)]
    while len(parts) > 1:
        sums = [a + b for a, b in zip(parts[::2], parts[1::2], strict=True)]
        parts = [Seen(s.data, *s.edges) for s in sums]
    backward(parts[0])
    assert {leaf.grad for leaf in leaves} == {1.0}
    assert compared < 100, "a list of the nodes done would be searched a million times"


def test_a_second_call_spoils_the_gradients_of_nodes_and_not_those_of_values():
    found = {}
    for kind in (Node, Value):
        x = kind(3.0)
        result = x * x * x
        for call in ("first", "second"):
            backward(result) if kind is Node else result.backward()
            found[kind, call] = x.grad
    assert found[Value, "first"] == found[Value, "second"] == found[Node, "first"] == 27
    assert found[Node, "second"] == 72


def test_a_long_chain_is_too_deep_for_nodes_and_not_for_values():
    node, value = Node(1.0), Value(1.0)
    for _ in range(2000):
        node, value = node + Node(0.0), value + 0.0
    with pytest.raises(RecursionError):
        backward(node)
    value.backward()


# Operations, counted by the price list -----------------------------------------------------------


def plain(seed, number, sigmoid):
    """A random formula of +, -, * and the sigmoid; every value is used."""
    rng = np.random.default_rng(seed)
    values = [number(v) for v in rng.uniform(0.5, 1.5, rng.integers(2, 12))]
    while len(values) > 1:
        i, j = rng.integers(len(values), size=2)  # i may be j: one value used twice
        kind = rng.integers(4)
        if kind == 3:
            made = sigmoid(values[i])
        else:
            made = (operator.add, operator.sub, operator.mul)[kind](values[i], values[j])
        values = [v for k, v in enumerate(values) if k not in (i, j)] + [made]
    return values[0] * number(0.7)


def test_chapters_9_and_10_have_one_price_list():
    codes = [source(cell) for cell in cells(BOOK / "09-stack-the-layers.ipynb", "code")]
    (code,) = [code for code in codes if "def count_exp(" in code]
    names = {"np": np, "z": np.linspace(-4, 4, 50)}
    exec(code, names)
    exponential, sigmoid = names["operations"], names["operations"] + 3
    assert exponential == 33
    assert count(BOOK_PROGRAM["counted_exp"], 0.7)[0] == exponential
    assert count(BOOK_PROGRAM["squash"], Counting(0.7))[0] == sigmoid
    here = "\n".join(map(source, cells(BOOK / "10-follow-the-chain.ipynb", "code")))
    assert f'prices = {{"": 0, "sigmoid": {sigmoid}}}' in here


@pytest.mark.parametrize("seed", range(30))
def test_reverse_mode_costs_at_most_five_evaluations_without_divisions(seed):
    evaluation, value = count(plain, seed, Counting, BOOK_PROGRAM["squash"])
    ahead, result = count(
        plain, seed, BOOK_PROGRAM["counting_node"], BOOK_PROGRAM["counted_sigmoid"]
    )
    assert float(result.data) == pytest.approx(float(value))
    back, _ = count(backward, result)
    assert ahead + back <= 5 * evaluation


def test_a_product_costs_five_and_a_division_as_value_does_it_nine():
    a, b = Counting(3.0), Counting(2.0)
    Counting.done = 0
    _ = a * b
    assert Counting.done == 1
    edges = [(node, local) for node, local in (Node(a) * Node(b)).edges]
    assert [float(local) for _, local in edges] == [2.0, 3.0]

    def divide():
        quotient = Node(a / b, (Node(a), 1.0 / b), (Node(b), -a / b / b))
        backward(quotient)
        return quotient

    done, quotient = count(divide)
    local = [float(local) for _, local in (Value(3.0) / Value(2.0)).edges]
    assert [float(local) for _, local in quotient.edges] == local
    assert done == 9

    def multiply():
        product = Node(a) * Node(b)
        backward(product)
        return product

    assert count(multiply)[0] == 5


def test_the_price_of_all_slopes_of_a_neuron_rises_to_five_evaluations_and_no_further():
    """For the chapter's neurons the ratio rises to five and stays below it."""
    ratios = []
    for d in (1, 10, 100, 1000):
        evaluation, _ = count(BOOK_PROGRAM["neuron"], d, Counting, BOOK_PROGRAM["squash"])
        ahead, (C, _) = count(
            BOOK_PROGRAM["neuron"],
            d,
            BOOK_PROGRAM["counting_node"],
            BOOK_PROGRAM["counted_sigmoid"],
        )
        back, _ = count(backward, C)
        ratios.append((ahead + back) / evaluation)
    assert np.all(np.diff(ratios) > 0) and 4.9 < ratios[-1] < 5


# Shared weights, measured slopes -----------------------------------------------------------------


@pytest.mark.parametrize("moments", [1, 2, 5])
def test_a_shared_weight_gets_the_sum_over_its_copies(moments):
    def run(weights):
        a = Value(0.5)
        for w in weights:
            a = (w * a).tanh()
        return a

    shared, copies = Value(0.8), [Value(0.8) for _ in range(moments)]
    run([shared] * moments).backward()
    run(copies).backward()
    assert shared.grad == pytest.approx(sum(w.grad for w in copies), rel=1e-14)


def test_the_step_of_gradcheck_is_the_cube_root_of_the_spacing_of_doubles():
    places = []

    def f(x):
        places.append(float(x[0]))
        return x[0]

    gradcheck.numerical_gradient(f, np.array([1.0]))
    gradcheck.numerical_gradient(f, np.array([50.0]))
    h = np.finfo(float).eps ** (1 / 3)
    spread = [np.ptp(places[:2]) / 2, np.ptp(places[2:]) / 2]
    np.testing.assert_allclose(spread, [h, 50 * h], rtol=1e-6)
