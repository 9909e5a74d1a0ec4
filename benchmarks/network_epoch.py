"""One epoch of a 784-30-10 sigmoid network against peers: batch 10 and 128, float64, one thread.

    python benchmarks/network_epoch.py                 # synthetic images of MNIST's shape
    python benchmarks/network_epoch.py mnist.npz       # the real ones

The peers are the same algebra without structure (plain loops over batches, nothing but NumPy), its
matrix products alone, the per-sample style of source 003, and, where they are installed, PyTorch
and scikit-learn. All run in this process, in turns, and the least of several epochs counts. The
time is the processor's, which other programs on the machine disturb less than the clock's. A ratio
says how many times as long the peer took.
"""

import os
import sys

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy comes in
os.environ["OMP_NUM_THREADS"] = "1"

from time import process_time
from typing import NamedTuple

import numpy as np

from descent import losses, network

SIZES = (784, 30, 10)
ETA = 0.1


class Row(NamedTuple):
    """One line of the table."""

    batch_size: int
    who: str
    milliseconds: float
    ratio: float  # to this core


def data(path=None, n_samples=50_000):
    """Return images (n, 784) in [0, 1] and one-hot digits (n, 10)."""
    if path is None:
        rng = np.random.default_rng(0)
        images = rng.random((n_samples, SIZES[0])) * (rng.random((n_samples, SIZES[0])) < 0.2)
        return images, losses.one_hot(rng.integers(SIZES[-1], size=n_samples), SIZES[-1])
    with np.load(path) as arrays:
        images, digits = arrays["x_train"][:n_samples], arrays["y_train"][:n_samples]
    return images.reshape(len(images), -1) / 255.0, losses.one_hot(digits, SIZES[-1])


def descent_epochs(X, y, batch_size):
    """This core: yield after every epoch of `network.steps`."""
    rng = np.random.default_rng(1)
    net = network.initialize(SIZES, rng=rng)
    run = network.steps(net, X, y, eta=ETA, epochs=1000, batch_size=batch_size, rng=rng)
    yield
    for progress in run:
        if progress.ends_epoch:
            yield


def bare_epochs(X, y, batch_size):
    """The same algebra, written out for this one network."""
    rng = np.random.default_rng(1)
    (W2, b2), (W3, b3) = network.initialize(SIZES, rng=rng).layers
    while True:
        yield
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            a1, target = X[batch], y[batch]
            a2 = 1 / (1 + np.exp(-(a1 @ W2.T + b2)))
            a3 = 1 / (1 + np.exp(-(a2 @ W3.T + b3)))
            d3 = (a3 - target) * a3 * (1 - a3) * (ETA / len(batch))
            d2 = (d3 @ W3) * a2 * (1 - a2)
            W3 -= d3.T @ a2
            b3 -= d3.sum(axis=0)
            W2 -= d2.T @ a1
            b2 -= d2.sum(axis=0)


def product_epochs(X, y, batch_size):
    """The five matrix products of a step and nothing else: the floor of every batch program."""
    rng = np.random.default_rng(1)
    (W2, _), (W3, _) = network.initialize(SIZES, rng=rng).layers
    while True:
        yield
        for start in range(0, len(X), batch_size):
            a1, d3 = X[start : start + batch_size], y[start : start + batch_size]
            a2 = a1 @ W2.T
            a2 @ W3.T
            d2 = d3 @ W3
            d3.T @ a2
            d2.T @ a1


def per_sample_epochs(X, y, batch_size):
    """Columns, one sample at a time, gradients summed over the batch: a first book's style."""
    rng = np.random.default_rng(1)
    W, b = map(list, zip(*network.initialize(SIZES, rng=rng).layers, strict=True))
    b = [bias[:, None] for bias in b]
    pairs = [(x[:, None], t[:, None]) for x, t in zip(X, y, strict=True)]
    while True:
        yield
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            sum_W, sum_b = [np.zeros(w.shape) for w in W], [np.zeros(c.shape) for c in b]
            for i in batch:
                slopes_W, slopes_b = sample_gradient(W, b, *pairs[i])
                sum_W = [total + slope for total, slope in zip(sum_W, slopes_W, strict=True)]
                sum_b = [total + slope for total, slope in zip(sum_b, slopes_b, strict=True)]
            W = [w - ETA / len(batch) * slope for w, slope in zip(W, sum_W, strict=True)]
            b = [c - ETA / len(batch) * slope for c, slope in zip(b, sum_b, strict=True)]


