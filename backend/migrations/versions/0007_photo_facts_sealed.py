"""When and where a photo was taken is sealed (S-45)."""

import json
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from backend.core.crypto import get_keys, open_sealed, seal

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_photo = sa.table(
    "photo",
    sa.column("id", sa.Uuid()),
    sa.column("facts", postgresql.JSONB()),
    sa.column("facts_sealed", sa.LargeBinary()),
)


def upgrade() -> None:
    """Seal what is known, under the key and the place that `media.service` opens it with."""
    op.add_column("photo", sa.Column("facts_sealed", sa.LargeBinary(), nullable=True))
    connection = op.get_bind()
    for row in connection.execute(sa.select(_photo.c.id, _photo.c.facts).where(_photo.c.facts.is_not(None))):
        sealed = seal(get_keys().derive("media"), json.dumps(row.facts).encode(), f"photo|{row.id}|facts".encode())
        connection.execute(sa.update(_photo).where(_photo.c.id == row.id).values(facts_sealed=sealed))
    op.drop_column("photo", "facts")


def downgrade() -> None:
    """Open it again."""
    op.add_column("photo", sa.Column("facts", postgresql.JSONB(), nullable=True))
    connection = op.get_bind()
    for row in connection.execute(
        sa.select(_photo.c.id, _photo.c.facts_sealed).where(_photo.c.facts_sealed.is_not(None))
    ):
        opened = open_sealed(get_keys().derive("media"), row.facts_sealed, f"photo|{row.id}|facts".encode())
        connection.execute(sa.update(_photo).where(_photo.c.id == row.id).values(facts=json.loads(opened)))
    op.drop_column("photo", "facts_sealed")
