"""Chapter 9: its networks do what the text says, its pictures show them, its exercises judge."""

from itertools import product

import matplotlib.pyplot as plt
import numpy as np
import pytest
from exercise_tests import exercise_tests

from descent import activations, data, network
from descent.exercises import chapter09 as exercises
from descent.experiments import chapter09 as experiments
from descent.figures import chapter09 as draw
from descent.figures import networks


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


def field():
    """The people around the bell, as the chapter makes them."""
    rng = np.random.default_rng(28)
    turn = rng.uniform(0, 2 * np.pi, 120)
    near = 0.95 * np.sqrt(rng.uniform(0, 1, 50))
    far = np.sqrt(rng.uniform(1.12**2, 2.4**2, 70))
    distance = np.append(near, far)
    X = distance[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
    return X, (distance < 1).astype(int)


X, HEARD = field()


def loop(layers, x, f):
    """The slow twin of a network: three loops, f for the hidden layers, identity at the end."""
    a = list(x)
    for at, (W, b) in enumerate(layers):
        z = [float(bias) for bias in b]
        for j in range(len(z)):
            for k in range(len(a)):
                z[j] += W[j][k] * a[k]
        a = z if at == len(layers) - 1 else [f(value) for value in z]
    return a


# Claims of the text -------------------------------------------------------------------------------


def right(k, sharpness):
    answer = experiments.fence(k, sharpness).predict(X)[:, 0] > 0.5
    return int(np.sum(answer == HEARD))


def test_what_the_text_says_of_the_fences():
    assert right(3, 10) == 109
    assert right(3, 3) > right(3, 20)
    assert right(3, 1) == np.sum(HEARD == 0), "too soft: always no"
    assert min(k for k in experiments.FENCES if right(k, 20) == 120) == 5
    assert all(right(k, 20) == 120 for k in experiments.FENCES[4:])


@pytest.mark.parametrize("k", experiments.FENCES)
def test_hidden_neurons_say_yes_inside_their_fence(k):
    turn = -np.pi / 2 + 2 * np.pi / k * np.arange(k)
    hidden = experiments.fence(k, 7.0).forward(X).a[1]
    for j in range(k):
        inside = X[:, 0] * np.cos(turn[j]) + X[:, 1] * np.sin(turn[j]) < experiments.DISTANCE
        np.testing.assert_array_equal(hidden[:, j] > 0.5, inside)


def test_one_sample_goes_as_the_picture_says():
    _, hidden, output = experiments.fence(3, 10).forward([[1.1, 0.8]]).a
    np.testing.assert_allclose(np.append(hidden, output).round(2), [1, 0.05, 1, 0.01])


@pytest.mark.parametrize("seed", range(5))
def test_without_a_bend_any_network_is_one_layer(seed):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 6, size=rng.integers(2, 6))
    deep = network.initialize(
        tuple(sizes.tolist()), rng=rng, scheme="normal", activations="identity"
    )
    W, b = np.eye(sizes[0]), np.zeros(sizes[0])
    for W_next, b_next in deep.layers:
        W, b = W_next @ W, W_next @ b + b_next
    samples = rng.standard_normal((6, sizes[0]))
    np.testing.assert_allclose(deep.predict(samples), samples @ W.T + b, atol=1e-9)
    assert np.linalg.matrix_rank(W) <= sizes.min()


def test_tanh_is_a_sigmoid_in_another_scale():
    z = np.linspace(-20, 20, 401)
    np.testing.assert_allclose(activations.tanh(z), 2 * activations.sigmoid(2 * z) - 1, atol=1e-15)


@pytest.mark.parametrize("m", [1, 3, 8, 50])
def test_the_bound_of_the_stairs_holds_for_any_curve_with_bounded_slope(m):
    rng = np.random.default_rng(m)
    x = np.linspace(0, 1, 2001)
    for _ in range(5):
        size, pitch, phase = rng.uniform(0.1, 3), rng.uniform(1, 15), rng.uniform(0, 6)

        def f(x, size=size, pitch=pitch, phase=phase):
            return size * np.sin(pitch * x + phase)

        net = experiments.approximator(f, 2 * m, "step")
        off = np.abs(net.predict(x[:, None])[:, 0] - f(x)).max()
        assert off <= size * pitch / (2 * m) + 1e-12


def test_a_continuous_network_misses_a_jump_by_half_its_height():
    for hidden, kind in product(experiments.HIDDEN, experiments.NEURONS):
        assert experiments.errors("jump", hidden, kind)[1] >= 0.3 - 1e-6


