"""J1–J5: from the home page to the receipt, in three taps, with whatever place and photos people have."""

import json
import re
import time
from typing import Any

from playwright.sync_api import expect

from tests.browser import photos
from tests.browser.city import RunningCity
from tests.browser.devices import Device, Shop
from tests.browser.pages.home import HomePage
from tests.browser.pages.report import ReportPage
from tests.browser.wire import wire_to

PROMPT = """
window.asked = [];
const geolocation = {
  watchPosition(found, failed) { window.asked.push({ found, failed }); return window.asked.length; },
  clearWatch() {},
};
Object.defineProperty(navigator, 'geolocation', { value: geolocation });
"""
IN_LI_COUNTY = {"latitude": 34.1893, "longitude": 105.1784, "accuracy": 20.0}
SENTENCE = re.compile(r"[。！]")
SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750}


def slow_down(phone: Device) -> None:
    """Put the phone on 1.6 Mbit/s down, 0.75 up, 150 ms away."""
    session = phone.context.new_cdp_session(phone.page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_4G)


def test_a_photo_report_takes_three_taps_and_less_than_a_minute(shop: Shop, city: RunningCity):
    phone, before = shop.phone(), city.count("report")
    slow_down(phone)
    began = time.monotonic()
    home = HomePage(phone).open()

    report = home.snap(photos.street())
    report.expect_photos("sent")
    expect(report.place).to_contain_text("18")
    report.tap_kind("sewage")
    receipt = report.send()

    assert receipt.receipt
    assert receipt.number
    assert phone.taps == 3
    assert time.monotonic() - began < 60
    assert city.count("report") == before + 1


def test_the_place_is_asked_for_only_after_the_photo(shop: Shop):
    phone = shop.phone()
    phone.context.add_init_script(PROMPT)
    HomePage(phone).open()
    ReportPage(phone).open()
    assert phone.page.evaluate("window.asked.length") == 0

    report = HomePage(phone).open().snap(photos.small())
    phone.page.wait_for_function("() => window.asked.length === 1")
    phone.taps += 1  # "allow", on the browser's own question
    coords: dict[str, Any] = {"latitude": 34.5705, "longitude": 105.8902, "accuracy": 12}
    phone.page.evaluate("coords => window.asked[0].found({ coords })", coords)
    report.tap_kind("smoke")
    report.send()

    assert phone.taps == 4


def test_who_denies_the_place_picks_county_and_town_and_names_a_landmark(shop: Shop, city: RunningCity):
    phone = shop.phone(permissions=[])
    report = HomePage(phone).open().snap(photos.small(2))
    expect(report.place_list).to_have_attribute("open", "")

    report.pick_place("甘谷县", "新兴镇", "大像山路口")
    expect(report.place).to_contain_text("甘谷县")
    report.tap_kind("dust")
    receipt = report.send()

    officer = city.hire(county_code="620523", name="何建国")
    assert officer.county_code == "620523"
    assert receipt.number


def test_a_county_is_asked_for_where_nothing_else_is_known(shop: Shop):
    phone = shop.phone(permissions=[])
    report = ReportPage(phone).open()
    report.take(photos.small(3))
    report.expect_photos("sent")
    report.tap_kind("dust")
    phone.tap(report.send_button)

    expect(report.note).not_to_be_empty()
    expect(phone.page.locator("[data-county]").first).to_be_focused()


def test_three_photos_go_over_the_wire_in_750_kilobytes(shop: Shop, city: RunningCity):
    with wire_to(city.port) as wire:
        phone = shop.phone(base_url=wire.url)
        report = ReportPage(phone).open()
        before = wire.up
        report.take(
            photos.street(),
            photos.street("IMG_3.jpg", width=2400, height=1800),
            photos.street("IMG_4.jpg", width=1500, height=2000),
        )
        report.expect_photos("sent", "sent", "sent")
        report.tap_kind("black_water")
        report.send()
        assert wire.up - before <= 750_000


def test_bad_photos_are_refused_kindly_and_the_rest_is_kept(shop: Shop, city: RunningCity):
    phone, before = shop.phone(), city.count("photo")
    phone.expects("/api/v1/photos/")  # the browser's own line for each refused photo
    report = ReportPage(phone).open()
    report.take(photos.small(4), photos.text_file(), photos.empty(), photos.huge(), photos.bomb(), photos.iphone())
    report.expect_photos("sent", "refused", "refused", "refused", "refused", "sent")

    for place in (1, 2, 3, 4):
        expect(report.tile(place).locator("[data-photo-status]")).to_have_text(SENTENCE)
    report.tap_kind("dumping")
    assert report.send().receipt
    assert city.count("photo") == before + 2


def test_a_half_photo_is_told_and_sealed_and_the_report_goes_on(shop: Shop, city: RunningCity):
    phone, before = shop.phone(), city.count("report")
    report = ReportPage(phone).open()
    report.take(photos.truncated(), photos.small(5))
    report.expect_photos("refused", "sent")
    expect(report.tile(0).locator("[data-photo-status]")).to_have_text(SENTENCE)
    report.tap_kind("dumping")
    assert report.send().receipt
    assert city.count("report") == before + 1


def test_of_eight_photos_six_are_taken_and_one_can_be_given_back(shop: Shop):
    report = ReportPage(shop.phone()).open()
    report.take(*(photos.small(seed) for seed in range(11, 19)))
    report.expect_photos(*["sent"] * 6)
    expect(report.page.locator("[data-photo-note]")).to_contain_text("6")
    report.device.tap(report.tile(0).locator("[data-photo-remove]"))
    report.expect_photos(*["sent"] * 5)


def test_a_place_outside_the_city_is_taken_and_the_right_hotline_shown(shop: Shop):
    phone = shop.phone(geolocation=IN_LI_COUNTY)
    report = ReportPage(phone).open()
    report.take(photos.small())
    report.expect_photos("sent")
    expect(report.place).to_contain_text("不在")
    report.tap_kind("smoke")
    receipt = report.send()
    expect(receipt.warnings).to_contain_text("陇南市")
    expect(receipt.warnings.locator("a[href^='tel:']")).to_be_visible()


def test_the_exif_of_a_photo_travels_beside_it_and_not_in_it(shop: Shop):
    phone, sent = shop.phone(), list[tuple[dict[str, str], bytes]]()
    phone.page.on(
        "request",
        lambda request: (
            sent.append((request.headers, request.post_data_buffer or b"")) if request.method == "PUT" else None
        ),
    )
    report = ReportPage(phone).open()
    report.take(photos.street())
    report.expect_photos("sent")

    headers, _ = sent[0]
    facts = json.loads(_unpadded(headers["photo-facts"]))
    assert facts["lat"], facts["taken_at"]
    assert int(headers.get("content-length", "0")) <= 320_000


def _unpadded(text: str) -> bytes:
    from base64 import urlsafe_b64decode

    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
