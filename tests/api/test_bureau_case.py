"""The case page: everything that was sent and done, and nothing of who sent it."""

import re

import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.cases import service as cases
from backend.cities import city
from backend.core.actor import Role
from backend.core.ids import new_id
from backend.media import service as media
from backend.media.models import Photo
from backend.reports import rules as report_rules
from backend.reports import service as reports
from backend.reports.schemas import SendMessage
from backend.vault import service as vault
from tests.factories.desk import Desk, arrive, sit_down
from tests.factories.reports import IN_MAIJI, QINZHOU
from tests.fixtures import photos

PHONE = "13893817306"


@pytest.fixture
def desk(client: TestClient, session: Session) -> Desk:
    return sit_down(client, session)


def take_photo(session: Session, *, lat: float | None = None, lon: float | None = None) -> Photo:
    told = {"taken_at": "2026-11-20T08:15:30", "lat": lat, "lon": lon}
    photo = media.take_in(session, new_id(), photos.jpeg(), told)
    session.commit()
    return photo


def test_facts_photos_answers_messages_and_history_are_shown(desk: Desk, session: Session):
    photo = take_photo(session, lat=IN_MAIJI[0], lon=IN_MAIJI[1])
    received = arrive(session, photo_ids=[photo.id], landmark="花牛镇桥头")
    reports.add_details(session, city(), received.report, new_id(), {"when": "night", "outlet": "pipe"})
    reports.write(session, received.report, SendMessage(id=new_id(), text="在南岸"))
    cases.hear(session, received.report.id)
    session.commit()
    page = desk.get(f"/bureau/cases/{received.case.number}").text
    for shown in (
        "花牛镇桥头",
        "河边有人偷排污水",
        "At night",
        "A pipe",
        "在南岸",
        "±18",
        "Report received",
        'class="map ',
    ):
        assert shown in page
    assert f'href="/bureau/photos/{photo.id}/1600"' in page
    assert "Next step" in page


def test_that_a_case_was_read_is_recorded(desk: Desk, session: Session):
    case = arrive(session).case
    desk.get(f"/bureau/cases/{case.number}")
    (entry,) = desk.recorded("case_read")
    assert (entry.actor, entry.subject) == (f"staff:{desk.member.staff_id}", f"case:{case.number}")


def test_a_photo_taken_far_from_the_place_is_pointed_out_without_its_coordinates(desk: Desk, session: Session):
    far = take_photo(session, lat=IN_MAIJI[0] + 0.03, lon=IN_MAIJI[1])
    near = take_photo(session, lat=IN_MAIJI[0] + 0.001, lon=IN_MAIJI[1])
    case = arrive(session, photo_ids=[far.id, near.id]).case
    page = desk.get(f"/bureau/cases/{case.number}").text
    assert "taken 3.3 km from the place" in page
    assert "taken 111 m from the place" in page
    assert not re.search(r"34\.6\d*, 105", page)


def test_nothing_on_the_desk_tells_who_reported(desk: Desk, session: Session):
    """S-25, S-29: no number, no id, no receipt; two cases of one person share nothing that could be compared."""
    first, second = arrive(session, words="甲"), arrive(session, words="乙", kind="noise")
    for received in (first, second):
        reports.leave_phone(session, received.report, PHONE)
    session.commit()
    assert vault.subjects_with(session, [report_rules.owner_of(first.report.id)], "phone")
    seen = [
        desk.get(f"{prefix}/cases/{one.case.number}").text
        for one in (first, second)
        for prefix in ("/bureau", "/api/v1/bureau")
    ]
    seen += [desk.get("/bureau").text, desk.get("/api/v1/bureau/cases").text]
    secrets = [PHONE, PHONE[-4:]]
    for received in (first, second):
        report = received.report
        secrets += [str(report.id), report.id.hex, received.sent.receipt.code, received.sent.receipt.shown]
        secrets += [report.receipt_digest.hex(), report.body_digest.hex()]
    assert [secret for secret in secrets for text in seen if secret in text] == []


