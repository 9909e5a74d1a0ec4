"""Chapter 13: products that vanish or explode, the starts that balance them, what else helps."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from descent import activations, data, linear, network, normalization, optimize
from descent.experiments import chapter13 as experiments
from descent.figures import chapter13 as draw

POINTS = data.two_spirals(200, rng=np.random.default_rng(13))
X, Y = linear.standardize(POINTS.features).features, POINTS.labels


def entropy(layers, activation):
    """A network of these layers with one sigmoid output, trained on cross-entropy."""
    names = [activation] * (len(layers) - 1) + ["sigmoid"]
    return network.Network(layers, names, "binary_cross_entropy")


def drawn(sizes, activation, scheme, seed):
    rng = np.random.default_rng(seed)
    return entropy(network.initialize(sizes, rng=rng, scheme=scheme).layers, activation)


def fit(depth, activation, scheme, eta, epochs=500, **options):
    start = drawn((2,) + (16,) * depth + (1,), activation, scheme, seed=1)
    return network.train(start, X, Y, eta=eta, epochs=epochs, every=5, **options)


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


# The data -----------------------------------------------------------------------------------------


def test_the_spirals_without_noise_lie_on_their_curves():
    points = data.two_spirals(41, turns=2, noise=0, rng=np.random.default_rng(0))
    radius = np.linalg.norm(points.features, axis=1)
    angle = np.arctan2(*points.features.T[::-1])
    turned = 4 * np.pi * radius + np.pi * points.labels
    np.testing.assert_allclose(np.cos(angle), np.cos(turned), atol=1e-12)
    np.testing.assert_allclose(np.sin(angle), np.sin(turned), atol=1e-12)
    assert radius.min() == pytest.approx(0.25) and radius.max() == pytest.approx(1)
    assert np.bincount(points.labels.astype(int)).tolist() == [20, 21]


def test_the_spirals_are_the_generators():
    one, two = (data.two_spirals(10, rng=np.random.default_rng(3)).features for _ in range(2))
    np.testing.assert_array_equal(one, two)
    other = data.two_spirals(10, rng=np.random.default_rng(4)).features
    assert not np.array_equal(one, other)
    assert data.two_spirals(10, turns=0, noise=0, rng=np.random.default_rng(0)).features[
        :, 1
    ] == pytest.approx(0)


# Claims of the text -------------------------------------------------------------------------------


@pytest.mark.full
def test_two_hidden_layers_beat_one_and_eight_learn_nothing():
    last = {d: fit(d, "sigmoid", "lecun", 1.0, 1000).cost[-1] for d in (1, 2, 8)}
    assert last[2] < 0.15 < 0.3 < last[1] < 0.5
    assert last[8] == pytest.approx(np.log(2), abs=1e-4)


def test_four_hidden_layers_have_hardly_begun():
    """After 900 epochs all processors agree on the cost; a spike near 1,000 lets them differ."""
    run = fit(4, "sigmoid", "lecun", 1.0, 1000)
    cost = dict(zip(run.epoch.tolist(), run.cost, strict=True))
    assert cost[900] == pytest.approx(0.6478, abs=1e-4)
    assert 0.63 < cost[1000] < 0.67


def test_the_right_start_lets_eight_layers_learn():
    assert fit(8, "relu", "he", 0.05).cost[-1] < 0.02
    assert fit(8, "tanh", "xavier", 0.05).cost[-1] < 0.05
    assert fit(8, "relu", "lecun", 0.05).cost[-1] > 0.3
    assert not fit(8, "relu", "normal", 0.05).cost[-1] < 0.6


@pytest.mark.full
def test_momentum_helps_a_healthy_network_and_not_a_dead_one():
    plain, ball = (
        fit(8, "relu", "he", 0.003, optimizer=optimizer).cost[-1]
        for optimizer in (optimize.SGD(), optimize.Momentum(0.9))
    )
    assert ball < 0.05 < 0.6 < plain
    dead = fit(8, "sigmoid", "lecun", 1.0, optimizer=optimize.Momentum(0.9))
    assert dead.cost[-1] == pytest.approx(np.log(2), abs=1e-3)
    adam = fit(8, "sigmoid", "lecun", 0.01, optimizer=optimize.Adam())
    assert 0.4 < adam.cost[-1] < 0.65


def test_the_chain_multiplies_one_weight_and_one_slope_a_layer():
    rng = np.random.default_rng(1)
    w, b = rng.standard_normal(5) * 2, rng.standard_normal(5)
    chain = network.Network([([[weight]], [bias]) for weight, bias in zip(w, b, strict=True)])
    z = [entry[0, 0] for entry in chain.forward([[0.3]]).z]
    delta = activations.sigmoid_derivative(z[-1]) * (activations.sigmoid(z[-1]) - 0.9)
    slopes = network.backpropagate(chain, [[0.3]], [0.9])
    for k in reversed(range(5)):
        assert slopes[k].b[0] == pytest.approx(delta, rel=1e-12)
        delta *= w[k] * activations.sigmoid_derivative(z[k - 1])


def test_the_sigmoids_slope_is_a_quarter_at_most():
    z = np.linspace(-40, 40, 100_001)
    slope, s = activations.sigmoid_derivative(z), activations.sigmoid(z)
    np.testing.assert_allclose(slope, 0.25 - (s - 0.5) ** 2, atol=1e-15)
    assert slope.max() == 0.25 and z[slope.argmax()] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("activation", experiments.ACTIVATIONS)
def test_layer_errors_are_the_slopes_of_single_samples(activation):
    net = drawn((2, 5, 4, 1), activation, "normal", seed=2)
    _, _, errors = experiments.layer_errors(net, X[:6], Y[:6])
    for i in range(6):
        slopes = network.backpropagate(net, X[i : i + 1], Y[i : i + 1])
        for delta, (_, db) in zip(errors, slopes, strict=True):
            np.testing.assert_allclose(delta[i], db, rtol=1e-12, atol=1e-15)


@pytest.mark.full
def test_a_sigmoid_network_is_a_tanh_network_in_disguise_and_then_learns():
    inside = drawn((2,) + (16,) * 8 + (1,), "tanh", "xavier", seed=1)
    first, *middle, last = (W for W, _ in inside.layers)
    layers = [(2 * first, np.zeros(16)), *((4 * W, -2 * W.sum(axis=1)) for W in middle)]
    layers.append((2 * last, -last.sum(axis=1)))
    net = entropy(layers, "sigmoid")
    np.testing.assert_allclose(net.predict(X), inside.predict(X), rtol=1e-9)
    sizes = [np.linalg.norm(dW) for dW, _ in network.backpropagate(net, X, Y)]
    assert max(sizes) < 3 * min(sizes)
    assert network.train(net, X, Y, eta=0.1, epochs=2000).cost[-1] < 0.05


def test_the_bound_on_a_layers_error_holds():
    net = drawn((2, 9, 7, 8, 1), "sigmoid", "normal", seed=3)
    _, _, errors = experiments.layer_errors(net, X, Y)
    for after, before, (W, _) in zip(errors[:-1], errors[1:], net.layers[1:], strict=True):
        bound = np.linalg.norm(W, 2) / 4 * np.linalg.norm(before, axis=1)
        assert np.all(np.linalg.norm(after, axis=1) <= bound * (1 + 1e-12))


def test_the_mean_square_of_z_needs_nothing_of_the_activations():
    rng = np.random.default_rng(4)
    for a in ([1, 1, 1, 1], [0, 0, 0, 9], [-3, 2, 0.1, 0.1]):
        z = 0.3 * rng.standard_normal((400_000, 4)) @ a
        assert z.mean() == pytest.approx(0, abs=0.03)
        assert np.mean(z**2) == pytest.approx(4 * 0.09 * np.mean(np.square(a)), rel=0.01)


def test_relu_keeps_half_and_tanh_loses_two_q_squared():
    z = np.random.default_rng(5).standard_normal(2_000_000)
    assert np.mean(activations.relu(z) ** 2) == pytest.approx(0.5, abs=2e-3)
    for q in (0.001, 0.01):
        kept = np.mean(np.tanh(np.sqrt(q) * z) ** 2)
        assert kept == pytest.approx(q - 2 * q**2, rel=3 * q + 3e-3)


@pytest.mark.parametrize(("activation", "spread"), [("relu", 2**0.5), ("tanh", 1.0)])
def test_the_starts_keep_wide_networks_level(activation, spread):
    """He for ReLU, Xavier for tanh: neither signal nor gradient leaves two powers of ten."""
    for sizes in experiments.at_start(20, spread, activation):
        assert sizes.min() > 1e-2 and sizes.max() < 1e2


def test_the_first_gradient_vanishes_or_explodes_elsewhere():
    def first(activation, spread):
        return experiments.at_start(20, spread, activation)[2][0]

    assert first("sigmoid", 1.0) < 1e-11
    assert first("sigmoid", np.sqrt(32)) < 1e-2
    assert first("relu", 1.0) < 1e-2 and first("relu", np.sqrt(32)) > 1e10
    assert first("tanh", np.sqrt(32)) > 1e3
    signal, error, gradient = experiments.at_start(20, 1.0, "relu")
    assert gradient.max() / gradient.min() < 10 < 100 < signal[0] / signal[-1]
    assert error[-2] / error[0] > 100
    for name in experiments.ACTIVATIONS:  # shallow networks do not mind
        assert 0.01 < experiments.at_start(1, 1.0, name)[2][0] < 10


def test_relus_layers_share_one_sum_of_weight_times_slope():
    def sums(activation):
        net = drawn((2, 6, 5, 4, 1), activation, "he", seed=6)
        slopes = network.backpropagate(net, X, Y)
        return [np.sum(W * dW) for (W, _), (dW, _) in zip(net.layers, slopes, strict=True)]

    np.testing.assert_allclose(sums("relu"), sums("relu")[0], rtol=1e-10)
    assert not np.allclose(sums("tanh"), sums("tanh")[0], rtol=1e-2)


def test_he_on_one_side_is_off_by_the_ends_alone():
    """The ratios of neighbouring widths telescope."""
    widths = np.array([300, 40, 170, 90, 25])
    s2 = 2 / widths[:-1]
    backward = np.prod(widths[2:] * s2[1:] / 2)
    assert backward == pytest.approx(widths[-1] / widths[1])


def test_batch_normalisation_divides_the_scale_of_the_weights_out():
    rng = np.random.default_rng(7)
    a, W = rng.standard_normal((20, 6)), rng.standard_normal((5, 6))
    once, ten = (normalization.batch_norm(a @ (k * W).T, epsilon=1e-12).out for k in (1, 10))
    np.testing.assert_allclose(once, ten, atol=1e-9)


# The figure with sliders --------------------------------------------------------------------------


def test_what_the_figure_shows_is_what_the_core_says():
    """Signal, error and gradient of one start, by backpropagation sample by sample."""
    rng = np.random.default_rng(13)
    inputs, labels = rng.standard_normal((24, 32)), np.arange(24) % 2.0
    starts = network.initialize((32,) * 4 + (1,), rng=rng, scheme="lecun", family=(4,))
    signals, errors, lengths = [], [], []
    for k in range(4):
        net = entropy([(1.5 * W, b) for W, b in starts.member(k).layers], "tanh")
        slopes = network.backpropagate(net, inputs, labels)
        lengths.append([np.linalg.norm(dW) for dW, _ in slopes])
        single = [
            network.backpropagate(net, inputs[i : i + 1], labels[i : i + 1]) for i in range(24)
        ]
        errors.append([np.sqrt(np.mean([one[j].b ** 2 for one in single])) for j in range(4)])
        a = net.forward(inputs).a[:-1]
        signals.append([np.sqrt(np.mean(np.var(entry, axis=0))) for entry in a])
    for rows, given in zip(
        (signals, errors, lengths), experiments.at_start(3, 1.5, "tanh"), strict=True
    ):
        np.testing.assert_allclose(given, np.exp(np.mean(np.log(rows), axis=0)), rtol=1e-9)


def test_the_figure_opens_on_its_story():
    book = draw.depth_figure()
    assert book.question["choices"][book.question["answer"]] == "it grows about a thousandfold"
    start = tuple(control.start for control in book.controls)
    assert experiments.DEPTHS[start[0]] == 20 and experiments.SPREADS[start[1]] == 1
    assert "sigmoid 2·10⁻¹³ (vanished)" in str(book.readout[start])


def test_the_prediction_is_answered_by_the_numbers():
    before, after = (experiments.at_start(20, spread, "relu")[2][0] for spread in (1.0, np.sqrt(2)))
    assert after / before == pytest.approx(1024, rel=0.25)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (2.2e-13, "2·10⁻¹³"),
        (0.0612, "0.061"),
        (1.4, "1.4"),
        (99.7, "100"),
        (463, "463"),
        (1.2e12, "1·10¹²"),
    ],
)
def test_how_a_size_is_written(value, words):
    assert draw._power(value) == words


def test_the_copied_line_gives_the_curves():
    book = draw.depth_figure()
    at = (3, 10)
    line = "".join(
        part if isinstance(part, str) else part["texts"][at[part["control"]]] for part in book.code
    )
    given = eval(line, {"experiments": experiments})
    runs = experiments.depth_runs()
    assert list(given) == list(experiments.ACTIVATIONS)
    for name, (signal, error, gradient) in given.items():
        depth = experiments.DEPTHS[at[0]]
        np.testing.assert_allclose(signal, runs[name][0][at][: depth + 1], rtol=1e-2)
        np.testing.assert_allclose(error, runs[name][1][at][1 : depth + 2], rtol=1e-2)
        np.testing.assert_allclose(gradient, runs[name][2][at][1 : depth + 2], rtol=1e-2)


# Static pictures ----------------------------------------------------------------------------------


def test_the_points_and_the_costs_are_drawn_as_given(ax):
    draw.spirals(POINTS, ax)
    drawn = np.concatenate([line.get_xydata() for line in ax.lines])
    np.testing.assert_allclose(drawn, POINTS.features)
    ax.clear()
    run = fit(1, "tanh", "xavier", 0.1, 20)
    draw.too_deep({1: run, 2: run, 4: run, 8: run}, ax)
    np.testing.assert_allclose(ax.lines[0].get_ydata(), run.cost)
    ax.clear()
    draw.deep_learns(dict.fromkeys(("sigmoid", "tanh, Xavier", "ReLU, 1/n", "ReLU, He"), run), ax)
    np.testing.assert_allclose(ax.lines[0].get_ydata(), run.cost)


def test_sizes_are_drawn_at_their_layers(ax):
    keys = [(name, on) for name in ("sigmoid", "relu") for on in (False, True)]
    draw.normalised({key: np.geomspace(1, 2, 21) for key in keys}, ax)
    assert ax.lines[0].get_xdata()[[0, -1]].tolist() == [2, 22]
    ax.clear()
    q = {name: np.geomspace(1, 0.1, 31) for name in ("ReLU, 2/n", "ReLU, 1/n", "tanh, 1/n")}
    draw.mean_squares(q, q, ax)
    assert ax.lines[0].get_xdata()[0] == 1
    ax.clear()
    draw.window((2.0, 6.89, 16.0), ax)
    assert [line.get_ydata().max() for line in ax.lines[:3]] == pytest.approx([0.5, 1.7225, 4])


def test_regions_show_the_answers():
    figure, axes = plt.subplots(1, 2)
    flat = lambda p: np.full((len(p), 1), 0.5)  # noqa: E731
    draw.regions({"flat": flat, "steep": lambda p: (p[:, :1] > 0) * 1.0}, POINTS, axes)
    assert [ax.get_title() or ax.get_title("left") for ax in axes] == ["flat", "steep"]
    plt.close(figure)
