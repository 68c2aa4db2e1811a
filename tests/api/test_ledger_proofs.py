"""What proves the ledger: `verify` names the first bad row, and a resident can check a statement without us (L11, L12, L23)."""

import json
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlmodel import Session

from backend.core import clock
from backend.core.crypto import public_key
from backend.ledger import jobs, queries, roots, service, verify
from backend.ledger.queries import rows_of
from backend.ledger.rules import AccountRef
from tests.factories.ledger import Bank, a_household, a_resident, in_days, make_bank

CHECKER = Path(__file__).parents[2] / "static" / "verify-points.py"


@pytest.fixture
def someone() -> AccountRef:
    """A resident with a history of everything."""
    return a_resident()


@pytest.fixture
def bank(session: Session, someone: AccountRef) -> Bank:
    """Two published roots over that history, and one posting after them."""
    bank = make_bank(session)
    bank.grant(someone, 30, facts={"规则": "v3", "kg": 1.5})
    bank.grant(someone, 20, days=1)
    bank.post(bank.grant(someone, 9, pending_until=clock.now() + timedelta(days=1)).transaction_id, 5)
    bank.void(bank.hold(someone, 4).transaction_id)
    bank.move(someone, a_household(), 3)
    spent = bank.spend(someone, 7)
    assert roots.publish(session)
    bank.reverse(spent.transaction_id)
    other = a_resident()
    bank.grant(other, 10, days=1)
    with clock.at(clock.now() + timedelta(days=2)):
        service.expire_lots(session, clock.today())
    root = roots.publish(session)
    assert root is not None
    assert root.position == 2
    assert roots.publish(session) is None
    bank.grant(someone, 11)
    return bank


def forge(session: Session, statement: str, **values: object) -> None:
    """Do what only the owner of the database could."""
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(text(statement), values)
    session.execute(text("SET LOCAL session_replication_role = DEFAULT"))
    session.expire_all()


def id_of(bank: Bank, ref: AccountRef) -> int:
    (row,) = rows_of(bank.session, ref)
    assert row.id is not None
    return row.id


def test_a_sound_ledger_is_proven(bank: Bank):
    assert verify.first_bad(bank.session) is None


FLIPS = {
    "account_id": "account_id = account_id + 1000000",
    "seq": "seq = seq + 1000",
    "transaction_id": "transaction_id = (SELECT id FROM journal_transaction WHERE id <> transaction_id LIMIT 1)",
    "amount": "amount = amount + 1",
    "pending_in": "pending_in = pending_in + 1",
    "pending_out": "pending_out = pending_out + 1",
    "prev_hash": "prev_hash = set_byte(prev_hash, 31, get_byte(prev_hash, 31) # 1)",
    "hash": "hash = set_byte(hash, 0, get_byte(hash, 0) # 1)",
}


@pytest.mark.parametrize("seq", [1, 3, 9])
@pytest.mark.parametrize("column", FLIPS)
def test_every_column_of_a_posting_is_proven(bank: Bank, someone: AccountRef, column: str, seq: int):
    """L12: at the right account and sequence number."""
    account_id = id_of(bank, someone)
    forge(
        bank.session,
        f"UPDATE posting SET {FLIPS[column]} WHERE account_id = :id AND seq = :seq",  # noqa: S608 -- our own table
        id=account_id,
        seq=seq,
    )
    assert verify.first_bad(bank.session) in {
        f"ledger: account {account_id}, posting {seq} is missing",
        f"ledger: account {account_id}, posting {seq} does not match its hash",
    }


def test_every_column_of_a_posting_is_tried(session: Session):
    columns = session.execute(
        text(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'posting' AND table_schema = 'public'"
        )
    )
    assert set(columns.scalars()) == set(FLIPS)


FORGERIES = {
    "whose an account is": ("UPDATE ledger_account SET owner = owner || '0' WHERE id = :id", "posting 1 does not match"),
    "a cached balance": ("UPDATE ledger_account SET posted = posted + 1 WHERE id = :id", "is not the sum"),
    "a cached head": ("UPDATE ledger_account SET head = sha256(head) WHERE id = :id", "ends at posting"),
    "a cut tail": ("DELETE FROM posting WHERE account_id = :id AND seq = 11", "ends at posting 10, but was at"),
    "an account": ("DELETE FROM ledger_account WHERE id = :id", "posting 1 belongs to no account"),
    "a subject": ("UPDATE journal_transaction SET subject = 'x' WHERE kind = 'spend'", "does not match its digest"),
    "the facts": ("UPDATE journal_transaction SET facts = '{}' WHERE facts <> '{}'", "does not match its digest"),
    "an actor": ("UPDATE journal_transaction SET actor = 'x' WHERE kind = 'grant'", "does not match its digest"),
    "a transaction": ("DELETE FROM journal_transaction WHERE kind = 'void'", "does not match its hash"),
    "a state": ("UPDATE journal_transaction SET state = 'posted' WHERE state = 'voided'", "the state of transaction"),
    "what remains of a lot": ("UPDATE lot SET remaining = remaining - 1 WHERE remaining > 5", "does not add up"),
    "an allocation": ("UPDATE lot_allocation SET consumed = consumed + 1", "does not add up"),
    "the day of a lot": ("UPDATE lot SET expires_on = expires_on + 1", "has another origin or day"),
    "who earned a lot": ("UPDATE lot SET earned_by = 'resident:x'", "has another origin or day"),
    "the fund of a lot": ("UPDATE lot SET programme = 'x' WHERE id = (SELECT max(id) FROM lot)", "names another fund"),
    "a leaf": ("UPDATE ledger_leaf SET seq = 5 WHERE account_id = :id AND seq = 8", "root 1 is not that"),
    "the time of a root": ("UPDATE ledger_root SET at = at + interval '1 s' WHERE position = 1", "root 1 is not signed"),
    "a root": ("UPDATE ledger_root SET root = sha256(root) WHERE position = 2", "root 2 is not that"),
    "the link of a root": ("UPDATE ledger_root SET previous = root WHERE position = 2", "root 2 is not signed"),
    "a first root": ("DELETE FROM ledger_root WHERE position = 1", "root 2 is not that"),
    "a last root": ("DELETE FROM ledger_root WHERE position = 2", "root 2 is missing"),
}  # fmt: skip


