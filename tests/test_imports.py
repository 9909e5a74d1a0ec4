"""The core needs NumPy alone, and its imports run one way."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import descent

CORE = Path(descent.__file__).parent
DRAWING = {"matplotlib", "ipywidgets", "anywidget", "IPython", "traitlets", "mpl_toolkits"}

# Module: the modules of the core that it may import, besides the ground that all stand on.
GROUND = {"checks"}
MAY_IMPORT = {
    "checks": set(),
    "datasets": set(),
    "data": {"datasets"},
    "least_squares": set(),  # how linear and blocks solve
    "linear": {"least_squares"},
    "blocks": {"least_squares"},
    "margin": set(),
    "normalization": set(),
    "optimize": set(),
    "perceptron": set(),
    "activations": set(),
    "losses": {"activations"},
    "graph": set(),
    "gradcheck": set(),
    "layers": set(),
    "network_checks": {"activations", "losses"},
    "network": {"activations", "layers", "losses", "network_checks", "optimize"},
}
# These sit on top: they may use the core, and of each other only what is named here.
ON_TOP = {
    "experiments": set(),
    "figures": {"experiments", "flipbook"},
    "flipbook": set(),
    "exercises": {"experiments"},
    "panels": {"figures"},
}
MAY_DRAW = set(ON_TOP) - {"exercises", "experiments"}


def sources():
    """Yield (first part of the name, whole name, path) of every module of the package."""
    for path in sorted(CORE.rglob("*.py")):
        parts = path.relative_to(CORE).with_suffix("").parts
        if parts != ("__init__",):
            yield parts[0], ".".join(parts), path


def imports(path):
    """Return the absolute names of all that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively; write the whole name"
            # `from descent import data` and `from descent.data import commute` both name data.
            if node.module == "descent":
                found |= {f"descent.{alias.name}" for alias in node.names}
            else:
                found.add(node.module)
    return found


def of_descent(names):
    """Return the first parts below descent: {"linear", "checks"}."""
    return {name.split(".")[1] for name in names if name.startswith("descent.")}


FILES = [pytest.param(top, path, id=name) for top, name, path in sources()]


@pytest.mark.parametrize(("top", "path"), FILES)
def test_imports_run_one_way(top, path):
    used = of_descent(imports(path)) - {top}
    if top in MAY_IMPORT:
        assert used <= MAY_IMPORT[top] | (GROUND - {top})
    else:
        assert top in ON_TOP, f"say in MAY_IMPORT or ON_TOP where {top} stands"
        assert used <= MAY_IMPORT.keys() | ON_TOP[top]


@pytest.mark.parametrize(("top", "path"), FILES)
def test_only_what_draws_imports_what_draws(top, path):
    if top not in MAY_DRAW and path.name != "page.py":
        assert not {name.split(".")[0] for name in imports(path)} & DRAWING


@pytest.mark.parametrize(("top", "path"), FILES)
def test_core_and_experiments_import_numpy_and_the_standard_library_alone(top, path):
    if top in MAY_IMPORT or top == "experiments":
        foreign = {name.split(".")[0] for name in imports(path)} - set(sys.stdlib_module_names)
        assert foreign <= {"numpy", "descent"}


@pytest.mark.parametrize(
    "name", sorted(path.stem for path in CORE.glob("*.py") if path.stem in MAY_IMPORT)
)
def test_a_fresh_interpreter_loads_numpy_alone(name):
    """What is loaded with a module of the core, seen from outside."""
    program = (
        "import sys, numpy, numpy.random; before = set(sys.modules);"
        f"import descent.{name};"
        "new = {m.split('.')[0] for m in set(sys.modules) - before};"
        "print(*sorted(new - set(sys.stdlib_module_names)))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", "-c", program], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) - {"numpy"} == {"descent"}
    assert done.stderr == ""


def test_check_loads_nothing_that_draws():
    program = (
        "import sys; from descent.exercises import check; check('1.1', 3);"
        f"print(*sorted({DRAWING!r} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""
