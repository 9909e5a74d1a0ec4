"""The pages in headless Chromium, from a local server; and the build from nothing."""

import gzip
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from time import perf_counter
from urllib.parse import unquote, urlsplit

import yaml
from browser import ARGUMENTS, find_browser
from build_site import build
from serve import serve
from settings import ROOT

FIRST = "01-fit-a-commute", "02-bend-the-line", "04-walk-downhill"  # the first that were written
SITE = ROOT / "_build" / "html"
# Ready: every figure answers and every formula in view is set; the others follow by themselves.
READY = """() => document.readyState !== "loading"
  && (!document.querySelector("article .math") || document.documentElement.dataset.formulas)
  && !document.querySelector("figure.flipbook:not(.flipbook-live)")"""
SET = """() => !document.querySelector("article .math")
  || document.documentElement.dataset.formulas === 'all'"""
# The time from an input event to the end of the frame's script, for a hundred moves and back.
MOVES = """async (slider) => {
  const times = [], steps = Number(slider.max) - Number(slider.min);
  for (let k = 0; k < 400; k++) {
    await new Promise(requestAnimationFrame);
    slider.value = Number(slider.min) + (k * 7) % (steps + 1);
    const start = performance.now();
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    document.body.getBoundingClientRect();  // the layout that the change asks for
    times.push(performance.now() - start);
  }
  return times;
}"""


def chapters():
    return sorted(path for path in (SITE / "book").glob("[0-9]*.html"))


def gzipped(data):
    return len(gzip.compress(data, 6)) / 1000


def figures(page):
    """The size of each figure's part of a page, in kB gzip."""
    text = page.read_text("utf-8")
    found = re.findall(r'<figure class="flipbook".*?</figure>', text, re.S)
    return [gzipped(figure.encode()) for figure in found]


def first_visit(browser, url):
    """Return (seconds until ready, until all is set, kB gzip) of a visit with an empty cache."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    asked = []
    page.on("response", lambda response: asked.append(response.url))
    start = perf_counter()
    page.goto(url, wait_until="commit")
    page.wait_for_function(READY)
    ready = perf_counter() - start
    page.wait_for_function(SET)
    complete = perf_counter() - start
    page.wait_for_load_state("networkidle")
    size = 0
    for url in asked:
        if url.startswith("http"):
            file = SITE / unquote(urlsplit(url).path).lstrip("/")
            packed = file.suffix in {".woff", ".png"}
            size += file.stat().st_size / 1000 if packed else gzipped(file.read_bytes())
    context.close()
    return ready, complete, size


def slider_moves(browser, url):
    """Return the 99th percentile of one move's milliseconds, over every slider of the page."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(url)
    page.wait_for_function(READY)
    page.evaluate("document.querySelectorAll('.flipbook-skip').forEach((skip) => skip.click())")
    times = []
    for slider in page.locator("figure.flipbook input[type=range]").all():
        times += slider.evaluate(MOVES)
    page.close()
    return sorted(times)[int(0.99 * len(times))] if times else 0.0


def clean_build(only=None):
    """Return the seconds of a build from nothing, in a copy, with the packages installed.

    With `only`, a sequence of chapters' names, those alone; their links to the others are broken
    then, so that the build's own verdict says nothing.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "book"
        left_out = shutil.ignore_patterns("_build", ".venv*", ".git", "__pycache__", ".*_cache")
        shutil.copytree(ROOT, copy, ignore=left_out)
        if only:
            contents = {"format": "jb-book", "root": "book/index"}
            contents["chapters"] = [{"file": f"book/{name}"} for name in only]
            (copy / "_toc.yml").write_text(yaml.safe_dump(contents))
        command = [sys.executable, "tools/build_site.py", "."]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL if only else None}
        start = perf_counter()
        subprocess.run(command, cwd=copy, check=not only, env=os.environ, **quiet)
        taken = perf_counter() - start
        made = {path.stem for path in (copy / "_build/html/book").glob("*.html")}
        assert made.issuperset(only or ()), "the build ended before its pages were there"
        return taken


def rows():
    if build(ROOT):
        sys.exit("Descent: the site does not build, so there is nothing to measure.")
    for page in chapters():
        for number, size in enumerate(figures(page), 1):
            yield f"{page.stem}: figure {number}", size, "kB", 200
    path = find_browser()
    if path is None:
        print("no Chromium or Chrome found: the pages are not measured")
    else:
        yield from browser_rows(path)
    yield "chapters 1, 2 and 4 run and built from nothing", clean_build(FIRST), "s", 60
    yield "the whole book run and built from nothing", clean_build(), "s", None


def browser_rows(path):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, serve(SITE, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        for page in chapters():
            url = f"http://127.0.0.1:{server.server_port}/book/{page.name}"
            first_visit(browser, url)  # the browser itself warms up
            visits = [first_visit(browser, url) for _ in range(5)]
            ready, complete, size = (statistics.median(part) for part in zip(*visits, strict=True))
            yield f"{page.stem}: ready, median of 5 first visits", ready, "s", 1
            yield f"{page.stem}: formulas out of view set too", complete, "s", None
            yield f"{page.stem}: transferred on a first visit", size, "kB", 1200
            yield f"{page.stem}: slider move, p99", slider_moves(browser, url), "ms", 16
        browser.close()
        server.shutdown()
