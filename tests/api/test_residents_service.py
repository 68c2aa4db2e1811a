"""Agreements, guardians, taking along and leaving: on the real database, with what it refuses by itself."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlmodel import Session, col, select

from backend.accounts import service as accounts
from backend.accounts.errors import DemoAccountPresent
from backend.accounts.jobs import sweep
from backend.accounts.residents import codes, own_data, parts, queries, sealing, service
from backend.accounts.residents.errors import (
    AgeKnown,
    AgeNotTold,
    AgreementNeeded,
    ConsentNotOptional,
    GuardianInvalid,
    GuardianNeeded,
    NoGuardianNeeded,
    PointsConsentNeeded,
)
from backend.accounts.residents.models import Consent, Resident, SmsCode
from backend.accounts.residents.parts import Carried
from backend.accounts.residents.rules import AgeGroup, CodePurpose, Language, Purpose, Standing
from backend.audit.models import AuditEntry
from backend.core import clock
from backend.core.actor import SYSTEM, Actor
from backend.core.config import get_settings
from backend.core.errors import NotFound, TooMany
from backend.notices import jobs as notices
from backend.notices.sms import outbox_path
from tests.factories.residents import Neighbour, code_for, make_resident, new_phone, wrong_code

CHILD = clock.today().year - 10


def profile(session: Session, one: Neighbour) -> queries.Profile:
    return queries.profile_of(session, one.resident_id)


def recorded(session: Session, action: str) -> list[AuditEntry]:
    return list(session.exec(select(AuditEntry).where(col(AuditEntry.action) == action)))


def ask_guardian(session: Session, child: Neighbour, phone: str) -> str:
    return service.request_guardian_code(session, child.actor, phone, network="192.0.2.0/24", language=Language.ZH)


def confirm(session: Session, child: Neighbour, phone: str) -> str:
    """Have a guardian agree; return the token of the browser."""
    browser = ask_guardian(session, child, phone)
    code = code_for(session, phone, CodePurpose.GUARDIAN)
    session.commit()
    assert service.confirm_guardian(session, child.actor, browser=browser, code=code)
    session.commit()
    return browser


def test_a_new_account_earns_nothing_before_age_and_agreement(session: Session):
    new = make_resident(session, introduced=False)
    assert profile(session, new).standing is Standing.NEW
    with pytest.raises(AgeNotTold):
        service.require_earning(session, new.resident_id)
    with pytest.raises(AgreementNeeded):
        service.introduce(session, new.actor, age_group=AgeGroup.ADULT, birth_year=None, consents=[Purpose.POINTS])


def test_points_are_earned_only_while_they_are_agreed_to(session: Session):
    silent = make_resident(session, consents=(Purpose.ACCOUNT,))
    with pytest.raises(PointsConsentNeeded):
        service.require_earning(session, silent.resident_id)
    service.choose_consent(session, silent.actor, Purpose.POINTS, given=True)
    service.require_earning(session, silent.resident_id)
    service.choose_consent(session, silent.actor, Purpose.POINTS, given=False)
    assert not queries.may_earn(session, silent.resident_id)


def test_an_agreement_is_noted_once_for_each_version(session: Session, neighbour: Neighbour):
    """S-89: version, time and purpose."""
    service.give_consent(session, neighbour.actor, Purpose.POINTS)
    service.withdraw_consent(session, neighbour.actor, Purpose.POINTS)
    service.withdraw_consent(session, neighbour.actor, Purpose.POINTS)
    service.give_consent(session, neighbour.actor, Purpose.POINTS)
    rows = [one for one in queries.all_consents(session, neighbour.resident_id) if one.purpose is Purpose.POINTS]

    assert [(one.version, one.withdrawn_at is None) for one in rows] == [
        ("points-2026-11", False),
        ("points-2026-11", True),
    ]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE consent SET version = 'x'",
        "UPDATE consent SET given_at = now() - interval '1 day', withdrawn_at = now()",
        "DELETE FROM consent",
        "TRUNCATE consent",
    ],
)
def test_the_database_itself_keeps_agreements(session: Session, neighbour: Neighbour, change: str):
    """Append-only: what was agreed to is evidence."""
    with pytest.raises(ProgrammingError), session.begin_nested():
        session.execute(text(change))


def test_an_agreement_is_not_taken_back_twice_or_given_again(session: Session, neighbour: Neighbour):
    session.execute(text("UPDATE consent SET withdrawn_at = clock_timestamp() WHERE purpose = 'points'"))
    for change in ("NULL", "clock_timestamp() + interval '1 hour'"):
        statement = text(f"UPDATE consent SET withdrawn_at = {change} WHERE purpose = 'points'")  # noqa: S608 -- two values of ours
        with pytest.raises(ProgrammingError), session.begin_nested():
            session.execute(statement)


@pytest.mark.parametrize(
    ("purpose", "given"), [(Purpose.ACCOUNT, False), (Purpose.ACCOUNT, True), (Purpose.GUARDIAN, True)]
)
def test_some_agreements_are_given_elsewhere(session: Session, neighbour: Neighbour, purpose: Purpose, given: bool):
    with pytest.raises(ConsentNotOptional):
        service.choose_consent(session, neighbour.actor, purpose, given=given)


def test_the_age_is_told_once(session: Session, neighbour: Neighbour):
    with pytest.raises(AgeKnown):
        service.introduce(
            session, neighbour.actor, age_group=AgeGroup.ADULT, birth_year=None, consents=[Purpose.ACCOUNT]
        )


def test_a_child_earns_once_a_guardian_has_agreed_by_code(session: Session):
    child, guardian = make_resident(session, birth_year=CHILD), new_phone()
    with pytest.raises(GuardianNeeded):
        service.require_earning(session, child.resident_id)
    confirm(session, child, guardian)

    service.require_earning(session, child.resident_id)
    assert profile(session, child).guardian_phone == f"{guardian[:3]}****{guardian[-4:]}"
    with pytest.raises(NoGuardianNeeded):
        ask_guardian(session, child, new_phone())


def test_a_wrong_code_or_anothers_code_is_no_agreement(session: Session):
    child, other, guardian = (
        make_resident(session, birth_year=CHILD),
        make_resident(session, birth_year=CHILD),
        new_phone(),
    )
    browser = ask_guardian(session, child, guardian)
    code = code_for(session, guardian, CodePurpose.GUARDIAN)
    session.commit()
    assert not service.confirm_guardian(session, child.actor, browser=browser, code=wrong_code(code))
    assert not service.confirm_guardian(session, other.actor, browser=browser, code=code)
    assert not service.confirm_guardian(session, child.actor, browser=None, code=code)
    session.commit()
    assert profile(session, child).standing is Standing.WAITING
    # Six digits for a guardian sign nobody in.
    assert service.sign_in(session, browser=browser, code=code, language=Language.ZH) is None


def test_a_child_is_no_guardian_and_nobody_is_the_own(session: Session):
    child, friend = make_resident(session, birth_year=CHILD), make_resident(session, birth_year=CHILD)
    with pytest.raises(GuardianInvalid):
        ask_guardian(session, child, child.phone)
    browser = ask_guardian(session, child, friend.phone)
    code = code_for(session, friend.phone, CodePurpose.GUARDIAN)
    session.commit()
    with pytest.raises(GuardianInvalid):
        service.confirm_guardian(session, child.actor, browser=browser, code=code)


def test_a_guardian_takes_it_back_and_the_number_is_wiped(session: Session):
    child = make_resident(session, birth_year=CHILD)
    confirm(session, child, new_phone())
    service.choose_consent(session, child.actor, Purpose.GUARDIAN, given=False)
    session.commit()

    assert profile(session, child).standing is Standing.WAITING
    assert session.execute(text("SELECT count(phone_sealed) + count(phone_digest) FROM guardian")).scalar_one() == 0


def test_who_is_fourteen_needs_no_guardian_and_who_grows_up_is_forgotten(session: Session):
    teen = make_resident(session, birth_year=clock.today().year - 16)
    assert queries.may_earn(session, teen.resident_id)
    later = clock.now() + timedelta(days=4 * 366)
    with clock.at(later):
        sweep(session)
    session.expire_all()
    row = session.get_one(Resident, teen.resident_id)
    assert (row.age_group, row.birth_year) == (AgeGroup.ADULT, None)


def test_deleting_wipes_the_person_and_keeps_the_random_number(session: Session):
    """S-86: identity gone, ledger under a pseudonym, second request a no-op."""
    child, guardian = make_resident(session, birth_year=CHILD), new_phone()
    confirm(session, child, guardian)
    service.delete(session, child.actor)
    session.commit()
    service.delete(session, child.actor)
    session.expire_all()
    row = session.get_one(Resident, child.resident_id)

    assert (row.phone_digest, row.phone_sealed, row.nickname, row.birth_year) == (None, None, "", None)
    assert queries.live_consents(session, child.resident_id) == {}
    assert len(recorded(session, "resident_deleted")) == 1
    assert queries.resident_by_phone(session, child.phone) is None
    assert service.phone_of(session, SYSTEM, child.resident_id, reason="news") is None
    assert queries.names_of(session, [child.resident_id]) == {child.resident_id: ""}
    assert not queries.may_earn(session, child.resident_id)
    with pytest.raises(NotFound):
        service.rename(session, child.actor, "麦子")
    whole = [str(one) for one in session.execute(text("SELECT row_to_json(r)::text FROM resident r")).scalars()]
    whole += [str(one) for one in session.execute(text("SELECT row_to_json(g)::text FROM guardian g")).scalars()]
    digests = [sealing.digest_of(phone).hex() for phone in (child.phone, guardian)]
    assert not any(digest in row for digest in digests for row in whole)


def test_the_same_number_signs_in_anew_as_somebody_else(session: Session, neighbour: Neighbour):
    service.delete(session, neighbour.actor)
    session.commit()
    assert make_resident(session, phone=neighbour.phone).resident_id != neighbour.resident_id


def test_the_export_holds_only_what_is_the_residents_own(session: Session, neighbour: Neighbour):
    """S-85: contains only own canaries."""
    other = make_resident(session, nickname="别人家")
    written = json.dumps(own_data.export(session, neighbour.actor), ensure_ascii=False)

    assert neighbour.phone in written
    assert neighbour.nickname in written
    assert other.phone not in written
    assert "别人家" not in written
    assert str(other.resident_id) not in written


@pytest.fixture
def part() -> Iterator[list[str]]:
    """Add a feature from above for the test; return what it did."""
    did: list[str] = []

    @parts.exports("trial")
    def exported(session: Session, resident_id: UUID) -> object:
        return [str(resident_id)]

    @parts.forgets("trial")
    def forget(session: Session, actor: Actor) -> None:
        did.append(f"forgot {actor.id}")

    @parts.carries("trial")
    def carry(session: Session, actor: Actor, ids: Sequence[UUID]) -> Carried:
        did.append(f"carried {len(ids)}")
        return Carried(frozenset(ids))

    yield did
    for registered in (parts._exporters, parts._forgetters, parts._carriers):
        del registered["trial"]


def test_features_above_add_their_part(session: Session, neighbour: Neighbour, part: list[str]):
    assert own_data.export(session, neighbour.actor)["trial"] == [str(neighbour.resident_id)]
    ids = [uuid4(), uuid4()]
    assert service.carry_over(session, neighbour.actor, ids).taken == frozenset(ids)
    assert [entry.facts for entry in recorded(session, "history_carried_over")] == [{"count": 2}]
    service.delete(session, neighbour.actor)
    assert part == ["carried 2", f"forgot {neighbour.resident_id}"]


def test_opening_a_number_is_recorded(session: Session, neighbour: Neighbour):
    assert service.phone_of(session, SYSTEM, neighbour.resident_id, reason="coupon ends") == neighbour.phone
    (entry,) = recorded(session, "phone_opened")
    assert (entry.subject, entry.facts) == (f"resident:{neighbour.resident_id}", {"reason": "coupon ends"})


def request(session: Session, phone: str) -> str:
    browser = codes.request_code(session, phone, network="192.0.2.0/24", language=Language.ZH)
    session.commit()
    return browser


def newest(session: Session) -> SmsCode:
    session.expire_all()
    return session.exec(select(SmsCode).order_by(col(SmsCode.issued_at).desc())).first() or pytest.fail("no code")


def test_the_message_leaves_once_and_the_digits_are_gone(session: Session):
    phone = new_phone()
    request(session, phone)
    code, row = code_for(session, phone), newest(session)
    before = len(sent())
    notices.send_code(session, str(row.id))
    notices.send_code(session, str(row.id))

    (message,) = sent()[before:]
    assert message["to"] == phone
    assert code in message["text"]
    assert newest(session).code_sealed is None


def sent() -> list[dict[str, str]]:
    path = outbox_path(get_settings())
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def test_a_code_that_came_too_late_is_not_sent(session: Session):
    """S-07: an unverified number gets no other message."""
    request(session, new_phone())
    row, before = newest(session), len(sent())
    with clock.at(clock.now() + timedelta(minutes=6)):
        notices.send_code(session, str(row.id))
    notices.send_code(session, str(uuid4()))
    assert len(sent()) == before


def test_the_job_row_tells_neither_number_nor_digits(session: Session):
    phone = new_phone()
    request(session, phone)
    (args,) = session.execute(
        text("SELECT args::text FROM procrastinate_jobs WHERE task_name = 'notices.send_code'")
    ).scalars()
    assert json.loads(args) == {"code_id": str(newest(session).id)}


def test_twenty_tries_a_day_are_enough_for_a_number(session: Session):
    """S-07: over all its codes; then even the right one is refused until tomorrow."""
    phone, began = new_phone(), clock.now()
    browser, code = "", ""

    def guess(digits: str) -> object:
        found = service.sign_in(session, browser=browser, code=digits, language=Language.ZH)
        session.commit()
        return found

    for place in range(5):
        with clock.at(began + timedelta(minutes=20 * place)):
            browser = request(session, phone)
            code = code_for(session, phone)
            assert [guess(wrong_code(code)) for _ in range(4)] == [None] * 4
    with clock.at(began + timedelta(minutes=81)), pytest.raises(TooMany):
        guess(code)


def test_what_nobody_finished_or_agreed_to_is_deleted(session: Session):
    """A child's account without a guardian is not kept; one whose guardian took it back has the same time."""
    new, child, adult = (
        make_resident(session, introduced=False),
        make_resident(session, birth_year=CHILD),
        make_resident(session),
    )
    kept, left = make_resident(session, birth_year=CHILD), make_resident(session, birth_year=CHILD)
    confirm(session, kept, new_phone())
    confirm(session, left, new_phone())

    def alive(days: int) -> set[str]:
        with clock.at(began + timedelta(days=days)):
            sweep(session)
        names = queries.names_of(session, [one.resident_id for one in everybody])
        return {label for label, one in zip(labels, everybody, strict=True) if names[one.resident_id]}

    began, everybody = clock.now(), [new, child, adult, kept, left]
    labels = ["new", "child", "adult", "kept", "left"]
    assert alive(14) == set(labels)
    with clock.at(began + timedelta(days=14)):
        service.choose_consent(session, left.actor, Purpose.GUARDIAN, given=False)
    assert alive(16) == {"adult", "kept", "left"}
    assert alive(30) == {"adult", "kept"}
    assert {entry.actor for entry in recorded(session, "resident_deleted")} == {"system"}


def test_old_codes_are_swept(session: Session):
    request(session, new_phone())
    with clock.at(clock.now() + timedelta(minutes=6)):
        sweep(session)
    assert session.execute(text("SELECT count(*) FROM sms_code")).scalar_one() == 0


def test_production_refuses_sample_residents(session: Session):
    """S-11."""
    resident, _ = service.take_in(session, new_phone(), language=Language.ZH, is_demo=True)
    with pytest.raises(DemoAccountPresent):
        accounts.refuse_demo_accounts(session)
    service.delete(session, queries.actor_of(resident))
    accounts.refuse_demo_accounts(session)


def test_consents_of_one_resident_are_alive_once(session: Session, neighbour: Neighbour):
    twin = Consent(
        id=uuid4(), resident_id=neighbour.resident_id, purpose=Purpose.POINTS, version="x", given_at=clock.now()
    )
    with pytest.raises(Exception, match="uq_consent_live"), session.begin_nested():
        session.add(twin)
