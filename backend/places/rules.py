"""Where on earth a report is: coordinate systems, distances, and a first guess of the county.

Phones speak WGS-84, Chinese maps GCJ-02 or BD-09; at Tianshui the first two are 390 m apart, enough to name the wrong
county. Everything inside is WGS-84. Outlines are a schematic (see `places.yaml`): a guess near a line is marked uncertain,
and the resident's own choice is always the authority.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from backend.cities import City
from backend.cities.schema import Bounds, Point, Words

EARTH_RADIUS_M = 6_371_008.8
METRES_PER_DEGREE = math.pi * EARTH_RADIUS_M / 180

# The ellipsoid (Krasovsky 1940) and the offsets of the public GCJ-02 and BD-09 formulas.
_AXIS_M = 6_378_245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_BAIDU_PI = math.pi * 3000 / 180
_BAIDU_SHIFT = (0.006, 0.0065)
_SETTLED_DEGREES = 1e-9


class Datum(StrEnum):
    """The coordinate system that a pair of numbers is written in."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


@dataclass(frozen=True, slots=True)
class Place:
    """A point as it was received; `accuracy_m` is the radius that the device vouches for."""

    lat: float
    lon: float
    accuracy_m: float | None = None
    datum: Datum = Datum.WGS84

    def __post_init__(self) -> None:
        if not (-90 <= self.lat <= 90 and -180 <= self.lon <= 180):  # noqa: PLR2004 -- the ends of the earth
            raise ValueError("A place needs a latitude of -90 to 90 and a longitude of -180 to 180.")
        if self.accuracy_m is not None and not 0 <= self.accuracy_m < math.inf:
            raise ValueError("An accuracy is zero or more metres.")

    @property
    def wgs84(self) -> Point:
        """The same point in WGS-84."""
        return to_wgs84(self.lat, self.lon, self.datum)


class CountyGuess(NamedTuple):
    """The county a point seems to lie in, `None` outside the city; uncertain when a line is nearer than its error."""

    code: str | None
    uncertain: bool


class OutsideHelp(NamedTuple):
    """Whom to call about a place outside the city; `neighbour` is `None` when no neighbour is near."""

    neighbour: Words | None
    number: str
    advice: Words


def distance_m(a: Point, b: Point) -> float:
    """Return the great-circle distance in metres."""
    lat_a, lat_b = math.radians(a[0]), math.radians(b[0])
    half = (
        math.sin((lat_b - lat_a) / 2) ** 2
        + math.cos(lat_a) * math.cos(lat_b) * math.sin(math.radians(b[1] - a[1]) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, half)))


def box_around(lat: float, lon: float, radius_m: float) -> Bounds:
    """Return the smallest box that holds everything within `radius_m`; for an index to search before measuring."""
    angle = radius_m / EARTH_RADIUS_M
    up = math.degrees(angle)
    ratio = math.sin(angle) / max(math.cos(math.radians(lat)), 1e-9)
    across = math.degrees(math.asin(ratio)) if ratio < 1 else 180.0
    return Bounds(
        west=max(lon - across, -180.0),
        south=max(lat - up, -90.0),
        east=min(lon + across, 180.0),
        north=min(lat + up, 90.0),
    )


def blur(lat: float, lon: float, metres: float = 100) -> Point:
    """Return the middle of the square of `metres` that holds the point.

    A square and not noise: noise that differs each time can be averaged away by asking often.
    """
    rows = metres / METRES_PER_DEGREE
    middle = (math.floor(lat / rows) + 0.5) * rows
    columns = rows / math.cos(math.radians(middle))
    return middle, (math.floor(lon / columns) + 0.5) * columns


def to_wgs84(lat: float, lon: float, datum: Datum | str = Datum.WGS84) -> Point:
    """Return the point in WGS-84."""
    match Datum(datum):
        case Datum.WGS84:
            return lat, lon
        case Datum.GCJ02:
            return gcj02_to_wgs84(lat, lon)
        case Datum.BD09:
            return gcj02_to_wgs84(*bd09_to_gcj02(lat, lon))


def wgs84_to_gcj02(lat: float, lon: float) -> Point:
    """Return what a Chinese map calls this point; meant for places in China."""
    x, y = lon - 105.0, lat - 35.0
    waves = 20 * math.sin(6 * x * math.pi) + 20 * math.sin(2 * x * math.pi)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    north += (waves + _waves(y, (20, 1), (40, 3)) + _waves(y, (160, 12), (320, 30))) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    east += (waves + _waves(x, (20, 1), (40, 3)) + _waves(x, (150, 12), (300, 30))) * 2 / 3
    angle = math.radians(lat)
    magic = 1 - _ECCENTRICITY_SQUARED * math.sin(angle) ** 2
    metres_north = _AXIS_M * (1 - _ECCENTRICITY_SQUARED) / magic**1.5
    metres_east = _AXIS_M / math.sqrt(magic) * math.cos(angle)
    return lat + math.degrees(north / metres_north), lon + math.degrees(east / metres_east)


