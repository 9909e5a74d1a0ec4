"""What holds for every picture of the book, and the two helpers that all of them use."""

import ast
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

from descent import figures
from descent.figures import style
from descent.figures.helpers import label, number

LONGEST = 40  # lines of a body, its docstring not counted
CHAPTERS = [
    pytest.param(ast.parse(path.read_text(encoding="utf-8")), id=path.stem)
    for path in sorted(Path(figures.__file__).parent.glob("*.py"))
    if path.stem not in {"__init__", "helpers", "style"}
]


def functions(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def calls(function):
    """Return the names of all that a function calls."""
    nodes = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    return {getattr(node, "attr", getattr(node, "id", "")) for node in nodes}


@pytest.mark.parametrize("tree", CHAPTERS)
def test_no_body_is_long(tree):
    for function in functions(tree):
        body = function.body[1:] if ast.get_docstring(function) else function.body
        lines = body[-1].end_lineno - body[0].lineno + 1
        assert lines <= LONGEST, f"{function.name} has {lines} lines"


@pytest.mark.parametrize("tree", CHAPTERS)
def test_public_functions_draw(tree):
    """They draw in axes, make a figure or write SVG; what they compute belongs to experiments."""
    for function in functions(tree):
        names = {argument.arg for argument in function.args.args}
        draws = names & {"ax", "axes"} or calls(function) & {"Flipbook", "Figure"}
        assert function.name.startswith("_") or draws or "svg" in function.name, function.name


@pytest.mark.parametrize("tree", CHAPTERS)
def test_every_flipbook_has_the_books_palette(tree):
    """figures.style's has it; descent.flipbook's own would stay light on a dark page."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "descent.flipbook":
            assert "Flipbook" not in {alias.name for alias in node.names}


def test_the_books_flipbook_has_its_palette():
    fig, _ = plt.subplots()
    controls = [style.flipbook.Control("k", [0, 1])]
    book = style.Flipbook(fig, controls, title="Plain", alt="Nothing.")
    assert book.palette == figures.PALETTE
    assert len({light for light, _ in book.palette.values()}) == len(book.palette)


def test_a_label_stands_so_many_points_from_its_place():
    fig, ax = plt.subplots()
    ax.set(xlim=(0, 1), ylim=(0, 10))
    text = label(ax, "here", (0.5, 5), (7.2, -14.4), figures.COLORS["gd"], va="top")
    fig.canvas.draw()
    shift = text.get_transform().transform(text.get_position()) - ax.transData.transform((0.5, 5))
    assert tuple(shift * 72 / fig.dpi) == pytest.approx((7.2, -14.4))
    assert (text.get_color(), text.get_va()) == (figures.COLORS["gd"], "top")
    plt.close(fig)


@pytest.mark.parametrize(
    ("x", "digits", "text"),
    [
        (-0.5, "g", "−0.5"), (3, "+d", "+3"), (-1, "+d", "−1"), (12345, ",d", "12,345"),
        (0.4567, ".2f", "0.46"), (-0.001, ".2f", "0.00"), (0.001, "+.2f", "0.00"), (-0.0, "g", "0"),
        (5e-7, "g", "5·10⁻⁷"), (-2.5e12, ".1e", "−2.5·10¹²"), (0.254, 2, "0.25"), (0.5, 2, "0.5"),
        (3.0, 2, "3"), (100.0, 0, "100"), (-0.004, 2, "0"), (1e6, ".0e", "1·10⁶"),
    ],
)  # fmt: skip
def test_numbers_as_the_book_sets_them(x, digits, text):
    assert number(x, digits) == text
