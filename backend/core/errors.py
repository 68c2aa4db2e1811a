"""The five ways in which a request can be wrong, told without HTTP; `web.errors` alone turns them into answers."""

from typing import ClassVar


def N_(message: str) -> str:  # noqa: N802 -- the name that gettext tools look for
    """Mark `message` for the catalogue without translating it yet."""
    return message


class DomainError(Exception):
    """One plain sentence for the reader: an English msgid and the values that belong into it.

    A feature subclasses one of the five kinds below and sets `message`. Nothing personal may stand in `params`,
    because the sentence is shown and may be logged.
    """

    message: ClassVar[str] = N_("Something went wrong.")

    def __init__(self, message: str | None = None, **params: object) -> None:
        self.text = message or self.message
        self.params = params
        super().__init__(self.text % params if params else self.text)


class NotFound(DomainError):
    """The thing does not exist, or the asker may not know that it does."""

    message = N_("We could not find this page or case.")


class Forbidden(DomainError):
    """The asker is known and lacks the right."""

    message = N_("You do not have the right to do this.")


class Conflict(DomainError):
    """The request was sound, but the thing has moved on or exists already."""

    message = N_("Someone changed this in the meantime. Load the page again and check.")


class Invalid(DomainError):
    """The input breaks a rule; `fields` names the field each sentence belongs to."""

    message = N_("Please check what you entered.")

    def __init__(self, message: str | None = None, *, fields: dict[str, str] | None = None, **params: object) -> None:
        super().__init__(message, **params)
        self.fields = fields or {}


class TooMany(DomainError):
    """A limit is reached; `retry_after` is in seconds."""

    message = N_("That was a lot at once. Please wait a moment and try again.")

    def __init__(self, message: str | None = None, *, retry_after: int = 60, **params: object) -> None:
        super().__init__(message, **params)
        self.retry_after = retry_after
