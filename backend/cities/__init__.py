"""The city as data: what another city changes by adding a folder, and nothing else."""

from backend.cities.city import City, County, Kind, Subkind, Township
from backend.cities.errors import CityDataError, UnknownCode
from backend.cities.loader import check, city, load_city, load_folder
from backend.cities.schema import Body, Step, Words

__all__ = [
    "Body",
    "City",
    "CityDataError",
    "County",
    "Kind",
    "Step",
    "Subkind",
    "Township",
    "UnknownCode",
    "Words",
    "check",
    "city",
    "load_city",
    "load_folder",
]
