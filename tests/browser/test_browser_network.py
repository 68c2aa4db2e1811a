"""A connection that breaks at the worst moment: nothing is lost and nothing is doubled."""

from playwright.sync_api import Route, expect

from tests.browser import photos
from tests.browser.city import RunningCity
from tests.browser.devices import Shop
from tests.browser.pages.home import HomePage
from tests.browser.pages.receipt import ReceiptPage
from tests.browser.pages.report import ReportPage


def test_an_answer_lost_after_the_commit_comes_with_the_retry(shop: Shop, city: RunningCity):
    phone, before = shop.phone(), city.count("report")
    phone.expects("ERR_FAILED")
    swallowed = list[str]()

    def swallow(route: Route) -> None:
        if route.request.method == "POST" and len(swallowed) < 2:
            swallowed.append(route.fetch().text())
            route.abort()
        else:
            route.continue_()

    phone.page.route("**/report", swallow)
    report = ReportPage(phone).open()
    report.take(photos.small())
    report.expect_photos("sent")
    report.tap_kind("sewage")
    phone.tap(report.send_button)
    expect(report.note).not_to_be_empty()
    receipt = ReceiptPage(phone).arrived()

    assert len(swallowed) == 2
    assert all(f'data-receipt="{receipt.receipt}"' in page for page in swallowed)
    assert city.count("report") == before + 1


def test_without_a_network_the_report_waits_and_goes_out_once(shop: Shop, city: RunningCity):
    phone, before = shop.phone(), city.count("report")
    phone.expects("ERR_INTERNET_DISCONNECTED")
    report = ReportPage(phone).open()
    report.tap_kind("dumping")
    report.take(photos.small(8))
    report.expect_photos("sent")
    phone.context.set_offline(True)
    report.take(photos.small(9))
    phone.tap(report.send_button)
    expect(report.note).to_contain_text("网")
    assert city.count("report") == before

    phone.context.set_offline(False)
    ReceiptPage(phone).arrived()
    assert city.count("report") == before + 1


def test_a_page_that_was_closed_in_the_middle_goes_on_where_it_was(shop: Shop, city: RunningCity):
    phone, before = shop.phone(), city.count("report")
    phone.expects("ERR_INTERNET_DISCONNECTED")
    report = HomePage(phone).open().snap(photos.small(10))
    report.expect_photos("sent")
    report.tap_kind("smoke")
    phone.context.set_offline(True)
    phone.tap(report.send_button)
    expect(report.note).to_contain_text("网")
    phone.page.close()

    phone.context.set_offline(False)
    phone.page = phone.context.new_page()
    home = HomePage(phone).open()
    expect(phone.page.locator("outbox-line")).to_be_visible()
    home.page.goto("/report")
    ReceiptPage(phone).arrived()
    assert city.count("report") == before + 1


def test_a_stale_form_is_sent_again_with_a_fresh_token(shop: Shop):
    phone = shop.phone()
    phone.expects("status of 403")
    report = ReportPage(phone).open()
    report.take(photos.small())
    report.expect_photos("sent")
    report.tap_kind("noise")
    cookies = phone.context.cookies()
    assert any(cookie.get("name") == "__Host-green-form" for cookie in cookies)
    phone.context.clear_cookies(name="__Host-green-form")
    assert report.send().receipt


def test_a_page_whose_stylesheet_is_lost_can_still_be_used(shop: Shop):
    phone = shop.phone(script=False)
    phone.expects("ERR_FAILED")
    phone.page.route("**/*.css", lambda route: route.abort())
    report = HomePage(phone).open().follow()
    sizes: list[float] = [
        box["height"] for one in phone.page.locator("svg.icon").all() if (box := one.bounding_box()) is not None
    ]
    assert sizes
    assert max(sizes) <= 24
    report.attach(photos.small())
    report.page.locator("input[name=kind][value=noise]").check()
    report.page.locator("input[name=county_code][value='620503']").check()
    assert report.send().receipt
