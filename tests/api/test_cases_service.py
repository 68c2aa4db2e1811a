"""Each step of a case: carried out once, in order, in the officer's own county, and told to the reporters."""

from uuid import uuid4

import pytest
from sqlmodel import Session, select

from backend.audit.models import AuditEntry
from backend.cases import errors, queries, service
from backend.cases.models import Case, CaseEvent
from backend.cases.rules import Finding, Measure, State, Step
from backend.cases.schemas import AskReporter, MoveCase, TakeStep
from backend.cities import city
from backend.core.actor import Actor, Role
from backend.notices import service as notices
from backend.reports import queries as reports
from backend.reports import rules as report_rules
from tests.factories.reports import MAIJI, QINZHOU, send

OFFICER = Actor(kind="staff", id=uuid4(), name="王科长", role=Role.COUNTY_OFFICER, county_code=MAIJI)
FOREIGNER = Actor(kind="staff", id=uuid4(), name="李科长", role=Role.COUNTY_OFFICER, county_code=QINZHOU)
TRIAGE = Actor(kind="staff", id=uuid4(), name="赵主任", role=Role.CITY_TRIAGE)


def take(session: Session, case: Case, step: Step, **form: object) -> Case:
    current = session.exec(select(Case).where(Case.number == case.number)).one()
    filled = TakeStep.model_validate({"version": current.version, **form})
    return service.take_step(session, city(), OFFICER, case.number, step, filled)


def test_from_report_to_answer(session: Session):
    received = send(session)
    take(session, received.case, Step.ACCEPT)
    take(session, received.case, Step.INVESTIGATE)
    take(session, received.case, Step.FINDING, finding=Finding.SUBSTANTIATED)
    case = take(session, received.case, Step.CLOSE, measure=Measure.PENALISED, answer="已处罚并整改。")
    assert (case.state, case.finding, case.measure) == (State.CLOSED, Finding.SUBSTANTIATED, Measure.PENALISED)
    assert case.ended_at is not None
    assert case.due_at is None
    events = session.exec(select(CaseEvent).where(CaseEvent.case_id == case.id)).all()
    assert [event.after for event in events] == ["received", "accepted", "investigating", "handling", "closed"]
    told = notices.inbox(session, report_rules.owner_of(received.report.id))
    assert {notice.code for notice in told} == {"accepted", "investigating", "closed_substantiated"}


def test_each_finding_is_told_in_its_own_sentence(session: Session):
    for finding in Finding:
        received = send(session)
        take(session, received.case, Step.ACCEPT)
        take(session, received.case, Step.INVESTIGATE)
        take(session, received.case, Step.FINDING, finding=finding)
        take(session, received.case, Step.CLOSE, measure=Measure.FILED, answer="答复。")
        codes = {notice.code for notice in notices.inbox(session, report_rules.owner_of(received.report.id))}
        assert f"closed_{finding.value}" in codes


def test_an_illegal_step_changes_nothing(session: Session):
    case = send(session).case
    with pytest.raises(errors.TransitionNotAllowed):
        take(session, case, Step.CLOSE, answer="快结了吧")
    assert queries.sheet(session, OFFICER, case.number).case.state is State.RECEIVED


def test_a_form_from_an_older_version_is_refused(session: Session):
    case = send(session).case
    take(session, case, Step.ACCEPT)
    with pytest.raises(errors.CaseChanged):
        service.take_step(session, city(), OFFICER, case.number, Step.INVESTIGATE, TakeStep(version=1))


def test_a_foreign_county_and_an_unknown_number_are_one_answer(session: Session):
    case = send(session).case
    for number, actor in ((case.number, FOREIGNER), ("TS-0000-00", TRIAGE)):
        with pytest.raises(errors.CaseUnknown):
            queries.sheet(session, actor, number)
        with pytest.raises(errors.CaseUnknown):
            service.take_step(session, city(), actor, number, Step.ACCEPT, TakeStep(version=1))


def test_a_refusal_names_its_reason_the_body_and_the_answer(session: Session):
    case = send(session).case
    reason = next(one for one in city().decline_reasons if one.needs_body)
    form: dict[str, object] = {"decline_reason": reason.code, "answer": "不属于本部门职责。"}
    with pytest.raises(errors.ReasonMissing):
        take(session, case, Step.DECLINE, answer="不行。")
    with pytest.raises(errors.BodyMissing):
        take(session, case, Step.DECLINE, **form)
    with pytest.raises(errors.AnswerMissing):
        take(session, case, Step.DECLINE, **form | {"answer": "", "competent_body": reason.bodies[0]})
    declined = take(session, case, Step.DECLINE, **form, competent_body=reason.bodies[0])
    assert (declined.state, declined.competent_body) == (State.DECLINED, reason.bodies[0])


