"""Who asks what is kept is told all of it in words, and takes the same along as a file (S-85)."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.accounts.residents import own_data
from backend.accounts.residents.rules import subject_of
from backend.accounts.residents.texts import EXPORT_PARTS, EXPORT_WORDS
from backend.activities import settling
from backend.activities.models import CommunityHome
from backend.activities.rules import Reason
from backend.activities.schemas import Appeal
from backend.cities import city
from backend.core import clock
from backend.honours.models import HonourApplication
from backend.notices import service as notices
from backend.notices.texts import NoticeCode
from backend.plan.models import PlanFollow
from tests.factories.accounts import make_staff
from tests.factories.activities import fill_fund, logged
from tests.factories.coupons import claim, make_saver, open_market
from tests.factories.honours import applied
from tests.factories.households import make_household
from tests.factories.residents import Neighbour, make_resident, sign_in_resident


@pytest.fixture
def busy(session: Session) -> Neighbour:
    """Return somebody of whom every feature keeps something."""
    saver = make_saver(session)
    claim(session, saver, open_market(session).campaign())
    fill_fund(session)
    refused = logged(session, saver.actor)
    settling.reject(session, make_staff(session).actor, refused.id, Reason.NOT_SHOWN)
    settling.appeal(session, city(), saver.actor, refused.id, Appeal(words="请再看看"))
    logged(session, saver.actor)
    make_household(session, saver)
    assert isinstance(applied(session, saver), HonourApplication)
    home = CommunityHome(resident_id=saver.resident_id, county_code="620502", chosen_at=clock.now())
    session.add(home)
    session.add(PlanFollow(resident_id=saver.resident_id, subject="article:11", since=clock.now()))
    notices.tell(session, [subject_of(saver.resident_id)], NoticeCode.COUPONS_END_SOON, until_on="2026-11-28")
    session.commit()
    return saver


def names_in(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for inner in cast("list[Any]", value):
            yield from names_in(inner)
    elif isinstance(value, dict):
        for name, inner in cast("dict[str, Any]", value).items():
            yield name
            yield from names_in(inner)


@pytest.mark.usefixtures("app")
def test_every_part_and_every_fact_of_the_file_has_its_words(session: Session, busy: Neighbour):
    data = own_data.export(session, busy.actor)
    assert set(data) - {"made_at"} == set(EXPORT_PARTS)
    assert [name for name in EXPORT_PARTS if name != "sign_ins" and not data[name]] == []
    facts = {name for part in EXPORT_PARTS for name in names_in(data[part])}
    assert sorted(facts - set(EXPORT_WORDS)) == []


@pytest.mark.usefixtures("app")
def test_an_objection_is_handed_out_with_what_it_is_about(session: Session, busy: Neighbour):
    logged_by_me = cast("list[dict[str, Any]]", own_data.export(session, busy.actor)["activities"])
    (appeal,) = [one["appeal"] for one in logged_by_me if one["appeal"]]
    assert (appeal["words"], appeal["is_granted"], appeal["decided_at"]) == ("请再看看", None, None)


def test_the_page_says_part_by_part_what_is_kept_and_how_much(client: TestClient, session: Session, busy: Neighbour):
    sign_in_resident(client, session, busy)
    client.headers["accept-language"] = "en"
    page = client.get("/account/export").text
    assert [f'id="part-{name}"' in page for name in EXPORT_PARTS] == [True] * len(EXPORT_PARTS)
    assert "Each ticket with its price, its last day and what became of it." in page
    assert page.count("1 line<") >= 3
    assert busy.phone in page
    assert "T00:" not in page
    assert 'href="/account/export.json"' in page


def test_what_is_not_there_is_said_too(client: TestClient, session: Session):
    sign_in_resident(client, session, make_resident(session))
    client.headers["accept-language"] = "en"
    page = client.get("/account/export").text
    assert page.count("Nothing is kept here.") == 7


def test_a_long_list_is_cut_on_the_page_and_whole_in_the_file(client: TestClient, session: Session):
    neighbour = make_resident(session)
    for _ in range(23):
        notices.tell(session, [subject_of(neighbour.resident_id)], NoticeCode.HOUSEHOLD_ASKED)
    session.commit()
    sign_in_resident(client, session, neighbour)
    client.headers["accept-language"] = "en"
    page = client.get("/account/export").text
    assert "23 lines" in page
    assert "3 more are in the file." in page
    assert page.count("Somebody asks") + page.count("有人申请") == 20
    assert len(client.get("/account/export.json").json()["notices"]) == 23


@pytest.mark.usefixtures("app")
def test_the_points_are_in_the_file_line_by_line_and_name_no_staff(session: Session, busy: Neighbour):
    points = cast("dict[str, Any]", own_data.export(session, busy.actor)["points"])
    assert points["available"] == 900
    assert points["pending"] > 0
    kinds = [(line["amount"], line["subject"].split(":")[0]) for line in points["history"]]
    assert (-100, "coupon") in kinds
    assert (1000, "gift") in kinds
    assert "staff" not in str(points)
