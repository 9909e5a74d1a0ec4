"""Write the notebooks for Colab into _build/colab/book: each with a cell that installs the core.

Colab has no copy of the repository, so the first cell fetches it. The site's Colab buttons open
these notebooks on the branch that the workflow `pages` publishes them to.

    python tools/colab.py https://github.com/OWNER/NAME [BRANCH]
"""

import sys

import nbformat
from settings import ROOT

sys.path.append(str(ROOT / "tools" / "extension"))
import descent_launch

OUT = ROOT / "_build" / "colab" / "book"


def install_cell(repository_url, branch):
    """Return the cell that brings the core to a machine that has none."""
    repository_url = repository_url.removesuffix("/").removesuffix(".git")
    cell = nbformat.v4.new_code_cell(
        "# Colab installs the book's core here; skip this cell where the book is installed.\n"
        f'%pip install -q "descent[panels] @ git+{repository_url}@{branch}"'
    )
    cell["id"] = "install"
    return cell


def main(arguments):
    if not arguments:
        return "Descent: give the repository: python tools/colab.py https://github.com/OWNER/NAME"
    repository_url, branch = arguments[0], (*arguments[1:], "main")[0]
    try:
        descent_launch.launches("book/index.ipynb", {"repository_url": repository_url})
    except ValueError as error:
        return f"Descent: {error}"
    OUT.mkdir(parents=True, exist_ok=True)
    for path in sorted((ROOT / "book").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        notebook.cells.insert(0, install_cell(repository_url, branch))
        nbformat.write(notebook, OUT / path.name)
    print(f"Descent: the notebooks for Colab are in {OUT.relative_to(ROOT)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
