"""Households.

People who pool their points, their stays one at a time, invitations, and elders without a phone for whom others log.

Revision: 0004.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

WIPED = "ELSE phone_digest IS NULL AND phone_sealed IS NULL AND nickname = '' AND age_group IS NULL END"
BEFORE = f"CASE WHEN deleted_at IS NULL THEN phone_digest IS NOT NULL AND phone_sealed IS NOT NULL {WIPED}"
AFTER = (
    f"CASE WHEN deleted_at IS NULL THEN (phone_digest IS NULL) = is_proxy AND (phone_sealed IS NULL) = is_proxy {WIPED}"
)


def upgrade() -> None:
    """Apply."""
    op.add_column("resident", sa.Column("is_proxy", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.drop_constraint(op.f("ck_resident_deleted_is_wiped"), "resident")
    op.create_check_constraint(op.f("ck_resident_deleted_is_wiped"), "resident", AFTER)
    _household()
    _member()
    _invite()


def _household() -> None:
    op.create_table(
        "household",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dissolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(dissolved_at IS NULL) = (name <> '')", name=op.f("ck_household_dissolved_is_wiped")),
        sa.ForeignKeyConstraint(["owner_id"], ["resident.id"], name=op.f("fk_household_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household")),
    )
    op.create_index(op.f("ix_household_owner_id"), "household", ["owner_id"], unique=False)


def _member() -> None:
    op.create_table(
        "household_member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("share", sa.Text(), nullable=False),
        sa.Column("daily_limit", sa.Integer(), nullable=True),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_how", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('elder', 'own')", name=op.f("ck_household_member_kind")),
        sa.CheckConstraint("share IN ('all', 'half', 'none')", name=op.f("ck_household_member_share")),
        sa.CheckConstraint(
            "ended_how IN ('declined', 'withdrawn', 'dissolved', 'left', 'removed')",
            name=op.f("ck_household_member_ended_how"),
        ),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_how IS NULL)", name=op.f("ck_household_member_ended")),
        sa.CheckConstraint(
            "confirmed_at >= agreed_at AND ended_at >= agreed_at", name=op.f("ck_household_member_order")
        ),
        sa.CheckConstraint(
            "ended_how IS NULL OR (confirmed_at IS NULL) = (ended_how IN ('declined', 'withdrawn'))",
            name=op.f("ck_household_member_never_in"),
        ),
        sa.CheckConstraint("daily_limit >= 0", name=op.f("ck_household_member_daily_limit")),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_household_member_household_id")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_household_member_resident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_member")),
    )
    op.create_index(op.f("ix_household_member_household_id"), "household_member", ["household_id"], unique=False)
    op.create_index("ix_household_member_resident", "household_member", ["resident_id", "ended_at"], unique=False)
    live = sa.text("ended_at IS NULL")
    op.create_index("uq_household_member_live", "household_member", ["resident_id"], unique=True, postgresql_where=live)


def _invite() -> None:
    op.create_table(
        "household_invite",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("code_digest", sa.LargeBinary(), nullable=False),
        sa.Column("used", sa.SmallInteger(), nullable=False),
        sa.Column("most", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("0 <= used AND used <= most", name=op.f("ck_household_invite_used")),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_household_invite_household_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_invite")),
        sa.UniqueConstraint("code_digest", name=op.f("uq_household_invite_code_digest")),
    )
    live = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_household_invite_live", "household_invite", ["household_id"], unique=True, postgresql_where=live
    )


def downgrade() -> None:
    """Undo. Elders without a phone have no place in the tables before; they are wiped as if deleted."""
    for table in ("household_invite", "household_member", "household"):
        op.drop_table(table)
    op.execute(
        "UPDATE resident SET nickname = '', age_group = NULL, deleted_at = now() WHERE is_proxy AND deleted_at IS NULL"
    )
    op.drop_constraint(op.f("ck_resident_deleted_is_wiped"), "resident")
    op.create_check_constraint(op.f("ck_resident_deleted_is_wiped"), "resident", BEFORE)
    op.drop_column("resident", "is_proxy")
