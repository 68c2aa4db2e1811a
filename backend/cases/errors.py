"""What can be wrong with a step of a case."""

from backend.core.errors import N_, Conflict, Forbidden, Invalid, NotFound


class CaseUnknown(NotFound):
    """No such case, or one of another county: the answer is the same."""

    message = N_("There is no such case in your queue.")


class TransitionNotAllowed(Conflict):
    """The state table has no such row."""

    message = N_("This step is not possible now. Nothing was changed; the page shows what is.")


class CaseChanged(Conflict):
    """The form was made from an older version of the case."""

    message = N_("Someone changed this case in the meantime. Nothing was changed; check the history and try again.")


class ReasonMissing(Invalid):
    """A step that needs a reason came without one."""

    message = N_("Give the reason.")


class BodyMissing(Invalid):
    """A refusal or referral that does not name who is competent."""

    message = N_("Name the body that is competent.")


class AnswerMissing(Invalid):
    """A case cannot end without an answer to those who reported it."""

    message = N_("Write the answer that the reporters will read.")


class SubkindUnknown(Invalid):
    """Not a finer kind of this case's kind."""

    message = N_("Choose a finer kind from the list.")


class NotReadyToClose(Invalid):
    """Finding or measure is missing."""


class NotYetPossible(Forbidden):
    """The reporter may not do this any more."""

    message = N_("The case is already accepted, so it can no longer be withdrawn. You can still write to the bureau.")


class NothingToSearch(Invalid):
    """The question has no word, or is too long."""

    message = N_("Write a number, a place or a word to look for, at most 60 characters.")
