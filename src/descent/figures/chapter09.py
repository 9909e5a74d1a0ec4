"""The pictures of chapter 9: fences, what neurons see, activations, bumps, and many of them."""

from itertools import product

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap, to_rgb

from descent import activations
from descent.experiments.chapter09 import (
    FENCES,
    HIDDEN,
    NEURONS,
    SHARPNESS,
    TARGETS,
    approximate_all,
    approximator,
    fence,
    fence_all,
)
from descent.figures.helpers import label
from descent.figures.networks import NEGATIVE, POSITIVE, bare, draw_network
from descent.figures.style import CHROME, COLORS, Flipbook
from descent.flipbook import Control

_TINT = LinearSegmentedColormap.from_list(
    "activation", [(*to_rgb(COLORS["model"]), 0.0), (*to_rgb(COLORS["model"]), 0.5)]
)


# Around a bell ------------------------------------------------------------------------------------


def places(X, heard, ax):
    """Draw where people stood: filled points heard the bell, open ones did not."""
    _people(X, heard, ax)
    ax.plot(0, 0, marker="P", color=COLORS["limit"], markersize=11, linestyle="none")
    ax.set(xlabel="east of the bell (km)", ylabel="north of the bell (km)")
    return ax


def what_neurons_see(net, X, heard, axes):
    """Draw each hidden neuron's answer over the plane, and the output's in the last axes."""
    x, y = np.meshgrid(*[np.linspace(-2.6, 2.6, 131)] * 2)
    hidden, output = net.forward(np.column_stack([x.ravel(), y.ravel()])).a[1:]
    answers = np.column_stack([hidden, output]).T.reshape(-1, *x.shape)
    names = [f"hidden {j + 1}" for j in range(hidden.shape[1])] + ["output"]
    for ax, answer, name in zip(axes, answers, names, strict=True):
        _plane(answer, ax)
        _people(X, heard, ax, size=5)
        ax.set(title=name, xticks=[-2, 0, 2], yticks=[-2, 0, 2])
        ax.tick_params(labelleft=ax is axes[0])
    axes[0].set(xlabel="east (km)", ylabel="north (km)")
    return axes


def fences(X, heard):
    """Return the figure with one slider for the hidden neurons and one for their sharpness."""
    axis = np.linspace(-2.6, 2.6, 61)
    x, y = np.meshgrid((axis[1:] + axis[:-1]) / 2, (axis[1:] + axis[:-1]) / 2)
    answers, wrong = fence_all(np.column_stack([x.ravel(), y.ravel()]), X, heard)
    image, start = answers.reshape(*answers.shape[:2], *x.shape), (2, 4)

    fig, (plane, net) = plt.subplots(1, 2, figsize=(6.6, 3.7), width_ratios=[1.15, 1])
    shown = _plane(image[start], plane)
    (lines,) = plane.plot([0, 1], [0, 1], "--", color=COLORS["model"], linewidth=1.1)
    _people(X, heard, plane, size=14)
    (rings,) = plane.plot([0], [0], "o", color="none", markersize=9, markeredgewidth=1.4)
    rings.set_markeredgecolor(COLORS["residual"])
    plane.set(title="The output over the plane", xlabel="east (km)", ylabel="north (km)")
    net.set_title("The network")
    wires = _moving_network(net)

    book = Flipbook(
        fig,
        controls=[
            Control("k", FENCES, label="hidden neurons", start=start[0], format="{:d}"),
            Control("sharpness", SHARPNESS, label="sharpness (per km)", start=start[1]),
        ],
        title="Fences around a bell",
        alt=(
            "Left: three straight fences form a triangle around the places that heard the bell; "
            "eleven far places in or near its corners are ringed as wrong. Right: the network of "
            "these fences, with two inputs, three hidden neurons and one output."
        ),
        readout=_fence_readout(wrong, heard),
        code="experiments.fence(k={k}, sharpness={sharpness}).predict(X)",
    )
    book.image(shown, image)
    _move_fences(book, lines, rings, wires, np.where(wrong[..., None], X, np.nan))
    return book


