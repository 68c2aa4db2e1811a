"""The demo's households: many at once, and each of them one that the services could have made."""

from sqlalchemy import func, text
from sqlmodel import Session, col, select

from backend.core import clock
from backend.core.ids import new_id
from backend.demo.credentials import Credentials
from backend.demo.households import add_households, put_points_in
from backend.demo.residents import add_first_residents
from backend.households import pool, queries, service
from backend.households.models import HouseholdMember
from backend.households.rules import MOST_MEMBERS
from tests.factories.households import post_points


def test_households_are_made_at_once_and_work_like_any_other(session: Session):
    people = add_first_residents(session, Credentials())
    families = add_households(session, people, count=40)
    assert len(families) == 40
    stays = session.exec(select(func.count()).select_from(HouseholdMember)).one()
    assert stays == sum(len(one.own) + len(one.elders) for one in families)
    assert all(len(one.own) + len(one.elders) <= MOST_MEMBERS for one in families)

    with_elder = next(one for one in families if one.elders)
    assert queries.may_log_for(session, with_elder.own[0], with_elder.elders[0])
    couple = next(one for one in families[1:] if len(one.own) > 1)
    member = couple.own[1]
    assert member.id
    post_points(session, member.id, 9)
    pool.contribute(session, member, new_id(), 9)
    assert service.leave(session, member) == 9
    assert len(queries.members_of(session, couple.id)) == len(couple.own) + len(couple.elders) - 1


def test_no_sample_number_is_used_twice(session: Session):
    add_households(session, add_first_residents(session, Credentials()), count=60)
    digests = session.execute(text("SELECT count(*), count(DISTINCT phone_digest) FROM resident WHERE NOT is_proxy"))
    total, distinct = digests.one()
    assert total == distinct > 100


def test_members_put_part_of_what_they_earned_in(session: Session):
    families = add_households(session, [], count=10)
    for family in families:
        for one in family.own:
            assert one.id
            post_points(session, one.id, 20)
    assert put_points_in(session, families) == sum(
        queries.pooled_balance(session, one.id).available for one in families
    )
    began = session.exec(select(func.min(col(HouseholdMember.agreed_at)))).one()
    assert began < clock.now()
