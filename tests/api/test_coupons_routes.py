"""Coupons over HTTP: a resident exchanges and shows, a till takes, the bureau opens, lets in and settles."""

import io
import re
import zipfile
from datetime import timedelta
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest
from fastapi import FastAPI
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.activities import intake, sites
from backend.activities.errors import EvidenceNotEnough, SiteUnknown, TooFarAway
from backend.activities.schemas import LogActivity
from backend.cities import city
from backend.core import clock
from backend.core.actor import Role
from backend.core.ids import new_id
from backend.coupons import codes, queries
from backend.coupons.rules import CampaignState, MerchantState, Trade
from backend.coupons.schemas import Till
from backend.coupons.service import merchants, redemption, settlement
from backend.portal.shops import code_of
from tests.factories.accounts import make_staff, sign_in_as
from tests.factories.activities import fill_fund
from tests.factories.coupons import (
    SHOP_AT,
    Market,
    claim,
    give_points,
    make_saver,
    open_market,
    pair_client,
    points_of,
    shown,
)
from tests.factories.desk import sit_down
from tests.factories.residents import Neighbour
from tests.factories.web import token_on

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ID = re.compile(r'name="id" value="([0-9a-f-]{36})"')


@pytest.fixture
def market(session: Session) -> Market:
    return open_market(session)


@pytest.fixture
def campaign_id(market: Market) -> UUID:
    opened = market.campaign(per_person=3)
    market.session.commit()
    return opened


@pytest.fixture
def saver(session: Session, neighbour: Neighbour) -> Neighbour:
    give_points(session, neighbour.resident_id, 250)
    session.commit()
    return neighbour


@pytest.fixture
def till_client(app: FastAPI, session: Session, market: Market) -> TestClient:
    """Return a browser that is paired as the market's till."""
    client = TestClient(app, base_url="https://testserver", follow_redirects=False, headers={"accept-language": "en"})
    return pair_client(client, session, market.tills[0])


