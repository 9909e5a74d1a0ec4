"""Chapter 7: its claims about the rule, over many orders and clouds."""

import numpy as np
import pytest

from descent import data, linear, margin, perceptron

AND = data.logic_gate("AND")
X = linear.design_matrix(AND.features)


def lines(seed, orders=20, gap=0.2):
    """Return a separable cloud, and the weights at which the rule ends in each of many orders."""
    clouds = data.separable_clouds(100, margin=gap, rng=np.random.default_rng(seed))
    Z = linear.design_matrix(clouds.features)
    shuffle = np.random.default_rng(seed + 1000).permutation
    fits = []
    for _ in range(orders):
        order = shuffle(100)
        fits.append(perceptron.fit(Z[order], clouds.labels[order]).w)
    return Z, clouds, fits


@pytest.mark.full
def test_the_line_at_which_the_rule_stops_depends_on_the_order_and_may_be_narrow():
    spread = []
    for seed in range(20):
        Z, clouds, fits = lines(seed)
        room = [perceptron.mistake_bound(Z, clouds.labels, w).margin for w in fits]
        known = perceptron.mistake_bound(Z, clouds.labels, clouds.separator).margin
        spread.append(min(room) < known / 2)
        assert len({round(r, 9) for r in room}) > 5
    assert sum(spread) >= 18


def test_the_hinge_without_a_penalty_does_not_prefer_the_wide_line():
    """Scaled to a least margin of 1, the narrowest line costs exactly as little as the widest."""
    Z, clouds, fits = lines(3)
    for w in (*fits, clouds.separator):
        m = margin.margin(Z, clouds.labels, w)
        scaled = m / m.min()
        assert np.all(margin.hinge(scaled * (1 + 1e-12)) == 0)
        assert np.all(margin.squared_hinge(scaled * (1 + 1e-12)) == 0)


def test_the_shortest_weights_with_margins_of_one_leave_the_most_room():
    Z, clouds, fits = lines(3)
    for w in fits:
        m = margin.margin(Z, clouds.labels, w)
        nearest = m.min() / np.linalg.norm(w[1:])  # distance of a point from the line
        assert 1 / np.linalg.norm(w[1:] / m.min()) == pytest.approx(nearest)


@pytest.mark.full
def test_no_order_breaks_the_bound():
    for seed in range(200):
        order = np.random.default_rng(seed).permutation(4)
        for name, most in (("AND", 51), ("OR", 27), ("NAND", 51)):
            labels = data.logic_gate(name).labels
            for tie in ("wrong", "negative"):
                run = perceptron.fit(X[order], labels[order], tie=tie)
                assert run.converged and len(run.sample) <= most


def test_content_with_a_tie_the_rule_leaves_the_case_00_of_or_on_the_line():
    run = perceptron.fit(X, data.logic_gate("OR").labels, tie="negative")
    assert X[0] @ run.w == 0


@pytest.mark.full
def test_without_the_bias_the_test_never_corrects_the_case_00_and_fails_from_small_starts():
    for start in 0.01 * np.random.default_rng(1).standard_normal((500, 3)):
        w = start
        for _ in range(60):
            for x, y in zip(X, AND.labels, strict=True):
                if y * (x[1:] @ w[1:]) < 0:
                    assert x[1:].any()
                    w = w + y * x
        assert np.any(perceptron.predict(X, w) != AND.labels)


def test_most_of_what_signs_gain_comes_from_the_centre():
    signs = data.logic_gate("AND", low=-1)
    at = [
        perceptron.mistake_bound(linear.design_matrix(F), signs.labels, w).mistakes
        for F, w in (
            (AND.features, (-3, 2, 2)),
            (signs.features / 2, (-1, 2, 2)),
            (signs.features, (-1, 1, 1)),
        )
    ]
    np.testing.assert_allclose(at, [51, 13.5, 9])
    # (-1, 2, 2)/3 is the widest for -1/2 and +1/2: a mixture of the samples is as short
    mixture = (
        np.array([0, 2.5, 2.5, 4])
        / 9
        @ (signs.labels[:, None] * linear.design_matrix(signs.features / 2))
    )
    assert np.linalg.norm(mixture) == pytest.approx(1 / 3)


def test_the_errors_of_the_last_weights_wander():
    flowers = data.iris_pair("versicolor", "virginica")
    Z = linear.design_matrix(np.round(10 * flowers.features))
    path = perceptron.fit(Z, flowers.labels, max_epochs=1000).path[-500:]
    errors = np.sum(perceptron.predict(Z, path) != flowers.labels, axis=1)
    assert (errors.min(), errors.max(), errors[-1]) == (3, 30, 5)
