"""What residents and officers read for a state, a finding or a step: one word each, in the catalogue."""

from collections.abc import Mapping

from backend.cases.rules import Finding, Measure, State, Step
from backend.core.errors import N_

STATES: Mapping[State, str] = {
    State.RECEIVED: N_("Received"),
    State.ACCEPTED: N_("Accepted"),
    State.INVESTIGATING: N_("Being checked"),
    State.HANDLING: N_("Being handled"),
    State.CLOSED: N_("Closed"),
    State.DECLINED: N_("Not accepted"),
    State.REFERRED: N_("Passed on"),
    State.REOPENED: N_("Opened again"),
    State.WITHDRAWN: N_("Withdrawn"),
}

FINDINGS: Mapping[Finding, str] = {
    Finding.SUBSTANTIATED: N_("Found to be true"),
    Finding.UNSUBSTANTIATED: N_("Not found to be true"),
    Finding.UNVERIFIABLE: N_("Could not be verified"),
}

MEASURES: Mapping[Measure, str] = {
    Measure.FILED: N_("Case filed for penalty"),
    Measure.PENALISED: N_("Penalised"),
    Measure.CORRECTED: N_("Ordered to correct"),
    Measure.TRANSFERRED: N_("Handed to the police"),
}

STEPS: Mapping[Step, str] = {
    Step.ACCEPT: N_("Accept"),
    Step.DECLINE: N_("Do not accept"),
    Step.REFER: N_("Pass on"),
    Step.INVESTIGATE: N_("Start checking"),
    Step.FINDING: N_("Write down the finding"),
    Step.CLOSE: N_("Close and answer"),
    Step.REOPEN: N_("Open again"),
    Step.WITHDRAW: N_("Withdraw"),
}

SENTENCES: Mapping[State, str] = {
    State.RECEIVED: N_("Your report has arrived. The bureau decides by %(date)s whether it is accepted."),
    State.ACCEPTED: N_("The bureau has accepted your report and will look into it."),
    State.INVESTIGATING: N_("Someone is looking into it on the spot."),
    State.HANDLING: N_("The check is done; the bureau is dealing with the outcome."),
    State.CLOSED: N_("The case is closed. You can read the answer below."),
    State.DECLINED: N_("We could not open a case. The reason and who can help stand below."),
    State.REFERRED: N_("Your report was passed to the body in charge."),
    State.REOPENED: N_("The case has been opened again and will be checked once more."),
    State.WITHDRAWN: N_("You have withdrawn this report."),
}
