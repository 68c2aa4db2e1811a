"""What a campaign asks those who count: how much was done, in the unit of its task. The answer comes from above."""

from datetime import date
from typing import Protocol

from sqlmodel import Session


class Counter(Protocol):
    """Counts a behaviour of `behaviours.yaml` over days (both included); `None` where nobody counts it."""

    def __call__(self, session: Session, behaviour: str, first: date, last: date) -> int | None:
        """Return the sum, or `None`."""
        ...


def not_counted(session: Session, behaviour: str, first: date, last: date) -> int | None:
    """Say that nobody counts."""
    del session, behaviour, first, last
    return None
