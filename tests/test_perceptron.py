"""Rosenblatt's rule against a loop, the gates' known runs and Novikoff's bound."""

from fractions import Fraction
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from descent import data
from descent import perceptron as pc
from descent.linear import design_matrix

# gate, tie -> epochs, updates, final weights (bias, w1, w2)
RUNS = {
    ("AND", "negative"): (6, 10, (-2, 2, 1)),
    ("OR", "negative"): (4, 4, (0, 1, 1)),
    ("NAND", "negative"): (6, 11, (3, -2, -1)),
    ("AND", "wrong"): (9, 18, (-4, 3, 2)),
    ("OR", "wrong"): (6, 9, (-1, 2, 2)),
    ("NAND", "wrong"): (9, 18, (4, -3, -2)),
}
SEPARATORS = {"AND": ((-3, 2, 2), 51), "OR": ((-1, 2, 2), 27), "NAND": ((3, -2, -2), 51)}


def gate(name, low=0):
    table = data.logic_gate(name, low=low)
    return design_matrix(table.features), table.labels


def twin(X, y, tie, max_epochs):
    """Sample by sample, as the rule is told."""
    u, epochs, samples, path = np.zeros(X.shape[1]), [], [], [np.zeros(X.shape[1])]
    for epoch in range(1, max_epochs + 1):
        clean = True
        for i in range(len(X)):
            score = X[i] @ u
            wrong = y[i] * score <= 0 if tie == "wrong" else (1 if score > 0 else -1) != y[i]
            if wrong:
                u = u + y[i] * X[i]
                clean = False
                epochs.append(epoch)
                samples.append(i)
                path.append(u)
        if clean:
            break
    return np.array(epochs, int), np.array(samples, int), np.array(path), clean


@pytest.mark.parametrize(("name", "tie"), RUNS)
def test_gates_train_as_the_reference_says(name, tie):
    epochs, updates, w = RUNS[name, tie]
    result = pc.fit(*gate(name), tie=tie)
    assert result.converged
    assert (result.epochs, len(result.sample)) == (epochs, updates)
    assert result.w.tolist() == list(w)
    np.testing.assert_array_equal(pc.predict(gate(name)[0], result.w), gate(name)[1])


def test_every_update_of_or_is_recorded():
    result = pc.fit(*gate("OR"), tie="negative")
    assert result.epoch.tolist() == [1, 2, 2, 3]
    assert result.sample.tolist() == [1, 0, 2, 0]
    assert result.path.tolist() == [[0, 0, 0], [1, 0, 1], [0, 0, 1], [1, 1, 1], [0, 1, 1]]


@pytest.mark.parametrize("tie", ["wrong", "negative"])
def test_xor_walks_in_a_circle(tie):
    result = pc.fit(*gate("XOR"), tie=tie, max_epochs=12)
    assert not result.converged
    assert result.epochs == 12
    last = [result.path[np.flatnonzero(result.epoch == e)[-1] + 1].tolist() for e in range(2, 13)]
    assert last == [[0, 0, 0] if tie == "wrong" else [1, -1, 0]] * 11


@pytest.mark.parametrize(
    ("name", "epochs", "updates", "w"),
    [("AND", 3, 3, (-1, 1, 1)), ("OR", 3, 3, (1, 1, 1)), ("NAND", 2, 1, (1, -1, -1))],
)
def test_inputs_of_minus_one_and_one_are_easier(name, epochs, updates, w):
    result = pc.fit(*gate(name, low=-1), tie="negative")
    assert (result.epochs, len(result.sample), result.w.tolist()) == (epochs, updates, list(w))


@pytest.mark.parametrize(
    ("name", "runs"),
    [
        ("AND", {(5, 10), (6, 10), (6, 12), (7, 12)}),
        ("OR", {(2, 2), (3, 2), (3, 4), (4, 4)}),
        ("NAND", {(6, 11), (6, 13), (7, 13), (7, 15), (8, 15)}),
    ],
)
def test_the_order_of_the_samples_matters(name, runs):
    X, y = gate(name)
    found = [pc.fit(X[list(o)], y[list(o)], tie="negative") for o in permutations(range(4))]
    assert {(run.epochs, len(run.sample)) for run in found} == runs


