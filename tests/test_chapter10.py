"""Chapter 10: its pictures show the graphs they claim, its sentences on slopes hold."""

import math
from fractions import Fraction
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pytest
from exercise_tests import exercise_tests

from descent.exercises import chapter10 as exercises
from descent.experiments import chapter10 as experiments
from descent.figures import chapter10 as draw
from descent.figures.helpers import number
from descent.graph import Value

NAMES = list(experiments.EXAMPLES)
MINUS = "\N{MINUS SIGN}"


@pytest.fixture
def ax():
    figure, ax = plt.subplots(figsize=(6.2, 2.6))
    yield ax
    plt.close(figure)


def paths(result, given):
    """The local gradients along every path, one by one: the slow twin of backward."""
    if result is given:
        yield []
    for parent, local in result.edges:
        for path in paths(parent, given):
            yield [*path, local]


def result_of(name, nudge=0.0):
    return list(experiments.example(name, nudge).values())[-1]


# Claims of the text -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_gradients_are_sums_over_all_paths(name):
    for nudge in experiments.NUDGES:
        result = result_of(name, nudge)
        for value in result.order():
            total = sum(map(math.prod, paths(result, value)))
            assert value.grad == pytest.approx(total, rel=1e-13)


def test_three_paths_lead_from_t_to_f():
    nodes = experiments.three_paths(1.0)
    assert len(list(paths(nodes["f"], nodes["t"]))) == 3


def chain(n):
    """A chain of n neurons with nothing but factors: slopes of all weights, two ways."""
    w, a, slopes = ([Value(v) for v in np.linspace(0.5, 2, n)] for _ in range(3))
    error = Value(0.3)
    alone = []
    for k in range(n):
        product = error * slopes[n - 1]
        for j in range(n - 1, n - 1 - k, -1):
            product = product * w[j] * slopes[j - 1]
        alone.append(product * a[n - 1 - k])
    delta = error * slopes[n - 1]
    passed = [delta * a[n - 1]]
    for j in range(n - 1, 0, -1):
        delta = delta * w[j] * slopes[j - 1]
        passed.append(delta * a[j - 1])
    return alone, passed


def operations(results):
    behind = {id(v): v for result in results for v in result.order()}
    return sum(bool(v.operation) for v in behind.values())


@pytest.mark.parametrize("n", [2, 10, 100])
def test_multiplications_of_a_chain_of_neurons(n):
    alone, passed = chain(n)
    np.testing.assert_allclose([v.data for v in alone], [v.data for v in passed])
    assert operations(alone) == n * (n + 1)
    assert operations(passed) == 3 * n - 1


def test_reverse_mode_walks_each_arrow_once_and_there_are_at_most_two_an_operation():
    rng = np.random.default_rng(10)
    for _ in range(30):
        values = [Value(v) for v in rng.uniform(0.5, 1.5, 4)]
        for _ in range(40):
            a, b = (values[k] for k in rng.integers(len(values), size=2))
            kind = rng.integers(5)
            values.append((a + b, a - b, a.sigmoid() * b, a.cos(), a.relu())[kind])
        order = values[-1].order()
        m, arrows = sum(bool(v.operation) for v in order), sum(len(v.edges) for v in order)
        assert arrows <= 2 * m
        assert len(values[-1].backward()) == arrows  # each arrow once


def test_the_slope_of_sigma_is_at_most_a_quarter():
    z = np.linspace(-9, 9, 181)
    slopes = [Value(v).sigmoid().edges[0][1] for v in z]
    assert max(slopes) == 0.25 == slopes[90]


