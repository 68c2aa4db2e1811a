"""The published plan for residents: aims, parts, counties and what concerns oneself; one indicator, one article, the news."""

from datetime import date
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from backend.accounts.residents.guards import MaybeResident, ResidentDep
from backend.activities import queries as activities
from backend.cities import city
from backend.core import clock
from backend.core.actor import Actor
from backend.core.db import SessionDep
from backend.places import rules as places
from backend.plan import drawing, errors, opendata, queries, wording
from backend.plan.editions import Edition, edition
from backend.plan.progress import Standings, standing, standings
from backend.plan.rules import Kind
from backend.plan.schemas import Exposure
from backend.plan.service import following
from backend.plan.telling import amount, period_word
from backend.portal import plan_views as shown
from backend.portal.plan_changes import change
from backend.portal.plan_deeds import deeds_by_article
from backend.web.caching import cached_page
from backend.web.csrf import FormGuard
from backend.web.forms import FormDep
from backend.web.pagination import read_cursor, write_cursor
from backend.web.preferences import Lang, preferences_of
from backend.web.ratelimit import limited
from backend.web.templates import render

TAB = "plan"
NEWS_SHOWN = 3
CHANGES_SHOWN = 40
REVISIONS_SHOWN = 50
NOWHERE: Standings = {}

router = APIRouter(prefix=shown.PATH, dependencies=[FormGuard], include_in_schema=False)


class View(StrEnum):
    """How the plan is looked at."""

    AIMS = "aims"
    PARTS = "parts"
    COUNTIES = "counties"
    ME = "me"


