"""The API page, made from the docstrings when the site is built.

A page asks for one module with the directive

    ```{core-module} descent.linear
    ```

and gets a section: what the module is about, then every public name with its signature, its words,
its formula, its parameters and what it returns. A docstring is read as the core writes it: a line
in the reader's words, paragraphs and formulas, then the headings Parameters, Returns, Raises and
Attributes with one entry a line, `name : words`, whose further lines are indented.
"""

import ast
import importlib
import inspect
import re
import textwrap
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

HEADINGS = ("Parameters", "Returns", "Raises", "Attributes")
SOURCE = re.compile(r"\s{2,}\(((?:source|errata|\d{3},)[^()]*(?:\([^()]*\)[^()]*)*)\)$")


def public(module, names=None):
    """Return (name, thing) of the public functions and classes, in the order of the source."""
    if names is None and hasattr(module, "__path__"):
        names = [name for name in module.__all__ if callable(getattr(module, name))]
    if names is not None:
        return [(name, getattr(module, name)) for name in names]
    found = [
        (name, thing)
        for name, thing in vars(module).items()
        if not name.startswith("_")
        and (inspect.isfunction(thing) or inspect.isclass(thing))
        and thing.__module__ == module.__name__
    ]
    return sorted(found, key=lambda pair: _line(pair[1]))


def _line(thing):
    return inspect.getsourcelines(inspect.unwrap(thing))[1]


def signature(name, thing):
    """Return how a function is called, defaults written as a reader would write them."""
    parameters = []
    try:
        given = inspect.signature(thing)
    except ValueError:  # a class without a constructor of its own
        return name
    for parameter in given.parameters.values():
        default = parameter.default
        if inspect.isfunction(default):
            default = _Written(default.__name__)
        parameters.append(parameter.replace(annotation=inspect.Parameter.empty, default=default))
    return name + str(given.replace(parameters=parameters, return_annotation=given.empty))


class _Written:
    """A default that shows a function by its name."""

    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return self.name


def blocks(text):
    """Split a docstring into (heading, lines); the first heading is empty."""
    lines, heading, found = inspect.cleandoc(text or "").splitlines(), "", []
    start = 0
    for i, line in enumerate(lines):
        ruled = i + 1 < len(lines) and re.fullmatch(r"-{3,}", lines[i + 1].strip() or "x")
        if line.strip() in HEADINGS and ruled:
            found.append((heading, lines[start:i]))
            heading, start = line.strip(), i + 2
    found.append((heading, lines[start:]))
    return found


def paragraphs(lines):
    """Split lines at the empty ones."""
    text = "\n".join(lines).strip("\n")
    return [part for part in re.split(r"\n\s*\n", text) if part.strip()]


def entries(lines):
    """Split the lines below a heading into (name, words) and, where there is no name, ("", words).

    An entry is a line `name : words` with its indented lines; other lines make up a paragraph.
    """
    found = []
    for line in lines:
        name, colon, words = line.partition(" : ")
        if not line.strip():
            found.append(["", []])
        elif colon and not line[0].isspace():
            found.append([name.strip(), [words]])
        elif re.fullmatch(r"\S+ :", line):  # all its words are below
            found.append([line[:-2], []])
        elif found and (line[0].isspace() or not found[-1][0]):
            found[-1][1].append(line.strip())
        else:
            found.append(["", [line.strip()]])
    return [(name, " ".join(words)) for name, words in found if name or words]


def is_formula(paragraph):
    """Whether a paragraph is set line by line: a formula or code, no sentence."""
    lines = paragraph.splitlines()
    with_source = any(SOURCE.search(line) for line in lines)
    indented = all(line.startswith("  ") for line in lines)
    lone = len(lines) == 1 and not paragraph.startswith("(") and not paragraph.endswith((".", ":"))
    return with_source or indented or lone or bool(re.match(r"\S+ = .* = |tanh'", paragraph))


def inline(text):
    """Return a text as nodes: what stands between `backticks` is code."""
    made = []
    for i, part in enumerate(re.split(r"`([^`]+)`", text)):
        if part:
            made.append(nodes.literal(part, part) if i % 2 else nodes.Text(part))
    return made


def described(text):
    """Return the nodes of a docstring."""
    made = []
    for heading, lines in blocks(text):
        if heading:
            made.append(listed(heading, lines))
        else:
            for paragraph in paragraphs(lines):
                made += worded(paragraph)
    return made


