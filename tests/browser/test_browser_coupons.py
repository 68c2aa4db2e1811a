"""Coupons in people's hands: three taps to a ticket at the till, two taps to take it, with and without a network (J16, J17)."""

import os
import re
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Locator, expect

from backend.core.actor import Role
from backend.coupons import codes, queries
from tests.browser import looks, market
from tests.browser.city import RunningCity
from tests.browser.devices import Device, Lang, Shop
from tests.browser.pages.desk import Desk
from tests.factories.coupons import make_saver

NARROW = 320


def yellow(device: Device) -> Locator:
    """The one button of the page."""
    return device.page.locator("main .big-button")


def digits_on(device: Device) -> str:
    """What the resident says at the till."""
    return device.page.locator("[data-online] .till-code__digits").inner_text()


def claim_and_show(device: Device, campaign_id: UUID) -> None:
    """From the list of coupons to the code: choose, exchange, show."""
    device.page.goto("/coupons")
    device.tap(device.page.locator(f"a[href='/coupons/{campaign_id}']"))
    device.tap(yellow(device))
    expect(device.page).to_have_url(re.compile(r"/coupons/tickets/"))
    device.tap(yellow(device))
    expect(device.page.locator(".till-code__digits").first).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_ticket_is_exchanged_shown_and_taken_once(shop: Shop, city: RunningCity, script: bool):
    """J16."""
    found = market.opened(city)
    phone, till, other = shop.phone(script=script), shop.phone(script=script), shop.phone()
    market.saver_on(phone, city)
    market.till_on(till, city, found.till)
    market.till_on(other, city, found.other_till)

    claim_and_show(phone, found.campaign_id)
    assert phone.taps == 3
    digits = digits_on(phone)
    till.page.goto("/merchant")
    till.page.locator("[data-code-field]").fill(digits)
    till.tap(yellow(till))
    expect(till.page.locator(".ticket__face")).to_have_text("¥5")
    till.tap(yellow(till))
    expect(till.page.locator(".received__title")).to_have_text("已收 5 元")
    assert till.taps == 2

    other.expects("status of 409")
    other.page.goto("/merchant")
    other.page.locator("[data-code-field]").fill(digits)
    other.tap(yellow(other))
    expect(other.page.locator("[data-error-summary]")).to_be_visible()

    if script:
        # The phone notices by itself.
        expect(phone.page.locator(".ticket__stamp--redeemed")).to_be_visible()
    else:
        phone.page.reload()
        expect(phone.page.locator(".ticket__stamp--redeemed")).to_be_visible()


def test_a_ticket_is_taken_from_a_phone_without_a_network(shop: Shop, city: RunningCity):
    """J17: the code signed before comes up by itself, and the shop takes it."""
    found = market.opened(city)
    phone, till = shop.phone(), shop.phone()
    phone.expects("ERR_INTERNET_DISCONNECTED")
    saver = market.saver_on(phone, city)
    market.till_on(till, city, found.till)
    claim_and_show(phone, found.campaign_id)
    phone.context.set_offline(True)
    expect(phone.page.locator("[data-kept]")).to_be_visible()
    expect(phone.page.locator("[data-online]")).to_be_hidden()

    with city.rows() as session:
        [(coupon, _)] = queries.tickets(session, saver.resident_id, live=True)
        kept, _ = codes.signed(coupon.id, coupon.valid_until)
    till.page.goto("/merchant")
    till.page.locator("[data-code-field]").fill(kept)
    till.tap(yellow(till))
    till.tap(yellow(till))
    expect(till.page.locator(".received__title")).to_be_visible()
    phone.context.set_offline(False)
    expect(phone.page.locator(".ticket__stamp--redeemed")).to_be_visible()


def test_too_few_points_say_how_many_are_missing(shop: Shop, city: RunningCity):
    found, phone = market.opened(city), shop.phone()
    market.saver_on(phone, city, points=88)
    phone.page.goto("/coupons")
    phone.tap(phone.page.locator(f"a[href='/coupons/{found.campaign_id}']"))
    expect(phone.page.locator(".exchange__why")).to_contain_text("还差 12 分")
    expect(yellow(phone)).to_have_count(0)


def test_a_campaign_and_a_settlement_need_two_people(shop: Shop, city: RunningCity):
    """The desk: one drafts, another opens; one settles, another approves and pays."""
    found = market.opened(city)
    people = [city.hire(role, None, name=name) for role, name in (
        (Role.PROGRAMME_OFFICER, "李娟"), (Role.PROGRAMME_OFFICER, "马强"), (Role.FINANCE, "赵会计"))]  # fmt: skip
    drafter, opener, finance = (shop.desk() for _ in people)
    for device, member in zip((drafter, opener, finance), people, strict=True):
        Desk(device).sign_in(member)
        expect(device.page).to_have_url(f"{city.url}/bureau/coupons")

    drafter.tap(yellow(drafter))
    for name, typed in {"name_zh": "书店二十元券", "name_en": "Books ¥20", "face_yuan": "20", "price_points": "300",
                        "stock": "60"}.items():  # fmt: skip
        drafter.page.locator(f"#field-{name}").fill(typed)
    drafter.page.locator("#field-trade").select_option("books")
    drafter.page.locator("#field-funder_id").select_option(str(found.market.funder_id))
    _keep(drafter, "desk-new-zh-1280")
    drafter.tap(yellow(drafter))
    expect(drafter.page.locator(".state--campaign-draft")).to_be_visible()
    expect(yellow(drafter)).to_have_count(0)
    opener.page.goto(drafter.page.url)
    opener.tap(yellow(opener))
    expect(opener.page.locator(".state--campaign-open")).to_be_visible()
    _keep(opener, "desk-campaign-zh-1280")
    assert looks.barriers(opener.page, "light") == []

    with city.rows() as session:
        saver = make_saver(session, 900)
    market.had_before(city, found, saver, used_days_ago=1)
    drafter.page.goto("/bureau/coupons/settlements")
    drafter.tap(yellow(drafter))
    link = drafter.page.get_by_role("link", name="秦州惠民超市 1").first
    place = link.get_attribute("href")
    assert place
    for device in (finance,):
        device.page.goto(place)
        device.tap(yellow(device))
        expect(device.page.locator(".state--batch-approved")).to_be_visible()
        device.page.locator("#field-reference").fill("招商 2026-1125")
        device.tap(yellow(device))
        expect(device.page.locator(".state--batch-paid")).to_be_visible()
        _keep(device, "desk-settlement-zh-1280")
        assert looks.barriers(device.page, "dark") == []
    for path in ("", "/merchants", f"/merchants/{found.till.merchant_id}", "/settlements", "/funders"):
        opener.page.goto(f"/bureau/coupons{path}")
        _keep(opener, f"desk{path.replace('/', '-')[:14]}-zh-1280")
        assert looks.barriers(opener.page, "light") == []
        assert looks.english_words(opener.page) == []
        assert looks.overflow(opener.page, 768) == []


