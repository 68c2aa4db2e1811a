"""Coming in, staying and leaving, on the real database."""

from datetime import timedelta
from typing import cast

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from backend.accounts.residents import own_data
from backend.accounts.residents import service as residents
from backend.accounts.residents.rules import subject_of
from backend.core import clock
from backend.core.ids import new_id
from backend.households import errors as wrong
from backend.households import invites, jobs, pool, queries, rules, service
from backend.households.rules import MINOR_LIMIT, MOST_MEMBERS, EndReason, MemberKind, Share
from backend.ledger import service as ledger
from backend.ledger.commands import Receipt
from backend.ledger.errors import IdempotencyKeyReused, InsufficientFunds
from backend.ledger.rules import AccountRef, resident
from backend.notices import service as notices
from tests.factories.households import SPENT, Family, available, come_in, earn, lots_of, make_household, stay_of
from tests.factories.residents import Neighbour, make_resident

mine = AccountRef.of_resident


def spend(session: Session, family: Family, who: Neighbour, amount: int, key: str | None = None) -> Receipt:
    account = pool.require_spend(session, who.actor, family.id, amount)
    return ledger.spend(
        session, key or str(new_id()), source=account, to=SPENT, amount=amount, subject="test:x", actor=who.actor.label
    )


def test_a_household_is_created_once_however_often_it_is_sent(session: Session):
    owner, household_id = make_resident(session), new_id()
    first = service.create(session, owner.actor, household_id, " 小院 人家 ")
    again = service.create(session, owner.actor, household_id, "小院 人家")
    assert first.id == again.id
    assert [one.is_owner for one in queries.members_of(session, household_id)] == [True]
    with pytest.raises(wrong.HouseholdIdTaken):
        service.create(session, owner.actor, household_id, "另一家")


@pytest.mark.parametrize("name", ["", "   ", "打 138 0000 1234", "a" * 17, "坏\u0007名"])
def test_a_name_that_would_name_somebody_is_refused(session: Session, name: str):
    with pytest.raises(wrong.HouseholdNameInvalid):
        service.create(session, make_resident(session).actor, new_id(), name)


def test_who_is_invited_agrees_and_the_owner_confirms(session: Session):
    family, guest = make_household(session), make_resident(session)
    code = invites.invite(session, family.owner.actor, new_id()).code
    seen = invites.look_up(session, guest.actor, rules.shown_code(code).lower())
    assert (seen.name, seen.owner, seen.members) == ("小院人家", family.owner.nickname, 1)

    with pytest.raises(wrong.ConsentMissing):
        invites.join(session, guest.actor, new_id(), code, agreed=False, share=Share.NONE)
    stay = invites.join(session, guest.actor, new_id(), code, agreed=True, share=Share.HALF)
    assert queries.household_of(session, guest.resident_id) is None
    with pytest.raises(wrong.NotInHousehold):
        pool.contribute(session, guest.actor, new_id(), 1)

    invites.confirm(session, family.owner.actor, stay.id)
    assert queries.group_of(session, guest.resident_id) == family.id
    assert stay_of(session, guest).terms == rules.TERMS


def test_the_code_stands_nowhere_in_the_database(session: Session):
    family = make_household(session)
    code = invites.invite(session, family.owner.actor, new_id()).code
    rows = session.execute(text("SELECT row_to_json(t)::text FROM household_invite t")).scalars()
    assert not any(code in row or code.encode().hex() in row for row in rows)


def test_a_new_code_ends_the_old_one_and_a_week_ends_any(session: Session):
    family, guest = make_household(session), make_resident(session)
    old = invites.invite(session, family.owner.actor, new_id()).code
    invite_id = new_id()
    new = invites.invite(session, family.owner.actor, invite_id).code
    assert invites.invite(session, family.owner.actor, invite_id).code == new
    with pytest.raises(wrong.InviteUnknown):
        invites.look_up(session, guest.actor, old)
    invites.look_up(session, guest.actor, new)
    with clock.at(clock.now() + timedelta(days=7)), pytest.raises(wrong.InviteUnknown):
        invites.look_up(session, guest.actor, new)
    with pytest.raises(wrong.InviteMistyped):
        invites.look_up(session, guest.actor, new[:-1] + ("0" if new[-1] != "0" else "1"))


