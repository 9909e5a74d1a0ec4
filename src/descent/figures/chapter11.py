"""The pictures of chapter 11: a nudge on its way, both passes in steps, XOR learnt and missed."""

from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap, to_rgba

from descent import network
from descent.figures.networks import bare, draw_network
from descent.figures.style import CHROME, COLORS
from descent.flipbook import Control, Flipbook

CASES = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
XOR = np.array([0.0, 1.0, 1.0, 0.0])
NAMES = ("00", "01", "10", "11")

# The network of the worked example, and the samples it is shown.
EXAMPLE = (
    network.Layer(np.array([[0.1, -0.2], [0.4, 0.3], [-0.5, 0.6]]), np.array([0.05, -0.1, 0.2])),
    network.Layer(np.array([[0.7, -0.8, 0.9], [-0.6, 0.5, 0.4]]), np.array([-0.3, 0.1])),
)
SAMPLES = {
    "(0.5, −1.5) → (0, 1)": ((0.5, -1.5), (0.0, 1.0)),
    "(1, 0) → (1, 0)": ((1.0, 0.0), (1.0, 0.0)),
    "(−3, 4) → (1, 1)": ((-3.0, 4.0), (1.0, 1.0)),
}
STEPS = (
    "input",
    "forward to layer 2",
    "forward to layer 3",
    "BP1, errors of layer 3",
    "BP2, errors of layer 2",
    "BP4, slopes of layer 3",
    "BP4, slopes of layer 2",
)

_MINUS = "\N{MINUS SIGN}"


# A network, drawn ---------------------------------------------------------------------------------


def layout(sizes, *, gap=1.0):
    """Return for each layer where its neurons lie: a list of (n, 2) arrays, centred on 0."""
    return [
        np.column_stack([np.full(n, float(k)), gap * ((n - 1) / 2 - np.arange(n))])
        for k, n in enumerate(sizes)
    ]


def _edges(places, layer):
    """Return x and y of all edges into a layer (1, 2, ...), a NaN after each."""
    pieces = [(a, b, (np.nan, np.nan)) for b in places[layer] for a in places[layer - 1]]
    return np.array(pieces).reshape(-1, 2).T


def _neurons(places, ax, size=520):
    for at in places:
        ax.scatter(
            *at.T, s=size, facecolor=CHROME["paper"], edgecolor=COLORS["data"], linewidth=1.3,
            zorder=3,
        )  # fmt: skip


def four_cases(layers, axes):
    """Draw the four cases of XOR, and the network that is to learn them."""
    left, right = axes
    _cases(left)
    left.set(title="Four cases", xlabel="input $x_1$", ylabel="input $x_2$")
    draw_network(layers, right, inputs=("$x_1$", "$x_2$"), outputs=("$a$",))
    right.set(title="Nine weights, four biases")
    return axes


def _cases(ax):
    """Draw the four cases, those to be answered by 1 filled."""
    for on, face in ((0, CHROME["paper"]), (1, COLORS["data"])):
        ax.scatter(*CASES[on == XOR].T, s=64, facecolor=face, edgecolor=COLORS["data"], zorder=5)
    ax.set(xlim=(-0.5, 1.5), ylim=(-0.5, 1.5), xticks=[0, 1], yticks=[0, 1])
    ax.set_aspect("equal")


# A nudge on its way -------------------------------------------------------------------------------


class Ripple(NamedTuple):
    """What a nudge of one weight does to everything behind it."""

    z2: float  # change of the weighted input it leads to
    a2: float
    z3: np.ndarray  # (2,)
    a3: np.ndarray  # (2,)
    cost: float


def ripple(j, k, nudge, x, y):
    """Return how everything changes when weight w_jk of layer 2 of the example is nudged.

    j and k count from 1, x is (2,) and y is (2,).
    """
    (W, b), last = EXAMPLE
    W = W.copy()
    W[j - 1, k - 1] += nudge
    old, new = (network.forward(net, [x]) for net in (EXAMPLE, ((W, b), last)))
    z2, z3 = (p[0] - q[0] for p, q in zip(new.z, old.z, strict=True))
    _, a2, a3 = (p[0] - q[0] for p, q in zip(new.a, old.a, strict=True))
    cost = network.cost(((W, b), last), [x], [y]) - network.cost(EXAMPLE, [x], [y])
    return Ripple(z2[j - 1], a2[j - 1], z3, a3, float(cost))


