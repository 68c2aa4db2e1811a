"""Adding staff, signing in, locking: what is accepted, what is recorded, what never tells anything."""

import statistics
import time

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select

from backend.accounts import service
from backend.accounts.errors import DemoAccountPresent, LoginTaken
from backend.accounts.passwords import hash_password
from backend.audit.models import AuditEntry
from backend.core.actor import SYSTEM, Actor, Permission, Role
from backend.core.errors import NotFound
from backend.core.ids import new_id
from tests.factories.accounts import PASSWORD, Member, locked, make_staff, sign_in_as
from tests.factories.web import browser


def recorded(session: Session, action: str) -> list[AuditEntry]:
    return list(session.exec(select(AuditEntry).where(col(AuditEntry.action) == action)))


def sign_in(session: Session, member: Member, **wrong: str) -> Actor | None:
    return service.sign_in(session, **{"login": member.login, "password": PASSWORD, "code": member.code(), **wrong})


def test_the_right_three_sign_in(session: Session):
    member = make_staff(session)
    actor = sign_in(session, member, login=f" {member.login.upper()} ")

    assert actor == member.actor
    assert actor
    assert actor.may(Permission.CASE_READ)
    assert [entry.subject for entry in recorded(session, "signed_in")] == [f"staff:{member.staff_id}"]


@pytest.mark.parametrize(
    "wrong", [{"password": "wrong"}, {"login": "nobody"}, {"code": "000000"}, {"code": ""}, {"code": "１２３４５６"}, {"password": "x" * 300}]
)  # fmt: skip
def test_anything_wrong_is_refused_and_recorded(session: Session, wrong: dict[str, str]):
    """S-05: unknown login, wrong password and wrong code are one refusal."""
    member = make_staff(session)

    assert sign_in(session, member, **wrong) is None
    assert len(recorded(session, "sign_in_refused")) == 1
    assert recorded(session, "signed_in") == []


def test_six_digits_work_once(session: Session):
    """S-08: the TOTP step is single-use; a replay in the same 30 s fails, and so does an earlier step."""
    member = make_staff(session)
    code = member.code()

    assert sign_in(session, member, code=code)
    session.commit()
    assert sign_in(session, member, code=code) is None
    assert sign_in(session, member, code=member.code(steps_later=-1)) is None
    assert sign_in(session, member, code=member.code(steps_later=1))


def test_a_locked_account_signs_in_no_more(session: Session):
    """S-04, S-05: the refusal is the same, the sessions are dead."""
    member = make_staff(session)
    site = sign_in_as(browser(), session, member)
    assert site.get("/bureau/probe").status_code == 200
    service.lock_staff(session, SYSTEM, member.staff_id)
    session.commit()

    assert site.get("/bureau/probe").status_code == 303
    assert sign_in(session, member) is None
    assert len(recorded(session, "staff_locked")) == 1


def test_a_new_password_or_role_ends_every_session(session: Session):
    """S-03, S-04: password change and role removal kill the sessions at once."""
    member = make_staff(session)
    site = sign_in_as(browser(), session, member)
    service.change_password(session, SYSTEM, member.staff_id, "another slow river")
    session.commit()
    assert site.get("/bureau/probe").status_code == 303
    assert sign_in(session, member) is None
    assert sign_in(session, member, password="another slow river")

    site = sign_in_as(browser(), session, member)
    service.change_role(session, SYSTEM, member.staff_id, Role.CITY_TRIAGE, None)
    session.commit()
    assert site.get("/bureau/probe").status_code == 303


def test_an_outdated_hash_is_made_anew_at_sign_in(session: Session, monkeypatch: pytest.MonkeyPatch):
    """S-09: parameters are upgraded at log-in."""
    member = make_staff(session)
    with monkeypatch.context() as weaker:
        weaker.setattr("backend.accounts.passwords.MEMORY_KIB", 1024)
        row = locked(session, member)
        row.password_hash = hash_password(PASSWORD)
        session.commit()

    assert sign_in(session, member)
    assert "m=19456" in locked(session, member).password_hash


def test_a_login_is_given_once(session: Session):
    member = make_staff(session)
    with pytest.raises(LoginTaken):
        service.add_staff(
            session, login=member.login, name="x", role=Role.CITY_TRIAGE, county_code=None, password=PASSWORD
        )
    assert locked(session, member).name == "王秀英"


def test_secrets_are_not_in_the_database(session: Session):
    """S-02, S-09: neither the password nor the authenticator's secret can be read from the table."""
    member = make_staff(session)
    whole = session.execute(text("SELECT row_to_json(s)::text FROM staff s")).scalar_one()

    assert PASSWORD not in whole
    assert member.totp_secret not in whole
    assert member.totp_secret.encode().hex() not in whole


def test_production_refuses_demo_accounts(session: Session):
    """S-11: no default account."""
    make_staff(session)
    service.refuse_demo_accounts(session)
    make_staff(session, is_demo=True)
    with pytest.raises(DemoAccountPresent):
        service.refuse_demo_accounts(session)


def test_an_unknown_account_cannot_be_locked(session: Session):
    with pytest.raises(NotFound):
        service.lock_staff(session, SYSTEM, new_id())


def test_unknown_and_known_logins_cost_the_same_work(session: Session):
    """S-05: medians of interleaved tries differ by less than what two equal series differ by (generous here)."""
    member = make_staff(session)
    service.sign_in(session, login="nobody", password="x", code="1")
    spent: dict[str, list[float]] = {"known": [], "unknown": [], "again": []}
    for _ in range(15):
        for name, login in (("known", member.login), ("unknown", "nobody"), ("again", member.login)):
            began = time.perf_counter()
            service.sign_in(session, login=login, password="wrong password", code="123456")
            spent[name].append(time.perf_counter() - began)
    known, unknown = statistics.median(spent["known"]), statistics.median(spent["unknown"])

    assert unknown > known / 2
    assert known > unknown / 2
