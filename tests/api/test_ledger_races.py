"""L4, L5, L20, S-75: what holds when many ask at once, in threads and in two processes, each on a connection of its own."""

import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Barrier
from uuid import uuid4

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from backend.core import db
from backend.core.config import Settings
from backend.core.db import session_scope
from backend.core.errors import DomainError
from backend.ledger import commands, queries, verify
from backend.ledger.errors import AlreadyResolved, AlreadyReversed, InsufficientFunds
from backend.ledger.rules import AccountRef, Asset, Movement
from tests.factories.ledger import Bank, a_household, a_resident, make_bank

pytestmark = pytest.mark.usefixtures("own_engine")

CALLERS = 8


def at_once(acts: Sequence[Callable[[], object]], callers: int = CALLERS) -> Counter[str]:
    """Let callers begin at the same moment; count what became of it, `done` or the name of the refusal."""
    start = Barrier(min(callers, len(acts)))

    def one(place: int) -> str:
        if place < start.parties:
            start.wait()
        try:
            acts[place]()
        except DomainError as refusal:
            return type(refusal).__name__
        return "done"

    with ThreadPoolExecutor(callers) as pool:
        return Counter(pool.map(one, range(len(acts))))


def act(bank: Bank, do: Callable[[Bank], object]) -> Callable[[], None]:
    """Return a caller with a transaction of its own."""

    def alone() -> None:
        with session_scope() as session:
            do(Bank(session, fund=bank.fund, shop=bank.shop, prefix=uuid4().hex))

    return alone


def sound() -> bool:
    with session_scope() as session:
        return verify.first_bad(session) is None


@pytest.fixture
def bank() -> Bank:
    """A committed fund of 10,000 points; its session is closed, only its names are used."""
    with session_scope() as session:
        return make_bank(session, 10_000)


def holding(bank: Bank, ref: AccountRef) -> int:
    with session_scope() as session:
        return queries.balance_of(session, ref).posted


def with_points(bank: Bank, *amounts: int) -> AccountRef:
    someone = a_resident()
    for place, amount in enumerate(amounts):
        act(bank, lambda own, amount=amount, place=place: own.grant(someone, amount, days=1 + place))()
    return someone


def test_one_balance_is_spent_once(bank: Bank):
    someone = with_points(bank, 30, 30, 40)
    found = at_once([act(bank, lambda own: own.spend(someone, 10))] * 32)
    assert found == {"done": 10, "InsufficientFunds": 22}
    assert holding(bank, someone) == 0
    assert sound()


@pytest.mark.parametrize("stock", [1, 5])
def test_no_more_is_claimed_than_the_stock(bank: Bank, stock: int):
    """S-75: 64 parallel claims of stock 1 succeed exactly once."""
    campaign = uuid4()
    units, given = (AccountRef.of_campaign(campaign, Asset.COUPON_UNIT, purpose) for purpose in ("stock", "issued"))
    act(bank, lambda own: own.issue(stock, units))()
    people = [with_points(bank, 10) for _ in range(64)]
    found = at_once(
        [act(bank, lambda own, one=one: own.spend(one, 10, also=[Movement(units, given, 1)])) for one in people]
    )
    assert found == {"done": stock, "InsufficientFunds": 64 - stock}
    assert (holding(bank, units), holding(bank, given)) == (0, stock)
    assert sum(holding(bank, one) for one in people) == 10 * (64 - stock)
    assert sound()


def test_a_fund_is_given_out_to_the_last_point(bank: Bank):
    """L15, L20: whichever rows the last points lie in."""
    fund = AccountRef.of_programme(f"small{uuid4().hex[:8]}")
    act(bank, lambda own: own.issue(100, fund))()
    found = at_once([act(bank, lambda own: own.grant(a_resident(), 7, fund=fund)) for _ in range(40)])
    assert found == {"done": 14, "InsufficientFunds": 26}
    assert holding(bank, fund) == 2
    assert sound()


def test_the_same_key_has_one_effect(bank: Bank):
    """L5: sixty-four at once, one booking."""
    someone = with_points(bank, 50)
    found = at_once([act(bank, lambda own: own.spend(someone, 10, key="the one"))] * 64)
    assert found == {"done": 64}
    assert holding(bank, someone) == 40


def test_two_bodies_under_one_key_have_one_effect(bank: Bank):
    one, two = with_points(bank, 50), with_points(bank, 50)
    found = at_once([act(bank, lambda own, who=who: own.spend(who, 10, key="the one")) for who in (one, two) * 16])
    assert found == {"done": 16, "IdempotencyKeyReused": 16}
    assert holding(bank, one) + holding(bank, two) == 90


