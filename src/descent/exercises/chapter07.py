"""The answers of chapter 7, each computed by the core when it is asked for."""

from itertools import product

import numpy as np

from descent import data, linear, perceptron
from descent.exercises.kinds import Choice, Exercise, Function, Judgement, Number


def _updates_until_right():
    return len(perceptron.fit([[1, 1, 1]], [-1], eta=0.5, start=[1, 2, 3]).sample)


def _bound(low, separator):
    table = data.logic_gate("AND", low=low)
    X = linear.design_matrix(table.features)
    return perceptron.mistake_bound(X, table.labels, separator).mistakes


def _problems():
    """Yield name, X, y, epochs: XOR, two irises, and clouds that a line separates."""
    xor = data.logic_gate("XOR")
    yield "XOR", linear.design_matrix(xor.features), xor.labels, 10
    flowers = data.iris_pair("versicolor", "virginica")
    yield "the irises", linear.design_matrix(np.round(10 * flowers.features)), flowers.labels, 60
    clouds = data.separable_clouds(60, margin=0.1, rng=np.random.default_rng(5))
    yield "two clouds", linear.design_matrix(clouds.features), clouds.labels, 50


def _test_pocket(pocket):
    """Compare the errors of the answer with the fewest on the rule's whole path."""
    for name, X, y, epochs in _problems():
        path = perceptron.fit(X, y, max_epochs=epochs).path
        errors = np.sum(perceptron.predict(X, path) != y, axis=1)
        try:
            w = np.asarray(pocket(X.copy(), y.copy(), epochs), dtype=float)
        except (TypeError, ValueError):
            return "It must return one weight for each column of X, the best of the path."
        if w.shape != (X.shape[1],) or not np.isfinite(w).all():
            return "It must return one weight for each column of X, the best of the path."
        found, best = int(np.sum(perceptron.predict(X, w) != y)), int(errors.min())
        if found > best:
            last = ", as many as the last weights" if found == errors[-1] else ""
            return (
                f"On {name} your weights make {found} errors{last}; the rule has passed through "
                f"weights with {best} in {epochs} epochs."
            )
        if not np.any(np.all(np.isclose(path, w), axis=1)):
            return f"On {name} your weights are none of those that the rule passes through."
    return None


class _Wire:
    """A bit that only `nand` can read: no arithmetic, no comparison, no truth value."""

    def __init__(self, bit):
        self._bit = bit

    def __repr__(self):
        return "a wire"

    def _refuse(self, *_):
        raise TypeError("a wire is no number and knows no arithmetic; use calls of nand alone")

    for _name in (
        *("bool", "int", "float", "index", "hash", "eq", "ne", "lt", "le", "gt", "ge"),
        *("add", "radd", "sub", "rsub", "mul", "rmul", "mod", "rmod", "floordiv", "rfloordiv"),
        *("truediv", "rtruediv", "pow", "rpow", "xor", "rxor", "and", "rand", "or", "ror"),
        *("invert", "neg", "abs", "divmod", "rdivmod", "lshift", "rlshift", "rshift", "rrshift"),
    ):
        locals()[f"__{_name}__"] = _refuse


def _test_add(add):
    """Try all eight sums on wires and count the NANDs."""
    most = 0
    for bits in product([0, 1], repeat=3):
        made = []

        def nand(p, q, made=made):
            if not (isinstance(p, _Wire) and isinstance(q, _Wire)):
                raise TypeError("nand takes the inputs and what earlier calls of nand returned")
            made.append(_Wire(int(perceptron.gate(perceptron.NAND, p._bit, q._bit))))
            return made[-1]

        result = add(*map(_Wire, bits), nand)
        if not isinstance(result, (tuple, list)) or len(result) != 2:
            return "It must return a pair, (ones, twos)."
        if not made:
            return "It never called nand; every bit must come out of one."
        if not all(any(bit is wire for wire in made) for bit in result):
            return "Both bits of the answer must come out of a call of nand."
        most = max(most, len(made))
        ones, twos = (wire._bit for wire in result)
        words = f"{bits[0]} + {bits[1]} + {bits[2]}"
        if twos != ones and twos + 2 * ones == sum(bits):
            return f"For {words} the pair is the other way round: ones first, then twos."
        if ones + 2 * twos != sum(bits):
            return f"For {words} = {sum(bits)} it returns ones = {ones} and twos = {twos}."
    return Judgement(True, f"It takes {most} calls of nand{'' if most <= 9 else '; nine will do'}.")


