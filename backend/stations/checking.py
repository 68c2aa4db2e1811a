"""Checks a description of a station against the city: the form of the desk and a line of a list go through the same door."""

from collections.abc import Iterator

from backend.cities import City, UnknownCode
from backend.core import hours
from backend.core.errors import N_
from backend.core.hours import HoursUnreadable
from backend.places import rules as places
from backend.stations import rules
from backend.stations.models import Station
from backend.stations.schemas import CheckedStation, KeepStation, Reason

NOT_COMPARED = frozenset({"given_datum"})
"""How a place was written says nothing about where it is."""
COLUMNS = {"is_staffed": "staffed", "is_active": "active"}


def checked(city: City, form: KeepStation) -> tuple[CheckedStation | None, list[Reason]]:
    """Return the station that the form describes, or every reason why there can be none."""
    lat, lon = rules.stored_point(form.lat, form.lon, form.datum)
    reasons = [*_hours(form), *_items(city, form), *_division(city, form), *_place(city, lat, lon)]
    if reasons:
        return None, reasons
    wanted = CheckedStation(
        code=form.code,
        name_zh=form.name_zh,
        name_en=form.name_en,
        kind=form.kind,
        items=[item.code for item in city.station_items if item.code in form.items],
        hours=hours.write(hours.read(form.hours)),
        county_code=form.county_code,
        township_code=form.township_code or None,
        lat=lat,
        lon=lon,
        given_datum=form.datum,
        address=form.address,
        is_staffed=form.staffed,
        source=form.source,
        is_active=form.active,
    )
    return wanted, []


def changes_of(station: Station, wanted: CheckedStation) -> list[str]:
    """Return the columns, as a list names them, in which the station differs from what is wanted."""
    names = (name for name in CheckedStation.__dataclass_fields__ if name not in NOT_COMPARED)
    return [COLUMNS.get(name, name) for name in names if getattr(station, name) != getattr(wanted, name)]


def _hours(form: KeepStation) -> Iterator[Reason]:
    try:
        hours.read(form.hours)
    except HoursUnreadable as error:
        yield Reason("hours", error.reason)


def _items(city: City, form: KeepStation) -> Iterator[Reason]:
    for code in form.items:
        try:
            item = city.station_item(code)
        except UnknownCode:
            yield Reason("items", N_("“%(word)s” is on no list of what stations take."), {"word": code})
            continue
        if form.kind.value not in item.kinds:
            yield Reason("items", N_("“%(word)s” is nothing that a station of this kind takes."), {"word": code})


def _division(city: City, form: KeepStation) -> Iterator[Reason]:
    if form.county_code not in {county.code for county in city.counties}:
        yield Reason("county_code", N_("This city has no such district or county."))
    elif form.township_code:
        townships = {one.code for one in city.county(form.county_code).townships}
        if form.township_code not in townships:
            yield Reason("township_code", N_("This town is not in the district or county."))


def _place(city: City, lat: float, lon: float) -> Iterator[Reason]:
    if not places.is_in_city(city, lat, lon):
        yield Reason("lat", N_("This place lies outside the city. Check latitude, longitude and coordinate system."))
