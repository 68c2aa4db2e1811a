"""The audit record: the database refuses to change it, and `verify` finds what was changed all the same (S-36, S-37)."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlmodel import Session

from backend.audit import service
from backend.core.actor import SYSTEM


@pytest.fixture
def chain(session: Session) -> Session:
    """Seal five entries in two batches."""
    for number in range(5):
        service.record(session, SYSTEM, "tested", f"thing:{number}", number=number)
        if number == 2:
            assert service.seal(session) == 3
    assert service.seal(session) == 2
    assert service.seal(session) == 0
    return session


def without_triggers(session: Session, statement: str) -> None:
    """Do what only the owner of the database could."""
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(text(statement))
    session.execute(text("SET LOCAL session_replication_role = DEFAULT"))
    session.expire_all()


def test_a_sound_chain_verifies(chain: Session):
    assert service.verify(chain) is None


@pytest.mark.parametrize("table", ["audit_entry", "audit_seal", "audit_checkpoint", "case_event"])
@pytest.mark.parametrize("change", ["UPDATE {0} SET at = at", "DELETE FROM {0}", "TRUNCATE {0} CASCADE"])
def test_the_database_refuses_any_change(chain: Session, table: str, change: str):
    if table == "audit_seal" and change.startswith("UPDATE"):
        change = "UPDATE {0} SET position = position"
    with pytest.raises(ProgrammingError, match="never changed"), chain.begin_nested():
        chain.execute(text(change.format(table)))


# The chain starts at position 1 in every test, because each test is rolled back.
MUTATIONS = {
    "an edited entry": "UPDATE audit_entry SET action = 'forged' WHERE id = (SELECT entry_id FROM audit_seal WHERE position = 2)",
    "a deleted link": "DELETE FROM audit_seal WHERE position = 2",
    "a cut tail": "DELETE FROM audit_seal WHERE position > 3",
    "a swapped pair": "UPDATE audit_seal SET entry_id = CASE position WHEN 1 THEN -1 ELSE entry_id END",
    "a changed digest": "UPDATE audit_seal SET digest = decode(repeat('00', 32), 'hex') WHERE position = 5",
    "a forged checkpoint": "UPDATE audit_checkpoint SET signature = decode(repeat('00', 64), 'hex') WHERE position = 3",
    "a removed last checkpoint": "DELETE FROM audit_checkpoint WHERE position = 5",
    "a fork of the checkpoint": "UPDATE audit_checkpoint SET head = decode(repeat('00', 32), 'hex') WHERE position = 3",
}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_verify_names_what_was_changed(chain: Session, mutation: str):
    without_triggers(chain, MUTATIONS[mutation])
    found = service.verify(chain)
    assert found is not None
    assert "position" in found
