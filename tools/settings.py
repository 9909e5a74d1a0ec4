"""What every notebook runs with, whoever runs it: the build, the tests or `make outputs`."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Two threads make small products tens of times slower, and add up in another order.
THREADS = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")

STARTUP = '''"""Runs before the first cell: a warning in a notebook is an error."""
import warnings

warnings.simplefilter("error")
for module in ("asyncio", "ipykernel", "IPython", "jupyter_client", "tornado", "traitlets", "zmq"):
    warnings.filterwarnings("ignore", module=module)  # the kernel's own business
del module, warnings
'''


def kernel_settings(out=ROOT / "_build"):
    """Return an environment: one BLAS thread, warnings are errors, nobody's own settings."""
    ipython, matplotlib = out / ".ipython", out / ".matplotlib"
    settings = os.environ | THREADS
    settings["JUPYTER_PREFER_ENV_PATH"] = "1"  # the kernel of this environment, not of the user
    settings["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    settings["PYTHONUTF8"] = "1"
    settings["IPYTHONDIR"] = str(ipython)
    settings["MPLCONFIGDIR"] = str(matplotlib)
    startup = ipython / "profile_default" / "startup" / "00-warnings.py"
    if not startup.exists() or startup.read_text("utf-8") != STARTUP:
        startup.parent.mkdir(parents=True, exist_ok=True)
        startup.write_text(STARTUP, "utf-8")
    if not matplotlib.exists():
        # Otherwise the first chapter would say on stderr that it builds the list of fonts.
        command = [sys.executable, "-c", "import matplotlib.font_manager"]
        subprocess.run(command, env=settings, capture_output=True, check=True)
    return settings
