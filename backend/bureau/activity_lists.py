"""Lists of organisers and operators at the desk: what each line would do, then booked once."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from backend.accounts.guards import MayImportActivities
from backend.activities import importing, rules
from backend.activities.importing import Fate
from backend.activities.schemas import StartImport
from backend.cities import city
from backend.core import clock
from backend.core.actor import Actor
from backend.core.db import SessionDep
from backend.core.errors import N_, Conflict, Invalid
from backend.core.ids import new_id
from backend.core.tables import ListUnreadable
from backend.web import forms
from backend.web.csrf import FormGuard
from backend.web.forms import FormDep
from backend.web.preferences import preferences_of
from backend.web.refusals import sentence_of, status_of
from backend.web.templates import render, translate

PATH = "/bureau/activities/import"
PRIVATE = {"Cache-Control": "no-store"}
LINES_SHOWN = 200
FATES = {
    Fate.COUNTS: N_("counts"),
    Fate.PART: N_("counts in part, the cap is reached"),
    Fate.FULL: N_("the cap is full"),
    Fate.SAME: N_("booked before"),
    Fate.REFUSED: N_("refused"),
}

router = APIRouter(prefix=PATH, dependencies=[FormGuard], include_in_schema=False)


class TakeOver(BaseModel):
    """What was seen of a list, and whether its refused lines are left out."""

    only_good: bool = False
    seen: str = Field(max_length=64)


@router.get("")
def ask(request: Request, actor: MayImportActivities) -> Response:
    """Ask for a list."""
    return _ask_page(request, actor)


@router.post("")
def keep(request: Request, session: SessionDep, actor: MayImportActivities, form: FormDep) -> Response:
    """Take a list in and show what it would do; nothing is booked."""
    content = forms.file_in(form, "file")
    try:
        if not content:
            raise ListUnreadable
        kept = importing.keep(session, city(), actor, forms.parse(StartImport, form), content)
    except Invalid as refused:
        return _ask_page(request, actor, refused)
    return RedirectResponse(f"{PATH}/{kept.id}", HTTPStatus.SEE_OTHER)


@router.get("/{import_id}")
def dry_run(request: Request, session: SessionDep, actor: MayImportActivities, import_id: UUID) -> Response:
    """Show what each line would do."""
    return _dry_run_page(request, session, actor, import_id)


@router.post("/{import_id}")
def take_over(
    request: Request, session: SessionDep, actor: MayImportActivities, form: FormDep, import_id: UUID
) -> Response:
    """Book a list as it was shown."""
    try:
        wish = forms.parse(TakeOver, form)
        importing.take_over(session, city(), actor, import_id, only_good=wish.only_good, seen=wish.seen)
    except (Conflict, Invalid) as refused:
        session.rollback()
        return _dry_run_page(request, session, actor, import_id, refused)
    return RedirectResponse(f"{PATH}/{import_id}", HTTPStatus.SEE_OTHER)


def _ask_page(request: Request, actor: Actor, refused: Invalid | None = None) -> Response:
    lang, today = preferences_of(request).lang, clock.today()
    listed = [one for one in city().behaviours(today) if set(rules.LIST_PROOFS) & set(one.evidence)]
    return render(
        request,
        "bureau/activities/import.html",
        status=status_of(refused),
        headers=PRIVATE,
        actor=actor,
        import_id=new_id(),
        behaviours=[(one.code, one.name(lang), one.unit(lang)) for one in listed],
        today=today,
        refused=sentence_of(lang, refused),
    )


def _dry_run_page(
    request: Request,
    session: SessionDep,
    actor: Actor,
    import_id: UUID,
    refused: Conflict | Invalid | None = None,
) -> Response:
    lang, kept = preferences_of(request).lang, importing.kept_list(session, actor, import_id)
    lines = [] if kept.applied_at else importing.plan(session, city(), kept)
    shown = sorted(lines, key=lambda line: (line.fate is not Fate.REFUSED, line.number))
    shown = [line for place, line in enumerate(shown) if line.fate is Fate.REFUSED or place < LINES_SHOWN]
    return render(
        request,
        "bureau/activities/dry_run.html",
        status=status_of(refused),
        headers=PRIVATE,
        actor=actor,
        kept=kept,
        behaviour=city().behaviour(kept.behaviour, kept.happened_on).name(lang),
        counts=[(fate, translate(lang, word), sum(one.fate is fate for one in lines)) for fate, word in FATES.items()],
        lines=[(one, translate(lang, FATES[one.fate]), [translate(lang, why) for why in one.reasons]) for one in shown],
        more=len(lines) - len(shown),
        points=sum(one.points for one in lines),
        is_clean=all(one.fate is not Fate.REFUSED for one in lines),
        has_good=any(one.fate in importing.BOOKED for one in lines),
        seen=importing.fingerprint(lines),
        refused=sentence_of(lang, refused),
    )
