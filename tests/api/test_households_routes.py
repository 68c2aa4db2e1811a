"""A household over HTTP: pages without script, JSON, codes that stand in no address, and what is not one's own."""

import re
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx2 import Response
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.core import clock
from backend.core.ids import new_id
from backend.households import queries
from tests.factories.households import Family, come_in, earn, make_household, stay_of
from tests.factories.residents import Neighbour, make_resident, sign_in_resident
from tests.factories.web import token_on

API = "/api/v1/household"


def phone_of(app: FastAPI, session: Session, neighbour: Neighbour) -> TestClient:
    """Return a browser in which somebody is signed in."""
    opened = TestClient(app, base_url="https://testserver", follow_redirects=False)
    return sign_in_resident(opened, session, neighbour)


def send(client: TestClient, path: str, **fields: object) -> Response:
    """Send a form of the household's pages."""
    return client.post(f"/household{path}", data={"csrf_token": token_on(client, "/help"), **fields})


def hidden(page: str, name: str, value: str | None = None) -> str:
    """Return what a hidden field holds."""
    del value
    found = re.search(rf'name="{name}"\s+value="([^"]+)"', page)
    assert found
    return found[1]


@pytest.fixture
def family(session: Session) -> Family:
    """A household of one."""
    return make_household(session)


def test_a_family_comes_together_by_forms_alone(app: FastAPI, session: Session):
    anna, ben = make_resident(session, nickname="小安"), make_resident(session, nickname="小本")
    owner, guest = phone_of(app, session, anna), phone_of(app, session, ben)
    assert send(owner, "", id=str(new_id()), name="小院人家").headers["location"] == "/household"
    assert send(owner, "/invite", id=str(new_id())).headers["location"] == "/household/invite"
    shown = owner.get("/household/invite").text
    code = "".join(re.findall(r"<span>([0-9A-Z]{3})</span>", shown))
    assert len(code) == 9

    told = send(guest, "/join/look", code=code)
    assert told.status_code == 200
    assert "小院人家" in told.text
    assert "小安" in told.text
    stay_id = hidden(told.text, "id")
    assert send(guest, "/join", id=stay_id, code=code, share="half").status_code == 422
    assert send(guest, "/join", id=stay_id, code=code, share="half", agreed="yes").status_code == 303
    assert "小院人家" in guest.get("/household").text
    assert "小安" not in guest.get("/household").text
    assert "小本" in owner.get("/household").text
    assert send(owner, f"/members/{stay_id}/confirmation").status_code == 303
    assert "小安" in guest.get("/household").text


def test_points_go_in_and_out_once_however_often_the_form_is_sent(app: FastAPI, session: Session, family: Family):
    client = phone_of(app, session, family.owner)
    earn(session, family.owner.resident_id, 10, days=5)
    page = client.get("/household").text
    request_id = hidden(page, "id")
    for _ in range(3):
        assert send(client, "/contributions", id=request_id, amount="4").status_code == 303
    assert client.get(API).json()["pooled"] == 4
    again = send(client, "/contributions", id=request_id, amount="5")
    assert again.status_code == 409
    too_much = send(client, "/contributions", id=str(new_id()), amount="7")
    assert too_much.status_code == 409
    assert send(client, "/withdrawals", id=str(new_id())).status_code == 303
    assert client.get(API).json()["pooled"] == 0


@pytest.mark.parametrize("amount", ["0", "-1", "1.5", "NaN", "1e9", "", "99999999999999999999", "十"])
def test_an_amount_that_is_none_is_refused_and_changes_nothing(
    app: FastAPI, session: Session, family: Family, amount: str
):
    client = phone_of(app, session, family.owner)
    earn(session, family.owner.resident_id, 10)
    assert send(client, "/contributions", id=str(new_id()), amount=amount).status_code == 422
    assert client.post(f"{API}/contributions", json={"id": str(new_id()), "amount": amount}).status_code == 422
    assert client.get(API).json()["pooled"] == 0


