"""Chapter 11: its sentences on backpropagation hold, its pictures show the passes they claim."""

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pytest

from descent import network
from descent.activations import sigmoid
from descent.experiments import chapter11 as experiments
from descent.figures import chapter11 as draw
from descent.gradcheck import numerical_gradient

X, Y = experiments.CASES, experiments.XOR


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


@pytest.fixture(scope="module")
def runs():
    return experiments.family()


def loops(layers, x, y):
    """The slow twin, in components: z, a, delta and the slopes of the weights for one sample."""
    a, z = [list(x)], []
    for W, b in layers:
        z.append([sum(w * v for w, v in zip(row, a[-1], strict=True)) + c
                  for row, c in zip(W, b, strict=True)])  # fmt: skip
        a.append([1 / (1 + np.exp(-v)) for v in z[-1]])
    delta = [[(v - t) * v * (1 - v) for v, t in zip(a[-1], y, strict=True)]]
    for (W, _), below in zip(layers[:0:-1], a[-2:0:-1], strict=True):
        delta.insert(0, [
            sum(W[k][j] * delta[0][k] for k in range(len(delta[0]))) * v * (1 - v)
            for j, v in enumerate(below)
        ])  # fmt: skip
    slopes = [[[d * v for v in below] for d in errors]
              for errors, below in zip(delta, a, strict=False)]  # fmt: skip
    return z, a, delta, slopes


# The worked example -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", experiments.SAMPLES)
def test_the_passes_are_those_of_loops_and_of_measured_slopes(name):
    x, y = experiments.SAMPLES[name]
    run = experiments.passes(x, y)
    z, a, delta, slopes = loops(experiments.EXAMPLE.layers, x, y)
    for ours, theirs in ((run.z, z), (run.a, a), (run.delta, delta), (run.slopes, slopes)):
        for part, twin in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(part, twin, rtol=1e-12)
    assert run.cost == pytest.approx(sum((p - q) ** 2 for p, q in zip(a[-1], y, strict=True)) / 2)

    def cost(vector):
        return experiments.EXAMPLE.unflatten(vector).cost([x], [y])

    measured = experiments.EXAMPLE.unflatten(
        numerical_gradient(cost, experiments.EXAMPLE.flatten())
    )
    for slope, errors, layer in zip(run.slopes, run.delta, measured.layers, strict=True):
        np.testing.assert_allclose(slope, layer.W, atol=1e-9)
        np.testing.assert_allclose(errors, layer.b, atol=1e-9)


def test_the_first_output_has_the_reference_values():
    """Its error and slopes are those of the network with this output alone, to all digits."""
    run = experiments.passes((0.5, -1.5), (0.0, 1.0))
    assert run.delta[1][0] == pytest.approx(0.12741103500561792, rel=1e-13)
    dW3 = (0.076279414420019107, 0.052669482123271149, 0.035533003815464513)
    np.testing.assert_allclose(run.slopes[1][0], dW3, rtol=1e-13)
    first, (W3, b3) = experiments.EXAMPLE.layers
    one_output = network.Network([first, (W3[:1], b3[:1])])
    alone = network.backpropagate(one_output, [[0.5, -1.5]], [0.0])
    delta2 = (0.021428309200304887, -0.024717475268786334, 0.023061049534868189)
    np.testing.assert_allclose(alone[0].b, delta2, rtol=1e-12)


def test_a_nudge_changes_what_lies_behind_it_and_nothing_else():
    x, y = experiments.SAMPLES[next(iter(experiments.SAMPLES))]
    change = experiments.ripple(3, 2, 0.5, x, y)
    (W, b), last = experiments.EXAMPLE.layers
    W = W.copy()
    W[2, 1] += 0.5
    _, old, _, _ = loops(experiments.EXAMPLE.layers, x, y)
    _, new, _, _ = loops(((W, b), last), x, y)
    np.testing.assert_allclose(new[1][:2], old[1][:2])
    assert change.z2 == pytest.approx(0.5 * x[1])
    assert change.a2 == pytest.approx(new[1][2] - old[1][2])
    np.testing.assert_allclose(change.a3, np.subtract(new[2], old[2]), rtol=1e-10)
    for j, k in ((3, 2), (1, 1), (2, 1)):
        slope = experiments.passes(x, y).slopes[0][j - 1, k - 1]
        assert experiments.ripple(j, k, 1e-6, x, y).cost / 1e-6 == pytest.approx(slope, rel=1e-4)


