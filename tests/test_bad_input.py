"""Every public function of the core against every kind of bad input.

A row of the table says how a function is called well and of what kind each argument is; the kind
knows what is bad. Each bad call must end in a TypeError or ValueError of the core's own that says
what was given, what was expected and what to do. A public function without a row fails too.
"""

import importlib
import inspect
import pkgutil
import re
import tempfile
import traceback
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

import descent
from descent import (
    _checks,
    activations,
    blocks,
    data,
    gradcheck,
    layers,
    linear,
    losses,
    margin,
    network,
    normalization,
    optimize,
    perceptron,
)

CORE = Path(descent.__file__).parent


class Kind(NamedTuple):
    """What an argument is: one good value, and bad ones by name."""

    good: object
    bad: dict


def rng():
    return np.random.default_rng(0)


class Opaque:
    """An object that is no number."""

    def __repr__(self):
        return "Opaque()"


NO_NUMBERS = {
    "None": None,
    "text": "three",
    "list of text": ["1", "2"],
    "complex": [1 + 2j, 3],
    "an object": Opaque(),
    "a dict": {"a": 1},
    "a set": {1, 2},
    "a function": len,
    "ragged rows": [[1.0, 2.0], [3.0]],
    "dates": np.array(["2026-01-01", "2026-01-02"], "datetime64[D]"),
    "a huge int": 10**400,
    "an array of objects": np.array([1, Opaque()], dtype=object),
    "masked": np.ma.masked_array([1.0, 2.0], [True, False]),
}
NOT_FINITE = {"NaN": np.nan, "infinity": np.inf, "minus infinity": -np.inf}


def spoilt(good):
    """Return copies of an array with one entry that is not finite."""
    copies = {}
    for name, value in NOT_FINITE.items():
        copies[name] = np.array(good, dtype=float)
        copies[name].flat[-1] = value
    return copies


def array(good, *, finite=True, optional=False, **bad):
    """An array of real numbers; `bad` adds what is wrong with it in this place."""
    common = dict(NO_NUMBERS, empty=[], **(spoilt(good) if finite else {}))
    if optional:
        del common["None"]
    return Kind(good, common | bad)


def number(good, **bad):
    """One finite real number."""
    return Kind(good, NO_NUMBERS | NOT_FINITE | {"two numbers": [good, good], "empty": []} | bad)


def count(good, **bad):
    """A whole number."""
    no_count = {
        "None": None,
        "text": "3",
        "a bool": True,
        "a float": 2.0,
        "NaN": np.nan,
        "a list": [2],
        "an array": np.array([2]),
        "complex": 2 + 0j,
    }
    return Kind(good, no_count | bad)


def option(good, **bad):
    """One of a few words."""
    return Kind(good, {"None": None, "unknown": "sideways", "a number": 3, "a list": [good]} | bad)


def function(good, *, optional=False, **bad):
    """A function; `bad` holds functions that answer wrongly."""
    common = {"a number": 3, "text": "sgd", "an array": np.ones(3)}
    return Kind(good, common | bad if optional else {"None": None} | common | bad)


NEGATIVE = {"negative": -0.5}
NOT_POSITIVE = NEGATIVE | {"zero": 0.0}
SHARE = NEGATIVE | {"one": 1.0, "more than one": 1.5}
TOO_FEW = {"zero": 0, "negative": -1}

X = np.array([[1.0, 2.0], [1.0, 3.0], [1.0, 5.0], [1.0, 4.0]])
MATRIX = array(
    X, **{"one row only": X[0], "three axes": X[None], "a number": 2.0, "no rows": X[:0]}
)
TARGETS = array(X[:, 1] + 1, **{"one short": [1.0, 2, 3], "a column": X[:, 1:], "a number": 2.0})
LABELS = array(
    np.array([1.0, -1, 1, -1]),
    **{"one short": [1.0, -1, 1], "a column": X[:, 1:], "zero": [0, 1, 1, 1], "two": [2, 1, 1, 1]},
)
WEIGHTS = array(
    np.array([0.5, 1.0]), finite=False, **{"one short": [1.0], "one more": [1, 2, 3], "a number": 2}
)
FLAT = {"a number": 2.0, "three axes": X[None]}
ONE_AXIS = {"a number": 2.0, "two axes": X}
RNG = Kind(rng(), {"None": None, "a seed": 0, "old style": np.random.RandomState(0)})
FLAG = Kind(False, {"None": None, "text": "yes", "a number": 1})
MARGIN_LOSS = Kind(margin.hinge, {"None": None, "text": "hinge", "unknown": len, "a list": []})

