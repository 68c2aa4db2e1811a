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
from backend.accounts.residents.guards import asks_resident, require_resident
from backend.audit.models import AuditEntry
from backend.cases.models import Case
from backend.core import actor as actors
from backend.core.actor import PERMISSIONS, Permission, Role
from backend.core.ids import new_id
from backend.coupons.guards import require_till
from tests.factories.desk import Desk, arrive, sit_down
from tests.factories.web import KnownRoute, calls_of, routes_of, token_on

PUBLIC = None
"""Anybody may call it; what it shows is public, or opened by a receipt."""

TILL = "till"
"""A device that was paired with a merchant; what it shows and changes is that merchant's."""

RESIDENT = "resident"
"""Whoever is signed in as a resident; what it shows and changes is the caller's own."""

READ, DECIDE, REFER, ANSWER, MOVE, PHOTO = (
    Permission.CASE_READ,
    Permission.CASE_DECIDE,
    Permission.CASE_REFER,
    Permission.CASE_ANSWER,
    Permission.CASE_MOVE,
    Permission.PHOTO_READ,
)
HONOUR, STATION, PLAN = Permission.HONOUR_REVIEW, Permission.STATION_EDIT, Permission.PLAN_EDIT

COUPONS, KEEP_COUPONS, LET_COUPONS = (
    Permission.COUPON_READ,
    Permission.COUPON_WRITE,
    Permission.COUPON_APPROVE,
)
ATTEND, LISTS, MODERATE = (
    Permission.ACTIVITY_ATTEND,
    Permission.ACTIVITY_IMPORT,
    Permission.ACTIVITY_MODERATE,
)

