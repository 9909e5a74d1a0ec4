"""Each number on the errata page is computed here and looked up in its entry's text."""

import math
import re
from fractions import Fraction
from functools import cache
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from descent import (
    activations,
    data,
    gradcheck,
    linear,
    losses,
    network,
    optimize,
    perceptron,
)
from descent.activations import relu_derivative, sigmoid
from descent.experiments import chapter05 as sgd
from descent.experiments import chapter10 as graphs
from descent.experiments import chapter13 as deep
from descent.graph import Value

PAGE = (Path(__file__).parents[1] / "book" / "errata.md").read_text(encoding="utf-8")
ENTRIES = dict(re.findall(r"(?ms)^\(erratum-([\d-]+)\)=\n(.*?)(?=^\(erratum|^## |\Z)", PAGE))

TRIPS = data.commute()
X, Y = linear.design_matrix(TRIPS.features), TRIPS.minutes
N = len(Y)


def exact(value):
    return Fraction(str(value))


EXACT_X = [[exact(v) for v in row] for row in X]
EXACT_Y = [exact(v) for v in Y]
EXACT_W = [Fraction(2897, 476), Fraction(1555, 238), Fraction(431, 204)]


def minus(text):
    return text.replace("-", "−")


def left_out(X):
    rows = np.arange(N)
    misses = [Y[i] - X[i] @ linear.normal_equation(X[rows != i], Y[rows != i]) for i in rows]
    return np.mean(np.square(misses))


def vector(values, form):
    return "(" + ", ".join(format(v, form) for v in values) + ")"


def says_04():
    eigenvalues = linear.spectrum(np.column_stack([X, 1 - TRIPS.weekday])).eigenvalues
    assert eigenvalues[0] == 0
    return [f"{value:.4f}" for value in eigenvalues[1:]]


def says_05():
    sse = sum(
        (sum(x * w for x, w in zip(row, EXACT_W, strict=True)) - y) ** 2
        for row, y in zip(EXACT_X, EXACT_Y, strict=True)
    )
    return [f"{sse / N} = {float(sse / N):.4f}", f"{sse / (2 * N)} = {float(sse / (2 * N)):.4f}"]


def says_08():
    A, w, h = np.array([[1.0, 2.0], [0.0, 1.0]]), np.ones(2), 1e-6
    slope = [
        ((w + h * e) @ A @ (w + h * e) - (w - h * e) @ A @ (w - h * e)) / (2 * h) for e in np.eye(2)
    ]
    np.testing.assert_allclose(slope, (A + A.T) @ w, rtol=1e-8)
    return [vector(np.round(slope), ".0f"), vector(2 * A @ w, ".0f")]


def says_10():
    kappa = np.linalg.cond(linear.polynomial_features(TRIPS.distance, 4))
    assert round(kappa / 1e5, 1) == 2.7
    assert round(kappa**2 / 1e10) == 7
    return [f"{np.linalg.cond(X.T @ X):.2f} against {np.linalg.cond(X):.2f}", r"$7 \cdot 10^{10}$"]


def says_13():
    return ["0.5", f"{np.log(2):.4f}"]


def says_16():
    pair = data.iris_pair()
    petals = linear.design_matrix(pair.features[:, 2:])
    found = []
    for w in ((-322 / 85, 22 / 17, 14 / 17), (-143 / 43, 40 / 43, 60 / 43)):
        assert abs(np.min(pair.labels * (petals @ w)) - 1) < 1e-12
        found.append(vector(w, ".4f"))
    return found


def says_19():
    w = linear.normal_equation(linear.polynomial_features(TRIPS.distance, 4), Y)
    at = linear.polynomial_features(np.array([0.0, 6.0]), 4) @ w
    return [minus(f"{value:.2f} minutes") for value in at]


def says_21():
    half = lambda v: np.sum(np.sqrt(v)) ** 2  # noqa: E731
    return [f"“length” {half([1, 1]):.0f}", f"have {half([1, 0]):.0f} each"]


def says_22():
    w, lam, h = np.array([1.0, -2.0, 3.0]), 0.1, 1e-4
    penalised = lambda w: linear.cost(X, Y, w) + lam / 2 * np.sum(w**2, axis=-1)  # noqa: E731
    slope = (penalised(w + h * np.eye(3)) - penalised(w - h * np.eye(3))) / (2 * h)
    np.testing.assert_allclose(slope, linear.gradient(X, Y, w) + lam * w, rtol=1e-8)
    wrong = linear.gradient(X, Y, w) + 2 * w
    literal = linear.ridge(X, Y, 2.0, penalize_intercept=True)
    found = [f"{value:.3f}".rstrip("0") for value in (*slope, *wrong)]
    return [*found, vector(literal, ".4f")]


def says_23():
    held = linear.ridge(X, Y, 10.0, penalize_intercept=True)
    free = linear.ridge(X, Y, 10.0)
    assert abs(np.sum(Y - X @ free)) < 1e-10
    return [f"{np.sum(Y - X @ held):.2f}"]