PATH = optimize.gradient_descent(lambda w: w, [1.0, 2.0], 0.1, 4)
THIN = optimize.gradient_descent(lambda w: w, [1.0, 2.0], 0.1, 4, every=2)
EACH_STEP = Kind(PATH, {"None": None, "an array": PATH.w, "thinned": THIN})
RATE = array(0.1, **NOT_POSITIVE, **{"one of them": [0.1, 0.0], "none": np.zeros(0)})
RATES = Kind(
    0.1,
    {k: v for k, v in RATE.bad.items() if k != "a function"}
    | {
        "a schedule that reaches zero": lambda t: 0.2 - 0.1 * t,
        "a schedule without numbers": lambda t: "slow",
        "a schedule of NaN": lambda t: np.nan,
        "a schedule that grows axes": lambda t: np.ones(t),
    },
)
START = array(np.array([1.0, 2.0]), **{"a number": 2.0})
STEP = function(
    optimize.sgd(),
    optional=True,
    **{"wrong shape": lambda w, g, state, eta: (np.ones(5), None)},
)
PROJECT = function(lambda w: w, optional=True, **{"wrong shape": lambda w: w[:1]})
RUN = {
    "start": START,
    "eta": RATES,
    "steps": count(3, **TOO_FEW),
    "rule": STEP,
    "project": PROJECT,
    "every": count(1, **TOO_FEW),
}
CLOUD = {
    "n_samples": count(4, **TOO_FEW, one=1),
    "n_features": count(2, **TOO_FEW),
    "rng": RNG,
}
ONE_MARGIN = {"m": array(0.5, finite=False)}
COST = {"X": MATRIX, "y": TARGETS, "w": WEIGHTS}
MARGIN_COST = {"X": MATRIX, "y": LABELS, "w": WEIGHTS, "loss": MARGIN_LOSS}
BITS = {"two": [0, 2], "half": [0.5, 1]}

Z = {"z": array(0.5, finite=False)}
SCORES = {"z": array(np.array([1.0, 2.0]), finite=False, **{"a number": 2.0})}
TRUTHS = array(np.array([0.0, 1, 1]), **{"one short": [0.0, 1], "a number": 1.0})
OUTPUTS = array(np.array([0.2, 0.7, 0.9]), finite=False, **{"one short": [0.2, 0.7]})
OUTSIDE = {"below 0": [-0.1, 0.5, 0.5], "above 1": [1.1, 0.5, 0.5]}
SQUARED = {"a": OUTPUTS, "y": TRUTHS}
BINARY = {
    "a": Kind(OUTPUTS.good, OUTPUTS.bad | OUTSIDE),
    "y": Kind(TRUTHS.good, TRUTHS.bad | OUTSIDE),
}
BINARY_LOGITS = {"z": OUTPUTS, "y": BINARY["y"]}
ROWS = array(
    np.eye(2),
    **{"no shares": np.ones((2, 2)), "below 0": [[2.0, -1], [0, 1]], "one axis": [0, 1.0]},
)
CLASSES = array(np.full((2, 2), 0.5), finite=False, **{"one short": [[0.5, 0.5]]})
CATEGORICAL = {
    "a": Kind(CLASSES.good, CLASSES.bad | {"above 1": [[1.5, 0.5], [0, 1]]}),
    "y": ROWS,
}
CATEGORICAL_LOGITS = {"z": CLASSES, "y": ROWS}

