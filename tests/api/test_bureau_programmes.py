"""The desk of the programme editors: stations, lists, and titles that need a second person."""

import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.core.actor import Role
from backend.core.ids import new_id
from backend.stations import queries, service
from tests.factories.accounts import make_staff, sign_in_as
from tests.factories.desk import Desk, sit_down
from tests.factories.honours import ENOUGH, applied
from tests.factories.residents import make_resident, sign_in_resident
from tests.factories.stations import a_line, a_list, make_station
from tests.factories.web import token_on

FORM = {
    "code": "QZ-R-77",
    "name_zh": "新站",
    "name_en": "New station",
    "kind": "recycling",
    "items": ["paper", "metal"],
    "day_Mo": "08:00-12:00,14:00-18:00",
    "day_Sa": "22:00-02:00",
    "special": "2026-10-01 关门\n2026-10-02 09:00-12:00",
    "division": "620502003",
    "lat": "34.58",
    "lon": "105.73",
    "datum": "wgs84",
    "source": "街道名单",
    "staffed": "yes",
}


@pytest.fixture
def desk(client: TestClient, session: Session) -> Desk:
    return sit_down(client, session, Role.PROGRAMME_EDITOR)


def test_a_station_is_added_changed_retired_and_restored(desk: Desk, session: Session):
    assert desk.post("/bureau/stations", **FORM).headers["location"] == "/bureau/stations/QZ-R-77?done=added"
    station = queries.any_station(session, "QZ-R-77")
    assert station.hours == "Mo 08:00-12:00,14:00-18:00; Sa 22:00-02:00; 2026-10-01 off; 2026-10-02 09:00-12:00"
    assert (station.township_code, station.is_staffed) == ("620502003", True)
    changed = FORM | {"version": 1, "name_zh": "改名", "code": "OTHER-1", "division": "620502", "staffed": ""}
    assert desk.post("/bureau/stations/QZ-R-77", **changed).status_code == 303
    for verb, version in (("retire", 2), ("restore", 3)):
        assert desk.post(f"/bureau/stations/QZ-R-77/{verb}", version=version).status_code == 303
    session.expire_all()
    station = queries.any_station(session, "QZ-R-77")
    assert (station.name_zh, station.township_code, station.is_staffed, station.is_active) == (
        "改名",
        None,
        False,
        True,
    )
    assert len(desk.recorded("station_changed")) == 1


def test_a_wrong_form_keeps_what_was_typed_and_says_where(desk: Desk):
    wrong = FORM | {"name_zh": "留着的名字", "day_Mo": "八点", "lat": "39.9", "lon": "116.4", "items": ["mulch_film"]}
    answer = desk.post("/bureau/stations", **wrong)
    assert answer.status_code == 422
    for words in ("留着的名字", "八点", "Write times as", "lies outside the city", "does not take all of this"):
        assert words in answer.text


def test_a_taken_code_and_an_old_form_get_a_sentence(desk: Desk, session: Session):
    desk.post("/bureau/stations", **FORM)
    assert desk.post("/bureau/stations", **FORM).status_code == 409
    assert desk.post("/bureau/stations/QZ-R-77", **FORM, version=9).status_code == 409


def test_a_closed_door_becomes_a_task_and_is_settled(desk: Desk, session: Session):
    station = make_station(session)
    for sender in "abc":
        service.report_closed(session, station.code, sender)
    session.commit()
    assert station.name_en in desk.get("/bureau/stations?view=reported").text
    answer = desk.post(f"/bureau/stations/{station.code}/closure", version=1, verdict="confirm")
    assert answer.status_code == 303
    assert station.name_en not in desk.get("/bureau/stations?view=reported").text
    assert "Closed until further notice" in desk.client.get(f"/stations/{station.code}").text


def test_every_view_and_filter_of_the_desk_is_a_page(desk: Desk, session: Session):
    station = make_station(session)
    for query in ("", "?view=gone", "?kind=recycling", "?county=620502", f"?words={station.code}", "?kind=&words="):
        assert desk.get(f"/bureau/stations{query}").status_code == 200
    assert station.code in desk.get(f"/bureau/stations?words={station.code}").text


