"""Green activities and points for programs: the same verbs as the pages."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict
from sqlmodel import Session

from backend.accounts.residents.guards import AsksResident, ResidentDep, resident_of
from backend.activities import intake, queries, rules, service, settling
from backend.activities.schemas import ActivityOut, Appeal, Donate, LogActivity
from backend.cities import city
from backend.core import clock
from backend.core.db import SessionDep, transact
from backend.ledger import queries as ledger
from backend.ledger import roots
from backend.ledger.rules import AccountRef, TransactionKind, TransactionState
from backend.web.addresses import client_address
from backend.web.csrf import ApiGuard
from backend.web.pagination import DEFAULT_PAGE, PageSize, read_cursor, write_cursor
from backend.web.preferences import preferences_of
from backend.web.ratelimit import limit as take_token
from backend.web.ratelimit import limited

router = APIRouter(prefix="/api/v1", dependencies=[ApiGuard], tags=["points"])


class LoggedOut(BaseModel):
    """What became of an entry. `activity` is null when the cap was full already: nothing was logged, nothing is wrong."""

    activity: ActivityOut | None
    left: float
    """How many units still count in this day or month."""


class BehaviourOut(BaseModel):
    """A green behaviour, with how much of it the caller has done in the span of its cap."""

    code: str
    rule: str
    name: str
    unit: str
    icon: str
    article: int
    points: int
    evidence: list[str]
    most: float
    used: float
    is_monthly: bool


class LineOut(BaseModel):
    """One line of the history: why, when, how much, by whom, by which rule."""

    model_config = ConfigDict(from_attributes=True)

    amount: int
    pending: int
    kind: TransactionKind
    state: TransactionState
    subject: str
    rule: str | None
    by: str
    at: datetime
    good_until: date | None


class PointsOut(BaseModel):
    """What the caller has, and the latest lines."""

    available: int
    pending: int
    owed: int
    expires_next_on: date | None
    expires_next: int
    lines: list[LineOut]
    next: str | None


class AppealOut(BaseModel):
    """An appeal and what came of it."""

    model_config = ConfigDict(from_attributes=True)

    activity_id: UUID
    at: datetime
    words: str
    decided_at: datetime | None
    is_granted: bool | None
    answer: str


class DonatedOut(BaseModel):
    """Points that were given away."""

    points: int


@router.post("/activities", status_code=201, response_model=LoggedOut, dependencies=[AsksResident])
async def log(request: Request, form: LogActivity) -> Response:
    """Log something green. The same body again gives the same answer; another one under that id is a 409.

    201 with the entry; 200 without one when the cap was full.
    """
    # The busiest call: one change of threads for the limit, the sign-in, the books and the commit.
    address = client_address(request)

    def work(session: Session) -> LoggedOut:
        take_token("activity", address)
        logged = intake.log(session, city(), resident_of(request, session), form)
        found = ActivityOut.of(logged.activity) if logged.activity else None
        return LoggedOut(activity=found, left=logged.left / rules.UNIT)

    told = await transact(work)
    return Response(told.model_dump_json(), 201 if told.activity else 200, media_type="application/json")


@router.get("/activities", dependencies=[limited("read")])
def mine(session: SessionDep, actor: ResidentDep) -> list[ActivityOut]:
    """List what the caller logged last."""
    assert actor.id is not None
    return [ActivityOut.of(one) for one in queries.latest_of(session, actor.id)]


@router.get("/behaviours", dependencies=[limited("read")])
def behaviours(request: Request, session: SessionDep, actor: ResidentDep) -> list[BehaviourOut]:
    """List what counts today, with what the caller has done of it."""
    today, lang = clock.today(), preferences_of(request).lang
    known = city().behaviours(today)
    used = queries.uses(session, actor.id, known, today)
    return [
        BehaviourOut(
            code=one.code,
            rule=one.rule,
            name=one.name(lang),
            unit=one.unit(lang),
            icon=one.icon,
            article=one.article,
            points=one.points,
            evidence=list(one.evidence),
            most=used[one.code].most / rules.UNIT,
            used=used[one.code].used / rules.UNIT,
            is_monthly=used[one.code].is_monthly,
        )
        for one in known
    ]


@router.post("/activities/{activity_id}/undo")
def undo(session: SessionDep, actor: ResidentDep, activity_id: UUID) -> ActivityOut:
    """Take back what was logged minutes ago; again: the same answer."""
    return ActivityOut.of(service.undo(session, city(), actor, activity_id))


@router.post("/activities/{activity_id}/appeal", status_code=201)
def appeal(session: SessionDep, actor: ResidentDep, activity_id: UUID, form: Appeal) -> AppealOut:
    """Object to a refusal; the same words again give the same answer."""
    return AppealOut.model_validate(settling.appeal(session, city(), actor, activity_id, form))


@router.get("/points", dependencies=[limited("read")])
def points(
    session: SessionDep,
    actor: ResidentDep,
    limit: PageSize = DEFAULT_PAGE,
    after: Annotated[str | None, Query(max_length=1000)] = None,
) -> PointsOut:
    """Tell the balance and one page of the history, latest first."""
    assert actor.id is not None
    account = AccountRef.of_resident(actor.id)
    balance = ledger.balance_of(session, account)
    cursor = read_cursor(after)
    lines, following = ledger.history(session, account, cursor[0] if cursor else None, limit)
    return PointsOut(
        available=balance.available,
        pending=balance.pending_in,
        owed=balance.owed,
        expires_next_on=balance.next_expiry,
        expires_next=balance.next_amount,
        lines=[
            LineOut(
                amount=line.amount,
                pending=line.pending_in - line.pending_out,
                kind=line.kind,
                state=line.state,
                subject=line.subject,
                rule=line.facts.get("rule"),
                by=line.actor.partition(":")[0],
                at=line.recorded_at,
                good_until=line.lot_expires_on,
            )
            for line in lines
        ],
        next=write_cursor(following) if following else None,
    )


@router.get("/points/roots", dependencies=[limited("read")])
def published_roots(session: SessionDep, before: Annotated[int | None, Query(ge=1)] = None) -> list[dict[str, Any]]:
    """List the signed digests over all accounts, latest first: copies elsewhere are what makes the books trustworthy."""
    return [roots.as_json(one) for one in roots.recent(session, before)]


@router.post("/points/donations", status_code=201)
def donate(session: SessionDep, actor: ResidentDep, form: Donate) -> DonatedOut:
    """Give points to a cause."""
    return DonatedOut(points=service.donate(session, city(), actor, form).amount)
