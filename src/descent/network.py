"""Feed-forward networks: the way forward, backpropagation, and training.

Rows of X are samples, so a whole batch goes through at once. Parameters may carry leading axes: W
of shape (61, out, in) holds 61 networks of one shape, and everything below answers for all of them.

The layers are counted as in the source: layer 1 is the input, a^1 = x, and W^2, b^2 are the first
parameters. In code, layers[0] holds W^2 and b^2, z[0] is z^2, and a[0] is the input.
"""

from collections.abc import Callable
from copy import copy
from itertools import chain
from typing import NamedTuple

import numpy as np

from descent import checks
from descent import network_checks as given
from descent.activations import Activation
from descent.checks import checked
from descent.layers import SCHEMES, Layer, draw, flatten, layers_of, split
from descent.optimize import Patience, descend

# The model ----------------------------------------------------------------------------------------


class Forward(NamedTuple):
    """Everything a network computed on its way from the input to the output."""

    z: tuple  # weighted inputs z^2, ..., z^L, each (..., n, out)
    a: tuple  # activations a^1 = X, then a^2, ..., a^L, each (..., n, out)


class Network:
    """Layers with their activations, and the loss that the network is trained on.

    Parameters
    ----------
    layers : sequence of (W, b)
        W of shape (..., out, in), b of shape (..., out); leading axes are a family of networks.
    activations : str, or one str a layer
        "step", "sigmoid", "tanh", "relu", "identity"; in the last layer "softmax" too.
    loss : str
        "squared_error" behind any activation, "binary_cross_entropy" behind a sigmoid,
        "categorical_cross_entropy" behind a softmax.

    Attributes
    ----------
    layers : tuple of Layer
    activations : tuple of Activation, one a layer
    loss : Loss
    """

    @checked(layers=layers_of, activations=given.activations_of, loss=given.loss_of)
    def __init__(self, layers, activations="sigmoid", loss="squared_error"):
        self.layers, self.activations, self.loss = layers, activations, loss

    def __repr__(self):
        sizes = [self.layers[0].W.shape[-1], *(b.shape[-1] for _, b in self.layers)]
        names = ", ".join(activation.name for activation in self.activations)
        return f"Network({'-'.join(map(str, sizes))}: {names}; {self.loss.name})"

    @checked(self=given.a_network, X=given.inputs)
    def forward(self, X):
        """Send samples (n, d) through the network; return a Forward, all that it computed."""
        return forward(self, X.copy())

    @checked(self=given.a_network, X=given.inputs)
    def predict(self, X):
        """Return the outputs for samples (n, d): a^L of shape (..., n, out)."""
        return forward(self, X).a[-1]

    @checked(self=given.a_network, X=given.inputs, y=given.targets, lam=given.penalty)
    def cost(self, X, y, lam=0.0):
        """Return the loss averaged over the samples, plus the penalty on the weights.

        J = C + lam/2 sum_l ||W^l||^2,  C = 1/n sum_i C_i               (source 004, section 3.4.2)

        Parameters
        ----------
        X : (n, d) inputs
        y : (n, out) targets
            (n,) will do where the network has one output.
        lam : (...) array >= 0
            The strength of the penalty; biases stay free.

        Returns
        -------
        J : (...) array
        """
        squares = sum((W**2).sum(axis=(-2, -1)) for W, _ in self.layers)
        return mean_loss(self, X, y) + lam / 2 * squares

    @checked(self=given.a_network, X=given.inputs, y=given.targets, lam=given.penalty)
    def gradient(self, X, y, lam=0.0):
        """Return the partial derivatives of `cost` with respect to all weights and biases.

        Parameters
        ----------
        X, y, lam
            As in `cost`.

        Returns
        -------
        gradient : tuple of Layer
            With the shapes of the layers.
        """
        return penalized(backpropagate.plain(self, X, y), self.layers, lam)

    def flatten(self):
        """Return all parameters as one row, (..., p)."""
        return flatten(self.layers)

    @checked(vector=given.parameters_of)
    def unflatten(self, vector):
        """Return the network that has the parameters in a vector (..., p): the way back."""
        return like(self, split(vector, self.layers))

    def copy(self):
        """Return the network with arrays of its own."""
        return like(self, [Layer(W.copy(), b.copy()) for W, b in self.layers])

    def member(self, index):
        """Return one network of a family; `index` is an int, or several for several axes."""
        return like(self, [Layer(W[index].copy(), b[index].copy()) for W, b in self.layers])


