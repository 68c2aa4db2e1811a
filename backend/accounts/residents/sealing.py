"""How a resident's number stands in the database: a ciphertext bound to its row, and a keyed digest to find it by."""

from uuid import UUID

from backend.core.crypto import get_keys, open_sealed, seal


def digest_of(phone: str) -> bytes:
    """Return what a number is found by; without the service's secret nobody can try all numbers."""
    return get_keys().digest("resident-phone", phone.encode())


def seal_phone(phone: str, table: str, row_id: UUID) -> bytes:
    """Seal the number for one row."""
    return seal(get_keys().derive("resident-phone-seal"), phone.encode(), _place(table, row_id, "phone"))


def open_phone(sealed: bytes, table: str, row_id: UUID) -> str:
    """Open the number of a row."""
    return open_sealed(get_keys().derive("resident-phone-seal"), sealed, _place(table, row_id, "phone")).decode()


def code_digest(code: str, row_id: UUID) -> bytes:
    """Return what six digits are checked against; a million tries are useless without the service's secret."""
    return get_keys().digest("sms-code", row_id.bytes + code.encode())


def seal_code(code: str, row_id: UUID) -> bytes:
    """Seal six digits until they are sent."""
    return seal(get_keys().derive("sms-code-seal"), code.encode(), _place("sms_code", row_id, "code"))


def open_code(sealed: bytes, row_id: UUID) -> str:
    """Open six digits in order to send them."""
    return open_sealed(get_keys().derive("sms-code-seal"), sealed, _place("sms_code", row_id, "code")).decode()


def browser_digest(token: str) -> bytes:
    """Return under what a browser that asked for a code is remembered."""
    return get_keys().digest("sms-code-browser", token.encode())


def _place(table: str, row_id: UUID, field: str) -> bytes:
    return f"{table}|{row_id}|{field}".encode()
