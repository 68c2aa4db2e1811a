"""L1 to L22 as far as they are the ledger's own: whatever is asked in whatever order, the database and a page of Python agree."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, text
from sqlmodel import Session

from backend.core import clock
from backend.core.errors import DomainError
from backend.ledger import queries, roots, service, verify
from backend.ledger.commands import Receipt
from backend.ledger.rules import AccountRef, Asset, Purpose
from tests.factories.ledger import ACTOR, a_household, a_resident
from tests.factories.ledger_model import Deed, Model

amounts = st.integers(min_value=1, max_value=20)
days = st.integers(min_value=0, max_value=12)
LOTS = text(
    "SELECT owner, earned_by, expires_on, amount, remaining, held FROM lot JOIN ledger_account a ON a.id = account_id"
    " WHERE remaining > 0"
)


class Machine(RuleBasedStateMachine):
    """One small city; every step is asked of the database and of the model."""

    engine: Engine
    done = Bundle[str]("done")

    @initialize()
    def open(self) -> None:
        self.connection = self.engine.connect()
        self.transaction = self.connection.begin()
        self.session = Session(self.connection, join_transaction_mode="create_savepoint")
        self.now = clock.now()
        self.model = Model()
        self.fund = AccountRef.of_programme(f"m{uuid4().hex[:12]}")
        self.shop = AccountRef.of_campaign(uuid4(), Asset.POINT, "takings")
        self.people = [a_resident(), a_resident()]
        self.home = a_household()
        self.asked: dict[str, tuple[Callable[[], Receipt], Receipt]] = {}
        self.ids: dict[str, Any] = {}
        self.issue(400)
        for who, good in ((0, 9), (0, 2), (1, 4), (1, 30)):
            self.grant(who, 30, good, None)
        self.contribute(0, 12)
        self.contribute(1, 20)

    def teardown(self) -> None:
        if not hasattr(self, "session"):
            return
        with clock.at(self.now):
            assert verify.first_bad(self.session) is None
            roots.publish(self.session)
            assert verify.first_bad(self.session) is None
        self.session.close()
        self.transaction.rollback()
        self.connection.close()

    def both(self, key: str, ask: Callable[[], Receipt], model: Callable[[], object]) -> str:
        """Let both do it: the same refusal, or none; a refusal has changed nothing."""
        refused: type[BaseException] | None = None
        try:
            model()
        except DomainError as refusal:
            refused = type(refusal)
        with clock.at(self.now):
            if refused is not None:
                with pytest.raises(refused):
                    ask()
                return key
            receipt = ask()
        assert receipt.is_new
        self.asked[key], self.ids[key] = (ask, receipt), receipt.transaction_id
        return key

    @rule(amount=st.integers(min_value=1, max_value=60))
    def issue(self, amount: int) -> None:
        key = uuid4().hex
        source = self.fund.with_purpose(Purpose.ISSUANCE)
        self.both(
            key,
            lambda: service.issue(self.session, key, to=self.fund, amount=amount, subject="s", actor=ACTOR),
            lambda: self.model.issue(key, source, self.fund, amount),
        )

    @rule(target=done, who=st.integers(0, 1), amount=amounts, good=days, hours=st.none() | st.integers(1, 60))
    def grant(self, who: int, amount: int, good: int, hours: int | None) -> str:
        key, to = uuid4().hex, self.people[who]
        until = None if hours is None else self.now + timedelta(hours=hours)
        with clock.at(self.now):
            expires_on = clock.today() + timedelta(days=good)
        return self.both(
            key,
            lambda: service.grant(
                self.session, key, fund=self.fund, to=to, amount=amount, expires_on=expires_on, subject="s", actor=ACTOR,
                facts={"rule": 3, "中": amount}, pending_until=until,
            ),
            lambda: self.model.grant(key, Deed("grant", self.fund, to, amount, until=until, expires_on=expires_on)),
        )  # fmt: skip

    @rule(target=done, who=st.integers(0, 2), amount=amounts, own=st.booleans(), hours=st.none() | st.integers(1, 60))
    def spend(self, who: int, amount: int, own: bool, hours: int | None) -> str:
        key, source = uuid4().hex, [*self.people, self.home][who]
        earned_by = self.people[0].owner if own else None
        until = None if hours is None else self.now + timedelta(hours=hours)
        terms: dict[str, Any] = {
            "source": source, "to": self.shop, "amount": amount, "earned_by": earned_by, "subject": "s", "actor": ACTOR,
        }  # fmt: skip
        deed = Deed("spend", source, self.shop, amount, until=until)
        if until is None:
            return self.both(
                key, lambda: service.spend(self.session, key, **terms), lambda: self.use(key, deed, earned_by)
            )
        return self.both(
            key, lambda: service.hold(self.session, key, until=until, **terms), lambda: self.use(key, deed, earned_by)
        )

    @rule(target=done, who=st.integers(0, 1), amount=st.none() | amounts)
    def contribute(self, who: int, amount: int | None) -> str:
        return self.move(self.people[who], self.home, amount, None)

    @rule(target=done, who=st.integers(0, 1), amount=st.none() | amounts)
    def leave(self, who: int, amount: int | None) -> str:
        return self.move(self.home, self.people[who], amount, self.people[who].owner)

    def move(self, source: AccountRef, to: AccountRef, amount: int | None, earned_by: str | None) -> str:
        key, deed = uuid4().hex, Deed("move", source, to, amount or 0)
        return self.both(
            key,
            lambda: service.move(
                self.session, key, source=source, to=to, amount=amount, earned_by=earned_by, subject="s", actor=ACTOR
            ),
            lambda: self.use(key, deed, earned_by),
        )

    def use(self, key: str, deed: Deed, earned_by: str | None) -> None:
        with clock.at(self.now):
            self.model.use(key, deed, clock.today(), earned_by)

    @rule(what=done, amount=st.none() | amounts)
    def post(self, what: str, amount: int | None) -> None:
        deed = self.model.deeds.get(what)
        if deed is None or deed.until is None:
            return
        key, whole = uuid4().hex, deed.amount
        self.both(
            key,
            lambda: service.post(self.session, key, self.ids[what], actor=ACTOR, amount=amount),
            lambda: self.model.resolve(key, what, amount or whole, self.now),
        )

    @rule(what=done)
    def void(self, what: str) -> None:
        deed = self.model.deeds.get(what)
        if deed is None or deed.until is None:
            return
        key = uuid4().hex
        self.both(
            key,
            lambda: service.void(self.session, key, self.ids[what], actor=ACTOR),
            lambda: self.model.resolve(key, what, 0, self.now),
        )

    @rule(what=consumes(done), claw=st.booleans())
    def take_back(self, what: str, claw: bool) -> None:
        if what not in self.ids:
            return
        key = uuid4().hex
        with clock.at(self.now):
            on = clock.today()
        verb = service.clawback if claw else service.reverse
        self.both(
            key,
            lambda: verb(self.session, key, self.ids[what], subject="s", actor=ACTOR),
            lambda: self.model.clawback(what, on) if claw else self.model.reverse(key, what, on),
        )

    @rule(place=st.integers(min_value=0))
    def repeat(self, place: int) -> None:
        """L5: anything asked again, at any time, is answered as it was and does nothing."""
        if self.asked:
            ask, before = list(self.asked.values())[place % len(self.asked)]
            with clock.at(self.now):
                again = ask()
            assert (again.transaction_id, again.amount, again.is_new) == (before.transaction_id, before.amount, False)

    @rule(hours=st.integers(min_value=1, max_value=30))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(limit=st.sampled_from([1, 2, 1_000]))
    def end_of_day(self, limit: int) -> None:
        """L10: in any order of batches, early or late."""
        with clock.at(self.now):
            assert service.expire_pending(self.session) == self.model.lapse(self.now)
            expired = 0
            while batch := service.expire_lots(self.session, clock.today(), limit):
                expired += batch
            assert expired == self.model.expire(clock.today(), self.fund.with_purpose(Purpose.EXPIRED))

    @invariant()
    def the_database_and_the_model_agree(self) -> None:
        if not hasattr(self, "session"):
            return
        with clock.at(self.now):
            for ref in (self.fund, self.shop, self.home, *self.people, self.fund.with_purpose(Purpose.EXPIRED)):
                found = queries.balance_of(self.session, ref)
                assert (found.posted, found.pending_in, found.pending_out) == (
                    self.model.posted[ref],
                    self.model.coming[ref],
                    self.model.reserved[ref],
                )
                if ref in self.people:
                    assert found.owed == self.model.owed[ref]
                if ref.holds_lots:
                    assert found.available == sum(lot.free for lot in self.model.free(ref, clock.today()))
        assert sorted(map(tuple, self.session.execute(LOTS))) == self.model.open_lots()


def test_the_ledger_does_what_its_model_says(engine: Engine):
    Machine.engine = engine
    run_state_machine_as_test(Machine, settings=settings(stateful_step_count=20))
