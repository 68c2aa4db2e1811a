"""The tables of states, the codes at the till, and the row on which a coupon is met."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core import clock
from backend.core.ids import new_id
from backend.coupons import accounts, codes, rules, wording
from backend.coupons.errors import CampaignInvalid, CodeStale, StepNotAllowed, TicketUnknown
from backend.coupons.rules import BatchState, CampaignState, CouponState, MerchantState
from backend.ledger.rules import SHARDS, shard_of

TABLES: list[tuple[Any, Any]] = [
    (rules.CAMPAIGN_STEPS, CampaignState),
    (rules.COUPON_STEPS, CouponState),
    (rules.BATCH_STEPS, BatchState),
    (rules.MERCHANT_STEPS, MerchantState),
]


@pytest.mark.parametrize(("table", "states"), TABLES)
def test_every_pair_of_states_is_decided_by_the_table(table: Any, states: Any):
    for now, then in product(states, repeat=2):
        if then in table[now]:
            rules.check_step(table, now, then)
        else:
            with pytest.raises(StepNotAllowed):
                rules.check_step(table, now, then)


def test_what_is_paid_redeemed_or_closed_stays_so():
    assert not rules.BATCH_STEPS[BatchState.PAID]
    assert not rules.CAMPAIGN_STEPS[CampaignState.CLOSED]
    assert not rules.COUPON_STEPS[CouponState.REDEEMED]


@given(st.integers(-3, 3), st.integers(-3, 3), st.integers(-3, 3))
def test_dates_follow_each_other_or_are_refused(opens: int, closes: int, valid: int):
    today = clock.today()
    first, last, good = (today + timedelta(days=offset) for offset in (opens, closes, valid))
    if opens <= closes <= valid and closes >= 0:
        rules.check_campaign(first, last, good, today)
    else:
        with pytest.raises(CampaignInvalid):
            rules.check_campaign(first, last, good, today)


@given(st.uuids(version=4), st.sampled_from(["redeem", "lapse"]))
def test_later_steps_of_a_coupon_meet_the_row_of_its_claim(coupon_id: Any, verb: str):
    key = accounts.key_beside_claim(verb, coupon_id)
    assert shard_of(key, SHARDS) == shard_of(rules.claim_key(coupon_id), SHARDS)
    assert key == accounts.key_beside_claim(verb, coupon_id)


@given(st.uuids(version=4))
def test_both_codes_stand_for_the_same_ticket(coupon_id: Any):
    today = clock.today()
    kept, _ = codes.signed(coupon_id, today)
    secret = codes.digest_of(codes.secret_of(coupon_id))
    assert codes.read(codes.rotating(coupon_id)).secret_digest == secret
    assert codes.read(kept).secret_digest == secret
    assert codes.read(kept.lower()).is_signed


@given(st.data())
def test_a_changed_code_stands_for_nothing(data: st.DataObject):
    coupon_id = new_id()
    shown = data.draw(st.sampled_from([codes.rotating(coupon_id), codes.signed(coupon_id, clock.today())[0]]))
    # The last letters of a signed code are filling.
    place = data.draw(st.integers(0, len(shown) - 5))
    letter = data.draw(st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ".replace(shown[place], "")))
    with pytest.raises((TicketUnknown, CodeStale)):
        codes.read(shown[:place] + letter + shown[place + 1 :])


def test_a_code_rotates_and_the_one_before_still_works():
    coupon_id, now = new_id(), clock.now()
    with clock.at(now):
        first = codes.rotating(coupon_id)
    with clock.at(now + timedelta(seconds=codes.STEP_SECONDS)):
        assert codes.rotating(coupon_id) != first
        assert codes.read(first).secret_digest
    with clock.at(now + timedelta(seconds=2 * codes.STEP_SECONDS)), pytest.raises(CodeStale):
        codes.read(first)


def test_full_width_digits_are_digits():
    assert codes.read("１２３ ４５６").digits == "123456"


def test_amounts_are_written_as_people_do():
    assert [wording.yuan(fen) for fen in (500, 333, 120_000, 5)] == ["5", "3.33", "1,200", "0.05"]
