"""Measure what a reader feels and print it as a table: `make bench`.

python benchmarks/run.py            # everything, the other benchmarks too
python benchmarks/run.py --pages    # the pages and the build alone
"""

import importlib.util
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tools"))
NO_TABLE = {"run", "pages", "family", "mnist"}  # the last one takes long and writes a data set
OTHERS = sorted(file for file in HERE.glob("*.py") if file.stem not in NO_TABLE)


def load(name):
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def show(rows):
    """Print rows of (what, measured, unit, goal); a goal is an upper bound or None."""
    for what, measured, unit, goal in rows:
        bound = "" if goal is None else f"at most {goal:g}"
        mark = "" if goal is None or measured <= goal else "  MISSED"
        print(f"{what:<58}{measured:>10.3g} {unit:<4}{bound:>14}{mark}", flush=True)


def main(arguments):
    print(f"{'what':<58}{'measured':>10} {'unit':<4}{'goal':>14}")
    show(load("family").rows())
    show(load("pages").rows())
    if "--pages" in arguments:
        return
    for file in OTHERS:
        print(f"\n{file.name}", flush=True)
        subprocess.run([sys.executable, str(file)], check=True, cwd=HERE.parent)


if __name__ == "__main__":
    main(sys.argv[1:])
