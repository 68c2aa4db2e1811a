"""The second factor: six digits of an authenticator, each of which works once (S-08)."""

import hmac
import uuid

import pyotp
from pyotp.totp import TOTP

from backend.core import clock
from backend.core.crypto import get_keys, open_sealed, seal

STEP_SECONDS = 30
NEIGHBOURS = (0, -1, 1)
"""Phones run half a minute fast or slow: the step before and the one after count too."""


def new_secret() -> str:
    """Return a secret for an authenticator, in base-32."""
    return pyotp.random_base32()


def seal_secret(secret: str, staff_id: uuid.UUID) -> bytes:
    """Encrypt the secret, bound to its owner."""
    return seal(get_keys().derive("staff-totp"), secret.encode(), _place(staff_id))


def open_secret(sealed: bytes, staff_id: uuid.UUID) -> str:
    """Undo `seal_secret`."""
    return open_sealed(get_keys().derive("staff-totp"), sealed, _place(staff_id)).decode()


def step_of(secret: str, code: str) -> int | None:
    """Return the time step that `code` belongs to, or `None`."""
    totp, now, found = TOTP(secret), int(clock.now().timestamp()) // STEP_SECONDS, None
    for offset in NEIGHBOURS:
        right = hmac.compare_digest(totp.generate_otp(now + offset).encode(), code.encode())
        found = now + offset if right and found is None else found
    return found


def _place(staff_id: uuid.UUID) -> bytes:
    return f"staff|{staff_id}|totp".encode()