def cells_of(content: bytes) -> list[list[str | float]]:
    """Read a workbook's first sheet as any program does: strings by their place in the common list, numbers as they stand."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")
        common = ET.fromstring(book.read("xl/sharedStrings.xml"))  # noqa: S314 -- our own file
        strings = [one.text or "" for one in common.iter(f"{SHEET}t")]
        sheet = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314 -- our own file
    rows: list[list[str | float]] = []
    for row in sheet.iter(f"{SHEET}row"):
        values = [(cell.get("t"), cell.findtext(f"{SHEET}v", "")) for cell in row]
        rows.append([strings[int(value)] if kind == "s" else float(value) for kind, value in values])
    return rows


def hidden_id(page: str) -> str:
    found = _ID.search(page)
    assert found
    return found[1]


def test_a_stranger_sees_what_there_is(client: TestClient, campaign_id: UUID):
    client.headers["accept-language"] = "en"
    page = client.get("/coupons").text
    assert "Bus ticket ¥5" in page
    assert "Sign in to exchange" in client.get(f"/coupons/{campaign_id}").text


def test_the_history_of_points_names_the_coupon_in_the_readers_language(
    resident_client: TestClient, session: Session, campaign_id: UUID, saver: Neighbour
):
    claim(session, saver, campaign_id)
    session.commit()
    resident_client.headers["accept-language"] = "en"
    assert "Exchanged for a coupon: Bus ticket ¥5" in resident_client.get("/points").text
    resident_client.headers["accept-language"] = "zh"
    assert "兑换消费券：公交五元券" in resident_client.get("/points").text


def test_the_json_interface_claims_once(
    resident_client: TestClient, session: Session, campaign_id: UUID, saver: Neighbour
):
    body = {"id": str(new_id())}
    path = f"/api/v1/coupons/{campaign_id}/claims"
    first, again = resident_client.post(path, json=body), resident_client.post(path, json=body)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert first.json()["state"] == "issued"
    assert points_of(session, saver) == 150
    other = resident_client.post(path, json=body | {"purse": "household"})
    assert other.status_code == 422
    assert resident_client.post(path, json=body | {"price_points": 1}).status_code == 422
    assert resident_client.post(f"/api/v1/coupons/{new_id()}/claims", json={"id": str(new_id())}).status_code == 404


def test_the_same_id_for_another_campaign_is_a_conflict(
    resident_client: TestClient, market: Market, campaign_id: UUID, saver: Neighbour
):
    body = {"id": str(new_id())}
    other = market.campaign()
    market.session.commit()
    assert resident_client.post(f"/api/v1/coupons/{campaign_id}/claims", json=body).status_code == 201
    assert resident_client.post(f"/api/v1/coupons/{other}/claims", json=body).status_code == 409


def test_what_is_missing_is_told_in_one_sentence(resident_client: TestClient, campaign_id: UUID):
    resident_client.headers["accept-language"] = "en"
    answer = resident_client.post(f"/api/v1/coupons/{campaign_id}/claims", json={"id": str(new_id())})
    assert answer.status_code == 409
    assert answer.json()["detail"] == "100 points are still missing for this coupon."


def test_a_resident_exchanges_and_shows_without_a_script(
    resident_client: TestClient, session: Session, market: Market, campaign_id: UUID, saver: Neighbour
):
    resident_client.headers["accept-language"] = "en"
    page = resident_client.get(f"/coupons/{campaign_id}").text
    assert "Exchange for 100 points" in page
    form = {"csrf_token": token_on(resident_client, f"/coupons/{campaign_id}"), "id": hidden_id(page)}
    sent = [resident_client.post(f"/coupons/{campaign_id}/claims", data=form) for _ in range(2)]
    assert {one.status_code for one in sent} == {303}
    ticket = sent[0].headers["location"]
    assert sent[1].headers["location"] == ticket
    assert "Show at the till" in resident_client.get(ticket).text
    assert resident_client.post(f"{ticket}/showing", data=form).status_code == 303
    held = resident_client.get(ticket).text
    digits = market.coupon(UUID(ticket.rpartition("/")[2])).digits
    assert digits
    assert f"{digits[:3]} {digits[3:]}" in held
    assert held.count("<svg") >= 2
    assert resident_client.get(f"{ticket}/kept.png").content.startswith(b"\x89PNG")
    assert f"{digits[:3]} {digits[3:]}" in resident_client.get(f"{ticket}/code").text


def test_looking_changes_nothing(
    resident_client: TestClient, market: Market, session: Session, campaign_id: UUID, saver: Neighbour
):
    """S-12: a page that is only read leaves the ticket as it is."""
    coupon_id = claim(session, saver, campaign_id).id
    session.commit()
    before = market.coupon(coupon_id).model_dump()
    for path in ("", "/code", "/kept.png"):
        assert resident_client.get(f"/coupons/tickets/{coupon_id}{path}").status_code == 200
    assert market.coupon(coupon_id).model_dump() == before


def test_somebody_elses_ticket_is_as_unknown_as_none(resident_client: TestClient, session: Session, campaign_id: UUID):
    """S-15."""
    coupon_id = claim(session, make_saver(session), campaign_id).id
    session.commit()
    foreign, none = (resident_client.get(f"/coupons/tickets/{one}") for one in (coupon_id, new_id()))
    assert foreign.status_code == none.status_code == 404
    strip = re.compile(r"[0-9a-f-]{36}|value=\"[\w-]{43}\"")
    assert strip.sub("", foreign.text) == strip.sub("", none.text)


def test_a_till_is_paired_once(client: TestClient, session: Session, market: Market):
    _, code = merchants.add_terminal(session, market.officer, market.tills[0].merchant_id, "二号机")
    session.commit()
    form = {"csrf_token": token_on(client, "/merchant/pairing"), "pairing": code.lower()}
    paired = client.post("/merchant/pairing", data=form)
    assert (paired.status_code, paired.headers["location"]) == (303, "/merchant")
    assert client.get("/merchant").status_code == 200
    client.cookies.clear()
    form["csrf_token"] = token_on(client, "/merchant/pairing")
    assert client.post("/merchant/pairing", data=form).status_code == 422


def test_a_pairing_code_lapses(client: TestClient, session: Session, market: Market):
    _, code = merchants.add_terminal(session, market.officer, market.tills[0].merchant_id, "二号机")
    with clock.at(clock.now() + timedelta(days=2)):
        assert merchants.pair(session, code) is None


def test_a_till_takes_a_ticket_in_two_taps(
    till_client: TestClient, session: Session, market: Market, campaign_id: UUID
):
    coupon_id = claim(session, make_saver(session), campaign_id).id
    session.commit()
    index = till_client.get("/merchant").text
    form = {"csrf_token": token_on(till_client, "/merchant"), "id": hidden_id(index), "code": shown(coupon_id)}
    held = till_client.post("/merchant/reservations", data=form)
    page = till_client.get(held.headers["location"]).text
    assert "Take ¥5" in page
    confirm = {**form, "id": hidden_id(page), "reservation": held.headers["location"].rpartition("/")[2]}
    done = [till_client.post("/merchant/redemptions", data=confirm) for _ in range(2)]
    assert done[0].headers["location"] == done[1].headers["location"]
    assert "¥5 taken" in till_client.get(done[0].headers["location"]).text
    assert "1 coupon" in till_client.get("/merchant").text
    again = till_client.post("/merchant/reservations", data={**form, "id": str(new_id())})
    assert again.status_code == 409
    assert "This ticket has been used already." in again.text


def test_a_ticket_is_given_back(till_client: TestClient, session: Session, market: Market, campaign_id: UUID):
    coupon_id = claim(session, make_saver(session), campaign_id).id
    session.commit()
    form = {"csrf_token": token_on(till_client, "/merchant"), "id": str(new_id()), "code": shown(coupon_id)}
    place = till_client.post("/merchant/reservations", data=form).headers["location"]
    assert till_client.post(f"{place}/release", data=form).status_code == 303
    assert market.coupon(coupon_id).state == "issued"
    assert till_client.get(place).status_code == 409


def test_a_program_at_the_till_redeems_in_one_call(
    till_client: TestClient, session: Session, market: Market, campaign_id: UUID
):
    coupon_id = claim(session, make_saver(session), campaign_id).id
    session.commit()
    body = {"id": str(new_id()), "code": shown(coupon_id)}
    first, again = (till_client.post("/api/v1/redemptions", json=body) for _ in range(2))
    assert first.status_code == 201
    assert first.json() == again.json()
    assert first.json()["amount_fen"] == 500
    other = till_client.post("/api/v1/redemptions", json=body | {"id": str(new_id())})
    assert other.status_code == 409


def test_guessing_digits_stops_the_till(till_client: TestClient, session: Session, market: Market, campaign_id: UUID):
    for number in range(8):
        body = {"id": str(new_id()), "code": f"{number:06d}"}
        assert till_client.post("/api/v1/redemptions", json=body).status_code == 404
    coupon_id = claim(session, make_saver(session), campaign_id).id
    session.commit()
    body = {"id": str(new_id()), "code": shown(coupon_id)}
    refused = till_client.post("/api/v1/redemptions", json=body)
    assert refused.status_code == 429
    assert refused.headers["retry-after"]


def test_a_revoked_till_is_dead_at_once(till_client: TestClient, session: Session, market: Market):
    assert till_client.get("/merchant").status_code == 200
    merchants.revoke_terminal(session, market.officer, market.tills[0].terminal_id)
    session.commit()
    assert till_client.get("/merchant").status_code == 303


def test_two_people_open_a_campaign(client: TestClient, session: Session, market: Market):
    desk = sit_down(client, session, Role.PROGRAMME_OFFICER, None)
    today = clock.today()
    form = {
        "id": str(new_id()),
        "name_zh": "农贸市场十元券",
        "name_en": "Market ¥10",
        "trade": "market",
        "funder_id": str(market.funder_id),
        "price_points": "200",
        "face_yuan": "9.99",
        "stock": "50",
        "opens_on": today.isoformat(),
        "closes_on": (today + timedelta(days=9)).isoformat(),
        "valid_until": (today + timedelta(days=20)).isoformat(),
        "everyone": "true",
    }
    wrong = desk.post("/bureau/coupons/campaigns", **form | {"valid_until": today.isoformat()})
    assert wrong.status_code == 422
    assert "at least until the last day" in wrong.text
    assert desk.post("/bureau/coupons/campaigns", **form | {"stock": "99999999"}).status_code == 422
    drafted = desk.post("/bureau/coupons/campaigns", **form)
    page = drafted.headers["location"]
    campaign_id = UUID(page.rpartition("/")[2])
    own = desk.post(f"{page}/open")
    assert own.status_code == 409
    assert "nobody decides on the own proposal" in own.text
    second = sit_down(client, session, Role.PROGRAMME_OFFICER, None)
    assert second.post(f"{page}/open").status_code == 303
    found = queries.campaign(session, campaign_id)
    assert (found.state, found.face_fen) == (CampaignState.OPEN, 999)
    assert "50 of 50 left" in second.get("/bureau/coupons").text
    assert second.post(f"{page}/close").status_code == 303
    assert second.post(f"{page}/close").status_code == 409
    assert second.get(page).status_code == 200


def test_a_campaign_that_nobody_can_pay_for_is_not_opened(client: TestClient, session: Session):
    market = open_market(session, yuan=1)
    drafted = market.draft()
    session.commit()
    desk = sit_down(client, session, Role.PROGRAMME_OFFICER, None)
    refused = desk.post(f"/bureau/coupons/campaigns/{drafted.id}/open")
    assert refused.status_code == 409
    assert "does not cover" in refused.text


def test_two_people_let_a_merchant_in(client: TestClient, session: Session, market: Market):
    desk = sit_down(client, session, Role.PROGRAMME_OFFICER, None)
    form = {
        "id": str(new_id()),
        "name_zh": "麦积山书店",
        "name_en": "Maijishan Books",
        "trade": "books",
        "county_code": "620503",
        "address": "埠南路 3 号",
        "lat": "34.5668",
        "lon": "105.8914",
    }
    assert desk.post("/bureau/coupons/merchants", **form | {"name_zh": ""}).status_code == 422
    page = desk.post("/bureau/coupons/merchants", **form).headers["location"]
    assert desk.post(f"{page}/approve").status_code == 409
    second = sit_down(client, session, Role.PROGRAMME_OFFICER, None)
    assert second.post(f"{page}/approve").status_code == 303
    shown_once = second.post(f"{page}/terminals", name="收银台")
    assert re.search(r"pairing__code\">[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}<", shown_once.text)
    assert "pairing__code" not in second.get(page).text
    assert second.post(f"{page}/suspend", reason="停业").status_code == 303
    assert queries.merchant(session, UUID(form["id"])).state is MerchantState.SUSPENDED
    assert second.post(f"{page}/resume").status_code == 303
    assert second.post(f"{page}/approve").status_code == 409


def test_finance_books_money(client: TestClient, session: Session, market: Market):
    desk = sit_down(client, session, Role.FINANCE, None)
    before = queries.free_money(session, queries.funder(session, market.funder_id))
    form = {"id": str(new_id()), "yuan": "500", "reference": "第 7 号"}
    for _ in range(2):
        assert desk.post(f"/bureau/coupons/funders/{market.funder_id}/money", **form).status_code == 303
    again = desk.post(f"/bureau/coupons/funders/{market.funder_id}/money", **form | {"yuan": "600"})
    assert again.status_code == 409
    session.expire_all()
    assert queries.free_money(session, queries.funder(session, market.funder_id)) == before + 500_00
    funder = {"id": str(new_id()), "code": "bank-1", "name_zh": "甘肃银行", "name_en": "Gansu Bank"}
    assert desk.post("/bureau/coupons/funders", **funder).status_code == 303
    assert "Gansu Bank" in desk.get("/bureau/coupons/funders").text


def sell(session: Session, till: Till, campaign_id: UUID, times: int = 1) -> None:
    for _ in range(times):
        coupon_id = claim(session, make_saver(session), campaign_id).id
        redemption.redeem(session, till, new_id(), codes.rotating(coupon_id))
    session.commit()


def test_a_settlement_goes_from_draft_to_paid(
    client: TestClient, till_client: TestClient, session: Session, market: Market, campaign_id: UUID
):
    with clock.at(clock.now() - timedelta(days=1)):
        till = market.tills[0]
        session.connection().exec_driver_sql("UPDATE coupon_campaign SET opens_on = opens_on - 2")
        sell(session, till, campaign_id, 3)
    drafter = sit_down(client, session, Role.PROGRAMME_OFFICER, None)
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    assert "¥15" in drafter.get("/bureau/coupons/settlements").text
    assert drafter.post("/bureau/coupons/settlements", until=yesterday).status_code == 303
    assert drafter.post("/bureau/coupons/settlements", until=yesterday).status_code == 409
    [batch] = queries.batches(session, till.merchant_id)
    assert (batch.redemption_count, batch.sum_fen) == (3, 1500)
    page = f"/bureau/coupons/settlements/{batch.id}"
    assert till_client.get(f"/merchant/settlements/{batch.id}/file.xlsx").status_code == 404
    finance = sit_down(client, session, Role.FINANCE, None)
    assert finance.post(f"{page}/pay", reference="B-1").status_code == 409
    assert finance.post(f"{page}/approve").status_code == 303
    files = [one.get(f"{path}/file.xlsx").content for one, path in (
        (finance, page), (finance, page), (till_client, f"/merchant/settlements/{batch.id}"))]  # fmt: skip
    assert len(set(files)) == 1
    rows = cells_of(files[0])
    assert rows[-1] == ["合计 Total", 15.0]
    assert sum(5.0 in row for row in rows) == 3
    assert finance.post(f"{page}/pay", reference="招商 2026-1125").status_code == 303
    assert finance.post(f"{page}/pay", reference="招商 2026-1125").status_code == 409
    assert settlement.is_settled(session, till.merchant_id)
    assert "Paid out" in till_client.get("/merchant/settlements").text
    assert finance.get(page).status_code == 200


def test_a_merchant_stops_a_settlement_that_is_wrong(
    client: TestClient, till_client: TestClient, session: Session, market: Market, campaign_id: UUID
):
    sell(session, market.tills[0], campaign_id)
    with clock.at(clock.now() + timedelta(days=1)):
        batch = settlement.draft(session, market.officer, market.tills[0].merchant_id, clock.today())
    session.commit()
    form = {"csrf_token": token_on(till_client, "/merchant"), "reason": "少一张"}
    assert till_client.post(f"/merchant/settlements/{batch.id}/dispute", data=form).status_code == 303
    other = TestClient(client.app, base_url="https://testserver", follow_redirects=False)
    pair_client(other, session, market.shop("别家"))
    form["csrf_token"] = token_on(other, "/merchant")
    assert other.post(f"/merchant/settlements/{batch.id}/dispute", data=form).status_code == 404
    finance = sit_down(client, session, Role.FINANCE, None)
    assert "少一张" in finance.get(f"/bureau/coupons/settlements/{batch.id}").text
    assert finance.post(f"/bureau/coupons/settlements/{batch.id}/pay", reference="x").status_code == 409
    assert finance.post(f"/bureau/coupons/settlements/{batch.id}/approve").status_code == 303


def test_a_name_that_looks_like_a_formula_stays_text(session: Session, market: Market, campaign_id: UUID):
    """S-62."""
    till = market.shop('=WEBSERVICE("http://x")')
    campaign = market.campaign(name_zh="=1+1", merchants=[till.merchant_id])
    sell(session, till, campaign)
    with clock.at(clock.now() + timedelta(days=1)):
        batch = settlement.draft(session, market.officer, till.merchant_id, clock.today())
        settlement.approve(session, market.finance, batch.id)
    assert batch.file
    rows = cells_of(batch.file)
    assert "=1+1" in [value for row in rows for value in row]
    assert rows[0][1] == '=WEBSERVICE("http://x")'


def test_whoever_signs_in_without_cases_begins_at_the_coupons(client: TestClient, session: Session):
    member = make_staff(session, Role.FINANCE, None)
    form = {"csrf_token": token_on(client, "/bureau/sign-in"), "login": member.login, "password": member.password}
    answer = client.post("/bureau/sign-in", data=form | {"code": member.code()})
    assert answer.headers["location"] == "/bureau/coupons"
    assert sign_in_as(client, session, member).get("/bureau/coupons").status_code == 200


def test_the_residents_own_file_holds_the_tickets_and_nothing_that_opens_one(
    resident_client: TestClient, session: Session, campaign_id: UUID, saver: Neighbour
):
    """S-85."""
    coupon_id = claim(session, saver, campaign_id).id
    session.commit()
    answer = resident_client.get("/api/v1/account/export")
    assert [one["id"] for one in answer.json()["coupons"]] == [str(coupon_id)]
    assert "secret" not in answer.text


def test_a_made_up_session_claims_nothing(client: TestClient, campaign_id: UUID):
    """S-14: the busiest route asks on its own connection, and asks all the same."""
    client.cookies.set("__Host-green-resident", "A" * 43, domain="testserver.local")
    answer = client.post(f"/api/v1/coupons/{campaign_id}/claims", json={"id": str(new_id())})
    assert answer.status_code == 401


def test_a_canteen_shows_the_code_that_proves_a_clean_plate(
    client: TestClient, session: Session, market: Market, saver: Neighbour
):
    """`merchant_qr`: the counter's code works like a station's, inside the fence around the shop and only there."""
    till = market.shop("藉河老味面馆", Trade.CANTEEN)
    fill_fund(session, 1000)
    session.commit()
    with clock.at(clock.now()):
        shown = pair_client(client, session, till).get("/merchant/green")
        assert "光盘行动" in shown.text
        changing = client.get("/merchant/green/now").text
        letters = re.search(r"--letters\">([0-9A-Z]{4}) ([0-9A-Z]{4})<", changing)
        assert letters
        code, shop = "".join(letters.groups()), code_of(till.merchant_id)
        form = LogActivity(
            id=new_id(), behaviour="leftovers_packed", site=shop, code=code, lat=SHOP_AT[0], lon=SHOP_AT[1]
        )
        with pytest.raises(TooFarAway):
            intake.log(session, city(), saver.actor, form.model_copy(update={"lat": 34.9}))
        found = intake.log(session, city(), saver.actor, form).activity
    assert found
    assert (found.evidence, found.site, found.distance_m) == ("merchant_qr", shop, 0)
    with pytest.raises(EvidenceNotEnough):
        intake.log(
            session, city(), saver.actor, form.model_copy(update={"id": new_id(), "behaviour": "sort_kitchen_waste"})
        )


def test_a_shop_that_was_shut_out_proves_nothing(session: Session, market: Market):
    till = market.tills[0]
    assert sites.find(session, code_of(till.merchant_id)).kind == "grocery"
    merchants.suspend(session, market.officer, till.merchant_id, "停业")
    with pytest.raises(SiteUnknown):
        sites.find(session, code_of(till.merchant_id))
