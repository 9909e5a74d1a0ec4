"""Every public function of the core on input that nobody thought of.

Hypothesis makes up the arguments: any shape, any type that a reader may have at hand, numbers from
1e-100 to 1e100. A call may end in two ways only. Either it returns an answer of real numbers,
finite wherever the input was finite and of a moderate size, or it raises a TypeError or ValueError
of the core's own with a whole sentence. Nothing passes as a warning (pytest turns warnings into
errors) and no input is changed.

Left out on purpose, since no reader meets them and the core has no lines for them: numbers beyond
1e100, whole numbers beyond 64 bits, dates, empty arrays of complex numbers.

The good arguments come from the table of test_bad_arguments.py, so a new function is fuzzed as soon
as it has its row there. `make test-full` tries many more examples of each.
"""

import inspect
import math
import traceback
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from test_bad_arguments import CORE, DECLARED, GOOD, New, Opaque, parabola

from descent import (
    activations,
    data,
    gradcheck,
    graph,
    linear,
    losses,
    margin,
    optimize,
    panels,
    perceptron,
)

EXTREMES = [0.0, -0.0, 1e-100, 1e-16, 1e-8, 0.1, 0.5, 1.0, 2.0, 3.5, 37.0, 745.2, 1e8, 1e16, 1e100]
EXTREMES += [-value for value in EXTREMES]
NOT_FINITE = [math.nan, math.inf, -math.inf]
DTYPES = ["f8", "f4", "f2", "g", "i1", "u1", "i8", "u8", "?", "c16", "U3", "S2", "O"]

floats = st.sampled_from(EXTREMES) | st.floats(-10, 10)
any_floats = st.sampled_from(EXTREMES + NOT_FINITE) | st.floats(-1e100, 1e100)
scalars = st.one_of(
    any_floats,
    st.integers(-3, 5),
    st.sampled_from([np.float32(1.5), np.int8(2), np.float16("inf"), np.longdouble(2)]),
    st.sampled_from([None, True, False, np.True_, 2j, "", "three", "1", b"1", "sigmoid"]),
    st.sampled_from([Decimal("0.1"), Fraction(1, 3), Opaque(), ...]),
    st.sampled_from([lambda *a, value=value: value for value in (None, "x", math.nan, 2j, [[]])]),
)
containers = st.one_of(
    st.lists(scalars, max_size=4),
    st.tuples(scalars, scalars),
    st.lists(st.lists(any_floats, max_size=3), max_size=3),
    st.dictionaries(st.text(max_size=2), scalars, max_size=2),
    st.sets(st.integers(0, 3), max_size=3),
    st.builds(range, st.integers(0, 4)),
    st.builds(lambda n: (k for k in range(n)), st.integers(0, 3)),
)


@st.composite
def any_arrays(draw):
    """Return an array of any type and up to four axes, empty ones and views included."""
    dtype = np.dtype(draw(st.sampled_from(DTYPES)))
    least = 1 if dtype.kind == "c" else 0  # an empty array of complex numbers is nobody's
    shape = draw(arrays.array_shapes(min_dims=0, max_dims=4, min_side=least, max_side=4))
    if dtype.kind in "fc":
        values = draw(st.lists(any_floats, min_size=1, max_size=6))
        with np.errstate(over="ignore"):
            return np.resize(np.array(values).astype(dtype), shape)
    return np.zeros(shape, dtype) if draw(st.booleans()) else np.ones(shape, "i1").astype(dtype)


wild = st.one_of(scalars, containers, any_arrays())