def like(network, layers):
    """Return a network with these layers and the activations and loss of this one."""
    other = copy(network)
    other.layers = tuple(layers)
    return other


def forward(network, X):
    """Return what every layer computes. Nothing is checked here.

    z^l = W^l a^(l-1) + b^l,  a^l = sigma(z^l),  a^1 = x                (source 004, section 3.4.1)
    """
    z, a = [], [X]
    for (W, b), activation in zip(network.layers, network.activations, strict=True):
        z.append(a[-1] @ W.mT + b[..., None, :])
        a.append(activation.value(z[-1]))
    return Forward(tuple(z), tuple(a))


def mean_loss(network, X, y):
    """Return the cost without a penalty. Nothing is checked here."""
    z, a = forward(network, X)
    return network.loss.value(z[-1] if network.loss.partner else a[-1], y)


@checked(network=given.a_network, X=given.inputs, y=given.targets)
def backpropagate(network, X, y):
    """Return dC/dW and dC/db of each layer: one pass forward, one pass back.

    BP1  delta^L = dC/da^L * sigma'(z^L)
    BP2  delta^l = ((W^(l+1))^T delta^(l+1)) * sigma'(z^l)              (source 004, section 4.4)
    BP3  dC/db^l = delta^l                                              (source 004, section 4.3.1)
    BP4  dC/dW^l = delta^l (a^(l-1))^T                                  (source 004, section 4.3.1)

    Here * works entry by entry, and the last two add up over the samples.

    Parameters
    ----------
    network : Network
    X : (n, d) inputs
    y : (n, out) targets

    Returns
    -------
    gradient : tuple of Layer
    """
    z, a = forward(network, X)
    sigma = network.activations
    delta = [None] * len(z)
    delta[-1] = network.loss.delta(z[-1], a[-1], y, sigma[-1])  # BP1
    for l in reversed(range(len(z) - 1)):
        W = network.layers[l + 1].W
        delta[l] = (delta[l + 1] @ W) * sigma[l].derivative(z[l])  # BP2
    gradient = []
    for l in range(len(z)):
        db = delta[l].sum(axis=-2)  # BP3
        dW = delta[l].mT @ a[l]  # BP4
        gradient.append(Layer(dW, db))
    return tuple(gradient)


def penalized(gradient, layers, lam):
    """Return a gradient with lam W added to each dW, the derivative of lam/2 ||W||^2."""
    pairs = zip(gradient, layers, strict=True)
    return tuple(Layer(dW + lam[..., None, None] * W, db) for (dW, db), (W, _) in pairs)


# Starts -------------------------------------------------------------------------------------------

START = {"sizes": given.layer_sizes, "scheme": checks.choice({name: name for name in SCHEMES})}


@checked(**START, rng=given.generator_unless_zeros, family=checks.counts)
def initialize(
    sizes, *, rng=None, scheme="xavier", family=(), activations="sigmoid", loss="squared_error"
):
    """Return a new network.

    w_jk ~ N(0, s^2) with s^2 = 2 / (in + out) for "xavier", 2 / in for "he", 1 / in for "lecun",
    1 for "normal" and 0 for "zeros". Biases start at 0, with "normal" at N(0, 1).

    Parameters
    ----------
    sizes : sequence of int
        Neurons in each layer, input first: (784, 30, 10).
    rng : numpy.random.Generator
        Drawn from in the order W^2, b^2, W^3, ...; "zeros" needs none.
    scheme : str
    family : tuple of int
        Leading axes: (20,) starts 20 networks.
    activations, loss
        As in `Network`.

    Returns
    -------
    network : Network
    """
    return Network(draw(sizes, rng, scheme, family), activations, loss)


