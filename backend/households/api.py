"""A household for programs: the same verbs as the pages."""

from uuid import UUID

from fastapi import APIRouter, Request

from backend.accounts.residents.guards import ResidentDep
from backend.core.actor import Actor
from backend.core.db import SessionDep
from backend.households import invites, pool, queries, rules, service, views
from backend.households.errors import NotInHousehold
from backend.households.invites import Invitation
from backend.households.queries import Member
from backend.households.schemas import (
    AskToJoin,
    ChooseShare,
    HandOver,
    HouseholdOut,
    InvitedOut,
    InviteOut,
    LeavingOut,
    LimitMember,
    LookUpInvite,
    LotOut,
    MakeInvite,
    MemberOut,
    MovedOut,
    MovePoints,
    NameHousehold,
    StartHousehold,
    TakeBack,
    TakeElder,
)
from backend.households.texts import SHARED
from backend.web.csrf import ApiGuard
from backend.web.preferences import preferences_of
from backend.web.ratelimit import limited
from backend.web.templates import translate

router = APIRouter(prefix="/api/v1/household", dependencies=[ApiGuard], tags=["household"])


@router.get("")
def household(session: SessionDep, actor: ResidentDep) -> HouseholdOut:
    """Tell the household, or that one waits to be let in."""
    return _told(session, actor)


@router.post("", status_code=201, dependencies=[limited("household")])
def create(session: SessionDep, actor: ResidentDep, form: StartHousehold) -> HouseholdOut:
    """Start a household and look after it."""
    service.create(session, actor, form.id, form.name, share=form.share)
    return _told(session, actor)


@router.patch("", dependencies=[limited("household")])
def rename(session: SessionDep, actor: ResidentDep, form: NameHousehold) -> HouseholdOut:
    """Give it another name."""
    service.rename(session, actor, form.name)
    return _told(session, actor)


@router.delete("")
def dissolve(session: SessionDep, actor: ResidentDep) -> MovedOut:
    """End it; everybody's unspent points go home."""
    return MovedOut(amount=service.dissolve(session, actor))


@router.get("/invitation")
def invitation(request: Request, session: SessionDep, actor: ResidentDep) -> InviteOut | None:
    """Tell the code that works now, if there is one."""
    found = invites.current(session, actor)
    return _invite_out(request, found) if found else None


@router.post("/invitation", status_code=201, dependencies=[limited("household")])
def invite(request: Request, session: SessionDep, actor: ResidentDep, form: MakeInvite) -> InviteOut:
    """Make a code; the one before it ends."""
    return _invite_out(request, invites.invite(session, actor, form.id))


@router.delete("/invitation", status_code=204)
def end_invite(session: SessionDep, actor: ResidentDep) -> None:
    """Let the code work no more."""
    invites.end_invite(session, actor)


@router.post("/invitation/lookup", dependencies=[limited("household")])
def look_up(request: Request, session: SessionDep, actor: ResidentDep, form: LookUpInvite) -> InvitedOut:
    """Tell whose household it is and what is shared there. The code stands in the body, never in an address."""
    invited = invites.look_up(session, actor, form.code)
    lang = preferences_of(request).lang
    shared = [translate(lang, sentence) for _, sentence in SHARED]
    return InvitedOut(name=invited.name, owner=invited.owner, members=invited.members, shared=shared)


@router.post("/membership", status_code=202, dependencies=[limited("household")])
def join(session: SessionDep, actor: ResidentDep, form: AskToJoin) -> HouseholdOut:
    """Agree to what is shared and ask to come in; the owner confirms."""
    invites.join(session, actor, form.id, form.code, agreed=form.agreed, share=form.share)
    return _told(session, actor)


@router.patch("/membership", dependencies=[limited("household")])
def choose_share(session: SessionDep, actor: ResidentDep, form: ChooseShare) -> HouseholdOut:
    """Choose how much of what one earns goes in by itself."""
    pool.set_share(session, actor, form.share)
    return _told(session, actor)


@router.get("/membership/leaving")
def preview(session: SessionDep, actor: ResidentDep) -> LeavingOut:
    """Tell exactly what would come back."""
    home = views.required_home(session, actor)
    leaving = queries.leaving(session, home.household.id, home.me.resident_id)
    lots = [LotOut.model_validate(one) for one in leaving.lots]
    return LeavingOut(amount=leaving.amount, held=leaving.held, lots=lots, needs_successor=home.is_owner)


