"""The pictures of chapter 6: one elongated bowl, and what each method makes of it."""

import matplotlib.pyplot as plt
import numpy as np

from descent import optimize
from descent.figures.style import CHROME, COLORS
from descent.flipbook import Control, Flipbook, Mark

CURVATURE = np.array([0.1, 2.0])  # of the bowl C(w) = w1^2 / 20 + w2^2
START = np.array([-7.0, 2.0])
HUES = {
    "gradient descent": COLORS["gd"],
    "momentum": COLORS["model"],
    "AdaGrad": COLORS["residual"],
    "Adam": COLORS["validation"],
}

# The sliders of the two figures.
ETAS = np.array(
    [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0, 1.1, 1.2, 1.34]
    + [1.5, 1.7, 1.9, 2.0]
)
BETAS = np.array([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95])
RATES = {
    "momentum": [0.01, 0.02, 0.03, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 0.95, 1.2, 1.5, 1.8]
    + [1.85, 2.0, 2.2],
    "AdaGrad": [0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20],
    "Adam": [0.001, 0.01, 0.03, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1, 1.5, 2, 3, 4, 5, 7, 10],
}
STEPS = 100
CLOSE = 1e-3  # the cost that the readouts count steps to


def bowl_cost(w):
    """Return C(w) = w1^2 / 20 + w2^2 for w of shape (..., 2); inf where it overflows."""
    with np.errstate(over="ignore", invalid="ignore"):
        return (w**2) @ CURVATURE / 2


def bowl_gradient(w):
    """Return the gradient of the bowl, (w1 / 10, 2 w2)."""
    return CURVATURE * w


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
    for words, y, row, offset, color in (
        ("the velocity", velocities, 7, (4, 10), "momentum"),
        ("the slope's\nshare", -eta * slopes, 1, (-10, -66), "gradient descent"),
    ):
        axes[1].annotate(
            words,
            (t[row], y[row, 0]),
            xytext=offset,
            textcoords="offset points",
            color=HUES[color],
        )
    return axes


def kept(betas, curvatures, eta, ax):
    """Draw what a step of momentum keeps in each direction at this rate, against beta."""
    for value, style in zip(curvatures, ("--", "-"), strict=True):
        z = roots(betas, eta * value)
        ax.plot(betas, np.abs(z).max(axis=-1), style, color=HUES["momentum"])
    ax.plot(betas, np.sqrt(betas), color=COLORS["limit"], linewidth=1, linestyle=":")
    for words, at, value, offset in (
        ("flattest", 0.12, curvatures[0], (0, 9)),
        ("steepest", 0.12, curvatures[-1], (0, 9)),
    ):
        y = np.abs(roots(at, eta * value)).max()
        ax.annotate(
            f"{words}, λ = {value:g}",
            (at, y),
            xytext=offset,
            textcoords="offset points",
            color=HUES["momentum"],
        )
    ax.annotate(
        "√β",
        (0.06, np.sqrt(0.06)),
        xytext=(8, -8),
        textcoords="offset points",
        color=COLORS["limit"],
    )
    ax.set(xlabel="share of the velocity kept, β", ylabel="error kept by a step", xlim=(0, 1))
    return ax


def roots(beta, steepness):
    """Return the two roots of z^2 - (1 + beta - steepness) z + beta, on a last axis."""
    half = (1 + np.asarray(beta) - steepness) / 2
    wide = np.sqrt(half**2 - beta + 0j)
    return np.stack([half + wide, half - wide], axis=-1)


def averages(raw, corrected, ax):
    """Draw a decaying average from zero, and the same with its bias corrected."""
    t = np.arange(1, len(raw) + 1)
    ax.axhline(1, color=COLORS["truth"], linewidth=1.2, linestyle=":")
    ax.plot(t, raw, color=HUES["Adam"], linestyle="--")
    ax.plot(t, corrected, color=HUES["Adam"])
    for words, y, offset in (("corrected", corrected, (0, -16)), ("as it comes", raw, (8, -12))):
        ax.annotate(
            words, (t[11], y[11]), xytext=offset, textcoords="offset points", color=HUES["Adam"]
        )
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


def momentum_runs():
    """Return the walks of momentum at all rates and shares: (21, 13, STEPS + 1, 2)."""
    path = optimize.gradient_descent(
        bowl_gradient,
        START,
        np.broadcast_to(ETAS[:, None], (len(ETAS), len(BETAS))),
        STEPS,
        rule=optimize.momentum(BETAS),
    )
    return np.moveaxis(path.w, 0, 2)


