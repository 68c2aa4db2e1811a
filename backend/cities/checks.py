"""Checks that need more than one entry: codes that meet twice, codes that lead nowhere, limits and outlines with gaps."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

from backend.cities.behaviours import BehavioursFile
from backend.cities.city import line_named, ring_of
from backend.cities.files import Loaded, Where
from backend.cities.plan import PlanFile
from backend.cities.plan_checks import problems_of_plan
from backend.cities.programmes import DrivesFile, HonoursFile, SampleStation, StationItemsFile
from backend.cities.quiz import QUESTIONS_A_DAY, QuizFile
from backend.cities.schema import (
    AnswersFile,
    BodiesFile,
    CityFile,
    DeadlinesFile,
    DivisionRow,
    KindsFile,
    Limit,
    PlacesFile,
    Point,
    Step,
)

if TYPE_CHECKING:
    from datetime import date

Problems = Iterator[str]


@dataclass(frozen=True)
class CityFiles:
    """Every file of one city's folder."""

    city: Loaded[CityFile]
    divisions: Loaded[tuple[DivisionRow, ...]]
    bodies: Loaded[BodiesFile]
    kinds: Loaded[KindsFile]
    deadlines: Loaded[DeadlinesFile]
    answers: Loaded[AnswersFile]
    places: Loaded[PlacesFile]
    station_items: Loaded[StationItemsFile]
    stations: Loaded[tuple[SampleStation, ...]]
    drives: Loaded[DrivesFile]
    honours: Loaded[HonoursFile]
    behaviours: Loaded[BehavioursFile]
    quiz: Loaded[QuizFile]
    plan: Loaded[PlanFile]


def problems_in(files: CityFiles) -> list[str]:
    """Return every problem with file, line and reason; an empty list means that the city can be used."""
    return [
        *_city(files),
        *_divisions(files),
        *_bodies(files),
        *_kinds(files),
        *_questions(files),
        *_deadlines(files),
        *_answers(files),
        *_lines(files),
        *_places(files),
        *_bounds(files),
        *_station_items(files),
        *_stations(files),
        *_drives(files),
        *_honours(files),
        *_behaviours(files),
        *_quiz(files),
        *_plan(files),
    ]


class _HasProblem(Protocol):
    def problem(self, where: Where, reason: str) -> str: ...


class _OfArticle(Protocol):
    @property
    def article(self) -> int: ...


def _twice(file: _HasProblem, prefix: Where, codes: Iterable[str], key: str = "code") -> Problems:
    seen: set[str] = set()
    for index, code in enumerate(codes):
        if code in seen:
            yield file.problem((*prefix, index, key), f"{code} is there a second time")
        seen.add(code)


def _unknown(file: _HasProblem, prefix: Where, codes: Sequence[str], known: Iterable[str], what: str) -> Problems:
    allowed = set(known)
    for index, code in enumerate(codes):
        if code not in allowed:
            yield file.problem((*prefix, index), f"there is no {what} {code}")


def _city(files: CityFiles) -> Problems:
    facts = files.city.content
    if not facts.bounds.holds(facts.centre.lat, facts.centre.lon):
        yield files.city.problem(("centre",), "the centre lies outside the bounds")
    yield from _twice(files.city, ("hotlines",), (hotline.code for hotline in facts.hotlines))


def _divisions(files: CityFiles) -> Problems:
    file = files.divisions
    levels = {row.code: row.level for row in file.content}
    above = {"county": "city", "township": "county"}
    yield from _twice(file, (), (row.code for row in file.content))
    for index, row in enumerate(file.content):
        wanted = above.get(row.level)
        if wanted and levels.get(row.parent) != wanted:
            yield file.problem((index, "parent"), f"{row.parent} is no {wanted} of this file")
        if wanted and not row.code.startswith(row.parent if row.level == "township" else row.parent[:4]):
            yield file.problem((index, "code"), f"{row.code} does not start like its parent {row.parent}")
    if [row.code for row in file.content if row.level == "city"] != [files.city.content.code]:
        yield file.problem((), f"there must be one city, with the code {files.city.content.code} of city.yaml")


def _bodies(files: CityFiles) -> Problems:
    yield from _twice(files.bodies, ("bodies",), (body.code for body in files.bodies.content.bodies))


def _kinds(files: CityFiles) -> Problems:
    file = files.kinds
    bodies = {body.code for body in files.bodies.content.bodies}
    questions = {question.id for question in file.content.questions}
    seen: set[str] = set()
    yield from _twice(file, ("kinds",), (kind.code for kind in file.content.kinds))
    for number, kind in enumerate(file.content.kinds):
        here = ("kinds", number)
        yield from _unknown(file, (*here, "questions"), kind.questions, questions, "question")
        for index, subkind in enumerate(kind.subkinds):
            if subkind.code in seen:
                yield file.problem((*here, "subkinds", index, "code"), f"{subkind.code} is there a second time")
            seen.add(subkind.code)
            yield from _unknown(file, (*here, "subkinds", index, "bodies"), subkind.bodies, bodies, "body")


