"""What the books say: balances from the cache, histories page by page, balances of a past moment, the programme's totals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlmodel import Session, col, select

from backend.core import clock
from backend.ledger import errors
from backend.ledger.models import Account, JournalTransaction
from backend.ledger.rules import AccountRef, Asset, OpenLot, Purpose, TransactionKind, TransactionState


@dataclass(frozen=True)
class Balance:
    """What an account holds now."""

    posted: int
    pending_in: int
    pending_out: int
    available: int
    """What can be spent today: neither reserved nor past its day."""
    owed: int
    """What a clawback could not take and later grants will repay."""
    next_expiry: date | None
    next_amount: int


@dataclass(frozen=True)
class Line:
    """One posting with the transaction that made it, as a history shows it."""

    seq: int
    amount: int
    pending_in: int
    pending_out: int
    transaction_id: UUID
    kind: TransactionKind
    state: TransactionState
    subject: str
    actor: str
    facts: dict[str, Any]
    recorded_at: datetime
    effective_on: date
    lot_expires_on: date | None
    resolves_id: UUID | None
    reverses_id: UUID | None


@dataclass(frozen=True)
class PastBalance:
    """What an account held at a moment that has passed."""

    posted: int
    pending_in: int
    pending_out: int


@dataclass(frozen=True)
class Programme:
    """One programme's totals."""

    owner: str
    issued: int
    """What has been brought into the fund."""
    in_fund: int
    promised: int
    """Of `in_fund`, what is pending."""
    granted: int
    """What has left the fund and was not taken back."""
    expired: int


@dataclass(frozen=True)
class Books:
    """The open books of one asset."""

    programmes: Sequence[Programme]
    spent: int
    owed: int
    held: int
    """What residents and households hold."""

    @property
    def issued(self) -> int:
        return sum(one.issued for one in self.programmes)

    @property
    def in_fund(self) -> int:
        return sum(one.in_fund for one in self.programmes)

    @property
    def granted(self) -> int:
        return sum(one.granted for one in self.programmes)

    @property
    def expired(self) -> int:
        return sum(one.expired for one in self.programmes)


_BALANCE = """
WITH own AS (
    SELECT id, holds_lots, posted, pending_in, pending_out FROM ledger_account
    WHERE asset = %(asset)s AND owner = %(owner)s AND purpose = %(purpose)s
), good AS (
    SELECT expires_on, sum(remaining - held) AS free FROM lot
    WHERE account_id IN (SELECT id FROM own) AND is_open AND expires_on >= %(on)s AND remaining > held
    GROUP BY expires_on
)
SELECT coalesce(sum(posted), 0)::bigint AS posted, coalesce(sum(pending_in), 0)::bigint AS pending_in,
    coalesce(sum(pending_out), 0)::bigint AS pending_out, coalesce(bool_or(holds_lots), false) AS holds_lots,
    (SELECT coalesce(sum(free), 0)::bigint FROM good) AS usable,
    (SELECT min(expires_on) FROM good) AS next_on,
    (SELECT free::bigint FROM good ORDER BY expires_on LIMIT 1) AS next_amount,
    coalesce((SELECT -posted FROM ledger_account WHERE asset = %(asset)s AND owner = %(owner)s
        AND purpose = 'receivable' AND shard = 0), 0)::bigint AS owed
FROM own
"""


def balance_of(session: Session, ref: AccountRef) -> Balance:
    """Return what an account holds; one that was never used holds nothing."""
    row = _one(session, _BALANCE, _named(ref) | {"on": clock.today()})
    return Balance(
        posted=row.posted,
        pending_in=row.pending_in,
        pending_out=row.pending_out,
        available=row.usable if row.holds_lots else row.posted - row.pending_out,
        owed=row.owed,
        next_expiry=row.next_on,
        next_amount=row.next_amount or 0,
    )


def open_lots(session: Session, ref: AccountRef, *, earned_by: str | None = None) -> list[OpenLot]:
    """Return what can be spent, first expiring first; of one earner or of all."""
    rows = session.connection().exec_driver_sql(
        "SELECT lot.id, remaining - held AS free, expires_on FROM lot JOIN ledger_account a ON a.id = account_id "
        "WHERE asset = %(asset)s AND owner = %(owner)s AND purpose = %(purpose)s AND is_open AND remaining > held "
        "AND expires_on >= %(on)s AND (%(earned_by)s::text IS NULL OR earned_by = %(earned_by)s) "
        "ORDER BY expires_on, lot.id",
        _named(ref) | {"on": clock.today(), "earned_by": earned_by},
    )
    return [OpenLot(row.id, row.free, row.expires_on) for row in rows]


