"""A network drawn from its own weights: colour says the sign, width the size."""

import numpy as np
from matplotlib.colors import to_rgb

from descent.figures.helpers import number
from descent.figures.style import CHROME, COLORS

POSITIVE, NEGATIVE = COLORS["model"], COLORS["limit"]
THIN, THICK = 0.4, 4.0  # widths of the smallest and the largest weight, in points
RADIUS = 0.3  # of a neuron, where neighbours in a layer are 1 apart


def draw_network(
    layers,
    ax,
    *,
    inputs=None,
    outputs=None,
    titles=True,
    values=None,
    numbers=False,
    scale=None,
    most=10,
):
    """Draw the layers of a network, its weights as edges and its biases as rings.

    Solid and blue is positive, dashed and gold negative; the larger, the wider. A weight or bias
    of 0 has no edge and a thin grey ring. A layer with many neurons shows its first and last ones.

    Parameters
    ----------
    layers : Network, or sequence of (W, b), W of shape (out, in), one network and no family
    ax : Axes; its ticks, grid and frame are taken away
    inputs, outputs : names of the inputs and outputs, or None
    titles : whether to write the layers' names and sizes above them
    values : activations of one sample, layer by layer, input first; they fill the neurons and are
        written in them; None leaves the neurons empty
    numbers : whether to write each weight on its edge and each bias below its neuron
    scale : the size that is drawn widest; None takes the largest weight or bias of the network
    most : the most neurons drawn of a layer, 3 or more

    Returns
    -------
    ax
    """
    layers = getattr(layers, "layers", layers)
    layers = [(np.asarray(W, float), np.asarray(b, float)) for W, b in layers]
    sizes = [layers[0][0].shape[1]] + [len(b) for _, b in layers]
    if scale is None:
        scale = max(max(np.abs(W).max(), np.abs(b).max()) for W, b in layers)
    shown = [_visible(size, most) for size in sizes]
    places = _positions(sizes, most)
    for at, (W, b) in enumerate(layers):
        part = np.ix_(shown[at + 1], shown[at])
        _edges(W[part], places[at], places[at + 1], scale, numbers, ax)
        _neurons(places[at + 1], b[shown[at + 1]], scale, numbers, ax)
    _neurons(places[0], None, scale, numbers, ax)
    top = max(place[0, 1] for place in places)
    for at, place in enumerate(places):
        if values is not None:
            _fill(place, np.asarray(values[at], float).ravel()[shown[at]], ax)
        if len(place) < sizes[at]:
            x, y = place[len(place) // 2 - 1 : len(place) // 2 + 1].mean(axis=0)
            ax.text(x, y, "⋮", ha="center", va="center", fontsize=14, color=CHROME["muted"])
        if titles:
            words = _title(at, sizes, most)
            ax.text(place[0, 0], top + 0.5, words, ha="center", va="bottom", fontsize=9)
    _names(inputs, places[0], shown[0], -RADIUS - 0.12, "right", ax)
    _names(outputs, places[-1], shown[-1], RADIUS + 0.12, "left", ax)
    bare(ax)
    ax.set_aspect("equal")
    left = -0.5 if inputs is None else -1.4
    right = places[-1][0, 0] + (0.5 if outputs is None else 1.4)
    below, above = 0.8 if numbers else 0.5, 1.25 if titles else 0.5
    ax.set(xlim=(left, right), ylim=(-top - below, top + above))
    return ax


def bare(ax):
    """Take ticks, grid and frame away but not the axes, in which things may still move."""
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)


def _visible(size, most=10):
    """Return which neurons of a layer are drawn: all, or the first and the last."""
    if size <= most:
        return np.arange(size)
    first = most // 2
    return np.r_[np.arange(first), np.arange(size - (most - first), size)]


