"""Chapter 0: what it claims beyond one run, over many halves of the digits and by proof."""

import numpy as np
import pytest

from descent import data, linear, network, optimize
from descent.exercises import chapter00 as exercises

DIGITS = data.digits()
CHOSEN = np.isin(DIGITS.labels, (3, 8))
IMAGES = DIGITS.images[CHOSEN]
LABELS = np.where(DIGITS.labels[CHOSEN] == 8, 1, -1)
INK = IMAGES.reshape(-1, 8, 8)[:, 2:6, 1:3].sum(axis=(1, 2))
X = linear.design_matrix(IMAGES)
THRESHOLDS = np.arange(81) / 20


def share_wrong(part):
    """The share of wrong answers of the rule with one knob, at every threshold."""
    return np.mean((INK[part] > THRESHOLDS[:, None]) != (LABELS[part] > 0), axis=1)


def halves(seeds):
    for seed in range(seeds):
        half = data.split(LABELS, validation=0, test=0.5, rng=np.random.default_rng(seed))
        yield half.training, half.test


@pytest.mark.full
def test_a_chosen_threshold_usually_does_worse_on_digits_not_seen():
    """Not always: in about a third of 40 halvings the other half happens to be the easier one."""
    gaps = []
    for seen, unseen in halves(40):
        best = share_wrong(seen).argmin()
        gaps.append(share_wrong(unseen)[best] - share_wrong(seen)[best])
    assert 0.005 < np.mean(gaps) < 0.02
    assert 20 < np.sum(np.array(gaps) > 0) < 40


@pytest.mark.full
def test_65_weights_beat_every_threshold_on_digits_not_seen_in_40_halvings():
    for seen, unseen in halves(40):
        cost = linear.LeastSquares(X[seen], LABELS[seen])
        w = optimize.gradient_descent(cost.gradient, np.zeros(65), 0.1, 300, every=300).w[-1]
        wrong = np.mean((X[unseen] @ w > 0) != (LABELS[unseen] > 0))
        assert wrong < share_wrong(unseen).min() / 2


def test_the_best_threshold_is_an_interval():
    ink, labels = exercises.threes_and_eights()

    def price(threshold):
        missed = np.sum((ink <= threshold) & (labels > 0))
        return np.sum((ink > threshold) & (labels < 0)) + 10 * missed

    assert price(0.875) == price(0.9) == price(0.9374) == 27
    assert price(0.8749) == 31 and price(0.9375) == 32
    assert min(price(t) for t in ink) == 27


def test_a_neuron_whose_f_falls_and_rises_answers_xor():
    """|z| with w = (1, -1) and b = 0: the line bounds only neurons that decide by one threshold."""
    neuron = network.Network([([[1.0, -1.0]], [0.0])], "identity")
    gate = data.logic_gate("XOR")
    z = neuron.predict(gate.features)[:, 0]
    np.testing.assert_array_equal(np.abs(z), gate.labels > 0)


def test_wide_layers_can_make_up_for_the_slope_of_the_sigmoid():
    """Paths add: 400 weights of 0.1 at the steepest place make every slope ten times as large."""
    width = 400
    np.testing.assert_allclose(np.ones(width) @ np.full((width, width), 0.1) * 0.25, 10)
