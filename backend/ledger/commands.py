"""How a command reaches the database: one document with what it says about itself, one call, one answer."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlmodel import Session

from backend.core import clock
from backend.core.ids import new_id
from backend.ledger import errors
from backend.ledger.rules import SHARDS, AccountRef, Movement, TransactionKind, request_hash, shard_of

REFUSALS: Mapping[str, type[Exception]] = {
    "reused": errors.IdempotencyKeyReused,
    "short": errors.InsufficientFunds,
    "nothing": errors.NothingToMove,
    "unknown": errors.TransactionUnknown,
    "resolved": errors.AlreadyResolved,
    "late": errors.PendingExpired,
    "early": errors.PendingNotExpired,
    "over": errors.MoreThanPending,
    "invalid": errors.MovementInvalid,
    "reversed": errors.AlreadyReversed,
    "final": errors.NotReversible,
    "spent": errors.AlreadySpent,
}


@dataclass(frozen=True)
class Receipt:
    """What a command did: the same for every repetition of the request, but for `is_new`."""

    transaction_id: UUID
    amount: int
    is_new: bool


@dataclass(frozen=True)
class Head:
    """What every command says about itself."""

    key: str
    kind: TransactionKind
    subject: str
    actor: str
    facts: Mapping[str, Any] | None = None


class Legs:
    """The accounts and movements of a command as the database function takes them: accounts in one order for all."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.moves: list[tuple[tuple[AccountRef, int], tuple[AccountRef, int], int | None]] = []

    def add(self, source: AccountRef, to: AccountRef, amount: int | None, shard: int | None = None) -> None:
        self.moves.append(((source, self._row(source)), (to, self._row(to) if shard is None else shard), amount))

    def _row(self, ref: AccountRef) -> int:
        return shard_of(self.key, shards(ref)) if ref.is_spread else 0

    def accounts(self) -> list[tuple[AccountRef, int]]:
        return sorted({end for source, to, _ in self.moves for end in (source, to)})

    def as_json(self, *, is_grant: bool) -> tuple[str, str]:
        """Return accounts and moves; `drawn` marks the spread accounts that something is taken from."""
        accounts = self.accounts()
        places = {end: place for place, end in enumerate(accounts)}
        drawn = {source for source, _, _ in self.moves if source[0].is_spread}
        rows = [
            {
                "asset": ref.asset,
                "owner": ref.owner,
                "purpose": ref.purpose,
                "shard": shard,
                "floor": ref.floor,
                "lots": ref.holds_lots,
                "drawn": (ref, shard) in drawn,
                "debtor": is_grant and ref.holds_lots,
            }
            for ref, shard in accounts
        ]
        moves = [[places[source], places[to], amount] for source, to, amount in self.moves]
        return json.dumps(rows), json.dumps(moves)


def shards(ref: AccountRef) -> int:
    return SHARDS if ref.is_spread else 1


def command(
    session: Session,
    head: Head,
    movements: Sequence[Movement],
    *,
    all_of_first: bool = False,
    **terms: Any,
) -> Receipt:
    _check(movements, is_pending=terms.get("expires_at") is not None)
    amounts = [None if all_of_first and place == 0 else one.amount for place, one in enumerate(movements)]
    legs = Legs(head.key)
    for one, amount in zip(movements, amounts, strict=True):
        legs.add(one.source, one.to, amount)
    asked = [(one.source, one.to, amount) for one, amount in zip(movements, amounts, strict=True)]
    return write(session, head, legs, amounts[0], {"movements": asked, "facts": head.facts, **terms}, **terms)


def _check(movements: Sequence[Movement], *, is_pending: bool) -> None:
    """Keep to what the functions can do: one holder of lots gives, one takes, and no account is drawn from twice."""
    sources = [one.source for one in movements]
    carried = [one for one in movements if one.source.holds_lots and one.to.holds_lots]
    created = [one for one in movements[1:] if one.to.holds_lots]
    if (
        len(set(sources)) < len(sources)
        or sum(source.holds_lots for source in sources) > 1
        or created
        or (is_pending and carried)
    ):
        raise errors.MovementInvalid


def write(
    session: Session, head: Head, legs: Legs, amount: int | None, body: Mapping[str, Any], **terms: Any
) -> Receipt:
    document = document_of(head, body, amount=amount, **terms)
    accounts, moves = legs.as_json(is_grant=head.kind is TransactionKind.GRANT)
    return ask(
        session,
        "SELECT * FROM ledger_write(%(head)s, %(accounts)s, %(moves)s)",
        document,
        accounts=accounts,
        moves=moves,
    )


def resolve(
    session: Session, key: str, kind: TransactionKind, pending_id: UUID, actor: str, amount: int | None = None
) -> Receipt:
    head = Head(key, kind, f"transaction:{pending_id}", actor)
    document = document_of(head, {"transaction": pending_id, "amount": amount}, resolves_id=pending_id, amount=amount)
    return ask(session, "SELECT * FROM ledger_resolve(%(head)s)", document)


def document_of(head: Head, body: Mapping[str, Any], **columns: Any) -> dict[str, Any]:
    """Return the transaction's row as JSON; its hash covers what the caller asked, not when."""
    asked = {"kind": head.kind, "subject": head.subject, "actor": head.actor, "body": _plain(body)}
    return {
        "id": str(new_id()),
        "key": head.key,
        "request_hash": "\\x" + request_hash(asked).hex(),
        "kind": head.kind,
        "state": "pending" if columns.get("expires_at") else "posted",
        "subject": head.subject,
        "actor": head.actor,
        "facts": dict(head.facts or {}),
        "recorded_at": clock.now().isoformat(),
        "effective_on": clock.today().isoformat(),
        **{name: _plain(value) for name, value in columns.items()},
    }


def _plain(value: Any) -> Any:
    """Return `value` in the words of JSON."""
    match value:
        case Mapping():
            return {str(key): _plain(one) for key, one in cast("Mapping[Any, Any]", value).items()}
        case AccountRef():
            return [value.asset, value.owner, value.purpose]
        case list() | tuple():
            return [_plain(one) for one in cast("Sequence[Any]", value)]
        case UUID():
            return str(value)
        case date():
            return value.isoformat()
        case _:
            return value


def ask(session: Session, statement: str, document: Mapping[str, Any], **others: Any) -> Receipt:
    """Call a function and turn its refusal into an error; a refusal has changed nothing."""
    row = session.connection().exec_driver_sql(statement, {"head": _json(document), **others}).one()
    if refusal := REFUSALS.get(row.outcome):
        raise refusal
    return Receipt(row.transaction_id, row.amount, is_new=row.outcome == "new")


def _json(document: Mapping[str, Any]) -> str:
    """Write JSON; a NUL, which the database has no word for, is refused here."""
    text = json.dumps(document)
    if "\\u0000" in text:
        raise errors.MovementInvalid
    return text
