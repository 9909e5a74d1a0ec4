"""The pictures of chapter 10: nudges, graphs, a walk through them, what slopes cost and hide."""

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np

from descent.experiments.chapter10 import EXAMPLES, NUDGES, is_constant, walk
from descent.figures.helpers import label, number
from descent.figures.networks import bare
from descent.figures.style import CHROME, COLORS, Flipbook
from descent.flipbook import Control

VALUE, GRADIENT = COLORS["model"], COLORS["gd"]

_SYMBOLS = {"*": "×", "-": "−", "exp": "exp", "sigmoid": "σ", "** 2": "( )²"}
_WORDS = {"y_hat": "ŷ"}
_RADIUS = 13  # of a node, in points
_UNIT = np.array([80.0, 68.0])  # points to one unit of the walk's axes
# Columns and rows of the three graphs that the reader walks through.
_PLACES = (
    {
        "w": (0, 3),
        "x": (0, 2),
        "b": (1, 1),
        "y": (2, 0),
        "u": (1, 2.5),
        "y_hat": (2, 1.75),
        "e": (3, 1),
        "c": (4, 1),
    },
    {
        "w": (0, 2.6),
        "x": (0, 0.9),
        "b": (0.75, 0.5),
        "y": (2.25, 0.5),
        "u": (0.75, 1.75),
        "z": (1.5, 1.75),
        "a": (2.25, 1.75),
        "e": (3, 1.75),
        "s": (3.75, 1.75),
        "C": (4.5, 1.75),
    },
    {"t": (0, 1), "x": (1, 2.6), "y": (1, 0.6), "q": (2, 1.75), "g": (3, 1.75), "f": (4, 0.8)},
)
# How far a node's number above and that below are moved to the right, clear of arrows, in points.
_SHIFTS = (
    {},
    {"w": (0, -12), "u": (8, 12), "z": (0, 12), "e": (0, 14), "b": (-12, 0)},
    {"x": (0, 4), "y": (-13, 0), "q": (8, 0), "f": (26, 0)},
)


def nudge(moves, ax):
    """Draw how a nudge travels: one bar a quantity, moves = {name: how far it moved}."""
    names, lengths = list(moves), np.array(list(moves.values()))
    rows = np.arange(len(names))[::-1]
    ax.barh(rows, lengths, height=0.5, color=VALUE)
    ax.axvline(0, color=CHROME["muted"], linewidth=0.8)
    for row, length in zip(rows, lengths, strict=True):
        at = max(length, 0), row
        label(ax, number(length, "+.5f"), at, (5, 0), VALUE, va="center")
    for k, (before, after) in enumerate(pairwise(lengths)):
        words, at = f"× {number(after / before, '.2f')}", (-0.0028, rows[k] - 0.5)
        label(ax, words, at, color=GRADIENT, ha="right", va="center")
    ax.set(yticks=rows, yticklabels=names, xlabel="how far it moves", xlim=(-0.0085, 0.026))
    ax.set_xticks([0, 0.01, 0.02])
    ax.grid(axis="y", visible=False)
    return ax


def slope(t, f, derived, at, measured, axes):
    """Draw f(t) with a tangent at every `at`, and below it the slope, derived and measured."""
    upper, lower = axes
    upper.plot(t, f, color=COLORS["truth"])
    reach = 0.16
    for place, steep in zip(at, np.interp(at, t, derived), strict=True):
        height = np.interp(place, t, f)
        ends = np.array([-reach, reach])
        upper.plot(place + ends, height + steep * ends, color=GRADIENT, linewidth=2.6)
    upper.set(ylabel="f(t)")
    lower.plot(t, derived, color=GRADIENT)
    lower.plot(at, measured, "o", color=VALUE)
    middle = 1.62, np.interp(1.62, t, derived)
    label(lower, "chain rule", middle, (10, -6), GRADIENT)
    label(lower, "measured", (at[-1], measured[-1]), (-7, 4), VALUE, ha="right")
    lower.axhline(0, color=CHROME["muted"], linewidth=0.8)
    lower.set(xlabel="t", ylabel="df/dt")
    return axes


