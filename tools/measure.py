"""Measure how the core reads: its lines, its checks, its bodies, and what one epoch calls.

A line counts if it holds code once `ruff format` has set the file at 100 columns: no docstring, no
comment, no blank line. Lines of checks are those of checks.py, of each `@checked(...)`, of a
`raise` with the `if` or `except` that it alone stands below, of each statement that calls a
checker, and of each function (value, name, given), which is one. One epoch of `network.train` on
XOR is watched by `sys.setprofile`: a comprehension or a lambda counts as part of the function it
stands in, and checks are left out.
"""

import ast
import io
import subprocess
import sys
import tokenize
from collections import Counter
from pathlib import Path
from statistics import median
from typing import NamedTuple

from settings import ROOT

CORE = ROOT / "src" / "descent"
CHECKS = "checks.py"  # how the names of files of checks end
CHECKER = ("value", "name", "given")  # the arguments of a function that is a check
GOALS = {  # the most that may be
    "lines of code": 1350,
    "share of checks, %": 16,
    "lines of the longest file": 200,
    "lines of the median body": 4,
    "lines of the longest body": 25,
    "functions that one epoch calls": 16,
    "comments that switch the format off": 0,
}
EPOCH = {"network.py", "activations.py", "losses.py", "optimize.py"}  # where it may call them
WORDLESS = tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT
DEFINED = ast.FunctionDef, ast.AsyncFunctionDef


class File(NamedTuple):
    """What was counted in one file."""

    name: str
    code: int  # lines
    checks: int  # lines of these
    bodies: dict  # name of a function -> lines of its body
    unformatted: int  # comments that keep ruff from setting a line


def formatted(text):
    """Return a file as ruff sets it at 100 columns, whatever its comments ask for."""
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length=100", "-"]
    plain = text.replace("# fmt:", "# not")
    done = subprocess.run(command, input=plain, capture_output=True, check=True, encoding="utf-8")
    return done.stdout


def span(*nodes):
    return {line for node in nodes for line in range(node.lineno, node.end_lineno + 1)}


def has_docstring(node):
    documented = (*DEFINED, ast.ClassDef, ast.Module)
    return isinstance(node, documented) and ast.get_docstring(node, clean=False) is not None


def lines_of_code(text, tree):
    """Return the numbers of the lines that hold code."""
    lines = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in (*WORDLESS, tokenize.ENDMARKER):
            lines |= set(range(token.start[0], token.end[0] + 1))
    return lines - span(*(node.body[0] for node in ast.walk(tree) if has_docstring(node)))


def checking(tree):
    """Return the numbers of the lines that check what was given."""
    checkers = {"checks", "_checks"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith("checks"):
            checkers |= {alias.asname or alias.name for alias in node.names}

    def checks(node):
        if isinstance(node, (ast.If, ast.ExceptHandler)):
            alone = len(node.body) == 1 and isinstance(node.body[0], ast.Raise)
            return alone and not getattr(node, "orelse", ())
        if isinstance(node, DEFINED):
            return tuple(arg.arg for arg in node.args.args[:3]) == CHECKER
        names = {inside.id for inside in ast.walk(node) if isinstance(inside, ast.Name)}
        simple = isinstance(node, (ast.Expr, ast.Assign, ast.AugAssign, ast.Return))
        return isinstance(node, ast.Raise) or (simple and bool(names & checkers))

    nodes = [node for node in ast.walk(tree) if checks(node)]
    for node in ast.walk(tree):
        if isinstance(node, (*DEFINED, ast.ClassDef)):
            nodes += [d for d in node.decorator_list if ast.unparse(d).startswith("checked")]
    return span(*nodes)


def read(path):
    """Count one file."""
    raw = path.read_text(encoding="utf-8")
    text = formatted(raw)
    tree = ast.parse(text)
    lines = lines_of_code(text, tree)
    bodies = {}
    for node in ast.walk(tree):
        if isinstance(node, DEFINED):
            bodies[f"{node.name}, {path.name}:{node.lineno}"] = len(lines & span(*node.body))
    checks = lines if path.name.endswith(CHECKS) else lines & checking(tree)
    return File(path.name, len(lines), len(checks), bodies, raw.count("# fmt:"))


def one_epoch():
    """Train a 2-3-1 network on XOR for one epoch; return what does that."""
    import numpy as np

    from descent import data, network

    gate = data.logic_gate("XOR")
    X, y = gate.features, (gate.labels > 0).astype(float)
    net = network.initialize((2, 3, 1), rng=np.random.default_rng(0))
    return lambda: network.train(net, X, y, eta=1.0, epochs=1)


def called(run):
    """Return the functions of the core that a call runs, as {(file, name)}."""
    found = set()

    def watch(frame, event, argument):
        file, name = Path(frame.f_code.co_filename), frame.f_code.co_qualname
        checks = file.name.endswith(CHECKS) or frame.f_code.co_varnames[:3] == CHECKER
        if event == "call" and file.is_relative_to(CORE) and not checks:
            while name.endswith((".<lambda>", "comp>", ".<genexpr>")):
                name = name.rpartition(".<locals>")[0] or f"line {frame.f_code.co_firstlineno}"
            found.add((file.name, name))

    sys.setprofile(watch)
    try:
        run()
    finally:
        sys.setprofile(None)
    return found


def measures(files, functions):
    """Return the value of each of the GOALS."""
    code, bodies = sum(f.code for f in files), [n for f in files for n in f.bodies.values()]
    values = [
        code,
        round(100 * sum(f.checks for f in files) / code, 1),
        max(f.code for f in files),
        median(bodies),
        max(bodies),
        len(functions),
        sum(f.unformatted for f in files),
    ]
    return dict(zip(GOALS, values, strict=True))


def main():
    files = [read(path) for path in sorted(CORE.glob("*.py"))]
    functions = called(one_epoch())
    print(f"{'file':20}{'code':>6}{'checks':>8}  longest body")
    for file in files:
        longest = max(file.bodies, key=file.bodies.get, default="")
        words = f"{file.bodies[longest]:>4}  {longest}" if longest else ""
        print(f"{file.name:20}{file.code:>6}{file.checks:>8}{words}")
    print(f"\n{'measure':38}{'is':>7}{'at most':>9}")
    for name, value in measures(files, functions).items():
        print(f"{name:38}{value:>7}{GOALS[name]:>9}{'' if value <= GOALS[name] else '  too much'}")
    print("\nOne epoch of network.train on XOR calls:")
    for file, count in sorted(Counter(file for file, _ in functions).items()):
        print(f"{count:>4} of {file}: {', '.join(sorted(n for f, n in functions if f == file))}")


if __name__ == "__main__":
    sys.exit(main())
