"""Where sealed bytes lie: a local folder, or any S3-compatible store by setting; one contract for both.

Keys are random and made here or by the service, never by a visitor. An object is put once and never changed. When `put`
returns, the object survives a power cut.
"""

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import parse_qs, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError
from obstore.store import MemoryStore, S3Store

from backend.core.config import SettingsError, get_settings

if TYPE_CHECKING:
    from obstore.store import S3Config

MAX_KEY_CHARACTERS = 200
_KEY = re.compile(r"[a-z0-9]+(?:[/-][a-z0-9]+)*")
STAGE = "stage"
_MISSING = (FileNotFoundError, NotFoundError)
_RETRY_TIME = timedelta(seconds=20)


class ObjectMissing(Exception):
    """There is no object with this key."""


class ObjectTaken(Exception):
    """The key already names other bytes; nothing was changed."""


class StorageFailed(Exception):
    """The store is full, broken or out of reach; nothing was promised."""


class Stored(NamedTuple):
    """One object as `list` finds it."""

    key: str
    stored_at: datetime


class Storage(Protocol):
    """What every place for objects promises."""

    def put(self, key: str, data: bytes) -> None:
        """Store `data` durably if nothing has this key; the same bytes again are fine, others raise `ObjectTaken`."""
        ...

    def get(self, key: str) -> bytes:
        """Return the object, or raise `ObjectMissing`."""
        ...

    def exists(self, key: str) -> bool:
        """Say whether there is such an object."""
        ...

    def delete(self, key: str) -> None:
        """Remove the object; none being there is fine."""
        ...

    def list(self, prefix: str) -> Iterator[Stored]:
        """Walk over the objects below `prefix`; below `STAGE` lies what an interrupted `put` left behind."""
        ...

    def is_nearly_full(self) -> bool:
        """Say whether no new photo should be taken, so that room is left for what was acknowledged (S-49)."""
        ...


@contextmanager
def _failing_plainly() -> Iterator[None]:
    try:
        yield
    except (OSError, BaseError) as error:
        raise StorageFailed(type(error).__name__) from error


def checked(key: str) -> str:
    """Return `key` if it is one of ours; `../`, NUL, `%2e`, absolute or endless names go no further."""
    if len(key) > MAX_KEY_CHARACTERS or not _KEY.fullmatch(key):
        raise ValueError("This is not the key of an object.")
    return key


class FolderStorage:
    """A local folder. Own system calls, because obstore's LocalStore does not sync to disk and cannot be told to."""

    def __init__(self, folder: Path, watermark: float = 1.0) -> None:
        self._folder = folder
        self._watermark = watermark
        self._known: set[Path] = set()

    @_failing_plainly()
    def put(self, key: str, data: bytes) -> None:
        """Stage, write, sync the file, link it to its name, sync the folder."""
        path = self._path(key)
        stage = self._folder / STAGE / secrets.token_hex(16)
        self._make(stage.parent)
        self._make(path.parent)
        try:
            _write_durably(stage, data)
            # A link, not a rename: a rename would silently replace what is there.
            os.link(stage, path)
        except FileExistsError:
            if path.read_bytes() != data:
                raise ObjectTaken(key) from None
        finally:
            stage.unlink(missing_ok=True)
        _sync_folder(path.parent)

    @_failing_plainly()
    def get(self, key: str) -> bytes:
        """Read the file."""
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError:
            raise ObjectMissing(key) from None

    def exists(self, key: str) -> bool:
        """Look for the file."""
        return self._path(key).is_file()

    @_failing_plainly()
    def delete(self, key: str) -> None:
        """Unlink the file."""
        self._path(key).unlink(missing_ok=True)

    def list(self, prefix: str) -> Iterator[Stored]:
        """Walk the folder."""
        for folder, _, names in os.walk(self._path(prefix)):
            for name in names:
                path = Path(folder, name)
                with suppress(FileNotFoundError):
                    stored_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                    yield Stored(path.relative_to(self._folder).as_posix(), stored_at)

    def is_nearly_full(self) -> bool:
        """Compare the used part of the disk with the watermark."""
        there = next(folder for folder in (self._folder, *self._folder.parents) if folder.exists())
        disk = shutil.disk_usage(there)
        return 1 - disk.free / disk.total >= self._watermark

    def _path(self, key: str) -> Path:
        return self._folder / checked(key)

    def _make(self, folder: Path) -> None:
        """Make a folder with its parents, each of them durable."""
        if folder in self._known:
            return
        if folder != self._folder:
            self._make(folder.parent)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sync_folder(folder.parent)
        self._known.add(folder)


