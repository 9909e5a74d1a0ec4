"""The interactive figure: NumPy computes a whole family of results, the browser turns its pages."""

import gzip
import re
import string
from base64 import b64encode
from dataclasses import dataclass, field
from functools import cached_property

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from descent._checks import real_array, whole_number
from descent.flipbook import moves
from descent.flipbook.encoding import Arrays, Window, pack
from descent.flipbook.svg import draw_png, draw_svg, lay_out, write_powers_as_text

MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Mark:
    """A value worth finding, marked on the control itself: `Mark(0.1501, "2/λmax")`."""

    value: float
    label: str


@dataclass(frozen=True)
class Control:
    """One slider of a flipbook.

    Parameters
    ----------
    name : str, an identifier; `code` refers to it
    values : (n,) numbers that rise or fall, or names; the slider's positions
    label : str, what the reader sees, with its unit
    start : int, the position at first: choose one that tells the story
    format : str, how a value is written
    marks : sequence of Mark
    """

    name: str
    values: object
    label: str = ""
    start: int = 0
    format: str = "{:g}"
    marks: tuple = ()
    texts: list = field(init=False, repr=False)

    def __post_init__(self):
        if not isinstance(self.name, str) or not self.name.isidentifier():
            raise ValueError(f"the control's name is {self.name!r}; it must be an identifier.")
        values = np.asarray(self.values)
        named = values.dtype.kind == "U"
        if not named:
            values = real_array(values, f"{self.name}.values", ndim=(1,))
            if np.asarray(self.values).dtype.kind in "iu":
                values = values.astype(int)
        if values.ndim != 1 or len(values) < 2:
            raise ValueError(
                f"control {self.name}: values has shape {values.shape}; "
                "it needs two or more in a row."
            )
        start = whole_number(self.start, f"control {self.name}: start", at_least=0)
        if start >= len(values):
            raise ValueError(
                f"control {self.name}: start is {start}; the last position is {len(values) - 1}."
            )
        if self.marks and named:
            raise ValueError(f"control {self.name}: names cannot carry marks.")
        if not named and not (np.all(np.diff(values) > 0) or np.all(np.diff(values) < 0)):
            raise ValueError(
                f"control {self.name}: values must rise, or fall, from one to the next."
            )
        texts = [
            str(v) if named else self.format.format(v).replace("-", MINUS) for v in values.tolist()
        ]
        for key, value in (
            ("values", values),
            ("label", self.label or self.name),
            ("start", start),
            ("marks", tuple(self.marks)),
            ("texts", texts),
        ):
            object.__setattr__(self, key, value)

    def head(self):
        """Return what the browser needs to know of this control."""
        return {
            "name": self.name,
            "label": self.label,
            "texts": self.texts,
            "start": self.start,
            "marks": self._marks(),
        }

    def _marks(self):
        """Return the marks from left to right, each on the first row where its label has room."""
        placed = sorted((self._place(mark), mark.label) for mark in self.marks)
        ends, marks = [], []  # how far each row is taken, in widths of the slider
        for at, label in placed:
            half = 0.015 * len(label) + 0.02  # on a phone's width
            row = next((k for k, end in enumerate(ends) if end <= at - half), len(ends))
            ends[row:] = [at + half] + ends[row + 1 :]
            marks.append({"at": at, "label": label, "row": row})
        return marks

    def _place(self, mark):
        """Return where on the slider a mark lies, 0 to 1, between its two neighbours."""
        value = float(real_array(mark.value, f"the mark {mark.label!r}", ndim=(0,)))
        rising = self.values if self.values[0] < self.values[-1] else self.values[::-1]
        if not rising[0] <= value <= rising[-1]:
            raise ValueError(
                f"control {self.name}: the mark {mark.label!r} at {value:g} lies outside "
                f"{rising[0]:g} to {rising[-1]:g}."
            )
        place = np.interp(value, rising, np.linspace(0, 1, len(rising)))
        return round(float(place if rising is self.values else 1 - place), 5)


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
    """

    def __init__(self, fig, controls, *, title, alt, readout="", code="", table=None):
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
        self.readout = moves.strings(readout, "readout", self.shape)
        self.code = self._code(code)
        self.table = table
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
        if move is None or move.kind != "line":
            raise ValueError("ghost: only a line that was given to line() before can be pinned.")
        self._forget()
        move.ghost = True

    def predict(self, question, choices, answer, explain=""):
        """Ask the reader for a prediction before the sliders unlock; answer is a choice's place."""
        choices = list(choices)
        if len(choices) < 2 or not all(isinstance(c, str) for c in choices):
            raise ValueError(f"predict: choices is {choices!r}; give two or more texts.")
        if whole_number(answer, "predict: answer", at_least=0) >= len(choices):
            raise ValueError(f"predict: answer is {answer}; the last choice is {len(choices) - 1}.")
        self._forget()
        self.question = {
            "question": question,
            "choices": choices,
            "answer": answer,
            "explain": explain,
        }

    @cached_property
    def png(self):
        """The default state as a picture, for readers without JavaScript and for print."""
        for move in self.moves:
            move.show_default()
        lay_out(self.fig)
        return draw_png(self.fig)

    @cached_property
    def data(self):
        """All that the browser needs, as one compressed block."""
        _ = self.png  # leaves the artists in their default state
        moulds = [(move.artist, move.mould, move.n) for move in self.moves]
        svg = draw_svg(self.fig, moulds, salt=self.id)
        width, height = self.fig.get_size_inches() * 72
        window, arrays = Window(width, height), Arrays()
        head = {
            "id": self.id,
            "title": self.title,
            "alt": self.alt,
            "size": [width, height],
            "window": [*window.low, *window.step],
            "controls": [control.head() for control in self.controls],
            "readout": moves.string_head(self.readout),
            "code": self.code,
            "svg": svg,
            "moves": [move.head(window, arrays) for move in self.moves],
            "tables": [t for t in self._tables(arrays) if t],
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
        for name in ("png", "data", "widget"):
            self.__dict__.pop(name, None)

    def _tables(self, arrays):
        headings = self.table
        for move in self.moves:
            yield move.table(arrays, headings)
            headings = None if move.kind in ("line", "points") else headings

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
