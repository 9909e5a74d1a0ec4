"""Networks against worked examples, loops, finite differences, the scalar graph and PyTorch."""

import math
from functools import partial

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from descent import activations, losses, optimize
from descent.gradcheck import check_gradient
from descent.graph import Value
from descent.network import Layer, Network, backpropagate, flatten, initialize, stack, steps, train

# source/values.md, section 3.11: the 2-3-1 network of the worked examples
LAYERS = (
    Layer(np.array([[0.1, -0.2], [0.4, 0.3], [-0.5, 0.6]]), np.array([0.05, -0.1, 0.2])),
    Layer(np.array([[0.7, -0.8, 0.9]]), np.array([-0.3])),
)
NET = Network(LAYERS)
XOR_X = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
XOR_Y = np.array([0.0, 1, 1, 0])
for frozen in (*NET.layers[0], *NET.layers[1], XOR_X, XOR_Y):
    frozen.flags.writeable = False

BCE, CCE = "binary_cross_entropy", "categorical_cross_entropy"
close = partial(np.testing.assert_allclose, rtol=1e-13, atol=1e-16)


def same(layers, others, **tolerance):
    for layer, other in zip(layers, others, strict=True):
        np.testing.assert_allclose(layer.W, other.W, **tolerance)
        np.testing.assert_allclose(layer.b, other.b, **tolerance)


def random_case(rng, sizes, loss, n=4, activations=None):
    """A network with biases, and samples that suit its loss."""
    start = initialize(sizes, rng=rng).layers
    layers = [Layer(W, rng.normal(size=b.shape)) for W, b in start]
    X, k = rng.normal(size=(n, sizes[0])), sizes[-1]
    y = {
        "squared_error": lambda: rng.normal(size=(n, k)),
        BCE: lambda: (rng.random((n, k)) < 0.5).astype(float),
        CCE: lambda: losses.one_hot(rng.integers(k, size=n), k),
    }[loss]()
    last = {CCE: ["sigmoid"] * (len(sizes) - 2) + ["softmax"]}.get(loss, "sigmoid")
    return Network(layers, activations or last, loss), X, y


# The worked examples of the sources --------------------------------------------------------------


def test_forward_by_the_worked_examples():
    z, a = NET.forward([[1.0, 0], [0.5, -1.5]])
    close(z[0], [[0.15, 0.3, -0.3], [0.4, -0.35, -0.95]])
    close(a[1][0], [0.53742984534374955, 0.57444251681165899, 0.42555748318834101])
    close(a[1][1], [0.598687660112452, 0.41338242108266994, 0.27888482197713691])
    close(z[1].ravel(), [-0.00035138683919559355, 0.039371764992003664], atol=1e-15)
    close(a[2].ravel(), [0.49991215329110499, 0.5098416699537035])


@pytest.mark.parametrize(
    ("x", "y", "C", "delta3", "delta2", "dW3", "dW2"),
    [
        (
            [1.0, 0],
            1.0,
            0.12504392721296964,
            -0.1250219578180237,
            [-0.021756234168509661, 0.024450125385972577, -0.027506391059219149],
            [-0.067190531454713259, -0.071817928105706602, -0.053204029712317101],
            [[-0.021756234168509661, 0], [0.024450125385972577, 0], [-0.027506391059219149, 0]],
        ),
        (
            [0.5, -1.5],
            0.0,
            0.12996926421059056,
            0.12741103500561792,
            [0.021428309200304887, -0.024717475268786334, 0.023061049534868189],
            [0.076279414420019107, 0.052669482123271149, 0.035533003815464513],
            [
                [0.010714154600152443, -0.03214246380045733],
                [-0.012358737634393167, 0.037076212903179501],
                [0.011530524767434095, -0.034591574302302284],
            ],
        ),
    ],
)
def test_backpropagation_by_the_worked_examples(x, y, C, delta3, delta2, dW3, dW2):
    """BP1 to BP4 for one sample, where dC/db is delta. (errata 3-06, 0-13: w_jk meets a_k)"""
    close(NET.cost([x], [y]), C)
    hidden, output = backpropagate(NET, [x], [y])
    close(output.b, [delta3])
    close(hidden.b, delta2)
    close(output.W, [dW3])
    close(hidden.W, dW2)


