"""Chapter 9's exercises take every right answer and tell a wrong one what is wrong with it."""

import fractions

import numpy as np
from exercise_tests import answer_tests

from descent.activations import relu
from descent.exercises import chapter09


def to_sigmoid(layers):
    (W2, b2), (W3, b3) = layers
    return [(2 * W2, 2 * b2), (2 * W3, b3 - W3.sum(axis=1))]


def mirrored(layers):
    """Use σ(−z) = 1 − σ(z): all hidden neurons turned round."""
    (W2, b2), (W3, b3) = layers
    return [(-2 * W2, -2 * b2), (-2 * W3, b3 + W3.sum(axis=1))]


def by_lists(layers):
    (W2, b2), (W3, b3) = layers
    bias = [b - sum(row) for b, row in zip(b3, W3, strict=True)]
    return ((W2 * 2).tolist(), (b2 * 2).tolist()), ((W3 * 2).tolist(), bias)


def through(x, y):
    """Walk to the right and mend the slope."""
    W3, slope = [], 0.0
    for k in range(len(x) - 1):
        wanted = (y[k + 1] - y[k]) / (x[k + 1] - x[k])
        W3.append(wanted - slope)
        slope = wanted
    return [(np.ones((len(x) - 1, 1)), -x[:-1]), (np.array([W3]), np.array([y[0]]))]


def through_by_solving(x, y):
    hidden = relu(x[:, None] - x[:-1])
    W3 = np.linalg.lstsq(hidden, y - y[0], rcond=None)[0]
    return [(np.ones((len(x) - 1, 1)), -x[:-1]), (W3[None], y[:1])]


def through_from_the_right(x, y):
    """All ReLUs look to the left and the walk begins at the last point."""
    (W2, b2), (W3, b3) = through(-x[::-1], y[::-1])
    return [(-W2, b2), (W3, b3)]


def through_rescaled(x, y):
    (W2, b2), (W3, b3) = through(x, y)
    return [(4 * W2, 4 * b2), (W3 / 4, b3)]


def slopes_not_changes(x, y):
    """Agrees for two points."""
    W3 = np.diff(y) / np.diff(x)
    return [(np.ones((len(x) - 1, 1)), -x[:-1]), (W3[None], y[:1])]


def corners_in_the_middle(x, y):
    """Meet every point, with the corners halfway between."""
    middles, W3 = (x[1:] + x[:-1]) / 2, []
    for k, middle in enumerate(middles):
        so_far = y[0] + sum(w * (x[k + 1] - m) for w, m in zip(W3, middles[:k], strict=True))
        W3.append((y[k + 1] - so_far) / (x[k + 1] - middle))
    return [(np.ones((len(x) - 1, 1)), -middles), (np.array([W3]), y[:1])]


def spoiling(layers):
    good = to_sigmoid(layers)
    layers[1][0][:] = 0
    return good


def change(layers, W2=1, b2=1, W3=1, b3=0):
    """Return the right layers, spoilt."""
    (U2, c2), (U3, c3) = to_sigmoid(layers)
    return [(W2 * U2, b2 * c2), (W3 * U3, c3 + b3)]


RIGHT = [
    ("9.1", 139),
    ("9.1", "139"),
    ("9.1", np.int64(139)),
    ("9.1", fractions.Fraction(278, 2)),
    ("9.2", [0, 1, 1, 0]),
    ("9.2", np.array([[0.0], [1.0], [1.0], [0.0]])),
    ("9.2", "0, 1, 1, 0"),
    ("9.2", (0.0, 1.0, 1.0, 0.0)),
    ("9.3", "c"),
    ("9.3", "C"),
    ("9.3", "one straight line"),
    ("9.4", to_sigmoid),
    ("9.4", mirrored),
    ("9.4", by_lists),
    ("9.5", 48),
    ("9.5", "48.0"),
    ("9.5", np.float64(48)),
    ("9.6", through),
    ("9.6", through_by_solving),
    ("9.6", through_from_the_right),
    ("9.6", through_rescaled),
]

WRONG = [
    ("9.1", 120, "weights alone"),
    ("9.1", 143, "input layer has no biases"),
    ("9.1", 67, "two hidden layers"),
    ("9.1", 136, "bias each"),
    ("9.1", [40, 72, 27], "3 numbers"),
    ("9.2", [0, 0, 0, 0], "cancel"),
    ("9.2", [1, 0, 0, 1], "other way round"),
    ("9.2", [0, 1, -1, 0], "never answers less"),
    ("9.2", [0, 1, 1, 2], "adds the inputs"),
    ("9.2", [0, 1, 1], "3 numbers"),
    ("9.2", "XOR", "cannot be read"),
    ("9.3", "a", "have none"),
    ("9.3", "b", "never do"),
    ("9.3", "d", "one affine map"),
    ("9.3", "a line", "none of the options"),
    ("9.4", lambda layers: change(layers, W2=1 / 2, b2=1 / 2), "differ by up to"),
    ("9.4", lambda layers: change(layers, b3=layers[1][0].sum(axis=1)), "a bias is missing"),
    ("9.4", lambda layers: change(layers, W3=1 / 2), "differ by up to"),
    # tanh(z) is near 4σ(z) − 2 for small z
    ("9.4", lambda layers: [layers[0], (4 * layers[1][0], layers[1][1] - 2 * layers[1][0].sum(1))],
     "differ by up to"),
    ("9.4", lambda layers: layers, "differ by up to"),
    ("9.4", spoiling, "changed the layers"),
    ("9.4", lambda layers: to_sigmoid(layers)[0], "two layers"),
    ("9.5", 6, "the orders"),
    ("9.5", 8, "change places"),
    ("9.5", 12, "on its own"),
    ("9.5", 14, "multiply"),
    ("9.5", 47, "counted too"),
    ("9.6", slopes_not_changes, "misses point 3"),
    ("9.6", corners_in_the_middle, "does not run straight"),
    ("9.6", lambda x, y: through(x - x[0], y), "misses point"),  # right if x begins at 0
    ("9.6", lambda x, y: through(x, y - y[0]), "first misses point 1"),
    ("9.6", lambda x, y: through(x, np.polyval(np.polyfit(x, y, 1), x)), "misses point 1"),
    ("9.6", lambda x, y: np.interp(x, x, y), "two layers"),
]  # fmt: skip


test_right_answer, test_wrong_answer, test_every_exercise = answer_tests(chapter09, RIGHT, WRONG)
