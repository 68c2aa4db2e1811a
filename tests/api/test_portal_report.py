"""Sending a report over HTTP: once, whatever the network and the file do."""

import re
import secrets
import threading
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, String, cast, text
from sqlmodel import Session, select
from starlette.testclient import TestClient

from backend.core import db
from backend.media.models import Photo
from backend.reports.models import Report
from tests.factories.reports import IN_XIAN, MAIJI
from tests.factories.statements import counted
from tests.fixtures import photos

RECEIPT = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){5}")


def body(**changes: Any) -> dict[str, Any]:
    """Return a report as the JSON interface takes it."""
    return {
        "id": str(uuid4()),
        "secret": secrets.token_hex(16),
        "kind": "sewage",
        "lat": 34.570,
        "lon": 105.890,
        "accuracy_m": 18,
        "place_source": "device",
        "county_code": MAIJI,
        "words": "河边有人偷排污水",
    } | changes


def put_photo(client: TestClient, content: bytes | None = None) -> str:
    """Put a photo as the page does; return its id."""
    photo_id = str(uuid4())
    answer = client.put(f"/api/v1/photos/{photo_id}", content=content or photos.jpeg())
    assert answer.status_code == 201, answer.text
    return photo_id


def fields_of(page: str) -> dict[str, str]:
    """Return the hidden fields that the form page gives to a browser without script."""
    return {
        name: found[1]
        for name in ("csrf_token", "id", "secret")
        if (found := re.search(rf'name="{name}" value="([^"]+)"', page))
    }


def test_three_photos_and_one_report(client: TestClient, session: Session):
    ids = [put_photo(client, photos.jpeg(seed=seed)) for seed in range(3)]
    answer = client.post("/api/v1/reports", json=body(photo_ids=ids))
    assert answer.status_code == 201
    told = answer.json()
    assert told["photo_ids"] == ids
    assert RECEIPT.fullmatch(told["receipt"])
    assert re.fullmatch(r"TS-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{2}", told["number"])
    owners = session.exec(select(Photo.owner)).all()
    assert set(owners) == {f"report:{told['id']}"}


