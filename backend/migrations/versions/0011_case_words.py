"""Cases are found by their words."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from backend.cases import intake, searching
from backend.cities import city

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

BATCH = 2_000
REPORTS = sa.text(
    "SELECT c.id AS case_id, c.number, c.opened_at, r.words, r.landmark, r.county_code, r.township_code, r.kind, l.rank"
    " FROM case_file c JOIN case_report l ON l.case_id = c.id JOIN report r ON r.id = l.report_id"
    " ORDER BY c.id, l.rank"
)
KEEP = sa.text(
    "INSERT INTO case_words (case_id, opened_at, words) VALUES (:case_id, :opened_at, CAST(:words AS tsvector))"
    " ON CONFLICT (case_id) DO UPDATE SET words = case_words.words || EXCLUDED.words"
    " WHERE length(case_words.words) < :most_words"
)


def upgrade() -> None:
    """Apply; what came in before can be found as well."""
    op.create_table(
        "case_words",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_case_words_case_id_case_file")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_words")),
    )
    connection = op.get_bind()
    rows = connection.execute(REPORTS, execution_options={"yield_per": BATCH}).mappings()
    for part in rows.partitions(BATCH):
        connection.execute(KEEP, [_found_by(dict(row)) for row in part])
    op.create_index("ix_case_words", "case_words", ["words"], postgresql_using="gin")
    op.create_index("ix_case_words_opened", "case_words", ["opened_at", "case_id"])


def _found_by(row: Mapping[str, Any]) -> dict[str, object]:
    told = intake.told(city(), row)
    if row["rank"] == 1:
        words = searching.vector(row["number"], *told) + " " + searching.week_word(searching.week_of(row["opened_at"]))
    else:
        words = searching.vector(*told)
    return {
        "case_id": row["case_id"],
        "opened_at": row["opened_at"],
        "words": words,
        "most_words": searching.MOST_WORDS,
    }


def downgrade() -> None:
    """Undo."""
    op.drop_table("case_words")
