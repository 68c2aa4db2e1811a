"""The life of a case, walked pair by pair."""

import pytest

from backend.cases.rules import (
    ENDED,
    OPEN,
    TRANSITIONS,
    Finding,
    Measure,
    State,
    Step,
    deadline_step,
    ending_needs,
    next_state,
    next_steps,
)


def reachable_from(start: State) -> set[State]:
    found, new = {start}, {start}
    while new:
        new = {t.after for (before, _), t in TRANSITIONS.items() if before in new} - found
        found |= new
    return found


def test_every_state_can_be_reached_from_received():
    assert reachable_from(State.RECEIVED) == set(State)


@pytest.mark.parametrize("state", sorted(OPEN))
def test_every_open_state_can_be_left_for_an_end(state: State):
    assert reachable_from(state) & ENDED


@pytest.mark.parametrize("state", sorted(ENDED - {State.WITHDRAWN}))
def test_an_ended_case_can_only_be_reopened(state: State):
    assert next_steps(state) == [Step.REOPEN]


def test_a_withdrawn_case_stays_withdrawn():
    assert next_steps(State.WITHDRAWN) == []


def test_no_case_is_closed_without_a_finding_on_the_way():
    before_closed = {before for (before, _), t in TRANSITIONS.items() if t.after is State.CLOSED}
    into_those = {step for (_, step), t in TRANSITIONS.items() if t.after in before_closed}
    assert into_those == {Step.FINDING}


def test_only_a_reporter_can_withdraw_and_only_before_acceptance():
    assert [before for before, step in TRANSITIONS if step is Step.WITHDRAW] == [State.RECEIVED]
    assert all(Step.WITHDRAW not in next_steps(state) for state in State)


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("step", list(Step))
def test_a_pair_that_is_not_in_the_table_leads_nowhere(state: State, step: Step):
    row = TRANSITIONS.get((state, step))
    assert next_state(state, step) == (row.after if row else None)


def test_every_row_says_why():
    assert all(row.why and row.why[0].islower() for row in TRANSITIONS.values())


@pytest.mark.parametrize("state", list(State))
def test_a_deadline_runs_in_every_open_state_and_in_no_ended_one(state: State):
    assert (deadline_step(state) is not None) == (state in OPEN)


@pytest.mark.parametrize(
    ("finding", "measure", "complete"),
    [
        (None, None, False),
        (None, Measure.FILED, False),
        (Finding.SUBSTANTIATED, None, False),
        (Finding.SUBSTANTIATED, Measure.PENALISED, True),
        (Finding.UNSUBSTANTIATED, None, True),
        (Finding.UNVERIFIABLE, None, True),
    ],
)
def test_closing_needs_a_finding_and_a_substantiated_case_a_measure(
    finding: Finding | None, measure: Measure | None, complete: bool
):
    assert (ending_needs(Step.CLOSE, finding, measure) is None) == complete
    assert ending_needs(Step.ACCEPT, finding, measure) is None
