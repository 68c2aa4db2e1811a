"""My reports, and the progress of one."""

from playwright.sync_api import expect

from tests.browser.devices import Device, Photo


class ProgressPage:
    """`/reports/current`: one report as its reporter reads it."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.page = device.page
        self.state = self.page.locator(".case-head .state")
        self.answer = self.page.locator(".answer")
        self.rank = self.page.locator(".card--river")
        self.talk = self.page.locator(".talk__note")
        self.withdrawal = self.page.locator("form[action='/reports/current/withdrawal']")

    def open(self) -> "ProgressPage":
        """Go there."""
        self.page.goto("/reports/current")
        return self

    def expect_state(self, code: str) -> None:
        """Wait until it stands so."""
        expect(self.page.locator(f".case-head .state--{code}")).to_be_visible()

    def write(self, text: str, *photos: Photo) -> None:
        """Write to the bureau."""
        form = self.page.locator("form[action='/reports/current/messages']")
        if photos:
            self.device.pick(form.locator(".photo-way", has=self.page.locator("[data-photo-album]")), *photos)
        form.locator("textarea[name=text]").fill(text)
        self.device.tap(form.locator("button[type=submit]"))

    def withdraw(self) -> None:
        """Take the report back."""
        box = self.page.locator("details", has=self.withdrawal)
        self.device.tap(box.locator("summary"))
        self.device.tap(self.withdrawal.locator("input[name=confirmed]"))
        self.device.tap(self.withdrawal.locator("button[type=submit]"))

    def leave(self) -> None:
        """Close it and leave nothing behind."""
        self.device.tap(self.page.locator("form[action='/reports/current/leave'] button"))
        self.page.wait_for_url("**/reports")


class ReportsPage:
    """`/reports`: what is kept on this phone, and the look-up."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.page = device.page
        self.cards = self.page.locator("[data-my-list] .case-card")
        self.error = self.page.locator("[data-error-summary]")

    def open(self) -> "ReportsPage":
        """Go there."""
        self.page.goto("/reports")
        return self

    def ask(self, receipt: str) -> None:
        """Type a receipt and look."""
        self.page.locator("form.lookup textarea[name=receipt]").fill(receipt)
        self.device.tap(self.page.locator("form.lookup button[type=submit]"))

    def look_up(self, receipt: str) -> ProgressPage:
        """Open a report by its receipt."""
        self.ask(receipt)
        self.page.wait_for_url("**/reports/current")
        return ProgressPage(self.device)

    def open_kept(self) -> ProgressPage:
        """Open the first report that is kept here."""
        self.device.tap(self.cards.first.locator("[data-my-open] button"))
        self.page.wait_for_url("**/reports/current")
        return ProgressPage(self.device)
