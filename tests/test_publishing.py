"""What leaves the repository: launch buttons, the zip, the PDF, notebooks for Colab, the card."""

import re
import subprocess
import sys
import zipfile
from urllib.parse import parse_qs, urlsplit

import colab
import descent_launch
import nbformat
import pdf
import pytest
import yaml
from archive import pack
from bookfiles import NOTEBOOKS, ROOT, name_of
from browser import find_browser

from descent.figures import cover

PAGE = "book/04-walk-downhill.ipynb"
PUBLIC = {
    "repository_url": "https://github.com/OWNER/NAME",
    "jupyterhub_url": "https://hub.example.org/",
}


def test_without_an_address_there_is_no_button():
    assert descent_launch.launches(PAGE) == {}


def test_buttons_have_the_form_each_service_asks_for():
    binder, colab, hub = descent_launch.launches(PAGE, PUBLIC).values()
    assert binder == (
        "https://mybinder.org/v2/gh/OWNER/NAME/main?urlpath=lab/tree/book/04-walk-downhill.ipynb"
    )
    assert colab == (
        "https://colab.research.google.com/github/OWNER/NAME/blob/colab/book/04-walk-downhill.ipynb"
    )
    parts = urlsplit(hub)
    assert (parts.hostname, parts.path) == ("hub.example.org", "/hub/user-redirect/git-pull")
    assert parse_qs(parts.query) == {
        "repo": ["https://github.com/OWNER/NAME"],
        "branch": ["main"],
        "urlpath": ["lab/tree/NAME/book/04-walk-downhill.ipynb"],
    }


@pytest.mark.parametrize("end", ["", "/", ".git"])
def test_a_repository_may_be_written_in_each_usual_way(end):
    usual = descent_launch.launches(PAGE, PUBLIC)
    options = PUBLIC | {"repository_url": PUBLIC["repository_url"] + end}
    assert descent_launch.launches(PAGE, options) == usual


def test_a_branch_with_a_slash_stays_one_part_of_the_address():
    options = PUBLIC | {"repository_branch": "spring/2027"}
    assert "/NAME/spring%2F2027?" in descent_launch.launches(PAGE, options)["Binder"]


def test_a_hub_alone_can_be_left_out():
    options = PUBLIC | {"jupyterhub_url": ""}
    assert list(descent_launch.launches(PAGE, options)) == ["Binder", "Colab"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"repository_url": "github.com/OWNER/NAME"},
        {"repository_url": "https://github.com/OWNER"},
        {"repository_url": 'https://github.com/OWNER/NAME" onclick="'},
        {"jupyterhub_url": "hub.example.org"},
    ],
)
def test_an_address_of_another_form_is_a_sentence(wrong):
    with pytest.raises(ValueError, match="give "):
        descent_launch.launches(PAGE, PUBLIC | wrong)


def test_the_book_itself_names_no_repository_it_is_not_sure_of():
    settings = yaml.safe_load((ROOT / "_config.yml").read_text())["sphinx"]["config"]
    descent_launch.launches(PAGE, {"repository_url": settings["repository_url"]})


def test_binder_installs_the_pins():
    lines = (ROOT / "binder" / "requirements.txt").read_text().splitlines()
    assert lines == ["-r ../requirements.txt"]
    assert (ROOT / "binder" / "runtime.txt").read_text() == "python-3.11\n"


def test_notebooks_for_colab_install_the_core_first(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(colab, "OUT", ROOT / "_build" / "colab" / "test")
    assert colab.main(["https://github.com/OWNER/NAME/", "spring"]) is None
    made = sorted(colab.OUT.glob("*.ipynb"))
    assert [path.name for path in made] == sorted(path.name for path in NOTEBOOKS)
    for path in made:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        first = notebook.cells[0].source
        assert (
            '%pip install -q "descent[panels] @ git+https://github.com/OWNER/NAME@spring"' in first
        )
        assert len(notebook.cells) == 1 + len(nbformat.read(ROOT / "book" / path.name, 4).cells)


def test_colab_wants_an_address():
    assert "give the repository" in colab.main([])
    assert "give https://github.com/OWNER/NAME" in colab.main(["NAME"])


@pytest.mark.parametrize("name", ["logo.svg", "favicon.svg"])
def test_the_sign_is_what_the_core_draws(name):
    assert (ROOT / "book" / "assets" / name).read_text() == cover.logo_svg()


def test_the_card_has_the_size_that_previews_ask_for():
    width, height = cover.social_card().get_size_inches() * cover.CARD_DPI
    assert (round(width), round(height)) == (1200, 630)


# ------------------------------------------------------------------------------- with the site


@pytest.mark.page
def test_the_zip_is_the_site_and_the_same_every_time(site, tmp_path):
    for name in ("one.zip", "two.zip"):
        pack(site, tmp_path / name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert archive.testzip() is None
        names = archive.namelist()
    assert {f"descent/book/{path.stem}.html" for path in NOTEBOOKS} <= set(names)
    assert "descent/index.html" in names
    assert "descent/_static/card.png" in names


@pytest.mark.page
@pytest.mark.full
def test_in_the_whole_book_every_link_and_name_has_one_target(site):
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(pdf.whole_book(), "html.parser")
    names = [part["id"] for part in soup.find_all(id=True)]
    assert len(names) == len(set(names))
    inside = [a["href"][1:] for a in soup.find_all("a", href=True) if a["href"].startswith("#")]
    assert len(inside) > 100
    assert not set(inside) - set(names)
    assert not [
        a["href"]
        for a in soup.find_all("a", href=True)
        if ".html" in a["href"] and "://" not in a["href"]
    ]


@pytest.mark.page
@pytest.mark.full
@pytest.mark.skipif(find_browser() is None, reason="no Chromium or Chrome found")
def test_the_pdf_holds_every_chapter(site):
    done = subprocess.run(
        [sys.executable, "tools/pdf.py"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    data = pdf.PDF.read_bytes()
    assert data.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", data)) >= 10 * len(NOTEBOOKS)
    assert b"/Outlines" in data
    assert not pdf.PAGE.exists()


def test_every_page_of_the_book_is_in_the_pdf():
    assert {name_of(path).removesuffix(".ipynb") for path in NOTEBOOKS} <= set(pdf.pages())
