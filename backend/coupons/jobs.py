"""What ends by itself: reservations within minutes, campaigns and tickets with their day."""

from sqlmodel import Session

from backend.coupons.service import campaigns, redemption
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
