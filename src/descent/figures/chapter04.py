"""The pictures of chapter 4: a walk down the cost of five trips, at one rate after another."""

import matplotlib.pyplot as plt
import numpy as np

from descent import data
from descent.experiments import chapter04 as experiments
from descent.experiments.chapter04 import RATES, STEPS
from descent.experiments.walks import until_out, valley
from descent.figures import contours
from descent.figures.chapter01 import trips
from descent.figures.helpers import label, number
from descent.figures.style import CHROME, COLORS, Flipbook
from descent.flipbook import Control, Mark

_ROAD = np.array([0.0, 6.0])  # km, the ends of every fitted line
_FIRST = int(np.flatnonzero(RATES == 0.14)[0])  # the rate that the figure starts at


def first_lines(commutes, w, ax):
    """Draw the trips and the weekday line after each of the first steps, the rows of w."""
    _trips(commutes, ax)
    for t, (intercept, slope, weekday) in enumerate(w):
        times = intercept + weekday + slope * _ROAD
        ax.plot(_ROAD, times, color=COLORS["gd"], linewidth=1.4, alpha=1 if t else 0.6)
        words = f"after {t} step{'s' * (t != 1)}" if t else "start"
        label(
            ax, words, (_ROAD[1], times[1]), (4, 0), COLORS["gd"],
            va="center", annotation_clip=False,
        )  # fmt: skip
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
        side, align = (8, "left") if rate < 0.1 else (-8, "right")
        label(ax, f"η = {number(rate)}", (rate, value), (side, 4), ha=align)
    label(ax, "first-order\npromise", (0, 0), (8, 24), COLORS["residual"])
    middle = (rates[-1] * 0.55, costs[0])
    label(ax, "cost at the start", middle, (0, 4), CHROME["muted"], ha="center")
    ax.set(xlim=(0, rates[-1]), ylim=(0, 1.35 * costs[0]))
    ax.set(xlabel="learning rate η", ylabel="cost after one step (min²)")
    return ax


def factors(eigenvalues, axes):
    """Draw what one step keeps of the error in each direction; on the right, the crossing."""
    smallest, largest = eigenvalues[0], eigenvalues[-1]
    limit, best = 2 / largest, 2 / (smallest + largest)
    crossing = best, (largest - smallest) / (largest + smallest)
    rates = np.linspace(0, 1.12 * limit, 600)
    for ax in axes:
        for value, style in zip(eigenvalues, (":", "--", "-"), strict=True):
            ax.plot(rates, abs(1 - rates * value), style, color=COLORS["gd"], linewidth=1.6)
        ax.axvline(limit, color=COLORS["limit"], linewidth=1.4)
        ax.plot(*crossing, "o", color=COLORS["truth"])
        ax.set(xlabel="learning rate η")
    left, right = axes
    looks = (
        ("flattest", 0.055, (0, 9), "center"),
        ("middle", 0.055, (0, -15), "center"),
        ("steepest", 0.02, (8, 0), "left"),
    )
    for (name, at, shift, align), value in zip(looks, eigenvalues, strict=True):
        words, place = f"{name}, λ = {number(value, '.3g')}", (at, abs(1 - at * value))
        label(left, words, place, shift, COLORS["gd"], ha=align)
    label(left, "limit\n2/λmax", (limit, 0.05), (-5, 0), COLORS["limit"], ha="right")
    label(right, "best fixed\nrate", crossing, (-20, 26), COLORS["truth"], ha="center")
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
    for words, at, shift, align, color in (
        ("formula", 0.045, (8, 8), "left", "limit"),
        ("measured", 0.0375, (-10, -16), "right", "gd"),
    ):
        place = at, np.interp(at, rates, counts)
        label(ax, words, place, shift, COLORS[color], ha=align)
    label(ax, "limit 2/λmax", (limit, 15000), (-6, 0), COLORS["limit"], ha="right")
    ax.set(yscale="log", xlim=(0, 1.04 * limit), ylim=(500, 30000))
    ax.set(xlabel="learning rate η", ylabel="steps to 10⁻⁶")
    return ax


def valleys(problems, axes):
    """Draw the walks of several problems (X, y, path) in their valleys, all axes to one scale."""
    for ax, (X, y, path), title in zip(
        axes, problems, ("Raw features", "Standardised"), strict=True
    ):
        seen = valley(X, y, path.w[0])
        contours.valley(seen, (-9, 9), (-9, 9), ax)
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


