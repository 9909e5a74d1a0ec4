"""Linear least squares: the model, its cost, its gradient, and the equation that solves it.

Rows of X are samples, its first column is ones. Weights w may carry leading axes: an array of shape
(61, 3) is 61 weight vectors of three, and every function below answers for all of them at once.
"""

from typing import NamedTuple

import numpy as np

from descent import _checks, _solve


def design_matrix(features):
    """Put a column of ones before the features, so that the intercept is a weight like the others.

    X = [1, x_1, ..., x_d]                                              (source 004, section 1.3)

    Parameters
    ----------
    features : (n,) or (n, d) array, one row for each sample

    Returns
    -------
    X : (n, d + 1) array
    """
    features = _checks.real_array(features, "features", ndim=(1, 2))
    return np.column_stack([np.ones(len(features)), features])


def polynomial_features(x, degree):
    """Return the powers 0 to `degree` of one feature as columns.

    phi(x) = [1, x, x^2, ..., x^degree]                                 (source 004, eq. 1.8)

    Parameters
    ----------
    x : (n,) array, the feature
    degree : int >= 0

    Returns
    -------
    X : (n, degree + 1) array

    Raises
    ------
    ValueError : a power too large for a double; rescale x first
    """
    x = _checks.real_array(x, "x", ndim=(1,))
    degree = _checks.whole_number(degree, "degree", at_least=0)
    with np.errstate(over="ignore", under="ignore"):
        X = x[:, None] ** np.arange(degree + 1)
    if not np.isfinite(X).all():
        raise ValueError(
            f"x reaches {np.abs(x).max():g}, and its power {degree} is too large for a double; "
            "scale x to about [-1, 1] first."
        )
    return X


class Standardized(NamedTuple):
    """Features with mean 0 and standard deviation 1, and what is needed to go back."""

    features: np.ndarray  # (n,) or (n, d), no unit
    mean: np.ndarray  # () or (d,), in the features' units
    scale: np.ndarray  # () or (d,), in the features' units


def standardize(features):
    """Shift each feature to mean 0 and divide it by its (population) standard deviation.

    Parameters
    ----------
    features : (n,) or (n, d) array

    Returns
    -------
    Standardized(features, mean, scale), with features = (original - mean) / scale

    Raises
    ------
    ValueError : a feature that never varies
    """
    features = _checks.real_array(features, "features", ndim=(1, 2))
    constant = np.flatnonzero(features.max(axis=0) == features.min(axis=0))
    if constant.size:
        raise ValueError(
            f"feature {constant[0]} has the same value in every row and cannot be scaled; "
            "leave it out (the intercept already is a constant column)."
        )
    with np.errstate(all="ignore"):
        mean, scale = features.mean(axis=0), features.std(axis=0)
        standard = (features - mean) / scale
    return Standardized(_checks.in_reach(standard, features, "features"), mean, scale)


def predict(X, w):
    """Return the model's answers.

    y_hat = X w                                                         (source 004, eq. 1.1)

    Parameters
    ----------
    X : (n, d + 1) design matrix
    w : (..., d + 1) weights

    Returns
    -------
    y_hat : (..., n) array, in the unit of y
    """
    X = _checks.matrix(X)
    return _predict(X, _checks.weights(w, X.shape[1]))


def cost(X, y, w):
    """Return half the mean squared error.

    C(w) = 1/(2n) sum_i (x_i . w - y_i)^2                               (source 004, eq. 1.3)

    Parameters
    ----------
    X : (n, d + 1) design matrix
    y : (n,) targets
    w : (..., d + 1) weights; a cost too large for a double is infinity, NaN weights cost NaN

    Returns
    -------
    C : (...) array, in the unit of y squared
    """
    X, y, w = _checked(X, y, w)
    return LeastSquares(X, y).cost(w)


