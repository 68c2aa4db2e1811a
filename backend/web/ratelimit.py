"""Limits in the database: one statement each, shared by all processes, and no address is ever kept.

Token buckets for what is only slowed down. Exact windows and a budget for each day where each use costs money or lets
somebody guess: these are logged tables and hold over a crash too.

A bucket is taken from in a transaction of its own, because a refused request rolls its own back. Call it before the
first statement of the request's session: then no request holds two connections at once.
"""

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from anyio import to_thread
from fastapi import Depends
from sqlalchemy import Row, TextClause, text
from sqlmodel import Session
from starlette.requests import Request

from backend.core import clock
from backend.core.config import Environment, get_settings
from backend.core.crypto import get_keys
from backend.core.db import get_database
from backend.core.errors import N_, TooMany
from backend.core.logging import get_logger
from backend.web.addresses import client_address

log = get_logger(__name__)

DAY = 86_400
HOUR = 3600
MINUTE = 60
TRYING_OUT = 1000
"""Outside production the intake limits are this much wider: people measure and fill a demo from one address."""


class BudgetSpent(TooMany):
    """What everybody together may use up in a day is used up; operators are told by the log."""

    message = N_("No more text messages can be sent today. Please try again tomorrow.")


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
    "activity": Limit(600, HOUR, intake=True),
    "photo": Limit(1800, HOUR, intake=True),
    "message": Limit(120, HOUR, intake=True),
    "read": Limit(600, MINUTE, intake=True),
    "receipt_lookup": Limit(10, MINUTE, everyone="receipt_lookup_everyone"),
    # Over all addresses nobody is locked out, or whoever guesses receipts could keep a reporter from an answer (S-23).
    "receipt_lookup_everyone": Limit(1000, HOUR, overdraft=1000),
    # What costs or tells something there is capped more strictly below.
    "account": Limit(600, HOUR, intake=True),
    "sign_in": Limit(10, MINUTE),
    "household": Limit(300, HOUR, intake=True),
    "sign_in_address": Limit(30, MINUTE),
    "pairing": Limit(10, MINUTE),
}

# At most so many uses within so many seconds, each exactly and for every moment, not only from midnight (S-06, S-07).
Windows = tuple[tuple[int, int], ...]
WINDOWS: Mapping[str, Windows] = {
    "sms_number": ((1, MINUTE), (5, HOUR), (10, DAY)),
    "sms_tries": ((20, DAY),),
    "household_tries": ((20, HOUR), (40, DAY)),
    # Six digits of a colleague's open session: guessing must stay hopeless.
    "step_up": ((5, MINUTE), (20, HOUR)),
    # Of six spoken digits a till may miss so many, each wrong one being a chance to meet a stranger's ticket.
    "coupon_misses": ((8, 5 * MINUTE), (20, HOUR)),
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

_USE = text("""
INSERT INTO rate_window AS w (key, uses, taken, updated_at)
VALUES (:key, ARRAY[CAST(:now AS timestamptz)], true, :now)
ON CONFLICT (key) DO UPDATE SET
  (uses, taken, updated_at) = (
    SELECT CASE WHEN f.free THEN array_append(k.kept, CAST(:now AS timestamptz)) ELSE k.kept END,
           f.free, GREATEST(w.updated_at, excluded.updated_at)
    FROM (SELECT COALESCE(array_agg(u ORDER BY u) FILTER (WHERE u > CAST(:now AS timestamptz) - interval '1 day'),
                          CAST('{}' AS timestamptz[])) AS kept FROM unnest(w.uses) AS u) AS k,
    LATERAL (SELECT NOT EXISTS (
      SELECT FROM unnest(CAST(:most AS integer[]), CAST(:seconds AS integer[])) AS r (most, seconds)
      WHERE (SELECT count(*) FROM unnest(k.kept) AS u
             WHERE u > CAST(:now AS timestamptz) - r.seconds * interval '1 second') >= r.most) AS free) AS f
  )
RETURNING uses, taken
""")

_USES = text("SELECT uses FROM rate_window WHERE key = :key")

_SPEND = text("""
INSERT INTO day_budget AS d (day, name, spent) VALUES (:day, :name, 1)
ON CONFLICT (day, name) DO UPDATE SET spent = d.spent + 1 WHERE d.spent < :most
RETURNING spent
""")


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


def use(name: str, key: str, windows: Windows | None = None) -> None:
    """Count one use by `key` in every window of `name`, or raise `TooMany` when one of them is full."""
    now, windows = clock.now(), windows or WINDOWS[name]
    row = _execute(
        _USE,
        {
            "key": _window_key(name, key),
            "now": now,
            "most": [most for most, _ in windows],
            "seconds": [seconds for _, seconds in windows],
        },
    )
    if row is None or not row.taken:
        raise TooMany(retry_after=_free_again([] if row is None else row.uses, windows, now))


def refuse_if_full(name: str, key: str) -> None:
    """Raise `TooMany` while a window of `name` is full for `key`, without counting a use: for limits that count misses."""
    now, windows = clock.now(), WINDOWS[name]
    row = _execute(_USES, {"key": _window_key(name, key)})
    uses: list[datetime] = [] if row is None else row.uses
    if any(sum(one > now - timedelta(seconds=seconds) for one in uses) >= most for most, seconds in windows):
        raise TooMany(retry_after=_free_again(uses, windows, now))


def _window_key(name: str, key: str) -> bytes:
    # Without the day in it: a window that began yesterday goes on.
    return get_keys().digest("rate-window", f"{name}|{key}".encode())[:16]


def _free_again(uses: list[datetime], windows: Windows, now: datetime) -> int:
    """Return the seconds until each window has room again."""
    waits = [
        (sorted(uses)[-most] + timedelta(seconds=seconds) - now).total_seconds()
        for most, seconds in windows
        if len(uses) >= most
    ]
    return max(1, math.ceil(max(waits, default=1)))


def spend(name: str, most: int) -> None:
    """Spend one of the `most` that everybody together has today, or raise `BudgetSpent` and tell the operator."""
    if _execute(_SPEND, {"day": clock.today(), "name": name, "most": most}) is None:
        log.error("day_budget_spent", reason=name)
        raise BudgetSpent(retry_after=HOUR)


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
    for table in ("rate_bucket", "rate_window"):
        statement = text(f"DELETE FROM {table} WHERE updated_at < :now - interval '1 day'")  # noqa: S608 -- two names of ours
        session.execute(statement, {"now": clock.now()})
    session.execute(text("DELETE FROM day_budget WHERE day < :day"), {"day": clock.today() - timedelta(days=90)})


def _key(name: str, key: str) -> bytes:
    # The day is part of it: yesterday's digests cannot be matched with today's.
    return get_keys().digest("rate-limit", f"{clock.today()}|{name}|{key}".encode())[:16]


def _take(values: dict[str, Any]) -> tuple[float, bool]:
    with get_database().short() as connection:
        row = connection.exec_driver_sql(_TAKE, values).one()
    return float(row.tokens), bool(row.taken)


def _execute(statement: TextClause, values: dict[str, Any]) -> Row[Any] | None:
    """Run one statement as a transaction of its own."""
    with get_database().short() as connection:
        return connection.execute(statement, values).first()
