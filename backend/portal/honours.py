"""Green titles for residents: what they are, how far oneself is, applying, and who holds them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session
from starlette.datastructures import FormData

from backend.accounts.residents.guards import MaybeResident, ResidentDep
from backend.cities import city
from backend.cities.programmes import Honour
from backend.core import clock
from backend.core.actor import Actor
from backend.core.db import SessionDep
from backend.core.errors import Conflict, Invalid
from backend.core.ids import new_id
from backend.honours import queries, rules, service, wording
from backend.honours.models import HonourApplication
from backend.honours.rules import UNDECIDED, Answer, State
from backend.honours.schemas import Apply
from backend.portal import counting
from backend.web import forms
from backend.web.csrf import FormGuard
from backend.web.forms import FormDep
from backend.web.pagination import DEFAULT_PAGE, read_cursor, write_cursor
from backend.web.preferences import Lang, preferences_of
from backend.web.ratelimit import limited
from backend.web.refusals import fields_of, status_of
from backend.web.templates import render, translate

PATH = "/honours"
PRIVATE = {"Cache-Control": "no-store"}
COUNTY_DIGITS = 6

router = APIRouter(prefix=PATH, dependencies=[FormGuard], include_in_schema=False)


@dataclass(frozen=True)
class CriterionView:
    """One criterion with what is known of it."""

    code: str
    text: str
    is_counted: bool
    counted: int | None
    at_least: int | None
    is_met: bool


@dataclass(frozen=True)
class MineView:
    """One of the reader's own applications."""

    id: UUID
    title: str
    name: str
    state: str
    icon: str
    word: str
    reason: str
    valid_until: date | None
    may_take_back: bool


@dataclass(frozen=True)
class HolderView:
    """One line of the honour list."""

    title: str
    icon: str
    name: str
    place: str
    valid_until: date


@router.get("", dependencies=[limited("read")])
def listed(
    request: Request,
    session: SessionDep,
    resident: MaybeResident,
    after: Annotated[str | None, Query(max_length=1_000)] = None,
    done: str = "",
) -> Response:
    """Show the titles, the reader's own applications, and who holds a title and may be named."""
    lang, cursor = preferences_of(request).lang, read_cursor(after)
    key = (date.fromisoformat(cursor[0]), UUID(cursor[1])) if cursor else None
    found, following = queries.holders(session, None, key, DEFAULT_PAGE)
    titles = {honour.code: honour for honour in city().honours}
    return render(
        request,
        "honours/list.html",
        headers=PRIVATE,
        titles=city().honours,
        is_applied=done == "applied",
        mine=[_mine(one, lang) for one in queries.mine(session, _id(resident))] if resident else [],
        holders=[
            HolderView(
                titles[one.honour].name(lang),
                titles[one.honour].icon,
                one.name,
                city().division_name(one.county_code, lang),
                one.valid_until,
            )
            for one in found
            if one.honour in titles
        ],
        next=f"{PATH}?after={write_cursor(following[0].isoformat(), str(following[1]))}" if following else None,
    )


@router.get("/apply")
def choose(request: Request, resident: ResidentDep) -> Response:
    """Ask which title somebody applies for."""
    del resident
    return render(request, "honours/choose.html", headers=PRIVATE, titles=city().honours)


@router.get("/apply/{code}")
def form(
    request: Request,
    session: SessionDep,
    resident: ResidentDep,
    code: str,
    said: Annotated[list[str] | None, Query(max_length=30)] = None,
) -> Response:
    """Show the application with what was checked before."""
    honour = queries.honour_of(city(), code)
    values = {"id": str(new_id()), "shown_name": ""}
    return _form_page(request, session, resident, honour, values=values, said=said or [])


