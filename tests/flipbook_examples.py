"""Small flipbooks in which everything moves that can move, for the tests."""

import matplotlib.pyplot as plt
import numpy as np

from descent import figures
from descent.flipbook import Control, Flipbook, Mark

RATES = np.linspace(0.1, 2.4, 24)
STEPS = np.arange(41)


def runs():
    """A walk down a parabola at each rate: errors that shrink, flip their sign or explode."""
    return (1 - RATES[:, None]) ** STEPS


def descending():
    """One control: a curve on a log axis that leaves the view, a marked walk, a changing text."""
    figures.use_style()
    error = runs()
    fig, (left, right) = plt.subplots(1, 2, figsize=(6, 3.2))
    (curve,) = left.plot(STEPS, STEPS + 1.0)
    left.set(
        yscale="log", xlim=(0, 40), ylim=(1e-3, 30), xlabel="step", ylabel="error", title="Error"
    )
    (walk,) = right.plot([0, 0], [1, 1], "o-", color=figures.COLORS["gd"], markersize=4)
    right.set(xlim=(-2, 2), ylim=(0, 40), xlabel="place", ylabel="step")
    note = right.text(0, 38, "", ha="center", va="top")
    start = 4
    book = Flipbook(
        fig,
        [
            Control(
                "eta",
                RATES,
                label="rate η",
                start=start,
                format="{:.1f}",
                marks=[Mark(2.0, "limit"), Mark(1.0, "best")],
            )
        ],
        title="Error and rate",
        alt="The error falls along a straight line on the logarithmic axis.",
        readout=[f"η = {r:.1f}: {'diverges' if r > 2 else 'converges'}" for r in RATES],
        code="walk(eta={eta:.2f}, steps=40)",
        table=("step t", "error"),
        palette=figures.PALETTE,
    )
    book.line(curve, STEPS, np.abs(error))
    book.line(walk, error, STEPS)
    book.text(note, ["overshoots" if r > 1 else "" for r in RATES])
    book.ghost(curve)
    book.predict(
        "What does the error do at η = 2.2?",
        ["falls", "stays", "grows"],
        2,
        "Each step overshoots.",
    )
    return book


def painting():
    """Three controls, one of names: an image, a scatter of many colours, a text that wanders."""
    figures.use_style()
    fig, (left, right) = plt.subplots(1, 2, figsize=(6, 3))
    wave = np.linspace(0, np.pi, 8)
    phases, tones, kinds = np.arange(6), [2.0, 1.0], ["sin", "cos"]
    stack = np.stack([np.sin(wave + p)[:, None] * np.cos(wave) for p in phases])[:, None, None]
    stack[0, ..., 0, 0] = np.nan
    picture = left.imshow(stack[2, 0, 0], cmap="viridis", vmin=-1, vmax=1, origin="lower")
    left.grid(False)
    spots = right.scatter([0, 1, 2], [0, 1, 2], c=[0.1, 0.5, 0.9], s=[20, 60, 120])
    right.set(xlim=(-0.5, 2.5), ylim=(-2.5, 2.5), xlabel="number", ylabel="height")
    name = right.text(1, 0, "")
    book = Flipbook(
        fig,
        [
            Control("phase", phases, start=2),
            Control("tone", tones, label="tone (dB)"),
            Control("kind", kinds, label="kind"),
        ],
        title="A painting",
        alt="A wave in colours on the left and three discs of growing size on the right.",
        code="paint({phase}, {tone:.1f}, {kind!s})",
        palette=figures.PALETTE,
    )
    book.image(picture, stack)
    shifts = phases[:, None, None, None] / 3 - np.array(tones)[:, None, None]
    book.points(spots, np.arange(3), shifts + np.array([0, np.nan, 1]))
    book.text(name, [kinds], x=1, y=phases[:, None, None] / 3)
    return book
