"""One photo through HTTP, into the real database and a real folder."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlmodel import Session, select
from starlette.testclient import TestClient

from backend.core.ids import new_id
from backend.core.storage import FolderStorage, StorageFailed
from backend.media import routes, rules, service
from backend.media.models import Photo
from backend.web import errors as web_errors
from tests.fixtures import photos


@pytest.fixture
def storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FolderStorage:
    folder = FolderStorage(tmp_path / "objects")
    monkeypatch.setattr(service, "get_storage", lambda: folder)
    return folder


@pytest.fixture
def web(session: Session, storage: FolderStorage) -> TestClient:
    """This feature's routes alone."""
    app = FastAPI()
    web_errors.install(app)
    app.include_router(routes.router)
    return TestClient(app, base_url="https://testserver")


def address(photo_id: UUID | None = None) -> str:
    return f"/api/v1/photos/{photo_id or new_id()}"


def test_a_photo_is_answered_with_its_digest(web: TestClient, session: Session) -> None:
    photo_id = new_id()
    answer = web.put(address(photo_id), content=photos.camera_jpeg(orientation=6))
    assert answer.status_code == 201
    photo = session.get_one(Photo, photo_id)
    assert answer.json() == {
        "id": str(photo_id),
        "sha256": photo.sha256.hex(),
        "width": 300,
        "height": 400,
        "status": "ready",
    }


def test_the_same_again_is_the_same_answer(web: TestClient, session: Session) -> None:
    where = address()
    first, second = (web.put(where, content=photos.jpeg()) for _ in range(2))
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert web.put(where, content=photos.jpeg(seed=2)).status_code == 409
    assert len(session.exec(select(Photo.id)).all()) == 1


def test_the_facts_of_the_page_come_in_a_header(web: TestClient, session: Session) -> None:
    """S-45."""
    photo_id = new_id()
    facts = urlsafe_b64encode(json.dumps({"lat": 34.5, "lon": 105.7}).encode()).decode()
    assert web.put(address(photo_id), content=photos.jpeg(), headers={"Photo-Facts": facts}).status_code == 201
    assert service.facts_of(session.get_one(Photo, photo_id)) == {"lat": 34.5, "lon": 105.7, "source": "page"}


@pytest.mark.parametrize("name", photos.not_photos())
def test_what_is_no_photo_is_told_so(web: TestClient, name: str) -> None:
    """S-40: by content, whatever the declared type says."""
    answer = web.put(address(), content=photos.not_photos()[name], headers={"Content-Type": "image/jpeg"})
    assert answer.status_code == 415
    assert answer.json()["detail"]


def test_the_declared_type_is_not_asked(web: TestClient) -> None:
    """S-40."""
    answer = web.put(address(), content=photos.png(), headers={"Content-Type": "image/jpeg"})
    assert answer.status_code == 201


def test_an_empty_body_and_a_bomb_get_their_sentence(web: TestClient) -> None:
    """S-43."""
    for content in (b"", photos.png_bomb()):
        answer = web.put(address(), content=content)
        assert answer.status_code == 422
        assert answer.json()["detail"]


def test_a_broken_photo_is_taken_and_marked(web: TestClient) -> None:
    answer = web.put(address(), content=photos.jpeg()[:3000])
    assert (answer.status_code, answer.json()["status"]) == (201, "unreadable")


def test_more_than_ten_megabytes_are_refused_while_they_stream(web: TestClient) -> None:
    """S-41: with a declared length and without."""
    big = photos.jpeg() + bytes(rules.FILE_BYTES_MAX)

    def chunks() -> Iterator[bytes]:
        for at in range(0, len(big), 65536):
            yield big[at : at + 65536]

    for content in (big, chunks()):
        answer = web.put(address(), content=content)
        assert answer.status_code == 413
        assert answer.json()["detail"]


def test_a_store_that_fails_asks_to_come_again(
    web: TestClient, storage: FolderStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F-08."""

    def put(_key: str, _data: bytes) -> None:
        raise StorageFailed("ENOSPC")

    monkeypatch.setattr(storage, "put", put)
    answer = web.put(address(), content=photos.jpeg())
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


def test_all_photos_on_their_way_are_bounded_together(web: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    count = routes.Arriving(1000)
    monkeypatch.setattr(routes, "arriving", lambda: count)
    assert web.put(address(), content=photos.jpeg()).status_code == 503
    assert count.bytes == 0


def test_an_id_that_is_none_is_refused(web: TestClient) -> None:
    assert web.put("/api/v1/photos/../../etc/passwd", content=photos.jpeg()).status_code in {404, 405, 422}
    assert web.put("/api/v1/photos/1", content=photos.jpeg()).status_code == 422


@pytest.mark.parametrize("name", photos.polyglots())
def test_a_picture_is_handed_out_so_that_a_browser_can_only_show_it(
    session: Session, storage: FolderStorage, name: str
) -> None:
    """S-46: polyglots yield bytes without the payload, under headers that forbid everything else."""
    photo = service.take_in(session, new_id(), photos.polyglots()[name], None)
    for size in rules.SIZES:
        answer = routes.photo_answer(photo, size)
        assert photos.MARKUP not in bytes(answer.body)
        assert rules.is_bare_jpeg(bytes(answer.body))
        assert dict(answer.headers) == {
            "content-type": "image/jpeg",
            "content-length": str(len(answer.body)),
            "cache-control": "no-store",
            "content-disposition": "inline",
            "content-security-policy": "default-src 'none'; sandbox",
            "cross-origin-resource-policy": "same-origin",
            "x-content-type-options": "nosniff",
        }


def test_on_a_nearly_full_disk_photos_are_refused_with_a_sentence(
    web: TestClient, storage: FolderStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S-49: the room that is left is for what was acknowledged; a text report needs none of it."""
    monkeypatch.setattr(storage, "_watermark", 0.0)
    answer = web.put(f"/api/v1/photos/{new_id()}", content=photos.jpeg())
    assert answer.status_code == 507
    assert answer.headers["content-type"] == "application/problem+json"
    assert "照片" in answer.json()["detail"]
