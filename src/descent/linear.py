"""Linear least squares: the model, its cost, its gradient, and the equation that solves it.

Rows of X are samples, its first column is ones. Weights w may carry leading axes: an array of shape
(61, 3) is 61 weight vectors of three, and every function below answers for all of them at once.
"""

from typing import NamedTuple

import numpy as np

from descent import checks, least_squares
from descent.checks import checked


@checked(features=checks.features)
def design_matrix(features):
    """Put a column of ones before the features, so that the intercept is a weight like the others.

    X = [1, x_1, ..., x_d]                                              (source 004, section 1.3)

    Parameters
    ----------
    features : (n,) or (n, d) array
        One row for each sample.

    Returns
    -------
    X : (n, d + 1) array
    """
    return np.column_stack([np.ones(len(features)), features])


@checked(x=checks.targets, degree=checks.count(0))
def polynomial_features(x, degree):
    """Return the powers 0 to `degree` of one feature as columns.

    phi(x) = [1, x, x^2, ..., x^degree]                                 (source 004, eq. 1.8)

    Parameters
    ----------
    x : (n,) array
        The feature; about [-1, 1] is best, since high powers of large numbers overflow.
    degree : int >= 0

    Returns
    -------
    X : (n, degree + 1) array
    """
    return x[:, None] ** np.arange(degree + 1)


class Standardized(NamedTuple):
    """Features with mean 0 and standard deviation 1, and what is needed to go back."""

    features: np.ndarray  # (n,) or (n, d), no unit
    mean: np.ndarray  # () or (d,), in the features' units
    scale: np.ndarray  # () or (d,), in the features' units


def varying(value, name, given):
    """Features, none of which has the same value in every row."""
    value = checks.features(value, name, given)
    if (constant := np.flatnonzero(np.ptp(value, axis=0) == 0)).size:
        words = f"feature {constant[0]} of {name} has the same value in every row"
        raise ValueError(f"{words} and cannot be scaled; leave it out.")
    return value


@checked(features=varying)
def standardize(features):
    """Shift each feature to mean 0 and divide it by its (population) standard deviation.

    Parameters
    ----------
    features : (n,) or (n, d) array

    Returns
    -------
    Standardized
        Its features are (original - mean) / scale.

    Raises
    ------
    ValueError
        A feature that never varies.
    """
    mean, scale = features.mean(axis=0), features.std(axis=0)
    return Standardized((features - mean) / scale, mean, scale)


@checked(X=checks.matrix, w=checks.weights)
def predict(X, w):
    """Return the model's answers.

    y_hat = X w                                                         (source 004, eq. 1.1)

    Parameters
    ----------
    X : (n, d + 1) design matrix
    w : (..., d + 1) weights

    Returns
    -------
    y_hat : (..., n) array
        In the unit of y.
    """
    return w @ X.T


@checked(X=checks.matrix, y=checks.targets, w=checks.weights)
def cost(X, y, w):
    """Return half the mean squared error.

    C(w) = 1/(2n) sum_i (x_i . w - y_i)^2                               (source 004, eq. 1.3)

    Parameters
    ----------
    X : (n, d + 1) design matrix
    y : (n,) targets
    w : (..., d + 1) weights
        A cost too large for a double is infinity; NaN weights cost NaN.

    Returns
    -------
    C : (...) array
        In the unit of y squared.
    """
    return np.mean((w @ X.T - y) ** 2, axis=-1) / 2


@checked(X=checks.matrix, y=checks.targets, w=checks.weights)
def gradient(X, y, w):
    """Return the partial derivatives of the cost with respect to the weights.

    grad C(w) = X^T (X w - y) / n                                       (source 004, eq. 1.5)

    Parameters
    ----------
    X : (n, d + 1) design matrix
    y : (n,) targets
    w : (..., d + 1) weights

    Returns
    -------
    g : (..., d + 1) array
    """
    return (w @ X.T - y) @ X / len(y)


class LeastSquares:
    """The cost and its gradient for data checked once: what the optimisers call in their loops.

    Parameters
    ----------
    X : (n, d + 1) design matrix
    y : (n,) targets
    """

    @checked(X=checks.matrix, y=checks.targets)
    def __init__(self, X, y):
        self.X, self.y = X.copy(), y.copy()

    @checked(self=checks.holder, w=checks.weights)
    def cost(self, w):
        """Return C(w), (...), for w of shape (..., d + 1)."""
        return cost.plain(self.X, self.y, w)

    @checked(self=checks.holder, w=checks.weights, batch=checks.batch)
    def gradient(self, w, batch=slice(None)):
        """Return the gradient of C at w, (..., d + 1), from the rows that `batch` picks."""
        return gradient.plain(self.X[batch], self.y[batch], w)