def says_25():
    metres = X * [1, 1000, 1]
    first = [(M @ linear.ridge(M, Y, 0.1))[0] for M in (X, metres)]
    return [f"{first[0]:.2f} minutes", f"{first[1]:.2f} with distances in m"]


def says_27():
    printed = [exact("6.08613445378149"), exact("6.53361344537816"), exact("2.11274509803922")]
    times = "25.8396358543418 34.9866946778712 12.6197478991597 42.1736694677872 24.3802521008403"
    off = [abs(p - w) for p, w in zip(printed, EXACT_W, strict=True)]
    for row, time in zip(EXACT_X, times.split(), strict=True):
        off.append(abs(sum(x * w for x, w in zip(row, EXACT_W, strict=True)) - exact(time)))
    assert max(off) < Fraction(9, 10**14)
    assert round(off[0] * 10**15) == 23 and round(off[1] * 10**16) == 87
    places = [14, 14, 14] + 5 * [13]
    assert [2 * o * 10**p > 1 for o, p in zip(off, places, strict=True)] == [
        True, True, False, True, True, False, True, False,
    ]  # fmt: skip
    said = [r"$2.3 \cdot 10^{-14}$", r"$8.7 \cdot 10^{-15}$", r"$9 \cdot 10^{-14}$"]
    return [str(w) for w in EXACT_W] + said


def says_28():
    w = linear.normal_equation(X, Y)
    variance = np.sum((Y - X @ w) ** 2) / 2 * np.diag(np.linalg.inv(X.T @ X))
    line = linear.design_matrix(TRIPS.distance)
    return [f"{s:.2f}" for s in np.sqrt(variance)] + [f"{left_out(X):.2f}", f"{left_out(line):.2f}"]


def says_30():
    length = np.linalg.norm(linear.gradient(X, Y, np.zeros(3)))
    return [f"{length:.2f}", f"{0.1 * length:.2f}"]


def says_31():
    w, costs = np.zeros(3), []
    for _ in range(5):
        costs.append(linear.cost(X, Y, w))
        w = w - 0.16 * linear.gradient(X, Y, w)
    return [f"{linear.spectrum(X).stability_limit:.5f}", "444.8"] + [f"{c:.2f}" for c in costs[1:]]


def says_34():
    w = np.array([2.0, 7.0, 1.0])
    guesses = [linear.LeastSquares(X, Y).gradient(w, [i]) for i in range(N)]
    np.testing.assert_allclose(np.mean(guesses, axis=0), linear.gradient(X, Y, w))
    return ["unbiased"]


def says_35():
    of = sgd.noise(X, Y, 2)
    facts = []
    for eta in (0.01, 0.06):
        away = np.sqrt(np.trace(sgd.spread(of, eta)))
        facts += [f"{away:.4f}", f"{sgd.floor(of, eta):.4f} min²"]
    return facts + [f"{sgd.noise_limit(sgd.noise(X, Y, b)):.5f}" for b in (1, 2, 5)]


def expected(c, power, steps):
    w = linear.normal_equation(X, Y)
    rates = c * np.arange(1, 10_001.0) ** -power
    excess = sgd.expected_excess(sgd.noise(X, Y, 2), -w, rates)
    return [f"{excess[t]:.4f} min²" for t in steps]


def says_40():
    return expected(0.2, 0.5, (1000, 10_000))


def says_42():
    t = np.arange(1, 1_000_001)
    need = 1 / (2 * linear.spectrum(X).eigenvalues[0])
    sums = [f"{np.sum(0.06**2 / t):.5f}", f"{np.sum(0.06 / np.sqrt(t)):.3f}", f"= {need:.2f}$"]
    return sums + expected(0.06, 1.0, (1000, 10_000))


def says_43():
    """The book's protocol, each run with its own generator."""
    pairs = np.array(list(combinations(range(N), 2)))
    picks = np.array([np.random.default_rng(seed).integers(0, 10, 60) for seed in range(1000)])
    step = iter(range(60))

    def gradient(w):
        B = pairs[picks[:, next(step)]]
        misses = np.einsum("mbp,mp->mb", X[B], w) - Y[B]
        return np.einsum("mb,mbp->mp", misses, X[B]) / 2

    path = optimize.gradient_descent(gradient, np.zeros((1000, 3)), optimize.inverse_sqrt(0.06), 60)
    stop = optimize.first_small_step(path, 0.02)
    costs = linear.cost(X, Y, path.w[stop, np.arange(1000)])
    assert stop.min() > 0
    assert costs.min() > 1.05 * linear.cost(X, Y, linear.normal_equation(X, Y))
    return [f"a median of {np.median(stop):.0f} steps", "none of them within 5 %"]


