"""What the last green run of all tests counted: `python tools/counts.py` (`make counts`).

A green `make test` leaves its counts in `_build/counts.json`. This program writes them, with the
day, into the table of `book/testing.md`. The two are apart so that testing changes no page.
"""

import json
import re
import sys
import xml.etree.ElementTree as ET
from datetime import UTC, datetime

from settings import ROOT

LAST = ROOT / "_build" / "counts.json"
NONE = "No full run has been counted yet.\n\n"
PAGE = ROOT / "book" / "testing.md"
TABLE = re.compile(r"(?<=<!-- counts -->\n).*?(?=<!-- /counts -->)", re.S)

# Layer: the files of its tests, as regular expressions; a file belongs to the first that fits.
LAYERS = {
    "cells of the notebooks, run again": r"book/.*\.ipynb",
    "bad input and fuzzing": r"tests/test_(bad_input|fuzz)\.py",
    "the chapters: claims, figures, exercises": r"tests/test_(chapter\d\d|errata|exercises)\.py",
    "pages in a real browser, JupyterLab too": r"tests/test_(\w+_pages|pages|jupyterlab)\.py",
    "notebooks, pages and repository as stored": (
        r"tests/test_(notebooks|structure|glossary|api_page|imports)\.py"
    ),
    "commands, build, wheel and publishing": (
        r"tests/test_(commands|build|wheel|publishing|run_full|counts|benchmarks_\w+)\.py"
    ),
    "the core, the figures and the panels": r"tests/test_\w+\.py",
}


def layer(path):
    """Return the layer that a file belongs to."""
    return next(name for name, files in LAYERS.items() if re.fullmatch(files, path))


def path_of(case):
    """Return the file of a test: "tests.test_flipbook.TestDrawing" is in tests/test_flipbook.py."""
    name = case.get("classname")
    if name.endswith(".ipynb"):
        return name.replace(".", "/", 1)
    return "/".join(part for part in name.split(".") if not part.startswith("Test")) + ".py"


def counted(report, coverage):
    """Return the counts of a run from its report in JUnit's form and its coverage in percent."""
    passed, skipped = dict.fromkeys(LAYERS, 0), 0
    for case in ET.parse(report).getroot().iter("testcase"):
        if case.find("skipped") is not None:
            skipped += 1
        else:
            passed[layer(path_of(case))] += 1
    day = datetime.now(UTC).date().isoformat()
    return {"day": day, "passed": passed, "skipped": skipped, "coverage": int(coverage)}


def table(counts):
    """Return the counts as a table and a sentence in Markdown."""
    rows = [f"| {name} | {number:,} |" for name, number in counts["passed"].items()]
    total = sum(counts["passed"].values())
    skipped = f", {counts['skipped']} skipped" if counts["skipped"] else ""
    sentence = (
        f"Last green run: {counts['day']}. All {total:,} tests passed{skipped}; the unit tests "
        f"alone ran {counts['coverage']} % of the lines and branches of the code."
    )
    head = ["| what is tested | tests |", "|---|---:|"]
    return "\n".join(["", *head, *rows, f"| together | {total:,} |", "", sentence, "", ""])


def main():
    if not LAST.exists():
        return "Descent: there are no counts yet; run make test, and when it is green this again."
    page = PAGE.read_text(encoding="utf-8")
    counts = json.loads(LAST.read_text())
    PAGE.write_text(TABLE.sub(lambda _: table(counts), page), encoding="utf-8")
    print(f"Descent: book/testing.md has the counts of {counts['day']}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