def test_in_the_third_sample_neuron_3_gets_the_largest_sum_and_has_the_smallest_error():
    for k, (x, y) in enumerate(experiments.SAMPLES.values()):
        run = experiments.passes(x, y)
        slope = run.a[1] * (1 - run.a[1])
        back = np.abs(run.delta[0] / slope)
        if k == 2:
            assert slope[2] < 0.25 / 10 < 0.19 < slope[:2].min()
            assert back[2] > 3 * back[:2].max()
            assert np.abs(run.delta[0]).argmin() == 2
        else:
            assert slope[2] > 0.1


# Claims of the text -------------------------------------------------------------------------------


def test_a_mixed_step_is_off_by_the_rate():
    """To first order: twice the rate, twice the error of layer 2's slopes."""
    start = experiments.start("normal 3")
    (W2, b2), (W3, b3) = start.layers
    right = network.backpropagate(start, X, Y)
    a2 = sigmoid(X @ W2.T + b2)
    a3 = sigmoid(a2 @ W3.T + b3)
    delta = (a3 - Y[:, None]) * a3 * (1 - a3) / 4
    off = []
    for eta in (0.01, 0.02):
        new = W3 - eta * right[1].W
        off.append(np.abs((delta @ new * a2 * (1 - a2)).T @ X - right[0].W).max())
    assert off[1] / off[0] == pytest.approx(2, rel=1e-6)


def test_no_rate_moves_the_start_from_zero():
    zeros = experiments.start("all 0")
    assert not zeros.flatten().any()
    assert not network.flatten(network.backpropagate(zeros, X, Y)).any()


@pytest.fixture(scope="module")
def two_hidden():
    rng = np.random.default_rng(11)
    many = network.initialize((2, 2, 1), rng=rng, scheme="normal", family=(300,))
    return network.train(many, X, Y, eta=10.0, epochs=2000, every=2000)


def test_stuck_networks_lie_on_two_levels_and_nowhere_else(two_hidden):
    cost = two_hidden.cost[-1]
    near = [np.abs(cost - level) < 0.002 for level in (0, 1 / 16, 1 / 12)]
    assert np.all(np.any(near, axis=0))
    assert [np.sum(pile) for pile in near] == [220, 71, 9]


def test_cases_that_share_an_answer_are_saturated_in_both_hidden_neurons(two_hidden):
    for level, shared in ((1 / 16, 2), (1 / 12, 3)):
        k = int(np.argmin(np.abs(two_hidden.cost[-1] - level)))
        _, (_, hidden, output) = two_hidden.network.member(k).forward(X)
        middle = np.flatnonzero((output[:, 0] > 0.4) & (output[:, 0] < 0.75))
        assert len(middle) == shared
        assert np.ptp(np.round(hidden[middle]), axis=0).max() == 0  # the same side of both lines
        assert np.max(hidden[middle] * (1 - hidden[middle])) < 0.05


# XOR, learnt --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def book():
    return draw.learn_xor()


def test_the_family_is_a_loop(runs):
    for e, s in ((1, 2), (2, 4), (3, 1)):
        eta, name = experiments.RATES[e], experiments.STARTS[s]
        for t in (0, 3, 5):
            one = network.train(
                experiments.start(name), X, Y, eta=eta, epochs=int(experiments.EPOCHS[t])
            )
            member = runs.network.member((e, s, t))
            np.testing.assert_allclose(member.flatten(), one.network.flatten(), rtol=1e-8)
            row = np.flatnonzero(runs.epochs == experiments.EPOCHS[t])[0]
            assert runs.cost[e, s, row] == pytest.approx(one.cost[-1], rel=1e-8)


def test_every_random_start_learns_at_some_rate_and_no_symmetric_one_at_any(runs):
    learnt = runs.cost[..., -1] < 0.01
    assert not learnt[:, :2].any()
    assert learnt[:, 2:6].any(axis=0).all()
    assert learnt[2, 2:6].all()
    assert not learnt[-1, 2:].all()  # the largest rate throws some onto flat ground


