"""Least squares solved by an orthogonal factorisation, and a sentence where it cannot be.

`linear` and `blocks` share it. With X = Q R, Q^T Q = I and R a triangle, the length ||X w - y|| is
least where R w = Q^T y. R is as well or badly conditioned as X; X^T X = R^T R would square that.
"""

import numpy as np


def solve(A, b, X=None):
    """Return the w of least ||A w - b||: the solution of A^T A w = A^T b, by QR of A.

    Parameters
    ----------
    A : (n, p) array
    b : (n,) array
    X : (m, p) array
        The matrix that a message speaks of, by default A.

    Returns
    -------
    w : (p,) array

    Raises
    ------
    ValueError
        Columns that depend on each other; the message names them.
    """
    Q, R = np.linalg.qr(A)
    return solve_triangle(R, Q.T @ b, len(A), A if X is None else X)


def solve_triangle(R, target, n_samples, X):
    """Return the solution of R w = target, for the triangle R of a matrix of `n_samples` rows.

    Raises
    ------
    ValueError
        A triangle without full rank; the message names the columns of X that depend on each other.
    """
    rows, columns = R.shape
    R, exponents = even_columns(R)
    singular = np.linalg.svd(R, compute_uv=False)
    if rows < columns or singular[-1] <= rank_tolerance((n_samples, columns), singular[0]):
        raise ValueError(dependence(X, n_samples))
    return np.ldexp(np.linalg.solve(R, target), -exponents)


def even_columns(A):
    """Scale each column to a largest entry between 1/2 and 1, by a power of two, which is exact.

    Whether columns depend on each other must not change with the units they are measured in.
    """
    exponents = np.frexp(np.abs(A).max(axis=0))[1]
    return np.ldexp(A, -exponents), exponents


def rank_tolerance(shape, largest_singular):
    """Return what counts as a singular value of zero: the rounding of a matrix of this shape."""
    return np.finfo(float).eps * max(shape) * largest_singular


def dependence(X, n_samples):
    """Say which columns of X depend on each other, read off the directions that X maps to zero."""
    n, columns = X.shape
    if n < columns:
        words = "Add samples, drop features, or use ridge(X, y, lam) with lam > 0."
        return f"X has {n} rows for {columns} columns; it needs at least {columns} rows. {words}"
    _, singular, Vt = np.linalg.svd(even_columns(X)[0], full_matrices=False)
    rank = min(np.sum(singular > rank_tolerance((n_samples, columns), singular[0])), columns - 1)
    involved = np.flatnonzero(np.abs(Vt[rank:]).max(axis=0) > 1e-8)
    names = ", ".join(map(str, involved))
    if involved.size == 1:
        return f"column {names} of X is all zeros and cannot have a best weight. Drop this column."
    known = f"columns {names} of X depend on each other (rank {rank} of {columns})"
    words = "Drop one of these columns, or use ridge(X, y, lam) with lam > 0."
    return f"{known}, so the best weights are not unique. {words}"
