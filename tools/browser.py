"""Find the Chromium or Chrome that the page tests and `make bench` drive."""

import os
import shutil
from pathlib import Path

# The shell is Chromium without its own windows: the same pages, in less time.
NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
)
# No sandbox, since CI runs in containers as root; and nothing that talks to the network by itself.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
]


def find_browser():
    """Return the path of a Chromium or Chrome, or None. DESCENT_BROWSER names one."""
    if named := os.environ.get("DESCENT_BROWSER"):
        return named
    found = (shutil.which(name) for name in NAMES)
    return next((path for path in found if path), None) or next(
        (place for place in PLACES if Path(place).exists()), None
    )
