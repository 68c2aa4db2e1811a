"""The plan as it stood at the end of a year, frozen with its digest: what an annual report is checked against."""

import hashlib
import json
from datetime import date, datetime, time

from sqlmodel import Session

from backend.cities import city
from backend.core import clock
from backend.plan import errors
from backend.plan.editions import edition
from backend.plan.models import PlanSnapshot
from backend.plan.opendata import plan_as_json
from backend.plan.progress import standings


def freeze_last_year(session: Session) -> PlanSnapshot | None:
    """Freeze last year where it is not frozen yet and a plan was public when it ended."""
    year = clock.today().year - 1
    if session.get(PlanSnapshot, year) is not None:
        return None
    try:
        return freeze(session, year)
    except errors.NothingPublished:
        return None


def freeze(session: Session, year: int) -> PlanSnapshot:
    """Freeze `year`; raise `NothingPublished` where nothing was public when it ended."""
    end = datetime.combine(date(year + 1, 1, 1), time(), clock.SHANGHAI)
    plan = edition(session, end)
    stands = standings(session, plan, city().code, date(year, 12, 31), end)
    content = plan_as_json(plan, stands, date(year, 12, 31))
    # A decision leaves the list on its day, and a frozen year cannot forget: it keeps how many there were.
    content["exposures"] = len(content["exposures"])
    snapshot = PlanSnapshot(year=year, at=clock.now(), content=content, sha256=digest(content))
    session.add(snapshot)
    session.flush()
    return snapshot


def digest(content: object) -> str:
    """Return the SHA-256 of `content` as canonical JSON."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
