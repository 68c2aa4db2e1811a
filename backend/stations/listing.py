"""Lists of stations as CSV: read with a dry run that names every refused line, taken over once, written in the same shape."""

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from uuid import UUID

from pydantic import ValidationError
from sqlmodel import Session, col, delete, select

from backend.audit import service as audit
from backend.cities import City
from backend.cities.programmes import STATIONS_HEADER
from backend.core import clock
from backend.core.actor import Actor
from backend.core.errors import N_
from backend.core.tables import BYTE_ORDER_MARK, plain, unquoted
from backend.stations import checking, errors, queries, service
from backend.stations.models import Station, StationImport
from backend.stations.rules import DECIMALS, KEPT_DAYS
from backend.stations.schemas import Fate, ImportPlan, KeepStation, ListLine, Mode, Outcome, Reason

LINES_MAX = 5_000
BYTES_MAX = 1_000_000
YES = {"yes": True, "no": False, "是": True, "否": False}

_Raw = tuple[int, dict[str, str] | Reason]

SENTENCES = {
    "missing": N_("is empty"),
    "string_too_short": N_("is empty"),
    "string_too_long": N_("is too long"),
    "too_short": N_("is empty"),
    "float_parsing": N_("is no number"),
    "finite_number": N_("is no number"),
    "greater_than_equal": N_("is no place on earth"),
    "less_than_equal": N_("is no place on earth"),
    "enum": N_("is none of the words that are allowed here"),
    "bool_parsing": N_("must be yes or no"),
    "string_pattern_mismatch": N_("must be capital letters, digits and dashes"),
}
WRONG = N_("is not right")


def decoded(content: bytes) -> str:
    """Return the text of a file as Excel or anybody else saves it: UTF-8, or the Chinese of Windows."""
    if len(content) > BYTES_MAX:
        raise errors.FileUnreadable(N_("This file is too large. Split it into lists of at most 5,000 lines."))
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise errors.FileUnreadable


def plan(session: Session, city: City, text: str) -> ImportPlan:
    """Say what each line would do; nothing is written."""
    lines = list(_lines(text))
    codes = Counter(raw["code"].strip() for _, raw in lines if isinstance(raw, dict))
    there = queries.by_codes(session, list(codes))
    return ImportPlan([_judge(city, number, raw, codes, there) for number, raw in lines])


def keep(session: Session, actor: Actor, import_id: UUID, content: bytes) -> StationImport:
    """Keep a list that was sent, to be shown and then taken over; the same id again is the same list."""
    known = session.get(StationImport, import_id)
    if known is not None:
        return known
    kept = StationImport(id=import_id, actor=actor.label, at=clock.now(), content=decoded(content))
    session.add(kept)
    session.flush()
    return kept


def kept_import(session: Session, actor: Actor, import_id: UUID, *, lock: bool = False) -> StationImport:
    """Return a list that this editor sent."""
    query = select(StationImport).where(StationImport.id == import_id, StationImport.actor == actor.label)
    found = session.exec(query.with_for_update() if lock else query).first()
    if found is None:
        raise errors.ImportUnknown
    return found


def take_over(session: Session, city: City, actor: Actor, import_id: UUID, *, mode: Mode, seen: str) -> Outcome:
    """Write a list that was looked at: all of it or nothing, or by choice only its good lines.

    `seen` is the fingerprint of the plan that was shown.

    Raises `LinesRefused`, `ImportDone` for a second time, and `ImportMoved` when it would do something else by now.
    """
    kept = kept_import(session, actor, import_id, lock=True)
    if kept.applied_at is not None:
        raise errors.ImportDone
    planned = plan(session, city, kept.content)
    if fingerprint(planned) != seen:
        raise errors.ImportMoved
    if mode == "all" and not planned.is_clean:
        raise errors.LinesRefused
    outcome = _write(session, planned)
    kept.applied_at, kept.outcome = clock.now(), asdict(outcome)
    session.flush()
    audit.record(session, actor, "stations_imported", f"station_import:{import_id}", **asdict(outcome))
    return outcome


def sweep(session: Session) -> None:
    """Remove lists that came too long ago, taken over or not; the stations and the audit record stay."""
    session.execute(delete(StationImport).where(col(StationImport.at) < clock.now() - timedelta(days=KEPT_DAYS)))


