"""The plan as open data: files, the data behind each page at the page's own address, the JSON interface and the feed.

Ids are stable. Every file can be asked for as it was public on a past day (`?on=2026-01-31`), and carries a tag, so that
whoever has it is told so.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from xml.etree.ElementTree import Element, SubElement, tostring

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlmodel import Session

from backend.cities import city
from backend.core import clock, tables
from backend.core.db import SessionDep
from backend.core.errors import N_
from backend.plan import errors, listing, opendata, queries
from backend.plan.editions import Edition, edition
from backend.plan.progress import Standings, standings
from backend.portal.plan_changes import change
from backend.web.caching import tagged
from backend.web.preferences import Lang, preferences_of
from backend.web.ratelimit import limited
from backend.web.templates import translate

router = APIRouter(include_in_schema=False, dependencies=[limited("read")])
api = APIRouter(prefix="/api/v1/plan", tags=["plan"], dependencies=[limited("read")])

LICENCE_LINK = {"Link": f'<{opendata.LICENCE_URL}>; rel="license"', "Access-Control-Allow-Origin": "*"}
CSV, JSON, ATOM = "text/csv; charset=utf-8", "application/json", "application/atom+xml; charset=utf-8"
FEED_LINES = 50

On = Annotated[date | None, Query(description="As it was public at the end of that day in Shanghai.")]


def _public(session: Session, on: date | None) -> tuple[Edition, Standings, datetime | None, tuple[object, ...]]:
    """Return the plan and how it stands, now or at the end of the day `on`, and what stands for this version."""
    if on is None:
        plan = edition(session)
        return plan, standings(session, plan, city().code, clock.today()), None, (plan.submission_id, clock.today())
    end = datetime.combine(on + timedelta(days=1), time(), clock.SHANGHAI)
    plan = edition(session, end)
    return plan, standings(session, plan, city().code, on, end), end, (plan.submission_id, on)


def as_json(content: object) -> bytes:
    """Write an object as JSON for people as well as for programs."""
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


# --- files ---


@router.get("/data/plan.json")
@router.get("/plan.json")
def whole(request: Request, session: SessionDep, on: On = None) -> Response:
    """Everything that is public of the plan."""
    plan, stands, _, stamp = _public(session, on)
    return tagged(
        request, stamp, JSON, lambda: as_json(opendata.plan_as_json(plan, stands, clock.today())), **LICENCE_LINK
    )


@router.get("/data/indicators.csv")
@router.get("/plan.csv")
def indicators(request: Request, session: SessionDep, on: On = None) -> Response:
    """Every indicator with its aim and how it stands."""
    _, stands, _, stamp = _public(session, on)
    link = (
        LICENCE_LINK["Link"] + ', </data/indicators.csv-metadata.json>; rel="describedby"; type="application/csvm+json"'
    )
    rows = opendata.indicator_rows(stands)
    return tagged(
        request, stamp, CSV, lambda: tables.write(opendata.INDICATORS_HEADER, rows), **{**LICENCE_LINK, "Link": link}
    )


@router.get("/data/indicators.csv-metadata.json")
def metadata(request: Request) -> Response:
    """What CSV on the Web says of `indicators.csv`."""
    return tagged(request, (), JSON, lambda: as_json(opendata.metadata_of_indicators("indicators.csv")), **LICENCE_LINK)


@router.get("/data/observations.csv")
def observations(request: Request, session: SessionDep, on: On = None) -> Response:
    """Every public value, in the shape in which editors import them."""
    _, _, at, stamp = _public(session, on)
    return tagged(
        request,
        stamp,
        CSV,
        lambda: listing.as_csv(queries.every_value(session, at)),
        **LICENCE_LINK,
    )


@router.get("/data/observations.sdmx.csv")
def sdmx(request: Request, session: SessionDep, on: On = None) -> Response:
    """Every public value as SDMX-CSV 2.0."""
    plan, _, at, stamp = _public(session, on)
    return tagged(
        request, stamp, CSV, lambda: tables.write(opendata.SDMX_HEADER, _sdmx_rows(session, plan, at)), **LICENCE_LINK
    )


def _sdmx_rows(session: Session, plan: Edition, at: datetime | None) -> Iterator[Sequence[str]]:
    dataflow = f"{city().folder.upper()}:{plan.plan.key.upper().replace('-', '_')}(1.0)"
    for one in queries.every_value(session, at):
        if one.indicator in plan.indicators:
            yield opendata.sdmx_row(one, plan.indicators[one.indicator], dataflow)


@router.get("/data/plan-{year}.json")
def snapshot(request: Request, session: SessionDep, year: int) -> Response:
    """The plan as it was frozen at the end of a year; its SHA-256 is of the object `content`."""
    found = queries.snapshot(session, year)
    if found is None:
        raise errors.EntryUnknown
    content = {"year": found.year, "frozen_at": found.at.isoformat(), "sha256": found.sha256, "content": found.content}
    return tagged(request, (found.sha256,), JSON, lambda: as_json(content), **LICENCE_LINK)


# --- the data behind a page, at its own address ---


@router.get("/plan/indicators/{key}.json")
def indicator_json(request: Request, session: SessionDep, key: str, on: On = None) -> Response:
    """One indicator with every value that was ever public."""
    plan, stands, _, stamp = _public(session, on)
    plan.indicator(key)
    vintages = queries.vintages(session, key, city().code)
    return tagged(
        request, stamp, JSON, lambda: as_json(opendata.indicator_as_json(plan, stands[key], vintages)), **LICENCE_LINK
    )


@router.get("/plan/indicators/{key}.csv")
def indicator_csv(request: Request, session: SessionDep, key: str, on: On = None) -> Response:
    """The public values of one indicator in every area and breakdown."""
    plan, _, at, stamp = _public(session, on)
    plan.indicator(key)
    rows = map(opendata.observation_row, queries.series(session, key, at))
    return tagged(request, stamp, CSV, lambda: tables.write(opendata.OBSERVATIONS_HEADER, rows), **LICENCE_LINK)


@router.get("/plan/articles/{number}.json")
def article_json(request: Request, session: SessionDep, number: int, on: On = None) -> Response:
    """One article with its aims and promises."""
    plan, stands, _, stamp = _public(session, on)
    plan.article(number)
    return tagged(request, stamp, JSON, lambda: as_json(opendata.article_as_json(plan, number, stands)), **LICENCE_LINK)


@router.get("/plan/articles/{number}.csv")
def article_csv(request: Request, session: SessionDep, number: int, on: On = None) -> Response:
    """The aims of one article and how they stand."""
    plan, stands, _, stamp = _public(session, on)
    plan.article(number)
    own = {key: one for key, one in stands.items() if one.target and one.target.article == number}
    rows = opendata.indicator_rows(own)
    return tagged(request, stamp, CSV, lambda: tables.write(opendata.INDICATORS_HEADER, rows), **LICENCE_LINK)


@router.get("/plan/exposures.json")
def exposures_json(request: Request, session: SessionDep) -> Response:
    """Decisions that may still be shown."""
    plan, today = edition(session), clock.today()
    listed = [{"key": key, **opendata.plain(one)} for key, one in opendata.exposures(plan, today)]
    return tagged(request, (plan.submission_id, today), JSON, lambda: as_json(listed), **LICENCE_LINK)


@router.get("/plan/exposures.csv")
def exposures_csv(request: Request, session: SessionDep) -> Response:
    """Decisions that may still be shown, as a table."""
    plan, today = edition(session), clock.today()
    header = ("key", "subject", "county_code", "article", "what_zh", "what_en", "legal_basis", "decision_number",
              "decided_on", "decided_by", "rectified_on", "until")  # fmt: skip
    rows = (
        [
            "" if value is None else str(value)
            for value in (
                key, one.subject, one.county_code, one.article, one.what.zh, one.what.en, one.legal_basis,
                one.decision_number, one.decided_on, one.decided_by, one.rectified_on, one.until,
            )
        ]
        for key, one in opendata.exposures(plan, today)
    )  # fmt: skip
    return tagged(request, (plan.submission_id, today), CSV, lambda: tables.write(header, rows), **LICENCE_LINK)


# --- the JSON interface ---


@api.get("")
def plan_api(session: SessionDep, on: On = None) -> dict[str, Any]:
    """Everything that is public of the plan, with inputs and steps of every result."""
    plan, stands, _, _ = _public(session, on)
    return opendata.plan_as_json(plan, stands, clock.today())


@api.get("/articles/{number}")
def article_api(session: SessionDep, number: int) -> dict[str, Any]:
    """One article with its aims and promises."""
    plan, stands, _, _ = _public(session, None)
    plan.article(number)
    return opendata.article_as_json(plan, number, stands)


@api.get("/indicators/{key}")
def indicator_api(session: SessionDep, key: str) -> dict[str, Any]:
    """One indicator with every value that was ever public."""
    plan, stands, _, _ = _public(session, None)
    plan.indicator(key)
    return opendata.indicator_as_json(plan, stands[key], queries.vintages(session, key, city().code))


# --- the feed ---


@router.get("/feeds/plan.atom")
def feed(request: Request, session: SessionDep) -> Response:
    """The public change log as an Atom feed (RFC 4287), one entry for each publication."""
    plan, lang, here = edition(session), preferences_of(request).lang, str(request.base_url).rstrip("/")
    return tagged(request, (plan.submission_id, lang, here), ATOM, lambda: _atom(session, plan, lang, here))


def _atom(session: Session, plan: Edition, lang: Lang, here: str) -> bytes:
    root = Element("feed", {"xmlns": "http://www.w3.org/2005/Atom"})
    _add(root, "id", f"{here}/feeds/plan.atom")
    _add(root, "title", translate(lang, N_("%(plan)s: what was published"), plan=plan.plan.name(lang)))
    _add(root, "updated", plan.published_at.isoformat(timespec="seconds"))
    _add(SubElement(root, "author"), "name", plan.plan.issuer(lang))
    SubElement(root, "link", {"rel": "self", "href": f"{here}/feeds/plan.atom"})
    SubElement(root, "link", {"rel": "alternate", "href": f"{here}/plan/changes"})
    for publication, lines in queries.publications(session, FEED_LINES):
        entry = SubElement(root, "entry")
        _add(entry, "id", f"urn:uuid:{publication.id}")
        _add(entry, "title", publication.reason)
        _add(entry, "updated", lines[0].at.isoformat(timespec="seconds"))
        SubElement(entry, "link", {"href": f"{here}/plan/changes#{publication.id}"})
        said = (change(lang, plan, line) for line in lines)
        _add(
            entry,
            "summary",
            "\n".join(f"{one.what}: {one.name} {one.before} → {one.after}".strip(" →") for one in said),
        )
    return tostring(root, encoding="utf-8", xml_declaration=True)


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text
