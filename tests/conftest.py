"""What several tests share: one build of the site, one browser, one server."""

import asyncio
import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from browser import ARGUMENTS, find_browser
from serve import serve

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root():
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def site():
    """The folder of the built site: what `make site` makes, by the same program."""
    done = subprocess.run(
        [sys.executable, "tools/build_site.py"], cwd=ROOT, capture_output=True, text=True
    )
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
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


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
