"""Flipbooks on the static site: a MIME renderer for myst-nb and a Sphinx extension.

The renderer finds a figure's data in the widget state of the executed notebook and writes the
picture of the default state with the data beside it. The extension adds one script, which holds
the figure's module and its host, to the pages that need it.
"""

import json
from dataclasses import replace
from pathlib import Path
from weakref import WeakKeyDictionary

from docutils import nodes

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
PACKED = "application/vnd.descent.flipbook"  # a browser runs no script of this type
SCRIPT, STYLE = "flipbook.js", "flipbook.css"
BEFORE = '<figure class="flipbook"><div class="flipbook-picture">'
_HERE = Path(__file__).parent
_MODELS = WeakKeyDictionary()  # the widgets of each notebook that is being rendered, by its client


def after(block):
    """Return what stands behind the picture: the figure's data, packed and in base64."""
    return f'</div><script type="{PACKED}" class="flipbook-data">{block}</script></figure>'


class FlipbookRenderer:
    """Renders the widget views of a page: flipbooks live, any other widget as its picture."""

    mime_priority_overrides = ()

    @staticmethod
    def handle_mime(renderer, data, inline):
        """Return docutils nodes for a widget view; None leaves other types to myst-nb."""
        if data.mime_type != VIEW:
            return None
        view = data.content if isinstance(data.content, dict) else json.loads(data.content)
        state = _widgets(renderer).get(view["model_id"], {})
        traits = state.get("state", {})
        picture = _picture(renderer, data, traits.get("alt"))
        buffers = {tuple(buffer["path"]): buffer["data"] for buffer in state.get("buffers", [])}
        if not traits.get("_anywidget_id", "").endswith(".FlipbookWidget") or not picture:
            return picture
        for image in picture:
            image["classes"] = ["flipbook-poster"]
            image["loading"] = "lazy"  # where scripts run, the figure takes its place
        renderer.add_js_file("flipbook", SCRIPT, {"defer": "defer"})
        block = buffers["data",]
        return [
            _html(BEFORE),
            *picture,
            _html(after(block)),
        ]


def _widgets(renderer):
    """Return the models of the notebook's widgets, taken out of what the page would carry."""
    client = renderer.renderer.nb_client
    if client not in _MODELS:
        metadata = client.notebook.metadata.pop("widgets", {})
        _MODELS[client] = metadata.get(STATE, {}).get("state", {})
    return _MODELS[client]


def _picture(renderer, data, alt):
    """Return the picture that stands beside this view in the cell's output, as nodes."""
    _, outputs = renderer.renderer.nb_client.code_cell_outputs(data.cell_index)
    for output in outputs:
        bundle = output.get("data", {})
        if "image/png" in bundle and bundle.get(VIEW) == data.content:
            png = replace(data, mime_type="image/png", content=bundle["image/png"])
            images = renderer.render_image(png)
            for image in images:
                image["alt"] = alt or image.get("alt", "")
            return images
    return []


def _html(text):
    return nodes.raw("", text, format="html")


def write_assets(app):
    """Write the script and the style sheet that the pages load."""
    if app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    static.mkdir(parents=True, exist_ok=True)
    module, host = ((_HERE / name).read_text("utf-8") for name in ("flipbook.js", "host.js"))
    (static / SCRIPT).write_text(f"const MODULE = {json.dumps(module)};\n{host}", encoding="utf-8")
    (static / STYLE).write_text((_HERE / "flipbook.css").read_text("utf-8"), encoding="utf-8")


def style_page(app, _name, _template, context, _doctree):
    """Give the style sheet to the pages that load the script."""
    if any(str(script.filename).endswith(SCRIPT) for script in context["script_files"]):
        app.add_css_file(STYLE)


def setup(app):
    app.connect("builder-inited", write_assets)
    app.connect("html-page-context", style_page, priority=800)  # after myst-nb named the scripts
    return {"parallel_read_safe": True, "parallel_write_safe": True}
