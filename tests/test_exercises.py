"""Exercises: how answers are read and judged, and that every exercise of the book is sound."""

import decimal
import fractions
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from descent import exercises
from descent.exercises import MIME, check, kinds
from descent.exercises.kinds import Choice, Exercise, Function, Number, Vector


def squares(answer):
    """The test of the example that asks for a function."""
    return None if answer(3) == 9 else f"Your function returns {answer(3)} for 3; it should be 9."


NUMBER = Exercise(
    "90.1",
    "A rate",
    answer=Number(
        lambda: 0.150145421057,
        rtol=1e-3,
        unit="min",
        mistakes=[(lambda: 0.0750727, "That is half of it."), (-0.150145, "Mind the sign.")],
    ),
    hints=("gentle", "clearer", "nearly the answer"),
    after="It is `2/λmax`.",
)
VECTOR = Exercise(
    "90.2",
    "Two weights",
    answer=Vector([6.09, 6.53], mistakes=[((6.53, 6.09), "Other way round.")]),
    hints=("one", "two"),
)
CHOICE = Exercise(
    "90.3",
    "Which one",
    answer=Choice(["it `rises`", "it falls", "neither"], correct=1, why={0: "Look at the sign."}),
    hints=("one", "two"),
)
FUNCTION = Exercise("90.4", "A function", answer=Function(squares), hints=("one", "two"))
COUNT = Exercise("90.5", "A count", answer=Number(1553, rtol=0, atol=0), hints=("one",))
CLASS = Exercise(
    "90.6",
    "A class",
    answer=Function(lambda answer: None if answer().sign(-3) == -1 else "Wrong.", method="sign"),
    hints=("one",),
)
EXAMPLES = {e.number: e for e in (NUMBER, VECTOR, CHOICE, FUNCTION, COUNT, CLASS)}


@pytest.fixture(autouse=True)
def a_fresh_session(monkeypatch):
    """The examples stand beside the book's exercises, and nobody has answered anything yet."""
    real = exercises.find
    monkeypatch.setattr(exercises, "find", lambda n: EXAMPLES.get(str(n)) or real(n))
    monkeypatch.setattr(exercises, "_wrong_answers", {})


# The verdict --------------------------------------------------------------------------------------


def test_three_verdicts():
    right, wrong, none = check("90.1", 0.1501), check("90.1", 7), check("90.1")
    assert (right.right, wrong.right, none.right) == (True, False, None)
    assert right and not wrong and not none
    assert repr(right) == "90.1 · right. It is `2/λmax`."
    assert repr(wrong) == "90.1 · not yet: Hint 1 of 3: gentle"
    assert repr(none) == (
        "90.1 · not answered yet. Put a number (in min) in place of None and run this cell again."
    )


@pytest.mark.parametrize("answer", [None, ..., "", "  "])
def test_no_answer_is_not_a_wrong_one(answer):
    assert check("90.1", answer).right is None
    assert "not answered yet" in check("90.1", answer).text
    assert exercises._wrong_answers == {}


def test_only_an_unanswered_exercise_carries_its_box():
    bundle = check("90.1")._repr_mimebundle_()
    assert set(bundle) == {"text/plain", MIME}
    assert bundle["text/plain"] == check("90.1").text
    for answer in (0.1501, 7, "nonsense"):
        verdict = check("90.1", answer)
        assert verdict._repr_mimebundle_() == {"text/plain": verdict.text}


def test_the_box_survives_json_unchanged():
    for number in EXAMPLES:
        box = check(number).box
        assert json.loads(json.dumps(box, allow_nan=False)) == box  # as strict nbval compares it


def test_an_option_is_read_by_its_letter():
    assert check("90.3").text.endswith("\n  a) it `rises`\n  b) it falls\n  c) neither")
    for answer in ("b", "B", " b ", "(b)", "b)", "b.", "it falls", "It  FALLS"):
        assert check("90.3", answer).right is True, answer
    assert check("90.3", "it rises").text == "90.3 · not yet: Look at the sign."
    for answer in (1, 1.0, ["b"], "d", "bb", True, np.str_("z")):
        verdict = check("90.3", answer)
        assert verdict.right is False and '("a" to "c")' in verdict.text


@pytest.mark.parametrize(
    "number", ["99.1", "", "one", None, 99.5, object(), [1], "1.99", "9" * 9999]
)
def test_an_unknown_number_names_the_known_ones(number):
    verdict = check(number, 3)
    assert verdict.right is None and verdict.box is None
    assert verdict.text.startswith("There is no exercise ")
    assert "1.1, 1.2" in verdict.text


