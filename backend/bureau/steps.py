"""Takes a step or writes to a reporter; what is refused leaves the case as it was and is written into the record."""

import re

from sqlmodel import Session

from backend.accounts import guards
from backend.audit import service as audit
from backend.cases import queries
from backend.cases import service as cases
from backend.cases.errors import CaseUnknown
from backend.cases.rules import Step
from backend.cases.schemas import AskReporter, CaseSheet, MoveCase, TakeStep
from backend.cities import city
from backend.core.actor import Actor
from backend.core.db import session_scope
from backend.core.errors import Conflict, DomainError, Invalid

ASK = "ask"
MOVE = "move"
_NUMBER = re.compile(r"[A-Z]{2,4}-[0-9A-Z]{4}-[0-9A-Z]{2}")


def read_case(session: Session, actor: Actor, number: str) -> CaseSheet:
    """Return the case page's facts and note that they were read; a foreign case and an unknown one are the same."""
    found = look_at(session, actor, number)
    audit.record(session, actor, "case_read", subject_of(number))
    return found


def look_at(session: Session, actor: Actor, number: str) -> CaseSheet:
    """Return the case page's facts for a page that is shown again."""
    try:
        return queries.sheet(session, actor, number)
    except CaseUnknown:
        guards.note_denied(session, actor, "case", subject_of(number))
        raise


def take(session: Session, actor: Actor, number: str, step: Step, form: TakeStep) -> None:
    """Take a step. The same form sent twice is taken once and both times answered as done."""
    try:
        cases.take_step(session, city(), actor, number, step, form)
    except (Conflict, Invalid) as refused:
        session.rollback()
        if isinstance(refused, Conflict) and _was_taken(session, actor, number, step, form):
            return
        raise
    except CaseUnknown:
        guards.note_denied(session, actor, step.value, subject_of(number))
        raise


def ask(session: Session, actor: Actor, number: str, form: AskReporter) -> None:
    """Write to the reporters of a case, or to one of them."""
    try:
        cases.ask(session, actor, number, form)
    except CaseUnknown:
        guards.note_denied(session, actor, ASK, subject_of(number))
        raise


def move(session: Session, actor: Actor, number: str, form: MoveCase) -> None:
    """Hand a case to another county."""
    try:
        cases.move(session, city(), actor, number, form)
    except CaseUnknown:
        guards.note_denied(session, actor, MOVE, subject_of(number))
        raise


def note_refusal(session: Session, actor: Actor, number: str, step: str, refused: DomainError) -> None:
    """Undo the request's own changes and record, in a transaction of its own, that the step was refused and why."""
    # Also gives the connection back: a request that held one while waiting for a second could stop all others.
    session.rollback()
    with session_scope() as own:
        audit.record(own, actor, "refused", subject_of(number), step=step, reason=type(refused).__name__)


def subject_of(number: str) -> str:
    """Return how the record names a case; what cannot be a number is not written down."""
    return f"case:{number}" if _NUMBER.fullmatch(number) else "case:unknown"


def _was_taken(session: Session, actor: Actor, number: str, step: Step, form: TakeStep) -> bool:
    """Whether the last thing that happened to the case is this very form, sent by the same officer."""
    found = look_at(session, actor, number)
    case, last = found.case, found.events[-1]
    is_same = (last.action, last.actor, last.reason, last.told) == (step.value, actor.label, form.reason, form.answer)
    return (
        is_same
        and case.version == form.version + 1
        and (step is not Step.FINDING or case.finding is form.finding)
        and (step not in {Step.DECLINE, Step.REFER} or case.competent_body == (form.competent_body or None))
        and (step is not Step.CLOSE or case.measure in {form.measure, None})
    )
