"""Proves the whole ledger and names the first bad row: chains, balances, sums, states, lots, published roots.

Rows stream through server-side cursors, so that a ledger of any size is proven in little memory. Hashes are computed here
and not in the database that wrote them; sums, which are the same wherever they are made, are left to it.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from psycopg.rows import dict_row
from sqlmodel import Session, col, select

from backend.ledger import chain, merkle, roots
from backend.ledger.models import LedgerRoot

if TYPE_CHECKING:
    import psycopg

ROWS = 10_000

_POSTINGS = """
SELECT p.account_id, p.seq, p.amount, p.pending_in, p.pending_out, p.prev_hash, p.hash, t.digest
FROM posting p LEFT JOIN journal_transaction t ON t.id = p.transaction_id ORDER BY p.account_id, p.seq
"""
_ACCOUNTS = """
SELECT id, seq, posted, pending_in, pending_out, head, asset, owner, purpose, shard, floor, holds_lots
FROM ledger_account ORDER BY id
"""
_TRANSACTIONS = """
SELECT id::text AS id, key, request_hash, kind, amount, subject, actor, facts::text AS facts, recorded_at, effective_on,
    expires_at, lot_expires_on, earned_by, resolves_id::text AS resolves_id, reverses_id::text AS reverses_id, digest
FROM journal_transaction
"""
_LEAVES = """
SELECT l.position, l.account_id, l.seq, p.hash FROM ledger_leaf l LEFT JOIN posting p USING (account_id, seq)
ORDER BY l.position, l.place
"""

# Each finds rows that must not be; the sentence says what is wrong with the first.
_RULES = {
    "the postings of transaction {} do not balance": """
        SELECT transaction_id FROM posting JOIN ledger_account a ON a.id = account_id GROUP BY transaction_id, asset
        HAVING sum(amount) <> 0 OR sum(posting.pending_in) <> sum(posting.pending_out) LIMIT 1
    """,
    "transaction {} has no postings": """
        SELECT id FROM journal_transaction t
        WHERE NOT EXISTS (SELECT 1 FROM posting WHERE transaction_id = t.id) LIMIT 1
    """,
    "the state of transaction {} is not what its resolution says": """
        SELECT t.id FROM journal_transaction t LEFT JOIN journal_transaction r ON r.resolves_id = t.id
        WHERE t.state <> CASE WHEN t.expires_at IS NULL THEN 'posted' WHEN r.id IS NULL THEN 'pending'
            WHEN r.kind = 'post' THEN 'posted' WHEN r.kind = 'void' THEN 'voided' ELSE 'expired' END
            OR (r.id IS NOT NULL AND t.expires_at IS NULL)
        LIMIT 1
    """,
    "lot {} does not add up with its allocations": """
        SELECT id FROM lot LEFT JOIN (
            SELECT lot_id, sum(consumed) AS consumed, sum(held) AS held FROM lot_allocation GROUP BY lot_id
        ) AS used ON lot_id = id
        WHERE remaining <> amount - coalesce(consumed, 0) OR lot.held <> coalesce(used.held, 0) ORDER BY id LIMIT 1
    """,
    "account {} does not hold what its lots say": """
        SELECT a.id FROM ledger_account a LEFT JOIN (
            SELECT account_id, sum(remaining) AS remaining, sum(held) AS held FROM lot GROUP BY account_id
        ) AS own ON account_id = a.id
        WHERE CASE WHEN holds_lots THEN posted <> coalesce(remaining, 0) OR pending_out <> coalesce(held, 0)
            ELSE account_id IS NOT NULL END
        ORDER BY a.id LIMIT 1
    """,
    "the lots of transaction {} are not those of its postings": """
        SELECT transaction_id FROM (
            SELECT transaction_id, account_id, amount, posting.pending_out FROM posting
            JOIN ledger_account a ON a.id = account_id WHERE holds_lots
        ) AS said FULL JOIN (
            SELECT transaction_id, account_id, sum(amount) AS amount, sum(held) AS held FROM (
                SELECT transaction_id, account_id, amount, 0 AS held FROM lot
                UNION ALL
                SELECT u.transaction_id, lot.account_id, -u.consumed, u.held FROM lot_allocation u JOIN lot ON lot.id = lot_id
            ) AS one GROUP BY transaction_id, account_id
        ) AS done USING (transaction_id, account_id)
        WHERE said.amount IS DISTINCT FROM coalesce(done.amount, 0) OR said.pending_out <> coalesce(done.held, 0) LIMIT 1
    """,
    "lot {} has another origin or day than its transaction gave it": """
        SELECT lot.id FROM lot JOIN ledger_account a ON a.id = account_id
        JOIN journal_transaction t ON t.id = transaction_id
        LEFT JOIN journal_transaction p ON p.id = t.resolves_id
        LEFT JOIN lot parent ON parent.id = lot.parent_id
        WHERE CASE WHEN parent.id IS NOT NULL THEN
            lot.earned_by <> parent.earned_by OR lot.programme <> parent.programme
                OR (t.kind = 'move' AND lot.expires_on <> parent.expires_on)
                OR (t.kind = 'reverse' AND lot.expires_on <= t.effective_on)
        ELSE
            lot.expires_on IS DISTINCT FROM coalesce(t.lot_expires_on, p.lot_expires_on)
                OR lot.earned_by <> coalesce(t.earned_by, p.earned_by, a.owner)
        END
        ORDER BY lot.id LIMIT 1
    """,
    "lot {} names another fund than the one it came from": """
        SELECT lot.id FROM lot WHERE parent_id IS NULL AND NOT EXISTS (
            SELECT 1 FROM posting p JOIN ledger_account fund ON fund.id = p.account_id
            WHERE p.transaction_id = lot.transaction_id AND p.amount < 0 AND fund.owner = lot.programme
        ) ORDER BY lot.id LIMIT 1
    """,
}


# Each look goes over whole tables to their end. The planner expects less of a cursor, and where its numbers are old, as
# after a month's end, it would take them row by row.
_PLANNING = ("statement_timeout = 0", "cursor_tuple_fraction = 1", "enable_nestloop = off", "work_mem = '64MB'")


class Cached(NamedTuple):
    """What an account's row says about its postings."""

    id: int
    seq: int
    posted: int
    pending_in: int
    pending_out: int
    head: bytes
    asset: str
    owner: str
    purpose: str
    shard: int
    floor: int | None
    holds_lots: bool

    @property
    def genesis(self) -> bytes:
        """Where its chain begins."""
        return chain.genesis(*self[6:11], holds_lots=self.holds_lots)


