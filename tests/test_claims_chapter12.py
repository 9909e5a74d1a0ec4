"""Chapter 12: what it says of its experiments holds from twenty other starts and draws."""

import itertools

import numpy as np
import pytest

from descent import data, losses, network
from descent.activations import sigmoid, softmax

ENTROPY = {"activations": ["sigmoid", "softmax"], "loss": "categorical_cross_entropy"}
SIGMOIDS = {"activations": "sigmoid", "loss": "squared_error"}
SEED, MANY = 100, 20

DIGITS = data.digits()
PARTS = data.split(DIGITS.labels, rng=np.random.default_rng(12))
X, X_VAL, X_TEST = (DIGITS.images[part] for part in PARTS)
LABEL, LABEL_VAL, LABEL_TEST = (DIGITS.labels[part] for part in PARTS)
Y, Y_VAL = losses.one_hot(LABEL, 10), losses.one_hot(LABEL_VAL, 10)


def family(*sizes, scheme="xavier", kind=ENTROPY):
    rng = np.random.default_rng(SEED)
    return network.initialize(sizes, rng=rng, scheme=scheme, family=(MANY,), **kind)


def right(net, images=X_VAL, labels=LABEL_VAL):
    return np.mean(net.predict(images).argmax(-1) == labels, axis=-1)


def test_the_full_network_answers_the_geometric_mean_of_the_thinned_ones():
    """Of all 2^8 masks at p = 1/2, doubled: exactly; the arithmetic mean is another, but near."""
    rng = np.random.default_rng(0)
    (W2, b2), (W3, b3) = network.initialize((5, 8, 3), rng=rng, scheme="normal").layers
    x = rng.standard_normal(5)
    hidden = sigmoid(W2 @ x + b2)
    masks = 2.0 * np.array(list(itertools.product((0, 1), repeat=8)))
    thinned = softmax((masks * hidden) @ W3.T + b3)
    full = softmax(W3 @ hidden + b3)
    geometric = np.exp(np.log(thinned).mean(axis=0))
    np.testing.assert_allclose(geometric / geometric.sum(), full, rtol=1e-12)
    off = np.abs(thinned.mean(axis=0) - full).max()
    assert 0.01 < off < 0.3


def history(start, seed=0, epochs=10, batch_size=10, **options):
    """Train and return the validation answers after each epoch: (epochs, family, samples)."""
    answers = []

    def note(now):
        if now.ends_epoch:
            answers.append(now.snapshot().predict(X_VAL).argmax(axis=-1))

    network.train(start, X, Y, epochs=epochs, batch_size=batch_size, every=None,
                  rng=np.random.default_rng(seed), callback=note, **options)  # fmt: skip
    return np.array(answers)


@pytest.mark.full
def test_cross_entropy_is_ahead_of_squared_error_at_each_ones_best_rate():
    by_squares, by_entropy = (
        family(64, 30, 10, scheme="normal", kind=kind) for kind in (SIGMOIDS, ENTROPY)
    )

    def wrong(answers):
        return np.median(np.mean(answers != LABEL_VAL, axis=-1), axis=-1)

    squared = {eta: wrong(history(by_squares, eta=eta)) for eta in (1.0, 3.0, 10.0)}
    entropy = {eta: wrong(history(by_entropy, eta=eta)) for eta in (0.3, 1.0, 3.0)}
    assert min(squared, key=lambda eta: squared[eta][4]) == 3
    assert min(entropy, key=lambda eta: entropy[eta][0]) == 1
    assert np.all(entropy[1.0] < squared[3.0])
    gap = squared[3.0] - entropy[1.0]
    assert gap[9] < 0.1 * gap[0]


@pytest.mark.full
def test_squared_error_leaves_a_digit_unread_and_cross_entropy_does_not():
    unread = {}
    for eta, kind in ((3.0, SIGMOIDS), (1.0, ENTROPY)):
        start = family(64, 30, 10, scheme="normal", kind=kind)
        answers = history(start, epochs=5, eta=eta)[-1]
        read = [np.mean(answers[:, k == LABEL_VAL] == k, axis=-1) for k in range(10)]
        unread[eta] = np.sum(np.min(read, axis=0) < 0.05)
    assert unread[3.0] > MANY / 2 > unread[1.0] == 0