@pytest.mark.parametrize("what", FORGERIES)
def test_verify_finds_a_forgery_of(bank: Bank, someone: AccountRef, what: str):
    statement, sentence = FORGERIES[what]
    values = {"id": id_of(bank, someone)} if ":id" in statement else {}
    forge(bank.session, statement, **values)
    found = verify.first_bad(bank.session)
    assert found is not None
    assert sentence in found


def test_sums_are_proven_even_where_every_hash_is_written_anew(bank: Bank, someone: AccountRef):
    """Whoever can write the database can write a chain anew; what is added from nowhere still shows."""
    account_id = id_of(bank, someone)
    forge(
        bank.session,
        "WITH last AS (SELECT p.*, t.digest FROM posting p JOIN journal_transaction t ON t.id = transaction_id"
        " WHERE account_id = :id AND seq = 11), anew AS (UPDATE posting SET amount = 999,"
        " hash = ledger_link(last.prev_hash, last.account_id, last.seq, 999, 0, 0, last.digest) FROM last"
        " WHERE posting.account_id = :id AND posting.seq = 11 RETURNING posting.hash)"
        " UPDATE ledger_account SET posted = posted + 999 - 11, head = (SELECT hash FROM anew) WHERE id = :id",
        id=account_id,
    )
    found = verify.first_bad(bank.session)
    assert found is not None
    assert "do not balance" in found


def test_a_transaction_without_postings_is_found(bank: Bank):
    forge(
        bank.session,
        "WITH t AS (SELECT j FROM journal_transaction j WHERE kind = 'spend' LIMIT 1), made AS ("
        " SELECT jsonb_populate_record((t.j), jsonb_build_object('id', gen_random_uuid(), 'key', 'forged')) AS r FROM t)"
        " INSERT INTO journal_transaction SELECT (jsonb_populate_record(r, jsonb_build_object('digest', ledger_digest(r)))).*"
        " FROM made",
    )
    found = verify.first_bad(bank.session)
    assert found is not None
    assert "has no postings" in found


def test_the_tail_that_a_root_names_cannot_be_cut(bank: Bank, someone: AccountRef):
    """L12: even where the account's own row is put back to the shorter chain."""
    account_id = id_of(bank, someone)
    for statement in (
        "DELETE FROM lot_allocation WHERE transaction_id IN (SELECT transaction_id FROM posting WHERE account_id = :id AND seq >= 9)",
        (
            "UPDATE ledger_account SET seq = 8, head = (SELECT hash FROM posting WHERE account_id = :id AND seq = 8),"
            " posted = (SELECT sum(amount) FROM posting WHERE account_id = :id AND seq <= 8) WHERE id = :id"
        ),
        "DELETE FROM posting WHERE account_id = :id AND seq > 8",
    ):
        forge(bank.session, statement, id=account_id)
    bad = verify._roots(bank.session)
    assert bad == f"account {account_id}, posting 10 is missing, but root 2 names it"


def test_lots_of_an_account_must_be_all_it_holds(bank: Bank, someone: AccountRef):
    forge(bank.session, "UPDATE lot SET account_id = :other WHERE account_id = :id",
          id=id_of(bank, someone), other=id_of(bank, bank.fund.with_purpose("issuance")))  # fmt: skip
    found = verify.first_bad(bank.session)
    assert found is not None
    assert "does not hold what its lots say" in found


def test_lots_must_be_those_of_the_postings(bank: Bank, someone: AccountRef):
    forge(
        bank.session,
        "UPDATE lot SET transaction_id = (SELECT transaction_id FROM lot l WHERE l.id <> lot.id AND l.account_id = lot.account_id LIMIT 1)"
        " WHERE id = (SELECT max(id) FROM lot WHERE account_id = :id)",
        id=id_of(bank, someone),
    )
    found = verify.first_bad(bank.session)
    assert found is not None
    assert "are not those of its postings" in found


