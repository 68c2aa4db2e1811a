"""The least that a web process in Python can do for a report: one body, one thread, one statement, nothing else.

No rate limit, no check of where a call comes from, no headers, no log, no framework. What this cannot reach, no service
on uvicorn and psycopg can: `test_bench_submission` prints it beside ours.
"""

import asyncio
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any

import psycopg
import uvicorn
from uvicorn._types import ASGIReceiveCallable, ASGISendCallable, Scope

from backend.cases import intake
from backend.cities import city
from backend.reports import service as reports
from backend.reports.schemas import SubmitReport

CONNECTIONS = 8

_threads = ThreadPoolExecutor(CONNECTIONS)
_free: SimpleQueue[psycopg.Connection] = SimpleQueue()


def write(form: SubmitReport) -> bytes:
    """Write the same rows by the same statement, which commits itself."""
    offered = reports.offer(city(), form, language="zh")
    case = intake._new_case(city(), form, offered)
    connection = _free.get()
    try:
        connection.execute(intake._SEND_AND_OPEN.encode(), offered.values | case)
    finally:
        _free.put(connection)
    return offered.receipt.shown.encode()


async def app(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Answer any POST with the receipt of the report that it sends."""
    if scope["type"] != "http":
        return
    body, more = b"", True
    while more:
        message: Any = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    answer, status = b"ok", 200
    if body:
        form = SubmitReport.model_validate_json(body)
        answer, status = await asyncio.get_running_loop().run_in_executor(_threads, write, form), 201
    headers = [(b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers, "trailers": False})
    await send({"type": "http.response.body", "body": answer, "more_body": False})


if __name__ == "__main__":
    for _ in range(CONNECTIONS):
        _free.put(psycopg.connect(os.environ["GREEN_DATABASE_URL"], autocommit=True))
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", access_log=False, lifespan="off")
