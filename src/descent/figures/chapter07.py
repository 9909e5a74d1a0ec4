"""The pictures of chapter 7: evenings, gates, every update of Rosenblatt's rule, and its bound."""

from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator

from descent import data, linear, perceptron
from descent.figures.style import CHROME, COLORS
from descent.flipbook import Control, Flipbook

GATES = ("AND", "OR", "NAND", "XOR")
RATES = np.array([0.01, 0.1, 0.5, 1.0, 2.0, 10.0])
UPDATES = 18  # the longest of the runs that end; XOR is shown as far
# Separators of the widest margin, with the ones counted in; XOR has none.
WIDEST = {"AND": (-3.0, 2.0, 2.0), "OR": (-1.0, 2.0, 2.0), "NAND": (3.0, -2.0, -2.0)}

_NAMES = ("00", "01", "10", "11")
_MIDDLE = np.array([0.35, 0.75])  # not the centre, whose nearest boundary points meet the corners
_MINUS = "\N{MINUS SIGN}"


def evenings(wishes, scores, threshold, ax):
    """Draw the score of every evening as a bar, those above the threshold filled.

    `wishes` are rows of 0 and 1: weather, company, traffic.
    """
    order = np.argsort(scores, kind="stable")
    rows = np.arange(len(order))
    goes = scores[order] > threshold
    ax.barh(
        rows,
        scores[order],
        height=0.62,
        color=[COLORS["model"] if go else CHROME["paper"] for go in goes],
        edgecolor=COLORS["model"],
    )
    words = np.array(["weather", "company", "traffic"])
    names = [" + ".join(words[wishes[k] == 1]) or "nothing" for k in order]
    ax.axvline(threshold, color=COLORS["limit"])
    ax.annotate(
        f"threshold {threshold:g}",
        (threshold, 0),
        xytext=(5, 0),
        textcoords="offset points",
        va="center",
        color=COLORS["limit"],
    )
    ax.set(yticks=rows, yticklabels=names, xlabel="weighted sum of what speaks for going")
    ax.grid(axis="y", visible=False)
    return ax


def gates(weights, axes):
    """Draw the table of each gate with the boundary of its hand-set weights {name: w}."""
    for ax, (name, w) in zip(axes, weights.items(), strict=True):
        _corners(data.logic_gate(name).labels, ax)
        _boundary(w, ax)
        ax.set(title=name)
    axes[0].set(ylabel="input b")
    return axes


def two_layers(axes):
    """Draw XOR twice: with the boundaries of OR and NAND, and as these two units see it."""
    table = data.logic_gate("XOR")
    left, right = axes
    _corners(table.labels, left)
    a = np.array([-0.45, 1.45])
    left.fill_between(a, 0.5 - a, 1.5 - a, color=COLORS["model"], alpha=0.12, linewidth=0)
    for w, name, at in ((perceptron.OR, "OR", (0.5, 0.0)), (perceptron.NAND, "NAND", (0.5, 1.0))):
        _boundary(w, left, side=False)
        left.annotate(
            name,
            at,
            xytext=(-5, -9) if name == "OR" else (5, 9),
            textcoords="offset points",
            ha="right" if name == "OR" else "left",
            va="center",
            color=COLORS["model"],
        )
    left.set(title="What the inputs say", ylabel="input b")
    hidden = np.stack(
        [perceptron.gate(w, *table.features.T) for w in (perceptron.OR, perceptron.NAND)], axis=-1
    )
    _points(hidden[[0, 1, 3]], table.labels[[0, 1, 3]], right)
    for place, name, offset in (
        ((0, 1), "00", (0, 10)),
        ((1, 1), "01 and 10", (0, 10)),
        ((1, 0), "11", (0, -16)),
    ):
        right.annotate(
            name,
            place,
            xytext=offset,
            textcoords="offset points",
            ha="center",
            color=COLORS["data"],
        )
    _boundary(perceptron.AND, right, side=False)
    right.annotate(
        "AND",
        (0.75, 0.75),
        xytext=(-5, -5),
        textcoords="offset points",
        ha="right",
        va="top",
        color=COLORS["model"],
    )
    _square(right)
    right.set(title="What the two units say", xlabel="OR(a, b)", ylabel="NAND(a, b)")
    return axes


