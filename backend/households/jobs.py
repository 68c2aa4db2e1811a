"""What happens to pooled points beside the requests: late shares, and what a coupon gave back to one who has left."""

from uuid import UUID

from sqlmodel import Session

from backend.households import invites, pool
from backend.jobs.service import every, job

STRAYS_AT_ONCE = 200


@job(pool.SHARE_JOB)
def share(session: Session, resident_id: str, amount: int, key: str) -> None:
    """Give the household its part of what was earned, where the membership was being changed in that moment."""
    pool.share_later(session, UUID(resident_id), amount, key)


@every("23 * * * *", "households.return_strays")
def return_strays(session: Session) -> None:
    """Return what belongs to those who have left."""
    for _ in range(STRAYS_AT_ONCE):
        if pool.return_strays(session) == 0:
            return


@every("41 3 * * *", "households.sweep")
def sweep(session: Session) -> None:
    """Remove invitations of which nobody will ask any more."""
    invites.sweep(session)
