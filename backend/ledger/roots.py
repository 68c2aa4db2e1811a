"""Every hour one signed digest is made that stands for every head that has moved, and anybody can keep a copy of it.

A chain alone can be written anew by whoever can write the database; against a published root it then no longer holds.
"""

import hashlib
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Any

from sqlmodel import Session, col, select

from backend.core import clock
from backend.core.crypto import is_signed, public_key, sign
from backend.ledger import chain, merkle
from backend.ledger.models import LedgerLeaf, LedgerRoot
from backend.ledger.queries import rows_of
from backend.ledger.rules import AccountRef, TransactionKind

SIGNING = "ledger-signing"
LOCK = 7_301_003
PROOF_FORMAT = "green-ledger/proof/1"

_MOVED = """
INSERT INTO ledger_leaf (account_id, seq, position, place)
SELECT a.id, a.seq, %(position)s, row_number() OVER (ORDER BY a.id) - 1 FROM ledger_account a
WHERE a.seq > coalesce((SELECT l.seq FROM ledger_leaf l WHERE l.account_id = a.id ORDER BY l.seq DESC LIMIT 1), 0)
"""
_LEAVES = """
SELECT l.account_id, l.seq, p.hash FROM ledger_leaf l JOIN posting p USING (account_id, seq)
WHERE l.position = %(position)s ORDER BY l.place
"""


def publish(session: Session) -> LedgerRoot | None:
    """Sign a root over every head that has moved since the last one; `None` if none has."""
    connection = session.connection()
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%(lock)s)", {"lock": LOCK})
    last = latest(session)
    position = last.position + 1 if last else 1
    count = connection.exec_driver_sql(_MOVED, {"position": position}).rowcount
    if not count:
        return None
    with closing(_leaves(session, position)) as leaves:
        root = merkle.root_of(leaves)
    at, previous = clock.now(), follows(last)
    signature = sign(SIGNING, chain.statement(position, at, count, root, previous))
    made = LedgerRoot(position=position, at=at, leaf_count=count, root=root, previous=previous, signature=signature)
    session.add(made)
    session.flush()
    return made


def latest(session: Session) -> LedgerRoot | None:
    """Return the newest root."""
    return session.exec(select(LedgerRoot).order_by(col(LedgerRoot.position).desc()).limit(1)).first()


def recent(session: Session, before: int | None = None, limit: int = 25) -> list[LedgerRoot]:
    """Return one page of roots, newest first."""
    query = select(LedgerRoot).order_by(col(LedgerRoot.position).desc()).limit(limit)
    return list(session.exec(query if before is None else query.where(col(LedgerRoot.position) < before)))


def follows(root: LedgerRoot | None) -> bytes:
    """Return what the next root says about the one before it."""
    return hashlib.sha256(_statement(root)).digest() if root else chain.NOTHING


def is_ours(root: LedgerRoot) -> bool:
    """Whether a root bears our signature."""
    return is_signed(SIGNING, _statement(root), root.signature)


def as_json(root: LedgerRoot) -> dict[str, Any]:
    """Return a root as it is published."""
    return {
        "position": root.position,
        "at": chain.micros(root.at),
        "leaf_count": root.leaf_count,
        "root": root.root.hex(),
        "previous": root.previous.hex(),
        "signature": root.signature.hex(),
        "public_key": public_key(SIGNING).hex(),
    }


def proof_of(session: Session, ref: AccountRef) -> dict[str, Any] | None:
    """Return what proves an account offline up to its last published head; `None` while there is none.

    It holds the account's own postings and digests of everything else: no owner and no amount of anybody else. A
    month's end books many accounts at once, so of that transaction only the digest is told.
    """
    rows = rows_of(session, ref)
    account_id = rows[0].id if rows else None
    found = _last_leaf(session, account_id)
    if account_id is None or found is None:
        return None
    root = session.get_one(LedgerRoot, found.position)
    with closing(_leaves(session, found.position)) as leaves:
        path = merkle.path_of(list(leaves), found.place)
    return {
        "format": PROOF_FORMAT,
        "account": account_id,
        "is": [ref.asset, ref.owner, ref.purpose, rows[0].shard, rows[0].floor, rows[0].holds_lots],
        "postings": list(_postings(session, account_id, found.seq)),
        "path": [[side, digest.hex()] for side, digest in path],
        "root": as_json(root),
    }


def _last_leaf(session: Session, account_id: int | None) -> LedgerLeaf | None:
    query = select(LedgerLeaf).where(LedgerLeaf.account_id == account_id).order_by(col(LedgerLeaf.seq).desc())
    return session.exec(query.limit(1)).first()


def _postings(session: Session, account_id: int, until: int) -> Iterator[dict[str, Any]]:
    rows = session.connection().exec_driver_sql(
        "SELECT p.seq, p.amount AS delta, p.pending_in, p.pending_out, t.id, t.key, t.request_hash, t.kind, t.amount,"
        " t.subject, t.actor, t.facts::text AS facts, t.recorded_at, t.effective_on, t.expires_at, t.lot_expires_on,"
        " t.earned_by, t.resolves_id, t.reverses_id, t.digest "
        "FROM posting p JOIN journal_transaction t ON t.id = p.transaction_id "
        "WHERE p.account_id = %(id)s AND p.seq <= %(until)s ORDER BY p.seq",
        {"id": account_id, "until": until},
    )
    for one in rows.mappings():
        row = dict[str, Any](one)
        line: dict[str, Any] = {
            "seq": row["seq"],
            "amount": row["delta"],
            "pending_in": row["pending_in"],
            "pending_out": row["pending_out"],
        }
        if row["kind"] == TransactionKind.EXPIRE:
            yield line | {"digest": row["digest"].hex()}
        else:
            inner = hashlib.sha256(chain.inner_half(row).encode()).hexdigest()
            yield line | {"says": chain.open_half(row), "inner": inner}


def _leaves(session: Session, position: int) -> Generator[bytes]:
    options = {"yield_per": 5_000}
    rows = session.connection().exec_driver_sql(_LEAVES, {"position": position}, execution_options=options)
    with closing(rows):
        for account_id, seq, head in rows:
            yield chain.leaf(account_id, seq, head)


def _statement(root: LedgerRoot) -> bytes:
    return chain.statement(root.position, root.at, root.leaf_count, root.root, root.previous)
