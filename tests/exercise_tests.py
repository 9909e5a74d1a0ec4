"""The tests that the exercises of every chapter share."""

import pytest

from descent.exercises import check


def exercise_tests(exercises, right, wrong):
    """Return three tests: right answers pass, wrong ones get their own hint, none is left out.

    Parameters
    ----------
    exercises : module with the tuple EXERCISES
    right : number of an exercise -> an answer that is right, in the chapter's order
    wrong : list of (number, a wrong answer, words that its hint must have)
    """

    @pytest.mark.parametrize("number", right)
    def right_answer_passes(number):
        assert check(number, right[number]).right

    @pytest.mark.parametrize(("number", "answer", "words"), wrong)
    def wrong_answer_gets_its_own_hint(number, answer, words):
        verdict = check(number, answer)
        assert verdict.right is False
        assert words in verdict.text, verdict.text

    def every_exercise_is_tested():
        assert [exercise.number for exercise in exercises.EXERCISES] == list(right)
        assert {number for number, _, _ in wrong} == set(right)

    return right_answer_passes, wrong_answer_gets_its_own_hint, every_exercise_is_tested
