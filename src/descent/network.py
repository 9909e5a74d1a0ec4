"""Feed-forward networks: the way forward, backpropagation, and training.

A network is a sequence of layers (W, b). Rows of X are samples, so a whole batch goes through at
once. Parameters may carry leading axes: W of shape (61, out, in) holds 61 networks of one shape,
and every function below answers for all of them.

The layers are counted as in the source: layer 1 is the input, a^1 = x, and W^2, b^2 are the first
parameters. In code, layers[0] holds W^2 and b^2, and a[0] is the input.
"""

from typing import NamedTuple

import numpy as np

from descent import _checks
from descent._loop import History, Moves, Progress, Training, follow, progress, schedule
from descent.activations import ACTIVATIONS
from descent.layers import Layer, flatten, initialize, member, stack, unflatten
from descent.losses import LOSSES, Loss

__all__ = [
    "Forward",
    "Layer",
    "Progress",
    "Training",
    "backpropagate",
    "cost",
    "flatten",
    "forward",
    "initialize",
    "member",
    "predict",
    "stack",
    "steps",
    "train",
    "unflatten",
]


class Forward(NamedTuple):
    """Everything a network computed on its way from the input to the output."""

    z: tuple  # weighted inputs z^2, ..., z^L, each (..., n, out)
    a: tuple  # activations a^1 = X, then a^2, ..., a^L, each (..., n, out)


def forward(layers, X, activation="sigmoid"):
    """Send samples through the network and keep what every layer computed.

    z^l = W^l a^(l-1) + b^l,  a^l = sigma(z^l),  a^1 = x                (source 004, section 3.4.1)

    Parameters
    ----------
    layers : sequence of (W, b), W of shape (..., out, in), b of shape (..., out)
    X : (n, d) inputs, one row a sample
    activation : name of an activation for all layers, or one name a layer: "step", "sigmoid",
        "tanh", "relu", "identity", "softmax"

    Returns
    -------
    Forward(z, a); the outputs are a[-1], of shape (..., n, out)
    """
    layers, setup = _checked(layers, activation)
    with np.errstate(all="ignore"):
        z, a, _ = _forward(layers, _inputs(X, layers), setup.activations)
    return Forward(tuple(z), tuple(a))


def predict(layers, X, activation="sigmoid"):
    """Return the outputs alone: a^L of shape (..., n, out).

    Parameters
    ----------
    layers, X, activation : as in `forward`
    """
    return forward(layers, X, activation).a[-1]


def cost(layers, X, y, *, activation="sigmoid", loss="squared_error", lam=0.0):
    """Return the loss averaged over the samples, plus the penalty on the weights.

    J = C + lam/2 sum_l ||W^l||^2,  C = 1/n sum_i C_i                   (source 004, section 3.4.2)

    Parameters
    ----------
    layers, X, activation : as in `forward`
    y : (n, out) targets; (n,) will do where the network has one output
    loss : "squared_error" behind any activation, "binary_cross_entropy" behind a sigmoid,
        "categorical_cross_entropy" behind a softmax
    lam : (...) strength of the penalty, >= 0; biases stay free

    Returns
    -------
    J : (...) array
    """
    layers, setup = _checked(layers, activation, loss, lam)
    X, y = _samples(X, y, layers, setup)
    with np.errstate(all="ignore"):
        penalty = sum((setup.lam * W**2).sum(axis=(-2, -1)) for W, _ in layers) / 2
        return _cost(layers, X, y, setup) + penalty


def backpropagate(layers, X, y, *, activation="sigmoid", loss="squared_error", lam=0.0):
    """Return the slope of the cost in every weight and bias: one pass forward, one pass back.

    For one sample, with delta^l = dC/dz^l and * entry by entry (softmax has a matrix for sigma'):

    BP1  delta^L = dC/da^L * sigma'(z^L)
    BP2  delta^l = ((W^(l+1))^T delta^(l+1)) * sigma'(z^l)              (source 004, section 4.4)
    BP3  dC/db^l = delta^l                                              (source 004, section 4.3.1)
    BP4  dC/dW^l = delta^l (a^(l-1))^T                                  (source 004, section 4.3.1)

    The slopes of the cost are the means of these over the samples, plus lam W^l for the penalty.
    Binary cross-entropy behind a sigmoid and categorical cross-entropy behind a softmax both turn
    BP1 into delta^L = a^L - y.

    Parameters
    ----------
    layers, X, y, activation, loss, lam : as in `cost`

    Returns
    -------
    gradient : tuple of Layer, with the shapes of the layers
    """
    layers, setup = _checked(layers, activation, loss, lam)
    X, y = _samples(X, y, layers, setup)
    with np.errstate(all="ignore"):
        return tuple(Layer(*slopes) for slopes in _gradient(layers, X, y, setup))


