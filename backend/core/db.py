"""The database: one engine, one session a request, and the one line that commits it."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Annotated, Any, TypeVar

from anyio import CancelScope, CapacityLimiter, to_thread
from anyio.lowlevel import RunVar
from fastapi import Depends
from sqlalchemy import Connection, Engine, MetaData, create_engine, text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, SQLModel

from backend.core import embedded
from backend.core.config import Settings, get_settings

# Named before the first migration, so that every later one can drop what it means.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata: MetaData = SQLModel.metadata
T = TypeVar("T")

STATEMENT_TIMEOUT_MS = 10_000
SHORT_CONNECTIONS = 4
"""Beyond the requests' own: for a rate limit, which takes one statement and waits for nothing."""
MUST_BE_ON = ("fsync", "full_page_writes", "synchronous_commit")


class DatabaseError(Exception):
    """The database cannot be used; the text says what, where and how to mend it."""


class Database:
    """Where sessions come from: an engine, or in tests one connection whose transaction is rolled back."""

    def __init__(self, source: Engine | Connection) -> None:
        self.source = source

    def session(self) -> Session:
        """Open a session; whoever opens it closes it."""
        if isinstance(self.source, Connection):
            return Session(self.source, join_transaction_mode="create_savepoint")
        return Session(self.source)

    @contextmanager
    def short(self) -> Iterator[Connection]:
        """Open a connection on which each statement commits by itself, though not durably.

        A power cut may undo the last second: for what guards the service and is worth little afterwards, as a rate limit.
        """
        if isinstance(self.source, Connection):
            yield self.source
            return
        with self._short_engine.connect() as connection:
            yield connection

    @cached_property
    def _short_engine(self) -> Engine:
        assert isinstance(self.source, Engine)
        return create_engine(
            self.source.url,
            pool_size=SHORT_CONNECTIONS,
            max_overflow=0,
            pool_recycle=1800,
            pool_reset_on_return=None,  # nothing stays open between two statements that each commit
            isolation_level="AUTOCOMMIT",
            connect_args=_connect_args("-c synchronous_commit=off"),
        )

    def close(self) -> None:
        """Close the connections that are this object's own."""
        if "_short_engine" in self.__dict__:
            self._short_engine.dispose()


_database: Database | None = None


def use(database: Database | None) -> None:
    """Let sessions come from `database`; `None` forgets it, so that the next use opens the configured one."""
    global _database  # noqa: PLW0603 -- one process, one database
    _database = database


def get_database() -> Database:
    """Return the process's database, opened on first use."""
    if _database is None:
        use(Database(open_engine(get_settings())))
    assert _database is not None
    return _database


def database_url(settings: Settings) -> str:
    """Return the address of the database in SQLAlchemy's words, starting the embedded server where none is set."""
    url = settings.database_url or embedded.start(settings.data_dir)
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    if not url.startswith("postgresql+psycopg://"):
        raise DatabaseError("GREEN_DATABASE_URL must start with postgresql:// (PostgreSQL 15 or newer).")
    return url


def open_engine(settings: Settings) -> Engine:
    """Open the pool and refuse a server that could lose what it has acknowledged."""
    engine = create_engine(
        database_url(settings),
        pool_size=settings.database_pool,
        max_overflow=SHORT_CONNECTIONS,
        pool_timeout=10,
        pool_pre_ping=False,
        pool_recycle=1800,
        connect_args=_connect_args(),
    )
    try:
        with engine.connect() as connection:
            rows = connection.execute(
                text("SELECT name FROM pg_settings WHERE name = ANY(:names) AND setting = 'off'"),
                {"names": list(MUST_BE_ON)},
            )
            off = [row.name for row in rows]
    except OperationalError as error:
        raise DatabaseError(
            "The database cannot be reached. Check GREEN_DATABASE_URL, and that the server runs and lets this user in. "
            f"It said: {str(error.orig).strip().splitlines()[0]}"
        ) from None
    if off:
        raise DatabaseError(
            f"The database runs with {', '.join(off)} off and could lose acknowledged reports in a power cut. "
            "Turn it on in postgresql.conf."
        )
    return engine


def _connect_args(options: str = "") -> dict[str, Any]:
    limits = f"-c timezone=UTC -c statement_timeout={STATEMENT_TIMEOUT_MS} -c lock_timeout=5000"
    return {"connect_timeout": 5, "options": f"{limits} {options}"}


async def get_session() -> AsyncIterator[Session]:
    """Give a request its session and commit it: the only commit of the web service.

    A request waits here, outside the threads, until a connection is free for it. If threads waited for connections, the
    requests that hold one could not get a thread to finish, and everybody would stand still until the pool's timeout.
    """
    async with _slots():
        session = get_database().session()
        try:
            yield session
        except BaseException:
            with CancelScope(shield=True):
                await to_thread.run_sync(session.close)
            raise
        await to_thread.run_sync(_finish, session)


async def transact(work: Callable[[Session], T]) -> T:
    """Run `work` with a session and commit it, all in one thread: for the busiest call, as `get_session` for all others.

    The change of threads that this saves costs as much as a statement. The route is `async` and awaits it before it
    answers, so that here too no answer leaves before the commit.
    """
    return await to_thread.run_sync(_work_and_finish, work, limiter=_slots())


def _work_and_finish(work: Callable[[Session], T]) -> T:
    session = get_database().session()
    try:
        done = work(session)
    except BaseException:
        session.close()
        raise
    _finish(session)
    return done


def _finish(session: Session) -> None:
    with session:
        session.commit()


_slots_of_loop: RunVar[CapacityLimiter] = RunVar("database slots")


def _slots() -> CapacityLimiter:
    try:
        return _slots_of_loop.get()
    except LookupError:
        _slots_of_loop.set(CapacityLimiter(get_settings().database_pool))
        return _slots_of_loop.get()


# With FastAPI's default scope the answer would leave before the commit, and a failed commit would still say 200.
SessionDep = Annotated[Session, Depends(get_session, scope="function")]


@contextmanager
def session_scope() -> Iterator[Session]:
    """Run a job, a command or a test step as one transaction."""
    with get_database().session() as session:
        yield session
        session.commit()
