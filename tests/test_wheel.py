"""The wheel carries all that the chapters need: built, installed in an empty folder, used there."""

import os
import subprocess
import sys
import zipfile

import pytest
from bookfiles import BOOK, ROOT

pytestmark = pytest.mark.slow


def run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """Built from a copy without leftovers, with what is installed: nothing is downloaded."""
    folder = tmp_path_factory.mktemp("wheel")
    copy = folder / "source"
    copy.mkdir()
    for name in ("src", "pyproject.toml", "README.md", "LICENSE", "LICENSE-text"):
        run(["cp", "-r", str(ROOT / name), str(copy)])
    for leftover in copy.rglob("*.egg-info"):
        run(["rm", "-r", str(leftover)])
    run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", str(folder), str(copy)])
    return next(folder.glob("*.whl"))


def test_it_holds_every_file_of_the_package(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    source = ROOT / "src"
    wanted = {
        path.relative_to(source).as_posix()
        for path in (source / "descent").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert wanted <= inside, wanted - inside
    assert any(name.endswith("licenses/LICENSE") for name in inside)
    assert any(name.endswith("licenses/LICENSE-text") for name in inside)


@pytest.mark.full
def test_it_runs_chapter_1_in_an_empty_folder(wheel, tmp_path):
    home = tmp_path / "packages"
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index"]
    run([*pip, "--disable-pip-version-check", "--target", str(home), str(wheel)])
    chapter = tmp_path / "chapter.ipynb"
    chapter.write_bytes((BOOK / "01-fit-a-commute.ipynb").read_bytes())
    settings = os.environ | {"PYTHONPATH": str(home)}
    where = run([sys.executable, "-c", "import descent; print(descent.__file__)"],
                cwd=tmp_path, env=settings)  # fmt: skip
    assert where.startswith(str(home))
    run([sys.executable, "-m", "jupyter", "execute", "chapter.ipynb"], cwd=tmp_path, env=settings)


def test_the_core_needs_numpy_alone(wheel, tmp_path):
    """Importing a module of the core imports none of the libraries for pictures and widgets."""
    code = """
import sys
from descent import data, linear, optimize
loaded = {"matplotlib", "ipywidgets", "anywidget", "IPython", "traitlets"} & set(sys.modules)
sys.exit(f"loaded {loaded}" if loaded else 0)
"""
    run([sys.executable, "-c", code], cwd=tmp_path)
