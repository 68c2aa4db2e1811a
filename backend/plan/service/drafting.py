"""Preparing a submission: opened, filled with entries and values, thrown away. Nothing of it is public."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col, select

from backend.audit import service as audit
from backend.cities.schema import Entry
from backend.core import clock
from backend.core.actor import Actor
from backend.core.periods import Period
from backend.plan import errors, queries, rules
from backend.plan.models import PlanDocument, PlanList, PlanObservation, PlanSubmission
from backend.plan.rules import Kind, State
from backend.plan.schemas import NewObservation, OpenSubmission

LISTS_KEPT = timedelta(days=90)
Place = tuple[str, str, str, str]
"""Indicator, area, period, dimension."""


def begin(session: Session, actor: Actor, form: OpenSubmission) -> PlanSubmission:
    """Open a draft; the same id again is the same draft."""
    known = session.get(PlanSubmission, form.id)
    if known is not None:
        if (known.title, known.reason, known.created_by) != (form.title, form.reason, actor.label):
            raise errors.SubmissionChanged
        return known
    submission = PlanSubmission(
        id=form.id,
        title=form.title,
        reason=form.reason,
        state=State.DRAFT,
        created_by=actor.label,
        created_at=clock.now(),
    )
    session.add(submission)
    session.flush()
    audit.record(session, actor, "plan_draft_opened", f"plan_submission:{form.id}")
    return submission


def locked(session: Session, submission_id: UUID, version: int | None = None) -> PlanSubmission:
    """Lock a submission; raise `SubmissionChanged` where the asker's form is older than what is there."""
    found = session.exec(
        select(PlanSubmission)
        .where(col(PlanSubmission.id) == submission_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise errors.SubmissionUnknown
    if version is not None and found.version != version:
        raise errors.SubmissionChanged
    return found


def open_for_change(session: Session, submission_id: UUID, version: int | None = None) -> PlanSubmission:
    """Lock a submission that its editors may change, and count the change."""
    submission = locked(session, submission_id, version)
    if submission.state not in rules.OPEN:
        raise errors.NotOpen
    submission.version += 1
    return submission


def put(session: Session, submission: PlanSubmission, kind: Kind, key: str, body: Entry | None) -> PlanDocument:
    """Put an entry into an open submission, in place of its earlier draft; `None` will end it.

    The draft remembers which version was public when it was begun, so that a later publication of another person is seen.
    """
    current = queries.current_document(session, kind, key)
    if body is None and current is None:
        raise errors.EntryUnknown
    draft = session.exec(
        select(PlanDocument).where(
            col(PlanDocument.submission_id) == submission.id,
            col(PlanDocument.kind) == kind,
            col(PlanDocument.key) == key,
        )
    ).first()
    if draft is None:
        draft = PlanDocument(
            submission_id=submission.id, kind=kind, key=key, based_on=current.id if current else None, body=None
        )
    draft.body = None if body is None else body.model_dump(mode="json", exclude_defaults=True)
    session.add(draft)
    session.flush()
    return draft


def put_observations(
    session: Session, actor: Actor, submission: PlanSubmission, values: Iterable[NewObservation]
) -> Sequence[PlanObservation]:
    """Put values into an open submission, each in place of its earlier draft."""
    news = {value.place: value for value in values}
    current = queries.current_observations(session, {place[0] for place in news})
    drafts = {_place(one): one for one in queries.contents(session, submission.id).observations}
    rows = [_row(submission, actor, value, drafts.get(place), current.get(place)) for place, value in news.items()]
    session.add_all(rows)
    session.flush()
    return rows


def _place(row: PlanObservation) -> Place:
    return row.indicator, row.area, row.period, row.dimension


def _row(
    submission: PlanSubmission,
    actor: Actor,
    value: NewObservation,
    draft: PlanObservation | None,
    current: PlanObservation | None,
) -> PlanObservation:
    period = Period.read(value.period)
    row = draft or PlanObservation(
        submission_id=submission.id,
        indicator=value.indicator,
        area=value.area,
        period=value.period,
        period_start=period.start,
        period_end=period.end,
        dimension=value.dimension,
        based_on=current.id if current else None,
        status=value.status,
        source=value.source,
        entered_by=actor.label,
    )
    row.value, row.status, row.source, row.quote = value.value, value.status, value.source, value.quote
    row.entered_by = actor.label
    return row


def drop_document(session: Session, submission: PlanSubmission, document_id: int) -> None:
    """Take a drafted entry out of an open submission."""
    session.execute(
        delete(PlanDocument).where(
            col(PlanDocument.id) == document_id, col(PlanDocument.submission_id) == submission.id
        )
    )


def drop_observation(session: Session, submission: PlanSubmission, observation_id: int) -> None:
    """Take a drafted value out of an open submission."""
    session.execute(
        delete(PlanObservation).where(
            col(PlanObservation.id) == observation_id, col(PlanObservation.submission_id) == submission.id
        )
    )


def rebase(session: Session, submission: PlanSubmission) -> None:
    """Take what is public now as what the drafts were begun from: an editor has compared them and keeps the own."""
    held = queries.contents(session, submission.id)
    for document in held.documents:
        current = queries.current_document(session, document.kind, document.key)
        document.based_on = current.id if current else None
    public = queries.current_observations(session, {one.indicator for one in held.observations})
    for one in held.observations:
        now = public.get(_place(one))
        one.based_on = now.id if now else None
    session.flush()


def sweep_lists(session: Session) -> None:
    """Remove lists that were sent long ago (`core/data_classes.yaml`)."""
    session.execute(delete(PlanList).where(col(PlanList.at) < clock.now() - LISTS_KEPT))
