"""Green activities: what residents log, what proves it, what was decided, and which communities it counts for.

Photos may belong to an activity; staff may be moderators and attendants.

Revision: 0008.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ROLES_BEFORE = ("county_officer", "city_triage", "finance", "programme_officer", "programme_editor")
ROLES = (*ROLES_BEFORE, "moderator", "attendant")
OWNERS_BEFORE = "^(report|message):"
OWNERS = "^(report|message|activity):"
APPEND_ONLY = ("activity_event",)
# A row is updated as it is settled, and its counters with every entry: room on the page keeps that in place.
ROOM = """
ALTER TABLE activity SET (fillfactor = 80);
ALTER TABLE activity_count SET (fillfactor = 60);
"""


def allow_roles(roles: Sequence[str]) -> None:
    """Let staff have these roles and no others."""
    listed = ", ".join(f"'{role}'" for role in roles)
    op.drop_constraint(op.f("ck_staff_role"), "staff", type_="check")
    op.create_check_constraint(op.f("ck_staff_role"), "staff", f"role IN ({listed})")


def allow_owners(pattern: str) -> None:
    """Let photos belong to these and nothing else."""
    op.drop_constraint(op.f("ck_photo_owner"), "photo", type_="check")
    op.create_check_constraint(op.f("ck_photo_owner"), "photo", f"owner ~ '{pattern}'")


def upgrade() -> None:
    """Apply."""
    allow_roles(ROLES)
    allow_owners(OWNERS)
    op.create_table(
        "activity_count",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("behaviour", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.CheckConstraint("used >= 0", name=op.f("ck_activity_count_used")),
        sa.PrimaryKeyConstraint("scope", "behaviour", "period", name=op.f("pk_activity_count")),
    )
    op.create_index("ix_activity_count_on", "activity_count", ["on_day"], unique=False)
    op.create_table(
        "activity_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("behaviour", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_import")),
    )
    op.create_index(op.f("ix_activity_import_at"), "activity_import", ["at"], unique=False)
    op.create_table(
        "activity_tally",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("activities", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("people", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_tally")),
    )
    op.create_index("ix_activity_tally_month", "activity_tally", ["month"], unique=False)
    op.create_table(
        "activity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=True),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("body_digest", sa.LargeBinary(), nullable=False),
        sa.Column("behaviour", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=True),
        sa.Column("site", sa.Text(), nullable=True),
        sa.Column("distance_m", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("logged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("review", sa.Text(), nullable=False),
        sa.Column("flags", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("grant_id", sa.Uuid(), nullable=True),
        sa.Column("county_code", sa.Text(), nullable=True),
        sa.Column("township_code", sa.Text(), nullable=True),
        sa.Column("school", sa.Text(), nullable=True),
        sa.CheckConstraint("(resident_id IS NULL) = (state = 'unclaimed')", name=op.f("ck_activity_resident")),
        sa.CheckConstraint("(state = 'unclaimed') = (grant_id IS NULL)", name=op.f("ck_activity_has_its_grant")),
        sa.CheckConstraint("review IN ('none', 'waiting', 'passed', 'failed')", name=op.f("ck_activity_review")),
        sa.CheckConstraint(
            "state IN ('unclaimed', 'pending', 'posted', 'undone', 'rejected', 'reversed')",
            name=op.f("ck_activity_state"),
        ),
        sa.CheckConstraint("0 < quantity AND quantity <= asked", name=op.f("ck_activity_quantity")),
        sa.CheckConstraint("octet_length(body_digest) = 32", name=op.f("ck_activity_body_digest")),
        sa.CheckConstraint("points >= 0", name=op.f("ck_activity_points")),
        sa.ForeignKeyConstraint(["grant_id"], ["journal_transaction.id"], name=op.f("fk_activity_grant_id")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_activity_resident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
    )
    op.create_index(
        "ix_activity_done", "activity", ["behaviour", "day"], unique=False, postgresql_where=sa.text("state = 'posted'")
    )
    op.create_index(
        "ix_activity_due", "activity", ["held_until"], unique=False, postgresql_where=sa.text("state = 'pending'")
    )
    op.create_index("ix_activity_resident", "activity", ["resident_id", "logged_at"], unique=False)
    op.create_index(
        "ix_activity_unclaimed",
        "activity",
        ["logged_at"],
        unique=False,
        postgresql_where=sa.text("state = 'unclaimed'"),
    )
    op.create_index(
        "ix_activity_waiting",
        "activity",
        ["logged_at"],
        unique=False,
        postgresql_where=sa.text("review = 'waiting' AND state = 'pending'"),
    )
    op.create_index(
        "uq_activity_source", "activity", ["source"], unique=True, postgresql_where=sa.text("source IS NOT NULL")
    )
    op.create_table(
        "community_home",
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("township_code", sa.Text(), nullable=True),
        sa.Column("school", sa.Text(), nullable=True),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_community_home_resident_id")),
        sa.PrimaryKeyConstraint("resident_id", name=op.f("pk_community_home")),
    )
    op.create_table(
        "site_use",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("step", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_site_use_resident_id")),
        sa.PrimaryKeyConstraint("site", "step", "resident_id", name=op.f("pk_site_use")),
    )
    op.create_table(
        "site_visit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("behaviour", sa.Text(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_site_visit_resident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_visit")),
    )
    op.create_index(
        "ix_site_visit_open", "site_visit", ["site", "at"], unique=False, postgresql_where=sa.text("ended_at IS NULL")
    )
    op.create_index(op.f("ix_site_visit_resident_id"), "site_visit", ["resident_id"], unique=False)
    op.create_table(
        "station_attendant",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("station_code", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_station_attendant_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", "station_code", name=op.f("pk_station_attendant")),
    )
    op.create_table(
        "activity_appeal",
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_granted", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.CheckConstraint("(decided_at IS NULL) = (is_granted IS NULL)", name=op.f("ck_activity_appeal_decided")),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_activity_appeal_activity_id")),
        sa.PrimaryKeyConstraint("activity_id", name=op.f("pk_activity_appeal")),
    )
    op.create_index(
        "ix_activity_appeal_open",
        "activity_appeal",
        ["at"],
        unique=False,
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.create_table(
        "activity_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_activity_event_activity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_event")),
    )
    op.create_index(op.f("ix_activity_event_activity_id"), "activity_event", ["activity_id"], unique=False)
    op.create_table(
        "photo_print",
        sa.Column("photo_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("look", sa.BigInteger(), nullable=True),
        sa.Column("bands", postgresql.ARRAY(sa.SmallInteger()), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(sha256) = 32", name=op.f("ck_photo_print_sha256")),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_photo_print_activity_id")),
        sa.PrimaryKeyConstraint("photo_id", name=op.f("pk_photo_print")),
    )
    op.create_index(op.f("ix_photo_print_activity_id"), "photo_print", ["activity_id"], unique=False)
    op.create_index("ix_photo_print_bands", "photo_print", ["bands"], unique=False, postgresql_using="gin")
    op.create_index(op.f("ix_photo_print_sha256"), "photo_print", ["sha256"], unique=False)
    op.execute(ROOM)
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM PUBLIC, CURRENT_USER")


def downgrade() -> None:
    """Undo."""
    op.drop_index(op.f("ix_photo_print_sha256"), table_name="photo_print")
    op.drop_index("ix_photo_print_bands", table_name="photo_print", postgresql_using="gin")
    op.drop_index(op.f("ix_photo_print_activity_id"), table_name="photo_print")
    op.drop_table("photo_print")
    op.drop_index(op.f("ix_activity_event_activity_id"), table_name="activity_event")
    op.drop_table("activity_event")
    op.drop_index(
        "ix_activity_appeal_open", table_name="activity_appeal", postgresql_where=sa.text("decided_at IS NULL")
    )
    op.drop_table("activity_appeal")
    op.drop_table("station_attendant")
    op.drop_index(op.f("ix_site_visit_resident_id"), table_name="site_visit")
    op.drop_index("ix_site_visit_open", table_name="site_visit", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_table("site_visit")
    op.drop_table("site_use")
    op.drop_table("community_home")
    op.drop_index("uq_activity_source", table_name="activity", postgresql_where=sa.text("source IS NOT NULL"))
    op.drop_index(
        "ix_activity_waiting",
        table_name="activity",
        postgresql_where=sa.text("review = 'waiting' AND state = 'pending'"),
    )
    op.drop_index("ix_activity_unclaimed", table_name="activity", postgresql_where=sa.text("state = 'unclaimed'"))
    op.drop_index("ix_activity_resident", table_name="activity")
    op.drop_index("ix_activity_done", table_name="activity", postgresql_where=sa.text("state = 'posted'"))
    op.drop_index("ix_activity_due", table_name="activity", postgresql_where=sa.text("state = 'pending'"))
    op.drop_table("activity")
    op.drop_index("ix_activity_tally_month", table_name="activity_tally")
    op.drop_table("activity_tally")
    op.drop_index(op.f("ix_activity_import_at"), table_name="activity_import")
    op.drop_table("activity_import")
    op.drop_index("ix_activity_count_on", table_name="activity_count")
    op.drop_table("activity_count")
    # Photos of activities have no place before this; they go with the next sweep.
    op.execute("UPDATE photo SET owner = NULL, position = NULL WHERE owner LIKE 'activity:%'")
    allow_owners(OWNERS_BEFORE)
    op.execute("UPDATE staff SET role = 'city_triage', is_active = false WHERE role IN ('moderator', 'attendant')")
    allow_roles(ROLES_BEFORE)