def test_errors_fall_at_the_rates_the_text_names():
    for kind, factor in (("step", 2), ("relu", 4)):
        (few, _), (many, _) = (experiments.errors("wave", n, kind) for n in (32, 128))
        assert few / many == pytest.approx(factor**2, rel=0.05)
    for kind in experiments.NEURONS:
        slow = [experiments.errors("square root", n, kind)[1] for n in (32, 128)]
        assert slow[0] / slow[1] == pytest.approx(2, rel=0.05)


def test_four_neurons_of_any_kind_miss_the_narrow_peak():
    for kind in experiments.NEURONS:
        assert experiments.errors("narrow peak", 4, kind)[1] > 0.95


def test_a_no_from_one_fence_is_enough_and_the_wrong_ones_stand_inside_all():
    hidden, out = experiments.fence(3, 10).forward(X).a[1:]
    yes = out[:, 0] > 0.5
    assert np.all(hidden[yes] > 0.5)
    wrong = yes != HEARD
    assert not HEARD[wrong].any()
    assert wrong.sum() == 11


def test_the_hidden_layer_of_the_fold_joins_the_two_cases_that_are_alike():
    fold = network.Network(exercises.FOLD, ["relu", "identity"])
    hidden = fold.forward(exercises.CASES).a[1]
    np.testing.assert_array_equal(hidden, [[0, 0], [0, 1], [1, 0], [0, 0]])


def test_sigmoids_follow_as_the_proof_says():
    """The sum of the proof, with its m, r and s, is within epsilon of the wave."""
    f, epsilon, x = experiments.TARGETS["wave"], 0.1, np.linspace(0, 1, 4001)
    m = int(np.ceil(4.07 / (epsilon / 4))) + 1
    edges = np.arange(1, m) / m
    heights = f((np.arange(m) + 0.5) / m)
    rises, r = np.diff(heights), 0.4 / m
    s = np.log(4 * np.abs(rises).sum() / epsilon) / r * 1.01
    assert activations.sigmoid(-s * r) < epsilon / (4 * np.abs(rises).sum())
    sum_of_steps = heights[0] + activations.sigmoid(s * (x[:, None] - edges)) @ rises
    assert np.abs(sum_of_steps - f(x)).max() < epsilon


