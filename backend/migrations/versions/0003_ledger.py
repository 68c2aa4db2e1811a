"""The points ledger.

Accounts, transactions, postings, lots and published roots; the functions by which alone they are written; and the
triggers and rights by which the database itself refuses to change what must stay as it was written.

Revision: 0003.
"""

from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SQL = Path(__file__).parent.parent / "sql"
FUNCTIONS = ("core", "write", "resolve", "correct", "expire")

APPEND_ONLY = ("posting", "lot_allocation", "ledger_root", "ledger_leaf")
# What else of a row stays as it was written; the rest is moved by the functions.
FIXED = {
    "ledger_account": "id, asset, owner, purpose, shard, floor, holds_lots",
    "journal_transaction": "id, key, request_hash, kind, amount, subject, actor, facts, recorded_at, effective_on, "
    "expires_at, lot_expires_on, earned_by, resolves_id, reverses_id, digest",
    "lot": "id, account_id, transaction_id, parent_id, amount, earned_by, programme, expires_on",
}

GUARDS = """
CREATE TRIGGER resolved_once BEFORE UPDATE OF state ON journal_transaction
    FOR EACH ROW WHEN (OLD.state <> 'pending') EXECUTE FUNCTION refuse_change();
CREATE TRIGGER balances AFTER INSERT ON posting REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION posting_balances();
-- A balance is written with every posting, never its indexed columns: room on the page keeps that in place.
ALTER TABLE ledger_account SET (fillfactor = 50);
ALTER TABLE lot SET (fillfactor = 80);
"""

