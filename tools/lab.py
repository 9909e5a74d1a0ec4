"""Open the first chapter in JupyterLab."""

import subprocess
import sys
from contextlib import suppress

from settings import ROOT, kernel_settings


def main():
    first = ROOT / "book" / "01-fit-a-commute.ipynb"
    # The reader's own session: warnings stay warnings.
    settings = kernel_settings()
    settings.pop("IPYTHONDIR")
    return subprocess.call(
        [sys.executable, "-m", "jupyterlab", str(first), *sys.argv[1:]], cwd=ROOT, env=settings
    )


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main())
