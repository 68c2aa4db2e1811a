"""What can be wrong with what somebody logs, proves, imports or asks back."""

from backend.core.errors import N_, Conflict, Invalid, NotFound


class ActivityUnknown(NotFound):
    """No such activity, or somebody else's: the answer is the same."""

    message = N_("There is no such entry.")


class BehaviourUnknown(NotFound):
    """The city's list does not have it today."""

    message = N_("This is not on the list of green behaviours.")


class ActivityIdReused(Conflict):
    """The id stands for something else."""

    message = N_("This was sent before with other content. Load the page again and check.")


class EvidenceNotEnough(Invalid):
    """This kind of proof does not count for this behaviour."""

    message = N_("This cannot be proven like that. Look at what the behaviour asks for.")


class PhotoMissing(Invalid):
    """A photo is the proof and none has arrived."""

    message = N_("A photo is missing. Please take one and send it again.")


class NoteMissing(Invalid):
    """The number of a slip or receipt is the proof."""

    message = N_("Please enter the number that stands on the slip.")


class QuantityInvalid(Invalid):
    """Not an amount that can be logged."""

    message = N_("Please enter an amount above zero; some things count only as a whole.")


class FundEmpty(Conflict):
    """The programme has no points left to give."""

    message = N_("All points of this programme are given out for now. Nothing was logged; please come back later.")


class UndoTooLate(Conflict):
    """The minutes are over, or it has been decided already."""

    message = N_("It is too late to undo this.")


class StepNotPossible(Conflict):
    """Somebody decided it in the meantime."""

    message = N_("This has been decided already. Nothing was changed.")


class ReasonMissing(Invalid):
    """Nothing is refused or taken back without a reason."""

    message = N_("Give the reason.")


class AppealTooLate(Conflict):
    """There is nothing to appeal against, or the time is over."""

    message = N_("An appeal is not possible for this entry, or no longer.")


class AppealUnknown(NotFound):
    """No such appeal."""

    message = N_("There is no such appeal.")


class CodeStale(Invalid):
    """A screenshot, a guess, or a phone that took too long."""

    message = N_("This code is no longer good. Scan the one on the screen now.")


class CodeUsed(Conflict):
    """One use for each person and turn of the code."""

    message = N_("You have used this code already. Wait for the next one, half a minute.")


class TooFarAway(Invalid):
    """Outside the fence around the point."""

    message = N_("You seem to be %(metres)s m away from this point. Scan the code when you stand there.")


class SiteUnknown(NotFound):
    """No such point."""

    message = N_("There is no such point.")


class NotYourStation(NotFound):
    """An attendant confirms at the own stations only."""

    message = N_("You are not on duty at this station.")


class OwnDuty(Conflict):
    """Who appoints does not stand at the scale."""

    message = N_("Another person has to put you on duty.")


class NoAttendant(Invalid):
    """The account has no right to confirm, or is locked."""

    message = N_("This account cannot confirm at a station. Choose an attendant.")


class StationNeeded(Invalid):
    """There is no such station, or it is no longer shown."""

    message = N_("Choose a station that is open to the public.")


class VisitOver(Conflict):
    """The visit waited too long, or was confirmed before."""

    message = N_("This visit is over. Please scan the code again.")


class CauseUnknown(NotFound):
    """Nothing that points can be given to."""

    message = N_("There is no such cause.")


class ListUnknown(NotFound):
    """No such list, or it is no longer kept."""

    message = N_("There is no such list.")


class ListDone(Conflict):
    """The list was taken over before."""

    message = N_("This list was taken over already. Nothing was booked a second time.")


class ListMoved(Conflict):
    """What it would do changed between the look and the taking over."""

    message = N_("Something changed since you looked at this list. Look at it again before you take it over.")


class LinesRefused(Invalid):
    """Some lines are wrong and nobody chose to leave them out."""

    message = N_("Some lines are wrong, so nothing was booked.")


class HomeUnknown(Invalid):
    """Not a community or school of this city."""

    message = N_("Please choose one of these.")


class NumberUnknown(Invalid):
    """No account that can earn has this number."""

    message = N_("No account with points has this number.")


class DayInvalid(Invalid):
    """A list of the future, or of long ago."""

    message = N_("Choose a day of the last two months.")
