"""The repository as a whole: pins in step, pages in order, nothing left lying about."""

import re
import subprocess
import tomllib
from importlib.metadata import requires
from itertools import pairwise

import pytest
import yaml
from bookfiles import BOOK, NOTEBOOKS, PAGES, ROOT, cells, chapters, name_of, prose, without_code
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

every_page = pytest.mark.parametrize("path", NOTEBOOKS + PAGES, ids=name_of)


def tracked():
    """The files git knows; in a copy without git, every file that is not made."""
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode == 0:
        return [ROOT / name for name in done.stdout.splitlines() if (ROOT / name).is_file()]
    made = {".venv", "_build", "__pycache__", ".git"}
    return [p for p in ROOT.rglob("*") if p.is_file() and not made.intersection(p.parts)]


# ------------------------------------------------------------------------------------- versions


def pins():
    """name -> Requirement of every line of requirements.txt."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    found = [Requirement(line) for line in lines if line and line != "-e ."]
    return {canonicalize_name(pin.name): pin for pin in found}


def test_requirements_ends_with_the_package_itself():
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    assert lines[-1] == "-e ."
    assert not [line for line in lines if "://" in line or line.startswith("--")]


def test_every_requirement_is_one_exact_version():
    for pin in pins().values():
        assert [spec.operator for spec in pin.specifier] == ["=="], f"run `make lock`: {pin}"


def test_requirements_are_in_step_with_pyproject():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = list(project["dependencies"])
    for name, extra in project["optional-dependencies"].items():
        wanted += extra if name != "bench" else []  # peers stay out of the pins
    for line in (line for line in wanted if not line.startswith("descent[")):
        need = Requirement(line)
        pin = pins().get(canonicalize_name(need.name))
        assert pin is not None, f"{need.name} is not pinned; run `make lock`"
        version = next(iter(pin.specifier)).version
        assert need.specifier.contains(version), f"{pin} does not fit {need}; run `make lock`"


def test_the_core_asks_for_numpy_alone_and_the_book_for_all():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert [Requirement(line).name for line in project["dependencies"]] == ["numpy"]
    extras = project["optional-dependencies"]
    assert [Requirement(line).name for line in extras["figures"]] == ["matplotlib"]
    assert {"descent[figures]"} < set(extras["panels"]) and "descent[panels]" in extras["book"]


def test_what_the_pins_need_is_pinned_too():
    """So that an install next year takes no version that was never tried."""
    pinned, environment = pins(), {"extra": ""}
    for pin in pinned.values():
        if pin.marker is not None and not pin.marker.evaluate():
            continue
        for line in requires(pin.name) or ():
            need = Requirement(line)
            if need.marker is None or need.marker.evaluate(environment):
                assert canonicalize_name(need.name) in pinned, f"{pin.name} needs {need}"


# ---------------------------------------------------------------------------------------- pages


def test_every_page_is_in_the_contents_and_exists():
    found = {f"book/{path.stem}" for path in NOTEBOOKS + PAGES}
    assert found == set(chapters())


def test_the_contents_name_chapters_in_their_order():
    numbered = [name for name in chapters() if re.match(r"book/\d\d-", name)]
    assert numbered == sorted(numbered)


def test_a_label_is_given_once():
    """Labels of sections and names of pictures share one space, over all pages."""
    labels = []
    for path in NOTEBOOKS + PAGES:
        labels += re.findall(r"^\(([\w-]+)\)=$", without_code(prose(path)), re.M)
        if path in NOTEBOOKS:
            settings = (cell["metadata"].get("mystnb", {}) for cell in cells(path, "code"))
            labels += [one["figure"]["name"] for one in settings if "name" in one.get("figure", ())]
    assert len(labels) > 50
    assert not [label for label in labels if labels.count(label) > 1]


@every_page
def test_headings_go_down_one_level_at_a_time(path):
    levels = [len(found) for found in re.findall(r"^(#+) ", without_code(prose(path)), re.M)]
    assert levels[0] == 1, "the first heading is the title"
    assert levels.count(1) == 1, "one title a page"
    steps = pairwise(levels)
    assert all(after <= before + 1 for before, after in steps), levels


@pytest.mark.parametrize("path", [p for p in NOTEBOOKS if p.name[0].isdigit()], ids=name_of)
def test_a_chapter_says_what_it_gives_and_ends_with_a_summary(path):
    text = prose(path)
    number = int(path.name[:2])
    assert text.lstrip().startswith((f"# {number} · ", "(ch-")) and f"# {number} · " in text
    lower = text.lower()
    for part in ("what you will do", "what you will learn", "what you need", "# summary"):
        assert part in lower, f"the chapter lacks {part!r}"


@every_page
def test_links_inside_the_book_lead_somewhere(path):
    """The build resolves labels; this finds files and names that are not there."""
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)", without_code(prose(path))):
        if not re.match(r"[a-z]+:", target):
            assert (path.parent / target).exists(), target


def links(path):
    return {found.rstrip(".,;") for found in re.findall(r"https?://[^\s)\"'>}\]]+", prose(path))}


def test_links_out_of_the_book_are_listed():
    listed = {
        line
        for line in (ROOT / "tests" / "external_links.txt").read_text().splitlines()
        if line and not line.startswith("#")
    }
    found = set().union(*(links(path) for path in NOTEBOOKS + PAGES))
    found |= set(re.findall(r"https?://[^\s,}]+", (BOOK / "references.bib").read_text("utf-8")))
    page = (BOOK / "templates" / "page.html").read_text("utf-8")
    found |= set(re.findall(r"href=\"(https?://[^\"]+)", page))
    assert found == listed


@every_page
def test_directives_are_those_that_jupyterlab_shows_too(path):
    shown = {"admonition", "note", "tip", "warning", "important", "seealso", "math", "figure"}
    if path.suffix == ".md":
        shown |= {"bibliography", "eval-rst", "glossary", "highlight"}
    assert set(re.findall(r"^[:`]{3,}\{([\w:-]+)\}", prose(path), re.M)) <= shown


@every_page
def test_spelling_is_british(path):
    american = (
        r"\b\w*(?:behavior|color|center|regulariz|normaliz|initializ|minimiz|optimiz|generaliz)\w*"
    )
    text = re.sub(r"^```{eval-rst}.*?^```", " ", prose(path), flags=re.S | re.M)
    text = without_code(text)
    text = re.sub(r"`[^`]*`|\$[^$]*\$|\]\([^)]*\)|<[^>]*>", " ", text)
    found = set(re.findall(american, text, re.I))
    assert not found - {"ModuleNotFoundError", "versicolor"}


# ----------------------------------------------------------------------------------- cleanliness

NEVER = {
    "a note to self": r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b|lorem ip" + r"sum",
    "a path of one machine": r"(?<![\w./])/(?:ho" + r"me|Us" + r"ers|ro" + r"ot|wo" + r"rk)/\w",
    "a merge's remains": r"^(?:<{7}|>{7}) ",
}


@pytest.mark.parametrize("kind", NEVER)
def test_no_file_holds(kind):
    for path in tracked():
        if path.suffix in {".png", ".gz", ".npz"}:
            continue
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"\"image/png\": \"[^\"]*\"", "", text)
        assert not (found := re.search(NEVER[kind], text, re.M)), f"{path}: {found.group()!r}"


def test_no_large_file_is_stored():
    for path in tracked():
        assert path.stat().st_size < 700_000, path


def test_no_built_file_is_stored():
    for path in tracked():
        relative = path.relative_to(ROOT)
        assert relative.parts[0] not in {"_build", "build", "dist", ".venv"}, relative
        assert "__pycache__" not in relative.parts, relative


def test_configuration_is_what_the_tools_expect():
    config = yaml.safe_load((ROOT / "_config.yml").read_text())
    assert config["execute"]["execute_notebooks"] == "cache"
    assert config["only_build_toc_files"] is True
    assert config["sphinx"]["config"]["html_show_search_summary"] is False


def test_readme_names_every_target_of_the_makefile_that_a_reader_needs():
    readme = (ROOT / "README.md").read_text("utf-8")
    for target in ("make book", "make test", "make lab"):
        assert target in readme
    assert readme.index("make book") < readme.index("make test")
    assert "pip install -r requirements.txt" in readme
