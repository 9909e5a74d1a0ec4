"""The answers of chapter 4, each computed by the core when it is asked for."""

import numpy as np

from descent import data, linear
from descent.exercises.kinds import Choice, Exercise, Function, Number, Vector


def _trips():
    trips = data.commute()
    return linear.design_matrix(trips.features), trips.minutes


def _walk(steps, eta=0.05):
    """Return the weights after these steps from zero; a negative rate climbs."""
    X, y = _trips()
    w = np.zeros(X.shape[1])
    for _ in range(steps):
        w = w - eta * linear.gradient(X, y, w)
    return w


def _line():
    return linear.spectrum(linear.design_matrix(data.commute().distance))


def _line_limit(factor=1.0):
    return factor * _line().stability_limit


def _eigenvalues():
    return linear.spectrum(_trips()[0]).eigenvalues


_INTERCEPT_TO_FLAGS = [[0, 0, 1, 1], [0, 1, 0, 0], [0, 0, 1, 0]]


def _shortest():
    X, y = _trips()
    return np.linalg.pinv(np.column_stack([X, 1 - X[:, 2]])) @ y


def _bowls():
    """Yield (H, best weights, start, tolerances), one with a condition number of 25,000."""
    X, y = _trips()
    yield linear.hessian(X), linear.normal_equation(X, y), np.zeros(3), (1e-1, 1e-5)
    rng = np.random.default_rng(4)
    for columns, smallest, largest, tolerances in (
        (12, 1e-2, 20.0, (1e-1, 1e-5)),
        (3, 2e-3, 50.0, (1e-1,)),
        (4, 1e-5, 1e-3, (1e-2,)),
    ):
        Q, _ = np.linalg.qr(rng.standard_normal((columns, columns)))
        H = (Q * np.geomspace(smallest, largest, columns)) @ Q.T
        best = rng.standard_normal(columns)
        start = best + Q @ np.geomspace(10, 1e-6, columns)  # mostly along the valley
        yield (H + H.T) / 2, best, start, tolerances


_PATIENCE = 300_000  # gradients in one walk; the best fixed rate needs a fifth of it at most


def _test_descend(descend):
    for H, best, start, tolerances in _bowls():
        smallest, largest = np.linalg.eigvalsh(H)[[0, -1]]
        condition = largest / smallest
        asked = []
        for tol in tolerances:
            calls = [0]

            def gradient(w, H=H, best=best, calls=calls):
                calls[0] += 1
                if calls[0] > _PATIENCE:
                    raise RuntimeError(f"it did not stop within {_PATIENCE:,} gradients")
                return H @ (np.asarray(w, dtype=float) - best)

            with np.errstate(over="ignore", invalid="ignore"):
                w = np.asarray(descend(gradient, start.copy(), smallest, largest, tol), dtype=float)
                if w.shape != best.shape:
                    return (
                        f"It returned shape {w.shape} for {best.size} weights; return one number "
                        "for each."
                    )
                away = np.linalg.norm(w - best)
            if not np.isfinite(away):
                return (
                    f"The walk diverged on a problem whose limit 2/λmax is {2 / largest:.3g}; "
                    "take the rate from the eigenvalues."
                )
            if away > tol * (1 + 1e-9):
                return (
                    f"With tol = {tol:g} a walk stopped {away:.2g} away, at condition number "
                    f"{condition:.0f}. Stop when the length of the gradient is at most λmin times "
                    "tol."
                )
            asked.append(calls[0])
        if len(asked) > 1 and asked[0] >= asked[1]:
            return (
                f"It asked for {asked[0]} gradients at tol = {tolerances[0]:g} and for {asked[1]} "
                f"at {tolerances[1]:g}; a walk that stops by itself ends sooner for a larger tol."
            )
    return None


_NOT_THE_SHORTEST = (
    "These weights cost the same, but the walk does not end there: it has no part along "
    "(1, 0, −1, −1), and these have."
)

