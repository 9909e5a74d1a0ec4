"""The pictures of chapter 1: five trips, the lines through them, and the bowl of their cost."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from descent import linear
from descent.figures import contours
from descent.figures.helpers import label, number
from descent.figures.style import CHROME, COLORS, Flipbook
from descent.flipbook import Control

# The settings of the two sliders; the answer of the equation lies between two notches.
INTERCEPTS = np.linspace(0, 12, 49)  # min
SLOPES = np.linspace(4, 10, 49)  # min per km

_START = (0, 32)  # intercept 0, slope 8: a guess that charges by the kilometre alone
_ROAD = np.array([0.0, 6.0])  # km, the ends of every line
_LEVELS = np.array([3, 4, 6, 10, 16, 26, 42, 68, 110])  # min squared, each about 1.6 times the last


def trips(commutes, ax):
    """Draw time against distance, weekdays filled and weekends open."""
    _points(commutes, ax)
    for row, name, shift, align in (
        (3, "weekday", (-8, -4), "right"),
        (2, "weekend", (8, -4), "left"),
    ):
        label(ax, name, (commutes.distance[row], commutes.minutes[row]), shift, ha=align)
    return _road(ax)


def fit_by_hand(commutes):
    """Return the figure with two sliders: a line through the trips, and its place in the bowl."""
    X, y = linear.design_matrix(commutes.distance), commutes.minutes
    w = np.stack(np.meshgrid(INTERCEPTS, SLOPES, indexing="ij"), axis=-1)
    cost, least = linear.cost(X, y, w), linear.cost(X, y, linear.normal_equation(X, y))
    fig, (left, right) = plt.subplots(1, 2, figsize=(6.6, 3.5), width_ratios=[1.15, 1])
    moving = (*_line_and_gaps(commutes, X, w, left), _spot(X, y, w, right))
    book = Flipbook(
        fig,
        [
            Control(
                "intercept", INTERCEPTS, label="intercept (min)", start=_START[0], format="{:.2f}"
            ),
            Control("slope", SLOPES, label="slope (min per km)", start=_START[1], format="{:.3f}"),
        ],
        title="Fit a line by hand",
        alt=(
            "Left: five trips and a line from 0 minutes at 8 minutes per km; it misses the "
            "shortest trip by 7 minutes. Right: contours of the cost form a tilted oval bowl, and "
            "the line is a dot on its rim, up and to the left of the minimum."
        ),
        readout=np.vectorize(_verdict)(cost, cost - least),
        code="linear.cost(linear.design_matrix(trips.distance), trips.minutes, "
        "[{intercept:.2f}, {slope:.3f}])",
    )
    for line in moving:
        book.line(*line)
    book.predict(
        "The line starts at intercept 0 and slope 8. Raise the intercept to 9 minutes: "
        "which slope fits best then?",
        choices=["a steeper one, near 10", "still 8", "a flatter one, near 6"],
        answer=2,
        explain="A higher intercept lifts the whole line, so the line must tilt down to stay near "
        "the points. In the bowl that trade is the tilted valley.",
    )
    return book


def _line_and_gaps(commutes, X, w, ax):
    """Draw the first line and what it misses; return both with their x and y for all w."""
    lines = linear.predict(linear.design_matrix(_ROAD), w)
    at, misses = _segments(commutes.distance, commutes.minutes, linear.predict(X, w))
    (gaps,) = ax.plot(
        at, misses[_START], color=COLORS["residual"], linewidth=2.4, label="measured, predicted"
    )
    (line,) = ax.plot(_ROAD, lines[_START], color=COLORS["model"], label="its two ends")
    _points(commutes, ax)
    _road(ax, title="The line")
    return (gaps, at, misses), (line, _ROAD, lines)


def _spot(X, y, w, ax):
    """Draw the bowl and the first line's place in it; return that with its x and y for all w."""
    intercept, slope = np.linspace(-0.6, 12.6, 67), np.linspace(3.7, 10.3, 67)
    cost = linear.cost(X, y, np.stack(np.meshgrid(intercept, slope), axis=-1))
    lines = contours.shades(intercept, slope, cost, _LEVELS, ax)
    ax.clabel(lines, _LEVELS[2::2], fmt="%d", fontsize=8, colors=[CHROME["ink"]])
    ax.set(xticks=range(0, 13, 3), yticks=range(4, 11))
    best = linear.normal_equation(X, y)
    ax.plot(*best, "+", color=COLORS["truth"], markersize=9, markeredgewidth=1.6)
    (spot,) = ax.plot(*w[_START], "o", color=COLORS["model"], markersize=8)
    ax.set(title="Its place in the bowl", xlabel="intercept (min)", ylabel="slope (min per km)")
    return spot, w[..., :1], w[..., 1:]


