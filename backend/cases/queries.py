"""Reading cases: the queue, one case, what is public, what is nearby. Every list walks an index, on any page."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, String, cast, func, literal, tuple_
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlmodel import Session, col, select

from backend.cases import errors, rules, searching
from backend.cases.models import Case, CaseEvent, CaseReport, CaseWords
from backend.cases.rules import Finding, State
from backend.cases.schemas import CaseSheet, Nearby, Page, PublicCase, QueueFilter, QueueRow, ReportSheet
from backend.core import clock
from backend.core.actor import Actor
from backend.media import queries as media
from backend.media.models import Photo
from backend.places import rules as places
from backend.reports import queries as reports
from backend.reports import rules as report_rules
from backend.reports.models import Report

NEARBY_M = 250
NEARBY_MAX = 3
COUNT_CAP = 100
STRETCHES = (1, 8, 64)
"""Weeks that a search looks at together."""

Key = tuple[datetime, UUID]


def in_scope(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a case is one of the actor's: every read and write of the desk carries it."""
    if actor.county_code is None:
        return col(Case.id).is_not(None)
    return col(Case.county_code) == actor.county_code


def case_of(session: Session, report_id: UUID, *, lock: bool = False) -> Case:
    """Return the case that a report belongs to."""
    query = select(Case).join(CaseReport, col(CaseReport.case_id) == col(Case.id))
    query = query.where(CaseReport.report_id == report_id)
    return session.exec(query.with_for_update(of=Case) if lock else query).one()


def queue(
    session: Session, actor: Actor, wanted: QueueFilter, key: Key | None, *, backwards: bool, limit: int
) -> Page[QueueRow]:
    """Return one page of the actor's cases: open ones by deadline, ended ones by when they ended, latest first.

    `key` is where the last page stopped; `backwards` walks towards the start, without a key from the very end.
    """
    moment = col(Case.ended_at) if wanted.ended else col(Case.due_at)
    # The list of ended cases is the same index read from its other end.
    ascending = wanted.ended == backwards
    place = tuple_(moment, col(Case.id))
    query = select(Case).where(in_scope(actor), *_conditions(wanted))
    if key is not None:
        query = query.where(place > key if ascending else place < key)
    order = (moment.asc(), col(Case.id).asc()) if ascending else (moment.desc(), col(Case.id).desc())
    found = list(session.exec(query.order_by(*order).limit(limit + 1)))
    more, cases = len(found) > limit, found[:limit]
    if backwards:
        cases.reverse()
    photos = _photo_strips(session, [case.id for case in cases])
    rows = [QueueRow(case, photos.get(case.id, [])) for case in cases]
    if backwards:
        return Page(rows, has_before=more, has_after=key is not None)
    return Page(rows, has_before=key is not None, has_after=more)


def search(
    session: Session, actor: Actor, question: str, key: Key | None, *, limit: int
) -> tuple[list[QueueRow], Key | None]:
    """Return the actor's cases that a question finds (`searching.question`), open and ended, latest opened first.

    The second value is where the next page begins. Walks back in ever longer stretches of weeks until the page is full:
    of a common word only the latest weeks are read, of a rare one the index has little.
    """
    now_week = searching.week_of(clock.now())
    newest = min(now_week, searching.week_of(key[0])) if key else now_week
    found: list[Case] = []
    for weeks in _stretches(newest):
        query = (
            select(Case)
            .join(CaseWords, col(CaseWords.case_id) == col(Case.id))
            .where(in_scope(actor), *_found_by(question, weeks))
        )
        if key is not None:
            query = query.where(tuple_(col(CaseWords.opened_at), col(CaseWords.case_id)) < key)
        query = query.order_by(col(CaseWords.opened_at).desc(), col(CaseWords.case_id).desc())
        found += session.exec(query.limit(limit + 1 - len(found))).all()
        if len(found) > limit:
            break
    more, cases = len(found) > limit, found[:limit]
    photos = _photo_strips(session, [case.id for case in cases])
    rows = [QueueRow(case, photos.get(case.id, [])) for case in cases]
    return rows, (cases[-1].opened_at, cases[-1].id) if more else None


