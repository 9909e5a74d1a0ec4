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
READ_WITH = ("_config.yml", "_toc.yml", "tools/extension")
DRAWN_WITH = ("book/assets", "book/templates")
NOISE = ("__pycache__", ".ipynb_checkpoints")


def digest(root, names):
    """Return one hash of all files below these names: their paths and their bytes."""
    total = hashlib.sha256(sys.version.encode())
    for name in names:
        for file in [root / name, *sorted((root / name).rglob("*"))]:
            parts = file.relative_to(root).parts
            if file.is_file() and not any(p in NOISE or p.endswith(".egg-info") for p in parts):
                total.update("/".join(parts).encode() + b"\0" + file.read_bytes())
    return total.hexdigest()


def cache(root):
    """Return the folder of the notebooks' results; those of other code or of a run cut short go."""
    folder = root / "_build" / ".jupyter_cache" / digest(root, EXECUTED_WITH)[:16]
    for other in folder.parent.glob("*"):
        if other.is_file():
            other.unlink()
        elif other != folder or (folder / "running").exists():
            shutil.rmtree(other)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "running").touch()
    return folder


def state(root):
    """Return one hash of all that the site is made of."""
    return digest(root, (*EXECUTED_WITH, *READ_WITH, "book"))


def up_to_date(root):
    """Whether the last build ended well and nothing has changed since."""
    built = root / "_build" / "html" / ".built"
    return built.exists() and built.read_text() == state(root)


def finish(app, exception):
    """After a build with a warning read every page again: Sphinx warns only while it reads."""
    (Path(app.config.nb_execution_cache_path) / "running").unlink(missing_ok=True)
    if exception or app._warncount:
        (Path(app.doctreedir) / "environment.pickle").unlink(missing_ok=True)
    elif app.builder.format == "html":
        for page in Path(app.outdir, "book").glob("*.html"):  # of a chapter that is no more
            if f"book/{page.stem}" not in app.env.found_docs:
                page.unlink()
        Path(app.outdir, ".built").write_text(app.config.descent_state)


def setup(app):
    root = Path(app.srcdir)
    os.environ.update(kernel_settings(root / "_build"))
    app.config.nb_execution_cache_path = str(cache(root))
    # Sphinx reads, or draws, all pages again when these values differ from those of the last build.
    app.add_config_value("descent_read_with", digest(root, EXECUTED_WITH + READ_WITH), "env")
    app.add_config_value("descent_drawn_with", digest(root, DRAWN_WITH), "html")
    app.add_config_value("descent_state", state(root), "")
    app.connect("build-finished", finish, priority=999)
