"""A title needs two people, a reason when it is refused, and a name that its family chose to show."""

from datetime import timedelta
from typing import cast

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, insert, select, update

from backend.audit.models import AuditEntry
from backend.cities import city
from backend.core import clock
from backend.core.actor import Actor, Role
from backend.core.ids import new_id
from backend.honours import errors, queries, service
from backend.honours.models import HonourApplication, HonourEvent
from backend.honours.rules import State, Step
from backend.honours.schemas import Decide
from tests.factories.accounts import make_staff
from tests.factories.honours import ENOUGH, an_application, applied
from tests.factories.residents import Neighbour, make_resident


@pytest.fixture
def family(session: Session) -> Neighbour:
    return make_resident(session)


@pytest.fixture
def first(session: Session) -> Actor:
    return make_staff(session, Role.PROGRAMME_EDITOR, name="陈静").actor


@pytest.fixture
def second(session: Session) -> Actor:
    return make_staff(session, Role.PROGRAMME_EDITOR, name="孟祥云").actor


def step(session: Session, actor: Actor, one: HonourApplication, what: Step, reason: str = "") -> HonourApplication:
    session.refresh(one)
    return service.take_step(session, city(), actor, one.id, what, Decide(version=one.version, reason=reason))


def granted(session: Session, first: Actor, second: Actor, one: HonourApplication) -> HonourApplication:
    step(session, first, one, Step.PROPOSE)
    return step(session, second, one, Step.GRANT)


def names(session: Session) -> list[str]:
    return [holder.name for holder in queries.holders(session, None, None, 50)[0]]


def test_one_proposes_and_another_grants(session: Session, family: Neighbour, first: Actor, second: Actor):
    one = granted(session, first, second, applied(session, family))
    assert one.state is State.GRANTED
    assert one.valid_until
    assert one.granted_on == clock.today()
    assert one.valid_until.year == clock.today().year + 2
    assert names(session) == ["向阳院老李家"]
    actions = session.exec(select(AuditEntry.action).where(col(AuditEntry.action).startswith("honour_"))).all()
    assert sorted(actions) == ["honour_grant", "honour_propose"]


def test_whoever_proposed_cannot_grant(session: Session, family: Neighbour, first: Actor):
    one = applied(session, family)
    step(session, first, one, Step.PROPOSE)
    with pytest.raises(errors.SecondPersonNeeded):
        step(session, first, one, Step.GRANT)


def test_the_database_itself_wants_two_people(session: Session, family: Neighbour, first: Actor):
    one = applied(session, family)
    today = clock.today()
    for decider in (first.id, None):
        alone = update(HonourApplication).where(col(HonourApplication.id) == one.id)
        alone = alone.values(
            state="granted", proposed_by=first.id, decided_by=decider, granted_on=today, valid_until=today
        )
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(alone)


def test_a_family_that_does_not_want_it_is_not_named(session: Session, family: Neighbour, first: Actor, second: Actor):
    granted(session, first, second, applied(session, family, is_public=False))
    assert names(session) == []


def test_a_school_is_always_named(session: Session, family: Neighbour, first: Actor, second: Actor):
    said = ["lessons", "sorting", "canteen", "saves", "green"]
    school = applied(session, family, honour="green_school", shown_name="解放路小学", is_public=False, said=said)
    granted(session, first, second, school)
    assert names(session) == ["解放路小学"]


@pytest.mark.parametrize("what", [Step.REFUSE, Step.SEND_BACK])
def test_no_refusal_without_a_reason(session: Session, family: Neighbour, first: Actor, what: Step):
    one = applied(session, family)
    step(session, first, one, Step.PROPOSE)
    with pytest.raises(errors.ReasonMissing):
        step(session, first, one, what)
    after = step(session, first, one, what, "请补一张楼道照片").state
    assert after is (State.REFUSED if what is Step.REFUSE else State.APPLIED)


