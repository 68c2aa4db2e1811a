"""The plan for residents: every view, both languages, the data behind each page, tags, following; nothing unpublished."""

import csv
import io
import json
from datetime import UTC, date, datetime
from xml.etree.ElementTree import fromstring

import pytest
from fastapi import FastAPI
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.cities import city
from backend.core import clock
from backend.plan import queries
from backend.plan.rules import Kind
from backend.plan.schemas import Claim, ClaimStatus, Exposure, Finding, NewObservation, News, Stage
from backend.plan.service import founding, snapshots
from backend.portal import plan as pages
from tests.factories.plan import drafted, published, value, words
from tests.factories.residents import make_resident, sign_in_resident
from tests.factories.web import token_on

FOUNDED = datetime(2026, 7, 1, 4, tzinfo=UTC)
PAGES = (
    "/plan", "/plan?view=parts", "/plan?view=counties", "/plan?view=counties&county=620502", "/plan?view=me",
    "/plan/indicators/film_recovery", "/plan/indicators/energy_intensity", "/plan/articles/18", "/plan/articles/2",
    "/plan/exposures", "/plan/examples", "/plan/news", "/plan/method", "/plan/data", "/plan/changes",
)  # fmt: skip
FILES = (
    "/plan.json", "/plan.csv", "/data/plan.json", "/data/indicators.csv", "/data/indicators.csv-metadata.json",
    "/data/observations.csv", "/data/observations.sdmx.csv", "/plan/indicators/film_recovery.json",
    "/plan/indicators/film_recovery.csv", "/plan/articles/2.json", "/plan/articles/2.csv", "/plan/exposures.json",
    "/plan/exposures.csv", "/feeds/plan.atom",
)  # fmt: skip


@pytest.fixture(autouse=True)
def plan(session: Session) -> None:
    with clock.at(FOUNDED):
        founding.found(session, city())
    session.flush()


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_stands_in_both_languages(client: TestClient, path: str, lang: str) -> None:
    answer = client.get(path, headers={"Accept-Language": lang})
    assert answer.status_code == 200
    assert "<h1" in answer.text


@pytest.mark.parametrize("path", [*PAGES[:6], *FILES])
def test_who_has_it_is_told_so_and_gets_nothing_again(client: TestClient, path: str) -> None:
    if path.endswith("view=me"):
        return
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_publication_makes_every_tag_a_new_one(client: TestClient, session: Session) -> None:
    before = client.get("/plan").headers["etag"]
    published(session, None, [value("2025", "39.2", indicator="forest_cover", source="film-2020")])
    answer = client.get("/plan", headers={"If-None-Match": before})
    assert answer.status_code == 200
    assert "39.2%" in answer.text


def test_a_kept_page_carries_each_browsers_own_token(client: TestClient, app: FastAPI) -> None:
    neighbour = TestClient(app, base_url="https://testserver")
    one, other = token_on(client, "/plan/articles/18"), token_on(neighbour, "/plan/articles/18")
    assert one != other
    assert len(one) == len(other)


def test_the_city_reads_that_thirteen_figures_are_due(client: TestClient) -> None:
    text = client.get("/plan").text
    assert "到期未公布" in text
    assert "2025年的数字本应在" in text
    assert client.get("/plan.json").json()["counts"] == {"due_unreported": 13, "target_not_published": 1}


def test_nothing_of_a_draft_is_anywhere(client: TestClient, session: Session) -> None:
    """P13."""
    secret = NewObservation.model_validate(
        {"indicator": "forest_cover", "area": "620500", "period": "2025", "value": "37.123456", "source": "film-2020"}
    )
    news = News(title=words("秘密动态"), text=words("还没公布"), on=date(2026, 11, 1))
    drafted(session, {(Kind.NEWS, "secret"): news}, [secret], reason="秘密原因")
    for path in (*PAGES, *FILES, "/api/v1/plan", "/plan/indicators/forest_cover", "/plan/indicators/forest_cover.json"):
        text = client.get(path).text
        assert "37.12" not in text
        assert "秘密" not in text, path


