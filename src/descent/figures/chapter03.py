"""The pictures of chapter 3: two species, four losses of the margin, and what they pull at."""

import matplotlib.pyplot as plt
import numpy as np

from descent.experiments import chapter03 as experiments
from descent.experiments.chapter03 import BOUNDARIES, LOSSES, MARGINS, SCALES
from descent.figures.helpers import label, number
from descent.figures.style import CHROME, COLORS, Flipbook
from descent.flipbook import Control, Mark

_LOOKS = {  # name -> (colour, style)
    "0-1": (COLORS["truth"], "-"),
    "hinge": (COLORS["limit"], "-"),
    "squared hinge": (COLORS["validation"], "--"),
    "logistic": (COLORS["sgd"], "-."),
}
_AT = MARGINS.tolist().index(-1)  # the first figure's first margin
_START = (10, 3)  # and the second's first boundary, 4.05 cm, and scale


def flowers(pair, ax, wrong=None):
    """Draw the petals of the flowers, the first species open and the second filled.

    wrong : (n,) bool, these flowers get a ring
    """
    x, y = pair.features[:, 2:].T
    for chosen, face, words in _species(pair):
        _dots(ax, x[chosen], y[chosen], face, markeredgewidth=1.2, markersize=5)
        label(ax, words, (x[chosen].min(), y[chosen].max()), (-4, 8), ha="left")
    if wrong is not None:
        ring = {"markerfacecolor": "none", "markeredgewidth": 1.8, "markersize": 11}
        ax.plot(x[wrong], y[wrong], "o", color=COLORS["residual"], **ring)
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
        label(ax, name, (-(w[0] + w[2] * y) / w[1], y), (6, 0), color)
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
    for name, m, shift, align in (
        ("0-1", -1.7, (0, -12), "left"),
        ("hinge", -0.6, (6, 2), "left"),
        ("squared hinge", -0.35, (-8, -14), "right"),
        ("logistic", 1.55, (0, 6), "left"),
    ):
        at = (m, float(LOSSES[name][0](m)))
        label(ax, name, at, shift, _LOOKS[name][0], ha=align)
    ax.set(xlim=(-2, 3), ylim=(-0.1, 3.3), xlabel="margin $m = y\\hat y$", ylabel="loss $G(m)$")
    return ax


# One point and four pulls -------------------------------------------------------------------------


def pulls():
    """Return the figure with a slider: one point's margin, its four losses and their pulls."""
    run = experiments.pulls()
    fig, (left, right) = plt.subplots(1, 2, figsize=(6.6, 3.4), width_ratios=[1.15, 1])
    *dots, at = _dots_on_losses(run, left)
    bars, notes = _bars(run, right)
    book = Flipbook(
        fig,
        [
            Control(
                "m", MARGINS, label="margin m of the point", start=_AT, format="{:.1f}",
                marks=[Mark(0, "boundary"), Mark(1, "enough")],
            )
        ],
        title="One point and the pull of four losses",
        alt=(
            "Left: four losses over the margin with a dot on each at margin −1. Right: the pulls "
            "there are 0 for the 0-1 loss, 1 for the hinge, 2 for the squared hinge and 0.73 for "
            "the logistic loss."
        ),
        readout=[_pull_verdict(m, f) for m, f in zip(MARGINS, run.forces.T, strict=True)],
        code="[-slope({m:.1f}) for slope in slopes.values()]",
        table=("margin", "loss"),
    )  # fmt: skip
    for row, (value, force) in enumerate(zip(*run, strict=True)):
        book.line(dots[row], MARGINS[:, None], value[:, None])
        book.line(bars[row], np.stack([np.zeros_like(force), force], axis=-1), [row, row])
        book.text(notes[row], [number(f, ".2f") for f in force], x=force + 0.1, y=row)
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


def _dots_on_losses(run, ax):
    """Draw the losses; return a dot on each at the first margin, and the line through them."""
    _curves(ax, np.linspace(-3, 3, 301))
    ax.set(xlim=(-3, 3), ylim=(-0.2, 4.4), title="The losses", xlabel="margin $m$", ylabel="loss")
    (at,) = ax.plot(MARGINS[[_AT, _AT]], [-0.2, 4.4], color=CHROME["muted"], linewidth=0.8)
    look = {"marker": "o", "linestyle": "", "markersize": 7}
    dots = [
        ax.plot(MARGINS[_AT], value[_AT], color=color, label=f"loss, {name}", **look)[0]
        for value, (name, (color, _)) in zip(run.values, _LOOKS.items(), strict=True)
    ]
    return *dots, at


def _bars(run, ax):
    """Draw the pulls at the first margin; return the bars and the numbers beside them."""
    ax.set(xlim=(0, 4.8), ylim=(3.6, -0.6), yticks=[])
    ax.set(title="The pulls", xlabel="pull (minus the slope)")
    ax.grid(axis="y", visible=False)
    bars, notes = [], []
    for row, (force, (name, (color, _))) in enumerate(
        zip(run.forces[:, _AT], _LOOKS.items(), strict=True)
    ):
        look = {"linewidth": 9, "solid_capstyle": "butt"}
        bars += ax.plot([0, force], [row, row], color=color, **look)
        ax.text(0.05, row - 0.28, name, color=color)
        notes.append(ax.text(force + 0.1, row, "", va="center"))
    return bars, notes