def test_the_mean_over_a_batch_and_one_step():
    """Section 3.12: all weights and biases move by slopes at the old parameters (errata 4-68)."""
    close(NET.cost(XOR_X, XOR_Y), 0.12591803318846808)
    hidden, output = backpropagate(NET, XOR_X, XOR_Y)
    loose = partial(np.testing.assert_allclose, rtol=1e-12)
    loose(
        hidden.W,
        [
            [0.00013785133582182313, 0.00074492197908378023],
            [0.00027615786145879765, -0.00033814632523291151],
            [0.00013915540251500929, 0.0016700924644820921],
        ],
    )
    loose(hidden.b, [0.0011998424458946811, -0.00094897942831163667, 0.0023008804930719876])
    loose(output.W, [[0.003175311436203253, 0.0033756161474224491, 0.0043882253421299036]])
    loose(output.b, [0.0065664582870116079])
    after = train(NET, XOR_X, XOR_Y, eta=0.5, epochs=1)
    close(
        after.network.layers[0].W,
        [
            [0.099931074332089088, -0.20037246098954189],
            [0.3998619210692706, 0.30016907316261646],
            [-0.5000695777012575, 0.59916495376775895],
        ],
    )
    close(
        after.network.layers[0].b,
        [0.049400078777052659, -0.099525510285844182, 0.19884955975346401],
    )
    close(
        after.network.layers[1].W,
        [[0.69841234428189837, -0.80168780807371122, 0.89780588732893505]],
    )
    close(after.network.layers[1].b, [-0.3032832291435058])
    close(after.cost, [0.12591803318846808, 0.12587195514655638])


@pytest.mark.parametrize(
    ("start", "outputs", "costs", "end"),
    [
        (
            (0.6, 0.9),
            [0.81757447619364366, 0.81205496875073732, 0.75179284876698558, 0.09395569486364722],
            [0.3342140120616554, 0.32971663613638049, 0.28259624372858982, 0.0044138362986553923],
            (-1.2831324334215491, -0.98313243342154909),
        ),
        (
            (2.0, 2.0),
            [0.98201379003790844, 0.98192165114312029, 0.98104925119575531, 0.20284842426777664],
            [0.48217554191230866, 0.48208506449181581, 0.4812288166358761, 0.020573741613959957],
            (-0.68429291095200649, -0.68429291095200649),
        ),
    ],
)
def test_one_neuron_learns_0_from_1(start, outputs, costs, end):
    """Section 3.10: the mild start and the saturated one, squared error, eta = 0.15."""
    neuron = Network([([[start[0]]], [start[1]])])
    seen = {0: neuron.predict([[1.0]])[0, 0]}

    def watch(progress):
        seen[progress.epoch] = progress.snapshot().predict([[1.0]])[0, 0]

    run = train(neuron, [[1.0]], [0.0], eta=0.15, epochs=300, callback=watch)
    epochs = [0, 1, 10, 300]
    np.testing.assert_allclose([seen[t] for t in epochs], outputs, rtol=1e-12)
    np.testing.assert_allclose(run.cost[epochs], costs, rtol=1e-12)
    np.testing.assert_allclose(run.network.flatten(), end, rtol=1e-12)


def test_one_neuron_with_cross_entropy_has_no_plateau():
    """Section 3.10, both starts and both rates as one family of four."""
    layers = [(np.array([[[0.6]], [[2.0]]]), np.array([[0.9], [2.0]]))]
    neurons = Network(layers, loss=BCE)
    rates = np.array([[0.005], [0.15]])
    run = train(stack([neurons, neurons]), [[1.0]], [0.0], eta=rates, epochs=300)
    close(run.cost[0, 0], [1.7014132779827524, 4.0181499279178097])
    expected = [[0.41767929959888692, 0.77958706420616891], [0.011638208968903767, 0.0120087415]]
    np.testing.assert_allclose(run.network.predict([[1.0]])[..., 0, 0], expected, rtol=1e-8)
    np.testing.assert_allclose(run.cost[-1, 0], [0.5407339513958, 1.5122525110763], rtol=1e-12)


# Gradients against independent witnesses ---------------------------------------------------------


def unit_by_unit(layers, X, y, names):
    """The mean squared-error gradient, one sample, one neuron, one weight at a time."""
    slopes = {name: getattr(activations, f"{name}_derivative") for name in names}
    total = [(np.zeros_like(W), np.zeros_like(b)) for W, b in layers]
    for x, target in zip(X, y, strict=True):
        a, z = [list(x)], []
        for (W, b), name in zip(layers, names, strict=True):
            z.append([sum(w * v for w, v in zip(row, a[-1], strict=True)) for row in W])
            z[-1] = [s + bias for s, bias in zip(z[-1], b, strict=True)]
            a.append([float(getattr(activations, name)(s)) for s in z[-1]])
        errors = [output - t for output, t in zip(a[-1], target, strict=True)]
        delta = [e * slopes[names[-1]](s) for e, s in zip(errors, z[-1], strict=True)]
        for i in reversed(range(len(layers))):
            for j, d in enumerate(delta):
                total[i][1][j] += d / len(X)
                for k, v in enumerate(a[i]):
                    total[i][0][j, k] += d * v / len(X)
            if i > 0:
                W = layers[i].W
                back = [sum(W[j, k] * d for j, d in enumerate(delta)) for k in range(W.shape[1])]
                delta = [v * slopes[names[i - 1]](s) for v, s in zip(back, z[i - 1], strict=True)]
    return [Layer(*pair) for pair in total]