def cost_of_slopes(inputs, counts, ax):
    """Draw how many operations each way takes; counts = {name: (n,) operations}."""
    looks = {
        "forward mode": (COLORS["validation"], 5),
        "measured": (COLORS["residual"], -5),
        "reverse mode": (GRADIENT, 0),
        "the cost alone": (VALUE, 0),
    }
    for name, operations in counts.items():
        color, up = looks[name]
        ax.loglog(inputs, operations, "o-", color=color, markersize=4)
        label(ax, name, (inputs[-1], operations[-1]), (7, up), color, va="center")
    ax.set(xlabel="parameters", ylabel="operations", xlim=(inputs[0] / 1.3, inputs[-1] * 12))
    ax.set_xticks([2, 11, 101, 1001], ["2", "11", "101", "1001"])
    ax.set_xticks([], minor=True)
    return ax


def stairs(offsets, computed, slope_here, ax):
    """Draw how a function rises over very small steps: as computed, and as it is."""
    ax.plot(offsets, slope_here * offsets, color=COLORS["truth"])
    ax.plot(offsets, computed, ".", color=VALUE)
    ax.set(xlabel="h, in units of $10^{-15}$", ylabel="rise of f, same unit")
    ax.set_title("Too close")
    return ax


def step_sizes(h, errors, ax):
    """Draw the error of measured slopes against the step; errors = {name: (n,) errors}."""
    looks = {
        "one-sided": (COLORS["residual"], (2e-5, 1e-2)),
        "two-sided": (VALUE, (2e-9, 1e-11)),
    }
    for name, error in errors.items():
        color, place = looks[name]
        ax.loglog(h, error, color=color)
        ax.text(*place, name, color=color, ha="center")
    ax.set(xlabel="step h", ylabel="error of the slope", ylim=(1e-13, 10), xlim=(1e-15, 1))
    ax.set_xticks(10.0 ** np.arange(-15, 1, 5))
    ax.set_yticks(10.0 ** np.arange(-12, 1, 4))
    ax.text(2e-13, 1e-7, "round-off", color=COLORS["limit"], ha="center", fontsize=9)
    ax.text(5e-3, 1e-9, "truncation", color=COLORS["limit"], ha="center", fontsize=9)
    ax.set_title("Error and step")
    return ax


# Any graph ----------------------------------------------------------------------------------------


def graph(result, ax, *, gradients=True, local=False, path=()):
    """Draw the graph behind a value: its values above, gradients below; a path of edges bold.

    Parameters
    ----------
    result : Value
    gradients : whether to write each node's .grad below it
    local : whether to write each edge's local gradient on it
    path : values, from an input to the result, whose edges are drawn bold
    """
    values = [v for v in result.order() if not is_constant(v)]
    places = _layout(result)
    bold = {(id(a), id(b)) for a, b in pairwise(path)}
    _frame(ax, list(places.values()))
    for child in values:
        for parent, slope_here in child.edges:
            if is_constant(parent):
                continue
            ends = places[id(parent)], places[id(child)]
            _connect(*ends, (id(parent), id(child)) in bold, ax)
            if local:
                _note(*ends, f"× {_four(slope_here)}", ax)
    for value in values:
        _circle(value, places[id(value)], ax)
        name = f"{_name(value)} = " if value.edges and value.name else ""
        _beside(places[id(value)], name + _four(value.data), 1, ax)
        if gradients:
            _beside(places[id(value)], _four(value.grad), -1, ax)
    return ax


def _connect(start, end, strong, ax):
    """Draw the arrow from one node to another."""
    look = {"color": GRADIENT, "linewidth": 2.4} if strong else {"color": CHROME["muted"]}
    room = {"shrinkA": _RADIUS + 1, "shrinkB": _RADIUS + 1}
    ax.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "linewidth": 1} | look | room)


