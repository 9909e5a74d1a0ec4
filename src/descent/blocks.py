"""Least squares over more rows than fit into memory: they come block by block and are let go.

What a block says about the weights fits into a triangle of numbers as wide as X. The triangle of
the rows so far, put on top of the next block, is factorised into the next triangle. This is the QR
factorisation of tall matrices (TSQR): X^T X, which would square the condition number, never occurs.
"""

from typing import NamedTuple

import numpy as np

from descent import least_squares
from descent.checks import SIZES, checked, kind_of, matrix, pair, targets


class BlockFit(NamedTuple):
    """What `normal_equation` found in all blocks together."""

    w: np.ndarray  # (d + 1,) the weights of least cost
    cost: float  # C(w) over all rows, in the unit of y squared
    n_samples: int  # rows seen


def pairs(value, name, given):
    """An iterable of pairs (X, y), each looked at as it comes."""
    kind_of(np.iterable, "an iterable of pairs (X, y)")(value, name)

    def checked_pairs():
        k, sizes = -1, {}
        for k, block in enumerate(value):
            X, y = pair("(X, y)")(block, f"{name}[{k}]")
            sizes.pop("n", None)  # rows may differ, columns may not
            X = matrix(X, f"the X of {name}[{k}]", {SIZES: sizes})
            yield X, targets(y, f"the y of {name}[{k}]", {SIZES: sizes})
        if k < 0:
            raise ValueError(f"{name} is empty; it must give at least one pair (X, y).")

    return checked_pairs()


@checked(blocks=pairs)
def normal_equation(blocks):
    """Return the weights of least cost for the rows of all blocks, each seen once.

    With X = Q R so far, Q^T Q = I, and (A, b) the next rows, both problems have the same weights:

    min ||X w - y||^2 + ||A w - b||^2    and    min ||R w - Q^T y||^2 + ||A w - b||^2

    so R and Q^T y are all that is kept. They are the first columns of the triangle of [X, y], whose
    last entry is the length of the residuals.

    Parameters
    ----------
    blocks : iterable of pairs (X, y)
        Such as a generator that reads a file: X of shape (m, d + 1), y of shape (m,), with any
        m >= 1. Some thousand rows a block are fastest; memory holds one block and a triangle.

    Returns
    -------
    BlockFit

    Raises
    ------
    ValueError
        Fewer rows than columns; columns that depend on each other; blocks that differ.
    """
    triangle, n = None, 0
    for X, y in blocks:
        rows = np.column_stack([X, y])
        rows = rows if triangle is None else np.concatenate([triangle, rows])
        triangle = np.linalg.qr(rows, mode="r")
        n += len(X)
    columns = triangle.shape[1] - 1
    R, target = triangle[:columns, :columns], triangle[:columns, columns]
    w = least_squares.solve_triangle(R, target, n, R)
    residuals = triangle[columns:, columns]  # nothing if n = d + 1: the fit is perfect
    return BlockFit(w, float(np.sum((residuals / np.sqrt(n)) ** 2) / 2), n)
