"""Reports in words: a test states only what matters to it."""

import secrets
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from backend.cases import intake
from backend.cases import queries as cases
from backend.cases.models import Case
from backend.cities import city
from backend.core.ids import new_id
from backend.reports import queries as reports
from backend.reports.models import Report
from backend.reports.schemas import SubmitReport
from backend.reports.service import Sent

MAIJI = "620503"
QINZHOU = "620502"
IN_MAIJI = (34.570, 105.890)
IN_QINZHOU = (34.581, 105.724)
IN_XIAN = (34.26, 108.94)


def a_report(**changes: Any) -> SubmitReport:
    """Return a form as a phone in Maiji sends it, with what matters changed."""
    form: dict[str, Any] = {
        "id": new_id(),
        "secret": secrets.token_hex(16),
        "kind": "sewage",
        "lat": IN_MAIJI[0],
        "lon": IN_MAIJI[1],
        "accuracy_m": 18.0,
        "place_source": "device",
        "county_code": MAIJI,
        "words": "河边有人偷排污水",
    }
    return SubmitReport.model_validate(form | changes)


@dataclass(frozen=True)
class Handed:
    """A report that was sent, with the rows that came of it."""

    sent: Sent
    report: Report
    case: Case
    joined: bool


def send(session: Session, **changes: Any) -> Handed:
    """Send a report and return what came of it."""
    received = intake.receive(session, city(), a_report(**changes), language="zh")
    report = reports.by_id(session, received.sent.report_id)
    return Handed(received.sent, report, cases.case_of(session, report.id), received.joined)
