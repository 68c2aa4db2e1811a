"""What the features above add to an account, without being known here: each registers its part when it is imported.

    @exports("activities")
    def what_i_logged(session: Session, resident_id: UUID) -> list[dict[str, object]]: ...

    @forgets("activities")
    def wipe(session: Session, actor: Actor) -> None: ...

    @carries("activities")
    def take_over(session: Session, actor: Actor, ids: Sequence[UUID]) -> int: ...

    @tells("notices")
    def latest(session: Session, resident_id: UUID, lang: Lang) -> News: ...

    @counts("notices")
    def unread(session: Session, resident_id: UUID) -> int: ...

A part stands in a module that the web service imports anyway (a feature's `service`). Exports are JSON values; what is
forgotten is whatever a person can be recognised by, while ledger rows keep the random id; what is carried over are ids
that the device made before anybody signed in, and the answer is how many of them were the feature's; what is told stands
on the account's page, and is seen once it was shown there; until then it is counted, and pages mark the way there.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlmodel import Session

from backend.core.actor import Actor
from backend.web.preferences import Lang


@dataclass(frozen=True)
class NewsLine:
    """One thing that was told, in the reader's language, and where to read on."""

    at: datetime
    text: str
    path: str | None
    is_unread: bool


@dataclass(frozen=True)
class News:
    """The newest lines, and whether there are older ones."""

    lines: Sequence[NewsLine]
    has_more: bool


Exporter = Callable[[Session, UUID], object]
Forgetter = Callable[[Session, Actor], None]
Carrier = Callable[[Session, Actor, Sequence[UUID]], int]
Teller = Callable[[Session, UUID, Lang], News]
Counter = Callable[[Session, UUID], int]
_Part = TypeVar("_Part", Exporter, Forgetter, Carrier, Teller, Counter)

_exporters: dict[str, Exporter] = {}
_forgetters: dict[str, Forgetter] = {}
_carriers: dict[str, Carrier] = {}
_tellers: dict[str, Teller] = {}
_counters: dict[str, Counter] = {}


def exports(name: str) -> Callable[[Exporter], Exporter]:
    """Register what the feature `name` holds about a resident, under its name in the file."""
    return _registered(_exporters, name)


def forgets(name: str) -> Callable[[Forgetter], Forgetter]:
    """Register what the feature `name` wipes when a resident deletes the account, in the same transaction."""
    return _registered(_forgetters, name)


def carries(name: str) -> Callable[[Carrier], Carrier]:
    """Register how the feature `name` gives a resident what the device logged before the sign-in."""
    return _registered(_carriers, name)


def tells(name: str) -> Callable[[Teller], Teller]:
    """Register what the feature `name` tells a resident on the account's page."""
    return _registered(_tellers, name)


def counts(name: str) -> Callable[[Counter], Counter]:
    """Register how much the feature `name` has told a resident who has not seen it."""
    return _registered(_counters, name)


def exported(session: Session, resident_id: UUID) -> Mapping[str, object]:
    """Return every feature's part of the file."""
    return {name: part(session, resident_id) for name, part in sorted(_exporters.items())}


def forgetters() -> Iterable[Forgetter]:
    """Return every feature's way to forget."""
    return [part for _, part in sorted(_forgetters.items())]


def carriers() -> Iterable[Carrier]:
    """Return every feature's way to carry over."""
    return [part for _, part in sorted(_carriers.items())]


def tellers() -> Iterable[Teller]:
    """Return every feature's way to tell."""
    return [part for _, part in sorted(_tellers.items())]


def unseen(session: Session, resident_id: UUID) -> int:
    """Return how much a resident was told and has not seen."""
    return sum(part(session, resident_id) for part in _counters.values())


def _registered(parts: dict[str, _Part], name: str) -> Callable[[_Part], _Part]:
    def register(part: _Part) -> _Part:
        parts[name] = part
        return part

    return register