def _questions(files: CityFiles) -> Problems:
    file = files.kinds
    asked = {question for kind in file.content.kinds for question in kind.questions}
    yield from _twice(file, ("questions",), (question.id for question in file.content.questions), "id")
    for number, question in enumerate(file.content.questions):
        here = ("questions", number)
        yield from _twice(file, (*here, "choices"), (choice.id for choice in question.choices), "id")
        if question.id not in asked:
            yield file.problem((*here, "id"), f"no kind asks {question.id}")


def _deadlines(files: CityFiles) -> Problems:
    file = files.deadlines
    given = {limit.step for limit in file.content.limits}
    yield from _twice(file, ("limits",), (limit.step.value for limit in file.content.limits), "step")
    for missing in sorted(set(Step) - given):
        yield file.problem(("limits",), f"the limit of {missing} is missing")
    for index, limit in enumerate(file.content.limits):
        if not _ordered(limit):
            yield file.problem(("limits", index), "days, to_be_checked and major must grow")


def _ordered(limit: Limit) -> bool:
    stages = [days for days in (limit.days, limit.to_be_checked, limit.major) if days is not None]
    return stages == sorted(stages)


def _answers(files: CityFiles) -> Problems:
    file = files.answers
    bodies = {body.code for body in files.bodies.content.bodies}
    reasons = [reason.code for reason in file.content.decline_reasons]
    templates = file.content.templates
    yield from _twice(file, ("decline_reasons",), reasons)
    yield from _twice(file, ("templates",), (template.code for template in templates))
    for index, reason in enumerate(file.content.decline_reasons):
        yield from _unknown(file, ("decline_reasons", index, "bodies"), reason.bodies, bodies, "body")
        if not any(template.reason == reason.code for template in templates):
            yield file.problem(("decline_reasons", index, "code"), f"no template answers {reason.code}")
    for index, template in enumerate(templates):
        if template.reason is not None and template.reason not in reasons:
            yield file.problem(("templates", index, "reason"), f"there is no reason {template.reason}")


def _lines(files: CityFiles) -> Problems:
    file, lines = files.places, files.places.content.lines
    used = {name.removeprefix("-") for area in file.content.areas for name in area.outline}
    for name in sorted(set(lines) - used):
        yield file.problem(("lines", name), "no area uses this line")
    for number, area in enumerate(file.content.areas):
        here = ("areas", number, "outline")
        missing = list(_unknown(file, here, [name.removeprefix("-") for name in area.outline], lines, "line"))
        yield from missing
        if not missing:
            yield from _gaps(file, here, area.outline, lines)


def _gaps(file: _HasProblem, here: Where, outline: Sequence[str], lines: dict[str, tuple[Point, ...]]) -> Problems:
    ends = [line_named(name, lines) for name in outline]
    for index, (line, following) in enumerate(pairwise([*ends, ends[0]])):
        if line[-1] != following[0]:
            yield file.problem((*here, index), f"ends at {line[-1]}, but the next line starts at {following[0]}")
    if len(ring_of(outline, lines)) < 3:  # noqa: PLR2004 -- fewer than three corners enclose nothing
        yield file.problem(here, "an outline needs at least three points")


def _places(files: CityFiles) -> Problems:
    file = files.places
    levels = {row.code: row.level for row in files.divisions.content}
    counties = {code for code, level in levels.items() if level == "county"}
    for number, area in enumerate(file.content.areas):
        if area.code not in counties:
            yield file.problem(("areas", number, "code"), f"there is no county {area.code}")
    for code in file.content.centres:
        if levels.get(code) not in {"county", "township"}:
            yield file.problem(("centres", code), f"there is no county or township {code}")
    for missing in sorted(counties - {area.code for area in file.content.areas}):
        yield file.problem(("areas",), f"the county {missing} has no area")
    for missing in sorted(counties - set(file.content.centres)):
        yield file.problem(("centres",), f"the county {missing} has no centre")


def _bounds(files: CityFiles) -> Problems:
    file, bounds = files.places, files.city.content.bounds
    spots = [(("centres", code), centre) for code, centre in file.content.centres.items()]
    corners = [(("lines", name, i), point) for name, line in file.content.lines.items() for i, point in enumerate(line)]
    for where, point in [*spots, *corners]:
        if not bounds.holds(*point):
            yield file.problem(where, "lies outside the bounds of the city")


