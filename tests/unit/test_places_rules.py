"""Coordinates, distances and the first guess of a county, with Tianshui's own places."""

import math

import pytest

from backend.cities import City, load_city
from backend.places import rules
from backend.places.rules import CountyGuess, Datum, Place

QINZHOU = (34.580, 105.724)


@pytest.fixture(scope="module")
def tianshui() -> City:
    return load_city("tianshui")


def test_chinese_maps_show_tianshui_to_the_east_and_south() -> None:
    lat, lon = rules.wgs84_to_gcj02(34.58, 105.72)
    assert (round(lon - 105.72, 6), round(lat - 34.58, 6)) == (0.003929, -0.001324)
    east = (lon - 105.72) * rules.METRES_PER_DEGREE * math.cos(math.radians(34.58))
    south = (34.58 - lat) * rules.METRES_PER_DEGREE
    assert (round(east), round(south)) == (360, 147)


@pytest.mark.parametrize("datum", list(Datum))
def test_a_place_in_any_datum_comes_back_to_wgs84(datum: Datum) -> None:
    gcj02 = rules.wgs84_to_gcj02(*QINZHOU)
    written = {Datum.WGS84: QINZHOU, Datum.GCJ02: gcj02, Datum.BD09: rules.gcj02_to_bd09(*gcj02)}[datum]
    assert rules.distance_m(rules.to_wgs84(*written, datum), QINZHOU) < 1.5
    assert rules.distance_m(Place(*written, datum=datum).wgs84, QINZHOU) < 1.5
    assert rules.distance_m(rules.to_wgs84(*written, datum.value), QINZHOU) < 1.5


def test_the_three_data_differ_by_hundreds_of_metres() -> None:
    gcj02 = rules.wgs84_to_gcj02(*QINZHOU)
    assert 350 < rules.distance_m(QINZHOU, gcj02) < 420
    assert 700 < rules.distance_m(gcj02, rules.gcj02_to_bd09(*gcj02)) < 1100


@pytest.mark.parametrize(
    ("lat", "lon", "accuracy"),
    [(90.1, 0, None), (0, -180.5, None), (math.nan, 0, None), (0, math.inf, None), (0, 0, -1), (0, 0, math.nan)],
)
def test_a_place_off_the_earth_is_refused(lat: float, lon: float, accuracy: float | None) -> None:
    with pytest.raises(ValueError, match=r"needs|accuracy"):
        Place(lat, lon, accuracy)


def test_a_degree_is_as_long_as_the_earth_says() -> None:
    assert rules.distance_m((34, 105), (35, 105)) == pytest.approx(111_195, abs=1)
    assert rules.distance_m(QINZHOU, QINZHOU) == 0
    assert rules.distance_m((0, 0), (0, 180)) == pytest.approx(math.pi * rules.EARTH_RADIUS_M)


def test_every_seat_lies_surely_in_its_county(tianshui: City) -> None:
    for county in tianshui.counties:
        assert rules.county_guess(tianshui, *county.centre) == CountyGuess(county.code, uncertain=False)


def test_every_township_lies_in_its_county_or_near_its_line(tianshui: City) -> None:
    for township in tianshui.townships:
        if township.centre is not None:
            code, uncertain = rules.county_guess(tianshui, *township.centre)
            assert code == township.county_code or uncertain, township


def test_a_guess_near_a_line_or_from_a_rough_position_is_uncertain(tianshui: City) -> None:
    assert rules.county_guess(tianshui, 34.55, 105.79).uncertain  # between Qinzhou and Maiji
    assert rules.county_guess(tianshui, *QINZHOU, accuracy_m=9000).uncertain


@pytest.mark.parametrize(
    ("point", "neighbour", "number"),
    [
        ((34.19, 105.18), "陇南市", "0939-12345"),
        ((35.00, 104.63), "定西市", "0932-12345"),
        ((35.53, 105.70), "平凉市", "0933-12345"),
        ((34.36, 107.20), "宝鸡市", "0917-12345"),
    ],
)
def test_a_place_outside_gets_the_neighbours_hotline(
    tianshui: City, point: tuple[float, float], neighbour: str, number: str
) -> None:
    assert rules.county_guess(tianshui, *point) == CountyGuess(None, uncertain=False)
    assert not rules.is_in_city(tianshui, *point)
    found = rules.help_outside(tianshui, *point)
    assert found.neighbour is not None
    assert (found.neighbour("zh"), found.number) == (neighbour, number)


def test_a_place_far_away_gets_the_general_advice(tianshui: City) -> None:
    found = rules.help_outside(tianshui, 39.9, 116.4)
    assert (found.neighbour, found.number) == (None, "12345")
    assert "12345" in found.advice("zh")


def test_just_outside_the_line_is_taken_as_the_city_but_uncertain(tianshui: City) -> None:
    assert rules.county_guess(tianshui, 34.075, 105.66) == CountyGuess("620502", uncertain=True)
    assert rules.is_in_city(tianshui, 34.075, 105.66)


def test_the_box_around_a_point_is_not_larger_than_needed() -> None:
    box = rules.box_around(*QINZHOU, 200)
    assert rules.distance_m(QINZHOU, (box.north, QINZHOU[1])) == pytest.approx(200, abs=0.1)
    assert rules.distance_m(QINZHOU, (QINZHOU[0], box.east)) == pytest.approx(200, abs=0.1)


def test_the_box_at_the_pole_is_the_whole_circle() -> None:
    box = rules.box_around(90, 0, 1000)
    assert (box.west, box.east, box.north) == (-180, 180, 90)


def test_a_side_of_no_length_is_a_point() -> None:
    ring = [(34.0, 105.0), (34.0, 105.0), (35.0, 105.0), (35.0, 106.0)]
    assert rules.distance_to_ring_m((34.0, 105.0), ring) == 0