def train(
    layers, X, y, *, eta, epochs, validation=None, patience=None, every=1, callback=None, **options
):
    """Train a network by gradient descent, in batches if asked, and keep a history of its cost.

    W^l <- W^l - eta dC/dW^l,  b^l <- b^l - eta dC/db^l                 (source 004, section 3.4.2)

    All slopes are taken at the old parameters. Training owns a copy of the parameters; nothing that
    was passed in is changed.

    Parameters
    ----------
    layers : sequence of (W, b), the start; leading axes are a family, trained in one run
    X : (n, d) inputs
    y : (n, out) targets; (n,) will do where the network has one output
    eta : rate > 0, an array of rates (a family too), or a schedule t -> rate; t = 1, 2, ... counts
        steps
    epochs : int >= 1, passes through the samples
    validation : (X, y) of samples held out, or None
    patience : int >= 1, stop after so many epochs without a lower validation cost; None never does
    every : int >= 1, record the costs each so many epochs; None records none
    callback : function of a Progress, called after every step; the run stops if it returns True
    options : batch_size, activation, loss, lam, dropout, rule and rng, as in `steps`

    Returns
    -------
    Training(layers, epoch, cost, validation_cost, best_epoch, diverged_at, ended)

    A network that grows past the largest double is no error: it becomes NaN, the others go on.
    """
    moves, setup = _prepare(layers, X, y, eta, epochs, **options)
    if callback is not None and not callable(callback):
        raise TypeError(
            f"callback is {_checks.shown(callback)}; it must be a function of a Progress."
        )
    if every is not None:
        every = _checks.whole_number(every, "every", at_least=1)
    if patience is not None:
        patience = _checks.whole_number(patience, "patience", at_least=1)
        if validation is None or every is None:
            raise ValueError(
                "patience watches the validation cost: pass validation=(X, y), and every."
            )
    samples = [(moves.X, moves.y)]
    if validation is not None:
        samples.append(_held_out(validation, moves.start, setup))
    measures = [lambda layers, pair=pair: _cost(layers, *pair, setup) for pair in samples]
    return follow(moves, History(moves.start, measures, patience, every), callback)


def steps(layers, X, y, *, eta, epochs, **options):
    """Train step by step: an iterator for callers who set the pace, such as a live panel.

    Parameters
    ----------
    layers, X, y, eta, epochs : as in `train`; a schedule is asked for eta just before each step
    options : keywords
    batch_size : int, 1 to n, samples in a step; by default all
        Batches are dealt from samples shuffled anew for each epoch; the last may be smaller.
    activation, loss, lam : as in `cost`
    dropout : share of the hidden activations set to 0 at each step, 0 <= dropout < 1
        The rest are divided by 1 - dropout, so that nothing need be scaled after training.
    rule : an update rule of `descent.optimize`, which sees all parameters as one vector
        By default plain gradient descent, which works in place.
    rng : numpy.random.Generator, needed for batches and for dropout
        All members of a family get the same batches and lose the same neurons.

    Returns
    -------
    iterator of Progress(step, epoch, ends_epoch, snapshot)
    """
    moves, _ = _prepare(layers, X, y, eta, epochs, **options)
    return (progress(*standing) for standing in moves.take())


class _Setup(NamedTuple):
    """What a network computes with besides its parameters, looked up once."""

    activations: list
    loss: Loss
    paired: bool  # the output activation is the loss's partner
    lam: np.ndarray  # (..., 1, 1)
    penalized: bool


def _forward(layers, X, activations, masks=None):
    """Return z, a, and what the layers saw of a: by dropout less than all."""
    z, a = [], [X]
    seen = a if masks is None else [X]
    for i, (W, b) in enumerate(layers):
        weighted = seen[i] @ W.mT
        weighted += b if b.ndim == 1 else b[..., None, :]  # one network, or a family
        z.append(weighted)
        a.append(activations[i].apply(weighted))
        if masks is not None and i < len(masks):
            seen.append(a[-1] * masks[i])
    return z, a, seen


def _gradient(layers, X, y, setup, scale=1.0, masks=None):
    """Return the mean gradient times `scale`."""
    _, a, seen = _forward(layers, X, setup.activations, masks)
    delta = (a[-1] - y) * (scale / len(X))
    if not setup.paired:
        delta = setup.activations[-1].pull_back(delta, a[-1])  # BP1
    gradient = []
    for i in reversed(range(len(layers))):
        dW = delta.mT @ seen[i]  # BP4
        gradient.append((dW, delta.sum(axis=-2)))  # BP3
        if i > 0:  # the input needs no delta
            delta = delta @ layers[i].W
            if masks is not None:
                delta *= masks[i - 1]
            delta = setup.activations[i - 1].pull_back(delta, a[i])  # BP2
    gradient.reverse()
    if setup.penalized:
        gradient = [
            (dW + scale * setup.lam * W, db)
            for (dW, db), (W, _) in zip(gradient, layers, strict=True)
        ]
    return gradient


