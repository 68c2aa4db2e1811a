"""Four months of green behaviour: who does what on which day, held, posted, refused, appealed against, given away.

Everything goes through the services that the pages use, at its own moment, in the filling's one transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from sqlmodel import Session

from backend.accounts import queries as account_queries
from backend.accounts import service as accounts
from backend.activities import booking, duty, queries, ranks, rules, service, settling
from backend.activities.booking import Entry, Proof
from backend.activities.rules import Flag, Reason
from backend.activities.schemas import Appeal, ChooseHome, Donate
from backend.cities import City
from backend.cities.behaviours import Behaviour
from backend.core import clock
from backend.core.actor import SYSTEM, Actor, Role
from backend.core.ids import new_id
from backend.demo.credentials import Credentials, StaffEntry, new_password
from backend.ledger.errors import InsufficientFunds

SEED = 20_261_125
DAYS = 120
FUND = 2_000_000
ENTRIES = 1_500
"""Enough for four months to be seen; each costs what it costs a resident, and nobody wants to wait for a demo."""
# What people do, and how often: by weight. Weekends bring trees and lists, the year's end brings bills.
HABITS = {
    "walk": 22, "sort_kitchen_waste": 24, "clean_plate": 14, "bus_ride": 12, "own_cup_or_bag": 9, "recycle_weighed": 7,
    "cycle": 5, "parcel_packaging_returned": 3, "no_cutlery": 3, "clothes_recycled": 2, "hazardous_dropoff": 2,
    "volunteering": 2, "tree_planting": 1, "film_returned": 2, "appliance_recycled": 1, "electricity_saved": 1,
}  # fmt: skip
STAFF = (("moderator", "李审核", Role.MODERATOR), ("attendant", "马师傅", Role.ATTENDANT))
MOST = {"walk": 10, "cycle": 8, "recycle_weighed": 6, "clothes_recycled": 4, "film_returned": 40, "volunteering": 4,
        "electricity_saved": 30, "parcel_packaging_returned": 3}  # fmt: skip
REFUSED_PERCENT = 2
WITHOUT_HOME = 0.3


@dataclass(frozen=True)
class Deed:
    """Somebody does something at a moment."""

    at: datetime
    actor: Actor
    code: str
    quantity: int


def add_green_staff(session: Session, credentials: Credentials, stations: Sequence[str] = ()) -> dict[Role, Actor]:
    """Add a moderator, and an attendant who is on duty at the first of `stations`."""
    found: dict[Role, Actor] = {}
    for login, name, role in STAFF:
        password = new_password()
        staff, secret = accounts.add_staff(
            session, login=login, name=name, role=role, county_code=None, password=password, is_demo=True
        )
        found[role] = account_queries.actor_of(staff)
        credentials.staff.append(
            StaffEntry(role=role.value, name=name, login=login, password=password, totp_secret=secret, county=None)
        )
    attendant = found[Role.ATTENDANT].id
    for code in stations[:2]:
        assert attendant is not None
        duty.put_on_duty(session, SYSTEM, attendant, code)
    return found


def add_green_months(
    session: Session, of_city: City, people: Sequence[Actor], moderator: Actor, *, entries: int = ENTRIES
) -> int:
    """Let `people` (who may earn) do `entries` things in the last four months; return how many counted."""
    random, now = Random(SEED), clock.now()
    with clock.at(now - timedelta(days=DAYS)):
        service.fund(session, of_city, SYSTEM, "demo:fund", FUND)
        _choose_homes(session, of_city, people, random)
    done, last_day = 0, None
    for deed in sorted(_deeds(of_city, people, random, now, entries), key=lambda one: one.at):
        if last_day is not None and deed.at.date() != last_day:
            _settle(session, of_city, moderator, random, deed.at)
        last_day = deed.at.date()
        with clock.at(deed.at):
            done += _do(session, of_city, deed, random)
    _settle(session, of_city, moderator, random, now)
    _give_away(session, of_city, people, random)
    for month in sorted({rules.month_of((now - timedelta(days=back)).date()) for back in range(DAYS)}):
        ranks.tally(session, month)
    return done


def _deeds(of_city: City, people: Sequence[Actor], random: Random, now: datetime, entries: int) -> list[Deed]:
    known = {one.code for one in of_city.behaviours(now.date())}
    codes = [code for code in HABITS if code in known]
    weights = [HABITS[code] for code in codes]
    # A few do much, most do a little, as everywhere.
    zeal = [random.paretovariate(1.6) for _ in people]
    deeds: list[Deed] = []
    for actor in random.choices(people, zeal, k=entries):
        # It grows: the programme is known better each month.
        back = DAYS * (1 - random.random() ** 0.7)
        at = (now - timedelta(days=back)).replace(
            hour=random.choice((0, 1, 4, 5, 10, 11, 12)), minute=random.randrange(60)
        )
        code = random.choices(codes, weights)[0]
        deeds.append(Deed(min(at, now), actor, code, random.randint(1, MOST.get(code, 1))))
    return deeds


def _do(session: Session, of_city: City, deed: Deed, random: Random) -> bool:
    behaviour = booking.find_behaviour(of_city, deed.code, clock.today())
    assert deed.actor.id is not None
    entry = Entry(
        id=new_id(),
        behaviour=behaviour,
        asked=deed.quantity * rules.UNIT,
        proof=_proof(behaviour, random),
        digest=random.randbytes(32),
        now=clock.now(),
    )
    return service.record(session, of_city, deed.actor, deed.actor.id, entry).is_new


def _proof(behaviour: Behaviour, random: Random) -> Proof:
    evidence = behaviour.evidence[0]
    found = (Flag.SAMPLED,) if evidence in rules.PHOTO_PROOFS and random.randrange(100) < REFUSED_PERCENT else ()
    note = f"HS-{random.randrange(10_000):04d}" if evidence == "receipt_no" else ""
    return Proof(evidence, found, note=note)


def _settle(session: Session, of_city: City, moderator: Actor, random: Random, moment: datetime) -> None:
    """Let a day's end come: what was held long enough is posted; now and then somebody finds one that is not good."""
    with clock.at(moment):
        while settling.post_due(session, of_city):
            pass
        if random.randrange(12) == 0:
            _refuse_one(session, of_city, moderator, random)


