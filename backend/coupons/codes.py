"""What a ticket shows at the till: a code that changes every half minute, and one signed before for a phone without a network.

Both hold the ticket's secret, which the database knows only as a keyed digest. The rotating code is good for a minute,
so that a screenshot is worth nothing; the signed one until the end of the ticket or a day. Whichever is shown, the
ticket is redeemed once. All are Crockford base-32 in capitals, which a QR code holds in its densest mode.
"""

import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from backend.core import clock
from backend.core.crypto import get_keys
from backend.core.ids import CROCKFORD, crockford, grouped, read_crockford
from backend.coupons.errors import CodeStale, TicketUnknown
from backend.coupons.rules import OFFLINE_LIVE

SECRET_BYTES = 15
STEP_SECONDS = 30
STEPS_BACK = 1
"""The code of the half minute before still works: between showing and reading the half minute may change."""
_STEP_BYTES = 4
_MAC_BYTES = 11
_SIGNATURE_BYTES = 64
_ROTATING = SECRET_BYTES + _STEP_BYTES + _MAC_BYTES
_SIGNED = SECRET_BYTES + _STEP_BYTES + _SIGNATURE_BYTES + 2
"""With two bytes of nought, because base-32 takes five at a time."""
DIGITS = 6
_NUMBER_BYTES = 5


@dataclass(frozen=True)
class Read:
    """What was scanned or typed: either the digest of a ticket's secret, or six digits."""

    secret_digest: bytes | None
    digits: str | None
    is_signed: bool = False


def secret_of(coupon_id: UUID) -> bytes:
    """Return the ticket's secret: 120 bits that nobody can tell from random without the service's key."""
    return get_keys().digest("coupon-secret", coupon_id.bytes)[:SECRET_BYTES]


def digest_of(secret: bytes) -> bytes:
    """Return what the database knows of a secret."""
    return get_keys().digest("coupon-secret-digest", secret)


def rotating(coupon_id: UUID) -> str:
    """Return the code of this half minute."""
    body = secret_of(coupon_id) + _step().to_bytes(_STEP_BYTES)
    return crockford(body + _mac(body))


def changes_in() -> int:
    """Return in how many seconds the code changes."""
    return STEP_SECONDS - int(clock.now().timestamp()) % STEP_SECONDS


def signed(coupon_id: UUID, valid_until: date) -> tuple[str, datetime]:
    """Return a code for the time without a network, and until when it is good."""
    until = min(_end_of(valid_until), clock.now() + OFFLINE_LIVE).replace(microsecond=0)
    body = secret_of(coupon_id) + int(until.timestamp()).to_bytes(_STEP_BYTES)
    return crockford(body + _key().sign(_statement(body)) + bytes(2)), until


def read(text: str) -> Read:
    """Return what a code stands for; raise where it was never ours, or is too old."""
    shown = read_crockford(unicodedata.normalize("NFKC", text))
    if len(shown) == DIGITS and shown.isascii() and shown.isdigit():
        return Read(None, shown)
    raw = _bytes(shown)
    if len(raw) == _ROTATING:
        return Read(digest_of(_read_rotating(raw)), None)
    if len(raw) == _SIGNED:
        return Read(digest_of(_read_signed(raw)), None, is_signed=True)
    raise TicketUnknown


def public_key() -> Ed25519PublicKey:
    """Return by what anybody can check a signed code."""
    return _key().public_key()


def new_digits() -> str:
    """Return six random digits, to be spoken."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def number_of(coupon_id: UUID) -> str:
    """Return the ticket's number, which its owner can tell on the telephone; it opens nothing at a till."""
    return grouped(crockford(coupon_id.bytes[:_NUMBER_BYTES]))


def ids_under(number: str) -> tuple[UUID, UUID] | None:
    """Return the first and the last id that a ticket with this number can have, or `None` for what is no number."""
    try:
        raw = _bytes(read_crockford(unicodedata.normalize("NFKC", number)))
    except TicketUnknown:
        return None
    if len(raw) != _NUMBER_BYTES:
        return None
    rest = 16 - _NUMBER_BYTES
    return UUID(bytes=raw + bytes(rest)), UUID(bytes=raw + b"\xff" * rest)


def _read_rotating(raw: bytes) -> bytes:
    body, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(body)):
        raise TicketUnknown
    step = int.from_bytes(body[SECRET_BYTES:])
    if not _step() - STEPS_BACK <= step <= _step() + STEPS_BACK:
        raise CodeStale
    return body[:SECRET_BYTES]


def _read_signed(raw: bytes) -> bytes:
    body, signature = raw[: SECRET_BYTES + _STEP_BYTES], raw[SECRET_BYTES + _STEP_BYTES : -2]
    try:
        public_key().verify(signature, _statement(body))
    except InvalidSignature:
        raise TicketUnknown from None
    if int.from_bytes(body[SECRET_BYTES:]) <= clock.now().timestamp():
        raise CodeStale
    return body[:SECRET_BYTES]


def _statement(body: bytes) -> bytes:
    return b"green-tianshui/coupon/1\n" + body


def _mac(body: bytes) -> bytes:
    return get_keys().digest("coupon-rotating", body)[:_MAC_BYTES]


def _key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(get_keys().derive("coupon-signing"))


def _step() -> int:
    return int(clock.now().timestamp()) // STEP_SECONDS


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), clock.SHANGHAI).astimezone(UTC)


def _bytes(text: str) -> bytes:
    if not text or len(text) % 8 or any(letter not in CROCKFORD for letter in text):
        raise TicketUnknown
    number = 0
    for letter in text:
        number = number << 5 | CROCKFORD.index(letter)
    return number.to_bytes(len(text) * 5 // 8)
