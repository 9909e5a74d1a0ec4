"""The tool behind `make mutate`: what it changes, and what it leaves alone."""

import ast
import random

import mutate
import pytest

SOURCE = '''"""About 1 + 1."""

__all__ = ["f"]
SIZE = 3


@checked(x=at_least(0))
def f(x: "2 + 2", flag=True):
    """Return -x."""
    if x <= -1.5:
        raise ValueError(f"x is {x - 1}; it must be 2.")
    x = (x + SIZE) ** 2  # Größe
    return x[0], x is None, flag
'''
MUTANTS = {
    (4, "SIZE = 4"),
    (4, "pass"),
    (8, 'def f(x: "2 + 2", flag=False):'),
    (10, "if x < -1.5:"),
    (10, "if x <= 1.5:"),
    (10, "if x <= -3.0:"),
    (11, "pass"),
    (12, "pass  # Größe"),
    (12, "x = (x - SIZE) ** 2  # Größe"),
    (12, "x = (x + SIZE) * 2  # Größe"),
    (12, "x = (x + SIZE) ** 3  # Größe"),
    (13, "return x[1], x is None, flag"),
    (13, "return x[0], x is not None, flag"),
}


def test_each_mistake_is_made_once_and_words_stay(tmp_path):
    file = tmp_path / "f.py"
    file.write_text(SOURCE, encoding="utf-8")
    found = mutate.mutants_of(file)
    assert sorted((m.number, m.becomes) for m in found) == sorted(MUTANTS)
    for mutant in found:
        assert SOURCE.splitlines()[mutant.number - 1].strip() == mutant.line
        assert ast.dump(ast.parse(mutant.text)) != ast.dump(ast.parse(SOURCE))


@pytest.fixture
def plant(tmp_path, monkeypatch):
    """Make a repository of one module and its test file; return a copy to try mutants in."""

    def plant(name, code, test):
        root = tmp_path / "root"
        for folder, file, text in (("src/descent", name, code), ("tests", f"test_{name}", test)):
            (root / folder).mkdir(parents=True)
            (root / folder / f"{file}.py").write_text(text)
        (root / "src" / "descent" / "__init__.py").write_text("")
        monkeypatch.setattr(mutate, "ROOT", root)
        monkeypatch.setattr(mutate.Tree, "seconds", {})
        return mutate.Tree(tmp_path / "copy")

    return plant


@pytest.mark.full
def test_a_mutant_is_killed_by_the_tests_that_see_it(plant):
    """The sign is tested, the case of 0 is not."""
    code = "def size(x):\n    return x if x > 0 else -x\n"
    test = (
        "from descent.size import size\n\n\ndef test_it():\n    assert size(-2) == size(2) == 2\n"
    )
    tree = plant("size", code, test)
    assert {mutant.becomes: tree.killer(mutant) for mutant in mutate.core()} == {
        "return x if x >= 0 else -x": None,
        "return x if x > 1 else -x": None,
        "return x if x > 0 else x": "test_size.py",
    }
    assert (tree.folder / "src" / "descent" / "size.py").read_text() == code


@pytest.mark.full
def test_what_is_red_without_a_mutant_kills_none(plant):
    test = "from descent import one\n\n\ndef test_it():\n    assert one.ONE == 2\n"
    tree = plant("one", "ONE = 1\n", test)
    with pytest.raises(SystemExit, match=r"test_one.py is red without any mutant"):
        tree.killer(mutate.core()[0])


def test_the_same_seed_chooses_the_same_places():
    mutants = mutate.core()
    one, other = (random.Random(1).sample(mutants, 100) for _ in range(2))
    assert one == other
    assert not [m.file for m in mutants if m.file.endswith("checks.py")]


@pytest.mark.parametrize(("key", "reason"), mutate.equivalent().items())
def test_what_is_called_equivalent_is_still_a_mutant_and_has_a_reason(key, reason):
    assert key in {mutant[:3] for mutant in mutate.core()}
    assert len(reason) > 20 and reason.endswith(".")
