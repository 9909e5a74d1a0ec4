"""Open the first chapter in JupyterLab."""

import os
import subprocess
import sys
from contextlib import suppress

from settings import ROOT, kernel_settings


def main():
    first = ROOT / "book" / "01-fit-a-commute.ipynb"
    # The reader's own session: warnings stay warnings.
    settings = kernel_settings()
    settings.pop("IPYTHONDIR")
    command = [sys.executable, "-m", "jupyterlab", str(first), *sys.argv[1:]]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # in a container one is root, and the server is local
    return subprocess.call(command, cwd=ROOT, env=settings)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main())
