"""Who may call what, as one table: a route that nobody listed fails, a role that lacks the right is refused and recorded."""

import re
from collections.abc import Iterator, Mapping

import pytest
from fastapi import FastAPI
from httpx2 import Response
from sqlmodel import Session, select
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from backend.accounts.guards import Requires
from backend.audit.models import AuditEntry
from backend.cases.models import Case
from backend.core import actor as actors
from backend.core.actor import PERMISSIONS, Permission, Role
from tests.factories.desk import Desk, arrive, sit_down
from tests.factories.web import KnownRoute, calls_of, routes_of

PUBLIC = None
"""Anybody may call it; what it shows is public, or opened by a receipt."""

READ, DECIDE, REFER, ANSWER, MOVE, PHOTO = (
    Permission.CASE_READ,
    Permission.CASE_DECIDE,
    Permission.CASE_REFER,
    Permission.CASE_ANSWER,
    Permission.CASE_MOVE,
    Permission.PHOTO_READ,
)

# Read it aloud: "to accept a case by the page one needs the right to decide".
TABLE: Mapping[str, Permission | None] = {
    # The residents' surface.
    "GET /": PUBLIC,
    "GET /help": PUBLIC,
    "GET /privacy": PUBLIC,
    "GET /offline": PUBLIC,
    "POST /preferences": PUBLIC,
    "GET /report": PUBLIC,
    "POST /report": PUBLIC,
    "GET /report/similar": PUBLIC,
    "GET /reports": PUBLIC,
    "POST /reports/lookup": PUBLIC,
    "GET /reports/current": PUBLIC,
    "POST /reports/current/contact": PUBLIC,
    "POST /reports/current/details": PUBLIC,
    "POST /reports/current/leave": PUBLIC,
    "POST /reports/current/messages": PUBLIC,
    "POST /reports/current/withdrawal": PUBLIC,
    "PUT /api/v1/photos/{photo_id}": PUBLIC,
    "POST /api/v1/reports": PUBLIC,
    "POST /api/v1/receipts/lookup": PUBLIC,
    "POST /api/v1/receipts/messages": PUBLIC,
    "GET /api/v1/cases": PUBLIC,
    # The machine's.
    "GET /livez": PUBLIC,
    "GET /readyz": PUBLIC,
    "GET /api/v1/openapi.json": PUBLIC,
    "MOUNT /static": PUBLIC,
    # The desk.
    "GET /bureau/sign-in": PUBLIC,
    "POST /bureau/sign-in": PUBLIC,
    "POST /bureau/sign-out": PUBLIC,
    "GET /bureau": READ,
    "GET /bureau/next": READ,
    "GET /bureau/cases/{number}": READ,
    "POST /bureau/cases/{number}/accept": DECIDE,
    "POST /bureau/cases/{number}/decline": DECIDE,
    "POST /bureau/cases/{number}/refer": REFER,
    "POST /bureau/cases/{number}/investigate": DECIDE,
    "POST /bureau/cases/{number}/finding": DECIDE,
    "POST /bureau/cases/{number}/close": ANSWER,
    "POST /bureau/cases/{number}/reopen": DECIDE,
    "POST /bureau/cases/{number}/messages": ANSWER,
    "POST /bureau/cases/{number}/move": MOVE,
    "GET /bureau/photos/{photo_id}/{size}": PHOTO,
    "GET /api/v1/bureau/cases": READ,
    "GET /api/v1/bureau/cases/{number}": READ,
    "POST /api/v1/bureau/cases/{number}/accept": DECIDE,
    "POST /api/v1/bureau/cases/{number}/decline": DECIDE,
    "POST /api/v1/bureau/cases/{number}/refer": REFER,
    "POST /api/v1/bureau/cases/{number}/investigate": DECIDE,
    "POST /api/v1/bureau/cases/{number}/finding": DECIDE,
    "POST /api/v1/bureau/cases/{number}/close": ANSWER,
    "POST /api/v1/bureau/cases/{number}/reopen": DECIDE,
    "POST /api/v1/bureau/cases/{number}/messages": ANSWER,
}
STAFF = {name: permission for name, permission in TABLE.items() if permission is not None}
# A body that every route of the desk reads, so that what is refused is refused for the right and not for the form.
BODY = {"version": 1, "text": "你好", "county_code": "620502", "reason": "理由"}