def _move_fences(book, lines, rings, wires, missed):
    book.line(lines, *_fence_lines())
    book.line(rings, missed[..., 0], missed[..., 1])
    for artist, part in zip(wires, _wiring(), strict=True):
        book.line(artist, part[:, None, :, 0], part[:, None, :, 1])
    book.predict(
        "Each hidden neuron is one straight fence. How few, at a sharpness of 20 per km, get "
        "every place right?",
        choices=["two", "three", "five", "eight"],
        answer=2,
        explain="Three or four fences leave corners that reach out to people who heard nothing. "
        "Five cut them short enough.",
    )


def _people(X, heard, ax, size=26):
    ax.scatter(*X[heard == 0].T, s=size, facecolor="none", edgecolor=COLORS["data"], linewidth=0.9)
    ax.scatter(*X[heard == 1].T, s=size, facecolor=COLORS["data"], edgecolor=COLORS["data"])
    ax.set(xlim=(-2.6, 2.6), ylim=(-2.6, 2.6))
    ax.set_aspect("equal")


def _plane(answer, ax):
    ax.grid(visible=False)
    return ax.imshow(
        answer, extent=(-2.6, 2.6, -2.6, 2.6), origin="lower", cmap=_TINT, vmin=0, vmax=1
    )


def _fence_lines():
    """Return x and y of the lines on which a hidden neuron answers 1/2: (k, 1, points)."""
    x = np.full((len(FENCES), 1, 3 * FENCES[-1]), np.nan)
    y = x.copy()
    for i, k in enumerate(FENCES):
        W, b = fence(k, 1.0).layers[0]
        foot, along = -W * b[:, None], np.column_stack([-W[:, 1], W[:, 0]])
        for j in range(k):
            ends = foot[j] + np.outer([-5, 5], along[j])
            x[i, 0, 3 * j : 3 * j + 2], y[i, 0, 3 * j : 3 * j + 2] = ends.T
    return x, y


def _spots(k):
    """Return where the neurons of a 2-k-1 network are drawn, all in one height."""
    apart = min(1.0, 5 / max(k - 1, 1))
    ys = ((k - 1) / 2 - np.arange(k)) * apart
    return np.array([[0, 1.0], [0, -1.0]]), np.column_stack([np.full(k, 2.6), ys]), (5.2, 0.0)


def _moving_network(ax):
    """Draw what does not move of the network; return the lines of its edges and hidden neurons."""
    (positive,) = ax.plot([0, 1], [0, 1], color=POSITIVE, linewidth=1.4)
    (negative,) = ax.plot([0, 1], [0, 1], "--", color=NEGATIVE, linewidth=1.4)
    look = {"markerfacecolor": CHROME["paper"], "markeredgecolor": CHROME["muted"]}
    (hidden,) = ax.plot([2.6], [0], "o", markersize=13, **look)
    names = ((0, 1, "east", "right"), (0, -1, "north", "right"), (5.2, 0, "heard", "left"))
    for x, y, name, side in names:
        ax.plot(x, y, "o", markersize=13, zorder=3, **look)
        label(ax, name, (x, y), (-11 if side == "right" else 11, 0), ha=side, va="center")
    ax.text(-1.6, 3.2, "positive weights", color=POSITIVE, fontsize=9)
    ax.text(2.9, 3.2, "negative weights", color=NEGATIVE, fontsize=9)
    bare(ax)
    ax.set(xlim=(-1.7, 7.0), ylim=(-3.4, 3.6))
    return negative, positive, hidden


def _wiring():
    """Return the points of the negative and positive edges and of the hidden neurons: (k, p, 2)."""
    most = FENCES[-1]
    signs = np.full((2, len(FENCES), 9 * most, 2), np.nan)
    spots = np.full((len(FENCES), most, 2), np.nan)
    for i, k in enumerate(FENCES):
        inputs, hidden, output = _spots(k)
        spots[i, :k] = hidden
        W2, W3 = (layer.W for layer in fence(k, 1.0).layers)
        edges = [(inputs[n], hidden[j], W2[j, n]) for j in range(k) for n in range(2)]
        edges += [(hidden[j], output, W3[0, j]) for j in range(k)]
        for at, (start, end, weight) in enumerate(edges):
            if abs(weight) > 1e-9:
                signs[int(weight > 0), i, 3 * at : 3 * at + 2] = start, end
    return signs[0], signs[1], spots


