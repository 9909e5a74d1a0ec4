"""The pictures of chapter 12: digits, learning curves, a search, mistakes, hidden weights."""

from importlib.resources import files
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np

from descent import data, losses, network
from descent.figures.style import CHROME, COLORS
from descent.flipbook import Control, Flipbook, Mark

SEED = 12  # of the split that chapter and figures share
OUTPUT = ["sigmoid", "softmax"]  # the activations of the chapter's networks
INK = plt.matplotlib.colors.LinearSegmentedColormap.from_list("ink", ["#ffffff", CHROME["ink"]])
SIGNED = plt.matplotlib.colors.LinearSegmentedColormap.from_list(
    "signed", [COLORS["gd"], "#ffffff", COLORS["model"]]
)
HUES = {"training": COLORS["gd"], "validation": COLORS["validation"], "test": COLORS["truth"]}

# The sliders of the figure.
RATES = np.array([0.01, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0])
HIDDEN = np.array([2, 5, 10, 30])
EPOCHS = 30
BATCH_SIZE = 20


def gallery(images, captions, ax, *, columns=10, signed=False):
    """Draw pictures (n, side * side) in rows, each with a caption below it."""
    side = round(np.sqrt(images.shape[1]))
    rows, step = -(-len(images) // columns), side + 3.2
    limit = np.abs(images).max() if signed else 1.0
    for k, (image, caption) in enumerate(zip(images, captions, strict=True)):
        left, top = step * (k % columns), step * (k // columns)
        ax.imshow(
            image.reshape(side, side),
            cmap=SIGNED if signed else INK,
            vmin=-limit if signed else 0,
            vmax=limit,
            extent=(left, left + side, top + side, top),
        )
        middle = left + side / 2
        ax.text(middle, top + side + 0.3, caption, ha="center", va="top", fontsize=8.5)
    ax.set(xlim=(-0.5, step * columns - 2.7), ylim=(step * rows - 0.4, -0.5), aspect="equal")
    ax.axis("off")
    return ax


def learning_curves(epoch, curves, ax):
    """Draw costs over the epochs, {"training": (rows,), "validation": (rows,)}."""
    for name, cost in curves.items():
        ax.plot(epoch, cost, color=HUES[name])
        ax.annotate(
            name,
            (epoch[-1], cost[-1]),
            xytext=(-4, 10),
            textcoords="offset points",
            ha="right",
            color=HUES[name],
        )
    ax.set(xlabel="epoch", ylabel="cost", yscale="log", xlim=(0, epoch[-1]))
    return ax


def stairs(share, cost, accuracy, axes):
    """Draw cost and accuracy along a straight way through the space of the weights."""
    axes[0].plot(share, cost, color=COLORS["model"])
    axes[0].set(ylabel="cost", title="The cost")
    axes[1].step(share, 100 * accuracy, where="mid", color=COLORS["residual"])
    axes[1].set(ylabel="% right", title="The accuracy")
    for ax in axes:
        ax.set(xlabel="share of the way", xlim=(share[0], share[-1]))
    return axes


def two_losses(epoch, wrong, ax):
    """Draw the share of wrong answers over the epochs, {name: (rows,)} in the order of the hues."""
    hues = COLORS["limit"], COLORS["model"]
    for (name, share), hue in zip(wrong.items(), hues, strict=True):
        ax.plot(epoch, 100 * share, ".-", color=hue)
        ax.annotate(
            name, (epoch[1], 100 * share[1]), xytext=(9, 4), textcoords="offset points", color=hue
        )
    ax.set(xlabel="epoch", ylabel="% wrong, validation", xlim=(0, epoch[-1]), ylim=(0, None))
    return ax


def search_map(etas, lams, cost, ax):
    """Draw a cost (etas, lams) as a map with its numbers; the least is framed."""
    norm = plt.matplotlib.colors.LogNorm(cost.min(), cost.max())
    paper = plt.matplotlib.colors.LinearSegmentedColormap.from_list(
        "cost", [COLORS["validation"], "#f3effb"]
    )
    ax.imshow(cost.T, cmap=paper, norm=norm, aspect="auto")
    for (i, j), value in np.ndenumerate(cost):
        dark = norm(value) < 0.45
        ax.text(i, j, f"{value:.2f}", ha="center", va="center", fontsize=9,
                color="white" if dark else CHROME["ink"])  # fmt: skip
    i, j = np.unravel_index(cost.argmin(), cost.shape)
    ax.add_patch(
        plt.Rectangle((i - 0.5, j - 0.5), 1, 1, fill=False, color=CHROME["ink"], linewidth=2)
    )
    ax.set(xlabel="learning rate η", ylabel="penalty λ")
    ax.set(xticks=range(len(etas)), xticklabels=[f"{eta:g}" for eta in etas])
    ax.set(yticks=range(len(lams)), yticklabels=[f"{lam:g}" for lam in lams])
    ax.grid(False)
    return ax


def treatments(runs, ax):
    """Draw the validation cost of runs {name: Training}; the first also with its training cost."""
    hues = COLORS["validation"], COLORS["limit"], COLORS["model"]
    for k, (name, run) in enumerate(runs.items()):
        if k == 0:
            ax.plot(run.epoch, run.cost, color=COLORS["gd"])
            _label("training cost", run.epoch, run.cost, COLORS["gd"], ax, 14)
            best = run.validation_cost.argmin()
            ax.plot(run.epoch[best], run.validation_cost[best], "o", color=hues[k])
            ax.annotate(
                "stop here",
                (run.epoch[best], run.validation_cost[best]),
                xytext=(-6, -13),
                textcoords="offset points",
                ha="right",
                color=hues[k],
            )
        ax.plot(run.epoch, run.validation_cost, color=hues[k])
        _label(name, run.epoch, run.validation_cost, hues[k], ax, 13 if k < 2 else -17)
    ax.set(xlabel="epoch", ylabel="cost", ylim=(0, 1.6), xlim=(0, run.epoch[-1]))
    return ax


def _label(name, epoch, cost, hue, ax, above=5):
    ax.annotate(
        name,
        (epoch[-1], cost[-1]),
        xytext=(-2, above),
        textcoords="offset points",
        ha="right",
        color=hue,
    )


def confusion(matrix, ax):
    """Draw counts (10, 10), row the digit meant, column the digit read; mistakes stand out."""
    mistakes = np.where(np.eye(len(matrix), dtype=bool), 0, matrix)
    paper = plt.matplotlib.colors.LinearSegmentedColormap.from_list(
        "mistakes", ["#ffffff", COLORS["residual"]]
    )
    ax.imshow(mistakes, cmap=paper, vmin=0, vmax=max(2 * mistakes.max(), 1))
    for (i, j), count in np.ndenumerate(matrix):
        if count:
            ax.text(j, i, int(count), ha="center", va="center", fontsize=9,
                    color=CHROME["muted"] if i == j else CHROME["ink"],
                    weight="normal" if i == j else "bold")  # fmt: skip
    ax.set(xticks=range(10), yticks=range(10), xlabel="read as", ylabel="meant")
    ax.grid(False)
    return ax


class Runs(NamedTuple):
    """The accuracies of the runs on MNIST in the book's data, by name."""

    epoch: dict  # name -> (rows,)
    share: dict  # name -> (seeds, rows, 3): training, validation and test accuracy


def mnist_runs():
    """Read the runs that benchmarks/mnist.py has written."""
    text = (files("descent") / "datasets" / "mnist_runs.csv").read_text(encoding="utf-8")
    names = [line.split(",")[0] for line in text.splitlines()[1:]]
    table = np.loadtxt(text.splitlines(), delimiter=",", skiprows=1, usecols=range(1, 6))
    epoch, share = {}, {}
    for name in dict.fromkeys(names):
        rows = table[np.array(names) == name]
        by_seed = [rows[rows[:, 0] == seed] for seed in np.unique(rows[:, 0])]
        epoch[name] = by_seed[0][:, 1].astype(int)
        share[name] = np.stack([part[:, 2:] for part in by_seed])
    return Runs(epoch, share)


def kept(share):
    """Return the accuracies of the epoch that validation would keep, for each seed: (seeds, 3)."""
    return share[np.arange(len(share)), share[..., 1].argmax(axis=1)]


def on_mnist(runs, ax):
    """Draw the median test accuracy of each run over its epochs, with the range of the seeds."""
    hues = COLORS["limit"], COLORS["model"], COLORS["residual"]
    for (name, epoch), hue in zip(runs.epoch.items(), hues, strict=False):
        wrong = 100 - 100 * runs.share[name][:, 1:, 2]
        ax.fill_between(
            epoch[1:], wrong.min(axis=0), wrong.max(axis=0), color=hue, alpha=0.25, linewidth=0
        )
        ax.plot(epoch[1:], np.median(wrong, axis=0), color=hue)
        ax.annotate(
            name,
            (epoch[-1], np.median(wrong, axis=0)[-1]),
            xytext=(-2, 14),
            textcoords="offset points",
            ha="right",
            color=hue,
        )
    ax.set(xlabel="epoch", ylabel="% wrong, test", ylim=(0, 10), xlim=(0, 60))
    return ax


class Family(NamedTuple):
    """Real runs at every rate and every number of hidden neurons."""

    cost: np.ndarray  # (rates, hidden, EPOCHS + 1) on the training samples
    validation_cost: np.ndarray  # (rates, hidden, EPOCHS + 1)
    wrong: np.ndarray  # (rates, hidden, EPOCHS + 1) share of wrong answers, validation


def rate_runs():
    """Train networks at all rates and sizes: one batched run for each number of hidden neurons."""
    digits = data.digits()
    parts = data.split(digits.labels, rng=np.random.default_rng(SEED))
    X, X_val = digits.images[parts.training], digits.images[parts.validation]
    y, y_val = (losses.one_hot(digits.labels[part], 10) for part in parts[:2])
    truth = digits.labels[parts.validation]
    found = []
    for hidden in HIDDEN.tolist():
        start = network.initialize((64, hidden, 10), rng=np.random.default_rng(SEED))
        wrong = []

        def note(layers, wrong=wrong):
            answer = network.predict(layers, X_val, OUTPUT).argmax(axis=-1)
            wrong.append(np.broadcast_to((answer != truth).mean(axis=-1), RATES.shape))

        note(start)
        run = network.train(
            start, X, y, eta=RATES, epochs=EPOCHS, batch_size=BATCH_SIZE, activation=OUTPUT,
            loss="categorical_cross_entropy", validation=(X_val, y_val),
            rng=np.random.default_rng(SEED),
            callback=lambda now, note=note: note(now.snapshot()) if now.ends_epoch else None,
        )  # fmt: skip
        found.append((run.cost.T, run.validation_cost.T, np.array(wrong).T))
    return Family(*(np.stack(part, axis=1) for part in zip(*found, strict=True)))


def learning_rate():
    """Return the figure with sliders over the learning rate and the number of hidden neurons."""
    family, epochs = rate_runs(), np.arange(EPOCHS + 1)
    start = int(np.flatnonzero(RATES == 0.05)[0]), int(np.flatnonzero(HIDDEN == 30)[0])
    fig, (left, right) = plt.subplots(2, 1, figsize=(6.2, 5.6), sharex=True)
    curves = {}
    for name, cost in (("training", family.cost), ("validation", family.validation_cost)):
        (curves[name],) = left.plot(epochs, cost[start], color=HUES[name])
    left.set(yscale="log", ylim=(4e-3, 30), ylabel="cost", title="Cost")
    for name, height in (("validation", 0.16), ("training", 0.05)):
        left.text(0.02, height, name, color=HUES[name], transform=left.transAxes)
    (wrong,) = right.plot(epochs, 100 * family.wrong[start], color=HUES["validation"])
    right.set(xlabel="epoch", ylabel="% wrong", title="Wrong answers, validation")
    right.set(xlim=(0, EPOCHS), ylim=(0, 100))
    book = Flipbook(
        fig,
        controls=[
            Control(
                "eta",
                RATES,
                label="learning rate η",
                start=start[0],
                format="{:g}",
                marks=[Mark(1.0, "a good one")],
            ),
            Control("hidden", HIDDEN, label="hidden neurons", start=start[1]),
        ],
        title="Learning curves of real runs on the digits",
        alt=(
            "At a learning rate of 0.05 with 30 hidden neurons the costs on training and "
            "validation digits fall together, slowly and steadily, for thirty epochs."
        ),
        readout=np.array(
            [
                [_verdict(eta, hidden, *(part[i, j] for part in family))
                 for j, hidden in enumerate(HIDDEN)]
                for i, eta in enumerate(RATES)
            ]
        ),
        code="network.train(network.initialize((64, {hidden}, 10), rng=rng), X, y, eta={eta}, "
        'epochs=30, batch_size=20, activation=["sigmoid", "softmax"], '
        'loss="categorical_cross_entropy", rng=rng)',
        table=("epoch", "cost"),
    )  # fmt: skip
    book.line(curves["validation"], epochs, np.clip(family.validation_cost, 1e-5, 1e3))
    book.line(curves["training"], epochs, np.clip(family.cost, 1e-5, 1e3))
    book.line(wrong, epochs, 100 * family.wrong)
    book.ghost(curves["validation"])
    book.ghost(wrong)
    book.predict(
        "The first run shown has η = 0.05. What do you expect at η = 1, twenty times as much?",
        choices=["nothing is learned any more", "more is learned in the same time", "no change"],
        answer=1,
        explain="With inputs between 0 and 1, η = 1 is a good rate here. At 20 you find the first.",
    )
    return book


def _verdict(eta, hidden, cost, validation_cost, wrong):
    """Say what a run has done by its last epoch."""
    head = f"η = {eta:g}, {hidden} hidden: {100 * wrong[-1]:.0f} % wrong after {EPOCHS} epochs"
    if wrong[-1] > 0.5:
        return head + (", too large a step" if eta > 1 else ", hardly begun")
    if np.max(np.diff(cost[5:])) > 0.5:
        return head + ", and the cost leaps about"
    if cost[-1] > 0.9 * cost[EPOCHS // 2]:
        return head + ", and the cost has hardly fallen since the middle"
    if cost[-1] > 0.5 * cost[EPOCHS // 2]:
        return head + ", and still learning slowly"
    best = int(validation_cost.argmin())
    if validation_cost[-1] > 1.1 * validation_cost[best]:
        return head + f"; the validation cost was least at epoch {best}"
    return head + ", and still learning"
