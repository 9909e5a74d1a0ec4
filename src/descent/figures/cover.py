"""The book's sign and its card: gradient descent on a bowl, walked by the core."""

import matplotlib.pyplot as plt
import numpy as np

from descent.figures.style import CHROME, COLORS
from descent.optimize import gradient_descent

CARD_DPI = 120  # 10 in by 5.25 in: 1200 by 630 pixels, what link previews ask for
_SIDE, _EDGE, _DEPTH = 64, 8, 46  # the sign's square, its margin, the height of the bowl
_START, _RATE, _STEPS = -0.86, 0.24, 2


def _walk(start, eta, steps):
    """The iterates of gradient descent on C(w) = w^2, whose slope is 2 w."""
    return gradient_descent(lambda w: 2 * w, np.array([start]), eta, steps).w[:, 0]


def _place(w):
    """Where a weight between -1 and 1 and its cost lie in the sign's square, y downwards."""
    half = _SIDE / 2 - _EDGE
    return _SIDE / 2 + half * w, _EDGE + 2 + _DEPTH * (1 - w**2)


def logo_svg():
    """Return the book's sign as SVG text: a bowl and four iterates on it."""
    # A parabola is a Bezier curve of degree 2: its control point is where the end tangents meet.
    (left, top), (right, _) = _place(-1.0), _place(1.0)
    bottom = _place(0.0)[1]
    bowl = f"M{left:g} {top:g}Q{_SIDE / 2:g} {2 * bottom - top:g} {right:g} {top:g}"
    xs, ys = _place(_walk(_START, _RATE, _STEPS))
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in zip(xs, ys, strict=True))
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{5 - k / 2:g}"/>'
        for k, (x, y) in enumerate(zip(xs, ys, strict=True))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIDE} {_SIDE}" role="img" '
        'aria-label="Descent">\n'
        f'  <path d="{bowl}" fill="none" stroke="{COLORS["model"]}" stroke-width="5" '
        'stroke-linecap="round"/>\n'
        f'  <path d="M{path}" fill="none" stroke="{COLORS["gd"]}" stroke-width="2.5"/>\n'
        f'  <g fill="{COLORS["gd"]}">{dots}</g>\n'
        "</svg>\n"
    )


def social_card():
    """Return the picture that stands beside a link to the book, a figure of 1200 by 630 pixels."""
    figure = plt.Figure(figsize=(10, 5.25), facecolor=CHROME["paper"], layout="none")
    ax = figure.add_axes((0.56, 0.08, 0.4, 0.84))
    w = np.linspace(-1, 1, 200)
    ax.plot(w, w**2, color=COLORS["model"], linewidth=7, solid_capstyle="round")
    iterates = _walk(-0.94, 0.13, 9)
    ax.plot(iterates, iterates**2, "o-", color=COLORS["gd"], linewidth=2.5, markersize=13)
    ax.axis("off")
    figure.text(0.06, 0.56, "Descent", fontsize=64, fontweight="bold", color=CHROME["ink"])
    figure.text(
        0.063, 0.42, "from least squares\nto backpropagation", fontsize=25, va="top",
        color=CHROME["ink"], linespacing=1.4,
    )  # fmt: skip
    figure.text(0.063, 0.12, "A textbook whose figures answer", fontsize=17, color=CHROME["muted"])
    return figure
