"""Make the book's own environment `.venv` if needed, then run a program in it.

    python3 tools/run.py tools/build_site.py

Only the standard library is used, and nothing newer than Python 2 can read: a machine whose Python
is too old has to get as far as the sentence that says so.
"""

import hashlib
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
STAMP = os.path.join(VENV, "descent-installed")
LOG = os.path.join(VENV, "install.log")
PINS = ("requirements.txt", "pyproject.toml")
OLDEST = (3, 11)
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
    sys.exit("Descent: " + sentence)


def venv_python():
    windows = os.path.join(VENV, "Scripts", "python.exe")
    return windows if os.name == "nt" else os.path.join(VENV, "bin", "python")


def works(python):
    """Whether this interpreter runs, is new enough and has pip."""
    code = "import sys, pip; sys.exit(sys.version_info < %r)" % (OLDEST,)
    try:
        return subprocess.call([python, "-c", code], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def wanted():
    """What the stamp must say: the pins this environment was made from."""
    digest = hashlib.sha256()
    for name in PINS:
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def installed():
    try:
        with open(STAMP) as file:
            return file.read().strip()
    except OSError:
        return None


def check_python():
    if sys.version_info < OLDEST:
        stop(
            "this is Python %d.%d, and the book needs 3.11 or newer; "
            "name one, for example: make PYTHON=python3.12 book" % sys.version_info[:2]
        )
    try:
        import ensurepip  # noqa: F401  Debian splits it off
        import venv  # noqa: F401
    except ImportError:
        stop(
            "Python's venv module is missing here; install it (Debian and Ubuntu: "
            "sudo apt install python3-venv) and run the same command again."
        )


def create():
    print("Descent: making the environment .venv")
    command = [sys.executable, "-m", "venv", "--clear", VENV]
    made = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if made.returncode or not works(venv_python()):
        sys.stderr.write(made.stdout.decode(errors="replace"))
        stop("the environment .venv could not be made; the lines above say why.")


def install():
    """Install the pins; the stamp is written last, so an interrupted install starts again."""
    print("Descent: installing the packages of requirements.txt (a few minutes, once)")
    if os.path.exists(STAMP):
        os.remove(STAMP)
    command = [venv_python(), "-m", "pip", "install", "--disable-pip-version-check"]
    command += ["--progress-bar", "off", "-r", os.path.join(ROOT, "requirements.txt")]
    with open(LOG, "wb") as log:
        failed = subprocess.call(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
    if failed:
        with open(LOG, errors="replace") as log:
            text = log.read()
        if any(sign in text for sign in NETWORK_SIGNS):
            stop(
                "the packages could not be downloaded, there is no connection to the package "
                "index; check the network and run the same command again."
            )
        sys.stderr.write("\n".join(text.splitlines()[-15:]) + "\n")
        stop("the packages could not be installed; the last lines of %s are above." % LOG)
    with open(STAMP, "w") as file:
        file.write(wanted() + "\n")


def environment():
    """One BLAS thread, and no settings of the user's that could change a page."""
    settings = dict(os.environ)
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        settings[name] = "1"
    settings["PATH"] = os.path.dirname(venv_python()) + os.pathsep + settings.get("PATH", "")
    settings["VIRTUAL_ENV"] = VENV
    settings["JUPYTER_PREFER_ENV_PATH"] = "1"
    settings["PYTHONUTF8"] = "1"
    for name in ("PYTHONHOME", "PYTHONPATH"):
        settings.pop(name, None)
    return settings


def main(arguments):
    if not works(venv_python()):
        check_python()
        create()
    if installed() != wanted():
        install()
    # A child and not os.execve: on Windows execve returns to the shell at once.
    child = subprocess.Popen([venv_python()] + arguments, cwd=ROOT, env=environment())
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
