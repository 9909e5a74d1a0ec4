"""The book on furo: folds that need no script, MathJax from the site itself, no file too many."""

import html
import re
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

from docutils import nodes
from sphinx.writers.html5 import HTML5Translator

sys.path.append(str(Path(__file__).parent))
import descent_build
import descent_launch

# MathJax in the pieces that are needed; its stock bundle carries a menu of 108 kB (gzip) as well.
LOADS = ("core", "input/tex", "[tex]/boldsymbol", "output/chtml", "a11y/assistive-mml")
FETCHES = ("output/chtml/fonts/tex",)  # by itself
FONTS = "output/chtml/fonts/woff-v2"
MATHJAX = {
    "loader": {"load": list(LOADS)},
    "tex": {"tags": "none", "processEscapes": True, "packages": {"[+]": ["boldsymbol"]}},
    "chtml": {"matchFontHeight": False, "displayAlign": "center"},
    "options": {"enableAssistiveMml": True, "processHtmlClass": "math", "ignoreHtmlClass": "page"},
}
# Styles and scripts that no page of ours needs (the search page needs the scripts).
UNUSED = ("mystnb.", "pygments.css", "debug.css", "clipboard.min.js")
SEARCH = ("doctools.js", "documentation_options.js", "sphinx_highlight.js")
FORMULA = re.compile(r"^\s|\s{2,}\((source|errata|\d{3},) ")


class Translator(HTML5Translator):
    """An admonition of class "dropdown" is HTML's own <details>: it takes keys and opens for print;
    a bibliography is a list, since the role that docutils gives a citation is a deprecated one."""

    def visit_admonition(self, node, name=""):
        if "dropdown" not in node.get("classes", ()):
            return super().visit_admonition(node, name)
        self.body.append(self.starttag(node, "details", CLASS="admonition"))
        node[0]["folds"] = True

    def depart_admonition(self, node=None):
        folds = node is not None and "dropdown" in node.get("classes", ())
        self.body.append("</details>\n" if folds else "</div>\n")

    def visit_title(self, node):
        if not node.get("folds"):
            return super().visit_title(node)
        self.body.append('<summary class="admonition-title">')

    def depart_title(self, node):
        if not node.get("folds"):
            return super().depart_title(node)
        self.body.append("</summary>\n")

    def visit_citation(self, node):
        if not isinstance(node.previous_sibling(), nodes.citation):
            self.body.append('<ul class="citations">\n')
        self.body.append(self.starttag(node, "li"))

    def depart_citation(self, node):
        self.body.append("</li>\n")
        if not isinstance(node.next_node(descend=False, siblings=True), nodes.citation):
            self.body.append("</ul>\n")


def complete_page(app, pagename, templatename, context, doctree):
    """Drop what the page does not use; say in one sentence what it is about and where it runs."""
    unused = UNUSED if templatename == "search.html" else UNUSED + SEARCH
    for files in (context["css_files"], context["script_files"]):
        files[:] = [file for file in files if not any(n in str(file.filename) for n in unused)]
    tree = context.get("furo_navigation_tree", "")
    context["furo_navigation_tree"] = tree.replace('role="heading"', 'role="heading" aria-level="2"')
    if paragraph := doctree and next(iter(doctree.findall(nodes.paragraph)), None):
        context["page_description"] = " ".join(paragraph.astext().split())[:300]
    options = {name: getattr(app.config, name) for name in descent_launch.OPTIONS}
    context["repository_url"] = options["repository_url"].removesuffix("/")
    if context.get("page_source_suffix") == ".ipynb":
        context["launches"] = descent_launch.launches(f"{pagename}.ipynb", options)


def set_formulas(app, what, name, thing, options, lines):
    """Set indented lines of a docstring, and lines that name their source, as they stand."""
    ruled = next((i for i, line in enumerate(lines) if re.fullmatch(r"-{4,}", line)), len(lines) + 1)
    text, rest = "\n".join(lines[: ruled - 1]), lines[ruled - 1 :]
    made = []
    for part in re.split(r"\n\s*\n", text):
        rows = part.splitlines()
        if made and any(FORMULA.search(row) for row in rows) and not made[-1].endswith("::"):
            part = "\n".join(["::", "", *(f"    {row}" for row in rows)])
        made.append(part)
    lines[:] = "\n\n".join(made).splitlines() + [""] + rest


def finish(app, exception):
    """Copy the parts of MathJax that are loaded, draw the card that other sites show, lead in."""
    if exception or app.builder.format != "html":
        return
    package = Path(find_spec("sphinx-mathjax-offline").origin).parent / "static" / "mathjax"
    pieces = [f"{name}.js".replace("[tex]", "input/tex/extensions") for name in LOADS + FETCHES]
    pieces += [f"{FONTS}/{font.name}" for font in (package / FONTS).glob("*.woff")]
    static = Path(app.outdir) / "_static"
    for piece in ("startup.js", *pieces):
        (target := static / "mathjax" / piece).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(package / piece, target)
    from descent.figures import cover  # Matplotlib comes in when the pages are done

    cover.social_card().savefig(static / "card.png", dpi=cover.CARD_DPI)
    first, title = app.builder.get_target_uri(app.config.root_doc), html.escape(app.config.html_title)
    entrance = (Path(__file__).parents[2] / "book" / "templates" / "entrance.html").read_text("utf-8")
    entrance = entrance.format(first=html.escape(first), title=title)
    (Path(app.outdir) / "index.html").write_text(entrance, encoding="utf-8")


def setup(app):
    descent_build.setup(app)
    app.set_translator("html", Translator)
    app.add_config_value("comments_config", {}, "html")  # Jupyter Book sets it for its own theme
    for name, default in descent_launch.OPTIONS.items():
        app.add_config_value(name, default, "html", str)
    app.config.myst_update_mathjax = False
    app.config.mathjax_path = "mathjax/startup.js"
    app.config.mathjax3_config = MATHJAX
    app.connect("builder-inited", lambda app: setattr(app.config, "pygments_dark_style", "none"), 100)
    app.connect("html-page-context", complete_page, priority=900)
    app.connect("autodoc-process-docstring", set_formulas, priority=400)  # before napoleon
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
