"""The public change log in words: what changed, from what to what, when and why; as a page and as an Atom feed."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from backend.cities.plan import Indicator, ObservationStatus
from backend.core import clock
from backend.core.errors import N_
from backend.plan import wording
from backend.plan.editions import Edition
from backend.plan.models import PlanChange
from backend.plan.opendata import number
from backend.plan.rules import Kind
from backend.plan.telling import amount, period_word
from backend.portal.plan_views import PATH
from backend.web.preferences import Lang
from backend.web.templates import translate

OBSERVATION = "observation"


@dataclass(frozen=True)
class ChangeView:
    """One line of the change log."""

    at: datetime
    what: str
    name: str
    path: str | None
    before: str
    after: str
    reason: str
    publication: UUID
    was_there: bool
    """Whether something is changed, and not added."""
    is_there: bool
    """Whether it goes on, and is not ended."""


def change(lang: Lang, plan: Edition, line: PlanChange) -> ChangeView:
    """Return a line of the change log in words."""
    if line.kind == OBSERVATION:
        key, _, rest = line.key.partition("/")
        period = rest.partition("/")[2]
        indicator = plan.indicators.get(key)
        name = f"{indicator.name(lang) if indicator else key} {period_word(lang, period.partition('/')[0])}"
        before, after = (_said_value(lang, indicator, value) for value in (line.before, line.after))
        path = f"{PATH}/indicators/{key}" if indicator else None
        return _view(line, translate(lang, wording.VALUE), name, path, before, after)
    kind = Kind(line.kind)
    name, path = _named(lang, plan, kind, line)
    if kind is Kind.EXPOSURE and not _may_be_named(line):
        name = translate(lang, N_("a decision that is no longer shown"))
    return _view(line, translate(lang, wording.KIND[kind]), name, path)


def _may_be_named(line: PlanChange) -> bool:
    body = line.after or {}
    return clock.today().isoformat() <= str(body.get("until", ""))


def _view(line: PlanChange, what: str, name: str, path: str | None, before: str = "", after: str = "") -> ChangeView:
    return ChangeView(
        at=line.at,
        what=what,
        name=name,
        path=path,
        before=before,
        after=after,
        reason=line.reason,
        publication=line.submission_id,
        was_there=line.before is not None,
        is_there=line.after is not None,
    )


def _said_value(lang: Lang, indicator: Indicator | None, facts: dict[str, Any] | None) -> str:
    if facts is None:
        return ""
    if facts.get("value") is None:
        return translate(lang, wording.QUALITY[ObservationStatus.MISSING])
    value = Decimal(str(facts["value"]))
    return amount(lang, indicator, value) if indicator else number(value)


def _named(lang: Lang, plan: Edition, kind: Kind, line: PlanChange) -> tuple[str, str | None]:
    """Return the name of an entry, and the page where it stands."""
    body = line.after or line.before or {}
    words: Any = next((body[field] for field in _NAMES if body.get(field)), line.key)
    name = str(words.get(lang) or words.get("zh")) if isinstance(words, dict) else str(words)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    if kind in _PAGES:
        return name, f"{PATH}/{_PAGES[kind] % line.key if '%' in _PAGES[kind] else _PAGES[kind]}"
    target, promised = plan.targets.get(line.key), plan.commitments.get(line.key)
    if target is not None and target.indicator in plan.indicators:
        return plan.indicators[target.indicator].name(lang), f"{PATH}/indicators/{target.indicator}"
    return (promised.gist(lang), PATH) if promised else (name, None)


_NAMES = ("title", "name", "gist", "subject")
"""Fields by which an entry is called."""
_PAGES = {
    Kind.ARTICLE: "articles/%s",
    Kind.INDICATOR: "indicators/%s",
    Kind.EXPOSURE: "exposures",
    Kind.EXAMPLE: "examples",
    Kind.NEWS: "news",
}
