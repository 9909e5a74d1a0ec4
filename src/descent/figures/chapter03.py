"""The pictures of chapter 3: two species, four losses of the margin, and what they pull at."""

import matplotlib.pyplot as plt
import numpy as np

from descent import linear
from descent import margin as margins
from descent.figures.style import CHROME, COLORS
from descent.flipbook import Control, Flipbook, Mark

MARGINS = np.round(np.arange(-30, 31) / 10, 1)  # the first slider's positions
BOUNDARIES = np.arange(305, 700, 10) / 100  # cm; between two notches of the ruler, so never a tie
SCALES = np.array([0.5, 0.75, 1, 1.5, 2, 3, 4])  # score per cm

# name -> (loss, slope, colour, style): the order in which the chapter meets them
LOSSES = {
    "0-1": (margins.zero_one, margins.zero_one_derivative, COLORS["truth"], "-"),
    "hinge": (margins.hinge, margins.hinge_derivative, COLORS["limit"], "-"),
    "squared hinge": (
        margins.squared_hinge,
        margins.squared_hinge_derivative,
        COLORS["validation"],
        "--",
    ),
    "logistic": (margins.logistic, margins.logistic_derivative, COLORS["sgd"], "-."),
}


def flowers(pair, ax, wrong=None):
    """Draw the petals of the flowers, the first species open and the second filled.

    wrong : (n,) bool, these flowers get a ring
    """
    x, y = pair.features[:, 2:].T
    for label, face, name in zip(
        (-1, 1), (CHROME["paper"], COLORS["data"]), pair.species, strict=True
    ):
        chosen = pair.labels == label
        ax.plot(
            x[chosen],
            y[chosen],
            "o",
            color=COLORS["data"],
            markerfacecolor=face,
            markeredgewidth=1.2,
            markersize=5,
        )
        ax.annotate(
            f"{name} ({label:+d})".replace("-", "\N{MINUS SIGN}"),
            (x[chosen].min(), y[chosen].max()),
            xytext=(-4, 8),
            textcoords="offset points",
            ha="left",
        )
    if wrong is not None:
        ax.plot(
            x[wrong],
            y[wrong],
            "o",
            color=COLORS["residual"],
            markerfacecolor="none",
            markeredgewidth=1.8,
            markersize=11,
        )
    ax.set(xlabel=pair.feature_names[2], ylabel=pair.feature_names[3])
    ax.margins(y=0.12)
    return ax


def boundary(w, ax, name="", *, band=True, color=COLORS["model"], at=0.04, style="-"):
    """Draw the line of score 0, and dashed those of score -1 and +1, in the present view.

    w : (3,) weights of the axes' two features; `at` is the height of the name, as a share
    """
    xlim, ylim = ax.get_xlim(), ax.get_ylim()
    heights = np.array(ylim)
    scores = ((0, style, 1.8), (-1, ":", 1.1), (1, ":", 1.1)) if band else ((0, style, 1.8),)
    for score, dashes, width in scores:
        ax.plot((score - w[0] - w[2] * heights) / w[1], heights, dashes, color=color, lw=width)
    if name:
        y = ylim[0] + at * (ylim[1] - ylim[0])
        ax.annotate(
            name,
            (-(w[0] + w[2] * y) / w[1], y),
            xytext=(6, 0),
            textcoords="offset points",
            color=color,
        )
    ax.set(xlim=xlim, ylim=ylim)
    return ax


def staircase(places, share, ax):
    """Draw the share of errors over the place of the boundary (cm)."""
    ax.plot(places, share, color=COLORS["truth"], drawstyle="steps-mid")
    ax.set(
        xlabel="boundary at this petal length (cm)",
        ylabel="0-1 cost (share of errors)",
        ylim=(-0.02, 0.55),
    )
    return ax


def losses(ax):
    """Draw the four losses over the margin, each with its name."""
    _curves(ax, np.linspace(-2, 3, 501))
    for name, (m, offset, align) in {
        "0-1": (-1.7, (0, -12), "left"),
        "hinge": (-0.6, (6, 2), "left"),
        "squared hinge": (-0.35, (-8, -14), "right"),
        "logistic": (1.55, (0, 6), "left"),
    }.items():
        loss, _, color, _ = LOSSES[name]
        ax.annotate(
            name,
            (m, float(loss(m))),
            xytext=offset,
            textcoords="offset points",
            ha=align,
            color=color,
        )
    ax.set(xlim=(-2, 3), ylim=(-0.1, 3.3), xlabel="margin $m = y\\hat y$", ylabel="loss $G(m)$")
    return ax


