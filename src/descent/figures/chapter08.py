"""The pictures of chapter 8: a step and a slope, one neuron that learns late, losses, softmax."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap

from descent.activations import sigmoid, sigmoid_derivative, step
from descent.experiments.chapter08 import (
    BIAS,
    EPOCHS,
    FLOWERS,
    NUDGES,
    RATES,
    STARTS,
    STEEPNESS,
    WEIGHT,
    costs,
    lessons,
    share_of_ones,
    slopes,
    stairs,
    weighted_inputs,
)
from descent.figures.helpers import label, number
from descent.figures.style import CHROME, COLORS, Flipbook
from descent.flipbook import Control, Mark

# Two losses, told apart in every picture by colour and by the kind of line.
LOSS_LOOK = {
    "squared error": {"color": COLORS["gd"], "linestyle": "-"},
    "cross-entropy": {"color": COLORS["sgd"], "linestyle": "--"},
}
SPECIES_COLORS = (COLORS["sgd"], COLORS["data"], COLORS["residual"])


# Flowers ------------------------------------------------------------------------------------------


def shares(length, y, edges, ax, *, curve=None):
    """Draw each flower at 0 or 1 and, for each range of lengths, the share of ones.

    `curve` is a pair (lengths, answers) of a neuron that was trained on them.
    """
    for answer, up in ((0, -1), (1, 1)):
        here = np.sort(length[y == answer])
        level = _stacked(here)
        ax.plot(here, answer + up * (0.05 + 0.03 * level), "o", color=COLORS["data"], markersize=3)
    middles, share = share_of_ones(length, y, edges)
    ax.plot(middles, share, "s", color=COLORS["residual"], markersize=7)
    if curve is None:
        ax.plot(middles, share, ":", color=COLORS["residual"], linewidth=1.4)
    else:
        ax.plot(*curve, color=COLORS["model"])
        at = np.interp(0.8, curve[1], curve[0]), 0.8
        label(ax, "the neuron", at, (-8, 2), COLORS["model"], ha="right")
    ax.text(3.0, 0.09, "share of virginicas\nin a range of lengths", color=COLORS["residual"])
    ax.text(6.9, -0.13, "versicolor", color=COLORS["data"], ha="right", va="center")
    ax.text(3.0, 1.13, "virginica", color=COLORS["data"], va="center")
    ax.set(
        xlabel="petal length (cm)",
        ylabel="answer",
        ylim=(-0.4, 1.4),
        yticks=[0, 0.25, 0.5, 0.75, 1],
    )
    return ax


def _stacked(values):
    """Return how many equal values stand before each in a sorted row."""
    return np.arange(len(values)) - np.searchsorted(values, values)


# The function and its slope -----------------------------------------------------------------------


def slope(ax):
    """Draw the sigmoid, its slope, and the tangent at three places."""
    z = np.linspace(-6.5, 6.5, 261)
    ax.plot(z, sigmoid(z), color=COLORS["model"])
    ax.plot(z, sigmoid_derivative(z), color=COLORS["residual"])
    for at in (-3.0, 0.0, 3.0):
        ends = at + np.array([-1.2, 1.2])
        ax.plot(
            ends,
            sigmoid(at) + sigmoid_derivative(at) * (ends - at),
            color=COLORS["residual"],
            linewidth=1.2,
        )
        ax.plot(at, sigmoid(at), "o", color=COLORS["model"], markersize=5)
    ax.text(3.4, 0.84, "answer σ(z)", color=COLORS["model"])
    ax.text(1.6, 0.21, "slope σ(z)(1 − σ(z))", color=COLORS["residual"])
    ax.set(xlabel="weighted input z", ylim=(-0.03, 1.08), yticks=[0, 0.25, 0.5, 0.75, 1])
    return ax


def chain(x, w, b, y, ax):
    """Draw the chain from the weight to the cost, values above, local slopes below."""
    z = w * x + b
    a = float(sigmoid(z))
    boxes = (
        ("z = wx + b", z),
        ("a = σ(z)", a),
        ("C = ½(a − y)²", (a - y) ** 2 / 2),
    )
    places = (0.36, 0.64, 0.92)
    local = (("∂z/∂w = x", x), ("da/dz", a * (1 - a)), ("dC/da", a - y))
    middle = {"ha": "center", "va": "center"}
    box = {"boxstyle": "round,pad=0.5", "facecolor": CHROME["paper"], "edgecolor": COLORS["model"]}
    for at, (name, value) in zip((0.05, *places), (("w", w), *boxes), strict=True):
        words = f"{name}\n{number(value, '.3f')}"
        ax.text(at, 0.5, words, bbox=box, linespacing=1.5, **middle)
    starts, ends = (0.11, 0.455, 0.72), (0.265, 0.555, 0.8)
    for left, right, (name, value) in zip(starts, ends, local, strict=True):
        there = {"arrowstyle": "->", "color": COLORS["model"]}
        back = {"arrowstyle": "->", "color": COLORS["residual"]}
        ax.annotate("", (right, 0.56), (left, 0.56), arrowprops=there)
        ax.annotate("", (left, 0.44), (right, 0.44), arrowprops=back)
        words, at = f"{name}\n{number(value, '.3f')}", (left + right) / 2
        ax.text(at, 0.25, words, color=COLORS["residual"], linespacing=1.4, **middle)
    ax.set(xlim=(-0.03, 1.05), ylim=(0.08, 0.72))
    ax.axis("off")
    return ax


def an_hour_at_most(commutes, neuron, line, ax):
    """Draw the five trips, the line, and a neuron (km -> min) that cannot pass the hour."""
    km = np.linspace(0, 20, 201)
    ax.plot(commutes.distance, commutes.minutes, "o", color=COLORS["data"])
    ax.plot(km, line(km), "--", color=COLORS["truth"])
    ax.plot(km, neuron(km), color=COLORS["model"])
    ax.axhline(60, color=COLORS["limit"], linewidth=1.2, linestyle=":")
    label(ax, "one hour", (20, 60), (0, 4), COLORS["limit"], ha="right")
    label(ax, "the neuron", (12, neuron(12.0)), (0, -15), COLORS["model"])
    at = 14, line(14.0)
    label(ax, "the line of chapter 1", at, (-8, 4), COLORS["truth"], ha="right")
    ax.set(xlabel="distance (km)", ylabel="time (min)", xlim=(0, 20.5), ylim=(0, 150))
    return ax


# A slow start -------------------------------------------------------------------------------------


def steps_to_leave(starts, counts, ax):
    """Draw how many steps each loss needs to bring the answer below one half."""
    for (name, look), row in zip(LOSS_LOOK.items(), counts, strict=True):
        ax.plot(starts, row, marker="o", markersize=5, **look)
        up = 4 if name == "squared error" else 9
        label(ax, name, (starts[-1], row[-1]), (-8, up), look["color"], ha="right")
    ax.set(
        yscale="log",
        xlabel="weighted input z at the start",
        ylabel="steps until a < ½",
        ylim=(3, 20000),
    )
    return ax


def two_losses(ax):
    """Draw what a neuron pays at each z, for the target 0, by both losses."""
    z = np.linspace(-4, 8, 241)
    for cost, look in zip(costs(z), LOSS_LOOK.values(), strict=True):
        ax.plot(z, cost, **look)
    ax.text(5.2, 0.7, "squared error ½a²", color=COLORS["gd"], ha="center")
    ax.text(3.6, 4.4, "cross-entropy\n−ln(1 − a)", color=COLORS["sgd"], ha="right")
    ax.set(xlabel="weighted input z (target y = 0)", ylabel="loss", xlim=(-4, 8), ylim=(-0.2, 8.2))
    return ax


def staircase(shift, accuracy, entropy, axes):
    """Draw the share of right answers, and the cross-entropy, while one bias is moved."""
    top, bottom = axes
    top.plot(shift, accuracy, color=COLORS["truth"], linewidth=1.4)
    top.set(ylabel="right (share)", title="Accuracy: stairs")
    bottom.plot(shift, entropy, color=COLORS["sgd"])
    bottom.set(ylabel="cross-entropy", xlabel="change of the bias", title="Cross-entropy: a slope")
    return axes


# Three species ------------------------------------------------------------------------------------


def three_species(features, classes, names, net, mean, scale, ax):
    """Draw the regions of a network with three outputs over two features in cm, and the flowers."""
    low, high = features.min(axis=0) - 0.35, features.max(axis=0) + 0.35
    grid = np.stack(
        np.meshgrid(*(np.linspace(a, b, 201) for a, b in zip(low, high, strict=True))), axis=-1
    )
    shares = net.predict((grid.reshape(-1, 2) - mean) / scale)
    winner = shares.argmax(axis=-1).reshape(grid.shape[:2])
    ax.pcolormesh(
        grid[..., 0],
        grid[..., 1],
        winner,
        cmap=ListedColormap(SPECIES_COLORS),
        vmin=0,
        vmax=2,
        alpha=0.16,
        shading="auto",
        rasterized=True,
    )
    sure = shares.max(axis=-1).reshape(grid.shape[:2])
    look = {"colors": [CHROME["muted"]], "linewidths": 1, "linestyles": ":"}
    ax.contour(grid[..., 0], grid[..., 1], sure, levels=[0.9], **look)
    for k, (name, marker) in enumerate(zip(names, "os^", strict=True)):
        here = features[classes == k]
        ax.plot(*here.T, marker, color=SPECIES_COLORS[k], markersize=4.5)
        x, y = here.mean(axis=0)
        dx, dy, ha = ((0.7, 0.0, "left"), (-1.0, 0.35, "right"), (-1.0, 0.35, "right"))[k]
        ax.text(x + dx, y + dy, name, color=SPECIES_COLORS[k], ha=ha)
    ax.grid(False)
    ax.set(xlabel="petal length (cm)", ylabel="petal width (cm)")
    return ax


# The nudge ----------------------------------------------------------------------------------------


def nudge():
    """Return the figure of a step and a sigmoid under the same nudge of their weight."""
    fig, axes = plt.subplot_mosaic(
        [["step", "slope"], ["sum", "sum"]], figsize=(6.6, 5.2), height_ratios=[1.15, 1]
    )
    answers, sums = _answer_axes(axes["step"], axes["slope"]), _sum_axes(axes["sum"])
    start = (int(np.flatnonzero(NUDGES == 0.05)[0]), int(np.flatnonzero(STEEPNESS == 1)[0]))
    book = Flipbook(
        fig,
        controls=[
            Control("nudge", NUDGES, label="nudge Δw", start=start[0], format="{:+.2f}"),
            Control(
                "steepness", STEEPNESS, label="all weights times", start=start[1], format="{:g}"
            ),
        ],
        title="A step and a sigmoid under the same nudge",
        alt=(
            "The weight is nudged by 0.05. The step's jump has moved a little and the answers for "
            "five flowers are what they were; the sigmoid's answers have all moved up a little. "
            "Below, the sum of the steps is a staircase, the sum of the sigmoids a smooth slope."
        ),
        readout=np.array([[_nudge_readout(n, k) for k in STEEPNESS] for n in NUDGES]),
        code="activations.sigmoid({steepness:g} * ((3 + {nudge:g}) * "
        "np.array([3.9, 4.5, 4.8, 5.1, 5.6]) - 14.7))",
        table=("petal length (cm)", "answer of the step"),
    )
    _move_answers(book, *answers)
    _move_sums(book, *sums)
    return book


_LENGTHS = np.linspace(3.4, 6.1, 136)  # cm
_MOVED, _STEEP = NUDGES[:, None, None], STEEPNESS[None, :, None]


def _answer_axes(hard, soft):
    """Draw what stands still of both neurons; return the lines that move."""
    edge = -BIAS / WEIGHT
    hard.plot([3.4, edge, edge, 6.1], [0, 0, 1, 1], ":", color=COLORS["truth"], linewidth=1.4)
    (jump,) = hard.plot([3.4, 5, 5, 6.1], [0, 0, 1, 1], color=COLORS["limit"])
    (old,) = soft.plot(_LENGTHS, _LENGTHS, ":", color=COLORS["truth"], linewidth=1.4)
    (new,) = soft.plot(_LENGTHS, _LENGTHS, color=COLORS["model"])
    look = {"linestyle": "none", "marker": "o", "markersize": 6}
    hollow = look | {"markerfacecolor": "none", "color": COLORS["truth"]}
    hard.plot(FLOWERS, step(weighted_inputs(0.0, 1.0)), **hollow)
    (hard_now,) = hard.plot(FLOWERS, FLOWERS, color=COLORS["limit"], **look)
    (soft_old,) = soft.plot(FLOWERS, FLOWERS, **hollow)
    (soft_now,) = soft.plot(FLOWERS, FLOWERS, color=COLORS["model"], **look)
    for ax, title in ((hard, "Step"), (soft, "Sigmoid")):
        ax.set(title=title, xlabel="petal length (cm)", ylim=(-0.08, 1.08), xlim=(3.4, 6.1))
    hard.set(ylabel="answer a")
    return jump, hard_now, old, new, soft_old, soft_now


def _move_answers(book, jump, hard_now, old, new, soft_old, soft_now):
    edges = -BIAS / (WEIGHT + NUDGES)
    corners = np.stack([np.full_like(edges, 3.4), edges, edges, np.full_like(edges, 6.1)], axis=-1)
    after = weighted_inputs(_MOVED, _STEEP)
    book.line(jump, corners[:, None], np.array([0.0, 0, 1, 1]))
    book.line(hard_now, FLOWERS, step(after))
    book.line(old, _LENGTHS, sigmoid(weighted_inputs(0.0, _STEEP, _LENGTHS)))
    book.line(new, _LENGTHS, sigmoid(weighted_inputs(_MOVED, _STEEP, _LENGTHS)))
    book.line(soft_old, FLOWERS, sigmoid(weighted_inputs(0.0, _STEEP)))
    book.line(soft_now, FLOWERS, sigmoid(after))


def _sum_axes(ax):
    """Draw the staircase that the five steps add up to; return the lines that move."""
    ax.plot(*stairs(), color=COLORS["limit"], linewidth=1.6)
    (hill,) = ax.plot([0], [0], color=COLORS["model"])
    (stair_now,) = ax.plot([0], [0], "o", color=COLORS["limit"], markersize=7)
    (hill_now,) = ax.plot([0], [0], "o", color=COLORS["model"], markersize=7)
    ax.text(0.25, 4.1, "sum of the five steps", color=COLORS["limit"], ha="right", va="bottom")
    ax.text(0.29, 0.72, "sum of the five sigmoids", color=COLORS["model"], ha="right")
    ax.set(xlabel="nudge Δw of the weight (per cm)", xlim=(-0.31, 0.31))
    ax.set(ylabel="sum of five answers", ylim=(0.4, 5.0))
    return hill, stair_now, hill_now


def _move_sums(book, hill, stair_now, hill_now):
    smooth = sigmoid(weighted_inputs(_MOVED, _STEEP)).sum(axis=-1, keepdims=True)
    book.line(hill, NUDGES, smooth[..., 0].T[None])
    book.line(stair_now, _MOVED, step(weighted_inputs(_MOVED, 1.0)).sum(axis=-1, keepdims=True))
    book.line(hill_now, _MOVED, smooth)


def _nudge_readout(nudge, steepness):
    """Say what the nudge does to both, and what the slope promised."""
    before, after = weighted_inputs(0.0, steepness), weighted_inputs(nudge, steepness)
    flips = int(np.sum(step(before) != step(after)))
    change = float(np.sum(sigmoid(after) - sigmoid(before)))
    promise = float(np.sum(sigmoid_derivative(before) * steepness * FLOWERS) * nudge)
    stepped = "no answer moves" if flips == 0 else f"{flips} of 5 answers turned over"
    return (
        f"Δw = {number(nudge, '+.2f')}. Step: {stepped}. Sigmoid: the sum moves by "
        f"{number(change, '+.2f')}; the slope promised {number(promise, '+.2f')}."
    )


# Saturation ---------------------------------------------------------------------------------------

_SHOWN = np.concatenate([np.arange(0, 20), np.arange(20, EPOCHS + 1, 4)])  # steps


def saturation():
    """Return the figure of one neuron that unlearns a 1: rate and start as sliders."""
    z = lessons()
    start = (int(np.flatnonzero(RATES == 0.15)[0]), int(np.flatnonzero(STARTS == 4)[0]))
    marks = [Mark(1.5, "mild"), Mark(4.0, "bad")]
    fig, curves = _saturation_axes()
    book = Flipbook(
        fig,
        controls=[
            Control("eta", RATES, label="learning rate η", start=start[0], format="{:g}"),
            Control(
                "start", STARTS, "start z = w + b", start=start[1], format="{:.2f}", marks=marks
            ),
        ],
        title="One neuron learns to say no",
        alt=(
            "From the bad start the cost by squared error stays near its first value for some 200 "
            "steps and then falls; by cross-entropy it falls at once. The slope of the squared "
            "error at the start is close to zero, that of the cross-entropy close to one."
        ),
        readout=np.array(
            [
                [_lesson_readout(eta, z0, z[:, i, j]) for j, z0 in enumerate(STARTS)]
                for i, eta in enumerate(RATES)
            ]
        ),
        code="network.train(network.Network([([[{start:g} / 2]], [{start:g} / 2])]), "
        "[[1.0]], [0.0], eta={eta:g}, epochs=300).cost",
        table=("step", "share of the first cost"),
    )
    _move_lessons(book, z, *curves)
    book.predict(
        "Two neurons shall answer 0. One begins with the answer 0.82, the other, much more wrong, "
        "with 0.98. With the squared error, which of them learns faster at first?",
        choices=["the one that is more wrong", "the one that is less wrong", "both alike"],
        answer=1,
        explain="At 0.98 the sigmoid is nearly flat, and its slope is a factor of the gradient: "
        "the larger error moves the weights a seventh as far.",
    )
    return book


def _saturation_axes():
    """Draw what stands still; return the figure and, a line a loss, costs, answers and slopes."""
    fig, axes = plt.subplot_mosaic([["cost", "cost"], ["answer", "slope"]], figsize=(6.6, 5.4))
    cost, answer, slope = axes.values()
    looks, z = LOSS_LOOK.values(), np.linspace(-4, 8, 121)
    falling, answers = ([ax.plot([0], [0], **look)[0] for look in looks] for ax in (cost, answer))
    for pull, look in zip(slopes(z), looks, strict=True):
        slope.plot(z, pull, **look)
    dots = [slope.plot([0], [0], "o", color=look["color"], markersize=7)[0] for look in looks]
    for (name, look), height in zip(LOSS_LOOK.items(), (0.93, 0.79), strict=True):
        cost.text(EPOCHS - 3, height, name, color=look["color"], ha="right")
    for ax in axes.values():
        ax.set(xlabel="step", xlim=(0, EPOCHS), ylim=(-0.03, 1.05))
    cost.set(title="Cost", ylabel="share of the first cost")
    answer.set(title="Answer", ylabel="a, should be 0")
    slope.set(title="Slope at the start", ylabel="dC/dz", xlabel="weighted input z", xlim=(-4, 8))
    return fig, (falling, answers, dots)


def _move_lessons(book, z, falling, answers, dots):
    """Let both losses' curves move; z is (2, rates, starts, steps + 1)."""
    for loss in (0, 1):
        cost = costs(z[loss])[loss]
        book.line(falling[loss], _SHOWN, (cost / cost[..., :1])[..., _SHOWN])
        book.line(answers[loss], _SHOWN, sigmoid(z[loss][..., _SHOWN]))
        book.line(dots[loss], STARTS[None, :, None], slopes(STARTS)[loss][None, :, None])
    book.ghost(falling[0])


def _lesson_readout(eta, start, z):
    """Say when each loss has brought the answer below one half; z is (2, steps + 1)."""
    words = []
    for name, path in zip(LOSS_LOOK, z, strict=True):
        below = np.flatnonzero(path < 0)
        when = (
            f"below ½ after {below[0]} {'step' if below[0] == 1 else 'steps'}"
            if len(below)
            else f"above ½ for all {EPOCHS}"
        )
        words.append(f"{name.capitalize()}: {when}, at last {float(sigmoid(path[-1])):.2f}.")
    return f"η = {eta:g}, first answer {float(sigmoid(start)):.3f}. " + " ".join(words)
