"""Whether a submission leads anywhere: every number has a source, and everything it names is there (P16)."""

from collections.abc import Iterable, Iterator

from sqlmodel import Session

from backend.cities.schema import Entry
from backend.core.errors import Invalid
from backend.core.periods import Period
from backend.plan import errors, queries
from backend.plan.editions import Edition, preview
from backend.plan.models import PlanDocument, PlanObservation, PlanSubmission
from backend.plan.queries import Contents
from backend.plan.rules import Kind

_NAMES: dict[str, str] = {
    "part": "parts",
    "article": "articles",
    "indicator": "indicators",
    "source": "sources",
    "target": "targets",
}
"""Fields by which one entry names another, and where in the edition that is looked up."""
_SUBJECTS = frozenset({Kind.CLAIM, Kind.FINDING, Kind.REPLY})


def problems(session: Session, submission: PlanSubmission, held: Contents) -> Iterator[Invalid]:
    """Yield what speaks against publishing `submission` as it is."""
    after = preview(session, submission)
    for document in held.documents:
        if document.body is not None:
            yield from _document(document, after)
    if any(document.body is None for document in held.documents):
        yield from _orphans(session, after)
    for one in held.observations:
        yield from problems_of_value(one, after)


def _document(document: PlanDocument, after: Edition) -> Iterator[Invalid]:
    entry = _entry(document.kind, document.key, after)
    name = f"{document.kind.value} {document.key}"
    yield from _missing(name, entry, after)
    if document.kind in _SUBJECTS and document.key not in {*after.targets, *after.commitments}:
        yield errors.LeadsNowhere(entry=name, missing=document.key)
    if document.kind is Kind.REPLY and document.key not in after.findings:
        yield errors.LeadsNowhere(entry=name, missing=f"finding {document.key}")


def _missing(name: str, entry: Entry | None, after: Edition) -> Iterator[Invalid]:
    for field, where in _NAMES.items():
        named = getattr(entry, field, None)
        if named is not None and named not in getattr(after, where):
            yield errors.LeadsNowhere(entry=name, missing=f"{field} {named}")


def _orphans(session: Session, after: Edition) -> Iterator[Invalid]:
    """Ending an entry must not leave another one that names it, nor a value without its indicator or source."""
    for kind, entries in _entries(after):
        for key, entry in entries:
            yield from _missing(f"{kind.value} {key}", entry, after)
    for indicator, source in queries.named_by_values(session):
        if indicator not in after.indicators:
            yield errors.LeadsNowhere(entry=indicator, missing=f"indicator {indicator}")
        if source not in after.sources:
            yield errors.SourceMissing(entry=indicator)


def _entries(edition: Edition) -> Iterator[tuple[Kind, Iterable[tuple[object, Entry]]]]:
    yield Kind.ARTICLE, edition.articles.items()
    yield Kind.TARGET, edition.targets.items()
    yield Kind.COMMITMENT, edition.commitments.items()
    yield Kind.BASELINE, edition.baselines.items()
    yield Kind.CLAIM, edition.claims.items()
    yield Kind.FINDING, edition.findings.items()
    yield Kind.EXPOSURE, edition.exposures.items()
    yield Kind.EXAMPLE, edition.examples.items()
    yield Kind.NEWS, edition.news.items()


def _entry(kind: Kind, key: str, edition: Edition) -> Entry | None:
    for one, entries in _entries(edition):
        if one is kind:
            return {str(name): entry for name, entry in entries}.get(key)
    return None


def problems_of_value(one: PlanObservation, after: Edition) -> Iterator[Invalid]:
    """Yield what speaks against publishing one value in the plan as it will be."""
    name = f"{one.indicator}/{one.area}/{one.period}"
    indicator = after.indicators.get(one.indicator)
    if indicator is None:
        yield errors.LeadsNowhere(entry=name, missing=f"indicator {one.indicator}")
        return
    if one.source not in after.sources:
        yield errors.SourceMissing(entry=name)
    if not indicator.allows(one.value):
        yield errors.OutOfRange(entry=name)
    if Period.read(one.period).resolution is not indicator.resolution:
        yield errors.LeadsNowhere(entry=name, missing=f"period {one.period}")
