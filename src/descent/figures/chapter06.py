"""The pictures of chapter 6: one elongated bowl, and what each method makes of it."""

import matplotlib.pyplot as plt
import numpy as np

from descent.experiments import chapter06 as experiments
from descent.experiments.chapter06 import BETAS, CURVATURE, ETAS, RATES, STEPS, bowl_cost, roots
from descent.experiments.walks import until_out
from descent.figures import contours
from descent.figures.helpers import label, number
from descent.figures.style import CHROME, COLORS, Flipbook
from descent.flipbook import Control, Mark

HUES = {
    "gradient descent": COLORS["gd"],
    "momentum": COLORS["model"],
    "AdaGrad": COLORS["residual"],
    "Adam": COLORS["validation"],
}

_WIDE = (-8.4, 6.4)  # of w1, in most pictures of the bowl


def walk_on_bowl(walks, ax, turn=None):
    """Draw walks, {method: (rows, 2)}, on the bowl's contours; `turn` rotates the bowl."""
    _contours(ax, (-8.4, 6.4), (-4.6, 4.6) if turn is None else (-7.4, 7.4), turn)
    for method, w in walks.items():
        ax.plot(*np.asarray(w).T, ".-", color=HUES[method], linewidth=1.1, markersize=4)
    ax.plot(0, 0, "*", color=COLORS["truth"], markersize=11)
    ax.set(xlabel="$w_1$", ylabel="$w_2$")
    ax.set_aspect("equal")
    return ax


def velocity_parts(slopes, velocities, eta, axes):
    """Draw each step of momentum beside the step that its slope alone would make."""
    t = np.arange(1, len(slopes) + 1)
    for ax, j, name in zip(axes, (1, 0), ("Across the valley", "Along the valley"), strict=True):
        ax.axhline(0, color=CHROME["muted"], linewidth=0.8)
        ax.plot(t, -eta * slopes[:, j], ".-", color=HUES["gradient descent"], linewidth=1.2)
        ax.plot(t, velocities[:, j], ".-", color=HUES["momentum"], linewidth=1.6)
        ax.set(xlabel="step t", ylabel=f"step in $w_{j + 1}$", title=name)
    for words, y, row, shift, color in (
        ("the velocity", velocities, 7, (4, 10), "momentum"),
        ("the slope's\nshare", -eta * slopes, 1, (-10, -66), "gradient descent"),
    ):
        label(axes[1], words, (t[row], y[row, 0]), shift, HUES[color])
    return axes


def kept(betas, curvatures, eta, ax):
    """Draw what a step of momentum keeps in each direction at this rate, against beta."""
    for value, style in zip(curvatures, ("--", "-"), strict=True):
        z = roots(betas, eta * value)
        ax.plot(betas, np.abs(z).max(axis=-1), style, color=HUES["momentum"])
    ax.plot(betas, np.sqrt(betas), color=COLORS["limit"], linewidth=1, linestyle=":")
    for words, value in (("flattest", curvatures[0]), ("steepest", curvatures[-1])):
        place = (0.12, np.abs(roots(0.12, eta * value)).max())
        label(ax, f"{words}, λ = {number(value)}", place, (0, 9), HUES["momentum"])
    label(ax, "√β", (0.06, np.sqrt(0.06)), (8, -8), COLORS["limit"])
    ax.set(xlabel="share of the velocity kept, β", ylabel="error kept by a step", xlim=(0, 1))
    return ax


def averages(raw, corrected, ax):
    """Draw a decaying average from zero, and the same with its bias corrected."""
    t = np.arange(1, len(raw) + 1)
    ax.axhline(1, color=COLORS["truth"], linewidth=1.2, linestyle=":")
    ax.plot(t, raw, color=HUES["Adam"], linestyle="--")
    ax.plot(t, corrected, color=HUES["Adam"])
    for words, y, shift in (("corrected", corrected, (0, -16)), ("as it comes", raw, (8, -12))):
        label(ax, words, (t[11], y[11]), shift, HUES["Adam"])
    ax.set(xlabel="step t", ylabel="average slope", ylim=(0, 1.2), xlim=(0, len(raw)))
    return ax


def unsettled(costs, ax):
    """Draw long runs, {method: (rows,) costs}, on a logarithmic axis cut at 10^-30."""
    for method, cost in costs.items():
        t = np.arange(len(cost))[::5]
        ax.plot(t, np.maximum(cost[::5], 1e-30), color=HUES[method], linewidth=0.9)
    for words, at, height in (
        ("plain and\nmomentum", 850, 1e-27),
        ("Adam", 1400, 1e-8),
    ):
        color = HUES["Adam"] if words == "Adam" else HUES["momentum"]
        ax.text(at, height, words, color=color, fontsize=9)
    ax.set(yscale="log", ylim=(1e-30, 1e3), xlabel="step t", ylabel="cost (cut at 10⁻³⁰)")
    return ax


