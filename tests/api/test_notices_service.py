"""What a resident is told stands in one inbox, goes out as a text only by agreement, and leaves with the account."""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import text
from sqlmodel import Session, select
from starlette.testclient import TestClient

from backend import worker
from backend.accounts.residents import own_data, parts
from backend.accounts.residents import service as residents
from backend.accounts.residents.rules import Purpose, subject_of
from backend.audit.models import AuditEntry
from backend.cities import city
from backend.core import clock, db
from backend.core.actor import Role
from backend.core.config import get_settings
from backend.core.ids import new_id
from backend.honours import service as honours
from backend.honours.rules import Step
from backend.honours.schemas import Decide
from backend.notices import jobs, service
from backend.notices.models import Notice
from backend.notices.sms import outbox_path
from backend.notices.texts import PATHS, RESIDENT_SMS_SENTENCE, SENTENCES, NoticeCode
from backend.notices.wording import told
from backend.web.templates import translate
from tests.factories.accounts import make_staff
from tests.factories.honours import applied
from tests.factories.residents import Neighbour, make_resident, sign_in_resident

Sent = Callable[[], list[Mapping[str, str]]]
TEXTED = (Purpose.ACCOUNT, Purpose.POINTS, Purpose.TEXTS)
TITLE = {"title_zh": "绿色家庭", "title_en": "Green household", "until_on": "2028-11-25"}


@pytest.fixture
def sent() -> Sent:
    """Return what has gone out since the test began."""
    path = outbox_path(get_settings())

    def lines() -> list[Mapping[str, str]]:
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []

    before = len(lines())
    return lambda: lines()[before:]


def tell(session: Session, *who: Neighbour, until: str = "2028-11-25") -> None:
    values = TITLE | {"until_on": until}
    service.tell(session, [subject_of(one.resident_id) for one in who], NoticeCode.HONOUR_GRANTED, **values)


def waiting(session: Session) -> list[str]:
    """Return the notices of which a text was promised."""
    query = text("SELECT args->>'notice_id' FROM procrastinate_jobs WHERE task_name = :name ORDER BY id")
    return list(session.execute(query, {"name": service.TEXT_JOB}).scalars())


def texts(session: Session, neighbour: Neighbour) -> list[str]:
    return [told(one, "zh").text for one in service.inbox(session, subject_of(neighbour.resident_id))]


def decide(session: Session, application: Any, *steps: Step) -> None:
    """Let two editors take the steps in turn."""
    for number, step in enumerate(steps):
        editor = make_staff(session, Role.PROGRAMME_EDITOR, name=f"编辑{number}").actor
        session.refresh(application)
        form = Decide(version=application.version, reason="楼道里还有煤堆")
        honours.take_step(session, city(), editor, application.id, step, form)


@pytest.mark.parametrize(
    ("steps", "sentences"),
    [
        ([Step.PROPOSE], []),
        ([Step.PROPOSE, Step.SEND_BACK], []),
        ([Step.PROPOSE, Step.GRANT], ["恭喜"]),
        ([Step.REFUSE], ["没有通过"]),
        ([Step.PROPOSE, Step.GRANT, Step.REVOKE], ["已撤销", "恭喜"]),
    ],
)
def test_the_applicant_is_told_what_was_decided(session: Session, steps: list[Step], sentences: list[str]):
    family = make_resident(session)
    decide(session, applied(session, family), *steps)
    found = texts(session, family)
    assert len(found) == len(sentences)
    for sentence in found:
        assert "绿色家庭" in sentence
        assert any(words in sentence for words in sentences)


def test_every_code_can_be_told_in_both_languages_and_leads_somewhere():
    for code in NoticeCode:
        params = TITLE | {"entry": "7", "page": "articles/7", "state_zh": "逾期未公布", "state_en": "overdue"}
        for lang in ("zh", "en"):
            line = told(Notice(id=new_id(), subject="resident:x", code=code.value, params=params, at=clock.now()), lang)  # pyright: ignore[reportArgumentType]
            assert line.text
            assert "%(" not in line.text
            assert (line.path is not None) is (code in PATHS)
    assert set(SENTENCES) == set(NoticeCode)


def test_names_and_days_are_those_of_the_reader(session: Session):
    neighbour = make_resident(session)
    tell(session, neighbour)
    (notice,) = service.inbox(session, subject_of(neighbour.resident_id))
    assert told(notice, "en").text == "Congratulations! You hold the title Green household until 25 Nov 2028."
    assert "绿色家庭" in told(notice, "zh").text
    assert "2028年11月25日" in told(notice, "zh").text


def test_a_text_goes_only_to_those_who_agreed_and_says_nothing_of_the_matter(session: Session, sent: Sent):
    quiet, loud = make_resident(session), make_resident(session, consents=TEXTED)
    tell(session, quiet, loud)
    (notice_id,) = waiting(session)
    jobs.text_resident(session, notice_id)
    assert [line["to"] for line in sent()] == [loud.phone]
    opened = session.exec(select(AuditEntry).where(AuditEntry.action == "phone_opened")).all()
    assert [entry.facts["reason"] for entry in opened] == ["news by SMS"]
    assert sent()[0]["text"] == translate("zh", RESIDENT_SMS_SENTENCE)


def test_no_text_after_the_agreement_ended_or_the_notice_was_read(session: Session, sent: Sent):
    taken_back, has_read = (make_resident(session, consents=TEXTED) for _ in range(2))
    tell(session, taken_back, has_read)
    residents.withdraw_consent(session, taken_back.actor, Purpose.TEXTS)
    service.mark_read(session, subject_of(has_read.resident_id))
    for notice_id in waiting(session):
        session.expire_all()
        jobs.text_resident(session, notice_id)
    assert sent() == []