@pytest.mark.parametrize("names", [("sigmoid",) * 3, ("tanh", "relu", "identity")])
def test_backpropagation_against_loops(names):
    rng = np.random.default_rng(1)
    net, X, y = random_case(rng, (3, 4, 2, 2), "squared_error", 5, names)
    expected = unit_by_unit(net.layers, X, y, names)
    same(backpropagate(net, X, y), expected, rtol=1e-12, atol=1e-15)


@st.composite
def architectures(draw):
    loss = draw(st.sampled_from(["squared_error", BCE, CCE]))
    sizes = draw(st.lists(st.integers(1, 4), min_size=2, max_size=5))
    hidden = st.sampled_from(["sigmoid", "tanh", "relu", "identity"])
    last = {BCE: st.just("sigmoid"), CCE: st.just("softmax")}
    last = last.get(loss, hidden | st.just("softmax"))
    names = [draw(hidden) for _ in sizes[2:]] + [draw(last)]
    lam = draw(st.sampled_from([0.0, 0.3]))
    return sizes, names, loss, lam, draw(st.integers(0, 2**32)), draw(st.integers(1, 5))


@settings(max_examples=60, deadline=None)
@given(architectures())
def test_every_architecture_passes_the_gradient_check(case):
    sizes, names, loss, lam, seed, n = case
    net, X, y = random_case(np.random.default_rng(seed), sizes, loss, n, names)
    for z, name in zip(net.forward(X).z, names, strict=True):
        assume(name != "relu" or np.abs(z).min() > 1e-3)  # the corner has no derivative to measure
    found = check_gradient(
        lambda vector: net.unflatten(vector).cost(X, y, lam),
        lambda vector: flatten(net.unflatten(vector).gradient(X, y, lam)),
        net.flatten(),
    )
    assert found.passed, found


def test_backpropagation_against_the_scalar_graph():
    rng = np.random.default_rng(3)
    net, X, y = random_case(rng, (2, 3, 2), "squared_error", 3, ("tanh", "sigmoid"))
    values = [Value(number) for number in net.flatten()]
    total = Value(0)
    for x, target in zip(X, y, strict=True):
        numbers, a = iter(values), list(map(float, x))
        for (W, _), name in zip(net.layers, ("tanh", "sigmoid"), strict=True):
            weights = [[next(numbers) for _ in range(W.shape[1])] for _ in range(W.shape[0])]
            z = [
                sum((w * v for w, v in zip(row, a, strict=True)), next(numbers)) for row in weights
            ]
            a = [getattr(s, name)() for s in z]
        for output, t in zip(a, target, strict=True):
            total = total + (output - float(t)) ** 2 / (2 * len(X))
    total.backward()
    assert total.data == pytest.approx(net.cost(X, y), rel=1e-14)
    expected = flatten(backpropagate(net, X, y))
    close([value.grad for value in values], expected, rtol=1e-12)


@pytest.mark.parametrize("loss", ["squared_error", BCE, CCE])
@pytest.mark.parametrize("hidden", ["sigmoid", "tanh", "relu"])
@pytest.mark.parametrize("output", ["tanh", "softmax"])
@pytest.mark.parametrize("lam", [0.0, 0.1])
def test_backpropagation_against_pytorch(loss, hidden, output, lam):
    torch = pytest.importorskip("torch")
    output = {BCE: "sigmoid", CCE: "softmax"}.get(loss, output)
    names = (hidden, hidden, output)
    net, X, y = random_case(np.random.default_rng(5), (4, 6, 5, 3), loss, 7, names)
    a, target = torch.from_numpy(X), torch.from_numpy(y)
    parameters = [torch.tensor(p, requires_grad=True) for layer in net.layers for p in layer]
    for i, name in enumerate(names):
        z = a @ parameters[2 * i].T + parameters[2 * i + 1]
        a = torch.softmax(z, -1) if name == "softmax" else getattr(torch, name)(z)
    J = {
        "squared_error": lambda: ((a - target) ** 2).sum() / 2 / len(X),
        BCE: lambda: torch.nn.functional.binary_cross_entropy(a, target, reduction="sum") / len(X),
        CCE: lambda: torch.nn.functional.cross_entropy(z, target),
    }[loss]() + lam / 2 * sum((W**2).sum() for W in parameters[::2])
    J.backward()
    assert net.cost(X, y, lam) == pytest.approx(J.item(), rel=1e-10)
    gradient = net.gradient(X, y, lam)
    for ours, theirs in zip((p for layer in gradient for p in layer), parameters, strict=True):
        difference = np.abs(ours - theirs.grad.numpy()).max()
        assert difference <= 1e-10 * np.abs(ours).max()


