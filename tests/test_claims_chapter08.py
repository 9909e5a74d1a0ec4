"""What chapter 8 says of its experiments holds; what rests on chance holds over many starts."""

import numpy as np
import pytest

from descent import activations, data, linear, losses, margin, network

TRIPS = data.commute()
KM = linear.standardize(TRIPS.distance[:, None])[0]
FLOWERS = data.iris_pair("versicolor", "virginica")
X, Y = linear.standardize(FLOWERS.features[:, 2:])[0], (FLOWERS.labels + 1) / 2


def walk_on_minutes(w, b, eta, steps):
    """One sigmoid neuron on the commutes in minutes, by squared error: w and b after each step."""
    path = [(w, b)]
    for _ in range(steps):
        a = activations.sigmoid(w * KM[:, 0] + b)
        delta = (a - TRIPS.minutes) * a * (1 - a) / 5
        w, b = w - eta * delta @ KM[:, 0], b - eta * delta.sum()
        path.append((w, b))
    return np.array(path)


def test_every_step_on_minutes_raises_the_bias_and_some_lower_a_weighted_input():
    path = walk_on_minutes(0.0, 0.0, 1.0, 2000)
    z = path[:, :1] * KM[:, 0] + path[:, 1:]
    assert np.all(np.diff(path[:, 1]) > 0)
    assert np.any(np.diff(z, axis=0) < 0)
    end = activations.sigmoid(walk_on_minutes(0.0, 0.0, 0.1, 2000)[-1] @ [KM[:, 0], np.ones(5)])
    assert np.all(end > 0.99)


@pytest.mark.full
@pytest.mark.parametrize("seed", range(20))
def test_every_step_on_minutes_raises_the_bias_from_any_start(seed):
    path = walk_on_minutes(*np.random.default_rng(seed).normal(0, 3, 2), 0.1, 500)
    assert np.all(np.diff(path[:, 1]) > 0)


def xor_answers(scale, loss, starts=200):
    rng = np.random.default_rng(0)
    W, b = rng.normal(0, scale, (starts, 1, 2)), rng.normal(0, scale, (starts, 1))
    table = data.logic_gate("XOR")
    target = (table.labels + 1) / 2
    start = network.Network([(W, b)], loss=loss)
    run = network.train(start, table.features, target, eta=1.0, epochs=5000)
    return run.network.predict(table.features)[..., 0], run.cost[-1]


@pytest.mark.full
def test_the_squared_error_leaves_xor_at_more_than_one_place_and_never_solves_it():
    answers, cost = xor_answers(2.0, "squared_error")
    shrugs = np.abs(answers - 0.5).max(axis=1) < 0.05
    assert 100 < shrugs.sum() < 180, "most starts end at one half, many elsewhere"
    assert np.all(cost > 0.125 - 1e-9)
    assert not np.any(np.all((answers > 0.5) == [0, 1, 1, 0], axis=1))


@pytest.mark.full
def test_the_cross_entropy_leaves_xor_at_one_half_from_every_start():
    for scale in (1.0, 2.0):
        answers, _ = xor_answers(scale, "binary_cross_entropy")
        assert np.abs(answers - 0.5).max() < 1e-9


@pytest.mark.full
def test_the_walk_on_the_two_irises_settles():
    w, g = np.zeros(3), np.ones(3)
    for _ in range(50_000):
        a = activations.sigmoid(X @ w[:2] + w[2])
        delta = (a - Y) * a * (1 - a) / len(Y)
        g = np.append(delta @ X, delta.sum())
        w = w - g
    assert np.linalg.norm(g) < 1e-12
    assert np.sum((X @ w[:2] + w[2] > 0) == (Y == 1)) == 94


def test_the_binary_cross_entropy_is_the_logistic_loss_of_the_margin():
    rng = np.random.default_rng(8)
    z, y = rng.normal(0, 5, 200), (rng.random(200) < 0.5).astype(float)
    logistic = margin.logistic((2 * y - 1) * z)
    np.testing.assert_allclose(
        losses.binary_cross_entropy_from_logits(z, y), logistic.mean(), rtol=1e-13
    )
    with np.errstate(all="ignore"):
        a = 1 / (1 + np.exp(-z))
        by_hand = -y * np.log(a) - (1 - y) * np.log(1 - a)
    near = np.abs(z) < 10
    np.testing.assert_allclose(by_hand[near], logistic[near], rtol=1e-9)


def test_the_boundary_of_the_separated_pair_creeps_to_the_middle():
    easy = data.iris_pair("setosa", "versicolor")
    Z, y = linear.standardize(easy.features[:, 2:])[0], (easy.labels + 1) / 2
    start = network.initialize((2, 1), scheme="zeros", loss="binary_cross_entropy")
    turns, nearest = [], []
    for epochs in (10, 100, 1000, 10_000):
        run = network.train(start, Z, y, eta=1.0, epochs=epochs)
        (w,), b = run.network.layers[0]
        turns.append(np.degrees(np.arctan2(w[1], w[0])))
        nearest.append(np.min((2 * y - 1) * (Z @ w + b)) / np.linalg.norm(w))
    assert np.ptp(turns) < 0.5, "the direction hardly turns"
    assert np.all(np.diff(nearest) > 0) and nearest[-1] > 1.3 * nearest[0], "the place does"
    apart = np.linalg.norm(Z[y == 0][:, None] - Z[y == 1], axis=-1).min()
    assert nearest[-1] < apart / 2


def test_the_common_form_of_the_loss_loses_a_small_answer():
    z = 40.0
    assert np.logaddexp(0, z) - 1 * z == 0
    assert np.logaddexp(0, -z) == pytest.approx(np.exp(-z), rel=1e-12)


def test_differences_of_a_softmax_logits_are_log_odds():
    z = np.random.default_rng(9).normal(0, 3, (20, 4))
    a = activations.softmax(z)
    np.testing.assert_allclose(z[:, :1] - z, np.log(a[:, :1] / a), atol=1e-12)
