"""Print the whole book into one PDF: _build/descent.pdf, with contents and bookmarks.

The pages of the site become one page, in the order of the contents, with links that lead within
it, and Chromium prints that. A figure is printed in its default state.
"""

import re
import sys
import threading
from pathlib import PurePosixPath
from urllib.parse import urldefrag

import contents as toc
from browser import ARGUMENTS, find_browser
from bs4 import BeautifulSoup
from build_site import build
from serve import serve
from settings import ROOT

SITE, PDF = ROOT / "_build" / "html", ROOT / "_build" / "descent.pdf"
PAGE = SITE / "book" / "whole-book.html"  # beside the pages, so that its pictures are found
REFERS = ("aria-labelledby", "aria-describedby", "for")
NEEDED = r"MathJax|/mathjax/|/flipbook\.js|/book\.js"
READY = """() => document.documentElement.dataset.formulas === "all"
  && !document.querySelector("figure.flipbook:not(.flipbook-live)")"""


def pages():
    """The names of the site's pages, in the order of the contents."""
    return [PurePosixPath(page).name for page in toc.pages(ROOT)]


def article(name, names):
    """The text of one page, its names and links made fit for a page that holds all."""
    soup = BeautifulSoup((SITE / "book" / f"{name}.html").read_text("utf-8"), "html.parser")
    text = soup.find("article")
    for part in text.find_all(id=True):
        part["id"] = f"{name}--{part['id']}"
    for attribute in REFERS:
        for part in text.find_all(attrs={attribute: True}):
            part[attribute] = " ".join(f"{name}--{one}" for one in part[attribute].split())
    for link in text.find_all("a", href=True):
        address, target = urldefrag(link["href"])
        page = PurePosixPath(address).stem if address.endswith(".html") else name
        if (not address or "/" not in address) and page in names:
            link["href"] = f"#{page}--{target}" if target else f"#{page}"
    text.name = "section"
    text["id"] = name
    return soup.find("h1"), text


def contents(parts):
    """The list of chapters, with their sections."""
    lines = []
    for title, text in parts:
        for sign in title.find_all("a", class_="headerlink"):
            sign.decompose()
        lines.append(f'<li><a href="#{text["id"]}">{title.decode_contents()}</a></li>')
    return f'<nav class="contents"><h2>Contents</h2><ol>{"".join(lines)}</ol></nav>'


def whole_book():
    """The book as one page of HTML."""
    names = pages()
    parts = [article(name, names) for name in names]
    frame = (SITE / "book" / f"{names[1]}.html").read_text("utf-8")  # loads formulas and figures
    head = frame[: frame.index("<body>")]
    scripts = BeautifulSoup(frame, "html.parser").body.find_all("script", recursive=False)
    needed = "".join(str(one) for one in scripts if re.search(NEEDED, str(one)))
    head = re.sub(r"<title>.*?</title>", "<title>Descent</title>", head, flags=re.S)
    style = """<style>
      body { display: block; }
      .contents { break-before: page; } .contents ol { list-style: none; padding: 0; }
      section[id]:has(> section > h1), .whole > section { break-before: page; }
      .whole > section:first-child { break-before: auto; }
      .headerlink, .answer-box, button { display: none !important; }
    </style>"""
    first, *rest = (str(text) for _, text in parts)
    return (
        f"{head}{style}<body><main><article class=whole>{first}"
        f"{contents(parts[1:])}{''.join(rest)}</article></main>{needed}</body></html>"
    )


def print_page(path):
    """Let Chromium print the page."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, serve(SITE, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 794, "height": 1123}, reduced_motion="reduce")
        page.set_default_timeout(300_000)
        page.goto(f"http://127.0.0.1:{server.server_port}/book/{PAGE.name}")
        page.wait_for_function(READY)
        page.evaluate("document.querySelectorAll('img').forEach((picture) => {"
                      " picture.loading = 'eager'; })")  # fmt: skip
        page.wait_for_load_state("networkidle")
        number = '<span class="pageNumber"></span>'
        foot = f'<p style="width: 100%; text-align: center; font: 8px sans-serif">{number}</p>'
        page.pdf(
            path=PDF,
            format="A4",
            outline=True,
            tagged=True,
            print_background=True,
            display_header_footer=True,
            header_template="<p></p>",
            footer_template=foot,
            margin={"top": "18mm", "bottom": "18mm", "left": "18mm", "right": "18mm"},
        )
        browser.close()
        server.shutdown()


def main():
    browser = find_browser()
    if browser is None:
        return "Descent: no Chromium or Chrome found here, and the PDF is printed by one."
    if failed := build(ROOT):
        return failed
    print("Descent: printing the book (a minute or two)")
    PAGE.write_text(whole_book(), "utf-8")
    try:
        print_page(browser)
    finally:
        PAGE.unlink()
    print(f"Descent: the book is in _build/descent.pdf, {PDF.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