@pytest.mark.parametrize("tie", ["wrong", "negative"])
@pytest.mark.parametrize("n_samples", [7, 40, 700])
def test_blocks_take_the_same_steps_as_the_loop(n_samples, tie):
    clouds = data.separable_clouds(
        n_samples, margin=0.05, n_features=4, rng=np.random.default_rng(n_samples)
    )
    X = design_matrix(clouds.features)
    result = pc.fit(X, clouds.labels, tie=tie, max_epochs=500)
    epochs, samples, path, clean = twin(X, clouds.labels, tie, 500)
    np.testing.assert_array_equal(result.epoch, epochs)
    np.testing.assert_array_equal(result.sample, samples)
    np.testing.assert_array_equal(result.path, path)
    assert result.converged == clean


def test_a_lone_mistake_is_found_wherever_it_stands():
    """Blocks of any length leave no row out between them."""
    for place in range(300):
        X = np.tile([1.0, 0.0], (300, 1))
        X[place] = [0.0, 1.0]
        y = np.ones(300)
        y[place] = -1
        result = pc.fit(X, y, start=[1, 1], max_epochs=1)
        assert result.sample.tolist() == [place]


def test_blocks_take_the_same_steps_where_no_plane_separates():
    clouds = data.two_clouds(900, distance=1.5, n_features=3, rng=np.random.default_rng(2))
    X = design_matrix(clouds.features)
    result = pc.fit(X, clouds.labels, max_epochs=4)
    _, samples, path, _ = twin(X, clouds.labels, "wrong", 4)
    np.testing.assert_array_equal(result.sample, samples)
    np.testing.assert_array_equal(result.path, path)
    assert not result.converged
    assert result.epochs == 4


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 80), st.integers(1, 5), st.floats(0.02, 0.9))
def test_mistakes_stay_under_the_bound(seed, n_samples, n_features, margin):
    clouds = data.separable_clouds(
        n_samples, margin=margin, n_features=n_features, rng=np.random.default_rng(seed)
    )
    X = design_matrix(clouds.features)
    bound = pc.mistake_bound(X, clouds.labels, clouds.separator)
    result = pc.fit(X, clouds.labels, max_epochs=20_000)
    assert result.converged
    assert len(result.sample) <= bound.mistakes
    assert np.all(clouds.labels * (X @ result.w) > 0)


@pytest.mark.parametrize("name", SEPARATORS)
def test_bounds_of_the_gates(name):
    separator, expected = SEPARATORS[name]
    bound = pc.mistake_bound(*gate(name), separator)
    assert bound.mistakes == pytest.approx(expected)
    assert bound.radius == pytest.approx(np.sqrt(3))
    assert bound == pytest.approx(pc.mistake_bound(*gate(name), np.multiply(separator, 7)))
    assert (bound.radius / bound.margin) ** 2 == pytest.approx(bound.mistakes)


def test_a_bound_needs_a_separator():
    with pytest.raises(ValueError, match=r"sample 0 the margin 0"):
        pc.mistake_bound(*gate("OR"), (0, 1, 1))
    with pytest.raises(ValueError, match="separator has shape"):
        pc.mistake_bound(*gate("OR"), (1, 1))


@settings(deadline=None)
@given(st.floats(1e-6, 1e6))
def test_from_zero_the_rate_changes_nothing_but_the_scale(eta):
    for name, tie in RUNS:
        unit, scaled = pc.fit(*gate(name), tie=tie), pc.fit(*gate(name), eta=eta, tie=tie)
        np.testing.assert_array_equal(scaled.sample, unit.sample)
        np.testing.assert_allclose(scaled.path, eta * unit.path, rtol=1e-15)


def test_from_elsewhere_the_rate_matters():
    X, y = gate("AND")
    counts = {len(pc.fit(X, y, eta=eta, start=[0.5, -2, 1]).sample) for eta in (0.1, 0.5, 1, 3)}
    assert len(counts) > 1


def test_one_update_raises_that_margin_and_may_spoil_others():
    X, y = gate("AND")
    result = pc.fit(X, y, tie="negative", eta=0.5)
    i, before, after = result.sample[0], result.path[0], result.path[1]
    assert y[i] * (X[i] @ after) - y[i] * (X[i] @ before) == pytest.approx(0.5 * (X[i] @ X[i]))
    errors = [(pc.predict(X, w) != y).sum() for w in (before, after)]
    assert errors == [1, 3]
    stubborn = pc.fit([[1, 1, 1]], [-1], eta=1, start=[0, 5, 5], max_epochs=1)
    assert stubborn.path @ [1, 1, 1] == pytest.approx([10, 7])


def test_a_start_that_is_right_is_kept():
    result = pc.fit(*gate("AND"), start=[-3, 2, 2])
    assert (result.epochs, len(result.sample), result.converged) == (1, 0, True)
    assert result.w.tolist() == [-3, 2, 2]


