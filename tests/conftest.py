"""What several tests share: one build of the site, one browser, one server, one JupyterLab."""

import asyncio
import gc
import itertools
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import descent_build
import nbformat
import pytest
from browser import ARGUMENTS, find_browser
from hypothesis import settings
from serve import serve
from settings import kernel_settings

ROOT = Path(__file__).resolve().parent.parent

# The same examples at every run, and no clock: a red test stays red until it is mended. The second
# is for `make test-full`: --hypothesis-profile=full.
settings.register_profile("few", derandomize=True, deadline=None, database=None, max_examples=50)
settings.register_profile("full", settings.get_profile("few"), max_examples=400)
settings.load_profile("few")


SPLIT = {"test_pages.py", "test_flipbook_pages.py", "test_exercises_pages.py"}
PAGE = re.compile(r"\[.*?((?<!\d)\d\d-[a-z-]+|(?<=book/)\w+)")


def group(nodeid):
    """Say what stays together when pytest-xdist spreads the tests: a file, or a page of the site.

    A notebook's cells share a kernel, a file's tests their fixtures. The three long files whose
    tests open one page each are split by page. All tests in JupyterLab share one server.
    """
    file, _, test = nodeid.partition("::")
    if "jupyterlab" in nodeid:
        return "JupyterLab"
    page = PAGE.search(test) if Path(file).name in SPLIT else None
    return f"{file} {page[1]}" if page else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Group by `group`: pytest 9.2 does not read what xdist 3.8 makes of its marks."""
    from xdist.scheduler import LoadScopeScheduling

    class Groups(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return group(nodeid)

    return Groups(config, log) if config.getoption("dist") == "loadgroup" else None


@pytest.hookimpl(tryfirst=True)  # before pytest reads the marks
def pytest_collection_modifyitems(items):
    """Mark what opens a browser as `page`, so that `-m "not page"` runs without one."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.page)


def pytest_collection_finish(session):
    """Measure the coverage of the unit tests alone: nbval would slow every kernel by half.

    And let the garbage collector pass over the thousands of tests that were collected.
    """
    session.config.option.cov_source = None
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def root():
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def site():
    """The folder of the built site: what `make site` makes, by the same program."""
    if not descent_build.up_to_date(ROOT):
        command = [sys.executable, "tools/build_site.py"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    return ROOT / "_build" / "html"


@contextmanager
def served(folder):
    """Serve a folder while the block runs; give its address."""
    with serve(folder, 0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def address(site):
    """The site's address on a local server."""
    with served(site) as url:
        yield url


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium; where there is none the test is skipped, or fails if CI says so."""
    path = find_browser()
    if path is None:
        message = "no Chromium or Chrome found"
        if os.environ.get("DESCENT_REQUIRE_BROWSER") == "1":
            pytest.fail(message + ", and DESCENT_REQUIRE_BROWSER=1 asks for one", pytrace=False)
        pytest.skip(message)
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=60_000)  # ms that a busy machine may take
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


def sampled(values, sample):
    """Return parameters: those in `sample` for every run, the others for `make test-full`."""
    marks = {True: (), False: pytest.mark.full}
    each = [value if isinstance(value, tuple) else (value,) for value in values]
    return [pytest.param(*v, marks=marks[w in sample]) for v, w in zip(each, values, strict=True)]


def without_formulas(context):
    """Let this context's pages do without MathJax, which takes longer than all else on them."""
    empty = {"body": "", "content_type": "text/javascript"}
    context.route(re.compile("mathjax"), lambda route: route.fulfill(**empty))


@pytest.fixture(autouse=True)
def event_loop_of_the_browser(request):
    """Hide, from tests that use no browser, the event loop that Playwright leaves running.

    Playwright's synchronous functions keep a loop in this thread between two calls. A test that
    ran after a page test would find itself inside that loop: `asyncio.run` would refuse, and what
    is called later would never be called.
    """
    if "browser" in request.fixturenames:
        yield
        return
    loop = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(loop)


@pytest.fixture
def sketched(request, monkeypatch):
    """Let a panel number its pictures in place of drawing them, unless the test asks for `drawn`.

    The artists move all the same, so their data can be looked at.
    """
    if "drawn" not in request.fixturenames:
        from descent.panels import Panel

        numbers = itertools.count()
        monkeypatch.setattr(Panel, "paint", lambda panel, new: f"picture {next(numbers)}".encode())


@pytest.fixture
def drawn():
    """Asked for by a test that looks at a panel's pixels."""


async def until(condition, turns=1_000_000):
    """Give other tasks of the event loop their turn until something has happened."""
    for _ in range(turns):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it did not happen")


class Lab(NamedTuple):
    """A running JupyterLab, for all tests that need one."""

    folder: Path
    address: str

    def open(self, page, notebook):
        """Open a copy of a notebook, or cells of code below a heading, and wait for the kernel.

        Each has a workspace of its own, or the tabs of the last one would come back.
        """
        if isinstance(notebook, Path):
            name = notebook.name
            shutil.copy(notebook, self.folder)
        else:
            name = f"{len(list(self.folder.iterdir()))}.ipynb"
            made = [nbformat.v4.new_markdown_cell("# A heading")]
            made += [nbformat.v4.new_code_cell(code) for code in notebook]
            book = nbformat.v4.new_notebook(cells=made)
            book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
            nbformat.write(book, self.folder / name)
        page.set_default_timeout(90_000)
        workspace = name.removesuffix(".ipynb")
        page.goto(f"{self.address}/lab/workspaces/{workspace}/tree/{name}?reset")
        page.wait_for_selector(".jp-Notebook .jp-Cell")

    def run_all(self, page):
        """Run all cells of the open notebook; the outputs come when they come."""
        page.get_by_text("| Idle").first.wait_for()  # the kernel, in the status bar
        page.locator(".lm-MenuBar-itemLabel", has_text=re.compile("^Run$")).click()
        page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Run All Cells$")).click()


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """One JupyterLab with nobody's settings, in an empty folder."""
    folder, home = tmp_path_factory.mktemp("lab"), tmp_path_factory.mktemp("lab-home")
    wishes = home / "settings" / "@jupyterlab"
    chosen = {
        # All cells at once, so that a test sees those below the screen too.
        "notebook-extension/tracker": '{"windowingMode": "none"}',
        "apputils-extension/notification": '{"fetchNews": "false", "checkForUpdates": false}',
    }
    for name, text in chosen.items():
        (wishes / name).parent.mkdir(parents=True)
        (wishes / f"{name}.jupyterlab-settings").write_text(text)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}"]
    command += ["--IdentityProvider.token=", "--ServerApp.ip=127.0.0.1"]
    command += ["--ServerApp.port_retries=0", f"--ServerApp.root_dir={folder}"]
    command += ["--LabApp.news_url=None"]
    environment = kernel_settings() | {
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
    }
    address, said = f"http://127.0.0.1:{port}", home / "log"
    with said.open("wb") as log:
        server = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        for _ in range(480):
            assert server.poll() is None, said.read_text()
            with suppress(OSError), urllib.request.urlopen(f"{address}/api", timeout=2):
                break
            time.sleep(0.25)
        else:
            pytest.fail("JupyterLab did not start:\n" + said.read_text())
        yield Lab(folder, address)
    finally:
        server.terminate()
        server.wait(30)
