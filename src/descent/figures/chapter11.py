"""The pictures of chapter 11: a nudge on its way, both passes in steps, XOR learnt and missed."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap, to_rgba

from descent.experiments.chapter11 import (
    CASES,
    EPOCHS,
    EXAMPLE,
    RATES,
    SAMPLES,
    STARTS,
    XOR,
    family,
    passes,
    ripple,
)
from descent.figures.helpers import label, number
from descent.figures.networks import bare, draw_network
from descent.figures.style import CHROME, COLORS, Flipbook
from descent.flipbook import Control

NAMES = ("00", "01", "10", "11")
STEPS = (
    "input",
    "forward to layer 2",
    "forward to layer 3",
    "BP1, errors of layer 3",
    "BP2, errors of layer 2",
    "BP4, slopes of layer 3",
    "BP4, slopes of layer 2",
)


# A network, drawn ---------------------------------------------------------------------------------


def _places(sizes, *, gap=1.0):
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
    look = {"facecolor": CHROME["paper"], "edgecolor": COLORS["data"], "linewidth": 1.3}
    for at in places:
        ax.scatter(*at.T, s=size, zorder=3, **look)


def four_cases(net, axes):
    """Draw the four cases of XOR, and the network that is to learn them."""
    left, right = axes
    _cases(left)
    left.set(title="Four cases", xlabel="input $x_1$", ylabel="input $x_2$")
    draw_network(net, right, inputs=("$x_1$", "$x_2$"), outputs=("$a$",))
    right.set(title="Nine weights, four biases")
    return axes


def _cases(ax):
    """Draw the four cases, those to be answered by 1 filled."""
    for on, face in ((0, CHROME["paper"]), (1, COLORS["data"])):
        ax.scatter(*CASES[on == XOR].T, s=64, facecolor=face, edgecolor=COLORS["data"], zorder=5)
    ax.set(xlim=(-0.5, 1.5), ylim=(-0.5, 1.5), xticks=[0, 1], yticks=[0, 1])
    ax.set_aspect("equal")


# A nudge on its way -------------------------------------------------------------------------------


def nudge(change, slope, axes, *, at=(3, 2), step=0.5):
    """Draw the way of a nudge through the network, and the cost against the weight.

    `change` is its Ripple; `slope` is the slope of the cost in this weight.
    """
    left, right = axes
    _nudge_way(change, left, at, step)
    x, y = SAMPLES[next(iter(SAMPLES))]
    moves = np.linspace(-2, 2, 61)
    costs = [ripple(*at, move, x, y).cost for move in moves]
    right.plot(moves, np.multiply(costs, 1e3), color=COLORS["model"])
    right.plot(moves, moves * slope * 1e3, "--", color=COLORS["truth"])
    right.plot([step], [change.cost * 1e3], "o", color=COLORS["gd"], zorder=4)
    end = 1.2, 1.2e3 * slope
    label(right, "slope times Δw", end, (-6, -6), COLORS["truth"], ha="right", va="top")
    right.set(title="Near enough, a line", xlabel="Δw", ylabel="ΔC in thousandths")
    return axes


def _nudge_way(change, ax, at, step):
    """Draw the edges that a nudge of the weight at (j, k) passes, and what it does to each."""
    places = _places((2, 3, 2))
    for layer in (1, 2):
        ax.plot(*_edges(places, layer), color=CHROME["grid"], linewidth=1.2)
    there, here = places[1][at[0] - 1], places[0][at[1] - 1]
    for ends in [(here, there), *((there, end) for end in places[2])]:
        ax.plot(*np.array(ends).T, color=COLORS["gd"], linewidth=2.4)
    _neurons(places, ax, 300)
    for where, words, shift in (
        ((here + there) / 2, f"Δw = {step:g}", (-4, -15)),
        (there, f"Δa = {_short(change.a2)}", (0, -21)),
        (places[2][0], f"Δa = {_short(change.a3[0])}", (0, 20)),
        (places[2][1], f"Δa = {_short(change.a3[1])}", (0, -20)),
        ((2.7, 0), f"ΔC = {_short(change.cost)}", (0, 0)),
    ):
        label(ax, words, where, shift, COLORS["gd"], ha="center", va="center", fontsize=9)
    for end in places[2]:
        ax.plot([2.12, 2.55], [end[1] * 0.9, end[1] * 0.25], color=COLORS["gd"], linewidth=1)
    ax.set(title="The way of a nudge", xlim=(-0.25, 3.15), ylim=(-1.5, 1.25))
    bare(ax)


# Both passes, step by step ------------------------------------------------------------------------

_BELOW = 0.48  # its neuron stands an error


def both_ways():
    """Return the figure that walks through both passes: step and sample as sliders."""
    runs = [passes(*pair) for pair in SAMPLES.values()]
    fig, (top, tables) = plt.subplots(2, 1, figsize=(6.6, 5.6), height_ratios=[1.35, 1])
    places = _places((2, 3, 2), gap=1.15)
    flows, halos = _ways(places, top)
    values = _values(places, top)
    grids = [_table(tables, 3, 2, 0.0, "W²"), _table(tables, 2, 3, 4.6, "W³")]
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
        code='experiments.passes(*experiments.SAMPLES["{sample}"])',
    )
    _move_ways(book, places, flows, halos)
    _move_values(book, runs, *values)
    for k, grid in enumerate(grids):
        _move_table(book, runs, k, *grid)
    return book


def _ways(places, ax):
    """Draw the neurons; return the edges {(step, layer): line} that light up, and the halos."""
    for layer in (1, 2):
        ax.plot(*_edges(places, layer), color=CHROME["grid"], linewidth=1.2)
    forward, back = COLORS["model"], COLORS["gd"]
    hues = {
        (6, 1): back,
        (5, 2): back,
        (4, 2): COLORS["residual"],
        (1, 1): forward,
        (2, 2): forward,
    }
    flows = {
        at: ax.plot(*_edges(places, at[1]), color=color, linewidth=1.8)[0]
        for at, color in hues.items()
    }
    look = {"color": CHROME["paper"], "linewidth": 13, "solid_capstyle": "butt"}
    halos = [ax.plot([0, 0], [0, 0], **look)[0] for _ in places[1:]]
    _neurons(places, ax, 1250)
    for k, words in enumerate(("layer 1", "layer 2", "layer 3")):
        label(ax, words, (k, 1.68), color=CHROME["muted"], ha="center")
    ax.set(xlim=(-0.35, 3.0), ylim=(-1.8, 1.9))
    bare(ax)
    return flows, halos


def _values(places, ax):
    """Return the empty texts of all activations, of all errors and of the cost."""
    look = {"ha": "center", "fontsize": 11, "zorder": 4}
    ahead = [[_empty(x, y, COLORS["model"], ax, **look) for x, y in at] for at in places]
    back = [
        [_empty(x, y - _BELOW, COLORS["residual"], ax, **look) for x, y in at] for at in places[1:]
    ]
    return ahead, back, _empty(2.62, 0, COLORS["model"], ax, **look)


def _empty(x, y, color, ax, **more):
    return ax.text(x, y, "", va="center", color=color, **more)


def _move_ways(book, places, flows, halos):
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


def _move_values(book, runs, ahead, back, price):
    for k, group in enumerate(ahead):
        for j, artist in enumerate(group):
            book.text(artist, _from(k, "{}", [run.a[k][j] for run in runs]))
    for k, group in enumerate(back):
        for j, artist in enumerate(group):
            book.text(artist, _from(4 - k, "δ = {}", [run.delta[k][j] for run in runs]))
    book.text(price, _from(2, "C = {}", [run.cost for run in runs]))


def _move_table(book, runs, k, rows, columns, cells):
    for j, artist in enumerate(rows):
        book.text(artist, _from(4 - k, "{}", [run.delta[k][j] for run in runs]))
    for i, artist in enumerate(columns):
        book.text(artist, _from(k, "{}", [run.a[k][i] for run in runs]))
    for (j, i), artist in np.ndenumerate(np.array(cells)):
        book.text(artist, _from(6 - k, "{}", [run.slopes[k][j, i] for run in runs]))


def _table(ax, n_out, n_in, left, name):
    """Draw an empty table, errors at its side and activations above; return its texts."""
    ax.text(left + 1.1, 1.1, f"∂C/∂{name} = δ aᵀ", fontweight="bold")
    width, look = 1.1, {"ha": "right", "fontsize": 10.5}
    down = [-j - 0.9 for j in range(n_out)]
    right = [left + width * (i + 2) for i in range(n_in)]
    rows = [_empty(left + width, y, COLORS["residual"], ax, **look) for y in down]
    columns = [_empty(x, 0.1, COLORS["model"], ax, **look) for x in right]
    cells = [[_empty(x, y, CHROME["ink"], ax, **look) for x in right] for y in down]
    ax.plot([left + width + 0.12] * 2, [0.5, -n_out - 0.3], color=CHROME["muted"], linewidth=0.8)
    ends = [left + 0.1, left + width * (n_in + 1) + 0.1]
    ax.plot(ends, [-0.4] * 2, color=CHROME["muted"], linewidth=0.8)
    return rows, columns, cells


def _from(step, words, values):
    """Return (steps, samples): the words with each value, from a step on."""
    shown = np.arange(len(STEPS))[:, None] >= step
    return np.where(shown, [words.format(_short(v)) for v in values], "")


def _step_words(k, run):
    """Say in a sentence what step k of the two passes computes, for the first neuron."""
    (W2, b2), (W3, b3) = EXAMPLE.layers
    (z2, z3), (x, a2, a3), (d2, d3) = run.z, run.a, run.delta
    y = a3 - d3 / (a3 * (1 - a3))
    n = _short
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


def _short(value):
    """Write a value with three decimals at most: 0.5, 0.510, 0."""
    form = min(".3f", "g", key=lambda form: len(f"{value:{form}}"))
    return number(value, form) if abs(value) >= 0.0005 else "0"


def _in(value):
    text = _short(value)
    return f"({text})" if text.startswith("−") else text


def _sum(weights, values):
    return " + ".join(f"{_in(w)}·{_in(v)}" for w, v in zip(weights, values, strict=True))


# XOR, learnt --------------------------------------------------------------------------------------

GRID = np.linspace(-0.5, 1.5, 48)  # of the plane's picture, both ways
_CASE_COLORS = (COLORS["data"], COLORS["gd"], COLORS["model"], COLORS["validation"])


def learn_xor():
    """Return the figure of a 2-3-1 network on XOR: rate, start and epoch as sliders."""
    runs, begin = family(), (2, 2, 9)
    fig = plt.figure(figsize=(6.6, 5.4))
    fall, plane, inside = fig.subplot_mosaic(
        [["fall", "fall"], ["plane", "inside"]], height_ratios=[1, 1.45]
    ).values()
    costs, answer, said = _fall_axes(fall), _answer_axes(plane), _said_axes(inside)
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
        code='network.train(experiments.start("{start}"), X, y, eta={eta:g}, epochs={epoch})',
        table=("epoch", "cost"),
    )
    _move_costs(book, runs, *costs)
    _move_answer(book, runs, *answer)
    _move_said(book, runs, *said)
    book.predict(
        "All weights and biases start at 0, and the rate is 30. What has the network learnt after "
        "5,000 epochs?",
        choices=["XOR, though late", "nothing at all", "OR, as one neuron would"],
        answer=1,
        explain="At this start every one of the 13 slopes is exactly 0. No rate can move it.",
    )
    return book


def _fall_axes(ax):
    """Frame the cost over the epochs; return its line and the point of this state."""
    (curve,) = ax.plot([1], [1], color=COLORS["gd"])
    (now,) = ax.plot([1], [1], "o", color=COLORS["gd"])
    ax.set(title="The cost", xlabel="epoch", ylabel="cost")
    ax.set(xscale="log", yscale="log", xlim=(0.85, 5600), ylim=(1e-5, 0.6))
    ax.set_xticks([1, 10, 100, 1000, 5000], ["1", "10", "100", "1,000", "5,000"])
    ax.set_yticks([1e-5, 1e-4, 1e-3, 1e-2, 1e-1], ["0.00001", "0.0001", "0.001", "0.01", "0.1"])
    for ticks in (ax.xaxis, ax.yaxis):
        ticks.set_minor_locator(plt.NullLocator())
    ax.axhline(0.125, color=COLORS["truth"], linewidth=1, linestyle=":")
    label(ax, "always ½", (5400, 0.125), (0, 3), COLORS["truth"], ha="right", fontsize=9)
    return curve, now


def _answer_axes(ax):
    """Draw the four cases; return the plane's image and the lines of the hidden neurons."""
    picture = _regions(ax)
    halves = [ax.plot([0], [0], color=COLORS["limit"], linewidth=1.3)[0] for _ in range(3)]
    _cases(ax)
    for at, name in zip(CASES, NAMES, strict=True):
        label(ax, name, at, (0, 9 if at[1] else -14), ha="center", fontsize=9)
    ax.grid(False)
    ax.set(title="The answer", xlabel="input $x_1$", ylabel="input $x_2$")
    return picture, halves


