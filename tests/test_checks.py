"""Each checker once: what it lets pass, what it refuses, and the sentence that it says.

That every argument of the core is seen by its checker is tested in test_bad_arguments.py.
"""

import re
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from descent import checks, network_checks


class Opaque:
    """An object that is no number."""

    def __repr__(self):
        return "Opaque()"


def see(check, value, **given):
    """Let a check look at an argument called X, beside others that are given."""
    return check(value, "X", {checks.SIZES: {}} | given)


def refuses(error, words, check, value, **given):
    """Assert that a check says these words, in a sentence that names the argument."""
    with pytest.raises(error) as caught:
        see(check, value, **given)
    text = str(caught.value)
    assert type(caught.value) is error, text
    assert words in text, text
    assert re.search(r"\bX\b", text) and text.endswith("."), text
    assert re.search(r"\b(must|give|make|call|pass|Remove)\b", text) and " at 0x" not in text, text


# Arrays -------------------------------------------------------------------------------------------

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
    "dates": np.array(["2026-01-01"], "datetime64[D]"),
    "an array of objects": np.array([1, Opaque()], dtype=object),
}


@pytest.mark.parametrize("value", NO_NUMBERS.values(), ids=NO_NUMBERS)
def test_what_is_no_number_is_refused(value):
    refuses(TypeError, "X ", checks.array(), value)


def test_masked_entries_are_refused():
    with pytest.raises((TypeError, ValueError), match="X"):
        see(checks.array(), np.ma.masked_array([1.0, 2.0], [True, False]))


@pytest.mark.parametrize(
    "value",
    [
        [1, 2],
        (True, False),
        np.array([1, 2], "i1"),
        np.array([1.5], "f4"),
        [Fraction(1, 2), Decimal("0.5")],
        np.array([1, 2.5], dtype=object),
    ],
)
def test_real_numbers_of_any_type_become_doubles(value):
    found = see(checks.array(), value)
    assert found.dtype == float
    assert found.tolist() == [float(entry) for entry in value]


def test_an_array_of_doubles_is_not_copied():
    X = np.ones(3)
    assert see(checks.array(), X) is X


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([1.0, np.nan], "X[1] is"),
        ([[1.0, 2.0], [-np.inf, np.nan]], "X[1, 0] is"),
        (np.inf, "X is"),
        ([np.longdouble("1e4000")], "X[0] is"),
        ([], "X is empty (shape (0,))"),
        (np.zeros((0, 2)), "X is empty (shape (0, 2))"),
    ],
)
def test_what_is_not_finite_is_refused_and_its_place_is_named(value, words):
    refuses(ValueError, words, checks.array(), value)


def test_infinity_and_nan_pass_where_they_may():
    assert see(checks.array(finite=False), [np.inf, np.nan]).tolist()[0] == np.inf
    refuses(ValueError, "empty", checks.array(finite=False), [])


@pytest.mark.parametrize(
    ("bounds", "value", "words"),
    [
        ({"above": 0}, [1.0, 0.0], "X holds 0; it must be greater than 0"),
        ({"above": 0}, -2.5, "X is -2.5; it must be greater than 0"),
        ({"at_least": 0}, [-0.5], "at least 0"),
        ({"below": 1}, [1.0], "less than 1"),
        ({"at_most": 1}, [1.5, 0.0], "at most 1"),
        ({"at_least": 0, "below": 1}, [0.5, 2.0], "X holds 2; it must be less than 1"),
        ({"among": (-1, 1)}, [1.0, 0.0], "X holds 0; "),
        ({"among": (0, 1)}, [1.0, 0.5], "X holds 0.5; "),
    ],
)
def test_bounds_are_kept_and_the_first_entry_outside_is_shown(bounds, value, words):
    refuses(ValueError, words, checks.array(**bounds), value)


def test_what_lies_on_a_bound_that_counts_passes():
    bounds = {"above": 0, "at_least": 1, "below": 3, "at_most": 2}
    assert see(checks.array(**bounds), [1.0, 2.0]).tolist() == [1, 2]
    assert see(checks.array(among=(-1, 1)), [1, -1]).tolist() == [1, -1]


# Shapes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "fits", "others"),
    [
        ("n", [(3,)], [(), (3, 1)]),
        ("n p", [(3, 2)], [(), (3,), (1, 3, 2)]),
        ("n | n d", [(3,), (3, 2)], [(), (1, 3, 2)]),
        ("... p", [(2,), (5, 2), (4, 5, 2)], [()]),
        ("", [(), (3,), (2, 3, 4)], []),
    ],
)
def test_axes_are_named_by_letters(spec, fits, others):
    for shape in fits:
        assert see(checks.array(spec), np.ones(shape)).shape == shape
    for shape in others:
        refuses(
            ValueError, f"X has shape {shape}; it must be (", checks.array(spec), np.ones(shape)
        )


