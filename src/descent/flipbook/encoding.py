"""From arrays of numbers to the few bytes a page carries, and back.

Coordinates travel as 16-bit words over a window one and a half times the canvas. A step is a
twentieth of a pixel: finer ones nobody sees, and they would weigh a fifth more. The browser does
nothing but look up a row and undo the scaling.
"""

import json
import math
import struct
import zlib

import numpy as np

BREAK = 65535  # the code of "no point here"
_STEPS = BREAK - 1
_MARGIN = 0.25  # of the canvas, on each side


class Window:
    """The part of the SVG's plane that codes can name: the canvas and a margin around it."""

    def __init__(self, width, height):
        self.low = -_MARGIN * np.array([width, height])
        self.high = np.array([width, height]) - self.low
        self.step = (self.high - self.low) / _STEPS

    def encode(self, xy):
        """Return the codes (..., 2) of points (..., 2); BREAK where one is outside or NaN."""
        within = (xy >= self.low) & (xy <= self.high)
        inside = within[..., :1] & within[..., 1:]  # much faster than all() along two
        steps = np.rint((np.where(inside, xy, self.low) - self.low) / self.step)
        return np.where(inside, steps, BREAK).astype("<u2")

    def decode(self, codes):
        """Return the points of these codes, NaN at a BREAK: what the browser draws."""
        return np.where(codes == BREAK, np.nan, self.low + codes * self.step)

    def clip(self, xy):
        """Cut lines (states, points, 2) at the window; return them padded to one length with NaN.

        A line to a far point keeps its direction, since it is cut where it leaves the window and
        not bent to the nearest corner.
        """
        out = ((xy < self.low) | (xy > self.high)).reshape(len(xy), -1).any(axis=1)
        if not out.any():
            return xy
        rows = [self._clip_one(row) if cut else row for row, cut in zip(xy, out, strict=True)]
        padded = np.full((len(rows), max(1, *map(len, rows)), 2), np.nan)
        for target, row in zip(padded, rows, strict=True):
            target[: len(row)] = row
        return padded

    def _clip_one(self, row):
        """Cut one line (points, 2), segment by segment (Liang and Barsky's parameters)."""
        tail, head = row[:-1], row[1:]
        with np.errstate(all="ignore"):
            way = head - tail
            met = np.stack([(self.low - tail) / way, (self.high - tail) / way])
            # A segment along a side never meets it: all of it is within, or nothing.
            never = np.where((tail >= self.low) & (tail <= self.high), np.inf, -np.inf)
            first = np.where(way == 0, -never, met.min(axis=0)).max(axis=-1)
            last = np.where(way == 0, never, met.max(axis=0)).min(axis=-1)
            enters, leaves = (first > 0)[:, None], (last < 1)[:, None]
            start = np.where(enters, tail + first[:, None] * way, tail)
            stop = np.where(leaves, tail + last[:, None] * way, head)
            seen = np.maximum(first, 0) <= np.minimum(last, 1)  # False where a point is NaN
        pieces = np.stack([start, stop, np.full_like(start, np.nan)], axis=1)
        keep = np.repeat(seen[:, None], 3, axis=1)
        joined = seen[:-1] & seen[1:] & ~leaves[:-1, 0] & ~enters[1:, 0]
        keep[:-1, 2] &= ~joined  # no break, and the shared point only once
        keep[1:, 0] &= ~joined
        keep[-1:, 2] = False
        return np.clip(pieces[keep], self.low, self.high)


def collapse(array, leading):
    """Shorten to length 1 each of the first `leading` axes along which nothing changes."""
    for axis in range(leading):
        first = array.take([0], axis=axis)
        if ((array == first) | ((array != array) & (first != first))).all():  # NaN as NaN
            array = first
    return array


def _codings(array):
    """Yield the ways to write an array as whole numbers: (name, bytes before compression).

    Neighbours in a family of curves are alike, so the differences from one number to the next
    compress four to thirty times better than the numbers: along each curve, or across the states.
    """
    words = array.view(f"<u{array.itemsize}").reshape(-1, array.shape[-1])
    yield "plain", words.tobytes()
    for name, sequence in (("along", words.ravel()), ("across", words.T.ravel())):
        yield name, np.diff(sequence, prepend=sequence.dtype.type(0)).tobytes()


def _undo(coding, words, shape):
    """Return the numbers in their order again; the sums wrap round as the differences did."""
    if coding == "plain":
        return words.reshape(shape)
    words = np.cumsum(words, dtype=words.dtype)
    return (words.reshape(shape[-1], -1).T if coding == "across" else words).reshape(shape)


class Arrays:
    """The binary part of a figure: arrays laid one after another, each one once."""

    def __init__(self):
        self.heads, self.parts, self.known, self.size = [], [], {}, 0

    def add(self, array):
        """Store an array of u1, u2 or f4; return its number."""
        array = np.ascontiguousarray(array)
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self.known:
            coding, data = min(_codings(array), key=lambda way: len(zlib.compress(way[1])))
            kind = array.dtype.kind + str(array.itemsize)
            head = {"type": kind, "shape": array.shape, "coding": coding, "at": self.size}
            data += bytes(-len(data) % 4)
            self.heads.append(head)
            self.parts.append(data)
            self.size += len(data)
            self.known[key] = len(self.heads) - 1
        return self.known[key]


def pack(head, arrays):
    """Return one compressed block: the length of the head, the head as JSON, the arrays."""
    text = json.dumps(head | {"arrays": arrays.heads}, ensure_ascii=False, separators=(",", ":"))
    raw = text.encode()
    raw += b" " * (-(len(raw) + 4) % 8)
    return zlib.compress(struct.pack("<I", len(raw)) + raw + b"".join(arrays.parts), 9)


def unpack(block):
    """Undo `pack`: return the head and the list of arrays. The browser's twin, for the tests."""
    data = zlib.decompress(block)
    (length,) = struct.unpack_from("<I", data)
    head = json.loads(data[4 : 4 + length])
    arrays = []
    for spec in head["arrays"]:
        kind, shape = np.dtype("<" + spec["type"]), tuple(spec["shape"])
        words = np.frombuffer(data, f"<u{kind.itemsize}", math.prod(shape), 4 + length + spec["at"])
        arrays.append(_undo(spec["coding"], words, shape).view(kind))
    return head, arrays
