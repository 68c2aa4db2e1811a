"""What can be wrong with an account."""

from backend.core.errors import N_, Conflict, Invalid, TooMany


class DemoAccountPresent(Exception):
    """A sample account, whose password anybody can read, stands in a database for real residents."""


class PasswordRefused(Invalid):
    """The password is too short, too long or among the first that anybody tries."""


class LoginTaken(Conflict):
    """Another member of staff has this login."""

    message = N_("This login is taken.")


class StaffIncomplete(Invalid):
    """A county officer without a county, or a login that cannot be typed."""


class SignInBusy(TooMany):
    """More people sign in at once than the machine can check passwords for."""

    message = N_("Many people are signing in just now. Please try again in a few seconds.")
