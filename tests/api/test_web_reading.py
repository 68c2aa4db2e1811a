"""Reading changes nothing: every GET route is called, signed in and not, and the database stays as it was."""

from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.core.actor import Role
from backend.core.db import metadata
from tests.factories.accounts import make_staff, sign_in_as
from tests.factories.web import routes_of

# Rate buckets count every call, and reading a case is itself written to the audit record.
MAY_CHANGE = {"rate_bucket", "audit_entry"}


def state_of(session: Session) -> dict[str, str]:
    return {
        table.name: session.execute(
            text(f"SELECT md5(COALESCE(string_agg(t::text, chr(10) ORDER BY t::text), '')) FROM \"{table.name}\" t")  # noqa: S608 -- our own tables
        ).scalar_one()
        for table in metadata.sorted_tables
        if table.name not in MAY_CHANGE
    }


def test_no_get_route_changes_anything(app: FastAPI, client: TestClient, session: Session):
    """S-12: GET never changes state (diff of the database before and after crawling all GET routes)."""
    sign_in_as(client, session, make_staff(session, Role.CITY_TRIAGE))
    paths = [route.path for route in routes_of(app) if "GET" in route.methods]
    before = state_of(session)

    for path in paths:
        asked = path.replace("{photo_id}", "00000000-0000-4000-8000-000000000000").replace("{number}", "TS-0000-00")
        assert client.get(asked.replace("{size}", "480")).status_code < 500, path

    assert len(paths) > 10
    assert state_of(session) == before
