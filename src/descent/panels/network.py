"""The panel that trains a network while one watches: start, pause, step, change the rate, reset."""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from descent import checks, network
from descent.checks import checked
from descent.panels.network_controls import NetworkControls
from descent.panels.network_view import MOST_JUDGED, NetworkView
from descent.panels.samples import held_out, read_sizes, samples_of

# JupyterLab's messages about widgets may come in a thread of their own, cells run in another: what
# a panel does, it does under this lock, which training gives up between two slices.
_LOCK = threading.RLock()

_ROWS = 120  # points of a curve in as many epochs as the box says
_PREVIEW = 3e8  # multiplications, more or less, that the picture for a static page may cost


class Pace(NamedTuple):
    """How a run shares its time with whoever watches it, in seconds, by which clock."""

    slice: float = 0.05  # of training at most before the controls have their turn, or one step
    breath: float = 0.01  # for the controls between two slices
    frame: float = 0.2  # from picture to picture: JupyterLab drops messages beyond 1 MB a second
    shortest: float = 8.0  # of a run, so that one can watch it; "full speed" lifts this
    clock: Callable = time.perf_counter
    sleep: Callable = asyncio.sleep


class Row(NamedTuple):
    """A point of the curves."""

    epoch: float  # passes through the training samples
    cost: float
    validation_cost: float  # NaN without validation samples
    right: float  # share of the training samples
    validation_right: float


