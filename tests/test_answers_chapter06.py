"""Chapter 6's exercises take every right answer and tell a wrong one what is wrong with it."""

from fractions import Fraction

import numpy as np
from exercise_tests import answer_tests

from descent import data, linear, optimize
from descent.exercises import chapter06

X_LINE = linear.design_matrix(data.commute().distance)
LOW, HIGH = np.linalg.eigvalsh(X_LINE.T @ X_LINE / 5)
ETA = 4 / (np.sqrt(LOW) + np.sqrt(HIGH)) ** 2
RHO = (np.sqrt(HIGH / LOW) - 1) / (np.sqrt(HIGH / LOW) + 1)


class RMSProp:
    """As in the solution."""

    squares = None

    def step(self, parameters, gradients, eta):
        if self.squares is None:
            self.squares = [np.zeros_like(W) for W in parameters]
        for W, dW, h in zip(parameters, gradients, self.squares, strict=True):
            h[...] = 0.9 * h + 0.1 * dW**2
            W -= eta * dW / (np.sqrt(h) + 1e-8)


class RMSPropOfAnyShare:
    """Makes new averages, moves by index, and returns what it need not return."""

    def __init__(self, keep=0.9):
        self.keep, self.squares = keep, None

    def step(self, parameters, gradients, eta):
        pairs = zip(self.squares or gradients, gradients, strict=True)
        old = self.keep if self.squares else 0.0
        self.squares = [old * s + (1 - self.keep) * dW**2 for s, dW in pairs]
        for k in range(len(parameters)):
            root = np.sqrt(self.squares[k])
            parameters[k][...] = parameters[k] - eta * gradients[k] / (root + 1e-8)
        return parameters


class RMSPropByLoops:
    def __init__(self):
        self.averages = {}

    def step(self, parameters, gradients, eta):
        for k, (W, dW) in enumerate(zip(parameters, gradients, strict=True)):
            for at in np.ndindex(W.shape):
                s = 0.9 * self.averages.get((k, at), 0.0) + 0.1 * dW[at] ** 2
                self.averages[k, at] = s
                W[at] -= eta * dW[at] / (s**0.5 + 1e-8)


def with_average(average, move=lambda dW, s: dW / (np.sqrt(s) + 1e-8)):
    """Return RMSProp with another average (h, g^2, t) or another way to divide by it."""

    class Mistaken(RMSProp):
        t = 0

        def step(self, parameters, gradients, eta):
            self.t += 1
            self.squares = self.squares or [0.0 for _ in parameters]
            for k, (W, dW) in enumerate(zip(parameters, gradients, strict=True)):
                self.squares[k] = average(self.squares[k], dW**2, self.t)
                W -= eta * move(dW, self.squares[k])

    return Mistaken


def decaying(h, g2, t):
    return 0.9 * h + 0.1 * g2


def corrected(h, g2, t):
    """The corrected average itself, updated: 1/c_t of what RMSProp keeps, c_t = 1 - 0.9^t."""
    return (0.9 * h * (1 - 0.9 ** (t - 1)) + 0.1 * g2) / (1 - 0.9**t)


class OneAverage:
    """Agrees as long as there is one array."""

    average = 0.0

    def step(self, parameters, gradients, eta):
        for W, dW in zip(parameters, gradients, strict=True):
            self.average = 0.9 * self.average + 0.1 * dW**2
            W -= eta * dW / (np.sqrt(self.average) + 1e-8)


class FirstArrayAlone:
    squares = 0.0

    def step(self, parameters, gradients, eta):
        self.squares = 0.9 * self.squares + 0.1 * gradients[0] ** 2
        parameters[0] -= eta * gradients[0] / (np.sqrt(self.squares) + 1e-8)


class SharedByAllRuns:
    """Agrees in its first run: the list belongs to the class."""

    squares = []  # noqa: RUF012

    def step(self, parameters, gradients, eta):
        for W, dW, k in zip(parameters, gradients, range(len(parameters)), strict=True):
            if len(self.squares) <= k:
                self.squares.append(np.zeros_like(W))
            self.squares[k] = 0.9 * self.squares[k] + 0.1 * dW**2
            W -= eta * dW / (np.sqrt(self.squares[k]) + 1e-8)


class NotInPlace(RMSProp):
    def step(self, parameters, gradients, eta):
        super().step([W.copy() for W in parameters], gradients, eta)


class ReturnsNewArrays(RMSProp):
    def step(self, parameters, gradients, eta):
        moved = [W.copy() for W in parameters]
        super().step(moved, gradients, eta)
        return moved


class PutsNewArraysIn(RMSProp):
    def step(self, parameters, gradients, eta):
        parameters[:] = [W.copy() for W in parameters]
        super().step(parameters, gradients, eta)


class SpoilsGradients(RMSProp):
    def step(self, parameters, gradients, eta):
        super().step(parameters, gradients, eta)
        gradients[0] *= eta