# Networks written down ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", experiments.TARGETS)
@pytest.mark.parametrize("hidden", [2, 6, 20])
def test_approximators_are_networks_of_the_size_they_claim(name, hidden):
    f = experiments.TARGETS[name]
    middles = (np.arange(hidden // 2) + 0.5) / (hidden // 2)
    for kind in experiments.NEURONS:
        net = experiments.approximator(name, hidden, kind)
        assert [W.shape for W, _ in net.layers] == [(hidden, 1), (1, hidden)]
        at = np.linspace(0, 1, hidden + 1) if kind == "relu" else middles
        out = net.predict(at[:, None])[:, 0]
        np.testing.assert_allclose(out, f(at), atol=1e-12 if kind != "sigmoid" else 1e-3)
        scalar = {
            "step": lambda z: float(z > 0),
            "sigmoid": lambda z: 1 / (1 + np.exp(-min(max(z, -700), 700))),
            "relu": lambda z: max(z, 0.0),
        }[kind]
        for x in (0.13, 0.5, 0.91):
            slow = loop(net.layers, [x], scalar)[0]
            assert net.predict([[x]])[0, 0] == pytest.approx(slow, abs=1e-12)


def test_relu_networks_run_straight_between_their_points():
    net = experiments.approximator("wave", 10, "relu")
    knots, x = np.linspace(0, 1, 11), np.linspace(0, 1, 301)
    straight = np.interp(x, knots, experiments.TARGETS["wave"](knots))
    np.testing.assert_allclose(net.predict(x[:, None])[:, 0], straight, atol=1e-12)


# The figure of the fences -------------------------------------------------------------------------

FENCES = draw.fences(X, HEARD)
FENCE_MOVES = dict(
    zip(("image", "lines", "rings", "negative", "positive", "hidden"), FENCES.moves, strict=True)
)


def test_the_map_is_the_networks_answer():
    axis = (np.linspace(-2.6, 2.6, 61)[1:] + np.linspace(-2.6, 2.6, 61)[:-1]) / 2
    stack = FENCE_MOVES["image"].stack
    for i, s, row, column in ((0, 0, 3, 50), (2, 4, 30, 30), (2, 4, 10, 55), (7, 2, 44, 17)):
        net = experiments.fence(experiments.FENCES[i], experiments.SHARPNESS[s])
        here = net.predict([[axis[column], axis[row]]])[0, 0]
        assert stack[i, s, row, column] == pytest.approx(here)


def test_rings_mark_the_wrong_ones_and_the_readout_counts_them():
    for i, k in enumerate(experiments.FENCES):
        for s, sharpness in enumerate(experiments.SHARPNESS):
            ringed = np.isfinite(FENCE_MOVES["rings"].x[i, s])
            answer = experiments.fence(k, sharpness).predict(X)[:, 0] > 0.5
            np.testing.assert_array_equal(ringed, answer != HEARD)
            words = FENCES.readout[i, s]
            assert f"{120 - ringed.sum()} of 120" in words
            inside, outside = np.sum(ringed & (HEARD == 0)), np.sum(ringed & (HEARD == 1))
            if ringed.any():
                assert f"wrongly inside {inside}, wrongly outside {outside}." in words
            else:
                assert words.endswith("right, all of them.")


def test_fence_lines_are_where_a_hidden_neuron_is_in_two_minds():
    for i, k in enumerate(experiments.FENCES):
        ends = np.stack([FENCE_MOVES["lines"].x[i, 0], FENCE_MOVES["lines"].y[i, 0]], axis=-1)
        shown = ends[np.isfinite(ends[:, 0])].reshape(-1, 2, 2)
        assert len(shown) == k
        for j, pair in enumerate(shown):
            answers = experiments.fence(k, 5.0).forward(pair).a[1][:, j]
            np.testing.assert_allclose(answers, 0.5, atol=1e-9)


def test_the_drawn_network_has_an_edge_for_each_weight():
    for i, k in enumerate(experiments.FENCES):
        W2, W3 = (layer.W for layer in experiments.fence(k, 1.0).layers)
        for name, sign in (("positive", 1), ("negative", -1)):
            drawn = np.isfinite(FENCE_MOVES[name].x[i, 0]).sum() / 2
            assert drawn == sum(np.sum(sign * W > 1e-9) for W in (W2, W3))
        assert np.isfinite(FENCE_MOVES["hidden"].x[i, 0]).sum() == k


def test_the_prediction_about_the_fences_is_right():
    words = {"two": 2, "three": 3, "five": 5, "eight": 8}
    question = FENCES.question
    fewest = min(k for k in experiments.FENCES if right(k, 20) == 120)
    assert words[question["choices"][question["answer"]]] == fewest


# The figure of the curves -------------------------------------------------------------------------

CURVES = draw.universality()
CURVE_MOVES = dict(
    zip(("wanted", "got", "pieces", "typical", "most", "now"), CURVES.moves, strict=True)
)
NAMES = list(experiments.TARGETS)


@pytest.mark.parametrize("kind", experiments.NEURONS)
def test_the_drawn_curve_is_the_networks(kind):
    got, s = CURVE_MOVES["got"], experiments.NEURONS.index(kind)
    for i, f in product((0, 6, 15), range(4)):
        net = experiments.approximator(NAMES[f], experiments.HIDDEN[i], kind)
        out = net.predict(got.x[i, f, s][:, None])[:, 0]
        np.testing.assert_allclose(got.y[i, f, s], out)


def test_the_pieces_add_up_to_the_network():
    """Bumps and hats, summed up, are the network's curve."""
    x = np.linspace(0.003, 0.997, 200)
    for (f, name), (s, kind) in product(enumerate(NAMES), enumerate(("step", "relu"))):
        hidden = 12
        rows = draw._hats(name, hidden) if kind == "relu" else draw._bumps(name, hidden, kind)
        total = sum(np.interp(x, *_upright(row).T, left=0, right=0) for row in rows)
        net = experiments.approximator(name, hidden, kind)
        near_an_edge = np.abs(x * 6 - np.rint(x * 6)) < 1e-3
        out = net.predict(x[:, None])[:, 0]
        np.testing.assert_allclose(total[~near_an_edge], out[~near_an_edge], atol=1e-9)
        where = np.isfinite(
            CURVE_MOVES["pieces"].x[list(experiments.HIDDEN).index(hidden), f, 2 * s]
        )
        assert where.any()


def _upright(row):
    """Move the corners of a rectangle apart, so that x rises."""
    row = np.array(row, float)
    row[:, 0] += 1e-9 * np.arange(len(row)) if len(row) == 4 else 0
    return row


def test_errors_and_readout_tell_the_same():
    typical, most, now = (CURVE_MOVES[name] for name in ("typical", "most", "now"))
    for i, f, s in product((0, 5, 15), range(4), range(3)):
        rms, largest = experiments.errors(NAMES[f], experiments.HIDDEN[i], experiments.NEURONS[s])
        assert typical.y[0, f, s, i] == pytest.approx(rms)
        assert most.y[0, f, s, i] == pytest.approx(largest)
        np.testing.assert_allclose(now.y[i, f, s], [rms, largest])
        np.testing.assert_array_equal(now.x[i, f, s], experiments.HIDDEN[i])
        words = CURVES.readout[i, f, s]
        assert f"{rms:.2g} typically, {largest:.2g} at most" in words
        assert ("stays at 0.3 or more" in words) == (NAMES[f] == "jump")


def test_the_prediction_about_the_curves_is_right():
    errors = [experiments.errors("wave", hidden, "step")[0] for hidden in (16, 32)]
    assert errors[1] / errors[0] == pytest.approx(0.5, abs=0.05)
    assert CURVES.question["choices"][CURVES.question["answer"]] == "about a half"


@pytest.mark.parametrize(("book", "limit"), [(FENCES, 60_000), (CURVES, 90_000)])
def test_the_figures_stay_small(book, limit):
    assert book.size() < limit


@pytest.mark.parametrize("book", [FENCES, CURVES])
def test_the_copied_line_runs(book):
    line = "".join(
        part if isinstance(part, str) else part["texts"][book.start[part["control"]]]
        for part in book.code
    )
    result = eval(line, {"network": network, "experiments": experiments, "X": X})
    if book is FENCES:
        assert np.sum((result[:, 0] > 0.5) == HEARD) == 109
    else:
        same = experiments.approximator("wave", 16, "step")
        np.testing.assert_array_equal(result.flatten(), same.flatten())


# Static pictures ----------------------------------------------------------------------------------

HAND = experiments.fence(3, 10.0)


def test_edges_are_drawn_from_the_weights(ax):
    W, b = np.array([[2.0, -1.0], [0.0, 0.5]]), np.array([4.0, -0.4])
    networks.draw_network([(W, b)], ax, titles=False)
    edges = [line for line in ax.lines if len(line.get_xdata()) == 2]
    looks = [(line.get_color(), line.get_linewidth()) for line in edges]
    assert looks == [
        (networks.POSITIVE, networks._width(2.0, 4)),
        (networks.NEGATIVE, networks._width(1.0, 4)),
        (networks.POSITIVE, networks._width(0.5, 4)),
    ], "one edge a weight, none for the zero"
    assert networks._width(4, 4) == networks.THICK
    dashed = [line.is_dashed() for line in edges]
    assert dashed == [False, True, False]
    rings = [line for line in ax.lines if len(line.get_xdata()) > 2]
    assert [r.get_color() for r in rings[:2]] == [networks.POSITIVE, networks.NEGATIVE]
    assert rings[0].get_linewidth() == networks.THICK


def test_an_edge_leads_from_its_neuron_to_its_neuron(ax):
    W = np.zeros((3, 2))
    W[2, 0] = 1.0  # to the third from the first
    networks.draw_network([(W, np.zeros(3))], ax)
    (edge,) = [line for line in ax.lines if len(line.get_xdata()) == 2]
    left, right = networks._positions((2, 3))
    np.testing.assert_array_equal(np.column_stack(edge.get_data()), [left[0], right[2]])


def test_numbers_names_and_activations_are_written(ax):
    values = HAND.forward([[1.1, 0.8]]).a
    networks.draw_network(
        HAND.layers, ax, inputs=["east", "north"], outputs=["heard"], values=values, numbers=True
    )
    texts = [text.get_text() for text in ax.texts]
    for expected in ("east", "heard", "−8.66", "−25", "10.5", "1.10", "0.05", "hidden\nlayer 2"):
        assert expected in texts
    assert texts.count("10") == 4, "one weight from north, three into the output"


def test_a_wide_layer_shows_its_first_and_last_neurons(ax):
    assert networks._visible(10).tolist() == list(range(10))
    assert networks._visible(784, 4).tolist() == [0, 1, 782, 783]
    layers = network.initialize((784, 30, 10), rng=np.random.default_rng(0)).layers
    networks.draw_network(layers, ax, most=6, outputs=list("0123456789"))
    texts = [text.get_text() for text in ax.texts]
    assert texts.count("⋮") == 3
    assert "input\n784 neurons" in texts
    assert texts[-1] == "9"
    assert len([line for line in ax.lines if len(line.get_xdata()) == 2]) == 2 * 36


def test_maps_points_and_bends_show_what_they_are_given(ax):
    draw.places(X, HEARD, ax)
    assert [len(c.get_offsets()) for c in ax.collections] == [70, 50]
    figure, axes = plt.subplots(1, 4)
    draw.what_neurons_see(HAND, X, HEARD, axes)
    grid = np.linspace(-2.6, 2.6, 131)
    inside = [a.images[0].get_array()[20, 70] for a in axes]
    wanted = HAND.forward([[grid[70], grid[20]]]).a
    np.testing.assert_allclose(inside, np.append(wanted[1], wanted[2]))
    assert "output" in (axes[3].get_title(), axes[3].get_title(loc="left"))
    plt.close(figure)
    figure, axes = plt.subplots(1, 2)
    draw.bends(axes)
    for line in axes[0].lines:
        assert line.get_ydata()[200] in (0, 0.5)
    assert max(np.nanmax(line.get_ydata()) for line in axes[1].lines) == 1
    plt.close(figure)


def test_the_bump_is_the_sum_of_its_steps(ax):
    draw.bump(ax)
    up, down, both = (line.get_ydata() for line in ax.lines)
    np.testing.assert_allclose(up + down, both)
    assert both.max() == pytest.approx(0.7, abs=0.01)


def test_collapsed_and_found_or_built_draw_both(ax):
    figure, axes = plt.subplots(1, 2)
    draw.collapsed(HAND, network.Network([(np.ones((1, 2)), np.ones(1))]), axes)
    assert [len([line for line in a.lines if len(line.get_xdata()) == 2]) for a in axes] == [8, 2]
    plt.close(figure)
    x = np.linspace(0, 1, 5)
    draw.found_or_built(x, x, x + 1, np.stack([x, x, x]), ax)
    assert len(ax.lines) == 5


# Exercises ----------------------------------------------------------------------------------------


def to_sigmoid(layers):
    (W2, b2), (W3, b3) = layers
    return [(2 * W2, 2 * b2), (2 * W3, b3 - W3 @ np.ones(W3.shape[1]))]


def through(x, y):
    """The slow way: walk to the right and mend the slope."""
    W3, slope = [], 0.0
    for k in range(len(x) - 1):
        wanted = (y[k + 1] - y[k]) / (x[k + 1] - x[k])
        W3.append(wanted - slope)
        slope = wanted
    return [(np.ones((len(x) - 1, 1)), -x[:-1]), (np.array([W3]), np.array([y[0]]))]


def spoiling(layers):
    good = to_sigmoid(layers)
    layers[0][0][:] = 0
    return good


RIGHT = {
    "9.1": 139,
    "9.2": [0, 1, 1, 0],
    "9.3": "c",
    "9.4": to_sigmoid,
    "9.5": 48,
    "9.6": through,
}

WRONG = [
    ("9.1", 120, "weights alone"),
    ("9.1", 143, "input layer has no biases"),
    ("9.1", 67, "two hidden layers"),
    ("9.1", 5, "Hint 1"),
    ("9.2", [0, 0, 0, 0], "cancel"),
    ("9.2", [1, 0, 0, 1], "other way round"),
    ("9.2", [0, -1, 1, 0], "never answers less"),
    ("9.3", "a", "have none"),
    ("9.3", "b", "never do"),
    ("9.3", "d", "one affine map"),
    ("9.4", lambda layers: layers, "differ by up to"),
    ("9.4", lambda layers: 3, "two layers"),
    ("9.4", lambda layers: [*to_sigmoid(layers)[:1], (2 * layers[1][0], layers[1][1])], "a bias"),
    ("9.4", lambda layers: to_sigmoid(layers)[::-1], "shapes"),
    ("9.4", lambda layers: [(W * np.nan, b) for W, b in layers], "finite"),
    ("9.4", spoiling, "changed the layers"),
    ("9.5", 6, "the orders"),
    ("9.5", 8, "change places"),
    ("9.5", 12, "on its own"),
    ("9.5", 14, "multiply"),
    ("9.6", lambda x, y: 0, "two layers"),
    ("9.6", lambda x, y: through(x, y + 1), "first misses point 1"),
    ("9.6", lambda x, y: through(x, 0 * y + y[0]), "misses point 2"),
    ("9.6", lambda x, y: [(np.ones((len(x), 1)), -x), (np.ones((1, len(x))), y[:1])], "shapes"),
]


test_right_answer, test_wrong_answer, test_every_exercise = exercise_tests(exercises, RIGHT, WRONG)


def test_the_fold_is_xor():
    table = data.logic_gate("XOR")
    out = network.Network(exercises.FOLD, ["relu", "identity"]).predict(table.features)[:, 0]
    np.testing.assert_array_equal(out, table.labels > 0)
