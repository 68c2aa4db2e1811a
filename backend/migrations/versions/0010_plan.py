"""The plan, published: drafts that two people sign, every version that ever was, and a log that anybody can read.

Staff may be plan editors and plan publishers.

Revision: 0010.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

APPEND_ONLY = ("plan_change", "plan_snapshot", "plan_verdict")
VERSIONED = ("plan_document", "plan_observation")
ROLES_BEFORE = (
    "county_officer",
    "city_triage",
    "programme_editor",
    "finance",
    "programme_officer",
    "moderator",
    "attendant",
)
ROLES = (*ROLES_BEFORE, "plan_editor", "plan_publisher")

KEEP_PUBLISHED = """
CREATE FUNCTION keep_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.valid_from IS NOT NULL THEN
            RAISE EXCEPTION 'what was published in % stays', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN OLD;
    END IF;
    -- A published row can be ended, once; nothing else of it ever changes.
    IF OLD.valid_from IS NOT NULL AND (
        OLD.valid_to IS NOT NULL OR NEW.valid_to IS NULL
        OR (to_jsonb(NEW) - 'valid_to') IS DISTINCT FROM (to_jsonb(OLD) - 'valid_to')
    ) THEN
        RAISE EXCEPTION 'what was published in % stays', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""


def allow_roles(roles: Sequence[str]) -> None:
    """Let staff have these roles and no others."""
    listed = ", ".join(f"'{role}'" for role in roles)
    op.drop_constraint(op.f("ck_staff_role"), "staff", type_="check")
    op.create_check_constraint(op.f("ck_staff_role"), "staff", f"role IN ({listed})")