def test_the_short_delta_is_the_long_one():
    """Sigmoid with binary cross-entropy: dC/da sigma'(z) is a - y; BP1 multiplied out."""
    net, X, y = random_case(np.random.default_rng(6), (3, 2), BCE)
    (z,), (_, a) = net.forward(X)
    slope = ((1 - y) / (1 - a) - y / a) / len(y)  # dC/da, by hand
    long = slope * activations.sigmoid_derivative(z)
    close(backpropagate(net, X, y)[0].b, long.sum(axis=0), rtol=1e-12)
    net, X, y = random_case(np.random.default_rng(6), (3, 4), CCE)
    (z,), (_, a) = net.forward(X)
    long = np.einsum("nij,ni->nj", activations.softmax_derivative(z), -y / a / len(y))
    close(backpropagate(net, X, y)[0].b, long.sum(axis=0), rtol=1e-12)


def test_saturated_outputs_keep_a_finite_cost_and_a_gradient():
    for loss, activation, y in ((BCE, "sigmoid", [[0.0]]), (CCE, "softmax", [[0.0, 1.0]])):
        layers = [(np.array([[1000.0], [0.0]])[: len(y[0])], np.zeros(len(y[0])))]
        net = Network(layers, activation, loss)
        assert net.cost([[1.0]], y) == 1000
        gradient = backpropagate(net, [[1.0]], y)
        assert gradient[0].b[0] == 1


# XOR ---------------------------------------------------------------------------------------------


def test_xor_along_the_plateau():
    """Section 3.12, eta = 1: a plateau near 0.125, the drop, and cross-entropy's shorter way."""
    run = train(NET, XOR_X, XOR_Y, eta=1.0, epochs=2000)
    expected = [0.12591803318846, 0.12582878191979, 0.12554692281863, 0.12529394904953]
    np.testing.assert_allclose(run.cost[[0, 1, 10, 100]], expected, rtol=1e-11)
    assert run.cost[1000] == pytest.approx(0.12441151430478989, rel=1e-6)
    first = {}

    def watch(loss, progress):
        right = ((progress.snapshot().predict(XOR_X)[:, 0] > 0.5) == XOR_Y).all()
        first.setdefault(loss, progress.epoch) if right else None
        return right

    for loss, epoch in (("squared_error", 1710), (BCE, 434)):
        net = Network(LAYERS, loss=loss)
        train(net, XOR_X, XOR_Y, eta=1.0, epochs=2000, callback=partial(watch, loss))
        assert first[loss] == epoch


@pytest.mark.parametrize(("hidden", "epochs", "stuck"), [(2, 6000, [0, 10, 11, 19]), (3, 1600, [])])
def test_xor_from_twenty_starts(hidden, epochs, stuck):
    """Section 3.12: 16 of 20 plain starts solve XOR with two hidden neurons, 20 with three."""
    starts = [
        initialize((2, hidden, 1), rng=np.random.default_rng(seed), scheme="normal")
        for seed in range(20)
    ]
    run = train(stack(starts), XOR_X, XOR_Y, eta=1.0, epochs=epochs, every=epochs)
    solved = ((run.network.predict(XOR_X)[..., 0] > 0.5) == XOR_Y).all(axis=-1)
    assert np.flatnonzero(~solved).tolist() == stuck
    assert np.all(run.cost[-1][stuck] > 0.0625)


def test_a_start_from_zero_never_moves():
    """Errata 4-69: at zero every slope is exactly 0, and the cost stays 1/8."""
    zeros = initialize((2, 3, 1), scheme="zeros")
    assert all(
        np.all(slope == 0) for layer in backpropagate(zeros, XOR_X, XOR_Y) for slope in layer
    )
    run = train(zeros, XOR_X, XOR_Y, eta=5.0, epochs=50)
    assert np.all(run.cost == 0.125) and np.all(run.network.flatten() == 0)


def test_equal_neurons_stay_equal():
    half = NET.unflatten(np.full(13, 0.5))
    (W2, b2), (W3, b3) = train(half, XOR_X, XOR_Y, eta=1.0, epochs=500).network.layers
    assert np.all(W2[0] == W2) and np.all(b2 == b2[0]) and np.all(W3[0, 0] == W3)
    assert b3[0] != 0.5


# Families ----------------------------------------------------------------------------------------


def test_a_family_of_networks_is_a_loop():
    net, X, y = random_case(
        np.random.default_rng(8), (3, 4, 2), "squared_error", activations=("tanh", "softmax")
    )
    others = [net.unflatten(s * net.flatten()) for s in (1.0, 0.5, -2.0)]
    family = stack(others)
    close(family.cost(X, y, 0.2), [one.cost(X, y, 0.2) for one in others])
    gradient = family.gradient(X, y, 0.2)
    for i, one in enumerate(others):
        close(family.member(i).flatten(), one.flatten())
        close(family.forward(X).a[-1][i], one.predict(X))
        expected = one.gradient(X, y, 0.2)
        same([Layer(W[i], b[i]) for W, b in gradient], expected, rtol=1e-12, atol=1e-15)


