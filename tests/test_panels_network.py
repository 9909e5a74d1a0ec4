"""The panel that trains a network: it trains as the book does, and its buttons do what they say."""

import asyncio
import io
import re
import threading
import time

import numpy as np
import pytest
from conftest import until
from PIL import Image
from playwright.sync_api import expect

from descent import data, figures, losses, network, optimize, panels
from descent.panels import network as module

pytestmark = pytest.mark.usefixtures("sketched")
GATE = data.logic_gate("XOR")


@pytest.fixture(scope="module", autouse=True)
def style():
    figures.use_style()


@pytest.fixture
def panel():
    made = panels.training_panel(GATE.features, GATE.labels, epochs=100)
    made.full_speed.value = True
    yield made
    made.close()


@pytest.fixture(scope="module")
def clouds():
    seen, unseen = (data.two_clouds(60, rng=np.random.default_rng(5)) for _ in range(2))
    return seen, unseen


def sentence(panel):
    return panel.report.sentence


def numbers(net):
    return net.flatten()


def in_a_loop(do):
    """Run a coroutine function the way a kernel runs cells: in an event loop."""
    return asyncio.run(do())


class Clock:
    """Seconds that pass only where a panel waits, or where a test says so."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        self.now += seconds
        await asyncio.sleep(0)


def paced(panel, clock=None, **seconds):
    """Let a panel run by a clock that nobody waits for; return that clock."""
    clock = clock or Clock()
    panel.pace = module.Pace(**{"clock": clock, "sleep": clock.sleep} | seconds)
    return clock


ENDLESS = {"shortest": 1e6}  # s: 100 epochs take it a hundred million turns


# What it trains -----------------------------------------------------------------------------------


def twin(
    eta=0.5,
    epochs=100,
    hidden="tanh",
    scheme="xavier",
    sizes=(2, 3, 1),
    loss="binary_cross_entropy",
    **options,
):
    rng, names = np.random.default_rng(0), [hidden] * (len(sizes) - 2) + ["sigmoid"]
    net = network.initialize(sizes, rng=rng, scheme=scheme, activations=names, loss=loss)
    return network.train(
        net, GATE.features, GATE.labels > 0, eta=eta, epochs=epochs, rng=rng, **options
    )


def test_it_is_the_books_training(panel):
    panel.start()
    run = twin()
    np.testing.assert_array_equal(numbers(panel.network), numbers(run.network))
    assert [row.epoch for row in panel.rows] == list(range(101))
    np.testing.assert_allclose([row.cost for row in panel.rows], run.cost)
    assert sentence(panel).startswith(f"Done. Epoch 100, step 100: cost {run.cost[-1]:.4g}, ")


@pytest.mark.parametrize(
    ("control", "value", "options"),
    [
        ("rate", 0.1, {"eta": 0.1}),
        ("schedule", "η/√t", {"eta": optimize.inverse_sqrt(0.5)}),
        ("schedule", "η/t", {"eta": optimize.inverse(0.5)}),
        ("optimizer", "Adam", {"optimizer": optimize.Adam()}),
        ("optimizer", "AdaGrad", {"optimizer": optimize.AdaGrad()}),
        ("optimizer", "momentum", {"optimizer": optimize.Momentum()}),
        ("loss", "squared error", {"loss": "squared_error"}),
        ("activation", "sigmoid", {"hidden": "sigmoid"}),
        ("activation", "relu", {"hidden": "relu", "scheme": "he"}),
        ("hidden", "4, 2", {"sizes": (2, 4, 2, 1)}),
        ("hidden", "", {"sizes": (2, 1)}),
        ("batch_size", 3, {"batch_size": 3}),
        ("lam", 0.02, {"lam": 0.02}),
        ("epochs", 7, {"epochs": 7}),
    ],
)
def test_every_control_reaches_the_training(panel, control, value, options):
    getattr(panel, control).value = value
    panel.start()
    np.testing.assert_array_equal(numbers(panel.network), numbers(twin(**options).network))


def test_another_seed_is_another_start(panel):
    before = numbers(panel.network)
    panel.seed.value = 4
    after = numbers(panel.network)
    assert not np.array_equal(before, after)
    panel.seed.value = 0
    np.testing.assert_array_equal(numbers(panel.network), before)


def test_what_is_passed_in_stays_and_layers_are_a_copy(panel):
    for part in panel.network.layers[0]:
        part[:] = np.nan
    assert np.isfinite(numbers(panel.network)).all()
    features, labels = GATE.features.copy(), GATE.labels.copy()
    for array in (features, labels):
        array.setflags(write=False)
    other = panels.training_panel(features, labels, epochs=2)
    paced(other)
    other.start()


def test_many_classes_get_a_softmax_and_validation_a_curve():
    digits = data.digits()
    seen, unseen = np.arange(300), np.arange(300, 400)
    panel = panels.training_panel(
        digits.images[seen], digits.labels[seen], hidden=(12,), activation="sigmoid", epochs=4,
        batch_size=10, validation=(digits.images[unseen], digits.labels[unseen]),
    )  # fmt: skip
    panel.full_speed.value = True
    panel.start()
    assert [W.shape for W, _ in panel.network.layers] == [(12, 64), (10, 12)]
    answers = panel.network.predict(digits.images[unseen])
    right = np.mean(answers.argmax(axis=1) == digits.labels[unseen])
    cost = losses.categorical_cross_entropy(answers, losses.one_hot(digits.labels[unseen], 10))
    last = panel.rows[-1]
    assert (last.validation_right, last.validation_cost) == pytest.approx((right, cost))
    assert last.validation_right > panel.rows[0].validation_right
    assert f"validation {cost:.4g}, {right:.1%} right" in sentence(panel)
    curves = [curve.get_ydata() for curve in panel._moving]
    for curve, field in zip(curves, (1, 2, 3, 4), strict=True):
        np.testing.assert_allclose(curve, [row[field] for row in panel.rows])


def test_labels_may_have_any_names():
    made = [
        panels.training_panel(GATE.features, labels, epochs=5)
        for labels in (GATE.labels, GATE.labels > 0, 7 + 2 * GATE.labels)
    ]
    for one in made:
        one.full_speed.value = True
        one.start()
        np.testing.assert_array_equal(numbers(one.network), numbers(made[0].network))


# Its buttons --------------------------------------------------------------------------------------


def test_it_waits_for_start(panel):
    async def do():
        made = panels.training_panel(GATE.features, GATE.labels)
        assert asyncio.all_tasks() == {asyncio.current_task()} and made._task is None

    in_a_loop(do)
    assert panel.step == 0 and len(panel.rows) == 1
    assert sentence(panel) == "Ready: a 2-3-1 network with 13 weights and biases. Press Start."
    assert panel.pause_button.disabled and not panel.start_button.disabled


def test_start_pause_start_is_one_run(panel):
    panel.full_speed.value = False
    paced(panel)

    async def do():
        panel.start_button.click()
        assert sentence(panel) == "Training."
        assert panel.start_button.disabled and not panel.pause_button.disabled
        await until(lambda: panel.step >= 30)
        panel.pause_button.click()
        at = panel.step
        assert at < 100
        assert sentence(panel).startswith(f"Paused. Epoch {at}, step {at}: ")
        assert panel.pause_button.disabled and not panel.start_button.disabled
        await until(panel._task.done)
        assert panel.step == at
        panel.start_button.click()
        await until(lambda: sentence(panel).startswith("Done."))

    in_a_loop(do)
    np.testing.assert_array_equal(numbers(panel.network), numbers(twin().network))
    epochs = [row.epoch for row in panel.rows]
    assert epochs == sorted(set(epochs))


def test_the_rate_changes_in_mid_run(panel):
    panel.epochs.value = 40
    for _ in range(20):
        panel.take_one_step()
    panel.rate.value = 2.0
    panel.start()
    run = twin(eta=lambda t: 0.5 if t <= 20 else 2.0, epochs=40)
    np.testing.assert_array_equal(numbers(panel.network), numbers(run.network))


def test_a_schedule_counts_on_when_the_batches_change(panel):
    panel.schedule.value, panel.epochs.value = "η/t", 40
    for _ in range(20):
        panel.take_one_step()
    panel.lam.value = 0.1
    panel.start()
    half = twin(eta=optimize.inverse(0.5), epochs=20).network
    rest = network.train(
        half, GATE.features, GATE.labels > 0, eta=lambda t: 0.5 / (t + 20), epochs=20, lam=0.1
    )
    assert panel.step == 40
    np.testing.assert_allclose(numbers(panel.network), numbers(rest.network), rtol=1e-13)


def test_one_step(panel):
    panel.batch_size.value = 2
    panel.step_button.click()
    assert (panel.step, panel.epoch) == (1, 0.5)
    assert sentence(panel).startswith("One step. Epoch 0.5, step 1: cost ")
    np.testing.assert_array_equal(
        numbers(panel.network), numbers(next(_steps_of_twin(batch_size=2)).snapshot())
    )


def _steps_of_twin(**options):
    rng = np.random.default_rng(0)
    names, loss = ["tanh", "sigmoid"], "binary_cross_entropy"
    net = network.initialize((2, 3, 1), rng=rng, activations=names, loss=loss)
    return network.steps(net, GATE.features, GATE.labels > 0, eta=0.5, epochs=9, rng=rng, **options)


def test_no_task_outlives_its_run(panel):
    """Pause and start again before the task has noticed: only the new one trains."""
    panel.full_speed.value = False
    paced(panel, **ENDLESS)

    async def do():
        panel.start()
        await until(lambda: panel._task)
        first = panel._task
        panel.pause()
        panel.start()
        await until(first.done)
        assert not panel._task.done() and panel.pause_button.disabled is False

    in_a_loop(do)


def test_a_step_pauses_a_run(panel):
    panel.full_speed.value = False
    paced(panel)

    async def do():
        panel.start()
        await until(lambda: panel.step)
        panel.take_one_step()
        assert sentence(panel).startswith("One step.")
        at = panel.step
        await until(panel._task.done)
        assert panel.step == at

    in_a_loop(do)


def test_reset_begins_anew(panel):
    before = numbers(panel.network)
    panel.start()
    panel.reset_button.click()
    np.testing.assert_array_equal(numbers(panel.network), before)
    assert panel.step == 0 and len(panel.rows) == 1 and panel.progress.value == 0
    assert sentence(panel).startswith("Ready: ")


def test_reset_in_mid_run_stops_it(panel):
    panel.full_speed.value = False
    paced(panel)

    async def do():
        panel.start()
        await until(lambda: panel.step)
        panel.hidden.value = "5"
        await until(panel._task.done)

    in_a_loop(do)
    assert panel.step == 0 and sentence(panel).startswith("Ready: a 2-5-1 network with 21 ")


def test_start_after_the_end_goes_on(panel):
    panel.start()
    panel.start()
    assert panel.step == 200 and panel.goal == 200
    np.testing.assert_array_equal(numbers(panel.network), numbers(twin(epochs=200).network))


def test_more_epochs_in_mid_run(panel):
    panel.start()
    panel.epochs.value = 150
    assert panel.progress.value == pytest.approx(100 / 150)
    panel.start()
    assert panel.step == 150


def test_one_panel_trains_at_a_time(panel):
    other = panels.training_panel(GATE.features, GATE.labels)
    for one in (panel, other):
        one.full_speed.value = False
        paced(one)

    async def do():
        panel.start()
        await until(lambda: panel.step)
        other.start()
        assert "because another panel was started" in sentence(panel)
        await until(lambda: other.step)
        panels.training_panel(GATE.features, GATE.labels)  # the cell is run again
        assert "because a new panel was made" in sentence(other)
        at = panel.step, other.step
        await until(lambda: panel._task.done() and other._task.done())
        assert (panel.step, other.step) == at

    in_a_loop(do)
    assert module.TrainingPanel._at_work is None


def test_the_buttons_may_be_pressed_in_another_thread(panel):
    """JupyterLab may send what the reader does to a thread of its own."""

    async def do():
        made = panels.training_panel(GATE.features, GATE.labels, epochs=10**6)  # in the loop
        made.full_speed.value = True
        made.pace = module.Pace(slice=0.001, breath=0.001)
        for _ in range(20):
            before = made.step
            await asyncio.to_thread(made.start_button.click)
            await until(lambda: made.step > before)  # noqa: B023
            await asyncio.to_thread(made.pause_button.click)
            said, at = sentence(made), made.step
            assert said.startswith(f"Paused. Epoch {at}, step {at}: ")
            await until(made._task.done)
            assert (made.step, sentence(made)) == (at, said)
        made.close()

    in_a_loop(do)


def test_a_pause_from_another_thread_waits_for_the_slice(panel, monkeypatch):
    """A slice is twenty-five steps here; in the first of them the reader presses Pause."""
    panel.epochs.value = 10**6
    clock = paced(panel, slice=25.0, sleep=asyncio.sleep)
    advance, in_a_slice, done = panel._advance, threading.Event(), asyncio.Event()

    def slowly():
        advance()
        in_a_slice.set()
        clock.now += 1.0
        time.sleep(0.001)  # the other thread has its turn

    monkeypatch.setattr(panel, "_advance", slowly)
    loops, ready = [], threading.Event()

    async def kernel():
        loops.append(asyncio.get_running_loop())
        ready.set()
        await done.wait()
        await until(panel._task.done)

    thread = threading.Thread(target=asyncio.run, args=(kernel(),))
    thread.start()
    assert ready.wait(60)
    try:
        panel._loop = loops[0]
        panel.start()
        assert in_a_slice.wait(60)
        panel.pause()
        at = panel.step
        assert at % 25 == 0
        assert sentence(panel).startswith(f"Paused. Epoch {at}, step {at}: ")
    finally:
        loops[0].call_soon_threadsafe(done.set)
        thread.join(60)
    assert panel.step == at and not thread.is_alive()


def test_closing_ends_the_task(panel):
    panel.full_speed.value = False
    paced(panel)

    async def do():
        panel.start()
        await until(lambda: panel.step)
        assert not panel._task.done()
        panel.close()
        at = panel.step
        await until(panel._task.done)
        assert panel.step == at

    in_a_loop(do)


# It leaves the controls their turn ----------------------------------------------------------------


def test_no_slice_is_longer_than_its_time(panel, monkeypatch):
    clock, slices = paced(panel, slice=0.03), [0]
    advance, sleep = panel._advance, clock.sleep

    def slow():
        clock.now += 0.02
        advance()

    async def breathe(seconds):
        slices.append(panel.step)
        await sleep(seconds)

    monkeypatch.setattr(panel, "_advance", slow)
    panel.pace = panel.pace._replace(sleep=breathe)
    panel.start()
    assert np.diff(slices).tolist() == [2] * 50  # at 20 ms one more is begun, at 40 ms none
    panel.reset()
    panel.pace = panel.pace._replace(slice=0.001)
    slices[:] = [0]
    panel.start()
    assert np.diff(slices).tolist() == [1] * 100  # one step is the least


def test_a_run_can_be_watched(panel):
    """Without full speed the epochs are spread over the time; with it they are not."""
    clock = paced(panel)
    panel.full_speed.value = False
    panel.start()
    assert clock.now == pytest.approx(8, abs=0.1) and panel.step == 100
    panel.reset()
    panel.full_speed.value = True
    begin = clock.now
    panel.start()
    assert clock.now == pytest.approx(begin + panel.pace.breath) and panel.step == 100


def test_a_picture_comes_now_and_then(panel, monkeypatch):
    panel.full_speed.value = False
    clock, drawn = paced(panel), []
    monkeypatch.setattr(panel, "_draw", lambda: drawn.append(clock.now))
    panel.start()
    between = np.diff(drawn)[:-1]  # the last comes at the end
    assert len(between) > 30 and between.min() >= 0.2 - 1e-9 and between.max() < 0.22


def test_time_left_and_progress(panel, monkeypatch):
    panel.full_speed.value = False
    clock, told = paced(panel, shortest=20, frame=1), []
    count = panel._count

    def listen(seconds_an_epoch=None):
        count(seconds_an_epoch)
        told.append((clock.now, panel.epoch, panel.progress.value, panel.numbers.value))

    monkeypatch.setattr(panel, "_count", listen)
    panel.start()
    first, *running, last = told
    assert "left" not in first[3] and "left" not in last[3] and len(running) == 19
    for now, epoch, progress, words in running:
        assert re.fullmatch(r"epoch (\d+) of 100, cost [\d.e-]+, (\d+) s left", words)
        assert words.startswith(f"epoch {epoch:.0f} of") and progress == epoch / 100
        left = int(words.split()[-3])
        assert left == round(now / epoch * (100 - epoch)) and abs(left - (20 - now)) < 4


# What goes wrong ----------------------------------------------------------------------------------


def test_divergence_is_said_and_no_nan_is_shown(panel):
    panel.hidden.value, panel.activation.value, panel.rate.value = "30, 30, 30", "relu", 100
    panel.loss.value = "cross-entropy"
    panel.lam.value = 5
    panel.start()
    assert sentence(panel).startswith("Diverged in epoch ")
    assert "with η = 100 the weights grew beyond all bounds" in sentence(panel)
    assert "nan" not in (sentence(panel) + panel.numbers.value).lower()
    assert panel.start_button.disabled and panel.step_button.disabled
    at = panel.step
    panel.start()
    panel.take_one_step()
    assert panel.step == at
    panel.rate.value = 0.1
    panel.reset()
    assert not panel.start_button.disabled and sentence(panel).startswith("Ready")


def test_a_cost_that_is_no_number_is_divergence_too(panel, monkeypatch):
    monkeypatch.setattr(panel, "_judge", lambda layers, samples: (np.nan, 0.0))
    panel.take_one_step()
    assert sentence(panel).startswith("Diverged in epoch 1: ") and panel.start_button.disabled


def test_an_error_is_shown_and_reset_helps(panel, monkeypatch):
    def broken(self):
        raise MemoryError("no room")

    for act in (panel.start, panel.take_one_step):
        with monkeypatch.context() as patch:
            patch.setattr(module.TrainingPanel, "_advance", broken)
            act()
        assert sentence(panel) == "Training stopped by an error. MemoryError: no room"
        assert panel.report.trouble and panel.start_button.disabled
        assert module.TrainingPanel._at_work is None
        panel.reset()
        assert not panel.report.trouble and not panel.start_button.disabled


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x", "“x” is not a whole number"),
        ("3, 0", "“0” is not"),
        ("-3", "“-3” is not"),
        ("2.5", "“2.5” is not"),
        ("1500 1500", "3000 hidden units; the panel takes 2000"),
    ],
)
def test_bad_hidden_units_are_a_sentence(panel, text, words):
    panel.hidden.value = text
    assert words in sentence(panel) and panel.report.trouble
    assert panel.start_button.disabled and panel.step_button.disabled
    panel.start()
    panel.take_one_step()
    panel.hidden.value = " 4;5 "
    assert sentence(panel).startswith("Ready: a 2-4-5-1 network") and not panel.report.trouble


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"labels": [1, 1, 1, 1]}, ValueError, "one class"),
        ({"labels": [1, 2, 1]}, ValueError, "n = 4 like features"),
        ({"labels": list("abab")}, TypeError, "labels holds 'a'"),
        ({"features": [1.0, 2.0, 3.0, 4.0]}, ValueError, "features has shape"),
        ({"validation": 3}, TypeError, "must be a pair"),
        ({"validation": ([[1.0]], [1])}, ValueError, "1 columns but features has 2"),
        ({"validation": ([[1.0, 2]], [3])}, ValueError, "holds 3, a class that labels"),
        ({"validation": ([[1.0, 2]], [1, 1])}, ValueError, "n = 1 like validation features"),
        ({"eta": 0}, ValueError, "eta is 0"),
        ({"eta": 1e3}, ValueError, "eta is 1000"),
        ({"batch_size": 5}, ValueError, "only 4 samples"),
        ({"batch_size": 0}, ValueError, "at least 1"),
        ({"hidden": 3}, TypeError, "hidden is 3"),
        ({"hidden": (0,)}, ValueError, "each entry of hidden"),
        ({"hidden": (5000,)}, ValueError, "5000 hidden units"),
        ({"activation": "softmax"}, ValueError, "activation is 'softmax'"),
        ({"lam": -1}, ValueError, "lam is -1"),
        ({"lam": 11}, ValueError, "lam is 11"),
        ({"epochs": 0}, ValueError, "at least 1"),
    ],
)
def test_bad_arguments(options, error, words):
    given = {"features": GATE.features, "labels": GATE.labels} | options
    with pytest.raises(error, match=words):
        panels.training_panel(**given)


# What it shows ------------------------------------------------------------------------------------


def test_the_plane_shows_the_networks_answers(panel):
    panel.start()
    image = panel._moving[2].get_array()
    extent = panel._moving[2].get_extent()
    a = panel.network.predict(GATE.features)[:, 0]
    for (x, y), chance in zip(GATE.features, a, strict=True):
        column = round((x - extent[0]) / (extent[1] - extent[0]) * 89)
        row = round((y - extent[2]) / (extent[3] - extent[2]) * 89)
        blue = 1 - image[row, column, 0]
        assert (blue > 0.3) == (chance > 0.5)


def test_the_curve_is_the_history(panel):
    panel.start()
    curve = panel._moving[0]
    np.testing.assert_array_equal(curve.get_xdata(), np.arange(101))
    np.testing.assert_allclose(curve.get_ydata(), [row.cost for row in panel.rows])


def test_the_picture_moves_and_axes_are_drawn_seldom(drawn, panel, monkeypatch):
    drawn = []
    frame = panel.frame
    monkeypatch.setattr(panel, "frame", lambda figure: drawn.append(1) or frame(figure))
    pictures = set()
    for _ in range(10):
        panel.take_one_step()
        pictures.add(panel.report.png)
    assert len(pictures) == 10 and not drawn


def test_the_still_picture_is_a_finished_run_and_leaves_the_panel_idle(drawn, panel):
    before = numbers(panel.network)
    bundle = panel._repr_mimebundle_()
    again = panels.training_panel(GATE.features, GATE.labels, epochs=100)
    assert bundle["text/plain"] == "TrainingPanel: run this cell in JupyterLab to use it."
    assert bundle["image/png"] == again._repr_mimebundle_()["image/png"]
    assert panel.step == 0
    np.testing.assert_array_equal(numbers(panel.network), before)
    still = np.asarray(Image.open(io.BytesIO(panel.still())))
    panel.start()
    np.testing.assert_array_equal(still, np.asarray(Image.open(io.BytesIO(panel.report.png))))
    assert panel.still() == panel.report.png


def test_the_still_picture_of_a_long_run_is_cut_short(panel, monkeypatch):
    monkeypatch.setattr(module, "_PREVIEW", 1e6)
    taken = []
    advance = panel._advance
    monkeypatch.setattr(panel, "_advance", lambda: taken.append(1) or advance())
    panel.still()
    assert 5 <= len(taken) <= 15


# In JupyterLab ------------------------------------------------------------------------------------

CELLS = [
    """\
