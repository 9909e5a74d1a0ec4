"""The pictures of chapter 5: walks on estimated gradients, the noise they leave, the schedules."""

from itertools import combinations
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np

from descent import data, linear, optimize
from descent.figures.chapter04 import _gutter, valley
from descent.figures.style import CHROME, COLORS
from descent.flipbook import Control, Flipbook, Mark

# The three controls of the main figure.
CONSTANTS = np.array([0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0, 1.3])
SCHEDULES = ("fixed c", "c/√t", "c/t")
BATCHES = (1, 2, 5)
SEEDS = 7
BUDGET = 2000  # gradients of single samples that every run may use

# The slider of the noise ball.
BALL_RATES = np.array([0.005, 0.01, 0.015, 0.02, 0.025, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09])
BALL_POINTS = 250


class Noise(NamedTuple):
    """What the batches of one size do to a step of least squares, by enumeration of all batches."""

    hessians: np.ndarray  # (batches, p, p) the second derivatives of each batch's cost
    gradients: np.ndarray  # (batches, p) the gradient of each batch at the minimum
    mean: np.ndarray  # (p, p) the Hessian of the whole cost


def noise(X, y, batch_size):
    """Return the Noise of all batches of this size without replacement, each as likely."""
    batches = np.array(list(combinations(range(len(y)), batch_size)))
    rows, e = X[batches], (X @ linear.normal_equation(X, y) - y)[batches]
    hessians = np.einsum("kip,kiq->kpq", rows, rows) / batch_size
    return Noise(hessians, np.einsum("kip,ki->kp", rows, e) / batch_size, linear.hessian(X))


def _doubled(of, eta):
    """Return the matrix that takes E[u u^T], flattened, one step on, u the error of the weights."""
    p = len(of.mean)
    A = np.eye(p) - eta * of.hessians
    return np.einsum("kab,kcd->acbd", A, A).reshape(p * p, p * p) / len(A)


def spread(of, eta):
    """Return the stationary covariance (p, p) of the weights at a fixed rate: the noise ball."""
    p = len(of.mean)
    kicks = eta**2 * of.gradients.T @ of.gradients / len(of.gradients)
    return np.linalg.solve(np.eye(p * p) - _doubled(of, eta), kicks.ravel()).reshape(p, p)


def floor(of, eta):
    """Return the stationary expected excess cost at a fixed rate."""
    return np.trace(of.mean @ spread(of, eta)) / 2


def noise_limit(of):
    """Return the largest fixed rate below which the expected squared error stays bounded."""
    low, high = 0.0, 2 / np.linalg.eigvalsh(of.mean)[-1]
    for _ in range(60):
        middle = (low + high) / 2
        stable = np.abs(np.linalg.eigvals(_doubled(of, middle))).max() < 1
        low, high = (middle, high) if stable else (low, middle)
    return (low + high) / 2


def expected_excess(of, start, rates):
    """Return the exact expected excess cost after 0, 1, 2, ... steps at these rates.

    start : (p,) the start, measured from the minimum
    """
    p = len(start)
    moments = np.outer(np.append(start, 1.0), np.append(start, 1.0))
    excess = [start @ of.mean @ start / 2]
    for eta in rates:
        maps = np.zeros((len(of.hessians), p + 1, p + 1))
        maps[:, :p, :p] = np.eye(p) - eta * of.hessians
        maps[:, :p, p] = -eta * of.gradients
        maps[:, p, p] = 1
        moments = (maps @ moments @ maps.swapaxes(-1, -2)).mean(axis=0)
        excess.append(np.sum(of.mean * moments[:p, :p]) / 2)
    return np.array(excess)


# Static pictures ----------------------------------------------------------------------------------


