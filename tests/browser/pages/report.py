"""The report form."""

from playwright.sync_api import Locator, expect

from tests.browser.devices import Device, Photo
from tests.browser.pages.receipt import ReceiptPage


class ReportPage:
    """`/report`: photo, place, kind, send."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.page = device.page
        self.form = self.page.locator("form#report")
        self.tiles = self.page.locator("[data-photo-list] [data-state]")
        self.place = self.page.locator("[data-place-line]")
        self.place_list = self.page.locator("[data-place-list]")
        self.similar = self.page.locator("[data-similar]")
        self.note = self.page.locator("[data-form-note]")
        self.send_button = self.page.locator("[data-send]")
        self.mistakes = self.page.locator("[data-error-summary]")

    def open(self) -> "ReportPage":
        """Go there."""
        self.page.goto("/report")
        return self

    def take(self, *photos: Photo) -> None:
        """Choose photos from the album."""
        self.device.pick(self.page.locator(".photo-way", has=self.page.locator("[data-photo-album]")), *photos)

    def attach(self, *photos: Photo) -> None:
        """Choose photos in a page without script."""
        album = self.page.locator("[data-photo-album]")
        album.set_input_files(self.device.files(*photos))

    def expect_photos(self, *states: str) -> None:
        """Wait until each photo has come to where it should."""
        expect(self.tiles).to_have_count(len(states))
        for place, state in enumerate(states):
            expect(self.tiles.nth(place)).to_have_attribute("data-state", state)

    def tile(self, place: int) -> Locator:
        """One photo of the list."""
        return self.tiles.nth(place)

    def kind(self, code: str) -> Locator:
        """The tile of a kind of pollution."""
        return self.page.locator("label.tile", has=self.page.locator(f"input[name=kind][value={code}]"))

    def tap_kind(self, code: str) -> None:
        """Say what it is."""
        self.device.tap(self.kind(code))

    def pick_place(self, county: str, township: str, landmark: str) -> None:
        """Say where it is without the phone's help; names as they stand in the lists."""
        self.device.tap(self.page.locator(".chip", has_text=county).first)
        self.page.locator("[data-township]").select_option(label=township)
        self.page.locator("[data-landmark]").fill(landmark)

    def say(self, words: str) -> None:
        """Add a sentence."""
        self.device.tap(self.page.locator("#field-words summary"))
        self.page.locator("#words").fill(words)

    def send(self) -> ReceiptPage:
        """Send, and wait for the receipt."""
        self.device.tap(self.send_button)
        return ReceiptPage(self.device).arrived()

    def join(self, number: str) -> ReceiptPage:
        """Tap "I saw it too" of a case nearby."""
        self.device.tap(self.similar.locator(f"button[name=joins][value='{number}']"))
        return ReceiptPage(self.device).arrived()
