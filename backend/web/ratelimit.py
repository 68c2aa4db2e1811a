"""Token buckets in the database: one statement each, shared by all processes, and no address is ever kept.

A bucket is taken from in a transaction of its own, because a refused request rolls its own back. Call it before the
first statement of the request's session: then no request holds two connections at once.
"""

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from anyio import to_thread
from fastapi import Depends
from sqlalchemy import text
from sqlmodel import Session
from starlette.requests import Request

from backend.core import clock
from backend.core.config import Environment, get_settings
from backend.core.crypto import get_keys
from backend.core.db import get_database
from backend.core.errors import TooMany
from backend.web.addresses import client_address

HOUR = 3600
MINUTE = 60
TRYING_OUT = 1000
"""Outside production the intake limits are this much wider: people measure and fill a demo from one address."""


@dataclass(frozen=True)
class Limit:
    """`burst` at once, refilled within `seconds`; a limit with `overdraft` never refuses, it makes people wait."""

    burst: int
    seconds: int
    intake: bool = False
    overdraft: int = 0
    everyone: str | None = None
    """A second limit, over all callers, that is taken from as well."""

    @property
    def rate(self) -> float:
        """Tokens that come back in a second."""
        return self.burst / self.seconds


# Phones of one carrier share few addresses: a limit per address must let a whole town report after an accident.
LIMITS: Mapping[str, Limit] = {
    "report": Limit(300, HOUR, intake=True),
    "photo": Limit(1800, HOUR, intake=True),
    "message": Limit(120, HOUR, intake=True),
    "read": Limit(600, MINUTE, intake=True),
    "receipt_lookup": Limit(10, MINUTE, everyone="receipt_lookup_everyone"),
    # Over all addresses nobody is locked out, or whoever guesses receipts could keep a reporter from an answer (S-23).
    "receipt_lookup_everyone": Limit(1000, HOUR, overdraft=1000),
    "sign_in": Limit(10, MINUTE),
    "sign_in_address": Limit(30, MINUTE),
}

LONGEST_WAIT = 10.0
"""Seconds that the last one of a drained common bucket waits."""

_TAKE = """
INSERT INTO rate_bucket AS b (key, tokens, taken, updated_at)
VALUES (%(key)s, %(burst)s::double precision - 1, true, %(now)s)
ON CONFLICT (key) DO UPDATE SET
  (tokens, taken, updated_at) = (
    SELECT CASE WHEN a.available >= 1 - %(overdraft)s THEN a.available - 1 ELSE a.available END,
           a.available >= 1 - %(overdraft)s,
           GREATEST(b.updated_at, excluded.updated_at)
    FROM (SELECT LEAST(%(burst)s::double precision, b.tokens + %(rate)s::double precision
                 * GREATEST(0, EXTRACT(EPOCH FROM excluded.updated_at - b.updated_at))) AS available) AS a
  )
RETURNING tokens, taken
"""


def limit(name: str, key: str) -> float:
    """Take one token of `name` for `key`; raise `TooMany`, or return the seconds to wait before going on."""
    rule = LIMITS[name]
    burst = rule.burst * (TRYING_OUT if rule.intake and get_settings().env is not Environment.PRODUCTION else 1)
    tokens, taken = _take(
        {
            "key": _key(name, key),
            "burst": burst,
            "rate": burst / rule.seconds,
            "overdraft": rule.overdraft,
            "now": clock.now(),
        }
    )
    if rule.overdraft:
        return min(LONGEST_WAIT, LONGEST_WAIT * max(0.0, -tokens) / rule.overdraft)
    if not taken:
        raise TooMany(retry_after=max(1, math.ceil((1 - tokens) * rule.seconds / burst)))
    return 0.0


class Limited:
    """A dependency that takes one token for the caller's address before the route begins."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.everyone = LIMITS[name].everyone

    async def __call__(self, request: Request) -> None:
        """Refuse, wait, or let through."""
        await to_thread.run_sync(limit, self.name, client_address(request))
        if self.everyone and (wait := await to_thread.run_sync(limit, self.everyone, "")):
            await asyncio.sleep(wait)


def limited(name: str) -> Any:
    """Return the dependency of a route class: `APIRouter.post(…, dependencies=[limited("report")])`."""
    return Depends(Limited(name))


def sweep(session: Session) -> None:
    """Remove buckets that are full again."""
    session.execute(text("DELETE FROM rate_bucket WHERE updated_at < :now - interval '1 day'"), {"now": clock.now()})


def _key(name: str, key: str) -> bytes:
    # The day is part of it: yesterday's digests cannot be matched with today's.
    return get_keys().digest("rate-limit", f"{clock.today()}|{name}|{key}".encode())[:16]


def _take(values: dict[str, Any]) -> tuple[float, bool]:
    with get_database().short() as connection:
        row = connection.exec_driver_sql(_TAKE, values).one()
    return float(row.tokens), bool(row.taken)
