"""The page where everything starts."""

from playwright.sync_api import Locator

from tests.browser.devices import Device, Photo
from tests.browser.pages.report import ReportPage


class HomePage:
    """`/`: one button."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.page = device.page

    def open(self) -> "HomePage":
        """Go there."""
        self.page.goto("/")
        return self

    @property
    def button(self) -> Locator:
        """The one yellow button."""
        return self.page.locator("[data-camera-link]")

    def snap(self, photo: Photo) -> ReportPage:
        """Tap the button: the camera opens at once, and what it takes is on the report page."""
        self.page.wait_for_function("() => document.querySelector('report-camera input')")
        self.device.pick(self.button, photo)
        self.page.wait_for_url("**/report")
        return ReportPage(self.device)

    def follow(self) -> ReportPage:
        """Tap the button as the link that it is without script."""
        self.device.tap(self.button)
        self.page.wait_for_url("**/report")
        return ReportPage(self.device)
