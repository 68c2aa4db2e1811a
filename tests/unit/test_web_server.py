"""The two deadlines that uvicorn lacks, on a real socket."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from backend.core.config import Settings
from backend.web import server


async def answer(scope: dict[str, Any], receive: Any, send: Any) -> None:
    del receive
    size = 30_000_000 if scope["path"] == "/large" else 2
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(size).encode())]})
    await send({"type": "http.response.body", "body": b"x" * size})


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(server, "HEADER_SECONDS", 0.3)
    monkeypatch.setattr(server, "READER_SECONDS", 0.3)
    options = server.run_options(Settings(_env_file=None, port=1))  # pyright: ignore[reportCallIssue]
    running = uvicorn.Server(uvicorn.Config(answer, **{**options, "port": 0, "lifespan": "off"}))  # pyright: ignore[reportArgumentType]
    thread = threading.Thread(target=running.run)
    thread.start()
    while not running.started:
        time.sleep(0.01)
    yield running.servers[0].sockets[0].getsockname()[1]
    running.should_exit = True
    thread.join(10)


def connected(port: int) -> socket.socket:
    opened = socket.create_connection(("127.0.0.1", port), timeout=5)
    opened.settimeout(5)
    return opened


def test_a_head_sent_byte_by_byte_is_cut_off(port: int):
    """Finding 3, F-09: a header trickler is closed, a healthy request beside it is answered."""
    with connected(port) as slow, connected(port) as healthy:
        began = time.monotonic()
        with contextlib.suppress(OSError):
            for byte in b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 1000:
                slow.sendall(bytes([byte]))
                time.sleep(0.02)
        cut_after = time.monotonic() - began
        healthy.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        # The healthy one was silent for too long as well; a new one is not.
        with connected(port) as fresh:
            fresh.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert fresh.recv(1000).startswith(b"HTTP/1.1 200")

    assert cut_after < 3


def test_a_connection_that_says_nothing_is_cut_off(port: int):
    with connected(port) as silent:
        assert silent.recv(10) == b""


def test_a_kept_connection_may_be_used_again(port: int):
    with connected(port) as opened:
        for _ in range(2):
            opened.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert b"200" in opened.recv(1000)
            time.sleep(0.5)


def test_a_reader_that_takes_nothing_is_cut_off(port: int):
    """F-09: a non-reading downloader does not hold its answer in memory for ever."""
    with connected(port) as lazy:
        lazy.sendall(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
        time.sleep(1.0)
        taken = 0
        with contextlib.suppress(ConnectionError):
            while part := lazy.recv(1_000_000):
                taken += len(part)
    assert taken < 30_000_000


def test_the_server_does_not_say_what_it_is(port: int):
    """S-60: no `server` or version header."""
    with connected(port) as opened:
        opened.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n")
        assert b"server:" not in opened.recv(1000).lower()
