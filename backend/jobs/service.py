"""Work for later, promised only if the transaction lands: a job is a row of the caller's own transaction."""

from collections.abc import Callable
from typing import Any

from procrastinate import App, PsycopgConnector, RetryStrategy, SyncPsycopgConnector
from procrastinate.manager import JobManager
from procrastinate.tasks import configure_task
from procrastinate.types import JSONValue
from sqlmodel import Session

from backend.core.db import session_scope

# Two seconds, then four, eight … about an hour in all: an SMS provider that is down for lunch loses nothing.
RETRY = RetryStrategy(max_attempts=12, exponential_wait=2)

app = App(connector=PsycopgConnector())

# Apart from the application's own connector: a worker beside the web service opens that one for its event loop, and then
# it can no longer write on a request's connection. This one is never opened; it only knows how to write a job.
_promises = JobManager(SyncPsycopgConnector())


def job(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register `function(session, **arguments)` as the job `name`; each run is one transaction and may repeat."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        def run(**arguments: JSONValue) -> None:
            with session_scope() as session:
                function(session, **arguments)

        app.task(name=name, retry=RETRY)(run)
        return function

    return register


def every(cron: str, name: str) -> Callable[[Callable[[Session], object]], Callable[[Session], object]]:
    """Register `function(session)` to run at the times of `cron` (UTC), once over all workers."""

    def register(function: Callable[[Session], object]) -> Callable[[Session], object]:
        def run(timestamp: int) -> None:  # noqa: ARG001 -- Procrastinate names the moment it stands for
            with session_scope() as session:
                function(session)

        app.periodic(cron=cron)(app.task(name=name, queueing_lock=name)(run))
        return function

    return register


def defer(session: Session, name: str, **arguments: JSONValue) -> None:
    """Promise the job `name` on the caller's connection: it exists if and only if the caller's change does."""
    connection = session.connection().connection.driver_connection
    configure_task(name=name, job_manager=_promises, connection=connection).defer(**arguments)