def registered(app: FastAPI) -> Iterator[str]:
    """Name everything that answers, mounts and plain routes too."""
    for known in routes_of(app):
        yield from (f"{method} {known.path}" for method in known.methods)
    for route in app.routes:
        if isinstance(route, Mount):
            yield f"MOUNT {route.path}"
        elif type(route) is Route:
            yield from (f"{method} {route.path}" for method in (route.methods or ()) if method != "HEAD")


def demanded(known: KnownRoute) -> set[Permission]:
    """Return the permissions that a route's signature asks for."""
    return {guard.permission for guard in calls_of(known.dependant) if isinstance(guard, Requires)}


def call(desk: Desk, name: str, case: Case) -> Response:
    """Call a route of the desk on `case`."""
    method, path = name.split(" ", 1)
    address = path.format(number=case.number, photo_id=case.id, size=160)
    if method == "GET":
        return desk.get(address)
    if address.startswith("/api/"):
        # Only the fields that the route knows: a program's body is not allowed more.
        fields = ("text",) if address.endswith("messages") else ("version", "reason")
        return desk.call(address.removeprefix("/api/v1/bureau"), **{field: BODY[field] for field in fields})
    return desk.post(address, **BODY)


def test_every_route_is_in_the_table_once_and_the_table_names_no_other(app: FastAPI):
    """S-13."""
    found = list(registered(app))
    assert sorted(found) == sorted(TABLE)


def test_every_route_asks_for_what_the_table_says(app: FastAPI):
    """S-13: the right stands in the route's signature, where it cannot be forgotten on one branch."""
    asked = {f"{method} {known.path}": demanded(known) for known in routes_of(app) for method in known.methods}
    wanted = {name: {permission} if permission else set[Permission]() for name, permission in TABLE.items()}
    assert asked == {name: wanted[name] for name in asked}


def test_everything_below_the_desk_asks_for_a_right():
    desk = re.compile(r"\w+ (/api/v1)?/bureau(/(?!sign-)|$)")
    assert {name for name in TABLE if desk.match(name)} == set(STAFF)


@pytest.mark.parametrize("name", STAFF)
def test_nobody_gets_in_without_a_sign_in(client: TestClient, session: Session, name: str):
    """S-14."""
    desk = sit_down(client, session, Role.CITY_TRIAGE)
    case = arrive(session).case
    client.cookies.delete("__Host-green-staff")
    before = desk.now(case).model_dump()
    answer = call(desk, name, case)
    if answer.status_code == 303:
        assert answer.headers["location"].startswith("/bureau/sign-in?next=")
    else:
        assert answer.status_code in {401, 403}
    assert desk.now(case).model_dump() == before


@pytest.mark.parametrize("name", STAFF)
@pytest.mark.parametrize("role", list(Role))
def test_a_role_gets_what_its_rights_say(client: TestClient, session: Session, role: Role, name: str):
    """S-14: allowed where the table of roles says so; else 403, nothing changed, one record."""
    desk = sit_down(client, session, role)
    case = arrive(session).case
    before = desk.now(case).model_dump()
    answer = call(desk, name, case)
    if STAFF[name] in PERMISSIONS[role]:
        assert answer.status_code not in {401, 403}
    else:
        assert answer.status_code == 403
        assert desk.now(case).model_dump() == before
        assert [entry.facts for entry in desk.recorded("authz_denied")] == [{"permission": STAFF[name]}]


@pytest.mark.parametrize("name", STAFF)
def test_without_the_one_right_a_route_is_closed(
    client: TestClient, session: Session, monkeypatch: pytest.MonkeyPatch, name: str
):
    """S-14: a role that holds every right but this one is refused, and the denial is recorded."""
    desk = sit_down(client, session, Role.CITY_TRIAGE)
    case = arrive(session).case
    rest = PERMISSIONS[Role.CITY_TRIAGE] - {STAFF[name]}
    monkeypatch.setattr(actors, "PERMISSIONS", {Role.CITY_TRIAGE: rest})
    before = desk.now(case).model_dump()
    assert call(desk, name, case).status_code == 403
    assert desk.now(case).model_dump() == before
    denied = session.exec(select(AuditEntry).where(AuditEntry.action == "authz_denied")).all()
    assert [entry.facts for entry in denied] == [{"permission": STAFF[name]}]
