"""Change the core in places chosen at random, and see whether the unit tests notice.

    python tools/mutate.py [seed ...] [--places 100] [--module linear]

A mutant is one small mistake in `src/descent/*.py`: another arithmetic operator or comparison,
another constant or index, a lost sign, a dropped statement. Checks, docstrings, messages and the
download of MNIST are left alone. Its module's own test file runs first, then every other one that
uses the package, until one is red; a run without an end is red too.

A mutant that changes no result stands in `tests/equivalent_mutants.toml` with its reason, by its
file, its line and what becomes of it, so that it is known again when the line has moved.
"""

import argparse
import ast
import os
import queue
import random
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import ClassVar, NamedTuple

from settings import ROOT, kernel_settings

EQUIVALENT = ROOT / "tests" / "equivalent_mutants.toml"
LEAST = 0.95  # of the mutants that change a result must be killed
ALONE = "checks.py", "__init__.py"  # how the names of files that are left alone end
DOWNLOAD = {"_fetch", "_read", "_bar", "_address", "_folder"}  # of mnist.py
SWAPPED = {
    **{ast.Add: "+ -", ast.Sub: "- +", ast.Mult: "* /", ast.Div: "/ *", ast.Pow: "** *"},
    **{ast.FloorDiv: "// *", ast.Mod: "% //", ast.Lt: "< <=", ast.LtE: "<= <", ast.Gt: "> >="},
    **{ast.GtE: ">= >", ast.Eq: "== !=", ast.NotEq: "!= ==", ast.Is: "is is|not"},
    **{ast.IsNot: "is|not is", ast.In: "in not|in", ast.NotIn: "not|in in"},
}
DROPPED = (ast.Expr, ast.Assign, ast.AugAssign, ast.Raise, ast.Continue, ast.Break)


class Mutant(NamedTuple):
    """A file with one mistake in it. The first three are what it is known by."""

    file: str
    line: str
    becomes: str
    number: int  # of the line
    text: str  # of the whole file


def changes(node, ends):
    """Yield (first byte, last byte + 1, what may stand in between) of what can go wrong in a node.

    `ends(node)` are the first two; for an operator it is a piece of the file, from one operand's
    end to the next one's beginning.
    """
    if isinstance(node, ast.Constant) and isinstance(node.value, (bool, int, float)):
        new = {bool: lambda v: not v, int: lambda v: v + 1, float: lambda v: 2 * v or 1.0}
        yield *ends(node), repr(new[type(node.value)](node.value))
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield ends(node)[0], ends(node.operand)[0], ""
    elif isinstance(node, (ast.BinOp, ast.AugAssign)):
        left, right = [part for part in ast.iter_child_nodes(node) if part is not node.op]
        yield ends(left)[1], ends(right)[0], node.op
    elif isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        for op, left, right in zip(node.ops, sides[:-1], sides[1:], strict=True):
            yield ends(left)[1], ends(right)[0], op
    if isinstance(node, DROPPED):
        yield *ends(node), "pass"


def inside(node, file):
    """Yield a node and what is in it, without docstrings, messages, declarations and types."""
    words = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    names = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    if words or names or (file == "mnist.py" and getattr(node, "name", "") in DOWNLOAD):
        return
    yield node
    if isinstance(node, (ast.Raise, ast.JoinedStr)):
        return
    for name, part in ast.iter_fields(node):
        if name not in ("annotation", "returns", "decorator_list"):
            for child in part if isinstance(part, list) else [part]:
                if isinstance(child, ast.AST):
                    yield from inside(child, file)


def mutants_of(path):
    """Return all mutants of a file."""
    raw, found = path.read_bytes(), []
    starts = [0, *(match.end() for match in re.finditer(b"\n", raw))]

    def ends(node):
        first, last = starts[node.lineno - 1], starts[node.end_lineno - 1]
        return first + node.col_offset, last + node.end_col_offset

    for node in inside(ast.parse(raw), path.name):
        for begin, end, new in changes(node, ends):
            if isinstance(new, ast.AST):
                if type(new) not in SWAPPED:
                    continue
                old, new = (word.replace("|", " ") for word in SWAPPED[type(new)].split())
                begin += raw[begin:end].index(old.encode())
                end = begin + len(old)
            text = (raw[:begin] + new.encode() + raw[end:]).decode()
            number = raw[:begin].count(b"\n")
            line, becomes = (t.split("\n")[number].strip() for t in (raw.decode(), text))
            found.append(Mutant(path.name, line, becomes, number + 1, text))
    return found


