"""Once a day, early in the city's morning, photos that nobody sent on are removed with their bytes."""

from sqlmodel import Session

from backend.jobs.service import every
from backend.media import service


@every("43 19 * * *", "media.sweep_orphans")
def sweep_orphans(session: Session) -> None:
    """Remove them."""
    service.sweep_orphans(session)
