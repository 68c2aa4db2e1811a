"""Stations are kept whole, listed by the real distance, and called closed only when enough people say so."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from backend.cities import city
from backend.core import clock
from backend.core.actor import SYSTEM
from backend.core.errors import Invalid
from backend.places import rules as places
from backend.stations import queries, rules, service
from backend.stations.errors import CodeTaken, StationChanged, StationUnknown
from backend.stations.jobs import sweep
from backend.stations.models import StationClosure
from backend.stations.rules import Kind, Verdict
from backend.stations.schemas import Near, StationFilter
from tests.factories.stations import a_station, make_station

HERE = Near(34.58, 105.72)
ALL = StationFilter()


def codes(session: Session, near: Near | None = HERE, wanted: StationFilter = ALL) -> list[str]:
    return [row.station.code for row in queries.listed(session, wanted, near, None, 100).rows]


def test_the_nearest_comes_first_and_the_distance_is_the_great_circle(session: Session):
    far = make_station(session, lat=34.60, lon=105.80)
    near = make_station(session, lat=34.581, lon=105.721)
    page = queries.listed(session, ALL, HERE, None, 100)
    assert [row.station.code for row in page.rows] == [near.code, far.code]
    for row in page.rows:
        assert row.distance_m is not None
        assert abs(row.distance_m - rules.distance_m(row.station, HERE.lat, HERE.lon)) <= 1


def test_pages_follow_each_other_without_gap_or_repeat(session: Session):
    made = {make_station(session, lat=34.5 + number % 3 / 100).code for number in range(7)}
    for near in (HERE, None):
        seen: list[str] = []
        key = None
        while True:
            page = queries.listed(session, ALL, near, key, 2)
            seen += [row.station.code for row in page.rows]
            key = page.next_key
            if key is None:
                break
        assert sorted(seen) == sorted(made)
        assert len(seen) == len(made)


def test_the_list_is_narrowed_by_kind_item_and_county(session: Session):
    recycling = make_station(session)
    film = make_station(
        session,
        kind="film_recovery",
        items=["mulch_film"],
        county_code="620523",
        township_code=None,
        lat=34.738,
        lon=105.338,
    )
    assert codes(session, wanted=StationFilter(kind=Kind.FILM_RECOVERY)) == [film.code]
    assert codes(session, wanted=StationFilter(item="paper")) == [recycling.code]
    assert codes(session, wanted=StationFilter(county_code="620523")) == [film.code]
    assert codes(session, wanted=StationFilter(words="试验_")) == []


def test_a_place_of_a_chinese_map_is_kept_in_wgs84(session: Session):
    lat, lon = places.wgs84_to_gcj02(34.58, 105.73)
    station = make_station(session, lat=lat, lon=lon, datum="gcj02")
    assert (station.lat, station.lon) == (34.58, 105.73)
    assert rules.distance_m(station, lat, lon, "gcj02") < 1
    assert rules.distance_m(station, lat, lon) > 300


def test_a_wrong_description_is_refused_field_by_field(session: Session):
    wrong = a_station(hours="Mo 8-9", items=["paper", "gold"], county_code="620599", lat=39.9, lon=116.4)
    with pytest.raises(Invalid) as refused:
        service.add(session, city(), SYSTEM, wrong)
    assert set(refused.value.fields) == {"hours", "items", "county_code", "lat"}


def test_a_code_is_taken_once(session: Session):
    station = make_station(session)
    with pytest.raises(CodeTaken):
        service.add(session, city(), SYSTEM, a_station(code=station.code))


def test_an_old_form_overwrites_nothing(session: Session):
    station = make_station(session)
    service.edit(session, city(), SYSTEM, station.code, 1, a_station(name_zh="新名字"))
    with pytest.raises(StationChanged):
        service.edit(session, city(), SYSTEM, station.code, 1, a_station(name_zh="旧名字"))
    assert queries.station_by_code(session, station.code).name_zh == "新名字"


def test_a_station_that_is_gone_is_no_longer_found(session: Session):
    station = make_station(session)
    service.show_or_hide(session, SYSTEM, station.code, 1, active=False)
    with pytest.raises(StationUnknown):
        queries.station_by_code(session, station.code)
    assert codes(session) == []
    service.show_or_hide(session, SYSTEM, station.code, 2, active=True)
    assert codes(session) == [station.code]


def test_one_browser_counts_once_a_day(session: Session):
    station = make_station(session)
    assert service.report_closed(session, station.code, "browser:a") is True
    assert service.report_closed(session, station.code, "browser:a") is False
    with clock.at(clock.now() + timedelta(days=1)):
        assert service.report_closed(session, station.code, "browser:a") is True


def test_three_reports_within_a_week_make_a_task_and_two_do_not(session: Session):
    station = make_station(session)
    monday = datetime(2026, 11, 2, 4, tzinfo=UTC)
    for day, sender in ((0, "a"), (1, "b")):
        with clock.at(monday + timedelta(days=day)):
            service.report_closed(session, station.code, sender)
            assert queries.reported_closed(session) == []
    with clock.at(monday + timedelta(days=6)):
        service.report_closed(session, station.code, "c")
        assert [row.closed_reports for row in queries.reported_closed(session)] == [3]
    with clock.at(monday + timedelta(days=7)):
        assert queries.reported_closed(session) == []


@pytest.mark.parametrize("verdict", list(Verdict))
def test_whoever_looked_settles_the_reports(session: Session, verdict: Verdict):
    station = make_station(session)
    for sender in "abc":
        service.report_closed(session, station.code, sender)
    settled = service.settle_closed(session, SYSTEM, station.code, 1, verdict)
    assert (settled.closed_on is not None) is (verdict is Verdict.CONFIRM)
    assert queries.reported_closed(session) == []
    assert queries.closed_reports(session, station.id) == []


def test_a_confirmed_closure_ends_when_somebody_finds_it_open(session: Session):
    station = make_station(session)
    service.settle_closed(session, SYSTEM, station.code, 1, Verdict.CONFIRM)
    assert service.settle_closed(session, SYSTEM, station.code, 2, Verdict.CLEAR).closed_on is None


def test_what_was_said_about_doors_goes_thirty_days_after_its_matter_ended(session: Session):
    station = make_station(session)
    service.report_closed(session, station.code, "browser:a")
    with clock.at(clock.now() + timedelta(days=29)):
        service.settle_closed(session, SYSTEM, station.code, 1, Verdict.CONFIRM)
        service.report_closed(session, station.code, "browser:b")
    kept = [(clock.now() + timedelta(days=days), count) for days, count in ((31, 2), (58, 2), (60, 0))]
    for moment, count in kept:
        with clock.at(moment):
            sweep(session)
        assert len(session.exec(select(StationClosure)).all()) == count
    assert queries.any_station(session, station.code).closed_on is not None
