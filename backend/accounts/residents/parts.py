"""What the features above add to an account, without being known here: each registers its part when it is imported.

    @exports("activities")
    def what_i_logged(session: Session, resident_id: UUID) -> list[dict[str, object]]: ...

    @forgets("activities")
    def wipe(session: Session, actor: Actor) -> None: ...

    @holds("activities")
    def waiting(session: Session, ids: Sequence[UUID], lang: Lang) -> list[Held]: ...

    @carries("activities")
    def take_over(session: Session, actor: Actor, ids: Sequence[UUID]) -> Carried: ...

    @tells("notices")
    def latest(session: Session, resident_id: UUID, lang: Lang) -> News: ...

    @counts("notices")
    def unread(session: Session, resident_id: UUID) -> int: ...

A part stands in a module that the web service imports anyway (a feature's `service`). Exports are JSON values; what is
forgotten is whatever a person can be recognised by, while ledger rows keep the random id; what is carried over are ids
that the device made before anybody signed in, held until somebody says whose they are, and the answer is which of them
are the resident's now; what is told stands on the account's page, and is seen once it was shown there; until then it is
counted, and pages mark the way there. Reports have no part here: nothing on the server says whose a report is.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeVar
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


@dataclass(frozen=True)
class Held:
    """One thing that a device logged before a sign-in and that is nobody's yet, in the reader's language."""

    id: UUID
    at: datetime
    name: str
    amount: str
    icon: str
    points: int
    """What it earns if no cap is met."""


class Carried(NamedTuple):
    """Which ids became the resident's by this call, and which had been the resident's before it."""

    taken: frozenset[UUID] = frozenset()
    before: frozenset[UUID] = frozenset()


Exporter = Callable[[Session, UUID], object]
Forgetter = Callable[[Session, Actor], None]
Holder = Callable[[Session, Sequence[UUID], Lang], Sequence[Held]]
Carrier = Callable[[Session, Actor, Sequence[UUID]], Carried]
Teller = Callable[[Session, UUID, Lang], News]
Counter = Callable[[Session, UUID], int]
_Part = TypeVar("_Part", Exporter, Forgetter, Holder, Carrier, Teller, Counter)

_exporters: dict[str, Exporter] = {}
_forgetters: dict[str, Forgetter] = {}
_holders: dict[str, Holder] = {}
_carriers: dict[str, Carrier] = {}
_tellers: dict[str, Teller] = {}
_counters: dict[str, Counter] = {}


def exports(name: str) -> Callable[[Exporter], Exporter]:
    """Register what the feature `name` holds about a resident, under its name in the file."""
    return _registered(_exporters, name)


def forgets(name: str) -> Callable[[Forgetter], Forgetter]:
    """Register what the feature `name` wipes when a resident deletes the account, in the same transaction."""
    return _registered(_forgetters, name)


def holds(name: str) -> Callable[[Holder], Holder]:
    """Register how the feature `name` tells what a device logged before the sign-in."""
    return _registered(_holders, name)


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


def held(session: Session, ids: Sequence[UUID], lang: Lang) -> list[Held]:
    """Return what every feature holds under these ids and what is nobody's yet, oldest first."""
    found = [one for part in _holders.values() for one in part(session, ids, lang)] if ids else []
    return sorted(found, key=lambda one: (one.at, one.id))


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
