"""The only place that knows HTTP statuses: every error becomes one page or one `application/problem+json`.

Nothing that was typed is ever echoed, and what we did wrong is told by a random number that the log knows too.
"""

import secrets
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import PurePath
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic_core import ErrorDetails
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from backend.core.config import Environment, get_settings
from backend.core.errors import N_, Conflict, DomainError, Forbidden, Invalid, NotFound, TooMany
from backend.core.logging import get_logger
from backend.web import forms
from backend.web.csrf import NOT_SENT_AGAIN, SAFE_METHODS, StaleForm, UnsupportedType
from backend.web.forms import sentences
from backend.web.preferences import preferences_of
from backend.web.ratelimit import BudgetSpent
from backend.web.templates import render, translate

log = get_logger(__name__)


class SignInNeeded(Forbidden):
    """Nobody is signed in; people are sent to `sign_in_path`, programs get 401."""

    message = N_("Please sign in first.")

    def __init__(self, sign_in_path: str) -> None:
        super().__init__()
        self.sign_in_path = sign_in_path


class StepUpNeeded(Forbidden):
    """The second factor was shown too long ago; the same form brings it along in `field`, or `way_back` leads on."""

    message = N_("Money is at stake here. Type the six digits of your authenticator once more; then it goes on.")

    def __init__(self, field: str, form_path: str, *, is_wrong: bool = False) -> None:
        super().__init__()
        self.field = field
        self.form_path = form_path
        self.is_wrong = is_wrong


class BodyRefused(HTTPException):
    """What is being sent is too large or too slow; raised while it is still being received."""


# The most particular kinds first.
STATUS_OF_KIND: Mapping[type[DomainError], HTTPStatus] = {
    SignInNeeded: HTTPStatus.UNAUTHORIZED,
    BudgetSpent: HTTPStatus.SERVICE_UNAVAILABLE,
    UnsupportedType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    NotFound: HTTPStatus.NOT_FOUND,
    Forbidden: HTTPStatus.FORBIDDEN,
    Conflict: HTTPStatus.CONFLICT,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
}

TITLES: Mapping[int, str] = {
    400: N_("We could not read this request"),
    401: N_("Please sign in"),
    403: N_("This is not allowed"),
    404: N_("Not found"),
    405: N_("This is not possible here"),
    408: N_("The connection was too slow"),
    409: N_("This has changed in the meantime"),
    413: N_("This is too large"),
    415: N_("We cannot read this kind of file"),
    422: N_("Please check what you entered"),
    429: N_("Please wait a moment"),
    500: N_("Something went wrong on our side"),
    503: N_("We are not ready just now"),
    507: N_("No room for photos"),
}

DETAILS: Mapping[int, str] = {
    400: N_("Please go back, load the page again and try once more."),
    404: NotFound.message,
    405: N_("Please start again from the home page."),
    408: N_("What you sent did not arrive in time. Please try again where the signal is better."),
    413: N_("All photos together may have 25 MB. Please send fewer or smaller ones."),
    422: Invalid.message,
    500: N_("Nothing you entered was your fault. Please try again; if it happens again, tell us the number below."),
    503: N_("Please try again in a few seconds. What was already acknowledged is safe."),
}
TRY_AGAIN_SECONDS = 5
DESK_PATH = "/bureau/desk"
"""Leads each member of staff to the own desk; where a guard has found out who it is, the error page names that desk."""


@dataclass
class Answer:
    """What is told about an error: msgids and their values."""

    status: int
    detail: str = ""
    params: Mapping[str, object] = field(default_factory=dict[str, object])
    fields: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    again: Mapping[str, object] | None = None
    """What was typed into a stale form, to be sent again by one tap."""
    template: str = "error"
    """Which page tells it."""
    code: str | None = None
    """One word for programs."""