# A boundary and four costs ------------------------------------------------------------------------


def moving_boundary(pair):
    """Return the figure with two sliders: a boundary on the petal length, and its four costs."""
    run = experiments.places(pair.features[:, 2], pair.labels)
    fig, (top, bottom) = plt.subplots(
        2, 1, figsize=(6.2, 4.7), height_ratios=[1, 2], sharex=True, layout="constrained"
    )
    lines = (*_costs(run, bottom), *_ruler(pair, top))
    book = Flipbook(
        fig,
        [
            Control(
                "place", BOUNDARIES, label="boundary at (cm)", start=_START[0], format="{:.2f}"
            ),
            Control("scale", SCALES, label="scale (per cm)", start=_START[1]),
        ],
        title="Move the boundary and watch four costs",
        alt=(
            "Top: fifty versicolor and fifty virginica flowers along their petal length, with a "
            "boundary at 4.05 cm. Bottom: the 0-1 cost over the boundary's place is a staircase; "
            "hinge, squared hinge and logistic cost are bowls, and a dot marks each at 4.05 cm."
        ),
        readout=[
            [_place_verdict(run.cost[0, i, j], run.sides[1:, i, j]) for j in range(len(SCALES))]
            for i in range(len(BOUNDARIES))
        ],
        code="margin.cost(X_length, y, {scale:g} * np.array([-{place:.2f}, 1]), margin.hinge)",
        table=("boundary (cm)", "cost"),
    )
    for line in lines:
        book.line(*line)
    book.predict(
        "Leave the boundary where it is and raise the scale. "
        "Which of the four costs stays exactly as it is?",
        choices=["all four", "only the 0-1 cost", "only the hinge cost", "none"],
        answer=1,
        explain="The scale multiplies every margin and changes no sign, so no answer turns from "
        "right to wrong. The other three look at how large the margins are.",
    )
    return book


def _ruler(pair, ax):
    """Draw the petals along their length and the first boundary; return its lines with x and y."""
    x = pair.features[:, 2]
    places = ((-1.35, (3.02, -0.45), "left"), (0.15, (6.98, 0.75), "right"))  # of dots and name
    for (chosen, face, words), (low, at, align) in zip(_species(pair), places, strict=True):
        heights = _stacked(x[chosen]) * 0.12 + low
        _dots(ax, x[chosen], heights, face, markeredgewidth=0.9, markersize=3.6)
        ax.text(*at, words, ha=align)
    ax.set(xlim=(2.9, 7.1), ylim=(-1.5, 1.4), yticks=[])
    ax.grid(axis="y", visible=False)
    lines = []
    for side, style, width in ((0, "-", 2), (-1, ":", 1.2), (1, ":", 1.2)):
        edge = np.repeat((BOUNDARIES[:, None] + side / SCALES)[..., None], 2, axis=-1)
        look = {"color": COLORS["model"], "linewidth": width}
        (line,) = ax.plot(edge[_START], [-1.5, 1.4], style, **look)
        lines.append((line, edge, [-1.5, 1.4]))
    return lines


def _costs(run, ax):
    """Draw the four costs at the first scale; return curves and dots with their x and y."""
    lines = []
    for row, (values, (name, (color, style))) in enumerate(
        zip(run.cost, _LOOKS.items(), strict=True)
    ):
        at, shown = _stairs(values) if name == "0-1" else (BOUNDARIES, values)
        (curve,) = ax.plot(at, shown[:, _START[1]], style, color=color, linewidth=1.5)
        place = BOUNDARIES[_START[0]]
        (dot,) = ax.plot(place, values[_START], "o", color=color, label=f"cost, {name}")
        lines += [(curve, at, shown.T[None]), (dot, BOUNDARIES[:, None, None], values[..., None])]
        where = {"transform": ax.transAxes, "ha": "center", "va": "top"}
        ax.text(0.5, 0.96 - 0.08 * row, name, color=color, **where)
    ax.set(ylim=(-0.05, 1.6), xlabel="petal length (cm)", ylabel="cost")
    return lines


def growth(t, lengths, ax):
    """Draw the length of the weights over the steps, (name -> lengths)."""
    for name, length in lengths.items():
        color, style = _LOOKS[name]
        ax.plot(t, length, style, color=color)
        label(ax, name, (t[-1], length[-1]), (-2, 6), color, ha="right")
    ax.set(xscale="log", xlabel="steps", ylabel="length of the weights")
    return ax


def _species(pair):
    """Yield for each species: its flowers (n,) bool, the face of its dots, its name and label."""
    for sign, face, name in zip(
        (-1, 1), (CHROME["paper"], COLORS["data"]), pair.species, strict=True
    ):
        yield pair.labels == sign, face, f"{name} ({number(sign, '+d')})"


def _dots(ax, x, y, face, **look):
    ax.plot(x, y, "o", color=COLORS["data"], markerfacecolor=face, **look)


def _curves(ax, m):
    for name, (color, style) in _LOOKS.items():
        values = LOSSES[name][0](m)
        parts = (m <= 0, m > 0) if name == "0-1" else (slice(None),)  # it jumps at 0
        for part in parts:
            ax.plot(m[part], values[part], style, color=color)


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
    return f"margin {number(m, '.1f')}, {side}, {rest}; 0-1 never pulls"


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