def says_44():
    ratio = sgd.noise(X, Y, 2).gradients, sgd.noise(X, Y, 1).gradients
    two, one = (np.mean(np.sum(g**2, axis=1)) for g in ratio)
    return [str(Fraction(2 * two / one).limit_denominator(100))]


def gate_data(name):
    table = data.logic_gate(name)
    return linear.design_matrix(table.features), table.labels


def literal_errors(Z, y, w, bias):
    """Return updates and errors of the source's strict test, with the bias in it or without."""
    first, updates = 0 if bias else 1, 0
    for _ in range(100):
        before = updates
        for x, label in zip(Z, y, strict=True):
            if label * (x[first:] @ w[first:]) < 0:
                w, updates = w + label * x, updates + 1
        if updates == before:
            break
    return updates, int(np.sum(perceptron.predict(Z, w) != y))


def says_47():
    left = []
    for name in ("AND", "OR", "NAND"):
        updates, errors = literal_errors(*gate_data(name), np.zeros(3), bias=False)
        assert updates == 0
        left.append(errors)
    starts = 0.01 * np.random.default_rng(7).standard_normal((200, 3))
    failed = [literal_errors(*gate_data("AND"), w, bias=False)[1] > 0 for w in starts]
    with_bias = [literal_errors(*gate_data("AND"), w, bias=True)[1] > 0 for w in starts]
    assert sum(with_bias) == 0
    return ["{}, {} and {} errors".format(*left), f"all {sum(failed)} cases"]


def says_48():
    runs = [perceptron.fit(*gate_data("AND"), eta=eta, tie="negative") for eta in (0.1, 0.5, 1)]
    (counts,) = {(len(run.sample), run.epochs) for run in runs}
    return ["{} updates and {} epochs".format(*counts), "0.1$, 0.5 and 1"]


def says_49():
    Z, y = gate_data("AND")
    path = perceptron.fit(Z, y, tie="negative").path[:2]
    errors = [np.sum(perceptron.predict(Z, w) != y) for w in path]
    scores = perceptron.fit([[1, 1, 1]], [-1], start=[0, 5, 5], max_epochs=1).path.sum(axis=1)
    bounds = []
    for name, w in {"AND": (-3, 2, 2), "OR": (-1, 2, 2), "NAND": (3, -2, -2)}.items():
        bounds.append(f"{perceptron.mistake_bound(*gate_data(name), w).mistakes:.0f} for {name}")
    words = "score of {:.0f} falls to {:.0f}".format(*scores)
    return ["errors from {} to {}".format(*errors), words, ", ".join(bounds)]


def says_51():
    table = data.logic_gate("XOR")
    start = network.Network([([[0.3, -0.2]], [0.1])])
    xor = (table.features, (table.labels + 1) / 2)
    net = network.train(start, *xor, eta=1.0, epochs=5000).network
    (answer,) = {f"{a:.3f}" for a in net.predict(table.features)[:, 0]}
    flowers = data.iris_pair("setosa", "versicolor")
    Z = linear.standardize(flowers.features[:, 2:])[0]
    start = network.initialize((2, 1), scheme="zeros", loss="binary_cross_entropy")
    lengths = []
    for epochs in (10, 100, 1000):
        run = network.train(start, Z, (flowers.labels + 1) / 2, eta=1.0, epochs=epochs,
                            every=None)  # fmt: skip
        lengths.append(float(np.linalg.norm(run.network.layers[0].W)))
    slope = lambda z: sigmoid(z) ** 2 * (1 - sigmoid(z))  # noqa: E731
    bend = gradcheck.numerical_gradient(slope, np.array(4.0))
    return [f"go to {answer}", "{:.2f}, {:.2f} and {:.2f}".format(*lengths), minus(f"{bend:.4f}")]


def says_52():
    best = linear.cost(X, Y, linear.normal_equation(X, Y))
    return [f"{np.mean((1 - Y) ** 2) / 2:.1f} min²", f"{best:.3f}"]


def says_53():
    Z, y = gate_data("AND")
    w = np.array([-1.5, 1, 1])
    assert len(perceptron.fit(Z, y, start=w).sample) == 0
    slopes = sigmoid(Z @ w) - (y + 1) / 2
    return [minus("{:.3f}, {:.3f}, {:.3f} and {:.3f}".format(*slopes))]


def says_56():
    ((W, b),) = network.initialize((2, 3), scheme="zeros").layers
    return [f"{W.size} weights and {b.size} biases"]


def says_58():
    cost = lambda p: (sigmoid(p[0] * 2 + p[1]) - 1) ** 2 / 2  # noqa: E731
    measured = gradcheck.numerical_gradient(cost, np.array([0.5, -0.3]))
    a = sigmoid(0.7)
    printed = (a - 1) * a * (1 - a) * np.array([2, 1])
    np.testing.assert_allclose(printed, measured, rtol=1e-8)
    return [minus("{:.4f} and {:.4f}".format(*printed))]


