"""The pictures of chapter 4: a walk down the cost of five trips, at one rate after another."""

from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np

from descent import data, linear, optimize
from descent.figures.chapter01 import trips
from descent.figures.style import CHROME, COLORS
from descent.flipbook import Control, Flipbook, Mark

# The slider's 61 rates: coarse where little changes, fine near 2 / lambda_max = 0.1501.
RATES = np.concatenate(
    [
        [0.001, 0.002, 0.004, 0.006, 0.008],
        np.arange(2, 20) * 0.005,  # 0.010 to 0.095
        np.arange(46, 66) * 0.002 + 0.008,  # 0.100 to 0.138
        np.arange(140, 154) * 0.001,  # 0.140 to 0.153
        [0.16, 0.17, 0.18, 0.2],
    ]
).round(3)
STEPS = 200

_ROAD = np.array([0.0, 6.0])  # km, the ends of every fitted line


class Valley(NamedTuple):
    """A least-squares cost seen from its minimum, along its flattest and its steepest direction."""

    curvature: np.ndarray  # (2,) the eigenvalues: flattest, steepest
    directions: np.ndarray  # (p, 2) the eigenvectors, pointing from the start to the minimum
    best: np.ndarray  # (p,) the minimum

    def place(self, w):
        """Return where w lies, measured from the minimum: (..., 2)."""
        return (w - self.best) @ self.directions

    def cost(self, along, across):
        """Return the cost above the minimum, on this plane."""
        flat, steep = self.curvature
        return (flat * along**2 + steep * across**2) / 2


def valley(X, y, start):
    """Return the Valley of this least-squares problem; the start lies at the upper left."""
    best = linear.normal_equation(X, y)
    eigenvalues, vectors = np.linalg.eigh(linear.hessian(X))
    ends = vectors[:, [0, -1]]
    ends = ends * np.where((start - best) @ ends > 0, 1, -1) * [-1, 1]
    return Valley(eigenvalues[[0, -1]], ends, best)


def first_lines(commutes, w, ax):
    """Draw the trips and the weekday line after each of the first steps, the rows of w."""
    _trips(commutes, ax)
    for t, (intercept, slope, weekday) in enumerate(w):
        times = intercept + weekday + slope * _ROAD
        ax.plot(_ROAD, times, color=COLORS["gd"], linewidth=1.4, alpha=1 if t else 0.6)
        ax.annotate(
            f"after {t} step{'s' * (t != 1)}" if t else "start",
            (_ROAD[1], times[1]),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            color=COLORS["gd"],
            annotation_clip=False,
        )
    ax.set(ylim=(-2, 70))
    return ax


def one_step(rates, costs, tangent, marked, ax):
    """Draw the cost after one step against the learning rate, with the tangent at rate 0.

    `marked` maps a rate to its cost; the dashed line is the height of the start.
    """
    ax.plot(rates, costs, color=COLORS["gd"])
    ax.plot(rates, tangent, "--", color=COLORS["residual"], linewidth=1.4)
    ax.axhline(costs[0], color=CHROME["muted"], linewidth=1, linestyle=":")
    for rate, value in marked.items():
        ax.plot(rate, value, "o", color=COLORS["gd"])
        side = 1 if rate < 0.1 else -1
        ax.annotate(
            f"η = {rate:g}",
            (rate, value),
            xytext=(8 * side, 4),
            textcoords="offset points",
            ha="left" if side > 0 else "right",
        )
    ax.annotate(
        "first-order\npromise",
        (0, 0),
        xytext=(8, 24),
        textcoords="offset points",
        color=COLORS["residual"],
    )
    ax.annotate(
        "cost at the start",
        (rates[-1] * 0.55, costs[0]),
        xytext=(0, 4),
        textcoords="offset points",
        color=CHROME["muted"],
        ha="center",
    )
    ax.set(
        xlim=(0, rates[-1]),
        ylim=(0, 1.35 * costs[0]),
        xlabel="learning rate η",
        ylabel="cost after one step (min²)",
    )
    return ax


def factors(eigenvalues, axes):
    """Draw what one step keeps of the error in each direction; on the right, the crossing."""
    smallest, largest = eigenvalues[0], eigenvalues[-1]
    limit, best = 2 / largest, 2 / (smallest + largest)
    rates = np.linspace(0, 1.12 * limit, 600)
    for ax in axes:
        for value, style in zip(eigenvalues, (":", "--", "-"), strict=True):
            ax.plot(rates, abs(1 - rates * value), style, color=COLORS["gd"], linewidth=1.6)
        ax.axvline(limit, color=COLORS["limit"], linewidth=1.4)
        ax.plot(best, (largest - smallest) / (largest + smallest), "o", color=COLORS["truth"])
        ax.set(xlabel="learning rate η")
    left, right = axes
    for name, value, at, offset, align in zip(
        ("flattest", "middle", "steepest"),
        eigenvalues,
        (0.055, 0.055, 0.02),
        ((0, 9), (0, -15), (8, 0)),
        ("center", "center", "left"),
        strict=True,
    ):
        left.annotate(
            f"{name}, λ = {value:.3g}",
            (at, abs(1 - at * value)),
            xytext=offset,
            textcoords="offset points",
            ha=align,
            color=COLORS["gd"],
        )
    left.annotate(
        "limit\n2/λmax",
        (limit, 0.05),
        xytext=(-5, 0),
        textcoords="offset points",
        ha="right",
        color=COLORS["limit"],
    )
    right.annotate(
        "best fixed\nrate",
        (best, (largest - smallest) / (largest + smallest)),
        xytext=(-20, 26),
        textcoords="offset points",
        ha="center",
        color=COLORS["truth"],
    )
    left.set(xlim=(0, rates[-1]), ylim=(0, 1.25), ylabel="|1 − ηλ|", title="Kept by one step")
    right.set(xlim=(0.147, 0.152), ylim=(0.955, 1.025), title="The crossing")
    right.set_xticks([0.148, 0.15])
    return axes