def like(good, entries=floats):
    """Return values of the shape of a good one: other numbers in it, another type, another form."""
    if isinstance(good, (list, tuple)) and good and isinstance(good[0], tuple):  # layers, blocks
        parts = st.tuples(entries, entries)
        return parts.map(
            lambda v: [(np.full_like(W, v[0]), np.full_like(b, v[1])) for W, b in good]
        )
    if not isinstance(good, (float, np.ndarray)):
        return st.just(good)
    good = np.asarray(good)
    several = st.lists(entries, min_size=1, max_size=6)
    forms = [np.array, np.ndarray.tolist, lambda a: a.astype("f4"), lambda a: a.astype("i8")]
    forms += [np.asfortranarray, lambda a: a[..., None][..., 0], lambda a: np.stack([a, a])]
    numbers = several.map(lambda values: np.resize(values, good.shape))
    with_good = st.builds(lambda form: form(good.astype(float)), st.sampled_from(forms))
    return st.one_of(numbers, with_good, entries.map(lambda v: np.full(good.shape, v)))


def arguments_of(call, values):
    """Draw a dict of arguments: most of them good, the rest from `values(good)`."""
    return mixed(GOOD[call], values)


@st.composite
def mixed(draw, good, values):
    names = sorted(good.keys() - {"self"})
    spoilt = draw(st.sets(st.sampled_from(names), min_size=1, max_size=min(3, len(names))))
    return {name: draw(values(value)) if name in spoilt else value for name, value in good.items()}


def quiet_parabola(x):
    """Return the sum of squares; the warnings of a caller's function are the caller's."""
    with np.errstate(over="ignore"):
        return parabola(x)


def frozen(value):
    """Return an array that cannot be written, a generator that starts anew, the rest as it is."""
    if value is parabola:
        return quiet_parabola
    if isinstance(value, New):
        return value.make()
    if isinstance(value, np.random.Generator):
        return np.random.default_rng(0)
    if isinstance(value, np.ndarray) and value.dtype != object:
        value = value.copy()
        value.flags.writeable = False
    return value


def finished(call, arguments):
    """Return what a call returns, an iterator's first results as a list, functions asked once."""
    result = DECLARED.get(call, call)(**arguments)
    return list(islice(result, 5)) if inspect.isgenerator(result) else result


def numbers_in(result):
    """Yield every array and number in a result, whatever it is packed in."""
    if isinstance(result, (np.ndarray, np.generic, float, int, bool)):
        yield np.asarray(result)
    elif isinstance(result, (tuple, list)):
        for part in result:
            yield from numbers_in(part)


def check_that_it_helps(error):
    """Assert that an error is the core's own and says what is wrong in a whole sentence."""
    text = str(error)
    assert type(error) in (TypeError, ValueError), f"{type(error).__name__}: {text}"
    raiser = Path(traceback.extract_tb(error.__traceback__)[-1].filename)
    assert raiser.is_relative_to(CORE), f"raised by {raiser.name}, not by the core: {text}"
    assert 25 <= len(text) <= 400 and text.endswith("."), text
    assert " at 0x" not in text, f"shows an address: {text}"


def answer_or_sentence(call, arguments):
    """Return the answer of a call, or None if it ended in a helpful sentence."""
    try:
        result = finished(call, arguments)
    except Exception as error:
        check_that_it_helps(error)
        return None
    for value in numbers_in(result):
        assert value.dtype.kind in "fiub", f"{call} answers with {value.dtype}"
        assert value.dtype.itemsize <= 8, f"{call} answers with {value.dtype}"
    return result


def name_of(call):
    return f"{call.__module__[8:]}.{call.__qualname__}"