# Reading numbers ----------------------------------------------------------------------------------

SAME = [
    0.15,
    "0.15",
    " .15 ",
    "0,15",
    "3/20",
    "3 / 20",
    "1.5e-1",
    "1.5E-01",
    "1.5*10^-1",
    "1.5 × 10^-1",
    "1.5 · 10**-1",
    "15·10⁻²",
    "15 × 10^{-2}",
    "+0.15",
    "0.15 min",
    "0.15min",
    "０．１５",
    "0，15",
    "15/100 min",
    b"0.15",
    fractions.Fraction(3, 20),
    decimal.Decimal("0.15"),
    np.float64(0.15),
    np.float32(0.15),
    np.longdouble(0.15),
    np.array(0.15),
    np.array([[0.15]]),
    [0.15],
    ("3/20",),
]


@pytest.mark.parametrize("answer", SAME, ids=repr)
def test_one_number_in_many_spellings(answer):
    assert check("90.1", answer).right is True


@pytest.mark.parametrize("answer", ["1,553", "1 553", "1553", "1553.0", 1553, "1.553e3", "1553,0"])
def test_thousands_may_be_grouped(answer):
    assert check("90.5", answer).right is True


def test_a_half_may_be_one_sign():
    assert kinds.read_number("½") == [0.5]
    assert kinds.read_number("−2") == [-2]
    assert kinds.read_number("\ufeff0.15577\u200b") == [0.15577]  # pasted from a spreadsheet


def test_a_power_of_ten_needs_no_factor():
    for text in ("10^-4", "10⁻⁴", "10**-4", "10^(-4)", "10^{−4}", "1 · 10⁻⁴", "1/10^4", "1e-4"):
        assert kinds.read_number(text) == [1e-4], text
    assert kinds.read_number("-10²") == [-100]
    for text in ("10^", "110^2", "10⁻", "3.10^2"):
        assert kinds.read_number(text) == [], text


UNREADABLE = {
    "abc": "cannot be read",
    "1.2.3": "cannot be read",
    "1,5,5": "cannot be read",
    "0x10": "cannot be read",
    "1 2": "cannot be read",
    "3/0": "finite",
    "1e999": "finite",
    "nan": "cannot be read",
    "__import__('os')": "cannot be read",
    True: "does not hold real numbers",
    1j: "does not hold real numbers",
    math.nan: "finite",
    math.inf: "finite",
    10**400: "finite",
    (1, 2): "holds 2 numbers",
    (): "holds 0 numbers",
    len: "That is a function",
    frozenset([1]): "does not hold real numbers",
}


@pytest.mark.parametrize(("answer", "words"), UNREADABLE.items(), ids=repr)
def test_what_is_no_number_gets_a_sentence(answer, words):
    verdict = check("90.1", answer)
    assert verdict.right is False and words in verdict.text
    assert "Hint" not in verdict.text  # a slip of the pen climbs no ladder
    assert exercises._wrong_answers == {}


def test_messages_hold_no_address():
    assert " at 0x" not in check("90.1", object()).text
    assert " at 0x" not in check("90.1", [object()]).text


def test_the_tolerance_is_relative_to_the_value():
    value = NUMBER.data()["value"]
    assert check("90.1", value * 1.0009).right is True
    assert check("90.1", value * 0.9991).right is True
    assert check("90.1", value * 1.0011).right is False
    assert check("90.1", value * 0.9989).right is False
    assert check("90.5", 1554).right is False


def test_the_judges_numbers_are_rounded_beyond_the_tolerance():
    assert NUMBER.data()["value"] == 0.150145
    assert COUNT.data()["value"] == 1553
    fine = Exercise("90.6", "Fine", answer=Number(math.pi, rtol=1e-9), hints=("one",))
    assert fine.data()["value"] == 3.14159265359
    noise = Exercise("90.7", "Noise", answer=Number(-3e-17), hints=("one",))
    assert str(noise.data()["value"]) == "0.0"


# Vectors ------------------------------------------------------------------------------------------

SAME_VECTOR = [
    [6.09, 6.53],
    (6.09, 6.53),
    np.array([6.09, 6.53]),
    np.array([[6.09], [6.53]]),
    ["6.09", "6,53"],
    "6.09, 6.53",
    "[6.09, 6.53]",
    "(6.09, 6.53)",
    "6.09 6.53",
    "6.09,6.53",
    "6,09; 6,53",
    "6,09 6,53",
    "609/100, 653/100",
    [fractions.Fraction(609, 100), np.float64(6.53)],
]


