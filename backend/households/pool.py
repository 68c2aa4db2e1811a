"""The household's points: given, taken back, spent. Every lot keeps who earned it and its day, so that a stay can end exactly.

Locks are taken in one order everywhere: household, then members, then the ledger's accounts.
"""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from backend.core import clock
from backend.core.actor import SYSTEM, Actor
from backend.households import queries, rules
from backend.households.errors import DailyLimitReached, NotForElders, NotInHousehold
from backend.households.models import HouseholdMember
from backend.households.rules import MemberKind, Share
from backend.jobs import service as jobs
from backend.ledger import queries as books
from backend.ledger import service as ledger
from backend.ledger.commands import Receipt
from backend.ledger.errors import InsufficientFunds, NothingToMove
from backend.ledger.models import JournalTransaction
from backend.ledger.rules import AccountRef, household, resident

SHARE_JOB = "households.share"


def contribute(session: Session, actor: Actor, request_id: UUID, amount: int) -> Receipt:
    """Give own points to the household; each lot keeps its day, and that it is the giver's."""
    stay = _stay(session, actor)
    return _move_in(session, stay, f"household:contribute:{request_id}", amount, actor=actor)


def withdraw_own(session: Session, actor: Actor, request_id: UUID, amount: int | None = None) -> Receipt:
    """Take own unspent points back; without an amount, all of them."""
    stay = _stay(session, actor)
    key = f"household:withdraw:{request_id}"
    return _move_out(session, stay.household_id, stay.resident_id, key, amount=amount, actor=actor)


def require_spend(session: Session, actor: Actor, household_id: UUID, amount: int) -> AccountRef:
    """Let a member use the pool or say why not; return the account to spend from, first expiring first.

    Call it before the ledger's `spend` or `hold` in the same transaction, and name the actor there by `actor.label`:
    the member's row stays locked, so that nobody leaves in between and a minor's day is counted exactly.
    """
    stay = _stay(session, actor)
    if stay.household_id != household_id:
        raise NotInHousehold
    if not queries.is_within_limit(session, stay, amount):
        raise DailyLimitReached
    return AccountRef.of_household(household_id)


def share_earned(session: Session, resident_id: UUID, amount: int, *, key: str) -> int:
    """Give the household its part of points that were just posted to a resident; return how much that was.

    Called in the transaction that posts them. `key` names the posting, so that a repetition gives nothing twice. Where
    somebody is changing the membership in this moment, a job does it after them.
    """
    stay = queries.membership_of(session, resident_id)
    if stay is None or stay.confirmed_at is None or rules.share_of(stay.share, amount) == 0:
        return 0
    # The ledger's rows are locked already, so a member's row is not waited for.
    is_free = session.exec(
        select(HouseholdMember.id)
        .where(col(HouseholdMember.id) == stay.id)
        .with_for_update(skip_locked=True, key_share=True)
    ).first()
    if is_free is None:
        jobs.defer(session, SHARE_JOB, resident_id=str(resident_id), amount=amount, key=key)
        return 0
    return _share(session, stay, amount, key)


def share_soon(session: Session, resident_id: UUID, amount: int, *, key: str) -> None:
    """Promise the household its part of points that were just posted, by a job of its own after the commit.

    Whoever posts a batch has locked its accounts in their order; a pool locked in between would break it.
    """
    stay = queries.membership_of(session, resident_id)
    if stay is not None and stay.confirmed_at is not None and rules.share_of(stay.share, amount) > 0:
        jobs.defer(session, SHARE_JOB, resident_id=str(resident_id), amount=amount, key=key)


def share_later(session: Session, resident_id: UUID, amount: int, key: str) -> int:
    """Do the same from a job: here the member's row can be waited for."""
    stay = queries.membership_of(session, resident_id, lock=True)
    return _share(session, stay, amount, key) if stay and stay.confirmed_at else 0


def _share(session: Session, stay: HouseholdMember, amount: int, key: str) -> int:
    done = session.exec(select(JournalTransaction.amount).where(JournalTransaction.key == _share_key(key))).first()
    if done is not None:
        return done
    part = rules.share_of(stay.share, amount)
    # What a clawback had left owing was netted first: then there is less than was posted.
    free = books.balance_of(session, AccountRef.of_resident(stay.resident_id)).available
    if min(part, free) == 0:
        return 0
    try:
        return _move_in(session, stay, _share_key(key), min(part, free), actor=SYSTEM).amount
    except InsufficientFunds:
        return 0


