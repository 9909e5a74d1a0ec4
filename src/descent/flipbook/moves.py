"""What can move in a flipbook: lines, points, images and texts.

Each kind checks its arrays, draws its default state and writes its numbers for the browser.
"""

import numpy as np
from matplotlib.collections import PathCollection
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.text import Annotation
from matplotlib.text import Text as TextArtist

from descent._checks import real_array
from descent.flipbook.encoding import collapse

ROWS = 25  # of a table: more than that nobody reads


def numbers(value, name, controls, inner):
    """Return real numbers of shape controls + `inner` axes, or say which shape was needed."""
    array = real_array(value, name, finite=False)
    if array.ndim < inner:
        array = array.reshape((1,) * (inner - array.ndim) + array.shape)
    leading, rest = array.shape[: max(array.ndim - inner, 0)], array.shape[-inner:] if inner else ()
    try:
        fits = len(rest) == inner and np.broadcast_shapes(leading, controls) == controls
    except ValueError:
        fits = False
    if not fits:
        axes = ", ".join([*map(str, controls), *["..."] * inner])
        raise ValueError(
            f"{name} has shape {array.shape}; the controls need ({axes}), "
            "or 1 in place of a control that changes nothing."
        )
    return np.broadcast_to(array, controls + rest)


def strings(value, name, controls):
    """Return texts of shape `controls`, or an empty array that broadcasts, or raise."""
    array = np.asarray(value)
    if array.dtype.kind != "U" and not all(isinstance(item, str) for item in array.flat):
        raise TypeError(f"{name} holds {array.dtype}; it must hold texts.")
    array = array.astype(str)
    try:
        fits = np.broadcast_shapes(array.shape, controls) == controls
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f"{name} has shape {array.shape}; the controls need {controls}.")
    return np.broadcast_to(array, controls)


def string_head(texts):
    """Return texts as the browser gets them: a shape and one flat list."""
    texts = collapse(texts, texts.ndim)
    return {"shape": texts.shape, "items": texts.ravel().tolist()}


class Move:
    """One artist and its arrays, x and y of shape (controls..., n)."""

    artists, kind = (), ""

    def __init__(self, book, artist):
        if not isinstance(artist, self.artists):
            raise TypeError(
                f"{self.kind}: the artist is a {type(artist).__name__}; "
                f"it must be a {self.artists[0].__name__}."
            )
        if artist.get_figure() is not book.fig:
            raise ValueError(f"{self.kind}: the artist belongs to another figure.")
        self.artist, self.controls, self.start = artist, book.shape, book.start
        self.mould, self.n, self.ghost = self.kind, 1, False
        artist.set_in_layout(False)  # the axes must not move with what moves inside them

    def take_xy(self, x, y):
        """Check x and y; they may hold NaN, and y infinity too: such a point is not drawn."""
        self.x = numbers(x, f"{self.kind}: x", self.controls, 1)
        self.y = numbers(y, f"{self.kind}: y", self.controls, 1)
        if np.isinf(self.x).any():
            raise ValueError(f"{self.kind}: x holds infinity; NaN breaks a line or hides a point.")
        if self.x.shape != self.y.shape:
            raise ValueError(
                f"{self.kind}: x has {self.x.shape[-1]} points and y has {self.y.shape[-1]}; "
                "they must match."
            )
        self.n = self.x.shape[-1]

    def drawn(self, transform, height):
        """Return where the numbers lie in the SVG: (controls..., n, 2), NaN where nowhere."""
        xy = np.stack([self.x, self.y], axis=-1).reshape(-1, 2)
        with np.errstate(all="ignore"):
            at = transform.transform(xy)
            at[:, 1] = height - at[:, 1]
            finite = np.isfinite(at)
            at[~(finite[:, 0] & finite[:, 1])] = np.nan
        return at.reshape(*self.x.shape, 2)

    def place(self):
        """Return the drawn points of all states: (controls..., n, 2). Call it after the drawing."""
        return self.drawn(self.artist.get_transform(), self.artist.get_figure().bbox.height)

    def codes(self, xy, window, arrays):
        codes = window.encode(xy)
        x, y = (collapse(codes[..., k], len(self.controls)) for k in (0, 1))
        return {"x": arrays.add(x), "y": arrays.add(y)}

    def table(self, arrays, headings):
        """Return a table of the numbers themselves, at most ROWS of them, or None."""
        axes = self.artist.axes
        shown = np.isfinite(self.x) & np.isfinite(self.y)
        rows = np.flatnonzero(shown.any(axis=tuple(range(len(self.controls)))))
        if not rows.size:
            return None
        chosen = np.linspace(0, len(rows) - 1, min(ROWS, len(rows))).round().astype(int)
        columns = []
        for values in (self.x, self.y):
            with np.errstate(over="ignore"):
                column = np.where(shown, values, np.nan)[..., rows[chosen]].astype("<f4")
            columns.append(arrays.add(collapse(column, len(self.controls))))
        label = self.artist.get_label()
        title = axes.get_title(loc="left") or axes.get_title()
        names = [text for text in (title, label) if text and not text.startswith("_")]
        heads = headings or (axes.get_xlabel() or "x", axes.get_ylabel() or "y")
        return {"caption": ", ".join(names), "heads": [plain(h) for h in heads], "columns": columns}


