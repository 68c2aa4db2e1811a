"""A few warm child processes that open pictures, so that no stranger's byte is ever parsed in the service itself.

This process never imports Pillow. A child that crashes, hangs or eats memory costs one photo its preview and nothing else.
"""

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from struct import Struct
from typing import IO, TYPE_CHECKING, Any, cast

from backend.core.logging import get_logger
from backend.media import rules
from backend.media.errors import PhotosBusy

if TYPE_CHECKING:
    from io import FileIO

CHILDREN = 2
WALL_SECONDS = 15.0
CPU_SECONDS = 10
MEMORY_BYTES = 512 << 20
PHOTOS_A_CHILD = 200
WAIT_SECONDS = 30.0
START_SECONDS = 20.0

TOO_MANY_PIXELS = "too_many_pixels"

_PROGRAM = Path(__file__).with_name("decoder.py")
_LENGTH = Struct("!I")
_MAX_LINE_BYTES = 4096
_MAX_PICTURE_BYTES = 8_000_000

_log = get_logger(__name__)


@dataclass(frozen=True)
class Readable:
    """A photo that can be shown: its size as it is seen, what its EXIF told, and the pictures by long side."""

    width: int
    height: int
    told: dict[str, object]
    pictures: dict[int, bytes]


@dataclass(frozen=True)
class Unreadable:
    """A photo that cannot be shown, and why in one word: damaged, too_many_pixels, memory, time, crashed."""

    reason: str


class _ChildGone(Exception):
    """The child ended or said something it never says."""


