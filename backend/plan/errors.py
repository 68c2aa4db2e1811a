"""What can be wrong with a change of the plan."""

from backend.core.errors import N_, Conflict, Forbidden, Invalid, NotFound


class NothingPublished(NotFound):
    """The city has no plan yet, or none had been published on the day asked for."""

    message = N_("No plan has been published yet.")


class EntryUnknown(NotFound):
    """No such article, indicator or other entry of the plan."""

    message = N_("The plan has no such entry.")


class SubmissionUnknown(NotFound):
    """No such submission."""

    message = N_("There is no such draft.")


class SubmissionChanged(Conflict):
    """The form was made from an older version of the submission."""

    message = N_("Someone changed this draft in the meantime. Nothing was changed; look at what is new and try again.")


class StepNotAllowed(Conflict):
    """The state table has no such row."""

    message = N_("This step is not possible now. Nothing was changed.")


class NotOpen(Conflict):
    """It was submitted already, and a judge must be able to trust what lies before them."""

    message = N_("This draft was handed in and cannot be changed. Ask for it to be returned.")


class PublishedMeanwhile(Conflict):
    """Another submission changed the same entry after this one was begun."""

    message = N_("%(entries)s changed since this draft was begun. Open the draft, compare, and keep or drop each one.")


class SecondPersonNeeded(Forbidden):
    """Whoever submitted cannot approve; the database holds to that as well."""

    message = N_("Another person has to check this, not the one who handed it in.")


class ReasonMissing(Invalid):
    """A step that needs words came without them."""

    message = N_("Please write down why.")


class NothingInIt(Invalid):
    """An empty submission."""

    message = N_("The draft is empty. Add an entry first.")


class SourceMissing(Invalid):
    """A number without a source is never published (P16)."""

    message = N_("%(entry)s has no published source. Add the source to the plan or to this draft.")


class LeadsNowhere(Invalid):
    """An entry names another one that would not exist after publication."""

    message = N_("%(entry)s names %(missing)s, which the plan does not have.")


class OutOfRange(Invalid):
    """A value lies outside the natural limits of its indicator."""

    message = N_("%(entry)s lies outside the limits of its indicator.")


class ClockBehind(Conflict):
    """The clock of the server was set back to before the last publication."""

    message = N_("The clock of the server is behind the last publication. Nothing was published.")


class ListUnknown(NotFound):
    """No such list for this draft."""

    message = N_("There is no such list.")


class ListMoved(Conflict):
    """The list would do something else than what was shown."""

    message = N_("The plan changed since this was shown. Nothing was written; look at it again.")


class LinesRefused(Invalid):
    """Lines are wrong or doubtful, and nobody said that they are left out."""

    message = N_("Lines %(lines)s cannot be taken over as they are. Nothing was written: mend them or leave them out.")


class NotLines(Invalid):
    """What is to be left out is no list of line numbers."""

    message = N_("Write line numbers like this: 3, 7-9")


class FindsUndecided(Conflict):
    """Not every find of a text was accepted or rejected."""

    message = N_("Some finds are not decided yet. Accept, correct or reject each of them first.")