def nudge(change, slope, axes, *, at=(3, 2), step=0.5):
    """Draw the way of a nudge through the network, and the cost against the weight.

    `change` is its Ripple; `slope` is the slope of the cost in this weight.
    """
    left, right = axes
    places = layout((2, 3, 2))
    x, y = SAMPLES[next(iter(SAMPLES))]
    for layer in (1, 2):
        left.plot(*_edges(places, layer), color=CHROME["grid"], linewidth=1.2)
    j, k = at[0] - 1, at[1] - 1
    touched = [(places[0][k], places[1][j]), *((places[1][j], end) for end in places[2])]
    for ends in touched:
        left.plot(*np.array(ends).T, color=COLORS["gd"], linewidth=2.4)
    _neurons(places, left, 300)
    labels = [
        ((places[0][k] + places[1][j]) / 2, f"Δw = {step:g}", (-4, -15)),
        (places[1][j], f"Δa = {_number(change.a2)}", (0, -21)),
        (places[2][0], f"Δa = {_number(change.a3[0])}", (0, 20)),
        (places[2][1], f"Δa = {_number(change.a3[1])}", (0, -20)),
        ((2.7, 0), f"ΔC = {_number(change.cost)}", (0, 0)),
    ]
    for where, words, shift in labels:
        left.annotate(
            words, where, xytext=shift, textcoords="offset points", ha="center", va="center",
            color=COLORS["gd"], fontsize=9,
        )  # fmt: skip
    for end in places[2]:
        left.plot([2.12, 2.55], [end[1] * 0.9, end[1] * 0.25], color=COLORS["gd"], linewidth=1)
    left.set(title="The way of a nudge", xlim=(-0.25, 3.15), ylim=(-1.5, 1.25))
    bare(left)
    moves = np.linspace(-2, 2, 61)
    costs = [ripple(*at, move, x, y).cost for move in moves]
    right.plot(moves, np.multiply(costs, 1e3), color=COLORS["model"])
    right.plot(moves, moves * slope * 1e3, "--", color=COLORS["truth"])
    right.plot([step], [change.cost * 1e3], "o", color=COLORS["gd"], zorder=4)
    right.annotate(
        "slope times Δw", (1.2, 1.2e3 * slope), xytext=(-6, -6), textcoords="offset points",
        ha="right", va="top", color=COLORS["truth"],
    )  # fmt: skip
    right.set(title="Near enough, a line", xlabel="Δw", ylabel="ΔC in thousandths")
    return axes


# Both passes, step by step ------------------------------------------------------------------------


class Passes(NamedTuple):
    """Everything that one sample's two passes through the example compute."""

    z: tuple  # (3,), (2,)
    a: tuple  # (2,), (3,), (2,)
    delta: tuple  # of layer 2 and of layer 3
    slopes: tuple  # (3, 2), (2, 3)
    cost: float


def passes(x, y):
    """Return the Passes of one sample."""
    (z2, z3), a = network.forward(EXAMPLE, [x])
    gradient = network.backpropagate(EXAMPLE, [x], [y])
    return Passes(
        (z2[0], z3[0]),
        tuple(part[0] for part in a),
        tuple(layer.b for layer in gradient),
        tuple(layer.W for layer in gradient),
        float(network.cost(EXAMPLE, [x], [y])),
    )


_BELOW = 0.48  # its neuron stands an error


