"""The site's pages in a real browser: silent, self-contained, for everybody, on every screen.

What the figures do is tested in test_flipbook_pages.py; this is what holds for each page.
"""

import re
from contextlib import contextmanager
from html import unescape
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag

import pytest
from axe_playwright_python.sync_playwright import Axe
from bookfiles import NOTEBOOKS, ROOT, cells, chapters, name_of, printed
from conftest import sampled, served, without_formulas
from playwright.sync_api import expect

pytestmark = [pytest.mark.page, pytest.mark.no_cover]
PAGES = ["search.html?q=cost", *(f"{name}.html" for name in chapters())]
CHAPTERS = [f"{name}.html" for name in chapters() if re.match(r"book/\d\d-", name)]
# One page is much like another: a handful in every run, all of them in `make test-full`.
SAMPLE = [*PAGES[:2], CHAPTERS[4], "book/glossary.html"]
every_page = pytest.mark.parametrize("name", sampled(PAGES, SAMPLE))
every_chapter = pytest.mark.parametrize("name", sampled(CHAPTERS, [CHAPTERS[4]]))
one_chapter = pytest.mark.parametrize("name", [CHAPTERS[4]])  # which stands open
every_page_at_length = pytest.mark.parametrize("name", sampled(PAGES, []))
every_chapter_at_length = pytest.mark.parametrize("name", sampled(CHAPTERS, []))
expect.set_options(timeout=30_000)  # a busy machine is no red test
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
DESKTOP, PHONE = (1280, 900), (390, 844)
VIEWS = {
    "light": {},
    "dark": {"scheme": "dark", "formulas": "none"},
    "phone": {"size": PHONE},
}


def open_page(browser, url, size=DESKTOP, scheme="light", formulas="all", before="", **options):
    """Open an address, wait until figures stand and all formulas, or those near, or none are set.

    The page carries `.complaints`, all that should not have happened.
    """
    options |= {"viewport": {"width": size[0], "height": size[1]}}
    options |= {"is_mobile": size[0] < 800, "has_touch": size[0] < 800}  # as a real phone lays out
    context = browser.new_context(color_scheme=scheme, reduced_motion="reduce", **options)
    if formulas == "none":
        without_formulas(context)
    page = context.new_page()
    page.add_init_script(before)
    page.complaints = complaints = []
    own = url.split("/book/")[0].split("/index.html")[0].split("/search.html")[0]

    def request(request):
        if not request.url.startswith((own, "data:", "blob:")):
            complaints.append(f"asked another place: {request.url}")

    def console(message):
        if message.type in ("error", "warning"):
            complaints.append(f"console: {message.text}")

    def response(response):
        if response.status >= 400:
            complaints.append(f"{response.status}: {response.url}")

    page.on("request", request)
    page.on("console", console)
    page.on("response", response)
    page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
    page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
    page.goto(url)
    page.wait_for_function(
        SETTLED, arg={"none": [], "near": ["near", "all"], "all": ["all"]}[formulas]
    )
    page.evaluate("document.fonts.ready")
    return page


SETTLED = """(formulas) =>
  (!formulas.length || !document.querySelector("article .math")
    || formulas.includes(document.documentElement.dataset.formulas))
  && document.readyState === "complete"
  && !document.querySelector("figure.flipbook:not(.flipbook-live)")"""


@pytest.fixture
def visit(browser):
    """Open addresses, each in a browser that knows nobody."""
    contexts = []

    def visit(url, **options):
        page = open_page(browser, url, **options)
        contexts.append(page.context)
        return page

    yield visit
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def open_pages():
    """The page of the site that stands open in each view."""
    return {}


