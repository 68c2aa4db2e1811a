"""Photos in and out of the real database and a real folder."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import event
from sqlmodel import Session, select

from backend.core import clock
from backend.core.crypto import SealBroken
from backend.core.errors import Invalid
from backend.core.ids import new_id
from backend.core.storage import FolderStorage, StorageFailed
from backend.media import errors, rules, sandbox, service
from backend.media.models import Photo
from tests.fixtures import photos

OWNER = "report:5b0e0b0a-0d5c-4d5e-9d57-0d2f3a3a9f11"
OTHER = "message:8e5f7e0e-4a6b-4f6c-8a55-0a5a5f1f7c22"


@pytest.fixture
def storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FolderStorage:
    folder = FolderStorage(tmp_path / "objects")
    monkeypatch.setattr(service, "get_storage", lambda: folder)
    return folder


@pytest.fixture
def statements(session: Session) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE")):
            seen.append(statement)

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    yield seen
    event.remove(connection, "before_cursor_execute", note)


def objects(storage: FolderStorage) -> list[str]:
    return sorted(stored.key for stored in storage.list("photos"))


def rows(session: Session) -> list[UUID]:
    return list(session.exec(select(Photo.id)))


def take(session: Session, content: bytes | None = None, **sidecar: object) -> Photo:
    return service.take_in(session, new_id(), content or photos.jpeg(), sidecar or None)


def test_a_photo_is_taken_in_with_its_digest_and_size(session: Session, storage: FolderStorage) -> None:
    """S-38."""
    content = photos.camera_jpeg(400, 300, orientation=6)
    photo = take(session, content)
    assert photo.sha256 == hashlib.sha256(content).digest()
    assert (photo.size_bytes, photo.width, photo.height) == (len(content), 300, 400)
    assert (photo.media_type, photo.status, photo.owner) == ("image/jpeg", "ready", None)
    assert session.exec(select(Photo).where(Photo.id == photo.id)).one().sha256 == photo.sha256


def test_the_original_comes_back_to_the_byte(session: Session, storage: FolderStorage) -> None:
    """S-38, S-39."""
    for content in (photos.camera_jpeg(), photos.png(), photos.webp(), photos.heic(), *photos.polyglots().values()):
        assert service.original(take(session, content)) == content


def test_what_is_shown_is_bare(session: Session, storage: FolderStorage) -> None:
    """S-44."""
    photo = take(session, photos.camera_jpeg(2000, 1500))
    for size in rules.SIZES:
        assert rules.is_bare_jpeg(service.derivative(photo, size))


def test_nothing_in_the_folder_can_be_read_without_the_key(session: Session, storage: FolderStorage) -> None:
    """S-38: originals and derivatives lie sealed."""
    take(session, photos.camera_jpeg())
    assert len(objects(storage)) == 4
    for key in objects(storage):
        content = storage.get(key)
        assert photos.SECRET_TEXT.encode() not in content
        assert rules.sniff(content) is None
        assert b"JFIF" not in content


def test_names_in_the_folder_tell_nothing(session: Session, storage: FolderStorage) -> None:
    """S-47: keys are random."""
    photo = take(session)
    for key in objects(storage):
        assert photo.id.hex not in key
        assert str(photo.id) not in key
        assert photo.sha256.hex() not in key


@pytest.mark.parametrize("cut", [0, 1, 12, 100, -16, -1])
def test_a_cut_original_is_an_error_and_never_a_part(session: Session, storage: FolderStorage, cut: int) -> None:
    """S-38."""
    photo = take(session)
    (key,) = (key for key in objects(storage) if "original" in key)
    whole = storage.get(key)
    storage.delete(key)
    storage.put(key, whole[:cut] or b"")
    with pytest.raises(SealBroken):
        service.original(photo)


def test_an_original_moved_to_another_photo_does_not_open(session: Session, storage: FolderStorage) -> None:
    """S-38: the seal is bound to its place."""
    first, second = take(session), take(session, photos.jpeg(seed=2))
    assert first.storage_key != second.storage_key
    first.storage_key, second.storage_key = second.storage_key, first.storage_key
    for photo in (first, second):
        with pytest.raises(SealBroken):
            service.original(photo)


def test_a_derivative_cannot_pass_for_an_original(session: Session, storage: FolderStorage) -> None:
    photo = take(session)
    by_kind = {key.rpartition("-")[2]: key for key in objects(storage)}
    small = storage.get(by_kind["160"])
    storage.delete(by_kind["original"])
    storage.put(by_kind["original"], small)
    with pytest.raises(SealBroken):
        service.original(photo)


def test_the_same_photo_sent_twice_is_recorded_once(session: Session, storage: FolderStorage) -> None:
    content, photo_id = photos.jpeg(), new_id()
    first = service.take_in(session, photo_id, content, None)
    before = objects(storage)
    second = service.take_in(session, photo_id, content, {"lat": 1.0, "lon": 2.0})
    assert second.model_dump() == first.model_dump()
    assert rows(session) == [photo_id]
    assert objects(storage) == before


def test_another_photo_under_the_same_id_is_refused(session: Session, storage: FolderStorage) -> None:
    photo_id = new_id()
    first = service.take_in(session, photo_id, photos.jpeg(), None)
    before = objects(storage)
    with pytest.raises(errors.PhotoIdReused):
        service.take_in(session, photo_id, photos.jpeg(seed=2), None)
    assert objects(storage) == before
    assert service.original(first) == photos.jpeg()


@pytest.mark.parametrize("content", [photos.jpeg()[:3000], b"\xff\xd8\xff", photos.heic()[:2000], photos.png()[:500]])
def test_a_broken_photo_is_kept_sealed_and_marked(session: Session, storage: FolderStorage, content: bytes) -> None:
    """S-42."""
    photo = take(session, content, lat=34.5, lon=105.7)
    assert (photo.status, photo.width, photo.height) == ("unreadable", None, None)
    assert service.facts_of(photo) == {"lat": 34.5, "lon": 105.7, "source": "page"}
    assert service.original(photo) == content
    assert len(objects(storage)) == 1
    with pytest.raises(errors.PhotoNotShown):
        service.derivative(photo, 160)


REFUSED: list[tuple[Callable[[], bytes], type[Invalid]]] = [
    (lambda: b"", errors.PhotoEmpty),
    (lambda: photos.jpeg() + bytes(rules.FILE_BYTES_MAX), errors.PhotoTooBig),
    (photos.png_bomb, errors.PhotoTooManyPixels),
    *[(lambda name=name: photos.not_photos()[name], errors.NotAPhoto) for name in photos.not_photos()],
]


@pytest.mark.parametrize(("make", "error"), REFUSED)
def test_what_is_no_photo_gets_one_sentence_and_leaves_nothing(
    session: Session, storage: FolderStorage, make: Callable[[], bytes], error: type[Invalid]
) -> None:
    """S-40, S-41, S-43."""
    with pytest.raises(error) as caught:
        service.take_in(session, new_id(), make(), None)
    assert isinstance(caught.value, errors.PhotoRefused)
    assert caught.value.text
    assert objects(storage) == []
    assert rows(session) == []


def test_a_photo_of_exactly_ten_megabytes_is_taken(session: Session, storage: FolderStorage) -> None:
    """S-41."""
    content = photos.jpeg()
    padded = content + bytes(rules.FILE_BYTES_MAX - len(content))
    assert take(session, padded).is_ready


@pytest.mark.parametrize("reason", ["crashed", "time", "memory"])
def test_a_child_that_dies_costs_the_preview_and_not_the_photo(
    session: Session, storage: FolderStorage, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    """S-42."""

    def die(_content: bytes) -> sandbox.Unreadable:
        return sandbox.Unreadable(reason)

    monkeypatch.setattr(sandbox, "derive", die)
    photo = take(session)
    assert photo.status == "unreadable"
    assert service.original(photo) == photos.jpeg()


def test_the_camera_is_believed_before_the_page(session: Session, storage: FolderStorage) -> None:
    """S-45."""
    photo = take(session, photos.camera_jpeg(), lat=1.0, lon=2.0)
    facts = service.facts_of(photo)
    assert (facts.get("source"), facts.get("taken_at")) == ("exif", photos.TAKEN_AT)
    assert facts.get("lat") == pytest.approx(photos.GPS_LAT, abs=1e-6)
    assert service.facts_of(take(session)) == {}


def test_where_a_photo_was_taken_stands_nowhere_readable(session: Session, storage: FolderStorage) -> None:
    """S-45: not in the row, and not for somebody who moves the sealed facts to another photo."""
    photo, other = take(session, lat=34.5123, lon=105.7456), take(session, photos.jpeg(seed=2))
    assert photo.facts_sealed is not None
    assert b"34.5" not in photo.facts_sealed
    other.facts_sealed = photo.facts_sealed
    with pytest.raises(SealBroken):
        service.facts_of(other)


def test_taking_in_costs_one_statement(session: Session, storage: FolderStorage, statements: list[str]) -> None:
    take(session)
    assert len(statements) == 1


def test_no_connection_is_held_while_a_photo_is_decoded(
    session: Session, storage: FolderStorage, monkeypatch: pytest.MonkeyPatch, statements: list[str]
) -> None:
    """F-08: a slow store or decoder must not use up the database's connections."""
    inner = sandbox.derive

    def derive(content: bytes) -> sandbox.Readable | sandbox.Unreadable:
        assert statements == []
        return inner(content)

    monkeypatch.setattr(sandbox, "derive", derive)
    take(session)