class Line(Move):
    """A line, with or without markers."""

    artists, kind = (Line2D,), "line"

    def __init__(self, book, artist, x, y):
        super().__init__(book, artist)
        if artist.get_drawstyle() != "default" or artist.get_markevery() is not None:
            raise ValueError("line: steps and markevery do not move; give the points themselves.")
        self.take_xy(x, y)

    def show_default(self):
        self.artist.set_data(self.x[self.start], self.y[self.start])

    def head(self, window, arrays):
        xy = self.place()
        cut = window.clip(xy.reshape(-1, self.n, 2))
        marked = self.artist.get_marker() not in ("", " ", "None", "none", None)
        head = {"kind": "line", "ghost": self.ghost}
        head |= self.codes(cut.reshape(*self.controls, -1, 2), window, arrays)
        return head | ({"glyphs": self.codes(xy, window, arrays)} if marked else {})


class Points(Move):
    """The points of a scatter."""

    artists, kind = (PathCollection,), "points"

    def __init__(self, book, artist, x, y):
        super().__init__(book, artist)
        self.take_xy(x, y)

    def show_default(self):
        self.artist.set_offsets(np.stack([self.x[self.start], self.y[self.start]], axis=-1))

    def place(self):
        return self.drawn(self.artist.get_offset_transform(), self.artist.get_figure().bbox.height)

    def head(self, window, arrays):
        return {"kind": "points", "glyphs": self.codes(self.place(), window, arrays)}


class Text(Move):
    """A text that changes its words, its place or both."""

    artists, kind = (TextArtist,), "text"

    def __init__(self, book, artist, words, x, y):
        super().__init__(book, artist)
        self.words = strings(words, "text: strings", self.controls)
        if any("\n" in word or word.count("$") > 1 for word in self.words.flat):
            raise ValueError(
                "text: write one line without $ formulas; the browser sets it as it is."
            )
        if artist.get_bbox_patch() is not None:
            raise ValueError("text: a box around the text would not grow with it; leave it out.")
        if (x is None) != (y is None):
            raise ValueError("text: give both x and y, or neither.")
        self.moving = x is not None
        if self.moving:
            if isinstance(artist, Annotation):
                raise TypeError("text: an annotation cannot move; use ax.text.")
            self.mould = "moving text"
            self.x = numbers(x, "text: x", self.controls, 0)[..., None]
            self.y = numbers(y, "text: y", self.controls, 0)[..., None]

    def show_default(self):
        self.artist.set_text(str(self.words[self.start]))
        if self.moving:
            self.artist.set_position((self.x[self.start][0], self.y[self.start][0]))

    def head(self, window, arrays):
        head = {"kind": "text", "words": string_head(self.words)}
        return head | ({"glyphs": self.codes(self.place(), window, arrays)} if self.moving else {})

    def table(self, arrays, headings):
        return None


class Image(Move):
    """An image whose values change; they go through the artist's colour map and norm here."""

    artists, kind = (AxesImage,), "image"
    BAD = 255

    def __init__(self, book, artist, stack):
        super().__init__(book, artist)
        self.stack = numbers(stack, "image: stack", self.controls, 2)

    def show_default(self):
        self.artist.set_data(self.stack[self.start])

    def head(self, window, arrays):
        """Number the colours 0 to 254, NaN 255; the rows run down the page."""
        stack = collapse(self.stack, len(self.controls))
        values = np.ma.masked_invalid(stack)
        scaled = np.ma.filled(np.clip(self.artist.norm(values), 0, 1), np.nan)
        missing = np.isnan(scaled)
        shades = np.where(missing, self.BAD, np.rint(np.where(missing, 0, scaled) * 254))
        colors = self.artist.cmap(np.append(np.arange(255) / 254, np.nan), bytes=True)
        left, right, bottom, top = self.artist.get_extent()
        if self.artist.origin == "lower":
            bottom, top = top, bottom  # the first row lies at the bottom
        height = self.artist.get_figure().bbox.height
        corners = self.artist.axes.transData.transform([(left, top), (right, bottom)])
        (x0, y0), (x1, y1) = np.column_stack([corners[:, 0], height - corners[:, 1]])
        shades = shades[..., ::-1, :] if y0 > y1 else shades
        shades = shades[..., ::-1] if x0 > x1 else shades
        rows, columns = stack.shape[-2:]
        flat = shades.astype("u1").reshape(*stack.shape[:-2], rows * columns)
        box = [min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0)]
        return {
            "kind": "image",
            "box": [round(float(v), 3) for v in box],
            "size": [columns, rows],
            "shades": arrays.add(flat),
            "colors": arrays.add(colors),
        }

    def table(self, arrays, headings):
        return None


def plain(label):
    """Return a label without the marks of a formula."""
    return label.replace("$", "").replace("\\", "")
