"""What holds when many residents and editors act at once, each on a connection of its own, as processes do."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func
from sqlmodel import Session, SQLModel, select

from backend.cities import city
from backend.core.actor import Actor, Role
from backend.core.db import session_scope
from backend.core.errors import DomainError
from backend.core.ids import new_id
from backend.honours import service as honours
from backend.honours.models import HonourApplication
from backend.honours.rules import Step
from backend.honours.schemas import Decide
from backend.stations import listing, service
from backend.stations.models import Station, StationClosure
from tests.factories.accounts import make_staff
from tests.factories.honours import an_application, applied
from tests.factories.residents import make_resident
from tests.factories.stations import a_line, a_list, a_station, make_station

pytestmark = pytest.mark.usefixtures("own_engine")
TIMES = 16


def at_once(acts: Iterable[Callable[[Session], object]]) -> int:
    """Do everything at once, each in a transaction of its own; return how many were let through."""

    def run(act: Callable[[Session], object]) -> bool:
        try:
            with session_scope() as session:
                return act(session) is not False
        except DomainError:
            return False

    with ThreadPoolExecutor(8) as pool:
        return sum(pool.map(run, acts))


def rows(table: type[SQLModel]) -> int:
    with session_scope() as session:
        return session.exec(select(func.count()).select_from(table)).one()


def test_one_browser_that_taps_many_times_at_once_counts_once():
    with session_scope() as session:
        code = make_station(session).code

    def say(session: Session) -> object:
        return service.report_closed(session, code, "browser:a")

    assert at_once([say] * TIMES) == 1
    assert rows(StationClosure) == 1


def test_of_many_that_want_one_code_one_gets_it():
    with session_scope() as session:
        editor = make_staff(session, Role.PROGRAMME_EDITOR).actor
    form = a_station(code="ONE-1")

    def add(session: Session) -> object:
        return service.add(session, city(), editor, form)

    assert at_once([add] * TIMES) == 1
    assert rows(Station) == 1


def test_a_list_that_is_taken_over_many_times_at_once_is_taken_over_once():
    with session_scope() as session:
        editor = make_staff(session, Role.PROGRAMME_EDITOR).actor
        kept = listing.keep(session, editor, new_id(), a_list(*(a_line() for _ in range(20))))
        import_id, seen = kept.id, listing.fingerprint(listing.plan(session, city(), kept.content))

    def take(session: Session) -> object:
        return listing.take_over(session, city(), editor, import_id, mode="all", seen=seen)

    assert at_once([take] * TIMES) == 1
    assert rows(Station) == 20


def test_of_many_applications_for_one_title_one_is_made():
    with session_scope() as session:
        family = make_resident(session)

    def apply(session: Session) -> object:
        return honours.apply(session, city(), family.actor, an_application(), {})

    made = at_once([apply] * TIMES)
    assert made == 1
    assert rows(HonourApplication) == 1


def test_the_same_application_many_times_at_once_is_one_answer():
    with session_scope() as session:
        family = make_resident(session)
    form = an_application()

    def apply(session: Session) -> object:
        return honours.apply(session, city(), family.actor, form, {})

    assert at_once([apply] * TIMES) == TIMES
    assert rows(HonourApplication) == 1


def test_of_those_who_decide_at_once_the_first_one_decides():
    with session_scope() as session:
        first, second, third = (make_staff(session, Role.PROGRAMME_EDITOR).actor for _ in range(3))
        one = applied(session, make_resident(session)).id
        honours.take_step(session, city(), first, one, Step.PROPOSE, Decide(version=1))
    decisions = [(second, Step.GRANT, ""), (third, Step.REFUSE, "还差一点"), (first, Step.GRANT, "")] * 4

    def decided_by(actor: Actor, step: Step, reason: str) -> Callable[[Session], object]:
        form = Decide(version=2, reason=reason)
        return lambda session: honours.take_step(session, city(), actor, one, step, form)

    assert at_once([decided_by(*wish) for wish in decisions]) == 1