def says_61():
    net = network.initialize((784, 30, 10), scheme="zeros")
    p = net.flatten().size
    shapes = ["{} × {}".format(*layer.W.shape) for layer in net.layers]
    return [" and ".join(shapes), f"{p:,}", f"{p + 784:,}"]


def says_64():
    for f, below, above in ((sigmoid, 36.0, 37.0), (np.tanh, 18.0, 20.0)):
        assert f(below) < 1 == f(above)
    assert np.tanh(1) == pytest.approx(2 * sigmoid(2.0) - 1)
    return [f"{np.tanh(1):.4f}", f"{sigmoid(2.0):.4f}", "36$ and 37", "18 and 20"]


def says_65():
    left, right = (np.maximum(h, 0) / h for h in (-1e-6, 1e-6))
    assert relu_derivative(0.0) == 0
    return [f"are {left + 0.0:.0f} and {right:.0f}"]


def says_67():
    w, b, x, y = 0.5, -0.3, 2.0, 1.0
    half = gradcheck.numerical_gradient(lambda w: (sigmoid(w * x + b) - y) ** 2 / 2, w)
    whole = gradcheck.numerical_gradient(lambda w: (y - sigmoid(w * x + b)) ** 2, w)
    return [minus(f"{half:.4f} by (3.4)"), minus(f"{whole:.4f} by this")]


XOR_START = network.initialize((2, 3, 1), scheme="zeros").unflatten(
    [0.1, -0.2, 0.4, 0.3, -0.5, 0.6, 0.05, -0.1, 0.2, 0.7, -0.8, 0.9, -0.3]
)


def xor_targets():
    table = data.logic_gate("XOR")
    return table.features, (table.labels + 1) / 2


def says_68():
    eta, xor = 5.0, xor_targets()
    first, last = XOR_START.layers
    one, two = network.backpropagate(XOR_START, *xor)
    moved = (first.W - eta * one.W, first.b - eta * one.b)
    together = [moved, (last.W - eta * two.W, last.b - eta * two.b)]
    later = network.backpropagate(network.Network([moved, last]), *xor)[1]
    in_turn = [moved, (last.W - eta * later.W, last.b - eta * later.b)]
    no_biases = [(moved[0], first.b), (together[1][0], last.b)]
    nets = map(network.Network, (together, in_turn, no_biases))
    return [f"{net.cost(*xor):.6f}" for net in nets]


def says_69():
    xor = xor_targets()
    zero = network.initialize((2, 3, 1), scheme="zeros")
    assert not network.flatten(network.backpropagate(zero, *xor)).any()
    run = network.train(XOR_START, *xor, eta=1.0, epochs=3000, every=3000)
    assert run.cost[-1] < 0.01
    equal = zero.unflatten(np.full(13, 0.5))
    hidden = network.train(equal, *xor, eta=1.0, epochs=500, every=500).network.layers[0]
    assert np.ptp(hidden.W, axis=0).max() < 1e-12 > np.ptp(hidden.b)
    numbers = [vector(row, "g") for row in XOR_START.layers[0].W]
    return [f"{XOR_START.cost(*xor):.6f}", f"{zero.cost(*xor):.3f} and"] + [
        minus(words) for words in numbers
    ]


def says_59():
    nodes = graphs.three_paths(1.0)
    bare = nodes["x"].grad + nodes["y"].grad
    return [f"add up to {bare:.4f}; the slope is {nodes['t'].grad:.4f}"]


def says_60():
    def f(t):
        return t**2 + np.exp(t**2 * np.cos(t))

    slopes = [graphs.three_paths(t)["t"].grad for t in (0.5, 1.0, 2.0)]
    for t, slope in zip((0.5, 1.0, 2.0), slopes, strict=True):
        assert (f(t + 1e-5) - f(t - 1e-5)) / 2e-5 == pytest.approx(slope, rel=1e-9)
    return ["{:.4f}, {:.4f} and {:.4f}".format(*slopes)]


def says_70():
    def cost(b):
        return graphs.neuron(w=0.5, x=2.0, b=b, y=1.0)["C"].data

    nodes = graphs.neuron(w=0.5, x=2.0, b=-0.3, y=1.0)
    slope = nodes["b"].grad
    assert (cost(-0.3 + 1e-5) - cost(-0.3 - 1e-5)) / 2e-5 == pytest.approx(slope, rel=1e-8)
    assert slope * 2.0 == pytest.approx(nodes["w"].grad)
    return [minus(f"slope in $b$ is {slope:.4f}"), minus(f"would be {2 * slope:.4f}")]


def says_72():
    nodes = graphs.linear_regression()
    ((_, local),) = nodes["c"].edges
    assert nodes["c"].grad == 1 and nodes["e"].grad == local
    return [f"$2e = {local:.0f}$"]


