"""J14, J15: two taps and a full leaf; a photo that is refused, read, appealed; a code at the point; keys at the grid."""

from datetime import timedelta

import pytest
from playwright.sync_api import Locator, expect

from backend.activities import sites
from backend.core.actor import Role
from backend.coupons.rules import Trade
from tests.browser import looks, market, photos
from tests.browser.city import RunningCity
from tests.browser.devices import TOWN, Device, Lang, Shop
from tests.browser.green import move_in, open_station
from tests.browser.pages.desk import Desk
from tests.factories.coupons import open_market

HELD = timedelta(hours=48)


def tile(phone: Device, name: str) -> Locator:
    """Find a tile by its word."""
    return phone.page.locator(".green-tile", has_text=name)


def test_two_taps_log_a_third_undoes_and_a_full_leaf_is_no_error(shop: Shop, city: RunningCity):
    """J14."""
    phone = shop.phone()
    move_in(city, phone)
    phone.page.goto("/")
    phone.taps = 0
    phone.tap(phone.page.locator(".tabs__tab--green"))
    phone.tap(tile(phone, "步行").locator("button"))
    expect(phone.page.locator(".grown__title")).to_contain_text("+3")
    assert phone.taps == 2

    phone.tap(phone.page.locator("form[action$='/undo'] button"))
    expect(phone.page.locator(".grown__title")).to_contain_text("已撤销")
    for earned in ("+3", "+3", "+3", "+1"):
        phone.page.goto("/green")
        phone.tap(tile(phone, "步行").locator("button"))
        expect(phone.page.locator(".grown__title")).to_contain_text(earned)
    phone.page.goto("/green")
    expect(tile(phone, "步行")).to_contain_text("10/10")
    expect(tile(phone, "步行").locator("button")).to_have_count(0)


def test_the_same_works_without_script(shop: Shop, city: RunningCity):
    phone = shop.phone(script=False)
    move_in(city, phone)
    phone.page.goto("/green")
    phone.tap(tile(phone, "步行").locator("button"))
    expect(phone.page.locator(".grown__title")).to_contain_text("+3")
    phone.page.goto("/green")
    phone.tap(tile(phone, "光盘行动").locator("a"))
    phone.page.locator("input[name=photo]").set_input_files(phone.files(photos.small(7)))
    phone.tap(phone.page.locator(".log-form button[type=submit]"))
    expect(phone.page.locator(".grown__title")).to_contain_text("+5")


def test_what_is_tapped_before_the_sign_in_is_kept_and_taken_over(shop: Shop, city: RunningCity):
    phone = shop.phone()
    phone.page.goto("/green")
    phone.tap(tile(phone, "步行").locator("button"))
    expect(phone.page.locator(".grown__title")).to_be_visible()
    move_in(city, phone)
    phone.page.goto("/green")
    phone.tap(phone.page.locator(".kept a"))
    phone.tap(phone.page.locator("button[value=take]"))
    expect(phone.page.locator(".grown__title")).to_contain_text("1 次打卡归你了")
    phone.page.goto("/points")
    expect(phone.page.locator(".jar")).to_contain_text("3")


def test_a_photo_is_refused_by_a_key_read_with_its_reason_and_appealed(shop: Shop, city: RunningCity):
    """J15."""
    phone = shop.phone()
    move_in(city, phone, nickname="拍照的人")
    phone.page.goto("/green")
    phone.taps = 0
    phone.pick(tile(phone, "光盘行动").locator("a"), photos.small(8))
    expect(phone.page.locator(".grown__title")).to_contain_text("+5")
    assert phone.taps == 1
    address = phone.page.url
    copier = shop.phone()
    move_in(city, copier)
    copier.page.goto("/green")
    copier.pick(tile(copier, "光盘行动").locator("a"), photos.small(8))
    expect(copier.page.locator(".grown__title")).to_contain_text("+5")

    desk = shop.desk()
    Desk(desk).sign_in(city.hire(Role.MODERATOR, None, name="李审核"))
    card = desk.page.locator(".look--alarm").first
    expect(card).to_contain_text("同一张照片用过")
    desk.page.keyboard.press("n")
    desk.tap(desk.page.locator(".send-bar button"))
    expect(desk.page.locator(".notice--good")).to_be_visible()

    copier.page.reload()
    expect(copier.page.locator(".notice--warn")).to_contain_text("照片里看不出来")
    copier.tap(copier.page.locator("details summary"))
    copier.page.locator("#words").fill("我们在同一张桌子上吃饭。")
    copier.tap(copier.page.locator("form[action$='/appeal'] button"))
    expect(copier.page.locator(".card")).to_contain_text("同一张桌子")
    desk.page.goto("/bureau/activities/appeals")
    mine = desk.page.locator(".card", has_text="同一张桌子")
    mine.locator("textarea").fill("有道理，积分给回来。")
    desk.tap(mine.locator("button[value=true]"))
    copier.page.reload()
    expect(copier.page.locator(".grown__title")).to_contain_text("+5")
    phone.page.goto(address)
    expect(phone.page.locator(".grown__title")).to_contain_text("+5")


