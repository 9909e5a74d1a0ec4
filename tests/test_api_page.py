"""The API page loses nothing of what stands beside the code, and the code says what it takes."""

import importlib
import inspect
import pkgutil
import re
import sys

import pytest
from bookfiles import BOOK, ROOT
from test_bad_input import CORE, TABLE, UNCHECKED, public_functions

sys.path.insert(0, str(ROOT / "tools" / "extension"))
import descent_api

ASKED = re.findall(r"{core-module} (\S+)\n(?::names: (.*)\n)?", (BOOK / "api.md").read_text())
NAMES = [name for name, _ in ASKED]


def words(text):
    return re.findall(r"\w+", text)


def asked(name):
    chosen = dict(ASKED)[name]
    return chosen.split() if chosen else None


@pytest.fixture(scope="module", params=NAMES)
def module(request):
    return importlib.import_module(request.param)


@pytest.fixture
def section(module):
    return descent_api.section(module.__name__, asked(module.__name__))


def test_every_module_of_the_core_is_on_the_page():
    public = {m.name for m in pkgutil.iter_modules([CORE]) if not m.name.startswith("_")}
    assert {f"descent.{name}" for name in public - {"figures"}} == set(NAMES)
    assert len(NAMES) == len(set(NAMES))


def test_every_public_function_has_its_place(module, section):
    if hasattr(module, "__path__"):
        return
    shown = set(addresses(section))
    for thing in public_functions(module):
        assert f"{module.__name__}.{thing.__name__}" in shown


def test_no_word_of_a_docstring_is_lost(module, section):
    shown = set(words(section.astext()))
    for _, thing in [("", module), *descent_api.public(module, asked(module.__name__))]:
        missing = set(words(inspect.getdoc(thing))) - shown
        assert not missing, f"{thing}: {missing}"


def test_no_markup_is_left_over(section):
    text = section.astext()
    assert (
        "`" not in text and "---" not in text and " at 0x" not in text and "<function" not in text
    )


def addresses(section):
    return [
        address for node in section.findall(descent_api.nodes.Element) for address in node["ids"]
    ]


def test_addresses_are_unique(section):
    found = addresses(section)
    assert len(found) == len(set(found)) > 1


def test_formulas_are_set_line_by_line():
    text = descent_api.section("descent.network").pformat()
    assert "BP1  delta^L = dC/da^L * sigma'(z^L)\n" in text
    formulas = list(descent_api.section("descent.linear").findall(descent_api.nodes.literal_block))
    assert "X = [1, x_1, ..., x_d]" in [node.astext() for node in formulas]
    assert not any("source" in node.astext() for node in formulas)


def test_a_function_as_a_default_is_shown_by_its_name():
    text = descent_api.section("descent.margin").astext()
    assert "cost(X, y, w, loss=squared_hinge)" in text


@pytest.mark.parametrize(
    "call", [f for f in TABLE if f not in UNCHECKED], ids=lambda f: f.__qualname__
)
def test_every_parameter_is_explained(call):
    """A docstring names each parameter under its heading, or refers to where it does."""
    rows = dict(descent_api.blocks(inspect.getdoc(call)))
    given = [name for name in inspect.signature(call).parameters if name != "self"]
    if not given:
        return
    explained = words(" ".join(name for name, _ in descent_api.entries(rows["Parameters"])))
    assert set(given) <= set(explained)


@pytest.mark.parametrize(
    "call", [f for f in TABLE if inspect.isfunction(f)], ids=lambda f: f.__qualname__
)
def test_every_function_says_what_it_returns(call):
    text = inspect.getdoc(call)
    assert "Returns\n-------" in text or re.match(r"Return|An? iterator", text)
