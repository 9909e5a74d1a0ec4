"""The API page: every public name of the core has its place, and says what it takes and returns."""

import importlib
import inspect
import pkgutil
import re
from functools import reduce
from html.parser import HTMLParser

import descent_site
import pytest
from bookfiles import BOOK
from test_bad_arguments import CORE, DECLARED

from descent import data

PAGE = (BOOK / "api.md").read_text("utf-8")
ASKED = re.findall(r"automodule:: (\S+)", PAGE)
LISTED = re.findall(r"automodule:: (\S+)\n +:members: (.+)", PAGE)
HEADING = re.compile(r"^(\w+)\n-{4,}$", re.M)
NAMES = {f"descent.{m.name}": m.ispkg for m in pkgutil.iter_modules([CORE])}
INNER = {"figures", "experiments", "checks", "network_checks", "least_squares"}


def modules():
    return [importlib.import_module(m) for m, ispkg in NAMES.items() if not ispkg and m in ASKED]


def public(module):
    """Return name -> function or class that a module defines for its readers."""
    return {
        name: thing
        for name, thing in vars(module).items()
        if (inspect.isfunction(thing) or inspect.isclass(thing))
        and thing.__module__ == module.__name__
        and inspect.getdoc(thing)
        and not descent_site.skip_member(None, "module", name, thing, False, None)
    }


def test_every_module_of_the_core_is_on_the_page():
    shown = {re.sub(r"(descent\.\w+).*", r"\1", name) for name in ASKED}
    assert NAMES.keys() - {f"descent.{name}" for name in INNER} == shown
    assert len(ASKED) == len(set(ASKED))


@pytest.mark.parametrize("name", DECLARED)
def test_a_docstring_explains_parameters_result_and_errors_as_numpydoc_has_it(name):
    function = DECLARED[name]
    module, *parts = name.removesuffix(".__init__").split(".")
    thing = reduce(getattr, parts, importlib.import_module(f"descent.{module}"))
    first, *parts = HEADING.split(inspect.getdoc(thing))
    said = dict(zip(parts[::2], parts[1::2], strict=True))
    if "Parameters" in said:
        given = set(inspect.signature(function).parameters) - {"self"}
        assert given <= set(re.findall(r"\w+", said["Parameters"]))
    if inspect.isfunction(thing):
        assert "Returns" in said or re.search(r"[Rr]eturn|^(Yield|Give|An? iterator)", first)
    for line in said.get("Returns", "").strip("\n").splitlines()[1:]:  # a second one, or indented
        assert not line or line[0] == " " or re.match(r"[\w, ]+ : ", line), line
    for line in said.get("Raises", "").strip("\n").splitlines():  # napoleon reads nothing else
        assert not line or line[0] == " " or line.isidentifier(), line


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


def test_a_record_is_signed_with_its_fields_alone():
    commutes = descent_site.sign_record(None, "class", "", data.Commutes, None, "(long)", None)
    assert commutes == ("(features, minutes, feature_names, target_name, source)", "")
    assert descent_site.sign_record(None, "function", "", data.commute, None, "()", None) is None


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
    """Functions, every type that one of them takes or returns, and what the page itself lists."""
    names = {f"{m.__name__}.{name}" for m in modules() for name in public(m)}
    names |= {f"{module}.{name}" for module, listed in LISTED for name in listed.split(", ")}
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
