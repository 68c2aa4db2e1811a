"""Looking for a case among a million against ten thousand: common, middling and rare words, a number, the next page."""

import re
from urllib.parse import quote

import psycopg
import pytest

from backend.cases import searching
from backend.core.actor import Role
from tests.bench.cities import ask, cookie_of, new_city
from tests.bench.conftest import Serve
from tests.bench.load import Measured

pytestmark = pytest.mark.bench

Run = tuple[Measured, int]
"""What was measured, and how many rows the page had."""
SIZES = (10_000, 1_000_000)
ASKED = 60
PLACES = ("桥南加油站", "人民公园东门", "渭河大桥", "藉河风情线", "工业园区三号路", "罗峪沟口", "七里墩", "天水郡")
THINGS = (
    "有人偷排污水味道很大",
    "夜里放音响睡不着",
    "工地扬尘没有围挡",
    "烟囱冒黑烟",
    "垃圾倒在河滩上",
    "焚烧秸秆",
    "砍了树",
    "油烟呛人",
)
QUESTIONS = {
    "common word": "污水",
    "two words": "渭河 黑烟",
    "middling word": "罐车",
    "rare word": "硫酸",
    "number": "x000050",
}

CASES = """
INSERT INTO case_file (id, number, state, kind, county_code, landmark, outside_city, first_words, report_count, has_news,
    opened_at, opened_on, due_at, due_provisional, answer, version)
SELECT gen_random_uuid(), 'X' || lpad(n::text, 7, '0'), 'received', 'sewage',
    (ARRAY['620502', '620503', '620521', '620522', '620523', '620524', '620525'])[1 + n % 7], '桥南街口', false,
    '有人偷排污水', 1, false, at, at::date, at + interval '20 days', false, '', 1
FROM generate_series(1, %(count)s) AS n, LATERAL (SELECT now() - n * interval '1000 days' / %(count)s AS at) AS when_
"""
WORDS = """
INSERT INTO case_words (case_id, opened_at, words)
SELECT id, opened_at,
    ('''' || lower(number) || ''':1 ' || (%(texts)s::text[])[1 + n %% 64]
     || CASE WHEN n %% 1000 = 0 THEN ' ''罐车'':900' WHEN n %% 50000 = 7 THEN ' ''硫酸'':900' ELSE '' END
     || ' ''@' || floor(extract(epoch FROM opened_at) / %(week)s)::bigint || '''')::tsvector
FROM (SELECT *, substr(number, 2)::int AS n FROM case_file) AS numbered
"""


def filled(server: str, count: int, serve: Serve) -> str:
    """Make a database with `count` cases; return its address."""
    url = new_city(server, f"search_{count}", serve)
    texts = [searching.vector(thing, place) for thing in THINGS for place in PLACES]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP INDEX ix_case_words")
        connection.execute(CASES.replace("%(count)s", str(count)).encode())
        connection.execute(WORDS, {"texts": texts, "week": searching.WEEK})
        connection.execute("CREATE INDEX ix_case_words ON case_words USING gin (words)")
        connection.execute("VACUUM ANALYZE")
    return url


def test_a_search_does_not_grow_with_the_city(serve: Serve, database: str) -> None:
    found: dict[str, list[Run]] = {}
    for count in SIZES:
        url = filled(database, count, serve)
        cookie = cookie_of(url, Role.CITY_TRIAGE, None)
        with serve(database=url) as service:
            for name, question in QUESTIONS.items():
                measured, body = ask(service, f"/bureau/search?q={quote(question)}", cookie, ASKED)
                found.setdefault(name, []).append((measured, body.count(b"data-row")))
                if further := re.search(rb'href="(/bureau/search\?[^"]*after[^"]*)"', body):
                    path = further[1].decode().replace("&amp;", "&")
                    measured, body = ask(service, path, cookie, ASKED)
                    found.setdefault(f"{name}, second page", []).append((measured, body.count(b"data-row")))
    for name, runs in found.items():
        print(f"\n{name}")
        for count, (measured, rows) in zip(SIZES[-len(runs) :], runs, strict=True):
            print(f"  {count:9,} cases, {rows:2} rows  {measured}")
        print(f"             p95 ratio {runs[-1][0].p95 / runs[0][0].p95:.2f} (asked: ≤ 1.5)")
