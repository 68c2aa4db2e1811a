"""The verbs of the ledger on the real database: what each does, and what each refuses without a trace."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlmodel import Session

from backend.core import clock
from backend.ledger import errors, queries, service, verify
from backend.ledger.queries import balance_of
from backend.ledger.rules import AccountRef, Asset, Movement, TransactionKind, TransactionState
from tests.factories.ledger import ACTOR, Bank, a_household, a_resident, in_days, make_bank

if TYPE_CHECKING:
    from collections.abc import Callable

MISTAKES = [0, -1, 2**63, True, 1.5, "5", None, float("nan")]


@pytest.fixture
def bank(session: Session) -> Bank:
    """A fund with 1,000 points."""
    return make_bank(session)


def held(bank: Bank, ref: AccountRef) -> int:
    return balance_of(bank.session, ref).posted


def snapshot(session: Session) -> list[tuple[object, ...]]:
    """Every balance and every lot, in one order."""
    accounts = session.execute(
        text(
            "SELECT id, posted, pending_in, pending_out FROM ledger_account"
            " WHERE posted <> 0 OR pending_in <> 0 OR pending_out <> 0 ORDER BY id"
        )
    )
    lots = session.execute(text("SELECT id, account_id, remaining, held FROM lot WHERE is_open ORDER BY id"))
    return [*map(tuple, accounts), *map(tuple, lots)]


def test_a_grant_is_there_at_once_and_says_when_it_ends(bank: Bank):
    someone = a_resident()
    bank.grant(someone, 30, days=60)
    bank.grant(someone, 20, days=30)
    found = balance_of(bank.session, someone)
    assert (found.posted, found.available, found.owed) == (50, 50, 0)
    assert (found.next_expiry, found.next_amount) == (in_days(30), 20)
    assert held(bank, bank.fund) == 950


def test_what_expires_first_is_spent_first(bank: Bank):
    someone = a_resident()
    bank.grant(someone, 30, days=60)
    bank.grant(someone, 20, days=30)
    bank.spend(someone, 25)
    assert [(lot.free, lot.expires_on) for lot in queries.open_lots(bank.session, someone)] == [(25, in_days(60))]
    assert held(bank, bank.shop) == 25


def test_more_than_there_is_cannot_be_spent(bank: Bank):
    someone = a_resident()
    bank.grant(someone, 30)
    before = snapshot(bank.session)
    with pytest.raises(errors.InsufficientFunds):
        bank.spend(someone, 31)
    assert snapshot(bank.session) == before


def test_a_fund_gives_no_more_than_it_was_given(bank: Bank):
    """L15: an issuance cannot exceed the fund, and its last units drain from whatever row they lie in."""
    for _ in range(9):
        bank.grant(a_resident(), 111)
    with pytest.raises(errors.InsufficientFunds):
        bank.grant(a_resident(), 2)
    bank.grant(a_resident(), 1)
    assert held(bank, bank.fund) == 0


def test_the_same_request_has_one_effect_and_one_answer(bank: Bank):
    """L5."""
    someone = a_resident()
    first = bank.grant(someone, 30, key="once")
    with clock.at(clock.now() + timedelta(days=90)):
        again = bank.grant(someone, 30, days=-60, key="once")
    assert (again.transaction_id, again.amount, first.is_new, again.is_new) == (first.transaction_id, 30, True, False)
    assert held(bank, someone) == 30


def test_another_request_under_the_same_key_is_refused(bank: Bank):
    """L5."""
    someone = a_resident()
    bank.grant(someone, 30, key="once")
    for other in ({"amount": 31}, {"facts": {"rule": 2}}, {"subject": "activity:2"}):
        with pytest.raises(errors.IdempotencyKeyReused):
            bank.grant(someone, **{"amount": 30, **other}, key="once")  # pyright: ignore[reportArgumentType] -- one of each kind
    with pytest.raises(errors.IdempotencyKeyReused):
        bank.spend(someone, 30, key="once")
    assert held(bank, someone) == 30


@pytest.mark.parametrize("amount", MISTAKES)
def test_only_whole_numbers_above_zero_are_amounts(bank: Bank, amount: object):
    """L19."""
    someone = a_resident()
    bank.grant(someone, 30)
    verbs: list[Callable[[int], object]] = [
        bank.issue,
        lambda number: bank.grant(someone, number),
        lambda number: bank.spend(someone, number),
        lambda number: Movement(someone, bank.shop, number),
    ]
    for verb in verbs:
        with pytest.raises(errors.AmountInvalid):
            verb(amount)  # pyright: ignore[reportArgumentType] -- what a mistake upstairs would send


def test_a_sum_beyond_64_bits_is_refused_by_the_database(bank: Bank):
    """L19."""
    bank.issue(2**62)
    with pytest.raises(Exception, match="out of range"), bank.session.begin_nested():
        bank.issue(2**62)


@pytest.mark.parametrize("facts", [{"n": float("nan")}, {"n": object()}, {"n": "a\0b"}, {"n": "\ud800"}])
def test_facts_that_have_no_text_are_refused(bank: Bank, facts: dict[str, object]):
    with pytest.raises(errors.MovementInvalid):
        bank.grant(a_resident(), 5, facts=facts)


def test_movements_that_the_books_have_no_place_for_are_refused(bank: Bank):
    someone, home = a_resident(), a_household()
    bank.grant(someone, 30)
    fen = AccountRef.of_merchant(uuid4())
    tries: list[Callable[[], object]] = [
        lambda: AccountRef(Asset.POINT, "nobody:1"),
        lambda: AccountRef(Asset.POINT, "resident:1", "Main Account"),
        lambda: Movement(someone, someone, 1),
        lambda: Movement(someone, fen, 1),
        lambda: bank.grant(bank.shop, 5),
        lambda: bank.grant(home, 5, fund=someone),
        lambda: bank.grant(someone, 5, days=-1),
        lambda: bank.move(bank.fund, bank.shop),
        lambda: bank.hold(someone, 5, to=home),
        lambda: bank.spend(someone, 5, also=[Movement(home, bank.shop, 1)]),
        lambda: bank.spend(someone, 5, also=[Movement(bank.fund, home, 1)]),
        lambda: bank.spend(someone, 5, also=[Movement(someone, bank.fund, 1)]),
    ]
    for attempt in tries:
        with pytest.raises(errors.MovementInvalid):
            attempt()


def test_several_assets_move_together_or_not_at_all(bank: Bank):
    """A coupon: its price in points, one unit of stock, its face value."""
    someone, campaign = a_resident(), uuid4()
    stock, given = (AccountRef.of_campaign(campaign, Asset.COUPON_UNIT, purpose) for purpose in ("stock", "issued"))
    bank.grant(someone, 30)
    bank.issue(1, stock)
    bank.spend(someone, 10, also=[Movement(stock, given, 1)])
    with pytest.raises(errors.InsufficientFunds):
        bank.spend(someone, 10, also=[Movement(stock, given, 1)])
    assert [held(bank, ref) for ref in (someone, stock, given)] == [20, 0, 1]


def test_what_is_pending_is_not_there_yet(bank: Bank):
    someone = a_resident()
    pending = bank.grant(someone, 30, pending_until=clock.now() + timedelta(days=1))
    found = balance_of(bank.session, someone)
    assert (found.posted, found.pending_in, found.available) == (0, 30, 0)
    assert balance_of(bank.session, bank.fund).available == 970
    assert queries.transaction(bank.session, pending.transaction_id).state is TransactionState.PENDING
    bank.post(pending.transaction_id)
    assert balance_of(bank.session, someone).available == 30
    assert queries.transaction(bank.session, pending.transaction_id).state is TransactionState.POSTED


def test_less_may_be_posted_than_was_pending_but_not_more(bank: Bank):
    """L6."""
    someone = a_resident()
    pending = bank.grant(someone, 30, pending_until=clock.now() + timedelta(days=1))
    with pytest.raises(errors.MoreThanPending):
        bank.post(pending.transaction_id, 31)
    bank.post(pending.transaction_id, 12)
    found = balance_of(bank.session, someone)
    assert (found.posted, found.pending_in) == (12, 0)
    assert balance_of(bank.session, bank.fund).available == 988
    for again in (bank.post, bank.void):
        with pytest.raises(errors.AlreadyResolved):
            again(pending.transaction_id)


def test_a_part_of_several_assets_cannot_be_posted(bank: Bank):
    someone, campaign = a_resident(), uuid4()
    stock, given = (AccountRef.of_campaign(campaign, Asset.COUPON_UNIT, purpose) for purpose in ("stock", "issued"))
    bank.grant(someone, 30)
    bank.issue(3, stock)
    pending = bank.hold(someone, 10, also=[Movement(stock, given, 2)])
    with pytest.raises(errors.MovementInvalid):
        bank.post(pending.transaction_id, 5)
    bank.post(pending.transaction_id)
    assert [held(bank, ref) for ref in (someone, stock, given)] == [20, 1, 2]


def test_a_void_restores_exactly(bank: Bank):
    """L6."""
    someone = a_resident()
    bank.grant(someone, 30, days=10)
    bank.grant(someone, 30, days=20)
    before = snapshot(bank.session)
    pending = bank.hold(someone, 40)
    assert balance_of(bank.session, someone).available == 20
    with pytest.raises(errors.InsufficientFunds):
        bank.spend(someone, 21)
    bank.void(pending.transaction_id)
    assert [row for row in snapshot(bank.session) if row in before] == before


def test_a_hold_that_is_posted_in_part_gives_the_rest_back(bank: Bank):
    someone = a_resident()
    bank.grant(someone, 30, days=10)
    bank.grant(someone, 30, days=20)
    bank.post(bank.hold(someone, 40).transaction_id, 35)
    assert [lot.free for lot in queries.open_lots(bank.session, someone)] == [25]


def test_what_is_pending_lapses_at_its_moment_and_not_before(bank: Bank):
    """L6: at the boundary instant it is over."""
    someone, now = a_resident(), clock.now()
    bank.grant(someone, 30)
    pending = bank.hold(someone, 10, hours=1)
    with clock.at(now + timedelta(minutes=59)):
        assert service.expire_pending(bank.session) == 0
        with pytest.raises(errors.PendingNotExpired):
            service.resolve(bank.session, "early", TransactionKind.LAPSE, pending.transaction_id, ACTOR)
    until = queries.transaction(bank.session, pending.transaction_id).expires_at
    assert until is not None
    with clock.at(until):
        with pytest.raises(errors.PendingExpired):
            bank.post(pending.transaction_id)
        assert service.expire_pending(bank.session) == 1
        assert service.expire_pending(bank.session) == 0
    assert balance_of(bank.session, someone).available == 30
    assert queries.transaction(bank.session, pending.transaction_id).state is TransactionState.EXPIRED


def test_a_hold_that_ends_before_it_begins_is_refused(bank: Bank):
    someone = a_resident()
    bank.grant(someone, 30)
    with pytest.raises(errors.PendingExpired):
        bank.hold(someone, 10, hours=-1)


def test_a_transaction_that_does_not_exist_cannot_be_decided_or_taken_back(bank: Bank):
    for verb in (bank.post, bank.void, bank.reverse, bank.clawback):
        with pytest.raises(errors.TransactionUnknown):
            verb(uuid4())
    with pytest.raises(errors.TransactionUnknown):
        queries.transaction(bank.session, uuid4())


def test_a_reversal_restores_every_balance_and_every_lot(bank: Bank):
    """L7."""
    someone, home = a_resident(), a_household()
    bank.grant(someone, 30, days=10)
    bank.grant(someone, 30, days=20)
    bank.spend(someone, 1)
    bank.move(someone, home, 1)
    for act in (
        lambda: bank.spend(someone, 40),
        lambda: bank.grant(someone, 5),
        lambda: bank.move(someone, home, 40),
        lambda: bank.issue(16),
        lambda: bank.post(bank.hold(someone, 40).transaction_id),
    ):
        before = snapshot(bank.session)
        done = act()
        resolved = queries.transaction(bank.session, done.transaction_id).resolves_id
        bank.reverse(resolved or done.transaction_id)
        assert snapshot(bank.session) == before


def test_a_reversal_happens_once_and_is_never_reversed(bank: Bank):
    """L7, S-70."""
    someone = a_resident()
    granted = bank.grant(someone, 30)
    spent = bank.spend(someone, 10)
    back = bank.reverse(spent.transaction_id)
    with pytest.raises(errors.AlreadyReversed):
        bank.reverse(spent.transaction_id)
    for final in (back, bank.clawback(granted.transaction_id)):
        with pytest.raises(errors.NotReversible):
            bank.reverse(final.transaction_id)


def test_what_is_pending_or_voided_is_not_reversed(bank: Bank):
    pending = bank.grant(a_resident(), 30, pending_until=clock.now() + timedelta(days=1))
    with pytest.raises(errors.NotReversible):
        bank.reverse(pending.transaction_id)
    bank.void(pending.transaction_id)
    with pytest.raises(errors.NotReversible):
        bank.reverse(pending.transaction_id)


def test_what_was_used_since_is_not_taken_back_whole(bank: Bank):
    someone = a_resident()
    granted = bank.grant(someone, 30)
    spent = bank.spend(someone, 10)
    bank.move(bank.shop, AccountRef.of_system(Asset.POINT, "burnt"), 10)
    with pytest.raises(errors.AlreadySpent):
        bank.reverse(granted.transaction_id)
    with pytest.raises(errors.InsufficientFunds):
        bank.reverse(spent.transaction_id)


def test_what_comes_back_after_its_day_gets_a_new_one(bank: Bank):
    someone = a_resident()
    bank.grant(someone, 30, days=10)
    spent = bank.spend(someone, 20)
    with clock.at(clock.now() + timedelta(days=11)):
        bank.reverse(spent.transaction_id)
        assert [(lot.free, lot.expires_on) for lot in queries.open_lots(bank.session, someone)] == [(20, in_days(30))]
        assert service.expire_lots(bank.session, clock.today()) == 10
        assert verify.first_bad(bank.session) is None


def test_a_clawback_takes_what_is_left_and_later_grants_repay_the_rest(bank: Bank):
    someone = a_resident()
    granted = bank.grant(someone, 30)
    bank.spend(someone, 20)
    bank.clawback(granted.transaction_id)
    found = balance_of(bank.session, someone)
    assert (found.posted, found.owed) == (0, 20)
    assert held(bank, bank.fund) == 1_000
    repaying = bank.grant(someone, 15)
    assert (balance_of(bank.session, someone).posted, balance_of(bank.session, someone).owed) == (0, 5)
    promised = bank.grant(someone, 15, pending_until=clock.now() + timedelta(days=1))
    bank.post(promised.transaction_id)
    assert (balance_of(bank.session, someone).posted, balance_of(bank.session, someone).owed) == (10, 0)
    bank.clawback(repaying.transaction_id)
    assert balance_of(bank.session, someone).owed == 15
    assert queries.books(bank.session).owed == 15
    assert verify.first_bad(bank.session) is None


def test_a_clawback_takes_the_grants_own_lot_first(bank: Bank):
    someone = a_resident()
    bank.grant(someone, 10, days=5)
    granted = bank.grant(someone, 10, days=50)
    bank.clawback(granted.transaction_id)
    assert [lot.expires_on for lot in queries.open_lots(bank.session, someone)] == [in_days(5)]
    with pytest.raises(errors.AlreadyReversed):
        bank.clawback(granted.transaction_id)


def test_what_has_expired_is_not_clawed_back(bank: Bank):
    someone = a_resident()
    granted, other = bank.grant(someone, 30, days=10), bank.grant(someone, 7, days=10)
    bank.spend(someone, 12)
    with clock.at(clock.now() + timedelta(days=11)):
        service.expire_lots(bank.session, clock.today())
        bank.grant(someone, 5)
        assert bank.clawback(granted.transaction_id).amount == 12
        found = balance_of(bank.session, someone)
        assert (found.posted, found.owed) == (0, 7)
        with pytest.raises(errors.NothingToMove):
            bank.clawback(other.transaction_id)
        assert verify.first_bad(bank.session) is None


def test_only_grants_are_clawed_back(bank: Bank):
    someone = a_resident()
    bank.grant(someone, 30)
    with pytest.raises(errors.NotReversible):
        bank.clawback(bank.spend(someone, 10).transaction_id)


def test_who_leaves_a_household_takes_exactly_the_unspent_own_part(bank: Bank):
    """L18."""
    one, two, home = a_resident(), a_resident(), a_household()
    bank.grant(one, 30, days=10)
    bank.grant(two, 50, days=20)
    bank.move(one, home)
    bank.move(two, home, 50)
    bank.spend(home, 40)
    left = bank.move(home, two, earned_by=two.owner)
    assert left.amount == 40
    assert [(lot.free, lot.expires_on) for lot in queries.open_lots(bank.session, two)] == [(40, in_days(20))]
    with pytest.raises(errors.NothingToMove):
        bank.move(home, one, earned_by=one.owner)
    assert queries.open_lots(bank.session, home, earned_by=one.owner) == []


def test_a_household_can_spend_what_one_member_earned(bank: Bank):
    one, two, home = a_resident(), a_resident(), a_household()
    for someone in (one, two):
        bank.grant(someone, 20)
        bank.move(someone, home)
    bank.spend(home, 15, earned_by=two.owner)
    assert [lot.free for lot in queries.open_lots(bank.session, home, earned_by=two.owner)] == [5]
    with pytest.raises(errors.InsufficientFunds):
        bank.spend(home, 6, earned_by=two.owner)


def test_nothing_is_spent_after_its_day(bank: Bank):
    """L10: on its last day it is good, on the next it is not, whether or not the job has run."""
    someone, now = a_resident(), clock.now()
    bank.grant(someone, 30, days=10)
    with clock.at(now + timedelta(days=10)):
        bank.spend(someone, 5)
    with clock.at(now + timedelta(days=11)):
        assert balance_of(bank.session, someone).available == 0
        with pytest.raises(errors.InsufficientFunds):
            bank.spend(someone, 5)


def test_expiring_twice_is_expiring_once(bank: Bank):
    """L10, S-79."""
    for _ in range(5):
        someone = a_resident()
        bank.grant(someone, 10, days=1)
        bank.grant(someone, 10, days=90)
    day = in_days(2)
    assert [service.expire_lots(bank.session, day, limit=2) for _ in range(4)] == [20, 20, 10, 0]
    (programme,) = [one for one in queries.books(bank.session).programmes if one.owner == bank.fund.owner]
    assert (programme.issued, programme.in_fund, programme.granted, programme.expired) == (1_000, 900, 100, 50)
    assert verify.first_bad(bank.session) is None


def test_what_is_held_expires_only_when_it_comes_back(bank: Bank):
    someone = a_resident()
    bank.grant(someone, 10, days=1)
    pending = bank.hold(someone, 4, hours=1_000)
    with clock.at(clock.now() + timedelta(days=2)):
        assert service.expire_lots(bank.session, clock.today()) == 6
        assert service.expire_lots(bank.session, clock.today()) == 0
        bank.void(pending.transaction_id)
        assert service.expire_lots(bank.session, clock.today()) == 4


def test_a_history_is_read_page_by_page_latest_first(bank: Bank):
    someone = a_resident()
    for amount in (1, 2, 3):
        bank.grant(someone, amount, facts={"rule": amount})
    first, before = queries.history(bank.session, someone, limit=2)
    rest, end = queries.history(bank.session, someone, before, limit=2)
    assert [(line.seq, line.amount, line.facts["rule"]) for line in first + rest] == [(3, 3, 3), (2, 2, 2), (1, 1, 1)]
    assert end is None
    assert first[0].kind is TransactionKind.GRANT


def test_a_past_balance_never_changes(bank: Bank):
    """L14."""
    someone, now = a_resident(), clock.now()
    with clock.at(now - timedelta(days=2)):
        bank.grant(someone, 10)
        bank.hold(someone, 4, hours=100)
    found = queries.as_of(bank.session, someone, now - timedelta(days=1))
    bank.grant(someone, 5)
    bank.spend(someone, 2)
    assert queries.as_of(bank.session, someone, now - timedelta(days=1)) == found == queries.PastBalance(10, 0, 4)
    assert queries.as_of(bank.session, someone, now - timedelta(days=3)) == queries.PastBalance(0, 0, 0)


def test_what_was_booked_for_a_subject_is_found_again(bank: Bank):
    granted = bank.grant(a_resident(), 5, subject="activity:found")
    assert [one.id for one in queries.by_subject(bank.session, "activity:found")] == [granted.transaction_id]


def test_the_books_add_up(bank: Bank):
    someone = a_resident()
    bank.grant(someone, 100)
    bank.spend(someone, 40)
    bank.grant(someone, 10, pending_until=clock.now() + timedelta(days=1))
    books = queries.books(bank.session)
    assert books.issued == books.in_fund + books.granted
    assert books.granted == books.spent + books.held + books.expired - books.owed
    (programme,) = [one for one in books.programmes if one.owner == bank.fund.owner]
    assert (programme.in_fund, programme.promised) == (900, 10)


@pytest.mark.parametrize("table", ["posting", "lot_allocation", "ledger_root", "ledger_leaf", "journal_transaction"])
@pytest.mark.parametrize("change", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0} CASCADE"])
def test_the_database_refuses_any_change(bank: Bank, table: str, change: str):
    """L11."""
    column = {"posting": "seq", "ledger_root": "position", "ledger_leaf": "seq", "journal_transaction": "amount"}
    with pytest.raises(Exception, match="never changed"), bank.session.begin_nested():
        bank.session.execute(text(change.format(table, column.get(table, "held"))))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger_account SET owner = 'system'",
        "DELETE FROM ledger_account",
        "UPDATE lot SET expires_on = expires_on + 1",
        "DELETE FROM lot",
        "UPDATE journal_transaction SET state = 'pending'",
    ],
)
def test_what_is_fixed_of_a_row_stays(bank: Bank, change: str):
    bank.grant(a_resident(), 5)
    with pytest.raises(Exception, match="never changed"), bank.session.begin_nested():
        bank.session.execute(text(change))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger_account SET posted = -1 WHERE holds_lots",
        "UPDATE ledger_account SET pending_in = -1",
        "UPDATE lot SET remaining = amount + 1",
        "UPDATE lot SET held = remaining + 1",
        "UPDATE lot SET is_open = false",
    ],
)
def test_the_database_knows_the_floors_itself(bank: Bank, change: str):
    """L4, L8."""
    bank.grant(a_resident(), 5)
    with pytest.raises(Exception, match="check constraint"), bank.session.begin_nested():
        bank.session.execute(text(change))


def test_the_database_refuses_postings_that_do_not_balance(bank: Bank):
    """L1."""
    granted = bank.grant(a_resident(), 5)
    lone = text(
        "INSERT INTO posting SELECT account_id, seq + 100, transaction_id, 7, 0, 0, hash, hash FROM posting"
        " WHERE transaction_id = :id LIMIT 1"
    )
    with pytest.raises(Exception, match="do not balance"), bank.session.begin_nested():
        bank.session.execute(lone, {"id": granted.transaction_id})


def test_the_rights_to_change_are_taken_away(session: Session):
    """L11: for whoever is no superuser, the owner included."""
    rows = session.execute(
        text(
            "SELECT relname, array_agg(DISTINCT p.privilege_type) FROM pg_class, aclexplode(relacl) AS p"
            " WHERE relname IN ('posting', 'lot_allocation', 'ledger_root', 'ledger_leaf') GROUP BY relname"
        )
    )
    for _, rights in rows:
        assert not {"UPDATE", "DELETE", "TRUNCATE"} & set(rights)
