"""What happens to activities by itself: points are posted, photos compared, sums made anew, what nobody claimed goes."""

from datetime import timedelta

from sqlmodel import Session

from backend.activities import hands, photos, ranks, rules, settling, sites
from backend.cities import city
from backend.core import clock
from backend.jobs.service import defer, every, job


@every("*/10 * * * *", "activities.post_due")
def post_due(session: Session) -> None:
    """Begin to post what was held long enough."""
    post_more(session)


@job("activities.post_more")
def post_more(session: Session) -> None:
    """Post one batch and, while there is more, promise the next in the same transaction."""
    if settling.post_due(session, city(), settling.BATCH) == settling.BATCH:
        defer(session, "activities.post_more")


@every("*/5 * * * *", "activities.measure_photos")
def measure_photos(session: Session) -> None:
    """Compare new photos with earlier ones, long before the hold ends."""
    photos.measure(session)


@every("7 * * * *", "activities.tally")
def tally(session: Session) -> None:
    """Make the sums of this month anew, and of the last one while its last days are still being settled."""
    today = clock.today()
    for month in sorted({rules.month_of(today), rules.month_of(today.replace(day=1) - timedelta(days=1))}):
        ranks.tally(session, month)


@every("23 20 * * *", "activities.sweep")
def sweep(session: Session) -> None:
    """Remove what is of no use any more."""
    ranks.sweep_unclaimed(session)
    sites.sweep(session)
    hands.sweep(session)