def test_a_title_is_withdrawn_with_a_reason_and_leaves_the_list(
    session: Session, family: Neighbour, first: Actor, second: Actor
):
    one = granted(session, first, second, applied(session, family))
    step(session, first, one, Step.REVOKE, "不再分类")
    assert names(session) == []
    assert queries.mine(session, family.resident_id)[0].reason == "不再分类"
    events = session.exec(select(HonourEvent.action).where(HonourEvent.application_id == one.id)).all()
    assert list(events) == ["applied", "propose", "grant", "revoke"]


def test_a_title_leaves_the_list_when_its_term_is_over(
    session: Session, family: Neighbour, first: Actor, second: Actor
):
    one = granted(session, first, second, applied(session, family))
    assert one.valid_until
    days = (one.valid_until - clock.today()).days
    with clock.at(clock.now() + timedelta(days=days)):
        assert names(session) == ["向阳院老李家"]
    with clock.at(clock.now() + timedelta(days=days + 1)):
        assert names(session) == []


def test_a_renewal_stands_on_the_list_once(session: Session, family: Neighbour, first: Actor, second: Actor):
    one = granted(session, first, second, applied(session, family))
    with pytest.raises(errors.AlreadyRunning):
        applied(session, family)
    assert one.valid_until
    with clock.at(clock.now() + timedelta(days=(one.valid_until - clock.today()).days - 20)):
        granted(session, first, second, applied(session, family, shown_name="老李家"))
        assert names(session) == ["老李家"]


def test_the_same_form_twice_is_one_application(session: Session, family: Neighbour):
    form = an_application()
    made = [service.apply(session, city(), family.actor, form, {}).id for _ in range(2)]
    assert made == [form.id, form.id]
    with pytest.raises(errors.OtherContent):
        service.apply(session, city(), family.actor, form.model_copy(update={"shown_name": "别人"}), {})
    with pytest.raises(errors.OtherContent):
        service.apply(session, city(), make_resident(session).actor, form, {})


def test_one_application_for_a_title_at_a_time(session: Session, family: Neighbour):
    applied(session, family)
    with pytest.raises(errors.AlreadyRunning):
        applied(session, family)
    mine = queries.mine(session, family.resident_id)[0].model_dump()
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(insert(HonourApplication).values(mine | {"id": new_id()}))


def test_too_little_is_not_enough_and_a_low_number_cannot_be_ticked_away(session: Session, family: Neighbour):
    with pytest.raises(errors.CriteriaNotMet):
        applied(session, family, said=ENOUGH[:4])
    form = an_application(said=["logs", *ENOUGH[:4]])
    with pytest.raises(errors.CriteriaNotMet):
        service.apply(session, city(), family.actor, form, {"activities_per_month": 2})


def test_only_the_applicant_takes_it_back_and_twice_is_once(session: Session, family: Neighbour):
    one = applied(session, family)
    with pytest.raises(errors.ApplicationUnknown):
        service.take_back(session, make_resident(session).actor, one.id)
    for _ in range(2):
        assert service.take_back(session, family.actor, one.id).state is State.TAKEN_BACK
    applied(session, family)


def test_an_old_form_decides_nothing(session: Session, family: Neighbour, first: Actor, second: Actor):
    one = applied(session, family)
    step(session, first, one, Step.PROPOSE)
    with pytest.raises(errors.ApplicationChanged):
        service.take_step(session, city(), second, one.id, Step.REFUSE, Decide(version=1, reason="旧表"))


def test_who_leaves_leaves_the_list_as_well(session: Session, family: Neighbour, first: Actor, second: Actor):
    one = granted(session, first, second, applied(session, family))
    service.wipe(session, family.actor)
    session.refresh(one)
    assert (one.shown_name, one.is_public, names(session)) == (service.FORGOTTEN, False, [])


def test_the_file_of_ones_own_data_holds_the_applications(session: Session, family: Neighbour):
    applied(session, family)
    (mine,) = cast("list[dict[str, object]]", service.what_i_applied_for(session, family.resident_id))
    assert mine["shown_name"] == "向阳院老李家"
    assert "proposed_by" not in mine
