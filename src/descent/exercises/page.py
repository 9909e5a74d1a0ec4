"""Turns the stored verdict of an exercise that nobody has answered yet into the page's answer box.

myst-nb finds this renderer by its entry point (pyproject.toml). The box is a place with the
exercise's data; `exercises.js` builds the form in it. Where no script runs, the sentence stands.
"""

import json
from html import escape

from docutils import nodes

from descent.exercises import MIME

PLAIN = "To check your answer, open this chapter as a notebook, put it into this cell and run it."


class AnswerBoxRenderer:
    """The myst-nb plugin for the MIME type of an unanswered exercise."""

    mime_priority_overrides = (("html", MIME, 1), ("dirhtml", MIME, 1), ("singlehtml", MIME, 1))

    @staticmethod
    def handle_mime(renderer, data, inline):
        """Return the answer box as a raw node, None for every other type and place."""
        if inline or data.mime_type != MIME:
            return None
        return [nodes.raw(text=answer_box(data.content), format="html")]


def answer_box(data):
    """Return the HTML of one answer box."""
    if isinstance(data, str):
        data = json.loads(data)
    packed = escape(json.dumps(data, ensure_ascii=False, separators=(",", ":")), quote=True)
    return f'<div class="exercise-box" data-exercise="{packed}">\n<p>{PLAIN}</p>\n</div>\n'