EXERCISES = (
    Exercise(
        "7.1",
        "The bias of an evening",
        answer=Number(
            -5.0,
            rtol=0,
            atol=1e-6,
            mistakes=[
                (5.0, "That is the threshold; the bias is minus the threshold."),
                (-7.0, "At −7 company and easy traffic score exactly 0, and 0 is a no."),
                (7.0, "Mind the sign, and which end of the range is asked for."),
                (-6.0, "That is the bias it has; it can still rise."),
                (-4.0, "At −4 company alone scores 1 and takes you out."),
                (-4.9, "At −4.9 company alone scores 0.1 and takes you out."),
                (-5.5, "It can still rise: what is the answer at a score of exactly 0?"),
                (-5.1, "It can still rise a little: what is the answer at a score of exactly 0?"),
            ],
        ),
        hints=(
            "Which evening says yes next when the threshold goes down?",
            "The highest sum that stays in is 5; at a score of exactly 0 the neuron says no.",
        ),
    ),
    Exercise(
        "7.2",
        "Does a smaller rate help?",
        answer=Choice(
            [
                "It needs about a hundred times as many updates, each a hundred times smaller.",
                "It makes fewer mistakes, because it never overshoots.",
                "It corrects the same samples in the same order; only the weights are smaller.",
                "It ends with a wider margin between the boundary and the corners.",
            ],
            correct=2,
            why={
                0: "The scores shrink with the weights: what counts as a mistake is a sign alone.",
                1: "Divide all weights by η: nothing is left that could overshoot less.",
                3: "The boundary is where the score is 0; a factor in front of w does not move it.",
            },
        ),
        hints=(
            "Write the weights as a sum over the samples corrected so far. Where does η stand?",
            "From w = 0 every weight is η times a number without η; which mistake comes next "
            "depends on signs alone.",
        ),
    ),
    Exercise(
        "7.3",
        "How often for one stubborn sample?",
        answer=Number(
            _updates_until_right,
            rtol=0,
            atol=1e-9,
            mistakes=[
                (4, "After four updates the margin is exactly 0, and 0 is still a mistake."),
                (6, "The margin starts at −6; by how much does each update raise it?"),
                (7, "‖x‖² counts the 1 of the bias too: it is 3, not 2."),
                (3, "The rate is 0.5: each update adds 0.5 · 3 to the margin, not 3."),
                (2, "At first the margin is −6, and each update adds 0.5 · 3."),
            ],
        ),
        hints=(
            "The margin before is −(1 + 2 + 3). Each update raises it by η‖x‖², the 1 included.",
            "From −6 in steps of 1.5; a margin of 0 is still a mistake.",
        ),
    ),
    Exercise(
        "7.4",
        "Other numbers for off and on",
        answer=Number(
            lambda: _bound(-1, (-1, 1, 1)),
            rtol=1e-3,
            mistakes=[
                (lambda: _bound(0, (-3, 2, 2)), "That is the bound for the inputs 0 and 1."),
                (3.0, "R/γ is 3; the bound is its square."),
                (6.0, "Each sample has three entries of ±1, the one for the bias too: R² = 3."),
                (1.0, "R² = 3 stands above, γ² below: (R/γ)², not R²γ²."),
                (
                    13.5,
                    "That is the bound for −1/2 and +1/2; with −1 and +1 the corners lie wider.",
                ),
                (4.0, "The bias counts: each sample has its 1 in front, so R² = 3 and ‖w‖² = 3."),
                (27.0, "γ is the smallest margin over the length of w, 1/√3, and γ² = 1/3."),
            ],
        ),
        hints=(
            "All four samples are of the same length, R² = 3. What is the smallest margin?",
            "The smallest margin is 1 and ‖w‖ is √3, so γ = 1/√3.",
        ),
    ),
    Exercise(
        "7.5",
        "Keep the best in your pocket",
        answer=Function(_test_pocket),
        hints=(
            "perceptron.fit(X, y, max_epochs=epochs).path holds all weights, one set a row.",
            "np.sum(perceptron.predict(X, path) != y, axis=1) counts the errors of each row.",
        ),
    ),
    Exercise(
        "7.6",
        "An adder from NAND alone",
        answer=Function(_test_add),
        hints=(
            "XOR takes four: with m = nand(a, b) it is nand(nand(a, m), nand(b, m)).",
            "With s the XOR of a and b, and r = nand(s, c), the twos are nand(m, r).",
        ),
    ),
)
