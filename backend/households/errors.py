"""What a household refuses, each with the sentence that says how it goes on."""

from backend.core.errors import N_, Conflict, Forbidden, Invalid, NotFound


class HouseholdNameInvalid(Invalid):
    """Empty, too long, or with a number in it."""

    message = N_("A household's name has 1 to 16 characters and no phone number.")


class NotInHousehold(NotFound):
    """The resident is in no household, or not in this one."""

    message = N_("You are not in a household.")


class MemberUnknown(NotFound):
    """No such member in this household."""

    message = N_("There is no such member in your household.")


class OwnerOnly(Forbidden):
    """Who is not the owner may not do this."""

    message = N_("Only the person who looks after the household can do this.")


class OfAgeOnly(Forbidden):
    """A minor cannot answer for a household."""

    message = N_("Only somebody of age can look after a household.")


class InHouseholdAlready(Conflict):
    """One household at a time."""

    message = N_("You are in a household already. Leave it first, then join another.")


class CoolingOff(Conflict):
    """Too soon after the last household."""

    message = N_("After leaving a household there are 30 days before another one. You can join from %(day)s.")


class HouseholdFull(Conflict):
    """No further member fits."""

    message = N_("This household is full.")


class EldersFull(Conflict):
    """No further elder fits."""

    message = N_("A household can log for at most 3 elders.")


class HouseholdIdTaken(Conflict):
    """The id stands for something else."""

    message = N_("This was sent before with other content. Load the page again and check.")


class InviteMistyped(Invalid):
    """The check symbol says that a character is wrong."""

    message = N_("There is a typing mistake in this code. Please compare it character by character.")


class InviteUnknown(NotFound):
    """No invitation has this code, or it has ended: one answer for all."""

    message = N_("This invitation does not work any more. Ask your family for a new one.")


class ConsentMissing(Invalid):
    """Nobody is in a household without having agreed to what is shared."""

    message = N_("Please agree to what is shared first.")


class SuccessorNeeded(Conflict):
    """An owner hands over first."""

    message = N_("Choose who looks after the household next, or dissolve it.")


class NotForElders(Conflict):
    """An elder without an account does not do this."""

    message = N_("This is not possible for an elder without an account.")


class LimitInvalid(Invalid):
    """A daily limit is a small whole number, for minors only."""

    message = N_("A daily limit is a whole number from 0 to 1000, and only for members under 18.")


class DailyLimitReached(Conflict):
    """A minor has used up what the owner allows in a day."""

    message = N_("That is more than your household lets you use today.")
