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

RUN_WITH = ("src", "pyproject.toml", "requirements.txt")
READ_WITH = (*RUN_WITH, "_config.yml", "_toc.yml", "tools/extension")
DRAWN_WITH = ("book/assets", "book/templates")
NOISE = {"__pycache__", ".ipynb_checkpoints", "descent.egg-info"}


def digest(root, names):
    """Return one hash of all files below these names: their paths and their bytes."""
    total = hashlib.sha256(sys.version.encode())
    for file in (f for name in names for f in [root / name, *sorted((root / name).rglob("*"))]):
        if file.is_file() and not NOISE.intersection(file.parts):
            total.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes())
    return total.hexdigest()


def up_to_date(root):
    """Whether the last build ended well and nothing has changed since."""
    built = root / "_build" / "html" / ".built"
    return built.exists() and built.read_text() == digest(root, (*READ_WITH, "book"))


def cache(root):
    """Return the folder of the notebooks' results; those of other code or of a run cut short go."""
    folder = root / "_build" / ".jupyter_cache" / digest(root, RUN_WITH)[:16]
    for other in (path for path in folder.parent.glob("*") if path.is_dir()):
        if other != folder or (folder / "running").exists():
            shutil.rmtree(other)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "running").touch()
    return folder


def finish(app, exception):
    """Note that the build ended well; if not, read all again: Sphinx warns only while it reads."""
    (Path(app.config.nb_execution_cache_path) / "running").unlink(missing_ok=True)
    if exception or app._warncount:
        (Path(app.doctreedir) / "environment.pickle").unlink(missing_ok=True)
    elif app.builder.format == "html":
        (Path(app.outdir) / ".built").write_text(app.config.descent_made_of)


def setup(app):
    root = Path(app.srcdir)
    os.environ.update(kernel_settings(root / "_build"))
    app.config.nb_execution_cache_path = str(cache(root))
    # Sphinx reads ("env") or draws ("html") all pages again when such a value has changed.
    for name, names, kind in (
        ("descent_read_with", READ_WITH, "env"),
        ("descent_drawn_with", DRAWN_WITH, "html"),
        ("descent_made_of", (*READ_WITH, "book"), ""),
    ):
        app.add_config_value(name, digest(root, names), kind)
    app.connect("build-finished", finish, priority=999)
