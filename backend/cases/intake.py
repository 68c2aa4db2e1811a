"""A report comes in: it opens a case or joins one, in as few statements as a busy day wants."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select, update

from backend.cases import rules
from backend.cases.models import Case, CaseReport
from backend.cases.queries import NEARBY_M, case_of, link_of
from backend.cases.service import due
from backend.cities import City
from backend.core import clock
from backend.core.actor import REPORTER
from backend.core.ids import case_number, new_id
from backend.places import rules as places
from backend.reports import service as reports
from backend.reports.models import Report
from backend.reports.schemas import SubmitReport
from backend.reports.service import Sent

FIRST_WORDS = 60
JOIN_M = 2 * NEARBY_M
"""Farther than a suggestion reaches, because the page asks for suggestions with a rounded place."""

# One statement, so that a case never exists without its report and its first event, and a busy day costs one round trip.
_OPEN = text("""
WITH opened AS (
    INSERT INTO case_file (id, number, state, kind, county_code, township_code, lat, lon, landmark, outside_city,
        first_words, report_count, has_news, opened_at, opened_on, due_at, due_provisional, answer, version)
    VALUES (:id, :number, :state, :kind, :county_code, :township_code, :lat, :lon, :landmark, :outside_city,
        :first_words, 1, false, :opened_at, :opened_on, :due_at, :due_provisional, '', 1)
    ON CONFLICT (number) DO NOTHING
    RETURNING id
), linked AS (
    INSERT INTO case_report (report_id, case_id, rank, joined) SELECT :report_id, id, 1, false FROM opened
)
INSERT INTO case_event (case_id, at, actor, actor_name, action, after, reason, told)
SELECT id, :opened_at, :actor, '', 'received', :state, '', '' FROM opened
RETURNING case_id
""")

_JOIN = text("""
WITH linked AS (
    INSERT INTO case_report (report_id, case_id, rank, joined) VALUES (:report_id, :case_id, :rank, true)
)
INSERT INTO case_event (case_id, at, actor, actor_name, action, reason, told)
VALUES (:case_id, :now, :actor, '', 'joined', '', '')
""")


@dataclass(frozen=True)
class Received:
    """A report with the case that it opened or joined."""

    sent: Sent
    case: Case
    joined: bool


def receive(session: Session, city: City, form: SubmitReport, *, language: str) -> Received:
    """Take in a report and open its case, or join the case it names while that is open."""
    sent = reports.submit(session, city, form, language=language)
    if not sent.is_new:
        return Received(sent, case_of(session, sent.report.id), link_of(session, sent.report.id).joined)
    case = _join(session, sent.report, form.joins) if form.joins else None
    return Received(sent, case or _open(session, city, sent.report), joined=case is not None)


def _join(session: Session, report: Report, number: str) -> Case | None:
    """Join an open case as its next reporter: the row lock gives ranks in the order of commit.

    Numbers are public, and who joins reads the answer: only a case that could have been suggested there can be joined.
    """
    lat, lon = _in_wgs84(report)
    if lat is None or lon is None:
        return None
    box = places.box_around(lat, lon, JOIN_M)
    case = session.scalars(
        update(Case)
        .where(
            col(Case.number) == number,
            col(Case.ended_at).is_(None),
            col(Case.kind) == report.kind,
            col(Case.lat).between(box.south, box.north),
            col(Case.lon).between(box.west, box.east),
        )
        .values(report_count=Case.report_count + 1, has_news=True)
        .returning(Case)
    ).first()
    if case is None:
        return None
    rank = session.exec(
        select(CaseReport.rank).where(CaseReport.case_id == case.id).order_by(col(CaseReport.rank).desc()).limit(1)
    ).one()
    session.execute(
        _JOIN,
        {
            "report_id": report.id,
            "case_id": case.id,
            "rank": rank + 1,
            "now": report.received_at,
            "actor": REPORTER.label,
        },
    )
    return case


def _open(session: Session, city: City, report: Report) -> Case:
    now = report.received_at
    due_at, due_provisional = due(rules.State.RECEIVED, now, now, now)
    lat, lon = _in_wgs84(report)
    facts: dict[str, Any] = {
        "id": new_id(),
        "state": rules.State.RECEIVED,
        "kind": report.kind,
        "county_code": report.county_code,
        "township_code": report.township_code,
        "lat": lat,
        "lon": lon,
        "landmark": report.landmark,
        "outside_city": report.outside_city,
        "first_words": report.words[:FIRST_WORDS],
        "opened_at": now,
        "opened_on": now.astimezone(clock.SHANGHAI).date(),
        "due_at": due_at,
        "due_provisional": due_provisional,
    }
    link = {"report_id": report.id, "actor": REPORTER.label}
    opened = None
    while opened is None:
        # Thirty random bits meet an older number about once in ten thousand with 100,000 cases: take the next.
        facts["number"] = case_number(city.case_prefix)
        opened = session.execute(_OPEN, facts | link).first()
    return Case(**facts, report_count=1, has_news=False, answer="", version=1)


def _in_wgs84(report: Report) -> tuple[float | None, float | None]:
    if report.lat is None or report.lon is None:
        return None, None
    return places.to_wgs84(report.lat, report.lon, report.datum)