def _positions(sizes, most=10):
    """Return where the drawn neurons lie, one (drawn, 2) array a layer, the first at the top.

    A gap of one neuron stands for those that are not drawn.
    """
    rows = []
    for size in sizes:
        drawn = len(_visible(size, most))
        y = np.arange(drawn, dtype=float)
        if drawn < size:
            y[drawn // 2 :] += 1
        rows.append(y.max() / 2 - y)
    apart = max(2.6, *(0.45 * len(y) for y in rows))
    return [np.column_stack([np.full(len(y), apart * at), y]) for at, y in enumerate(rows)]


def _width(weight, scale):
    """Return how wide a weight is drawn, in points."""
    return THIN + (THICK - THIN) * min(abs(weight) / scale, 1.0) if scale else THIN


def _style(weight, scale):
    """Return the look of an edge or ring: sign by colour and dashes, size by width."""
    wide = _width(weight, scale)
    if weight >= 0:
        return {"color": POSITIVE, "linewidth": wide}
    return {
        "color": NEGATIVE,
        "linewidth": wide,
        "dashes": (max(6 / wide, 1.5), max(3 / wide, 0.8)),
    }


def _edges(W, left, right, scale, numbers, ax):
    """Draw one edge a weight, from neuron k on the left to neuron j on the right."""
    near_right = len(left) <= len(right)  # numbers stand at the end where fewer edges meet
    for j, (x1, y1) in enumerate(right):
        for k, (x0, y0) in enumerate(left):
            if abs(W[j, k]) <= 1e-9 * scale:
                continue
            ax.plot([x0, x1], [y0, y1], zorder=1, solid_capstyle="butt", **_style(W[j, k], scale))
            if numbers:
                share = 0.62 + 0.1 * (k % 2) if near_right else 0.38 - 0.1 * (j % 2)
                _weight(x0 + share * (x1 - x0), y0 + share * (y1 - y0), W[j, k], "center", ax)


def _neurons(place, b, scale, numbers, ax):
    """Draw the circles; the ring of a neuron with a bias says its sign and size."""
    for at, (x, y) in enumerate(place):
        xs, ys = _circle(x, y)
        ax.fill(xs, ys, zorder=2, facecolor=CHROME["paper"], edgecolor="none")
        if b is None or abs(b[at]) <= 1e-9 * scale:
            ax.plot(xs, ys, zorder=3, color=CHROME["muted"], linewidth=0.9)
        else:
            ax.plot(xs, ys, zorder=3, **_style(b[at], scale))
        if numbers and b is not None:
            _weight(x, y - RADIUS - 0.07, b[at], "top", ax)


def _weight(x, y, value, va, ax):
    box = {"facecolor": CHROME["paper"], "edgecolor": "none", "pad": 0.5}
    ax.text(x, y, number(value, 2), ha="center", va=va, fontsize=8, zorder=4, bbox=box)


def _fill(place, a, ax):
    """Tint the neurons by their activation and write it."""
    paper = np.array(to_rgb(CHROME["paper"]))
    for (x, y), value in zip(place, a, strict=True):
        tone = np.array(to_rgb(POSITIVE if value >= 0 else NEGATIVE))
        colour = paper + 0.5 * min(abs(value), 1.0) * (tone - paper)
        ax.fill(*_circle(x, y), zorder=2.5, facecolor=colour, edgecolor="none")
        ax.text(x, y, number(value, ".2f"), ha="center", va="center", fontsize=7.5, zorder=5)


def _circle(x, y):
    angle = np.linspace(0, 2 * np.pi, 61)
    return x + RADIUS * np.cos(angle), y + RADIUS * np.sin(angle)


def _title(at, sizes, most):
    kind = "input" if at == 0 else "output" if at == len(sizes) - 1 else "hidden"
    return f"{kind}\nlayer {at + 1}" if sizes[at] <= most else f"{kind}\n{sizes[at]} neurons"


def _names(names, place, shown, offset, side, ax):
    for k, (x, y) in zip(shown, place, strict=True) if names is not None else ():
        ax.text(x + offset, y, names[k], ha=side, va="center", fontsize=9)
