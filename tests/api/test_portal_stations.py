"""Stations for residents: with and without a place, in both languages, as a page and as data."""

from unittest.mock import Mock

import pytest
from sqlalchemy import func
from sqlmodel import Session, select
from starlette.testclient import TestClient

from backend.core import clock
from backend.core.db import Engine
from backend.places import rules as places
from backend.stations.models import StationClosure
from tests.factories.residents import make_resident, sign_in_resident
from tests.factories.statements import counted
from tests.factories.stations import make_station
from tests.factories.web import token_on

API = "/api/v1/stations"


def say_closed(client: TestClient, code: str) -> None:
    """Say on the page that the door was closed."""
    form = {"csrf_token": token_on(client, f"/stations/{code}")}
    assert client.post(f"/stations/{code}/closed", data=form).headers["location"] == f"/stations/{code}?said=closed"


def test_the_page_works_without_a_place_and_with_every_choice(client: TestClient, session: Session):
    station = make_station(session)
    for query in (
        "",
        "?kind=recycling",
        "?kind=&item=&division=&lat=&lon=",
        "?item=paper&division=620502",
        "?lat=34.58&lon=105.72",
    ):
        page = client.get(f"/stations{query}")
        assert page.status_code == 200
        assert station.name_zh in page.text
    assert station.name_zh not in client.get("/stations?division=620523").text


@pytest.mark.parametrize(
    "query", ["lat=34", "lat=x&lon=105", "lat=nan&lon=105", "kind=shop", "division=12", "after=zz"]
)
def test_a_wrong_question_gets_a_sentence(client: TestClient, session: Session, query: str):
    assert client.get(f"/stations?{query}").status_code == 422
    assert client.get(f"{API}?{query}").status_code == 422


def test_a_mark_of_a_list_in_another_order_is_refused(client: TestClient, session: Session):
    for _ in range(3):
        make_station(session)
    following = client.get(f"{API}?limit=2").json()["next"]
    assert client.get(f"{API}?limit=2&after={following}").status_code == 200
    assert client.get(f"{API}?limit=2&lat=34.58&lon=105.7&after={following}").status_code == 422


def test_a_place_of_a_chinese_map_is_measured_right(client: TestClient, session: Session):
    make_station(session)
    lat, lon = places.wgs84_to_gcj02(34.58, 105.73)
    told = client.get(f"{API}?lat={lat}&lon={lon}&datum=gcj02").json()["stations"][0]
    assert told["distance_m"] <= 1
    assert told["lat"] == 34.58


def test_all_pages_together_are_all_stations_once(client: TestClient, session: Session):
    made = {make_station(session, lat=34.5 + number / 100).code for number in range(5)}
    seen: list[str] = []
    after = ""
    for _ in range(5):
        page = client.get(f"{API}?limit=2&lat=34.58&lon=105.7&after={after}").json()
        seen += [one["code"] for one in page["stations"]]
        after = page["next"]
        if after is None:
            break
    assert sorted(seen) == sorted(made)


def test_open_now_is_told_as_the_clock_on_the_wall_shows(client: TestClient, session: Session):
    station = make_station(session, hours="Mo-Su 08:00-18:00")
    with clock.at(clock.now().replace(hour=1)):  # nine in the morning in Shanghai
        assert "开着，到 18:00" in client.get(f"/stations/{station.code}").text
        assert client.get(API).json()["stations"][0]["open"] is True
    with clock.at(clock.now().replace(hour=13)):
        assert "现在关着，明天 08:00 开门" in client.get(f"/stations/{station.code}").text


def test_an_unknown_station_is_not_found(client: TestClient):
    assert client.get("/stations/NO-1").status_code == 404
    assert client.post(f"{API}/NO-1/closed").status_code == 404


def test_three_browsers_before_a_closed_door_show_it(app: object, client: TestClient, session: Session):
    station = make_station(session)
    for _ in range(3):
        client.cookies.clear()
        say_closed(client, station.code)
        say_closed(client, station.code)
    assert session.exec(select(func.count()).select_from(StationClosure)).one() == 3
    assert "有居民说关着" in client.get("/stations").text
    assert client.get(API).json()["stations"][0]["reported_closed"] is True


def test_a_resident_counts_once_in_every_browser(client: TestClient, session: Session):
    station, neighbour = make_station(session), make_resident(session)
    for _ in range(2):
        client.cookies.clear()
        sign_in_resident(client, session, neighbour)
        say_closed(client, station.code)
    assert session.exec(select(func.count()).select_from(StationClosure)).one() == 1


def test_a_program_says_it_too_and_hears_whether_it_counted(client: TestClient, session: Session):
    station = make_station(session)
    told = [client.post(f"{API}/{station.code}/closed").json()["counted"] for _ in range(2)]
    assert told == [True, False]


def test_a_long_list_costs_no_more_statements_than_a_short_one(client: TestClient, session: Session, engine: Engine):
    make_station(session)
    with counted(engine) as short:
        client.get("/stations")
    for _ in range(8):
        make_station(session)
    with counted(engine) as long:
        client.get("/stations")
    assert len(long) == len(short)


def test_a_campaign_shows_how_far_everybody_has_come_and_says_so_where_nobody_counts(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
):
    from backend.portal import counting

    client.headers["accept-language"] = "en"
    assert "It is not counted yet" not in client.get("/campaigns/travel_month-2026").text
    monkeypatch.setattr(counting, "drive_counter", Mock(return_value=None))
    assert "It is not counted yet" in client.get("/campaigns/travel_month-2026").text
    monkeypatch.setattr(counting, "drive_counter", Mock(return_value=20_500))
    page = client.get("/campaigns/travel_month-2026").text
    assert "20,500" in page
    assert "Goal reached" in page
    assert client.get("/campaigns").status_code == 200
    assert client.get("/campaigns/nothing-2026").status_code == 404
