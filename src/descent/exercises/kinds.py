"""The kinds of exercises, and how an answer of each kind is read and judged.

An exercise turns into plain data once (`Exercise.data`), and the answer is judged by that data
alone. The page carries the same data and `book/assets/exercises.js` judges by the same rules.

Texts (hints, options, reasons) are plain sentences; `backticks` set code, formulas are Unicode.
"""

import decimal
import fractions
import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np


class Judgement(NamedTuple):
    """What an answer earned: `hint` says why, `ladder` offers the next hint beside or instead."""

    right: bool
    hint: str = ""
    ladder: bool = False


@dataclass(frozen=True)
class Number:
    """An answer that is one number.

    Parameters
    ----------
    value : number, or a function without arguments that computes it
    rtol, atol : an answer a is right if |a - value| <= atol + rtol |value|
    unit : str, such as "min"; an answer may carry it
    mistakes : pairs (wrong value, sentence), a wrong value that deserves its own hint
    """

    value: Any
    rtol: float = 1e-3
    atol: float = 1e-9
    unit: str = ""
    mistakes: Sequence = ()

    def data(self):
        """Return the judge's data; it is rounded, so that every machine writes the same."""
        value = float(_computed(self.value))
        return {
            "kind": "number",
            "value": _rounded(value, value, self.rtol, self.atol),
            "rtol": self.rtol,
            "atol": self.atol,
            "unit": self.unit,
            "mistakes": [
                [_rounded(float(_computed(wrong)), value, self.rtol, self.atol), text]
                for wrong, text in self.mistakes
            ],
        }


@dataclass(frozen=True)
class Vector:
    """An answer that is a list of numbers: as `Number`, entry by entry.

    Parameters
    ----------
    value : sequence of numbers, or a function without arguments that computes it
    rtol, atol, unit, mistakes : as for `Number`; a mistake's wrong value is a sequence as long
    """

    value: Any
    rtol: float = 1e-3
    atol: float = 1e-9
    unit: str = ""
    mistakes: Sequence = ()

    def data(self):
        """Return the judge's data; it is rounded, so that every machine writes the same."""
        value = [float(v) for v in np.ravel(_computed(self.value))]

        def rounded(entries):
            pairs = zip(np.ravel(entries), value, strict=True)
            return [_rounded(float(entry), v, self.rtol, self.atol) for entry, v in pairs]

        return {
            "kind": "vector",
            "value": rounded(value),
            "rtol": self.rtol,
            "atol": self.atol,
            "unit": self.unit,
            "mistakes": [[rounded(_computed(wrong)), text] for wrong, text in self.mistakes],
        }


@dataclass(frozen=True)
class Choice:
    """An answer that is one of a few options, given by its letter "a", "b", ... or its text.

    Parameters
    ----------
    options : list of str, two or more
    correct : int, the index of the right one, counted from 0
    why : {index: sentence} for the wrong ones, why it is not that one
    """

    options: Sequence[str]
    correct: int
    why: Mapping[int, str] = field(default_factory=dict)

    def __post_init__(self):
        wrong = set(range(len(self.options))) - {self.correct}
        if len(wrong) != len(self.options) - 1 or not set(self.why) <= wrong:
            raise ValueError(
                f"correct is {self.correct} and why explains {sorted(self.why)}; correct must be "
                f"one of the {len(self.options)} options and why may explain the others only."
            )

    def data(self):
        """Return the judge's data."""
        return {
            "kind": "choice",
            "options": list(self.options),
            "correct": self.correct,
            "why": {str(index): text for index, text in sorted(self.why.items())},
        }


@dataclass(frozen=True)
class Function:
    """An answer that is a program. A page cannot run it and sends its reader to the notebook.

    Parameters
    ----------
    test : function(answer) -> None if the answer is right, else a sentence that helps; or a
        Judgement, whose hint is then shown for a right answer too
    method : str, "" if the answer is a function; else it is a class with this method, or an object
        of such a class
    """

    test: Callable
    method: str = ""

    def data(self):
        """Return the page's data: there is nothing to judge by."""
        return {"kind": "function"} | ({"method": self.method} if self.method else {})


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Parameters
    ----------
    number : str, chapter and place: "4.1"
    title : str
    answer : Number, Vector, Choice or Function
    hints : sentences, from a gentle nudge to nearly the answer; each wrong answer shows the next
    after : str, a sentence for the reader who got it right (may be empty)
    """

    number: str
    title: str
    answer: Any
    hints: Sequence[str]
    after: str = ""

    def __post_init__(self):
        if isinstance(self.hints, str) or not self.hints:
            raise ValueError(f"exercise {self.number} needs a tuple of hints, at least one.")

    def data(self):
        """Return all that the page's answer box needs, as plain JSON; computed once."""
        if "_data" not in self.__dict__:
            head = {"number": self.number, "title": self.title}
            tail = {"hints": list(self.hints), "after": self.after}
            self.__dict__["_data"] = head | self.answer.data() | tail
        return self.__dict__["_data"]

    def judge(self, answer):
        """Return the Judgement of any object at all."""
        data = self.data()
        try:
            if data["kind"] == "function":
                return _judge_program(data, self.answer.test, answer)
            judge = _judge_choice if data["kind"] == "choice" else _judge_numbers
            return judge(data, answer)
        except Exception:  # an object may fail at anything it is asked
            return Judgement(False, f"{_shown(answer)} cannot be read; give {asks(data)}.")


