"""Where to take it, whether it is open, a list that is looked at first, and a title that two people grant."""

import re

from playwright.sync_api import expect

from backend.core.actor import Role
from tests.browser.city import RunningCity
from tests.browser.devices import Shop
from tests.browser.pages.desk import Desk
from tests.browser.programmes import open_stations, sign_in_resident
from tests.factories.stations import a_line, a_list

IN_DONGGUAN = {"latitude": 34.5790, "longitude": 105.7330, "accuracy": 12.0}
CRITERIA = 5


def test_from_where_i_am_to_a_door_that_was_closed(shop: Shop, city: RunningCity):
    open_stations(city)
    phone = shop.phone(geolocation=IN_DONGGUAN)
    page = phone.page
    page.goto("/stations")
    phone.tap(page.locator("[data-near-button]"))
    page.wait_for_url(re.compile(r"/stations\?.*lat=34\.579"))
    metres = [
        float(number) * (1000 if unit == "公里" else 1)
        for number, unit in re.findall(r"([\d.]+) (米|公里)", "".join(page.locator(".station__kind").all_inner_texts()))
    ]
    assert len(metres) == 10
    assert metres == sorted(metres)
    expect(page.locator(".station-map svg .map__pin")).to_have_count(1)
    name = page.locator(".station__link").first.inner_text()
    phone.tap(page.locator(".station__link").first)
    expect(page.locator("h1")).to_have_text(name)
    before = city.count("station_closure")
    phone.tap(page.locator(".said-closed button"))
    expect(page.locator(".notice--good")).to_contain_text("谢谢你")
    assert city.count("station_closure") == before + 1
    phone.tap(page.locator(".said-closed button"))
    expect(page.locator(".notice--good")).to_be_visible()
    assert city.count("station_closure") == before + 1


def test_without_script_and_without_a_place_a_district_is_enough(shop: Shop, city: RunningCity):
    open_stations(city)
    phone = shop.phone(script=False)
    page = phone.page
    page.goto("/stations")
    expect(page.locator("[data-near-button]")).not_to_be_visible()
    page.locator("#division").select_option("620523")
    page.locator("#item").select_option("mulch_film")
    phone.tap(page.locator(".station-search__fields button"))
    expect(page.locator(".station").first).to_contain_text("甘谷县")
    expect(page.locator(".station-order")).to_contain_text("甘谷县")


def test_a_list_is_looked_at_and_its_good_lines_are_taken_over(shop: Shop, city: RunningCity):
    open_stations(city)
    desk = Desk(shop.desk()).sign_in(city.hire(Role.PROGRAMME_EDITOR, None, name="陈静"))
    page = desk.page
    page.wait_for_url("**/bureau/stations")
    page.goto("/bureau/stations/import")
    file = desk.device.album / "list.csv"
    file.write_bytes(a_list(a_line(code="NEW-1", name_zh="新来的网点"), a_line(code="BAD-1", lat="39.9"), "a,b"))
    page.locator("#file").set_input_files(file)
    desk.device.tap(page.locator("main .big-button"))
    expect(page.locator(".line--refused")).to_have_count(2)
    expect(page.locator(".line--refused").first).to_contain_text("BAD-1")
    before = city.count("station")
    desk.device.tap(page.locator("main .big-button"))
    expect(page.locator(".notice--good")).to_contain_text("新增 1")
    assert city.count("station") == before + 1
    page.goto("/bureau/stations?words=NEW-1")
    desk.device.tap(page.locator(".desk-row__link"))
    page.locator("#name_zh").fill("改了名的网点")
    desk.device.tap(page.locator(".case__facts .big-button"))
    expect(page.locator("h1")).to_have_text("改了名的网点")


def test_a_family_applies_and_two_people_grant(shop: Shop, city: RunningCity):
    phone = shop.phone()
    page = phone.page
    page.goto("/honours/green_household")
    for box in page.locator("input[name=said]").all()[1:]:
        box.check()
    phone.tap(page.locator("main .big-button"))
    expect(page.locator(".notice--good")).to_contain_text(f"做到 {CRITERIA} 条")
    sign_in_resident(phone, city)
    phone.tap(page.locator("main .big-button"))
    page.locator("#shown_name").fill("桥头老杨家")
    page.locator("#division").select_option("620502003")
    page.locator("input[name=is_public]").check()
    phone.tap(page.locator("main .big-button"))
    expect(page.locator(".honour-mine .state")).to_contain_text("正在审核")

    for name, step in (("陈静", "提名"), ("孟祥云", "授予称号")):
        desk = Desk(shop.desk()).sign_in(city.hire(Role.PROGRAMME_EDITOR, None, name=name))
        desk.page.wait_for_url("**/bureau/stations")
        desk.page.goto(f"/bureau/honours?state={'applied' if step == '提名' else 'proposed'}")
        desk.device.tap(desk.page.locator(".desk-row__link", has_text="桥头老杨家"))
        desk.device.tap(desk.page.locator("main .big-button", has_text=step))
        expect(desk.page.locator(".notice--good")).to_be_visible()
        if step == "提名":
            expect(desk.page.locator("main .big-button")).to_have_count(0)

    page.goto("/account")
    expect(page.locator(".inbox__item--unread")).to_contain_text("恭喜")
    phone.tap(page.locator(".inbox__text"))
    expect(page.locator(".honour-mine .state")).to_contain_text("已授予")
    expect(page.locator(".holder", has_text="桥头老杨家")).to_be_visible()
