"""What the residents' pages about stations show, in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self, cast
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, model_validator

from backend.cities import City
from backend.core.errors import N_
from backend.places import drawing
from backend.places import rules as places
from backend.places.pen import Drawing
from backend.places.rules import Datum
from backend.stations import service, wording
from backend.stations.models import Station
from backend.stations.queries import Key
from backend.stations.rules import Kind
from backend.stations.schemas import Near, Page, StationFilter, StationRow
from backend.stations.wording import HoursLine, OpenSign
from backend.web.pagination import CursorForged, read_cursor, write_cursor
from backend.web.preferences import Lang
from backend.web.templates import translate

PATH = "/stations"
COUNTY_DIGITS = 6


class StationQuery(BaseModel):
    """Which stations are asked for, and from where the distance is measured: the device's place or a division's middle."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    kind: Kind | None = None
    item: str | None = Field(default=None, max_length=40)
    division: str | None = Field(default=None, pattern=r"^\d{6}(\d{3})?$")
    lat: float | None = Field(default=None, ge=-90, le=90, allow_inf_nan=False)
    lon: float | None = Field(default=None, ge=-180, le=180, allow_inf_nan=False)
    datum: Datum = Datum.WGS84
    after: str | None = Field(default=None, max_length=1_000)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_absent(cls, given: Any) -> Any:
        """Drop what a form sends for a choice that was not made."""
        if not isinstance(given, Mapping):
            return given
        return {name: value for name, value in cast("Mapping[str, Any]", given).items() if value != ""}

    @model_validator(mode="after")
    def _whole_point(self) -> Self:
        if (self.lat is None) != (self.lon is None):
            raise ValueError("a place has both a latitude and a longitude")
        return self

    @property
    def here(self) -> Near | None:
        """The device's place in WGS-84."""
        if self.lat is None or self.lon is None:
            return None
        return Near(*places.to_wgs84(self.lat, self.lon, self.datum))

    def county(self, city: City) -> str | None:
        """Return the county that the list is narrowed to; an unknown division narrows nothing."""
        code = (self.division or "")[:COUNTY_DIGITS]
        return code if code in {county.code for county in city.counties} else None

    def near(self, city: City) -> Near | None:
        """Return where the distance is measured from: the device, else the middle of the chosen division."""
        county = self.county(city)
        if self.here is not None or county is None:
            return self.here
        townships = {township.code: township for township in city.county(county).townships}
        township = townships.get(self.division or "")
        return Near(*(township.centre if township and township.centre else city.county(county).centre))

    def wanted(self, city: City) -> StationFilter:
        """Return the filter of the list."""
        return StationFilter(kind=self.kind, item=self.item, county_code=self.county(city))

    def key(self, near: Near | None) -> Key | None:
        """Return where the last page stopped; a mark of a list in another order is none of ours."""
        cursor = read_cursor(self.after)
        if cursor is None:
            return None
        if cursor[0] != _order(near):
            raise CursorForged
        return cursor[1:]

    def address(self, **changes: str | None) -> str:
        """Return the address of this list with something changed."""
        shown = self.model_dump(mode="json", exclude_none=True, exclude_defaults=True, exclude={"after"}) | changes
        query = urlencode({name: value for name, value in shown.items() if value is not None})
        return f"{PATH}?{query}" if query else PATH


@dataclass(frozen=True)
class StationCard:
    """One station in the list; `number` is that of its dot on the map."""

    number: int
    code: str
    name: str
    kind: str
    icon: str
    items: list[str]
    place: str
    distance: str | None
    sign: OpenSign
    is_reported_closed: bool
    is_staffed: bool


@dataclass(frozen=True)
class Choice:
    """A filter as a link."""

    label: str
    href: str
    is_on: bool
    icon: str | None = None


@dataclass(frozen=True)
class StationList:
    """The list page."""

    cards: list[StationCard]
    kinds: list[Choice]
    items: list[tuple[str, str]]
    map: Drawing | None
    measured_from: str | None
    next: str | None


@dataclass(frozen=True)
class StationPage:
    """One station's page."""

    card: StationCard
    week: list[HoursLine]
    special: list[HoursLine]
    address: str
    source: str
    map: Drawing


def mark(page: Page[StationRow], near: Near | None) -> str | None:
    """Return the mark of the next page."""
    return write_cursor(_order(near), *page.next_key) if page.next_key else None


def station_list(city: City, lang: Lang, query: StationQuery, page: Page[StationRow]) -> StationList:
    """Put the list page together."""
    near = query.near(city)
    points = [(row.station.lat, row.station.lon) for row in page.rows]
    here = (query.here.lat, query.here.lon) if query.here else None
    following = mark(page, near)
    return StationList(
        cards=[card_of(city, lang, row, number) for number, row in enumerate(page.rows, 1)],
        kinds=_kinds(lang, query),
        items=[(item.code, item.name(lang)) for item in city.station_items],
        map=drawing.spots_map(city, lang, points, here=here) if points else None,
        measured_from=_measured_from(city, lang, query),
        next=query.address(after=following) if following else None,
    )


def card_of(city: City, lang: Lang, row: StationRow, number: int = 1) -> StationCard:
    """Say in words what a row of the list holds."""
    station = row.station
    names = {item.code: item.name(lang) for item in city.station_items}
    return StationCard(
        number=number,
        code=station.code,
        name=wording.name_of(station, lang),
        kind=translate(lang, wording.KINDS[Kind(station.kind)]),
        icon=f"station-{station.kind}",
        items=[names.get(code, code) for code in station.items],
        place=place_of(city, lang, station),
        distance=None if row.distance_m is None else wording.distance(row.distance_m, lang),
        sign=wording.open_sign(station, lang),
        is_reported_closed=station.closed_on is None and service.is_reported_closed(row.closed_reports),
        is_staffed=station.is_staffed,
    )


def station_page(city: City, lang: Lang, row: StationRow) -> StationPage:
    """Put one station's page together."""
    station, known = row.station, wording.hours_of(row.station)
    return StationPage(
        card=card_of(city, lang, row),
        week=wording.week_lines(known, lang) if known else [],
        special=wording.special_lines(known, lang) if known else [],
        address=station.address,
        source=station.source,
        map=drawing.locator_map(city, lang, county_code=station.county_code, point=(station.lat, station.lon)),
    )


def place_of(city: City, lang: Lang, station: Station) -> str:
    """Return county and township in words."""
    names = [city.division_name(code, lang) for code in (station.county_code, station.township_code) if code]
    return (" " if lang == "zh" else ", ").join(names)


def _kinds(lang: Lang, query: StationQuery) -> list[Choice]:
    everything = Choice(translate(lang, N_("All")), query.address(kind=None), query.kind is None)
    return [
        everything,
        *(
            Choice(translate(lang, label), query.address(kind=kind.value), query.kind is kind, f"station-{kind.value}")
            for kind, label in wording.KINDS_OF_MANY.items()
        ),
    ]


def _measured_from(city: City, lang: Lang, query: StationQuery) -> str | None:
    if query.here is not None:
        return translate(lang, N_("Nearest to you first"))
    if query.county(city) is None:
        return None
    return translate(
        lang, N_("Nearest to the middle of %(place)s first"), place=city.division_name(query.division, lang)
    )


def _order(near: Near | None) -> str:
    return "county" if near is None else "distance"
