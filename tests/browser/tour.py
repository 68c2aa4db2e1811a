"""How to come to every page in every state worth looking at, in any language."""

import re
from collections.abc import Callable, Mapping

from playwright.sync_api import expect

from backend.core import clock
from backend.core.actor import Role
from tests.browser import photos, planning
from tests.browser.city import RunningCity
from tests.browser.devices import Device
from tests.browser.pages.account import AccountPage
from tests.browser.pages.desk import CasePage, Desk
from tests.browser.pages.receipt import ReceiptPage
from tests.browser.pages.report import ReportPage
from tests.browser.pages.reports import ProgressPage, ReportsPage
from tests.browser.programmes import door_is_closed, family_applies, open_stations, sign_in_resident
from tests.factories import plan_texts
from tests.factories.stations import a_line, a_list

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


def _searched(device: Device, city: RunningCity) -> None:
    _queue(device, city)
    device.page.goto("/bureau/search?q=污水")


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


def _code_refused(device: Device, city: RunningCity) -> None:
    device.expects("status of 401")
    account = AccountPage(device, city).ask().enter("1")
    expect(account.error).to_be_visible()


def _welcome(device: Device, city: RunningCity) -> None:
    AccountPage(device, city).ask().enter()
    expect(device.page.locator(".welcome")).to_be_visible()


def _guardian(device: Device, city: RunningCity) -> None:
    _welcome(device, city)
    account = AccountPage(device, city).introduce(clock.today().year - 10)
    device.page.locator("#phone").fill(account.phone)
    device.tap(account.send)
    expect(device.page.locator("#code")).to_be_visible()


def _me(device: Device, city: RunningCity) -> None:
    AccountPage(device, city).sign_in().unfold_all()


def _mine(path: str) -> Way:
    def go(device: Device, city: RunningCity) -> None:
        AccountPage(device, city).sign_in()
        device.page.goto(path)

    return go


def _programme(path: str) -> Way:
    """Show a page of a city that has stations, one of them with a closed door."""

    def go(device: Device, city: RunningCity) -> None:
        open_stations(city)
        door_is_closed(city, "QZ-R-01")
        device.page.goto(path)

    return go


def _apply(device: Device, city: RunningCity) -> None:
    sign_in_resident(device, city)
    device.page.goto("/honours/apply/green_household?said=sorts")


def _apply_refused(device: Device, city: RunningCity) -> None:
    device.expects("status of 422")
    _apply(device, city)
    device.page.locator("form[action^='/honours/apply']").evaluate(
        "form => HTMLFormElement.prototype.submit.call(form)"
    )
    expect(device.page.locator("[data-error-summary]")).to_be_visible()


def _editor(device: Device, city: RunningCity) -> None:
    Desk(device).sign_in(city.hire(Role.PROGRAMME_EDITOR, None, name="陈静"))
    device.page.wait_for_url("**/bureau/stations")


def _editor_at(path: str) -> Way:
    def go(device: Device, city: RunningCity) -> None:
        open_stations(city)
        door_is_closed(city, "QZ-R-01")
        _editor(device, city)
        device.page.goto(path)

    return go


def _dry_run(device: Device, city: RunningCity) -> None:
    _editor(device, city)
    device.page.goto("/bureau/stations/import")
    file = device.album / "list.csv"
    file.write_bytes(a_list(a_line(name_zh="新网点"), a_line(lat="39.9"), "1,2"))
    device.page.locator("#file").set_input_files(file)
    device.tap(device.page.locator("main .big-button"))
    expect(device.page.locator(".line--refused")).to_have_count(2)


def _title_reviewed(device: Device, city: RunningCity) -> None:
    application_id = family_applies(city)
    _editor(device, city)
    device.page.goto(f"/bureau/honours/{application_id}")


def _plan(path: str) -> Way:
    """Show a page of a plan that has a past."""

    def go(device: Device, city: RunningCity) -> None:
        planning.tell_stories(city)
        device.page.goto(path)

    return go


