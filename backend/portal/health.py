"""Whether the service lives and whether it can do its work."""

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response
from sqlalchemy import text

from backend.core.db import SessionDep
from backend.migrations import runner

router = APIRouter(include_in_schema=False)


@router.get("/livez")
async def livez() -> Response:
    """Answer without touching anything."""
    return PlainTextResponse("ok")


@router.get("/readyz")
def readyz(session: SessionDep) -> Response:
    """Answer 200 when the database can be read and written at the version of the code, else 503 with the reason."""
    if session.execute(text("SELECT pg_is_in_recovery()")).scalar_one():
        return PlainTextResponse("the database is read-only", status_code=503)
    if not runner.is_current(session.connection()):
        return PlainTextResponse("the database is not at the version of the code: run `green migrate`", status_code=503)
    return PlainTextResponse("ready")
