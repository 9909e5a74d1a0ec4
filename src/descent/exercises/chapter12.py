"""The answers of chapter 12, each computed by the core when it is asked for."""

import numpy as np

from descent import network
from descent.activations import sigmoid
from descent.exercises.kinds import Choice, Exercise, Function, Number

_BITS = np.arange(10)[:, None] >> np.arange(3, -1, -1) & 1


def _parameters(*sizes):
    return network.initialize(sizes, scheme="zeros").flatten().size


def _test_bit_layer(bit_layer):
    """Try every digit with the nine other outputs at 0 or 0.1, each way that matters."""
    try:
        W, b = bit_layer()
        W, b = np.asarray(W, dtype=float), np.asarray(b, dtype=float)
    except (TypeError, ValueError):
        return "It must return a pair, weights W and biases b, without being given anything."
    if W.shape != (4, 10) or b.shape != (4,):
        return f"W has shape {W.shape} and b has shape {b.shape}; they must be (4, 10) and (4,)."
    if not (np.isfinite(W).all() and np.isfinite(b).all()):
        return "All weights and biases must be finite numbers."
    for digit, wanted in enumerate(_BITS):
        for j, bit in enumerate(wanted):
            # The worst outputs for this bit: every one at the end of its range that hurts.
            helps = W[j] > 0 if bit else W[j] < 0
            a = np.where(helps, 0.0, 0.1)
            a[digit] = 0.9 if helps[digit] else 1.0
            answer = float(sigmoid(W[j] @ a + b[j]))
            if answer == 0.5 or (answer > 0.5) != bit:
                return (
                    f"For a {digit} bit {j + 1} from the left should be {bit}, but at the worst "
                    f"your neuron answers {answer:.2f}."
                )
            if 0.1 <= answer <= 0.9:
                return (
                    f"For a {digit} bit {j + 1} from the left is on the right side, but "
                    f"{answer:.2f} is not sure enough; a common factor makes all of them surer."
                )
    return None


def _early_stop(costs, patience):
    best = 0
    for epoch in range(len(costs)):
        if costs[epoch] < costs[best]:
            best = epoch
        elif epoch - best >= patience:
            break
    return best, epoch


def _test_early_stop(early_stop):
    """Compare with the rule on curves that end, stop, stay level or fool patience."""
    curves = [
        ([5.0, 4.0, 3.0, 2.0], 1, "a curve that always falls"),
        ([5.0, 3.0, 4.0, 4.0, 4.0, 4.0], 3, "a curve that turns round"),
        ([5.0, 3.0, 4.0, 4.0, 1.0, 0.5], 2, "a low cost that comes too late"),
        ([5.0, 3.0, 3.0, 3.0, 3.0], 2, "a curve that stays level"),
        (
            [5.0, 3.0, 6.0, 5.0, 4.0, 4.5, 4.2, 2.0],
            2,
            "a curve that falls again without beating its best",
        ),
        ([5.0, 4.0, 4.5, 4.2, 3.0, 3.5, 2.0, 2.5], 3, "a curve that recovers twice in time"),
        ([1.0, 2.0], 5, "a curve shorter than the patience"),
        ([2.0], 1, "a single cost"),
    ]
    for costs, patience, name in curves:
        wanted = _early_stop(costs, patience)
        try:
            kept, ended = (int(epoch) for epoch in early_stop(np.array(costs), patience))
        except (TypeError, ValueError):
            return "It must return a pair of epochs, (kept, ended)."
        words = f"On {name}, {costs} with patience {patience}, "
        if (kept, ended) == wanted[::-1] and kept != ended:
            return words + "your pair is the other way round: the epoch kept, then the last one."
        if kept != wanted[0]:
            return words + f"you keep epoch {kept}; the best one seen is {wanted[0]}."
        if ended != wanted[1]:
            return words + f"you end after epoch {ended}; it should be {wanted[1]}."
    return None


EXERCISES = (
    Exercise(
        "12.1",
        "How many numbers does it learn?",
        answer=Number(
            lambda: _parameters(784, 30, 10),
            rtol=0,
            atol=0.5,
            mistakes=[
                (30 * 784 + 10 * 30, "Those are the weights; the biases are missing."),
                (784 * 30 * 10, "Layers do not multiply: add what leads into each of them."),
                (30 * 784 + 30, "Those lead into the hidden layer; the output layer has some too."),
                (
                    784 + 30 * 784 + 30 + 10 * 30 + 10,
                    "The inputs are given, not computed: they have no biases.",
                ),
            ],
        ),
        hints=(
            "Count what leads into each neuron of a layer, then the neurons.",
            "A hidden neuron has 784 weights and a bias, an output neuron 30 and a bias.",
        ),
    ),
    Exercise(
        "12.2",
        "Another book's λ",
        answer=Number(
            5 / 50_000,
            rtol=1e-6,
            mistakes=[
                (5.0, "Ours is not divided by n afterwards."),
                (5 * 50_000, "Divide by n, do not multiply: ours belongs to a mean."),
                (1 - 5 / 50_000, "That is a factor in front of W at η = 1, not the strength."),
                (
                    2.5 / 50_000,
                    "The ½ of the penalty goes as one differentiates, and η stays out.",
                ),
                (10 / 50_000, "The ½ of the penalty goes when one differentiates."),
                (5 / 10, "Divide by the number of training pictures, not by the batch size."),
                (5 / 60_000, "He trains on 50,000 of the pictures."),
            ],
        ),
        hints=(
            "Which factor stands before W in a step of ours, and which in his?",
            "1 − ηλ/n against 1 − η lam.",
        ),
    ),
    Exercise(
        "12.3",
        "Better and worse at once",
        answer=Choice(
            [
                "It cannot: one of the two numbers must be wrong.",
                "A few wrong answers become much surer while some others turn right.",
                "The learning rate is too large.",
                "Accuracy is measured with dropout, the cost without.",
            ],
            correct=1,
            why={
                0: "Both can be right: the two count different things.",
                2: "It may be, but with a tiny rate it happens just as well.",
                3: "Neither is measured with dropout; that is for training steps only.",
            },
        ),
        hints=(
            "What does one very sure wrong answer cost, and how much accuracy?",
            "Its cost has no upper bound; in accuracy it counts as one picture, like any other.",
        ),
    ),
    Exercise(
        "12.4",
        "From ten outputs to four bits",
        answer=Function(_test_bit_layer),
        hints=(
            "Bit 4 from the left is 1 for 1, 3, 5, 7 and 9: let it add up these outputs.",
            "With weights +1 and −1 the sum is at least 0.1 for a 1 and at most −0.4 for a 0: put "
            "the threshold between, and multiply all by 20.",
        ),
    ),
    Exercise(
        "12.5",
        "Patience",
        answer=Function(_test_early_stop),
        hints=(
            "Keep the best epoch so far, and compare how far back it lies with the patience.",
            "A cost as low as the best is no better: only < moves the best epoch.",
        ),
    ),
    Exercise(
        "12.6",
        "New hands",
        answer=Choice(
            [
                "The same, up to chance.",
                "Higher: late pictures are drawn more neatly.",
                "Lower by several per cent.",
                "About 10 %, as from guessing.",
            ],
            correct=2,
            why={
                0: "It would be, if the order in the file meant nothing.",
                1: "Nothing is known of that. Who wrote the last pictures?",
                3: "Digits of different people are not that different.",
            },
        ),
        hints=(
            "Who wrote the first pictures of the file, and who the last?",
            "The random test asks for new pictures by known writers, this one for new writers.",
        ),
    ),
)
