"""Chapter 11's exercises: right answers in several forms pass, wrong ones are told why."""

import numpy as np
from exercise_tests import answer_tests

from descent import network
from descent.activations import softmax
from descent.exercises import chapter11 as exercises


def tanh_slopes(layers, X, y, factor=lambda a: 1 - a**2, scale=None, transposed=True):
    a = [X]
    for W, b in layers[:-1]:
        a.append(np.tanh(a[-1] @ W.T + b))
    W, b = layers[-1]
    delta = (a[-1] @ W.T + b - y) * (1 / len(X) if scale is None else scale)
    slopes = []
    for i in reversed(range(len(layers))):
        slopes.append((delta.T @ a[i], delta.sum(axis=0)))
        W = layers[i].W if transposed or layers[i].W.shape[0] != layers[i].W.shape[1] else None
        delta = delta @ (layers[i].W.T if W is None else W) * factor(a[i])
    return slopes[::-1]


def one_sample_at_a_time(layers, X, y):
    """BP1 to BP4 for single samples, averaged at the end."""
    total = [(0 * W, 0 * b) for W, b in layers]
    for x, target in zip(X, y, strict=True):
        slopes = tanh_slopes(layers, x[None], target[None])
        total = [(A + W, c + b) for (A, c), (W, b) in zip(total, slopes, strict=True)]
    return [[A / len(X), c / len(X)] for A, c in total]


def by_the_core(layers, X, y):
    names = ["tanh"] * (len(layers) - 1) + ["identity"]
    return network.backpropagate(network.Network(layers, names), X, y)


def tanh_at_the_output_too(layers, X, y):
    return network.backpropagate(network.Network(layers, "tanh"), X, y)


def sigmoids_everywhere(layers, X, y):
    return network.backpropagate(network.Network(layers), X, y)


def only_two_layers(layers, X, y):
    """Right for every network with one hidden layer."""
    (W2, b2), (W3, b3) = layers[0], layers[-1]
    a = np.tanh(X @ W2.T + b2)
    delta = (a @ W3.T + b3 - y) / len(X)
    back = delta @ W3 * (1 - a**2)
    return [(back.T @ X, back.sum(axis=0)), (delta.T @ a, delta.sum(axis=0))]


def softmax_errors(z, y):
    a = softmax(z)
    return a * (a - y - (a - y) @ a)


def plain_exponential(z, y):
    a = np.exp(z) / np.exp(z).sum()
    v = a - y
    return a * (v - np.sum(v * a))


def by_the_matrix(z, y):
    a = softmax(z)
    return (np.diag(a) - np.outer(a, a)) @ (a - y)


def as_a_list(z, y):
    a, k = softmax(z), range(len(z))
    return [sum((a[i] - y[i]) * a[i] * ((i == j) - a[j]) for i in k) for j in k]


def one_hot_only(z, y):
    """Agrees for every one-hot y: there y @ a is a[y.argmax()]."""
    a = softmax(z)
    return a * (a - y - (a @ a - a[y.argmax()]))


RIGHT = {
    "11.1": [0.025, "1/40", "0,025", "2.5·10⁻²", np.array([0.025])],
    "11.2": ["c", "C)", "6-5-5"],
    "11.3": [1900, "1,900", 1900.0, "1.9e3"],
    "11.4": ["d", "(d)", "as before, and their outgoing weights are the same, too"],
    "11.5": [tanh_slopes, one_sample_at_a_time, by_the_core],
    "11.6": [softmax_errors, plain_exponential, by_the_matrix, as_a_list],
}