def _stretches(newest: int) -> Iterator[range]:
    """Yield the weeks to look at, latest first: one, then eight times as many each time, then all that is left."""
    last = newest
    for length in STRETCHES:
        yield range(last - length + 1, last + 1)
        last -= length
    yield range(last + 1)


def _found_by(question: str, weeks: range) -> list[ColumnElement[bool]]:
    if weeks.start == 0:
        matches = col(CaseWords.words).op("@@")(cast(question, TSQUERY))
        before = datetime.fromtimestamp(weeks.stop * searching.WEEK, UTC)
        return [matches, col(CaseWords.opened_at) < before]
    when = " | ".join(searching.week_word(week) for week in weeks)
    return [col(CaseWords.words).op("@@")(cast(f"({question}) & ({when})", TSQUERY))]


def key_of(row: QueueRow, wanted: QueueFilter) -> Key:
    """Return where a row stands in the list."""
    moment = row.case.ended_at if wanted.ended else row.case.due_at
    assert moment is not None
    return moment, row.case.id


def waiting(session: Session, actor: Actor) -> dict[str, int]:
    """Return how many cases wait for a decision and how many are overdue, counted up to a cap."""
    received = (
        select(col(Case.id))
        .where(in_scope(actor), Case.state == State.RECEIVED, col(Case.ended_at).is_(None))
        .limit(COUNT_CAP)
        .subquery()
    )
    overdue = (
        select(col(Case.id))
        .where(in_scope(actor), col(Case.ended_at).is_(None), col(Case.due_at) < clock.now())
        .limit(COUNT_CAP)
        .subquery()
    )
    row = session.execute(
        select(
            select(func.count()).select_from(received).scalar_subquery(),
            select(func.count()).select_from(overdue).scalar_subquery(),
        )
    ).one()
    return {"received": row[0], "overdue": row[1]}


def sheet(session: Session, actor: Actor, number: str) -> CaseSheet:
    """Return everything the case page shows, or the same refusal for a foreign and an unknown number."""
    case = session.exec(select(Case).where(Case.number == number, in_scope(actor))).first()
    if case is None:
        raise errors.CaseUnknown
    links = session.exec(
        select(CaseReport, Report)
        .join(Report, col(Report.id) == col(CaseReport.report_id))
        .where(CaseReport.case_id == case.id)
        .order_by(col(CaseReport.rank))
    ).all()
    ids = [report.id for _, report in links]
    photos = media.photos_of_each(session, [report_rules.owner_of(report_id) for report_id in ids])
    details, messages = reports.details(session, ids), reports.mailbox(session, ids)
    events = session.exec(select(CaseEvent).where(CaseEvent.case_id == case.id).order_by(col(CaseEvent.id))).all()
    return CaseSheet(
        case=case,
        reports=[
            ReportSheet(
                report=report,
                rank=link.rank,
                withdrawn_at=link.withdrawn_at,
                photos=photos.get(report_rules.owner_of(report.id), []),
                details=details[report.id],
                messages=messages[report.id],
            )
            for link, report in links
        ],
        events=list(events),
        steps=rules.next_steps(case.state),
    )


def photo(session: Session, actor: Actor, photo_id: UUID) -> Photo:
    """Return a photo of one of the actor's cases, sent with a report or with a message."""
    found = media.photo(session, photo_id)
    report_id = reports.report_of_owner(session, found.owner) if found else None
    if found is None or report_id is None:
        raise errors.CaseUnknown
    linked = select(col(Case.id)).join(CaseReport, col(CaseReport.case_id) == col(Case.id))
    if session.exec(linked.where(CaseReport.report_id == report_id, in_scope(actor))).first() is None:
        raise errors.CaseUnknown
    return found


