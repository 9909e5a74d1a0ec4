"""A cost seen from above, as every chapter draws it: a shade for each level, darkest within."""

import numpy as np

from descent.figures.style import CHROME


def shades(x, y, cost, levels, ax):
    """Draw a cost (rows, columns) over x and y; return its contour lines."""
    ax.grid(False)
    for level in levels:
        ax.contourf(x, y, cost, levels=[-1, level], colors=[CHROME["muted"]], alpha=0.06)
    return ax.contour(x, y, cost, levels=levels, colors=[CHROME["muted"]], linewidths=0.6)


def valley(seen, xlim, ylim, ax, *, inner=0.05, count=8, rows=181):
    """Draw the plane of an `experiments.walks.Valley`: each contour four times the one inside.

    inner : the innermost level; count : of the levels; rows : of the grid the cost is taken on
    """
    along, across = np.linspace(*xlim, 61), np.linspace(*ylim, rows)
    excess = seen.cost(*np.meshgrid(along, across))
    shades(along, across, excess, inner * 4.0 ** np.arange(count), ax)
    ax.set(xlim=xlim, ylim=ylim)
    return ax