def says_74():
    printed = graphs.linear_regression(w=5, x=1, b=1, y=2)
    assert {printed[name].grad for name in ("e", "y_hat", "u", "w", "b")} == {8}
    w, b = Value(5), Value(1)
    y_hat = w * 1 + b
    c = (10 - y_hat) ** 2
    c.backward()
    assert y_hat.grad == w.grad == b.grad
    wrong, right = ((10 - (5 - 0.1 * g + 1)) ** 2 for g in (8, w.grad))
    return [
        f"$\\hat y = {printed['y_hat'].data:.0f}$, $c = {printed['c'].data:.0f}$",
        minus(f"are {w.grad:.0f}"),
        f"from {c.data:.0f} to {wrong:.2f}",
        f"falls to {right:.2f}",
    ]


def says_75():
    nodes = graphs.linear_regression()
    return [f"\\partial {name} = {nodes[name].grad:.0f}$" for name in "ubxy"]


SAYS = {f"4-{name[-2:]}": say for name, say in list(globals().items()) if name.startswith("says_")}


def says_2_08():
    path = optimize.gradient_descent(lambda w: -linear.gradient(X, Y, w), np.zeros(3), 0.1, 3)
    return [f"{cost:.1f}" for cost in linear.cost(X, Y, path.w)]


def says_2_11():
    curvature = np.array([0.1, 2.0])
    across = optimize.gradient_descent(lambda w: curvature * w, [-7.0, 2.0], 0.95, 20).w[:, 1]
    assert np.ptp(across[1:] / across[:-1]) < 1e-12
    return [f"number {curvature[1] / curvature[0]:.0f}", minus(f"{across[1] / across[0]:.1f} at")]


def says_2_12():
    lengths = []
    for optimizer in (optimize.AdaGrad(), optimize.Adam()):
        path = optimize.gradient_descent(np.ones_like, [0.0], 0.1, 100, optimizer=optimizer)
        lengths.append(path.w[-2, 0] - path.w[-1, 0])
    return [f"{lengths[0]:.2f} long", f"{lengths[1]:.2f}"]


SAYS |= {"2-08": says_2_08, "2-11": says_2_11, "2-12": says_2_12}


def chain(first=0.5, w1=0.8, w2=-1.2, y=1.0):
    """The chain of two neurons: its values by name, gone back from the cost."""
    w1, w2 = Value(w1), Value(w2)
    z2 = w1 * first
    z3 = w2 * z2.sigmoid()
    out = z3.sigmoid()
    C = (out - y) ** 2 / 2
    C.backward()
    return {"w1": w1, "w2": w2, "z2": z2, "z3": z3, "out": out, "C": C}


def says_0_07():
    out, y = Value(0.3), 1.0
    ((y - out) / 2).backward()
    assert out.grad == -0.5
    return [minus(f"here {chain()['out'].grad:.4f}")]


def says_0_08():
    nodes, h = chain(), 1e-5
    measured = (chain(w2=-1.2 + h)["C"].data - chain(w2=-1.2 - h)["C"].data) / (2 * h)
    assert measured == pytest.approx(nodes["w2"].grad, rel=1e-8)
    assert all(v is not nodes["w2"] for v in nodes["z2"].order())
    return [minus(f"the slope is {measured:.4f}")]


def says_0_10():
    z2 = chain()["z2"]
    return [f"z^{{(2)}} = {z2.data:.4f}$", f"\\delta^{{(2)}} = {z2.grad:.4f}$"]


SAYS |= {"0-07": says_0_07, "0-08": says_0_08, "0-10": says_0_10}


@cache
def example():
    """Return activations, errors and measured slopes of one sample, with the network of 4-69."""
    x, y = np.array([[0.5, -1.5]]), np.zeros((1, 1))

    def cost(parameters):
        return XOR_START.unflatten(parameters).cost(x, y)

    measured = gradcheck.numerical_gradient(cost, XOR_START.flatten())
    a = tuple(part[0] for part in XOR_START.forward(x).a)
    delta = tuple(layer.b for layer in network.backpropagate(XOR_START, x, y))
    return a, delta, XOR_START.unflatten(measured).layers


def says_4_76():
    (rows, columns), (out, hidden) = (layer.W.shape for layer in XOR_START.layers)
    sizes = rows * columns, out * hidden
    shapes = f"{rows} × {columns} and {out} × {hidden}"
    return [shapes, "of {} and one of {}".format(*sizes)]


def says_4_77():
    (_, a2, _), (two, three), measured = example()
    for ours, layer in zip((two, three), measured, strict=True):
        np.testing.assert_allclose(ours, layer.b, rtol=1e-7)
    np.testing.assert_allclose((XOR_START.layers[1].W.T @ three) * a2 * (1 - a2), two, rtol=1e-12)
    return [f"\\delta^3 = {three[0]:.4f}$", minus(vector(two, ".4f"))]