def test_the_same_request_again_gives_the_same_answer(client: TestClient):
    sent = body(photo_ids=[put_photo(client)])
    first, second = (client.post("/api/v1/reports", json=sent) for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()


def test_another_body_under_the_same_id_is_a_conflict(client: TestClient):
    sent = body()
    client.post("/api/v1/reports", json=sent)
    answer = client.post("/api/v1/reports", json=sent | {"words": "别的"})
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_receipt_stands_nowhere_in_the_database(client: TestClient, session: Session):
    receipt = client.post("/api/v1/reports", json=body()).json()["receipt"]
    tables = session.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars().all()
    for table in tables:
        rows = session.execute(text(f'SELECT row_to_json(t)::text FROM "{table}" t')).scalars().all()  # noqa: S608
        stored = " ".join(rows)
        assert receipt not in stored
        assert receipt.replace("-", "") not in stored
        assert receipt.replace("-", "").encode().hex() not in stored


def test_a_submission_takes_at_most_six_statements(client: TestClient, session: Session, engine: Engine):
    sent = body(photo_ids=[put_photo(client) for _ in range(3)])
    session.flush()
    with counted(engine) as statements:
        assert client.post("/api/v1/reports", json=sent).status_code == 201
    assert len(statements) <= 6, statements


def test_a_form_without_script_is_answered_with_the_receipt(client: TestClient):
    page = client.get("/report")
    assert page.status_code == 200
    form = fields_of(page.text) | {
        "kind": "smoke",
        "county_code": MAIJI,
        "landmark": "桥南街口",
        "place_source": "list",
    }
    files = [("photos", ("a.jpg", photos.jpeg(seed=1), "image/jpeg")), ("photos", ("b.txt", b"hello", "image/jpeg"))]
    first = client.post("/report", data=form, files=files)
    assert first.status_code == 201
    receipt = RECEIPT.search(first.text)
    assert receipt
    assert "b.txt" in first.text
    assert first.headers["cache-control"] == "no-store"
    again = client.post("/report", data=form, files=files)
    assert receipt[0] in again.text


def test_a_wrong_form_is_shown_again_with_what_was_typed(client: TestClient, session: Session):
    form = fields_of(client.get("/report").text) | {"words": "桥下有黑水", "county_code": MAIJI}
    answer = client.post("/report", data=form)
    assert answer.status_code == 422
    assert "桥下有黑水" in answer.text
    assert form["id"] in answer.text
    assert session.get(Report, UUID(form["id"])) is None


def test_a_form_without_our_token_is_refused(client: TestClient, session: Session):
    form = fields_of(client.get("/report").text) | {"kind": "smoke", "county_code": MAIJI, "words": "烟"}
    answer = client.post("/report", data=form | {"csrf_token": "x"})
    assert answer.status_code == 403
    assert session.get(Report, UUID(form["id"])) is None


def test_a_place_outside_the_city_is_taken_and_the_right_hotline_shown(client: TestClient):
    lat, lon = IN_XIAN
    form = fields_of(client.get("/report").text) | {
        "kind": "smoke",
        "words": "烟",
        "lat": str(lat),
        "lon": str(lon),
        "place_source": "device",
    }
    answer = client.post("/report", data=form)
    assert answer.status_code == 201
    assert "12345" in answer.text


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "unknown"},
        {"lat": 91},
        {"lat": None},
        {"secret": "short"},
        {"words": "长" * 501},
        {"photo_ids": ["not an id"]},
        {"photo_ids": [str(uuid4()) for _ in range(7)]},
        {"state": "closed"},
        {"id": "1"},
    ],
)
def test_a_body_that_breaks_a_rule_is_refused_and_nothing_is_kept(
    client: TestClient, session: Session, changes: dict[str, Any]
):
    sent = body(**changes)
    answer = client.post("/api/v1/reports", json=sent)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert session.exec(select(Report).where(cast(Report.id, String) == sent["id"])).all() == []


@pytest.mark.parametrize("way", ["page", "json"])
def test_a_commit_that_fails_is_never_answered_with_success(
    client: TestClient, session: Session, monkeypatch: pytest.MonkeyPatch, way: str
):
    """Both ways to the one commit: the dependency of every route, and the single thread of the busiest call."""

    def fail(_session: Session) -> None:
        raise ConnectionError("the database went away")

    browser = TestClient(client.app, base_url="https://testserver", raise_server_exceptions=False)
    form = fields_of(browser.get("/report").text) | {"kind": "smoke", "words": "烟", "county_code": MAIJI}
    sent = body(id=form["id"])
    monkeypatch.setattr(db.Session, "commit", fail)
    answer = browser.post("/report", data=form) if way == "page" else browser.post("/api/v1/reports", json=sent)
    monkeypatch.undo()
    assert answer.status_code == 500
    assert session.get(Report, UUID(form["id"])) is None


def test_ten_at_once_are_one(own_engine: Engine, app: Any):
    """Real connections, real threads: the same body ten times in parallel has one effect and one answer."""
    sent = body()
    answers: list[tuple[int, str]] = []

    def send() -> None:
        answer = TestClient(app, base_url="https://testserver").post("/api/v1/reports", json=sent)
        answers.append((answer.status_code, answer.text))

    threads = [threading.Thread(target=send) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(answers)) == 1, answers
    assert answers[0][0] == 201
    with Session(own_engine) as look:
        assert len(look.exec(select(Report).where(Report.id == sent["id"])).all()) == 1


def test_public_pages_are_compressed_and_private_ones_are_not(client: TestClient, session: Session):
    del session
    assert client.get("/").headers["content-encoding"] == "gzip"
    assert "content-encoding" not in client.get("/reports").headers
    form = fields_of(client.get("/report").text) | {"kind": "smoke", "words": "烟", "county_code": MAIJI}
    assert "content-encoding" not in client.post("/report", data=form).headers
