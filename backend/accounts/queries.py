"""Who is behind a session, in one read."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import NamedTuple

from sqlmodel import Session, col, select

from backend.accounts.models import Staff
from backend.accounts.residents.models import Resident
from backend.core.actor import PERMISSIONS, Actor, Permission, Role
from backend.web import sessions
from backend.web.models import WebSession
from backend.web.sessions import Audience


class Credentials(NamedTuple):
    """What a sign-in is checked against."""

    id: uuid.UUID
    password_hash: str
    totp_sealed: bytes
    is_active: bool


def signed_in(session: Session, token_digest: bytes) -> Actor | None:
    """Return the active member of staff whose live session has this digest, and prolong the session."""
    row = session.exec(
        select(WebSession, Staff)
        .join(Staff, col(Staff.id) == col(WebSession.owner_id))
        .where(*sessions.alive(token_digest, Audience.STAFF), col(Staff.is_active))
    ).first()
    if row is None:
        return None
    web_session, staff = row
    sessions.touch(session, token_digest, Audience.STAFF, web_session.seen_at, web_session.absolute_until)
    return replace(actor_of(staff), proven_at=sessions.proven_at(web_session))


def actor_of(staff: Staff) -> Actor:
    """Return the member of staff as the one who acts."""
    return Actor(kind="staff", id=staff.id, name=staff.name, role=Role(staff.role), county_code=staff.county_code)


def credentials_of(session: Session, login: str) -> Credentials | None:
    """Return what a sign-in under `login` is checked against."""
    staff = staff_by_login(session, login)
    return Credentials(staff.id, staff.password_hash, staff.totp_sealed, staff.is_active) if staff else None


def names_of(session: Session, staff_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Return the names of members of staff, for pages that say who did what."""
    rows = session.execute(select(Staff.id, Staff.name).where(col(Staff.id).in_(staff_ids)))
    return {row.id: row.name for row in rows}


def who_may(session: Session, permission: Permission) -> list[Staff]:
    """Return the active members of staff whose role holds `permission`, by name."""
    roles = [role.value for role, rights in PERMISSIONS.items() if permission in rights]
    query = select(Staff).where(col(Staff.is_active), col(Staff.role).in_(roles))
    return list(session.exec(query.order_by(col(Staff.name), col(Staff.login))))


def staff_by_login(session: Session, login: str) -> Staff | None:
    """Return the member of staff with this login."""
    return session.exec(select(Staff).where(col(Staff.login) == login)).first()


def has_demo_account(session: Session) -> bool:
    """Whether a sample account, of staff or of a resident, can still sign in."""
    staff = select(Staff.id).where(col(Staff.is_demo), col(Staff.is_active)).limit(1)
    resident = select(Resident.id).where(col(Resident.is_demo), col(Resident.deleted_at).is_(None)).limit(1)
    return session.exec(staff).first() is not None or session.exec(resident).first() is not None
