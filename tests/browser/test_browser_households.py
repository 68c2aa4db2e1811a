"""J18: a family on two phones: invited, knocked, let in, points together, and out again with exactly one's own."""

import pytest
from playwright.sync_api import expect

from tests.browser import looks
from tests.browser.city import RunningCity
from tests.browser.devices import Device, Lang, Shop
from tests.browser.pages.account import AccountPage
from tests.browser.pages.household import HouseholdPage


def family(city: RunningCity, owner_phone: Device, guest_phone: Device) -> tuple[HouseholdPage, HouseholdPage]:
    """Let two people make a household together."""
    owner, guest = HouseholdPage(owner_phone, city).sign_in(), HouseholdPage(guest_phone, city).sign_in()
    guest.knock(owner.start().invite())
    owner.let_in()
    return owner, guest


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_family_saves_together_and_a_leaver_takes_the_own(shop: Shop, city: RunningCity, script: bool):
    owner, guest = family(city, shop.phone(script=script), shop.phone(script=script))
    city.earn(owner.account.phone, 12)
    city.earn(guest.account.phone, 9, days=20)
    owner.put_in(12)
    expect(owner.pooled).to_have_text("12")
    guest.open()
    guest.device.tap(guest.page.locator("form.pool__soon button"))
    expect(guest.pooled).to_have_text("21")
    expect(guest.page.locator(".pool__giver")).to_have_count(2)

    guest.leave()
    owner.open()
    expect(owner.pooled).to_have_text("12")
    expect(owner.page.locator(".member")).to_have_count(1)
    guest.knock(owner.invite())
    owner.let_in()
    guest.open()
    expect(guest.own).to_have_text("9")


def test_a_scanned_code_survives_the_sign_in_and_no_request_names_it(shop: Shop, city: RunningCity):
    owner = HouseholdPage(shop.phone(), city).sign_in().start()
    code = owner.invite().replace("-", "")
    phone = shop.phone()
    asked: list[str] = []
    phone.page.on("request", lambda request: asked.append(request.url))
    phone.page.goto(f"/household/join#{code}")
    expect(phone.page).to_have_url(f"{city.url}/household/join")
    phone.tap(phone.page.locator("main .big-button"))
    account = AccountPage(phone, city)
    phone.page.locator("#phone").fill(account.phone)
    phone.tap(account.send)
    expect(phone.page.locator("#code")).to_be_visible()
    account.enter().introduce()
    expect(phone.page.locator("[data-code]")).to_have_value(code)
    phone.tap(account.send)
    HouseholdPage(phone, city).agree()
    # Playwright's first address is the one that was typed; the browser itself sends it without what follows the `#`.
    assert not any(code in url.split("#")[0] for url in asked)
    assert phone.page.evaluate("sessionStorage.length") == 0


def test_an_elder_without_a_phone_is_taken_along_and_out(shop: Shop, city: RunningCity):
    owner = HouseholdPage(shop.phone(), city).sign_in().start()
    page = owner.page
    owner.device.tap(page.locator("summary:has-text('老人')"))
    page.locator("#elder-name").fill("奶奶")
    owner.device.tap(page.locator(".consent:has(input[name=agreed])"))
    owner.device.tap(page.locator("form[action='/household/elders'] button"))
    expect(page.locator(".member__name").last).to_have_text("奶奶")
    owner.device.tap(page.locator(".member__way"))
    owner.device.tap(page.locator(".consent:has(input[name=confirmed])"))
    owner.device.tap(page.locator("form[action$='/removal'] button"))
    expect(page.locator(".member")).to_have_count(1)


def test_a_mistyped_code_says_so_beside_the_field(shop: Shop, city: RunningCity):
    phone = shop.phone()
    phone.expects("status of 422")
    guest = HouseholdPage(phone, city).sign_in()
    guest.page.goto("/household/join")
    guest.page.locator("#code").fill("123-456-789")
    phone.tap(guest.send)
    expect(guest.page.locator("#code-error")).to_be_visible()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_of_a_household_is_there_for_everybody(shop: Shop, city: RunningCity, lang: Lang):
    phone = shop.phone(lang)
    owner, guest = family(city, phone, shop.phone(lang))
    third = HouseholdPage(shop.phone(lang), city).sign_in()
    third.knock(owner.invite())
    city.earn(owner.account.phone, 30, days=12)
    owner.put_in(20)
    found: list[str] = []
    for path in ("", "/invite", "/join", "/leave"):
        owner.page.goto(f"/household{path}")
        found += look(phone, lang)
    owner.open()
    phone.tap(owner.page.locator(".member__way").first)
    found += look(phone, lang)
    for device in (third.device, HouseholdPage(shop.phone(lang), city).sign_in().device):
        found += look(device, lang)
    guest.device.tap(guest.page.locator("button[name=text_size]"))
    guest.device.tap(guest.page.locator("button[name=text_size]"))
    guest.open()
    found += look(guest.device, lang)
    assert not found, "\n".join(found)


def look(device: Device, lang: Lang) -> list[str]:
    """Return every barrier of the open page, and English among the Chinese."""
    page = device.page
    page.evaluate("() => document.querySelectorAll('details').forEach(box => { box.open = true; })")
    found = looks.barriers(page, "light") + looks.barriers(page, "dark") + looks.overflow(page, 320)
    page.set_viewport_size({"width": 360, "height": 740})
    return found + (looks.english_words(page) if lang == "zh" else [])
