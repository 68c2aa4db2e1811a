"""What is asked about households: who is in which, for whom somebody may log, what lies in the pool and from whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from backend.accounts.residents.models import Resident
from backend.accounts.residents.rules import AgeGroup
from backend.core import clock
from backend.core.actor import Actor
from backend.households import rules
from backend.households.errors import MemberUnknown, NotInHousehold
from backend.households.models import Household, HouseholdInvite, HouseholdMember
from backend.households.rules import NEVER_IN, MemberKind, Share
from backend.ledger import queries as ledger
from backend.ledger.models import Account, Lot
from backend.ledger.queries import Balance
from backend.ledger.rules import AccountRef, Asset, Purpose, household, resident

_GROUP = """
SELECT household_id FROM household_member
WHERE resident_id = %(id)s AND ended_at IS NULL AND confirmed_at IS NOT NULL
"""


@dataclass(frozen=True)
class Member:
    """A member as the household sees them: a nickname, and nothing that leads out of the house."""

    id: UUID
    resident_id: UUID
    nickname: str
    kind: MemberKind
    is_owner: bool
    is_minor: bool
    is_waiting: bool
    """Asked to come in and not confirmed yet."""
    share: Share
    daily_limit: int | None
    in_pool: int
    """What the member earned and nobody has used."""
    is_lit: bool
    """Whether the member earned something this week."""

    @property
    def may_follow(self) -> bool:
        """Whether the household can be handed over to this member."""
        is_settled = not (self.is_owner or self.is_waiting or self.is_minor)
        return is_settled and self.kind is MemberKind.OWN


@dataclass(frozen=True)
class PoolLot:
    """Points of one day of expiry in the pool."""

    amount: int
    expires_on: date


@dataclass(frozen=True)
class Leaving:
    """What exactly would happen if a member left now."""

    lots: Sequence[PoolLot]
    held: int
    """What is reserved for a coupon: if that ends unused, it comes back by itself."""

    @property
    def amount(self) -> int:
        return sum(lot.amount for lot in self.lots)


def membership_of(session: Session, resident_id: UUID, *, lock: bool = False) -> HouseholdMember | None:
    """Return the one stay of a resident that has not ended: confirmed or still waiting."""
    live = col(HouseholdMember.resident_id) == resident_id, col(HouseholdMember.ended_at).is_(None)
    query = select(HouseholdMember).where(*live).execution_options(populate_existing=True)
    return session.exec(query.with_for_update(key_share=True) if lock else query).first()


def member_of(session: Session, household_id: UUID, member_id: UUID) -> HouseholdMember:
    """Return a live member of this household, or say that there is none."""
    found = session.get(HouseholdMember, member_id, populate_existing=True)
    if found is None or found.household_id != household_id or found.ended_at is not None:
        raise MemberUnknown
    return found


def household_of(session: Session, resident_id: UUID) -> Household | None:
    """Return the household in which the resident is a confirmed member."""
    return session.exec(
        select(Household)
        .join(HouseholdMember, col(HouseholdMember.household_id) == col(Household.id))
        .where(*_is_in(resident_id))
        .execution_options(populate_existing=True)
    ).first()


def group_of(session: Session, resident_id: UUID) -> UUID | None:
    """Return the household whose caps the resident shares, if there is one."""
    # In the driver's words: it is asked with everything that is logged.
    return session.connection().exec_driver_sql(_GROUP, {"id": resident_id}).scalar()


def required_household(session: Session, actor: Actor) -> Household:
    """Return the actor's household or say that there is none."""
    found = household_of(session, actor.id) if actor.id else None
    if found is None:
        raise NotInHousehold
    return found


def may_log_for(session: Session, actor: Actor, resident_id: UUID) -> bool:
    """Whether what the actor logs may count for this resident: for oneself, and for an elder of one's household."""
    if actor.id is None or actor.id == resident_id:
        return actor.id is not None
    elder = select(HouseholdMember.household_id).where(
        *_is_in(resident_id), col(HouseholdMember.kind) == MemberKind.ELDER
    )
    household_id = session.exec(elder).first()
    return household_id is not None and household_id == group_of(session, actor.id)


