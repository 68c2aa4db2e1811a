"""What the bureau does with a case, one verb each: checked against the state table, recorded, and told."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select, update

from backend.audit import service as audit
from backend.cases import errors, rules, steps
from backend.cases.models import Case, CaseEvent, CaseReport
from backend.cases.queries import case_of, in_scope
from backend.cases.rules import ENDED, Finding, State, Step
from backend.cases.schemas import AskReporter, MoveCase, TakeStep
from backend.cities import City
from backend.cities.deadlines import deadline_for
from backend.core import clock
from backend.core.actor import REPORTER, Actor
from backend.core.ids import new_id
from backend.jobs import service as jobs
from backend.notices import service as notices
from backend.notices.texts import BY_SMS, NoticeCode
from backend.reports import rules as report_rules
from backend.reports import service as reports
from backend.vault import service as vault

NOTICE_OF_STATE = {
    State.ACCEPTED: NoticeCode.ACCEPTED,
    State.DECLINED: NoticeCode.DECLINED,
    State.INVESTIGATING: NoticeCode.INVESTIGATING,
    State.REFERRED: NoticeCode.REFERRED,
    State.REOPENED: NoticeCode.REOPENED,
}
NOTICE_OF_FINDING = {
    Finding.SUBSTANTIATED: NoticeCode.CLOSED_SUBSTANTIATED,
    Finding.UNSUBSTANTIATED: NoticeCode.CLOSED_UNSUBSTANTIATED,
    Finding.UNVERIFIABLE: NoticeCode.CLOSED_UNVERIFIABLE,
}


@dataclass(frozen=True)
class Change:
    """What an event says besides who and when: `reason` is for the bureau, `told` for the reporters."""

    action: str
    reason: str = ""
    told: str = ""
    before: str | None = None
    after: str | None = None


def take_step(session: Session, city: City, actor: Actor, number: str, step: Step, form: TakeStep) -> Case:
    """Take one step of the state table, tell the reporters, and return the changed case.

    Raises `CaseUnknown`, `CaseChanged`, `TransitionNotAllowed` or, for an incomplete form, a kind of `Invalid`.
    """
    case = _locked(session, actor, number, form.version)
    after = rules.next_state(case.state, step)
    if after is None or step is Step.WITHDRAW:
        raise errors.TransitionNotAllowed
    steps.fill_in(city, case, step, form)
    _enter(session, case, actor, after, Change(step.value, reason=form.reason, told=form.answer))
    _tell(session, case, _notice_for(case))
    audit.record(session, actor, f"case_{step.value}", f"case:{case.number}", after=after.value)
    return case


def ask(session: Session, actor: Actor, number: str, form: AskReporter) -> Case:
    """Write to the reporters of a case, or to one of them."""
    case = _locked(session, actor, number, None)
    report_ids = _report_ids(session, case, form.rank)
    if not report_ids:
        raise errors.CaseUnknown
    if not reports.write_as_bureau(session, form.id, report_ids, form.text):
        return case
    case.has_news = False
    _note(session, case, actor, Change("asked"))
    _tell(session, case, NoticeCode.ASKED, report_ids)
    audit.record(session, actor, "case_asked", f"case:{case.number}", reports=len(report_ids))
    return case


def move(session: Session, city: City, actor: Actor, number: str, form: MoveCase) -> Case:
    """Hand an open case to another county; the former officers lose sight of it at once."""
    case = _locked(session, actor, number, form.version)
    if case.state in ENDED or form.county_code not in {county.code for county in city.counties}:
        raise errors.TransitionNotAllowed
    before, case.county_code, case.township_code = case.county_code, form.county_code, None
    case.version += 1
    _note(session, case, actor, Change("moved", reason=form.reason, before=before, after=form.county_code))
    audit.record(session, actor, "case_moved", f"case:{case.number}", after=form.county_code)
    return case


def hear(session: Session, report_id: UUID) -> None:
    """Note that a reporter wrote, so that the queue shows news."""
    case = case_of(session, report_id)
    case.has_news = True
    _note(session, case, REPORTER, Change("answered"))


def withdraw(session: Session, report_id: UUID) -> Case:
    """Take a report back; the case ends when every reporter has, and only before it was accepted."""
    case = case_of(session, report_id, lock=True)
    if case.state is State.WITHDRAWN:
        return case
    if rules.next_state(case.state, Step.WITHDRAW) is None:
        raise errors.NotYetPossible
    session.execute(
        update(CaseReport)
        .where(col(CaseReport.report_id) == report_id, col(CaseReport.withdrawn_at).is_(None))
        .values(withdrawn_at=clock.now())
    )
    remaining = select(CaseReport).where(CaseReport.case_id == case.id, col(CaseReport.withdrawn_at).is_(None))
    if session.exec(remaining).first() is None:
        _enter(session, case, REPORTER, State.WITHDRAWN, Change(Step.WITHDRAW.value))
    else:
        _note(session, case, REPORTER, Change("one_withdrawn"))
    return case


def _locked(session: Session, actor: Actor, number: str, version: int | None) -> Case:
    """Lock a case of the actor's own; a foreign one does not exist, a changed one is not overwritten."""
    query = select(Case).where(Case.number == number, in_scope(actor)).with_for_update()
    case = session.exec(query.execution_options(populate_existing=True)).first()
    if case is None:
        raise errors.CaseUnknown
    if version is not None and version != case.version:
        raise errors.CaseChanged
    return case


