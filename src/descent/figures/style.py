"""One palette and one style for every picture of the book.

The same thing has the same colour in every chapter. The hues are told apart by readers with any
common colour vision, and each reaches a contrast of 3 : 1 on the page, light or dark.
"""

from functools import partial
from importlib.resources import as_file, files

import matplotlib.pyplot as plt

from descent import flipbook

# name -> (on light paper, on dark paper)
_HUES = {
    "data": ("#33415c", "#c3cede"),  # what was measured
    "model": ("#0072b2", "#56b4e9"),  # what the model says
    "truth": ("#5f6670", "#a3abb5"),  # what is known exactly: the optimum, a toy law
    "residual": ("#c2477f", "#f08cb8"),  # the gap between the two
    "gd": ("#c9540a", "#ff9a56"),  # gradient descent
    "sgd": ("#00805f", "#3fcfa4"),  # stochastic gradient descent
    "validation": ("#7a5bc4", "#b8a1f2"),  # error on points the fit has not seen
    "limit": ("#94690a", "#e3b341"),  # limits and bounds
}
_CHROME = {
    "ink": ("#222831", "#e4e7eb"),  # axes, text
    "muted": ("#626b77", "#9aa4b1"),  # ticks, secondary text
    "grid": ("#dde2e8", "#3a424d"),  # grid lines, faint frames
    "paper": ("#ffffff", "#14181e"),  # background
}

PALETTE = _HUES | _CHROME
COLORS = {name: light for name, (light, _) in _HUES.items()}
CHROME = {name: light for name, (light, _) in _CHROME.items()}

# The interactive figure in the book's colours; otherwise as descent.flipbook has it.
Flipbook = partial(flipbook.Flipbook, palette=PALETTE)


def use_style():
    """Draw all further figures in the book's style."""
    with as_file(files("descent.figures") / "book.mplstyle") as path:
        plt.style.use(path)
