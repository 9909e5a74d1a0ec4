"""Run the notebooks that changed, several at a time: `python tools/run_ahead.py ROOT CACHE`.

Jupyter Book would run them too, one after the other. It finds these in its cache, and runs itself
what is missing there: a notebook that failed, so that the failure is reported in one place.
"""

import os
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import contents
import nbformat
import yaml
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import single_nb_execution


def changed(root, cache):
    """Yield the notebooks of the contents that the cache does not know, with their paths."""
    for name in contents.pages(root):
        path = root / f"{name}.ipynb"
        if not path.exists():
            continue  # a page without code
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


def main(root, folder):
    timeout = yaml.safe_load((root / "_config.yml").read_text("utf-8"))["execute"]["timeout"]
    cache = get_cache(folder)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        # The largest first, so that none is left alone at the end.
        todo = sorted(changed(root, cache), key=lambda item: -item[0].stat().st_size)
        running = [(path, pool.submit(executed, path, book, timeout)) for path, book in todo]
        for path, run in running:
            if run.result() is not None:
                notebook, seconds = run.result()
                bundle = CacheBundleIn(notebook, str(path), data={"execution_seconds": seconds})
                cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


if __name__ == "__main__":
    main(*(Path(argument).resolve() for argument in sys.argv[1:]))
