"""Chapter 8: its figures show the neurons they claim, its sentences on slopes and losses hold."""

import math

import matplotlib.pyplot as plt
import numpy as np
import pytest
from exercise_tests import exercise_tests

from descent import activations, data, gradcheck, linear, losses, network
from descent.exercises import chapter08 as exercises
from descent.experiments import chapter08 as experiments
from descent.figures import chapter08 as draw

FLOWERS = data.iris_pair("versicolor", "virginica")
Y = (FLOWERS.labels + 1) / 2
X = linear.standardize(FLOWERS.features[:, 2:])[0]
LENGTH = FLOWERS.features[:, 2]
EDGES = np.array([2.95, 4.05, 4.55, 4.85, 5.05, 5.55, 6.95])


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


def sigma(z):
    """The sigmoid of one number, by the branch whose power does not overflow."""
    return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))


def unlearn(z, eta, steps, entropy):
    """The slow twin: weight and bias from z/2 each, x = 1, y = 0; z after each step."""
    w = b = z / 2
    path = [w + b]
    for _ in range(steps):
        a = sigma(w + b)
        slope = a if entropy else a * a * (1 - a)
        w, b = w - eta * slope, b - eta * slope
        path.append(w + b)
    return np.array(path)


# Claims of the text -------------------------------------------------------------------------------


def test_no_threshold_on_the_length_is_right_and_the_shares_climb():
    errors = [np.sum((t < LENGTH) != (Y == 1)) for t in np.unique(LENGTH)]
    assert min(errors) > 0
    middles, share = experiments.share_of_ones(LENGTH, Y, EDGES)
    assert np.all(np.diff(share) > 0) and np.all(np.diff(middles) > 0)
    assert share[3] == pytest.approx(6 / 9)


def test_the_logit_is_the_logarithm_of_the_odds():
    z = np.linspace(-20, 20, 81)
    a = activations.sigmoid(z)
    np.testing.assert_allclose(a / activations.sigmoid(-z), np.exp(z))
    assert activations.sigmoid(np.log(2)) == pytest.approx(2 / 3)


def test_the_slope_is_a_quarter_at_most():
    z = np.linspace(-30, 30, 601)
    a, slope = activations.sigmoid(z), activations.sigmoid_derivative(z)
    np.testing.assert_allclose(slope, 0.25 - (a - 0.5) ** 2, atol=1e-15)
    assert slope.max() == slope[300] == 0.25
    assert slope[300] / activations.sigmoid_derivative(4.0) == pytest.approx(14, abs=0.5)


def test_a_neuron_cannot_be_worth_its_price_on_minutes():
    trips = data.commute()
    Z = linear.standardize(trips.features)[0]
    for W in np.random.default_rng(0).normal(scale=50, size=(300, 1, 2)):
        a = network.Network([(W, W[0, :1])]).predict(Z)[:, 0]
        assert losses.squared_error(a, trips.minutes) >= 417.3
    assert np.mean((1 - trips.minutes) ** 2) / 2 == pytest.approx(417.3)


def test_3_4_and_3_5_for_any_numbers():
    for w, b, x, y in np.random.default_rng(1).normal(size=(50, 4)):
        a = sigma(w * x + b)
        derived = (a - y) * a * (1 - a) * np.array([x, 1])

        def cost(p, x=x, y=y):
            return (sigma(p[0] * x + p[1]) - y) ** 2 / 2

        assert gradcheck.check_gradient(cost, derived, np.array([w, b])).passed


def test_the_accuracy_stands_while_the_cost_falls():
    start = network.initialize((2, 1), scheme="zeros")
    costs, right = [], []
    for epochs in (1, 2, 5, 10, 30, 100, 300, 1000):
        run = network.train(start, X, Y, eta=1.0, epochs=epochs)
        costs.append(run.cost[-1])
        right.append(np.sum((run.network.predict(X)[:, 0] > 0.5) == (Y == 1)))
    assert np.all(np.diff(costs) < 0)
    assert right[0] == right[-1] == 94


def test_the_squared_error_pulls_hardest_at_two_thirds():
    a = np.linspace(0, 1, 3001)
    assert a[np.argmax(a * a * (1 - a))] == pytest.approx(2 / 3)
    z = np.linspace(-6, 9, 61)
    a = activations.sigmoid(z)
    bend = [gradcheck.numerical_gradient(lambda z: sigma(z) ** 2 * (1 - sigma(z)), v) for v in z]
    np.testing.assert_allclose(bend, a**2 * (1 - a) * (2 - 3 * a), atol=1e-9)
    assert np.all((np.array(bend) < 0) == (a > 2 / 3))


