"""The activations against reference values, limits, finite differences and loops."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descent import activations as act

PAIRS = {
    act.step: act.step_derivative,
    act.sigmoid: act.sigmoid_derivative,
    act.tanh: act.tanh_derivative,
    act.relu: act.relu_derivative,
    act.identity: act.identity_derivative,
}
each = pytest.mark.parametrize("function", PAIRS, ids=lambda f: f.__name__)
# source/values.md, section 3.13: z, sigma, sigma', tanh, tanh'
TABLE = np.array(
    [
        [-2, 0.11920292202211756, 0.10499358540350652, -0.96402758007581688, 0.070650824853164466],
        [-1, 0.26894142136999512, 0.19661193324148185, -0.76159415595576489, 0.41997434161402607],
        [0, 0.5, 0.25, 0, 1],
        [1, 0.73105857863000488, 0.19661193324148185, 0.76159415595576489, 0.41997434161402607],
        [2, 0.88079707797788244, 0.10499358540350652, 0.96402758007581688, 0.070650824853164466],
    ]
)


def test_what_a_network_calls_are_the_public_functions_unchecked():
    for name, activation in act.ACTIVATIONS.items():
        assert activation.name == name
        assert activation.value is getattr(act, name).plain
        assert activation.derivative is getattr(act, f"{name}_derivative").plain
    assert {function.__name__ for function in PAIRS} == act.ACTIVATIONS.keys() - {"softmax"}


def test_the_reference_table():
    z = TABLE[:, 0]
    ours = [f(z) for f in (act.sigmoid, act.sigmoid_derivative, act.tanh, act.tanh_derivative)]
    np.testing.assert_allclose(np.array(ours).T, TABLE[:, 1:], rtol=1e-15, atol=0)


@given(st.floats(-20, 20).filter(lambda z: abs(z) > 1e-3))
def test_derivatives_are_the_slopes(z):
    h = 1e-4
    for function, derivative in PAIRS.items():
        slope = (function(z + h) - function(z - h)) / (2 * h)
        assert derivative(z) == pytest.approx(slope, abs=1e-7)


@each
def test_a_number_in_is_a_number_out(function):
    """NumPy's own functions do so too: an array without axes would print as one."""
    for one in (function, PAIRS[function]):
        assert isinstance(one(0.5), np.float64) and isinstance(one(np.array(0.5)), np.float64)


def test_limits_without_a_warning():
    z = [-np.inf, -1000.0, 1000.0, np.inf]
    assert act.step(z).tolist() == [0, 0, 1, 1]
    assert act.sigmoid(z).tolist() == [0, 0, 1, 1]
    assert act.tanh(z).tolist() == [-1, -1, 1, 1]
    assert act.relu(z).tolist() == [0, 0, 1000, np.inf]
    assert act.identity(z).tolist() == z
    for derivative in (act.step_derivative, act.sigmoid_derivative, act.tanh_derivative):
        assert derivative(z).tolist() == [0, 0, 0, 0]
    assert act.relu_derivative(z).tolist() == [0, 0, 1, 1]
    assert act.identity_derivative(z).tolist() == [1, 1, 1, 1]


def test_the_choices_at_zero():
    assert act.step(0) == 0
    assert act.step_derivative(0) == 0
    assert act.relu_derivative(0) == 0


def test_the_tails_keep_their_digits():
    """1 - sigma(40) is 0 in doubles, but sigma'(40) is not."""
    for z in (-700.0, -40.0, 40.0, 700.0):
        expected = math.exp(-abs(z)) / (1 + math.exp(-abs(z))) ** 2
        assert act.sigmoid_derivative(z) == pytest.approx(expected, rel=1e-14, abs=0)
    assert act.tanh_derivative(20.0) == pytest.approx(1 / math.cosh(20) ** 2, rel=1e-14, abs=0)
    assert act.sigmoid(-700.0) == pytest.approx(math.exp(-700), rel=1e-14, abs=0)


def test_ranges_and_the_relation_of_sigmoid_and_tanh():
    """Errata 4-64: the end points are reached by rounding only, from z = 37."""
    z = np.linspace(-36, 36, 1001)
    a = act.sigmoid(z)
    assert np.all((a > 0) & (a < 1)) and act.sigmoid(37) == 1.0
    assert act.sigmoid_derivative(z).max() == 0.25
    np.testing.assert_allclose(act.tanh(z), 2 * act.sigmoid(2 * z) - 1, atol=1e-15)


@each
def test_any_shape_no_alias_no_change(function):
    z = np.linspace(-2, 2, 24).reshape(2, 3, 4)
    z.flags.writeable = False
    for f in (function, PAIRS[function]):
        assert f(z).shape == z.shape and not np.shares_memory(f(z), z)
        assert [f(entry) for entry in z.ravel()] == f(z).ravel().tolist()
        assert np.isnan(f(np.nan)) and np.ndim(f(1)) == 0


def test_softmax_against_a_loop():
    z = np.random.default_rng(0).normal(size=(4, 3, 5))
    for index in np.ndindex(4, 3):
        powers = [math.exp(score) for score in z[index]]
        shares = [power / sum(powers) for power in powers]
        np.testing.assert_allclose(act.softmax(z)[index], shares, rtol=1e-14)


@given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=6), st.floats(-100, 100))
def test_softmax_shares(z, shift):
    p = act.softmax(z)
    assert np.all(p >= 0) and p.sum() == pytest.approx(1)
    small = np.clip(z, -50, 50)
    np.testing.assert_allclose(act.softmax(small + shift), act.softmax(small), rtol=1e-12)


def test_softmax_at_infinity():
    inf = np.inf
    assert act.softmax([1000.0, 0, -1000]).tolist() == [1, 0, 0]
    assert act.softmax([inf, 0, -inf]).tolist() == [1, 0, 0]
    assert act.softmax([inf, inf, 3]).tolist() == [0.5, 0.5, 0]
    assert act.softmax([-inf, -inf]).tolist() == [0.5, 0.5]
    assert np.isnan(act.softmax([np.nan, 1.0])).all()


def test_softmax_derivative_is_the_jacobian():
    z, h = np.array([[1.0, 2.0, 0.5], [-1.0, 0.0, 3.0]]), 1e-5
    J = act.softmax_derivative(z)
    assert J.shape == (2, 3, 3)
    for j, e in enumerate(h * np.eye(3)):
        slope = (act.softmax(z + e) - act.softmax(z - e)) / (2 * h)
        np.testing.assert_allclose(J[..., j], slope, atol=1e-9)


def test_softmax_needs_the_whole_jacobian():
    """Errata 1-10: z = (1, 2, 0.5), class 2; the share's own path alone is wrong."""
    J = act.softmax_derivative([1.0, 2.0, 0.5])
    slope_in_shares = np.array([0, -1 / act.softmax([1.0, 2.0, 0.5])[1], 0])
    own = np.diag(J) * slope_in_shares
    np.testing.assert_allclose(own, [0, -0.37147, 0], atol=1e-5)
    np.testing.assert_allclose(J @ slope_in_shares, [0.23122, -0.37147, 0.14024], atol=1e-5)


@pytest.mark.parametrize(
    ("bad", "words"), [("x", "z holds 'x'"), (1j, "z holds 1j"), ([], "empty")]
)
def test_bad_input(bad, words):
    for function in (*PAIRS, *PAIRS.values(), act.softmax, act.softmax_derivative):
        with pytest.raises((TypeError, ValueError), match=words):
            function(bad)
    with pytest.raises(ValueError, match=r"z has shape \(\); it must be \(..., k\)"):
        act.softmax(1.0)
