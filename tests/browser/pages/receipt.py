"""The receipt."""

import re

from playwright.sync_api import expect

from tests.browser.devices import Device

RECEIPT = re.compile(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}")
NUMBER = re.compile(r"TS-[0-9A-Z]{4}-[0-9A-Z]{2}")


class ReceiptPage:
    """The answer to a report, shown once."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.page = device.page
        self.keeper = self.page.locator("receipt-keeper")
        self.warnings = self.page.locator(".notice--warn")

    def arrived(self) -> "ReceiptPage":
        """Wait until it is there."""
        expect(self.keeper).to_be_visible()
        return self

    @property
    def receipt(self) -> str:
        """The 24 characters."""
        shown = re.sub(r"\s", "", self.page.locator("[data-receipt-code]").inner_text())
        assert RECEIPT.fullmatch(shown), shown
        return shown

    @property
    def number(self) -> str:
        """The public number of the case."""
        shown = self.page.locator(".received__number strong").inner_text()
        assert NUMBER.fullmatch(shown), shown
        return shown

    def keep(self) -> None:
        """Keep it on this phone."""
        self.device.tap(self.page.locator("[data-keep]"))
        expect(self.page.locator("[data-keeper-note]")).not_to_be_empty()
