"""The books: accounts with their cached balances, and what is only ever added to them.

Every change of a balance is a posting; a posting carries three signed deltas, because what is pending is counted apart.
Rows are written by the database functions of the migration and by nothing else.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from backend.core.columns import TextEnum, one_of
from backend.ledger.rules import Asset, TransactionKind, TransactionState


class Account(SQLModel, table=True):
    """One row of an account: a resident's only one, or one shard of a hot one."""

    __tablename__ = "ledger_account"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (
        UniqueConstraint("asset", "owner", "purpose", "shard"),
        one_of("asset", Asset),
        CheckConstraint("owner ~ '^((resident|household|merchant|programme|campaign):.+|system)$'", name="owner"),
        CheckConstraint("floor IS NULL OR posted - pending_out >= floor", name="floor"),
        CheckConstraint("floor = 0", name="floor_is_zero"),
        CheckConstraint("pending_in >= 0 AND pending_out >= 0", name="pending"),
        CheckConstraint("purpose <> 'receivable' OR posted <= 0", name="receivable"),
        CheckConstraint("octet_length(head) = 32", name="head"),
        Index("ix_ledger_account_books", "asset", "purpose", postgresql_where=text("NOT holds_lots")),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    asset: Asset = Field(sa_type=TextEnum(Asset))  # pyright: ignore[reportArgumentType]
    owner: str = Field(sa_type=Text)
    purpose: str = Field(sa_type=Text)
    shard: int = Field(sa_type=SmallInteger)
    floor: int | None = Field(sa_type=BigInteger)
    holds_lots: bool
    posted: int = Field(sa_type=BigInteger)
    pending_in: int = Field(sa_type=BigInteger)
    pending_out: int = Field(sa_type=BigInteger)
    seq: int = Field(sa_type=BigInteger)
    """How many postings there are; with each the account is another version."""
    head: bytes = Field(sa_type=LargeBinary)


class JournalTransaction(SQLModel, table=True):
    """Why a set of postings was made. Only its state changes, once, from pending."""

    __tablename__ = "journal_transaction"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (
        one_of("kind", TransactionKind),
        one_of("state", TransactionState),
        CheckConstraint("state = 'posted' OR expires_at IS NOT NULL", name="pending_ends"),
        CheckConstraint("octet_length(request_hash) = 32 AND octet_length(digest) = 32", name="digests"),
        CheckConstraint("amount > 0", name="amount"),
        Index("ix_journal_transaction_pending", "expires_at", postgresql_where=text("state = 'pending'")),
        Index("ix_journal_transaction_subject", "subject"),
    )

    id: UUID = Field(primary_key=True)
    key: str = Field(sa_type=Text, unique=True)
    request_hash: bytes = Field(sa_type=LargeBinary)
    kind: TransactionKind = Field(sa_type=TextEnum(TransactionKind))  # pyright: ignore[reportArgumentType]
    state: TransactionState = Field(sa_type=TextEnum(TransactionState))  # pyright: ignore[reportArgumentType]
    amount: int = Field(sa_type=BigInteger)
    subject: str = Field(sa_type=Text)
    actor: str = Field(sa_type=Text)
    facts: dict[str, Any] = Field(sa_type=JSONB)
    recorded_at: datetime
    effective_on: date
    expires_at: datetime | None = None
    """When what is pending lapses; a transaction without it was never pending."""
    lot_expires_on: date | None = None
    earned_by: str | None = Field(default=None, sa_type=Text)
    resolves_id: UUID | None = Field(sa_column=Column(ForeignKey("journal_transaction.id"), unique=True))
    reverses_id: UUID | None = Field(sa_column=Column(ForeignKey("journal_transaction.id"), unique=True))
    digest: bytes = Field(sa_type=LargeBinary)


class Posting(SQLModel, table=True):
    """One link of an account's chain."""

    __tablename__ = "posting"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (CheckConstraint("octet_length(prev_hash) = 32 AND octet_length(hash) = 32", name="hashes"),)

    account_id: int = Field(sa_column=Column(ForeignKey("ledger_account.id"), primary_key=True))
    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    transaction_id: UUID = Field(sa_column=Column(ForeignKey("journal_transaction.id"), index=True, nullable=False))
    amount: int = Field(sa_type=BigInteger)
    pending_in: int = Field(sa_type=BigInteger)
    pending_out: int = Field(sa_type=BigInteger)
    prev_hash: bytes = Field(sa_type=LargeBinary)
    hash: bytes = Field(sa_type=LargeBinary)


class Lot(SQLModel, table=True):
    """Points of one origin: who earned them, from which fund, until when they are good."""

    __tablename__ = "lot"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (
        CheckConstraint("0 <= held AND held <= remaining AND remaining <= amount AND amount > 0", name="remaining"),
        CheckConstraint("is_open = (remaining > 0)", name="is_open"),
        Index("ix_lot_open", "account_id", "expires_on", "id", postgresql_where=text("is_open")),
        Index("ix_lot_due", "expires_on", "id", postgresql_where=text("is_open")),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    account_id: int = Field(sa_column=Column(ForeignKey("ledger_account.id"), nullable=False))
    transaction_id: UUID = Field(sa_column=Column(ForeignKey("journal_transaction.id"), index=True, nullable=False))
    parent_id: int | None = Field(default=None, sa_column=Column(ForeignKey("lot.id")))
    amount: int = Field(sa_type=BigInteger)
    remaining: int = Field(sa_type=BigInteger)
    held: int = Field(sa_type=BigInteger)
    is_open: bool
    """Whether anything remains: kept as a column, because an index on `remaining` would be written with every spend."""
    earned_by: str = Field(sa_type=Text)
    programme: str = Field(sa_type=Text)
    expires_on: date
    """The last day on which it can be used."""


class LotAllocation(SQLModel, table=True):
    """How much of a lot a transaction used or held, or gave back; the rows of a lot add up to what is gone from it."""

    __tablename__ = "lot_allocation"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (CheckConstraint("consumed <> 0 OR held <> 0", name="changes"),)

    transaction_id: UUID = Field(sa_column=Column(ForeignKey("journal_transaction.id"), primary_key=True))
    lot_id: int = Field(sa_column=Column(ForeignKey("lot.id"), primary_key=True, index=True))
    consumed: int = Field(sa_type=BigInteger)
    held: int = Field(sa_type=BigInteger)


class LedgerRoot(SQLModel, table=True):
    """A signed statement of every head that had moved since the statement before it."""

    __tablename__ = "ledger_root"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (CheckConstraint("leaf_count > 0", name="leaf_count"),)

    position: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    at: datetime
    leaf_count: int = Field(sa_type=BigInteger)
    root: bytes = Field(sa_type=LargeBinary)
    previous: bytes = Field(sa_type=LargeBinary)
    signature: bytes = Field(sa_type=LargeBinary)


class LedgerLeaf(SQLModel, table=True):
    """Which head of which account stands in a root; the head itself is the posting's hash."""

    __tablename__ = "ledger_leaf"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (UniqueConstraint("position", "place"),)

    account_id: int = Field(sa_column=Column(ForeignKey("ledger_account.id"), primary_key=True))
    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    position: int = Field(sa_type=BigInteger)
    place: int = Field(sa_type=BigInteger)
