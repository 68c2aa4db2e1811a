"""What holds when a family acts at once, each on a connection of its own, as processes do."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from backend.accounts.residents import service as residents
from backend.core import clock
from backend.core.db import session_scope
from backend.core.errors import DomainError
from backend.core.ids import new_id
from backend.households import invites, jobs, pool, queries, rules, service
from backend.households.rules import Share
from backend.ledger import service as ledger
from backend.ledger.rules import AccountRef
from tests.factories.households import SPENT, Family, available, come_in, earn, make_household, post_points, stay_of
from tests.factories.residents import Neighbour, make_resident

pytestmark = pytest.mark.usefixtures("own_engine")


def at_once(acts: Sequence[Callable[[], object]]) -> list[object]:
    """Do everything at the same time; a refusal is an answer, anything else a fault."""

    def answered(act: Callable[[], object]) -> object:
        try:
            return act()
        except DomainError as refused:
            return type(refused).__name__

    with ThreadPoolExecutor(8) as threads:
        return [done.result() for done in [threads.submit(answered, act) for act in acts]]


def a_family(size: int = 2, points: int = 0) -> Family:
    with session_scope() as session:
        family = make_household(session)
        for _ in range(size - 1):
            come_in(session, family)
        for one in family.members if points else []:
            earn(session, one.resident_id, points)
            pool.contribute(session, one.actor, new_id(), points)
    return family


def spend(family: Family, who: Neighbour, amount: int) -> Callable[[], object]:
    def act() -> object:
        with session_scope() as session:
            source = pool.require_spend(session, who.actor, family.id, amount)
            return ledger.spend(
                session,
                str(new_id()),
                source=source,
                to=SPENT,
                amount=amount,
                subject="test:x",
                actor=who.actor.label,
            ).amount

    return act


def all_points(*people: Neighbour, family: Family) -> int:
    with session_scope() as session:
        own = sum(available(session, AccountRef.of_resident(one.resident_id)) for one in people)
        spent = session.execute(
            text("SELECT coalesce(sum(posted), 0) FROM ledger_account WHERE owner = 'system' AND purpose = 'spent'")
        ).scalar_one()
        return own + available(session, family.account) + int(spent)


def test_two_joins_at_once_are_one():
    """L18: the same person with two codes, and the same form many times."""
    families = [a_family(1), a_family(1)]
    with session_scope() as session:
        guest = make_resident(session)
        codes = [invites.invite(session, one.owner.actor, new_id()).code for one in families]
    stays = [new_id(), new_id()]

    def join(number: int) -> Callable[[], object]:
        def act() -> object:
            with session_scope() as session:
                invites.join(session, guest.actor, stays[number], codes[number], agreed=True, share=Share.NONE)
                return number

        return act

    answers = at_once([join(n % 2) for n in range(12)])
    (winner,) = {one for one in answers if isinstance(one, int)}
    assert {one for one in answers if isinstance(one, str)} == {"InHouseholdAlready"}
    with session_scope() as session:
        assert stay_of(session, guest).household_id == families[winner].id


@pytest.mark.parametrize("already_used", [0, rules.INVITE_USES - 1])
def test_the_same_request_to_join_at_once_gets_the_same_answer(already_used: int):
    """L18: one effect and one answer, even where it took the last place of the code."""
    family, stay_id = a_family(1), new_id()
    with session_scope() as session:
        code = invites.invite(session, family.owner.actor, new_id()).code
        guest = make_resident(session)
        session.execute(text("UPDATE household_invite SET used = :used"), {"used": already_used})

    def join() -> object:
        with session_scope() as session:
            return invites.join(session, guest.actor, stay_id, code, agreed=True, share=Share.HALF).id

    assert set(at_once([join] * 8)) == {stay_id}
    with session_scope() as session:
        assert stay_of(session, guest).id == stay_id
        used = session.execute(text("SELECT used FROM household_invite")).scalar_one()
        assert used == already_used + 1


def test_a_code_for_five_lets_five_in_of_many():
    family = a_family(1)
    with session_scope() as session:
        code = invites.invite(session, family.owner.actor, new_id()).code
        guests = [make_resident(session) for _ in range(10)]

    def join(guest: Neighbour) -> Callable[[], object]:
        stay_id = new_id()

        def act() -> object:
            with session_scope() as session:
                return invites.join(session, guest.actor, stay_id, code, agreed=True, share=Share.NONE).id == stay_id

        return act

    answers = at_once([join(one) for one in guests])
    assert answers.count(True) == rules.INVITE_USES
    assert set(answers) == {True, "InviteUnknown"}


def test_leaving_one_and_joining_another_at_once_waits_thirty_days():
    family, other = a_family(2), a_family(1)
    member = family.members[1]
    with session_scope() as session:
        code = invites.invite(session, other.owner.actor, new_id()).code

    def leave() -> object:
        with session_scope() as session:
            return service.leave(session, member.actor)

    def join() -> object:
        with session_scope() as session:
            return invites.join(session, member.actor, new_id(), code, agreed=True, share=Share.NONE).id

    answers = at_once([join, leave, join, join])
    assert answers[1] == 0
    assert {answers[0], *answers[2:]} <= {"InHouseholdAlready", "CoolingOff"}


@pytest.mark.parametrize("round_", range(4))
def test_leaving_while_others_spend_loses_nothing(round_: int):
    """L18: everybody's points are where they belong, however the steps fall."""
    family = a_family(3, points=20)
    leaver = family.members[1]

    def leave() -> object:
        with session_scope() as session:
            return service.leave(session, leaver.actor)

    acts = [spend(family, one, 3) for one in family.members for _ in range(3)]
    answers = at_once([*acts[:round_], leave, *acts[round_:]])
    assert "InsufficientFunds" not in answers
    assert all_points(*family.members, family=family) == 60
    with session_scope() as session:
        assert queries.leaving(session, family.id, leaver.resident_id).amount == 0
        assert jobs.return_strays(session) is None
        assert queries.group_of(session, leaver.resident_id) is None


