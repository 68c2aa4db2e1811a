"""Whoever moves money after a while shows the six digits again, and everything that was typed goes on (S-10)."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from backend.accounts.rules import PROVEN_FOR
from backend.core import clock
from backend.core.actor import Role
from backend.web.sessions import Audience
from tests.browser import looks, market
from tests.browser.city import RunningCity
from tests.browser.devices import Shop
from tests.factories.sessions import open_session

NARROW = 320


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_money_is_booked_after_the_code_as_it_was_typed(shop: Shop, city: RunningCity, script: bool):
    found, device = market.opened(city), shop.desk(script=script)
    device.expects("status of 403")
    finance = city.hire(Role.FINANCE, None, name="赵会计")
    with city.rows() as session, clock.at(clock.now() - PROVEN_FOR - timedelta(minutes=1)):
        device.carry(Audience.STAFF, open_session(session, Audience.STAFF, finance.staff_id))

    device.page.goto("/bureau/coupons/funders")
    card = device.page.locator("section.card", has=device.page.locator(f"#funder-{found.market.funder_id}"))
    before = card.locator(".day-sum strong").inner_text()
    device.tap(card.locator("summary"))
    card.locator("[name=yuan]").fill("20")
    card.locator("[name=reference]").fill("天财环〔2026〕7号")
    device.tap(card.locator("button[type=submit]"))

    code = device.page.locator("#code")
    expect(code).to_be_visible()
    if script:
        expect(code).to_be_focused()
        assert looks.barriers(device.page, "light") == []
        assert looks.barriers(device.page, "dark") == []
        assert looks.english_words(device.page) == []
        assert looks.overflow(device.page, NARROW) == []
    code.fill("000000")
    device.tap(device.page.locator("main .big-button"))
    expect(device.page.locator("[data-error-summary]")).to_be_visible()
    device.page.locator("#code").fill(finance.code())
    device.tap(device.page.locator("main .big-button"))

    expect(device.page).to_have_url(f"{city.url}/bureau/coupons/funders")
    expect(card.locator(".day-sum strong")).not_to_have_text(before)
