"""Check the style of all code, notebooks included: `python tools/lint.py [--fix]`."""

import subprocess
import sys

from settings import ROOT


def main(fix):
    check = [sys.executable, "-m", "ruff", "check", *(["--fix"] if fix else []), "."]
    form = [sys.executable, "-m", "ruff", "format", *([] if fix else ["--check"]), "."]
    return max(subprocess.call(command, cwd=ROOT) for command in (check, form))


if __name__ == "__main__":
    sys.exit(main("--fix" in sys.argv[1:]))
