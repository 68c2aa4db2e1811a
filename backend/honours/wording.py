"""How applications are told to people."""

from collections.abc import Mapping

from backend.core.errors import N_
from backend.honours.rules import State, Step

STATES: Mapping[State, str] = {
    State.APPLIED: N_("Being looked at"),
    State.PROPOSED: N_("A second person looks"),
    State.GRANTED: N_("Granted"),
    State.REFUSED: N_("Not granted"),
    State.REVOKED: N_("Title withdrawn"),
    State.TAKEN_BACK: N_("Application taken back"),
}
STEPS: Mapping[Step, str] = {
    Step.PROPOSE: N_("Propose the title"),
    Step.GRANT: N_("Grant the title"),
    Step.SEND_BACK: N_("Send back"),
    Step.REFUSE: N_("Do not grant"),
    Step.REVOKE: N_("Withdraw the title"),
}
EVENTS: Mapping[str, str] = {
    "applied": N_("applied"),
    Step.PROPOSE.value: N_("proposed"),
    Step.GRANT.value: N_("granted"),
    Step.SEND_BACK.value: N_("sent back"),
    Step.REFUSE.value: N_("not granted"),
    Step.REVOKE.value: N_("withdrawn"),
    Step.TAKE_BACK.value: N_("taken back by the applicant"),
}
ICONS: Mapping[State, str] = {
    State.APPLIED: "state-received",
    State.PROPOSED: "state-investigating",
    State.GRANTED: "state-closed",
    State.REFUSED: "state-declined",
    State.REVOKED: "state-declined",
    State.TAKEN_BACK: "state-withdrawn",
}
OVER = N_("The term is over")
