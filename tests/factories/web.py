"""A small site with the real middlewares and guards, and what a browser does on it."""

import re
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from pydantic import BaseModel, Field
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.testclient import TestClient

from backend.accounts import routes as accounts
from backend.accounts.guards import MayMoveCases, StaffDep
from backend.core.config import Settings, get_settings
from backend.core.db import SessionDep
from backend.core.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from backend.web import errors, middleware
from backend.web.csrf import ApiGuard, FormGuard, form_token
from backend.web.forms import FormDep
from backend.web.pagination import PageSize
from backend.web.ratelimit import limited

ORIGIN = "https://testserver"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')

pages = APIRouter(dependencies=[FormGuard])
calls = APIRouter(prefix="/api/v1", dependencies=[ApiGuard])
kinds = {"not-found": NotFound, "forbidden": Forbidden, "conflict": Conflict, "invalid": Invalid, "too-many": TooMany}


class Note(BaseModel):
    """A body with one of each."""

    words: str = Field(max_length=20)
    count: int = Field(default=0, ge=0, le=9)
    extra: Any = None


@pages.get("/form")
def form_page(request: Request) -> Response:
    return HTMLResponse(f'<input name="csrf_token" value="{form_token(request)}">')


@pages.post("/form")
def post_form(form: FormDep) -> Response:
    return HTMLResponse(f"taken {len(form)}")


@pages.post("/report")
def post_report(form: FormDep) -> Response:
    return HTMLResponse(f"taken {len(form)}")


@pages.get("/errors/{kind}")
def raise_kind(kind: str) -> Response:
    if kind == "bug":
        raise RuntimeError("the phone number 13900001111")
    raise kinds[kind]


@pages.get("/database/{mistake}")
def ask_database(session: SessionDep, mistake: str, number: int = 0) -> Response:
    value: object = {"nul": "a\x00b", "surrogate": "\ud800"}.get(mistake, number)
    session.execute(text("SELECT CAST(:value AS integer)" if mistake == "large" else "SELECT :value"), {"value": value})
    return HTMLResponse("ok")


@pages.get("/bureau/probe")
def bureau_page(request: Request, actor: StaffDep) -> Response:
    return HTMLResponse(f'{actor.name} <input name="csrf_token" value="{form_token(request)}">')


@pages.post("/bureau/probe")
def bureau_post(actor: StaffDep, form: FormDep) -> Response:
    return HTMLResponse(f"{actor.name} wrote {form.get('words')}")


@pages.get("/bureau/move")
def bureau_move(actor: MayMoveCases) -> Response:
    return HTMLResponse(actor.name)


@calls.post("/notes")
def post_note(note: Note) -> Note:
    return note


@calls.get("/bureau/probe")
def bureau_call(actor: StaffDep) -> str:
    return actor.name


@calls.post("/bureau/notes")
def bureau_note(actor: StaffDep, note: Note) -> str:
    return f"{actor.name} {note.words}"


@calls.get("/list")
def listed(limit: PageSize = 25) -> int:
    return limit


@calls.post("/lookup", dependencies=[limited("receipt_lookup")])
def look_up() -> str:
    return "unknown"


def probe_app(settings: Settings | None = None) -> FastAPI:
    """Put the small site together."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    middleware.install(app, settings or get_settings())
    errors.install(app)
    for router in (pages, calls, accounts.router):
        app.include_router(router)
    return app


def browser(settings: Settings | None = None) -> TestClient:
    """Return a browser without any cookie."""
    return TestClient(probe_app(settings), base_url=ORIGIN, follow_redirects=False)


def token_on(client: TestClient, path: str = "/form") -> str:
    """Open a page and return the token in its form."""
    found = _TOKEN.search(client.get(path).text)
    assert found, f"no form on {path}"
    return found[1]


@dataclass(frozen=True)
class KnownRoute:
    """One registered route: its address, its methods and everything it depends on."""

    path: str
    methods: frozenset[str]
    dependant: Dependant


def routes_of(app: FastAPI) -> list[KnownRoute]:
    """Return every route of FastAPI's in the application; included routers are opened."""
    found: list[KnownRoute] = []
    for route in app.routes:
        opened: Any = getattr(route, "effective_route_contexts", None)
        inner: list[Any] = list(opened()) if opened else [route]
        found += [
            KnownRoute(one.path, frozenset(one.methods or ()), one.dependant)
            for one in inner
            if isinstance(getattr(one, "dependant", None), Dependant)
        ]
    return found


def calls_of(dependant: Dependant) -> set[object]:
    """Return every function and guard that a route depends on, through all levels."""
    found: set[object] = {dependant.call}
    for inner in dependant.dependencies:
        found |= calls_of(inner)
    return found