def says_0_13():
    (x, _, _), (two, _), measured = example()
    assert two[1] * x[0] == pytest.approx(measured[0].W[1, 0], rel=1e-6)
    return [minus(f"{two[1] * x[0]:.4f}"), minus(f"{two[0] * x[1]:.4f}")]


def says_0_14():
    (_, _, a3), (_, three), _ = example()
    return [f"{three[0]:.4f}", f"$a^3$ is {a3[0]:.4f}"]


def says_1_10():
    z, y = np.array([1.0, 2.0, 0.5]), np.array([0.0, 1.0, 0.0])
    a = activations.softmax(z)
    measured = gradcheck.numerical_gradient(lambda v: -np.log(activations.softmax(v)[1]), z)
    np.testing.assert_allclose(measured, a - y, rtol=1e-7)
    own = a[1] - 1  # -1/a times a (1 - a)
    return [minus(vector(a - y, ".4f")), minus(f"(0, {own:.4f}, 0)")]


def says_1_12():
    return ["{} × {}".format(*W.shape) for W in (XOR_START.layers[0].W, XOR_START.layers[0].W.T)]


def says_3_06():
    (x, _, _), (two, _), measured = example()
    assert two[1] * x[0] == pytest.approx(measured[0].W[1, 0], rel=1e-6)
    return [minus(f"{two[1] * x[0]:.4f}"), f"{two[1] * x[1]:.4f}"]


def says_3_07():
    (x, _, _), (two, _), _ = example()
    return ["{} × {}".format(*np.outer(two, x).shape)]


SAYS |= {
    "4-76": says_4_76,
    "4-77": says_4_77,
    "0-13": says_0_13,
    "0-14": says_0_14,
    "1-10": says_1_10,
    "1-12": says_1_12,
    "3-06": says_3_06,
    "3-07": says_3_07,
}


def power(value, form):
    digits, exponent = format(value, form).split("e")
    return rf"${digits} \cdot 10^{{{int(exponent)}}}$"


def says_1_01():
    return [f"{10} things", f"{2**10:,} if"]


def says_1_02():
    rng, product = np.random.default_rng(16), np.eye(32)
    for _ in range(20):
        product = rng.standard_normal((32, 32)) / np.sqrt(32) @ product
    values = np.linalg.svd(product, compute_uv=False)
    small = []
    for seed in range(60):
        rng, product = np.random.default_rng(seed), np.eye(32)
        for _ in range(20):
            factor = rng.standard_normal((32, 32)) / np.sqrt(32)
            product = factor @ product
        small.append([np.mean(np.abs(A) < 0.1 * np.sqrt(np.mean(A**2))) for A in (product, factor)])
    of_product, of_factor = np.mean(small, axis=0)
    return [
        f"{values[0] / np.median(values):,.0f} times",
        f"{of_product:.0%}".replace("%", " %"),
        f"against {of_factor:.0%}".replace("%", " %"),
    ]


def says_1_14():
    flat, steep = activations.sigmoid_derivative([10.0, 0.0])
    assert flat == pytest.approx(activations.sigmoid_derivative(-10.0))
    return [power(flat, ".1e"), f"{steep:.2f}", power(steep**10, ".1e")]


def says_3_11():
    spreads = np.array([np.sqrt(2), 1, np.sqrt(32)])
    good, faint, huge = deep.at_start(20, spreads, "relu")[2][:, 0]
    assert f"{huge:.0e}" == "1e+12"
    return [f"{good:.2f} long", power(faint, ".0e"), r"$10^{12}$"]


def says_3_12():
    inside = [math.erf(limit / math.sqrt(2)) for limit in (1, 4)]
    return [f"{inside[0]:.4f}", f"{inside[1]:.5f}", f"{math.sqrt(2 / math.pi) / 4:.4f}"]


SAYS |= {
    "1-01": says_1_01,
    "1-02": says_1_02,
    "1-14": says_1_14,
    "3-11": says_3_11,
    "3-12": says_3_12,
}


def says_1_06():
    assert np.prod(np.full(2000, 0.5)) == 0
    return [f"{-np.log(np.full(2000, 0.5)).mean():.4f}"]


def says_1_07():
    total = np.sum((X @ linear.normal_equation(X, Y) - Y) ** 2)
    return [f"{total:.4f} min²", f"mean {total / N:.4f}", f"{total / N / 2:.4f}"]


def says_1_08():
    sure_of_all = np.ones((1, 3))
    costs = [losses.categorical_cross_entropy(sure_of_all, row[None]) for row in np.eye(3)]
    assert costs == [0, 0, 0]
    return ["cost 0"]


def says_2_05():
    first = next(z for z in range(100) if sigmoid(float(z)) == 1)
    assert np.all(sigmoid(np.arange(-700.0, 0.0)) > 0)
    return [f"$z = {first}$"]


