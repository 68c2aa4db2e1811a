"""Once a day, early in the city's morning, what residents said about closed doors and lists that were taken in is removed."""

from sqlmodel import Session

from backend.jobs.service import every
from backend.stations import listing, service


@every("47 19 * * *", "stations.sweep")
def sweep(session: Session) -> None:
    """Remove what has been kept for as long as it may be."""
    service.sweep_closures(session)
    listing.sweep(session)
