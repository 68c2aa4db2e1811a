"""Elders without a phone: an account that nobody can sign in to, under which a household logs for them."""

from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col

from backend.accounts.residents import rules
from backend.accounts.residents.models import Consent, Resident
from backend.accounts.residents.rules import VERSIONS, AgeGroup, Language, Purpose
from backend.audit import service as audit
from backend.core import clock
from backend.core.actor import Actor
from backend.core.ids import new_id


def add_proxy(session: Session, actor: Actor, nickname: str, *, language: Language, is_demo: bool = False) -> UUID:
    """Make the account: a nickname and nothing else. Who makes it vouches for the elder's agreement to points."""
    resident_id, now = new_id(), clock.now()
    session.add(
        Resident(
            id=resident_id,
            nickname=rules.read_nickname(nickname),
            language=language,
            age_group=AgeGroup.ADULT,
            is_proxy=True,
            is_demo=is_demo,
            created_at=now,
        )
    )
    session.flush()
    version = VERSIONS[Purpose.POINTS]
    session.add(Consent(id=new_id(), resident_id=resident_id, purpose=Purpose.POINTS, version=version, given_at=now))
    session.flush()
    subject = rules.subject_of(resident_id)
    audit.record(session, actor, "resident_added", subject)
    audit.record(session, actor, "consent_given", subject, purpose=Purpose.POINTS.value, version=version)
    return resident_id


def forget_proxy(session: Session, actor: Actor, resident_id: UUID) -> None:
    """Wipe the nickname and take the agreement back; the random id stays in the ledger."""
    now = clock.now()
    session.execute(
        update(Resident)
        .where(col(Resident.id) == resident_id, col(Resident.is_proxy))
        .values(nickname="", age_group=None, deleted_at=now)
    )
    live = col(Consent.resident_id) == resident_id, col(Consent.withdrawn_at).is_(None)
    session.execute(update(Consent).where(*live).values(withdrawn_at=now))
    audit.record(session, actor, "resident_deleted", rules.subject_of(resident_id))
