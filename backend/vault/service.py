"""Seal what could name a reporter, and open it only for a purpose that is written down."""

import secrets
from collections.abc import Collection

from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlmodel import Session, col, delete, select

from backend.audit import service as audit
from backend.core import clock
from backend.core.actor import Actor
from backend.core.crypto import KEY_BYTES, get_keys, open_sealed, seal
from backend.core.ids import new_id
from backend.vault.models import KeyEnvelope, SealedFact

SUITE = "hpke-x25519-hkdf-sha256-chacha20poly1305"
NOTIFIER = "notifier"
NOTIFIER_KEY_ID = "notifier-1"

_hpke = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)


def put(session: Session, subject: str, field: str, value: str, *, purpose: str, consent_version: str) -> None:
    """Seal `value` as the `field` of `subject`, in place of what was sealed there before."""
    session.execute(delete(SealedFact).where(col(SealedFact.subject) == subject, col(SealedFact.field) == field))
    key = secrets.token_bytes(KEY_BYTES)
    fact = SealedFact(
        id=new_id(),
        subject=subject,
        field=field,
        suite=SUITE,
        sealed=seal(key, value.encode(), _place(subject, field)),
        purpose=purpose,
        consent_version=consent_version,
        sealed_at=clock.now(),
    )
    session.add(fact)
    session.flush()
    wrapped = _hpke.encrypt(key, _notifier_key().public_key(), fact.id.bytes)
    session.add(KeyEnvelope(fact_id=fact.id, recipient=NOTIFIER, key_id=NOTIFIER_KEY_ID, wrapped=wrapped))
    session.flush()


def subjects_with(session: Session, subjects: Collection[str], field: str) -> list[str]:
    """Return which of `subjects` have the `field` sealed; tells nothing about it."""
    found = select(SealedFact.subject).where(col(SealedFact.subject).in_(subjects), col(SealedFact.field) == field)
    return list(session.exec(found))


def open_for_notifier(session: Session, actor: Actor, subject: str, field: str, *, reason: str) -> str | None:
    """Open one fact in order to send a message; the opening is recorded before the value is returned."""
    row = session.exec(
        select(SealedFact, KeyEnvelope)
        .join(KeyEnvelope, col(KeyEnvelope.fact_id) == col(SealedFact.id))
        .where(
            col(SealedFact.subject) == subject, col(SealedFact.field) == field, col(KeyEnvelope.recipient) == NOTIFIER
        )
    ).first()
    if row is None:
        return None
    fact, envelope = row
    audit.record(session, actor, "vault_opened", subject, field=field, reason=reason)
    key = _hpke.decrypt(envelope.wrapped, _notifier_key(), fact.id.bytes)
    return open_sealed(key, fact.sealed, _place(subject, field)).decode()


def shred(session: Session, subject: str) -> None:
    """Make everything sealed about `subject` unreadable for ever."""
    session.execute(delete(SealedFact).where(col(SealedFact.subject) == subject))


def _place(subject: str, field: str) -> bytes:
    """Bind the ciphertext to its row, so that one moved to another row does not open."""
    return f"sealed_fact|{subject}|{field}|{SUITE}".encode()


def _notifier_key() -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(get_keys().derive("vault-notifier"))
