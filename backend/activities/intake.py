"""The way in for what a resident logs: which proof it brings, what the proof looks like, then the books."""

from uuid import UUID

from sqlmodel import Session

from backend.activities import booking, errors, groups, photos, rules, service, sites
from backend.activities.booking import Proof
from backend.activities.models import Activity
from backend.activities.schemas import LogActivity, Logged
from backend.cities import City
from backend.cities.behaviours import Behaviour
from backend.core import clock
from backend.core.actor import Actor

NOT_OF_OTHERS = frozenset(rules.CLAIMABLE)


def log(session: Session, city: City, actor: Actor, form: LogActivity) -> Logged:
    """Log a behaviour for the resident who acts, or for an elder of the household."""
    owner = groups.owner_of(session, actor, form.for_id)
    if not form.code and not form.photo_ids:
        return _record(session, city, actor, form, owner)
    # A code is stale and a photo taken when the same thing is sent again: what is there is the answer.
    found = session.get(Activity, form.id, populate_existing=True)
    if found is not None:
        if found.body_digest != booking.digest_of(form, owner):
            raise errors.ActivityIdReused
        return Logged(found, is_new=False, left=0)
    with session.begin_nested() as step:
        logged = _record(session, city, actor, form, owner)
        if logged.activity is None:
            # A full cap keeps neither the photo nor the turn of the code.
            step.rollback()
    return logged


def log_before_sign_in(session: Session, city: City, form: LogActivity) -> Activity:
    """Keep what somebody says without an account; only what needs no proof but the word."""
    behaviour = booking.find_behaviour(city, form.behaviour, clock.today())
    if "self" not in behaviour.evidence or (form.evidence or "self") != "self":
        raise errors.EvidenceNotEnough
    return service.record_unclaimed(session, city, booking.entry_of(city, form, "nobody", Proof("self")))


def easiest(behaviour: Behaviour) -> str | None:
    """Return the easiest proof that a resident can bring; `None` where somebody else has to."""
    return next((kind for kind in rules.CLAIMABLE if kind in behaviour.evidence), None)


def _record(session: Session, city: City, actor: Actor, form: LogActivity, owner: UUID) -> Logged:
    proof = _proof(session, city, form, owner)
    return service.record(session, city, actor, owner, booking.entry_of(city, form, owner, proof))


def _proof(session: Session, city: City, form: LogActivity, owner: UUID) -> Proof:
    behaviour = booking.find_behaviour(city, form.behaviour, clock.today())
    evidence = form.evidence or _implied(behaviour, form)
    if evidence not in NOT_OF_OTHERS or evidence not in behaviour.evidence:
        raise errors.EvidenceNotEnough
    if evidence in rules.SITE_PROOFS:
        return _on_the_spot(session, city, form, owner, evidence)
    if evidence in rules.PHOTO_PROOFS or form.photo_ids:
        found = photos.take(session, city, form.id, form.photo_ids)
        flags = photos.objections(session, city, str(owner), form.ticket, found)
        return Proof(evidence, flags, photos=tuple(found))
    return Proof(evidence)


def _implied(behaviour: Behaviour, form: LogActivity) -> str:
    brought = (
        ("site_qr", form.code), ("merchant_qr", form.code), ("photo", form.photo_ids), ("bill_photo", form.photo_ids),
        ("receipt_no", form.note), ("station_slip", form.photo_ids), ("self", True),
    )  # fmt: skip
    return next((kind for kind, there in brought if there and kind in behaviour.evidence), "self")


def _on_the_spot(session: Session, city: City, form: LogActivity, owner: UUID, evidence: str) -> Proof:
    site = sites.find(session, form.site or "")
    if not sites.is_proven_at(booking.find_behaviour(city, form.behaviour, clock.today()), site):
        raise errors.EvidenceNotEnough
    step = sites.step_of(site.code, form.code or "", clock.now())
    distance, flags = sites.fenced(city, site, form)
    sites.use_code(session, site.code, step, owner, form.id)
    return Proof(evidence, (*flags, *sites.timed(site)), site=site.code, distance_m=distance)
