"""Runs the migrations on the configured database, and lets Alembic compare it with the models."""

from alembic import context
from sqlmodel import SQLModel

from backend.core.db import get_database
from backend.migrations import tables

tables.load()


def _own(_object: object, name: str | None, kind: str, _reflected: bool, _compare_to: object) -> bool:  # noqa: FBT001 -- Alembic's signature
    """Leave Procrastinate's tables to Procrastinate."""
    return not (kind == "table" and (name or "").startswith("procrastinate_"))


def run() -> None:
    """Apply what is missing, all of it or nothing."""
    with get_database().source.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=SQLModel.metadata,
            include_object=_own,
            compare_type=True,
            compare_server_default=False,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
