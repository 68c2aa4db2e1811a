"""The bureau finds a ticket by what its owner tells and takes it back once: points go back, a used one stays used."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.core import clock
from backend.core.actor import Role
from backend.core.ids import new_id
from backend.coupons import codes, queries
from backend.coupons.errors import AlreadyRedeemed, NumberUnknown, TicketExpired, TicketVoid
from backend.coupons.rules import CouponState
from backend.coupons.service import campaigns, claims, redemption
from tests.factories.coupons import Market, claim, give_points, make_saver, open_market, points_of, shown
from tests.factories.desk import Desk, sit_down
from tests.factories.residents import Neighbour

PATH = "/bureau/coupons/tickets"
MEANT = {"reason": "误领", "sure": "true"}


@pytest.fixture
def market(session: Session) -> Market:
    return open_market(session)


@pytest.fixture
def saver(session: Session) -> Neighbour:
    return make_saver(session, 100)


@pytest.fixture
def coupon_id(session: Session, market: Market, saver: Neighbour) -> UUID:
    claimed = claim(session, saver, market.campaign()).id
    session.commit()
    return claimed


@pytest.fixture
def desk(client: TestClient, session: Session) -> Desk:
    return sit_down(client, session, Role.PROGRAMME_OFFICER, None)


def test_a_number_as_it_is_told_leads_to_the_ticket(desk: Desk, coupon_id: UUID):
    number = codes.number_of(coupon_id)
    for told in (number, number.lower().replace("-", " "), number.replace("0", "O").replace("1", "l")):
        assert desk.post(PATH, signs=told).headers["location"] == f"{PATH}/{coupon_id}"


def test_six_digits_lead_to_the_ticket_while_they_are_good(
    desk: Desk, session: Session, saver: Neighbour, coupon_id: UUID
):
    claims.show(session, saver.actor, coupon_id)
    session.commit()
    digits = queries.ticket(session, saver.resident_id, coupon_id).coupon.digits
    assert digits
    assert desk.post(PATH, signs=f"{digits[:3]} {digits[3:]}").headers["location"] == f"{PATH}/{coupon_id}"
    with clock.at(clock.now() + timedelta(minutes=6)):
        late = desk.post(PATH, signs=digits)
    assert late.status_code == 404
    assert "ask for them again" in late.text
    assert f'value="{digits}"' in late.text


def test_two_tickets_under_one_number_are_both_shown(
    desk: Desk, session: Session, market: Market, saver: Neighbour, coupon_id: UUID
):
    twin = UUID(bytes=coupon_id.bytes[:5] + new_id().bytes[5:])
    claim(session, make_saver(session), market.campaign(), twin)
    session.commit()
    page = desk.post(PATH, signs=codes.number_of(twin)).text
    assert all(f"{PATH}/{one}" in page for one in (coupon_id, twin))


def test_guessing_ends(desk: Desk):
    tries = [desk.post(PATH, signs=f"{number:06d}").status_code for number in range(9)]
    assert tries == [404] * 8 + [429]


def test_what_is_no_number_finds_nothing(desk: Desk):
    found = [desk.post(PATH, signs=signs).status_code for signs in ("", "券", "ABCD", "％', OR", "U" * 8, "9" * 41)]
    assert found == [422, 404, 404, 404, 404, 422]
    assert desk.get(f"{PATH}/{new_id()}").status_code == 404


def test_a_ticket_is_taken_back_with_a_reason_and_its_points_return(
    desk: Desk, session: Session, saver: Neighbour, coupon_id: UUID
):
    page = desk.get(f"{PATH}/{coupon_id}").text
    assert "End it and return 100 points" in page
    assert str(saver.resident_id) not in page
    assert points_of(session, saver) == 0

    assert desk.post(f"{PATH}/{coupon_id}/void", **MEANT).headers["location"] == f"{PATH}/{coupon_id}"
    assert points_of(session, saver) == 100
    [record] = desk.recorded("coupon_voided")
    assert (record.subject, record.facts) == (f"coupon:{coupon_id}", {"reason": "误领"})
    assert f"{desk.member.staff_id}" in record.actor
    assert "Take this ticket back" not in desk.get(f"{PATH}/{coupon_id}").text

    again = desk.post(f"{PATH}/{coupon_id}/void", **MEANT)
    assert again.status_code == 409
    assert "its points were returned" in again.text
    assert points_of(session, saver) == 100


def test_without_a_reason_or_a_tick_nothing_happens(desk: Desk, market: Market, coupon_id: UUID):
    for form, sentence in (
        ({"sure": "true"}, "Please fill this in."),
        ({"reason": "误领"}, "Tick that it should end."),
    ):
        refused = desk.post(f"{PATH}/{coupon_id}/void", **form)
        assert refused.status_code == 422
        assert sentence in refused.text
    assert 'value="误领"' in refused.text
    assert market.coupon(coupon_id).state is CouponState.ISSUED


def test_a_used_ticket_stays_used(desk: Desk, session: Session, market: Market, coupon_id: UUID):
    redemption.redeem(session, market.tills[0], new_id(), shown(coupon_id))
    session.commit()
    refused = desk.post(f"{PATH}/{coupon_id}/void", **MEANT)
    assert refused.status_code == 409
    assert "has been used already" in refused.text
    assert desk.recorded("coupon_voided") == []


def test_every_state_that_is_over_says_which(session: Session, market: Market):
    campaign_id = market.campaign(per_person=3)
    used, late, gone = (claim(session, make_saver(session), campaign_id).id for _ in range(3))
    redemption.redeem(session, market.tills[0], new_id(), shown(used))
    campaigns.void(session, market.officer, gone, "误领")
    for coupon_id, refusal in ((used, AlreadyRedeemed), (gone, TicketVoid), (new_id(), NumberUnknown)):
        with pytest.raises(refusal):
            campaigns.void(session, market.officer, coupon_id, "误领")
    # Past its last day, before the night's job has come to it, and after.
    with clock.at(clock.now() + timedelta(days=61)):
        for _ in range(2):
            with pytest.raises(TicketExpired):
                campaigns.void(session, market.officer, late, "误领")
            campaigns.expire(session)


def test_the_owner_reads_the_number_on_the_ticket(
    resident_client: TestClient, session: Session, market: Market, neighbour: Neighbour
):
    give_points(session, neighbour.resident_id, 100)
    coupon_id = claim(session, neighbour, market.campaign()).id
    session.commit()
    resident_client.headers["accept-language"] = "en"
    assert f"Number {codes.number_of(coupon_id)}" in resident_client.get(f"/coupons/tickets/{coupon_id}").text
