"""What is prepared becomes public only by two people, whole, and never goes away again."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session, select

from backend.core import clock
from backend.core.errors import DomainError
from backend.plan import editions, errors, queries
from backend.plan.models import PlanDocument, PlanObservation
from backend.plan.rules import Kind, State, Step
from backend.plan.service import drafting, publishing
from tests.factories.plan import (
    CITY,
    EDITOR,
    PUBLISHER,
    SMALL,
    drafted,
    indicator,
    published,
    source,
    step,
    target,
    value,
)


def values_of(session: Session) -> dict[str, Decimal | None]:
    return {one.period: one.value for one in queries.headline(session, CITY)}


def test_nothing_of_a_draft_is_public_until_it_is_published(session: Session) -> None:
    draft = drafted(session, SMALL, [value("2025", "39.4")])
    for what, actor in ((Step.SUBMIT, EDITOR), (Step.APPROVE, PUBLISHER)):
        step(session, draft, what, actor)
        with pytest.raises(errors.NothingPublished):
            editions.edition(session)
        assert values_of(session) == {}
    step(session, draft, Step.PUBLISH, PUBLISHER)
    assert editions.edition(session).targets["t01"] == target()
    assert values_of(session) == {"2025": Decimal("39.4")}


def test_whoever_hands_in_does_not_approve(session: Session) -> None:
    draft = drafted(session, SMALL)
    step(session, draft, Step.SUBMIT, PUBLISHER)
    with pytest.raises(errors.SecondPersonNeeded):
        step(session, draft, Step.APPROVE, PUBLISHER)
    draft.state, draft.decided_by = State.APPROVED, PUBLISHER.label
    with pytest.raises(IntegrityError, match="two_people"):
        session.flush()


def test_a_revision_is_a_new_vintage_and_the_old_one_can_be_asked_for(session: Session) -> None:
    first = published(session, SMALL, [value("2024", "36.8")])
    assert first.published_at is not None
    before = editions.edition(session)
    published(session, {(Kind.INDICATOR, "forest"): indicator(decimals=1)}, [value("2024", "37.1")], reason="改正")
    assert values_of(session) == {"2024": Decimal("37.1")}
    assert [one.value for one in queries.headline(session, CITY, first.published_at)] == [Decimal("36.8")]
    assert editions.edition(session, first.published_at) == before
    assert editions.edition(session).indicators["forest"].decimals == 1
    assert [one.value for one in queries.vintages(session, "forest", CITY)] == [Decimal("37.1"), Decimal("36.8")]
    assert [line.reason for line in queries.changes(session)][:2] == ["改正", "改正"]


def test_before_the_first_publication_there_was_no_plan(session: Session) -> None:
    first = published(session, SMALL)
    assert first.published_at is not None
    with pytest.raises(errors.NothingPublished):
        editions.edition(session, first.published_at - timedelta(seconds=1))


@pytest.mark.parametrize("table", ["plan_document", "plan_observation"])
@pytest.mark.parametrize(
    "attack",
    [
        "DELETE FROM {} WHERE valid_from IS NOT NULL",
        "UPDATE {} SET key_or_quote = 'x'",
        "UPDATE {} SET valid_from = valid_from - interval '1 day'",
        "TRUNCATE {}",
    ],
)
def test_the_database_refuses_to_change_what_was_published(session: Session, table: str, attack: str) -> None:
    published(session, SMALL, [value("2024", "36.8")])
    column = "key" if table == "plan_document" else "quote"
    with pytest.raises(DBAPIError, match=r"what was published|never changed"):
        session.execute(text(attack.format(table).replace("key_or_quote", column)))


@pytest.mark.parametrize(
    ("entries", "values", "error"),
    [
        ({}, [], errors.NothingInIt),
        ({}, [value("2024", "36.8", source="nowhere")], errors.SourceMissing),
        ({}, [value("2024", "101")], errors.OutOfRange),
        ({}, [value("2024-Q1", "36")], errors.LeadsNowhere),
        ({}, [value("2024", "36", indicator="unknown")], errors.LeadsNowhere),
        ({(Kind.TARGET, "t01"): target(article=9)}, [], errors.LeadsNowhere),
        ({(Kind.INDICATOR, "forest"): None}, [], errors.LeadsNowhere),
    ],
)
def test_what_leads_nowhere_cannot_be_handed_in(
    session: Session, entries: dict[tuple[Kind, str], None], values: list[object], error: type[DomainError]
) -> None:
    published(session, SMALL)
    draft = drafted(session, entries, values)  # pyright: ignore[reportArgumentType]
    with pytest.raises(error):
        step(session, draft, Step.SUBMIT, EDITOR)
    assert draft.state is State.DRAFT


def test_the_second_of_two_editors_sees_that_the_first_was_faster(session: Session) -> None:
    published(session, SMALL, [value("2024", "36.8")])
    mine, theirs = drafted(session, {}, [value("2024", "37")]), drafted(session, {}, [value("2024", "38")])
    step(session, theirs, Step.SUBMIT, EDITOR)
    step(session, theirs, Step.APPROVE, PUBLISHER)
    step(session, theirs, Step.PUBLISH, PUBLISHER)
    with pytest.raises(errors.PublishedMeanwhile, match="forest/620500/2024"):
        step(session, mine, Step.SUBMIT, EDITOR)
    drafting.rebase(session, mine)
    step(session, mine, Step.SUBMIT, EDITOR)
    step(session, mine, Step.APPROVE, PUBLISHER)
    step(session, mine, Step.PUBLISH, PUBLISHER)
    assert values_of(session) == {"2024": Decimal(37)}


def test_a_form_from_before_somebody_elses_change_is_refused(session: Session) -> None:
    draft = drafted(session, SMALL)
    drafting.open_for_change(session, draft.id, draft.version)
    with pytest.raises(errors.SubmissionChanged):
        publishing.take_step(session, EDITOR, draft.id, Step.SUBMIT, version=draft.version - 1)


def test_what_was_handed_in_cannot_be_changed_until_it_is_returned(session: Session) -> None:
    draft = drafted(session, SMALL)
    step(session, draft, Step.SUBMIT, EDITOR)
    with pytest.raises(errors.NotOpen):
        drafting.open_for_change(session, draft.id)
    with pytest.raises(errors.ReasonMissing):
        step(session, draft, Step.RETURN, PUBLISHER)
    step(session, draft, Step.RETURN, PUBLISHER, "来源写清楚")
    again = drafting.open_for_change(session, draft.id)
    assert (again.state, again.answer) == (State.RETURNED, "来源写清楚")


def test_rows_are_added_and_never_fewer(session: Session) -> None:
    published(session, SMALL, [value("2024", "36.8")])
    counts: list[int] = []
    for number in ("37", "38"):
        published(session, {(Kind.SOURCE, "bulletin"): source()}, [value("2024", number)])
        counts.append(
            sum(
                session.exec(select(func.count()).select_from(table)).one() for table in (PlanDocument, PlanObservation)
            )
        )
    assert counts[1] == counts[0] + 2


def test_an_entry_that_ended_is_no_longer_in_the_plan_but_in_its_history(session: Session) -> None:
    published(session, SMALL)
    published(session, {(Kind.TARGET, "t01"): None}, reason="方案修订")
    assert editions.edition(session).targets == {}
    assert [one.body is None for one in queries.history(session, Kind.TARGET, "t01")] == [True, False]


def test_the_same_draft_opened_twice_is_one(session: Session) -> None:
    draft = drafted(session, SMALL)
    with clock.at(clock.now() + timedelta(minutes=1)):
        form = drafting.OpenSubmission(id=draft.id, title=draft.title, reason=draft.reason)
        assert drafting.begin(session, EDITOR, form).id == draft.id
        with pytest.raises(errors.SubmissionChanged):
            drafting.begin(session, EDITOR, form.model_copy(update={"title": "另一个"}))