def test_the_derived_slope_is_right_to_nearly_all_digits():
    """Against exact fractions: the error of the way back on the source's example."""

    def exp(x, terms=60):
        total, term = Fraction(1), Fraction(1)
        for k in range(1, terms):
            term = term * x / k
            total += term
        return total

    def cos_sin(x, terms=60):
        sums, term = [Fraction(0), Fraction(0)], Fraction(1)
        for k in range(terms):
            sums[k % 2] += term * (1, 1, -1, -1)[k % 4]
            term = term * x / (k + 1)
        return sums

    for t in (0.5, 1.0, 2.0, 2.5):
        exact = Fraction(t)
        x, sine = cos_sin(exact)
        y = exact**2
        g = exp(x * y)
        slope = y * g * -sine + (1 + x * g) * 2 * exact
        found = Fraction(experiments.three_paths(t)["t"].grad)
        assert abs(found - slope) < Fraction(1, 10**14) * abs(slope)


def f(t):
    return t**2 + np.exp(t**2 * np.cos(t))


def slopes(t):
    """The slopes of the source's example at many t, by its formula."""
    y, g = t**2, np.exp(t**2 * np.cos(t))
    return 2 * t + g * (2 * t * np.cos(t) - y * np.sin(t))


def test_best_steps_and_errors():
    t, h = np.linspace(0.5, 2.5, 400), 10.0 ** np.linspace(-15, 0, 91)
    np.testing.assert_allclose(
        slopes(t[::40]), [experiments.three_paths(v)["t"].grad for v in t[::40]], rtol=1e-13
    )
    one, two = experiments.median_errors(f, slopes(t), t, h)
    assert 3e-9 < h[np.argmin(one)] < 1e-7 and 1e-8 / 3 < one.min() < 1e-7
    assert 1e-6 < h[np.argmin(two)] < 3e-5 and 1e-11 < two.min() < 1e-10
    # the slopes of the two sides of the V
    large, small = (h > 1e-3) & (h < 1e-1), h < 1e-10
    for errors, order in ((one, 1), (two, 2)):
        rise = np.polyfit(np.log(h[large]), np.log(errors[large]), 1)[0]
        fall = np.polyfit(np.log(h[small]), np.log(errors[small]), 1)[0]
        assert rise == pytest.approx(order, abs=0.15)
        assert fall == pytest.approx(-1, abs=0.1)


# The figure that walks there and back -------------------------------------------------------------

BOOK = draw.follow()
STEPS = BOOK.shape[1]


def words(name, k, nudge=0.0):
    g, d = NAMES.index(name), int(np.argmin(np.abs(experiments.NUDGES - nudge)))
    return BOOK.readout[g, k, d].replace(MINUS, "-")


def texts():
    """All texts of the figure: strings of shape (graph, step, nudge)."""
    return [np.broadcast_to(move.words, BOOK.shape) for move in BOOK.moves if move.kind == "text"]


@pytest.mark.parametrize("name", NAMES)
def test_the_walk_ends_with_the_gradients_of_the_graph(name):
    for nudge in experiments.NUDGES:
        nodes = experiments.example(name, nudge)
        *_, last = experiments.walk(name, nudge)
        for key, node in nodes.items():
            assert last.values[key].data == node.data
            assert last.gradients[key] == pytest.approx(node.grad, rel=1e-14)


@pytest.mark.parametrize("name", NAMES)
def test_the_walk_sees_values_before_gradients_and_each_arrow_once(name):
    steps = experiments.walk(name)
    nodes = experiments.example(name)
    arrows = [(p.name, v.name) for v in nodes.values() for p, _ in v.edges if p.name]
    assert sorted(step.back for step in steps if step.back) == sorted(arrows)
    for step in steps:
        if step.gradients:
            assert len(step.values) == len(nodes)
        for _, child in step.forward:
            assert all(p.name in step.values for p, _ in nodes[child].edges if p.name)
    counts = [len(step.gradients) for step in steps]
    assert counts == sorted(counts)


