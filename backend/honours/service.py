"""What is done with applications for green titles: made, taken back, proposed by one, granted by another, withdrawn."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select, update

from backend.accounts.residents.parts import exports, forgets
from backend.accounts.residents.rules import subject_of
from backend.audit import service as audit
from backend.cities import City
from backend.cities.programmes import Honour
from backend.core import clock
from backend.core.actor import Actor
from backend.core.errors import N_, Invalid
from backend.honours import errors, queries, rules
from backend.honours.models import HonourApplication, HonourEvent
from backend.honours.rules import NEEDS_REASON, UNDECIDED, Answer, State, Step
from backend.honours.schemas import Apply, Decide
from backend.notices import service as notices
from backend.notices.texts import NoticeCode

NEWS = {
    Step.GRANT: NoticeCode.HONOUR_GRANTED,
    Step.REFUSE: NoticeCode.HONOUR_REFUSED,
    Step.REVOKE: NoticeCode.HONOUR_REVOKED,
}
FORGOTTEN = "—"
"""What stands for a name that was taken back with its account."""


def check(honour: Honour, said: Sequence[str], counts: Mapping[str, int]) -> list[Answer]:
    """Say what of a title's criteria is met; nothing is kept."""
    return rules.check(honour.criteria, frozenset(said), counts)


def is_enough(honour: Honour, answers: Sequence[Answer]) -> bool:
    """Whether so much is met that one can apply."""
    return sum(answer.is_met for answer in answers) >= honour.least_met


def apply(session: Session, city: City, actor: Actor, form: Apply, counts: Mapping[str, int]) -> HonourApplication:
    """Apply for a title. The same form again is the same application; another one under its id is refused."""
    assert actor.id is not None
    honour = queries.honour_of(city, form.honour)
    _check_place(city, form)
    digest = hashlib.sha256(json.dumps([str(actor.id), form.model_dump(mode="json")]).encode()).digest()
    if (known := session.get(HonourApplication, form.id)) is not None:
        return _same(known, digest)
    answers = check(honour, form.said, counts)
    if not is_enough(honour, answers):
        raise errors.CriteriaNotMet(fields={"said": errors.CriteriaNotMet.message})
    _refuse_a_second(session, actor.id, form.id, honour.code)
    inserted = session.execute(
        insert(HonourApplication)
        .values(
            id=form.id,
            body_digest=digest,
            honour=honour.code,
            criteria_version=honour.version,
            applicant_id=actor.id,
            shown_name=form.shown_name,
            is_public=form.is_public or not honour.is_private,
            county_code=form.county_code,
            township_code=form.township_code or None,
            answers=[asdict(answer) for answer in answers],
            words=form.words,
            applied_at=clock.now(),
            state=State.APPLIED,
            reason="",
            version=1,
        )
        .on_conflict_do_nothing()
        .returning(col(HonourApplication.id))
    ).first()
    application = session.get(HonourApplication, form.id)
    if inserted is None or application is None:
        # Someone was faster: the same form by another way, or another form for the same title.
        if application is None:
            raise errors.AlreadyRunning
        return _same(application, digest)
    _note(session, application, actor, "applied")
    return application


def take_back(session: Session, actor: Actor, application_id: UUID) -> HonourApplication:
    """Take one's own application back while it is not decided; twice is once."""
    application = _locked(session, application_id)
    if application.applicant_id != actor.id:
        raise errors.ApplicationUnknown
    if application.state is State.TAKEN_BACK:
        return application
    after = rules.next_state(application.state, Step.TAKE_BACK)
    if after is None:
        raise errors.StepNotAllowed
    application.state = after
    application.version += 1
    _note(session, application, actor, Step.TAKE_BACK.value)
    return application


def take_step(
    session: Session, city: City, actor: Actor, application_id: UUID, step: Step, form: Decide
) -> HonourApplication:
    """Take one step of the bureau's; whoever proposed a title cannot grant it, and the database holds to that as well."""
    application = _locked(session, application_id)
    if application.version != form.version:
        raise errors.ApplicationChanged
    after = rules.next_state(application.state, step)
    if after is None or step is Step.TAKE_BACK:
        raise errors.StepNotAllowed
    if step in NEEDS_REASON and not form.reason:
        raise errors.ReasonMissing(fields={"reason": errors.ReasonMissing.message})
    if step is Step.GRANT and application.proposed_by == actor.id:
        raise errors.SecondPersonNeeded
    _enter(city, application, actor, step, form.reason)
    application.state = after
    application.version += 1
    session.flush()
    if step is Step.GRANT:
        _end_older(session, application)
    _note(session, application, actor, step.value, form.reason)
    _tell(session, city, application, step)
    audit.record(
        session, actor, f"honour_{step.value}", f"honour_application:{application.id}", honour=application.honour
    )
    return application


