"""Chapter 12's exercises: right answers in several forms pass, wrong ones are told why."""

import itertools

import numpy as np
import pytest
from exercise_tests import answer_tests

from descent import network
from descent.activations import sigmoid
from descent.exercises import chapter12 as exercises

BITS = np.arange(10)[:, None] >> np.arange(3, -1, -1) & 1  # row k: k in bits, highest first


def bit_layer(scale=20.0, threshold=-0.15, against=-1.0):
    W = np.where(BITS.T == 1, 1.0, against)
    return scale * W, np.full(4, -scale * threshold)


def bits_without_penalty():
    """Weights 1 and 0: at least 0.9 for a 1, at most 0.5 for a 0."""
    return bit_layer(threshold=0.7, against=0.0)


def bits_as_lists():
    W, b = bit_layer()
    return W.tolist(), b.tolist()


def sharp_bits():
    return bit_layer(scale=1000, threshold=0.0)


def only_clean_digits():
    """Right where one output is 1 and nine are 0: the threshold at ½ of clean outputs."""
    return bit_layer(threshold=0.5, against=0.0, scale=1000)


def early_stop(costs, patience):
    best = 0
    for epoch in range(len(costs)):
        if costs[epoch] < costs[best]:
            best = epoch
        elif epoch - best >= patience:
            break
    return best, epoch


def by_counting(costs, patience):
    lowest, best, waited = np.inf, 0, 0
    for epoch, cost in enumerate(costs):
        waited = 0 if cost < lowest else waited + 1
        if cost < lowest:
            lowest, best = cost, epoch
        if waited == patience:
            return np.array([best, epoch])
    return np.array([best, len(costs) - 1])


def by_slices(costs, patience):
    for end in range(1, len(costs) + 1):
        best = int(np.argmin(costs[:end]))
        if end - 1 - best >= patience:
            break
    return [best, end - 1]


def never_ends(costs, patience):
    return int(np.argmin(costs)), len(costs) - 1


def level_counts(costs, patience):
    best = 0
    for epoch in range(len(costs)):
        if costs[epoch] <= costs[best]:
            best = epoch
        elif epoch - best >= patience:
            break
    return best, epoch


def beats_its_predecessor(costs, patience):
    """Waits for a cost below the one before it, not below the best."""
    best, waited = 0, 0
    for epoch in range(1, len(costs)):
        waited = 0 if costs[epoch] < costs[epoch - 1] else waited + 1
        best = epoch if costs[epoch] < costs[best] else best
        if waited >= patience:
            return best, epoch
    return best, len(costs) - 1


def waits_in_all(costs, patience):
    """Counts all epochs without a new best, not those in a row."""
    best, waited = 0, 0
    for epoch in range(1, len(costs)):
        if costs[epoch] < costs[best]:
            best = epoch
        else:
            waited += 1
        if waited >= patience:
            return best, epoch
    return best, len(costs) - 1


def looks_ahead(costs, patience):
    return int(np.argmin(costs)), early_stop(costs, patience)[1]


RIGHT = {
    "12.1": [23860, "23,860", 23860.0, "2.386e4"],
    "12.2": [1e-4, "10^-4", "10⁻⁴", "5/50000", 0.0001],
    "12.3": ["b", "B.", "A few wrong answers become much surer while some others turn right."],
    "12.4": [bit_layer, bits_without_penalty, bits_as_lists, sharp_bits],
    "12.5": [early_stop, by_counting, by_slices],
    "12.6": ["c", "(c)", "Lower by several per cent."],
}

WRONG = [
    ("12.1", 23820, "biases are missing"),
    ("12.1", 784 * 30 * 10, "Layers do not multiply"),
    ("12.1", 23550, "output layer has some too"),
    ("12.1", 24644, "no biases"),
    ("12.1", 824, "Hint 1"),
    ("12.2", 5, "not divided by n"),
    ("12.2", 2e-4, "½ of the penalty"),
    ("12.2", 5e-5, "½ of the penalty"),
    ("12.2", 0.5, "batch size"),
    ("12.2", 250_000, "do not multiply"),
    ("12.2", 0.9999, "not the strength"),
    ("12.3", "a", "count different things"),
    ("12.3", "c", "tiny rate"),
    ("12.3", "d", "training steps only"),
    ("12.3", "yes", "none of the options"),
    ("12.4", lambda: None, "must return a pair"),
    ("12.4", lambda: (np.ones((10, 4)), np.ones(4)), "must be (4, 10) and (4,)"),
    ("12.4", lambda: (np.full((4, 10), np.nan), np.ones(4)), "finite"),
    ("12.4", lambda: (np.zeros((4, 10)), np.zeros(4)), "should be"),
    ("12.4", lambda: bit_layer(scale=1.0), "not sure enough"),
    ("12.4", lambda: bit_layer(threshold=0.5), "should be 1"),
    ("12.4", lambda: tuple(part[::-1] for part in bit_layer()), "bit 1 from the left"),
    ("12.4", only_clean_digits, "should be 0"),
    ("12.4", lambda: (bit_layer()[0], -bit_layer()[1]), "should be 1"),
    ("12.4", bit_layer(), "give the function itself"),
    ("12.5", lambda costs, patience: None, "must return a pair"),
    ("12.5", lambda costs, patience: early_stop(costs, patience)[::-1], "other way round"),
    ("12.5", never_ends, "should be 4"),
    ("12.5", level_counts, "you keep epoch 4; the best one seen is 1"),
    ("12.5", lambda costs, patience: early_stop(costs, patience + 1), "it should be"),
    ("12.5", beats_its_predecessor, "without beating its best"),
    ("12.5", waits_in_all, "recovers twice"),
    ("12.5", looks_ahead, "comes too late"),
    ("12.6", "a", "order in the file"),
    ("12.6", "b", "Nothing is known"),
    ("12.6", "d", "not that different"),
    ("12.6", 0.9, "none of the options"),
]


test_right_answer, test_wrong_answer, test_every_exercise = answer_tests(exercises, RIGHT, WRONG)


@pytest.mark.parametrize("layer", [bit_layer, bits_without_penalty, sharp_bits])
def test_the_bit_layers_are_right_in_every_corner(layer):
    W, b = layer()
    for digit in range(10):
        corners = np.array(list(itertools.product((0.0, 0.1), repeat=9)))
        for own in (0.9, 1.0):
            a = sigmoid(np.insert(corners, digit, own, axis=1) @ W.T + b)
            assert np.all((a > 0.9) == BITS[digit]) and np.all((a < 0.1) != BITS[digit])


def test_early_stopping_is_that_of_the_core():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((30, 3)), rng.standard_normal(30)
    held_out = rng.standard_normal((10, 3)), rng.standard_normal(10)
    start = network.initialize((3, 8, 1), rng=rng, activations=["tanh", "identity"])
    options = {"eta": 0.5, "epochs": 60, "validation": held_out}
    costs = network.train(start, X, y, **options).validation_cost
    for patience in (1, 3, 10, 100):
        run = network.train(start, X, y, patience=patience, **options)
        assert exercises._early_stop(costs, patience) == (run.best_epoch, run.epoch[-1])


def test_three_ways_to_stop_agree_on_random_curves():
    rng = np.random.default_rng(1)
    for patience in (1, 2, 3, 5):
        for _ in range(50):
            costs = rng.integers(1, 9, rng.integers(1, 15)) / 2
            for way in (by_counting, by_slices):
                assert tuple(way(costs, patience)) == early_stop(costs, patience)
