"""The build itself, on a tiny book with the same tools: what changes reaches the page."""

import errno
import os
import shutil
import subprocess
import sys
import threading

import build_site
import descent_build
import descent_site
import nbformat
import pytest
from bookfiles import ROOT
from jupyter_cache import get_cache

pytestmark = pytest.mark.slow

CONFIG = """
title: Tiny
author: The Descent authors
copyright: "2026"
only_build_toc_files: true
execute: {execute_notebooks: cache, timeout: 60, stderr_output: warn}
html: {use_multitoc_numbering: false}
latex: {use_jupyterbook_latex: false}
sphinx:
  local_extensions: {descent_site: tools/extension}
  config:
    extensions: [myst_nb, jupyter_book, sphinx_external_toc, descent_site]
    include_patterns: ["book/**"]
    html_theme: furo
    html_theme_options: {}
    templates_path: [book/templates]
    html_static_path: [book/assets]
    html_css_files: [book.css]
    nb_ipywidgets_js: {}
"""


@pytest.fixture
def tiny(tmp_path):
    """A copy of what a build needs, with a book of one page that shows one number of the core."""
    for name in (
        "tools",
        "src",
        "book/templates",
        "book/assets",
        "pyproject.toml",
        "requirements.txt",
    ):
        source, target = ROOT / name, tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(
                source, target, ignore=shutil.ignore_patterns("*.egg-info", "__pycache__")
            )
        else:
            shutil.copy(source, target)
    (tmp_path / "_config.yml").write_text(CONFIG)
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: book/index\n")
    write(tmp_path, "import sys; sys.path.insert(0, '../src')\n"
          "from pathlib import Path\n"
          "from descent import data, linear\n\n"
          "trips = data.commute()\n"
          "X = linear.design_matrix(trips.features)\n"
          "print(f'intercept {linear.normal_equation(X, trips.minutes)[0]:.3f}')\n"
          "print('done:', list(Path('../_build/html').glob('.built')))")  # fmt: skip
    return tmp_path


def write(root, code, text="# Tiny\n\nA page.\n"):
    cells = [nbformat.v4.new_markdown_cell(text), nbformat.v4.new_code_cell(code)]
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    nbformat.write(
        nbformat.v4.new_notebook(cells=cells, metadata=kernel), root / "book/index.ipynb"
    )


def build(root, **settings):
    return subprocess.run(
        [sys.executable, "tools/build_site.py", "."],
        cwd=root,
        capture_output=True,
        text=True,
        env=os.environ | settings,
    )


def page(root):
    return (root / "_build/html/book/index.html").read_text("utf-8")


@pytest.mark.full
def test_a_change_of_the_core_reaches_the_page_and_an_interrupted_build_is_no_finished_one(tiny):
    first = build(tiny)
    assert first.returncode == 0, first.stderr
    assert "intercept 6.086" in page(tiny)
    assert "done: []" in page(tiny)  # while notebooks run, nothing counts as done

    again = build(tiny)
    assert "up to date" in again.stdout

    core = tiny / "src/descent/linear.py"
    text = core.read_text("utf-8")
    core.write_text(text + "\n_exact = normal_equation\n\n\n"
                    "def normal_equation(X, y):\n    return 1.01 * _exact(X, y)\n")  # fmt: skip
    changed = build(tiny)
    assert changed.returncode == 0, changed.stderr
    assert "intercept 6.147" in page(tiny)  # 1.01 times as much, not the cached number

    (ran,) = tiny.glob("_build/.jupyter_cache/*/executed/*/base.ipynb")  # the old results are gone
    ran.write_text("{")  # what an interruption leaves
    (ran.parents[2] / "running").touch()
    shutil.rmtree(tiny / "_build/html")
    assert build(tiny).returncode == 0
    assert "intercept 6.147" in page(tiny)