def test_every_published_number_names_its_source(client: TestClient) -> None:
    """P16."""
    known = {one["key"] for one in client.get("/plan.json").json()["sources"]}
    rows = rows_of(client.get("/data/observations.csv").text)
    assert rows
    assert {row["source"] for row in rows} <= known


def test_a_past_day_is_told_as_it_was_public_then(client: TestClient, session: Session) -> None:
    published(session, None, [value("2020", "84", indicator="film_recovery", source="film-2020")], reason="更正")
    now = rows_of(client.get("/plan/indicators/film_recovery.csv").text)
    then = rows_of(client.get("/plan/indicators/film_recovery.csv?on=2026-07-02").text)
    assert ([row["value"] for row in now], [row["value"] for row in then]) == (["84"], ["83.25"])
    assert client.get("/plan.json?on=2026-06-01").status_code == 404
    text = client.get("/plan/indicators/film_recovery").text
    assert "后来改过的数值" in text
    changes = client.get("/plan/changes").text
    assert "<del>83.25%</del>" in changes
    assert "更正" in changes


def test_only_the_newest_revisions_stand_on_the_page_and_all_in_the_file(
    client: TestClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "REVISIONS_SHOWN", 2)
    for number in ("84", "85", "86"):
        published(session, None, [value("2020", number, indicator="film_recovery", source="film-2020")])
    text = client.get("/plan/indicators/film_recovery").text
    assert "(2+)" in text
    assert "85%" in text
    assert "83.25%" not in text
    assert len(client.get("/plan/indicators/film_recovery.json").json()["vintages"]) == 4


def test_what_a_county_published_stands_beside_the_city(client: TestClient, session: Session) -> None:
    published(session, None, [value("2023", "88", indicator="film_recovery", source="film-2020", area="620523")])
    text = client.get("/plan/indicators/film_recovery").text
    assert "甘谷县" in text
    assert "秦安县" not in text


def test_an_indicators_json_holds_inputs_and_every_vintage(client: TestClient, session: Session) -> None:
    published(session, None, [value("2020", "84", indicator="film_recovery", source="film-2020")])
    found = client.get("/api/v1/plan/indicators/film_recovery").json()
    assert [one["value"] for one in found["vintages"]] == ["84", "83.25"]
    assert found["assessment"]["inputs"]["readings"][0]["value"] == "84.000000"
    assert found["vintages"][1]["valid_to"] is not None


def test_the_feed_has_one_entry_for_each_publication(client: TestClient, session: Session) -> None:
    published(
        session, None, [value("2025", "39.2", indicator="forest_cover", source="film-2020")], reason="2025年公报 <b>"
    )
    root = fromstring(client.get("/feeds/plan.atom").content)  # noqa: S314 -- our own answer
    atom = {"a": "http://www.w3.org/2005/Atom"}
    assert [one.text for one in root.findall("a:entry/a:title", atom)] == ["2025年公报 <b>", founding.REASON]
    assert "39.2%" in (root.find("a:entry/a:summary", atom).text or "")  # pyright: ignore[reportOptionalMemberAccess]


def test_the_same_values_are_there_as_sdmx(client: TestClient) -> None:
    rows = rows_of(client.get("/data/observations.sdmx.csv").text)
    film = next(row for row in rows if row["INDICATOR"] == "film_recovery")
    assert (film["FREQ"], film["REF_AREA"], film["TIME_PERIOD"], film["OBS_VALUE"], film["OBS_STATUS"]) == (
        "A", "620500", "2020", "83.25", "A",
    )  # fmt: skip
    assert film["STRUCTURE_ID"] == "TIANSHUI:GREEN_ECONOMY_2022(1.0)"


def test_the_columns_of_the_indicators_are_those_of_their_metadata(client: TestClient) -> None:
    columns = client.get("/data/indicators.csv-metadata.json").json()["tableSchema"]["columns"]
    rows = rows_of(client.get("/data/indicators.csv").text)
    assert [one["name"] for one in columns] == list(rows[0])
    assert len(rows) == 17