def _enter(session: Session, case: Case, actor: Actor, after: State, change: Change) -> None:
    """Put the case into its new state with the deadline that now runs, and note the event."""
    now, before = clock.now(), case.state
    case.state = after
    case.version += 1
    if after is State.ACCEPTED:
        case.accepted_at = now
    case.ended_at = now if after in ENDED else None
    if after is not before:
        case.due_at, case.due_provisional = due(after, case.opened_at, case.accepted_at or now, now)
    _note(session, case, actor, replace(change, before=before.value, after=after.value))


def due(state: State, opened_at: datetime, accepted_at: datetime, now: datetime) -> tuple[datetime | None, bool]:
    """Return when the limit that runs in `state` ends, and whether it touches a year whose holidays are unknown."""
    limit = rules.deadline_step(state)
    if limit is None:
        return None, False
    name, origin = limit
    start = {"opened_at": opened_at, "accepted_at": accepted_at, "now": now}[origin]
    deadline = deadline_for(name, start)
    return deadline.at, deadline.provisional


def _note(session: Session, case: Case, actor: Actor, change: Change) -> None:
    session.add(CaseEvent(case_id=case.id, at=clock.now(), actor=actor.label, actor_name=actor.name, **asdict(change)))
    session.flush()


def _notice_for(case: Case) -> NoticeCode | None:
    if case.state is State.CLOSED and case.finding is not None:
        return NOTICE_OF_FINDING[case.finding]
    return NOTICE_OF_STATE.get(case.state)


def _tell(session: Session, case: Case, code: NoticeCode | None, report_ids: Collection[UUID] | None = None) -> None:
    """Put a notice into the inbox of each reporter, and promise a text message to those who left a number."""
    if code is None:
        return
    ids = _report_ids(session, case, None) if report_ids is None else report_ids
    subjects = {report_rules.owner_of(report_id): report_id for report_id in ids}
    notices.tell(session, subjects.keys(), code, number=case.number)
    if code in BY_SMS:
        for subject in vault.subjects_with(session, subjects.keys(), "phone"):
            jobs.defer(
                session,
                "cases.text_reporter",
                report_id=str(subjects[subject]),
                number=case.number,
                reference=str(new_id()),
            )


def _report_ids(session: Session, case: Case, rank: int | None) -> list[UUID]:
    query = select(CaseReport.report_id).where(CaseReport.case_id == case.id, col(CaseReport.withdrawn_at).is_(None))
    return list(session.exec(query if rank is None else query.where(CaseReport.rank == rank)))
