"""The ledger's verbs against the same rows by plain psycopg, one hot campaign, ten million postings, month's end, `verify`.

Sizes are small by default; `GREEN_BENCH_LEDGER=full` with `-o faulthandler_timeout=0` takes those of the issue, and their time.
"""

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from backend.core import clock, db
from backend.core.config import Settings
from backend.core.db import session_scope
from backend.ledger import queries, service, verify
from backend.ledger.rules import AccountRef, Asset, Movement
from backend.migrations import runner
from tests.bench.load import Measured, measure
from tests.factories.ledger import Bank, a_resident, make_bank

pytestmark = pytest.mark.bench

FULL = os.environ.get("GREEN_BENCH_LEDGER") == "full"
SIZES = (100_000, 10_000_000) if FULL else (20_000, 400_000)
DUE = 1_000_000 if FULL else 100_000
EACH = 300
ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def ledger(server: str, name: str, pool: int = 8) -> Iterator[str]:
    """Make a migrated database and let the service use it."""
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    url = server.replace("/green?", f"/{name}?")
    engine = db.open_engine(Settings(database_url=url, database_pool=pool))
    db.use(db.Database(engine))
    runner.upgrade()
    try:
        yield url
    finally:
        db.use(None)
        engine.dispose()


def alone(bank: Bank, do: Callable[[Bank], object]) -> None:
    """Do one thing in a transaction of its own, as a request does."""
    with session_scope() as session:
        do(Bank(session, fund=bank.fund, shop=bank.shop, prefix=uuid.uuid4().hex))


# --- the verbs against the same statements ---

FIND = "SELECT id, posted, seq, head FROM ledger_account WHERE asset = 'point' AND owner = %s AND purpose = %s AND shard = %s"
LOCK = "SELECT posted, pending_out, seq, head FROM ledger_account WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
BEGIN = """INSERT INTO journal_transaction (id, key, request_hash, kind, state, amount, subject, actor, facts, recorded_at,
 effective_on, lot_expires_on, digest) VALUES (%s, %s, %s, %s, 'posted', 1, 'activity:1', 'system', '{}', %s, %s, %s, %s)"""
POSTING = "INSERT INTO posting VALUES (%s, %s, %s, %s, 0, 0, %s, %s), (%s, %s, %s, %s, 0, 0, %s, %s)"
MOVE = "UPDATE ledger_account SET posted = posted + %s, seq = seq + 1, head = %s WHERE id = %s"
MAKE_LOT = """INSERT INTO lot (account_id, transaction_id, amount, remaining, held, is_open, earned_by, programme, expires_on)
 VALUES (%s, %s, 1, 1, 0, true, %s, %s, %s)"""
OPEN_LOT = """SELECT id, remaining FROM lot WHERE account_id = %s AND is_open AND expires_on >= %s AND remaining > held
 ORDER BY expires_on, id LIMIT 1"""
USE_LOT = "UPDATE lot SET remaining = remaining - 1, is_open = remaining > 1 WHERE id = %s"
ALLOCATE = "INSERT INTO lot_allocation VALUES (%s, %s, 1, 0)"
DIGEST = bytes(range(32))


def bare(connection: psycopg.Connection, source: tuple[str, str, int], to: tuple[str, str, int]) -> None:
    """Book one point with nothing around it: the rows and reads of a grant or a spending, one statement each."""
    made, now, today = uuid.uuid4(), datetime.now(UTC), date(2026, 11, 25)
    is_grant = source[0].startswith("programme")
    connection.execute("SELECT id FROM journal_transaction WHERE key = %s", [str(made)]).fetchone()
    one, two = (connection.execute(FIND, end).fetchone() for end in (source, to))
    assert one
    assert two
    connection.execute(LOCK, [[one[0], two[0]]]).fetchall()
    kind = "grant" if is_grant else "spend"
    connection.execute(BEGIN, (made, str(made), DIGEST, kind, now, today, today, DIGEST))
    if is_grant:
        connection.execute(MAKE_LOT, (two[0], made, to[0], source[0], date(2030, 1, 1)))
    else:
        lot = connection.execute(OPEN_LOT, (one[0], today)).fetchone()
        assert lot
        connection.execute(USE_LOT, [lot[0]])
        connection.execute(ALLOCATE, (made, lot[0]))
    ends = (one[0], one[2] + 1, made, -1, one[3], DIGEST, two[0], two[2] + 1, made, 1, two[3], DIGEST)
    connection.execute(POSTING, ends)
    connection.execute(MOVE, (-1, DIGEST, one[0]))
    connection.execute(MOVE, (1, DIGEST, two[0]))
    connection.commit()


