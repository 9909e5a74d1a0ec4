"""The pictures of chapter 7: evenings, gates, every update of Rosenblatt's rule, and its bound."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator

from descent import data, perceptron
from descent.experiments import chapter07 as experiments
from descent.experiments.chapter07 import GATES, RATES, UPDATES
from descent.figures.helpers import label, number
from descent.figures.style import CHROME, COLORS, Flipbook
from descent.flipbook import Control

_NAMES = ("00", "01", "10", "11")
_MIDDLE = np.array([0.35, 0.75])  # not the centre, whose nearest boundary points meet the corners
_T = np.linspace(0, 56, 113)  # mistakes, along the lines of the proof


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
    words = f"threshold {number(threshold)}"
    label(ax, words, (threshold, 0), (5, 0), COLORS["limit"], va="center")
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
    left, right = axes
    _two_boundaries(left)
    _two_units(right)
    return axes


def _two_boundaries(ax):
    _corners(data.logic_gate("XOR").labels, ax)
    a = np.array([-0.45, 1.45])
    ax.fill_between(a, 0.5 - a, 1.5 - a, color=COLORS["model"], alpha=0.12, linewidth=0)
    for w, name, at, shift, align in (
        (perceptron.OR, "OR", (0.5, 0.0), (-5, -9), "right"),
        (perceptron.NAND, "NAND", (0.5, 1.0), (5, 9), "left"),
    ):
        _boundary(w, ax, side=False)
        label(ax, name, at, shift, COLORS["model"], ha=align, va="center")
    ax.set(title="What the inputs say", ylabel="input b")


def _two_units(ax):
    table = data.logic_gate("XOR")
    units = (perceptron.OR, perceptron.NAND)
    hidden = np.stack([perceptron.gate(w, *table.features.T) for w in units], axis=-1)
    _points(hidden[[0, 1, 3]], table.labels[[0, 1, 3]], ax)
    for place, name, shift in (
        ((0, 1), "00", (0, 10)),
        ((1, 1), "01 and 10", (0, 10)),
        ((1, 0), "11", (0, -16)),
    ):
        label(ax, name, place, shift, COLORS["data"], ha="center")
    _boundary(perceptron.AND, ax, side=False)
    label(ax, "AND", (0.75, 0.75), (-5, -5), COLORS["model"], ha="right", va="top")
    _square(ax)
    ax.set(title="What the two units say", xlabel="OR(a, b)", ylabel="NAND(a, b)")


def bounds(margins, mistakes, most, ax):
    """Draw the mistakes on many clouds, and the bound of each, against the margin they keep."""
    ax.loglog(margins, most, "_", color=COLORS["limit"], markersize=9)
    ax.loglog(margins, mistakes, "o", color=COLORS["model"], markersize=4, alpha=0.5)
    ticks = np.unique(margins)
    least = margins == ticks[0]
    label(ax, "bound (R/γ)²", (ticks[0], most[least].mean()), (14, 4), COLORS["limit"])
    label(ax, "mistakes made", (ticks[0], mistakes[least].max()), (14, -2), COLORS["model"])
    ax.set(xlabel="distance from the boundary that every point keeps", ylabel="updates until done")
    ax.set_xticks(ticks, [number(tick) for tick in ticks])
    ax.set_xticks([], minor=True)
    ax.set_yticks([1, 10, 100, 1000, 10000], ["1", "10", "100", "1000", "10,000"])
    return ax


def updates_by_epoch(runs, ax):
    """Draw how many updates each epoch took; `runs` maps a name to its Fit."""
    for (name, run), color in zip(runs.items(), (COLORS["model"], COLORS["residual"]), strict=True):
        counts = np.bincount(run.epoch, minlength=run.epochs + 1)[1:]
        shown = counts[:100]
        ax.plot(np.arange(1, len(shown) + 1), shown, ".-", color=color, linewidth=1)
        at = (len(shown), shown[-1]) if len(shown) < 50 else (20, shown[:40].max())
        label(ax, name, at, (4, 6), color)
    ax.set(xlabel="epoch", ylabel="updates in this epoch", xlim=(0, 101), ylim=(-0.3, None))
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    return ax


# Every update -------------------------------------------------------------------------------------


def every_update():
    """Return the figure that steps through the updates: gate, update and rate as sliders."""
    runs = [experiments.run(gate) for gate in GATES]
    fig, (plane, race) = plt.subplots(1, 2, figsize=(6.6, 3.7), width_ratios=[1, 1.1])
    plane_artists, race_artists = _plane(runs[0], plane), _race(runs[0], race)
    book = Flipbook(
        fig,
        [
            Control("gate", np.array(GATES), label="gate"),
            Control("update", np.arange(UPDATES + 1), label="update", start=12, format="{:d}"),
            Control("eta", RATES, label="learning rate η", start=3),
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
    _move_plane(book, runs, *plane_artists)
    _move_race(book, runs, *race_artists)
    book.predict(
        "On AND the rule needs 18 updates with η = 1. How many with η = 0.01?",
        choices=["about a hundred times as many", "18 again", "fewer, because it overshoots less"],
        answer=1,
        explain="From w = 0 every weight is η times a whole number that does not depend on η. "
        "A smaller rate makes all weights smaller and moves no boundary.",
    )
    return book


def _plane(run, ax):
    """Draw the plane of the inputs and what moves in it; return that."""
    off, on = _scatters(ax)
    (ring,) = ax.plot([0], [0], "o", color="none", markersize=17, markeredgewidth=2)
    ring.set_markeredgecolor(COLORS["residual"])
    (old,) = ax.plot([0, 1], [0, 1], "--", color=COLORS["truth"], linewidth=1.4)
    (new,) = ax.plot([0, 1], [0, 1], color=COLORS["model"])
    (arrow,) = ax.plot([0, 1], [0, 1], color=COLORS["model"], linewidth=1.2)
    middle = {"color": COLORS["model"], "ha": "center", "va": "center"}
    plus, note = ax.text(0, 0, "+1", **middle), ax.text(0.5, 1.32, "", **middle)
    for name, (a, b) in zip(_NAMES, run.X[:, 1:], strict=True):
        shift = (-11 if a == 0 else 11, -12 if b == 0 else 12)
        label(ax, name, (a, b), shift, ha="center", va="center", fontsize=9)
    _square(ax)
    ax.set(title="The boundary", xlabel="input a", ylabel="input b")
    return (off, on), ring, (old, new, arrow), (plus, note)


def _move_plane(book, runs, scatters, ring, lines, texts):
    """Hand over the cases of each gate, and the boundary before and after each update."""
    now = np.stack([r.held() for r in runs])  # (gates, steps, 3)
    case = np.stack([r.case() for r in runs])  # (gates, steps, 2), NaN where nothing is corrected
    before = np.concatenate([now[:, :1], now[:, :-1]], axis=1)
    before = np.where(np.isnan(case[..., :1]), np.nan, before)
    labels = np.stack([r.y for r in runs])[:, None, None, :]
    corners = runs[0].X[:, 1:].T
    for artist, sign in zip(scatters, (-1, 1), strict=True):
        there = np.where(labels == sign, 1, np.nan)
        book.points(artist, corners[0] * there, corners[1] * there)
    book.line(ring, case[:, :, None, :1], case[:, :, None, 1:])
    for artist, ends in zip(lines, (_ends(before), _ends(now), _arrow(now)), strict=True):
        book.line(artist, ends[:, :, None, :, 0], ends[:, :, None, :, 1])
    plus, note = texts
    tip = _tip(now)[:, :, None]
    shown = np.isfinite(tip[..., 0])
    tip = np.where(shown[..., None], tip, 0.5)
    book.text(plus, np.where(shown, "+1", ""), tip[..., 0], tip[..., 1])
    flat = np.all(now[..., 1:] == 0, axis=-1)
    always = [f"no boundary: always {number(sign, '+d')}" for sign in (1, -1)]
    words = np.where(now[..., 0] > 0, *always)
    book.text(note, np.where(flat, words, "")[..., None])


def _race(run, ax):
    """Draw the race of the proof and what moves in it; return that."""
    (floor,) = ax.plot(_T, run.gamma() * _T, color=COLORS["limit"], linewidth=1.4)
    (roof,) = ax.plot(_T, np.sqrt(3 * _T), color=COLORS["limit"], linewidth=1.4)
    (end,) = ax.plot([51], [0], "v", color=COLORS["limit"])
    (lengths,) = ax.plot([0], [0], "o", color=COLORS["model"], markersize=4)
    (along,) = ax.plot([0], [0], "o", color=COLORS["model"], markersize=4, markerfacecolor="none")
    roof_name = ax.text(23, 9.3, "", color=COLORS["limit"], ha="right")
    floor_name = ax.text(36, 7.2, "", color=COLORS["limit"])
    ax.text(2, 13.6, "● length ‖w‖   ○ progress along u", color=COLORS["model"], fontsize=9)
    ax.set(title="The race of the proof", xlim=(-1, 56), ylim=(-1, 14.8))
    ax.set(xlabel="mistakes so far", ylabel="in units of η")
    return (lengths, along), (floor, roof, end), (roof_name, floor_name)


def _move_race(book, runs, dots, lines, names):
    """Hand over the length and the progress so far, and the two lines between which they stay."""
    now = np.stack([r.held() for r in runs])
    gone = np.stack([experiments.progress(g, w) for g, w in zip(GATES, now, strict=True)])
    for artist, values in zip(dots, (np.linalg.norm(now, axis=-1), gone), strict=True):
        book.line(artist, *_until_now(values, runs))
    floor, roof, end = lines
    gamma = np.array([r.gamma() for r in runs]).reshape(-1, 1, 1, 1)
    bound = np.array([r.bound for r in runs]).reshape(-1, 1, 1, 1)
    book.line(floor, _T, gamma * _T)
    book.line(roof, _T, np.sqrt(3 * _T))
    book.line(end, bound, np.where(np.isnan(bound), np.nan, -0.6))
    roof_name, floor_name = names
    provable = np.isfinite(bound[..., 0])
    x = np.where(provable, 0.72 * bound[..., 0], 34)
    y = np.where(provable, x * gamma[..., 0] - 1.6, 3)
    book.text(roof_name, "R√t")
    book.text(floor_name, np.where(provable, "γt", "no γ for XOR"), x, y)


def _until_now(values, runs):
    """Return x and y of the points 0..k for every state k: (gates, steps, 1, steps)."""
    steps = np.arange(UPDATES + 1)
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
        f"{gate}, mistake {k} {most}: case {_NAMES[i]} had the margin {number(eta * old)}, now "
        f"{number(eta * new)}. w = {_vector(eta * r.path[k])}; right: {right} of 4."
    )
    if k == len(r.sample) and r.converged:
        text += " Done: no mistake is left."
    if not r.converged and not r.path[k].any():
        text += " Back at the start: the circle closes."
    return text


def _vector(w):
    return "(" + ", ".join(number(v) for v in w) + ")"


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