def test_old_invitations_are_removed(session: Session):
    family = make_household(session)
    invites.invite(session, family.owner.actor, new_id())
    for days, left in ((371, 1), (373, 0)):
        with clock.at(clock.now() + timedelta(days=days)):
            jobs.sweep(session)
        assert session.execute(text("SELECT count(*) FROM household_invite")).scalar_one() == left


def test_a_code_lets_only_so_many_ask(session: Session):
    family = make_household(session)
    code = invites.invite(session, family.owner.actor, new_id()).code
    for _ in range(rules.INVITE_USES):
        invites.join(session, make_resident(session).actor, new_id(), code, agreed=True, share=Share.NONE)
    with pytest.raises(wrong.InviteUnknown):
        invites.join(session, make_resident(session).actor, new_id(), code, agreed=True, share=Share.NONE)


def test_a_household_has_room_for_eight(session: Session):
    family = make_household(session)
    for _ in range(MOST_MEMBERS - 1):
        come_in(session, family)
    code = invites.invite(session, family.owner.actor, new_id()).code
    with pytest.raises(wrong.HouseholdFull):
        invites.join(session, make_resident(session).actor, new_id(), code, agreed=True, share=Share.NONE)


def test_nobody_is_in_two_households(session: Session):
    family, other = make_household(session), make_household(session)
    member = come_in(session, family)
    code = invites.invite(session, other.owner.actor, new_id()).code
    with pytest.raises(wrong.InHouseholdAlready):
        invites.join(session, member.actor, new_id(), code, agreed=True, share=Share.NONE)
    with pytest.raises(wrong.InHouseholdAlready):
        service.create(session, member.actor, new_id(), "又一家")


def test_the_database_itself_refuses_a_second_stay(session: Session):
    family, other = make_household(session), make_household(session)
    member = come_in(session, family)
    with pytest.raises(IntegrityError, match="uq_household_member_live"):
        session.execute(
            text(
                "INSERT INTO household_member (id, household_id, resident_id, kind, share, terms, agreed_at) "
                "VALUES (gen_random_uuid(), :household, :resident, 'own', 'none', 'x', now())"
            ),
            {"household": other.id, "resident": member.resident_id},
        )


def test_thirty_days_pass_between_two_households(session: Session):
    family, other = make_household(session), make_household(session)
    member = come_in(session, family)
    service.leave(session, member.actor)
    code = invites.invite(session, other.owner.actor, new_id()).code
    with pytest.raises(wrong.CoolingOff), session.begin_nested():
        invites.join(session, member.actor, new_id(), code, agreed=True, share=Share.NONE)
    with pytest.raises(wrong.CoolingOff), session.begin_nested():
        service.create(session, member.actor, new_id(), "新家")
    come_in(session, family, member)
    service.leave(session, member.actor)
    with clock.at(clock.now() + timedelta(days=30, minutes=1)):
        come_in(session, other, member)


def test_who_was_never_let_in_does_not_wait(session: Session):
    family, other, guest = make_household(session), make_household(session), make_resident(session)
    code = invites.invite(session, family.owner.actor, new_id()).code
    stay = invites.join(session, guest.actor, new_id(), code, agreed=True, share=Share.NONE)
    invites.decline(session, family.owner.actor, stay.id)
    invites.join(session, guest.actor, new_id(), code, agreed=True, share=Share.NONE)
    invites.withdraw_request(session, guest.actor)
    come_in(session, other, guest)
    assert queries.group_of(session, guest.resident_id) == other.id


def test_a_leaver_gets_exactly_what_is_left_of_the_own(session: Session):
    family = make_household(session)
    member = come_in(session, family)
    earn(session, family.owner.resident_id, 10, days=10)
    earn(session, member.resident_id, 7, days=5)
    earn(session, member.resident_id, 5, days=50)
    pool.contribute(session, family.owner.actor, new_id(), 10)
    pool.contribute(session, member.actor, new_id(), 12)
    spend(session, family, family.owner, 9)  # First what expires first: 7 of the member's, 2 of the owner's.

    assert queries.leaving(session, family.id, member.resident_id).amount == 5
    assert service.leave(session, member.actor) == 5
    who = resident(member.resident_id)
    assert lots_of(session, mine(member.resident_id)) == {(who, clock.today() + timedelta(days=50)): 5}
    assert available(session, family.account) == 8


