"""The table of a title's life, walked whole; criteria by number where there is one."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.cities import load_city
from backend.honours import rules
from backend.honours.rules import State, Step

HOUSEHOLD = load_city("tianshui").honour("green_household")
ALLOWED = {
    ("applied", "propose"): "proposed",
    ("applied", "refuse"): "refused",
    ("applied", "take_back"): "taken_back",
    ("proposed", "grant"): "granted",
    ("proposed", "send_back"): "applied",
    ("proposed", "refuse"): "refused",
    ("proposed", "take_back"): "taken_back",
    ("granted", "revoke"): "revoked",
}


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("step", list(Step))
def test_only_what_the_table_says_is_possible(state: State, step: Step):
    assert rules.next_state(state, step) == ALLOWED.get((state.value, step.value))


def test_no_way_leads_to_a_title_past_a_proposal():
    assert [before for (before, step) in rules.TRANSITIONS if step is Step.GRANT] == [State.PROPOSED]


def test_what_is_over_stays_over():
    assert not any(rules.next_steps(state) for state in (State.REFUSED, State.REVOKED, State.TAKEN_BACK))


@given(st.sets(st.sampled_from([one.code for one in HOUSEHOLD.criteria])), st.none() | st.integers(0, 50))
def test_a_number_speaks_louder_than_a_tick(said: set[str], counted: int | None):
    counts = {} if counted is None else {"activities_per_month": counted}
    answers = {one.code: one for one in rules.check(HOUSEHOLD.criteria, frozenset(said), counts)}
    assert answers["logs"].is_met is ("logs" in said if counted is None else counted >= 8)
    assert all(answers[one.code].is_met is (one.code in said) for one in HOUSEHOLD.criteria if not one.measure)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2026-11-25", 24, "2028-11-25"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-08-31", 1, "2026-09-30"),
        ("2026-12-15", 1, "2027-01-15"),
    ],
)
def test_months_are_counted_to_the_same_day_or_the_last(day: str, months: int, later: str):
    assert rules.months_later(date.fromisoformat(day), months) == date.fromisoformat(later)


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(1, 120))
def test_a_term_ends_in_its_month(day: date, months: int):
    later = rules.months_later(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day <= day.day


def test_a_title_may_be_renewed_in_its_last_two_months():
    end = date(2028, 11, 25)
    assert not rules.may_renew(end, date(2028, 9, 24))
    assert rules.may_renew(end, date(2028, 9, 25))