W, B = np.array([[1.0, -1.0]]), np.array([0.5])
NET = [(W, B)]
LAYERS = Kind(
    NET,
    {
        "None": None,
        "a number": 3.0,
        "text": "layers",
        "empty": [],
        "no pairs": [W],
        "text inside": [("W", B)],
        "complex": [(W * 1j, B)],
        "b too long": [(W, np.ones(2))],
        "W with one axis": [(W[0], B)],
        "no chain": [(W, B), (W, B)],
    },
)
NETWORK = {
    "layers": LAYERS,
    "X": array(X, **{"one row only": X[0], "a column more": np.ones((4, 3)), "a number": 2.0}),
    "activation": option("sigmoid", **{"a list": [3], "two for one layer": ["tanh", "tanh"]}),
}
NETWORK_COST = NETWORK | {
    "y": array(np.ones(4), **{"one short": [1.0, 1, 1], "two columns": np.ones((4, 2))}),
    "loss": option("squared_error", **{"for a softmax": "categorical_cross_entropy"}),
    "lam": array(0.1, **NEGATIVE),
}
TRAINING = NETWORK_COST | {
    "eta": RATES,
    "epochs": count(2, **TOO_FEW),
    "batch_size": count(2, **TOO_FEW, **{"more than there are": 5}),
    "dropout": number(0.1, **SHARE),
    "rule": function(optimize.sgd(), optional=True),
    "rng": RNG,
}
del TRAINING["batch_size"].bad["None"]  # which means all samples
FAMILY = layers.initialize((2, 1), rng=rng(), family=(3,))


def parabola(x):
    """Return the sum of squares."""
    return np.sum(x**2)


def few_digits():
    """Write an NPZ file with one picture for training and one for the test; return its name."""
    pictures, labels = np.zeros((1, 784), np.uint8), np.array([3])
    path = Path(tempfile.mkdtemp()) / "mnist.npz"
    np.savez(path, x_train=pictures, y_train=labels, x_test=pictures, y_test=labels)
    return path


SMOOTH = function(parabola, **{"two numbers": lambda x: [1.0, 2.0], "NaN": lambda x: np.nan})
BATCH_NORM = {
    "z": array(
        np.arange(8.0).reshape(4, 2), **{"one sample": [[1.0, 2.0]], "one axis": [1.0, 2.0]}
    ),
    "gamma": array(1.0, **{"three for two": [1.0, 2.0, 3.0]}),
    "beta": array(0.0, **{"three for two": [1.0, 2.0, 3.0]}),
    "epsilon": number(1e-5, **NOT_POSITIVE),
}
STEP_SIZE = Kind(1e-5, {k: v for k, v in number(1.0, **NOT_POSITIVE).bad.items() if k != "None"})