def test_a_referral_names_the_body(session: Session):
    case = send(session).case
    with pytest.raises(errors.BodyMissing):
        take(session, case, Step.REFER, answer="已转办。")
    assert (
        take(session, case, Step.REFER, answer="已转办。", competent_body=city().bodies[0].code).state is State.REFERRED
    )


def test_reopening_needs_a_reason_and_clears_what_was_found(session: Session):
    case = send(session).case
    take(session, case, Step.REFER, answer="已转办。", competent_body=city().bodies[0].code)
    with pytest.raises(errors.ReasonMissing):
        take(session, case, Step.REOPEN)
    reopened = take(session, case, Step.REOPEN, reason="对方退回。")
    assert (reopened.state, reopened.answer, reopened.ended_at) == (State.REOPENED, "", None)
    assert reopened.due_at is not None


def test_a_question_reaches_every_reporter_and_the_answer_shows_in_the_queue(session: Session):
    first = send(session)
    second = send(session, joins=first.case.number)
    service.ask(session, OFFICER, first.case.number, AskReporter(id=uuid4(), text="排口在桥的哪一侧？"))
    ids = [first.report.id, second.report.id]
    boxes = reports.mailbox(session, ids)
    assert [[line.sender for line in boxes[one]] for one in ids] == [["bureau"], ["bureau"]]
    service.hear(session, first.report.id)
    assert queries.case_of(session, first.report.id).has_news


def test_a_question_to_one_reporter_reaches_only_that_one(session: Session):
    first = send(session)
    second = send(session, joins=first.case.number)
    service.ask(session, OFFICER, first.case.number, AskReporter(id=uuid4(), text="请补充。", rank=2))
    boxes = reports.mailbox(session, [first.report.id, second.report.id])
    assert boxes[first.report.id] == []
    assert len(boxes[second.report.id]) == 1


def test_moving_a_case_takes_it_out_of_the_former_officers_sight(session: Session):
    case = send(session).case
    service.move(session, city(), TRIAGE, case.number, MoveCase(version=1, county_code=QINZHOU, reason="地点在秦州。"))
    with pytest.raises(errors.CaseUnknown):
        queries.sheet(session, OFFICER, case.number)
    assert queries.sheet(session, FOREIGNER, case.number).case.county_code == QINZHOU


def test_a_report_can_be_withdrawn_until_it_is_accepted(session: Session):
    received = send(session)
    assert service.withdraw(session, received.report.id).state is State.WITHDRAWN
    assert service.withdraw(session, received.report.id).state is State.WITHDRAWN
    accepted = send(session)
    take(session, accepted.case, Step.ACCEPT)
    with pytest.raises(errors.NotYetPossible):
        service.withdraw(session, accepted.report.id)


def test_a_case_stays_open_while_one_reporter_stands_by_it(session: Session):
    first = send(session)
    second = send(session, joins=first.case.number)
    assert service.withdraw(session, first.report.id).state is State.RECEIVED
    assert queries.link_of(session, first.report.id).withdrawn_at is not None
    assert service.withdraw(session, second.report.id).state is State.WITHDRAWN


def test_every_step_is_in_the_audit_record(session: Session):
    case = send(session).case
    take(session, case, Step.ACCEPT)
    entry = session.exec(select(AuditEntry).where(AuditEntry.subject == f"case:{case.number}")).one()
    assert (entry.action, entry.actor, entry.facts) == ("case_accept", f"staff:{OFFICER.id}", {"after": "accepted"})


def test_an_officer_may_name_the_finer_kind_and_only_one_of_this_kind(session: Session):
    case = send(session, kind="smoke").case
    with pytest.raises(errors.SubkindUnknown):
        take(session, case, Step.ACCEPT, subkind="sewage")
    assert take(session, case, Step.ACCEPT, subkind="burning").subkind == "burning"


def test_a_question_pressed_twice_is_asked_once(session: Session):
    received = send(session)
    question = AskReporter(id=uuid4(), text="排口在桥的哪一侧？")
    for _ in range(2):
        service.ask(session, OFFICER, received.case.number, question)
    assert len(reports.mailbox(session, [received.report.id])[received.report.id]) == 1
    assert len(notices.inbox(session, report_rules.owner_of(received.report.id))) == 1