def test_starts_are_what_their_names_say():
    for name in experiments.STARTS[:2]:
        assert np.ptp(experiments.start(name).flatten()) == 0
    rng = np.random.default_rng(2)
    drawn = network.initialize((2, 3, 1), rng=rng, scheme="normal")
    np.testing.assert_allclose(experiments.start("wide 2").flatten(), 10 * drawn.flatten())
    rng = np.random.default_rng(0)
    drawn = network.initialize((2, 3, 1), rng=rng, scheme="xavier")
    np.testing.assert_array_equal(experiments.start("Xavier 0").flatten(), drawn.flatten())


def test_the_figure_shows_the_family(book, runs):
    curve, now, image, *rest = book.moves
    lines, shown = rest[:3], rest[3::2]
    state = book.start
    np.testing.assert_allclose(curve.y[state], runs.cost[state[0], state[1], 1:])
    np.testing.assert_allclose(curve.x[state], runs.epochs[1:])
    assert now.x[state][0] == experiments.EPOCHS[state[2]]
    net = runs.network.member(state)
    there = np.array([[draw.GRID[40], draw.GRID[5]], [draw.GRID[11], draw.GRID[33]]])
    answer = net.predict(there)[:, 0]
    for value, (row, column) in zip(answer, ((5, 40), (33, 11)), strict=True):
        assert image.stack[state][row, column] == pytest.approx(np.floor(10 * value) / 10 + 0.05)
    for j, line in enumerate(lines):
        ends = np.column_stack([line.x[state], line.y[state]])
        np.testing.assert_allclose(ends @ net.layers[0].W[j] + net.layers[0].b[j], 0, atol=1e-9)
    for i, line in enumerate(shown):
        _, a2, a3 = net.forward(X[i : i + 1]).a
        np.testing.assert_allclose(line.y[state], [*a2[0], a3[0, 0]])


def test_the_readout_tells_the_truth(book, runs):
    rows = np.searchsorted(runs.epochs, experiments.EPOCHS)
    for state, words in np.ndenumerate(book.readout):
        e, s, t = state
        cost = runs.cost[e, s, rows[t]]
        assert words.startswith(f"η = {experiments.RATES[e]:g}, {experiments.STARTS[s]}, epoch")
        assert ("Learnt" in words) == (cost < 0.01)
        right = np.sum((runs.outputs[state] > 0.5) == (Y == 1))
        assert s == 0 or f"{right} of 4 right" in words
        assert s == 0 or f"cost {cost:.2g}," in words
        if "plateau" in words:
            assert np.all(np.abs(runs.outputs[state] - 0.5) < 0.1)


def test_the_question_has_its_answer(book, runs):
    assert book.question["choices"][book.question["answer"]] == "nothing at all"
    e = list(experiments.RATES).index(30.0)
    assert np.all(runs.cost[e, 0] == 0.125)


def test_the_copied_lines_run(book):
    namespace = {"network": network, "experiments": experiments, "X": X, "y": Y}
    run = eval(copied(book, (2, 2, 5)), namespace)
    expected = network.train(experiments.start("Xavier 0"), X, Y, eta=3.0, epochs=300)
    np.testing.assert_array_equal(run.cost, expected.cost)
    run = eval(copied(draw.both_ways(), (0, 1)), namespace)
    assert run.a[0].tolist() == [1.0, 0.0]


def copied(book, state):
    pieces = (p if isinstance(p, str) else p["texts"][state[p["control"]]] for p in book.code)
    return "".join(pieces)


def test_labels_of_the_outputs_keep_apart_and_in_order():
    rng = np.random.default_rng(0)
    for values in (*rng.uniform(0, 1, (50, 4)), np.full(4, 0.5), np.ones(4), np.zeros(4)):
        placed = draw._apart(values)
        assert np.all(np.diff(np.sort(placed)) > 0.0749)
        assert np.all(np.diff(placed[np.argsort(values, kind="stable")]) > 0)
        assert placed.min() >= -1e-9 and placed.max() <= 1 + 1e-9


def test_both_figures_stay_small(book):
    assert book.size() < 150_000
    assert draw.both_ways().size() < 10_000


# Both passes, step by step ------------------------------------------------------------------------