@router.delete("/membership")
def leave(session: SessionDep, actor: ResidentDep) -> MovedOut:
    """Leave, or ask no longer; the own unspent points come along."""
    if views.waiting_for(session, actor):
        invites.withdraw_request(session, actor)
        return MovedOut(amount=0)
    return MovedOut(amount=service.leave(session, actor))


@router.put("/members/{member_id}/confirmation", dependencies=[limited("household")])
def confirm(session: SessionDep, actor: ResidentDep, member_id: UUID) -> HouseholdOut:
    """Let somebody in who asked."""
    invites.confirm(session, actor, member_id)
    return _told(session, actor)


@router.patch("/members/{member_id}", dependencies=[limited("household")])
def set_limit(session: SessionDep, actor: ResidentDep, member_id: UUID, form: LimitMember) -> HouseholdOut:
    """Set what a minor can use in a day."""
    service.set_daily_limit(session, actor, member_id, form.daily_limit)
    return _told(session, actor)


@router.delete("/members/{member_id}")
def remove(session: SessionDep, actor: ResidentDep, member_id: UUID) -> MovedOut:
    """End another's stay, or refuse one who asked."""
    return MovedOut(amount=service.remove(session, actor, member_id))


@router.post("/elders", status_code=201, dependencies=[limited("household")])
def add_elder(session: SessionDep, actor: ResidentDep, form: TakeElder) -> HouseholdOut:
    """Take along an elder without a phone."""
    service.add_elder(session, actor, form.id, form.nickname, agreed=form.agreed)
    return _told(session, actor)


@router.put("/owner", dependencies=[limited("household")])
def hand_over(session: SessionDep, actor: ResidentDep, form: HandOver) -> HouseholdOut:
    """Let another member look after the household."""
    service.hand_over(session, actor, form.member_id)
    return _told(session, actor)


@router.post("/contributions", status_code=201, dependencies=[limited("household")])
def contribute(session: SessionDep, actor: ResidentDep, form: MovePoints) -> MovedOut:
    """Put own points in."""
    return MovedOut(amount=pool.contribute(session, actor, form.id, form.amount).amount)


@router.post("/withdrawals", status_code=201, dependencies=[limited("household")])
def withdraw(session: SessionDep, actor: ResidentDep, form: TakeBack) -> MovedOut:
    """Take own unspent points back."""
    return MovedOut(amount=pool.withdraw_own(session, actor, form.id, form.amount).amount)


def _told(session: SessionDep, actor: Actor) -> HouseholdOut:
    home = views.home_of(session, actor)
    if home is None:
        asked = views.waiting_for(session, actor)
        if asked is None:
            raise NotInHousehold
        stay, waited_for = asked
        return HouseholdOut(
            id=waited_for.id,
            name=waited_for.name,
            is_waiting=True,
            is_owner=False,
            share=stay.share,
            pooled=0,
            next_expiry=None,
            next_amount=0,
            members=[],
        )
    return HouseholdOut(
        id=home.household.id,
        name=home.household.name,
        is_waiting=False,
        is_owner=home.is_owner,
        share=home.me.share,
        pooled=home.pool.available,
        next_expiry=home.pool.next_expiry,
        next_amount=home.pool.next_amount,
        members=[_member_out(home, one) for one in home.members if home.is_owner or not one.is_waiting],
    )


def _member_out(home: views.Home, one: Member) -> MemberOut:
    is_me = one.id == home.me.id
    return MemberOut(
        id=one.id,
        nickname=one.nickname,
        kind=one.kind,
        is_owner=one.is_owner,
        is_minor=one.is_minor,
        is_waiting=one.is_waiting,
        is_me=is_me,
        in_pool=one.in_pool,
        is_lit=one.is_lit,
        daily_limit=one.daily_limit if home.is_owner or is_me else None,
    )


def _invite_out(request: Request, made: Invitation) -> InviteOut:
    code = rules.shown_code(made.code)
    return InviteOut(code=code, link=views.link_of(request, made.code), expires_at=made.expires_at, left=made.left)
