import gzip
import re
import subprocess
import sys
import warnings
from base64 import b64encode
from functools import cache
from pathlib import Path

import flipbook_examples
import matplotlib.pyplot as plt
import numpy as np
import pytest

from descent import figures
from descent.flipbook import Control, Flipbook, Mark, encoding, moves
from descent.flipbook import svg as svg_module
from descent.flipbook.encoding import BREAK, Arrays, Window, collapse, pack, unpack

PACKAGE = Path(encoding.__file__).parent
VIEW = "application/vnd.jupyter.widget-view+json"


descending = cache(flipbook_examples.descending)
painting = cache(flipbook_examples.painting)


@pytest.fixture(params=[descending, painting], ids=["descending", "painting"])
def book(request):
    return request.param()


def plain_book(n=5, **more):
    """A flipbook of one control and one line, before anything moves."""
    fig, ax = plt.subplots()
    (line,) = ax.plot([0, 1], [0, 1])
    book = Flipbook(fig, [Control("k", np.arange(n))], title="Plain", alt="A line.", **more)
    return book, ax, line


def far(points, line):
    """Return each point's distance to a polyline."""
    tail, way = line[:-1], np.diff(line, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        along = ((points[:, None] - tail) * way).sum(-1) / (way**2).sum(-1)
    foot = tail + np.clip(np.nan_to_num(along), 0, 1)[..., None] * way
    return np.sqrt(((points[:, None] - foot) ** 2).sum(-1)).min(axis=1)


class TestEncoding:
    def test_a_code_is_within_a_hundredth_of_a_unit(self):
        window, rng = Window(475, 420), np.random.default_rng(0)
        xy = rng.uniform(window.low, window.high, (1000, 2))
        np.testing.assert_allclose(window.decode(window.encode(xy)), xy, atol=0.006)

    def test_the_window_has_a_margin_around_the_canvas(self):
        window = Window(400, 200)
        np.testing.assert_array_equal(window.low, [-100, -50])
        np.testing.assert_array_equal(window.high, [500, 250])

    @pytest.mark.parametrize("point", [(np.nan, 1), (1, np.nan), (np.inf, 0), (1e9, 5), (5, -1e9)])
    def test_what_is_not_in_the_window_becomes_a_break(self, point):
        codes = Window(400, 200).encode(np.array([point, (0.0, 0.0)]))
        assert (codes[0] == BREAK).all() and (codes[1] < BREAK).all()
        assert np.isnan(Window(400, 200).decode(codes)[0]).all()

    def test_a_line_to_a_far_point_keeps_its_direction(self):
        window = Window(400, 200)
        line = np.array([[[100.0, 100.0], [100100.0, -99900.0], [200.0, 100.0]]])
        cut = window.clip(line)[0]
        np.testing.assert_allclose(cut[:2], [[100, 100], [250, -50]])
        np.testing.assert_allclose(cut[-2], [349.85, -50], atol=0.01)
        np.testing.assert_allclose(cut[-1], [200, 100])
        assert np.isnan(cut[2]).all()  # what is outside is not joined along the edge

    def test_a_segment_through_the_window_between_two_far_points_is_kept(self):
        cut = Window(400, 200).clip(np.array([[[-1e6, 100.0], [1e6, 100.0]]]))[0]
        np.testing.assert_allclose(cut[:2], [[-100, 100], [500, 100]])

    @pytest.mark.parametrize("row", [[[-1e3, -1e3], [-1e3, 1e3]], [[600, 0], [600, 0]]])
    def test_a_segment_that_passes_by_leaves_nothing(self, row):
        cut = Window(400, 200).clip(np.array([row, [[0, 0], [1, 1]]], dtype=float))
        assert np.isnan(cut[0]).all()
        np.testing.assert_array_equal(cut[1], [[0, 0], [1, 1]])

    def test_lines_inside_stay_as_they_are_with_their_breaks(self):
        line = np.array([[[0, 0], [np.nan, np.nan], [9, 9.0]]])
        np.testing.assert_array_equal(Window(400, 200).clip(line), line)

    def test_random_lines_stay_on_their_course(self):
        window, rng = Window(400, 200), np.random.default_rng(1)
        for line in rng.normal(200, 600, (200, 12, 2)):
            line[rng.random(12) < 0.1] = np.nan
            cut = window.clip(line[None])[0]
            shown = cut[np.isfinite(cut[:, 0])]
            inside = line[((line >= window.low) & (line <= window.high)).all(axis=1)]
            assert ((shown >= window.low) & (shown <= window.high)).all()
            if len(shown):
                whole = np.isfinite(line[:-1, 0]) & np.isfinite(line[1:, 0])
                pieces = np.stack([line[:-1], line[1:]], axis=1)[whole]
                nearest = np.min([far(shown, piece) for piece in pieces], axis=0)
                assert nearest.max() < 1e-6
            alone = np.isfinite(line[:, 0])  # a point between two breaks draws no line
            alone[1:] &= ~np.isfinite(line[:-1, 0])
            alone[:-1] &= ~np.isfinite(line[1:, 0])
            for point in inside:
                if not (line[alone] == point).all(axis=1).any():
                    assert np.abs(shown - point).sum(axis=1).min() < 1e-9

    def test_an_axis_along_which_nothing_changes_is_stored_once(self):
        array = np.broadcast_to(np.arange(3)[:, None, None], (3, 4, 7))
        assert collapse(array, 2).shape == (3, 1, 7)
        assert collapse(np.zeros((3, 4, 7)), 2).shape == (1, 1, 7)

    @pytest.mark.parametrize("kind", ["u1", "u2", "f4"])
    def test_packing_and_unpacking_give_the_same_bits(self, kind):
        rng = np.random.default_rng(2)
        arrays, given = Arrays(), []
        smooth = np.add.outer(np.arange(50), 3 * np.arange(20))
        for values in (rng.integers(0, 255, (6, 9)), smooth, smooth.T, np.full((4, 2, 5), 9)):
            given.append(np.ascontiguousarray(values.astype(kind)))
            arrays.add(given[-1])
        codings = {head["coding"] for head in arrays.heads}
        assert codings > {"plain"}
        head, back = unpack(pack({"word": "η ≤ 2"}, arrays))
        assert head["word"] == "η ≤ 2"
        for a, b in zip(given, back, strict=True):
            assert a.tobytes() == b.tobytes()

    def test_equal_arrays_are_stored_once(self):
        arrays = Arrays()
        assert arrays.add(np.zeros(4, "u2")) == arrays.add(np.zeros(4, "u2")) == 0
        assert arrays.add(np.zeros((1, 4), "u2")) == 1


def decoded(book):
    """Return the head and, for each move, the points of every state as the browser draws them."""
    head, arrays = unpack(book.data)
    window = Window(*head["size"])

    def points(codes):
        xy = np.broadcast_arrays(arrays[codes["x"]], arrays[codes["y"]])
        return window.decode(np.stack(xy, axis=-1))

    return head, arrays, points


class TestDrawing:
    def test_the_codes_lie_where_matplotlib_puts_the_numbers(self):
        book = descending()
        head, _, points = decoded(book)
        line = points(head["moves"][0])
        ax = book.fig.axes[0]
        box = ax.get_position()
        width, height = head["size"]
        error = np.abs(flipbook_examples.runs())
        x = (box.x0 + box.width * flipbook_examples.STEPS / 40) * width
        low, high = np.log10([1e-3, 30])
        with np.errstate(divide="ignore"):
            part = (np.log10(error) - low) / (high - low)
        y = height - (box.y0 + box.height * part) * height
        for state, drawn in enumerate(line):
            shown = drawn[np.isfinite(drawn[:, 0])]
            want = np.stack([x, y[state]], axis=-1)
            inside = want[(want[:, 1] > 0) & (want[:, 1] < height)]
            for point in inside:
                assert np.abs(shown - point).max(axis=1).min() < 0.02

    def test_markers_have_their_own_points_without_the_cut_ends(self):
        head, _, points = decoded(descending())
        _, walk, _ = head["moves"]
        glyphs = points(walk["glyphs"])
        assert glyphs.shape == (24, 41, 2)
        assert np.isnan(glyphs[-1]).any() and np.isfinite(glyphs[0]).all()

    def test_an_image_runs_down_the_page_in_the_artists_colours(self):
        book = painting()
        head, arrays, _ = decoded(book)
        move = head["moves"][0]
        colors, shades = arrays[move["colors"]], arrays[move["shades"]]
        assert shades.shape == (6, 1, 1, 64) and move["size"] == [8, 8]
        stack, artist = book.moves[0].stack, book.moves[0].artist
        for phase in range(6):
            seen = colors[shades[phase, 0, 0].reshape(8, 8)]
            values = np.ma.masked_invalid(stack[phase, 0, 0][::-1])  # origin="lower"
            want = artist.cmap(artist.norm(values), bytes=True)
            assert np.abs(seen.astype(int) - want).max() <= 4  # one of 255 shades
        assert shades[0, 0, 0, 56] == moves.Image.BAD
        assert (shades[1:] < moves.Image.BAD).all()

    def test_an_image_upside_down_and_mirrored(self):
        fig, ax = plt.subplots()
        image = ax.imshow([[0, 1], [2, 3.0]], extent=(5, 1, 8, 2))
        ax.set(xlim=(0, 6), ylim=(0, 9))
        book = Flipbook(fig, [Control("k", [0, 1])], title="Image", alt="Four squares.")
        book.image(image, [[0, 1], [2, 3.0]])
        head, arrays, _ = decoded(book)
        # The first row is at y = 2, below the second at 8; columns run from right to left.
        np.testing.assert_array_equal(arrays[head["moves"][0]["shades"]].ravel(), [254, 169, 85, 0])

    def test_texts_keep_their_words_and_places(self):
        book = painting()
        head, _, points = decoded(book)
        move = head["moves"][2]
        assert move["words"] == {"shape": [1, 1, 2], "items": ["sin", "cos"]}
        assert points(move["glyphs"]).shape == (6, 1, 1, 1, 2)

    def test_the_svg_has_no_number_of_its_own_for_what_moves(self, book):
        head, _, _ = decoded(book)
        svg = head["svg"]
        for k, move in enumerate(head["moves"]):
            assert svg.count(f'id="~move-{k}"') == 1
            if move["kind"] == "line":
                assert re.search(rf'<g id="~move-{k}"><path d="" clip-path="url\(#~', svg)
        assert "<metadata" not in svg and "<style" not in svg and "matplotlib.org" not in svg
        assert not re.search(r'(id="|href="#|url\(#)(?!~)', svg)

    def test_colours_become_variables_with_the_light_value_as_fallback(self):
        svg = unpack(descending().data)[0]["svg"]
        assert "stroke: var(--fig-gd, #c9540a)" in svg
        assert "fill: var(--fig-paper, #ffffff)" in svg
        assert re.search(r"font(-size)?: calc\(10px \* var\(--fig-text, 1\)\)", svg)

    def test_the_drawing_brings_its_palette_light_and_dark(self):
        svg = unpack(descending().data)[0]["svg"]
        style = re.match(r'<svg [^>]*style="([^"]*)"', svg)[1]
        pairs = dict(re.findall(r"--fig-(\w+): light-dark\((#\w{6}, #\w{6})\)", style))
        assert pairs == {name: ", ".join(pair) for name, pair in figures.PALETTE.items()}
        known = {colour for pair in figures.PALETTE.values() for colour in pair}
        assert set(re.findall(r"#[0-9a-f]{6}", svg)) <= known

    def test_without_a_palette_lines_and_ground_follow_the_page(self):
        book, _, line = plain_book()
        book.line(line, [0, 1], np.ones((5, 2)))
        svg = unpack(book.data)[0]["svg"]
        assert "--fig-ink: light-dark(#000000, #e4e7eb)" in svg
        assert "var(--fig-paper, #ffffff)" in svg

    def test_the_style_sheet_knows_no_palette(self):
        css = (PACKAGE / "flipbook.css").read_text()
        assert set(re.findall(r"--fig-(\w+)", css)) == {"font", "width"}

    def test_markers_that_look_alike_become_one_path(self):
        svg = unpack(descending().data)[0]["svg"]
        assert svg.count("data-stamp=") == 1 and 'data-stamp="m0 2c0.53 0 ' in svg
        assert "data-stamp" not in unpack(painting().data)[0]["svg"]  # three colours and sizes

    def test_markers_that_would_merge_on_top_of_each_other_stay_apart(self):
        book, ax, _ = plain_book()
        (hollow,) = ax.plot([0, 1], "o", markerfacecolor="white")
        faint = ax.scatter([0, 1, 2], [0, 1, 2], alpha=0.5)
        book.line(hollow, [0, 1, 2], [0, 1, 2])
        book.points(faint, [0, 1, 2], [0, 1, 2])
        svg = unpack(book.data)[0]["svg"]
        assert "data-stamp" not in svg
        assert svg[svg.index("move-1") :].count("<use") >= 3

    def test_an_outline_made_relative_is_the_same_outline(self):
        d = "M 1 2 L 3 5 Q 4 4 6 6 C 0 1 2 3 4 5.5 z M -1 -1 L 0 0"
        assert svg_module._relative(d) == "m1 2l2 3q1 -1 3 1c-6 -5 -4 -3 -2 -0.5zm-2 -3l1 1"

    def test_powers_of_ten_are_plain_text(self):
        svg = unpack(descending().data)[0]["svg"]
        assert ">10⁻²<" in svg and "mathdefault" not in svg


class TestInterface:
    def test_the_same_figure_twice_gives_the_same_bytes(self, book):
        makers = {
            "Error and rate": flipbook_examples.descending,
            "A painting": flipbook_examples.painting,
        }
        twin = makers[book.title]()
        assert twin.data == book.data and twin.png == book.png

    def test_the_repr_holds_no_address(self):
        assert repr(descending()) == "<Flipbook: Error and rate (24 positions)>"
        assert repr(painting()) == "<Flipbook: A painting (6 × 2 × 2 positions)>"

    def test_a_notebook_gets_a_widget_a_picture_and_the_fixed_text(self, book):
        data, _ = book._repr_mimebundle_()
        assert set(data) == {"text/plain", "image/png", VIEW}
        assert data["text/plain"] == repr(book)
        assert data["image/png"].startswith(b"\x89PNG")
        again, _ = book._repr_mimebundle_()
        assert again[VIEW] == data[VIEW]  # one model, however often it is shown

    def test_the_figure_is_closed(self, book):
        assert not plt.get_fignums()

    def test_the_picture_shows_the_default_state(self):
        book, _, line = plain_book()
        book.line(line, [0, 1], np.stack([np.arange(5), np.arange(5) * 2.0], axis=-1))
        _ = book.png
        np.testing.assert_array_equal(line.get_ydata(), [0, 0])

    def test_picture_and_drawing_share_one_layout(self, monkeypatch):
        book, ax, line = plain_book()
        book.line(line, [0, 1], np.stack([np.arange(5), np.arange(5) * 2.0], axis=-1))
        engine, passes = book.fig.get_layout_engine(), []
        assert engine is not None
        execute = engine.execute
        monkeypatch.setattr(engine, "execute", lambda fig: passes.append(execute(fig)))
        _ = book.png
        place = ax.get_position().bounds
        _ = book.data
        assert ax.get_position().bounds == place and len(passes) == 1

    def test_what_moves_later_is_drawn_anew(self):
        book, _, line = plain_book()
        first = book.data
        book.line(line, [0, 1], np.ones((5, 2)))
        assert len(unpack(book.data)[0]["moves"]) == 1 and book.data != first

    def test_a_figure_stays_small(self, book):
        assert book.size() == len(gzip.compress(b64encode(book.data))) < 200_000

    def test_marks_stand_between_their_neighbours(self):
        control = Control("eta", [0.1, 0.2, 0.4], marks=[Mark(0.3, "limit"), Mark(0.1, "low")])
        marks = control.head()["marks"]
        assert [(m["label"], m["at"]) for m in marks] == [("low", 0.0), ("limit", 0.75)]
        falling = Control("eta", [0.4, 0.2, 0.1], marks=[Mark(0.3, "limit")])
        assert falling.head()["marks"][0]["at"] == 0.25

    def test_marks_that_would_meet_stand_on_two_rows(self):
        marks = Control(
            "k", range(11), marks=[Mark(5, "one label"), Mark(5.5, "two"), Mark(9, "c")]
        )
        assert [mark["row"] for mark in marks.head()["marks"]] == [0, 1, 0]

    def test_values_are_written_with_a_true_minus(self):
        assert Control("k", [-1, 0]).texts == ["−1", "0"]

    def test_the_code_is_written_for_every_value(self):
        book, _, _ = plain_book(code="f({k}, {k:.2f})  # {{kept}}")
        assert [p if isinstance(p, str) else p["texts"][3] for p in book.code] == [
            "f(", "3", ", ", "3.00", ")  # {", "kept}",
        ]  # fmt: skip

    def test_a_code_field_may_ask_for_the_repr(self):
        code = painting().code
        assert code[-2]["texts"] == ["sin", "cos"]

    def test_the_table_holds_the_numbers_themselves_thinned(self):
        book = descending()
        head, arrays = unpack(book.data)
        first, second = head["tables"]
        assert first["caption"] == "Error" and first["heads"] == ["step t", "error"]
        assert second["heads"] == ["place", "step"]
        steps, errors = (arrays[k] for k in first["columns"])
        assert steps.shape == (1, 25) and errors.shape == (24, 25)
        rows = steps[0].astype(int)
        assert rows[0] == 0 and rows[-1] == 40
        np.testing.assert_array_equal(
            errors, np.abs(flipbook_examples.runs())[:, rows].astype("f4")
        )

    def test_the_id_is_fit_for_an_address(self):
        assert descending().id == "error-and-rate"

    @pytest.mark.filterwarnings("error")
    def test_infinite_and_tiny_numbers_raise_no_warning(self):
        fig, ax = plt.subplots()
        (line,) = ax.semilogy([1, 2], [1, 2])
        book = Flipbook(fig, [Control("k", [0, 1])], title="Far", alt="A line.")
        book.line(line, [0, 1, 2], [[1, np.inf, 0], [1e300, 1e-300, np.nan]])
        with warnings.catch_warnings(action="error"):
            assert book.data


class TestBadInput:
    @pytest.mark.parametrize(
        ("y", "message"),
        [
            (np.zeros((4, 7)), r"line: y has shape \(4, 7\); the controls need \(5, \.\.\.\)"),
            (np.zeros((2, 5, 7)), r"line: y has shape \(2, 5, 7\)"),
            (np.zeros((5, 6)), r"x has 7 points and y has 6; they must match"),
            ([], "y is empty"),
        ],
    )
    def test_shapes(self, y, message):
        book, _, line = plain_book()
        with pytest.raises(ValueError, match=message):
            book.line(line, np.arange(7), y)

    @pytest.mark.parametrize("y", [["a", "b"], [1j, 2], [None, 1], [[1, 2], [3]]])
    def test_what_is_no_number(self, y):
        book, _, line = plain_book()
        with pytest.raises(TypeError, match="line: y"):
            book.line(line, [0, 1], y)

    def test_infinity_in_x(self):
        book, _, line = plain_book()
        with pytest.raises(ValueError, match="line: x holds infinity"):
            book.line(line, [0, np.inf], [0, 1])

    def test_the_wrong_artist(self):
        book, ax, line = plain_book()
        spots = ax.scatter([1], [1])
        for call in (
            lambda: book.line(spots, [0], [0]),
            lambda: book.line([line], [0], [0]),
            lambda: book.points(line, [0], [0]),
            lambda: book.image(line, [[0]]),
            lambda: book.text(line, ""),
        ):
            with pytest.raises(TypeError, match="the artist is a"):
                call()

    def test_an_artist_of_another_figure(self):
        book, _, _ = plain_book()
        _, _, other = plain_book()
        with pytest.raises(ValueError, match="another figure"):
            book.line(other, [0, 1], [0, 1])

    def test_an_artist_twice(self):
        book, _, line = plain_book()
        book.line(line, [0, 1], [0, 1])
        with pytest.raises(ValueError, match="moves already"):
            book.line(line, [0, 1], [0, 1])

    def test_a_ghost_that_does_not_move(self):
        book, _, line = plain_book()
        with pytest.raises(ValueError, match="ghost"):
            book.ghost(line)

    def test_texts(self):
        book, ax, _ = plain_book()
        text = ax.text(0, 0, "a")
        with pytest.raises(TypeError, match="strings"):
            book.text(text, [1, 2, 3, 4, 5])
        with pytest.raises(ValueError, match=r"strings has shape \(2,\)"):
            book.text(text, ["a", "b"])
        with pytest.raises(ValueError, match="both x and y"):
            book.text(text, "a", x=[1])
        with pytest.raises(ValueError, match="formulas"):
            book.text(text, "$x$")
        boxed = ax.text(0, 0, "a", bbox={"color": "red"})
        with pytest.raises(ValueError, match="box"):
            book.text(boxed, "a")
        with pytest.raises(TypeError, match="annotation"):
            book.text(ax.annotate("a", (0, 0)), "a", x=1, y=1)

    def test_lines_that_cannot_move(self):
        book, ax, _ = plain_book()
        (steps,) = ax.plot([0, 1], drawstyle="steps")
        with pytest.raises(ValueError, match="steps"):
            book.line(steps, [0, 1], [0, 1])

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"values": [1]}, "two or more"),
            ({"values": [1, 3, 2]}, "rise"),
            ({"values": [1, 1]}, "rise"),
            ({"values": [1, np.nan]}, "finite"),
            ({"values": [[1, 2]]}, r"k.values has shape \(1, 2\); it must be \(n,\)"),
            ({"values": [1, 2], "start": 2}, "start is 2; the last position is 1"),
            ({"values": [1, 2], "start": -1}, "start"),
            ({"values": ["a", "b"], "marks": [Mark(1, "m")]}, "names cannot carry marks"),
            ({"values": [1, 2], "name": "a b"}, "identifier"),
        ],
    )
    def test_controls(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            Control(**{"name": "k"} | arguments)

    def test_a_mark_outside_its_control(self):
        with pytest.raises(ValueError, match="the mark 'limit' at 9 lies outside 1 to 2"):
            Control("k", [1, 2], marks=[Mark(9, "limit")]).head()

    def test_a_control_of_complex_numbers(self):
        with pytest.raises(TypeError, match=r"k\.values holds 1j; it must hold real numbers"):
            Control("k", [1j, 2])

    def test_a_flipbook_without_words_or_controls(self):
        fig, _ = plt.subplots()
        control = Control("k", [1, 2])
        for bad in ({"title": ""}, {"alt": "  "}, {"controls": []}, {"controls": [control] * 4}):
            given = {"controls": [control], "title": "A", "alt": "B."} | bad
            with pytest.raises(ValueError, match=r"words|one to three"):
                Flipbook(fig, **given)
        with pytest.raises(TypeError, match="matplotlib Figure"):
            Flipbook(None, [control], title="A", alt="B.")
        with pytest.raises(ValueError, match=r"readout has shape \(3,\)"):
            Flipbook(fig, [control], title="A", alt="B.", readout=["a"] * 3)
        with pytest.raises(ValueError, match="no control 'eta'; there is k"):
            Flipbook(fig, [control], title="A", alt="B.", code="f({eta})")
        plt.close(fig)

    def test_predictions(self):
        book, _, _ = plain_book()
        with pytest.raises(ValueError, match="two or more texts"):
            book.predict("Which?", ["one"], 0)
        with pytest.raises(ValueError, match="the last choice is 1"):
            book.predict("Which?", ["one", "two"], 2)


class TestHouseRules:
    def test_the_browser_does_no_mathematics(self):
        script = (PACKAGE / "flipbook.js").read_text()
        used = set(re.findall(r"Math\.(\w+)", script))
        assert used <= {"floor", "min", "max"}

    def test_the_scripts_stay_short(self):
        for name, most in (("flipbook.js", 350), ("host.js", 50)):
            assert len((PACKAGE / name).read_text().splitlines()) <= most

    @pytest.mark.parametrize("module", ["linear", "optimize", "data", "network"])
    def test_the_core_needs_numpy_alone(self, module):
        code = f"import sys, descent.{module}; print(*sys.modules)"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert not {"matplotlib", "anywidget", "ipywidgets"} & set(done.stdout.split())
