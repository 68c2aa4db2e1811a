"""What becomes of something green: it is logged under its caps, held, posted, undone, refused, appealed against."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from backend.accounts.residents.rules import subject_of
from backend.activities import errors, rules, service, settling
from backend.activities.rules import Reason, Review, State
from backend.activities.schemas import Appeal, Donate
from backend.cities import city
from backend.core import clock
from backend.core.ids import new_id
from backend.ledger import queries as ledger
from backend.ledger.rules import AccountRef, TransactionState
from backend.notices import service as notices
from backend.notices.wording import told
from tests.factories.accounts import make_staff
from tests.factories.activities import after_the_hold, balance, fill_fund, fresh, log, logged, say
from tests.factories.residents import Neighbour, make_resident

NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _fund(session: Session):
    fill_fund(session)


def test_what_is_logged_is_pending_for_two_days_and_then_posted(session: Session, neighbour: Neighbour):
    activity = logged(session, neighbour.actor, behaviour="walk", quantity=4)
    assert (activity.state, activity.points) == (State.PENDING, 4)
    before = balance(session, neighbour.resident_id)
    assert (before.available, before.pending_in) == (0, 4)
    assert after_the_hold(session) == 1
    after = balance(session, neighbour.resident_id)
    assert (after.available, after.pending_in) == (4, 0)
    assert fresh(session, activity.id).state is State.POSTED


def test_points_are_good_until_the_end_of_the_next_year(session: Session, neighbour: Neighbour):
    with clock.at(NOON):
        logged(session, neighbour.actor)
        after_the_hold(session)
        assert balance(session, neighbour.resident_id).next_expiry.isoformat() == "2027-12-31"  # pyright: ignore[reportOptionalMemberAccess]


def test_the_same_id_and_body_is_one_entry_and_another_body_is_refused(session: Session, neighbour: Neighbour):
    form = say(quantity=2)
    first, second = log(session, neighbour.actor, form), log(session, neighbour.actor, form)
    assert first.is_new
    assert not second.is_new
    assert second.activity == first.activity
    assert balance(session, neighbour.resident_id).pending_in == 2
    with pytest.raises(errors.ActivityIdReused):
        log(session, neighbour.actor, form.model_copy(update={"quantity": 3}))
    with pytest.raises(errors.ActivityIdReused):
        log(session, make_resident(session).actor, form)


def test_up_to_the_cap_a_part_counts_and_then_a_full_leaf_is_no_error(session: Session, neighbour: Neighbour):
    assert logged(session, neighbour.actor, quantity=8).points == 8
    part = logged(session, neighbour.actor, quantity=5)
    assert (part.asked, part.quantity, part.points) == (5000, 2000, 2)
    full = log(session, neighbour.actor, quantity=1)
    assert (full.activity, full.left) == (None, 0)
    assert balance(session, neighbour.resident_id).pending_in == 10


def test_the_day_begins_at_midnight_in_the_city(session: Session, neighbour: Neighbour):
    with clock.at(datetime(2026, 11, 25, 15, 59, tzinfo=UTC)):
        logged(session, neighbour.actor, quantity=10)
        assert log(session, neighbour.actor).activity is None
    with clock.at(datetime(2026, 11, 25, 16, 0, tzinfo=UTC)):
        assert logged(session, neighbour.actor, quantity=10).points == 10


def test_undo_takes_everything_back_within_ten_minutes(session: Session, neighbour: Neighbour):
    with clock.at(NOON):
        activity = logged(session, neighbour.actor, quantity=10)
    with clock.at(NOON + timedelta(minutes=10)):
        undone = service.undo(session, city(), neighbour.actor, activity.id)
        assert service.undo(session, city(), neighbour.actor, activity.id) == undone
        assert undone.state is State.UNDONE
        assert balance(session, neighbour.resident_id).pending_in == 0
        assert logged(session, neighbour.actor, quantity=10).points == 10


def test_undo_is_refused_later_for_others_and_for_what_is_posted(session: Session, neighbour: Neighbour):
    with clock.at(NOON):
        activity = logged(session, neighbour.actor)
        with pytest.raises(errors.ActivityUnknown):
            service.undo(session, city(), make_resident(session).actor, activity.id)
    with clock.at(NOON + timedelta(minutes=11)), pytest.raises(errors.UndoTooLate):
        service.undo(session, city(), neighbour.actor, activity.id)


def heard_by(session: Session, neighbour: Neighbour) -> list[tuple[str, str | None]]:
    """Return what stands in the resident's inbox, newest first, and where it goes on."""
    found = [told(one, "zh") for one in notices.inbox(session, subject_of(neighbour.resident_id))]
    return [(line.text, line.path) for line in found]


def test_a_refused_proof_releases_the_points_and_says_why(session: Session, neighbour: Neighbour):
    moderator = make_staff(session).actor
    activity = logged(session, neighbour.actor)
    settling.reject(session, moderator, activity.id, Reason.NOT_SHOWN, "看不见盘子")
    found = fresh(session, activity.id)
    assert (found.state, found.reason, found.words) == (State.REJECTED, "not_shown", "看不见盘子")
    assert balance(session, neighbour.resident_id).pending_in == 0
    assert after_the_hold(session) == 0