def test_the_cross_entropy_lies_above_all_its_tangents():
    rng = np.random.default_rng(2)

    def cost(p):
        return losses.binary_cross_entropy_from_logits(X @ p[:2] + p[2], Y)

    for p, q in rng.normal(scale=3, size=(100, 2, 3)):
        delta = (activations.sigmoid(X @ p[:2] + p[2]) - Y) / len(Y)
        slope = np.append(delta @ X, delta.sum())
        assert cost(q) >= cost(p) + slope @ (q - p) - 1e-12


def test_one_wait_multiplies_and_the_other_adds():
    starts = np.arange(1.0, 9.0)
    squared, entropy = (
        [np.argmax(unlearn(z, 0.15, 11_000, which) <= 0) for z in starts] for which in (False, True)
    )
    assert squared == [24, 52, 106, 232, 555, 1416, 3737, 10028]
    assert entropy == [6, 10, 13, 17, 20, 23, 27, 30]
    ratios = np.divide(squared[1:], squared[:-1])
    assert np.all(np.diff(ratios[1:]) > 0) and 2.6 < ratios[-1] < np.e
    assert set(np.diff(entropy)) <= {3, 4}


def test_the_negative_log_likelihoods_are_the_losses():
    rng = np.random.default_rng(3)
    mean, y = rng.normal(size=(2, 6))
    density = np.exp(-((y - mean) ** 2) / 2) / np.sqrt(2 * np.pi)
    np.testing.assert_allclose(
        -np.log(density).mean() - np.log(2 * np.pi) / 2, losses.squared_error(mean, y)
    )
    a, coin = rng.random(6), (rng.random(6) < 0.5).astype(float)
    np.testing.assert_allclose(
        -np.log(a**coin * (1 - a) ** (1 - coin)).mean(), losses.binary_cross_entropy(a, coin)
    )
    shares = activations.softmax(rng.normal(size=(6, 4)))
    classes = losses.one_hot(rng.integers(4, size=6), 4)
    np.testing.assert_allclose(
        -np.log(np.prod(shares**classes, axis=1)).mean(),
        losses.categorical_cross_entropy(shares, classes),
    )


def test_softmax_of_two_is_a_sigmoid_and_ignores_a_shift():
    z = np.random.default_rng(4).normal(scale=5, size=(50, 2))
    first = activations.softmax(z)[:, 0]
    np.testing.assert_allclose(first, activations.sigmoid(z[:, 0] - z[:, 1]))
    np.testing.assert_allclose(activations.softmax(z - 7.5), activations.softmax(z))


def test_doubling_weights_that_separate_lowers_the_cost():
    flowers = data.iris_pair("setosa", "versicolor")
    Z, y = linear.standardize(flowers.features[:, 2:])[0], (flowers.labels + 1) / 2
    start = network.initialize((2, 1), scheme="zeros", loss="binary_cross_entropy")
    run = network.train(start, Z, y, eta=1.0, epochs=100)
    ((W, b),) = run.network.layers
    costs = [
        losses.binary_cross_entropy_from_logits(scale * ((Z @ W.T)[:, 0] + b), y)
        for scale in (1, 2, 4, 8)
    ]
    assert np.all(np.diff(costs) < 0) and costs[-1] > 0


# The nudge ----------------------------------------------------------------------------------------

NUDGE = draw.nudge()
NUDGED = dict(
    zip(
        ("jump", "hard", "old", "new", "soft before", "soft", "hill", "stair at", "hill at"),
        NUDGE.moves,
        strict=True,
    )
)


def at(move, axis, state):
    values = getattr(move, axis)
    return values[tuple(min(k, n - 1) for k, n in zip(state, values.shape, strict=False))]


def test_the_nudged_answers_are_those_of_the_neuron():
    for i, n in enumerate(experiments.NUDGES):
        for j, k in enumerate(experiments.STEEPNESS):
            z = [k * ((3 + n) * x - 14.7) for x in experiments.FLOWERS]
            hard = [float(v > 0) for v in z]
            soft = [sigma(v) for v in z]
            np.testing.assert_allclose(at(NUDGED["hard"], "y", (i, j)), hard)
            np.testing.assert_allclose(at(NUDGED["soft"], "y", (i, j)), soft, atol=1e-12)
            assert at(NUDGED["stair at"], "y", (i, j))[0] == sum(hard)
            assert at(NUDGED["hill at"], "y", (i, j))[0] == pytest.approx(sum(soft))
            assert at(NUDGED["hill"], "y", (i, j))[i] == pytest.approx(sum(soft))
            assert at(NUDGED["jump"], "x", (i, j))[1] == pytest.approx(14.7 / (3 + n))