class Climbing(RMSProp):
    def step(self, parameters, gradients, eta):
        super().step(parameters, gradients, -eta)


def rmsprop(parameters, gradient, state, eta):
    """RMSProp as a function, which the core cannot use."""
    squares = 0.1 * gradient**2 + (0.0 if state is None else 0.9 * state)
    return parameters - eta * gradient / (np.sqrt(squares) + 1e-8), squares


RIGHT = [
    ("6.1", -0.542),
    ("6.1", "−0.542"),
    ("6.1", Fraction(-542, 1000)),
    ("6.1", -0.2 * (1 + 0.9 + 0.81)),
    ("6.2", [0.253, 0.642]),
    ("6.2", (ETA, RHO**2)),
    ("6.2", "0.2527; 0.6418"),
    ("6.3", "c"),
    ("6.3", "(c)"),
    ("6.3", "AdaGrad and Adam"),
    ("6.4", RMSProp),
    ("6.4", RMSProp()),
    ("6.4", RMSPropOfAnyShare),
    ("6.4", RMSPropByLoops),
    ("6.5", 38),
    ("6.5", "38.0"),
    ("6.5", 2 * (1 + 0.9) / (1 - 0.9)),
]

WRONG = [
    ("6.1", 0.542, "down the slope"),
    ("6.1", -0.38, "That is v₂"),
    ("6.1", -0.6878, "one step too many"),
    ("6.1", -0.2, "first step alone"),
    ("6.1", -2, "in the long run"),
    ("6.1", -0.54, "rounded too far"),
    ("6.1", -5.42, "left out the rate"),
    ("6.1", -0.6, "keeps everything"),
    ("6.2", [ETA, RHO], "its root, ρ"),
    ("6.2", [RHO**2, ETA], "the rate first"),
    ("6.2", [2 / (LOW + HIGH), RHO**2], "plain descent"),
    ("6.2", [0.25, 0.64], "rounded too far"),
    ("6.2", [0.253, 0.64], "β is rounded too far"),
    ("6.2", [0.255, 0.713], "both features"),
    ("6.2", [ETA / 5, RHO**2], "1/n"),
    ("6.2", [ETA, ((HIGH - LOW) / (HIGH + LOW)) ** 2], "root of κ"),
    ("6.2", ETA, "one number"),
    ("6.3", "a", "hundred times as long"),
    ("6.3", "b", "gradient once"),
    ("6.3", "d", "above and below"),
    ("6.3", "e", "none of the options"),
    ("6.4", optimize.AdaGrad, "sums the squares"),
    ("6.4", with_average(lambda h, g2, t: 0.9 * h + g2), "counts in full"),
    ("6.4", with_average(corrected), "is not corrected"),
    ("6.4", with_average(lambda h, g2, t: decaying(h if t > 1 else g2, g2, t)), "first square"),
    ("6.4", with_average(lambda h, g2, t: 0.1 * h + 0.9 * g2), "other way round"),
    ("6.4", with_average(lambda h, g2, t: 0.999 * h + 0.001 * g2), "Adam's share"),
    ("6.4", with_average(lambda h, g2, t: 0.1 * g2), "forgets the steps before"),
    ("6.4", with_average(decaying, lambda dW, s: dW / (s + 1e-8)), "divide by its square root"),
    ("6.4", with_average(decaying, lambda dW, s: dW / np.sqrt(s + 1e-8)), "not to what stands"),
    ("6.4", with_average(decaying, lambda dW, s: dW / np.sqrt(s)), "became NaN"),
    ("6.4", with_average(lambda h, g2, t: np.sqrt(decaying(h, g2, t))), "is not that of RMSProp"),
    ("6.4", optimize.SGD, "Step 1 is not that of RMSProp"),
    ("6.4", optimize.Adam(), "is not that of RMSProp"),
    ("6.4", Climbing, "up the slope"),
    ("6.4", OneAverage, "one average for all arrays"),
    ("6.4", FirstArrayAlone, "left parameters[1] as it was"),
    ("6.4", SharedByAllRuns, "does not repeat the first"),
    ("6.4", NotInPlace, "It left parameters[0] as it was"),
    ("6.4", ReturnsNewArrays, "It returned new arrays"),
    ("6.4", PutsNewArraysIn, "new arrays into the list"),
    ("6.4", SpoilsGradients, "changed the gradients"),
    ("6.4", rmsprop, "with its method step"),
    ("6.4", RMSProp().step, "with its method step"),
    ("6.4", type("Lazy", (), {"step": lambda self, parameters: None}), "stopped with TypeError"),
    ("6.5", 3.8, "limit of momentum"),
    ("6.5", 2, "plain descent"),
    ("6.5", 0.38, "do not multiply"),
    ("6.5", 20, "2(1 + β)"),
]


test_right_answer, test_wrong_answer, test_every_exercise = answer_tests(chapter06, RIGHT, WRONG)
