"""The phones and desks that people in the tests hold: a browser each, watched for what no person would notice."""

import itertools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Locator, Page, expect

from backend.web.sessions import LIFETIMES, Audience

Lang = Literal["zh", "en"]
Theme = Literal["light", "dark"]

HOST = "127.0.0.1"
TOWN = {"latitude": 34.5705, "longitude": 105.8902, "accuracy": 18.0}
"""A street in Maiji district."""
LANGUAGES: dict[Lang, str] = {"zh": "zh-CN", "en": "en-GB"}
PATIENCE_MS = 15_000

_addresses = itertools.count(1)


@dataclass(frozen=True)
class Photo:
    """A file on a phone."""

    name: str
    content: bytes


@dataclass
class Device:
    """A browser with nothing in it, somebody's own."""

    context: BrowserContext
    page: Page
    album: Path
    taps: int = 0
    errors: list[str] = field(default_factory=list[str])
    """What the console said and nobody expected."""
    _expected: list[str] = field(default_factory=list[str])

    def tap(self, target: Locator) -> None:
        """Press something with a finger, and count it."""
        self.taps += 1
        target.click()

    def pick(self, opener: Locator, *photos: Photo) -> None:
        """Tap what opens the camera or the album, and choose; what happens in there is not ours to count."""
        with self.page.expect_file_chooser() as chooser:
            self.tap(opener)
        chooser.value.set_files(self.files(*photos))

    def files(self, *photos: Photo) -> list[Path]:
        """Put photos into the album of this phone; a path spares sending megabytes to the browser's driver."""
        paths = [self.album / one.name for one in photos]
        for path, one in zip(paths, photos, strict=True):
            path.write_bytes(one.content)
        return paths

    def carry(self, audience: Audience, token: str) -> None:
        """Let the browser carry a session that was opened for it."""
        self.context.add_cookies(
            [{"name": LIFETIMES[audience].cookie, "value": token, "domain": HOST, "path": "/", "secure": True,
              "httpOnly": True, "sameSite": "Lax"}]
        )  # fmt: skip

    def expects(self, part: str) -> None:
        """Say which line of the console belongs to what the test does."""
        self._expected.append(part)

    def hear(self, message: ConsoleMessage) -> None:
        """Take down a warning or an error of the page."""
        if message.type in {"error", "warning"}:
            self.note(f"{message.type}: {message.text} ({message.location['url']})")

    def note(self, line: str) -> None:
        """Take down a line."""
        self.errors.append(line)

    @property
    def unexpected(self) -> list[str]:
        """What nobody expected."""
        return [line for line in self.errors if not any(part in line for part in self._expected)]


class Shop:
    """Hands out devices and takes them back."""

    def __init__(self, browser: Browser, url: str, albums: Path) -> None:
        self._browser = browser
        self._albums = albums
        self._url = url
        self.devices: list[Device] = []

    def phone(self, lang: Lang = "zh", *, width: int = 360, script: bool = True, **wishes: Any) -> Device:
        """Return a small phone of somebody in town who lets the page see where they are."""
        wishes = {"geolocation": TOWN, "permissions": ["geolocation"], "has_touch": True, "is_mobile": True} | wishes
        return self._open(lang, {"width": width, "height": 740}, script=script, **wishes)

    def desk(self, lang: Lang = "zh", *, width: int = 1280, script: bool = True, **wishes: Any) -> Device:
        """Return a computer in the bureau."""
        return self._open(lang, {"width": width, "height": 900}, script=script, **wishes)

    def _open(self, lang: Lang, viewport: dict[str, int], *, script: bool, **wishes: Any) -> Device:
        number = next(_addresses)
        settings: dict[str, Any] = {
            "base_url": self._url,
            "viewport": viewport,
            "locale": LANGUAGES[lang],
            "timezone_id": "Asia/Shanghai",
            "reduced_motion": "reduce",
            "java_script_enabled": script,
            "extra_http_headers": {"X-Forwarded-For": f"10.{number // 250 + 1}.{number % 250}.1"},
        }
        context = self._browser.new_context(**(settings | wishes))
        context.set_default_timeout(PATIENCE_MS)
        album = self._albums / str(number)
        album.mkdir()
        device = Device(context, context.new_page(), album)
        device.page.on("console", device.hear)
        device.page.on("pageerror", lambda error: device.note(f"pageerror: {error}"))
        self.devices.append(device)
        return device

    def close(self) -> list[str]:
        """Take all devices back; return what their consoles said."""
        for device in self.devices:
            try:
                device.context.close()
            except Error as error:
                device.note(f"closing: {error}")
        return [line for device in self.devices for line in device.unexpected]


expect.set_options(timeout=PATIENCE_MS)
