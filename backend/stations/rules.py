"""What a station is, when it counts as closed, and how far it is from a place given in any coordinate system."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from backend.core.hours import Hours, Standing, standing
from backend.places import rules as places
from backend.places.rules import Datum

CLOSED_REPORTS = 3
CLOSED_WINDOW_DAYS = 7
KEPT_DAYS = 30
"""How long a report of a closed door is kept after it was settled or made, and a list after it came."""
DECIMALS = 6
"""A tenth of a metre; more would be another number after each trip through a file."""


class Kind(StrEnum):
    """What a station is for."""

    RECYCLING = "recycling"
    FILM_RECOVERY = "film_recovery"
    SORTING = "sorting"


class Verdict(StrEnum):
    """What the staff found out about reports that a station is closed."""

    CONFIRM = "confirm"
    CLEAR = "clear"


class Located(Protocol):
    """Anything with a place in WGS-84; a `Station` is one."""

    @property
    def lat(self) -> float: ...
    @property
    def lon(self) -> float: ...


def distance_m(station: Located, lat: float, lon: float, datum: Datum | str = Datum.WGS84) -> float:
    """Return how far a place is from the station in metres; `datum` is what `lat` and `lon` are written in."""
    return places.distance_m((station.lat, station.lon), places.to_wgs84(lat, lon, datum))


def stored_point(lat: float, lon: float, datum: Datum | str) -> tuple[float, float]:
    """Return the place in WGS-84 as it is kept."""
    inside = places.to_wgs84(lat, lon, datum)
    return round(inside[0], DECIMALS), round(inside[1], DECIMALS)


def window_start(today: date) -> date:
    """Return the first day whose reports still count."""
    return today - timedelta(days=CLOSED_WINDOW_DAYS - 1)


def is_reported_closed(days: Iterable[date], today: date) -> bool:
    """Whether enough unsettled reports, given by their days, lie within the window."""
    return sum(window_start(today) <= day <= today for day in days) >= CLOSED_REPORTS


def stands(hours: Hours | None, closed_on: date | None, moment: datetime) -> Standing | None:
    """Say whether a station is open; `None` when nobody knows its hours. Confirmed closed is closed until further notice."""
    if closed_on is not None:
        return Standing(is_open=False)
    return standing(hours, moment) if hours is not None else None