@pytest.fixture
def look(browser, address, open_pages):
    """Look at a page of the site: `look(name)`, in a view of VIEWS.

    Several tests share it, for to load a page takes longer than to look at it. Each leaves it as
    it was, silent too.
    """

    def look(name, view="light"):
        if open_pages.get(view, (None,))[0] != name:
            if view in open_pages:
                open_pages.pop(view)[1].context.close()
            open_pages[view] = name, open_page(browser, f"{address}/{name}", **VIEWS[view])
        return open_pages[view][1]

    yield look
    assert [page.complaints for _, page in open_pages.values() if page.complaints] == []


@contextmanager
def open_folds(page):
    """Open all that is folded while the block runs."""
    page.evaluate(
        """() => document.querySelectorAll("details:not([open])").forEach((fold) => {
             fold.open = true; fold.dataset.was = "closed"; })"""
    )
    yield page
    page.evaluate(
        """() => document.querySelectorAll("[data-was]").forEach((fold) => {
             fold.open = false; delete fold.dataset.was; })"""
    )


# ------------------------------------------------------------------- a page that needs nothing


@every_page
def test_over_http_the_page_is_silent_and_asks_nobody_else(look, name):
    assert look(name).complaints == []


@every_page_at_length
def test_below_a_path_too(visit, site, tmp_path, name):
    (tmp_path / "some" / "sub").mkdir(parents=True)
    (tmp_path / "some" / "sub" / "path").symlink_to(site, target_is_directory=True)
    with served(tmp_path) as address:
        assert visit(f"{address}/some/sub/path/{name}", formulas="near").complaints == []


@every_page_at_length
def test_from_a_folder_too(visit, site, name):
    assert visit(f"{site.as_uri()}/{name}", formulas="near").complaints == []


@every_chapter
def test_formulas_are_set(look, name):
    page = look(name)
    assert page.locator("mjx-container").count() > 20
    assert page.locator("mjx-merror, [data-mml-node='merror']").count() == 0
    assert "\\(" not in page.inner_text("article")


def test_formulas_in_view_are_set_first_and_print_waits_for_none(browser, address):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    # Between what is near and the rest: stop the clock that brings the rest.
    page.add_init_script("window.setTimeout = () => 0")
    page.goto(f"{address}/book/01-fit-a-commute.html")
    page.wait_for_function("document.documentElement.dataset.formulas === 'near'")
    unset = """() => [...document.querySelectorAll("article .math")]
        .filter((formula) => !formula.querySelector("mjx-container"))
        .map((formula) => formula.getBoundingClientRect())
        .map((box) => box.height > 0 && box.top < innerHeight)"""
    later = page.evaluate(unset)
    assert len(later) > 50
    assert not any(later)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(unset) == []
    page.close()


@pytest.mark.parametrize("where", ["http", "folder"])
def test_search_finds_a_chapter_and_its_link_works(visit, address, site, where):
    start = address if where == "http" else site.as_uri()
    page = visit(f"{start}/book/index.html")
    page.fill(".sidebar-search", "commute")
    page.press(".sidebar-search", "Enter")
    page.wait_for_selector("#search-results li a")
    page.locator("#search-results li a", has_text="Fit a commute").first.click()
    page.wait_for_url("**/01-fit-a-commute.html*")
    assert page.locator("h1").inner_text().startswith("1 · Fit a commute")
    assert page.complaints == []


@pytest.mark.parametrize("where", ["http", "folder"])
def test_the_entrance_leads_to_the_book(browser, address, site, where):
    page = browser.new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{address}/" if where == "http" else f"{site.as_uri()}/index.html")
    page.wait_for_url("**/book/index.html")
    assert page.locator("article h1").count() == 1
    assert not [text for text in complaints if "MathJax" not in text]
    page.close()


def test_no_file_of_the_site_is_left_over(site):
    """What a stock site carries and no page of ours loads."""
    names = [path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()]
    assert not [name for name in names if re.search("fontawesome|thebe|require|bootstrap", name)]
    assert {name.removesuffix(".html") for name in names if name.startswith("book/")} == {
        *chapters()
    }
    assert sum((site / name).stat().st_size for name in names if "mathjax" in name) < 2_000_000