def _note(start, end, words, ax):
    """Write beside the middle of an arrow."""
    unit = np.diff(ax.transData.transform([(0, 0), (1, 1)]), axis=0)[0] * 72 / ax.figure.dpi
    start, end = np.array(start), np.array(end)
    at = 0.5 * (start + end) + _aside(start, end, unit)
    ax.text(*at, words, ha="center", va="center", fontsize=9, color=GRADIENT)


def _layout(result):
    """Return {id of value: (column, row)} for every value but the constants.

    A value stands right of all it was made from; within a column, near what it is tied to.
    """
    values = [v for v in result.order() if not is_constant(v)]
    known = {id(v): v for v in values}
    column = {}
    for v in values:
        parents = [column[id(p)] for p, _ in v.edges if id(p) in known]
        column[id(v)] = 1 + max(parents) if parents else 0
    for v in values:  # an input stands just left of its first use
        if not v.edges:
            uses = [column[id(c)] for c in values if any(p is v for p, _ in c.edges)]
            column[id(v)] = min(uses, default=1) - 1
    ties, columns = _threads(values, known, column)
    for sweep in range(12):
        order = columns if sweep % 2 == 0 else columns[::-1]
        for here in order:
            rank = {key: k for col in columns for k, key in enumerate(col)}
            mean = {key: np.mean([rank[o] for o in ties[key]] or [rank[key]]) for key in here}
            here.sort(key=mean.get)
    row = {key: -float(k) for col in columns for k, key in enumerate(col)}
    for _ in range(40):
        for here in columns:
            wish = [np.mean([row[o] for o in ties[key]] or [row[key]]) for key in here]
            row |= dict(zip(here, _apart(wish), strict=True))
    return {key: (float(column[key]), row[key]) for key in known}


def _threads(values, known, column):
    """Return who is tied to whom, and the columns; a long edge passes each column as a thread."""
    ties = {id(v): [] for v in values}
    columns = [[] for _ in range(max(column.values()) + 1)]
    for v in values:
        columns[column[id(v)]].append(id(v))
    for v in values:
        for parent, _ in v.edges:
            if id(parent) not in known:
                continue
            last = id(parent)
            for k in range(column[last] + 1, column[id(v)]):
                thread = (id(parent), id(v), k)
                ties[thread] = [last]
                ties[last].append(thread)
                columns[k].append(thread)
                last = thread
            ties[last].append(id(v))
            ties[id(v)].append(last)
    return ties, columns


def _apart(wish):
    """Return rows as near to the wishes as one row of space between neighbours allows, downward."""
    shifted = np.array(wish) + np.arange(len(wish))  # must not rise
    blocks = []
    for value in shifted:
        blocks.append([value, 1])
        while len(blocks) > 1 and blocks[-2][0] < blocks[-1][0]:
            (a, m), (b, n) = blocks[-2:]
            blocks[-2:] = [[(a * m + b * n) / (m + n), m + n]]
    flat = np.concatenate([np.full(n, value) for value, n in blocks])
    return (flat - np.arange(len(wish))).tolist()


def _four(value):
    """Write a number with four digits."""
    return number(value, ".4g")


def _short(value):
    """Write a number for a label, where room is scarce: four digits, three decimals."""
    return _four(value) if abs(value) >= 1 else number(value, 3)


def _name(value):
    return _WORDS.get(value.name, value.name)


def _sign(value):
    """Return what stands in a node: an input's name, or an operation with its constants."""
    if not value.edges:
        return _name(value)
    sign = _SYMBOLS.get(value.operation, value.operation)
    if value.operation.startswith("** ") and value.operation != "** 2":
        return f"( )^{value.operation[3:]}"
    constants = [_four(p.data) if is_constant(p) else "" for p, _ in value.edges]
    if len(constants) == 2 and any(constants):
        return f"{constants[0]}{sign}{constants[1]}"
    return sign


def _circle(value, place, ax):
    (disc,) = ax.plot(*place, "o", color=CHROME["paper"], markersize=2 * _RADIUS, zorder=3)
    disc.set_markeredgecolor(VALUE if value.edges else CHROME["muted"])
    disc.set_markeredgewidth(1.4)
    sign = _sign(value)
    size = 10 if len(sign) < 3 else 8.5
    label(ax, sign, place, ha="center", va="center", zorder=4, fontsize=size)


