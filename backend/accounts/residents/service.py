"""What a resident does with the account: sign in, tell the age, agree, take back, take along, leave."""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Boolean, literal_column, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from backend.accounts.residents import codes, parts, queries, rules, sealing
from backend.accounts.residents.errors import (
    AgeKnown,
    AgeNotTold,
    AgreementNeeded,
    ConsentNotOptional,
    GuardianInvalid,
    GuardianNeeded,
    NoGuardianNeeded,
    PointsConsentNeeded,
)
from backend.accounts.residents.models import Consent, Guardian, Resident
from backend.accounts.residents.parts import Carried
from backend.accounts.residents.rules import VERSIONS, AgeGroup, CodePurpose, Language, Purpose, Standing
from backend.audit import service as audit
from backend.core import clock
from backend.core.actor import SYSTEM, Actor
from backend.core.errors import NotFound
from backend.core.ids import new_id
from backend.core.phones import read_phone
from backend.web import sessions
from backend.web.sessions import Audience


class Welcomed(NamedTuple):
    """Who signed in, and whether the account was made by it."""

    actor: Actor
    is_new: bool


def sign_in(session: Session, *, browser: str | None, code: str, language: Language) -> Welcomed | None:
    """Return who signed in by the code that was sent to this browser's number, or `None`; the refusal is committed."""
    spent = codes.spend(session, browser=browser, code=code, purpose=CodePurpose.SIGN_IN) if browser else None
    if spent is None:
        audit.record(session, SYSTEM, "sign_in_refused", rules.subject_of("unknown"))
        return None
    resident, is_new = take_in(session, spent.phone, language=language)
    actor = queries.actor_of(resident)
    audit.record(session, actor, "signed_in", rules.subject_of(resident.id))
    return Welcomed(actor, is_new)


def take_in(
    session: Session, phone: str, *, language: Language, nickname: str | None = None, is_demo: bool = False
) -> tuple[Resident, bool]:
    """Return the account of a proven number, made now where there is none; of two at once one makes it."""
    resident_id = new_id()
    row = session.execute(
        insert(Resident)
        .values(
            id=resident_id,
            phone_digest=sealing.digest_of(phone),
            phone_sealed=sealing.seal_phone(phone, "resident", resident_id),
            nickname=rules.read_nickname(nickname) if nickname else rules.new_nickname(language),
            language=language,
            is_demo=is_demo,
            created_at=clock.now(),
        )
        # The row that is met stays as it is; naming it in an update locks it against a deletion beside this.
        .on_conflict_do_update(index_elements=["phone_digest"], set_={"phone_digest": sealing.digest_of(phone)})
        .returning(col(Resident.id), literal_column("xmax = 0", Boolean).label("is_new"))
    ).one()
    resident = session.get_one(Resident, row.id, populate_existing=True)
    if row.is_new:
        audit.record(session, queries.actor_of(resident), "resident_added", rules.subject_of(resident.id))
    return resident, bool(row.is_new)


def introduce(
    session: Session,
    actor: Actor,
    *,
    age_group: AgeGroup,
    birth_year: int | None,
    consents: Collection[Purpose],
    nickname: str | None = None,
) -> None:
    """Finish the first sign-in: age, agreement and, if wished, a nickname. The age is told once."""
    resident = _locked(session, actor)
    if resident.age_group is not None:
        raise AgeKnown
    if Purpose.ACCOUNT not in consents:
        raise AgreementNeeded(fields={"account": AgreementNeeded.message})
    resident.birth_year = rules.check_age(age_group, birth_year, clock.today())
    resident.age_group = age_group
    if nickname:
        resident.nickname = rules.read_nickname(nickname)
    session.flush()
    for purpose in (Purpose.ACCOUNT, *rules.OPTIONAL):
        if purpose in consents:
            give_consent(session, actor, purpose)


