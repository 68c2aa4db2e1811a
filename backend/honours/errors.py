"""What can be wrong with an application for a green title."""

from backend.core.errors import N_, Conflict, Forbidden, Invalid, NotFound


class HonourUnknown(NotFound):
    """No such title."""

    message = N_("There is no such title.")


class ApplicationUnknown(NotFound):
    """No such application, or not yours: the answer is the same."""

    message = N_("There is no such application.")


class ApplicationChanged(Conflict):
    """The form was made from an older version of the application."""

    message = N_("Someone changed this application in the meantime. Nothing was changed; check and try again.")


class StepNotAllowed(Conflict):
    """The state table has no such row."""

    message = N_("This step is not possible now. Nothing was changed.")


class AlreadyRunning(Conflict):
    """The same person has an application for this title that is not decided, or a title that still holds."""

    message = N_("You have applied for this already, or hold it still. You can see below how it stands.")


class OtherContent(Conflict):
    """The id was used for something else."""

    message = N_("This form was sent before with other content. Load the page again.")


class CriteriaNotMet(Invalid):
    """Too few criteria are met."""

    message = N_("Not enough points are met yet. You can apply as soon as they are.")


class ReasonMissing(Invalid):
    """A refusal or withdrawal without a reason."""

    message = N_("Give the reason.")


class SecondPersonNeeded(Forbidden):
    """Whoever proposed may not grant."""

    message = N_("You proposed this yourself. Another person has to grant it.")
