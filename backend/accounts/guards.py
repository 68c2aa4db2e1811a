"""Who may call a route: the route declares its demand in its signature, the denial is recorded here.

The guards read the session on a short connection of their own. One kept open between a dependency and its route would
wait for a thread while the threads wait for connections.
"""

from typing import Annotated

from fastapi import Depends
from sqlmodel import Session
from starlette.requests import Request

from backend.accounts import queries, service
from backend.accounts.rules import is_proven
from backend.audit import service as audit
from backend.core import clock
from backend.core.actor import Actor, Permission
from backend.core.db import session_scope
from backend.core.errors import Forbidden
from backend.web import ratelimit, sessions
from backend.web.errors import SignInNeeded, StepUpNeeded
from backend.web.forms import FormDep
from backend.web.sessions import Audience

SIGN_IN_PATH = "/bureau/sign-in"
STEP_UP_PATH = "/bureau/sign-in/again"
STEP_UP_FIELD = "step_up_code"
DENIED = "authz_denied"


def find_staff(request: Request) -> Actor | None:
    """Return the member of staff who is signed in, for pages that differ for them; most routes want `StaffDep`."""
    token_digest = sessions.presented(request, Audience.STAFF)
    if token_digest is None:
        return None
    with session_scope() as session:
        actor = queries.signed_in(session, token_digest)
    if actor:
        request.scope["green.staff"] = str(actor.id)
        request.scope["green.desk"] = actor.desk
    return actor


def require_staff(request: Request) -> Actor:
    """Return the member of staff who is signed in, or ask for a sign-in."""
    actor = find_staff(request)
    if actor is None:
        raise SignInNeeded(SIGN_IN_PATH)
    return actor


StaffDep = Annotated[Actor, Depends(require_staff)]


class Requires:
    """A dependency that lets through only roles with `permission`; tests read the attribute."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    def __call__(self, actor: StaffDep, request: Request) -> Actor:
        """Return who acts, or record the denial."""
        if not actor.may(self.permission):
            record_denial(actor, self.permission, _route_of(request))
            raise Forbidden
        return actor


class RequiresProof(Requires):
    """A dependency that also wants the second factor of a moment ago: for what moves money (S-10).

    The code comes in the same form: it is asked for on a page that keeps what was typed, and one tap later it is done.
    """

    def __call__(  # pyright: ignore[reportIncompatibleMethodOverride] -- called by FastAPI alone, which reads the signature
        self, actor: StaffDep, request: Request, form: FormDep
    ) -> Actor:
        """Return who acts and has just proven it, or ask for the code."""
        actor = super().__call__(actor, request)
        if is_proven(actor.proven_at, clock.now()):
            return actor
        code = form.get(STEP_UP_FIELD)
        if not isinstance(code, str) or not code.strip():
            raise StepUpNeeded(STEP_UP_FIELD, STEP_UP_PATH)
        step_up(request, actor, code)
        return actor


def step_up(request: Request, actor: Actor, code: str) -> None:
    """Take the code in a transaction of its own: what is wrong is recorded, and what is right stays spent."""
    ratelimit.use("step_up", str(actor.id))
    token_digest = sessions.presented(request, Audience.STAFF)
    assert token_digest is not None
    with session_scope() as session:
        proven = service.prove(session, actor, token_digest, code)
    if not proven:
        raise StepUpNeeded(STEP_UP_FIELD, STEP_UP_PATH, is_wrong=True)


def requires(permission: Permission) -> Requires:
    """Return the guard for `Annotated[Actor, Depends(requires(Permission.X))]`."""
    return Requires(permission)


def requires_proof(permission: Permission) -> RequiresProof:
    """Return the guard for what moves money."""
    return RequiresProof(permission)


MayAttend = Annotated[Actor, Depends(requires(Permission.ACTIVITY_ATTEND))]
MayImportActivities = Annotated[Actor, Depends(requires(Permission.ACTIVITY_IMPORT))]
MayModerate = Annotated[Actor, Depends(requires(Permission.ACTIVITY_MODERATE))]
MayAnswerCases = Annotated[Actor, Depends(requires(Permission.CASE_ANSWER))]
MayDecideCases = Annotated[Actor, Depends(requires(Permission.CASE_DECIDE))]
MayMoveCases = Annotated[Actor, Depends(requires(Permission.CASE_MOVE))]
MayReadCases = Annotated[Actor, Depends(requires(Permission.CASE_READ))]
MayReferCases = Annotated[Actor, Depends(requires(Permission.CASE_REFER))]
MayReviewHonours = Annotated[Actor, Depends(requires(Permission.HONOUR_REVIEW))]
MayAppointAttendants = Annotated[Actor, Depends(requires(Permission.DUTY_WRITE))]
MayEditStations = Annotated[Actor, Depends(requires(Permission.STATION_EDIT))]
MayApproveCoupons = Annotated[Actor, Depends(requires(Permission.COUPON_APPROVE))]
MayReadCoupons = Annotated[Actor, Depends(requires(Permission.COUPON_READ))]
MayWriteCoupons = Annotated[Actor, Depends(requires(Permission.COUPON_WRITE))]
MayWriteFunds = Annotated[Actor, Depends(requires(Permission.FUND_WRITE))]
MayApproveSettlements = Annotated[Actor, Depends(requires(Permission.SETTLEMENT_APPROVE))]
MayDraftSettlements = Annotated[Actor, Depends(requires(Permission.SETTLEMENT_DRAFT))]
ProvenCouponApprover = Annotated[Actor, Depends(requires_proof(Permission.COUPON_APPROVE))]
ProvenFundWriter = Annotated[Actor, Depends(requires_proof(Permission.FUND_WRITE))]
ProvenSettlementApprover = Annotated[Actor, Depends(requires_proof(Permission.SETTLEMENT_APPROVE))]
ProvenSettlementPayer = Annotated[Actor, Depends(requires_proof(Permission.SETTLEMENT_PAY))]
ProvenSettlementReader = Annotated[Actor, Depends(requires_proof(Permission.COUPON_READ))]
MayReadPhotos = Annotated[Actor, Depends(requires(Permission.PHOTO_READ))]


def note_denied(session: Session, actor: Actor, what: str, subject: str) -> None:
    """Record a denial that a route finds out later (a foreign county); the request's own changes are undone first."""
    session.rollback()
    record_denial(actor, what, subject)


def record_denial(actor: Actor, what: str, subject: str) -> None:
    """Write the denial in a transaction of its own, because the request's will be rolled back."""
    with session_scope() as session:
        audit.record(session, actor, DENIED, subject, permission=str(what))


def _route_of(request: Request) -> str:
    return f"{request.method} {getattr(request.scope.get('route'), 'path', request.url.path)}"


MayEditPlan = Annotated[Actor, Depends(requires(Permission.PLAN_EDIT))]
MayApprovePlan = Annotated[Actor, Depends(requires(Permission.PLAN_APPROVE))]
