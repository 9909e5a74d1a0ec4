"""The pictures of chapter 0: a rule with one knob, learned weights, XOR, a map of the book."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from descent.experiments.chapter00 import THRESHOLDS, count_wrong
from descent.figures.style import CHROME, COLORS, Flipbook
from descent.flipbook import Control

LEFT = (slice(2, 6), slice(1, 3))  # the eight pixels where an 8 is closed and a 3 is open

_INK = LinearSegmentedColormap.from_list("ink", [CHROME["paper"], COLORS["data"]])
_TWO = LinearSegmentedColormap.from_list("two", [COLORS["gd"], CHROME["paper"], COLORS["model"]])


def digits(images, axes):
    """Draw one digit in each axes, the eight pixels of the rule in a frame.

    images : (k, 64)
    """
    for image, ax in zip(images, np.ravel(axes), strict=True):
        ax.imshow(image.reshape(8, 8), cmap=_INK, vmin=0, vmax=1)
        ax.plot([0.5, 2.5, 2.5, 0.5, 0.5], [1.5, 1.5, 5.5, 5.5, 1.5], color=COLORS["limit"])
        _bare(ax)
    return axes


def weights(w, ax):
    """Draw the 64 weights of the pixels; the bias, w[0], has no pixel."""
    most = np.abs(w[1:]).max()
    ax.imshow(w[1:].reshape(8, 8), cmap=_TWO, vmin=-most, vmax=most)
    _bare(ax)
    ax.text(8.1, 1.5, "ink here\nsays 8", color=COLORS["model"], va="center")
    ax.text(8.1, 5.5, "ink here\nsays 3", color=COLORS["gd"], va="center")
    return ax


def turn_the_knob(ink, labels):
    """Return the figure that moves the threshold of the rule over the ink of all digits."""
    wrong = count_wrong(ink, labels, THRESHOLDS)
    total, start = wrong.sum(axis=0), 40
    fig, (left, right) = plt.subplots(1, 2, figsize=(6.6, 3.2), gridspec_kw={"wspace": 0.1})
    _ink_bars(ink, labels, left)
    (knob,) = left.plot([2, 2], [-75, 50], color=COLORS["limit"], linewidth=2)
    left.axhline(0, color=CHROME["ink"], linewidth=0.8)
    right.plot(THRESHOLDS, total, color=COLORS["truth"])
    (now,) = right.plot([THRESHOLDS[start]], [total[start]], "o", color=COLORS["limit"])
    right.set(xlabel="threshold", ylabel="wrong answers", title="The mistakes", ylim=(0, None))

    book = Flipbook(
        fig,
        [Control("threshold", THRESHOLDS, label="threshold", start=start, format="{:.2f}")],
        title="A rule with one knob",
        alt="Left, bars of the ink of threes and of eights, which overlap, and the threshold 2 "
        "between them. Right, the wrong answers fall and rise again as the threshold grows; the "
        "point at 2 is right of the lowest place.",
        readout=[
            f"Threshold {t:.2f}: {a + b} of {len(labels)} wrong, "
            f"{a} threes called 8 and {b} eights called 3."
            for t, a, b in zip(THRESHOLDS, *wrong, strict=True)
        ],
        code="np.sum((ink[seen] > {threshold:.2f}) != (labels[seen] > 0))",
    )
    book.line(knob, np.repeat(THRESHOLDS[:, None], 2, axis=1), np.array([-75.0, 50.0]))
    book.line(now, THRESHOLDS[:, None], total[:, None])
    book.predict(
        "Where will the wrong answers be fewest?",
        choices=["at a threshold of 0", "in between", "at the largest threshold"],
        answer=1,
        explain="Too low, and every three with a speck of ink is called an 8; too high, and the "
        "thin eights are called 3.",
    )
    return book


def _ink_bars(ink, labels, ax):
    """Draw how many threes, downwards, and eights, upwards, have how much ink."""
    bins = np.arange(0, 6.01, 0.5)
    shown = np.minimum(ink, 5.99)
    for sign, color, name in ((-1, "gd", "threes"), (1, "model", "eights")):
        counts = np.histogram(shown[labels == sign], bins)[0]
        ax.bar(bins[:-1] + 0.25, sign * counts, 0.46, color=COLORS[color], alpha=0.85)
        ax.text(5.9, sign * 30, name, color=COLORS[color], ha="right", va="center")
    ax.set(xlabel="ink in the frame", ylabel="digits", title="The samples", ylim=(-75, 50))
    ax.set_yticks([-60, -40, -20, 0, 20, 40], ["60", "40", "20", "0", "20", "40"])


def neuron(ax):
    """Draw a neuron: inputs, weights, sum, and an activation at the end."""
    ax.set(xlim=(0, 10), ylim=(-2.2, 2.2), aspect="equal")
    ax.axis("off")
    for y, x, w in ((1.5, "$x_1$", "$w_1$"), (0, "$x_2$", "$w_2$"), (-1.5, "$x_d$", "$w_d$")):
        _disc(ax, 1, y, x, COLORS["data"])
        _arrow(ax, (1.45, y), (4.1, 0.35 * y))
        ax.text(2.5, 0.72 * y + 0.28, w, ha="center", color=COLORS["model"])
    ax.text(1, -0.78, "⋮", ha="center", va="center")
    _disc(ax, 4.6, 0, "$\\Sigma$", COLORS["model"])
    ax.text(4.6, 1.0, "$+\\,b$", ha="center", color=COLORS["model"])
    _arrow(ax, (5.1, 0), (6.5, 0))
    ax.text(5.8, 0.25, "$z$", ha="center")
    _disc(ax, 7, 0, "$f$", COLORS["model"])
    _arrow(ax, (7.5, 0), (8.9, 0))
    ax.text(9.4, 0, "$f(z)$", ha="center", va="center")
    return ax


def xor(table, features, names, w, axes):
    """Draw XOR in its two inputs, and in two features in which the line w separates it.

    table : LogicGate; features (4, 2); w (3,) with the weight of 1 first
    """
    for ax, points in zip(axes, (table.features, features), strict=True):
        spread = np.ptp(points, axis=0)
        low, high = points.min(axis=0) - 0.35 * spread, points.max(axis=0) + 0.35 * spread
        ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    left, right = axes
    x = np.array(right.get_xlim())
    right.plot(x, -(w[0] + w[1] * x) / w[2], color=COLORS["model"])
    for ax, points in zip(axes, (table.features, features), strict=True):
        for label, face in ((-1, CHROME["paper"]), (1, COLORS["data"])):
            ax.plot(*points[table.labels == label].T, "o", color=COLORS["data"],
                    markerfacecolor=face, markersize=9)  # fmt: skip
    left.set(xlabel="$x_1$", ylabel="$x_2$", title="What is given")
    right.set(xlabel=names[0], ylabel=names[1], title="What is made of it")
    return axes


# number, title in two lines, column, row, group
CHAPTERS = (
    (0, "What learn-\ning means", 1.5, 0, "truth"),
    (1, "Fit\na commute", 1.5, 1, "data"),
    (2, "Bend\nthe line", 0, 2, "data"),
    (3, "Classify\nwith a margin", 0, 3, "data"),
    (4, "Walk\ndownhill", 3.1, 2, "gd"),
    (5, "Walk downhill\non a guess", 3.1, 3, "gd"),
    (6, "Keep your\nmomentum", 3.1, 4, "gd"),
    (7, "The\nperceptron", 1.5, 2, "model"),
    (8, "The sigmoid\nneuron", 1.5, 3, "model"),
    (9, "Stack\nthe layers", 0.9, 4, "model"),
    (10, "Follow\nthe chain", 2.0, 4, "model"),
    (11, "Back-\npropagation", 1.5, 5, "sgd"),
    (12, "Read hand-\nwritten digits", 0.7, 6, "sgd"),
    (13, "Why deep\nis hard", 2.3, 6, "sgd"),
)
NEEDS = (
    (0, 1), (1, 2), (1, 3), (1, 4), (1, 7), (4, 5), (4, 6), (4, 8), (7, 8), (8, 9), (8, 10),
    (9, 11), (10, 11), (11, 12), (11, 13), (6, 13),
)  # fmt: skip


def book_map(ax):
    """Draw the chapters as boxes, an arrow from each to those that build on it."""
    half, tall, gap = 0.5, 0.62, 1.0
    ax.set(xlim=(-0.55, 3.9), ylim=(-6 * gap - 0.4, 0.4))
    ax.axis("off")
    place = {number: (x, -gap * row) for number, _, x, row, _ in CHAPTERS}
    for above, below in NEEDS:
        (x0, y0), (x1, y1) = place[above], place[below]
        begin, end, bend = (x0, y0 - tall / 2), (x1, y1 + tall / 2), 0.0
        if (above, below) == (4, 6):
            begin, end, bend = (x0 + half, y0), (x1 + half, y1), -0.2
        elif (above, below) == (1, 3):
            begin, end = (x0 - 0.4, y0 - tall / 2), (x1 + half, y1 + 0.1)
        elif (above, below) == (6, 13):
            begin, end = (x0, y0 - tall / 2), (x1 + half, y1 + 0.1)
        elif x0 == 1.5 and abs(x1 - x0) > 1 and y0 - y1 == gap:
            begin = (x0 + np.sign(x1 - x0) * half, y0 - 0.1)
        elif (above, below) == (4, 8):
            begin, end = (x0 - half, y0 - 0.1), (x1 + half, y1 + 0.1)
        _arrow(ax, begin, end, bend)
    for number, title, _, _, color in CHAPTERS:
        x, y = place[number]
        box = FancyBboxPatch(
            (x - half + 0.05, y - tall / 2 + 0.05), 2 * half - 0.1, tall - 0.1,
            boxstyle="round,pad=0.05", facecolor=CHROME["paper"], edgecolor=COLORS[color],
            linewidth=1.6,
        )  # fmt: skip
        ax.add_patch(box)
        ax.text(x - half + 0.06, y, str(number), va="center", color=COLORS[color], weight="bold")
        ax.text(x + 0.1, y, title, ha="center", va="center", fontsize=8.5, linespacing=1.15)
    return ax


def _bare(ax):
    ax.set(xticks=[], yticks=[])
    ax.grid(False)
    for side in ax.spines.values():
        side.set_color(CHROME["grid"])


def _disc(ax, x, y, text, color):
    ax.plot([x], [y], "o", markersize=27, color=color, markerfacecolor=CHROME["paper"])
    ax.text(x, y, text, ha="center", va="center")


def _arrow(ax, begin, end, bend=0.0):
    arrow = FancyArrowPatch(
        begin,
        end,
        arrowstyle="-|>",
        mutation_scale=11,
        shrinkA=1,
        shrinkB=1,
        connectionstyle=f"arc3,rad={bend}",
        color=CHROME["muted"],
        linewidth=1.1,
    )
    ax.add_patch(arrow)
