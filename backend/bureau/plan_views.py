"""What the desk's pages about the plan show: drafts, what they change, what speaks against them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import Session

from backend.accounts import queries as accounts
from backend.cities import City
from backend.cities.plan import ObservationStatus
from backend.core.actor import Actor, Permission
from backend.core.errors import N_
from backend.plan import checking, errors, listing, queries, rules, wording
from backend.plan.editions import FIELDS, Edition, edition, preview
from backend.plan.listing import Fate, Judged
from backend.plan.models import PlanDocument, PlanList, PlanObservation, PlanSubmission
from backend.plan.progress import standings
from backend.plan.rules import BY_ANOTHER, Kind, State, Step
from backend.plan.service import publishing
from backend.plan.telling import amount, period_word
from backend.web.preferences import Lang
from backend.web.refusals import sentence_of
from backend.web.templates import translate

SHOWN_LENGTH = 160
PROBLEMS_SHOWN = 20
LINES_SHOWN = 200


@dataclass(frozen=True)
class DraftRow:
    """A submission in a list."""

    id: UUID
    title: str
    reason: str
    state: State
    word: str
    by: str
    submission: PlanSubmission


@dataclass(frozen=True)
class Difference:
    """One field before and after."""

    field: str
    before: str
    after: str


@dataclass(frozen=True)
class EntryView:
    """An entry that a draft writes, changes or ends."""

    id: int
    kind: str
    kind_word: str
    key: str
    name: str
    is_new: bool
    is_ended: bool
    differences: Sequence[Difference]


@dataclass(frozen=True)
class ValueView:
    """A value that a draft writes or revises."""

    id: int
    name: str
    place: str
    period: str
    before: str
    after: str
    quality: str
    source: str


@dataclass(frozen=True)
class DraftView:
    """A draft with everything in it, and what may be done next."""

    row: DraftRow
    version: int
    is_open: bool
    entries: Sequence[EntryView]
    values: Sequence[ValueView]
    overtaken: Sequence[str]
    problems: Sequence[str]
    steps: Sequence[Step]
    lists: Sequence[PlanList]
    more_values: int = 0


def name_of(session: Session, label: str | None) -> str:
    """Return the name behind a label of an actor."""
    if not label:
        return ""
    kind, _, rest = label.partition(":")
    if kind != "staff":
        return label
    return accounts.names_of(session, [UUID(rest)]).get(UUID(rest), label)


def kind_word(lang: Lang, kind: Kind) -> str:
    """Return what a kind of entry is called."""
    return translate(lang, wording.KIND[kind])


def quality_word(lang: Lang, status: ObservationStatus) -> str:
    """Return what a quality of a value is called."""
    return translate(lang, wording.QUALITY[status])


def row(session: Session, lang: Lang, one: PlanSubmission) -> DraftRow:
    """Return a submission as a line of a list."""
    return DraftRow(
        id=one.id,
        title=one.title,
        reason=one.reason,
        state=one.state,
        word=translate(lang, wording.SUBMISSION[one.state]),
        by=name_of(session, one.submitted_by or one.created_by),
        submission=one,
    )


def due(session: Session, city: City, lang: Lang, today: date) -> list[tuple[str, str, int]]:
    """Return the figures that should be there: name, period, days; the longest silence first."""
    try:
        plan = edition(session)
    except errors.NothingPublished:
        return []
    found = [
        (one.indicator.name(lang), period_word(lang, one.result.waiting_for), one.result.days_overdue)
        for one in standings(session, plan, city.code, today).values()
        if one.result and one.result.waiting_for and one.result.days_overdue
    ]
    return sorted(found, key=lambda line: -line[2])


def draft(session: Session, city: City, lang: Lang, actor: Actor, one: PlanSubmission) -> DraftView:
    """Return a draft with everything in it."""
    held = queries.contents(session, one.id)
    after = _after(session, one)
    is_past = one.state in {State.PUBLISHED, State.DISCARDED}
    public = queries.current_observations(session, {value.indicator for value in held.observations})
    problems = (
        []
        if is_past or after is None
        else [
            sentence_of(lang, problem) or ""
            for problem, _ in zip(checking.problems(session, one, held), range(PROBLEMS_SHOWN), strict=False)
        ]
    )
    return DraftView(
        row=row(session, lang, one),
        version=one.version,
        is_open=one.state in rules.OPEN,
        entries=[_entry(session, lang, document, is_past=is_past) for document in held.documents],
        values=[_value(city, lang, after, value, public) for value in held.observations[:LINES_SHOWN]],
        overtaken=[] if is_past else list(publishing.entries_overtaken(session, held)),
        problems=problems,
        steps=[step for step in rules.next_steps(one.state) if may_take(actor, one, step)],
        lists=queries.lists(session, one.id),
        more_values=max(0, len(held.observations) - LINES_SHOWN),
    )


def _after(session: Session, one: PlanSubmission) -> Edition | None:
    try:
        return preview(session, one)
    except errors.NothingPublished:
        return None


def may_take(actor: Actor, one: PlanSubmission, step: Step) -> bool:
    """Whether the page offers a step; the service decides."""
    if step in {Step.SUBMIT, Step.DISCARD}:
        return True
    return actor.may(Permission.PLAN_APPROVE) and not (step in BY_ANOTHER and one.submitted_by == actor.label)


def _entry(session: Session, lang: Lang, document: PlanDocument, *, is_past: bool) -> EntryView:
    before = None if is_past else queries.current_document(session, document.kind, document.key)
    old, new = (before.body if before else None) or {}, document.body or {}
    assert document.id is not None
    return EntryView(
        id=document.id,
        kind=document.kind.value,
        kind_word=kind_word(lang, document.kind),
        key=document.key,
        name=_name(new or old, document.key, lang),
        is_new=before is None,
        is_ended=document.body is None,
        differences=[
            Difference(field, _short(old.get(field)), _short(new.get(field)))
            for field in dict.fromkeys((*old, *new))
            if document.body is not None and old.get(field) != new.get(field)
        ],
    )


def _name(body: Mapping[str, Any], key: str, lang: Lang) -> str:
    words = next((body[field] for field in ("title", "name", "gist", "subject", "what") if body.get(field)), key)
    return str(words.get(lang, key)) if isinstance(words, dict) else str(words)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]


def _short(value: object) -> str:
    if value is None:
        return "—"
    text = str(value["zh"] if isinstance(value, dict) and "zh" in value else value)  # pyright: ignore[reportUnknownArgumentType]
    return text if len(text) <= SHOWN_LENGTH else f"{text[:SHOWN_LENGTH]}…"


def _value(
    city: City, lang: Lang, after: Edition | None, one: PlanObservation, public: Mapping[Any, PlanObservation]
) -> ValueView:
    known = public.get((one.indicator, one.area, one.period, one.dimension))
    indicator = after.indicators.get(one.indicator) if after else None
    source = after.sources.get(one.source) if after else None

    def said(value: PlanObservation | None) -> str:
        if value is None or value.value is None:
            return "—"
        return amount(lang, indicator, value.value) if indicator else str(value.value)

    assert one.id is not None
    return ValueView(
        id=one.id,
        name=indicator.name(lang) if indicator else one.indicator,
        place=" · ".join(part for part in (city.division_name(one.area, lang), one.dimension) if part)
        if one.area != city.code
        else one.dimension,
        period=period_word(lang, one.period),
        before=said(known) if known is not None and known.id != one.id else "",
        after=said(one),
        quality=quality_word(lang, one.status),
        source=source.title if source else one.source,
    )


@dataclass(frozen=True)
class ListView:
    """What the lines of a list would do."""

    kept: PlanList
    judged: Judged
    counts: Sequence[tuple[str, str, int]]
    lines: Sequence[tuple[Any, str, Sequence[tuple[str, str]]]]
    """The lines that need a look first: line, word of its fate, column and sentence of each reason."""
    more: int


FATES: Mapping[Fate, str] = {
    Fate.REFUSED: N_("refused"),
    Fate.DOUBTFUL: N_("doubtful"),
    Fate.NEW: N_("new"),
    Fate.CHANGED: N_("revised"),
    Fate.SAME: N_("as it is"),
}
"""In the order in which they need a look."""


def list_view(session: Session, city: City, lang: Lang, one: PlanSubmission, kept: PlanList) -> ListView:
    """Return what the lines of a list would do, what needs a look first."""
    judged = listing.judge(session, city, one, kept)
    order = list(FATES)
    lines = sorted(judged.lines, key=lambda line: (order.index(line.fate), line.number))
    return ListView(
        kept=kept,
        judged=judged,
        counts=[(fate.value, translate(lang, FATES[fate]), judged.count(fate)) for fate in FATES],
        lines=[
            (
                line,
                translate(lang, FATES[line.fate]),
                [(reason.column, translate(lang, reason.text, **reason.params)) for reason in line.reasons],
            )
            for line in lines[:LINES_SHOWN]
        ],
        more=max(0, len(lines) - LINES_SHOWN),
    )


def entries_of(plan: Edition, kind: Kind, lang: Lang) -> list[tuple[str, str]]:
    """Return the public entries of a kind by key and name."""
    field = FIELDS.get(kind)
    if field is None:
        return [(plan.plan.key, plan.plan.name(lang))]
    entries: Mapping[Any, Any] = getattr(plan, field)
    return [(str(key), _name(entry.model_dump(mode="json"), str(key), lang)) for key, entry in entries.items()]
