"""A draft as residents will read it: the same pages, made from what is public and what the draft changes."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from backend.accounts.guards import MayEditPlan
from backend.cities import city
from backend.core import clock
from backend.core.db import SessionDep
from backend.plan import drawing, queries
from backend.plan.editions import Edition, preview
from backend.plan.progress import Standings, standing
from backend.portal import plan_views as shown
from backend.portal.plan_deeds import Deeds
from backend.web.preferences import preferences_of
from backend.web.templates import render

PRIVATE = {"Cache-Control": "no-store"}

router = APIRouter(prefix="/bureau/plan/drafts/{draft_id}/preview", include_in_schema=False)


def _as_it_will_be(session: Session, draft_id: UUID) -> tuple[Edition, Standings]:
    """Return the plan and how the city stands once the draft is public."""
    plan, here, now = preview(session, queries.submission(session, draft_id)), city().code, clock.now()
    figures = queries.figures_of_area(session, here)
    for one in queries.contents(session, draft_id).observations:
        if one.area == here and not one.dimension:
            kept = [old for old in figures.get(one.indicator, ()) if old.period != one.period]
            figure = queries.Figure(one.period, one.value, one.status, one.source, one.quote, one.valid_from or now)
            figures[one.indicator] = sorted([*kept, figure], key=lambda value: value.period)
    today = clock.today()
    aimed = [target.indicator for target in plan.targets.values()]
    order = dict.fromkeys([*aimed, *plan.indicators])
    return plan, {
        key: standing(plan, key, here, figures.get(key, ()), today) for key in order if key in plan.indicators
    }


def _page(request: Request, name: str, draft_id: UUID, plan: Edition, **context: Any) -> Response:
    return render(
        request, name, headers=PRIVATE, tab="plan", plan=plan, preview=f"/bureau/plan/drafts/{draft_id}", **context
    )


@router.get("")
def overview(request: Request, session: SessionDep, actor: MayEditPlan, draft_id: UUID) -> Response:
    """Show the plan as it will be."""
    del actor
    lang, today = preferences_of(request).lang, clock.today()
    plan, stands = _as_it_will_be(session, draft_id)
    return _page(
        request,
        "plan/index.html",
        draft_id,
        plan,
        view="aims",
        counts=shown.counts(lang, stands),
        news=sorted(plan.news.items(), key=lambda pair: pair[1].on, reverse=True),
        aims=shown.aims(lang, plan, [one for one in stands.values() if one.target]),
        beside=shown.aims(lang, plan, [one for one in stands.values() if not one.target]),
        promises=shown.promises(lang, city(), plan, today),
    )


@router.get("/articles/{number}")
def article(request: Request, session: SessionDep, actor: MayEditPlan, draft_id: UUID, number: int) -> Response:
    """Show an article as it will be."""
    del actor
    lang = preferences_of(request).lang
    plan, stands = _as_it_will_be(session, draft_id)
    found = plan.article(number)
    of_it = [one for one in stands.values() if one.target and one.target.article == number]
    return _page(
        request,
        "plan/article.html",
        draft_id,
        plan,
        article=found,
        part=plan.parts.get(found.part),
        aims=shown.aims(lang, plan, of_it),
        promises=shown.promises(lang, city(), plan, clock.today(), number),
        deeds=Deeds(0, 0),
        exposures=[pair for pair in plan.exposures.items() if pair[1].article == number],
        examples=[pair for pair in plan.examples.items() if pair[1].article == number],
        news=[pair for pair in plan.news.items() if pair[1].article == number],
        history=[],
        before=None,
        after=None,
        subject="",
        is_followed=False,
        back=f"/plan/articles/{number}",
    )


@router.get("/indicators/{key}")
def indicator(request: Request, session: SessionDep, actor: MayEditPlan, draft_id: UUID, key: str) -> Response:
    """Show an indicator as it will be."""
    del actor
    lang = preferences_of(request).lang
    plan, stands = _as_it_will_be(session, draft_id)
    found, one = plan.indicator(key), stands[key]
    return _page(
        request,
        "plan/indicator.html",
        draft_id,
        plan,
        indicator=found,
        standing=one,
        aim=shown.aim(lang, plan, one),
        chart=drawing.chart(one),
        rows=shown.figure_rows(lang, plan, found, one.figures),
        said=shown.said(lang, plan, one.target.key) if one.target else None,
        article=plan.articles.get(one.target.article or 0) if one.target else None,
        baseline=plan.baselines.get(one.target.key) if one.target else None,
        revisions=[],
        past=[],
        counties=[],
        subject="",
        is_followed=False,
        back=f"/plan/indicators/{key}",
    )


@router.get("/exposures")
def exposures(request: Request, session: SessionDep, actor: MayEditPlan, draft_id: UUID) -> Response:
    """Show the list of exposures as it will be."""
    del actor
    plan, _ = _as_it_will_be(session, draft_id)
    return _page(request, "plan/exposures.html", draft_id, plan, entries=list(plan.exposures.items()))
