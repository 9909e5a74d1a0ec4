"""The answer boxes in a real browser: they judge as `check` does, and anyone can use them."""

import json
import re
from html import unescape
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import sampled, without_formulas
from test_exercises import BOOK, CHOICE, COUNT, EXAMPLES, FUNCTION, NUMBER, SAME, VECTOR

from descent import exercises
from descent.exercises import kinds
from descent.exercises.page import answer_box

ASSETS = Path(__file__).resolve().parent.parent / "book" / "assets"
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Boxes</title>
<link rel="stylesheet" href="{css}">
<script src="{js}"></script>
</head>
<body><main><h1>Boxes</h1>{boxes}</main></body>
</html>
"""


@pytest.fixture(scope="module")
def boxes(tmp_path_factory):
    """A page with the example boxes in a folder, opened as a file."""
    page = tmp_path_factory.mktemp("boxes") / "boxes.html"
    html = "\n".join(answer_box(e.data()) for e in (NUMBER, VECTOR, CHOICE, FUNCTION))
    assets = {kind: (ASSETS / f"exercises.{kind}").as_uri() for kind in ("css", "js")}
    page.write_text(PAGE.format(boxes=html, **assets), encoding="utf-8")
    return page.as_uri()


@pytest.fixture
def page(browser, boxes):
    """The example page in a browser that knows nobody, watched for errors."""
    context = browser.new_context()
    page = context.new_page()
    errors = []
    page.on("console", lambda message: errors.append(message.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(boxes)
    yield page
    context.close()
    assert errors == []


def answer(page, number, text):
    field = page.get_by_label(f"Your answer to {number}")
    field.fill(text)
    field.press("Enter")
    return verdict(page, number)


def verdict(page, number):
    return page.locator(f"#exercise-{number.replace('.', '-')}-verdict").inner_text()


# The same judgement in Python and on the page -----------------------------------------------------

TEXTS = [
    *(a for a in SAME if isinstance(a, str)),
    *("0.1501", "0,1501", "0.1503", "0.1499", "0.07507", "-0.150145", "−0,150145", "7", "1e999"),
    *("3/0", "0/0", "abc", "nan", "inf", "1.2.3", "1,5,5", "0x10", "1 2", "1,553", "1 553", "½"),
    *("10^-4", "10⁻⁴", "10**(-4)", "10^{-4}", "10^", "110^2", "3.10^2", "-10²", "1/10^1"),
    *("1_0", "١٥", "e5", ".", "-", "+", "1e", "--1", "1/2/3", "0.15 km", "min", "1.5*10^-1 min"),
    *(
        "1,2,3",
        "1;2",
        "[0.15]",
        " 0.15",
        "0.15 ",
        "\u200b0.15",
        "\ufeff0.15",
        "Infinity",
        "0b1",
        "1n",
    ),
    *("6.09, 6.53", "[6.09, 6.53]", "(6.09 6.53)", "6.09,6.53", "6,09; 6,53", "6,09 6,53"),
    *("6.09 , 6.53", "6.53, 6.09", "6.09;6.53;1", "[[6.09],[6.53]]", "6.09", "6.09, x", ", ,"),
    *("609/100 653/100", "6.09, 1e999", "１５５３", "1,553,000", "1 553 000", "1,55,000", "1553."),
]


@pytest.mark.parametrize("exercise", [NUMBER, VECTOR, COUNT], ids=lambda e: e.title)
def test_page_and_notebook_judge_alike(page, exercise, monkeypatch):
    monkeypatch.setattr(exercises, "find", EXAMPLES.get)
    monkeypatch.setattr(exercises, "_wrong_answers", {})
    found = page.evaluate(
        """([data, answers]) => {
            let rung = 0;
            return answers.map((answer) => {
                const found = window.descentExercises.check(data, answer, rung);
                rung = found.rung;
                return [found.right, found.text];
            });
        }""",
        [exercise.data(), TEXTS],
    )
    expected = [exercises.check(exercise.number, text) for text in TEXTS]
    assert found == [[e.right, e.text] for e in expected]
    assert {e.right for e in expected} == {True, False}


def test_page_and_notebook_judge_choices_alike(page, monkeypatch):
    monkeypatch.setattr(exercises, "find", EXAMPLES.get)
    monkeypatch.setattr(exercises, "_wrong_answers", {})
    for letter in "abc":
        found = page.evaluate(
            "([data, answer]) => window.descentExercises.check(data, answer, 0)",
            [CHOICE.data(), letter],
        )
        expected = exercises.check(CHOICE.number, letter)
        assert (found["right"], found["text"]) == (expected.right, expected.text)


def test_page_and_notebook_judge_the_books_answers_alike(page, monkeypatch):
    for exercise in BOOK:
        monkeypatch.setattr(exercises, "_wrong_answers", {})
        data = exercise.data()
        if data["kind"] == "function":
            continue
        if data["kind"] == "choice":
            answers = [kinds.letter(i) for i in range(len(data["options"]))]
        else:
            values = [data["value"], *(wrong for wrong, _ in data["mistakes"])]
            one = data["kind"] == "number"
            answers = [f"{v:.6g}" if one else ", ".join(f"{e:.6g}" for e in v) for v in values]
            answers += ["123456.789", "0"]
        found = page.evaluate(
            "([d, answers]) => answers.map((a) => window.descentExercises.check(d, a, 0).right)",
            [data, answers],
        )
        assert found == [exercises.check(exercise.number, a).right for a in answers]
        assert True in found and False in found


# Using a box --------------------------------------------------------------------------------------


def test_a_box_answers(page):
    assert answer(page, "90.1", "7") == "90.1 · not yet: Hint 1 of 3: gentle"
    assert answer(page, "90.1", "0,07507") == "90.1 · not yet: That is half of it."
    assert answer(page, "90.1", "8").endswith("Hint 2 of 3: clearer")
    assert answer(page, "90.1", "0.15 min") == "90.1 · right. It is 2/λmax."
    assert page.locator("#exercise-90-1-verdict code").inner_text() == "2/λmax"
    assert answer(page, "90.2", "") == (
        "90.2 · not answered yet. Type a list of 2 numbers and press Check."
    )


def test_hints_come_one_by_one_and_start_again(page):
    form = page.get_by_role("form", name="Answer to exercise 90.2, Two weights")
    for text in ("Hint 1 of 2: one", "Hint 2 of 2: two", "Hint 1 of 2: one"):
        form.get_by_role("button", name="Hint").click()
        assert verdict(page, "90.2") == f"90.2 · {text}"


def test_the_keyboard_is_enough(page):
    page.get_by_label("Your answer to 90.1").focus()
    page.keyboard.type("0.15")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Check"
    page.keyboard.press("Space")
    assert "right" in verdict(page, "90.1")
    form = page.get_by_role("form", name="Answer to exercise 90.3, Which one")
    form.get_by_role("radio").first.focus()
    page.keyboard.press("ArrowDown")
    assert form.get_by_role("radio", name="b) it falls").is_checked()
    page.keyboard.press("Enter")
    assert verdict(page, "90.3") == "90.3 · right."


def test_the_verdict_is_announced_and_belongs_to_the_field(page):
    assert page.locator("#exercise-90-1-verdict").get_attribute("role") == "status"
    field = page.get_by_label("Your answer to 90.1: a number (in min)")
    assert field.get_attribute("aria-describedby") == "exercise-90-1-verdict"
    assert page.get_by_role("group", name="Your answer to 90.3").is_visible()


def test_a_function_is_for_the_notebook(page):
    form = page.get_by_role("form", name="Answer to exercise 90.4, A function")
    assert "in the notebook" in form.inner_text()
    assert form.get_by_role("button", name="Check").count() == 0
    form.get_by_role("checkbox").check()
    assert verdict(page, "90.4").startswith("90.4 · right, as your notebook says.")
    assert "1 of 4" in page.locator(".exercise-progress").inner_text()


def test_progress_is_kept_and_can_be_cleared(page):
    answer(page, "90.1", "0.15")
    answer(page, "90.2", "1 2")
    assert "Right so far: 1 of 4 on this page." in page.locator(".exercise-progress").inner_text()
    page.reload()
    assert page.get_by_label("Your answer to 90.1").input_value() == "0.15"
    assert verdict(page, "90.1") == "90.1 · right. It is 2/λmax."
    assert page.get_by_label("Your answer to 90.2").input_value() == "1 2"
    assert answer(page, "90.2", "3 4").endswith("Hint 2 of 2: two")  # the ladder is kept too
    page.get_by_role("button", name="Clear all answers").click()
    assert page.evaluate("localStorage.length") == 0
    assert page.get_by_label("Your answer to 90.1").input_value() == ""
    assert page.evaluate("document.activeElement.textContent") == (
        "All answers of this book are cleared."
    )
    assert page.get_by_role("button", name="Clear all answers").is_hidden()
    page.reload()
    assert verdict(page, "90.1") == ""


@pytest.mark.parametrize("kept", ["{", "[]", '"x"', '{"90.1": 3}', '{"90.1": {"rung": 99}}'])
def test_spoilt_storage_spoils_nothing(page, kept):
    page.evaluate("(text) => localStorage.setItem('descent.exercises', text)", kept)
    page.reload()
    assert "right" in answer(page, "90.1", "0.15")


def test_without_storage_the_boxes_still_answer(browser, boxes):
    context = browser.new_context()
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('denied'); } })"
    )
    page = context.new_page()
    page.goto(boxes)
    assert "right" in answer(page, "90.1", "0.15")
    assert "keeps no answers" in page.locator(".exercise-progress").inner_text()
    context.close()


def test_without_javascript_a_sentence_stands(browser, boxes):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(boxes)
    sentences = page.locator(".exercise-box").all_inner_texts()
    assert len(sentences) == 4 and all("notebook" in s and s.endswith(".") for s in sentences)
    context.close()


def test_nothing_is_printed(page):
    page.emulate_media(media="print")
    assert not any(box.is_visible() for box in page.locator(".exercise-box").all())
    assert not page.locator(".exercise-progress").is_visible()


def test_a_phone_is_wide_enough(page):
    page.set_viewport_size({"width": 320, "height": 640})
    answer(page, "90.1", "1" * 300)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_boxes_are_accessible(page):
    answer(page, "90.1", "7")
    answer(page, "90.2", "6.09 6.53")
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
    found = Axe().run(page, options={"runOnly": rules, "preload": False})
    assert found.violations_count == 0, found.generate_report()


# In the built book --------------------------------------------------------------------------------


def chapters():
    """Return {chapter page: its exercises} for the chapters that are written."""
    book = Path(__file__).resolve().parent.parent / "book"
    return {
        path: [e for e in BOOK if e.number.split(".")[0] == str(int(path.name[:2]))]
        for path in sorted(book.glob("[0-9][0-9]-*.ipynb"))
    }


def cells(path):
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


@pytest.mark.parametrize("path", chapters(), ids=lambda path: path.stem)
def test_a_chapter_asks_and_solves_each_of_its_exercises(path):
    for exercise in chapters()[path]:
        call = f'check("{exercise.number}",'
        asked, solved = [], []
        for cell in cells(path):
            source = "".join(cell["source"])
            if cell["cell_type"] != "code" or call not in source:
                continue
            hidden = "hide-cell" in cell["metadata"].get("tags", [])
            (solved if hidden else asked).append(cell)
        assert len(asked) == 1, f"{exercise.number} is asked {len(asked)} times"
        data = [out["data"] for out in asked[0]["outputs"] if "data" in out]
        assert data, f"{exercise.number} was not run"
        assert exercises.MIME in data[-1], f"{exercise.number} has no answer box"
        assert solved, f"{exercise.number} has no solution that checks itself"
        text = "".join("".join(cell["source"]) for cell in solved)
        shown = json.dumps([cell["outputs"] for cell in solved], ensure_ascii=False)
        assert "assert check(" in text or f"{exercise.number} · right" in shown


@pytest.mark.page
@pytest.mark.parametrize("path", chapters(), ids=lambda path: path.stem)
def test_every_exercise_of_the_built_chapter_has_its_own_box(site, path):
    page = (site / "book" / f"{path.stem}.html").read_text(encoding="utf-8")
    found = [json.loads(unescape(data)) for data in re.findall(r'data-exercise="([^"]*)"', page)]
    assert found == [exercise.data() for exercise in chapters()[path]]


# One chapter in every run, all of them in `make test-full`.
FIRST = [path for path in chapters() if path.name.startswith("04")]


@pytest.mark.parametrize("path", sampled(chapters(), FIRST), ids=lambda path: path.stem)
def test_every_box_of_the_built_chapter_answers(browser, site, path):
    context = browser.new_context(reduced_motion="reduce")  # it jumps to a box, and glides to none
    without_formulas(context)
    page = context.new_page()
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto((site / "book" / f"{path.stem}.html").as_uri())
    numbers = page.eval_on_selector_all(
        ".exercise-box", "boxes => boxes.map((box) => JSON.parse(box.dataset.exercise).number)"
    )
    assert numbers == [exercise.number for exercise in chapters()[path]]
    for k, exercise in enumerate(chapters()[path]):
        box, data = page.locator(".exercise-box").nth(k), exercise.data()
        if data["kind"] == "number":
            assert "right" in answer(box, exercise.number, repr(data["value"]))
        elif data["kind"] == "choice":
            form = box.get_by_role("form", name=f"Answer to exercise {exercise.number}")
            form.get_by_role("radio").nth(data["correct"]).check()
            form.get_by_role("button", name="Check").click()
            assert "right" in verdict(box, exercise.number)
    inside = ("file:", "data:", "blob:")  # the figures import their module from a blob
    assert [url for url in requests if not url.startswith(inside)] == []
    context.close()