def _beside(place, text, side, ax):
    """Write a node's value above it (side 1) or its gradient below it (-1)."""
    color, shift = VALUE if side > 0 else GRADIENT, (0, side * (_RADIUS + 8))
    label(ax, text, place, shift, color, ha="center", va="center", fontsize=9)


def _frame(ax, places):
    """Leave room for half a node at the sides, and for its numbers above and below."""
    columns, rows = np.array(places).T
    height = 72 * ax.figure.get_size_inches()[1]
    margin = 40 / (height - 80) * max(np.ptp(rows), 0.1)
    ax.set(
        xlim=(columns.min() - 0.45, columns.max() + 0.45),
        ylim=(rows.min() - margin, rows.max() + margin),
    )
    ax.set_axis_off()


# A walk there and back ----------------------------------------------------------------------------


def follow():
    """Return the figure that walks forward and back through a graph, edge by edge."""
    names = list(EXAMPLES)
    walks = [[walk(name, d) for d in NUDGES] for name in names]
    steps = np.arange(max(len(runs[0]) for runs in walks))
    said = [[_sentences(run) for run in runs] for runs in walks]
    start = (0, 11, 3)
    fig, ax, lines, scatters = _walk_axes()
    book = Flipbook(
        fig,
        controls=[
            Control("graph", np.array(names), label="graph", start=start[0]),
            Control("step", steps, label="step", start=start[1], format="{:d}"),
            Control("nudge", NUDGES, label="nudge of w (or t)", start=start[2], format="{:+g}"),
        ],
        title="There and back through a graph",
        alt=(
            "The graph of c = (wx + b − y)² with all its values: w = 5, x = 1, u = 5, b = 1, "
            "ŷ = 6, y = 2, e = 4, c = 16. On the way back the gradients are 1 at c, 8 at e, ŷ, u "
            "and b, −8 at y; the edge from u to w is being walked and brings 8."
        ),
        readout=np.array([[[_at(run, k) for run in runs] for k in steps] for runs in said]),
        code='experiments.walk("{graph}", {nudge:g})[: {step} + 1][-1]',
    )
    _move_edges(book, lines, walks, steps)
    _move_nodes(book, ax, scatters, walks, steps)
    book.predict(
        "At w = 5 the squared miss is c = 16 and its gradient in w is 8. "
        "What will c be after a nudge of w by +0.1?",
        choices=["about 16.08", "about 16.8", "about 24"],
        answer=1,
        explain="A nudge of 0.1 times the gradient 8 is 0.8. Exactly it is 16.81; the 0.01 more is "
        "the curve.",
    )
    return book


def _walk_axes():
    """Return the figure, its axes, the lines and the note of the edges, the discs of the nodes."""
    fig, ax = plt.subplots(figsize=(6.0, 4.4))
    ax.set(xlim=(-0.4, 4.9), ylim=(-0.75, 3.75))
    bare(ax)
    ax.text(4.88, 3.6, "above a node: its value", color=VALUE, ha="right")
    ax.text(4.88, 3.3, "below: its gradient", color=GRADIENT, ha="right")
    (wires,) = ax.plot([0], [0], color=CHROME["muted"], linewidth=1)
    (taken,) = ax.plot([0], [0], color=GRADIENT, linewidth=1.4)
    (ahead,) = ax.plot([0], [0], color=VALUE, linewidth=3)
    (back,) = ax.plot([0], [0], color=GRADIENT, linewidth=3)
    look = {"s": 4 * _RADIUS**2, "facecolor": CHROME["paper"], "zorder": 3}
    discs = ax.scatter([0], [0], edgecolor=CHROME["muted"], **look)
    seen = ax.scatter([0], [0], edgecolor=VALUE, **look)
    seen.set_linewidth(1.8)
    note = ax.text(0, 0, "", color=GRADIENT, ha="center", va="center")
    return fig, ax, (wires, taken, ahead, back, note), (discs, seen)