every_function = pytest.mark.parametrize("call", GOOD)
fewer = settings(max_examples=settings.default.max_examples // 8)
some = settings(max_examples=settings.default.max_examples // 2)


@every_function
@fewer
@given(data=st.data())
def test_any_argument_ends_in_an_answer_or_a_sentence(call, data):
    arguments = data.draw(arguments_of(call, lambda good: wild | like(good, any_floats)))
    answer_or_sentence(call, {name: frozen(value) for name, value in arguments.items()})


SURE = "a sure answer that is wrong costs infinity"
DIVERGES = "a run may diverge: NaN marks it, and the record says where"
MAY_LEAVE_THE_FINITE_NUMBERS = {
    "linear.spectrum": "the condition number of dependent columns is infinite",
    "losses.binary_cross_entropy": SURE,
    "losses.categorical_cross_entropy": SURE,
    "optimize.gradient_descent": DIVERGES,
    "optimize.stochastic_gradient_descent": DIVERGES,
    "network.train": DIVERGES,
    "network.steps": DIVERGES,
}
sizes = st.floats(-50, 50).map(lambda power: 10.0**power)
moderate = st.one_of(st.just(0.0), st.floats(-10, 10), sizes, sizes.map(lambda size: -size))


@pytest.mark.parametrize(
    "call", [call for call in GOOD if call not in MAY_LEAVE_THE_FINITE_NUMBERS]
)
@fewer
@given(data=st.data())
def test_finite_numbers_of_moderate_size_have_a_finite_answer(call, data):
    arguments = data.draw(arguments_of(call, lambda good: like(good, moderate)))
    answer = answer_or_sentence(call, {name: frozen(value) for name, value in arguments.items()})
    for value in numbers_in(answer):
        assert np.isfinite(value).all(), f"{call} answers {value} to {arguments}"


# The answers themselves, against exact arithmetic ------------------------------------------------

matrices = st.tuples(st.integers(1, 4), st.integers(1, 3)).flatmap(
    lambda shape: st.tuples(
        arrays.arrays(float, shape, elements=floats),
        arrays.arrays(float, shape[:1], elements=floats),
        arrays.arrays(float, shape[1:], elements=floats),
    )
)
LARGEST = Fraction(np.finfo(float).max)
TINY = Fraction(5e-324)


def exact(array):
    """Return the numbers of an array as fractions, in a list (of lists)."""
    return [exact(row) if np.ndim(row) else Fraction(float(row)) for row in array]


def dot(a, b):
    return sum((x * y for x, y in zip(a, b, strict=True)), Fraction(0))


def agrees(value, true, size):
    """Whether a double is `true` up to rounding, where the terms of the sum add up to `size`.

    Where these leave the range of a double, infinity and NaN are right too.
    """
    if size > LARGEST / 4:
        return not math.isfinite(value) or abs(Fraction(value) - true) <= size / 10**14
    return math.isfinite(value) and abs(Fraction(value) - true) <= size / 10**14 + 100 * TINY


@some
@given(matrices)
def test_least_squares_against_fractions(problem):
    X, y, w = problem
    rows, targets, weights = map(exact, problem)
    n = len(rows)
    residuals = [dot(row, weights) - target for row, target in zip(rows, targets, strict=True)]
    sizes = [dot(map(abs, row), map(abs, weights)) for row in rows]
    for value, row, size in zip(linear.predict(X, w), rows, sizes, strict=True):
        assert agrees(value, dot(row, weights), size)
    spread = [size + abs(target) for size, target in zip(sizes, targets, strict=True)]
    true = dot(residuals, residuals) / (2 * n)
    assert agrees(float(linear.cost(X, y, w)), true, dot(spread, spread))
    for j, slope in enumerate(linear.gradient(X, y, w)):
        column = [row[j] for row in rows]
        size = dot(map(abs, column), spread)
        size = max(size, *spread)  # a residual may be out of reach where its column is 0
        assert agrees(float(slope), dot(residuals, column) / n, size)


@some
@given(matrices, st.sampled_from([margin.hinge, margin.squared_hinge, margin.zero_one]))
def test_margins_against_fractions(problem, loss):
    X, y, w = problem
    y = np.where(y > 0, 1.0, -1.0)
    rows, weights = exact(X), exact(w)
    true = [int(sign) * dot(row, weights) for row, sign in zip(rows, y, strict=True)]
    sizes = [dot(map(abs, row), map(abs, weights)) for row in rows]
    found = margin.margin(X, y, w)
    assert all(map(agrees, found.tolist(), true, sizes))
    assume(np.isfinite(found).all())
    losses_of = {
        margin.hinge: lambda m: max(Fraction(0), 1 - m),
        margin.squared_hinge: lambda m: max(Fraction(0), 1 - m) ** 2 / 2,
        margin.zero_one: lambda m: Fraction(m <= 0),
    }
    for m in found.tolist():
        true = losses_of[loss](Fraction(m))
        assert agrees(float(loss(m)), true, true)


def exp(z):
    """Return e^z with fifty digits; beyond e^2000 and e^-2000 no double tells the difference."""
    return min(max(z, Decimal(-2000)), Decimal(2000)).exp()


SMOOTH = {
    activations.sigmoid: lambda z: 1 / (1 + exp(-z)),
    activations.sigmoid_derivative: lambda z: exp(-abs(z)) / (1 + exp(-abs(z))) ** 2,
    activations.tanh: lambda z: (
        (1 - exp(-2 * abs(z))) / (1 + exp(-2 * abs(z))) * (1 if z > 0 else -1)
    ),
    activations.tanh_derivative: lambda z: 4 * exp(-2 * abs(z)) / (1 + exp(-2 * abs(z))) ** 2,
    margin.logistic: lambda z: (1 + exp(-z)).ln() if z > -2000 else -z,
    margin.logistic_derivative: lambda z: -1 / (1 + exp(z)),
}


@pytest.mark.parametrize("function", SMOOTH, ids=name_of)
@some
@given(z=floats)
def test_smooth_functions_against_fifty_digits(function, z):
    with localcontext() as context:
        context.prec = 400  # for tanh(z) of a tiny z
        true = SMOOTH[function](Decimal(z))
        error = abs(Decimal(float(function(z))) - true)
        assert error <= abs(true) * Decimal("1e-12") + Decimal(100 * 5e-324)


@some
@given(arrays.arrays(float, st.integers(1, 4), elements=floats), st.data())
def test_softmax_and_its_loss_against_fifty_digits(z, data):
    chosen = data.draw(st.integers(0, len(z) - 1))
    shares = activations.softmax(z)
    loss = losses.categorical_cross_entropy_from_logits(z[None], np.eye(len(z))[[chosen]])
    with localcontext() as context:
        context.prec = 50
        below = [Decimal(entry) - Decimal(z.max()) for entry in z.tolist()]
        total = sum(map(exp, below))
        for share, entry in zip(shares.tolist(), below, strict=True):
            true = exp(entry) / total
            assert abs(Decimal(share) - true) <= true * Decimal("1e-12") + Decimal(100 * 5e-324)
        true = total.ln() - below[chosen]
        if true > Decimal(float(LARGEST)):
            assert math.isinf(loss)
        else:
            assert abs(Decimal(float(loss)) - true) <= true * Decimal("1e-12") + Decimal("1e-15")


# What cannot stand in the table: methods, returned functions, text --------------------------------


@some
@given(X=wild, y=wild, w=wild, batch=wild)
def test_problems_for_loops_end_in_an_answer_or_a_sentence(X, y, w, batch):
    good = np.array([[1.0, 2.0], [1.0, 3.0], [1.0, 5.0]]), np.array([1.0, -1.0, 1.0])
    for problem in (linear.LeastSquares(*good), margin.Margin(*good)):
        answer_or_sentence(problem.cost, {"w": w})
        answer_or_sentence(problem.gradient, {"w": np.ones(2), "batch": batch})
        answer_or_sentence(problem.gradient, {"w": w, "batch": batch})
        answer_or_sentence(type(problem), {"X": X, "y": y})


@some
@given(t=wild, w=wild)
def test_returned_functions_end_in_an_answer_or_a_sentence(t, w):
    for schedule in (optimize.inverse(0.1), optimize.inverse_sqrt([0.1, 0.2])):
        answer_or_sentence(schedule, {"t": t})
    answer_or_sentence(optimize.ball(2.0), {"w": w})


@some
@given(inputs=st.lists(wild, min_size=1, max_size=3))
def test_gates_end_in_an_answer_or_a_sentence(inputs):
    answer_or_sentence(lambda: perceptron.gate(perceptron.AND, *inputs), {})


OPERATIONS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "reflected -": lambda a, b: b - a,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "reflected /": lambda a, b: b / a,
    "** 0.5": lambda a, b: a**0.5,
    "**": lambda a, b: a**b,
} | {
    name: lambda a, b, name=name: getattr(a, name)()
    for name in ("exp", "log", "cos", "sigmoid", "tanh", "relu")
}


@pytest.mark.parametrize("operation", OPERATIONS)
@some
@given(a=floats, b=scalars)
def test_the_graph_ends_in_a_number_or_a_sentence(operation, a, b):
    try:
        result = OPERATIONS[operation](graph.Value(a), b)
        result.backward()
    except Exception as error:
        check_that_it_helps(error)
    else:
        assert type(result.data) is float


numbers_as_text = st.one_of(floats.map(repr), st.sampled_from(["nan", "inf", "1e400", "x", "1_0"]))
lines = st.lists(numbers_as_text, max_size=4).flatmap(
    lambda words: st.sampled_from([", ", ";", " ", "\t"]).map(lambda gap: gap.join(words))
)


@some
@given(st.lists(lines, max_size=4).map("\n".join) | st.text(max_size=30))
def test_the_text_box_of_a_panel_ends_in_numbers_or_a_sentence(text):
    result = answer_or_sentence(panels.read_table, {"text": text})
    for value in numbers_in(result):
        assert np.isfinite(value).all()


# What these tests have found, each by name -----------------------------------------------------

POINTS, Y = np.array([[1.0, 2.0], [1.0, 3.0]]), np.array([1.0, -1.0])


def descend(gradient=lambda w: w, **options):
    return optimize.gradient_descent(gradient, [1.0, 2.0], 0.1, 3, **options)


FOUND = {
    "an address in a message": (
        lambda: optimize.gradient_descent("w", [1.0], 0.1, len),
        "gradient is 'w'; it must be a function",
    ),
    "a function for a count": (
        lambda: linear.polynomial_features([1.0], descend),
        "it must be a whole number",
    ),
    "step 0 of a schedule": (lambda: optimize.inverse(0.1)(0), "t is 0; it must be at least 1"),
    "a gradient of text": (lambda: descend(lambda w: ["a", "b"]), "what gradient returned holds"),
    "a complex gradient": (lambda: descend(lambda w: w * 1j), "what gradient returned holds"),
    "a ragged gradient": (lambda: descend(lambda w: [[1.0], 2.0]), "what gradient returned"),
    "weights of text in a loop": (
        lambda: linear.LeastSquares(POINTS, Y).cost(["a", "b"]),
        "w holds 'a'",
    ),
    "too many weights in a loop": (
        lambda: linear.LeastSquares(POINTS, Y).gradient(np.ones(3)),
        "w has shape",
    ),
    "a batch outside the data": (
        lambda: margin.Margin(POINTS, Y).gradient(np.ones(2), [7]),
        "batch is",
    ),
    "a batch of nobody": (
        lambda: linear.LeastSquares(POINTS, Y).gradient(np.ones(2), []),
        "at least one",
    ),
    "a step lost in rounding": (
        lambda: gradcheck.numerical_gradient(quiet_parabola, [1e12], step=1e-5),
        "lost in rounding",
    ),
    "a point for a projection": (lambda: optimize.ball(1.0)(2.0), "w has shape ()"),
}


@pytest.mark.parametrize(("call", "words"), FOUND.values(), ids=FOUND)
def test_what_was_found_has_its_sentence(call, words):
    with pytest.raises((TypeError, ValueError)) as caught:
        call()
    check_that_it_helps(caught.value)
    assert words in str(caught.value)


def test_what_was_found_has_its_answer():
    tiny = perceptron.mistake_bound(POINTS, np.ones(2), [0.0, 1e-100])
    assert tiny == perceptron.mistake_bound(POINTS, np.ones(2), [0.0, 1.0])
    assert losses.one_hot([2], 10**6).sum() == 1  # no square of the number of classes
    assert data.rush_hour_truth(1e100) == 22
    far = np.array([[1e200, 1e200], [3.0, 4.0]])
    np.testing.assert_allclose(optimize.ball(5.0)(far), [[12.5**0.5, 12.5**0.5], [3, 4]])
