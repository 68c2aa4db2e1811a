"""Puts the sample stations into the demo city, through the service that the desk uses."""

from sqlmodel import Session

from backend.cities import City
from backend.cities.programmes import SampleStation
from backend.core.actor import SYSTEM
from backend.places.rules import Datum
from backend.stations import service
from backend.stations.rules import Kind
from backend.stations.schemas import KeepStation


def add_stations(session: Session, city: City) -> None:
    """Add the stations of the city's `stations.csv`, which are made up and say so."""
    for row in city.sample_stations:
        service.add(session, city, SYSTEM, described(row))


def described(row: SampleStation) -> KeepStation:
    """Return a line of the file as an editor would type it."""
    return KeepStation(
        code=row.code,
        name_zh=row.name_zh,
        name_en=row.name_en,
        kind=Kind(row.kind),
        items=row.items.split(),
        hours=row.hours,
        county_code=row.county_code,
        township_code=row.township_code or None,
        lat=row.lat,
        lon=row.lon,
        datum=Datum(row.datum),
        address=row.address,
        staffed=row.staffed == "yes",
        source=row.source,
        active=row.active == "yes",
    )
