"""Coupons.

Funders, merchants and their devices, campaigns, tickets, redemptions and settlements. A redemption is never changed, but
for the one batch that it is settled in. Staff may be programme officers or finance; a merchant's device has sessions.

Revision: 0005.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

AUDIENCE = "audience IN ('staff', 'receipt', 'resident', 'merchant')"
AUDIENCE_BEFORE = "audience IN ('staff', 'receipt', 'resident')"
ROLES_BEFORE = ("county_officer", "city_triage")
ROLES = (*ROLES_BEFORE, "finance", "programme_officer")

# Every redemption stands as it was made, and in one settlement at most.
GUARDS = """
CREATE TRIGGER fixed BEFORE UPDATE OF id, request_digest, coupon_id, campaign_id, merchant_id, terminal_id, amount_fen,
    redeemed_at, redeemed_on, was_offline OR DELETE OR TRUNCATE ON redemption
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER settled_once BEFORE UPDATE OF batch_id ON redemption
    FOR EACH ROW WHEN (OLD.batch_id IS NOT NULL) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER filed_once BEFORE UPDATE OF sum_fen, redemption_count, merchant_id ON settlement_batch
    FOR EACH ROW WHEN (OLD.file IS NOT NULL) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER paid_once BEFORE UPDATE ON settlement_batch
    FOR EACH ROW WHEN (OLD.state = 'paid') EXECUTE FUNCTION refuse_change();
