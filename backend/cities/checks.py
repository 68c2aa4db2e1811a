"""Checks that need more than one entry: codes that meet twice, codes that lead nowhere, limits and outlines with gaps."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from backend.cities.city import line_named, ring_of
from backend.cities.files import Loaded, Where
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
    ]


class _HasProblem(Protocol):
    def problem(self, where: Where, reason: str) -> str: ...


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
