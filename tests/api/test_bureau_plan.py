"""The desk's room for the plan: from a draft to a publication by two people, in forms that say what is wrong."""

import re
from datetime import UTC, datetime
from uuid import UUID

import pytest
from httpx2 import Response
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.bureau.plan_forms import texts_of
from backend.cities import city
from backend.core import clock
from backend.core.actor import Role
from backend.core.ids import new_id
from backend.plan import editions, queries
from backend.plan.models import PlanSubmission
from backend.plan.rules import Kind, State
from backend.plan.schemas import BODIES
from backend.plan.service import founding
from tests.factories.desk import Desk, sit_down
from tests.factories.plan import published, value
from tests.factories.web import token_on

HEAD = "indicator,area,period,dimension,value,status,source,quote\r\n"


@pytest.fixture(autouse=True)
def plan(session: Session) -> None:
    with clock.at(datetime(2026, 7, 1, 4, tzinfo=UTC)):
        founding.found(session, city())
    session.flush()


@pytest.fixture
def desk(client: TestClient, session: Session) -> Desk:
    return sit_down(client, session, Role.PLAN_EDITOR, None)


@pytest.fixture
def judge(client: TestClient, desk: Desk, session: Session) -> Desk:
    del desk
    other = TestClient(client.app, base_url="https://testserver", follow_redirects=False)
    return sit_down(other, session, Role.PLAN_PUBLISHER, None)


def begin(desk: Desk) -> str:
    answer = desk.post("/bureau/plan/drafts", id=str(new_id()), title="2025年公报", reason="统计公报公布")
    assert answer.status_code == 303
    return answer.headers["location"]


def draft_of(session: Session, address: str) -> PlanSubmission:
    session.expire_all()
    found = session.get(PlanSubmission, UUID(address.rsplit("/", 1)[-1]))
    assert found is not None
    return found


def send(desk: Desk, address: str, path: str, **form: object) -> Response:
    version = draft_of(desk.session, address).version
    return desk.post(f"{address}{path}", **{"version": str(version), **form})


VALUE = {
    "indicator": "forest_cover", "area": "620500", "period": "2025", "value": "39.2", "status": "A",
    "source": "film-2020", "quote": "第3页",
}  # fmt: skip


def test_a_figure_goes_from_a_form_to_the_public_page_by_two_people(
    client: TestClient, session: Session, desk: Desk, judge: Desk
) -> None:
    address = begin(desk)
    assert send(desk, address, "/values", **VALUE).status_code == 303
    assert "39.2%" in desk.get(f"{address}/preview").text
    assert "39.2%" in desk.get(f"{address}/preview/indicators/forest_cover").text
    assert "39.2%" not in client.get("/plan").text
    assert send(desk, address, "/steps/submit").status_code == 303
    refused = send(desk, address, "/steps/approve")
    assert (refused.status_code, "Another person" in refused.text) == (403, True)
    assert send(judge, address, "/steps/approve").status_code == 303
    assert send(judge, address, "/steps/publish").status_code == 303
    assert "39.2%" in client.get("/plan/indicators/forest_cover").text
    assert draft_of(session, address).state is State.PUBLISHED


def test_a_publisher_does_not_approve_the_own_draft(session: Session, judge: Desk) -> None:
    address = begin(judge)
    send(judge, address, "/values", **VALUE)
    send(judge, address, "/steps/submit")
    assert send(judge, address, "/steps/approve").status_code == 403
    assert draft_of(session, address).state is State.SUBMITTED


@pytest.mark.parametrize(("field", "text", "sentence"), [
    ("value", "98％", "write the number alone: 98"), ("value", "about 98", "is no number"),
    ("value", "139", "outside the limits"), ("period", "2025年底", "write 2025"), ("status", "Z", "must be A, E, P"),
    ("value", "", "has the status M"),
])  # fmt: skip
def test_a_wrong_figure_stays_in_the_form_with_one_sentence(
    session: Session, desk: Desk, field: str, text: str, sentence: str
) -> None:
    address = begin(desk)
    answer = send(desk, address, "/values", **{**VALUE, field: text})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "第3页" in answer.text
    assert queries.contents(session, draft_of(session, address).id).observations == []


def test_a_draft_is_returned_with_words_and_can_be_changed_again(session: Session, desk: Desk, judge: Desk) -> None:
    address = begin(desk)
    send(desk, address, "/values", **VALUE)
    send(desk, address, "/steps/submit")
    assert send(desk, address, "/values", **{**VALUE, "value": "40"}).status_code == 409
    assert "why" in send(judge, address, "/steps/return").text
    assert send(judge, address, "/steps/return", answer="出处不对").status_code == 303
    assert "出处不对" in desk.get(address).text
    assert send(desk, address, "/values", **{**VALUE, "value": "40"}).status_code == 303
    assert [str(one.value) for one in queries.contents(session, draft_of(session, address).id).observations] == [
        "40.000000"
    ]