def _fence_readout(wrong, heard):
    """Say for every state how many places are right, and how many are wrong on either side."""
    names = {1: "one fence", 2: "a strip between two fences", 3: "a triangle"}
    words = np.empty(wrong.shape[:2], dtype=object)
    for (i, k), (s, sharpness) in product(enumerate(FENCES), enumerate(SHARPNESS)):
        inside, outside = (np.sum(wrong[i, s] & (heard == kind)) for kind in (0, 1))
        right = len(heard) - inside - outside
        missed = f"wrongly inside {inside}, wrongly outside {outside}"
        words[i, s] = (
            f"{k} hidden {'neuron' if k == 1 else 'neurons'}, {names.get(k, f'{k} fences')}, "
            f"sharpness {sharpness} per km: {right} of {len(heard)} places right, "
            f"{missed if inside or outside else 'all of them'}."
        )
    return words.astype(str)


# One layer after all ------------------------------------------------------------------------------


def collapsed(deep, flat, axes):
    """Draw a network without non-linearity beside the single layer that does the same."""
    draw_network(deep.layers, axes[0])
    draw_network(flat.layers, axes[1])
    return axes


# Activations --------------------------------------------------------------------------------------


def bends(axes):
    """Draw ReLU, sigmoid and tanh on the left, their slopes on the right."""
    z = np.linspace(-4, 4, 401)
    left, right = axes
    for name, color, at, slope_at in (
        ("relu", COLORS["limit"], (0.75, 1.85), (1.6, 1.06)),
        ("tanh", COLORS["validation"], (2.3, 0.72), (-2.1, 0.78)),
        ("sigmoid", COLORS["model"], (-3.9, 0.22), (-3.6, 0.28)),
    ):
        left.plot(z, getattr(activations, name)(z), color=color)
        slope = getattr(activations, f"{name}_derivative")(z)
        if name == "relu":  # no upright stroke where the slope jumps
            slope = np.where(np.abs(z) < 1e-9, np.nan, slope)
            right.plot(0, 1, "o", color=color, markerfacecolor=CHROME["paper"], zorder=3)
            right.plot(0, 0, "o", color=color, zorder=3)  # what the book takes at the corner
        right.plot(z, slope, color=color)
        word = "ReLU" if name == "relu" else name
        left.text(*at, word, color=color)
        right.text(*slope_at, word, color=color)
    left.set(title="What they answer", xlabel="weighted input z", ylim=(-1.15, 2.4))
    right.set(title="Their slopes", xlabel="weighted input z", ylim=(-0.06, 1.25))
    return axes


# From bumps to any curve --------------------------------------------------------------------------


def bump(ax, left=0.3, right=0.6, height=0.7, sharpness=60):
    """Draw two sigmoid steps, one up and one down, and the bump that is their sum."""
    x = np.linspace(0, 1, 401)
    up = height * activations.sigmoid(sharpness * (x - left))
    down = -height * activations.sigmoid(sharpness * (x - right))
    ax.plot(x, up, "--", color=POSITIVE, linewidth=1.3)
    ax.plot(x, down, "--", color=NEGATIVE, linewidth=1.3)
    ax.plot(x, up + down, color=COLORS["model"], linewidth=2.4)
    ax.text(0.99, height + 0.05, "up at 0.3", color=POSITIVE, ha="right")
    ax.text(0.99, -height + 0.05, "down at 0.6", color=NEGATIVE, ha="right")
    ax.text(0.45, height + 0.05, "their sum", color=COLORS["model"], ha="center", weight="bold")
    ax.set(xlabel="input x", ylabel="output", ylim=(-0.85, 0.9))
    return ax