@checked(X=checks.matrix, y=checks.targets)
def normal_equation(X, y):
    """Return the weights of least cost: the solution of the normal equation.

    X^T X w = X^T y                                                     (source 004, eq. 1.6)

    It is solved by an orthogonal factorisation of X (QR or SVD): where X = Q R, the equation says
    R w = Q^T y. Forming X^T X would square the condition number, and inverting it would lose more
    digits still.

    Parameters
    ----------
    X : (n, d + 1) design matrix
        Its columns must be independent, so n >= d + 1.
    y : (n,) targets

    Returns
    -------
    w : (d + 1,) array

    Raises
    ------
    ValueError
        Columns of X that depend on each other; the message names them.
    """
    return least_squares.solve(X, y)


def free_intercept(value, name, given):
    """A flag; where it is False, column 0 of X must be ones."""
    if not checks.flag(value, name) and np.any(given["X"][:, 0] != 1):
        words = "column 0 of X is not all ones, so there is no intercept to leave free."
        raise ValueError(f"{words} Build X with design_matrix, or give {name}=True.")
    return value


PENALTY = {"lam": checks.not_negative, "penalize_intercept": free_intercept}


@checked(X=checks.matrix, y=checks.targets, **PENALTY)
def ridge(X, y, lam, penalize_intercept=False):
    """Return the weights of least penalised cost.

    C_lam(w) = 1/(2n) ||X w - y||^2 + lam/2 (w_1^2 + ... + w_d^2)        (source 004, eq. 1.9)

    The penalty is one extra row for each held weight, sqrt(n lam) times that weight with target 0,
    so this too is a least-squares problem and is solved as one. The source writes the same
    solution as (X^T X / n + lam I)^-1 (X^T y / n).

    Parameters
    ----------
    X : (n, d + 1) design matrix
        Column 0 all ones, unless `penalize_intercept`.
    y : (n,) targets
    lam : (...) array >= 0
        The strength of the penalty; an array gives one solution for each entry.
    penalize_intercept : bool
        True holds w_0 too, as the source does; X may then be any matrix.

    Returns
    -------
    w : (..., d + 1) array

    Raises
    ------
    ValueError
        Negative lam; column 0 not ones; lam = 0 with dependent columns.
    """
    n, columns = X.shape
    held = np.eye(columns)[0 if penalize_intercept else 1 :]
    wanted = np.concatenate([y, np.zeros(len(held))])
    w = np.empty((*lam.shape, columns))
    for index in np.ndindex(lam.shape):
        penalty = np.sqrt(n) * np.sqrt(lam[index]) * held
        w[index] = least_squares.solve(np.concatenate([X, penalty]), wanted, X)
    return w


class Spectrum(NamedTuple):
    """The curvatures of the cost and what they say about step sizes."""

    eigenvalues: np.ndarray  # (d + 1,) of the Hessian X^T X / n, ascending
    condition_number: float  # largest / smallest; infinity when columns depend on each other
    stability_limit: float  # 2 / largest: gradient descent converges for 0 < eta < this
    best_rate: float  # 2 / (smallest + largest): the best constant rate in the worst case


@checked(X=checks.matrix)
def hessian(X):
    """Return the matrix of second derivatives of the cost, the same at every w.

    H = X^T X / n                                                       (source 004, section 1.2)

    Parameters
    ----------
    X : (n, d + 1) design matrix

    Returns
    -------
    H : (d + 1, d + 1) array
        Symmetric and positive semi-definite.
    """
    return X.T @ X / len(X)


@checked(X=checks.matrix)
def spectrum(X):
    """Return the eigenvalues of the Hessian and the step sizes that follow from them.

    They are the squared singular values of X over n, which keeps twice the digits that the
    eigenvalues of X^T X would keep.

    Parameters
    ----------
    X : (n, d + 1) design matrix
        Where it is all zero, the cost is flat and the limit infinite.

    Returns
    -------
    Spectrum
    """
    singular = np.zeros(X.shape[1])
    found = np.linalg.svd(X, compute_uv=False)
    singular[: len(found)] = found
    if singular[-1] <= least_squares.rank_tolerance(X.shape, singular[0]):
        singular[-1] = 0.0
    eigenvalues = singular[::-1] ** 2 / len(X)
    smallest, largest = eigenvalues[0], eigenvalues[-1]
    return Spectrum(
        eigenvalues,
        condition_number=float((singular[0] / singular[-1]) ** 2),
        stability_limit=float(2 / largest),
        best_rate=float(2 / (smallest + largest)),
    )
