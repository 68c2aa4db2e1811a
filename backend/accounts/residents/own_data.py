"""Everything that is kept about a resident, for the resident alone (S-85)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from sqlmodel import Session

from backend.accounts.residents import parts, queries, sealing
from backend.accounts.residents.models import Consent, Resident
from backend.accounts.residents.queries import SignedIn
from backend.accounts.residents.texts import EXPORT_PARTS
from backend.core import clock
from backend.core.actor import Actor

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}\S*")


@dataclass(frozen=True)
class Part:
    """One part of the file, told in words."""

    name: str
    icon: str
    title: str
    about: str
    count: int | None
    """How many things it holds; `None` where it is one thing."""
    content: object


def export(session: Session, actor: Actor) -> dict[str, object]:
    """Return everything that is kept about the resident, every feature's part too (S-85)."""
    assert actor.id is not None
    resident = session.get_one(Resident, actor.id, populate_existing=True)
    phone = resident.phone_sealed and sealing.open_phone(resident.phone_sealed, "resident", resident.id)
    profile = queries.profile_of(session, resident.id)
    return {
        "made_at": _written(clock.now()),
        "account": {
            "id": str(resident.id),
            "phone": phone,
            "nickname": resident.nickname,
            "language": resident.language.value,
            "age_group": resident.age_group and resident.age_group.value,
            "birth_year": resident.birth_year,
            "guardian_phone": profile.guardian_phone,
            "created_at": _written(resident.created_at),
        },
        "consents": [_consent_out(one) for one in queries.all_consents(session, resident.id)],
        "sign_ins": [_sign_in_out(one) for one in queries.sign_ins(session, resident.id, None)],
        **parts.exported(session, resident.id),
    }


def told(data: Mapping[str, object]) -> list[Part]:
    """Return the file part by part, for people: what each is, how much it holds, days and moments as such."""
    return [
        Part(name, icon, title, about, _count(data[name]), _read(data[name]))
        for name, (icon, title, about) in EXPORT_PARTS.items()
        if name in data
    ]


def _count(content: object) -> int | None:
    if isinstance(content, list):
        return len(cast("list[object]", content))
    inner = cast("Mapping[str, object]", content).values() if isinstance(content, Mapping) else ()
    return next((len(cast("list[object]", one)) for one in inner if isinstance(one, list)), None)


def _read(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _read(inner) for name, inner in cast("Mapping[str, object]", value).items()}
    if isinstance(value, list):
        return [_read(inner) for inner in cast("list[object]", value)]
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(value, str) and _DAY.fullmatch(value) else value


def _consent_out(one: Consent) -> Mapping[str, object]:
    return {
        "purpose": one.purpose.value,
        "version": one.version,
        "given_at": _written(one.given_at),
        "withdrawn_at": one.withdrawn_at and _written(one.withdrawn_at),
    }


def _sign_in_out(one: SignedIn) -> Mapping[str, object]:
    return {"device": one.device.value, "since": _written(one.since), "seen_at": _written(one.seen_at)}


def _written(moment: datetime) -> str:
    return moment.astimezone(clock.SHANGHAI).isoformat(timespec="seconds")