def bounds(margins, mistakes, most, ax):
    """Draw the mistakes on many clouds, and the bound of each, against the margin they keep."""
    ax.loglog(margins, most, "_", color=COLORS["limit"], markersize=9)
    ax.loglog(margins, mistakes, "o", color=COLORS["model"], markersize=4, alpha=0.5)
    ax.annotate(
        "bound (R/γ)²",
        (margins.min(), most[margins == margins.min()].mean()),
        xytext=(14, 4),
        textcoords="offset points",
        color=COLORS["limit"],
    )
    ax.annotate(
        "mistakes made",
        (margins.min(), mistakes[margins == margins.min()].max()),
        xytext=(14, -2),
        textcoords="offset points",
        color=COLORS["model"],
    )
    ticks = np.unique(margins)
    ax.set(xlabel="distance from the boundary that every point keeps", ylabel="updates until done")
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.set_xticks([], minor=True)
    ax.set_yticks([1, 10, 100, 1000, 10000], ["1", "10", "100", "1000", "10,000"])
    return ax


def updates_by_epoch(runs, ax):
    """Draw how many updates each epoch took; `runs` maps a name to its Fit."""
    for (name, run), color in zip(runs.items(), (COLORS["model"], COLORS["residual"]), strict=True):
        counts = np.bincount(run.epoch, minlength=run.epochs + 1)[1:]
        shown = counts[:100]
        ax.plot(np.arange(1, len(shown) + 1), shown, ".-", color=color, linewidth=1)
        ax.annotate(
            name,
            (len(shown), shown[-1]) if len(shown) < 50 else (20, shown[:40].max()),
            xytext=(4, 6),
            textcoords="offset points",
            color=color,
        )
    ax.set(xlabel="epoch", ylabel="updates in this epoch", xlim=(0, 101), ylim=(-0.3, None))
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    return ax


# Every update -------------------------------------------------------------------------------------


class Run(NamedTuple):
    """Rosenblatt's rule on one gate at rate 1; it is at any rate the same, scaled."""

    X: np.ndarray  # (4, 3)
    y: np.ndarray  # (4,)
    sample: np.ndarray  # (k,) the row each update corrected
    epoch: np.ndarray  # (k,)
    path: np.ndarray  # (k + 1, 3)
    converged: bool
    bound: float  # (R / gamma)^2; NaN where no line separates


def run(gate):
    """Return the Run of one gate, XOR's cut off after `UPDATES` updates."""
    table = data.logic_gate(gate)
    X, y = linear.design_matrix(table.features), table.labels
    fit = perceptron.fit(X, y, max_epochs=20)
    bound = perceptron.mistake_bound(X, y, WIDEST[gate]).mistakes if gate in WIDEST else np.nan
    k = slice(UPDATES)
    path = fit.path[: UPDATES + 1]
    return Run(X, y, fit.sample[k], fit.epoch[k], path, fit.converged, bound)


