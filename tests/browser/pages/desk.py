"""The bureau's desk."""

from playwright.sync_api import Locator, expect

from tests.browser.devices import Device
from tests.factories.accounts import Member


class CasePage:
    """One case with its legal next steps."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.page = device.page
        self.history = self.page.locator(".history__event")
        self.refused = self.page.locator("[data-error-summary]")
        self.done = self.page.locator(".notice--good")
        self.reports = self.page.locator(".desk-card.report")
        self.photos = self.page.locator(".photos__image")

    def step(self, code: str) -> Locator:
        """The box of one step."""
        return self.page.locator("[data-step]", has=self.page.locator(f"form[action$='/{code}']"))

    def take(self, code: str, *, choose: dict[str, str] | None = None, write: dict[str, str] | None = None) -> None:
        """Open a step, fill in its form and send it."""
        box = self.step(code)
        if box.get_attribute("open") is None:
            self.device.tap(box.locator("summary").first)
        for name, value in (choose or {}).items():
            field = box.locator(f"[name={name}]")
            if field.first.evaluate("one => one.tagName") == "SELECT":
                field.select_option(value)
            else:
                self.device.tap(box.locator("label.tile", has=self.page.locator(f"[name={name}][value={value}]")))
        for name, text in (write or {}).items():
            box.locator(f"textarea[name={name}]").fill(text)
        self.device.tap(box.locator(".step__send button").first)

    def expect_state(self, code: str) -> None:
        """Wait until it stands so."""
        expect(self.page.locator(f".standing .state--{code}")).to_be_visible()

    def ask(self, text: str) -> None:
        """Write to the reporter."""
        form = self.page.locator("form[action$='/messages']").first
        self.device.tap(self.page.locator(".ask__summary").first)
        form.locator("textarea[name=text]").fill(text)
        self.device.tap(form.locator("button[type=submit]"))


class Desk:
    """Sign-in and queue."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.page = device.page
        self.rows = self.page.locator("[data-row]")
        self.error = self.page.locator("[data-error-summary]")

    def sign_in(self, member: Member, *, code: str | None = None, password: str | None = None) -> "Desk":
        """Sign in with password and the six digits of now."""
        self.page.goto("/bureau/sign-in")
        self.page.locator("#login").fill(member.login)
        self.page.locator("#password").fill(password or member.password)
        self.page.locator("#code").fill(code or member.code())
        self.device.tap(self.page.locator("form.sign-in button[type=submit]"))
        return self

    def row(self, number: str) -> Locator:
        """The row of a case."""
        return self.rows.filter(has_text=number)

    def open_case(self, number: str) -> CasePage:
        """Open a case from its row."""
        self.device.tap(self.row(number).locator(".case-row__link"))
        self.page.wait_for_url(f"**/bureau/cases/{number}")
        return CasePage(self.device)
