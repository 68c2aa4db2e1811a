"""Each step of a case by its form: taken once, in the officer's own county, or refused with a sentence and a record."""

from uuid import uuid4

import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.cases.models import Case
from backend.cases.rules import Finding, Measure, State
from backend.core.actor import Role
from backend.reports import queries as reports
from tests.factories.desk import ANSWER, Desk, arrive, sit_down
from tests.factories.reports import MAIJI, QINZHOU

FORMS: dict[str, dict[str, str]] = {
    "accept": {},
    "decline": {"decline_reason": "out_of_remit", "competent_body": "police", "answer": ANSWER},
    "refer": {"competent_body": "water", "answer": ANSWER},
    "investigate": {"reason": "周三上午去"},
    "finding": {"finding": "substantiated"},
    "close": {"measure": "corrected", "answer": "已责令改正。"},
    "reopen": {"reason": "又出现了"},
}
AFTER = {
    "accept": State.ACCEPTED,
    "decline": State.DECLINED,
    "refer": State.REFERRED,
    "investigate": State.INVESTIGATING,
    "finding": State.HANDLING,
    "close": State.CLOSED,
    "reopen": State.REOPENED,
}
WAYS = {
    "to the answer": ["accept", "investigate", "finding", "close"],
    "declined": ["decline"],
    "passed on": ["refer"],
    "opened again": ["decline", "reopen", "investigate"],
}


@pytest.fixture
def desk(client: TestClient, session: Session) -> Desk:
    return sit_down(client, session)


@pytest.fixture
def case(session: Session, desk: Desk) -> Case:
    return arrive(session).case


def walk(desk: Desk, case: Case, *steps: str) -> None:
    for step in steps:
        assert desk.step(case, step, **FORMS[step]).status_code == 303


@pytest.mark.parametrize("way", WAYS)
def test_a_step_is_taken_and_its_page_confirms_it(desk: Desk, case: Case, way: str):
    for step in WAYS[way]:
        answer = desk.step(case, step, **FORMS[step])
        assert (answer.status_code, desk.now(case).state) == (303, AFTER[step])
        assert answer.headers["location"] == f"/bureau/cases/{case.number}?done={step}"
        assert 'role="status"' in desk.get(answer.headers["location"]).text
        assert len(desk.recorded(f"case_{step}")) == 1


def test_finding_and_measure_stand_in_the_closed_case(desk: Desk, case: Case):
    walk(desk, case, "accept", "investigate", "finding", "close")
    closed = desk.now(case)
    assert (closed.finding, closed.measure, closed.answer) == (
        Finding.SUBSTANTIATED,
        Measure.CORRECTED,
        FORMS["close"]["answer"],
    )


def test_only_the_legal_steps_have_a_form(desk: Desk, case: Case):
    page = desk.get(f"/bureau/cases/{case.number}").text
    offered = {step for step in FORMS if f'action="/bureau/cases/{case.number}/{step}"' in page}
    assert offered == {"accept", "decline", "refer"}


@pytest.mark.parametrize("step", ["investigate", "finding", "close", "reopen"])
def test_an_illegal_step_changes_nothing_and_is_recorded(desk: Desk, case: Case, step: str):
    answer = desk.step(case, step, **FORMS[step])
    assert answer.status_code == 409
    assert "This step is not possible now." in answer.text
    assert (desk.now(case).state, desk.now(case).version) == (State.RECEIVED, 1)
    (refusal,) = desk.recorded("refused")
    assert (refusal.subject, refusal.facts) == (
        f"case:{case.number}",
        {"step": step, "reason": "TransitionNotAllowed"},
    )


def test_what_was_typed_into_a_step_that_is_gone_is_shown(desk: Desk, case: Case):
    answer = desk.step(case, "close", answer="写了很久的答复")
    assert '<blockquote class="kept">写了很久的答复</blockquote>' in answer.text


def test_a_form_from_an_older_version_keeps_its_text_and_changes_nothing(desk: Desk, case: Case):
    walk(desk, case, "accept", "investigate")
    answer = desk.step(case, "refer", version=2, competent_body="water", answer="转给水务局")
    assert answer.status_code == 409
    assert "Someone changed this case in the meantime." in answer.text
    assert ">转给水务局</textarea>" in answer.text
    assert '<option value="water" selected>' in answer.text
    assert desk.now(case).state is State.INVESTIGATING
    assert desk.recorded("refused")[0].facts["reason"] == "CaseChanged"


INCOMPLETE: dict[str, tuple[str, dict[str, str], str]] = {
    "no body": ("decline", {"decline_reason": "out_of_remit", "answer": ANSWER}, "Name the body that is competent."),
    "unknown body": (
        "decline",
        {"decline_reason": "too_vague", "competent_body": "x", "answer": ANSWER},
        "Name the body",
    ),
    "no reason": ("decline", {"answer": ANSWER}, "Give the reason"),
    "no answer": ("refer", {"competent_body": "water"}, "Write the answer that the reporters will read."),
    "too long": ("accept", {"answer": "字" * 4001}, "This is too long."),
    "no version": ("accept", {"version": ""}, "Please fill this in."),
}


@pytest.mark.parametrize("fault", INCOMPLETE)
def test_an_incomplete_form_is_one_sentence_and_nothing_changed(desk: Desk, case: Case, fault: str):
    step, form, sentence = INCOMPLETE[fault]
    answer = desk.step(case, step, **form)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert form.get("answer", "") in answer.text
    assert (desk.now(case).state, desk.now(case).version, desk.now(case).competent_body) == (State.RECEIVED, 1, None)
    assert [event.action for event in desk.events(case)] == ["received"]
    assert len(desk.recorded("refused")) == 1