def test_who_leaves_sees_exactly_what_comes_back_before(app: FastAPI, session: Session, family: Family):
    member = come_in(session, family)
    client = phone_of(app, session, member)
    earn(session, member.resident_id, 6, days=9)
    send(client, "/contributions", id=str(new_id()), amount="5")
    told = client.get(f"{API}/membership/leaving").json()
    assert (told["amount"], told["held"], told["needs_successor"]) == (5, 0, False)
    assert [lot["amount"] for lot in told["lots"]] == [5]
    assert "<strong>5</strong>" in client.get("/household/leave").text
    assert send(client, "/leave").status_code == 303
    assert client.get(API).status_code == 404


def test_an_owner_names_a_successor_while_leaving(app: FastAPI, session: Session, family: Family):
    member = come_in(session, family)
    client = phone_of(app, session, family.owner)
    assert send(client, "/leave").status_code == 409
    assert send(client, "/leave", member_id="nobody").status_code == 422
    assert send(client, "/leave", member_id=str(stay_of(session, member).id)).status_code == 303
    household = queries.household_of(session, member.resident_id)
    assert household
    assert household.owner_id == member.resident_id


def test_dissolving_needs_a_yes(app: FastAPI, session: Session, family: Family):
    client = phone_of(app, session, family.owner)
    assert send(client, "/dissolution").headers["location"] == "/household/leave"
    assert client.get(API).status_code == 200
    assert send(client, "/dissolution", confirmed="yes").headers["location"] == "/household"
    assert client.get(API).status_code == 404


def test_the_code_is_read_from_the_body_only(app: FastAPI, session: Session, family: Family):
    """No route takes a code in its address, so none can stand in a log."""
    client = phone_of(app, session, family.owner)
    made = client.post(f"{API}/invitation", json={"id": str(new_id())}).json()
    assert made["link"].split("#")[1] == made["code"].replace("-", "")
    assert "?" not in made["link"]
    guest = phone_of(app, session, make_resident(session))
    told = guest.post(f"{API}/invitation/lookup", json={"code": made["code"]})
    assert told.json()["members"] == 1
    assert len(told.json()["shared"]) == 5


def test_tries_of_codes_are_counted(app: FastAPI, session: Session):
    guest = phone_of(app, session, make_resident(session))
    tried = [guest.post(f"{API}/invitation/lookup", json={"code": "000000000"}).status_code for _ in range(22)]
    assert tried == [404] * 20 + [429] * 2


@pytest.mark.parametrize("typed", ["", "12345", "UUUUUUUUU", "7K4M9ZZZ*", "０００００００００１"])
def test_a_code_that_can_be_none_is_told_before_anything_is_looked_up(app: FastAPI, session: Session, typed: str):
    guest = phone_of(app, session, make_resident(session))
    assert guest.post(f"{API}/invitation/lookup", json={"code": typed}).status_code == 422


def test_another_household_is_nobody_elses_business(app: FastAPI, session: Session, family: Family):
    """S-14: ids of others open nothing."""
    member = come_in(session, family)
    stranger = phone_of(app, session, make_household(session).owner)
    stay = stay_of(session, member).id
    for method, path, body in (
        ("PUT", f"/members/{stay}/confirmation", None),
        ("PATCH", f"/members/{stay}", {"daily_limit": 3}),
        ("DELETE", f"/members/{stay}", None),
        ("PUT", "/owner", {"member_id": str(stay)}),
    ):
        assert stranger.request(method, API + path, json=body).status_code == 404
    assert stranger.get(f"/household/members/{stay}").status_code == 404
    assert member.nickname in [one.nickname for one in queries.members_of(session, family.id)]


def test_only_the_owner_decides(app: FastAPI, session: Session, family: Family):
    member = come_in(session, family)
    client = phone_of(app, session, member)
    stay = stay_of(session, family.owner).id
    assert client.patch(API, json={"name": "换名"}).status_code == 403
    assert client.delete(API).status_code == 403
    assert client.post(f"{API}/invitation", json={"id": str(new_id())}).status_code == 403
    assert client.delete(f"{API}/members/{stay}").status_code == 403
    assert client.post(f"{API}/elders", json={"id": str(new_id()), "nickname": "x", "agreed": True}).status_code == 403
    assert client.get("/household/invite").status_code == 403
    assert client.get(f"/household/members/{stay}").status_code == 403


