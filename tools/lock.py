"""Pin in requirements.txt the newest versions that pyproject.toml allows, for every platform."""

import subprocess
import sys

from settings import ROOT

UV = ROOT / "_build" / ".uv"
OPTIONS = [
    "--universal",
    "--python-version",
    "3.11",
    "--fork-strategy",
    "fewest",
    "--extra",
    "book",
    "--extra",
    "test",
    "--no-emit-package",
    "descent",
    "--no-annotate",
    "--no-header",
    "--no-emit-index-url",
    "--upgrade",
]


def main():
    if not (UV / "uv").exists():
        print("Descent: fetching uv, which resolves the versions")
        pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        if subprocess.call([*pip, "--target", str(UV), "uv"]):
            return "Descent: uv could not be installed; the lines above say why."
    uv = next(path for path in UV.glob("bin/uv*") if path.stem == "uv")
    done = subprocess.run(
        [uv, "pip", "compile", *OPTIONS, "pyproject.toml"], cwd=ROOT, stdout=subprocess.PIPE
    )
    if done.returncode:
        return "Descent: no set of versions fits pyproject.toml; the lines above say why."
    (ROOT / "requirements.txt").write_bytes(done.stdout + b"-e .\n")
    print("Descent: requirements.txt is new; now run make test")


if __name__ == "__main__":
    sys.exit(main())
