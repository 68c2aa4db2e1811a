"""Households in words: people who have points, and a family that pools them."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from backend.core import clock
from backend.core.ids import new_id
from backend.households import invites, service
from backend.households.models import HouseholdMember
from backend.households.rules import Share
from backend.ledger import queries as books
from backend.ledger import service as ledger
from backend.ledger.rules import AccountRef, Asset
from tests.factories.residents import Neighbour, make_resident

FUND = AccountRef.of_programme("green")
SPENT = AccountRef.of_system(Asset.POINT, "spent")


@dataclass(frozen=True)
class Family:
    """A household with its people: the owner first."""

    id: UUID
    owner: Neighbour
    members: list[Neighbour]

    @property
    def account(self) -> AccountRef:
        """Where the pooled points lie."""
        return AccountRef.of_household(self.id)


def make_household(session: Session, owner: Neighbour | None = None, *, name: str = "小院人家") -> Family:
    """Make a household of one."""
    owner = owner or make_resident(session)
    household = service.create(session, owner.actor, new_id(), name)
    session.commit()
    return Family(household.id, owner, [owner])


def come_in(session: Session, family: Family, member: Neighbour | None = None, share: Share = Share.NONE) -> Neighbour:
    """Let somebody in the whole way: invited, agreed, confirmed."""
    member = member or make_resident(session)
    code = invites.invite(session, family.owner.actor, new_id()).code
    stay = invites.join(session, member.actor, new_id(), code, agreed=True, share=share)
    invites.confirm(session, family.owner.actor, stay.id)
    session.commit()
    family.members.append(member)
    return member


def earn(session: Session, resident_id: UUID, amount: int, *, days: int = 365) -> None:
    """Give a resident points that are good for so many days, and keep it."""
    post_points(session, resident_id, amount, days=days)
    session.commit()


def post_points(session: Session, resident_id: UUID, amount: int, *, days: int = 365) -> None:
    """Do the same in the caller's transaction, as activities do."""
    key = str(new_id())
    ledger.issue(session, f"issue-{key}", to=FUND, amount=amount, subject="test:budget", actor="system")
    ledger.grant(
        session,
        key,
        fund=FUND,
        to=AccountRef.of_resident(resident_id),
        amount=amount,
        expires_on=clock.today() + timedelta(days=days),
        subject="test:earned",
        actor="system",
    )


def available(session: Session, ref: AccountRef) -> int:
    """Return what can be spent of an account."""
    return books.balance_of(session, ref).available


def lots_of(session: Session, ref: AccountRef) -> dict[tuple[str, date], int]:
    """Return what is left in an account by who earned it and its day."""
    rows = session.execute(
        text(
            "SELECT lot.earned_by, lot.expires_on, sum(lot.remaining)::int AS left FROM lot "
            "JOIN ledger_account a ON a.id = lot.account_id WHERE a.asset = :asset AND a.owner = :owner "
            "AND lot.is_open GROUP BY 1, 2"
        ),
        {"asset": ref.asset.value, "owner": ref.owner},
    )
    return {(row.earned_by, row.expires_on): row.left for row in rows}


def stay_of(session: Session, neighbour: Neighbour) -> HouseholdMember:
    """Return somebody's one stay that has not ended."""
    from backend.households import queries

    found = queries.membership_of(session, neighbour.resident_id)
    assert found
    return found
