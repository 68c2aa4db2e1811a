"""What is sealed is not in the database, and is opened only in writing."""

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from backend.audit.models import AuditEntry
from backend.core.actor import SYSTEM
from backend.core.crypto import SealBroken
from backend.vault import service

PHONE = "13893800001"


def put(session: Session, subject: str, phone: str = PHONE) -> None:
    service.put(session, subject, "phone", phone, purpose="progress by SMS", consent_version="test")


def opened(session: Session, subject: str) -> str | None:
    return service.open_for_notifier(session, SYSTEM, subject, "phone", reason="test")


def test_a_sealed_phone_is_in_no_column_and_opens_for_the_notifier(session: Session):
    put(session, "report:1")
    dump = session.execute(
        text("SELECT row_to_json(f)::text || row_to_json(k)::text FROM sealed_fact f, key_envelope k")
    )
    stored = " ".join(dump.scalars())
    assert PHONE not in stored
    assert PHONE.encode().hex() not in stored
    assert opened(session, "report:1") == PHONE
    assert opened(session, "report:2") is None


def test_each_opening_is_recorded_without_the_value(session: Session):
    put(session, "report:1")
    opened(session, "report:1")
    entry = session.exec(select(AuditEntry).where(AuditEntry.action == "vault_opened")).one()
    assert entry.subject == "report:1"
    assert PHONE not in str(entry.facts)


def test_a_later_number_replaces_the_first(session: Session):
    put(session, "report:1")
    put(session, "report:1", "13893800002")
    assert opened(session, "report:1") == "13893800002"


def test_what_is_sealed_for_one_row_does_not_open_in_another(session: Session):
    put(session, "report:1")
    session.execute(text("UPDATE sealed_fact SET subject = 'report:2'"))
    with pytest.raises(SealBroken):
        opened(session, "report:2")


def test_what_is_shredded_is_gone(session: Session):
    put(session, "report:1")
    service.shred(session, "report:1")
    assert opened(session, "report:1") is None
    assert service.subjects_with(session, ["report:1"], "phone") == []
