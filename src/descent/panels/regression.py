"""Panels for least squares: gradient descent and stochastic steps on the reader's own numbers."""

from types import MappingProxyType

import ipywidgets
import numpy as np

from descent import checks, linear, optimize
from descent.checks import checked
from descent.figures.style import CHROME, COLORS
from descent.panels.data_box import read_table
from descent.panels.panel import Panel

MOST_STEPS = 1000  # of the learning-rate panel: more would not be drawn while the slider moves


class LearningRatePanel(Panel):
    """Gradient descent for least squares at the rate of a slider, on data in a text box.

    Attributes
    ----------
    path : the optimize.Path last drawn, for the features in `features`, the targets in `y`
    """

    alt = "Left, the cost after each step. Right, the fit after the last one."

    def __init__(self, features, y, *, eta, steps):
        wide = {"layout": {"width": "28em"}, "style": {"description_width": "8.5em"}}
        self.slider = ipywidgets.FloatLogSlider(
            eta, min=-9, max=9, step=0.005, readout=False, description="learning rate η", **wide
        )
        self.eta = ipywidgets.FloatText(
            eta, layout={"width": "8em"}, tooltip="learning rate, exactly"
        )
        self.steps = ipywidgets.IntSlider(
            steps, min=1, max=MOST_STEPS, description="steps", continuous_update=True, **wide
        )
        self.standardize = ipywidgets.Checkbox(
            False, description="standardise the features", indent=False
        )
        self.data = ipywidgets.Textarea(_table(features, y), description="data", rows=6, **wide)
        note = ipywidgets.Label("one sample a line: its features, then the target")
        self._following = False
        self.slider.observe(self._slid, "value")
        for control in (self.eta, self.steps, self.standardize):
            control.observe(self.refresh, "value")
        self.data.observe(self.refresh_later, "value")
        rows = [[self.slider, self.eta], [self.steps, self.standardize], [self.data, note]]
        rows[2:2] = self.more_controls()
        super().__init__([ipywidgets.HBox(row, layout={"flex_flow": "row wrap"}) for row in rows])

    def train(self):
        """Run gradient descent on the data in the box; return a sentence on what it did."""
        features, y = read_table(self.data.value)
        if self.standardize.value:
            features = linear.standardize(features).features
        X = linear.design_matrix(features)
        limit = linear.spectrum(X).stability_limit
        problem, start = linear.LeastSquares(X, y), np.zeros(X.shape[1])
        eta, steps = self.eta.value, self.steps.value
        path = self.walk(problem, start, eta, steps)
        self.features, self.y, self.path = features, y, path
        self.costs = problem.cost(path.w)
        self.least = problem.cost(np.linalg.lstsq(X, y, rcond=None)[0])
        self._reach(eta, limit)
        return self.verdict(limit)

    def more_controls(self):
        """Return rows of further controls, above the data."""
        return []

    def walk(self, problem, start, eta, steps):
        """Return the path that the panel draws."""
        return optimize.gradient_descent(problem.gradient, start, eta, steps)

    def verdict(self, limit):
        """Say in one sentence what the run did; `limit` is 2 / lambda_max."""
        return _verdict(self.eta.value, self.costs, self.least, limit)

    def scene(self):
        """The axes depend on the data and on the number of steps, not on the rate."""
        return self.data.value, self.standardize.value, self.steps.value

    def frame(self, figure):
        """Draw both pairs of axes; return the curve of the cost and the fit."""
        left, right = figure.subplots(1, 2, width_ratios=[1.15, 1])
        figure.subplots_adjust(left=0.1, right=0.98, bottom=0.17, top=0.9, wspace=0.28)
        return _cost_axes(self.costs, self.least, left), _fit_axes(self.features, self.y, right)

    def move(self):
        """Draw this run's cost, and its fit where the weights are still numbers."""
        curve, fit = self._moving
        top = curve.axes.get_ylim()[1]
        curve.set_data(self.path.t, np.where(self.costs <= 100 * top, self.costs, np.nan))
        features = self.features
        if features.shape[1] == 1:
            features = np.array([features.min(), features.max()])
        X = linear.design_matrix(features)
        y_hat = linear.predict(X, np.nan_to_num(self.path.w[-1], nan=np.inf))
        y_hat = np.where(np.abs(y_hat) < 1e6 * (1 + np.abs(self.y).max()), y_hat, np.nan)
        fit.set_data(features if features.ndim == 1 else self.y, y_hat)

    def _slid(self, change):
        if self._following:
            return
        # A browser rounds what the kernel sets to the slider's notches and sends that back: only a
        # move of more than half a notch is the reader's.
        eta, slid = self.eta.value, self.slider.value
        if 0 < eta < np.inf and abs(np.log10(slid / eta)) < 0.5 * self.slider.step:
            return
        self.eta.value = float(f"{slid:.3g}")

    def _reach(self, eta, limit):
        """Let the slider reach from a thousandth of the limit to four times the limit."""
        low, high = np.log10([min(limit / 1000, eta), max(4 * limit, eta)])
        self._following = True
        try:
            self.slider.min, self.slider.max = min(low, self.slider.min), max(high, self.slider.max)
            self.slider.value = eta
            self.slider.min, self.slider.max = low, high
        finally:
            self._following = False