def rename(session: Session, actor: Actor, nickname: str, language: Language | None = None) -> None:
    """Take another nickname, or another language for text messages."""
    resident = _locked(session, actor)
    resident.nickname = rules.read_nickname(nickname)
    if language is not None:
        resident.language = language
    session.flush()


def give_consent(session: Session, actor: Actor, purpose: Purpose) -> None:
    """Note the agreement to the version that is shown now; what is agreed to already is not noted twice."""
    resident = _locked(session, actor)
    live = queries.live_consents(session, resident.id).get(purpose)
    if live and live.version == VERSIONS[purpose]:
        return
    now = clock.now()
    if live:
        live.withdrawn_at = now
        session.flush()
    version = VERSIONS[purpose]
    session.add(Consent(id=new_id(), resident_id=resident.id, purpose=purpose, version=version, given_at=now))
    session.flush()
    audit.record(session, actor, "consent_given", rules.subject_of(resident.id), purpose=purpose.value, version=version)


def withdraw_consent(session: Session, actor: Actor, purpose: Purpose) -> None:
    """Take an agreement back; what was earned stays, nothing new is kept. Again: nothing happens."""
    resident = _locked(session, actor)
    live = queries.live_consents(session, resident.id).get(purpose)
    if live is None:
        return
    live.withdrawn_at = clock.now()
    session.flush()
    if purpose is Purpose.GUARDIAN:
        _end_guardian(session, resident.id)
    audit.record(session, actor, "consent_withdrawn", rules.subject_of(resident.id), purpose=purpose.value)


def choose_consent(session: Session, actor: Actor, purpose: Purpose, *, given: bool) -> None:
    """Agree to something optional, or take back anything but the account itself, which is deleted instead."""
    if purpose is Purpose.ACCOUNT or (given and purpose not in rules.OPTIONAL):
        raise ConsentNotOptional
    (give_consent if given else withdraw_consent)(session, actor, purpose)


def request_guardian_code(session: Session, actor: Actor, phone: str, *, network: str, language: Language) -> str:
    """Send a code to the guardian's number; return the token of the browser that asked."""
    assert actor.id is not None
    profile = queries.profile_of(session, actor.id)
    if not profile.needs_guardian or profile.guardian_phone:
        raise NoGuardianNeeded
    number = read_phone(phone)
    if number and queries.resident_by_phone(session, number) == actor.id:
        raise GuardianInvalid(fields={"phone": GuardianInvalid.message})
    session.rollback()
    return codes.request_code(
        session, phone, network=network, language=language, purpose=CodePurpose.GUARDIAN, resident_id=actor.id
    )


def confirm_guardian(session: Session, actor: Actor, *, browser: str | None, code: str) -> bool:
    """Note the guardian's agreement, proven by the code that went to the guardian's number; else `False`, committed."""
    spent = (
        codes.spend(session, browser=browser, code=code, purpose=CodePurpose.GUARDIAN, resident_id=actor.id)
        if browser
        else None
    )
    if spent is None:
        return False
    agree_as_guardian(session, actor, spent.phone)
    return True


def agree_as_guardian(session: Session, actor: Actor, phone: str) -> None:
    """Note that the holder of a proven number agrees; `actor` is the child."""
    resident, digest = _locked(session, actor), sealing.digest_of(phone)
    if queries.guardian_of(session, resident.id) is not None:
        raise NoGuardianNeeded
    # Only whoever holds the number learns this, so it tells a stranger nothing.
    others = select(Resident.age_group).where(col(Resident.phone_digest) == digest)
    if session.exec(others).first() is AgeGroup.MINOR or digest == resident.phone_digest:
        raise GuardianInvalid
    guardian_id = new_id()
    session.add(
        Guardian(
            id=guardian_id,
            resident_id=resident.id,
            phone_digest=digest,
            phone_sealed=sealing.seal_phone(phone, "guardian", guardian_id),
            confirmed_at=clock.now(),
        )
    )
    session.flush()
    give_consent(session, actor, Purpose.GUARDIAN)