TABLE = {
    activations.step: Z,
    activations.step_derivative: Z,
    activations.sigmoid: Z,
    activations.sigmoid_derivative: Z,
    activations.tanh: Z,
    activations.tanh_derivative: Z,
    activations.relu: Z,
    activations.relu_derivative: Z,
    activations.identity: Z,
    activations.identity_derivative: Z,
    activations.softmax: SCORES,
    activations.softmax_derivative: SCORES,
    losses.squared_error: SQUARED,
    losses.squared_error_gradient: SQUARED,
    losses.binary_cross_entropy: BINARY,
    losses.binary_cross_entropy_gradient: BINARY,
    losses.binary_cross_entropy_from_logits: BINARY_LOGITS,
    losses.binary_cross_entropy_from_logits_gradient: BINARY_LOGITS,
    losses.categorical_cross_entropy: CATEGORICAL,
    losses.categorical_cross_entropy_gradient: CATEGORICAL,
    losses.categorical_cross_entropy_from_logits: CATEGORICAL_LOGITS,
    losses.categorical_cross_entropy_from_logits_gradient: CATEGORICAL_LOGITS,
    losses.one_hot: {
        "labels": array(
            [0, 2, 1], **ONE_AXIS, **{"a half": [0.5], "too large": [3], "below 0": [-1]}
        ),
        "n_classes": count(3, **TOO_FEW),
    },
    layers.initialize: {
        "sizes": Kind(
            (2, 1),
            {
                "None": None,
                "a number": 3,
                "one layer": (2,),
                "halves": (2.5, 1),
                "zero": (2, 0),
                "text": "ab",
            },
        ),
        "rng": RNG,
        "scheme": option("xavier"),
        "family": Kind((), {"None": None, "a number": 3, "zero": (0,), "text": "ab"}),
    },
    layers.flatten: {"layers": LAYERS},
    layers.unflatten: {
        "vector": array(np.ones(3), finite=False, **{"one short": [1.0, 2], "a number": 2.0}),
        "layers": LAYERS,
    },
    layers.stack: {
        "networks": Kind(
            [NET, NET],
            {
                "None": None,
                "a number": 3,
                "empty": [],
                "no networks": [3.0],
                "unlike": [NET, FAMILY],
            },
        )
    },
    layers.member: {
        "layers": Kind(FAMILY, LAYERS.bad),
        "index": count(1, negative=-1, **{"too large": 3, "two axes": (0, 0)}),
    },
    network.forward: NETWORK,
    network.predict: NETWORK,
    network.cost: NETWORK_COST,
    network.backpropagate: NETWORK_COST,
    network.steps: TRAINING,
    network.train: TRAINING
    | {
        "validation": Kind((X, np.ones(4)), {"a number": 3, "X alone": X, "one short": (X, [1.0])}),
        "patience": Kind(2, {k: v for k, v in count(2, **TOO_FEW).bad.items() if k != "None"}),
        "every": Kind(1, {k: v for k, v in count(2, **TOO_FEW).bad.items() if k != "None"}),
        "callback": function(lambda progress: None, optional=True),
    },
    gradcheck.numerical_gradient: {"f": SMOOTH, "x": array(np.ones(2)), "step": STEP_SIZE},
    gradcheck.check_gradient: {
        "f": SMOOTH,
        "gradient": array(np.array([2.0, 2.0]), finite=False, **{"one short": [2.0]}),
        "x": array(np.ones(2)),
        "tolerance": number(1e-7, **NOT_POSITIVE),
        "step": STEP_SIZE,
    },
    data.commute: {},
    data.rush_hour_truth: {"hour": array(8.0)},
    data.rush_hour: {
        "n_samples": count(3, **TOO_FEW),
        "noise": number(1.0, **NEGATIVE),
        "rng": RNG,
    },
    data.iris_pair: {
        "negative": option("setosa", **{"the same": "versicolor"}),
        "positive": option("versicolor"),
    },
    data.logic_gate: {"name": option("AND"), "low": number(0, **{"a half": 0.5, "two": 2})},
    data.two_clouds: CLOUD | {"distance": number(1.0, **NEGATIVE)},
    data.separable_clouds: CLOUD | {"margin": number(0.1, **NOT_POSITIVE, one=1.0)},
    data.two_spirals: {
        "n_samples": count(4, **TOO_FEW),
        "turns": number(1.0, **NEGATIVE),
        "noise": number(0.1, **NEGATIVE),
        "rng": RNG,
    },
    data.linear_sample: {
        "n_samples": count(3, **TOO_FEW),
        "n_features": count(2, **TOO_FEW),
        "noise": number(1.0, **NEGATIVE),
        "rng": RNG,
    },
    data.digits: {},
    data.split: {
        "labels": array(np.repeat([0, 1], 5), **ONE_AXIS, **{"one of a class": [0, 0, 0, 0, 1]}),
        "validation": number(0.2, **SHARE),
        "test": number(0.6, **SHARE, **{"with validation all": 0.8}),
        "rng": RNG,
    },
    data.mnist: {
        "path": Kind(few_digits(), {"a number": 3, "a list": ["mnist.npz"], "bytes": b"mnist"}),
        "download": FLAG,
        "mirror": Kind(None, {"a number": 3, "a path": "/mnist", "a file": "file:///mnist"}),
        "progress": FLAG,
    },
    linear.design_matrix: {"features": array(X, **FLAT)},
    linear.polynomial_features: {
        "x": array(X[:, 1], **ONE_AXIS, **{"too large": [1e300]}),
        "degree": count(2, negative=-1),
    },
    linear.standardize: {
        "features": array(X[:, 1], **FLAT, **{"constant": [3.0, 3.0], "one row": [[1.0, 2.0]]})
    },
    linear.predict: {"X": MATRIX, "w": WEIGHTS},
    linear.cost: COST,
    linear.gradient: COST,
    linear.LeastSquares: {"X": MATRIX, "y": TARGETS},
    linear.normal_equation: {
        "X": Kind(
            X, MATRIX.bad | {"dependent columns": X[:, [1, 1]], "a column of zeros": X * [0.0, 1.0]}
        ),
        "y": TARGETS,
    },
    blocks.normal_equation: {
        "blocks": Kind(
            [(X, X[:, 1] + 1)],
            {name: MATRIX.bad[name] for name in ("None", "text", "complex", "an object", "a dict")}
            | {f"X is {name}": [(bad, TARGETS.good)] for name, bad in MATRIX.bad.items()}
            | {f"y is {name}": [(X, bad)] for name, bad in TARGETS.bad.items()}
            | {
                "empty": [],
                "no pairs": [X],
                "a single number": 3.0,
                "blocks that differ": [(X, TARGETS.good), (X[:, :1], TARGETS.good)],
                "too few rows": [(X[:1], [1.0])],
                "dependent columns": [(X[:, [1, 1]], TARGETS.good)],
            },
        ),
    },
    linear.ridge: {
        "X": Kind(X, MATRIX.bad | {"no ones": X[:, ::-1]}),
        "y": TARGETS,
        "lam": array(0.1, **NEGATIVE, **{"one of them": [0.1, -0.1]}),
        "penalize_intercept": FLAG,
    },
    linear.hessian: {"X": MATRIX},
    linear.spectrum: {"X": Kind(X, MATRIX.bad | {"all zeros": np.zeros((2, 2))})},
    margin.zero_one: ONE_MARGIN,
    margin.zero_one_derivative: ONE_MARGIN,
    margin.hinge: ONE_MARGIN,
    margin.hinge_derivative: ONE_MARGIN,
    margin.squared_hinge: ONE_MARGIN,
    margin.squared_hinge_derivative: ONE_MARGIN,
    margin.logistic: ONE_MARGIN,
    margin.logistic_derivative: ONE_MARGIN,
    margin.margin: {"X": MATRIX, "y": LABELS, "w": WEIGHTS},
    margin.cost: MARGIN_COST,
    margin.gradient: MARGIN_COST,
    margin.Margin: {"X": MATRIX, "y": LABELS, "loss": MARGIN_LOSS},
    normalization.batch_norm: BATCH_NORM,
    normalization.batch_norm_gradient: {
        "slope": array(np.ones((4, 2)), **{"one row short": np.ones((3, 2))}),
        **{name: kind for name, kind in BATCH_NORM.items() if name != "beta"},
    },
    optimize.constant: {"eta": RATE},
    optimize.inverse_sqrt: {"c": RATE},
    optimize.inverse: {"c": RATE},
    optimize.sgd: {},
    optimize.momentum: {"beta": array(0.9, **SHARE)},
    optimize.adagrad: {"epsilon": number(1e-8, **NOT_POSITIVE)},
    optimize.adam: {
        "beta1": array(0.9, **SHARE),
        "beta2": array(0.9, **SHARE),
        "epsilon": number(1e-8, **NOT_POSITIVE),
    },
    optimize.ball: {"radius": number(1.0, **NOT_POSITIVE)},
    optimize.gradient_descent: RUN
    | {"gradient": function(lambda w: w, **{"wrong shape": lambda w: 1.0})},
    optimize.stochastic_gradient_descent: RUN
    | {
        "gradient": function(lambda w, batch: w, **{"wrong shape": lambda w, batch: w[:1]}),
        "n_samples": count(4, **TOO_FEW),
        "batch_size": count(2, **TOO_FEW, **{"more than there are": 5}),
        "sampling": option("epoch"),
        "rng": RNG,
    },
    optimize.average: {"path": EACH_STEP},
    optimize.first_small_step: {"path": EACH_STEP, "tolerance": number(0.1, **NOT_POSITIVE)},
    perceptron.predict: {"X": MATRIX, "w": WEIGHTS},
    perceptron.fit: {
        "X": MATRIX,
        "y": LABELS,
        "eta": number(1.0, **NOT_POSITIVE),
        "max_epochs": count(5, **TOO_FEW),
        "start": array(np.zeros(2), optional=True, **{"one short": [1.0], "two axes": X}),
        "tie": option("wrong"),
        "record": FLAG,
    },
    perceptron.mistake_bound: {
        "X": MATRIX,
        "y": array(np.ones(4), **{k: v for k, v in LABELS.bad.items() if k not in NOT_FINITE}),
        "separator": array(np.array([1.0, 0.0]), **{"one short": [1.0], "no separator": [-1.0, 0]}),
    },
    perceptron.gate: {"w": array(np.array([1.0]), **{"one more": [1.0, 2], "two axes": X})},
    perceptron.xor: {"a": array(1, **BITS), "b": array(0, **BITS)},
    perceptron.mcculloch_pitts: {
        "excitatory": array([0, 1], **BITS, **{"a number": 1}),
        "threshold": count(1, negative=-1),
        "inhibitory": array([0, 1], optional=True, **BITS, **{"a number": 1}),
    },
}