@router.post("/apply/{code}", dependencies=[limited("message")])
def apply(request: Request, session: SessionDep, resident: ResidentDep, form: FormDep, code: str) -> Response:
    """Apply for a title."""
    honour = queries.honour_of(city(), code)
    try:
        sent = forms.parse(Apply, _with_place(form, code))
        service.apply(session, city(), resident, sent, counting.measures_of(session, _id(resident)))
    except (Conflict, Invalid) as refused:
        session.rollback()
        said = [str(one) for one in form.getlist("said")]
        values = forms.texts(form)
        return _form_page(request, session, resident, honour, values=values, said=said, refused=refused)
    return RedirectResponse(f"{PATH}?done=applied", HTTPStatus.SEE_OTHER)


@router.post("/applications/{application_id}/take-back", dependencies=[limited("message")])
def take_back(session: SessionDep, resident: ResidentDep, application_id: UUID) -> Response:
    """Take an application back."""
    service.take_back(session, resident, application_id)
    return RedirectResponse(PATH, HTTPStatus.SEE_OTHER)


@router.get("/{code}", dependencies=[limited("read")])
def check(
    request: Request,
    session: SessionDep,
    resident: MaybeResident,
    code: str,
    said: Annotated[list[str] | None, Query(max_length=30)] = None,
) -> Response:
    """Let somebody see how far they are; nothing is kept, and no sign-in is needed."""
    honour, lang = queries.honour_of(city(), code), preferences_of(request).lang
    answers = service.check(honour, said or [], _counts(session, resident))
    return render(
        request,
        "honours/check.html",
        headers=PRIVATE,
        honour=honour,
        criteria=_criteria(honour, answers, lang),
        met=sum(answer.is_met for answer in answers),
        is_enough=service.is_enough(honour, answers),
        is_checked=said is not None,
        said=said or [],
    )


def _form_page(  # noqa: PLR0913 -- what a form has
    request: Request,
    session: Session,
    resident: Actor,
    honour: Honour,
    *,
    values: Mapping[str, str],
    said: Sequence[str],
    refused: Conflict | Invalid | None = None,
) -> Response:
    lang = preferences_of(request).lang
    answers = service.check(honour, said, _counts(session, resident))
    return render(
        request,
        "honours/apply.html",
        status=status_of(refused),
        headers=PRIVATE,
        honour=honour,
        criteria=_criteria(honour, answers, lang),
        values=values,
        errors=fields_of(lang, refused),
        counties=city().counties,
    )


def _criteria(honour: Honour, answers: Sequence[Answer], lang: Lang) -> list[CriterionView]:
    return [
        CriterionView(
            criterion.code,
            criterion.text(lang),
            answer.counted is not None,
            answer.counted,
            criterion.at_least,
            answer.is_met,
        )
        for criterion, answer in zip(honour.criteria, answers, strict=True)
    ]


def _mine(one: HonourApplication, lang: Lang) -> MineView:
    honour = next((honour for honour in city().honours if honour.code == one.honour), None)
    holds = rules.is_valid(one.state, one.valid_until, clock.today())
    is_over = one.state is State.GRANTED and not holds
    return MineView(
        id=one.id,
        title=honour.name(lang) if honour else one.honour,
        name=one.shown_name,
        state=one.state.value,
        icon=wording.ICONS[one.state],
        word=translate(lang, wording.OVER if is_over else wording.STATES[one.state]),
        reason=one.reason if one.state in {State.REFUSED, State.REVOKED} else "",
        valid_until=one.valid_until if one.state is State.GRANTED else None,
        may_take_back=one.state in UNDECIDED,
    )


def _counts(session: Session, resident: Actor | None) -> Mapping[str, int]:
    return counting.measures_of(session, _id(resident)) if resident else {}


def _with_place(form: FormData, code: str) -> FormData:
    """Return the form as an application: the one choice of a place split into its two codes."""
    division = str(form.get("division", ""))
    made = {
        "honour": code,
        "county_code": division[:COUNTY_DIGITS],
        "township_code": division if len(division) > COUNTY_DIGITS else "",
    }
    return FormData([*((name, value) for name, value in form.multi_items() if name not in made), *made.items()])


def _id(resident: Actor) -> UUID:
    assert resident.id is not None
    return resident.id