def test_a_letter_stands_for_one_size_in_the_whole_call():
    given = {checks.SIZES: {}}
    checks.array("n p")(np.ones((5, 2)), "X", given)
    assert checks.array("n")(np.ones(5), "y", given).shape == (5,)
    with pytest.raises(ValueError, match=r"y has shape \(4,\).*n = 5 like X"):
        checks.array("n")(np.ones(4), "y", given)
    with pytest.raises(ValueError, match=r"w has shape \(2, 3\).*p = 2 like X"):
        checks.array("... p")(np.ones((2, 3)), "w", given)


def test_a_problem_that_holds_data_brings_their_sizes():
    given, problem = {checks.SIZES: {}}, SimpleNamespace(X=np.ones((5, 2)))
    assert checks.holder(problem, "self", given) is problem
    assert checks.weights(np.ones((3, 2)), "w", given).shape == (3, 2)
    assert checks.targets(np.ones(5), "y", given).shape == (5,)
    with pytest.raises(ValueError, match=r"w has shape \(5,\).*p = 2 like X"):
        checks.weights(np.ones(5), "w", given)


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("matrix", np.ones((2, 3)), [np.ones(3), [[np.nan]]]),
        ("features", np.ones(3), [1.0, [np.inf]]),
        ("targets", np.ones(3), [np.ones((3, 1)), [np.nan]]),
        ("labels", [-1.0, 1.0], [[0.0, 1.0]]),
        ("weights", [np.nan, 1.0], [1.0]),
        ("anything", [[np.inf]], [[]]),
        ("rate", [0.1, 2.0], [0.0, [0.1, -1.0]]),
        ("share", [0.0, 0.9], [1.0, -0.1]),
        ("positive", 0.1, [0.0, [0.1, 0.2]]),
    ],
)
def test_what_has_a_name_of_its_own(name, good, bad):
    check = getattr(checks, name)
    np.testing.assert_array_equal(see(check, good), good)
    for value in bad:
        refuses(ValueError, "X", check, value)


# One thing of a kind ------------------------------------------------------------------------------


def test_one_number():
    assert see(checks.number(), np.array(2)) == 2.0
    assert type(see(checks.number(), True)) is float
    refuses(ValueError, "X has shape (2,); it must be one number", checks.number(), [1.0, 2.0])
    refuses(ValueError, "greater than 0", checks.number(above=0), 0)


@pytest.mark.parametrize("value", [True, 2.0, "3", None, [2], np.array([2]), 2 + 0j, np.nan])
def test_a_count_is_a_whole_number(value):
    refuses(TypeError, "it must be a whole number", checks.count(), value)


def test_counts_begin_where_they_are_told():
    assert see(checks.count(), np.int8(3)) == 3
    refuses(ValueError, "X is 0; it must be at least 1", checks.count(), 0)
    assert see(checks.count(at_least=0), 0) == 0
    assert see(checks.counts, (2, np.int64(3))) == (2, 3)
    refuses(TypeError, "a tuple of whole numbers", checks.counts, 3)
    refuses(ValueError, "each entry of X is 0", checks.counts, (2, 0))


def test_a_batch_is_at_most_all_samples():
    for given in ({"n_samples": 4}, {"X": np.ones((4, 2))}):
        assert see(checks.batch_size, 4, **given) == see(checks.batch_size, None, **given) == 4
        refuses(ValueError, "there are only 4 samples", checks.batch_size, 5, **given)
        refuses(ValueError, "at least 1", checks.batch_size, 0, **given)


@pytest.mark.parametrize("value", [[7], [], 2, 2.5, "2", None, slice(4, 9), [[0, 1]], [[0], 1, 2]])
def test_a_batch_picks_rows(value):
    data = SimpleNamespace(X=np.ones((4, 2)), y=np.ones(4))
    for rows in ([0, 2], slice(None), np.array([True, False, False, True]), ...):
        assert see(checks.batch, rows, self=data) is rows
    refuses(ValueError, "it must pick rows of X, at least one", checks.batch, value, self=data)


@pytest.mark.parametrize("value", [None, 3, (1,), (1, 2, 3), "ab", np.ones((2, 2))])
def test_a_pair_holds_two_things(value):
    pair = checks.pair("(X, y)")
    assert see(pair, (1, 2)) == (1, 2) and see(pair, [1, 2]) == [1, 2]
    refuses(TypeError, "it must be a pair (X, y)", pair, value)


@pytest.mark.parametrize("value", ["sideways", None, 3, ["up"], len])
def test_a_choice_is_one_of_the_words(value):
    refuses(
        ValueError, "it must be one of 'up', 'down'", checks.choice({"up": 1, "down": 2}), value
    )


def test_a_choice_comes_out_as_what_it_stands_for():
    assert see(checks.choice({"up": 1, "down": 2}), "down") == 2


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (checks.flag, [True, np.False_], [None, 1, "yes"]),
        (checks.generator, [np.random.default_rng(0)], [None, 0, np.random.RandomState(0)]),
    ],
    ids=["flag", "generator"],
)
def test_an_instance_of_its_kind(check, good, bad):
    assert all(see(check, value) is value for value in good)
    for value in bad:
        refuses(TypeError, "it must be", check, value)


