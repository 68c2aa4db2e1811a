"""What can be wrong with a station, a report that it is closed, or a list that is imported."""

from backend.core.errors import N_, Conflict, Invalid, NotFound


class StationUnknown(NotFound):
    """No such station, or one that is no longer shown."""

    message = N_("There is no such station.")


class StationChanged(Conflict):
    """The form was made from an older version of the station."""

    message = N_("Someone changed this station in the meantime. Nothing was changed; check and try again.")


class StationRefused(Invalid):
    """The form breaks rules; `fields` names each."""

    message = N_("Please check what you entered.")


class CodeTaken(Conflict):
    """Another station has this code."""

    message = N_("Another station has this code already.")


class ImportUnknown(NotFound):
    """No such import, or it is no longer kept."""

    message = N_("There is no such import.")


class ImportDone(Conflict):
    """The same import was carried out before."""

    message = N_("This list was taken over already. Nothing was changed a second time.")


class ImportMoved(Conflict):
    """The stations changed between the look and the taking over."""

    message = N_("The stations changed since you looked at this list. Look at it again before you take it over.")


class LinesRefused(Invalid):
    """Some lines are wrong and the editor has not chosen to leave them out."""

    message = N_("Some lines are wrong, so nothing was taken over.")


class FileUnreadable(Invalid):
    """The file is no list of stations at all."""

    message = N_("This file cannot be read as a CSV list.")
