"""The panel trains on the reader's own numbers, and says in words what is wrong with them."""

import asyncio
import base64
import io

import numpy as np
import pytest
from conftest import until
from PIL import Image
from playwright.sync_api import expect

from descent import data, figures, linear, optimize, panels

pytestmark = pytest.mark.usefixtures("sketched")
TRIPS = data.commute()


@pytest.fixture(scope="module", autouse=True)
def style():
    figures.use_style()


@pytest.fixture
def panel():
    return panels.learning_rate_panel(TRIPS.features, TRIPS.minutes)


def sentence(panel):
    return panel.report.sentence


def type_in(panel, text):
    panel.data.value = text
    return sentence(panel)


def pixels(panel):
    return np.asarray(Image.open(io.BytesIO(panel.report.png)))


# What it trains -----------------------------------------------------------------------------------


def test_it_is_the_books_gradient_descent(panel):
    X = linear.design_matrix(TRIPS.features)
    problem = linear.LeastSquares(X, TRIPS.minutes)
    twin = optimize.gradient_descent(problem.gradient, np.zeros(3), 0.1, 200)
    np.testing.assert_array_equal(panel.path.w, twin.w)
    assert "η = 0.1: below the limit 2/λmax = 0.1501; after 200 steps" in sentence(panel)
    assert f"the cost is {problem.cost(twin.w[-1]):.5g}, and the minimum is 2.3971" in sentence(
        panel
    )


def test_the_slider_retrains_and_redraws(panel):
    before = panel.report.png
    panel.slider.value = 0.05
    assert panel.eta.value == 0.05
    assert panel.path.eta[0] == 0.05
    assert panel.report.png != before


def test_any_rate_can_be_typed_and_the_slider_follows(panel):
    for eta in (1e-7, 0.149, 40.0, 0.1):
        panel.eta.value = eta
        assert panel.path.eta[0] == eta
        assert panel.slider.value == pytest.approx(eta)
        assert sentence(panel).startswith(f"η = {eta:g}: ")


def test_the_browser_may_round_to_a_notch(panel):
    """A browser answers the rate 0.16 with the nearest notch of the slider."""
    panel.eta.value = 0.16
    panel.slider.value = 0.16 * 10 ** (0.45 * panel.slider.step)
    assert panel.eta.value == 0.16
    panel.slider.value = 0.16 * 10 ** (0.55 * panel.slider.step)
    assert panel.eta.value == 0.161


def test_the_slider_reaches_beyond_the_limit(panel):
    assert 10**panel.slider.min < 0.001 < 2 * 0.1501 < 10**panel.slider.max


def test_edited_data_are_trained_on(panel):
    type_in(panel, "1, 1, 10\n2, 0, 5\n1, 0, 7\n1, 1, 9")
    features, y = np.array([[1.0, 1], [2, 0], [1, 0], [1, 1]]), np.array([10.0, 5, 7, 9])
    limit = linear.spectrum(linear.design_matrix(features)).stability_limit
    assert f"2/λmax = {limit:.4g}" in sentence(panel)
    np.testing.assert_array_equal(panel.y, y)


def test_steps_and_standardising(panel):
    panel.steps.value = 7
    assert panel.path.w.shape == (8, 3)
    panel.standardize.value = True
    assert "2/λmax = 1.159" in sentence(panel)
    panel.eta.value = 1.0
    panel.steps.value = 51
    z_star = [28, 9.263917400087822, 1.035029489352504]
    assert np.linalg.norm(panel.path.w[51] - z_star) < 1e-6


# What it shows ------------------------------------------------------------------------------------


@pytest.mark.parametrize("eta", [0.16, 0.2, 5.0, 1e30])
def test_a_diverging_rate_is_named_and_no_nan_is_shown(panel, eta):
    panel.eta.value = eta
    assert f"η = {eta:g}: diverges, above 2/λmax = 0.1501" in sentence(panel)
    assert "nan" not in sentence(panel).lower()
    assert "inf" not in sentence(panel).lower()
    assert not panel.report.trouble