def _said_axes(ax):
    """Frame the activations of all neurons; return a line and a tag for each case."""
    lines, tags = [], []
    for name, on, color in zip(NAMES, XOR, _CASE_COLORS, strict=True):
        look = {"color": color, "linewidth": 1.6}
        look["markerfacecolor"] = color if on else CHROME["paper"]
        lines += ax.plot(range(4), range(4), "-o" if on else "--o", **look)
        tags.append(ax.text(3.12, 0, name, va="center", color=color, fontsize=9))
    ax.axvline(2.5, color=CHROME["muted"], linewidth=0.8)
    ax.set(title="What the neurons say", ylabel="activation", xlim=(-0.2, 3.6), ylim=(-0.05, 1.05))
    ax.set_xticks(range(4), ["hidden 1", "2", "3", "output"])
    return lines, tags


def _move_costs(book, runs, curve, now):
    rows = np.searchsorted(runs.epochs, EPOCHS)
    book.line(curve, runs.epochs[1:], np.maximum(runs.cost, 1e-9)[:, :, None, 1:])
    book.line(now, np.broadcast_to(EPOCHS, book.shape)[..., None], runs.cost[:, :, rows, None])
    book.ghost(curve)


def _move_answer(book, runs, picture, halves):
    book.image(picture, _heights(runs.network))
    W, b = runs.network.layers[0]
    for j, artist in enumerate(halves):
        ends = _boundary(W[..., j, :], b[..., j])
        book.line(artist, ends[..., 0], ends[..., 1])


