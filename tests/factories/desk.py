"""The desk in words: an officer's browser that opens pages, takes steps and reads what came of them."""

import re
from dataclasses import dataclass, field
from typing import Any

from httpx2 import Response
from sqlmodel import Session, select
from starlette.testclient import TestClient

from backend.audit.models import AuditEntry
from backend.cases.models import Case, CaseEvent
from backend.core.actor import Role
from tests.factories.accounts import Member, make_staff, sign_in_as
from tests.factories.reports import Handed, send

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
ANSWER = "这件事由公安机关负责。"


@dataclass
class Desk:
    """One officer at the desk."""

    client: TestClient
    session: Session
    member: Member
    token: str = field(default="")

    def get(self, path: str) -> Response:
        """Open a page."""
        return self.client.get(path)

    def post(self, path: str, **form: Any) -> Response:
        """Send a form of the desk."""
        return self.client.post(path, data={"csrf_token": self.token, **form})

    def step(self, case: Case, step: str, **form: Any) -> Response:
        """Send the form of a step as the case's page shows it now, unless the test says otherwise."""
        return self.post(f"/bureau/cases/{case.number}/{step}", **{"version": self.now(case).version, **form})

    def call(self, path: str, **body: Any) -> Response:
        """Call the JSON interface."""
        return self.client.post(f"/api/v1/bureau{path}", json=body, headers={"x-csrf-token": self.token})

    def now(self, case: Case) -> Case:
        """Return the case as it stands in the database."""
        self.session.expire_all()
        return self.session.exec(select(Case).where(Case.number == case.number)).one()

    def events(self, case: Case) -> list[CaseEvent]:
        """Return what happened to the case."""
        self.session.expire_all()
        return list(self.session.exec(select(CaseEvent).where(CaseEvent.case_id == case.id)))

    def recorded(self, action: str) -> list[AuditEntry]:
        """Return the record's entries of one action."""
        self.session.expire_all()
        return list(self.session.exec(select(AuditEntry).where(AuditEntry.action == action)))


def sit_down(
    client: TestClient, session: Session, role: Role = Role.COUNTY_OFFICER, county_code: str | None = "620503"
) -> Desk:
    """Sign an officer in (of Maiji unless the test says otherwise); pages are in English, which is the source language."""
    member = make_staff(session, role, county_code)
    sign_in_as(client, session, member)
    client.headers["accept-language"] = "en"
    found = _TOKEN.search(client.get(member.actor.desk).text)
    assert found
    return Desk(client, session, member, found[1])


def arrive(session: Session, **changes: Any) -> Handed:
    """Let a report come in, so that requests see it."""
    received = send(session, **changes)
    session.commit()
    return received
