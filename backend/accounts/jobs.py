"""Once an hour, what has ended by itself is removed.

Sessions, full rate buckets, old codes, birth years of the grown up, accounts that nobody finished.
"""

from sqlmodel import Session

from backend.accounts.residents import codes
from backend.accounts.residents import service as residents
from backend.jobs.service import every
from backend.web import ratelimit, sessions


@every("17 * * * *", "accounts.sweep")
def sweep(session: Session) -> None:
    """Remove them."""
    sessions.sweep(session)
    ratelimit.sweep(session)
    codes.sweep(session)
    residents.grow_up(session)
    residents.delete_unfinished(session)
