"""The pictures of chapter 13: how signals and errors fade or grow from layer to layer."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from descent import activations
from descent.experiments.chapter13 import DEPTHS, SPREADS, WIDTH, depth_runs
from descent.figures.helpers import label, number
from descent.figures.style import CHROME, COLORS, Flipbook
from descent.flipbook import Control, Mark

HUES = {"sigmoid": COLORS["model"], "tanh": COLORS["sgd"], "relu": COLORS["gd"]}
NAMES = {"sigmoid": "sigmoid", "tanh": "tanh", "relu": "ReLU"}
SHOWN = 1e-14, 1e8  # the sizes that fit into the panels; below them is round-off


def spirals(points, ax):
    """Draw the points of two spirals: class 1 filled, class 0 hollow."""
    look = {"color": COLORS["data"], "markersize": 4, "markeredgewidth": 1, "zorder": 3}
    for kind, face in ((0, CHROME["paper"]), (1, COLORS["data"])):
        here = points.features[points.labels == kind]
        ax.plot(*here.T, "o", markerfacecolor=face, **look)
    ax.set(xlabel="$x_1$", ylabel="$x_2$", xlim=(-2.6, 2.6), ylim=(-2.6, 2.6))
    ax.set_aspect("equal")
    return ax


def too_deep(runs, ax):
    """Draw the cost of training runs, {hidden layers: Training}, from light to dark."""
    where = {1: (60, 0.5), 2: (500, 0.2), 4: (560, 0.62), 8: (30, 0.72)}
    for (depth, run), alpha in zip(runs.items(), (0.4, 0.6, 0.8, 1.0), strict=True):
        ax.plot(run.epoch, run.cost, color=HUES["sigmoid"], alpha=alpha, linewidth=1.6)
        words = f"{depth} hidden layer" + "s" * (depth > 1)
        ax.text(*where[depth], words, color=HUES["sigmoid"])
    return _cost_axes(ax, next(iter(runs.values())).epoch[-1])


def deep_learns(runs, ax, *, epochs=500):
    """Draw the cost of networks of one depth, {name: Training}, that differ in their start."""
    looks = {
        "sigmoid": ("sigmoid", "-", (300, 0.72)),
        "tanh, Xavier": ("tanh", "-", (215, 0.16)),
        "ReLU, 1/n": ("relu", "--", (300, 0.57)),
        "ReLU, He": ("relu", "-", (40, 0.2)),
    }
    for name, (hue, style, place) in looks.items():
        here = runs[name].epoch <= epochs
        color = HUES[hue]
        ax.plot(runs[name].epoch[here], runs[name].cost[here], style, color=color, linewidth=1.5)
        ax.text(*place, name, color=color)
    return _cost_axes(ax, epochs)


def _cost_axes(ax, last):
    """Frame the costs and draw ln 2, the cost of always answering a half."""
    ax.axhline(np.log(2), color=COLORS["truth"], linewidth=1, linestyle=":")
    ax.set(xlabel="epoch", ylabel="cost", ylim=(0, 0.8), xlim=(0, last))
    return ax


def normalised(lengths, ax):
    """Draw gradients by layer, {(activation, normalised or not): lengths}."""
    places = {
        ("sigmoid", False): (7, (8, -10)),
        ("sigmoid", True): (3, (-10, -18)),
        ("relu", False): (8, (0, -18)),
        ("relu", True): (3, (-4, 10)),
    }
    for (name, on), values in lengths.items():
        layer = np.arange(2, len(values) + 2)
        ax.plot(layer, values, ".-" if on else ".--", color=HUES[name], linewidth=1.4, markersize=6)
        k, offset = places[name, on]
        words = NAMES[name] + (", normalised" if on else ", plain")
        label(ax, words, (layer[k], values[k]), offset, HUES[name])
    ax.set(yscale="log", xlabel="layer ℓ", ylabel="length of ∂C/∂$W^ℓ$", xlim=(1, len(values) + 2))
    ax.set_xticks([2, 5, 10, 15, 20])
    return ax


def window(weights, ax):
    """Draw the factor w σ'(z) of one layer against the activation a that comes in, z = w a + b."""
    a = np.linspace(-0.5, 0.5, 801)
    for w, style in zip(weights, ("--", "-", ":"), strict=True):
        factor = w * activations.sigmoid_derivative(w * a)
        ax.plot(a, factor, style, color=HUES["sigmoid"], linewidth=1.5)
        label(ax, f"w = {w:g}", (a[400], factor[400]), (0, 4), HUES["sigmoid"], ha="center")
    ax.axhline(1, color=COLORS["limit"], linewidth=1, linestyle="--")
    ax.text(-0.49, 1.05, "nothing is lost", color=COLORS["limit"], va="bottom")
    ax.set(xlabel="activation that comes in, less the best one", ylabel="factor w σ′(z)")
    ax.set(xlim=(-0.5, 0.5), ylim=(0, 4.6))
    return ax


def mean_squares(measured, predicted, ax):
    """Draw measured mean squares by layer as points, predicted ones as lines: {name: (L,)}."""
    places = {"ReLU, 2/n": (16, (0, 9)), "ReLU, 1/n": (14, (8, 3)), "tanh, 1/n": (19, (0, -16))}
    for name, values in measured.items():
        color = HUES["relu" if "ReLU" in name else "tanh"]
        layer = np.arange(1, len(values) + 1)
        ax.plot(layer, values, "o", color=color, markersize=4)
        ax.plot(layer, predicted[name], color=color, linewidth=1)
        k, offset = places[name]
        label(ax, name, (layer[k], values[k]), offset, color)
    ax.set(yscale="log", xlabel="layer ℓ", ylabel="mean square of the activations, $q_ℓ$")
    ax.set_xlim(0.5, len(layer) + 0.5)
    return ax


