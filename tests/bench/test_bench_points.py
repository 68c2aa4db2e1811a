"""Earning points through HTTP, against the same statements by plain psycopg with nothing around them."""

import json
import secrets
import uuid
from contextlib import ExitStack, closing
from datetime import timedelta
from functools import partial

import psycopg
import pytest
from sqlmodel import Session, create_engine

from backend.accounts.residents import queries as residents
from backend.activities import booking, queries, quota, rules
from backend.activities.booking import Booking, Entry, Proof
from backend.activities.rules import Judgement
from backend.activities.schemas import Earner
from backend.cities import city
from backend.core import clock
from backend.households import queries as households
from backend.ledger.commands import Head, Legs, document_of
from backend.ledger.rules import AccountRef, TransactionKind
from backend.web import sessions
from tests.bench.conftest import Serve
from tests.bench.load import Measured, measure
from tests.factories.activities import fill_fund
from tests.factories.residents import make_resident, new_session

pytestmark = pytest.mark.bench

WARM = 15
COOKIE = "__Host-green-resident"


def people(database: str, count: int) -> list[tuple[uuid.UUID, str]]:
    """Make residents who may earn, each with a session, and fill the fund."""
    engine = create_engine(database.replace("postgresql://", "postgresql+psycopg://", 1))
    with Session(engine) as session:
        fill_fund(session, 50_000_000)
        made = [make_resident(session) for _ in range(count)]
        found = [(one.resident_id, new_session(session, one)) for one in made]
    engine.dispose()
    return found


def request(token: str) -> bytes:
    """Return the bytes of one entry as a phone sends it."""
    body = json.dumps({"id": str(uuid.uuid4()), "behaviour": "walk", "quantity": 1}).encode()
    head = (
        "POST /api/v1/activities HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Cookie: {COOKIE}={token}\r\nContent-Length: {len(body)}\r\nAccept: application/json\r\n\r\n"
    )
    return head.encode() + body


def over_http(serve: Serve, clients: int, owners: list[tuple[uuid.UUID, str]]) -> Measured:
    """Earn through the running service; each person once a request, so that no cap is met."""
    share = len(owners) // clients
    prepared = [
        [request(token) for _, token in owners[place * share : (place + 1) * share]] for place in range(clients)
    ]
    with serve() as service, ExitStack() as opened:
        connections = [opened.enter_context(closing(service.connect())) for _ in range(clients)]
        work = [
            [partial(connection.ask, one, 201) for one in requests]
            for connection, requests in zip(connections, prepared, strict=True)
        ]
        # The first calls of a process load what it needs.
        measure([calls[:WARM] for calls in work])
        return measure([calls[WARM:] for calls in work])


def earn_bare(connection: psycopg.Connection, resident_id: uuid.UUID, token_digest: bytes) -> None:
    """Send the same statements with nothing around them."""
    behaviour, now = city().behaviour("walk", clock.today()), clock.now()
    entry = Entry(uuid.uuid4(), behaviour, 1000, Proof("self"), secrets.token_bytes(32), now)
    bounds = rules.limits(behaviour, entry.day, resident=resident_id, group=None, site=None)
    limits = quota._as_json(bounds)
    fund, to = booking.fund_of(city()), AccountRef.of_resident(resident_id)
    key = f"activity:{entry.id}"
    head = Head(key, TransactionKind.GRANT, key, f"resident:{resident_id}", {})
    legs = Legs(key)
    legs.add(fund, to, 1)
    until = now + timedelta(days=120)
    document = document_of(
        head, {"movements": [[fund, to, 1]]}, amount=1, lot_expires_on=rules.expires_on(entry.day), expires_at=until
    )
    accounts, moves = legs.as_json(is_grant=True)
    row = booking.row_of(
        city(), Booking(entry, Judgement(is_good=False), 1000, resident_id, None, Earner(may_earn=True))
    )
    connection.execute(residents._SIGNED_IN, {"digest": token_digest, "now": now})
    connection.execute(queries._EARNER, {"id": resident_id})
    connection.execute(households._GROUP, {"id": resident_id})
    connection.execute(quota._LOCK, {"limits": limits, "day": entry.day})
    answer = connection.execute(
        "SELECT transaction_id FROM ledger_write(%s, %s, %s)", (json.dumps(document), accounts, moves)
    ).fetchone()
    assert answer
    row.grant_id = answer[0]
    connection.execute(quota._ADD, {"row": json.dumps(quota._row(row)), "limits": limits})
    connection.commit()


def bare(database: str, clients: int, owners: list[tuple[uuid.UUID, str]]) -> Measured:
    """Earn by plain psycopg, one connection a client."""
    share = len(owners) // clients
    connections = [psycopg.connect(database) for _ in range(clients)]
    work = [
        [
            partial(earn_bare, connection, one, sessions._digest(token))
            for one, token in owners[place * share : (place + 1) * share]
        ]
        for place, connection in enumerate(connections)
    ]
    measured = measure(work)
    for connection in connections:
        connection.close()
    return measured


@pytest.mark.parametrize("clients", [1, 8])
def test_earning_by_one_worker_against_plain_psycopg(serve: Serve, database: str, clients: int):
    with serve():
        pass  # migrates
    owners = people(database, 400)
    before = bare(database, clients, owners)
    ours = over_http(serve, clients, owners)
    after = bare(database, clients, owners)
    ceiling = (before.per_second + after.per_second) / 2
    print(f"\n{clients:2} clients  bare  {before}\n            bare  {after}\n            ours  {ours}")
    print(f"            ratio {ours.per_second / ceiling:.2f} (asked: 0.50)")
