"""The drawn part of a flipbook: one SVG for page and notebook, and a PNG of the default state.

Matplotlib draws the figure. The artists that move are drawn as empty moulds at the SVG's origin,
so that the browser only has to write their path data or shift them.
"""

import io
import re
import xml.etree.ElementTree as ET

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.ticker import FuncFormatter, LogFormatterSciNotation
from matplotlib.transforms import IdentityTransform
from PIL import Image

from descent.figures.style import CHROME, COLORS

UID = "~"  # in every id; the browser puts a number of its own there for each view of the figure
FONT = "var(--fig-font, system-ui, sans-serif)"

_SVG, _XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
_VARIABLES = {hexa: f"var(--fig-{name}, {hexa})" for name, hexa in (COLORS | CHROME).items()}
_SETTINGS = {"svg.fonttype": "none", "svg.image_inline": True, "savefig.bbox": None}
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def lay_out(fig):
    """Place the axes, and leave them there: each drawing would do it twice and take thrice as long.

    The SVG's unit is a point: from here on display and SVG coordinates agree.
    """
    fig.set_dpi(72)
    fig.draw_without_rendering()
    fig.set_layout_engine("none")


def draw_png(fig):
    """Return the figure as it stands as a PNG."""
    fig.set_dpi(144)
    with mpl.rc_context(_SETTINGS):
        canvas = FigureCanvasAgg(fig)
        canvas.draw()
    fig.set_dpi(72)
    small = io.BytesIO()  # 256 colours: a third of the bytes that a notebook has to store
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    picture.quantize(256).save(small, "png", optimize=True)
    return small.getvalue()


def draw_svg(fig, moulds, salt):
    """Return the figure as SVG text for a page, with the moving artists as moulds.

    `moulds` is a list of (artist, kind, n); the k-th artist's group gets the id `move-k`.
    """
    before = [_mould(fig, *mould, f"move-{k}") for k, mould in enumerate(moulds)]
    buffer = io.BytesIO()
    with mpl.rc_context(_SETTINGS | {"svg.hashsalt": salt}):
        FigureCanvasSVG(fig).print_svg(buffer, metadata={"Date": None, "Creator": None})
    for restore in before:
        restore()
    root = ET.fromstring(buffer.getvalue())
    for k, (_, kind, _) in enumerate(moulds):
        _prepare(root, f"move-{k}", kind)
    return _for_page(root)


def write_powers_as_text(fig):
    """Label logarithmic axes with 10⁻² as plain text, which every font can set."""
    for ax in fig.axes:
        for axis in (ax.xaxis, ax.yaxis):
            if isinstance(axis.get_major_formatter(), LogFormatterSciNotation):
                axis.set_major_formatter(FuncFormatter(_power))


def _power(value, _position=None):
    mantissa, exponent = f"{value:e}".split("e")
    if float(mantissa) != 1:
        return ""
    return "10" + str(int(exponent)).translate(_RAISED)


def _mould(fig, artist, kind, n, gid):
    """Prepare one artist for the drawing; return a function that undoes it."""
    origin = (0.0, fig.bbox.height)  # the SVG's upper left corner
    artist.set_gid(gid)
    if kind == "line":
        old, data = artist.get_transform(), artist.get_data(orig=True)
        artist.set_transform(IdentityTransform())
        artist.set_data([1, 2], [1, 2])  # inside the canvas, or matplotlib would leave them out

        def restore():
            artist.set_transform(old)
            artist.set_data(*data)

    elif kind == "points":
        old, data = artist.get_offset_transform(), artist.get_offsets()
        artist.set_offset_transform(IdentityTransform())
        artist.set_offsets([origin] * n)

        def restore():
            artist.set_offset_transform(old)
            artist.set_offsets(data)

    elif kind in ("text", "moving text"):
        old, data, string = artist.get_transform(), artist.get_position(), artist.get_text()
        artist.set_text("Mp")  # an empty text would not be drawn at all
        if kind == "moving text":
            artist.set_transform(IdentityTransform())
            artist.set_position(origin)

        def restore():
            artist.set_text(string)
            artist.set_transform(old)
            artist.set_position(data)

    else:

        def restore():
            pass

    return restore


