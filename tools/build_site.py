"""Build the book into _build/html: `python tools/build_site.py`.

Jupyter Book runs the notebooks and keeps their results in a cache whose key is the text of the
cells. That alone would serve yesterday's numbers after a change in `src/`, so the cache is dropped
whenever the code, the data or the pinned versions differ from those of the last build.
"""

import argparse
import hashlib
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from settings import ROOT, kernel_settings

try:
    import fcntl
except ImportError:  # on Windows two builds at once are not kept apart
    fcntl = None

# What the cells compute depends on these ...
EXECUTED_WITH = ["src", "pyproject.toml", "requirements.txt"]
# ... and how the pages look on these too. (The chapters themselves Sphinx follows alone.)
DRAWN_WITH = ["_config.yml", "_toc.yml", "book/assets", "book/theme", "tools/extension"]
WRITTEN_IN = ["book"]
NOISE = {"__pycache__", ".ipynb_checkpoints"}


def files_below(root, names):
    for name in names:
        path = root / name
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in inside:
            relative = file.relative_to(root)
            egg = any(part.endswith(".egg-info") for part in relative.parts)
            if file.is_file() and not egg and not NOISE.intersection(relative.parts):
                yield relative, file


def digest(root, names):
    """One hash of all files below these names: their paths and their bytes."""
    total = hashlib.sha256(sys.version.encode())
    for relative, file in files_below(root, names):
        total.update(relative.as_posix().encode() + b"\0")
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


class State:
    """The hashes of the last build that ended well, each in a file of its own."""

    def __init__(self, folder):
        self.folder = folder

    def read(self, name):
        file = self.folder / name
        return file.read_text().strip() if file.exists() else None

    def write(self, name, value):
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(value + "\n")

    def forget(self, name):
        (self.folder / name).unlink(missing_ok=True)


@contextmanager
def alone(folder):
    """Let one build at a time work in this folder; a second one waits for the first."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        if fcntl is not None:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                print("Descent: another build is at work here; this one waits for it.", flush=True)
                fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def build(root, verbose=False):
    """Bring root/_build/html up to date; return the process's exit code."""
    with alone(root / "_build"):
        return _build(root, root / "_build", verbose)


def _build(root, out, verbose):
    state = State(out / ".state")
    hashes = {
        "executed": digest(root, EXECUTED_WITH),
        "drawn": digest(root, EXECUTED_WITH + DRAWN_WITH),
        "written": digest(root, EXECUTED_WITH + DRAWN_WITH + WRITTEN_IN),
    }
    if state.read("written") == hashes["written"] and (out / "html" / "index.html").exists():
        print("Descent: the site is up to date, _build/html")
        return 0
    complete = state.read("written") is not None
    state.forget("written")  # until this build has ended well
    if state.read("executed") != hashes["executed"]:
        shutil.rmtree(out / ".jupyter_cache", ignore_errors=True)
    if not complete or state.read("drawn") != hashes["drawn"]:
        # Sphinx reports a warning only when it reads a page: after a failed build, read all again.
        shutil.rmtree(out / ".doctrees", ignore_errors=True)
        shutil.rmtree(out / "html", ignore_errors=True)
    state.forget("executed")  # until all notebooks have run: an entry may be half written
    print("Descent: running the notebooks and building the site")
    (out / "build.log").unlink(missing_ok=True)
    if run_notebooks(root, out) == 0:
        state.write("executed", hashes["executed"])
    code = run_jupyter_book(root, out, verbose)
    if code == 0:
        state.write("drawn", hashes["drawn"])
        state.write("written", hashes["written"])
        print("Descent: the site is ready, _build/html/index.html")
    return code


def logged(command, root, out):
    """Run a command as every notebook is run; what it says goes to the build's log."""
    with (out / "build.log").open("ab") as log:
        return subprocess.run(command, cwd=root, env=kernel_settings(out), stdout=log, stderr=log)


def run_notebooks(root, out):
    """Run the notebooks that changed; return the process's exit code.

    A notebook that fails is no failure here: Jupyter Book runs it again and reports it.
    """
    ahead = Path(__file__).with_name("run_ahead.py")
    return logged([sys.executable, ahead, root, out / ".jupyter_cache"], root, out).returncode


def run_jupyter_book(root, out, verbose):
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build"]
    command += [str(root), "-W", "-n", "--keep-going"]
    if not verbose:
        command.append("-q")
    done = logged(command, root, out)
    log = out / "build.log"
    if done.returncode or verbose:
        lines = log.read_text(errors="replace").splitlines()
        print("\n".join(line for line in lines if "[IPKernelApp]" not in line), file=sys.stderr)
        for report in sorted(out.glob("html/reports/**/*.err.log")):
            text = report.read_text(errors="replace")
            print(text[text.rfind("An error occurred while executing") :], file=sys.stderr)
    if done.returncode:
        print("Descent: the build failed; what it said is above and in _build/build.log.")
    return done.returncode


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Build the book into _build/html.")
    parser.add_argument("root", nargs="?", default=ROOT)
    parser.add_argument("--verbose", action="store_true", help="show all that the build says")
    given = parser.parse_args()
    try:
        sys.exit(build(Path(given.root).resolve(), given.verbose))
    except KeyboardInterrupt:
        sys.exit("Descent: interrupted; the next run starts this build again.")
