"""Classification by the margin: four losses, their derivatives, and the cost they make.

Labels are -1 and +1. The margin of a sample is its label times the model's score, m = y (x . w):
positive on the right side of the boundary, negative on the wrong side. It is the functional margin,
which doubles when w doubles, not the distance from the boundary.

A score of exactly 0 lies on the boundary. This module follows sgn(0) = 0 of source 004, section
1.4: such a sample counts as wrong, whatever its label. (`descent.perceptron.predict` answers -1
there, as section 3.1 does.)
"""

import numpy as np

from descent.checks import anything, batch, checked, holder, labels, matrix, shown, weights


@checked(m=anything)
def zero_one(m):
    """Return 1 for a wrong answer, 0 for a right one.

    G(m) = 1 if m <= 0, else 0                                          (source 004, section 1.4)

    Parameters
    ----------
    m : (...) margins
        Infinity is legal, NaN gives NaN.

    Returns
    -------
    G : (...) array
        Its mean over the samples is the share of errors.
    """
    return np.heaviside(-m, 1.0)


@checked(m=anything)
def zero_one_derivative(m):
    """Return the derivative of the 0-1 loss: 0, which is why it cannot be descended.

    dG/dm = 0

    At m = 0 the loss jumps and has no derivative; 0 is returned there too, so that a descent from
    w = 0, where every margin is 0, stands still rather than breaks.

    Parameters
    ----------
    m : (...) margins
        NaN gives NaN.

    Returns
    -------
    dG/dm : (...) array of zeros
    """
    return np.where(np.isnan(m), m, 0.0)


@checked(m=anything)
def hinge(m):
    """Return how far the margin falls short of 1.

    G(m) = max(0, 1 - m)                                                (source 004, section 1.4)

    Parameters
    ----------
    m : (...) margins
        Infinity is legal, NaN gives NaN.

    Returns
    -------
    G : (...) array
        Never below the 0-1 loss.
    """
    return np.maximum(0.0, 1 - m)


@checked(m=anything)
def hinge_derivative(m):
    """Return the derivative of the hinge loss.

    dG/dm = -1 if m < 1, else 0

    At the kink m = 1 every number in [-1, 0] is a subgradient; 0 is chosen, as in eq. (1.7).

    Parameters
    ----------
    m : (...) margins
        NaN gives NaN.

    Returns
    -------
    dG/dm : (...) array of -1 and 0
    """
    return np.heaviside(m - 1, 1.0) - 1


@checked(m=anything)
def squared_hinge(m):
    """Return half the square of what the margin lacks: the book's choice, smooth at m = 1.

    G(m) = 1/2 max(0, 1 - m)^2                                          (source 004, section 1.4)

    Parameters
    ----------
    m : (...) margins
        Infinity is legal, NaN gives NaN.

    Returns
    -------
    G : (...) array
        It needs a factor 2 to bound the 0-1 loss from above: G(0) = 1/2.
    """
    return np.maximum(0.0, 1 - m) ** 2 / 2


@checked(m=anything)
def squared_hinge_derivative(m):
    """Return the derivative of the squared hinge loss.

    dG/dm = -max(0, 1 - m)                                              (source 004, eq. 1.7)

    Parameters
    ----------
    m : (...) margins
        NaN gives NaN.

    Returns
    -------
    dG/dm : (...) array
    """
    return np.minimum(0.0, m - 1)


@checked(m=anything)
def logistic(m):
    """Return the logistic loss of the margin, without overflow for any m.

    G(m) = ln(1 + e^-m)                                                 (source 004, section 1.4)

    Parameters
    ----------
    m : (...) margins
        Infinity is legal, NaN gives NaN.

    Returns
    -------
    G : (...) array
        It needs a factor 1/ln 2 to bound the 0-1 loss from above: G(0) = ln 2.
    """
    return np.logaddexp(0.0, -m)