def test_a_deleted_account_is_told_nothing_and_takes_its_inbox_along(session: Session, sent: Sent):
    gone, stays = make_resident(session, consents=TEXTED), make_resident(session)
    tell(session, gone, stays)
    residents.delete(session, gone.actor)
    for notice_id in waiting(session):
        session.expire_all()
        jobs.text_resident(session, notice_id)
    tell(session, gone)
    assert (texts(session, gone), len(texts(session, stays)), sent()) == ([], 1, [])


def test_the_file_of_ones_own_data_holds_what_one_was_told(session: Session):
    neighbour = make_resident(session)
    tell(session, neighbour)
    (mine,) = own_data.export(session, neighbour.actor)["notices"]  # pyright: ignore[reportGeneralTypeIssues, reportUnknownVariableType]
    assert mine["text"].startswith("恭喜")  # pyright: ignore[reportUnknownMemberType] -- in the account's language


def test_the_newest_stands_on_the_account_and_is_seen_once_it_was_shown(client: TestClient, session: Session):
    neighbour = make_resident(session)
    for year in range(2028, 2033):
        tell(session, neighbour, until=f"{year}-01-02")
    session.commit()
    sign_in_resident(client, session, neighbour)
    client.headers["accept-language"] = "en"
    page = client.get("/account").text
    years = [year for year in range(2028, 2033) if f"2 Jan {year}" in page]
    assert years == [2030, 2031, 2032]
    assert page.index("2 Jan 2032") < page.index("2 Jan 2031")
    assert page.count("inbox__new") == 3
    assert 'href="/honours#mine"' in page
    assert "inbox__new" not in client.get("/account").text
    everything = client.get("/account/inbox").text
    assert [everything.count("inbox__item--unread"), everything.count("inbox__text")] == [2, 5]


def test_a_long_inbox_is_read_on(client: TestClient, session: Session):
    neighbour = make_resident(session)
    for _ in range(30):
        tell(session, neighbour)
    session.commit()
    sign_in_resident(client, session, neighbour)
    first = client.get("/account/inbox").text
    address = first.split("/account/inbox?after=")[1].split('"')[0]
    second = client.get(f"/account/inbox?after={address}").text
    assert (first.count("inbox__text"), second.count("inbox__text")) == (25, 5)
    assert client.get("/account/inbox?after=forged").status_code == 422


def test_nobody_sees_the_inbox_of_another(client: TestClient, session: Session):
    tell(session, make_resident(session))
    session.commit()
    sign_in_resident(client, session, make_resident(session))
    assert "inbox__text" not in client.get("/account/inbox").text


@pytest.mark.usefixtures("app")
def test_an_account_has_one_place_for_news():
    assert len(list(parts.tellers())) == 1


def test_what_is_told_once_is_not_told_again(session: Session):
    first, second = make_resident(session, consents=TEXTED), make_resident(session)
    code, day = NoticeCode.COUPONS_END_SOON, "2026-11-28"
    subjects = [subject_of(one.resident_id) for one in (first, second)]
    assert service.tell(session, subjects[:1], code, once=day, until_on=day) == 1
    assert service.tell(session, subjects, code, once=day, until_on=day) == 1
    assert service.tell(session, subjects, code, once="2026-11-29", until_on="2026-11-29") == 2
    assert [len(texts(session, one)) for one in (first, second)] == [2, 2]
    assert len(waiting(session)) == 2


def test_what_is_unread_is_counted(session: Session):
    neighbour = make_resident(session)
    subject = subject_of(neighbour.resident_id)
    tell(session, neighbour, make_resident(session))
    tell(session, neighbour)
    assert service.unread(session, subject) == 2
    service.mark_read(session, subject)
    assert service.unread(session, subject) == 0


def test_notices_are_kept_as_long_as_their_data_class_says(session: Session):
    classes = yaml.safe_load((Path(db.__file__).parent / "data_classes.yaml").read_text("utf-8"))
    assert service.KEPT.days == classes["notice"]["retention"]
    neighbour, now = make_resident(session), clock.now()
    for age in (service.KEPT + timedelta(minutes=1), service.KEPT - timedelta(minutes=1)):
        with clock.at(now - age):
            tell(session, neighbour)
    with clock.at(now):
        assert service.sweep(session) == 1
        assert service.sweep(session) == 0
    assert len(texts(session, neighbour)) == 1


def test_the_worker_sweeps_notices_and_reminds_of_coupons():
    names = {name for name, _ in worker.app.periodic_registry.periodic_tasks}
    assert {"notices.sweep", "coupons.remind"} <= names


@pytest.mark.parametrize("path", ["/", "/green", "/coupons", "/points", "/household", "/account/export"])
def test_what_is_unread_marks_the_way_to_it_until_it_was_shown(client: TestClient, session: Session, path: str):
    """On pages that no cache keeps: with the resident's cookie every page is one."""
    neighbour = make_resident(session)
    tell(session, make_resident(session))
    session.commit()
    sign_in_resident(client, session, neighbour)
    assert "tabs__mark" not in client.get(path).text
    tell(session, neighbour)
    tell(session, neighbour)
    session.commit()
    client.headers["accept-language"] = "en"
    marked = client.get(path)
    assert marked.headers["cache-control"] == "no-store"
    assert marked.text.count("tabs__mark") == 1
    assert 'Me<span class="visually-hidden">2 new messages</span>' in marked.text
    client.get("/account")
    assert "tabs__mark" not in client.get(path).text


def test_a_stranger_sees_no_mark_and_the_page_stays_as_it_was(client: TestClient, session: Session):
    tell(session, make_resident(session))
    session.commit()
    page = client.get("/")
    assert page.headers["cache-control"] == "private, no-cache"
    assert "tabs__mark" not in page.text
