"""The API page: every public name of the core has its place, and says what it takes and returns."""

import importlib
import inspect
import pkgutil
import re
import sys
from html.parser import HTMLParser

import pytest
from bookfiles import BOOK, ROOT
from test_bad_arguments import CORE, DECLARED

sys.path.append(str(ROOT / "tools" / "extension"))
import descent_site

ASKED = re.findall(r"automodule:: (\S+)", (BOOK / "api.md").read_text("utf-8"))
HEADING = re.compile(r"^(\w+)\n-{4,}$", re.M)
FUNCTIONS = {name: call for name, call in DECLARED.items() if name.count(".") == 1}
CLASSES = {
    name.removesuffix(".__init__"): getattr(sys.modules[init.__module__], name.split(".")[1])
    for name, init in DECLARED.items()
    if name.endswith(".__init__")
}
TABLE = FUNCTIONS | CLASSES  # what a reader calls with arguments that are looked at


def modules():
    return [importlib.import_module(f"descent.{m.name}") for m in pkgutil.iter_modules([CORE])
            if not m.ispkg and not m.name.endswith("checks")]  # fmt: skip


def public(module):
    """Return name -> function or class that a module defines for its readers."""
    return {
        name: thing
        for name, thing in vars(module).items()
        if not name.startswith("_")
        and (inspect.isfunction(thing) or inspect.isclass(thing))
        and thing.__module__ == module.__name__
    }


def test_every_module_of_the_core_is_on_the_page():
    public = {m.name for m in pkgutil.iter_modules([CORE]) if not m.name.endswith("checks")}
    assert public - {"figures", "experiments"} == {name.split(".")[1] for name in ASKED}
    assert len(ASKED) == len(set(ASKED))


@pytest.mark.parametrize("call", TABLE.values(), ids=TABLE)
def test_every_parameter_is_explained(call):
    """A docstring names each parameter under its heading, or refers to where it does."""
    _, *parts = HEADING.split(inspect.getdoc(call))
    given = [name for name in inspect.signature(call).parameters if name != "self"]
    if given:
        text = dict(zip(parts[::2], parts[1::2], strict=True))["Parameters"]
        assert set(given) <= set(re.findall(r"\w+", text))


@pytest.mark.parametrize("call", FUNCTIONS.values(), ids=FUNCTIONS)
def test_every_function_says_what_it_returns(call):
    text = inspect.getdoc(call)
    assert "Returns\n-------" in text or re.match(r"Return|An? iterator", text)


def test_what_is_raised_is_named_on_a_line_of_its_own():
    """As numpydoc has it: the exception, then, indented, when; napoleon reads nothing else."""
    for call in TABLE.values():
        _, *parts = HEADING.split(inspect.getdoc(call))
        text = dict(zip(parts[::2], parts[1::2], strict=True)).get("Raises", "")
        for line in text.strip("\n").splitlines():
            assert not line or line[0] == " " or line.isidentifier(), (call, line)


# ------------------------------------------------------------- what the extension does beside


def written(text, what="function", thing=None):
    lines = text.splitlines()
    descent_site.set_docstring(None, what, "", thing, None, lines)
    return "\n".join(lines)


def test_a_formula_stands_as_it_is_written():
    text = "The cost.\n\nC = |x_i|          (source 004, eq. 1.3)\n\n"
    text += "Or |x| and `|y|`:\n\n    y = x*\n    z = y*"
    assert written(text + "\n\nReturns\n-------\nC : number\n    one\n") == (
        "The cost.\n\n::\n\n    C = |x_i|   (source 004, eq. 1.3)\n\n"
        "Or \\|x\\| and `|y|`:\n\n::\n\n"
        "        y = x*\n        z = y*\n\nReturns\n-------\nC : number\n    one"
    )
    assert written("A::\n\n    x*\n") == "A::\n\n    x*\n"


def test_the_fields_of_a_record_are_listed_with_their_words():
    from descent.linear import Standardized

    text = written(inspect.getdoc(Standardized), "class", Standardized)
    assert "* ``mean`` () or (d,), in the features' units" in text


# ------------------------------------------------------------------------------ the built page


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.ids, self.text = set(), []

    def handle_starttag(self, tag, attributes):
        self.ids.update(value for name, value in attributes if name == "id")

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture(scope="module")
def page(site):
    parser = Page()
    parser.feed((site / "book" / "api.html").read_text("utf-8"))
    return parser.ids, "".join(parser.text)


@pytest.mark.page
def test_every_public_name_has_its_place(page):
    """Functions, and every type that one of them takes or returns."""
    names = {f"{m.__name__}.{name}" for m in modules() for name in public(m)}
    assert names - page[0] == set()


@pytest.mark.page
def test_no_word_of_a_docstring_is_lost_and_no_markup_is_left_over(page):
    shown = set(re.findall(r"\w+", page[1]))
    for thing in [thing for module in modules() for thing in public(module).values()]:
        text = HEADING.sub("", inspect.getdoc(thing) or "")
        missing = set(re.findall(r"\w+", text)) - shown
        assert not missing, f"{thing}: {missing}"
    for markup in ("`", "::", "----", " at 0x", "<function", "Alias for field"):
        assert markup not in page[1], markup
