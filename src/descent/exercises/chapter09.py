"""The answers of chapter 9, each computed by the core when it is asked for."""

from math import factorial

import numpy as np

from descent import network
from descent.exercises.kinds import Choice, Exercise, Function, Number, Vector

FOLD = (([[1.0, -1.0], [-1.0, 1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [0.0]))
CASES = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]


def _parameters(sizes):
    return network.initialize(sizes, scheme="zeros").flatten().size


def _weights(sizes):
    return sum(W.size for W, _ in network.initialize(sizes, scheme="zeros").layers)


def _folded(activation="relu"):
    return network.Network(FOLD, [activation, "identity"]).predict(CASES)[:, 0]


def _read(answer, shapes):
    """Return the layers of an answer, or a sentence that says what is wrong with them."""
    try:
        layers = [(np.asarray(W, float), np.asarray(b, float)) for W, b in answer]
    except (TypeError, ValueError):
        return None, "It must return two layers, [(W2, b2), (W3, b3)], made of arrays."
    found = [(W.shape, b.shape) for W, b in layers]
    if found != shapes:
        words = ", ".join(f"W {W} and b {b}" for W, b in found)
        wanted = ", ".join(f"W {W} and b {b}" for W, b in shapes)
        return None, f"The shapes are {words}; they must be {wanted}."
    if not all(np.isfinite(W).all() and np.isfinite(b).all() for W, b in layers):
        return None, "Every weight and bias must be finite."
    return layers, None


def _test_to_sigmoid(convert):
    """Compare with the tanh network it was given, on random inputs."""
    rng = np.random.default_rng(4)
    for sizes in ((2, 3, 1), (1, 5, 2), (4, 2, 3)):
        given = network.initialize(sizes, rng=rng, scheme="normal").layers
        X = 2 * rng.standard_normal((20, sizes[0]))
        kept = [(W.copy(), b.copy()) for W, b in given]
        layers, trouble = _read(convert(given), [(W.shape, b.shape) for W, b in given])
        if trouble:
            return trouble
        if any(not np.array_equal(part, was) for new, old in zip(given, kept, strict=True)
               for part, was in zip(new, old, strict=True)):  # fmt: skip
            return "It changed the layers it was given; make new arrays."
        wanted = network.Network(given, ["tanh", "identity"]).predict(X)
        got = network.Network(layers, ["sigmoid", "identity"]).predict(X)
        if not np.allclose(got, wanted, rtol=0, atol=1e-9):
            off = np.abs(got - wanted).max(axis=0)
            if np.allclose(got - wanted, (got - wanted)[0], rtol=0, atol=1e-9):
                return f"The outputs are all off by the same {off[0]:.2g}: a bias is missing."
            return f"For sizes {sizes} the outputs differ by up to {off.max():.2g}."
    return None


def _test_through(through):
    """Ask for networks through random points, and look between the points too."""
    rng = np.random.default_rng(6)
    for n in (2, 3, 6, 12):
        x = np.sort(rng.uniform(-2, 3, n)) + 0.05 * np.arange(n)
        y = rng.standard_normal(n)
        shapes = [((n - 1, 1), (n - 1,)), ((1, n - 1), (1,))]
        layers, trouble = _read(through(x.copy(), y.copy()), shapes)
        if trouble:
            return f"For {n} points: {trouble}"
        net, fine = network.Network(layers, ["relu", "identity"]), np.linspace(x[0], x[-1], 101)
        got = net.predict(fine[:, None])[:, 0]
        at = net.predict(x[:, None])[:, 0]
        if not np.allclose(at, y, rtol=0, atol=1e-8):
            first = int(np.flatnonzero(~np.isclose(at, y, rtol=0, atol=1e-8))[0])
            return (
                f"For {n} points the network first misses point {first + 1}: it gives "
                f"{at[first]:.3g} where y is {y[first]:.3g}."
            )
        if not np.allclose(got, np.interp(fine, x, y), rtol=0, atol=1e-8):
            return f"For {n} points it meets all of them, but does not run straight in between."
    return None


EXERCISES = (
    Exercise(
        "9.1",
        "Count the parameters",
        answer=Number(
            lambda: _parameters((4, 8, 8, 3)),
            rtol=1e-9,
            mistakes=[
                (lambda: _weights((4, 8, 8, 3)), "These are the weights alone. Add the biases."),
                (
                    lambda: _parameters((4, 8, 8, 3)) + 4,
                    "The input layer has no biases: its activations are the data.",
                ),
                (
                    lambda: _parameters((4, 8, 3)),
                    "There are two hidden layers, and 8 times 8 weights between them.",
                ),
                (
                    lambda: _parameters((4, 8, 8, 3)) - 3,
                    "The three outputs have a bias each, too.",
                ),
            ],
        ),
        hints=(
            "Each layer but the first has a weight for every pair of neurons, and a bias each.",
            "(4 + 1)·8 for the first hidden layer; go on like this.",
        ),
    ),
    Exercise(
        "9.2",
        "Two corners make a fold",
        answer=Vector(
            _folded,
            atol=1e-6,
            mistakes=[
                (
                    lambda: _folded("identity"),
                    "Without the ReLU both neurons cancel. max(0, z) is 0 for negative z only.",
                ),
                (
                    lambda: 1 - _folded(),
                    "The other way round: where both inputs agree, both z are 0.",
                ),
                ([0, -1, 1, 0], "A ReLU never answers less than 0, so no output is negative here."),
                ([0, 1, -1, 0], "A ReLU never answers less than 0, so no output is negative here."),
                ([0, 1, 1, 2], "That adds the inputs. Each weighted input is their difference."),
            ],
        ),
        hints=(
            "For the inputs 1 and 0 the two weighted inputs are 1 and −1. What do the ReLUs say?",
            "max(0, z) + max(0, −z) is the absolute value of z, here of x₁ − x₂.",
        ),
        after="It is XOR, computed without a single bias.",
    ),
    Exercise(
        "9.3",
        "Two hundred hidden neurons",
        answer=Choice(
            [
                "any shape: there are 200 hidden neurons to bend it",
                "a polygon with up to 200 edges",
                "one straight line",
                "none: the output is the same everywhere",
            ],
            correct=2,
            why={
                0: "Count the places where a bend could come from: the hidden layers have none.",
                1: "Edges come from neurons that switch; identity neurons never do.",
                3: "The output still depends on the inputs, through one affine map.",
            },
        ),
        hints=(
            "What are the two hidden layers together, as a function of the input?",
            "σ(z) > 1/2 exactly where z > 0, and z = vᵀx + c after the collapse.",
        ),
    ),
    Exercise(
        "9.4",
        "From tanh to sigmoid",
        answer=Function(_test_to_sigmoid),
        hints=(
            "tanh(z) = 2σ(2z) − 1: the inner 2 belongs to the first layer, the rest to the second.",
            "Double W² and b²; then double W³, and take from b³ the sum of each row of the old W³.",
        ),
    ),
    Exercise(
        "9.5",
        "The same network in disguise",
        answer=Number(
            lambda: factorial(3) * 2**3,
            rtol=1e-9,
            mistakes=[
                (6, "That counts the orders. tanh is odd: what if a neuron changes all its signs?"),
                (8, "That counts the signs. The three neurons can also change places."),
                (
                    lambda: factorial(3) * 2,
                    "Each neuron can turn its signs on its own: that is 2·2·2, not 2.",
                ),
                (14, "Orders and signs are chosen independently: multiply, do not add."),
                (47, "These are the others alone; this setting is counted too."),
            ],
        ),
        hints=(
            "What happens if two hidden neurons change places, with all their weights?",
            "tanh(−z) = −tanh(z): turn the signs of all weights into a neuron, and out of it.",
        ),
    ),
    Exercise(
        "9.6",
        "Through every point",
        answer=Function(_test_through),
        hints=(
            "Let neuron k wake up at x_k: its weighted input is x − x_k.",
            "From x_k on the slope must be that of the next piece, so neuron k adds the change.",
            "b³ is y₁, and W³ holds the first slope followed by the differences of the slopes.",
        ),
    ),
)