# Read it aloud: "to accept a case by the page one needs the right to decide".
TABLE: Mapping[str, Permission | str | None] = {
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
    "GET /campaigns": PUBLIC,
    "GET /campaigns/{code}": PUBLIC,
    "GET /honours": PUBLIC,
    "GET /honours/{code}": PUBLIC,
    "GET /honours/apply": RESIDENT,
    "GET /honours/apply/{code}": RESIDENT,
    "POST /honours/apply/{code}": RESIDENT,
    "POST /honours/applications/{application_id}/take-back": RESIDENT,
    "GET /stations": PUBLIC,
    "GET /stations/{code}": PUBLIC,
    "POST /stations/{code}/closed": PUBLIC,
    "GET /api/v1/stations": PUBLIC,
    "POST /api/v1/stations/{code}/closed": PUBLIC,
    # The published plan.
    "GET /plan": PUBLIC,
    "GET /plan/indicators/{key}": PUBLIC,
    "GET /plan/articles/{number}": PUBLIC,
    "GET /plan/exposures": PUBLIC,
    "GET /plan/examples": PUBLIC,
    "GET /plan/news": PUBLIC,
    "GET /plan/method": PUBLIC,
    "GET /plan/data": PUBLIC,
    "GET /plan/changes": PUBLIC,
    "POST /plan/follow": RESIDENT,
    "GET /data/plan.json": PUBLIC,
    "GET /plan.json": PUBLIC,
    "GET /data/indicators.csv": PUBLIC,
    "GET /plan.csv": PUBLIC,
    "GET /data/indicators.csv-metadata.json": PUBLIC,
    "GET /data/observations.csv": PUBLIC,
    "GET /data/observations.sdmx.csv": PUBLIC,
    "GET /data/plan-{year}.json": PUBLIC,
    "GET /plan/indicators/{key}.json": PUBLIC,
    "GET /plan/indicators/{key}.csv": PUBLIC,
    "GET /plan/articles/{number}.json": PUBLIC,
    "GET /plan/articles/{number}.csv": PUBLIC,
    "GET /plan/exposures.json": PUBLIC,
    "GET /plan/exposures.csv": PUBLIC,
    "GET /feeds/plan.atom": PUBLIC,
    "GET /api/v1/plan": PUBLIC,
    "GET /api/v1/plan/articles/{number}": PUBLIC,
    "GET /api/v1/plan/indicators/{key}": PUBLIC,
    # A resident's account.
    "GET /account/sign-in": PUBLIC,
    "POST /account/sign-in/codes": PUBLIC,
    "GET /account/sign-in/code": PUBLIC,
    "POST /account/sign-in/code": PUBLIC,
    "POST /account/sign-out": PUBLIC,
    "GET /account/deleted": PUBLIC,
    "GET /account": RESIDENT,
    "GET /account/welcome": RESIDENT,
    "POST /account/welcome": RESIDENT,
    "GET /account/guardian": RESIDENT,
    "POST /account/guardian/codes": RESIDENT,
    "POST /account/guardian": RESIDENT,
    "POST /account/name": RESIDENT,
    "POST /account/consents": RESIDENT,
    "POST /account/sign-out-everywhere": RESIDENT,
    "GET /account/inbox": RESIDENT,
    "GET /account/export": RESIDENT,
    "GET /account/export.json": RESIDENT,
    "GET /account/delete": RESIDENT,
    "POST /account/delete": RESIDENT,
    "POST /api/v1/account/codes": PUBLIC,
    "POST /api/v1/account/sessions": PUBLIC,
    "DELETE /api/v1/account/sessions/current": PUBLIC,
    "DELETE /api/v1/account/sessions": RESIDENT,
    "GET /api/v1/account": RESIDENT,
    "PATCH /api/v1/account": RESIDENT,
    "DELETE /api/v1/account": RESIDENT,
    "POST /api/v1/account/introduction": RESIDENT,
    "POST /api/v1/account/consents": RESIDENT,
    "POST /api/v1/account/guardian/codes": RESIDENT,
    "POST /api/v1/account/guardian": RESIDENT,
    "GET /account/device": RESIDENT,
    "POST /account/device": RESIDENT,
    "GET /api/v1/account/device-history": RESIDENT,
    "POST /api/v1/account/device-history": RESIDENT,
    "GET /api/v1/account/export": RESIDENT,
    # Green behaviours and points.
    "GET /green": PUBLIC,
    "GET /green/do/{code}": PUBLIC,
    "POST /green/log": PUBLIC,
    "GET /green/kept": PUBLIC,
    "GET /green/communities": PUBLIC,
    "POST /green/home": RESIDENT,
    "GET /green/entries/{activity_id}": RESIDENT,
    "POST /green/entries/{activity_id}/undo": RESIDENT,
    "POST /green/entries/{activity_id}/appeal": RESIDENT,
    "GET /points": RESIDENT,
    "POST /points/donations": RESIDENT,
    "GET /points/verify": RESIDENT,
    "GET /points/proof.json": RESIDENT,
    "GET /points/books": PUBLIC,
    "POST /api/v1/activities": RESIDENT,
    "GET /api/v1/activities": RESIDENT,
    "GET /api/v1/behaviours": RESIDENT,
    "POST /api/v1/activities/{activity_id}/undo": RESIDENT,
    "POST /api/v1/activities/{activity_id}/appeal": RESIDENT,
    "GET /api/v1/points": RESIDENT,
    "GET /api/v1/points/roots": PUBLIC,
    "POST /api/v1/points/donations": RESIDENT,
    # A household.
    "GET /household/join": PUBLIC,
    "GET /household": RESIDENT,
    "POST /household": RESIDENT,
    "POST /household/name": RESIDENT,
    "POST /household/share": RESIDENT,
    "POST /household/contributions": RESIDENT,
    "POST /household/withdrawals": RESIDENT,
    "POST /household/elders": RESIDENT,
    "GET /household/invite": RESIDENT,
    "POST /household/invite": RESIDENT,
    "POST /household/invite/end": RESIDENT,
    "POST /household/join/look": RESIDENT,
    "POST /household/join": RESIDENT,
    "POST /household/request/withdrawal": RESIDENT,
    "GET /household/members/{member_id}": RESIDENT,
    "POST /household/members/{member_id}/confirmation": RESIDENT,
    "POST /household/members/{member_id}/refusal": RESIDENT,
    "POST /household/members/{member_id}/limit": RESIDENT,
    "POST /household/members/{member_id}/removal": RESIDENT,
    "POST /household/owner": RESIDENT,
    "GET /household/leave": RESIDENT,
    "POST /household/leave": RESIDENT,
    "POST /household/dissolution": RESIDENT,
    "GET /api/v1/household": RESIDENT,
    "POST /api/v1/household": RESIDENT,
    "PATCH /api/v1/household": RESIDENT,
    "DELETE /api/v1/household": RESIDENT,
    "GET /api/v1/household/invitation": RESIDENT,
    "POST /api/v1/household/invitation": RESIDENT,
    "DELETE /api/v1/household/invitation": RESIDENT,
    "POST /api/v1/household/invitation/lookup": RESIDENT,
    "POST /api/v1/household/membership": RESIDENT,
    "PATCH /api/v1/household/membership": RESIDENT,
    "GET /api/v1/household/membership/leaving": RESIDENT,
    "DELETE /api/v1/household/membership": RESIDENT,
    "PUT /api/v1/household/members/{member_id}/confirmation": RESIDENT,
    "PATCH /api/v1/household/members/{member_id}": RESIDENT,
    "DELETE /api/v1/household/members/{member_id}": RESIDENT,
    "POST /api/v1/household/elders": RESIDENT,
    "PUT /api/v1/household/owner": RESIDENT,
    "POST /api/v1/household/contributions": RESIDENT,
    "POST /api/v1/household/withdrawals": RESIDENT,
    # Coupons: residents, tills, the bureau.
    "GET /coupons": PUBLIC,
    "GET /coupons/{campaign_id}": PUBLIC,
    "GET /coupons/history": RESIDENT,
    "POST /coupons/{campaign_id}/claims": RESIDENT,
    "GET /coupons/tickets/{coupon_id}": RESIDENT,
    "GET /coupons/tickets/{coupon_id}/code": RESIDENT,
    "GET /coupons/tickets/{coupon_id}/kept.png": RESIDENT,
    "POST /coupons/tickets/{coupon_id}/showing": RESIDENT,
    "POST /api/v1/coupons/{campaign_id}/claims": RESIDENT,
    "GET /merchant/pairing": PUBLIC,
    "POST /merchant/pairing": PUBLIC,
    "GET /merchant": TILL,
    "POST /merchant/leave": TILL,
    "POST /merchant/reservations": TILL,
    "GET /merchant/reservations/{reservation_id}": TILL,
    "POST /merchant/reservations/{reservation_id}/release": TILL,
    "POST /merchant/redemptions": TILL,
    "GET /merchant/redemptions/{redemption_id}": TILL,
    "GET /merchant/green": TILL,
    "GET /merchant/green/now": TILL,
    "GET /merchant/settlements": TILL,
    "GET /merchant/settlements/{batch_id}/file.xlsx": TILL,
    "POST /merchant/settlements/{batch_id}/dispute": TILL,
    "POST /api/v1/redemptions": TILL,
    "GET /bureau/coupons": COUPONS,
    "GET /bureau/coupons/new": KEEP_COUPONS,
    "POST /bureau/coupons/campaigns": KEEP_COUPONS,
    "GET /bureau/coupons/campaigns/{campaign_id}": COUPONS,
    "POST /bureau/coupons/campaigns/{campaign_id}/open": LET_COUPONS,
    "POST /bureau/coupons/campaigns/{campaign_id}/close": KEEP_COUPONS,
    "GET /bureau/coupons/tickets": KEEP_COUPONS,
    "POST /bureau/coupons/tickets": KEEP_COUPONS,
    "GET /bureau/coupons/tickets/{coupon_id}": KEEP_COUPONS,
    "POST /bureau/coupons/tickets/{coupon_id}/void": KEEP_COUPONS,
    "GET /bureau/coupons/merchants": COUPONS,
    "POST /bureau/coupons/merchants": KEEP_COUPONS,
    "GET /bureau/coupons/merchants/{merchant_id}": COUPONS,
    "POST /bureau/coupons/merchants/{merchant_id}/approve": LET_COUPONS,
    "POST /bureau/coupons/merchants/{merchant_id}/suspend": KEEP_COUPONS,
    "POST /bureau/coupons/merchants/{merchant_id}/resume": KEEP_COUPONS,
    "POST /bureau/coupons/merchants/{merchant_id}/terminals": KEEP_COUPONS,
    "POST /bureau/coupons/merchants/{merchant_id}/terminals/{terminal_id}/revoke": KEEP_COUPONS,
    "GET /bureau/coupons/funders": COUPONS,
    "POST /bureau/coupons/funders": Permission.FUND_WRITE,
    "POST /bureau/coupons/funders/{funder_id}/money": Permission.FUND_WRITE,
    "GET /bureau/coupons/settlements": COUPONS,
    "POST /bureau/coupons/settlements": Permission.SETTLEMENT_DRAFT,
    "GET /bureau/coupons/settlements/{batch_id}": COUPONS,
    "GET /bureau/coupons/settlements/{batch_id}/file.xlsx": COUPONS,
    "POST /bureau/coupons/settlements/{batch_id}/approve": Permission.SETTLEMENT_APPROVE,
    "POST /bureau/coupons/settlements/{batch_id}/pay": Permission.SETTLEMENT_PAY,
    "POST /bureau/coupons/settlements/{batch_id}/dispute": Permission.SETTLEMENT_APPROVE,
    # The machine's.
    "GET /livez": PUBLIC,
    "GET /readyz": PUBLIC,
    "GET /api/v1/openapi.json": PUBLIC,
    "MOUNT /static": PUBLIC,
    # The desk.
    "GET /bureau/sign-in": PUBLIC,
    "POST /bureau/sign-in": PUBLIC,
    "POST /bureau/sign-in/again": PUBLIC,  # asks who is signed in; the code is what it is about
    "POST /bureau/sign-out": PUBLIC,
    "GET /bureau/desk": PUBLIC,  # asks who is signed in and shows nothing: it leads on
    "GET /bureau": READ,
    "GET /bureau/next": READ,
    "GET /bureau/search": READ,
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
    "GET /bureau/honours": HONOUR,
    "GET /bureau/honours/{application_id}": HONOUR,
    "POST /bureau/honours/{application_id}/{step}": HONOUR,
    "GET /bureau/plan": PLAN,
    "POST /bureau/plan/drafts": PLAN,
    "GET /bureau/plan/observations.csv": PLAN,
    "GET /bureau/plan/observations.xlsx": PLAN,
    "GET /bureau/plan/drafts/{draft_id}": PLAN,
    "POST /bureau/plan/drafts/{draft_id}/steps/{step}": PLAN,
    "POST /bureau/plan/drafts/{draft_id}/rebase": PLAN,
    "POST /bureau/plan/drafts/{draft_id}/values": PLAN,
    "POST /bureau/plan/drafts/{draft_id}/values/{value_id}/drop": PLAN,
    "GET /bureau/plan/drafts/{draft_id}/entries/{kind}": PLAN,
    "GET /bureau/plan/drafts/{draft_id}/entries/{kind}/{key}": PLAN,
    "POST /bureau/plan/drafts/{draft_id}/entries/{kind}/{key}": PLAN,
    "POST /bureau/plan/drafts/{draft_id}/documents/{document_id}/drop": PLAN,
    "POST /bureau/plan/drafts/{draft_id}/lists": PLAN,
    "GET /bureau/plan/drafts/{draft_id}/lists/{list_id}": PLAN,
    "POST /bureau/plan/drafts/{draft_id}/lists/{list_id}": PLAN,
    "GET /bureau/plan/drafts/{draft_id}/preview": PLAN,
    "GET /bureau/plan/drafts/{draft_id}/preview/articles/{number}": PLAN,
    "GET /bureau/plan/drafts/{draft_id}/preview/indicators/{key}": PLAN,
    "GET /bureau/plan/drafts/{draft_id}/preview/exposures": PLAN,
    "GET /bureau/plan/texts": PLAN,
    "POST /bureau/plan/texts": PLAN,
    "GET /bureau/plan/texts/{import_id}": PLAN,
    "POST /bureau/plan/texts/{import_id}/finds/{index}": PLAN,
    "POST /bureau/plan/texts/{import_id}/draft": PLAN,
    "GET /bureau/stations": STATION,
    "POST /bureau/stations": STATION,
    "GET /bureau/stations/new": STATION,
    "GET /bureau/stations/export.csv": STATION,
    "GET /bureau/stations/import": STATION,
    "POST /bureau/stations/import": STATION,
    "GET /bureau/stations/import/{import_id}": STATION,
    "POST /bureau/stations/import/{import_id}": STATION,
    "GET /bureau/stations/{code}": STATION,
    "POST /bureau/stations/{code}": STATION,
    "POST /bureau/stations/{code}/closure": STATION,
    "POST /bureau/stations/{code}/restore": STATION,
    "POST /bureau/stations/{code}/retire": STATION,
    "GET /green/quiz": RESIDENT,
    "POST /green/quiz": RESIDENT,
    "GET /green/at/{site_code}": RESIDENT,
    "POST /green/at/{site_code}": RESIDENT,
    "GET /green/at/{site_code}/visits/{visit_id}": RESIDENT,
    "GET /bureau/duty": Permission.DUTY_WRITE,
    "POST /bureau/duty": Permission.DUTY_WRITE,
    "POST /bureau/duty/end": Permission.DUTY_WRITE,
    "GET /bureau/attend": ATTEND,
    "GET /bureau/attend/{code}": ATTEND,
    "GET /bureau/attend/{code}/now": ATTEND,
    "POST /bureau/attend/{code}/people": ATTEND,
    "POST /bureau/attend/{code}/visits/{visit_id}": ATTEND,
    "GET /bureau/activities/import": LISTS,
    "POST /bureau/activities/import": LISTS,
    "GET /bureau/activities/import/{import_id}": LISTS,
    "POST /bureau/activities/import/{import_id}": LISTS,
    "GET /bureau/activities/moderation": MODERATE,
    "POST /bureau/activities/moderation": MODERATE,
    "GET /bureau/activities/appeals": MODERATE,
    "GET /bureau/activities/confirmations": MODERATE,
    "GET /bureau/activities/{activity_id}": MODERATE,
    "POST /bureau/activities/{activity_id}/appeal": MODERATE,
    "POST /bureau/activities/{activity_id}/reversal": MODERATE,
    "GET /bureau/activities/photos/{photo_id}/{size}": MODERATE,
}
STAFF = {name: permission for name, permission in TABLE.items() if isinstance(permission, Permission)}
TILLS = [name for name, who in TABLE.items() if who == TILL]
RESIDENTS = [name for name, who in TABLE.items() if who == RESIDENT]
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


