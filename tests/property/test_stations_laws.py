"""Laws of lists and distances: what is written out changes nothing when it comes back, and a distance is the great circle."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from backend.cities import city, load_city
from backend.core.actor import SYSTEM
from backend.places import rules as places
from backend.places.rules import Datum
from backend.stations import listing, queries, rules, service
from backend.stations.models import Station
from backend.stations.schemas import Fate, Near, StationFilter
from tests.factories.stations import a_station

TIANSHUI = load_city("tianshui")
words = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)
texts = st.one_of(words, words.map("=".__add__), words.map("'-".__add__), words.map('"@,'.__add__))
spots = st.tuples(st.floats(34.55, 34.60), st.floats(105.68, 105.78))
descriptions = st.fixed_dictionaries(
    {
        "name_zh": texts,
        "name_en": texts,
        "address": texts | st.just(""),
        "source": texts,
        "hours": st.sampled_from(["", "24/7", "Mo-Fr 08:00-12:00,14:00-18:00; 2026-10-01 off", "Fr 22:00-02:00"]),
        "items": st.lists(st.sampled_from(["paper", "glass", "tyres"]), min_size=1, unique=True),
        "township_code": st.sampled_from(["620502003", None]),
        "staffed": st.booleans(),
        "active": st.booleans(),
        "datum": st.sampled_from(list(Datum)),
        "spot": spots,
    }
)


@settings(max_examples=25)
@given(st.lists(descriptions, min_size=1, max_size=5))
def test_a_list_that_was_written_out_changes_nothing_when_it_comes_back(
    session: Session, made: list[dict[str, Any]]
) -> None:
    with session.begin_nested() as nested:
        for description in made:
            lat, lon = description["spot"]
            fields = {name: value for name, value in description.items() if name != "spot"}
            service.add(session, city(), SYSTEM, a_station(lat=lat, lon=lon, **fields))
        planned = listing.plan(session, city(), listing.decoded(listing.export(queries.all_of_them(session)).encode()))
        assert [(line.fate, line.reasons) for line in planned.lines] == [(Fate.SAME, [])] * len(made)
        nested.rollback()


@settings(max_examples=25)
@given(st.lists(spots, min_size=1, max_size=6, unique=True), spots)
def test_the_list_is_in_the_order_of_the_great_circle(
    session: Session, points: list[tuple[float, float]], here: tuple[float, float]
) -> None:
    with session.begin_nested() as nested:
        for lat, lon in points:
            service.add(session, city(), SYSTEM, a_station(lat=lat, lon=lon))
        rows = queries.listed(session, StationFilter(), Near(*here), None, 10).rows
        assert [row.distance_m for row in rows] == sorted(row.distance_m or 0 for row in rows)
        for row in rows:
            assert row.distance_m == pytest.approx(rules.distance_m(row.station, *here), abs=0.6)
        nested.rollback()


@given(spots, spots, st.sampled_from(list(Datum)))
def test_a_distance_is_the_same_from_the_same_place_in_any_coordinates(
    point: tuple[float, float], here: tuple[float, float], datum: Datum
) -> None:
    shown = {
        Datum.WGS84: here,
        Datum.GCJ02: places.wgs84_to_gcj02(*here),
        Datum.BD09: places.gcj02_to_bd09(*places.wgs84_to_gcj02(*here)),
    }[datum]
    station = Station(lat=point[0], lon=point[1])  # pyright: ignore[reportCallIssue] -- only its place is asked
    assert rules.distance_m(station, *shown, datum) == pytest.approx(places.distance_m(point, here), abs=2)


@given(st.binary(max_size=300))
def test_any_file_is_read_or_refused(content: bytes) -> None:
    try:
        text = listing.decoded(content)
    except listing.errors.FileUnreadable:
        return
    assert "\x00" not in text
    assert all(number >= 1 for number, _ in listing._lines(text))
