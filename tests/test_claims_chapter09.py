"""What chapter 9 says of its experiments holds; what rests on chance holds over many starts."""

import math

import numpy as np
import pytest

from descent import activations, network
from descent.experiments import chapter09 as experiments

X41 = np.linspace(0, 1, 41)
WAVE = experiments.TARGETS["wave"](X41)
KINDS = ["sigmoid", "identity"]


def far_off(net, y=WAVE):
    out = net.predict(X41[:, None])[..., 0]
    return np.sqrt(np.mean((out - y) ** 2, axis=-1)), out


def best_line(y):
    return np.polynomial.Polynomial.fit(X41, y, 1)(X41)


def trained(seed, steep):
    """Ten runs of the chapter's experiment, from its start or from steep hidden neurons."""
    rng = np.random.default_rng(seed)
    start = network.initialize(
        (1, 32, 1), rng=rng, scheme="normal", family=(10,), activations=KINDS
    )
    if steep:
        W = rng.choice([-20.0, 20.0], (10, 32, 1))
        b = -W[..., 0] * rng.uniform(0, 1, (10, 32))
        start = network.Network([(W, b), start.layers[1]], KINDS)
    return network.train(start, X41[:, None], WAVE, eta=0.05, epochs=1000).network


@pytest.mark.full
@pytest.mark.parametrize("seed", range(20))
def test_the_usual_start_leaves_the_network_a_line_and_a_steep_start_does_not(seed):
    line = np.sqrt(np.mean((best_line(WAVE) - WAVE) ** 2))
    off, curves = far_off(trained(seed, steep=False))
    assert np.all(off > 0.98 * line)
    assert max(np.sqrt(np.mean((y - best_line(y)) ** 2)) for y in curves) < 0.05
    off, _ = far_off(trained(seed, steep=True))
    assert np.all(off < 0.9 * line) and np.median(off) < 0.6 * line


def test_all_that_the_triangle_gets_wrong_stands_in_its_corners():
    rng = np.random.default_rng(28)
    turn = rng.uniform(0, 2 * np.pi, 120)
    near = 0.95 * np.sqrt(rng.uniform(0, 1, 50))
    far = np.sqrt(rng.uniform(1.12**2, 2.4**2, 70))
    distance = np.append(near, far)
    X = distance[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
    _, hidden, out = experiments.fence(3, 10).forward(X).a
    wrong = (out[:, 0] > 0.5) != (distance < 1)
    assert wrong.sum() == 11
    assert np.all(hidden[wrong] > 0.5) and np.all(distance[wrong] > experiments.DISTANCE)


def test_the_first_fence_does_not_listen_to_the_east():
    first, _ = experiments.fence(3, 10).layers
    assert np.sum(np.abs(first.W) < 1e-9) == 1
    assert abs(first.W[0, 0]) < 1e-9


def test_one_step_neuron_makes_the_jump_and_equally_spaced_edges_never_meet_it():
    jump, x = experiments.TARGETS["jump"], np.linspace(0, 1, 1001)
    layers = [(np.ones((1, 1)), [-1 / np.pi]), ([[0.6]], [0.2])]
    step = network.Network(layers, ["step", "identity"])
    np.testing.assert_array_equal(step.predict(x[:, None])[:, 0], jump(x))
    for hidden in experiments.HIDDEN:
        assert experiments.errors("jump", hidden, "step")[1] >= 0.3 - 1e-9


def test_the_square_root_falls_faster_where_the_edges_are_not_equally_spaced():
    """The rate of the text needs its equal edges: squared ones turn 1/√n into 1/n."""
    off = []
    for n in (32, 128):
        knots = np.linspace(0, 1, n + 1) ** 2
        x = np.linspace(0, 1, 100_001)
        off.append(np.abs(np.interp(x, knots, np.sqrt(knots)) - np.sqrt(x)).max())
    assert off[0] / off[1] == pytest.approx(4, rel=0.05)
    equal = [experiments.errors("square root", n, "relu")[1] for n in (32, 128)]
    assert equal[0] / equal[1] == pytest.approx(2, rel=0.05)


@pytest.mark.parametrize("layers", range(1, 7))
def test_folding_doubles_the_pieces_and_one_layer_would_need_a_neuron_a_corner(layers):
    y = np.linspace(0, 1, 1025)
    for _ in range(layers):
        y = 2 * activations.relu(y) - 4 * activations.relu(y - 0.5)
    corners = np.flatnonzero(np.abs(np.diff(y, 2)) > 1e-9)
    assert len(corners) + 1 == 2**layers
    # a single layer of ReLUs through the same corners, one neuron fewer than pieces at least
    knots = np.concatenate([[0], (corners + 1) / 1024, [1]])
    at = np.concatenate([y[:1], y[corners + 1], y[-1:]])
    slopes = np.diff(at) / np.diff(knots)
    assert np.count_nonzero(np.diff(slopes)) == 2**layers - 1


def test_the_price_list_gives_an_exponential_33_operations_and_is_accurate():
    """4 for the rest, 2 for each of 14 coefficients, 1 for the power of two."""
    z = np.linspace(-30, 30, 1001)
    k = np.round(z / np.log(2))
    rest, total = z - k * np.log(2), 0.0
    coefficients = [1 / math.factorial(j) for j in range(13, -1, -1)]
    for c in coefficients:
        total = total * rest + c
    np.testing.assert_allclose(total * 2.0**k, np.exp(z), rtol=1e-13)
    assert 4 + 2 * len(coefficients) + 1 == 33


def test_half_way_between_two_disguises_the_network_is_a_neuron_smaller():
    rng = np.random.default_rng(5)
    W2, b2, W3 = rng.normal(size=(3, 2)), rng.normal(size=3), rng.normal(size=(1, 3))
    turned = [W2.copy(), b2.copy(), W3.copy()]
    turned[0][0] *= -1
    turned[1][0] *= -1
    turned[2][:, 0] *= -1
    half = [(a + b) / 2 for a, b in zip((W2, b2, W3), turned, strict=True)]
    X = rng.normal(size=(30, 2))
    small = np.tanh(X @ W2[1:].T + b2[1:]) @ W3[:, 1:].T
    np.testing.assert_allclose(np.tanh(X @ half[0].T + half[1]) @ half[2].T, small)
