"""One suite for every place where objects can lie (S-47): what holds for the folder holds for S3."""

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from obstore.store import MemoryStore

from backend.core.config import SettingsError
from backend.core.storage import (
    STAGE,
    FolderStorage,
    ObjectMissing,
    ObjectStorage,
    ObjectTaken,
    Storage,
    StorageFailed,
    open_storage,
)

if TYPE_CHECKING:
    from collections.abc import Callable

BAD_KEYS = [
    "",
    "..",
    "../secret",
    "a/../../secret",
    "/etc/passwd",
    "a//b",
    "a/",
    "./a",
    "a\0b",
    "%2e%2e/secret",
    "a%00",
    "a\\b",
    "a b",
    "a\nb",
    "\u202egpj.a",
    "Ａ",
    "a" * 300,
    ".hidden",
]


@pytest.fixture(params=["folder", "object store"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    return FolderStorage(tmp_path / "objects") if request.param == "folder" else ObjectStorage(MemoryStore())


def test_what_was_put_comes_back(storage: Storage) -> None:
    """S-47."""
    data = os.urandom(300_000)
    storage.put("photos/original/ab/abcdef", data)
    assert storage.get("photos/original/ab/abcdef") == data
    assert storage.exists("photos/original/ab/abcdef")


def test_an_object_is_never_overwritten(storage: Storage) -> None:
    """S-39, S-47: put-if-absent."""
    storage.put("a/b", b"first")
    with pytest.raises(ObjectTaken):
        storage.put("a/b", b"second")
    assert storage.get("a/b") == b"first"


def test_the_same_bytes_may_be_put_again(storage: Storage) -> None:
    storage.put("a/b", b"same")
    storage.put("a/b", b"same")
    assert storage.get("a/b") == b"same"


def test_what_is_not_there_is_missing(storage: Storage) -> None:
    with pytest.raises(ObjectMissing):
        storage.get("a/b")
    assert not storage.exists("a/b")
    storage.delete("a/b")


def test_what_was_deleted_is_gone_and_its_key_free(storage: Storage) -> None:
    storage.put("a/b", b"first")
    storage.delete("a/b")
    assert not storage.exists("a/b")
    storage.put("a/b", b"second")
    assert storage.get("a/b") == b"second"


def test_a_list_holds_what_lies_below_its_prefix_and_since_when(storage: Storage) -> None:
    for key in ("photos/1600/ab/abc", "photos/original/cd/cde", "exports/x"):
        storage.put(key, b"x")
    found = {stored.key: stored.stored_at for stored in storage.list("photos")}
    assert set(found) == {"photos/1600/ab/abc", "photos/original/cd/cde"}
    assert all(abs(datetime.now(UTC) - at) < timedelta(minutes=1) for at in found.values())
    assert list(storage.list("nothing")) == []


@pytest.mark.parametrize("key", BAD_KEYS)
def test_a_name_that_climbs_or_hides_never_reaches_the_store(storage: Storage, key: str, tmp_path: Path) -> None:
    """S-47."""
    acts: list[Callable[[], object]] = [
        lambda: storage.put(key, b"x"),
        lambda: storage.get(key),
        lambda: storage.exists(key),
        lambda: storage.delete(key),
    ]
    for act in acts:
        with pytest.raises(ValueError, match="key"):
            act()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_put_leaves_nothing_on_the_stage(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    storage.put("a/b", b"x")
    with pytest.raises(ObjectTaken):
        storage.put("a/b", b"y")
    assert list(storage.list(STAGE)) == []


def test_only_the_service_may_read_the_folder(tmp_path: Path) -> None:
    FolderStorage(tmp_path / "objects").put("a/b", b"x")
    assert (tmp_path / "objects/a/b").stat().st_mode & 0o077 == 0
    assert (tmp_path / "objects/a").stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_written_fails_plainly(tmp_path: Path) -> None:
    (tmp_path / "objects").write_text("a file where the folder should be")
    with pytest.raises(StorageFailed):
        FolderStorage(tmp_path / "objects").put("a/b", b"x")


def test_without_a_setting_objects_lie_in_the_data_folder(tmp_path: Path) -> None:
    open_storage(None, tmp_path).put("a/b", b"x")
    assert (tmp_path / "objects/a/b").read_bytes() == b"x"


def test_an_s3_address_opens_an_object_store(tmp_path: Path) -> None:
    storage = open_storage("s3://photos/green?endpoint=http://127.0.0.1:9&region=cn-north-1", tmp_path)
    assert isinstance(storage, ObjectStorage)


@pytest.mark.parametrize("url", ["ftp://x", "s3://", "bucket", "s3://bucket?endpont=http://x"])
def test_a_wrong_address_stops_the_start_with_a_sentence(url: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=re.escape("GREEN_STORAGE_URL")):
        open_storage(url, tmp_path)