def _cost(layers, X, y, setup):
    """Return the loss without the penalty."""
    with np.errstate(all="ignore"):
        z, a, _ = _forward(layers, X, setup.activations)
        entries = setup.loss.from_logits(z[-1], y) if setup.paired else setup.loss.entries(a[-1], y)
        return entries.sum(axis=(-2, -1)) / len(X)


def _prepare(
    layers,
    X,
    y,
    eta,
    epochs,
    *,
    batch_size=None,
    activation="sigmoid",
    loss="squared_error",
    lam=0.0,
    dropout=0.0,
    rule=None,
    rng=None,
):
    """Check everything once and return the run, before its first step."""
    layers, setup = _checked(layers, activation, loss, lam)
    X, y = _samples(X, y, layers, setup)
    epochs = _checks.whole_number(epochs, "epochs", at_least=1)
    batch_size = _checks.whole_number(
        len(X) if batch_size is None else batch_size, "batch_size", at_least=1
    )
    if batch_size > len(X):
        raise ValueError(
            f"batch_size is {batch_size} but there are only {len(X)} samples; it must not be more."
        )
    dropout = _checks.real_number(dropout, "dropout", at_least=0, below=1)
    if batch_size < len(X) or dropout:
        rng = _checks.generator(rng)
    if rule is not None and not callable(rule):
        raise TypeError(
            f"rule is {_checks.shown(rule)}; it must be a rule such as descent.optimize.adam()."
        )
    rate = schedule(eta)
    shapes = np.shape(rate(1))[:-2], setup.lam.shape[:-2], layers[0].W.shape[:-2]
    start = _spread(layers, np.broadcast_shapes(*shapes))

    def gradient(layers, X, y, scale, masks):
        return _gradient(layers, X, y, setup, scale, masks)

    return Moves(start, X, y, gradient, rate, epochs, batch_size, dropout, rule, rng), setup


def _spread(layers, family):
    """Return the layers with these leading axes."""
    return tuple(
        Layer(
            np.broadcast_to(W, family + W.shape[-2:]),
            np.broadcast_to(b, family + b.shape[-1:]),
        )
        for W, b in layers
    )


def _checked(layers, activation, loss="squared_error", lam=0.0):
    """Return the layers, copied, and what goes with them."""
    layers = tuple(Layer(W, b) for W, b in _checks.layers(layers))
    names = [activation] * len(layers) if isinstance(activation, str) else activation
    if not isinstance(names, (list, tuple)):
        raise TypeError(
            f"activation is {_checks.shown(activation)}; it must be a name, or a list of names."
        )
    if len(names) != len(layers):
        raise ValueError(
            f"activation has {len(names)} names for {len(layers)} layers; give one name for all "
            "layers, or one for each."
        )
    activations = [_checks.choice(name, ACTIVATIONS, "activation") for name in names]
    chosen = _checks.choice(loss, LOSSES, "loss")
    if chosen.partner not in ("", names[-1]):
        raise ValueError(
            f"loss is {loss!r}, which reads the outputs as probabilities; the last activation must "
            f"be {chosen.partner!r}, not {names[-1]!r}."
        )
    lam = _checks.in_range(_checks.real_array(lam, "lam"), "lam", at_least=0)[..., None, None]
    return layers, _Setup(activations, chosen, chosen.partner != "", lam, bool(np.any(lam)))


def _inputs(X, layers, name="X"):
    X = _checks.matrix(X, name)
    if X.shape[1] != layers[0].W.shape[-1]:
        raise ValueError(
            f"{name} has {X.shape[1]} columns but the first layer takes "
            f"{layers[0].W.shape[-1]} inputs; they must match."
        )
    return X


def _samples(X, y, layers, setup, names=("X", "y")):
    """Return inputs and targets that fit the network: (n, d) and (n, out)."""
    X, y = _inputs(X, layers, names[0]), _checks.real_array(y, names[1], ndim=(1, 2))
    outputs = layers[-1].W.shape[-2]
    if y.ndim == 1 and outputs == 1:
        y = y[:, None]
    if y.shape != (len(X), outputs):
        raise ValueError(
            f"{names[1]} has shape {y.shape}; the network's {outputs} outputs for {len(X)} samples "
            f"need ({len(X)}, {outputs}). losses.one_hot makes such rows from class numbers."
        )
    return X, setup.loss.targets(y)


def _held_out(validation, layers, setup):
    try:
        X, y = validation
    except (TypeError, ValueError):
        raise TypeError(
            f"validation is {type(validation).__name__}; it must be a pair (X, y) held out."
        ) from None
    return _samples(X, y, layers, setup, ("validation X", "validation y"))