@exports("honours")
def what_i_applied_for(session: Session, resident_id: UUID) -> list[dict[str, object]]:
    """Return a resident's applications for the file of their own data."""
    return [
        one.model_dump(mode="json", include={"honour", "shown_name", "is_public", "answers", "words", "applied_at",
                                             "state", "granted_on", "valid_until", "reason"})
        for one in queries.mine(session, resident_id)
    ]  # fmt: skip


@forgets("honours")
def wipe(session: Session, actor: Actor) -> None:
    """Take back what is not decided, and take the name of a person who leaves off the list and out of the rows."""
    assert actor.id is not None
    mine = select(HonourApplication).where(HonourApplication.applicant_id == actor.id)
    for application in session.exec(mine.order_by(col(HonourApplication.id)).with_for_update()):
        if application.state in UNDECIDED:
            application.state = State.TAKEN_BACK
        application.shown_name, application.words, application.is_public = FORGOTTEN, "", False
        application.version += 1
    session.flush()


def _enter(city: City, application: HonourApplication, actor: Actor, step: Step, reason: str) -> None:
    """Write down what a step means besides its state."""
    match step:
        case Step.PROPOSE:
            application.proposed_by = actor.id
        case Step.SEND_BACK:
            application.proposed_by = None
        case Step.GRANT:
            honour = queries.honour_of(city, application.honour)
            application.decided_by, application.granted_on = actor.id, clock.today()
            application.valid_until = rules.months_later(clock.today(), honour.valid_months)
        case Step.REFUSE | Step.REVOKE:
            application.decided_by, application.reason = actor.id, reason
        case Step.TAKE_BACK:
            pass


def _tell(session: Session, city: City, application: HonourApplication, step: Step) -> None:
    """Tell the applicant what was decided; the steps in between are the bureau's own."""
    if (code := NEWS.get(step)) is None:
        return
    honour = queries.honour_of(city, application.honour)
    values = {"title_zh": honour.name("zh"), "title_en": honour.name("en")}
    if step is Step.GRANT and application.valid_until is not None:
        values["until_on"] = application.valid_until.isoformat()
    notices.tell(session, [subject_of(application.applicant_id)], code, **values)


def _end_older(session: Session, application: HonourApplication) -> None:
    """End an earlier title that this one renews, so that a name stands on the list once."""
    session.execute(
        update(HonourApplication)
        .where(
            *queries.holding(),
            col(HonourApplication.applicant_id) == application.applicant_id,
            col(HonourApplication.honour) == application.honour,
            col(HonourApplication.id) != application.id,
        )
        .values(valid_until=clock.today() - timedelta(days=1))
    )


def _refuse_a_second(session: Session, applicant_id: UUID, application_id: UUID, honour: str) -> None:
    for one in queries.mine(session, applicant_id):
        # One of the same id was made by the same form in this very moment: the insert will find it.
        if one.honour != honour or one.id == application_id:
            continue
        holds = rules.is_valid(one.state, one.valid_until, clock.today())
        if one.state in UNDECIDED or (
            holds and one.valid_until and not rules.may_renew(one.valid_until, clock.today())
        ):
            raise errors.AlreadyRunning


def _same(known: HonourApplication, digest: bytes) -> HonourApplication:
    if known.body_digest != digest:
        raise errors.OtherContent
    return known


def _check_place(city: City, form: Apply) -> None:
    counties = {county.code: county for county in city.counties}
    if form.county_code not in counties:
        raise Invalid(fields={"county_code": N_("Choose a district or county.")})
    townships = {township.code for township in counties[form.county_code].townships}
    if form.township_code and form.township_code not in townships:
        raise Invalid(fields={"county_code": N_("This town is not in the district or county.")})


def _note(session: Session, application: HonourApplication, actor: Actor, action: str, reason: str = "") -> None:
    name = actor.name if actor.kind == "staff" else ""
    session.add(
        HonourEvent(
            application_id=application.id,
            at=clock.now(),
            actor=actor.label,
            actor_name=name,
            action=action,
            reason=reason,
        )
    )
    session.flush()


def _locked(session: Session, application_id: UUID) -> HonourApplication:
    query = select(HonourApplication).where(HonourApplication.id == application_id).with_for_update()
    found = session.exec(query.execution_options(populate_existing=True)).first()
    if found is None:
        raise errors.ApplicationUnknown
    return found
