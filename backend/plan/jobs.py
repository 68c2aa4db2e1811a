"""What happens to the plan by itself: a year that passes changes a state, followers hear of it, a year is frozen."""

from sqlmodel import Session

from backend.jobs.service import every, job
from backend.plan.service import drafting, following, snapshots, verdicts


@every("10 16 * * *", "plan.note_verdicts")
def note_verdicts(session: Session) -> None:
    """Note what became due with midnight in Shanghai."""
    verdicts.note_verdicts(session)


@job(verdicts.TELL_JOB)
def tell_followers(session: Session, verdict_id: int) -> None:
    """Tell who follows a target that its state changed."""
    following.tell_of_verdict(session, verdict_id)


@job("plan.tell_of_article")
def tell_of_article(session: Session, number: int, publication: int) -> None:
    """Tell who follows an article that something was published about it."""
    following.tell_of_article(session, number, publication)


@every("30 16 * * *", "plan.sweep")
def sweep(session: Session) -> None:
    """Remove lists that were sent for a draft long ago; what was taken over stands in the draft."""
    drafting.sweep_lists(session)


@every("20 16 * * *", "plan.freeze_year")
def freeze_year(session: Session) -> None:
    """Freeze the plan as it stood when the last year ended, once."""
    snapshots.freeze_last_year(session)
