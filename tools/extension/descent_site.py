"""What the book changes in its stock theme, in one small Sphinx extension.

The stock site loads MathJax from another host, half a megabyte of icons, and a launcher of remote
kernels. Here every page carries what it needs and nothing else, so that it works from any folder.
"""

import shutil
from importlib.util import find_spec
from pathlib import Path

MATHJAX = "tex-chtml.js"
MATHJAX_FONTS = "output/chtml/fonts/woff-v2"


def copy_mathjax(app, exception):
    """Take from the package sphinx-mathjax-offline only what the pages load."""
    if exception or app.builder.format != "html":
        return
    source = Path(find_spec("sphinx-mathjax-offline").origin).parent / "static" / "mathjax"
    target = Path(app.outdir) / "_static" / "mathjax"
    (target / MATHJAX_FONTS).mkdir(parents=True, exist_ok=True)
    shutil.copy(source / MATHJAX, target / MATHJAX)
    for font in (source / MATHJAX_FONTS).glob("*.woff"):
        shutil.copy(font, target / MATHJAX_FONTS)


def setup(app):
    app.config.mathjax_path = f"mathjax/{MATHJAX}"
    app.connect("build-finished", copy_mathjax)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
