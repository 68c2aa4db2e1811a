"""A report opens a case or joins one, once, whatever the network does."""

from datetime import UTC, datetime

import pytest
from sqlmodel import Session, select

from backend.cases import intake, queries
from backend.cases.intake import Received
from backend.cases.models import Case, CaseEvent
from backend.cases.rules import State
from backend.cities import city
from backend.core import clock
from backend.reports import errors
from backend.reports.models import Report
from backend.reports.schemas import SubmitReport
from tests.factories.reports import IN_MAIJI, IN_XIAN, MAIJI, QINZHOU, a_report, send


def receive(session: Session, form: SubmitReport) -> Received:
    return intake.receive(session, city(), form, language="zh")


def test_a_report_opens_a_case_with_its_first_event_and_deadline(session: Session):
    with clock.at(datetime(2026, 11, 23, 2, tzinfo=UTC)):
        received = send(session)
    case = queries.case_of(session, received.report.id)
    assert (case.state, case.kind, case.county_code, case.report_count) == (State.RECEIVED, "sewage", MAIJI, 1)
    assert case.due_at is not None
    assert case.due_at.astimezone(clock.SHANGHAI).date().isoformat() == "2026-12-08"
    assert not case.due_provisional
    (event,) = session.exec(select(CaseEvent).where(CaseEvent.case_id == case.id)).all()
    assert (event.action, event.actor, event.after) == ("received", "reporter", "received")


def test_the_same_report_twice_gives_the_same_receipt_and_one_case(session: Session):
    form = a_report()
    first, second = receive(session, form), receive(session, form)
    assert first.sent.is_new
    assert not second.sent.is_new
    assert (first.sent.receipt, first.case.number) == (second.sent.receipt, second.case.number)
    assert len(session.exec(select(Report).where(Report.id == form.id)).all()) == 1


def test_another_body_under_the_same_id_is_refused(session: Session):
    form = a_report()
    receive(session, form)
    with pytest.raises(errors.ReportIdReused):
        receive(session, form.model_copy(update={"words": "别的内容"}))


def test_the_receipt_needs_the_senders_secret(session: Session):
    form = a_report()
    first = receive(session, form)
    other = a_report(id=form.id)
    with pytest.raises(errors.ReportIdReused):
        receive(session, other)
    assert len(first.sent.receipt.code) == 24


def test_joining_gives_the_next_rank_and_keeps_the_first(session: Session):
    first = send(session)
    second = send(session, joins=first.case.number)
    third = send(session, joins=first.case.number)
    assert second.case.id == third.case.id == queries.case_of(session, first.report.id).id
    ranks = [queries.link_of(session, one.report.id).rank for one in (first, second, third)]
    assert ranks == [1, 2, 3]


def test_joining_a_case_that_has_ended_opens_a_new_one(session: Session):
    first = send(session)
    case = session.get(Case, queries.case_of(session, first.report.id).id)
    assert case is not None
    case.state, case.ended_at = State.WITHDRAWN, clock.now()
    session.flush()
    assert send(session, joins=first.case.number).case.number != first.case.number


def test_a_place_outside_the_city_is_taken_and_marked(session: Session):
    lat, lon = IN_XIAN
    received = send(session, lat=lat, lon=lon, county_code=None)
    assert received.case.outside_city
    assert received.case.county_code is None


def test_the_residents_own_county_is_the_authority(session: Session):
    assert send(session, county_code=QINZHOU).case.county_code == QINZHOU


def test_a_point_alone_is_given_to_the_county_it_seems_to_lie_in(session: Session):
    assert send(session, county_code=None).case.county_code == MAIJI


def test_a_point_of_another_datum_is_kept_as_sent_and_handled_in_wgs84(session: Session):
    lat, lon = IN_MAIJI
    received = send(session, datum="gcj02")
    assert (received.report.lat, received.report.lon) == (lat, lon)
    assert received.case.lon == pytest.approx(lon - 0.0039, abs=3e-4)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"kind": "earthquake"}, errors.KindUnknown),
        ({"words": "", "photo_ids": []}, errors.ReportEmpty),
        ({"lat": None, "lon": None, "county_code": None}, errors.PlaceMissing),
        ({"county_code": "110101"}, errors.DivisionUnknown),
        ({"county_code": MAIJI, "township_code": "620502001"}, errors.DivisionUnknown),
    ],
)
def test_what_nobody_could_look_into_is_refused(session: Session, changes: dict[str, object], refusal: type[Exception]):
    with pytest.raises(refusal):
        receive(session, a_report(**changes))


def test_similar_reports_nearby_are_of_the_kind_open_and_close(session: Session):
    lat, lon = IN_MAIJI
    near = send(session)
    send(session, kind="noise")
    send(session, lat=lat + 0.01)
    found = queries.nearby(session, "sewage", lat + 0.001, lon)
    assert [(one.number, one.distance_m) for one in found] == [(near.case.number, 100)]


@pytest.mark.parametrize("changes", [{"kind": "noise"}, {"lat": 34.6}, {"lat": None, "lon": None}])
def test_a_public_number_alone_does_not_let_a_stranger_join(session: Session, changes: dict[str, object]):
    first = send(session)
    stranger = send(session, joins=first.case.number, **changes)
    assert not stranger.joined
    assert stranger.case.number != first.case.number