def test_a_rate_a_little_above_the_limit_diverges_too(panel):
    panel.eta.value = 0.1503
    assert "diverges" in sentence(panel)
    assert "more steps" in sentence(panel)


def test_one_feature_is_drawn_as_a_line():
    panel = panels.learning_rate_panel(TRIPS.distance, TRIPS.minutes, eta=0.15, steps=1000)
    line = panel._moving[1]
    w = linear.normal_equation(linear.design_matrix(TRIPS.distance), TRIPS.minutes)
    np.testing.assert_array_equal(line.get_xdata(), [1, 5.2])
    np.testing.assert_allclose(line.get_ydata(), w[0] + w[1] * np.array([1, 5.2]), rtol=1e-9)


def test_several_features_are_drawn_fitted_against_measured(panel):
    points = panel._moving[1]
    X = linear.design_matrix(TRIPS.features)
    np.testing.assert_array_equal(points.get_xdata(), TRIPS.minutes)
    np.testing.assert_allclose(points.get_ydata(), X @ panel.path.w[-1])


def test_the_cost_curve_is_the_run(panel):
    curve = panel._moving[0]
    X = linear.design_matrix(TRIPS.features)
    np.testing.assert_array_equal(curve.get_xdata(), np.arange(201))
    np.testing.assert_allclose(curve.get_ydata(), linear.cost(X, TRIPS.minutes, panel.path.w))


def test_a_move_of_the_rate_draws_no_axes_anew(panel, monkeypatch):
    """Axes and ticks are most of the time a picture takes."""
    drawn = []
    frame = panel.frame
    monkeypatch.setattr(panel, "frame", lambda figure: drawn.append(1) or frame(figure))
    panel.slider.value = 0.01
    panel.slider.value = 0.16
    assert not drawn
    panel.steps.value = 50
    assert drawn


def test_old_curves_are_wiped(drawn, panel):
    first = pixels(panel)
    panel.slider.value = 0.01
    panel.slider.value = 0.16
    panel.slider.value = 0.1
    np.testing.assert_array_equal(pixels(panel), first)


@pytest.mark.parametrize("text", ["2, 5\n2, 7", "1, 2", "0, 0\n1, 0", "0, 0", "1, 1, 3\n2, 2, 5"])
def test_odd_but_honest_data_are_drawn(panel, text):
    assert type_in(panel, text).startswith("η = 0.1: ")
    assert "nan" not in sentence(panel)


# Bad data -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "The box is empty"),
        ("\n \n", "The box is empty"),
        ("1, 2\n\n3", "Line 3 has 1 number but line 1 has 2"),
        ("1, 2, 3\n4, 5", "Line 2 has 2 numbers but line 1 has 3"),
        ("1, two", "Line 1: “two” is not a number"),
        ("1\n2", "Each line has one number"),
        ("1, nan", "Line 1: nan is no number"),
        ("1, inf", "no number that one can train on"),
        ("1, 1e308", "no number that one can train on"),
        ("<b>1</b>, 2", "“<b>1</b>” is not a number"),
    ],
)
def test_bad_data_are_a_sentence(panel, text, words):
    before = panel.report.png
    assert words in type_in(panel, text)
    assert panel.report.png == before
    assert panel.report.trouble
    assert "η = 0.1: below" in type_in(panel, "1, 2\n3, 4")
    assert not panel.report.trouble


@pytest.mark.parametrize("eta", [0.0, -0.1, float("nan"), float("inf")])
def test_a_bad_rate_is_a_sentence(panel, eta):
    panel.eta.value = eta
    assert sentence(panel).startswith("eta is ")
    panel.eta.value = 0.1
    assert sentence(panel).startswith("η = 0.1: ")


def test_a_constant_feature_cannot_be_standardised(panel):
    panel.standardize.value = True
    assert "same value in every row" in type_in(panel, "2, 5\n2, 7")


