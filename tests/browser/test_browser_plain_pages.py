"""J24 and J25: the same report without any script, and with nothing but a keyboard."""

from playwright.sync_api import Page, expect

from tests.browser import photos
from tests.browser.city import RunningCity
from tests.browser.devices import Shop
from tests.browser.pages.home import HomePage
from tests.browser.pages.receipt import ReceiptPage
from tests.browser.pages.report import ReportPage
from tests.browser.pages.reports import ProgressPage, ReportsPage


def test_the_whole_report_works_without_script(shop: Shop, city: RunningCity):
    phone, before = shop.phone(script=False), city.count("report")
    report = HomePage(phone).open().follow()
    report.attach(photos.small(), photos.text_file())
    report.tap_kind("smoke")
    report.pick_place("秦州区", "大城街道", "伏羲庙东门")
    receipt = report.send()

    expect(receipt.warnings).to_contain_text("说明.txt")
    number = receipt.number
    assert receipt.receipt
    assert city.count("report") == before + 1
    ReportsPage(phone).open()
    phone.tap(phone.page.locator("main a.case-card"))
    progress = ProgressPage(phone)
    expect(phone.page.locator(".case-head")).to_contain_text(number)
    progress.write("今天又冒烟了")
    expect(progress.talk).to_contain_text("今天又冒烟了")
    progress.withdraw()
    progress.expect_state("withdrawn")


def test_without_script_a_mistake_leaves_everything_else_as_it_was(shop: Shop):
    phone = shop.phone(script=False)
    phone.expects("status of 422")
    report = ReportPage(phone).open()
    report.say("河水发黑")
    phone.tap(report.send_button)

    expect(report.mistakes).to_be_visible()
    expect(phone.page.locator("#words")).to_have_value("河水发黑")
    report.tap_kind("black_water")
    report.pick_place("麦积区", "马跑泉镇", "")
    assert report.send().receipt


def test_without_script_the_text_grows_and_the_language_changes(shop: Shop):
    phone = shop.phone(script=False)
    home = HomePage(phone).open()
    phone.tap(phone.page.locator("button[name=text_size]"))
    expect(phone.page.locator("html.text-large")).to_have_count(1)
    phone.tap(phone.page.locator("button[name=lang]"))
    expect(home.button).to_contain_text("Report with a photo")
    phone.page.reload()
    expect(phone.page.locator("html.text-large[lang=en]")).to_have_count(1)


def press_until(page: Page, selector: str, key: str = "Tab", most: int = 60) -> None:
    """Press a key until the focus is on what is wanted, and never on something that cannot be seen."""
    for _ in range(most):
        page.keyboard.press(key)
        assert page.evaluate(FOCUS_IS_SEEN), page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        if page.evaluate("selector => !!document.activeElement?.matches(selector)", selector):
            return
    raise AssertionError(f"the focus never came to {selector}")


FOCUS_IS_SEEN = """() => {
  let one = document.activeElement;
  if (!one || one === document.body) return true;
  if (one.matches('input[type=radio], input[type=checkbox], input[type=file]')) one = one.closest('label') ?? one;
  const box = one.getBoundingClientRect();
  const x = box.left + box.width / 2;
  const inside = (y) => {
    const hit = document.elementFromPoint(x, y);
    return !!hit && (one.contains(hit) || hit.contains(one));
  };
  return box.width > 0 && [0.25, 0.5, 0.75].some(part => inside(box.top + box.height * part));
}"""


def test_the_whole_report_works_with_the_keyboard_alone(shop: Shop):
    phone = shop.phone()
    page = phone.page
    HomePage(phone).open()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('.skip-link')")
    page.keyboard.press("Enter")
    with page.expect_file_chooser() as chooser:
        press_until(page, "[data-camera-link]")
        page.keyboard.press("Enter")
    chooser.value.set_files(phone.files(photos.small(6)))
    page.wait_for_url("**/report")
    report = ReportPage(phone)
    report.expect_photos("sent")
    expect(report.place).to_contain_text("18")

    press_until(page, "[data-adjust]")
    page.keyboard.press("Enter")
    press_until(page, "[data-move=north]")
    page.keyboard.press("Enter")
    press_until(page, "input[name=kind]")
    page.keyboard.press("ArrowRight")
    press_until(page, "[data-send]")
    page.keyboard.press("Enter")

    receipt = ReceiptPage(phone).arrived()
    assert receipt.receipt
    assert page.evaluate("document.activeElement.matches('main h1')")
    press_until(page, "[data-keep]")
    page.keyboard.press("Enter")
    expect(page.locator("[data-keeper-note]")).not_to_be_empty()
