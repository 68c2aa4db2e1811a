"""What a household gets of what its members earn: as chosen, when the points are good, once, by a job after the commit."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from backend.activities import settling
from backend.activities.rules import Reason
from backend.activities.schemas import Appeal
from backend.cities import city
from backend.core.ids import new_id
from backend.households import jobs, pool, service
from backend.households.rules import Share
from tests.factories.accounts import make_staff
from tests.factories.activities import after_the_hold, balance, fill_fund, logged
from tests.factories.households import Family, available, come_in, make_household


@pytest.fixture
def family(session: Session) -> Family:
    """A household of two: the owner gives all, the other half."""
    fill_fund(session)
    made = make_household(session)
    pool.set_share(session, made.owner.actor, Share.ALL)
    come_in(session, made, share=Share.HALF)
    session.commit()
    return made


def run_promised(session: Session) -> list[dict[str, Any]]:
    """Do what was promised to households, and return what that was."""
    query = text("SELECT args FROM procrastinate_jobs WHERE task_name = :name ORDER BY id")
    promised = list(session.execute(query, {"name": pool.SHARE_JOB}).scalars())
    for args in promised:
        jobs.share(session, **args)
    return promised


def test_each_gives_as_chosen_when_the_points_are_good(session: Session, family: Family):
    for member in family.members:
        logged(session, member.actor, quantity=3)
    assert run_promised(session) == []
    after_the_hold(session)
    assert len(run_promised(session)) == 2
    assert available(session, family.account) == 3 + 1
    # The same job again gives nothing twice.
    run_promised(session)
    assert available(session, family.account) == 3 + 1


def test_a_moderators_yes_gives_the_household_its_part(session: Session, family: Family):
    activity = logged(session, family.owner.actor, quantity=3)
    settling.approve(session, make_staff(session).actor, activity.id)
    run_promised(session)
    assert available(session, family.account) == 3


def test_what_an_elder_earns_is_the_familys(session: Session, family: Family):
    elder_id = service.add_elder(session, family.owner.actor, new_id(), "奶奶", agreed=True).resident_id
    logged(session, family.owner.actor, quantity=2, for_id=str(elder_id))
    after_the_hold(session)
    run_promised(session)
    assert available(session, family.account) == 2
    assert balance(session, elder_id).available == 0


def test_who_gives_nothing_promises_nothing(session: Session, family: Family):
    pool.set_share(session, family.owner.actor, Share.NONE)
    logged(session, family.owner.actor)
    after_the_hold(session)
    assert run_promised(session) == []


def test_an_appeal_that_is_heard_is_shared_too(session: Session, family: Family):
    officer = make_staff(session).actor
    activity = logged(session, family.owner.actor, quantity=3)
    settling.reject(session, officer, activity.id, Reason.NOT_SHOWN)
    assert run_promised(session) == []
    settling.appeal(session, city(), family.owner.actor, activity.id, Appeal(words="我走了"))
    settling.decide_appeal(session, city(), officer, activity.id, is_granted=True, answer="好")
    run_promised(session)
    assert available(session, family.account) == 3
