"""Least squares in blocks, against numpy's solver on all rows at once."""

import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from test_linear import ill_conditioned

from descent import blocks, data, linear


def cut(X, y, *at):
    """Yield the rows in blocks that end at these rows and at the last one."""
    edges = [0, *at, len(X)]
    for first, last in pairwise(edges):
        yield X[first:last], y[first:last]


def simulated(n_blocks, rows, columns):
    """Yield blocks of a noisy linear law, made when they are asked for."""
    for k in range(n_blocks):
        rng = np.random.default_rng(k)
        X = rng.standard_normal((rows, columns))
        yield X, X @ np.arange(columns) + 0.1 * rng.standard_normal(rows)


def test_the_commutes_one_row_at_a_time():
    trips = data.commute()
    X, y = linear.design_matrix(trips.features), trips.minutes
    found = blocks.normal_equation(cut(X, y, 1, 2, 3, 4))
    w = linear.normal_equation(X, y)
    np.testing.assert_allclose(found.w, w, rtol=1e-12)
    np.testing.assert_allclose(found.cost, linear.cost(X, y, w), rtol=1e-12)
    assert found.n_samples == 5


def test_a_million_rows_from_a_generator():
    found = blocks.normal_equation(simulated(100, 10_000, 5))
    X, y = map(np.concatenate, zip(*simulated(100, 10_000, 5), strict=True))
    oracle, squares, *_ = np.linalg.lstsq(X, y, rcond=None)
    np.testing.assert_allclose(found.w, oracle, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(found.cost, squares[0] / 2 / len(y), rtol=1e-12)
    assert found.n_samples == 1_000_000


def test_memory_does_not_grow_with_the_blocks():
    def peak(n_blocks):
        tracemalloc.start()
        blocks.normal_equation(simulated(n_blocks, 2000, 5))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(1)  # what is loaded once is no part of it
    assert peak(100) < 2 * peak(5)  # together the blocks are twenty times as large


@pytest.mark.parametrize("power", [2, 6, 10])
def test_digits_at_a_condition_number(power):
    """As many as all rows at once leave; the sum of the blocks' X^T X leaves half of them."""
    X, y = ill_conditioned(power)
    error = np.abs(blocks.normal_equation(cut(X, y, 7, 8, 20)).w - 1).max()
    assert error < 10.0 ** (power - 14)
    gram = sum(A.T @ A for A, _ in cut(X, y, 7, 8, 20))
    moment = sum(A.T @ b for A, b in cut(X, y, 7, 8, 20))
    assert np.abs(np.linalg.solve(gram, moment) - 1).max() > 30 * error


def test_how_the_rows_are_cut_changes_nothing_but_the_last_digits():
    (X, y) = next(simulated(1, 500, 4))
    whole = blocks.normal_equation([(X, y)])
    for at in [(1,), (2, 3, 5), (250,), (499,), range(1, 500)]:
        found = blocks.normal_equation(cut(X, y, *at))
        np.testing.assert_allclose(found.w, whole.w, rtol=1e-11, atol=1e-13)
        np.testing.assert_allclose(found.cost, whole.cost, rtol=1e-11)


def test_as_many_rows_as_columns_leave_no_cost():
    X, y = np.array([[1.0, 2.0], [1.0, 3.0]]), np.array([5.0, 7.0])
    found = blocks.normal_equation(cut(X, y, 1))
    np.testing.assert_allclose(found.w, [1, 2], rtol=1e-14)
    assert found.cost == 0


def test_too_few_rows_and_dependent_columns_are_named():
    (X, y) = next(simulated(1, 50, 3))
    with pytest.raises(ValueError, match=r"X has 2 rows for 3 columns"):
        blocks.normal_equation(cut(X[:2], y[:2], 1))
    X = np.column_stack([X, X[:, 0] - 2 * X[:, 2]])
    with pytest.raises(ValueError, match=r"columns 0, 2, 3 of X depend .*rank 3 of 4"):
        blocks.normal_equation(cut(X, y, 10, 30))


@pytest.mark.parametrize("scale", [1e-200, 1e-3, 1e200])
def test_units_do_not_matter(scale):
    (X, y) = next(simulated(1, 60, 3))
    w = blocks.normal_equation(cut(X, y, 20)).w
    scaled = X * [1.0, scale, 1.0]
    np.testing.assert_allclose(
        blocks.normal_equation(cut(scaled, y, 20)).w, w / [1, scale, 1], rtol=1e-10, atol=1e-12
    )


def test_inputs_stay_as_they_are():
    (X, y) = next(simulated(1, 20, 3))
    X.flags.writeable = y.flags.writeable = False
    blocks.normal_equation(cut(X, y, 5))
