"""Laws that hold on every path: of a case through its states, and of a report through a bad network."""

import secrets
from typing import Any
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, col, func, select

from backend.cases import intake, queries, service
from backend.cases.errors import CaseChanged, TransitionNotAllowed
from backend.cases.models import Case, CaseEvent, CaseReport
from backend.cases.rules import ENDED, Finding, Measure, State, Step, next_state
from backend.cases.schemas import TakeStep
from backend.cities import city
from backend.core.actor import Actor, Role
from backend.core.errors import Invalid
from backend.reports.errors import ReportIdReused
from backend.reports.models import Report
from tests.factories.reports import MAIJI, a_report, send

OFFICER = Actor(kind="staff", id=uuid4(), name="王科长", role=Role.COUNTY_OFFICER, county_code=MAIJI)
REASONS = [None, *(reason.code for reason in city().decline_reasons)]
BODIES = [None, "nobody", *(body.code for body in city().bodies)]

forms = st.fixed_dictionaries(
    {
        "reason": st.sampled_from(["", "有新线索"]),
        "answer": st.sampled_from(["", "答复。"]),
        "decline_reason": st.sampled_from(REASONS),
        "competent_body": st.sampled_from(BODIES),
        "finding": st.sampled_from([None, *Finding]),
        "measure": st.sampled_from([None, *Measure]),
        "stale": st.booleans(),
    }
)
walks = st.lists(st.tuples(st.sampled_from(list(Step)), forms), max_size=14)


def try_step(session: Session, case: Case, step: Step, form: dict[str, Any]) -> bool:
    """Take a step if it can be taken; return whether it was."""
    version = case.version - form.pop("stale")
    try:
        with session.begin_nested():
            filled = TakeStep.model_validate({"version": version, **form})
            service.take_step(session, city(), OFFICER, case.number, step, filled)
    except (Invalid, TransitionNotAllowed, CaseChanged):
        return False
    return True


@given(walks)
def test_whatever_officers_try_a_case_stays_sound(session: Session, walk: list[tuple[Step, dict[str, Any]]]):
    with session.begin_nested() as example:
        number = send(session).case.number
        case = session.exec(select(Case).where(Case.number == number)).one()
        for step, form in walk:
            before = (case.state, case.version)
            taken = try_step(session, case, step, dict(form))
            session.refresh(case)
            if taken:
                assert next_state(before[0], step) is case.state
                assert case.version == before[1] + 1
            else:
                assert (case.state, case.version) == before
            assert (case.ended_at is not None) == (case.state in ENDED)
            assert (case.due_at is None) == (case.state in ENDED)
            assert case.state is not State.CLOSED or (case.finding is not None and case.answer)
            assert case.state not in {State.DECLINED, State.REFERRED} or case.answer
            if case.state is State.CLOSED and case.finding is Finding.SUBSTANTIATED:
                assert case.measure is not None
        steps = session.exec(select(CaseEvent).where(CaseEvent.case_id == case.id).order_by(col(CaseEvent.id))).all()
        assert [event.before for event in steps[1:]] == [event.after for event in steps[:-1]]
        example.rollback()


@given(st.lists(st.integers(min_value=0, max_value=3), min_size=1, max_size=12), st.booleans())
def test_reports_sent_again_in_any_order_exist_once(session: Session, order: list[int], forge: bool):
    with session.begin_nested() as example:
        sent = [a_report(words=f"第{number}条", secret=secrets.token_hex(16)) for number in range(4)]
        answers: dict[int, tuple[str, str]] = {}
        for number in order:
            received = intake.receive(session, city(), sent[number], language="zh")
            answer = (received.sent.receipt.code, received.case.number)
            assert answers.setdefault(number, answer) == answer
        if forge:
            try:
                intake.receive(session, city(), sent[order[0]].model_copy(update={"words": "改过"}), language="zh")
                raise AssertionError("a second body under one id was taken")
            except ReportIdReused:
                pass
        ids = [sent[number].id for number in set(order)]
        stored = session.exec(select(func.count()).select_from(Report).where(col(Report.id).in_(ids))).one()
        linked = session.exec(
            select(func.count()).select_from(CaseReport).where(col(CaseReport.report_id).in_(ids))
        ).one()
        assert stored == linked == len(ids)
        assert len({code for code, _ in answers.values()}) == len(ids)
        example.rollback()


@given(st.lists(st.booleans(), min_size=1, max_size=8))
def test_ranks_are_the_order_of_arrival_without_gap(session: Session, joins: list[bool]):
    with session.begin_nested() as example:
        first = send(session)
        for number, again in enumerate(joins, start=2):
            received = send(session, joins=first.case.number)
            if again:
                intake.receive(session, city(), a_report(), language="zh")
            assert queries.link_of(session, received.sent.report_id).rank == number
        example.rollback()