def test_without_the_record_the_answer_is_the_same():
    X, y = gate("NAND")
    full, brief = pc.fit(X, y), pc.fit(X, y, record=False)
    np.testing.assert_array_equal(brief.w, full.w)
    np.testing.assert_array_equal(brief.sample, full.sample)
    assert brief.path.shape == (1, 3)


def test_results_do_not_alias():
    result = pc.fit(*gate("AND"))
    result.w[:] = 9
    assert result.path[-1].tolist() == [-4, 3, 2]


def test_predict_answers_for_a_family_and_says_no_on_the_boundary():
    X, _ = gate("AND")
    answers = pc.predict(X, [[0, 0, 0], [-1.5, 1, 1], [np.nan, 0, 0]])
    assert answers.tolist() == [[-1] * 4, [-1, -1, -1, 1], [-1] * 4]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": [0, 0, 0, 1]}, r"y holds 0; it must be one of \(-1, 1\)"),
        ({"eta": 0}, "greater than 0"),
        ({"max_epochs": 0}, "at least 1"),
        ({"tie": "up"}, "must be one of 'wrong', 'negative'"),
        ({"start": [1.0]}, r"start has shape \(1,\)"),
    ],
)
def test_bad_input_is_named(change, message):
    X, y = gate("AND")
    with pytest.raises(ValueError, match=message):
        pc.fit(**({"X": X, "y": y} | change))


# Gates set by hand


def test_hand_set_gates():
    a, b = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    assert pc.gate(pc.AND, a, b).tolist() == [0, 0, 0, 1]
    assert pc.gate(pc.OR, a, b).tolist() == [0, 1, 1, 1]
    assert pc.gate(pc.NAND, a, b).tolist() == [1, 1, 1, 0]
    assert pc.xor(a, b).tolist() == [0, 1, 1, 0]
    assert pc.gate((0.5, -1), a).tolist() == [1, 1, 0, 0]
    assert pc.gate((-2.5, 1, 1, 1), 1, 1, [0, 1]).tolist() == [0, 1]


def test_nand_alone_makes_every_gate():
    a, b = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])

    def nand(p, q):
        return pc.gate(pc.NAND, p, q)

    assert nand(nand(a, b), nand(a, b)).tolist() == pc.gate(pc.AND, a, b).tolist()
    assert nand(nand(a, a), nand(b, b)).tolist() == pc.gate(pc.OR, a, b).tolist()
    middle = nand(a, b)
    assert nand(nand(a, middle), nand(b, middle)).tolist() == pc.xor(a, b).tolist()


def test_the_neuron_of_1943():
    every = np.array(list(product([0, 1], repeat=3)))
    for threshold in range(5):
        counts = every.sum(axis=1) >= threshold
        assert pc.mcculloch_pitts(every, threshold).tolist() == counts.astype(int).tolist()
    assert pc.mcculloch_pitts([[1, 1], [1, 1]], 1, inhibitory=[[0], [1]]).tolist() == [1, 0]
    assert pc.mcculloch_pitts([0], 0, inhibitory=[1]) == 0  # NOT


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pc.gate(pc.AND, 0.5, 1), r"must be one of \(0, 1\)"),
        (lambda: pc.gate(pc.AND, 1), r"must be \(k,\), with k = 2"),
        (lambda: pc.mcculloch_pitts([0, 2], 1), r"must be one of \(0, 1\)"),
        (lambda: pc.mcculloch_pitts(1, 1), r"shape \(\); it must be"),
        (lambda: pc.mcculloch_pitts([0, 1], -1), "at least 0"),
    ],
)
def test_signals_are_zero_or_one(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_tie_of_decimals_is_a_tie_whatever_its_rounding():
    """0.1 + 0.2 - 0.3 is not 0 in binary; the first mistakes are those of exact fractions."""
    rng = np.random.default_rng(4)
    for _ in range(300):
        tenths = rng.integers(-5, 6, (12, 3))
        y = np.where(rng.random(12) < 0.5, 1, -1)
        rows = [[Fraction(1), *(Fraction(int(t), 10) for t in row)] for row in tenths]
        w, mistakes = [Fraction(0)] * 4, []
        for i, row in enumerate(rows):
            if y[i] * sum(a * b for a, b in zip(w, row, strict=True)) <= 0:
                w = [a + int(y[i]) * b for a, b in zip(w, row, strict=True)]
                mistakes.append(i)
        run = pc.fit(design_matrix(tenths / 10), y, max_epochs=1)
        assert run.sample.tolist() == mistakes