def sample_gradient(W, b, x, target):
    """Return the slopes of one sample's cost, with columns throughout."""
    zs, activations = [], [x]
    for weights, bias in zip(W, b, strict=True):
        zs.append(np.dot(weights, activations[-1]) + bias)
        activations.append(sigmoid(zs[-1]))
    slopes_W, slopes_b = [np.zeros(w.shape) for w in W], [np.zeros(c.shape) for c in b]
    delta = (activations[-1] - target) * sigmoid_slope(zs[-1])
    slopes_W[-1], slopes_b[-1] = np.dot(delta, activations[-2].T), delta
    for back in range(2, len(W) + 1):
        delta = np.dot(W[-back + 1].T, delta) * sigmoid_slope(zs[-back])
        slopes_W[-back], slopes_b[-back] = np.dot(delta, activations[-back - 1].T), delta
    return slopes_W, slopes_b


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def sigmoid_slope(z):
    return sigmoid(z) * (1 - sigmoid(z))


def torch_epochs(X, y, batch_size):
    """PyTorch, eager: a Sequential, half the squared error, SGD."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(1)
    kinds = {"dtype": torch.float64}
    model = torch.nn.Sequential(
        torch.nn.Linear(SIZES[0], SIZES[1], **kinds),
        torch.nn.Sigmoid(),
        torch.nn.Linear(SIZES[1], SIZES[2], **kinds),
        torch.nn.Sigmoid(),
    )
    optimizer = torch.optim.SGD(model.parameters(), lr=ETA)
    X, y = torch.from_numpy(X), torch.from_numpy(y)
    while True:
        yield
        for batch in torch.randperm(len(X)).split(batch_size):
            optimizer.zero_grad()
            loss = ((model(X[batch]) - y[batch]) ** 2).sum() / (2 * len(batch))
            loss.backward()
            optimizer.step()


def sklearn_epochs(X, y, batch_size):
    """scikit-learn's MLPClassifier: logistic hidden units, plain SGD, no momentum, no penalty."""
    import sklearn
    from sklearn.neural_network import MLPClassifier

    model = MLPClassifier(
        SIZES[1:-1],
        activation="logistic",
        solver="sgd",
        alpha=0.0,
        momentum=0.0,
        nesterovs_momentum=False,
        batch_size=batch_size,
        learning_rate_init=ETA,
        random_state=1,
    )
    digits = y.argmax(axis=1)
    while True:
        yield
        with sklearn.config_context(assume_finite=True):  # spare it the check of X in every epoch
            model.partial_fit(X, digits, classes=np.arange(SIZES[-1]))


PEERS = {
    "this core": descent_epochs,
    "no structure": bare_epochs,
    "products alone": product_epochs,
    "per sample": per_sample_epochs,
    "PyTorch": torch_epochs,
    "scikit-learn": sklearn_epochs,
}


def run(path=None, n_samples=50_000, epochs=8):
    """Return the table as a list of Row, the core first for each batch size."""
    X, y = data(path, n_samples)
    rows = []
    for batch_size in (10, 128):
        runs = {}
        for who, peer in PEERS.items():
            try:
                runs[who] = peer(X, y, batch_size)
                next(runs[who])  # everything up to the first epoch
            except ImportError:
                del runs[who]
        best = dict.fromkeys(runs, np.inf)
        for _ in range(epochs):
            for who, epoch in runs.items():
                start = process_time()
                next(epoch)
                best[who] = min(best[who], process_time() - start)
        core = best["this core"]
        rows += [Row(batch_size, who, 1e3 * time, time / core) for who, time in best.items()]
    return rows


if __name__ == "__main__":
    print(f"{'batch':>5}  {'who':<14}{'ms an epoch':>12}{'ratio':>8}")
    for row in run(*sys.argv[1:2]):
        print(f"{row.batch_size:5}  {row.who:<14}{row.milliseconds:12.0f}{row.ratio:8.2f}")
