"""Coming in: the owner gives a code, who has it agrees to what is shared, and the owner confirms."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from backend.accounts.residents import queries as accounts
from backend.accounts.residents import service as residents
from backend.accounts.residents.models import Resident
from backend.accounts.residents.rules import AgeGroup
from backend.accounts.residents.rules import subject_of as inbox_of
from backend.audit import service as audit
from backend.core import clock
from backend.core.actor import Actor
from backend.core.crypto import get_keys
from backend.core.errors import NotFound
from backend.households import queries, rules
from backend.households.errors import (
    ConsentMissing,
    CoolingOff,
    HouseholdFull,
    HouseholdIdTaken,
    InHouseholdAlready,
    InviteMistyped,
    InviteUnknown,
    MemberUnknown,
    NotInHousehold,
    OwnerOnly,
)
from backend.households.models import Household, HouseholdInvite, HouseholdMember
from backend.households.rules import INVITE_LIFE, INVITE_USES, MINOR_LIMIT, EndReason, MemberKind, Share
from backend.notices import service as notices
from backend.notices.texts import NoticeCode
from backend.web import ratelimit

INVITES_KEPT = timedelta(days=365)


@dataclass(frozen=True)
class Invitation:
    """A code to show: by itself, or in a QR."""

    code: str
    expires_at: datetime
    left: int


@dataclass(frozen=True)
class Invited:
    """What somebody with a code may know before agreeing."""

    household_id: UUID
    name: str
    owner: str
    members: int


def invite(session: Session, actor: Actor, invite_id: UUID) -> Invitation:
    """Make a code, and end the one before it. The same id gives the same code."""
    household = locked_as_owner(session, actor)
    made = session.get(HouseholdInvite, invite_id, populate_existing=True)
    if made is not None:
        if made.household_id != household.id:
            raise HouseholdIdTaken
        return _shown(made)
    _end_invites(session, household.id)
    now = clock.now()
    made = HouseholdInvite(
        id=invite_id,
        household_id=household.id,
        code_digest=_digest_of(_code_of(invite_id)),
        most=INVITE_USES,
        created_at=now,
        expires_at=now + INVITE_LIFE,
    )
    session.add(made)
    session.flush()
    audit.record(session, actor, "household_invite_made", rules.subject_of(household.id))
    return _shown(made)


def current(session: Session, actor: Actor) -> Invitation | None:
    """Return the code that works now, for the owner to show again."""
    household = queries.required_household(session, actor)
    if household.owner_id != actor.id:
        raise OwnerOnly
    live = queries.live_invite(session, household.id)
    return _shown(live) if live else None


def end_invite(session: Session, actor: Actor) -> None:
    """Let the code work no more; who has asked with it already still waits."""
    household = locked_as_owner(session, actor)
    _end_invites(session, household.id)


def look_up(session: Session, actor: Actor, code: str) -> Invited:
    """Tell whose household it is; tries are counted, and whatever does not work gets one answer."""
    assert actor.id is not None
    ratelimit.use("household_tries", str(actor.id))
    found = _usable(session, code)
    household = session.get_one(Household, found.household_id, populate_existing=True)
    return Invited(
        household_id=household.id,
        name=household.name,
        owner=accounts.names_of(session, [household.owner_id])[household.owner_id],
        members=_count(session, household.id),
    )


def join(session: Session, actor: Actor, stay_id: UUID, code: str, *, agreed: bool, share: Share) -> HouseholdMember:
    """Agree to what is shared and ask to come in; the owner confirms. The same request gets the same answer."""
    assert actor.id is not None
    if not agreed:
        raise ConsentMissing(fields={"agreed": ConsentMissing.message})
    ratelimit.use("household_tries", str(actor.id))
    if before := _asked_before(session, actor, stay_id):
        return before
    residents.require_earning(session, actor.id)
    found = _find(session, code)
    # The same request may have come in a moment ago and taken the code's last place.
    if found is None and (before := _asked_before(session, actor, stay_id)):
        return before
    if found is None:
        raise InviteUnknown
    still_there(session, actor.id)
    household = locked(session, found.household_id)
    # Once more behind the lock: five at once must not be six, and the same request at once is one.
    if before := _asked_before(session, actor, stay_id):
        return before
    found = _usable(session, code)
    stay = take_in(session, household, stay_id, actor.id, MemberKind.OWN, share)
    session.execute(
        update(HouseholdInvite).where(col(HouseholdInvite.id) == found.id).values(used=HouseholdInvite.used + 1)
    )
    audit.record(session, actor, "household_asked", rules.subject_of(household.id), terms=rules.TERMS)
    notices.tell(session, [inbox_of(household.owner_id)], NoticeCode.HOUSEHOLD_ASKED)
    return stay


def take_in(
    session: Session, household: Household, stay_id: UUID, resident_id: UUID, kind: MemberKind, share: Share
) -> HouseholdMember:
    """Add the stay to a locked household: one at a time, not too soon, and only where there is room."""
    if _count(session, household.id) >= rules.MOST_MEMBERS:
        raise HouseholdFull
    added = session.execute(
        insert(HouseholdMember)
        .values(
            id=stay_id,
            household_id=household.id,
            resident_id=resident_id,
            kind=kind,
            share=share,
            terms=rules.TERMS,
            agreed_at=clock.now(),
        )
        # Two at once wait for each other here, so what is read below is what the other left behind.
        .on_conflict_do_nothing(index_elements=["resident_id"], index_where=col(HouseholdMember.ended_at).is_(None))
        .returning(col(HouseholdMember.id))
    ).first()
    if added is None:
        raise InHouseholdAlready
    left_at = queries.last_left_at(session, resident_id, besides=household.id)
    if left_at is not None and left_at + rules.COOLING_OFF > clock.now():
        raise CoolingOff(day=rules.free_from(left_at).isoformat())
    return session.get_one(HouseholdMember, stay_id, populate_existing=True)


def confirm(session: Session, actor: Actor, member_id: UUID) -> None:
    """Let somebody in who asked; again: nothing happens."""
    household = locked_as_owner(session, actor)
    stay = queries.member_of(session, household.id, member_id)
    if stay.confirmed_at is not None:
        return
    stay.confirmed_at = clock.now()
    if session.exec(select(Resident.age_group).where(col(Resident.id) == stay.resident_id)).one() is AgeGroup.MINOR:
        stay.daily_limit = MINOR_LIMIT
    session.flush()
    audit.record(session, actor, "household_member_confirmed", rules.subject_of(household.id), stay=str(stay.id))
    notices.tell(session, [inbox_of(stay.resident_id)], NoticeCode.HOUSEHOLD_LET_IN)


def decline(session: Session, actor: Actor, member_id: UUID) -> None:
    """Do not let somebody in who asked; they can ask elsewhere at once."""
    household = locked_as_owner(session, actor)
    stay = queries.member_of(session, household.id, member_id)
    if stay.confirmed_at is not None:
        raise MemberUnknown
    refuse(session, stay)
    audit.record(session, actor, "household_member_declined", rules.subject_of(household.id), stay=str(stay.id))


def withdraw_request(session: Session, actor: Actor) -> None:
    """Ask no longer; nothing was shared yet, so nobody has to wait."""
    stay = queries.membership_of(session, actor.id, lock=True) if actor.id else None
    if stay is None or stay.confirmed_at is not None:
        raise NotInHousehold
    end(session, stay, EndReason.WITHDRAWN)
    audit.record(session, actor, "household_request_withdrawn", rules.subject_of(stay.household_id))


def sweep(session: Session) -> None:
    """Remove invitations that ended a year ago."""
    session.execute(delete(HouseholdInvite).where(col(HouseholdInvite.expires_at) < clock.now() - INVITES_KEPT))


def end(session: Session, stay: HouseholdMember, how: EndReason) -> None:
    """Note that a stay has ended."""
    stay.ended_at, stay.ended_how = clock.now(), how
    session.flush()


def refuse(session: Session, stay: HouseholdMember) -> None:
    """End the stay of somebody who only asked, and tell them."""
    end(session, stay, EndReason.DECLINED)
    notices.tell(session, [inbox_of(stay.resident_id)], NoticeCode.HOUSEHOLD_NOT_LET_IN)


def locked(session: Session, household_id: UUID) -> Household:
    """Return the household, locked against every other change of its members."""
    query = select(Household).where(col(Household.id) == household_id).with_for_update(key_share=True)
    household = session.exec(query.execution_options(populate_existing=True)).one()
    if household.dissolved_at is not None:
        raise NotInHousehold
    return household


def locked_as_member(session: Session, actor: Actor) -> Household:
    """Return the actor's own household, locked, and still the actor's own behind the lock."""
    household = locked(session, queries.required_household(session, actor).id)
    if actor.id is None or queries.group_of(session, actor.id) != household.id:
        raise NotInHousehold
    return household


def locked_as_owner(session: Session, actor: Actor) -> Household:
    """Return the household that the actor looks after, locked."""
    household = locked_as_member(session, actor)
    if household.owner_id != actor.id:
        raise OwnerOnly
    return household


def still_there(session: Session, resident_id: UUID) -> None:
    """Hold the account against being deleted meanwhile."""
    query = (
        select(Resident.deleted_at).where(col(Resident.id) == resident_id).with_for_update(read=True, key_share=True)
    )
    if session.exec(query).one() is not None:
        raise NotFound


def _asked_before(session: Session, actor: Actor, stay_id: UUID) -> HouseholdMember | None:
    before = session.get(HouseholdMember, stay_id, populate_existing=True)
    if before is not None and before.resident_id != actor.id:
        raise HouseholdIdTaken
    return before


def _usable(session: Session, typed: str) -> HouseholdInvite:
    found = _find(session, typed)
    if found is None:
        raise InviteUnknown
    return found


def _find(session: Session, typed: str) -> HouseholdInvite | None:
    code = rules.read_invite(typed)
    if code is None:
        raise InviteMistyped(fields={"code": InviteMistyped.message})
    found = session.exec(
        select(HouseholdInvite)
        .where(col(HouseholdInvite.code_digest) == _digest_of(code))
        .execution_options(populate_existing=True)
    ).first()
    is_usable = found and found.ended_at is None and found.expires_at > clock.now() and found.used < found.most
    return found if is_usable else None


def _end_invites(session: Session, household_id: UUID) -> None:
    live = col(HouseholdInvite.household_id) == household_id, col(HouseholdInvite.ended_at).is_(None)
    session.execute(update(HouseholdInvite).where(*live).values(ended_at=clock.now()))


def _count(session: Session, household_id: UUID) -> int:
    live = col(HouseholdMember.household_id) == household_id, col(HouseholdMember.ended_at).is_(None)
    return session.exec(select(func.count()).select_from(HouseholdMember).where(*live)).one()


def _code_of(invite_id: UUID) -> str:
    return rules.invite_code(lambda tries: get_keys().digest("household-invite", invite_id.bytes + bytes([tries])))


def _digest_of(code: str) -> bytes:
    return get_keys().digest("household-invite-code", code.encode())


def _shown(made: HouseholdInvite) -> Invitation:
    return Invitation(_code_of(made.id), made.expires_at, made.most - made.used)
