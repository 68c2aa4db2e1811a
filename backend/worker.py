"""Runs the promised jobs: beside the web service in the demo, as processes of its own elsewhere."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from procrastinate import App, PsycopgConnector

import backend.accounts.jobs
import backend.activities.jobs
import backend.audit.jobs
import backend.cases.jobs
import backend.coupons.jobs
import backend.households.jobs
import backend.ledger.jobs
import backend.media.jobs
import backend.notices.jobs
import backend.plan.jobs
import backend.stations.jobs  # noqa: F401 -- importing a feature's jobs registers them
from backend.core.config import Settings
from backend.core.db import database_url
from backend.core.logging import get_logger
from backend.jobs.service import app

CONCURRENCY = 2
RESTART_SECONDS = 1.0

log = get_logger(__name__)


@contextlib.contextmanager
def _connected(settings: Settings):
    conninfo = database_url(settings).replace("postgresql+psycopg://", "postgresql://", 1)
    with app.replace_connector(PsycopgConnector(conninfo=conninfo, min_size=1, max_size=CONCURRENCY + 1)) as connected:
        yield connected


async def run(connected: App, *, handle_signals: bool) -> None:
    """Work until cancelled; a job that is running is finished first."""
    async with connected.open_async():
        await connected.run_worker_async(
            concurrency=CONCURRENCY, install_signal_handlers=handle_signals, delete_jobs="successful"
        )


def main(settings: Settings) -> None:
    """Run as a process of its own until a signal."""
    with _connected(settings) as connected:
        asyncio.run(run(connected, handle_signals=True))


@contextlib.asynccontextmanager
async def beside(settings: Settings) -> AsyncIterator[None]:
    """Run the worker beside the web service in one process."""
    task = asyncio.create_task(_keep_running(settings))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _keep_running(settings: Settings) -> None:
    """Start the worker again whenever it falls: nobody watches it here as an operator watches a process."""
    while True:
        try:
            with _connected(settings) as connected:
                await run(connected, handle_signals=False)
        except Exception as error:  # whatever it was, the next start may be better
            log.exception("worker_fell", error_type=type(error).__name__)
        await asyncio.sleep(RESTART_SECONDS)