@pytest.mark.parametrize("answer", SAME_VECTOR, ids=repr)
def test_one_vector_in_many_spellings(answer):
    assert check("90.2", answer).right is True


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([6.09], "holds one number"),
        (6.09, "holds one number"),
        ([6.09, 6.53, 0], "holds 3 numbers"),
        ([6.09, "x"], "does not hold real numbers"),
        ([6.09, math.nan], "finite"),
        ("6.09", "cannot be read"),
        ("a, b", "cannot be read"),
        ({"a": 1}, "does not hold real numbers"),
        ([6.53, 6.09], "Other way round."),
        ([6.09, 7], "Hint 1 of 2"),
    ],
)
def test_a_wrong_vector_gets_a_sentence(answer, words):
    verdict = check("90.2", answer)
    assert verdict.right is False and words in verdict.text


# Hints --------------------------------------------------------------------------------------------


def test_the_ladder_climbs_and_stays_on_top():
    texts = [check("90.1", answer).text for answer in (1, 2, 2, 3)]
    assert [t.rpartition(": ")[2] for t in texts] == ["gentle", "clearer"] + 2 * [
        "nearly the answer"
    ]


def test_a_known_mistake_comes_before_the_ladder():
    for answer in (0.07507, "0,07507", np.float32(0.07507)):
        assert check("90.1", answer).text == "90.1 · not yet: That is half of it."
    assert check("90.1", -0.1501).text == "90.1 · not yet: Mind the sign."
    assert check("90.1", 5).text == "90.1 · not yet: Hint 1 of 3: gentle"


def test_every_exercise_has_its_own_ladder():
    check("90.1", 1)
    assert "Hint 1 of 2" in check("90.2", [1, 2]).text
    assert "Hint 2 of 3" in check("90.1", 1).text


def test_a_right_answer_is_right_at_any_rung():
    for answer in (1, 2, 3, 4):
        check("90.1", answer)
    assert check("90.1", 0.1501).right is True


# Functions ----------------------------------------------------------------------------------------


def test_a_function_is_tested():
    assert check("90.4", lambda x: x * x).right is True
    first, second = (check("90.4", lambda x: 2 * x).text for _ in range(2))
    assert first == "90.4 · not yet: Your function returns 6 for 3; it should be 9."
    assert second == f"{first} Hint 1 of 2: one"
    assert "give the function itself" in check("90.4", 9).text


def test_an_answer_may_be_a_class_with_a_method():
    class Sign:
        def sign(self, x):
            return -1 if x < 0 else 1

    assert "Put your class in place of None" in repr(check("90.6"))
    assert check("90.6", Sign).right is True
    for wrong in (9, abs, Sign.sign, type("Empty", (), {})):
        words = "give the class itself, with its method sign, by its name and without brackets."
        assert words in check("90.6", wrong).text
    assert "Your class stopped with TypeError" in check("90.6", Sign()).text  # this test calls it


class Stubborn:
    """An object that fails at everything it is asked."""

    def __getattr__(self, name):
        raise RuntimeError(name)

    def _no(self, *_):
        raise RuntimeError("no")

    __call__ = __repr__ = __str__ = __float__ = __array__ = __len__ = __iter__ = __eq__ = _no
    __hash__ = None


def test_a_function_that_raises_is_told_how():
    def stop(x):
        raise SystemExit(3)

    def fail(x):
        raise KeyError("bias")

    def endless(x):
        return endless(x)

    assert check("90.4", lambda: 1).text.startswith(
        "90.4 · not yet: Your function stopped with Type"
    )
    assert "KeyError: 'bias'" in check("90.4", fail).text
    assert "SystemExit: 3" in check("90.4", stop).text
    assert "RecursionError" in check("90.4", endless).text
    assert "RuntimeError" in check("90.4", Stubborn()).text


# Anything at all ----------------------------------------------------------------------------------

LOOP = []
LOOP.append(LOOP)
ODD = [
    Stubborn(),
    [Stubborn()],
    LOOP,
    decimal.Decimal("sNaN"),
    np.ma.masked,
    np.array([], dtype=object),
    np.array("x"),
    np.datetime64("2026-01-01"),
    np.zeros((0, 3)),
    np.array([(1, 2)], dtype=[("a", int), ("b", int)]),
    type("Text", (str,), {"strip": None, "__len__": None})("0.15"),
    "\ud800",
    "1" * 100_000,
    [[[[[[0.15]]]]]],
    range(10**9),
    np.zeros(2000),
    Exception("x"),
    Exercise,
    b"\xff",
]


