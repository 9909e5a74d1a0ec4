"""Chapter 13: what it says of its runs holds from twenty other starts; what it derives, exactly."""

import numpy as np
import pytest

from descent import activations, data, linear, network, normalization, optimize

POINTS = data.two_spirals(200, rng=np.random.default_rng(13))
X, Y = linear.standardize(POINTS.features).features, POINTS.labels
SEED, MANY = 100, 20


def start(depth, scheme, seed=SEED, many=(MANY,), width=16, activation="sigmoid"):
    sizes, rng = (2,) + (width,) * depth + (1,), np.random.default_rng(seed)
    names = [activation] * depth + ["sigmoid"]
    return network.initialize(
        sizes, rng=rng, scheme=scheme, family=many, activations=names, loss="binary_cross_entropy"
    )


def fit(depth, activation, scheme, eta, epochs=500, **options):
    """Train twenty networks; return when the costs were taken, and the costs (rows, 20)."""
    net = start(depth, scheme, activation=activation)
    run = network.train(net, X, Y, eta=eta, epochs=epochs, every=5, **options)
    return run.epoch, run.cost


def first_below(epoch, cost, level=0.1):
    """Return for each run the epoch at which its cost was first below a level, else infinity."""
    below = cost < level
    return np.where(below.any(axis=0), epoch[below.argmax(axis=0)], np.inf)


@pytest.mark.full
def test_two_hidden_layers_beat_one_four_have_hardly_begun_and_eight_learn_nothing():
    last = {d: fit(d, "sigmoid", "lecun", 1.0, 1000)[1][-1] for d in (1, 2, 4, 8)}
    assert np.median(last[2]) < 0.1 < last[1].min()
    assert np.median(last[4]) > 0.6 and last[4].min() > 0.5
    np.testing.assert_allclose(last[8], np.log(2), atol=1e-3)


@pytest.mark.full
def test_the_derived_starts_learn_and_a_start_with_half_the_variance_is_far_behind():
    he = first_below(*fit(8, "relu", "he", 0.05))
    tanh = first_below(*fit(8, "tanh", "xavier", 0.05))
    behind = first_below(*fit(8, "relu", "lecun", 0.05, 1500))
    assert max(he.max(), tanh.max()) <= 500
    assert np.isfinite(behind).all()  # it learns too
    assert np.median(behind) > 2 * np.median(he)


@pytest.mark.full
def test_standard_normal_weights_overflow_or_leave_every_relu_dead():
    _, cost = fit(8, "relu", "normal", 0.05)
    lost = np.isnan(cost[-1])
    assert lost.any() and not lost.all()
    np.testing.assert_allclose(cost[-1][~lost], np.log(2), atol=1e-3)


@pytest.mark.full
def test_momentum_makes_up_for_a_small_rate_and_no_rule_wakes_the_deep_sigmoid_network():
    last = {}
    for name, optimizer, slow, fast in (
        ("plain", optimize.SGD(), 0.003, 1.0),
        ("momentum", optimize.Momentum(0.9), 0.003, 1.0),
        ("adam", optimize.Adam(), 0.001, 0.01),
    ):
        last[name] = fit(8, "relu", "he", slow, optimizer=optimizer)[1][-1]
        last[name, "deep"] = fit(8, "sigmoid", "lecun", fast, optimizer=optimizer)[1][-1]
    assert last["plain"].min() > 0.55
    assert last["momentum"].max() < 0.3 and last["adam"].max() < 0.01
    np.testing.assert_allclose(last["plain", "deep"], np.log(2), atol=1e-3)
    np.testing.assert_allclose(last["momentum", "deep"], np.log(2), atol=1e-3)
    assert np.all((last["adam", "deep"] > 0.4) & (last["adam", "deep"] < 0.65))


