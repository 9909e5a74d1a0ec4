"""The pictures of chapter 1: five trips, the lines through them, and the bowl of their cost."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from descent import linear
from descent.figures.style import CHROME, COLORS
from descent.flipbook import Control, Flipbook

# The settings of the two sliders; the answer of the equation lies between two notches.
INTERCEPTS = np.linspace(0, 12, 49)  # min
SLOPES = np.linspace(4, 10, 49)  # min per km

_LEVELS = np.array([3, 4, 6, 10, 16, 26, 42, 68, 110])  # min squared, each about 1.6 times the last


def trips(commutes, ax):
    """Draw time against distance, weekdays filled and weekends open."""
    _points(commutes, ax)
    for row, name, offset in ((3, "weekday", (-8, -4)), (2, "weekend", (8, -4))):
        ax.annotate(
            name,
            (commutes.distance[row], commutes.minutes[row]),
            xytext=offset,
            textcoords="offset points",
            ha="right" if offset[0] < 0 else "left",
        )
    return _road(ax)


def fit_by_hand(commutes):
    """Return the figure with two sliders: a line through the trips, and its place in the bowl."""
    X, y = linear.design_matrix(commutes.distance), commutes.minutes
    best = linear.normal_equation(X, y)
    w = np.stack(np.meshgrid(INTERCEPTS, SLOPES, indexing="ij"), axis=-1)
    cost, least = linear.cost(X, y, w), linear.cost(X, y, best)
    ends = np.array([0.0, 6.0])
    lines = linear.predict(linear.design_matrix(ends), w)
    at, misses = _segments(commutes.distance, y, linear.predict(X, w))
    start = (0, 32)  # intercept 0, slope 8: a guess that charges by the kilometre alone

    fig, (left, right) = plt.subplots(1, 2, figsize=(6.6, 3.5), width_ratios=[1.15, 1])
    (gaps,) = left.plot(
        at, misses[start], color=COLORS["residual"], linewidth=2.4, label="measured, predicted"
    )
    (line,) = left.plot(ends, lines[start], color=COLORS["model"], label="its two ends")
    _points(commutes, left)
    _road(left, title="The line")
    _bowl(X, y, right)
    right.plot(*best, "+", color=COLORS["truth"], markersize=9, markeredgewidth=1.6)
    (spot,) = right.plot(*w[start], "o", color=COLORS["model"], markersize=8)
    right.set(title="Its place in the bowl", xlabel="intercept (min)", ylabel="slope (min per km)")

    book = Flipbook(
        fig,
        controls=[
            Control(
                "intercept", INTERCEPTS, label="intercept (min)", start=start[0], format="{:.2f}"
            ),
            Control("slope", SLOPES, label="slope (min per km)", start=start[1], format="{:.3f}"),
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
    book.line(gaps, at, misses)
    book.line(line, ends, lines)
    book.line(spot, w[..., :1], w[..., 1:])
    book.predict(
        "The line starts at intercept 0 and slope 8. Raise the intercept to 9 minutes: "
        "which slope fits best then?",
        choices=["a steeper one, near 10", "still 8", "a flatter one, near 6"],
        answer=2,
        explain="A higher intercept lifts the whole line, so the line must tilt down to stay near "
        "the points. In the bowl that trade is the tilted valley.",
    )
    return book


def fitted_lines(commutes, w, ax):
    """Draw the model of distance and weekday: two parallel lines and the five residuals."""
    ends = np.array([0.0, 6.0])
    for weekday, style, name in ((1, "-", "weekday"), (0, "--", "weekend")):
        y_hat = w[0] + w[1] * ends + w[2] * weekday
        ax.plot(ends, y_hat, style, color=COLORS["model"], linewidth=1.4)
        ax.annotate(
            name,
            (ends[1], y_hat[1]),
            xytext=(4, 2 if weekday else -8),
            textcoords="offset points",
            color=COLORS["model"],
            annotation_clip=False,
        )
    y_hat = linear.predict(linear.design_matrix(commutes.features), w)
    ax.plot(*_segments(commutes.distance, commutes.minutes, y_hat), color=COLORS["residual"])
    sides = (1, -1, 1, 1, -1)  # above or below its point, clear of the lines and of each other
    for x, y, e, side in zip(
        commutes.distance, commutes.minutes, commutes.minutes - y_hat, sides, strict=True
    ):
        ax.annotate(
            f"{e:+.1f}".replace("-", "\N{MINUS SIGN}"),
            (x, y),
            xytext=(0, 14 * side),
            textcoords="offset points",
            ha="center",
            va="center",
            color=COLORS["residual"],
        )
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
        _contours(ax, shift, shift, linear.cost(M, y, np.asarray(centre) + move), levels)
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
    centred = commutes.features - commutes.features.mean(axis=0)
    part_distance, part_weekday = (centred * w[1:]).T
    measured = commutes.minutes - commutes.minutes.mean()
    fitted = part_distance + part_weekday
    basis, _ = np.linalg.qr(np.column_stack([part_distance, part_weekday, measured - fitted]))
    basis *= np.sign(
        [part_distance @ basis[:, 0], part_weekday @ basis[:, 1], measured @ basis[:, 2]]
    )

    turn, tilt = np.radians(18), np.radians(30)

    def seen(vector):
        along, across, up = vector @ basis
        right = along * np.cos(turn) - across * np.sin(turn)
        back = along * np.sin(turn) + across * np.cos(turn)
        return right, back * np.sin(tilt) + up * np.cos(tilt)

    plane = np.array([seen(s * part_distance + t * part_weekday) for s, t in _PLANE])
    ax.fill(*plane.T, color=CHROME["grid"], alpha=0.6, linewidth=0)
    origin, foot, top = (0, 0), seen(fitted), seen(measured)
    corner = seen(part_distance)
    for tail, head, color, width in (
        (origin, corner, COLORS["model"], 1.4),
        (corner, foot, COLORS["model"], 1.4),
        (origin, foot, COLORS["model"], 2.4),
        (origin, top, COLORS["data"], 2.4),
        (foot, top, COLORS["residual"], 2.4),
    ):
        ax.annotate("", head, tail, arrowprops=_arrow(color, width))
    _label(
        ax, np.multiply(top, 0.6), "measured times $\\mathbf{y}$", COLORS["data"], (-8, 10), "right"
    )
    _label(ax, foot, "predictions $\\hat{\\mathbf{y}}$", COLORS["model"], (8, -3), "left")
    _label(
        ax,
        np.mean([foot, top], axis=0),
        "residual $\\mathbf{e}$",
        COLORS["residual"],
        (8, 0),
        "left",
    )
    _label(ax, np.multiply(corner, 0.5), "distance part", COLORS["model"], (4, -16), "left")
    _label(ax, corner, "weekday part", COLORS["model"], (6, -12), "left")
    ax.set(xlim=(-4, 28), ylim=(-4, 13.5), aspect="equal")
    ax.set_axis_off()
    return ax


def hat_matrix(P, ax):
    """Draw how much each measured time counts in each prediction, as numbers on colours."""
    n = len(P)
    colors = LinearSegmentedColormap.from_list(
        "count", [COLORS["residual"], CHROME["paper"], COLORS["model"]]
    )
    ax.imshow(P, cmap=colors, vmin=-1, vmax=1)
    for i, j in np.ndindex(n, n):
        text = f"{P[i, j]:.2f}".replace("-", "\N{MINUS SIGN}")
        ax.text(j, i, text, ha="center", va="center", weight="bold" if i == j else "normal")
    ticks = range(n)
    ax.set_xticks(ticks, [f"$y_{k + 1}$" for k in ticks])
    ax.set_yticks(ticks, [f"$\\hat y_{k + 1}$" for k in ticks])
    ax.grid(False)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    return ax


_PLANE = [(-0.1, -1.6), (1.15, -1.6), (1.15, 2.6), (-0.1, 2.6)]  # multiples of the two parts


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


def _bowl(X, y, ax):
    intercept, slope = np.linspace(-0.6, 12.6, 67), np.linspace(3.7, 10.3, 67)
    cost = linear.cost(X, y, np.stack(np.meshgrid(intercept, slope), axis=-1))
    lines = _contours(ax, intercept, slope, cost, _LEVELS)
    ax.clabel(lines, _LEVELS[2::2], fmt="%d", fontsize=8, colors=[CHROME["ink"]])
    ax.set(xticks=range(0, 13, 3), yticks=range(4, 11))


def _contours(ax, x, y, cost, levels):
    """Draw the bowl as chapter 4 does: a shade for each level, darkest at the bottom."""
    ax.grid(False)
    for level in levels:
        ax.contourf(x, y, cost, levels=[-1, level], colors=[CHROME["muted"]], alpha=0.06)
    return ax.contour(x, y, cost, levels=levels, colors=[CHROME["muted"]], linewidths=0.6)


def _verdict(cost, above):
    if above < 0.01:
        return f"C = {cost:.3f} min², {above:.3f} above the least: no setting comes closer"
    if above < 0.1:
        return f"C = {cost:.2f} min², {above:.2f} above the least: hardly to be told from the best"
    return f"C = {cost:.2f} min², {above:.2f} above the least"


def _arrow(color, width):
    return {"arrowstyle": "-|>", "color": color, "linewidth": width, "shrinkA": 0, "shrinkB": 0}


def _label(ax, at, words, color, offset, align):
    ax.annotate(words, at, xytext=offset, textcoords="offset points", ha=align, color=color)