def _plan_room(path: str) -> Way:
    """Show a page of the room for the plan; `{draft}` is a draft with a value and an entry in it."""

    def go(device: Device, city: RunningCity) -> None:
        planning.tell_stories(city)
        planning.sit_down(device, city)
        if "{draft}" in path:
            address = planning.begin(device)
            planning.enter(device, "2025", "39.2")
            expect(device.page.locator("#values .line")).to_have_count(1)
            device.page.goto(path.format(draft=address))
        else:
            device.page.goto(path)

    return go


def _plan_text(device: Device, city: RunningCity) -> None:
    planning.sit_down(device, city)
    device.page.goto("/bureau/plan/texts")
    file = device.album / "plan.txt"
    file.write_text(plan_texts.CITY, encoding="utf-8")
    device.page.locator("#file").set_input_files(file)
    device.tap(device.page.locator("main .big-button"))
    expect(device.page.locator(".plan-find").first).to_be_visible()


def _plan_list(device: Device, city: RunningCity) -> None:
    planning.sit_down(device, city)
    planning.begin(device)
    file = device.album / "values.csv"
    file.write_text("indicator,area,period,value,source\nforest_cover,620500,2025年底,98％,film-2020", encoding="utf-8")
    device.page.locator("#file").set_input_files(file)
    device.tap(device.page.locator("form[action$='/lists'] button"))
    expect(device.page.locator(".line--refused")).to_have_count(1)


RESIDENT: Mapping[str, Way] = {
    "plan": _plan("/plan"),
    "plan by part": _plan("/plan?view=parts"),
    "plan near me": _plan("/plan?view=counties&county=620503"),
    "plan and me": _plan("/plan?view=me"),
    "indicator": _plan("/plan/indicators/forest_cover"),
    "indicator without figures": _plan("/plan/indicators/energy_intensity"),
    "article": _plan("/plan/articles/11"),
    "exposures": _plan("/plan/exposures"),
    "good examples": _plan("/plan/examples"),
    "method": _plan("/plan/method"),
    "open data": _plan("/plan/data"),
    "changes": _plan("/plan/changes"),
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
    "sign in": _page("/account/sign-in"),
    "code refused": _code_refused,
    "welcome": _welcome,
    "guardian": _guardian,
    "me": _me,
    "my messages": _mine("/account/inbox"),
    "my data": _mine("/account/export"),
    "delete account": _mine("/account/delete"),
    "account deleted": _page("/account/deleted"),
    "help": _page("/help"),
    "privacy": _page("/privacy"),
    "offline": _page("/offline"),
    "nothing here": _missing,
    "stations": _programme("/stations"),
    "stations near me": _programme("/stations?lat=34.5790&lon=105.7330"),
    "no station": _programme("/stations?kind=film_recovery&item=paper"),
    "station": _programme("/stations/QZ-R-01?said=closed"),
    "campaigns": _page("/campaigns"),
    "campaign to come": _page("/campaigns/energy_week-2027"),
    "campaign that was": _page("/campaigns/travel_month-2026"),
    "titles": _page("/honours"),
    "title": _page("/honours/green_household?said=sorts"),
    "apply for a title": _apply,
    "application refused": _apply_refused,
}
BUREAU: Mapping[str, Way] = {
    "plan room": _plan_room("/bureau/plan"),
    "plan draft": _plan_room("{draft}"),
    "plan preview": _plan_room("{draft}/preview"),
    "plan exposure form": _plan_room("{draft}/entries/exposure/new"),
    "plan article form": _plan_room("{draft}/entries/article/11"),
    "plan text": _plan_text,
    "plan list": _plan_list,
    "sign in": _page("/bureau/sign-in"),
    "sign in refused": _not_signed_in,
    "queue": _queue,
    "a search": _searched,
    "case": _case,
    "case in hand": _case_in_hand,
    "stations at the desk": _editor_at("/bureau/stations?view=reported"),
    "all stations at the desk": _editor_at("/bureau/stations"),
    "a station at the desk": _editor_at("/bureau/stations/QZ-R-01"),
    "a new station": _editor_at("/bureau/stations/new"),
    "a list is asked for": _editor_at("/bureau/stations/import"),
    "a list is looked at": _dry_run,
    "titles at the desk": _editor_at("/bureau/honours"),
    "a title is reviewed": _title_reviewed,
}
