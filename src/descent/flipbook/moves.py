"""What can move in a flipbook: lines, points, images and texts.

Each class checks its arrays, draws its default state, stands as an empty mould in the drawing, and
writes its numbers for the browser.
"""

from contextlib import contextmanager

import numpy as np
from matplotlib.collections import PathCollection
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.text import Annotation
from matplotlib.text import Text as TextArtist
from matplotlib.transforms import IdentityTransform

from descent.flipbook import svg
from descent.flipbook.encoding import collapse
from descent.flipbook.families import numbers, string_head, strings

ROWS = 25  # of a table: more than that nobody reads


class Move:
    """One artist of the figure and what it becomes at every setting of the controls."""

    artist_type, kind = None, ""

    def __init__(self, book, artist):
        if not isinstance(artist, self.artist_type):
            raise TypeError(
                f"{self.kind}: the artist is a {type(artist).__name__}; "
                f"it must be a {self.artist_type.__name__}."
            )
        if artist.get_figure() is not book.fig:
            raise ValueError(f"{self.kind}: the artist belongs to another figure.")
        self.artist, self.controls, self.start = artist, book.shape, book.start
        artist.set_in_layout(False)  # the axes must not move with what moves inside them

    def show_default(self):
        """Let the artist show what it is at the controls' first positions."""
        raise NotImplementedError

    @contextmanager
    def as_mould(self):
        """Let the artist stand at the SVG's origin, without numbers of its own, for a while."""
        yield

    def prepare(self, root, group):
        """Turn what matplotlib drew for the mould, `group`, into what the browser expects."""

    def head(self, window, arrays):
        """Return what the browser needs to know of this move; put its numbers into `arrays`."""
        raise NotImplementedError

    def drawn(self, x, y, transform):
        """Return where numbers lie in the SVG: (controls..., n, 2), NaN where nowhere.

        Call it when the figure is laid out.
        """
        xy = np.stack([x, y], axis=-1).reshape(-1, 2)
        with np.errstate(all="ignore"):
            at = transform.transform(xy)
            at[:, 1] = self.artist.get_figure().bbox.height - at[:, 1]
            finite = np.isfinite(at)
            at[~(finite[:, 0] & finite[:, 1])] = np.nan
        return at.reshape(*x.shape, 2)

    def codes(self, xy, window, arrays):
        """Put points of the SVG into `arrays`; return where they stand."""
        codes = window.encode(xy)
        x, y = (collapse(codes[..., k], len(self.controls)) for k in (0, 1))
        return {"x": arrays.add(x), "y": arrays.add(y)}


class Plotted(Move):
    """An artist at points x and y of shape (controls..., n), whose numbers make a table.

    The points may hold NaN, and y infinity too: such a point is not drawn.
    """

    def __init__(self, book, artist, x, y):
        super().__init__(book, artist)
        self.x = numbers(x, f"{self.kind}: x", self.controls, 1)
        self.y = numbers(y, f"{self.kind}: y", self.controls, 1)
        if np.isinf(self.x).any():
            raise ValueError(f"{self.kind}: x holds infinity; NaN breaks a line or hides a point.")
        if self.x.shape != self.y.shape:
            raise ValueError(
                f"{self.kind}: x has {self.x.shape[-1]} points and y has {self.y.shape[-1]}; "
                "they must match."
            )

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


class Line(Plotted):
    """A line, with or without markers."""

    artist_type, kind = Line2D, "line"

    def __init__(self, book, artist, x, y):
        super().__init__(book, artist, x, y)
        if artist.get_drawstyle() != "default" or artist.get_markevery() is not None:
            raise ValueError("line: steps and markevery do not move; give the points themselves.")
        self.ghost = False

    def show_default(self):
        self.artist.set_data(self.x[self.start], self.y[self.start])

    def place(self):
        return self.drawn(self.x, self.y, self.artist.get_transform())

    @contextmanager
    def as_mould(self):
        old, data = self.artist.get_transform(), self.artist.get_data(orig=True)
        self.artist.set_transform(IdentityTransform())
        self.artist.set_data([1, 2], [1, 2])  # inside the canvas, or matplotlib would leave it out
        yield
        self.artist.set_transform(old)
        self.artist.set_data(*data)

    def prepare(self, root, group):
        svg.empty_path(group)
        first, *others = svg.markers(group) or [None]
        for holder, use in others:  # the browser makes as many as it needs
            holder.remove(use)
        if first:
            svg.merge(root, [first])

    def head(self, window, arrays):
        xy = self.place()
        cut = window.clip(xy.reshape(-1, *xy.shape[-2:]))
        marked = self.artist.get_marker() not in ("", " ", "None", "none", None)
        head = {"kind": self.kind, "ghost": self.ghost}
        head |= self.codes(cut.reshape(*self.controls, -1, 2), window, arrays)
        return head | ({"glyphs": self.codes(xy, window, arrays)} if marked else {})


