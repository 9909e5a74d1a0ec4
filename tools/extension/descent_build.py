"""What a build does beside Sphinx's own work, so that `jupyter-book build .` makes the whole site.

Jupyter Book knows a notebook's results by the text of its cells alone: after a change in `src/` it
would serve yesterday's numbers. So the results lie in a folder named after all that made them.
"""

import hashlib
import os
import shutil
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))
from settings import kernel_settings

EXECUTED_WITH = ("src", "pyproject.toml", "requirements.txt")  # what the cells compute with
READ_WITH = (*EXECUTED_WITH, "_config.yml", "_toc.yml", "tools/extension")
DRAWN_WITH = ("book/assets", "book/templates")
NOISE = ("__pycache__", ".ipynb_checkpoints", "descent.egg-info")


def digest(root, names):
    """Return one hash of all files below these names: their paths and their bytes."""
    total = hashlib.sha256(sys.version.encode())
    for file in [found for name in names for found in (root / name, *sorted((root / name).rglob("*")))]:
        parts = file.relative_to(root).parts
        if file.is_file() and not set(NOISE).intersection(parts):
            total.update("/".join(parts).encode() + b"\0" + file.read_bytes())
    return total.hexdigest()


def up_to_date(root):
    """Whether the last build ended well and nothing has changed since."""
    built = root / "_build" / "html" / ".built"
    return built.exists() and built.read_text() == digest(root, (*READ_WITH, "book"))


def cache(root):
    """Return the folder of the notebooks' results; those of other code or of a run cut short go."""
    folder = root / "_build" / ".jupyter_cache" / digest(root, EXECUTED_WITH)[:16]
    for other in (path for path in folder.parent.glob("*") if path.is_dir()):
        if other != folder or (folder / "running").exists():
            shutil.rmtree(other)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "running").touch()
    return folder


def finish(app, exception):
    """Say whether the build ended well. If not, all pages are read again: Sphinx warns only then."""
    (Path(app.config.nb_execution_cache_path) / "running").unlink(missing_ok=True)
    if exception or app._warncount:
        (Path(app.doctreedir) / "environment.pickle").unlink(missing_ok=True)
    elif app.builder.format == "html":
        (Path(app.outdir) / ".built").write_text(app.config.descent_made_of)


def setup(app):
    root = Path(app.srcdir)
    os.environ.update(kernel_settings(root / "_build"))
    app.config.nb_execution_cache_path = str(cache(root))
    # Sphinx reads, or draws, all pages again when one of these differs from the last build's.
    app.add_config_value("descent_read_with", digest(root, READ_WITH), "env")
    app.add_config_value("descent_drawn_with", digest(root, DRAWN_WITH), "html")
    app.add_config_value("descent_made_of", digest(root, (*READ_WITH, "book")), "")
    app.connect("build-finished", finish, priority=999)
