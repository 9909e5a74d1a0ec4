"""Chapter 0: its rule and its fit make the mistakes it says, and its figures show them."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from exercise_tests import exercise_tests

from descent import activations, data, linear, network, optimize, perceptron
from descent.exercises import chapter00 as exercises
from descent.experiments import chapter00 as experiments
from descent.figures import chapter00 as draw

DIGITS = data.digits()
CHOSEN = np.isin(DIGITS.labels, (3, 8))
IMAGES = DIGITS.images[CHOSEN]
LABELS = np.where(DIGITS.labels[CHOSEN] == 8, 1, -1)
HALF = data.split(LABELS, validation=0, test=0.5, rng=np.random.default_rng(0))
SEEN, UNSEEN = HALF.training, HALF.test
INK = np.array([sum(image[8 * i + j] for i in range(2, 6) for j in (1, 2)) for image in IMAGES])
X = linear.design_matrix(IMAGES)
GATE = data.logic_gate("XOR")


def wrong(threshold, part):
    pairs = zip(INK[part], LABELS[part], strict=True)
    return sum((ink > threshold) != (label > 0) for ink, label in pairs)


@pytest.fixture
def axes():
    figure, axes = plt.subplots(2, 6)
    yield axes
    plt.close(figure)


# Claims of the text -------------------------------------------------------------------------------


def test_the_halves_share_no_digit_and_hold_both_kinds():
    assert (len(SEEN), len(UNSEEN)) == (178, 179)
    assert set(SEEN) | set(UNSEEN) == set(range(357))
    for part in (SEEN, UNSEEN):
        assert 0.45 < np.mean(LABELS[part] > 0) < 0.55


def test_the_rule_by_hand_and_the_threshold_of_the_data():
    assert wrong(2, SEEN) == 28
    counts = [wrong(t, SEEN) for t in experiments.THRESHOLDS]
    assert min(counts) == 18 and experiments.THRESHOLDS[np.argmin(counts)] == 1.35
    assert wrong(1.35, UNSEEN) == 22
    assert min(wrong(t, SEEN) for t in np.unique(INK)) == 18  # no threshold between is better


def test_65_weights_make_two_mistakes_and_need_not_stop_at_300_steps():
    cost = linear.LeastSquares(X[SEEN], LABELS[SEEN])
    for steps in (200, 300, 400):
        w = optimize.gradient_descent(cost.gradient, np.zeros(65), 0.1, steps).w[-1]
        assert np.sum((X[UNSEEN] @ w > 0) != (LABELS[UNSEEN] > 0)) <= 3


def test_the_strongest_weights_for_an_eight_lie_on_the_left():
    cost = linear.LeastSquares(X[SEEN], LABELS[SEEN])
    w = optimize.gradient_descent(cost.gradient, np.zeros(65), 0.1, 300).w[-1][1:].reshape(8, 8)
    rows, columns = np.unravel_index(np.argsort(w, axis=None)[-4:], w.shape)
    assert set(columns) <= {2, 3} and set(rows) <= {2, 3, 5}
    assert np.all(w[2:6, 2:4] > 0.1) and np.all(np.abs(w[2:6, 1]) < 0.08)  # the frame is 1 and 2
    lowest = np.argsort(w, axis=None)[:3]
    assert set(zip(*np.unravel_index(lowest, w.shape), strict=True)) == {(0, 4), (6, 4), (1, 4)}


def test_momentum_gets_as_low_in_a_tenth_of_the_steps():
    cost = linear.LeastSquares(X[SEEN], LABELS[SEEN])
    fast = optimize.gradient_descent(
        cost.gradient, np.zeros(65), 0.1, 300, optimizer=optimize.Momentum(0.9)
    )
    slow = optimize.gradient_descent(cost.gradient, np.zeros(65), 0.1, 3000)
    assert cost.cost(fast.w[-1]) == pytest.approx(cost.cost(slow.w[-1]), rel=1e-3)


def test_a_linear_model_is_a_layer():
    w = np.random.default_rng(1).standard_normal(65)
    scores, answers = (
        network.Network([(w[None, 1:], w[:1])], name).predict(IMAGES)[:, 0]
        for name in ("identity", "step")
    )
    np.testing.assert_allclose(scores, X @ w)
    np.testing.assert_array_equal(answers > 0, perceptron.predict(X, w) > 0)


def test_no_line_gets_more_than_three_cases_of_xor():
    grid = np.linspace(-2, 2, 21)
    w = np.stack(np.meshgrid(grid, grid, grid), axis=-1).reshape(-1, 3)
    right = np.sum((w @ linear.design_matrix(GATE.features).T > 0) == (GATE.labels > 0), axis=1)
    assert right.max() == 3


def test_the_line_of_the_picture_separates_xor():
    made = np.column_stack([GATE.features.sum(axis=1), GATE.features.prod(axis=1)])
    z = linear.design_matrix(made) @ [-0.5, 1, -2]
    np.testing.assert_array_equal(z > 0, GATE.labels > 0)


def test_the_hidden_neurons_become_or_and_and():
    start = network.initialize(
        (2, 2, 1),
        rng=np.random.default_rng(0),
        activations=["tanh", "sigmoid"],
        loss="binary_cross_entropy",
    )
    run = network.train(start, GATE.features, GATE.labels > 0, eta=1.0, epochs=3000)
    hidden = run.network.forward(GATE.features).a[1]
    np.testing.assert_array_equal(hidden[:, 1] > 0, GATE.features.any(axis=1))
    np.testing.assert_array_equal(hidden[:, 0] > 0, GATE.features.all(axis=1))


def test_the_slope_of_the_sigmoid_is_a_quarter_at_most():
    z = np.linspace(-20, 20, 4001)
    assert activations.sigmoid_derivative(z).max() == activations.sigmoid_derivative(0.0) == 0.25


# Figures ------------------------------------------------------------------------------------------


def test_count_wrong_counts_both_mistakes():
    ink, labels = np.array([0.0, 1, 2, 3]), np.array([-1, 1, -1, 1])
    np.testing.assert_array_equal(
        experiments.count_wrong(ink, labels, [0.5, 1, 2.5]), [[1, 1, 0], [0, 1, 1]]
    )


def test_the_knob_moves_the_line_the_point_and_the_words():
    book = draw.turn_the_knob(INK[SEEN], LABELS[SEEN])
    line, point = book.moves
    for k in (0, 27, 40, 80):
        threshold, count = experiments.THRESHOLDS[k], wrong(experiments.THRESHOLDS[k], SEEN)
        np.testing.assert_array_equal(line.x[k], threshold)
        assert (point.x[k].item(), point.y[k].item()) == (threshold, count)
        assert book.readout[k].startswith(f"Threshold {threshold:.2f}: {count} of 178 wrong, ")
    assert "6 threes called 8 and 22 eights called 3" in book.readout[40]


def test_digits_and_weights_lie_as_on_paper(axes):
    draw.digits(IMAGES[:12], axes)
    np.testing.assert_array_equal(axes[0, 0].images[0].get_array(), IMAGES[0].reshape(8, 8))
    w = np.arange(65.0)
    draw.weights(w, axes[1, 0])
    assert axes[1, 0].images[-1].get_array()[0, 1] == 2


def test_the_map_shows_every_chapter_and_points_downwards(root, axes):
    names = {int(path.name[:2]) for path in (root / "book").glob("[0-9][0-9]-*.ipynb")}
    assert {number for number, *_ in draw.CHAPTERS} >= names
    rows = {number: row for number, _, _, row, _ in draw.CHAPTERS}
    for above, below in draw.NEEDS:
        assert rows[above] < rows[below] and above < below
    assert {below for _, below in draw.NEEDS} == set(rows) - {0}
    draw.book_map(axes[0, 0])
    texts = {text.get_text() for text in axes[0, 0].texts}
    assert {str(number) for number in rows} <= texts


def test_the_maps_arrows_are_needs_that_the_chapters_name(root):
    """A chapter's head links to each chapter that an arrow to it starts from."""
    for above, below in draw.NEEDS:
        (path,) = (root / "book").glob(f"{below:02d}-*.ipynb")
        head = path.read_text(encoding="utf-8").split('"cell_type": "code"')[0]
        if above > 0:
            assert f"({above:02d}-" in head, f"chapter {below} does not name chapter {above}"


