"""Every declared argument of the core, given one or two values that it must refuse.

What a checker says is tested in test_checks.py; here each argument must be seen by the right one.
A row says how a function is called well; BAD and OWN say what is most likely wrong with what it is
given. An object that is no number, function or word is tried everywhere. A declared function
without a row fails.
"""

import importlib
import inspect
import pkgutil
import re
import traceback
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import pytest

import descent

CORE = Path(descent.__file__).parent


class Opaque:
    """An object that is no number."""

    def __repr__(self):
        return "Opaque()"


def declared():
    """Return {"module.name": function} for all functions and methods with declared arguments."""
    found = {}
    for module in pkgutil.iter_modules([str(CORE)]):
        if module.ispkg or module.name.endswith("checks"):
            continue
        thing = importlib.import_module(f"descent.{module.name}")
        for name, value in vars(thing).items():
            if getattr(value, "__module__", None) == thing.__name__:
                parts = vars(value).items() if inspect.isclass(value) else [(None, value)]
                for part, function in parts:
                    if hasattr(function, "checks"):
                        words = [module.name, name, *([part] if part else [])]
                        found[".".join(words)] = function
    return found


def rng():
    return np.random.default_rng(0)


def parabola(x):
    """Return the sum of squares."""
    return np.sum(x**2)


def good(**arguments):
    """Say how each argument is given well."""
    return arguments


class New(NamedTuple):
    """An argument that is made anew for each call."""

    make: Callable


def core(module):
    return importlib.import_module(f"descent.{module}")


def blank(module, name):
    """An object for the method that fills it."""
    return New(lambda: object.__new__(getattr(core(module), name)))


def path_of(every=1):
    return New(lambda: core("optimize").gradient_descent(lambda w: w, W2, 0.1, 4, every=every))


def network(sizes=(2, 1)):
    return core("network").initialize(sizes, rng=rng())


X = np.array([[1.0, 2.0], [1.0, 3.0], [1.0, 5.0], [1.0, 4.0]])
Y, SIGNS, W2 = X[:, 1] + 1, np.array([1.0, -1, 1, -1]), np.array([0.5, 1.0])
FIT = good(X=X, y=Y, w=W2)
MARGIN = good(X=X, y=SIGNS, w=W2)
OUTPUTS, TRUTHS, SHARES = np.array([0.2, 0.7, 0.9]), np.array([0.0, 1, 1]), np.full((2, 2), 0.5)
CLOUD = good(n_samples=4, n_features=2, rng=rng())
RUN = good(start=W2, eta=0.1, steps=3, optimizer=None, project=None, every=1)
PASS = good(X=X, y=np.ones(4), lam=0.1)
TRAINING = PASS | good(
    network=New(network), eta=0.1, epochs=2, batch_size=2, dropout=0.1, optimizer=None, rng=rng()
)
NORM = good(z=np.arange(8.0).reshape(4, 2), gamma=1.0, beta=0.0, epsilon=1e-5)


HINGE = good(loss=New(lambda: core("margin").hinge))
NETWORK, NETWORKS = New(network), New(lambda: [network(), network()])
LEAST_SQUARES = New(lambda: core("linear").LeastSquares(X, Y))
MARGINS = New(lambda: core("margin").Margin(X, SIGNS))