# Arguments that a message may call otherwise: one species of two, one feature of some.
CALLED = {
    "blocks": "blocks|X",
    "negative": "species",
    "positive": "species",
    "features": "features?",
    "networks": "networks|layers",
}

CASES = [
    pytest.param(
        call, argument, value, id=f"{call.__module__[8:]}.{call.__name__}-{argument}-{name}"
    )
    for call, arguments in TABLE.items()
    for argument, kind in arguments.items()
    for name, value in kind.bad.items()
]


# What the training loops call with checked input.
UNCHECKED = {layers.flat, layers.unflat}


def public_functions(module):
    """Return the functions and classes of a module that a reader may call, records left out."""
    return {
        thing
        for name, thing in vars(module).items()
        if not name.startswith("_")
        and (inspect.isfunction(thing) or inspect.isclass(thing))
        and thing.__module__ == module.__name__
        and not (inspect.isclass(thing) and issubclass(thing, tuple))
    }


# The graph works on single Python numbers: its bad input is in test_graph.py. The panel of a
# running kernel is no part of the core.
ELSEWHERE = {"graph", "training"}


def core_modules():
    """Return the names of the core's modules: all but the private ones and those that draw."""
    names = (module.name for module in pkgutil.iter_modules([CORE]) if not module.ispkg)
    return sorted(name for name in names if not name.startswith("_") and name not in ELSEWHERE)


