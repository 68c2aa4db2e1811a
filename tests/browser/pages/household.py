"""家庭 on a phone: start it, invite, knock, let in, put points in, leave."""

from playwright.sync_api import expect

from tests.browser.city import RunningCity
from tests.browser.devices import Device
from tests.browser.pages.account import AccountPage


class HouseholdPage:
    """`/household` and the pages that belong to it, on one signed-in phone."""

    def __init__(self, device: Device, city: RunningCity) -> None:
        self.device = device
        self.city = city
        self.page = device.page
        self.account = AccountPage(device, city)
        self.pooled = self.page.locator(".pool__number strong")
        self.own = self.page.locator("#mine-title ~ .mine__number strong")
        self.code = self.page.locator(".invite-code")
        self.send = self.page.locator("main .big-button")

    def sign_in(self) -> "HouseholdPage":
        """Make an account and go to the household."""
        self.account.sign_in()
        return self.open()

    def open(self) -> "HouseholdPage":
        """Go to the household."""
        self.page.goto("/household")
        return self

    def start(self, name: str = "小院人家") -> "HouseholdPage":
        """Start one."""
        self.page.locator("#name").fill(name)
        self.device.tap(self.send)
        expect(self.page.locator(".house")).to_be_visible()
        return self

    def invite(self) -> str:
        """Return the code that works, made now if there is none."""
        self.page.goto("/household/invite")
        if self.code.count() == 0:
            self.device.tap(self.send)
        expect(self.code).to_be_visible()
        return "".join(self.code.inner_text().split())

    def knock(self, code: str) -> "HouseholdPage":
        """Type a code, read what is shared, agree."""
        self.page.goto("/household/join")
        self.page.locator("#code").fill(code)
        self.device.tap(self.send)
        return self.agree()

    def agree(self) -> "HouseholdPage":
        """Agree to what is shared."""
        self.device.tap(self.page.locator(".consent:has(input[name=agreed])"))
        self.device.tap(self.send)
        expect(self.page.locator("form[action='/household/request/withdrawal']")).to_be_visible()
        return self

    def let_in(self) -> "HouseholdPage":
        """Let everybody in who knocked."""
        self.open()
        self.device.tap(self.page.locator("form[action$='/confirmation'] button"))
        expect(self.page.locator("form[action$='/confirmation']")).to_have_count(0)
        return self

    def put_in(self, amount: int) -> "HouseholdPage":
        """Put points in."""
        self.open()
        self.page.locator("#amount").fill(str(amount))
        self.device.tap(self.page.locator("#field-amount button"))
        return self

    def leave(self) -> "HouseholdPage":
        """Leave, after the exact preview."""
        self.page.goto("/household/leave")
        self.device.tap(self.page.locator("form[action='/household/leave'] button"))
        expect(self.page.locator("form[action='/household']")).to_be_visible()
        return self