def learning_rate_figure(predict=True):
    """Return the figure with a slider over 61 learning rates on the five commutes.

    The start page shows it without the question (`predict=False`): there the slider comes first.
    """
    run = experiments.runs()
    fig, axes = plt.subplot_mosaic([["loss", "loss"], ["walk", "road"]], figsize=(6.6, 5.8))
    curve, trail = _cost(run, axes["loss"]), _walk(run, axes["walk"])
    upper, lower, note = _lines(run, axes["road"])
    book = Flipbook(
        fig,
        [
            Control(
                "eta", RATES, label="learning rate η", start=_FIRST, format="{:.3f}",
                marks=[Mark(run.limit, "2/λmax")],
            )
        ],
        title="The learning rate: cost, walk and fitted lines",
        alt=(
            "At a learning rate of 0.14 the cost falls fast for about twenty steps, then slowly; "
            "the walk leaps from wall to wall of a long valley and drifts towards the minimum; "
            "after 200 steps the two fitted lines pass close to the five trips."
        ),
        readout=[_verdict(*facts, run.limit) for facts in zip(RATES, run.above, strict=True)],
        code="problem.cost(optimize.gradient_descent(problem.gradient, [0, 0, 0], "
        "{eta:.3f}, 200).w) - problem.cost(w_star)",
    )  # fmt: skip
    for line in (curve, trail, upper, lower):
        book.line(*line)
    book.text(*note)
    book.ghost(curve[0])
    book.ghost(trail[0])
    if predict:
        _question(book, run.limit)
    return book


def _question(book, limit):
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


def _cost(run, ax):
    """Draw the cost of the first state; return the line and its x and y at every rate."""
    steps = np.arange(STEPS + 1)
    shown = until_out(run.above[..., None], 1e-4, 1e5)[..., 0]
    (curve,) = ax.plot(steps, shown[_FIRST], color=COLORS["gd"])
    ax.set(yscale="log", xlim=(0, STEPS), ylim=(1e-3, 2e4), title="Cost")
    ax.set(xlabel="step t", ylabel="cost above the minimum (min²)")
    return curve, steps, shown


def _walk(run, ax):
    """Draw the walk of the first state; return the line and its x and y at every rate."""
    places = until_out(run.seen.place(run.walks), -30, 30)
    contours.valley(run.seen, (-3.2, 0.9), (-10.5, 10.5), ax)
    (trail,) = ax.plot(*places[_FIRST].T, ".-", color=COLORS["gd"], linewidth=1, markersize=4)
    ax.plot(0, 0, "*", color=COLORS["truth"], markersize=12)
    ax.set(title="Walk in the valley", xlabel="along the valley", ylabel="across the valley")
    return trail, places[..., 0], places[..., 1]


def _lines(run, ax):
    """Draw the last lines of the first state; return both with their x and y, and the note."""
    _trips(data.commute(), ax)
    weekend = run.walks[:, -1, :1] + run.walks[:, -1, 1:2] * _ROAD  # (61, 2) min
    weekday = weekend + run.walks[:, -1, 2:]
    out = ~(np.abs(weekday).max(axis=-1, keepdims=True) < 1000)
    weekday, weekend = (np.where(out, np.nan, line) for line in (weekday, weekend))
    gone = np.where(out[:, 0], "both lines have left the picture", "")
    (upper,) = ax.plot(_ROAD, weekday[_FIRST], color=COLORS["model"])
    (lower,) = ax.plot(_ROAD, weekend[_FIRST], "--", color=COLORS["model"])
    note = ax.text(0.3, 52, gone[_FIRST], color=COLORS["model"])
    ax.set(title=f"Lines after {STEPS} steps")
    return (upper, _ROAD, weekday), (lower, _ROAD, weekend), (note, gone)


def _verdict(eta, above, limit):
    """Say in one sentence what the run at this rate does; `above` is its excess cost."""
    steepest = 2 / limit
    if eta > limit:
        row = int(np.argmax(above > 1e6))
        grows = f"the cost passes a million at step {row}" if row else "slowly, but for ever"
        return f"η = {number(eta)}: diverges, above 2/λmax = {limit:.4f}; {grows}"
    left = f"after {STEPS} steps the cost is {_short(above[-1])} min² above the minimum"
    if eta * steepest <= 1:
        return f"η = {number(eta)}: {'very slow' if eta < 0.01 else 'slow'}, no zig-zag; {left}"
    if eta * steepest < 1.9:
        return f"η = {number(eta)}: zig-zags that die out; {left}"
    return f"η = {number(eta)}: zig-zags for long, just below 2/λmax = {limit:.4f}; {left}"


def _short(value):
    return number(value, ".1f" if value >= 10 else ".2f" if value >= 0.1 else ".4f")


def _trips(commutes, ax):
    """Draw the trips with the weekend's name where the lines leave room for it."""
    trips(commutes, ax)
    ax.texts[-1].xyann = (10, -16)