def both_ways():
    """Return the figure that walks through both passes: step and sample as sliders."""
    runs = [passes(*pair) for pair in SAMPLES.values()]
    fig, (top, tables) = plt.subplots(2, 1, figsize=(6.6, 5.6), height_ratios=[1.35, 1])
    places = layout((2, 3, 2), gap=1.15)
    for layer in (1, 2):
        top.plot(*_edges(places, layer), color=CHROME["grid"], linewidth=1.2)
    flows = {
        (step, layer): top.plot(*_edges(places, layer), color=color, linewidth=1.8)[0]
        for step, layer, color in (
            (6, 1, COLORS["gd"]), (5, 2, COLORS["gd"]), (4, 2, COLORS["residual"]),
            (1, 1, COLORS["model"]), (2, 2, COLORS["model"]),
        )
    }  # fmt: skip
    halos = [
        top.plot([0, 0], [0, 0], color=CHROME["paper"], linewidth=13, solid_capstyle="butt")[0]
        for _ in places[1:]
    ]
    _neurons(places, top, 1250)
    for k, words in enumerate(("layer 1", "layer 2", "layer 3")):
        top.annotate(words, (k, 1.68), ha="center", color=CHROME["muted"])

    def beside(x, y, color):
        return top.text(x, y, "", ha="center", va="center", color=color, fontsize=11, zorder=4)

    ahead = [[beside(x, y, COLORS["model"]) for x, y in at] for at in places]
    back = [[beside(x, y - _BELOW, COLORS["residual"]) for x, y in at] for at in places[1:]]
    price = beside(2.62, 0, COLORS["model"])
    top.set(xlim=(-0.35, 3.0), ylim=(-1.8, 1.9))
    bare(top)
    grids = [_table(tables, n_out, n_in, left, name) for n_out, n_in, left, name in
             ((3, 2, 0.0, "W²"), (2, 3, 4.6, "W³"))]  # fmt: skip
    tables.set(xlim=(-0.2, 9.2), ylim=(-3.5, 1.5))
    bare(tables)

    book = Flipbook(
        fig,
        controls=[
            Control("step", np.array(STEPS), label="step", start=len(STEPS) - 1),
            Control("sample", np.array(list(SAMPLES)), label="sample"),
        ],
        title="Forward, then backward",
        alt=(
            "A network of two inputs, three hidden neurons and two outputs. In each neuron "
            "stands its activation, below it its error. Under the network two tables hold the "
            "slopes of all weights, each an error times an activation."
        ),
        readout=np.array([[_step_words(k, run) for run in runs] for k in range(len(STEPS))]),
        code='draw.passes(*draw.SAMPLES["{sample}"])',
    )
    steps = np.arange(len(STEPS))[:, None, None]
    for (step, layer), artist in flows.items():
        x, y = _edges(places, layer)
        shown = steps == step
        book.line(artist, np.where(shown, x, np.nan), np.where(shown, y, np.nan))
    for k, (artist, at) in enumerate(zip(halos, places[1:], strict=True)):
        shown = steps >= 4 - k
        x = at[:, :1] + np.array([-0.24, 0.24, np.nan])
        y = np.broadcast_to(at[:, 1:] - _BELOW, x.shape)
        x, y = x.ravel(), y.ravel()
        book.line(artist, np.where(shown, x, np.nan), np.where(shown, y, np.nan))
    for k, group in enumerate(ahead):
        for j, artist in enumerate(group):
            book.text(artist, _from(k, "{}", [run.a[k][j] for run in runs]))
    for k, group in enumerate(back):
        for j, artist in enumerate(group):
            book.text(artist, _from(4 - k, "δ = {}", [run.delta[k][j] for run in runs]))
    book.text(price, _from(2, "C = {}", [run.cost for run in runs]))
    for k, (rows, columns, cells) in enumerate(grids):
        for j, artist in enumerate(rows):
            book.text(artist, _from(4 - k, "{}", [run.delta[k][j] for run in runs]))
        for i, artist in enumerate(columns):
            book.text(artist, _from(k, "{}", [run.a[k][i] for run in runs]))
        for j, line in enumerate(cells):
            for i, artist in enumerate(line):
                words = [run.slopes[k][j, i] for run in runs]
                book.text(artist, _from(6 - k, "{}", words))
    return book