def require_earning(session: Session, resident_id: UUID) -> None:
    """Raise unless the resident can be given points; the error says what is missing."""
    profile = queries.profile_of(session, resident_id)
    if profile.may_earn:
        return
    if profile.standing is Standing.NEW or Purpose.ACCOUNT not in profile.consents:
        raise AgeNotTold
    if profile.standing is Standing.WAITING:
        raise GuardianNeeded
    raise PointsConsentNeeded


def sign_out_everywhere(session: Session, actor: Actor) -> None:
    """End every session of the resident, in every browser."""
    assert actor.id is not None
    sessions.end_all(session, Audience.RESIDENT, actor.id)
    audit.record(session, actor, "signed_out_everywhere", actor.label)


def carry_over(session: Session, actor: Actor, ids: Sequence[UUID]) -> Carried:
    """Give the resident what this device logged before the sign-in, and only that; again: the same answer, no new effect."""
    parts_of_it = [carrier(session, actor, ids) for carrier in parts.carriers()]
    taken = frozenset[UUID]().union(*(one.taken for one in parts_of_it))
    if taken:
        audit.record(session, actor, "history_carried_over", actor.label, count=len(taken))
    return Carried(taken, frozenset[UUID]().union(*(one.before for one in parts_of_it)))


def delete(session: Session, actor: Actor, *, by: Actor | None = None) -> None:
    """Wipe what names the resident, end every session, take back every agreement; the random id stays (S-86)."""
    resident = session.get(Resident, actor.id, with_for_update=True, populate_existing=True)
    if resident is None or resident.deleted_at is not None:
        return
    for forget in parts.forgetters():
        forget(session, actor)
    now = clock.now()
    mine = col(Consent.resident_id) == resident.id, col(Consent.withdrawn_at).is_(None)
    session.execute(update(Consent).where(*mine).values(withdrawn_at=now))
    _end_guardian(session, resident.id)
    codes.forget(session, resident.id, resident.phone_digest)
    resident.phone_digest = resident.phone_sealed = resident.age_group = resident.birth_year = None
    resident.nickname, resident.deleted_at = "", now
    session.flush()
    sessions.end_all(session, Audience.RESIDENT, resident.id)
    audit.record(session, by or actor, "resident_deleted", rules.subject_of(resident.id))


def delete_unfinished(session: Session) -> None:
    """Delete accounts that were never finished, and children's without a guardian: nobody agreed that they are kept."""
    for resident in queries.unfinished(session, clock.now() - rules.UNFINISHED_LIFE):
        delete(session, queries.actor_of(resident), by=SYSTEM)


def phone_of(session: Session, actor: Actor, resident_id: UUID, *, reason: str) -> str | None:
    """Open a resident's number in order to send a message; the opening is recorded. `None` for a deleted account."""
    resident = session.get(Resident, resident_id)
    if resident is None or resident.phone_sealed is None:
        return None
    audit.record(session, actor, "phone_opened", rules.subject_of(resident_id), reason=reason)
    return sealing.open_phone(resident.phone_sealed, "resident", resident.id)


def grow_up(session: Session) -> None:
    """Forget the birth years of those who are of age by now."""
    last = clock.today().year - rules.OF_AGE - 1
    grown = col(Resident.birth_year) <= last
    session.execute(update(Resident).where(grown).values(age_group=AgeGroup.ADULT, birth_year=None))


def _end_guardian(session: Session, resident_id: UUID) -> None:
    live = col(Guardian.resident_id) == resident_id, col(Guardian.ended_at).is_(None)
    wiped = {"ended_at": clock.now(), "phone_sealed": None, "phone_digest": None}
    session.execute(update(Guardian).where(*live).values(wiped))


def _locked(session: Session, actor: Actor) -> Resident:
    resident = session.get(Resident, actor.id, with_for_update=True, populate_existing=True)
    if resident is None or resident.deleted_at is not None:
        raise NotFound
    return resident
