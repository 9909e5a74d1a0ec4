"""Run every test: `python tools/run_tests.py [pytest's own arguments]`."""

import os
import subprocess
import sys

from browser import find_browser
from settings import ROOT, kernel_settings

EVERYTHING = [
    "tests",
    "--nbval",
    "--nbval-current-env",
    "book",
    "--cov=descent",
    "--cov-report=term",
    "--cov-fail-under=95",
    "--numprocesses=auto",
    "--dist=loadgroup",
    "-m",
    "not full",
]


def main(arguments):
    if find_browser() is None and os.environ.get("DESCENT_REQUIRE_BROWSER") != "1":
        print("Descent: no Chromium or Chrome found here, so the page tests are skipped.")
    command = [sys.executable, "-m", "pytest", *(arguments or EVERYTHING)]
    return subprocess.call(command, cwd=ROOT, env=kernel_settings())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
