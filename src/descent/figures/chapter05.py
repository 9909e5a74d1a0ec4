"""The pictures of chapter 5: walks on estimated gradients, the noise they leave, the schedules."""

from collections import defaultdict

import matplotlib.pyplot as plt
import numpy as np

from descent.experiments import chapter05 as experiments
from descent.experiments.chapter05 import BALL_RATES, BATCHES, BUDGET, CONSTANTS, SCHEDULES, level
from descent.experiments.walks import valley
from descent.figures import contours
from descent.figures.helpers import label, number
from descent.figures.style import COLORS, Flipbook
from descent.flipbook import Control, Mark

_THIN = {"linewidth": 1, "markersize": 4}  # a walk, its steps marked


# Static pictures ----------------------------------------------------------------------------------


def sample_steps(singles, pairs, axes):
    """Draw minus the gradient of every sample and of every pair at several places.

    singles, pairs : sequences of (m, 2) arrays, one for each of the axes
    """
    for ax, ones, twos, title in zip(
        axes, singles, pairs, ("At the start", "At the minimum"), strict=True
    ):
        mean = ones.mean(axis=0)
        ax.plot([0, mean[0]], [0, mean[1]], color=COLORS["gd"], linewidth=1.6)
        ax.plot(*ones.T, "o", color=COLORS["sgd"], markersize=7)
        ax.plot(*twos.T, "o", markerfacecolor="none", color=COLORS["sgd"], markersize=4)
        ax.plot(*mean, "*", color=COLORS["gd"], markersize=13)
        ax.set(title=title, xlabel="−∇C along the valley", ylabel="−∇C across the valley")
        ax.margins(0.12)
    return axes


def two_walks(X, y, walks, axes):
    """Draw a walk of gradient descent and a stochastic one in the valley of the same cost."""
    seen = valley(X, y, walks[0][0])
    for ax, w, name in zip(axes, walks, ("gd", "sgd"), strict=True):
        contours.valley(seen, (-3.4, 0.9), (-10.5, 10.5), ax)
        ax.plot(*seen.place(w).T, ".-", color=COLORS[name], **_THIN)
        ax.plot(0, 0, "*", color=COLORS["truth"], markersize=12)
        ax.set(xlabel="along the valley", ylabel="across the valley")
        ax.set_title({"gd": "Gradient descent", "sgd": "One sample a step"}[name])
    return axes


def noise_floors(rates, measured, exact, limits, ax):
    """Draw the excess that fixed rates leave: measured points on the exact curves.

    measured, exact : {batch size: values}; exact maps to (rates, values)
    """
    for b, marker in zip(measured, "os", strict=False):
        ax.plot(*exact[b], color=COLORS["limit"], linewidth=1.2)
        ax.plot(rates, measured[b], marker, color=COLORS["sgd"], markersize=6)
        ax.axvline(limits[b], color=COLORS["limit"], linestyle=":", linewidth=1)
        label(ax, f"b = {b}", (rates[1], measured[b][1]), (-4, 8), COLORS["sgd"], ha="right")
    first = (min(limits.values()), 0.04)
    label(ax, "limits of stability", first, (-6, 0), COLORS["limit"], ha="right")
    ax.set(xscale="log", yscale="log", ylim=(0.025, 30), xlabel="fixed learning rate η")
    ax.set(ylabel="excess cost that stays (min²)")
    ax.set(xticks=rates, xticklabels=[number(rate) for rate in rates])
    ax.tick_params(axis="x", which="minor", bottom=False, labelbottom=False)
    return ax


def schedules(curves, ax):
    """Draw the expected excess against the step; curves maps a name to excess values from t = 0."""
    for (name, excess), style in zip(curves.items(), ("-", "--", ":"), strict=False):
        t = np.arange(1, len(excess))
        ax.plot(t, excess[1:], style, color=COLORS["sgd"])
        shift = (5, {"c/t": 5, "fixed c": -5}.get(name, 0))
        label(
            ax, name, (t[-1], excess[-1]), shift, COLORS["sgd"],
            va="center", annotation_clip=False,
        )  # fmt: skip
    ax.set(xscale="log", yscale="log", xlabel="step t", ylabel="expected excess cost (min²)")
    return ax


def under_the_bound(T, excess, bound, ax):
    """Draw the excess of averaged iterates, one curve a seed, under the proven bound."""
    ax.plot(T, excess, color=COLORS["sgd"], linewidth=0.8, alpha=0.6)
    ax.plot(T, bound, color=COLORS["limit"])
    third = len(T) // 3
    label(ax, "bound", (T[third], bound[third]), (0, 8), COLORS["limit"])
    label(ax, "measured", (T[third], excess[third].max()), (0, 10), COLORS["sgd"])
    ax.set(xscale="log", yscale="log", xlabel="number of steps T")
    ax.set(ylabel="excess cost of the average (min²)")
    return ax


