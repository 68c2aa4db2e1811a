"""The first edition: what a city's file says becomes the published plan, once."""

from collections.abc import Iterator

from sqlalchemy import text
from sqlmodel import Session, col, select

from backend.audit import service as audit
from backend.cities import City
from backend.cities.plan import PlanFile
from backend.cities.schema import Entry
from backend.core import clock
from backend.core.actor import SYSTEM, Actor
from backend.core.ids import new_id
from backend.plan.models import PlanSubmission
from backend.plan.rules import Kind, State
from backend.plan.schemas import NewObservation, key_of
from backend.plan.service import drafting, publishing

REASON = "首次公布"


def found(session: Session, city: City) -> bool:
    """Publish the plan of `city`'s file where nothing was published yet; return whether it did.

    Whoever wrote the file and whoever installs it are two, as for every publication.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": publishing.PUBLISHING_LOCK})
    published = select(PlanSubmission.id).where(col(PlanSubmission.publication).is_not(None)).limit(1)
    if session.exec(published).first() is not None:
        return False
    author, now = Actor(kind=f"city-data:{city.folder}"), clock.now()
    submission = PlanSubmission(
        id=new_id(),
        title=city.plan.plan.name.zh,
        reason=REASON,
        state=State.APPROVED,
        created_by=author.label,
        created_at=now,
        submitted_by=author.label,
        submitted_at=now,
        decided_by=SYSTEM.label,
        decided_at=now,
    )
    session.add(submission)
    session.flush()
    for kind, entry in _entries(city.plan):
        drafting.put(session, submission, kind, key_of(entry), entry)
    figures = [NewObservation.model_validate(figure.model_dump()) for figure in city.plan.figures]
    drafting.put_observations(session, author, submission, figures)
    publishing.publish(session, submission)
    session.flush()
    audit.record(session, SYSTEM, "plan_founded", f"plan_submission:{submission.id}")
    return True


def _entries(file: PlanFile) -> Iterator[tuple[Kind, Entry]]:
    yield Kind.PLAN, file.plan
    lists = {
        Kind.PART: file.parts,
        Kind.ARTICLE: file.articles,
        Kind.INDICATOR: file.indicators,
        Kind.TARGET: file.targets,
        Kind.COMMITMENT: file.commitments,
        Kind.SOURCE: file.sources,
        Kind.BASELINE: file.baselines,
    }
    for kind, entries in lists.items():
        for entry in entries:
            yield kind, entry