def universality():
    """Return the figure: hidden neurons, function and kind of neuron as sliders."""
    names, start = list(TARGETS), (6, 0, 0)
    x = np.linspace(-0.2, 1.2, 337)
    curve, off = approximate_all(x)
    fig, (left, right) = plt.subplots(1, 2, figsize=(6.6, 3.7), width_ratios=[1.5, 1])
    pieces, wanted, got = _curve_axes(left)
    errors = _error_axes(right)
    book = Flipbook(
        fig,
        controls=[
            Control("hidden", HIDDEN, label="hidden neurons", start=start[0], format="{:d}"),
            Control("target", np.array(names), label="function", start=start[1]),
            Control("neurons", np.array(NEURONS), label="kind of neuron", start=start[2]),
        ],
        title="Any curve from enough neurons",
        alt=(
            "Left: a dashed wave and eight rectangular bumps, made by sixteen step neurons, that "
            "follow it in stairs. Right: on logarithmic axes the largest and the typical error "
            "both fall along straight lines as neurons are added."
        ),
        readout=_curve_readout(names, off),
        code='experiments.approximator("{target}", {hidden}, "{neurons}")',
        table=("input x", "value"),
    )
    book.line(wanted, x, np.stack([_drawn(f, x) for f in TARGETS.values()])[None, :, None])
    book.line(got, x, curve)
    book.ghost(got)
    book.line(pieces, *np.moveaxis(_pieces(names), -1, 0))
    _move_errors(book, errors, off)
    return book


def _curve_axes(ax):
    """Draw what stands still beside the curve; return the lines of pieces, target and network."""
    for a, b in ((-0.2, 0), (1, 1.2)):
        ax.axvspan(a, b, color=CHROME["grid"], alpha=0.6, linewidth=0)
    (pieces,) = ax.plot([0, 1], [0, 1], color=COLORS["model"], linewidth=0.8, alpha=0.7)
    (wanted,) = ax.plot([0, 1], [0, 1], "--", color=COLORS["truth"], linewidth=1.6)
    (got,) = ax.plot([0, 1], [0, 1], color=COLORS["model"], linewidth=2.0)
    ax.text(0.01, 1.24, "wanted", color=COLORS["truth"], weight="bold")
    ax.text(0.32, 1.24, "network", color=COLORS["model"], weight="bold")
    ax.text(0.66, 1.24, "its pieces", color=COLORS["model"], alpha=0.8)
    ax.set(title="The curve", xlabel="input x", xlim=(-0.2, 1.2), ylim=(-0.15, 1.35))
    ax.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
    return pieces, wanted, got


def _error_axes(ax):
    """Frame the errors; return the lines of the largest, of the typical and of this state's."""
    (most,) = ax.plot([2, 128], [1, 0.1], "-", color=COLORS["residual"], linewidth=1.2)
    (typical,) = ax.plot([2, 128], [1, 0.1], "-", color=COLORS["model"], linewidth=1.2)
    (now,) = ax.plot([16, 16], [0.1, 0.1], "o", color=COLORS["limit"])
    ax.loglog()
    ax.set(title="How far off", xlabel="hidden neurons", xlim=(1.7, 150), ylim=(3e-4, 2.5))
    ax.set_xticks([2, 8, 32, 128], ["2", "8", "32", "128"])
    ax.set_yticks([0.001, 0.01, 0.1, 1], ["0.001", "0.01", "0.1", "1"])
    ax.set_xticks([], minor=True)
    ax.text(1.95, 1.35, "at most", color=COLORS["residual"])
    ax.text(19, 1.35, "typically", color=COLORS["model"])
    return most, typical, now


