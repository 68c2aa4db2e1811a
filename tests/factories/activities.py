"""Green points in words: a filled fund, something logged, somebody who may earn."""

from datetime import timedelta
from uuid import UUID, uuid4

from sqlmodel import Session

from backend.activities import intake, queries, service, settling
from backend.activities.models import Activity
from backend.activities.schemas import LogActivity, Logged
from backend.cities import city
from backend.core import clock
from backend.core.actor import SYSTEM, Actor
from backend.ledger import queries as ledger
from backend.ledger.queries import Balance
from backend.ledger.rules import AccountRef

TWO_DAYS = timedelta(hours=48, minutes=1)


def fill_fund(session: Session, amount: int = 1_000_000) -> None:
    """Put points into the programme's fund."""
    service.fund(session, city(), SYSTEM, f"fund:{uuid4()}", amount)
    session.commit()


def say(behaviour: str = "walk", quantity: float = 1, **more: object) -> LogActivity:
    """Return what a phone sends."""
    return LogActivity.model_validate({"id": str(uuid4()), "behaviour": behaviour, "quantity": quantity, **more})


def log(session: Session, actor: Actor, form: LogActivity | None = None, **more: object) -> Logged:
    """Log something."""
    return intake.log(session, city(), actor, form or say(**more))  # pyright: ignore[reportArgumentType]


def logged(session: Session, actor: Actor, **more: object) -> Activity:
    """Log something that counts, and return it."""
    found = log(session, actor, say(**more)).activity  # pyright: ignore[reportArgumentType]
    assert found is not None
    return found


def after_the_hold(session: Session) -> int:
    """Let two days pass and the job run."""
    with clock.at(clock.now() + TWO_DAYS):
        return settling.post_due(session, city())


def balance(session: Session, resident_id: UUID) -> Balance:
    """Return what the resident has."""
    return ledger.balance_of(session, AccountRef.of_resident(resident_id))


def fresh(session: Session, activity_id: UUID) -> Activity:
    """Read an activity anew."""
    return queries.any_activity(session, activity_id)
