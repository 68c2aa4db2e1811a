"""Green pages and calls: two taps, an undo, a full leaf, the history line by line, what is kept before a sign-in."""

import re
from uuid import uuid4

import pytest
from httpx2 import Response
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.activities import settling
from backend.activities.rules import Reason
from backend.ledger import roots
from tests.factories.accounts import make_staff
from tests.factories.activities import after_the_hold, balance, fill_fund, fresh, logged
from tests.factories.residents import Neighbour, make_resident, sign_in_resident
from tests.factories.web import token_on


@pytest.fixture(autouse=True)
def _fund(session: Session):
    fill_fund(session)


def tap(client: TestClient, behaviour: str = "walk", quantity: str = "3", **more: str) -> Response:
    form = {"csrf_token": token_on(client, "/green"), "id": str(uuid4()), "behaviour": behaviour, "quantity": quantity}
    return client.post("/green/log", data=form | more)


def test_a_tap_on_a_tile_is_logged_and_can_be_undone(
    resident_client: TestClient, session: Session, neighbour: Neighbour
):
    page = resident_client.get("/green")
    assert page.status_code == 200
    assert page.text.count('class="green-tile"') >= 9
    answer = tap(resident_client)
    assert answer.status_code == 303
    entry = resident_client.get(answer.headers["location"])
    assert "+3" in entry.text
    undo = re.search(r'action="(/green/entries/[^"]+/undo)"', entry.text)
    assert undo
    form = {"csrf_token": token_on(resident_client, answer.headers["location"])}
    assert resident_client.post(undo[1], data=form).status_code == 303
    assert balance(session, neighbour.resident_id).pending_in == 0


def test_a_full_leaf_is_shown_before_and_is_never_an_error(
    resident_client: TestClient, session: Session, neighbour: Neighbour
):
    logged(session, neighbour.actor, quantity=10)
    session.commit()
    assert "green-tile--full" in resident_client.get("/green").text
    answer = tap(resident_client)
    assert answer.status_code == 303
    assert resident_client.get(answer.headers["location"]).status_code == 200


def test_the_history_says_why_when_who_and_by_which_rule(
    resident_client: TestClient, session: Session, neighbour: Neighbour
):
    logged(session, neighbour.actor, quantity=4)
    after_the_hold(session)
    session.commit()
    page = resident_client.get("/points").text
    assert "walk@1" in page
    assert "+4" in page
    told = resident_client.get("/api/v1/points").json()
    assert told["available"] == 4
    assert told["expires_next_on"].endswith("-12-31")
    assert [line["amount"] for line in told["lines"]] == [4, 0]


def test_calls_log_once_undo_and_refuse_another_body(resident_client: TestClient):
    body = {"id": str(uuid4()), "behaviour": "walk", "quantity": 2}
    first = resident_client.post("/api/v1/activities", json=body)
    assert (first.status_code, first.json()["activity"]["points"], first.json()["left"]) == (201, 2, 8)
    again = resident_client.post("/api/v1/activities", json=body)
    assert again.json()["activity"] == first.json()["activity"]
    assert resident_client.post("/api/v1/activities", json=body | {"quantity": 3}).status_code == 409
    undone = resident_client.post(f"/api/v1/activities/{body['id']}/undo", json={})
    assert undone.json()["state"] == "undone"
    assert resident_client.get("/api/v1/behaviours").status_code == 200
    assert len(resident_client.get("/api/v1/activities").json()) == 1


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"quantity": -1}, 422),
        ({"quantity": 1e300}, 422),
        ({"quantity": "NaN"}, 422),
        ({"behaviour": "report"}, 404),
        ({"evidence": "attendant"}, 422),
        ({"points": 1000}, 422),
        ({"lat": 91}, 422),
    ],
)
def test_nonsense_is_refused_and_changes_nothing(
    resident_client: TestClient, session: Session, neighbour: Neighbour, wrong: dict[str, object], status: int
):
    body = {"id": str(uuid4()), "behaviour": "walk", "quantity": 2} | wrong
    assert resident_client.post("/api/v1/activities", json=body).status_code == status
    assert balance(session, neighbour.resident_id).pending_in == 0


