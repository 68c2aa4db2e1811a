"""Campaigns and titles read what was proven, and nothing that is still looked at."""

from datetime import date, datetime, timedelta

from sqlmodel import Session

from backend.activities import service
from backend.cities import city
from backend.core import clock
from backend.core.clock import SHANGHAI
from backend.portal import counting
from tests.factories.activities import after_the_hold, fill_fund, logged
from tests.factories.residents import Neighbour

IN_TRAVEL_MONTH = datetime(2026, 9, 14, 8, 0, tzinfo=SHANGHAI)
AFTER_IT = IN_TRAVEL_MONTH + timedelta(days=20)


def test_a_campaign_counts_what_was_proven_in_its_days(session: Session, neighbour: Neighbour):
    fill_fund(session)
    with clock.at(IN_TRAVEL_MONTH):
        logged(session, neighbour.actor, behaviour="walk", quantity=3)
        taken_back = logged(session, neighbour.actor, behaviour="cycle", quantity=2)
        service.undo(session, city(), neighbour.actor, taken_back.id)
    count = counting.drive_counter
    assert count(session, "walk", date(2026, 9, 1), date(2026, 9, 30)) == 0
    with clock.at(AFTER_IT):
        after_the_hold(session)
    assert count(session, "walk", date(2026, 9, 14), date(2026, 9, 14)) == 3
    assert count(session, "walk", date(2026, 9, 15), date(2026, 9, 30)) == 0
    assert count(session, "cycle", date(2026, 9, 1), date(2026, 9, 30)) == 0


def test_titles_are_measured_by_the_same_activities(session: Session, neighbour: Neighbour):
    fill_fund(session)
    with clock.at(AFTER_IT):
        measures = counting.measures_of(session, neighbour.resident_id)
    assert measures["activities_per_month"] == 0
    assert measures["drives_per_year"] == 0
    assert "community_activities_per_month" not in measures
    for days in range(6):
        with clock.at(IN_TRAVEL_MONTH + timedelta(days=days)):
            logged(session, neighbour.actor, behaviour="walk", quantity=1)
    with clock.at(AFTER_IT):
        after_the_hold(session)
        measures = counting.measures_of(session, neighbour.resident_id)
    assert measures["activities_per_month"] == 2