def test_what_goes_out_and_what_stays_inside_look_different(desk: Desk, session: Session):
    case = arrive(session).case
    desk.step(case, "decline", decline_reason="too_vague", answer="没找到地方", reason="去了两次")
    page = desk.get(f"/bureau/cases/{case.number}").text
    assert re.search(r'class="told".*?Told to the reporters</span> 没找到地方', page, re.DOTALL)
    assert re.search(r'class="kept-inside".*?Inside only</span> 去了两次', page, re.DOTALL)
    assert desk.member.name in page


def test_reporters_have_a_rank_and_their_own_mailbox(desk: Desk, session: Session):
    case = arrive(session).case
    arrive(session, joins=case.number)
    page = desk.get(f"/bureau/cases/{case.number}").text
    for shown in ("Reporter 1", "Reporter 2", "First to report", "Write to reporter 2", "Write to all reporters"):
        assert shown in page


@pytest.mark.parametrize(("path", "status"), [("160", 200), ("480", 200), ("1600", 200), ("200", 404), ("x", 422)])
def test_a_photo_comes_in_its_three_sizes(desk: Desk, session: Session, path: str, status: int):
    photo = take_photo(session)
    arrive(session, photo_ids=[photo.id])
    answer = desk.get(f"/bureau/photos/{photo.id}/{path}")
    assert answer.status_code == status
    if status == 200:
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["cache-control"] == "no-store"
    assert len(desk.recorded("photo_read")) == (1 if path == "1600" else 0)


def test_a_foreign_photo_an_unknown_one_and_one_nobody_claimed_are_the_same_404(desk: Desk, session: Session):
    """S-15, S-16."""
    foreign, unclaimed = take_photo(session), take_photo(session)
    arrive(session, photo_ids=[foreign.id], county_code=QINZHOU)
    answers = [desk.get(f"/bureau/photos/{one}/480") for one in (foreign.id, unclaimed.id, new_id())]
    assert [answer.status_code for answer in answers] == [404] * 3
    pages = {re.sub(r'name="next" value="[^"]+"', "", answer.text) for answer in answers}
    assert len(pages) == 1
    assert len(desk.recorded("authz_denied")) == 3


def test_a_photo_follows_its_case_to_another_county(client: TestClient, session: Session):
    """S-18: an address that was handed out before shows nothing after the case has moved."""
    photo = take_photo(session)
    case = arrive(session, photo_ids=[photo.id]).case
    officer = sit_down(client, session)
    assert officer.get(f"/bureau/photos/{photo.id}/480").status_code == 200
    sit_down(client, session, Role.CITY_TRIAGE).step(case, "move", county_code=QINZHOU, reason="属于秦州")
    assert sit_down(client, session).get(f"/bureau/photos/{photo.id}/480").status_code == 404


def test_a_photo_sent_with_a_message_can_be_seen(desk: Desk, session: Session):
    received, photo = arrive(session), take_photo(session)
    reports.write(session, received.report, SendMessage(id=new_id(), text="", photo_ids=[photo.id]))
    session.commit()
    assert f"/bureau/photos/{photo.id}/160" in desk.get(f"/bureau/cases/{received.case.number}").text
    assert desk.get(f"/bureau/photos/{photo.id}/160").status_code == 200


def test_a_confirmation_is_not_shown_for_what_was_not_done(desk: Desk, session: Session):
    case = arrive(session).case
    for done in ("accept", "close", "x", "<b>"):
        assert 'role="status"' not in desk.get(f"/bureau/cases/{case.number}?done={done}").text


def test_templates_are_offered_with_what_is_known_written_in(desk: Desk, session: Session):
    case = arrive(session, kind="noise").case
    page = desk.get(f"/bureau/cases/{case.number}").text
    assert f"Your report ({case.number}) is accepted" in page
    assert re.search(r'data-text="[^"]*110[^"]*"\s+data-reason="out_of_remit"\s+data-body="police"', page)
    assert "Templates to copy" in page


def test_nothing_of_a_case_is_kept_by_the_browser(desk: Desk, session: Session):
    case = arrive(session).case
    for path in ("/bureau", f"/bureau/cases/{case.number}", "/api/v1/bureau/cases"):
        assert desk.get(path).headers["cache-control"] == "no-store"
