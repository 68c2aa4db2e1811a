"""An acknowledged photo survives; what dies half-way is never acknowledged, and the decoder's deaths are contained."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from sqlmodel import Session

from backend.core import storage as storage_module
from backend.core.db import Engine
from backend.core.ids import new_id
from backend.core.storage import FolderStorage, StorageFailed
from backend.media import errors, sandbox, service
from backend.media.models import Photo
from tests.fixtures import photos

PUT = """
import sys
from pathlib import Path
from backend.core.storage import FolderStorage
FolderStorage(Path(sys.argv[1])).put("photos/original/ab/abc", b"x" * 100_000)
sys.stdout.write("acknowledged")
"""
STRACE = ("strace", "-f", "-y", "-e", "trace=fsync,fdatasync,link,linkat,write", "-o")
ROOT = Path(__file__).parents[2]


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[sandbox.Pool]:
    opened = sandbox.Pool(size=1)
    monkeypatch.setattr(sandbox, "get_pool", lambda: opened)
    yield opened
    opened.close()


@pytest.fixture
def storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FolderStorage:
    folder = FolderStorage(tmp_path / "objects")
    monkeypatch.setattr(service, "get_storage", lambda: folder)
    return folder


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_file_and_folder_are_synced_before_the_put_is_acknowledged(tmp_path: Path) -> None:
    """S-48, finding 2: the order of the system calls, as the kernel saw them."""
    log = tmp_path / "strace"
    subprocess.run(
        [*STRACE, str(log), sys.executable, "-c", PUT, str(tmp_path / "objects")],
        check=True,
        cwd=ROOT,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    lines = log.read_text().splitlines()

    def place(pattern: str) -> int:
        return max(number for number, line in enumerate(lines) if re.search(pattern, line))

    written = place(r"write\(\d+<[^>]*/stage/")
    file_synced = place(r"fsync\(\d+<[^>]*/stage/[0-9a-f]{32}>\)\s+= 0")
    linked = place(r"link.*/photos/original/ab/abc\".*= 0")
    folder_synced = place(r"fsync\(\d+<[^>]*/photos/original/ab>\)\s+= 0")
    acknowledged = place(r"write\(1<.*acknowledged")
    assert written < file_synced < linked < folder_synced < acknowledged


def test_new_folders_are_synced_into_their_parents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """S-48: a file in a folder that the power cut forgets is lost too."""
    synced: list[Path] = []
    inner = storage_module._sync_folder

    def note(folder: Path) -> None:
        synced.append(folder)
        inner(folder)

    monkeypatch.setattr(storage_module, "_sync_folder", note)
    root = tmp_path / "objects"
    FolderStorage(root).put("photos/original/ab/abc", b"x")
    for folder in (tmp_path, root, root / "photos", root / "photos/original", root / "photos/original/ab"):
        assert folder in synced
    assert synced[-1] == root / "photos/original/ab"


def unreadable(_content: bytes) -> sandbox.Unreadable:
    """Stand in for the child, which also writes and would be broken too."""
    return sandbox.Unreadable("damaged")


@pytest.mark.parametrize("broken", ["fsync", "write", "link"])
def test_a_disk_that_fails_or_is_full_acknowledges_nothing(
    session: Session, storage: FolderStorage, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """F-06, F-18: no object, no row, nothing left on the stage, and a sentence for the sender."""

    def fail(*_args: object, **_kwargs: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(storage_module.os, broken, fail)
        with pytest.raises(StorageFailed):
            storage.put("photos/original/ab/abc", b"x")
        patch.setattr(sandbox, "derive", unreadable)
        with pytest.raises(errors.PhotosBusy):
            service.take_in(session, new_id(), photos.jpeg(), None)
    assert list(storage.list("photos")) == []
    assert list(storage.list("stage")) == []
    assert not session.new


def test_a_child_killed_in_the_middle_costs_one_preview(
    session: Session, storage: FolderStorage, pool: sandbox.Pool
) -> None:
    """S-42, F-02: the photo is kept, the next one is shown."""
    assert isinstance(pool.derive(photos.jpeg()), sandbox.Readable)
    content = photos.png(4000, 3000)
    victim = pool.idle[0].process
    process = psutil.Process(victim.pid)
    before = process.cpu_times().user

    def kill() -> None:
        while process.cpu_times().user - before < 0.1:
            time.sleep(0.005)
        victim.send_signal(signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    photo = service.take_in(session, new_id(), content, None)
    killer.join()
    assert photo.status == "unreadable"
    assert service.original(photo) == content
    assert service.take_in(session, new_id(), photos.jpeg(), None).is_ready


def test_a_child_that_died_while_idle_is_not_noticed_by_anybody(pool: sandbox.Pool) -> None:
    pool.derive(photos.jpeg())
    pool.idle[0].process.kill()
    pool.idle[0].process.wait()
    assert isinstance(pool.derive(photos.jpeg()), sandbox.Readable)


@pytest.mark.parametrize("state", ["hung", "hung with a large photo"])
def test_a_hung_child_is_killed_in_time(pool: sandbox.Pool, monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    """S-42, F-13: also while it does not even take the bytes."""
    monkeypatch.setattr(sandbox, "WALL_SECONDS", 0.5)
    pool.derive(photos.jpeg())
    pool.idle[0].process.send_signal(signal.SIGSTOP)
    content = photos.jpeg() + bytes(5_000_000 if "large" in state else 0)
    began = time.monotonic()
    assert pool.derive(content) == sandbox.Unreadable("time")
    assert time.monotonic() - began < 5
    assert isinstance(pool.derive(photos.jpeg()), sandbox.Readable)


def test_a_child_that_computes_for_ever_is_ended_by_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """S-42: the limit on processor time, before the limit on the clock."""
    monkeypatch.setattr(sandbox, "CPU_SECONDS", 0)  # the kernel counts whole seconds: this leaves less than one
    opened = sandbox.Pool(size=1)
    assert opened.derive(photos.many_scans_jpeg(90)) == sandbox.Unreadable("time")
    opened.close()


def test_a_child_that_lies_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """S-44: if an attacker ruled the child, the service would still hand out bare pictures only."""
    fake = Path(__file__).with_name("lying_decoder.py")
    for lie in ("metadata", "lengths", "no json", "endless"):
        monkeypatch.setattr(sandbox, "_PROGRAM", fake)
        monkeypatch.setattr(sandbox.rules, "PIXELS_MAX", lie)
        pool = sandbox.Pool(size=1)
        assert isinstance(pool.derive(photos.jpeg()), sandbox.Unreadable), lie
        pool.close()


def test_no_child_outlives_its_service() -> None:
    """Nothing is left behind when the service is killed: the child reads the end of its input."""
    code = (
        "import sys; sys.path.insert(0, '.')\n"
        "from backend.media import sandbox\n"
        "child = sandbox.Child(); child.greet(); print(child.process.pid, flush=True)\n"
        "import time; time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT) as service_process:
        assert service_process.stdout is not None
        child = psutil.Process(int(service_process.stdout.readline()))
        service_process.kill()
    child.wait(timeout=5)


def test_two_at_once_under_one_id_are_one_photo(engine: Engine, storage: FolderStorage, pool: sandbox.Pool) -> None:
    """F-12: the same id and bytes sent in parallel on connections of their own."""
    photo_id = new_id()
    barrier = threading.Barrier(4)
    outcomes: list[str] = []

    def send(content: bytes) -> None:
        with Session(engine) as session:
            barrier.wait()
            try:
                photo = service.take_in(session, photo_id, content, None)
                outcomes.append(photo.sha256.hex())
                session.commit()
            except errors.PhotoIdReused:
                outcomes.append("refused")

    contents = [photos.jpeg(), photos.jpeg(), photos.jpeg(seed=2), photos.jpeg(seed=2)]
    threads = [threading.Thread(target=send, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Session(engine) as session:
        photo = session.get_one(Photo, photo_id)
        assert sorted(outcomes, key=len) == ["refused"] * 2 + [photo.sha256.hex()] * 2
        assert service.original(photo) in contents
        assert len(list(storage.list("photos"))) == 4
        session.delete(photo)
        session.commit()