@pytest.mark.parametrize("name", core_modules())
def test_every_public_function_has_a_row(name):
    functions = public_functions(importlib.import_module(f"descent.{name}"))
    missing = {f.__qualname__ for f in functions - TABLE.keys() - UNCHECKED}
    assert not missing, f"no row in TABLE for {', '.join(sorted(missing))}"


@pytest.mark.parametrize("call", TABLE, ids=lambda f: f"{f.__module__[8:]}.{f.__name__}")
def test_every_argument_has_a_kind_and_the_good_call_is_good(call):
    arguments = TABLE[call]
    names = {
        name
        for name, parameter in inspect.signature(call).parameters.items()
        if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    }
    assert names <= set(arguments)
    call(**{name: kind.good for name, kind in arguments.items()})


def complete(result):
    """Take all steps of an iterator: it asks a schedule for its rate just before each step."""
    return list(result) if inspect.isgenerator(result) else result


@pytest.mark.parametrize(("call", "argument", "value"), CASES)
def test_bad_input_gets_a_helpful_sentence(call, argument, value):
    given = {name: kind.good for name, kind in TABLE[call].items()} | {argument: value}
    with pytest.raises((TypeError, ValueError)) as caught:
        complete(call(**given))
    text, error = str(caught.value), caught.value
    assert type(error) in (TypeError, ValueError), f"{type(error).__name__} says {text}"
    raiser = Path(traceback.extract_tb(error.__traceback__)[-1].filename)
    assert raiser.is_relative_to(CORE), f"raised by {raiser.name}, not by the core: {text}"
    name = CALLED.get(argument, argument)
    if call is perceptron.xor:
        name = {"a": "input 1", "b": "input 2"}[argument]
    assert re.search(rf"\b({name})\b", text), f"does not name {name}: {text}"
    assert re.search(r"\b(is|has|holds|are|reach|reaches|gives|returned|depend)\b", text), text
    assert re.search(r"\b(must|need|needs|lie|give|Give|Drop|Remove|scale|leave)\b", text), text
    assert 25 <= len(text) <= 300 and text.endswith("."), text


@pytest.mark.parametrize("extreme", [np.longdouble("1e4000"), np.longdouble("-1e4000")])
def test_a_number_wider_than_a_double_is_refused_in_silence(extreme):
    with pytest.raises(ValueError, match="must be finite"):
        _checks.real_array(np.array([1, extreme]), "x")
