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
        if np.allclose(found, right, rtol=1e-6, atol=1e-9):
            continue
        slope = margin.logistic_derivative(margin.margin(X, y, w))
        for wrong, words in (
            (-right, "The sign is turned: this points downhill, the gradient points uphill."),
            (len(y) * right, "This is the sum over the flowers; the cost is their mean."),
            (slope @ X / len(y), "The label y is missing outside of G′: ∇m = y x."),
            (
                (-1 - slope) * y @ X / len(y),
                "Mind the sign inside the power: G′(m) = −1/(1 + e^m), not −1/(1 + e^−m).",
            ),
            (right / np.log(2), "That is the gradient for the logarithm to base 2; here it is ln."),
            (margin.gradient(X, y, w), "That is the gradient of the squared hinge cost."),
        ):
            if np.allclose(found, wrong, rtol=1e-6, atol=1e-9):
                return words
        j = np.argmax(np.abs(found - right))
        return (
            f"At margins of about {scale:g} the slope in weight {j} is {right[j]:.4g} by nudging "
            f"it, and yours is {found[j]:.4g}."
        )
    return None


def _test_fit_by_sets(fit_by_sets):
    """Ask for a gradient of zero, which is the minimum of a convex cost, on three data sets.

    In the third a sample that the first fits drop has to come back.
    """
    clouds = data.two_clouds(30, n_features=3, rng=np.random.default_rng(34))
    third = linear.design_matrix(clouds.features), clouds.labels
    for X, y in (_overlap(), _overlap((0, 1, 2, 3)), third):
        found = finite_vector(fit_by_sets(X.copy(), y.copy()), X.shape[1])
        if found is None:
            return f"It must return one weight for each column of X, here {X.shape[1]}."
        slope = np.linalg.norm(margin.gradient(X, y, found))
        if slope < 1e-9:
            continue
        if np.allclose(found, linear.normal_equation(X, y)):
            return "This is the first fit, of all samples. Now drop those with margin 1 or more."
        if np.allclose(found, _shrinking(X, y)):
            return "A sample that was dropped must come back when its margin falls below 1 again."
        return f"The gradient still has length {slope:.4f}. Repeat until the set stays the same."
    return None


def _shrinking(X, y):
    """Return the weights of the loop that never takes a flower back."""
    lacks, before = np.full(len(y), True), 0
    while np.sum(lacks) != before:
        before, w = np.sum(lacks), np.linalg.lstsq(X[lacks], y[lacks])[0]
        lacks = lacks & (y * (X @ w) < 1)
    return w


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
                (1.13, "Close, but rounded too early; give three decimals."),
                (1.12, "Close, but rounded too early; give three decimals."),
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
                (lambda: _FLOWER, "That is the gradient of the plain hinge, −y x."),
                (
                    lambda: 1.6 * _FLOWER,
                    "The squared hinge has a factor ½: you have twice its slope.",
                ),
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
                (12.8, "Flowers come whole: round down."),
                (0.12, "That is a share; ask how many of the 100."),
                (0.1284, "That is a share; ask how many of the 100, rounded down."),
                (64, "The cost is 0.0642 a flower on average, so the losses sum to 6.42."),
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
