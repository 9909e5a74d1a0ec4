"""Build the book into _build/html: `python tools/build_site.py`.

The same as `jupyter-book build .` with warnings as errors, in less time: the notebooks that changed
run several at once before, and a site that is up to date is left alone. What Jupyter Book must know
beside its own work is in tools/extension.
"""

import argparse
import errno
import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import contents
import nbformat
import yaml
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import single_nb_execution
from settings import ROOT, kernel_settings

sys.path.append(str(Path(__file__).with_name("extension")))
import descent_build

try:
    import fcntl
except ImportError:  # on Windows two builds at once are not kept apart
    fcntl = None


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
    """Bring root/_build/html up to date; return the process's exit code or a sentence."""
    out = root / "_build"
    try:
        with alone(out):
            if descent_build.up_to_date(root):
                print("Descent: the site is up to date, _build/html")
                return 0
            print("Descent: running the notebooks and building the site", flush=True)
            os.environ.update(kernel_settings(out))
            run_notebooks(root)
            return run_jupyter_book(root, out, verbose)
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise
        if descent_build.up_to_date(root):
            print("Descent: the site is up to date, _build/html")
            return 0
        return (
            f"Descent: the site must be built, and {error.filename} may not be written by you; "
            "copy the folder to a place of your own and build there."
        )


def changed(root, cache):
    """Yield the notebooks of the contents that the cache does not know, with their paths."""
    for name in contents.pages(root):
        path = root / f"{name}.ipynb"
        if path.exists():  # or it is a page without code
            notebook = nbformat.read(path, nbformat.NO_CONVERT)
            try:
                cache.match_cache_notebook(notebook)
            except KeyError:
                yield path, notebook


def executed(path, notebook, timeout):
    """Return the notebook with its outputs and the seconds it took, or None if a cell failed."""
    done = single_nb_execution(
        notebook, cwd=str(path.parent), timeout=timeout, allow_errors=False, meta_override=True
    )
    return None if done.err else (done.nb, done.time)


def run_notebooks(root):
    """Run the notebooks that changed, the largest first; one that fails is left to Jupyter Book."""
    folder = descent_build.cache(root)
    cache = get_cache(folder)
    timeout = yaml.safe_load((root / "_config.yml").read_text("utf-8"))["execute"]["timeout"]
    todo = sorted(changed(root, cache), key=lambda item: -item[0].stat().st_size)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        running = [(path, pool.submit(executed, path, book, timeout)) for path, book in todo]
        for path, run in running:
            if run.result() is not None:
                notebook, seconds = run.result()
                bundle = CacheBundleIn(notebook, str(path), data={"execution_seconds": seconds})
                cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
    (folder / "running").unlink()


def run_jupyter_book(root, out, verbose):
    """Let Jupyter Book build; what it says goes to the build's log, and here if it fails."""
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build"]
    command += [str(root), "-W", "-n", "--keep-going", *([] if verbose else ["-q"])]
    log = out / "build.log"
    with log.open("wb") as said:
        code = subprocess.call(command, cwd=root, stdout=said, stderr=said)
    if code or verbose:
        lines = log.read_text("utf-8", errors="replace").splitlines()
        print("\n".join(line for line in lines if "[IPKernelApp]" not in line), file=sys.stderr)
        for report in sorted(out.glob("html/reports/**/*.err.log")):
            text = report.read_text("utf-8", errors="replace")
            print(text[text.rfind("An error occurred while executing") :], file=sys.stderr)
    if code:
        print("Descent: the build failed; what it said is above and in _build/build.log.")
    else:
        print("Descent: the site is ready, _build/html/index.html")
    return code


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Build the book into _build/html.")
    parser.add_argument("root", nargs="?", default=ROOT)
    parser.add_argument("--verbose", action="store_true", help="show all that the build says")
    given = parser.parse_args()
    try:
        sys.exit(build(Path(given.root).resolve(), given.verbose))
    except KeyboardInterrupt:
        sys.exit("Descent: interrupted; the next run starts this build again.")