OPTIMIZERS = [None, optimize.SGD(), optimize.Momentum(), optimize.AdaGrad(), optimize.Adam()]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("dropout", [0.0, 0.4])
def test_a_family_of_rates_is_a_loop(optimizer, dropout):
    net, X, y = random_case(np.random.default_rng(9), (3, 4, 2), "squared_error", n=7)
    rates = np.array([0.01, 0.1, 0.5])

    def run(eta):
        rng = np.random.default_rng(0)
        options = {"batch_size": 3, "dropout": dropout, "optimizer": optimizer, "rng": rng}
        return train(net, X, y, eta=eta, epochs=5, validation=(X[:2], y[:2]), **options)

    together = run(rates)
    assert together.cost.shape == together.validation_cost.shape == (6, 3)
    for i, eta in enumerate(rates):
        alone = run(eta)
        close(together.cost[:, i], alone.cost, rtol=1e-10)
        close(together.validation_cost[:, i], alone.validation_cost, rtol=1e-10)
        same(together.network.member(i).layers, alone.network.layers, rtol=1e-10, atol=1e-14)


def test_families_of_rates_starts_and_penalties_combine():
    starts = initialize((2, 3, 1), rng=np.random.default_rng(1), family=(5,))
    rates, penalties = np.array([0.1, 1.0])[:, None], np.array([0.0, 0.01, 0.1])[:, None, None]
    run = train(starts, XOR_X, XOR_Y, eta=rates, lam=penalties, epochs=3)
    assert run.cost.shape == (4, 3, 2, 5) and run.network.layers[0].W.shape == (3, 2, 5, 3, 2)
    alone = train(starts.member(4), XOR_X, XOR_Y, eta=1.0, lam=0.1, epochs=3)
    close(run.cost[:, 2, 1, 4], alone.cost)


# Training ----------------------------------------------------------------------------------------


def flat_gradient(net, X, y, lam=0.0):
    return lambda w: flatten(net.unflatten(w).gradient(X, y, lam))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_full_batch_training_is_gradient_descent_on_all_parameters(optimizer):
    """The book's other descent, chapter 4's, sees the network as one function of 13 numbers."""
    schedule = optimize.inverse_sqrt(0.3)
    run = train(NET, XOR_X, XOR_Y, eta=schedule, epochs=20, optimizer=optimizer, lam=0.01)
    gradient = flat_gradient(NET, XOR_X, XOR_Y, lam=0.01)
    path = optimize.gradient_descent(gradient, NET.flatten(), schedule, 20, optimizer=optimizer)
    np.testing.assert_allclose(run.network.flatten(), path.w[-1], rtol=1e-11)


def test_mini_batches_against_a_loop():
    """Seven samples in threes: 3, 3 and 1; shuffled anew for each epoch; t counts steps."""
    net, X, y = random_case(np.random.default_rng(2), (2, 3, 2), CCE, 7, ("relu", "softmax"))
    asked = []

    def schedule(t):
        asked.append(t)
        return 0.5 / t

    rng = np.random.default_rng(4)
    run = train(net, X, y, eta=schedule, epochs=2, batch_size=3, rng=rng, lam=0.1)
    rng, w, t = np.random.default_rng(4), net.flatten(), 0
    for _ in range(2):
        order = rng.permutation(7)
        for batch in (order[:3], order[3:6], order[6:]):
            t += 1
            w = w - 0.5 / t * flat_gradient(net, X[batch], y[batch], lam=0.1)(w)
    close(run.network.flatten(), w, rtol=1e-12)
    assert asked[-6:] == [1, 2, 3, 4, 5, 6]


def test_dropout_against_the_masked_cost():
    """One step's change is -eta times the slope of the cost with the same neurons left out."""
    net, X, y = random_case(np.random.default_rng(3), (2, 6, 4, 1), "squared_error", n=3)
    run = train(net, X, y, eta=0.1, epochs=1, dropout=0.5, rng=np.random.default_rng(11))
    rng = np.random.default_rng(11)
    masks = [(rng.random((3, m)) >= 0.5) * 2.0 for m in (6, 4)]
    assert {0.0, 2.0} == set(masks[0].ravel())

    def masked_cost(w):
        (W2, b2), (W3, b3), (W4, b4) = net.unflatten(w).layers
        a = activations.sigmoid(X @ W2.T + b2) * masks[0]
        a = activations.sigmoid(a @ W3.T + b3) * masks[1]
        return losses.squared_error(activations.sigmoid(a @ W4.T + b4), y)

    slope = (net.flatten() - run.network.flatten()) / 0.1
    assert check_gradient(masked_cost, slope, net.flatten()).passed


