"""Photos as proof: taken by the page's own camera, not used before, not somewhere else. Odd ones are flagged, never judged."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

from PIL import Image
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from backend.activities import errors, rules
from backend.activities.models import Activity, PhotoPrint
from backend.activities.rules import Flag, Review, State
from backend.cities import City
from backend.core import clock
from backend.core.crypto import get_keys
from backend.core.ids import new_id
from backend.media import queries as media_queries
from backend.media import service as media
from backend.media.models import Photo
from backend.media.rules import Facts
from backend.places import rules as places

SMALL = 160
LOOK_WIDTH, LOOK_HEIGHT = 9, 8
COMPARED_DAYS = 365


@dataclass(frozen=True)
class Ticket:
    """What a page with a camera holds: the id under which its photo is to come, and our signature."""

    photo_id: UUID
    text: str


def ticket_for(owner: str) -> Ticket:
    """Make a ticket for one photo of one person: random, signed, good for half an hour."""
    photo_id, issued = new_id(), int(clock.now().timestamp())
    return Ticket(photo_id, f"{photo_id}.{issued}.{_signature(owner, photo_id, issued)}")


def owner_of(activity_id: UUID) -> str:
    """Return how an activity owns its photos."""
    return f"activity:{activity_id}"


def take(session: Session, city: City, activity_id: UUID, photo_ids: Sequence[UUID]) -> list[Photo]:
    """Give the activity its photos; raise if none of them came or can be seen."""
    del city
    media.attach(session, photo_ids, owner_of(activity_id))
    found = media_queries.photos_of_each(session, [owner_of(activity_id)]).get(owner_of(activity_id), [])
    if not any(photo.is_ready for photo in found):
        raise errors.PhotoMissing(fields={"photos": errors.PhotoMissing.message})
    return found


def objections(
    session: Session, city: City, owner: str, ticket: str | None, found: Sequence[Photo]
) -> tuple[Flag, ...]:
    """Return what is odd about photos at first sight: no ticket, the same bytes before, taken somewhere else."""
    flags: set[Flag] = set()
    if not any(_is_by_ticket(photo, owner, ticket) for photo in found):
        flags.add(Flag.NO_TICKET)
    hashes = [photo.sha256 for photo in found]
    mine = [photo.id for photo in found]
    seen = select(PhotoPrint.photo_id).where(col(PhotoPrint.sha256).in_(hashes), col(PhotoPrint.photo_id).not_in(mine))
    if session.exec(seen.limit(1)).first() is not None:
        flags.add(Flag.SAME_PHOTO)
    if any(_is_elsewhere(city, media.facts_of(photo)) for photo in found):
        flags.add(Flag.ELSEWHERE)
    return tuple(sorted(flags))


def note_prints(session: Session, activity_id: UUID, found: Sequence[Photo]) -> None:
    """Remember the photos' bytes; how they look is measured by a job."""
    rows = [
        {"photo_id": photo.id, "activity_id": activity_id, "sha256": photo.sha256, "at": photo.received_at}
        for photo in found
    ]
    session.execute(insert(PhotoPrint).values(rows).on_conflict_do_nothing())


def measure(session: Session, limit: int = 200) -> int:
    """Measure how new photos look, and flag those that look like an earlier one; return how many were measured."""
    query = select(PhotoPrint).where(col(PhotoPrint.look).is_(None)).order_by(col(PhotoPrint.at)).limit(limit)
    prints = list(session.exec(query.with_for_update(skip_locked=True)))
    for one in prints:
        photo = media_queries.photo(session, one.photo_id)
        look = look_of(media.derivative(photo, SMALL)) if photo and photo.is_ready else 0
        one.look, one.bands = look, rules.bands_of(look) if look else []
        session.add(one)
        session.flush()
        if look and alike(session, one):
            _flag(session, one.activity_id)
    return len(prints)


def look_of(content: bytes) -> int:
    """Return 64 bits that stay nearly the same when a picture is saved again or made smaller: which side is brighter.

    The content is a derivative that we made ourselves.
    """
    with Image.open(BytesIO(content)) as picture:
        small = picture.convert("L").resize((LOOK_WIDTH, LOOK_HEIGHT), Image.Resampling.BILINEAR)
    grey = small.tobytes()
    bits = 0
    for row in range(LOOK_HEIGHT):
        for column in range(LOOK_WIDTH - 1):
            at = row * LOOK_WIDTH + column
            bits = bits << 1 | (grey[at] > grey[at + 1])
    return bits - 2**64 if bits >= 2**63 else bits


_ALIKE = text("""
SELECT p.activity_id FROM photo_print p
WHERE p.bands && CAST(:bands AS smallint[]) AND p.at < :before AND p.at >= :since AND p.activity_id <> :activity_id
    AND bit_count(CAST(p.look # CAST(:look AS bigint) AS bit(64))) <= :bits
ORDER BY p.at DESC LIMIT 5
""")


def alike(session: Session, one: PhotoPrint) -> list[UUID]:
    """Return earlier activities whose photo looks like this one."""
    if not one.look or not one.bands:
        return []
    values: dict[str, Any] = {
        "bands": one.bands,
        "look": one.look,
        "bits": rules.NEAR_DUPLICATE_BITS,
        "before": one.at,
        "since": one.at - timedelta(days=COMPARED_DAYS),
        "activity_id": one.activity_id,
    }
    return [row.activity_id for row in session.execute(_ALIKE, values)]


def _flag(session: Session, activity_id: UUID) -> None:
    activity = session.get_one(Activity, activity_id, with_for_update=True, populate_existing=True)
    if activity.state is State.PENDING and activity.review in {Review.NONE, Review.WAITING}:
        activity.flags = sorted({*activity.flags, Flag.NEAR_DUPLICATE.value})
        activity.review = Review.WAITING
        session.add(activity)
        session.flush()


def _is_by_ticket(photo: Photo, owner: str, ticket: str | None) -> bool:
    """Whether the photo came under the id, and within the time, that a page of ours gave this person."""
    parts = (ticket or "").split(".")
    if len(parts) != 3 or not parts[1].isdigit() or parts[0] != str(photo.id):  # noqa: PLR2004 -- id, time, signature
        return False
    issued = int(parts[1])
    right = hmac.compare_digest(_signature(owner, photo.id, issued).encode(), parts[2].encode("ascii", "replace"))
    age = photo.received_at - datetime.fromtimestamp(min(issued, 2**32), clock.SHANGHAI)
    return right and timedelta(0) <= age + timedelta(seconds=1) and age <= rules.TICKET_LIFE


def _is_elsewhere(city: City, facts: Facts) -> bool:
    lat, lon = facts.get("lat"), facts.get("lon")
    return lat is not None and lon is not None and not places.is_in_city(city, lat, lon)


def _signature(owner: str, photo_id: UUID, issued: int) -> str:
    digest = get_keys().digest("camera-ticket", f"{owner}|{photo_id}|{issued}".encode())
    return urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()