WRONG = [
    ("11.1", 0.1, "multiplies it"),
    ("11.1", 0.275, "negative"),
    ("11.1", 0.05, "not σ(0)"),
    ("11.1", 0.2, "its own weight"),
    ("11.1", 0.175, "exchanged"),
    ("11.1", -0.025, "sign"),
    ("11.1", 0.03, "three decimals"),
    ("11.1", 0, "nearly cancel"),
    ("11.1", 7, "Hint 1"),
    ("11.1", [0.6, -0.5], "2 numbers"),
    ("11.2", "a", "10 × 30"),
    ("11.2", "b", "never uses W²"),
    ("11.2", "d", "W⁴ first"),
    ("11.2", 3, "none of the options"),
    ("11.3", 2100, "needs no errors"),
    ("11.3", 700, "forward alone"),
    ("11.3", 1200, "on top"),
    ("11.3", 1400, "BP2 is missing"),
    ("11.3", 745, "biases are added"),
    ("11.4", "a", "W³ moves"),
    ("11.4", "b", "already"),
    ("11.4", "c", "different errors"),
    ("11.4", "e", "none of the options"),
    ("11.5", lambda layers, X, y: tanh_slopes(layers, X, y)[::-1], "reverse order"),
    ("11.5", lambda layers, X, y: tanh_slopes(layers, X, y, scale=1.0), "divide by their number"),
    ("11.5", lambda layers, X, y: tanh_slopes(layers, X, y, lambda a: a * (1 - a)), "layers[0]"),
    ("11.5", lambda *given: tanh_slopes(*given, lambda a: 1 - np.tanh(a) ** 2), "layers[0]"),
    ("11.5", lambda *given: tanh_slopes(*given, lambda a: 1), "layers[0]"),
    ("11.5", lambda *given: tanh_slopes(*given, transposed=False), "layers[0]"),
    ("11.5", only_two_layers, "2 pairs for 3 layers"),
    ("11.5", tanh_at_the_output_too, "the last layer"),
    ("11.5", sigmoids_everywhere, "the last layer"),
    ("11.5", lambda layers, X, y: [(W.T, b) for W, b in layers], "The shapes are"),
    ("11.5", lambda layers, X, y: tanh_slopes(layers, X, y)[:1], "1 pairs for 2 layers"),
    ("11.5", lambda layers, X, y: 3.0, "list of pairs"),
    ("11.6", lambda z, y: softmax(z) - y, "cross-entropy"),
    ("11.6", lambda z, y: (softmax(z) - y) * softmax(z) * (1 - softmax(z)), "others count too"),
    ("11.6", lambda z, y: -softmax_errors(z, y), "sign"),
    ("11.6", lambda z, y: 2 * softmax_errors(z, y), "the measured errors"),
    ("11.6", one_hot_only, "only where y is one-hot"),
    ("11.6", lambda z, y: softmax(z) * (softmax(z) - y), "the measured errors"),
    ("11.6", lambda z, y: softmax_errors(z, y).sum(), "one error for each"),
    ("11.6", lambda z, y: 1.0, "one error for each"),
]


test_right_answer, test_wrong_answer, test_every_exercise = answer_tests(exercises, RIGHT, WRONG)


def test_the_wrong_programs_agree_where_it_is_easy():
    """They would pass a test that is too kind: one hidden layer, one-hot targets."""
    rng = np.random.default_rng(0)
    z, y = rng.standard_normal(4), np.eye(4)[2]
    np.testing.assert_allclose(one_hot_only(z, y), softmax_errors(z, y))
    layers = network.initialize((2, 3, 1), rng=rng).layers
    X, y = rng.standard_normal((4, 2)), rng.standard_normal((4, 1))
    for ours, theirs in zip(only_two_layers(layers, X, y), by_the_core(layers, X, y), strict=True):
        np.testing.assert_allclose(ours[0], theirs[0])


def test_the_options_are_as_the_solution_says():
    sizes = [tuple(map(int, name.split("-"))) for name in exercises.EXERCISES[1].answer.options]
    fits = []
    for shape in sizes:
        delta, well = np.zeros(shape[-1]), True
        for W, _ in network.initialize(shape, scheme="zeros").layers[:0:-1]:
            well = well and W.shape[1] == len(delta) == W.shape[0]
            delta = np.zeros(W.shape[1])
        fits.append(well)
    assert fits == [False, False, True, False]