def test_a_list_goes_in_by_two_steps_and_comes_out_again(desk: Desk, session: Session):
    content = a_list(a_line(code="B-1"), a_line(code="B-2", lat="39.9"))
    sent = desk.client.post(
        "/bureau/stations/import",
        data={"csrf_token": desk.token, "id": str(new_id())},
        files={"file": ("list.csv", content, "text/csv")},
    )
    address = sent.headers["location"]
    page = desk.get(address).text
    assert "This place lies outside the city" in page
    seen = page.split('name="seen" value="')[1][:64]
    assert desk.post(address, mode="all", seen=seen).status_code == 422
    assert desk.post(address, mode="good", seen="0" * 64).status_code == 409
    assert desk.post(address, mode="good", seen=seen).status_code == 303
    assert "1 added" in desk.get(address).text
    assert desk.post(address, mode="good", seen=seen).status_code == 409
    written = desk.get("/bureau/stations/export.csv")
    assert "B-1" in written.text
    assert written.headers["content-disposition"].startswith('attachment; filename="stations-')


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04\x00"])
def test_a_file_that_is_no_list_gets_a_sentence(desk: Desk, content: bytes):
    answer = desk.client.post(
        "/bureau/stations/import",
        data={"csrf_token": desk.token, "id": str(new_id())},
        files={"file": ("list.csv", content, "text/csv")},
    )
    assert answer.status_code == 422
    assert "cannot be read as a CSV list" in answer.text


def test_a_title_takes_two_people_at_the_desk(client: TestClient, session: Session):
    one = applied(session, make_resident(session))
    first = sit_down(client, session, Role.PROGRAMME_EDITOR)
    address = f"/bureau/honours/{one.id}"
    assert "向阳院老李家" in first.get("/bureau/honours").text
    assert len(first.recorded("honour_read")) == 0
    assert first.get(address).status_code == 200
    assert len(first.recorded("honour_read")) == 1
    assert first.post(f"{address}/propose", version=1).status_code == 303
    assert "Grant the title" not in first.get(address).text
    assert first.post(f"{address}/grant", version=2).status_code == 403
    assert len(first.recorded("authz_denied")) == 1
    assert first.post(f"{address}/refuse", version=2).status_code == 422
    assert first.post(f"{address}/take_back", version=2).status_code == 409
    sign_in_as(client, session, make_staff(session, Role.PROGRAMME_EDITOR, name="孟祥云"))
    second = Desk(client, session, first.member, token_on(client, address))
    assert second.post(f"{address}/grant", version=2).status_code == 303
    assert "向阳院老李家" in client.get("/honours").text


def test_a_family_checks_applies_and_takes_back(client: TestClient, session: Session):
    client.headers["accept-language"] = "en"
    assert "5 of 6: that is enough" in client.get("/honours/green_household", params={"said": ENOUGH}).text
    assert client.get("/honours/apply/green_household").headers["location"].startswith("/account/sign-in")
    sign_in_resident(client, session, make_resident(session))
    token = token_on(client, "/honours/apply/green_household")
    form = {"csrf_token": token, "id": str(new_id()), "division": "620502003", "said": ENOUGH, "shown_name": "老李家"}
    wrong = client.post("/honours/apply/green_household", data=form | {"shown_name": " ", "division": ""})
    assert wrong.status_code == 422
    assert client.post("/honours/apply/green_household", data=form | {"said": ENOUGH[:2]}).status_code == 422
    for _ in range(2):
        assert client.post("/honours/apply/green_household", data=form).status_code == 303
    assert client.post("/honours/apply/green_household", data=form | {"id": str(new_id())}).status_code == 409
    sent = client.post("/honours/apply/green_household", data=form)
    assert "Your application is in." in client.get(sent.headers["location"]).text
    page = client.get("/honours").text
    assert "Being looked at" in page
    assert "Your application is in." not in page
    back = page.split('action="/honours/applications/')[1].split("/")[0]
    assert client.post(f"/honours/applications/{back}/take-back", data={"csrf_token": token}).status_code == 303
    assert "Application taken back" in client.get("/honours").text
    assert client.get("/honours/apply").status_code == 200
    assert client.get("/honours/none").status_code == 404


def test_a_refusal_leads_back_to_the_own_desk(desk: Desk):
    refused = desk.client.get("/bureau")
    assert refused.status_code == 403
    assert 'href="/bureau/stations"' in refused.text
    assert 'href="/bureau"' not in refused.text.split("<main")[1]
    # Where nobody looked who asks, a way that leads there.
    missing = desk.client.get("/bureau/nowhere")
    assert missing.status_code == 404
    assert 'href="/bureau/desk"' in missing.text
    assert desk.client.get("/bureau/desk").headers["location"] == "/bureau/stations"