GOOD = {
    **{
        f"activations.{name}{part}": good(z=0.5)
        for name in ("step", "sigmoid", "tanh", "relu", "identity")
        for part in ("", "_derivative")
    },
    "activations.softmax": good(z=W2),
    "activations.softmax_derivative": good(z=W2),
    "blocks.normal_equation": good(blocks=[(X, Y), (X[:2], Y[:2])]),
    "data.rush_hour_truth": good(hour=8.0),
    "data.rush_hour": good(n_samples=3, noise=1.0, rng=rng()),
    "data.iris_pair": good(negative="setosa", positive="versicolor"),
    "data.logic_gate": good(name="AND", low=0),
    "data.two_clouds": CLOUD | good(distance=1.0),
    "data.separable_clouds": CLOUD | good(margin=0.1),
    "data.two_spirals": good(n_samples=4, turns=1.0, noise=0.1, rng=rng()),
    "data.linear_sample": good(n_samples=3, n_features=2, noise=1.0, rng=rng()),
    "data.split": good(labels=np.repeat([0, 1], 5), validation=0.2, test=0.6, rng=rng()),
    "gradcheck.numerical_gradient": good(f=parabola, x=W2, step=1e-5),
    "gradcheck.check_gradient": good(f=parabola, gradient=2 * W2, x=W2, tolerance=1e-7, step=1e-5),
    "layers.flatten": good(layers=[(np.array([[1.0, -1.0]]), np.array([0.5]))]),
    "linear.design_matrix": good(features=X),
    "linear.polynomial_features": good(x=X[:, 1], degree=2),
    "linear.standardize": good(features=X[:, 1]),
    "linear.predict": good(X=X, w=W2),
    "linear.cost": FIT,
    "linear.gradient": FIT,
    "linear.LeastSquares.__init__": good(self=blank("linear", "LeastSquares"), X=X, y=Y),
    "linear.LeastSquares.cost": good(self=LEAST_SQUARES, w=W2),
    "linear.LeastSquares.gradient": good(self=LEAST_SQUARES, w=W2, batch=[0, 2]),
    "linear.normal_equation": good(X=X, y=Y),
    "linear.ridge": good(X=X, y=Y, lam=0.1, penalize_intercept=False),
    "linear.hessian": good(X=X),
    "linear.spectrum": good(X=X),
    "losses.squared_error": good(a=OUTPUTS, y=TRUTHS),
    "losses.binary_cross_entropy": good(a=OUTPUTS, y=TRUTHS),
    "losses.binary_cross_entropy_from_logits": good(z=OUTPUTS, y=TRUTHS),
    "losses.categorical_cross_entropy": good(a=SHARES, y=np.eye(2)),
    "losses.categorical_cross_entropy_from_logits": good(z=SHARES, y=np.eye(2)),
    "losses.one_hot": good(labels=[0, 2, 1], n_classes=3),
    **{
        f"margin.{name}{part}": good(m=0.5)
        for name in ("zero_one", "hinge", "squared_hinge", "logistic")
        for part in ("", "_derivative")
    },
    "margin.margin": MARGIN,
    "margin.cost": MARGIN | HINGE,
    "margin.gradient": MARGIN | HINGE,
    "margin.Margin.__init__": HINGE | good(self=blank("margin", "Margin"), X=X, y=SIGNS),
    "margin.Margin.margin": good(self=MARGINS, w=W2, batch=[0, 2]),
    "margin.Margin.cost": good(self=MARGINS, w=W2),
    "margin.Margin.gradient": good(self=MARGINS, w=W2, batch=[0, 2]),
    "network.Network.__init__": good(
        self=blank("network", "Network"),
        layers=[(np.ones((1, 2)), np.ones(1)), (np.ones((1, 1)), np.ones(1))],
        activations=["tanh", "sigmoid"],
        loss="squared_error",
    ),
    "network.Network.forward": good(self=NETWORK, X=X),
    "network.Network.predict": good(self=NETWORK, X=X),
    "network.Network.cost": PASS | good(self=NETWORK),
    "network.Network.gradient": PASS | good(self=NETWORK),
    "network.Network.unflatten": good(self=NETWORK, vector=np.ones(3)),
    "network.backpropagate": good(network=NETWORK, X=X, y=np.ones(4)),
    "network.initialize": good(sizes=(2, 1), rng=rng(), scheme="xavier", family=()),
    "network.stack": good(networks=NETWORKS),
    "network.steps": TRAINING,
    "network.train": TRAINING
    | good(validation=(X[:2], np.ones(2)), patience=2, every=1, callback=None),
    "normalization.batch_norm": NORM,
    "normalization.batch_norm_gradient": good(derivative=np.ones((4, 2)))
    | {name: value for name, value in NORM.items() if name != "beta"},
    "optimize.constant": good(eta=0.1),
    "optimize.inverse_sqrt": good(C=0.1),
    "optimize.inverse": good(C=0.1),
    "optimize.Momentum.__init__": good(self=blank("optimize", "Momentum"), beta=0.9),
    "optimize.AdaGrad.__init__": good(self=blank("optimize", "AdaGrad"), epsilon=1e-8),
    "optimize.Adam.__init__": good(
        self=blank("optimize", "Adam"), beta1=0.9, beta2=0.999, epsilon=1e-8
    ),
    "optimize.gradient_descent": RUN | good(gradient=lambda w: w),
    "optimize.stochastic_gradient_descent": RUN
    | good(gradient=lambda w, batch: w, n_samples=4, batch_size=2, sampling="epoch", rng=rng()),
    "optimize.ball": good(radius=1.0),
    "optimize.average": good(path=path_of()),
    "optimize.first_small_step": good(path=path_of(), tolerance=0.1),
    "perceptron.predict": good(X=X, w=W2),
    "perceptron.fit": good(
        X=X, y=SIGNS, eta=1.0, max_epochs=5, start=None, tie="wrong", record=False
    ),
    "perceptron.mistake_bound": good(X=X, y=np.ones(4), separator=np.array([1.0, 0.0])),
    "perceptron.mcculloch_pitts": good(excitatory=[0, 1], threshold=1, inhibitory=None),
}

