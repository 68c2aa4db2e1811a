"""The published plan of one moment as one object: what every page, feed and file reads."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from backend.cities.plan import Article, Baseline, Commitment, Indicator, Part, Plan, Source, Target
from backend.cities.schema import Entry
from backend.plan import errors, queries
from backend.plan.models import PlanDocument, PlanSubmission
from backend.plan.rules import Kind
from backend.plan.schemas import BODIES, Claim, Example, Exposure, Finding, News, Reply


@dataclass(frozen=True)
class Edition:
    """Everything that was public between two publications, by kind and key; articles and parts in their order."""

    number: int
    """1, 2, 3 … in the order of publication."""
    submission_id: UUID
    published_at: datetime
    plan: Plan
    parts: Mapping[int, Part] = field(default_factory=dict[int, Part])
    articles: Mapping[int, Article] = field(default_factory=dict[int, Article])
    indicators: Mapping[str, Indicator] = field(default_factory=dict[str, Indicator])
    targets: Mapping[str, Target] = field(default_factory=dict[str, Target])
    commitments: Mapping[str, Commitment] = field(default_factory=dict[str, Commitment])
    sources: Mapping[str, Source] = field(default_factory=dict[str, Source])
    baselines: Mapping[str, Baseline] = field(default_factory=dict[str, Baseline])
    claims: Mapping[str, Claim] = field(default_factory=dict[str, Claim])
    findings: Mapping[str, Finding] = field(default_factory=dict[str, Finding])
    replies: Mapping[str, Reply] = field(default_factory=dict[str, Reply])
    exposures: Mapping[str, Exposure] = field(default_factory=dict[str, Exposure])
    examples: Mapping[str, Example] = field(default_factory=dict[str, Example])
    news: Mapping[str, News] = field(default_factory=dict[str, News])

    @cached_property
    def target_of(self) -> Mapping[str, Target]:
        """The target of each indicator that has one."""
        return {target.indicator: target for target in self.targets.values()}

    def indicator(self, key: str) -> Indicator:
        """Return an indicator; raise `EntryUnknown` where there is none."""
        return _known(self.indicators.get(key))

    def article(self, number: int) -> Article:
        """Return an article; raise `EntryUnknown` where there is none."""
        return _known(self.articles.get(number))


def _known(entry: Any | None) -> Any:
    if entry is None:
        raise errors.EntryUnknown
    return entry


FIELDS: Mapping[Kind, str] = {
    Kind.PART: "parts",
    Kind.ARTICLE: "articles",
    Kind.INDICATOR: "indicators",
    Kind.TARGET: "targets",
    Kind.COMMITMENT: "commitments",
    Kind.SOURCE: "sources",
    Kind.BASELINE: "baselines",
    Kind.CLAIM: "claims",
    Kind.FINDING: "findings",
    Kind.REPLY: "replies",
    Kind.EXPOSURE: "exposures",
    Kind.EXAMPLE: "examples",
    Kind.NEWS: "news",
}
"""Where the entries of a kind stand in an edition."""
_BY_NUMBER = frozenset({Kind.PART, Kind.ARTICLE})


def body_of(kind: Kind, body: Mapping[str, Any]) -> Entry:
    """Return a stored body in its shape."""
    return BODIES[kind].model_validate(body, strict=False)


def edition(session: Session, at: datetime | None = None) -> Edition:
    """Return the plan as it is public now, or as it was at `at`; raise `NothingPublished` before the first.

    The one that is public now is kept in the process until the next publication: one short statement tells whether it
    still is.
    """
    last = _last_publication(session, at)
    if at is not None:
        return _load(session, last, at)
    kept = _kept.get(last.id)
    if kept is None:
        kept = _load(session, last, None)
        _kept.clear()
        _kept[last.id] = kept
    return kept


_kept: dict[UUID, Edition] = {}


def preview(session: Session, submission: PlanSubmission) -> Edition:
    """Return the plan as residents will read it when `submission` is published; the first one is previewed as well."""
    entries: dict[tuple[Kind, str], Entry | None] = {}
    number, begun = 0, submission.created_at
    with suppress(errors.NothingPublished):
        now = edition(session)
        number, begun = now.number, now.published_at
        entries = dict(_entries(now))
    changes = session.exec(select(PlanDocument).where(col(PlanDocument.submission_id) == submission.id)).all()
    for change in changes:
        place = (change.kind, "" if change.kind is Kind.PLAN else change.key)
        entries[place] = None if change.body is None else body_of(change.kind, change.body)
    return _assemble(number, submission.id, begun, entries)


def public_entry(session: Session, kind: Kind, key: str) -> Entry | None:
    """Return an entry as it is public now."""
    found = queries.current_document(session, kind, key)
    return body_of(kind, found.body) if found is not None and found.body is not None else None


def entry_in_draft(session: Session, submission: PlanSubmission, kind: Kind, key: str) -> Entry | None:
    """Return an entry as it will be public when `submission` is."""
    held = {(one.kind, one.key): one.body for one in queries.contents(session, submission.id).documents}
    if (kind, key) in held:
        body = held[kind, key]
        return None if body is None else body_of(kind, body)
    return public_entry(session, kind, key)


def _entries(now: Edition) -> Iterator[tuple[tuple[Kind, str], Entry]]:
    yield (Kind.PLAN, ""), now.plan
    for kind, name in FIELDS.items():
        for key, entry in getattr(now, name).items():
            yield (kind, str(key)), entry


def _last_publication(session: Session, at: datetime | None) -> PlanSubmission:
    query = select(PlanSubmission).where(col(PlanSubmission.publication).is_not(None))
    if at is not None:
        query = query.where(col(PlanSubmission.published_at) <= at)
    found = session.exec(query.order_by(col(PlanSubmission.publication).desc()).limit(1)).first()
    if found is None:
        raise errors.NothingPublished
    return found


def _load(session: Session, last: PlanSubmission, at: datetime | None) -> Edition:
    query = select(col(PlanDocument.kind), col(PlanDocument.key), col(PlanDocument.body)).where(
        col(PlanDocument.valid_from).is_not(None), col(PlanDocument.body).is_not(None)
    )
    if at is None:
        query = query.where(col(PlanDocument.valid_to).is_(None))
    else:
        query = query.where(
            col(PlanDocument.valid_from) <= at,
            (col(PlanDocument.valid_to).is_(None)) | (col(PlanDocument.valid_to) > at),  # pyright: ignore[reportOptionalOperand]
        )
    rows = session.execute(query).all()
    entries = {(kind, "" if kind is Kind.PLAN else key): body_of(kind, body) for kind, key, body in rows if body}
    assert last.publication is not None
    assert last.published_at is not None
    return _assemble(last.publication, last.id, last.published_at, entries)


def _assemble(
    number: int, submission_id: UUID, published_at: datetime, entries: Mapping[tuple[Kind, str], Entry | None]
) -> Edition:
    plan = entries.get((Kind.PLAN, ""))
    if not isinstance(plan, Plan):
        raise errors.NothingPublished
    fields = {name: _of_kind(kind, entries.items()) for kind, name in FIELDS.items()}
    return Edition(number, submission_id, published_at, plan, **fields)


def _of_kind(kind: Kind, entries: Iterable[tuple[tuple[Kind, str], Entry | None]]) -> dict[Any, Any]:
    of_kind = [
        (int(key) if kind in _BY_NUMBER else key, entry) for (one, key), entry in entries if one is kind and entry
    ]
    return dict(sorted(of_kind, key=lambda pair: pair[0]))
