"""Fills an empty database with the demo city, through the same services that residents and officers use.

Photos are taken in beside, each in its own transaction and owned by nobody. Staff and stories come in one single
transaction: a fill that is cut short leaves no staff and no report, so the next start begins anew, and the sweep of
orphans removes the photos that nobody claimed.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, select

from backend.accounts import queries as account_queries
from backend.accounts import service as accounts
from backend.accounts.models import Staff
from backend.audit import service as audit
from backend.cities import City, city
from backend.core import clock
from backend.core.actor import Actor, Role
from backend.core.config import Settings
from backend.core.db import session_scope
from backend.core.ids import new_id
from backend.core.logging import get_logger
from backend.demo import studio
from backend.demo.credentials import Credentials, StaffEntry, new_password, write
from backend.demo.exif import with_exif
from backend.demo.playing import PhotoIds, Player
from backend.demo.stories import CASES, Story, tell
from backend.demo.wording import OFFICERS, TRIAGE
from backend.media import service as media
from backend.reports.models import Report

FILL_LOCK = 7_301_009
SERVICE_BEFORE = timedelta(days=120)
"""The staff were there before the first report."""
AT_ONCE = 2
"""As many as the children that decode."""

log = get_logger(__name__)


def fill_city(settings: Settings, *, size: int = CASES) -> None:
    """Fill the demo city with about `size` cases where the database holds neither staff nor reports."""
    with session_scope() as session:
        if not _is_ours_to_fill(session):
            return
        _fill(session, settings.data_dir.resolve() / "demo", size)
    with session_scope() as session:
        audit.seal(session)


def _fill(session: Session, folder: Path, size: int) -> None:
    began = perf_counter()
    stories = tell(city(), clock.now(), size)
    log.info("demo_is_being_filled", count=len(stories))
    credentials = Credentials()
    with clock.at(clock.now() - SERVICE_BEFORE):
        officers = _add_staff(session, city(), credentials)
    with studio.drawn(folder / "pictures") as pictures, ThreadPoolExecutor(AT_ONCE) as pool:
        log.info("demo_photos_are_drawn", count=sum(len(files) for files in pictures.values()))
        photos = _take_in(stories, pictures, pool)
        try:
            Player(session, city(), officers, photos, credentials).play(stories)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    # Before the commit: there is never a filled city that nobody can sign in to.
    write(folder / "credentials.json", credentials)
    log.info("demo_is_filled", count=len(stories), milliseconds=round((perf_counter() - began) * 1000))


def _is_ours_to_fill(session: Session) -> bool:
    """Whether the city is empty and no other process is filling it in this moment."""
    lock = text("SELECT pg_try_advisory_xact_lock(:lock)")
    return bool(session.execute(lock, {"lock": FILL_LOCK}).scalar()) and _is_empty(session)


def _is_empty(session: Session) -> bool:
    staff, report = session.exec(select(Staff.id).limit(1)).first(), session.exec(select(Report.id).limit(1)).first()
    return staff is None and report is None


def _add_staff(session: Session, of_city: City, credentials: Credentials) -> dict[str | None, Actor]:
    """Add an officer for each county and one for the whole city, who stands under `None`."""
    posts: list[tuple[str, str, Role, str | None]] = [("city", TRIAGE, Role.CITY_TRIAGE, None)]
    for county, name in zip(of_city.counties, OFFICERS, strict=False):
        login = county.short_name("en").lower().replace("'", "").replace(" ", "")
        posts.append((login, name, Role.COUNTY_OFFICER, county.code))
    actors: dict[str | None, Actor] = {}
    for login, name, role, county_code in posts:
        password = new_password()
        staff, secret = accounts.add_staff(
            session, login=login, name=name, role=role, county_code=county_code, password=password, is_demo=True
        )
        actors[county_code] = account_queries.actor_of(staff)
        credentials.staff.append(
            StaffEntry(
                role=role.value, name=name, login=login, password=password, totp_secret=secret, county=county_code
            )
        )
    return actors


def _take_in(stories: list[Story], pictures: studio.Pictures, pool: ThreadPoolExecutor) -> PhotoIds:
    """Start to take in the photos of every sighting and message, those first that are needed first."""
    wanted = sorted(
        (_moment(story, place), number, place, count)
        for number, story in enumerate(stories)
        for place, count in enumerate(_photo_counts(story))
    )
    return {
        (number, place): [
            pool.submit(_take_one, stories[number], number, place, shot, pictures) for shot in range(count)
        ]
        for _, number, place, count in wanted
    }


def _moment(story: Story, place: int) -> datetime:
    """Return when the photos of a sighting are taken; those of messages, which come last, at the first message."""
    if place < len(story.sightings):
        return story.sightings[place].at
    return min((act.at for act in story.acts if act.photos), default=story.sightings[0].at)


def _photo_counts(story: Story) -> list[int]:
    """Return how many photos each sighting brings, and at the end how many the messages do."""
    return [*(one.photos for one in story.sightings), sum(act.photos for act in story.acts)]


def _take_one(story: Story, number: int, place: int, shot: int, pictures: studio.Pictures) -> UUID:
    at, where = _moment(story, place), story.sightings[min(place, len(story.sightings) - 1)]
    choice = pictures[story.theme.code]
    # Several photos of one sighting differ, and neighbouring cases do not look alike.
    content = choice[(number + place + shot) % len(choice)].read_bytes()
    point = where.place.point if where.located_photos else None
    photo_id = new_id()
    with clock.at(at), session_scope() as session:
        media.take_in(session, photo_id, with_exif(content, at.astimezone(clock.SHANGHAI), point), None)
    return photo_id