def test_the_example_of_the_source_step_by_step():
    back = [words("line", k) for k in range(5, 13)]
    assert back[0] == "Turn round: ∂c/∂c = 1."
    assert back[1] == "Back along c → e: gradient 1 times local gradient 8 is 8."
    assert back[3] == "Back along e → y: gradient 8 times local gradient -1 is -8."
    assert "Done: ∂c/∂x = 40, ∂c/∂w = 8, ∂c/∂b = 8, ∂c/∂y = -8." in back[-1]
    assert words("line", 4) == "Forward: c = e² = 16."
    assert words("line", 4, 0.1) == "Forward: c = e² = 16.81."
    assert words("line", 4, 1.0) == "Forward: c = e² = 25."


def test_gradients_add_up_at_two_steps_of_the_three_paths():
    adding = [k for k in range(14) if "adds up" in words("three paths", k)]
    assert len(adding) == 2
    assert "→ y" in words("three paths", adding[0])
    assert "→ t" in words("three paths", adding[1]) and "= 2.41" in words("three paths", adding[1])
    assert "It adds up: 1 + 0.9274 = 1.927." in words("three paths", adding[0])
    assert "It adds up: 1 + (-0.07876) = 0.9212." in words("three paths", adding[0], 1.0)


def test_the_smallest_factor_on_the_way_to_w_is_that_of_sigma():
    for nudge, factor in ((0.0, 0.2217), (1.0, 0.0590)):
        nodes = experiments.example("neuron", nudge)
        on_the_way = {}
        for child, parent in zip("Cseazu", "seazuw", strict=True):
            edges = {p.name: local for p, local in nodes[child].edges}
            on_the_way[child] = abs(edges[parent])
        assert on_the_way["a"] == pytest.approx(factor, abs=5e-5)
        if nudge == 0:
            assert min(on_the_way, key=on_the_way.get) == "a"


def test_texts_show_what_the_walk_knows():
    shown = texts()
    for g, name in enumerate(NAMES):
        for d, nudge in enumerate(experiments.NUDGES):
            steps = experiments.walk(name, nudge)
            for k in range(STEPS):
                step = steps[min(k, len(steps) - 1)]
                seen = {text[g, k, d] for text in shown}
                for key, value in step.values.items():
                    label = draw._short(value.data)
                    label = f"{draw._name(value)} = {label}" if value.edges else label
                    assert label in seen, (name, k, key)
                for gradient in step.gradients.values():
                    assert draw._short(gradient) in seen
                found = sum(bool(text[g, k, d]) for text in shown)
                note = bool(step.back) and k < len(steps)
                n = len(steps[-1].values)
                assert found == 2 * n + len(step.gradients) + note


def test_an_arrow_points_either_forwards_or_backwards():
    """Grey and walked arrows together are all arrows, at every step."""
    lines = [move for move in BOOK.moves if move.kind == "line"]
    taken, ahead, back, wires = (
        np.isfinite(move.x).sum(axis=-1)[:, :, 0] // 5 for move in lines
    )  # fmt: skip
    for g, name in enumerate(NAMES):
        steps = experiments.walk(name)
        arrows = sum(bool(step.back) for step in steps)
        np.testing.assert_array_equal(taken[g] + back[g] + wires[g], arrows)
        for k in range(STEPS):
            walked = sum(bool(step.back) for step in steps[: k + 1])
            assert taken[g, k] + back[g, k] == walked
            expected = len(steps[min(k, len(steps) - 1)].forward)
            assert ahead[g, k] == expected


def test_the_default_state_is_what_the_alternative_text_says():
    g, k, d = BOOK.start
    assert BOOK.readout[g, k, d] == "Back along u → w: gradient 8 times local gradient 1 is 8."
    step = experiments.walk("line")[k]
    assert step.gradients == {"c": 1, "e": 8, "y_hat": 8, "y": -8, "u": 8, "b": 8, "w": 8}


def copied(state):
    """The step that the copied line gives in this state."""
    pieces = (p if isinstance(p, str) else p["texts"][state[p["control"]]] for p in BOOK.code)
    return eval("".join(pieces), {"experiments": experiments})


