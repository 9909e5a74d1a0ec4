"""Least squares over more rows than fit into memory: they come block by block and are let go.

What a block says about the weights fits into a triangle of numbers as wide as X. The triangle of
the rows so far, put on top of the next block, is factorised into the next triangle. This is the QR
factorisation of tall matrices (TSQR): X^T X, which would square the condition number, never occurs.
"""

from typing import NamedTuple

import numpy as np

from descent import _checks, _solve


class BlockFit(NamedTuple):
    """What `normal_equation` found in all blocks together."""

    w: np.ndarray  # (d + 1,) the weights of least cost
    cost: float  # C(w) over all rows, in the unit of y squared
    n_samples: int  # rows seen


def normal_equation(blocks):
    """Return the weights of least cost for the rows of all blocks, each seen once.

    With X = Q R so far, Q^T Q = I, and (A, b) the next rows, both problems have the same weights:

        min ||X w - y||^2 + ||A w - b||^2    and    min ||R w - Q^T y||^2 + ||A w - b||^2

    so R and Q^T y are all that is kept. They are the first columns of the triangle of [X, y], whose
    last entry is the length of the residuals.

    Parameters
    ----------
    blocks : iterable of pairs (X, y), such as a generator that reads a file: X of shape (m, d + 1),
        y of shape (m,), with any m >= 1. Some thousand rows a block are fastest; memory holds one
        block and a triangle

    Returns
    -------
    BlockFit(w, cost, n_samples)

    Raises
    ------
    ValueError : fewer rows than columns; columns that depend on each other; blocks that differ
    """
    triangle, n, columns = None, 0, None
    for k, (X, y) in enumerate(_pairs(blocks)):
        X = _checks.matrix(X, f"the X of blocks[{k}]")
        y = _checks.targets(y, len(X), f"the y of blocks[{k}]")
        if X.shape[1] != (columns := columns or X.shape[1]):
            raise ValueError(
                f"the X of blocks[{k}] has {X.shape[1]} columns but the first has {columns}; "
                "they must match."
            )
        rows = np.column_stack([X, y])
        rows = rows if triangle is None else np.concatenate([triangle, rows])
        triangle = _checks.in_reach(np.linalg.qr(rows, mode="r"), rows, "blocks")
        n += len(X)
    if triangle is None:
        raise ValueError("blocks is empty; it must give at least one pair (X, y).")
    R, target = triangle[:columns, :columns], triangle[:columns, columns]
    w = _solve.least_squares(R, target, R, n)
    misses = triangle[columns:, columns]  # nothing if n = d + 1: the fit is perfect
    with np.errstate(over="ignore"):
        cost = np.sum((misses / np.sqrt(n)) ** 2) / 2
    return BlockFit(w, float(cost), n)


def _pairs(blocks):
    """Yield the pairs (X, y), or raise where there are none."""
    try:
        blocks = iter(blocks)
    except TypeError:
        raise TypeError(
            f"blocks is {_checks.shown(blocks)}; it must be an iterable of pairs (X, y)."
        ) from None
    for k, block in enumerate(blocks):
        if not isinstance(block, (tuple, list)) or len(block) != 2:
            raise TypeError(
                f"blocks[{k}] is of type {type(block).__name__}; it must be a pair (X, y)."
            )
        yield block
