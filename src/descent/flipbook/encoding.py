"""From arrays of numbers to the few bytes a page carries, and back.

Coordinates travel as 16-bit steps over a window one and a half times the canvas: a step is about
a hundredth of a pixel. The browser does nothing but look up a row and undo the scaling.
"""

import json
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
        inside = ((xy >= self.low) & (xy <= self.high)).all(axis=-1, keepdims=True)
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
        out = ((xy < self.low) | (xy > self.high)).any(axis=(1, 2))
        if not out.any():
            return xy
        rows = [self._clip_one(row) if cut else row for row, cut in zip(xy, out, strict=True)]
        padded = np.full((len(rows), max(map(len, rows)), 2), np.nan)
        for target, row in zip(padded, rows, strict=True):
            target[: len(row)] = row
        return padded

    def _clip_one(self, row):
        """Cut one line (points, 2), segment by segment (Liang and Barsky's parameters)."""
        tail, way = row[:-1], np.diff(row, axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            ends = np.stack([(self.low - tail) / way, (self.high - tail) / way])
        # Along a segment that is parallel to a side the side is never met: it is in or out.
        still, within = way == 0, (tail >= self.low) & (tail <= self.high)
        first = np.where(still, np.where(within, 0, np.inf), ends.min(axis=0)).max(axis=-1)
        last = np.where(still, np.where(within, 1, -np.inf), ends.max(axis=0)).min(axis=-1)
        first, last = np.maximum(first, 0), np.minimum(last, 1)
        seen = first <= last  # False for NaN: a broken line stays broken
        pieces = np.full((len(tail), 3, 2), np.nan)  # enter, leave, break
        pieces[seen, 0] = (tail + np.where(first > 0, first, 0)[:, None] * way)[seen]
        pieces[seen, 1] = np.where((last < 1)[:, None], tail + last[:, None] * way, row[1:])[seen]
        joined = seen[:-1] & seen[1:] & (last[:-1] == 1) & (first[1:] == 0)
        keep = np.ones((len(tail), 3), dtype=bool)
        keep[:-1, 2], keep[1:, 0] = ~joined, ~joined
        keep[~seen, :2] = False
        return np.clip(pieces[keep], self.low, self.high)


def collapse(array, leading):
    """Shorten to length 1 each of the first `leading` axes along which nothing changes."""
    for axis in range(leading):
        first = array.take([0], axis=axis)
        if (array == first).all():
            array = first
    return array


class Arrays:
    """The binary part of a figure: arrays laid one after another, each one once."""

    def __init__(self):
        self.heads, self.parts, self.known, self.size = [], [], {}, 0

    def add(self, array):
        """Store an array; return its number."""
        array = np.ascontiguousarray(array)
        head = {"type": array.dtype.str.lstrip("<|"), "shape": array.shape}
        data = array.tobytes()
        key = (head["type"], head["shape"], data)
        if key not in self.known:
            data += bytes(-len(data) % 4)
            self.heads.append(head | {"at": self.size})
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
        items = np.frombuffer(data, kind, int(np.prod(shape)), 4 + length + spec["at"])
        arrays.append(items.reshape(shape))
    return head, arrays
