"""J16 and J18 in one breath: a family earns, pools and pays together, a shop is paid for it once, and the books prove all of it."""

import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from playwright.sync_api import expect

from backend.core import clock
from backend.core.actor import Role
from backend.coupons.service import settlement
from backend.ledger import roots
from tests.browser import market, photos
from tests.browser.city import ROOT, RunningCity
from tests.browser.devices import Device, Shop
from tests.browser.green import move_in
from tests.browser.pages.desk import Desk
from tests.browser.pages.household import HouseholdPage

PRICE = 5
TABLE = photos.small(61)
"""Two of a family at one table take the same picture: the second one is looked at."""


def eat_up(phone: Device) -> str:
    """Log a clean plate with a photo; return where the entry stands."""
    phone.page.goto("/green")
    phone.pick(phone.page.locator(".green-tile", has_text="光盘行动").locator("a"), TABLE)
    expect(phone.page.locator(".grown__title")).to_contain_text("+5")
    return phone.page.url


def accept(desk: Device, entry: str) -> None:
    """Say in the grid that the proof of an entry is good."""
    desk.page.goto("/bureau/activities/moderation")
    card = desk.page.locator(".look", has=desk.page.locator(f"a[href$='{entry.rsplit('/', 1)[1]}']")).first
    desk.tap(card.locator(".look__choice--yes"))
    desk.tap(desk.page.locator(".send-bar button"))
    expect(desk.page.locator(".notice--good")).to_be_visible()


def pooled(home: HouseholdPage, points: int) -> None:
    """Wait until the pool holds so much: what is given by itself comes with a job, a moment later."""
    for _ in range(15):
        if home.open().pooled.inner_text() == str(points):
            return
        home.page.wait_for_timeout(1_000)
    expect(home.pooled).to_have_text(str(points))


def pay(phone: Device, till: Device, campaign_id: UUID) -> None:
    """Get a ticket for the family's points, and let the shop take it."""
    phone.page.goto(f"/coupons/{campaign_id}")
    phone.tap(phone.page.locator("form:has(input[value=household]) button"))
    expect(phone.page).to_have_url(re.compile(r"/coupons/tickets/"))
    phone.tap(phone.page.locator("main .big-button"))
    digits = phone.page.locator("[data-online] .till-code__digits").inner_text()
    till.page.goto("/merchant")
    till.page.locator("[data-code-field]").fill(digits)
    till.tap(till.page.locator("main .big-button"))
    till.tap(till.page.locator("main .big-button"))
    expect(till.page.locator(".received__title")).to_have_text("已收 5 元")


def verified(city: RunningCity) -> str:
    """Run `green verify` beside the service, as an operator does."""
    environment = os.environ | {"GREEN_ENV": "test", "GREEN_DATABASE_URL": city.database,
                                "GREEN_DATA_DIR": str(city.log.parent / "data")}  # fmt: skip
    command = [sys.executable, "-m", "backend.cli", "verify"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else done.stderr


def test_a_family_earns_pools_and_pays_and_every_point_is_proven(shop: Shop, city: RunningCity, tmp_path: Path):
    found = market.opened(city, name_zh="一家人的公交券", price_points=PRICE)
    mother, son, till, desk = shop.phone(), shop.phone(), shop.phone(), shop.desk()
    mothers, sons = HouseholdPage(mother, city), HouseholdPage(son, city)
    move_in(city, mother, nickname="妈妈")
    move_in(city, son, nickname="小宝")
    sons.knock(mothers.open().start().invite())
    mothers.let_in()
    sons.open()
    son.tap(sons.page.locator("summary", has_text="自动"))
    son.tap(sons.page.locator(".chip:has(input[value=all])"))
    son.tap(sons.page.locator("form[action='/household/share'] button"))

    eat_up(mother)
    entry = eat_up(son)
    Desk(desk).sign_in(city.hire(Role.MODERATOR, None, name="李审核"))
    accept(desk, entry)
    son.page.goto(entry)
    expect(son.page.locator("form[action$='/undo']")).to_have_count(0)
    pooled(mothers, PRICE)

    market.till_on(till, city, found.till)
    pay(mother, till, found.campaign_id)
    pooled(mothers, 0)

    till.page.goto("/merchant/settlements")
    expect(till.page.locator(".purse__points")).to_have_text("¥5")
    with city.rows() as session, clock.at(clock.now() + timedelta(days=1)):
        until = clock.today() - timedelta(days=1)
        batch = settlement.draft(session, found.market.officer, found.till.merchant_id, until)
        roots.publish(session)
    till.page.reload()
    expect(till.page.locator(".purse__points")).to_have_count(0)
    finance = shop.desk()
    Desk(finance).sign_in(city.hire(Role.FINANCE, None, name="赵会计"))
    finance.page.goto(f"/bureau/coupons/settlements/{batch.id}")
    expect(finance.page.locator(".sheet tbody tr")).to_have_count(1)
    expect(finance.page.locator(".sheet tbody tr")).to_contain_text("¥5")

    son.page.goto("/points/verify")
    with son.page.expect_download() as proof:
        son.tap(son.page.locator("main .big-button"))
    file = tmp_path / "my-points.json"
    proof.value.save_as(file)
    checker = ROOT / "static" / "verify-points.py"
    said = subprocess.run([sys.executable, "-I", "-S", checker, file], capture_output=True, text=True, check=False)
    assert said.stdout.startswith("Sound:"), said.stdout + said.stderr
    assert verified(city).startswith("Audit chain, points ledger, evidence digests and states of the plan are sound.")