def gradient(X, y, w):
    """Return the derivative of the cost with respect to each weight.

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
    X, y, w = _checked(X, y, w)
    return LeastSquares(X, y).gradient(w)


class LeastSquares:
    """The cost and its gradient for data checked once: what the optimisers call in their loops.

    Parameters
    ----------
    X : (n, d + 1) design matrix
    y : (n,) targets
    """

    def __init__(self, X, y):
        self.X = _checks.matrix(X)
        self.y = _checks.targets(y, len(self.X))

    def cost(self, w):
        """Return C(w) for w of shape (..., d + 1)."""
        w = _checks.same_columns(w, self.X)
        with np.errstate(over="ignore", invalid="ignore"):
            return np.mean((_predict(self.X, w) - self.y) ** 2, axis=-1) / 2

    def gradient(self, w, batch=slice(None)):
        """Return the gradient of C at w, from the rows in `batch` (by default all of them)."""
        w = _checks.same_columns(w, self.X)
        X, y = _checks.rows(self.X, self.y, batch)
        with np.errstate(over="ignore", invalid="ignore"):
            return (_predict(X, w) - y) @ X / len(y)


def normal_equation(X, y):
    """Return the weights of least cost: the solution of X^T X w = X^T y.

    The equation is solved through an orthogonal factorisation of X. Forming X^T X would square the
    condition number, and inverting it would lose more digits still.      (source 004, eq. 1.6)

    Parameters
    ----------
    X : (n, d + 1) design matrix with independent columns, n >= d + 1
    y : (n,) targets

    Returns
    -------
    w : (d + 1,) array

    Raises
    ------
    ValueError : columns of X that depend on each other; the message names them
    """
    X = _checks.matrix(X)
    y = _checks.targets(y, len(X))
    return _solve.least_squares(X, y, X)


def ridge(X, y, lam, penalize_intercept=False):
    """Return the weights of least penalised cost.

    C_lam(w) = 1/(2n) ||X w - y||^2 + lam/2 (w_1^2 + ... + w_d^2)        (source 004, eq. 1.9)

    The penalty is one extra row for each held weight, sqrt(n lam) times that weight with target 0,
    so this too is a least-squares problem and is solved as one. The source writes the same
    solution as (X^T X / n + lam I)^-1 (X^T y / n).

    Parameters
    ----------
    X : (n, d + 1) design matrix, column 0 all ones
    y : (n,) targets
    lam : (...) strength of the penalty, >= 0; an array gives one solution for each entry
    penalize_intercept : bool, True holds w_0 too, as the source does; X may then be any matrix

    Returns
    -------
    w : (..., d + 1) array

    Raises
    ------
    ValueError : negative lam; column 0 not ones; lam = 0 with dependent columns
    """
    X = _checks.matrix(X)
    y = _checks.targets(y, len(X))
    lam = _checks.in_range(_checks.real_array(lam, "lam"), "lam", at_least=0)
    penalize_intercept = _checks.flag(penalize_intercept, "penalize_intercept")
    if not penalize_intercept and not np.all(X[:, 0] == 1):
        raise ValueError(
            "column 0 of X is not all ones, so there is no intercept to leave free. "
            "Build X with design_matrix, or pass penalize_intercept=True."
        )
    n, columns = X.shape
    held = np.eye(columns)[0 if penalize_intercept else 1 :]
    targets = np.concatenate([y, np.zeros(len(held))])
    w = np.empty(lam.shape + (columns,))
    for index in np.ndindex(lam.shape):
        rows = np.concatenate([X, np.sqrt(n) * np.sqrt(lam[index]) * held])
        w[index] = _solve.least_squares(rows, targets, X)
    return w


class Spectrum(NamedTuple):
    """The curvatures of the cost and what they say about step sizes."""

    eigenvalues: np.ndarray  # (d + 1,) of the Hessian X^T X / n, ascending
    condition_number: float  # largest / smallest; infinity when columns depend on each other
    stability_limit: float  # 2 / largest: gradient descent converges for 0 < eta < this
    best_rate: float  # 2 / (smallest + largest): the best constant rate in the worst case


def hessian(X):
    """Return the matrix of second derivatives of the cost, the same at every w.

    H = X^T X / n                                                       (source 004, section 1.2)

    Parameters
    ----------
    X : (n, d + 1) design matrix

    Returns
    -------
    H : (d + 1, d + 1) symmetric, positive semi-definite array
    """
    X = _checks.matrix(X)
    with np.errstate(over="ignore", invalid="ignore"):
        return _checks.in_reach(X.T @ X / len(X), X, "X")


def spectrum(X):
    """Return the eigenvalues of the Hessian and the step sizes that follow from them.

    They are the squared singular values of X over n, which keeps twice the digits that the
    eigenvalues of X^T X would keep.

    Parameters
    ----------
    X : (n, d + 1) design matrix, not all zero

    Returns
    -------
    Spectrum(eigenvalues, condition_number, stability_limit, best_rate)
    """
    X = _checks.matrix(X)
    singular = np.zeros(X.shape[1])
    found = np.linalg.svd(X, compute_uv=False)
    singular[: len(found)] = found
    if singular[0] == 0:
        raise ValueError(
            "X is all zeros; the cost is flat and no step size means anything. "
            "Give it a column that is not."
        )
    if singular[-1] <= _solve.rank_tolerance(X, singular[0]):
        singular[-1] = 0.0
    with np.errstate(all="ignore"):
        eigenvalues = singular[::-1] ** 2 / len(X)
        smallest, largest = eigenvalues[0], eigenvalues[-1]
        condition = (singular[0] / singular[-1]) ** 2
        limit, best = _checks.in_reach(2 / np.array([largest, smallest + largest]), X, "X")
    return Spectrum(
        _checks.in_reach(eigenvalues, X, "X"), float(condition), float(limit), float(best)
    )


def _checked(X, y, w):
    X = _checks.matrix(X)
    return X, _checks.targets(y, len(X)), _checks.weights(w, X.shape[1])


def _predict(X, w):
    with np.errstate(over="ignore", invalid="ignore"):
        return w @ X.T
