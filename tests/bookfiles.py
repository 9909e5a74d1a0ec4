"""The book's own files, as the tests read them."""

import json
import re
from functools import cache
from pathlib import Path

import contents

ROOT = Path(__file__).resolve().parent.parent
BOOK = ROOT / "book"
NOTEBOOKS = sorted(BOOK.glob("*.ipynb"))
PAGES = sorted(BOOK.glob("*.md"))


def name_of(path):
    """How a file is called in a test's name."""
    return path.name


@cache
def notebook(path):
    return json.loads(path.read_text(encoding="utf-8"))


def source(cell):
    return "".join(cell["source"])


def cells(path, kind):
    return [cell for cell in notebook(path)["cells"] if cell["cell_type"] == kind]


def outputs(path):
    return [output for cell in cells(path, "code") for output in cell["outputs"]]


def printed(output):
    """The text of one stored output."""
    if output["output_type"] == "stream":
        return "".join(output["text"])
    return "".join(output.get("data", {}).get("text/plain", ""))


def prose(path):
    """The Markdown of a page or of a notebook's text cells."""
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8")
    return "\n\n".join(source(cell) for cell in cells(path, "markdown"))


def without_code(text):
    """The Markdown without fenced code, which is not prose (directives stay)."""
    return re.sub(r"^(```+)(?!\{)[^\n]*\n.*?^\1\s*$", "", text, flags=re.M | re.S)


def chapters():
    """The pages of the table of contents, in their order."""
    return contents.pages(ROOT)
