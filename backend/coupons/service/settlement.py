"""Merchants are paid by batches: every redemption stands in exactly one, and after payment nothing is owed.

The merchant's row is locked while a batch is made, and a redemption is taken into a batch by an update that names only
those without one: of parallel runs each redemption meets a single one.
"""

import hashlib
from collections import Counter
from datetime import date, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from backend.audit import service as audit
from backend.core import clock
from backend.core.actor import Actor
from backend.core.ids import new_id
from backend.coupons import accounts, queries, sheets
from backend.coupons.errors import (
    BatchUnknown,
    MerchantUnknown,
    NothingToSettle,
    SecondPersonNeeded,
    SettlementBroken,
)
from backend.coupons.models import Merchant, Redemption, SettlementBatch
from backend.coupons.rules import BATCH_STEPS, BatchState, check_step
from backend.coupons.schemas import Till
from backend.coupons.service import FOR_CHANGE
from backend.ledger import queries as books
from backend.ledger import service as ledger
from backend.ledger.errors import InsufficientFunds
from backend.ledger.rules import Movement

_TAKE_IN = """
WITH taken AS (
    UPDATE redemption SET batch_id = %(batch)s
    WHERE merchant_id = %(merchant)s AND batch_id IS NULL AND redeemed_on <= %(until)s
    RETURNING amount_fen
) SELECT count(*) AS pieces, coalesce(sum(amount_fen), 0)::bigint AS fen FROM taken
"""


def draft(session: Session, actor: Actor, merchant_id: UUID, until: date) -> SettlementBatch:
    """Put everything that a merchant has taken up to a past day, and that stands in no batch, into a new one."""
    assert actor.id is not None
    if session.get(Merchant, merchant_id, with_for_update=FOR_CHANGE) is None:
        raise MerchantUnknown
    first, last = _period(session, merchant_id, until)
    batch = SettlementBatch(
        id=new_id(),
        merchant_id=merchant_id,
        period_from=first,
        period_to=last,
        # What the update below counts; the table wants something above zero meanwhile.
        redemption_count=1,
        sum_fen=1,
        state=BatchState.DRAFT,
        drafted_by=actor.id,
        drafted_at=clock.now(),
    )
    session.add(batch)
    session.flush()
    values = {"batch": batch.id, "merchant": merchant_id, "until": last}
    row = session.connection().exec_driver_sql(_TAKE_IN, values).one()
    batch.redemption_count, batch.sum_fen = row.pieces, row.fen
    session.flush()
    audit.record(session, actor, "batch_drafted", _subject(batch.id), count=row.pieces, fen=row.fen)
    return batch


def draft_all(session: Session, actor: Actor, until: date) -> list[SettlementBatch]:
    """Draft a batch for every merchant who has something to get."""
    waiting = sorted(queries.unsettled(session, _past(until)))
    made: list[SettlementBatch] = []
    for merchant_id in waiting:
        try:
            made.append(draft(session, actor, merchant_id, until))
        except NothingToSettle:
            continue
    if not made:
        raise NothingToSettle
    return made


def approve(session: Session, actor: Actor, batch_id: UUID) -> None:
    """Let a batch be paid: another person than the one who drafted it. Its file is written now and never again."""
    batch = _locked(session, batch_id)
    check_step(BATCH_STEPS, batch.state, BatchState.APPROVED)
    if batch.drafted_by == actor.id:
        raise SecondPersonNeeded
    taken = queries.in_batch(session, batch.id)
    if (len(taken), sum(one.amount_fen for one in taken)) != (batch.redemption_count, batch.sum_fen):
        raise SettlementBroken
    batch.file = sheets.settlement(batch, queries.merchant(session, batch.merchant_id), taken)
    batch.file_digest = hashlib.sha256(batch.file).digest()
    batch.state, batch.approved_by, batch.approved_at = BatchState.APPROVED, actor.id, clock.now()
    batch.dispute = ""
    session.flush()
    digest = batch.file_digest.hex()
    audit.record(session, actor, "batch_approved", _subject(batch.id), fen=batch.sum_fen, sha256=digest)


def pay(session: Session, actor: Actor, batch_id: UUID, reference: str) -> None:
    """Note that the money went out: what was owed for the batch is owed no more, and the campaigns' money is spent."""
    batch = _locked(session, batch_id)
    check_step(BATCH_STEPS, batch.state, BatchState.PAID)
    if batch.drafted_by == actor.id:
        raise SecondPersonNeeded
    by_campaign: Counter[UUID] = Counter()
    for one in queries.in_batch(session, batch.id):
        by_campaign[one.campaign_id] += one.amount_fen
    if by_campaign.total() != batch.sum_fen:
        raise SettlementBroken
    merchant_id = batch.merchant_id
    try:
        ledger.move(
            session,
            f"pay:{batch.id}",
            source=accounts.payable(merchant_id),
            to=accounts.settled(merchant_id),
            amount=batch.sum_fen,
            also=[
                Movement(accounts.fund(campaign_id), accounts.paid(merchant_id), fen)
                for campaign_id, fen in sorted(by_campaign.items())
            ],
            subject=_subject(batch.id),
            actor=actor.label,
        )
    except InsufficientFunds:
        raise SettlementBroken from None
    batch.state, batch.paid_by, batch.paid_at = BatchState.PAID, actor.id, clock.now()
    batch.payment_reference = reference
    session.flush()
    audit.record(session, actor, "batch_paid", _subject(batch.id), fen=batch.sum_fen, reference=reference)


def dispute(session: Session, actor: Actor, batch_id: UUID, reason: str) -> None:
    """Stop a batch that is not paid; it is paid only after it is approved anew."""
    batch = _locked(session, batch_id)
    _stop(session, actor, batch, reason)


def dispute_own(session: Session, till: Till, batch_id: UUID, reason: str) -> None:
    """Let a merchant say that the own batch is wrong."""
    batch = _locked(session, batch_id)
    if batch.merchant_id != till.merchant_id:
        raise BatchUnknown
    _stop(session, Actor(kind="terminal", id=till.terminal_id), batch, reason)


def is_settled(session: Session, merchant_id: UUID) -> bool:
    """Whether the merchant is owed nothing: after the last payment its account is at zero."""
    return books.balance_of(session, accounts.payable(merchant_id)).posted == 0


def _stop(session: Session, actor: Actor, batch: SettlementBatch, reason: str) -> None:
    check_step(BATCH_STEPS, batch.state, BatchState.DISPUTED)
    batch.state, batch.dispute = BatchState.DISPUTED, reason
    session.flush()
    audit.record(session, actor, "batch_disputed", _subject(batch.id))


def _period(session: Session, merchant_id: UUID, until: date) -> tuple[date, date]:
    """Return the first and last day of what waits; only days that are over are settled."""
    waiting = select(col(Redemption.redeemed_on)).where(
        col(Redemption.merchant_id) == merchant_id,
        col(Redemption.batch_id).is_(None),
        col(Redemption.redeemed_on) <= _past(until),
    )
    first = session.exec(waiting.order_by(col(Redemption.redeemed_on)).limit(1)).first()
    if first is None:
        raise NothingToSettle
    return first, _past(until)


def _past(until: date) -> date:
    return min(until, clock.today() - timedelta(days=1))


def _locked(session: Session, batch_id: UUID) -> SettlementBatch:
    found = session.get(SettlementBatch, batch_id, with_for_update=FOR_CHANGE, populate_existing=True)
    if found is None:
        raise BatchUnknown
    return found


def _subject(batch_id: UUID) -> str:
    return f"batch:{batch_id}"
