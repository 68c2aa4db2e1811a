"""Tell people: an inbox that always works, and text messages through one small interface."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from sqlalchemy import func, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, delete, select, update

from backend.accounts.residents import queries as residents
from backend.accounts.residents.parts import exports, forgets
from backend.accounts.residents.rules import resident_in, subject_of
from backend.core import clock
from backend.core.actor import Actor
from backend.core.ids import new_id
from backend.jobs import service as jobs
from backend.notices.models import Notice
from backend.notices.texts import BY_SMS, NoticeCode
from backend.notices.wording import told

TEXT_JOB = "notices.text_resident"
KEPT = timedelta(days=1825)
"""As `core/data_classes.yaml` says."""
ONCE = UUID("5f1d6f0e-0c39-4c55-9a5e-9d3a7c1b8f42")
"""Under it a notice that is told once gets its id from what it is."""
NoticeKey = tuple[datetime, UUID]


def tell(session: Session, subjects: Collection[str], code: NoticeCode, *, once: str = "", **params: str) -> int:
    """Put one notice into the inbox of each subject; a resident who agreed to texts is promised one as well.

    Subjects are `reports.rules.owner_of(report_id)` and `residents.rules.subject_of(resident_id)`; an account that is
    deleted is told nothing. `notices.texts` holds the sentences and says how values are given. What is told under the
    same `once` again, by a job that runs twice, is not told again. Return how many were told now.
    """
    ids = {subject: resident_id for subject in subjects if (resident_id := resident_in(subject))}
    by_text = residents.tellable(session, ids.values())
    notices = {
        _id_of(subject, code, once): subject for subject in subjects if subject not in ids or ids[subject] in by_text
    }
    if not notices:
        return 0
    values = {"code": code.value, "params": params, "at": clock.now()}
    new = insert(Notice).on_conflict_do_nothing(index_elements=["id"]).returning(col(Notice.id))
    told_now = list(
        session.scalars(
            new, [{"id": notice_id, "subject": subject, **values} for notice_id, subject in sorted(notices.items())]
        )
    )
    if code in BY_SMS:
        for notice_id in told_now:
            if (resident_id := ids.get(notices[notice_id])) and by_text[resident_id]:
                jobs.defer(session, TEXT_JOB, notice_id=str(notice_id))
    return len(told_now)


def inbox(session: Session, subject: str) -> list[Notice]:
    """Return the notices of a subject, newest first."""
    return list(
        session.exec(select(Notice).where(Notice.subject == subject).order_by(col(Notice.at).desc(), col(Notice.id)))
    )


def inbox_page(
    session: Session, subject: str, key: NoticeKey | None, limit: int
) -> tuple[list[Notice], NoticeKey | None]:
    """Return one page of a subject's inbox, newest first, and where the next page begins."""
    place = tuple_(col(Notice.at), col(Notice.id))
    query = select(Notice).where(Notice.subject == subject)
    if key is not None:
        query = query.where(place < key)
    found = list(session.exec(query.order_by(col(Notice.at).desc(), col(Notice.id).desc()).limit(limit + 1)))
    last = found[limit - 1] if len(found) > limit else None
    return found[:limit], (last.at, last.id) if last else None


def mark_read(session: Session, subject: str, only: Collection[UUID] | None = None) -> None:
    """Note that the subject has seen its inbox, or `only` these of it."""
    unread = [col(Notice.subject) == subject, col(Notice.read_at).is_(None)]
    if only is not None:
        unread.append(col(Notice.id).in_(only))
    session.execute(update(Notice).where(*unread).values(read_at=clock.now()))


def unread(session: Session, subject: str) -> int:
    """Return how much of its inbox the subject has not seen."""
    query = select(func.count()).where(Notice.subject == subject, col(Notice.read_at).is_(None))
    return session.exec(query).one()


def sweep(session: Session) -> int:
    """Remove what was told so long ago that it is kept no longer; return how many."""
    gone = session.execute(delete(Notice).where(col(Notice.at) < clock.now() - KEPT).returning(col(Notice.id)))
    return len(gone.all())


@exports("notices")
def what_i_was_told(session: Session, resident_id: UUID) -> list[dict[str, object]]:
    """Return what a resident was told, in the account's language, for the file of their own data."""
    lang = residents.profile_of(session, resident_id).language.value
    return [
        {"at": _written(one.at), "text": told(one, lang).text, "read_at": one.read_at and _written(one.read_at)}
        for one in inbox(session, subject_of(resident_id))
    ]


@forgets("notices")
def wipe(session: Session, actor: Actor) -> None:
    """Remove what a person who leaves was told."""
    session.execute(delete(Notice).where(col(Notice.subject) == actor.label))


def _written(moment: datetime) -> str:
    return moment.astimezone(clock.SHANGHAI).isoformat(timespec="seconds")


def _id_of(subject: str, code: NoticeCode, once: str) -> UUID:
    return uuid5(ONCE, f"{subject} {code.value} {once}") if once else new_id()