def export(stations: list[Station]) -> str:
    """Write stations as a list that can be taken over again without changing anything."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(STATIONS_HEADER)
    for one in stations:
        texts = [one.code, one.name_zh, one.name_en, one.kind.value, " ".join(one.items), one.hours, one.county_code,
                 one.township_code or ""]  # fmt: skip
        place = [f"{one.lat:.{DECIMALS}f}", f"{one.lon:.{DECIMALS}f}", "wgs84"]
        rest = [one.address, _yes(one.is_staffed), one.source, _yes(one.is_active)]
        writer.writerow([*map(plain, texts), *place, *map(plain, rest)])
    return BYTE_ORDER_MARK + out.getvalue()


def _lines(text: str) -> Iterator[_Raw]:
    """Read the lines; a wrong head is the one thing said about the whole file."""
    reader = csv.reader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK)), strict=True)
    try:
        head = [name.strip() for name in next(reader, list[str]())]
        if problem := _head_problem(head):
            yield 1, problem
            return
        for count, cells in enumerate(reader):
            if count >= LINES_MAX:
                yield reader.line_num, Reason("", N_("More than 5,000 lines. Split the list."))
                return
            if any(cell.strip() for cell in cells):
                yield reader.line_num, _row(head, cells)
    except csv.Error:
        yield reader.line_num, Reason("", N_("The quotation marks of this line do not match."))


def _head_problem(head: list[str]) -> Reason | None:
    if missing := [name for name in STATIONS_HEADER if name not in head]:
        return Reason("", N_("The first line lacks these columns: %(names)s"), {"names": ", ".join(missing)})
    if foreign := [name or "?" for name in head if name not in STATIONS_HEADER]:
        return Reason("", N_("The first line has columns that nobody knows: %(names)s"), {"names": ", ".join(foreign)})
    if len(set(head)) < len(head):
        return Reason("", N_("A column stands twice in the first line."))
    return None


def _row(head: list[str], cells: list[str]) -> dict[str, str] | Reason:
    if len(cells) != len(head):
        return Reason("", N_("%(found)s columns instead of %(wanted)s"), {"found": len(cells), "wanted": len(head)})
    return {name: unquoted(cell).strip() for name, cell in zip(head, cells, strict=True)}


def _judge(
    city: City, number: int, raw: dict[str, str] | Reason, codes: Counter[str], there: dict[str, Station]
) -> ListLine:
    if isinstance(raw, Reason):
        return ListLine(number, "", "", Fate.REFUSED, [raw])
    code, name = raw["code"], raw["name_zh"] or raw["name_en"]
    form, reasons = _form(raw)
    wanted = None
    if form is not None:
        wanted, reasons = checking.checked(city, form)
    if codes[code] > 1 and code:
        reasons = [*reasons, Reason("code", N_("stands on several lines of this list"))]
    if wanted is None or reasons:
        return ListLine(number, code, name, Fate.REFUSED, reasons)
    station = there.get(code)
    if station is None:
        return ListLine(number, code, name, Fate.NEW, wanted=wanted)
    changes = checking.changes_of(station, wanted)
    return ListLine(number, code, name, Fate.CHANGED if changes else Fate.SAME, changes=changes, wanted=wanted)


def _form(raw: dict[str, str]) -> tuple[KeepStation | None, list[Reason]]:
    given: dict[str, object] = {name: text for name, text in raw.items() if text}
    given["items"] = raw["items"].replace("、", " ").replace(",", " ").split()
    given |= {name: YES.get(raw[name].lower(), raw[name]) for name in ("staffed", "active") if raw[name]}
    try:
        return KeepStation.model_validate(given), []
    except ValidationError as error:
        found: dict[str, Reason] = {}
        for part in error.errors(include_input=False, include_url=False):
            column = str(part["loc"][0])
            found.setdefault(column, Reason(column, SENTENCES.get(part["type"], WRONG)))
        return None, list(found.values())


def _write(session: Session, planned: ImportPlan) -> Outcome:
    """Write what is new or changed, in the order of the codes, so that two lists never wait for each other in a ring."""
    todo = sorted(
        (line.wanted for line in planned.lines if line.wanted is not None and line.fate in {Fate.NEW, Fate.CHANGED}),
        key=lambda wanted: wanted.code,
    )
    locked = {
        one.code: one
        for one in session.exec(
            select(Station)
            .where(col(Station.code).in_([wanted.code for wanted in todo]))
            .order_by(col(Station.code))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    }
    for wanted in todo:
        station = locked.get(wanted.code)
        if station is not None:
            service.overwrite(station, wanted)
            continue
        try:
            service.insert_station(session, wanted)
        except errors.CodeTaken:
            raise errors.ImportMoved from None
    session.flush()
    return Outcome(planned.count(Fate.NEW), planned.count(Fate.CHANGED), planned.count(Fate.REFUSED))


def fingerprint(planned: ImportPlan) -> str:
    """Return what changes as soon as the list would do something else."""
    told = [(line.number, line.code, line.fate.value, line.changes) for line in planned.lines]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def _yes(value: bool) -> str:  # noqa: FBT001 -- the one value that is written
    return "yes" if value else "no"
