"""What this browser logged before anybody signed in: ids in a cookie, until they are taken over or a week has passed."""

from uuid import UUID

from starlette.requests import Request

from backend.activities.rules import UNCLAIMED_LIFE
from backend.web import cookies

COOKIE = "__Host-green-kept"
MOST = 20


def ids_of(request: Request) -> list[UUID]:
    """Return the ids; whatever else stands there is nothing."""
    found: list[UUID] = []
    for part in (cookies.read(request, COOKIE) or "").split(".")[:MOST]:
        try:
            found.append(UUID(part))
        except ValueError:
            continue
    return found


def remember(request: Request, activity_id: UUID) -> None:
    """Keep one more; the oldest goes when there are too many."""
    ids = list(dict.fromkeys([*ids_of(request), activity_id]))[-MOST:]
    seconds = int(UNCLAIMED_LIFE.total_seconds())
    cookies.queue(request, COOKIE, ".".join(one.hex for one in ids), max_age=seconds)


def forget(request: Request) -> None:
    """They are somebody's now."""
    cookies.drop(request, COOKIE)