def test_the_second_of_two_editors_sees_what_changed(session: Session, desk: Desk) -> None:
    address = begin(desk)
    send(desk, address, "/values", **VALUE)
    published(session, None, [value("2025", "38", indicator="forest_cover", source="film-2020")])
    refused = send(desk, address, "/steps/submit")
    assert (refused.status_code, "forest_cover/620500/2025" in refused.text) == (409, True)
    page = desk.get(address).text
    assert "38%" in page
    assert "keep mine" in page
    assert send(desk, address, "/rebase").status_code == 303
    assert send(desk, address, "/steps/submit").status_code == 303


def test_a_form_from_an_older_version_writes_nothing(session: Session, desk: Desk) -> None:
    address = begin(desk)
    send(desk, address, "/values", **VALUE)
    stale = desk.post(f"{address}/values", version="1", **{**VALUE, "value": "41"})
    assert stale.status_code == 409
    assert "Someone changed this draft" in stale.text
    assert len(queries.contents(session, draft_of(session, address).id).observations) == 1


def test_a_list_is_shown_line_by_line_and_taken_over_by_choice(session: Session, desk: Desk) -> None:
    address = begin(desk)
    content = (
        HEAD + "forest_cover,620500,2024,,38.1,A,film-2020,\r\nforest_cover,620500,2025年底,,98％,A,film-2020,\r\n"
    )
    answer = desk.client.post(
        f"{address}/lists",
        data={"csrf_token": desk.token, "list_id": str(new_id())},
        files={"file": ("values.csv", content.encode(), "text/csv")},
    )
    where = answer.headers["location"]
    page = desk.get(where).text
    assert "write 2025" in page
    assert "write the number alone: 98" in page
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen
    refused = desk.post(where, version="1", seen=seen[1])
    assert (refused.status_code, "Nothing was written" in refused.text) == (422, True)
    assert desk.post(where, version="1", seen=seen[1], leave_out="3").status_code == 303
    assert [one.period for one in queries.contents(session, draft_of(session, address).id).observations] == ["2024"]


def test_a_file_that_is_no_list_gets_one_sentence(desk: Desk) -> None:
    address = begin(desk)
    answer = desk.client.post(
        f"{address}/lists",
        data={"csrf_token": desk.token, "list_id": str(new_id())},
        files={"file": ("scan.pdf", b"%PDF-1.7 \xff\xfe\x00\x01", "application/pdf")},
    )
    assert (answer.status_code, "cannot be read as a CSV or XLSX list" in answer.text) == (422, True)


def test_the_downloads_are_what_is_taken_in(desk: Desk) -> None:
    assert desk.get("/bureau/plan/observations.csv").text.startswith("\ufeffindicator,area,period")
    assert desk.get("/bureau/plan/observations.xlsx").content.startswith(b"PK")


EXPOSURE = {
    "subject": "某某公司", "county_code": "620502", "article": "18", "what_zh": "偷排污水", "what_en": "Dumped sewage",
    "legal_basis": "水污染防治法第八十三条", "decision_number": "天环罚〔2026〕1号", "decided_on": "2026-03-01",
    "decided_by": "市生态环境局", "until": "2027-03-01",
}  # fmt: skip


def test_an_exposure_is_written_changed_and_ended(session: Session, desk: Desk) -> None:
    address = begin(desk)
    assert send(desk, address, "/entries/exposure/new", **EXPOSURE).status_code == 303
    (document,) = queries.contents(session, draft_of(session, address).id).documents
    again = send(desk, address, f"/entries/exposure/{document.key}", **{**EXPOSURE, "rectified_on": "2026-05-01"})
    assert again.status_code == 303
    assert "某某公司" in desk.get(f"{address}/preview/exposures").text
    session.expire_all()
    (document,) = queries.contents(session, draft_of(session, address).id).documents
    assert (document.body or {})["rectified_on"] == "2026-05-01"
    assert send(desk, address, f"/documents/{document.id}/drop").status_code == 303
    assert queries.contents(session, draft_of(session, address).id).documents == []