class Points(Plotted):
    """The points of a scatter."""

    artist_type, kind = PathCollection, "points"

    def show_default(self):
        self.artist.set_offsets(np.stack([self.x[self.start], self.y[self.start]], axis=-1))

    def place(self):
        return self.drawn(self.x, self.y, self.artist.get_offset_transform())

    @contextmanager
    def as_mould(self):
        old, data = self.artist.get_offset_transform(), self.artist.get_offsets()
        self.artist.set_offset_transform(IdentityTransform())
        self.artist.set_offsets([svg.origin(self.artist)] * self.x.shape[-1])
        yield
        self.artist.set_offset_transform(old)
        self.artist.set_offsets(data)

    def prepare(self, root, group):
        uses = svg.markers(group)
        svg.free_from_clip(group)
        svg.merge(root, uses)

    def head(self, window, arrays):
        return {"kind": self.kind, "glyphs": self.codes(self.place(), window, arrays)}


class Text(Move):
    """A text that changes its words, its place or both."""

    artist_type, kind = TextArtist, "text"

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
            self.x = numbers(x, "text: x", self.controls, 0)[..., None]
            self.y = numbers(y, "text: y", self.controls, 0)[..., None]

    def show_default(self):
        self.artist.set_text(str(self.words[self.start]))
        if self.moving:
            self.artist.set_position((self.x[self.start][0], self.y[self.start][0]))

    def place(self):
        return self.drawn(self.x, self.y, self.artist.get_transform())

    @contextmanager
    def as_mould(self):
        artist = self.artist
        old, data, words = artist.get_transform(), artist.get_position(), artist.get_text()
        artist.set_text("Mp")  # an empty text would not be drawn at all
        if self.moving:
            artist.set_transform(IdentityTransform())
            artist.set_position(svg.origin(artist))
        yield
        artist.set_text(words)
        artist.set_transform(old)
        artist.set_position(data)

    def head(self, window, arrays):
        head = {"kind": self.kind, "words": string_head(self.words)}
        return head | ({"glyphs": self.codes(self.place(), window, arrays)} if self.moving else {})


class Image(Move):
    """An image whose values change; they go through the artist's colour map and norm here."""

    artist_type, kind = AxesImage, "image"
    BAD = 255

    def __init__(self, book, artist, stack):
        super().__init__(book, artist)
        self.stack = numbers(stack, "image: stack", self.controls, 2)

    def show_default(self):
        self.artist.set_data(self.stack[self.start])

    def prepare(self, root, group):
        name = group.get("id")
        group.attrib.clear()
        group.set("id", name)
        group.set("preserveAspectRatio", "none")
        group.set("style", "image-rendering: pixelated")

    def head(self, window, arrays):
        (x0, y0), (x1, y1) = self.corners()
        shades = self.shades()
        shades = shades[..., ::-1, :] if y0 > y1 else shades  # the rows run down the page
        shades = shades[..., ::-1] if x0 > x1 else shades
        *states, rows, columns = shades.shape
        colors = self.artist.cmap(np.append(np.arange(255) / 254, np.nan), bytes=True)
        box = [min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0)]
        return {
            "kind": self.kind,
            "box": [round(float(v), 3) for v in box],
            "size": [columns, rows],
            "shades": arrays.add(shades.reshape(*states, rows * columns)),
            "colors": arrays.add(colors),
        }

    def shades(self):
        """Return the colours' numbers, 0 to 254, BAD for NaN: (controls..., rows, columns)."""
        values = np.ma.masked_invalid(collapse(self.stack, len(self.controls)))
        scaled = np.ma.filled(np.clip(self.artist.norm(values), 0, 1), np.nan)
        missing = np.isnan(scaled)
        shades = np.rint(np.where(missing, 0, scaled) * 254)
        return np.where(missing, self.BAD, shades).astype("u1")

    def corners(self):
        """Return where the first and the last row end in the SVG: (x0, y0), (x1, y1)."""
        left, right, bottom, top = self.artist.get_extent()
        if self.artist.origin == "lower":
            bottom, top = top, bottom  # the first row lies at the bottom
        x, y = np.array([left, right]), np.array([top, bottom])
        return self.drawn(x, y, self.artist.axes.transData)


def plain(label):
    """Return a label without the marks of a formula."""
    return label.replace("$", "").replace("\\", "")
