"""The pictures of chapter 2: curves that bend too much, and the penalty that holds them back."""

import matplotlib.pyplot as plt
import numpy as np

from descent import data, linear
from descent.experiments import chapter02 as experiments
from descent.experiments.chapter02 import DEGREES, HOURS, STRENGTHS
from descent.figures.helpers import label, number
from descent.figures.style import CHROME, COLORS, Flipbook
from descent.flipbook import Control

_START = (3, len(DEGREES) - 1)  # 1e-11 and degree 14: the penalty does nothing yet


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
        shift = (-8, 6) if word == "training" else (-10, 0)
        label(ax, word, (degrees[last], values[last]), shift, color, ha="right")
    return ax


def mornings(rush, ax, fits=()):
    """Draw the thirty mornings, and with fits the curves through them and the law behind them."""
    ax.plot(rush.hour, rush.minutes, "o", color=COLORS["data"])
    if fits:
        ax.plot(HOURS, data.rush_hour_truth(HOURS), ":", color=COLORS["truth"])
    looks = (("-", 8.55, (8, 4)), ("--", 6.36, (-8, -12)), ("-.", 6.05, (0, 5)))
    for w, (style, hour, shift) in zip(fits, looks, strict=False):
        minutes = experiments.curve(w)
        ax.plot(HOURS, minutes, style, color=COLORS["model"], linewidth=1.5)
        at = (hour, np.interp(hour, HOURS, minutes))
        label(ax, f"degree {len(w) - 1}", at, shift, COLORS["model"])
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
    run = experiments.ridges(rush, fold)
    fig, axes = plt.subplot_mosaic([["fit", "fit"], ["weights", "errors"]], figsize=(6.6, 5.8))
    fit = _fit(run, rush, axes["fit"])
    lines = (fit, *_bars(run, axes["weights"]), *_scores(run, axes["errors"]))
    book = Flipbook(
        fig,
        [
            Control("lam", STRENGTHS, label="strength λ", start=_START[0], format="{:.1e}"),
            Control("degree", DEGREES, label="degree", start=_START[1], format="{:.0f}"),
        ],
        title="Ridge: the strength of the penalty and the degree",
        alt=(
            "With degree 14 and nearly no penalty the curve wriggles between thirty mornings, its "
            "weights reach ten thousand with changing signs, and the validation error is hundreds "
            "of times the training error; towards stronger penalties it falls, then rises."
        ),
        readout=[
            [_verdict(i, k, run.training, run.validation) for k in range(len(DEGREES))]
            for i in range(len(STRENGTHS))
        ],
        code="linear.ridge(linear.polynomial_features(x, {degree:.0f}), minutes, lam={lam:.1e})",
    )
    for line in lines:
        book.line(*line)
    book.ghost(fit[0])
    book.predict(
        "Keep degree 14 and raise λ step by step. What will the validation error do in the end?",
        choices=["rise from the start", "fall, then rise again", "fall for ever"],
        answer=1,
        explain="A little penalty removes the wriggles that only followed the noise. Too much "
        "of it also removes the rush hour, and in the end every prediction is the mean.",
    )
    return book


def _fit(run, rush, ax):
    """Draw the mornings, the law and the first curve; return that line with all its x and y."""
    mornings(rush, ax)
    ax.plot(HOURS, data.rush_hour_truth(HOURS), ":", color=COLORS["truth"])
    (fit,) = ax.plot(HOURS, run.curve[_START], color=COLORS["model"])
    ax.set_title("Curve")
    return fit, HOURS, run.curve