def test_a_store_that_fails_is_told_plainly_and_leaves_no_row(
    session: Session, storage: FolderStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F-06, F-08."""

    def put(_key: str, _data: bytes) -> None:
        raise StorageFailed("ENOSPC")

    monkeypatch.setattr(storage, "put", put)
    with pytest.raises(errors.PhotosBusy):
        take(session)
    assert rows(session) == []


def test_photos_are_attached_in_order_by_one_statement(
    session: Session, storage: FolderStorage, statements: list[str]
) -> None:
    ids = [take(session, photos.jpeg(seed=seed)).id for seed in range(3)]
    statements.clear()
    asked = [ids[2], ids[0], ids[1]]
    assert service.attach(session, asked, OWNER) == asked
    assert len(statements) == 1
    assert [session.get_one(Photo, photo_id).position for photo_id in asked] == [0, 1, 2]
    assert {session.get_one(Photo, photo_id).owner for photo_id in ids} == {OWNER}


def test_a_photo_belongs_to_whoever_came_first(session: Session, storage: FolderStorage) -> None:
    first, second = take(session).id, take(session).id
    assert service.attach(session, [first], OWNER) == [first]
    assert service.attach(session, [first, second], OTHER) == [second]
    assert session.get_one(Photo, first).owner == OWNER


def test_what_is_not_there_is_not_attached_and_no_error(session: Session, storage: FolderStorage) -> None:
    there = take(session).id
    assert service.attach(session, [new_id(), there, there, new_id()], OWNER) == [there]
    assert service.attach(session, [], OWNER) == []


def test_attaching_again_changes_nothing(session: Session, storage: FolderStorage) -> None:
    ids = [take(session).id, take(session).id]
    assert service.attach(session, ids, OWNER) == ids
    assert service.attach(session, ids, OWNER) == ids


def test_only_the_three_sizes_are_shown(session: Session, storage: FolderStorage) -> None:
    photo = take(session)
    for size in (0, 1, 1601, -160):
        with pytest.raises(errors.PhotoNotShown):
            service.derivative(photo, size)


def test_verify_names_the_photo_whose_evidence_is_bad(session: Session, storage: FolderStorage) -> None:
    """S-38."""
    take(session)
    assert service.verify(session) is None
    bad = take(session, photos.jpeg(seed=2))
    key = f"photos/{bad.storage_key[:2]}/{bad.storage_key}-original"
    whole = storage.get(key)
    storage.delete(key)
    assert "missing" in str(service.verify(session))
    storage.put(key, whole[:-1] + bytes([whole[-1] ^ 1]))
    assert str(bad.id) in str(service.verify(session))


def test_the_sweep_removes_what_nobody_claimed(session: Session, storage: FolderStorage) -> None:
    """S-48."""
    claimed, forgotten = take(session), take(session, photos.jpeg(seed=2))
    service.attach(session, [claimed.id], OWNER)
    assert service.sweep_orphans(session) == 0
    with clock.at(clock.now() + timedelta(hours=25)):
        assert service.sweep_orphans(session) == 1
        assert rows(session) == [claimed.id]
        assert any(forgotten.storage_key in key for key in objects(storage)), "not before the removal is committed"
        service.sweep_orphans(session)
    assert all(claimed.storage_key in key for key in objects(storage))
    assert len(objects(storage)) == 4
    assert service.original(claimed) == photos.jpeg()


def test_the_sweep_finds_objects_whose_row_was_never_committed(session: Session, storage: FolderStorage) -> None:
    """S-48: the process died between the store and the commit, or in the middle of a put."""
    storage.put("photos/ab/" + "ab" * 16 + "-original", b"stray")
    (storage._folder / "stage").mkdir(exist_ok=True)
    (storage._folder / "stage" / ("cd" * 16)).write_bytes(b"half")
    service.sweep_orphans(session)
    assert len(objects(storage)) == 1, "young objects may still get their row"
    with clock.at(clock.now() + timedelta(hours=25)):
        service.sweep_orphans(session)
    assert objects(storage) == []
    assert list(storage.list("stage")) == []