def pulls():
    """Return the figure with a slider: one point's margin, its four losses and their pulls."""
    start = 20  # margin -1
    values = np.array([loss(MARGINS) for loss, *_ in LOSSES.values()])
    forces = 0.0 - np.array([slope(MARGINS) for _, slope, *_ in LOSSES.values()])

    fig, (left, right) = plt.subplots(1, 2, figsize=(6.6, 3.4), width_ratios=[1.15, 1])
    _curves(left, np.linspace(-3, 3, 301))
    left.set(xlim=(-3, 3), ylim=(-0.2, 4.4), title="The losses", xlabel="margin $m$", ylabel="loss")
    (at,) = left.plot(MARGINS[[start, start]], [-0.2, 4.4], color=CHROME["muted"], linewidth=0.8)
    right.set(
        xlim=(0, 4.8),
        ylim=(3.6, -0.6),
        title="The pulls",
        xlabel="pull (minus the slope)",
        yticks=[],
    )
    right.grid(axis="y", visible=False)
    moving = []
    for row, (name, value, force) in enumerate(zip(LOSSES, values, forces, strict=True)):
        color = LOSSES[name][2]
        (dot,) = left.plot(
            MARGINS[start], value[start], "o", color=color, markersize=7, label=f"loss, {name}"
        )
        (bar,) = right.plot(
            [0, force[start]], [row, row], color=color, linewidth=9, solid_capstyle="butt"
        )
        right.text(0.05, row - 0.28, name, color=color)
        note = right.text(force[start] + 0.1, row, "", va="center")
        moving.append((dot, bar, note, row, value, force))

    book = Flipbook(
        fig,
        controls=[
            Control(
                "m",
                MARGINS,
                label="margin m of the point",
                start=start,
                format="{:.1f}",
                marks=[Mark(0, "boundary"), Mark(1, "enough")],
            )
        ],
        title="One point and the pull of four losses",
        alt=(
            "Left: four losses over the margin with a dot on each at margin −1. Right: the pulls "
            "there are 0 for the 0-1 loss, 1 for the hinge, 2 for the squared hinge and 0.73 for "
            "the logistic loss."
        ),
        readout=[_pull_verdict(m, f) for m, f in zip(MARGINS, forces.T, strict=True)],
        code="[-slope({m:.1f}) for slope in slopes.values()]",
        table=("margin", "loss"),
    )
    for dot, bar, note, row, value, force in moving:
        book.line(dot, MARGINS[:, None], value[:, None])
        book.line(bar, np.stack([np.zeros_like(force), force], axis=-1), [row, row])
        book.text(note, [f"{f:.2f}" for f in force], x=force + 0.1, y=row)
    book.line(at, np.repeat(MARGINS[:, None], 2, axis=1), [-0.2, 4.4])
    book.predict(
        "A point lies far on the wrong side, at margin −2. Which loss pulls it hardest?",
        choices=["the 0-1 loss", "the hinge", "the squared hinge", "the logistic loss"],
        answer=2,
        explain="The pull of the squared hinge is what the margin lacks, 1 − m = 3. The hinge "
        "pulls with 1 however far the point lies, the logistic loss with a little less than 1, "
        "and the 0-1 loss does not pull at all.",
    )
    return book


