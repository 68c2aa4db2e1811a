"""The ledger's migration goes up and down with data in it, and up again (S-90)."""

from uuid import uuid4

import pytest
from alembic import command
from sqlalchemy import Engine, text

from backend.core.db import session_scope
from backend.ledger import verify
from backend.migrations import runner
from tests.factories.ledger import a_resident, make_bank
from tests.factories.reports import send

BEFORE = "SELECT (SELECT count(*) FROM report), (SELECT count(*) FROM audit_entry)"
LEFT = text(
    "SELECT (SELECT count(*) FROM pg_proc WHERE proname ~ '^(ledger|posting)_')"
    " + (SELECT count(*) FROM pg_class WHERE relname ~ '^(ledger|posting|lot|journal)' AND relkind IN ('r', 'i'))"
    " + (SELECT count(*) FROM pg_type WHERE typname ~ '^ledger')"
)


@pytest.mark.usefixtures("own_engine")
def test_the_ledger_comes_and_goes_with_data(own_engine: Engine):
    def fill() -> None:
        with session_scope() as session:
            bank = make_bank(session)
            someone = a_resident()
            bank.grant(someone, 30)
            bank.spend(someone, 10, key=uuid4().hex)
            assert verify.first_bad(session) is None

    with session_scope() as session:
        send(session)
    fill()
    with own_engine.connect() as connection:
        before = connection.execute(text(BEFORE)).one()
    command.downgrade(runner.config(), "0003-1")
    with own_engine.connect() as connection:
        assert connection.execute(LEFT).scalar_one() == 0
        assert connection.execute(text(BEFORE)).one() == before
    command.upgrade(runner.config(), "head")
    fill()
