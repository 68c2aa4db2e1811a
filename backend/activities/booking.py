"""Books an entry: what still counts under every cap, the points for it, and the row that remembers it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from backend.activities import errors, quota, rules
from backend.activities.models import Activity
from backend.activities.rules import Flag, Judgement, Limit, State
from backend.activities.schemas import Earner, LogActivity
from backend.cities import City, UnknownCode
from backend.cities.behaviours import Behaviour
from backend.core import clock
from backend.core.actor import Actor
from backend.core.crypto import get_keys
from backend.ledger import service as ledger
from backend.ledger.commands import Receipt
from backend.ledger.errors import IdempotencyKeyReused, InsufficientFunds
from backend.ledger.rules import AccountRef
from backend.media.models import Photo

NOBODY = Earner(may_earn=False)


@dataclass(frozen=True)
class Proof:
    """What is known about a proof when it is logged."""

    evidence: str
    found: tuple[Flag, ...] = ()
    note: str = ""
    site: str | None = None
    distance_m: int | None = None
    source: bytes | None = None
    photos: tuple[Photo, ...] = ()


@dataclass(frozen=True)
class Entry:
    """Something that is about to be logged."""

    id: UUID
    behaviour: Behaviour
    asked: int
    proof: Proof
    digest: bytes
    now: datetime
    on: date | None = None
    """The day it happened, where a list says so."""

    @property
    def day(self) -> date:
        """The day it counts for, as people in the city count it."""
        return self.on or self.now.astimezone(clock.SHANGHAI).date()


@dataclass(frozen=True)
class Booking:
    """An entry with whom it is for and how much of it counts."""

    entry: Entry
    judgement: Judgement
    counted: int
    resident_id: UUID | None = None
    group: UUID | None = None
    earner: Earner = NOBODY

    @property
    def points(self) -> int:
        return rules.points_for(self.entry.behaviour, self.counted)


def fund_of(city: City) -> AccountRef:
    """Return where the programme's points come from."""
    return AccountRef.of_programme(city.green.programme.code)


def find_behaviour(city: City, code: str, day: date) -> Behaviour:
    """Return a behaviour as it counts on that day."""
    try:
        return city.behaviour(code, day)
    except UnknownCode:
        raise errors.BehaviourUnknown from None


def entry_of(city: City, form: LogActivity, owner: object, proof: Proof) -> Entry:
    """Return what a form asks for, checked; `owner` is part of its digest, so that nobody meets a foreign id."""
    now = clock.now()
    behaviour = find_behaviour(city, form.behaviour, now.astimezone(clock.SHANGHAI).date())
    if proof.evidence not in behaviour.evidence:
        raise errors.EvidenceNotEnough
    if proof.evidence in rules.NOTE_PROOFS and not form.note:
        raise errors.NoteMissing(fields={"note": errors.NoteMissing.message})
    asked = rules.quantity_of(form.quantity, behaviour)
    if asked is None or rules.points_for(behaviour, asked) <= 0:
        raise errors.QuantityInvalid(fields={"quantity": errors.QuantityInvalid.message})
    return Entry(form.id, behaviour, asked, replace(proof, note=form.note), digest_of(form, owner), now)


def digest_of(form: LogActivity, owner: object) -> bytes:
    """Return what two requests under one id are compared by: what is claimed, not where the phone was."""
    asked = form.model_dump(mode="json", include={"behaviour", "quantity", "evidence", "photo_ids", "note", "site"})
    return hashlib.sha256(json.dumps([asked, str(owner)], sort_keys=True, ensure_ascii=False).encode()).digest()


def judged(city: City, entry: Entry) -> Judgement:
    """Say what becomes of the entry's proof; chance is keyed."""
    digest = get_keys().digest("activity-sample", entry.id.bytes)
    sampled = rules.is_sampled(digest, city.green.programme.sample_percent)
    return rules.judge(entry.proof.evidence, is_sampled=sampled, found=entry.proof.found)


def known(session: Session, entry: Entry, *, required: bool = False) -> Activity | None:
    """Return what is there under the entry's id, if it is the same; raise for something else."""
    found = session.get(Activity, entry.id, populate_existing=True)
    if (found is None and required) or (found is not None and found.body_digest != entry.digest):
        raise errors.ActivityIdReused
    return found


def grant(session: Session, city: City, actor: Actor, booking: Booking) -> Receipt | None:
    """Book the points, pending where the proof is held; `None` if the id has been booked before."""
    assert booking.resident_id is not None
    entry = booking.entry
    try:
        receipt = ledger.grant(
            session,
            f"activity:{entry.id}",
            fund=fund_of(city),
            to=AccountRef.of_resident(booking.resident_id),
            amount=booking.points,
            expires_on=rules.expires_on(entry.day),
            subject=f"activity:{entry.id}",
            actor=actor.label,
            facts=facts_of(entry.behaviour.rule, booking.counted, entry.proof.evidence, entry.day),
            pending_until=None if booking.judgement.is_good else clock.now() + rules.PENDING_LIFE,
        )
    except IdempotencyKeyReused:
        return None
    except InsufficientFunds:
        raise errors.FundEmpty from None
    return receipt if receipt.is_new else None


def facts_of(rule: str, quantity: int, evidence: str, day: date) -> Mapping[str, str | int]:
    """Return what a grant keeps, so that anybody can compute its points again."""
    return {"rule": rule, "quantity": quantity, "evidence": evidence, "day": day.isoformat()}


def row_of(city: City, booking: Booking) -> Activity:
    """Return the activity's row."""
    entry, proof, is_good = booking.entry, booking.entry.proof, booking.judgement.is_good
    settled = State.POSTED if is_good else State.PENDING
    return Activity(
        id=entry.id,
        resident_id=booking.resident_id,
        group_id=booking.group,
        body_digest=entry.digest,
        behaviour=entry.behaviour.code,
        rule=entry.behaviour.rule,
        asked=entry.asked,
        quantity=booking.counted,
        points=booking.points,
        evidence=proof.evidence,
        note=proof.note,
        source=proof.source,
        site=proof.site,
        distance_m=proof.distance_m,
        day=entry.day,
        logged_at=entry.now,
        held_until=None if is_good else entry.now + timedelta(hours=city.green.programme.hold_hours),
        state=settled if booking.resident_id else State.UNCLAIMED,
        review=booking.judgement.review,
        flags=[flag.value for flag in booking.judgement.flags],
        settled_at=entry.now if is_good else None,
        county_code=booking.earner.county_code,
        township_code=booking.earner.township_code,
        school=booking.earner.school,
    )


def left(bounds: Sequence[Limit], used: Mapping[Limit, int], resident_id: UUID) -> int:
    """Return how much of the person's own caps is left."""
    own = [limit.most - used[limit] for limit in bounds if limit.scope == f"resident:{resident_id}"]
    return max(0, min(own, default=0))


def counted_of(session: Session, entry: Entry, bounds: Sequence[Limit]) -> tuple[int, Mapping[Limit, int]]:
    """Lock every cap; return how much of the entry counts, and what was used before."""
    used = quota.lock(session, bounds, entry.day)
    return rules.allowed(entry.asked, bounds, used, is_divisible=entry.behaviour.is_divisible), used
