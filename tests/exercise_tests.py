"""The tests that the exercises of every chapter share."""

from collections import Counter

import pytest

from descent.exercises import check
from descent.exercises.kinds import Choice


def exercise_tests(exercises, right, wrong):
    """Return three tests: right answers pass, wrong ones get their own hint, none is left out.

    Parameters
    ----------
    exercises : module with the tuple EXERCISES
    right : number of an exercise -> an answer that is right, in the chapter's order
    wrong : list of (number, a wrong answer, words that its hint must have)
    """

    def every_exercise_is_tested():
        assert [exercise.number for exercise in exercises.EXERCISES] == list(right)
        assert {number for number, _, _ in wrong} == set(right)

    return *judgements(right.items(), wrong), every_exercise_is_tested


def answer_tests(exercises, right, wrong):
    """Return the same for tables: three right answers an exercise, and four wrong ones.

    Parameters
    ----------
    exercises : module with the tuple EXERCISES
    right : list of (number, an answer that is right), or number -> list of answers
    wrong : list of (number, a wrong answer, words that its hint must have)
    """
    if isinstance(right, dict):
        right = [(number, answer) for number, answers in right.items() for answer in answers]

    def every_exercise_is_in_both_tables():
        rights, wrongs = (Counter(row[0] for row in table) for table in (right, wrong))
        assert {exercise.number for exercise in exercises.EXERCISES} == rights.keys()
        for exercise in exercises.EXERCISES:
            choice = isinstance(exercise.answer, Choice)  # then each wrong option
            least = len(exercise.answer.options) - 1 if choice else 4
            assert rights[exercise.number] >= 3, exercise.number
            assert wrongs[exercise.number] >= min(least, 4), exercise.number

    return *judgements(right, wrong), every_exercise_is_in_both_tables


def judgements(right, wrong):
    @pytest.mark.parametrize(("number", "answer"), right)
    def right_answer_passes(number, answer):
        assert check(number, answer).right is True, check(number, answer).text

    @pytest.mark.parametrize(("number", "answer", "words"), wrong)
    def wrong_answer_gets_its_own_hint(number, answer, words):
        verdict = check(number, answer)
        assert verdict.right is False
        assert words in verdict.text, verdict.text

    return right_answer_passes, wrong_answer_gets_its_own_hint
