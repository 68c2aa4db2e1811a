"""Lists of organisers and operators: looked at line by line first, then booked once, under the caps of the day it happened."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from uuid import UUID, uuid5

from sqlmodel import Session, col, select

from backend.accounts.residents import sealing
from backend.accounts.residents.models import Resident
from backend.activities import booking, errors, groups, queries, quota, rules, service
from backend.activities.booking import Entry, Proof
from backend.activities.models import Activity, ActivityImport
from backend.activities.schemas import StartImport
from backend.audit import service as audit
from backend.cities import City
from backend.cities.behaviours import Behaviour
from backend.core import clock, tables
from backend.core.actor import Actor
from backend.core.crypto import get_keys, open_sealed, seal
from backend.core.errors import N_
from backend.core.phones import masked, read_phone
from backend.ledger import batches
from backend.ledger.rules import AccountRef

OLDEST_DAYS = 60
HEAD: Mapping[str, str] = {
    "phone": "phone", "手机号": "phone", "手机": "phone", "quantity": "quantity", "数量": "quantity",
    "reference": "reference", "凭证号": "reference", "编号": "reference",
}  # fmt: skip


class Fate(StrEnum):
    """What taking a line over would do."""

    COUNTS = "counts"
    PART = "part"
    FULL = "full"
    SAME = "same"
    REFUSED = "refused"


BOOKED = frozenset({Fate.COUNTS, Fate.PART})


@dataclass(frozen=True)
class ListLine:
    """One line and what would become of it; the number is shown masked."""

    number: int
    phone: str
    quantity: str
    fate: Fate
    points: int = 0
    reasons: tuple[str, ...] = ()
    resident_id: UUID | None = field(default=None, compare=False)
    asked: int = 0
    source: bytes = b""


@dataclass(frozen=True)
class Outcome:
    """What taking a list over did."""

    booked: int
    points: int
    left_out: int


def keep(session: Session, city: City, actor: Actor, form: StartImport, content: bytes) -> ActivityImport:
    """Keep a list, sealed, to be looked at; the same id again is the same list."""
    known = session.get(ActivityImport, form.id)
    if known is not None:
        return known
    behaviour = booking.find_behaviour(city, form.behaviour, form.happened_on)
    evidence = next((kind for kind in rules.LIST_PROOFS if kind in behaviour.evidence), None)
    if evidence is None:
        raise errors.EvidenceNotEnough
    if not clock.today() - timedelta(days=OLDEST_DAYS) <= form.happened_on <= clock.today():
        raise errors.DayInvalid(fields={"happened_on": errors.DayInvalid.message})
    tables.read(content)
    kept = ActivityImport(
        id=form.id,
        actor=actor.label,
        at=clock.now(),
        behaviour=form.behaviour,
        evidence=evidence,
        event=form.event,
        happened_on=form.happened_on,
        content_sealed=seal(get_keys().derive("activity-import"), content, _place(form.id)),
    )
    session.add(kept)
    session.flush()
    return kept


def kept_list(session: Session, actor: Actor, import_id: UUID, *, lock: bool = False) -> ActivityImport:
    """Return a list that this member of staff sent."""
    query = select(ActivityImport).where(ActivityImport.id == import_id, ActivityImport.actor == actor.label)
    found = session.exec(query.with_for_update() if lock else query).first()
    if found is None:
        raise errors.ListUnknown
    return found


def plan(session: Session, city: City, kept: ActivityImport) -> list[ListLine]:
    """Say what each line would do; nothing is written."""
    if kept.content_sealed is None:
        return []
    content = open_sealed(get_keys().derive("activity-import"), kept.content_sealed, _place(kept.id))
    rows = tables.read(content)
    if not rows:
        raise tables.ListUnreadable
    columns = [HEAD.get(cell.lower()) for cell in rows[0][1]]
    if "phone" not in columns or "quantity" not in columns:
        reason = N_("The first line must name the columns phone and quantity (手机号, 数量).")
        return [ListLine(rows[0][0], "", "", Fate.REFUSED, reasons=(reason,))]
    behaviour = booking.find_behaviour(city, kept.behaviour, kept.happened_on)
    lines = [_read(number, columns, cells, kept, behaviour) for number, cells in rows[1:]]
    return _judged(session, kept, behaviour, lines)


def take_over(session: Session, city: City, actor: Actor, import_id: UUID, *, only_good: bool, seen: str) -> Outcome:
    """Book a list that was looked at: all of it or nothing, or by choice only its good lines; once."""
    kept = kept_list(session, actor, import_id, lock=True)
    if kept.applied_at is not None:
        raise errors.ListDone
    lines = plan(session, city, kept)
    if fingerprint(lines) != seen:
        raise errors.ListMoved
    if not only_good and any(line.fate is Fate.REFUSED for line in lines):
        raise errors.LinesRefused
    _lock_ahead(session, city, kept, lines)
    points = sum(_book(session, city, actor, kept, line) for line in sorted(lines, key=lambda one: one.source))
    booked = sum(line.fate in BOOKED for line in lines)
    outcome = Outcome(booked, points, len(lines) - booked)
    # Whom it named is known by what was booked; the list itself is of no use any more.
    kept.applied_at, kept.outcome, kept.content_sealed = clock.now(), asdict(outcome), None
    session.add(kept)
    session.flush()
    audit.record(session, actor, "activities_imported", f"activity_import:{import_id}", **asdict(outcome))
    return outcome


def fingerprint(lines: Sequence[ListLine]) -> str:
    """Return what changes as soon as the list would do something else."""
    told = [(line.number, line.fate.value, line.points) for line in lines]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _read(
    number: int, columns: Sequence[str | None], cells: Sequence[str], kept: ActivityImport, behaviour: Behaviour
) -> ListLine:
    given = {name: cell for name, cell in zip(columns, cells, strict=False) if name}
    phone, quantity = read_phone(given.get("phone", "")), rules.quantity_of(given.get("quantity", ""), behaviour)
    shown = masked(phone) if phone else given.get("phone", "")[:20]
    reasons: list[str] = []
    if phone is None:
        reasons.append(N_("no mobile number"))
    if quantity is None or rules.points_for(behaviour, quantity) <= 0:
        reasons.append(N_("no amount that can be booked"))
    mark = f"{kept.behaviour}|{kept.happened_on}|{kept.event}|{phone}|{given.get('reference', '')}"
    source = get_keys().digest("activity-line", mark.encode())
    fate = Fate.REFUSED if reasons else Fate.COUNTS
    return ListLine(
        number, shown, given.get("quantity", ""), fate, reasons=tuple(reasons), asked=quantity or 0,
        source=sealing.digest_of(phone or "") + source,
    )  # fmt: skip


def _judged(session: Session, kept: ActivityImport, behaviour: Behaviour, lines: list[ListLine]) -> list[ListLine]:
    owners = _owners(session, [line.source[:32] for line in lines])
    booked = set(session.exec(select(Activity.source).where(col(Activity.source).in_([x.source[32:] for x in lines]))))
    used: dict[rules.Limit, int] = {}
    seen: set[bytes] = set()
    may_earn: dict[UUID, bool] = {}
    judged: list[ListLine] = []
    for line in lines:
        resident_id, source = owners.get(line.source[:32]), line.source[32:]
        if line.fate is Fate.REFUSED:
            judged.append(line)
            continue
        if resident_id is not None and resident_id not in may_earn:
            may_earn[resident_id] = queries.earner_of(session, resident_id).may_earn
        line = replace(line, source=source, resident_id=resident_id)  # noqa: PLW2901 -- the same line, known better
        if source in booked:
            judged.append(replace(line, fate=Fate.SAME))
        elif source in seen:
            judged.append(replace(line, fate=Fate.REFUSED, reasons=(N_("stands twice in this list"),)))
        elif resident_id is None or not may_earn[resident_id]:
            reason = N_("no account with points has this number")
            judged.append(replace(line, fate=Fate.REFUSED, reasons=(reason,)))
        else:
            judged.append(_counted(session, kept, behaviour, line, used))
        seen.add(source)
    return judged


def _counted(
    session: Session, kept: ActivityImport, behaviour: Behaviour, line: ListLine, used: dict[rules.Limit, int]
) -> ListLine:
    assert line.resident_id is not None
    group = groups.group_of(session, line.resident_id)
    bounds = rules.limits(behaviour, kept.happened_on, resident=line.resident_id, group=group, site=None)
    for limit in bounds:
        if limit not in used:
            used[limit] = queries.used_of(session, limit)
    counted = rules.allowed(line.asked, bounds, used, is_divisible=behaviour.is_divisible)
    for limit in bounds:
        used[limit] += counted
    points = rules.points_for(behaviour, counted)
    if points <= 0:
        return replace(line, fate=Fate.FULL)
    return replace(line, fate=Fate.COUNTS if counted == line.asked else Fate.PART, points=points)


def _book(session: Session, city: City, actor: Actor, kept: ActivityImport, line: ListLine) -> int:
    if line.fate not in BOOKED or line.resident_id is None:
        return 0
    behaviour = booking.find_behaviour(city, kept.behaviour, kept.happened_on)
    proof = Proof(kept.evidence, note=kept.event, source=line.source)
    entry = Entry(
        id=_entry_id(kept, line),
        behaviour=behaviour,
        asked=line.asked,
        proof=proof,
        digest=hashlib.sha256(line.source).digest(),
        now=clock.now(),
        on=kept.happened_on,
    )
    logged = service.record(session, city, actor, line.resident_id, entry)
    return logged.activity.points if logged.activity else 0


def _lock_ahead(session: Session, city: City, kept: ActivityImport, lines: Sequence[ListLine]) -> None:
    """Lock all counters, then all accounts: one list never waits in a ring with another, or with who logs beside it."""
    behaviour, day = booking.find_behaviour(city, kept.behaviour, kept.happened_on), kept.happened_on
    good = [(line.resident_id, line) for line in lines if line.fate in BOOKED and line.resident_id is not None]
    bounds = {
        limit: None
        for owner in dict.fromkeys(owner for owner, _ in good)
        for limit in rules.limits(behaviour, day, resident=owner, group=groups.group_of(session, owner), site=None)
    }
    if bounds:
        quota.lock(session, list(bounds), day)
        fund = booking.fund_of(city)
        grants = [(f"activity:{_entry_id(kept, line)}", fund, AccountRef.of_resident(owner)) for owner, line in good]
        batches.lock_ahead(session, grants=grants)


def _entry_id(kept: ActivityImport, line: ListLine) -> UUID:
    return uuid5(kept.id, line.source.hex())


def _owners(session: Session, digests: Sequence[bytes]) -> Mapping[bytes, UUID]:
    rows = session.execute(
        select(Resident.phone_digest, Resident.id).where(col(Resident.phone_digest).in_(set(digests)))
    )
    return {bytes(row.phone_digest): row.id for row in rows}


def _place(import_id: UUID) -> bytes:
    return f"activity_import|{import_id}|content".encode()