def stops(times, costs, least, axes):
    """Draw when a rule stops many runs, and at which cost."""
    left, right = axes
    left.hist(times, bins=np.arange(0.5, times.max() + 1), color=COLORS["sgd"])
    left.set(xlabel="step of the stop", ylabel="runs", title="When")
    right.hist(costs, bins=40, color=COLORS["sgd"])
    right.axvline(least, color=COLORS["truth"])
    high = {"xycoords": ("data", "axes fraction")}
    label(right, "minimum", (least, 0.9), (5, 0), COLORS["truth"], **high)
    right.set(xlabel="cost at the stop (min²)", title="Where", xlim=(least - 0.2, None))
    return axes


def price(sizes, gd, sgd, ax):
    """Draw how many gradients of single samples a goal takes, against the size of the data."""
    ax.plot(sizes, gd, "o-", color=COLORS["gd"])
    ax.plot(sizes, sgd, "o-", color=COLORS["sgd"])
    for words, values, name in (
        ("gradient descent", gd, "gd"),
        ("mini-batches of 10", sgd, "sgd"),
    ):
        label(ax, words, (sizes[-1], values[-1]), (-4, 8), COLORS[name], ha="right")
    ax.set(xscale="log", yscale="log", xlabel="number of samples n")
    ax.set(ylabel="gradients of single samples")
    ax.margins(y=0.15)
    return ax


def flowers(seen, costs, ax):
    """Draw the cost of a classifier against the flowers looked at; one curve a name."""
    for (name, (color, width)), flower, values in zip(
        {"gradient descent": ("gd", 1.8), "one flower a step": ("sgd", 0.8)}.items(),
        seen,
        costs,
        strict=True,
    ):
        ax.plot(flower, values, color=COLORS[color], linewidth=width)
        at = int(0.6 * (len(flower) - 1))
        label(ax, name, (flower[at], np.max(values[at])), (0, 8), COLORS[color])
    ax.set(xlabel="flowers looked at", ylabel="cost", xlim=(0, None), ylim=(0, 0.55))
    return ax


# The figure of the book ---------------------------------------------------------------------------


def _thin(rows, count):
    """Return `count` row numbers or fewer, all of the first and ever fewer of the later ones."""
    return np.unique(np.geomspace(1, rows, count).round().astype(int)) - 1


def _strands(values):
    """Join seeds (..., seeds, rows) to one line with gaps."""
    gap = np.full((*values.shape[:-1], 1), np.nan)
    return np.concatenate([values, gap], axis=-1).reshape(*values.shape[:-2], -1)


def _padded(parts):
    """Stack arrays with different last axes, each filled up with NaN to the longest."""
    width = max(part.shape[-1] for part in parts)
    full = [
        np.concatenate([part, np.full((*part.shape[:-1], width - part.shape[-1]), np.nan)], -1)
        for part in parts
    ]
    return np.stack(full, axis=2)


def _lines(run):
    """Return what moves: name -> (x, y), axes: constants, schedules, batch sizes, points."""
    parts = defaultdict(lambda: ([], []))
    for used, walks, above in zip(run.used, run.walks, run.above, strict=True):
        loss, path = _thin(len(used), 46), _thin(len(used), 40)
        cost, place = above[..., loss], run.seen.place(walks[..., path, :])
        place = np.where(np.abs(place).max(axis=-1, keepdims=True) < 60, place, np.nan)
        spent = np.broadcast_to(np.maximum(used[loss], 0.8), cost.shape)  # the axis has no 0
        cost = np.where(cost <= 9e5, np.maximum(cost, 1e-7), np.nan)
        for name, seeds in (("cloud", slice(1, None)), ("one", slice(0, 1))):
            for kind, *xy in (("loss", spent, cost), ("walk", place[..., 0], place[..., 1])):
                for axis, values in zip(parts[f"{kind} {name}"], xy, strict=True):
                    axis.append(_strands(values[:, :, seeds]))
    return {name: (_padded(x), _padded(y)) for name, (x, y) in parts.items()}