TABLE = {"features": checks.features, "y": checks.targets, "steps": checks.count()}


@checked(**TABLE, eta=checks.positive, warn=True)
def learning_rate_panel(features, y, *, eta=0.1, steps=200):
    """Return a panel that runs gradient descent on least squares as its slider moves.

    Parameters
    ----------
    features : (n,) or (n, d) array, without the column of ones; the panel's text box starts with it
    y : (n,) targets
    eta : learning rate > 0
    steps : int, 1 to MOST_STEPS

    Returns
    -------
    LearningRatePanel, which the notebook shows; its `path` is the last run
    """
    if steps > MOST_STEPS:
        raise ValueError(f"steps is {steps}; the panel takes at most {MOST_STEPS}.")
    return LearningRatePanel(features, y, eta=eta, steps=steps)


class StochasticPanel(LearningRatePanel):
    """The panel of the learning rate with a schedule and a batch size: stochastic steps."""

    schedules = MappingProxyType(
        {"fixed c": optimize.constant, "c/√t": optimize.inverse_sqrt, "c/t": optimize.inverse}
    )

    def __init__(self, features, y, *, c, steps, schedule, batch_size):
        self.schedule = ipywidgets.Dropdown(
            options=list(self.schedules), value=schedule, description="schedule"
        )
        self.batch_size = ipywidgets.BoundedIntText(
            batch_size, min=1, max=10**6, description="batch size"
        )
        self.seed = ipywidgets.BoundedIntText(0, min=0, max=10**6, description="seed")
        super().__init__(features, y, eta=c, steps=steps)
        self.slider.description = "constant c"
        for control in (self.schedule, self.batch_size, self.seed):
            control.observe(self.refresh, "value")

    def more_controls(self):
        return [[self.schedule, self.batch_size, self.seed]]

    def walk(self, problem, start, eta, steps):
        return optimize.stochastic_gradient_descent(
            problem.gradient,
            start,
            self.schedules[self.schedule.value](eta),
            steps,
            n_samples=len(problem.y),
            batch_size=self.batch_size.value,
            rng=np.random.default_rng(self.seed.value),
        )

    def verdict(self, limit):
        rate = {"fixed c": "η = {:g}", "c/√t": "η = {:g}/√t", "c/t": "η = {:g}/t"}
        head = f"{rate[self.schedule.value].format(self.eta.value)}, batches of "
        head += f"{self.batch_size.value} by epochs: "
        start, end, steps = self.costs[0], self.costs[-1], len(self.costs) - 1
        if not end <= 1e6 * max(start, 1e-300):
            return head + f"after {steps} steps the cost is over a million times that of the start."
        quarter = self.costs[-(steps // 4 + 1) :]
        words = f"after {steps} steps the cost is {end:.5g}, and the minimum is {self.least:.5g}; "
        return (
            head
            + words
            + f"in the last quarter it was between {quarter.min():.5g} and "
            + (f"{quarter.max():.5g}.")
        )


@checked(
    **TABLE,
    c=checks.positive,
    schedule=checks.choice({name: name for name in StochasticPanel.schedules}),
    batch_size=checks.count(),
    warn=True,
)
def stochastic_panel(features, y, *, c=0.06, steps=400, schedule="c/√t", batch_size=1):
    """Return a panel that runs stochastic gradient descent on least squares as its controls move.

    Parameters
    ----------
    features : (n,) or (n, d) array, without the column of ones; the panel's text box starts with it
    y : (n,) targets
    c : constant of the schedule > 0
    steps : int, 1 to MOST_STEPS
    schedule : "fixed c", "c/√t" or "c/t"
    batch_size : int, 1 to n; batches are drawn by epochs

    Returns
    -------
    StochasticPanel, which the notebook shows; its `path` is the last run
    """
    if steps > MOST_STEPS:
        raise ValueError(f"steps is {steps}; the panel takes at most {MOST_STEPS}.")
    if batch_size > len(y):
        raise ValueError(f"batch_size is {batch_size} but there are only {len(y)} samples.")
    return StochasticPanel(features, y, c=c, steps=steps, schedule=schedule, batch_size=batch_size)


def _table(features, y):
    columns = np.column_stack([features, y])
    return "\n".join(", ".join(f"{value:g}" for value in row) for row in columns)


def _verdict(eta, costs, least, limit):
    """Say in one sentence what the run did."""
    start, end = costs[0], costs[-1]
    end, least = (value if value > 1e-12 * start else 0.0 for value in (end, least))
    if eta > limit:
        high = np.flatnonzero(~(costs < 1e6 * max(start, 1e-300)))
        if high.size:
            return (
                f"η = {eta:g}: diverges, above 2/λmax = {limit:.4g}; "
                f"after {high[0]} steps the cost is a million times that of the start."
            )
        return f"η = {eta:g}: diverges, above 2/λmax = {limit:.4g}, but slowly: try more steps."
    return (
        f"η = {eta:g}: below the limit 2/λmax = {limit:.4g}; after {len(costs) - 1} steps "
        f"the cost is {end:.5g}, and the minimum is {least:.5g}."
    )


def _cost_axes(costs, least, ax):
    """Draw the axes of the cost, a thousandfold above the start; return the curve that moves."""
    start = costs[0] if costs[0] > 0 else 1.0
    floor = max(least, 1e-9 * start)
    if least >= floor:
        ax.axhline(least, color=COLORS["truth"], linewidth=1, linestyle=":")
        ax.text(0.99, least, "minimum", transform=ax.get_yaxis_transform(), color=COLORS["truth"],
                ha="right", va="bottom")  # fmt: skip
    ax.set(yscale="log", xlim=(0, len(costs) - 1), ylim=(floor / 2, 1000 * max(start, floor)))
    ax.set(xlabel="step t", ylabel="cost", title="Cost")
    (curve,) = ax.plot([], [], color=COLORS["gd"])
    return curve


def _fit_axes(features, y, ax):
    """Draw the axes for the line of one feature, or for fitted against measured values."""
    margin = 0.25 * (np.ptp(y) or 1.0)
    view = (y.min() - margin, y.max() + margin)
    if features.shape[1] == 1:
        ax.plot(features[:, 0], y, "o", color=COLORS["data"])
        ax.set(xlabel="feature", ylabel="target", title="Fit")
        (fit,) = ax.plot([], [], color=COLORS["model"])
    else:
        ax.plot(view, view, color=CHROME["muted"], linewidth=1, linestyle=":")
        ax.set(xlim=view, xlabel="measured", ylabel="fitted", title="Fit")
        (fit,) = ax.plot([], [], "o", color=COLORS["model"])
    ax.set(ylim=view)
    return fit