def _bars(run, ax):
    """Draw the first weights as stalks with heads; return both lines with all their x and y."""
    powers = np.arange(DEGREES[-1] + 1)
    stem_at, stems = np.repeat(powers, 3), _stems(run.weights)
    (stalks,) = ax.plot(stem_at, stems[_START], color=COLORS["model"], linewidth=3)
    (heads,) = ax.plot(powers, run.weights[_START], "o", color=COLORS["model"], markersize=5)
    ax.axhline(0, color=CHROME["muted"], linewidth=0.8)
    ax.set_yscale("symlog", linthresh=10)
    ax.set(title="Weights", xlabel="power of x", ylabel="weight (min)")
    ax.set(xlim=(-0.6, DEGREES[-1] + 0.6), ylim=(-5e4, 5e4), xticks=powers[::2])
    ax.set_yticks(
        [-1e4, -1e3, -1e2, -10, 0, 10, 1e2, 1e3, 1e4],
        ["−10⁴", "−10³", "−100", "−10", "0", "10", "100", "10³", "10⁴"],
    )
    return (stalks, stem_at, stems), (heads, powers, run.weights)


def _scores(run, ax):
    """Draw both errors over the strength, with a dot; return the lines with all their x and y."""
    i, k = _START
    taught, unseen = _two_errors(STRENGTHS, run.training[:, k], run.validation[:, k], ax)
    at, big = STRENGTHS[i], {"markersize": 8}
    (low,) = ax.plot(at, run.training[_START], "o", color=COLORS["model"], **big)
    (high,) = ax.plot(at, run.validation[_START], "o", color=COLORS["validation"], **big)
    ax.text(8, 2, "training", color=COLORS["model"], ha="right")
    ax.text(8, 3e3, "validation", color=COLORS["validation"], ha="right")
    ax.set(title="Errors", xscale="log", xlabel="strength λ")
    ax.set(xlim=(5e-13, 20), ylim=(1, 2e4), xticks=[1e-12, 1e-8, 1e-4, 1])
    spots = STRENGTHS[:, None, None]
    return (
        (taught, STRENGTHS, run.training.T[None]),
        (unseen, STRENGTHS, run.validation.T[None]),
        (low, spots, run.training[..., None]),
        (high, spots, run.validation[..., None]),
    )


def strengths(lam, training, validation, ax):
    """Draw both errors over the strength of the penalty and mark the least validation error."""
    _two_errors(lam, training, validation, ax)
    best = int(np.argmin(validation))
    ax.plot(lam[best], validation[best], "o", color=COLORS["validation"], markersize=8)
    words = f"least: {number(validation[best], '.2f')} min²"
    line = {"arrowstyle": "-", "color": COLORS["validation"], "shrinkB": 5}
    label(
        ax, words, (lam[best], validation[best]), (0, 40), COLORS["validation"],
        ha="center", arrowprops=line,
    )  # fmt: skip
    label(ax, "validation", (lam[4], validation[4]), (8, 4), COLORS["validation"])
    label(ax, "training", (lam[4], training[4]), (0, 6), COLORS["model"])
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
        label(ax, word, (y[last], values[last]), (8, -3), COLORS[color], annotation_clip=False)
    label(ax, "mean time", (2, y.mean()), (0, 4))
    label(ax, "perfect", (43, 43), (-8, 0), ha="right")
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


def _stems(weights):
    """Return stalks from 0 to each weight as one line, broken by NaN: (..., 3p)."""
    zero = np.where(np.isnan(weights), np.nan, 0.0)
    stalks = np.stack([zero, weights, np.full_like(weights, np.nan)], axis=-1)
    return stalks.reshape(*weights.shape[:-1], -1)


def _verdict(i, k, training, validation):
    """Say in one sentence what this strength does at this degree."""
    best = validation[:, k].argmin()
    miss, least = validation[i, k], validation[best, k]
    shown = number(miss, ".2f" if miss < 100 else ".0f")
    head = f"training {training[i, k]:.2f}, validation {shown} min²"
    if miss <= 1.03 * least:
        return f"{head}; about the best λ for this degree"
    if i < best:
        return f"{head}; too weak, the curve follows the noise"
    return f"{head}; too strong, the curve loses the rush hour"
