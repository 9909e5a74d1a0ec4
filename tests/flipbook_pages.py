"""Compare what a browser drew with what the core computed.

The drawn path is mapped back through the positions of the axes' ticks, read from the page's SVG,
and compared with the numbers that were handed to the Flipbook, rebuilt here in Python.
"""

import base64
import io
import json
import re
import warnings

import matplotlib.pyplot as plt
import nbformat
import numpy as np
from bookfiles import cells, source
from jupyter_cache import get_cache
from PIL import Image

from descent.flipbook import Flipbook
from descent.flipbook import page as site_page

HALF_A_PIXEL = 0.5

# What stands in the page: for each moving group its drawing, and the ticks of its axes.
READ = """
(view) => {
  const svg = view.querySelector("svg");
  const ticks = (axes, name) => [...axes.querySelectorAll(`g[id*="-${name}tick_"]`)].map((tick) => {
    const use = [...tick.querySelectorAll("use")].at(-1);
    return [Number(use.getAttribute(name)), tick.querySelector("text")?.textContent ?? ""];
  });
  const frame = (axes) => {
    const d = axes.querySelector('[id*="-patch_"] > path').getAttribute("d");
    const [left, bottom, right, , , top] = d.match(/-?[\\d.]+/g).map(Number);
    return { x: [left, right], y: [bottom, top] };
  };
  const shift = (element) =>
    (element.getAttribute("transform") ?? "").match(/-?[\\d.]+/g)?.map(Number);
  return {
    scale: svg.getBoundingClientRect().width / svg.viewBox.baseVal.width,
    readout: view.querySelector(".flipbook-readout span").textContent,
    values: [...view.querySelectorAll("output")].map((output) => output.textContent),
    spoken: [...view.querySelectorAll("input")].map((i) => i.getAttribute("aria-valuetext")),
    code: view.querySelector("code")?.textContent ?? "",
    moves: [...Array(svg.querySelectorAll('[id*="-move-"]').length).keys()].map((k) => {
      const group = svg.querySelector(`[id$="-move-${k}"]`);
      const axes = group.closest('g[id*="-axes_"]');
      const shapes = [...group.querySelectorAll("use, g > path, path")]
        .filter((shape) => !shape.closest("defs"))
        .filter((shape) => shape.hasAttribute("transform") || shape.style.display === "none");
      return {
        path: group.querySelector(":scope > path:not([data-stamp])")?.getAttribute("d") ?? null,
        stamps: group.querySelector("[data-stamp]")?.getAttribute("d") ?? null,
        glyphs: shapes.map((shape) => (shape.style.display === "none" ? null : shift(shape))),
        text: group.querySelector("text")?.textContent ?? null,
        place: shift(group) ?? null,
        href: group.getAttribute("href"),
        frame: frame(axes),
        x: ticks(axes, "x"),
        y: ticks(axes, "y"),
      };
    }),
  };
}
"""

SET = """
(view, positions) => [...view.querySelectorAll("input")].forEach((input, k) => {
  input.value = positions[k];
  input.dispatchEvent(new Event("input", { bubbles: true }));
})
"""


def data_made_by(path, cache):
    """Return what the flipbooks of a notebook held when the build ran it, in the cells' order."""
    # The last build's, which may have a folder of its own in there.
    ran = get_cache(max(cache.rglob("global.db"), key=lambda file: file.stat().st_mtime).parent)
    record = ran.match_cache_notebook(nbformat.read(path, nbformat.NO_CONVERT))
    executed = ran.get_cache_bundle(record.pk).nb
    models = executed.metadata["widgets"][site_page.STATE]["state"]
    views = [
        output["data"][site_page.VIEW]["model_id"]
        for cell in executed.cells
        for output in cell.get("outputs", ())
        if "<Flipbook" in output.get("data", {}).get("text/plain", "")
    ]
    return [
        next(b["data"] for b in models[view]["buffers"] if b["path"] == ["data"]) for view in views
    ]


def data_carried_by(page):
    """Return the data of the flipbooks that stand in a page of the site."""
    found = rf'<script type="{re.escape(site_page.PACKED)}" class="flipbook-data">([^<]*)'
    return re.findall(found, page.read_text(encoding="utf-8"))


