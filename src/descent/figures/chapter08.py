"""The pictures of chapter 8: a step and a slope, one neuron that learns late, losses, softmax."""

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap

from descent import network, optimize
from descent.activations import sigmoid, sigmoid_derivative, step
from descent.figures.style import CHROME, COLORS
from descent.flipbook import Control, Flipbook, Mark

# Two losses, told apart in every picture by colour and by the kind of line.
LOSS_LOOK = {
    "squared error": {"color": COLORS["gd"], "linestyle": "-"},
    "cross-entropy": {"color": COLORS["sgd"], "linestyle": "--"},
}
SPECIES_COLORS = (COLORS["sgd"], COLORS["data"], COLORS["residual"])

_MINUS = "\N{MINUS SIGN}"


# Flowers ------------------------------------------------------------------------------------------


def shares(length, y, edges, ax, *, curve=None):
    """Draw each flower at 0 or 1 and, for each range of lengths, the share of ones.

    `curve` is a pair (lengths, answers) of a neuron that was trained on them.
    """
    for label, up in ((0, -1), (1, 1)):
        here = np.sort(length[y == label])
        level = _stacked(here)
        ax.plot(here, label + up * (0.05 + 0.03 * level), "o", color=COLORS["data"], markersize=3)
    middles, share = share_of_ones(length, y, edges)
    ax.plot(middles, share, "s", color=COLORS["residual"], markersize=7)
    if curve is None:
        ax.plot(middles, share, ":", color=COLORS["residual"], linewidth=1.4)
    else:
        ax.plot(*curve, color=COLORS["model"])
        ax.annotate(
            "the neuron",
            (np.interp(0.8, curve[1], curve[0]), 0.8),
            xytext=(-8, 2),
            textcoords="offset points",
            ha="right",
            color=COLORS["model"],
        )
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


def share_of_ones(length, y, edges):
    """Return the mean length and the share of ones in each range (low, high]."""
    inside = [(length > low) & (length <= high) for low, high in pairwise(edges)]
    return [np.array([values[rows].mean() for rows in inside]) for values in (length, y)]


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
    box = {"boxstyle": "round,pad=0.5", "facecolor": CHROME["paper"], "edgecolor": COLORS["model"]}
    ax.text(0.05, 0.5, f"w\n{_number(w)}", ha="center", va="center", bbox=box, linespacing=1.5)
    for at, (name, value) in zip(places, boxes, strict=True):
        ax.text(
            at,
            0.5,
            f"{name}\n{_number(value)}",
            ha="center",
            va="center",
            bbox=box,
            linespacing=1.5,
        )
    starts, ends = (0.11, 0.455, 0.72), (0.265, 0.555, 0.8)
    for left, right, (name, value) in zip(starts, ends, local, strict=True):
        there = {"arrowstyle": "->", "color": COLORS["model"]}
        back = {"arrowstyle": "->", "color": COLORS["residual"]}
        ax.annotate("", (right, 0.56), (left, 0.56), arrowprops=there)
        ax.annotate("", (left, 0.44), (right, 0.44), arrowprops=back)
        ax.text(
            (left + right) / 2,
            0.25,
            f"{name}\n{_number(value)}",
            ha="center",
            va="center",
            color=COLORS["residual"],
            linespacing=1.4,
        )
    ax.set(xlim=(-0.03, 1.05), ylim=(0.08, 0.72))
    ax.axis("off")
    return ax


def _number(value):
    return f"{value:.3f}".replace("-", _MINUS)


def an_hour_at_most(commutes, neuron, line, ax):
    """Draw the five trips, the line, and a neuron (km -> min) that cannot pass the hour."""
    km = np.linspace(0, 20, 201)
    ax.plot(commutes.distance, commutes.minutes, "o", color=COLORS["data"])
    ax.plot(km, line(km), "--", color=COLORS["truth"])
    ax.plot(km, neuron(km), color=COLORS["model"])
    ax.axhline(60, color=COLORS["limit"], linewidth=1.2, linestyle=":")
    ax.annotate("one hour", (20, 60), xytext=(0, 4), textcoords="offset points", ha="right",
                color=COLORS["limit"])  # fmt: skip
    ax.annotate("the neuron", (12, neuron(12.0)), xytext=(0, -15), textcoords="offset points",
                color=COLORS["model"])  # fmt: skip
    ax.annotate("the line of chapter 1", (14, line(14.0)), xytext=(-8, 4),
                textcoords="offset points", ha="right", color=COLORS["truth"])  # fmt: skip
    ax.set(xlabel="distance (km)", ylabel="time (min)", xlim=(0, 20.5), ylim=(0, 150))
    return ax