def test_xor_and_the_neuron_are_drawn(axes):
    made = np.column_stack([GATE.features.sum(axis=1), GATE.features.prod(axis=1)])
    _, right = draw.xor(GATE, made, ("s", "p"), np.array([-0.5, 1, -2]), axes[0, :2])
    on = [line.get_xydata().tolist() for line in right.lines[1:]]
    assert on == [[[0, 0], [2, 1]], [[1, 0], [1, 0]]]
    x, y = right.lines[0].get_xydata().T
    np.testing.assert_allclose(-0.5 + x - 2 * y, 0, atol=1e-12)
    draw.neuron(axes[1, 1])
    assert "$\\Sigma$" in {text.get_text() for text in axes[1, 1].texts}


# Exercises ----------------------------------------------------------------------------------------

RIGHT = {"0.1": 0.9, "0.2": "d", "0.3": lambda a, b: (a - b) ** 2}
WRONG = [
    ("0.1", 1.35, "cost the same"),
    ("0.1", 1.4, "cost the same"),
    ("0.1", 1.45, "cost the same"),
    ("0.1", 0, "no eight is missed"),
    ("0.1", 0.95, "one eight is missed"),
    ("0.1", 2.7, "the other way round"),
    ("0.1", 3.3, "Hint 1"),
    ("0.2", "a", "same 65 numbers"),
    ("0.2", "b", "same digits"),
    ("0.2", "c", "same squared miss"),
    ("0.3", lambda a, b: a * b, "product again"),
    ("0.3", lambda a, b: 2 * a - b + 1, "had that already"),
    ("0.3", lambda a, b: float("nan"), "finite number"),
]


test_right_answer, test_wrong_answer, test_every_exercise = exercise_tests(exercises, RIGHT, WRONG)


def test_the_threshold_of_the_exercise_is_that_of_the_figure():
    ink, labels = exercises.threes_and_eights()
    np.testing.assert_allclose(ink, INK[SEEN])
    np.testing.assert_array_equal(labels, LABELS[SEEN])
    missed = [k for k, t in enumerate(experiments.THRESHOLDS) if np.any(ink[labels > 0] <= t)]
    assert experiments.THRESHOLDS[missed[0]] == 0.95  # from there on an eight is missed
    assert exercises.best_threshold(1) == 1.35