def test_an_appeal_that_is_granted_gives_the_points_anew(session: Session, neighbour: Neighbour):
    moderator = make_staff(session).actor
    activity = logged(session, neighbour.actor, quantity=3)
    settling.reject(session, moderator, activity.id, Reason.NOT_SHOWN)
    words = Appeal(words="我真的走了")
    made = settling.appeal(session, city(), neighbour.actor, activity.id, words)
    assert settling.appeal(session, city(), neighbour.actor, activity.id, words) == made
    with pytest.raises(errors.ReasonMissing):
        settling.decide_appeal(session, city(), moderator, activity.id, is_granted=True, answer=" ")
    settling.decide_appeal(session, city(), moderator, activity.id, is_granted=True, answer="看错了，抱歉")
    assert fresh(session, activity.id).state is State.POSTED
    assert balance(session, neighbour.resident_id).available == 3
    assert heard_by(session, neighbour) == [
        ("“步行”您说得对：积分还给您了。", f"/green/entries/{activity.id}"),
        ("“步行”这次没能计分。原因写在记录里，您可以申诉。", f"/green/entries/{activity.id}"),
    ]


def test_posted_points_are_taken_back_with_a_reason_and_what_is_spent_is_owed(session: Session, neighbour: Neighbour):
    moderator = make_staff(session).actor
    activity = logged(session, neighbour.actor, quantity=10)
    after_the_hold(session)
    service.donate(session, city(), neighbour.actor, Donate(id=new_id(), cause="school_trees", points=4))
    settling.reverse(session, moderator, activity.id, Reason.USED_BEFORE)
    after = balance(session, neighbour.resident_id)
    assert (after.available, after.owed) == (0, 4)
    assert fresh(session, activity.id).state is State.REVERSED


def test_an_appeal_against_what_was_taken_back_gives_it_again(session: Session, neighbour: Neighbour):
    moderator = make_staff(session).actor
    activity = logged(session, neighbour.actor, quantity=6)
    after_the_hold(session)
    settling.reverse(session, moderator, activity.id, Reason.MISTAKE)
    settling.appeal(session, city(), neighbour.actor, activity.id, Appeal(words="请再看看"))
    settling.decide_appeal(session, city(), moderator, activity.id, is_granted=True, answer="好的")
    assert balance(session, neighbour.resident_id).available == 6
    settling.reverse(session, moderator, activity.id, Reason.MISTAKE)
    assert balance(session, neighbour.resident_id).available == 0
    assert [text for text, _ in heard_by(session, neighbour)].count(
        "“步行”的积分已被收回。原因写在记录里，您可以申诉。"
    ) == 2


def test_the_same_verdict_again_tells_nothing_again_and_a_refused_appeal_is_told(
    session: Session, neighbour: Neighbour
):
    moderator = make_staff(session).actor
    activity = logged(session, neighbour.actor)
    for _ in range(2):
        settling.reject(session, moderator, activity.id, Reason.NOT_SHOWN)
    settling.appeal(session, city(), neighbour.actor, activity.id, Appeal(words="请再看看"))
    for _ in range(2):
        settling.decide_appeal(session, city(), moderator, activity.id, is_granted=False, answer="还是没拍到")
    assert [text for text, _ in heard_by(session, neighbour)] == [
        "“步行”我们又看了一遍，维持原来的结果。答复写在记录里。",
        "“步行”这次没能计分。原因写在记录里，您可以申诉。",
    ]


def test_a_grant_keeps_its_rule_and_its_inputs_so_that_it_can_be_computed_again(session: Session, neighbour: Neighbour):
    """L22."""
    activity = logged(session, neighbour.actor, quantity=7)
    assert activity.grant_id
    grant = ledger.transaction(session, activity.grant_id)
    assert grant.state is TransactionState.PENDING
    assert grant.facts["rule"] == "walk@1"
    assert rules.replayed(city().behaviour_rule, grant.facts) == grant.amount == 7


def test_nobody_earns_who_has_not_agreed(session: Session):
    from backend.accounts.residents.errors import PointsConsentNeeded
    from backend.accounts.residents.rules import Purpose

    stranger = make_resident(session, consents=(Purpose.ACCOUNT,))
    with pytest.raises(PointsConsentNeeded):
        log(session, stranger.actor)


def test_an_empty_fund_is_said_and_nothing_is_logged(session: Session, neighbour: Neighbour):
    fund = ledger.balance_of(session, AccountRef.of_programme(city().green.programme.code))
    from backend.ledger import service as books

    books.spend(
        session, "drain", source=AccountRef.of_programme(city().green.programme.code),
        to=AccountRef.of_programme(city().green.programme.code, purpose="drained"), amount=fund.posted,
        subject="test", actor="system",
    )  # fmt: skip
    with pytest.raises(errors.FundEmpty):
        log(session, neighbour.actor)


@pytest.mark.parametrize("quantity", [0, -1, 0.5, 1e9, 10_000_001])
def test_amounts_that_cannot_be_are_refused(session: Session, neighbour: Neighbour, quantity: float):
    with pytest.raises(errors.QuantityInvalid):
        log(session, neighbour.actor, quantity=quantity)


@pytest.mark.parametrize("behaviour", ["report_pollution", "", "' OR 1=1"])
def test_what_is_not_on_the_list_cannot_be_logged(session: Session, neighbour: Neighbour, behaviour: str):
    with pytest.raises(errors.BehaviourUnknown):
        log(session, neighbour.actor, behaviour=behaviour)


def test_a_proof_that_somebody_else_gives_cannot_be_claimed(session: Session, neighbour: Neighbour):
    for behaviour, evidence in (("recycle_weighed", "scale"), ("tree_planting", "organiser_list"), ("walk", "photo")):
        with pytest.raises(errors.EvidenceNotEnough):
            log(session, neighbour.actor, behaviour=behaviour, evidence=evidence)


def test_what_waits_for_a_look_is_not_posted_until_somebody_looked_or_two_weeks_passed(
    session: Session, neighbour: Neighbour
):
    activity = logged(session, neighbour.actor, behaviour="appliance_recycled", note="HS-2026-1")
    assert activity.review is Review.WAITING
    assert after_the_hold(session) == 0
    with clock.at(clock.now() + timedelta(days=14, minutes=1)):
        assert settling.post_due(session, city()) == 1
