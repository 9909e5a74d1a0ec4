"""Chapter 12: its pictures show the runs they claim, its sentences on the digits hold."""

import runpy

import matplotlib.pyplot as plt
import numpy as np
import pytest

from descent import data, losses, network
from descent.experiments import chapter12 as experiments
from descent.figures import chapter12 as draw


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


@pytest.fixture(scope="module")
def piles():
    """Images and labels for training, validation and test, as in the chapter."""
    digits = data.digits()
    parts = data.split(digits.labels, rng=np.random.default_rng(experiments.SEED))
    return [(digits.images[part], digits.labels[part]) for part in parts]


@pytest.fixture(scope="module")
def family():
    return experiments.rate_runs()


def start(*sizes, seed, **options):
    rng = np.random.default_rng(seed)
    return network.initialize(sizes, rng=rng, **experiments.ENTROPY, **options)


def right(net, X, label):
    return np.mean(net.predict(X).argmax(axis=-1) == label, axis=-1)


# Claims of the text -------------------------------------------------------------------------------


def test_ten_outputs_beat_four_from_any_start(piles):
    (X, label), (X_val, truth), _ = piles
    bits = (np.arange(10)[:, None] >> np.arange(3, -1, -1) & 1).astype(float)
    shares = {}
    for name, targets in (("ten", losses.one_hot(label, 10)), ("four", bits[label])):
        sizes, rng = (64, targets.shape[1]), np.random.default_rng(7)
        net = network.initialize(sizes, rng=rng, family=(3,), loss="binary_cross_entropy")
        run = network.train(
            net, X, targets, eta=0.5, epochs=20, batch_size=10, every=None,
            rng=np.random.default_rng(8),
        )  # fmt: skip
        a = run.network.predict(X_val)
        if name == "four":
            a = -((a[..., None, :] - bits) ** 2).sum(axis=-1)
        shares[name] = np.mean(a.argmax(axis=-1) == truth, axis=-1)
    assert np.all(shares["ten"] > 0.92)
    assert np.all(shares["four"] < 0.85)


def test_a_network_does_not_know_which_pixels_are_neighbours(piles):
    """Shuffled pixels with shuffled weights: the same run, so shuffling makes nothing harder."""
    (X, label), _, _ = piles
    X, y = X[:200], losses.one_hot(label[:200], 10)
    order = np.random.default_rng(0).permutation(64)
    net = start(64, 8, 10, seed=1)
    (W, b), last = net.layers
    shuffled = network.Network([(W[:, order], b), last], **experiments.ENTROPY)
    options = {"eta": 0.5, "epochs": 5, "batch_size": 20}
    plain = network.train(net, X, y, rng=np.random.default_rng(2), **options)
    mixed = network.train(shuffled, X[:, order], y, rng=np.random.default_rng(2), **options)
    np.testing.assert_allclose(mixed.cost, plain.cost, rtol=1e-9)


@pytest.mark.full
def test_treatments_help_from_other_starts_too(piles):
    (X, label), (X_val, truth), _ = piles
    rng = np.random.default_rng(5)
    few = np.concatenate([rng.permutation(np.flatnonzero(label == k))[:20] for k in range(10)])
    typed = label[few]
    slips = rng.permutation(200)[:30]
    typed[slips] = (typed[slips] + rng.integers(1, 10, 30)) % 10
    assert np.sum(typed != label[few]) == 30
    net = start(64, 60, 10, seed=4)
    y, held_out = losses.one_hot(typed, 10), (X_val, losses.one_hot(truth, 10))

    def score(**treatment):
        run = network.train(
            net, X[few], y, eta=0.2, epochs=200, batch_size=10, validation=held_out,
            rng=np.random.default_rng(6), **treatment,
        )  # fmt: skip
        return right(run.network, X_val, truth)

    plain = score()
    for treatment in ({"lam": 0.003}, {"dropout": 0.5}, {"patience": 20}):
        assert score(**treatment) > plain + 0.03


def test_new_writers_are_harder_than_new_pictures():
    """Over several starts: the last 359 pictures of the file against a random test pile."""
    digits = data.digits()
    parts = data.split(digits.labels, rng=np.random.default_rng(1))
    net = start(64, 30, 10, seed=2, family=(3,))
    shares = []
    for old, new in ((np.arange(1079), np.arange(1438, 1797)), (parts.training, parts.test)):
        run = network.train(
            net, digits.images[old], losses.one_hot(digits.labels[old], 10), eta=1.0,
            epochs=20, batch_size=20, every=None, rng=np.random.default_rng(3),
        )  # fmt: skip
        shares.append(right(run.network, digits.images[new], digits.labels[new]))
    strangers, known = shares
    assert np.all(strangers < known - 0.03)