@pytest.mark.parametrize(("changes", "sentence"), [
    ({"until": "2031-01-01"}, "three years at most"), ({"legal_basis": ""}, "fill this in"),
    ({"decided_on": "yesterday"}, "Please check this"),
])  # fmt: skip
def test_what_makes_an_exposure_unlawful_stands_beside_the_form(
    desk: Desk, changes: dict[str, str], sentence: str
) -> None:
    answer = send(desk, begin(desk), "/entries/exposure/new", **{**EXPOSURE, **changes})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "偷排污水" in answer.text


def test_what_a_body_says_is_kept_under_its_promise(session: Session, desk: Desk) -> None:
    address = begin(desk)
    claim = {
        "about": "c01", "body": "秦州区", "status": "done", "said_on": "2026-01-05", "text_zh": "已建成", "text_en": "Done",
        "source": "film-2020",
    }  # fmt: skip
    assert send(desk, address, "/entries/claim/new", **claim).status_code == 303
    assert [one.key for one in queries.contents(session, draft_of(session, address).id).documents] == ["c01"]
    nothing = send(desk, address, "/entries/claim/new", **{**claim, "about": ""})
    assert (nothing.status_code, "fill this in" in nothing.text) == (422, True)


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_entry_has_a_form_in_both_languages(desk: Desk, kind: Kind) -> None:
    address = begin(desk)
    plan = editions.edition(desk.session)
    key = {Kind.PLAN: plan.plan.key, Kind.ARTICLE: "11", Kind.PART: "1", Kind.BASELINE: "t07"}.get(kind, "new")
    assert desk.get(f"{address}/entries/{kind.value}").status_code == 200
    for lang in ("zh", "en"):
        page = desk.client.get(f"{address}/entries/{kind.value}/{key}", headers={"Accept-Language": lang})
        assert page.status_code == 200
        for name in BODIES[kind].model_fields:
            assert f">{name}<" not in page.text


@pytest.mark.parametrize(("kind", "key"), [
    (Kind.PLAN, "green-economy-2022"), (Kind.ARTICLE, "11"), (Kind.PART, "1"), (Kind.INDICATOR, "film_recovery"),
    (Kind.TARGET, "t08"), (Kind.COMMITMENT, "c01"), (Kind.SOURCE, "film-2020"), (Kind.BASELINE, "t07"),
])  # fmt: skip
def test_a_form_that_is_sent_as_it_came_changes_nothing(session: Session, desk: Desk, kind: Kind, key: str) -> None:
    address = begin(desk)
    known = editions.public_entry(session, kind, key)
    form: dict[str, object] = {}
    for name, texts in texts_of(known, key).items():
        if name in {"key", "about", "text_sha256"}:
            continue
        field = BODIES[kind].model_fields[name]
        if "Words" in str(field.annotation) and "tuple" not in str(field.annotation):
            form |= dict(zip((f"{name}_zh", f"{name}_en"), texts, strict=False))
        elif "Words" in str(field.annotation) or "CanDo" in str(field.annotation):
            form[name] = "\r\n".join(texts)
        else:
            form[name] = list(texts)
    answer = send(desk, address, f"/entries/{kind.value}/{key}", **form)
    assert answer.status_code == 303, answer.text
    assert editions.entry_in_draft(session, draft_of(session, address), kind, key) == known


def test_an_entry_ends_and_what_names_it_stands_in_the_way(desk: Desk) -> None:
    address = begin(desk)
    assert send(desk, address, "/entries/source/film-2020", wish="end").status_code == 303
    page = desk.get(address).text
    assert "has to be mended first" in page
    assert send(desk, address, "/steps/submit").status_code == 422


def test_the_room_names_the_figures_that_are_due(desk: Desk) -> None:
    text = desk.get("/bureau/plan").text
    assert "Figures that are due" in text
    for tab in ("waiting", "published", "discarded", "nonsense"):
        assert desk.get(f"/bureau/plan?tab={tab}").status_code == 200


def test_who_approves_begins_with_what_waits(desk: Desk, judge: Desk) -> None:
    address = begin(desk)
    assert send(desk, address, "/values", **VALUE).status_code == 303
    assert send(desk, address, "/steps/submit").status_code == 303
    assert 'href="/bureau/plan?tab=open" aria-current="page"' in desk.get("/bureau/plan").text
    assert 'href="/bureau/plan?tab=waiting" aria-current="page"' in judge.get("/bureau/plan").text


def test_a_resident_cannot_look_at_a_draft(client: TestClient, desk: Desk) -> None:
    address = begin(desk)
    stranger = TestClient(client.app, base_url="https://testserver", follow_redirects=False)
    assert token_on(stranger, "/plan")
    assert stranger.get(f"{address}/preview").status_code == 303