def test_dropout_keeps_the_mean():
    """Inverted dropout raises what stays, so that layers see the same input on average."""
    layers = [Layer(np.eye(1), np.zeros(1)), Layer(np.zeros((1, 1)), np.zeros(1))]
    X, y = np.full((20_000, 1), 2.0), np.full((20_000, 1), -1.0)
    rng = np.random.default_rng(0)
    run = train(Network(layers, "identity"), X, y, eta=1.0, epochs=1, dropout=0.25, rng=rng)
    assert -run.network.layers[1].W[0, 0] == pytest.approx(2.0, rel=0.01)


def test_patience_keeps_the_best_network():
    names = ("tanh", "identity")
    net, X, y = random_case(np.random.default_rng(4), (2, 20, 1), "squared_error", 12, names)
    rest = {"validation": (X[6:], y[6:]), "epochs": 3000, "eta": 0.2}
    run = train(net, X[:6], y[:6], patience=50, **rest)
    assert run.ended == "patience"
    assert run.best_epoch == np.argmin(run.validation_cost)
    assert run.epoch[-1] == run.best_epoch + 50 < 3000
    found = run.network.cost(X[6:], y[6:])
    assert found == run.validation_cost.min() < run.validation_cost[-1]
    assert train(net, X[:6], y[:6], **{**rest, "epochs": 60}).ended == "epochs"


def test_patience_of_a_family_is_a_loop():
    """A network that has run out of patience takes no part in what the others still find."""
    names = ("tanh", "identity")
    net, X, y = random_case(np.random.default_rng(4), (2, 20, 1), "squared_error", 12, names)
    rest = {"validation": (X[6:], y[6:]), "patience": 3, "epochs": 60, "batch_size": 2}
    rates = np.array([0.002, 0.2, 0.3])
    together = train(net, X[:6], y[:6], eta=rates, rng=np.random.default_rng(0), **rest)
    later = together.validation_cost.argmin(axis=0)
    assert (later > together.best_epoch).any()
    for i, eta in enumerate(rates):
        alone = train(net, X[:6], y[:6], eta=eta, rng=np.random.default_rng(0), **rest)
        assert together.best_epoch[i] == alone.best_epoch
        same(together.network.member(i).layers, alone.network.layers, rtol=1e-9)


def test_a_network_with_one_infinite_weight_is_lost_altogether():
    """Saturated outputs would hide it: the cost of weights at infinity may be finite."""
    run = train(NET, XOR_X + 1, XOR_Y, eta=1.0, lam=1e200, epochs=3)
    assert run.diverged_at == 2
    assert np.isnan(run.cost[2:]).all() and np.isfinite(run.cost[:2]).all()
    assert np.isnan(run.network.flatten()).all()


def test_a_callback_can_stop_the_run():
    seen = []

    def stop(progress):
        seen.append(progress)
        return progress.step == 5

    rng = np.random.default_rng(0)
    run = train(NET, XOR_X, XOR_Y, eta=1.0, epochs=9, batch_size=2, callback=stop, rng=rng)
    assert run.ended == "callback" and run.epoch.tolist() == [0, 1, 2, 3]
    assert [(p.step, p.epoch, p.ends_epoch) for p in seen[:3]] == [
        (1, 1, False),
        (2, 1, True),
        (3, 2, False),
    ]
    same(seen[-1].snapshot().layers, run.network.layers)
    assert run.cost[-1] == run.network.cost(XOR_X, XOR_Y)  # the last step is measured


def test_steps_set_no_pace_and_give_copies():
    rate = {"eta": 0.5}
    run = steps(NET, XOR_X, XOR_Y, eta=lambda t: rate["eta"], epochs=3)
    first = next(run).snapshot()
    kept = first.flatten()
    rate["eta"] = 1e-300  # a change of the rate in mid-run
    second = next(run).snapshot()
    close(first.flatten(), kept)
    close(second.flatten(), kept)
    first.layers[0].W[:] = 99.0
    assert next(run).snapshot().flatten().max() < 1
    with pytest.raises(ValueError, match="epochs is 0"):
        steps(NET, XOR_X, XOR_Y, eta=1.0, epochs=0)  # at once, not at the first step


def test_every_and_none():
    run = train(NET, XOR_X, XOR_Y, eta=1.0, epochs=7, every=3)
    assert run.epoch.tolist() == [0, 3, 6, 7] and run.cost.shape == (4,)
    assert run.validation_cost is None and run.best_epoch == 7
    run = train(NET, XOR_X, XOR_Y, eta=1.0, epochs=7, every=None)
    assert run.epoch.shape == run.cost.shape == (0,)


def test_training_leaves_what_it_got():
    """The inputs of this file are frozen; the results must be free and their own."""
    run = train(NET, XOR_X, XOR_Y, eta=1.0, epochs=1)
    z, a = Network(LAYERS, "identity").forward(XOR_X)
    parts = [p for layer in (*run.network.layers, *backpropagate(NET, XOR_X, XOR_Y)) for p in layer]
    arrays = [*parts, *z, *a]
    for i, array in enumerate(arrays):
        assert array.flags.writeable
        others = (*arrays[:i], XOR_X, XOR_Y, *NET.layers[0], *NET.layers[1])
        assert not any(np.shares_memory(array, other) for other in others)


