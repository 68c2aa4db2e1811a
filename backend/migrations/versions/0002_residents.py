"""Residents' accounts.

The account itself, six digits by SMS, agreements that are only added and taken back once, guardians of children, and
limits that are exact.

Revision: 0002.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

AUDIENCE = "audience IN ('staff', 'receipt', 'resident')"
AUDIENCE_BEFORE = "audience IN ('staff', 'receipt')"

# An agreement is evidence: the one change it allows is being taken back.
TAKEN_BACK_ONCE = """
CREATE FUNCTION refuse_consent_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL
       AND (NEW.id, NEW.resident_id, NEW.purpose, NEW.version, NEW.given_at)
           = (OLD.id, OLD.resident_id, OLD.purpose, OLD.version, OLD.given_at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'rows of consent are added and taken back once' USING ERRCODE = 'insufficient_privilege';
END $$
"""


def upgrade() -> None:
    """Apply."""
    _limits()
    _resident()
    _codes()
    _agreements()
    op.drop_constraint(op.f("ck_web_session_audience"), "web_session")
    op.create_check_constraint(op.f("ck_web_session_audience"), "web_session", AUDIENCE)


def _limits() -> None:
    op.create_table(
        "rate_window",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("uses", postgresql.ARRAY(sa.DateTime(timezone=True)), nullable=False),
        sa.Column("taken", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate_window")),
    )
    op.create_index(op.f("ix_rate_window_updated_at"), "rate_window", ["updated_at"], unique=False)
    op.create_table(
        "day_budget",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("spent", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "name", name=op.f("pk_day_budget")),
    )


def _resident() -> None:
    op.create_table(
        "resident",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("phone_digest", sa.LargeBinary(), nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("nickname", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("age_group", sa.Text(), nullable=True),
        sa.Column("birth_year", sa.SmallInteger(), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("language IN ('zh', 'en')", name=op.f("ck_resident_language")),
        sa.CheckConstraint("age_group IN ('adult', 'minor')", name=op.f("ck_resident_age_group")),
        sa.CheckConstraint(
            "(age_group IS NOT NULL AND age_group = 'minor') = (birth_year IS NOT NULL)",
            name=op.f("ck_resident_birth_year"),
        ),
        sa.CheckConstraint(
            "CASE WHEN deleted_at IS NULL THEN phone_digest IS NOT NULL AND phone_sealed IS NOT NULL ELSE "
            "phone_digest IS NULL AND phone_sealed IS NULL AND nickname = '' AND age_group IS NULL END",
            name=op.f("ck_resident_deleted_is_wiped"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resident")),
        sa.UniqueConstraint("phone_digest", name=op.f("uq_resident_phone_digest")),
    )


def _codes() -> None:
    op.create_table(
        "sms_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=True),
        sa.Column("phone_digest", sa.LargeBinary(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("browser_digest", sa.LargeBinary(), nullable=False),
        sa.Column("code_digest", sa.LargeBinary(), nullable=False),
        sa.Column("code_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("purpose IN ('guardian', 'sign_in')", name=op.f("ck_sms_code_purpose")),
        sa.CheckConstraint("language IN ('zh', 'en')", name=op.f("ck_sms_code_language")),
        sa.CheckConstraint("(purpose = 'guardian') = (resident_id IS NOT NULL)", name=op.f("ck_sms_code_resident_id")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_sms_code_resident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_code")),
        sa.UniqueConstraint("browser_digest", name=op.f("uq_sms_code_browser_digest")),
    )
    op.create_index(op.f("ix_sms_code_phone_digest"), "sms_code", ["phone_digest"], unique=False)
    op.create_index(op.f("ix_sms_code_expires_at"), "sms_code", ["expires_at"], unique=False)


def _agreements() -> None:
    op.create_table(
        "consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("purpose IN ('account', 'guardian', 'points', 'texts')", name=op.f("ck_consent_purpose")),
        sa.CheckConstraint("withdrawn_at >= given_at", name=op.f("ck_consent_withdrawn_at")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_consent_resident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_resident_id"), "consent", ["resident_id"], unique=False)
    live = sa.text("withdrawn_at IS NULL")
    op.create_index("uq_consent_live", "consent", ["resident_id", "purpose"], unique=True, postgresql_where=live)
    op.create_table(
        "guardian",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("phone_digest", sa.LargeBinary(), nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(ended_at IS NULL) = (phone_sealed IS NOT NULL)", name=op.f("ck_guardian_ended_is_wiped")),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (phone_digest IS NOT NULL)", name=op.f("ck_guardian_ended_has_no_digest")
        ),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_guardian_resident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardian")),
    )
    op.create_index(op.f("ix_guardian_resident_id"), "guardian", ["resident_id"], unique=False)
    live = sa.text("ended_at IS NULL")
    op.create_index("uq_guardian_live", "guardian", ["resident_id"], unique=True, postgresql_where=live)
    op.execute(TAKEN_BACK_ONCE)
    op.execute(
        "CREATE TRIGGER taken_back_once BEFORE UPDATE OR DELETE ON consent "
        "FOR EACH ROW EXECUTE FUNCTION refuse_consent_change()"
    )
    op.execute(
        "CREATE TRIGGER append_only BEFORE TRUNCATE ON consent FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    """Undo."""
    op.execute("DELETE FROM web_session WHERE audience = 'resident'")
    op.drop_constraint(op.f("ck_web_session_audience"), "web_session")
    op.create_check_constraint(op.f("ck_web_session_audience"), "web_session", AUDIENCE_BEFORE)
    for table in ("guardian", "consent", "sms_code", "resident", "day_budget", "rate_window"):
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_consent_change()")
