"""How a reader wants the pages: language, size of the text, light or dark; kept in one cookie so that the server draws it at once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, cast

from starlette.requests import Request
from starlette.responses import Response

Lang = Literal["zh", "en"]
TextSize = Literal["standard", "large", "elder"]
Theme = Literal["auto", "light", "dark"]

COOKIE: Final = "green_prefs"
COOKIE_SECONDS: Final = 365 * 24 * 3600
LANGS: Final = ("zh", "en")
TEXT_SIZES: Final = ("standard", "large", "elder")
THEMES: Final = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True)
class Preferences:
    """Nothing in here tells who the reader is: three words from three short lists."""

    lang: Lang = "zh"
    text_size: TextSize = "standard"
    theme: Theme = "auto"

    @property
    def next_text_size(self) -> TextSize:
        """The size that one more tap on the chip brings; after the largest comes the first again."""
        return TEXT_SIZES[(TEXT_SIZES.index(self.text_size) + 1) % len(TEXT_SIZES)]

    def changed(self, form: Mapping[str, object]) -> "Preferences":
        """Return what `form` (fields lang, text_size, theme; any may be absent) makes of these; unknown words change nothing."""
        changes = {
            field: form[field]
            for field, allowed in (("lang", LANGS), ("text_size", TEXT_SIZES), ("theme", THEMES))
            if form.get(field) in allowed
        }
        return replace(self, **cast("dict[str, Lang]", changes))


def preferences_of(request: Request) -> Preferences:
    """Read the cookie; without one the browser's language decides, and Chinese where it says neither."""
    words = request.cookies.get(COOKIE, "").split(".")
    asked = Preferences(lang=_language_asked_for(request.headers.get("accept-language", "")))
    return asked.changed(dict(zip(("lang", "text_size", "theme"), words, strict=False)))


def remember(response: Response, preferences: Preferences, *, secure: bool) -> None:
    """Put the preferences into the cookie of `response`."""
    response.set_cookie(
        COOKIE,
        f"{preferences.lang}.{preferences.text_size}.{preferences.theme}",
        max_age=COOKIE_SECONDS,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def _language_asked_for(header: str) -> Lang:
    """Return the first of our languages that the browser names; the order is the wish in every browser in use."""
    for part in header.split(","):
        name = part.partition(";")[0].strip().lower().partition("-")[0]
        if name in LANGS:
            return name
    return "zh"
