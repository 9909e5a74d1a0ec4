"""Chapter 7: its pictures show the runs they claim, its sentences on the perceptron hold."""

from fractions import Fraction
from itertools import product

import matplotlib.pyplot as plt
import numpy as np
import pytest
from exercise_tests import exercise_tests

from descent import data, linear, perceptron
from descent.exercises import chapter07 as exercises
from descent.experiments import chapter07 as experiments
from descent.figures import chapter07 as draw

CASES = np.array(list(product([0, 1], repeat=2)))
X = linear.design_matrix(CASES)


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


def labels(name):
    return data.logic_gate(name).labels


def loop(y, eta, updates):
    """The slow twin in exact arithmetic: the corrected cases and the weights.

    In floating point a tie may not be one: -0.03 + 0.02 + 0.01 is not 0.
    """
    eta, w, cases, rows = Fraction(str(eta)), [Fraction(0)] * 3, [], [[0.0] * 3]
    while True:
        clean = True
        for i in range(4):
            x = (1, i // 2, i % 2)
            if int(y[i]) * sum(a * b for a, b in zip(x, w, strict=True)) <= 0:
                if len(cases) == updates:
                    return cases, rows
                w = [a + eta * int(y[i]) * b for a, b in zip(w, x, strict=True)]
                cases.append(i)
                rows.append([float(a) for a in w])
                clean = False
        if clean:
            return cases, rows


# Claims of the text -------------------------------------------------------------------------------


def test_the_evenings_that_pass_have_company_and_one_reason_more():
    wishes = np.array(list(product([0, 1], repeat=3)))
    goes = perceptron.gate((-6, 3, 5, 2), *wishes.T)
    weather, company, traffic = wishes.T
    np.testing.assert_array_equal(goes, company & (weather | traffic))
    keen = perceptron.gate((-4, 3, 5, 2), *wishes.T)
    np.testing.assert_array_equal(keen, company | (weather & traffic))


def test_circuits_of_and_and_or_never_fall():
    """A rising input never turns the output of AND or OR off, nor that of any circuit of them."""
    rng = np.random.default_rng(0)
    inputs = np.array(list(product([0, 1], repeat=4)))
    below = np.all(inputs[:, None] <= inputs, axis=-1)
    for _ in range(50):
        wires = list(inputs.T)
        for _ in range(8):
            p, q = rng.integers(len(wires), size=2)
            kind = (perceptron.AND, perceptron.OR)[rng.integers(2)]
            wires.append(perceptron.gate(kind, wires[p], wires[q]))
        out = wires[-1]
        assert not np.any(below & (out[:, None] > out))


def test_nand_builds_every_table_as_the_proof_says():
    def nand(p, q):
        return perceptron.gate(perceptron.NAND, p, q)

    def no(p):
        return nand(p, p)

    def both(p, q):
        return no(nand(p, q))

    def either(p, q):
        return nand(no(p), no(q))

    inputs = np.array(list(product([0, 1], repeat=3)))
    for table in product([0, 1], repeat=8):
        out = both(inputs[:, 0], no(inputs[:, 0]))
        for row in inputs[np.array(table) == 1]:
            here = [x if on else no(x) for x, on in zip(inputs.T, row, strict=True)]
            out = either(out, both(both(here[0], here[1]), here[2]))
        assert out.tolist() == list(table)


def test_an_update_raises_its_margin_and_lowers_those_of_the_other_label():
    for name in experiments.GATES:
        y = labels(name)
        for eta in (0.1, 1.0, 3.0):
            run = perceptron.fit(X, y, eta=eta, max_epochs=5)
            margins = y * (run.path @ X.T)
            for k, i in enumerate(run.sample):
                change = margins[k + 1] - margins[k]
                features = X[i, 1:]
                assert change[i] == pytest.approx(eta * (features @ features + 1))
                assert np.all(change[y != y[i]] < 0)


def test_both_inequalities_of_the_proof_hold_at_every_update():
    for seed in range(30):
        rng = np.random.default_rng(seed)
        clouds = data.separable_clouds(40, margin=0.1, n_features=1 + seed % 4, rng=rng)
        Z, eta = linear.design_matrix(clouds.features), rng.uniform(0.1, 5)
        bound = perceptron.mistake_bound(Z, clouds.labels, clouds.separator)
        u = clouds.separator / np.linalg.norm(clouds.separator)
        for tie in ("wrong", "negative"):
            path = perceptron.fit(Z, clouds.labels, eta=eta, tie=tie, max_epochs=1000).path
            t = np.arange(len(path))
            assert np.all(path @ u >= t * eta * bound.margin - 1e-9)
            assert np.all(np.linalg.norm(path, axis=1) <= np.sqrt(t) * eta * bound.radius + 1e-9)


@pytest.mark.parametrize(
    ("name", "shares", "bound"),
    [("AND", (0, 5, 5, 7), 51), ("OR", (5, 2, 2, 0), 27), ("NAND", (0, 5, 5, 7), 51)],
)
def test_the_separators_have_the_widest_margin(name, shares, bound):
    shares = np.array(shares) / sum(shares)
    mixture = (shares * labels(name)) @ X
    widest = perceptron.mistake_bound(X, labels(name), experiments.WIDEST[name])
    assert np.linalg.norm(mixture) == pytest.approx(widest.margin)
    assert widest.mistakes == pytest.approx(bound)


def test_no_weights_of_a_fine_grid_compute_xor():
    grid = np.array(list(product(np.linspace(-3, 3, 25), repeat=3)))
    right = (perceptron.predict(X, grid) == labels("XOR")).sum(axis=1)
    assert right.max() == 3


def test_xor_is_back_at_zero_after_every_epoch():
    run = perceptron.fit(X, labels("XOR"), max_epochs=7)
    np.testing.assert_array_equal(run.sample, [0, 1, 2, 3] * 7)
    np.testing.assert_array_equal(run.path[::4], 0)


def test_versicolor_and_virginica_cannot_be_separated():
    """One versicolor is a mixture of five virginicas, in whole millimetres."""
    flowers = data.iris_pair("versicolor", "virginica")
    Z = linear.design_matrix(np.round(10 * flowers.features))
    shares = np.array([483, 67, 370, 266, 75])
    assert flowers.labels[33] == -1
    np.testing.assert_array_equal(flowers.labels[[56, 69, 79, 83, 84]], 1)
    np.testing.assert_array_equal(shares @ Z[[56, 69, 79, 83, 84]], 1261 * Z[33])


# The figure that steps through the updates --------------------------------------------------------

BOOK = draw.every_update()
NAMES = (
    *("off", "on", "ring", "old", "new", "stroke", "plus", "note", "lengths", "along"),
    *("floor", "roof", "end", "roof name", "floor name"),
)
MOVES = dict(zip(NAMES, BOOK.moves, strict=True))


def at(name, axis, state):
    values = getattr(MOVES[name], axis)
    return values[tuple(min(k, n - 1) for k, n in zip(state, values.shape, strict=False))]


@pytest.mark.parametrize("gate", experiments.GATES)
def test_the_figure_walks_as_the_slow_loop(gate):
    g, y = experiments.GATES.index(gate), labels(gate)
    cases, rows = loop(y, 1.0, experiments.UPDATES)
    for k in range(experiments.UPDATES + 1):
        w = np.array(rows[min(k, len(cases))])
        state = (g, k, 0)
        ring = at("ring", "x", state)[0], at("ring", "y", state)[0]
        if 1 <= k <= len(cases):
            assert ring == tuple(CASES[cases[k - 1]])
            assert at("lengths", "y", state)[k] == pytest.approx(np.linalg.norm(w))
        else:
            assert np.isnan(ring).all()
        ends = np.stack([at("new", "x", state), at("new", "y", state)], axis=-1)
        if w[1:].any():
            np.testing.assert_allclose(w[0] + ends @ w[1:], 0, atol=1e-9)
        else:
            assert np.isnan(ends).all()


def test_the_stroke_points_to_the_side_of_yes():
    for w in np.random.default_rng(1).standard_normal((40, 3)):
        foot, tip = draw._arrow(w)
        assert w[0] + w[1:] @ foot == pytest.approx(0, abs=1e-9)
        assert w[0] + w[1:] @ tip > 0


def test_points_of_the_race_stay_between_the_lines_that_meet_at_the_bound():
    for g, bound in enumerate((51, 27, 51)):
        state = (g, experiments.UPDATES, 0)
        t = np.arange(experiments.UPDATES + 1)
        length, along = at("lengths", "y", state), at("along", "y", state)
        shown = np.isfinite(length)
        gamma = np.sqrt(3 / bound)
        assert np.all(along[shown] >= gamma * t[shown] - 1e-9)
        assert np.all(along[shown] <= length[shown] + 1e-9)
        assert np.all(length[shown] <= np.sqrt(3 * t[shown]) + 1e-9)
        assert at("end", "x", state)[0] == pytest.approx(bound)
        below = at("floor", "y", state) <= at("roof", "y", state) + 1e-9
        np.testing.assert_array_equal(below, at("floor", "x", state) <= bound)
    assert np.isnan(at("floor", "y", (3, 0, 0))).all()


def test_the_readout_tells_the_truth():
    for g, gate in enumerate(experiments.GATES):
        y = labels(gate)
        for e, eta in enumerate(experiments.RATES):
            cases, rows = loop(y, eta, experiments.UPDATES)
            for k in range(1, len(cases) + 1):
                words = BOOK.readout[g, k, e].replace("\N{MINUS SIGN}", "-")
                i = cases[k - 1]
                before, after = (y[i] * (X[i] @ np.array(w)) for w in rows[k - 1 : k + 1])
                margin = words.split("the margin ")[1].split(". w")[0].split(", now ")
                np.testing.assert_allclose([float(m) for m in margin], [before, after], atol=1e-9)
                shown = [float(v) for v in words.split("w = (")[1].split(")")[0].split(", ")]
                np.testing.assert_allclose(shown, rows[k], rtol=1e-9, atol=1e-9)
                right = int(np.sum(perceptron.fit(X, y, max_epochs=9).path[k] @ X.T * y > 0))
                assert f"right: {right} of 4" in words
                assert ("Done" in words) == (gate != "XOR" and k == len(cases))
                assert ("circle closes" in words) == (gate == "XOR" and k % 4 == 0)
            if len(cases) < experiments.UPDATES:
                assert "nothing left" in BOOK.readout[g, len(cases) + 1, e]


def test_the_rate_moves_nothing_in_the_picture():
    """Only the sentence knows the rate: the moves' arrays have one entry along its axis."""
    for move in BOOK.moves:
        if move.kind != "text":
            assert move.x.shape[2] == move.y.shape[2] == 1 or np.all(
                np.nan_to_num(move.y) == np.nan_to_num(move.y[:, :, :1])
            )
    assert len(set(BOOK.readout[0, 5])) == len(experiments.RATES)


def test_an_update_can_leave_fewer_cases_right():
    path = perceptron.fit(X, labels("AND")).path
    right = np.sum(path @ X.T * labels("AND") > 0, axis=1)
    assert np.any(np.diff(right) < 0)


def test_the_copied_line_gives_the_path():
    texts = [control.texts for control in BOOK.controls]
    pieces = BOOK.code
    line = "".join(
        part if isinstance(part, str) else part["texts"][k]
        for part, k in zip(pieces, _states(pieces, (0, 7, 2)), strict=True)
    )
    path = eval(line, {"perceptron": perceptron, "linear": linear, "data": data})
    assert texts[0][0] in line
    np.testing.assert_allclose(path, loop(labels("AND"), 0.5, 7)[1])


def _states(pieces, state):
    """Return, piece by piece, the position of the control that a piece stands for."""
    names = [control.texts for control in BOOK.controls]
    return [None if isinstance(p, str) else state[names.index(p["texts"])] for p in pieces]


def test_the_figure_stays_small():
    assert BOOK.size() < 60_000


# Static pictures ----------------------------------------------------------------------------------


def test_evenings_fill_the_bars_above_the_threshold(ax):
    wishes = np.array(list(product([0, 1], repeat=3)))
    draw.evenings(wishes, wishes @ [3, 5, 2], 6, ax)
    filled = [bar for bar in ax.patches if bar.get_facecolor()[:3] != (1.0, 1.0, 1.0)]
    assert sorted(bar.get_width() for bar in filled) == [7, 8, 10]
    assert [t.get_text() for t in ax.get_yticklabels()][4] in ("company", "weather + traffic")


def test_gates_draw_lines_that_separate():
    figure, axes = plt.subplots(1, 3)
    weights = {"AND": perceptron.AND, "OR": perceptron.OR, "NAND": perceptron.NAND}
    draw.gates(weights, axes)
    for ax, (name, w) in zip(axes, weights.items(), strict=True):
        ends = np.column_stack(ax.lines[0].get_data())
        np.testing.assert_allclose(w[0] + ends @ np.array(w[1:]), 0, atol=1e-9)
        open_, filled = (c.get_offsets() for c in ax.collections[:2])
        assert (len(open_), len(filled)) == ((labels(name) < 0).sum(), (labels(name) > 0).sum())
    plt.close(figure)


def test_two_layers_put_01_and_10_on_one_point():
    figure, axes = plt.subplots(1, 2)
    draw.two_layers(axes)
    open_, filled = (c.get_offsets() for c in axes[1].collections[:2])
    assert filled.tolist() == [[1, 1]]
    assert sorted(open_.tolist()) == [[0, 1], [1, 0]]
    plt.close(figure)


def test_bounds_and_updates_are_drawn_as_given(ax):
    margins, made, most = np.array([0.1, 0.2]), np.array([9, 3]), np.array([200, 60])
    draw.bounds(margins, made, most, ax)
    assert ax.lines[0].get_ydata().tolist() == [200, 60]
    assert ax.lines[1].get_ydata().tolist() == [9, 3]
    figure, other = plt.subplots()
    draw.updates_by_epoch({"a": perceptron.fit(X, labels("AND")),
                           "x": perceptron.fit(X, labels("XOR"))}, other)  # fmt: skip
    assert other.lines[0].get_ydata().tolist() == [2, 3, 3, 2, 2, 3, 2, 1, 0]
    assert other.lines[1].get_ydata().tolist() == [4] * 100
    plt.close(figure)


# Exercises ----------------------------------------------------------------------------------------


def pocket(X, y, epochs):
    """The slow twin: sample by sample, a look at all of them after each update."""
    w = best = np.zeros(X.shape[1])
    fewest = np.sum(perceptron.predict(X, w) != y)
    for _ in range(epochs):
        for i in range(len(y)):
            if y[i] * (X[i] @ w) <= 0:
                w = w + y[i] * X[i]
                errors = np.sum(perceptron.predict(X, w) != y)
                if errors < fewest:
                    best, fewest = w, errors
    return best


def add(a, b, c, nand):
    m = nand(a, b)
    s = nand(nand(a, m), nand(b, m))
    r = nand(s, c)
    return nand(nand(s, r), nand(c, r)), nand(m, r)


RIGHT = {"7.1": -5, "7.2": "c", "7.3": 5, "7.4": 9, "7.5": pocket, "7.6": add}

WRONG = [
    ("7.1", 5, "minus the threshold"),
    ("7.1", -7, "exactly 0"),
    ("7.1", -6, "still rise"),
    ("7.1", -4, "company alone"),
    ("7.1", 3, "Hint 1"),
    ("7.2", "a", "sign alone"),
    ("7.2", "b", "nothing is left"),
    ("7.2", "d", "does not move"),
    ("7.3", 4, "still a mistake"),
    ("7.3", 7, "3, not 2"),
    ("7.3", 3, "rate is 0.5"),
    ("7.4", 51, "inputs 0 and 1"),
    ("7.4", 3, "square"),
    ("7.5", lambda X, y, epochs: perceptron.fit(X, y, max_epochs=epochs).w, "as the last"),
    ("7.5", lambda X, y, epochs: np.zeros(X.shape[1]), "your weights make"),
    ("7.5", lambda X, y, epochs: 3.0, "one weight for each column"),
    ("7.5", lambda X, y, epochs: 2.5 * pocket(X, y, epochs) + 1e-3, "errors"),
    ("7.6", lambda a, b, c, nand: (a, b), "never called"),
    ("7.6", lambda a, b, c, nand: add(a, b, c, nand)[::-1], "other way round"),
    ("7.6", lambda a, b, c, nand: (nand(a, b), nand(b, c)), "it returns ones"),
    ("7.6", lambda a, b, c, nand: (nand(a, b), (a + b + c) // 2), "no arithmetic"),
    ("7.6", lambda a, b, c, nand: nand(a, b), "pair"),
]


test_right_answer, test_wrong_answer, test_every_exercise = exercise_tests(exercises, RIGHT, WRONG)


def test_the_adder_of_the_solution_takes_nine_gates():
    calls = []

    def nand(p, q):
        calls.append((p, q))
        return perceptron.gate(perceptron.NAND, p, q)

    add(1, 0, 1, nand)
    assert len(calls) == 9
