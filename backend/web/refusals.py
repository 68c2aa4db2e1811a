"""A page that is shown again because something was refused: its status and the sentences, in the reader's language."""

from collections.abc import Mapping
from http import HTTPStatus

from backend.core.errors import DomainError, Invalid
from backend.web.errors import STATUS_OF_KIND
from backend.web.preferences import Lang
from backend.web.templates import translate


def status_of(refused: DomainError | None) -> HTTPStatus:
    """Return the status of the page: that of the refusal, if there is one."""
    if refused is None:
        return HTTPStatus.OK
    return next(status for kind, status in STATUS_OF_KIND.items() if isinstance(refused, kind))


def sentence_of(lang: Lang, refused: DomainError | None) -> str | None:
    """Return what was refused in one breath; where fields are wrong, their sentences, each once."""
    if refused is None:
        return None
    if isinstance(refused, Invalid) and refused.fields:
        return " ".join(translate(lang, sentence) for sentence in dict.fromkeys(refused.fields.values()))
    return translate(lang, refused.text, **refused.params)


def fields_of(lang: Lang, refused: DomainError | None) -> Mapping[str, str]:
    """Return what is wrong by field; what belongs to no field stands under `form`."""
    if refused is None:
        return {}
    fields = refused.fields if isinstance(refused, Invalid) else {}
    found = {name: translate(lang, sentence) for name, sentence in fields.items()}
    return found or {"form": translate(lang, refused.text, **refused.params)}
