"""Lists are read on from a signed, opaque mark: the last page costs what the first one does (S-65)."""

import base64
import hmac
import json
from typing import Annotated, Any

from fastapi import Query

from backend.core.crypto import get_keys
from backend.core.errors import N_, Invalid

LARGEST_PAGE = 100
DEFAULT_PAGE = 25
LONGEST_CURSOR = 1000
_MAC_BYTES = 12

PageSize = Annotated[int, Query(alias="limit", ge=1, le=LARGEST_PAGE)]
"""How many rows a caller wants; more than the largest page is refused, not cut. Give it a default of 25."""


class CursorForged(Invalid):
    """The mark was not written by us."""

    message = N_("This page of the list cannot be found. Start again from the first page.")


def write_cursor(*values: str | float | bool | None) -> str:
    """Return the mark behind which the next page begins."""
    payload = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_mac(payload) + payload).rstrip(b"=").decode()


def read_cursor(text: str | None) -> tuple[Any, ...] | None:
    """Undo `write_cursor`; `None` stands for the first page."""
    if not text:
        return None
    try:
        if len(text) > LONGEST_CURSOR:
            raise CursorForged
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise CursorForged from None
    mac, payload = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(payload)):
        raise CursorForged
    return tuple(json.loads(payload))


def _mac(payload: bytes) -> bytes:
    return get_keys().digest("cursor", payload)[:_MAC_BYTES]
