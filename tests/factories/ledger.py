"""A small bank: a funded programme, residents, a household and a place where points are spent."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Session

from backend.core import clock
from backend.ledger import service
from backend.ledger.commands import Receipt
from backend.ledger.rules import AccountRef, Asset

ACTOR = "system"


@dataclass
class Bank:
    """The verbs with everything filled in that a test does not care about."""

    session: Session
    fund: AccountRef = field(default_factory=lambda: AccountRef.of_programme(f"p{uuid4().hex[:12]}"))
    shop: AccountRef = field(default_factory=lambda: AccountRef.of_campaign(uuid4(), Asset.POINT, "takings"))
    keys: Iterator[int] = field(default_factory=count)
    prefix: str = field(default_factory=lambda: uuid4().hex)

    def key(self) -> str:
        return f"{self.prefix}:{next(self.keys)}"

    def issue(self, amount: int, to: AccountRef | None = None) -> Receipt:
        return service.issue(
            self.session, self.key(), to=to or self.fund, amount=amount, subject="budget:1", actor=ACTOR
        )

    def grant(self, to: AccountRef, amount: int, *, days: int = 30, key: str | None = None, **others: Any) -> Receipt:
        terms: dict[str, Any] = {
            "fund": self.fund,
            "expires_on": in_days(days),
            "subject": "activity:1",
            "actor": ACTOR,
        } | others
        return service.grant(self.session, key or self.key(), to=to, amount=amount, **terms)

    def spend(self, source: AccountRef, amount: int, *, key: str | None = None, **others: Any) -> Receipt:
        terms: dict[str, Any] = {"to": self.shop, "subject": "claim:1", "actor": ACTOR} | others
        return service.spend(self.session, key or self.key(), source=source, amount=amount, **terms)

    def hold(self, source: AccountRef, amount: int, *, hours: float = 1, **others: Any) -> Receipt:
        terms: dict[str, Any] = {"to": self.shop, "subject": "claim:1", "actor": ACTOR} | others
        until = clock.now() + timedelta(hours=hours)
        return service.hold(self.session, self.key(), source=source, amount=amount, until=until, **terms)

    def move(self, source: AccountRef, to: AccountRef, amount: int | None = None, **others: Any) -> Receipt:
        terms: dict[str, Any] = {"subject": "household:1", "actor": ACTOR} | others
        return service.move(self.session, self.key(), source=source, to=to, amount=amount, **terms)

    def post(self, pending_id: UUID, amount: int | None = None) -> Receipt:
        return service.post(self.session, self.key(), pending_id, actor=ACTOR, amount=amount)

    def void(self, pending_id: UUID) -> Receipt:
        return service.void(self.session, self.key(), pending_id, actor=ACTOR)

    def reverse(self, transaction_id: UUID) -> Receipt:
        return service.reverse(self.session, self.key(), transaction_id, subject="appeal:1", actor=ACTOR)

    def clawback(self, transaction_id: UUID) -> Receipt:
        return service.clawback(self.session, self.key(), transaction_id, subject="fraud:1", actor=ACTOR)


def make_bank(session: Session, issued: int = 1_000) -> Bank:
    """Return a bank whose fund holds `issued` points."""
    bank = Bank(session)
    if issued:
        bank.issue(issued)
    return bank


def a_resident() -> AccountRef:
    """Return the account of somebody new."""
    return AccountRef.of_resident(uuid4())


def a_household() -> AccountRef:
    """Return the account of a new household."""
    return AccountRef.of_household(uuid4())


def in_days(days: int) -> date:
    """Return the day that many days from today."""
    return clock.today() + timedelta(days=days)
