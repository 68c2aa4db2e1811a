"""Where something can be proven on the spot: a point with a code that changes every half minute, and a fence around it."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, delete, select

from backend.activities import errors, rules
from backend.activities.models import ActivityCount, SiteUse, SiteVisit
from backend.activities.rules import Flag
from backend.activities.schemas import LogActivity
from backend.cities import City
from backend.cities.behaviours import Behaviour
from backend.core import clock
from backend.core.crypto import get_keys
from backend.core.ids import crockford, read_crockford
from backend.places import rules as places
from backend.stations.errors import StationUnknown
from backend.stations.queries import station_by_code

CODE_BYTES = 5


@dataclass(frozen=True)
class Site:
    """A point that shows codes."""

    code: str
    name_zh: str
    name_en: str
    place: tuple[float, float] | None
    """Latitude and longitude (WGS-84), where they are known."""
    kind: str
    """A station's kind, or a merchant's trade."""
    icon: str
    hours: str = ""
    """When it is open, as one line of `core.hours`; empty where nobody knows."""

    def name(self, lang: str) -> str:
        """Return the name in a language."""
        return self.name_en if lang == "en" else self.name_zh


def is_proven_at(behaviour: Behaviour, site: Site) -> bool:
    """Whether a behaviour can be proven at the site: nobody sorts waste at a film recovery point."""
    return site.kind in behaviour.at


Finder = Callable[[Session, str], Site | None]
_finders: list[Finder] = []


def also(finder: Finder) -> Finder:
    """Register where else sites are found, such as among the merchants, who are not known here."""
    _finders.append(finder)
    return finder


def find(session: Session, code: str) -> Site:
    """Return the point with this code: a station, or one that a higher floor knows."""
    try:
        one = station_by_code(session, code)
    except StationUnknown:
        found = next((site for finder in _finders if (site := finder(session, code))), None)
        if found is None:
            raise errors.SiteUnknown from None
        return found
    return Site(one.code, one.name_zh, one.name_en, (one.lat, one.lon), one.kind, f"station-{one.kind}", one.hours)


def code_at(site: str, step: int) -> str:
    """Return what the point shows in that half minute; without the service's secret nobody can make it."""
    return crockford(get_keys().digest("site-code", f"{site}|{step}".encode())[:CODE_BYTES])


def code_now(site: str) -> str:
    """Return what the point shows now."""
    return code_at(site, rules.code_step(clock.now()))


def path_behind(site: Site, code: str) -> str:
    """Return the page that a scanned code opens."""
    return f"/green/at/{site.code}?c={code}"


def step_of(site: str, code: str, moment: datetime) -> int:
    """Return the half minute that a code is from, if it is now or beside it; raise `CodeStale` for any other."""
    shown, found = read_crockford(code), None
    for step in rules.good_steps(moment):
        right = hmac.compare_digest(code_at(site, step).encode(), shown.encode("ascii", "replace"))
        found = step if right and found is None else found
    if found is None:
        raise errors.CodeStale(fields={"code": errors.CodeStale.message})
    return found


def use_code(session: Session, site: str, step: int, resident_id: UUID, activity_id: UUID) -> None:
    """Note that somebody uses this turn of the code; of two uses the second is refused, but not a repetition."""
    used = session.execute(
        insert(SiteUse)
        .values(site=site, step=step, resident_id=resident_id, activity_id=activity_id)
        .on_conflict_do_nothing()
        .returning(col(SiteUse.step))
    ).first()
    if used is None:
        query = select(SiteUse.activity_id).where(
            SiteUse.site == site, SiteUse.step == step, SiteUse.resident_id == resident_id
        )
        if session.exec(query).first() != activity_id:
            raise errors.CodeUsed


def timed(site: Site) -> tuple[Flag, ...]:
    """Return what is odd about the hour: a proof from a point that is shut is looked at, and not refused."""
    is_odd = rules.is_out_of_hours(site.hours, clock.now().astimezone(clock.SHANGHAI))
    return (Flag.OUT_OF_HOURS,) if is_odd else ()


def fenced(city: City, site: Site, form: LogActivity) -> tuple[int | None, tuple[Flag, ...]]:
    """Return how far the phone is from the point, and what is odd about it; raise if it is elsewhere."""
    if site.place is None or form.lat is None or form.lon is None:
        return None, (Flag.NO_PLACE,)
    here = places.to_wgs84(form.lat, form.lon, form.datum)
    metres = places.distance_m(site.place, here)
    if not rules.is_within(metres, form.accuracy_m, city.green.programme.geofence_m):
        raise errors.TooFarAway(metres=round(metres))
    return round(metres), ()


def sweep(session: Session) -> None:
    """Remove turns of codes, visits and counters that nothing can ask for any more."""
    now, today = clock.now(), clock.today()
    session.execute(delete(SiteUse).where(col(SiteUse.step) < rules.code_step(now - timedelta(days=2))))
    session.execute(delete(SiteVisit).where(col(SiteVisit.at) < now - timedelta(days=30)))
    session.execute(delete(ActivityCount).where(col(ActivityCount.on_day) < today - timedelta(days=400)))
