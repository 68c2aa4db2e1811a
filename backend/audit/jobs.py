"""Sealing the audit record, every minute."""

from sqlmodel import Session

from backend.audit import service
from backend.jobs.service import every


@every("* * * * *", "audit.seal")
def seal(session: Session) -> None:
    """Append what was written since the last time to the chain."""
    service.seal(session)