def asks(data):
    """Say what kind of answer an exercise wants."""
    kind = data["kind"]
    unit = f" (in {data['unit']})" if data.get("unit") else ""
    if kind == "number":
        return f"a number{unit}"
    if kind == "vector":
        return f"a list of {len(data['value'])} numbers{unit}"
    if kind == "choice":
        return f'a letter ("a" to "{letter(len(data["options"]) - 1)}")'
    return "your class" if data.get("method") else "your function"


def letter(index):
    """Return the letter of an option: 0 is a."""
    return chr(ord("a") + index)


# Numbers ------------------------------------------------------------------------------------------


def finite_vector(value, size):
    """Return a reader's result as finite floats of shape (size,), or None if it is none."""
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        return None
    return array if array.shape == (size,) and np.isfinite(array).all() else None


def _judge_numbers(data, answer):
    readings, trouble = _read_numbers(data, answer)
    if trouble:
        return Judgement(False, trouble)
    for reading in readings:
        if _close(reading, data["value"], data):
            return Judgement(True)
    for wrong, text in data["mistakes"]:
        if any(_close(reading, wrong, data) for reading in readings):
            return Judgement(False, text)
    return Judgement(False, ladder=True)


def _close(answer, value, data):
    pairs = zip(answer, value, strict=True) if data["kind"] == "vector" else [(answer, value)]
    return all(abs(a - v) <= data["atol"] + data["rtol"] * abs(v) for a, v in pairs)


def _read_numbers(data, answer):
    """Return the readings an answer allows ("1,553" has two) and, if there is none, a sentence."""
    one = data["kind"] == "number"
    if isinstance(answer, (bytes, bytearray)):
        answer = answer.decode("ascii", "replace")
    if isinstance(answer, str):
        readings = read_number(answer, data["unit"]) if one else read_vector(answer, data)
        if not readings:
            example = '"0.15", "1.5e-1" or "3/20"' if one else '"1.5, 2, 3/4"'
            return [], f"{_shown(answer)} cannot be read as {asks(data)}. Write it like {example}."
    else:
        readings, trouble = _from_object(data, answer, one)
        if trouble:
            return [], trouble
    finite = [r for r in readings if all(map(math.isfinite, [r] if one else r))]
    return (
        (finite, "") if finite else ([], "Every number must be finite: neither NaN nor infinity.")
    )


def _from_object(data, answer, one):
    """Read an answer that is no string: any object at all."""
    if callable(answer) and not isinstance(answer, np.generic):
        return [], f"That is a function; give {asks(data)}. Call it first, with its arguments."
    size = answer.size if isinstance(answer, np.ndarray) else 0
    size = len(answer) if isinstance(answer, (list, tuple, range)) else size
    if size > 1000:
        return [], f"That holds {size} numbers; give {asks(data)}."
    entries = _entries(answer)
    if entries is None:
        return [], f"{_shown(answer)} does not hold real numbers alone; give {asks(data)}."
    expected = 1 if one else len(data["value"])
    if len(entries) != expected:
        what = f"{len(entries)} numbers" if len(entries) != 1 else "one number"
        return [], f"That holds {what}; give {asks(data)}."
    return [entries[0] if one else entries], ""


def _entries(answer, depth=0):
    """Return the numbers in an object as a flat list of floats, None if it holds others too."""
    if isinstance(answer, (np.ndarray, np.generic)):
        answer = np.asarray(answer).tolist()
    if isinstance(answer, (list, tuple, range)):
        found = [_entries(entry, depth + 1) if depth < 4 else None for entry in answer]
        return None if None in found else [number for entry in found for number in entry]
    if isinstance(answer, str):
        return read_number(answer)[:1] or None
    if isinstance(answer, bool):
        return None
    if not isinstance(answer, (int, float, np.longdouble, fractions.Fraction, decimal.Decimal)):
        return None
    try:
        return [float(answer)]
    except OverflowError:
        return [math.inf]


_DIGITS = r"(?:[0-9]+(?:[.][0-9]*)?|[.][0-9]+)(?:[eE][+-]?[0-9]+)?"
_PLAIN = re.compile(rf"([+-]?{_DIGITS})(?:/([+-]?{_DIGITS}))?")
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:([, ])[0-9]{3})(?:\1[0-9]{3})*(?:[.][0-9]+)?")


