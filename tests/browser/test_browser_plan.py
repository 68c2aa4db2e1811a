"""The plan in a browser: read in two taps and without script, written and published by two people, followed, printed."""

import re

import pytest
from playwright.sync_api import expect

from backend.core.actor import Role
from tests.browser.city import RunningCity
from tests.browser.devices import Shop
from tests.browser.planning import begin, enter, sit_down, tell_stories
from tests.browser.programmes import sign_in_resident
from tests.factories import plan_texts


@pytest.mark.parametrize("script", [True, False])
def test_two_taps_lead_from_home_to_a_number_its_source_and_its_history(
    shop: Shop, city: RunningCity, script: bool
) -> None:
    tell_stories(city)
    phone = shop.phone(script=script)
    page = phone.page
    page.goto("/")
    phone.tap(page.locator(".tabs__tab--plan"))
    expect(page.locator(".plan-count--loud")).to_contain_text("到期未公布")
    assert page.locator(".aim").count() == 17
    phone.tap(page.locator(".aim__link", has_text="森林覆盖率"))
    expect(page.locator("h1")).to_have_text("森林覆盖率")
    expect(page.locator(".chart svg circle").nth(6)).to_be_visible()
    expect(page.locator(".plan-table tbody").first.locator("tr").nth(6)).to_be_visible()
    expect(page.locator(".plan-table a").first).to_have_attribute("href", re.compile("^http"))
    phone.tap(page.locator("#vintages summary"))
    expect(page.locator("#vintages")).to_contain_text("37.8%")
    phone.tap(page.locator("#method summary"))
    expect(page.locator("#method")).to_contain_text("校验码")


def test_parts_lead_to_articles_and_what_one_can_do(shop: Shop, city: RunningCity) -> None:
    tell_stories(city)
    phone = shop.phone()
    page = phone.page
    page.goto("/plan")
    phone.tap(page.locator(".plan-views__one", has_text="看条款"))
    assert page.locator(".plan-part").count() == 8
    assert page.locator(".plan-article").count() == 27
    phone.tap(page.locator(".plan-article__link", has_text="加大立法执法力度"))
    expect(page.locator(".can-do__link").first).to_have_attribute("href", "/report")
    expect(page.locator(".exposure")).to_contain_text("演示印染厂")
    expect(page.locator(".deeds")).to_contain_text("绿色行为")
    phone.tap(page.locator(".plan-steps a[rel=next]"))
    expect(page.locator("h1")).to_have_text("完善绿色收费价格机制")


def test_the_phone_finds_its_county(shop: Shop, city: RunningCity) -> None:
    tell_stories(city)
    phone = shop.phone(geolocation={"latitude": 34.5705, "longitude": 105.8902, "accuracy": 12.0})
    page = phone.page
    page.goto("/plan?view=counties")
    phone.tap(page.locator("[data-near-button]"))
    page.wait_for_url(re.compile("lat=34"))
    expect(page.locator("main h2").first).to_have_text("麦积区")
    expect(page.locator(".aim")).to_contain_text("41.5%")


def test_a_figure_is_entered_checked_by_another_person_and_published(shop: Shop, city: RunningCity) -> None:
    tell_stories(city)
    editor, publisher, reader = shop.desk(), shop.desk(), shop.phone()
    sit_down(editor, city)
    address = begin(editor)
    editor.expects("status of 422")
    enter(editor, "2025年底", "39.2％")
    expect(editor.page.locator("[data-error-summary]")).to_be_visible()
    expect(editor.page.locator(".field__error").first).to_contain_text("2025")
    enter(editor, "2025", "39.2")
    expect(editor.page.locator("#values .line")).to_contain_text("39.2%")
    editor.tap(editor.page.locator("a[href$='/preview']"))
    expect(editor.page.locator(".plan-preview")).to_be_visible()
    expect(editor.page.locator(".aim", has_text="森林覆盖率")).to_contain_text("39.2%")
    editor.page.goto(address)
    editor.tap(editor.page.locator("form[action$='/steps/submit'] button"))
    expect(editor.page.locator("h1 .state")).to_contain_text("等另一人审核")
    expect(editor.page.locator("form[action$='/steps/approve']")).to_have_count(0)
    reader.page.goto("/plan/indicators/forest_cover")
    expect(reader.page.locator("main")).not_to_contain_text("39.2%")

    sit_down(publisher, city, Role.PLAN_PUBLISHER, "秦海峰")
    publisher.page.goto(address)
    publisher.tap(publisher.page.locator("form[action$='/steps/approve'] button"))
    publisher.tap(publisher.page.locator("form[action$='/steps/publish'] button"))
    expect(publisher.page.locator("h1 .state")).to_contain_text("已公布")
    reader.page.reload()
    expect(reader.page.locator(".plan-mark").first).to_contain_text("已达标")
    reader.page.goto("/plan/changes")
    expect(reader.page.locator(".card").first).to_contain_text("39.2%")


