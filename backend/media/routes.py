"""The way in for one photo, bounded while it arrives, and the only way in which a picture is handed out."""

from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from anyio import CapacityLimiter
from anyio.lowlevel import RunVar
from fastapi import APIRouter, Depends, Header, Request, Response
from starlette.requests import ClientDisconnect

from backend.core.db import SessionDep
from backend.media import errors, rules, service
from backend.media.models import Photo
from backend.media.schemas import PhotoTaken
from backend.web.csrf import ApiGuard
from backend.web.errors import Answer, BodyRefused, respond
from backend.web.ratelimit import limited

router = APIRouter(prefix="/api/v1", dependencies=[ApiGuard], tags=["residents"])

ARRIVING_BYTES_MAX = 64_000_000
"""All photos on their way in, over all requests of this process: what keeps it under its memory."""

AT_WORK_MAX = 3
"""Two are decoded and one is stored; the others wait here and not in the threads that everybody needs."""

TRY_AGAIN_SECONDS = 10

_STATUS: dict[type[errors.PhotoRefused], HTTPStatus] = {
    errors.PhotoTooBig: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.NotAPhoto: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    errors.PhotosBusy: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.PhotoStoreFull: HTTPStatus.INSUFFICIENT_STORAGE,
}


class Arriving:
    """Counts the bytes of photos that are being received or worked on; used by one event loop."""

    def __init__(self, limit: int = ARRIVING_BYTES_MAX) -> None:
        self.limit = limit
        self.bytes = 0

    def add(self, count: int) -> bool:
        """Take note of more bytes, unless they are too many."""
        if self.bytes + count > self.limit:
            return False
        self.bytes += count
        return True


_arriving: RunVar[Arriving] = RunVar("photos arriving")
_places: RunVar[CapacityLimiter] = RunVar("photos at work")


def arriving() -> Arriving:
    """Return this event loop's count."""
    try:
        return _arriving.get()
    except LookupError:
        _arriving.set(Arriving())
        return _arriving.get()


def _place_to_work() -> CapacityLimiter:
    try:
        return _places.get()
    except LookupError:
        _places.set(CapacityLimiter(AT_WORK_MAX))
        return _places.get()


async def read_bounded(request: Request) -> AsyncIterator[bytes]:
    """Receive a body without ever holding more than a photo may have.

    Of a larger one only the excess byte is kept, so that the route can say so. What follows is thrown away until the
    middleware's own limit: a browser reads an answer only when it has sent everything.
    """
    body, noted = bytearray(), 0
    count = arriving()
    try:
        async for chunk in request.stream():
            kept = chunk[: rules.FILE_BYTES_MAX + 1 - len(body)]
            if not count.add(len(kept)):
                raise BodyRefused(
                    HTTPStatus.SERVICE_UNAVAILABLE,
                    headers={"Retry-After": str(TRY_AGAIN_SECONDS), "Connection": "close"},
                )
            noted += len(kept)
            body += kept
        async with _place_to_work():
            yield bytes(body)
    except ClientDisconnect:
        raise BodyRefused(HTTPStatus.BAD_REQUEST) from None
    finally:
        count.bytes -= noted


# With this scope the place is free again before the answer leaves, however slowly it is read.
BodyDep = Annotated[bytes, Depends(read_bounded, scope="function")]

_RAW_PICTURE = {
    "requestBody": {
        "required": True,
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in rules.MEDIA_TYPES},
    }
}


@router.put(
    "/photos/{photo_id}",
    status_code=HTTPStatus.CREATED,
    response_model=PhotoTaken,
    dependencies=[limited("photo")],
    openapi_extra=_RAW_PICTURE,
    responses={status.value: {"description": status.phrase} for status in (HTTPStatus.CONFLICT, *_STATUS.values())},
)
def put_photo(
    request: Request,
    session: SessionDep,
    photo_id: UUID,
    content: BodyDep,
    photo_facts: Annotated[str | None, Header(description="base64url of {taken_at, lat, lon} as JSON")] = None,
) -> PhotoTaken | Response:
    """Send one photo as raw bytes under an id that you made. The same bytes again give the same answer."""
    try:
        photo = service.take_in(session, photo_id, content, rules.read_sidecar(photo_facts))
    except errors.PhotoRefused as error:
        status = _STATUS.get(type(error), HTTPStatus.UNPROCESSABLE_ENTITY)
        again = {"Retry-After": str(TRY_AGAIN_SECONDS)} if status is HTTPStatus.SERVICE_UNAVAILABLE else {}
        return respond(request, Answer(status, error.text, headers=again))
    return PhotoTaken(
        id=photo.id, sha256=photo.sha256.hex(), width=photo.width, height=photo.height, status=photo.status
    )


def photo_answer(photo: Photo, size: int) -> Response:
    """Hand out a derivative in a way that leaves a browser nothing to do but show it (S-46)."""
    return Response(
        service.derivative(photo, size),
        media_type="image/jpeg",
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": "inline",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cross-Origin-Resource-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
        },
    )
