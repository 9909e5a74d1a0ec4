"""The flipbooks in a real browser: on the site's pages, on a page of examples, in JupyterLab."""

import gzip
import json
import os
import re
from base64 import b64encode
from itertools import product
from types import SimpleNamespace

import flipbook_examples
import flipbook_pages
import pytest
from axe_playwright_python.sync_playwright import Axe
from bookfiles import NOTEBOOKS, cells, source
from conftest import sampled, served, without_formulas

from descent.flipbook import page as site_page

pytestmark = [pytest.mark.page, pytest.mark.no_cover]
FIGURES = [p for p in NOTEBOOKS if any("<Flipbook" in json.dumps(c) for c in cells(p, "code"))]
# Where one page is much like another: two in every run, all of them in `make test-full`.
SAMPLE = [path for path in FIGURES if path.name[:2] in ("11", "in")]
QUICK = [path for path in FIGURES if path.name.startswith("in")]  # its cells take no second
PLACES = (
    list(product(["http", "below a path", "folder"], FIGURES)),
    list(product(["http"], SAMPLE)),
)
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
DESKTOP, PHONE = (1280, 900), (390, 844)
ID = "error-and-rate"


@pytest.fixture(scope="module")
def books():
    return [flipbook_examples.descending(), flipbook_examples.painting()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory, books):
    """A folder with one page of examples, made of the same parts as the site's pages."""
    folder = tmp_path_factory.mktemp("examples")
    builder = SimpleNamespace(format="html")
    site_page.write_assets(SimpleNamespace(builder=builder, outdir=folder))
    figures = []
    for k, book in enumerate(books):
        (folder / f"{k}.png").write_bytes(book.png)
        image = f'<img class="flipbook-poster" alt="{book.alt}" src="{k}.png">'
        figures += [site_page.BEFORE, image, site_page.after(b64encode(book.data).decode())]
    (folder / "page.html").write_text(
        f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Examples</title>
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <link rel="stylesheet" href="_static/flipbook.css">
        <script defer src="_static/flipbook.js"></script></head>
        <body style="margin: 1rem"><main><h1>Examples</h1><p><a href="#end">To the end</a></p>
        {"".join(figures)}<h2 id="end">The end</h2></main></body></html>""",
        encoding="utf-8",
    )
    return folder


@pytest.fixture
def visit(browser):
    """Open an address and wait for its figures; whatever the page complains of is an error."""
    contexts, complaints = [], []

    def visit(url, size=DESKTOP, scheme="light", skip=True, **options):
        viewport = {"width": size[0], "height": size[1]}
        still = {"reduced_motion": "reduce"}  # to glide to a place takes a second
        context = browser.new_context(viewport=viewport, color_scheme=scheme, **still | options)
        contexts.append(context)
        without_formulas(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda m: m.type in ("error", "warning") and complaints.append(m.text))
        page.goto(url)
        if options.get("java_script_enabled", True):
            ready(page)
            if skip:
                for button in reversed(page.locator(".flipbook-skip").all()):
                    button.click()
        return page

    yield visit
    for context in contexts:
        context.close()
    # The bare page of examples has no icon.
    assert [c for c in complaints if "404" not in c] == []


def ready(page):
    page.wait_for_selector("html[data-flipbooks=ready]", state="attached")


@pytest.fixture
def page(visit, folder):
    """The page of examples, its question skipped."""
    return visit(f"{folder.as_uri()}/page.html")


# -------------------------------------------------------------- what is drawn is what was computed


# A chain, each link by itself: from the arrays to the bytes (test_flipbook.py); from the cells that
# the build ran to the page (the first test); from the page to the screen, on figures in which all
# moves that can move (the third). The second goes the whole way for a page whose cells are quick,
# and for every page in `make test-full`.


@pytest.mark.parametrize("path", FIGURES, ids=lambda path: path.stem)
def test_a_page_carries_what_its_cells_made(site, path):
    made = flipbook_pages.data_made_by(path, site.parent / ".jupyter_cache")
    carried = flipbook_pages.data_carried_by(site / "book" / f"{path.stem}.html")
    assert carried == made and len(made) > 0
    for data in carried:
        assert len(gzip.compress(data.encode())) < 200_000


@pytest.mark.parametrize("path", sampled(FIGURES, QUICK), ids=lambda path: path.stem)
def test_every_figure_of_the_book_draws_the_cores_numbers(visit, site, path):
    file = site / "book" / f"{path.stem}.html"
    made = [book for book in flipbook_pages.books_of(path) if book.moves]
    carried = flipbook_pages.data_carried_by(file)
    assert carried == [b64encode(book.data).decode() for book in made]
    views = visit(file.as_uri()).locator(".flipbook-view")
    assert views.count() == len(made) > 0
    for k, book in enumerate(made):
        assert views.nth(k).get_attribute("aria-label") == book.title
        states = flipbook_pages.states_of(book)
        assert len(states) >= min(10, max(book.shape))
        flipbook_pages.check(views.nth(k), book, states)


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_lines_points_images_and_texts_are_drawn_where_they_belong(visit, folder, books, size):
    page = visit(f"{folder.as_uri()}/page.html", size=size)
    for k, book in enumerate(books):
        flipbook_pages.check(page.locator(".flipbook-view").nth(k), book)


def test_the_comparison_sees_one_number_that_is_wrong(page, folder):
    book = flipbook_examples.descending()
    book.moves[0].y = book.moves[0].y * 1.02
    with pytest.raises(AssertionError, match="Error and rate at"):
        flipbook_pages.check(page.locator(".flipbook-view").first, book, [(4,)])


def test_what_leaves_the_axes_is_clipped_by_them(page):
    clips = page.eval_on_selector_all(
        ".flipbook-view:first-of-type [id$='-move-0'] > path",
        """paths => paths.map((path) => path.ownerSVGElement.querySelector(
             path.getAttribute("clip-path").slice(4, -1))?.tagName)""",
    )
    assert clips == ["clipPath"]


# ---------------------------------------------------------------------------- everywhere it works


@pytest.mark.parametrize(("where", "path"), sampled(*PLACES), ids=lambda v: getattr(v, "stem", v))
def test_a_key_moves_the_slider_and_the_words(visit, site, tmp_path, path, where):
    name = f"book/{path.stem}.html"
    if where == "folder":
        move_by_key(visit(f"{site.as_uri()}/{name}"))
        return
    if where == "below a path":
        (tmp_path / "some").mkdir()
        (tmp_path / "some" / "path").symlink_to(site, target_is_directory=True)
        site, name = tmp_path, f"some/path/{name}"
    with served(site) as address:
        page = visit(f"{address}/{name}")
        move_by_key(page)
        page.close()  # while the server runs: a page may ask for its pictures late


def move_by_key(page, key="ArrowLeft"):
    """Press a key on the first slider; assert that value, words and drawing follow."""
    view = page.locator(".flipbook-view").first
    slider = view.locator("input").first
    read = """(view) => [
        view.querySelector("input").getAttribute("aria-valuetext"),
        view.querySelector(".flipbook-readout span").textContent,
        view.querySelector("output").textContent,
        view.querySelector("[id$='-move-0']").outerHTML]"""
    slider.focus()
    before = view.evaluate(read)
    at = int(slider.input_value())
    slider.press(key if at else "ArrowRight")
    assert int(slider.input_value()) == (at - 1 if at else 1)
    after = view.evaluate(read)
    assert all(a != b for a, b in zip(after, before, strict=True))


@pytest.mark.parametrize("path", FIGURES, ids=lambda path: path.stem)
def test_the_module_and_the_data_stand_on_the_page_once(site, path):
    text = (site / "book" / f"{path.stem}.html").read_text("utf-8")
    assert "_esm" not in text and "widget-state" not in text and "widget-view" not in text
    assert text.count("flipbook.js") == 1
    assert text.count('class="flipbook-data"') == text.count('<figure class="flipbook"')


def test_pages_without_a_figure_load_nothing_of_it(site):
    assert "flipbook" not in (site / "book" / "notation.html").read_text("utf-8")


class Client(SimpleNamespace):
    __hash__ = object.__hash__  # as myst-nb's


def test_a_widget_that_needs_a_kernel_becomes_its_picture():
    """Not a dead slider: the picture beside the view, or nothing."""
    view = {"model_id": "a", "version_major": 2}
    bundle = {site_page.VIEW: view, "image/png": "iVBOR"}
    widgets = {site_page.STATE: {"state": {"a": {"state": {"_model_name": "IntSliderModel"}}}}}

    def render(bundle):
        notebook = SimpleNamespace(metadata={"widgets": json.loads(json.dumps(widgets))})
        client = Client(notebook=notebook, code_cell_outputs=lambda k: (1, [{"data": bundle}]))
        renderer = SimpleNamespace(
            renderer=SimpleNamespace(nb_client=client),
            render_image=lambda data: [{"uri": data.content}],
        )
        data = site_page_data(view)
        nodes = site_page.FlipbookRenderer.handle_mime(renderer, data, False)
        assert "widgets" not in notebook.metadata  # its state would only weigh
        return nodes

    assert [node["uri"] for node in render(bundle)] == ["iVBOR"]
    assert render({site_page.VIEW: view}) == []


def site_page_data(view):
    from myst_nb.core.render import MimeData

    return MimeData(site_page.VIEW, view, cell_index=0)


# ------------------------------------------------------------------------- the reader's tools


def slide(page, position, view=0, slider=0):
    page.locator(".flipbook-view").nth(view).locator("input").nth(slider).evaluate(
        """(input, position) => { input.value = position;
           input.dispatchEvent(new Event("input", { bubbles: true })); }""",
        position,
    )


def test_the_address_keeps_every_figures_state(visit, folder):
    page = visit(f"{folder.as_uri()}/page.html")
    slide(page, 19)
    slide(page, 5, view=1)
    slide(page, 1, view=1, slider=2)
    page.wait_for_function("location.hash === '#error-and-rate=19&a-painting=5,0,1'")
    again = visit(page.url)
    assert again.locator("output").all_inner_texts() == ["2.0", "5", "2", "cos"]
    assert again.locator(".flipbook-question").count() == 0  # a state was asked for


@pytest.mark.parametrize("hash", ["#error-and-rate=99", "#error-and-rate=x", "#a-painting=1", "#="])
def test_an_address_that_makes_no_sense_is_ignored(visit, folder, hash):
    page = visit(f"{folder.as_uri()}/page.html{hash}")
    assert page.locator("output").all_inner_texts() == ["0.5", "2", "2", "sin"]


def test_links_inside_the_page_still_work(page):
    slide(page, 3)
    page.wait_for_function("location.hash.includes('=3')")
    page.click("text=To the end")
    assert page.evaluate("location.hash") == "#end"
    assert page.locator("output").first.inner_text() == "0.4"
    page.evaluate("location.hash = '#error-and-rate=7'")  # as a link in the text would
    page.wait_for_function("document.querySelector('output').textContent === '0.8'")


def test_a_curve_stays_as_a_ghost_until_it_is_cleared(page):
    view = page.locator(".flipbook-view").first
    drawn = "[id$='-move-0'] > path"
    before = view.locator(drawn).get_attribute("d")
    assert not view.get_by_role("button", name="Clear").is_visible()
    for position in (4, 8, 12, 16):
        slide(page, position)
        view.get_by_role("button", name="Pin this curve").click()
        view.get_by_role("button", name="Pin this curve").click()  # a second time changes nothing
    assert view.get_by_role("listitem").all_inner_texts() == [
        "rate η = 0.9", "rate η = 1.3", "rate η = 1.7",
    ]  # fmt: skip
    ghosts = view.locator("svg .flipbook-ghost > path")
    dashes = ghosts.evaluate_all("all => all.map((g) => getComputedStyle(g).strokeDasharray)")
    assert len(set(dashes)) == 3 and "none" not in dashes
    slide(page, 4)
    assert view.locator(drawn).last.get_attribute("d") == before
    view.get_by_role("button", name="Clear").click()
    assert ghosts.count() == 0 and view.get_by_role("listitem").count() == 0


def test_the_line_of_python_can_be_copied(visit, folder):
    page = visit(f"{folder.as_uri()}/page.html", permissions=["clipboard-read", "clipboard-write"])
    slide(page, 9)
    view = page.locator(".flipbook-view").first
    assert view.locator("code").inner_text() == "walk(eta=1.00, steps=40)"
    view.get_by_role("button", name="Copy").click()
    assert page.evaluate("navigator.clipboard.readText()") == "walk(eta=1.00, steps=40)"
    assert view.get_by_role("button", name="Copied").is_visible()


def test_the_table_shows_the_numbers_of_this_state(page):
    view = page.locator(".flipbook-view").first
    view.locator("summary").click()
    slide(page, 4)
    table = view.locator("table").first
    assert table.locator("caption").inner_text() == "Error"
    assert table.locator("th").all_inner_texts() == ["step t", "error"]
    cells = table.locator("td").all_inner_texts()
    assert len(cells) == 50 and cells[:4] == ["0", "1", "2", "0.25"]
    slide(page, 19)
    assert set(table.locator("td").all_inner_texts()[1::2]) == {"1"}


def test_the_reader_predicts_first_and_is_asked_once(visit, folder):
    page = visit(f"{folder.as_uri()}/page.html", skip=False)
    view = page.locator(".flipbook-view").first
    assert view.locator("input").is_disabled()
    assert page.locator(".flipbook-view").nth(1).locator("input").first.is_enabled()
    view.get_by_role("button", name="falls").click()
    said = view.locator(".flipbook-verdict")
    assert said.inner_text().startswith("It is: grows.")
    assert said.evaluate("said => said === document.activeElement")
    assert view.locator("input").is_enabled()
    page.reload()
    ready(page)
    assert page.locator(".flipbook-question").count() == 0
    assert view.locator("input").is_enabled()


def test_the_question_can_be_skipped_and_storage_may_be_off(visit, folder):
    page = visit(f"{folder.as_uri()}/page.html", skip=False)
    page.add_init_script(
        "Storage.prototype.getItem = Storage.prototype.setItem = () => { throw 1; }"
    )
    page.reload()
    ready(page)
    view = page.locator(".flipbook-view").first
    view.get_by_role("button", name="Skip").click()
    assert view.locator("input").evaluate("input => input === document.activeElement")
    view.locator("input").press("End")
    assert view.locator("output").inner_text() == "2.4"


# ----------------------------------------------------------------------------------- everybody


@pytest.mark.parametrize(
    ("size", "scheme"),
    sampled(
        [(DESKTOP, "light"), (DESKTOP, "dark"), (PHONE, "light"), (PHONE, "dark")],
        [(DESKTOP, "light"), (PHONE, "dark")],
    ),
)
def test_axe_finds_nothing_before_and_after_the_answer(visit, folder, scheme, size):
    with served(folder) as address:
        page = visit(f"{address}/page.html", size=size, scheme=scheme, skip=False)
        assert violations(page) == []
        page.get_by_role("button", name="grows").click()
        page.get_by_role("button", name="Pin this curve").click()
        page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        assert violations(page) == []


def violations(page):
    page.wait_for_function("document.getAnimations().every((a) => a.playState !== 'running')")
    found = Axe().run(page, options=WCAG).response["violations"]
    return [(rule["id"], node["html"]) for rule in found for node in rule["nodes"]]


def test_the_drawing_says_what_it_shows(page, books):
    svg = page.locator(".flipbook-view svg").first
    assert svg.get_attribute("aria-label") == books[0].alt
    slide(page, 23)
    assert svg.get_attribute("aria-label") == "Error and rate. η = 2.4: diverges"


def test_the_live_region_is_silent_while_the_slider_speaks(page):
    readout = page.locator(".flipbook-readout span").first
    page.locator("input").first.focus()
    assert readout.get_attribute("aria-live") == "off"
    page.locator("summary").first.focus()
    assert readout.get_attribute("aria-live") == "polite"


def test_fingers_find_every_control(visit, folder):
    page = visit(f"{folder.as_uri()}/page.html", size=PHONE, has_touch=True)
    for target in page.locator("input, button:visible, summary").all():
        box = target.bounding_box()
        assert box["height"] >= 24 and box["width"] >= 24


def test_text_stays_legible_and_nothing_scrolls_on_a_phone(visit, folder):
    page = visit(f"{folder.as_uri()}/page.html", size=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    sizes = page.eval_on_selector_all(
        ".flipbook-view svg text",
        """texts => texts.filter((text) => text.textContent).map((text) =>
             parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a)""",
    )
    assert min(size for size in sizes if size > 0) >= 9
    tracks = page.locator(".flipbook-view").nth(1).locator("input")
    assert len({tracks.nth(k).bounding_box()["x"] for k in range(3)}) == 1  # one above the other


@pytest.mark.parametrize(
    ("where", "name", "value", "colour"),
    [
        ("body", "theme", "light", "rgb(201, 84, 10)"),
        ("body", "theme", "dark", "rgb(255, 154, 86)"),
        ("body", "jpThemeLight", "true", "rgb(201, 84, 10)"),  # JupyterLab's own mark
        ("body", "jpThemeLight", "false", "rgb(255, 154, 86)"),
    ],
)
@pytest.mark.parametrize("system", ["light", "dark"])
def test_the_colours_follow_the_page(visit, folder, where, name, value, colour, system):
    page = visit(f"{folder.as_uri()}/page.html", scheme=system)
    page.evaluate("([w, n, v]) => { document[w].dataset[n] = v; }", [where, name, value])
    path = "document.querySelector(\"[id$='-move-1'] > path\")"
    assert page.evaluate(f"getComputedStyle({path}).stroke") == colour


def test_reduced_motion_is_honoured(visit, folder):
    for motion, moving in (("reduce", False), ("no-preference", True)):
        page = visit(f"{folder.as_uri()}/page.html", reduced_motion=motion)
        times = page.eval_on_selector_all(
            ".flipbook-view *",
            "all => all.map((e) => parseFloat(getComputedStyle(e).transitionDuration))",
        )
        assert any(times) is moving


@pytest.mark.parametrize("dark", ["by the system", "by the reader"])
def test_print_shows_the_current_state_in_light_colours_without_controls(visit, folder, dark):
    page = visit(f"{folder.as_uri()}/page.html", scheme="dark", skip=False)
    if dark == "by the reader":
        page.evaluate("document.body.dataset.theme = 'dark'")
    page.emulate_media(media="print")
    assert page.locator(".flipbook-view svg").first.is_visible()
    assert page.locator(".flipbook-readout").first.is_visible()
    for part in ("input", "button", "summary", ".flipbook-question"):
        assert not page.locator(part).first.is_visible()
    ground = page.locator(".flipbook-view").first.evaluate(
        "v => getComputedStyle(v).backgroundColor"
    )
    assert ground == "rgb(255, 255, 255)"


@pytest.mark.parametrize("path", sampled(FIGURES, SAMPLE), ids=lambda path: path.stem)
def test_without_scripts_the_picture_of_the_default_state_stands(visit, site, path):
    page = visit(f"{site.as_uri()}/book/{path.stem}.html", java_script_enabled=False)
    pictures = page.locator("figure.flipbook img")
    assert pictures.count() > 0
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
        assert picture.bounding_box()["height"] > 100
        assert re.match(r"[A-Z].{20,}\.$", picture.get_attribute("alt"))


def test_a_browser_that_cannot_unpack_keeps_the_picture(browser, folder):
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script("delete globalThis.DecompressionStream")
    with page.expect_event("pageerror"):  # the first figure gives up
        page.goto(f"{folder.as_uri()}/page.html")
    assert page.locator("figure.flipbook img").count() == 2
    context.close()


# ---------------------------------------------------------------------------------- JupyterLab


@pytest.mark.full
def test_in_jupyterlab_the_same_module_runs(browser, lab):
    """The first chapter with a figure, up to that figure, run in JupyterLab 4."""
    path = FIGURES[0]
    chosen = []
    for cell in cells(path, "code"):
        chosen.append(source(cell))
        if "<Flipbook" in json.dumps(cell["outputs"]):
            break
    # Tall, so that the figure is in view.
    context = browser.new_context(viewport={"width": 1280, "height": 4000})
    page = context.new_page()
    lab.open(page, chosen)
    lab.run_all(page)
    page.wait_for_selector(".flipbook-view svg", timeout=120_000)
    skip = page.locator(".flipbook-skip")
    if skip.count():
        skip.click()
    move_by_key(page)
    move_by_key(page, "ArrowLeft")
    assert page.locator(".jp-MarkdownHeadingCollapsed, .jp-mod-collapsed").count() == 0
    assert "=" not in page.url.partition("#")[2]  # the address belongs to JupyterLab
    if shots := os.environ.get("DESCENT_SHOTS"):
        page.screenshot(path=f"{shots}/lab.png")
    context.close()