def by_psycopg(url: str, work: list[list[tuple[tuple[str, str, int], tuple[str, str, int]]]]) -> Measured:
    """Run `bare` with one connection a client."""
    connections = [psycopg.connect(url) for _ in work]
    calls = [[partial(bare, own, *ends) for ends in client] for own, client in zip(connections, work, strict=True)]
    measured = measure(calls)
    for connection in connections:
        connection.close()
    return measured


@pytest.mark.parametrize("clients", [1, 8])
def test_earning_and_spending_against_plain_psycopg(database: str, clients: int):
    """Each client is a resident who earns from a fund of its own row and spends in its own shop: nobody waits."""
    with ledger(database, f"ledger_verbs_{clients}") as url:
        with session_scope() as session:
            banks = [make_bank(session, 10**9) for _ in range(clients)]
            people = [a_resident() for _ in banks]
            for bank, one in zip(banks, people, strict=True):
                bank.grant(one, 10 * EACH)
                bank.spend(one, 1, key=bank.shop.owner)
        shelves = [(bank.shop.owner, "takings", _shard(url, bank.shop.owner)) for bank in banks]
        ends = [
            ((bank.fund.owner, "fund", 0), (one.owner, "main", 0), shelf)
            for bank, one, shelf in zip(banks, people, shelves, strict=True)
        ]
        for name, verb, pairs in (
            ("earn", Bank.grant, [(fund, one) for fund, one, _ in ends]),
            ("spend", Bank.spend, [(one, shop) for _, one, shop in ends]),
        ):
            work = [[pair] * EACH for pair in pairs]
            calls = [
                [partial(alone, bank, partial(one_point, verb, one))] * EACH
                for bank, one in zip(banks, people, strict=True)
            ]
            before, ours, after = by_psycopg(url, work), measure(calls), by_psycopg(url, work)
            print(
                f"\n{name:5} {clients:2} clients  bare  {before}\n                  bare  {after}\n                  ours  {ours}"
            )
            print(
                f"                  ratio {ours.per_second / ((before.per_second + after.per_second) / 2):.2f} (asked through HTTP: 0.50)"
            )


def one_point(verb: Callable[[Bank, AccountRef, int], object], one: AccountRef, own: Bank) -> None:
    verb(own, one, 1)


