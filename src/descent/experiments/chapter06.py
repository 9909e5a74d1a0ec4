"""Chapter 6: momentum, AdaGrad and Adam on one elongated bowl, at all rates of the figures."""

import numpy as np

from descent import optimize

CURVATURE = np.array([0.1, 2.0])  # of the bowl C(w) = w1^2 / 20 + w2^2
START = np.array([-7.0, 2.0])

# The sliders of the two figures.
ETAS = np.array(
    [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0, 1.1, 1.2, 1.34]
    + [1.5, 1.7, 1.9, 2.0]
)
BETAS = np.array([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95])
RATES = {
    "momentum": [0.01, 0.02, 0.03, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 0.95, 1.2, 1.5, 1.8]
    + [1.85, 2.0, 2.2],
    "AdaGrad": [0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20],
    "Adam": [0.001, 0.01, 0.03, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1, 1.5, 2, 3, 4, 5, 7, 10],
}
STEPS = 100
CLOSE = 1e-3  # the cost that the readouts count steps to


def bowl_cost(w):
    """Return C(w) = w1^2 / 20 + w2^2 for w of shape (..., 2); inf where it overflows."""
    with np.errstate(over="ignore", invalid="ignore"):
        return (w**2) @ CURVATURE / 2


def bowl_gradient(w):
    """Return the gradient of the bowl, (w1 / 10, 2 w2)."""
    return CURVATURE * w


def roots(beta, steepness):
    """Return the two roots of z^2 - (1 + beta - steepness) z + beta, on a last axis."""
    half = (1 + np.asarray(beta) - steepness) / 2
    wide = np.sqrt(half**2 - beta + 0j)
    return np.stack([half + wide, half - wide], axis=-1)


def momentum_runs():
    """Return the walks of momentum at all rates and shares: (21, 11, STEPS + 1, 2)."""
    path = optimize.gradient_descent(
        bowl_gradient,
        START,
        np.broadcast_to(ETAS[:, None], (len(ETAS), len(BETAS))),
        STEPS,
        optimizer=optimize.Momentum(BETAS),
    )
    return np.moveaxis(path.w, 0, 2)


def method_runs():
    """Return {method: walks (17, STEPS + 1, 2)}; gradient descent runs at its best rate alone."""
    optimizers = {
        "momentum": optimize.Momentum(0.9),
        "AdaGrad": optimize.AdaGrad(),
        "Adam": optimize.Adam(),
    }
    walks = {
        name: np.moveaxis(
            optimize.gradient_descent(
                bowl_gradient, START, RATES[name], STEPS, optimizer=optimizer
            ).w,
            0,
            1,
        )
        for name, optimizer in optimizers.items()
    }
    best = 2 / CURVATURE.sum()
    walks["gradient descent"] = optimize.gradient_descent(bowl_gradient, START, best, STEPS).w
    return walks


def arrival(costs):
    """Return the step from which the cost stays below CLOSE, -1 if it does not."""
    above = np.flatnonzero(~(costs < CLOSE))
    last = above[-1] + 1 if above.size else 0
    return int(last) if last < len(costs) else -1
