"""A chapter in a real JupyterLab: no raw directive on the screen, solutions folded."""

import re

import pytest
from bookfiles import NOTEBOOKS, cells, name_of, prose
from playwright.sync_api import expect

# Each chapter takes a quarter of a minute.
pytestmark = [pytest.mark.page, pytest.mark.slow, pytest.mark.full]
CHAPTERS = [path for path in NOTEBOOKS if path.name[0].isdigit()]


@pytest.mark.parametrize("path", CHAPTERS, ids=name_of)
def test_a_chapter_shows_no_raw_myst_and_folds_its_solutions(browser, lab, path):
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    lab.open(page, path)
    page.wait_for_selector(".jp-Notebook .myst h1", timeout=90_000)
    boxes = page.locator(".jp-Notebook .myst-admonition")
    expect(boxes).to_have_count(prose(path).count("{admonition}"), timeout=90_000)
    folded = [c for c in cells(path, "code") if "hide-cell" in c["metadata"].get("tags", ())]
    for part in ("Input", "Output"):
        hidden = page.locator(f".jp-CodeCell .jp-{part}Placeholder")
        expect(hidden).to_have_count(len(folded), timeout=90_000)
    shown = page.inner_text(".jp-Notebook")  # what one sees, without the editors behind it
    assert ":::" not in shown
    assert "{admonition}" not in shown
    assert "{ref}" not in shown
    # A label has a hyphen; the pieces of a formula, such as (w)=, have none.
    assert not re.search(r"^\(\w+(?:-\w+)+\)=$", shown, re.M), "a label shows raw"
    assert page.locator(".jp-Notebook details.myst-admonition[open]").count() == 0
    context.close()