def test_each_step_shows_what_has_been_computed_so_far():
    book = draw.both_ways()
    texts = [move for move in book.moves if move.kind == "text"]
    count = [[sum(move.words[k, s] != "" for move in texts) for s in range(3)] for k in range(7)]
    # inputs stand in the network and in the table of W2; then come 3 + 3 and 2 + 1 more
    assert [row[0] for row in count] == [4, 10, 13, 17, 23, 29, 35]
    assert all(len(set(row)) == 1 for row in count)
    run = experiments.passes(*experiments.SAMPLES["(1, 0) → (1, 0)"])
    last = [str(move.words[6, 1]) for move in texts]
    for value in (*run.slopes[0].ravel(), *run.slopes[1].ravel()):
        assert draw._short(value) in last
    new = [str(m.words[5, 1]) for m in texts if m.words[5, 1] != m.words[4, 1]]
    assert new == [draw._short(value) for value in run.slopes[1].ravel()]


def test_the_sentences_of_the_steps_compute_their_results():
    """Every equation in a sentence holds, to the digits that are printed."""
    book = draw.both_ways()
    checked = 0
    for words in book.readout.ravel():
        text = words.replace("\N{MINUS SIGN}", "-").replace("·", "*")
        for clause in text.replace(";", ":").split(":"):
            sides = clause.split(" and ")[0].split(" = ")
            for left, right in pairwise(sides[1:]):
                try:
                    values = eval(left), eval(right.rstrip("."))
                except (SyntaxError, NameError):
                    continue
                assert values[0] == pytest.approx(values[1], abs=0.002)
                checked += 1
    assert checked >= 12


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.5, "0.5"), (-1.5, "−1.5"), (0.0, "0"), (-0.0001, "0"), (0.5101, "0.510"), (2.0, "2")],
)
def test_numbers_are_written_shortly(value, words):
    assert draw._short(value) == words


# Static pictures ----------------------------------------------------------------------------------


def test_four_cases_and_the_network(ax):
    figure, axes = plt.subplots(1, 2)
    first, last = experiments.EXAMPLE.layers
    draw.four_cases(network.Network([first, (last.W[:1], last.b[:1])]), axes)
    off, on = (c.get_offsets() for c in axes[0].collections)
    assert sorted(on.tolist()) == [[0, 1], [1, 0]]
    assert sorted(off.tolist()) == [[0, 0], [1, 1]]
    plt.close(figure)


def test_the_nudge_is_drawn_with_its_tangent():
    figure, axes = plt.subplots(1, 2)
    x, y = experiments.SAMPLES[next(iter(experiments.SAMPLES))]
    change = experiments.ripple(3, 2, 0.5, x, y)
    slope = experiments.passes(x, y).slopes[0][2, 1]
    draw.nudge(change, slope, axes)
    curve, tangent, point = axes[1].lines
    np.testing.assert_allclose(tangent.get_ydata(), 1e3 * slope * tangent.get_xdata())
    assert point.get_ydata()[0] == pytest.approx(1e3 * change.cost)
    at = np.argmin(np.abs(curve.get_xdata() - 1.0))
    expected = experiments.ripple(3, 2, curve.get_xdata()[at], x, y).cost
    assert curve.get_ydata()[at] == pytest.approx(1e3 * expected)
    plt.close(figure)


def test_piles_are_drawn_in_order(ax):
    draw.piles(np.array([0.06, 0.0, 0.08]), ax)
    assert ax.lines[0].get_ydata().tolist() == [0.0, 0.06, 0.08]


def test_answers_show_the_plane_and_the_four_values():
    figure, axes = plt.subplots(1, 2)
    nets = [experiments.start("normal 3"), experiments.start("Xavier 0")]
    draw.answers(nets, ("a", "b"), axes)
    for net, ax in zip(nets, axes, strict=True):
        picture = ax.images[0].get_array()
        value = net.predict([[draw.GRID[7], draw.GRID[30]]])[0, 0]
        assert picture[30, 7] == pytest.approx(np.floor(10 * value) / 10 + 0.05)
        shown = [float(text.get_text()) for text in ax.texts]
        np.testing.assert_allclose(shown, net.predict(X)[:, 0], atol=0.0051)
        assert len(ax.lines) == 3
    plt.close(figure)