def _shard(url: str, owner: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT shard FROM ledger_account WHERE owner = %s", [owner]).fetchone()
    assert row
    return row[0]


# --- one hot campaign ---


def test_one_hot_campaign_against_as_many_campaigns_as_clients(database: str):
    """As many connections as two processes of the service have; the other clients wait for one, as requests do."""
    clients, each = 64, 40
    with ledger(database, "ledger_hot", pool=16):
        found: dict[str, list[Measured]] = {}
        for name, campaigns in (("apart", clients), ("hot", 1)) * 2:
            with session_scope() as session:
                bank = make_bank(session, 10**9)
                stocks = [AccountRef.of_campaign(uuid.uuid4(), Asset.COUPON_UNIT, "stock") for _ in range(campaigns)]
                shops = [AccountRef(Asset.POINT, stock.owner, "takings") for stock in stocks]
                for stock in stocks:
                    bank.issue(10**6, stock)
                people = [a_resident() for _ in range(clients)]
                for one in people:
                    bank.grant(one, 10 * each)

            def claim(own: Bank, one: AccountRef, stock: AccountRef, shop: AccountRef) -> None:
                own.spend(one, 1, to=shop, also=[Movement(stock, stock.with_purpose("issued"), 1)])

            calls = [
                [partial(alone, bank, partial(claim, one=one, stock=stocks[n % campaigns], shop=shops[n % campaigns]))]
                * each
                for n, one in enumerate(people)
            ]
            found.setdefault(name, []).append(measure(calls))
        for name, runs in found.items():
            for run in runs:
                print(f"\n{name:6} {run}", end="")
        apart, hot = (sum(one.per_second for one in found[name]) for name in ("apart", "hot"))
        print(f"\n       ratio {hot / apart:.2f} (asked: 0.70), no deadlock")


# --- reading much ---

SEED = """
SET session_replication_role = replica;
INSERT INTO ledger_account (asset, owner, purpose, shard, floor, holds_lots, posted, pending_in, pending_out, seq, head)
SELECT 'point', 'resident:' || gen_random_uuid(), 'main', 0, 0, true, 0, 0, 0, 0, sha256('') FROM generate_series(1, {people});
UPDATE ledger_account SET head = ledger_genesis(asset, owner, purpose, shard, floor, holds_lots) WHERE holds_lots;
CREATE TEMPORARY TABLE wanted AS
SELECT gen_random_uuid() AS id, n, (SELECT min(id) FROM ledger_account WHERE holds_lots) + n %% {people} AS account_id
FROM generate_series(1, {transactions}) AS n;
INSERT INTO journal_transaction (id, key, request_hash, kind, state, amount, subject, actor, facts, recorded_at, effective_on,
    lot_expires_on, digest)
SELECT id, 'seed:' || id, sha256(''), 'grant', 'posted', 5, 'activity:' || n, 'system', '{{"rule": 3}}', now(), current_date,
    current_date + (n %% 300)::int, sha256('') FROM wanted;
UPDATE journal_transaction t SET digest = ledger_digest(t) WHERE key LIKE 'seed:%%';
"""
# A thousand grants a transaction of the function would take minutes; chains are written row by row all the same.
CHAIN = """
DO $$
DECLARE fund ledger_account; one record; prev bytea; link bytea;
BEGIN
    SELECT * INTO fund FROM ledger_account WHERE purpose = 'fund' AND shard = 0;
    FOR one IN SELECT w.id, w.account_id, t.digest, row_number() OVER (PARTITION BY account_id ORDER BY n) AS seq
        FROM wanted w JOIN journal_transaction t USING (id) ORDER BY account_id, n
    LOOP
        IF one.seq = 1 THEN
            SELECT head INTO prev FROM ledger_account WHERE id = one.account_id;
        END IF;
        link := ledger_link(prev, one.account_id, one.seq, 5, 0, 0, one.digest);
        INSERT INTO posting VALUES (one.account_id, one.seq, one.id, 5, 0, 0, prev, link);
        prev := link;
        link := ledger_link(fund.head, fund.id, fund.seq + 1, -5, 0, 0, one.digest);
        INSERT INTO posting VALUES (fund.id, fund.seq + 1, one.id, -5, 0, 0, fund.head, link);
        fund.seq := fund.seq + 1;
        fund.head := link;
        fund.posted := fund.posted - 5;
    END LOOP;
    UPDATE ledger_account SET seq = fund.seq, head = fund.head, posted = fund.posted WHERE id = fund.id;
END $$;
"""
FINISH = """
INSERT INTO lot (account_id, transaction_id, amount, remaining, held, is_open, earned_by, programme, expires_on)
SELECT account_id, w.id, 5, 5, 0, true, owner, (SELECT owner FROM ledger_account WHERE purpose = 'fund' LIMIT 1), lot_expires_on
FROM wanted w JOIN ledger_account a ON a.id = account_id JOIN journal_transaction t ON t.id = w.id;
UPDATE ledger_account a SET posted = 5 * last.seq, seq = last.seq, head = p.hash
FROM (SELECT account_id, max(seq) AS seq FROM posting GROUP BY account_id) AS last JOIN posting p USING (account_id, seq)
WHERE a.id = last.account_id AND a.holds_lots;
"""


def seed(url: str, postings: int, people: int) -> None:
    """Write a ledger of that many postings, sound in every hash, as fast as the database can."""
    with session_scope() as session:
        make_bank(session, 16 * 10**9)
    with psycopg.connect(url) as connection:
        for statement in (SEED.format(people=people, transactions=postings // 2).replace("%%", "%"), CHAIN, FINISH):
            connection.execute(statement.encode())
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE")


def some_residents(url: str) -> list[AccountRef]:
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT owner FROM ledger_account WHERE holds_lots ORDER BY random() LIMIT 300"
        ).fetchall()
    return [AccountRef(Asset.POINT, owner) for (owner,) in rows]


def test_reading_does_not_grow_with_the_ledger_and_all_of_it_is_proven(database: str):
    found: dict[str, list[Measured]] = {}
    for postings in SIZES:
        with ledger(database, f"ledger_{postings}") as url:
            began = time.perf_counter()
            seed(url, postings, postings // 100)
            print(f"\n{postings:,} postings written in {time.perf_counter() - began:.0f} s")
            people = some_residents(url)
            with session_scope() as session:
                reads: dict[str, Callable[[AccountRef], object]] = {
                    "balance": partial(queries.balance_of, session),
                    "history, first page": partial(queries.history, session),
                    "history, a later page": partial(queries.history, session, before=25),
                }
                for name, read in reads.items():
                    measure([[partial(read, ref) for ref in people]])
                    found.setdefault(name, []).append(measure([[partial(read, ref) for ref in people]]))
            began = time.perf_counter()
            with session_scope() as session:
                assert verify.first_bad(session) is None
            seconds = time.perf_counter() - began
            print(f"verify: {postings / seconds:,.0f} postings/s in {seconds:.1f} s (asked: ≥ 50,000/s)")
    for name, (small, large) in found.items():
        print(f"\n{name}\n  {SIZES[0]:>12,}  {small}\n  {SIZES[1]:>12,}  {large}")
        print(
            f"                p50 ratio {large.p50 / small.p50:.2f}  p95 ratio {large.p95 / small.p95:.2f} (asked: ≤ 1.5)"
        )


# --- month's end ---

PASS = """
import resource, time
from datetime import date
from backend.core.db import session_scope
from backend.ledger import service
began, lots, batches = time.perf_counter(), 0, 0
while True:
    with session_scope() as session:
        gone = service.expire_lots(session, date.fromisoformat("{on}"))
    if not gone:
        break
    batches += 1
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(f"{{batches}} batches in {{time.perf_counter() - began:.1f}} s, peak memory {{peak}} MB (asked: < 300 MB)")
"""


def test_a_months_end_in_one_pass(database: str):
    """Half of it is cut off after a batch and goes on in another process, which is what restartable means."""
    with ledger(database, "ledger_expiry") as url:
        seed(url, 2 * DUE, DUE // 3)
        on = clock.today() + timedelta(days=400)
        with session_scope() as session:
            service.expire_lots(session, on)
        environment = os.environ | {"GREEN_DATABASE_URL": url, "GREEN_ENV": "test"}
        program = [sys.executable, "-c", PASS.format(on=on)]
        done = subprocess.run(program, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        print(f"\n{DUE:,} lots: {done.stdout.strip()}")
        with session_scope() as session:
            assert service.expire_lots(session, on) == 0
            assert sum(one.expired for one in queries.books(session).programmes) == 5 * DUE
            assert verify.first_bad(session) is None