def _sentences(run):
    """Say of every step of a walk what it does."""
    *_, result = run[-1].values
    top = f"∂{_WORDS.get(result, result)}"
    said = [f"The inputs: {_listed('', run[0].values, lambda v: v.data)}."]
    for before, step in pairwise(run):
        if step.back:
            said.append(_back_sentence(before, step))
        elif step.gradients:
            said.append(f"Turn round: {top}/{top} = 1.")
        else:
            v = step.values[step.forward[0][1]]
            said.append(f"Forward: {_name(v)} = {_formula(v)} = {_four(v.data)}.")
    inputs = {k: v for k, v in run[0].values.items() if k in run[-1].gradients}
    said[-1] += f" Done: {_listed(f'{top}/∂', inputs, lambda v: run[-1].gradients[v.name])}."
    return said


def _listed(before, values, of):
    return ", ".join(f"{before}{_name(v)} = {_four(of(v))}" for v in values.values())


def _back_sentence(before, step):
    """Say what the step back along an edge brings, and to what it adds."""
    parent, child = (step.values[name] for name in step.back)
    grad, local, part, total = (_four(v) for v in (child.grad, step.local, step.part, parent.grad))
    words = f"Back along {_name(child)} → {_name(parent)}: gradient {grad} times local gradient "
    words += f"{local} is {part}."
    if parent.name in before.gradients:
        known = _four(before.gradients[parent.name])
        words += f" It adds up: {known} + {part if step.part >= 0 else f'({part})'} = {total}."
    return words


def _formula(value):
    """Write how a value is made from its parents' names."""
    a, *rest = (_four(p.data) if is_constant(p) else _name(p) for p, _ in value.edges)
    if value.operation.startswith("** "):
        return f"{a}²" if value.operation == "** 2" else f"{a}^{value.operation[3:]}"
    if rest:
        return f"{a} {_SYMBOLS.get(value.operation, value.operation)} {rest[0]}"
    return f"{_SYMBOLS.get(value.operation, value.operation)}({a})"


def _at(run, k):
    """Return step k of a walk; when it is over, the last step stays."""
    return run[min(k, len(run) - 1)]


def _edges(run):
    """Return the graph's edges (parent, child) as names."""
    nodes = run[-1].values.values()
    return [(p.name, v.name) for v in nodes for p, _ in v.edges if not is_constant(p)]


def _arrow(start, end):
    """Return the points of an arrow between two circles, in the units of the axes, with a break."""
    start, end = np.array(start, float), np.array(end, float)
    along = (end - start) * _UNIT
    along /= np.linalg.norm(along)
    across = np.array([-along[1], along[0]])
    a, b = start + (_RADIUS + 2) * along / _UNIT, end - (_RADIUS + 3) * along / _UNIT
    wings = [b + (-7 * along + s * 3.5 * across) / _UNIT for s in (1, -1)]
    return np.array([a, b, wings[0], b, wings[1], [np.nan, np.nan]])


def _polyline(edges, places, n):
    """Return n arrows from one name to another in a row, (6 n, 2); NaN where one is missing."""
    points = np.full((6 * n, 2), np.nan)
    for k, (start, end) in enumerate(edges):
        points[6 * k : 6 * k + 6] = _arrow(places[start], places[end])
    return points


def _arrows(run, k, places, n):
    """Return the arrows at step k: walked back, into its value, walked in it, not yet walked."""
    step = _at(run, k)
    walked = [before.back for before in run[: k + 1] if before.back]
    here = [step.back[::-1]] if step.back and k < len(run) else []
    done = [edge[::-1] for edge in walked[: len(walked) - len(here)]]
    left = [edge for edge in _edges(run) if edge not in walked]
    kinds = ((done, n), (step.forward, 2), (here, 1), (left, n))
    return [_polyline(edges, places, most) for edges, most in kinds]