def _move_said(book, runs, lines, tags):
    heights = _apart(runs.outputs)
    said = np.concatenate([runs.hidden, runs.outputs[..., None]], axis=-1)
    for i, (artist, tag) in enumerate(zip(lines, tags, strict=True)):
        book.line(artist, range(4), said[..., i, :])
        book.text(tag, np.full(book.shape, NAMES[i]), 3.12, heights[..., i])


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


def _heights(net):
    """Return the answers on the grid, in tenths: (..., rows, columns)."""
    there = np.stack(np.meshgrid(GRID, GRID), axis=-1).reshape(-1, 2)
    answers = net.predict(there)[..., 0]
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
        label(ax, words, (2, level), (0, 4), COLORS["truth"])
    ax.set(xlabel="networks, in order of their cost", ylabel="cost at the end", ylim=(-0.006, 0.1))
    return ax


def answers(networks, titles, axes):
    """Draw what each network answers all over the plane, and the boundary of its hidden neurons."""
    for net, title, ax in zip(networks, titles, axes, strict=True):
        picture = _regions(ax)
        picture.set_data(_heights(net))
        (W, b), _ = net.layers
        for ends in _boundary(W, b):
            ax.plot(*ends.T, color=COLORS["limit"], linewidth=1.3)
        _cases(ax)
        for at, value in zip(CASES, net.predict(CASES)[:, 0], strict=True):
            shift, va = ((0, -13), "center") if at[1] == 0 else ((0, 9), "bottom")
            label(ax, f"{value:.2f}", at, shift, ha="center", va=va, fontsize=9, zorder=6)
        ax.grid(False)
        ax.set(title=title, xlabel="input $x_1$")
    axes[0].set(ylabel="input $x_2$")
    return axes
