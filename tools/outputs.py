"""Run the notebooks again and store their outputs in a form that does not change by itself.

    python tools/outputs.py [book/01-fit-a-commute.ipynb ...]

What is kept: text, and pictures without their date and program. What is dropped: the state and the
views of widgets (their ids are random; the site's build makes its own) and everything that tells
one machine or moment from another. A second run changes no byte.
"""

import base64
import os
import struct
import subprocess
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from settings import ROOT, kernel_settings

# The last is what an answer box on the page is made of; nbval misses it if it is not stored.
KEPT = ("image/png", "text/plain", "text/latex", "text/markdown")
KEPT += ("application/vnd.descent.exercise+json",)
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
# What a converter must know of the language, and nothing of one machine's Python.
LANGUAGE = {
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}
PNG_CHUNKS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"pHYs")


def bare_png(data):
    """Drop every chunk of a PNG that is not needed to draw it."""
    kept, at = data[:8], 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        chunk = data[at : at + 12 + length]
        if chunk[4:8] in PNG_CHUNKS:
            kept += chunk
        at += 12 + length
    return kept


def normalised(output):
    if output.output_type in ("display_data", "execute_result"):
        data = {kind: output.data[kind] for kind in KEPT if kind in output.data}
        if "image/png" in data:
            png = bare_png(base64.b64decode(data["image/png"]))
            data["image/png"] = base64.b64encode(png).decode() + "\n"
        output.data = nbformat.NotebookNode(data)
        output.metadata = nbformat.NotebookNode()
    if output.output_type == "execute_result":
        output.execution_count = None  # set by the caller, counted from one
    return output


def normalise(notebook):
    """Bring an executed notebook into its stored form, in place."""
    count = 0
    for cell in notebook.cells:
        for key in ("execution", "collapsed", "scrolled"):
            cell.metadata.pop(key, None)
        if cell.cell_type != "code":
            continue
        count += 1
        cell.execution_count = count
        cell.outputs = [normalised(output) for output in cell.outputs]
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = count
    notebook.metadata["kernelspec"] = dict(KERNEL)
    notebook.metadata["language_info"] = dict(LANGUAGE)
    notebook.metadata.pop("widgets", None)
    return notebook


def run(path):
    """Execute one notebook in its own folder; return whether the stored file changed."""
    before = path.read_text(encoding="utf-8")
    notebook = nbformat.reads(before, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,  # how a print arrives in pieces depends on the clock
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute(stderr=subprocess.DEVNULL)  # the kernel's own log; a cell's stderr is an output
    after = nbformat.writes(normalise(notebook)) + "\n"
    if after != before:
        path.write_text(after, encoding="utf-8")
    return after != before


def main(names):
    os.environ.update(kernel_settings())
    paths = [Path(name).resolve() for name in names] or sorted((ROOT / "book").glob("*.ipynb"))
    for path in paths:
        try:
            changed = run(path)
        except CellExecutionError as error:
            return f"{error}\nDescent: {path.name} stopped with an error; it was left as it was."
        print(f"{path.name}: {'new outputs' if changed else 'unchanged'}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
