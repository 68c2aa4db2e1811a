"""How to come to every page in every state worth looking at, in any language."""

import re
from collections.abc import Callable, Mapping

from playwright.sync_api import expect

from backend.core.actor import Role
from tests.browser import photos
from tests.browser.city import RunningCity
from tests.browser.devices import Device
from tests.browser.pages.desk import CasePage, Desk
from tests.browser.pages.receipt import ReceiptPage
from tests.browser.pages.report import ReportPage
from tests.browser.pages.reports import ProgressPage, ReportsPage

Way = Callable[[Device, RunningCity], None]


def _page(path: str) -> Way:
    def go(device: Device, city: RunningCity) -> None:
        device.page.goto(path)

    return go


def _missing(device: Device, city: RunningCity) -> None:
    device.expects("status of 404")
    device.page.goto("/nowhere")


def _report_with_photos(device: Device, city: RunningCity) -> None:
    device.expects("/api/v1/photos/")
    report = ReportPage(device).open()
    report.take(photos.street(), photos.text_file(), photos.iphone())
    report.expect_photos("sent", "refused", "sent")
    report.tap_kind("sewage")
    device.tap(device.page.locator("[data-adjust]"))
    expect(device.page.locator("[data-map] svg")).to_be_visible()
    device.tap(device.page.locator("#field-words summary"))


def _report_incomplete(device: Device, city: RunningCity) -> None:
    report = ReportPage(device).open()
    device.tap(report.send_button)
    expect(report.note).not_to_be_empty()


def _report_refused(device: Device, city: RunningCity) -> None:
    """Show the server's own answer to an empty form, which a browser without script gets."""
    device.expects("status of 422")
    report = ReportPage(device).open()
    report.form.evaluate("form => HTMLFormElement.prototype.submit.call(form)")
    expect(report.mistakes).to_be_visible()


def _receipt(device: Device, city: RunningCity) -> None:
    report = ReportPage(device).open()
    report.take(photos.small())
    report.expect_photos("sent")
    expect(report.place).to_contain_text(re.compile(r"\d"))
    report.tap_kind("sewage")
    report.send().keep()


def _progress(device: Device, city: RunningCity) -> None:
    _receipt(device, city)
    ProgressPage(device).open()


def _answered(device: Device, city: RunningCity) -> None:
    """Show a closed case with a mailbox."""
    _receipt(device, city)
    number = ReceiptPage(device).number
    ProgressPage(device).open().write("晚上更多。", photos.small(3))
    officer = _officer(device, city)
    officer.page.goto(f"/bureau/cases/{number}")
    case = CasePage(officer)
    case.ask("哪个口子？")
    case.take("accept")
    case.take("investigate")
    case.take("finding", choose={"finding": "substantiated"})
    case.take("close", choose={"measure": "corrected"}, write={"answer": "已经封堵，谢谢你留意。"})
    case.expect_state("closed")
    officer.page.close()
    ProgressPage(device).open().expect_state("closed")


def _my_reports(device: Device, city: RunningCity) -> None:
    _receipt(device, city)
    page = ReportsPage(device).open()
    expect(page.cards.locator(".state")).not_to_be_empty()


def _unknown_receipt(device: Device, city: RunningCity) -> None:
    device.expects("status of 404")
    page = ReportsPage(device).open()
    page.ask("0000-0000-0000-0000-0000-0000")
    expect(page.error).to_be_visible()


def _similar(device: Device, city: RunningCity) -> None:
    _receipt(device, city)
    report = ReportPage(device).open()
    report.take(photos.small(2))
    report.tap_kind("sewage")
    expect(report.similar.locator("button").first).to_be_visible()


def _officer(device: Device, city: RunningCity) -> Device:
    """Sign an officer in, in a second tab of the same browser."""
    officer = Device(device.context, device.context.new_page(), device.album)
    Desk(officer).sign_in(city.hire(Role.CITY_TRIAGE, None, name="马春花"))
    expect(officer.page.locator(".desk-head")).to_be_visible()
    return officer


def _signed_in(device: Device, city: RunningCity) -> Desk:
    desk = Desk(device).sign_in(city.hire(Role.CITY_TRIAGE, None, name="马春花"))
    expect(device.page.locator(".desk-head")).to_be_visible()
    return desk


def _not_signed_in(device: Device, city: RunningCity) -> None:
    device.expects("status of 4")
    Desk(device).sign_in(city.hire(name="王秀英"), code="000000")
    expect(Desk(device).error).to_be_visible()


def _queue(device: Device, city: RunningCity) -> None:
    _receipt(device, city)
    _signed_in(device, city)


def _case(device: Device, city: RunningCity) -> None:
    _receipt(device, city)
    number = ReceiptPage(device).number
    _signed_in(device, city)
    device.page.goto(f"/bureau/cases/{number}")
    device.page.evaluate("() => document.querySelectorAll('details').forEach(box => { box.open = true; })")


def _case_in_hand(device: Device, city: RunningCity) -> None:
    _receipt(device, city)
    number = ReceiptPage(device).number
    ProgressPage(device).open().write("又开始排了。", photos.small(4))
    _signed_in(device, city)
    device.page.goto(f"/bureau/cases/{number}")
    case = CasePage(device)
    case.take("accept")
    case.take("investigate", write={"reason": "今晚去"})
    case.take("finding", choose={"finding": "substantiated"})
    case.expect_state("handling")


RESIDENT: Mapping[str, Way] = {
    "home": _page("/"),
    "report": _page("/report"),
    "report with photos": _report_with_photos,
    "report incomplete": _report_incomplete,
    "report refused": _report_refused,
    "report with similar ones": _similar,
    "receipt": _receipt,
    "my reports": _my_reports,
    "no reports yet": _page("/reports"),
    "unknown receipt": _unknown_receipt,
    "progress": _progress,
    "answered": _answered,
    "help": _page("/help"),
    "privacy": _page("/privacy"),
    "offline": _page("/offline"),
    "nothing here": _missing,
}
BUREAU: Mapping[str, Way] = {
    "sign in": _page("/bureau/sign-in"),
    "sign in refused": _not_signed_in,
    "queue": _queue,
    "case": _case,
    "case in hand": _case_in_hand,
}
