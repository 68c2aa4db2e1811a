"""A resident's inbox: the newest on the account's page, all of it on its own."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlmodel import Session

from backend.accounts.residents.guards import ResidentDep
from backend.accounts.residents.parts import News, NewsLine, counts, tells
from backend.accounts.residents.rules import subject_of
from backend.core.db import SessionDep
from backend.notices import service
from backend.notices.service import NoticeKey
from backend.notices.wording import told
from backend.web.csrf import FormGuard
from backend.web.pagination import DEFAULT_PAGE, read_cursor, write_cursor
from backend.web.preferences import Lang, preferences_of
from backend.web.ratelimit import limited
from backend.web.templates import render

PATH = "/account/inbox"
PRIVATE = {"Cache-Control": "no-store"}
LATEST = 3

router = APIRouter(dependencies=[FormGuard], include_in_schema=False)


@router.get(PATH, dependencies=[limited("read")])
def inbox(
    request: Request,
    session: SessionDep,
    actor: ResidentDep,
    after: Annotated[str | None, Query(max_length=1_000)] = None,
) -> Response:
    """Show what the resident was told, newest first; what is shown is read."""
    assert actor.id is not None
    cursor = read_cursor(after)
    key = (datetime.fromisoformat(cursor[0]), UUID(cursor[1])) if cursor else None
    news, following = _shown(session, actor.id, preferences_of(request).lang, key, DEFAULT_PAGE)
    return render(
        request,
        "account/inbox.html",
        headers=PRIVATE,
        tab="me",
        lines=news,
        next=f"{PATH}?after={write_cursor(following[0].isoformat(), str(following[1]))}" if following else None,
    )


@tells("notices")
def latest(session: Session, resident_id: UUID, lang: Lang) -> News:
    """Return the newest notices for the account's page."""
    lines, following = _shown(session, resident_id, lang, None, LATEST)
    return News(lines, has_more=following is not None)


@counts("notices")
def unread(session: Session, resident_id: UUID) -> int:
    """Return how many notices a resident has not seen."""
    return service.unread(session, subject_of(resident_id))


def _shown(
    session: Session, resident_id: UUID, lang: Lang, key: NoticeKey | None, limit: int
) -> tuple[list[NewsLine], NoticeKey | None]:
    subject = subject_of(resident_id)
    found, following = service.inbox_page(session, subject, key, limit)
    lines = [told(one, lang) for one in found]
    if unread := [one.id for one in found if one.read_at is None]:
        service.mark_read(session, subject, only=unread)
    return lines, following