def read_number(text, unit=""):
    """Return the numbers that a text may mean: 0.15, 1.5e-1, 3/20, 0,15; and 1,553 means two."""
    text = _tidy(text)
    if unit and text.endswith(_tidy(unit)):
        text = text[: -len(_tidy(unit))].strip(" ")
    spellings = [text.replace(",", ".") if text.count(",") == 1 and "." not in text else text]
    if _THOUSANDS.fullmatch(text):
        spellings.append(text.replace(",", "").replace(" ", ""))
    found = []
    for spelling in spellings:
        parts = _PLAIN.fullmatch(re.sub(r" *([/]) *", r"\1", spelling))
        if parts:
            below = float(parts[2]) if parts[2] else 1.0
            found.append(float(parts[1]) / below if below else math.nan)
    return found


def read_vector(text, data):
    """Return the lists of numbers that a text may mean: [1, 2], 1 2, 1; 2, and 6,09; 6,53."""
    text = _tidy(text).strip("[]() ")
    for separator in (r" *; *", r" *, +| +", r" *, *"):
        parts = re.split(separator, text)
        if len(parts) != len(data["value"]):
            continue
        found = [read_number(part, data["unit"]) for part in parts]
        if all(found):
            return [[readings[0] for readings in found]]
    return []


def _tidy(text):
    """Full-width digits, Unicode minus and fraction signs, powers of ten: one spelling for all."""
    text = re.sub(r"10([⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)", r"10^\1", text)  # 10⁻⁴ would become 10-4
    text = re.sub("[\ufeff\u200b-\u200d\u2060]", "", text)  # pasted, and invisible
    text = unicodedata.normalize("NFKC", text)
    text = re.sub(r"[ \t\r\n]+", " ", text).strip(" ")
    text = text.replace("\u2212", "-").replace("\u2044", "/")
    text = re.sub(r"10(?:\^|\*\*) ?[({]([+-]?[0-9]+)[)}]", r"10^\1", text)  # 10^(-4), 10^{-4}
    text = re.sub(r" ?[*×·] ?10(?:\^|\*\*)", "e", text)
    return re.sub(r"(?<![0-9.eE])10(?:\^|\*\*)(?=[+-]?[0-9])", "1e", text)


# Choices and programs -----------------------------------------------------------------------------


def _judge_choice(data, answer):
    index = _read_choice(data, answer)
    if index is None:
        return Judgement(False, f"{_shown(answer)} is none of the options; give {asks(data)}.")
    if index == data["correct"]:
        return Judgement(True)
    why = data["why"].get(str(index), "")
    return Judgement(False, why, ladder=not why)


def _read_choice(data, answer):
    if not isinstance(answer, str):
        return None
    options = [_plain(option) for option in data["options"]]
    given = _plain(answer)
    if given in options:
        return options.index(given)
    given = given.strip("().: ")
    letters = [letter(index) for index in range(len(options))]
    return letters.index(given) if given in letters else None


def _plain(text):
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("`", "").split())


def _judge_program(data, test, answer):
    method, kind = data.get("method"), "class" if data.get("method") else "function"
    if not callable(getattr(answer, method, None) if method else answer):
        return Judgement(
            False,
            f"That is of type {type(answer).__name__}; give the {kind} itself"
            f"{f', with its method {method}' * bool(method)}, by its name and without brackets.",
        )
    try:
        sentence = test(answer)
    except (Exception, SystemExit) as error:  # the reader's function may raise anything
        words = _shown(error, str) or "no message"
        return Judgement(False, f"Your {kind} stopped with {type(error).__name__}: {words}")
    if isinstance(sentence, Judgement):
        return sentence
    return Judgement(True) if sentence is None else Judgement(False, str(sentence), ladder=True)


# Small helpers ------------------------------------------------------------------------------------


def _computed(value):
    return value() if callable(value) else value


def _rounded(number, value, rtol, atol):
    """Round a number as far as the tolerance allows, at most to 12 digits.

    Two CPUs differ in the last digits of a computed value; three digits beyond the tolerance are
    enough to judge by, and seldom differ. What is far below `atol` is 0.
    """
    if not math.isfinite(number):
        raise ValueError(f"an exercise's value is {number}; it must be finite.")
    if abs(number) < atol / 1000:
        return 0.0
    slack = (atol + rtol * abs(value)) / abs(value) if value else 0.0
    digits = min(max(math.ceil(-math.log10(slack)) + 3, 6), 12) if slack else 12
    return float(f"{number:.{digits - 1}e}")


def _shown(value, words=repr):
    """Return a short picture of any object; even its repr may fail."""
    try:
        text = value if isinstance(value, str) else words(value)
        text = " ".join(text.replace("\ufeff", " ").split())  # as the page's script splits
    except Exception:
        return f"An object of type {type(value).__name__}"
    if " at 0x" in text:
        return f"An object of type {type(value).__name__}"
    text = text if len(text) <= 60 else text[:57] + "..."
    return f"“{text}”" if isinstance(value, str) else text
