"""The drawn part of a flipbook: one SVG for page and notebook, and a PNG of the default state.

Matplotlib draws the figure. The artists that move are drawn as empty moulds at the SVG's origin,
so that the browser only has to write their path data or shift them.
"""

import io
import re
import xml.etree.ElementTree as ET
from contextlib import ExitStack

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.ticker import FuncFormatter, LogFormatterSciNotation
from PIL import Image

UID = "~"  # in every id; the browser puts a number of its own there for each view of the figure
FONT = "var(--fig-font, system-ui, sans-serif)"

_SVG, _XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
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


def draw_svg(fig, moves, salt, palette):
    """Return the figure as SVG text for a page, with the moving artists as moulds.

    moves : list of Move; the k-th artist's group gets the id `move-k`
    salt : str, from which matplotlib makes its ids
    palette : {name: (light, dark)}, colours "#rrggbb" of the figure that follow the page
    """
    buffer = io.BytesIO()
    with ExitStack() as stack:
        stack.enter_context(mpl.rc_context(_SETTINGS | {"svg.hashsalt": salt}))
        for k, move in enumerate(moves):
            move.artist.set_gid(f"move-{k}")
            stack.enter_context(move.as_mould())
        FigureCanvasSVG(fig).print_svg(buffer, metadata={"Date": None, "Creator": None})
    root = ET.fromstring(buffer.getvalue())
    for k, move in enumerate(moves):
        group = next(element for element in root.iter() if element.get("id") == f"move-{k}")
        move.prepare(root, group)
    return _for_page(root, palette)


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


# What the moves do to their part of the drawing ---------------------------------------------------


def origin(artist):
    """Return the SVG's upper left corner in matplotlib's coordinates."""
    return 0.0, artist.get_figure().bbox.height


def empty_path(group):
    """Take the outline of a line, if it has one: the browser writes its own."""
    if (path := group.find(f"{_SVG}path")) is not None:
        path.set("d", "")


def markers(group):
    """Return (holder, use) for each marker of a group, all set down at the origin."""
    uses = [(holder, use) for holder in group.iter() for use in holder if use.tag == f"{_SVG}use"]
    for _, use in uses:
        use.attrib.pop("x"), use.attrib.pop("y")
    return uses


def free_from_clip(group):
    """Set the clip path on a group around each path, so that a shift does not move it along."""
    for place, child in enumerate(list(group)):
        if child.tag == f"{_SVG}path" and "clip-path" in child.attrib:
            wrapped = ET.Element(f"{_SVG}g", {"clip-path": child.attrib.pop("clip-path")})
            wrapped.append(child)
            group[place] = wrapped


def merge(root, uses):
    """Let one path draw all these markers, if they look alike and may lie on each other.

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


# From matplotlib's SVG to the page's --------------------------------------------------------------


def _for_page(root, palette):
    """Drop what an SVG inside a page does not need; take ids, colours and fonts from the page."""
    variables = {light: f"var(--fig-{name}, {light})" for name, (light, _) in palette.items()}
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
                value = _style(value, variables)
            element.set(name, value.replace("url(#", f"url(#{UID}"))
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    both = (f"--fig-{name}: light-dark({', '.join(pair)})" for name, pair in palette.items())
    root.set("style", "; ".join(both))
    return ET.tostring(root, encoding="unicode")


def _style(text, variables):
    text = re.sub(r"#[0-9a-f]{6}", lambda hexa: variables.get(hexa[0], hexa[0]), text)
    # Matplotlib 3.9 writes weight, size and family as one property.
    one = rf"font: \1calc(\2 * var(--fig-text, 1)) {FONT}"
    text = re.sub(r"font: ((?:\w+ )?)([\d.]+px) [^;]+", one, text)
    text = re.sub(r"font-family: [^;]+", f"font-family: {FONT}", text)
    return re.sub(r"font-size: ([\d.]+px)", r"font-size: calc(\1 * var(--fig-text, 1))", text)