def first_bad(session: Session) -> str | None:
    """Prove everything; return `None`, or a sentence that names the first bad row.

    While others write, the session must see one moment only (`REPEATABLE READ`).
    """
    for setting in _PLANNING:
        session.connection().exec_driver_sql(f"SET LOCAL {setting}")
    checks: tuple[Callable[[Session], str | None], ...] = (_chains, _transactions, _sums, _roots)
    for check in checks:
        if bad := check(session):
            return f"ledger: {bad}"
    return None


def _chains(session: Session) -> str | None:
    """Walk every account's chain next to what is cached of it."""
    postings = _stream(session, "ledger_postings", _POSTINGS)
    row = next(postings, None)
    for account in map(Cached._make, _stream(session, "ledger_accounts", _ACCOUNTS)):
        if row is not None and row[0] < account.id:
            break
        head, seq, posted, pending_in, pending_out = account.genesis, 0, 0, 0, 0
        while row is not None and row[0] == account.id:
            seq += 1
            if row[1] != seq:
                return f"account {account.id}, posting {seq} is missing"
            digest = row[7]
            if row[5] != head or digest is None or row[6] != chain.link(head, row[:2], row[2:5], digest):
                return f"account {account.id}, posting {seq} does not match its hash"
            head = row[6]
            posted, pending_in, pending_out = posted + row[2], pending_in + row[3], pending_out + row[4]
            row = next(postings, None)
        if (seq, head) != (account.seq, account.head):
            return f"account {account.id} ends at posting {seq}, but was at posting {account.seq}"
        if (posted, pending_in, pending_out) != account[2:5]:
            return f"account {account.id} has a balance that is not the sum of its postings"
    return None if row is None else f"account {row[0]}, posting {row[1]} belongs to no account"


def _transactions(session: Session) -> str | None:
    """Compute every transaction's digest anew."""
    for row in _stream(session, "ledger_transactions", _TRANSACTIONS, by_name=True):
        if row["digest"] != chain.digest(row):
            return f"transaction {row['id']} does not match its digest"
    return None


def _sums(session: Session) -> str | None:
    """Let the database look for rows that must not be."""
    for sentence, query in _RULES.items():
        if found := session.connection().exec_driver_sql(query).first():
            return sentence.format(found[0])
    return None


def _roots(session: Session) -> str | None:
    """Build every root anew from the heads it was made of: a tail that was cut off is missing here."""
    leaves = _stream(session, "ledger_leaves", _LEAVES)
    leaf = next(leaves, None)
    previous: LedgerRoot | None = None
    for position, root in enumerate(session.exec(select(LedgerRoot).order_by(col(LedgerRoot.position))), 1):
        heads: list[bytes] = []
        while leaf is not None and leaf[0] == root.position:
            if leaf[3] is None:
                return f"account {leaf[1]}, posting {leaf[2]} is missing, but root {root.position} names it"
            heads.append(chain.leaf(leaf[1], leaf[2], leaf[3]))
            leaf = next(leaves, None)
        if (root.position, root.leaf_count) != (position, len(heads)) or root.root != merkle.root_of(heads):
            return f"root {root.position} is not that of its accounts"
        if root.previous != roots.follows(previous) or not roots.is_ours(root):
            return f"root {root.position} is not signed, or does not follow the one before"
        previous = root
    return None if leaf is None else f"root {leaf[0]} is missing"


def _stream(session: Session, name: str, query: str, *, by_name: bool = False) -> Iterator[Any]:
    driver = cast("psycopg.Connection[Any]", session.connection().connection.driver_connection)
    with driver.cursor(name) as cursor:
        cursor.itersize = ROWS
        if by_name:
            cursor.row_factory = dict_row
        cursor.execute(query.encode(), binary=True)
        yield from cursor
