"""The life of a submission as a table: what an editor prepares becomes public only after another person agreed."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a document of the plan is."""

    PLAN = "plan"
    PART = "part"
    ARTICLE = "article"
    INDICATOR = "indicator"
    TARGET = "target"
    COMMITMENT = "commitment"
    SOURCE = "source"
    BASELINE = "baseline"
    CLAIM = "claim"
    FINDING = "finding"
    REPLY = "reply"
    EXPOSURE = "exposure"
    EXAMPLE = "example"
    NEWS = "news"


class State(StrEnum):
    """Where a submission is."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    PUBLISHED = "published"
    DISCARDED = "discarded"


class Step(StrEnum):
    """What can be done to a submission."""

    SUBMIT = "submit"
    RETURN = "return"
    APPROVE = "approve"
    PUBLISH = "publish"
    DISCARD = "discard"


@dataclass(frozen=True)
class Transition:
    """One row of the table."""

    after: State
    why: str


# Read it aloud: "a draft can be submitted, because its author holds it to be right".
TRANSITIONS: Mapping[tuple[State, Step], Transition] = {
    (State.DRAFT, Step.SUBMIT): Transition(State.SUBMITTED, "its author holds it to be right"),
    (State.DRAFT, Step.DISCARD): Transition(State.DISCARDED, "its author does not want it any more"),
    (State.RETURNED, Step.SUBMIT): Transition(State.SUBMITTED, "what was asked for is mended"),
    (State.RETURNED, Step.DISCARD): Transition(State.DISCARDED, "its author does not want it any more"),
    (State.SUBMITTED, Step.APPROVE): Transition(State.APPROVED, "another person checked it"),
    (State.SUBMITTED, Step.RETURN): Transition(State.RETURNED, "another person says what to mend"),
    (State.APPROVED, Step.PUBLISH): Transition(State.PUBLISHED, "residents may read it now"),
    (State.APPROVED, Step.RETURN): Transition(State.RETURNED, "something was found before it went out"),
}
OPEN = frozenset({State.DRAFT, State.RETURNED})
"""What its editors may still change."""
BY_ANOTHER = frozenset({Step.APPROVE, Step.RETURN})
"""Whoever submitted does not judge."""
NEEDS_REASON = frozenset({Step.RETURN})


def next_state(state: State, step: Step) -> State | None:
    """Return the state after `step`, or `None` where the table has no such row."""
    transition = TRANSITIONS.get((state, step))
    return transition.after if transition else None


def next_steps(state: State) -> list[Step]:
    """Return what can be done from `state`, in the order of the table."""
    return [step for (before, step) in TRANSITIONS if before is state]