def gcj02_to_wgs84(lat: float, lon: float) -> Point:
    """Undo `wgs84_to_gcj02`; the formula has no inverse, so it is approached until a step is under a millimetre."""
    guess_lat, guess_lon = lat, lon
    for _ in range(10):
        seen_lat, seen_lon = wgs84_to_gcj02(guess_lat, guess_lon)
        step_lat, step_lon = lat - seen_lat, lon - seen_lon
        guess_lat, guess_lon = guess_lat + step_lat, guess_lon + step_lon
        if max(abs(step_lat), abs(step_lon)) < _SETTLED_DEGREES:
            break
    return guess_lat, guess_lon


def gcj02_to_bd09(lat: float, lon: float) -> Point:
    """Return what Baidu's map calls this point."""
    radius = math.hypot(lon, lat) + 0.00002 * math.sin(lat * _BAIDU_PI)
    angle = math.atan2(lat, lon) + 0.000003 * math.cos(lon * _BAIDU_PI)
    return radius * math.sin(angle) + _BAIDU_SHIFT[0], radius * math.cos(angle) + _BAIDU_SHIFT[1]


def bd09_to_gcj02(lat: float, lon: float) -> Point:
    """Undo `gcj02_to_bd09`, to about a metre as everybody does."""
    y, x = lat - _BAIDU_SHIFT[0], lon - _BAIDU_SHIFT[1]
    radius = math.hypot(x, y) - 0.00002 * math.sin(y * _BAIDU_PI)
    angle = math.atan2(y, x) - 0.000003 * math.cos(x * _BAIDU_PI)
    return radius * math.sin(angle), radius * math.cos(angle)


def county_guess(city: City, lat: float, lon: float, accuracy_m: float = 0) -> CountyGuess:
    """Return the county that the point (WGS-84) seems to lie in; just outside the city it is the nearest, uncertain."""
    point = (lat, lon)
    near = city.places.line_error_m + accuracy_m
    distances = {county.code: distance_to_ring_m(point, city.outline(county.code)) for county in city.counties}
    inside = next((county.code for county in city.counties if is_inside(point, city.outline(county.code))), None)
    if inside is not None:
        return CountyGuess(inside, distances[inside] <= near)
    nearest = min(distances, key=distances.__getitem__)
    return CountyGuess(nearest, uncertain=True) if distances[nearest] <= near else CountyGuess(None, uncertain=False)


def is_in_city(city: City, lat: float, lon: float, accuracy_m: float = 0) -> bool:
    """Whether the point may lie in the city: inside it, or nearer to its line than the line's error."""
    return county_guess(city, lat, lon, accuracy_m).code is not None


def help_outside(city: City, lat: float, lon: float) -> OutsideHelp:
    """Return whom to call about a place outside the city: the neighbour whose town is nearest."""
    elsewhere = city.elsewhere
    towns = [
        (distance_m((lat, lon), town), neighbour) for neighbour in elsewhere.neighbours for town in neighbour.towns
    ]
    far, nearest = min(towns, key=lambda town: town[0], default=(math.inf, None))
    if nearest is None or far > elsewhere.farthest_km * 1000:
        return OutsideHelp(None, "12345", elsewhere.hotline)
    return OutsideHelp(nearest.name, nearest.number, elsewhere.hotline)


def is_inside(point: Point, ring: Sequence[Point]) -> bool:
    """Whether the point lies inside the ring, by counting the sides that a line to the west crosses."""
    lat, lon = point
    crossings = 0
    for (lat_a, lon_a), (lat_b, lon_b) in pairwise([*ring, ring[0]]):
        if (lat_a > lat) != (lat_b > lat):
            crossings += lon_a + (lat - lat_a) / (lat_b - lat_a) * (lon_b - lon_a) < lon
    return crossings % 2 == 1


def distance_to_ring_m(point: Point, ring: Sequence[Point]) -> float:
    """Return how far the point is from the nearest side of the ring, on a plane laid at the point."""
    across = METRES_PER_DEGREE * math.cos(math.radians(point[0]))
    corners = [((lon - point[1]) * across, (lat - point[0]) * METRES_PER_DEGREE) for lat, lon in ring]
    return min(_distance_to_side(a, b) for a, b in pairwise([*corners, corners[0]]))


def _distance_to_side(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return the distance of (0, 0) from the line from `a` to `b`."""
    run_x, run_y = b[0] - a[0], b[1] - a[1]
    length_squared = run_x * run_x + run_y * run_y
    along = -(a[0] * run_x + a[1] * run_y) / length_squared if length_squared else 0.0
    along = min(1.0, max(0.0, along))
    return math.hypot(a[0] + along * run_x, a[1] + along * run_y)


def _waves(value: float, *waves: tuple[float, float]) -> float:
    """Sum sines of `value`, each given by its height and the length of its half wave as the formula writes them."""
    return math.fsum(height * math.sin(value / length * math.pi) for height, length in waves)