UNDO_FUNCTIONS = """
DO $$
DECLARE one record;
BEGIN
    FOR one IN SELECT oid::regprocedure AS name FROM pg_proc WHERE proname LIKE 'ledger\\_%' LOOP
        EXECUTE format('DROP FUNCTION %s', one.name);
    END LOOP;
END $$
"""


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "journal_transaction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lot_expires_on", sa.Date(), nullable=True),
        sa.Column("earned_by", sa.Text(), nullable=True),
        sa.Column("resolves_id", sa.Uuid(), nullable=True),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('issue', 'grant', 'spend', 'move', 'post', 'void', 'lapse', 'reverse', 'clawback', 'expire')",
            name=op.f("ck_journal_transaction_kind"),
        ),
        sa.CheckConstraint(
            "state = 'posted' OR expires_at IS NOT NULL", name=op.f("ck_journal_transaction_pending_ends")
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'posted', 'voided', 'expired')", name=op.f("ck_journal_transaction_state")
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_journal_transaction_amount")),
        sa.CheckConstraint(
            "octet_length(request_hash) = 32 AND octet_length(digest) = 32", name=op.f("ck_journal_transaction_digests")
        ),
        sa.ForeignKeyConstraint(
            ["resolves_id"], ["journal_transaction.id"], name=op.f("fk_journal_transaction_resolves_id")
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["journal_transaction.id"], name=op.f("fk_journal_transaction_reverses_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_transaction")),
        sa.UniqueConstraint("key", name=op.f("uq_journal_transaction_key")),
        sa.UniqueConstraint("resolves_id", name=op.f("uq_journal_transaction_resolves_id")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_journal_transaction_reverses_id")),
    )
    op.create_index(
        "ix_journal_transaction_pending",
        "journal_transaction",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index("ix_journal_transaction_subject", "journal_transaction", ["subject"], unique=False)
    op.create_table(
        "ledger_account",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("asset", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("shard", sa.SmallInteger(), nullable=False),
        sa.Column("floor", sa.BigInteger(), nullable=True),
        sa.Column("holds_lots", sa.Boolean(), nullable=False),
        sa.Column("posted", sa.BigInteger(), nullable=False),
        sa.Column("pending_in", sa.BigInteger(), nullable=False),
        sa.Column("pending_out", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "asset IN ('point', 'coupon_fen', 'coupon_unit', 'budget_fen')", name=op.f("ck_ledger_account_asset")
        ),
        sa.CheckConstraint(
            "owner ~ '^((resident|household|merchant|programme|campaign):.+|system)$'",
            name=op.f("ck_ledger_account_owner"),
        ),
        sa.CheckConstraint("purpose <> 'receivable' OR posted <= 0", name=op.f("ck_ledger_account_receivable")),
        sa.CheckConstraint("floor = 0", name=op.f("ck_ledger_account_floor_is_zero")),
        sa.CheckConstraint("floor IS NULL OR posted - pending_out >= floor", name=op.f("ck_ledger_account_floor")),
        sa.CheckConstraint("octet_length(head) = 32", name=op.f("ck_ledger_account_head")),
        sa.CheckConstraint("pending_in >= 0 AND pending_out >= 0", name=op.f("ck_ledger_account_pending")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_account")),
        sa.UniqueConstraint(
            "asset", "owner", "purpose", "shard", name=op.f("uq_ledger_account_asset_owner_purpose_shard")
        ),
    )
    op.create_index(
        "ix_ledger_account_books",
        "ledger_account",
        ["asset", "purpose"],
        unique=False,
        postgresql_where=sa.text("NOT holds_lots"),
    )
    op.create_table(
        "ledger_root",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leaf_count", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("leaf_count > 0", name=op.f("ck_ledger_root_leaf_count")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_ledger_root")),
    )
    op.create_table(
        "ledger_leaf",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["ledger_account.id"], name=op.f("fk_ledger_leaf_account_id")),
        sa.PrimaryKeyConstraint("account_id", "seq", name=op.f("pk_ledger_leaf")),
        sa.UniqueConstraint("position", "place", name=op.f("uq_ledger_leaf_position_place")),
    )
    op.create_table(
        "lot",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("transaction_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("earned_by", sa.Text(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "0 <= held AND held <= remaining AND remaining <= amount AND amount > 0", name=op.f("ck_lot_remaining")
        ),
        sa.CheckConstraint("is_open = (remaining > 0)", name=op.f("ck_lot_is_open")),
        sa.ForeignKeyConstraint(["account_id"], ["ledger_account.id"], name=op.f("fk_lot_account_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["lot.id"], name=op.f("fk_lot_parent_id")),
        sa.ForeignKeyConstraint(["transaction_id"], ["journal_transaction.id"], name=op.f("fk_lot_transaction_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot")),
    )
    op.create_index("ix_lot_due", "lot", ["expires_on", "id"], unique=False, postgresql_where=sa.text("is_open"))
    op.create_index(
        "ix_lot_open", "lot", ["account_id", "expires_on", "id"], unique=False, postgresql_where=sa.text("is_open")
    )
    op.create_index(op.f("ix_lot_transaction_id"), "lot", ["transaction_id"], unique=False)
    op.create_table(
        "posting",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("transaction_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("pending_in", sa.BigInteger(), nullable=False),
        sa.Column("pending_out", sa.BigInteger(), nullable=False),
        sa.Column("prev_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("octet_length(prev_hash) = 32 AND octet_length(hash) = 32", name=op.f("ck_posting_hashes")),
        sa.ForeignKeyConstraint(["account_id"], ["ledger_account.id"], name=op.f("fk_posting_account_id")),
        sa.ForeignKeyConstraint(["transaction_id"], ["journal_transaction.id"], name=op.f("fk_posting_transaction_id")),
        sa.PrimaryKeyConstraint("account_id", "seq", name=op.f("pk_posting")),
    )
    op.create_index(op.f("ix_posting_transaction_id"), "posting", ["transaction_id"], unique=False)
    op.create_table(
        "lot_allocation",
        sa.Column("transaction_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=False),
        sa.Column("consumed", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("consumed <> 0 OR held <> 0", name=op.f("ck_lot_allocation_changes")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_lot_allocation_lot_id")),
        sa.ForeignKeyConstraint(
            ["transaction_id"], ["journal_transaction.id"], name=op.f("fk_lot_allocation_transaction_id")
        ),
        sa.PrimaryKeyConstraint("transaction_id", "lot_id", name=op.f("pk_lot_allocation")),
    )
    op.create_index(op.f("ix_lot_allocation_lot_id"), "lot_allocation", ["lot_id"], unique=False)
    # Many statements in one text, with % in them: only the driver itself takes that as it is.
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    for name in FUNCTIONS:
        driver.execute((SQL / f"0003_ledger_{name}.sql").read_text("utf-8"))
    driver.execute(GUARDS)
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM PUBLIC, CURRENT_USER")
    for table, columns in FIXED.items():
        op.execute(
            f"CREATE TRIGGER fixed BEFORE UPDATE OF {columns} OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        op.execute(f"REVOKE DELETE, TRUNCATE ON {table} FROM PUBLIC, CURRENT_USER")


def downgrade() -> None:
    """Undo."""
    op.execute(UNDO_FUNCTIONS)
    op.execute("DROP TYPE ledger_answer")
    op.drop_index(op.f("ix_lot_allocation_lot_id"), table_name="lot_allocation")
    op.drop_table("lot_allocation")
    op.drop_index(op.f("ix_posting_transaction_id"), table_name="posting")
    op.drop_table("posting")
    op.drop_index(op.f("ix_lot_transaction_id"), table_name="lot")
    op.drop_index("ix_lot_open", table_name="lot", postgresql_where=sa.text("is_open"))
    op.drop_index("ix_lot_due", table_name="lot", postgresql_where=sa.text("is_open"))
    op.drop_table("lot")
    op.drop_table("ledger_leaf")
    op.drop_table("ledger_root")
    op.drop_index("ix_ledger_account_books", table_name="ledger_account", postgresql_where=sa.text("NOT holds_lots"))
    op.drop_table("ledger_account")
    op.drop_index("ix_journal_transaction_subject", table_name="journal_transaction")
    op.drop_index(
        "ix_journal_transaction_pending",
        table_name="journal_transaction",
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.drop_table("journal_transaction")
    op.execute("DROP FUNCTION posting_balances")
