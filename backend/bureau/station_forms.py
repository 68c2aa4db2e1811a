"""The form of a station at the desk: seven days and the special ones as fields, one line of hours in between."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.datastructures import FormData

from backend.cities import City
from backend.core import hours
from backend.core.errors import DomainError, Invalid
from backend.core.hours import DAYS
from backend.stations.models import Station
from backend.stations.rules import DECIMALS, Kind
from backend.stations.schemas import KeepStation
from backend.stations.wording import DAY_NAMES, KINDS
from backend.web import forms
from backend.web.preferences import Lang
from backend.web.templates import translate

COUNTY_DIGITS = 6


@dataclass(frozen=True)
class ItemChoice:
    """Something to take, and at which kinds of station."""

    code: str
    name: str
    kinds: str
    is_on: bool


@dataclass(frozen=True)
class StationForm:
    """The form as the template shows it."""

    values: Mapping[str, str]
    days: list[tuple[str, str, str]]
    """Field, name and times of each day."""
    kinds: list[tuple[str, str]]
    items: list[ItemChoice]
    errors: dict[str, str] = field(default_factory=dict[str, str])
    refused: str | None = None


def read(form: FormData, *, active: bool = True) -> KeepStation:
    """Return what was typed as a description of a station."""
    division = str(form.get("division", ""))
    made = {
        "hours": hours_line(forms.texts(form)),
        "county_code": division[:COUNTY_DIGITS],
        "township_code": division if len(division) > COUNTY_DIGITS else "",
        "active": "yes" if active else "no",
    }
    pairs = [(name, value) for name, value in form.multi_items() if name not in made]
    return forms.parse(KeepStation, FormData([*pairs, *made.items()]))


def hours_line(typed: Mapping[str, str]) -> str:
    """Put the fields of the days together to one line as `core.hours` reads it."""
    days = [(day, typed.get(f"day_{day}", "").strip()) for day in DAYS]
    special = [line.strip() for line in typed.get("special", "").splitlines() if line.strip()]
    return "; ".join([f"{day} {times}" for day, times in days if times] + special)


def empty(city: City, lang: Lang) -> StationForm:
    """Return the form of a station that is not there yet."""
    return _form(city, lang, {"datum": "wgs84"}, frozenset())


def of(city: City, lang: Lang, station: Station) -> StationForm:
    """Return the form of a station as it is."""
    known = hours.read(station.hours)
    values = {
        "code": station.code,
        "name_zh": station.name_zh,
        "name_en": station.name_en,
        "kind": station.kind,
        "division": station.township_code or station.county_code,
        "lat": f"{station.lat:.{DECIMALS}f}",
        "lon": f"{station.lon:.{DECIMALS}f}",
        "datum": "wgs84",
        "address": station.address,
        "source": station.source,
        "staffed": "yes" if station.is_staffed else "",
        "special": "\n".join(
            f"{day.isoformat()} {hours.write_spans(spans) or hours.CLOSED}" for day, spans in known.exceptions.items()
        ),
        **{f"day_{day}": hours.write_spans(spans) for day, spans in zip(DAYS, known.week, strict=True)},
    }
    return _form(city, lang, values, frozenset(station.items))


def again(city: City, lang: Lang, typed: FormData, error: DomainError) -> StationForm:
    """Return the form as it was typed, with a sentence for each field that is wrong."""
    chosen = frozenset(str(item) for item in typed.getlist("items"))
    fields = error.fields if isinstance(error, Invalid) else {}
    errors = {name: translate(lang, sentence) for name, sentence in fields.items()}
    refused = translate(lang, error.text, **error.params)
    return _form(city, lang, forms.texts(typed), chosen, errors=errors, refused=refused)


def _form(
    city: City,
    lang: Lang,
    values: Mapping[str, str],
    chosen: frozenset[str],
    *,
    errors: dict[str, str] | None = None,
    refused: str | None = None,
) -> StationForm:
    return StationForm(
        values=values,
        days=[(f"day_{day}", translate(lang, DAY_NAMES[day]), values.get(f"day_{day}", "")) for day in DAYS],
        kinds=[(kind.value, translate(lang, KINDS[kind])) for kind in Kind],
        items=[
            ItemChoice(item.code, item.name(lang), " ".join(item.kinds), item.code in chosen)
            for item in city.station_items
        ],
        errors=errors or {},
        refused=refused,
    )
