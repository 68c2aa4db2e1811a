"""Keys and sealing, on the `cryptography` package alone; no other module chooses an algorithm."""

import hmac
import secrets
from dataclasses import dataclass
from functools import cache, lru_cache

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from backend.core.config import get_settings

NONCE_BYTES = 12
KEY_BYTES = 32


class SealBroken(Exception):
    """What was sealed has been changed, cut, moved to another place or was sealed with another key."""


@dataclass(frozen=True)
class Keys:
    """Purpose keys, each derived from the one secret by HKDF-SHA256 with its label, so that none opens another's."""

    secret: bytes

    def derive(self, label: str, length: int = KEY_BYTES) -> bytes:
        """Return the key for the purpose `label`."""
        return _derive(self.secret, label, length)

    def digest(self, label: str, data: bytes) -> bytes:
        """Return the keyed digest (HMAC-SHA256) of `data`: of no use to someone who holds only the database."""
        return hmac.digest(self.derive(label), data, "sha256")


@lru_cache(maxsize=256)
def _derive(secret: bytes, label: str, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt=None, info=b"green-tianshui/" + label.encode()).derive(secret)


@cache
def get_keys() -> Keys:
    """Return the keys of the configured secret."""
    return Keys(get_settings().secret)


def seal(key: bytes, data: bytes, aad: bytes) -> bytes:
    """Encrypt `data` with ChaCha20-Poly1305; `aad` binds it to its place (table, row, field)."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + ChaCha20Poly1305(key).encrypt(nonce, data, aad)


def open_sealed(key: bytes, sealed: bytes, aad: bytes) -> bytes:
    """Undo `seal`; raise `SealBroken` rather than return a part."""
    try:
        return ChaCha20Poly1305(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], aad)
    except (InvalidTag, ValueError) as error:
        raise SealBroken from error


def sign(label: str, statement: bytes) -> bytes:
    """Sign `statement` with the Ed25519 key for the purpose `label`."""
    return _signing_key(label).sign(statement)


def is_signed(label: str, statement: bytes, signature: bytes) -> bool:
    """Whether `signature` is ours for `statement`."""
    try:
        _signing_key(label).public_key().verify(signature, statement)
    except InvalidSignature:
        return False
    return True


def public_key(label: str) -> bytes:
    """Return what others need to check signatures for the purpose `label`."""
    return _signing_key(label).public_key().public_bytes_raw()


def _signing_key(label: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(get_keys().derive(label))