# A slow start -------------------------------------------------------------------------------------


def steps_to_leave(starts, counts, ax):
    """Draw how many steps each loss needs to bring the answer below one half."""
    for (name, look), row in zip(LOSS_LOOK.items(), counts, strict=True):
        ax.plot(starts, row, marker="o", markersize=5, **look)
        ax.annotate(
            name,
            (starts[-1], row[-1]),
            xytext=(-8, 4 if name == "squared error" else 9),
            textcoords="offset points",
            ha="right",
            color=look["color"],
        )
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
    a = sigmoid(z)
    ax.plot(z, a**2 / 2, **LOSS_LOOK["squared error"])
    ax.plot(z, np.logaddexp(0, z), **LOSS_LOOK["cross-entropy"])
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


def three_species(features, classes, names, layers, mean, scale, ax):
    """Draw the regions of a softmax layer over two features in cm, and the flowers."""
    low, high = features.min(axis=0) - 0.35, features.max(axis=0) + 0.35
    grid = np.stack(
        np.meshgrid(*(np.linspace(a, b, 201) for a, b in zip(low, high, strict=True))), axis=-1
    )
    shares = network.predict(layers, (grid.reshape(-1, 2) - mean) / scale, "softmax")
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
    ax.contour(grid[..., 0], grid[..., 1], sure, levels=[0.9], colors=[CHROME["muted"]],
               linewidths=1, linestyles=":")  # fmt: skip
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

FLOWERS = np.array([3.9, 4.5, 4.8, 5.1, 5.6])  # petal lengths, cm
NUDGES = np.round(np.arange(-30, 31) / 100, 2)
STEEPNESS = np.array([0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0])
WEIGHT, BIAS = 3.0, -14.7  # per cm; the boundary lies at 4.9 cm


def weighted_inputs(nudge, steepness, x=FLOWERS):
    """Return z of petals x under a nudged weight: steepness ((w + nudge) x + b)."""
    return steepness * ((WEIGHT + nudge) * x + BIAS)


