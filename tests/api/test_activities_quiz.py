"""Three questions a day: graded here, once, and a miss says why; and a behaviour's own page logs for an elder too."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import Session, select
from starlette.testclient import TestClient

from backend.activities import quiz
from backend.activities.errors import BehaviourUnknown
from backend.activities.models import Activity
from backend.activities.rules import State
from backend.cities import city
from backend.cities.quiz import QUESTIONS_A_DAY
from backend.core import clock
from backend.core.ids import new_id
from backend.households import service as households
from tests.factories.activities import balance, fill_fund
from tests.factories.households import make_household
from tests.factories.residents import Neighbour, make_resident
from tests.factories.web import token_on

PATH = "/green/quiz"


@pytest.fixture(autouse=True)
def _fund(session: Session):
    fill_fund(session)


def right(resident_id: UUID) -> dict[str, int]:
    return {one.code: one.right for one in quiz.questions_for(city(), resident_id, clock.today())}


def form_of(client: TestClient, answers: dict[str, int], entry_id: UUID | None = None) -> dict[str, str]:
    told = {f"answer.{code}": str(number) for code, number in answers.items()}
    return {"csrf_token": token_on(client, "/help"), "id": str(entry_id or new_id()), **told}


def test_everybody_has_three_questions_that_change_by_the_day(neighbour: Neighbour):
    today = clock.today()
    drawn = [[one.code for one in quiz.questions_for(city(), neighbour.resident_id, today)] for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert len(set(drawn[0])) == QUESTIONS_A_DAY
    months = {
        one.code
        for day in range(90)
        for one in quiz.questions_for(city(), neighbour.resident_id, today + timedelta(days=day))
    }
    assert months == {one.code for one in city().quiz}


def test_right_answers_count_once_and_at_once(session: Session, neighbour: Neighbour):
    answers, entry_id = right(neighbour.resident_id), new_id()
    first = quiz.answer(session, city(), neighbour.actor, entry_id, answers).logged
    again = quiz.answer(session, city(), neighbour.actor, entry_id, answers).logged
    other = quiz.answer(session, city(), neighbour.actor, new_id(), answers).logged
    assert first
    assert first.activity
    assert (first.activity.state, first.activity.points) == (State.POSTED, 2)
    assert again
    assert again.activity == first.activity
    assert other
    assert other.activity is None
    assert balance(session, neighbour.resident_id).available == 2


@pytest.mark.parametrize("wrong", ["missing", "other", "invented"])
def test_a_miss_earns_nothing_and_is_named(session: Session, neighbour: Neighbour, wrong: str):
    answers = right(neighbour.resident_id)
    code = next(iter(answers))
    if wrong == "missing":
        del answers[code]
    else:
        answers[code] = 99 if wrong == "invented" else answers[code] % 2 + 1
    graded = quiz.answer(session, city(), neighbour.actor, new_id(), answers)
    assert (graded.logged, graded.missed) == (None, {code})
    assert balance(session, neighbour.resident_id).available == 0


def test_a_miss_shows_why_and_the_second_try_counts(resident_client: TestClient, neighbour: Neighbour):
    resident_client.headers["accept-language"] = "en"
    asked = quiz.questions_for(city(), neighbour.resident_id, clock.today())
    page = resident_client.get(PATH).text
    assert all(one.ask("en") in page for one in asked)
    assert not any(one.why("en") in page for one in asked)

    answers = right(neighbour.resident_id)
    missed = resident_client.post(
        PATH, data=form_of(resident_client, answers | {asked[0].code: asked[0].right % 2 + 1})
    )
    assert missed.status_code == 422
    assert asked[0].why("en") in missed.text
    assert asked[1].why("en") not in missed.text

    done = resident_client.post(PATH, data=form_of(resident_client, answers))
    assert done.headers["location"].startswith("/green/entries/")
    assert "Hand in the answers" not in resident_client.get(PATH).text
    again = resident_client.post(PATH, data=form_of(resident_client, answers))
    assert again.headers["location"] == PATH
    # The form of another tab, answered wrongly after the leaf was full, is no error.
    late = resident_client.post(PATH, data=form_of(resident_client, {}))
    assert late.status_code == 200
    assert asked[0].why("en") not in late.text


def test_the_quiz_stands_among_what_counts(client: TestClient):
    client.headers["accept-language"] = "en"
    assert "/green/do/quiz" in client.get("/green").text
    assert f'href="{PATH}"' in client.get("/green/do/quiz").text


def test_a_behaviours_own_page_logs_for_an_elder(resident_client: TestClient, session: Session, neighbour: Neighbour):
    resident_client.headers["accept-language"] = "en"
    make_household(session, neighbour)
    elder = households.add_elder(session, neighbour.actor, new_id(), "奶奶", agreed=True)
    session.commit()
    page = resident_client.get(f"/green/do/walk?for_id={elder.resident_id}").text
    assert f'name="for_id" value="{elder.resident_id}"' in page
    assert f"/green/do/bus_ride?for_id={elder.resident_id}" not in page
    assert (
        f"/green/do/electricity_saved?for_id={elder.resident_id}"
        in resident_client.get(f"/green?for_id={elder.resident_id}").text
    )
    assert 'name="for_id"' not in resident_client.get("/green/do/walk").text
    foreign = make_resident(session)
    session.commit()
    assert resident_client.get(f"/green/do/walk?for_id={foreign.resident_id}").status_code == 404
    form = {
        "csrf_token": token_on(resident_client, "/green"),
        "id": str(new_id()),
        "behaviour": "walk",
        "quantity": "0",
    }
    assert 'name="for_id"' not in resident_client.get(f"/green/do/quiz?for_id={elder.resident_id}").text
    refused = resident_client.post("/green/log", data={**form, "for_id": str(elder.resident_id)})
    assert refused.status_code == 422
    assert f'name="for_id" value="{elder.resident_id}"' in refused.text
    logged = {**form, "quantity": "1", "evidence": "self", "for_id": str(elder.resident_id)}
    assert resident_client.post("/green/log", data=logged).headers["location"].startswith("/green/entries/")
    entry = session.exec(select(Activity).where(Activity.behaviour == "walk")).one()
    assert entry.resident_id == elder.resident_id
    full = {**logged, "id": str(new_id()), "quantity": "10"}
    assert resident_client.post("/green/log", data=full).status_code == 303
    full["id"] = str(new_id())
    whither = resident_client.post("/green/log", data=full).headers["location"]
    assert whither.endswith(f"for_id={elder.resident_id}")
    assert "leaf is full" in resident_client.get(whither).text


def test_a_city_with_too_few_questions_has_no_quiz(session: Session, neighbour: Neighbour):
    bare = replace(city(), quiz=city().quiz[: QUESTIONS_A_DAY - 1])
    assert quiz.behaviour_of(bare, clock.today()) is None
    with pytest.raises(BehaviourUnknown):
        quiz.answer(session, bare, neighbour.actor, new_id(), right(neighbour.resident_id))
