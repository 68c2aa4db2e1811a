"""Writing, sealing and proving the audit record.

Entries are written inside the transaction of the act and carry no link, because a link would make every writer wait
for the one before it. A job seals them into one hash chain in the order in which they became visible, and signs the
head: an unkeyed chain alone can be written anew by whoever can write the database.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from contextlib import closing
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, insert, select

from backend.audit.models import AuditCheckpoint, AuditEntry, AuditSeal
from backend.core import clock
from backend.core.actor import Actor
from backend.core.crypto import is_signed, sign

GENESIS = bytes(32)
SEAL_LOCK = 7_301_001
BATCH = 5_000
SIGNING = "audit-signing"


def record(session: Session, actor: Actor, action: str, subject: str, **facts: Any) -> None:
    """Note that `actor` did `action` to `subject`; `facts` are JSON values and never personal."""
    session.execute(
        insert(AuditEntry).values(at=clock.now(), actor=actor.label, action=action, subject=subject, facts=facts)
    )


def canonical(entry: AuditEntry) -> bytes:
    """Return the bytes of an entry that the chain commits to: JSON with sorted keys, no spaces, UTC microseconds."""
    return json.dumps(
        [entry.id, entry.at.isoformat(timespec="microseconds"), entry.actor, entry.action, entry.subject, entry.facts],
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    ).encode()


def link(previous: bytes, entry: AuditEntry) -> bytes:
    """Return the digest that follows `previous`."""
    return hashlib.sha256(previous + canonical(entry)).digest()


def seal(session: Session) -> int:
    """Append every visible, unsealed entry to the chain and sign the new head; return how many were sealed."""
    session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": SEAL_LOCK})
    last = session.exec(select(AuditSeal).order_by(col(AuditSeal.position).desc()).limit(1)).first()
    position, head = (last.position, last.digest) if last else (0, GENESIS)
    sealed = 0
    entries = session.exec(
        select(AuditEntry)
        .where(~select(AuditSeal).where(col(AuditSeal.entry_id) == col(AuditEntry.id)).exists())
        .order_by(col(AuditEntry.id))
        .limit(BATCH)
    )
    rows: list[dict[str, object]] = []
    for entry in entries:
        position, head, sealed = position + 1, link(head, entry), sealed + 1
        rows.append({"position": position, "entry_id": entry.id, "digest": head})
    if rows:
        session.execute(insert(AuditSeal), rows)
        session.add(AuditCheckpoint(position=position, at=clock.now(), head=head, signature=_sign(position, head)))
        session.flush()
    return sealed


def verify(session: Session) -> str | None:
    """Prove the whole chain; return `None`, or a sentence that names the first bad position."""
    checkpoints = {one.position: one for one in session.exec(select(AuditCheckpoint))}
    rows = session.exec(
        select(AuditSeal, AuditEntry)
        .join(AuditEntry, col(AuditEntry.id) == col(AuditSeal.entry_id), isouter=True)
        .order_by(col(AuditSeal.position))
        .execution_options(yield_per=BATCH)
    )
    with closing(rows):
        return _first_bad(rows, checkpoints)


def _first_bad(
    rows: Iterable[tuple[AuditSeal, AuditEntry | None]], checkpoints: Mapping[int, AuditCheckpoint]
) -> str | None:
    head, position = GENESIS, 0
    for row, entry in rows:
        position += 1
        if row.position != position:
            return f"audit: position {position} is missing"
        if entry is None or row.digest != link(head, entry):
            return f"audit: position {position} does not match its entry"
        head = row.digest
        checkpoint = checkpoints.get(position)
        if checkpoint and not (checkpoint.head == head and _is_signed(checkpoint)):
            return f"audit: the checkpoint at position {position} does not match the chain"
    signed = max(checkpoints, default=0)
    if signed != position:
        return f"audit: the chain ends at position {position}, but the last signed head is that of position {signed}"
    return None


def _statement(position: int, head: bytes) -> bytes:
    return position.to_bytes(8) + head


def _sign(position: int, head: bytes) -> bytes:
    return sign(SIGNING, _statement(position, head))


def _is_signed(checkpoint: AuditCheckpoint) -> bool:
    return is_signed(SIGNING, _statement(checkpoint.position, checkpoint.head), checkpoint.signature)
