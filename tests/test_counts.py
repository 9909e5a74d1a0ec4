"""The counts on the page about testing: their form, not their size, which any new test changes."""

import json
import re
from datetime import date

import counts
import pytest
from bookfiles import ROOT

PAGE = (ROOT / "book" / "testing.md").read_text(encoding="utf-8")
REPORT = """<testsuites><testsuite name="pytest">
<testcase classname="tests.test_linear" name="a"/><testcase classname="tests.test_linear" name="b"/>
<testcase classname="tests.test_flipbook.TestDrawing" name="c"/>
<testcase classname="tests.test_fuzz" name="d"/>
<testcase classname="book.01-fit-a-commute.ipynb" name="Cell 0"/>
<testcase classname="tests.test_pages" name="e"><skipped message="no browser"/></testcase>
</testsuite></testsuites>"""


@pytest.fixture
def last(tmp_path):
    (tmp_path / "tests.xml").write_text(REPORT)
    return counts.counted(tmp_path / "tests.xml", 96.7)


def test_the_page_shows_counts_of_a_green_run_or_says_that_there_are_none():
    (shown,) = counts.TABLE.findall(PAGE)
    if shown == counts.NONE:
        return
    rows = dict(re.findall(r"^\| (.+) \| ([\d,]+) \|$", shown, re.M))
    numbers = [int(number.replace(",", "")) for number in rows.values()]
    assert list(rows) == [*counts.LAYERS, "together"]
    assert all(numbers) and sum(numbers[:-1]) == numbers[-1]
    assert date.fromisoformat(re.search(r"run: (\S+)\.", shown)[1]) <= date.today()
    assert 95 <= int(re.search(r"(\d+) %", shown)[1]) <= 100


def test_every_test_file_has_a_layer_and_every_layer_a_file():
    files = [path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").glob("test_*.py")]
    files += [path.relative_to(ROOT).as_posix() for path in (ROOT / "book").glob("*.ipynb")]
    assert {counts.layer(path) for path in files} == set(counts.LAYERS)


def test_a_report_is_counted_by_layers(last):
    assert last["passed"]["the core, the figures and the panels"] == 3
    assert last["passed"]["bad input and fuzzing"] == 1
    assert last["passed"]["cells of the notebooks, run again"] == 1
    assert sum(last["passed"].values()) == 5
    assert last["skipped"] == 1 and last["coverage"] == 96


def test_the_table_replaces_the_last_one_and_nothing_else(last, tmp_path, monkeypatch, capsys):
    page, counted = tmp_path / "testing.md", tmp_path / "counts.json"
    page.write_text(PAGE, encoding="utf-8")
    counted.write_text(json.dumps(last))
    monkeypatch.setattr(counts, "PAGE", page)
    monkeypatch.setattr(counts, "LAST", counted)
    for _ in range(2):
        assert counts.main() == 0
    text = page.read_text(encoding="utf-8")
    assert "| together | 5 |" in text and "All 5 tests passed, 1 skipped" in text
    assert counts.TABLE.sub("", text) == counts.TABLE.sub("", PAGE)


def test_without_a_run_there_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(counts, "LAST", tmp_path / "none.json")
    assert "run make test" in counts.main()
