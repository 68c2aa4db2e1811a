"""Looking for a case: by number, place and words, in the officer's own county, whatever was typed."""

import re
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import Session, select
from starlette.testclient import TestClient

from backend.audit.models import AuditEntry
from backend.cases import queries, searching
from backend.core import clock
from backend.core.actor import Role
from tests.factories.desk import Desk, arrive, sit_down
from tests.factories.reports import QINZHOU

NUMBER = re.compile(r'href="/bureau/cases/(TS-[0-9A-Z]{4}-[0-9A-Z]{2})"')
FIELD = "/bureau/search"
CROWD = text(
    "UPDATE case_words SET words = case_words.words || crowd.words FROM (SELECT string_agg(quote_literal('w' || n) || '\\:1', ' ')::tsvector"
    " AS words FROM generate_series(100001, 187300) AS n) AS crowd WHERE case_id = :id"
)
"""Nearly the megabyte that one text of the index can hold."""


@pytest.fixture
def desk(client: TestClient, session: Session) -> Desk:
    return sit_down(client, session)


def found(client: TestClient, question: str) -> list[str]:
    return NUMBER.findall(client.get(FIELD, params={"q": question}).text)


@pytest.mark.usefixtures("desk")
def test_a_case_is_found_by_each_thing_that_was_said_of_it(client: TestClient, session: Session) -> None:
    case = arrive(session, words="河边有人偷排污水，味道很大，PM2.5 超标", landmark="桥南加油站", kind="sewage").case
    arrive(session, words="楼下夜里放音响", landmark="人民公园", kind="noise")
    for question in ("偷排", "排污水", "味道很大", "加油", "桥南 偷排", "pm2", "ＰＭ2", case.number[3:7], "站"):
        assert found(client, question) == [case.number], question
    for question in ("排偷", "水味", "桥南 音响", "加站"):
        assert found(client, question) == [], question


def test_its_number_opens_a_case(client: TestClient, session: Session) -> None:
    sit_down(client, session)
    number = arrive(session).case.number
    for typed in (number, number.lower(), f" {number} "):
        answer = client.get(FIELD, params={"q": typed})
        assert (answer.status_code, answer.headers["location"]) == (303, f"/bureau/cases/{number}")


@pytest.mark.usefixtures("desk")
def test_an_officer_finds_nothing_of_another_county_and_the_city_finds_all(
    client: TestClient, session: Session
) -> None:
    """S-16."""
    own = arrive(session, words="烟囱冒黑烟").case.number
    foreign = arrive(session, words="烟囱冒黑烟", county_code=QINZHOU).case.number
    assert found(client, "黑烟") == [own]
    assert found(client, foreign) == []
    sit_down(client, session, Role.CITY_TRIAGE)
    assert set(found(client, "黑烟")) == {own, foreign}


@pytest.mark.usefixtures("desk")
def test_what_another_reporter_of_the_case_said_finds_it_too(client: TestClient, session: Session) -> None:
    first = arrive(session, words="味道很大", lat=34.57, lon=105.89).case
    joined = arrive(session, words="今天又看见罐车", lat=34.57, lon=105.89, joins=first.number)
    assert joined.joined
    assert found(client, "罐车") == found(client, "味道") == [first.number]


@pytest.mark.usefixtures("desk")
def test_a_report_is_taken_in_however_much_its_case_is_found_by_already(client: TestClient, session: Session) -> None:
    """A text of the database's index holds a megabyte: one more word must not refuse the report that brings it."""
    first = arrive(session, words="味道很大", lat=34.57, lon=105.89).case
    session.execute(CROWD, {"id": first.id})
    assert arrive(
        session, words="".join(chr(0x4E00 + place) for place in range(400)), lat=34.57, lon=105.89, joins=first.number
    ).joined
    assert found(client, "味道") == [first.number]


def test_ended_cases_are_found_and_old_ones_after_the_newer(client: TestClient, session: Session, desk: Desk) -> None:
    numbers: list[str] = []
    for days in (900, 400, 30, 8, 0):
        with clock.at(clock.now() - timedelta(days=days)):
            numbers.append(arrive(session, words="秸秆焚烧").case.number)
    desk.step(
        queries.sheet(session, desk.member.actor, numbers[0]).case,
        "decline",
        decline_reason="too_vague",
        answer="没找到",
    )
    assert found(client, "秸秆") == numbers[::-1]


def test_every_page_goes_on_where_the_last_one_stopped(client: TestClient, session: Session, desk: Desk) -> None:
    with clock.at(clock.now() - timedelta(days=100)):
        for _ in range(3):
            arrive(session, words="工地扬尘")
    for _ in range(4):
        arrive(session, words="工地扬尘")
    question, key, seen = searching.question("扬尘"), None, list[str]()
    for _ in range(9):
        rows, key = queries.search(session, desk.member.actor, question, key, limit=2)
        seen += [row.case.number for row in rows]
        if key is None:
            break
    assert len(seen) == len(set(seen)) == 7


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("question", ["%", "'", "污" * 61, "x" * 10_240])
def test_what_is_no_question_gets_one_sentence(client: TestClient, session: Session, question: str) -> None:
    answer = client.get(FIELD, params={"q": question})
    assert answer.status_code == 422
    assert "Write a number, a place or a word" in answer.text
    assert len(answer.text) < 30_000


@pytest.mark.usefixtures("desk")
def test_a_mark_of_another_list_is_refused(client: TestClient, session: Session) -> None:
    from backend.bureau.filters import write_key
    from backend.core.ids import new_id

    mark = write_key((clock.now(), new_id()))
    assert client.get(FIELD, params={"q": "污水", "after": mark}).status_code == 422


def test_that_somebody_looked_is_on_record_and_what_for_is_not(client: TestClient, session: Session) -> None:
    arrive(session, words="王老板的厂子")
    sit_down(client, session)
    found(client, "王老板")
    entry = session.exec(select(AuditEntry).where(AuditEntry.action == "cases_searched")).one()
    assert entry.facts == {"found": 1}
    assert "王" not in str(entry.model_dump())


@pytest.mark.usefixtures("desk")
@given(st.text(min_size=1, max_size=60))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_is_typed_is_answered(client: TestClient, question: str) -> None:
    assert client.get(FIELD, params={"q": question}).status_code in {200, 303, 400, 422}
