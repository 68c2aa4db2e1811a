"""Everything that is kept about a resident, for the resident alone (S-85)."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from backend.accounts.residents import parts, queries, sealing
from backend.accounts.residents.models import Consent, Resident
from backend.accounts.residents.queries import SignedIn
from backend.core import clock
from backend.core.actor import Actor


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
