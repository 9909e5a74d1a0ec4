"""Least squares against exact fractions, slow loops, finite differences and numpy.linalg.lstsq."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from descent import data, linear


def frozen(array):
    """Return a copy that cannot be written to: the core must leave its input alone."""
    copy = np.array(array, dtype=float)
    copy.flags.writeable = False
    return copy


@pytest.fixture
def commute():
    trips = data.commute()
    return frozen(linear.design_matrix(trips.features)), frozen(trips.minutes)


@pytest.fixture
def problem():
    """A tall problem with four columns and a family of weights of shape (2, 3, 4)."""
    rng = np.random.default_rng(7)
    X = linear.design_matrix(rng.standard_normal((12, 3)))
    return frozen(X), frozen(rng.standard_normal(12)), frozen(rng.standard_normal((2, 3, 4)))


# Exact oracle -------------------------------------------------------------------------------------

DISTANCE = [Fraction(27, 10), Fraction(41, 10), Fraction(1), Fraction(52, 10), Fraction(28, 10)]
EXACT_X = [[Fraction(1), d, Fraction(k)] for d, k in zip(DISTANCE, [1, 1, 0, 1, 0], strict=True)]
EXACT_Y = [Fraction(y) for y in (25, 33, 15, 45, 22)]


def eliminate(A, b):
    """Solve A x = b in fractions by Gauss-Jordan elimination."""
    rows = [[*row, right] for row, right in zip(A, b, strict=True)]
    for k in range(len(rows)):
        pivot = next(i for i in range(k, len(rows)) if rows[i][k])
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [entry / rows[k][k] for entry in rows[k]]
        for i in range(len(rows)):
            if i != k:
                rows[i] = [a - rows[i][k] * b for a, b in zip(rows[i], rows[k], strict=True)]
    return [row[-1] for row in rows]


def exact_ridge(lam, held):
    """Solve (X^T X / n + lam P) w = X^T y / n for the commutes in fractions; P = diag(held)."""
    n, columns = len(EXACT_X), range(3)
    A = [[sum(r[i] * r[j] for r in EXACT_X) / n for j in columns] for i in columns]
    for i in columns:
        A[i][i] += lam * held[i]
    return eliminate(
        A, [sum(r[i] * y for r, y in zip(EXACT_X, EXACT_Y, strict=True)) / n for i in columns]
    )


def test_the_oracle_itself():
    w = exact_ridge(Fraction(0), [0, 0, 0])
    assert w == [Fraction(2897, 476), Fraction(1555, 238), Fraction(431, 204)]


# The commutes -------------------------------------------------------------------------------------


def test_normal_equation_is_exact_on_the_commutes(commute):
    X, y = commute
    w = linear.normal_equation(X, y)
    exact = [float(v) for v in exact_ridge(Fraction(0), [0, 0, 0])]
    np.testing.assert_allclose(w, exact, rtol=1e-12)
    fitted = [
        Fraction(n, d)
        for n, d in ((36899, 1428), (49961, 1428), (6007, 476), (15056, 357), (11605, 476))
    ]
    np.testing.assert_allclose(linear.predict(X, w), [float(v) for v in fitted], rtol=1e-12)
    assert linear.cost(X, y, w) == pytest.approx(34231 / 14280, rel=1e-12)
    assert linear.cost(X, y, np.zeros(3)) == 444.8
    np.testing.assert_allclose(linear.gradient(X, y, w), 0, atol=1e-12)


def test_gradient_at_zero_of_the_commutes(commute):
    X, y = commute
    g = linear.gradient(X, y, np.zeros(3))
    np.testing.assert_allclose(g, [-28, -102.68, -20.6], rtol=1e-14)
    assert np.linalg.norm(g) == pytest.approx(108.40453127060694, rel=1e-14)


@pytest.mark.parametrize("lam", ["1/100", "1/10", "1", "10"])
@pytest.mark.parametrize("penalize_intercept", [False, True])
def test_ridge_is_exact_on_the_commutes(commute, lam, penalize_intercept):
    exact = exact_ridge(Fraction(lam), [int(penalize_intercept), 1, 1])
    w = linear.ridge(*commute, float(Fraction(lam)), penalize_intercept=penalize_intercept)
    np.testing.assert_allclose(w, [float(v) for v in exact], rtol=1e-12)


# From the reference values, section 3.4.
ALL_HELD = {
    0.01: (5.818643179416951, 6.623965303017466, 1.9857333854228048),
    0.1: (4.435171061233369, 7.022771845718025, 1.548921333623888),
    1: (2.4442840721502455, 7.051502553952793, 1.3811396420144697),
    10: (1.2350198552307872, 4.394849389442641, 0.8784292030376596),
}
INTERCEPT_FREE = {
    0.01: (6.181007152984649, 6.510968440840517, 2.0738876232655272),
    0.1: (7.025543665861235, 6.284086986537797, 1.8612357611322141),
    1: (13.006990755645491, 4.510877063882629, 1.2310628708089981),
    10: (24.117353124454105, 1.1691509859492764, 0.3135495999103092),
}
COSTS = {  # lam: C with everything held, C with the intercept free
    0.01: (2.4031796520763686, 2.3982689862700726),
    0.1: (2.6351476453850586, 2.4989370587858883),
    1: (5.52726375495413, 7.501989553222813),
    10: (84.7722682642559, 36.57714686218013),
}


@pytest.mark.parametrize("lam", ALL_HELD)
def test_ridge_meets_the_reference_values(commute, lam):
    X, y = commute
    held, free = linear.ridge(X, y, lam, True), linear.ridge(X, y, lam)
    np.testing.assert_allclose(held, ALL_HELD[lam], rtol=1e-10)
    np.testing.assert_allclose(free, INTERCEPT_FREE[lam], rtol=1e-10)
    np.testing.assert_allclose(linear.cost(X, y, np.stack([held, free])), COSTS[lam], rtol=1e-10)
    assert abs(np.sum(y - X @ free)) < 1e-10  # a free intercept leaves no sum of residuals


def test_ridge_on_a_singular_design(commute):
    X, y = commute
    singular = frozen(np.column_stack([X, 1 - X[:, 2]]))
    w = linear.ridge(singular, y, 0.1, penalize_intercept=True)
    expected = [3.5752305918523946, 7.017918908531902, 2.3026518063028583, 1.2725787855495938]
    np.testing.assert_allclose(w, expected, rtol=1e-10)
    free = linear.ridge(singular, y, 0.1)
    H, P = singular.T @ singular / 5, np.diag([0.0, 1, 1, 1])
    np.testing.assert_allclose(free, np.linalg.solve(H + 0.1 * P, singular.T @ y / 5), rtol=1e-10)


@pytest.mark.parametrize("solve", [linear.normal_equation, lambda X, y: linear.ridge(X, y, 0.0)])
def test_dependent_columns_are_named(commute, solve):
    X, y = commute
    with pytest.raises(ValueError, match=r"columns 0, 2, 3 of X depend .*rank 3 of 4.*ridge"):
        solve(np.column_stack([X, 1 - X[:, 2]]), y)


@pytest.mark.parametrize("solve", [linear.normal_equation, lambda X, y: linear.ridge(X, y, 0.0)])
def test_too_few_rows_are_named(solve):
    X = linear.design_matrix(np.eye(3)[:2])
    with pytest.raises(ValueError, match=r"X has 2 rows for 4 columns.*at least 4 rows.*ridge"):
        solve(X, [1.0, 2.0])


def test_an_innocent_column_is_not_named(commute):
    X, y = commute
    with pytest.raises(ValueError, match=r"columns 1, 3 of X"):
        linear.normal_equation(np.column_stack([X, 3 * X[:, 1]]), y)


def test_a_column_of_zeros_is_named():
    with pytest.raises(ValueError, match=r"column 1 of X is all zeros"):
        linear.normal_equation([[1.0, 0], [1, 0], [1, 0]], [1, 2, 3])


def almost_the_same_column_twice(ulps, n=1000):
    """Return X (n, 2) whose smallest singular value is `ulps` times eps of the largest."""
    eps = np.finfo(float).eps
    return np.column_stack([np.ones(n), 1 + 2 * ulps * eps * (-1.0) ** np.arange(n)])


def test_the_rank_is_cut_at_eps_times_the_number_of_rows():
    """As NumPy does: eps times 1000 here. A tenth of it is dependent, twice of it is not."""
    dependent, independent = map(almost_the_same_column_twice, (100, 2000))
    y = np.arange(1000.0)
    with pytest.raises(ValueError, match=r"columns 0, 1 of X depend .*rank 1 of 2"):
        linear.normal_equation(dependent, y)
    assert linear.spectrum(dependent).condition_number == np.inf
    w = linear.normal_equation(independent, y)
    np.testing.assert_allclose(w.sum(), y.mean(), rtol=1e-3)
    found = linear.spectrum(independent).condition_number
    assert found == pytest.approx((2000 * np.finfo(float).eps) ** -2, rel=0.01)


@pytest.mark.parametrize("unit", [1e-300, 1e-17, 1e-6, 1e6, 1e17, 1e300])
def test_the_unit_of_a_feature_changes_nothing_but_its_weight(unit):
    trips = data.commute()
    w = linear.normal_equation(linear.design_matrix(trips.distance * unit), trips.minutes)
    np.testing.assert_allclose(w * [1, unit], [14274 / 2513, 17750 / 2513], rtol=1e-12)


@pytest.mark.parametrize("lam", [1e20, 1e32, 1e60, 1e300])
def test_no_penalty_is_too_large(commute, lam):
    np.testing.assert_allclose(linear.ridge(*commute, lam), [28, 0, 0], atol=1e-12)
    np.testing.assert_allclose(linear.ridge(*commute, lam, True), 0, atol=1e-12)


# Shapes -------------------------------------------------------------------------------------------


def test_design_matrix_puts_ones_first():
    assert linear.design_matrix([3, 4]).tolist() == [[1, 3], [1, 4]]
    assert linear.design_matrix([[3, 5], [4, 6]]).tolist() == [[1, 3, 5], [1, 4, 6]]


def test_polynomial_features_against_a_loop():
    x = frozen([-1.5, 0.0, 0.5, 2.0])
    expected = [[v**k for k in range(5)] for v in x.tolist()]
    np.testing.assert_allclose(linear.polynomial_features(x, 4), expected, rtol=1e-15)
    assert linear.polynomial_features(x, 0).tolist() == [[1]] * 4
    tiny = linear.polynomial_features([1e-200], 3)  # what underflows is 0, and no warning
    assert tiny.tolist() == [[1, 1e-200, 0, 0]]


def test_a_power_too_large_is_named_where_it_is_fitted():
    X = linear.polynomial_features([1.0, 1e200], 2)
    assert X[1, 2] == np.inf
    with pytest.raises(ValueError, match=r"X\[1, 2\] is NaN or infinite"):
        linear.normal_equation(X, [1.0, 2.0])


POLYNOMIALS = {  # degree: weights and cost of time on distance, section 3.5
    0: ([28], 52.8),
    1: ([14274 / 2513, 17750 / 2513], 2.65077596498209312),
    2: (
        [1094378564 / 82257517, 219057770 / 246772551, 244604300 / 246772551],
        0.721169119007891603,
    ),
    3: (
        [9.05767095929208689, 7.06914136804526901, -1.35644638053495032, 0.255305537241282004],
        0.630076057304847332,
    ),
}


@pytest.mark.parametrize("degree", POLYNOMIALS)
def test_polynomials_meet_the_reference_values(degree):
    trips = data.commute()
    X = linear.polynomial_features(trips.distance, degree)
    w = linear.normal_equation(X, trips.minutes)
    weights, cost = POLYNOMIALS[degree]
    np.testing.assert_allclose(w, weights, rtol=1e-9)
    assert linear.cost(X, trips.minutes, w) == pytest.approx(cost, rel=1e-10)


def test_the_fourth_degree_goes_through_every_point():
    trips = data.commute()
    X = linear.polynomial_features(trips.distance, 4)
    w = linear.normal_equation(X, trips.minutes)
    expected = [-351.266258409522167, 655.800324297952381, -363.966633110371251]
    expected += [80.5929768453487619, -6.16040962340772587]
    np.testing.assert_allclose(w, expected, rtol=1e-8)
    assert linear.cost(X, trips.minutes, w) < 1e-18


# Cost and gradient --------------------------------------------------------------------------------


def slow_cost(X, y, w):
    total = 0.0
    for row, target in zip(X.tolist(), y.tolist(), strict=True):
        total += (sum(a * b for a, b in zip(row, w.tolist(), strict=True)) - target) ** 2
    return total / (2 * len(y))


def slow_gradient(X, y, w):
    g = [0.0] * X.shape[1]
    for row, target in zip(X.tolist(), y.tolist(), strict=True):
        error = sum(a * b for a, b in zip(row, w.tolist(), strict=True)) - target
        for j, x in enumerate(row):
            g[j] += error * x / len(y)
    return g


def test_cost_gradient_and_prediction_against_loops(problem):
    X, y, family = problem
    for index in np.ndindex(2, 3):
        w = family[index]
        assert linear.cost(X, y, w) == pytest.approx(slow_cost(X, y, w), rel=1e-13)
        np.testing.assert_allclose(linear.gradient(X, y, w), slow_gradient(X, y, w), rtol=1e-12)
        np.testing.assert_allclose(linear.predict(X, w), [r @ w for r in X], rtol=1e-12)


def test_a_family_is_its_members(problem):
    X, y, family = problem
    costs, slopes = linear.cost(X, y, family), linear.gradient(X, y, family)
    answers = linear.predict(X, family)
    assert costs.shape == (2, 3) and slopes.shape == (2, 3, 4) and answers.shape == (2, 3, 12)
    for index in np.ndindex(2, 3):
        np.testing.assert_allclose(costs[index], linear.cost(X, y, family[index]), rtol=1e-14)
        np.testing.assert_allclose(slopes[index], linear.gradient(X, y, family[index]), rtol=1e-13)
        np.testing.assert_allclose(answers[index], linear.predict(X, family[index]), rtol=1e-13)


def test_gradient_is_the_slope_of_the_cost(problem):
    X, y, family = problem
    w, h = family[0, 0], 1e-5
    steps = h * np.eye(4)
    # The cost is a parabola along every axis, so central differences have no error but rounding.
    slopes = (linear.cost(X, y, w + steps) - linear.cost(X, y, w - steps)) / (2 * h)
    np.testing.assert_allclose(linear.gradient(X, y, w), slopes, rtol=1e-8)


def test_least_squares_is_the_same_cost_and_gradient(problem):
    X, y, family = problem
    model = linear.LeastSquares(X, y)
    np.testing.assert_array_equal(model.cost(family), linear.cost(X, y, family))
    np.testing.assert_array_equal(model.gradient(family), linear.gradient(X, y, family))


def test_a_batch_is_the_problem_of_its_rows(problem):
    X, y, family = problem
    model = linear.LeastSquares(X, y)
    for batch in ([3], [0, 5, 11], [2, 2, 7], np.array([1, 0])):
        expected = linear.gradient(X[batch], y[batch], family)
        np.testing.assert_allclose(model.gradient(family, batch), expected, rtol=1e-13)


def test_least_squares_owns_its_data(problem):
    X, y, family = problem
    X, y = X.copy(), y.copy()
    model = linear.LeastSquares(X, y)
    before = model.cost(family)
    X[:], y[:] = 0, 0
    np.testing.assert_array_equal(model.cost(family), before)


def test_diverged_weights_stay_readable(problem):
    X, y, _ = problem
    lost = np.array([[np.nan] * 4, [1e300] * 4, [0.0] * 4, [np.inf, 0, 0, 0]])
    costs = linear.cost(X, y, lost)
    assert np.isnan(costs[0]) and costs[1] == np.inf and np.isfinite(costs[2])
    assert not np.isfinite(costs[3])
    slopes = linear.gradient(X, y, lost)
    assert np.isnan(slopes[0]).all() and np.isfinite(slopes[2]).all()
    assert np.isnan(linear.predict(X, lost)[0]).all()


def test_results_never_alias_their_input(problem):
    X, y, family = problem
    features = X[:, 1:].copy()
    results = [
        linear.design_matrix(features),
        linear.polynomial_features(y, 1),
        *linear.standardize(features),
        linear.predict(X, family),
        linear.gradient(X, y, family),
        linear.normal_equation(X, y),
        linear.ridge(X, y, 0.0),
        linear.hessian(X),
        linear.LeastSquares(X, y).X,
        linear.LeastSquares(X, y).y,
    ]
    for result in results:
        assert result.flags.writeable
        for given_array in (X, y, family, features):
            assert not np.shares_memory(result, given_array)


def test_lists_integers_and_float32_are_welcome():
    X, y = [[1, 2], [1, 3], [1, 5]], [1, 2, 4]
    w = linear.normal_equation(X, y)
    np.testing.assert_allclose(w, [-1, 1], rtol=1e-13)
    single = linear.normal_equation(np.array(X, np.float32), np.array(y, np.int8))
    assert single.dtype == float
    np.testing.assert_allclose(single, w, rtol=1e-13)


# The normal equation ------------------------------------------------------------------------------


@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(0, 20))
@settings(max_examples=60, deadline=None)
def test_normal_equation_agrees_with_lstsq(seed, columns, more_rows):
    rng = np.random.default_rng(seed)
    X = frozen(rng.standard_normal((columns + more_rows, columns)))
    y = frozen(rng.standard_normal(len(X)))
    w = linear.normal_equation(X, y)
    limit = 1e-14 * np.linalg.cond(X) ** 2 + 1e-12
    expected = np.linalg.lstsq(X, y, rcond=None)[0]
    np.testing.assert_allclose(w, expected, atol=limit * np.abs(expected).max())


@given(st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_no_neighbour_costs_less(seed):
    rng = np.random.default_rng(seed)
    X, y = linear.design_matrix(rng.standard_normal((9, 2))), rng.standard_normal(9)
    w = linear.normal_equation(X, y)
    neighbours = w + rng.standard_normal((50, 3)) * 10.0 ** rng.integers(-3, 2, (50, 1))
    assert np.all(linear.cost(X, y, neighbours) > linear.cost(X, y, w))


def ill_conditioned(power, n=30, columns=6):
    """Return X with condition number 10**power and a y that the weights of one explain exactly."""
    rng = np.random.default_rng(power)
    U, _ = np.linalg.qr(rng.standard_normal((n, columns)))
    V, _ = np.linalg.qr(rng.standard_normal((columns, columns)))
    X = U * np.logspace(0, -power, columns) @ V.T
    return X, X @ np.ones(columns)


@pytest.mark.parametrize("power", [2, 6, 10])
def test_digits_at_a_condition_number(power):
    X, y = ill_conditioned(power)
    error = np.abs(linear.normal_equation(X, y) - 1).max()
    Q, R = np.linalg.qr(X)
    by_qr = np.abs(np.linalg.solve(R, Q.T @ y) - 1).max()
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    by_svd = np.abs(Vt.T @ (U.T @ y / s) - 1).max()
    by_gram = np.abs(np.linalg.solve(X.T @ X, X.T @ y) - 1).max()
    bound = 10.0 ** (power - 14)  # eps times the condition number, with room for the size
    assert error < bound and by_qr < bound and by_svd < bound
    # The Gram form pays with the square: its digits are gone where the orthogonal ways keep six.
    assert by_gram > 30 * error
    if power == 10:
        assert error < 1e-4 < by_gram


# Ridge --------------------------------------------------------------------------------------------


def test_ridge_without_a_penalty_is_the_normal_equation(problem):
    X, y, _ = problem
    w = linear.normal_equation(X, y)
    np.testing.assert_allclose(linear.ridge(X, y, 0), w, rtol=1e-12)
    np.testing.assert_allclose(linear.ridge(X, y, 0, penalize_intercept=True), w, rtol=1e-12)


@pytest.mark.parametrize("lam", [1e-6, 1e-3, 0.3, 7.0])
def test_ridge_agrees_with_the_gram_form(problem, lam):
    X, y, _ = problem
    H, b = X.T @ X / len(y), X.T @ y / len(y)
    held = np.linalg.solve(H + lam * np.eye(4), b)
    np.testing.assert_allclose(linear.ridge(X, y, lam, True), held, rtol=1e-9)
    free = np.linalg.solve(H + lam * np.diag([0.0, 1, 1, 1]), b)
    np.testing.assert_allclose(linear.ridge(X, y, lam), free, rtol=1e-9)


def test_a_free_intercept_is_ridge_on_centred_data(problem):
    X, y, _ = problem
    features = X[:, 1:] - X[:, 1:].mean(axis=0)
    slopes = np.linalg.solve(
        features.T @ features / len(y) + 0.5 * np.eye(3), features.T @ (y - y.mean()) / len(y)
    )
    w = linear.ridge(X, y, 0.5)
    np.testing.assert_allclose(w[1:], slopes, rtol=1e-10)
    np.testing.assert_allclose(w[0], y.mean() - X[:, 1:].mean(axis=0) @ slopes, rtol=1e-10)


def test_the_limits_of_a_large_penalty(commute):
    X, y = commute
    free, held = linear.ridge(X, y, 1e9), linear.ridge(X, y, 1e9, penalize_intercept=True)
    np.testing.assert_allclose(free, [28, 0, 0], atol=1e-6)
    np.testing.assert_allclose(held, 0, atol=1e-6)
    # 1 / lam of the slope is what is left: X^T y / (n lam).
    np.testing.assert_allclose(held, np.array([28, 102.68, 20.6]) / 1e9, rtol=1e-6)


def test_a_family_of_penalties(commute):
    lam = frozen(np.geomspace(1e-3, 10, 6).reshape(2, 3))
    w = linear.ridge(*commute, lam)
    assert w.shape == (2, 3, 3)
    for index in np.ndindex(2, 3):
        np.testing.assert_array_equal(w[index], linear.ridge(*commute, lam[index]))


def test_weights_shrink_as_the_penalty_grows(problem):
    X, y, _ = problem
    w = linear.ridge(X, y, np.geomspace(1e-4, 1e4, 60), penalize_intercept=True)
    assert np.all(np.diff(np.linalg.norm(w, axis=1)) < 0)
    assert np.all(np.diff(linear.cost(X, y, w)) > 0)


def test_ridge_needs_no_rows_to_spare(problem):
    X, y, _ = problem
    wide, few = X[:2], y[:2]
    w = linear.ridge(wide, few, 0.1, penalize_intercept=True)
    expected = np.linalg.solve(wide.T @ wide / 2 + 0.1 * np.eye(4), wide.T @ few / 2)
    np.testing.assert_allclose(w, expected, rtol=1e-10)


def test_ridge_wants_the_column_of_ones(commute):
    X, y = commute
    with pytest.raises(ValueError, match=r"column 0 of X is not all ones.*design_matrix"):
        linear.ridge(X[:, 1:], y, 0.1)
    assert linear.ridge(X[:, 1:], y, 0.1, penalize_intercept=True).shape == (2,)


# Standardising and the spectrum -------------------------------------------------------------------


def test_standardize_meets_the_reference_values():
    trips = data.commute()
    result = linear.standardize(frozen(trips.features))
    np.testing.assert_allclose(result.mean, [3.16, 0.6], rtol=1e-14)
    np.testing.assert_allclose(result.scale, [1.417885749981288, 0.48989794855663565], rtol=1e-14)
    np.testing.assert_allclose(result.features.mean(axis=0), 0, atol=1e-15)
    np.testing.assert_allclose(result.features.std(axis=0), 1, rtol=1e-14)
    back = result.features * result.scale + result.mean
    np.testing.assert_allclose(back, trips.features, rtol=1e-14)
    w = linear.normal_equation(linear.design_matrix(result.features), trips.minutes)
    np.testing.assert_allclose(w, [28, 9.263917400087822, 1.035029489352504], rtol=1e-12)


def test_standardize_takes_one_feature():
    result = linear.standardize([1.0, 3.0])
    assert result.features.tolist() == [-1, 1] and result.mean == 2 and result.scale == 1


def test_a_constant_feature_is_named():
    with pytest.raises(ValueError, match=r"feature 1 of features has the same value in every row"):
        linear.standardize([[1, 0.1], [2, 0.1], [4, 0.1]])
    with pytest.raises(ValueError, match=r"feature 0 of features has the same value"):
        linear.standardize([5.0])


def test_spectrum_meets_the_reference_values(commute):
    found = linear.spectrum(commute[0])
    exact = [0.094970434414458282668, 0.18061002887206929152, 13.320419536713472426]
    np.testing.assert_allclose(found.eigenvalues, exact, rtol=1e-13)
    assert found.condition_number == pytest.approx(140.258593306861551, rel=1e-12)
    assert found.stability_limit == pytest.approx(0.150145421057320321, rel=1e-13)
    assert found.best_rate == pytest.approx(0.149082509290025898, rel=1e-13)


def test_spectrum_of_the_standardised_commutes():
    features = linear.standardize(data.commute().features).features
    found = linear.spectrum(linear.design_matrix(features))
    np.testing.assert_allclose(
        found.eigenvalues, [0.2744227156648473, 1, 1.7255772843351533], rtol=1e-12
    )
    assert found.condition_number == pytest.approx(6.288026412662581, rel=1e-12)
    assert found.stability_limit == pytest.approx(1.1590324108668242, rel=1e-12)


def test_spectrum_agrees_with_eigh_of_the_hessian(problem):
    X = problem[0]
    H = linear.hessian(X)
    slow = [[sum(r[i] * r[j] for r in X.tolist()) / len(X) for j in range(4)] for i in range(4)]
    np.testing.assert_allclose(H, slow, rtol=1e-12)
    np.testing.assert_array_equal(H, H.T)
    np.testing.assert_allclose(linear.spectrum(X).eigenvalues, np.linalg.eigvalsh(H), rtol=1e-11)


def test_spectrum_of_fewer_rows_than_columns():
    X = frozen([[1.0, 2, 3, 4], [1, 0, 0, 1]])
    found = linear.spectrum(X)
    eigenvalues = np.linalg.eigvalsh(X.T @ X / 2)
    np.testing.assert_allclose(found.eigenvalues, eigenvalues, atol=1e-13)
    assert found.eigenvalues[:2].tolist() == [0, 0] and found.condition_number == np.inf
    assert found.best_rate == found.stability_limit == pytest.approx(2 / eigenvalues[-1])


def test_spectrum_of_dependent_columns(commute):
    X = np.column_stack([commute[0], 1 - commute[0][:, 2]])
    found = linear.spectrum(X)
    np.testing.assert_allclose(
        found.eigenvalues, [0, 0.0974392883, 0.5260441521, 13.3725165596], atol=1e-9
    )
    assert found.eigenvalues[0] == 0 and found.condition_number == np.inf


def test_a_flat_cost_has_no_limit():
    assert linear.spectrum(np.zeros((3, 2))).stability_limit == np.inf


def test_the_hessian_is_the_slope_of_the_gradient(problem):
    X, y, family = problem
    w = family[1, 2]
    differences = linear.gradient(X, y, w + np.eye(4)) - linear.gradient(X, y, w)
    np.testing.assert_allclose(linear.hessian(X), differences, rtol=1e-10, atol=1e-12)


# Numbers far from one another ---------------------------------------------------------------------

ENDS = st.sampled_from([0.0, 1.0, -3.0, 1e-60, 1e-30, 1e30, -1e60, 1e-100, 1e100])


@given(
    st.lists(st.tuples(ENDS, ENDS), min_size=1, max_size=4),
    st.lists(ENDS, min_size=4, max_size=4),
    ENDS.map(abs),
)
@settings(max_examples=300, deadline=None)
def test_extreme_numbers_end_in_an_answer_or_a_sentence(features, y, lam):
    features, y = np.array(features), np.array(y[: len(features)])
    X = np.column_stack([np.ones(len(features)), features])
    calls = [
        lambda: linear.normal_equation(X, y),
        lambda: linear.ridge(X, y, lam),
        lambda: linear.ridge(X, y, lam, penalize_intercept=True),
        lambda: linear.hessian(X),
        lambda: linear.spectrum(X).eigenvalues,
        lambda: linear.standardize(features).features,
        lambda: linear.polynomial_features(y, 3),
    ]
    for call in calls:
        try:
            assert np.isfinite(call()).all()
        except ValueError as error:
            if type(error) is not ValueError or len(str(error)) < 30:  # such as a LinAlgError
                raise
    linear.cost(X, y, np.ones(3))
    linear.gradient(X, y, np.full(3, 1e200))
    linear.predict(X, np.full(3, -1e200))
