"""Chapter 7's exercises take every right answer and tell a wrong one what is wrong with it."""

import numpy as np
from exercise_tests import answer_tests

from descent import linear, perceptron
from descent.exercises import chapter07, check


def pocket(X, y, epochs):
    path = perceptron.fit(X, y, max_epochs=epochs).path
    errors = np.sum(perceptron.predict(X, path) != y, axis=1)
    return path[np.argmin(errors)]


def pocket_by_hand(X, y, epochs):
    """Sample by sample; of several equally good weights it keeps the last."""
    w = best = np.zeros(X.shape[1])
    fewest = np.sum(perceptron.predict(X, w) != y)
    for _ in range(epochs):
        for x_i, y_i in zip(X, y, strict=True):
            if y_i * (x_i @ w) <= 0:
                w = w + y_i * x_i
                errors = np.sum(perceptron.predict(X, w) != y)
                if errors <= fewest:
                    best, fewest = w, errors
    return best


def pocket_as_a_list(X, y, epochs):
    return pocket(X, y, epochs).tolist()


def last_weights(X, y, epochs):
    return perceptron.fit(X, y, max_epochs=epochs).w


def pocket_once_an_epoch(X, y, epochs):
    """Agrees wherever the best weights end an epoch."""
    ends = [perceptron.fit(X, y, max_epochs=k).w for k in range(1, epochs + 1)]
    return min(ends, key=lambda w: np.sum(perceptron.predict(X, w) != y))


def average_weights(X, y, epochs):
    return perceptron.fit(X, y, max_epochs=epochs).path.mean(axis=0)


def least_squares(X, y, epochs):
    return linear.normal_equation(X, y)


def the_most_errors(X, y, epochs):
    path = perceptron.fit(X, y, max_epochs=epochs).path
    return path[np.argmax(np.sum(perceptron.predict(X, path) != y, axis=1))]


def with_its_errors(X, y, epochs):
    w = pocket(X, y, epochs)
    return w, int(np.sum(perceptron.predict(X, w) != y))


def one_epoch_alone(X, y, epochs):
    """Agrees where one pass is enough."""
    return pocket(X, y, 1)


def add(a, b, c, nand):
    m = nand(a, b)
    s = nand(nand(a, m), nand(b, m))
    r = nand(s, c)
    return nand(nand(s, r), nand(c, r)), nand(m, r)


def add_of_parts(a, b, c, nand):
    """The gates one by one, as one would draw them."""

    def no(p):
        return nand(p, p)

    def both(p, q):
        return no(nand(p, q))

    def either(p, q):
        return nand(no(p), no(q))

    def differ(p, q):
        return both(either(p, q), nand(p, q))

    return [differ(differ(a, b), c), either(both(a, b), both(differ(a, b), c))]


def add_by_majority(a, b, c, nand):
    def xor(p, q):
        m = nand(p, q)
        return nand(nand(p, m), nand(q, m))

    pairs = nand(a, b), nand(a, c), nand(b, c)
    two = nand(pairs[0], pairs[1])
    return xor(xor(a, b), c), nand(nand(two, two), pairs[2])


def half_adder(a, b, c, nand):
    """Agrees while c is 0."""
    m = nand(a, b)
    return nand(nand(a, m), nand(b, m)), nand(m, m)


def twos_forget_the_carry(a, b, c, nand):
    """Agrees unless exactly one of a and b, and c, are on."""
    m = nand(a, b)
    s = nand(nand(a, m), nand(b, m))
    r = nand(s, c)
    return nand(nand(s, r), nand(c, r)), nand(m, m)


RIGHT = [
    ("7.1", -5),
    ("7.1", "−5"),
    ("7.1", np.float64(-5.0)),
    ("7.2", "c"),
    ("7.2", " C "),
    ("7.2", "It corrects the same samples in the same order; only the weights are smaller."),
    ("7.3", 5),
    ("7.3", "5"),
    ("7.3", np.int64(5)),
    ("7.4", 9),
    ("7.4", "9.0"),
    ("7.4", 3 / (1 / np.sqrt(3)) ** 2),
    ("7.5", pocket),
    ("7.5", pocket_by_hand),
    ("7.5", pocket_as_a_list),
    ("7.6", add),
    ("7.6", add_of_parts),
    ("7.6", add_by_majority),
]

WRONG = [
    ("7.1", 5, "minus the threshold"),
    ("7.1", -7, "exactly 0"),
    ("7.1", -6, "still rise"),
    ("7.1", -4, "company alone"),
    ("7.1", -4.9, "company alone"),
    ("7.1", -5.1, "exactly 0"),
    ("7.1", -5.5, "exactly 0"),
    ("7.2", "a", "sign alone"),
    ("7.2", "b", "nothing is left"),
    ("7.2", "d", "does not move"),
    ("7.2", 100, "none of the options"),
    ("7.3", 4, "still a mistake"),
    ("7.3", 6, "how much does each update"),
    ("7.3", 7, "3, not 2"),
    ("7.3", 3, "rate is 0.5"),
    ("7.3", 2, "adds 0.5"),
    ("7.4", 51, "inputs 0 and 1"),
    ("7.4", 3, "square"),
    ("7.4", 6, "three entries"),
    ("7.4", 4, "bias counts"),
    ("7.4", 13.5, "−1/2"),
    ("7.4", 1, "γ² below"),
    ("7.5", last_weights, "as the last"),
    ("7.5", pocket_once_an_epoch, "passed through"),
    ("7.5", average_weights, "your weights"),
    ("7.5", least_squares, "your weights"),
    ("7.5", the_most_errors, "your weights make"),
    ("7.5", one_epoch_alone, "your weights make"),
    ("7.5", with_its_errors, "one weight for each column"),
    ("7.5", lambda X, y, epochs: np.zeros(X.shape[1]), "your weights make"),
    ("7.6", half_adder, "For 0 + 0 + 1"),
    ("7.6", twos_forget_the_carry, "For 0 + 1 + 1"),
    ("7.6", lambda a, b, c, nand: (nand(a, b), (a + b + c) // 2), "no arithmetic"),
    ("7.6", lambda a, b, c, nand: (add(a, b, c, nand)[0], a and b), "no arithmetic"),
    ("7.6", lambda a, b, c, nand: add(int(a), int(b), int(c), nand), "no arithmetic"),
    ("7.6", lambda a, b, c, nand: add(1, 0, 1, nand), "nand takes the inputs"),
    ("7.6", lambda a, b, c, nand: (nand(a, a), c), "Both bits"),
    ("7.6", lambda a, b, c, nand: (a, b), "never called"),
    ("7.6", lambda a, b, c, nand: add(a, b, c, nand)[::-1], "other way round"),
    ("7.6", lambda a, b, c, nand: nand(a, b), "pair"),
]


test_right_answer, test_wrong_answer, test_every_exercise = answer_tests(chapter07, RIGHT, WRONG)


def test_the_adder_is_told_how_many_calls_it_makes():
    assert "9 calls of nand." in check("7.6", add).text
    assert "; nine will do" in check("7.6", add_of_parts).text
