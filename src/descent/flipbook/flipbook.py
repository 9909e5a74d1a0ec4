"""The interactive figure: NumPy computes a whole family of results, the browser turns its pages."""

import gzip
import re
import string
from base64 import b64encode
from functools import cached_property

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from descent import checks
from descent.flipbook import moves
from descent.flipbook.control import Control
from descent.flipbook.encoding import Arrays, Window, pack
from descent.flipbook.families import string_head, strings
from descent.flipbook.svg import draw_png, draw_svg, lay_out, write_powers_as_text

# The colours that follow the page where a figure brings no palette: matplotlib's lines and ground.
NEUTRAL = {"ink": ("#000000", "#e4e7eb"), "paper": ("#ffffff", "#14181e")}


class Flipbook:
    """A matplotlib figure whose artists move with one to three sliders.

    Everything is computed before it is shown: each moving artist gets an array whose leading axes
    are the controls. In a notebook the figure is a widget; on a page it needs no kernel.

    Parameters
    ----------
    fig : Figure, drawn at the default state; it is closed here, so that it is not shown twice
    controls : one to three Control; the arrays' leading axes follow their order
    title : str, the figure's accessible name
    alt : str, a sentence that says what the default state shows
    readout : array of str, broadcast over the controls: names what happens
    code : str, a line of Python with `{name}` fields of the controls, for the reader to copy
    table : (str, str), the headings of the first line's table; the axes' labels by default
    palette : {name: (light, dark)}, colours "#rrggbb": where the figure uses the light one, a dark
        page shows the dark one
    """

    def __init__(
        self, fig, controls, *, title, alt, readout="", code="", table=None, palette=NEUTRAL
    ):
        controls = tuple(controls)
        if not 1 <= len(controls) <= 3 or not all(isinstance(c, Control) for c in controls):
            raise ValueError(f"controls is {controls!r}; give one to three Control objects.")
        if not isinstance(fig, Figure):
            raise TypeError(f"fig is {type(fig).__name__}; it must be a matplotlib Figure.")
        for name, text in (("title", title), ("alt", alt)):
            if not isinstance(text, str) or not text.strip():
                raise ValueError(f"{name} is {text!r}; say in words what the figure shows.")
        self.fig, self.controls, self.title, self.alt = fig, controls, title, alt
        self.shape = tuple(len(control.values) for control in controls)
        self.start = tuple(control.start for control in controls)
        self.id = re.sub(r"\W+", "-", title.lower()).strip("-")
        self.readout = strings(readout, "readout", self.shape)
        self.code = self._code(code)
        self.table, self.palette = table, palette
        self.moves, self.question = [], None
        write_powers_as_text(fig)
        plt.close(fig)

    def line(self, artist, x, y):
        """Let a line move: x and y broadcast to (controls..., points); NaN breaks the line."""
        self._add(moves.Line(self, artist, x, y))

    def points(self, artist, x, y):
        """Let a scatter's points move: x and y broadcast to (controls..., points); NaN hides."""
        self._add(moves.Points(self, artist, x, y))

    def image(self, artist, stack):
        """Let an image change: values (controls..., rows, columns) in the artist's colours."""
        self._add(moves.Image(self, artist, stack))

    def text(self, artist, strings, x=None, y=None):
        """Let a text change, and move if x and y are given: all broadcast to (controls...)."""
        self._add(moves.Text(self, artist, strings, x, y))

    def ghost(self, artist):
        """Let the reader pin this line, so that it stays as a ghost while the slider moves on."""
        move = next((m for m in self.moves if m.artist is artist), None)
        if not isinstance(move, moves.Line):
            raise ValueError("ghost: only a line that was given to line() before can be pinned.")
        self._forget()
        move.ghost = True

    def predict(self, question, choices, answer, explain=""):
        """Ask the reader for a prediction before the sliders unlock; answer is a choice's place."""
        choices = list(choices)
        if len(choices) < 2 or not all(isinstance(c, str) for c in choices):
            raise ValueError(f"predict: choices is {choices!r}; give two or more texts.")
        if checks.count(0)(answer, "predict: answer") >= len(choices):
            raise ValueError(f"predict: answer is {answer}; the last choice is {len(choices) - 1}.")
        self._forget()
        self.question = {
            "question": question,
            "choices": choices,
            "answer": answer,
            "explain": explain,
        }

    @cached_property
    def laid_out(self):
        """The figure in its default state, its axes in their place: what is drawn and measured."""
        for move in self.moves:
            move.show_default()
        lay_out(self.fig)
        return self.fig

    @cached_property
    def png(self):
        """The default state as a picture, for readers without JavaScript and for print."""
        return draw_png(self.laid_out)

    @cached_property
    def data(self):
        """All that the browser needs, as one compressed block."""
        fig = self.laid_out  # where the moves lie is measured in it too
        svg = draw_svg(fig, self.moves, self.id, self.palette)
        width, height = fig.get_size_inches() * 72
        window, arrays = Window(width, height), Arrays()
        head = {
            "id": self.id,
            "title": self.title,
            "alt": self.alt,
            "size": [width, height],
            "window": [*window.low, *window.step],
            "controls": [control.head() for control in self.controls],
            "readout": string_head(self.readout),
            "code": self.code,
            "svg": svg,
            "moves": [move.head(window, arrays) for move in self.moves],
            "tables": self._tables(arrays),
            "predict": self.question,
        }
        return pack(head, arrays)

    @cached_property
    def widget(self):
        """The figure as a widget of a running kernel."""
        from descent.flipbook.widget import FlipbookWidget

        return FlipbookWidget(data=self.data, title=self.title, alt=self.alt)

    def size(self):
        """Return the bytes a page carries for this figure, compressed as a server does it."""
        return len(gzip.compress(b64encode(self.data)))

    def __repr__(self):
        # Fixed: no address, no random id, so that a stored notebook stays the same.
        positions = " × ".join(str(n) for n in self.shape)
        return f"<Flipbook: {self.title} ({positions} positions)>"

    def _repr_mimebundle_(self, **_):
        view = self.widget._repr_mimebundle_()
        data, metadata = view if isinstance(view, tuple) else (view, {})
        return data | {"text/plain": repr(self), "image/png": self.png}, metadata

    def _add(self, move):
        if any(move.artist is other.artist for other in self.moves):
            raise ValueError(f"{move.kind}: this artist moves already; give each artist once.")
        self._forget()
        self.moves.append(move)

    def _forget(self):
        """Draw anew what was drawn before the figure changed."""
        for name in ("laid_out", "png", "data", "widget"):
            self.__dict__.pop(name, None)

    def _tables(self, arrays):
        """Return the tables of what has numbers; the first gets the headings given."""
        plotted = [move for move in self.moves if isinstance(move, moves.Plotted)]
        headings = [self.table] + [None] * len(plotted)
        tables = [move.table(arrays, h) for move, h in zip(plotted, headings, strict=False)]
        return [table for table in tables if table]

    def _code(self, template):
        """Split the line of code at its fields; write each field once for every value."""
        names, pieces = [control.name for control in self.controls], []
        formatter = string.Formatter()
        for literal, name, spec, conversion in formatter.parse(template):
            if literal:
                pieces.append(literal)
            if name is None:
                continue
            if name not in names:
                known = ", ".join(names)
                raise ValueError(f"code: there is no control {name!r}; there is {known}.")
            values = self.controls[names.index(name)].values.tolist()
            texts = [format(formatter.convert_field(v, conversion), spec) for v in values]
            pieces.append({"control": names.index(name), "texts": texts})
        return pieces
