"""Batch normalisation: give each neuron's weighted input mean 0 and spread 1 over the batch."""

from typing import NamedTuple

import numpy as np

from descent import _checks


class Normalized(NamedTuple):
    """A normalised batch and what it was normalised by."""

    out: np.ndarray  # (..., n, k) gamma z_hat + beta
    z_hat: np.ndarray  # (..., n, k) mean 0, and variance 1 but for epsilon
    mean: np.ndarray  # (..., k) of the batch
    variance: np.ndarray  # (..., k) of the batch


class Slopes(NamedTuple):
    """Slopes of the cost on the way back through a normalisation."""

    z: np.ndarray  # (..., n, k)
    gamma: np.ndarray  # (..., k)
    beta: np.ndarray  # (..., k)


def batch_norm(z, gamma=1.0, beta=0.0, *, epsilon=1e-5):
    """Return a batch whose neurons all have mean beta and spread gamma.

    z_hat = (z - mean) / sqrt(variance + epsilon),  out = gamma z_hat + beta

    Mean and variance are those of each neuron over the batch, so that the answer to one sample
    depends on its companions.

    Parameters
    ----------
    z : (..., n, k) weighted inputs, one row a sample, n >= 2
    gamma, beta : numbers or (..., k), the new spread and mean of each neuron; both are learned
    epsilon : number > 0, which keeps a neuron that never varies from 0/0

    Returns
    -------
    Normalized(out, z_hat, mean, variance)
    """
    z, gamma, beta, epsilon = _checked(z, gamma, beta, epsilon)
    z_hat, _ = _standard(z, epsilon)
    out = gamma * z_hat + beta
    return Normalized(out, z_hat, z.mean(axis=-2), z.var(axis=-2))


def batch_norm_gradient(slope, z, gamma=1.0, *, epsilon=1e-5):
    """Return the slopes of a cost before the normalisation from those behind it.

    dC/dz = gamma / sqrt(variance + epsilon) (d - mean(d) - z_hat mean(d z_hat)),  d = dC/dout,
    dC/dgamma = sum(d z_hat),  dC/dbeta = sum(d); means and sums run over the batch.

    Parameters
    ----------
    slope : (..., n, k) dC/dout
    z, gamma, epsilon : as in `batch_norm`

    Returns
    -------
    Slopes(z, gamma, beta)
    """
    z, gamma, _, epsilon = _checked(z, gamma, 0.0, epsilon)
    slope = _checks.real_array(slope, "slope")
    if slope.shape != z.shape:
        raise ValueError(
            f"slope has shape {slope.shape} but z has shape {z.shape}; give one slope for each z."
        )
    z_hat, scale = _standard(z, epsilon)
    along = (slope * z_hat).mean(axis=-2, keepdims=True)
    inside = slope - slope.mean(axis=-2, keepdims=True) - z_hat * along
    return Slopes(gamma * inside / scale, (slope * z_hat).sum(axis=-2), slope.sum(axis=-2))


def _standard(z, epsilon):
    """Return the standardised batch and the scale that it was divided by."""
    scale = np.sqrt(z.var(axis=-2, keepdims=True) + epsilon)
    return (z - z.mean(axis=-2, keepdims=True)) / scale, scale


def _checked(z, gamma, beta, epsilon):
    z = _checks.real_array(z, "z")
    if z.ndim < 2 or z.shape[-2] < 2:
        raise ValueError(
            f"z has shape {z.shape}; it must be (n, neurons) with a batch of n >= 2 samples, as "
            "one sample alone has no spread."
        )
    epsilon = _checks.real_number(epsilon, "epsilon", above=0)
    return z, _of_neurons(gamma, "gamma", z), _of_neurons(beta, "beta", z), epsilon


def _of_neurons(value, name, z):
    """Return one value for each neuron, with an axis for the samples."""
    value = _checks.real_array(value, name)
    if value.ndim == 0:
        return value
    try:
        np.broadcast_to(value, z.shape[:-2] + z.shape[-1:])
    except ValueError:
        raise ValueError(
            f"{name} has shape {value.shape} but z has {z.shape[-1]} neurons; give one number, or "
            "one for each neuron."
        ) from None
    return value[..., None, :]
