"""Weighed and confirmed: somebody says "I am here", the attendant weighs it and confirms, and the points are good at once."""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from backend.accounts.residents.queries import resident_by_phone
from backend.activities import booking, duty, errors, hands, queries, rules, service, sites
from backend.activities.booking import Entry, Proof
from backend.activities.models import SiteVisit
from backend.activities.schemas import ConfirmByNumber, LogActivity, Logged
from backend.audit import service as audit
from backend.cities import City
from backend.cities.behaviours import Behaviour
from backend.core import clock
from backend.core.actor import Actor

LISTED = 20


@dataclass(frozen=True)
class Waiting:
    """Somebody who stands at the point."""

    visit: SiteVisit
    nickname: str
    behaviour: Behaviour


@dataclass(frozen=True)
class Weighing:
    """What an attendant confirms."""

    entry_id: UUID
    resident_id: UUID
    behaviour: str
    quantity: float


def weighed_at(city: City, site: sites.Site) -> list[Behaviour]:
    """Return what an attendant of the site can confirm."""
    known = city.behaviours(clock.today())
    return [one for one in known if rules.WEIGHED & set(one.evidence) and sites.is_proven_at(one, site)]


def arrive(session: Session, city: City, actor: Actor, form: LogActivity) -> SiteVisit:
    """Say "I am here with something" by the code on the screen; the same again is the same visit."""
    assert actor.id is not None
    known = session.get(SiteVisit, form.id)
    if known is not None:
        if known.resident_id != actor.id:
            raise errors.ActivityIdReused
        return known
    if not queries.earner_of(session, actor.id).may_earn:
        service.require_earning(session, actor.id)
    site = sites.find(session, form.site or "")
    if form.behaviour not in {one.code for one in weighed_at(city, site)}:
        raise errors.EvidenceNotEnough
    step = sites.step_of(site.code, form.code or "", clock.now())
    sites.fenced(city, site, form)
    sites.use_code(session, site.code, step, actor.id, form.id)
    values = {"id": form.id, "site": site.code, "behaviour": form.behaviour, "resident_id": actor.id, "at": clock.now()}
    session.execute(insert(SiteVisit).values(values).on_conflict_do_nothing())
    return session.get_one(SiteVisit, form.id)


def waiting(session: Session, city: City, site: sites.Site) -> list[Waiting]:
    """Return who waits at the point, by nickname; the longest first."""
    query = select(SiteVisit).where(
        SiteVisit.site == site.code,
        col(SiteVisit.ended_at).is_(None),
        col(SiteVisit.at) > clock.now() - rules.VISIT_LIFE,
    )
    found = list(session.exec(query.order_by(col(SiteVisit.at)).limit(LISTED)))
    names = queries.names_of(session, {one.resident_id for one in found})
    today = clock.today()
    return [
        Waiting(one, names.get(one.resident_id, ""), booking.find_behaviour(city, one.behaviour, today))
        for one in found
    ]


def confirm(session: Session, city: City, actor: Actor, visit_id: UUID, quantity: float) -> Logged:
    """Confirm what was weighed; the same amount again gives the same answer."""
    query = select(SiteVisit).where(SiteVisit.id == visit_id).with_for_update()
    visit = session.exec(query.execution_options(populate_existing=True)).first()
    if visit is None:
        raise errors.VisitOver
    site = duty.on_duty(session, actor, visit.site)
    if visit.ended_at is None and visit.at <= clock.now() - rules.VISIT_LIFE:
        raise errors.VisitOver
    logged = _confirmed(session, city, actor, site, Weighing(visit.id, visit.resident_id, visit.behaviour, quantity))
    if visit.ended_at is None:
        visit.ended_at = clock.now()
        session.add(visit)
        session.flush()
    return logged


def confirm_by_number(session: Session, city: City, actor: Actor, code: str, form: ConfirmByNumber) -> Logged:
    """Confirm for somebody without a phone in the hand, by the number of the account."""
    site = duty.on_duty(session, actor, code)
    resident_id = resident_by_phone(session, form.phone)
    if resident_id is None or not queries.earner_of(session, resident_id).may_earn:
        raise errors.NumberUnknown(fields={"phone": errors.NumberUnknown.message})
    return _confirmed(session, city, actor, site, Weighing(form.id, resident_id, form.behaviour, form.quantity))


def _confirmed(session: Session, city: City, actor: Actor, site: sites.Site, weighing: Weighing) -> Logged:
    behaviour = next((one for one in weighed_at(city, site) if one.code == weighing.behaviour), None)
    if behaviour is None:
        raise errors.EvidenceNotEnough
    asked = rules.quantity_of(weighing.quantity, behaviour)
    if asked is None or rules.points_for(behaviour, asked) <= 0:
        raise errors.QuantityInvalid(fields={"quantity": errors.QuantityInvalid.message})
    evidence = "scale" if "scale" in behaviour.evidence else "attendant"
    digest = hashlib.sha256(f"{weighing}|{site.code}".encode()).digest()
    odd = (*sites.timed(site), *hands.alarmed(session, city, actor, weighing.resident_id))
    entry = Entry(weighing.entry_id, behaviour, asked, Proof(evidence, odd, site=site.code), digest, clock.now())
    logged = service.record(session, city, actor, weighing.resident_id, entry)
    if logged.is_new:
        hands.note(session, actor, weighing.resident_id)
        audit.record(session, actor, "activity_confirmed", f"activity:{weighing.entry_id}", site=site.code)
    return logged


def own(session: Session, actor: Actor, visit_id: str) -> SiteVisit:
    """Return a visit of this resident."""
    try:
        found = session.get(SiteVisit, UUID(visit_id), populate_existing=True)
    except ValueError:
        found = None
    if found is None or found.resident_id != actor.id:
        raise errors.ActivityUnknown
    return found