def momentum_figure():
    """Return the figure with sliders over the rate and the share of velocity that is kept."""
    walks = momentum_runs()
    costs = bowl_cost(walks)
    start = int(np.flatnonzero(ETAS == 0.95)[0]), 0
    fig, (left, right) = plt.subplots(2, 1, figsize=(6.2, 6.0), height_ratios=[1.3, 1])
    _contours(left, (-8.4, 6.4), (-4.6, 4.6))
    places = _until_out(walks)
    (trail,) = left.plot(*places[start].T, ".-", color=HUES["momentum"], linewidth=1, markersize=4)
    left.plot(0, 0, "*", color=COLORS["truth"], markersize=11)
    left.set(title="The walk", xlabel="$w_1$", ylabel="$w_2$")
    shown = _in_view(costs)
    (curve,) = right.plot(np.arange(STEPS + 1), shown[start], color=HUES["momentum"])
    _cost_axes(right)
    book = Flipbook(
        fig,
        controls=[
            Control(
                "eta",
                ETAS,
                label="learning rate η",
                start=start[0],
                format="{:.2f}",
                marks=[Mark(1.0, "limit at β = 0")],
            ),
            Control(
                "beta",
                BETAS,
                label="share of the velocity kept, β",
                start=start[1],
                format="{:.2f}",
                marks=[Mark(0.4026, "best β")],
            ),
        ],
        title="Momentum on the bowl: rate and memory",
        alt=(
            "At a learning rate of 0.95 and no memory, plain gradient descent leaps from wall to "
            "wall of the bowl and drifts towards its minimum; the cost falls steadily."
        ),
        readout=np.array(
            [
                [_verdict(eta, beta, costs[i, j]) for j, beta in enumerate(BETAS)]
                for i, eta in enumerate(ETAS)
            ]
        ),
        code="optimize.gradient_descent(gradient, start, {eta:.2f}, 100, "
        "rule=optimize.momentum({beta:.2f}))",
        table=("step", "cost"),
    )
    book.line(curve, np.arange(STEPS + 1), shown)
    book.line(trail, places[..., 0], places[..., 1])
    book.ghost(curve)
    book.ghost(trail)
    book.predict(
        "A heavy ball keeps its speed. At η = 0.95, which share β of the velocity gives the "
        "fewest steps to the bottom?",
        choices=["none, β = 0", "about a half", "as much as possible, β = 0.95"],
        answer=1,
        explain="With none the leaps across the valley decide; with 0.95 the ball rolls past the "
        "minimum again and again. In between, both directions die out together.",
    )
    return book


def _verdict(eta, beta, costs):
    """Say what the run at this rate and share does."""
    head = f"η = {eta:g}, β = {beta:g}: "
    limit = 2 * (1 + beta) / CURVATURE[1]
    if eta > limit * (1 + 1e-12):
        return head + f"diverges, above 2(1 + β)/λmax = {limit:.2f}"
    if eta > limit * (1 - 1e-12):
        return head + "leaps for ever, exactly at 2(1 + β)/λmax"
    low, high = ((1 - np.sqrt(beta)) ** 2 / eta, (1 + np.sqrt(beta)) ** 2 / eta)
    rolls = sum(low < value < high for value in CURVATURE)
    kind = ("rolls in no direction", "rolls in one direction", "rolls in both directions")[rolls]
    return head + f"{kind}; {_count(costs)}"


def _steps(costs):
    """Return the step from which the cost stays below CLOSE, -1 if it does not."""
    above = np.flatnonzero(~(costs < CLOSE))
    last = above[-1] + 1 if above.size else 0
    return int(last) if last < len(costs) else -1


def _count(costs):
    t = _steps(costs)
    return f"cost below 10⁻³ from step {t} on" if t >= 0 else f"not below 10⁻³ in {STEPS} steps"


def method_runs():
    """Return {method: walks (17, STEPS + 1, 2)}; gradient descent runs at its best rate alone."""
    rules = {
        "momentum": optimize.momentum(0.9),
        "AdaGrad": optimize.adagrad(),
        "Adam": optimize.adam(),
    }
    walks = {
        name: np.moveaxis(
            optimize.gradient_descent(bowl_gradient, START, RATES[name], STEPS, rule=rule).w, 0, 1
        )
        for name, rule in rules.items()
    }
    best = 2 / CURVATURE.sum()
    walks["gradient descent"] = optimize.gradient_descent(bowl_gradient, START, best, STEPS).w
    return walks