def test_numpys_warnings_are_off_inside_a_step_only():
    """What is not the step's own work, such as a schedule or a callback, warns as it did before."""
    seen = {}

    def note(where, answer):
        seen[where] = np.geterr()["over"]
        return answer

    class Noting(optimize.SGD):
        def step(self, *arguments):
            note("optimizer", super().step(*arguments))

    with np.errstate(over="raise"):
        run = steps(
            NET,
            XOR_X,
            XOR_Y,
            eta=lambda t: note("schedule", 0.5),
            epochs=2,
            optimizer=Noting(),
        )
        next(run)
        note("between steps", None)
        train(NET, XOR_X, XOR_Y, eta=0.5, epochs=1, callback=lambda p: note("callback", False))
    assert seen == {
        "schedule": "raise",
        "optimizer": "ignore",
        "between steps": "raise",
        "callback": "raise",
    }
    next(run)  # begun with one state, gone on with in another


def test_divergence_is_named_and_silent():
    """Linear outputs at a rate past the limit: NaN, the epoch named, the other networks go on."""
    net = Network([([[1.0, -1.0]], [0.0])], "identity")
    y = XOR_X @ [1.0, 2.0]
    rates = np.array([0.1, 50.0])
    rng = np.random.default_rng(0)
    run = train(net, XOR_X, y, eta=rates, epochs=200, batch_size=2, rng=rng)
    assert run.diverged_at[0] == -1 and 50 < run.diverged_at[1] < 150
    lost = run.diverged_at[1]
    assert np.isnan(run.cost[lost:, 1]).all() and not np.isnan(run.cost[: lost - 1, 1]).any()
    assert np.isnan(run.network.flatten()[1]).all()
    assert run.cost[-1, 0] < 1e-6
    alone = train(net, XOR_X, y, eta=50.0, epochs=200)
    assert alone.diverged_at > 0 and np.isnan(alone.cost[-1])
    momentum = train(net, XOR_X, y, eta=rates, epochs=200, optimizer=optimize.Momentum())
    assert momentum.diverged_at[0] == -1 < momentum.diverged_at[1]


# Layers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scheme", "spread"),
    [
        ("xavier", math.sqrt(2 / 500)),
        ("he", math.sqrt(2 / 300)),
        ("lecun", math.sqrt(1 / 300)),
        ("normal", 1.0),
    ],
)
def test_schemes(scheme, spread):
    (layer,) = initialize((300, 200), rng=np.random.default_rng(0), scheme=scheme).layers
    assert layer.W.shape == (200, 300) and layer.W.std() == pytest.approx(spread, rel=0.01)
    assert abs(layer.W.mean()) < spread / 100
    assert np.all(layer.b == 0) == (scheme != "normal")
    assert initialize((3, 2), rng=np.random.default_rng(0), family=(4, 5)).layers[0].b.shape == (
        4,
        5,
        2,
    )


def test_flatten_and_back():
    close(NET.flatten(), [0.1, -0.2, 0.4, 0.3, -0.5, 0.6, 0.05, -0.1, 0.2, 0.7, -0.8, 0.9, -0.3])
    close(flatten(NET.layers), NET.flatten())
    same(NET.unflatten(NET.flatten()).layers, NET.layers)
    family = initialize((2, 3, 1), rng=np.random.default_rng(0), family=(4,))
    assert family.flatten().shape == (4, 13)
    same(NET.unflatten(family.flatten()).layers, family.layers)


def test_a_network_remembers_what_it_was_trained_with():
    start = Network(LAYERS, ["tanh", "sigmoid"], BCE)
    run = train(start, XOR_X, XOR_Y, eta=0.5, epochs=2000, every=2000)
    for net in (run.network, run.network.unflatten(run.network.flatten()), run.network.copy()):
        assert net.predict(XOR_X)[:, 0].round().tolist() == XOR_Y.tolist()
        assert net.cost(XOR_X, XOR_Y) == run.cost[-1]
        assert repr(net) == "Network(2-3-1: tanh, sigmoid; binary_cross_entropy)"


def test_a_penalty_is_in_cost_and_gradient_alone():
    """J = C + lam/2 ||W||^2; the biases stay free."""
    penalty = 0.3 / 2 * sum((W**2).sum() for W, _ in NET.layers)
    close(NET.cost(XOR_X, XOR_Y, 0.3) - NET.cost(XOR_X, XOR_Y), penalty)
    plain, held = backpropagate(NET, XOR_X, XOR_Y), NET.gradient(XOR_X, XOR_Y, 0.3)
    pairs = zip(plain, NET.layers, strict=True)
    same(held, [Layer(dW + 0.3 * W, db) for (dW, db), (W, _) in pairs])