def core(module="*"):
    """Return all mutants of the core, or of one module."""
    files = sorted((ROOT / "src" / "descent").glob(f"{module}.py"))
    return [
        mutant for path in files if not path.name.endswith(ALONE) for mutant in mutants_of(path)
    ]


def compiles(mutant):
    with suppress(SyntaxError):
        return compile(mutant.text, mutant.file, "exec", dont_inherit=True)


def equivalent():
    """Return {key of a mutant: why it changes nothing}."""
    rows = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8")).get("mutant", [])
    return {(row["file"], row["line"], row["becomes"]): row["reason"] for row in rows}


def tests_for(file):
    """Return the names of the test files that use the package: the module's own, near ones, far."""
    name = file.removesuffix(".py").strip("_")
    texts = {p.name: p.read_text("utf-8") for p in (ROOT / "tests").glob("test_*.py")}
    users = [test for test in texts if re.search("^(from|import) descent", texts[test], re.M)]
    near = {test for test in users if re.search(rf"\b{name}\b", texts[test])}
    return sorted(users, key=lambda test: (test != f"test_{name}.py", test not in near, test))


class Tree:
    """A copy of the repository in which one mutant at a time is tried."""

    seconds: ClassVar = {}  # of each test file without a mutant, as soon as it has run, in any copy

    def __init__(self, folder):
        shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".*", "_build", "__pycache__"))
        self.folder = folder
        # No caches: two mutants of the same second look alike to them.
        own = {"PYTHONPATH": str(folder / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
        self.env = kernel_settings() | own

    def is_green(self, test, seconds=3600):
        command = [sys.executable, "-m", "pytest", f"tests/{test}", "-x", "-q"]
        command += ["-p", "no:cacheprovider", "-m", "not page and not full"]
        where = {"cwd": self.folder, "env": self.env, "capture_output": True}
        try:
            return subprocess.run(command, timeout=seconds, **where).returncode in (0, 5)
        except subprocess.TimeoutExpired:
            return False

    def killer(self, mutant):
        """Return the test file that notices a mutant, or None."""
        file = self.folder / "src" / "descent" / mutant.file
        whole = file.read_bytes()
        for test in tests_for(mutant.file):
            if test not in Tree.seconds:
                begin = perf_counter()
                if not self.is_green(test):
                    sys.exit(f"Descent: {test} is red without any mutant; mend it first.")
                Tree.seconds[test] = perf_counter() - begin
            file.write_text(mutant.text, encoding="utf-8", newline="\n")
            try:
                if not self.is_green(test, 30 + 9 * Tree.seconds[test]):
                    return test
            finally:
                file.write_bytes(whole)
        return None


def main():
    parser = argparse.ArgumentParser(description="Change the core at random; run its unit tests.")
    parser.add_argument("seeds", nargs="*", type=int, default=[1, 2, 3])
    parser.add_argument("--places", type=int, default=100, help="mutants a seed")
    parser.add_argument("--module", default="*", help="change this module alone, such as linear")
    given = parser.parse_args()
    known, trees = equivalent(), queue.SimpleQueue()

    def killer(mutant):
        tree = trees.get()
        try:
            return tree.killer(mutant)
        finally:
            trees.put(tree)

    with tempfile.TemporaryDirectory() as place, ThreadPoolExecutor(os.cpu_count()) as pool:
        for k in range(os.cpu_count() or 1):
            trees.put(Tree(Path(place) / str(k)))
        wrong = 0
        for seed in given.seeds:
            rng, mutants = random.Random(seed), core(given.module)
            chosen = list(islice(filter(compiles, rng.sample(mutants, len(mutants))), given.places))
            different = [mutant for mutant in chosen if mutant[:3] not in known]
            left = own = 0
            for mutant, test in zip(different, pool.map(killer, different), strict=True):
                own += test == tests_for(mutant.file)[0]
                if test is None:
                    left += 1
                    print(f"survives: {mutant.file}:{mutant.number}")
                    print(f"  - {mutant.line}\n  + {mutant.becomes}", flush=True)
            share = 1 - left / max(1, len(different))
            print(f"Descent: seed {seed}: {len(chosen)} mutants, {len(different)} change a result;")
            print(f"{share:.0%} of these are killed, {own} by the module's own tests", flush=True)
            wrong += share < LEAST
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main())
