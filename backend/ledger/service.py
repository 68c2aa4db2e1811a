"""The verbs of the ledger: each is one call of a database function, which does all of it or nothing.

A caller makes the key of what it wants and sends the same key with every retry: the same request gets the same answer,
another request under that key is refused. Who needs amounts of several assets to move together names them in one call
(`also`), because locks are taken in one order within a call only.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from backend.core import clock
from backend.core.actor import SYSTEM
from backend.core.ids import new_id
from backend.ledger import errors
from backend.ledger.commands import Head, Legs, Receipt, ask, command, document_of, resolve, shards, write
from backend.ledger.rules import GRACE_DAYS, AccountRef, Movement, Purpose, TransactionKind, check_amount, spread

BATCH = 2_000


def issue(session: Session, key: str, *, to: AccountRef, amount: int, subject: str, actor: str) -> Receipt:
    """Bring an asset into being: a programme's budget of points, a campaign's stock. Nothing else makes any."""
    check_amount(amount)
    source = to.with_purpose(Purpose.ISSUANCE)
    head = Head(key, TransactionKind.ISSUE, subject, actor)
    shares = spread(amount, shards(to)) if to.is_spread else [amount]
    legs = Legs(key)
    for shard, share in enumerate(shares):
        if share:
            legs.add(source, to, share, shard)
    return write(session, head, legs, amount, {"to": to, "amount": amount})


def grant(  # noqa: PLR0913 -- named arguments, each a fact of its own
    session: Session,
    key: str,
    *,
    fund: AccountRef,
    to: AccountRef,
    amount: int,
    expires_on: date,
    subject: str,
    actor: str,
    facts: Mapping[str, Any] | None = None,
    pending_until: datetime | None = None,
) -> Receipt:
    """Give points from a fund, as a lot that is good up to and including `expires_on`.

    With `pending_until` they are promised only: `post` or `void` decides, else they lapse at that moment. What the
    holder owes from a clawback is netted when they are posted.
    """
    if not to.holds_lots or fund.holds_lots:
        raise errors.MovementInvalid
    movement = Movement(fund, to, amount)
    return command(
        session,
        Head(key, TransactionKind.GRANT, subject, actor, facts),
        [movement],
        lot_expires_on=expires_on,
        expires_at=pending_until,
    )


def spend(  # noqa: PLR0913 -- named arguments, each a fact of its own
    session: Session,
    key: str,
    *,
    source: AccountRef,
    to: AccountRef,
    amount: int,
    subject: str,
    actor: str,
    also: Sequence[Movement] = (),
    earned_by: str | None = None,
) -> Receipt:
    """Take from `source` what expires first; `also` moves other assets in the same breath, such as a coupon's stock.

    `earned_by` spends only what that resident earned, for a household that spends so.
    """
    head = Head(key, TransactionKind.SPEND, subject, actor)
    return command(session, head, [Movement(source, to, amount), *also], earned_by=earned_by)


def hold(  # noqa: PLR0913 -- named arguments, each a fact of its own
    session: Session,
    key: str,
    *,
    source: AccountRef,
    to: AccountRef,
    amount: int,
    until: datetime,
    subject: str,
    actor: str,
    also: Sequence[Movement] = (),
    earned_by: str | None = None,
) -> Receipt:
    """Reserve a spending: nobody else can use it, and `post` takes it, `void` or the moment `until` gives it back."""
    head = Head(key, TransactionKind.SPEND, subject, actor)
    movements = [Movement(source, to, amount), *also]
    return command(session, head, movements, earned_by=earned_by, expires_at=until)


def move(  # noqa: PLR0913 -- named arguments, each a fact of its own
    session: Session,
    key: str,
    *,
    source: AccountRef,
    to: AccountRef,
    amount: int | None = None,
    earned_by: str | None = None,
    subject: str,
    actor: str,
    also: Sequence[Movement] = (),
) -> Receipt:
    """Carry what is held to another holder, each lot with who earned it and its day.

    Without an amount it is everything unspent, of `earned_by` or of all: what somebody takes along who leaves a
    household. Between accounts without lots an amount is needed.
    """
    if amount is None and not source.holds_lots:
        raise errors.MovementInvalid
    head = Head(key, TransactionKind.MOVE, subject, actor)
    first = Movement(source, to, amount or 1)
    return command(session, head, [first, *also], earned_by=earned_by, all_of_first=amount is None)


def post(session: Session, key: str, pending_id: UUID, *, actor: str, amount: int | None = None) -> Receipt:
    """Let a pending transaction come true, or a smaller part of it; the rest is released."""
    if amount is not None:
        check_amount(amount)
    return resolve(session, key, TransactionKind.POST, pending_id, actor, amount)


def void(session: Session, key: str, pending_id: UUID, *, actor: str) -> Receipt:
    """Undo a pending transaction: everything is as if it had not been."""
    return resolve(session, key, TransactionKind.VOID, pending_id, actor)


def reverse(session: Session, key: str, transaction_id: UUID, *, subject: str, actor: str) -> Receipt:
    """Take a transaction back, exactly and once: balances and lots are as before it.

    What was spent from a lot whose day has passed comes back as a new lot with `GRACE_DAYS`. What was given and used
    since cannot be taken back whole (`AlreadySpent`): that is what `clawback` is for.
    """
    head = Head(key, TransactionKind.REVERSE, subject, actor)
    document = document_of(head, {"transaction": transaction_id}, reverses_id=transaction_id)
    return ask(session, "SELECT * FROM ledger_reverse(%(head)s, %(grace)s)", document, grace=GRACE_DAYS)


def clawback(session: Session, key: str, transaction_id: UUID, *, subject: str, actor: str) -> Receipt:
    """Take a grant back as far as the holder still has it; the rest is owed and netted from later grants.

    No balance falls below zero. What has expired in the meantime is not asked for.
    """
    head = Head(key, TransactionKind.CLAWBACK, subject, actor)
    document = document_of(head, {"transaction": transaction_id}, reverses_id=transaction_id)
    return ask(session, "SELECT * FROM ledger_clawback(%(head)s)", document)


def expire_pending(session: Session, limit: int = BATCH) -> int:
    """Let what is pending and past its moment lapse; return how many did."""
    now = clock.now()
    due = session.connection().exec_driver_sql(
        "SELECT id FROM journal_transaction WHERE state = 'pending' AND expires_at <= %(now)s "
        "ORDER BY expires_at LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED",
        {"now": now, "limit": limit},
    )
    ids: list[UUID] = [row.id for row in due]
    for pending_id in ids:
        resolve(session, f"lapse:{pending_id}", TransactionKind.LAPSE, pending_id, SYSTEM.label)
    return len(ids)


def expire_lots(session: Session, on: date, limit: int = BATCH) -> int:
    """Take one batch of what was good until before `on` out of use; return how much, 0 when nothing is due any more."""
    transaction_id = new_id()
    head = Head(f"expire:{transaction_id}", TransactionKind.EXPIRE, f"expired:{on}", SYSTEM.label)
    document = document_of(head, {}, effective_on=on.isoformat())
    try:
        return ask(session, "SELECT * FROM ledger_expire(%(head)s, %(limit)s)", document, limit=limit).amount
    except errors.NothingToMove:
        return 0