def loggable_by(session: Session, actor: Actor) -> list[Member]:
    """Return the elders for whom the actor may log."""
    if actor.id is None or (household_id := group_of(session, actor.id)) is None:
        return []
    return [one for one in members_of(session, household_id) if one.kind is MemberKind.ELDER]


def pooled_balance(session: Session, household_id: UUID) -> Balance:
    """Return what the household holds together."""
    return ledger.balance_of(session, AccountRef.of_household(household_id))


def may_spend(session: Session, actor: Actor, household_id: UUID, amount: int) -> bool:
    """Whether the actor may use that much of the pool now; to spend it, call `pool.require_spend`, which locks."""
    found = membership_of(session, actor.id) if actor.id else None
    if found is None or found.household_id != household_id or found.confirmed_at is None:
        return False
    return is_within_limit(session, found, amount) and pooled_balance(session, household_id).available >= amount


def is_within_limit(session: Session, stay: HouseholdMember, amount: int) -> bool:
    """Whether a member may use that much more of the pool today; only minors have a limit."""
    limit = limit_of(session, stay)
    return limit is None or rules.within_limit(limit, spent_today(session, stay), amount)


def limit_of(session: Session, stay: HouseholdMember) -> int | None:
    """Return how much of the pool a minor can use in a day; who is of age has no limit, whatever was set before."""
    age_group = session.exec(select(Resident.age_group).where(col(Resident.id) == stay.resident_id)).first()
    return rules.limit_for(stay.daily_limit, is_minor=age_group is AgeGroup.MINOR)


def spent_today(session: Session, member: HouseholdMember) -> int:
    """Return what a member has used or reserved of the pool since midnight."""
    row = (
        session.connection()
        .exec_driver_sql(
            "SELECT coalesce(sum(-p.amount + p.pending_out), 0)::bigint AS spent "
            "FROM posting p JOIN journal_transaction t ON t.id = p.transaction_id "
            "WHERE p.account_id = (SELECT id FROM ledger_account WHERE asset = 'point' AND owner = %(owner)s"
            " AND purpose = 'main' AND shard = 0) "
            "AND t.kind = 'spend' AND t.actor = %(actor)s AND t.effective_on = %(day)s"
            " AND t.state IN ('posted', 'pending') "
            "AND NOT EXISTS (SELECT FROM journal_transaction back WHERE back.reverses_id = t.id)",
            {"owner": household(member.household_id), "actor": resident(member.resident_id), "day": clock.today()},
        )
        .one()
    )
    return int(row.spent)


def members_of(session: Session, household_id: UUID) -> list[Member]:
    """Return everybody who is in or waits, the owner first, then by how long they are here."""
    rows = session.execute(
        select(HouseholdMember, Resident.nickname, Resident.age_group, Household.owner_id)
        .join(Resident, col(Resident.id) == col(HouseholdMember.resident_id))
        .join(Household, col(Household.id) == col(HouseholdMember.household_id))
        .where(col(HouseholdMember.household_id) == household_id, col(HouseholdMember.ended_at).is_(None))
        .order_by(
            (col(Household.owner_id) != col(HouseholdMember.resident_id)),
            col(HouseholdMember.confirmed_at).asc().nulls_last(),
            col(HouseholdMember.id),
        )
        .execution_options(populate_existing=True)
    ).all()
    in_pool = pool_by_earner(session, household_id)
    lit = _lit(session, [row[0].resident_id for row in rows])
    return [
        Member(
            id=stay.id,
            resident_id=stay.resident_id,
            nickname=nickname,
            kind=stay.kind,
            is_owner=owner_id == stay.resident_id,
            is_minor=age_group is AgeGroup.MINOR,
            is_waiting=stay.confirmed_at is None,
            share=stay.share,
            daily_limit=rules.limit_for(stay.daily_limit, is_minor=age_group is AgeGroup.MINOR),
            in_pool=in_pool.get(resident(stay.resident_id), 0),
            is_lit=stay.resident_id in lit,
        )
        for stay, nickname, age_group, owner_id in rows
    ]


def pool_by_earner(session: Session, household_id: UUID) -> dict[str, int]:
    """Return what can be used now, by who earned it (as the ledger names them)."""
    rows = session.execute(
        select(col(Lot.earned_by), func.sum(col(Lot.remaining) - col(Lot.held)).label("free"))
        .where(*_open_lots(household_id))
        .group_by(col(Lot.earned_by))
    )
    return {row.earned_by: int(row.free) for row in rows}