def test_the_copied_line_gives_what_the_readout_says():
    for state in ((2, 9, 5), (0, 11, 3), (1, 13, 0)):
        step = copied(state)
        parent, child = step.back
        here, local, part = (
            number(v, ".4g") for v in (step.gradients[child], step.local, step.part)
        )
        words = f"gradient {here} times local gradient {local} is {part}."
        start = f"Back along {child} → {parent}: "
        assert BOOK.readout[state].replace("ŷ", "y_hat").startswith(start + words)
    assert "= " + number(copied((0, 3, 5)).values["e"].data, ".4g") in BOOK.readout[0, 3, 5]


def test_the_copied_line_gives_the_last_step_when_the_walk_is_over():
    assert copied((0, STEPS - 1, 3)).gradients == experiments.walk("line")[-1].gradients


def test_the_prediction_is_right():
    question = BOOK.question
    assert question["choices"][question["answer"]] == "about 16.8"
    nudged = experiments.linear_regression(w=5.1)["c"].data
    assert nudged == pytest.approx(16.81)
    assert experiments.linear_regression()["w"].grad == 8


def test_the_figure_stays_small():
    assert BOOK.size() < 40_000


# Static pictures ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_drawn_graph_shows_every_value_and_gradient(name, ax):
    draw.graph(result_of(name), ax)
    shown = [text.get_text() for text in ax.texts]
    for node in experiments.example(name).values():
        assert any(text.endswith(number(node.data, ".4g")) for text in shown)
        assert number(node.grad, ".4g") in shown


def test_a_path_is_drawn_bold(ax):
    nodes = experiments.three_paths()
    draw.graph(nodes["f"], ax, local=True, path=[nodes[k] for k in "tyf"])
    arrows = [t.arrow_patch for t in ax.texts if getattr(t, "arrow_patch", None)]
    assert sorted(arrow.get_linewidth() for arrow in arrows) == [1] * 5 + [2.4] * 2
    assert f"× {MINUS}0.8415" in [text.get_text() for text in ax.texts]


def random_graph(seed):
    rng = np.random.default_rng(seed)
    values = [Value(v, name=f"x{k}") for k, v in enumerate(rng.uniform(1, 2, 3))]
    for _ in range(rng.integers(2, 12)):
        a, b = (values[k] for k in rng.integers(len(values), size=2))
        values.append((a + b, a * b, a.log(), a * 2)[rng.integers(4)])
    return values[-1]


@pytest.mark.parametrize("seed", range(20))
def test_the_layout_goes_left_to_right_without_overlaps(seed):
    result = random_graph(seed)
    places = draw._layout(result)
    for value in result.order():
        for parent, _ in value.edges:
            if id(parent) in places:
                assert places[id(parent)][0] < places[id(value)][0]
    spots = sorted(places.values())
    for (column, row), (next_column, next_row) in pairwise(spots):
        assert next_column > column or next_row - row > 0.99


def test_constants_are_part_of_the_operation(ax):
    x = Value(3.0, "x")
    draw.graph((2 * x + 1) ** 3 / 4, ax)
    shown = [text.get_text() for text in ax.texts]
    assert {"×2", "+1", "( )^3", "/4"} <= set(shown)


def test_the_nudge_shows_factors(ax):
    draw.nudge({"w": 0.01, "z": 0.02, "a": 0.005, "C": -0.001}, ax)
    shown = [text.get_text() for text in ax.texts]
    assert {"× 2.00", "× 0.25", f"× {MINUS}0.20"} <= set(shown)
    assert [bar.get_width() for bar in ax.patches] == [0.01, 0.02, 0.005, -0.001]