def test_what_a_coupon_held_comes_after_the_leaver(session: Session):
    family = make_household(session)
    member = come_in(session, family)
    earn(session, member.resident_id, 6)
    pool.contribute(session, member.actor, new_id(), 6)
    held = ledger.hold(
        session,
        "hold",
        source=family.account,
        to=SPENT,
        amount=4,
        until=clock.now() + timedelta(minutes=5),
        subject="test:coupon",
        actor=family.owner.actor.label,
    )
    assert queries.leaving(session, family.id, member.resident_id).held == 4
    assert service.leave(session, member.actor) == 2
    jobs.return_strays(session)
    assert available(session, mine(member.resident_id)) == 2
    ledger.void(session, "void", held.transaction_id, actor="system")
    jobs.return_strays(session)
    assert available(session, mine(member.resident_id)) == 6
    assert available(session, family.account) == 0


def test_what_a_coupon_held_finds_a_leaver_who_lives_elsewhere_by_now(session: Session):
    family, other = make_household(session), make_household(session)
    member = come_in(session, family)
    earn(session, member.resident_id, 6)
    pool.contribute(session, member.actor, new_id(), 6)
    until = clock.now() + timedelta(days=90)
    who = family.owner.actor.label
    taken = {"source": family.account, "to": SPENT, "amount": 6, "subject": "test:coupon", "actor": who}
    held = ledger.hold(session, "hold", until=until, **taken)  # pyright: ignore[reportArgumentType]
    service.leave(session, member.actor)
    with clock.at(clock.now() + timedelta(days=31)):
        come_in(session, other, member)
        ledger.void(session, "void", held.transaction_id, actor="system")
        jobs.return_strays(session)
        assert available(session, mine(member.resident_id)) == 6


def test_a_contribution_sent_twice_is_one(session: Session):
    family = make_household(session)
    earn(session, family.owner.resident_id, 10)
    request = new_id()
    for _ in range(3):
        assert pool.contribute(session, family.owner.actor, request, 4).amount == 4
    assert available(session, family.account) == 4
    with pytest.raises(IdempotencyKeyReused):
        pool.contribute(session, family.owner.actor, request, 5)
    with pytest.raises(InsufficientFunds):
        pool.contribute(session, family.owner.actor, new_id(), 7)


def test_what_is_mine_can_be_taken_back_but_not_what_is_anothers(session: Session):
    family = make_household(session)
    member = come_in(session, family)
    earn(session, family.owner.resident_id, 10)
    earn(session, member.resident_id, 3)
    pool.contribute(session, family.owner.actor, new_id(), 10)
    pool.contribute(session, member.actor, new_id(), 3)
    with pytest.raises(InsufficientFunds):
        pool.withdraw_own(session, member.actor, new_id(), 4)
    assert pool.withdraw_own(session, member.actor, new_id(), 1).amount == 1
    assert pool.withdraw_own(session, member.actor, new_id()).amount == 2
    assert available(session, family.account) == 10


@pytest.mark.parametrize(("share", "given"), [(Share.ALL, 9), (Share.HALF, 4), (Share.NONE, 0)])
def test_what_is_earned_is_shared_as_chosen(session: Session, share: Share, given: int):
    family = make_household(session)
    pool.set_share(session, family.owner.actor, share)
    earn(session, family.owner.resident_id, 9)
    for _ in range(2):
        assert pool.share_earned(session, family.owner.resident_id, 9, key="activity:1") == given
    assert available(session, family.account) == given
    assert pool.share_earned(session, make_resident(session).resident_id, 9, key="activity:2") == 0


def test_a_debt_is_paid_before_anything_is_shared(session: Session):
    family = make_household(session)
    pool.set_share(session, family.owner.actor, Share.ALL)
    earn(session, family.owner.resident_id, 3)
    assert pool.share_earned(session, family.owner.resident_id, 9, key="activity:1") == 3


def test_a_minor_uses_what_the_owner_allows_in_a_day(session: Session):
    family = make_household(session)
    child = come_in(session, family, make_resident(session, birth_year=clock.today().year - 16))
    earn(session, family.owner.resident_id, 100)
    pool.contribute(session, family.owner.actor, new_id(), 100)
    assert queries.may_spend(session, child.actor, family.id, MINOR_LIMIT)
    assert not queries.may_spend(session, child.actor, family.id, MINOR_LIMIT + 1)
    service.set_daily_limit(session, family.owner.actor, stay_of(session, child).id, 10)
    taken = spend(session, family, child, 6)
    with pytest.raises(wrong.DailyLimitReached):
        spend(session, family, child, 5)
    ledger.reverse(session, "back", taken.transaction_id, subject="test:x", actor="system")
    spend(session, family, child, 10)
    with clock.at(clock.now() + timedelta(days=1)):
        spend(session, family, child, 10)


