"""What can be wrong with a resident's account."""

from backend.core.errors import N_, Conflict, Forbidden, Invalid


class PhoneInvalid(Invalid):
    """No mainland mobile number."""

    message = N_("Please enter a mobile number with 11 digits.")


class NicknameInvalid(Invalid):
    """Empty, too long, or with something in it that names a person."""

    message = N_("A nickname has 1 to 20 characters and no phone number.")


class AgeInvalid(Invalid):
    """No age was chosen, or a birth year that does not fit it."""

    message = N_("Please choose your age, and under 18 your birth year too.")


class AgreementNeeded(Invalid):
    """The one consent without which there is no account was not given."""

    message = N_("Without this agreement there is no account. Everything else here works without one.")


class ConsentNotOptional(Invalid):
    """An agreement that is given elsewhere, or taken back only by deleting the account."""

    message = N_("This agreement belongs to the account. To take it back, delete the account.")


class AgeKnown(Conflict):
    """The age was told before; it is told once."""

    message = N_("Your age is already noted.")


class GuardianInvalid(Invalid):
    """The own number, or that of somebody who is not of age."""

    message = N_("A guardian is of age and has another number than you.")


class NoGuardianNeeded(Conflict):
    """The resident is old enough, or a guardian has agreed already."""

    message = N_("You need no guardian's agreement.")


class AgeNotTold(Forbidden):
    """The first sign-in was not finished."""

    message = N_("First finish your account under “Me”: age and agreement.")


class GuardianNeeded(Forbidden):
    """A child earns once the guardian has agreed."""

    message = N_("A guardian has to agree first. You find it under “Me”.")


class PointsConsentNeeded(Forbidden):
    """Points were not agreed to, or the agreement was taken back."""

    message = N_("Points need your agreement that we keep what you log. You find it under “Me”.")


class NothingTicked(Invalid):
    """Things were to be taken over, and none was chosen."""

    message = N_("Tick what was yours, or leave everything on this phone.")
