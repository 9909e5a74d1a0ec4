"""Batch normalisation: its statistics, and its gradient against measured slopes."""

import numpy as np
import pytest

from descent import normalization
from descent.gradcheck import check_gradient


@pytest.fixture
def z():
    values = np.random.default_rng(0).standard_normal((2, 5, 3)) * [0.1, 1.0, 40.0] + [0, 3, -7]
    values.flags.writeable = False
    return values


def test_every_neuron_gets_the_mean_and_the_spread_asked_for(z):
    gamma, beta = np.array([1.0, 2.0, 0.5]), np.array([0.0, -1.0, 3.0])
    done = normalization.batch_norm(z, gamma, beta, epsilon=1e-12)
    np.testing.assert_allclose(done.out.mean(axis=1), np.broadcast_to(beta, (2, 3)), atol=1e-12)
    np.testing.assert_allclose(done.out.std(axis=1), np.broadcast_to(gamma, (2, 3)), rtol=1e-9)
    np.testing.assert_allclose(done.z_hat, (done.out - beta) / gamma, atol=1e-12)


def test_the_statistics_are_those_of_a_plain_loop(z):
    done = normalization.batch_norm(z[0], epsilon=0.5)
    for k in range(3):
        column = [float(row[k]) for row in z[0]]
        mean = sum(column) / 5
        variance = sum((value - mean) ** 2 for value in column) / 5
        assert done.mean[k] == pytest.approx(mean)
        assert done.variance[k] == pytest.approx(variance)
        expected = [(value - mean) / (variance + 0.5) ** 0.5 for value in column]
        np.testing.assert_allclose(done.z_hat[:, k], expected)


def test_a_neuron_that_never_varies_becomes_its_beta():
    done = normalization.batch_norm(np.full((4, 2), 3.0), 2.0, [5.0, 6.0])
    np.testing.assert_array_equal(done.out, np.broadcast_to([5.0, 6.0], (4, 2)))


def test_neither_the_scale_nor_the_origin_of_z_matters(z):
    once = normalization.batch_norm(z, epsilon=1e-12).out
    again = normalization.batch_norm(1000 * z + 7, epsilon=1e-12).out
    np.testing.assert_allclose(again, once, atol=1e-8)


@pytest.mark.parametrize("epsilon", [1e-5, 0.3])
def test_the_gradient_is_that_of_the_formula(epsilon):
    """Every sample reaches the cost by the mean and the variance too: nothing may be forgotten."""
    rng = np.random.default_rng(1)
    z, weight = rng.standard_normal((4, 2)), rng.standard_normal((4, 2))
    gamma, beta = np.array([1.5, -0.7]), np.array([0.2, 0.4])

    def cost(z, gamma, beta):
        return np.sum(weight * normalization.batch_norm(z, gamma, beta, epsilon=epsilon).out ** 3)

    slope = 3 * weight * normalization.batch_norm(z, gamma, beta, epsilon=epsilon).out ** 2
    slopes = normalization.batch_norm_gradient(slope, z, gamma, epsilon=epsilon)
    assert check_gradient(lambda v: cost(v, gamma, beta), slopes.z, z).passed
    assert check_gradient(lambda v: cost(z, v, beta), slopes.gamma, gamma).passed
    assert check_gradient(lambda v: cost(z, gamma, v), slopes.beta, beta).passed


def test_a_family_is_many_batches_at_once(z):
    slope = np.random.default_rng(2).standard_normal(z.shape)
    both = normalization.batch_norm_gradient(slope, z, [[1.0, 2, 3], [4, 5, 6]])
    one = normalization.batch_norm_gradient(slope[1], z[1], [4.0, 5, 6])
    for whole, part in zip(both, one, strict=True):
        np.testing.assert_allclose(whole[1], part)


def test_inputs_are_left_alone(z):
    slope = np.ones(z.shape)
    slope.flags.writeable = False
    normalization.batch_norm(z)
    normalization.batch_norm_gradient(slope, z)