def leaving(session: Session, household_id: UUID, resident_id: UUID) -> Leaving:
    """Return the exact preview: the unspent own lots by the day on which they end."""
    own = col(Lot.earned_by) == resident(resident_id)
    rows = session.execute(
        select(col(Lot.expires_on), func.sum(col(Lot.remaining) - col(Lot.held)).label("free"))
        .where(*_open_lots(household_id), own)
        .group_by(col(Lot.expires_on))
        .order_by(col(Lot.expires_on))
    ).all()
    held = session.execute(
        select(func.coalesce(func.sum(col(Lot.held)), 0))
        .join(Account, col(Account.id) == col(Lot.account_id))
        .where(*_account(household_id), own, col(Lot.is_open))
    ).scalar_one()
    return Leaving([PoolLot(int(row.free), row.expires_on) for row in rows], int(held))


def live_invite(session: Session, household_id: UUID) -> HouseholdInvite | None:
    """Return the invitation that still works, if there is one."""
    return session.exec(
        select(HouseholdInvite)
        .where(
            col(HouseholdInvite.household_id) == household_id,
            col(HouseholdInvite.ended_at).is_(None),
            col(HouseholdInvite.expires_at) > clock.now(),
            col(HouseholdInvite.used) < col(HouseholdInvite.most),
        )
        .execution_options(populate_existing=True)
    ).first()


def last_left_at(session: Session, resident_id: UUID, *, besides: UUID) -> datetime | None:
    """Return when the resident last was out of another household in which they had really been."""
    return session.exec(
        select(func.max(HouseholdMember.ended_at)).where(
            col(HouseholdMember.resident_id) == resident_id,
            col(HouseholdMember.household_id) != besides,
            col(HouseholdMember.ended_how).not_in(NEVER_IN),
        )
    ).first()


def stays_of(session: Session, resident_id: UUID) -> list[tuple[HouseholdMember, str]]:
    """Return every stay of a resident with the household's name, oldest first: for the export of their data."""
    rows = session.execute(
        select(HouseholdMember, Household.name)
        .join(Household, col(Household.id) == col(HouseholdMember.household_id))
        .where(col(HouseholdMember.resident_id) == resident_id)
        .order_by(col(HouseholdMember.agreed_at), col(HouseholdMember.id))
    ).all()
    return [(row[0], row[1]) for row in rows]


def _is_in(resident_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return (
        col(HouseholdMember.resident_id) == resident_id,
        col(HouseholdMember.ended_at).is_(None),
        col(HouseholdMember.confirmed_at).is_not(None),
    )


def _account(household_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Account.asset) == Asset.POINT,
        col(Account.owner) == household(household_id),
        col(Account.purpose) == Purpose.MAIN.value,
    )


def _open_lots(household_id: UUID) -> tuple[ColumnElement[bool], ...]:
    account_id = select(col(Account.id)).where(*_account(household_id)).scalar_subquery()
    return (
        col(Lot.account_id) == account_id,
        col(Lot.is_open).is_(True),
        col(Lot.remaining) > col(Lot.held),
        col(Lot.expires_on) >= clock.today(),
    )


def _lit(session: Session, resident_ids: Sequence[UUID]) -> set[UUID]:
    """Return those who were given points since Monday."""
    monday = clock.today().toordinal() - clock.today().weekday()
    names = {resident(one): one for one in resident_ids}
    rows = session.connection().exec_driver_sql(
        "SELECT a.owner FROM ledger_account a WHERE a.asset = 'point' AND a.purpose = 'main' AND a.shard = 0"
        " AND a.owner = ANY(%(owners)s) AND EXISTS ("
        "  SELECT FROM posting p JOIN journal_transaction t ON t.id = p.transaction_id"
        "  WHERE p.account_id = a.id AND p.amount + p.pending_in > 0 AND t.kind IN ('grant', 'post')"
        "  AND t.effective_on >= %(monday)s)",
        {"owners": list(names), "monday": date.fromordinal(monday)},
    )
    return {names[row.owner] for row in rows}
