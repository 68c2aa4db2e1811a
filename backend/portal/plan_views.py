"""What the residents' pages about the plan show, in the reader's language."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from backend.cities import City
from backend.cities.plan import Commitment, DueBasis, Indicator
from backend.plan import drawing, wording
from backend.plan.assessment import Status, count_by_status
from backend.plan.drawing import Gauge
from backend.plan.editions import Edition
from backend.plan.progress import Standing, Standings
from backend.plan.queries import Figure
from backend.plan.schemas import Claim, ClaimStatus, Finding, Reply, Stage
from backend.plan.telling import (
    amount,
    goal_words,
    period_word,
    quality_word,
    reading_words,
    sentences,
    source_words,
)
from backend.web.preferences import Lang
from backend.web.templates import translate

PATH = "/plan"
ICONS = {
    Status.MET: "tick",
    Status.MET_EARLY: "tick",
    Status.MET_LATE: "tick",
    Status.LOST: "arrow-south",
    Status.MISSED: "close",
    Status.DUE_UNREPORTED: "bell",
    Status.NO_DATA: "minus",
    Status.NO_BASELINE: "info",
    Status.ON_TRACK: "next",
    Status.BEHIND: "clock",
    Status.FAR_BEHIND: "alert",
    Status.WORSENING: "arrow-south",
    Status.TARGET_NOT_PUBLISHED: "help",
}
TONES = {
    Status.MET: "good",
    Status.MET_EARLY: "good",
    Status.MET_LATE: "good",
    Status.ON_TRACK: "good",
    Status.BEHIND: "slow",
    Status.FAR_BEHIND: "bad",
    Status.WORSENING: "bad",
    Status.LOST: "bad",
    Status.MISSED: "bad",
    Status.DUE_UNREPORTED: "loud",
}
"""How a state is coloured; the rest is quiet."""
ORDER = (
    Status.DUE_UNREPORTED, Status.MISSED, Status.WORSENING, Status.FAR_BEHIND, Status.LOST, Status.BEHIND,
    Status.ON_TRACK, Status.MET, Status.MET_EARLY, Status.MET_LATE, Status.NO_BASELINE, Status.NO_DATA,
    Status.TARGET_NOT_PUBLISHED,
)  # fmt: skip


@dataclass(frozen=True)
class Mark:
    """A state as picture, word and colour together."""

    code: str
    icon: str
    word: str
    tone: str = "quiet"
    count: int = 0


@dataclass(frozen=True)
class AimView:
    """One indicator with its aim, as a card of the river."""

    key: str
    name: str
    path: str
    mark: Mark | None
    gauge: Gauge
    start: str
    now: str
    now_period: str
    goal: str
    due: str
    is_inherited: bool
    sentences: Sequence[str]
    source: str
    quality: str
    article: int | None
    scope: str = ""


@dataclass(frozen=True)
class SaidView:
    """What a body says, what was found, and what it answers: three things, never one."""

    claim: Claim | None
    claim_word: str
    finding: Finding | None
    finding_word: str
    reply: Reply | None
    is_disputed: bool


@dataclass(frozen=True)
class PromiseView:
    """A promise without a number."""

    key: str
    gist: str
    due: str
    is_inherited: bool
    places: Sequence[str]
    article: int | None
    said: SaidView
    is_overdue: bool


@dataclass(frozen=True)
class ArticleLine:
    """An article in the list of its part."""

    number: int
    title: str
    summary: str
    path: str
    marks: Sequence[Mark]
    can_do: int


@dataclass(frozen=True)
class PartView:
    """A part with its articles, its aims without an article and its promises."""

    number: int
    title: str
    icon: str
    articles: Sequence[ArticleLine]
    aims: Sequence[AimView] = field(default_factory=list[AimView])
    promises: Sequence[PromiseView] = field(default_factory=list[PromiseView])


def mark(lang: Lang, status: Status, count: int = 0) -> Mark:
    """Return the mark of a state."""
    return Mark(status.value, ICONS[status], translate(lang, wording.STATUS[status]), TONES.get(status, "quiet"), count)


def all_marks(lang: Lang) -> list[Mark]:
    """Return every state that there is."""
    return [mark(lang, status) for status in ORDER]


def counts(lang: Lang, stands: Standings) -> list[Mark]:
    """Return how many aims are in each state, what needs to be seen first."""
    found = count_by_status(one.result for one in stands.values() if one.result)
    return [mark(lang, status, found[status]) for status in ORDER if found[status]]


def aim(lang: Lang, plan: Edition, one: Standing) -> AimView:
    """Return an indicator as a card."""
    indicator, target, result, latest = one.indicator, one.target, one.result, one.latest
    base = one.inputs.base if one.inputs else None
    now = amount(lang, indicator, latest.value) if latest and latest.value is not None else ""
    return AimView(
        key=indicator.key,
        name=indicator.name(lang),
        path=f"{PATH}/indicators/{indicator.key}",
        mark=mark(lang, result.status) if result else None,
        gauge=drawing.gauge(one),
        start=reading_words(lang, indicator, base),
        now=now,
        now_period=period_word(lang, latest.period) if latest else "",
        goal=goal_words(lang, indicator, target, result) if target else "",
        due=str(target.due) if target else "",
        is_inherited=target is not None and target.due_basis is DueBasis.INHERITED,
        sentences=sentences(lang, one),
        source=source_words(lang, plan, latest) if latest else "",
        quality=quality_word(lang, latest) if latest else "",
        article=target.article if target else None,
        scope=translate(lang, wording.SCOPE[target.scope]) if target and target.scope.value != "city" else "",
    )


def aims(lang: Lang, plan: Edition, stands: Iterable[Standing]) -> list[AimView]:
    """Return indicators as cards."""
    return [aim(lang, plan, one) for one in stands]


_DONE = frozenset({Stage.DELIVERED, Stage.VERIFIED})


def said(lang: Lang, plan: Edition, key: str) -> SaidView:
    """Return what is said of a promise or target."""
    claim, finding, reply = plan.claims.get(key), plan.findings.get(key), plan.replies.get(key)
    disputed = (
        claim is not None and finding is not None and (claim.status is ClaimStatus.DONE) != (finding.stage in _DONE)
    )
    return SaidView(
        claim=claim,
        claim_word=translate(lang, wording.CLAIM[claim.status]) if claim else "",
        finding=finding,
        finding_word=translate(lang, wording.STAGE[finding.stage]) if finding else "",
        reply=reply,
        is_disputed=disputed,
    )


def promise(lang: Lang, city: City, plan: Edition, one: Commitment, today: date) -> PromiseView:
    """Return a promise without a number."""
    view = said(lang, plan, one.key)
    is_done = view.claim is not None and view.claim.status is ClaimStatus.DONE
    return PromiseView(
        key=one.key,
        gist=one.gist(lang),
        due=str(one.due) if one.due else "",
        is_inherited=one.due_basis is DueBasis.INHERITED,
        places=[city.division_name(code, lang) for code in one.places],
        article=one.article,
        said=view,
        is_overdue=one.due is not None and today > date(one.due, 12, 31) and not is_done,
    )


def promises(lang: Lang, city: City, plan: Edition, today: date, article: int | None = None) -> list[PromiseView]:
    """Return the promises without a number; those of one article where it is given."""
    return [
        promise(lang, city, plan, one, today)
        for one in plan.commitments.values()
        if article is None or one.article == article
    ]


def parts(lang: Lang, city: City, plan: Edition, stands: Standings, today: date) -> list[PartView]:
    """Return the parts as doors to their articles."""
    aimed = [one for one in stands.values() if one.target is not None]
    return [
        PartView(
            number=part.number,
            title=part.title(lang),
            icon=part.icon,
            articles=[
                article_line(lang, plan, number, aimed)
                for number, article in plan.articles.items()
                if article.part == part.number
            ],
            aims=aims(lang, plan, [one for one in aimed if _is_of_part(one, part.number)]),
            promises=[
                promise(lang, city, plan, one, today)
                for one in plan.commitments.values()
                if one.part == part.number and one.article is None
            ],
        )
        for part in plan.parts.values()
    ]


def _is_of_part(one: Standing, number: int) -> bool:
    return one.target is not None and one.target.part == number and one.target.article is None


def article_line(lang: Lang, plan: Edition, number: int, aimed: Sequence[Standing]) -> ArticleLine:
    """Return an article as a line of a list, with the states of its aims."""
    article = plan.articles[number]
    results = [one.result for one in aimed if one.target and one.target.article == number and one.result]
    found = count_by_status(results)
    return ArticleLine(
        number=number,
        title=article.title(lang),
        summary=article.summary(lang),
        path=f"{PATH}/articles/{number}",
        marks=[mark(lang, status, found[status]) for status in ORDER if found[status]],
        can_do=len(article.can_do),
    )


@dataclass(frozen=True)
class FigureRow:
    """One value in the table beside a chart."""

    period: str
    value: str
    quality: str
    source: str
    source_title: str
    url: str | None
    quote: str
    published_on: date


def figure_rows(lang: Lang, plan: Edition, indicator: Indicator, figures: Sequence[Figure]) -> list[FigureRow]:
    """Return values as lines of a table, newest first."""
    rows: list[FigureRow] = []
    for one in reversed(figures):
        source = plan.sources.get(one.source)
        rows.append(
            FigureRow(
                period=period_word(lang, one.period),
                value=amount(lang, indicator, one.value) if one.value is not None else "—",
                quality=quality_word(lang, one),
                source=source_words(lang, plan, one),
                source_title=source.title if source else one.source,
                url=source.url if source else None,
                quote=one.quote,
                published_on=one.published_at.date(),
            )
        )
    return rows
