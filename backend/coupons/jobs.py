"""What ends by itself: reservations within minutes, campaigns and tickets with their day; and a word before that."""

from sqlmodel import Session

from backend.coupons.service import campaigns, redemption, reminders
from backend.jobs.service import every


@every("* * * * *", "coupons.reinstate")
def reinstate(session: Session) -> None:
    """Free the tickets that a till took in hand and did not confirm."""
    redemption.reinstate(session)


@every("9 16 * * *", "coupons.close")
def close(session: Session) -> None:
    """Close campaigns whose last day has passed: just after midnight in the city."""
    campaigns.close_ended(session)


@every("*/10 * * * *", "coupons.expire")
def expire(session: Session) -> None:
    """End the next batch of tickets whose last day has passed; a repeated run finds the rest."""
    campaigns.expire(session)


@every("*/10 1-11 * * *", "coupons.remind")
def remind(session: Session) -> None:
    """Tell the next batch of those whose tickets end soon, by day in the city, when a text wakes nobody."""
    reminders.remind(session)
