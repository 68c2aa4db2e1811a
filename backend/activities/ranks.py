"""What everybody did together: sums by month for the city, its communities and schools, made from posted points."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text, update
from sqlmodel import Session, col, delete, select

from backend.activities import errors, queries, rules
from backend.activities.models import Activity, ActivityTally, CommunityHome
from backend.activities.rules import Place, State
from backend.activities.schemas import ChooseHome
from backend.cities import City
from backend.core import clock
from backend.core.actor import Actor

CITY = "city"
SCOPES = ("county", "township", "school")
TALLY_LOCK = 7_301_021

# One month in one pass: each activity stands in up to four scopes, once under its rule and once under all of them.
_TALLY = text("""
WITH proven AS (
    SELECT a.rule, a.quantity, a.points, a.resident_id, a.county_code, a.township_code, a.school
    FROM activity a JOIN journal_transaction t ON t.id = a.grant_id
    WHERE a.day >= :first AND a.day < :after AND a.state = 'posted' AND t.state = 'posted'
        AND NOT EXISTS (SELECT FROM journal_transaction back WHERE back.reverses_id = t.id)
), placed AS (
    SELECT rule, quantity, points, resident_id, 'city' AS scope FROM proven
    UNION ALL SELECT rule, quantity, points, resident_id, 'county:' || county_code FROM proven WHERE county_code IS NOT NULL
    UNION ALL SELECT rule, quantity, points, resident_id, 'township:' || township_code FROM proven
        WHERE township_code IS NOT NULL
    UNION ALL SELECT rule, quantity, points, resident_id, 'school:' || school FROM proven WHERE school IS NOT NULL
)
INSERT INTO activity_tally (month, rule, scope, activities, quantity, points, people)
SELECT :month, coalesce(rule, ''), scope, count(*), coalesce(sum(quantity), 0), coalesce(sum(points), 0),
    count(DISTINCT resident_id)
FROM placed GROUP BY GROUPING SETS ((scope, rule), (scope))
""")


@dataclass(frozen=True)
class Effect:
    """What was proven for one article of the plan, or at one place."""

    article: int
    activities: int
    people: int
    grams: int | None
    """CO2e saved; `None` where no factor has a source."""


@dataclass(frozen=True)
class Done:
    """What was proven of one behaviour in a month."""

    rule: str
    activities: int
    quantity: int
    points: int
    people: int


def tally(session: Session, month: str) -> None:
    """Make the sums of a month anew."""
    session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": TALLY_LOCK})
    first = date.fromisoformat(f"{month}-01")
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    session.execute(delete(ActivityTally).where(col(ActivityTally.month) == month))
    session.execute(_TALLY, {"month": month, "first": first, "after": after})


def ranks(session: Session, city: City, scope: str, month: str) -> list[Place]:
    """Return the communities or schools of a month, most points first; ties share a rank and stand by code."""
    prefix = f"{scope}:"
    query = select(ActivityTally).where(
        ActivityTally.month == month, ActivityTally.rule == "", col(ActivityTally.scope).startswith(prefix)
    )
    sums = ((one.scope.removeprefix(prefix), one.points, one.people) for one in session.exec(query))
    return rules.ranked(sums, city.green.programme.fewest_shown)


def done_at(session: Session, month: str, scope: str = CITY) -> list[Done]:
    """Return what was proven in a month, behaviour by behaviour."""
    query = select(ActivityTally).where(
        ActivityTally.month == month, ActivityTally.scope == scope, ActivityTally.rule != ""
    )
    rows = session.exec(query.order_by(col(ActivityTally.rule)))
    return [Done(one.rule, one.activities, one.quantity, one.points, one.people) for one in rows]


def effect(session: Session, city: City, months: Sequence[str], scope: str = CITY) -> list[Effect]:
    """Return what was proven for each article of the plan, by article; grams only where the factor has a source."""
    found: dict[int, tuple[int, int, int | None]] = {}
    for month in months:
        for done in done_at(session, month, scope):
            behaviour = city.behaviour_rule(done.rule)
            activities, people, grams = found.get(behaviour.article, (0, 0, None))
            if behaviour.co2e is not None and behaviour.co2e.grams:
                grams = (grams or 0) + behaviour.co2e.grams * done.quantity // rules.UNIT
            found[behaviour.article] = (activities + done.activities, max(people, done.people), grams)
    return [Effect(article, *values) for article, values in sorted(found.items())]


def choose_home(session: Session, city: City, actor: Actor, form: ChooseHome) -> CommunityHome:
    """Count for a community and school from now on; what was logged before stays where it was."""
    assert actor.id is not None
    county = next((one for one in city.counties if one.code == form.county_code), None)
    townships = {one.code for one in county.townships} if county else set[str]()
    schools = {one.code for one in city.green.schools}
    if county is None or (form.township_code and form.township_code not in townships):
        raise errors.HomeUnknown(fields={"township_code": errors.HomeUnknown.message})
    if form.school and form.school not in schools:
        raise errors.HomeUnknown(fields={"school": errors.HomeUnknown.message})
    home = queries.home_of(session, actor.id) or CommunityHome(
        resident_id=actor.id, county_code=county.code, chosen_at=clock.now()
    )
    home.county_code, home.township_code, home.school = county.code, form.township_code, form.school
    home.chosen_at = clock.now()
    session.add(home)
    session.flush()
    return home


def leave_home(session: Session, actor: Actor) -> None:
    """Count for no community: every trace of the resident goes from the ranks with the next sums."""
    assert actor.id is not None
    home = queries.home_of(session, actor.id)
    if home is not None:
        session.delete(home)
    mine = update(Activity).where(col(Activity.resident_id) == actor.id, col(Activity.county_code).is_not(None))
    session.execute(mine.values(county_code=None, township_code=None, school=None))
    session.flush()


def sweep_unclaimed(session: Session) -> int:
    """Remove what nobody claimed in a week."""
    before = clock.now() - rules.UNCLAIMED_LIFE
    gone = delete(Activity).where(col(Activity.state) == State.UNCLAIMED, col(Activity.logged_at) < before)
    return len(session.execute(gone.returning(col(Activity.id))).all())
