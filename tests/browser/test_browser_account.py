"""A resident's account on a phone: in by two small forms, with a child's guardian, and out without a trace."""

import pytest
from playwright.sync_api import expect

from backend.accounts.residents.queries import resident_by_phone
from backend.accounts.residents.rules import subject_of
from backend.core import clock
from backend.notices import service as notices
from backend.notices.texts import NoticeCode
from tests.browser import looks
from tests.browser.city import RunningCity
from tests.browser.devices import Lang, Shop
from tests.browser.pages.account import AccountPage
from tests.browser.pages.reports import ReportsPage
from tests.browser.tour import RESIDENT

NARROW = 320


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_signing_in_takes_two_forms_and_one_welcome(shop: Shop, city: RunningCity, lang: Lang, script: bool):
    phone = shop.phone(lang, script=script)
    phone.page.goto("/")
    phone.tap(phone.page.locator(".tabs__tab--me"))
    account = AccountPage(phone, city).ask("/account").enter().introduce()

    expect(account.name).to_be_visible()
    expect(phone.page.locator(".me__phone")).to_have_text(f"{account.phone[:3]}****{account.phone[-4:]}")
    expect(phone.page.locator("main .big-button")).to_have_count(0)
    if script:
        assert looks.barriers(phone.page, "light") == []


def test_the_code_is_filled_in_by_the_phone_itself(shop: Shop, city: RunningCity):
    """3.3.8 and 1.3.5: number keys, one-time-code, pasting allowed, the wrong one is told beside the field."""
    phone = shop.phone()
    phone.expects("status of 401")
    account = AccountPage(phone, city).ask()
    field = phone.page.locator("#code")
    expect(field).to_have_attribute("autocomplete", "one-time-code")
    expect(field).to_have_attribute("inputmode", "numeric")
    account.enter("000")
    expect(account.error).to_be_visible()
    code = city.code_for(account.phone)
    field.evaluate("(input, code) => { input.focus(); document.execCommand('insertText', false, code); }", code)
    phone.tap(account.send)
    expect(phone.page.locator(".welcome")).to_be_visible()


def test_a_child_signs_in_and_a_guardian_agrees(shop: Shop, city: RunningCity):
    phone = shop.phone()
    account = AccountPage(phone, city).ask().enter().introduce(clock.today().year - 10)
    expect(phone.page).to_have_url(f"{city.url}/account/guardian")
    phone.page.goto("/account")
    phone.tap(phone.page.locator("main .big-button"))
    account.have_a_guardian_agree()
    expect(account.name).to_be_visible()
    expect(phone.page.locator("a[href='/account/guardian']")).to_have_count(0)


def test_signing_out_keeps_the_receipts_of_this_phone(shop: Shop, city: RunningCity):
    """The reports stay the phone's: not the account's, and not lost with it."""
    phone = shop.phone()
    RESIDENT["my reports"](phone, city)
    account = AccountPage(phone, city).sign_in()
    phone.tap(phone.page.locator("form[action='/account/sign-out'] button"))
    expect(phone.page.locator("#phone")).to_be_visible()
    assert ReportsPage(phone).open().cards.count() == 1
    assert account.phone not in phone.page.content()


def test_deleting_is_two_taps_and_a_yes(shop: Shop, city: RunningCity):
    phone = shop.phone()
    account = AccountPage(phone, city).sign_in().unfold_all()
    phone.tap(phone.page.locator("a[href='/account/delete']"))
    phone.tap(phone.page.locator(".consent:has(input[name=confirmed])"))
    phone.tap(phone.page.locator("form[action='/account/delete'] button"))
    expect(phone.page).to_have_url(f"{city.url}/account/deleted")
    phone.page.goto("/account")
    expect(phone.page.locator("#phone")).to_be_visible()
    assert account.phone


@pytest.mark.parametrize("name", ["sign in", "welcome", "me"])
def test_the_largest_text_fits_the_smallest_screen(shop: Shop, city: RunningCity, name: str):
    phone = shop.phone(width=NARROW)
    phone.page.goto("/")
    for _ in range(2):
        phone.tap(phone.page.locator("button[name=text_size]"))
    phone.page.locator("html.text-elder").wait_for(state="attached")
    RESIDENT[name](phone, city)
    assert looks.overflow(phone.page, NARROW) == []


def test_the_keyboard_alone_signs_in(shop: Shop, city: RunningCity):
    phone = shop.phone()
    account = AccountPage(phone, city)
    page = phone.page
    page.goto("/account/sign-in")
    page.locator("#phone").focus()
    page.keyboard.type(account.phone)
    page.keyboard.press("Enter")
    expect(page.locator("#code")).to_be_visible()
    page.locator("#code").focus()
    page.keyboard.type(city.code_for(account.phone))
    page.keyboard.press("Enter")
    expect(page.locator(".welcome")).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_news_marks_the_way_to_it_until_it_was_read(shop: Shop, city: RunningCity, script: bool):
    phone = shop.phone(script=script)
    account = AccountPage(phone, city).sign_in()
    mark, to_me = phone.page.locator(".tabs__mark"), phone.page.locator(".tabs__tab--me")
    phone.page.goto("/")
    expect(mark).to_have_count(0)
    with city.rows() as session:
        resident_id = resident_by_phone(session, account.phone)
        notices.tell(session, [subject_of(resident_id)], NoticeCode.HOUSEHOLD_LET_IN)
    phone.page.goto("/")
    expect(mark).to_be_visible()
    expect(to_me).to_have_accessible_name("我的 1 条新消息")
    if script:
        assert [looks.barriers(phone.page, theme) for theme in ("light", "dark")] == [[], []]
    phone.tap(to_me)
    expect(phone.page.locator(".inbox__item--unread")).to_have_count(1)
    phone.page.goto("/")
    expect(mark).to_have_count(0)
