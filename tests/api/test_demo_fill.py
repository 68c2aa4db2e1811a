"""Filling the demo city: once, wholly or not at all, through the services, with a way in for testers."""

import json
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import psycopg
import pytest
from PIL import Image
from pyotp.totp import TOTP
from sqlalchemy import func
from sqlmodel import Session, col, select

from backend.accounts import service as accounts
from backend.accounts.models import Staff
from backend.accounts.residents import queries
from backend.audit import service as audit
from backend.cases import queries as cases
from backend.cases import service as case_service
from backend.cases.models import Case, CaseEvent, CaseReport
from backend.cases.rules import ENDED, State
from backend.cities import city
from backend.core import clock, db
from backend.core.actor import Role
from backend.core.config import Settings, get_settings
from backend.demo import filling, studio
from backend.demo.pictures import SCENES
from backend.honours import queries as honours
from backend.honours import rules as honour_rules
from backend.honours import service as honour_service
from backend.honours.models import HonourApplication, HonourEvent
from backend.media.models import Photo
from backend.notices.models import Notice
from backend.plan import editions
from backend.plan import queries as plan_queries
from backend.plan.rules import State as PlanState
from backend.reports import queries as reports
from backend.reports.models import Report
from backend.stations.models import Station

SIZE = 12


@pytest.fixture
def empty_city(
    server_uri: str, template: str, worker_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    """Give the test a database of its own, because filling commits, and small pictures, because drawing takes long."""
    name = f"green_demo_{worker_id}"
    with psycopg.connect(server_uri.replace("{name}", "postgres"), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")  # pyright: ignore[reportArgumentType, reportCallIssue]
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")  # pyright: ignore[reportArgumentType, reportCallIssue]
    monkeypatch.setenv("GREEN_DATABASE_URL", server_uri.replace("{name}", name))
    monkeypatch.setenv("GREEN_DATA_DIR", str(tmp_path))
    get_settings.cache_clear()
    monkeypatch.setattr(studio, "drawn", _small)
    engine = db.open_engine(get_settings())
    database = db.Database(engine)
    db.use(database)
    yield get_settings()
    db.use(None)
    database.close()
    engine.dispose()
    get_settings.cache_clear()


@contextmanager
def _small(folder: Path) -> Iterator[studio.Pictures]:
    folder.mkdir(parents=True)
    pictures: studio.Pictures = {}
    for shade, theme in enumerate(SCENES):
        file = BytesIO()
        Image.new("RGB", (64, 48), (shade * 9, 120, 90)).save(file, "JPEG")
        path = folder / f"{theme}-0.jpg"
        path.write_bytes(file.getvalue())
        pictures[theme] = [path]
    yield pictures
    for files in pictures.values():
        files[0].unlink()
    folder.rmdir()


def _count(session: Session, *what: object) -> list[int]:
    return [session.exec(select(func.count()).select_from(one)).one() for one in what]  # pyright: ignore[reportArgumentType, reportCallIssue]


def test_it_ends_in_every_state_with_events_in_the_past(empty_city: Settings):
    filling.fill_city(empty_city, size=SIZE)
    with db.session_scope() as session:
        found = session.exec(select(Case)).all()
        assert len(found) == SIZE
        assert {case.state for case in found} == set(State)
        assert all((case.ended_at is None) == (case.state not in ENDED) for case in found)
        assert all(case.answer for case in found if case.state in {State.CLOSED, State.DECLINED, State.REFERRED})
        assert all(event.at < clock.now() for event in session.exec(select(CaseEvent)))
        assert [case.number for case in found if case.due_at and case.due_at < clock.now()]
        for case in found:
            times = [
                event.at
                for event in session.exec(
                    select(CaseEvent).where(CaseEvent.case_id == case.id).order_by(col(CaseEvent.id))
                )
            ]
            assert times == sorted(times)
            assert times[0] == case.opened_at
        assert audit.verify(session) is None
        assert not session.exec(select(Photo.id).where(col(Photo.owner).is_(None))).all()
        assert session.exec(select(Photo.id)).all()


def test_a_second_fill_does_nothing(empty_city: Settings):
    filling.fill_city(empty_city, size=SIZE)
    credentials = empty_city.data_dir / "demo" / "credentials.json"
    with db.session_scope() as session:
        before = _count(session, Staff, Report, Case, CaseReport, CaseEvent, Photo)
    written = credentials.read_bytes()
    filling.fill_city(empty_city, size=SIZE)
    with db.session_scope() as session:
        assert _count(session, Staff, Report, Case, CaseReport, CaseEvent, Photo) == before
    assert credentials.read_bytes() == written


def test_the_credentials_open_what_they_say(empty_city: Settings):
    filling.fill_city(empty_city, size=SIZE)
    path = empty_city.data_dir / "demo" / "credentials.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    entries = json.loads(path.read_text(encoding="utf-8"))
    assert len(entries["staff"]) == 17
    assert {one["role"] for one in entries["staff"]} == {role.value for role in Role}
    for one in (entries["staff"][0], entries["staff"][-1]):
        with db.session_scope() as session:
            code = TOTP(one["totp_secret"]).now()
            actor = accounts.sign_in(session, login=one["login"], password=one["password"], code=code)
        assert actor is not None
        assert (actor.name, actor.county_code) == (one["name"], one["county"])
    assert len(entries["residents"]) >= SIZE
    with db.session_scope() as session:
        for one in [one for one in entries["residents"] if one["receipt"]]:
            report = reports.by_receipt(session, one["receipt"])
            assert cases.case_of(session, report.id).number == one["number"]
        assert all(staff.is_demo for staff in session.exec(select(Staff)))
        named = {one["nickname"]: one["phone"] for one in entries["residents"] if one["nickname"]}
        assert set(named) == {"小麦", "藉河老李", "豆豆"}
        found = [queries.resident_by_phone(session, phone) for phone in named.values()]
        assert all(one and queries.may_earn(session, one) for one in found)


def test_an_interrupted_fill_leaves_nothing_and_the_next_one_begins_anew(
    empty_city: Settings, monkeypatch: pytest.MonkeyPatch
):
    steps = case_service.take_step
    calls: list[int] = []

    def pulled_plug(*arguments: object) -> object:
        calls.append(1)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return steps(*arguments)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(case_service, "take_step", pulled_plug)
    with pytest.raises(KeyboardInterrupt):
        filling.fill_city(empty_city, size=SIZE)
    with db.session_scope() as session:
        assert _count(session, Staff, Report, Case, CaseEvent) == [0, 0, 0, 0]
        assert not session.exec(select(Photo.id).where(col(Photo.owner).is_not(None))).all()
    assert not (empty_city.data_dir / "demo" / "credentials.json").exists()
    monkeypatch.setattr(case_service, "take_step", steps)
    monkeypatch.setattr(studio, "drawn", _again)
    filling.fill_city(empty_city, size=SIZE)
    with db.session_scope() as session:
        assert {case.state for case in session.exec(select(Case))} == set(State)


@contextmanager
def _again(folder: Path) -> Iterator[studio.Pictures]:
    """Draw beside what the interruption left."""
    with _small(folder.with_name("pictures-again")) as pictures:
        yield pictures


def test_a_city_that_is_in_use_is_left_alone(empty_city: Settings):
    with db.session_scope() as session:
        accounts.add_staff(
            session,
            login="somebody",
            name="某人",
            role=accounts.Role.CITY_TRIAGE,
            county_code=None,
            password="a-long-unusual-phrase",
        )
    filling.fill_city(empty_city, size=SIZE)
    with db.session_scope() as session:
        assert _count(session, Staff, Report) == [1, 0]


def test_the_sample_stations_and_titles_are_there_and_titles_went_through_every_state(empty_city: Settings):
    filling.fill_city(empty_city, size=SIZE)
    with db.session_scope() as session:
        stations = session.exec(select(Station)).all()
        assert len(stations) == len(city().sample_stations) > 50
        assert {station.source for station in stations} == {"示例数据 demo"}
        applications = session.exec(select(HonourApplication)).all()
        assert {one.state for one in applications} == set(honour_rules.State)
        assert {one.honour for one in applications} == {honour.code for honour in city().honours}
        days = sorted(one.applied_at for one in applications)
        assert timedelta(days=90) < days[-1] - days[0] < filling.SERVICE_BEFORE
        events = session.exec(select(HonourEvent).order_by(col(HonourEvent.id))).all()
        assert all(event.at < clock.now() for event in events)
        named = {one.name for one in honours.holders(session, None, None, 50)[0]}
        assert len(named) >= 4
        assert named.isdisjoint(one.shown_name for one in applications if not one.is_public)
        told = select(Notice).where(col(Notice.code).in_(list(honour_service.NEWS.values())))
        decided = {"grant", "refuse", "revoke"}
        assert len(session.exec(told).all()) == sum(event.action in decided for event in events)


def test_the_plan_has_a_past_and_a_draft_that_waits(empty_city: Settings):
    filling.fill_city(empty_city, size=SIZE)
    with db.session_scope() as session:
        plan = editions.edition(session)
        assert (plan.number, len(plan.exposures), len(plan.examples), len(plan.news)) == (3, 1, 1, 1)
        assert (plan.claims.keys(), plan.findings.keys(), plan.replies.keys()) == ({"c01"}, {"c01"}, {"c01"})
        assert [one.title for one in plan_queries.submissions(session, [PlanState.SUBMITTED])] == [
            "森林覆盖率（待核对）"
        ]
        # No figure of the real plan is invented: only those of the city's file are public.
        figures = [(one.indicator, one.period) for one in plan_queries.every_value(session)]
        assert sorted(figures) == sorted((one.indicator, one.period) for one in city().plan.figures)
