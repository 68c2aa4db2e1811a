"""Text messages: one small interface; a file and the console in the demo, an HTTP provider behind settings."""

import json
from pathlib import Path
from typing import Protocol

import httpx

from backend.core import clock
from backend.core.config import Settings, SettingsError, get_settings
from backend.core.logging import get_logger

TIMEOUT_SECONDS = 5.0

log = get_logger(__name__)


class SmsProvider(Protocol):
    """Whoever can send a text message."""

    def send(self, phone: str, text: str, *, reference: str) -> None:
        """Send `text` to `phone`, or raise; `reference` makes a repeat harmless for the provider."""
        ...


class OutboxFile:
    """Writes what would have been sent as a line of JSON, and says on the console that it did."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def send(self, phone: str, text: str, *, reference: str) -> None:
        """Append the message to the file."""
        line = json.dumps(
            {"channel": "sms", "to": phone, "text": text, "reference": reference, "at": clock.now().isoformat()},
            ensure_ascii=False,
        )
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        log.info("sms_written_to_outbox", where=self.path.name)


class HttpProvider:
    """Posts each message as JSON to the provider's address with a bearer token."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url, token

    def send(self, phone: str, text: str, *, reference: str) -> None:
        """Send through the provider; an answer that is not 2xx raises, and the job tries again later."""
        response = httpx.post(
            self.url,
            json={"to": phone, "text": text, "reference": reference},
            headers={"Authorization": f"Bearer {self.token}", "Idempotency-Key": reference},
            timeout=TIMEOUT_SECONDS,
            follow_redirects=False,
        )
        response.raise_for_status()


def outbox_path(settings: Settings) -> Path:
    """Return the file in which the demo keeps what would have gone out."""
    return settings.data_dir / "demo" / "outbox.jsonl"


def provider() -> SmsProvider:
    """Return the configured provider."""
    settings = get_settings()
    if settings.sms_url is None:
        return OutboxFile(outbox_path(settings))
    if settings.sms_token is None:
        raise SettingsError("GREEN_SMS_URL is set without GREEN_SMS_TOKEN. Set both, or neither.")
    return HttpProvider(settings.sms_url, settings.sms_token.get_secret_value())
