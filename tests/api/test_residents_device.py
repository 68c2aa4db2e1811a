"""After a sign-in this phone's own history is shown and asked about: taken over, left here, or somebody else's phone."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from httpx2 import Response
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from backend.accounts.residents import kept, parts
from backend.accounts.residents.errors import GuardianNeeded, PointsConsentNeeded
from backend.accounts.residents.rules import FOREIGN_LIFE, KEPT_LIFE, Purpose
from backend.accounts.residents.service import carry_over
from backend.activities import claiming, intake
from backend.activities.models import Activity
from backend.activities.rules import State
from backend.cities import city
from backend.core import clock
from backend.web.models import WebSession
from backend.web.sessions import LIFETIMES, Audience
from tests.factories.activities import balance, fill_fund, log, say
from tests.factories.reports import send
from tests.factories.residents import (
    Neighbour,
    code_for,
    make_resident,
    new_phone,
    sign_in_resident,
)
from tests.factories.web import token_on

# Imported for what it registers: no route is asked here that would.
ACCOUNT_PARTS = claiming
DEVICE = "/account/device"
ASKED = 'name="ids"'


@pytest.fixture(autouse=True)
def filled(session: Session) -> None:
    fill_fund(session)


def before_sign_in(session: Session, **more: object) -> UUID:
    """Log something that nobody owns yet."""
    found = intake.log_before_sign_in(session, city(), say(**more)).id  # pyright: ignore[reportArgumentType]
    session.commit()
    return found


def tap(client: TestClient, behaviour: str = "walk", quantity: str = "1") -> None:
    """Tap a tile without an account."""
    form = {"csrf_token": token_on(client, "/green"), "id": str(uuid4()), "behaviour": behaviour, "quantity": quantity}
    assert client.post("/green/log", data=form).headers["location"] == "/green/kept"


def sign_in(client: TestClient, session: Session, phone: str, next_path: str = "/help") -> Response:
    """Sign in as people do, by number and six digits."""
    asked = {"csrf_token": token_on(client, "/account/sign-in"), "phone": phone, "next": next_path}
    assert client.post("/account/sign-in/codes", data=asked).status_code == 303
    typed = {"csrf_token": token_on(client, "/account/sign-in/code"), "code": code_for(session, phone)}
    return client.post("/account/sign-in/code", data=typed | {"next": next_path})


def ticked(client: TestClient) -> list[str]:
    """Return the ids that the page offers."""
    return re.findall(r'name="ids"\s+value="([^"]+)"', client.get(DEVICE).text)


def decide(client: TestClient, choice: str, ids: list[str] | None = None) -> Response:
    """Answer the question."""
    offered = ticked(client) if ids is None else ids
    form = {"csrf_token": token_on(client, DEVICE), "choice": choice, "ids": offered, "next": "/points"}
    return client.post(DEVICE, data=form)


def state_of(session: Session, activity_id: UUID) -> tuple[State, UUID | None]:
    session.expire_all()
    found = session.get_one(Activity, activity_id)
    return found.state, found.resident_id


# The service.


def test_what_waits_is_told_in_the_readers_language_and_nobodys_reports_are_in_it(session: Session):
    walked, report = before_sign_in(session, quantity=2), send(session).report
    (chinese,) = parts.held(session, [walked, report.id, uuid4()], "zh")
    (english,) = parts.held(session, [walked], "en")
    assert (chinese.name, chinese.points, chinese.id) == ("步行", 2, walked)
    assert chinese.amount.startswith("2 ")
    assert english.name != chinese.name


def test_taking_over_twice_is_one_effect_and_one_answer(session: Session, neighbour: Neighbour):
    ids = [before_sign_in(session), before_sign_in(session)]
    first = carry_over(session, neighbour.actor, ids)
    again = carry_over(session, neighbour.actor, ids)
    assert (first.taken, first.before) == (frozenset(ids), frozenset())
    assert (again.taken, again.before) == (frozenset(), frozenset(ids))
    assert balance(session, neighbour.resident_id).pending_in == 2


def test_what_meets_a_full_cap_stays_on_the_phone(session: Session, neighbour: Neighbour):
    kept_id = before_sign_in(session)
    log(session, neighbour.actor, say(quantity=10))
    assert not any(carry_over(session, neighbour.actor, [kept_id]))
    assert state_of(session, kept_id) == (State.UNCLAIMED, None)


def test_what_another_took_over_is_not_taken_again(session: Session, neighbour: Neighbour):
    kept_id, other = before_sign_in(session), make_resident(session)
    carry_over(session, other.actor, [kept_id])
    assert not any(carry_over(session, neighbour.actor, [kept_id]))
    assert state_of(session, kept_id) == (State.PENDING, other.resident_id)


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        ({"consents": (Purpose.ACCOUNT,)}, PointsConsentNeeded),
        ({"birth_year": clock.today().year - 9}, GuardianNeeded),
    ],
)
def test_who_may_not_earn_is_told_why_and_nothing_moves(
    session: Session, facts: dict[str, object], error: type[Exception]
):
    kept_id, child = before_sign_in(session), make_resident(session, **facts)  # pyright: ignore[reportArgumentType]
    with pytest.raises(error):
        carry_over(session, child.actor, [kept_id])
    assert state_of(session, kept_id) == (State.UNCLAIMED, None)


# The pages.


def test_a_sign_in_goes_by_way_of_the_question(client: TestClient, session: Session, neighbour: Neighbour):
    tap(client)
    asked = sign_in(client, session, neighbour.phone)
    assert asked.headers["location"] == f"{DEVICE}?next=/help"
    page = client.get(asked.headers["location"]).text
    assert ASKED in page
    assert 'name="next" value="/help"' in page
    assert balance(session, neighbour.resident_id).pending_in == 0


def test_a_first_sign_in_is_finished_before_the_question(client: TestClient, session: Session):
    tap(client)
    assert sign_in(client, session, new_phone()).headers["location"] == "/account/welcome?next=/help"
    form = {"csrf_token": token_on(client, "/account/welcome"), "age_group": "adult", "next": "/help"}
    answer = client.post("/account/welcome", data=form | {"consents": ["account", "points"]})
    assert answer.headers["location"] == f"{DEVICE}?next=/help"


def test_a_phone_that_holds_nothing_asks_nothing(client: TestClient, session: Session, neighbour: Neighbour):
    assert sign_in(client, session, neighbour.phone).headers["location"] == "/help"
    assert ASKED not in client.get(DEVICE).text
    assert client.get(f"{DEVICE}?next=//evil.example").headers["location"] == "/account"


def test_a_yes_makes_points_and_the_same_form_again_says_the_same(
    client: TestClient, session: Session, neighbour: Neighbour
):
    for _ in range(2):
        tap(client)
    sign_in_resident(client, session, neighbour)
    ids = ticked(client)
    first, second = decide(client, "take"), decide(client, "take", ids)
    assert first.headers["location"] == second.headers["location"] == f"{DEVICE}?done=take&count=2&full=0&next=/points"
    assert balance(session, neighbour.resident_id).pending_in == 2
    assert "2 次打卡归你了" in client.get(first.headers["location"]).text
    assert kept.COOKIE not in client.cookies


def test_on_a_family_phone_only_what_is_ticked_is_taken(client: TestClient, session: Session, neighbour: Neighbour):
    for _ in range(2):
        tap(client)
    sign_in_resident(client, session, neighbour)
    mine, hers = ticked(client)
    told = client.get(decide(client, "take", [mine]).headers["location"]).text
    assert "等做的人来认领" in told
    assert state_of(session, UUID(hers)) == (State.UNCLAIMED, None)
    # Who has answered is left alone; whoever signs in next is asked about the rest.
    assert DEVICE not in client.get("/green").text
    client.post("/account/sign-out", data={"csrf_token": token_on(client, DEVICE)})
    daughter = make_resident(session)
    with clock.at(clock.now() + timedelta(minutes=2)):
        assert sign_in(client, session, daughter.phone).headers["location"] == f"{DEVICE}?next=/help"
        assert DEVICE in client.get("/green").text
        decide(client, "take")
    assert state_of(session, UUID(hers)) == (State.PENDING, daughter.resident_id)


def test_nothing_ticked_is_a_clear_sentence(client: TestClient, session: Session, neighbour: Neighbour):
    tap(client)
    sign_in_resident(client, session, neighbour)
    answer = decide(client, "take", [])
    assert answer.status_code == 422
    assert "请勾选" in answer.text
    assert ASKED in answer.text


@pytest.mark.parametrize("nonsense", [{"choice": "take", "ids": "x"}, {"choice": "eat"}, {}])
def test_nonsense_is_refused_and_the_question_stays(
    client: TestClient, session: Session, neighbour: Neighbour, nonsense: dict[str, str]
):
    tap(client)
    sign_in_resident(client, session, neighbour)
    answer = client.post(DEVICE, data={"csrf_token": token_on(client, DEVICE)} | nonsense)
    assert answer.status_code == 422
    assert ASKED in answer.text


def test_a_full_cap_is_said(client: TestClient, session: Session, neighbour: Neighbour):
    tap(client)
    log(session, neighbour.actor, say(quantity=10))
    session.commit()
    sign_in_resident(client, session, neighbour)
    answer = decide(client, "take")
    assert answer.headers["location"].startswith(f"{DEVICE}?done=take&count=0&full=1")
    assert "当天已满" in client.get(answer.headers["location"]).text


def test_what_is_left_here_stays_for_a_week(client: TestClient, session: Session, neighbour: Neighbour):
    tap(client)
    sign_in_resident(client, session, neighbour)
    (waits,) = ticked(client)
    decide(client, "leave")
    assert state_of(session, UUID(waits)) == (State.UNCLAIMED, None)
    assert ticked(client) == [waits]
    assert DEVICE not in client.get("/points").text
    with clock.at(clock.now() + KEPT_LIFE - timedelta(minutes=1)):
        assert ticked(client) == [waits]


def test_on_somebody_elses_phone_the_sign_in_ends_with_the_day(
    client: TestClient, session: Session, neighbour: Neighbour
):
    tap(client)
    sign_in_resident(client, session, neighbour)
    answer = decide(client, "foreign")
    line = next(
        one for one in answer.headers.get_list("set-cookie") if one.startswith(LIFETIMES[Audience.RESIDENT].cookie)
    )
    assert "Max-Age" not in line
    assert "/account/sign-out" in client.get(answer.headers["location"]).text
    row = session.exec(select(WebSession).where(col(WebSession.owner_id) == neighbour.resident_id)).one()
    assert row.absolute_until <= clock.now() + FOREIGN_LIFE
    with clock.at(clock.now() + FOREIGN_LIFE + timedelta(minutes=1)):
        assert client.get("/account").status_code == 303


def test_without_the_agreement_the_page_says_what_is_missing(client: TestClient, session: Session):
    tap(client)
    sign_in_resident(client, session, make_resident(session, consents=(Purpose.ACCOUNT,)))
    assert 'value="take"' not in client.get(DEVICE).text
    assert decide(client, "take").status_code == 403
    assert len(ticked(client)) == 1


def test_a_report_is_never_tied_to_an_account(client: TestClient, session: Session, neighbour: Neighbour):
    report = send(session).report
    session.commit()
    sign_in_resident(client, session, neighbour)
    answer = client.post("/api/v1/account/device-history", json={"ids": [str(report.id)]}).json()
    assert answer == {"count": 0, "left": [str(report.id)]}
    assert "举报不归任何账户" in client.get(DEVICE).text
    assert str(report.id) not in client.get("/account/export.json").text


# For programs.


def test_programs_read_the_history_and_take_it_over(client: TestClient, session: Session, neighbour: Neighbour):
    tap(client)
    sign_in_resident(client, session, neighbour)
    (held,) = client.get("/api/v1/account/device-history").json()
    assert (held["name"], held["points"]) == ("步行", 1)
    unknown = str(uuid4())
    for _ in range(2):
        answer = client.post("/api/v1/account/device-history", json={"ids": [held["id"], unknown]})
        assert answer.json() == {"count": 1, "left": [unknown]}
    assert client.get("/api/v1/account/device-history").json() == []