def says_2_06():
    flowers = data.iris_pair("versicolor", "virginica")
    Z, y = linear.standardize(flowers.features[:, 2:])[0], flowers.labels
    start = network.initialize((2, 1), scheme="zeros", loss="binary_cross_entropy")
    run = network.train(start, Z, (y + 1) / 2, eta=1.0, epochs=1000, every=None)
    ((W, b),) = run.network.layers
    scores = Z @ W[0] + b + np.linspace(-4, 4, 401)[:, None]
    wrong = np.sum((scores > 0) != (y > 0), axis=1)
    return [f"{100 * np.mean(np.diff(wrong) == 0):.0f} %"]


SAYS |= {
    "1-06": says_1_06,
    "1-07": says_1_07,
    "1-08": says_1_08,
    "2-05": says_2_05,
    "2-06": says_2_06,
}


def says_0_05():
    digits = data.digits()
    training = data.split(digits.labels, rng=np.random.default_rng(12)).training
    rng = np.random.default_rng(0)
    start = network.initialize((64, 30, 10), rng=rng, scheme="normal")
    y_hat = start.predict(digits.images[training])
    y = losses.one_hot(digits.labels[training], 10)
    squares = np.sum((y_hat - y) ** 2, axis=1).mean()
    cost = start.cost(digits.images[training], y)
    assert squares == pytest.approx(2 * cost)
    return [f"{squares:.2f}", f"{cost:.2f}"]


def says_0_06():
    path = optimize.gradient_descent(lambda w: linear.gradient(X, Y, w), np.zeros(3), 0.16, 2)
    return [f"{value:.1f}" for value in linear.cost(X, Y, path.w)]


def says_3_03():
    one = np.linalg.norm(X * Y[:, None], axis=1)  # the gradients of single trips at zero weights
    whole = np.linalg.norm(X.T @ Y / len(Y))
    return [f"{whole:.1f}", f"{one.min():.1f}", f"{one.max():.1f}"]


SAYS |= {"0-05": says_0_05, "0-06": says_0_06, "3-03": says_3_03}


CASES = data.logic_gate("AND").features  # the four cases of a gate


def says_0_01():
    ((W, b),) = network.initialize((3, 1), scheme="zeros").layers
    return [f"{W.size} weights and {b.size} bias"]


def says_0_02():
    def ramp(z):
        return np.clip(z / 0.001, 0, 1)

    assert (ramp(0), ramp(0.001)) == (0, 1)
    assert activations.relu(-7.0) == relu_derivative(-7.0) == 0
    return ["$z = 0.001$", f"it is {activations.relu(7.0):.0f} at $z = 7$"]


def says_0_03():
    rng = np.random.default_rng(3)
    two = network.initialize((784, 30, 10), rng=rng, activations="identity")
    (W2, b2), (W3, b3) = two.layers
    one = network.Network([(W3 @ W2, W3 @ b2 + b3)], "identity")
    x = np.random.default_rng(4).standard_normal((5, 784))
    np.testing.assert_allclose(two.predict(x), one.predict(x), atol=1e-12)
    return [f"{net.flatten().size:,}" for net in (two, one)]


def says_0_04():
    assert np.all(activations.relu(np.linspace(-9, 9, 99)) >= 0)
    return ["less than 0"]


def says_0_12():
    Z, y = gate_data("AND")
    right = np.sum(perceptron.predict(Z, perceptron.AND) == y)
    wrong = np.sum(np.where(CASES.sum(axis=1) > perceptron.AND[0], 1, -1) != y)
    return [f"$b = {perceptron.AND[0]}$", f"all {right} cases", f"wrong in {wrong}."]


def says_1_03():
    z = np.array([-0.1, 0.1])
    words = "{:.0f} at $z = -0.1$ and {:.0f} at $z = 0.1$".format(*activations.step(z))
    return [words, "{:.3f} and {:.3f}".format(*sigmoid(z))]


def says_1_04():
    W1, W2, W3 = (np.ones(shape) for shape in ((2, 3), (3, 4), (4, 1)))  # a column for each neuron
    with pytest.raises(ValueError, match="mismatch"):
        W1.T @ W2.T
    turn, double = np.array([[0, -1], [1, 0]]), np.diag([2, 1])
    ends = [vector(product @ [1, 0], "d") for product in (double @ turn, turn @ double)]
    shapes = [W1.T.shape, W2.T.shape, (W3.T @ W2.T @ W1.T).shape]
    return ["${}$, in the wrong order to ${}$".format(*ends)] + [
        "{} × {}".format(*shape) for shape in shapes
    ]


def says_1_05():
    W2, _ = XOR_START.layers[0]
    return ["{} × {} there is {} × {} here".format(*W2.T.shape, *W2.shape)]


def says_1_09():
    losses_at_zero = Y**2 / 2
    return [f"{N * losses_at_zero[0]:.1f} min²", f"{losses_at_zero.sum():.1f} min²"]


def says_2_01():
    return [f"{np.sum(CASES @ [1, 1] == 1)} of the {len(CASES)} cases"]


