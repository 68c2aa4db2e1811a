"""What is done with a household as a whole: start it, name it, take an elder along, hand it over, leave it, end it."""

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from backend.accounts.residents import proxies
from backend.accounts.residents import service as residents
from backend.accounts.residents.models import Resident
from backend.accounts.residents.parts import exports, forgets
from backend.accounts.residents.rules import AgeGroup, Language
from backend.audit import service as audit
from backend.core import clock
from backend.core.actor import Actor
from backend.households import invites, pool, queries, rules
from backend.households.errors import (
    ConsentMissing,
    EldersFull,
    HouseholdIdTaken,
    MemberUnknown,
    NotForElders,
    OfAgeOnly,
    SuccessorNeeded,
)
from backend.households.models import Household, HouseholdInvite, HouseholdMember
from backend.households.rules import EndReason, MemberKind, Share


def create(session: Session, actor: Actor, household_id: UUID, name: str, *, share: Share = Share.NONE) -> Household:
    """Start a household and look after it; the same request gets the same answer."""
    assert actor.id is not None
    name = rules.read_name(name)
    before = session.get(Household, household_id, populate_existing=True)
    if before is not None:
        if (before.owner_id, before.name) != (actor.id, name):
            raise HouseholdIdTaken
        return before
    residents.require_earning(session, actor.id)
    _require_of_age(session, actor.id)
    invites.still_there(session, actor.id)
    now = clock.now()
    values = {"id": household_id, "name": name, "owner_id": actor.id, "created_at": now}
    added = session.execute(
        insert(Household).values(values).on_conflict_do_nothing(index_elements=["id"]).returning(col(Household.id))
    ).first()
    if added is None:
        return create(session, actor, household_id, name)
    household = session.get_one(Household, household_id)
    stay = invites.take_in(session, household, household_id, actor.id, MemberKind.OWN, share)
    stay.confirmed_at = stay.agreed_at
    session.flush()
    audit.record(session, actor, "household_created", rules.subject_of(household_id), terms=rules.TERMS)
    return household


def rename(session: Session, actor: Actor, name: str) -> None:
    """Give the household another name."""
    household = invites.locked_as_owner(session, actor)
    household.name = rules.read_name(name)
    session.flush()


def set_daily_limit(session: Session, actor: Actor, member_id: UUID, limit: int) -> None:
    """Set what a minor can use of the pool in a day."""
    household = invites.locked_as_owner(session, actor)
    stay = queries.member_of(session, household.id, member_id)
    rules.check_limit(limit, is_minor=_age_of(session, stay.resident_id) is AgeGroup.MINOR)
    stay.daily_limit = limit
    session.flush()
    audit.record(session, actor, "household_limit_set", rules.subject_of(household.id), stay=str(stay.id), limit=limit)


def add_elder(session: Session, actor: Actor, stay_id: UUID, nickname: str, *, agreed: bool) -> HouseholdMember:
    """Take along an elder without a phone, for whom members log from now on; the elder knows and agrees."""
    household = invites.locked_as_owner(session, actor)
    if not agreed:
        raise ConsentMissing(fields={"agreed": ConsentMissing.message})
    before = session.get(HouseholdMember, stay_id, populate_existing=True)
    if before is not None:
        if before.household_id != household.id:
            raise HouseholdIdTaken
        return before
    if sum(one.kind is MemberKind.ELDER for one in queries.members_of(session, household.id)) >= rules.MOST_ELDERS:
        raise EldersFull
    owner = session.get_one(Resident, actor.id)
    elder_id = proxies.add_proxy(session, actor, nickname, language=Language(owner.language), is_demo=owner.is_demo)
    stay = invites.take_in(session, household, stay_id, elder_id, MemberKind.ELDER, Share.ALL)
    stay.confirmed_at = stay.agreed_at
    session.flush()
    audit.record(
        session, actor, "household_elder_added", rules.subject_of(household.id), stay=str(stay_id), terms=rules.TERMS
    )
    return stay


def hand_over(session: Session, actor: Actor, member_id: UUID) -> None:
    """Let another member of age look after the household."""
    household = invites.locked_as_owner(session, actor)
    stay = queries.member_of(session, household.id, member_id)
    if stay.kind is MemberKind.ELDER:
        raise NotForElders
    if stay.confirmed_at is None:
        raise MemberUnknown
    _require_of_age(session, stay.resident_id)
    household.owner_id = stay.resident_id
    session.flush()
    audit.record(session, actor, "household_handed_over", rules.subject_of(household.id), stay=str(stay.id))


