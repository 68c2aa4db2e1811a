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
