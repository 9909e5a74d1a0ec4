"""The long tests: `python tools/long_tests.py`, which is `make test-full`.

1. Every notebook runs twice from a copy of its own: text and pictures must be the same.
2. It runs with two threads, and as on two kinds of processors: what it prints must be the same.
3. The oldest NumPy and Matplotlib: the unit tests, and what the notebooks print.
4. The fuzz tests with eight times as many examples, and the tests marked `full`.

Everything that can run does, and the last lines say what failed.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter

import numpy as np
from settings import ROOT, THREADS, kernel_settings

AGAIN = "once more"
VARIANTS = {
    AGAIN: {},
    "two threads": dict.fromkeys(THREADS, "2"),
    "a Haswell": {"OPENBLAS_CORETYPE": "Haswell"},
    "a Prescott": {"OPENBLAS_CORETYPE": "Prescott"},
}
PROCESSES = os.cpu_count() or 1


def copied(folder):
    """Copy the book and its core as a new clone has them; return the notebooks."""
    left_out = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "*.egg-info")
    for name in ("book", "src"):
        shutil.copytree(ROOT / name, folder / name, ignore=left_out)
    return sorted((folder / "book").glob("*.ipynb"))


def executed(notebook, settings):
    """Run a notebook of a copy with the core of that copy; return what went wrong, or ""."""
    env = kernel_settings() | {"PYTHONPATH": str(notebook.parents[1] / "src")} | settings
    program = "import sys, pathlib, outputs; outputs.run(pathlib.Path(sys.argv[1]))"
    command = [sys.executable, "-c", program, str(notebook)]
    done = subprocess.run(command, cwd=ROOT / "tools", env=env, capture_output=True, text=True)
    return done.stderr[-2000:] if done.returncode else ""


def outputs(notebook, pictures):
    """Yield what each code cell shows, as one string."""
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        shown = []
        for output in cell["outputs"]:
            data = dict(output.get("data", {}))
            if not pictures:
                data.pop("image/png", None)
            shown.append("".join(output.get("text", "")) + json.dumps(data, sort_keys=True))
        yield "\n".join(shown)


def differences(one, other, pictures=False):
    """Return a line for each cell of two copies of a notebook that does not show the same."""
    pairs = zip(outputs(one, pictures), outputs(other, pictures), strict=True)
    return [
        f"{one.name}, code cell {k}:\n    {a[:400]}\n  not\n    {b[:400]}"
        for k, (a, b) in enumerate(pairs, start=1)
        if a != b
    ]


def variants():
    """Return the settings that mean something on this machine, and say what is left out."""
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]["name"]
    if "openblas" in blas.lower() and platform.machine().lower() in ("x86_64", "amd64"):
        return VARIANTS
    print(f"Descent: NumPy computes with {blas} here, so kinds of processors are not compared.")
    return {name: VARIANTS[name] for name in VARIANTS if not name.startswith("a ")}


def notebooks_repeat():
    """Run every notebook from clean copies under each setting; return what differs."""
    wrong = []
    with tempfile.TemporaryDirectory() as place:
        place = Path(place)
        runs = {name: copied(place / name) for name in ("first", *variants())}
        tasks = [(notebook, VARIANTS.get(name, {})) for name in runs for notebook in runs[name]]
        with ThreadPoolExecutor(PROCESSES) as pool:
            troubles = list(pool.map(lambda task: executed(*task), tasks))
        wrong += [
            f"{task[0].relative_to(place)} stopped:\n{trouble}"
            for task, trouble in zip(tasks, troubles, strict=True)
            if trouble
        ]
        first = runs.pop("first")
        for stored, one in zip(sorted((ROOT / "book").glob("*.ipynb")), first, strict=True):
            wrong += [f"stored and run, {line}" for line in differences(stored, one)]
        for name, others in runs.items():
            for one, other in zip(first, others, strict=True):
                found = differences(one, other, pictures=name == AGAIN)
                wrong += [f"first and {name}, {line}" for line in found]
    return wrong


def run(tool, *arguments):
    """Run one of the tools; return what failed."""
    command = [sys.executable, str(ROOT / "tools" / tool), *arguments]
    code = subprocess.call(command, cwd=ROOT)
    return [f"{tool} {' '.join(arguments)} ended with {code}"] if code else []


STEPS = {
    "the notebooks, run again and again": notebooks_repeat,
    "the oldest NumPy and Matplotlib": lambda: run("oldest_versions.py"),
    "the fuzz tests at length": lambda: run(
        "run_tests.py",
        "tests/test_fuzz.py",
        "-q",
        "--hypothesis-profile=full",
        "--numprocesses=auto",
    ),
    "the tests marked full": lambda: run(
        "run_tests.py", "tests", "-q", "-m", "full", "--numprocesses=auto", "--dist=loadgroup"
    ),
}


def main():
    wrong = []
    for name, step in STEPS.items():
        print(f"Descent: {name}", flush=True)
        start = perf_counter()
        found = step()
        wrong += found
        state = f"{len(found)} differences or failures" if found else "passed"
        print(f"Descent: {name}: {state}, {perf_counter() - start:.0f} s", flush=True)
    if wrong:
        return "\n".join(["", *wrong, f"Descent: the full test failed in {len(wrong)} places."])
    print("Descent: the full test passed.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
