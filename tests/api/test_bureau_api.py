"""The desk's JSON interface: the same steps and refusals as the pages, told to programs."""

from uuid import uuid4

import pytest
from sqlalchemy import Engine
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.cases.models import Case
from backend.cases.rules import State
from backend.core.actor import Role
from tests.factories.desk import ANSWER, Desk, arrive, sit_down
from tests.factories.reports import QINZHOU
from tests.factories.statements import counted

PROBLEM = "application/problem+json"


@pytest.fixture
def desk(client: TestClient, session: Session) -> Desk:
    return sit_down(client, session)


@pytest.fixture
def case(session: Session, desk: Desk) -> Case:
    return arrive(session).case


def test_from_the_list_to_the_answer(desk: Desk, case: Case):
    (card,) = desk.get("/api/v1/bureau/cases").json()["cases"]
    assert (card["number"], card["version"], card["state"]) == (case.number, 1, "received")
    steps: list[tuple[str, dict[str, str]]] = [
        ("accept", {}),
        ("investigate", {}),
        ("finding", {"finding": "substantiated"}),
        ("close", {"measure": "filed", "answer": "已立案。"}),
    ]
    told = desk.get(f"/api/v1/bureau/cases/{case.number}").json()
    for step, form in steps:
        assert step in told["steps"]
        answer = desk.call(f"/cases/{case.number}/{step}", version=told["version"], **form)
        assert answer.status_code == 200
        told = answer.json()
    assert (told["state"], told["finding"], told["measure"], told["answer"]) == (
        "closed",
        "substantiated",
        "filed",
        "已立案。",
    )
    assert [event["action"] for event in told["events"]] == ["received", "accept", "investigate", "finding", "close"]


def test_declining_and_reopening(desk: Desk, case: Case):
    form = {"version": 1, "decline_reason": "out_of_remit", "competent_body": "police", "answer": ANSWER}
    assert desk.call(f"/cases/{case.number}/decline", **form).json()["competent_body"] == "police"
    assert desk.call(f"/cases/{case.number}/reopen", version=2, reason="有新情况").json()["state"] == "reopened"
    assert desk.call(f"/cases/{case.number}/refer", version=3, competent_body="water", answer=ANSWER).json()[
        "steps"
    ] == ["reopen"]


def test_a_message_reaches_the_mailbox(desk: Desk, case: Case):
    answer = desk.call(f"/cases/{case.number}/messages", id=str(uuid4()), text="在哪一侧？", rank=1)
    assert answer.status_code == 201
    assert [line["text"] for line in answer.json()["reports"][0]["messages"]] == ["在哪一侧？"]
    assert desk.call(f"/cases/{case.number}/messages", id=str(uuid4()), text="谁？", rank=7).status_code == 404


REFUSED: dict[str, tuple[str, dict[str, object], int]] = {
    "illegal step": ("close", {"version": 1, "answer": "快结"}, 409),
    "older version": ("accept", {"version": 0}, 409),
    "no body": ("decline", {"version": 1, "decline_reason": "out_of_remit", "answer": ANSWER}, 422),
    "no version": ("accept", {}, 422),
    "a column of the table": ("accept", {"version": 1, "county_code": QINZHOU}, 422),
    "unknown finding": ("finding", {"version": 1, "finding": "guilty"}, 422),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_a_refused_step_is_a_problem_and_changes_nothing(desk: Desk, case: Case, fault: str):
    step, form, status = REFUSED[fault]
    answer = desk.call(f"/cases/{case.number}/{step}", **form)
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
    assert (desk.now(case).state, desk.now(case).version) == (State.RECEIVED, 1)


def test_what_the_service_refuses_is_recorded(desk: Desk, case: Case):
    desk.call(f"/cases/{case.number}/close", version=1, answer="快结")
    assert desk.recorded("refused")[0].facts == {"step": "close", "reason": "TransitionNotAllowed"}


def test_the_same_call_twice_is_one_step(desk: Desk, case: Case):
    answers = [desk.call(f"/cases/{case.number}/accept", version=1) for _ in range(2)]
    assert [(one.status_code, one.json()["version"]) for one in answers] == [(200, 2), (200, 2)]
    assert [event.action for event in desk.events(case)] == ["received", "accept"]


def test_a_foreign_case_is_an_unknown_one(desk: Desk, session: Session):
    foreign = arrive(session, county_code=QINZHOU).case
    answers = [desk.get(f"/api/v1/bureau/cases/{number}").json() for number in (foreign.number, "TS-0000-00")]
    assert answers[0] == answers[1]
    assert answers[0]["status"] == 404
    assert desk.call(f"/cases/{foreign.number}/accept", version=1).status_code == 404
    assert desk.get("/api/v1/bureau/cases").json()["cases"] == []


def test_without_the_token_of_the_session_nothing_is_done(desk: Desk, case: Case):
    answer = desk.client.post(f"/api/v1/bureau/cases/{case.number}/accept", json={"version": 1})
    assert (answer.status_code, desk.now(case).state) == (403, State.RECEIVED)


def test_without_a_sign_in_a_program_is_told_so(client: TestClient, session: Session):
    del session
    assert client.get("/api/v1/bureau/cases").status_code == 401


def test_the_list_is_read_on_from_its_mark(client: TestClient, session: Session, engine: Engine):
    desk = sit_down(client, session, Role.CITY_TRIAGE)
    made = {arrive(session, county_code=None if i % 2 else QINZHOU).case.number for i in range(7)}
    met: list[str] = []
    path = "/api/v1/bureau/cases?limit=3"
    while path:
        with counted(engine) as statements:
            page = desk.get(path).json()
        assert len(statements) <= 4
        met += [card["number"] for card in page["cases"]]
        path = f"/api/v1/bureau/cases?limit=3&after={page['next']}" if page["next"] else ""
    assert (len(met), set(met)) == (7, made)


@pytest.mark.parametrize("limit", [0, 101, "many"])
def test_a_page_has_one_to_a_hundred_cases(desk: Desk, limit: object):
    assert desk.get(f"/api/v1/bureau/cases?limit={limit}").status_code == 422