def _prepare(root, gid, kind):
    """Turn what matplotlib drew for a mould into what the browser expects."""
    group = next(element for element in root.iter() if element.get("id") == gid)
    uses = [(holder, use) for holder in group.iter() for use in holder if use.tag == f"{_SVG}use"]
    for _, use in uses:
        use.attrib.pop("x"), use.attrib.pop("y")
    if kind == "line":
        if (path := group.find(f"{_SVG}path")) is not None:
            path.set("d", "")
        for holder, use in uses[1:]:  # the browser makes as many as it needs
            holder.remove(use)
        _merge(root, uses[:1])
    elif kind == "points":
        # A shift must not move the clip path along, so that sits on a group around the path.
        for place, child in enumerate(list(group)):
            if child.tag == f"{_SVG}path" and "clip-path" in child.attrib:
                wrapped = ET.Element(f"{_SVG}g", {"clip-path": child.attrib.pop("clip-path")})
                wrapped.append(child)
                group[place] = wrapped
        _merge(root, uses)
    elif kind == "image":
        group.attrib.clear()
        group.set("id", gid)
        group.set("preserveAspectRatio", "none")
        group.set("style", "image-rendering: pixelated")


def _merge(root, uses):
    """Let one path draw all markers of a group, if they look alike and may lie on each other.

    One path is many times faster to move than hundreds of elements. The marker's outline, made
    relative, goes into `data-stamp`; the browser sets it down at every point.
    """
    looks = {(use.get(f"{_XLINK}href"), use.get("style")) for _, use in uses}
    if len(looks) != 1:
        return
    href, style = looks.pop()
    paint = dict(re.findall(r"([\w-]+): ([^;]+)", style))
    if "opacity" in style or paint.get("stroke", "none") not in ("none", paint.get("fill")):
        return
    outline = next(path for path in root.iter(f"{_SVG}path") if path.get("id") == href[1:])
    stamp = {"d": "", "style": style, "data-stamp": _relative(outline.get("d"))}
    uses[0][0].append(ET.Element(f"{_SVG}path", stamp))
    for holder, use in uses:
        holder.remove(use)


def _relative(d):
    """Write a path of absolute commands M, L, Q, C and z with relative ones."""
    written, at, start = [], (0.0, 0.0), (0.0, 0.0)
    for command, text in re.findall(r"([MLQCz])([^MLQCz]*)", d):
        if command == "z":
            written.append("z")
            at = start
            continue
        numbers = [float(number) for number in text.split()]
        steps = [f"{n - at[k % 2]:.3f}".rstrip("0").rstrip(".") for k, n in enumerate(numbers)]
        written.append(command.lower() + " ".join(steps).replace("-0 ", "0 "))
        at = tuple(numbers[-2:])
        start = at if command == "M" else start
    return "".join(written)


def _for_page(root):
    """Drop what an SVG inside a page does not need; take ids, colours and fonts from the page."""
    for unwanted in (f"{_SVG}metadata", f"{_SVG}defs[{_SVG}style]"):
        for element in root.findall(unwanted):
            root.remove(element)
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        element.tag = element.tag.removeprefix(_SVG)
        element.text = (element.text or "").strip()
        element.tail = ""
        for name, value in list(element.attrib.items()):
            if name == "id":
                value = UID + value
            elif name == f"{_XLINK}href":
                del element.attrib[name]
                name, value = "href", value.replace("#", f"#{UID}")
            elif name == "d":
                value = " ".join(value.split())
            elif name == "style":
                value = _style(value)
            element.set(name, value.replace("url(#", f"url(#{UID}"))
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    return ET.tostring(root, encoding="unicode")


def _style(text):
    text = re.sub(r"#[0-9a-f]{6}", lambda hexa: _VARIABLES.get(hexa[0], hexa[0]), text)
    # Matplotlib 3.9 writes weight, size and family as one property.
    one = rf"font: \1calc(\2 * var(--fig-text, 1)) {FONT}"
    text = re.sub(r"font: ((?:\w+ )?)([\d.]+px) [^;]+", one, text)
    text = re.sub(r"font-family: [^;]+", f"font-family: {FONT}", text)
    return re.sub(r"font-size: ([\d.]+px)", r"font-size: calc(\1 * var(--fig-text, 1))", text)