def moving_boundary(pair):
    """Return the figure with two sliders: a boundary on the petal length, and its four costs."""
    x, y = pair.features[:, 2], pair.labels
    X = linear.design_matrix(x)
    w = np.stack(  # (places, scales, 2): score = scale * (length - place)
        np.broadcast_arrays(-SCALES * BOUNDARIES[:, None], SCALES), axis=-1
    )
    cost = np.array([margins.cost(X, y, w, loss) for loss, *_ in LOSSES.values()])
    nudge = np.stack(np.broadcast_arrays(SCALES * 1e-4, 0), axis=-1)  # 1 micrometre
    sides = [
        (margins.cost(X, y, w - nudge, loss) < here) * 1.0  # right costs less
        - (margins.cost(X, y, w + nudge, loss) < here)  # left costs less
        for (loss, *_), here in zip(LOSSES.values(), cost, strict=True)
    ]
    start = (10, 3)

    fig, (top, bottom) = plt.subplots(
        2, 1, figsize=(6.2, 4.7), height_ratios=[1, 2], sharex=True, layout="constrained"
    )
    for label, face, name in zip(
        (-1, 1), (CHROME["paper"], COLORS["data"]), pair.species, strict=True
    ):
        chosen = y == label
        top.plot(
            x[chosen],
            _stacked(x[chosen]) * 0.12 + (0.15 if label > 0 else -1.35),
            "o",
            color=COLORS["data"],
            markerfacecolor=face,
            markersize=3.6,
            markeredgewidth=0.9,
        )
        top.text(
            6.98 if label > 0 else 3.02,
            0.75 if label > 0 else -0.45,
            f"{name} ({label:+d})".replace("-", "\N{MINUS SIGN}"),
            ha="right" if label > 0 else "left",
        )
    top.set(xlim=(2.9, 7.1), ylim=(-1.5, 1.4), yticks=[])
    top.grid(axis="y", visible=False)
    edges = BOUNDARIES[start[0]] + np.array([0, -1, 1]) / SCALES[start[1]]
    lines = [
        top.plot([edge, edge], [-1.5, 1.4], style, color=COLORS["model"], linewidth=width)[0]
        for edge, style, width in zip(edges, ("-", ":", ":"), (2, 1.2, 1.2), strict=True)
    ]
    moving = []
    for name, values in zip(LOSSES, cost, strict=True):
        _, _, color, style = LOSSES[name]
        at, shown = _stairs(values) if name == "0-1" else (BOUNDARIES, values)
        (curve,) = bottom.plot(at, shown[:, start[1]], style, color=color, linewidth=1.5)
        (dot,) = bottom.plot(
            BOUNDARIES[start[0]], values[start], "o", color=color, label=f"cost, {name}"
        )
        moving.append((curve, at, shown, dot, values))
    for row, name in enumerate(LOSSES):
        bottom.text(
            0.5,
            0.96 - 0.08 * row,
            name,
            color=LOSSES[name][2],
            transform=bottom.transAxes,
            ha="center",
            va="top",
        )
    bottom.set(ylim=(-0.05, 1.6), xlabel="petal length (cm)", ylabel="cost")

    book = Flipbook(
        fig,
        controls=[
            Control(
                "place",
                BOUNDARIES,
                label="boundary at (cm)",
                start=start[0],
                format="{:.2f}",
            ),
            Control("scale", SCALES, label="scale (per cm)", start=start[1], format="{:g}"),
        ],
        title="Move the boundary and watch four costs",
        alt=(
            "Top: fifty versicolor and fifty virginica flowers along their petal length, with a "
            "boundary at 4.05 cm. Bottom: the 0-1 cost over the boundary's place is a staircase; "
            "hinge, squared hinge and logistic cost are bowls, and a dot marks each at 4.05 cm."
        ),
        readout=[
            [
                _place_verdict(cost[0, i, j], [side[i, j] for side in sides[1:]])
                for j in range(len(SCALES))
            ]
            for i in range(len(BOUNDARIES))
        ],
        code="margin.cost(X_length, y, {scale:g} * np.array([-{place:.2f}, 1]), margin.hinge)",
        table=("boundary (cm)", "cost"),
    )
    for curve, at, shown, dot, values in moving:
        book.line(curve, at, shown.T[None])
        book.line(dot, BOUNDARIES[:, None, None], values[..., None])
    for line, side in zip(lines, (0, -1, 1), strict=True):
        edge = BOUNDARIES[:, None] + side / SCALES
        book.line(line, np.stack([edge, edge], axis=-1), [-1.5, 1.4])
    book.predict(
        "Leave the boundary where it is and raise the scale. "
        "Which of the four costs stays exactly as it is?",
        choices=["all four", "only the 0-1 cost", "only the hinge cost", "none"],
        answer=1,
        explain="The scale multiplies every margin and changes no sign, so no answer turns from "
        "right to wrong. The other three look at how large the margins are.",
    )
    return book


def growth(t, lengths, ax):
    """Draw the length of the weights over the steps, (name -> lengths)."""
    for name, length in lengths.items():
        _, _, color, style = LOSSES[name]
        ax.plot(t, length, style, color=color)
        ax.annotate(
            name,
            (t[-1], length[-1]),
            xytext=(-2, 6),
            textcoords="offset points",
            ha="right",
            color=color,
        )
    ax.set(xscale="log", xlabel="steps", ylabel="length of the weights")
    return ax


def _curves(ax, m):
    for name, (loss, _, color, style) in LOSSES.items():
        values = loss(m)
        if name == "0-1":
            for part in (m <= 0, m > 0):
                ax.plot(m[part], values[part], style, color=color)
            continue
        ax.plot(m, values, style, color=color)
    return ax


def _stairs(values):
    """Return the ends of the steps: values hold between two notches of the ruler."""
    edges = BOUNDARIES[:, None] + np.array([-0.05, 0.05])
    return edges.ravel(), np.repeat(values, 2, axis=0)


def _stacked(values):
    """Return 0, 1, 2, ... for equal values, so that equal flowers stand on each other."""
    return np.array([np.sum(values[:i] == v) for i, v in enumerate(values)])


def _pull_verdict(m, force):
    _, hinge, squared, logistic = force
    side = "wrong side" if m < 0 else "on the boundary, counted wrong" if m == 0 else "right side"
    if m >= 1:
        rest = f"enough for both hinges; only logistic still pulls, with {logistic:.2f}"
    else:
        but = "but not by enough: " if m > 0 else ""
        rest = f"{but}hinge pulls with {hinge:.0f}, squared {squared:.2f}, logistic {logistic:.2f}"
    return f"margin {m:.1f}, {side}, {rest}; 0-1 never pulls".replace(" -", " \N{MINUS SIGN}")


def _place_verdict(share, sides):
    """sides : of hinge, squared hinge and logistic, +1 right, -1 left, 0 at its lowest place."""
    names = ("hinge", "squared hinge", "logistic")
    said = []
    for side, words in ((-1, "would move it left"), (1, "would move it right"), (0, "at the best")):
        group = [name for name, s in zip(names, sides, strict=True) if s == side]
        if len(group) == 3:
            group = ["all three substitutes"]
        if group:
            said.append(f"{' and '.join(group)} {words}")
    return f"{round(100 * share)} of 100 wrong, and 0-1 has no slope; {', '.join(said)}"
