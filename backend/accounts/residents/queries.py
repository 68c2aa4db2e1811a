"""What is asked about residents: who is behind a session, how far an account has come, what somebody may know of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, exists, or_
from sqlmodel import Session, col, select

from backend.accounts.residents import rules, sealing
from backend.accounts.residents.models import Consent, Guardian, Resident
from backend.accounts.residents.rules import Device, Language, Purpose, Standing
from backend.core import clock
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.core.phones import masked, read_phone
from backend.web import sessions
from backend.web.models import WebSession
from backend.web.sessions import Audience

MOST_AT_ONCE = 500

# In the driver's words, because every call of a resident asks it: building it anew costs more than answering it.
_SIGNED_IN = """
SELECT r.id, r.nickname, s.seen_at, s.absolute_until FROM web_session s JOIN resident r ON r.id = s.owner_id
WHERE s.token_digest = %(digest)s AND s.audience = 'resident' AND s.expires_at > %(now)s AND r.deleted_at IS NULL
"""


@dataclass(frozen=True)
class SignedIn:
    """One browser in which the resident is signed in."""

    device: Device
    since: datetime
    seen_at: datetime
    is_this: bool


@dataclass(frozen=True)
class Profile:
    """An account as its owner sees it."""

    id: UUID
    nickname: str
    language: Language
    phone: str
    """Masked."""
    standing: Standing
    birth_year: int | None
    guardian_phone: str | None
    """Masked; `None` without a guardian."""
    needs_guardian: bool
    consents: Mapping[Purpose, datetime]
    """What is agreed to now, and since when."""
    may_earn: bool
    created_at: datetime


def actor_of(resident: Resident) -> Actor:
    """Return the resident as the one who acts."""
    return Actor(kind="resident", id=resident.id, name=resident.nickname)


def signed_in(session: Session, token_digest: bytes) -> Actor | None:
    """Return the resident whose live session has this digest, and prolong the session."""
    row = session.connection().exec_driver_sql(_SIGNED_IN, {"digest": token_digest, "now": clock.now()}).first()
    if row is None:
        return None
    sessions.touch(session, token_digest, Audience.RESIDENT, row.seen_at, row.absolute_until)
    return Actor(kind="resident", id=row.id, name=row.nickname)


def profile_of(session: Session, resident_id: UUID) -> Profile:
    """Return the account of a resident who is not deleted."""
    resident = session.get(Resident, resident_id, populate_existing=True)
    if resident is None or resident.deleted_at is not None:
        raise NotFound
    # An elder without a phone agreed to points only: there is no number to keep.
    needed = {Purpose.POINTS} if resident.is_proxy else {Purpose.ACCOUNT, Purpose.POINTS}
    guardian = guardian_of(session, resident_id)
    given = live_consents(session, resident_id)
    today = clock.today()
    standing = rules.standing(resident.age_group, resident.birth_year, has_guardian=guardian is not None, today=today)
    return Profile(
        id=resident.id,
        nickname=resident.nickname,
        language=resident.language,
        phone=masked(sealing.open_phone(resident.phone_sealed, "resident", resident.id))
        if resident.phone_sealed
        else "",
        standing=standing,
        birth_year=resident.birth_year,
        guardian_phone=_masked_guardian(guardian),
        needs_guardian=rules.needs_guardian(resident.birth_year, today),
        consents={purpose: one.given_at for purpose, one in given.items()},
        may_earn=standing is Standing.FULL and needed <= set(given),
        created_at=resident.created_at,
    )


def _masked_guardian(guardian: Guardian | None) -> str | None:
    if guardian is None or guardian.phone_sealed is None:
        return None
    return masked(sealing.open_phone(guardian.phone_sealed, "guardian", guardian.id))


def may_earn(session: Session, resident_id: UUID) -> bool:
    """Whether the resident can be given points: age told, guardian where needed, and points agreed to."""
    try:
        return profile_of(session, resident_id).may_earn
    except NotFound:
        return False


def guardian_of(session: Session, resident_id: UUID) -> Guardian | None:
    """Return the guardian whose agreement holds."""
    live = col(Guardian.resident_id) == resident_id, col(Guardian.ended_at).is_(None)
    return session.exec(select(Guardian).where(*live)).first()


def unfinished(session: Session, since: datetime) -> list[Resident]:
    """Return accounts that have waited for their age or for a guardian since before `since`."""
    has_guardian = exists().where(
        col(Guardian.resident_id) == col(Resident.id),
        or_(col(Guardian.ended_at).is_(None), col(Guardian.ended_at) >= since),
    )
    guarded_from = clock.today().year - rules.GUARDED_BELOW
    waits = and_(col(Resident.birth_year) >= guarded_from, ~has_guardian)
    return list(
        session.exec(
            select(Resident)
            .where(
                col(Resident.deleted_at).is_(None),
                col(Resident.created_at) < since,
                or_(col(Resident.age_group).is_(None), waits),
            )
            .order_by(col(Resident.id))
            .limit(MOST_AT_ONCE)
        )
    )


def live_consents(session: Session, resident_id: UUID) -> Mapping[Purpose, Consent]:
    """Return what a resident agrees to now."""
    live = col(Consent.resident_id) == resident_id, col(Consent.withdrawn_at).is_(None)
    return {one.purpose: one for one in session.exec(select(Consent).where(*live))}


def all_consents(session: Session, resident_id: UUID) -> list[Consent]:
    """Return everything a resident ever agreed to, oldest first."""
    mine = select(Consent).where(col(Consent.resident_id) == resident_id)
    return list(session.exec(mine.order_by(col(Consent.given_at), col(Consent.id))))


def tellable(session: Session, resident_ids: Collection[UUID]) -> Mapping[UUID, bool]:
    """Return who of the residents can be told something, and whether also by text message, because it was agreed to."""
    if not resident_ids:
        return {}
    texts = exists().where(
        col(Consent.resident_id) == col(Resident.id),
        col(Consent.purpose) == Purpose.TEXTS,
        col(Consent.withdrawn_at).is_(None),
    )
    rows = session.execute(
        select(Resident.id, texts.label("by_text")).where(
            col(Resident.id).in_(resident_ids), col(Resident.deleted_at).is_(None)
        )
    )
    return {row.id: row.by_text for row in rows}


def sign_ins(session: Session, resident_id: UUID, here: bytes | None) -> list[SignedIn]:
    """Return the browsers in which the resident is signed in, the latest used first."""
    rows = session.exec(
        select(WebSession)
        .where(
            col(WebSession.audience) == Audience.RESIDENT.value,
            col(WebSession.owner_id) == resident_id,
            col(WebSession.expires_at) > clock.now(),
        )
        .order_by(col(WebSession.seen_at).desc())
    )
    return [
        SignedIn(
            device=Device(row.data.get("device", Device.OTHER)),
            since=row.created_at,
            seen_at=row.seen_at,
            is_this=row.token_digest == here,
        )
        for row in rows
    ]


def resident_by_phone(session: Session, phone: str) -> UUID | None:
    """Return whose number it is: for records that come by number, never for an answer to a stranger."""
    number = read_phone(phone)
    if number is None:
        return None
    found = select(Resident.id).where(col(Resident.phone_digest) == sealing.digest_of(number))
    return session.exec(found).first()


def names_of(session: Session, resident_ids: Collection[UUID]) -> Mapping[UUID, str]:
    """Return the nicknames; a deleted account's is empty."""
    if not resident_ids:
        return {}
    rows = session.execute(select(Resident.id, Resident.nickname).where(col(Resident.id).in_(resident_ids)))
    return {row.id: row.nickname for row in rows}