def steps_needed(rates, counts, eigenvalues, distance, ax):
    """Draw the measured numbers of steps and the formula's, from a start at this distance."""
    limit = 2 / eigenvalues[-1]
    fine = np.linspace(rates[0], limit * 0.9999, 2000)
    rho = np.abs(1 - np.outer(fine, eigenvalues)).max(axis=1)
    bound = np.log(distance / 1e-6) / np.log(1 / rho)
    ax.plot(fine, bound, color=COLORS["limit"], linewidth=1.4)
    ax.plot(rates, counts, "o", color=COLORS["gd"], markersize=4)
    ax.axvline(limit, color=COLORS["limit"], linewidth=1, linestyle=":")
    for words, row, offset, align, color in (
        ("formula", 0.3, (8, 8), "left", "limit"),
        ("measured", 0.25, (-10, -16), "right", "gd"),
    ):
        at = 0.15 * row
        height = np.interp(at, rates, counts)
        ax.annotate(
            words,
            (at, height),
            xytext=offset,
            textcoords="offset points",
            ha=align,
            color=COLORS[color],
        )
    ax.annotate(
        "limit 2/λmax",
        (limit, 15000),
        xytext=(-6, 0),
        textcoords="offset points",
        ha="right",
        color=COLORS["limit"],
    )
    ax.set(
        yscale="log",
        xlim=(0, 1.04 * limit),
        ylim=(500, 30000),
        xlabel="learning rate η",
        ylabel="steps to 10⁻⁶",
    )
    return ax


def valleys(problems, axes):
    """Draw the walks of several problems (X, y, path) in their valleys, all axes to one scale."""
    for ax, (X, y, path), title in zip(
        axes, problems, ("Raw features", "Standardised"), strict=True
    ):
        seen = valley(X, y, path.w[0])
        _gutter(seen, (-9, 9), (-9, 9), ax)
        ax.plot(*seen.place(path.w).T, ".-", color=COLORS["gd"], linewidth=1, markersize=5)
        ax.plot(0, 0, "*", color=COLORS["truth"], markersize=11)
        ax.set_aspect("equal")
        ax.set(
            title=title,
            xlabel="along the flattest direction",
            ylabel="along the steepest",
            xticks=[-8, -4, 0, 4, 8],
            yticks=[-8, -4, 0, 4, 8],
        )
    return axes


class Runs(NamedTuple):
    """Gradient descent on the five trips at each of the 61 rates."""

    walks: np.ndarray  # (61, STEPS + 1, 3) the weights; NaN after overflow
    above: np.ndarray  # (61, STEPS + 1) the cost above its minimum, min squared
    seen: Valley
    limit: float  # 2 / lambda_max


def runs():
    """Return all runs of the figure, from one batched call of the core."""
    commutes = data.commute()
    X, y = linear.design_matrix(commutes.features), commutes.minutes
    problem, start = linear.LeastSquares(X, y), np.zeros(X.shape[1])
    path = optimize.gradient_descent(problem.gradient, start, eta=RATES, steps=STEPS)
    walks, seen = np.moveaxis(path.w, 0, 1), valley(X, y, start)
    return Runs(walks, _above(X, walks, seen.best), seen, linear.spectrum(X).stability_limit)


