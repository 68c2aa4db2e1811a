"""What came in before cases were found by words is found afterwards, as if it had come in today (S-90)."""

import pytest
from alembic import command
from sqlalchemy import text

from backend.core.db import session_scope
from backend.migrations import runner
from tests.factories.reports import send

FOUND_BY = text("SELECT case_id, opened_at, words::text FROM case_words ORDER BY case_id")


@pytest.mark.usefixtures("own_engine")
def test_older_cases_are_found_by_the_same_words() -> None:
    with session_scope() as session:
        first = send(session, words="河边偷排污水", landmark="桥南", lat=34.57, lon=105.89)
        send(session, words="今天又看见罐车", lat=34.57, lon=105.89, joins=first.case.number)
        send(session, words="夜里太吵", kind="noise")
    with session_scope() as session:
        before = session.execute(FOUND_BY).all()
    command.downgrade(runner.config(), "0010")
    command.upgrade(runner.config(), "head")
    with session_scope() as session:
        assert session.execute(FOUND_BY).all() == before
    assert len(before) == 2
    assert "罐车" in str(before)
