"""Least squares over a million rows: block by block against all at once, in seconds and memory.

    python benchmarks/blocks.py

Both read the same generator, which makes the rows as a file would give them. `lstsq` must first put
them together; `descent.blocks` lets each block go. Each runs in a process of its own, and the
memory is the most that process held above what it held before (where the system tells).
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy comes in
os.environ["OMP_NUM_THREADS"] = "1"

import json
import subprocess
import sys
from time import perf_counter
from typing import NamedTuple

import numpy as np

from descent import blocks, linear

try:
    import resource
except ImportError:  # Windows
    resource = None

ROWS, COLUMNS, BLOCK = 1_000_000, 21, 5_000


class Row(NamedTuple):
    """One line of the table."""

    who: str
    seconds: float  # from the generator to the weights
    megabytes: float  # the most that was held, NaN where the system does not tell
    error: float  # of the weights, relative to the true ones; the noise leaves about 1e-5


def simulated(n, columns, block):
    """Yield n rows of a noisy linear law in blocks."""
    rng = np.random.default_rng(0)
    truth = np.linspace(1, 2, columns)
    for first in range(0, n, block):
        features = rng.standard_normal((min(block, n - first), columns - 1))
        X = linear.design_matrix(features)
        yield X, X @ truth + 0.01 * rng.standard_normal(len(X))


def at_once(pairs):
    X, y = map(np.concatenate, zip(*pairs, strict=True))
    return np.linalg.lstsq(X, y, rcond=None)[0]


WHO = {
    "this core, in blocks": lambda pairs: blocks.normal_equation(pairs).w,
    "np.linalg.lstsq": at_once,
    "the blocks made, not used": lambda pairs: [len(y) for _, y in pairs],
}


def most_held():
    """Return the most memory this process has held so far, in MB."""
    if resource is None:
        return float("nan")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def measure(who, n, columns, block):
    """Run one of them here; return its line."""
    at_once(simulated(100, columns, 50))  # so that what NumPy itself loads is not counted
    before, start = most_held(), perf_counter()
    found = WHO[who](simulated(n, columns, block))
    seconds, held = perf_counter() - start, most_held() - before
    truth = np.linspace(1, 2, columns)
    error = np.abs(np.array(found) / truth - 1).max() if len(found) == columns else float("nan")
    return Row(who, seconds, held, float(error))


def run(n=ROWS, columns=COLUMNS, block=BLOCK):
    """Return the table as a list of Row, each measured in a process of its own."""
    rows = []
    for who in WHO:
        command = [sys.executable, __file__, who, str(n), str(columns), str(block)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        rows.append(Row(*json.loads(done.stdout)))
    return rows


def main():
    print(f"{ROWS:,} rows of {COLUMNS} columns, {BLOCK:,} rows a block")
    print(f"{'who':<28}{'seconds':>9}{'MB':>9}{'error':>10}")
    for row in run():
        print(f"{row.who:<28}{row.seconds:>9.2f}{row.megabytes:>9.1f}{row.error:>10.1e}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        who, *numbers = sys.argv[1:]
        print(json.dumps(measure(who, *map(int, numbers))))
    else:
        main()
