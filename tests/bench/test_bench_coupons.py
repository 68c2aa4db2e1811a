"""Sixty-four clients on one hot campaign: claims through HTTP, spread and hot, against the same statements by psycopg."""

import json
import uuid
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from typing import Any

import psycopg
import pytest
from sqlmodel import Session, create_engine
from starlette.testclient import TestClient

from backend.core import clock
from backend.coupons import accounts, codes
from backend.coupons.rules import Stock, claim_key, coupon_subject
from backend.coupons.service.claims import _ISSUE, _KNOWN
from backend.ledger.commands import Head, Legs, document_of
from backend.ledger.rules import AccountRef, TransactionKind
from backend.web.sessions import LIFETIMES, Audience
from tests.bench.conftest import Serve
from tests.bench.load import Measured, measure
from tests.factories.coupons import give_points, open_market
from tests.factories.residents import Neighbour, make_resident, sign_in_resident

pytestmark = pytest.mark.bench

CLIENTS = 64
WARM, EACH = 5, 15
PRICE = 10
FACE = 500


@dataclass(frozen=True)
class Crowd:
    """A hot campaign, one for each client, and residents with points and a session."""

    hot: uuid.UUID
    own: list[uuid.UUID]
    savers: list[Neighbour]
    cookies: list[str]


def gather(database: str) -> Crowd:
    """Fill the database with what the clients need."""
    engine = create_engine(database.replace("postgresql://", "postgresql+psycopg://", 1))
    with Session(engine, expire_on_commit=False) as session:
        market = open_market(session, yuan=100_000_000)
        facts: dict[str, Any] = {"price_points": PRICE, "face_fen": FACE, "stock": 100_000, "per_person": 20}
        hot, own = market.campaign(**facts), [market.campaign(**facts) for _ in range(CLIENTS)]
        savers: list[Neighbour] = []
        cookies: list[str] = []
        for _ in range(CLIENTS):
            saver = make_resident(session)
            give_points(session, saver.resident_id, 100_000)
            savers.append(saver)
            cookies.append(cookie_of(session, saver))
        session.commit()
    engine.dispose()
    return Crowd(hot, own, savers, cookies)


def cookie_of(session: Session, saver: Neighbour) -> str:
    """Sign a resident in and return the cookie."""
    jar = TestClient(lambda *_: None, base_url="https://testserver")  # type: ignore[arg-type]
    sign_in_resident(jar, session, saver)
    name = LIFETIMES[Audience.RESIDENT].cookie
    value = next(one.value for one in jar.cookies.jar if one.name == name)
    return f"{name}={value}"


def request_of(campaign_id: uuid.UUID, cookie: str) -> bytes:
    """Return a claim as a phone sends it."""
    body = json.dumps({"id": str(uuid.uuid4())}).encode()
    head = (
        f"POST /api/v1/coupons/{campaign_id}/claims HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Cookie: {cookie}\r\nContent-Length: {len(body)}\r\nAccept: application/json\r\n\r\n"
    )
    return head.encode() + body


def over_http(serve: Serve, database: str, crowd: Crowd, campaigns: list[uuid.UUID]) -> Measured:
    """Claim through the running service."""
    with serve(database=database) as service, ExitStack() as opened:
        connections = [opened.enter_context(closing(service.connect())) for _ in range(CLIENTS)]
        for times in (WARM, EACH):
            measured = measure(
                [
                    [partial(connection.ask, request_of(campaign, cookie), 201) for _ in range(times)]
                    for connection, campaign, cookie in zip(connections, campaigns, crowd.cookies, strict=True)
                ]
            )
        return measured


def claim_bare(connection: psycopg.Connection, saver: Neighbour, campaign_id: uuid.UUID) -> None:
    """Send the same statements with nothing around them."""
    coupon_id, label = uuid.uuid4(), f"resident:{saver.resident_id}"
    connection.execute(_KNOWN, {"campaign": campaign_id, "id": coupon_id, "resident": saver.resident_id})
    head = Head(claim_key(coupon_id), TransactionKind.SPEND, coupon_subject(coupon_id), label)
    legs = Legs(head.key)
    legs.add(AccountRef.of_resident(saver.resident_id), accounts.points(campaign_id), PRICE)
    legs.add(accounts.units(campaign_id, Stock.UNSOLD), accounts.units(campaign_id, Stock.ISSUED), 1)
    legs.add(accounts.value(campaign_id, Stock.FACE), accounts.value(campaign_id, Stock.OUTSTANDING), FACE)
    rows, moves = legs.as_json(is_grant=False)
    document = json.dumps(document_of(head, {}, amount=PRICE))
    answer = connection.execute("SELECT * FROM ledger_write(%s, %s, %s)", (document, rows, moves)).fetchone()
    assert answer
    connection.execute(
        _ISSUE,
        {
            "id": coupon_id,
            "campaign": campaign_id,
            "resident": saver.resident_id,
            "paid_from": label,
            "price": PRICE,
            "face": FACE,
            "valid_until": clock.today(),
            "digest": codes.digest_of(codes.secret_of(coupon_id)),
            "transaction": answer[1],
            "now": clock.now(),
            "most": 20,
        },
    )
    connection.commit()


def bare(database: str, crowd: Crowd, campaigns: list[uuid.UUID]) -> Measured:
    """Claim by plain psycopg, with as many connections as the service has."""
    with ExitStack() as opened:
        connections = [opened.enter_context(psycopg.connect(database)) for _ in range(8)]
        calls: list[list[partial[None]]] = [[] for _ in connections]
        for number, (saver, campaign) in enumerate(zip(crowd.savers, campaigns, strict=True)):
            calls[number % 8] += [partial(claim_bare, connections[number % 8], saver, campaign)] * EACH
        return measure(calls)


def test_sixty_four_clients_on_one_campaign(serve: Serve, database: str):
    with serve():
        pass  # migrates
    crowds = [gather(database) for _ in range(4)]
    spread = over_http(serve, database, crowds[0], crowds[0].own)
    hot = over_http(serve, database, crowds[1], [crowds[1].hot] * CLIENTS)
    bare_spread = bare(database, crowds[2], crowds[2].own)
    bare_hot = bare(database, crowds[3], [crowds[3].hot] * CLIENTS)
    print(f"\n64 clients  bare spread {bare_spread}\n            bare hot    {bare_hot}")
    print(f"            http spread {spread}\n            http hot    {hot}")
    print(f"            hot/spread {hot.per_second / spread.per_second:.2f} (asked: 0.70), bare"
          f" {bare_hot.per_second / bare_spread.per_second:.2f}")  # fmt: skip
    print(f"            http/bare  {spread.per_second / bare_spread.per_second:.2f} (asked: 0.50), hot"
          f" {hot.per_second / bare_hot.per_second:.2f}")  # fmt: skip