# Rate and memory ----------------------------------------------------------------------------------


def momentum_figure():
    """Return the figure with sliders over the rate and the share of velocity that is kept."""
    walks = experiments.momentum_runs()
    costs = bowl_cost(walks)
    start = int(np.flatnonzero(ETAS == 0.95)[0]), 0
    fig, (left, right) = plt.subplots(2, 1, figsize=(6.2, 6.0), height_ratios=[1.3, 1])
    _contours(left, _WIDE, (-4.6, 4.6))
    left.set(title="The walk", xlabel="$w_1$", ylabel="$w_2$")
    trail, curve = _trail(walks, start, "momentum", left), _curve(costs, start, "momentum", right)
    _cost_axes(right)
    book = Flipbook(
        fig,
        [
            Control(
                "eta", ETAS, label="learning rate η", start=start[0], format="{:.2f}",
                marks=[Mark(1.0, "limit at β = 0")],
            ),
            Control(
                "beta", BETAS, label="share of the velocity kept, β", start=start[1],
                format="{:.2f}", marks=[Mark(0.4026, "best β")],
            ),
        ],
        title="Momentum on the bowl: rate and memory",
        alt=(
            "At a learning rate of 0.95 and no memory, plain gradient descent leaps from wall to "
            "wall of the bowl and drifts towards its minimum; the cost falls steadily."
        ),
        readout=[
            [_verdict(eta, beta, costs[i, j]) for j, beta in enumerate(BETAS)]
            for i, eta in enumerate(ETAS)
        ],
        code="optimize.gradient_descent(gradient, start, {eta:.2f}, 100, "
        "optimizer=optimize.Momentum({beta:.2f}))",
        table=("step", "cost"),
    )  # fmt: skip
    _move(book, curve, trail)
    _ask_for_memory(book)
    return book


def _ask_for_memory(book):
    book.predict(
        "A heavy ball keeps its speed. At η = 0.95, which share β of the velocity gives the "
        "fewest steps to the bottom?",
        choices=["none, β = 0", "about a half", "as much as possible, β = 0.95"],
        answer=1,
        explain="With none the leaps across the valley decide; with 0.95 the ball rolls past the "
        "minimum again and again. In between, both directions die out together.",
    )


def _verdict(eta, beta, costs):
    """Say what the run at this rate and share does."""
    head = f"η = {number(eta)}, β = {number(beta)}: "
    limit = 2 * (1 + beta) / CURVATURE[1]
    if eta > limit * (1 + 1e-12):
        return head + f"diverges, above 2(1 + β)/λmax = {limit:.2f}"
    if eta > limit * (1 - 1e-12):
        return head + "leaps for ever, exactly at 2(1 + β)/λmax"
    low, high = ((1 - np.sqrt(beta)) ** 2 / eta, (1 + np.sqrt(beta)) ** 2 / eta)
    rolls = sum(low < value < high for value in CURVATURE)
    kind = ("rolls in no direction", "rolls in one direction", "rolls in both directions")[rolls]
    return head + f"{kind}; {_count(costs)}"


def _count(costs):
    t = experiments.arrival(costs)
    return f"cost below 10⁻³ from step {t} on" if t >= 0 else f"not below 10⁻³ in {STEPS} steps"


# Three methods ------------------------------------------------------------------------------------


def methods_figure():
    """Return the figure with a learning-rate slider for each of three methods, side by side."""
    walks = experiments.method_runs()
    plain = walks.pop("gradient descent")
    first = {"momentum": 0.1, "AdaGrad": 1.5, "Adam": 0.3}
    starts = {name: RATES[name].index(first[name]) for name in walks}
    fig, axes = plt.subplots(2, 2, figsize=(6.8, 5.4))
    moving = _methods(walks, plain, starts, axes.flat[0], axes.flat[1:])
    book = Flipbook(
        fig,
        [
            Control(
                name.lower(), RATES[name], label=f"learning rate η of {name}", start=row,
                marks=[Mark(1.9, "limit 1.9")] if name == "momentum" else (),
            )
            for name, row in starts.items()
        ],
        title="Three methods on one bowl",
        alt=(
            "Momentum at 0.1 swings past the minimum in wide curves, AdaGrad at 1.5 bends at once "
            "to the valley's floor and arrives first, Adam at 0.3 overshoots and returns; plain "
            "gradient descent at its best rate zig-zags faintly behind each."
        ),
        readout=_method_readout(walks),
        code="[optimize.gradient_descent(gradient, start, eta, 100, optimizer=one).w "
        "for eta, one in (({momentum:g}, optimize.Momentum()), ({adagrad:g}, optimize.AdaGrad()), "
        "({adam:g}, optimize.Adam()))]",
        table=("step", "cost"),
    )  # fmt: skip
    for curve, trail in moving:
        _move(book, curve, trail)
    book.predict(
        "Each method may have its best rate. Which brings the cost below 10⁻³ in the fewest steps?",
        choices=["momentum with β = 0.9", "AdaGrad", "Adam"],
        answer=1,
        explain="AdaGrad, at about 7: its very first step is 7 long in each weight, just the "
        "way to go in one of them, and the other is braked. Below, the bowl is turned.",
    )
    return book


