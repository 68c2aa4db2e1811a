"""Photos in and out: the original is sealed exactly as it came, and only pictures made anew are ever shown.

The order is stage → sync → (the caller commits) → answer, so that no acknowledged photo can be empty after a power cut.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, delete, select

from backend.core import clock
from backend.core.crypto import SealBroken, get_keys, open_sealed, seal
from backend.core.ids import new_id
from backend.core.storage import STAGE, ObjectMissing, StorageFailed, get_storage
from backend.media import errors, rules, sandbox
from backend.media.models import Photo, PhotoStatus

UNREADABLE = errors.UNREADABLE
ORIGINAL = "original"
FACTS = "facts"
KINDS = (ORIGINAL, *(str(size) for size in rules.SIZES))
ORPHAN_AGE = timedelta(hours=24)
_PREFIX = "photos"
_BATCH = 500

# The original is sealed and synced while the child decodes it.
_beside = ThreadPoolExecutor(max_workers=4, thread_name_prefix="photo-store")


def take_in(session: Session, photo_id: UUID, content: bytes, sidecar: dict[str, Any] | None) -> Photo:
    """Take in one photo under the id that its sender made; the same bytes again give the same answer.

    The database is touched last: no connection is held while a photo is decoded or stored.
    """
    media_type = _kind_of(content)
    if get_storage().is_nearly_full():
        raise errors.PhotoStoreFull
    key = new_id().hex
    storing = [_beside.submit(_store, photo_id, key, ORIGINAL, content)]
    try:
        result = sandbox.derive(content)
        photo = _described(photo_id, key, content, media_type, result, sidecar)
        if isinstance(result, sandbox.Readable):
            # Side by side, because their syncs share one commit of the file system's journal.
            storing += [_beside.submit(_store, photo_id, key, str(size), one) for size, one in result.pictures.items()]
        for one in storing:
            one.result()
        kept = _kept(session, photo)
    except BaseException as error:
        wait(storing)
        _discard(key)
        if isinstance(error, StorageFailed):
            raise errors.PhotosBusy from error
        raise
    if kept.storage_key != key:
        _discard(key)
    return kept


CLAIM = """
    UPDATE photo SET owner = %(owner)s, position = asked.place - 1
    FROM unnest(%(photo_ids)s::uuid[]) WITH ORDINALITY AS asked (id, place)
    WHERE photo.id = asked.id AND (photo.owner IS NULL OR photo.owner = %(owner)s)
    RETURNING photo.id, photo.position
"""
"""Gives the photos `photo_ids` that nobody owns to `owner`; in the driver's words, to stand in a larger statement."""


def attach(session: Session, photo_ids: Sequence[UUID], owner: str) -> list[UUID]:
    """Give the photos that nobody owns to `owner`, in the order of `photo_ids`; return those that are now its own."""
    values = {"photo_ids": list(dict.fromkeys(photo_ids)), "owner": owner}
    claimed = session.connection().exec_driver_sql(CLAIM, values)
    return [row.id for row in sorted(claimed, key=lambda row: row.position)]


def derivative(photo: Photo, size: int) -> bytes:
    """Return the picture with the long side `size`, a JPEG without a byte of metadata."""
    if size not in rules.SIZES or not photo.is_ready:
        raise errors.PhotoNotShown
    return _opened(photo, str(size))


def facts_of(photo: Photo) -> rules.Facts:
    """Return when and where a photo was taken as far as it told: where its sender lives may be among it (S-45)."""
    if photo.facts_sealed is None:
        return rules.Facts()
    return json.loads(open_sealed(_key(), photo.facts_sealed, _place(photo.id, FACTS)))


def original(photo: Photo) -> bytes:
    """Return exactly the bytes that were sent; never to be shown, only handed on as evidence."""
    return _opened(photo, ORIGINAL)


def verify(session: Session) -> str | None:
    """Prove that every original is there and is what was sent; return `None`, or a sentence about the first bad one."""
    with closing(session.exec(select(Photo).execution_options(yield_per=_BATCH))) as found:
        return next((problem for photo in found if (problem := _problem(photo))), None)


