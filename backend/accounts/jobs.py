"""Once an hour, what has ended by itself is removed: sessions and full rate buckets."""

from sqlmodel import Session

from backend.jobs.service import every
from backend.web import ratelimit, sessions


@every("17 * * * *", "accounts.sweep")
def sweep(session: Session) -> None:
    """Remove them."""
    sessions.sweep(session)
    ratelimit.sweep(session)