def demanded(known: KnownRoute) -> set[str]:
    """Return the permissions, or the resident, that a route's signature asks for."""
    found = calls_of(known.dependant)
    permissions: set[str] = {guard.permission for guard in found if isinstance(guard, Requires)}
    residents = {RESIDENT} if {require_resident, asks_resident} & found else set[str]()
    return permissions | residents | ({TILL} if require_till in found else set())


def filled(path: str, *, other: object, **known: object) -> str:
    """Return the address of a route; what it names and the test does not have is nobody's."""
    return re.sub(r"\{(\w+)\}", lambda field: str(known.get(field[1], other)), path)


def call(desk: Desk, name: str, case: Case) -> Response:
    """Call a route of the desk on `case`."""
    method, path = name.split(" ", 1)
    address = filled(path, number=case.number, size=160, code="QZ-1", step="propose", other=case.id)
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
    wanted = {name: {permission} if permission else set[str]() for name, permission in TABLE.items()}
    assert asked == {name: wanted[name] for name in asked}


def test_everything_of_an_account_asks_for_its_owner():
    account = re.compile(r"\w+ (/api/v1)?/account(/(?!sign-in|sign-out$|deleted|codes$|sessions/current|sessions$)|$)")
    assert {name for name in TABLE if account.match(name)} - set(RESIDENTS) == set()


