"""The life of an application for a green title as a table, and what of its criteria is met.

Two people of the bureau stand behind each title: one proposes, another grants.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol


class State(StrEnum):
    """Where an application is."""

    APPLIED = "applied"
    PROPOSED = "proposed"
    GRANTED = "granted"
    REFUSED = "refused"
    REVOKED = "revoked"
    TAKEN_BACK = "taken_back"


class Step(StrEnum):
    """What can be done to an application."""

    PROPOSE = "propose"
    GRANT = "grant"
    SEND_BACK = "send_back"
    REFUSE = "refuse"
    REVOKE = "revoke"
    TAKE_BACK = "take_back"


@dataclass(frozen=True)
class Transition:
    """One row of the table."""

    after: State
    why: str


# Read it aloud: "an application that was made can be proposed, because somebody looked and found it right".
TRANSITIONS: Mapping[tuple[State, Step], Transition] = {
    (State.APPLIED, Step.PROPOSE): Transition(State.PROPOSED, "somebody looked and found it right"),
    (State.APPLIED, Step.REFUSE): Transition(State.REFUSED, "a reason is given"),
    (State.APPLIED, Step.TAKE_BACK): Transition(State.TAKEN_BACK, "the applicant does not want it any more"),
    (State.PROPOSED, Step.GRANT): Transition(State.GRANTED, "another person agrees"),
    (State.PROPOSED, Step.SEND_BACK): Transition(State.APPLIED, "another person wants it looked at again"),
    (State.PROPOSED, Step.REFUSE): Transition(State.REFUSED, "a reason is given"),
    (State.PROPOSED, Step.TAKE_BACK): Transition(State.TAKEN_BACK, "the applicant does not want it any more"),
    (State.GRANTED, Step.REVOKE): Transition(State.REVOKED, "it no longer holds true, and the reason is told"),
}
UNDECIDED = frozenset({State.APPLIED, State.PROPOSED})
NEEDS_REASON = frozenset({Step.REFUSE, Step.REVOKE, Step.SEND_BACK})
RENEW_MONTHS = 2
"""So long before its end a title may be applied for again."""


class Asked(Protocol):
    """A criterion; `measure` names the number that counts it, `None` is checked by oneself."""

    @property
    def code(self) -> str: ...
    @property
    def measure(self) -> str | None: ...
    @property
    def at_least(self) -> int | None: ...


@dataclass(frozen=True)
class Answer:
    """What came of one criterion. `counted` is the number where there is one; without it the word of the applicant counts."""

    code: str
    is_met: bool
    counted: int | None = None


def next_state(state: State, step: Step) -> State | None:
    """Return the state after `step`, or `None` where the table has no such row."""
    transition = TRANSITIONS.get((state, step))
    return transition.after if transition else None


def next_steps(state: State) -> list[Step]:
    """Return what the bureau may do from `state`, in the order of the table; taking back is the applicant's."""
    return [step for (before, step) in TRANSITIONS if before is state and step is not Step.TAKE_BACK]


def check(criteria: Sequence[Asked], said: frozenset[str], counts: Mapping[str, int]) -> list[Answer]:
    """Say of each criterion whether it is met: by the number where one is known, else by what the applicant says."""
    return [_answer(criterion, said, counts) for criterion in criteria]


def _answer(criterion: Asked, said: frozenset[str], counts: Mapping[str, int]) -> Answer:
    counted = counts.get(criterion.measure) if criterion.measure else None
    if counted is None or criterion.at_least is None:
        return Answer(criterion.code, criterion.code in said)
    return Answer(criterion.code, counted >= criterion.at_least, counted)


def months_later(day: date, months: int) -> date:
    """Return the same day so many months later, or the last day of a shorter month."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def is_valid(state: State, valid_until: date | None, today: date) -> bool:
    """Whether a title holds today."""
    return state is State.GRANTED and valid_until is not None and today <= valid_until


def may_renew(valid_until: date, today: date) -> bool:
    """Whether a title ends so soon that it may be applied for again."""
    return months_later(today, RENEW_MONTHS) >= valid_until
