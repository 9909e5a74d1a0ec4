"""The notebooks as they are stored: run, in order, without errors, with every claim borne out.

That their outputs are right is nbval's part: `make test` runs every cell again and compares.
"""

import re
import tomllib

import nbformat
import pytest
from bookfiles import NOTEBOOKS, ROOT, cells, name_of, notebook, outputs, printed, prose, source
from claimed_numbers import claims, unsupported
from outputs import KERNEL, LANGUAGE

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=name_of)
LARGEST = 700_000  # bytes
LONGEST = 20  # lines of a cell


@every_notebook
def test_is_a_valid_notebook(path):
    nbformat.validate(nbformat.read(path, as_version=4))


@every_notebook
def test_every_code_cell_was_run_in_order(path):
    counts = [cell["execution_count"] for cell in cells(path, "code")]
    assert counts == list(range(1, len(counts) + 1)), "run `make outputs`"


@every_notebook
def test_outputs_hold_no_error_and_nothing_on_stderr(path):
    for output in outputs(path):
        assert output["output_type"] != "error", output.get("evalue")
        assert output.get("name") != "stderr", printed(output)


@every_notebook
def test_outputs_hold_no_address_of_this_machine(path):
    for output in outputs(path):
        assert not re.search(r"\bat 0x[0-9a-f]+|/(home|Users|root|tmp)/", printed(output))


@every_notebook
def test_outputs_are_text_and_pictures_without_random_parts(path):
    """No widget state or view (their ids are random), no HTML or SVG beside them."""
    assert "widgets" not in notebook(path)["metadata"]
    allowed = {"text/plain", "image/png", "text/latex", "text/markdown"}
    allowed |= {"application/vnd.descent.exercise+json"}
    for output in outputs(path):
        assert set(output.get("data", {})) <= allowed, "run `make outputs`"


@every_notebook
def test_stored_metadata_is_that_of_no_machine(path):
    expected = {"kernelspec": KERNEL, "language_info": LANGUAGE}
    assert notebook(path)["metadata"] == expected, "run `make outputs`"


@every_notebook
def test_size(path):
    assert path.stat().st_size < LARGEST


@every_notebook
def test_code_cells_are_short(path):
    for cell in cells(path, "code"):
        assert len(source(cell).splitlines()) <= LONGEST, source(cell)


@every_notebook
def test_no_more_than_two_code_cells_in_a_row(path):
    kinds = "".join(
        "c" if cell["cell_type"] == "code" and "hide-cell" not in cell["metadata"].get("tags", ())
        else " "
        for cell in notebook(path)["cells"]
    )  # fmt: skip
    assert "ccc" not in kinds


@every_notebook
def test_folded_solutions_fold_in_jupyterlab_too(path):
    for cell in cells(path, "code"):
        if "hide-cell" in cell["metadata"].get("tags", ()):
            folds = cell["metadata"].get("jupyter")
            assert folds == {"source_hidden": True, "outputs_hidden": True}, source(cell)
            prompts = cell["metadata"].get("mystnb", {})
            assert {"code_prompt_show", "code_prompt_hide"} <= set(prompts), source(cell)


@every_notebook
def test_every_picture_has_a_sentence_for_those_who_do_not_see_it(path):
    for cell in cells(path, "code"):
        drawn = [o for o in cell["outputs"] if "image/png" in o.get("data", {})]
        if not drawn or "Flipbook" in printed(drawn[0]):  # a flipbook brings its own
            continue
        alt = cell["metadata"].get("mystnb", {}).get("image", {}).get("alt", "")
        assert is_sentence(alt), f"{alt!r} is no sentence, for the picture of:\n{source(cell)}"


def is_sentence(alt):
    return len(alt) >= 20 and alt[0].isupper() and alt.endswith(".") and " " in alt


def allowed_numbers():
    return tomllib.loads((ROOT / "tests" / "allowed_numbers.toml").read_text("utf-8"))["allowed"]


def cell_texts(path):
    code = [source(cell) for cell in cells(path, "code")]
    return code + [printed(output) for output in outputs(path)]


@every_notebook
def test_every_number_in_the_prose_comes_from_a_cell(path):
    allowed = {entry["number"] for entry in allowed_numbers() if entry["page"] == path.name}
    assert unsupported(prose(path), cell_texts(path), allowed) == []


@pytest.mark.parametrize("entry", allowed_numbers(), ids=lambda e: f"{e['page']}:{e['number']}")
def test_an_allowed_number_is_still_needed(entry):
    path = next(p for p in NOTEBOOKS if p.name == entry["page"])
    assert len(entry["reason"]) > 10
    assert entry["number"] in unsupported(prose(path), cell_texts(path)), "no longer needed"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The cost is 2.35 min².", ["2.35"]),
        ("It fell by 31 % after 1,553 steps.", ["31 %", "1,553"]),
        ("About $1.2 \\times 10^{-5}$ remain.", ["1.2 \\times 10^{-5}"]),
        ("A slope of −7.5 and an exponent $x^{17}_{23}$.", ["−7.5"]),
        ("Exercise 4.2 and chapter 13, in 1958, see [this](page-42.html) and `n = 77`.", []),
        ("Five points, 3 weights, 12 months.", []),
        ("## Where the source says it\nEquation (1.55).\n", []),
    ],
)
def test_what_counts_as_a_claim(text, expected):
    assert [claim[0] for claim in claims(text)] == expected


def test_a_wrong_number_is_found():
    printed_by_a_cell = ["cost 2.3452 after 1553 steps"]
    assert unsupported("cost 2.35, cost 2.345, 1,553 steps", printed_by_a_cell) == []
    assert unsupported("cost 2.36, cost 2.346, 1,554 steps", printed_by_a_cell) == [
        "2.36",
        "2.346",
        "1,554",
    ]