def exposure(**changes: object) -> Exposure:
    facts: dict[str, object] = {
        "subject": "某某公司", "county_code": "620502", "article": 18, "what": words("偷排污水"), "source": "film-2020",
        "legal_basis": "水污染防治法第八十三条", "decision_number": "天环罚〔2026〕1号", "decided_on": date(2026, 3, 1),
        "decided_by": "市生态环境局", "until": date(2027, 3, 1),
    }  # fmt: skip
    return Exposure.model_validate({**facts, **changes}, strict=False)


def test_an_exposure_shows_law_number_and_date_and_goes_away_on_its_day(client: TestClient, session: Session) -> None:
    published(session, {(Kind.EXPOSURE, "one"): exposure()})
    text = client.get("/plan/exposures").text
    for part in ("某某公司", "水污染防治法第八十三条", "天环罚〔2026〕1号", "尚未整改"):
        assert part in text
    assert len(client.get("/plan/exposures.json").json()) == 1
    assert "某某公司" in client.get("/plan?view=counties&county=620502").text
    with clock.at(datetime(2027, 3, 2, 4, tzinfo=UTC)):
        assert "某某公司" not in client.get("/plan/exposures").text
        assert client.get("/plan/exposures.json").json() == []
        for path in ("/plan.json", "/plan.json?on=2026-12-01", "/plan/changes", "/feeds/plan.atom"):
            assert "某某公司" not in client.get(path).text, path


@pytest.mark.parametrize("changes", [
    {"until": date(2026, 3, 1)}, {"until": date(2029, 6, 1)}, {"rectified_on": date(2026, 2, 1)}, {"legal_basis": ""},
    {"decision_number": " "},
])  # fmt: skip
def test_an_exposure_that_is_not_lawful_cannot_be_written(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"day after|three years|rectified|at least 1"):
        exposure(**changes)


def test_a_claim_and_what_was_found_stand_side_by_side(client: TestClient, session: Session) -> None:
    claim = Claim(
        body="秦州区", status=ClaimStatus.DONE, said_on=date(2026, 1, 5), text=words("已建成"), source="film-2020"
    )
    finding = Finding(stage=Stage.NONE_FOUND, searched_on=date(2026, 6, 1), text=words("没有查到"))
    published(session, {(Kind.CLAIM, "c01"): claim, (Kind.FINDING, "c01"): finding})
    text = client.get("/plan/articles/11").text
    assert "两种说法不一致" in text
    assert text.index("已建成") < text.index("没有查到")


def test_a_resident_follows_an_article_and_stops(client: TestClient, session: Session) -> None:
    resident = make_resident(session)
    sign_in_resident(client, session, resident)
    form = {"csrf_token": token_on(client, "/plan/articles/18"), "subject": "article:18", "wish": "follow"}
    assert (
        client.post("/plan/follow", data=form, follow_redirects=False)
        .headers["location"]
        .startswith("/plan/articles/18")
    )
    assert "你已关注" in client.get("/plan/articles/18").text
    assert "加大立法执法力度" in client.get("/plan?view=me").text
    client.post("/plan/follow", data={**form, "wish": "unfollow"})
    assert queries.followed(session, resident.resident_id) == set()
    assert client.post("/plan/follow", data={**form, "subject": "article:99"}).status_code == 404


def test_a_place_finds_its_county(client: TestClient) -> None:
    centre = city().county("620503").centre
    assert "麦积区" in client.get(f"/plan?view=counties&lat={centre[0]}&lon={centre[1]}").text
    assert client.get("/plan?view=counties&lat=x&lon=9999").status_code == 200


def test_what_the_plan_does_not_have_is_not_found(client: TestClient) -> None:
    for path in ("/plan/articles/28", "/plan/indicators/joy", "/plan/indicators/joy.csv", "/data/plan-1999.json"):
        assert client.get(path).status_code == 404, path


def test_a_frozen_year_can_be_checked_by_its_digest(client: TestClient, session: Session) -> None:
    with clock.at(datetime(2027, 2, 1, tzinfo=UTC)):
        snapshots.freeze_last_year(session)
    frozen = client.get("/data/plan-2026.json").json()
    assert snapshots.digest(frozen["content"]) == frozen["sha256"]
    assert json.dumps(frozen["content"])
