"""Sums by month: equal to what the books say, gone with who leaves, shown only where enough people stand behind them."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import Session

from backend.activities import claiming, ranks, rules, settling
from backend.activities.rules import Reason
from backend.activities.schemas import ChooseHome
from backend.cities import city
from backend.core import clock
from tests.factories.accounts import make_staff
from tests.factories.activities import after_the_hold, fill_fund, logged
from tests.factories.residents import Neighbour, make_resident

# What the postings themselves say: posted grants of a community's entries, less what was taken back.
FROM_POSTINGS = text("""
SELECT coalesce(sum(p.amount), 0) FROM posting p JOIN ledger_account a ON a.id = p.account_id
JOIN journal_transaction t ON t.id = p.transaction_id
LEFT JOIN journal_transaction o ON o.id = coalesce(t.resolves_id, t.reverses_id)
JOIN activity x ON 'activity:' || x.id = coalesce(o.subject, t.subject)
WHERE a.holds_lots AND x.county_code = :county
""")


@pytest.fixture
def street(session: Session) -> list[Neighbour]:
    fill_fund(session)
    made = [make_resident(session) for _ in range(6)]
    for one in made:
        ranks.choose_home(session, city(), one.actor, ChooseHome(county_code="620502", school="no1_middle"))
    return made


def test_a_rank_is_what_the_postings_say(session: Session, street: list[Neighbour]):
    """L21."""
    entries = [logged(session, one.actor, quantity=1 + place) for place, one in enumerate(street)]
    after_the_hold(session)
    settling.reverse(session, make_staff(session).actor, entries[5].id, Reason.MISTAKE)
    month = rules.month_of(clock.today())
    ranks.tally(session, month)
    (place,) = ranks.ranks(session, city(), "county", month)
    assert (place.rank, place.code, place.points, place.people) == (1, "620502", 15, 5)
    assert session.execute(FROM_POSTINGS, {"county": "620502"}).scalar() == 15
    assert [one.code for one in ranks.ranks(session, city(), "school", month)] == ["no1_middle"]


def test_fewer_than_five_people_are_not_shown_and_who_leaves_is_gone(session: Session, street: list[Neighbour]):
    for one in street[:5]:
        logged(session, one.actor, quantity=2)
    after_the_hold(session)
    month = rules.month_of(clock.today())
    ranks.tally(session, month)
    assert len(ranks.ranks(session, city(), "county", month)) == 1
    ranks.leave_home(session, street[0].actor)
    ranks.tally(session, month)
    assert ranks.ranks(session, city(), "county", month) == []
    assert ranks.done_at(session, month)[0].activities == 5


def test_what_is_pending_or_refused_stands_in_no_sum(session: Session, street: list[Neighbour]):
    logged(session, street[0].actor)
    ranks.tally(session, rules.month_of(clock.today()))
    assert ranks.done_at(session, rules.month_of(clock.today())) == []


def test_proven_deeds_count_for_their_article_and_grams_need_a_source(session: Session, street: list[Neighbour]):
    for one in street:
        logged(session, one.actor, quantity=2)
    after_the_hold(session)
    month = rules.month_of(clock.today())
    ranks.tally(session, month)
    (effect,) = ranks.effect(session, city(), [month])
    assert (effect.article, effect.activities, effect.people, effect.grams) == (11, 6, 6, None)


def test_who_deletes_the_account_leaves_no_trace_in_the_ranks(session: Session, street: list[Neighbour]):
    entry = logged(session, street[0].actor)
    claiming.forget(session, street[0].actor)
    session.commit()
    session.expire_all()
    found = session.execute(text("SELECT county_code, note FROM activity WHERE id = :id"), {"id": entry.id}).one()
    assert tuple(found) == (None, "")


def test_what_nobody_claims_goes_after_a_week(session: Session):
    from backend.activities import intake
    from tests.factories.activities import say

    fill_fund(session)
    intake.log_before_sign_in(session, city(), say())
    assert ranks.sweep_unclaimed(session) == 0
    with clock.at(clock.now() + timedelta(days=7, minutes=1)):
        assert ranks.sweep_unclaimed(session) == 1
