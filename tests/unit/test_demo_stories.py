"""The demo's stories can happen: in the past, in this city, within the limits, by steps that the state table allows."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from backend.cases import rules
from backend.cases.rules import Finding, Measure, State, Step
from backend.cases.schemas import ANSWER_MAX, REASON_MAX
from backend.cities import city
from backend.core.calendar import is_workday
from backend.core.clock import SHANGHAI
from backend.core.phones import read_phone
from backend.demo.plots import PLOTS
from backend.demo.stories import Story, fits, tell
from backend.demo.themes import THEMES
from backend.reports.schemas import LANDMARK_MAX, MESSAGE_MAX, PHOTOS_MAX, WORDS_MAX

MOMENTS = {
    "a working morning": datetime(2026, 11, 24, 9, 30, tzinfo=SHANGHAI),
    "the middle of the night": datetime(2026, 6, 11, 3, 4, tzinfo=SHANGHAI),
    "the long autumn holiday": datetime(2026, 10, 5, 16, 0, tzinfo=SHANGHAI),
    "a year whose holidays nobody knows": datetime(2029, 2, 12, 20, 0, tzinfo=SHANGHAI),
}


@pytest.fixture(scope="module", params=MOMENTS)
def now(request: pytest.FixtureRequest) -> datetime:
    return MOMENTS[request.param]


@pytest.fixture(scope="module")
def stories(now: datetime) -> list[Story]:
    return tell(city(), now)


def test_everything_lies_in_the_last_months_and_in_order(stories: list[Story], now: datetime):
    for story in stories:
        opened = story.sightings[0].at
        moments = [act.at for act in story.acts]
        assert moments == sorted(moments)
        assert all(opened < moment < now for moment in moments)
        assert all(opened <= sighting.at < now for sighting in story.sightings)
        assert opened > now - timedelta(days=125)


def test_each_story_is_a_way_through_the_state_table(stories: list[Story]):
    for story in stories:
        state: State | None = State.RECEIVED
        for act in story.acts:
            step = Step.WITHDRAW if act.do == "withdraw" else act.step
            state = rules.next_state(state, step) if step and state else state
        assert state is story.plot.state


def test_who_joins_stands_where_the_case_was_suggested(stories: list[Story]):
    """Without a point nothing is suggested, and `cases.intake` would open a second case."""
    joined = [story for story in stories if len(story.sightings) > 1]
    assert joined
    assert all(sighting.place.point is not None for story in joined for sighting in story.sightings)


def test_nobody_joins_a_case_that_has_ended(stories: list[Story]):
    for story in stories:
        ends = [
            act.at for act in story.acts if act.do == "withdraw" or act.step in {Step.CLOSE, Step.REFER, Step.DECLINE}
        ]
        assert all(sighting.at < min(ends) for sighting in story.sightings[1:] if ends)


def test_every_state_finding_and_measure_is_there(stories: list[Story]):
    assert {story.plot.state for story in stories} == set(State)
    assert {story.plot.state for story in stories[:12]} == set(State)
    closed = [story.plot for story in stories if story.plot.state is State.CLOSED]
    assert {plot.finding for plot in closed} == set(Finding)
    assert {plot.measure for plot in closed} == {*Measure, None}
    reasons = {reason.code for reason in city().decline_reasons}
    assert {plot.decline_reason for plot in PLOTS if plot.decline_reason} == reasons


def test_staff_act_in_office_hours(stories: list[Story]):
    for act in (act for story in stories for act in story.acts if act.do in {"step", "ask"}):
        local = act.at.astimezone(SHANGHAI)
        assert is_workday(local.date())
        assert 8 <= local.hour < 18


def test_places_and_codes_are_those_of_the_city(stories: list[Story]):
    here = city()
    for story in stories:
        for sighting in story.sightings:
            place = sighting.place
            if place.county_code is None:
                assert place.point
                assert story.plot.code.startswith("outside")
                continue
            county = here.county(place.county_code)
            assert place.township_code is None or place.township_code in {one.code for one in county.townships}
            assert place.point or place.landmark
    counties = Counter(story.sightings[0].place.county_code for story in stories)
    assert len(set(counties) - {None}) == len(here.counties)


def test_texts_and_photos_are_within_the_limits(stories: list[Story]):
    for story in stories:
        for sighting in story.sightings:
            assert len(sighting.words) <= WORDS_MAX
            assert len(sighting.place.landmark) <= LANDMARK_MAX
            assert sighting.photos <= PHOTOS_MAX
            assert sighting.words or sighting.photos or sighting is not story.sightings[0]
            assert sighting.phone is None or read_phone(sighting.phone) == sighting.phone
            assert story.theme.pictured or not sighting.photos
        for act in story.acts:
            limit = {Step.CLOSE: ANSWER_MAX, Step.REOPEN: REASON_MAX}.get(act.step or Step.ACCEPT, MESSAGE_MAX)
            assert len(act.text) <= limit
            assert "{" not in act.text
            assert story.theme.pictured or not act.photos


def test_themes_speak_of_kinds_and_questions_that_the_city_has():
    here = city()
    for theme in THEMES:
        kind = here.kind(theme.kind)
        known = {question.id: {choice.id for choice in question.choices} for question in kind.questions}
        for question, choices in theme.details.items():
            assert set(choices) <= known[question], theme.code
        assert theme.subkind is None or theme.subkind in {subkind.code for subkind in kind.subkinds}
        assert len(theme.words) >= 3


def test_what_is_passed_on_has_somebody_to_take_it(stories: list[Story]):
    assert all(fits(city(), story.plot, story.theme) for story in stories)


def test_it_is_mostly_air_and_noise_and_mostly_without_words(stories: list[Story]):
    sightings = [sighting for story in stories for sighting in story.sightings]
    kinds = Counter(story.theme.kind for story in stories)
    assert kinds.most_common(1)[0][0] == "smoke"
    assert kinds["smoke"] + kinds["noise"] > len(stories) * 0.35
    assert 0.3 < sum(bool(one.words) for one in sightings) / len(sightings) < 0.7
    assert 180 <= len(sightings) <= 260
    assert any(one.language == "en" for one in sightings)


def test_two_tellings_are_the_same(now: datetime, stories: list[Story]):
    assert tell(city(), now) == stories
