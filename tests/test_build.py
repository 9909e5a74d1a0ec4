"""The build itself, on a tiny book with the same tools: what changes reaches the page."""

import os
import shutil
import subprocess
import sys
import threading

import build_site
import nbformat
import pytest
import run_ahead
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
    html_theme: descent
    html_theme_options: {}
    html_static_path: [book/assets]
    nb_ipywidgets_js: {}
"""


@pytest.fixture
def tiny(tmp_path):
    """A copy of what a build needs, with a book of one page that shows one number of the core."""
    for name in ("tools", "src", "book/theme", "book/assets", "pyproject.toml", "requirements.txt"):
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
          "print('done:', [path.name for path in Path('../_build/.state').glob('*')])")  # fmt: skip
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

    for name in ("executed", "written"):  # what an interruption leaves
        (tiny / "_build/.state" / name).unlink()
    (ran,) = tiny.glob("_build/.jupyter_cache/executed/*/base.ipynb")
    ran.write_text("{")
    shutil.rmtree(tiny / "_build/html")
    assert build(tiny).returncode == 0
    assert "intercept 6.147" in page(tiny)


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
    cache = get_cache(tiny / "_build/.jupyter_cache")
    todo = lambda: [path.name for path, _ in run_ahead.changed(tiny, cache)]  # noqa: E731
    assert todo() == ["index.ipynb"]
    run_ahead.main(tiny, tiny / "_build/.jupyter_cache")
    assert todo() == []
    (record,) = cache.list_cache_records()
    ran = cache.get_cache_bundle(record.pk).nb
    assert "intercept 6.086" in ran.cells[-1].outputs[0].text
    write(tiny, "1 / 0")
    run_ahead.main(tiny, tiny / "_build/.jupyter_cache")
    assert todo() == ["index.ipynb"]


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
