"""Exercises that answer back: `check("4.1", answer)` in a notebook, an answer box on the page.

A chapter's exercises are the tuple EXERCISES of `descent.exercises.chapterNN`. What a reader's
answer is compared with is computed by the core when it is asked for.
"""

from dataclasses import dataclass, field
from importlib import import_module
from importlib.resources import files

from descent.exercises import kinds

MIME = "application/vnd.descent.exercise+json"

_wrong_answers = {}  # exercise number -> how many wrong answers this session has seen


@dataclass(frozen=True)
class Verdict:
    """What `check` says of an answer: `right` is True, False, or None while there is no answer."""

    right: bool | None
    text: str
    box: dict | None = field(default=None, repr=False)  # data of the page's answer box

    def __repr__(self):
        return self.text

    def __bool__(self):
        return self.right is True

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": self.text} | ({MIME: self.box} if self.box else {})


def check(number, answer=None):
    """Judge an answer and help with a wrong one. It never raises.

    Parameters
    ----------
    number : str such as "4.1", as the chapter prints it
    answer : number, fraction, list, array, text ("3/20"), letter or function: what the exercise
        asks for. None means not answered yet.

    Returns
    -------
    Verdict(right, text); the notebook shows its text. Each further wrong answer gets the next hint.
    """
    exercise = find(number)
    if exercise is None:
        return Verdict(None, _unknown(number))
    number, data = exercise.number, exercise.data()
    if _blank(answer):
        return Verdict(None, f"{number} · not answered yet. {_invitation(data)}", data)
    right, hint, ladder = exercise.judge(answer)
    if right:
        return Verdict(True, " ".join(filter(None, [f"{number} · right.", hint, data["after"]])))
    if ladder:
        hint = _climb(number, hint, data)
    return Verdict(False, f"{number} · not yet: {hint}")


def find(number):
    """Return the Exercise of this number, None if there is none."""
    number = str(number).strip() if isinstance(number, (str, int, float)) else ""
    chapter = number.partition(".")[0]
    return next((e for e in of_chapter(chapter) if e.number == number), None)


def of_chapter(chapter):
    """Return the exercises of one chapter, an empty tuple if it has none (yet)."""
    chapter = str(chapter)
    return _module(f"chapter{int(chapter):02d}") if chapter.isdecimal() and len(chapter) < 3 else ()


def all_exercises():
    """Return every exercise of the book, in the order of the chapters."""
    names = sorted(
        file.name.removesuffix(".py")
        for file in files(__name__).iterdir()
        if file.name.startswith("chapter") and file.name.endswith(".py")
    )
    return tuple(exercise for name in names for exercise in _module(name))


def _module(name):
    path = f"{__name__}.{name}"
    try:
        return tuple(getattr(import_module(path), "EXERCISES", ()))
    except ModuleNotFoundError as error:
        if error.name != path:  # the chapter is there but lacks something it imports
            raise
        return ()


def _climb(number, sentence, data):
    """Return the next hint. A sentence that the answer earned is the first rung by itself."""
    tries = _wrong_answers[number] = _wrong_answers.get(number, 0) + 1
    hints = data["hints"]
    rung = min(tries - bool(sentence), len(hints)) - 1
    parts = [sentence] if sentence else []
    if rung >= 0:
        parts.append(f"Hint {rung + 1} of {len(hints)}: {hints[rung]}")
    return " ".join(parts)


def _blank(answer):
    return answer is None or answer is ... or (isinstance(answer, str) and not str.strip(answer))


def _invitation(data):
    lines = [f"Put {kinds.asks(data)} in place of None and run this cell again."]
    for index, option in enumerate(data.get("options", ())):
        lines.append(f"  {kinds.letter(index)}) {option}")
    return "\n".join(lines)


def _unknown(number):
    known = [exercise.number for exercise in all_exercises()]
    shown = kinds._shown(number)
    return f"There is no exercise {shown}. There are {', '.join(known) or 'none yet'}."
