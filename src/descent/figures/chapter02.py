"""The pictures of chapter 2: curves that bend too much, and the penalty that holds them back."""

import matplotlib.pyplot as plt
import numpy as np

from descent import data, linear
from descent.figures.style import CHROME, COLORS
from descent.flipbook import Control, Flipbook

# The settings of the two sliders: three strengths a decade, and fourteen degrees.
STRENGTHS = np.logspace(-12, 1, 40)
DEGREES = np.arange(1, 15)

_HOURS = np.linspace(6, 10, 121)


def bends(commutes, fits, axes):
    """Draw the trips and one fitted polynomial in each of the axes; `fits` holds their weights."""
    km = np.linspace(0, 6, 241)
    for ax, w in zip(np.ravel(axes), fits, strict=True):
        degree = len(w) - 1
        ax.plot(km, linear.polynomial_features(km, degree) @ w, color=COLORS["model"])
        ax.plot(commutes.distance, commutes.minutes, "o", color=COLORS["data"])
        ax.set(xlim=(0, 6), ylim=(0, 60), title=f"degree {degree}")
        ax.set(xlabel="distance (km)", ylabel="time on the way (min)")
        ax.label_outer()
    return axes


def errors(degrees, training, validation, ax, name="validation"):
    """Draw the error on the points of the fit and on points it has not seen, over the degree."""
    for line in _two_errors(degrees, training, validation, ax):
        line.set(marker="o", markersize=4)
    ax.set(xlabel="degree m", xticks=degrees[:: 1 + len(degrees) // 8])
    ends = ((training, "training", COLORS["model"]), (validation, name, COLORS["validation"]))
    for values, word, color in ends:
        last = np.flatnonzero(np.isfinite(values))[-1]
        ax.annotate(
            word,
            (degrees[last], values[last]),
            xytext=(-8, 6) if word == "training" else (-10, 0),
            textcoords="offset points",
            ha="right",
            color=color,
        )
    return ax


def mornings(rush, ax, fits=()):
    """Draw the thirty mornings, and with fits the curves through them and the law behind them."""
    ax.plot(rush.hour, rush.minutes, "o", color=COLORS["data"])
    if fits:
        ax.plot(_HOURS, data.rush_hour_truth(_HOURS), ":", color=COLORS["truth"])
    looks = (("-", 8.55, (8, 4)), ("--", 6.36, (-8, -12)), ("-.", 6.05, (0, 5)))
    for w, (style, hour, offset) in zip(fits, looks, strict=False):
        ax.plot(_HOURS, _curve(w), style, color=COLORS["model"], linewidth=1.5)
        ax.annotate(
            f"degree {len(w) - 1}",
            (hour, np.interp(hour, _HOURS, _curve(w))),
            xytext=offset,
            textcoords="offset points",
            color=COLORS["model"],
        )
    return _clock(ax)


def imitation(x, recipe, axes):
    """Draw the highest power of x over its imitation by lower ones, and a thousand times the gap.

    `recipe` holds the weights of the lower powers; the dots are the values at x.
    """
    grid = np.linspace(-1, 1, 241)
    top = len(recipe)
    left, right = axes
    for values, at, style in ((grid, None, "-"), (x, right, "o")):
        powers = linear.polynomial_features(values, top)
        column, copy = powers[:, top], powers[:, :top] @ recipe
        if at is None:
            left.plot(grid, column, color=CHROME["grid"], linewidth=7)
            left.plot(grid, copy, "--", color=COLORS["model"])
        right.plot(values, 1000 * (column - copy), style, color=COLORS["residual"], markersize=5)
    left.text(0.86, 0.5, f"$x^{{{top}}}$", ha="right")
    left.text(-0.86, 0.5, "imitation", color=COLORS["model"])
    left.set(title="A power and its imitation", xlabel="x")
    right.set(title="1000 × difference", xlabel="x")
    return axes


def bend_and_hold(rush, fold):
    """Return the figure with two sliders: the strength of the penalty and the degree.

    `fold` holds the number of the validation fold of each morning. Training error is that of the
    drawn curve; validation error comes from the fits that leave one fold out.
    """
    shape = (len(STRENGTHS), len(DEGREES))
    curve = np.empty((*shape, len(_HOURS)))
    weights = np.full((*shape, DEGREES[-1] + 1), np.nan)
    training, validation = np.empty(shape), np.empty(shape)
    for k, degree in enumerate(DEGREES):
        X = linear.polynomial_features((rush.hour - 8) / 2, degree)
        w = linear.ridge(X, rush.minutes, STRENGTHS)
        curve[:, k] = _curve(w)
        weights[:, k, : degree + 1] = w
        training[:, k] = 2 * linear.cost(X, rush.minutes, w)
        validation[:, k] = _validation(X, rush.minutes, fold)
    best = validation.argmin(axis=0)
    start = (3, len(DEGREES) - 1)  # 1e-11 and degree 14: the penalty does nothing yet

    fig, axes = plt.subplot_mosaic([["fit", "fit"], ["weights", "errors"]], figsize=(6.6, 5.8))
    road, bars, score = axes["fit"], axes["weights"], axes["errors"]
    mornings(rush, road)
    road.plot(_HOURS, data.rush_hour_truth(_HOURS), ":", color=COLORS["truth"])
    (fit,) = road.plot(_HOURS, curve[start], color=COLORS["model"])
    road.set_title("Curve")

    powers = np.arange(DEGREES[-1] + 1)
    stem_at, stems = np.repeat(powers, 3), _stems(weights)
    (stalks,) = bars.plot(stem_at, stems[start], color=COLORS["model"], linewidth=3)
    (heads,) = bars.plot(powers, weights[start], "o", color=COLORS["model"], markersize=5)
    bars.axhline(0, color=CHROME["muted"], linewidth=0.8)
    bars.set_yscale("symlog", linthresh=10)
    bars.set(
        title="Weights",
        xlabel="power of x",
        ylabel="weight (min)",
        xlim=(-0.6, DEGREES[-1] + 0.6),
        ylim=(-5e4, 5e4),
        xticks=powers[::2],
    )
    bars.set_yticks(
        [-1e4, -1e3, -1e2, -10, 0, 10, 1e2, 1e3, 1e4],
        ["−10⁴", "−10³", "−100", "−10", "0", "10", "100", "10³", "10⁴"],
    )

    taught, unseen = _two_errors(STRENGTHS, training[:, start[1]], validation[:, start[1]], score)
    at = STRENGTHS[start[0]]
    (low,) = score.plot(at, training[start], "o", color=COLORS["model"], markersize=8)
    (high,) = score.plot(at, validation[start], "o", color=COLORS["validation"], markersize=8)
    score.text(8, 2, "training", color=COLORS["model"], ha="right")
    score.text(8, 3e3, "validation", color=COLORS["validation"], ha="right")
    score.set(
        title="Errors",
        xscale="log",
        xlabel="strength λ",
        xlim=(5e-13, 20),
        ylim=(1, 2e4),
        xticks=[1e-12, 1e-8, 1e-4, 1],
    )

    book = Flipbook(
        fig,
        controls=[
            Control("lam", STRENGTHS, label="strength λ", start=start[0], format="{:.1e}"),
            Control("degree", DEGREES, label="degree", start=start[1], format="{:.0f}"),
        ],
        title="Ridge: the strength of the penalty and the degree",
        alt=(
            "With degree 14 and nearly no penalty the curve wriggles between thirty mornings, its "
            "weights reach ten thousand with changing signs, and the validation error is hundreds "
            "of times the training error; towards stronger penalties it falls, then rises."
        ),
        readout=np.array(
            [
                [_verdict(i, k, training, validation, best) for k in range(len(DEGREES))]
                for i in range(len(STRENGTHS))
            ]
        ),
        code="linear.ridge(linear.polynomial_features(x, {degree:.0f}), minutes, lam={lam:.1e})",
    )
    book.line(fit, _HOURS, curve)
    book.line(stalks, stem_at, stems)
    book.line(heads, powers, weights)
    book.line(taught, STRENGTHS, training.T[None])
    book.line(unseen, STRENGTHS, validation.T[None])
    spots = np.broadcast_to(STRENGTHS[:, None, None], (*shape, 1))
    book.line(low, spots, training[..., None])
    book.line(high, spots, validation[..., None])
    book.ghost(fit)
    book.predict(
        "Keep degree 14 and raise λ step by step. What will the validation error do in the end?",
        choices=["rise from the start", "fall, then rise again", "fall for ever"],
        answer=1,
        explain="A little penalty removes the wriggles that only followed the noise. Too much "
        "of it also removes the rush hour, and in the end every prediction is the mean.",
    )
    return book


def strengths(lam, training, validation, ax):
    """Draw both errors over the strength of the penalty and mark the least validation error."""
    _two_errors(lam, training, validation, ax)
    best = int(np.argmin(validation))
    ax.plot(lam[best], validation[best], "o", color=COLORS["validation"], markersize=8)
    ax.annotate(
        f"least: {validation[best]:.2f} min²",
        (lam[best], validation[best]),
        xytext=(0, 40),
        textcoords="offset points",
        ha="center",
        color=COLORS["validation"],
        arrowprops={"arrowstyle": "-", "color": COLORS["validation"], "shrinkB": 5},
    )
    ax.annotate(
        "validation",
        (lam[4], validation[4]),
        xytext=(8, 4),
        textcoords="offset points",
        color=COLORS["validation"],
    )
    ax.annotate(
        "training",
        (lam[4], training[4]),
        xytext=(0, 6),
        textcoords="offset points",
        color=COLORS["model"],
    )
    ax.set(xscale="log", xlabel="strength λ", ylim=(1, 2e4))
    return ax


def chosen_strengths(lam, one_split, five_folds, axes):
    """Draw how often each strength was chosen: by single splits above, by five folds below."""
    names = ("one split", "five folds")
    for ax, chosen, name in zip(axes, (one_split, five_folds), names, strict=True):
        counts = np.sum(np.asarray(chosen)[:, None] == np.arange(len(lam)), axis=0)
        ax.vlines(lam, 0, counts, color=COLORS["validation"], linewidth=4)
        ax.set(xscale="log", ylabel="times chosen", title=name, ylim=(0, None))
        ax.grid(axis="x", visible=False)
    axes[-1].set_xlabel("chosen strength λ")
    return axes


def held_and_free(y, held, free, ax):
    """Draw predicted against measured times with the intercept held and with it free."""
    ends = np.array([0, 50])
    ax.plot(ends, ends, ":", color=COLORS["truth"])
    ax.axhline(y.mean(), color=CHROME["muted"], linewidth=0.8)
    for values, marker, word, color in (
        (free, "o", "intercept free", "model"),
        (held, "s", "intercept held", "residual"),
    ):
        ax.plot(y, values, marker, color=COLORS[color])
        last = np.argmax(y)
        ax.annotate(
            word,
            (y[last], values[last]),
            xytext=(8, -3),
            textcoords="offset points",
            color=COLORS[color],
            annotation_clip=False,
        )
    ax.annotate("mean time", (2, y.mean()), xytext=(0, 4), textcoords="offset points")
    ax.annotate("perfect", (43, 43), xytext=(-8, 0), textcoords="offset points", ha="right")
    ax.set(xlim=(0, 50), ylim=(0, 50), xlabel="measured time (min)", ylabel="predicted time (min)")
    return ax


def _two_errors(x, training, validation, ax):
    (taught,) = ax.plot(x, training, color=COLORS["model"], label="training")
    (unseen,) = ax.plot(x, validation, "--", color=COLORS["validation"], label="validation")
    ax.set(yscale="log", ylabel="mean squared miss (min²)")
    return taught, unseen


def _clock(ax):
    hours = range(6, 11)
    ax.set(
        xlim=(6, 10),
        ylim=(12, 48),
        xlabel="departure",
        ylabel="time on the way (min)",
        xticks=hours,
        xticklabels=[f"{hour}:00" for hour in hours],
    )
    return ax


def _curve(w):
    """Return the polynomial with weights w (..., m + 1) over the whole morning."""
    return w @ linear.polynomial_features((_HOURS - 8) / 2, w.shape[-1] - 1).T


def _stems(weights):
    """Return stalks from 0 to each weight as one line, broken by NaN: (..., 3p)."""
    zero = np.where(np.isnan(weights), np.nan, 0.0)
    stalks = np.stack([zero, weights, np.full_like(weights, np.nan)], axis=-1)
    return stalks.reshape(*weights.shape[:-1], -1)


def _validation(X, y, fold):
    """Return the mean squared miss on the mornings of each fold in turn, for every strength."""
    squares = [
        (linear.ridge(X[fold != k], y[fold != k], STRENGTHS) @ X[fold == k].T - y[fold == k]) ** 2
        for k in np.unique(fold)
    ]
    return np.concatenate(squares, axis=-1).mean(axis=-1)


def _verdict(i, k, training, validation, best):
    """Say in one sentence what this strength does at this degree."""
    miss, least = validation[i, k], validation[best[k], k]
    head = f"training {training[i, k]:.2f}, validation {_short(miss)} min²"
    if miss <= 1.03 * least:
        return f"{head}; about the best λ for this degree"
    if i < best[k]:
        return f"{head}; too weak, the curve follows the noise"
    return f"{head}; too strong, the curve loses the rush hour"


def _short(value):
    return f"{value:.2f}" if value < 100 else f"{value:.0f}"