def methods_figure():
    """Return the figure with a learning-rate slider for each of three methods, side by side."""
    walks = method_runs()
    plain = walks.pop("gradient descent")
    first = {"momentum": 0.1, "AdaGrad": 1.5, "Adam": 0.3}
    starts = [RATES[name].index(first[name]) for name in walks]
    fig, axes = plt.subplots(2, 2, figsize=(6.8, 5.4))
    loss, panels = axes.flat[0], axes.flat[1:]
    steps = np.arange(STEPS + 1)
    loss.plot(steps, _in_view(bowl_cost(plain)), color=HUES["gradient descent"], linewidth=1.2)
    _cost_axes(loss)
    loss.text(98, 3e-7, "plain, at\nits best", ha="right", color=HUES["gradient descent"])
    moving = []
    for k, (name, ax) in enumerate(zip(walks, panels, strict=True)):
        axis = [1, 1, 1]
        axis[k] = len(RATES[name])
        cost = _in_view(bowl_cost(walks[name])).reshape(*axis, -1)
        place = _until_out(walks[name]).reshape(*axis, -1, 2)
        row = starts[k]
        (curve,) = loss.plot(steps, cost.reshape(len(RATES[name]), -1)[row], color=HUES[name])
        _contours(ax, (-8.4, 6.4), (-3.4, 3.4))
        ax.plot(*plain.T, color=HUES["gradient descent"], linewidth=0.7, alpha=0.7)
        points = place.reshape(len(RATES[name]), -1, 2)[row].T
        (trail,) = ax.plot(*points, ".-", color=HUES[name], linewidth=1, markersize=4)
        ax.plot(0, 0, "*", color=COLORS["truth"], markersize=10)
        ax.set(xlabel="$w_1$", ylabel="$w_2$", yticks=[-2, 0, 2])
        ax.set_title(name if name[0].isupper() else name.capitalize(), color=HUES[name])
        moving.append((curve, cost, trail, place))
    book = Flipbook(
        fig,
        controls=[
            Control(
                name.lower(),
                RATES[name],
                label=f"learning rate η of {name}",
                start=row,
                format="{:g}",
                marks=[Mark(1.9, "limit 1.9")] if name == "momentum" else (),
            )
            for name, row in zip(walks, starts, strict=True)
        ],
        title="Three methods on one bowl",
        alt=(
            "Momentum at 0.1 swings past the minimum in wide curves, AdaGrad at 1.5 bends at once "
            "to the valley's floor and arrives first, Adam at 0.3 overshoots and returns; plain "
            "gradient descent at its best rate zig-zags faintly behind each."
        ),
        readout=method_readout(walks),
        code="[optimize.gradient_descent(gradient, start, eta, 100, rule=rule).w for eta, rule in "
        "(({momentum:g}, optimize.momentum()), ({adagrad:g}, optimize.adagrad()), "
        "({adam:g}, optimize.adam()))]",
        table=("step", "cost"),
    )
    for curve, cost, trail, place in moving:
        book.line(curve, steps, cost)
        book.line(trail, place[..., 0], place[..., 1])
        book.ghost(curve)
        book.ghost(trail)
    book.predict(
        "Each method may have its best rate. Which brings the cost below 10⁻³ in the fewest steps?",
        choices=["momentum with β = 0.9", "AdaGrad", "Adam"],
        answer=1,
        explain="AdaGrad, at about 7: its very first step is 7 long in each weight, just the "
        "way to go in one of them, and the other is braked. Below, the bowl is turned.",
    )
    return book


def method_readout(walks):
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
    t = _steps(costs)
    return str(t) if t >= 0 else f"more than {STEPS}"


def _contours(ax, xlim, ylim, turn=None):
    """Draw the bowl from above: each contour four times the one inside."""
    a, b = np.meshgrid(np.linspace(*xlim, 121), np.linspace(*ylim, 121))
    w = np.stack([a, b], axis=-1)
    cost = bowl_cost(w if turn is None else w @ turn)
    levels = 0.02 * 4.0 ** np.arange(6)
    ax.grid(False)
    for level in levels:
        ax.contourf(a, b, cost, levels=[-1, level], colors=[CHROME["muted"]], alpha=0.06)
    ax.contour(a, b, cost, levels=levels, colors=[CHROME["muted"]], linewidths=0.6)
    ax.set(xlim=xlim, ylim=ylim, xlabel="", ylabel="")


def _cost_axes(ax):
    ax.set(
        yscale="log",
        xlim=(0, STEPS),
        ylim=(1e-10, 1e3),
        xlabel="step t",
        ylabel="cost",
        title="Cost",
    )


def _in_view(costs):
    """Return costs with NaN from the first one that leaves the picture at the top, or is zero."""
    out = np.cumsum(~((costs > 1e-12) & (costs < 1e4)), axis=-1) > 0
    return np.where(out, np.nan, costs)


def _until_out(walks):
    """Return walks (..., steps, 2) up to the first point far outside; NaN after it."""
    out = ~(np.abs(walks) < 40).all(axis=-1)
    before = np.cumsum(out, axis=-1) - out
    return np.where((before > 0)[..., None], np.nan, walks)