def every_update():
    """Return the figure that steps through the updates: gate, update and rate as sliders."""
    runs = [run(gate) for gate in GATES]
    steps = np.arange(UPDATES + 1)
    shape = (len(GATES), len(steps), 1)
    start = (0, 12, 3)

    now = np.stack([_held(r.path) for r in runs])  # (gates, steps, 3)
    before = np.concatenate([now[:, :1], now[:, :-1]], axis=1)
    over = steps > np.array([len(r.sample) for r in runs])[:, None]  # nothing left to correct
    before = np.where(over[..., None] | (steps == 0)[:, None], np.nan, before)
    wrong = np.full((len(GATES), len(steps), 2), np.nan)
    for g, r in enumerate(runs):
        wrong[g, 1 : len(r.sample) + 1] = r.X[r.sample, 1:]

    fig, (plane, race) = plt.subplots(1, 2, figsize=(6.6, 3.7), width_ratios=[1, 1.1])
    off, on = _scatters(plane)
    (ring,) = plane.plot([0], [0], "o", color="none", markersize=17, markeredgewidth=2)
    ring.set_markeredgecolor(COLORS["residual"])
    (old,) = plane.plot([0, 1], [0, 1], "--", color=COLORS["truth"], linewidth=1.4)
    (new,) = plane.plot([0, 1], [0, 1], color=COLORS["model"])
    (arrow,) = plane.plot([0, 1], [0, 1], color=COLORS["model"], linewidth=1.2)
    plus = plane.text(0, 0, "+1", color=COLORS["model"], ha="center", va="center")
    note = plane.text(0.5, 1.32, "", color=COLORS["model"], ha="center", va="center")
    for name, (a, b) in zip(_NAMES, runs[0].X[:, 1:], strict=True):
        plane.annotate(
            name,
            (a, b),
            xytext=(-11 if a == 0 else 11, -12 if b == 0 else 12),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=9,
        )
    _square(plane)
    plane.set(title="The boundary", xlabel="input a", ylabel="input b")

    t = np.linspace(0, 56, 113)
    lowest, highest = _proof_lines(runs, t)
    (floor,) = race.plot(t, lowest[0], color=COLORS["limit"], linewidth=1.4)
    (roof,) = race.plot(t, highest[0], color=COLORS["limit"], linewidth=1.4)
    (end,) = race.plot([51], [0], "v", color=COLORS["limit"])
    (lengths,) = race.plot([0], [0], "o", color=COLORS["model"], markersize=4)
    (along,) = race.plot([0], [0], "o", color=COLORS["model"], markersize=4, markerfacecolor="none")
    roof_name = race.text(23, 9.3, "", color=COLORS["limit"], ha="right")
    floor_name = race.text(36, 7.2, "", color=COLORS["limit"])
    race.text(2, 13.6, "● length ‖w‖   ○ progress along u", color=COLORS["model"], fontsize=9)
    race.set(
        title="The race of the proof",
        xlabel="mistakes so far",
        ylabel="in units of η",
        xlim=(-1, 56),
        ylim=(-1, 14.8),
    )

    book = Flipbook(
        fig,
        controls=[
            Control("gate", np.array(GATES), label="gate", start=start[0]),
            Control("update", steps, label="update", start=start[1], format="{:d}"),
            Control("eta", RATES, label="learning rate η", start=start[2], format="{:g}"),
        ],
        title="Every update of Rosenblatt's rule",
        alt=(
            "Left: the four cases of AND, the old boundary dashed and the new one solid, and a "
            "ring around case 11, which was wrong at the twelfth update. Right: a straight line "
            "and a curve meet at 51 mistakes; the points of this run stay between them."
        ),
        readout=_readouts(runs),
        code='perceptron.fit(linear.design_matrix(data.logic_gate("{gate}").features), '
        'data.logic_gate("{gate}").labels, eta={eta:g}).path[:{update}+1]',
    )
    labels = np.stack([r.y for r in runs])[:, None, None, :]
    corners = runs[0].X[:, 1:].T
    for artist, sign in ((off, -1), (on, 1)):
        there = np.where(labels == sign, 1, np.nan)
        book.points(artist, corners[0] * there, corners[1] * there)
    book.line(ring, wrong[:, :, None, :1], wrong[:, :, None, 1:])
    for artist, w in ((old, before), (new, now)):
        ends = _ends(w)
        book.line(artist, ends[:, :, None, :, 0], ends[:, :, None, :, 1])
    shaft = _arrow(now)
    book.line(arrow, shaft[:, :, None, :, 0], shaft[:, :, None, :, 1])
    tip = _tip(now)[:, :, None]
    shown = np.isfinite(tip[..., 0])
    tip = np.where(shown[..., None], tip, 0.5)
    book.text(plus, np.where(shown, "+1", ""), tip[..., 0], tip[..., 1])
    flat = np.all(now[..., 1:] == 0, axis=-1)
    words = np.where(now[..., 0] > 0, "no boundary: always +1", f"no boundary: always {_MINUS}1")
    book.text(note, np.where(flat, words, "")[..., None])
    book.line(lengths, *_until_now(steps, np.linalg.norm(now, axis=-1), runs))
    book.line(along, *_until_now(steps, _progress(now), runs))
    book.line(floor, t, lowest.reshape(len(GATES), 1, 1, -1))
    book.line(roof, t, highest.reshape(len(GATES), 1, 1, -1))
    limits = np.array([r.bound for r in runs]).reshape(-1, 1, 1, 1)
    book.line(end, limits, np.where(np.isnan(limits), np.nan, -0.6))
    provable = np.isfinite(limits[..., 0])
    crossing = np.where(provable, limits[..., 0], 51)
    book.text(roof_name, np.broadcast_to("R√t", shape).copy())
    book.text(
        floor_name,
        np.where(provable, "γt", "no γ for XOR"),
        np.where(provable, 0.72 * crossing, 34),
        np.where(provable, 0.72 * crossing * _gamma(runs) - 1.6, 3),
    )
    book.predict(
        "On AND the rule needs 18 updates with η = 1. How many with η = 0.01?",
        choices=["about a hundred times as many", "18 again", "fewer, because it overshoots less"],
        answer=1,
        explain="From w = 0 every weight is η times a whole number that does not depend on η. "
        "A smaller rate makes all weights smaller and moves no boundary.",
    )
    return book


def _held(path):
    """Return (UPDATES + 1, 3): the weights after each update, the last ones kept."""
    return path[np.minimum(np.arange(UPDATES + 1), len(path) - 1)]


def _gamma(runs):
    return np.array([np.sqrt(3 / r.bound) for r in runs]).reshape(-1, 1, 1)


def _proof_lines(runs, t):
    """Return gamma t and R sqrt(t): (gates, points); gamma is NaN for XOR."""
    return _gamma(runs)[:, 0] * t, np.broadcast_to(np.sqrt(3 * t), (len(runs), len(t)))


