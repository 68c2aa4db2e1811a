"""Stations in words: `make_station(session, hours=…)`, and a line of a list."""

import itertools
from typing import Any

from sqlmodel import Session

from backend.cities import city
from backend.core.actor import SYSTEM
from backend.stations import service
from backend.stations.models import Station
from backend.stations.schemas import KeepStation

_numbers = itertools.count(1)
HEAD = "code,name_zh,name_en,kind,items,hours,county_code,township_code,lat,lon,datum,address,staffed,source,active"


def a_station(**changes: Any) -> KeepStation:
    """Return the form of a recycling station in Qinzhou, with what matters changed."""
    form: dict[str, Any] = {
        "code": f"T-{next(_numbers):05d}",
        "name_zh": "试验回收站",
        "name_en": "Test station",
        "kind": "recycling",
        "items": ["paper", "metal"],
        "hours": "Mo-Su 08:00-18:00",
        "county_code": "620502",
        "township_code": "620502003",
        "lat": 34.58,
        "lon": 105.73,
        "source": "试验",
    }
    return KeepStation.model_validate(form | changes)


def make_station(session: Session, **changes: Any) -> Station:
    """Add a station, so that requests see it."""
    station = service.add(session, city(), SYSTEM, a_station(**changes))
    session.commit()
    return station


def a_line(**changes: str) -> str:
    """Return one line of a list, with what matters changed."""
    cells = {
        "code": f"L-{next(_numbers):05d}",
        "name_zh": "名单站",
        "name_en": "Listed station",
        "kind": "film_recovery",
        "items": "mulch_film",
        "hours": "Mo-Fr 08:00-17:00",
        "county_code": "620523",
        "township_code": "620523100",
        "lat": "34.738",
        "lon": "105.338",
        "datum": "wgs84",
        "address": "镇东大街 1 号",
        "staffed": "yes",
        "source": "名单",
        "active": "yes",
    } | changes
    return ",".join(f'"{cell}"' if "," in cell else cell for cell in cells.values())


def a_list(*lines: str, head: str = HEAD) -> bytes:
    """Return a list as a file."""
    return "\n".join([head, *lines]).encode()
