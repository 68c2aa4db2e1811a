"""Messages that leave: the six digits of a sign-in or of a guardian, and that there is news; and what is too old to keep."""

from collections.abc import Mapping
from uuid import UUID

from sqlmodel import Session

from backend.accounts.residents import codes, queries
from backend.accounts.residents import service as residents
from backend.accounts.residents.rules import CODE_LIFE, CodePurpose, resident_in
from backend.core.actor import SYSTEM
from backend.core.errors import N_
from backend.jobs.service import every, job
from backend.notices import service, sms
from backend.notices.models import Notice
from backend.notices.service import TEXT_JOB
from backend.notices.texts import RESIDENT_SMS_SENTENCE
from backend.web.templates import translate

TEXTS: Mapping[CodePurpose, str] = {
    CodePurpose.SIGN_IN: N_("%(code)s is your code for Green Tianshui, for %(minutes)s minutes. Tell it to nobody."),
    CodePurpose.GUARDIAN: N_(
        "%(code)s: a child under 14 wants to collect points on Green Tianshui and named you as guardian. Enter the code "
        "only if you agree; it works for %(minutes)s minutes."
    ),
}


@job(codes.SEND_JOB)
def send_code(session: Session, code_id: str) -> None:
    """Send the digits once; a code that has died in the meantime is not sent."""
    outgoing = codes.open_for_sending(session, UUID(code_id))
    if outgoing is None:
        return
    minutes = int(CODE_LIFE.total_seconds()) // 60
    text = translate(outgoing.language.value, TEXTS[outgoing.purpose], code=outgoing.code, minutes=minutes)
    sms.provider().send(outgoing.phone, text, reference=code_id)


@job(TEXT_JOB)
def text_resident(session: Session, notice_id: str) -> None:
    """Send the one generic sentence, unless the agreement ended or the notice was read in the meantime."""
    notice = session.get(Notice, UUID(notice_id))
    resident_id = resident_in(notice.subject) if notice and notice.read_at is None else None
    if resident_id is None or not queries.tellable(session, [resident_id]).get(resident_id):
        return
    language = queries.profile_of(session, resident_id).language
    phone = residents.phone_of(session, SYSTEM, resident_id, reason="news by SMS")
    if phone is not None:
        sms.provider().send(phone, translate(language.value, RESIDENT_SMS_SENTENCE), reference=notice_id)


@every("53 3 * * *", "notices.sweep")
def sweep(session: Session) -> None:
    """Remove what was told so long ago that it is kept no longer."""
    service.sweep(session)
