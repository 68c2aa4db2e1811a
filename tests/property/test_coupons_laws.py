"""L15 and L16, for any order of steps: never more issued than there is stock or money, and every redemption settled once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import Session, col, select

from backend.core import clock, db
from backend.core.errors import DomainError
from backend.core.ids import new_id
from backend.coupons import accounts, codes, queries
from backend.coupons.models import Coupon, Redemption, SettlementBatch
from backend.coupons.rules import BatchState, CampaignState, CouponState, Stock
from backend.coupons.service import campaigns, claims, redemption, settlement
from backend.ledger import verify
from tests.factories.coupons import claim, make_saver, money_of, open_market, points_of

FACE, PRICE, STOCK, MOST, POINTS = 300, 70, 5, 2, 250
FUND_YUAN = 100


class Coupons(RuleBasedStateMachine):
    """People, tills, clerks and the clock, in any order; the books must hold after every step."""

    engine: db.Engine
    coupons: Bundle[UUID] = Bundle("coupons")
    in_hand: Bundle[tuple[int, UUID]] = Bundle("in_hand")

    def __init__(self) -> None:
        super().__init__()
        self.connection = self.engine.connect()
        self.transaction = self.connection.begin()
        self.session = Session(self.connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
        self.now = clock.now().replace(hour=2)
        self.given_back = 0

    @initialize()
    def open_the_market(self) -> None:
        with clock.at(self.now):
            self.market = open_market(self.session, yuan=FUND_YUAN, shops=2)
            self.savers = [make_saver(self.session, POINTS) for _ in range(3)]
            self.campaign_id = self.market.campaign(
                stock=STOCK, face_fen=FACE, price_points=PRICE, per_person=MOST
            )  # fmt: skip
            self.session.commit()

    def attempt(self, act: Callable[..., Any], *arguments: object) -> Any:
        """Do it or be refused; a refusal has changed nothing."""
        with clock.at(self.now):
            try:
                done = act(self.session, *arguments)
            except DomainError:
                self.session.rollback()
                return None
            self.session.commit()
            return done

    @rule(target=coupons, who=st.integers(0, 2))
    def exchange(self, who: int) -> UUID | MultipleResults[UUID]:
        got = self.attempt(claim, self.savers[who], self.campaign_id)
        return got.id if got else multiple()

    @rule(coupon_id=coupons, who=st.integers(0, 2))
    def exchange_again(self, coupon_id: UUID, who: int) -> None:
        before = points_of(self.session, self.savers[who])
        self.attempt(claim, self.savers[who], self.campaign_id, coupon_id)
        assert points_of(self.session, self.savers[who]) == before

    @rule(target=in_hand, coupon_id=coupons, till=st.integers(0, 1))
    def take_in_hand(self, coupon_id: UUID, till: int) -> tuple[int, UUID] | MultipleResults[tuple[int, UUID]]:
        reservation = new_id()
        with clock.at(self.now):
            shown = codes.read(codes.rotating(coupon_id))
        done = self.attempt(redemption.reserve, self.market.tills[till], reservation, shown)
        return (till, reservation) if done else multiple()

    @rule(held=in_hand)
    def confirm(self, held: tuple[int, UUID]) -> None:
        till, reservation = held
        # The id of the redemption is the reservation's: sent again it is the same request.
        self.attempt(redemption.confirm, self.market.tills[till], reservation, reservation)

    @rule(held=in_hand)
    def give_back(self, held: tuple[int, UUID]) -> None:
        self.attempt(redemption.release, self.market.tills[held[0]], held[1])

    @rule(coupon_id=coupons, till=st.integers(0, 1))
    def redeem_at_once(self, coupon_id: UUID, till: int) -> None:
        with clock.at(self.now):
            code = codes.rotating(coupon_id)
        self.attempt(redemption.redeem, self.market.tills[till], new_id(), code)

    @rule(coupon_id=coupons)
    def take_back(self, coupon_id: UUID) -> None:
        self.attempt(campaigns.void, self.market.officer, coupon_id, "误领")

    @rule(who=st.integers(0, 2), coupon_id=coupons)
    def show(self, who: int, coupon_id: UUID) -> None:
        self.attempt(claims.show, self.savers[who].actor, coupon_id)

    @rule(minutes=st.sampled_from([1, 3, 60 * 24, 60 * 24 * 25]))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        for job in (redemption.reinstate, campaigns.close_ended, campaigns.expire):
            self.attempt(job)

    @rule()
    def close(self) -> None:
        self.attempt(campaigns.close, self.market.officer, self.campaign_id)

    @rule()
    def settle(self) -> None:
        self.attempt(settlement.draft_all, self.market.officer, self.now.date() + timedelta(days=5))

    @rule(step=st.sampled_from(["approve", "pay", "dispute"]), place=st.integers(0, 3))
    def push_a_batch(self, step: str, place: int) -> None:
        batches = queries.batches(self.session)
        if not batches:
            return
        batch_id = batches[place % len(batches)].id
        match step:
            case "approve":
                self.attempt(settlement.approve, self.market.finance, batch_id)
            case "pay":
                self.attempt(settlement.pay, self.market.cashier, batch_id, "B-1")
            case _:
                self.attempt(settlement.dispute, self.market.finance, batch_id, "数目不对")

    @invariant()
    def what_is_issued_is_covered(self) -> None:
        """L15."""
        if not hasattr(self, "campaign_id"):
            return
        states = [one.state for one in self.session.exec(
            select(Coupon).execution_options(populate_existing=True))]  # fmt: skip
        live = sum(one in {CouponState.ISSUED, CouponState.RESERVED} for one in states)
        used, lapsed = states.count(CouponState.REDEEMED), states.count(CouponState.EXPIRED)
        shelf = queries.shelves(self.session, [self.campaign_id])[self.campaign_id]
        campaign = queries.campaign(self.session, self.campaign_id)
        retired = money_of(self.session, accounts.units(self.campaign_id, Stock.RETIRED))
        assert (shelf.issued, shelf.used, shelf.lapsed) == (live, used, lapsed)
        assert shelf.unsold + live + used + lapsed + retired == STOCK
        assert campaign.state is not CampaignState.CLOSED or shelf.unsold == 0
        assert money_of(self.session, accounts.value(self.campaign_id, Stock.OUTSTANDING)) == live * FACE
        paid = sum(money_of(self.session, accounts.paid(till.merchant_id)) for till in self.market.tills)
        assert shelf.fund_fen == (shelf.unsold + live + used) * FACE - paid
        free = queries.free_money(self.session, queries.funder(self.session, self.market.funder_id))
        assert free + shelf.fund_fen + paid == FUND_YUAN * 100
        spent = sum(POINTS - points_of(self.session, saver) for saver in self.savers)
        assert spent == (live + used + lapsed) * PRICE

    @invariant()
    def every_redemption_is_settled_once(self) -> None:
        """L16."""
        if not hasattr(self, "campaign_id"):
            return
        rows = list(self.session.exec(select(Redemption).execution_options(populate_existing=True)))
        assert len({one.coupon_id for one in rows}) == len(rows)
        for till in self.market.tills:
            mine = [one for one in rows if one.merchant_id == till.merchant_id]
            paid_fen = 0
            for batch in self.session.exec(
                select(SettlementBatch).where(col(SettlementBatch.merchant_id) == till.merchant_id)
            ):
                inside = [one.amount_fen for one in mine if one.batch_id == batch.id]
                assert (len(inside), sum(inside)) == (batch.redemption_count, batch.sum_fen)
                paid_fen += batch.sum_fen if batch.state is BatchState.PAID else 0
            owed = money_of(self.session, accounts.payable(till.merchant_id))
            assert owed == sum(one.amount_fen for one in mine) - paid_fen
            assert money_of(self.session, accounts.paid(till.merchant_id)) == paid_fen

    def teardown(self) -> None:
        bad = verify.first_bad(self.session)
        self.session.close()
        self.transaction.rollback()
        self.connection.close()
        assert bad is None


@pytest.fixture
def own_rows(engine: db.Engine) -> db.Engine:
    Coupons.engine = engine
    return engine


@pytest.mark.usefixtures("own_rows")
def test_no_order_of_steps_oversells_or_pays_twice():
    run_state_machine_as_test(
        Coupons,
        settings=settings(
            max_examples=max(6, settings().max_examples // 2),
            stateful_step_count=25,
            deadline=None,
        ),
    )
