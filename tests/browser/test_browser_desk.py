"""The officer's day: sign in, find the report, accept, go and look, write down, answer; and the resident who reads it."""

from playwright.sync_api import expect

from backend.core.actor import Role
from tests.browser import photos
from tests.browser.city import RunningCity
from tests.browser.devices import Shop
from tests.browser.pages.desk import CasePage, Desk
from tests.browser.pages.report import ReportPage
from tests.browser.pages.reports import ProgressPage, ReportsPage
from tests.browser.test_browser_receipts import send_report

GANGU, WUSHAN, QINGSHUI = "620523", "620524", "620521"
IN_GANGU = {"latitude": 34.7368, "longitude": 105.3396, "accuracy": 15.0}
IN_WUSHAN = {"latitude": 34.7213, "longitude": 104.8907, "accuracy": 15.0}
IN_QINGSHUI = {"latitude": 34.7499, "longitude": 106.1375, "accuracy": 15.0}


def test_from_the_photo_to_the_answer(shop: Shop, city: RunningCity):
    resident = shop.phone(geolocation=IN_GANGU)
    report = ReportPage(resident).open()
    report.take(photos.street())
    report.expect_photos("sent")
    report.tap_kind("sewage")
    report.say("晚上十点以后排黑水")
    receipt = report.send()
    code, number = receipt.receipt, receipt.number

    desk = Desk(shop.desk()).sign_in(city.hire(county_code=GANGU, name="何建国"))
    expect(desk.row(number)).to_contain_text("晚上十点以后排黑水")
    expect(desk.row(number).locator("img")).to_have_count(1)
    case = desk.open_case(number)
    expect(case.photos.first).to_be_visible()
    assert case.photos.first.evaluate("one => one.decode().then(() => one.naturalWidth)") > 0
    case.take("accept")
    case.expect_state("accepted")
    case.take("investigate", write={"reason": "今晚派两人去看"})
    case.expect_state("investigating")
    case.take("finding", choose={"finding": "substantiated"}, write={"reason": "暗管排放，已取样"})
    case.expect_state("handling")
    answer = "查实有暗管直排，已责令封堵并立案。谢谢你留意。"
    case.take("close", choose={"measure": "filed"}, write={"answer": answer})
    case.expect_state("closed")
    expect(case.done).to_be_visible()

    progress = ReportsPage(shop.phone()).open().look_up(code)
    progress.expect_state("closed")
    expect(progress.answer).to_contain_text(answer)
    expect(progress.page.locator("main")).not_to_contain_text("今晚派两人去看")
    expect(progress.page.locator("main")).not_to_contain_text("暗管排放，已取样")


def test_a_question_of_the_bureau_is_answered_with_a_photo(shop: Shop, city: RunningCity):
    resident = shop.phone(geolocation=IN_WUSHAN)
    number = send_report(resident, "smoke").number
    desk = Desk(shop.desk()).sign_in(city.hire(county_code=WUSHAN, name="赵小兰"))
    case = desk.open_case(number)
    case.ask("烟从哪个烟囱出来？")
    expect(case.done).to_be_visible()

    progress = ProgressPage(resident).open()
    expect(progress.talk).to_contain_text("烟从哪个烟囱出来？")
    progress.write("左边那个红砖的", photos.small(7))
    expect(progress.talk).to_have_count(2)
    expect(progress.talk.last).to_contain_text("1")

    desk.page.goto("/bureau")
    expect(desk.row(number).locator(".flag--news")).to_be_visible()
    expect(desk.open_case(number).reports).to_contain_text("左边那个红砖的")


def test_two_officers_at_one_case_see_each_other(shop: Shop, city: RunningCity):
    number = send_report(shop.phone(geolocation=IN_QINGSHUI), "dust").number
    mine, other = (
        Desk(shop.desk()).sign_in(city.hire(county_code=QINGSHUI, name=name)).open_case(number)
        for name in ("孙丽", "周强")
    )
    other.device.expects("status of 409")
    mine.take("accept")
    mine.expect_state("accepted")
    other.take("decline", choose={"decline_reason": "already_accepted"}, write={"answer": "没有找到这个地方。"})
    expect(other.refused).to_contain_text("没有找到这个地方。")
    other.expect_state("accepted")


