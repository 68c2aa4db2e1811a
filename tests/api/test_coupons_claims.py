"""A resident exchanges points for a ticket: everything or nothing, once, and a clear sentence when it is not to be."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import Session

from backend.core import clock
from backend.core.ids import new_id
from backend.coupons import accounts, queries
from backend.coupons.errors import (
    CampaignUnknown,
    IdReused,
    LimitReached,
    NotOpen,
    PurseUnknown,
    SoldOut,
    TooFewPoints,
)
from backend.coupons.rules import CouponState, Purse, Stock
from backend.coupons.schemas import Claimed
from backend.coupons.service import campaigns, claims
from backend.households import pool
from backend.households.errors import DailyLimitReached
from tests.factories.coupons import claim, make_saver, money_of, open_market, points_of
from tests.factories.households import available, come_in, earn, lots_of, make_household, stay_of
from tests.factories.residents import make_resident


def test_points_stock_and_face_value_move_together(session: Session):
    market = open_market(session)
    campaign_id, saver = market.campaign(stock=3), make_saver(session, 250)
    got = claim(session, saver, campaign_id)
    assert got.is_new
    assert (points_of(session, saver), market.coupon(got.id).state) == (150, CouponState.ISSUED)
    shelf = queries.shelves(session, [campaign_id])[campaign_id]
    assert (shelf.unsold, shelf.issued, shelf.fund_fen) == (2, 1, 1500)
    assert money_of(session, accounts.value(campaign_id, Stock.OUTSTANDING)) == 500
    assert money_of(session, accounts.points(campaign_id)) == 100


def test_the_same_id_gets_the_same_answer_and_one_effect(session: Session):
    market = open_market(session)
    campaign_id, saver, coupon_id = market.campaign(per_person=5), make_saver(session, 1000), new_id()
    first, second = (claim(session, saver, campaign_id, coupon_id) for _ in range(2))
    assert (first.is_new, second.is_new) == (True, False)
    assert first.claimed_at == second.claimed_at
    assert points_of(session, saver) == 900


def test_the_same_id_for_something_else_is_refused(session: Session):
    market = open_market(session)
    campaign_id, other, saver = market.campaign(), market.campaign(), make_saver(session)
    coupon_id = claim(session, saver, campaign_id).id
    with pytest.raises(IdReused):
        claim(session, saver, other, coupon_id)
    with pytest.raises(IdReused):
        claim(session, make_saver(session), campaign_id, coupon_id)


def test_the_last_one_is_sold_once(session: Session):
    market = open_market(session)
    campaign_id, saver = market.campaign(stock=1), make_saver(session)
    claim(session, make_saver(session), campaign_id)
    with pytest.raises(SoldOut):
        claim(session, saver, campaign_id)
    assert points_of(session, saver) == 1000


def test_every_unit_of_an_uneven_stock_is_sold(session: Session):
    """The rows of the spread accounts run dry at different moments; the last units are found on any of them."""
    market = open_market(session)
    campaign_id = market.campaign(stock=21, face_fen=333)
    for _ in range(21):
        claim(session, make_saver(session, 100), campaign_id)
    with pytest.raises(SoldOut):
        claim(session, make_saver(session), campaign_id)
    assert money_of(session, accounts.value(campaign_id, Stock.FACE)) == 0


def test_nobody_gets_more_than_one_person_may_have(session: Session):
    market = open_market(session)
    campaign_id, saver = market.campaign(per_person=2), make_saver(session)
    for _ in range(2):
        claim(session, saver, campaign_id)
    with pytest.raises(LimitReached):
        claim(session, saver, campaign_id)


def test_a_ticket_taken_back_frees_its_place_and_returns_the_points(session: Session):
    market = open_market(session)
    campaign_id, saver = market.campaign(stock=1), make_saver(session, 100)
    coupon_id = claim(session, saver, campaign_id).id
    campaigns.void(session, market.officer, coupon_id, "店铺停业")
    assert points_of(session, saver) == 100
    assert claim(session, saver, campaign_id).is_new
    assert claim(session, saver, campaign_id, coupon_id).state is CouponState.VOID


def test_too_few_points_are_told_with_what_is_missing(session: Session):
    market = open_market(session)
    with pytest.raises(TooFewPoints) as refused:
        claim(session, make_saver(session, 88), market.campaign())
    assert refused.value.params == {"missing": 12}


def test_a_campaign_gives_out_only_between_its_days(session: Session):
    market, today = open_market(session), clock.today()
    later = market.campaign(opens_on=today + timedelta(days=2))
    draft, saver = market.draft(), make_saver(session)
    with pytest.raises(NotOpen):
        claim(session, saver, later)
    with pytest.raises(CampaignUnknown):
        claim(session, saver, draft.id)
    with pytest.raises(CampaignUnknown):
        claim(session, saver, new_id())
    with clock.at(clock.now() + timedelta(days=31)), pytest.raises(NotOpen):
        claim(session, saver, later)


def test_without_a_household_there_is_no_pool_to_pay_from(session: Session):
    market = open_market(session)
    with pytest.raises(PurseUnknown):
        claims.pay_from(session, make_saver(session).actor, Purse.HOUSEHOLD, market.campaign(), new_id())


def test_the_family_pool_pays_once_and_gets_its_points_back(session: Session):
    market, family = open_market(session), make_household(session)
    campaign_id, member = market.campaign(per_person=2), come_in(session, family)
    earn(session, family.owner.resident_id, 150)
    pool.contribute(session, family.owner.actor, new_id(), 150)

    def pay(coupon_id: UUID) -> Claimed:
        source = claims.pay_from(session, member.actor, Purse.HOUSEHOLD, campaign_id, coupon_id)
        return claims.claim(session, member.actor, campaign_id, coupon_id, source=source)

    first = pay(new_id())
    assert (first.is_new, pay(first.id).is_new) == (True, False)
    assert available(session, family.account) == 50
    with pytest.raises(TooFewPoints):
        pay(new_id())
    campaigns.void(session, market.officer, first.id, "店铺停业")
    assert lots_of(session, family.account).keys() == {
        (f"resident:{family.owner.resident_id}", clock.today() + timedelta(days=365))
    }
    assert available(session, family.account) == 150


def test_a_childs_day_limit_holds_at_the_pool(session: Session):
    market, family = open_market(session), make_household(session)
    teenager = make_resident(session, birth_year=clock.today().year - 16)
    campaign_id, child = market.campaign(), come_in(session, family, teenager)
    stay_of(session, child).daily_limit = 99
    earn(session, family.owner.resident_id, 150)
    pool.contribute(session, family.owner.actor, new_id(), 150)
    with pytest.raises(DailyLimitReached):
        claims.pay_from(session, child.actor, Purse.HOUSEHOLD, campaign_id, new_id())
