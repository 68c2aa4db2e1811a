"""What holds for accounts when many act at once, in threads, in two processes, and after a crash."""

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import Session

from backend.accounts.residents import codes, service
from backend.accounts.residents.rules import Language
from backend.activities import claiming, intake
from backend.cities import city
from backend.core import clock, db
from backend.core.db import session_scope
from backend.core.errors import TooMany
from backend.web.ratelimit import WINDOWS, BudgetSpent, spend, use
from tests.factories.activities import balance, fill_fund, say
from tests.factories.residents import Neighbour, code_for, make_resident, new_phone, wrong_code

# Imported for what it registers: no route is asked here that would.
ACCOUNT_PARTS = claiming
pytestmark = pytest.mark.usefixtures("own_engine")

ROOT = Path(__file__).resolve().parents[2]


def at_once(times: int, act: Callable[[], object]) -> list[object]:
    with ThreadPoolExecutor(8) as pool:
        return [done.result() for done in [pool.submit(act) for _ in range(times)]]


def ask(phone: str, network: str = "192.0.2.0/24") -> str | None:
    try:
        with session_scope() as session:
            return codes.request_code(session, phone, network=network, language=Language.ZH)
    except TooMany:
        return None


def enter(browser: str, code: str) -> UUID | None:
    with session_scope() as session:
        welcomed = service.sign_in(session, browser=browser, code=code, language=Language.ZH)
        return welcomed.actor.id if welcomed else None


def waiting_code(phone: str) -> str:
    with session_scope() as session:
        return code_for(session, phone)


def test_a_code_sent_many_times_at_once_signs_in_once():
    """S-07: single use."""
    phone = new_phone()
    browser = ask(phone)
    assert browser
    code = waiting_code(phone)
    # Five tries belong to one code, whoever comes first among sixteen.
    assert len([one for one in at_once(16, lambda: enter(browser, code)) if one]) == 1


def test_many_guesses_at_once_are_five():
    """S-07: tries are counted by the statement that checks them."""
    phone = new_phone()
    browser = ask(phone)
    assert browser
    code = waiting_code(phone)
    assert at_once(16, lambda: enter(browser, wrong_code(code))) == [None] * 16
    assert enter(browser, code) is None
    with session_scope() as session:
        assert session.execute(text("SELECT tries FROM sms_code")).scalar_one() == 5


def test_a_number_that_asks_many_times_at_once_gets_one_code():
    """S-06."""
    phone = new_phone()
    assert len([one for one in at_once(24, lambda: ask(phone)) if one]) == 1
    with session_scope() as session:
        assert session.execute(text("SELECT count(*) FROM procrastinate_jobs")).scalar_one() == 1


def test_two_first_sign_ins_of_one_number_make_one_account():
    phone = new_phone()

    def take_in() -> UUID:
        with session_scope() as session:
            return service.take_in(session, phone, language=Language.ZH)[0].id

    assert len(set(at_once(12, take_in))) == 1


def test_giving_and_taking_back_at_once_leaves_one_live_agreement():
    with session_scope() as session:
        neighbour = make_resident(session)

    def toggle() -> None:
        with session_scope() as session:
            service.withdraw_consent(session, neighbour.actor, service.Purpose.POINTS)
            service.give_consent(session, neighbour.actor, service.Purpose.POINTS)

    at_once(12, toggle)
    with session_scope() as session:
        live = text("SELECT count(*) FROM consent WHERE purpose = 'points' AND withdrawn_at IS NULL")
        assert session.execute(live).scalar_one() == 1


def test_deleting_and_signing_in_at_once_never_leaves_a_half():
    """Whoever signs in after the deletion is somebody new; nobody is signed in to a deleted account."""
    with session_scope() as session:
        neighbour = make_resident(session)

    def delete() -> None:
        with session_scope() as session:
            service.delete(session, neighbour.actor)

    def take_in() -> None:
        with session_scope() as session:
            resident, _ = service.take_in(session, neighbour.phone, language=Language.ZH)
            assert resident.deleted_at is None

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(act) for _ in range(6) for act in (take_in, delete)]:
            done.result()
    with session_scope() as session:
        alive = text("SELECT count(*) FROM resident WHERE deleted_at IS NULL")
        assert session.execute(alive).scalar_one() == 1


