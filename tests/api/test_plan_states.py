"""The first edition comes from the city's file; states are noted when they change, followers hear it, a year is frozen."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from backend.accounts.residents.rules import subject_of
from backend.cities import city
from backend.core import clock
from backend.notices import service as notices
from backend.plan import editions, queries
from backend.plan.assessment import Status, count_by_status
from backend.plan.models import PlanSubmission, PlanVerdict
from backend.plan.progress import Standings, standings
from backend.plan.rules import Kind
from backend.plan.schemas import Claim, ClaimStatus
from backend.plan.service import following, founding, snapshots, verdicts
from tests.factories.plan import CITY, SMALL, published, value, words
from tests.factories.residents import make_resident

IN_TIME, OVER = datetime(2024, 5, 1, 4, tzinfo=UTC), datetime(2026, 1, 2, 4, tzinfo=UTC)


def stands_now(session: Session) -> Standings:
    return standings(session, editions.edition(session), CITY, clock.today())


def do_promised(session: Session, name: str, work: Callable[..., object]) -> None:
    """Do what was promised, every time that it was."""
    promised = text("SELECT args FROM procrastinate_jobs WHERE task_name = :name ORDER BY id")
    for args in list(session.execute(promised, {"name": name}).scalars()):
        work(session, **args)


def states(session: Session) -> list[str]:
    return [one.state for one in reversed(queries.verdicts(session, "t01", CITY))]


def test_the_citys_file_becomes_the_first_edition_once(session: Session) -> None:
    assert founding.found(session, city()) is True
    assert founding.found(session, city()) is False
    plan = editions.edition(session)
    assert (plan.number, len(plan.articles), len(plan.targets), len(plan.commitments)) == (1, 27, 14, 5)
    assert [one.submitted_by for one in session.exec(select(PlanSubmission))] == ["city-data:tianshui"]
    assert plan.articles == {one.number: one for one in city().plan.articles}


def test_every_target_of_the_city_is_due_and_nobody_published_it(session: Session) -> None:
    founding.found(session, city())
    with clock.at(datetime(2026, 11, 27, 4, tzinfo=UTC)):
        stands = stands_now(session)
    results = [one.result for one in stands.values() if one.result]
    assert count_by_status(results) == {Status.DUE_UNREPORTED: 13, Status.TARGET_NOT_PUBLISHED: 1}
    assert stands["film_recovery"].latest == stands["film_recovery"].figure("2020")
    assert [one.indicator.key for one in stands.values() if one.target is None] == [
        "good_air_days", "water_sections", "zero_waste_goals",
    ]  # fmt: skip


def test_a_breakdown_never_changes_the_headline(session: Session) -> None:
    """P9."""
    published(session, SMALL, [value("2024", "38")])
    before = stands_now(session)["forest"].result
    published(session, None, [value("2024", "12", dimension="kind=pine"), value("2025", "80", dimension="kind=oak")])
    assert stands_now(session)["forest"].result == before


def test_what_a_past_day_said_is_not_changed_by_what_came_later(session: Session) -> None:
    """P7."""
    published(session, SMALL, [value("2025", "38.5")])
    moment = clock.now()
    before = standings(session, editions.edition(session, moment), CITY, clock.today(), moment)
    published(session, None, [value("2025", "39.2")], reason="更正")
    after = standings(session, editions.edition(session, moment), CITY, clock.today(), moment)
    assert after == before
    assert before["forest"].result != stands_now(session)["forest"].result


def test_a_state_is_noted_when_it_changes_and_can_be_computed_again(session: Session) -> None:
    with clock.at(IN_TIME):
        published(session, SMALL, [value("2023", "37")])
    with clock.at(IN_TIME + timedelta(hours=1)):
        published(session, None, [value("2022", "36")])
    assert states(session) == ["no_baseline"]
    with clock.at(OVER):
        verdicts.note_verdicts(session)
        verdicts.note_verdicts(session)
    with clock.at(datetime(2026, 3, 1, tzinfo=UTC)):
        published(session, None, [value("2025", "39.2")])
    assert states(session) == ["no_baseline", "due_unreported", "met"]
    assert verdicts.first_bad(session) is None


def test_a_state_that_was_tampered_with_is_named(session: Session) -> None:
    published(session, SMALL, [value("2025", "39.2")])
    session.execute(text("ALTER TABLE plan_verdict DISABLE TRIGGER append_only"))
    verdict = session.exec(select(PlanVerdict)).one()
    verdict.components = {**verdict.components, "result": {**verdict.components["result"], "status": "missed"}}
    session.flush()
    assert verdicts.first_bad(session) == f"plan verdict {verdict.id}: t01 in {CITY} does not come out of its inputs"


def test_a_county_is_judged_only_by_what_was_published_about_it(session: Session) -> None:
    published(session, SMALL, [value("2025", "39.2"), value("2025", "41", area="620502")])
    assert {area for _, area in queries.last_verdicts(session)} == {CITY, "620502"}


def test_who_follows_an_article_or_a_figure_hears_of_its_new_state_once(session: Session) -> None:
    reader, other, stranger = (make_resident(session) for _ in range(3))
    with clock.at(IN_TIME):
        published(session, SMALL, [value("2023", "37")])
    following.follow(session, reader.resident_id, following.article_subject(1))
    following.follow(session, reader.resident_id, following.article_subject(1))
    following.follow(session, other.resident_id, following.indicator_subject("forest"))
    with clock.at(OVER):
        verdicts.note_verdicts(session)
    do_promised(session, verdicts.TELL_JOB, following.tell_of_verdict)
    do_promised(session, verdicts.TELL_JOB, following.tell_of_verdict)
    for resident in (reader, other):
        (told,) = notices.inbox(session, subject_of(resident.resident_id))
        assert (told.params["state_en"], told.params["page"]) == ("Due, not published", "indicators/forest")
        assert told.params["state_zh"] == "到期未公布"
    assert notices.inbox(session, subject_of(stranger.resident_id)) == []


def test_who_follows_an_article_hears_what_a_body_says_of_it(session: Session) -> None:
    reader = make_resident(session)
    published(session, SMALL)
    following.follow(session, reader.resident_id, following.article_subject(1))
    claim = Claim(
        body="林草局", status=ClaimStatus.UNDER_WAY, said_on=clock.today(), text=words("正在种"), source="bulletin"
    )
    published(session, {(Kind.CLAIM, "t01"): claim})
    do_promised(session, "plan.tell_of_article", following.tell_of_article)
    assert [one.code for one in notices.inbox(session, subject_of(reader.resident_id))] == ["plan_news"]
    following.unfollow(session, reader.resident_id, following.article_subject(1))
    assert queries.followed(session, reader.resident_id) == set()


def test_a_year_is_frozen_as_it_stood_at_its_end(session: Session) -> None:
    with clock.at(datetime(2025, 6, 1, tzinfo=UTC)):
        published(session, SMALL, [value("2024", "38")])
    with clock.at(datetime(2026, 2, 1, tzinfo=UTC)):
        published(session, None, [value("2025", "39.2")])
        frozen = snapshots.freeze_last_year(session)
        assert snapshots.freeze_last_year(session) is None
    assert frozen is not None
    (target,) = frozen.content["targets"]
    assert (frozen.year, target["assessment"]["result"]["status"]) == (2025, "no_baseline")
    assert snapshots.digest(frozen.content) == frozen.sha256


def test_before_there_was_a_plan_no_year_is_frozen(session: Session) -> None:
    assert snapshots.freeze_last_year(session) is None


@pytest.mark.parametrize("table", ["plan_verdict", "plan_snapshot", "plan_change"])
def test_what_was_noted_cannot_be_rewritten(session: Session, table: str) -> None:
    with clock.at(datetime(2025, 6, 1, tzinfo=UTC)):
        published(session, SMALL, [value("2024", "38")])
    snapshots.freeze(session, 2025)
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text(f"DELETE FROM {table}"))  # noqa: S608 -- our own names
