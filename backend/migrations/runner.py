"""Brings the database to the version of the code; used by the command line, the start and the tests."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def config() -> Config:
    """Return Alembic's settings, which need no file."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent))
    return settings


def upgrade() -> None:
    """Apply every migration that is missing."""
    command.upgrade(config(), "head")


def is_current(connection: Connection) -> bool:
    """Whether the database is at the version of the code."""
    wanted = ScriptDirectory.from_config(config()).get_current_head()
    return MigrationContext.configure(connection).get_current_revision() == wanted
