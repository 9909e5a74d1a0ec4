"""How the core reads, measured by tools/measure.py and held to the goals that it prints.

Two of these goals are not met: the lines of code, by some thirty, and the share of checks, which
counts every declaration and every sentence that a reader may get, and cannot come down to 16 %
without losing sentences. These two are held where they stand: RATCHET is a little above today's
numbers and may only come down. The tool prints the goals beside them.
"""

import ast

import measure
import pytest

SOURCE = '''\
"""A module's docstring
counts for nothing."""

from descent.checks import checked, matrix


@checked(
    X=matrix, y=lambda value, name, X: matrix(value, name, columns=X.shape[1], rows=X.shape[0])
)
def f(X, y):
    """Nor does this."""

    def inner(row):
        return [k for k in row if k]  # a comment

    if len(X) > 9:
        raise ValueError(
            "too long"
        )
    try:
        y = int(y)
    except TypeError:
        raise ValueError("no number") from None
    z = matrix(y, "z")
    text = """two
    lines"""
    return z, text
'''


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    file = tmp_path_factory.mktemp("core") / "f.py"
    file.write_text(SOURCE, encoding="utf-8")
    return measure.read(file)


def test_code_is_what_is_no_word_to_the_reader(counted):
    assert counted.code == 17  # the raise is one line, as ruff sets it


def test_checks_are_declarations_raises_and_calls_of_checkers(counted):
    assert counted.checks == 3 + 2 + 2 + 1


def test_bodies_are_counted_without_their_docstring(counted):
    assert list(counted.bodies.values()) == [12, 1]


def test_whoever_switches_the_format_off_is_seen(tmp_path):
    file = tmp_path / "f.py"
    file.write_text("x = [1,  # fmt: skip\n     2]\n", encoding="utf-8")
    assert measure.read(file).unformatted == 1


def test_lambdas_and_comprehensions_belong_to_the_function_around_them(tmp_path, monkeypatch):
    file = tmp_path / "f.py"
    text = (
        "def f():\n    return [g(k) for k in (lambda: range(2))()]\n\n\ndef g(k):\n    return k\n"
    )
    space = {}
    exec(compile(text, str(file), "exec"), space)
    monkeypatch.setattr(measure, "CORE", tmp_path)
    assert measure.called(space["f"]) == {("f.py", "f"), ("f.py", "g")}


@pytest.fixture(scope="module")
def measured():
    functions = measure.called(measure.one_epoch())
    files = [measure.read(path) for path in sorted(measure.CORE.glob("*.py"))]
    return measure.measures(files, functions), {file for file, _ in functions}


RATCHET = {"lines of code": 1390, "share of checks, %": 36.5}


@pytest.mark.parametrize("name", measure.GOALS)
def test_the_core_keeps_its_measure(measured, name):
    assert measured[0][name] <= RATCHET.get(name, measure.GOALS[name])


@pytest.mark.parametrize("name", RATCHET)
def test_the_ratchet_holds_only_what_misses_its_goal(measured, name):
    assert measured[0][name] > measure.GOALS[name], "the goal is met: drop it from RATCHET"


def test_an_epoch_stays_in_the_files_that_a_reader_would_open(measured):
    assert measured[1] <= measure.EPOCH


def test_every_module_is_public():
    private = [path.name for path in measure.CORE.glob("_*.py") if path.name != "__init__.py"]
    assert private == []
    for path in measure.CORE.glob("*.py"):
        assert ast.get_docstring(ast.parse(path.read_text("utf-8"))), path.name