def _station_items(files: CityFiles) -> Problems:
    yield from _twice(files.station_items, ("items",), (item.code for item in files.station_items.content.items))


def _stations(files: CityFiles) -> Problems:
    file, bounds = files.stations, files.city.content.bounds
    parents = {row.code: row.parent for row in files.divisions.content if row.level != "city"}
    kinds = {item.code: item.kinds for item in files.station_items.content.items}
    yield from _twice(file, (), (station.code for station in file.content))
    for index, station in enumerate(file.content):
        if station.county_code not in parents or len(station.county_code) != 6:  # noqa: PLR2004 -- digits of a county
            yield file.problem((index, "county_code"), f"there is no county {station.county_code}")
        if station.township_code and parents.get(station.township_code) != station.county_code:
            yield file.problem((index, "township_code"), f"{station.township_code} is no township of this county")
        if not bounds.holds(station.lat, station.lon):
            yield file.problem((index, "lat"), "lies outside the bounds of the city")
        for item in station.items.split():
            if station.kind not in kinds.get(item, ()):
                yield file.problem((index, "items"), f"{item} is nothing that a {station.kind} station takes")


def _drives(files: CityFiles) -> Problems:
    file, drives = files.drives, files.drives.content.drives
    dated = {drive.code for drive in drives if drive.usual.within is None}
    yield from _twice(file, ("drives",), (drive.code for drive in drives))
    for index, drive in enumerate(drives):
        here = ("drives", index)
        if drive.usual.within is not None and drive.usual.within not in dated:
            yield file.problem((*here, "usual", "within"), f"there is no campaign {drive.usual.within} with dates")
        years = [one.first.year for one in drive.announced]
        if len(set(years)) < len(years):
            yield file.problem((*here, "announced"), "two lines are for the same year")


def _honours(files: CityFiles) -> Problems:
    file = files.honours
    yield from _twice(file, ("honours",), (honour.code for honour in file.content.honours))
    for index, honour in enumerate(file.content.honours):
        yield from _twice(file, ("honours", index, "criteria"), (one.code for one in honour.criteria))


def _quiz(files: CityFiles) -> Problems:
    file, known = files.quiz, {one.code for one in files.behaviours.content.behaviours}
    questions = file.content.questions
    yield from _twice(file, ("questions",), (one.code for one in questions))
    if 0 < len(questions) < QUESTIONS_A_DAY:
        yield file.problem(("questions",), f"a quiz asks {QUESTIONS_A_DAY} questions: give as many or none")
    for index, one in enumerate(questions):
        if one.behaviour not in known:
            yield file.problem(("questions", index, "behaviour"), f"there is no behaviour {one.behaviour}")
        for lang in ("zh", "en"):
            if len({words(lang) for words in one.choices}) < len(one.choices):
                yield file.problem(("questions", index, "choices"), f"two choices read the same in {lang}")


def _behaviours(files: CityFiles) -> Problems:
    file = files.behaviours
    content, known = file.content, {one.code for one in file.content.behaviours}
    yield from _twice(file, ("behaviours",), (one.rule for one in content.behaviours), "version")
    yield from _unknown(file, ("tiles",), content.tiles, known, "behaviour")
    yield from _twice(file, ("causes",), (cause.code for cause in content.causes))
    yield from _twice(file, ("schools",), (school.code for school in content.schools))
    latest: dict[str, tuple[int, date]] = {}
    for index, one in enumerate(content.behaviours):
        before = latest.get(one.code)
        if before is not None and not (before[0] < one.version and before[1] < one.valid_from):
            yield file.problem(
                ("behaviours", index), "versions of a behaviour stand in order, each later than the last"
            )
        latest[one.code] = (one.version, one.valid_from)
    for index, drive in enumerate(files.drives.content.drives):
        if drive.task.behaviour not in known:
            yield files.drives.problem(
                ("drives", index, "task", "behaviour"), f"there is no behaviour {drive.task.behaviour}"
            )


def _plan(files: CityFiles) -> Problems:
    kinds = {kind.code for kind in files.kinds.content.kinds}
    areas = {row.code for row in files.divisions.content if row.level != "township"}
    yield from problems_of_plan(files.plan, kinds, areas)
    articles = {article.number for article in files.plan.content.articles}
    green, quiz = files.behaviours, files.quiz
    named: tuple[tuple[_HasProblem, str, Sequence[_OfArticle]], ...] = (
        (green, "behaviours", green.content.behaviours),
        (files.drives, "drives", files.drives.content.drives),
        (files.honours, "honours", files.honours.content.honours),
        (quiz, "questions", quiz.content.questions),
    )
    for file, prefix, entries in named:
        for index, entry in enumerate(entries):
            if entry.article not in articles:
                yield file.problem((prefix, index, "article"), f"the plan has no article {entry.article}")
