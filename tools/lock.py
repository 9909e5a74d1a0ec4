"""Pin in requirements.txt the newest versions that pyproject.toml allows, for every platform."""

import subprocess
import sys

from settings import ROOT
from uv import find_uv_bin

OPTIONS = [
    "--universal",
    "--python-version",
    "3.11",
    "--fork-strategy",
    "fewest",
    *(f"--extra={extra}" for extra in ("figures", "panels", "book", "test")),
    "--no-emit-package",
    "descent",
    "--no-annotate",
    "--no-header",
    "--no-emit-index-url",
    "--upgrade",
]


def main():
    command = [find_uv_bin(), "pip", "compile", *OPTIONS, "pyproject.toml"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE)
    if done.returncode:
        return "Descent: no set of versions fits pyproject.toml; the lines above say why."
    (ROOT / "requirements.txt").write_bytes(done.stdout + b"-e .\n")
    print("Descent: requirements.txt is new; now run make test")


if __name__ == "__main__":
    sys.exit(main())
