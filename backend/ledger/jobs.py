"""What the ledger does by itself: a root every hour, lapses every minute, and what has passed its day just after midnight."""

from datetime import date

from sqlmodel import Session

from backend.core import clock
from backend.jobs.service import defer, every, job
from backend.ledger import roots, service


@every("0 * * * *", "ledger.publish_root")
def publish_root(session: Session) -> None:
    """Sign a root over what has moved in the last hour."""
    roots.publish(session)


@every("* * * * *", "ledger.expire_pending")
def expire_pending(session: Session) -> None:
    """Release what was reserved until now."""
    service.expire_pending(session)


@every("5 16 * * *", "ledger.expire_lots")
def expire_lots(session: Session) -> None:
    """Begin the day's pass at five past midnight in the city."""
    defer(session, "ledger.expire_batch", on=clock.today().isoformat())


@job("ledger.expire_batch")
def expire_batch(session: Session, on: str) -> None:
    """Do one batch and promise the next in the same transaction, so that a pass cut off goes on where it stopped."""
    if service.expire_lots(session, date.fromisoformat(on)):
        defer(session, "ledger.expire_batch", on=on)