def history(
    session: Session, ref: AccountRef, before: int | None = None, limit: int = 25
) -> tuple[list[Line], int | None]:
    """Return one page of an account of one row, latest first, and the `before` of the next page."""
    rows = session.connection().exec_driver_sql(
        "SELECT p.seq, p.amount, p.pending_in, p.pending_out, t.id AS transaction_id, t.kind, t.state, t.subject, t.actor,"
        " t.facts, t.recorded_at, t.effective_on, t.lot_expires_on, t.resolves_id, t.reverses_id "
        "FROM posting p JOIN journal_transaction t ON t.id = p.transaction_id "
        "WHERE p.account_id = (SELECT id FROM ledger_account WHERE asset = %(asset)s AND owner = %(owner)s"
        " AND purpose = %(purpose)s AND shard = 0) AND p.seq < %(before)s ORDER BY p.seq DESC LIMIT %(limit)s",
        _named(ref) | {"before": 2**62 if before is None else before, "limit": limit + 1},
    )
    lines = [_line(dict(row)) for row in rows.mappings()]
    page = lines[:limit]
    return page, page[-1].seq if len(lines) > limit else None


def as_of(session: Session, ref: AccountRef, moment: datetime) -> PastBalance:
    """Return what an account held at `moment`; what is recorded later never changes the answer."""
    row = _one(
        session,
        "SELECT coalesce(sum(p.amount), 0)::bigint AS posted, coalesce(sum(p.pending_in), 0)::bigint AS pending_in,"
        " coalesce(sum(p.pending_out), 0)::bigint AS pending_out "
        "FROM posting p JOIN journal_transaction t ON t.id = p.transaction_id WHERE t.recorded_at <= %(moment)s "
        "AND p.account_id IN (SELECT id FROM ledger_account"
        " WHERE asset = %(asset)s AND owner = %(owner)s AND purpose = %(purpose)s)",
        _named(ref) | {"moment": moment},
    )
    return PastBalance(row.posted, row.pending_in, row.pending_out)


def books(session: Session, asset: Asset = Asset.POINT) -> Books:
    """Return the asset's totals, from cached balances: every row that holds no lots is a total of something."""
    rows = session.connection().exec_driver_sql(
        "SELECT owner, purpose, sum(posted)::bigint AS posted, sum(pending_out)::bigint AS pending_out "
        "FROM ledger_account WHERE asset = %(asset)s AND NOT holds_lots AND purpose <> 'receivable' "
        "GROUP BY owner, purpose",
        {"asset": asset},
    )
    found = {(row.owner, row.purpose): (row.posted, row.pending_out) for row in rows}
    owed = -_one(
        session,
        "SELECT coalesce(sum(posted), 0)::bigint AS posted FROM ledger_account "
        "WHERE asset = %(asset)s AND NOT holds_lots AND purpose = 'receivable'",
        {"asset": asset},
    ).posted
    owners = sorted(owner for owner, purpose in found if purpose == Purpose.ISSUANCE)
    programmes: list[Programme] = []
    for owner in owners:
        in_fund, promised = found.get((owner, Purpose.FUND), (0, 0))
        issued, expired = -found[owner, Purpose.ISSUANCE][0], found.get((owner, Purpose.EXPIRED), (0, 0))[0]
        programmes.append(Programme(owner, issued, in_fund, promised, issued - in_fund, expired))
    own = (Purpose.ISSUANCE, Purpose.FUND, Purpose.EXPIRED)
    spent = sum(posted for (_, purpose), (posted, _) in found.items() if purpose not in own)
    held = owed - sum(posted for posted, _ in found.values())
    return Books(programmes, spent=spent, owed=owed, held=held)


def transaction(session: Session, transaction_id: UUID) -> JournalTransaction:
    """Return one transaction."""
    found = session.get(JournalTransaction, transaction_id, populate_existing=True)
    if found is None:
        raise errors.TransactionUnknown
    return found


def by_subject(session: Session, subject: str) -> list[JournalTransaction]:
    """Return what was booked for a subject, oldest first."""
    query = select(JournalTransaction).where(JournalTransaction.subject == subject)
    return list(
        session.exec(query.order_by(col(JournalTransaction.recorded_at)).execution_options(populate_existing=True))
    )


def rows_of(session: Session, ref: AccountRef) -> list[Account]:
    """Return the rows of an account: one, or the shards of a spread one."""
    query = select(Account).where(
        Account.asset == ref.asset, Account.owner == ref.owner, Account.purpose == ref.purpose
    )
    return list(session.exec(query.order_by(col(Account.shard)).execution_options(populate_existing=True)))


def _line(row: dict[str, Any]) -> Line:
    row["kind"], row["state"] = TransactionKind(row["kind"]), TransactionState(row["state"])
    return Line(**row)


def _named(ref: AccountRef) -> dict[str, Any]:
    return {"asset": ref.asset, "owner": ref.owner, "purpose": ref.purpose}


def _one(session: Session, statement: str, values: dict[str, Any]) -> Row[Any]:
    return session.connection().exec_driver_sql(statement, values).one()
