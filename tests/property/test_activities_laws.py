"""Laws of green points: no way around a cap (L17), grants that can be computed again (L22), codes, prints, ranks, weeks."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.activities import rules
from backend.activities.rules import Flag, Limit, Review, State, Step
from backend.cities import load_city
from backend.core.clock import SHANGHAI

CITY = load_city("tianshui")
BEHAVIOURS = st.sampled_from(CITY.green.behaviours)
PEOPLE = [UUID(int=number) for number in range(1, 5)]
HOUSES = [UUID(int=number) for number in range(101, 103)]
MIDNIGHT = datetime(2026, 11, 30, 16, tzinfo=UTC)
"""In Shanghai: the end of a day, a week's day and a month."""

entries = st.lists(
    st.tuples(
        st.sampled_from(PEOPLE),
        st.sampled_from([*HOUSES, None]),
        st.integers(1, 60_000),
        st.integers(-90_000, 90_000),
    ),
    max_size=40,
)


@given(BEHAVIOURS, entries)
def test_no_order_no_split_no_moment_and_no_move_between_households_yields_more_than_a_cap(
    behaviour: rules.Behaviour, tries: list[tuple[UUID, UUID | None, int, int]]
):
    used: dict[Limit, int] = {}
    earned: dict[tuple[UUID, date], int] = {}
    for person, house, wanted, seconds in tries:
        day = (MIDNIGHT + timedelta(seconds=seconds)).astimezone(SHANGHAI).date()
        bounds = rules.limits(behaviour, day, resident=person, group=house, site=None)
        counted = rules.allowed(wanted, bounds, used, is_divisible=behaviour.is_divisible)
        assert 0 <= counted <= wanted
        for limit in bounds:
            used[limit] = used.get(limit, 0) + counted
        earned[person, day] = earned.get((person, day), 0) + rules.points_for(behaviour, counted)
    assert all(amount <= limit.most for limit, amount in used.items())
    caps = behaviour.caps
    if caps.person_day is not None:
        assert all(points <= caps.person_day * behaviour.points for points in earned.values())


@given(BEHAVIOURS, st.lists(st.integers(1, 5_000), min_size=1, max_size=12))
def test_splitting_an_amount_never_earns_more_than_saying_it_at_once(behaviour: rules.Behaviour, parts: list[int]):
    assert sum(rules.points_for(behaviour, part) for part in parts) <= rules.points_for(behaviour, sum(parts))


@given(BEHAVIOURS, st.integers(1, rules.QUANTITY_MAX))
def test_the_facts_of_a_grant_give_its_points(behaviour: rules.Behaviour, quantity: int):
    """L22."""
    facts = {"rule": behaviour.rule, "quantity": quantity, "evidence": "self", "day": "2026-11-25"}
    assert rules.replayed(CITY.behaviour_rule, facts) == rules.points_for(behaviour, quantity)


@given(BEHAVIOURS, st.one_of(st.floats(), st.integers(), st.text(max_size=8)))
def test_an_amount_is_whole_thousandths_within_bounds_or_nothing(behaviour: rules.Behaviour, number: float | str):
    amount = rules.quantity_of(number, behaviour)
    assert amount is None or (0 < amount <= rules.QUANTITY_MAX and (behaviour.is_divisible or amount % rules.UNIT == 0))


@given(st.datetimes(timezones=st.just(UTC)))
def test_one_moment_is_one_day_one_week_and_one_month_in_the_city(moment: datetime):
    day = moment.astimezone(SHANGHAI).date()
    behaviour = CITY.green.behaviours[0]
    bounds = rules.limits(behaviour, day, resident=1, group=2, site="S")
    assert list(bounds) == sorted(bounds)
    assert len({(one.scope, one.period) for one in bounds}) == len(bounds)


