"""Column types that the features share."""

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class TextEnum(TypeDecorator[StrEnum]):
    """An enumeration stored as its text: readable in the database, and a new word needs no new type."""

    impl = Text
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:
        """Write the word; one that is not of the list is a mistake of ours."""
        del dialect
        return None if value is None else self.words(value).value

    def process_result_value(self, value: Any | None, dialect: Dialect) -> StrEnum | None:
        """Read the word as a member of the enumeration."""
        del dialect
        return None if value is None else self.words(value)


def one_of(column: str, words: type[StrEnum]) -> CheckConstraint:
    """Return the constraint by which the database itself refuses any other word."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)