@pytest.mark.parametrize(
    "text", ["2.7, 1, 25\n4.1, 1, 33", "2.7 1 25\n\n 4.1\t1;33 ", "2.7,1,25\n4.1,1,33\n"]
)
def test_read_table(text):
    features, y = panels.read_table(text)
    np.testing.assert_array_equal(features, [[2.7, 1], [4.1, 1]])
    np.testing.assert_array_equal(y, [25, 33])


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("2,7;1;25", [2.7, 1, 25]),
        ("2,7\t1\t25", [2.7, 1, 25]),
        ("2,7 1 25", [2.7, 1, 25]),
        ("2.7,1,25,", [2.7, 1, 25]),
        ("\u22122, 1, 25", [-2, 1, 25]),
        ("\ufeff2.7\u200b, 1, 25", [2.7, 1, 25]),
        ("\uff12.7; 1; 2.5e1", [2.7, 1, 25]),
    ],
)
def test_numbers_are_read_as_people_paste_them(text, row):
    features, y = panels.read_table(text)
    assert [*features[0], *y] == row


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1,000, 25", "Line 1 has commas with a blank behind them and commas without"),
        ("1,000 25", "“1,000” may be 1000 or a decimal"),
        ("2.7,,25\n,1,30", "Line 1 has an empty cell"),
        ("2.7,1,25\n,1,30", "Line 2 has an empty cell"),
        ("2,7;;25", "Line 1 has an empty cell"),
    ],
)
def test_no_comma_and_no_empty_cell_is_misread_in_silence(text, words):
    with pytest.raises(ValueError, match=words):
        panels.read_table(text)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (([], []), ValueError, "empty"),
        (([1.0, 2.0], [1.0]), ValueError, "n = 2 like features"),
        (([1.0, np.nan], [1.0, 2.0]), ValueError, "finite"),
        ((["a"], [1.0]), TypeError, "features holds 'a'"),
        (([1.0], [1.0], {"eta": 0}), ValueError, "greater than 0"),
        (([1.0], [1.0], {"steps": 0}), ValueError, "at least 1"),
        (([1.0], [1.0], {"steps": 5000}), ValueError, "at most 1000"),
        (([1.0], [1.0], {"steps": 2.5}), TypeError, "whole number"),
    ],
)
def test_bad_arguments(arguments, error, words):
    *data_, options = arguments if isinstance(arguments[-1], dict) else (*arguments, {})
    with pytest.raises(error, match=words):
        panels.learning_rate_panel(*data_, **options)


def test_what_is_passed_in_stays(panel):
    features, y = TRIPS.features.copy(), TRIPS.minutes.copy()
    for array in (features, y):
        array.setflags(write=False)
    panels.learning_rate_panel(features, y)


# Where it is shown --------------------------------------------------------------------------------


@pytest.mark.page
def test_a_browser_was_used_before(browser):
    """Not a test of its own: whatever the order, the next ones run after a browser's."""
    browser.new_page().close()


def test_no_event_loop_is_left_over_from_the_browser(panel):
    assert asyncio._get_running_loop() is None
    assert "The box is empty" in type_in(panel, "")


def test_typing_is_waited_out(panel, monkeypatch):
    panel.rest = 0.0
    runs = []
    monkeypatch.setattr(panel, "refresh", lambda change=None: runs.append(panel.data.value))

    async def reader():
        for text in ("1", "1,", "1, 2"):
            panel.data.value = text
        assert not runs
        await until(lambda: runs)

    asyncio.run(reader())
    assert runs == ["1, 2"]


def test_a_notebook_stores_a_fixed_text_and_a_picture(drawn, panel):
    other = panels.learning_rate_panel(TRIPS.features, TRIPS.minutes)
    bundle = panel._repr_mimebundle_()
    assert bundle["text/plain"] == repr(panel) == repr(other)
    assert "0x" not in repr(panel)
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert set(bundle) == {"text/plain", "image/png", "application/vnd.jupyter.widget-view+json"}


