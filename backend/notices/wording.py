"""How a notice is told: its sentence in the reader's language, with names and days as that language writes them."""

from datetime import date

from backend.accounts.residents.parts import NewsLine
from backend.core.errors import N_
from backend.notices.models import Notice
from backend.notices.texts import PATHS, SENTENCES, NoticeCode
from backend.web.preferences import Lang
from backend.web.templates import say_date, translate

NO_LONGER_KNOWN = N_("A message of a kind that is no longer used.")
DAY = "_on"


def told(notice: Notice, lang: Lang) -> NewsLine:
    """Return the line that a notice is in an inbox."""
    if notice.code not in set(NoticeCode):
        return NewsLine(notice.at, translate(lang, NO_LONGER_KNOWN), None, notice.read_at is None)
    code, values = NoticeCode(notice.code), values_in(notice.params, lang)
    path = PATHS.get(code)
    text = translate(lang, SENTENCES[code]) % values
    return NewsLine(notice.at, text, path and path % values, notice.read_at is None)


def values_in(params: dict[str, str], lang: Lang) -> dict[str, str]:
    """Return what stands in the sentence: `title_zh` and `title_en` as `title`, `until_on` as the day `until`."""
    values = dict(params)
    for name, value in params.items():
        if name.endswith(f"_{lang}"):
            values[name.removesuffix(f"_{lang}")] = value
        elif name.endswith(DAY):
            values[name.removesuffix(DAY)] = say_date(lang, date.fromisoformat(value))
    return values