def test_somebody_elses_entry_is_unknown(client: TestClient, session: Session, neighbour: Neighbour):
    activity = logged(session, neighbour.actor)
    session.commit()
    other = sign_in_resident(client, session, make_resident(session))
    assert other.get(f"/green/entries/{activity.id}").status_code == 404
    assert other.post(f"/api/v1/activities/{activity.id}/undo", json={}).status_code == 404


def test_what_was_tapped_before_the_sign_in_is_kept_and_asked_about(
    client: TestClient, session: Session, neighbour: Neighbour
):
    assert tap(client).headers["location"] == "/green/kept"
    assert client.get("/green/kept").status_code == 200
    assert tap(client, "clean_plate", "1").status_code == 422
    sign_in_resident(client, session, neighbour)
    assert "/account/device" in client.get("/green").text
    assert "/account/device" in client.get("/points").text
    assert balance(session, neighbour.resident_id).pending_in == 0


def test_a_refusal_is_read_with_its_reason_and_can_be_appealed(
    resident_client: TestClient, session: Session, neighbour: Neighbour
):
    activity = logged(session, neighbour.actor)
    settling.reject(session, make_staff(session).actor, activity.id, Reason.NOT_SHOWN, "空盘子没拍到")
    session.commit()
    address = f"/green/entries/{activity.id}"
    assert "空盘子没拍到" in resident_client.get(address).text
    form = {"csrf_token": token_on(resident_client, address), "words": "我补拍了"}
    assert resident_client.post(f"{address}/appeal", data=form).status_code == 303
    assert "我补拍了" in resident_client.get(address).text


def test_points_can_be_given_to_a_cause_up_to_what_is_there(
    resident_client: TestClient, session: Session, neighbour: Neighbour
):
    logged(session, neighbour.actor, quantity=5)
    after_the_hold(session)
    session.commit()
    form = {"csrf_token": token_on(resident_client, "/points"), "id": str(uuid4()), "cause": "school_trees"}
    assert resident_client.post("/points/donations", data=form | {"points": "9"}).status_code == 409
    for _ in range(2):
        assert resident_client.post("/points/donations", data=form | {"points": "2"}).status_code == 303
    assert balance(session, neighbour.resident_id).available == 3


@pytest.mark.parametrize(
    "page",
    [
        "/points/books",
        "/points/verify",
        "/green/communities",
        "/green/do/clean_plate",
        "/green/do/walk",
        "/green/do/tree_planting",
    ],
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_pages_show_in_both_languages(resident_client: TestClient, page: str, lang: str):
    resident_client.post("/preferences", data={"csrf_token": token_on(resident_client, "/help"), "lang": lang})
    answer = resident_client.get(page)
    assert answer.status_code == 200
    assert len(answer.content) < 60_000


def test_a_community_can_be_chosen_and_left(resident_client: TestClient, session: Session, neighbour: Neighbour):
    form = {"csrf_token": token_on(resident_client, "/green/communities"), "county_code": "620502"}
    assert resident_client.post("/green/home", data=form | {"township_code": "990000000"}).status_code == 422
    assert resident_client.post("/green/home", data=form).status_code == 303
    activity = logged(session, neighbour.actor)
    assert activity.county_code == "620502"
    session.commit()
    assert resident_client.post("/green/home", data=form | {"leave": "yes"}).status_code == 303
    assert fresh(session, activity.id).county_code is None


def test_the_signed_digests_are_handed_out_to_everybody(client: TestClient, session: Session, neighbour: Neighbour):
    logged(session, neighbour.actor)
    first = roots.publish(session)
    logged(session, neighbour.actor)
    second = roots.publish(session)
    session.commit()
    assert first is not None
    assert second is not None
    assert "/api/v1/points/roots" in client.get("/points/books").text
    told = client.get("/api/v1/points/roots").json()
    assert [one["position"] for one in told[:2]] == [second.position, first.position]
    assert told[0]["root"] == second.root.hex()
    older = client.get("/api/v1/points/roots", params={"before": second.position}).json()
    assert older[0]["position"] == first.position
    assert client.get("/api/v1/points/roots?before=0").status_code == 422
