"""S-75: sixty-four at once on one stock and on one ticket, on connections of their own and from two processes."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session

from backend.core import clock, db
from backend.core.actor import Role
from backend.core.db import session_scope
from backend.core.errors import DomainError
from backend.core.ids import new_id
from backend.coupons import accounts, codes, queries
from backend.coupons.rules import Stock
from backend.coupons.schemas import Till
from backend.coupons.service import campaigns, redemption, settlement
from tests.factories.accounts import make_staff
from tests.factories.coupons import claim, make_saver, money_of, open_market, points_of, shown
from tests.factories.residents import Neighbour

pytestmark = pytest.mark.usefixtures("own_engine")

AT_ONCE = 64
THREADS = 10
"""As many as the pool has connections; the rest of the 64 follow without a pause."""


def at_once(acts: list[Callable[[Session], Any]]) -> Counter[str]:
    """Start all behind one barrier, each in a transaction of its own; return how many ended how."""
    barrier = Barrier(THREADS)

    def run(number: int) -> str:
        if number < THREADS:
            barrier.wait(20)
        try:
            with session_scope() as session:
                acts[number](session)
        except DomainError as refused:
            return type(refused).__name__
        return "done"

    with ThreadPoolExecutor(THREADS) as pool:
        return Counter(pool.map(run, range(len(acts))))


def prepared(stock: int, savers: int, **facts: Any) -> tuple[UUID, list[Neighbour], list[Till]]:
    """Commit a market with a campaign and residents with points."""
    with session_scope() as session:
        market = open_market(session, shops=2)
        campaign_id = market.campaign(stock=stock, **facts)
        return campaign_id, [make_saver(session, 500) for _ in range(savers)], market.tills


def claims_of(savers: list[Neighbour], campaign_id: UUID) -> list[Callable[[Session], Any]]:
    return [lambda session, saver=saver: claim(session, saver, campaign_id) for saver in savers]


def test_sixty_four_claims_of_a_stock_of_one_are_one():
    campaign_id, savers, _ = prepared(1, AT_ONCE)
    assert at_once(claims_of(savers, campaign_id)) == {"done": 1, "SoldOut": AT_ONCE - 1}
    with session_scope() as session:
        shelf = queries.shelves(session, [campaign_id])[campaign_id]
        assert (shelf.unsold, shelf.issued) == (0, 1)
        assert sum(500 - points_of(session, saver) for saver in savers) == 100


def test_a_stock_is_sold_to_the_last_unit_and_no_further():
    campaign_id, savers, _ = prepared(40, AT_ONCE)
    assert at_once(claims_of(savers, campaign_id)) == {"done": 40, "SoldOut": AT_ONCE - 40}


def test_one_resident_tapping_sixty_four_times_gets_what_one_may_have():
    campaign_id, [saver], _ = prepared(100, 1, per_person=2)
    assert at_once(claims_of([saver] * AT_ONCE, campaign_id)) == {"done": 2, "LimitReached": AT_ONCE - 2}
    with session_scope() as session:
        assert points_of(session, saver) == 300


def test_one_request_sent_sixty_four_times_is_one_ticket():
    campaign_id, [saver], _ = prepared(100, 1, per_person=5)
    same = new_id()
    acts: list[Callable[[Session], Any]] = [
        lambda session: claim(session, saver, campaign_id, same) for _ in range(AT_ONCE)
    ]
    assert at_once(acts) == {"done": AT_ONCE}
    with session_scope() as session:
        assert points_of(session, saver) == 400


def test_sixty_four_redemptions_of_one_ticket_are_one():
    campaign_id, [saver], tills = prepared(1, 1)
    with session_scope() as session:
        code = shown(claim(session, saver, campaign_id).id)
    acts: list[Callable[[Session], Any]] = [
        lambda session, number=number: redemption.redeem(session, tills[number % 2], new_id(), code)
        for number in range(AT_ONCE)
    ]
    assert at_once(acts) == {"done": 1, "AlreadyRedeemed": AT_ONCE - 1}
    with session_scope() as session:
        assert sum(money_of(session, accounts.payable(till.merchant_id)) for till in tills) == 500


def test_one_redemption_sent_sixty_four_times_is_one():
    campaign_id, [saver], tills = prepared(1, 1)
    with session_scope() as session:
        code = shown(claim(session, saver, campaign_id).id)
    same = new_id()
    acts: list[Callable[[Session], Any]] = [
        lambda session: redemption.redeem(session, tills[0], same, code) for _ in range(AT_ONCE)
    ]
    assert at_once(acts) == {"done": AT_ONCE}
    with session_scope() as session:
        assert money_of(session, accounts.payable(tills[0].merchant_id)) == 500


def test_two_processes_share_one_stock():
    campaign_id, savers, _ = prepared(7, 20)
    ids = " ".join(str(saver.resident_id) for saver in savers)
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.factories.claiming", str(campaign_id), *half],
            stdout=subprocess.PIPE,
            text=True,
            env=_environment(),
        )
        for half in (ids.split()[:10], ids.split()[10:])
    ]
    done = [process.communicate(timeout=60)[0].strip() for process in started]
    assert sum(int(count) for count in done) == 7


def _environment() -> dict[str, str]:
    source = db.get_database().source
    assert not isinstance(source, db.Connection)
    return os.environ | {"GREEN_DATABASE_URL": source.url.render_as_string(hide_password=False)}


def test_a_close_beside_claims_leaves_nothing_behind():
    """Whatever is sold before the end is sold; the rest of the money is the funder's again."""
    with session_scope() as session:
        market = open_market(session, yuan=10_000)
        campaign_id = market.campaign(stock=200)
        savers = [make_saver(session, 100) for _ in range(40)]
        officer, funder_id = market.officer, market.funder_id
    acts: list[Callable[[Session], Any]] = claims_of(savers, campaign_id)
    acts.insert(5, lambda session: campaigns.close(session, officer, campaign_id))
    ended = at_once(acts)
    assert set(ended) <= {"done", "NotOpen", "SoldOut"}
    with session_scope() as session:
        shelf = queries.shelves(session, [campaign_id])[campaign_id]
        assert (shelf.unsold, shelf.issued) == (0, ended["done"] - 1)
        assert money_of(session, accounts.fund(campaign_id)) == shelf.issued * 500
        assert money_of(session, accounts.value(campaign_id, Stock.FACE)) == 0
        free = queries.free_money(session, queries.funder(session, funder_id))
        assert free == 10_000_00 - shelf.issued * 500


