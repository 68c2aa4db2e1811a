"""The queue and the public list with 100,000 cases against the same with 1,000: every page walks an index."""

import re
from collections.abc import Iterator

import psycopg
import pytest

from backend.core.actor import Role
from tests.bench.cities import ask, cookie_of, new_city
from tests.bench.conftest import Serve, Service
from tests.bench.load import Measured

pytestmark = pytest.mark.bench

SIZES = (1_000, 100_000)
ASKED = 150

SEED = """
CREATE TEMPORARY TABLE seeded AS
SELECT n, gen_random_uuid() AS id, gen_random_uuid() AS report_id, n % 13 < 3 AS is_open,
       now() - random() * interval '1000 days' AS at,
       (ARRAY['sewage', 'black_water', 'smoke', 'dust', 'dumping', 'noise', 'ecology', 'other'])[1 + n % 8] AS kind,
       (ARRAY['620502', '620503', '620521', '620522', '620523', '620524', '620525'])[1 + n % 7] AS county
FROM generate_series(1, %(count)s) AS n;
INSERT INTO report (id, receipt_digest, body_digest, kind, datum, place_source, landmark, outside_city, words, language,
    received_at)
SELECT report_id, sha256(report_id::text::bytea), '', kind, 'wgs84', 'list', '', false, '有人偷排污水', 'zh', at FROM seeded;
INSERT INTO case_file (id, number, state, kind, county_code, landmark, outside_city, first_words, report_count, has_news,
    opened_at, opened_on, ended_at, due_at, due_provisional, answer, version)
SELECT id, 'TS-' || lpad(n::text, 7, '0'), CASE WHEN NOT is_open THEN 'closed' WHEN n % 2 = 0 THEN 'received' ELSE 'investigating' END,
    kind, county, '桥南街口', false, '有人偷排污水', 1, false, at, at::date,
    CASE WHEN is_open THEN NULL ELSE at + interval '20 days' END, CASE WHEN is_open THEN at + interval '900 days' END, false, '', 1
FROM seeded;
INSERT INTO case_report (report_id, case_id, rank, joined) SELECT report_id, id, 1, false FROM seeded;
INSERT INTO photo (id, owner, position, sha256, size_bytes, media_type, width, height, status, received_at, storage_key)
SELECT gen_random_uuid(), 'report:' || report_id, place, sha256(report_id::text::bytea), 300000, 'image/jpeg', 1600, 1200,
    'ready', at, report_id::text || place FROM seeded, generate_series(0, 1) AS place;
"""


def seeded(server: str, name: str, count: int, serve: Serve) -> str:
    """Make a database with `count` cases; return its address."""
    url = new_city(server, name, serve)
    with psycopg.connect(url) as connection:
        connection.execute(SEED.replace("%(count)s", str(count)).encode())
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE")
    return url


def last_page(body: bytes) -> str:
    """Return the address of the last page that the queue links to."""
    found = re.search(rb'href="(/bureau\?[^"]*)">\s*Last page', body)
    assert found, "the queue has no link to its last page"
    return found[1].decode().replace("&amp;", "&")


def pages(service: Service, cookie: str) -> Iterator[tuple[str, Measured]]:
    """Measure each list."""
    measured, body = ask(service, "/bureau", cookie, ASKED)
    yield "queue, first page", measured
    yield "queue, last page", ask(service, last_page(body), cookie, ASKED)[0]
    yield "public JSON list, 100 rows", ask(service, "/api/v1/cases?limit=100", "", ASKED)[0]


def test_lists_do_not_grow_with_the_city(serve: Serve, database: str):
    found: dict[str, list[Measured]] = {}
    for count in SIZES:
        url = seeded(database, f"lists_{count}", count, serve)
        cookie = cookie_of(url, Role.COUNTY_OFFICER, "620503")
        with serve(database=url) as service:
            for name, measured in pages(service, cookie):
                found.setdefault(name, []).append(measured)
    for name, (small, large) in found.items():
        print(f"\n{name}\n    1,000 cases  {small}\n  100,000 cases  {large}")
        print(f"            p95 ratio {large.p95 / small.p95:.2f} (asked: ≤ 1.5)")