def sample_steps(singles, pairs, axes):
    """Draw minus the gradient of every sample and of every pair at several places.

    singles, pairs : sequences of (m, 2) arrays, one for each of the axes
    """
    for ax, ones, twos, title in zip(
        axes, singles, pairs, ("At the start", "At the minimum"), strict=True
    ):
        mean = ones.mean(axis=0)
        ax.plot([0, mean[0]], [0, mean[1]], color=COLORS["gd"], linewidth=1.6)
        ax.plot(*ones.T, "o", color=COLORS["sgd"], markersize=7)
        ax.plot(*twos.T, "o", markerfacecolor="none", color=COLORS["sgd"], markersize=4)
        ax.plot(*mean, "*", color=COLORS["gd"], markersize=13)
        ax.set(title=title, xlabel="−∇C along the valley", ylabel="−∇C across the valley")
        ax.margins(0.12)
    return axes


def two_walks(X, y, walks, axes):
    """Draw a walk of gradient descent and a stochastic one in the valley of the same cost."""
    seen = valley(X, y, walks[0][0])
    for ax, w, name in zip(axes, walks, ("gd", "sgd"), strict=True):
        _gutter(seen, (-3.4, 0.9), (-10.5, 10.5), ax)
        ax.plot(*seen.place(w).T, ".-", color=COLORS[name], linewidth=1, markersize=4)
        ax.plot(0, 0, "*", color=COLORS["truth"], markersize=12)
        ax.set(xlabel="along the valley", ylabel="across the valley")
        ax.set_title({"gd": "Gradient descent", "sgd": "One sample a step"}[name])
    return axes


def noise_floors(rates, measured, exact, limits, ax):
    """Draw the excess that fixed rates leave: measured points on the exact curves.

    measured, exact : {batch size: values}; exact maps to (rates, values)
    """
    for b, marker in zip(measured, "os", strict=False):
        ax.plot(*exact[b], color=COLORS["limit"], linewidth=1.2)
        ax.plot(rates, measured[b], marker, color=COLORS["sgd"], markersize=6)
        ax.axvline(limits[b], color=COLORS["limit"], linestyle=":", linewidth=1)
        ax.annotate(
            f"b = {b}",
            (rates[1], measured[b][1]),
            xytext=(-4, 8),
            textcoords="offset points",
            color=COLORS["sgd"],
            ha="right",
        )
    ax.annotate(
        "limits of stability",
        (min(limits.values()), 0.04),
        xytext=(-6, 0),
        textcoords="offset points",
        ha="right",
        color=COLORS["limit"],
    )
    ax.set(xscale="log", yscale="log", ylim=(0.025, 30), xlabel="fixed learning rate η")
    ax.set(ylabel="excess cost that stays (min²)")
    ax.set(xticks=rates, xticklabels=[f"{r:g}" for r in rates])
    ax.tick_params(axis="x", which="minor", bottom=False, labelbottom=False)
    return ax


def schedules(curves, ax):
    """Draw the expected excess against the step; curves maps a name to excess values from t = 0."""
    for (name, excess), style in zip(curves.items(), ("-", "--", ":"), strict=False):
        t = np.arange(1, len(excess))
        ax.plot(t, excess[1:], style, color=COLORS["sgd"])
        ax.annotate(
            name,
            (t[-1], excess[-1]),
            xytext=(5, {"c/t": 5, "fixed c": -5}.get(name, 0)),
            textcoords="offset points",
            va="center",
            color=COLORS["sgd"],
            annotation_clip=False,
        )
    ax.set(xscale="log", yscale="log", xlabel="step t", ylabel="expected excess cost (min²)")
    return ax


