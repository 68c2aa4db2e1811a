"""The ledger told a second time, in a page of plain Python: what the state machine compares the database with."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from backend.ledger import errors
from backend.ledger.rules import GRACE_DAYS, AccountRef, OpenLot, allocate


@dataclass
class ModelLot:
    """One lot; its place in the list is its id."""

    account: AccountRef
    made_by: str
    amount: int
    earned_by: str
    expires_on: date
    remaining: int = 0
    held: int = 0
    expired: int = 0


@dataclass
class Deed:
    """One transaction: what it moved, used and made."""

    kind: str
    source: AccountRef
    to: AccountRef
    amount: int
    used: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    repaid: int = 0
    state: str = "posted"
    until: datetime | None = None
    expires_on: date | None = None
    taken_back: bool = False
    posted_as: str = ""


class Model:
    """Balances, lots and what was done, by the key of each command."""

    def __init__(self) -> None:
        self.posted: dict[AccountRef, int] = defaultdict(int)
        self.coming: dict[AccountRef, int] = defaultdict(int)
        self.reserved: dict[AccountRef, int] = defaultdict(int)
        self.owed: dict[AccountRef, int] = defaultdict(int)
        self.lots: list[ModelLot] = []
        self.deeds: dict[str, Deed] = {}

    def free(self, account: AccountRef, on: date, earned_by: str | None = None) -> list[OpenLot]:
        return [
            OpenLot(place, lot.remaining - lot.held, lot.expires_on)
            for place, lot in enumerate(self.lots)
            if lot.account == account and lot.expires_on >= on and earned_by in (None, lot.earned_by)
        ]

    def add_lot(self, account: AccountRef, key: str, amount: int, earned_by: str, expires_on: date) -> None:
        if amount:
            self.lots.append(ModelLot(account, key, amount, earned_by, expires_on, remaining=amount))

    def carry(self, source: AccountRef, to: AccountRef, amount: int) -> None:
        self.posted[source] -= amount
        self.posted[to] += amount

    def issue(self, key: str, source: AccountRef, to: AccountRef, amount: int) -> None:
        self.deeds[key] = Deed("issue", source, to, amount)
        self.carry(source, to, amount)

    def grant(self, key: str, deed: Deed) -> None:
        if self.posted[deed.source] - self.reserved[deed.source] < deed.amount:
            raise errors.InsufficientFunds
        self.deeds[key] = deed
        if deed.until is None:
            self.give(key, deed, deed.amount)
        else:
            deed.state = "pending"
            self.reserved[deed.source] += deed.amount
            self.coming[deed.to] += deed.amount

    def give(self, key: str, deed: Deed, amount: int) -> None:
        deed.repaid = min(amount, self.owed[deed.to])
        self.owed[deed.to] -= deed.repaid
        self.posted[deed.source] -= amount
        self.posted[deed.to] += amount - deed.repaid
        assert deed.expires_on is not None
        self.add_lot(deed.to, key, amount - deed.repaid, deed.to.owner, deed.expires_on)

    def use(self, key: str, deed: Deed, on: date, earned_by: str | None = None) -> None:
        """Spend, hold or move."""
        free = self.free(deed.source, on, earned_by)
        if deed.amount == 0:
            deed.amount = sum(lot.free for lot in free)
            if not deed.amount:
                raise errors.NothingToMove
        used = allocate(free, deed.amount, on)
        if used is None:
            raise errors.InsufficientFunds
        deed.used = used
        self.deeds[key] = deed
        if deed.until is not None:
            deed.state = "pending"
            self.reserved[deed.source] += deed.amount
            self.coming[deed.to] += deed.amount
            for place, part in used:
                self.lots[place].held += part
            return
        self.carry(deed.source, deed.to, deed.amount)
        for place, part in sorted(used):
            lot = self.lots[place]
            lot.remaining -= part
            if deed.to.holds_lots:
                self.add_lot(deed.to, key, part, lot.earned_by, lot.expires_on)

    def resolve(self, key: str, pending: str, amount: int, now: datetime) -> None:
        """Post `amount`; nothing of it is a void."""
        deed = self.deeds[pending]
        if deed.state != "pending":
            raise errors.AlreadyResolved
        assert deed.until is not None
        if amount and now >= deed.until:
            raise errors.PendingExpired
        if amount > deed.amount:
            raise errors.MoreThanPending
        self.reserved[deed.source] -= deed.amount
        self.coming[deed.to] -= deed.amount
        deed.state, deed.posted_as = ("posted", key) if amount else ("voided", "")
        left, kept = amount, list[tuple[int, int]]()
        for place, part in deed.used:
            lot, take = self.lots[place], min(part, left)
            lot.held -= part
            lot.remaining -= take
            left -= take
            if take:
                kept.append((place, take))
        deed.used, deed.amount = kept, amount
        if not amount:
            return
        if deed.kind == "grant":
            self.give(key, deed, amount)
        else:
            self.carry(deed.source, deed.to, amount)

    def lapse(self, now: datetime) -> int:
        due = [key for key, one in self.deeds.items() if one.state == "pending" and one.until and one.until <= now]
        for key in due:
            self.resolve("", key, 0, now)
        return len(due)

    def taking_back(self, key: str) -> Deed:
        deed = self.deeds[key]
        if deed.state != "posted":
            raise errors.NotReversible
        if deed.taken_back:
            raise errors.AlreadyReversed
        return deed

    def reverse(self, key: str, of: str, on: date) -> None:
        deed = self.taking_back(of)
        made = [lot for lot in self.lots if lot.made_by == (deed.posted_as or of)]
        if any(lot.remaining - lot.held < lot.amount for lot in made):
            raise errors.AlreadySpent
        if not deed.to.holds_lots and self.posted[deed.to] - self.reserved[deed.to] < deed.amount:
            raise errors.InsufficientFunds
        deed.taken_back = True
        self.carry(deed.to, deed.source, deed.amount)
        self.posted[deed.to] += deed.repaid
        self.owed[deed.to] += deed.repaid
        for lot in made:
            lot.remaining = 0
        for place, part in sorted(deed.used):
            lot = self.lots[place]
            if lot.expires_on >= on:
                lot.remaining += part
            else:
                self.add_lot(lot.account, key, part, lot.earned_by, on + timedelta(days=GRACE_DAYS))

    def clawback(self, of: str, on: date) -> int:
        deed = self.taking_back(of)
        if deed.kind != "grant":
            raise errors.NotReversible
        made_by = deed.posted_as or of
        gone = sum(lot.expired for lot in self.lots if lot.made_by == made_by)
        amount = deed.amount - gone
        if not amount:
            raise errors.NothingToMove
        want = amount - deed.repaid
        free = sorted(
            self.free(deed.to, on), key=lambda lot: (self.lots[lot.id].made_by != made_by, lot.expires_on, lot.id)
        )
        got = 0
        for one in free:
            take = min(one.free, want - got)
            self.lots[one.id].remaining -= take
            got += take
        deed.taken_back = True
        self.posted[deed.to] -= got
        self.owed[deed.to] += amount - got
        self.posted[deed.source] += amount
        return amount

    def expire(self, on: date, gone: AccountRef) -> int:
        total = 0
        for lot in self.lots:
            part = lot.remaining - lot.held if lot.expires_on < on else 0
            lot.remaining -= part
            lot.expired += part
            self.carry(lot.account, gone, part)
            total += part
        return total

    def open_lots(self) -> list[tuple[Any, ...]]:
        found = [replace(lot) for lot in self.lots if lot.remaining]
        return sorted(
            (lot.account.owner, lot.earned_by, lot.expires_on, lot.amount, lot.remaining, lot.held) for lot in found
        )