def test_a_minors_day_is_counted_exactly_under_many_hands():
    family = a_family(1, points=60)
    with session_scope() as session:
        child = come_in(session, family, make_resident(session, birth_year=clock.today().year - 16))
        service.set_daily_limit(session, family.owner.actor, stay_of(session, child).id, 10)
    answers = at_once([spend(family, child, 4) for _ in range(8)])
    assert answers.count(4) == 2
    assert answers.count("DailyLimitReached") == 6


def test_a_contribution_sent_ten_times_at_once_is_one():
    family = a_family(1)
    request = new_id()
    with session_scope() as session:
        earn(session, family.owner.resident_id, 30)

    def give() -> object:
        with session_scope() as session:
            return pool.contribute(session, family.owner.actor, request, 7).amount

    assert at_once([give] * 10) == [7] * 10
    with session_scope() as session:
        assert available(session, family.account) == 7


def test_dissolving_under_traffic_ends_with_everything_at_home():
    family = a_family(4, points=10)

    def dissolve() -> object:
        with session_scope() as session:
            return service.dissolve(session, family.owner.actor)

    def give(who: Neighbour) -> Callable[[], object]:
        def act() -> object:
            with session_scope() as session:
                earn(session, who.resident_id, 5)
                return pool.contribute(session, who.actor, new_id(), 5).amount

        return act

    answers = at_once(
        [*(give(one) for one in family.members), dissolve, *(spend(family, one, 2) for one in family.members)]
    )
    assert set(answers) <= {5, 2, "NotInHousehold", answers[4]}
    assert isinstance(answers[4], int)
    with session_scope() as session:
        assert available(session, family.account) == 0
    assert all_points(*family.members, family=family) == 40 + 20


def test_shares_and_leaving_at_once_neither_wait_for_each_other_nor_lose_points():
    """What activities do: points are posted and shared in one transaction, while the member leaves."""
    family = a_family(2)
    member = family.members[1]
    with session_scope() as session:
        pool.set_share(session, member.actor, Share.ALL)

    def earn_and_share() -> object:
        with session_scope() as session:
            post_points(session, member.resident_id, 4)
            return pool.share_earned(session, member.resident_id, 4, key=str(new_id()))

    def leave() -> object:
        with session_scope() as session:
            return service.leave(session, member.actor)

    at_once([*[earn_and_share] * 4, leave, *[earn_and_share] * 3])
    with session_scope() as session:
        waiting = session.execute(
            text("SELECT args FROM procrastinate_jobs WHERE task_name = :name"), {"name": pool.SHARE_JOB}
        )
        for args in waiting.scalars().all():
            jobs.share(session, **args)
        assert queries.leaving(session, family.id, member.resident_id).amount == 0
    assert all_points(*family.members, family=family) == 28


def test_an_account_deleted_while_joining_is_in_no_household():
    family = a_family(1)
    with session_scope() as session:
        guest = make_resident(session)
        code = invites.invite(session, family.owner.actor, new_id()).code

    def join() -> object:
        with session_scope() as session:
            return invites.join(session, guest.actor, new_id(), code, agreed=True, share=Share.NONE).id

    def delete() -> object:
        with session_scope() as session:
            return residents.delete(session, guest.actor)

    at_once([join, delete, join])
    with session_scope() as session:
        stay = queries.membership_of(session, guest.resident_id)
        assert stay is None


def test_two_owners_hand_over_and_leave_at_once():
    family = a_family(3)
    first, second = family.members[1:]

    def hand_over(to: Neighbour) -> Callable[[], object]:
        def act() -> object:
            with session_scope() as session:
                service.hand_over(session, family.owner.actor, stay_of(session, to).id)
                return to.resident_id

        return act

    answers = at_once([hand_over(first), hand_over(second)])
    assert sorted(map(str, answers)).count("OwnerOnly") == 1
    with session_scope() as session, clock.at(clock.now() + timedelta(days=1)):
        assert sum(one.is_owner for one in queries.members_of(session, family.id)) == 1