@pytest.mark.full
def test_dropout_upsets_hes_start():
    few, half = (
        fit(8, "relu", "he", 0.05, dropout=p, rng=np.random.default_rng(5))[1] for p in (0.1, 0.5)
    )
    assert few[-1].min() > 0.3 and few[-1].max() < 0.65
    np.testing.assert_allclose(half[-1], np.log(2), atol=0.02)


# Dropout in the product ---------------------------------------------------------------------------


def first_gradient(p, variance, rng, depth=20, width=32, samples=24):
    """Return the length of the first layer's gradient of one start, with masks drawn once."""
    a = inputs = rng.standard_normal((samples, width))
    weights = [
        np.sqrt(variance / width) * rng.standard_normal((width, width)) for _ in range(depth)
    ]
    last = rng.standard_normal((1, width)) / np.sqrt(width)
    kept = []
    for W in weights:
        z = a @ W.T
        mask = (rng.random(z.shape) >= p) / (1 - p)
        kept.append((a, z, mask))
        a = activations.relu(z) * mask
    delta = (activations.sigmoid(a @ last.T) - np.arange(samples)[:, None] % 2) / samples
    back = delta @ last
    for W, (_, z, mask) in zip(weights[::-1], kept[::-1], strict=True):
        delta = back * mask * activations.relu_derivative(z)
        back = delta @ W
    return np.linalg.norm(delta.T @ inputs)


def test_dropout_rescales_the_gradient_as_larger_weights_would():
    """At variance 1/n a half dropped is He's condition; at 2/n it explodes."""

    def typical(p, variance):
        lengths = [first_gradient(p, variance, np.random.default_rng(s)) for s in range(MANY)]
        return np.exp(np.mean(np.log(lengths)))

    faint, balanced, he = typical(0.0, 1.0), typical(0.5, 1.0), typical(0.0, 2.0)
    assert faint < 2e-3
    assert 0.05 < balanced < 2 and 0.1 < he < 3
    assert typical(0.5, 2.0) > 30 * he


# Batch normalisation ------------------------------------------------------------------------------


def normalised_cost(weights, last):
    a = X
    for W in weights:
        a = activations.relu(normalization.batch_norm(a @ W.T, epsilon=1e-12).out)
    p = activations.sigmoid(a @ last.T)[:, 0]
    return np.mean(-np.log(np.where(Y == 1, p, 1 - p)))


def test_the_scale_of_normalised_weights_divides_the_gradient():
    """f(cW) = f(W), so the gradient at cW is 1/c of that at W: a step turns W by 1/c^2."""
    rng = np.random.default_rng(0)
    weights = [rng.standard_normal(shape) for shape in ((16, 2), (16, 16), (16, 16))]
    last, move = rng.standard_normal((1, 16)) / 4, rng.standard_normal((16, 16))
    cost = normalised_cost(weights, last)
    slopes = {}
    for c in (1, 10, 100):
        scaled = [c * W for W in weights]
        assert normalised_cost(scaled, last) == pytest.approx(cost, rel=1e-9)
        h = c * 1e-5
        up, down = (
            normalised_cost([scaled[0], scaled[1] + s * move, scaled[2]], last) for s in (h, -h)
        )
        slopes[c] = (up - down) / (2 * h)
    assert slopes[10] == pytest.approx(slopes[1] / 10, rel=1e-5)
    assert slopes[100] == pytest.approx(slopes[1] / 100, rel=1e-5)


def test_of_a_stretch_a_share_of_epsilon_gets_through():
    rng = np.random.default_rng(1)
    z, d, epsilon = rng.standard_normal((8, 1)), rng.standard_normal((8, 1)), 0.3
    done = normalization.batch_norm(z, epsilon=epsilon)
    slope = normalization.batch_norm_gradient(d, z, epsilon=epsilon).z
    assert slope.mean() == pytest.approx(0, abs=1e-15)
    through = np.mean(slope * done.z_hat) * np.sqrt(z.var() + epsilon)
    assert through == pytest.approx(np.mean(d * done.z_hat) * epsilon / (z.var() + epsilon))


