"""Hashing passwords with Argon2id, a bounded number at a time, so that sign-ins cannot eat the machine (S-09)."""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from backend.accounts.errors import SignInBusy

MEMORY_KIB = 19 * 1024
ITERATIONS = 2
LANES = 1
AT_ONCE = 2
LONGEST_WAIT_SECONDS = 5
_PARAMETERS = f"$argon2id$v=19$m={MEMORY_KIB},t={ITERATIONS},p={LANES}$"

_slots = threading.BoundedSemaphore(AT_ONCE)


def hash_password(password: str) -> str:
    """Return the password's hash with its parameters and salt, in PHC notation."""
    with _slot():
        kdf = Argon2id(
            salt=secrets.token_bytes(16), length=32, iterations=ITERATIONS, lanes=LANES, memory_cost=MEMORY_KIB
        )
        return kdf.derive_phc_encoded(password.encode())


def is_password(password: str, hashed: str) -> bool:
    """Whether `password` belongs to the hash."""
    with _slot():
        try:
            Argon2id.verify_phc_encoded(password.encode(), hashed)
        except InvalidKey:
            return False
    return True


def is_outdated(hashed: str) -> bool:
    """Whether the hash was made with other parameters than today's; it is then made anew at the next sign-in."""
    return not hashed.startswith(_PARAMETERS)


@cache
def nobodys_hash() -> str:
    """Return a hash that no password fits: unknown logins cost the same time as known ones (S-05)."""
    return hash_password(secrets.token_urlsafe(32))


@contextmanager
def _slot() -> Iterator[None]:
    if not _slots.acquire(timeout=LONGEST_WAIT_SECONDS):
        raise SignInBusy(retry_after=LONGEST_WAIT_SECONDS)
    try:
        yield
    finally:
        _slots.release()