def _write_durably(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class ObjectStorage:
    """Any store that obstore speaks to; an S3 put is durable when it is answered."""

    def __init__(self, store: S3Store | MemoryStore) -> None:
        self._store = store

    @_failing_plainly()
    def put(self, key: str, data: bytes) -> None:
        """Put on the condition that the key is free."""
        try:
            obstore.put(self._store, checked(key), data, mode="create", use_multipart=False)
        except AlreadyExistsError:
            # Also what a repeat sees when the first answer was lost on the way.
            if self.get(key) != data:
                raise ObjectTaken(key) from None

    @_failing_plainly()
    def get(self, key: str) -> bytes:
        """Fetch the object."""
        try:
            return obstore.get(self._store, checked(key)).bytes().to_bytes()
        except _MISSING:
            raise ObjectMissing(key) from None

    @_failing_plainly()
    def exists(self, key: str) -> bool:
        """Ask for the head."""
        try:
            obstore.head(self._store, checked(key))
        except _MISSING:
            return False
        return True

    @_failing_plainly()
    def delete(self, key: str) -> None:
        """Delete the object."""
        with suppress(*_MISSING):
            obstore.delete(self._store, checked(key))

    def list(self, prefix: str) -> Iterator[Stored]:
        """List page by page."""
        with _failing_plainly():
            for page in obstore.list(self._store, prefix=checked(prefix)):
                for found in page:
                    yield Stored(found["path"], found["last_modified"])

    def is_nearly_full(self) -> bool:
        """A bucket has no end that we could see: its owner watches its quota."""
        return False


def open_storage(url: str | None, data_dir: Path, watermark: float = 1.0) -> Storage:
    """Return the folder `data_dir/objects`, or the store at `s3://bucket/prefix?endpoint=…&region=…`.

    The credentials come from the usual `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`.
    """
    if not url:
        return FolderStorage((data_dir / "objects").resolve(), watermark)
    parts = urlsplit(url)
    if parts.scheme != "s3" or not parts.hostname:
        raise SettingsError(
            "GREEN_STORAGE_URL must look like s3://bucket?endpoint=https://storage.example&region=cn-north-1; "
            "leave it out to keep photos in a folder under GREEN_DATA_DIR."
        )
    asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    unknown = asked.keys() - {"endpoint", "region", "virtual_hosted"}
    if unknown:
        raise SettingsError(f"GREEN_STORAGE_URL has parts nobody knows: {', '.join(sorted(unknown))}.")
    return ObjectStorage(_s3(parts.hostname, parts.path.strip("/"), asked))


def _s3(bucket: str, prefix: str, asked: dict[str, str]) -> S3Store:
    config: S3Config = {
        "region": asked.get("region", "us-east-1"),
        "virtual_hosted_style_request": asked.get("virtual_hosted") == "true",
        "checksum_algorithm": "SHA256",
    }
    endpoint = asked.get("endpoint", "")
    if endpoint:
        config["endpoint"] = endpoint
    return S3Store(
        bucket,
        prefix=prefix or None,
        config=config,
        client_options={
            "allow_http": endpoint.startswith("http://"),
            "connect_timeout": "5s",
            "timeout": "30s",
        },
        retry_config={"max_retries": 2, "retry_timeout": _RETRY_TIME},
    )


@cache
def get_storage() -> Storage:
    """Return the configured storage, opened on first use."""
    settings = get_settings()
    return open_storage(settings.storage_url, settings.data_dir, settings.storage_watermark)
