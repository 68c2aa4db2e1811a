"""Households told a second time, in plain Python: who is in, and where each lot lies. The state machine compares both."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from backend.households.rules import COOLING_OFF

Place = tuple[str, int]
Counted = dict[tuple[Place, int, date], tuple[int, int]]


@dataclass
class ModelLot:
    """Points of one origin in one place; the order of the list is the order of ids."""

    place: Place
    earned_by: int
    expires_on: date
    remaining: int
    held: int = 0

    @property
    def free(self) -> int:
        return self.remaining - self.held


@dataclass
class Families:
    """Some people and some households."""

    owners: dict[int, int] = field(default_factory=dict[int, int])
    inside: dict[int, int] = field(default_factory=dict[int, int])
    stays: list[tuple[int, int, datetime]] = field(default_factory=list[tuple[int, int, datetime]])
    lots: list[ModelLot] = field(default_factory=list[ModelLot])
    holds: dict[str, list[tuple[ModelLot, int]]] = field(default_factory=dict[str, list[tuple[ModelLot, int]]])
    gone: int = 0
    """What was spent or has expired."""

    def must_wait(self, person: int, house: int, now: datetime) -> bool:
        return any(who == person and other != house and now < at + COOLING_OFF for who, other, at in self.stays)

    def usable(self, place: Place, today: date, earned_by: int | None = None) -> list[ModelLot]:
        """Return what can be used there, first expiring first."""
        found = [
            (lot.expires_on, number, lot)
            for number, lot in enumerate(self.lots)
            if lot.place == place and lot.free and lot.expires_on >= today and earned_by in (None, lot.earned_by)
        ]
        return [lot for _, _, lot in sorted(found, key=lambda one: one[:2])]

    def take(self, lots: list[ModelLot], amount: int) -> list[tuple[ModelLot, int]] | None:
        """Choose `amount` from lots in their order; `None` if they do not hold it."""
        taken: list[tuple[ModelLot, int]] = []
        for lot in lots:
            part = min(lot.free, amount)
            if part:
                taken.append((lot, part))
                amount -= part
        return None if amount else taken

    def move(self, source: Place, to: Place, amount: int | None, today: date, earned_by: int) -> int | None:
        """Carry lots from one place to another; return how much, `None` if there is too little."""
        lots = self.usable(source, today, earned_by)
        taken = self.take(lots, sum(lot.free for lot in lots) if amount is None else amount)
        if not taken:
            return 0 if amount is None else None
        for lot, part in sorted(taken, key=lambda one: self.lots.index(one[0])):
            lot.remaining -= part
            self.lots.append(ModelLot(to, lot.earned_by, lot.expires_on, part))
        return sum(part for _, part in taken)

    def spend(self, house: int, amount: int, today: date, *, hold: str | None = None) -> bool:
        """Use what expires first, whoever earned it; or only reserve it."""
        taken = self.take(self.usable(("household", house), today), amount)
        if taken is None:
            return False
        for lot, part in taken:
            if hold:
                lot.held += part
            else:
                lot.remaining -= part
                self.gone += part
        if hold:
            self.holds[hold] = taken
        return True

    def end(self, person: int, now: datetime, today: date) -> int:
        """Let somebody go with exactly the own unspent lots."""
        house = self.inside.pop(person)
        self.stays.append((person, house, now))
        return self.move(("household", house), ("resident", person), None, today, person) or 0

    def strays(self, today: date) -> int:
        """Return what lies in a household whose earner is not in it."""
        places = {(lot.place[1], lot.earned_by) for lot in self.lots if lot.place[0] == "household"}
        return sum(
            self.move(("household", house), ("resident", person), None, today, person) or 0
            for house, person in places
            if self.inside.get(person) != house
        )

    def expire(self, today: date) -> int:
        """Take out of use what has passed its day."""
        due = [lot for lot in self.lots if lot.expires_on < today]
        amount = sum(lot.free for lot in due)
        for lot in due:
            lot.remaining = lot.held
        self.gone += amount
        return amount

    def counted(self) -> Counted:
        """Return what is left and held by place, earner and day."""
        found: dict[tuple[Place, int, date], tuple[int, int]] = defaultdict(lambda: (0, 0))
        for lot in self.lots:
            if lot.remaining:
                left, held = found[lot.place, lot.earned_by, lot.expires_on]
                found[lot.place, lot.earned_by, lot.expires_on] = (left + lot.remaining, held + lot.held)
        return dict(found)


def later(moment: datetime, days: int) -> datetime:
    """Return the same time some days later."""
    return moment + timedelta(days=days)
