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
from backend.demo import coupons, studio
from backend.demo.credentials import Credentials, StaffEntry, new_password, write
from backend.demo.exif import with_exif
from backend.demo.green import ENTRIES, add_green_months, add_green_staff
from backend.demo.honours import add_applications
from backend.demo.households import HOUSEHOLDS, add_households, put_points_in
from backend.demo.plan import add_plan_stories
from backend.demo.playing import PhotoIds, Player
from backend.demo.programmes import add_stations
from backend.demo.residents import add_first_residents
from backend.demo.stories import CASES, Story, tell
from backend.demo.wording import EDITORS, OFFICERS, TRIAGE
from backend.media import service as media
from backend.plan.service import founding
from backend.reports.models import Report

FILL_LOCK = 7_301_009
SERVICE_BEFORE = timedelta(days=120)
"""The staff were there before the first report."""
COUPON_HOLDERS = 60
AT_ONCE = 2
"""As many as the children that decode."""

log = get_logger(__name__)


def fill_city(settings: Settings, *, size: int = CASES) -> None:
    """Fill the demo city with about `size` cases where the database holds neither staff nor reports."""
    with session_scope() as session:
        if not _is_ours_to_fill(session):
            founding.found(session, city())
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
        founding.found(session, city())
        officers = _add_staff(session, city(), credentials)
        add_stations(session, city())
    with studio.drawn(folder / "pictures") as pictures, ThreadPoolExecutor(AT_ONCE) as pool:
        log.info("demo_photos_are_drawn", count=sum(len(files) for files in pictures.values()))
        photos = _take_in(stories, pictures, pool)
        try:
            Player(session, city(), officers, photos, credentials).play(stories)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    with clock.at(clock.now() - SERVICE_BEFORE):
        people = add_first_residents(session, credentials)
        programme = _add_programme_staff(session, credentials)
        plan_staff = _add_plan_staff(session, credentials)
    add_plan_stories(session, city(), *plan_staff)
    families = add_households(session, people, count=max(1, HOUSEHOLDS * size // CASES))
    with clock.at(clock.now() - SERVICE_BEFORE):
        on_duty = [one.code for one in city().sample_stations if one.staffed == "yes"]
        green_staff = add_green_staff(session, credentials, on_duty)
    residents = [actor for family in families for actor in family.own]
    add_green_months(session, city(), residents, green_staff[Role.MODERATOR], entries=max(20, ENTRIES * size // CASES))
    coupons.fill(session, programme, [*people, *residents[:COUPON_HOLDERS]], credentials)
    put_points_in(session, families)
    add_applications(session, city(), people, credentials)
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
    """Add the staff; return who handles cases: an officer for each county, and one for the city under `None`."""
    posts: list[tuple[str, str, Role, str | None]] = [
        ("city", TRIAGE, Role.CITY_TRIAGE, None),
        # Two, because a title needs one who proposes and another who grants.
        *((f"green{number}", name, Role.PROGRAMME_EDITOR, None) for number, name in enumerate(EDITORS, 1)),
    ]
    for county, name in zip(of_city.counties, OFFICERS, strict=False):
        login = county.short_name("en").lower().replace("'", "").replace(" ", "")
        posts.append((login, name, Role.COUNTY_OFFICER, county.code))
    hired = [(post[2], post[3], _hire(session, credentials, *post)) for post in posts]
    return {county_code: actor for role, county_code, actor in hired if role is not Role.PROGRAMME_EDITOR}


def _add_programme_staff(session: Session, credentials: Credentials) -> list[Actor]:
    """Add two officers of the programme, because nobody decides on the own proposal, and one of finance."""
    posts = (
        ("programme", "苏晓雯", Role.PROGRAMME_OFFICER),
        ("programme2", "何立群", Role.PROGRAMME_OFFICER),
        ("finance", "赵敏", Role.FINANCE),
    )
    return [_hire(session, credentials, login, name, role, None) for login, name, role in posts]


def _add_plan_staff(session: Session, credentials: Credentials) -> tuple[Actor, Actor]:
    """Add who writes the plan's figures and who publishes them: never the same person."""
    editor = _hire(session, credentials, "plan", "郭晓梅", Role.PLAN_EDITOR, None)
    return editor, _hire(session, credentials, "plan2", "秦海峰", Role.PLAN_PUBLISHER, None)


def _hire(
    session: Session, credentials: Credentials, login: str, name: str, role: Role, county_code: str | None
) -> Actor:
    password = new_password()
    staff, secret = accounts.add_staff(
        session, login=login, name=name, role=role, county_code=county_code, password=password, is_demo=True
    )
    credentials.staff.append(
        StaffEntry(role=role.value, name=name, login=login, password=password, totp_secret=secret, county=county_code)
    )
    return account_queries.actor_of(staff)


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