@checked(m=anything)
def logistic_derivative(m):
    """Return the derivative of the logistic loss, without overflow for any m.

    dG/dm = -1 / (1 + e^m)

    Parameters
    ----------
    m : (...) margins
        Infinity is legal, NaN gives NaN.

    Returns
    -------
    dG/dm : (...) array in [-1, 0]
    """
    return -1 / (1 + np.exp(m))


DERIVATIVES = {
    zero_one: zero_one_derivative,
    hinge: hinge_derivative,
    squared_hinge: squared_hinge_derivative,
    logistic: logistic_derivative,
}


def margin_loss(value, name, given):
    """One of the four losses."""
    if not callable(value) or value not in DERIVATIVES:
        names = ", ".join(loss.__name__ for loss in DERIVATIVES)
        words = f"it must be one of the functions {names}"
        raise ValueError(f"{name} is {shown(value)}; {words}.")
    return value


@checked(X=matrix, y=labels, w=weights)
def margin(X, y, w):
    """Return the margin of every sample.

    m_i = y_i (x_i . w)                                                 (source 004, section 1.4)

    Parameters
    ----------
    X : (n, d + 1) design matrix
    y : (n,) labels, each -1 or +1
    w : (..., d + 1) weights

    Returns
    -------
    m : (..., n) array
    """
    return y * (w @ X.T)


@checked(X=matrix, y=labels, w=weights, loss=margin_loss)
def cost(X, y, w, loss=squared_hinge):
    """Return the mean loss of the margins.

    C(w) = 1/n sum_i G(y_i (x_i . w))                                   (source 004, section 1.4)

    Parameters
    ----------
    X : (n, d + 1) design matrix
    y : (n,) labels, each -1 or +1
    w : (..., d + 1) weights
        A cost too large for a double is infinity; NaN weights cost NaN.
    loss : `zero_one`, `hinge`, `squared_hinge` or `logistic`

    Returns
    -------
    C : (...) array
        No unit.
    """
    return np.mean(loss.plain(y * (w @ X.T)), axis=-1)


@checked(X=matrix, y=labels, w=weights, loss=margin_loss)
def gradient(X, y, w, loss=squared_hinge):
    """Return the partial derivatives of the cost with respect to the weights.

    grad C(w) = 1/n sum_i G'(m_i) y_i x_i,  and for the squared hinge, where y_i^2 = 1,
    grad C_i(w) = (x_i . w - y_i) x_i if m_i < 1, else 0                (source 004, eq. 1.7)

    Parameters
    ----------
    X : (n, d + 1) design matrix
    y : (n,) labels, each -1 or +1
    w : (..., d + 1) weights
    loss : `zero_one`, `hinge`, `squared_hinge` or `logistic`

    Returns
    -------
    g : (..., d + 1) array
    """
    derivative = DERIVATIVES[loss].plain
    return (derivative(y * (w @ X.T)) * y) @ X / len(y)


class Margin:
    """The cost and its gradient for data checked once: what the optimisers call in their loops.

    On data that a plane separates a hinge has many minimisers: compare costs, not weights.

    Parameters
    ----------
    X : (n, d + 1) design matrix
    y : (n,) labels, each -1 or +1
    loss : `zero_one`, `hinge`, `squared_hinge` or `logistic`
    """

    @checked(X=matrix, y=labels, loss=margin_loss)
    def __init__(self, X, y, loss=squared_hinge):
        self.X, self.y, self.loss = X.copy(), y.copy(), loss

    @checked(self=holder, w=weights, batch=batch)
    def margin(self, w, batch=slice(None)):
        """Return the margins at w, (..., n), of the rows that `batch` picks."""
        return margin.plain(self.X[batch], self.y[batch], w)

    @checked(self=holder, w=weights)
    def cost(self, w):
        """Return C(w), (...), for w of shape (..., d + 1)."""
        return cost.plain(self.X, self.y, w, self.loss)

    @checked(self=holder, w=weights, batch=batch)
    def gradient(self, w, batch=slice(None)):
        """Return the gradient of C at w, (..., d + 1), from the rows that `batch` picks."""
        return gradient.plain(self.X[batch], self.y[batch], w, self.loss)
