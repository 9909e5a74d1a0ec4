"""The book on furo: folds that need no script, MathJax from the site itself, no file too many."""

import html
import inspect
import re
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from textwrap import indent

from docutils import nodes
from myst_nb.core import render

sys.path.append(str(Path(__file__).parent))
import descent_build
import descent_launch

# MathJax in the pieces that are needed; its stock bundle carries a menu of 108 kB (gzip) as well.
LOADS = ("core", "input/tex", "[tex]/boldsymbol", "output/chtml", "a11y/assistive-mml")
FETCHES = ("startup", "output/chtml/fonts/tex")  # what loads them, and what they load
FONTS = "output/chtml/fonts/woff-v2"
MATHJAX = {
    "loader": {"load": list(LOADS)},
    "tex": {"tags": "none", "processEscapes": True, "packages": {"[+]": ["boldsymbol"]}},
    "chtml": {"matchFontHeight": False},
    "options": {"enableAssistiveMml": True, "processHtmlClass": "math", "ignoreHtmlClass": "page"},
}
UNUSED = ("mystnb.", "pygments.css", "debug.css")  # book.css does their work
DARK = "pygments_dark_style", "none"  # _config.yml may not name it
SEARCH = ("doctools.js", "sphinx_highlight.js")
ENTRANCE = """<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>{1}</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="_static/favicon.svg">
<meta http-equiv="refresh" content="0; url={0}"><main><h1><a href="{0}">{1}</a></h1></main></html>
"""
PLAIN = re.compile(r"(`[^`]*`)|\|")  # outside code a bar is no markup
FORMULA = re.compile(r"^\s|\s{2,}\((source|errata|\d{3},) ", re.M)


def joined(outputs, merged=render.coalesce_streams):
    """Join what a cell printed in pieces just as it came: myst-nb would end a line at each."""
    first = {}
    for output in (output for output in outputs if output["output_type"] == "stream"):
        if first.setdefault(output["name"], output) is not output:
            first[output["name"]]["text"] += output["text"]
            output["text"] = ""
    return merged(outputs)


def fold(app, doctree, docname):
    """Make admonitions of class "dropdown" HTML's <details>: it takes keys and prints open."""
    for box in [box for box in doctree.findall(nodes.admonition) if "dropdown" in box["classes"]]:
        opened = "".join(f'<span id="{name}"></span>' for name in box["ids"])
        opened += f'<details class="admonition {" ".join(box["classes"])}">'
        opened += '<summary class="admonition-title">'
        parts = [opened, *box.children[0], "</summary>", *box.children[1:], "</details>"]
        raw = [nodes.raw("", p, format="html") if type(p) is str else p for p in parts]
        box.parent.replace(box, raw)


def complete_page(app, pagename, templatename, context, doctree):
    """Drop what the page does not use; say in one sentence what it is about and where it runs."""
    unused = UNUSED if templatename == "search.html" else UNUSED + SEARCH
    for files in (context["css_files"], context["script_files"]):
        files[:] = [file for file in files if not any(n in str(file.filename) for n in unused)]
    for part, old, new in (
        ("furo_navigation_tree", 'role="heading"', 'role="heading" aria-level="2"'),
        ("body", 'role="doc-biblioentry"', 'role="listitem"'),  # the role is a deprecated one
    ):
        context[part] = context.get(part, "").replace(old, new)
    if paragraph := doctree and next(iter(doctree.findall(nodes.paragraph)), None):
        context["page_description"] = " ".join(paragraph.astext().split())[:300]
    options = {name: getattr(app.config, name) for name in descent_launch.OPTIONS}
    context["repository_url"] = options["repository_url"].removesuffix("/")
    if context.get("page_source_suffix") == ".ipynb":
        context["launches"] = descent_launch.launches(f"{pagename}.ipynb", options)


def set_docstring(app, what, name, thing, options, lines):
    """Set as they stand the lines that are indented or name their source; list record fields."""
    headings = (i - 1 for i, line in enumerate(lines) if re.fullmatch(r"-{4,}", line))
    text = lines[: (end := next(headings, len(lines)))]
    parts = re.split(r"\n\s*\n", "\n".join(text).rstrip())
    for i, part in enumerate(parts):
        if not FORMULA.search(part):
            parts[i] = PLAIN.sub(lambda found: found[1] or r"\|", part)
        elif i and not parts[i - 1].endswith("::"):
            part = re.sub(r"(?<=\S) {3,}\(", "   (", part.replace("`", ""))
            parts[i] = "::\n\n" + indent(part, "    ")
    if what == "class" and hasattr(thing, "_fields"):
        fields = re.findall(r"^    (\w+):[^#\n]*#? *(.*)$", inspect.getsource(thing), re.M)
        parts += ["\n".join(f"* ``{field}`` {words}" for field, words in fields)]
    lines[:] = [*"\n\n".join(parts).splitlines(), "", *lines[end:]]


def sign_record(app, what, name, thing, options, signature, returned):
    """Show a record's fields without their values, among which are sentences."""
    return (f"({', '.join(thing._fields)})", "") if hasattr(thing, "_fields") else None


def skip_member(app, what, name, thing, skipped, options):
    """Leave out a record's fields, which its docstring lists, and what only the core itself calls.

    A function for readers declares its arguments or has none; others are named on the page.
    """
    if type(thing).__name__ == "_tuplegetter":
        return True
    if what != "module" or not inspect.isfunction(thing):
        return None
    named = isinstance(getattr(options, "members", None), list)
    declared = hasattr(thing, "checks") or not inspect.signature(thing).parameters
    return None if named or declared else True


def finish(app, exception):
    """Copy the parts of MathJax that are loaded, draw the card that other sites show, lead in."""
    if exception or app.builder.format != "html":
        return
    package = Path(find_spec("sphinx-mathjax-offline").origin).parent / "static" / "mathjax"
    pieces = [f"{name}.js".replace("[tex]", "input/tex/extensions") for name in FETCHES + LOADS]
    pieces += [f"{FONTS}/{font.name}" for font in (package / FONTS).glob("*.woff")]
    out, static = Path(app.outdir), Path(app.outdir) / "_static"
    for piece in pieces:
        (target := static / "mathjax" / piece).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(package / piece, target)
    from descent.figures import cover  # Matplotlib comes in when the pages are done

    cover.social_card().savefig(static / "card.png", dpi=cover.CARD_DPI)
    words = app.builder.get_target_uri(app.config.root_doc), app.config.html_title
    (out / "index.html").write_text(ENTRANCE.format(*map(html.escape, words)), encoding="utf-8")
    for page in (out / "book").glob("*.html"):  # of a chapter that is no more
        if f"book/{page.stem}" not in app.env.found_docs:
            page.unlink()


def setup(app):
    descent_build.setup(app)
    render.coalesce_streams = joined
    for extension in ("sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"):
        app.setup_extension(extension)
    app.add_config_value("comments_config", {}, "html")  # Jupyter Book sets it for its own theme
    for name, default in descent_launch.OPTIONS.items():
        app.add_config_value(name, default, "html", str)
    app.config.myst_update_mathjax = False
    app.config.mathjax_path, app.config.mathjax3_config = "mathjax/startup.js", MATHJAX
    app.connect("builder-inited", lambda app: setattr(app.config, *DARK), 100)
    app.connect("doctree-resolved", fold)
    app.connect("html-page-context", complete_page, priority=900)
    app.connect("autodoc-process-docstring", set_docstring, priority=400)  # before napoleon
    app.connect("autodoc-process-signature", sign_record)
    app.connect("autodoc-skip-member", skip_member)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
