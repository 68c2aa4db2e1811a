"""J9, J10, J12: what the receipt opens, on this phone and on another, and who was first."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import photos
from tests.browser.city import RunningCity
from tests.browser.devices import Device, Shop
from tests.browser.pages.receipt import ReceiptPage
from tests.browser.pages.report import ReportPage
from tests.browser.pages.reports import ProgressPage, ReportsPage

UNKNOWN = "0000-0000-0000-0000-0000-0000"
BRIDGE = {"latitude": 34.5812, "longitude": 105.7243, "accuracy": 15.0}
BESIDE_THE_BRIDGE = {"latitude": 34.5821, "longitude": 105.7251, "accuracy": 15.0}


def send_report(phone: Device, kind: str = "noise") -> ReceiptPage:
    """Send a small report from where the phone is."""
    report = ReportPage(phone).open()
    report.take(photos.small())
    report.expect_photos("sent")
    expect(report.place).to_contain_text(re.compile(r"\d"))
    report.tap_kind(kind)
    return report.send()


def test_a_receipt_opens_the_report_on_another_device(shop: Shop):
    receipt = send_report(shop.phone())
    code, number = receipt.receipt, receipt.number

    progress = ReportsPage(shop.desk()).open().look_up(code.lower().replace("-", " "))

    progress.expect_state("received")
    expect(progress.page.locator(".case-head")).to_contain_text(number)
    assert code not in progress.page.url
    progress.leave()
    progress.page.goto("/reports/current")
    assert progress.page.url.endswith("/reports")


def test_a_wrong_receipt_gets_the_answer_of_an_unknown_one(shop: Shop):
    code = send_report(shop.phone()).receipt
    last = "0" if code[-1] != "0" else "1"
    stranger = shop.desk()
    stranger.expects("status of 404")
    answers = set[str]()
    for wrong in (code[:-1] + last, UNKNOWN, "TS-7K4M-92", "你好"):
        page = ReportsPage(stranger).open()
        page.ask(wrong)
        expect(page.error).to_be_visible()
        answers.add(page.page.locator("main").inner_text())
    assert len(answers) == 1


def test_a_kept_receipt_opens_with_one_tap_and_can_be_forgotten(shop: Shop):
    phone = shop.phone()
    receipt = send_report(phone)
    number = receipt.number
    receipt.keep()

    mine = ReportsPage(phone).open()
    expect(mine.cards).to_have_count(1)
    expect(mine.cards).to_contain_text(number)
    mine.open_kept().expect_state("received")

    mine.open()
    phone.tap(mine.cards.locator("[data-my-forget]"))
    expect(mine.cards).to_have_count(0)


def test_the_receipt_can_be_saved_as_a_picture_and_copied(shop: Shop):
    phone = shop.phone(permissions=["geolocation", "clipboard-read", "clipboard-write"])
    receipt = send_report(phone)
    with phone.page.expect_download() as download:
        phone.tap(phone.page.locator("[data-save-image]"))
    assert download.value.suggested_filename == f"{receipt.number}.png"
    phone.tap(phone.page.locator("[data-copy]"))
    expect(phone.page.locator("[data-keeper-note]")).not_to_be_empty()
    assert phone.page.evaluate("navigator.clipboard.readText()") == receipt.receipt


def test_who_saw_it_too_joins_with_one_tap_and_the_first_keeps_the_rank(shop: Shop, city: RunningCity):
    first = shop.phone(geolocation=BRIDGE)
    opened = send_report(first, "ecology")
    number, cases = opened.number, city.count("case_file")
    first_code = opened.receipt

    second = shop.phone(geolocation=BESIDE_THE_BRIDGE)
    report = ReportPage(second).open()
    report.take(photos.small(5))
    report.expect_photos("sent")
    report.tap_kind("ecology")
    expect(report.similar).to_contain_text("米")
    send, similar = report.send_button.bounding_box(), report.similar.bounding_box()
    assert send
    assert similar
    joined = report.join(number)

    assert joined.number == number
    assert joined.receipt != first_code
    assert city.count("case_file") == cases
    ranks = [ReportsPage(shop.phone()).open().look_up(code).rank.inner_text() for code in (first_code, joined.receipt)]
    assert "第一" in ranks[0]
    assert "1" in ranks[1]


def test_a_report_can_be_taken_back_before_it_is_accepted(shop: Shop):
    phone = shop.phone()
    send_report(phone)
    progress = ProgressPage(phone).open()
    progress.withdraw()
    progress.expect_state("withdrawn")
    expect(progress.withdrawal).to_have_count(0)


def test_details_are_given_as_pictures_and_asked_only_once(shop: Shop, city: RunningCity):
    phone, before = shop.phone(), city.count("report_detail")
    send_report(phone, "sewage")
    form = phone.page.locator("form[action='/reports/current/details']")
    for question in form.locator("fieldset").all():
        phone.tap(question.locator("label.tile").first)
    phone.tap(form.locator("button[type=submit]"))
    phone.page.wait_for_url("**/reports/current")

    assert city.count("report_detail") == before + 1
    expect(form).to_have_count(0)


@pytest.mark.parametrize("phone_number", ["13800000000"])
def test_a_phone_number_is_taken_with_consent_and_never_shown(shop: Shop, city: RunningCity, phone_number: str):
    phone = shop.phone()
    send_report(phone)
    box = phone.page.locator("details", has=phone.page.locator("form[action='/reports/current/contact']"))
    phone.tap(box.locator("summary"))
    box.locator("input[name=phone]").fill(phone_number)
    phone.tap(box.locator("input[name=consent]"))
    phone.tap(box.locator("button[type=submit]"))
    phone.page.wait_for_url("**/reports/current")
    assert phone_number not in phone.page.content()


def test_going_back_after_the_receipt_shows_an_empty_form_and_no_receipt(shop: Shop):
    phone = shop.phone()
    receipt = send_report(phone)
    code = receipt.receipt
    phone.tap(phone.page.locator(".finish a"))
    phone.page.wait_for_url("**/reports")
    phone.page.go_back()
    report = ReportPage(phone)
    expect(report.send_button).to_be_visible()
    expect(report.tiles).to_have_count(0)
    assert code not in phone.page.content()
