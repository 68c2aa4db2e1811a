"""A phone that has a history of its own: whoever signs in is asked whose it is, and reports stay nobody's."""

import pytest
from playwright.sync_api import expect

from tests.browser import looks
from tests.browser.city import RunningCity
from tests.browser.devices import Device, Shop
from tests.browser.pages.account import AccountPage
from tests.browser.pages.reports import ReportsPage
from tests.browser.tour import RESIDENT
from tests.factories.activities import fill_fund

NARROW = 320


def with_history(phone: Device, city: RunningCity, walks: int = 3) -> None:
    """Tap a tile some times before anybody signs in, in a city whose fund can give."""
    with city.rows() as session:
        fill_fund(session, 1_000)
    for _ in range(walks):
        phone.page.goto("/green")
        phone.tap(phone.page.locator(".green-tile", has_text="步行").locator("button"))
        expect(phone.page.locator(".grown__title")).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_the_history_of_a_phone_is_shown_and_taken_over(shop: Shop, city: RunningCity, script: bool):
    phone = shop.phone(script=script)
    if script:
        RESIDENT["my reports"](phone, city)
    with_history(phone, city)
    _sign_in(phone, city)
    expect(phone.page.locator(".device legend")).to_have_text("3 次打卡")
    expect(phone.page.locator(".device__one")).to_have_count(3)
    counted = "这台手机上有 1 份举报" if script else "举报一直匿名"
    expect(phone.page.locator("device-reports h2")).to_have_text(counted)
    if script:
        found = looks.barriers(phone.page, "light") + looks.barriers(phone.page, "dark")
        assert found + looks.english_words(phone.page) + looks.overflow(phone.page, NARROW) == []

    phone.tap(phone.page.locator(".device__one").last)
    phone.tap(phone.page.locator("button[value=take]"))
    expect(phone.page.locator(".grown__title")).to_have_text("2 次打卡归你了")
    phone.tap(phone.page.locator("main .big-button"))
    expect(phone.page.locator(".jar")).to_contain_text("6")
    if script:
        assert ReportsPage(phone).open().cards.count() == 1


def test_on_a_shared_phone_the_history_waits_for_whoever_made_it(shop: Shop, city: RunningCity):
    phone = shop.phone()
    with_history(phone, city, 1)
    _sign_in(phone, city)
    phone.tap(phone.page.locator("button[value=foreign]"))
    expect(phone.page.locator(".grown__title")).to_have_text("什么都没有关联")
    phone.tap(phone.page.locator("form[action='/account/sign-out'] button"))
    expect(phone.page.locator("#phone")).to_be_visible()

    _sign_in(phone, city)
    phone.tap(phone.page.locator("button[value=leave]"))
    expect(phone.page.locator(".grown__title")).to_have_text("都留在这台手机上")
    phone.page.goto("/green")
    expect(phone.page.locator(".kept")).to_have_count(0)
    phone.page.goto("/account")
    phone.tap(phone.page.locator("a[href='/account/device']"))
    expect(phone.page.locator(".device__one")).to_have_count(1)


def _sign_in(phone: Device, city: RunningCity) -> None:
    AccountPage(phone, city).ask("/points").enter().introduce()