@pytest.mark.parametrize("number", EXAMPLES)
@pytest.mark.parametrize("answer", ODD, ids=lambda answer: type(answer).__name__)
def test_odd_objects_never_raise(number, answer):
    verdict = check(number, answer)
    assert verdict.right in (True, False) and 15 < len(verdict.text) < 500


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.complex_numbers()
    | st.text()
    | st.text("0123456789.,;/eE+-− ½[]()min*^×", max_size=12)
    | st.binary()
    | st.fractions()
    | st.decimals()
    | arrays.arrays(arrays.scalar_dtypes(), arrays.array_shapes(min_dims=0, min_side=0))
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.sampled_from(list(EXAMPLES)), ANYTHING)
@settings(max_examples=200, deadline=None)
def test_check_never_raises(number, answer):
    verdict = check(number, answer)
    assert verdict.right in (True, False, None)
    assert verdict.text.startswith(f"{number} · ")


@given(ANYTHING, ANYTHING)
@settings(max_examples=100, deadline=None)
def test_check_never_raises_for_any_number(number, answer):
    assert isinstance(check(number, answer), exercises.Verdict)


@given(st.floats(allow_nan=False, allow_infinity=False))
@settings(max_examples=300, deadline=None)
def test_numbers_are_read_as_python_writes_them(value):
    assert kinds.read_number(repr(value))[0] == value
    assert kinds.read_number(repr(value).replace(".", ","))[0] == value


# Written wrongly ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Exercise("1.1", "t", Number(1), hints="one"), "needs a tuple of hints"),
        (lambda: Exercise("1.1", "t", Number(1), hints=()), "needs a tuple of hints"),
        (lambda: Choice(["a", "b"], correct=2), "correct is 2"),
        (lambda: Choice(["a", "b"], correct=0, why={0: "x"}), "why"),
        (lambda: Number(math.nan).data(), "must be finite"),
        (lambda: Vector([1, 2], mistakes=[([1], "x")]).data(), "argument 2"),
    ],
)
def test_an_authors_slip_is_an_error(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_a_missing_chapter_is_no_error():
    assert exercises.of_chapter(77) == () == exercises.of_chapter("x")
    assert exercises.find("77.1") is None


# Every exercise of the book -----------------------------------------------------------------------

BOOK = exercises.all_exercises()
each = pytest.mark.parametrize("exercise", BOOK, ids=lambda e: e.number)


def test_numbers_are_unique_and_in_order():
    numbers = [tuple(map(int, e.number.split("."))) for e in BOOK]
    assert numbers == sorted(set(numbers))
    for chapter in {n[0] for n in numbers}:
        places = [n[1] for n in numbers if n[0] == chapter]
        assert places == list(range(1, len(places) + 1))
        assert 3 <= len(places) <= 6


@each
def test_an_exercise_is_complete(exercise):
    data = exercise.data()
    assert exercise.title[0].isupper() and not exercise.title.endswith(".")
    assert 2 <= len(exercise.hints) <= 4
    sentences = [*exercise.hints, *(text for _, text in data.get("mistakes", ()))]
    sentences += [*data.get("why", {}).values(), *([exercise.after] if exercise.after else [])]
    for sentence in sentences:
        assert sentence.endswith((".", "?", "!", ".)")) and "$" not in sentence
        assert sentence.count("`") % 2 == 0
    assert check(exercise.number).box == data
    assert json.loads(json.dumps(data, allow_nan=False)) == data


@each
def test_the_right_answer_is_right_and_others_are_not(exercise):
    data = exercise.data()
    if data["kind"] in ("number", "vector"):
        value = np.asarray(data["value"])
        off = 10 * (data["atol"] + data["rtol"] * np.abs(value)) + 1
        assert check(exercise.number, data["value"]).right is True
        assert check(exercise.number, (value + off).tolist()).right is False
        assert check(exercise.number, "7; 8; 9; 10; 11; 12; 13").right is False
    elif data["kind"] == "choice":
        for index in range(len(data["options"])):
            verdict = check(exercise.number, kinds.letter(index))
            assert verdict.right is (index == data["correct"])
        assert set(data["why"]) == {
            str(i) for i in range(len(data["options"])) if i != data["correct"]
        }
    else:
        for wrong in (lambda *a, **k: None, lambda *a, **k: 0.0, lambda *a, **k: np.zeros(3)):
            verdict = check(exercise.number, wrong)
            assert verdict.right is False and len(verdict.text) > 30


@each
def test_every_known_mistake_has_its_own_hint(exercise):
    data = exercise.data()
    for wrong, text in data.get("mistakes", ()):
        verdict = check(exercise.number, wrong)
        assert verdict.right is False
        assert verdict.text == f"{exercise.number} · not yet: {text}"
