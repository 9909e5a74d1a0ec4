"""What `make test-full` and `make test-oldest` themselves promise, on small examples."""

import os
import subprocess
import sys

import long_tests
import nbformat
import oldest_versions as oldest
import pytest
from packaging.requirements import Requirement
from packaging.version import Version


def write(path, *sources, outputs=()):
    """Write a notebook of these cells; the last one shows these outputs."""
    made = [nbformat.v4.new_code_cell(source) for source in sources]
    made[-1].outputs = list(outputs)
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=made), path)
    return path


def shown(text, picture):
    return nbformat.v4.new_output("display_data", data={"text/plain": text, "image/png": picture})


def test_a_cell_that_prints_something_else_is_found(tmp_path):
    one = write(tmp_path / "a.ipynb", "1", "2", outputs=[shown("w = 6.09", "AAAA")])
    other = write(tmp_path / "b.ipynb", "1", "2", outputs=[shown("w = 6.08", "AAAA")])
    (line,) = long_tests.differences(one, other)
    assert line.startswith("a.ipynb, code cell 2:") and "6.09" in line and "6.08" in line
    assert long_tests.differences(one, one) == []


def test_pictures_are_compared_only_where_that_is_asked(tmp_path):
    one = write(tmp_path / "a.ipynb", "1", outputs=[shown("a figure", "AAAA")])
    other = write(tmp_path / "b.ipynb", "1", outputs=[shown("a figure", "AAAB")])
    assert long_tests.differences(one, other) == []
    assert len(long_tests.differences(one, other, pictures=True)) == 1


def test_a_copy_runs_with_its_own_core_and_the_settings_asked_for(tmp_path):
    (tmp_path / "src" / "descent").mkdir(parents=True)
    (tmp_path / "src" / "descent" / "__init__.py").write_text("name = 'the copy'\n")
    program = "import descent, os; print(descent.name, os.environ['OPENBLAS_NUM_THREADS'])"
    notebook = write(tmp_path / "book" / "x.ipynb", program)
    assert long_tests.executed(notebook, long_tests.VARIANTS["two threads"]) == ""
    assert "the copy 2" in next(long_tests.outputs(notebook, pictures=False))


def test_a_notebook_that_stops_says_why(tmp_path):
    (tmp_path / "src").mkdir()
    notebook = write(tmp_path / "book" / "x.ipynb", "1 / 0")
    assert "ZeroDivisionError" in long_tests.executed(notebook, {})


def test_another_blas_leaves_the_processors_out_and_says_so(monkeypatch, capsys):
    monkeypatch.setattr(
        long_tests.np,
        "show_config",
        lambda mode: {"Build Dependencies": {"blas": {"name": "accelerate"}}},
    )
    assert list(long_tests.variants()) == [long_tests.AGAIN, "two threads"]
    assert "NumPy computes with accelerate here" in capsys.readouterr().out


def test_the_oldest_versions_are_those_of_pyproject():
    found = {Requirement(line).name: Requirement(line) for line in oldest.oldest()}
    assert set(found) == {"numpy", "matplotlib"}
    numpy = next(iter(found["numpy"].specifier))
    assert numpy.operator == "==" and Version(numpy.version) == Version("2.0")


def test_a_python_they_were_not_built_for_is_one_sentence(monkeypatch, capsys):
    monkeypatch.setattr(oldest.sys, "version_info", (3, 13, 0))
    assert oldest.main([]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("Descent: numpy==2.0 and matplotlib==3.9 were not built for")


@pytest.mark.slow
def test_no_network_is_one_sentence(tmp_path):
    program = (
        "import oldest_versions as oldest, pathlib, sys; oldest.FOLDER = pathlib.Path(sys.argv[1]);"
        "oldest.STAMP = oldest.FOLDER / 'stamp'; sys.exit(oldest.main([]))"
    )
    nowhere = {
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_RETRIES": "0",
        "PIP_NO_CACHE_DIR": "1",
        "PIP_CONFIG_FILE": os.devnull,
    }
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "oldest")],
        cwd=long_tests.ROOT / "tools",
        env=os.environ | nowhere,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "no connection to the package index" in done.stderr.strip().splitlines()[-1]
    assert "Traceback" not in done.stderr