EXERCISES = (
    Exercise(
        "4.1",
        "Two steps with a pencil",
        answer=Vector(
            lambda: _walk(2),
            rtol=2e-3,
            mistakes=[
                (
                    lambda: _walk(1),
                    "That is w₁, after one step; take the gradient again there and step.",
                ),
                (lambda: _walk(3), "That is w₃: you took one step too many."),
                (
                    lambda: 2 * _walk(1),
                    "The second step needs the gradient at w₁, not the one at the start.",
                ),
                (lambda: _walk(2, -0.05), "That walk climbs: a step goes against the gradient."),
                (
                    lambda: _walk(2, 0.25),
                    "These steps are five times too long: the gradient divides by n = 5.",
                ),
                (
                    lambda: _walk(2, 0.1),
                    "That is η = 0.1, or the gradient without the ½ in the cost.",
                ),
                (lambda: np.round(_walk(2), 1), "Right, but rounded too far: three decimals."),
            ],
        ),
        hints=(
            "The first step is half as long as that of the text; the second needs a new gradient.",
            "w₁ = (1.4, 5.134, 1.03). Now subtract 0.05 · Xᵀ(X w₁ − y)/5 from it.",
        ),
    ),
    Exercise(
        "4.2",
        "The longest safe step",
        answer=Number(
            _line_limit,
            rtol=0,
            atol=6e-4,  # three decimals
            mistakes=[
                (
                    lambda: _line_limit(0.5),
                    "That is 1/λmax, half the limit: there the zig-zag only begins.",
                ),
                (lambda: _line_limit(0.2), "You left out the 1/n: the Hessian is XᵀX/5."),
                (lambda: _line_limit(0.1), "That is 1/λmax of XᵀX: take 2/λmax, of XᵀX/5."),
                (
                    lambda: linear.spectrum(_trips()[0]).stability_limit,
                    "That is the limit with both features; leave the weekday column out.",
                ),
                (
                    lambda: _line().best_rate,
                    "That is the best rate, 2/(λmin + λmax); the limit is a little higher.",
                ),
                (lambda: 2 / _line_limit(), "That is λmax itself; the limit is 2/λmax."),
                (0.16, "Rounded too far: give three decimals. (At 0.16 itself the walk diverges.)"),
            ],
        ),
        hints=(
            "Build the design matrix of the distance alone, and the 2 × 2 matrix XᵀX/n from it.",
            "`linear.spectrum(linear.design_matrix(trips.distance))` knows the answer.",
        ),
    ),
    Exercise(
        "4.3",
        "Metres again",
        answer=Choice(
            [
                "the same: the trips have not changed",
                "about a thousand times smaller",
                "about a million times smaller",
                "about a thousand times larger",
            ],
            correct=2,
            why={
                0: "The trips are the same, but gradient descent sees numbers, and so their units.",
                1: "The column grows a thousandfold, but the Hessian holds products of columns.",
                3: "A steeper direction needs shorter steps, not longer ones.",
            },
        ),
        hints=(
            "The limit is 2/λmax, and λmax is the largest value of ‖Xv‖²/n over all v of length 1.",
            "The entry of XᵀX/n that belongs to the distance is the mean of its square.",
        ),
    ),
    Exercise(
        "4.4",
        "Stop with a guarantee",
        answer=Function(_test_descend),
        hints=(
            "The two eigenvalues give a safe rate; the text on stopping gives the bound.",
            "Step with 2/(smallest + largest) while the gradient is longer than smallest · tol.",
        ),
    ),
    Exercise(
        "4.5",
        "A valley with a level floor",
        answer=Vector(
            _shortest,
            rtol=1e-3,
            mistakes=[
                (
                    lambda: [*linear.normal_equation(*_trips()), 0.0],
                    _NOT_THE_SHORTEST,
                ),
                (
                    lambda: linear.normal_equation(*_trips()) @ _INTERCEPT_TO_FLAGS,
                    _NOT_THE_SHORTEST,
                ),
                (
                    lambda: _shortest()[[0, 1, 3, 2]],
                    "The two flags are the other way round: weekday first, then weekend.",
                ),
                (lambda: np.round(_shortest(), 1), "Right, but rounded too far: three decimals."),
                (lambda: np.round(_shortest(), 2), "Right, but rounded too far: three decimals."),
            ],
        ),
        hints=(
            "In which direction is the floor level, and does any step move that way?",
            "The walk finds the solution without a part along (1, 0, −1, −1); or just run 3,000 "
            "steps and look.",
        ),
    ),
    Exercise(
        "4.6",
        "Three steps are enough",
        answer=Vector(
            lambda: 1 / _eigenvalues()[::-1],
            rtol=6e-3,  # three significant digits
            mistakes=[
                (
                    lambda: 1 / _eigenvalues(),
                    "Right, in the other order: begin with the smallest rate.",
                ),
                (
                    lambda: 2 / _eigenvalues()[::-1],
                    "With 2/λ the factor is −1: that direction keeps its error.",
                ),
                (
                    lambda: 2 / _eigenvalues(),
                    "With 2/λ the factor is −1: that direction keeps its error.",
                ),
                (
                    lambda: np.round(1 / _eigenvalues()[::-1], 2),
                    "The first rate is rounded too far: three significant digits are 0.0751.",
                ),
                (
                    lambda: 1 / (5 * _eigenvalues()[::-1]),
                    "You left out the 1/n: the Hessian is XᵀX/5.",
                ),
                (_eigenvalues, "These are the eigenvalues; the rates come from them."),
                (
                    lambda: _eigenvalues()[::-1],
                    "These are the eigenvalues; the rates come from them.",
                ),
            ],
        ),
        hints=(
            "In direction j the three steps leave (1 − η₁λⱼ)(1 − η₂λⱼ)(1 − η₃λⱼ) of the error.",
            "One factor must be zero for each j: ηⱼ = 1/λⱼ.",
        ),
    ),
)
