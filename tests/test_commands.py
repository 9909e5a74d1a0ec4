"""The commands on a real machine: each thing that can go wrong gets one clear sentence."""

import os
import re
import shutil
import socket
import subprocess
import sys

import in_venv
import lab
import pytest
from bookfiles import ROOT

BARE = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "")}


@pytest.fixture
def clone(tmp_path):
    """A checkout without its environment."""
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    for name in ("Makefile", "requirements.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def launch(clone, *arguments, python=sys.executable, **settings):
    return subprocess.run(
        [python, "tools/in_venv.py", *arguments],
        cwd=clone,
        env=BARE | settings,
        capture_output=True,
        text=True,
    )


def one_sentence(done):
    """The command failed, and its last words are one line from the book, not a traceback."""
    assert done.returncode != 0
    assert "Traceback" not in done.stdout + done.stderr
    last = (done.stdout + done.stderr).strip().splitlines()[-1]
    assert last.startswith("Descent"), last
    return last


def make(clone, *arguments, **settings):
    command = ["make", *arguments]
    return subprocess.run(command, cwd=clone, env=BARE | settings, capture_output=True, text=True)


def test_a_python_that_is_too_old(clone, tmp_path):
    """This one, made to look like 3.10: the first sentence of `make` says what to do."""
    (tmp_path / "usercustomize.py").write_text("import sys; sys.version_info = (3, 10, 4)")
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.version_info = (3, 10, 4)")
    done = make(clone, f"PYTHON={sys.executable}", "site", PYTHONPATH=str(tmp_path))
    assert done.returncode != 0 and "Traceback" not in done.stderr
    (said,) = [line for line in done.stderr.splitlines() if line.startswith("Descent")]
    assert (
        said.startswith("Descent needs Python 3.11 or newer") and "make PYTHON=python3.12" in said
    )


@pytest.mark.parametrize("name", ["python2", "python3.9", "python3.10"])
def test_an_old_python_of_this_machine_says_so_too(clone, name):
    old = shutil.which(name)
    if old is None or subprocess.run([old, "-c", ""], capture_output=True).returncode:
        pytest.skip(f"no {name} here to try")
    done = make(clone, f"PYTHON={old}", "site")
    assert done.returncode != 0 and "Descent needs Python 3.11 or newer" in done.stderr


def test_a_python_without_venv(clone, tmp_path):
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "ensurepip.py").write_text("raise ImportError('split off')")
    said = one_sentence(launch(clone, "-c", "pass", PYTHONPATH=str(hidden)))
    assert "apt install python3-venv" in said


def test_no_python_at_all(clone):
    done = make(clone, "PYTHON=python-of-nobody", "site")
    assert done.returncode != 0
    assert "there is no python-of-nobody here" in done.stdout


@pytest.mark.full
@pytest.mark.slow
def test_no_network_then_the_next_run_works(clone):
    nowhere = {
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_RETRIES": "0",
        "PIP_NO_CACHE_DIR": "1",
    }
    nowhere |= {"PIP_CONFIG_FILE": os.devnull}
    said = one_sentence(launch(clone, "-c", "pass", **nowhere))
    assert "no connection to the package index" in said
    # The network is back, here in the form of a list with nothing to fetch.
    (clone / "requirements.txt").write_text("# nothing\n")
    done = launch(clone, "-c", "print('it runs')")
    assert done.returncode == 0, done.stderr
    assert "it runs" in done.stdout
    again = launch(clone, "-c", "print('at once')")
    assert again.stdout == "at once\n"


@pytest.mark.full
@pytest.mark.slow
def test_an_interrupted_install_and_a_broken_environment_are_repaired(clone):
    (clone / "requirements.txt").write_text("# nothing\n")
    assert launch(clone, "-c", "pass").returncode == 0
    (clone / ".venv" / "descent-installed").unlink()  # as after Ctrl+C in pip
    assert "installing" in launch(clone, "-c", "pass").stdout
    python = clone / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/no/such/python")  # as after an update of the system
    assert "making the environment" in launch(clone, "-c", "pass").stdout
    (clone / "requirements.txt").write_text("# other pins\n")
    assert "installing" in launch(clone, "-c", "pass").stdout


