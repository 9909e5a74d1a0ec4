"""Make the book's own environment `.venv` if needed, then run a program in it.

    python3 tools/in_venv.py tools/build_site.py

Only the standard library is used. Each thing that can go wrong ends in one sentence.
"""

import hashlib
import os
import subprocess
import sys

from settings import ROOT, THREADS

VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "descent-installed"
LOG = VENV / "install.log"
PINS = ("requirements.txt", "pyproject.toml")
USABLE = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
NETWORK_SIGNS = (
    "NewConnectionError",
    "NameResolutionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "ProxyError",
    "Max retries exceeded",
    "Connection refused",
    "Network is unreachable",
    "Temporary failure in name resolution",
    "(from versions: none)",  # all that pip says when it may not try again
)


def stop(sentence):
    sys.exit(f"Descent: {sentence}")


def works():
    """Whether the interpreter of `.venv` runs, is new enough and has pip."""
    try:
        return subprocess.call([PYTHON, "-c", USABLE], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def wanted():
    """Return what the stamp must say: the pins this environment was made from."""
    return hashlib.sha256(b"".join((ROOT / name).read_bytes() for name in PINS)).hexdigest()


def installed():
    try:
        return STAMP.read_text().strip()
    except OSError:
        return None


def create():
    """Make `.venv` anew, over what may be left of an older one."""
    place = VENV if VENV.exists() else ROOT
    if not os.access(place, os.W_OK):
        stop(
            f"the environment {VENV} does not run here, and you may not write there; "
            "copy the folder to a place of your own, without .venv, and run the command again."
        )
    try:
        import ensurepip  # noqa: F401  Debian splits it off
        import venv  # noqa: F401
    except ImportError:
        stop(
            "Python's venv module is missing here; install it (Debian and Ubuntu: "
            "sudo apt install python3-venv) and run the same command again."
        )
    print("Descent: making the environment .venv", flush=True)
    command = [sys.executable, "-m", "venv", "--clear", VENV]
    made = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if made.returncode or not works():
        sys.stderr.write(made.stdout.decode(errors="replace"))
        stop("the environment .venv could not be made; the lines above say why.")


def install():
    """Install the pins; the stamp is written last, so an interrupted install starts again."""
    if not os.access(VENV, os.W_OK):
        stop(
            f"the packages in {VENV} are not those of requirements.txt, and you may not write "
            "there; copy the folder to a place of your own and run the command again."
        )
    print("Descent: installing the packages of requirements.txt (a few minutes, once)", flush=True)
    STAMP.unlink(missing_ok=True)
    command = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check"]
    command += ["--progress-bar", "off", "-r", ROOT / "requirements.txt"]
    with LOG.open("wb") as log:
        failed = subprocess.call(
            command, cwd=ROOT, env=environment(), stdout=log, stderr=subprocess.STDOUT
        )
    if failed:
        text = LOG.read_text(encoding="utf-8", errors="replace")
        if any(sign in text for sign in NETWORK_SIGNS):
            stop(
                "the packages could not be downloaded, there is no connection to the package "
                "index; check the network and run the same command again."
            )
        sys.stderr.write("\n".join(text.splitlines()[-15:]) + "\n")
        stop(f"the packages could not be installed; the last lines of {LOG} are above.")
    STAMP.write_text(wanted() + "\n")


def environment():
    """Return the settings of this machine without those that could change a page."""
    settings = {
        name: os.environ[name] for name in os.environ if name not in ("PYTHONHOME", "PYTHONPATH")
    }
    if settings.get("LC_ALL") in ("C", "POSIX"):
        settings["LC_ALL"] = "C.UTF-8"  # or setuptools stumbles over a path that is not English
    path = os.pathsep.join([str(PYTHON.parent), settings.get("PATH", "")])
    return settings | THREADS | {"PATH": path, "VIRTUAL_ENV": str(VENV), "PYTHONUTF8": "1"}


def main(arguments):
    if not works():
        create()
    if installed() != wanted():
        install()
    # A child and not os.execve: on Windows execve returns to the shell at once.
    child = subprocess.Popen([PYTHON, *arguments], cwd=ROOT, env=environment())
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:  # the child got it too and decides what it means
            pass


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        stop("interrupted; the next run goes on from here.")
