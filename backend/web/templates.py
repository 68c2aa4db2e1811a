"""Turns a template and its facts into a page in the reader's language; the only place that vouches for markup."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

from babel import dates
from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.ext import InternationalizationExtension
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from backend.cities import city
from backend.core import clock
from backend.core.config import get_settings
from backend.core.errors import N_
from backend.web.assets import drawing, url_asset
from backend.web.csrf import form_token
from backend.web.preferences import Lang, preferences_of

FRONTEND_DIR: Final = Path(__file__).resolve().parents[2] / "frontend"
LOCALES: Final[dict[Lang, str]] = {"zh": "zh_Hans_CN", "en": "en_GB"}
CATALOGUES: Final[dict[Lang, str]] = {"zh": "zh_Hans", "en": "en"}
HTML_LANGS: Final[dict[Lang, str]] = {"zh": "zh-CN", "en": "en"}
RELATIVE_DAYS: Final = 7
JUST_NOW: Final = timedelta(minutes=1)


@cache
def translations(lang: Lang) -> NullTranslations:
    """Return the catalogue of `lang`; English is the source language and has none."""
    return Translations.load(FRONTEND_DIR / "locales", [CATALOGUES[lang]])


def translate(lang: Lang, message: str, **params: object) -> str:
    """Return `message` (an English msgid) in `lang` with its values put in; for texts that are not in a template."""
    text = translations(lang).gettext(message)
    return text % params if params else text


NO_SIZE = Markup()
ICON_SIZE = Markup(' width="24" height="24"')
"""What the stylesheet overrides; where it is lost on a slow line, pictograms would else fill the screen."""


def say_date(lang: Lang, value: date) -> str:
    """Return a day as the pages of `lang` write it; for texts that are not in a template."""
    return _Told(lang).date(value)


def icon(name: str, label: str | None = None) -> Markup:
    """Return a pictogram to stand in the page: silent beside a word, spoken where `label` is its only word."""
    return _drawn(drawing("icons", name), f"icon icon--{name}", label, ICON_SIZE)


def scene(name: str, label: str | None = None) -> Markup:
    """Return one of the large drawings of `static/img` to stand in the page, where its colours follow light and dark."""
    return _drawn(drawing("img", name), f"scene scene--{name}", label)


def _drawn(svg: str, classes: str, label: str | None, size: Markup = NO_SIZE) -> Markup:
    role = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    head = Markup('<svg class="{}"{} {} focusable="false"').format(classes, size, role)
    body = svg.replace(' xmlns="http://www.w3.org/2000/svg"', "", 1).removeprefix("<svg")
    return head + Markup(body) if svg else escape("")  # noqa: S704 -- our own files, never input


def render_text(lang: Lang, name: str, **context: object) -> str:
    """Return the template as text without a request, for messages and for tests."""
    return environment(lang).get_template(name).render(context)


def render(
    request: Request, name: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **context: object
) -> HTMLResponse:
    """Answer with a page; `context` adds to what every page has (preferences, csrf_token, tab, path, unseen)."""
    preferences = preferences_of(request)
    facts: dict[str, object] = {
        "preferences": preferences,
        "csrf_token": form_token(request),
        "tab": None,
        "unseen": getattr(request.state, "unseen", 0),
        "path": request.url.path if request.method == "GET" else "/",
        **context,
    }
    page = environment(preferences.lang).get_template(name).render(facts)
    return HTMLResponse(
        page, status_code=status, headers={"Content-Language": HTML_LANGS[preferences.lang], **(headers or {})}
    )


@cache
def environment(lang: Lang) -> Environment:
    """Build the templates' world for one language, once."""
    # Autoescape holds for every file name: a template is never trusted for its suffix.
    env = Environment(
        loader=FileSystemLoader(FRONTEND_DIR / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=[InternationalizationExtension],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=get_settings().is_demo,
    )
    env.policies["ext.i18n.trimmed"] = True
    catalogue = translations(lang)
    install: Any = env.install_gettext_translations  # type: ignore[attr-defined]  # the extension adds it
    install(catalogue, newstyle=True)
    told = _Told(lang)
    shared = cast("dict[str, object]", env.globals)
    shared |= {
        "lang": lang,
        "html_lang": HTML_LANGS[lang],
        "url_asset": url_asset,
        "icon": icon,
        "scene": scene,
        "city": city(),
        "demo": get_settings().is_demo,
        "format_date": told.date,
        "format_datetime": told.moment,
        "format_relative": told.relative,
        "format_month": told.month,
    }
    env.filters.update(format_date=told.date, format_datetime=told.moment, format_relative=told.relative)
    return env


class _Told:
    """Says days and moments in one language, always as the clock on the wall in the city shows them."""

    def __init__(self, lang: Lang) -> None:
        self._lang: Lang = lang
        self._locale = LOCALES[lang]

    def month(self, value: date) -> str:
        near = value.year == clock.today().year
        patterns = {"zh": "M月" if near else "y年M月", "en": "MMMM" if near else "MMMM y"}
        return dates.format_date(value, patterns[self._lang], locale=self._locale)

    def date(self, value: date) -> str:
        day = value.astimezone(clock.SHANGHAI).date() if isinstance(value, datetime) else value
        near = day.year == clock.today().year
        patterns = {"zh": "M月d日" if near else "y年M月d日", "en": "d MMM" if near else "d MMM y"}
        return dates.format_date(day, patterns[self._lang], locale=self._locale)

    def moment(self, value: datetime) -> str:
        time = dates.format_time(value, "HH:mm", tzinfo=clock.SHANGHAI, locale=self._locale)
        return f"{self.date(value)} {time}"

    def relative(self, value: datetime) -> str:
        ago = clock.now() - value.astimezone(UTC)
        if ago.days >= RELATIVE_DAYS:
            return self.date(value)
        if ago < JUST_NOW:
            return translate(self._lang, N_("just now"))
        return dates.format_timedelta(-ago, add_direction=True, locale=self._locale)