# In JupyterLab ------------------------------------------------------------------------------------

CELL = """\
from descent import data, figures, panels
figures.use_style()
trips = data.commute()
panels.learning_rate_panel(trips.features, trips.minutes)"""


@pytest.mark.full
@pytest.mark.page
def test_in_jupyterlab_it_answers_the_slider_and_the_keys(browser, lab):
    page = browser.new_page(viewport={"width": 1300, "height": 1000})
    lab.open(page, [CELL])
    lab.run_all(page)
    status = page.locator(".jp-OutputArea p[role=status]")
    says = lambda words: status.filter(has_text=words).wait_for()  # noqa: E731
    says("η = 0.1: below the limit 2/λmax = 0.1501")

    picture = page.locator(".jp-OutputArea img").first
    assert picture.get_attribute("alt").endswith(".")
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 950
    assert page.get_by_text("javascript error").count() == 0
    before = picture.get_attribute("src")

    rate = page.locator(".jp-OutputArea input[type=number]").first
    rate.fill("0.16")
    rate.press("Tab")
    says("η = 0.16: diverges")
    expect(picture).not_to_have_attribute("src", before)

    handle = page.locator(".jp-OutputArea .noUi-handle").first
    handle.focus()
    handle.press("ArrowLeft")
    status.filter(has_text="η = 0.16:").wait_for(state="detached")
    says("diverges, above 2/λmax = 0.1501")

    data_box = page.locator(".jp-OutputArea textarea").first
    data_box.press("Control+End")
    data_box.type("\n3, 1, x")
    says("Line 6: “x” is not a number.")
    data_box.press("Backspace")
    data_box.type("30")
    says("after")
    page.close()


# Stochastic steps ---------------------------------------------------------------------------------


@pytest.fixture
def guessing():
    return panels.stochastic_panel(TRIPS.features, TRIPS.minutes)


def test_the_stochastic_panel_is_the_books_sgd(guessing):
    X = linear.design_matrix(TRIPS.features)
    problem = linear.LeastSquares(X, TRIPS.minutes)
    twin = optimize.stochastic_gradient_descent(
        problem.gradient, np.zeros(3), optimize.inverse_sqrt(0.06), 400, n_samples=5,
        rng=np.random.default_rng(0),
    )  # fmt: skip
    np.testing.assert_array_equal(guessing.path.w, twin.w)
    assert sentence(guessing).startswith("η = 0.06/√t, batches of 1 by epochs: after 400 steps")


def test_schedule_batch_size_and_seed_retrain(guessing):
    for control, value in (("schedule", "c/t"), ("batch_size", 2), ("seed", 7)):
        before = guessing.path.w
        getattr(guessing, control).value = value
        assert not np.array_equal(before, guessing.path.w)
    assert sentence(guessing).startswith("η = 0.06/t, batches of 2 by epochs")
    guessing.schedule.value = "fixed c"
    assert sentence(guessing).startswith("η = 0.06, batches of 2")


def test_a_batch_larger_than_the_data_and_a_wild_rate_are_named(guessing):
    guessing.batch_size.value = 6
    assert "batch_size is 6 but there are only 5 samples" in sentence(guessing)
    guessing.batch_size.value = 1
    guessing.schedule.value = "fixed c"
    guessing.eta.value = 5.0
    assert "over a million times" in sentence(guessing)


@pytest.mark.parametrize(
    ("keywords", "words"),
    [({"schedule": "c/t2"}, "must be one of"), ({"batch_size": 9}, "only 5"), ({"c": -1}, "c is"),
     ({"steps": 10**6}, "at most")],
)  # fmt: skip
def test_the_stochastic_panel_checks_what_it_is_given(keywords, words):
    with pytest.raises(ValueError, match=words):
        panels.stochastic_panel(TRIPS.features, TRIPS.minutes, **keywords)
