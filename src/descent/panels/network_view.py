"""The picture of a network in training: its curves, and what it answers."""

import numpy as np
from matplotlib.colors import to_rgb

from descent.figures.style import CHROME, COLORS
from descent.panels.panel import Panel

MOST_JUDGED = 5000  # samples that the curves and the picture are made of

_GRID = 90  # the answers are computed on so many points each way
_HUES = {"training": "model", "validation": "validation"}


class NetworkView(Panel):
    """Left the cost over the epochs; right the answers over the plane, or the share of right ones.

    A subclass keeps `training` and `validation`, which are Samples, the `rows` of the curves, the
    epoch `goal`, and `_snapshot() -> network`.
    """

    @property
    def plane(self):
        """Whether there are two features, which make a plane."""
        return self.training.X.shape[1] == 2

    @property
    def alt(self):
        """A sentence that says what the picture shows."""
        right = "the answer all over the plane" if self.plane else "the share of right answers"
        return f"Left, the cost over the epochs. Right, {right}."

    def scene(self):
        """The axes depend on how far the run goes and on the powers of ten that the cost spans."""
        costs = np.array([[row.cost, row.validation_cost] for row in self.rows])
        costs = costs[np.isfinite(costs) & (costs > 1e-12)]
        costs = np.append(costs, self._clip(self.rows[0].cost))
        low, high = np.floor(np.log10(0.999 * costs.min())), np.ceil(np.log10(1.1 * costs.max()))
        return self.goal, float(low), float(high)

    @staticmethod
    def _clip(cost):
        return float(np.clip(np.nan_to_num(cost, nan=1.0), 1e-12, 1e12))

    def frame(self, figure):
        """Draw both pairs of axes; return what moves in them."""
        left, right = figure.subplots(1, 2, width_ratios=[1.15, 1])
        figure.subplots_adjust(left=0.1, right=0.98, bottom=0.17, top=0.9, wspace=0.32)
        goal, low, high = self.scene()
        left.set(yscale="log", xlim=(0, goal), ylim=(10**low, 10**high))
        left.set(xlabel="epoch", ylabel="cost", title="Cost")
        curves = self._curves(left, 0.93)
        if self.plane:
            return *curves, *self._plane(right)
        right.set(xlim=(0, goal), ylim=(-0.02, 1.02), title="Right answers")
        right.set(xlabel="epoch", ylabel="share")
        return *curves, *self._curves(right, 0.18)

    def _curves(self, ax, height):
        """Name the curves of an axes, the first at this height; return them, empty."""
        names = ["training"] + ["validation"] * (self.validation is not None)
        for k, name in enumerate(names):
            ax.text(0.97, height - 0.09 * k, name, transform=ax.transAxes, ha="right",
                    va="center", color=COLORS[_HUES[name]])  # fmt: skip
        return [ax.plot([], [], color=COLORS[hue])[0] for hue in _HUES.values()]

    def _plane(self, ax):
        """Draw the axes of the two features; return the picture of the answers and the samples."""
        X = self.training.X[:MOST_JUDGED]
        margin = 0.3 * np.maximum(np.ptp(X, axis=0), 1e-9)
        (x0, y0), (x1, y1) = X.min(axis=0) - margin, X.max(axis=0) + margin
        across = (np.linspace(x0, x1, _GRID), np.linspace(y0, y1, _GRID))
        self._grid = np.stack(np.meshgrid(*across), axis=-1).reshape(-1, 2)
        image = ax.imshow(
            np.ones((_GRID, _GRID, 3)), extent=(x0, x1, y0, y1), origin="lower", aspect="auto",
            interpolation="bilinear",
        )  # fmt: skip
        ax.grid(False)
        ax.set(xlim=(x0, x1), ylim=(y0, y1), xlabel="feature 1", ylabel="feature 2")
        ax.set(title="Answers")
        self._tints = _tints(self.training.y.shape[1])
        points = []
        size = 7 if len(X) < 20 else 4
        for k, tint in enumerate(self._tints):
            fill = COLORS["data"] if k and len(self._tints) == 2 else CHROME["paper"]
            edge = COLORS["data"] if len(self._tints) == 2 else tint
            here = X[self.training.number[:MOST_JUDGED] == k]
            points += ax.plot(*here.T, "o", color=edge, markerfacecolor=fill, markersize=size)
        return image, *points

    def move(self):
        """Draw the curves up to now, and the network's present answers."""
        rows = np.array(self.rows)
        epoch, curves = rows[:, 0], rows[:, 1:].T
        top = 10.0 ** self.scene()[2]
        for curve, values in zip(self._moving[:2], curves[:2], strict=True):
            curve.set_data(epoch, np.where((values > 0) & (values <= top), values, np.nan))
        if not self.plane:
            for curve, values in zip(self._moving[2:], curves[2:], strict=True):
                curve.set_data(epoch, values)
            return
        a = self._snapshot().predict(self._grid)
        if a.shape[1] == 1:
            a = np.hstack([1 - a, a])
        sure = 0.25 * a + 0.25 * (a == a.max(axis=1, keepdims=True))
        shade = 1 - np.nan_to_num(sure) @ (1 - self._tints)
        self._moving[2].set_data(np.clip(shade, 0, 1).reshape(_GRID, _GRID, 3))


def _tints(k):
    """Return a colour for each class, (k, 3); of two classes the first is paper."""
    if k == 1:
        return np.array([to_rgb(CHROME["paper"]), to_rgb(COLORS["model"])])
    hues = ("model", "gd", "sgd", "residual", "validation", "limit", "data")
    return np.array([to_rgb(COLORS[hues[i % len(hues)]]) for i in range(k)])