def test_a_ticket_is_taken_back_by_the_number_its_owner_tells(shop: Shop, city: RunningCity):
    found, phone, officer = market.opened(city), shop.phone(), shop.desk()
    saver = market.saver_on(phone, city, 100)
    coupon_id = market.had_before(city, found, saver)
    phone.page.goto(f"/coupons/tickets/{coupon_id}")
    number = codes.number_of(coupon_id)
    expect(phone.page.locator(".ticket__body")).to_contain_text(number)

    Desk(officer).sign_in(city.hire(Role.PROGRAMME_OFFICER, None, name="李娟"))
    officer.tap(officer.page.locator("a[href='/bureau/coupons/tickets']"))
    _look(officer, "desk-find-zh-1280")
    officer.page.locator("#field-signs").fill(number.lower())
    officer.tap(yellow(officer))
    expect(officer.page.locator(".state--coupon-issued")).to_be_visible()
    officer.tap(officer.page.locator("main summary"))
    _look(officer, "desk-ticket-zh-1280")
    officer.page.locator("#field-reason").fill("店铺停业，居民要求退回")
    officer.page.locator("#field-sure").check()
    officer.tap(officer.page.locator(".coupon-step button"))
    expect(officer.page.locator(".state--coupon-void")).to_be_visible()
    expect(officer.page.locator("main")).not_to_contain_text("收回这张券")
    _look(officer, "desk-void-zh-1280")

    phone.page.reload()
    expect(phone.page.locator(".ticket__stamp--void")).to_be_visible()


def _look(device: Device, name: str) -> None:
    _keep(device, name)
    assert looks.barriers(device.page, "light") == []
    assert looks.barriers(device.page, "dark") == []
    assert looks.english_words(device.page) == []
    assert looks.overflow(device.page, NARROW) == []


PLACES = ("index", "campaign", "ticket", "show", "history", "till", "reservation", "payouts", "green code", "pairing")


def go(device: Device, city: RunningCity, place: str) -> None:
    """Come to one of the pages, in a state worth looking at."""
    found = market.opened(city)
    if place == "pairing":
        device.page.goto("/merchant/pairing")
    elif place in {"till", "reservation", "payouts", "green code"}:
        market.till_on(device, city, found.till)
        giver = market.saver_on(shop_of(device), city, 900)
        market.had_before(city, found, giver, used_days_ago=0)
        rooms = {"payouts": "/merchant/settlements", "green code": "/merchant/green"}
        device.page.goto(rooms.get(place, "/merchant"))
        if place == "reservation":
            coupon_id = market.had_before(city, found, giver)
            device.page.locator("[data-code-field]").fill(codes.rotating(coupon_id))
            device.tap(yellow(device))
            expect(device.page.locator(".ticket__face")).to_be_visible()
    else:
        saver = market.saver_on(device, city, 900)
        coupon_id = market.had_before(city, found, saver)
        market.had_before(city, found, saver, used_days_ago=0)
        paths = {"index": "", "campaign": f"/{found.campaign_id}", "history": "/history"}
        device.page.goto("/coupons" + paths.get(place, f"/tickets/{coupon_id}"))
        if place == "show":
            device.tap(yellow(device))
            expect(device.page.locator(".till-code__digits").first).to_be_visible()


def shop_of(device: Device) -> Device:
    """Residents at the till have phones too; here the same browser carries both cookies."""
    return device


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_page_is_whole_in_every_theme_and_width(shop: Shop, city: RunningCity, place: str, lang: Lang):
    phone = shop.phone(lang)
    go(phone, city, place)
    _keep(phone, f"{place}-{lang}-360")
    assert looks.barriers(phone.page, "light") == []
    assert looks.barriers(phone.page, "dark") == []
    assert looks.overflow(phone.page, NARROW) == []
    assert phone.page.locator("main .big-button").count() <= 1
    if lang == "zh":
        assert looks.english_words(phone.page) == []


def _keep(device: Device, name: str) -> None:
    """Keep a picture where a person may look at it, if a folder is named."""
    if folder := os.environ.get("GREEN_LOOK"):
        device.page.emulate_media(color_scheme="light", reduced_motion="reduce")
        device.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
        device.page.set_viewport_size({"width": 1280, "height": 800})
        device.page.screenshot(path=Path(folder) / f"{name.replace('360', '1280')}.png", full_page=True)
        device.page.set_viewport_size({"width": 360, "height": 740})