# ------------------------------------------------------------------------------------ everybody


def violations(page, rules=WCAG):
    """What axe finds, a line each."""
    found = Axe().run(page, options=rules).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:200]} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


# Thousands of words of code have a colour of a dozen, and axe sees no text in formulas. One block
# of code with each colour and ten formulas stay on the page, the other blocks in black and white:
# seconds instead of minutes. With `some`, three paragraphs, rows or entries of a kind stay.
THIN = """
(some) => {
  const seen = new Set();
  window.taken = [];
  const swap = (old, stand) => { old.replaceWith(stand); window.taken.unshift([stand, old]); };
  for (const code of document.querySelectorAll(".highlight pre")) {
    const colours = [...code.querySelectorAll("span")].map((word) => word.className);
    if (colours.every((colour) => seen.has(colour))) {
      const plain = code.cloneNode(false);
      plain.textContent = code.textContent;
      swap(code, plain);
    }
    colours.forEach((colour) => seen.add(colour));
  }
  const rest = [...document.querySelectorAll("mjx-container")].slice(10);
  if (some)
    for (const parent of document.querySelectorAll("article, article *")) {
      const kinds = {};
      for (const part of parent.querySelectorAll(":scope > :is(p, li, tr, dt, dd)")) {
        const kind = `${part.tagName} ${part.className}`;
        kinds[kind] = (kinds[kind] ?? 0) + 1;
        if (kinds[kind] > 3) rest.push(part);
      }
    }
  rest.forEach((part) => swap(part, document.createComment("")));
}
"""
THICK = "() => window.taken.forEach(([stand, old]) => stand.replaceWith(old))"


def thin_violations(page, rules=WCAG, some=False):
    """What axe finds with everything open, on a page of which what repeats is taken out."""
    with open_folds(page):
        page.evaluate(THIN, some)
        found = violations(page, rules)
        page.evaluate(THICK)
    return found


@every_page
def test_axe_finds_nothing(look, name):
    assert thin_violations(look(name)) == []


@every_page_at_length
def test_axe_finds_nothing_in_the_dark(look, name):
    colours = {"runOnly": ["color-contrast", "link-in-text-block"]}
    assert thin_violations(look(name, "dark"), colours, some=True) == []


@every_page_at_length
def test_axe_finds_nothing_on_a_phone(look, name):
    rest = {"rules": {"color-contrast": {"enabled": False}}}  # the colours are those of the desk
    assert thin_violations(look(name, "phone"), WCAG | rest) == []
    with open_folds(look(name, "phone")) as page:
        assert page.evaluate(WIDE) == []


@pytest.mark.full
@pytest.mark.parametrize("view", ["light", "dark"])
def test_axe_finds_nothing_on_a_whole_page(look, view):
    """One page as it is, with every word of code."""
    page = look(CHAPTERS[0], view)
    with open_folds(page):
        assert violations(page) == []


@one_chapter
@pytest.mark.parametrize("some", sampled([False, True], [True]))
def test_axe_finds_two_pale_words(look, name, some):
    """One of the text and one of the code: what is taken out hides neither."""
    page, colour = look(name), "document.querySelector({!r}).style.color = {!r}".format
    for where in ("article p", ".highlight .k"):
        page.evaluate(colour(where, "#ccc"))
    found = thin_violations(page, {"runOnly": ["color-contrast"]}, some)
    for where in ("article p", ".highlight .k"):
        page.evaluate(colour(where, ""))
    assert all("color-contrast" in line for line in found)
    assert sum("<p style" in line for line in found) == 1
    assert sum('class="k' in line for line in found) == 1


def test_the_first_stop_of_the_tab_key_skips_to_the_text(visit, address):
    page = visit(f"{address}/{CHAPTERS[0]}", formulas="none")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Skip to content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('article') !== null")