def test_the_days_budget_is_spent_exactly():
    """S-06."""

    def take() -> bool:
        try:
            spend("trial", 10)
        except BudgetSpent:
            return False
        return True

    assert sum(bool(one) for one in at_once(40, take)) == 10


OTHER_PROCESS = """
import sys
from backend.accounts.residents import codes
from backend.accounts.residents.rules import Language
from backend.activities import claiming, intake
from backend.cities import city
from backend.core.db import session_scope
from backend.core.errors import TooMany
for phone in sys.argv[2:]:
    try:
        with session_scope() as session:
            codes.request_code(session, phone, network=sys.argv[1], language=Language.ZH)
        print("sent")
    except TooMany:
        print("refused")
"""


def in_another_process(engine: db.Engine, network: str, *phones: str) -> "subprocess.Popen[str]":
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    return subprocess.Popen(
        [sys.executable, "-c", OTHER_PROCESS, network, *phones],
        cwd=ROOT,
        env=os.environ | {"GREEN_DATABASE_URL": url},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_caps_hold_over_two_processes_and_a_restart(own_engine: db.Engine):
    """S-06: send through two processes at once, count what was promised; a third process, started later, is refused too."""
    numbers = [new_phone() for _ in range(14)]
    network = "198.51.100.0/24"
    both = [in_another_process(own_engine, network, *order) for order in (numbers, numbers[::-1])]
    said = [process.communicate(timeout=120)[0].split() for process in both]

    assert [len(lines) for lines in said] == [14, 14]
    assert sum(lines.count("sent") for lines in said) == 14
    with session_scope() as session:
        assert session.execute(text("SELECT count(*) FROM sms_code")).scalar_one() == 14
        assert session.execute(text("SELECT count(*) FROM procrastinate_jobs")).scalar_one() == 14
    again, _ = in_another_process(own_engine, network, *numbers, *[new_phone() for _ in range(8)]).communicate(
        timeout=120
    )
    # The numbers are refused for a minute; of the neighbourhood's twenty six were left.
    assert again.split() == ["refused"] * 14 + ["sent"] * 6 + ["refused"] * 2


def test_caps_are_kept_in_tables_that_a_crash_does_not_empty(own_engine: db.Engine):
    """Unlogged tables are empty after a crash of the database; these are not unlogged."""
    with Session(own_engine) as session:
        kinds = session.execute(
            text(
                "SELECT relname, relpersistence FROM pg_class WHERE relname IN ('rate_window', 'day_budget', 'sms_code')"
            )
        ).all()
    assert {(row.relname, row.relpersistence) for row in kinds} == {
        ("rate_window", "p"),
        ("day_budget", "p"),
        ("sms_code", "p"),
    }


@pytest.mark.parametrize("name", WINDOWS)
def test_every_window_is_exact_for_callers_at_once(name: str):
    most = min(count for count, _ in WINDOWS[name])
    moment = clock.now()

    def take() -> bool:
        with clock.at(moment):
            try:
                use(name, "shared")
            except TooMany:
                return False
            return True

    assert sum(bool(one) for one in at_once(40, take)) == most


def test_what_one_phone_logged_becomes_one_residents_whoever_asks_at_once():
    """Two of a family, each pressing the button many times: one effect, and every answer of the one who got it is the same."""
    with session_scope() as session:
        fill_fund(session)
        family = [make_resident(session) for _ in range(2)]
        ids = [intake.log_before_sign_in(session, city(), say()).id for _ in range(3)]

    def take(who: Neighbour) -> tuple[UUID, int]:
        with session_scope() as session:
            taken, before = service.carry_over(session, who.actor, ids)
        return who.resident_id, len(taken | before)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(take, family * 8))
    with session_scope() as session:
        had = {one.resident_id: balance(session, one.resident_id).pending_in for one in family}
    assert sorted(had.values()) == [0, 3]
    assert all(count == (3 if had[who] else 0) for who, count in answers)
