"""Work that follows a step: the text message to a reporter who left a number."""

from typing import TYPE_CHECKING, cast
from uuid import UUID

from sqlmodel import Session

from backend.core.actor import SYSTEM
from backend.jobs.service import job
from backend.notices import sms
from backend.notices.texts import SMS_SENTENCE
from backend.reports import queries, rules
from backend.vault import service as vault
from backend.web.templates import translate

if TYPE_CHECKING:
    from backend.web.preferences import Lang


@job("cases.text_reporter")
def text_reporter(session: Session, report_id: str, number: str, reference: str) -> None:
    """Send the one generic sentence; the number is opened for this and the opening is recorded."""
    report = queries.by_id(session, UUID(report_id))
    subject = rules.owner_of(report.id)
    phone = vault.open_for_notifier(session, SYSTEM, subject, "phone", reason="progress by SMS")
    if phone is not None:
        sms.provider().send(
            phone, translate(cast("Lang", report.language), SMS_SENTENCE, number=number), reference=reference
        )