def deep_slopes(layers, normalise, links):
    """The chapter's backpropagation with both remedies."""
    a, kept = X, []
    for k, (W, b) in enumerate(layers[:-1]):
        z = a @ W.T + b
        f = activations.sigmoid(normalization.batch_norm.plain(z).out if normalise else z)
        kept.append((a, z, f))
        a = a + f if links and k > 0 else f
    W, b = layers[-1]
    z = a @ W.T + b
    cost = np.mean(np.logaddexp(0, z) - Y[:, None] * z)
    delta = (activations.sigmoid(z) - Y[:, None]) / len(Y)
    slopes, back = [(delta.T @ a, delta.sum(axis=0))], delta @ W
    for k in reversed(range(len(kept))):
        a, z, f = kept[k]
        delta = back * f * (1 - f)
        if normalise:
            delta = normalization.batch_norm_gradient.plain(delta, z).z
        slopes.insert(0, (delta.T @ a, delta.sum(axis=0)))
        back = delta @ layers[k][0] + (back if links and k > 0 else 0)
    return cost, slopes


REMEDIES = [(True, False), (False, True), (True, True)]


@pytest.mark.parametrize(("normalise", "links"), REMEDIES)
def test_the_slopes_with_both_remedies_are_measured_ones(normalise, links):
    layers = [(W.copy(), b + 0.1) for W, b in start(3, "normal", many=(), width=4).layers]
    _, slopes = deep_slopes(layers, normalise, links)
    for (W, b), (dW, db) in zip(layers, slopes, strict=True):
        for array, slope in ((W, dW), (b, db)):
            at, h = (0,) * array.ndim, 1e-6
            array[at] += h
            up, _ = deep_slopes(layers, normalise, links)
            array[at] -= 2 * h
            down, _ = deep_slopes(layers, normalise, links)
            array[at] += h
            assert slope[at] == pytest.approx((up - down) / (2 * h), rel=1e-4, abs=1e-8)


def costs_of(seed, normalise, links, eta, epochs):
    layers, costs = list(start(8, "lecun", seed, ()).layers), []
    for _ in range(epochs):
        cost, slopes = deep_slopes(layers, normalise, links)
        costs.append(cost)
        layers = [
            (W - eta * dW, b - eta * db) for (W, b), (dW, db) in zip(layers, slopes, strict=True)
        ]
    return [*costs, deep_slopes(layers, normalise, links)[0]]


@pytest.mark.full
@pytest.mark.parametrize("seed", range(SEED, SEED + MANY))
def test_either_remedy_takes_the_sigmoids_off_their_plateau(seed):
    assert min(costs_of(seed, True, False, 0.1, 600)) < 0.6  # its cost has spikes
    assert costs_of(seed, False, True, 3.0, 300)[-1] < 0.3
    assert costs_of(seed, False, False, 3.0, 300)[-1] == pytest.approx(np.log(2), abs=0.005)


# The sigmoid near zero ----------------------------------------------------------------------------


def test_a_layer_of_sigmoids_can_hand_on_what_it_gets():
    """A deep network comes as near as one likes to a shallow one: small weights, then undone."""
    shallow = start(2, "normal", 3, ())
    (W2, b2), (W3, b3), (W4, b4) = shallow.layers
    for c, near in ((0.1, 1e-2), (0.01, 1e-4)):
        through = np.eye(16)
        # sigma(c a) = 1/2 + c a / 4 - ..., so a = (4 / c) (sigma - 1/2)
        undo, shift = 4 / c * through, np.full(16, -2 / c)
        layers = [(W2, b2), (c * through, np.zeros(16))]
        for _ in range(3):
            layers.append((c * undo, c * shift))  # undoes, then shrinks again
        layers += [(W3 @ undo, W3 @ shift + b3), (W4, b4)]
        off = network.Network(layers).predict(X) - shallow.predict(X)
        assert np.abs(off).max() < near
