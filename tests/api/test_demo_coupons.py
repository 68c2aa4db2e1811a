"""The demo's four months of coupons: believable, quick, and the books hold."""

from time import perf_counter

from sqlmodel import Session, select

from backend.core import clock
from backend.core.actor import Role
from backend.coupons import accounts, queries
from backend.coupons.models import Coupon, Redemption, SettlementBatch
from backend.coupons.rules import BatchState, CampaignState
from backend.demo import coupons
from backend.demo.credentials import Credentials
from tests.factories.accounts import make_staff
from tests.factories.coupons import money_of
from tests.factories.residents import make_resident


def test_four_months_of_coupons_are_played_in_seconds(session: Session):
    roles = (Role.PROGRAMME_OFFICER, Role.PROGRAMME_OFFICER, Role.FINANCE)
    staff, credentials = [make_staff(session, role, None).actor for role in roles], Credentials()
    residents = [make_resident(session).actor for _ in range(30)]
    began = perf_counter()
    coupons.fill(session, staff, residents, credentials)
    assert perf_counter() - began < 20
    assert len(queries.merchants(session, active=True)) == 12
    found = queries.all_campaigns(session)
    assert len(found) == 6
    assert {CampaignState.OPEN, CampaignState.CLOSED} == {one.state for one in found}
    taken = session.exec(select(Redemption)).all()
    assert len(session.exec(select(Coupon)).all()) > 80
    assert len(taken) > 40
    assert max(one.redeemed_at for one in taken) < clock.now()
    states = {one.state for one in session.exec(select(SettlementBatch))}
    assert {BatchState.PAID, BatchState.DRAFT} <= states
    owed = sum(money_of(session, accounts.payable(one.id)) for one in queries.merchants(session))
    paid = sum(money_of(session, accounts.paid(one.id)) for one in queries.merchants(session))
    assert owed + paid == sum(one.amount_fen for one in taken)
    assert credentials.merchants[0].pairing_code
