"""Run the unit tests and all notebooks with the oldest NumPy and Matplotlib that are allowed.

    python tools/oldest_versions.py [pytest's own arguments]

The oldest versions come from pyproject.toml into the folder `.venv-oldest`, once, and stand before
those of the environment. What a cell prints must be the same; pictures are not compared.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tomllib

from in_venv import NETWORK_SIGNS
from settings import ROOT, kernel_settings

FOLDER = ROOT / ".venv-oldest"
STAMP = FOLDER / "descent-installed"
NAMES = ("numpy", "matplotlib")
TOO_NEW = (3, 13)  # the first Python that these versions have no wheels for
# The Matplotlib of that time calls what a newer pyparsing warns of.
BESIDES = ["pyparsing<3.3"]
TESTS = ["tests", "--nbval", "--nbval-current-env", "book"]
TESTS += ["-m", "not page and not slow and not full", "--numprocesses=auto", "--dist=loadgroup"]


def oldest():
    """Return the lowest versions of pyproject.toml, as pip wants them: ["numpy==2.0", ...]."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = project["dependencies"] + project["optional-dependencies"]["figures"]
    pairs = [line.split(">=") for line in lines]
    return [f"{name}=={version}" for name, version in pairs if name in NAMES]


def install(versions):
    """Put these versions into the folder; return a sentence if that fails. The stamp comes last."""
    wanted = hashlib.sha256(f"{versions} {sys.version}".encode()).hexdigest()
    if STAMP.exists() and STAMP.read_text().strip() == wanted:
        return None
    print(f"Descent: installing {' and '.join(versions)} into {FOLDER.name} (once)", flush=True)
    shutil.rmtree(FOLDER, ignore_errors=True)
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-deps"]
    command += ["--progress-bar", "off", "--only-binary", ":all:", "--target", str(FOLDER)]
    done = subprocess.run([*command, *versions, *BESIDES], capture_output=True, text=True)
    said = done.stdout + done.stderr
    if done.returncode and any(sign in said for sign in NETWORK_SIGNS):
        return (
            "Descent: the oldest versions could not be downloaded, there is no connection to the "
            "package index; check the network and run the same command again."
        )
    if done.returncode:
        print("\n".join(said.splitlines()[-10:]), file=sys.stderr)
        return f"Descent: {' and '.join(versions)} could not be installed; why is said above."
    STAMP.write_text(wanted + "\n")
    return None


def main(arguments):
    versions = oldest()
    if sys.version_info >= TOO_NEW:
        print(
            f"Descent: {' and '.join(versions)} were not built for this Python "
            f"{sys.version_info[0]}.{sys.version_info[1]}, so they are not tested here; "
            "Python 3.11 and 3.12 have them: make PYTHON=python3.11 test-oldest."
        )
        return 0
    if sentence := install(versions):
        return sentence
    os.environ["PYTHONPATH"] = str(FOLDER)
    env = kernel_settings(FOLDER)
    ask = "import numpy, matplotlib; print(numpy.__version__, matplotlib.__version__)"
    found = subprocess.run(
        [sys.executable, "-c", ask], env=env, capture_output=True, text=True, check=True
    )
    print("Descent: testing with NumPy {} and Matplotlib {}".format(*found.stdout.split()))
    sys.stdout.flush()
    command = [sys.executable, "-m", "pytest", *(arguments or TESTS)]
    return subprocess.call(command, cwd=ROOT, env=env)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