def test_the_staircase_drawn_has_the_three_jumps_of_the_text():
    total = NUDGE.fig.axes[2]
    stairs = next(line for line in total.lines if line.get_color() == draw.COLORS["limit"])
    x, levels = stairs.get_data()
    assert len(x) == 8
    for left, right, level in zip(x[::2], x[1::2], levels[::2], strict=True):
        middle = (left + right) / 2
        assert level == sum((3 + middle) * flower > 14.7 for flower in experiments.FLOWERS)


def test_the_nudge_says_what_happens():
    for i, n in enumerate(experiments.NUDGES):
        for j, k in enumerate(experiments.STEEPNESS):
            words = NUDGE.readout[i, j].replace("\N{MINUS SIGN}", "-")
            z = k * (3 * experiments.FLOWERS - 14.7)
            moved = k * ((3 + n) * experiments.FLOWERS - 14.7)
            flips = int(np.sum((z > 0) != (moved > 0)))
            assert (f"{flips} of 5" in words) == (flips > 0)
            assert ("no answer moves" in words) == (flips == 0)
            change = sum(sigma(v) for v in moved) - sum(sigma(v) for v in z)
            promise = n * sum(
                k * x * sigma(v) * (1 - sigma(v))
                for x, v in zip(experiments.FLOWERS, z, strict=True)
            )
            said = [float(w.rstrip(".;")) for w in (words.split("moves by ")[1].split()[0],
                                                    words.split("promised ")[1])]  # fmt: skip
            np.testing.assert_allclose(said, [change, promise], atol=0.0051)


def test_small_nudges_keep_the_promise_and_steep_neurons_break_it():
    def gap(n, k):
        z = k * (3 * experiments.FLOWERS - 14.7)
        moved = k * ((3 + n) * experiments.FLOWERS - 14.7)
        change = np.sum(activations.sigmoid(moved) - activations.sigmoid(z))
        promise = np.sum(activations.sigmoid_derivative(z) * k * experiments.FLOWERS) * n
        return abs(change - promise)

    assert gap(0.01, 1.0) < 0.001
    assert gap(0.05, 16.0) > 0.1


# The late lesson ----------------------------------------------------------------------------------

LESSON = draw.saturation()
LESSONS = dict(
    zip(
        ("cost squared", "answer squared", "dot squared")
        + ("cost entropy", "answer entropy", "dot entropy"),
        LESSON.moves,
        strict=True,
    )
)


@pytest.mark.parametrize("entropy", [False, True])
def test_the_lessons_are_those_of_the_slow_loop(entropy):
    name = "entropy" if entropy else "squared"
    for i, eta in enumerate(experiments.RATES):
        for j in range(0, len(experiments.STARTS), 5):
            z = unlearn(experiments.STARTS[j], eta, experiments.EPOCHS, entropy)
            a = np.array([sigma(v) for v in z])
            cost = np.array([np.logaddexp(0, v) for v in z]) if entropy else a**2 / 2
            steps = at(LESSONS[f"cost {name}"], "x", (i, j)).astype(int)
            drawn = at(LESSONS[f"cost {name}"], "y", (i, j))
            np.testing.assert_allclose(drawn, (cost / cost[0])[steps], atol=1e-9)
            drawn = at(LESSONS[f"answer {name}"], "y", (i, j))
            np.testing.assert_allclose(drawn, a[steps], atol=1e-9)
            slope = a[0] if entropy else a[0] ** 2 * (1 - a[0])
            assert at(LESSONS[f"dot {name}"], "y", (i, j))[0] == pytest.approx(slope)


def test_the_two_starts_of_the_text_are_positions():
    assert {1.5, 4.0, 7.0} <= set(experiments.STARTS.tolist())
    assert {0.15, 4.0} <= set(experiments.RATES.tolist())
    assert [mark.value for mark in LESSON.controls[1].marks] == [0.6 + 0.9, 2 + 2]
    mild, bad = (unlearn(z, 0.15, 300, False) for z in (0.6 + 0.9, 2 + 2))
    assert [round(sigma(mild[t]), 2) for t in (0, 100, 200, 300)] == [0.82, 0.21, 0.12, 0.09]
    assert [round(sigma(bad[t]), 2) for t in (0, 100, 200, 300)] == [0.98, 0.96, 0.79, 0.2]


