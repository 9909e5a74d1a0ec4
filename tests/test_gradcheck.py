"""The gradient check: it must pass what is right and catch what is wrong."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descent.gradcheck import check_gradient, numerical_gradient


def f(x):
    return float(np.sum(np.sin(x) * np.exp(x / 3)))


def slope(x):
    return np.exp(x / 3) * (np.cos(x) + np.sin(x) / 3)


X = np.linspace(-2, 2, 12).reshape(3, 4)
X.flags.writeable = False


def test_ten_digits():
    np.testing.assert_allclose(numerical_gradient(f, X), slope(X), rtol=1e-9, atol=1e-10)


@given(st.integers(-100, 100), st.floats(-1e3, 1e3))
def test_quadratics_are_exact_up_to_rounding(a, x):
    g = numerical_gradient(lambda x: float(a * x[0] ** 2), [x])
    assert g[0] == pytest.approx(2 * a * x, rel=1e-8, abs=1e-8)


def test_the_step_follows_the_size_of_x():
    """A step of 6e-6 is lost beside 1e12; the relative one is not."""
    assert numerical_gradient(lambda x: x[0] ** 2, [1e12])[0] == pytest.approx(2e12, rel=1e-9)
    assert numerical_gradient(lambda x: x[0] ** 3, [1.0], step=0.1)[0] == pytest.approx(3.01)


def test_a_right_gradient_passes():
    found = check_gradient(f, slope, X)
    assert found.passed is True and found.relative_error < 1e-9
    np.testing.assert_array_equal(found.derived, slope(X))
    np.testing.assert_array_equal(found.measured, numerical_gradient(f, X))
    assert check_gradient(f, slope(X), X).passed


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (lambda x: -slope(x), 2),
        (lambda x: 2 * slope(x), 0.5),
        (lambda x: slope(x) * 1.0001, 1e-4),
        (lambda x: slope(x) * np.nan, np.nan),
        (lambda x: slope(x) / 0.0, np.nan),
        (lambda x: 0 * x, 1),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_wrong_gradients_fail(wrong, error):
    found = check_gradient(f, wrong, X)
    assert found.passed is False
    assert found.relative_error == pytest.approx(error, rel=1e-3, nan_ok=True)


def test_it_names_the_worst_entry():
    def wrong(x):
        g = slope(x)
        g[1, 2] += 0.1
        return g

    assert check_gradient(f, wrong, X).worst == (1, 2)


def test_flat_functions_pass():
    """Where all slopes are 0, rounding alone remains and is allowed for."""
    flat = check_gradient(lambda x: 3.0, lambda x: 0 * x, X)
    assert flat.passed and flat.relative_error == 0
    ripple = check_gradient(
        lambda x: 1e6 + 1e-6 * np.sum(np.sin(x)), lambda x: 1e-6 * np.cos(x), np.ones(3)
    )
    assert ripple.passed and ripple.relative_error > 1e-3


def test_the_step_that_was_taken_counts():
    """1/3 + 1e-10 is rounded; dividing by 2e-10 all the same would cost ten digits."""
    assert numerical_gradient(lambda x: x[0], [1 / 3], step=1e-10)[0] == 1


@pytest.mark.parametrize(
    ("x", "step", "named"),
    [
        ([1.0, 3.0, 1e12, 5.0], 1e-5, "next to x = 1e+12 is lost"),  # x + h is x
        ([1.0, 3.0, 5.0, 1.5e308], 5e307, "next to x = 1.5e+308 is lost"),  # x + h overflows
        ([[2.0, -1e13], [3.0, 4.0]], 1e-5, "next to x = -1e+13 is lost"),
    ],
)
def test_the_entry_that_no_step_fits_is_named(x, step, named):
    with pytest.raises(ValueError, match=re.escape(f"step is {step:g}, which {named}")):
        numerical_gradient(lambda x: 1.0, x, step=step)


def test_nothing_is_changed():
    def greedy(x):
        x *= 0
        return 1.0

    def greedy_slope(x):
        slope = 2 * x
        x *= 0
        return slope

    x = np.ones(3)
    check_gradient(greedy, greedy_slope, x)
    assert x.tolist() == [1, 1, 1]
    assert check_gradient(lambda x: np.sum(x**2), greedy_slope, x).passed


def test_bad_input():
    with pytest.raises(TypeError, match="function of an array"):
        numerical_gradient(3.0, X)
    with pytest.raises(ValueError, match=r"shape \(3, 4\).*one number"):
        numerical_gradient(lambda x: x, X)
    with pytest.raises(ValueError, match="finite"):
        numerical_gradient(lambda x: np.nan, X)
    with pytest.raises(ValueError, match="finite"):
        numerical_gradient(f, [np.inf])
    with pytest.raises(ValueError, match=r"shape \(2,\).*\(3, 4\)"):
        check_gradient(f, np.zeros(2), X)
    with pytest.raises(ValueError, match="step is 0"):
        numerical_gradient(f, X, step=0)
    with pytest.raises(ValueError, match="tolerance"):
        check_gradient(f, slope, X, tolerance=0)
