"""L18: join, contribute, spend and leave conserve points and each lot's earner and day; a leaver gets exactly the own."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, text

from backend.core import clock, db
from backend.core.actor import Actor
from backend.core.errors import DomainError
from backend.core.ids import new_id
from backend.households import errors, invites, jobs, pool, queries, service
from backend.households.rules import Share
from backend.ledger import errors as refusals
from backend.ledger import service as ledger
from tests.factories.household_model import Counted, Families, ModelLot, Place, later
from tests.factories.households import SPENT, earn
from tests.factories.residents import Neighbour, make_resident

PEOPLE, HOUSES = 3, 2
people = st.integers(0, PEOPLE - 1)
houses = st.integers(0, HOUSES - 1)
amounts = st.integers(1, 15)

LOTS = text(
    "SELECT a.owner, lot.earned_by, lot.expires_on, lot.remaining, lot.held FROM lot "
    "JOIN ledger_account a ON a.id = lot.account_id WHERE lot.remaining > 0"
)


class Machine(RuleBasedStateMachine):
    """Three people and two households; every step is asked of the database and of the model."""

    engine: Engine

    @initialize()
    def open(self) -> None:
        self.connection = self.engine.connect()
        self.transaction = self.connection.begin()
        # Tries of codes are counted on a connection of the database's own: here it is this one.
        db.use(db.Database(self.connection))
        self.session = db.get_database().session()
        self.now = clock.now()
        self.model = Families()
        self.people: list[Neighbour] = [make_resident(self.session) for _ in range(PEOPLE)]
        self.ids: dict[int, UUID] = {}
        self.granted = 0
        for person, days in ((0, 3), (0, 60), (1, 60), (1, 5), (2, 8)):
            self.earn(person, 10, days)
        # Two live together and the third will come: from here every step can matter.
        self.come_in(0, 0)
        self.come_in(1, 0)
        self.contribute(0, 15)
        self.contribute(1, 12)

    def teardown(self) -> None:
        if hasattr(self, "session"):
            self.session.close()
            db.use(None)
            self.transaction.rollback()
            self.connection.close()

    @property
    def today(self) -> date:
        with clock.at(self.now):
            return clock.today()

    def ask(self, act: Callable[[], object]) -> object:
        """Ask the database; a refusal is returned and has changed nothing."""
        with clock.at(self.now):
            try:
                with self.session.begin_nested():
                    return act()
            except DomainError as refused:
                self.session.expire_all()
                return type(refused)

    @rule(person=people, amount=amounts, days=st.integers(0, 60))
    def earn(self, person: int, amount: int, days: int) -> None:
        with clock.at(self.now):
            earn(self.session, self.people[person].resident_id, amount, days=days)
        self.granted += amount
        self.model.lots.append(ModelLot(("resident", person), person, self.today + timedelta(days=days), amount))

    @rule(person=people, house=houses)
    def come_in(self, person: int, house: int) -> None:
        """Start the household, or be invited to it, agree and be confirmed."""
        who = self.people[person].actor
        if house in self.model.owners:
            owner = self.people[self.model.owners[house]].actor
            answer = self.ask(lambda: self._join(owner, who))
        else:
            household_id = new_id()
            answer = self.ask(lambda: service.create(self.session, who, household_id, "家").id)
            if answer == household_id:
                self.ids[house] = household_id
        if person in self.model.inside:
            assert answer is errors.InHouseholdAlready
        elif self.model.must_wait(person, house, self.now):
            assert answer is errors.CoolingOff
        else:
            assert answer in (None, self.ids[house])
            self.model.owners.setdefault(house, person)
            self.model.inside[person] = house

    def _join(self, owner: Actor, who: Actor) -> None:
        code = invites.invite(self.session, owner, new_id()).code
        stay = invites.join(self.session, who, new_id(), code, agreed=True, share=Share.NONE)
        invites.confirm(self.session, owner, stay.id)

    @rule(person=people, amount=amounts)
    def contribute(self, person: int, amount: int) -> None:
        answer = self.ask(lambda: pool.contribute(self.session, self.people[person].actor, new_id(), amount).amount)
        house = self.model.inside.get(person)
        if house is None:
            assert answer is errors.NotInHousehold
        else:
            moved = self.model.move(("resident", person), ("household", house), amount, self.today, person)
            assert answer == (refusals.InsufficientFunds if moved is None else moved)

    @rule(person=people, amount=st.none() | amounts)
    def withdraw(self, person: int, amount: int | None) -> None:
        answer = self.ask(lambda: pool.withdraw_own(self.session, self.people[person].actor, new_id(), amount).amount)
        house = self.model.inside.get(person)
        if house is None:
            assert answer is errors.NotInHousehold
        else:
            moved = self.model.move(("household", house), ("resident", person), amount, self.today, person)
            assert answer == (moved or (refusals.NothingToMove if amount is None else refusals.InsufficientFunds))

    @rule(person=people, amount=amounts, share=st.sampled_from(Share))
    def share(self, person: int, amount: int, share: Share) -> None:
        """Let the household have its part of what was just earned."""
        self.earn(person, amount, 60)
        self.ask(lambda: pool.set_share(self.session, self.people[person].actor, share))
        resident_id = self.people[person].resident_id
        key = str(new_id())
        answer = self.ask(lambda: pool.share_earned(self.session, resident_id, amount, key=key))
        house = self.model.inside.get(person)
        part = {Share.ALL: amount, Share.HALF: amount // 2, Share.NONE: 0}[share]
        if house is None or part == 0:
            assert answer == 0
        else:
            assert answer == self.model.move(("resident", person), ("household", house), part, self.today, person)

    @rule(person=people, amount=amounts, is_hold=st.booleans())
    def spend(self, person: int, amount: int, is_hold: bool) -> None:
        house = self.model.inside.get(person)
        key = str(new_id())
        answer = self.ask(lambda: self._spend(person, house, amount, key, is_hold=is_hold))
        if house is None:
            assert answer is errors.NotInHousehold
        elif self.model.spend(house, amount, self.today, hold=str(answer) if is_hold else None):
            assert isinstance(answer, UUID)
        else:
            assert answer is refusals.InsufficientFunds

    def _spend(self, person: int, house: int | None, amount: int, key: str, *, is_hold: bool) -> UUID:
        who = self.people[person].actor
        source = pool.require_spend(self.session, who, new_id() if house is None else self.ids[house], amount)
        if not is_hold:
            spent = ledger.spend(
                self.session, key, source=source, to=SPENT, amount=amount, subject="test:x", actor=who.label
            )
            return spent.transaction_id
        held = ledger.hold(
            self.session,
            key,
            source=source,
            to=SPENT,
            amount=amount,
            until=later(self.now, 400),
            subject="test:x",
            actor=who.label,
        )
        return held.transaction_id

    @precondition(lambda self: self.model.holds)
    @rule(data=st.data())
    def void(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.model.holds)))
        self.ask(lambda: ledger.void(self.session, f"void:{key}", UUID(key), actor="system"))
        for lot, part in self.model.holds.pop(key):
            lot.held -= part

    @rule(person=people)
    def leave(self, person: int) -> None:
        """Leave; the owner, who cannot, dissolves."""
        who, house = self.people[person].actor, self.model.inside.get(person)
        if house is not None:
            with clock.at(self.now):
                preview = queries.leaving(self.session, self.ids[house], self.people[person].resident_id).amount
            own = self.model.usable(("household", house), self.today, person)
            assert preview == sum(lot.free for lot in own)
        answer = self.ask(lambda: service.leave(self.session, who))
        if house is None:
            assert answer is errors.NotInHousehold
        elif self.model.owners[house] != person:
            assert answer == self.model.end(person, self.now, self.today)
        else:
            assert answer is errors.SuccessorNeeded
            everybody = sorted(self._members(house), key=lambda one: self.people[one].resident_id)
            answer = self.ask(lambda: service.dissolve(self.session, who))
            assert answer == sum(self.model.end(one, self.now, self.today) for one in everybody)
            del self.model.owners[house]
            # The next one under this number is another household, for which the old one counts as another.
            self.model.stays = [(one, -1 if at == house else at, moment) for one, at, moment in self.model.stays]
            for lot in self.model.lots:
                if lot.place == ("household", house):
                    lot.place = ("household", self._retire(house))

    def _members(self, house: int) -> list[int]:
        return [one for one, at in self.model.inside.items() if at == house]

    def _retire(self, house: int) -> int:
        """Return the number under which a dissolved household goes on in the books."""
        retired = next((n for n, one in self.ids.items() if n >= HOUSES and one == self.ids[house]), None)
        if retired is None:
            retired = max(HOUSES, *(number + 1 for number in self.ids))
            self.ids[retired] = self.ids[house]
        return retired

    @rule(person=people)
    def hand_over(self, person: int) -> None:
        house = self.model.inside.get(person)
        if house is None or self.model.owners[house] == person:
            return
        owner = self.people[self.model.owners[house]].actor
        stay = queries.membership_of(self.session, self.people[person].resident_id)
        assert stay
        assert self.ask(lambda: service.hand_over(self.session, owner, stay.id)) is None
        self.model.owners[house] = person

    @rule(days=st.integers(1, 20), is_late=st.booleans())
    def pass_days(self, days: int, is_late: bool) -> None:
        """Let days pass; the job that takes points out of use may come late."""
        self.now = later(self.now, days)
        if not is_late:
            answer = self.ask(lambda: ledger.expire_lots(self.session, self.today))
            assert answer == self.model.expire(self.today)

    @precondition(lambda self: self.model.stays)
    @rule()
    def return_strays(self) -> None:
        self.ask(lambda: jobs.return_strays(self.session))
        self.model.strays(self.today)

    @invariant()
    def every_lot_lies_where_it_should(self) -> None:
        if hasattr(self, "session"):
            assert self._stored() == self.model.counted()

    @invariant()
    def nothing_comes_and_nothing_goes(self) -> None:
        if hasattr(self, "session"):
            assert sum(lot.remaining for lot in self.model.lots) + self.model.gone == self.granted

    @invariant()
    def everybody_is_where_the_model_says(self) -> None:
        if not hasattr(self, "session"):
            return
        for person, one in enumerate(self.people):
            house = self.model.inside.get(person)
            assert queries.group_of(self.session, one.resident_id) == (None if house is None else self.ids[house])

    def _stored(self) -> Counted:
        residents = {f"resident:{one.resident_id}": number for number, one in enumerate(self.people)}
        # A dissolved household is known by its higher number.
        homes = {f"household:{one}": number for number, one in sorted(self.ids.items())}
        found: Counted = {}
        for owner, earned_by, expires_on, remaining, held in self.session.execute(LOTS):
            place: Place = ("household", homes[owner]) if owner in homes else ("resident", residents[owner])
            key = (place, residents[earned_by], expires_on)
            left, reserved = found.get(key, (0, 0))
            found[key] = (left + remaining, reserved + held)
        return found


def test_households_conserve_points_and_each_lots_earner_and_day(engine: Engine):
    Machine.engine = engine
    run_state_machine_as_test(Machine, settings=settings(max_examples=25, stateful_step_count=30))
