"""Stations, and applications for green titles.

Where things are taken back, what residents say about closed doors, lists on the way in; who applied for a title and what
came of it. Staff may be programme editors.

Revision: 0006.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


APPEND_ONLY = ("honour_event",)
ROLES_BEFORE = ("county_officer", "city_triage", "finance", "programme_officer")
ROLES = (*ROLES_BEFORE, "programme_editor")


def allow_roles(roles: Sequence[str]) -> None:
    """Let staff have these roles and no others."""
    listed = ", ".join(f"'{role}'" for role in roles)
    op.drop_constraint(op.f("ck_staff_role"), "staff", type_="check")
    op.create_check_constraint(op.f("ck_staff_role"), "staff", f"role IN ({listed})")


def upgrade() -> None:
    """Apply."""
    allow_roles(ROLES)
    op.create_table(
        "honour_application",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_digest", sa.LargeBinary(), nullable=False),
        sa.Column("honour", sa.Text(), nullable=False),
        sa.Column("criteria_version", sa.Text(), nullable=False),
        sa.Column("applicant_id", sa.Uuid(), nullable=False),
        sa.Column("shown_name", sa.Text(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("township_code", sa.Text(), nullable=True),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("granted_on", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state <> 'granted' OR (granted_on IS NOT NULL AND valid_until IS NOT NULL)",
            name=op.f("ck_honour_application_granted_has_term"),
        ),
        sa.CheckConstraint(
            "state <> 'granted' OR (proposed_by IS NOT NULL AND decided_by IS NOT NULL AND decided_by <> proposed_by)",
            name=op.f("ck_honour_application_two_people"),
        ),
        sa.CheckConstraint(
            "state IN ('applied', 'proposed', 'granted', 'refused', 'revoked', 'taken_back')",
            name=op.f("ck_honour_application_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('refused', 'revoked') OR reason <> ''", name=op.f("ck_honour_application_reason")
        ),
        sa.ForeignKeyConstraint(["applicant_id"], ["resident.id"], name=op.f("fk_honour_application_applicant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_honour_application")),
    )
    op.create_index(
        "ix_honour_application_list",
        "honour_application",
        ["honour", "granted_on", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'granted' AND is_public"),
    )
    op.create_index("ix_honour_application_queue", "honour_application", ["state", "applied_at", "id"], unique=False)
    op.create_index(
        "uq_honour_application_undecided",
        "honour_application",
        ["applicant_id", "honour"],
        unique=True,
        postgresql_where=sa.text("state IN ('applied', 'proposed')"),
    )
    op.create_table(
        "station",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("items", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("hours", sa.Text(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("township_code", sa.Text(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("given_datum", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("is_staffed", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("given_datum IN ('wgs84', 'gcj02', 'bd09')", name=op.f("ck_station_given_datum")),
        sa.CheckConstraint("kind IN ('recycling', 'film_recovery', 'sorting')", name=op.f("ck_station_kind")),
        sa.CheckConstraint("cardinality(items) > 0", name=op.f("ck_station_takes_something")),
        sa.CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name=op.f("ck_station_point")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station")),
        sa.UniqueConstraint("code", name=op.f("uq_station_code")),
    )
    op.create_index(
        "ix_station_county", "station", ["county_code", "code"], unique=False, postgresql_where=sa.text("is_active")
    )
    op.create_table(
        "station_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station_import")),
    )
    op.create_index(op.f("ix_station_import_at"), "station_import", ["at"], unique=False)
    op.create_table(
        "honour_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["honour_application.id"], name=op.f("fk_honour_event_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_honour_event")),
    )
    op.create_index(op.f("ix_honour_event_application_id_id"), "honour_event", ["application_id", "id"], unique=False)
    op.create_table(
        "station_closure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("sender", sa.LargeBinary(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("verdict IN ('confirm', 'clear')", name=op.f("ck_station_closure_verdict")),
        sa.CheckConstraint("(verdict IS NULL) = (settled_at IS NULL)", name=op.f("ck_station_closure_settled")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_station_closure_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station_closure")),
        sa.UniqueConstraint("station_id", "sender", "day", name=op.f("uq_station_closure_station_id_sender_day")),
    )
    op.create_index(
        "ix_station_closure_open",
        "station_closure",
        ["station_id", "day"],
        unique=False,
        postgresql_where=sa.text("verdict IS NULL"),
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_station_closure_open", table_name="station_closure", postgresql_where=sa.text("verdict IS NULL"))
    op.drop_table("station_closure")
    op.drop_index(op.f("ix_honour_event_application_id_id"), table_name="honour_event")
    op.drop_table("honour_event")
    op.drop_index(op.f("ix_station_import_at"), table_name="station_import")
    op.drop_table("station_import")
    op.drop_index("ix_station_county", table_name="station", postgresql_where=sa.text("is_active"))
    op.drop_table("station")
    op.drop_index(
        "uq_honour_application_undecided",
        table_name="honour_application",
        postgresql_where=sa.text("state IN ('applied', 'proposed')"),
    )
    op.drop_index("ix_honour_application_queue", table_name="honour_application")
    op.drop_index(
        "ix_honour_application_list",
        table_name="honour_application",
        postgresql_where=sa.text("state = 'granted' AND is_public"),
    )
    op.drop_table("honour_application")
    op.execute("UPDATE staff SET role = 'city_triage', is_active = false WHERE role = 'programme_editor'")
    allow_roles(ROLES_BEFORE)