@pytest.mark.full
@pytest.mark.parametrize(("hidden", "ten", "four"), [((), 0.94, 0.81), ((30,), 0.95, 0.94)])
def test_ten_outputs_are_better_than_four(hidden, ten, four):
    bits = np.arange(10)[:, None] >> np.arange(3, -1, -1) & 1
    shares = []
    for targets in (Y, bits[LABEL]):
        start = family(64, *hidden, targets.shape[1], kind={"loss": "binary_cross_entropy"})
        run = network.train(start, X, targets, eta=0.5, epochs=40, batch_size=10, every=None,
                            rng=np.random.default_rng(1))  # fmt: skip
        a = run.network.predict(X_VAL)
        if targets is not Y:
            a = -((a[..., None, :] - bits) ** 2).sum(axis=-1)
        shares.append(np.mean(a.argmax(axis=-1) == LABEL_VAL, axis=-1))
    assert shares[0].min() > ten and shares[1].max() < four
    assert np.all(shares[0] > shares[1])


@pytest.mark.full
def test_five_hidden_neurons_are_too_few_and_sixty_no_better_than_thirty():
    wrong = {}
    for hidden in (5, 10, 30, 60):
        run = network.train(family(64, hidden, 10), X, Y, eta=1.0, epochs=30, batch_size=20,
                            every=None, rng=np.random.default_rng(0))  # fmt: skip
        wrong[hidden] = 1 - np.median(right(run.network))
    assert wrong[5] > 0.08 > 0.055 > wrong[10] > wrong[30]
    assert abs(wrong[30] - wrong[60]) < 0.005


@pytest.mark.full
def test_two_hidden_neurons_learn_on_slowly_and_stay_too_few():
    costs, shares = [], []
    for epochs in (30, 300):
        run = network.train(family(64, 2, 10), X, Y, eta=0.5, epochs=epochs, batch_size=20,
                            every=epochs, rng=np.random.default_rng(0))  # fmt: skip
        costs.append(run.cost[-1])
        shares.append(right(run.network))
    assert np.all(costs[1] < costs[0])
    assert np.median(shares[1]) > np.median(shares[0])
    assert shares[1].max() < 0.85


@pytest.mark.full
def test_a_rate_of_twenty_saturates_the_hidden_neurons():
    run = network.train(family(64, 30, 10), X, Y, eta=20.0, epochs=10, batch_size=20, every=None,
                        rng=np.random.default_rng(0))  # fmt: skip
    hidden = run.network.forward(X_VAL).a[1]
    assert np.median(hidden * (1 - hidden)) < 0.01
    assert np.all(right(run.network) < 0.5)


@pytest.mark.full
def test_new_writers_are_harder_than_new_pictures():
    shares = []
    for images, labels, new, truth in (
        (DIGITS.images[:1079], DIGITS.labels[:1079], DIGITS.images[-359:], DIGITS.labels[-359:]),
        (X, LABEL, X_TEST, LABEL_TEST),
    ):
        run = network.train(family(64, 30, 10), images, losses.one_hot(labels, 10), eta=1.0,
                            lam=1e-4, epochs=60, batch_size=20, every=None,
                            rng=np.random.default_rng(0))  # fmt: skip
        shares.append(right(run.network, new, truth))
    assert shares[0].max() < 0.92 < 0.95 < shares[1].min()


@pytest.mark.full
@pytest.mark.parametrize("seed", range(200, 200 + MANY))
def test_each_treatment_helps_against_wrong_labels(seed):
    rng = np.random.default_rng(seed)
    rows = [rng.permutation(np.flatnonzero(k == LABEL))[:20] for k in range(10)]
    few = np.concatenate(rows)
    typed = LABEL[few]
    slips = rng.permutation(200)[:30]
    typed[slips] = (typed[slips] + rng.integers(1, 10, 30)) % 10
    start = network.initialize((64, 60, 10), rng=rng, **ENTROPY)

    def train(**treatment):
        return network.train(start, X[few], losses.one_hot(typed, 10), eta=0.2, epochs=200,
                             batch_size=10, validation=(X_VAL, Y_VAL),
                             rng=np.random.default_rng(seed), **treatment)  # fmt: skip

    plain = train()
    assert right(plain.network, X[few], typed) > 0.94
    assert plain.validation_cost[-1] > 1.1 * plain.validation_cost.min()
    for treatment in ({"lam": 0.003}, {"dropout": 0.5}, {"patience": 20}):
        assert right(train(**treatment).network) > right(plain.network)