def fitted_lines(commutes, w, ax):
    """Draw the model of distance and weekday: two parallel lines and the five residuals."""
    for weekday, style, name, shift in ((1, "-", "weekday", (4, 2)), (0, "--", "weekend", (4, -8))):
        y_hat = w[0] + w[1] * _ROAD + w[2] * weekday
        ax.plot(_ROAD, y_hat, style, color=COLORS["model"], linewidth=1.4)
        label(ax, name, (_ROAD[1], y_hat[1]), shift, COLORS["model"], annotation_clip=False)
    y_hat = linear.predict(linear.design_matrix(commutes.features), w)
    ax.plot(*_segments(commutes.distance, commutes.minutes, y_hat), color=COLORS["residual"])
    sides = (1, -1, 1, 1, -1)  # above or below its point, clear of the lines and of each other
    for x, y, gap, side in zip(
        commutes.distance, commutes.minutes, commutes.minutes - y_hat, sides, strict=True
    ):
        label(
            ax, number(gap, "+.1f"), (x, y), (0, 14 * side), COLORS["residual"],
            ha="center", va="center",
        )  # fmt: skip
    _points(commutes, ax)
    return _road(ax)


def bowl_and_valley(X, X_dependent, y, axes):
    """Draw the cost around a minimum twice: independent columns, and one column too many.

    `X_dependent` is X with the weekend flag as a fourth column.
    """
    shift = np.linspace(-6, 6, 121)
    a, b = np.meshgrid(shift, shift)
    w = linear.normal_equation(X, y)
    zero = np.zeros_like(a)
    moves = (np.stack([a, zero, b], axis=-1), np.stack([a, zero, b, b], axis=-1))
    for ax, M, centre, move in zip(axes, (X, X_dependent), (w, [*w, 0.0]), moves, strict=True):
        levels = linear.cost(X, y, w) + np.array([0.1, 0.4, 1.2, 3, 7, 15, 30])
        contours.shades(shift, shift, linear.cost(M, y, np.asarray(centre) + move), levels, ax)
        ax.set_aspect("equal")
        ax.set(xlabel="added to the intercept (min)", xticks=[-4, 0, 4], yticks=[-4, 0, 4])
    left, right = axes
    left.plot(0, 0, "o", color=COLORS["truth"])
    left.set(title="A bowl: one minimum", ylabel="added to the weekday weight (min)")
    right.plot(shift, -shift, color=COLORS["truth"], linewidth=2.4)
    right.set(title="A valley: a line of minima", ylabel="added to both flags' weights (min)")
    return axes


def projection(commutes, w, ax):
    """Draw the measured times, their shadow on the plane of the features, and the residual.

    After the mean is taken off, the two feature columns span a plane in five dimensions and the
    times stick out of it in one direction. Those three directions are drawn to scale in minutes,
    seen from above the plane at an angle.
    """
    distance, weekday, measured = _centred(commutes, w)
    multiples = np.array([(-0.1, -1.6), (1.15, -1.6), (1.15, 2.6), (-0.1, 2.6)])
    *plane, corner, foot, top = _seen(
        [*(multiples @ [distance, weekday]), distance, distance + weekday, measured],
        np.column_stack([distance, weekday, measured - distance - weekday]),
    )
    ax.fill(*np.transpose(plane), color=CHROME["grid"], alpha=0.6, linewidth=0)
    origin, model = (0, 0), COLORS["model"]
    for tail, head, color, width in (
        (origin, corner, model, 1.4),
        (corner, foot, model, 1.4),
        (origin, foot, model, 2.4),
        (origin, top, COLORS["data"], 2.4),
        (foot, top, COLORS["residual"], 2.4),
    ):
        ax.annotate("", head, tail, arrowprops=_arrow(color, width))
    times = "measured times $\\mathbf{y}$"
    label(ax, times, 0.6 * top, (-8, 10), COLORS["data"], ha="right")
    label(ax, "predictions $\\hat{\\mathbf{y}}$", foot, (8, -3), model)
    label(ax, "residual $\\mathbf{e}$", (foot + top) / 2, (8, 0), COLORS["residual"])
    label(ax, "distance part", 0.5 * corner, (4, -16), model)
    label(ax, "weekday part", corner, (6, -12), model)
    ax.set(xlim=(-4, 28), ylim=(-4, 13.5), aspect="equal")
    ax.set_axis_off()
    return ax