def test_the_focus_is_visible(visit, address):
    page = visit(f"{address}/{CHAPTERS[0]}", formulas="none")
    for _ in range(12):
        page.keyboard.press("Tab")
        shown = page.evaluate(
            """() => { const style = getComputedStyle(document.activeElement);
                       return [style.outlineStyle, parseFloat(style.outlineWidth)]; }"""
        )
        assert shown[0] != "none" and shown[1] >= 2


def test_the_colours_can_be_chosen_and_the_choice_stays(visit, address):
    page = visit(f"{address}/{CHAPTERS[0]}", formulas="none")
    ground = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    page.locator(".theme-toggle:visible").click()  # from "as the system has it" to the other one
    assert page.evaluate(ground) == "rgb(20, 24, 30)"
    figure = "getComputedStyle(document.querySelector('.flipbook-view')).backgroundColor"
    assert page.evaluate(figure) == "rgb(20, 24, 30)"
    page.reload()
    assert page.evaluate(ground) == "rgb(20, 24, 30)"
    assert page.complaints == []


def test_where_storage_is_off_the_page_stands(visit, browser, address, monkeypatch):
    blocked = """Object.defineProperty(window, "localStorage", { configurable: true,
      get() { throw new DOMException("", "SecurityError"); } })"""
    page = visit(f"{address}/{CHAPTERS[0]}", formulas="none", before=blocked)
    page.locator(".theme-toggle:visible").click()
    assert page.complaints == []


@every_chapter
def test_dark_pages_are_dark_and_pictures_keep_their_paper(look, name):
    page = look(name, "dark")
    paper, ink = page.evaluate(
        """() => { const style = getComputedStyle(document.body);
                   const sum = (rgb) => rgb.match(/\\d+/g).slice(0, 3).reduce((a, b) => +a + +b);
                   return [sum(style.backgroundColor), sum(style.color)]; }"""
    )
    assert paper < 100 < 600 < ink
    grounds = page.evaluate(
        """() => [...document.querySelectorAll(".cell_output img")].map(
             (image) => getComputedStyle(image).backgroundColor)"""
    )
    assert set(grounds) <= {"rgb(255, 255, 255)"}


@every_chapter
def test_every_picture_has_a_sentence(look, name):
    page = look(name)
    alts = page.eval_on_selector_all("article img", "all => all.map((image) => image.alt)")
    assert alts
    for alt in alts:
        assert len(alt) >= 20 and alt[0].isupper() and alt.endswith("."), alt


# --------------------------------------------------------------------------------- every screen


WIDE = """() => {
  const fits = [document.documentElement, document.querySelector(".content")]
    .every((part) => part.scrollWidth <= part.clientWidth);
  if (fits && innerWidth <= screen.width) return [];
  const sticksOut = (part) => part.getBoundingClientRect().right > screen.width + 1;
  const scrolls = (part) => getComputedStyle(part).overflowX !== "visible";
  const wide = [...document.querySelectorAll("body *")].filter((part) => {
    for (let up = part.parentElement; up; up = up.parentElement)
      if (scrolls(up) && !up.matches("html, body, .content")) return false;
    return sticksOut(part);
  });
  return [`${innerWidth} px`, ...wide.map((part) => part.outerHTML.slice(0, 120))];
}"""


@every_page
def test_nothing_scrolls_sideways(look, name):
    page, wide = look(name, "phone"), {}
    for width in (320, 768, 390):  # the last is the phone's own
        page.set_viewport_size({"width": width, "height": PHONE[1]})
        with open_folds(page):
            wide[width] = page.evaluate(WIDE)
    assert wide == {320: [], 768: [], 390: []}


def test_a_formula_that_sticks_out_is_found(visit, address):
    page = visit(f"{address}/{CHAPTERS[4]}", size=PHONE)
    assert page.evaluate(WIDE) == []
    page.add_style_tag(content="span.math { white-space: nowrap; padding-right: 100vw }")
    assert len(page.evaluate(WIDE)) > 1