def test_a_limit_is_for_minors_and_set_by_the_owner(session: Session):
    family = make_household(session)
    member = come_in(session, family)
    with pytest.raises(wrong.LimitInvalid):
        service.set_daily_limit(session, family.owner.actor, stay_of(session, member).id, 10)
    with pytest.raises(wrong.OwnerOnly):
        service.set_daily_limit(session, member.actor, stay_of(session, family.owner).id, 10)


def test_a_minor_looks_after_no_household(session: Session):
    family = make_household(session)
    child = come_in(session, family, make_resident(session, birth_year=clock.today().year - 16))
    with pytest.raises(wrong.OfAgeOnly):
        service.hand_over(session, family.owner.actor, stay_of(session, child).id)
    other = make_resident(session, birth_year=clock.today().year - 16)
    with pytest.raises(wrong.OfAgeOnly):
        service.create(session, other.actor, new_id(), "小院")


def test_members_log_for_an_elder_and_nobody_else_does(session: Session):
    family, stranger = make_household(session), make_household(session).owner
    member = come_in(session, family)
    with pytest.raises(wrong.ConsentMissing):
        service.add_elder(session, family.owner.actor, new_id(), "奶奶", agreed=False)
    stay_id = new_id()
    elder = service.add_elder(session, family.owner.actor, stay_id, "奶奶", agreed=True)
    assert service.add_elder(session, family.owner.actor, stay_id, "奶奶", agreed=True).id == elder.id

    assert queries.may_log_for(session, member.actor, elder.resident_id)
    assert queries.may_log_for(session, member.actor, member.resident_id)
    assert not queries.may_log_for(session, stranger.actor, elder.resident_id)
    assert not queries.may_log_for(session, member.actor, family.owner.resident_id)
    assert [one.nickname for one in queries.loggable_by(session, member.actor)] == ["奶奶"]
    assert queries.group_of(session, elder.resident_id) == family.id
    residents.require_earning(session, elder.resident_id)
    earn(session, elder.resident_id, 8)
    assert pool.share_earned(session, elder.resident_id, 8, key="activity:1") == 8


def test_a_household_has_at_most_three_elders(session: Session):
    family = make_household(session)
    for _ in range(rules.MOST_ELDERS):
        service.add_elder(session, family.owner.actor, new_id(), "奶奶", agreed=True)
    with pytest.raises(wrong.EldersFull):
        service.add_elder(session, family.owner.actor, new_id(), "爷爷", agreed=True)


def test_an_elder_who_is_taken_out_leaves_no_name(session: Session):
    family = make_household(session)
    elder = service.add_elder(session, family.owner.actor, new_id(), "奶奶", agreed=True)
    service.remove(session, family.owner.actor, elder.id)
    row = session.execute(
        text("SELECT nickname, deleted_at FROM resident WHERE id = :id"), {"id": elder.resident_id}
    ).one()
    assert row.nickname == ""
    assert row.deleted_at is not None


def test_an_owner_hands_over_before_leaving(session: Session):
    family = make_household(session)
    member = come_in(session, family)
    with pytest.raises(wrong.SuccessorNeeded):
        service.leave(session, family.owner.actor)
    service.hand_over(session, family.owner.actor, stay_of(session, member).id)
    service.leave(session, family.owner.actor)
    assert [(one.resident_id, one.is_owner) for one in queries.members_of(session, family.id)] == [
        (member.resident_id, True)
    ]
    with pytest.raises(wrong.NotInHousehold):
        come_in(session, family)


def test_a_removed_member_takes_the_own_points_along(session: Session):
    family = make_household(session)
    member = come_in(session, family)
    earn(session, member.resident_id, 4)
    pool.contribute(session, member.actor, new_id(), 4)
    stay = stay_of(session, member)
    with pytest.raises(wrong.OwnerOnly):
        service.remove(session, member.actor, stay_of(session, family.owner).id)
    assert service.remove(session, family.owner.actor, stay.id) == 4
    assert available(session, mine(member.resident_id)) == 4
    with pytest.raises(wrong.MemberUnknown):
        service.remove(session, family.owner.actor, stay.id)