def upgrade() -> None:
    """Apply."""
    allow_roles(ROLES)
    op.create_table(
        "plan_snapshot",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_plan_snapshot")),
    )
    op.create_table(
        "plan_submission",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.Text(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("publication", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'published') = (publication IS NOT NULL) AND (publication IS NULL) = (published_at IS NULL)",
            name=op.f("ck_plan_submission_published"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'returned', 'approved', 'published', 'discarded')",
            name=op.f("ck_plan_submission_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'published') OR (submitted_by IS NOT NULL AND decided_by IS NOT NULL AND decided_by <> submitted_by)",
            name=op.f("ck_plan_submission_two_people"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_submission")),
    )
    op.create_index("ix_plan_submission_list", "plan_submission", ["state", "created_at", "id"], unique=False)
    op.create_index("uq_plan_submission_publication", "plan_submission", ["publication"], unique=True)
    op.create_table(
        "plan_verdict",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("inputs_hash", sa.Text(), nullable=False),
        sa.Column("components", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_verdict")),
    )
    op.create_index(op.f("ix_plan_verdict_target_area_id"), "plan_verdict", ["target", "area", "id"], unique=False)
    op.create_table(
        "plan_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["plan_submission.id"], name=op.f("fk_plan_change_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_change")),
    )
    op.create_index(op.f("ix_plan_change_at_id"), "plan_change", ["at", "id"], unique=False)
    op.create_index(op.f("ix_plan_change_kind_key_id"), "plan_change", ["kind", "key", "id"], unique=False)
    op.create_table(
        "plan_document",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("based_on", sa.BigInteger(), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('plan', 'part', 'article', 'indicator', 'target', 'commitment', 'source', 'baseline', 'claim', 'finding', 'reply', 'exposure', 'example', 'news')",
            name=op.f("ck_plan_document_kind"),
        ),
        sa.CheckConstraint("valid_to IS NULL OR valid_from < valid_to", name=op.f("ck_plan_document_in_order")),
        sa.ForeignKeyConstraint(["submission_id"], ["plan_submission.id"], name=op.f("fk_plan_document_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_document")),
    )
    op.create_index("ix_plan_document_history", "plan_document", ["kind", "key", "valid_from"], unique=False)
    op.create_index(
        "uq_plan_document_current",
        "plan_document",
        ["kind", "key"],
        unique=True,
        postgresql_where=sa.text("valid_from IS NOT NULL AND valid_to IS NULL"),
    )
    op.create_index("uq_plan_document_draft", "plan_document", ["submission_id", "kind", "key"], unique=True)
    op.create_table(
        "plan_follow",
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_plan_follow_resident_id")),
        sa.PrimaryKeyConstraint("resident_id", "subject", name=op.f("pk_plan_follow")),
    )
    op.create_index(op.f("ix_plan_follow_subject"), "plan_follow", ["subject"], unique=False)
    op.create_table(
        "plan_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reading", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("decisions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["plan_submission.id"], name=op.f("fk_plan_import_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_import")),
    )
    op.create_index("uq_plan_import_sha256", "plan_import", ["sha256"], unique=True)
    op.create_table(
        "plan_observation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("value", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("based_on", sa.BigInteger(), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(value IS NULL) = (status = 'M')", name=op.f("ck_plan_observation_missing_is_said")),
        sa.CheckConstraint("status IN ('A', 'E', 'P', 'B', 'M')", name=op.f("ck_plan_observation_status")),
        sa.CheckConstraint("period_start <= period_end", name=op.f("ck_plan_observation_period")),
        sa.CheckConstraint("valid_to IS NULL OR valid_from < valid_to", name=op.f("ck_plan_observation_in_order")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["plan_submission.id"], name=op.f("fk_plan_observation_submission_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_observation")),
    )
    op.create_index(
        "ix_plan_observation_area",
        "plan_observation",
        ["area", "indicator", "period_end"],
        unique=False,
        postgresql_where=sa.text("valid_from IS NOT NULL AND valid_to IS NULL"),
    )
    op.create_index(
        "ix_plan_observation_history", "plan_observation", ["indicator", "area", "period", "valid_from"], unique=False
    )
    op.create_index(
        "uq_plan_observation_current",
        "plan_observation",
        ["indicator", "area", "period", "dimension"],
        unique=True,
        postgresql_where=sa.text("valid_from IS NOT NULL AND valid_to IS NULL"),
    )
    op.create_index(
        "uq_plan_observation_draft",
        "plan_observation",
        ["submission_id", "indicator", "area", "period", "dimension"],
        unique=True,
    )
    op.create_table(
        "plan_list",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rows", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["submission_id"], ["plan_submission.id"], name=op.f("fk_plan_list_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_list")),
    )
    op.create_index(op.f("ix_plan_list_submission_id"), "plan_list", ["submission_id"], unique=False)
    op.execute(KEEP_PUBLISHED)
    for table in VERSIONED:
        op.execute(
            f"CREATE TRIGGER keep_published BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION keep_published()"
        )
        op.execute(
            f"CREATE TRIGGER append_only BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    """Undo."""
    op.drop_index(op.f("ix_plan_list_submission_id"), table_name="plan_list")
    op.drop_table("plan_list")
    op.drop_index("uq_plan_observation_draft", table_name="plan_observation")
    op.drop_index(
        "uq_plan_observation_current",
        table_name="plan_observation",
        postgresql_where=sa.text("valid_from IS NOT NULL AND valid_to IS NULL"),
    )
    op.drop_index("ix_plan_observation_history", table_name="plan_observation")
    op.drop_index(
        "ix_plan_observation_area",
        table_name="plan_observation",
        postgresql_where=sa.text("valid_from IS NOT NULL AND valid_to IS NULL"),
    )
    op.drop_table("plan_observation")
    op.drop_index("uq_plan_import_sha256", table_name="plan_import")
    op.drop_table("plan_import")
    op.drop_index(op.f("ix_plan_follow_subject"), table_name="plan_follow")
    op.drop_table("plan_follow")
    op.drop_index("uq_plan_document_draft", table_name="plan_document")
    op.drop_index(
        "uq_plan_document_current",
        table_name="plan_document",
        postgresql_where=sa.text("valid_from IS NOT NULL AND valid_to IS NULL"),
    )
    op.drop_index("ix_plan_document_history", table_name="plan_document")
    op.drop_table("plan_document")
    op.drop_index(op.f("ix_plan_change_kind_key_id"), table_name="plan_change")
    op.drop_index(op.f("ix_plan_change_at_id"), table_name="plan_change")
    op.drop_table("plan_change")
    op.drop_index(op.f("ix_plan_verdict_target_area_id"), table_name="plan_verdict")
    op.drop_table("plan_verdict")
    op.drop_index("uq_plan_submission_publication", table_name="plan_submission")
    op.drop_index("ix_plan_submission_list", table_name="plan_submission")
    op.drop_table("plan_submission")
    op.drop_table("plan_snapshot")
    op.execute("DROP FUNCTION keep_published()")
    op.execute(
        "UPDATE staff SET role = 'city_triage', is_active = false WHERE role IN ('plan_editor', 'plan_publisher')"
    )
    allow_roles(ROLES_BEFORE)
