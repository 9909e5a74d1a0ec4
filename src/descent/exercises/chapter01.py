"""The answers of chapter 1, each computed by the core when it is asked for."""

import numpy as np

from descent import data, linear
from descent.exercises.kinds import Choice, Exercise, Function, Number, finite_vector


def _fit():
    """Return X, y and the best weights of the five trips."""
    trips = data.commute()
    X = linear.design_matrix(trips.features)
    return X, trips.minutes, linear.normal_equation(X, trips.minutes)


def _minutes(*x):
    return float(np.dot(x, _fit()[2]))


def _on_the_line():
    trips = data.commute()
    w = linear.normal_equation(linear.design_matrix(trips.distance), trips.minutes)
    return float(w @ [1, 3.5])


def _squares_about_the_mean():
    y = data.commute().minutes
    return float(np.sum((y - y.mean()) ** 2))


def _left_out(features):
    """Return the mean squared miss on each trip from a fit of the other four."""
    X, y = linear.design_matrix(features), data.commute().minutes
    rows = np.arange(len(y))
    fits = [linear.normal_equation(X[rows != i], y[rows != i]) for i in rows]
    return float(np.mean((np.sum(X * fits, axis=1) - y) ** 2))


def _mean_square():
    X, y, w = _fit()
    return float(2 * linear.cost(X, y, w))


def _once_too_often():
    X, y, w = _fit()
    leverage = np.sum(X * np.linalg.solve(X.T @ X, X.T).T, axis=1)
    return float(np.mean((y - X @ w) ** 2 / (1 - leverage)))


def _test_weighted_fit(weighted_fit):
    """Compare with rows scaled by √s; the trust is not whole, so no row can be written twice."""
    X, y, _ = _fit()
    s = np.array([1.5, 3.25, 2, 1.25, 4.75])
    found = finite_vector(weighted_fit(X.copy(), y.copy(), s.copy()), 3)
    if found is None:
        return "It must return one weight for each column of X, an array of shape (3,)."

    def equals(s, t=None):
        a, b = np.sqrt(s), np.sqrt(s if t is None else t)
        return np.allclose(found, linear.normal_equation(X * a[:, None], y * b), rtol=1e-6)

    if equals(s):
        return None
    one = np.ones(5)
    for trust, words in (
        ((np.floor(s),), "The trust is cut to whole numbers; s = 1.5 must count one and a half."),
        (
            (np.rint(s),),
            "The trust is rounded to whole numbers; s = 1.5 must count one and a half.",
        ),
        ((one,), "These are the weights without trust: s has no effect on them."),
        ((s**2,), "Each row counts s² times: a factor s before the square becomes √s inside it."),
        ((np.sqrt(s),), "Each row counts √s times; s belongs before the square."),
        ((1 / s,), "The trusted trips count least: you divide by s where you should multiply."),
        ((s, one), "X carries the trust and y does not; each row of both needs the same factor."),
        ((one, s), "y carries the trust and X does not; each row of both needs the same factor."),
        ((one, s**2), "Only y carries the trust; XᵀX needs it too, as Xᵀ S X."),
    ):
        if equals(*trust):
            return words
    return (
        "With s = (1.5, 3.25, 2, 1.25, 4.75) the weights are not those of least cost: the "
        f"weighted residuals should have a zero product with each column, and yours have "
        f"{_listed(X.T @ (s * (y - X @ found)))}."
    )


def _listed(values):
    return ", ".join(f"{value:.3g}" for value in values)


def _test_solve_qr(solve_qr):
    """Ask for least squares; then count the digits where κ is 1e2, 1e6 and 1e10."""
    rng = np.random.default_rng(3)
    X, y = rng.standard_normal((20, 4)), rng.standard_normal(20)
    found = finite_vector(solve_qr(X.copy(), y.copy()), 4)
    if found is None:
        return "It must return one weight for each column of X, an array of shape (4,)."
    if not np.allclose(found, linear.normal_equation(X, y)):
        return (
            "On 20 noisy samples these are not the weights of least cost: the residual should "
            f"have a zero product with each column, and yours has {_listed(X.T @ (y - X @ found))}."
        )
    for power, wanted in ((2, 11), (6, 8), (10, 4)):
        rng = np.random.default_rng(power)
        wrong = []
        for _ in range(20):
            X = _ill_conditioned(rng, power)
            try:
                found = finite_vector(solve_qr(X, X @ np.ones(4)), 4)
            except np.linalg.LinAlgError:
                return _lost(power, 0)
            wrong.append(np.inf if found is None else np.abs(found - 1).max())
        digits = -np.log10(np.clip(np.median(wrong), 1e-17, 1))
        if digits < wanted:
            return _lost(power, max(round(digits), 0))
    return None


def _ill_conditioned(rng, power):
    U, _ = np.linalg.qr(rng.standard_normal((20, 4)))
    V, _ = np.linalg.qr(rng.standard_normal((4, 4)))
    return U * np.logspace(0, -power, 4) @ V.T


