"""Pages that many read and few change: made once for each version of what they show, and not sent where they are known.

A page is kept with a mark in place of the form token, which is each browser's own; the token is put in when it is sent.
The tag of an answer (RFC 9110, ETag) stands for everything the answer depends on, so that a browser or a cache that has
it is told so without the page being made.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from backend.web.assets import build_id
from backend.web.csrf import form_token
from backend.web.preferences import preferences_of
from backend.web.templates import HTML_LANGS, environment

KEPT = 300
TOKEN_MARK = "@@form-token@@"  # noqa: S105 -- a mark, no secret
PRIVATE = "private, no-cache"
"""The browser may keep it and asks each time; nobody between may, because it has the browser's token."""
PUBLIC = "public, max-age=60, must-revalidate"

_pages: OrderedDict[tuple[object, ...], bytes] = OrderedDict()


def cached_page(
    request: Request, name: str, stamp: tuple[object, ...], context: Callable[[], Mapping[str, Any]], **fixed: object
) -> Response:
    """Answer with a template; `stamp` is the version of all that `context` reads, so that it is called only for a new one."""
    preferences, token = preferences_of(request), form_token(request)
    unseen = getattr(request.state, "unseen", 0)
    place = (build_id(), name, request.url.path, request.url.query, preferences, unseen, stamp)
    tag = _tag((place, token))
    headers = {
        "ETag": tag,
        "Cache-Control": PRIVATE,
        "Vary": "Cookie",
        "Content-Language": HTML_LANGS[preferences.lang],
    }
    if is_known(request, tag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    page = _pages.get(place)
    if page is None:
        facts: dict[str, object] = {
            "preferences": preferences,
            "csrf_token": TOKEN_MARK,
            "tab": None,
            "unseen": unseen,
            "path": request.url.path,
            **fixed,
            **context(),
        }
        page = environment(preferences.lang).get_template(name).render(facts).encode()
        _pages[place] = page
        if len(_pages) > KEPT:
            _pages.popitem(last=False)
    return Response(page.replace(TOKEN_MARK.encode(), token.encode()), media_type="text/html", headers=headers)


def tagged(
    request: Request, stamp: tuple[object, ...], media_type: str, make: Callable[[], bytes], **headers: str
) -> Response:
    """Answer with data that is the same for everybody; `make` is called only where the reader does not have it."""
    tag = _tag((build_id(), request.url.path, request.url.query, stamp))
    known = {"ETag": tag, "Cache-Control": PUBLIC, **headers}
    if is_known(request, tag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=known)
    return Response(make(), media_type=media_type, headers=known)


def is_known(request: Request, tag: str) -> bool:
    """Whether the reader says that it has this version."""
    given = request.headers.get("if-none-match", "")
    return given == "*" or tag.removeprefix("W/") in {one.strip().removeprefix("W/") for one in given.split(",")}


def _tag(of: object) -> str:
    # Weak: what is compressed on the way is other bytes of the same page.
    return f'W/"{hashlib.sha256(repr(of).encode()).hexdigest()[:32]}"'
