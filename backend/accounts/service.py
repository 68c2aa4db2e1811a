"""Staff accounts: adding, signing in, locking. Each act is recorded, each refusal too."""

import uuid

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, or_, update

from backend.accounts import queries, totp
from backend.accounts.errors import DemoAccountPresent, LoginTaken
from backend.accounts.models import Staff
from backend.accounts.passwords import hash_password, is_outdated, is_password, nobodys_hash
from backend.accounts.rules import check_login, check_password, check_scope, normal
from backend.audit import service as audit
from backend.core import clock
from backend.core.actor import SYSTEM, Actor, Role
from backend.core.errors import NotFound
from backend.core.ids import new_id
from backend.web import sessions
from backend.web.sessions import Audience

__all__ = [
    "DemoAccountPresent",
    "add_staff",
    "change_password",
    "lock_staff",
    "prove",
    "refuse_demo_accounts",
    "sign_in",
]

LONGEST_TYPED = 300


def add_staff(  # noqa: PLR0913 -- the facts of one account
    session: Session,
    *,
    login: str,
    name: str,
    role: Role,
    county_code: str | None,
    password: str,
    is_demo: bool = False,
) -> tuple[Staff, str]:
    """Add a member of staff; return the account and the authenticator's secret, which is shown only now."""
    login = check_login(login)
    check_scope(role, county_code)
    staff_id, secret = new_id(), totp.new_secret()
    staff = Staff(
        id=staff_id,
        name=name.strip(),
        login=login,
        password_hash=hash_password(check_password(password, login)),
        totp_sealed=totp.seal_secret(secret, staff_id),
        role=role.value,
        county_code=county_code,
        is_demo=is_demo,
        created_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(staff)
    except IntegrityError:
        raise LoginTaken from None
    audit.record(session, SYSTEM, "staff_added", f"staff:{staff_id}", role=role.value, county_code=county_code)
    return staff, secret


def sign_in(session: Session, *, login: str, password: str, code: str) -> Actor | None:
    """Return who signed in, or `None`: nobody learns which of the three was wrong, or whether the login exists (S-05)."""
    login, password, code = login.strip().lower()[:LONGEST_TYPED], normal(password), "".join(code.split())
    found = queries.credentials_of(session, login)
    # Hashing takes time and waits for its turn: until then the connection belongs to others.
    session.rollback()
    fits = len(password) <= LONGEST_TYPED and is_password(password, found.password_hash if found else nobodys_hash())
    secret = totp.open_secret(found.totp_sealed, found.id) if found else totp.new_secret()
    step = totp.step_of(secret, code)
    if found and fits and step is not None and found.is_active:
        rehashed = hash_password(password) if is_outdated(found.password_hash) else found.password_hash
        if _use_step(session, found.id, step, last_sign_in_at=clock.now(), password_hash=rehashed):
            staff = session.get_one(Staff, found.id)
            audit.record(session, queries.actor_of(staff), "signed_in", f"staff:{staff.id}")
            return queries.actor_of(staff)
    audit.record(session, SYSTEM, "sign_in_refused", f"staff:{found.id}" if found else "staff:unknown")
    return None


def prove(session: Session, actor: Actor, token_digest: bytes, code: str) -> bool:
    """Take the second factor again in this session, before money moves (S-10); the same six digits never work twice."""
    assert actor.id is not None
    staff = session.get_one(Staff, actor.id, populate_existing=True)
    step = totp.step_of(totp.open_secret(staff.totp_sealed, staff.id), "".join(code.split())[:LONGEST_TYPED])
    if step is None or not _use_step(session, staff.id, step):
        audit.record(session, actor, "step_up_refused", f"staff:{staff.id}")
        return False
    sessions.prove(session, token_digest, Audience.STAFF)
    audit.record(session, actor, "stepped_up", f"staff:{staff.id}")
    return True


def _use_step(session: Session, staff_id: uuid.UUID, step: int, **also: object) -> bool:
    """Spend the time step; of two requests with the same six digits only one changes the row."""
    spent = session.execute(
        update(Staff)
        .where(
            col(Staff.id) == staff_id,
            col(Staff.is_active),
            or_(col(Staff.totp_last_step).is_(None), col(Staff.totp_last_step) < step),
        )
        .values(totp_last_step=step, **also)
        .returning(col(Staff.id))
    )
    return spent.first() is not None


def change_password(session: Session, actor: Actor, staff_id: uuid.UUID, password: str) -> None:
    """Give the account another password and end its sessions everywhere."""
    staff = _staff(session, staff_id)
    staff.password_hash = hash_password(check_password(password, staff.login))
    session.flush()
    sessions.end_all(session, Audience.STAFF, staff_id)
    audit.record(session, actor, "password_changed", f"staff:{staff_id}")


def change_role(session: Session, actor: Actor, staff_id: uuid.UUID, role: Role, county_code: str | None) -> None:
    """Give the account another role or county and end its sessions everywhere."""
    check_scope(role, county_code)
    staff = _staff(session, staff_id)
    staff.role, staff.county_code = role.value, county_code
    session.flush()
    sessions.end_all(session, Audience.STAFF, staff_id)
    audit.record(session, actor, "role_changed", f"staff:{staff_id}", role=role.value, county_code=county_code)


def lock_staff(session: Session, actor: Actor, staff_id: uuid.UUID) -> None:
    """Let the account sign in no more and end its sessions everywhere."""
    staff = _staff(session, staff_id)
    staff.is_active = False
    session.flush()
    sessions.end_all(session, Audience.STAFF, staff_id)
    audit.record(session, actor, "staff_locked", f"staff:{staff_id}")


def refuse_demo_accounts(session: Session) -> None:
    """Stop a production start while an account with a public password can sign in."""
    if queries.has_demo_account(session):
        raise DemoAccountPresent(
            "This database holds the demo city's sample accounts, which anybody can get into. "
            "Point GREEN_DATABASE_URL to an empty database, then add staff with `green staff add`."
        )


def _staff(session: Session, staff_id: uuid.UUID) -> Staff:
    staff = session.get(Staff, staff_id, with_for_update=True)
    if staff is None:
        raise NotFound
    return staff
