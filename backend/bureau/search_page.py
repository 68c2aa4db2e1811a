"""Cases by number, place or words, whatever their state: what is found, and the page that shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response
from sqlmodel import Session

from backend.audit import service as audit
from backend.bureau import views
from backend.bureau.filters import QUEUE, read_key, write_key
from backend.cases import queries, searching
from backend.cases.errors import NothingToSearch
from backend.cases.queries import Key
from backend.cases.schemas import QueueRow
from backend.cities import city
from backend.core.actor import Actor
from backend.web.pagination import DEFAULT_PAGE
from backend.web.preferences import preferences_of
from backend.web.refusals import status_of
from backend.web.templates import render

PATH = f"{QUEUE}/search"
LIST = "search"
PRIVATE = {"Cache-Control": "no-store"}


@dataclass(frozen=True)
class Found:
    """One page of what a question found."""

    rows: Sequence[QueueRow]
    next: Key | None
    is_first: bool

    def only(self, asked: str) -> str | None:
        """Return the number of the case where `asked` is just that."""
        number = asked.upper()
        return number if self.is_first and [row.case.number for row in self.rows] == [number] else None


def find(session: Session, actor: Actor, asked: str, after: str | None) -> Found:
    """Look for cases of the actor's own; raises `NothingToSearch`. The record keeps that it was done, not the words."""
    question, key = searching.question(asked), read_key(after, LIST)
    rows, following = queries.search(session, actor, question, key, limit=DEFAULT_PAGE)
    audit.record(session, actor, "cases_searched", "cases", found=len(rows))
    return Found(rows, following, is_first=key is None)


def show(request: Request, actor: Actor, asked: str, found: Found | None, refused: NothingToSearch | None) -> Response:
    """Show the question, and what it found."""
    lang = preferences_of(request).lang
    following = found.next if found else None
    return render(
        request,
        "bureau/search.html",
        status=status_of(refused),
        headers=PRIVATE,
        actor=actor,
        asked=asked[: searching.LONGEST_QUESTION],
        refused=refused,
        rows=None if found is None else [views.row_of(city(), lang, row) for row in found.rows],
        next=following and f"{PATH}?{urlencode({'q': asked, 'after': write_key(following, LIST)})}",
    )
