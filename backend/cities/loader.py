"""Loads a city's folder as one checked object; a wrong file stops the start with file, line and reason."""

import re
from functools import cache
from pathlib import Path

from backend.cities.behaviours import BehavioursFile
from backend.cities.checks import CityFiles, problems_in
from backend.cities.city import City, County, Kind, Subkind, Township
from backend.cities.errors import CityDataError
from backend.cities.files import EntryT, Loaded, read_divisions, read_stations, read_yaml
from backend.cities.plan import PlanFile
from backend.cities.programmes import DrivesFile, HonoursFile, SampleStation, StationItemsFile
from backend.cities.quiz import QuizFile
from backend.cities.schema import (
    AnswersFile,
    BodiesFile,
    CityFile,
    DeadlinesFile,
    DivisionRow,
    KindsFile,
    PlacesFile,
    Words,
)
from backend.core.config import get_settings

FOLDER_OF_CITIES = Path(__file__).parent


@cache
def city() -> City:
    """Return the city that the settings name, loaded once."""
    return load_city(get_settings().city)


@cache
def load_city(name: str) -> City:
    """Load the city in `backend/cities/<name>`, once."""
    folder = FOLDER_OF_CITIES / name
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or not (folder / "city.yaml").is_file():
        there = ", ".join(sorted(path.parent.name for path in FOLDER_OF_CITIES.glob("*/city.yaml")))
        raise CityDataError([f"{FOLDER_OF_CITIES}: there is no city {name!r}; GREEN_CITY can be one of: {there}"])
    return load_folder(folder)


def load_folder(folder: Path) -> City:
    """Load the city in `folder`; raise `CityDataError` that lists every problem."""
    files = _read(folder)
    if problems := problems_in(files):
        raise CityDataError(problems)
    return _assemble(folder.name, files)


def check(folder: Path) -> list[str]:
    """Return the problems of the city in `folder`, one line each; an empty list means it can be used."""
    try:
        load_folder(folder)
    except CityDataError as error:
        return error.problems
    return []


class _Reader:
    """Reads file after file and keeps the problems, so that one run shows the mistakes of all files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[str] = []

    def yaml(self, name: str, schema: type[EntryT]) -> Loaded[EntryT] | None:
        try:
            return read_yaml(self.folder / name, schema)
        except CityDataError as error:
            self.problems += error.problems
            return None

    def divisions(self) -> Loaded[tuple[DivisionRow, ...]] | None:
        try:
            return read_divisions(self.folder / "divisions.csv")
        except CityDataError as error:
            self.problems += error.problems
            return None

    def stations(self) -> Loaded[tuple[SampleStation, ...]] | None:
        try:
            return read_stations(self.folder / "stations.csv")
        except CityDataError as error:
            self.problems += error.problems
            return None


def _read(folder: Path) -> CityFiles:
    reader = _Reader(folder)
    facts = reader.yaml("city.yaml", CityFile)
    divisions = reader.divisions()
    bodies = reader.yaml("bodies.yaml", BodiesFile)
    kinds = reader.yaml("report_kinds.yaml", KindsFile)
    deadlines = reader.yaml("deadlines.yaml", DeadlinesFile)
    answers = reader.yaml("answer_templates.yaml", AnswersFile)
    places = reader.yaml("places.yaml", PlacesFile)
    items, stations = reader.yaml("station_items.yaml", StationItemsFile), reader.stations()
    drives, honours = reader.yaml("drives.yaml", DrivesFile), reader.yaml("honours.yaml", HonoursFile)
    if not (facts and divisions and bodies and kinds and deadlines and answers and places):
        raise CityDataError(reader.problems)
    behaviours = reader.yaml("behaviours.yaml", BehavioursFile)
    quiz, plan = reader.yaml("quiz.yaml", QuizFile), reader.yaml("plan.yaml", PlanFile)
    if not (items and stations and drives and honours and behaviours and quiz and plan):
        raise CityDataError(reader.problems)
    return CityFiles(
        facts, divisions, bodies, kinds, deadlines, answers, places, items, stations, drives, honours, behaviours, quiz,
        plan,
    )  # fmt: skip


def _assemble(name: str, files: CityFiles) -> City:
    return City(
        folder=name,
        facts=files.city.content,
        counties=_counties(files),
        bodies=files.bodies.content.bodies,
        kinds=_kinds(files),
        questions=files.kinds.content.questions,
        deadlines=files.deadlines.content,
        answers=files.answers.content,
        places=files.places.content,
        station_items=files.station_items.content.items,
        sample_stations=files.stations.content,
        drives=files.drives.content.drives,
        honours=files.honours.content.honours,
        green=files.behaviours.content,
        quiz=files.quiz.content.questions,
        plan=files.plan.content,
    )


def _counties(files: CityFiles) -> tuple[County, ...]:
    rows, places = files.divisions.content, files.places.content
    short_names = {area.code: area.short_name for area in places.areas}
    return tuple(
        County(
            code=county.code,
            name=Words(zh=county.name, en=county.name_en),
            short_name=short_names[county.code],
            type=county.type,
            townships=tuple(
                Township(
                    code=row.code,
                    name=Words(zh=_without_its_county(row.name, county.name), en=row.name_en),
                    type=row.type,
                    county_code=county.code,
                    centre=places.centres.get(row.code),
                )
                for row in rows
                if row.parent == county.code
            ),
            centre=places.centres[county.code],
        )
        for county in rows
        if county.level == "county"
    )


def _without_its_county(name: str, county: str) -> str:
    """Shorten official names such as 天水市麦积区三阳工业示范区, which are always shown beside their county."""
    return name.rpartition(county)[2] or name


def _kinds(files: CityFiles) -> tuple[Kind, ...]:
    bodies = {body.code: body for body in files.bodies.content.bodies}
    questions = {question.id: question for question in files.kinds.content.questions}
    return tuple(
        Kind(
            code=kind.code,
            name=kind.name,
            hint=kind.hint,
            icon=kind.icon,
            questions=tuple(questions[code] for code in kind.questions),
            subkinds=tuple(
                Subkind(
                    code=subkind.code,
                    kind_code=kind.code,
                    name=subkind.name,
                    bodies=tuple(bodies[code] for code in subkind.bodies),
                    confidence=subkind.confidence,
                )
                for subkind in kind.subkinds
            ),
        )
        for kind in files.kinds.content.kinds
    )