def books_of(path):
    """Run a chapter up to the last cell that shows a flipbook; return the flipbooks in order."""
    made, space = [], {"__name__": "__main__"}
    code = cells(path, "code")
    last = max(k for k, cell in enumerate(code) if "<Flipbook" in json.dumps(cell["outputs"]))
    make = Flipbook.__init__

    def record(book, *arguments, **options):
        make(book, *arguments, **options)
        made.append(book)

    Flipbook.__init__ = record
    try:
        with warnings.catch_warnings(action="ignore"):  # plt.show() without a screen
            for cell in code[: last + 1]:
                exec(compile(source(cell), path.name, "exec"), space)
    finally:
        Flipbook.__init__ = make
        plt.close("all")
    return made


def states_of(book, count=12):
    """Return the first, the last, the default and other states, spread over all controls."""
    rng = np.random.default_rng(0)
    lengths = np.array(book.shape)
    states = [(0,) * len(lengths), tuple(lengths - 1), book.start]
    if len(lengths) == 1:
        states += [(i,) for i in np.linspace(0, lengths[0] - 1, count).round().astype(int)]
    else:
        states += [tuple(rng.integers(lengths)) for _ in range(count)]
    return [tuple(map(int, state)) for state in dict.fromkeys(states)]


def check(view, book, states=None):
    """Assert that the view draws the book's own numbers at these states (at least ten)."""
    _ = book.png  # lays the figure out
    for state in states or states_of(book):
        view.evaluate(SET, list(state))
        seen = view.evaluate(READ)
        where = f"{book.title} at {state}"
        assert seen["readout"] == book.readout[state], where
        texts = [c.texts[i] for c, i in zip(book.controls, state, strict=True)]
        assert seen["values"] == texts, where
        for text, spoken in zip(texts, seen["spoken"], strict=True):
            assert spoken == (f"{text}: {seen['readout']}" if seen["readout"] else text), where
        tolerance = HALF_A_PIXEL / max(seen["scale"], 1)
        for move, drawn in zip(book.moves, seen["moves"], strict=True):
            CHECKS[move.kind](move, drawn, state, tolerance, where)


def check_line(move, drawn, state, tolerance, where):
    want = expected(move, drawn, state)
    inside = within(move, want)
    if drawn["path"] is not None:
        pieces = [
            np.array(re.findall(r"-?[\d.]+", piece), dtype=float).reshape(-1, 2)
            for piece in drawn["path"].split("M")[1:]
        ]
        vertices = np.concatenate([np.empty((0, 2)), *pieces])
        for piece in whole(want):
            for point in piece[within(move, piece)]:
                distance = np.abs(vertices - point)
                near = np.maximum(distance[:, 0], distance[:, 1])
                assert near.size and near.min() <= tolerance, (where, point)
        drawn_ones = [vertex for piece in pieces if len(piece) > 1 for vertex in piece]
        if drawn_ones:
            off = np.min([distances_to(line, np.array(drawn_ones)) for line in whole(want)], axis=0)
            assert off.max() <= tolerance, (where, drawn_ones[off.argmax()])
        if inside.all():
            assert len(vertices) == len(want)
    check_glyphs(want, inside, drawn, tolerance, where)


def check_points(move, drawn, state, tolerance, where):
    want = expected(move, drawn, state)
    check_glyphs(want, within(move, want), drawn, tolerance, where)


def check_glyphs(want, inside, drawn, tolerance, where):
    glyphs = drawn["glyphs"]
    if drawn["stamps"] is not None:  # one path, the marker's relative outline behind each point
        places = re.findall(r"M(-?[\d.]+) (-?[\d.]+)", drawn["stamps"])
        assert inside.sum() <= len(places) <= np.isfinite(want).all(axis=1).sum(), where
        left = iter(np.array(places, dtype=float).reshape(-1, 2))
        for point in want[inside]:  # in their order; some between may lie beside the canvas
            assert any(np.abs(point - place).max() <= tolerance for place in left), (where, point)
        return
    if not glyphs:
        return
    assert len(glyphs) == len(want), where
    for point, shown, glyph in zip(want, inside, glyphs, strict=True):
        if shown:
            assert glyph is not None and np.abs(point - glyph).max() <= tolerance, (where, point)
        elif not np.isfinite(point).all():
            assert glyph is None, where