def test_the_lesson_says_when_each_loss_has_done_it():
    for i, eta in enumerate(experiments.RATES):
        for j, start in enumerate(experiments.STARTS):
            words = LESSON.readout[i, j]
            assert words.startswith(f"η = {eta:g}, first answer {sigma(start):.3f}. ")
            parts = words.split(". ", 1)[1].split("Cross-entropy")
            for part, entropy in zip(parts, (False, True), strict=True):
                z = unlearn(start, eta, experiments.EPOCHS, entropy)
                below = np.flatnonzero(z < 0)
                count = "1 step," if len(below) and below[0] == 1 else f"{(*below, 0)[0]} steps,"
                says = f"below ½ after {count}" if len(below) else "above ½ for all 300"
                assert says in part
                assert f"at last {sigma(z[-1]):.2f}" in part


def test_the_question_has_the_answer_of_the_slopes():
    pulls = [sigma(z) ** 2 * (1 - sigma(z)) for z in (1.5, 4.0)]
    assert pulls[0] / pulls[1] == pytest.approx(7, abs=0.1)
    assert LESSON.question["choices"][LESSON.question["answer"]].endswith("less wrong")


def line_of(book, state):
    """Return the line of code that a reader copies in this state."""
    pieces = []
    for piece in book.code:
        pieces.append(piece if isinstance(piece, str) else piece["texts"][state[piece["control"]]])
    return "".join(pieces)


def test_the_copied_lines_give_the_figures_numbers():
    names = {"np": np, "activations": activations, "network": network}
    state = (12, 4)
    np.testing.assert_allclose(
        eval(line_of(NUDGE, state), names), at(NUDGED["soft"], "y", state), atol=1e-12
    )
    state = (3, 14)
    cost = eval(line_of(LESSON, state), names)
    steps = at(LESSONS["cost squared"], "x", state).astype(int)
    np.testing.assert_allclose(
        (cost / cost[0])[steps], at(LESSONS["cost squared"], "y", state), atol=1e-9
    )


def test_the_figures_stay_small():
    assert NUDGE.size() < 120_000
    assert LESSON.size() < 180_000


# Static pictures ----------------------------------------------------------------------------------


def test_shares_draw_every_flower_and_the_curve_given(ax):
    draw.shares(LENGTH, Y, EDGES, ax, curve=(np.array([3.0, 7.0]), np.array([0.1, 0.9])))
    down, up, squares, curve = ax.lines
    assert len(down.get_xdata()) == len(up.get_xdata()) == 50
    assert np.all(down.get_ydata() < 0) and np.all(up.get_ydata() > 1)
    assert len({*zip(*down.get_data(), strict=True)}) == 50  # no flower hides another
    np.testing.assert_allclose(squares.get_ydata(), experiments.share_of_ones(LENGTH, Y, EDGES)[1])
    assert curve.get_ydata().tolist() == [0.1, 0.9]


def test_slope_draws_tangents(ax):
    draw.slope(ax)
    tangents = [line for line in ax.lines if len(line.get_xdata()) == 2]
    assert len(tangents) == 3
    for line in tangents:
        (x0, x1), (y0, y1) = line.get_data()
        middle = (x0 + x1) / 2
        assert (y0 + y1) / 2 == pytest.approx(sigma(middle))
        assert (y1 - y0) / (x1 - x0) == pytest.approx(sigma(middle) * (1 - sigma(middle)))


def test_chain_shows_the_numbers_of_the_sample(ax):
    draw.chain(2.0, 0.5, -0.3, 1.0, ax)
    text = " ".join(t.get_text() for t in ax.texts)
    a = sigma(0.7)
    for value in (0.7, a, (a - 1) ** 2 / 2, a * (1 - a), a - 1):
        assert f"{value:.3f}".replace("-", "\N{MINUS SIGN}") in text


