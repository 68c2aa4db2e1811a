"""The queue: most urgent first, page by page, the officer's own county and nothing of another."""

import re
from datetime import timedelta
from itertools import chain

import pytest
from sqlalchemy import Engine
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.cities import city
from backend.core import clock
from backend.core.actor import PERMISSIONS, Permission, Role
from backend.core.ids import new_id
from backend.media.models import Photo
from backend.reports import rules as report_rules
from tests.factories.desk import Desk, arrive, sit_down
from tests.factories.reports import MAIJI, QINZHOU
from tests.factories.statements import counted

NUMBER = re.compile(r'href="/bureau/cases/(TS-[0-9A-Z]{4}-[0-9A-Z]{2})"')
LINK = re.compile(
    r'<a class="outline-button"\s+href="([^"]+)"[^>]*>(?:<svg.*?</svg>)?\s*([A-Z][a-z]+ page|Page before)', re.DOTALL
)


def numbers(html: str) -> list[str]:
    return NUMBER.findall(html)


def pages(html: str) -> dict[str, str]:
    """Return the links of the pager by their words."""
    return {word: href.replace("&amp;", "&") for href, word in LINK.findall(html)}


def add_photo(session: Session, owner: str, position: int = 0) -> Photo:
    photo = Photo(
        id=new_id(), owner=owner, position=position, sha256=bytes(32), size_bytes=1, media_type="image/jpeg", width=1600,
        height=1200, status="ready", received_at=clock.now(), storage_key=new_id().hex,
    )  # fmt: skip
    session.add(photo)
    session.commit()
    return photo


def arrive_earlier(session: Session, days: float, **changes: object) -> str:
    with clock.at(clock.now() - timedelta(days=days)):
        return arrive(session, **changes).case.number


def test_the_most_urgent_case_stands_first_and_is_the_next_one(client: TestClient, session: Session):
    desk = sit_down(client, session)
    young, old, middle = (arrive_earlier(session, days) for days in (1, 40, 9))
    assert numbers(desk.get("/bureau").text) == [old, middle, young]
    assert desk.get("/bureau/next").headers["location"] == f"/bureau/cases/{old}"


def test_the_deadline_is_told_in_words(client: TestClient, session: Session):
    desk = sit_down(client, session)
    arrive_earlier(session, 60)
    assert re.search(r"\d+ days over", desk.get("/bureau").text)
    case = arrive(session).case
    assert re.search(r"\d+ days left", desk.get(f"/bureau/cases/{case.number}").text)
    assert case.due_at
    with clock.at(case.due_at - timedelta(hours=2)):
        assert "Due today" in sit_down(client, session).get(f"/bureau/cases/{case.number}").text


@pytest.mark.parametrize("role", [role for role in Role if Permission.CASE_READ in PERMISSIONS[role]])
def test_an_officer_sees_no_case_number_or_count_of_another_county(client: TestClient, session: Session, role: Role):
    """S-16: no foreign canary, no foreign count, on any view or page of the list."""
    own, foreign = arrive(session).case, arrive(session, county_code=QINZHOU, words="外县的案子").case
    desk = sit_down(client, session, role, MAIJI)
    views = [
        "",
        "?view=received",
        "?view=open&kind=sewage",
        f"?county={QINZHOU}",
        "?last=true",
        "?view=overdue",
        "?view=ended",
    ]
    html = "".join(desk.get(f"/bureau{view}").text for view in views)
    sees_all = role is Role.CITY_TRIAGE
    assert (foreign.number in html, "外县的案子" in html) == (sees_all, sees_all)
    assert own.number in html
    (count,) = set(re.findall(r'queue-tab__count">(\d+)<', html))
    assert count == ("2" if sees_all else "1")


def test_filters_are_links(client: TestClient, session: Session):
    desk = sit_down(client, session, Role.CITY_TRIAGE)
    sewage, noise = arrive(session).case, arrive(session, kind="noise", county_code=QINZHOU).case
    desk.step(noise, "decline", decline_reason="too_vague", answer="没找到")
    assert numbers(desk.get("/bureau").text) == [sewage.number]
    assert numbers(desk.get("/bureau?view=ended").text) == [noise.number]
    assert numbers(desk.get("/bureau?view=declined").text) == [noise.number]
    assert numbers(desk.get("/bureau?view=closed").text) == []
    assert numbers(desk.get("/bureau?kind=noise").text) == []
    assert numbers(desk.get(f"/bureau?county={QINZHOU}&view=ended").text) == [noise.number]
    page = desk.get("/bureau?kind=noise").text
    assert 'href="/bureau?view=received&amp;kind=noise"' in page
    assert f'href="/bureau?kind=noise&amp;county={QINZHOU}"' in page


