"""Laws of coordinates around Tianshui: there and back is the same place, a box misses nobody, a blur tells no more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.cities import load_city
from backend.cities.schema import Bounds
from backend.places import rules
from backend.places.projection import Projection

lats = st.floats(33.5, 35.7)
lons = st.floats(104.0, 107.3)
points = st.tuples(lats, lons)


@given(points)
def test_gcj02_there_and_back_is_the_same_place(point: tuple[float, float]) -> None:
    assert rules.distance_m(rules.gcj02_to_wgs84(*rules.wgs84_to_gcj02(*point)), point) < 0.01


@given(points)
def test_bd09_there_and_back_is_within_a_metre_and_a_half(point: tuple[float, float]) -> None:
    assert rules.distance_m(rules.bd09_to_gcj02(*rules.gcj02_to_bd09(*point)), point) < 1.5


@given(points, points)
def test_a_distance_is_the_same_both_ways(a: tuple[float, float], b: tuple[float, float]) -> None:
    assert rules.distance_m(a, b) == pytest.approx(rules.distance_m(b, a))


@given(points, points, st.floats(1, 300_000))
def test_the_box_holds_everything_within_the_radius(
    middle: tuple[float, float], other: tuple[float, float], radius: float
) -> None:
    box = rules.box_around(*middle, radius)
    grown = Bounds(west=box.west - 1e-9, south=box.south - 1e-9, east=box.east + 1e-9, north=box.north + 1e-9)
    assert rules.distance_m(middle, other) > radius or grown.holds(*other)


@given(points, st.floats(10, 2000))
def test_a_blurred_place_is_near_and_says_nothing_more_when_asked_again(
    point: tuple[float, float], metres: float
) -> None:
    blurred = rules.blur(*point, metres)
    assert rules.distance_m(point, blurred) <= metres * 0.72
    assert rules.distance_m(rules.blur(*blurred, metres), blurred) < 0.01


@given(points)
def test_a_sure_guess_lies_in_one_county_only(point: tuple[float, float]) -> None:
    city = load_city("tianshui")
    inside = [county.code for county in city.counties if rules.is_inside(point, city.outline(county.code))]
    assert len(inside) <= 1
    code, uncertain = rules.county_guess(city, *point)
    assert uncertain or inside == ([] if code is None else [code])


@given(points)
def test_a_point_of_the_sheet_leads_back_to_its_place(point: tuple[float, float]) -> None:
    sheet = Projection.fit(Bounds(west=104.5, south=34.0, east=106.8, north=35.3), 400, 260)
    lat, lon = sheet.unproject(*sheet.project(*point))
    assert (lat, lon) == (pytest.approx(point[0]), pytest.approx(point[1]))
