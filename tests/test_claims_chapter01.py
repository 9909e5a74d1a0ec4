"""Chapter 1: what it claims beyond the five trips' own numbers, by proof or over many worlds."""

import numpy as np
import pytest

from descent import blocks, data, linear

TRIPS = data.commute()
X, Y = linear.design_matrix(TRIPS.features), TRIPS.minutes
W = linear.normal_equation(X, Y)
E = Y - X @ W
RECIPE = np.linalg.pinv(X)
P = X @ RECIPE


def share_as_large(worlds, j):
    """The share of worlds of errors alone in which weight j looks as large as ours."""
    s = np.sqrt(np.sum((worlds - worlds @ P) ** 2, axis=1) / 2)
    ratio = np.abs(worlds @ RECIPE[j]) / s
    return np.mean(ratio >= abs(W[j]) / np.sqrt(E @ E / 2))


def test_a_semi_definite_hessian_alone_promises_no_minimum():
    """f(w) = w has the second derivative 0, and with dependent columns H has it along v."""
    flags = np.column_stack([X, 1 - TRIPS.weekday])
    v = np.array([1.0, 0, -1, -1])
    assert v @ flags.T @ flags @ v == 0
    linear_part = linear.gradient(flags, Y, np.zeros(4)) @ v
    assert abs(linear_part) < 1e-12  # so least squares is never like f: level along v


def test_the_gradient_is_zero_somewhere_with_dependent_columns_too():
    """Fit with independent columns and give the one left out the weight 0."""
    flags = np.column_stack([X, 1 - TRIPS.weekday])
    gradient = linear.gradient(flags, Y, np.append(W, 0.0))
    np.testing.assert_allclose(gradient, 0, atol=1e-12)


def test_the_hat_matrix_is_symmetric_and_its_complement_a_projection():
    np.testing.assert_allclose(P, P.T, atol=1e-12)
    rest = np.eye(5) - P
    np.testing.assert_allclose(rest.T @ rest, rest, atol=1e-12)


@pytest.mark.full
@pytest.mark.parametrize("name", ["normal", "uniform", "laplace", "standard_t", "exponential"])
def test_errors_of_other_shapes_make_the_weights_look_as_large_about_as_often(name):
    """About one world in twenty for the distance, two in three for the weekday."""
    rng = np.random.default_rng(2)
    size = (100_000, 5)
    worlds = {
        "normal": lambda: rng.standard_normal(size),
        "uniform": lambda: rng.uniform(-1, 1, size),
        "laplace": lambda: rng.laplace(size=size),
        "standard_t": lambda: rng.standard_t(3, size=size),
        "exponential": lambda: rng.standard_exponential(size) - 1,
    }[name]()
    assert 0.03 < share_as_large(worlds, 1) < 0.07
    assert 0.6 < share_as_large(worlds, 2) < 0.75


def test_with_two_degrees_of_freedom_four_standard_errors_are_five_percent():
    """P(|t| > a) = 1 - a / sqrt(2 + a²) with a = 6.53 / 1.59."""
    a = W[1] / (np.sqrt(E @ E / 2) * np.linalg.norm(RECIPE[1]))
    assert a > 4
    np.testing.assert_allclose(1 - a / np.sqrt(2 + a * a), 0.0542, atol=5e-5)


@pytest.mark.full
def test_pure_chance_gives_an_r_squared_of_one_half_on_average():
    y = np.random.default_rng(0).standard_normal((100_000, 5))
    left = np.sum((y - y @ P) ** 2, axis=1)
    total = np.sum((y - y.mean(axis=1, keepdims=True)) ** 2, axis=1)
    np.testing.assert_allclose(np.mean(1 - left / total), 0.5, atol=0.005)


def test_an_error_grows_by_the_condition_number_at_most_and_can():
    rng = np.random.default_rng(4)
    A = rng.standard_normal((6, 6))
    U, s, Vt = np.linalg.svd(A)
    w, kappa = rng.standard_normal((1000, 6)), s[0] / s[-1]
    b, error = w @ A.T, rng.standard_normal((1000, 6))
    moved = np.linalg.solve(A, error.T).T
    length = lambda v: np.linalg.norm(v, axis=-1)  # noqa: E731
    assert np.all(length(moved) / length(w) <= kappa * length(error) / length(b))
    worst = np.linalg.solve(A, U[:, -1])  # an error along the last u, a solution along the first v
    np.testing.assert_allclose(length(worst) / length(Vt[0]), kappa / s[0] * 1, rtol=1e-9)


def test_the_decomposition_of_the_recall_box_is_one():
    """U from X v / sigma: its columns are at right angles, and U Sigma V' is X."""
    values, V = np.linalg.eigh(X.T @ X)
    U = X @ V / np.sqrt(values)
    np.testing.assert_allclose(U.T @ U, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(U * np.sqrt(values) @ V.T, X, atol=1e-12)


@pytest.mark.full
def test_two_hundred_thousand_trips_find_the_weekday_to_a_few_hundredths():
    def simulated(rng):
        for _ in range(200):
            km, weekday = rng.uniform(1, 10, 1000), rng.integers(2, size=1000)
            rows = linear.design_matrix(np.stack([km, weekday], axis=1))
            yield rows, rows @ W + 5 * rng.standard_normal(1000)

    off = [
        blocks.normal_equation(simulated(np.random.default_rng(seed))).w[2] - W[2]
        for seed in range(20)
    ]
    assert 0.01 < np.std(off) < 0.04
    assert np.abs(off).max() < 0.1
