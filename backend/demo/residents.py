"""Sample residents with an account: the code of a sign-in lands in `demo/outbox.jsonl`."""

from sqlmodel import Session

from backend.accounts.residents import queries, service
from backend.accounts.residents.rules import AgeGroup, Language, Purpose
from backend.core import clock
from backend.core.actor import Actor
from backend.demo.credentials import Credentials, ResidentEntry

CHILD_AGE = 10


def add_resident(  # noqa: PLR0913 -- the facts of one account
    session: Session,
    credentials: Credentials,
    *,
    phone: str,
    nickname: str,
    about: str | None = None,
    birth_year: int | None = None,
    guardian_phone: str | None = None,
    consents: tuple[Purpose, ...] = (Purpose.ACCOUNT, Purpose.POINTS),
) -> Actor:
    """Add a sample resident and return who acts; with `about` testers find the number in the credentials."""
    resident, _ = service.take_in(session, phone, language=Language.ZH, nickname=nickname, is_demo=True)
    actor = queries.actor_of(resident)
    group = AgeGroup.ADULT if birth_year is None else AgeGroup.MINOR
    service.introduce(session, actor, age_group=group, birth_year=birth_year, consents=consents)
    if guardian_phone:
        service.agree_as_guardian(session, actor, guardian_phone)
    if about:
        credentials.residents.append(ResidentEntry(phone=phone, nickname=nickname, about=about))
    return actor


def sample_phone(number: int) -> str:
    """Return the made-up number of a sample resident; others than those left for reports."""
    return f"1390938{number:04d}"


def add_first_residents(session: Session, credentials: Credentials) -> list[Actor]:
    """Add an adult, an elder and a child whose guardian agreed."""
    mother = sample_phone(1)
    return [
        add_resident(session, credentials, phone=mother, nickname="小麦", about="an adult who agreed to points"),
        add_resident(
            session, credentials, phone=sample_phone(2), nickname="藉河老李", about="an elder without text messages"
        ),
        add_resident(
            session,
            credentials,
            phone=sample_phone(3),
            nickname="豆豆",
            about="a child under 14 whose guardian agreed",
            birth_year=clock.today().year - CHILD_AGE,
            guardian_phone=mother,
        ),
    ]
