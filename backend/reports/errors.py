"""What can be wrong with a report."""

from backend.core.errors import N_, Conflict, Invalid, NotFound


class ReportIdReused(Conflict):
    """The id was used before with another body."""

    message = N_("A different report was already sent under this id. Open the form again to start a new one.")


class ReportEmpty(Invalid):
    """Nothing that anyone could look into."""

    message = N_("Add a photo, or say in a few words what you saw.")


class PlaceMissing(Invalid):
    """Neither a point nor a county."""

    message = N_("Say where it is: allow your location, or pick a county and a landmark.")


class KindUnknown(Invalid):
    """Not a kind of this city."""

    message = N_("Choose what you saw.")


class DivisionUnknown(Invalid):
    """Not a county or township of this city, or not of that county."""

    message = N_("Pick a county and township from the list.")


class ReceiptUnknown(NotFound):
    """One answer for every receipt that opens nothing, so that trying teaches nothing."""

    message = N_("This receipt does not open anything. Check it character by character, or call 12369.")


class MessageEmpty(Invalid):
    """A message with neither words nor photos."""

    message = N_("Write a few words or add a photo.")


class MessageIdReused(Conflict):
    """The id was used before with another text."""

    message = N_("A different message was already sent under this id. Load the page again.")


class PhoneInvalid(Invalid):
    """Not a mobile number of mainland China."""

    message = N_("Enter a mobile number of 11 digits, or leave it out.")
