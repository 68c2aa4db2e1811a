"""A till takes a ticket: two steps, once, and whatever was shown before or elsewhere gets one clear sentence."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from backend.core import clock
from backend.core.ids import new_id
from backend.coupons import accounts, codes, queries
from backend.coupons.errors import (
    AlreadyRedeemed,
    CodeStale,
    IdReused,
    NotAcceptedHere,
    ReservationLapsed,
    TicketExpired,
    TicketInUse,
    TicketUnknown,
    TicketVoid,
)
from backend.coupons.rules import CouponState, Stock
from backend.coupons.service import campaigns, claims, redemption
from tests.factories.coupons import claim, make_saver, money_of, open_market, shown


def test_two_steps_redeem_a_ticket(session: Session):
    market = open_market(session)
    campaign_id = market.campaign()
    coupon_id, till, reservation = claim(session, make_saver(session), campaign_id).id, market.tills[0], new_id()
    held = redemption.reserve(session, till, reservation, codes.read(shown(coupon_id)))
    assert (held.face_fen, market.coupon(coupon_id).state) == (500, CouponState.RESERVED)
    done = redemption.confirm(session, till, new_id(), reservation)
    assert (done.amount_fen, market.coupon(coupon_id).state) == (500, CouponState.REDEEMED)
    assert money_of(session, accounts.payable(till.merchant_id)) == 500
    assert money_of(session, accounts.value(campaign_id, Stock.OUTSTANDING)) == 0
    assert queries.shelves(session, [campaign_id])[campaign_id].used == 1


def test_the_same_redemption_again_gets_the_same_answer(session: Session):
    market = open_market(session)
    coupon_id, till, same = claim(session, make_saver(session), market.campaign()).id, market.tills[0], new_id()
    code = shown(coupon_id)
    first, second = (redemption.redeem(session, till, same, code) for _ in range(2))
    assert (first.is_new, second.is_new) == (True, False)
    assert first.redeemed_at == second.redeemed_at
    with clock.at(clock.now() + timedelta(hours=1)):
        assert redemption.redeem(session, till, same, code).redeemed_at == first.redeemed_at
    assert money_of(session, accounts.payable(till.merchant_id)) == 500


def test_an_id_stands_for_one_redemption(session: Session):
    market = open_market(session, shops=2)
    campaign_id, same = market.campaign(), new_id()
    one, other = (claim(session, make_saver(session), campaign_id).id for _ in range(2))
    redemption.redeem(session, market.tills[0], same, shown(one))
    with pytest.raises(IdReused):
        redemption.redeem(session, market.tills[0], same, shown(other))
    with pytest.raises(IdReused):
        redemption.redeem(session, market.tills[1], same, shown(one))


def test_a_used_ticket_says_so(session: Session):
    market = open_market(session, shops=2)
    coupon_id = claim(session, make_saver(session), market.campaign()).id
    redemption.redeem(session, market.tills[0], new_id(), shown(coupon_id))
    with pytest.raises(AlreadyRedeemed):
        redemption.redeem(session, market.tills[1], new_id(), shown(coupon_id))


def test_a_screenshot_is_worth_nothing_after_a_minute(session: Session):
    market = open_market(session)
    coupon_id = claim(session, make_saver(session), market.campaign()).id
    picture = shown(coupon_id)
    with clock.at(clock.now() + timedelta(seconds=90)), pytest.raises(CodeStale):
        redemption.redeem(session, market.tills[0], new_id(), picture)


def test_a_code_signed_before_works_without_a_network_and_once(session: Session):
    market = open_market(session)
    ticket = claim(session, make_saver(session), market.campaign())
    kept, until = codes.signed(ticket.id, ticket.valid_until)
    with clock.at(clock.now() + timedelta(hours=20)):
        done = redemption.redeem(session, market.tills[0], new_id(), kept)
        assert queries.redemption(session, market.tills[0].merchant_id, done.id).was_offline
        with pytest.raises(AlreadyRedeemed):
            redemption.redeem(session, market.tills[0], new_id(), kept)
    with clock.at(until), pytest.raises(CodeStale):
        codes.read(kept)


def test_a_signed_code_ends_with_the_ticket(session: Session):
    today = clock.today()
    _, until = codes.signed(new_id(), today)
    assert until.astimezone(clock.SHANGHAI).date() == today + timedelta(days=1)


def test_digits_stand_for_a_ticket_only_while_it_is_shown(session: Session):
    market, saver = open_market(session, shops=2), make_saver(session)
    coupon_id = claim(session, saver, market.campaign(merchants=[market.tills[0].merchant_id])).id
    claims.show(session, saver.actor, coupon_id)
    digits = market.coupon(coupon_id).digits
    assert digits
    with pytest.raises(TicketUnknown):
        redemption.redeem(session, market.tills[1], new_id(), digits)
    with clock.at(clock.now() + timedelta(minutes=6)), pytest.raises(TicketUnknown):
        redemption.redeem(session, market.tills[0], new_id(), digits)
    spaced = f"{digits[:3]} {digits[3:]}"
    assert redemption.redeem(session, market.tills[0], new_id(), spaced).coupon_id == coupon_id


def test_only_the_owner_shows_a_ticket(session: Session):
    market = open_market(session)
    coupon_id = claim(session, make_saver(session), market.campaign()).id
    with pytest.raises(TicketUnknown):
        claims.show(session, make_saver(session).actor, coupon_id)


def test_another_shop_does_not_take_it(session: Session):
    market = open_market(session, shops=2)
    coupon_id = claim(session, make_saver(session), market.campaign(merchants=[market.tills[0].merchant_id])).id
    with pytest.raises(NotAcceptedHere):
        redemption.redeem(session, market.tills[1], new_id(), shown(coupon_id))


def test_a_ticket_in_hand_is_nobody_elses_until_the_reservation_lapses(session: Session):
    market = open_market(session, shops=2)
    coupon_id, reservation = claim(session, make_saver(session), market.campaign()).id, new_id()
    redemption.reserve(session, market.tills[0], reservation, codes.read(shown(coupon_id)))
    with pytest.raises(TicketInUse):
        redemption.redeem(session, market.tills[1], new_id(), shown(coupon_id))
    with clock.at(clock.now() + timedelta(minutes=2)):
        with pytest.raises(ReservationLapsed):
            redemption.confirm(session, market.tills[0], new_id(), reservation)
        assert redemption.reinstate(session) == 1
        coupon = market.coupon(coupon_id)
        assert (coupon.state, coupon.reinstated_at) == (CouponState.ISSUED, clock.now())
        assert redemption.redeem(session, market.tills[1], new_id(), shown(coupon_id)).is_new


def test_a_ticket_taken_in_hand_by_mistake_is_given_back(session: Session):
    market = open_market(session)
    coupon_id, reservation = claim(session, make_saver(session), market.campaign()).id, new_id()
    redemption.reserve(session, market.tills[0], reservation, codes.read(shown(coupon_id)))
    redemption.release(session, market.tills[0], reservation)
    assert market.coupon(coupon_id).state is CouponState.ISSUED


def test_a_ticket_past_its_day_is_refused_and_its_money_goes_back(session: Session):
    market = open_market(session, yuan=100)
    campaign_id = market.campaign()
    coupon_id = claim(session, make_saver(session), campaign_id).id
    with clock.at(clock.now() + timedelta(days=61)):
        with pytest.raises(TicketExpired):
            redemption.redeem(session, market.tills[0], new_id(), shown(coupon_id))
        assert campaigns.close_ended(session) == 1
        assert campaigns.expire(session) == 1
        assert campaigns.expire(session) == 0
    assert market.coupon(coupon_id).state is CouponState.EXPIRED
    assert queries.free_money(session, queries.funder(session, market.funder_id)) == 100_00
    assert money_of(session, accounts.fund(campaign_id)) == 0


def test_a_void_ticket_says_so(session: Session):
    market = open_market(session)
    coupon_id = claim(session, make_saver(session), market.campaign()).id
    campaigns.void(session, market.officer, coupon_id, "误领")
    with pytest.raises(TicketVoid):
        redemption.redeem(session, market.tills[0], new_id(), shown(coupon_id))


@pytest.mark.parametrize(
    "typed", ["", "hello", "0" * 48, "A" * 48, "Z" * 136, "12345", "1234567", "１２３４５６", "六六六六六六"]
)
def test_what_is_no_code_of_ours_is_unknown(session: Session, typed: str):
    market = open_market(session)
    with pytest.raises(TicketUnknown):
        redemption.redeem(session, market.tills[0], new_id(), typed)