@pytest.mark.parametrize(("drawer", "sign"), [("sidebar", "nav-overlay"), ("toc", "toc-header")])
def test_on_a_phone_a_drawer_closes_where_it_opened_and_scrolls(visit, address, drawer, sign):
    page = visit(f"{address}/{CHAPTERS[4]}", size=(390, 500), formulas="none")
    sign, drawer = page.locator(f".{sign}-icon"), page.locator(f".{drawer}-drawer")
    expect(drawer).to_be_hidden()
    sign.tap()
    expect(drawer).to_be_visible()
    expect(sign).to_have_attribute("aria-expanded", "true")
    last = drawer.locator("a").last
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport(ratio=1)
    sign.tap()  # what lies over it would get the tap, and Playwright would say so
    expect(drawer).to_be_hidden()
    sign.focus()
    page.keyboard.press("Enter")
    expect(drawer).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(sign).to_be_focused()
    page.keyboard.press("Tab")
    assert not page.evaluate("document.activeElement.closest('.sidebar-drawer, .toc-drawer')")


SCROLLED_AWAY = """() => {
    for (const part of [window, document.querySelector(".content")])  // the latter on a phone
        part.scrollTo({ top: 4000, behavior: "instant" });
    const box = document.querySelector("#exercises h2").getBoundingClientRect();
    return box.bottom < 0 || box.top > innerHeight;
}"""


@pytest.mark.parametrize("widths", [(320, 768), (1024, 1200, 1260, 1400, 1920)])
def test_the_contents_of_the_page_are_at_hand_at_every_width(visit, address, widths):
    """From the middle of the page: open where that is needed, choose, arrive, closed again."""
    page = visit(f"{address}/{CHAPTERS[4]}", size=(widths[0], 800), formulas="none")
    drawer = page.locator(".toc-drawer")
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_function(SCROLLED_AWAY)  # again and again: the last glide may go on
        opens = not drawer.locator("a", has_text="Exercises").is_visible()
        assert opens is (width < 1248), width
        if opens:
            page.locator(".toc-overlay-icon:visible").click()
        drawer.locator("a", has_text="Exercises").click()
        expect(page.locator("#exercises h2")).to_be_in_viewport()
        if opens:
            expect(drawer).to_be_hidden()


@one_chapter
def test_the_sidebar_names_the_parts(look, name):
    page = look(name)
    parts = page.locator(".sidebar-tree .caption").all_inner_texts()
    assert parts == ["Fit", "Descend", "Decide", "Go deep", "Look up"]
    assert page.locator(".current-page").inner_text() == "4 · Walk downhill"


def test_code_is_copied(visit, browser, address):
    allowed = {"permissions": ["clipboard-read", "clipboard-write"]}
    page = visit(f"{address}/{CHAPTERS[4]}", formulas="none", **allowed)
    cell = page.locator("div.cell_input").first
    cell.hover()
    cell.locator(".copybtn").click()
    expect(cell.locator(".copybtn")).to_have_class(re.compile("success"))
    assert page.evaluate("navigator.clipboard.readText()").strip() == cell.inner_text().strip()


# ---------------------------------------------------------------------- paper, and no script


def visible_pictures(page):
    """How many pictures the article has, and how many of them one can see."""
    return page.evaluate(
        """() => { const all = [...document.querySelectorAll("article img, article .flipbook svg")]
                     .filter((picture) => !picture.closest("button"));
                   const seen = all.filter((picture) => {
                     const box = picture.getBoundingClientRect();
                     const how = { visibilityProperty: true, opacityProperty: true };
                     return picture.checkVisibility(how) && box.width > 50 && box.height > 50; });
                   return [all.length, seen.length]; }"""
    )


def shown_pictures_of(name):
    """How many cells of the notebook drew something."""
    path = (ROOT / name).with_suffix(".ipynb")
    return sum(
        any("image/png" in output.get("data", {}) for output in cell["outputs"])
        for cell in cells(path, "code")
    )


