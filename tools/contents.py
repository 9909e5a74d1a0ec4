"""The book's table of contents, read in one place."""

import yaml


def pages(root):
    """Return the pages below `root` in their order, such as "book/index", the first of all."""
    contents = yaml.safe_load((root / "_toc.yml").read_text("utf-8"))
    parts = contents.get("parts", [contents])
    pages = [page for part in parts for page in part.get("chapters", ())]
    return [contents["root"], *(page["file"] for page in pages)]
