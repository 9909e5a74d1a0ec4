"""Run every test: `python tools/run_tests.py [pytest's own arguments]`."""

import json
import os
import subprocess
import sys

import coverage
from browser import find_browser
from counts import LAST, counted
from settings import ROOT, kernel_settings

REPORT = ROOT / "_build" / "tests.xml"
EVERYTHING = [
    "tests",
    "--nbval",
    "--nbval-current-env",
    "book",
    "--cov=descent",
    "--cov-report=term",
    "--cov-fail-under=95",
    f"--junitxml={REPORT}",
    "--numprocesses=auto",
    "--dist=loadgroup",
    "-m",
    "not full",
]


def main(arguments):
    if find_browser() is None and os.environ.get("DESCENT_REQUIRE_BROWSER") != "1":
        print("Descent: no Chromium or Chrome found here, so the page tests are skipped.")
    command = [sys.executable, "-m", "pytest", *(arguments or EVERYTHING)]
    code = subprocess.call(command, cwd=ROOT, env=kernel_settings())
    if code == 0 and not arguments:
        LAST.write_text(json.dumps(counted(REPORT, percent_covered()), indent=1) + "\n")
    return code


def percent_covered():
    """Return how much of the core the run that has just ended has run."""
    measured = coverage.Coverage(
        data_file=str(ROOT / ".coverage"), config_file=str(ROOT / "pyproject.toml")
    )
    measured.load()
    with open(os.devnull, "w") as nowhere:
        return measured.report(file=nowhere)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
