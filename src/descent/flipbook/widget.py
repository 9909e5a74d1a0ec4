"""The flipbook in a running kernel: the same module as on the page, carried by anywidget."""

from pathlib import Path

import anywidget
import traitlets

_HERE = Path(__file__).parent


class FlipbookWidget(anywidget.AnyWidget):
    """Carries the figure's data to the browser."""

    _esm = _HERE / "flipbook.js"
    _css = _HERE / "flipbook.css"
    data = traitlets.Bytes().tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