def under_the_bound(T, excess, bound, ax):
    """Draw the excess of averaged iterates, one curve a seed, under the proven bound."""
    ax.plot(T, excess, color=COLORS["sgd"], linewidth=0.8, alpha=0.6)
    ax.plot(T, bound, color=COLORS["limit"])
    ax.annotate("bound", (T[len(T) // 3], bound[len(T) // 3]), xytext=(0, 8),
                textcoords="offset points", color=COLORS["limit"])  # fmt: skip
    ax.annotate("measured", (T[len(T) // 3], excess[len(T) // 3].max()), xytext=(0, 10),
                textcoords="offset points", color=COLORS["sgd"])  # fmt: skip
    ax.set(xscale="log", yscale="log", xlabel="number of steps T")
    ax.set(ylabel="excess cost of the average (min²)")
    return ax


def stops(times, costs, least, axes):
    """Draw when a rule stops many runs, and at which cost."""
    left, right = axes
    left.hist(times, bins=np.arange(0.5, times.max() + 1), color=COLORS["sgd"])
    left.set(xlabel="step of the stop", ylabel="runs", title="When")
    right.hist(costs, bins=40, color=COLORS["sgd"])
    right.axvline(least, color=COLORS["truth"])
    right.annotate("minimum", (least, 0.9), xycoords=("data", "axes fraction"), xytext=(5, 0),
                   textcoords="offset points", color=COLORS["truth"])  # fmt: skip
    right.set(xlabel="cost at the stop (min²)", title="Where", xlim=(least - 0.2, None))
    return axes


def price(sizes, gd, sgd, ax):
    """Draw how many gradients of single samples a goal takes, against the size of the data."""
    ax.plot(sizes, gd, "o-", color=COLORS["gd"])
    ax.plot(sizes, sgd, "o-", color=COLORS["sgd"])
    for words, values, name in (
        ("gradient descent", gd, "gd"),
        ("mini-batches of 10", sgd, "sgd"),
    ):
        ax.annotate(words, (sizes[-1], values[-1]), xytext=(-4, 8), textcoords="offset points",
                    ha="right", color=COLORS[name])  # fmt: skip
    ax.set(xscale="log", yscale="log", xlabel="number of samples n")
    ax.set(ylabel="gradients of single samples")
    ax.margins(y=0.15)
    return ax


def flowers(seen, costs, ax):
    """Draw the cost of a classifier against the flowers looked at; one curve a name."""
    for (name, (color, width)), flower, values in zip(
        {"gradient descent": ("gd", 1.8), "one flower a step": ("sgd", 0.8)}.items(),
        seen,
        costs,
        strict=True,
    ):
        ax.plot(flower, values, color=COLORS[color], linewidth=width)
        at = int(0.6 * (len(flower) - 1))
        ax.annotate(name, (flower[at], np.max(values[at])), xytext=(0, 8),
                    textcoords="offset points", color=COLORS[color])  # fmt: skip
    ax.set(xlabel="flowers looked at", ylabel="cost", xlim=(0, None), ylim=(0, 0.55))
    return ax


# The figure of the book ---------------------------------------------------------------------------


class Runs(NamedTuple):
    """Runs for every constant, schedule, batch size and seed, at equal numbers of gradients."""

    used: tuple  # per batch size: (rows,) gradients of single samples used, 0 first
    walks: tuple  # per batch size: (constants, schedules, seeds, rows, p)
    above: tuple  # per batch size: (constants, schedules, seeds, rows) excess cost, min squared
    seen: object  # the Valley of the standardised trips
    limits: tuple  # per batch size: the largest stable fixed rate
    floors: np.ndarray  # (constants, batch sizes) the exact excess that fixed rates leave
    directions: tuple  # the eigenvalues, and the start along their eigenvectors


def standardised_trips():
    """Return X and y of the five trips with standardised features."""
    commutes = data.commute()
    X = linear.design_matrix(linear.standardize(commutes.features).features)
    return X, commutes.minutes


def rates(t):
    """Return the learning rates of step t, (constants, schedules)."""
    return CONSTANTS[:, None] * np.array([1.0, t**-0.5, 1 / t])


def runs():
    """Return all runs of the figure: one call of the core for a batch size and a seed."""
    X, y = standardised_trips()
    problem, start = linear.LeastSquares(X, y), np.zeros(X.shape[1])
    seen = valley(X, y, start)
    used, walks, above, limits = [], [], [], []
    for b in BATCHES:
        steps = BUDGET // b
        walk = np.stack(
            [
                optimize.stochastic_gradient_descent(
                    problem.gradient, start, rates, steps, n_samples=len(y), batch_size=b,
                    sampling="without", rng=np.random.default_rng(seed)
                ).w
                for seed in range(SEEDS if b < len(y) else 1)
            ]
        )  # fmt: skip
        walk = np.moveaxis(walk, (0, 1), (2, 3))  # constants, schedules, seeds, rows, p
        with np.errstate(over="ignore", invalid="ignore"):
            above.append(np.mean(((walk - seen.best) @ X.T) ** 2, axis=-1) / 2)
        used.append(np.arange(steps + 1) * b)
        walks.append(walk)
        limits.append(noise_limit(noise(X, y, b)))
    floors = np.array([[floor(noise(X, y, b), c) for b in BATCHES] for c in CONSTANTS])
    eigenvalues, Q = np.linalg.eigh(linear.hessian(X))
    directions = eigenvalues, (start - seen.best) @ Q
    return Runs(tuple(used), tuple(walks), tuple(above), seen, tuple(limits), floors, directions)


def _thin(rows, count):
    """Return `count` row numbers or fewer, all of the first and ever fewer of the later ones."""
    return np.unique(np.geomspace(1, rows, count).round().astype(int)) - 1


def _strands(values, cut):
    """Join seeds (..., seeds, rows) to one line with gaps, dropping what leaves the picture."""
    low, high = cut
    kept = np.where((values >= low) & (values <= high), values, np.nan)
    gap = np.full((*kept.shape[:-1], 1), np.nan)
    return np.concatenate([kept, gap], axis=-1).reshape(*kept.shape[:-2], -1)


def _padded(parts, width):
    """Stack arrays with different last axes, each filled up with NaN to this width."""
    full = [
        np.concatenate([p, np.full((*p.shape[:-1], width - p.shape[-1]), np.nan)], -1)
        for p in parts
    ]
    return np.stack(full, axis=2)


def _lines(run):
    """Return what moves: name -> (x, y), axes: constants, schedules, batch sizes, points."""
    x, y = {}, {}
    for k in range(len(BATCHES)):
        loss, path = _thin(len(run.used[k]), 46), _thin(len(run.used[k]), 40)
        above, place = run.above[k][..., loss], run.seen.place(run.walks[k][..., path, :])
        evaluations = np.broadcast_to(np.maximum(run.used[k][loss], 1.0), above.shape)
        evaluations = np.where(run.used[k][loss] > 0, evaluations, 0.8)
        along = np.where(np.abs(place).max(axis=-1) < 60, place[..., 0], np.nan)
        across = np.where(np.abs(place).max(axis=-1) < 60, place[..., 1], np.nan)
        seeds = {"cloud": slice(1, None), "one": slice(0, 1)}
        for name, which in seeds.items():
            for kind, first, second in (
                ("loss", evaluations, np.clip(above, 1e-7, 1e6)),
                ("walk", along, across),
            ):
                x.setdefault(f"{kind} {name}", []).append(
                    _strands(first[:, :, which], (-np.inf, np.inf))
                )
                y.setdefault(f"{kind} {name}", []).append(
                    _strands(second[:, :, which], (-np.inf, 9e5))
                )
    width = {name: max(p.shape[-1] for p in parts) for name, parts in x.items()}
    return {name: (_padded(x[name], width[name]), _padded(y[name], width[name])) for name in x}


def schedule_figure():
    """Return the figure with learning-rate constant, schedule and batch size as controls.

    Standardised trips, from zero weights; every run may use 2000 gradients of single samples.
    """
    run = runs()
    lines = _lines(run)
    fig, axes = plt.subplot_mosaic([["loss", "loss"], ["gd", "sgd"]], figsize=(6.6, 6.2))
    loss = axes["loss"]
    loss.set(xscale="log", yscale="log", xlim=(0.8, BUDGET * 1.05), ylim=(1e-4, 3e3))
    loss.set(xlabel="gradients of single samples used", title="Cost")
    loss.set_ylabel("cost above the minimum (min²)")
    artists = {}
    (artists["loss cloud"],) = loss.plot([], [], color=COLORS["sgd"], linewidth=0.7, alpha=0.45)
    (artists["loss one"],) = loss.plot([], [], color=COLORS["sgd"], linewidth=1.6)
    (artists["loss gd"],) = loss.plot([], [], color=COLORS["gd"])
    loss.text(0.015, 0.14, "gradient descent", color=COLORS["gd"], transform=loss.transAxes)
    loss.text(0.015, 0.05, "SGD: one seed, and six more", color=COLORS["sgd"],
              transform=loss.transAxes)  # fmt: skip
    for name, title in (("gd", "Gradient descent"), ("sgd", "SGD")):
        ax = axes[name]
        _bowl(run.seen, ax)
        ax.set_title(title)
    (artists["walk gd"],) = axes["gd"].plot([], [], ".-", color=COLORS["gd"], linewidth=1,
                                            markersize=4)  # fmt: skip
    (artists["walk cloud"],) = axes["sgd"].plot([], [], color=COLORS["sgd"], linewidth=0.6,
                                                alpha=0.35)  # fmt: skip
    (artists["walk one"],) = axes["sgd"].plot([], [], ".-", color=COLORS["sgd"], linewidth=1,
                                              markersize=4)  # fmt: skip
    for ax in (axes["gd"], axes["sgd"]):
        ax.plot(0, 0, "*", color=COLORS["truth"], markersize=12)

    book = Flipbook(
        fig,
        controls=[
            Control(
                "c", CONSTANTS, label="learning-rate constant c",
                start=int(np.flatnonzero(CONSTANTS == 0.3)[0]), format="{:.2f}",
                marks=[Mark(run.limits[0], "b = 1"), Mark(run.limits[-1], "2/λmax")],
            ),
            Control("schedule", SCHEDULES, label="schedule", start=0),
            Control("b", np.array(BATCHES), label="batch size b", start=0),
        ],
        title="Learning rate, schedule and batch size",
        alt=(
            "At a fixed rate of 0.3 and one sample a step, seven stochastic runs fall as fast as "
            "gradient descent or faster and then stay at a level some min² above the minimum; "
            "gradient descent goes on falling. Its walk is a smooth curve to the star, theirs "
            "are tangles around it."
        ),
        readout=readouts(run),
        code="optimize.stochastic_gradient_descent(easy.gradient, [0, 0, 0], "
        "SCHEDULES[{schedule!r}]({c:g}), 2000 // {b}, n_samples=5, batch_size={b}, "
        'sampling="without", rng=np.random.default_rng(0))',
    )  # fmt: skip
    for name in ("loss", "walk"):
        gx, gy = (part[:, :, 2:] for part in lines[f"{name} one"])
        book.line(artists[f"{name} cloud"], *lines[f"{name} cloud"])
        book.line(artists[f"{name} one"], *lines[f"{name} one"])
        book.line(artists[f"{name} gd"], gx, gy)
    book.ghost(artists["loss one"])
    book.predict(
        "At c = 0.3, fixed, one sample a step, the green curves stop falling. Which single change "
        "brings them nearest to the minimum with the same 2,000 gradients?",
        choices=[
            "a batch of 2 instead of 1",
            "the schedule c/√t",
            "the schedule c/t",
        ],
        answer=1,
        explain="A batch of 2 lowers the level and does not abolish it. c/√t lets the noise die "
        "away. c/t shrinks so fast that the walk is still on its way when the budget is spent.",
    )
    return book


def _bowl(seen, ax):
    along, across = np.linspace(-11, 8, 61), np.linspace(-8, 11, 61)
    excess = seen.cost(*np.meshgrid(along, across))
    levels = 0.25 * 4.0 ** np.arange(6)
    ax.grid(False)
    for level in levels:
        ax.contourf(along, across, excess, levels=[-1, level], colors=[CHROME["muted"]], alpha=0.06)
    ax.contour(along, across, excess, levels=levels, colors=[CHROME["muted"]], linewidths=0.6)
    ax.set(xlim=(-11, 8), ylim=(-8, 11), xlabel="along the flattest direction")
    ax.set(ylabel="along the steepest", xticks=[-8, -4, 0, 4, 8], yticks=[-8, -4, 0, 4, 8])


def level(run, c, schedule, k):
    """Return the median over the seeds of the mean excess over a run's last quarter."""
    above = run.above[k][c, schedule]
    last = above[:, -(above.shape[-1] // 4) :]
    with np.errstate(over="ignore", invalid="ignore"):
        return np.median(last.mean(axis=-1))


def readouts(run):
    """Return a sentence for every state: what SGD does there, and gradient descent."""
    said = np.empty((len(CONSTANTS), len(SCHEDULES), len(BATCHES)), dtype=object)
    for c, s, k in np.ndindex(said.shape):
        said[c, s, k] = _verdict(run, c, s, k)
    return said.astype(str)


def _verdict(run, c, s, k):
    value, b = CONSTANTS[c], BATCHES[k]
    name = (f"η = {value:g}", f"η = {value:g}/√t", f"η = {value:g}/t")[s]
    words = f"{name}, batch {b}: "
    full = level(run, c, s, len(BATCHES) - 1)
    if s == 0 and value > run.limits[k]:
        if b == BATCHES[-1]:
            return words + f"diverges: above the limit {run.limits[k]:.3g} of gradient descent"
        last = run.above[k][c, s][:, -1]
        out = np.sum(~(last < run.above[k][c, s][:, 0]))
        return words + (
            f"the mean square diverges, above its limit {run.limits[k]:.3g} for batches of {b}; "
            f"{out} of these {len(last)} walks end above their start"
        )
    if b == BATCHES[-1]:
        return words + f"all five samples: this is gradient descent; excess {_short(full)} min²"
    excess = level(run, c, s, k)
    what = _what(run, c, s, k)
    other = "diverges" if not full < 1e3 else f"{_short(full)} min²"
    return words + f"{what}; excess {_short(excess)} min² late, gradient descent {other}"


def _what(run, c, s, k):
    """Name what holds SGD up late in the run: noise, or a walk that has not arrived."""
    ways = run.directions
    t = np.arange(1, BUDGET // BATCHES[k] + 1)
    eta = CONSTANTS[c] * np.array([np.ones(t.size), t**-0.5, 1 / t])[s]
    with np.errstate(over="ignore", invalid="ignore"):
        left = np.prod(1 - eta[:, None] * ways[0], axis=0) * ways[1]
        way = np.sum(ways[0] * left**2) / 2  # the excess of the walk without noise
    if way > level(run, c, s, k) / 2:
        return "still on its way" + ("" if s == 0 else ", in ever shorter steps")
    if s == 0:
        return f"stalls at its noise floor ({_short(run.floors[c, k])} expected)"
    far = np.median(run.above[k][c, s].max(axis=-1)) > 2 * run.above[k][c, s, 0, 0]
    return ("leaps far up first, then " if far else "") + "arrives, and its noise dies away"


def _short(value):
    if value < 5e-4:
        return "below 0.0005"
    if value >= 1e5:
        return f"{value:.0e}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 0.1 else f"{value:.1g}"


# The noise ball -----------------------------------------------------------------------------------


def ball_points(seed=5):
    """Return late weights of many runs on the trips at each rate, measured from the minimum.

    One run of the core: a family of rates and members, each member draws its own samples.
    """
    commutes = data.commute()
    X, y = linear.design_matrix(commutes.features), commutes.minutes
    rng, best = np.random.default_rng(seed), linear.normal_equation(X, y)

    def gradient(w):
        i = rng.integers(len(y), size=w.shape[:-1])
        return ((w * X[i]).sum(axis=-1) - y[i])[..., None] * X[i]

    start = np.broadcast_to(best, (1, BALL_POINTS, 3))
    path = optimize.gradient_descent(gradient, start, BALL_RATES[:, None], 2500, every=2500)
    return path.w[-1] - best


def ball_figure():
    """Return the figure of the noise ball: late weights at fixed rates and the predicted spread."""
    commutes = data.commute()
    X, y = linear.design_matrix(commutes.features), commutes.minutes
    seen, of = valley(X, y, np.zeros(3)), noise(X, y, 1)
    u = ball_points() @ seen.directions  # (rates, points, 2)
    angle = np.linspace(0, 2 * np.pi, 61)
    circle = np.stack([np.cos(angle), np.sin(angle)])
    rings = []
    for eta in BALL_RATES:
        covariance = seen.directions.T @ spread(of, eta) @ seen.directions
        rings.append(2 * np.linalg.cholesky(covariance) @ circle)
    rings = np.array(rings)
    floors = np.array([floor(of, eta) for eta in BALL_RATES])
    start = int(np.flatnonzero(BALL_RATES == 0.03)[0])

    fig, (ball, right) = plt.subplots(1, 2, figsize=(6.6, 3.5))
    _gutter(seen, (-3, 3), (-2, 2), ball)
    points = ball.scatter(*u[start].T, s=7, color=COLORS["sgd"], alpha=0.6)
    (ring,) = ball.plot(*rings[start], color=COLORS["limit"])
    ball.plot(0, 0, "*", color=COLORS["truth"], markersize=12)
    ball.set(title="Late weights", xlabel="along the valley", ylabel="across the valley")
    fine = np.linspace(0.001, 0.092, 60)
    right.plot(fine, [floor(of, eta) for eta in fine], color=COLORS["limit"])
    (dot,) = right.plot([BALL_RATES[start]], [floors[start]], "o", color=COLORS["sgd"])
    right.set(xlim=(0, 0.1), ylim=(0, 21), title="Floor", xlabel="fixed learning rate η")
    right.set_ylabel("excess cost that stays (min²)")
    book = Flipbook(
        fig,
        controls=[
            Control("eta", BALL_RATES, label="fixed learning rate η", start=start, format="{:.3f}")
        ],
        title="The noise ball of a fixed rate",
        alt=(
            "At a fixed rate of 0.03 the late weights of 250 runs lie in a cloud around the "
            "minimum, most of them inside an ellipse that theory predicts; the excess cost that "
            "stays rises with the rate, slowly at first and steeply near 0.1."
        ),
        readout=np.array(
            [
                f"η = {eta:g}, one sample a step: the weights stay about {size:.2f} away, the cost "
                f"{_short(value)} min² above the minimum"
                for eta, size, value in zip(
                    BALL_RATES, [np.sqrt(np.trace(spread(of, e))) for e in BALL_RATES], floors,
                    strict=True,
                )
            ]
        ),
        code="draw.floor(draw.noise(X, y, 1), {eta:g})",
    )  # fmt: skip
    book.points(points, u[..., 0], u[..., 1])
    book.line(ring, rings[:, 0], rings[:, 1])
    book.line(dot, BALL_RATES[:, None], floors[:, None])
    book.predict(
        "Halve the rate from 0.03 to 0.015. What becomes of the excess cost that stays?",
        choices=["It vanishes, after enough steps", "About half of it stays", "About a quarter"],
        answer=1,
        explain="The excess is nearly proportional to η, so the cloud shrinks by about 1/√2. It "
        "never shrinks to a point while η is fixed.",
    )
    return book
