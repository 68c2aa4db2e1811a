"""Who still has tickets is told three days before they end: once for a day, whatever becomes of the worker."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from backend.accounts.residents import service as residents
from backend.accounts.residents.rules import subject_of
from backend.core import clock
from backend.core.db import session_scope
from backend.coupons.service import campaigns, reminders
from backend.notices import service as notices
from backend.notices.texts import NoticeCode
from tests.factories.coupons import Market, claim, make_saver, open_market
from tests.factories.residents import Neighbour

LAST_DAY = timedelta(days=60)


@pytest.fixture
def market(session: Session) -> Market:
    return open_market(session)


def on_day(before_the_last: int) -> datetime:
    """Return a moment of the day so long before the tickets of a campaign of today end."""
    return clock.now() + LAST_DAY - timedelta(days=before_the_last)


def told(session: Session, saver: Neighbour) -> list[str]:
    """Return of which last days somebody was told."""
    found = notices.inbox(session, subject_of(saver.resident_id))
    return sorted(one.params["until_on"] for one in found if one.code == NoticeCode.COUPONS_END_SOON)


def remind(session: Session, before_the_last: int) -> int:
    with clock.at(on_day(before_the_last)):
        return reminders.remind(session)


def test_one_is_told_three_days_before_and_once_for_all_tickets_of_a_day(session: Session, market: Market):
    saver, last = make_saver(session), (clock.today() + LAST_DAY).isoformat()
    for _ in range(2):
        claim(session, saver, market.campaign())
    assert remind(session, 4) == 0
    assert remind(session, 3) == 1
    assert told(session, saver) == [last]
    assert [remind(session, day) for day in (3, 2, 1, 0)] == [0, 0, 0, 0]


def test_a_worker_that_was_down_tells_it_later_and_not_after_the_last_day(session: Session, market: Market):
    saver, late = make_saver(session), make_saver(session)
    campaign_id = market.campaign()
    claim(session, saver, campaign_id)
    assert remind(session, 0) == 1
    claim(session, late, campaign_id)
    assert remind(session, -1) == 0
    assert told(session, late) == []


def test_tickets_of_two_days_are_told_each_in_its_time(session: Session, market: Market):
    saver, last = make_saver(session), clock.today() + LAST_DAY
    claim(session, saver, market.campaign())
    claim(session, saver, market.campaign(valid_until=last + timedelta(days=1)))
    assert [remind(session, day) for day in (3, 2)] == [1, 1]
    assert told(session, saver) == [last.isoformat(), (last + timedelta(days=1)).isoformat()]


def test_what_was_exchanged_in_the_last_days_needs_no_reminder(session: Session, market: Market):
    saver = make_saver(session)
    campaign_id = market.campaign(closes_on=clock.today() + LAST_DAY)
    with clock.at(on_day(3)):
        claim(session, saver, campaign_id)
    assert remind(session, 2) == 0


def test_nobody_is_told_of_a_ticket_that_is_gone_or_after_leaving(session: Session, market: Market):
    taken_back, gone = make_saver(session), make_saver(session)
    campaign_id = market.campaign()
    campaigns.void(session, market.officer, claim(session, taken_back, campaign_id).id, "doubled")
    claim(session, gone, campaign_id)
    residents.delete(session, gone.actor)
    assert remind(session, 3) == 0


def test_a_batch_goes_on_where_the_last_one_ended(session: Session, market: Market):
    savers = [make_saver(session) for _ in range(3)]
    campaign_id = market.campaign()
    for saver in savers:
        claim(session, saver, campaign_id)
    with clock.at(on_day(3)):
        assert [reminders.remind(session, limit=2) for _ in range(3)] == [2, 1, 0]
    assert [len(told(session, saver)) for saver in savers] == [1, 1, 1]


def test_the_day_is_the_citys(session: Session, market: Market):
    saver = make_saver(session)
    claim(session, saver, market.campaign())
    third = clock.today() + LAST_DAY - timedelta(days=3)
    midnight = datetime(third.year, third.month, third.day, tzinfo=UTC) - timedelta(hours=8)
    with clock.at(midnight - timedelta(minutes=1)):
        assert reminders.remind(session) == 0
    with clock.at(midnight):
        assert reminders.remind(session) == 1


@pytest.mark.usefixtures("own_engine")
def test_four_workers_at_once_tell_it_once():
    with session_scope() as session:
        market = open_market(session)
        savers = [make_saver(session) for _ in range(5)]
        campaign_id = market.campaign()
        for saver in savers:
            claim(session, saver, campaign_id)

    def work() -> int:
        with session_scope() as session:
            return remind(session, 3)

    with ThreadPoolExecutor(4) as threads:
        answers = [done.result() for done in [threads.submit(work) for _ in range(4)]]
    assert sum(answers) == len(savers)
    with session_scope() as session:
        assert [len(told(session, saver)) for saver in savers] == [1] * len(savers)
