"""What is asked of the plan's values, drafts and log."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from backend.cities.plan import ObservationStatus
from backend.plan import errors
from backend.plan.models import (
    PlanChange,
    PlanDocument,
    PlanFollow,
    PlanImport,
    PlanList,
    PlanObservation,
    PlanSnapshot,
    PlanSubmission,
    PlanVerdict,
)
from backend.plan.rules import Kind, State


@dataclass(frozen=True, slots=True)
class Figure:
    """One public value without its history."""

    period: str
    value: Decimal | None
    status: ObservationStatus
    source: str
    quote: str
    published_at: datetime


class ValueLine(NamedTuple):
    """One public value as a line of a file."""

    indicator: str
    area: str
    period: str
    dimension: str
    value: Decimal | None
    status: ObservationStatus
    source: str
    quote: str


@dataclass(frozen=True)
class Contents:
    """What a submission holds."""

    documents: Sequence[PlanDocument]
    observations: Sequence[PlanObservation]


def _public_at(at: datetime | None) -> SelectOfScalar[PlanObservation]:
    query = select(PlanObservation).where(col(PlanObservation.valid_from).is_not(None))
    if at is None:
        return query.where(col(PlanObservation.valid_to).is_(None))
    return query.where(
        col(PlanObservation.valid_from) <= at,
        (col(PlanObservation.valid_to).is_(None)) | (col(PlanObservation.valid_to) > at),  # pyright: ignore[reportOptionalOperand]
    )


def figures_of_area(session: Session, area: str, at: datetime | None = None) -> dict[str, list[Figure]]:
    """Return the public values of `area` by indicator, without breakdowns, oldest period first."""
    return _figures_by(session, col(PlanObservation.indicator), col(PlanObservation.area) == area, at)


def figures_of_indicator(session: Session, indicator: str) -> dict[str, list[Figure]]:
    """Return the public values of `indicator` by area, without breakdowns, oldest period first."""
    return _figures_by(session, col(PlanObservation.area), col(PlanObservation.indicator) == indicator, None)


def _figures_by(
    session: Session, group: Mapped[str], which: ColumnElement[bool], at: datetime | None
) -> dict[str, list[Figure]]:
    # Plain columns, not objects of the tables: a page reads a thousand of them.
    rows = session.execute(
        _public_at(at)
        .where(which, col(PlanObservation.dimension) == "")
        .order_by(group, col(PlanObservation.period_end))
        .with_only_columns(
            group,
            col(PlanObservation.period),
            col(PlanObservation.value),
            col(PlanObservation.status),
            col(PlanObservation.source),
            col(PlanObservation.quote),
            col(PlanObservation.valid_from),
        )
    )
    found: dict[str, list[Figure]] = {}
    for key, *facts in rows:
        found.setdefault(key, []).append(Figure(*facts))
    return found


def every_value(session: Session, at: datetime | None = None) -> Iterator[ValueLine]:
    """Yield every public value, in an order that does not change: a file of them can be compared with an older one."""
    rows = session.execute(
        _public_at(at)
        .order_by(
            col(PlanObservation.indicator),
            col(PlanObservation.area),
            col(PlanObservation.dimension),
            col(PlanObservation.period_end),
        )
        .with_only_columns(*(getattr(PlanObservation, name) for name in ValueLine._fields))
        .execution_options(yield_per=2_000)
    )
    for row in rows:
        yield ValueLine(*row)


def areas_with_figures(session: Session) -> list[str]:
    """Return the areas that have a public headline value."""
    rows = session.execute(
        _public_at(None)
        .where(col(PlanObservation.dimension) == "")
        .with_only_columns(col(PlanObservation.area))
        .distinct()
        .order_by(col(PlanObservation.area))
    )
    return [row[0] for row in rows]


def headline(session: Session, area: str, at: datetime | None = None) -> Sequence[PlanObservation]:
    """Return the published values of every indicator for `area`, without breakdowns, oldest period first."""
    query = _public_at(at).where(col(PlanObservation.area) == area, col(PlanObservation.dimension) == "")
    return session.exec(query.order_by(col(PlanObservation.indicator), col(PlanObservation.period_end))).all()


def series(session: Session, indicator: str, at: datetime | None = None) -> Sequence[PlanObservation]:
    """Return the published values of one indicator in every area and breakdown, oldest period first."""
    query = _public_at(at).where(col(PlanObservation.indicator) == indicator)
    return session.exec(
        query.order_by(col(PlanObservation.area), col(PlanObservation.dimension), col(PlanObservation.period_end))
    ).all()


def vintages(session: Session, indicator: str, area: str) -> Sequence[PlanObservation]:
    """Return every value that was ever published of one indicator in one area, newest publication first."""
    return session.exec(
        select(PlanObservation)
        .where(
            col(PlanObservation.indicator) == indicator,
            col(PlanObservation.area) == area,
            col(PlanObservation.valid_from).is_not(None),
        )
        .order_by(col(PlanObservation.valid_from).desc(), col(PlanObservation.period_end).desc())
    ).all()


def revisions(session: Session, indicator: str, area: str, limit: int) -> Sequence[PlanObservation]:
    """Return the headline values of one indicator in one area that were public and are no longer, newest first."""
    return session.exec(
        select(PlanObservation)
        .where(
            col(PlanObservation.indicator) == indicator,
            col(PlanObservation.area) == area,
            col(PlanObservation.dimension) == "",
            col(PlanObservation.valid_to).is_not(None),
        )
        .order_by(col(PlanObservation.valid_from).desc(), col(PlanObservation.period_end).desc())
        .limit(limit)
    ).all()


def history(session: Session, kind: Kind, key: str) -> Sequence[PlanDocument]:
    """Return every published version of an entry, newest first."""
    return session.exec(
        select(PlanDocument)
        .where(col(PlanDocument.kind) == kind, col(PlanDocument.key) == key, col(PlanDocument.valid_from).is_not(None))
        .order_by(col(PlanDocument.valid_from).desc())
    ).all()


def current_document(session: Session, kind: Kind, key: str) -> PlanDocument | None:
    """Return the public version of an entry, if it has one."""
    return session.exec(
        select(PlanDocument).where(
            col(PlanDocument.kind) == kind,
            col(PlanDocument.key) == key,
            col(PlanDocument.valid_from).is_not(None),
            col(PlanDocument.valid_to).is_(None),
        )
    ).first()


def current_observations(
    session: Session, indicators: Iterable[str]
) -> dict[tuple[str, str, str, str], PlanObservation]:
    """Return the public values of `indicators` by indicator, area, period and dimension."""
    found = session.exec(_public_at(None).where(col(PlanObservation.indicator).in_(set(indicators)))).all()
    return {(one.indicator, one.area, one.period, one.dimension): one for one in found}


def submission(session: Session, submission_id: UUID) -> PlanSubmission:
    """Return a submission; raise `SubmissionUnknown` where there is none."""
    found = session.get(PlanSubmission, submission_id)
    if found is None:
        raise errors.SubmissionUnknown
    return found


def contents(session: Session, submission_id: UUID) -> Contents:
    """Return what a submission holds, in the order in which it was put there."""
    documents = session.exec(
        select(PlanDocument).where(col(PlanDocument.submission_id) == submission_id).order_by(col(PlanDocument.id))
    ).all()
    observations = session.exec(
        select(PlanObservation)
        .where(col(PlanObservation.submission_id) == submission_id)
        .order_by(col(PlanObservation.id))
    ).all()
    return Contents(documents, observations)


def submissions(session: Session, states: Iterable[State], limit: int = 50) -> Sequence[PlanSubmission]:
    """Return submissions in one of `states`, newest first."""
    return session.exec(
        select(PlanSubmission)
        .where(col(PlanSubmission.state).in_(list(states)))
        .order_by(col(PlanSubmission.created_at).desc(), col(PlanSubmission.id))
        .limit(limit)
    ).all()


def changes(session: Session, *, before: int | None = None, limit: int = 50) -> Sequence[PlanChange]:
    """Return the public change log, newest first, from the line before the one with id `before`."""
    query = select(PlanChange).order_by(col(PlanChange.id).desc()).limit(limit)
    if before is not None:
        query = query.where(col(PlanChange.id) < before)
    return session.exec(query).all()


def named_by_values(session: Session) -> Iterable[tuple[str, str]]:
    """Return the pairs of indicator and source that public values name."""
    rows = session.execute(
        select(col(PlanObservation.indicator), col(PlanObservation.source))
        .where(col(PlanObservation.valid_from).is_not(None), col(PlanObservation.valid_to).is_(None))
        .distinct()
    )
    return [(row[0], row[1]) for row in rows]


def last_verdicts(session: Session) -> dict[tuple[str, str], PlanVerdict]:
    """Return the newest published state of every target in every area, by target and area."""
    newest = select(func.max(PlanVerdict.id)).group_by(col(PlanVerdict.target), col(PlanVerdict.area))
    found = session.exec(select(PlanVerdict).where(col(PlanVerdict.id).in_(newest)))
    return {(one.target, one.area): one for one in found}


def verdicts(session: Session, target: str, area: str) -> Sequence[PlanVerdict]:
    """Return every state that was published of a target, newest first."""
    return session.exec(
        select(PlanVerdict)
        .where(col(PlanVerdict.target) == target, col(PlanVerdict.area) == area)
        .order_by(col(PlanVerdict.id).desc())
    ).all()


def followers(session: Session, subjects: Iterable[str]) -> list[UUID]:
    """Return the residents who follow one of `subjects`, each once."""
    found = select(PlanFollow.resident_id).where(col(PlanFollow.subject).in_(set(subjects))).distinct()
    return list(session.exec(found))


def followed(session: Session, resident_id: UUID) -> set[str]:
    """Return what a resident follows."""
    return set(session.exec(select(PlanFollow.subject).where(col(PlanFollow.resident_id) == resident_id)))


def snapshots(session: Session) -> list[tuple[int, datetime, str]]:
    """Return the frozen years: year, when it was frozen, digest."""
    rows = session.execute(
        select(col(PlanSnapshot.year), col(PlanSnapshot.at), col(PlanSnapshot.sha256)).order_by(
            col(PlanSnapshot.year).desc()
        )
    )
    return [(row[0], row[1], row[2]) for row in rows]


def snapshot(session: Session, year: int) -> PlanSnapshot | None:
    """Return a frozen year."""
    return session.get(PlanSnapshot, year)


def publications(session: Session, limit: int) -> list[tuple[PlanSubmission, Sequence[PlanChange]]]:
    """Return the newest publications with what each changed."""
    found = session.exec(
        select(PlanSubmission)
        .where(col(PlanSubmission.publication).is_not(None))
        .order_by(col(PlanSubmission.publication).desc())
        .limit(limit)
    ).all()
    lines: dict[UUID, list[PlanChange]] = {one.id: [] for one in found}
    for line in session.exec(
        select(PlanChange).where(col(PlanChange.submission_id).in_(lines)).order_by(col(PlanChange.id))
    ):
        lines[line.submission_id].append(line)
    return [(one, lines[one.id]) for one in found if lines[one.id]]


def lists(session: Session, submission_id: UUID) -> Sequence[PlanList]:
    """Return the lists that were sent for a draft, newest first."""
    return session.exec(
        select(PlanList).where(col(PlanList.submission_id) == submission_id).order_by(col(PlanList.at).desc())
    ).all()


def imports(session: Session, limit: int = 50) -> Sequence[PlanImport]:
    """Return the texts that were read in, newest first."""
    return session.exec(select(PlanImport).order_by(col(PlanImport.at).desc()).limit(limit)).all()
