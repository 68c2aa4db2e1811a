"""How every HTML form is read: bounded, without bytes that no database can hold, and into a pydantic model."""

import re
from collections.abc import Mapping
from typing import Annotated, TypeVar, get_origin

from fastapi import Depends
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from backend.core.errors import N_, Invalid

MOST_FILES = 6
MOST_FIELDS = 40
LARGEST_FIELD_BYTES = 64 * 1024
OPENED = "green.form"
"""Where the request remembers its form, so that the files in it are closed when it ends."""
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

_Model = TypeVar("_Model", bound=BaseModel)

SENTENCES: Mapping[str, str] = {
    "missing": N_("Please fill this in."),
    "string_too_short": N_("This is too short."),
    "string_too_long": N_("This is too long."),
    "greater_than_equal": N_("This number is too small."),
    "greater_than": N_("This number is too small."),
    "less_than_equal": N_("This number is too large."),
    "less_than": N_("This number is too large."),
    "too_long": N_("These are too many."),
    "enum": N_("Please choose one of these."),
    "literal_error": N_("Please choose one of these."),
}
WRONG = N_("Please check this.")


class Unstorable(Invalid):
    """A field holds NUL or half a character."""

    message = N_("The text holds characters that cannot be stored. Please type it again.")


class FormRefused(Invalid):
    """The form breaks a rule; `values` is what was typed, for showing the form again with the sentences beside it."""

    def __init__(self, fields: dict[str, str], values: dict[str, str]) -> None:
        super().__init__(fields=fields)
        self.values = values


async def read_form(request: Request) -> FormData:
    """Read the posted form once; later calls in the same request get the same one."""
    form: FormData = request.scope.setdefault(
        OPENED, await request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=LARGEST_FIELD_BYTES)
    )
    for name, value in form.multi_items():
        if _UNSTORABLE.search(name) or (isinstance(value, str) and _UNSTORABLE.search(value)):
            raise Unstorable
    return form


FormDep = Annotated[FormData, Depends(read_form)]


def parse(model: type[_Model], form: FormData) -> _Model:
    """Return the form as `model`; empty fields count as not sent, unknown fields are dropped, files left alone."""
    given: dict[str, object] = {}
    for name, field in model.model_fields.items():
        values = [value for value in form.getlist(field.alias or name) if isinstance(value, str) and value]
        if get_origin(field.annotation) in {list, tuple, set, frozenset}:
            given[field.alias or name] = values
        elif values:
            given[field.alias or name] = values[-1]
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise FormRefused(sentences(error.errors(include_input=False, include_url=False)), texts(form)) from None


def sentences(errors: list[ErrorDetails]) -> dict[str, str]:
    """Return one sentence (a msgid) for each field that is wrong; never a value that was typed."""
    found: dict[str, str] = {}
    for error in errors:
        name = ".".join(str(part) for part in error["loc"]) or "form"
        found.setdefault(name, SENTENCES.get(error["type"], WRONG))
    return found


def file_in(form: FormData, name: str) -> bytes:
    """Return the one file of a field; nothing if none was chosen."""
    upload = form.get(name)
    return upload.file.read() if isinstance(upload, UploadFile) and upload.filename else b""


def file_name(form: FormData, name: str) -> str:
    """Return how the file of a field is called where it came from."""
    upload = form.get(name)
    return (upload.filename or "") if isinstance(upload, UploadFile) else ""


def texts(form: FormData) -> dict[str, str]:
    """Return the text fields of a form."""
    return {name: value for name, value in form.items() if isinstance(value, str)}