STRANGERS = New(lambda: [network(), network((2, 1, 1))])

# What is most likely wrong with an argument, wherever it stands; where something else is, its own.
BAD = {
    "X": [X[0], np.array([[np.nan, 1.0]])],
    "y": [np.ones(3)],
    "w": [np.ones(3)],
    "eta": [0.0, lambda t: "slow"],
    "C": [-1.0],
    "beta": [1.0],
    "beta1": [1.0],
    "beta2": [-0.1],
    "lam": [-0.1],
    "epsilon": [0.0],
    "tolerance": [0.0],
    "step": [-1.0],
    "radius": [0.0],
    "noise": [-1.0],
    "turns": [-1.0],
    "distance": [-1.0],
    "low": [2],
    "name": ["NAND?"],
    "validation": [1.0],
    "test": [-0.1],
    "dropout": [1.0],
    "steps": [0, 2.0],
    "epochs": [0],
    "every": [0],
    "max_epochs": [0],
    "patience": [0],
    "n_samples": [0],
    "n_features": [0],
    "n_classes": [2],
    "batch_size": [5, 0],
    "degree": [-1],
    "threshold": [0.5],
    "rng": [0, None],
    "sampling": ["sideways"],
    "tie": ["sideways"],
    "scheme": ["sideways"],
    "activations": ["sideways", ["tanh"], ["softmax", "sigmoid"]],
    "loss": ["sideways", "categorical_cross_entropy"],
    "optimizer": [New(lambda: core("optimize").Adam)],
    "batch": [[7], [], 2],
    "penalize_intercept": ["yes"],
    "record": [1],
    "layers": [
        [],
        [5],
        [(np.ones(2), 1.0)],
        [(np.ones((1, 2)), np.ones(2))],
        [(np.ones((1, 2)), np.ones(1)), (np.ones((1, 3)), np.ones(1))],
    ],
    "sizes": [(2,), (2, 0)],
    "networks": [[], 3, [None], STRANGERS],
    "vector": [np.ones(2)],
    "start": [np.ones((2, 2, 2, 2))],
}
OWN = {
    ("normalization.batch_norm", "beta"): [[1.0, 2.0, 3.0]],
    ("data.separable_clouds", "margin"): [1.0],
    ("data.split", "labels"): [[0, 0, 0, 0, 1]],
    ("data.iris_pair", "negative"): ["rose"],
    ("data.iris_pair", "positive"): ["setosa"],
    ("linear.standardize", "features"): [[3.0, 3.0]],
    ("linear.polynomial_features", "x"): [[np.nan]],
    ("linear.ridge", "X"): [X[:, ::-1]],
    ("linear.normal_equation", "X"): [X[:, [1, 1]]],
    ("losses.one_hot", "labels"): [[0.5], [-1]],
    ("losses.binary_cross_entropy", "a"): [[1.1, 0.5, 0.5]],
    ("losses.binary_cross_entropy", "y"): [[-0.1, 0.5, 0.5]],
    ("losses.binary_cross_entropy_from_logits", "y"): [[0.0, 1.0]],
    ("losses.squared_error", "y"): [[0.0, 1.0]],
    ("losses.categorical_cross_entropy", "y"): [np.ones((2, 2))],
    **{
        (f"network.{name}", "X"): [X[0], X[:, :1], np.array([[np.nan, 1.0]])]
        for name in ("Network.forward", "Network.predict", "backpropagate", "steps", "train")
    },
    ("network.train", "validation"): [(X, [1.0]), (X, np.ones(4), None), X],
    ("blocks.normal_equation", "blocks"): [[], [5], [(X, Y, Y)], [(X, Y[:2])]],
    ("optimize.average", "path"): [path_of(every=2)],
    ("optimize.gradient_descent", "start"): [2.0],
    ("optimize.stochastic_gradient_descent", "start"): [2.0],
    ("perceptron.fit", "start"): [[1.0]],
    ("perceptron.fit", "eta"): [0.0],
    ("perceptron.mistake_bound", "separator"): [[-1.0, 0.0]],
    ("perceptron.mcculloch_pitts", "excitatory"): [[0, 2]],
}
DECLARED = declared()
CASES = [
    pytest.param(name, argument, value, id=f"{name}-{argument}-{k}")
    for name, arguments in GOOD.items()
    for argument in arguments
    if argument != "self"
    for k, value in enumerate([Opaque(), *OWN.get((name, argument), BAD.get(argument, ()))])
]
# Arguments that a message may call otherwise.
CALLED = {"n_classes": "labels|n_classes", "networks": "networks|layers"}