def install(app: FastAPI) -> None:
    """Register the handlers; what none of them knows is caught by the middleware `LastResort`."""
    app.add_exception_handler(DomainError, _domain_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(DataError, _unstorable)
    app.add_exception_handler(UnicodeEncodeError, _unstorable)
    app.add_exception_handler(OperationalError, _unavailable)
    app.add_exception_handler(PoolTimeoutError, _unavailable)


def respond(request: Request, answer: Answer) -> Response:
    """Write an error as the asker can read it."""
    lang = preferences_of(request).lang
    title = translate(lang, TITLES.get(answer.status) or HTTPStatus(answer.status).phrase)
    detail = translate(lang, answer.detail or DETAILS.get(answer.status) or Invalid.message, **answer.params)
    fields = {name: translate(lang, sentence) for name, sentence in answer.fields.items()}
    if wants_json(request):
        return _problem(request, answer, title, detail, fields)
    template = f"{'bureau' if is_bureau(request) else 'errors'}/{answer.template}.html"
    return render(
        request,
        template,
        status=answer.status,
        headers=answer.headers,
        code=int(answer.status),
        title=title,
        detail=detail,
        fields=fields,
        error_id=error_id(request),
        desk=request.scope.get("green.desk", DESK_PATH),
        retry_after=answer.headers.get("Retry-After"),
        **(answer.again or {}),
    )


def wants_json(request: Request) -> bool:
    """Whether a program asks."""
    accept = request.headers.get("accept", "")
    return request.url.path.startswith("/api/") or ("json" in accept and "text/html" not in accept)


def is_bureau(request: Request) -> bool:
    """Whether a page of the staff's surface is asked for."""
    return request.url.path == "/bureau" or request.url.path.startswith("/bureau/")


def error_id(request: Request) -> str:
    """Return the random number of this request, made when it is first asked for."""
    return request.scope.setdefault("green.error_id", secrets.token_hex(6))


def last_resort(request: Request, error: Exception) -> Response:
    """Answer for a mistake of ours; the log gets the kind and the place, never the text, which may hold values."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "backend" in PurePath(frame.filename).parts] or frames
    where = f"{PurePath(ours[-1].filename).name}:{ours[-1].lineno} {ours[-1].name}" if ours else ""
    log.error("request failed", error_type=type(error).__qualname__, where=where, request_id=error_id(request))
    if get_settings().env is Environment.TEST:
        traceback.print_exception(error)
    try:
        return respond(request, Answer(HTTPStatus.INTERNAL_SERVER_ERROR))
    except Exception as second:  # noqa: BLE001 -- the page itself may be what is broken
        log.error("error page failed", error_type=type(second).__qualname__, request_id=error_id(request))  # noqa: TRY400 -- the traceback may hold values
        return PlainTextResponse(f"500 {error_id(request)}", HTTPStatus.INTERNAL_SERVER_ERROR)


async def _domain_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, DomainError)
    statuses = (status for kind, status in STATUS_OF_KIND.items() if isinstance(error, kind))
    answer = Answer(next(statuses, HTTPStatus.BAD_REQUEST), error.text, error.params)
    if isinstance(error, Invalid):
        answer.fields = error.fields
    if isinstance(error, TooMany):
        answer.headers = {"Retry-After": str(error.retry_after)}
    if isinstance(error, StaleForm) and error.action:
        answer.again, answer.template = _again(error.action, error.fields), "stale_form"
    if isinstance(error, StepUpNeeded):
        answer.code, answer.template = "step_up_required", "step_up"
        answer.again = await _with_code(request, error)
    if isinstance(error, SignInNeeded) and not wants_json(request):
        return await _to_sign_in(request, error, answer)
    return respond(request, answer)


async def _to_sign_in(request: Request, error: SignInNeeded, answer: Answer) -> Response:
    if request.method in SAFE_METHODS:
        return RedirectResponse(f"{error.sign_in_path}?next={quote(request.url.path)}", HTTPStatus.SEE_OTHER)
    # Half an hour of typing ended with a dead session: keep the text, sign in beside it, send again.
    typed = forms.texts(await forms.read_form(request))
    kept = [(name, value) for name, value in typed.items() if name not in NOT_SENT_AGAIN]
    answer.again, answer.template = _again(request.url.path, kept, error.sign_in_path), "stale_form"
    answer.detail = N_("You were signed out in the meantime. Sign in in a new tab, then send this again here.")
    return respond(request, answer)


async def _with_code(request: Request, error: StepUpNeeded) -> dict[str, object]:
    """Return the same form with room for the code; a page or file that was asked for is named instead."""
    form = {"code_field": error.field, "is_wrong": error.is_wrong}
    if request.method in SAFE_METHODS:
        return {**_again(error.form_path, [("next", request.url.path)]), **form}
    typed = (await forms.read_form(request)).multi_items()
    kept = [(name, value) for name, value in typed if isinstance(value, str) and name not in NOT_SENT_AGAIN]
    return {**_again(request.url.path, kept), **form}


def _again(action: str, fields: list[tuple[str, str]], sign_in_path: str | None = None) -> dict[str, object]:
    return {"action": action, "typed": fields, "sign_in_path": sign_in_path}


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    parts: list[ErrorDetails] = list(error.errors())
    found = sentences([ErrorDetails(type=part["type"], loc=_place(part["loc"]), msg="", input=None) for part in parts])
    return respond(request, Answer(HTTPStatus.UNPROCESSABLE_ENTITY, fields=found))


def _place(loc: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """Drop FastAPI's first word (body, query, path …); a name somebody made up is not repeated to them."""
    return tuple(part if isinstance(part, int) or part.isidentifier() else "field" for part in loc[1:][:5])


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return respond(request, Answer(error.status_code, headers=error.headers or {}))


async def _unstorable(request: Request, error: Exception) -> Response:
    log.warning("value refused by the database", error_type=type(error).__qualname__, request_id=error_id(request))
    return respond(request, Answer(HTTPStatus.UNPROCESSABLE_ENTITY))


async def _unavailable(request: Request, error: Exception) -> Response:
    log.error("database unavailable", error_type=type(error).__qualname__, request_id=error_id(request))
    return respond(request, Answer(HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": str(TRY_AGAIN_SECONDS)}))


def _problem(request: Request, answer: Answer, title: str, detail: str, fields: Mapping[str, str]) -> Response:
    content: dict[str, object] = {
        "type": "about:blank",
        "title": title,
        "status": int(answer.status),
        "detail": detail,
    }
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        # Only for our own mistakes: a foreign, a deleted and an unknown thing must get one and the same answer (S-15).
        content["id"] = error_id(request)
    if answer.code:
        content["code"] = answer.code
    if fields:
        content["errors"] = fields
    return JSONResponse(content, answer.status, dict(answer.headers), media_type="application/problem+json")
