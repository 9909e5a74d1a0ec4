"""Least squares solved, and a sentence where it cannot be: what `linear` and `blocks` share."""

import numpy as np

from descent import _checks


def least_squares(A, b, X, n_samples=0):
    """Return the w of least ||A w - b||, or raise and name the dependent columns of X.

    `n_samples` is the number of rows behind those of A, where A sums up more than it has.
    """
    A, exponents = even_columns(A)
    cut = np.finfo(float).eps * max(*A.shape, n_samples)  # numpy's own for n_samples rows
    w, _, rank, _ = np.linalg.lstsq(A, b, rcond=cut)
    if rank < A.shape[1]:
        raise ValueError(dependence(X, rank))
    with np.errstate(over="ignore", under="ignore"):
        return _checks.in_reach(np.ldexp(w, -exponents), X, "X")


def even_columns(A):
    """Scale each column to a largest entry between 1/2 and 1, by a power of two, which is exact.

    Whether columns depend on each other must not change with the units they are measured in.
    """
    exponents = np.frexp(np.abs(A).max(axis=0))[1]
    with np.errstate(under="ignore"):
        return np.ldexp(A, -exponents), exponents


def rank_tolerance(X, largest_singular):
    return np.finfo(float).eps * max(X.shape) * largest_singular


def dependence(X, rank):
    """Say which columns of X depend on each other, read off the directions that X maps to zero."""
    n, columns = X.shape
    if n < columns:
        return (
            f"X has {n} rows for {columns} columns; the equation needs at least {columns} rows. "
            "Add samples, drop features, or use ridge(X, y, lam) with lam > 0."
        )
    X, _ = even_columns(X)
    _, singular, Vt = np.linalg.svd(X, full_matrices=False)
    rank = min(rank, int(np.sum(singular > rank_tolerance(X, singular[0]))))
    involved = np.flatnonzero(np.abs(Vt[rank:]).max(axis=0, initial=0) > 1e-8)
    names = ", ".join(map(str, involved))
    if involved.size == 1:
        return f"column {names} of X is all zeros and cannot have a best weight. Drop this column."
    return (
        f"columns {names} of X depend on each other (rank {rank} of {columns}), so the best "
        "weights are not unique. Drop one of these columns, or use ridge(X, y, lam) with lam > 0."
    )