def test_a_dissolved_household_leaves_no_name_and_no_points(session: Session):
    family = make_household(session)
    member, waiting = come_in(session, family), make_resident(session)
    code = invites.invite(session, family.owner.actor, new_id()).code
    invites.join(session, waiting.actor, new_id(), code, agreed=True, share=Share.NONE)
    for one in family.members:
        earn(session, one.resident_id, 5)
        pool.contribute(session, one.actor, new_id(), 5)
    assert service.dissolve(session, family.owner.actor) == 10
    assert [available(session, mine(one.resident_id)) for one in family.members] == [5, 5]
    assert available(session, family.account) == 0
    name = session.execute(text("SELECT name FROM household WHERE id = :id"), {"id": family.id}).scalar_one()
    assert name == ""
    with pytest.raises(wrong.InviteUnknown):
        invites.look_up(session, waiting.actor, code)
    assert queries.membership_of(session, member.resident_id) is None
    come_in(session, make_household(session), waiting)


def test_a_deleted_account_leaves_and_its_household_goes_on(session: Session):
    family = make_household(session)
    child = come_in(session, family, make_resident(session, birth_year=clock.today().year - 16))
    member = come_in(session, family)
    residents.delete(session, family.owner.actor)
    household = queries.household_of(session, child.resident_id)
    assert household
    assert household.owner_id == member.resident_id
    residents.delete(session, member.actor)
    assert queries.household_of(session, child.resident_id) is None


def test_the_export_tells_every_stay(session: Session):
    family = make_household(session)
    member = come_in(session, family)
    service.leave(session, member.actor)
    told = cast("list[dict[str, object]]", own_data.export(session, member.actor)["household"])
    assert [(one["household"], one["ended_how"]) for one in told] == [("小院人家", EndReason.LEFT)]


def test_members_are_told_by_nickname_and_kind(session: Session):
    family = make_household(session)
    service.add_elder(session, family.owner.actor, new_id(), "奶奶", agreed=True)
    earn(session, family.owner.resident_id, 5)
    pool.contribute(session, family.owner.actor, new_id(), 5)
    told = queries.members_of(session, family.id)
    assert [(one.nickname, one.kind, one.in_pool, one.is_lit) for one in told] == [
        (family.owner.nickname, MemberKind.OWN, 5, True),
        ("奶奶", MemberKind.ELDER, 0, False),
    ]


def told(session: Session, neighbour: Neighbour) -> list[str]:
    """Return of what somebody was told, oldest first."""
    return [one.code for one in reversed(notices.inbox(session, subject_of(neighbour.resident_id)))]


def test_the_owner_is_told_who_asks_once_and_the_asker_what_was_answered(session: Session):
    family = make_household(session)
    welcome, refused, removed = (make_resident(session) for _ in range(3))
    code = invites.invite(session, family.owner.actor, new_id()).code
    stays = {one.resident_id: new_id() for one in (welcome, refused, removed)}
    for one in (welcome, refused, removed):
        for _ in range(2):
            invites.join(session, one.actor, stays[one.resident_id], code, agreed=True, share=Share.NONE)
    assert told(session, family.owner) == ["household_asked"] * 3
    for _ in range(2):
        invites.confirm(session, family.owner.actor, stays[welcome.resident_id])
    invites.decline(session, family.owner.actor, stays[refused.resident_id])
    service.remove(session, family.owner.actor, stays[removed.resident_id])
    assert told(session, welcome) == ["household_let_in"]
    assert told(session, refused) == told(session, removed) == ["household_not_let_in"]


def test_who_waits_for_a_household_that_ends_is_told(session: Session):
    family, guest = make_household(session), make_resident(session)
    code = invites.invite(session, family.owner.actor, new_id()).code
    invites.join(session, guest.actor, new_id(), code, agreed=True, share=Share.NONE)
    service.dissolve(session, family.owner.actor)
    assert told(session, guest) == ["household_not_let_in"]


def test_who_asks_no_longer_is_told_nothing_and_names_nobody(session: Session):
    family, guest = make_household(session), make_resident(session, nickname="山核桃")
    code = invites.invite(session, family.owner.actor, new_id()).code
    invites.join(session, guest.actor, new_id(), code, agreed=True, share=Share.NONE)
    invites.withdraw_request(session, guest.actor)
    assert told(session, guest) == []
    (asked,) = notices.inbox(session, subject_of(family.owner.resident_id))
    assert asked.params == {}
