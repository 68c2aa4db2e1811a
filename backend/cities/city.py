"""The loaded city: what the other features ask for a name, a kind, a body or a limit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Protocol, TypeVar

from backend.cities.behaviours import Behaviour, BehavioursFile, Cause, School
from backend.cities.errors import UnknownCode
from backend.cities.plan import PlanFile
from backend.cities.programmes import Drive, Honour, SampleStation, StationItem
from backend.cities.quiz import QuizQuestion
from backend.cities.schema import (
    AnswersFile,
    AnswerTemplate,
    Body,
    Bounds,
    Centre,
    CityFile,
    Confidence,
    DeadlinesFile,
    DeclineReason,
    Elsewhere,
    Hotline,
    Limit,
    PlacesFile,
    Point,
    Question,
    Step,
    Words,
)


@dataclass(frozen=True, slots=True)
class Township:
    """A town, township, subdistrict or park; `centre` is an approximate place where one is known."""

    code: str
    name: Words
    type: str
    county_code: str
    centre: Point | None


@dataclass(frozen=True, slots=True)
class County:
    """A district or county with its townships; `centre` is its seat, approximately."""

    code: str
    name: Words
    short_name: Words
    type: str
    townships: tuple[Township, ...]
    centre: Point


@dataclass(frozen=True, slots=True)
class Subkind:
    """A more exact kind that an officer sets; the usual body first."""

    code: str
    kind_code: str
    name: Words
    bodies: tuple[Body, ...]
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Kind:
    """A tile of the report page. Its first subkind is what a fresh report counts as."""

    code: str
    name: Words
    hint: Words
    icon: str
    questions: tuple[Question, ...]
    subkinds: tuple[Subkind, ...]

    @property
    def bodies(self) -> tuple[Body, ...]:
        """Every body that may handle this kind, each once, the usual one first."""
        return tuple({body.code: body for subkind in self.subkinds for body in subkind.bodies}.values())


@dataclass(frozen=True)
class City:
    """One city. The tuples keep the order of the files; the methods find by code or raise `UnknownCode`."""

    folder: str
    facts: CityFile
    counties: tuple[County, ...]
    bodies: tuple[Body, ...]
    kinds: tuple[Kind, ...]
    questions: tuple[Question, ...]
    deadlines: DeadlinesFile
    answers: AnswersFile
    places: PlacesFile
    station_items: tuple[StationItem, ...]
    sample_stations: tuple[SampleStation, ...]
    drives: tuple[Drive, ...]
    honours: tuple[Honour, ...]
    green: BehavioursFile
    quiz: tuple[QuizQuestion, ...]
    plan: PlanFile
    """The first edition of the plan; what is public now is asked of `plan.editions`."""

    @property
    def code(self) -> str:
        """The division code of the city."""
        return self.facts.code

    @property
    def name(self) -> Words:
        """`city.name("zh")` is 天水市."""
        return self.facts.name

    @property
    def short_name(self) -> Words:
        """The name without 市, for headlines."""
        return self.facts.short_name

    @property
    def bureau(self) -> Words:
        """Who answers the reports."""
        return self.facts.bureau

    @property
    def case_prefix(self) -> str:
        """The letters before a case number."""
        return self.facts.case_prefix

    @property
    def bounds(self) -> Bounds:
        """A box around the city."""
        return self.facts.bounds

    @property
    def centre(self) -> Centre:
        """Where a map of the city starts."""
        return self.facts.centre

    @property
    def hotlines(self) -> tuple[Hotline, ...]:
        """Numbers to call inside the city."""
        return self.facts.hotlines

    @property
    def elsewhere(self) -> Elsewhere:
        """What to offer for a place outside the city."""
        return self.facts.elsewhere

    @property
    def decline_reasons(self) -> tuple[DeclineReason, ...]:
        """Why a report may not be accepted."""
        return self.answers.decline_reasons

    @cached_property
    def townships(self) -> tuple[Township, ...]:
        """The townships of all counties."""
        return tuple(township for county in self.counties for township in county.townships)

    def county(self, code: str) -> County:
        """Find a county."""
        return _find(self._counties, code)

    def township(self, code: str) -> Township:
        """Find a township."""
        return _find(self._townships, code)

    def division_name(self, code: str | None, lang: str) -> str:
        """Return the name of a county or township, or an empty text for none; for showing stored codes."""
        found = self._counties.get(code or "") or self._townships.get(code or "")
        return found.name(lang) if found else code or ""

    def kind(self, code: str) -> Kind:
        """Find a kind of report."""
        return _find(self._kinds, code)

    def subkind(self, code: str) -> Subkind:
        """Find a subkind of any kind."""
        return _find(self._subkinds, code)

    def body(self, code: str) -> Body:
        """Find a competent body."""
        return _find(self._bodies, code)

    def question(self, code: str) -> Question:
        """Find a question, for showing stored answers."""
        return _find(self._questions, code)

    def hotline(self, code: str) -> Hotline:
        """Find a hotline by its code."""
        return _find(self._hotlines, code)

    def decline_reason(self, code: str) -> DeclineReason:
        """Find a reason for declining."""
        return _find(self._reasons, code)

    def limit(self, step: Step | str) -> Limit:
        """Find the time limit of a step."""
        return _find(self._limits, str(step))

    def templates(self, purpose: str | None = None) -> tuple[AnswerTemplate, ...]:
        """Return the answer templates for one purpose, or all."""
        return tuple(t for t in self.answers.templates if purpose in {None, t.purpose})

    def station_item(self, code: str) -> StationItem:
        """Find something that stations take."""
        return _find(self._station_items, code)

    def honour(self, code: str) -> Honour:
        """Find a green title."""
        return _find(self._honours, code)

    def behaviours(self, on: date) -> tuple[Behaviour, ...]:
        """Return what counts on that day, in the order of the file: of each behaviour the version that holds."""
        return tuple({one.code: one for one in self.green.behaviours if one.valid_from <= on}.values())

    def behaviour(self, code: str, on: date) -> Behaviour:
        """Find a behaviour as it counts on that day."""
        return _find({one.code: one for one in self.behaviours(on)}, code)

    def behaviour_rule(self, rule: str) -> Behaviour:
        """Find a version by the name that a grant keeps, such as `walk@1`."""
        return _find(self._rules, rule)

    def cause(self, code: str) -> Cause:
        """Find what points can be given to."""
        return _find(self._causes, code)

    def school(self, code: str) -> School:
        """Find a school."""
        return _find(self._schools, code)

    def outline(self, county_code: str) -> tuple[Point, ...]:
        """Return the schematic outline of a county as a closed ring without its first point repeated."""
        return self._outlines[county_code]

    @cached_property
    def _counties(self) -> dict[str, County]:
        return _by_code(self.counties)

    @cached_property
    def _townships(self) -> dict[str, Township]:
        return _by_code(self.townships)

    @cached_property
    def _kinds(self) -> dict[str, Kind]:
        return _by_code(self.kinds)

    @cached_property
    def _subkinds(self) -> dict[str, Subkind]:
        return _by_code([subkind for kind in self.kinds for subkind in kind.subkinds])

    @cached_property
    def _bodies(self) -> dict[str, Body]:
        return _by_code(self.bodies)

    @cached_property
    def _hotlines(self) -> dict[str, Hotline]:
        return _by_code(self.hotlines)

    @cached_property
    def _reasons(self) -> dict[str, DeclineReason]:
        return _by_code(self.decline_reasons)

    @cached_property
    def _questions(self) -> dict[str, Question]:
        return {question.id: question for question in self.questions}

    @cached_property
    def _limits(self) -> dict[str, Limit]:
        return {limit.step.value: limit for limit in self.deadlines.limits}

    @cached_property
    def _station_items(self) -> dict[str, StationItem]:
        return _by_code(self.station_items)

    @cached_property
    def _honours(self) -> dict[str, Honour]:
        return _by_code(self.honours)

    @cached_property
    def _rules(self) -> dict[str, Behaviour]:
        return {one.rule: one for one in self.green.behaviours}

    @cached_property
    def _causes(self) -> dict[str, Cause]:
        return _by_code(self.green.causes)

    @cached_property
    def _schools(self) -> dict[str, School]:
        return _by_code(self.green.schools)

    @cached_property
    def _outlines(self) -> dict[str, tuple[Point, ...]]:
        lines = self.places.lines
        return {area.code: ring_of(area.outline, lines) for area in self.places.areas}


def line_named(name: str, lines: dict[str, tuple[Point, ...]]) -> tuple[Point, ...]:
    """Return a line of the drawing, backwards for `-name`."""
    return lines[name[1:]][::-1] if name.startswith("-") else lines[name]


def ring_of(outline: Sequence[str], lines: dict[str, tuple[Point, ...]]) -> tuple[Point, ...]:
    """Join lines into a closed ring; each line's last point is the next one's first."""
    return tuple(point for name in outline for point in line_named(name, lines)[:-1])


class _Coded(Protocol):
    @property
    def code(self) -> str: ...


_T = TypeVar("_T")
_CodedT = TypeVar("_CodedT", bound=_Coded)


def _by_code(things: Sequence[_CodedT]) -> dict[str, _CodedT]:
    return {thing.code: thing for thing in things}


def _find(things: dict[str, _T], code: str) -> _T:
    try:
        return things[code]
    except KeyError:
        raise UnknownCode(code=code) from None
