"""Several commands in one transaction: every account they will touch is locked first, in the one order of all commands.

A single command needs none of this. A batch that took its locks command by command could wait in a ring with another.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session

from backend.ledger.commands import shards
from backend.ledger.rules import AccountRef, Asset, Purpose, shard_of

_MAKE = "SELECT ledger_account_id(%(asset)s, %(owner)s, %(purpose)s, %(shard)s::smallint, %(floor)s::bigint, %(lots)s)"
_LOCK = """
WITH touched AS (
    SELECT unnest(%(ids)s::bigint[]) AS id
    UNION SELECT account_id FROM posting WHERE transaction_id = ANY (%(transactions)s)
)
SELECT a.id FROM ledger_account a
WHERE a.id IN (SELECT id FROM touched)
    OR (a.purpose = %(receivable)s AND (a.asset, a.owner) IN (
        SELECT asset, owner FROM ledger_account JOIN touched USING (id) WHERE holds_lots))
ORDER BY a.id FOR NO KEY UPDATE OF a
"""

Grant = tuple[str, AccountRef, AccountRef]
"""The key of a coming grant, its fund, and whom it is for."""


def lock_ahead(session: Session, *, transactions: Sequence[UUID] = (), grants: Sequence[Grant] = ()) -> None:
    """Lock what resolving `transactions` and booking `grants` will touch; take any other locks before this."""
    connection = session.connection()
    ends = {(ref, _row(ref, key)) for key, fund, to in grants for ref in (fund, to)}
    ids = [connection.exec_driver_sql(_MAKE, _named(ref, shard)).scalar_one() for ref, shard in sorted(ends)]
    values = {"ids": ids, "transactions": list(transactions), "receivable": Purpose.RECEIVABLE.value}
    connection.exec_driver_sql(_LOCK, values)


def _row(ref: AccountRef, key: str) -> int:
    return shard_of(key, shards(ref)) if ref.is_spread else 0


def _named(ref: AccountRef, shard: int) -> dict[str, object]:
    return {
        "asset": Asset(ref.asset).value,
        "owner": ref.owner,
        "purpose": ref.purpose,
        "shard": shard,
        "floor": ref.floor,
        "lots": ref.holds_lots,
    }