@pytest.mark.parametrize("name", RESIDENTS)
def test_a_residents_page_is_closed_without_a_sign_in(client: TestClient, name: str):
    """S-14."""
    method, path = name.split(" ", 1)
    path = filled(path, other=new_id())
    if path.startswith("/api/"):
        answer = client.request(method, path, json={} if method != "GET" else None)
    else:
        form = {"csrf_token": token_on(client, "/help")}
        answer = client.get(path) if method == "GET" else client.post(path, data=form)
    if method == "GET" and answer.status_code == 303:
        assert answer.headers["location"].startswith("/account/sign-in?next=")
    else:
        assert answer.status_code == 401


@pytest.mark.parametrize("name", TILLS)
def test_a_tills_page_is_closed_to_whoever_is_not_paired(resident_client: TestClient, name: str):
    """S-14: a resident is no merchant either."""
    method, path = name.split(" ", 1)
    path = filled(path, other=new_id())
    if path.startswith("/api/"):
        answer = resident_client.request(method, path, json={"id": str(new_id()), "code": "123456"})
    elif method == "GET":
        answer = resident_client.get(path)
    else:
        answer = resident_client.post(path, data={"csrf_token": token_on(resident_client, "/help")})
    if method == "GET":
        assert answer.headers["location"].startswith("/merchant/pairing?next=")
    else:
        assert answer.status_code == 401


def test_everything_below_the_desk_asks_for_a_right():
    desk = re.compile(r"\w+ (/api/v1)?/bureau(/(?!sign-|desk$)|$)")
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
    rest = frozenset(Permission) - {STAFF[name]}
    monkeypatch.setattr(actors, "PERMISSIONS", {Role.CITY_TRIAGE: rest})
    before = desk.now(case).model_dump()
    assert call(desk, name, case).status_code == 403
    assert desk.now(case).model_dump() == before
    denied = session.exec(select(AuditEntry).where(AuditEntry.action == "authz_denied")).all()
    assert [entry.facts for entry in denied] == [{"permission": STAFF[name]}]
