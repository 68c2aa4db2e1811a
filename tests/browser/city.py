"""A real service with a database of its own, started as an operator starts it; what stands in it can be asked."""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier
from sqlmodel import Session, create_engine

from backend.accounts.residents.queries import resident_by_phone
from backend.accounts.residents.rules import CodePurpose
from backend.core.actor import Role
from tests.factories.accounts import Member, make_staff
from tests.factories.households import earn
from tests.factories.residents import newest_code

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60
# A job that nobody heard the call for is found at the worker's next round, five seconds later.
SMS_SECONDS = 15


@dataclass(frozen=True)
class RunningCity:
    """A service that answers on this machine."""

    port: int
    database: str
    log: Path

    @property
    def outbox(self) -> Path:
        """Where the service writes what an SMS provider would send."""
        return self.log.parent / "data" / "demo" / "outbox.jsonl"

    @property
    def url(self) -> str:
        """Where a browser finds it."""
        return f"http://127.0.0.1:{self.port}"

    def count(self, table: str) -> int:
        """Return how many rows a table holds."""
        with psycopg.connect(self.database) as connection:
            row = connection.execute(SQL("SELECT count(*) FROM {}").format(Identifier(table))).fetchone()
        assert row is not None
        return row[0]

    def end_sessions(self) -> None:
        """Let half an hour pass in which nobody touched anything."""
        with psycopg.connect(self.database) as connection:
            connection.execute("UPDATE web_session SET expires_at = now() - interval '1 minute'")

    @contextmanager
    def rows(self) -> Iterator[Session]:
        """Open the database beside the service, and keep what was changed."""
        engine = create_engine(self.database.replace("postgresql://", "postgresql+psycopg://", 1))
        try:
            with Session(engine, expire_on_commit=False) as session:
                yield session
                session.commit()
        finally:
            engine.dispose()

    def code_for(self, phone: str, purpose: CodePurpose = CodePurpose.SIGN_IN) -> str:
        """Return the digits of the SMS that the service sends to a phone; the worker beside it takes a moment."""
        with self.rows() as session:
            reference = str(newest_code(session, phone, purpose).id)
        until = time.monotonic() + SMS_SECONDS
        while time.monotonic() < until:
            lines = self.outbox.read_text("utf-8").splitlines() if self.outbox.exists() else []
            for message in map(json.loads, lines):
                if message["reference"] == reference:
                    return re.findall(r"\d{6}", message["text"])[0]
            time.sleep(0.05)
        raise TimeoutError("the service sent no SMS")

    def earn(self, phone: str, amount: int, *, days: int = 365) -> None:
        """Give whoever has this number points that are good for so many days."""
        with self.rows() as session:
            resident_id = resident_by_phone(session, phone)
            assert resident_id
            earn(session, resident_id, amount, days=days)

    def hire(self, role: Role = Role.COUNTY_OFFICER, county_code: str | None = "620502", *, name: str) -> Member:
        """Give somebody an account at the bureau."""
        with self.rows() as session:
            return make_staff(session, role, county_code, name=name)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def copy_of(server_uri: str, template: str, name: str) -> str:
    """Make a database from the migrated template and return its address."""
    with psycopg.connect(server_uri.replace("{name}", "postgres"), autocommit=True) as admin:
        admin.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))
        admin.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(template)))
    return server_uri.replace("{name}", name)


@contextmanager
def running(database: str, folder: Path) -> Iterator[RunningCity]:
    """Run the service until the tests are done with it."""
    port, log = free_port(), folder / "service.log"
    environment = os.environ | {
        "GREEN_ENV": "test",
        "GREEN_DATABASE_URL": database,
        "GREEN_DATA_DIR": str(folder / "data"),
        "GREEN_PORT": str(port),
        "GREEN_METRICS_PORT": "0",
        # Said here, because a test of the same process may have set it otherwise for its own application.
        "GREEN_INLINE_WORKER": "true",
        "GREEN_LOG_LEVEL": "WARNING",
        # Each phone of a test comes from an address of its own, so that none uses up another's share (devices.py).
        "GREEN_TRUSTED_PROXIES": "127.0.0.1",
    }
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "backend.cli", "serve"], cwd=ROOT, env=environment, stdout=output, stderr=output
        )
        city = RunningCity(port, database, log)
        try:
            _wait(city, server)
            yield city
        finally:
            server.terminate()
            server.wait(30)


def _wait(city: RunningCity, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < until:
        connection = http.client.HTTPConnection("127.0.0.1", city.port, timeout=1)
        try:
            connection.request("GET", "/livez")
            if connection.getresponse().status == HTTPStatus.OK:
                return
        except (http.client.HTTPException, OSError):
            time.sleep(0.1)
        finally:
            connection.close()
    raise TimeoutError(f"the service did not start:\n{city.log.read_text()[-2000:]}")