def _refuse_one(session: Session, of_city: City, moderator: Actor, random: Random) -> None:
    waiting = queries.latest_pending(session, 20)
    if not waiting:
        return
    one = random.choice(waiting)
    settling.reject(session, moderator, one.id, Reason.NOT_SHOWN, "照片里看不清，下次拍近一点。")
    if one.resident_id is not None and random.randrange(2):
        owner = Actor(kind="resident", id=one.resident_id)
        settling.appeal(session, of_city, owner, one.id, Appeal(words="当时光线暗，能再看看吗？"))
        if random.randrange(3):
            settling.decide_appeal(session, of_city, moderator, one.id, is_granted=True, answer="看清了，积分给回来。")


def _choose_homes(session: Session, of_city: City, people: Sequence[Actor], random: Random) -> None:
    counties = of_city.counties[:4]
    for actor in people:
        if random.random() < WITHOUT_HOME:
            continue
        county = random.choice(counties)
        town: str | None = random.choice(county.townships[:4]).code if county.townships else None
        school = (
            random.choice(of_city.green.schools).code if of_city.green.schools and random.randrange(3) == 0 else None
        )
        form = ChooseHome(county_code=county.code, township_code=town, school=school)
        ranks.choose_home(session, of_city, actor, form)


def _give_away(session: Session, of_city: City, people: Sequence[Actor], random: Random) -> None:
    for actor in random.sample(list(people), k=min(12, len(people))):
        form = Donate(id=_fixed(random), cause=random.choice(of_city.green.causes).code, points=random.randint(2, 10))
        try:
            service.donate(session, of_city, actor, form)
        except InsufficientFunds:
            continue


def _fixed(random: Random) -> UUID:
    return UUID(bytes=random.randbytes(16), version=4)