def test_the_runs_on_mnist_are_those_of_the_benchmark_and_reach_what_they_must(root, monkeypatch):
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.setenv(name, "1")  # as the benchmark does, and undone here
    settings = runpy.run_path(str(root / "benchmarks" / "mnist.py"))
    runs = experiments.mnist_runs()
    assert list(runs.epoch) == [run.name for run in settings["RUNS"]]
    for run in settings["RUNS"]:
        share = runs.share[run.name]
        assert share.shape == (len(settings["SEEDS"]), run.epochs + 1, 3)
        assert runs.epoch[run.name].tolist() == list(range(run.epochs + 1))
        assert np.all(share[:, 0] < 0.25)  # an untrained network guesses
        assert np.median(share[:, -1, 2]) >= run.at_least


# Pictures -----------------------------------------------------------------------------------------


def test_the_gallery_shows_every_picture_in_its_place(ax):
    images = np.arange(3 * 4).reshape(3, 4) / 12
    draw.gallery(images, ["a", "b", "c"], ax, columns=2)
    assert [t.get_text() for t in ax.texts] == ["a", "b", "c"]
    for k, picture in enumerate(ax.images):
        np.testing.assert_array_equal(picture.get_array(), images[k].reshape(2, 2))
    lefts = [picture.get_extent()[0] for picture in ax.images]
    tops = [picture.get_extent()[3] for picture in ax.images]
    assert lefts[0] == lefts[2] < lefts[1] and tops[0] == tops[1] < tops[2]


def test_the_map_frames_the_least(ax):
    cost = np.array([[3.0, 2.0], [1.0, 5.0], [4.0, 6.0]])
    draw.search_map([0.1, 1, 10], [0, 0.1], cost, ax)
    frame = ax.patches[-1]
    assert (frame.get_x(), frame.get_y()) == (0.5, -0.5)
    assert sorted(t.get_text() for t in ax.texts) == [f"{k}.00" for k in range(1, 7)]


def test_the_confusion_matrix_writes_each_count_where_it_belongs(ax):
    matrix = np.diag(np.arange(10, 20))
    matrix[3, 8] = 2
    draw.confusion(matrix, ax)
    written = {t.get_position(): t.get_text() for t in ax.texts}
    assert written[(8, 3)] == "2" and written[(4, 4)] == "14" and len(written) == 11
    assert ax.get_xlabel() == "read as" and ax.get_ylabel() == "meant"


def test_curves_carry_what_they_are_given(ax):
    epoch = np.arange(4)
    draw.learning_curves(epoch, {"training": epoch + 1.0, "validation": epoch + 2.0}, ax)
    assert [line.get_ydata()[0] for line in ax.lines] == [1, 2]
    ax.clear()
    draw.two_losses(epoch, {"one": epoch / 10, "two": epoch / 20}, ax)
    np.testing.assert_allclose(ax.lines[-1].get_ydata(), 5 * epoch)


# The interactive figure ---------------------------------------------------------------------------


@pytest.mark.full
def test_a_run_of_the_family_is_the_run_of_its_settings(family, piles):
    (X, label), (X_val, truth), _ = piles
    i, j = 5, 1
    eta, hidden = experiments.RATES[i], int(experiments.HIDDEN[j])
    net = start(64, hidden, 10, seed=experiments.SEED)
    run = network.train(
        net, X, losses.one_hot(label, 10), eta=eta, epochs=2, batch_size=experiments.BATCH_SIZE,
        validation=(X_val, losses.one_hot(truth, 10)), rng=np.random.default_rng(experiments.SEED),
    )  # fmt: skip
    np.testing.assert_allclose(family.cost[i, j, :3], run.cost, rtol=1e-8)
    np.testing.assert_allclose(family.validation_cost[i, j, :3], run.validation_cost, rtol=1e-8)
    wrong = [1 - right(one, X_val, truth) for one in (net, run.network)]
    np.testing.assert_allclose(family.wrong[i, j, [0, 2]], wrong)


@pytest.mark.full
def test_what_the_tasks_of_the_figure_say(family):
    good = np.flatnonzero(experiments.RATES == 1)[0]
    slow = np.flatnonzero(experiments.RATES == 0.05)[0]
    ends = family.wrong[..., -1]
    assert np.all(ends[-1] > 0.8)  # at 20 nothing is learned
    assert ends[good, 3] < 0.06 < 0.5 * ends[slow, 3] + 0.06
    assert np.all(np.diff(family.validation_cost[slow, 3]) < 0)  # slow and steady
    assert np.all(family.cost[:, 0, -1] > 0.9)  # two neurons are too few at any rate
    best = ends[:, 0].min()
    assert best > 0.3


@pytest.mark.full
def test_the_readouts_name_what_happens(family):
    book = draw.learning_rate()
    texts = book.readout
    good = np.flatnonzero(experiments.RATES == 1)[0]
    assert "too large a step" in texts[-1, 3]
    assert "4 % wrong" in texts[good, 3] or "5 % wrong" in texts[good, 3]
    for state in np.ndindex(len(experiments.RATES), len(experiments.HIDDEN)):
        assert f"{100 * family.wrong[state][-1]:.0f} % wrong" in texts[state]