def _move_errors(book, artists, off):
    """Let the errors move; off is (hidden, targets, neurons, 2), typical and largest."""
    most, typical, now = artists
    hidden = HIDDEN.astype(float)
    book.line(typical, hidden, np.moveaxis(off[..., 0], 0, -1)[None])
    book.line(most, hidden, np.moveaxis(off[..., 1], 0, -1)[None])
    book.line(now, np.broadcast_to(hidden[:, None, None, None], off.shape), off)
    book.predict(
        "Sixteen step neurons make eight bumps. With thirty-two, how large is the typical error "
        "on the wave?",
        choices=["about the same", "about a half", "about a quarter", "almost zero"],
        answer=1,
        explain="The bumps are half as wide, so within each the wave strays half as far from its "
        "middle. With ReLUs the pieces are straight instead of level, and it is a quarter.",
    )


def _drawn(f, x):
    """Return the wanted curve where it is defined; the square root has no value below 0."""
    return np.where((x >= 0) & (x <= 1), f(np.clip(x, 0, 1)), np.nan)


def _pieces(names):
    """Return the bumps or hats that a network adds up, at most 16 of them: (..., points, 2)."""
    parts = np.full((len(HIDDEN), len(names), len(NEURONS), 17 * 13, 2), np.nan)
    for (i, hidden), (f, name), (s, neurons) in product(*map(enumerate, (HIDDEN, names, NEURONS))):
        if hidden > (16 if neurons == "relu" else 32):
            continue  # too narrow to be told apart
        rows = _hats(name, hidden) if neurons == "relu" else _bumps(name, hidden, neurons)
        points = np.concatenate([np.vstack([row, [[np.nan] * 2]]) for row in rows])
        parts[i, f, s, : len(points)] = points
    return parts


def _bumps(name, hidden, neurons):
    """Yield the outline of each bump: corners for steps, rounded ones for sigmoids."""
    first, second = approximator(name, hidden, neurons).layers
    edges, heights = (-first.b / first.W[:, 0]).reshape(-1, 2), second.W[0, ::2]
    for (a, b), h in zip(edges, heights, strict=True):
        if neurons == "step":
            yield np.array([[a, 0], [a, h], [b, h], [b, 0]])
            continue
        z = np.array([-5, -2, -0.8, 0.8, 2, 5])
        x = np.concatenate([a + z / first.W[0, 0], b + z / first.W[0, 0]])
        rise = [activations.sigmoid(first.W[0, 0] * (x - end)) for end in (a, b)]
        yield np.column_stack([x, h * (rise[0] - rise[1])])


def _hats(name, hidden):
    """Yield the hat that three neighbouring ReLUs make around each knot."""
    for knot in np.linspace(0, 1, hidden + 1):
        x = np.array([knot - 1 / hidden, knot, knot + 1 / hidden])
        yield np.column_stack([x, [0, TARGETS[name](knot), 0]])


def _curve_readout(names, off):
    words = np.empty(off.shape[:-1], dtype=object)
    kinds = {"step": "step", "sigmoid": "sigmoid", "relu": "ReLU"}
    for i, f, s in np.ndindex(words.shape):
        typical, most = off[i, f, s]
        bumps = f"{HIDDEN[i] // 2} bumps" if HIDDEN[i] > 2 else "1 bump"
        made = f"{HIDDEN[i]} straight pieces" if s == 2 else bumps
        words[i, f, s] = (
            f"{names[f]}, {HIDDEN[i]} {kinds[NEURONS[s]]} neurons ({made}): off by "
            f"{typical:.2g} typically, {most:.2g} at most."
        )
        if names[f] == "jump":
            words[i, f, s] += (
                " At the jump it stays at 0.3 or more with edges set like this, however many."
            )
    return words.astype(str)


def found_or_built(x, wanted, built, found, ax):
    """Draw a curve, what hand-set weights make of it, and what training made of it (runs, n)."""
    ax.plot(x, found.T, color=COLORS["gd"], linewidth=0.9, alpha=0.6)
    ax.plot(x, wanted, "--", color=COLORS["truth"])
    ax.plot(x, built, color=COLORS["model"])
    ax.text(0.27, 0.93, "wanted and built by hand", color=COLORS["model"])
    ax.text(0.4, 0.06, "found by training, ten starts", color=COLORS["gd"])
    ax.set(xlabel="input x", ylabel="output", ylim=(0, 1.02))
    return ax