def called(function, changed=MappingProxyType({})):
    """Call a function by its row, with some arguments changed; take all steps of a generator."""
    arguments = GOOD[function] | changed
    made = {k: v.make() if isinstance(v, New) else v for k, v in arguments.items()}
    result = DECLARED[function](**made)
    return list(result) if inspect.isgenerator(result) else result


@pytest.mark.parametrize("name", DECLARED)
def test_every_declared_function_has_a_row_whose_call_is_good(name):
    assert name in GOOD, f"no row in GOOD for {name}"
    parameters = inspect.signature(DECLARED[name]).parameters.values()
    known = {p.name for p in parameters if p.kind is not p.VAR_POSITIONAL}
    assert set(GOOD[name]) <= known
    assert set(DECLARED[name].checks) & known <= set(GOOD[name]), "an argument without a value"
    called(name)


def test_no_row_is_left_over():
    assert GOOD.keys() == DECLARED.keys()


@pytest.mark.parametrize(("name", "argument", "value"), CASES)
def test_a_bad_argument_gets_a_helpful_sentence(name, argument, value):
    with pytest.raises((TypeError, ValueError)) as caught:
        called(name, {argument: value})
    text = str(caught.value)
    raiser = Path(traceback.extract_tb(caught.value.__traceback__)[-1].filename)
    assert raiser.is_relative_to(CORE), f"raised by {raiser.name}, not by the core: {text}"
    assert re.search(rf"\b({CALLED.get(argument, argument)})\b", text), text
    assert re.search(
        r"\b(must|make|need|needs|lie|give|Give|Drop|Remove|scale|leave|pass)\b", text
    ), text
    assert 25 <= len(text) <= 300 and text.endswith("."), text