def schedule_figure():
    """Return the figure with learning-rate constant, schedule and batch size as controls.

    Standardised trips, from zero weights; every run may use 2000 gradients of single samples.
    """
    run = experiments.runs()
    fig, axes = plt.subplot_mosaic([["loss", "loss"], ["gd", "sgd"]], figsize=(6.6, 6.2))
    artists = _cost_axes(axes["loss"]) | _walk_axes(run.seen, axes["gd"], axes["sgd"])
    book = Flipbook(
        fig,
        [
            Control(
                "c", CONSTANTS, label="learning-rate constant c",
                start=int(np.flatnonzero(CONSTANTS == 0.3)[0]), format="{:.2f}",
                marks=[Mark(run.limits[0], "b = 1"), Mark(run.limits[-1], "2/λmax")],
            ),
            Control("schedule", SCHEDULES, label="schedule"),
            Control("b", np.array(BATCHES), label="batch size b"),
        ],
        title="Learning rate, schedule and batch size",
        alt=(
            "At a fixed rate of 0.3 and one sample a step, seven stochastic runs fall as fast as "
            "gradient descent or faster and then stay at a level some min² above the minimum; "
            "gradient descent goes on falling. Its walk is a smooth curve to the star, theirs "
            "are tangles around it."
        ),
        readout=_readouts(run),
        code="optimize.stochastic_gradient_descent(easy.gradient, [0, 0, 0], "
        "SCHEDULES[{schedule!r}]({c:g}), 2000 // {b}, n_samples=5, batch_size={b}, "
        'sampling="without", rng=np.random.default_rng(0))',
    )  # fmt: skip
    lines = _lines(run)
    for name in ("loss", "walk"):
        x, y = lines[f"{name} one"]
        book.line(artists[f"{name} cloud"], *lines[f"{name} cloud"])
        book.line(artists[f"{name} one"], x, y)
        book.line(artists[f"{name} gd"], x[:, :, 2:], y[:, :, 2:])
    book.ghost(artists["loss one"])
    _ask_about_schedules(book)
    return book


def _ask_about_schedules(book):
    book.predict(
        "At c = 0.3, fixed, one sample a step, the green curves stop falling. Which single change "
        "brings them nearest to the minimum with the same 2,000 gradients?",
        choices=[
            "a batch of 2 instead of 1",
            "the schedule c/√t",
            "the schedule c/t",
        ],
        answer=1,
        explain="A batch of 2 lowers the level and does not abolish it. c/√t lets the noise die "
        "away. c/t shrinks so fast that the walk is still on its way when the budget is spent.",
    )


def _cost_axes(ax):
    """Draw the axes of the cost; return its lines, still empty."""
    ax.set(xscale="log", yscale="log", xlim=(0.8, BUDGET * 1.05), ylim=(1e-4, 3e3))
    ax.set(xlabel="gradients of single samples used", title="Cost")
    ax.set_ylabel("cost above the minimum (min²)")
    (cloud,) = ax.plot([], [], color=COLORS["sgd"], linewidth=0.7, alpha=0.45)
    (one,) = ax.plot([], [], color=COLORS["sgd"], linewidth=1.6)
    (gd,) = ax.plot([], [], color=COLORS["gd"])
    for words, height, color in (
        ("gradient descent", 0.14, "gd"),
        ("SGD: one seed, and six more", 0.05, "sgd"),
    ):
        ax.text(0.015, height, words, color=COLORS[color], transform=ax.transAxes)
    return {"loss cloud": cloud, "loss one": one, "loss gd": gd}


def _walk_axes(seen, left, right):
    """Draw the plane of the walks twice; return the walks, still empty."""
    for ax, title in ((left, "Gradient descent"), (right, "SGD")):
        contours.valley(seen, (-11, 8), (-8, 11), ax, inner=0.25, count=6, rows=61)
        ax.set(title=title, xlabel="along the flattest direction", ylabel="along the steepest")
        ax.set(xticks=[-8, -4, 0, 4, 8], yticks=[-8, -4, 0, 4, 8])
    (gd,) = left.plot([], [], ".-", color=COLORS["gd"], **_THIN)
    (cloud,) = right.plot([], [], color=COLORS["sgd"], linewidth=0.6, alpha=0.35)
    (one,) = right.plot([], [], ".-", color=COLORS["sgd"], **_THIN)
    for ax in (left, right):
        ax.plot(0, 0, "*", color=COLORS["truth"], markersize=12)
    return {"walk gd": gd, "walk cloud": cloud, "walk one": one}


def _readouts(run):
    """Return a sentence for every state: what SGD does there, and gradient descent."""
    said = np.empty((len(CONSTANTS), len(SCHEDULES), len(BATCHES)), dtype=object)
    for c, s, k in np.ndindex(said.shape):
        said[c, s, k] = _verdict(run, c, s, k)
    return said.astype(str)


