"""A load generator that costs little itself: prepared requests over kept connections, one thread a client."""

import socket
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """What a run showed; latencies in milliseconds."""

    per_second: float
    p50: float
    p95: float
    p99: float

    def __str__(self) -> str:
        return f"{self.per_second:7.0f}/s  p50 {self.p50:6.1f} ms  p95 {self.p95:6.1f}  p99 {self.p99:6.1f}"


def measure(work: Sequence[Sequence[Callable[[], object]]]) -> Measured:
    """Run each client's calls one after the other, all clients at once."""
    latencies: list[float] = []
    start = threading.Barrier(len(work) + 1)
    failures: list[BaseException] = []

    def client(calls: Sequence[Callable[[], object]]) -> None:
        own: list[float] = []
        start.wait()
        try:
            for call in calls:
                began = time.perf_counter()
                call()
                own.append(time.perf_counter() - began)
        except BaseException as failure:  # noqa: BLE001 -- told by the caller, not lost in a thread
            failures.append(failure)
        latencies.extend(own)

    threads = [threading.Thread(target=client, args=(calls,)) for calls in work]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    if failures:
        raise failures[0]
    cuts = statistics.quantiles(latencies, n=100)
    return Measured(len(latencies) / seconds, cuts[49] * 1000, cuts[94] * 1000, cuts[98] * 1000)


class Connection:
    """One kept connection that sends prepared bytes and reads one answer."""

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""

    def ask(self, request: bytes, expect: int) -> bytes:
        """Send, and return the body; raise if the status is another than `expect`."""
        self.socket.sendall(request)
        data = self.rest
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, body = data.partition(b"\r\n\r\n")
        lengths = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        length = int(lengths[0].partition(b":")[2]) if lengths else 0  # 304 has no body
        while len(body) < length:
            body += self._more()
        self.rest = body[length:]
        status = int(head[9:12])
        if status != expect:
            raise AssertionError(f"{status} instead of {expect}: {body[:300]!r}")
        return body[:length]

    def close(self) -> None:
        """Close the connection."""
        self.socket.close()

    def _more(self) -> bytes:
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("the server closed the connection")
        return data


def post(path: str, body: bytes, content_type: str = "application/json", method: str = "POST") -> bytes:
    """Return the bytes of a request."""
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(body)}\r\nAccept: application/json\r\n\r\n"
    )
    return head.encode() + body


def get(path: str, cookie: str = "") -> bytes:
    """Return the bytes of a request."""
    line = f"Cookie: {cookie}\r\n" if cookie else ""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{line}Accept-Language: en\r\nAccept-Encoding: identity\r\n\r\n".encode()
