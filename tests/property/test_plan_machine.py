"""Drafts and publications in any order: what is public, what it was on any earlier day, and who let it through.

P7 to P9, P13, P14 and P16 of the plan's invariants; P15 for any file.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from backend.core import clock, db
from backend.core.errors import Invalid
from backend.plan import editions, errors, queries
from backend.plan.models import PlanDocument, PlanImport, PlanObservation, PlanSubmission
from backend.plan.progress import Standings, standings
from backend.plan.rules import Step
from backend.plan.schemas import NewObservation
from backend.plan.service import importing, verdicts
from tests.factories import plan_texts as texts
from tests.factories.plan import CITY, EDITOR, PUBLISHER, SMALL, drafted, step, value

BEGUN = datetime(2024, 5, 1, 4, tzinfo=UTC)


class Place(NamedTuple):
    """What a value is a value of."""

    area: str
    period: str
    dimension: str


places = st.builds(
    Place,
    st.sampled_from([CITY, "620502"]),
    st.sampled_from(["2022", "2023", "2025"]),
    st.sampled_from(["", "kind=pine"]),
)
numbers = st.decimals(0, 100, places=2)
news = st.dictionaries(places, numbers, min_size=1, max_size=3)


def observations(values: Mapping[Place, Decimal]) -> list[NewObservation]:
    return [
        value(place.period, str(number), area=place.area, dimension=place.dimension) for place, number in values.items()
    ]


class Machine(RuleBasedStateMachine):
    """One plan with one aim; every step is asked of the database and of a dictionary."""

    engine: Engine

    @initialize()
    def open(self) -> None:
        self.connection = self.engine.connect()
        self.transaction = self.connection.begin()
        self.session = db.Database(self.connection).session()
        self.now = BEGUN
        self.public: dict[Place, Decimal] = {}
        self.waiting: list[tuple[PlanSubmission, dict[Place, Decimal], dict[Place, Decimal]]] = []
        self.past: dict[datetime, tuple[date, Standings]] = {}
        self.rows: dict[int, tuple[Decimal | None, datetime | None]] = {}
        self.count = 0
        first = self.act(lambda: drafted(self.session, SMALL))
        self.let_through(first)

    def teardown(self) -> None:
        if hasattr(self, "session"):
            self.session.close()
            self.transaction.rollback()
            self.connection.close()

    def act(self, work: Callable[[], PlanSubmission]) -> PlanSubmission:
        """Do something, and let a day go by."""
        self.now += timedelta(days=1)
        with clock.at(self.now), self.session.begin_nested():
            return work()

    def let_through(self, draft: PlanSubmission) -> None:
        self.act(lambda: step(self.session, draft, Step.SUBMIT, EDITOR))
        self.act(lambda: step(self.session, draft, Step.APPROVE, PUBLISHER))
        self.act(lambda: step(self.session, draft, Step.PUBLISH, PUBLISHER))
        self.remember()

    def remember(self) -> None:
        """Keep what is said now, to be asked for again later."""
        with clock.at(self.now):
            today, plan = clock.today(), editions.edition(self.session, self.now)
            self.past[self.now] = today, standings(self.session, plan, CITY, today, self.now)

    @rule(values=news)
    def begin(self, values: dict[Place, Decimal]) -> None:
        draft = self.act(lambda: drafted(self.session, None, observations(values)))
        self.waiting.append((draft, values, {place: self.public[place] for place in values if place in self.public}))

    @rule(values=news)
    def publish(self, values: dict[Place, Decimal]) -> None:
        self.let_through(self.act(lambda: drafted(self.session, None, observations(values))))
        self.public |= values

    @rule(number=st.integers(0, 5))
    def finish_what_was_begun(self, number: int) -> None:
        """A draft goes through only while what it replaces is still what is public."""
        if not self.waiting:
            return
        draft, values, based_on = self.waiting.pop(number % len(self.waiting))
        was_overtaken = any(self.public.get(place) != based_on.get(place) for place in values)
        try:
            self.let_through(draft)
        except errors.PublishedMeanwhile:
            self.session.expire_all()
            self.remember()
        else:
            assert not was_overtaken
            self.public |= values

    @rule(values=news, who=st.sampled_from([EDITOR, PUBLISHER]))
    def approve_the_own_one(self, values: dict[Place, Decimal], who: object) -> None:
        """P14: neither who wrote it nor who handed it in lets it through."""
        writer = EDITOR if who is EDITOR else PUBLISHER
        draft = self.act(lambda: drafted(self.session, None, observations(values), editor=writer))
        self.act(lambda: step(self.session, draft, Step.SUBMIT, writer))
        with pytest.raises(errors.SecondPersonNeeded):
            self.act(lambda: step(self.session, draft, Step.APPROVE, writer))
        self.session.expire_all()

    @rule(days=st.integers(1, 700))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)
        with clock.at(self.now):
            verdicts.note_verdicts(self.session)

    @invariant()
    def what_is_public_is_what_was_published(self) -> None:
        """P13 and P16: no draft is anywhere, and every value has a source that is public."""
        if not hasattr(self, "session"):
            return
        lines = list(queries.every_value(self.session))
        assert {Place(one.area, one.period, one.dimension): one.value for one in lines} == self.public
        assert {one.source for one in lines} <= set(editions.edition(self.session).sources)

    @invariant()
    def a_breakdown_is_never_a_headline(self) -> None:
        """P9."""
        if hasattr(self, "session"):
            figures = queries.figures_of_area(self.session, CITY).get("forest", [])
            wanted = {place.period: number for place, number in self.public.items() if place[::2] == (CITY, "")}
            assert {one.period: one.value for one in figures} == wanted

    @invariant()
    def the_past_says_what_it_said(self) -> None:
        """P7."""
        if hasattr(self, "session"):
            for moment, (today, said) in self.past.items():
                plan = editions.edition(self.session, moment)
                assert standings(self.session, plan, CITY, today, moment) == said
            assert verdicts.first_bad(self.session) is None

    @invariant()
    def a_row_that_was_published_stays(self) -> None:
        """P8."""
        if not hasattr(self, "session"):
            return
        rows = self.session.exec(select(PlanObservation).where(col(PlanObservation.valid_from).is_not(None))).all()
        found = {one.id or 0: (one.value, one.valid_from) for one in rows}
        assert self.rows.items() <= found.items()
        self.rows = found
        count = self.session.exec(select(func.count()).select_from(PlanDocument)).one()
        assert count >= self.count
        self.count = count


def test_whatever_is_written_the_past_stays_and_no_draft_is_public(engine: Engine) -> None:
    Machine.engine = engine
    run_state_machine_as_test(Machine, settings=settings(max_examples=10, stateful_step_count=18))


@given(
    st.binary(max_size=400)
    | st.text(max_size=400).map(str.encode)
    | st.text(max_size=80).map(lambda end: (texts.CITY + end).encode())
)
@example(texts.WORD)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_file_is_kept_once_or_not_at_all(session: Session, content: bytes) -> None:
    """P15."""

    def count() -> int:
        return session.exec(select(func.count()).select_from(PlanImport)).one()

    with session.begin_nested() as nested:
        before = count()
        try:
            kept = importing.keep(session, EDITOR, "plan", content)
        except Invalid:
            assert count() == before
        else:
            assert importing.keep(session, PUBLISHER, "copy", content).id == kept.id
            assert count() == before + 1
        nested.rollback()
