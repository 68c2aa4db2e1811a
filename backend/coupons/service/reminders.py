"""Nobody should lose what they saved for by forgetting it: who still has tickets is told three days before they end."""

from datetime import date
from itertools import groupby

from sqlmodel import Session

from backend.accounts.residents.rules import subject_of
from backend.core import clock
from backend.coupons.rules import ENDS_SOON
from backend.notices import service as notices
from backend.notices.texts import NoticeCode

BATCH = 1_000

# One line for each person and last day, however many tickets. Whoever claimed within the last days has just read the day.
_UNTOLD = """
SELECT DISTINCT c.valid_until, c.resident_id FROM coupon c JOIN resident r ON r.id = c.resident_id
WHERE c.state IN ('issued', 'reserved') AND c.valid_until BETWEEN %(today)s AND %(soon)s
AND c.claimed_at < (c.valid_until - %(days)s)::timestamp AT TIME ZONE 'Asia/Shanghai' AND r.deleted_at IS NULL
AND NOT EXISTS (SELECT FROM notice n WHERE n.subject = 'resident:' || c.resident_id AND n.code = %(code)s
    AND n.params->>'until_on' = c.valid_until::text)
ORDER BY c.valid_until, c.resident_id LIMIT %(limit)s
"""


def remind(session: Session, limit: int = BATCH) -> int:
    """Tell the next batch of those whose tickets end soon, each once for a day; return how many."""
    today, code = clock.today(), NoticeCode.COUPONS_END_SOON
    values = {"today": today, "soon": today + ENDS_SOON, "days": ENDS_SOON.days, "code": code.value, "limit": limit}
    rows = session.connection().exec_driver_sql(_UNTOLD, values).all()
    return sum(
        notices.tell(session, [subject_of(row.resident_id) for row in alike], code, once=day, until_on=day)
        for day, alike in groupby(rows, key=_day)
    )


def _day(row: tuple[date, object]) -> str:
    return row[0].isoformat()
