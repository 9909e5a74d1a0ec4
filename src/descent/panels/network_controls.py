"""The controls of the panel that trains a network."""

from types import MappingProxyType

import ipywidgets

from descent import optimize


class NetworkControls:
    """Buttons, a slider for the rate, menus and boxes, and how far the training is.

    What they do is the panel's: `start`, `pause`, `take_one_step`, `reset`; `_go_on_otherwise`
    where a control changes the next steps, `_other_epochs` where it changes how many there are.
    """

    schedules = MappingProxyType(
        {"η": optimize.constant, "η/√t": optimize.inverse_sqrt, "η/t": optimize.inverse}
    )
    optimizers = MappingProxyType(
        {
            "gradient descent": None,
            "momentum": optimize.Momentum(),
            "AdaGrad": optimize.AdaGrad(),
            "Adam": optimize.Adam(),
        }
    )
    losses = MappingProxyType({"cross-entropy": "", "squared error": "squared_error"})
    activations = ("sigmoid", "tanh", "relu")

    def _make_controls(self, n, eta, batch_size, hidden, activation, lam, epochs):
        narrow = {"layout": {"width": "16em"}, "style": {"description_width": "6em"}}
        self.rate = ipywidgets.FloatLogSlider(
            eta, min=-4, max=2, step=0.05, readout_format=".3g", description="learning rate η",
            layout={"width": "24em"}, style={"description_width": "8em"},
        )  # fmt: skip
        menu = lambda options, words, value=None: ipywidgets.Dropdown(  # noqa: E731
            options=list(options), value=value or next(iter(options)), description=words, **narrow
        )
        self.schedule = menu(self.schedules, "schedule")
        self.optimizer = menu(self.optimizers, "optimiser")
        self.loss = menu(self.losses, "loss")
        self.activation = menu(self.activations, "activation", activation)
        self.hidden = ipywidgets.Text(
            ", ".join(map(str, hidden)), continuous_update=False, description="hidden units",
            tooltip="one number a hidden layer, such as 3 or 30, 10; empty for none", **narrow,
        )  # fmt: skip
        number = lambda value, words, low, high: ipywidgets.BoundedIntText(  # noqa: E731
            value, min=low, max=high, description=words, **narrow
        )
        self.batch_size = number(batch_size, "batch size", 1, n)
        self.epochs = number(epochs, "epochs", 1, 10**6)
        self.seed = number(0, "seed", 0, 10**6)
        self.lam = ipywidgets.BoundedFloatText(
            lam, min=0, max=10, step=0.001, description="penalty λ", **narrow
        )
        self.full_speed = ipywidgets.Checkbox(False, description="full speed", indent=False)
        button = lambda words, icon: ipywidgets.Button(  # noqa: E731
            description=words, icon=icon, layout={"width": "7em"}
        )
        self.start_button = button("Start", "play")
        self.pause_button = button("Pause", "pause")
        self.step_button = button("Step", "step-forward")
        self.reset_button = button("Reset", "undo")
        for each, do in (
            (self.start_button, self.start), (self.pause_button, self.pause),
            (self.step_button, self.take_one_step), (self.reset_button, self.reset),
        ):  # fmt: skip
            each.on_click(lambda _, do=do: do())
        self.progress = ipywidgets.FloatProgress(0, min=0, max=1, layout={"width": "15em"})
        self.numbers = ipywidgets.Label()
        for control in (self.hidden, self.activation, self.loss, self.seed):
            control.observe(self.reset, "value")
        for control in (self.batch_size, self.lam, self.optimizer):
            control.observe(self._go_on_otherwise, "value")
        self.epochs.observe(self._other_epochs, "value")

    def _rows(self):
        rows = [
            [
                self.start_button,
                self.pause_button,
                self.step_button,
                self.reset_button,
                self.full_speed,
            ],
            [self.rate, self.schedule, self.optimizer],
            [self.hidden, self.activation, self.loss, self.seed],
            [self.batch_size, self.lam, self.epochs],
            [self.progress, self.numbers],
        ]
        return [ipywidgets.HBox(row, layout={"flex_flow": "row wrap"}) for row in rows]