def test_slopes_costs_and_steps_are_drawn_as_given(ax):
    figure, axes = plt.subplots(2, 1)
    t = np.linspace(0, 3, 31)
    draw.slope(t, t**2, 2 * t, np.array([1.0, 2.0]), np.array([2.0, 4.0]), axes)
    assert len(axes[0].lines) == 3
    x, y = axes[0].lines[1].get_data()
    assert (y[1] - y[0]) / (x[1] - x[0]) == pytest.approx(2)
    assert axes[1].lines[1].get_ydata().tolist() == [2, 4]
    plt.close(figure)
    names = ("forward mode", "measured", "reverse mode", "the cost alone")
    draw.cost_of_slopes(np.array([2, 11]), {n: [k, 10 * k] for k, n in enumerate(names, 1)}, ax)
    assert [line.get_ydata().tolist() for line in ax.lines] == [[k, 10 * k] for k in (1, 2, 3, 4)]


def test_stairs_and_step_sizes_are_drawn_as_given(ax):
    draw.stairs(np.array([-1.0, 0.0, 1.0]), np.array([0.0, 0.0, 1.0]), 0.5, ax)
    assert [line.get_ydata().tolist() for line in ax.lines] == [[-0.5, 0, 0.5], [0, 0, 1]]
    figure, other = plt.subplots()
    draw.step_sizes(np.array([1e-8, 1e-2]), {"one-sided": [1, 2], "two-sided": [3, 4]}, other)
    assert [line.get_ydata().tolist() for line in other.lines] == [[1, 2], [3, 4]]
    plt.close(figure)


# Exercises ----------------------------------------------------------------------------------------


def softplus(z):
    return z + ((-z).exp() + 1).log() if z.data > 0 else (z.exp() + 1).log()


def curvature(f, x, h=1e-5):
    slopes = []
    for place in (x + h, x - h):
        value = Value(place)
        f(value).backward()
        slopes.append(value.grad)
    return (slopes[0] - slopes[1]) / (2 * h)


def from_values(f, x, h=1e-4):
    up, here, down = (f(Value(v)).data for v in (x + h, x, x - h))
    return (up - 2 * here + down) / h**2


def bent(z):
    """Right values, wrong gradient: the correction is made of a constant."""
    return z.relu() + math.log1p(math.exp(-abs(z.data)))


RIGHT = {
    "10.1": 12,
    "10.2": [-0.6884, -0.3151, 4.0],
    "10.3": 3,
    "10.4": "a",
    "10.5": softplus,
    "10.6": curvature,
}

WRONG = [
    ("10.1", 6, "the last arrow"),
    ("10.1", -12, "sign"),
    ("10.1", 18, "∂c/∂x"),
    ("10.1", 9, "the cost itself"),
    ("10.1", 3, "2e"),
    ("10.1", 5, "Hint 1"),
    ("10.2", [0.6884, -0.3151, 4.0], "−sin t"),
    ("10.2", [-0.3151, -0.6884, 4.0], "other way round"),
    ("10.2", [-0.6884, -0.0788, 1.0], "2t on it"),
    ("10.3", 7, "right gradient"),
    ("10.3", 1, "comes later"),
    ("10.3", 6, "overwrites"),
    ("10.3", 4, "Nothing adds up"),
    ("10.4", "b", "one temperature"),
    ("10.4", "c", "far fewer"),
    ("10.4", "d", "approximately"),
    ("10.5", lambda z: (z.exp() + 1).log(), "stopped with ValueError"),
    ("10.5", lambda z: z.relu(), "the value is"),
    ("10.5", lambda z: math.log1p(math.exp(-abs(z.data))), "must return a Value"),
    ("10.5", bent, "gradient is"),
    ("10.6", from_values, "slopes from the graph"),
    ("10.6", lambda f, x: f(Value(x)).data, "instead of 27"),
    ("10.6", lambda f, x: f(Value(x)), "plain number"),
    ("10.6", lambda f, x: math.nan, "one finite number"),
]


test_right_answer, test_wrong_answer, test_every_exercise = exercise_tests(exercises, RIGHT, WRONG)