@every_chapter
def test_print_shows_every_figure_and_no_navigation(look, name):
    prints_well(look(name), name)


@every_chapter_at_length
def test_print_from_the_dark_shows_the_same(look, name):
    prints_well(look(name, "dark"), name)


def prints_well(page, name):
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    every, seen = visible_pictures(page)
    assert every == seen >= shown_pictures_of(name)
    for part in (".sidebar-drawer", ".toc-drawer", ".mobile-header", ".related-pages", ".copybtn"):
        assert not page.locator(part).first.is_visible(), part
    folded = page.locator("details.solution > :not(summary)")
    assert all(folded.nth(i).is_visible() for i in range(folded.count()))
    ink = "getComputedStyle(document.querySelector('article p')).color"
    assert page.evaluate(ink) == "rgb(0, 0, 0)"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="null")
    assert page.locator("article details[open]").count() == 0


@every_chapter
def test_without_scripts_every_figure_stands_and_folds_open(visit, address, browser, name):
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 1280, "height": 900}
    )
    page = context.new_page()
    page.goto(f"{address}/{name}")
    images = page.locator("article img")
    assert images.count() >= shown_pictures_of(name)
    for i in range(images.count()):
        if images.nth(i).locator("xpath=ancestor::details").count() == 0:
            assert images.nth(i).bounding_box()["height"] > 50
    assert page.locator(".theme-toggle:visible").count() == 0
    assert page.locator(".sidebar-drawer").is_visible()
    fold = page.locator("details.solution").first
    assert not fold.locator("p").first.is_visible()
    fold.locator("summary").click()
    assert fold.locator("p").first.is_visible()
    context.close()


# -------------------------------------------------------------------------------- in the files


PRINTED = re.compile(r'<div class="output stream[^>]*><div[^>]*><pre>(.*?)</pre>', re.S)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name_of)
def test_a_page_prints_what_is_stored(site, path):
    """Whenever the kernel sent it: a cell that prints for long sends its lines in pieces."""
    text = (site / "book" / f"{path.stem}.html").read_text("utf-8")
    shown = [unescape(re.sub("<[^>]*>", "", found)).strip("\n") for found in PRINTED.findall(text)]
    stored = (
        "".join(printed(output) for output in cell["outputs"] if output["output_type"] == "stream")
        for cell in cells(path, "code")
        if not {"remove-cell", "remove-output"} & {*cell["metadata"].get("tags", ())}
    )
    assert shown == [text.rstrip() for text in stored if text]


class Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.targets, self.ids, self.loads = [], set(), []

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if "id" in found:
            self.ids.add(found["id"])
        if tag == "a" and found.get("href"):
            self.targets.append(found["href"])
        if tag in ("script", "img", "source", "iframe") and found.get("src"):
            self.loads.append(found["src"])
        if tag == "link" and found.get("rel") not in ("next", "prev", "license"):
            self.loads.append(found["href"])


@pytest.fixture(scope="session")
def read_pages(site):
    found = {}
    for path in site.rglob("*.html"):
        found[path] = parser = Links()
        parser.feed(path.read_text(encoding="utf-8"))
    return found


def test_every_link_inside_the_site_resolves(read_pages):
    for path, parser in read_pages.items():
        for target in parser.targets + parser.loads:
            if re.match(r"(?:https?|mailto|data|javascript):", target):
                continue
            address, name = urldefrag(target)
            file = (path.parent / unquote(address.partition("?")[0])).resolve() if address else path
            assert file.exists(), f"{path.name}: {target}"
            if name and file.suffix == ".html":
                assert unquote(name) in read_pages[file].ids, f"{path.name}: {target}"


def test_every_page_loads_from_the_site_alone(read_pages):
    for path, parser in read_pages.items():
        assert not [load for load in parser.loads if re.match(r"(?:\w+:)?//", load)], path.name