@pytest.fixture
def proof(bank: Bank, someone: AccountRef) -> dict[str, Any]:
    """What the resident takes home."""
    found = roots.proof_of(bank.session, someone)
    assert found is not None
    return found


def checked(tmp_path: Path, proof: object, *key: str) -> tuple[int, str]:
    """Run the published script as a resident would: no packages, no network of ours, no database."""
    file = tmp_path / "my-points.json"
    file.write_text(json.dumps(proof), "utf-8")
    done = subprocess.run(
        [sys.executable, "-I", "-S", CHECKER, file, *key], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_a_statement_is_checked_without_us(tmp_path: Path, proof: dict[str, Any]):
    code, said = checked(tmp_path, proof)
    assert code == 0, said
    assert said.startswith("Sound: 10 lines, 35 held, 0 promised, 0 reserved.")
    assert "compare it" in said
    assert checked(tmp_path, proof, public_key(roots.SIGNING).hex())[0] == 0


def alter(*path: str | int, to: object) -> Callable[[dict[str, Any]], None]:
    def change(proof: dict[str, Any]) -> None:
        place: Any = proof
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to

    return change


ALTERED: dict[str, Callable[[dict[str, Any]], object]] = {
    "an amount": alter("postings", 0, "amount", to=31),
    "the words": alter("postings", 0, "says", to='["other"]'),
    "the inner half": alter("postings", 0, "inner", to="00" * 32),
    "a line": lambda proof: proof["postings"].pop(2),
    "the last line": lambda proof: proof["postings"].pop(),
    "the owner": alter("is", 1, to="resident:other"),
    "the account": alter("account", to=1),
    "the path": lambda proof: proof["path"].append(["left", "00" * 32]),
    "the root": alter("root", "root", to="00" * 32),
    "the time": alter("root", "at", to=0),
    "the signature": alter("root", "signature", to="00" * 64),
    "the key": alter("root", "public_key", to="00" * 31),
    "the format": alter("format", to="other/2"),
}


@pytest.mark.parametrize("what", ALTERED)
def test_a_statement_does_not_hold_with_another(tmp_path: Path, proof: dict[str, Any], what: str):
    ALTERED[what](altered := deepcopy(proof))
    code, said = checked(tmp_path, altered)
    assert code == 1
    assert said.startswith("WRONG: ")


def test_a_statement_signed_by_somebody_else_does_not_hold(tmp_path: Path, proof: dict[str, Any]):
    assert checked(tmp_path, proof, "11" * 32)[0] == 1


@pytest.mark.parametrize("nonsense", [[], {}, {"format": "green-ledger/proof/1"}, "text", None])
def test_a_file_that_is_no_statement_is_said_to_be_none(tmp_path: Path, nonsense: object):
    code, said = checked(tmp_path, nonsense)
    assert code in {1, 2}
    assert "statement" in said


def test_a_statement_names_nobody_else(bank: Bank, someone: AccountRef, proof: dict[str, Any]):
    """L23: no owner, no balance and no inner half of anything."""
    said = json.dumps(proof)
    owners = bank.session.execute(text("SELECT owner FROM ledger_account")).scalars()
    assert [owner for owner in owners if owner != someone.owner and owner in said] == []
    assert bank.prefix not in said
    assert "expired:" not in said


def test_an_account_without_a_published_head_has_no_statement(bank: Bank):
    fresh = a_resident()
    assert roots.proof_of(bank.session, fresh) is None
    bank.grant(fresh, 5)
    assert roots.proof_of(bank.session, fresh) is None


def test_roots_are_read_newest_first(bank: Bank):
    newest, oldest = roots.recent(bank.session)
    assert (newest.position, oldest.position) == (2, 1)
    assert roots.recent(bank.session, before=2) == [oldest]
    assert roots.as_json(newest)["previous"] == roots.follows(oldest).hex()


def test_the_hours_job_signs_what_has_moved(bank: Bank):
    jobs.publish_root(bank.session)
    newest = roots.latest(bank.session)
    assert newest is not None
    assert newest.position == 3
    assert verify.first_bad(bank.session) is None


def test_the_days_pass_goes_on_until_nothing_is_due(bank: Bank, session: Session):
    someone = a_resident()
    bank.grant(someone, 5, days=3)
    with clock.at(clock.now() + timedelta(days=4)):
        jobs.expire_lots(session)
        jobs.expire_batch(session, in_days(0).isoformat())
        jobs.expire_batch(session, in_days(0).isoformat())
    promised = session.execute(text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'ledger.expire_batch'"))
    assert promised.scalar_one() == 2
    (programme,) = [one for one in queries.books(session).programmes if one.owner == bank.fund.owner]
    assert programme.expired == 35


def test_the_minutes_job_releases_what_was_reserved_until_now(bank: Bank, session: Session):
    someone = a_resident()
    bank.grant(someone, 5)
    bank.hold(someone, 5, hours=1)
    with clock.at(clock.now() + timedelta(hours=1)):
        jobs.expire_pending(session)
    bank.spend(someone, 5, key=str(uuid4()))