def test_an_environment_that_is_not_ones_own_is_left_alone(clone, monkeypatch):
    """Where its interpreter does not run and nothing may be written, nothing is cleared."""
    (clone / ".venv/bin").mkdir(parents=True)
    monkeypatch.setattr(in_venv, "VENV", clone / ".venv")
    monkeypatch.setattr(in_venv, "PYTHON", clone / ".venv/bin/python")
    monkeypatch.setattr(in_venv, "STAMP", clone / ".venv/descent-installed")
    monkeypatch.setattr(in_venv.os, "access", lambda path, mode: False)
    with pytest.raises(SystemExit, match=r"does not run here, and you may not write there"):
        in_venv.main(["-c", "pass"])
    monkeypatch.setattr(in_venv, "works", lambda: True)
    with pytest.raises(SystemExit, match=r"not those of requirements.txt, and you may not write"):
        in_venv.main(["-c", "pass"])
    assert (clone / ".venv/bin").exists()


@pytest.mark.parametrize("language", ["C", "POSIX"])
def test_where_the_language_is_c_paths_may_be_in_any_language(monkeypatch, language):
    """setuptools writes the path of an editable install in the locale's encoding."""
    monkeypatch.setenv("LC_ALL", language)
    ask = "import locale, sys; print(locale.getencoding(), sys.getfilesystemencoding())"
    command = [sys.executable, "-c", ask]
    done = subprocess.run(command, env=in_venv.environment(), capture_output=True, text=True)
    assert done.stdout.lower().split() == ["utf-8", "utf-8"]


def test_a_taken_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "tools/serve.py"],
            cwd=ROOT,
            env=os.environ | {"PORT": str(port)},
            capture_output=True,
            text=True,
        )
    said = one_sentence(done)
    assert f"port {port} is in use" in said
    assert f"make book PORT={port + 1}" in said


@pytest.mark.parametrize("port", ["eighty", "0", "70000"])
def test_a_port_that_is_none(port):
    done = subprocess.run(
        [sys.executable, "tools/serve.py"],
        cwd=ROOT,
        env=os.environ | {"PORT": port},
        capture_output=True,
        text=True,
    )
    assert "a number from 1 to 65535" in one_sentence(done)


@pytest.mark.full
@pytest.mark.slow
def test_without_a_browser_the_page_tests_are_skipped_or_fail_as_asked():
    """One page test, on a machine whose PATH has no browser."""
    from browser import PLACES

    if any(os.path.exists(place) for place in PLACES):
        pytest.skip("a browser is installed where PATH does not matter")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "tests/test_pages.py",
    ]
    command += ["-k", "test_search_finds_a_chapter_and_its_link_works and http"]
    nobody = {key: value for key, value in os.environ.items() if key != "DESCENT_REQUIRE_BROWSER"}
    nobody["PATH"] = "/no/such/folder"
    skipped = subprocess.run(command, cwd=ROOT, env=nobody, capture_output=True, text=True)
    assert "1 skipped" in skipped.stdout, skipped.stdout
    asked = nobody | {"DESCENT_REQUIRE_BROWSER": "1"}
    failed = subprocess.run(command, cwd=ROOT, env=asked, capture_output=True, text=True)
    assert failed.returncode == 1
    assert "no Chromium or Chrome found, and DESCENT_REQUIRE_BROWSER=1" in failed.stdout


def test_the_makefile_stays_thin():
    """A line for each target, and one more for `lint`."""
    text = (ROOT / "Makefile").read_text()
    (targets,) = re.findall(r"^\.PHONY: (.+)$", text, re.M)
    recipes = [line for line in text.splitlines() if line.startswith("\t")]
    assert len(recipes) == len(targets.split()) + 1
    assert all("&&" not in line and ";" not in line.split("sed")[0] for line in recipes)


@pytest.mark.parametrize(("user", "allowed"), [(0, True), (1000, False)])
def test_the_lab_opens_the_first_chapter_for_root_too(monkeypatch, user, allowed):
    calls = []
    monkeypatch.setattr(lab.subprocess, "call", lambda command, **_: calls.append(command))
    monkeypatch.setattr(lab.os, "geteuid", lambda: user, raising=False)
    monkeypatch.setattr(lab, "kernel_settings", lambda: {"IPYTHONDIR": ""})
    monkeypatch.setattr(lab.sys, "argv", ["lab.py"])
    lab.main()
    (command,) = calls
    assert command[3].endswith("01-fit-a-commute.ipynb")
    assert ("--allow-root" in command) is allowed
