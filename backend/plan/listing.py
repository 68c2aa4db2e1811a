"""Values as lists: CSV or XLSX in the shape of the export, looked at line by line before any of it goes into a draft."""

import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from uuid import UUID

from pydantic import ValidationError
from sqlmodel import Session
from xlsxwriter import Workbook

from backend.audit import service as audit
from backend.cities import City
from backend.cities.plan import ObservationStatus
from backend.core import clock, tables
from backend.core.actor import Actor
from backend.core.errors import N_
from backend.core.periods import Period
from backend.plan import errors, queries
from backend.plan.editions import Edition, preview
from backend.plan.models import PlanList, PlanSubmission
from backend.plan.opendata import OBSERVATIONS_HEADER, number, observation_row
from backend.plan.queries import ValueLine
from backend.plan.schemas import NewObservation, TakeOver
from backend.plan.service import drafting

LINES_MAX = 5_000
OUT_OF_LIMITS = N_("lies outside the limits of its indicator")
JUMP = 100
"""A value so many times another one of its series is a wrong unit more often than the truth."""
EXACT_DIGITS = 15
"""So many a spreadsheet keeps; a longer number is written as text."""
_PERCENT = re.compile(r"[%％]\s*$")
_YEAR = re.compile(r"^\s*((?:19|20)\d\d)\s*年?(?:底|末|年底|全年)?\s*$")

Place = tuple[str, str, str, str]


