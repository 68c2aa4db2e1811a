"""What the ledger refuses. Nothing is half done: whoever is refused has changed nothing."""

from backend.core.errors import N_, Conflict, Invalid, NotFound


class AmountInvalid(Invalid):
    """Not a whole number above zero."""

    message = N_("The amount must be a whole number above zero.")


class MovementInvalid(Invalid):
    """A movement that the books have no place for."""

    message = N_("This cannot be booked.")


class IdempotencyKeyReused(Conflict):
    """The key stands for another request."""

    message = N_("This was sent before with other content. Load the page again and check.")


class InsufficientFunds(Conflict):
    """The account does not hold that much."""

    message = N_("There is not enough left for this.")


class NothingToMove(Conflict):
    """No unspent part is left."""

    message = N_("There is nothing left to move.")


class TransactionUnknown(NotFound):
    """No such transaction."""

    message = N_("There is no such booking.")


class AlreadyResolved(Conflict):
    """Posted, voided or expired before."""

    message = N_("This booking has been decided already.")


class PendingExpired(Conflict):
    """Its time has passed."""

    message = N_("The time for this booking has passed.")


class PendingNotExpired(Conflict):
    """Its time has not come."""

    message = N_("The time for this booking has not passed yet.")


class MoreThanPending(Invalid):
    """Less may be posted than was pending, never more."""

    message = N_("This is more than was reserved.")


class AlreadyReversed(Conflict):
    """A transaction is taken back once."""

    message = N_("This booking has been taken back already.")


class NotReversible(Conflict):
    """Only what was booked for somebody can be taken back, and a correction cannot."""

    message = N_("This booking cannot be taken back.")


class AlreadySpent(Conflict):
    """What would be taken back is used; a clawback takes what is left."""

    message = N_("Part of this has been used already, so it cannot be taken back whole.")
