"""A report comes in: it opens a case or joins one, in as few statements as a busy day wants."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, update

from backend.cases import rules, searching
from backend.cases.models import Case
from backend.cases.queries import NEARBY_M, case_of, link_of
from backend.cases.schemas import CaseBrief
from backend.cases.service import due
from backend.cities import City
from backend.core.actor import REPORTER
from backend.core.calendar import day_of
from backend.core.ids import case_number, new_id
from backend.places import rules as places
from backend.reports import service as reports
from backend.reports.schemas import SubmitReport
from backend.reports.service import Offer, Sent

FIRST_WORDS = 60
JOIN_M = 2 * NEARBY_M
"""Farther than a suggestion reaches, because the page asks for suggestions with a rounded place."""

# In the driver's words, one statement with the report: a case never exists without its report and its first event, and
# a busy day costs one round trip.
_OPENING = """
opened AS (
    INSERT INTO case_file (id, number, state, kind, county_code, township_code, lat, lon, landmark, outside_city,
        first_words, report_count, has_news, opened_at, opened_on, due_at, due_provisional, answer, version)
    SELECT %(case_id)s, %(number)s, %(state)s, %(kind)s, %(county_code)s, %(township_code)s, %(case_lat)s, %(case_lon)s,
        %(landmark)s, %(outside_city)s, %(first_words)s, 1, false, %(received_at)s, %(opened_on)s, %(due_at)s,
        %(due_provisional)s, '', 1
    FROM sent
    ON CONFLICT (number) DO NOTHING
    RETURNING id
), linked AS (
    INSERT INTO case_report (report_id, case_id, rank, joined) SELECT %(report_id)s, id, 1, false FROM opened
), found AS (
    INSERT INTO case_words (case_id, opened_at, words) SELECT id, %(received_at)s, %(found_by)s::tsvector FROM opened
), noted AS (
    INSERT INTO case_event (case_id, at, actor, actor_name, action, after, reason, told)
    SELECT id, %(received_at)s, %(actor)s, '', 'received', %(state)s, '', '' FROM opened
)"""
_OPENED = "EXISTS (SELECT FROM opened) AS is_open"
_SEND_AND_OPEN = f"WITH {reports.SENDING}, {_OPENING} SELECT {reports.SENT}, {_OPENED}"
_OPEN = f"WITH sent AS (SELECT), {_OPENING} SELECT {_OPENED}"

_JOIN = """
WITH linked AS (
    INSERT INTO case_report (report_id, case_id, rank, joined)
    SELECT %(report_id)s, %(case_id)s, max(rank) + 1, true FROM case_report WHERE case_id = %(case_id)s
), found AS (
    UPDATE case_words SET words = words || %(found_by)s::tsvector
    WHERE case_id = %(case_id)s AND length(words) < %(most_words)s
)
INSERT INTO case_event (case_id, at, actor, actor_name, action, reason, told)
VALUES (%(case_id)s, %(received_at)s, %(actor)s, '', 'joined', '', '')
"""


@dataclass(frozen=True)
class Received:
    """A report with what its sender may know of the case that it opened or joined."""

    sent: Sent
    case: CaseBrief
    joined: bool


def receive(session: Session, city: City, form: SubmitReport, *, language: str) -> Received:
    """Take in a report and open its case, or join the case it names while that is open."""
    offered = reports.offer(city, form, language=language)
    if form.joins:
        sent = reports.submit(session, offered)
        joined = _join(session, city, form, form.joins, offered) if sent.is_new else None
        if joined is not None:
            return Received(sent, joined, joined=True)
        return (
            Received(sent, _open(session, city, form, offered), joined=False) if sent.is_new else _again(session, sent)
        )
    case = _new_case(city, form, offered)
    row = session.connection().exec_driver_sql(_SEND_AND_OPEN, offered.values | case).one()
    sent = reports.sent(session, offered, is_new=row.is_new, photo_ids=row.photo_ids)
    if not sent.is_new:
        return _again(session, sent)
    return Received(sent, _brief(case) if row.is_open else _open(session, city, form, offered), joined=False)


def _again(session: Session, sent: Sent) -> Received:
    case, link = case_of(session, sent.report_id), link_of(session, sent.report_id)
    return Received(sent, CaseBrief(case.id, case.number, case.state, case.due_at, case.lat, case.lon), link.joined)


def _join(session: Session, city: City, form: SubmitReport, number: str, offered: Offer) -> CaseBrief | None:
    """Join an open case as its next reporter: the row lock gives ranks in the order of commit.

    Numbers are public, and who joins reads the answer: only a case that could have been suggested there can be joined.
    """
    lat, lon = _in_wgs84(form)
    if lat is None or lon is None:
        return None
    box = places.box_around(lat, lon, JOIN_M)
    case = session.scalars(
        update(Case)
        .where(
            col(Case.number) == number,
            col(Case.ended_at).is_(None),
            col(Case.kind) == form.kind,
            col(Case.lat).between(box.south, box.north),
            col(Case.lon).between(box.west, box.east),
        )
        .values(report_count=Case.report_count + 1, has_news=True)
        .returning(Case)
    ).first()
    if case is None:
        return None
    found_by = searching.vector(*told(city, offered.values))
    values = offered.values | {
        "case_id": case.id,
        "actor": REPORTER.label,
        "found_by": found_by,
        "most_words": searching.MOST_WORDS,
    }
    session.connection().exec_driver_sql(_JOIN, values)
    return CaseBrief(case.id, case.number, case.state, case.due_at, case.lat, case.lon)


def _open(session: Session, city: City, form: SubmitReport, offered: Offer) -> CaseBrief:
    """Open a case for a report that is in the database already."""
    while True:
        # Thirty random bits meet an older number about once in ten thousand with 100,000 cases: take the next.
        case = _new_case(city, form, offered)
        if session.connection().exec_driver_sql(_OPEN, offered.values | case).one().is_open:
            return _brief(case)


def _new_case(city: City, form: SubmitReport, offered: Offer) -> dict[str, Any]:
    now, number = offered.values["received_at"], case_number(city.case_prefix)
    due_at, due_provisional = due(rules.State.RECEIVED, now, now, now)
    lat, lon = _in_wgs84(form)
    return {
        "case_id": new_id(),
        "number": number,
        "state": rules.State.RECEIVED.value,
        "case_lat": lat,
        "case_lon": lon,
        "first_words": form.words[:FIRST_WORDS],
        "found_by": " ".join(
            [searching.vector(number, *told(city, offered.values)), searching.week_word(searching.week_of(now))]
        ),
        "opened_on": day_of(now),
        "due_at": due_at,
        "due_provisional": due_provisional,
        "actor": REPORTER.label,
    }


def told(city: City, report: Mapping[str, Any]) -> list[str]:
    """Return what a report says, in the words in which an officer looks for it."""
    codes = [report[name] for name in ("county_code", "township_code") if report[name]]
    named = [city.division_name(code, "zh") for code in codes]
    return [report["words"], report["landmark"], *named, city.kind(report["kind"]).name("zh")]


def _brief(case: dict[str, Any]) -> CaseBrief:
    return CaseBrief(
        case["case_id"], case["number"], rules.State.RECEIVED, case["due_at"], case["case_lat"], case["case_lon"]
    )


def _in_wgs84(form: SubmitReport) -> tuple[float | None, float | None]:
    return places.to_wgs84(*form.point, form.datum) if form.point else (None, None)
