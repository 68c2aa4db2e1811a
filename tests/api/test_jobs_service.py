"""A job is a row of the caller's own transaction, whatever else runs in the process."""

import asyncio

import pytest
from sqlalchemy import text

from backend import worker
from backend.core import db
from backend.core.config import Settings
from backend.core.db import session_scope
from backend.jobs.service import defer


def promised() -> int:
    with session_scope() as session:
        return session.execute(text("SELECT count(*) FROM procrastinate_jobs")).scalar_one()


def promise(*, fails: bool = False) -> None:
    with session_scope() as session:
        defer(session, "notices.send_code", code_id="x")
        if fails:
            raise RuntimeError


@pytest.mark.usefixtures("own_engine")
def test_a_job_exists_if_and_only_if_the_change_did():
    promise()
    with pytest.raises(RuntimeError):
        promise(fails=True)
    assert promised() == 1


def test_a_job_is_promised_while_a_worker_runs_beside(own_engine: db.Engine):
    """As in the demo: the worker's connector is open in the same process."""
    url = own_engine.url.set(drivername="postgresql").render_as_string(hide_password=False)

    async def beside() -> None:
        with worker._connected(Settings(database_url=url)) as connected:
            async with connected.open_async():
                await asyncio.to_thread(promise)

    asyncio.run(beside())
    assert promised() == 1


def test_a_worker_that_falls_is_started_again(monkeypatch: pytest.MonkeyPatch, own_engine: db.Engine):
    """Beside the web service nobody else would notice, and promised messages would wait for the next release."""
    url = own_engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    starts: list[int] = []
    again = asyncio.Event()

    async def falls_once(_connected: object, *, handle_signals: bool) -> None:
        assert not handle_signals
        starts.append(1)
        if len(starts) == 1:
            raise ConnectionError
        again.set()
        await asyncio.sleep(60)

    async def beside() -> None:
        async with worker.beside(Settings(database_url=url)):
            await again.wait()

    monkeypatch.setattr(worker, "run", falls_once)
    monkeypatch.setattr(worker, "RESTART_SECONDS", 0.0)
    asyncio.run(asyncio.wait_for(beside(), 10))
    assert len(starts) == 2