def test_at_the_point_one_tap_proves_it_and_the_attendant_weighs_with_two(shop: Shop, city: RunningCity):
    code, member = open_station(city, TOWN["latitude"], TOWN["longitude"])
    phone, attendant = shop.phone(), shop.phone(width=390)
    move_in(city, phone, nickname="称重的人")
    Desk(attendant).sign_in(member)
    shown = attendant.page.locator(".attend__letters").inner_text().replace(" ", "")
    phone.page.goto(f"/green/at/{code}?c={shown}")
    expect(phone.page.locator("[data-here-note]")).to_contain_text("位置对上了")
    phone.tap(phone.page.locator(".here__button", has_text="可回收物交投"))
    expect(phone.page.locator(".grown__title")).to_contain_text("称重的人")

    attendant.page.reload()
    person = attendant.page.locator(".attend__person", has_text="称重的人")
    person.locator("input[name=quantity]").fill("2.5")
    attendant.tap(person.locator("button"))
    expect(attendant.page.locator(".notice--good")).to_contain_text("+50")
    phone.page.reload()
    expect(phone.page.locator(".grown__title")).to_contain_text("+50")


def test_at_the_counter_one_tap_proves_what_was_taken_home(shop: Shop, city: RunningCity):
    phone, counter = shop.phone(), shop.phone()
    with city.rows() as session:
        till = open_market(session).shop("渭河老面馆", Trade.CANTEEN, (TOWN["latitude"], TOWN["longitude"]))
    market.till_on(counter, city, till)
    counter.page.goto("/merchant/green")
    shown = counter.page.locator(".till-code__digits").inner_text().replace(" ", "")
    move_in(city, phone)
    phone.page.goto(f"/green/at/{till.merchant_id.hex}?c={shown}")
    expect(phone.page.locator("h1")).to_contain_text("渭河老面馆")
    phone.tap(phone.page.locator(".here__button", has_text="剩餐打包"))
    expect(phone.page.locator(".grown__title")).to_contain_text("+5")


def test_somewhere_else_the_code_is_of_no_use(shop: Shop, city: RunningCity):
    code, _ = open_station(city, 34.70, 105.50)
    phone = shop.phone()
    phone.expects("status of 422")
    move_in(city, phone)
    phone.page.goto(f"/green/at/{code}?c={sites.code_now(code)}")
    expect(phone.page.locator("[data-here-note]")).to_contain_text("位置对上了")
    phone.tap(phone.page.locator(".here__button").first)
    expect(phone.page.locator(".notice--warn")).to_contain_text("米")


PAGES = [
    "/green",
    "/green/do/walk",
    "/green/do/clean_plate",
    "/green/communities",
    "/points",
    "/points/books",
    "/points/verify",
]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_green_pages_are_there_for_everybody(shop: Shop, city: RunningCity, lang: Lang):
    phone, found = shop.phone(lang), list[str]()
    move_in(city, phone)
    for path in PAGES:
        phone.page.goto(path)
        found += [
            f"{path}: {line}" for line in looks.barriers(phone.page, "light") + looks.barriers(phone.page, "dark")
        ]
        found += looks.overflow(phone.page, 320)
        found += looks.english_words(phone.page) if lang == "zh" and path != "/points/verify" else []
    assert not found, "\n".join(found)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_moderators_pages_are_there_for_everybody(shop: Shop, city: RunningCity, lang: Lang):
    desk, found = shop.desk(lang), list[str]()
    Desk(desk).sign_in(city.hire(Role.MODERATOR, None, name="李审核"))
    for path in ("/bureau/activities/moderation", "/bureau/activities/appeals", "/bureau/activities/import"):
        desk.page.goto(path)
        found += [f"{path}: {line}" for line in looks.barriers(desk.page, "light") + looks.barriers(desk.page, "dark")]
        found += looks.overflow(desk.page, 768)
    assert not found, "\n".join(found)
