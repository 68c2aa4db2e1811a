"""Caps under many hands: counters are locked in one order, read, and moved with the activity that uses them."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlmodel import Session

from backend.activities.models import Activity
from backend.activities.rules import Limit

# Makes the missing counters and locks all of them, in the order in which they are given: nobody waits in a ring.
_LOCK = """
INSERT INTO activity_count AS c (scope, behaviour, period, used, on_day)
SELECT scope, behaviour, period, 0, %(day)s
FROM jsonb_to_recordset(%(limits)s::jsonb) AS asked (scope text, behaviour text, period text)
ORDER BY scope, behaviour, period
ON CONFLICT (scope, behaviour, period) DO UPDATE SET used = c.used
RETURNING c.scope, c.period, c.used
"""

# The activity and its counters move together or not at all; an id that is there moves nothing.
_ADD = """
WITH added AS (
    INSERT INTO activity SELECT * FROM jsonb_populate_record(NULL::activity, %(row)s::jsonb)
    ON CONFLICT (id) DO NOTHING RETURNING id, behaviour, quantity
), counted AS (
    UPDATE activity_count AS c SET used = c.used + added.quantity
    FROM added, jsonb_to_recordset(%(limits)s::jsonb) AS asked (scope text, period text)
    WHERE c.scope = asked.scope AND c.period = asked.period AND c.behaviour = added.behaviour
)
SELECT id FROM added
"""

_USE = """
UPDATE activity_count AS c SET used = c.used + %(quantity)s
FROM jsonb_to_recordset(%(limits)s::jsonb) AS asked (scope text, behaviour text, period text)
WHERE c.scope = asked.scope AND c.behaviour = asked.behaviour AND c.period = asked.period
"""

_GIVE_BACK = """
UPDATE activity_count AS c SET used = greatest(0, c.used - %(quantity)s)
FROM (
    SELECT c.scope, c.behaviour, c.period
    FROM activity_count c JOIN jsonb_to_recordset(%(limits)s::jsonb) AS asked (scope text, behaviour text, period text)
        USING (scope, behaviour, period)
    ORDER BY scope, behaviour, period FOR UPDATE OF c
) AS locked
WHERE c.scope = locked.scope AND c.behaviour = locked.behaviour AND c.period = locked.period
"""


def lock(session: Session, bounds: Sequence[Limit], day: date) -> Mapping[Limit, int]:
    """Lock the counters of every cap and return how much is used."""
    rows = session.connection().exec_driver_sql(_LOCK, {"limits": _as_json(bounds), "day": day})
    used = {(row.scope, row.period): row.used for row in rows}
    return {limit: used[limit.scope, limit.period] for limit in bounds}


def add(session: Session, activity: Activity, bounds: Sequence[Limit]) -> bool:
    """Write the activity and move the locked counters by its quantity; `False` if its id was there already."""
    row = json.dumps(_row(activity))
    values = {"row": row, "limits": _as_json(bounds)}
    return session.connection().exec_driver_sql(_ADD, values).first() is not None


def give_back(session: Session, activity: Activity, bounds: Sequence[Limit]) -> None:
    """Move the counters back: what was undone has not been used."""
    values = {"limits": _as_json(bounds), "quantity": activity.quantity}
    session.connection().exec_driver_sql(_GIVE_BACK, values)


def use(session: Session, activity: Activity, bounds: Sequence[Limit]) -> None:
    """Move the locked counters by an activity that was there already."""
    values = {"limits": _as_json(bounds), "quantity": activity.quantity}
    session.connection().exec_driver_sql(_USE, values)


def _as_json(bounds: Sequence[Limit]) -> str:
    return json.dumps([{"scope": one.scope, "behaviour": one.behaviour, "period": one.period} for one in bounds])


def _row(activity: Activity) -> dict[str, Any]:
    row = activity.model_dump(mode="json", exclude={"body_digest", "source"})
    return row | {name: _bytes(getattr(activity, name)) for name in ("body_digest", "source")}


def _bytes(value: bytes | None) -> str | None:
    return None if value is None else "\\x" + value.hex()