from descent import data, figures, panels
figures.use_style()
gate = data.logic_gate("XOR")""",
    """\
panel = panels.training_panel(gate.features, gate.labels, epochs=100_000)
panel.pace = panel.pace._replace(shortest=1000.0)  # whatever is pressed is pressed in mid-run
panel""",
]


@pytest.mark.page
def test_in_jupyterlab_it_trains_while_one_turns_the_knobs(browser, lab):
    page = browser.new_page(viewport={"width": 1300, "height": 1200})
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    lab.open(page, CELLS)
    lab.run_all(page)
    area = page.locator(".jp-OutputArea")
    status, picture = area.locator("p[role=status]"), area.locator("img").first
    says = lambda words: status.filter(has_text=words).wait_for()  # noqa: E731
    press = lambda name: area.get_by_role("button", name=name).click()  # noqa: E731
    count = area.locator("div.widget-label", has_text=re.compile("^epoch "))

    at_rest = re.compile("^epoch 0 of 100000, cost [0-9.]+$")
    says("Ready: a 2-3-1 network with 13 weights and biases.")
    expect(count).to_have_text(at_rest)
    press("Start")
    says("Training.")
    grown = []
    for _ in range(3):  # the picture and the numbers move by themselves
        before = picture.get_attribute("src")
        expect(picture).not_to_have_attribute("src", before)
        grown.append(int(count.inner_text().split()[1]))
    assert grown == sorted(grown)
    expect(count).to_have_text(re.compile("^epoch [1-9].* s left$"))
    expect(area.get_by_role("button", name="Start")).to_be_disabled()

    handle = area.locator(".noUi-handle").first  # the rate, in mid-run
    handle.focus()
    rate = area.locator(".widget-readout").first
    first = rate.inner_text()
    handle.press("ArrowRight")
    expect(rate).not_to_have_text(first)
    expect(status).to_have_text("Training.")

    press("Pause")
    says("Paused. Epoch ")
    at = int(status.inner_text().split()[2].rstrip(","))
    press("Step")
    says("One step. ")
    expect(status).to_contain_text(f"One step. Epoch {at + 1}, step {at + 1}: cost ")
    press("Reset")
    says("Ready: ")
    expect(count).to_have_text(at_rest)

    press("Start")  # and run the cell again in mid-run: the old run ends, the new panel waits
    says("Training.")
    page.locator(".jp-CodeCell .cm-content").nth(1).click()
    page.keyboard.press("Control+Enter")
    says("Ready: ")
    expect(count).to_have_text(at_rest)
    press("Step")  # nothing has moved since
    says("One step. Epoch 1, step 1: cost ")

    hidden = area.get_by_label("hidden units")  # break it
    hidden.fill("three")
    hidden.press("Enter")
    says("“three” is not a whole number")
    expect(area.get_by_role("button", name="Start")).to_be_disabled()
    hidden.fill("4")
    hidden.press("Enter")
    says("Ready: a 2-4-1 network with 17 weights and biases.")
    assert page.get_by_text("javascript error").count() == 0
    assert complaints == []
    page.close()
