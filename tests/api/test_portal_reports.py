"""Following a report with its receipt: progress, mailbox, details, a sealed number, withdrawal."""

import json
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from httpx2 import Response
from sqlalchemy import Engine, text
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.cases import service as cases
from backend.cases.jobs import text_reporter
from backend.cases.rules import State, Step
from backend.cases.schemas import AskReporter, TakeStep
from backend.cities import city
from backend.core.config import get_settings
from backend.notices.sms import outbox_path
from backend.reports import queries as reports
from tests.factories.accounts import make_staff
from tests.factories.reports import MAIJI, Handed, send
from tests.factories.statements import counted
from tests.factories.web import token_on
from tests.fixtures import photos

PHONE = "13893800001"


@pytest.fixture
def received(session: Session) -> Handed:
    """Send one report."""
    got = send(session)
    session.commit()
    return got


@pytest.fixture
def holder(client: TestClient, received: Handed) -> TestClient:
    """Return a browser in which the receipt was entered."""
    token = token_on(client, "/reports")
    answer = client.post("/reports/lookup", data={"csrf_token": token, "receipt": received.sent.receipt.shown})
    assert (answer.status_code, answer.headers["location"]) == (303, "/reports/current")
    return client


def post(client: TestClient, path: str, **fields: str) -> Response:
    """Post a form of the progress page."""
    token = token_on(client, "/reports/current")
    return client.post(f"/reports/current/{path}", data={"csrf_token": token, **fields})


def test_a_receipt_opens_its_report_and_stands_in_no_address(holder: TestClient, received: Handed):
    page = holder.get("/reports/current")
    assert page.status_code == 200
    assert received.case.number in page.text
    assert received.sent.receipt.code not in page.text
    assert page.headers["cache-control"] == "no-store"


def test_the_progress_never_shows_what_was_sent(holder: TestClient, received: Handed):
    page = holder.get("/reports/current").text
    assert received.report.words not in page
    assert "34.57" not in page


@pytest.mark.parametrize("typed", ["", "x", "0000-0000-0000-0000-0000-0000", "<script>", "７Ｋ４Ｍ", "Z" * 5000])
def test_whatever_opens_nothing_gets_the_same_answer(client: TestClient, session: Session, typed: str):
    del session
    answer = client.post("/api/v1/receipts/lookup", json={"receipt": typed[:100]})
    assert answer.status_code == 404
    unknown = client.post("/api/v1/receipts/lookup", json={"receipt": "1111-1111-1111-1111-1111-1111"})
    assert answer.json() == unknown.json()


def test_a_receipt_is_read_as_people_write_it(client: TestClient, received: Handed):
    code = received.sent.receipt.code
    for typed in (code.lower(), f" {code} ", received.sent.receipt.shown.replace("-", " "), code.replace("0", "O")):
        assert client.post("/api/v1/receipts/lookup", json={"receipt": typed}).status_code == 200


def test_without_a_receipt_the_progress_page_leads_to_the_look_up(client: TestClient, session: Session):
    del session
    assert client.get("/reports/current").headers["location"] == "/reports"


def test_the_mailbox_works_both_ways(holder: TestClient, session: Session, received: Handed):
    officer = make_staff(session, county_code=MAIJI).actor
    cases.ask(session, officer, received.case.number, AskReporter(id=uuid4(), text="排口在桥的哪一侧？"))
    session.commit()
    assert "排口在桥的哪一侧？" in holder.get("/reports/current").text
    message_id = str(uuid4())
    for _ in range(2):
        assert post(holder, "messages", id=message_id, text="东侧，<b>桥下</b>。").status_code == 303
    (asked, answered) = reports.mailbox(session, [received.report.id])[received.report.id]
    assert (asked.sender, answered.sender) == ("bureau", "reporter")
    page = holder.get("/reports/current").text
    assert "&lt;b&gt;桥下&lt;/b&gt;" in page
    assert "<b>桥下</b>" not in page


def test_photos_can_be_added_in_the_mailbox(holder: TestClient, session: Session, received: Handed):
    token = token_on(holder, "/reports/current")
    answer = holder.post(
        "/reports/current/messages",
        data={"csrf_token": token, "id": str(uuid4()), "text": ""},
        files=[("photos", ("a.jpg", photos.jpeg(), "image/jpeg")), ("photos", ("b.txt", b"no", "text/plain"))],
    )
    assert answer.status_code == 303
    (line,) = reports.mailbox(session, [received.report.id])[received.report.id]
    assert line.photos == 1


def test_an_empty_message_gets_a_sentence(holder: TestClient):
    assert post(holder, "messages", id=str(uuid4()), text=" ").status_code == 422


