"""The book's own theme, and a site in which every page carries what it needs and nothing else.

The stock theme of Jupyter Book loads MathJax from another host, half a megabyte of icons and a
launcher of remote kernels, and its headings and labels stop screen readers. So the pages have a
frame of their own (`book/theme`), and this extension fits Sphinx and MyST-NB to it.
"""

import html
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

from docutils import nodes
from sphinx.writers.html5 import HTML5Translator

sys.path.append(str(Path(__file__).parent))
import descent_launch

BOOK = Path(__file__).resolve().parents[2] / "book"

# MathJax in the pieces that are needed; its stock bundle carries a menu of 108 kB (gzip) as well.
MATHJAX = "startup.js"
MATHJAX_LOADS = ("core", "input/tex", "[tex]/boldsymbol", "output/chtml", "a11y/assistive-mml")
MATHJAX_FETCHES = ("output/chtml/fonts/tex.js",)  # by itself
MATHJAX_FONTS = "output/chtml/fonts/woff-v2"
MATHJAX_CONFIG = {
    "loader": {"load": list(MATHJAX_LOADS)},
    "tex": {"tags": "none", "processEscapes": True, "packages": {"[+]": ["boldsymbol"]}},
    "chtml": {"matchFontHeight": False, "displayAlign": "center"},
    "options": {
        "enableAssistiveMml": True,
        "processHtmlClass": "math",
        "ignoreHtmlClass": "frame",  # only what is inside .math is a formula
    },
}
UNUSED_STYLES = ("basic.css", "mystnb.", "pygments.css")  # book.css does their work
UNUSED_FILES = ("basic.css", "mystnb.*.css", "pygments.css", "file.png", "minus.png", "plus.png")


class FoldingTranslator(HTML5Translator):
    """Writes an admonition of class "dropdown" as HTML's own <details>: it folds without a script,
    takes the keyboard and can be opened for print."""

    def visit_admonition(self, node, name=""):
        if "dropdown" not in node.get("classes", ()):
            return super().visit_admonition(node, name)
        self.body.append(self.starttag(node, "details", CLASS="admonition"))
        title = node.next_node(nodes.title)
        if title is not None and title.parent is node:
            title["folds"] = True

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
        """An ordinary list: the role that docutils gives a citation is a deprecated one."""
        if not isinstance(node.previous_sibling(), nodes.citation):
            self.body.append('<ul class="citations">\n')
        self.body.append(self.starttag(node, "li"))

    def depart_citation(self, node):
        self.body.append("</li>\n")
        if not isinstance(node.next_node(descend=False, siblings=True), nodes.citation):
            self.body.append("</ul>\n")

    def visit_table(self, node):
        self.body.append('<div class="table-wrapper">')  # a wide table scrolls inside itself
        super().visit_table(node)

    def depart_table(self, node):
        super().depart_table(node)
        self.body.append("</div>\n")


def choose_assets(app, pagename, templatename, context, doctree):
    """Keep the styles and scripts the page uses; say in one sentence what it is about."""
    styles = context["css_files"]
    styles[:] = [s for s in styles if not any(n in str(s.filename) for n in UNUSED_STYLES)]
    scripts = context["script_files"]
    if templatename != "search.html":
        unused = ("doctools.js", "documentation_options.js", "sphinx_highlight.js")
        scripts[:] = [s for s in scripts if not str(s.filename).endswith(unused)]
    if doctree is not None:
        paragraph = next(iter(doctree.findall(nodes.paragraph)), None)
        if paragraph is not None:
            context["page_description"] = " ".join(paragraph.astext().split())[:300]
    context["launches"] = ()
    options = {name: getattr(app.config, name) for name in descent_launch.OPTIONS}
    if context.get("page_source_suffix") == ".ipynb":
        context["launches"] = descent_launch.launches(f"{pagename}.ipynb", options)
    context["repository_url"] = options["repository_url"].removesuffix("/")


def finish(app, exception):
    """Copy the parts of MathJax that are loaded, remove what nothing loads."""
    if exception or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    package = Path(find_spec("sphinx-mathjax-offline").origin).parent / "static" / "mathjax"
    fonts = [f"{MATHJAX_FONTS}/{font.name}" for font in (package / MATHJAX_FONTS).glob("*.woff")]
    loads = [f"{name}.js".replace("[tex]", "input/tex/extensions") for name in MATHJAX_LOADS]
    for piece in (MATHJAX, *loads, *MATHJAX_FETCHES, *fonts):
        target = static / "mathjax" / piece
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(package / piece, target)
    for pattern in UNUSED_FILES:
        for file in static.glob(pattern):
            file.unlink()
    write_entrance(app)
    draw_card(static / "card.png")


def draw_card(path):
    """Draw the picture that other sites show beside a link to the book."""
    from descent.figures import cover  # Matplotlib comes in when the pages are done

    cover.social_card().savefig(path, dpi=cover.CARD_DPI)


def write_entrance(app):
    """The site's first address leads to the book's first page, from every server or folder."""
    first = html.escape(app.builder.get_target_uri(app.config.root_doc))
    title = html.escape(app.config.html_title)
    entrance = Path(app.outdir) / "index.html"
    entrance.write_text(
        f"""<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>{title}</title>
  <meta http-equiv="refresh" content="0; url={first}">
</head>
<body><main><h1>{title}</h1><p><a href="{first}">Open the book</a></p></main></body>
</html>
""",
        encoding="utf-8",
    )


def setup(app):
    app.add_html_theme("descent", str(BOOK / "theme"))
    app.set_translator("html", FoldingTranslator)
    app.add_config_value("comments_config", {}, "html")  # Jupyter Book sets it for a theme
    for name, default in descent_launch.OPTIONS.items():
        app.add_config_value(name, default, "html", str)
    app.config.myst_update_mathjax = False
    app.config.mathjax_path = f"mathjax/{MATHJAX}"
    app.config.mathjax3_config = MATHJAX_CONFIG
    app.connect("html-page-context", choose_assets, priority=900)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