def by_jupyter_book(root):
    """Build as someone does who knows Jupyter Book and nothing of this book."""
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()"]
    done = subprocess.run([*command, "build", "."], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def files(root):
    site = root / "_build/html"
    return {p.relative_to(site): p.read_bytes() for p in site.rglob("*") if p.is_file()}


@pytest.mark.full
def test_jupyter_book_alone_makes_the_same_site_and_keeps_it_fresh(tiny):
    assert build(tiny).returncode == 0
    ours = files(tiny)
    shutil.rmtree(tiny / "_build")
    by_jupyter_book(tiny)
    theirs = files(tiny)
    assert set(theirs) == set(ours)
    assert [name for name in ours if ours[name] != theirs[name]] == []
    assert "up to date" in build(tiny).stdout

    core, css = tiny / "src/descent/linear.py", tiny / "book/assets/book.css"
    text = core.read_text("utf-8").replace("def normal_equation(", "def _exact(")
    core.write_text(text + "\n\ndef normal_equation(X, y):\n    return 1.01 * _exact(X, y)\n")
    by_jupyter_book(tiny)
    assert "intercept 6.147" in page(tiny)
    css.write_text("p { color: red; }")
    by_jupyter_book(tiny)
    assert (tiny / "_build/html/_static/book.css").read_text() == "p { color: red; }"


@pytest.mark.full
def test_a_warning_stops_the_build_each_time_and_the_repaired_book_builds(tiny):
    good = (tiny / "book/index.ipynb").read_text()
    write(tiny, "print(1)", "# Tiny\n\nSee [the moon](#no-such-label).\n")
    for _ in range(2):  # Sphinx alone would let the second run pass
        failed = build(tiny)
        assert failed.returncode != 0
        assert "no-such-label" in failed.stderr
        assert "Descent: the build failed" in failed.stdout
    (tiny / "book/index.ipynb").write_text(good)
    assert build(tiny).returncode == 0


FAILURES = {
    "1 / 0": "ZeroDivisionError",
    "import warnings\nwarnings.warn('look out')": "look out",
    "import sys\nprint('psst', file=sys.stderr)": "stderr",
}


@pytest.mark.full
@pytest.mark.parametrize("code", list(FAILURES))
def test_a_cell_that_fails_or_warns_stops_the_build(tiny, code):
    write(tiny, code)
    failed = build(tiny)
    assert failed.returncode != 0
    assert FAILURES[code] in failed.stderr


def test_what_ran_ahead_is_in_the_cache_and_what_failed_is_left_to_the_build(tiny, monkeypatch):
    for name, value in build_site.kernel_settings(tiny / "_build").items():
        monkeypatch.setenv(name, value)
    folder = descent_build.cache(tiny)

    def todo():
        return [path.name for path, _ in build_site.changed(tiny, get_cache(folder))]

    assert todo() == ["index.ipynb"]
    build_site.run_notebooks(tiny)
    assert todo() == [] and not (folder / "running").exists()
    (record,) = get_cache(folder).list_cache_records()
    ran = get_cache(folder).get_cache_bundle(record.pk).nb
    assert "intercept 6.086" in ran.cells[-1].outputs[0].text
    write(tiny, "1 / 0")
    build_site.run_notebooks(tiny)
    assert todo() == ["index.ipynb"]


def test_results_are_kept_for_the_code_that_made_them_and_for_no_other(tmp_path):
    for name in ("src/core.py", "pyproject.toml", "requirements.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("1")
    first = descent_build.cache(tmp_path)
    (first / "result").touch()
    (first / "running").unlink()  # the run ended
    (tmp_path / "src/__pycache__").mkdir()
    (tmp_path / "src/__pycache__/core.pyc").touch()
    assert descent_build.cache(tmp_path) == first and (first / "result").exists()
    assert descent_build.cache(tmp_path) == first and not (first / "result").exists()  # cut short
    (tmp_path / "src/core.py").write_text("2")
    second = descent_build.cache(tmp_path)
    assert second != first and second.exists() and not first.exists()


def test_a_line_that_a_kernel_sends_in_pieces_stays_one_line():
    pieces = [("stdout", "plain:"), ("stderr", "so"), ("stdout", " 158 steps\n"), ("stderr", "!")]
    outputs = [nbformat.v4.new_output("stream", name=n, text=text) for n, text in pieces]
    told = [(output.name, output.text) for output in descent_site.joined(outputs)]
    assert told == [("stdout", "plain: 158 steps\n"), ("stderr", "so!\n")]


@pytest.mark.parametrize("why", [errno.EACCES, errno.EROFS])
def test_a_checkout_that_may_not_be_written_to_is_served_or_one_sentence(
    tmp_path, monkeypatch, why
):
    def refused(folder):
        raise OSError(why, os.strerror(why), str(folder / ".lock"))

    monkeypatch.setattr(build_site, "alone", refused)
    sentence = build_site.build(tmp_path)
    assert sentence.startswith("Descent: ") and ".lock may not be written by you" in sentence
    monkeypatch.setattr(descent_build, "up_to_date", lambda root: True)
    assert build_site.build(tmp_path) == 0


@pytest.mark.skipif(build_site.fcntl is None, reason="no such locks here")
def test_a_second_build_waits_for_the_first_and_says_so(tmp_path, capsys):
    inside = []

    def second():
        with build_site.alone(tmp_path):
            inside.append("second")

    with build_site.alone(tmp_path):
        other = threading.Thread(target=second)
        other.start()
        other.join(0.5)
        assert other.is_alive()
        inside.append("first")
    other.join(10)
    assert inside == ["first", "second"]
    assert "another build is at work here" in capsys.readouterr().out
