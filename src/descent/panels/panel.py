"""What all panels share: controls over a sentence and a picture that the kernel draws."""

import asyncio
import base64
import io
from pathlib import Path

import anywidget
import ipywidgets
import numpy as np
import traitlets
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image


class Report(anywidget.AnyWidget):
    """A sentence over a picture, drawn in the kernel and shown by training.js."""

    _esm = Path(__file__).with_name("training.js")
    sentence = traitlets.Unicode().tag(sync=True)
    trouble = traitlets.Bool(False).tag(sync=True)  # the sentence says what is wrong
    png = traitlets.Bytes().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    width = traitlets.Int().tag(sync=True)


class Panel(ipywidgets.VBox):
    """Controls over a sentence and a picture, which answer every move of a control.

    A subclass has four methods. `train() -> sentence` reads the controls and computes; what it
    finds wrong with the reader's input it raises as ValueError or TypeError, and the panel shows
    that as the sentence. `scene()` returns what the still part of the picture depends on,
    `frame(figure)` draws that part and returns the artists that move, `move()` gives them data.
    """

    rest = 0.25  # s without a key before an edited text is read
    size = (6.6, 3.2)  # inches
    alt = ""  # a sentence that says what the picture shows

    def __init__(self, controls):
        self.report = Report(alt=self.alt, width=int(100 * self.size[0]))
        self._canvas = FigureCanvasAgg(Figure(figsize=self.size, dpi=144, layout="none"))
        self._scene = self._background = self._waiting = None
        self._moving = ()
        super().__init__([*controls, self.report])
        self.refresh()

    def refresh(self, change=None):
        """Train, draw and say what happened, in one message to the browser."""
        with self.report.hold_sync():
            try:
                self.report.sentence = self.train()
            except (ValueError, TypeError) as error:
                self.report.sentence, self.report.trouble = str(error), True
            else:
                self.report.trouble = False
                self._draw()

    def refresh_later(self, change=None):
        """Refresh when the keys have rested for a moment; at once where no event loop runs."""
        if self._waiting is not None:
            self._waiting.cancel()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.refresh()
        else:
            self._waiting = loop.call_later(self.rest, self.refresh)

    def _draw(self):
        self.report.png = self.picture()

    def picture(self):
        """Return the picture as the bytes of a PNG."""
        scene = self.scene()
        new = scene != self._scene
        if new:
            self._canvas.figure.clear()
            self._moving = self.frame(self._canvas.figure)
            self._scene = scene
        self.move()
        return self.paint(new)

    def paint(self, new):
        """Draw what moves, and a new scene below it: axes and ticks are what takes time."""
        canvas = self._canvas
        for artist in self._moving:
            artist.set_animated(True)
        if new:
            canvas.draw()
            self._background = canvas.copy_from_bbox(canvas.figure.bbox)
        canvas.restore_region(self._background)
        for artist in self._moving:
            artist.axes.draw_artist(artist)
        png = io.BytesIO()
        Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB").save(
            png, "png", compress_level=1
        )
        return png.getvalue()

    def still(self):
        """Return the picture, as PNG, for every place without a kernel."""
        return self.report.png

    def __repr__(self):
        # Fixed: a stored notebook is compared with a new run, word by word.
        return f"{type(self).__name__}: run this cell in JupyterLab to use it."

    def _repr_mimebundle_(self, **kwargs):
        """Return the live view and, for every place without a kernel, the picture."""
        png = base64.b64encode(self.still()).decode()
        live = super()._repr_mimebundle_(**kwargs) or {}
        return live | {"text/plain": repr(self), "image/png": png}
