"""What a city's file of quiz questions may say: each belongs to an article of the plan and to something one can do."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from backend.cities.programmes import Article
from backend.cities.schema import Code, Entry, Words

QUESTIONS_A_DAY = 3


class QuizQuestion(Entry):
    """One question with its answers, of which one is right, and why."""

    code: Code
    article: Article
    behaviour: Code
    """What one can do about it."""
    ask: Words
    choices: Annotated[tuple[Words, ...], Field(min_length=2, max_length=4)]
    right: Annotated[int, Field(ge=1, le=4)]
    """Which of the choices, counted from 1."""
    why: Words

    @model_validator(mode="after")
    def _right_is_there(self) -> Self:
        if self.right > len(self.choices):
            raise ValueError("right counts the choices from 1")
        return self


class QuizFile(Entry):
    """`quiz.yaml`; a city without questions has no quiz."""

    questions: tuple[QuizQuestion, ...]
