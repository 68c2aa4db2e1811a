"""What moderators are told and nobody is punished for: proofs at a shut station, one hand that confirms for one household often."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from backend.activities import duty, hands, moderation, sites, visits
from backend.activities.models import Activity, ActivityCount
from backend.activities.rules import Flag, Review, State
from backend.activities.schemas import ConfirmByNumber
from backend.cities import city
from backend.core import clock
from backend.core.actor import SYSTEM, Actor, Role
from backend.stations.models import Station
from tests.factories.accounts import make_staff
from tests.factories.activities import fill_fund, log, say
from tests.factories.desk import sit_down
from tests.factories.households import come_in, make_household
from tests.factories.residents import Neighbour
from tests.factories.stations import make_station

NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 25, 18, 0, tzinfo=UTC)
HERE = {"lat": 34.58, "lon": 105.73, "accuracy_m": 10}


@pytest.fixture(autouse=True)
def _fund(session: Session) -> Iterator[None]:
    fill_fund(session)
    with clock.at(NOON):
        yield


@pytest.fixture
def station(session: Session) -> Station:
    return make_station(session, kind="sorting", items=["paper"], staffed=True, hours="Mo-Su 08:00-18:00")


@pytest.fixture
def attendant(session: Session, station: Station) -> Actor:
    actor = make_staff(session, Role.ATTENDANT, name="何平").actor
    assert actor.id
    duty.put_on_duty(session, SYSTEM, actor.id, station.code)
    session.commit()
    return actor


def scanned(session: Session, neighbour: Neighbour, station: Station) -> Activity:
    form = say("sort_kitchen_waste", site=station.code, code=sites.code_now(station.code), **HERE)  # pyright: ignore[reportArgumentType]
    found = log(session, neighbour.actor, form).activity
    assert found
    return found


def confirmed(session: Session, attendant: Actor, station: Station, neighbour: Neighbour, times: int = 1) -> Activity:
    found = None
    for _ in range(times):
        form = ConfirmByNumber(id=uuid4(), phone=neighbour.phone, behaviour="recycle_weighed", quantity=0.1)
        found = visits.confirm_by_number(session, city(), attendant, station.code, form).activity
        # The same again counts once.
        visits.confirm_by_number(session, city(), attendant, station.code, form)
    assert found
    return found


def test_a_code_scanned_at_a_shut_station_is_held_for_a_look(session: Session, neighbour: Neighbour, station: Station):
    assert scanned(session, neighbour, station).flags == []
    with clock.at(NIGHT):
        found = scanned(session, neighbour, station)
    assert (found.flags, found.state, found.review) == ([Flag.OUT_OF_HOURS], State.PENDING, Review.WAITING)
    assert [one.activity.id for one in moderation.waiting(session)] == [found.id]


def test_who_stood_in_the_queue_at_closing_time_is_nothing_to_look_at(
    session: Session, neighbour: Neighbour, station: Station
):
    with clock.at(NOON.replace(hour=10, minute=14)):
        assert scanned(session, neighbour, station).flags == []
    with clock.at(NOON.replace(hour=10, minute=16)):
        assert scanned(session, neighbour, station).flags == [Flag.OUT_OF_HOURS]


def test_a_scale_at_night_is_flagged_and_the_points_are_good_all_the_same(
    session: Session, neighbour: Neighbour, station: Station, attendant: Actor
):
    with clock.at(NIGHT):
        found = confirmed(session, attendant, station, neighbour)
    assert (found.flags, found.state, found.review) == ([Flag.OUT_OF_HOURS], State.POSTED, Review.NONE)


def test_the_same_hand_for_the_same_household_is_told_from_the_citys_number_on(
    session: Session, station: Station, attendant: Actor
):
    most = city().green.programme.confirmed_often
    family = make_household(session)
    member = come_in(session, family)
    assert confirmed(session, attendant, station, family.owner, most // 2).flags == []
    assert confirmed(session, attendant, station, member, most - most // 2 - 1).flags == []
    assert hands.often(session, city()) == []

    last = confirmed(session, attendant, station, member)
    assert (last.flags, last.state) == ([Flag.CONFIRMED_OFTEN], State.POSTED)
    [pair] = hands.often(session, city())
    assert (pair.staff_id, pair.house_id, pair.times, pair.days) == (attendant.id, family.id, most, 1)
    assert [one.id for one in hands.examples(session, city(), pair)] == [last.id]


def test_another_hand_or_another_month_begins_anew(
    session: Session, neighbour: Neighbour, station: Station, attendant: Actor
):
    most = city().green.programme.confirmed_often
    confirmed(session, attendant, station, neighbour, most)
    other = make_staff(session, Role.ATTENDANT).actor
    assert other.id
    duty.put_on_duty(session, SYSTEM, other.id, station.code)
    assert confirmed(session, other, station, neighbour).flags == []
    with clock.at(NOON + timedelta(days=29)):
        assert confirmed(session, attendant, station, neighbour).flags == [Flag.CONFIRMED_OFTEN]
    with clock.at(NOON + timedelta(days=30)):
        assert confirmed(session, attendant, station, neighbour).flags == []


def test_what_no_alarm_asks_for_is_forgotten(
    session: Session, neighbour: Neighbour, station: Station, attendant: Actor
):
    confirmed(session, attendant, station, neighbour)
    counted = select(func.count()).where(col(ActivityCount.scope).startswith("hand:"))
    for days, left in ((29, 1), (30, 0)):
        with clock.at(NOON + timedelta(days=days)):
            hands.sweep(session)
            assert session.exec(counted).one() == left
    assert session.exec(select(ActivityCount)).first()


def test_moderators_see_the_hand_and_never_the_household(
    client: TestClient, session: Session, neighbour: Neighbour, station: Station, attendant: Actor
):
    last = confirmed(session, attendant, station, neighbour, city().green.programme.confirmed_often)
    session.commit()
    desk = sit_down(client, session, Role.MODERATOR, None)
    assert "1 pair of hand and household confirms unusually often" in desk.get("/bureau/activities/moderation").text
    page = desk.get("/bureau/activities/confirmations").text
    assert "何平" in page
    assert f"/bureau/activities/{last.id}" in page
    assert "小麦" not in page
    assert str(neighbour.resident_id) not in page
    assert "the same hand confirms often" in desk.get(f"/bureau/activities/{last.id}").text


def test_a_quiet_month_shows_nothing(client: TestClient, session: Session):
    desk = sit_down(client, session, Role.MODERATOR, None)
    assert "unusually often" not in desk.get("/bureau/activities/moderation").text
    assert "Nothing unusual" in desk.get("/bureau/activities/confirmations").text
