"""The book's table of contents, read in one place."""

import yaml


def pages(root):
    """Return the pages below `root` in their order, such as "book/index", the first of all."""
    contents = yaml.safe_load((root / "_toc.yml").read_text("utf-8"))
    return [contents["root"], *(entry["file"] for entry in contents.get("chapters", ()))]
