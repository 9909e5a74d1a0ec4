"""Measure what a reader feels and print it as a table: `make bench`.

python benchmarks/run.py            # everything, the other benchmarks too
python benchmarks/run.py --pages    # the pages and the build alone
python benchmarks/run.py --record   # everything, and write it into book/benchmarks.md
"""

import datetime
import importlib.util
import os
import platform
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from itertools import chain
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "book" / "benchmarks.md"
sys.path.insert(0, str(HERE.parent / "tools"))
NO_TABLE = {"run", "pages", "family", "mnist"}  # the last one takes long and writes a data set
OTHERS = sorted(file for file in HERE.glob("*.py") if file.stem not in NO_TABLE)
PEERS = ("numpy", "scikit-learn", "torch")


def load(name):
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def lines_of(rows):
    """Yield a line for each (what, measured, unit, goal); a goal is an upper bound or None."""
    yield f"{'what':<58}{'measured':>10} {'unit':<4}{'goal':>14}"
    for what, measured, unit, goal in rows:
        bound = "" if goal is None else f"at most {goal:g}"
        mark = "" if goal is None or measured <= goal else "  MISSED"
        yield f"{what:<58}{measured:>10.3g} {unit:<4}{bound:>14}{mark}".rstrip()


def output_of(file):
    """Yield the lines that a benchmark prints, as it prints them."""
    command = [sys.executable, "-u", str(file)]
    with subprocess.Popen(command, cwd=HERE.parent, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            yield line.rstrip()
    if process.returncode:
        sys.exit(f"Descent: {file.name} failed; its own words are above.")


def show(lines):
    """Print lines as they come; return them all."""
    shown = []
    for line in lines:
        print(line, flush=True)
        shown.append(line)
    return shown


def machine():
    """Return one sentence on what was measured with."""
    info = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.*)", info.read_text()) if info.exists() else None
    name = found[1].strip() if found else platform.processor() or platform.machine()
    packages = []
    for package in PEERS:
        try:
            packages.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            packages.append(f"no {package}")
    return (
        f"{os.cpu_count()} cores of {name}, {platform.system()}, "
        f"Python {platform.python_version()}, {', '.join(packages)}"
    )


def record(parts):
    """Write what was measured between the two marks of the page, with date and machine."""
    text = PAGE.read_text("utf-8")
    head, rest = text.split("<!-- measured -->\n")
    tail = rest.split("<!-- until here -->\n")[1]
    blocks = [f"Measured on {datetime.date.today():%-d %B %Y}: {machine()}.\n"]
    for title, lines in parts:
        while lines and not lines[-1]:
            lines.pop()
        blocks.append(f"`{title}`\n\n```text\n" + "\n".join(lines) + "\n```\n")
    measured = "\n".join(blocks)
    PAGE.write_text(
        f"{head}<!-- measured -->\n\n{measured}\n<!-- until here -->\n{tail}", encoding="utf-8"
    )
    print(f"Descent: recorded in {PAGE.relative_to(HERE.parent)}")


def main(arguments):
    rows = chain(load("family").rows(), load("pages").rows())
    parts = [("what a reader feels", show(lines_of(rows)))]
    if "--pages" in arguments:
        return
    for file in OTHERS:
        print(f"\n{file.name}", flush=True)
        parts.append((f"benchmarks/{file.name}", show(output_of(file))))
    if "--record" in arguments:
        record(parts)


if __name__ == "__main__":
    main(sys.argv[1:])