def test_what_is_pending_is_decided_once(bank: Bank):
    """L6."""
    someone = with_points(bank, 50)
    with session_scope() as session:
        pending = Bank(session, fund=bank.fund, shop=bank.shop).hold(someone, 20).transaction_id
    acts = [act(bank, lambda own: own.post(pending)), act(bank, lambda own: own.void(pending))] * 8
    found = at_once(acts)
    assert found == {"done": 1, AlreadyResolved.__name__: 15}
    assert holding(bank, someone) in {30, 50}
    assert sound()


def test_a_transaction_is_taken_back_once(bank: Bank):
    """L7."""
    someone = a_resident()
    with session_scope() as session:
        granted = Bank(session, fund=bank.fund, shop=bank.shop).grant(someone, 20).transaction_id
    acts = [act(bank, lambda own: own.reverse(granted)), act(bank, lambda own: own.clawback(granted))] * 8
    assert at_once(acts) == {"done": 1, AlreadyReversed.__name__: 15}
    assert holding(bank, someone) == 0


def crowd(bank: Bank, people: list[AccountRef], seed: int) -> Iterator[Callable[[], None]]:
    """Prepare a mixture of everything between a few accounts, so that they meet."""
    random, home = Random(seed), people[-1]
    verbs: list[Callable[[Bank, AccountRef, int], object]] = [
        lambda own, one, amount: own.grant(one, amount),
        lambda own, one, amount: own.spend(one, amount),
        lambda own, one, amount: own.move(one, home, amount) if one != home else own.spend(one, amount),
        lambda own, one, amount: own.move(home, one, amount) if one != home else own.grant(people[0], amount),
        lambda own, one, amount: own.void(own.hold(one, amount).transaction_id),
        lambda own, one, amount: own.post(own.hold(one, amount).transaction_id, 1),
        lambda own, one, amount: own.reverse(own.spend(one, amount).transaction_id),
        lambda own, one, amount: own.clawback(own.grant(one, amount).transaction_id) if one != home else None,
    ]
    for _ in range(120):
        verb, one, amount = random.choice(verbs), random.choice(people), random.randint(1, 9)
        yield act(bank, lambda own, verb=verb, one=one, amount=amount: verb(own, one, amount))


def elsewhere(url: str, bank: Bank, people: list[AccountRef], seed: int) -> None:
    """Be the other process."""
    engine = db.open_engine(Settings(database_url=url))
    db.use(db.Database(engine))
    try:
        at_once(list(crowd(bank, people, seed)), 6)
    finally:
        engine.dispose()


def test_two_processes_and_their_threads_keep_the_books(bank: Bank, own_engine: Engine):
    """L2, L3, L4, L8 after all of it; a deadlock, or a refusal that is none of ours, would fail the process."""
    people = [with_points(bank, 40, 40), with_points(bank, 60), with_points(bank, 5), a_household()]
    url = own_engine.url.render_as_string(hide_password=False).replace("+psycopg", "", 1)
    names = Bank.__new__(Bank)
    names.fund, names.shop = bank.fund, bank.shop
    other = multiprocessing.get_context("spawn").Process(target=elsewhere, args=(url, names, people, 2))
    other.start()
    found = at_once(list(crowd(bank, people, 1)), 6)
    other.join(60)
    assert other.exitcode == 0
    assert found["done"] > 60
    assert set(found) <= {"done", InsufficientFunds.__name__, "AlreadySpent"}
    assert sound()


def a_month(session: Session) -> tuple[int, list[int]]:
    """Do the same things again; return how often they were refused, and what everybody holds."""
    bank = make_bank(session, 200)
    people = [a_resident() for _ in range(4)]
    random, refused = Random(7), 0
    for _ in range(80):
        verb, one, amount = random.choice([bank.grant, bank.spend]), random.choice(people), random.randint(1, 20)
        try:
            verb(one, amount)
        except InsufficientFunds:
            refused += 1
    assert len(queries.rows_of(session, bank.fund)) == commands.SHARDS
    return refused, [queries.balance_of(session, ref).posted for ref in (bank.fund, bank.shop, *people)]


def test_the_number_of_rows_of_a_hot_account_changes_nothing(monkeypatch: pytest.MonkeyPatch):
    """L20: one row and sixteen."""
    with session_scope() as session:
        many = a_month(session)
        monkeypatch.setattr(commands, "SHARDS", 1)
        assert a_month(session) == many
    assert many[0] > 0