def worded(paragraph):
    """Return a paragraph as text or as a formula, with where the source has it."""
    if not is_formula(paragraph):
        joined = " ".join(paragraph.split())
        return [nodes.paragraph("", "", *inline(joined))]
    lines, sources = [], []
    for line in textwrap.dedent(paragraph).splitlines():
        if place := SOURCE.search(line):
            sources.append(place[1])
        lines.append(SOURCE.sub("", line).rstrip().replace("`", ""))
    formula = "\n".join(line for line in lines if line)
    made = [nodes.literal_block(formula, formula, language="text")] if formula else []
    if sources:
        places = "; ".join(dict.fromkeys(sources))
        made.append(nodes.paragraph("", places, classes=["api-source"]))
    return made


def listed(heading, lines):
    """Return Parameters, Returns or Raises: the heading, then a definition list or sentences."""
    made = nodes.container("", classes=["api-part"])
    made += nodes.paragraph("", "", nodes.strong(heading, heading))
    items = None
    for name, words in entries(lines):
        if not name:
            record = re.match(r"[A-Z]\w*\([^()]*\)", words)  # such as Path(t, w, eta, diverged_at)
            words = f"`{record[0]}`{words[record.end() :]}" if record else words
            made += nodes.paragraph("", "", *inline(words))
            items = None
            continue
        if items is None:
            items = nodes.definition_list()
            made += items
        term = nodes.term("", "", nodes.literal(name, name))
        body = nodes.definition("", nodes.paragraph("", "", *inline(words)))
        items += nodes.definition_list_item("", term, body)
    return made


def fields(record):
    """Return (name, comment) of each field of a record, as its class writes them."""
    source = textwrap.dedent(inspect.getsource(record))
    lines, found = source.splitlines(), []
    for part in ast.parse(source).body[0].body:
        if isinstance(part, ast.AnnAssign):
            comment = lines[part.end_lineno - 1][part.end_col_offset :].partition("#")[2].strip()
            found.append((part.target.id, comment))
    return found


def members(thing, address):
    """Return what a class has: the fields of a record, the methods of another class."""
    if issubclass(thing, tuple):
        rows = [f"{name} : {words}" for name, words in fields(thing)]
        return [listed("Fields", rows)] if rows else []
    methods = [
        (name, method)
        for name, method in vars(thing).items()
        if inspect.isfunction(method) and not name.startswith("_") and method.__doc__
    ]
    items = [item(name, method, f"{address}.{name}", method=True) for name, method in methods]
    return [nodes.definition_list("", *items, classes=["api"])] if items else []


def item(name, thing, address, method=False):
    """Return one public name as an entry of a definition list."""
    record = inspect.isclass(thing) and issubclass(thing, tuple)
    written = name if record else signature(name, thing)
    written = re.sub(r"\(self(, )?", "(", written) if method else written
    term = nodes.term("", "", nodes.literal(written, written), ids=[address])
    body = nodes.definition("", *described(inspect.getdoc(thing)))
    if inspect.isclass(thing):
        body += members(thing, address)
    return nodes.definition_list_item("", term, body)


def sources(module):
    """Return the files that a module's section is made from."""
    file = Path(module.__file__)
    return sorted(file.parent.glob("*.py")) if file.name == "__init__.py" else [file]


def section(name, names=None):
    """Return the section of one module, with all its public names or those given."""
    module = importlib.import_module(name)
    made = nodes.section(ids=[name], names=[name], support_smartquotes=False)  # sigma' is a slope
    made += nodes.title("", "", nodes.literal(name, name))
    made += described(module.__doc__)
    items = [item(called, thing, f"{name}.{called}") for called, thing in public(module, names)]
    made += nodes.definition_list("", *items, classes=["api"])
    return made


class CoreModule(SphinxDirective):
    """The section of one module, in the place of the directive."""

    required_arguments = 1

    option_spec: ClassVar[dict] = {"names": str.split}

    def run(self):
        name = self.arguments[0]
        for source in sources(importlib.import_module(name)):
            self.env.note_dependency(str(source))
        made = section(name, self.options.get("names"))
        self.state.document.note_implicit_target(made, made)
        return [made]


def setup(app):
    app.add_directive("core-module", CoreModule)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
