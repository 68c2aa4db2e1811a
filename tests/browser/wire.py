"""The line between a phone and the service: counts what goes over it, and breaks where a test wants it to."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

CHUNK = 65_536
REQUEST = re.compile(rb"(?:GET|POST|PUT) \S+(?= HTTP/1.1)")


class Wire:
    """A port that passes everything on to the service."""

    def __init__(self, service_port: int) -> None:
        self.up = 0
        """Bytes from the phone to the service, headers and all."""
        self.down = 0
        self.requests: list[str] = []
        """What was asked for, in order: `GET /report`."""
        self.losses = 0
        """How often it broke as wanted."""
        self._service_port = service_port
        self._swallow: bytes | None = None
        self._break: tuple[bytes, int] | None = None
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._lines: list[threading.Thread] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """Where a browser finds the service through this line."""
        return f"http://127.0.0.1:{self.port}"

    def lose_answer_to(self, start: bytes) -> None:
        """Let the next request that begins so reach the service, and lose its answer."""
        self._swallow = start

    def break_within(self, start: bytes, after: int) -> None:
        """Break the line when `after` bytes of the next request that begins so have gone over it."""
        self._break = (start, after)

    def close(self) -> None:
        """Accept nothing any more."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                phone, _ = self._listener.accept()
            except OSError:
                return
            line = threading.Thread(target=_Line(self, phone).carry, daemon=True)
            line.start()
            self._lines.append(line)


class _Line:
    """One connection."""

    def __init__(self, wire: Wire, phone: socket.socket) -> None:
        self.wire = wire
        self.phone = phone
        self.service = socket.create_connection(("127.0.0.1", wire._service_port))
        self.is_swallowing = False
        self.left: int | None = None

    def carry(self) -> None:
        back = threading.Thread(target=self._back, daemon=True)
        back.start()
        with suppress(OSError):
            while chunk := self.phone.recv(CHUNK):
                chunk = self._watch(chunk)
                self.wire.up += len(chunk)
                self.service.sendall(chunk)
                if self.left == 0:
                    self.wire.losses += 1
                    self._drop()
        with suppress(OSError):
            self.service.shutdown(socket.SHUT_WR)
        back.join()
        self.phone.close()
        self.service.close()

    def _watch(self, chunk: bytes) -> bytes:
        wire = self.wire
        with wire._lock:
            if asked := REQUEST.match(chunk):
                wire.requests.append(asked[0].decode())
            if wire._swallow and chunk.startswith(wire._swallow):
                wire._swallow, self.is_swallowing = None, True
            if wire._break and chunk.startswith(wire._break[0]):
                self.left, wire._break = wire._break[1], None
        if self.left is not None:
            chunk = chunk[: self.left]
            self.left -= len(chunk)
        return chunk

    def _back(self) -> None:
        with suppress(OSError):
            while chunk := self.service.recv(CHUNK):
                if self.is_swallowing:
                    self.wire.losses += 1
                    self._drop()
                    return
                self.wire.down += len(chunk)
                self.phone.sendall(chunk)
        with suppress(OSError):
            self.phone.shutdown(socket.SHUT_WR)

    def _drop(self) -> None:
        for end in (self.phone, self.service):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def wire_to(service_port: int) -> Iterator[Wire]:
    """Lay a line and take it up again."""
    wire = Wire(service_port)
    try:
        yield wire
    finally:
        wire.close()