def _table(ax, n_out, n_in, left, name):
    """Draw an empty table, errors at its side and activations above; return its texts."""
    ax.text(left + 1.1, 1.1, f"∂C/∂{name} = δ aᵀ", fontweight="bold")
    width = 1.1

    def text(x, y, color):
        return ax.text(x, y, "", ha="right", va="center", color=color, fontsize=10.5)

    rows = [text(left + width, -j - 0.9, COLORS["residual"]) for j in range(n_out)]
    columns = [text(left + width * (i + 2), 0.1, COLORS["model"]) for i in range(n_in)]
    cells = [
        [text(left + width * (i + 2), -j - 0.9, CHROME["ink"]) for i in range(n_in)]
        for j in range(n_out)
    ]
    ax.plot([left + width + 0.12] * 2, [0.5, -n_out - 0.3], color=CHROME["muted"], linewidth=0.8)
    ends = [left + 0.1, left + width * (n_in + 1) + 0.1]
    ax.plot(ends, [-0.4] * 2, color=CHROME["muted"], linewidth=0.8)
    return rows, columns, cells


def _from(step, words, values):
    """Return (steps, samples): the words with each value, from a step on."""
    shown = np.arange(len(STEPS))[:, None] >= step
    return np.where(shown, [words.format(_number(v)) for v in values], "")


def _step_words(k, run):
    """Say in a sentence what step k of the two passes computes, for the first neuron."""
    (W2, b2), (W3, b3) = EXAMPLE
    (z2, z3), (x, a2, a3), (d2, d3) = run.z, run.a, run.delta
    y = a3 - d3 / (a3 * (1 - a3))
    n = _number
    return (
        f"The input is a¹ = ({n(x[0])}, {n(x[1])}).",
        f"z²₁ = {n(W2[0, 0])}·{n(x[0])} + {_in(W2[0, 1])}·{_in(x[1])} + {n(b2[0])} = {n(z2[0])} "
        f"and a²₁ = σ({n(z2[0])}) = {n(a2[0])}.",
        f"z³₁ = {_sum(W3[0], a2)} + {_in(b3[0])} = {n(z3[0])} and a³₁ = {n(a3[0])}; "
        f"the cost is {n(run.cost)}.",
        f"δ³₁ = (a − y) a (1 − a) = ({n(a3[0])} − {y[0]:.0f})·{n(a3[0])}·{n(1 - a3[0])} "
        f"= {n(d3[0])}.",
        f"δ²₁ = ({_sum(W3[:, 0], d3)})·{n(a2[0])}·{n(1 - a2[0])} = {n(d2[0])}: both errors of "
        "layer 3 come back over their weights.",
        f"The slope of w³₁₁ is δ³₁ a²₁ = {_in(d3[0])}·{n(a2[0])} = {n(run.slopes[1][0, 0])}; "
        "the biases' slopes are the errors themselves.",
        f"The slope of w²₁₁ is δ²₁ a¹₁ = {_in(d2[0])}·{_in(x[0])} = {n(run.slopes[0][0, 0])}: "
        "twelve weights from two passes.",
    )[k]


def _number(value):
    """Write a value with three decimals at most, with a true minus."""
    text = f"{value:.3f}"
    short = f"{value:g}"
    text = short if len(short) < len(text) else text
    return ("0" if text in ("-0", "-0.000") else text).replace("-", _MINUS)


def _in(value):
    text = _number(value)
    return f"({text})" if text.startswith(_MINUS) else text


def _sum(weights, values):
    return " + ".join(f"{_in(w)}·{_in(v)}" for w, v in zip(weights, values, strict=True))


# XOR, learnt --------------------------------------------------------------------------------------

RATES = np.array([0.3, 1.0, 3.0, 10.0, 30.0, 100.0])
EPOCHS = np.array([1, 10, 30, 100, 200, 300, 500, 700, 1000, 1500, 2000, 3000, 5000])
_DRAWN = {
    "Xavier 0": (0, "xavier", 1),
    "Xavier 1": (1, "xavier", 1),
    "normal 3": (3, "normal", 1),
    "normal 11": (11, "normal", 1),
    "wide 2": (2, "normal", 10),
}
STARTS = ("all 0", "all 0.5", *_DRAWN)
GRID = np.linspace(-0.5, 1.5, 48)


def start(name):
    """Return the 2-3-1 network that a start's name stands for."""
    if name in _DRAWN:
        seed, scheme, scale = _DRAWN[name]
        layers = network.initialize((2, 3, 1), rng=np.random.default_rng(seed), scheme=scheme)
        return tuple(network.Layer(scale * W, scale * b) for W, b in layers)
    value = float(name.removeprefix("all "))
    zeros = network.initialize((2, 3, 1), scheme="zeros")
    return tuple(network.Layer(W + value, b + value) for W, b in zeros)