def nudge():
    """Return the figure of a step and a sigmoid under the same nudge of their weight."""
    x = np.linspace(3.4, 6.1, 136)
    moved, steep = NUDGES[:, None, None], STEEPNESS[None, :, None]
    before_z, after_z = (weighted_inputs(n, steep) for n in (0.0, moved))
    before, after = sigmoid(before_z), sigmoid(after_z)
    start = (int(np.flatnonzero(NUDGES == 0.05)[0]), int(np.flatnonzero(STEEPNESS == 1)[0]))

    fig, axes = plt.subplot_mosaic(
        [["step", "slope"], ["sum", "sum"]], figsize=(6.6, 5.2), height_ratios=[1.15, 1]
    )
    hard, soft, total = axes["step"], axes["slope"], axes["sum"]
    edge = -BIAS / WEIGHT
    hard.plot([3.4, edge, edge, 6.1], [0, 0, 1, 1], ":", color=COLORS["truth"], linewidth=1.4)
    (jump,) = hard.plot([3.4, 5, 5, 6.1], [0, 0, 1, 1], color=COLORS["limit"])
    (old,) = soft.plot(x, x, ":", color=COLORS["truth"], linewidth=1.4)
    (new,) = soft.plot(x, x, color=COLORS["model"])
    look = {"linestyle": "none", "marker": "o", "markersize": 6}
    hollow = look | {"markerfacecolor": "none", "color": COLORS["truth"]}
    hard.plot(FLOWERS, step(weighted_inputs(0.0, 1.0)), **hollow)
    (hard_now,) = hard.plot(FLOWERS, FLOWERS, color=COLORS["limit"], **look)
    (soft_old,) = soft.plot(FLOWERS, FLOWERS, **hollow)
    (soft_now,) = soft.plot(FLOWERS, FLOWERS, color=COLORS["model"], **look)
    for ax, title in ((hard, "Step"), (soft, "Sigmoid")):
        ax.set(title=title, xlabel="petal length (cm)", ylim=(-0.08, 1.08), xlim=(3.4, 6.1))
    hard.set(ylabel="answer a")

    jumps = np.sort(-BIAS / FLOWERS - WEIGHT)  # where a flower's z passes 0
    jumps = jumps[(jumps > NUDGES[0]) & (jumps < NUDGES[-1])]
    corners = np.concatenate([NUDGES[:1], np.repeat(jumps, 2), NUDGES[-1:]])
    levels = np.repeat(np.arange(len(jumps) + 1) + 1, 2)
    smooth = sigmoid(weighted_inputs(NUDGES[:, None, None], STEEPNESS[:, None])).sum(axis=-1).T
    total.plot(corners, levels, color=COLORS["limit"], linewidth=1.6)
    (hill,) = total.plot(NUDGES, smooth[start[1]], color=COLORS["model"])
    (stair_now,) = total.plot([0], [0], "o", color=COLORS["limit"], markersize=7)
    (hill_now,) = total.plot([0], [0], "o", color=COLORS["model"], markersize=7)
    total.text(0.25, 4.1, "sum of the five steps", color=COLORS["limit"], ha="right", va="bottom")
    total.text(0.29, 0.72, "sum of the five sigmoids", color=COLORS["model"], ha="right")
    total.set(
        xlabel="nudge Δw of the weight (per cm)",
        ylabel="sum of five answers",
        ylim=(0.4, 5.0),
        xlim=(-0.31, 0.31),
    )

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
        readout=_nudge_readouts(),
        code="activations.sigmoid({steepness:g} * ((3 + {nudge:g}) * "
        "np.array([3.9, 4.5, 4.8, 5.1, 5.6]) - 14.7))",
        table=("petal length (cm)", "answer of the step"),
    )
    edges = -BIAS / (WEIGHT + NUDGES)
    corners = np.stack([np.full_like(edges, 3.4), edges, edges, np.full_like(edges, 6.1)], axis=-1)
    book.line(jump, corners[:, None], np.array([0.0, 0, 1, 1]))
    book.line(hard_now, FLOWERS, step(after_z))
    book.line(old, x, sigmoid(weighted_inputs(0.0, steep, x)))
    book.line(new, x, sigmoid(weighted_inputs(moved, steep, x)))
    book.line(soft_old, FLOWERS, before)
    book.line(soft_now, FLOWERS, after)
    book.line(hill, NUDGES, smooth[None])
    here = np.broadcast_to(moved, (len(NUDGES), 1, 1))
    book.line(stair_now, here, step(weighted_inputs(moved, 1.0)).sum(axis=-1, keepdims=True))
    book.line(hill_now, here, after.sum(axis=-1, keepdims=True))
    return book


def _nudge_readouts():
    return np.array([[_nudge_readout(n, k) for k in STEEPNESS] for n in NUDGES])


def _nudge_readout(nudge, steepness):
    """Say what the nudge does to both, and what the slope promised."""
    before, after = weighted_inputs(0.0, steepness), weighted_inputs(nudge, steepness)
    flips = int(np.sum(step(before) != step(after)))
    change = float(np.sum(sigmoid(after) - sigmoid(before)))
    promise = float(np.sum(sigmoid_derivative(before) * steepness * FLOWERS) * nudge)
    stepped = "no answer moves" if flips == 0 else f"{flips} of 5 answers turned over"
    return (
        f"Δw = {_signed(nudge)}. Step: {stepped}. "
        f"Sigmoid: the sum moves by {_signed(change)}; the slope promised {_signed(promise)}."
    )


def _signed(value):
    return f"{value:+.2f}".replace("-", _MINUS) if abs(value) >= 0.005 else "0.00"


# Saturation ---------------------------------------------------------------------------------------

RATES = np.array([0.02, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.0, 4.0])
STARTS = np.round(np.arange(2, 29) * 0.25, 2)  # z = w + b before the first step
EPOCHS = 300
_SHOWN = np.concatenate([np.arange(0, 20), np.arange(20, EPOCHS + 1, 4)])


