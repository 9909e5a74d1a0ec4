"""A chapter in a real JupyterLab: no raw directive on the screen, solutions folded."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest
from bookfiles import NOTEBOOKS, cells, name_of, prose

pytestmark = [pytest.mark.page, pytest.mark.slow]
CHAPTERS = [path for path in NOTEBOOKS if path.name[0].isdigit()]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def jupyterlab(folder):
    """JupyterLab on this folder with nobody's settings; give its address."""
    port, home = free_port(), folder / "home"
    # All cells at once, so that the test sees those below the screen too.
    settings = home / "lab" / "user-settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    (settings / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')
    news = settings.parent / "apputils-extension"
    news.mkdir()
    (news / "notification.jupyterlab-settings").write_text(
        '{"fetchNews": "false", "checkForUpdates": false}'
    )
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}", "--allow-root"]
    command += [
        "--IdentityProvider.token=",
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.port_retries=0",
    ]
    command += [f"--ServerApp.root_dir={folder}", "--LabApp.news_url=None"]
    environment = os.environ | {
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "lab" / "user-settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "lab" / "workspaces"),
    }
    with (folder / "lab.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(f"{address}/api", server, folder / "lab.log")
        yield address
    finally:
        server.terminate()
        server.wait(30)


def wait_for(url, server, log):
    for _ in range(240):
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.25)
    raise AssertionError("JupyterLab did not start:\n" + log.read_text())


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab")
    for path in NOTEBOOKS:
        shutil.copy(path, folder)
    with jupyterlab(folder) as address:
        yield address


@pytest.mark.parametrize("path", CHAPTERS, ids=name_of)
def test_a_chapter_shows_no_raw_myst_and_folds_its_solutions(browser, lab, path):
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    # A workspace of its own: the last chapter's tab is not opened again beside it.
    page.goto(f"{lab}/lab/workspaces/{path.stem}/tree/{path.name}")
    page.wait_for_selector(".jp-Notebook .myst h1", timeout=90_000)
    page.wait_for_function(
        "count => document.querySelectorAll('.jp-Notebook .myst-admonition').length >= count",
        arg=prose(path).count("{admonition}"),
        timeout=90_000,
    )
    shown = page.inner_text(".jp-Notebook")  # what one sees, without the editors behind it
    assert ":::" not in shown
    assert "{admonition}" not in shown
    assert "{ref}" not in shown
    # A label has a hyphen; the pieces of a formula, such as (w)=, have none.
    assert not re.search(r"^\(\w+(?:-\w+)+\)=$", shown, re.M), "a label shows raw"
    folded = [c for c in cells(path, "code") if "hide-cell" in c["metadata"].get("tags", ())]
    assert page.locator(".jp-CodeCell .jp-InputPlaceholder").count() == len(folded)
    assert page.locator(".jp-CodeCell .jp-OutputPlaceholder").count() == len(folded)
    assert page.locator(".jp-Notebook details.myst-admonition[open]").count() == 0
    context.close()