class Family(NamedTuple):
    """All rates and all starts, trained on XOR in one run."""

    epochs: np.ndarray  # (rows,) when the costs were taken, 0 first
    cost: np.ndarray  # (rates, starts, rows)
    layers: tuple  # the networks at EPOCHS: (rates, starts, epochs, out, in)
    hidden: np.ndarray  # (rates, starts, epochs, 4, 3)
    outputs: np.ndarray  # (rates, starts, epochs, 4)


def family():
    """Train every start at every rate; return their Family."""
    starts = network.stack([start(name) for name in STARTS])
    rates = np.broadcast_to(RATES[:, None], (len(RATES), len(STARTS)))
    times = np.unique(
        np.concatenate([EPOCHS, np.geomspace(1, EPOCHS[-1], 110).round().astype(int)])
    )
    kept = [network.stack([starts] * len(RATES))]
    wanted = set(times.tolist())

    def keep(progress):
        if progress.step in wanted:
            kept.append(progress.snapshot())

    network.train(starts, CASES, XOR, eta=rates, epochs=EPOCHS[-1], every=None, callback=keep)
    every = tuple(
        network.Layer(*(np.stack(parts, axis=2) for parts in zip(*layer, strict=True)))
        for layer in zip(*kept, strict=True)
    )
    epochs = np.concatenate([[0], times])
    shown = np.searchsorted(epochs, EPOCHS)
    layers = tuple(network.Layer(W[:, :, shown], b[:, :, shown]) for W, b in every)
    _, (_, hidden, outputs) = network.forward(layers, CASES)
    return Family(epochs, network.cost(every, CASES, XOR), layers, hidden, outputs[..., 0])