def says_2_02():
    misses = []
    for name in ("AND", "XOR"):
        Z, labels = gate_data(name)
        y = (labels + 1) / 2
        (miss,) = set(np.round(np.abs(y - Z @ linear.normal_equation(Z, y)), 12))
        misses.append(f"by {miss:.2f}")
    return misses


def says_2_04():
    runs = [perceptron.fit(*gate_data(name), tie="negative") for name in ("AND", "OR", "NAND")]
    assert all(run.converged for run in runs)
    counts = [len(run.sample) for run in runs]
    return ["AND takes {} updates, OR {} and NAND {}".format(*counts)]


def says_2_09():
    x, y = math.cos(1), 1.0
    products = [2.0, math.exp(x * y) * x * 2, math.exp(x * y) * y * -math.sin(1)]
    slope = graphs.three_paths(1.0)["t"].grad
    assert sum(products) == pytest.approx(slope)
    words = minus("{:.4f}, {:.4f} and {:.4f}".format(*products))
    return [f"{words}, make the slope {slope:.4f}"]


def says_2_10():
    answers, slopes = [], []
    for y in (2, 10):
        y_hat = Value(6)
        c = (y - y_hat) ** 2
        c.backward()
        answers.append(c.data)
        slopes.append(y_hat.grad)
    (answer,) = set(answers)
    return [f"$c = {answer:.0f}$", minus("by {:.0f} or {:.0f}".format(*slopes))]


def says_3_01():
    scores = CASES @ [1, 1] - 1
    return [f"{np.sum((scores <= 0) & (scores >= 0))} of the {len(CASES)} cases"]


def reached(gates):
    """Return the tables of two inputs that circuits of these gates can make."""
    known, grown = set(), {(0, 0, 1, 1), (0, 1, 0, 1)}
    while grown != known:
        known = grown
        pairs = [(gate, a, b) for gate in gates for a in known for b in known]
        grown = known | {tuple(map(gate, a, b)) for gate, a, b in pairs}
    return len(known)


def says_3_02():
    few = reached([lambda a, b: a & b, lambda a, b: a | b])
    return [f"{few} of the {2**4} functions", f"NAND all {reached([lambda a, b: 1 - a * b])}"]


def says_3_05():
    (_, a2, a3), _, _ = example()
    W, b = XOR_START.layers[1]
    z3 = (W @ a2 + b)[0]
    assert sigmoid(z3) == pytest.approx(a3[0])
    return [minus("{}, {} and {}".format(*W[0])), f"is {z3:.4f}"]


def says_3_08():
    rows, columns = XOR_START.layers[0].W.shape
    assert rows >= 3 > columns
    return ["$w^2_{31}$", "$w^2_{13}$"]


def says_3_10():
    rng = np.random.default_rng(31)
    x = np.linspace(0, 2 * np.pi, 2001) + 2 * np.pi * 1_000_000
    for _ in range(20):
        (W2, b2), (W3, b3) = network.initialize((1, 8, 1), rng=rng, scheme="normal").layers
        answers = sigmoid(x[:, None] * W2[:, 0] + b2) @ W3[0] + b3
        assert np.ptp(answers) < 1e-9
        assert np.max(np.abs(answers - np.sin(x))) > 1 - 1e-5
    w, b, v = rng.standard_normal((3, 1000))
    squares = (np.arange(6.0)[:, None] * w + b) ** 2 @ v
    np.testing.assert_allclose(np.diff(squares, 3), 0, atol=1e-8)
    return ["than 1.", "parabola"]


SAYS |= {
    name[5:].replace("_", "-"): say
    for name, say in list(globals().items())
    if re.fullmatch(r"says_[0-3]_\d\d", name)
}


@pytest.mark.parametrize("number", SAYS)
def test_entry_states_the_computed_numbers(number):
    missing = [text for text in SAYS[number]() if text not in ENTRIES[number]]
    assert not missing, f"entry {number} should say {missing}"


def test_entries_are_numbered_in_order_and_classed():
    ours = [number for number in ENTRIES if number.startswith("4-")]
    assert ours == [f"4-{k:02d}" for k in range(1, len(ours) + 1)]
    others = [number for number in ENTRIES if number not in ours]
    assert others == sorted(others)
    for number, text in ENTRIES.items():
        assert text.startswith(f"**{number}** · ")
        assert re.search(r" · \*(wrong|incomplete|slip)\*\n: ", text), number


def test_the_exact_weights_solve_the_normal_equation():
    """The gradient at 2897/476, 1555/238, 431/204 is zero in rational arithmetic."""
    misses = [
        sum(x * w for x, w in zip(row, EXACT_W, strict=True)) - y
        for row, y in zip(EXACT_X, EXACT_Y, strict=True)
    ]
    assert [sum(r * row[k] for r, row in zip(misses, EXACT_X, strict=True)) for k in range(3)] == [
        0,
        0,
        0,
    ]