def _move_edges(book, artists, walks, steps):
    """Let the arrows move, and the note at the one that is walked back."""
    wires, taken, ahead, back, note = artists
    n = max(len(_edges(runs[0])) for runs in walks)
    rows = [
        [_arrows(runs[0], k, places, n) for k in steps]
        for runs, places in zip(walks, _PLACES, strict=True)
    ]
    for kind, artist in enumerate((taken, ahead, back, wires)):
        points = np.array([[row[kind] for row in graph] for graph in rows])
        book.line(artist, *np.moveaxis(points[:, :, None], -1, 0))  # (graphs, steps, 1, points)
    words = np.full((len(walks), len(steps), len(NUDGES)), "", dtype="U24")
    where = np.zeros((2, len(walks), len(steps), 1))
    for g, (runs, places) in enumerate(zip(walks, _PLACES, strict=True)):
        for k, step in enumerate(runs[0]):
            if step.back:
                words[g, k] = [f"× {_short(run[k].local)}" for run in runs]
                where[:, g, k, 0] = _note_place(*(np.array(places[name]) for name in step.back))
    book.text(note, words, *where)


def _note_place(start, end):
    at = 0.5 * (start + end) + _aside(start, end)
    if start[1] == end[1]:  # above what stands at the nodes
        at[1] += 29 / _UNIT[1]
    return at


def _aside(start, end, unit=_UNIT):
    """Return by how much a note stands off the middle of an edge: above it."""
    along = (end - start) * unit
    across = np.array([-along[1], along[0]]) / np.linalg.norm(along)
    across = across if across[1] >= 0 else -across
    room = 9 + 22 * abs(across[0])
    return room * across / unit


def _move_nodes(book, ax, scatters, walks, steps):
    """Let the discs move, and what stands at them."""
    discs, seen = scatters
    n = max(map(len, _PLACES))
    xy = np.full((len(walks), 1, 1, n, 2), np.nan)
    known = np.full((len(walks), len(steps), 1, n), np.nan)  # 1 where a value has been seen
    for g, (runs, places) in enumerate(zip(walks, _PLACES, strict=True)):
        for j, (name, place) in enumerate(places.items()):
            xy[g, 0, 0, j] = place
            known[g, [name in _at(runs[0], k).values for k in steps], 0, j] = 1
    book.points(discs, xy[..., 0], xy[..., 1])
    book.points(seen, xy[..., 0] * known, xy[..., 1] * known)
    for j in range(n):
        _move_texts(book, ax, walks, steps, j)


def _move_texts(book, ax, walks, steps, j):
    """Let what stands in, above and below the j-th node of each graph move."""
    shape = len(walks), len(steps), len(NUDGES)
    inside = np.full((len(walks), 1, 1), "", dtype="U8")
    above, below = np.full((2, *shape), "", dtype="U20")
    place, aside = np.full((2, len(walks), 1, 1), 2.0), np.zeros((2, len(walks), 1, 1))
    for g, (runs, places) in enumerate(zip(walks, _PLACES, strict=True)):
        if j < len(places):
            name = list(places)[j]
            place[:, g, 0, 0], aside[:, g, 0, 0] = places[name], _SHIFTS[g].get(name, (0, 0))
            inside[g] = _sign(runs[0][-1].values[name])
            for k, d in np.ndindex(shape[1:]):
                above[g, k, d], below[g, k, d] = _at_node(runs[d], k, name)
    x, y = place
    left, right = aside / _UNIT[0]
    up = (_RADIUS + 8) / _UNIT[1]
    look = {"ha": "center", "va": "center", "zorder": 4, "fontsize": 10.5}
    book.text(ax.text(0, 0, "", **look), inside, x, y)
    book.text(ax.text(0, 0, "", color=VALUE, **look), above, x + left, y + up)
    book.text(ax.text(0, 0, "", color=GRADIENT, **look), below, x + right, y - up)


def _at_node(run, k, name):
    """Return what stands above and below a node at step k of a walk."""
    step, node = _at(run, k), run[-1].values[name]
    above = _name(node)
    if name in step.values:
        above = f"{above} = {_short(node.data)}" if node.edges else _short(node.data)
    return above, _short(step.gradients[name]) if name in step.gradients else ""