@pytest.mark.parametrize(
    "query", ["phone=13900001111", "view=secret", "kind=x", "county=1", "sort=name", "last=perhaps"]
)
def test_a_question_the_queue_does_not_know_is_refused_without_an_echo(
    client: TestClient, session: Session, query: str
):
    """S-30."""
    answer = sit_down(client, session, Role.CITY_TRIAGE).get(f"/bureau?{query}")
    assert answer.status_code == 422
    assert "13900001111" not in answer.text


def test_a_mark_that_is_not_ours_is_refused(client: TestClient, session: Session):
    from backend.web.pagination import write_cursor

    desk = sit_down(client, session)
    for mark in ("x", "AAAA", write_cursor("2026-01-01", str(new_id()))):
        assert desk.get(f"/bureau?after={mark}").status_code == 422
        assert desk.get(f"/bureau/next?after={mark}").status_code == 422


@pytest.mark.parametrize("ended", [False, True])
def test_every_case_is_met_once_on_the_way_there_and_back(client: TestClient, session: Session, *, ended: bool):
    desk = sit_down(client, session)
    cases = [arrive_earlier(session, days / 10) for days in range(60)]
    if ended:
        for number in cases:
            form = {"version": 1, "decline_reason": "too_vague", "answer": "没找到"}
            assert desk.post(f"/bureau/cases/{number}/decline", **form).status_code == 303
    start = "/bureau?view=ended" if ended else "/bureau"
    first = desk.get(start).text
    assert set(pages(first)) == {"Next page", "Last page"}
    second = desk.get(pages(first)["Next page"]).text
    third = desk.get(pages(second)["Next page"]).text
    assert set(pages(third)) == {"First page", "Page before"}
    there = [numbers(page) for page in (first, second, third)]
    assert [len(page) for page in there] == [25, 25, 10]
    way = list(chain.from_iterable(there))
    assert sorted(way) == sorted(cases)
    assert numbers(desk.get(pages(third)["Page before"]).text) == there[1]
    assert numbers(desk.get(pages(second)["Page before"]).text) == there[0]
    assert numbers(desk.get(pages(first)["Last page"]).text) == way[-25:]
    assert pages(third)["First page"] == start


def test_the_queue_is_four_statements_however_long_it_is(client: TestClient, session: Session, engine: Engine):
    desk = sit_down(client, session)
    for _ in range(30):
        add_photo(session, report_rules.owner_of(arrive(session).sent.report_id))
    for path in ("/bureau", "/bureau?last=true", "/bureau?view=received&kind=sewage"):
        with counted(engine) as statements:
            assert desk.get(path).status_code == 200
        assert len(statements) <= 4, statements


def test_a_row_shows_three_photos_and_how_many_more(client: TestClient, session: Session):
    desk = sit_down(client, session)
    owner = report_rules.owner_of(arrive(session).sent.report_id)
    photos = [add_photo(session, owner, position) for position in range(5)]
    page = desk.get("/bureau").text
    assert re.findall(r"/bureau/photos/([0-9a-f-]{36})/160", page) == [str(photo.id) for photo in photos[:3]]
    assert "+2<" in page


def test_many_reporters_news_and_a_place_outside_are_flagged(client: TestClient, session: Session):
    desk = sit_down(client, session, Role.CITY_TRIAGE)
    case = arrive(session).case
    arrive(session, joins=case.number)
    arrive(session, lat=34.26, lon=108.94, county_code=None, landmark="", words="在西安")
    page = desk.get("/bureau").text
    for flag in ("2 people", "New message", "Outside the city"):
        assert flag in page


def test_an_empty_queue_says_so(client: TestClient, session: Session):
    desk = sit_down(client, session)
    assert "All cleared for today" in desk.get("/bureau").text
    assert "No case here" in desk.get("/bureau?kind=noise").text
    assert desk.get("/bureau/next").headers["location"] == "/bureau"


def test_next_skips_the_case_it_is_asked_from(client: TestClient, session: Session):
    desk: Desk = sit_down(client, session)
    old, young = arrive_earlier(session, 5), arrive_earlier(session, 1)
    onward = re.search(r'href="(/bureau/next\?after=[^"]+)"', desk.get(f"/bureau/cases/{old}").text)
    assert onward
    assert desk.get(onward[1]).headers["location"] == f"/bureau/cases/{young}"


def test_every_kind_of_the_city_has_its_words_and_drawing(client: TestClient, session: Session):
    desk = sit_down(client, session)
    for kind in city().kinds:
        arrive(session, kind=kind.code)
    page = desk.get("/bureau").text
    assert all(kind.name("en").replace("'", "&#39;") in page for kind in city().kinds)
    assert all(f"icon--{kind.icon}" in page for kind in city().kinds)
