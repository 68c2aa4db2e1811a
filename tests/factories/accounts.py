"""Staff in words: `make_staff(session, role=…)`, and a browser that is signed in as one of them."""

import secrets
from dataclasses import dataclass
from uuid import UUID

from pyotp.totp import TOTP
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.accounts import service
from backend.accounts.models import Staff
from backend.core import clock
from backend.core.actor import Actor, Role
from backend.web.sessions import Audience
from tests.factories.sessions import carry, open_session

PASSWORD = "slow river under the willow"


@dataclass
class Member:
    """One made account, with what its owner knows."""

    staff_id: UUID
    login: str
    name: str
    role: Role
    county_code: str | None
    totp_secret: str
    password: str = PASSWORD

    @property
    def actor(self) -> Actor:
        """The member as the one who acts."""
        return Actor(kind="staff", id=self.staff_id, name=self.name, role=self.role, county_code=self.county_code)

    def code(self, *, steps_later: int = 0) -> str:
        """Return the six digits of now, or of a step near it."""
        return TOTP(self.totp_secret).at(clock.now(), counter_offset=steps_later)


def make_staff(
    session: Session,
    role: Role = Role.COUNTY_OFFICER,
    county_code: str | None = "620502",
    *,
    name: str = "王秀英",
    is_demo: bool = False,
) -> Member:
    """Add a member of staff and keep it, so that requests see it."""
    login = f"officer-{secrets.token_hex(4)}"
    county = county_code if role is Role.COUNTY_OFFICER else None
    staff, secret = service.add_staff(
        session, login=login, name=name, role=role, county_code=county, password=PASSWORD, is_demo=is_demo
    )
    staff_id = staff.id
    session.commit()
    return Member(staff_id, login, name, role, county, secret)


def sign_in_as(client: TestClient, session: Session, member: Member) -> TestClient:
    """Give the browser a fresh session of `member`, without the form (and its one code in 30 seconds)."""
    return carry(client, Audience.STAFF, open_session(session, Audience.STAFF, member.staff_id))


def locked(session: Session, member: Member) -> Staff:
    """Return the row of a member, read anew."""
    session.expire_all()
    return session.get_one(Staff, member.staff_id)