def learning_rate_figure(predict=True):
    """Return the figure with a slider over 61 learning rates on the five commutes.

    The start page shows it without the question (`predict=False`): there the slider comes first.
    All runs are one batched call of the core: 200 steps from zero weights at each of the rates.
    """
    commutes, run = data.commute(), runs()
    walks, above, seen, limit = run.walks, run.above, run.seen, run.limit
    start = int(np.flatnonzero(RATES == 0.14)[0])

    fig, axes = plt.subplot_mosaic([["loss", "loss"], ["walk", "road"]], figsize=(6.6, 5.8))
    loss, walk, road = axes["loss"], axes["walk"], axes["road"]
    steps = np.arange(STEPS + 1)
    shown = _until_out(above[..., None], (1e-4, 1e5))[..., 0]
    (curve,) = loss.plot(steps, shown[start], color=COLORS["gd"])
    loss.set(
        yscale="log",
        xlim=(0, STEPS),
        ylim=(1e-3, 2e4),
        xlabel="step t",
        ylabel="cost above the minimum (min²)",
        title="Cost",
    )

    places = _until_out(seen.place(walks), (-30, 30))
    _gutter(seen, (-3.2, 0.9), (-10.5, 10.5), walk)
    (trail,) = walk.plot(*places[start].T, ".-", color=COLORS["gd"], linewidth=1, markersize=4)
    walk.plot(0, 0, "*", color=COLORS["truth"], markersize=12)
    walk.set(title="Walk in the valley", xlabel="along the valley", ylabel="across the valley")

    _trips(commutes, road)
    weekend = walks[:, -1, :1] + walks[:, -1, 1:2] * _ROAD  # (61, 2) min
    weekday = weekend + walks[:, -1, 2:]
    gone = np.where(np.abs(weekday).max(axis=-1) < 1000, "", "both lines have left the picture")
    weekday, weekend = (np.where(gone[:, None] == "", line, np.nan) for line in (weekday, weekend))
    (upper,) = road.plot(_ROAD, weekday[start], color=COLORS["model"])
    (lower,) = road.plot(_ROAD, weekend[start], "--", color=COLORS["model"])
    note = road.text(0.3, 52, gone[start], color=COLORS["model"])
    road.set(title=f"Lines after {STEPS} steps")

    book = Flipbook(
        fig,
        controls=[
            Control(
                "eta",
                RATES,
                label="learning rate η",
                start=start,
                format="{:.3f}",
                marks=[Mark(limit, "2/λmax")],
            )
        ],
        title="The learning rate: cost, walk and fitted lines",
        alt=(
            "At a learning rate of 0.14 the cost falls fast for about twenty steps, then slowly; "
            "the walk leaps from wall to wall of a long valley and drifts towards the minimum; "
            "after 200 steps the two fitted lines pass close to the five trips."
        ),
        readout=np.array([_verdict(*facts, limit) for facts in zip(RATES, above, strict=True)]),
        code="problem.cost(optimize.gradient_descent(problem.gradient, [0, 0, 0], "
        "{eta:.3f}, 200).w) - problem.cost(w_star)",
    )
    book.line(curve, steps, shown)
    book.line(trail, places[..., 0], places[..., 1])
    book.line(upper, _ROAD, weekday)
    book.line(lower, _ROAD, weekend)
    book.text(note, gone)
    book.ghost(curve)
    book.ghost(trail)
    if predict:
        book.predict(
            f"The mark is the largest stable rate, {limit:.4f}. Which of these rates comes "
            "nearest to the minimum in 200 steps?",
            choices=[
                "0.05, with careful steps",
                "0.14, with bold ones",
                "0.15, the boldest that is safe",
            ],
            answer=1,
            explain="At 0.05 the walk creeps along the floor. At 0.15 each leap lands 0.998 times "
            "as far from the floor as the one before: safe, but after 200 steps still high up the "
            "wall.",
        )
    return book


def _verdict(eta, above, limit):
    """Say in one sentence what the run at this rate does; `above` is its excess cost."""
    steepest = 2 / limit
    if eta > limit:
        row = int(np.argmax(above > 1e6))
        grows = f"the cost passes a million at step {row}" if row else "slowly, but for ever"
        return f"η = {eta:g}: diverges, above 2/λmax = {limit:.4f}; {grows}"
    left = f"after {STEPS} steps the cost is {_short(above[-1])} min² above the minimum"
    if eta * steepest <= 1:
        return f"η = {eta:g}: {'very slow' if eta < 0.01 else 'slow'}, no zig-zag; {left}"
    if eta * steepest < 1.9:
        return f"η = {eta:g}: zig-zags that die out; {left}"
    return f"η = {eta:g}: zig-zags for long, just below 2/λmax = {limit:.4f}; {left}"


def _short(value):
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 0.1 else f"{value:.4f}"


def _above(X, w, best):
    """Return C(w) - C(best) without cancellation: (...)."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.mean(((w - best) @ X.T) ** 2, axis=-1) / 2


def _until_out(points, limits):
    """Return the points (..., steps, axes) up to the first outside the limits; NaN after it."""
    low, high = limits
    out = ~((points >= low) & (points <= high)).all(axis=-1)
    before = np.cumsum(out, axis=-1) - out
    return np.where((before > 0)[..., None], np.nan, points)


def _gutter(seen, xlim, ylim, ax):
    """Draw the cost on the valley's plane: each contour four times the one inside, dark within."""
    along, across = np.linspace(*xlim, 61), np.linspace(*ylim, 181)
    excess = seen.cost(*np.meshgrid(along, across))
    levels = 0.05 * 4.0 ** np.arange(8)
    ax.grid(False)
    for level in levels:
        ax.contourf(along, across, excess, levels=[-1, level], colors=[CHROME["muted"]], alpha=0.06)
    ax.contour(along, across, excess, levels=levels, colors=[CHROME["muted"]], linewidths=0.6)
    ax.set(xlim=xlim, ylim=ylim)


def _trips(commutes, ax):
    """Draw the trips with the weekend's name where the lines leave room for it."""
    trips(commutes, ax)
    ax.texts[-1].xyann = (10, -16)