def test_the_other_pictures_draw_what_they_are_given(ax):
    trips = data.commute()
    draw.an_hour_at_most(trips, lambda km: 0 * km + 50.0, lambda km: 3 * km, ax)
    assert ax.lines[0].get_ydata().tolist() == trips.minutes.tolist()
    assert ax.lines[1].get_ydata()[-1] == 60 and ax.lines[2].get_ydata()[-1] == 50
    assert set(ax.lines[3].get_ydata()) == {60}
    figure, axes = plt.subplots(1, 4)
    draw.steps_to_leave([1.0, 2.0], [[24, 52], [6, 10]], axes[0])
    assert [line.get_ydata().tolist() for line in axes[0].lines] == [[24, 52], [6, 10]]
    draw.two_losses(axes[1])
    z, squared = axes[1].lines[0].get_data()
    entropy = axes[1].lines[1].get_ydata()
    for k in range(0, len(z), 40):
        assert squared[k] == pytest.approx(sigma(z[k]) ** 2 / 2)
        assert entropy[k] == pytest.approx(-math.log(1 - sigma(z[k])))
    draw.staircase(np.array([0, 1]), np.array([0.5, 0.9]), np.array([2.0, 1.0]), axes[2:])
    assert axes[2].lines[0].get_ydata().tolist() == [0.5, 0.9]
    assert axes[3].lines[0].get_ydata().tolist() == [2.0, 1.0]
    plt.close(figure)


def test_three_species_colours_each_region_by_its_winner(ax):
    features = np.array([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]])
    W, b = np.array([[-4.0, -4.0], [0.0, 0.0], [4.0, 4.0]]), np.array([0.0, 5.0, 0.0])
    net = network.Network([(W, b)], "softmax", "categorical_cross_entropy")
    draw.three_species(features, np.arange(3), "abc", net, 2.0, 1.0, ax)
    winner = ax.collections[0].get_array().reshape(201, 201)
    assert winner[0, 0] == 0 and winner[100, 100] == 1 and winner[-1, -1] == 2


# Exercises ----------------------------------------------------------------------------------------


def entropy(z, y):
    return np.mean(np.logaddexp(0, (1 - 2 * y) * z))


def naive_entropy(z, y):
    a = 1 / (1 + np.exp(-z))
    with np.errstate(all="ignore"):
        return -np.mean(y * np.log(a) + (1 - y) * np.log(1 - a))


def warning_entropy(z, y):
    a = 1 / (1 + np.exp(z))  # warns at 1000
    return entropy(z, y) + 0 * np.sum(a)


def count_loss(z, y):
    return np.mean(np.exp(z) - y * z), (np.exp(z) - y) / len(y)


def other_pair(loss=lambda C: C, slope=lambda g: g):
    def answer(z, y):
        C, g = count_loss(z, y)
        return loss(C), slope(g)

    return answer


RIGHT = {"8.1": 0.162, "8.2": "b", "8.3": 555, "8.4": entropy, "8.5": "d", "8.6": count_loss}

WRONG = [
    ("8.1", 0.081, "x is 2"),
    ("8.1", 1.8, "cross-entropy"),
    ("8.1", 0.9, "first of three"),
    ("8.1", 0.18, "is a link too"),
    ("8.1", -0.162, "positive"),
    ("8.1", 0.324, "cancels"),
    ("8.1", 7, "Hint 1"),
    ("8.2", "a", "bounded"),
    ("8.2", "c", "near 25"),
    ("8.2", "d", "too low"),
    ("8.3", 20, "cross-entropy"),
    ("8.3", 232, "z = 4"),
    ("8.3", 554, "One step more"),
    ("8.3", 556, "One too many"),
    ("8.3", 1108, "both move"),
    ("8.3", 12, "Hint 1"),
    ("8.4", naive_entropy, "overflowed"),
    ("8.4", warning_entropy, "warned"),
    ("8.4", lambda z, y: len(y) * entropy(z, y), "sum over the samples"),
    ("8.4", lambda z, y: -entropy(z, y), "sign"),
    ("8.4", lambda z, y: entropy(-z, y), "other class"),
    ("8.4", lambda z, y: np.logaddexp(0, z) - y * z, "the mean"),
    ("8.4", lambda z, y: entropy(z, y) + 1e-6, "instead of"),
    ("8.5", "a", "has neither"),
    ("8.5", "b", "wrong side"),
    ("8.5", "c", "every answer better"),
    ("8.6", lambda z, y: np.mean(np.exp(z) - y * z), "a pair"),
    ("8.6", other_pair(slope=np.sum), "one for each z"),
    ("8.6", other_pair(loss=lambda C: 7 * C), "take the mean"),
    ("8.6", other_pair(loss=lambda C: -C), "sign"),
    ("8.6", other_pair(loss=np.square), "mu = exp(z)"),
    ("8.6", other_pair(slope=lambda g: 7 * g), "lack the 1/n"),
    ("8.6", other_pair(slope=lambda g: -g), "its slopes are not"),
    ("8.6", other_pair(loss=lambda C: C + 1), "ln y!"),
]


test_right_answer, test_wrong_answer, test_every_exercise = exercise_tests(exercises, RIGHT, WRONG)