def regions(answers, points, axes):
    """Draw what networks answer on the plane, {title: function of (n, 2) inputs}, with the data."""
    side = np.linspace(-2.6, 2.6, 121)
    grid = np.stack(np.meshgrid(side, side), axis=-1)
    shades = LinearSegmentedColormap.from_list("answers", [CHROME["paper"], COLORS["model"]])
    for ax, (title, answer) in zip(axes, answers.items(), strict=True):
        a = answer(grid.reshape(-1, 2)).reshape(len(side), -1)
        ax.contourf(side, side, a, levels=np.linspace(-0.05, 1.05, 12), cmap=shades, alpha=0.5)
        if np.ptp(a) > 0.01:
            ax.contour(side, side, a, levels=[0.5], colors=[COLORS["model"]], linewidths=1.2)
        spirals(points, ax)
        ax.grid(False)
        ax.set(title=title)
    axes[-1].set(ylabel="")
    return axes


def depth_figure():
    """Return the figure with sliders over the number of hidden layers and the weights' spread."""
    runs = depth_runs()
    start = DEPTHS.index(20), int(np.flatnonzero(SPREADS == 1)[0])
    marks = [Mark(1, "Xavier"), Mark(np.sqrt(2), "He"), Mark(np.sqrt(WIDTH), "N(0, 1)")]
    verdicts = [
        [_verdict(depth, spread, runs, (i, k)) for k, spread in enumerate(SPREADS)]
        for i, depth in enumerate(DEPTHS)
    ]
    fig, curves = _depth_axes()
    book = Flipbook(
        fig,
        controls=[
            Control("depth", DEPTHS, label="hidden layers", start=start[0], format="{:d}"),
            Control(
                "spread", SPREADS, "spread of the weights, s·√32", start[1], "{:.2f}", marks=marks
            ),
        ],
        title="Signals, errors and gradients by layer",
        alt=(
            "With 20 hidden layers and weights of spread 1/√32, the sigmoid's signal, error and "
            "gradient fall by a constant factor a layer, the error to below a million-millionth; "
            "ReLU's fall more gently and tanh's stay nearly level."
        ),
        readout=np.array(verdicts),
        code="{{name: experiments.at_start({depth}, {spread:.4f}, name) "
        'for name in ("sigmoid", "tanh", "relu")}}',
        table=("layer", "spread of the sigmoid's signal"),
    )
    for (row, name), curve in curves.items():
        book.line(curve, _LAYERS, _in_view(runs[name][row]))
    _ask_about_depth(book)
    return book


_LAYERS = np.arange(1, DEPTHS[-1] + 3)


def _depth_axes():
    """Frame the three sizes; return the figure and the lines {(row, activation): line}."""
    fig, axes = plt.subplots(3, 1, figsize=(6.4, 7.4), sharex=True)
    curves = {}
    for row, title in enumerate(
        (
            "Signal: spread of $a^ℓ$ over the samples",
            "Error: size of $δ^ℓ$",
            "Gradient: length of ∂C/∂$W^ℓ$",
        )
    ):
        ax = axes[row]
        ax.set(yscale="log", ylim=SHOWN, xlim=(0.5, DEPTHS[-1] + 2.5), title=title)
        ax.set_yticks([1e-12, 1e-8, 1e-4, 1, 1e4, 1e8])
        ax.yaxis.set_minor_locator(plt.NullLocator())
        ax.set_xticks([1, 5, 10, 15, 20])
        ax.axhline(1, color=CHROME["muted"], linewidth=0.8)
        for name, color in HUES.items():
            look = {"color": color, "linewidth": 1.4, "markersize": 5}
            (curves[row, name],) = ax.plot(_LAYERS, np.ones(len(_LAYERS)), ".-", **look)
    for name, x in (("sigmoid", 1), ("tanh", 5), ("relu", 8)):
        axes[0].text(x, 2e-13, NAMES[name], color=HUES[name])
    axes[-1].set(xlabel="layer ℓ: the input is 1, the last is the output")
    return fig, curves


def _ask_about_depth(book):
    book.predict(
        "Twenty hidden layers, as shown. Raise the spread of the weights from 1.00 to 1.41, by a "
        "factor of √2. What becomes of ReLU's gradient in the first layer?",
        choices=[
            "it grows by √2, like the weights",
            "it grows about twentyfold",
            "it grows about a thousandfold",
        ],
        answer=2,
        explain="There is a factor of √2 for each of twenty layers, and √2 to the 20th power is "
        "1,024. Now every layer passes on as much as it gets.",
    )


def _in_view(values):
    """Return values, NaN where a panel cannot show them."""
    with np.errstate(invalid="ignore"):
        return np.where((values >= SHOWN[0]) & (values <= SHOWN[1]), values, np.nan)


def _verdict(depth, spread, runs, at):
    """Say how long the first layer's gradient is, and what became of it."""
    parts = []
    for name, word in NAMES.items():
        size = runs[name][2][at][1]
        fate = " (vanished)" if size < 1e-3 else " (exploded)" if size > 1e3 else ""
        parts.append(f"{word} {_power(size)}{fate}")
    layers = "hidden layer" if depth == 1 else "hidden layers"
    return f"{depth} {layers}, spread {spread:.2f}/√32. First gradient: " + ", ".join(parts)


def _power(value):
    """Write a positive number with one digit and a power of ten, if it is far from 1."""
    if 1e-3 <= value < 1e4:
        return number(value, ".2g" if value < 99.5 else ".0f")
    return number(value, ".0e")