def _verdict(run, c, s, k):
    value, b = CONSTANTS[c], BATCHES[k]
    words = f"η = {number(value)}{('', '/√t', '/t')[s]}, batch {b}: "
    full = level(run, c, s, len(BATCHES) - 1)
    if s == 0 and value > run.limits[k]:
        if b == BATCHES[-1]:
            return words + f"diverges: above the limit {run.limits[k]:.3g} of gradient descent"
        last = run.above[k][c, s][:, -1]
        out = np.sum(~(last < run.above[k][c, s][:, 0]))
        return words + (
            f"the mean square diverges, above its limit {run.limits[k]:.3g} for batches of {b}; "
            f"{out} of these {len(last)} walks end above their start"
        )
    if b == BATCHES[-1]:
        return words + f"all five samples: this is gradient descent; excess {_short(full)} min²"
    excess = level(run, c, s, k)
    what = _what(run, c, s, k)
    other = "diverges" if not full < 1e3 else f"{_short(full)} min²"
    return words + f"{what}; excess {_short(excess)} min² late, gradient descent {other}"


def _what(run, c, s, k):
    """Name what holds SGD up late in the run: noise, or a walk that has not arrived."""
    if experiments.without_noise(run, c, s, k) > level(run, c, s, k) / 2:
        return "still on its way" + ("" if s == 0 else ", in ever shorter steps")
    if s == 0:
        return f"stalls at its noise floor ({_short(run.floors[c, k])} expected)"
    far = np.median(run.above[k][c, s].max(axis=-1)) > 2 * run.above[k][c, s, 0, 0]
    return ("leaps far up first, then " if far else "") + "arrives, and its noise dies away"


def _short(value):
    if value < 5e-4:
        return "below 0.0005"
    if value >= 1e5:
        return number(value, ".0e")
    return number(value, ".1f" if value >= 10 else ".2f" if value >= 0.1 else ".1g")


# The noise ball -----------------------------------------------------------------------------------


def ball_figure():
    """Return the figure of the noise ball: late weights at fixed rates and the predicted spread."""
    ball = experiments.ball()
    start = int(np.flatnonzero(BALL_RATES == 0.03)[0])
    fig, (left, right) = plt.subplots(1, 2, figsize=(6.6, 3.5))
    points, ring = _cloud(ball, start, left)
    right.plot(*ball.curve, color=COLORS["limit"])
    (dot,) = right.plot([BALL_RATES[start]], [ball.floors[start]], "o", color=COLORS["sgd"])
    right.set(xlim=(0, 0.1), ylim=(0, 21), title="Floor", xlabel="fixed learning rate η")
    right.set_ylabel("excess cost that stays (min²)")
    book = Flipbook(
        fig,
        [Control("eta", BALL_RATES, label="fixed learning rate η", start=start, format="{:.3f}")],
        title="The noise ball of a fixed rate",
        alt=(
            "At a fixed rate of 0.03 the late weights of 250 runs lie in a cloud around the "
            "minimum, most of them inside an ellipse that theory predicts; the excess cost that "
            "stays rises with the rate, slowly at first and steeply near 0.1."
        ),
        readout=[
            f"η = {eta:g}, one sample a step: the weights stay about {size:.2f} away, the cost "
            f"{_short(value)} min² above the minimum"
            for eta, size, value in zip(BALL_RATES, ball.sizes, ball.floors, strict=True)
        ],
        code="experiments.floor(experiments.noise(X, y, 1), {eta:g})",
    )
    book.points(points, ball.points[..., 0], ball.points[..., 1])
    book.line(ring, ball.rings[:, 0], ball.rings[:, 1])
    book.line(dot, BALL_RATES[:, None], ball.floors[:, None])
    book.predict(
        "Halve the rate from 0.03 to 0.015. What becomes of the excess cost that stays?",
        choices=["It vanishes, after enough steps", "About half of it stays", "About a quarter"],
        answer=1,
        explain="The excess is nearly proportional to η, so the cloud shrinks by about 1/√2. It "
        "never shrinks to a point while η is fixed.",
    )
    return book


def _cloud(ball, start, ax):
    """Draw the late weights at one rate and their ellipse; return both artists."""
    contours.valley(ball.seen, (-3, 3), (-2, 2), ax)
    points = ax.scatter(*ball.points[start].T, s=7, color=COLORS["sgd"], alpha=0.6)
    (ring,) = ax.plot(*ball.rings[start], color=COLORS["limit"])
    ax.plot(0, 0, "*", color=COLORS["truth"], markersize=12)
    ax.set(title="Late weights", xlabel="along the valley", ylabel="across the valley")
    return points, ring