class TrainingPanel(NetworkControls, NetworkView):
    """A network in training, with its controls.

    Attributes
    ----------
    network : the Network as it is now
    step, epoch : steps taken; passes through the samples, a float
    rows : list of Row, the points of the curves
    pace : Pace, another one may be set
    """

    pace = Pace()
    _at_work = None  # the panel that trains: one at a time

    def __init__(self, training, validation, *, eta, batch_size, hidden, activation, lam, epochs):
        self.training, self.validation = training, validation
        self._make_controls(len(training.X), eta, batch_size, hidden, activation, lam, epochs)
        self._task = self._run = self._snapshot = self._preview = None
        try:
            self._loop = asyncio.get_running_loop()  # the kernel's
        except RuntimeError:
            self._loop = None
        with _LOCK:
            if TrainingPanel._at_work is not None:
                TrainingPanel._at_work.pause(why="a new panel was made")
        super().__init__(self._rows())

    # What the buttons do --------------------------------------------------------------------------

    def start(self):
        """Train until the epochs are over, in a task of the kernel's event loop."""
        with _LOCK:
            if self._run or self._blocked():
                return
            if self.epoch >= self.goal:
                self.goal = self.epoch + self.epochs.value
            if TrainingPanel._at_work is not None:
                TrainingPanel._at_work.pause(why="another panel was started")
            TrainingPanel._at_work, self._run = self, object()
            self._say("Training.")
            training = self._train(self._run)
        loop = self._loop
        if loop is None:
            try:
                loop = asyncio.get_running_loop()
            except RuntimeError:  # no kernel, so nobody waits for an answer meanwhile
                asyncio.run(training)
                return
        loop.call_soon_threadsafe(lambda: setattr(self, "_task", loop.create_task(training)))

    def pause(self, why=""):
        """Stop the training where it is; `start` goes on from there."""
        with _LOCK:
            if self._run:
                self._rest()
                self._note()
                because = f" because {why}" if why else ""
                self._say(f"Paused{because}. {self._where()}")

    def take_one_step(self):
        """Take one step, of one batch."""
        with _LOCK:
            self.pause()
            if self._blocked():
                return
            try:
                self._advance()
                self._note()
            except Exception as error:  # whatever it is, the reader should see it here
                self._fail(error)
            else:
                self.goal = max(self.goal, self.epoch)
                self._say(self._lost() or f"One step. {self._where()}")

    def reset(self, change=None):
        """Begin with a new network, the same for the same seed, and wait."""
        with _LOCK:
            self._rest()
            self._snapshot = None
            self.refresh()

    def close(self):
        """Stop the training and take the panel away."""
        with _LOCK:
            self._rest()
            super().close()

    def _rest(self):
        """End the run: its task sees that it is no longer the one before it takes a step."""
        self._run = None
        if TrainingPanel._at_work is self:
            TrainingPanel._at_work = None

    def _blocked(self):
        """Return whether there is no network that can be trained."""
        return self._snapshot is None or self.report.trouble or bool(self._lost())

    def _go_on_otherwise(self, change):
        """Go on from the present weights with another batch size, penalty or optimiser."""
        with _LOCK:
            self._steps = None

    def _other_epochs(self, change):
        with _LOCK:
            self.goal = max(float(self.epochs.value), self.epoch)
            if self._snapshot is not None and not self._run:
                self._say(self.report.sentence, self.report.trouble)

    # How it trains --------------------------------------------------------------------------------

    def train(self):
        """Build the network that the controls ask for; return a sentence on it."""
        k = self.training.y.shape[1]
        sizes = [self.training.X.shape[1], *read_sizes(self.hidden.value), k]
        self._rng = np.random.default_rng(self.seed.value)
        scheme = "he" if self.activation.value == "relu" else "xavier"
        self._steps, self.step, self.epoch, self.rows = None, 0, 0.0, []
        self.goal = float(self.epochs.value)
        names = [self.activation.value] * (len(sizes) - 2) + ["sigmoid" if k == 1 else "softmax"]
        entropy = "binary_cross_entropy" if k == 1 else "categorical_cross_entropy"
        loss = self.losses[self.loss.value] or entropy
        start = network.initialize(
            sizes, rng=self._rng, scheme=scheme, activations=names, loss=loss
        )
        self._snapshot = lambda: start
        self._parameters = start.flatten().size
        self._note()
        words = "-".join(map(str, sizes))
        return f"Ready: a {words} network with {self._parameters} weights and biases. Press Start."

    @property
    def network(self):
        """The network as it is now, a copy."""
        return self._snapshot().copy()

    async def _train(self, run):
        """Train in slices; between two of them the controls have their turn."""
        pace, first = self.pace, self.epoch
        began = drawn = pace.clock()
        while True:
            with _LOCK:
                if self._run is not run:
                    return  # whoever ended the run has said why
                try:
                    if self.epoch >= self.goal or self._lost():
                        self._rest()
                        self._say(self._lost() or f"Done. {self._where()} Start trains on.")
                        return
                    now = pace.clock()
                    share = 1.0 if self.full_speed.value else (now - began) / pace.shortest
                    most = first + share * (self.goal - first)
                    if self.epoch < most:
                        self._take(now + pace.slice, most)
                    now = pace.clock()
                    if now - drawn >= pace.frame:
                        self._draw()
                        self._count((now - began) / max(self.epoch - first, 1e-9))
                        drawn = pace.clock()
                except Exception as error:  # whatever it is, the reader should see it here
                    self._fail(error)
                    return
            await pace.sleep(pace.breath)

    def _take(self, end, most):
        """Take a step, and more until the clock says `end` or `most` epochs are over."""
        gap = self.epochs.value / _ROWS
        while True:
            self._advance()
            if self.epoch >= min(self.goal, self.rows[-1].epoch + gap):
                self._note()
            if self.epoch >= min(most, self.goal) or self.pace.clock() >= end or self._lost():
                return

    def _advance(self):
        """Take one step."""
        n = len(self.training.X)
        if self._steps is None:
            self._before = self.step, self.epoch
            self._batches = -(-n // self.batch_size.value)
            self._steps = network.steps(
                self._snapshot(), self.training.X, self.training.y, eta=self._eta, epochs=10**9,
                batch_size=self.batch_size.value, lam=self.lam.value,
                optimizer=self.optimizers[self.optimizer.value], rng=self._rng,
            )  # fmt: skip
        progress = next(self._steps)
        self._snapshot = progress.snapshot
        self.step = self._before[0] + progress.step
        self.epoch = self._before[1] + progress.step / self._batches

    def _eta(self, t):
        """Return the rate of a step: asked for just before it, so that the slider acts at once."""
        return self.schedules[self.schedule.value](self.rate.value)(self._before[0] + t)

    def _note(self):
        """Add a point to the curves."""
        if not self.rows or self.rows[-1].epoch < self.epoch:
            net = self._snapshot()
            cost, right = self._judge(net, self.training)
            unseen, unseen_right = self._judge(net, self.validation)
            self.rows.append(Row(self.epoch, cost, unseen, right, unseen_right))

    def _judge(self, net, samples):
        """Return the cost without penalty and the share of right answers."""
        if samples is None:
            return np.nan, np.nan
        X, y, number = (part[:MOST_JUDGED] for part in samples)
        cost, a = net.cost(X, y), net.predict(X)
        said = a[:, 0] > 0.5 if a.shape[1] == 1 else a.argmax(axis=1)
        return float(cost), float(np.mean(said == number))

    # What it says ---------------------------------------------------------------------------------

    def refresh(self, change=None):
        """Begin anew, draw, and say what there is."""
        super().refresh(change)
        self._count()

    def _say(self, sentence, trouble=False):
        with self.report.hold_sync():
            self.report.sentence, self.report.trouble = sentence, trouble
            self._draw()
        self._count()

    def _fail(self, error):
        self._rest()
        words = str(error) or "it says no more"
        self.report.sentence = f"Training stopped by an error. {type(error).__name__}: {words}"
        self.report.trouble = True
        self._count()

    def _lost(self):
        """Return a sentence if the run has diverged, else nothing."""
        first, last = self.rows[0].cost, self.rows[-1].cost
        if last <= 1e6 * max(1.0, first):  # no NaN is
            return ""
        return (
            f"Diverged in epoch {np.ceil(self.epoch):.0f}: with η = {self.rate.value:.3g} the "
            "weights grew beyond all bounds. Choose a lower rate and press Reset."
        )

    def _where(self):
        """Say in words where the run stands."""
        row, judged = self.rows[-1], min(len(self.training.X), MOST_JUDGED)
        right = f"{row.right * judged:.0f} of {judged}" if judged < 20 else f"{row.right:.1%}"
        words = f"Epoch {self.epoch:.6g}, step {self.step}: cost {row.cost:.4g}, {right} right"
        if self.validation is not None:
            words += f"; validation {row.validation_cost:.4g}, {row.validation_right:.1%} right"
        return words + "."

    def _count(self, seconds_an_epoch=None):
        """Show the progress, and let the reader press what makes sense now."""
        if self._snapshot is None:
            self.progress.value, self.numbers.value = 0.0, ""
        else:
            self.progress.value = self.epoch / self.goal
            words = f"epoch {self.epoch:.0f} of {self.goal:.0f}, cost {self.rows[-1].cost:.4g}"
            if seconds_an_epoch is not None:
                words += f", {seconds_an_epoch * (self.goal - self.epoch):.0f} s left"
            self.numbers.value = words
        self.pause_button.disabled = self._run is None
        stuck = self._run is not None or self._blocked()
        self.start_button.disabled = self.step_button.disabled = stuck

    def still(self):
        """Return the picture after the run that Start would begin, as far as it is soon drawn."""
        with _LOCK:
            if self.step or self._run or self._blocked():
                return self.report.png
            if self._preview is None:
                work = 1e5 + 3 * self.batch_size.value * self._parameters  # of one step
                share = min(1.0, _PREVIEW / work / self._steps_in(self.goal))
                self._take(np.inf, share * self.goal)
                self._note()
                self._preview = self.picture()
                self.refresh()
            return self._preview

    def _steps_in(self, epochs):
        return epochs * -(-len(self.training.X) // self.batch_size.value)


@checked(
    eta=checks.number(at_least=1e-4, at_most=100),
    hidden=checks.counts,
    activation=checks.choice({name: name for name in TrainingPanel.activations}),
    lam=checks.number(at_least=0, at_most=10),
    epochs=checks.count(),
    warn=True,
)
def training_panel(
    features, labels, *, validation=None, eta=0.5, batch_size=None, hidden=(3,),
    activation="tanh", lam=0.0, epochs=500,
):  # fmt: skip
    """Return a panel that trains a network to tell classes apart while one watches.

    Two classes get one sigmoid output and binary cross-entropy, more classes a softmax with an
    output for each and categorical cross-entropy. Weights start as Xavier's, for relu as He's.

    Parameters
    ----------
    features : (n, d) array; for d = 2 the panel draws the answers all over the plane
    labels : (n,) class of each sample, such as -1 and +1, or 0 to 9
    validation : (features, labels) of samples held out, or None
    eta : learning rate the slider starts with, 0.0001 to 100
    batch_size : int, 1 to n, samples in a step; by default all
    hidden : sizes of the hidden layers, () for none
    activation : "sigmoid", "tanh" or "relu", of the hidden units
    lam : strength of the penalty on the weights, 0 to 10
    epochs : int >= 1, passes through the samples

    Returns
    -------
    TrainingPanel, which the notebook shows; `network` is the network, `rows` the curves
    """
    training, classes = samples_of(features, labels)
    if validation is not None:
        validation = held_out(validation, training, classes)
    batch_size = checks.batch_size(batch_size, "batch_size", {"X": training.X})
    read_sizes(" ".join(map(str, hidden)))
    return TrainingPanel(
        training, validation, eta=eta, batch_size=batch_size, hidden=hidden,
        activation=activation, lam=lam, epochs=epochs,
    )  # fmt: skip
