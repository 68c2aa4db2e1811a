"""A merchant stands somewhere: what is proven in a shop is proven at its door."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Apply; where the shops stand that are there already, nobody has said yet."""
    op.add_column("merchant", sa.Column("lat", sa.Float(), nullable=True))
    op.add_column("merchant", sa.Column("lon", sa.Float(), nullable=True))
    op.create_check_constraint(op.f("ck_merchant_place_is_whole"), "merchant", "(lat IS NULL) = (lon IS NULL)")
    op.create_check_constraint(
        op.f("ck_merchant_point"), "merchant", "lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180"
    )


def downgrade() -> None:
    """Undo."""
    op.drop_column("merchant", "lon")
    op.drop_column("merchant", "lat")
