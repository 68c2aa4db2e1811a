"""Signing in by SMS, and 我的."""

from playwright.sync_api import expect

from backend.accounts.residents.rules import CodePurpose
from tests.browser.city import RunningCity
from tests.browser.devices import Device
from tests.factories.residents import new_phone


class AccountPage:
    """`/account` and the pages that lead to it."""

    def __init__(self, device: Device, city: RunningCity) -> None:
        self.device = device
        self.city = city
        self.page = device.page
        self.phone = new_phone()
        self.error = self.page.locator("[data-error-summary]")
        self.name = self.page.locator(".me__name")
        self.send = self.page.locator("main .big-button")

    def ask(self, path: str = "/account") -> "AccountPage":
        """Go somewhere that wants a sign-in, and have a code sent."""
        self.page.goto(path)
        self.page.locator("#phone").fill(self.phone)
        self.device.tap(self.send)
        expect(self.page.locator("#code")).to_be_visible()
        return self

    def enter(self, code: str | None = None) -> "AccountPage":
        """Type the code that came."""
        self.page.locator("#code").fill(code or self.city.code_for(self.phone))
        self.device.tap(self.send)
        return self

    def introduce(self, birth_year: int | None = None) -> "AccountPage":
        """Tell the age and agree."""
        group = "adult" if birth_year is None else "minor"
        self.device.tap(self.page.locator(f".chip:has(input[value={group}])"))
        if birth_year is not None:
            self.page.locator("#birth_year").select_option(str(birth_year))
        for purpose in ("account", "points"):
            self.device.tap(self.page.locator(f".consent:has(input[value={purpose}])"))
        self.device.tap(self.send)
        return self

    def sign_in(self) -> "AccountPage":
        """Do all of it, as somebody of age."""
        self.ask().enter().introduce()
        expect(self.name).to_be_visible()
        return self

    def have_a_guardian_agree(self) -> "AccountPage":
        """Ask a guardian, who types the code on the child's phone."""
        guardian = new_phone()
        self.page.locator("#phone").fill(guardian)
        self.device.tap(self.send)
        self.page.locator("#code").fill(self.city.code_for(guardian, CodePurpose.GUARDIAN))
        self.device.tap(self.page.locator(".consent:has(input[name=agreed])"))
        self.device.tap(self.page.locator("form[action='/account/guardian'] .big-button"))
        return self

    def unfold_all(self) -> "AccountPage":
        """Open every fold, one after the other."""
        for summary in self.page.locator("main details summary").all():
            self.device.tap(summary)
        return self
