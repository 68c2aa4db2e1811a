"""Many hands on one cap, one id, one code: each on a connection of its own, as processes do."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session, col, select

from backend.activities import errors, groups, intake, service, settling, sites
from backend.activities.models import Activity, ActivityCount
from backend.activities.rules import State
from backend.activities.schemas import LogActivity
from backend.cities import city
from backend.core import clock
from backend.core.db import session_scope
from backend.core.errors import DomainError
from backend.ledger import queries as ledger
from backend.ledger.rules import AccountRef
from tests.factories.activities import balance, fill_fund, say
from tests.factories.residents import Neighbour, make_resident
from tests.factories.stations import make_station

pytestmark = pytest.mark.usefixtures("own_engine")
NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)


@pytest.fixture
def neighbours(own_engine: object) -> list[Neighbour]:
    """Make four people who really are in the database, and fill the fund."""
    with session_scope() as session:
        fill_fund(session)
        return [make_resident(session) for _ in range(4)]


def at_once(calls: list[Callable[[], object]]) -> list[object]:
    """Run the calls in eight threads; a refusal is an answer."""

    def run(call: Callable[[], object]) -> object:
        with clock.at(NOON):
            try:
                return call()
            except DomainError as refused:
                return refused

    with ThreadPoolExecutor(8) as pool:
        return [done.result() for done in [pool.submit(run, call) for call in calls]]


def send(neighbour: Neighbour, form: LogActivity) -> UUID | None:
    """Log something in a transaction of its own."""
    with session_scope() as session:
        found = intake.log(session, city(), neighbour.actor, form).activity
        return found.id if found else None


def activities(session: Session, *ids: UUID) -> list[Activity]:
    """Return what was written for these people."""
    return list(session.exec(select(Activity).where(col(Activity.resident_id).in_(ids))))


def test_one_id_ten_times_at_once_is_one_entry(neighbours: list[Neighbour]):
    form = say(quantity=4)
    answers = at_once([lambda: send(neighbours[0], form)] * 10)
    assert set(answers) == {form.id}
    with session_scope() as session:
        assert len(activities(session, neighbours[0].resident_id)) == 1
        assert balance(session, neighbours[0].resident_id).pending_in == 4


def test_a_cap_under_eight_threads_is_never_passed_and_used_to_the_last(neighbours: list[Neighbour]):
    forms = [say(quantity=1 + number % 3) for number in range(30)]
    at_once([lambda form=form: send(neighbours[0], form) for form in forms])
    with session_scope() as session:
        found = activities(session, neighbours[0].resident_id)
        assert sum(one.quantity for one in found) == 10_000
        assert balance(session, neighbours[0].resident_id).pending_in == 10
        counted = session.exec(select(ActivityCount.used)).all()
        assert set(counted) == {10_000}


def test_a_households_cap_holds_over_all_its_members(neighbours: list[Neighbour], monkeypatch: pytest.MonkeyPatch):
    house = uuid4()

    def one_house(*_: object) -> UUID:
        return house

    monkeypatch.setattr(groups, "group_of", one_house)
    with session_scope() as session:
        station = make_station(session, kind="sorting", items=["paper"])
        code = station.code
    people = neighbours * 5

    def scan(neighbour: Neighbour, number: int) -> UUID | None:
        with clock.at(NOON + timedelta(minutes=number)):
            form = say("sort_kitchen_waste", site=code, code=sites.code_now(code), lat=34.58, lon=105.73)
            return send(neighbour, form)

    at_once([lambda one=one, number=number: scan(one, number) for number, one in enumerate(people)])
    with session_scope() as session:
        found = activities(session, *(one.resident_id for one in neighbours))
        assert sum(one.quantity for one in found) == 4_000
        for one in neighbours:
            assert sum(x.quantity for x in found if x.resident_id == one.resident_id) <= 2_000


def test_one_turn_of_a_code_used_by_eight_hands_of_one_person_counts_once(neighbours: list[Neighbour]):
    with session_scope() as session:
        code = make_station(session, kind="sorting", items=["paper"]).code
    with clock.at(NOON):
        shown = sites.code_now(code)
    forms = [say("sort_kitchen_waste", site=code, code=shown, lat=34.58, lon=105.73) for _ in range(8)]
    answers = at_once([lambda form=form: send(neighbours[0], form) for form in forms])
    assert sum(isinstance(one, UUID) for one in answers) == 1
    assert sum(isinstance(one, errors.CodeUsed) for one in answers) == 7


def test_undo_and_the_post_of_the_same_entry_meet_and_one_of_them_wins(neighbours: list[Neighbour]):
    form = say(quantity=5)
    at_once([lambda: send(neighbours[0], form)])

    def undo() -> object:
        with session_scope() as session:
            return service.undo(session, city(), neighbours[0].actor, form.id).state

    def approve() -> object:
        with session_scope() as session:
            return settling.approve(session, neighbours[1].actor, form.id).state

    at_once([undo, approve] * 4)
    with session_scope() as session:
        (found,) = activities(session, neighbours[0].resident_id)
        after = balance(session, neighbours[0].resident_id)
        assert found.state in {State.UNDONE, State.POSTED}
        assert after.pending_in == 0
        with clock.at(NOON):
            assert ledger.balance_of(session, AccountRef.of_resident(neighbours[0].resident_id)).available == (
                5 if found.state is State.POSTED else 0
            )


def test_settling_in_two_workers_posts_everything_once(neighbours: list[Neighbour]):
    forms = [(one, say(quantity=1)) for one in neighbours for _ in range(5)]
    at_once([lambda one=one, form=form: send(one, form) for one, form in forms])

    def work() -> int:
        with clock.at(NOON + timedelta(days=3)), session_scope() as session:
            return settling.post_due(session, city(), limit=3)

    posted = at_once([work] * 16)
    assert sum(count for count in posted if isinstance(count, int)) == 20
    with session_scope() as session:
        assert {one.state for one in activities(session, *(x.resident_id for x in neighbours))} == {State.POSTED}
