"""How uvicorn is run: with a deadline for headers and for readers, and without telling what it is."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from backend.core.config import Settings

HEADER_SECONDS = 20.0
"""A request's head must be complete within this time, or slow callers could hold every connection (finding 3)."""
READER_SECONDS = 60.0
"""A reader that takes nothing for this long is cut off."""
SHUTDOWN_SECONDS = 20


class PunctualProtocol(HttpToolsProtocol):
    """uvicorn's own protocol with the two deadlines that it lacks."""

    _head: asyncio.TimerHandle | None = None
    _reader: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head = _stop(self._head)
        self._reader = _stop(self._reader)
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._expect_head()

    def on_headers_complete(self) -> None:
        self._head = _stop(self._head)
        super().on_headers_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._reader = _stop(self._reader)
        self._reader = self.loop.call_later(READER_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        self._reader = _stop(self._reader)
        super().resume_writing()

    def _expect_head(self) -> None:
        if self._head is None:
            self._head = self.loop.call_later(HEADER_SECONDS, self._cut)

    def _cut(self) -> None:
        self._head = None
        self.transport.close()


def _stop(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()


def run_options(settings: Settings) -> dict[str, Any]:
    """Return the options for `uvicorn.Config(app, **run_options(settings))`."""
    return {
        "host": settings.host,
        "port": settings.port,
        "http": PunctualProtocol,
        "ws": "none",
        "server_header": False,
        "date_header": True,
        "access_log": False,
        "log_config": None,
        # uvicorn would believe X-Forwarded-For from any local caller; web.addresses reads it by the setting.
        "proxy_headers": False,
        "timeout_keep_alive": 15,
        "timeout_graceful_shutdown": SHUTDOWN_SECONDS,
    }