@given(st.binary(min_size=32, max_size=32), st.integers(0, 100))
def test_chance_picks_more_with_a_higher_share_and_never_less(digest: bytes, percent: int):
    assert not rules.is_sampled(digest, 0)
    assert rules.is_sampled(digest, 100)
    if percent < 100 and rules.is_sampled(digest, percent):
        assert rules.is_sampled(digest, percent + 1)


@given(st.sampled_from([*rules.CLAIMABLE, *rules.GOOD_AT_ONCE]), st.booleans(), st.sets(st.sampled_from(list(Flag))))
def test_a_proof_is_good_at_once_or_held_and_what_is_held_with_a_flag_is_looked_at(
    evidence: str, sampled: bool, found: set[Flag]
):
    judged = rules.judge(evidence, is_sampled=sampled, found=found)
    assert judged.is_good == (evidence in rules.GOOD_AT_ONCE)
    assert (judged.review is Review.WAITING) == (bool(judged.flags) and not judged.is_good)
    assert found <= set(judged.flags)


@given(st.integers(0, 366 * 24 * 60))
def test_unknown_and_endless_hours_accuse_nobody_and_known_ones_whoever_comes_far_outside(minutes: int):
    there = datetime(2026, 1, 1, tzinfo=SHANGHAI) + timedelta(minutes=minutes)
    assert not rules.is_out_of_hours("", there)
    assert not rules.is_out_of_hours("24/7", there)
    is_near = 7 * 60 + 45 <= minutes % (24 * 60) < 18 * 60 + 15
    assert rules.is_out_of_hours("Mo-Su 08:00-18:00", there) is not is_near


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("step", Step)
def test_every_step_is_in_the_table_or_impossible(state: State, step: Step):
    following = rules.next_state(state, step)
    assert following is None or following is not state
    if state is State.UNDONE:
        assert following is None


@given(st.integers(-(2**63), 2**63 - 1), st.sets(st.integers(0, 63), max_size=rules.NEAR_DUPLICATE_BITS))
def test_two_prints_that_differ_in_seven_bits_share_a_band(look: int, flipped: set[int]):
    other = look
    for bit in flipped:
        other ^= 1 << bit
    assert rules.distance_bits(look, other) == len(flipped)
    assert set(rules.bands_of(look & (2**64 - 1))) & set(rules.bands_of(other & (2**64 - 1)))
    assert all(-(2**15) <= band < 2**15 for band in rules.bands_of(look))


sums = st.lists(
    st.tuples(st.sampled_from("ABCDEFGH"), st.integers(0, 5), st.integers(0, 9)), unique_by=lambda one: one[0]
)


@given(sums, st.randoms(use_true_random=False))
def test_a_rank_does_not_depend_on_the_order_and_ties_share_it(found: list[tuple[str, int, int]], shuffle: "object"):
    """L21."""
    places = rules.ranked(found, fewest=5)
    assert places == rules.ranked(list(reversed(found)), fewest=5)
    assert {one.code for one in places} == {code for code, points, people in found if people >= 5 and points > 0}
    for one in places:
        assert one.rank == 1 + sum(other.points > one.points for other in places)


@given(st.sets(st.dates(date(2026, 8, 1), date(2026, 11, 25))), st.integers(1, 7), st.integers(0, 6))
def test_weeks_are_twelve_and_rest_is_given_to_quiet_ones_only(days: set[date], goal: int, rests: int):
    weeks = rules.weeks(days, date(2026, 11, 25), goal=goal, rests=rests)
    assert len(weeks) == 12
    assert weeks[0].start == rules.first_measured(date(2026, 11, 25))
    assert sum(week.is_rest for week in weeks) <= rests
    assert not any(week.is_rest and week.is_met for week in weeks)
    assert sum(week.days for week in weeks) <= len(days)


@given(st.dates(date(2020, 1, 1), date(2100, 1, 1)))
def test_points_are_good_for_more_than_a_year(day: date):
    last = rules.expires_on(day)
    assert (last.month, last.day) == (12, 31)
    assert timedelta(days=365) <= last - day <= timedelta(days=731)