def sweep_orphans(session: Session, older_than: timedelta = ORPHAN_AGE) -> int:
    """Remove photos that nobody claimed, and objects without a row; return how many rows went.

    Needs a transaction of its own. The objects of the removed rows go at the next run, when their removal is committed
    for certain: a rollback must not leave a row without its bytes.
    """
    before = clock.now() - older_than
    for names in _old_objects(before):
        found = {_key_in(name) for name in names}
        known = set(session.exec(select(Photo.storage_key).where(col(Photo.storage_key).in_(found))))
        for name in names:
            if _key_in(name) not in known:
                get_storage().delete(name)
    removed = session.execute(
        delete(Photo).where(col(Photo.owner).is_(None), col(Photo.received_at) < before).returning(col(Photo.id))
    )
    return len(removed.all())


def _problem(photo: Photo) -> str | None:
    try:
        content = original(photo)
    except ObjectMissing:
        return f"photo {photo.id}: the original is missing"
    except SealBroken:
        return f"photo {photo.id}: the original has been changed, or its seal does not fit"
    if hashlib.sha256(content).digest() != photo.sha256:
        return f"photo {photo.id}: the original does not match its digest"
    return None


def _kind_of(content: bytes) -> rules.MediaType:
    if not content:
        raise errors.PhotoEmpty
    if len(content) > rules.FILE_BYTES_MAX:
        raise errors.PhotoTooBig
    media_type = rules.sniff(content)
    if media_type is None:
        raise errors.NotAPhoto
    return media_type


def _described(
    photo_id: UUID,
    key: str,
    content: bytes,
    media_type: rules.MediaType,
    result: sandbox.Readable | sandbox.Unreadable,
    sidecar: dict[str, Any] | None,
) -> Photo:
    photo = Photo(
        id=photo_id,
        sha256=hashlib.sha256(content).digest(),
        size_bytes=len(content),
        media_type=media_type,
        status=PhotoStatus.UNREADABLE.value,
        received_at=clock.now(),
        storage_key=key,
    )
    facts = rules.facts_from(sidecar, "page")
    if isinstance(result, sandbox.Readable):
        photo.status = PhotoStatus.READY.value
        photo.width, photo.height = result.width, result.height
        facts = rules.facts_from(result.told, "exif") or facts
    elif result.reason == sandbox.TOO_MANY_PIXELS:
        raise errors.PhotoTooManyPixels
    if facts:
        photo.facts_sealed = seal(_key(), json.dumps(facts).encode(), _place(photo_id, FACTS))
    return photo


def _kept(session: Session, photo: Photo) -> Photo:
    """Insert the row, or return the one that is there with the same bytes."""
    added = session.execute(
        insert(Photo).values(photo.model_dump()).on_conflict_do_nothing(index_elements=["id"]).returning(col(Photo.id))
    ).first()
    if added is not None:
        return photo
    found = session.exec(select(Photo).where(Photo.id == photo.id)).first()
    if found is None:
        raise errors.PhotosBusy  # swept between the two statements: sent again, it is new
    if found.sha256 != photo.sha256:
        raise errors.PhotoIdReused
    return found


def _store(photo_id: UUID, key: str, kind: str, content: bytes) -> None:
    get_storage().put(_object(key, kind), seal(_key(), content, _place(photo_id, kind)))


def _opened(photo: Photo, kind: str) -> bytes:
    return open_sealed(_key(), get_storage().get(_object(photo.storage_key, kind)), _place(photo.id, kind))


def _discard(key: str) -> None:
    """Remove objects that no row names; what cannot be removed now, the sweep will find."""
    try:
        for kind in KINDS:
            get_storage().delete(_object(key, kind))
    except StorageFailed:
        return


def _object(key: str, kind: str) -> str:
    """Name an object: random, and spread over 256 folders."""
    return f"{_PREFIX}/{key[:2]}/{key}-{kind}"


def _key_in(name: str) -> str:
    return name.rpartition("/")[2].partition("-")[0]


def _key() -> bytes:
    return get_keys().derive("media")


def _place(photo_id: UUID, kind: str) -> bytes:
    """Bind the ciphertext to its photo and purpose: bytes moved to another place do not open."""
    return f"photo|{photo_id}|{kind}".encode()


def _old_objects(before: datetime) -> Iterator[list[str]]:
    names: list[str] = []
    for prefix in (_PREFIX, STAGE):
        for stored in get_storage().list(prefix):
            if stored.stored_at < before:
                names.append(stored.key)
            if len(names) == _BATCH:
                yield names
                names = []
    yield names
