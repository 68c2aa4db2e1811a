"""Judging a submission and making it public: the only way by which anything that residents read changes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import func, text, update
from sqlmodel import Session, col, insert, select

from backend.audit import service as audit
from backend.core import clock
from backend.core.actor import Actor
from backend.jobs import service as jobs
from backend.plan import checking, errors, queries, rules
from backend.plan.editions import edition
from backend.plan.models import PlanChange, PlanDocument, PlanObservation, PlanSubmission
from backend.plan.queries import Contents
from backend.plan.rules import BY_ANOTHER, NEEDS_REASON, State, Step
from backend.plan.service import verdicts
from backend.plan.service.drafting import locked
from backend.plan.service.following import articles_touched

RowT = TypeVar("RowT", PlanDocument, PlanObservation)

PUBLISHING_LOCK = 7_301_004
BATCH = 5_000


def take_step(
    session: Session, actor: Actor, submission_id: UUID, step: Step, *, version: int, answer: str = ""
) -> PlanSubmission:
    """Take one step of a submission's life; publishing makes all of it public at one moment, or nothing."""
    submission = locked(session, submission_id, version)
    after = rules.next_state(submission.state, step)
    if after is None:
        raise errors.StepNotAllowed
    if step in BY_ANOTHER and submission.submitted_by == actor.label:
        raise errors.SecondPersonNeeded
    if step in NEEDS_REASON and not answer.strip():
        raise errors.ReasonMissing(fields={"answer": errors.ReasonMissing.message})
    _enter(session, actor, submission, step, answer.strip())
    if step is Step.PUBLISH:
        publish(session, submission)
    submission.state = after
    submission.version += 1
    session.flush()
    audit.record(session, actor, f"plan_{step.value}", f"plan_submission:{submission.id}")
    return submission


def _enter(session: Session, actor: Actor, submission: PlanSubmission, step: Step, answer: str) -> None:
    now = clock.now()
    if step is Step.SUBMIT:
        refuse_unfit(session, submission)
        submission.submitted_by, submission.submitted_at = actor.label, now
        submission.decided_by, submission.decided_at, submission.answer = None, None, ""
    elif step in BY_ANOTHER:
        submission.decided_by, submission.decided_at, submission.answer = actor.label, now, answer


def refuse_unfit(session: Session, submission: PlanSubmission) -> Contents:
    """Raise the error that says why `submission` cannot become public; return what it holds."""
    held = queries.contents(session, submission.id)
    if not held.documents and not held.observations:
        raise errors.NothingInIt
    if overtaken := list(entries_overtaken(session, held)):
        raise errors.PublishedMeanwhile(entries=", ".join(overtaken))
    if problem := next(checking.problems(session, submission, held), None):
        raise problem
    return held


def entries_overtaken(session: Session, held: Contents) -> Iterator[str]:
    """Yield the names of drafted entries whose public version is no longer the one they were begun from."""
    for document in held.documents:
        current = queries.current_document(session, document.kind, document.key)
        if (current.id if current else None) != document.based_on:
            yield f"{document.kind.value} {document.key}"
    public = queries.current_observations(session, {one.indicator for one in held.observations})
    for one in held.observations:
        current_one = public.get((one.indicator, one.area, one.period, one.dimension))
        if (current_one.id if current_one else None) != one.based_on:
            yield name_of(one)


def name_of(one: PlanObservation) -> str:
    """Name a value: `forest_cover/620500/2025`."""
    return "/".join(part for part in (one.indicator, one.area, one.period, one.dimension) if part)


def publish(session: Session, submission: PlanSubmission) -> datetime:
    """Make an approved submission public; one publication after the other, so that each has its number and its moment."""
    session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": PUBLISHING_LOCK})
    held = refuse_unfit(session, submission)
    last = session.execute(select(func.max(PlanSubmission.publication), func.max(PlanSubmission.published_at))).one()
    number, moment = (last[0] or 0) + 1, clock.now()
    if last[1] is not None and moment <= last[1]:
        # A clock that was set back must not put a later publication before an earlier one.
        raise errors.ClockBehind
    log = [*_end_documents(session, held.documents, moment), *_end_values(session, held.observations, moment)]
    _begin(session, submission.id, moment)
    # All three at once: the database allows none of them alone.
    submission.state, submission.publication, submission.published_at = State.PUBLISHED, number, moment
    for line in log:
        line.update(submission_id=submission.id, at=moment, reason=submission.reason)
    for first in range(0, len(log), BATCH):
        session.execute(insert(PlanChange), log[first : first + BATCH])
    session.flush()
    verdicts.note_verdicts(session)
    if number > 1:
        _promise_to_tell(session, log, number)
    return moment


def _promise_to_tell(session: Session, log: Iterable[Mapping[str, object]], number: int) -> None:
    plan = edition(session)
    touched = {article for line in log for article in articles_touched(plan, str(line["kind"]), str(line["key"]))}
    for article in sorted(touched):
        jobs.defer(session, "plan.tell_of_article", number=article, publication=number)


def _begin(session: Session, submission_id: UUID, moment: datetime) -> None:
    for table in (PlanDocument, PlanObservation):
        session.execute(
            update(table)
            .where(col(table.submission_id) == submission_id)
            .values(valid_from=moment)
            .execution_options(synchronize_session="fetch")
        )


def _end_documents(
    session: Session, documents: Sequence[PlanDocument], moment: datetime
) -> Iterator[dict[str, object]]:
    ended = {one.id: one for one in _ended(session, PlanDocument, documents, moment)}
    for document in documents:
        before = ended.get(document.based_on)
        yield {
            "kind": document.kind.value,
            "key": document.key,
            "before": before.body if before else None,
            "after": document.body,
        }


def _end_values(session: Session, values: Sequence[PlanObservation], moment: datetime) -> Iterator[dict[str, object]]:
    ended = {one.id: one for one in _ended(session, PlanObservation, values, moment)}
    for value in values:
        before = ended.get(value.based_on)
        yield {
            "kind": "observation",
            "key": name_of(value),
            "before": _facts(before) if before else None,
            "after": _facts(value),
        }


def _facts(one: PlanObservation) -> dict[str, object]:
    return one.model_dump(mode="json", include={"value", "status", "source", "quote"})


def _ended(session: Session, table: type[RowT], followers: Sequence[RowT], moment: datetime) -> Iterator[RowT]:
    """End the public rows that `followers` take the place of, and yield them."""
    known = [one.based_on for one in followers if one.based_on is not None]
    for first in range(0, len(known), BATCH):
        batch = known[first : first + BATCH]
        session.execute(update(table).where(col(table.id).in_(batch)).values(valid_to=moment))
        yield from session.exec(select(table).where(col(table.id).in_(batch))).all()
