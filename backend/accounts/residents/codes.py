"""Six digits by SMS: asked for, sent, and spent once (S-05, S-06, S-07).

Whether a number belongs to an account is never looked at here, so nothing can tell. Caps stand in the database and are
taken in transactions of their own: they hold over processes, restarts and whatever fails afterwards.
"""

import secrets
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import case, update
from sqlmodel import Session, col, delete, or_, select

from backend.accounts.residents import rules, sealing
from backend.accounts.residents.errors import PhoneInvalid
from backend.accounts.residents.models import SmsCode
from backend.accounts.residents.rules import CODE_LIFE, CODE_TRIES, CodePurpose, Language
from backend.core import clock
from backend.core.config import Environment, get_settings
from backend.core.ids import new_id
from backend.core.phones import masked, read_phone
from backend.jobs import service as jobs
from backend.web import ratelimit
from backend.web.addresses import is_this_machine

SEND_JOB = "notices.send_code"
"""Performed by a higher floor, which knows how messages leave."""


class Spent(NamedTuple):
    """A code that was right: the number it proves."""

    phone: str
    phone_digest: bytes
    resident_id: UUID | None


class Outgoing(NamedTuple):
    """What the one text message needs."""

    phone: str
    code: str
    purpose: CodePurpose
    language: Language


def request_code(
    session: Session,
    phone: str,
    *,
    network: str,
    language: Language,
    purpose: CodePurpose = CodePurpose.SIGN_IN,
    resident_id: UUID | None = None,
) -> str:
    """Promise a code to `phone`; return the token by which the browser that asked is known again."""
    number = read_phone(phone)
    if number is None:
        raise PhoneInvalid(fields={"phone": PhoneInvalid.message})
    digest = sealing.digest_of(number)
    _take_caps(digest, network)
    now, code_id, code, browser = clock.now(), new_id(), rules.new_code(), secrets.token_urlsafe(32)
    # The old one dies, in whichever browser it waits.
    earlier = col(SmsCode.phone_digest) == digest, col(SmsCode.purpose) == purpose, col(SmsCode.expires_at) > now
    session.execute(update(SmsCode).where(*earlier).values(expires_at=now, code_sealed=None))
    session.add(
        SmsCode(
            id=code_id,
            purpose=purpose,
            resident_id=resident_id,
            phone_digest=digest,
            phone_sealed=sealing.seal_phone(number, "sms_code", code_id),
            browser_digest=sealing.browser_digest(browser),
            code_digest=sealing.code_digest(code, code_id),
            code_sealed=sealing.seal_code(code, code_id),
            language=language,
            issued_at=now,
            expires_at=now + CODE_LIFE,
        )
    )
    session.flush()
    jobs.defer(session, SEND_JOB, code_id=str(code_id))
    return browser


def _take_caps(phone_digest: bytes, network: str) -> None:
    """Raise where the number, the neighbourhood or everybody together has had enough."""
    settings = get_settings()
    ratelimit.use("sms_number", phone_digest.hex())
    # Whoever tries the demo city does it from the machine it runs on, as many people at once, and no message leaves.
    is_tester = settings.env is not Environment.PRODUCTION and is_this_machine(network)
    if not is_tester:
        ratelimit.use("sms_network", network, ((settings.sms_network_hourly, ratelimit.HOUR),))
    ratelimit.spend("sms", settings.sms_daily_budget)


def open_for_sending(session: Session, code_id: UUID) -> Outgoing | None:
    """Return what is to be sent and forget the digits, or `None` for a code that is sent, used or too old."""
    row = session.get(SmsCode, code_id, with_for_update=True)
    if row is None or row.code_sealed is None or row.used_at is not None or row.expires_at <= clock.now():
        return None
    phone, code = sealing.open_phone(row.phone_sealed, "sms_code", row.id), sealing.open_code(row.code_sealed, row.id)
    row.code_sealed = None
    session.flush()
    return Outgoing(phone, code, row.purpose, row.language)


def spend(
    session: Session, *, browser: str, code: str, purpose: CodePurpose, resident_id: UUID | None = None
) -> Spent | None:
    """Return what the code proves, or `None`; a wrong one has to be committed too, because tries are counted here."""
    waiting = _waiting(session, browser, purpose)
    if waiting is None:
        return None
    # Taking a cap is a transaction of its own: until then the connection belongs to others.
    session.rollback()
    ratelimit.use("sms_tries", waiting.phone_digest.hex())
    now, given = clock.now(), rules.read_code(code)
    digest = sealing.code_digest(given, waiting.id) if given else b""
    # One statement counts and uses: of many at the same moment a single one finds the code unused.
    row = session.execute(
        update(SmsCode)
        .where(
            col(SmsCode.id) == waiting.id,
            col(SmsCode.used_at).is_(None),
            col(SmsCode.tries) < CODE_TRIES,
            col(SmsCode.expires_at) > now,
            col(SmsCode.resident_id).is_not_distinct_from(resident_id),
        )
        .values(
            tries=col(SmsCode.tries) + 1,
            used_at=case((col(SmsCode.code_digest) == digest, now), else_=None),
        )
        .returning(col(SmsCode.used_at))
    ).first()
    if row is None or row.used_at is None:
        return None
    phone = sealing.open_phone(waiting.phone_sealed, "sms_code", waiting.id)
    return Spent(phone, waiting.phone_digest, resident_id)


def shown_phone(session: Session, browser: str | None, purpose: CodePurpose) -> str | None:
    """Return the masked number to which this browser had a code sent, so that a typing mistake is seen."""
    waiting = _waiting(session, browser, purpose) if browser else None
    if waiting is None or waiting.expires_at <= clock.now():
        return None
    return masked(sealing.open_phone(waiting.phone_sealed, "sms_code", waiting.id))


class _Waiting(NamedTuple):
    id: UUID
    phone_digest: bytes
    phone_sealed: bytes
    expires_at: datetime


def _waiting(session: Session, browser: str, purpose: CodePurpose) -> _Waiting | None:
    row = session.execute(
        select(SmsCode.id, SmsCode.phone_digest, SmsCode.phone_sealed, SmsCode.expires_at).where(
            col(SmsCode.browser_digest) == sealing.browser_digest(browser), col(SmsCode.purpose) == purpose
        )
    ).first()
    return _Waiting(*row) if row else None


def sweep(session: Session) -> None:
    """Remove codes whose time is over; how many there were stands in the windows, not here."""
    session.execute(delete(SmsCode).where(col(SmsCode.expires_at) <= clock.now()))


def forget(session: Session, resident_id: UUID, phone_digest: bytes | None) -> None:
    """Remove every code that was meant for a resident, or for the number of one."""
    mine = or_(col(SmsCode.resident_id) == resident_id, col(SmsCode.phone_digest) == phone_digest)
    session.execute(delete(SmsCode).where(mine))