def test_two_tills_and_the_clock_agree_on_one_ticket():
    """A reservation that lapses beside a confirmation: either it was redeemed, or it is free again."""
    campaign_id, [saver], tills = prepared(1, 1)
    with session_scope() as session:
        coupon_id, reservation = claim(session, saver, campaign_id).id, new_id()
        redemption.reserve(session, tills[0], reservation, codes.read(shown(coupon_id)))
    acts: list[Callable[[Session], Any]] = [
        lambda session: redemption.confirm(session, tills[0], new_id(), reservation),
        redemption.reinstate,
    ] * (AT_ONCE // 2)
    ended = at_once(acts)
    assert ended["done"] == AT_ONCE // 2 + 1


def test_parallel_runs_of_a_settlement_count_every_redemption_once():
    """L16: whoever comes second finds nothing left."""
    campaign_id, savers, tills = prepared(20, 12)
    with session_scope() as session, clock.at(clock.now() + timedelta(seconds=1)):
        for number, saver in enumerate(savers):
            code = shown(claim(session, saver, campaign_id).id)
            redemption.redeem(session, tills[number % 2], new_id(), code)
        officer = make_staff(session, Role.PROGRAMME_OFFICER, None).actor
    tomorrow = clock.now() + timedelta(days=1)

    def draft(session: Session) -> None:
        with clock.at(tomorrow):
            settlement.draft_all(session, officer, clock.today())

    ended = at_once([draft] * 24)
    assert set(ended) <= {"done", "NothingToSettle"}
    with session_scope() as session:
        batches = queries.batches(session)
        assert sorted(one.redemption_count for one in batches) == [6, 6]
        assert sum(one.sum_fen for one in batches) == 12 * 500


def test_a_batch_is_paid_once():
    campaign_id, [saver], tills = prepared(1, 1)
    with session_scope() as session:
        redemption.redeem(session, tills[0], new_id(), shown(claim(session, saver, campaign_id).id))
        officer, finance = (make_staff(session, role, None).actor for role in (Role.PROGRAMME_OFFICER, Role.FINANCE))
        with clock.at(clock.now() + timedelta(days=1)):
            batch_id = settlement.draft(session, officer, tills[0].merchant_id, clock.today()).id
            settlement.approve(session, finance, batch_id)
    acts: list[Callable[[Session], Any]] = [lambda session: settlement.pay(session, finance, batch_id, "B-1")] * 16
    assert at_once(acts) == {"done": 1, "StepNotAllowed": 15}
    with session_scope() as session:
        assert money_of(session, accounts.payable(tills[0].merchant_id)) == 0
        assert money_of(session, accounts.paid(tills[0].merchant_id)) == 500