def test_a_foreign_county_sees_nothing(shop: Shop, city: RunningCity):
    number = send_report(shop.phone(geolocation=IN_QINGSHUI), "dust").number
    desk = Desk(shop.desk()).sign_in(city.hire(county_code=WUSHAN, name="赵小兰"))
    desk.device.expects("status of 404")
    expect(desk.row(number)).to_have_count(0)
    answer = desk.page.goto(f"/bureau/cases/{number}")
    assert answer
    assert answer.status == 404


def test_a_wrong_password_and_a_wrong_code_get_one_and_the_same_answer(shop: Shop, city: RunningCity):
    member = city.hire(Role.CITY_TRIAGE, None, name="马春花")
    device = shop.desk()
    device.expects("status of 4")
    answers = set[str]()
    for wrong in ({"password": "an other one entirely"}, {"code": "000000"}):
        desk = Desk(device).sign_in(member, **wrong)
        expect(desk.error).to_be_visible()
        answers.add(desk.error.inner_text())
    assert len(answers) == 1


def test_city_triage_works_without_script(shop: Shop, city: RunningCity):
    number = send_report(shop.phone(geolocation=IN_QINGSHUI), "noise").number
    desk = Desk(shop.desk(script=False)).sign_in(city.hire(Role.CITY_TRIAGE, None, name="马春花"))
    desk.page.goto(f"/bureau/cases/{number}")
    case = CasePage(desk.device)
    case.take("accept")
    case.expect_state("accepted")
    expect(case.history.first).to_contain_text("马春花")


def test_the_queue_is_walked_with_keys(shop: Shop, city: RunningCity):
    send_report(shop.phone(geolocation=IN_WUSHAN), "dumping")
    desk = Desk(shop.desk()).sign_in(city.hire(county_code=WUSHAN, name="赵小兰"))
    expect(desk.rows.first).to_be_visible()
    desk.page.keyboard.press("j")
    expect(desk.rows.first.locator(".case-row__link")).to_be_focused()
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_url("**/bureau/cases/*")
    desk.page.keyboard.press("u")
    desk.page.wait_for_url("**/bureau")
    desk.page.keyboard.press("/")
    desk.page.keyboard.type("垃圾")
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_url("**/bureau/search?q=*")
    expect(desk.rows.first).to_be_visible()
    desk.page.go_back()
    desk.page.keyboard.press("?")
    expect(desk.page.locator("dialog[data-key-help]")).to_be_visible()
    desk.page.keyboard.press("Escape")
    expect(desk.page.locator("dialog[data-key-help]")).not_to_be_visible()


def test_an_officer_who_was_signed_out_while_writing_loses_nothing(shop: Shop, city: RunningCity):
    number = send_report(shop.phone(geolocation=IN_GANGU), "black_water").number
    member = city.hire(county_code=GANGU, name="何建国")
    desk = Desk(shop.desk()).sign_in(member)
    desk.device.expects("status of 40")
    case = desk.open_case(number)
    city.end_sessions()
    case.take("accept", write={"answer": "今天下午就去看，谢谢你留意。"})

    with desk.page.expect_popup() as opened:
        desk.device.tap(desk.page.locator("main a[target=_blank]"))
    tab = opened.value
    tab.locator("#login").fill(member.login)
    tab.locator("#password").fill(member.password)
    tab.locator("#code").fill(member.code(steps_later=1))
    tab.locator("form.sign-in button[type=submit]").click()
    expect(tab.locator(".desk-top__who")).to_be_visible()
    # Twice: the first form belongs to the session that has ended, and what is shown then to the new one.
    for _ in range(2):
        desk.device.tap(desk.page.locator("main form[action$='/accept'] .big-button"))
    case.expect_state("accepted")
    expect(case.history.first).to_contain_text("今天下午就去看")
