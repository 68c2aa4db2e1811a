"""The plan's pages against a static file and against a plan with a long past; a long text read in."""

import gzip
import re
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import text
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.cities import city
from backend.core import clock, logging
from backend.plan import editions, progress
from backend.plan.rules import Kind
from backend.plan.service import founding, importing
from backend.web import caching
from tests.bench.conftest import Serve, Service
from tests.bench.load import Measured, get, measure
from tests.factories.plan import EDITOR, drafted, indicator, published, target
from tests.factories.plan_texts import as_docx, long_plan

pytestmark = pytest.mark.bench

ASKED = 400
INDICATORS, AREAS, YEARS, VINTAGES = 40, 7, 30, 12
PAGES = 60
FOUNDED = datetime(2026, 7, 1, 4, tzinfo=UTC)

VALUES = """
INSERT INTO plan_observation (submission_id, indicator, area, period, period_start, period_end, dimension, value, status,
    source, quote, entered_by, valid_from, valid_to)
SELECT (CAST(:submissions AS uuid[]))[v], 'many-' || i, area, y::text, make_date(y, 1, 1), make_date(y, 12, 31), '', 10 + y % 50 + v * 0.01, 'A',
    'film-2020', '', 'staff:bench', TIMESTAMPTZ '2010-01-01' + v * interval '1 month',
    CASE WHEN v < :vintages THEN TIMESTAMPTZ '2010-01-01' + (v + 1) * interval '1 month' END
FROM generate_series(1, :indicators) AS i, unnest(CAST(:areas AS text[])) AS area,
    generate_series(2026 - :years, 2025) AS y, generate_series(1, :vintages) AS v
"""


def over(service: Service, clients: int, request: bytes, status: int) -> Measured:
    """Send one request many times by each client."""
    with ExitStack() as opened:
        connections = [opened.enter_context(closing(service.connect())) for _ in range(clients)]
        for connection in connections:
            connection.ask(request, status)
        return measure([[partial(one.ask, request, status)] * ASKED for one in connections])


def tag_of(service: Service, path: str) -> tuple[str, str]:
    """Return the tag of a page and the form cookie it came with: what a browser sends back."""
    with closing(service.connect()) as connection:
        connection.socket.sendall(get(path))
        head = connection.socket.recv(65536).partition(b"\r\n\r\n")[0].decode()
    tag, cookie = re.search(r"(?im)^etag: (.*?)\r?$", head), re.search(r"(?im)^set-cookie: ([^;]*)", head)
    assert tag, head
    return tag[1], cookie[1] if cookie else ""


@pytest.mark.parametrize("clients", [1, 8])
def test_a_known_plan_page_against_a_static_file(serve: Serve, clients: int) -> None:
    with serve() as service:
        tag, cookie = tag_of(service, "/plan")
        known = get("/plan", cookie).replace(b"Host:", f"If-None-Match: {tag}\r\nHost:".encode(), 1)
        before = over(service, clients, get("/static/robots.txt"), 200)
        not_sent = over(service, clients, known, 304)
        sent = over(service, clients, get("/plan", cookie), 200)
        after = over(service, clients, get("/static/robots.txt"), 200)
    p95 = (before.p95 + after.p95) / 2
    print(f"\n{clients} clients  static  {before}\n           static  {after}")
    print(f"           304     {not_sent}  p95 {not_sent.p95 / p95:.2f} of the static file (asked: ≤ 3)")
    print(f"           200     {sent}  p95 {sent.p95 / p95:.2f} of the static file")


def made_anew(client: TestClient, path: str) -> Measured:
    """Ask for a page for which nothing is kept, neither the page nor the plan nor its states."""

    def ask() -> None:
        editions._kept.clear()
        progress._kept.clear()
        caching._pages.clear()
        assert client.get(path).status_code == 200

    ask()
    return measure([[ask] * 120])


def with_values(
    client: TestClient, session: Session, paths: Sequence[str], facts: dict[str, object]
) -> dict[str, Measured]:
    """Put values beside the aims, and ask for each page."""
    session.execute(text(VALUES), facts)
    session.execute(text("ANALYZE plan_observation"))
    return {path: made_anew(client, path) for path in paths}


def test_a_long_past_does_not_slow_the_plan(client: TestClient, session: Session) -> None:
    logging.configure("WARNING")
    with clock.at(FOUNDED):
        founding.found(session, city())
        as_founded = made_anew(client, "/plan")
        heaviest = {view: len(gzip.compress(client.get(view).content)) for view in ("/plan", "/plan?view=parts")}
    with clock.at(FOUNDED.replace(hour=5)):
        keys = [f"many-{number}" for number in range(1, INDICATORS + 1)]
        entries = {(Kind.INDICATOR, key): indicator(key) for key in keys}
        aims = {(Kind.TARGET, f"aim-{key}"): target(f"aim-{key}", indicator=key) for key in keys}
        now = editions.edition(session)
        ended = {
            **{(Kind.TARGET, key): None for key in now.targets},
            **{(Kind.BASELINE, key): None for key in now.baselines},
        }
        published(session, {**entries, **aims, **ended})
        submissions = [drafted(session).id for _ in range(VINTAGES)]
    areas = [city().code, *(one.code for one in city().counties)][:AREAS]
    facts = {"submissions": submissions, "indicators": INDICATORS, "areas": areas}
    with clock.at(FOUNDED.replace(hour=6)):
        paths = ("/plan", "/plan?view=counties&county=620502", "/plan/indicators/many-7")
        empty = {path: made_anew(client, path) for path in paths}
        with session.begin_nested() as short:
            small = with_values(client, session, paths, {**facts, "years": 1, "vintages": 1})
            short.rollback()
        large = with_values(client, session, paths, {**facts, "years": YEARS, "vintages": VINTAGES})
    count = session.execute(text("SELECT count(*) FROM plan_observation")).scalar_one()
    print(f"\nthe city's own plan, 14 aims  {as_founded}")
    for view, size in heaviest.items():
        print(f"  {view}: {size / 1000:.1f} kB compressed (asked: ≤ 14)")
    for path in paths:
        print(f"{path}\n  no value   {empty[path]}\n  one value  {small[path]}\n  {count:,} {large[path]}")
        print(
            f"  p50 {large[path].p50 / small[path].p50:.2f}, p95 {large[path].p95 / small[path].p95:.2f} (asked: ≤ 1.5)"
        )
        print(f"  {len(gzip.compress(client.get(path).content)) / 1000:.1f} kB compressed (asked: ≤ 14)")


@pytest.mark.parametrize("kind", ["plain text", "docx"])
def test_a_plan_of_sixty_pages_is_read_in(session: Session, kind: str) -> None:
    times, finds = list[float](), 0
    for number in range(5):
        words = f"{long_plan(PAGES)}\n第{number}稿"
        content = words.encode() if kind == "plain text" else as_docx(words.splitlines())
        began = time.perf_counter()
        finds = len(importing.keep(session, EDITOR, "plan", content).reading["candidates"])
        times.append(time.perf_counter() - began)
    assert finds >= PAGES
    print(
        f"\n{PAGES} pages as {kind}, {len(long_plan(PAGES)):,} characters, {finds} finds: {max(times):.2f} s at most (asked: < 2)"
    )