def learn_xor():
    """Return the figure of a 2-3-1 network on XOR: rate, start and epoch as sliders."""
    runs = family()
    shape = (len(RATES), len(STARTS), len(EPOCHS))
    begin = (2, 2, 9)
    fig = plt.figure(figsize=(6.6, 5.4))
    fall, plane, inside = fig.subplot_mosaic(
        [["fall", "fall"], ["plane", "inside"]], height_ratios=[1, 1.45]
    ).values()

    (curve,) = fall.plot([1], [1], color=COLORS["gd"])
    (now,) = fall.plot([1], [1], "o", color=COLORS["gd"])
    fall.set(
        title="The cost", xscale="log", yscale="log", xlim=(0.85, 5600), ylim=(1e-5, 0.6),
        xlabel="epoch", ylabel="cost",
    )  # fmt: skip
    fall.set_xticks([1, 10, 100, 1000, 5000], ["1", "10", "100", "1,000", "5,000"])
    fall.set_yticks([1e-5, 1e-4, 1e-3, 1e-2, 1e-1], ["0.00001", "0.0001", "0.001", "0.01", "0.1"])
    for ticks in (fall.xaxis, fall.yaxis):
        ticks.set_minor_locator(plt.NullLocator())
    fall.axhline(0.125, color=COLORS["truth"], linewidth=1, linestyle=":")
    fall.annotate(
        "always ½", (5400, 0.125), xytext=(0, 3), textcoords="offset points", ha="right",
        color=COLORS["truth"], fontsize=9,
    )  # fmt: skip

    picture = _regions(plane)
    halves = [plane.plot([0], [0], color=COLORS["limit"], linewidth=1.3)[0] for _ in range(3)]
    _cases(plane)
    for at, name in zip(CASES, NAMES, strict=True):
        plane.annotate(
            name, at, xytext=(0, 9 if at[1] else -14), textcoords="offset points", ha="center",
            fontsize=9,
        )  # fmt: skip
    plane.grid(False)
    plane.set(title="The answer", xlabel="input $x_1$", ylabel="input $x_2$")

    lines = [
        inside.plot(
            range(4), range(4), "-o" if on else "--o", color=color, linewidth=1.6,
            markerfacecolor=color if on else CHROME["paper"],
        )[0]
        for on, color in zip(XOR, _CASE_COLORS, strict=True)
    ]  # fmt: skip
    tags = [
        inside.text(3.12, 0, name, va="center", color=color, fontsize=9)
        for name, color in zip(NAMES, _CASE_COLORS, strict=True)
    ]
    inside.axvline(2.5, color=CHROME["muted"], linewidth=0.8)
    inside.set(
        title="What the neurons say", xlim=(-0.2, 3.6), ylim=(-0.05, 1.05), ylabel="activation",
    )  # fmt: skip
    inside.set_xticks(range(4), ["hidden 1", "2", "3", "output"])

    book = Flipbook(
        fig,
        controls=[
            Control("eta", RATES, label="learning rate η", start=begin[0], format="{:g}"),
            Control("start", np.array(STARTS), label="start", start=begin[1]),
            Control("epoch", EPOCHS, label="epoch", start=begin[2], format="{:,d}"),
        ],
        title="A network learns XOR",
        alt=(
            "Above, the cost stays on a plateau near 0.125 for hundreds of epochs and then falls "
            "below 0.01. Lower left, the corners 01 and 10 are blue and a pale band holds 00 and "
            "11; lower right, the activations of three hidden neurons and the output for each case."
        ),
        readout=_xor_words(runs),
        code='network.train(draw.start("{start}"), X, y, eta={eta:g}, epochs={epoch})',
        table=("epoch", "cost"),
    )
    book.line(curve, runs.epochs[1:], np.maximum(runs.cost, 1e-9)[:, :, None, 1:])
    book.line(
        now,
        np.broadcast_to(EPOCHS, shape)[..., None],
        runs.cost[:, :, np.searchsorted(runs.epochs, EPOCHS), None],
    )
    book.ghost(curve)
    book.image(picture, _heights(runs.layers))
    W, b = runs.layers[0]
    for j, artist in enumerate(halves):
        ends = _boundary(W[..., j, :], b[..., j])
        book.line(artist, ends[..., 0], ends[..., 1])
    said = np.concatenate([runs.hidden, runs.outputs[..., None]], axis=-1)
    for i, (artist, tag) in enumerate(zip(lines, tags, strict=True)):
        book.line(artist, range(4), said[..., i, :])
        book.text(tag, np.full(shape, NAMES[i]), 3.12, _apart(runs.outputs)[..., i])
    book.predict(
        "All weights and biases start at 0, and the rate is 30. What has the network learnt after "
        "5,000 epochs?",
        choices=["XOR, though late", "nothing at all", "OR, as one neuron would"],
        answer=1,
        explain="At this start every one of the 13 slopes is exactly 0. No rate can move it.",
    )
    return book


_CASE_COLORS = (COLORS["data"], COLORS["gd"], COLORS["model"], COLORS["validation"])


def _regions(ax):
    """Return an empty image of the plane, from clear to blue: it suits light and dark paper."""
    tones = [to_rgba(COLORS["model"], alpha) for alpha in (0.02, 0.7)]
    shades = LinearSegmentedColormap.from_list("answer", tones)
    return ax.imshow(
        np.zeros((len(GRID), len(GRID))),
        extent=(-0.5, 1.5, -0.5, 1.5),
        origin="lower",
        cmap=shades,
        norm=plt.Normalize(0, 1),
        zorder=0,
    )


def _heights(layers):
    """Return the answers on the grid, in tenths: (..., rows, columns)."""
    there = np.stack(np.meshgrid(GRID, GRID), axis=-1).reshape(-1, 2)
    answers = network.predict(layers, there)[..., 0]
    tenths = (np.floor(np.clip(answers, 0, 0.999) * 10) + 0.5) / 10
    return tenths.reshape(*answers.shape[:-1], len(GRID), len(GRID))


def _boundary(w, b):
    """Return the ends of the line w x + b = 0, cut far out: (..., 2, 2); NaN if there is none."""
    length = np.linalg.norm(w, axis=-1)[..., None]
    length = np.where(length > 1e-12, length, np.nan)
    normal = w / length
    centre = np.array([0.5, 0.5])
    gap = (w @ centre + b)[..., None] / length
    foot = centre - gap * normal
    along = np.stack([-normal[..., 1], normal[..., 0]], axis=-1)
    ends = np.stack([foot - 2.5 * along, foot + 2.5 * along], axis=-2)
    return np.where(np.abs(gap[..., None]) < 2, ends, np.nan)


