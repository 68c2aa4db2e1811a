"""Residents in words: `make_resident(session)`, and a browser that is signed in as one of them."""

import secrets
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from backend.accounts.residents import sealing, service
from backend.accounts.residents.models import SmsCode
from backend.accounts.residents.rules import AgeGroup, CodePurpose, Language, Purpose
from backend.core.actor import Actor
from backend.web.sessions import Audience
from tests.factories.sessions import carry, open_session


@dataclass(frozen=True)
class Neighbour:
    """One made account, with what its owner knows."""

    resident_id: UUID
    phone: str
    nickname: str

    @property
    def actor(self) -> Actor:
        """The resident as the one who acts."""
        return Actor(kind="resident", id=self.resident_id, name=self.nickname)


def new_phone() -> str:
    """Return a number that no other test uses."""
    return f"199{secrets.randbelow(10**8):08d}"


def make_resident(  # one flag for each thing a test may need otherwise
    session: Session,
    *,
    phone: str | None = None,
    nickname: str = "小麦",
    birth_year: int | None = None,
    consents: tuple[Purpose, ...] = (Purpose.ACCOUNT, Purpose.POINTS),
    introduced: bool = True,
) -> Neighbour:
    """Make an account and keep it: by default of age and agreed to points; `birth_year` makes a minor."""
    number = phone or new_phone()
    resident, _ = service.take_in(session, number, language=Language.ZH, nickname=nickname)
    neighbour = Neighbour(resident.id, number, nickname)
    if introduced:
        group = AgeGroup.MINOR if birth_year else AgeGroup.ADULT
        service.introduce(session, neighbour.actor, age_group=group, birth_year=birth_year, consents=consents)
    session.commit()
    return neighbour


def new_session(session: Session, neighbour: Neighbour) -> str:
    """Open a session of the resident and return its token, without an SMS."""
    return open_session(session, Audience.RESIDENT, neighbour.resident_id)


def sign_in_resident(client: TestClient, session: Session, neighbour: Neighbour) -> TestClient:
    """Give the browser a fresh session of the resident."""
    return carry(client, Audience.RESIDENT, new_session(session, neighbour))


def code_for(session: Session, phone: str, purpose: CodePurpose = CodePurpose.SIGN_IN) -> str:
    """Return the digits that wait to be sent to a number, as the phone would show them."""
    row = newest_code(session, phone, purpose)
    assert row.code_sealed
    return sealing.open_code(row.code_sealed, row.id)


def newest_code(session: Session, phone: str, purpose: CodePurpose = CodePurpose.SIGN_IN) -> SmsCode:
    """Return what is kept of the last code that a number asked for."""
    row = session.exec(
        select(SmsCode)
        .where(col(SmsCode.phone_digest) == sealing.digest_of(phone), col(SmsCode.purpose) == purpose)
        .order_by(col(SmsCode.issued_at).desc(), col(SmsCode.expires_at).desc())
        .execution_options(populate_existing=True)
    ).first()
    assert row
    return row


def wrong_code(right: str) -> str:
    """Return other six digits."""
    return f"{(int(right) + 1) % 1_000_000:06d}"
