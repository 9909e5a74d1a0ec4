"""The pictures of chapter 12: digits, learning curves, a search, mistakes, hidden weights."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap, LogNorm

from descent.experiments.chapter12 import EPOCHS, HIDDEN, RATES, rate_runs
from descent.figures.helpers import label
from descent.figures.style import CHROME, COLORS, Flipbook
from descent.flipbook import Control, Mark

INK = LinearSegmentedColormap.from_list("ink", ["#ffffff", CHROME["ink"]])
SIGNED = LinearSegmentedColormap.from_list("signed", [COLORS["gd"], "#ffffff", COLORS["model"]])
HUES = {"training": COLORS["gd"], "validation": COLORS["validation"], "test": COLORS["truth"]}


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
        _at_end(name, epoch, cost, HUES[name], ax, (-4, 10))
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
        label(ax, name, (epoch[1], 100 * share[1]), (9, 4), hue)
    ax.set(xlabel="epoch", ylabel="% wrong, validation", xlim=(0, epoch[-1]), ylim=(0, None))
    return ax


def search_map(etas, lams, cost, ax):
    """Draw a cost (etas, lams) as a map with its numbers; the least is framed."""
    norm = LogNorm(cost.min(), cost.max())
    paper = LinearSegmentedColormap.from_list("cost", [COLORS["validation"], "#f3effb"])
    ax.imshow(cost.T, cmap=paper, norm=norm, aspect="auto")
    for (i, j), value in np.ndenumerate(cost):
        color = "white" if norm(value) < 0.45 else CHROME["ink"]
        ax.text(i, j, f"{value:.2f}", ha="center", va="center", fontsize=9, color=color)
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
            _at_end("training cost", run.epoch, run.cost, COLORS["gd"], ax, (-2, 14))
            best = run.validation_cost.argmin()
            place = run.epoch[best], run.validation_cost[best]
            ax.plot(*place, "o", color=hues[k])
            label(ax, "stop here", place, (-6, -13), hues[k], ha="right")
        ax.plot(run.epoch, run.validation_cost, color=hues[k])
        shift = -2, 13 if k < 2 else -17
        _at_end(name, run.epoch, run.validation_cost, hues[k], ax, shift)
    ax.set(xlabel="epoch", ylabel="cost", ylim=(0, 1.6), xlim=(0, run.epoch[-1]))
    return ax


def _at_end(name, epoch, values, hue, ax, shift):
    """Write a curve's name at its end."""
    label(ax, name, (epoch[-1], values[-1]), shift, hue, ha="right")


def confusion(matrix, ax):
    """Draw counts (10, 10), row the digit meant, column the digit read; mistakes stand out."""
    mistakes = np.where(np.eye(len(matrix), dtype=bool), 0, matrix)
    paper = LinearSegmentedColormap.from_list("mistakes", ["#ffffff", COLORS["residual"]])
    ax.imshow(mistakes, cmap=paper, vmin=0, vmax=max(2 * mistakes.max(), 1))
    for (i, j), count in np.ndenumerate(matrix):
        if count:
            look = {"color": CHROME["ink"], "weight": "bold"}
            if i == j:
                look = {"color": CHROME["muted"], "weight": "normal"}
            ax.text(j, i, int(count), ha="center", va="center", fontsize=9, **look)
    ax.set(xticks=range(10), yticks=range(10), xlabel="read as", ylabel="meant")
    ax.grid(False)
    return ax


def on_mnist(runs, ax):
    """Draw the median test accuracy of each run over its epochs, with the range of the seeds."""
    hues = COLORS["limit"], COLORS["model"], COLORS["residual"]
    for (name, epoch), hue in zip(runs.epoch.items(), hues, strict=False):
        wrong = 100 - 100 * runs.share[name][:, 1:, 2]
        ax.fill_between(
            epoch[1:], wrong.min(axis=0), wrong.max(axis=0), color=hue, alpha=0.25, linewidth=0
        )
        middle = np.median(wrong, axis=0)
        ax.plot(epoch[1:], middle, color=hue)
        _at_end(name, epoch, middle, hue, ax, (-2, 14))
    ax.set(xlabel="epoch", ylabel="% wrong, test", ylim=(0, 10), xlim=(0, 60))
    return ax


def learning_rate():
    """Return the figure with sliders over the learning rate and the number of hidden neurons."""
    family = rate_runs()
    start = int(np.flatnonzero(RATES == 0.05)[0]), int(np.flatnonzero(HIDDEN == 30)[0])
    marks = [Mark(1.0, "a good one")]
    fig, lines = _rate_axes(family, start)
    verdicts = [
        [_verdict(eta, hidden, *(part[i, j] for part in family)) for j, hidden in enumerate(HIDDEN)]
        for i, eta in enumerate(RATES)
    ]
    book = Flipbook(
        fig,
        controls=[
            Control("eta", RATES, "learning rate η", start=start[0], format="{:g}", marks=marks),
            Control("hidden", HIDDEN, label="hidden neurons", start=start[1]),
        ],
        title="Learning curves of real runs on the digits",
        alt=(
            "At a learning rate of 0.05 with 30 hidden neurons the costs on training and "
            "validation digits fall together, slowly and steadily, for thirty epochs."
        ),
        readout=np.array(verdicts),
        code="network.train(network.initialize((64, {hidden}, 10), rng=rng, **entropy), X, y, "
        "eta={eta}, epochs=30, batch_size=20, rng=rng)",
        table=("epoch", "cost"),
    )
    _move_rates(book, family, *lines)
    book.predict(
        "The first run shown has η = 0.05. What do you expect at η = 1, twenty times as much?",
        choices=["nothing is learned any more", "more is learned in the same time", "no change"],
        answer=1,
        explain="With inputs between 0 and 1, η = 1 is a good rate here. At 20 you find the first.",
    )
    return book


def _rate_axes(family, start):
    """Frame costs and wrong answers; return the figure and the lines of both costs and these."""
    fig, (upper, lower) = plt.subplots(2, 1, figsize=(6.2, 5.6), sharex=True)
    epochs = np.arange(EPOCHS + 1)
    (training,) = upper.plot(epochs, family.cost[start], color=HUES["training"])
    (validation,) = upper.plot(epochs, family.validation_cost[start], color=HUES["validation"])
    upper.set(yscale="log", ylim=(4e-3, 30), ylabel="cost", title="Cost")
    for name, height in (("validation", 0.16), ("training", 0.05)):
        upper.text(0.02, height, name, color=HUES[name], transform=upper.transAxes)
    (wrong,) = lower.plot(epochs, 100 * family.wrong[start], color=HUES["validation"])
    lower.set(xlabel="epoch", ylabel="% wrong", title="Wrong answers, validation")
    lower.set(xlim=(0, EPOCHS), ylim=(0, 100))
    return fig, (training, validation, wrong)


def _move_rates(book, family, training, validation, wrong):
    epochs = np.arange(EPOCHS + 1)
    book.line(validation, epochs, np.clip(family.validation_cost, 1e-5, 1e3))
    book.line(training, epochs, np.clip(family.cost, 1e-5, 1e3))
    book.line(wrong, epochs, 100 * family.wrong)
    book.ghost(validation)
    book.ghost(wrong)


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
