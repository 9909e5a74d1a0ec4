"""Batch normalisation: give each neuron's weighted input mean 0 and spread 1 over the batch."""

from typing import NamedTuple

import numpy as np

from descent.checks import array, checked, positive


def of_neurons(value, name, given):
    """One number, or one for each neuron, with an axis for the samples."""
    value = array()(value, name, given)
    return array("... k")(value, name, given)[..., None, :] if value.ndim else value


def batch(value, name, given):
    """A batch of two samples or more."""
    value = array("... n k")(value, name, given)
    if value.shape[-2] < 2:
        raise ValueError(f"{name} has one sample, which has no spread; it must have two or more.")
    return value


BATCH = {"z": batch, "gamma": of_neurons, "epsilon": positive}


class Normalized(NamedTuple):
    """A normalised batch and what it was normalised by."""

    out: np.ndarray  # (..., n, k) gamma z_hat + beta
    z_hat: np.ndarray  # (..., n, k) mean 0, and variance 1 but for epsilon
    mean: np.ndarray  # (..., k) of the batch
    variance: np.ndarray  # (..., k) of the batch


class BatchNormGradient(NamedTuple):
    """Partial derivatives of the cost on the way back through a normalisation."""

    z: np.ndarray  # (..., n, k)
    gamma: np.ndarray  # (..., k)
    beta: np.ndarray  # (..., k)


@checked(**BATCH, beta=of_neurons)
def batch_norm(z, gamma=1.0, beta=0.0, *, epsilon=1e-5):
    """Return a batch whose neurons all have mean beta and spread gamma.

    z_hat = (z - mean) / sqrt(variance + epsilon),  out = gamma z_hat + beta

    Mean and variance are those of each neuron over the batch, so that the answer to one sample
    depends on its companions.

    Parameters
    ----------
    z : (..., n, k) weighted inputs
        One row a sample, n >= 2.
    gamma, beta : numbers or (..., k) arrays
        The new spread and mean of each neuron; both are learned.
    epsilon : number > 0
        It keeps a neuron that never varies from 0 / 0.

    Returns
    -------
    Normalized
    """
    z_hat, _ = standard(z, epsilon)
    return Normalized(gamma * z_hat + beta, z_hat, z.mean(axis=-2), z.var(axis=-2))


@checked(**BATCH, derivative=array("... n k"))
def batch_norm_gradient(derivative, z, gamma=1.0, *, epsilon=1e-5):
    """Return the gradient of a cost before the normalisation from the one behind it.

    dC/dz = gamma / sqrt(variance + epsilon) (d - mean(d) - z_hat mean(d z_hat)),  d = dC/dout,
    dC/dgamma = sum(d z_hat),  dC/dbeta = sum(d); means and sums run over the batch.

    Parameters
    ----------
    derivative : (..., n, k) array
        dC/dout.
    z, gamma, epsilon
        As in `batch_norm`.

    Returns
    -------
    BatchNormGradient
    """
    z_hat, scale = standard(z, epsilon)
    along = (derivative * z_hat).mean(axis=-2, keepdims=True)
    inside = derivative - derivative.mean(axis=-2, keepdims=True) - z_hat * along
    dgamma, dbeta = (derivative * z_hat).sum(axis=-2), derivative.sum(axis=-2)
    return BatchNormGradient(gamma * inside / scale, dgamma, dbeta)


def standard(z, epsilon):
    """Return the standardised batch and the scale that it was divided by."""
    scale = np.sqrt(z.var(axis=-2, keepdims=True) + epsilon)
    return (z - z.mean(axis=-2, keepdims=True)) / scale, scale
