"""Tell people: an inbox that always works, and text messages through one small interface."""

from collections.abc import Collection

from sqlmodel import Session, col, insert, select, update

from backend.core import clock
from backend.core.ids import new_id
from backend.notices.models import Notice
from backend.notices.texts import NoticeCode


def tell(session: Session, subjects: Collection[str], code: NoticeCode, **params: str) -> None:
    """Put one notice into the inbox of each subject."""
    if subjects:
        session.execute(
            insert(Notice),
            [
                {"id": new_id(), "subject": subject, "code": code.value, "params": params, "at": clock.now()}
                for subject in subjects
            ],
        )


def inbox(session: Session, subject: str) -> list[Notice]:
    """Return the notices of a subject, newest first."""
    return list(
        session.exec(select(Notice).where(Notice.subject == subject).order_by(col(Notice.at).desc(), col(Notice.id)))
    )


def mark_read(session: Session, subject: str) -> None:
    """Note that the subject has seen its inbox."""
    unread = col(Notice.subject) == subject, col(Notice.read_at).is_(None)
    session.execute(update(Notice).where(*unread).values(read_at=clock.now()))
