"""The answers of chapter 3, each computed by the core when it is asked for."""

import warnings

import numpy as np

from descent import data, linear, margin, optimize
from descent.exercises.kinds import Choice, Exercise, Function, Number, Vector, finite_vector

_FLOWER = np.array([1.0, 1.4, 0.2])
_WEIGHTS = np.array([-1.0, 0.5, 0.5])


def _overlap(columns=(2, 3)):
    """Return X and y of versicolor and virginica, by default with the petals, standardised."""
    pair = data.iris_pair("versicolor", "virginica")
    return linear.design_matrix(linear.standardize(pair.features[:, columns]).features), pair.labels


def _least_cost(X, y):
    """Return the least squared hinge cost, by gradient descent."""
    problem = margin.Margin(X, y)
    eta = 1 / linear.spectrum(X).eigenvalues[-1]
    w = optimize.gradient_descent(problem.gradient, np.zeros(X.shape[1]), eta, 2000, every=2000).w
    return float(problem.cost(w[-1]))


def _wrong_at_most(factor):
    return float(np.floor(100 * factor * _least_cost(*_overlap())))


def _loss_at_half_wrong(loss):
    return float(loss(np.dot([-3, 1, 0], [1, 2.5, 1.0])))


def _pull(y):
    return margin.gradient(_FLOWER[None], np.array([y]), _WEIGHTS)


def _test_logistic_gradient(logistic_gradient):
    """Compare with the core at small margins, then ask for margins of 1000."""
    X, y = _overlap()
    for scale in (1.0, 1e3):
        w = scale * np.array([0.2, -1.0, 0.5])
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                with np.errstate(over="raise", invalid="raise", divide="raise"):
                    found = finite_vector(logistic_gradient(X.copy(), y.copy(), w.copy()), 3)
            except (FloatingPointError, RuntimeWarning):
                return f"At margins of about {scale:.0f} it overflows: use no large power of e."
        if found is None:
            return "It must return one slope for each column of X, an array of shape (3,)."
        right = margin.gradient(X, y, w, margin.logistic)
        for factor, words in (
            (1, None),
            (-1, "The sign is turned: this points downhill, the gradient points uphill."),
            (len(y), "This is the sum over the flowers; the cost is their mean."),
        ):
            if np.allclose(found, factor * right, rtol=1e-6, atol=1e-9):
                if words is None:
                    break
                return words
        else:
            return (
                "Nudge a weight and compare with the cost: the slope differs. Is the label y "
                "outside of G′ too?"
            )
    return None


def _test_fit_by_sets(fit_by_sets):
    """Ask for a gradient of zero, which is the minimum of a convex cost, on two data sets."""
    for columns in ((2, 3), (0, 1, 2, 3)):
        X, y = _overlap(columns)
        found = finite_vector(fit_by_sets(X.copy(), y.copy()), X.shape[1])
        if found is None:
            return f"It must return one weight for each column of X, here {X.shape[1]}."
        slope = np.linalg.norm(margin.gradient(X, y, found))
        if slope < 1e-9:
            continue
        if np.allclose(found, linear.normal_equation(X, y)):
            return "This is the first fit, of all flowers. Now drop those with margin 1 or more."
        return f"The gradient still has length {slope:.4f}. Repeat until the set stays the same."
    return None


EXERCISES = (
    Exercise(
        "3.1",
        "One flower, one loss",
        answer=Number(
            lambda: _loss_at_half_wrong(margin.squared_hinge),
            rtol=1e-3,
            mistakes=[
                (2.25, "That is the square of what is lacking; the squared hinge is half of it."),
                (lambda: _loss_at_half_wrong(margin.hinge), "That is the plain hinge: square it."),
                (0.125, "The flower lacks 1 − m with m = −0.5: more than 1, not less."),
                (-0.5, "That is the margin. What does it lack of 1?"),
            ],
        ),
        hints=(
            "First the score, then the margin, then what the margin lacks of 1.",
            "The score is −3 + 2.5 = −0.5, and y = 1, so the margin is −0.5 too.",
        ),
    ),
    Exercise(
        "3.2",
        "Twice the weights",
        answer=Choice(
            [
                "All four double.",
                "All four stay, for the boundary has not moved.",
                "The 0-1 cost stays; each of the other three may rise or fall.",
                "The 0-1 cost stays; the other three fall, since the margins have grown.",
            ],
            correct=2,
            why={
                0: "The margins double. A cost is not proportional to them, and a count never is.",
                1: "The boundary has not moved, but three of the losses look at the margins' size.",
                3: "The margins of wrong flowers are negative: doubled, they become worse.",
            },
        ),
        hints=(
            "Every margin doubles. What does that do to the signs?",
            "Compare a flower at margin −1 with one at margin 0.4.",
        ),
    ),
    Exercise(
        "3.3",
        "A pull with a pencil",
        answer=Vector(
            lambda: _pull(-1.0),
            rtol=1e-3,
            mistakes=[
                (lambda: -_pull(-1.0), "That is the pull. The gradient points the other way."),
                (
                    lambda: -1.2 * _FLOWER,
                    "You took y = +1, but a setosa has the label −1.",
                ),
                ([0.0, 0.0, 0.0], "The margin is 0.2: right, but below 1, so it still pulls."),
                (lambda: -0.2 * _FLOWER, "That is the score times x; subtract the label first."),
            ],
        ),
        hints=(
            "Is the margin below 1? If so, the gradient is (w·x − y) x.",
            "The score is −1 + 0.7 + 0.1 = −0.2, and minus the label that makes 0.8.",
        ),
    ),
    Exercise(
        "3.4",
        "How many at most?",
        answer=Number(
            lambda: _wrong_at_most(2),
            rtol=0,
            mistakes=[
                (
                    lambda: _wrong_at_most(1),
                    "That would do for a loss of at least 1 at each wrong flower. Here it is 1/2.",
                ),
                (lambda: _wrong_at_most(2) + 1, "13 wrong flowers would cost at least 0.065."),
                (
                    lambda: round(200 * _least_cost(*_overlap()), 2),
                    "Flowers come whole: round down.",
                ),
            ],
        ),
        hints=(
            "What is the least that a wrong flower contributes to the sum of losses?",
            "Each wrong flower costs at least 1/2, and the hundred losses sum to 6.42.",
        ),
    ),
    Exercise(
        "3.5",
        "The logistic gradient, at any margin",
        answer=Function(_test_logistic_gradient),
        hints=(
            "Chain rule: the mean of G′(m) y x with G′(m) = −1/(1 + e^m).",
            "1/(1 + e^m) = (1 − tanh(m/2))/2, and tanh never overflows.",
        ),
    ),
    Exercise(
        "3.6",
        "An equation after all",
        answer=Function(_test_fit_by_sets),
        hints=(
            "The first set is everything; after each fit the set is y * (X @ w) < 1.",
            "np.linalg.lstsq(X[lacks], y[lacks])[0] in a loop, until lacks stays the same.",
        ),
    ),
)