class PlanQuery(BaseModel):
    """How the plan is looked at; a place is only used to find the county that it lies in."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    view: View = View.AIMS
    county: str = Field(default="", max_length=12)
    lat: str = Field(default="", max_length=24)
    lon: str = Field(default="", max_length=24)

    @property
    def wanted_county(self) -> str:
        """Return the county that was chosen, else the one where the phone is."""
        if self.county:
            return self.county
        try:
            return places.county_guess(city(), float(self.lat), float(self.lon)).code or ""
        except ValueError:
            return ""


def here_and_now(session: Session) -> tuple[Edition, Standings]:
    """Return the public plan and how the whole city stands today."""
    plan = edition(session)
    return plan, standings(session, plan, city().code, clock.today())


@router.get("")
def overview(
    request: Request,
    session: SessionDep,
    resident: MaybeResident,
    query: Annotated[PlanQuery, Query()],
) -> Response:
    """Show what the plan promised and what became of it."""
    plan, view = edition(session), query.view
    if view is View.COUNTIES:
        return _counties(request, session, plan, query.wanted_county)
    if view is View.ME:
        return _about_me(request, session, plan, resident)

    def context() -> dict[str, Any]:
        lang, today = preferences_of(request).lang, clock.today()
        stands = standings(session, plan, city().code, today)
        facts: dict[str, Any] = {"plan": plan, "counts": shown.counts(lang, stands), "news": _news(plan)[:NEWS_SHOWN]}
        if view is View.PARTS:
            return facts | {"parts": shown.parts(lang, city(), plan, stands, today)}
        return facts | {
            "aims": shown.aims(lang, plan, [one for one in stands.values() if one.target]),
            "beside": shown.aims(lang, plan, [one for one in stands.values() if not one.target]),
            "promises": shown.promises(lang, city(), plan, today),
        }

    name = "plan/parts.html" if view is View.PARTS else "plan/index.html"
    return cached_page(request, name, (plan.submission_id, clock.today()), context, tab=TAB, view=view)


def _counties(request: Request, session: Session, plan: Edition, wanted: str) -> Response:
    codes = [one.code for one in city().counties]
    code = wanted if wanted in codes else ""

    def context() -> dict[str, Any]:
        lang, today = preferences_of(request).lang, clock.today()
        stands: Standings = standings(session, plan, code, today) if code else NOWHERE
        with_figures = set(queries.areas_with_figures(session))
        published = [one for one in stands.values() if one.figures]
        return {
            "plan": plan,
            "counties": [(one.code, one.name(lang), one.code in with_figures) for one in city().counties],
            "chosen": city().division_name(code, lang) if code else "",
            "aims": shown.aims(lang, plan, published),
            "promises": [
                shown.promise(lang, city(), plan, one, today)
                for one in plan.commitments.values()
                if code and code in one.places
            ],
            "exposures": [one for one in _exposures(plan) if code and one[1].county_code == code],
            "examples": [one for one in _examples(plan) if code and one[1].county_code == code],
        }

    stamp = (plan.submission_id, clock.today(), code)
    return cached_page(request, "plan/counties.html", stamp, context, tab=TAB, view=View.COUNTIES, county=code)


def _about_me(request: Request, session: Session, plan: Edition, resident: Actor | None) -> Response:
    lang = preferences_of(request).lang
    by_article: dict[int, int] = {}
    if resident and resident.id:
        article_of = {one.code: one.article for one in city().green.behaviours}
        for code, count in activities.count_by_behaviour(session, resident.id, _new_year()).items():
            if code in article_of:
                by_article[article_of[code]] = by_article.get(article_of[code], 0) + count
    followed = queries.followed(session, resident.id) if resident and resident.id else set[str]()
    return render(
        request,
        "plan/me.html",
        headers={"Cache-Control": "no-store"},
        tab=TAB,
        view=View.ME,
        plan=plan,
        is_signed_in=resident is not None,
        articles=[article for article in plan.articles.values() if article.can_do],
        mine=by_article,
        followed=[one for one in _followable(plan, lang) if one[0] in followed],
    )


def _new_year() -> date:
    return clock.today().replace(month=1, day=1)


def _followable(plan: Edition, lang: Lang) -> list[tuple[str, str, str]]:
    articles = [
        (following.article_subject(number), f"{shown.PATH}/articles/{number}", article.title(lang))
        for number, article in plan.articles.items()
    ]
    return articles + [
        (following.indicator_subject(key), f"{shown.PATH}/indicators/{key}", one.name(lang))
        for key, one in plan.indicators.items()
    ]


@router.get("/indicators/{key}")
def indicator(request: Request, session: SessionDep, resident: MaybeResident, key: str) -> Response:
    """Show one indicator: chart and table, sources, earlier values, how it was judged, who says what."""
    plan = edition(session)
    found, subject = plan.indicator(key), following.indicator_subject(key)
    is_followed = _follows(session, resident, subject)

    def context() -> dict[str, Any]:
        lang, today, here = preferences_of(request).lang, clock.today(), city().code
        one = standings(session, plan, here, today)[key]
        old = queries.revisions(session, key, here, REVISIONS_SHOWN + 1)
        figures = queries.figures_of_indicator(session, key)
        counties = [
            (county.name(lang), shown.aim(lang, plan, standing(plan, key, county.code, figures[county.code], today)))
            for county in city().counties
            if county.code in figures
        ]
        return {
            "plan": plan,
            "indicator": found,
            "standing": one,
            "aim": shown.aim(lang, plan, one),
            "chart": drawing.chart(one),
            "rows": shown.figure_rows(lang, plan, found, one.figures),
            "said": shown.said(lang, plan, one.target.key) if one.target else None,
            "article": plan.articles.get(one.target.article or 0) if one.target else None,
            "baseline": plan.baselines.get(one.target.key) if one.target else None,
            "revisions": [
                (
                    period_word(lang, value.period),
                    "—" if value.value is None else amount(lang, found, value.value),
                    value.valid_from,
                    value.valid_to,
                )
                for value in old[:REVISIONS_SHOWN]
            ],
            "has_older": len(old) > REVISIONS_SHOWN,
            "past": [
                (verdict.at, shown.mark(lang, wording.status_of(verdict.state)))
                for verdict in (queries.verdicts(session, one.target.key, here) if one.target else ())
            ],
            "counties": counties,
        }

    return cached_page(
        request,
        "plan/indicator.html",
        (plan.submission_id, clock.today(), is_followed),
        context,
        tab=TAB,
        subject=subject,
        is_followed=is_followed,
        back=f"{shown.PATH}/indicators/{key}",
    )


def _follows(session: Session, resident: Actor | None, subject: str) -> bool:
    return resident is not None and resident.id is not None and subject in queries.followed(session, resident.id)


@router.get("/articles/{number}")
def article(request: Request, session: SessionDep, resident: MaybeResident, number: int) -> Response:
    """Show one article: in our words and in its own, its aims, what one can do, what residents did."""
    plan = edition(session)
    found, subject = plan.article(number), following.article_subject(number)
    is_followed = _follows(session, resident, subject)
    deeds = deeds_by_article(session, city(), plan, clock.now())[number]

    def context() -> dict[str, Any]:
        lang, today = preferences_of(request).lang, clock.today()
        stands = standings(session, plan, city().code, today)
        numbers = list(plan.articles)
        place = numbers.index(number)
        return {
            "plan": plan,
            "article": found,
            "part": plan.parts.get(found.part),
            "aims": shown.aims(
                lang, plan, [one for one in stands.values() if one.target and one.target.article == number]
            ),
            "promises": shown.promises(lang, city(), plan, today, number),
            "deeds": deeds,
            "exposures": [one for one in _exposures(plan) if one[1].article == number],
            "examples": [one for one in _examples(plan) if one[1].article == number],
            "news": [one for one in _news(plan) if one[1].article == number],
            "history": queries.history(session, Kind.ARTICLE, str(number)),
            "before": plan.articles[numbers[place - 1]] if place else None,
            "after": plan.articles[numbers[place + 1]] if place + 1 < len(numbers) else None,
        }

    return cached_page(
        request,
        "plan/article.html",
        (plan.submission_id, clock.today(), is_followed, deeds),
        context,
        tab=TAB,
        subject=subject,
        is_followed=is_followed,
        back=f"{shown.PATH}/articles/{number}",
    )


@router.post("/follow", dependencies=[limited("message")])
def follow(session: SessionDep, resident: ResidentDep, form: FormDep) -> Response:
    """Follow an article or an indicator, or follow it no longer."""
    plan, subject = edition(session), str(form.get("subject", ""))
    kind, _, key = subject.partition(":")
    known = (kind == "article" and key in {str(one) for one in plan.articles}) or (
        kind == "indicator" and key in plan.indicators
    )
    if not known:
        raise errors.EntryUnknown
    assert resident.id is not None
    if form.get("wish") == "unfollow":
        following.unfollow(session, resident.id, subject)
    else:
        following.follow(session, resident.id, subject)
    return RedirectResponse(f"{shown.PATH}/{kind}s/{key}#follow", HTTPStatus.SEE_OTHER)


def _exposures(plan: Edition) -> list[tuple[str, Exposure]]:
    return opendata.exposures(plan, clock.today())


def _examples(plan: Edition) -> list[tuple[str, Any]]:
    return sorted(plan.examples.items(), key=lambda pair: (pair[1].on, pair[0]), reverse=True)


def _news(plan: Edition) -> list[tuple[str, Any]]:
    return sorted(plan.news.items(), key=lambda pair: (pair[1].on, pair[0]), reverse=True)


def _listed(request: Request, session: Session, name: str, entries: Any) -> Response:
    plan = edition(session)
    return cached_page(
        request,
        f"plan/{name}.html",
        (plan.submission_id, clock.today()),
        lambda: {"plan": plan, "entries": entries(plan)},
        tab=TAB,
    )


@router.get("/exposures")
def exposures(request: Request, session: SessionDep) -> Response:
    """Show decisions against those who broke the law, until they expire (article 27)."""
    return _listed(request, session, "exposures", _exposures)


@router.get("/examples")
def examples(request: Request, session: SessionDep) -> Response:
    """Show who does it well (article 27)."""
    return _listed(request, session, "examples", _examples)


@router.get("/news")
def news(request: Request, session: SessionDep) -> Response:
    """Show the news of the plan."""
    return _listed(request, session, "news", _news)


@router.get("/method")
def method(request: Request, session: SessionDep) -> Response:
    """Explain how a target is judged."""
    plan, stands = here_and_now(session)
    lang = preferences_of(request).lang
    return cached_page(
        request,
        "plan/method.html",
        (plan.submission_id, clock.today()),
        lambda: {"plan": plan, "counts": shown.counts(lang, stands), "marks": shown.all_marks(lang)},
        tab=TAB,
    )


@router.get("/data")
def data(request: Request, session: SessionDep) -> Response:
    """Say what can be downloaded and under which licence."""
    plan = edition(session)
    return cached_page(
        request,
        "plan/data.html",
        (plan.submission_id, clock.today()),
        lambda: {"plan": plan, "licence_url": opendata.LICENCE_URL, "snapshots": queries.snapshots(session)},
        tab=TAB,
    )


@router.get("/changes", dependencies=[limited("read")])
def changes(
    request: Request, session: SessionDep, after: Annotated[str | None, Query(max_length=1_000)] = None
) -> Response:
    """Show the public change log, newest first."""
    plan, lang = edition(session), preferences_of(request).lang
    cursor = read_cursor(after)
    lines = queries.changes(session, before=int(cursor[0]) if cursor else None, limit=CHANGES_SHOWN + 1)
    more = lines[CHANGES_SHOWN - 1].id if len(lines) > CHANGES_SHOWN else None
    return render(
        request,
        "plan/changes.html",
        tab=TAB,
        plan=plan,
        changes=[change(lang, plan, line) for line in lines[:CHANGES_SHOWN]],
        next=f"{shown.PATH}/changes?after={write_cursor(more)}" if more else None,
    )
