"""How much a photo costs over what Pillow alone costs for it; prints ratios, asserts nothing about time.

Run on a quiet machine: `make bench`. The bare ceiling is what no intake can do without: decode, make a smaller picture,
two encodes and a digest, by Pillow in this process. Ours makes three pictures in a child process, seals and syncs four
objects and writes a row, in the tests' own throw-away database and folder.
"""

import hashlib
import io
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

import psutil
import pytest
from PIL import Image
from sqlmodel import Session

from backend.core.ids import new_id
from backend.core.storage import FolderStorage
from backend.media import sandbox, service
from tests.bench.conftest import Serve
from tests.bench.load import measure as measure_load
from tests.bench.load import post
from tests.fixtures import photos

pytestmark = pytest.mark.bench

ROUNDS = 5
PHOTOS_A_ROUND = 8


def alone(content: bytes) -> None:
    """Do with Pillow what cannot be avoided."""
    hashlib.sha256(content).digest()
    photo = Image.open(io.BytesIO(content))
    photo.draft(None, (1600, 1600 * photo.height // photo.width))  # pyright: ignore[reportArgumentType]
    photo.thumbnail((1600, 1600))
    photo.save(io.BytesIO(), "JPEG", quality=80)
    photo.thumbnail((480, 480))
    photo.save(io.BytesIO(), "JPEG", quality=80)


def without_resizing(content: bytes) -> None:
    """Leave out even the resizing: decode, encode twice, digest."""
    hashlib.sha256(content).digest()
    photo = Image.open(io.BytesIO(content))
    photo.load()
    photo.save(io.BytesIO(), "JPEG", quality=80)
    _SMALL.save(io.BytesIO(), "JPEG", quality=80)


_SMALL = photos.picture(480, 360)


def milliseconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - began)


def measure(content: bytes, take_in: Callable[[bytes], object]) -> None:
    """Interleave the candidates, so that what else the machine does falls on all of them."""
    acts: dict[str, Callable[[], object]] = {
        "Pillow alone": lambda: alone(content),
        "Pillow alone, nothing resized": lambda: without_resizing(content),
        "sandbox, three derivatives": lambda: sandbox.derive(content),
        "taken in: sealed, synced, recorded": lambda: take_in(content),
    }
    times: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(ROUNDS):
        for name, act in acts.items():
            act()
            times[name] += [milliseconds(act) for _ in range(PHOTOS_A_ROUND)]
    bare = statistics.median(times["Pillow alone"])
    for name, found in times.items():
        median = statistics.median(found)
        say(f"  {name:36} median {median:6.1f} ms  best {min(found):6.1f} ms  ratio {bare / median:.2f}")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


def test_photo_intake_against_pillow_alone(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = FolderStorage(tmp_path)
    monkeypatch.setattr(service, "get_storage", lambda: storage)
    samples = {
        "1600 × 1200 JPEG as the page sends it": photos.noisy_jpeg(1600, 1200),
        "4000 × 3000 JPEG as a camera writes it": photos.noisy_jpeg(4000, 3000),
    }
    for name, content in samples.items():
        say(f"\n{name}, {len(content) // 1000} kB")
        measure(content, lambda content: service.take_in(session, new_id(), content, None))
    say(f"memory of this process: {psutil.Process().memory_info().rss >> 20} MB (Pillow and the samples included)")


def test_memory_of_a_worker_that_takes_photos(serve: Serve):
    """Eight phones at once send camera photos of twelve megapixels to one worker."""
    content, clients, each = photos.noisy_jpeg(4000, 3000), 8, 12
    with serve() as service, ExitStack() as opened:
        connections = [opened.enter_context(closing(service.connect())) for _ in range(clients)]
        requests = [
            [post(f"/api/v1/photos/{new_id()}", content, "image/jpeg", "PUT") for _ in range(each)] for _ in connections
        ]
        measured = measure_load(
            [
                [partial(connection.ask, request, 201) for request in own]
                for connection, own in zip(connections, requests, strict=True)
            ]
        )
        worker = psutil.Process(service.pid)
        peaks = {one.pid: _peak_mb(one.pid) for one in [worker, *worker.children(recursive=True)]}
    say(f"\n{clients} phones, photos of {len(content) // 1000} kB  {measured}")
    say(f"  peak of the worker {peaks.pop(service.pid)} MB (asked: < 250); of its decoders {sorted(peaks.values())} MB")


def _peak_mb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) >> 10
