"""Laws of photos that hold for whatever bytes, names, repeats and orders come."""

import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from backend.core import clock
from backend.core.ids import new_id
from backend.core.storage import FolderStorage
from backend.media import errors, rules, sandbox, service
from backend.media.models import Photo
from tests.fixtures import photos

if TYPE_CHECKING:
    from uuid import UUID

JPEG = photos.jpeg(64, 48)
WHOLE = {"jpeg": photos.camera_jpeg(64, 48), "png": photos.png(64, 48), "webp": photos.webp(64, 48)}


@pytest.fixture(scope="module")
def pool() -> Iterator[sandbox.Pool]:
    opened = sandbox.Pool()
    yield opened
    opened.close()


@given(st.binary(max_size=300))
def test_sniffing_never_fails(content: bytes) -> None:
    assert rules.sniff(content) in {None, *rules.MEDIA_TYPES}


@given(st.one_of(st.none(), st.text(max_size=300), st.binary(max_size=300).map(lambda b: b.decode("latin-1"))))
def test_no_header_makes_reading_facts_fail(header: str | None) -> None:
    facts = rules.facts_from(rules.read_sidecar(header), "page")
    assert facts is None or set(facts) <= {"taken_at", "lat", "lon", "source"}


@given(st.dictionaries(st.sampled_from(["taken_at", "lat", "lon", "x"]), st.one_of(st.none(), st.floats(), st.text())))
def test_facts_are_on_earth(told: dict[str, object]) -> None:
    facts = rules.facts_from(told, "page") or {}
    assert abs(facts.get("lat", 0)) <= 90
    assert abs(facts.get("lon", 0)) <= 180


@given(st.binary(min_size=1, max_size=40), st.integers(min_value=0))
def test_bytes_put_anywhere_before_the_scan_or_behind_the_end_are_noticed(extra: bytes, place: int) -> None:
    """S-44: a segment, a comment or a tail makes a picture not bare."""
    scan = JPEG.index(b"\xff\xda")
    at = place % (scan + 1)
    segment = b"\xff\xfe" + (len(extra) + 2).to_bytes(2) + extra
    assert not rules.is_bare_jpeg(JPEG + extra)
    assert not rules.is_bare_jpeg(JPEG[:2] + segment + JPEG[2:])
    assert not rules.is_bare_jpeg(JPEG[:scan] + segment + JPEG[scan:])
    rules.is_bare_jpeg(JPEG[:at] + extra + JPEG[at:])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_a_mutilated_photo_is_shown_bare_or_is_unreadable(pool: sandbox.Pool, name: str, data: st.DataObject) -> None:
    """F-11, S-44: cuts, flips and insertions; never an exception, never a byte of the canary."""
    content = bytearray(WHOLE[name])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    result = pool.derive(bytes(content[: data.draw(st.integers(1, len(content)))]))
    if isinstance(result, sandbox.Readable):
        for picture in result.pictures.values():
            assert rules.is_bare_jpeg(picture)
            assert photos.SECRET_TEXT.encode() not in picture


def described(_content: bytes) -> sandbox.Readable:
    """Stand in for the child where the law is not about pictures."""
    return sandbox.Readable(64, 48, {}, dict.fromkeys(rules.SIZES, JPEG))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1)), max_size=8))
def test_one_id_holds_one_photo_for_ever(session: Session, sent: list[tuple[int, int]]) -> None:
    """Repeats in any order: the first bytes stay, the same are answered the same, others are refused."""
    with tempfile.TemporaryDirectory() as folder:
        storage = FolderStorage(Path(folder))
        ids = [new_id() for _ in range(3)]
        contents = [JPEG, JPEG + b"\0"]
        first: dict[UUID, int] = {}
        with patch.object(service, "get_storage", lambda: storage), patch.object(sandbox, "derive", described):
            for which, content in sent:
                photo_id = ids[which]
                expected = first.setdefault(photo_id, content)
                if content == expected:
                    photo = service.take_in(session, photo_id, contents[content], None)
                    assert service.original(photo) == contents[content]
                else:
                    with pytest.raises(errors.PhotoIdReused):
                        service.take_in(session, photo_id, contents[content], None)
        assert len(list(storage.list("photos"))) == 4 * len(first)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    photos_sent=st.lists(st.tuples(st.booleans(), st.integers(0, 60)), max_size=8),
    strays=st.integers(0, 3),
    sweeps=st.integers(1, 3),
)
def test_the_sweep_never_takes_what_is_referenced(
    session: Session, photos_sent: list[tuple[bool, int]], strays: int, sweeps: int
) -> None:
    """S-48: claimed photos keep row and bytes; young ones too; what is left over goes, however often it runs."""
    for photo in session.exec(select(Photo)).all():
        session.delete(photo)
    session.flush()
    start = clock.now()
    with tempfile.TemporaryDirectory() as folder:
        storage = FolderStorage(Path(folder))
        with patch.object(service, "get_storage", lambda: storage), patch.object(sandbox, "derive", described):
            kept: list[Photo] = []
            for claimed, age in photos_sent:
                with clock.at(start + timedelta(hours=60 - age)):
                    photo = service.take_in(session, new_id(), JPEG, None)
                if claimed:
                    service.attach(session, [photo.id], f"report:{new_id()}")
                if claimed or age <= 24:
                    kept.append(photo)
            for _ in range(strays):
                key = new_id().hex
                storage.put(f"photos/{key[:2]}/{key}-original", b"stray")
            with clock.at(start + timedelta(hours=60)):
                for _ in range(sweeps + 1):
                    service.sweep_orphans(session)
            assert {photo.id for photo in session.exec(select(Photo))} == {photo.id for photo in kept}
            for photo in kept:
                assert service.original(photo) == JPEG
            assert len(list(storage.list("photos"))) == 4 * len(kept)