class Fate(StrEnum):
    """What becomes of a line."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    DOUBTFUL = "doubtful"
    REFUSED = "refused"


@dataclass(frozen=True)
class Reason:
    """What is wrong with a cell; `column` is empty for the whole line."""

    column: str
    text: str
    params: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True)
class Line:
    """One line of a list, and what would become of it."""

    number: int
    cells: Mapping[str, str]
    fate: Fate
    reasons: Sequence[Reason] = ()
    value: NewObservation | None = None
    before: Decimal | None = None
    """The value that is public now."""


@dataclass(frozen=True)
class Judged:
    """A whole list."""

    lines: Sequence[Line]

    def count(self, fate: Fate) -> int:
        """Return how many lines have this fate."""
        return sum(line.fate is fate for line in self.lines)

    @property
    def is_clean(self) -> bool:
        """Whether every line may be taken over without a thought."""
        return not (self.count(Fate.REFUSED) or self.count(Fate.DOUBTFUL))

    @property
    def fingerprint(self) -> str:
        """What changes as soon as the list would do something else."""
        told = [(line.number, line.fate.value, str(line.value), str(line.before)) for line in self.lines]
        return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def keep(
    session: Session, actor: Actor, submission: PlanSubmission, list_id: UUID, name: str, content: bytes
) -> PlanList:
    """Keep a list that was sent, to be looked at; the same id again is the same list. Raise `ListUnreadable`."""
    known = session.get(PlanList, list_id)
    if known is not None:
        return known
    rows = [[number, cells] for number, cells in tables.read(content, LINES_MAX)]
    kept = PlanList(id=list_id, submission_id=submission.id, name=name[:200], rows=rows, by=actor.label, at=clock.now())
    session.add(kept)
    session.flush()
    return kept


def kept_list(session: Session, submission: PlanSubmission, list_id: UUID) -> PlanList:
    """Return a list that was sent for this draft."""
    found = session.get(PlanList, list_id)
    if found is None or found.submission_id != submission.id:
        raise errors.ListUnknown
    return found


def judge(session: Session, city: City, submission: PlanSubmission, kept: PlanList) -> Judged:
    """Say what each line would do; nothing is written."""
    rows = [(int(number), [str(cell) for cell in cells]) for number, cells in kept.rows]
    if not rows:
        return Judged([Line(1, {}, Fate.REFUSED, [Reason("", N_("The list is empty."))])])
    head = [cell.strip().lower() for cell in rows[0][1]]
    if problem := _head_problem(head):
        return Judged([Line(rows[0][0], {}, Fate.REFUSED, [problem])])
    lines = [(line, dict(zip(head, map(tables.unquoted, cells), strict=False))) for line, cells in rows[1:]]
    checker = _Checker(session, city, preview(session, submission), [cells for _, cells in lines])
    return Judged([checker.line(line, cells) for line, cells in lines])


def take_over(session: Session, city: City, actor: Actor, kept: PlanList, wish: TakeOver) -> int:
    """Put the lines of a list into an open draft: all of them, or those that an editor chose; return how many.

    Raises `ListMoved` where it would do something else than what was shown, `LinesRefused` where lines are wrong or
    doubtful and nobody chose to leave them out.
    """
    submission = drafting.open_for_change(session, kept.submission_id, wish.version)
    judged = judge(session, city, submission, kept)
    if judged.fingerprint != wish.seen:
        raise errors.ListMoved
    left = lines_in(wish.leave_out)
    wanted = {Fate.NEW, Fate.CHANGED, *([Fate.DOUBTFUL] if wish.with_doubtful else [])}
    unsettled = [
        line for line in judged.lines if line.fate in {Fate.REFUSED, Fate.DOUBTFUL} - wanted and line.number not in left
    ]
    if unsettled:
        raise errors.LinesRefused(lines=", ".join(str(line.number) for line in unsettled[:20]))
    values = [line.value for line in judged.lines if line.value and line.fate in wanted and line.number not in left]
    drafting.put_observations(session, actor, submission, values)
    kept.applied_at, kept.taken = clock.now(), len(values)
    session.flush()
    audit.record(session, actor, "plan_list_taken_over", f"plan_submission:{submission.id}", lines=len(values))
    return len(values)


def lines_in(text: str) -> set[int]:
    """Read `3, 7-9` as line numbers; raise `NotLines` for anything else."""
    found: set[int] = set()
    for part in re.split(r"[,，、\s]+", text.strip()):
        if not part:
            continue
        match = re.fullmatch(r"(\d{1,5})(?:[-–~～](\d{1,5}))?", part)
        if match is None:
            raise errors.NotLines
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first or last > LINES_MAX * 2:
            raise errors.NotLines
        found.update(range(first, last + 1))
    return found


def _head_problem(head: Sequence[str]) -> Reason | None:
    if missing := [name for name in ("indicator", "area", "period", "value", "source") if name not in head]:
        return Reason("", N_("The first line lacks these columns: %(names)s"), {"names": ", ".join(missing)})
    if foreign := [name or "?" for name in head if name not in OBSERVATIONS_HEADER]:
        return Reason("", N_("The first line has columns that nobody knows: %(names)s"), {"names": ", ".join(foreign)})
    if len(set(head)) < len(head):
        return Reason("", N_("A column stands twice in the first line."))
    return None


class _Checker:
    """Knows the plan as it will be and the values that are public, and judges line after line."""

    def __init__(self, session: Session, city: City, after: Edition, lines: Sequence[Mapping[str, str]]) -> None:
        self.after = after
        self.areas = {city.code, *(county.code for county in city.counties)}
        self.times = Counter(_place(cells) for cells in lines)
        self.public = queries.current_observations(session, {cells.get("indicator", "") for cells in lines})
        self.series: dict[tuple[str, str, str], list[Decimal]] = {}
        for (indicator, area, _, dimension), one in self.public.items():
            if one.value:
                self.series.setdefault((indicator, area, dimension), []).append(one.value)

    def line(self, line: int, cells: Mapping[str, str]) -> Line:
        value, reasons = self._read(cells)
        if self.times[_place(cells)] > 1:
            reasons = [*reasons, Reason("period", N_("stands on several lines of this list"))]
        if value is None or reasons:
            return Line(line, cells, Fate.REFUSED, reasons)
        known = self.public.get(value.place)
        before = known.value if known else None
        if known and (known.value, known.status, known.source, known.quote) == (
            value.value, value.status, value.source, value.quote,
        ):  # fmt: skip
            return Line(line, cells, Fate.SAME, value=value, before=before)
        if doubt := self._jump(value):
            return Line(line, cells, Fate.DOUBTFUL, [doubt], value, before)
        return Line(line, cells, Fate.CHANGED if known else Fate.NEW, value=value, before=before)

    def _read(self, cells: Mapping[str, str]) -> tuple[NewObservation | None, list[Reason]]:
        reasons = [*of_number(cells.get("value", "")), *of_period(cells.get("period", "")), *self._of_names(cells)]
        if reasons:
            return None, reasons
        facts: dict[str, object] = {name: text for name, text in cells.items() if text and name in OBSERVATIONS_HEADER}
        facts.setdefault("value", None)
        if facts["value"] is None:
            facts.setdefault("status", ObservationStatus.MISSING)
        try:
            value = NewObservation.model_validate(facts)
        except ValidationError as error:
            columns = dict.fromkeys(str(part["loc"][0]) if part["loc"] else "" for part in error.errors())
            return None, [Reason(column, WRONG.get(column, N_("is not right"))) for column in columns]
        indicator = self.after.indicators[value.indicator]
        if not indicator.allows(value.value):
            return None, [Reason("value", OUT_OF_LIMITS)]
        if Period.read(value.period).resolution is not indicator.resolution:
            return None, [Reason("period", N_("is not how often this is measured"))]
        return value, []

    def _of_names(self, cells: Mapping[str, str]) -> list[Reason]:
        found: list[Reason] = []
        for column, known in (
            ("indicator", self.after.indicators),
            ("area", self.areas),
            ("source", self.after.sources),
        ):
            if not cells.get(column):
                found.append(Reason(column, N_("is empty")))
            elif cells[column] not in known:
                found.append(Reason(column, N_("“%(text)s” is not known here"), {"text": cells[column][:40]}))
        return found

    def _jump(self, value: NewObservation) -> Reason | None:
        others = self.series.get((value.indicator, value.area, value.dimension), [])
        if not value.value or not others:
            return None
        nearest = min(others, key=lambda other: abs(abs(other) - abs(value.value or 0)))
        ratio = abs(value.value / nearest)
        if ratio < JUMP and ratio * JUMP > 1:
            return None
        return Reason(
            "value", N_("is %(times)s times as much as %(other)s, which is public: is it another unit?"),
            {"times": number(Decimal(format(ratio, ".2g"))), "other": number(nearest)},
        )  # fmt: skip


WRONG = {
    "value": N_("is no number with at most six decimals"),
    "status": N_("must be A, E, P, B or M"),
    "dimension": N_("must look like sector=industry"),
    "quote": N_("is too long"),
    "": N_("A value that is missing has the status M, and only that."),
}


def _place(cells: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(cells.get(name, "") for name in ("indicator", "area", "period", "dimension"))


def of_number(text: str) -> list[Reason]:
    """Return what is wrong with a number as it was typed."""
    if not text:
        return []
    if _PERCENT.search(text):
        return [Reason("value", N_("write the number alone: %(number)s"), {"number": _PERCENT.sub("", text).strip()})]
    try:
        is_number = Decimal(text).is_finite()
    except InvalidOperation:
        is_number = False
    return [] if is_number else [Reason("value", N_("“%(text)s” is no number"), {"text": text[:40]})]


def of_period(text: str) -> list[Reason]:
    """Return what is wrong with a period as it was typed."""
    try:
        Period.read(text)
    except ValueError:
        if year := _YEAR.match(text):
            return [Reason("period", N_("“%(text)s”: write %(year)s"), {"text": text[:20], "year": year[1]})]
        return [Reason("period", N_("“%(text)s”: write 2025, 2025-S1, 2025-Q3 or 2025-07"), {"text": text[:20]})]
    return []


# --- out ---


def as_csv(values: Iterable[ValueLine]) -> bytes:
    """Write values as a list that can be taken in again without changing anything."""
    return tables.write(OBSERVATIONS_HEADER, (_cells(one) for one in values))


def _cells(one: ValueLine) -> list[str]:
    cells = list(observation_row(one))
    return [
        cell if name == "value" else tables.plain(cell) for name, cell in zip(OBSERVATIONS_HEADER, cells, strict=True)
    ]


def as_xlsx(values: Iterable[ValueLine]) -> bytes:
    """Write values as a workbook in the same shape; every cell is a text or a number, never a formula."""
    out = io.BytesIO()
    book = Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("observations")
    for column, name in enumerate(OBSERVATIONS_HEADER):
        sheet.write_string(0, column, name)
    for line, one in enumerate(values, 1):
        for column, (name, cell) in enumerate(zip(OBSERVATIONS_HEADER, observation_row(one), strict=True)):
            if name == "value" and cell and len(cell.lstrip("-0.").replace(".", "")) <= EXACT_DIGITS:
                sheet.write_number(line, column, float(cell))
            elif cell:
                sheet.write_string(line, column, cell)
    book.close()
    return out.getvalue()