def test_a_finding_that_does_not_exist_is_refused(desk: Desk, case: Case):
    walk(desk, case, "accept", "investigate")
    answer = desk.step(case, "finding", finding="guilty")
    assert (answer.status_code, desk.now(case).finding) == (422, None)
    assert "Please choose one of these." in answer.text


def test_a_substantiated_case_is_not_closed_without_a_measure(desk: Desk, case: Case):
    walk(desk, case, "accept", "investigate", "finding")
    answer = desk.step(case, "close", answer="属实。")
    assert (answer.status_code, desk.now(case).state) == (422, State.HANDLING)
    assert "say what was done before closing it" in answer.text
    assert ">属实。</textarea>" in answer.text


@pytest.mark.parametrize("step", ["accept", "decline", "refer"])
def test_a_form_sent_twice_is_taken_once(desk: Desk, case: Case, step: str):
    first, second = (desk.step(case, step, version=1, **FORMS[step]) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert [event.action for event in desk.events(case)] == ["received", step]
    assert (desk.now(case).version, desk.recorded("refused")) == (2, [])


def test_the_same_step_with_another_text_is_no_repeat(desk: Desk, case: Case):
    desk.step(case, "decline", version=1, **FORMS["decline"])
    again = desk.step(case, "decline", version=1, **FORMS["decline"] | {"answer": "另一个答复"})
    assert (again.status_code, desk.now(case).answer) == (409, ANSWER)


def test_fields_that_no_form_has_change_nothing(desk: Desk, case: Case):
    """S-17: role, county, state and the like in a write body are not heard."""
    before = desk.now(case).model_dump()
    desk.step(case, "accept", state="closed", county_code=QINZHOU, report_count=9, opened_at="2020-01-01")
    after = desk.now(case).model_dump()
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"state", "version", "accepted_at", "due_at", "due_provisional"}
    assert after["state"] == "accepted"


def test_accept_and_go_on(desk: Desk, case: Case, session: Session):
    other = arrive(session).case
    answer = desk.step(case, "accept", then="next")
    assert answer.headers["location"] == "/bureau/next"
    assert desk.get("/bureau/next").headers["location"] == f"/bureau/cases/{other.number}"


def test_a_question_reaches_the_one_reporter_it_was_meant_for(desk: Desk, session: Session):
    first = arrive(session)
    second = arrive(session, joins=first.case.number)
    answer = desk.post(f"/bureau/cases/{first.case.number}/messages", id=str(uuid4()), text="在哪一侧？", rank=2)
    assert answer.status_code == 303
    ids = [first.report.id, second.report.id]
    boxes = reports.mailbox(session, ids)
    assert [[line.text for line in boxes[one]] for one in ids] == [[], ["在哪一侧？"]]
    assert desk.now(first.case).has_news is False
    desk.post(f"/bureau/cases/{first.case.number}/messages", id=str(uuid4()), text="谢谢各位。")
    assert [len(lines) for lines in reports.mailbox(session, ids).values()] == [1, 2]


def test_an_empty_message_is_refused_with_the_case_in_view(desk: Desk, case: Case):
    answer = desk.post(f"/bureau/cases/{case.number}/messages", id=str(uuid4()), text="  ", rank=1)
    assert answer.status_code == 422
    assert "This is too short." in answer.text
    assert case.number in answer.text


def test_a_case_moves_and_its_former_officer_loses_it_at_once(client: TestClient, session: Session):
    """S-18."""
    desk = sit_down(client, session, Role.CITY_TRIAGE)
    case = arrive(session).case
    answer = desk.step(case, "move", county_code=QINZHOU, reason="属于秦州")
    assert (answer.status_code, desk.now(case).county_code) == (303, QINZHOU)
    assert sit_down(client, session, county_code=MAIJI).get(f"/bureau/cases/{case.number}").status_code == 404
    assert sit_down(client, session, county_code=QINZHOU).get(f"/bureau/cases/{case.number}").status_code == 200


def test_a_move_without_a_reason_keeps_the_choice(client: TestClient, session: Session):
    desk = sit_down(client, session, Role.CITY_TRIAGE)
    case = arrive(session).case
    answer = desk.step(case, "move", county_code=QINZHOU)
    assert (answer.status_code, desk.now(case).county_code) == (422, MAIJI)
    assert f'<option value="{QINZHOU}" selected>' in answer.text


def test_a_county_officer_may_not_move_a_case(desk: Desk, case: Case):
    answer = desk.step(case, "move", county_code=QINZHOU, reason="给你们")
    assert (answer.status_code, desk.now(case).county_code) == (403, MAIJI)
    assert len(desk.recorded("authz_denied")) == 1


@pytest.mark.parametrize("step", [*FORMS, "messages"])
def test_a_foreign_case_and_an_unknown_one_are_the_same_404(desk: Desk, session: Session, step: str):
    """S-15: one answer, whatever is behind the number; both are recorded."""
    foreign = arrive(session, county_code=QINZHOU).case
    form = {"version": "1", "text": "你好", **FORMS.get(step, {})}
    answers = [desk.post(f"/bureau/cases/{number}/{step}", **form) for number in (foreign.number, "TS-0000-00")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].text == answers[1].text
    assert desk.now(foreign).version == 1
    assert len(desk.recorded("authz_denied")) == 2


def test_without_a_sign_in_nothing_is_done(client: TestClient, session: Session):
    desk = sit_down(client, session)
    case = arrive(session).case
    client.cookies.delete("__Host-green-staff")
    assert desk.step(case, "accept").status_code in {401, 403}
    assert desk.now(case).state is State.RECEIVED
