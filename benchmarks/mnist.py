"""The headline runs of chapter 12: real handwritten digits, two networks, three seeds each.

    python benchmarks/mnist.py                    # MNIST from the cache, see descent.data.mnist
    python benchmarks/mnist.py mnist.npz          # or from a file or folder

writes src/descent/datasets/mnist_runs.csv, the accuracies after each epoch, which chapter 12 plots.
The settings are those of source 003's book: the first 50,000 images to train on, the other 10,000
for validation, batches of 10. Its weight decay w <- (1 - eta lambda / n) w is our penalty with
lam = lambda / n. One thread; about ten minutes.
"""

import os
import sys

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy comes in
os.environ["OMP_NUM_THREADS"] = "1"

from pathlib import Path
from typing import NamedTuple

import numpy as np

import descent
from descent import data, losses, network

CSV = Path(descent.__file__).parent / "datasets" / "mnist_runs.csv"
SEEDS = 0, 1, 2
N_TRAINING = 50_000
BATCH_SIZE = 10


class Run(NamedTuple):
    """The settings of one experiment, and the test accuracy that it must reach."""

    name: str
    sizes: tuple
    loss: str
    eta: float
    lam: float
    scheme: str
    epochs: int
    at_least: float  # median over the seeds, after the last epoch


RUNS = (
    Run("squared error", (784, 30, 10), "squared_error", 3.0, 0.0, "normal", 30, 0.945),
    Run(
        "cross-entropy", (784, 100, 10), "binary_cross_entropy", 0.5, 5.0 / N_TRAINING, "lecun",
        60, 0.975,
    ),
)  # fmt: skip


def accuracies(run, seed, images, labels, held_out):
    """Yield (epoch, accuracies): on the first 10,000 training images, then on each held-out set."""
    rng = np.random.default_rng(seed)
    net = network.initialize(run.sizes, rng=rng, scheme=run.scheme, loss=run.loss)
    sets = [(images[:10_000], labels[:10_000]), *held_out]

    def shares(net):
        return [np.mean(net.predict(X).argmax(axis=1) == digit) for X, digit in sets]

    yield 0, shares(net)
    steps = network.steps(
        net,
        images,
        losses.one_hot(labels, 10),
        eta=run.eta,
        epochs=run.epochs,
        batch_size=BATCH_SIZE,
        lam=run.lam,
        rng=rng,
    )
    for now in steps:
        if now.ends_epoch:
            yield now.epoch, shares(now.snapshot())


def main(path=None):
    training, test = data.mnist(path)
    images, labels = training.images[:N_TRAINING], training.labels[:N_TRAINING]
    validation = training.images[N_TRAINING:], training.labels[N_TRAINING:]
    held_out = [validation, (test.images, test.labels)]
    rows = ["run,seed,epoch,training,validation,test"]
    missed = []
    for run in RUNS:
        final = []
        for seed in SEEDS:
            for epoch, shares in accuracies(run, seed, images, labels, held_out):
                rows.append(f"{run.name},{seed},{epoch}," + ",".join(f"{s:.4f}" for s in shares))
            final.append(shares[-1])
            print(f"{run.name}, seed {seed}: {shares[-1]:.2%} of the test images", flush=True)
        median = float(np.median(final))
        print(f"{run.name}: median {median:.2%}, asked for {run.at_least:.1%}", flush=True)
        if median < run.at_least:
            missed.append(run.name)
    CSV.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return f"missed: {', '.join(missed)}" if missed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
