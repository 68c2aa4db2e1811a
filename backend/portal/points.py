"""Points for residents: the jar and its history, what can be given away, the proof, and the books that everybody may read."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import ConfigDict

from backend.accounts.residents import kept
from backend.accounts.residents.guards import ResidentDep
from backend.activities import service
from backend.activities.schemas import Donate
from backend.cities import city
from backend.core.actor import Actor
from backend.core.db import SessionDep
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.ids import new_id
from backend.ledger import queries as ledger
from backend.ledger import roots
from backend.ledger.rules import AccountRef
from backend.portal import points_views
from backend.web import forms
from backend.web.csrf import FormGuard
from backend.web.forms import FormDep
from backend.web.pagination import DEFAULT_PAGE, read_cursor, write_cursor
from backend.web.preferences import preferences_of
from backend.web.ratelimit import limited
from backend.web.refusals import status_of
from backend.web.templates import render, translate

PATH = "/points"
PRIVATE = {"Cache-Control": "no-store"}

router = APIRouter(prefix=PATH, dependencies=[FormGuard], include_in_schema=False)


class DonateForm(Donate):
    """The same from a form, which brings its token along."""

    model_config = ConfigDict(extra="ignore")


@router.get("")
def index(
    request: Request,
    session: SessionDep,
    actor: ResidentDep,
    after: Annotated[str | None, Query(max_length=1000)] = None,
    done: str = "",
) -> Response:
    """Show the jar, what expires next, and the history line by line."""
    return _page(request, session, actor, after=after, done=done)


@router.post("/donations")
def donate(request: Request, session: SessionDep, actor: ResidentDep, form: FormDep) -> Response:
    """Give points to a cause."""
    try:
        service.donate(session, city(), actor, forms.parse(DonateForm, form))
    except (Conflict, Invalid) as refused:
        return _page(request, session, actor, error=refused)
    return RedirectResponse(f"{PATH}?done=given", HTTPStatus.SEE_OTHER)


@router.get("/verify")
def verify(request: Request, session: SessionDep, actor: ResidentDep) -> Response:
    """Show what the books say about the own account, and how to prove it."""
    assert actor.id is not None
    account = AccountRef.of_resident(actor.id)
    return render(
        request,
        "points/verify.html",
        headers=PRIVATE,
        tab="me",
        balance=ledger.balance_of(session, account),
        rows=ledger.rows_of(session, account),
        has_proof=roots.proof_of(session, account) is not None,
        root=roots.latest(session),
    )


@router.get("/proof.json", dependencies=[limited("read")])
def proof(session: SessionDep, actor: ResidentDep) -> Response:
    """Hand out the proof of the own account, to be checked on any computer without us."""
    assert actor.id is not None
    found = roots.proof_of(session, AccountRef.of_resident(actor.id))
    if found is None:
        raise NotFound
    return JSONResponse(found, headers=PRIVATE | {"Content-Disposition": 'attachment; filename="my-points.json"'})


@router.get("/books", dependencies=[limited("read")])
def books(request: Request, session: SessionDep) -> Response:
    """Show the programme's open books to everybody."""
    lang, here = preferences_of(request).lang, city()
    found = ledger.books(session)
    return render(
        request,
        "points/books.html",
        tab=None,
        lines=points_views.books(lang, found),
        programme=here.green.programme.name(lang),
        is_balanced=found.issued - found.in_fund == found.granted,
    )


def _page(
    request: Request,
    session: SessionDep,
    actor: Actor,
    *,
    after: str | None = None,
    done: str = "",
    error: Conflict | Invalid | None = None,
) -> Response:
    assert actor.id is not None
    lang, here = preferences_of(request).lang, city()
    account = AccountRef.of_resident(actor.id)
    cursor = read_cursor(after)
    found, following = ledger.history(session, account, cursor[0] if cursor else None, DEFAULT_PAGE)
    return render(
        request,
        "points/index.html",
        status=status_of(error),
        headers=PRIVATE,
        tab="me",
        balance=ledger.balance_of(session, account),
        lines=points_views.lines(session, here, lang, found),
        next=write_cursor(following) if following else None,
        is_first=cursor is None,
        kept=kept.to_ask_about(request),
        causes=[(one.code, one.name(lang), one.about(lang), one.icon) for one in here.green.causes],
        donation_id=new_id(),
        done=done,
        error=translate(lang, error.text, **error.params) if error else None,
    )