def _progress(now):
    """Return the component of the weights along the widest separator; NaN for XOR."""
    rows = [
        w @ WIDEST[gate] / np.linalg.norm(WIDEST[gate])
        if gate in WIDEST
        else np.full(len(w), np.nan)
        for gate, w in zip(GATES, now, strict=True)
    ]
    return np.stack(rows)


def _until_now(steps, values, runs):
    """Return x and y of the points 0..k for every state k: (gates, steps, 1, steps)."""
    last = np.array([len(r.sample) for r in runs])[:, None, None]
    seen = (steps <= steps[:, None]) & (steps <= last)
    x = np.where(seen, steps, np.nan)
    return x[:, :, None], np.where(seen, values[:, None, :], np.nan)[:, :, None]


def _readouts(runs):
    words = [
        [[_readout(gate, r, k, eta) for eta in RATES] for k in range(UPDATES + 1)]
        for gate, r in zip(GATES, runs, strict=True)
    ]
    return np.array(words)


def _readout(gate, r, k, eta):
    """Say in a sentence or two what update k did at this rate."""
    most = f"of at most {r.bound:.0f}" if np.isfinite(r.bound) else "without a bound"
    if k == 0:
        return f"{gate}: start at w = (0, 0, 0). Every score is 0, and 0 counts as a mistake."
    if k > len(r.sample):
        return (
            f"{gate}: nothing left to correct. It took {len(r.sample)} updates {most}, "
            f"and w = {_vector(eta * r.path[-1])}."
        )
    i = r.sample[k - 1]
    old, new = (r.y[i] * (r.X[i] @ w) for w in r.path[k - 1 : k + 1])
    right = int(np.sum(r.y * (r.X @ r.path[k]) > 0))
    text = (
        f"{gate}, mistake {k} {most}: case {_NAMES[i]} had the margin {_number(eta * old)}, now "
        f"{_number(eta * new)}. w = {_vector(eta * r.path[k])}; right: {right} of 4."
    )
    if k == len(r.sample) and r.converged:
        text += " Done: no mistake is left."
    if not r.converged and not r.path[k].any():
        text += " Back at the start: the circle closes."
    return text


def _number(value):
    return f"{value + 0.0:g}".replace("-", _MINUS)


def _vector(w):
    return "(" + ", ".join(_number(v) for v in w) + ")"


# The plane of two inputs --------------------------------------------------------------------------


def _scatters(ax):
    """Return two scatters: open for -1, filled for +1."""
    off = ax.scatter([0], [0], s=64, facecolor=CHROME["paper"], edgecolor=COLORS["data"], zorder=3)
    on = ax.scatter([0], [0], s=64, facecolor=COLORS["data"], edgecolor=COLORS["data"], zorder=3)
    return off, on


def _points(places, labels, ax):
    for artist, sign in zip(_scatters(ax), (-1, 1), strict=True):
        artist.set_offsets(places[labels == sign])


def _corners(labels, ax):
    """Draw the four cases of a gate."""
    _points(data.logic_gate("AND").features, labels, ax)
    _square(ax)
    ax.set(xlabel="input a")


def _square(ax):
    ax.set(xlim=(-0.45, 1.45), ylim=(-0.45, 1.45), xticks=[0, 1], yticks=[0, 1])
    ax.set_aspect("equal")


def _boundary(w, ax, side=True):
    """Draw where the score is 0, with a stroke to the side of +1."""
    w = np.asarray(w, float)
    ax.plot(*_ends(w).T, color=COLORS["model"])
    if not side:
        return
    shaft = _arrow(w)
    ax.plot(*shaft.T, color=COLORS["model"], linewidth=1.2)
    ax.text(*_tip(w), "+1", color=COLORS["model"], ha="center", va="center")


def _foot(w):
    """Return a point of the boundary, near the picture's middle, and its unit normal; NaN if none.

    w is (..., 3), the results are (..., 2).
    """
    normal = w[..., 1:]
    length = np.linalg.norm(normal, axis=-1, keepdims=True)
    length = np.where(length > 0, length, np.nan)
    score = w[..., :1] + normal @ _MIDDLE[:, None]
    return _MIDDLE - score * normal / length**2, normal / length


def _ends(w):
    """Return two far points of the boundary: (..., 2, 2)."""
    foot, normal = _foot(w)
    along = np.stack([-normal[..., 1], normal[..., 0]], axis=-1)
    return np.stack([foot - 3 * along, foot + 3 * along], axis=-2)


def _arrow(w):
    """Return the ends of a stroke from the boundary to the side of +1: (..., 2, 2)."""
    foot, normal = _foot(w)
    return np.stack([foot, foot + 0.16 * normal], axis=-2)


def _tip(w):
    """Return where to write beyond the stroke: (..., 2)."""
    foot, normal = _foot(w)
    return foot + 0.27 * normal