def test_a_list_is_looked_at_line_by_line(shop: Shop, city: RunningCity) -> None:
    desk = shop.desk()
    sit_down(desk, city)
    begin(desk, "一张表")
    file = desk.album / "values.csv"
    lines = ["indicator,area,period,value,source", "sewage_treatment,620500,2021,95,film-2020"]
    file.write_text("\n".join([*lines, "sewage_treatment,620500,2025年底,98％,film-2020"]), encoding="utf-8")
    desk.page.locator("#file").set_input_files(file)
    desk.tap(desk.page.locator("form[action$='/lists'] button"))
    expect(desk.page.locator(".line--refused")).to_contain_text("请写成 2025")
    desk.page.locator("#leave_out").fill("3")
    desk.tap(desk.page.locator("main .big-button"))
    expect(desk.page.locator("#values .line")).to_have_count(1)


def test_an_official_text_becomes_a_draft_find_by_find(shop: Shop, city: RunningCity) -> None:
    desk = shop.desk()
    sit_down(desk, city)
    page = desk.page
    page.goto("/bureau/plan/texts")
    file = desk.album / "plan.docx"
    file.write_bytes(plan_texts.WORD)
    page.locator("#file").set_input_files(file)
    desk.tap(page.locator("main .big-button"))
    expect(page.locator(".plan-find")).to_have_count(4)
    for number in range(1, 5):
        desk.tap(page.locator(f"#find-{number} button[value={'accept' if number == 2 else 'reject'}]"))
    expect(page.locator(".plan-find--accept")).to_have_count(1)
    desk.tap(page.locator("form[action$='/draft'] .big-button"))
    page.wait_for_url("**/bureau/plan/drafts/*")
    expect(page.locator("#entries")).to_contain_text("森林覆盖率")


def test_who_follows_an_article_is_told(shop: Shop, city: RunningCity) -> None:
    tell_stories(city)
    phone = shop.phone()
    sign_in_resident(phone, city)
    page = phone.page
    page.goto("/plan/articles/8")
    phone.tap(page.locator(".follow button"))
    expect(page.locator(".follow__on")).to_be_visible()
    desk, publisher = shop.desk(), shop.desk()
    sit_down(desk, city)
    address = begin(desk, "动态")
    desk.page.goto(f"{address}/entries/news/new")
    for name, text in (("title_zh", "回收网点新开三处"), ("title_en", "Three new points"), ("text_zh", "都在秦州。"),
                       ("text_en", "All in Qinzhou."), ("on", "2026-11-20")):  # fmt: skip
        desk.page.locator(f"[name={name}]").fill(text)
    desk.page.locator("[name=article]").select_option("8")
    desk.tap(desk.page.locator("main form .big-button"))
    desk.page.wait_for_url(re.compile(r"#entries$"))
    desk.tap(desk.page.locator("form[action$='/steps/submit'] button"))
    sit_down(publisher, city, Role.PLAN_PUBLISHER, "秦海峰")
    publisher.page.goto(address)
    publisher.tap(publisher.page.locator("form[action$='/steps/approve'] button"))
    publisher.tap(publisher.page.locator("form[action$='/steps/publish'] button"))
    expect(publisher.page.locator("h1 .state")).to_contain_text("已公布")
    news = page.locator(".inbox__item", has_text="完善再生资源回收利用体系")
    for _ in range(30):  # the worker beside the service takes a moment
        page.goto("/account")
        if news.count():
            break
        page.wait_for_timeout(500)
    phone.tap(news.locator("a"))
    expect(page.locator(".plan-news")).to_contain_text("回收网点新开三处")


def test_a_printed_page_has_the_plan_and_no_buttons(shop: Shop, city: RunningCity) -> None:
    tell_stories(city)
    desk = shop.desk()
    desk.page.goto("/plan")
    desk.page.emulate_media(media="print")
    for gone in (".tabs", ".plan-views", ".foot"):
        expect(desk.page.locator(gone)).not_to_be_visible()
    expect(desk.page.locator(".aim").first).to_be_visible()