RATE = {"eta": 1, "epochs": 1}


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: Network([]), ValueError, "layers is empty"),
        (lambda: Network(3), TypeError, r"pairs \(W, b\)"),
        (lambda: Network([(np.eye(2), [0.0])]), ValueError, r"layers\[0\] has W of shape"),
        (lambda: Network([LAYERS[0]] * 2), ValueError, "behind a layer of 3 neurons"),
        (lambda: Network(LAYERS, "sigmoed"), ValueError, "one of 'step', 'sigmoid'"),
        (lambda: Network(LAYERS, ["relu"]), TypeError, "for 2 layers"),
        (lambda: Network(LAYERS, 7), TypeError, "activations is 7"),
        (lambda: Network(LAYERS, ["softmax", "tanh"]), ValueError, "softmax before the last"),
        (lambda: Network(LAYERS, loss="mse"), ValueError, "loss is 'mse'"),
        (lambda: Network(LAYERS, loss=CCE), ValueError, "must be 'softmax', not"),
        (lambda: NET.forward(XOR_X[:, :1]), ValueError, "d = 2 like the network's inputs"),
        (lambda: NET.cost(XOR_X, XOR_Y[:3]), ValueError, r"y has shape \(3,\).*n = 4 like X"),
        (lambda: Network(LAYERS, loss=BCE).cost(XOR_X, XOR_Y + 1), ValueError, "at most 1"),
        (lambda: NET.cost(XOR_X, XOR_Y, lam=-1), ValueError, "lam is -1"),
        (lambda: backpropagate(LAYERS, XOR_X, XOR_Y), TypeError, "must be a Network"),
        (lambda: train(LAYERS, XOR_X, XOR_Y, **RATE), TypeError, "must be a Network"),
        (lambda: train(NET, XOR_X, XOR_Y, eta=0, epochs=1), ValueError, "eta is 0"),
        (lambda: train(NET, XOR_X, XOR_Y, eta=1, epochs=1.5), TypeError, "epochs is 1.5"),
        (lambda: train(NET, XOR_X, XOR_Y, **RATE, batch_size=5), ValueError, "4 samples"),
        (lambda: train(NET, XOR_X, XOR_Y, **RATE, batch_size=2), TypeError, "rng is"),
        (lambda: train(NET, XOR_X, XOR_Y, **RATE, dropout=1), ValueError, "less than 1"),
        (lambda: train(NET, XOR_X, XOR_Y, **RATE, patience=3), ValueError, "validation"),
        (lambda: train(NET, XOR_X, XOR_Y, **RATE, validation=3), TypeError, "validation is 3"),
        (lambda: train(NET, XOR_X, XOR_Y, **RATE, optimizer="adam"), TypeError, "Adam()"),
        (lambda: train(NET, XOR_X, XOR_Y, **RATE, optimizer=optimize.Adam), TypeError, "Adam()"),
        (lambda: train(NET, XOR_X, XOR_Y, **RATE, callback=3), TypeError, "callback"),
        (lambda: train(NET, XOR_X, XOR_Y, **RATE, batchsize=2), TypeError, "nearest is batch_size"),
        (lambda: initialize((3,), rng=np.random.default_rng(0)), ValueError, "an input and an"),
        (lambda: initialize((3, 0), rng=np.random.default_rng(0)), ValueError, "at least 1"),
        (lambda: initialize(3, rng=np.random.default_rng(0)), TypeError, "tuple of whole"),
        (lambda: initialize((3, 1)), TypeError, "default_rng"),
        (lambda: initialize((3, 1), scheme="glorot"), ValueError, "scheme is 'glorot'"),
        (lambda: NET.unflatten(np.ones(12)), ValueError, "p = 13 like the network's parameters"),
        (lambda: stack([]), ValueError, "networks holds 0"),
    ],
)
def test_bad_input(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_import_needs_numpy_alone():
    import subprocess
    import sys

    code = (
        "import sys, descent.network, descent.graph, descent.gradcheck\n"
        "print([m for m in ('matplotlib', 'ipywidgets', 'anywidget') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_schedule_may_give_a_family_its_rates():
    rates = np.array([0.1, 0.5])
    family = train(NET, XOR_X, XOR_Y, eta=lambda t: rates / t, epochs=3)
    for k, rate in enumerate(rates):
        alone = train(NET, XOR_X, XOR_Y, eta=lambda t, rate=rate: rate / t, epochs=3)
        for (W, b), (W_alone, b_alone) in zip(
            family.network.layers, alone.network.layers, strict=True
        ):
            np.testing.assert_allclose(W[k], W_alone, rtol=1e-12)
            np.testing.assert_allclose(b[k], b_alone, rtol=1e-12)