def test_details_are_kept_and_what_the_city_does_not_ask_is_left_out(
    holder: TestClient, session: Session, received: Handed
):
    question = city().kind("sewage").questions[0]
    answers = {question.id: question.choices[0].id, "shoe_size": "44"}
    assert post(holder, "details", id=str(uuid4()), **answers).status_code == 303
    kept = reports.details(session, [received.report.id])[received.report.id]
    assert kept == {question.id: question.choices[0].id}


def test_a_phone_is_sealed_and_texted_after_a_step(
    holder: TestClient, session: Session, received: Handed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    assert post(holder, "contact", phone=f"+86 {PHONE[:3]} {PHONE[3:7]} {PHONE[7:]}").status_code == 303
    rows = session.execute(text("SELECT row_to_json(t)::text FROM sealed_fact t")).scalars().all()
    assert len(rows) == 1
    assert PHONE not in rows[0]
    officer = make_staff(session, county_code=MAIJI).actor
    cases.take_step(session, city(), officer, received.case.number, Step.ACCEPT, TakeStep(version=1))
    (job,) = session.execute(text("SELECT task_name, args FROM procrastinate_jobs")).all()
    assert job.task_name == "cases.text_reporter"
    assert PHONE not in json.dumps(job.args)
    monkeypatch.setattr(get_settings(), "data_dir", tmp_path)
    text_reporter(session, **job.args)
    line = json.loads(outbox_path(get_settings()).read_text().splitlines()[-1])
    assert (line["channel"], line["to"]) == ("sms", PHONE)
    assert received.case.number in line["text"]


def test_a_number_that_is_none_gets_a_sentence(holder: TestClient):
    assert post(holder, "contact", phone="12345").status_code == 422


def test_no_number_no_job(session: Session, received: Handed):
    officer = make_staff(session, county_code=MAIJI).actor
    cases.take_step(session, city(), officer, received.case.number, Step.ACCEPT, TakeStep(version=1))
    assert session.execute(text("SELECT count(*) FROM procrastinate_jobs")).scalar_one() == 0


def test_a_job_is_gone_with_the_change_that_promised_it(session: Session, holder: TestClient, received: Handed):
    post(holder, "contact", phone=PHONE)
    officer = make_staff(session, county_code=MAIJI).actor
    with session.begin_nested() as undone:
        cases.take_step(session, city(), officer, received.case.number, Step.ACCEPT, TakeStep(version=1))
        assert session.execute(text("SELECT count(*) FROM procrastinate_jobs")).scalar_one() == 1
        undone.rollback()
    assert session.execute(text("SELECT count(*) FROM procrastinate_jobs")).scalar_one() == 0


def test_a_report_is_withdrawn_once_and_not_after_acceptance(holder: TestClient, session: Session, received: Handed):
    assert post(holder, "withdrawal").status_code == 303
    session.expire_all()
    assert cases.case_of(session, received.report.id).state is State.WITHDRAWN
    assert post(holder, "withdrawal").status_code == 303


def test_leaving_closes_the_report_in_this_browser(holder: TestClient):
    assert post(holder, "leave").status_code == 303
    assert holder.get("/reports/current").headers["location"] == "/reports"


def test_the_public_list_tells_days_and_states_and_nothing_else(client: TestClient, received: Handed):
    (listed,) = client.get("/api/v1/cases").json()["cases"]
    assert set(listed) == {"number", "kind", "county_code", "state", "finding", "opened_on", "ended_on"}
    assert listed["number"] == received.case.number


def test_the_public_list_is_read_to_its_end_without_gap_or_repeat(client: TestClient, session: Session):
    numbers = {send(session).case.number for _ in range(7)}
    session.commit()
    seen: list[str] = []
    after = ""
    while after is not None:
        page = client.get("/api/v1/cases", params={"limit": 3, "after": after}).json()
        seen += [one["number"] for one in page["cases"]]
        after = page["next"]
    assert len(seen) == 7
    assert set(seen) == numbers
    assert client.get("/api/v1/cases", params={"after": "forged"}).status_code == 422


@pytest.mark.parametrize(
    ("path", "most"),
    [("/", 0), ("/report", 0), ("/help", 0), ("/privacy", 0), ("/reports", 10), ("/reports/current", 12)],
)
def test_pages_keep_their_number_of_statements(holder: TestClient, engine: Engine, path: str, most: int):
    with counted(engine) as statements:
        assert holder.get(path).status_code == 200
    assert len(statements) <= most, statements


def test_ids_in_the_database_do_not_tell_time(received: Handed):
    assert UUID(str(received.report.id)).version == 4