@checked(networks=given.networks_alike)
def stack(networks):
    """Return several networks of one shape as a family: a leading axis over the networks.

    Parameters
    ----------
    networks : sequence of Network
        Such as one for each seed. The first one's activations and loss are the family's.

    Returns
    -------
    network : Network
        W of shape (len(networks), ..., out, in).
    """
    alike = zip(*(one.layers for one in networks), strict=True)
    layers = [Layer(np.stack([W for W, _ in a]), np.stack([b for _, b in a])) for a in alike]
    return like(networks[0], layers)


# Training -----------------------------------------------------------------------------------------


class Progress(NamedTuple):
    """Where a training run stands after a step."""

    step: int  # 1, 2, ...: updates so far
    epoch: int  # 1, 2, ...: the pass through the samples that this step belongs to
    ends_epoch: bool
    snapshot: Callable  # () -> a copy of the network as it is now


class Training(NamedTuple):
    """What a training run returned. The first axis of the costs is time."""

    network: Network  # the trained network; with patience, that of the least validation cost
    epoch: np.ndarray  # (rows,) epochs at each row: 0 first, that of the last step last
    cost: np.ndarray  # (rows, ...) cost on the training samples, without penalty and dropout
    validation_cost: np.ndarray | None  # (rows, ...) the same on the validation samples
    best_epoch: np.ndarray  # (...) the epoch that `network` is from
    diverged_at: np.ndarray  # (...) the epoch in which parameters overflowed, -1 if none did
    ended: str  # what ended the run: "epochs", "patience" or "callback"


RUN = {
    "network": given.a_network,
    "X": given.inputs,
    "y": given.targets,
    "eta": checks.schedule,
    "epochs": checks.count(),
    "batch_size": checks.batch_size,
    "lam": given.penalty,
    "dropout": checks.number(at_least=0, below=1),
    "optimizer": checks.optimizer,
    "rng": given.generator_if_drawn,
}
RECORD = {
    "validation": given.held_out,
    "every": checks.optional(checks.count()),
    "patience": given.patience_of,
    "callback": checks.optional(checks.function("of a Progress")),
}


@checked(warn=True, **RUN, **RECORD)
def train(
    network,
    X,
    y,
    *,
    eta,
    epochs,
    batch_size=None,
    lam=0.0,
    dropout=0.0,
    optimizer=None,
    rng=None,
    validation=None,
    patience=None,
    every=1,
    callback=None,
):
    """Train a network by gradient descent, in batches if asked, and keep a history of its cost.

    W^l <- W^l - eta dC/dW^l,  b^l <- b^l - eta dC/db^l                 (source 004, section 3.4.2)

    All partial derivatives are taken at the old parameters. Training owns a copy of the
    parameters; nothing that was passed in is changed.

    Parameters
    ----------
    network : Network
        The start; leading axes are a family, trained in one run.
    X : (n, d) inputs
    y : (n, out) targets
        (n,) will do where the network has one output.
    eta : rate > 0, an array of rates (a family too), or a schedule t -> rate
        t = 1, 2, ... counts steps; a schedule is asked just before each step.
    epochs : int >= 1
        Passes through the samples.
    batch_size : int, 1 to n
        Samples in a step; by default all. Batches are dealt from samples shuffled anew for each
        epoch, and the last of an epoch may be smaller.
    lam : (...) array >= 0
        The strength of the penalty, as in `Network.cost`.
    dropout : number, 0 <= dropout < 1
        The share of the hidden activations set to 0 at each step; the rest are divided by
        1 - dropout, so that nothing need be scaled after training.
    optimizer : `optimize.SGD()`, `Momentum()`, `AdaGrad()` or `Adam()`
        By default SGD(). The run starts from a fresh copy.
    rng : numpy.random.Generator
        Needed for batches and for dropout. All members of a family get the same batches and lose
        the same neurons.
    validation : (X, y) of samples held out
    patience : int >= 1
        Stop after so many epochs without a lower validation cost; by default never.
    every : int >= 1
        Record the costs each so many epochs, and at the end of the run; None records none.
    callback : function of a Progress
        Called after every step; the run stops if it returns True.

    Returns
    -------
    Training
        A network that grows past the largest double is no error: it becomes NaN, the others of its
        family go on.
    """
    net, run, lost = begin(network, X, y, eta, epochs, batch_size, lam, dropout, optimizer, rng)
    samples = [(X, y)] if validation is None else [(X, y), validation]
    best = None if patience is None else Patience(patience, net.flatten())
    times, rows, epoch, ended = follow(net, run, samples, epochs, every, callback, best)
    costs = np.array(rows).reshape(-1, len(samples), *lost.shape)
    return Training(
        network=net if best is None else net.unflatten(best.w),
        epoch=np.array(times, int),
        cost=costs[:, 0].copy(),
        validation_cost=None if validation is None else costs[:, 1].copy(),
        best_epoch=np.full(lost.shape, epoch) if best is None else best.epoch,
        diverged_at=lost,
        ended=ended,
    )