def test_a_function_and_what_makes_one():
    of_t = checks.function("of t")
    assert see(of_t, len) is len
    refuses(TypeError, "it must be a function of t", of_t, 3)

    def inverse(c):
        return lambda t: c / t

    inverse.makes = True
    refuses(TypeError, "X is inverse itself; it must be a function of t", of_t, inverse)
    assert see(of_t, inverse(2.0))(4) == 0.5


def test_a_schedule_gives_a_rate_at_each_step():
    for given in (0.5, lambda t: 1 / (t + 1)):
        rate_at = see(checks.schedule, given)
        assert rate_at(1) == 0.5 and rate_at.family == ()
    several = see(checks.schedule, [0.1, 0.2])
    assert several(9).tolist() == [[0.1], [0.2]] and several.family == (2,)
    for value in (0.0, [0.1, -1.0], lambda t: 0 * t, np.nan):
        refuses(ValueError, "X ", checks.schedule, value)
    refuses(TypeError, "call what makes the schedule first", checks.schedule, lambda c: len)
    with pytest.raises(ValueError, match="X is -1; it must be greater than 0"):
        see(checks.schedule, lambda t: 2.0 - t)(3)


def test_a_generator_is_asked_for_where_something_is_drawn():
    rng, X = np.random.default_rng(0), np.ones((4, 2))
    check = network_checks.generator_if_drawn
    for batch_size, dropout in ((2, 0.0), (4, 0.1)):
        drawn = {"X": X, "batch_size": batch_size, "dropout": dropout}
        assert see(check, rng, **drawn) is rng
        refuses(TypeError, "it must be a numpy.random.Generator", check, None, **drawn)
    assert see(check, None, X=X, batch_size=4, dropout=0.0) is None


def test_patience_needs_a_validation_cost():
    patience, pair = network_checks.patience_of, (1, 2)
    assert see(patience, 2, validation=pair, every=1) == 2
    assert see(patience, None, validation=None, every=None) is None
    for given in ({"validation": None, "every": 1}, {"validation": pair, "every": None}):
        refuses(ValueError, "X watches the validation cost: pass validation", patience, 2, **given)


def test_none_passes_where_it_is_optional():
    maybe = checks.optional(checks.count())
    assert see(maybe, None) is None and see(maybe, 2) == 2
    refuses(TypeError, "whole number", maybe, 2.5)


# Messages -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("sgd", "'sgd'"),
        (np.float64(0.5), "0.5"),
        (len, "len itself"),
        (np.ones((9, 9)), "of type ndarray"),
        (object(), "of type object"),
        ("x" * 99, "of type str"),
    ],
)
def test_a_value_is_shown_short_and_without_an_address(value, words):
    assert checks.shown(value) == words


# The declaration ----------------------------------------------------------------------------------


@checks.checked(X=checks.array("n p"), y=checks.array("n"), rate=checks.number(above=0))
def share(X, y, *, rate=2.0):
    """Return something over the rate."""
    return X.T @ y / rate


X, Y = np.arange(6.0).reshape(3, 2), np.ones(3)


def test_a_declared_function_keeps_its_name_its_words_and_its_lines():
    assert share.__name__ == "share" and share.__doc__ == "Return something over the rate."
    assert list(share.checks) == ["X", "y", "rate"]
    assert share.plain(X, Y, rate=2.0).tolist() == share(X, y=Y).tolist() == [3.0, 4.5]


def test_arguments_are_seen_in_their_order_by_position_name_and_default():
    for call in (lambda: share(X, Y[:2]), lambda: share(y=Y[:2], X=X)):
        with pytest.raises(ValueError, match=r"y has shape \(2,\).*n = 3 like X"):
            call()
    with pytest.raises(ValueError, match="rate is 0"):
        share(X, Y, rate=0)


def test_a_typo_names_the_right_keyword():
    with pytest.raises(TypeError, match=r"share\(\) has no argument rat; the nearest is rate\."):
        share(X, Y, rat=1.0)


@pytest.mark.parametrize(
    "call",
    [lambda: share(X), lambda: share(X, Y, 1.0), lambda: share(X, Y, X=X), lambda: share()],
    ids=["missing", "too many", "twice", "none"],
)
def test_a_wrong_call_is_refused_in_pythons_own_words(call):
    with pytest.raises(TypeError, match=r"share\(\) (missing|takes|got)"):
        call()


def test_an_array_is_looked_at_once_and_handed_on_as_it_is():
    seen = []

    def look(value, name, given):
        seen.append(name)
        return value

    @checks.checked(X=look, y=look)
    def both(X, y=None):
        return X, y

    assert both(X)[0] is X and seen == ["X", "y"]


def test_what_overflows_is_infinity_without_a_warning():
    @checks.checked(X=checks.array())
    def square(X):
        return X**2

    assert square(1e200) == np.inf

    @checks.checked(X=checks.array(), warn=True)
    def loud(X):
        return X**2

    with pytest.warns(RuntimeWarning, match="overflow"):
        loud(1e200)