def public_list(
    session: Session, key: tuple[date, UUID] | None, limit: int
) -> tuple[list[PublicCase], tuple[str, str] | None]:
    """Return one page of all cases, latest first, with no more than anyone may know, and where the next one begins."""
    query = select(Case).where(Case.state != State.WITHDRAWN)
    place = tuple_(col(Case.opened_on), col(Case.id))
    if key is not None:
        query = query.where(place < key)
    found = list(session.exec(query.order_by(col(Case.opened_on).desc(), col(Case.id).desc()).limit(limit + 1)))
    last = found[limit - 1] if len(found) > limit else None
    return [_public(case) for case in found[:limit]], (last.opened_on.isoformat(), str(last.id)) if last else None


def nearby(session: Session, kind: str, lat: float, lon: float) -> list[Nearby]:
    """Return up to three open cases of the kind within 250 m, nearest first; a distance is rounded to 50 m."""
    box = places.box_around(lat, lon, NEARBY_M)
    found = session.exec(
        select(Case)
        .where(
            col(Case.ended_at).is_(None),
            col(Case.lat).between(box.south, box.north),
            col(Case.lon).between(box.west, box.east),
            Case.kind == kind,
        )
        .limit(50)
    )
    near = [
        Nearby(case.number, case.kind, max(50, round(distance / 50) * 50), case.opened_at)
        for case in found
        if case.lat is not None
        and case.lon is not None
        and (distance := places.distance_m((lat, lon), (case.lat, case.lon))) <= NEARBY_M
    ]
    return sorted(near, key=lambda one: (one.distance_m, one.opened_at))[:NEARBY_MAX]


def events_of(session: Session, case_id: UUID) -> list[CaseEvent]:
    """Return what happened to a case, oldest first."""
    return list(session.exec(select(CaseEvent).where(CaseEvent.case_id == case_id).order_by(col(CaseEvent.id))))


def link_of(session: Session, report_id: UUID) -> CaseReport:
    """Return how a report belongs to its case."""
    return session.exec(select(CaseReport).where(CaseReport.report_id == report_id)).one()


def _conditions(wanted: QueueFilter) -> list[ColumnElement[bool]]:
    ended = col(Case.ended_at)
    conditions: list[ColumnElement[bool]] = [ended.is_not(None) if wanted.ended else ended.is_(None)]
    if wanted.state is not None:
        conditions.append(col(Case.state) == wanted.state)
    if wanted.kind is not None:
        conditions.append(col(Case.kind) == wanted.kind)
    if wanted.county_code is not None:
        conditions.append(col(Case.county_code) == wanted.county_code)
    if wanted.overdue:
        conditions.append(col(Case.due_at) < clock.now())
    return conditions


def _photo_strips(session: Session, case_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    if not case_ids:
        return {}
    owner = literal("report:") + cast(col(CaseReport.report_id), String)
    rows = session.exec(
        select(CaseReport.case_id, Photo.id)
        .join(Photo, col(Photo.owner) == owner)
        .where(col(CaseReport.case_id).in_(case_ids), Photo.status == "ready")
        .order_by(col(CaseReport.rank), col(Photo.position))
    )
    strips: dict[UUID, list[UUID]] = {}
    for case_id, photo_id in rows:
        strips.setdefault(case_id, []).append(photo_id)
    return strips


def _public(case: Case) -> PublicCase:
    ended_on = case.ended_at.astimezone(clock.SHANGHAI).date() if case.ended_at else None
    return PublicCase(
        number=case.number,
        kind=case.kind,
        county_code=case.county_code,
        state=case.state,
        finding=case.finding,
        opened_on=case.opened_on,
        ended_on=ended_on,
    )


def proven_since(session: Session, since: datetime) -> dict[str, int]:
    """Return by kind of report how many cases were closed as substantiated since then."""
    rows = session.execute(
        select(col(Case.kind), func.count())
        .where(col(Case.ended_at) >= since, col(Case.finding) == Finding.SUBSTANTIATED)
        .group_by(col(Case.kind))
    )
    return {row[0]: row[1] for row in rows}
