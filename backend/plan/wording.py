"""The words for what the plan says: states of a target, what bodies claim, what was found."""

from collections.abc import Mapping

from backend.cities.plan import ObservationStatus, Operator, Scope
from backend.core.errors import N_
from backend.plan.assessment import Status
from backend.plan.rules import Kind, State
from backend.plan.schemas import ClaimStatus, Stage

STATUS: Mapping[Status, str] = {
    Status.MET: N_("Target met"),
    Status.MET_EARLY: N_("Met early"),
    Status.MET_LATE: N_("Met late"),
    Status.LOST: N_("Met once, lost again"),
    Status.MISSED: N_("Missed"),
    Status.DUE_UNREPORTED: N_("Due, not published"),
    Status.NO_DATA: N_("No figure yet"),
    Status.NO_BASELINE: N_("No start to judge from"),
    Status.ON_TRACK: N_("On track"),
    Status.BEHIND: N_("Behind"),
    Status.FAR_BEHIND: N_("Far behind"),
    Status.WORSENING: N_("Getting worse"),
    Status.TARGET_NOT_PUBLISHED: N_("Aim not published"),
}
CLAIM: Mapping[ClaimStatus, str] = {
    ClaimStatus.NOT_STARTED: N_("not begun"),
    ClaimStatus.UNDER_WAY: N_("under way"),
    ClaimStatus.DONE: N_("done"),
    ClaimStatus.GIVEN_UP: N_("given up"),
}
STAGE: Mapping[Stage, str] = {
    Stage.NONE_FOUND: N_("nothing found"),
    Stage.ANNOUNCED: N_("announced"),
    Stage.FUNDED: N_("money granted"),
    Stage.UNDER_WAY: N_("work seen"),
    Stage.DELIVERED: N_("delivered"),
    Stage.VERIFIED: N_("checked and in use"),
}
QUALITY: Mapping[ObservationStatus, str] = {
    ObservationStatus.NORMAL: N_("final"),
    ObservationStatus.ESTIMATED: N_("estimated"),
    ObservationStatus.PROVISIONAL: N_("provisional"),
    ObservationStatus.BREAK: N_("counted in a new way"),
    ObservationStatus.MISSING: N_("said to be missing"),
}
SCOPE: Mapping[Scope, str] = {Scope.CITY: N_("whole city"), Scope.URBAN: N_("urban area"), Scope.TOWNS: N_("towns")}
OPERATOR: Mapping[Operator, str] = {
    Operator.AT_LEAST: N_("at least %(value)s"),
    Operator.AT_MOST: N_("at most %(value)s"),
    Operator.EQUAL: N_("exactly %(value)s"),
    Operator.BETWEEN: N_("%(low)s to %(high)s"),
    Operator.CHANGE: N_("%(change)s from %(year)s"),
    Operator.EXTERNAL: N_("as the province requires"),
}
SUBMISSION: Mapping[State, str] = {
    State.DRAFT: N_("Draft"),
    State.SUBMITTED: N_("Waiting for a second person"),
    State.RETURNED: N_("Returned to its author"),
    State.APPROVED: N_("Approved, not public yet"),
    State.PUBLISHED: N_("Published"),
    State.DISCARDED: N_("Thrown away"),
}
KIND: Mapping[Kind, str] = {
    Kind.PLAN: N_("Plan"),
    Kind.PART: N_("Part"),
    Kind.ARTICLE: N_("Article"),
    Kind.INDICATOR: N_("Indicator"),
    Kind.TARGET: N_("Aim"),
    Kind.COMMITMENT: N_("Promise"),
    Kind.SOURCE: N_("Source"),
    Kind.BASELINE: N_("Start"),
    Kind.CLAIM: N_("Word of a body"),
    Kind.FINDING: N_("What was found"),
    Kind.REPLY: N_("Reply of a body"),
    Kind.EXPOSURE: N_("Exposure"),
    Kind.EXAMPLE: N_("Good example"),
    Kind.NEWS: N_("News"),
}
VALUE = N_("Figure")


def status_of(state: str) -> Status:
    """Return a stored state as it is known now; an older method's state that is no longer used counts as no figure."""
    return Status(state) if state in set(Status) else Status.NO_DATA