def _methods(walks, plain, starts, loss, panels):
    """Draw each method at its first rate: its cost in `loss`, its walk in a panel of its own.

    Return (curve, trail) for each; the k-th method moves along the k-th axis of three.
    """
    _curve(bowl_cost(plain), (), "gradient descent", loss, linewidth=1.2)
    _cost_axes(loss)
    loss.text(98, 3e-7, "plain, at\nits best", ha="right", color=HUES["gradient descent"])
    moving = []
    for k, ((name, walk), ax) in enumerate(zip(walks.items(), panels, strict=True)):
        axes, start = [1, 1, 1], [0, 0, 0]
        axes[k], start[k] = len(walk), starts[name]
        walk, start = walk.reshape(*axes, *walk.shape[1:]), tuple(start)
        curve = _curve(bowl_cost(walk), start, name, loss)
        _contours(ax, _WIDE, (-3.4, 3.4))
        ax.plot(*plain.T, color=HUES["gradient descent"], linewidth=0.7, alpha=0.7)
        ax.set(xlabel="$w_1$", ylabel="$w_2$", yticks=[-2, 0, 2])
        ax.set_title(name if name[0].isupper() else name.capitalize(), color=HUES[name])
        moving.append((curve, _trail(walk, start, name, ax, star=10)))
    return moving


def _method_readout(walks):
    """Return (17, 17, 17) sentences: when each method's cost falls below CLOSE."""
    words = [
        np.array([f"{name} {_short_count(c)}" for c in bowl_cost(w)]) for name, w in walks.items()
    ]
    a, b, c = np.ix_(*words)
    joined = np.char.add(np.char.add(np.char.add(np.char.add(a, ", "), b), ", "), c)
    return np.char.add("Steps to a cost below 10⁻³: ", joined)


def _short_count(costs):
    if not costs[-1] <= 10 * costs[0]:
        return "diverges"
    t = experiments.arrival(costs)
    return str(t) if t >= 0 else f"more than {STEPS}"


# What both draw -----------------------------------------------------------------------------------


def _contours(ax, xlim, ylim, turn=None):
    """Draw the bowl from above: each contour four times the one inside."""
    a, b = np.meshgrid(np.linspace(*xlim, 121), np.linspace(*ylim, 121))
    w = np.stack([a, b], axis=-1)
    cost = bowl_cost(w if turn is None else w @ turn)
    contours.shades(a, b, cost, 0.02 * 4.0 ** np.arange(6), ax)
    ax.set(xlim=xlim, ylim=ylim, xlabel="", ylabel="")


def _cost_axes(ax):
    ax.set(yscale="log", xlim=(0, STEPS), ylim=(1e-10, 1e3))
    ax.set(xlabel="step t", ylabel="cost", title="Cost")


def _curve(costs, start, method, ax, **look):
    """Draw the costs of one state; return the line and its x and y in all states.

    A curve ends where it leaves the picture at the top, or is zero.
    """
    out = np.cumsum(~((costs > 1e-12) & (costs < 1e4)), axis=-1) > 0
    shown, t = np.where(out, np.nan, costs), np.arange(STEPS + 1)
    (curve,) = ax.plot(t, shown[start], color=HUES[method], **look)
    return curve, t, shown


def _trail(walks, start, method, ax, star=11):
    """Draw the walk of one state and the minimum; return the line and its x and y in all."""
    places = until_out(walks, -40, 40)
    (trail,) = ax.plot(*places[start].T, ".-", color=HUES[method], linewidth=1, markersize=4)
    ax.plot(0, 0, "*", color=COLORS["truth"], markersize=star)
    return trail, places[..., 0], places[..., 1]


def _move(book, curve, trail):
    """Let a curve and a trail move; both can be pinned."""
    for line in (curve, trail):
        book.line(*line)
        book.ghost(line[0])