def _centred(commutes, w):
    """Return the parts of distance and weekday and the times, their means taken off: each (n,)."""
    centred = commutes.features - commutes.features.mean(axis=0)
    return *(centred * w[1:]).T, commutes.minutes - commutes.minutes.mean()


def _seen(vectors, columns):
    """Return where vectors (k, n) are drawn: (k, 2). The columns (n, 3) span what is seen.

    The first two lie in the plane that is seen from above at an angle, the third stands on it.
    """
    basis, scale = np.linalg.qr(columns)
    along, across, up = (np.array(vectors) @ (basis * np.sign(np.diag(scale)))).T
    turn, tilt = np.radians(18), np.radians(30)
    right = along * np.cos(turn) - across * np.sin(turn)
    back = along * np.sin(turn) + across * np.cos(turn)
    return np.stack([right, back * np.sin(tilt) + up * np.cos(tilt)], axis=-1)


def hat_matrix(P, ax):
    """Draw how much each measured time counts in each prediction, as numbers on colours."""
    n = len(P)
    colors = LinearSegmentedColormap.from_list(
        "count", [COLORS["residual"], CHROME["paper"], COLORS["model"]]
    )
    ax.imshow(P, cmap=colors, vmin=-1, vmax=1)
    for i, j in np.ndindex(n, n):
        weight = "bold" if i == j else "normal"
        ax.text(j, i, number(P[i, j], ".2f"), ha="center", va="center", weight=weight)
    ticks = range(n)
    ax.set_xticks(ticks, [f"$y_{k + 1}$" for k in ticks])
    ax.set_yticks(ticks, [f"$\\hat y_{k + 1}$" for k in ticks])
    ax.grid(False)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    return ax


def _points(commutes, ax):
    for weekday, face in ((1, COLORS["data"]), (0, CHROME["paper"])):
        chosen = commutes.weekday == weekday
        ax.plot(
            commutes.distance[chosen],
            commutes.minutes[chosen],
            "o",
            color=COLORS["data"],
            markerfacecolor=face,
            markeredgewidth=1.6,
            markersize=7,
        )


def _road(ax, title=""):
    ax.set(
        xlim=(0, 6),
        ylim=(0, 60),
        xlabel="distance (km)",
        ylabel="time on the way (min)",
        title=title,
    )
    return ax


def _segments(x, y, y_hat):
    """Return the gaps between y and y_hat as one line, broken by NaN: (3n,) and (..., 3n)."""
    gap = np.full_like(y_hat, np.nan)
    pieces = np.stack([np.broadcast_to(y, y_hat.shape), y_hat, gap], axis=-1)
    return np.repeat(x, 3), pieces.reshape(*y_hat.shape[:-1], -1)


def _verdict(cost, above):
    if above < 0.01:
        return f"C = {cost:.3f} min², {above:.3f} above the least: no setting comes closer"
    if above < 0.1:
        return f"C = {cost:.2f} min², {above:.2f} above the least: hardly to be told from the best"
    return f"C = {cost:.2f} min², {above:.2f} above the least"


def _arrow(color, width):
    return {"arrowstyle": "-|>", "color": color, "linewidth": width, "shrinkA": 0, "shrinkB": 0}