def lessons(rates=RATES, starts=STARTS, steps=EPOCHS):
    """Return z after 0, 1, ..., steps: (2 losses, rates, starts, steps + 1), x = 1 and y = 0.

    Weight and bias get the same gradient, as x = 1: only their sum z = w + b matters, so a start
    is given by z, half of it the weight and half the bias.
    """
    start = np.repeat(np.asarray(starts)[:, None] / 2, 2, axis=1)  # (starts, 2): w, b

    def descend(slope_at):
        def gradient(parameters):
            slope = slope_at(sigmoid(parameters.sum(axis=-1)))
            return np.repeat(slope[..., None], 2, axis=-1)

        path = optimize.gradient_descent(gradient, start, np.asarray(rates)[:, None], steps)
        return np.moveaxis(path.w.sum(axis=-1), 0, -1)

    return np.stack([descend(lambda a: a * a * (1 - a)), descend(lambda a: a)])


def saturation():
    """Return the figure of one neuron that unlearns a 1: rate and start as sliders."""
    z = lessons()
    answer = sigmoid(z)
    cost = np.stack([answer[0] ** 2 / 2, np.logaddexp(0, z[1])])
    left = cost / cost[..., :1]
    start = (int(np.flatnonzero(RATES == 0.15)[0]), int(np.flatnonzero(STARTS == 4)[0]))

    fig, axes = plt.subplot_mosaic([["cost", "cost"], ["answer", "slope"]], figsize=(6.6, 5.4))
    curves = {"cost": [], "answer": []}
    for panel in curves:
        for look in LOSS_LOOK.values():
            curves[panel] += axes[panel].plot(_SHOWN, _SHOWN, **look)
    for name, height in (("squared error", 0.93), ("cross-entropy", 0.79)):
        color = LOSS_LOOK[name]["color"]
        axes["cost"].text(EPOCHS - 3, height, name, color=color, ha="right")
    axes["cost"].set(
        title="Cost", xlabel="step", ylabel="share of the first cost", ylim=(-0.03, 1.05),
        xlim=(0, EPOCHS),
    )  # fmt: skip
    axes["answer"].set(
        title="Answer", xlabel="step", ylabel="a, should be 0", ylim=(-0.03, 1.05), xlim=(0, EPOCHS)
    )
    where = np.linspace(-4, 8, 121)
    pulls = [_pull(where, k) for k in (0, 1)]
    for pull, look in zip(pulls, LOSS_LOOK.values(), strict=True):
        axes["slope"].plot(where, pull, **look)
    dots = [
        axes["slope"].plot([0], [0], "o", color=look["color"], markersize=7)[0]
        for look in LOSS_LOOK.values()
    ]
    axes["slope"].set(
        title="Slope at the start", xlabel="weighted input z", ylabel="dC/dz", ylim=(-0.03, 1.05),
        xlim=(-4, 8),
    )  # fmt: skip

    book = Flipbook(
        fig,
        controls=[
            Control("eta", RATES, label="learning rate η", start=start[0], format="{:g}"),
            Control(
                "start",
                STARTS,
                label="start z = w + b",
                start=start[1],
                format="{:.2f}",
                marks=[Mark(1.5, "mild"), Mark(4.0, "bad")],
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
        code="network.train([([[{start:g} / 2]], [{start:g} / 2])], [[1.0]], [0.0], "
        "eta={eta:g}, epochs=300).cost",
        table=("step", "share of the first cost"),
    )
    for k in (0, 1):
        book.line(curves["cost"][k], _SHOWN, left[k][..., _SHOWN])
        book.line(curves["answer"][k], _SHOWN, answer[k][..., _SHOWN])
        book.line(dots[k], STARTS[None, :, None], _pull(STARTS, k)[None, :, None])
    book.ghost(curves["cost"][0])
    book.predict(
        "Two neurons shall answer 0. One begins with the answer 0.82, the other, much more wrong, "
        "with 0.98. With the squared error, which of them learns faster at first?",
        choices=["the one that is more wrong", "the one that is less wrong", "both alike"],
        answer=1,
        explain="At 0.98 the sigmoid is nearly flat, and its slope is a factor of the gradient: "
        "the larger error moves the weights a seventh as far.",
    )
    return book


def _pull(z, which):
    """Return dC/dz for the target 0: of the squared error (0) or of the cross-entropy (1)."""
    a = sigmoid(z)
    return a * a * (1 - a) if which == 0 else a


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