def _apart(values, least=0.075):
    """Return heights for labels at these values, moved apart where they would overlap: (..., 4)."""
    order = np.argsort(values, axis=-1, kind="stable")
    heights = np.take_along_axis(values, order, axis=-1).copy()
    for k in range(1, heights.shape[-1]):
        heights[..., k] = np.maximum(heights[..., k], heights[..., k - 1] + least)
    over = np.maximum(heights[..., -1:] - 1.0, 0)
    heights[..., -1:] -= over
    for k in range(heights.shape[-1] - 2, -1, -1):
        heights[..., k] = np.minimum(heights[..., k], heights[..., k + 1] - least)
    back = np.empty_like(heights)
    np.put_along_axis(back, order, heights, axis=-1)
    return back


def _xor_words(runs):
    costs = runs.cost[:, :, np.searchsorted(runs.epochs, EPOCHS)]
    right = ((runs.outputs > 0.5) == (XOR > 0.5)).sum(axis=-1)
    words = np.empty(right.shape, dtype=object)
    for (e, s, t), count in np.ndenumerate(right):
        head = f"η = {RATES[e]:g}, {STARTS[s]}, epoch {EPOCHS[t]:,}: "
        words[e, s, t] = head + _xor_sentence(
            STARTS[s], costs[e, s, t], int(count), runs.outputs[e, s, t]
        )
    return words.astype(str)


def _xor_sentence(name, cost, count, outputs):
    if name == "all 0":
        return "every slope is exactly 0, nothing moves. Cost 0.125, every answer ½."
    text = f"cost {cost:.2g}, {count} of 4 right."
    half = np.abs(outputs - 0.5) < 0.1
    if name == "all 0.5":
        return text + " The three hidden neurons stay the same, one neuron in three places."
    if cost < 0.01:
        return text + " Learnt."
    if half.all():
        return text + " On the plateau: every answer is near ½."
    if half.sum() == 2 and abs(cost - 1 / 16) < 0.003:
        names = " and ".join(np.array(NAMES)[half])
        return text + f" Cases {names} look alike to it: it answers ½ to both."
    return text


# XOR, missed --------------------------------------------------------------------------------------


def piles(costs, ax):
    """Draw the final costs of many networks in rising order, with the levels where they pile up."""
    order = np.sort(costs)
    ax.plot(np.arange(1, len(order) + 1), order, ".", color=COLORS["gd"], markersize=4)
    for level, words in ((0.0, "learnt"), (1 / 16, "1/16"), (1 / 12, "1/12")):
        ax.axhline(level, color=COLORS["truth"], linewidth=1, linestyle=":", zorder=0)
        ax.annotate(
            words, (2, level), xytext=(0, 4), textcoords="offset points", color=COLORS["truth"]
        )
    ax.set(xlabel="networks, in order of their cost", ylabel="cost at the end", ylim=(-0.006, 0.1))
    return ax


def answers(networks, titles, axes):
    """Draw what each network answers all over the plane, and the boundary of its hidden neurons."""
    for layers, title, ax in zip(networks, titles, axes, strict=True):
        picture = _regions(ax)
        picture.set_data(_heights(layers))
        (W, b), _ = layers
        for ends in _boundary(W, b):
            ax.plot(*ends.T, color=COLORS["limit"], linewidth=1.3)
        _cases(ax)
        for at, value in zip(CASES, network.predict(layers, CASES)[:, 0], strict=True):
            ax.annotate(
                f"{value:.2f}", at, xytext=(0, -13 if at[1] == 0 else 9),
                textcoords="offset points", ha="center", va="center" if at[1] == 0 else "bottom",
                fontsize=9, zorder=6,
            )  # fmt: skip
        ax.grid(False)
        ax.set(title=title, xlabel="input $x_1$")
    axes[0].set(ylabel="input $x_2$")
    return axes
