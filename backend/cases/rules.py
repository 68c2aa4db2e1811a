"""The life of a case as a table that can be read aloud, and the pure rules around it.

A *state* says where the handling is; a *finding* says what turned out. They are kept apart, so that a closed case is
never counted as a solved one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from backend.core.errors import N_


class State(StrEnum):
    """Where the handling of a case is."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    INVESTIGATING = "investigating"
    HANDLING = "handling"
    CLOSED = "closed"
    DECLINED = "declined"
    REFERRED = "referred"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"


class Step(StrEnum):
    """What can be done to a case."""

    ACCEPT = "accept"
    DECLINE = "decline"
    REFER = "refer"
    INVESTIGATE = "investigate"
    FINDING = "finding"
    CLOSE = "close"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"


class Finding(StrEnum):
    """What the investigation established."""

    SUBSTANTIATED = "substantiated"
    UNSUBSTANTIATED = "unsubstantiated"
    UNVERIFIABLE = "unverifiable"


class Measure(StrEnum):
    """What was done about a substantiated case."""

    FILED = "filed"
    PENALISED = "penalised"
    CORRECTED = "corrected"
    TRANSFERRED = "transferred"


@dataclass(frozen=True)
class Transition:
    """One row of the table."""

    after: State
    why: str


# Read it aloud: "a received case can be accepted, and is then accepted, because it is ours to look into".
TRANSITIONS: Mapping[tuple[State, Step], Transition] = {
    (State.RECEIVED, Step.ACCEPT): Transition(State.ACCEPTED, "it is ours to look into"),
    (State.RECEIVED, Step.DECLINE): Transition(State.DECLINED, "a reason is given, and who is competent"),
    (State.RECEIVED, Step.REFER): Transition(State.REFERRED, "another body is competent and has been told"),
    (State.RECEIVED, Step.WITHDRAW): Transition(State.WITHDRAWN, "every reporter took it back before acceptance"),
    (State.ACCEPTED, Step.INVESTIGATE): Transition(State.INVESTIGATING, "someone goes and looks"),
    (State.ACCEPTED, Step.REFER): Transition(State.REFERRED, "competence turned out to lie elsewhere"),
    (State.INVESTIGATING, Step.FINDING): Transition(State.HANDLING, "what was found is written down"),
    (State.INVESTIGATING, Step.REFER): Transition(State.REFERRED, "competence turned out to lie elsewhere"),
    (State.HANDLING, Step.FINDING): Transition(State.HANDLING, "a finding is corrected by a later one"),
    (State.HANDLING, Step.CLOSE): Transition(State.CLOSED, "the reporter gets the answer"),
    (State.CLOSED, Step.REOPEN): Transition(State.REOPENED, "it is still there"),
    (State.DECLINED, Step.REOPEN): Transition(State.REOPENED, "the refusal was wrong or the facts are new"),
    (State.REFERRED, Step.REOPEN): Transition(State.REOPENED, "the other body sent it back"),
    (State.REOPENED, Step.INVESTIGATE): Transition(State.INVESTIGATING, "someone goes and looks again"),
    (State.REOPENED, Step.REFER): Transition(State.REFERRED, "competence turned out to lie elsewhere"),
}

ENDED = frozenset({State.CLOSED, State.DECLINED, State.REFERRED, State.WITHDRAWN})
OPEN = frozenset(State) - ENDED


def next_state(state: State, step: Step) -> State | None:
    """Return the state after `step`, or `None` where the table has no such row."""
    transition = TRANSITIONS.get((state, step))
    return transition.after if transition else None


def next_steps(state: State) -> list[Step]:
    """Return the steps an officer may take from `state`, in the order of the table; withdrawal is the reporter's."""
    return [step for (before, step) in TRANSITIONS if before is state and step is not Step.WITHDRAW]


def deadline_step(state: State) -> tuple[str, str] | None:
    """Return which limit of the city's deadlines runs in `state`, and the moment that it runs from.

    The limits stand in `deadlines.yaml`: acceptance from receipt, handling from acceptance. An ended case has none.
    """
    if state is State.RECEIVED:
        return "acceptance", "opened_at"
    if state in {State.ACCEPTED, State.INVESTIGATING, State.HANDLING}:
        return "handling", "accepted_at"
    if state is State.REOPENED:
        return "handling", "now"
    return None


def ending_needs(step: Step, finding: Finding | None, measure: Measure | None) -> str | None:
    """Return the sentence that says what is missing for `step`, or `None`.

    A close without a finding, or of a substantiated case without a measure, would be a number without a meaning.
    """
    if step is not Step.CLOSE:
        return None
    if finding is None:
        return N_("Write down the finding before closing the case.")
    if finding is Finding.SUBSTANTIATED and measure is None:
        return N_("The case is substantiated: say what was done before closing it.")
    return None