def follow(network, run, samples, epochs, every, callback, best):
    """Let a run go; return the epochs measured, the costs there, the last epoch, what ended it."""
    times, rows = [], []
    for now in chain([Progress(0, 0, True, network.copy)], run):
        answer = callback(now) if callback and now.step else None
        stop = isinstance(answer, (bool, np.bool_)) and bool(answer)
        due = now.ends_epoch and every and (now.epoch % every == 0 or now.epoch == epochs)
        if due or (stop and every):
            times.append(now.epoch)
            with np.errstate(all="ignore"):
                rows.append([mean_loss(network, X, y) for X, y in samples])
            if best:
                best.look(now.epoch, rows[-1][-1], network.flatten())
        if best and best.stopped.all():
            return times, rows, now.epoch, "patience"
        if stop:
            return times, rows, now.epoch, "callback"
    return times, rows, now.epoch, "epochs"


@checked(warn=True, **RUN)
def steps(
    network, X, y, *, eta, epochs, batch_size=None, lam=0.0, dropout=0.0, optimizer=None, rng=None
):
    """Train step by step: an iterator for callers who set the pace, such as a live panel.

    Parameters
    ----------
    network, X, y, eta, epochs, batch_size, lam, dropout, optimizer, rng
        As in `train`.

    Returns
    -------
    iterator of Progress
    """
    return begin(network, X, y, eta, epochs, batch_size, lam, dropout, optimizer, rng)[1]


def begin(network, X, y, eta, epochs, batch_size, lam, dropout, optimizer, rng):
    """Return a copy of the network, the run that will train it, and where it notes divergence."""
    parts = eta.family, getattr(optimizer, "family", ()), lam.shape, network.layers[0].b.shape[:-1]
    family, n = np.broadcast_shapes(*parts), len(X)
    W_zeros, b_zeros = np.zeros((*family, 1, 1)), np.zeros((*family, 1))  # to spread and copy
    net = like(network, [Layer(W + W_zeros, b + b_zeros) for W, b in network.layers])
    parameters = [part.reshape(*family, -1) for layer in net.layers for part in layer]
    diverged_at, held = np.full(family, -1), lam.any()

    def gradient(_, batch):  # of `net`, whose layers the parameters are
        samples = (X, y) if batch is None else (X.take(batch, axis=0), y.take(batch, axis=0))
        acting = dropped(net, len(samples[0]), dropout, rng) if dropout else net
        found = backpropagate.plain(acting, *samples)
        found = penalized(found, net.layers, lam) if held else found
        return [part.reshape(*family, -1) for layer in found for part in layer]

    cuts = range(batch_size, n, batch_size)
    batches = (np.split(rng.permutation(n), cuts) if cuts else [None] for _ in range(epochs))
    run = descend(parameters, gradient, eta, batches, optimizer, diverged_at)
    return net, (Progress(*standing, net.copy) for standing in run), diverged_at


def dropped(network, n, dropout, rng):
    """Return the network with a share of its hidden activations at 0, drawn for each of n samples.

    What is dropped has the value 0 and the derivative 0; the rest are divided by 1 - dropout.
    """
    other, sizes = copy(network), [W.shape[-2] for W, _ in network.layers[:-1]]
    masks = [(rng.random((n, size)) >= dropout) / (1 - dropout) for size in sizes]
    hidden = [masked(*pair) for pair in zip(network.activations, masks, strict=False)]
    other.activations = (*hidden, network.activations[-1])
    return other


def masked(activation, mask):
    """Return the activation times a mask."""
    name, value, derivative = activation
    return Activation(name, lambda z: mask * value(z), lambda z: mask * derivative(z))
