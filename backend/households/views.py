"""A household as its pages and its JSON show it, put together once for both."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import Session
from starlette.requests import Request

from backend.core import clock
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.households import queries, rules
from backend.households.models import Household, HouseholdMember
from backend.households.queries import Member
from backend.households.rules import MemberKind
from backend.ledger import queries as books
from backend.ledger.queries import Balance
from backend.ledger.rules import AccountRef

HOME = "/household"
JOIN = "/household/join"
# Pages of higher floors; an address is data, not an import.
LOG_PATH, COUPONS_PATH = "/green", "/coupons"


@dataclass(frozen=True)
class Home:
    """Everything on the household's page."""

    household: Household
    me: Member
    members: list[Member]
    pool: Balance
    own: Balance

    @property
    def is_owner(self) -> bool:
        return self.me.is_owner

    @property
    def inside(self) -> list[Member]:
        return [one for one in self.members if not one.is_waiting]

    @property
    def waiting(self) -> list[Member]:
        return [one for one in self.members if one.is_waiting]

    @property
    def givers(self) -> list[Member]:
        """Those whose points lie in the pool, most first."""
        return sorted((one for one in self.members if one.in_pool), key=lambda one: -one.in_pool)

    @property
    def elders(self) -> list[Member]:
        return [one for one in self.members if one.kind is MemberKind.ELDER]

    @property
    def has_room(self) -> bool:
        return len(self.members) < rules.MOST_MEMBERS

    @property
    def has_room_for_elder(self) -> bool:
        return self.has_room and len(self.elders) < rules.MOST_ELDERS

    @property
    def successors(self) -> list[Member]:
        return [one for one in self.inside if one.may_follow]


def home_of(session: Session, actor: Actor) -> Home | None:
    """Return the actor's household with all that a member may see, if they are in one."""
    assert actor.id is not None
    household = queries.household_of(session, actor.id)
    if household is None:
        return None
    members = queries.members_of(session, household.id)
    return Home(
        household=household,
        me=next(one for one in members if one.resident_id == actor.id),
        members=members,
        pool=queries.pooled_balance(session, household.id),
        own=books.balance_of(session, AccountRef.of_resident(actor.id)),
    )


def required_home(session: Session, actor: Actor) -> Home:
    """Return the actor's household, or say that there is none."""
    home = home_of(session, actor)
    if home is None:
        queries.required_household(session, actor)
        raise NotFound
    return home


def waiting_for(session: Session, actor: Actor) -> tuple[HouseholdMember, Household] | None:
    """Return the household that the actor asked to come into and that has not answered."""
    stay = queries.membership_of(session, actor.id) if actor.id else None
    if stay is None or stay.confirmed_at is not None:
        return None
    return stay, session.get_one(Household, stay.household_id)


def member_in(home: Home, member_id: UUID) -> Member:
    """Return one member of this home."""
    found = next((one for one in home.members if one.id == member_id), None)
    if found is None:
        raise NotFound
    return found


def ends_soon(balance: Balance) -> date | None:
    """Return the day on which something of this ends, if that is near."""
    on = balance.next_expiry
    return on if on and on <= clock.today() + rules.ENDS_SOON else None


def link_of(request: Request, code: str) -> str:
    """Return the address behind a QR code; what follows `#` is never sent, so it stands in no log."""
    return f"{str(request.base_url).rstrip('/')}{JOIN}#{code}"