def test_a_minors_limit_is_for_the_owners_and_the_own_eyes(app: FastAPI, session: Session, family: Family):
    child = come_in(session, family, make_resident(session, nickname="豆豆", birth_year=clock.today().year - 15))
    other = come_in(session, family)
    stay = stay_of(session, child).id
    owner = phone_of(app, session, family.owner)
    assert owner.patch(f"{API}/members/{stay}", json={"daily_limit": 7}).status_code == 200
    limits = [
        {one["nickname"]: one["daily_limit"] for one in phone_of(app, session, who).get(API).json()["members"]}["豆豆"]
        for who in (family.owner, child, other)
    ]
    assert limits == [7, 7, None]
    text = phone_of(app, session, other).get(API).text
    assert not any(word in text for word in ("phone", "birth", "joined", "agreed"))


def test_a_bad_limit_is_told_beside_its_field(app: FastAPI, session: Session, family: Family):
    child = come_in(session, family, make_resident(session, birth_year=clock.today().year - 15))
    client = phone_of(app, session, family.owner)
    stay = stay_of(session, child).id
    assert send(client, f"/members/{stay}/limit", daily_limit="-1").status_code == 422
    assert send(client, f"/members/{stay}/limit", daily_limit="12").status_code == 303


def test_whoever_waits_sees_nothing_and_can_think_again(app: FastAPI, session: Session, family: Family):
    owner, guest = (phone_of(app, session, one) for one in (family.owner, make_resident(session)))
    code = owner.post(f"{API}/invitation", json={"id": str(new_id())}).json()["code"]
    body = {"id": str(new_id()), "code": code, "agreed": True}
    assert guest.post(f"{API}/membership", json=body).status_code == 202
    assert guest.post(f"{API}/membership", json=body).status_code == 202
    told = guest.get(API).json()
    assert (told["is_waiting"], told["members"], told["pooled"]) == (True, [], 0)
    assert guest.post(f"{API}/contributions", json={"id": str(new_id()), "amount": 1}).status_code == 404
    assert guest.get("/household/leave").status_code == 404
    assert send(guest, "/request/withdrawal").status_code == 303
    assert guest.get(API).status_code == 404


def test_the_rest_of_the_interface_does_what_the_pages_do(app: FastAPI, session: Session):
    client = phone_of(app, session, make_resident(session))
    household_id = str(new_id())
    made = client.post(API, json={"id": household_id, "name": "小院", "share": "all"})
    assert made.status_code == 201
    assert made.json()["id"] == household_id
    assert client.patch(API, json={"name": "大院"}).json()["name"] == "大院"
    assert client.patch(f"{API}/membership", json={"share": "half"}).json()["share"] == "half"
    elder = client.post(f"{API}/elders", json={"id": str(new_id()), "nickname": "奶奶", "agreed": True}).json()
    assert [one["kind"] for one in elder["members"]] == ["own", "elder"]
    assert client.delete(f"{API}/members/{UUID(elder['members'][1]['id'])}").json() == {"amount": 0}
    assert client.get(f"{API}/invitation").json() is None
    client.post(f"{API}/invitation", json={"id": str(new_id())})
    assert client.delete(f"{API}/invitation").status_code == 204
    assert client.get(f"{API}/invitation").json() is None
    assert client.delete(API).json() == {"amount": 0}


def test_the_join_page_is_open_to_whoever_scanned(client: TestClient):
    page = client.get("/household/join")
    assert page.status_code == 200
    assert "/account/sign-in?next=/household/join" in page.text


@pytest.mark.parametrize("path", ["", "/invite", "/leave"])
def test_pages_are_small_and_kept_by_nobody(app: FastAPI, session: Session, family: Family, path: str):
    import gzip

    come_in(session, family)
    page = phone_of(app, session, family.owner).get(f"/household{path}")
    assert page.headers["cache-control"] == "no-store"
    assert len(gzip.compress(page.content)) <= 14 * 1024