def _lost(power, digits):
    return (
        f"At κ = 10^{power} your weights keep {digits} digits; QR keeps at least {14 - power}. "
        "Does XᵀX, an inverse or RᵀR still occur somewhere?"
    )


EXERCISES = (
    Exercise(
        "1.1",
        "Read the model",
        answer=Number(
            lambda: _minutes(1, 3.5, 1),
            rtol=2e-3,
            unit="min",
            mistakes=[
                (
                    lambda: _minutes(1, 3.5, 0),
                    "That is a weekend trip: the weekday weight is missing.",
                ),
                (lambda: _minutes(0, 3.5, 1), "The intercept is missing: every trip pays it."),
                (
                    lambda: _minutes(0, 3.5, 0),
                    "That is the distance part alone; add the other two.",
                ),
                (
                    _on_the_line,
                    "That is the line on distance alone; use the model with both features.",
                ),
                (
                    6.1 + 6.5 * 3.5 + 2.1,
                    "Close, but rounded too early: keep the weights' digits, give one decimal.",
                ),
                (
                    lambda: _minutes(1, 3.5, 1) / 60,
                    "That is in hours; the model's unit is minutes.",
                ),
            ],
        ),
        hints=(
            "The feature vector is (1, 3.5, 1); all three weights count.",
            "Add the intercept, 3.5 times the distance weight, and the weekday weight.",
        ),
    ),
    Exercise(
        "1.2",
        "The same answer for everybody",
        answer=Number(
            lambda: _squares_about_the_mean() / 10,
            rtol=1e-3,
            unit="min²",
            mistakes=[
                (
                    lambda: _squares_about_the_mean() / 5,
                    "That is the mean squared error; C is half of it.",
                ),
                (
                    lambda: _squares_about_the_mean() / 2,
                    "You halved the sum but did not divide by n = 5.",
                ),
                (_squares_about_the_mean, "That is the sum of squares; C divides it by 2n."),
                (0.0, "The residuals cancel in a plain sum. Square each one first."),
                (53.0, "Close; give one decimal."),
                (lambda: _squares_about_the_mean() / 8, "Divide by 2n = 10, not by 2 (n − 1)."),
            ],
        ),
        hints=(
            "Square the five residuals, add them, and divide by 2n.",
            "The residuals are −3, 5, −13, 17 and −6 minutes, and 2n is 10.",
        ),
    ),
    Exercise(
        "1.3",
        "Metres for kilometres",
        answer=Choice(
            [
                "All three weights become a thousand times smaller; the predictions stay.",
                "Only the distance weight becomes a thousand times smaller; the predictions stay.",
                "Only the distance weight changes, and the cost becomes a million times larger.",
                "The predictions improve, because a metre is a finer unit.",
            ],
            correct=1,
            why={
                0: "The intercept is in minutes, and minutes have not changed.",
                2: "The cost is in min². No minute has changed, so no miss has.",
                3: "2700 m is the same length as 2.7 km: the data say nothing new.",
            },
        ),
        hints=(
            "Which weights can give the same predictions as before?",
            "What is the unit of each weight, and which of these units contains a length?",
        ),
    ),
    Exercise(
        "1.4",
        "Trust some trips more",
        answer=Function(_test_weighted_fit),
        hints=(
            "Put the numbers s on the diagonal of a matrix S; then C = (Xw − y)ᵀ S (Xw − y) / 2n.",
            "s r² = (√s r)²: multiply each row of X and each entry of y by √s, then fit as before.",
        ),
    ),
    Exercise(
        "1.5",
        "Leave one out without leaving it out",
        answer=Number(
            lambda: _left_out(data.commute().features),
            rtol=2e-3,
            unit="min²",
            mistakes=[
                (
                    _mean_square,
                    "These are the ordinary residuals; divide each by 1 − Pᵢᵢ before you square.",
                ),
                (_once_too_often, "Divide before you square, so that 1 − Pᵢᵢ is squared too."),
                (
                    lambda: _left_out(data.commute().features) / 2,
                    "The mean of the squares, not half of it.",
                ),
                (
                    lambda: 5 * _left_out(data.commute().features),
                    "That is the sum; divide it by 5.",
                ),
                (
                    lambda: _left_out(data.commute().distance),
                    "That is the line on distance alone; here the model has both features.",
                ),
                (
                    lambda: _left_out(data.commute().features) ** 0.5,
                    "That is its root, the typical residual in minutes; give the mean square.",
                ),
                (36.0, "Close; give one decimal."),
            ],
        ),
        hints=(
            "Replace yᵢ by its prediction from the other four: then all five fit as the four do.",
            "np.mean((e / (1 - P.diagonal())) ** 2), with e and P from this chapter.",
        ),
    ),
    Exercise(
        "1.6",
        "How many digits survive?",
        answer=Function(_test_solve_qr),
        hints=(
            "Put X = QR into the normal equation; QᵀQ is the identity, and Rᵀ can be cancelled.",
            "What remains is R w = Qᵀ y, a system of the size of w: np.linalg.solve finishes it.",
        ),
    ),
)