REVOKE DELETE, TRUNCATE ON redemption FROM PUBLIC, CURRENT_USER;
-- A ticket's row is written at every step, seldom its indexed columns: room on the page keeps that in place.
ALTER TABLE coupon SET (fillfactor = 80);
"""


def allow_roles(roles: Sequence[str]) -> None:
    """Let staff have these roles and no others."""
    listed = ", ".join(f"'{role}'" for role in roles)
    op.drop_constraint(op.f("ck_staff_role"), "staff", type_="check")
    op.create_check_constraint(op.f("ck_staff_role"), "staff", f"role IN ({listed})")


def allow_audiences(listed: str) -> None:
    """Let sessions be for these and no others."""
    op.drop_constraint(op.f("ck_web_session_audience"), "web_session", type_="check")
    op.create_check_constraint(op.f("ck_web_session_audience"), "web_session", listed)


def upgrade() -> None:
    """Apply."""
    allow_roles(ROLES)
    allow_audiences(AUDIENCE)
    op.create_table(
        "coupon_funder",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupon_funder")),
        sa.UniqueConstraint("code", name=op.f("uq_coupon_funder_code")),
    )
    op.create_table(
        "coupon_campaign",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("trade", sa.Text(), nullable=False),
        sa.Column("funder_id", sa.Uuid(), nullable=False),
        sa.Column("price_points", sa.BigInteger(), nullable=False),
        sa.Column("face_fen", sa.BigInteger(), nullable=False),
        sa.Column("stock", sa.BigInteger(), nullable=False),
        sa.Column("per_person", sa.SmallInteger(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_coupon_campaign_closed_at")),
        sa.CheckConstraint(
            "state <> 'open' OR opened_by IS NOT NULL", name=op.f("ck_coupon_campaign_open_is_approved")
        ),
        sa.CheckConstraint("state IN ('draft', 'open', 'closed')", name=op.f("ck_coupon_campaign_state")),
        sa.CheckConstraint(
            "trade IN ('books', 'bus', 'canteen', 'grocery', 'market', 'park')", name=op.f("ck_coupon_campaign_trade")
        ),
        sa.CheckConstraint("opened_by <> proposed_by", name=op.f("ck_coupon_campaign_two_people")),
        sa.CheckConstraint("opens_on <= closes_on AND closes_on <= valid_until", name=op.f("ck_coupon_campaign_dates")),
        sa.CheckConstraint(
            "price_points > 0 AND face_fen > 0 AND stock > 0 AND per_person > 0",
            name=op.f("ck_coupon_campaign_amounts"),
        ),
        sa.ForeignKeyConstraint(["funder_id"], ["coupon_funder.id"], name=op.f("fk_coupon_campaign_funder_id")),
        sa.ForeignKeyConstraint(["opened_by"], ["staff.id"], name=op.f("fk_coupon_campaign_opened_by")),
        sa.ForeignKeyConstraint(["proposed_by"], ["staff.id"], name=op.f("fk_coupon_campaign_proposed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupon_campaign")),
    )
    op.create_index("ix_coupon_campaign_state", "coupon_campaign", ["state", "closes_on"], unique=False)
    op.create_table(
        "merchant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("trade", sa.Text(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state <> 'active' OR approved_by IS NOT NULL", name=op.f("ck_merchant_active_is_approved")),
        sa.CheckConstraint("state IN ('proposed', 'active', 'suspended')", name=op.f("ck_merchant_state")),
        sa.CheckConstraint(
            "trade IN ('books', 'bus', 'canteen', 'grocery', 'market', 'park')", name=op.f("ck_merchant_trade")
        ),
        sa.CheckConstraint("approved_by <> proposed_by", name=op.f("ck_merchant_two_people")),
        sa.ForeignKeyConstraint(["approved_by"], ["staff.id"], name=op.f("fk_merchant_approved_by")),
        sa.ForeignKeyConstraint(["proposed_by"], ["staff.id"], name=op.f("fk_merchant_proposed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merchant")),
    )
    op.create_table(
        "coupon_campaign_merchant",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["coupon_campaign.id"], name=op.f("fk_coupon_campaign_merchant_campaign_id")
        ),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_coupon_campaign_merchant_merchant_id")),
        sa.PrimaryKeyConstraint("campaign_id", "merchant_id", name=op.f("pk_coupon_campaign_merchant")),
    )
    op.create_index(
        op.f("ix_coupon_campaign_merchant_merchant_id"), "coupon_campaign_merchant", ["merchant_id"], unique=False
    )
    op.create_table(
        "merchant_terminal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("pairing_digest", sa.LargeBinary(), nullable=True),
        sa.Column("pairing_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(pairing_digest IS NULL) = (pairing_until IS NULL)", name=op.f("ck_merchant_terminal_pairing")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_merchant_terminal_created_by")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_merchant_terminal_merchant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merchant_terminal")),
        sa.UniqueConstraint("pairing_digest", name=op.f("uq_merchant_terminal_pairing_digest")),
    )
    op.create_index(op.f("ix_merchant_terminal_merchant_id"), "merchant_terminal", ["merchant_id"], unique=False)
    op.create_table(
        "settlement_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("redemption_count", sa.BigInteger(), nullable=False),
        sa.Column("sum_fen", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("drafted_by", sa.Uuid(), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("paid_by", sa.Uuid(), nullable=True),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("payment_reference", sa.Text(), nullable=False),
        sa.Column("dispute", sa.Text(), nullable=False),
        sa.Column("file", sa.LargeBinary(), nullable=True),
        sa.Column("file_digest", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "(state = 'paid') = (paid_by IS NOT NULL AND payment_reference <> '')",
            name=op.f("ck_settlement_batch_paid"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'approved', 'paid', 'disputed')", name=op.f("ck_settlement_batch_state")
        ),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'paid') OR approved_by IS NOT NULL", name=op.f("ck_settlement_batch_approved")
        ),
        sa.CheckConstraint("(file IS NULL) = (file_digest IS NULL)", name=op.f("ck_settlement_batch_file")),
        sa.CheckConstraint(
            "approved_by <> drafted_by AND paid_by <> drafted_by", name=op.f("ck_settlement_batch_two_people")
        ),
        sa.CheckConstraint("period_from <= period_to", name=op.f("ck_settlement_batch_period")),
        sa.CheckConstraint("redemption_count > 0 AND sum_fen > 0", name=op.f("ck_settlement_batch_amounts")),
        sa.ForeignKeyConstraint(["approved_by"], ["staff.id"], name=op.f("fk_settlement_batch_approved_by")),
        sa.ForeignKeyConstraint(["drafted_by"], ["staff.id"], name=op.f("fk_settlement_batch_drafted_by")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_settlement_batch_merchant_id")),
        sa.ForeignKeyConstraint(["paid_by"], ["staff.id"], name=op.f("fk_settlement_batch_paid_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_batch")),
    )
    op.create_index("ix_settlement_batch_merchant", "settlement_batch", ["merchant_id", "period_to"], unique=False)
    op.create_table(
        "coupon",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("paid_from", sa.Text(), nullable=False),
        sa.Column("price_points", sa.BigInteger(), nullable=False),
        sa.Column("face_fen", sa.BigInteger(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("secret_digest", sa.LargeBinary(), nullable=False),
        sa.Column("transaction_id", sa.Uuid(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digits", sa.Text(), nullable=True),
        sa.Column("digits_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reservation_id", sa.Uuid(), nullable=True),
        sa.Column("reserved_by", sa.Uuid(), nullable=True),
        sa.Column("reserved_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reserved_offline", sa.Boolean(), nullable=False),
        sa.Column("reinstated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'reserved') = (reserved_until IS NOT NULL) AND (state <> 'reserved' OR (reservation_id IS NOT NULL AND reserved_by IS NOT NULL))",
            name=op.f("ck_coupon_reservation"),
        ),
        sa.CheckConstraint(
            "state IN ('issued', 'reserved', 'redeemed', 'expired', 'void')", name=op.f("ck_coupon_state")
        ),
        sa.CheckConstraint("(digits IS NULL) = (digits_until IS NULL)", name=op.f("ck_coupon_digits")),
        sa.ForeignKeyConstraint(["campaign_id"], ["coupon_campaign.id"], name=op.f("fk_coupon_campaign_id")),
        sa.ForeignKeyConstraint(["reserved_by"], ["merchant_terminal.id"], name=op.f("fk_coupon_reserved_by")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_coupon_resident_id")),
        sa.ForeignKeyConstraint(["transaction_id"], ["journal_transaction.id"], name=op.f("fk_coupon_transaction_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupon")),
        sa.UniqueConstraint("reservation_id", name=op.f("uq_coupon_reservation_id")),
        sa.UniqueConstraint("secret_digest", name=op.f("uq_coupon_secret_digest")),
    )
    op.create_index(
        "ix_coupon_digits", "coupon", ["digits"], unique=False, postgresql_where=sa.text("digits IS NOT NULL")
    )
    op.create_index(
        "ix_coupon_live",
        "coupon",
        ["valid_until", "campaign_id"],
        unique=False,
        postgresql_where=sa.text("state IN ('issued', 'reserved')"),
    )
    op.create_index("ix_coupon_mine", "coupon", ["resident_id", "claimed_at"], unique=False)
    op.create_index(
        "ix_coupon_reserved", "coupon", ["reserved_until"], unique=False, postgresql_where=sa.text("state = 'reserved'")
    )
    op.create_index(
        "uq_coupon_place",
        "coupon",
        ["campaign_id", "resident_id", "place"],
        unique=True,
        postgresql_where=sa.text("state <> 'void'"),
    )
    op.create_table(
        "redemption",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_digest", sa.LargeBinary(), nullable=False),
        sa.Column("coupon_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.Column("terminal_id", sa.Uuid(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("redeemed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("redeemed_on", sa.Date(), nullable=False),
        sa.Column("was_offline", sa.Boolean(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_redemption_amount")),
        sa.ForeignKeyConstraint(["batch_id"], ["settlement_batch.id"], name=op.f("fk_redemption_batch_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["coupon_campaign.id"], name=op.f("fk_redemption_campaign_id")),
        sa.ForeignKeyConstraint(["coupon_id"], ["coupon.id"], name=op.f("fk_redemption_coupon_id")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_redemption_merchant_id")),
        sa.ForeignKeyConstraint(["terminal_id"], ["merchant_terminal.id"], name=op.f("fk_redemption_terminal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redemption")),
        sa.UniqueConstraint("coupon_id", name=op.f("uq_redemption_coupon_id")),
    )
    op.create_index(op.f("ix_redemption_batch_id"), "redemption", ["batch_id"], unique=False)
    op.create_index("ix_redemption_merchant", "redemption", ["merchant_id", "redeemed_at"], unique=False)
    op.create_index(
        "ix_redemption_unsettled",
        "redemption",
        ["merchant_id", "redeemed_on"],
        unique=False,
        postgresql_where=sa.text("batch_id IS NULL"),
    )
    op.execute(GUARDS)


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_redemption_unsettled", table_name="redemption", postgresql_where=sa.text("batch_id IS NULL"))
    op.drop_index("ix_redemption_merchant", table_name="redemption")
    op.drop_index(op.f("ix_redemption_batch_id"), table_name="redemption")
    op.drop_table("redemption")
    op.drop_index("uq_coupon_place", table_name="coupon", postgresql_where=sa.text("state <> 'void'"))
    op.drop_index("ix_coupon_reserved", table_name="coupon", postgresql_where=sa.text("state = 'reserved'"))
    op.drop_index("ix_coupon_mine", table_name="coupon")
    op.drop_index("ix_coupon_live", table_name="coupon", postgresql_where=sa.text("state IN ('issued', 'reserved')"))
    op.drop_index("ix_coupon_digits", table_name="coupon", postgresql_where=sa.text("digits IS NOT NULL"))
    op.drop_table("coupon")
    op.drop_index("ix_settlement_batch_merchant", table_name="settlement_batch")
    op.drop_table("settlement_batch")
    op.drop_index(op.f("ix_merchant_terminal_merchant_id"), table_name="merchant_terminal")
    op.drop_table("merchant_terminal")
    op.drop_index(op.f("ix_coupon_campaign_merchant_merchant_id"), table_name="coupon_campaign_merchant")
    op.drop_table("coupon_campaign_merchant")
    op.drop_table("merchant")
    op.drop_index("ix_coupon_campaign_state", table_name="coupon_campaign")
    op.drop_table("coupon_campaign")
    op.drop_table("coupon_funder")
    op.execute(
        "UPDATE staff SET role = 'city_triage', is_active = false WHERE role IN ('finance', 'programme_officer')"
    )
    op.execute("DELETE FROM web_session WHERE audience = 'merchant'")
    allow_audiences(AUDIENCE_BEFORE)
    allow_roles(ROLES_BEFORE)
