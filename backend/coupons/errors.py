"""What coupons refuse, each in one sentence that says what can be done instead. Whoever is refused has changed nothing."""

from backend.core.errors import N_, Conflict, Forbidden, Invalid, NotFound, TooMany


class CampaignUnknown(NotFound):
    """No such campaign, or none that a resident may see."""

    message = N_("There is no such coupon campaign.")


class TicketUnknown(NotFound):
    """No such ticket of this resident, or none that these signs stand for."""

    message = N_("No valid ticket was found. Ask for the code to be shown again.")


class NumberUnknown(NotFound):
    """No ticket has this number, and these digits stand for none now."""

    message = N_("No ticket has this number. Six digits are good for five minutes only: ask for them again.")


class MerchantUnknown(NotFound):
    """No such merchant."""

    message = N_("There is no such merchant.")


class TerminalUnknown(NotFound):
    """No such device of a merchant."""

    message = N_("There is no such device.")


class BatchUnknown(NotFound):
    """No such settlement, or one of another merchant."""

    message = N_("There is no such settlement.")


class FunderUnknown(NotFound):
    """No such funder."""

    message = N_("There is no such funder.")


class IdReused(Conflict):
    """The id stands for another request."""

    message = N_("This was sent before with other content. Load the page again and check.")


class NotOpen(Conflict):
    """The campaign has not begun, or is over."""

    message = N_("These coupons cannot be exchanged now. Look at the dates, or choose others.")


class SoldOut(Conflict):
    """The stock is empty."""

    message = N_("The last of these coupons has just gone. Others may still be there.")


class LimitReached(Conflict):
    """The resident has as many as one person may have."""

    message = N_("You have as many of these coupons as one person may have.")


class TooFewPoints(Conflict):
    """The account holds less than the price."""

    message = N_("%(missing)s points are still missing for this coupon.")


class PurseUnknown(Invalid):
    """There is no such account to pay from."""

    message = N_("These points cannot be used here. Pay from your own.")


class StepNotAllowed(Conflict):
    """The state does not allow the step."""

    message = N_("This step is not possible any more. Load the page again and check.")


class SecondPersonNeeded(Forbidden):
    """Who proposes does not decide."""

    message = N_("Another person has to confirm this: nobody decides on the own proposal.")


class CampaignInvalid(Invalid):
    """The campaign contradicts itself."""

    message = N_("Please check the campaign's dates and numbers.")


class FundTooSmall(Conflict):
    """The funder's money does not cover the coupons."""

    message = N_(
        "The funder's money does not cover this many coupons. Lower the stock or wait for the next instalment."
    )


class AlreadyRedeemed(Conflict):
    """The ticket was used."""

    message = N_("This ticket has been used already.")


class TicketExpired(Conflict):
    """The ticket's last day has passed."""

    message = N_("This ticket is past its last day.")


class TicketVoid(Conflict):
    """The ticket was taken back, its points returned."""

    message = N_("This ticket was taken back; its points were returned.")


class TicketInUse(Conflict):
    """Another till has the ticket in hand."""

    message = N_("Another till has this ticket in hand. It is free again in two minutes.")


class NotAcceptedHere(Conflict):
    """The campaign names other merchants."""

    message = N_("This ticket is for other shops. Its page lists them.")


class CodeStale(Conflict):
    """A rotating code from before, such as a screenshot."""

    message = N_("This code is too old. Ask for the ticket itself, not a picture of it.")


class CodeAmbiguous(Conflict):
    """The digits stand for two tickets at once."""

    message = N_("These digits fit two tickets at this moment. Scan the code instead.")


class ReservationLapsed(Conflict):
    """The two minutes between scanning and confirming are over."""

    message = N_("That took too long, and nothing was booked. Scan the ticket again.")


class TooManyMisses(TooMany):
    """Digits are being guessed."""

    message = N_("Too many wrong digits. Scan the code, or try digits again in an hour.")


class PairingRefused(Invalid):
    """The pairing code is wrong, used or past its time; nobody learns which."""

    message = N_("This pairing code does not work. Ask the bureau for a new one.")


class NothingToSettle(Conflict):
    """No redemption waits for a settlement."""

    message = N_("There is nothing to settle up to this day.")


class SettlementBroken(Conflict):
    """The books and the batch disagree; nothing is paid."""

    message = N_("The sums do not agree with the books. Nothing was paid; tell the administrator.")