def _share_key(key: str) -> str:
    return f"household:share:{key}"


def return_own(session: Session, stays: Iterable[HouseholdMember], *, actor: Actor) -> int:
    """Give those whose stay ends exactly their unspent lots back; return how much that was."""
    ending = sorted(stays, key=lambda stay: stay.resident_id)
    lock_accounts(session, ending)
    returned = 0
    for stay in ending:
        try:
            receipt = _move_out(
                session, stay.household_id, stay.resident_id, f"household:leave:{stay.id}", amount=None, actor=actor
            )
        except NothingToMove:
            continue
        returned += receipt.amount
    return returned


def lock_accounts(session: Session, stays: Iterable[HouseholdMember]) -> None:
    """Lock all accounts at once: several moves in one transaction would else lock them in another order than others do."""
    owners = {owner for stay in stays for owner in (household(stay.household_id), resident(stay.resident_id))}
    session.execute(
        text(
            "SELECT ledger_lock(ARRAY(SELECT id FROM ledger_account "
            "WHERE asset = 'point' AND purpose = 'main' AND owner = ANY(:owners)))"
        ),
        {"owners": sorted(owners)},
    )


_STRAYS = text("""
SELECT DISTINCT lot.account_id, split_part(a.owner, ':', 2)::uuid AS household_id,
    split_part(lot.earned_by, ':', 2)::uuid AS resident_id
FROM household_member gone
JOIN ledger_account a ON a.asset = 'point' AND a.purpose = 'main' AND a.shard = 0
    AND a.owner = 'household:' || gone.household_id
JOIN lot ON lot.account_id = a.id AND lot.is_open AND lot.remaining > lot.held AND lot.expires_on >= :today
    AND lot.earned_by = 'resident:' || gone.resident_id
WHERE gone.ended_at IS NOT NULL AND NOT EXISTS (
    SELECT FROM household_member here WHERE here.resident_id = gone.resident_id
    AND here.household_id = gone.household_id AND here.ended_at IS NULL)
ORDER BY lot.account_id
LIMIT 1
""")


def return_strays(session: Session) -> int:
    """Return to one who has left what a coupon had held then and gave back since; 0 when there is nothing any more."""
    row = session.execute(_STRAYS, {"today": clock.today()}).first()
    if row is None:
        return 0
    key = f"household:stray:{row.household_id}:{row.resident_id}:{clock.now().isoformat()}"
    try:
        return _move_out(session, row.household_id, row.resident_id, key, amount=None, actor=SYSTEM).amount
    except NothingToMove:
        return 0


def _stay(session: Session, actor: Actor) -> HouseholdMember:
    """Return the actor's confirmed stay, locked: whoever ends it waits for us, or we see that it has ended."""
    stay = queries.membership_of(session, actor.id, lock=True) if actor.id else None
    if stay is None or stay.confirmed_at is None:
        raise NotInHousehold
    return stay


def _move_in(session: Session, stay: HouseholdMember, key: str, amount: int, *, actor: Actor) -> Receipt:
    return ledger.move(
        session,
        key,
        source=AccountRef.of_resident(stay.resident_id),
        to=AccountRef.of_household(stay.household_id),
        amount=amount,
        earned_by=resident(stay.resident_id),
        subject=rules.subject_of(stay.household_id),
        actor=actor.label,
    )


def _move_out(
    session: Session, household_id: UUID, resident_id: UUID, key: str, *, amount: int | None, actor: Actor
) -> Receipt:
    return ledger.move(
        session,
        key,
        source=AccountRef.of_household(household_id),
        to=AccountRef.of_resident(resident_id),
        amount=amount,
        earned_by=resident(resident_id),
        subject=rules.subject_of(household_id),
        actor=actor.label,
    )


def set_share(session: Session, actor: Actor, share: Share) -> None:
    """Choose how much of what one earns goes to the household by itself."""
    stay = _stay(session, actor)
    if stay.kind is MemberKind.ELDER:
        raise NotForElders
    stay.share = share
    session.flush()
