"""Who moves money shows the second factor again, unless it was shown a moment ago, and loses nothing of the form (S-10)."""

import html
import re
from datetime import timedelta
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.accounts.guards import RequiresProof
from backend.accounts.rules import PROVEN_FOR
from backend.core import clock
from backend.core.actor import Role
from backend.core.ids import new_id
from backend.coupons import queries
from backend.coupons.rules import BatchState
from backend.coupons.service import redemption, settlement
from tests.factories.coupons import Market, claim, make_saver, open_market, shown
from tests.factories.desk import Desk, sit_down
from tests.factories.web import calls_of, routes_of

LATER = PROVEN_FOR + timedelta(seconds=1)
MOVES_MONEY = {
    "POST /bureau/coupons/campaigns/{campaign_id}/open",
    "POST /bureau/coupons/funders/{funder_id}/money",
    "POST /bureau/coupons/settlements/{batch_id}/approve",
    "POST /bureau/coupons/settlements/{batch_id}/pay",
    "GET /bureau/coupons/settlements/{batch_id}/file.xlsx",
}


@pytest.fixture
def market(session: Session) -> Market:
    return open_market(session)


@pytest.fixture
def batch_id(session: Session, market: Market) -> UUID:
    """Return a draft that waits for finance."""
    with clock.at(clock.now() - timedelta(days=1)):
        coupon_id = claim(session, make_saver(session), market.campaign()).id
        redemption.redeem(session, market.tills[0], new_id(), shown(coupon_id))
    [drafted] = settlement.draft_all(session, market.officer, clock.today() - timedelta(days=1))
    session.commit()
    return drafted.id


@pytest.fixture
def desk(client: TestClient, session: Session) -> Desk:
    return sit_down(client, session, Role.FINANCE, None)


def hidden(page: str) -> dict[str, str]:
    """Return what the page's form would send besides the code."""
    found = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.rpartition("<main")[2])
    return {name: html.unescape(value) for name, value in found if name != "csrf_token"}


def test_what_moves_money_is_named_here_and_asks_for_proof(app: FastAPI):
    asked = {
        f"{method} {known.path}"
        for known in routes_of(app)
        for method in known.methods
        if any(isinstance(guard, RequiresProof) for guard in calls_of(known.dependant))
    }
    assert asked == MOVES_MONEY


def test_a_fresh_sign_in_is_proof_enough(desk: Desk, session: Session, batch_id: UUID):
    assert desk.post(f"/bureau/coupons/settlements/{batch_id}/approve").status_code == 303
    assert queries.batch(session, batch_id).state is BatchState.APPROVED


def test_later_the_code_is_asked_for_and_the_form_goes_on(desk: Desk, session: Session, batch_id: UUID):
    here = f"/bureau/coupons/settlements/{batch_id}"
    desk.post(f"{here}/approve")
    with clock.at(clock.now() + LATER):
        asked = desk.post(f"{here}/pay", reference="工商银行 <1>")
        assert asked.status_code == 403
        assert f'action="{here}/pay"' in asked.text
        assert queries.batch(session, batch_id).state is BatchState.APPROVED
        kept = hidden(asked.text)
        assert kept == {"reference": "工商银行 <1>"}

        done = desk.post(f"{here}/pay", **kept, step_up_code=desk.member.code())
        assert (done.status_code, done.headers["location"]) == (303, here)
    paid = queries.batch(session, batch_id)
    assert (paid.state, paid.payment_reference) == (BatchState.PAID, "工商银行 <1>")
    assert len(desk.recorded("stepped_up")) == 1


def test_a_wrong_code_and_a_used_one_do_nothing(desk: Desk, session: Session, batch_id: UUID):
    here = f"/bureau/coupons/settlements/{batch_id}/approve"
    with clock.at(clock.now() + LATER):
        code = desk.member.code()
        wrong = desk.post(here, step_up_code="000000" if code != "000000" else "111111")
        assert wrong.status_code == 403
        assert "These digits do not work" in wrong.text
        assert queries.batch(session, batch_id).state is BatchState.DRAFT
        assert desk.post(here, step_up_code=code).status_code == 303
    with clock.at(clock.now() + 2 * LATER):
        again = desk.post(f"/bureau/coupons/settlements/{batch_id}/pay", reference="1", step_up_code=code)
        assert again.status_code == 403
    assert len(desk.recorded("step_up_refused")) == 2


def test_one_code_speaks_for_five_minutes_and_for_this_browser_alone(
    app: FastAPI, desk: Desk, session: Session, batch_id: UUID
):
    here = f"/bureau/coupons/settlements/{batch_id}"
    other = TestClient(app, base_url="https://testserver", follow_redirects=False)
    colleague = sit_down(other, session, Role.FINANCE, None)
    with clock.at(clock.now() + LATER):
        assert desk.post(f"{here}/approve", step_up_code=desk.member.code()).status_code == 303
        assert colleague.post(f"{here}/pay", reference="1").status_code == 403
    with clock.at(clock.now() + LATER + PROVEN_FOR - timedelta(seconds=2)):
        assert desk.post(f"{here}/pay", reference="1").status_code == 303


def test_guessing_ends_after_five_tries(desk: Desk, batch_id: UUID):
    here = f"/bureau/coupons/settlements/{batch_id}/approve"
    with clock.at(clock.now() + LATER):
        tries = [desk.post(here, step_up_code="wrong").status_code for _ in range(6)]
        assert tries == [403] * 5 + [429]
        assert desk.post(here, step_up_code=desk.member.code()).status_code == 429


def test_a_file_leads_back_to_the_page_it_stands_on(desk: Desk, batch_id: UUID):
    here = f"/bureau/coupons/settlements/{batch_id}"
    desk.post(f"{here}/approve")
    with clock.at(clock.now() + LATER):
        asked = desk.get(f"{here}/file.xlsx")
        assert asked.status_code == 403
        kept = hidden(asked.text)
        assert kept == {"next": f"{here}/file.xlsx"}
        wrong = desk.post("/bureau/sign-in/again", **kept, step_up_code="1")
        assert hidden(wrong.text) == kept
        back = desk.post("/bureau/sign-in/again", **kept, step_up_code=desk.member.code())
        assert (back.status_code, back.headers["location"]) == (303, here)
        assert desk.get(f"{here}/file.xlsx").status_code == 200


def test_a_program_hears_one_word(desk: Desk, batch_id: UUID):
    with clock.at(clock.now() + LATER):
        answer = desk.client.get(
            f"/bureau/coupons/settlements/{batch_id}/file.xlsx", headers={"accept": "application/json"}
        )
    assert (answer.status_code, answer.json()["code"]) == (403, "step_up_required")


def test_whoever_lacks_the_right_is_not_asked_for_a_code(client: TestClient, session: Session, batch_id: UUID):
    desk = sit_down(client, session, Role.PROGRAMME_OFFICER, None)
    with clock.at(clock.now() + LATER):
        refused = desk.post(f"/bureau/coupons/settlements/{batch_id}/approve")
    assert refused.status_code == 403
    assert "step_up_code" not in refused.text