def check_text(move, drawn, state, tolerance, where):
    assert drawn["text"] == move.words[state], where
    if move.moving:
        assert np.abs(expected(move, drawn, state)[0] - drawn["place"]).max() <= tolerance, where


def check_image(move, drawn, state, _tolerance, where):
    png = base64.b64decode(drawn["href"].partition(",")[2])
    seen = np.asarray(Image.open(io.BytesIO(png)).convert("RGBA")).astype(int)
    values = np.ma.masked_invalid(move.stack[state])
    want = move.artist.cmap(move.artist.norm(values), bytes=True)
    want = want[::-1] if move.artist.origin == "lower" else want
    known = ~np.ma.getmaskarray(values)
    known = known[::-1] if move.artist.origin == "lower" else known
    # A canvas keeps a see-through colour times its opacity: compare what reaches the eye.
    seen, want = (np.dstack([c[..., :3] * (c[..., 3:] / 255), c[..., 3]]) for c in (seen, want))
    assert np.abs(seen - want)[known].max() <= 4, where  # one of 255 shades


CHECKS = {"line": check_line, "points": check_points, "text": check_text, "image": check_image}


def expected(move, drawn, state):
    """Return where the state's numbers belong, by the ticks of the page: (n, 2), NaN if nowhere."""
    ax = move.artist.axes
    transform = move.artist.get_transform()
    if move.kind == "points":
        transform = move.artist.get_offset_transform()
    in_data = transform.contains_branch_seperately(ax.transData)
    assert all(in_data), f"{move.kind}: compare by hand what is not placed in data coordinates"
    columns = []
    for name, values in (("x", move.x[state]), ("y", move.y[state])):
        axis = getattr(ax, f"{name}axis")
        scale = axis.get_transform().transform  # the identity, a logarithm, ...
        low, high = np.sort(scale(axis.get_view_interval()))
        slack = 1e-9 * (high - low)
        places = [v for v in axis.get_majorticklocs() if low - slack <= scale(v) <= high + slack]
        ticks = drawn[name][: len(places)]
        assert len(ticks) == len(places), (ax, name, places, ticks)
        for tick, label in zip(ticks, axis.get_major_formatter().format_ticks(places), strict=True):
            assert tick[1] in ("", label)
        spots = [tick[0] for tick in ticks]
        if len(places) < 2:  # an axis without ticks: the frame stands for its limits
            places, spots = axis.get_view_interval(), drawn["frame"][name]
        slope, shift = np.polyfit(scale(places), spots, 1)
        with np.errstate(all="ignore"):
            columns.append(slope * scale(np.asarray(values, dtype=float)) + shift)
    return np.stack(columns, axis=-1)


def within(move, points):
    """Tell which points lie on the canvas."""
    width, height = move.artist.get_figure().get_size_inches() * 72
    return ((points >= 0) & (points <= [width, height])).all(axis=-1)


def whole(line):
    """Split a line at its NaN; a point between two breaks draws nothing."""
    breaks = np.flatnonzero(~np.isfinite(line).all(axis=1))
    pieces = [piece[np.isfinite(piece).all(axis=1)] for piece in np.split(line, breaks)]
    return [piece for piece in pieces if len(piece) > 1]


def distances_to(line, points):
    """Return the distances of points (n, 2) to a polyline (m, 2).

    The ticks are written with a few digits only, so a segment to a far end, or between two of
    them, is known less well: a ten-millionth of how far its ends are.
    """
    tail, way = line[:-1], np.diff(line, axis=0)
    length = np.maximum(np.hypot(*way.T), 1e-12)
    unit = way / length[:, None]
    from_tail = points[:, None] - tail  # (n, m - 1, 2)
    along = np.clip(np.einsum("nmk,mk->nm", from_tail, unit), 0, length)
    beside = from_tail - along[..., None] * unit
    known = 1e-7 * (np.abs(tail).max(axis=1) + np.abs(line[1:]).max(axis=1))
    return (np.hypot(beside[..., 0], beside[..., 1]) - known).min(axis=1)
