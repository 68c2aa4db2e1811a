"""Pure rules of a report: its receipt, its digest, what makes it usable."""

import hashlib
import struct
from uuid import UUID

from backend.core.ids import CROCKFORD, crockford, read_crockford

RECEIPT_BYTES = 15
RECEIPT_LENGTH = 24


def receipt_code(keyed_digest: bytes) -> str:
    """Return the 24 characters (120 bits) that a keyed digest of id and secret gives."""
    return crockford(keyed_digest[:RECEIPT_BYTES])


def receipt_material(report_id: UUID, secret: str) -> bytes:
    """Return what the receipt is derived from; the secret is the sender's and is not stored."""
    return report_id.bytes + bytes.fromhex(secret)


def read_receipt(text: str) -> str | None:
    """Return the code that a person typed, or `None` if it cannot be one."""
    code = read_crockford(text)
    return code if len(code) == RECEIPT_LENGTH and set(code) <= set(CROCKFORD) else None


def photo_id(report_id: UUID, place: int, content: bytes) -> UUID:
    """Return the id of the photo at `place` of a form sent without script: the same form gives the same ids."""
    return _derived_id(report_id.bytes + struct.pack(">H", place) + hashlib.sha256(content).digest())


def copy_id(message_id: UUID, report_id: UUID) -> UUID:
    """Return the id of the copy of a message that one report's mailbox holds: sent again, it is the same copy."""
    return _derived_id(message_id.bytes + report_id.bytes)


def _derived_id(material: bytes) -> UUID:
    return UUID(bytes=hashlib.sha256(material).digest()[:16], version=4)


def owner_of(report_id: UUID) -> str:
    """Return how photos, notices and sealed facts name the report that they belong to."""
    return f"report:{report_id}"