def leave(session: Session, actor: Actor) -> int:
    """Leave with exactly the own unspent points; return how many came back. An owner hands over or dissolves first."""
    household = invites.locked_as_member(session, actor)
    if household.owner_id == actor.id:
        raise SuccessorNeeded
    stay = queries.membership_of(session, actor.id, lock=True) if actor.id else None
    assert stay is not None
    return _end_stays(session, actor, [stay], EndReason.LEFT)


def remove(session: Session, actor: Actor, member_id: UUID) -> int:
    """End another's stay; their unspent points go with them. An elder's account, which nobody else can use, is wiped."""
    household = invites.locked_as_owner(session, actor)
    stay = queries.member_of(session, household.id, member_id)
    if stay.resident_id == actor.id:
        raise SuccessorNeeded
    if stay.confirmed_at is None:
        invites.decline(session, actor, member_id)
        return 0
    return _end_stays(session, actor, [stay], EndReason.REMOVED)


def dissolve(session: Session, actor: Actor) -> int:
    """End the household: everybody's unspent points go home, and its name is wiped."""
    household = invites.locked_as_owner(session, actor)
    return _dissolve(session, actor, household)


def _dissolve(session: Session, actor: Actor, household: Household) -> int:
    now = clock.now()
    stays = list(
        session.exec(
            select(HouseholdMember)
            .where(col(HouseholdMember.household_id) == household.id, col(HouseholdMember.ended_at).is_(None))
            .order_by(col(HouseholdMember.id))
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
    )
    for stay in stays:
        if stay.confirmed_at is None:
            invites.refuse(session, stay)
    returned = _end_stays(session, actor, [stay for stay in stays if stay.confirmed_at], EndReason.DISSOLVED)
    session.execute(
        update(HouseholdInvite)
        .where(col(HouseholdInvite.household_id) == household.id, col(HouseholdInvite.ended_at).is_(None))
        .values(ended_at=now)
    )
    household.name, household.dissolved_at = "", now
    session.flush()
    audit.record(session, actor, "household_dissolved", rules.subject_of(household.id))
    return returned


def _end_stays(session: Session, actor: Actor, stays: list[HouseholdMember], how: EndReason) -> int:
    for stay in stays:
        invites.end(session, stay, how)
    returned = pool.return_own(session, stays, actor=actor)
    for stay in stays:
        if stay.kind is MemberKind.ELDER:
            proxies.forget_proxy(session, actor, stay.resident_id)
        facts = {"stay": str(stay.id), "how": how.value}
        audit.record(session, actor, "household_stay_ended", rules.subject_of(stay.household_id), **facts)
    return returned


@exports("household")
def exported(session: Session, resident_id: UUID) -> list[dict[str, object]]:
    """Return every stay of a resident, for the file with all their data."""
    return [
        {
            "household": name or None,
            "share": stay.share.value,
            "terms": stay.terms,
            "agreed_at": stay.agreed_at.isoformat(),
            "confirmed_at": stay.confirmed_at and stay.confirmed_at.isoformat(),
            "ended_at": stay.ended_at and stay.ended_at.isoformat(),
            "ended_how": stay.ended_how and stay.ended_how.value,
        }
        for stay, name in queries.stays_of(session, resident_id)
    ]


@forgets("household")
def forget(session: Session, actor: Actor) -> None:
    """Take a resident who deletes the account out: an owner's household goes to who is here longest, or ends."""
    stay = queries.membership_of(session, actor.id) if actor.id else None
    if stay is None:
        return
    if stay.confirmed_at is None:
        invites.withdraw_request(session, actor)
        return
    household = invites.locked_as_member(session, actor)
    if household.owner_id == actor.id:
        heirs = [one for one in queries.members_of(session, household.id) if one.may_follow]
        if not heirs:
            _dissolve(session, actor, household)
            return
        hand_over(session, actor, heirs[0].id)
    leave(session, actor)


def _require_of_age(session: Session, resident_id: UUID) -> None:
    if _age_of(session, resident_id) is not AgeGroup.ADULT:
        raise OfAgeOnly


def _age_of(session: Session, resident_id: UUID) -> AgeGroup | None:
    return session.exec(select(col(Resident.age_group)).where(col(Resident.id) == resident_id)).first()