class Child:
    """One decoder process."""

    def __init__(self) -> None:
        limits = {
            "max_pixels": rules.PIXELS_MAX,
            "sizes": rules.SIZES,
            "memory_bytes": MEMORY_BYTES,
            "cpu_seconds": CPU_SECONDS,
        }
        self.photos = 0
        self.is_new = True
        self.process = subprocess.Popen(  # noqa: S603 -- our own program
            [sys.executable, "-I", "-B", str(_PROGRAM), json.dumps(limits)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            # No secret of ours stands in its environment. One arena, because each reserves address space.
            env={"MALLOC_ARENA_MAX": "1", "LC_ALL": "C.UTF-8"},
            bufsize=0,
        )

    def greet(self) -> dict[str, object]:
        """Wait until the child has shut itself in; return what the system granted it."""
        with self._within(START_SECONDS):
            self.is_new = False
            return self._line()

    def derive(self, content: bytes) -> Readable | Unreadable:
        """Let the child decode one photo."""
        self.photos += 1
        try:
            with self._within(WALL_SECONDS) as overdue:
                try:
                    return self._exchange(content)
                except (_ChildGone, OSError, ValueError, KeyError, TypeError):
                    return Unreadable("time" if overdue.is_set() else self._cause_of_death())
        finally:
            self.is_new = False

    def end(self) -> None:
        """Kill and bury the child."""
        with suppress(ProcessLookupError):
            self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                with suppress(OSError):
                    pipe.close()
        self.process.wait()

    @contextmanager
    def _within(self, seconds: float) -> Iterator[threading.Event]:
        overdue = threading.Event()

        def stop() -> None:
            overdue.set()
            self.process.kill()

        timer = threading.Timer(seconds, stop)
        timer.daemon = True
        timer.start()
        try:
            yield overdue
        finally:
            timer.cancel()

    def _exchange(self, content: bytes) -> Readable | Unreadable:
        _write(self.process.stdin, _LENGTH.pack(len(content)))
        _write(self.process.stdin, content)
        line = self._line()
        if line["outcome"] != "ready":
            return Unreadable(str(line["outcome"])[:20])
        lengths = cast("list[int]", line["lengths"])
        if len(lengths) != len(rules.SIZES) or not all(0 < length <= _MAX_PICTURE_BYTES for length in lengths):
            raise _ChildGone
        pictures = [self._read(length) for length in lengths]
        # The child is not trusted: what it hands out is shown only if it is a plain picture.
        if not all(rules.is_bare_jpeg(picture) for picture in pictures):
            raise _ChildGone
        return Readable(
            width=int(cast("int", line["width"])),
            height=int(cast("int", line["height"])),
            told={name: line.get(name) for name in ("taken_at", "lat", "lon")},
            pictures=dict(zip(rules.SIZES, pictures, strict=True)),
        )

    def _line(self) -> dict[str, object]:
        (length,) = _LENGTH.unpack(self._read(_LENGTH.size))
        if length > _MAX_LINE_BYTES:
            raise _ChildGone
        found: Any = json.loads(self._read(length))
        if not isinstance(found, dict):
            raise _ChildGone
        return cast("dict[str, object]", found)

    def _read(self, length: int) -> bytes:
        buffer = bytearray(length)
        view = memoryview(buffer)
        at = 0
        pipe = cast("FileIO", self.process.stdout)  # unbuffered
        while at < length:
            count = pipe.readinto(view[at:])
            if not count:
                raise _ChildGone
            at += count
        return bytes(buffer)

    def _cause_of_death(self) -> str:
        with suppress(subprocess.TimeoutExpired):
            if self.process.wait(timeout=1) == -signal.SIGXCPU:
                return "time"
        return "crashed"


def _write(pipe: IO[bytes] | None, data: bytes) -> None:
    view = memoryview(data)
    while view:
        written = os.write(cast("IO[bytes]", pipe).fileno(), view)
        view = view[written:]


@dataclass
class Pool:
    """At most `size` children, started when first needed, replaced after some photos or after any failure."""

    size: int = CHILDREN
    start: Callable[[], Child] = Child
    idle: list[Child] = field(default_factory=list[Child])
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _told: bool = False

    def __post_init__(self) -> None:
        self._places = threading.BoundedSemaphore(self.size)

    def derive(self, content: bytes) -> Readable | Unreadable:
        """Decode in the next free child; raise `PhotosBusy` when none becomes free in time."""
        if not self._places.acquire(timeout=WAIT_SECONDS):
            raise PhotosBusy
        try:
            return self._derive(content)
        finally:
            self._places.release()

    def warm(self) -> None:
        """Start the children now, so that the first photo need not wait for them."""
        with self._lock:
            while len(self.idle) < self.size:
                self.idle.append(self.start())

    def close(self) -> None:
        """End the idle children."""
        with self._lock:
            children, self.idle = self.idle, []
        for child in children:
            child.end()

    def _derive(self, content: bytes) -> Readable | Unreadable:
        child = self._take()
        began = time.monotonic()
        result: Readable | Unreadable = Unreadable("crashed")
        try:
            result = child.derive(content)
        finally:
            if isinstance(result, Readable) and child.photos < PHOTOS_A_CHILD:
                self._give_back(child)
            else:
                child.end()
                # Its successor gets ready while nobody waits for it.
                self._give_back(self.start())
        if isinstance(result, Unreadable):
            took = round(1000 * (time.monotonic() - began))
            _log.warning("photo unreadable", reason=result.reason, milliseconds=took)
        return result

    def _take(self) -> Child:
        while True:
            with self._lock:
                child = self.idle.pop() if self.idle else self.start()
            if child.process.poll() is None and self._is_up(child):
                return child
            child.end()

    def _is_up(self, child: Child) -> bool:
        if not child.is_new:
            return True
        try:
            granted = child.greet()
        except (_ChildGone, OSError, ValueError) as error:
            child.end()
            raise RuntimeError(
                f"The photo decoder does not start; run `{sys.executable} -I {_PROGRAM}` by hand to see why."
            ) from error
        if not self._told:
            self._told = True
            refused = sorted(name for name, given in granted.items() if not given)
            if refused:
                _log.warning(
                    "the system does not let the photo sandbox be as tight as it could", reason=", ".join(refused)
                )
        return True

    def _give_back(self, child: Child) -> None:
        with self._lock:
            self.idle.append(child)


_pool: Pool | None = None
_pool_lock = threading.Lock()


def get_pool() -> Pool:
    """Return this process's pool, made on first use."""
    global _pool  # noqa: PLW0603 -- one pool a process
    with _pool_lock:
        if _pool is None:
            _pool = Pool()
            atexit.register(_pool.close)
        return _pool


def _forget() -> None:
    """A forked process shares its parent's pipes and must start children of its own."""
    global _pool, _pool_lock
    _pool, _pool_lock = None, threading.Lock()


os.register_at_fork(after_in_child=_forget)


def derive(content: bytes) -> Readable | Unreadable:
    """Open a photo away from everything that matters."""
    return get_pool().derive(content)
